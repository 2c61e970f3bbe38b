/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the StatefulSet controller does in one sync: updateStatefulSet and its status
 * (pkg/controller/statefulset, v1.36) on plain facts. Pure: the caller makes and deletes the
 * pods, stores the status and comes back when asked to.
 */
#ifndef CONTROL_APPS_STATEFULSET_H
#define CONTROL_APPS_STATEFULSET_H

#include "base/arena.h"
#include "control/apps/replicaset.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct statefulset_spec {
    uint64_t revision; /* of the template: equal numbers are equal templates; not 0 */
    int64_t generation;
    int32_t replicas;
    int32_t start; /* ordinals.start */
    int32_t min_ready_seconds;
    bool parallel; /* podManagementPolicy */
    bool on_delete;
    int32_t partition;
};

struct statefulset_pod {
    int32_t ordinal;
    uint64_t revision; /* label controller-revision-hash */
    struct apps_pod pod;
};

struct statefulset_status {
    int64_t observed_generation;
    int32_t replicas;
    int32_t ready;
    int32_t available;
    int32_t current;           /* pods of current_revision */
    int32_t updated;           /* pods of update_revision */
    uint64_t current_revision; /* 0: none yet */
    uint64_t update_revision;
};

struct statefulset_create {
    int32_t ordinal;
    uint64_t revision;
};

struct statefulset_decision {
    struct statefulset_create *creates; /* in order, in the arena; made */
    size_t create_count;
    int32_t refused; /* creations that the API server turned down */
    size_t *removes; /* indexes of pods, in order */
    size_t remove_count;
    const char *error; /* the sync failed: again by rate limit */
    struct statefulset_status status;
    bool status_changed;
    simtime again_after; /* next availability check; NEVER: none */
};

/* pods: all of the set's, in any order, one for each ordinal. */
struct statefulset_decision statefulset_decide(struct arena *a, const struct statefulset_spec *spec,
                                               const struct statefulset_status *status,
                                               const struct statefulset_pod *pods, size_t count,
                                               const struct apps_admission *admission, simtime now);

#endif
