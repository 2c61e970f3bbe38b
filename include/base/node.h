/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree that YAML and JSON documents are read into: one shape for both, with
 * the place of every node, in an arena. Scalars keep their text as written, so
 * that quantities and big integers lose nothing.
 */
#ifndef BASE_NODE_H
#define BASE_NODE_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_kind {
    NODE_NULL,
    NODE_BOOL,   /* text is "true" or "false" */
    NODE_NUMBER, /* text as written */
    NODE_STRING,
    NODE_LIST,
    NODE_MAP
};

struct node {
    enum node_kind kind;
    struct mark mark; /* of the value */
    const char *text; /* scalars; NUL-terminated */
    size_t len;       /* scalars: bytes of text */
    const char *key;  /* in a map: this member's key, else NULL */
    struct mark key_mark;
    struct node *next;  /* next sibling */
    struct node *first; /* LIST, MAP: first child */
    struct node *last;
    size_t count; /* LIST, MAP: children */
};

/* The member of a map, NULL when absent (or n is not a map). */
const struct node *node_get(const struct node *n, const char *key);
/* Dotted path of plain keys: node_path(n, "metadata.name"). */
const struct node *node_path(const struct node *n, const char *path);
/* The text of a string scalar; NULL for anything else. */
const char *node_string(const struct node *n);
struct node *node_add(struct arena *a, struct node *parent, enum node_kind kind);
const char *node_kind_name(enum node_kind kind); /* "a string", "a list": for messages */

#endif
