/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a pod goes: one scheduling cycle from the pod to the nodes it could have, with scores
 * and reasons (Kubernetes v1.36.3 pkg/scheduler/schedule_one.go). Pure: nothing is bound, the
 * snapshot's caches and its place to start the next search change, nothing else.
 */
#ifndef CONTROL_SCHEDULER_SCHEDULE_H
#define CONTROL_SCHEDULER_SCHEDULE_H

#include "control/scheduler/cycle.h"
#include "control/scheduler/score.h"

struct schedule_options {
    bool all_nodes; /* look at all, however many: no percentageOfNodesToScore */
};

/* In scratch, until it is rewound. */
struct schedule_result {
    struct scheduling_cycle cycle;
    struct node_score *scores; /* of the feasible nodes, in the order they were found */
    size_t feasible;
    uint32_t plugins;              /* bits of those that scored */
    int64_t best;                  /* total */
    size_t ties;                   /* nodes that have it */
    struct node_refusal *refusals; /* by node; REFUSED_NOT: feasible, not looked at, removed */
    const char *message;           /* of the Unschedulable condition; NULL when it fits */
};

/*
 * self is the pod as it is nominated, or NULL. The snapshot has the pod's class; the pod itself
 * is not on any node.
 */
void schedule_pod(struct scheduler_snapshot *s, const struct pod_class *pod,
                  const struct placed_pod *self, struct schedule_options options,
                  struct arena *scratch, struct schedule_result *out);
/* One of the best nodes: the one with number draw % ties. SNAPSHOT_NO_NODE when none fits. */
uint32_t schedule_choose(const struct schedule_result *r, uint64_t draw);
/* numFeasibleNodesToFind with the default percentage. */
uint32_t schedule_nodes_to_find(uint32_t nodes);

#endif
