/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eviction subresource of pods: what the API server answers and what it does to the budget,
 * EvictionREST.Create and checkAndDecrement (pkg/registry/core/pod/storage/eviction.go, v1.36);
 * and what kubectl drain makes of a node's pods (k8s.io/kubectl/pkg/drain). Pure.
 */
#ifndef CONTROL_DISRUPTION_EVICTION_H
#define CONTROL_DISRUPTION_EVICTION_H

#include "base/arena.h"
#include "control/disruption/pdb.h"
#include "engine/simtime.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eviction_pod {
    uint64_t id;
    enum pod_phase phase;
    bool terminating;
    bool ready;
};

struct eviction_budget {
    const struct pdb_spec *spec;
    const struct pdb_status *status;
};

enum eviction_code {
    EVICTION_ALLOWED = 201,
    EVICTION_FORBIDDEN = 403,
    EVICTION_TOO_MANY_REQUESTS = 429,
    EVICTION_SERVER_ERROR = 500
};

struct eviction_answer {
    enum eviction_code code;     /* ALLOWED: the pod is to be deleted */
    const char *message;         /* NULL when allowed; in the arena or static */
    const char *cause;           /* detail beside the message, or NULL */
    int32_t retry_after_seconds; /* 0: no hint */
    bool charged;                /* status is the budget's new one, to be written */
    struct pdb_status status;    /* of budgets[0] */
};

/* budgets: those that select the pod, as stored at this moment. */
struct eviction_answer eviction_decide(struct arena *a, const struct eviction_pod *pod,
                                       const struct eviction_budget *budgets, size_t count,
                                       simtime now);

#define DRAIN_RETRY (5 * SIMTIME_SECOND) /* EvictErrorRetryDelay, after 429, without end */
#define DRAIN_POLL  (1 * SIMTIME_SECOND) /* looks again for pods that are to be gone */

struct drain_options {
    bool force; /* pods without a controller, too */
    bool ignore_daemonsets;
    bool delete_emptydir_data;
};

struct drain_pod {
    bool mirror; /* a static pod's image in the API */
    bool daemonset;
    bool daemonset_missing; /* its DaemonSet is gone */
    bool controlled;        /* has a controller */
    bool empty_dir;         /* uses local storage */
    bool finished;          /* Succeeded or Failed */
};

enum drain_verdict { DRAIN_EVICT, DRAIN_SKIP, DRAIN_REFUSE };

/* REFUSE: *why says what kubectl does, and nothing of the node is drained. */
enum drain_verdict drain_judge(const struct drain_options *options, const struct drain_pod *pod,
                               const char **why);

#endif
