/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little world of rollout cases: one Deployment or StatefulSet named d, its pods, a kubelet
 * that acts at whole seconds, a quota of pods, budgets, and the controllers, each with a work
 * queue as upstream's. Nothing takes time but what the case says.
 */
#ifndef MANIFEST_CLUSTER_WORLD_H
#define MANIFEST_CLUSTER_WORLD_H

#include "cluster_internal.h"
#include "control/apps/deployment.h"
#include "control/apps/statefulset.h"
#include "engine/event.h"

#include "base/vec.h"

struct world;
struct world_set;

struct world_pod {
    int32_t number;  /* in order of creation, 0 is the first */
    int32_t version; /* of the template */
    int32_t ordinal; /* StatefulSet */
    int32_t node;    /* -1: never scheduled */
    int32_t cost;    /* controller.kubernetes.io/pod-deletion-cost */
    struct world_set *set;
    const char *name;
    enum pod_phase phase;
    bool ready;
    bool terminating;
    bool gone;
    simtime created;
    simtime ready_since;
    simtime deleted;
};

/*
 * A controller's key in its work queue: dirty keys are synced at once, in turn; a delayed one
 * waits for the earliest time it was added for.
 */
struct work_key {
    struct event wake;
    struct world *world;
    bool dirty;
    uint64_t turn;     /* dirty keys of one queue are worked off in this order */
    uint32_t failures; /* in a row: the rate limiter's */
};

struct world_set { /* a ReplicaSet */
    struct deployment_replicaset object;
    struct work_key key;
    int32_t version;
};

struct world_budget {
    struct pdb_spec spec;
    struct pdb_status status;
    struct work_key key;
};

struct world_deletion {
    int32_t t;
    int32_t pod;
};

struct world_eviction {
    int32_t t;
    int32_t pod;
    struct eviction_answer answer;
};

struct world_event {
    int32_t t;
    const char *type;
    int32_t n;
    int32_t pod;
    int32_t version;
    int32_t node;
    bool has_surge;
    bool has_unavailable;
    struct int_or_percent surge;
    struct int_or_percent unavailable;
    const struct node *at;
};

struct ready_time { /* seconds from creation to Ready; -1 never, -2 never scheduled */
    int32_t version;
    int32_t seconds;
};

struct world {
    struct arena *arena;   /* what lasts as long as the case */
    struct arena *scratch; /* one sync */
    struct engine *engine;
    bool stateful;
    struct deployment_spec deployment;
    struct deployment_status deployment_status;
    struct statefulset_spec set;
    struct statefulset_status set_status;
    struct work_key owner; /* the Deployment's or the StatefulSet's */
    int32_t version;       /* of the template now */
    VEC(struct world_set *) sets;
    VEC(struct world_pod *) pods; /* not gone, in order of creation */
    VEC(struct world_pod *) all;  /* by number */
    VEC(struct ready_time) ready_times;
    VEC(struct world_deletion) deletions;
    VEC(struct world_eviction) evictions;
    struct world_budget *budgets;
    size_t budget_count;
    int32_t nodes;
    bool *cordoned; /* by node */
    int32_t term_seconds;
    int32_t quota; /* pods that are not Succeeded or Failed; -1: none */
    uint64_t turns;
};

/* The whole second that it is. */
int32_t world_second(const struct world *w);
simtime world_now(const struct world *w);
simtime world_stamp(const struct world *w); /* now, as the API stores it: whole seconds */

/* Pods. What changes wakes whoever watches; world_settle then lets them work. */
struct world_pod *world_create_pod(struct world *w, struct world_set *set, int32_t version,
                                   int32_t ordinal);
void world_delete_pod(struct world *w, struct world_pod *pod);
void world_pod_changed(struct world *w, const struct world_pod *pod);
int32_t world_admissible(const struct world *w); /* pods that the quota still lets in */
void world_kubelet(struct world *w);             /* once a second */
struct world_pod *world_find(struct world *w, int32_t number); /* NULL: gone or never there */

/* The controllers' queues: Add, AddAfter, AddRateLimited, and work until nothing is left. */
void world_add(struct work_key *key); /* dirty, unless it is */
void world_add_after(struct work_key *key, simtime delay);
void world_add_rate_limited(struct work_key *key);
void world_key_init(struct world *w, struct work_key *key);
void world_settle(struct world *w);
void world_sync_owner(struct world *w); /* the Deployment or StatefulSet */
void world_sync_set(struct world *w, struct world_set *set);
struct apps_pod world_facts(const struct world_pod *pod);

/* The eviction API; answers are kept for the result. */
void world_evict(struct world *w, int32_t number);

/* Events from outside. */
bool world_event_known(const char *type);
const char *world_event_nearest(const char *type); /* for "did you mean"; NULL */
void world_act(struct world *w, const struct world_event *event);

#endif
