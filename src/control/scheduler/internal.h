/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of control/scheduler: the plugins' parts of a cycle.
 */
#ifndef CONTROL_SCHEDULER_INTERNAL_H
#define CONTROL_SCHEDULER_INTERNAL_H

#include "control/scheduler/cycle.h"
#include "control/scheduler/score.h"

/* nodes.c: what depends on the node's own words only; cached by class and node version. */
const struct static_verdict *node_verdict(struct scheduling_cycle *c, uint32_t node);
/* Required node affinity and selector; true without a look when the pod has none. */
bool node_affinity_admits(const struct pod_class *pod, const struct node_info *n);
/* No taint with effect NoSchedule or NoExecute is left untolerated. */
bool node_taints_admit(const struct pod_class *pod, const struct node_info *n);
bool node_name_allowed(const struct pod_class *pod, const char *name);
bool node_names_restricted(const struct pod_class *pod, bool *conflict);

/* resources.c */
struct node_refusal resources_filter(const struct pod_class *pod, const struct node_info *n);
bool ports_conflict(const struct scheduler_snapshot *s, const struct pod_class *pod,
                    const struct node_info *n);
int64_t least_allocated(const struct pod_class *pod, const struct node_info *n);
int64_t balanced_allocation(const struct pod_class *pod, const struct node_info *n);

/* spread.c */
void spread_begin(struct scheduling_cycle *c);
enum refusal_reason spread_filter(const struct scheduling_cycle *c, const struct node_info *n);
void spread_count_pod(struct scheduling_cycle *c, const struct placed_pod *pod, int64_t delta);
/* Raw scores of the plugin; false: it skips this pod. ignored nodes have raw -1. */
bool spread_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count, int64_t *raw);

/* inter_pod.c, inter_pod_score.c */
void inter_pod_begin(struct scheduling_cycle *c);
enum refusal_reason inter_pod_filter(const struct scheduling_cycle *c, const struct node_info *n);
void inter_pod_count_pod(struct scheduling_cycle *c, const struct placed_pod *pod, int64_t delta);
bool inter_pod_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count, int64_t *raw);
void topology_counts_init(struct topology_counts *t, struct scheduling_cycle *c);
void topology_counts_add(struct topology_counts *t, const struct scheduling_cycle *c, uint32_t key,
                         const struct node_info *n, int64_t delta);
/* 0 where nothing was counted. */
static inline int64_t topology_count(const struct topology_counts *t, uint32_t key, uint32_t domain)
{
    const struct domain_counts *d = &t->keys[key];
    return domain < d->cap ? d->counts[domain] : 0;
}

/* images.c */
int64_t image_locality(const struct scheduler_snapshot *s, const struct pod_class *pod,
                       const struct node_info *n, const uint32_t *spread);
/* Live nodes that have each of the pod's images; NULL when the pod names none. */
uint32_t *image_spread(struct scheduling_cycle *c);

#endif
