/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of KEDA's objects and cases, one at a time: each reports a value of the wrong kind
 * with its place, notes that the object is bad, and goes on with what an absent one would be.
 * null is as good as absent.
 */
#ifndef MANIFEST_SCALEDOBJECT_FIELDS_H
#define MANIFEST_SCALEDOBJECT_FIELDS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "control/keda/scaledobject.h"

struct field_reader {
    struct arena *arena;
    struct diag *diag;
    bool bad;
};

__attribute__((format(printf, 3, 4))) void field_error(struct field_reader *r, struct mark at,
                                                       const char *format, ...);
/* The member when it is there and of that kind, else NULL. */
const struct node *field_member(struct field_reader *r, const struct node *map, const char *key,
                                enum node_kind kind);
const char *field_string(struct field_reader *r, const struct node *map, const char *key);
bool field_bool(struct field_reader *r, const struct node *map, const char *key);
struct optional_int32 field_int32(struct field_reader *r, const struct node *map, const char *key);
double field_number(struct field_reader *r, const struct node *map, const char *key);
/* Seconds of a case; what would last too long is reported. */
simtime field_seconds(struct field_reader *r, const struct node *map, const char *key);
/* A map of strings, sorted by key. */
struct label *field_strings(struct field_reader *r, const struct node *map, const char *key,
                            size_t *count);
/* The triggers of a ScaledObject's or a ScaledJob's spec. */
struct scale_trigger *field_triggers(struct field_reader *r, const struct node *spec,
                                     size_t *count);

#endif
