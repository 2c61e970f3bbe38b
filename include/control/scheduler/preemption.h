/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for a pod that fits nowhere, at the cost of pods of lower priority: which node, which
 * victims (Kubernetes v1.36.3 plugins/defaultpreemption, framework/preemption). Pure: the
 * caller deletes the victims, nominates the pod and clears the nominations named.
 */
#ifndef CONTROL_SCHEDULER_PREEMPTION_H
#define CONTROL_SCHEDULER_PREEMPTION_H

#include "control/scheduler/schedule.h"

/* A PodDisruptionBudget as its status stands; it is only preferred not to be violated. */
struct preemption_budget {
    const char *namespace_name;     /* NULL is "default" */
    struct label_selector selector; /* .nothing or without requirements: no pod */
    int32_t disruptions_allowed;
    const char *const *disrupted; /* pods already on their way out: they cost nothing */
    size_t disrupted_count;
};

struct preemption_candidate {
    uint32_t node;
    struct placed_pod **victims; /* by importance, the highest first */
    size_t victim_count;
    size_t violations; /* victims whose budget forbids it */
};

/* In scratch. */
struct preemption_decision {
    struct preemption_candidate *candidates; /* those without violations first */
    size_t candidate_count;
    const struct preemption_candidate *chosen; /* NULL: no preemption */
    struct placed_pod **cleared; /* nominated to that node with lower priority: lose their place */
    size_t cleared_count;
    const char *message; /* with chosen NULL: the event's message, all of it */
};

/*
 * After schedule_pod found nothing (r), for the same pod; self as there. draw shifts where
 * the search over nodes begins. now stands for the start of victims that have not started.
 */
void preempt(struct schedule_result *r, const struct preemption_budget *budgets, size_t count,
             simtime now, uint64_t draw, struct arena *scratch, struct preemption_decision *out);

#endif
