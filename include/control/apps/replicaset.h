/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ReplicaSet controller does in one sync: syncReplicaSet, manageReplicas and
 * calculateStatus (pkg/controller/replicaset, v1.36) on plain facts. Pure: the caller makes and
 * deletes the pods, stores the status and comes back when asked to.
 */
#ifndef CONTROL_APPS_REPLICASET_H
#define CONTROL_APPS_REPLICASET_H

#include "engine/simtime.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICASET_BURST 500 /* replica_set.go: BurstReplicas */

/* What a workload controller reads of a pod of its own. */
struct apps_pod {
    enum pod_phase phase;
    bool terminating; /* has a deletionTimestamp */
    bool ready;
    simtime ready_since; /* the Ready condition's lastTransitionTime; SIMTIME_NEVER: none */
};

bool apps_pod_active(const struct apps_pod *pod);      /* IsPodActive */
bool apps_pod_terminating(const struct apps_pod *pod); /* IsPodTerminating */
/* IsPodAvailable: ready for min_ready_seconds, to the instant. */
bool apps_pod_available(const struct apps_pod *pod, int32_t min_ready_seconds, simtime now);
/* nextPodAvailabilityCheck: time until a ready pod gets available; NEVER when it need not wait. */
simtime apps_next_available(const struct apps_pod *pod, int32_t min_ready_seconds, simtime now);

/* What the API server would admit right now; refusal is its text when no more. */
struct apps_admission {
    int32_t left; /* pods; INT32_MAX: no limit */
    const char *refusal;
};

/* How creations in batches of 1, 2, 4, ... go: slowStartBatch. */
struct slow_start {
    int32_t created;
    int32_t refused; /* asked for in the batch that ended it; the rest was not asked for */
};
/* batch_limit 0: none (ReplicaSet); StatefulSet has 500. */
struct slow_start slow_start(int32_t wanted, int32_t admissible, int32_t batch_limit);

enum replica_failure { REPLICA_FAILURE_NONE, REPLICA_FAILURE_CREATE, REPLICA_FAILURE_DELETE };

const char *replica_failure_reason(enum replica_failure failure); /* "FailedCreate"; "" */

struct replicaset_status {
    int32_t replicas; /* active pods that the sync began with */
    int32_t ready;
    int32_t available;
    int32_t terminating;
    enum replica_failure failure; /* condition ReplicaFailure */
    simtime failed_since;
    const char *failure_message; /* the first refusal's, until a sync goes well */
    int64_t observed_generation;
};

struct replicaset_spec {
    int32_t replicas;
    int32_t min_ready_seconds;
    int64_t generation;
};

struct replicaset_decision {
    int32_t create;    /* pods that are made; left of what was admissible */
    int32_t refused;   /* creations that the API server turned down: one event FailedCreate each */
    int32_t remove;    /* pods to delete, to be chosen by rank_select unless all go */
    const char *error; /* the sync failed: again by rate limit */
    bool status_changed; /* to be written */
    struct replicaset_status status;
    simtime again_after; /* next availability check; NEVER: none */
};

/* pods: all of the ReplicaSet's, terminal and terminating ones too. */
struct replicaset_decision replicaset_decide(const struct replicaset_spec *spec,
                                             const struct replicaset_status *status,
                                             const struct apps_pod *pods, size_t count,
                                             const struct apps_admission *admission, simtime now);

/*
 * The rate limiter of a key after `failures` failures in a row before this one: 5 ms doubling up
 * to 1000 s (workqueue.DefaultTypedControllerRateLimiter; its bucket of 10/s is not in it).
 */
simtime apps_retry_delay(uint32_t failures);

#endif
