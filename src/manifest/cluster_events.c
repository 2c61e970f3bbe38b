/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to a rollout world from outside: a table of event types, and the eviction API.
 *
 * The traps: a drain evicts the node's pods one after the other in one instant, so the budget's
 * stored status is what stands between them; an event about a pod that is gone does nothing,
 * but its eviction answers 404; an edit that changes nothing wakes nobody.
 */
#include "cluster_world.h"

#include "base/str.h"

#include <string.h>

static void scale(struct world *w, const struct world_event *e)
{
    w->deployment.replicas = e->n;
    w->set.replicas = e->n;
}

static void change_template(struct world *w, const struct world_event *e)
{
    w->version = e->version;
    w->deployment.template_id = (uint64_t)e->version;
    w->set.revision = (uint64_t)e->version;
}

static void change_strategy(struct world *w, const struct world_event *e)
{
    w->deployment.recreate = false;
    if (e->has_surge) {
        w->deployment.max_surge = e->surge;
    }
    if (e->has_unavailable) {
        w->deployment.max_unavailable = e->unavailable;
    }
}

static void change_partition(struct world *w, const struct world_event *e)
{
    w->set.partition = e->n;
}

static void pause_rollout(struct world *w, const struct world_event *e)
{
    (void)e;
    w->deployment.paused = true;
}

static void resume_rollout(struct world *w, const struct world_event *e)
{
    (void)e;
    w->deployment.paused = false;
}

static void change_quota(struct world *w, const struct world_event *e)
{
    w->quota = e->n;
}

static void change_ready_time(struct world *w, const struct world_event *e)
{
    for (size_t i = 0; i < w->ready_times.len; i++) {
        if (w->ready_times.items[i].version == e->version) {
            w->ready_times.items[i].seconds = e->n;
            return;
        }
    }
    *vec_push(w->arena, &w->ready_times) =
        (struct ready_time){.version = e->version, .seconds = e->n};
}

static void set_ready(struct world *w, const struct world_event *e, bool ready)
{
    struct world_pod *pod = world_find(w, e->pod);
    if (pod == NULL || pod->ready == ready || pod->phase != POD_RUNNING) {
        return;
    }
    pod->ready = ready;
    pod->ready_since = world_stamp(w);
    world_pod_changed(w, pod);
    const int32_t wait = w->stateful ? w->set.min_ready_seconds : w->deployment.min_ready_seconds;
    if (ready && wait > 0) {
        world_add_after(w->stateful ? &w->owner : &pod->set->key, wait * SIMTIME_SECOND);
    }
}

static void make_unready(struct world *w, const struct world_event *e)
{
    set_ready(w, e, false);
}

static void make_ready(struct world *w, const struct world_event *e)
{
    set_ready(w, e, true);
}

static void fail_pod(struct world *w, const struct world_event *e)
{
    struct world_pod *pod = world_find(w, e->pod);
    if (pod == NULL) {
        return;
    }
    pod->phase = POD_FAILED;
    pod->ready = false;
    world_pod_changed(w, pod);
}

static void delete_pod(struct world *w, const struct world_event *e)
{
    struct world_pod *pod = world_find(w, e->pod);
    if (pod != NULL) {
        world_delete_pod(w, pod);
    }
}

static void change_cost(struct world *w, const struct world_event *e)
{
    struct world_pod *pod = world_find(w, e->pod);
    if (pod != NULL) {
        pod->cost = e->n;
        world_pod_changed(w, pod);
    }
}

void world_evict(struct world *w, int32_t number)
{
    struct world_pod *pod = world_find(w, number);
    struct world_eviction *done = vec_push(w->arena, &w->evictions);
    done->t = world_second(w);
    done->pod = number;
    if (pod == NULL) {
        const bool known = number >= 0 && (size_t)number < w->all.len;
        done->answer.code = (enum eviction_code)404;
        done->answer.message = arena_printf(w->arena, "pods \"%s\" not found",
                                            known ? w->all.items[number]->name : "");
        return;
    }
    struct eviction_budget *budgets =
        arena_array(w->arena, struct eviction_budget, w->budget_count);
    for (size_t i = 0; i < w->budget_count; i++) {
        budgets[i] = (struct eviction_budget){&w->budgets[i].spec, &w->budgets[i].status};
    }
    const struct eviction_pod facts = {.id = (uint64_t)number,
                                       .phase = pod->phase,
                                       .terminating = pod->terminating,
                                       .ready = pod->ready};
    done->answer = eviction_decide(w->arena, &facts, budgets, w->budget_count, world_now(w));
    if (done->answer.charged) {
        w->budgets[0].status = done->answer.status;
        world_add(&w->budgets[0].key);
    }
    if (done->answer.code == EVICTION_ALLOWED) {
        world_delete_pod(w, pod);
    }
}

static void evict_pod(struct world *w, const struct world_event *e)
{
    world_evict(w, e->pod);
}

static void drain_node(struct world *w, const struct world_event *e)
{
    const size_t count = w->all.len;
    for (size_t i = 0; i < count; i++) {
        const struct world_pod *pod = w->all.items[i];
        if (!pod->gone && pod->node == e->node) {
            world_evict(w, pod->number);
        }
    }
}

static void cordon(struct world *w, const struct world_event *e)
{
    if (e->node >= 0 && e->node < w->nodes) {
        w->cordoned[e->node] = true;
    }
}

static void uncordon(struct world *w, const struct world_event *e)
{
    if (e->node >= 0 && e->node < w->nodes) {
        w->cordoned[e->node] = false;
    }
}

struct event_type {
    const char *name;
    void (*act)(struct world *w, const struct world_event *e);
    bool edits; /* the Deployment's or StatefulSet's spec */
};

static const struct event_type types[] = {
    {"scale", scale, true},
    {"template", change_template, true},
    {"strategy", change_strategy, true},
    {"partition", change_partition, true},
    {"pause", pause_rollout, true},
    {"resume", resume_rollout, true},
    {"quota", change_quota, false},
    {"ready_s", change_ready_time, false},
    {"unready", make_unready, false},
    {"ready", make_ready, false},
    {"fail", fail_pod, false},
    {"delete", delete_pod, false},
    {"cost", change_cost, false},
    {"evict", evict_pod, false},
    {"drain", drain_node, false},
    {"cordon", cordon, false},
    {"uncordon", uncordon, false},
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

const char *world_event_nearest(const char *name)
{
    const char *names[TYPE_COUNT];
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        names[i] = types[i].name;
    }
    return str_nearest(name, names, TYPE_COUNT);
}

bool world_event_known(const char *name)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool same_amount(const struct int_or_percent *x, const struct int_or_percent *y)
{
    return x->percent == y->percent && x->value == y->value;
}

/* An update that changes nothing is no write at all: the API server sends no event. */
static bool same_spec(const struct deployment_spec *x, const struct deployment_spec *y)
{
    return x->replicas == y->replicas && x->template_id == y->template_id &&
           x->paused == y->paused && x->recreate == y->recreate &&
           same_amount(&x->max_surge, &y->max_surge) &&
           same_amount(&x->max_unavailable, &y->max_unavailable);
}

void world_act(struct world *w, const struct world_event *e)
{
    const struct deployment_spec before = w->deployment;
    const int32_t partition = w->set.partition;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(types[i].name, e->type) != 0) {
            continue;
        }
        types[i].act(w, e);
        if (types[i].edits &&
            (!same_spec(&before, &w->deployment) || partition != w->set.partition)) {
            w->deployment.generation++;
            w->set.generation++;
            world_add(&w->owner);
        }
    }
}
