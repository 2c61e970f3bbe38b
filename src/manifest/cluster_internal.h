/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files that answer cases of `decide cluster`: reading a case's fields with errors
 * that name them, and the kinds.
 */
#ifndef MANIFEST_CLUSTER_INTERNAL_H
#define MANIFEST_CLUSTER_INTERNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "control/disruption/eviction.h"
#include "control/disruption/pdb.h"
#include "manifest/decide.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A case being read: errors are reported and remembered, readers return what `absent` says. */
struct cluster_case {
    const struct node *root;
    struct observation_room *room; /* tree: the case; state: the answer; step: a while */
    struct diag *diag;
    bool bad;
};

__attribute__((format(printf, 3, 4))) void case_error(struct cluster_case *c, const struct node *at,
                                                      const char *format, ...);
/* Members of a map; a whole number that fits, a truth value, a text, a list (NULL: absent). */
int32_t case_int(struct cluster_case *c, const struct node *map, const char *key, int32_t absent);
bool case_bool(struct cluster_case *c, const struct node *map, const char *key);
const char *case_text(struct cluster_case *c, const struct node *map, const char *key,
                      const char *absent);
const struct node *case_list(struct cluster_case *c, const struct node *map, const char *key);
const struct node *case_map(struct cluster_case *c, const struct node *map, const char *key);
/* "25%" or "2"; false when absent. */
bool case_amount(struct cluster_case *c, const struct node *map, const char *key,
                 struct int_or_percent *out);
/* The case's pdbs, named pdb0, pdb1, ...; *count of them. */
struct pdb_spec *case_budgets(struct cluster_case *c, size_t *count);
/* {"id": ... of the case, whatever it is; the map stays open. */
struct json_writer *case_answer(struct cluster_case *c);
/* ,"pdb": {expected, desired, healthy, allowed, cond, disrupted}; a list element without a key. */
void case_write_budget(struct json_writer *w, struct arena *a, const char *key,
                       const struct pdb_status *status);
/* {"t","pod","code","msg"; stays open. */
void case_write_eviction(struct json_writer *w, struct arena *a, int32_t t, int32_t pod,
                         const struct eviction_answer *answer);

/* One kind of case: writes the members after id. False: the case is bad, which is reported. */
typedef bool cluster_kind_fn(struct cluster_case *c, struct json_writer *w);

bool cluster_decide_rollout(struct cluster_case *c, struct json_writer *w); /* deploy, sts */
bool cluster_decide_pdb(struct cluster_case *c, struct json_writer *w);
bool cluster_decide_rank(struct cluster_case *c, struct json_writer *w);
bool cluster_decide_sched(struct cluster_case *c, struct json_writer *w);

#endif
