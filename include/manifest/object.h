/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes objects in files, folders and streams, as `kubectl apply -f` finds
 * them: kind: List is opened, objects exported from a live cluster are fine.
 */
#ifndef MANIFEST_OBJECT_H
#define MANIFEST_OBJECT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct manifest_object {
    const char *api_version;
    const char *kind;
    const char *namespace_name; /* "" when the object names none */
    const char *name;           /* "" when it has none (generateName) */
    const struct node *node;
    struct mark mark; /* of the object's first line */
    bool wrong;       /* manifest_check complained of it: no reader can take it */
};

struct manifest_objects {
    VEC(struct manifest_object) list; /* in the order found */
    VEC(const char *) files;          /* those read, in order */
};

/*
 * Reads files, folders (all *.yaml, *.yml, *.json below, hidden ones left out, sorted by
 * path), globs (sorted) and "-" (standard input). Relative paths are taken from base unless
 * that is NULL or "". at is the place to blame for a path that is not there; may be zero.
 */
bool manifest_read_path(struct arena *a, const char *base, const char *path, struct mark at,
                        struct diag *d, struct manifest_objects *out);

/* The objects of one document: itself, or a List's items. */
bool manifest_add_document(struct arena *a, const struct node *document, struct diag *d,
                           struct manifest_objects *out);

/* Is this kind one that podtide models, in a version it reads? */
bool manifest_is_modelled(const char *api_version, const char *kind);

/*
 * schema_check of all modelled objects, marking the wrong ones, and one note that names the
 * other kinds with counts.
 */
bool manifest_check(struct arena *a, struct manifest_objects *objects, struct diag *d);

/* The last object of that kind, namespace ("" is "default") and name; NULL without one. */
const struct manifest_object *manifest_find(const struct manifest_objects *objects,
                                            const char *kind, const char *namespace_name,
                                            const char *name);

#endif
