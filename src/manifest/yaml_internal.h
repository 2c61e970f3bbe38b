/* SPDX-License-Identifier: Apache-2.0 */
/* Between yaml.c, yaml_scalar.c and yaml_map.c. */
#ifndef MANIFEST_YAML_INTERNAL_H
#define MANIFEST_YAML_INTERNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/table.h"
#include "base/vec.h"

#include <stdbool.h>

enum yaml_type {
    YAML_STRING,
    YAML_NULL,
    YAML_TRUE,
    YAML_FALSE,
    YAML_INTEGER,
    YAML_FLOAT,
    YAML_NAN /* .nan and the infinities: nothing that JSON has */
};

struct yaml_scalar {
    enum yaml_type type;
    const char *text;  /* the string, or the number as JSON */
    double number;     /* YAML_FLOAT */
    const char *error; /* why the tag does not fit; NULL when it does */
};

/* goyaml's resolve(). tag NULL: none; plain: not quoted. The text is not copied. */
struct yaml_scalar yaml_resolve(struct arena *a, const char *tag, const char *text, bool plain);
/* The scalar as a map's key; NULL when it cannot be one. */
const char *yaml_key(struct arena *a, const struct yaml_scalar *scalar);

struct yaml_member {
    struct node *node;
    bool merged; /* set by <<, so the map may say it again */
};

/* A map being filled. */
struct yaml_map {
    struct node *node;
    VEC(struct yaml_member) members;
    struct table keys; /* index into members; used once the map is large */
};

/* Adds value under key; reports a key that is there already. */
void yaml_map_add(struct arena *a, struct yaml_map *map, const char *key, struct mark key_mark,
                  const struct node *value, struct diag *d);
/* goyaml's merge of one map: its members replace those of the same keys. */
void yaml_map_merge(struct arena *a, struct yaml_map *map, const struct node *from);

#endif
