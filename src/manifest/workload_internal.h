/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of workload_*.c: values with their
 * paths, and the API server's kinds of complaint about them.
 */
#ifndef MANIFEST_WORKLOAD_INTERNAL_H
#define MANIFEST_WORKLOAD_INTERNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/vec.h"
#include "kube/labels.h"
#include "kube/validation.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_reader {
    struct arena *arena;
    struct diag *diag;
    bool failed;
    bool quiet; /* complaints are left out: upstream does not look there */
};

/* A value and where it stands: spec.containers[0].resources.limits[cpu] */
struct site {
    const struct site *parent;
    const char *name; /* NULL: an element */
    const char *key;  /* of a map's element; NULL: of a list's */
    size_t index;
    const struct node *node; /* NULL when absent or null */
};

/* The member, the element of a list, the element of a map (printed in brackets). */
struct site site_member(const struct site *parent, const char *name);
struct site site_element(const struct site *parent, const struct node *node, size_t index);
struct site site_entry(const struct site *parent, const struct node *node);
bool site_is(const struct site *s, enum node_kind kind);

const char *site_text(const struct site *s);               /* "" when absent */
int64_t site_int(const struct site *s, int64_t otherwise); /* otherwise when absent */

/* field.Invalid and so on; value is printed as it is. */
void site_invalid(struct object_reader *r, const struct site *s, const char *value,
                  const char *detail);
void site_invalid_each(struct object_reader *r, const struct site *s, struct messages messages);
void site_required(struct object_reader *r, const struct site *s, const char *detail);
void site_forbidden(struct object_reader *r, const struct site *s, const char *detail);
void site_duplicate(struct object_reader *r, const struct site *s);
/* supported: the list as Go prints it, quoted and with commas. */
void site_unsupported(struct object_reader *r, const struct site *s, const char *value,
                      const char *supported);
/* ValidateNonnegativeField */
int64_t site_nonnegative(struct object_reader *r, const struct site *s, int64_t otherwise);

/* Labels with ValidateLabels; those of `s`, a map. */
struct label *read_labels(struct object_reader *r, const struct site *s, size_t *count);
/* Messages of pkg/util/validation, which say "characters". */
struct messages in_characters(struct arena *a, struct messages m);

/* workload_resources.c: amounts by name, in order of appearance. */
struct amounts {
    VEC(struct resource_amount) list;
};

typedef void name_check(struct object_reader *r, const struct site *at);
void check_resource_name(struct object_reader *r, const struct site *at);
void check_pod_resource_name(struct object_reader *r, const struct site *at);
bool resource_is_huge_page(const char *name);
/* The amount of that name, added when it is new. */
struct resource_amount *amount_of(struct object_reader *r, struct amounts *amounts,
                                  const char *name);
/* A ResourceList; the rules between requests and limits are read_resources' alone. */
void read_resource_list(struct object_reader *r, const struct site *list, name_check *check,
                        bool limits, struct amounts *out);
struct amounts read_resources(struct object_reader *r, const struct site *resources,
                              name_check *check);

/* workload_pod.c: spec.template, validated; ends with what SetDefaults_Pod adds to a pod. */
void read_pod_template(struct object_reader *r, const struct site *template, const char *controller,
                       struct pod_template *out);

#endif
