/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Deployment controller does in one sync: syncDeployment (pkg/controller/deployment,
 * v1.36) on plain facts. Pure: the caller applies the actions in order, stores the status and
 * comes back when asked to. One sync does at most one kind of step; what it changes wakes the
 * controller again, so a caller repeats until nothing changes.
 */
#ifndef CONTROL_APPS_DEPLOYMENT_H
#define CONTROL_APPS_DEPLOYMENT_H

#include "base/arena.h"
#include "control/apps/replicaset.h"
#include "engine/simtime.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deployment_spec {
    const char *name;
    uint64_t template_id; /* equal numbers are equal pod templates */
    int64_t generation;
    int32_t replicas;
    bool recreate;
    struct int_or_percent max_surge;
    struct int_or_percent max_unavailable;
    int32_t min_ready_seconds;
    int32_t progress_deadline_seconds; /* INT32_MAX: none */
    int32_t revision_history_limit;    /* INT32_MAX: none */
    bool paused;
};

/* A ReplicaSet of the Deployment as its controller reads and writes it. */
struct deployment_replicaset {
    const char *name; /* must live as long as the Deployment's status */
    uint64_t template_id;
    simtime created; /* creationTimestamp */
    int64_t generation;
    int32_t replicas; /* spec.replicas */
    int32_t min_ready_seconds;
    int64_t revision;         /* annotations: deployment.kubernetes.io/revision, 0 none */
    int32_t desired_replicas; /* .../desired-replicas, -1 none */
    int32_t max_replicas;     /* .../max-replicas, -1 none */
    bool deleting;
    bool has_pods; /* any that is neither Succeeded nor Failed, terminating ones too */
    struct replicaset_status status;
};

enum deployment_reason {
    DEPLOYMENT_REASON_NONE,
    DEPLOYMENT_NEW_REPLICASET_CREATED,
    DEPLOYMENT_FOUND_NEW_REPLICASET,
    DEPLOYMENT_REPLICASET_UPDATED,
    DEPLOYMENT_NEW_REPLICASET_AVAILABLE,
    DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED,
    DEPLOYMENT_PAUSED,
    DEPLOYMENT_RESUMED,
    DEPLOYMENT_MINIMUM_REPLICAS_AVAILABLE,
    DEPLOYMENT_MINIMUM_REPLICAS_UNAVAILABLE,
    DEPLOYMENT_FAILED_CREATE,
    DEPLOYMENT_FAILED_DELETE
};

struct deployment_condition {
    enum condition_status status; /* ABSENT: the Deployment has no such condition */
    enum deployment_reason reason;
    const char *about; /* the ReplicaSet's name or the failure's text; NULL: the Deployment */
    simtime last_update;
    simtime last_transition;
};

struct deployment_status {
    int64_t observed_generation;
    int32_t replicas;
    int32_t updated;
    int32_t ready;
    int32_t available;
    int32_t unavailable;
    int32_t terminating;
    struct deployment_condition is_available; /* Available */
    struct deployment_condition progressing;  /* Progressing */
    struct deployment_condition failure;      /* ReplicaFailure */
    int64_t revision;                         /* the Deployment's own annotation */
};

enum deployment_action_kind {
    DEPLOYMENT_CREATE, /* a ReplicaSet of spec.template_id; the caller names it */
    DEPLOYMENT_UPDATE,
    DEPLOYMENT_DELETE
};

struct deployment_action {
    enum deployment_action_kind kind;
    size_t index; /* into the ReplicaSets given; CREATE: their count */
    int32_t from; /* spec.replicas before; an event ScalingReplicaSet when it changes */
    struct deployment_replicaset after; /* name, created and status are not the sync's */
};

struct deployment_decision {
    struct deployment_action *actions; /* in order, in the arena */
    size_t action_count;
    struct deployment_status status;
    bool status_changed;
    simtime again_after; /* progress check; 0: by rate limit, as good as 5 ms; NEVER: none */
};

/*
 * now is the controller's clock, stamp what the API stores of it (whole seconds). new_name is
 * what a ReplicaSet of spec.template_id would be called; needed only when there is none.
 */
struct deployment_decision deployment_decide(struct arena *a, const struct deployment_spec *spec,
                                             const struct deployment_status *status,
                                             const struct deployment_replicaset *sets, size_t count,
                                             const char *new_name, simtime now, simtime stamp);

/* util.MaxSurge and MaxUnavailable: rounding and fenceposts of ResolveFenceposts. */
int32_t deployment_max_surge(const struct deployment_spec *spec);
int32_t deployment_max_unavailable(const struct deployment_spec *spec);

const char *deployment_reason_name(enum deployment_reason reason);
/* The condition's message as the API shows it. */
const char *deployment_message(struct arena *a, const char *deployment,
                               const struct deployment_condition *condition);

#endif
