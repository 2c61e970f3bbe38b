/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node trees into structs by tables. A table names each field once: its type, its
 * place in the struct, default, bounds, words and documentation. The reader, the
 * JSON Schema and `podtide explain`-style listings all follow from it, so they
 * cannot disagree. All errors of a document are found in one pass.
 */
#ifndef MANIFEST_DECODE_H
#define MANIFEST_DECODE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "kube/labels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_STRING,    /* const char *; not empty */
    FIELD_NAME,      /* const char *: a DNS label, as Kubernetes names are */
    FIELD_BOOL,      /* bool */
    FIELD_INT32,     /* int32_t */
    FIELD_UINT64,    /* uint64_t; min and max do not apply */
    FIELD_DOUBLE,    /* double, finite */
    FIELD_DURATION,  /* simtime: "1h30m", "2d" */
    FIELD_SECONDS,   /* double seconds, written as a duration */
    FIELD_CORES,     /* double cores, written as a quantity: 500m, 2 */
    FIELD_BYTES,     /* double bytes, written as a quantity: 64Mi */
    FIELD_INSTANT,   /* struct instant: RFC 3339 */
    FIELD_WORD,      /* an enum (int); the words in their order */
    FIELD_STRINGS,   /* struct string_list; a single string is a list of one */
    FIELD_TEXTS,     /* struct label_list: a map of strings */
    FIELD_NODE,      /* const struct node *: any value, as it is */
    FIELD_OBJECT,    /* the struct of `type`, inside */
    FIELD_POINTER,   /* a pointer to the struct of `type`, NULL when absent */
    FIELD_LIST,      /* struct item_list of `type` */
    FIELD_DICTIONARY /* a map of free keys, read by the type's finish; raw is the node */
};

/* A calendar time and the zone it was written in. */
struct instant {
    int64_t unix_ns;
    int32_t zone_seconds; /* east of UTC */
    bool present;
};

struct string_list {
    const char **items;
    struct mark *marks;
    size_t count;
};

struct label_list {
    struct label *items;
    size_t count;
};

/* items is an array of the type's output. */
struct item_list {
    void *items;
    size_t count;
};

struct decoder;
struct object_type;

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_ONE_OF = 2,     /* exactly one of the type's fields with this flag is given */
    FIELD_POSITIVE = 4,   /* numbers and times: > 0 */
    FIELD_ANY_SIGN = 8,   /* durations may be negative; others use min */
    FIELD_NOT_EMPTY = 16, /* lists and maps */
    FIELD_NOT_ZERO = 32   /* numbers of any sign */
};

struct field {
    const char *name; /* as in YAML */
    enum field_type type;
    unsigned flags;
    size_t offset;
    size_t mark;         /* offset of a struct mark that learns the place; 0 means none */
    size_t has;          /* offset of a bool that is set when the field is given; 0 means none */
    const char *initial; /* default, as it would be written; NULL: zero */
    double min;          /* numbers; min and max 0: >= 0, with ANY_SIGN no bounds */
    double max;
    const char *const *words;          /* FIELD_WORD, NULL-terminated, by enum value */
    const struct object_type *type_of; /* FIELD_OBJECT, POINTER, LIST, DICTIONARY */
    const char *doc;
    const char *example; /* YAML of the value */
};

struct object_type {
    const char *name; /* in the schema: "Load" */
    const char *doc;
    const struct object_type *base; /* its fields come first, at the same offsets; NULL: none */
    const struct field *fields;
    size_t field_count;
    size_t size; /* of the struct the fields are decoded into */
    /* The short form: a value that is no map. NULL: none. */
    bool (*scalar)(struct decoder *d, const struct node *node, void *raw);
    const char *scalar_types;     /* of the short form for the schema: "number string" */
    const char *scalar_doc;       /* "a number of requests per second, or a load's name" */
    const char *dictionary_value; /* DICTIONARY: JSON type of its values; NULL: any */
    /* Turns the decoded struct into what the user of the field wants; NULL: it is that. */
    bool (*finish)(struct decoder *d, const struct node *node, const void *raw, void *out);
    size_t out_size; /* with finish */
};

struct decoder {
    struct arena *arena;
    struct diag *diag;
    const char *path; /* of the object being finished, for messages */
};

/*
 * Reads node into out (type->out_size or type->size bytes, zeroed by the caller). False after
 * errors, all of them reported; out then holds what could be read. path names the node in
 * messages ("spec"). A NULL node fills in the defaults.
 */
bool decode_object(struct decoder *d, const struct object_type *type, const struct node *node,
                   const char *path, void *out);
/* One value that is no map or list by the rules of a field, into out. */
bool decode_scalar(struct decoder *d, const struct field *field, const struct node *node,
                   const char *path, void *out);
/* Reports a key that none of the names is, with the nearest one. */
void decode_unknown(struct decoder *d, const struct node *member, const char *path,
                    const char *const *names, size_t count);
/* The size of what a type decodes to. */
size_t object_type_size(const struct object_type *type);
/* Field i of the type and its bases, bases first; NULL past the last. */
const struct field *object_type_field(const struct object_type *type, size_t i);

#endif
