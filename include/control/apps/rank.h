/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pods a ReplicaSet deletes first: pkg/controller ActivePodsWithRanks
 * (controller_utils.go, v1.36) on plain facts about each pod.
 */
#ifndef CONTROL_APPS_RANK_H
#define CONTROL_APPS_RANK_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rank_phase { RANK_PENDING, RANK_UNKNOWN, RANK_RUNNING };

struct rank_pod {
    bool scheduled;
    enum rank_phase phase;
    bool ready;
    int32_t deletion_cost; /* controller.kubernetes.io/pod-deletion-cost */
    int32_t on_node;       /* active pods of the same owner on its node, itself included */
    simtime ready_since;   /* whole seconds; SIMTIME_NEVER: no time in the condition */
    int32_t restarts;      /* most of any container */
    int32_t sidecar_restarts;
    simtime created; /* whole seconds */
    uint64_t uid;    /* stands for the UID's order */
    size_t index;    /* the caller's own */
};

/* Negative: x goes before y. Not transitive in mixed cases, as upstream's. */
int rank_compare(const struct rank_pod *x, const struct rank_pod *y, simtime now);

/* Moves the `count` pods to delete to the front, first to go first. */
void rank_select(struct rank_pod *pods, size_t total, size_t count, simtime now);

#endif
