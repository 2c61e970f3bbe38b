/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields the Kubernetes API has, and what they hold: unknown fields and wrong
 * types as the API server's strict decoding finds them, with a suggestion. The facts
 * are generated from upstream's OpenAPI document, tests/tools/schema_kubernetes.py.
 */
#ifndef MANIFEST_SCHEMA_H
#define MANIFEST_SCHEMA_H

#include "base/diag.h"
#include "base/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_type {
    SCHEMA_STRING,
    SCHEMA_INTEGER32,
    SCHEMA_INTEGER64,
    SCHEMA_NUMBER,
    SCHEMA_BOOLEAN,
    SCHEMA_QUANTITY,
    SCHEMA_INT_OR_STRING,
    SCHEMA_TIME,  /* RFC 3339 */
    SCHEMA_BYTES, /* base64 */
    SCHEMA_ANY,   /* not looked into */
    SCHEMA_OBJECT /* a type of the table */
};

enum schema_shape { SCHEMA_ONE, SCHEMA_LIST, SCHEMA_MAP };

struct schema_field {
    const char *name;
    uint8_t type;    /* enum schema_type, of the value or of each element */
    uint8_t shape;   /* enum schema_shape */
    uint16_t object; /* SCHEMA_OBJECT: its index in schema_objects */
};

struct schema_object {
    const char *name;     /* "PodSpec" */
    uint32_t first;       /* index in schema_fields */
    uint16_t field_count; /* sorted by name */
};

struct schema_kind {
    const char *api_version;
    const char *kind;
    uint16_t object;
};

/* Generated: schema_kubernetes.c. */
extern const struct schema_field schema_fields[];
extern const struct schema_object schema_objects[];
extern const size_t schema_object_count;
extern const struct schema_kind schema_kinds[];
extern const size_t schema_kind_count;

/* NULL when the table does not have this kind in this version. */
const struct schema_kind *schema_find(const char *api_version, const char *kind);

/*
 * Checks a whole object (its status and metadata.managedFields are not looked into), naming
 * each unknown field and wrong type. False after errors.
 */
bool schema_check(const struct node *object, const struct schema_kind *kind, struct diag *d);

/* The same of a part: node is a value of the type named ("PodTemplateSpec"); path names it. */
bool schema_check_part(const struct node *node, const char *type, const char *path, struct diag *d);

#endif
