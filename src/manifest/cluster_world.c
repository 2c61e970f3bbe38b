/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rollout world's pods, kubelet and work queues. The idea: the objects are right at once,
 * whoever watches is marked dirty, and world_settle works ReplicaSets off before their
 * Deployment, which is what the real controllers mostly come to.
 *
 * The traps: a delayed key keeps the earliest time it was added for, so a retry that backs off
 * also keeps the availability check of the same ReplicaSet waiting; pods that terminate still
 * use quota; a pod that never was scheduled, or has ended, is gone at once.
 */
#include "cluster_world.h"

#include "kube/phases.h"

int32_t world_second(const struct world *w)
{
    return (int32_t)(engine_now(w->engine) / SIMTIME_SECOND);
}

simtime world_now(const struct world *w)
{
    return engine_now(w->engine);
}

simtime world_stamp(const struct world *w)
{
    return world_second(w) * SIMTIME_SECOND;
}

struct apps_pod world_facts(const struct world_pod *pod)
{
    return (struct apps_pod){.phase = pod->phase,
                             .terminating = pod->terminating,
                             .ready = pod->ready,
                             .ready_since = pod->ready_since};
}

static bool is_terminal(const struct world_pod *pod)
{
    return pod->phase == POD_FAILED || pod->phase == POD_SUCCEEDED;
}

void world_pod_changed(struct world *w, const struct world_pod *pod)
{
    if (pod->set != NULL) {
        world_add(&pod->set->key);
    } else {
        world_add(&w->owner);
    }
    for (size_t i = 0; i < w->budget_count; i++) {
        world_add(&w->budgets[i].key);
    }
}

int32_t world_admissible(const struct world *w)
{
    int32_t used = 0;
    if (w->quota < 0) {
        return INT32_MAX;
    }
    for (size_t i = 0; i < w->pods.len; i++) {
        used += !is_terminal(w->pods.items[i]);
    }
    return w->quota > used ? w->quota - used : 0;
}

static int32_t ready_seconds(const struct world *w, int32_t version)
{
    for (size_t i = 0; i < w->ready_times.len; i++) {
        if (w->ready_times.items[i].version == version) {
            return w->ready_times.items[i].seconds;
        }
    }
    return 0;
}

/* Its number modulo the nodes, or the next node that is not cordoned. */
static int32_t pick_node(const struct world *w, int32_t number, int32_t version)
{
    if (ready_seconds(w, version) == -2) {
        return -1;
    }
    for (int32_t i = 0; i < w->nodes; i++) {
        const int32_t node = (int32_t)(((int64_t)number + i) % w->nodes);
        if (!w->cordoned[node]) {
            return node;
        }
    }
    return -1;
}

struct world_pod *world_create_pod(struct world *w, struct world_set *set, int32_t version,
                                   int32_t ordinal)
{
    const int32_t number = (int32_t)w->all.len;
    struct world_pod *pod = arena_new(w->arena, struct world_pod);
    *pod = (struct world_pod){
        .number = number,
        .version = version,
        .ordinal = ordinal,
        .node = pick_node(w, number, version),
        .set = set,
        .name = set != NULL ? arena_printf(w->arena, "%s-%05d", set->object.name, number)
                            : arena_printf(w->arena, "d-%d", ordinal),
        .created = world_stamp(w),
        .ready_since = world_stamp(w),
    };
    *vec_push(w->arena, &w->pods) = pod;
    *vec_push(w->arena, &w->all) = pod;
    world_pod_changed(w, pod);
    return pod;
}

/* A StatefulSet's pod is found by its name, which its successors have, too. */
struct world_pod *world_find(struct world *w, int32_t number)
{
    if (number < 0 || (size_t)number >= w->all.len) {
        return NULL;
    }
    struct world_pod *pod = w->all.items[number];
    for (size_t i = 0; i < w->pods.len && pod->gone && w->stateful; i++) {
        if (w->pods.items[i]->ordinal == pod->ordinal) {
            return w->pods.items[i];
        }
    }
    return pod->gone ? NULL : pod;
}

static void remove_pod(struct world *w, struct world_pod *pod)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->pods.len; i++) {
        if (w->pods.items[i] != pod) {
            w->pods.items[kept++] = w->pods.items[i];
        }
    }
    w->pods.len = kept;
    pod->gone = true;
    world_pod_changed(w, pod);
}

void world_delete_pod(struct world *w, struct world_pod *pod)
{
    if (!pod->terminating) {
        *vec_push(w->arena, &w->deletions) =
            (struct world_deletion){.t = world_second(w), .pod = pod->number};
    }
    if (pod->node < 0 || is_terminal(pod)) {
        remove_pod(w, pod);
    } else if (!pod->terminating) {
        pod->terminating = true;
        pod->deleted = world_now(w);
        world_pod_changed(w, pod);
    }
}

static void get_ready(struct world *w, struct world_pod *pod)
{
    pod->phase = POD_RUNNING;
    pod->ready = true;
    pod->ready_since = world_stamp(w);
    world_pod_changed(w, pod);
    /* updatePod of both controllers: looks again when it is to be available */
    const int32_t wait =
        w->stateful ? w->set.min_ready_seconds : pod->set->object.min_ready_seconds;
    if (wait > 0) {
        world_add_after(w->stateful ? &w->owner : &pod->set->key, wait * SIMTIME_SECOND);
    }
}

void world_kubelet(struct world *w)
{
    const int32_t now = world_second(w);
    for (size_t i = 0; i < w->pods.len;) {
        struct world_pod *pod = w->pods.items[i];
        const int32_t ready = ready_seconds(w, pod->version);
        const int32_t created = (int32_t)(pod->created / SIMTIME_SECOND);
        if (pod->terminating && now - (int32_t)(pod->deleted / SIMTIME_SECOND) >= w->term_seconds) {
            remove_pod(w, pod);
            continue;
        }
        if (!pod->terminating && pod->phase == POD_PENDING && pod->node >= 0 && ready >= 0 &&
            now - created >= ready) {
            get_ready(w, pod);
        }
        i++;
    }
}

static void wake(struct engine *engine, struct event *event)
{
    struct work_key *key = event_owner(event, struct work_key, wake);
    (void)engine;
    world_add(key);
    world_settle(key->world);
}

void world_key_init(struct world *w, struct work_key *key)
{
    key->world = w;
    event_init(&key->wake, wake, PHASE_APPS);
}

void world_add(struct work_key *key)
{
    if (!key->dirty) {
        key->dirty = true;
        key->turn = key->world->turns++;
    }
}

void world_add_after(struct work_key *key, simtime delay)
{
    struct engine *engine = key->world->engine;
    const simtime at = simtime_add(engine_now(engine), delay);
    if (!event_scheduled(&key->wake) || event_time(engine, &key->wake) > at) {
        event_schedule(engine, &key->wake, at);
    }
}

void world_add_rate_limited(struct work_key *key)
{
    world_add_after(key, apps_retry_delay(key->failures));
    key->failures++;
}
