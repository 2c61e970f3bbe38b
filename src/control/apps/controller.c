/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes and deletes pods until a workload has as many active ones as its scale
 * says: syncReplicaSet (replica_set.go) and, ordinal by ordinal,
 * updateStatefulSet (stateful_set_control.go), v1.36.
 *
 * A sync makes one pod and comes back after the API's delay for the next one, so
 * that a scale that changes in between is seen, as in the real controller whose
 * batches are as quick (8 pods in 47 ms). Trap: a deleting pod is not active, so
 * its replacement is made at once, but a StatefulSet waits until it is gone.
 */
#include "control/apps/controller.h"

#include "base/require.h"
#include "control/apps/rank.h"
#include "control/kubelet.h"
#include "kube/clocks.h"
#include "kube/phases.h"

#define BURST_REPLICAS 500 /* replica_set.go: BurstReplicas */

static simtime epoch_fraction(const struct cluster *c)
{
    return c->epoch_ns % SIMTIME_SECOND;
}

static int32_t active_on_node(const struct workload *w, uint32_t node)
{
    int32_t count = 0;
    for (size_t i = 0; i < w->pods.len; i++)
        count += w->pods.items[i]->node == node && !w->pods.items[i]->deleting;
    return count;
}

static struct rank_pod rank_facts(const struct cluster *c, const struct workload *w, size_t index)
{
    const struct pod *pod = w->pods.items[index];
    struct rng uid = rng_stream(c->seed, pod->name, "uid");
    bool has_ready_time = pod->ready != CONDITION_ABSENT;
    return (struct rank_pod){
        .scheduled = pod->node != NODE_NONE,
        .phase = pod->phase == POD_PENDING ? RANK_PENDING : RANK_RUNNING,
        .ready = pod->ready == CONDITION_TRUE,
        .on_node = active_on_node(w, pod->node),
        .ready_since =
            has_ready_time ? pod_api_time(pod->ready_since, epoch_fraction(c)) : SIMTIME_NEVER,
        .restarts = (int32_t)pod->restarts,
        .created = pod_api_time(pod->created, epoch_fraction(c)),
        .uid = rng_u64(&uid),
        .index = index,
    };
}

/* With recorded clocks the victims are known: those deleted soonest from now on. */
static bool select_recorded(const struct cluster *c, const struct workload *w,
                            struct rank_pod *pods, size_t total, size_t count)
{
    simtime from = engine_now(c->engine) - 5 * SIMTIME_SECOND;
    for (size_t i = 0; i < count; i++) {
        size_t first = SIZE_MAX;
        simtime soonest = SIMTIME_NEVER;
        for (size_t j = i; j < total; j++) {
            simtime at = clocks_pod_deleting(c->clocks, w->pods.items[pods[j].index]);
            if (at >= from && at < soonest) {
                soonest = at;
                first = j;
            }
        }
        if (first == SIZE_MAX)
            return i > 0;
        struct rank_pod taken = pods[first];
        pods[first] = pods[i];
        pods[i] = taken;
    }
    return count > 0;
}

static void delete_ranked(struct cluster *c, struct workload *w, int32_t surplus)
{
    struct arena_mark mark = arena_mark(&c->scratch);
    struct rank_pod *pods = arena_array(&c->scratch, struct rank_pod, w->pods.len);
    struct pod **victims = arena_array(&c->scratch, struct pod *, (size_t)surplus);
    size_t active = 0;
    for (size_t i = 0; i < w->pods.len; i++)
        if (!w->pods.items[i]->deleting)
            pods[active++] = rank_facts(c, w, i);
    size_t count = (size_t)surplus < active ? (size_t)surplus : active;
    if (!select_recorded(c, w, pods, active, count))
        rank_select(pods, active, count, engine_now(c->engine));
    for (size_t i = 0; i < count; i++)
        victims[i] = w->pods.items[pods[i].index];
    for (size_t i = 0; i < count; i++) {
        cluster_delete_pod(c, victims[i]);
        kubelet_delete_pod(c, victims[i]);
    }
    arena_rewind(&c->scratch, mark);
}

static void sync_replica_set(struct cluster *c, struct workload *w)
{
    simtime now = engine_now(c->engine);
    int32_t surplus = w->active - w->replicas;
    if (surplus > 0) {
        delete_ranked(c, w, surplus < BURST_REPLICAS ? surplus : BURST_REPLICAS);
    } else if (surplus < 0) {
        kubelet_add_pod(c, cluster_create_pod(c, w, -1));
        if (w->active < w->replicas)
            event_schedule(c->engine, &w->sync, clocks_next_create(c->clocks, w, now));
    }
}

static struct pod *by_ordinal(const struct workload *w, int32_t ordinal)
{
    for (size_t i = 0; i < w->pods.len; i++)
        if (w->pods.items[i]->ordinal == ordinal)
            return w->pods.items[i];
    return NULL;
}

static bool settled(const struct pod *pod)
{
    return !pod->deleting && pod->phase == POD_RUNNING && pod->ready == CONDITION_TRUE;
}

/* Ordinals up: makes the first missing one; false when the order asks to wait. */
static bool fill_ordinals(struct cluster *c, struct workload *w)
{
    int32_t start = w->spec->ordinals_start;
    for (int32_t i = start; i < start + w->replicas; i++) {
        struct pod *pod = by_ordinal(w, i);
        if (!pod) {
            kubelet_add_pod(c, cluster_create_pod(c, w, i));
            if (!w->spec->parallel)
                return false;
        } else if (!w->spec->parallel && !settled(pod)) {
            return false;
        }
    }
    return true;
}

static struct pod *highest(const struct workload *w, int32_t below)
{
    struct pod *found = NULL;
    for (size_t i = 0; i < w->pods.len; i++) {
        struct pod *pod = w->pods.items[i];
        if (pod->ordinal < below && (!found || pod->ordinal > found->ordinal))
            found = pod;
    }
    return found;
}

/* Condemned ordinals down, one at a time unless Parallel. */
static void drop_ordinals(struct cluster *c, struct workload *w)
{
    int32_t end = w->spec->ordinals_start + w->replicas;
    int32_t below = INT32_MAX;
    for (struct pod *pod = highest(w, below); pod && pod->ordinal >= end; pod = highest(w, below)) {
        below = pod->ordinal;
        if (!pod->deleting) {
            cluster_delete_pod(c, pod);
            kubelet_delete_pod(c, pod);
        }
        if (!w->spec->parallel)
            return;
    }
}

static void sync_stateful_set(struct cluster *c, struct workload *w)
{
    if (fill_ordinals(c, w))
        drop_ordinals(c, w);
}

static void sync(struct engine *engine, struct event *event)
{
    struct workload *w = event_owner(event, struct workload, sync);
    (void)engine;
    if (w->spec->kind == WORKLOAD_STATEFULSET)
        sync_stateful_set(w->cluster, w);
    else
        sync_replica_set(w->cluster, w);
}

/* What wakes the controller: its pods coming, going and getting ready. */
static void on_pod(void *context, struct pod *pod, enum pod_change change, simtime now)
{
    struct cluster *c = context;
    bool ordered = pod->workload->spec->kind == WORKLOAD_STATEFULSET;
    if (change == POD_GONE || change == POD_DELETING || (ordered && change == POD_READY))
        event_schedule(c->engine, &pod->workload->sync, now);
}

void apps_start(struct cluster *c)
{
    for (size_t i = 0; i < c->workload_count; i++) {
        struct workload *w = &c->workloads[i];
        w->cluster = c;
        event_init(&w->sync, sync, PHASE_APPS);
    }
    cluster_subscribe(c, on_pod, c);
}
