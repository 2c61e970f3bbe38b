/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind deploy and sts: a rollout second by second. In second k the kubelet acts at
 * k.000, events from k.500 on, 25 ms apart, and the state is written at k.900 when it changed.
 *
 * The trap: the workload is made at 0.500, like an event; with the API's times cut to seconds
 * that decides when a progress deadline is looked at.
 */
#include "cluster_world.h"

#include "base/str.h"
#include "kube/phases.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS_AT (500 * SIMTIME_MILLISECOND)
#define EVENT_GAP (25 * SIMTIME_MILLISECOND)
#define SAMPLE_AT (900 * SIMTIME_MILLISECOND)
#define MOST_PODS 5000
#define LAST_END  1000000 /* seconds */

/* A case at play. */
struct play {
    struct cluster_case *c;
    struct world world;
    struct json_writer *writer;
    const char *last_state; /* as written, without its time */
    struct world_event *events;
    size_t event_count;
    size_t next_event;
    struct event tick; /* kubelet */
    struct event outside;
    struct event sample;
    int32_t end;
};

static struct int_or_percent percent(int32_t value)
{
    return (struct int_or_percent){.percent = true, .value = value};
}

static void read_workload(struct cluster_case *c, struct world *w)
{
    const struct node *root = c->root;
    struct deployment_spec *d = &w->deployment;
    *d = (struct deployment_spec){
        .name = "d",
        .template_id = 1,
        .generation = 1,
        .replicas = case_int(c, root, "replicas", 0),
        .recreate = strcmp(case_text(c, root, "strategy", ""), "Recreate") == 0,
        .max_surge = percent(25),
        .max_unavailable = percent(25),
        .min_ready_seconds = case_int(c, root, "min_ready_s", 0),
        .progress_deadline_seconds = case_int(c, root, "progress_deadline_s", 600),
        .revision_history_limit = case_int(c, root, "revision_history_limit", 10),
    };
    case_amount(c, root, "max_surge", &d->max_surge);
    case_amount(c, root, "max_unavailable", &d->max_unavailable);
    w->set = (struct statefulset_spec){
        .revision = 1,
        .generation = 1,
        .replicas = d->replicas,
        .min_ready_seconds = d->min_ready_seconds,
        .parallel = strcmp(case_text(c, root, "pod_management", ""), "Parallel") == 0,
        .on_delete = strcmp(case_text(c, root, "strategy", ""), "OnDelete") == 0,
        .partition = case_int(c, root, "partition", 0),
    };
    if (d->replicas < 0 || d->replicas > MOST_PODS) {
        case_error(c, root, "field replicas must be 0 to %d", MOST_PODS);
    }
    if (d->min_ready_seconds < 0 || w->set.partition < 0) {
        case_error(c, root, "fields min_ready_s and partition cannot be negative");
    }
}

static void read_ready_times(struct cluster_case *c, struct world *w)
{
    const struct node *map = case_map(c, c->root, "ready_s");
    for (const struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next) {
        int64_t version = 0;
        if (!str_to_int64(n->key, &version) || version < 0 || version > INT32_MAX) {
            case_error(c, n, "field ready_s: \"%s\" is not a template's version", n->key);
            continue;
        }
        *vec_push(w->arena, &w->ready_times) = (struct ready_time){
            .version = (int32_t)version, .seconds = case_int(c, map, n->key, 0)};
    }
}

static void read_site(struct cluster_case *c, struct world *w)
{
    struct pdb_spec *specs = case_budgets(c, &w->budget_count);
    w->nodes = case_int(c, c->root, "nodes", 1);
    w->term_seconds = case_int(c, c->root, "term_s", 0);
    w->quota = case_int(c, c->root, "quota", -1);
    if (w->nodes < 1 || w->nodes > 100000) {
        case_error(c, c->root, "field nodes must be 1 to 100000");
        w->nodes = 1;
    }
    w->cordoned = arena_array(w->arena, bool, (size_t)w->nodes);
    w->budgets = arena_array(w->arena, struct world_budget, w->budget_count);
    for (size_t i = 0; i < w->budget_count; i++) {
        world_key_init(w, &w->budgets[i].key);
        w->budgets[i].spec = specs[i];
        world_add(&w->budgets[i].key);
    }
    read_ready_times(c, w);
}

static void read_event(struct cluster_case *c, const struct node *n, struct world_event *e)
{
    *e = (struct world_event){
        .t = case_int(c, n, "t", 0),
        .type = case_text(c, n, "type", ""),
        .n = case_int(c, n, "n", 0),
        .pod = case_int(c, n, "pod", 0),
        .version = case_int(c, n, "version", 0),
        .node = case_int(c, n, "node", 0),
    };
    e->has_surge = case_amount(c, n, "s", &e->surge);
    e->has_unavailable = case_amount(c, n, "s2", &e->unavailable);
    if (!world_event_known(e->type)) {
        case_error(c, n, "no such type of event: \"%s\"", e->type);
        if (world_event_nearest(e->type) != NULL) {
            diag_help(c->diag, "did you mean \"%s\"?", world_event_nearest(e->type));
        }
    }
    const bool counts = strcmp(e->type, "scale") == 0 || strcmp(e->type, "partition") == 0;
    if (e->t < 0 || (counts && (e->n < 0 || e->n > MOST_PODS))) {
        case_error(c, n, "field t cannot be negative, and n must be 0 to %d here", MOST_PODS);
    }
}

/* In order of time; those of one second as they stand. */
static void read_events(struct play *p)
{
    struct cluster_case *c = p->c;
    const struct node *list = case_list(c, c->root, "events");
    p->events = arena_array(&c->room->tree, struct world_event, list != NULL ? list->count : 0);
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        struct world_event e;
        read_event(c, n, &e);
        size_t j = p->event_count++;
        for (; j > 0 && p->events[j - 1].t > e.t; j--) {
            p->events[j] = p->events[j - 1];
        }
        p->events[j] = e;
    }
}

static void put(struct json_writer *w, const char *key, int32_t value)
{
    json_key(w, key);
    json_int(w, value);
}

static void write_set(struct json_writer *w, const struct world_set *set)
{
    const struct replicaset_status *status = &set->object.status;
    json_map(w);
    put(w, "v", set->version);
    put(w, "want", set->object.replicas);
    put(w, "have", status->replicas);
    put(w, "ready", status->ready);
    put(w, "avail", status->available);
    put(w, "term", status->terminating);
    json_map_end(w);
}

/* ReplicaSets by version. */
static void write_sets(struct json_writer *w, const struct world *world)
{
    json_key(w, "rs");
    json_list(w);
    int32_t above = INT32_MIN;
    for (size_t n = 0; n < world->sets.len; n++) {
        const struct world_set *next = NULL;
        for (size_t i = 0; i < world->sets.len; i++) {
            const struct world_set *set = world->sets.items[i];
            if (set->version > above && (next == NULL || set->version < next->version)) {
                next = set;
            }
        }
        if (next == NULL) {
            break;
        }
        write_set(w, next);
        above = next->version;
    }
    json_list_end(w);
}

static void write_counts(struct json_writer *w, int32_t replicas, int32_t updated, int32_t ready,
                         int32_t available, int32_t unavailable, int32_t terminating)
{
    json_key(w, "d");
    json_map(w);
    put(w, "replicas", replicas);
    put(w, "updated", updated);
    put(w, "ready", ready);
    put(w, "avail", available);
    put(w, "unavail", unavailable);
    put(w, "term", terminating);
}

static void write_deployment(struct play *p, struct json_writer *w)
{
    const struct deployment_status *d = &p->world.deployment_status;
    write_sets(w, &p->world);
    write_counts(w, d->replicas, d->updated, d->ready, d->available, d->unavailable,
                 d->terminating);
    json_key(w, "available_cond");
    json_string(w, condition_status_name(d->is_available.status));
    if (d->progressing.status != CONDITION_ABSENT) {
        json_key(w, "progressing");
        json_string(w, arena_printf(p->world.arena, "%s:%s",
                                    condition_status_name(d->progressing.status),
                                    deployment_reason_name(d->progressing.reason)));
    }
    if (d->failure.status != CONDITION_ABSENT) {
        json_key(w, "failure");
        json_string(w, deployment_reason_name(d->failure.reason));
    }
    json_map_end(w);
}

static char state_letter(const struct world_pod *pod)
{
    if (pod->terminating) {
        return 'T';
    }
    if (pod->phase == POD_FAILED) {
        return 'F';
    }
    return pod->ready ? 'R' : 'P';
}

/* Pods by ordinal. */
static void write_pods(struct play *p, struct json_writer *w)
{
    const struct world *world = &p->world;
    int32_t above = -1;
    if (world->pods.len == 0) {
        return;
    }
    json_key(w, "pods");
    json_list(w);
    for (size_t n = 0; n < world->pods.len; n++) {
        const struct world_pod *next = NULL;
        for (size_t i = 0; i < world->pods.len; i++) {
            const struct world_pod *pod = world->pods.items[i];
            if (pod->ordinal > above && (next == NULL || pod->ordinal < next->ordinal)) {
                next = pod;
            }
        }
        if (next == NULL) {
            break;
        }
        json_string(w, arena_printf(world->arena, "%s:v%d:%c", next->name, next->version,
                                    state_letter(next)));
        above = next->ordinal;
    }
    json_list_end(w);
}

static void write_stateful_set(struct play *p, struct json_writer *w)
{
    const struct statefulset_status *s = &p->world.set_status;
    write_counts(w, s->replicas, s->updated, s->ready, s->available, 0, 0);
    if (s->current != 0) {
        put(w, "current", s->current);
    }
    json_map_end(w);
    write_pods(p, w);
}

static void write_state(struct play *p, struct json_writer *w)
{
    if (p->world.stateful) {
        write_stateful_set(p, w);
    } else {
        write_deployment(p, w);
    }
    if (p->world.budget_count == 0) {
        return;
    }
    json_key(w, "pdb");
    json_list(w);
    for (size_t i = 0; i < p->world.budget_count; i++) {
        case_write_budget(w, p->world.arena, NULL, &p->world.budgets[i].status);
    }
    json_list_end(w);
}

static void take_sample(struct engine *engine, struct event *event)
{
    struct play *p = event_owner(event, struct play, sample);
    struct json_writer *w = json_writer_new(p->world.arena, false);
    const int32_t now = (int32_t)(engine_now(engine) / SIMTIME_SECOND);
    json_map(w);
    write_state(p, w);
    json_map_end(w);
    size_t len = 0;
    const char *state = json_text(w, &len);
    if (p->last_state == NULL || strcmp(state, p->last_state) != 0) {
        json_map(p->writer);
        put(p->writer, "t", now);
        write_state(p, p->writer);
        json_map_end(p->writer);
        p->last_state = state;
    }
    if (now < p->end) {
        event_schedule(engine, event, engine_now(engine) + SIMTIME_SECOND);
    }
}

static void tick(struct engine *engine, struct event *event)
{
    struct play *p = event_owner(event, struct play, tick);
    world_kubelet(&p->world);
    world_settle(&p->world);
    if (engine_now(engine) / SIMTIME_SECOND < p->end) {
        event_schedule(engine, event, engine_now(engine) + SIMTIME_SECOND);
    }
}

static void schedule_outside(struct play *p, simtime from)
{
    if (p->next_event == p->event_count) {
        return;
    }
    const simtime second = p->events[p->next_event].t * SIMTIME_SECOND + EVENTS_AT;
    const simtime at = second > from ? second : from;
    event_schedule(p->world.engine, &p->outside, at);
}

static void outside(struct engine *engine, struct event *event)
{
    struct play *p = event_owner(event, struct play, outside);
    world_act(&p->world, &p->events[p->next_event]);
    p->next_event++;
    world_settle(&p->world);
    schedule_outside(p, engine_now(engine) + EVENT_GAP);
}

static void start(struct play *p)
{
    struct world *w = &p->world;
    event_init(&p->tick, tick, PHASE_KUBELET);
    event_init(&p->outside, outside, PHASE_TIMELINE);
    event_init(&p->sample, take_sample, PHASE_SAMPLE);
    engine_run_until(w->engine, EVENTS_AT);
    world_add(&w->owner);
    world_settle(w);
    event_schedule(w->engine, &p->tick, SIMTIME_SECOND);
    event_schedule(w->engine, &p->sample, SAMPLE_AT);
    schedule_outside(p, 0);
}

static int by_time(const void *x, const void *y)
{
    const struct world_deletion *a = x;
    const struct world_deletion *b = y;
    if (a->t != b->t) {
        return a->t < b->t ? -1 : 1;
    }
    return (a->pod > b->pod) - (a->pod < b->pod);
}

static void write_deletions(struct play *p)
{
    struct world *w = &p->world;
    if (w->deletions.len == 0) {
        return;
    }
    qsort(w->deletions.items, w->deletions.len, sizeof *w->deletions.items, by_time);
    json_key(p->writer, "deleted");
    json_list(p->writer);
    for (size_t i = 0; i < w->deletions.len; i++) {
        json_map(p->writer);
        put(p->writer, "t", w->deletions.items[i].t);
        put(p->writer, "pod", w->deletions.items[i].pod);
        json_map_end(p->writer);
    }
    json_list_end(p->writer);
}

static void write_evictions(struct play *p)
{
    const struct world *w = &p->world;
    if (w->evictions.len == 0) {
        return;
    }
    json_key(p->writer, "evicts");
    json_list(p->writer);
    for (size_t i = 0; i < w->evictions.len; i++) {
        const struct world_eviction *e = &w->evictions.items[i];
        case_write_eviction(p->writer, w->arena, e->t, e->pod, &e->answer);
        json_map_end(p->writer);
    }
    json_list_end(p->writer);
}

bool cluster_decide_rollout(struct cluster_case *c, struct json_writer *w)
{
    struct play *p = arena_new(&c->room->tree, struct play);
    *p = (struct play){.c = c, .writer = w, .end = case_int(c, c->root, "end", 0)};
    p->world.arena = &c->room->tree;
    p->world.scratch = &c->room->step;
    p->world.engine = engine_create(&c->room->tree);
    p->world.stateful = strcmp(case_text(c, c->root, "kind", ""), "sts") == 0;
    p->world.version = 1;
    world_key_init(&p->world, &p->world.owner);
    read_workload(c, &p->world);
    read_site(c, &p->world);
    read_events(p);
    if (p->end < 0 || p->end > LAST_END) {
        case_error(c, c->root, "field end must be 0 to %d", LAST_END);
    }
    if (c->bad) {
        return false;
    }
    json_key(w, "steps");
    json_list(w);
    start(p);
    engine_run_until(p->world.engine, p->end * SIMTIME_SECOND + SAMPLE_AT);
    json_list_end(w);
    write_deletions(p);
    write_evictions(p);
    return true;
}
