/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PodDisruptionBudgets: what the disruption controller writes into a budget's status, trySync and
 * failSafe (pkg/controller/disruption, v1.36) on plain facts. Pure.
 */
#ifndef CONTROL_DISRUPTION_PDB_H
#define CONTROL_DISRUPTION_PDB_H

#include "base/arena.h"
#include "engine/simtime.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PDB_DELETION_TIMEOUT (2 * SIMTIME_MINUTE)

enum pdb_unhealthy_policy { PDB_IF_HEALTHY_BUDGET, PDB_ALWAYS_ALLOW };

/* One of the two limits; a budget with neither wants nothing. */
enum pdb_limit { PDB_NO_LIMIT, PDB_MIN_AVAILABLE, PDB_MAX_UNAVAILABLE };

struct pdb_spec {
    const char *name;
    int64_t generation;
    enum pdb_limit limit;
    struct int_or_percent value;
    enum pdb_unhealthy_policy unhealthy_policy;
};

enum pdb_owner {
    PDB_UNMANAGED,    /* the pod has no controller */
    PDB_OWNED,        /* by a controller with a scale */
    PDB_OWNER_MISSING /* its controller is gone or has no scale */
};

/* A pod that the budget selects, in whatever state. */
struct pdb_pod {
    uint64_t id; /* never reused */
    const char *name;
    bool ready;
    bool terminating;
    enum pdb_owner owner;
    uint64_t owner_id;   /* the Deployment for pods of its ReplicaSets */
    int32_t owner_scale; /* its spec.replicas */
};

/* An eviction that was allowed and of which the pod does not show yet. */
struct pdb_disrupted {
    uint64_t pod;
    simtime since;
};

enum pdb_condition {
    PDB_NO_CONDITION,
    PDB_SUFFICIENT_PODS,
    PDB_INSUFFICIENT_PODS,
    PDB_SYNC_FAILED
};

struct pdb_status {
    int64_t observed_generation;
    int32_t expected;
    int32_t desired;
    int32_t healthy;
    int32_t allowed;
    enum pdb_condition condition; /* DisruptionAllowed: its reason */
    const char *message;          /* of PDB_SYNC_FAILED, else NULL */
    struct pdb_disrupted *disrupted;
    size_t disrupted_count;
};

struct pdb_decision {
    struct pdb_status status; /* disrupted and message are in the arena */
    bool changed;             /* to be written */
    simtime again_after;      /* an entry of disrupted runs out; NEVER: none */
    size_t unmanaged;         /* pods an event UnmanagedPods is about */
};

struct pdb_decision pdb_decide(struct arena *a, const struct pdb_spec *spec,
                               const struct pdb_status *status, const struct pdb_pod *pods,
                               size_t count, simtime now);

/* True when no number of healthy pods of such a scale ever lets one be evicted. */
bool pdb_blocks_for_ever(const struct pdb_spec *spec, int32_t scale);

const char *pdb_condition_reason(enum pdb_condition condition); /* "SufficientPods" */

#endif
