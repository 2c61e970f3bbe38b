/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind loop: a ScaledObject over time. The controller is control/keda/controller.c; here
 * are its world (the triggers' values, the target's replicas), the order of what happens, and
 * the answer.
 *
 * The traps: of one instant, the loop's tick comes first, then the case's events, the HPA's
 * queries, the samples. A sample leaves out Ready, Active and Fallback for one polling interval
 * after the object was created or edited, as KEDA itself races then.
 */
#include "decide_keda.h"

#include "base/vec.h"
#include "control/keda/controller.h"
#include "manifest/scaledobject_object.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH INT64_C(946684800) /* virtual time begins at 2000-01-01T00:00:00Z */

struct reading {
    simtime t;
    double value;
    bool failed;
    bool fails_first;
};

struct trigger_series {
    struct reading *items;
    size_t count;
    int64_t queries;
    simtime last_query; /* of the instant whose first query has failed already */
};

enum step_kind { STEP_TICK, STEP_EVENT, STEP_QUERY, STEP_SAMPLE };

struct step {
    simtime t; /* since the loop's start */
    enum step_kind kind;
    size_t order; /* as listed, among steps of one instant and kind */
    const struct node *event;
};

struct scale_write {
    simtime t;
    int32_t from, to;
};

struct loop_case {
    struct field_reader read;
    const struct node *root;
    struct arena *arena;
    struct json_writer *w;
    simtime start; /* of the loop, since 2000-01-01 */
    struct node *object_node;
    struct scaled_object so;
    struct keda_trigger *triggers;
    struct keda_metric *metrics;
    struct trigger_series *series; /* one of each trigger the case lists */
    size_t series_count;
    int32_t replicas;
    int32_t ready_pods;
    simtime edited; /* when the object was created or edited last */
    struct keda_controller controller;
    VEC(struct step) steps;
    VEC(struct scale_write) scales;
    struct json_writer *samples;
    struct json_writer *answers;
    bool asked;
};

static double seconds_of(simtime t)
{
    return simtime_to_seconds(t);
}

static void write_seconds(struct json_writer *w, const char *key, simtime t)
{
    json_key(w, key);
    json_double(w, seconds_of(t));
}

/* ---- the world ---- */

static struct trigger_reading cron_reading(struct loop_case *l, size_t trigger, simtime now)
{
    const struct scaler_answer answer =
        scaler_cron_query(l->arena, &l->triggers[trigger].schedule, EPOCH + now / SIMTIME_SECOND);
    return (struct trigger_reading){
        .failed = answer.error != NULL, .active = answer.active, .value = answer.value};
}

static struct trigger_reading query(void *context, size_t trigger, simtime now)
{
    struct loop_case *l = context;
    const struct reading *r = NULL;
    if (l->triggers[trigger].cron) {
        return cron_reading(l, trigger, now);
    }
    if (trigger >= l->series_count) {
        return (struct trigger_reading){.failed = true};
    }
    struct trigger_series *s = &l->series[trigger];
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].t <= now - l->start && (r == NULL || s->items[i].t >= r->t)) {
            r = &s->items[i];
        }
    }
    const bool first = s->last_query != now;
    s->queries++;
    s->last_query = now;
    if (r == NULL || r->failed || (r->fails_first && first)) {
        return (struct trigger_reading){.failed = true};
    }
    return (struct trigger_reading){.active = r->value > l->triggers[trigger].activation_threshold,
                                    .value = scaler_quantity(l->arena, r->value)};
}

static int32_t replicas(void *context)
{
    return ((const struct loop_case *)context)->replicas;
}

static int32_t ready_pods(void *context)
{
    return ((const struct loop_case *)context)->ready_pods;
}

static void scale(void *context, simtime now, int32_t from, int32_t to)
{
    struct loop_case *l = context;
    l->replicas = to;
    *vec_push(l->arena, &l->scales) = (struct scale_write){now - l->start, from, to};
}

/* ---- the case ---- */

static void read_series(struct loop_case *l, const struct node *list)
{
    struct field_reader *r = &l->read;
    l->series_count = list != NULL ? list->count : 0;
    l->series = arena_array(l->arena, struct trigger_series, l->series_count);
    size_t i = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        struct trigger_series *s = &l->series[i++];
        s->items = arena_array(l->arena, struct reading, n->count);
        s->last_query = -1;
        for (const struct node *p = n->first; p != NULL; p = p->next) {
            s->items[s->count++] = (struct reading){.t = field_seconds(r, p, "t"),
                                                    .value = field_number(r, p, "v"),
                                                    .failed = field_bool(r, p, "err"),
                                                    .fails_first = field_bool(r, p, "failFirst")};
        }
    }
}

static void add_step(struct loop_case *l, simtime t, enum step_kind kind, const struct node *event)
{
    *vec_push(l->arena, &l->steps) =
        (struct step){.t = t, .kind = kind, .order = l->steps.len, .event = event};
}

static void add_times(struct loop_case *l, const char *key, enum step_kind kind)
{
    const struct node *list = field_member(&l->read, l->root, key, NODE_LIST);
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        double t = 0;
        if (n->kind != NODE_NUMBER || !str_to_double(n->text, &t) || t < -1e7 || t > 1e7) {
            field_error(&l->read, n->mark, "field %s lists seconds, 10,000,000 at most", key);
            continue;
        }
        add_step(l, simtime_seconds(t), kind, NULL);
    }
}

static int by_time(const void *x, const void *y)
{
    const struct step *a = x;
    const struct step *b = y;
    if (a->t != b->t) {
        return a->t < b->t ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order ? 1 : 0;
}

static void read_steps(struct loop_case *l)
{
    const struct node *events = field_member(&l->read, l->root, "events", NODE_LIST);
    add_times(l, "hpaQueries", STEP_QUERY);
    add_times(l, "samples", STEP_SAMPLE);
    for (const struct node *n = events != NULL ? events->first : NULL; n != NULL; n = n->next) {
        add_step(l, field_seconds(&l->read, n, "t"), STEP_EVENT, n);
    }
    if (l->steps.len > 1) {
        qsort(l->steps.items, l->steps.len, sizeof l->steps.items[0], by_time);
    }
}

/* ---- edits ---- */

/* RFC 7386: null removes, maps merge, all else replaces. */
static void merge(struct arena *a, struct node *map, const struct node *patch)
{
    for (const struct node *p = patch->first; p != NULL; p = p->next) {
        struct node *old = map->first;
        while (old != NULL && strcmp(old->key, p->key) != 0) {
            old = old->next;
        }
        if (old == NULL) {
            old = node_add(a, map, NODE_NULL);
            old->key = p->key;
        }
        if (p->kind == NODE_MAP && old->kind == NODE_MAP) {
            merge(a, old, p);
            continue;
        }
        struct node *next = old->next;
        *old = *p;
        old->next = next;
    }
}

static struct node *child(struct arena *a, struct node *map, const char *key)
{
    for (struct node *n = map->first; n != NULL; n = n->next) {
        if (strcmp(n->key, key) == 0) {
            return n;
        }
    }
    struct node *n = node_add(a, map, NODE_MAP);
    n->key = key;
    return n;
}

/* null members of maps are absent ones, which the readers know already, but not among labels. */
static void drop_nulls(struct node *map)
{
    struct node **at = &map->first;
    map->last = NULL;
    while (*at != NULL) {
        if ((*at)->kind == NODE_NULL) {
            *at = (*at)->next;
            map->count--;
            continue;
        }
        map->last = *at;
        at = &(*at)->next;
    }
}

static const char *read_object(struct loop_case *l)
{
    const size_t count = l->so.trigger_count;
    if (!scaled_object_read(l->arena, l->object_node, &l->so, l->read.diag)) {
        l->read.bad = true;
        return NULL;
    }
    if (l->triggers != NULL && l->so.trigger_count != count) {
        field_error(&l->read, l->object_node->mark,
                    "an event may not change the number of triggers");
        return NULL;
    }
    l->triggers = arena_array(l->arena, struct keda_trigger, l->so.trigger_count);
    l->metrics = arena_array(l->arena, struct keda_metric, l->so.trigger_count);
    return keda_build_triggers(l->arena, l->so.triggers, l->so.trigger_count,
                               scaled_object_uses_modifiers(&l->so), l->triggers, l->metrics);
}

static void edit(struct loop_case *l, const struct node *event, simtime now)
{
    struct field_reader *r = &l->read;
    const struct node *annotations = field_member(r, event, "annotations", NODE_MAP);
    const struct node *spec = field_member(r, event, "spec", NODE_MAP);
    if (annotations == NULL && spec == NULL) {
        return;
    }
    struct node *metadata = child(l->arena, l->object_node, "metadata");
    metadata->kind = NODE_MAP;
    if (annotations != NULL) {
        struct node *kept = child(l->arena, metadata, "annotations");
        kept->kind = NODE_MAP;
        merge(l->arena, kept, annotations);
        drop_nulls(kept);
    }
    if (spec != NULL) {
        merge(l->arena, child(l->arena, l->object_node, "spec"), spec);
    }
    const char *error = read_object(l);
    if (r->bad) {
        return;
    }
    keda_controller_change(&l->controller, &l->so, l->metrics, error, spec != NULL);
    keda_controller_reconcile(&l->controller, now);
    l->edited = now;
}

static void happen(struct loop_case *l, const struct node *event, simtime now)
{
    struct field_reader *r = &l->read;
    const struct optional_int32 scaled = field_int32(r, event, "replicas");
    const struct optional_int32 ready = field_int32(r, event, "readyPods");
    const char *active = field_string(r, event, "hpaScalingActive");
    l->replicas = scaled.set ? scaled.value : l->replicas;
    l->ready_pods = ready.set ? ready.value : l->ready_pods;
    if (*active != '\0' && l->controller.hpa_exists) {
        l->controller.hpa_health =
            (struct hpa_health){.status = active, .reason = "oracle", .message = ""};
    }
    edit(l, event, now);
}

/* ---- the answer ---- */

static void write_answer(struct loop_case *l, const char *name, simtime now)
{
    struct json_writer *w = l->answers;
    const struct keda_metric_answer answer = keda_controller_metrics(&l->controller, name, now);
    l->asked = true;
    json_map(w);
    write_seconds(w, "t", now - l->start);
    json_key(w, "metric");
    json_string(w, name);
    if (answer.count > 0) {
        json_key(w, "value");
        keda_write_value(w, l->arena, &answer.value);
    }
    json_key(w, "n");
    json_int(w, (int64_t)answer.count);
    if (answer.error != NULL) {
        json_key(w, "err");
        json_string(w, answer.error);
    }
    json_map_end(w);
}

static void ask(struct loop_case *l, simtime now)
{
    const size_t count = keda_controller_metric_count(&l->controller);
    for (size_t i = 0; i < count; i++) {
        write_answer(l, keda_controller_metric_name(&l->controller, i), now);
    }
}

static void write_conditions(struct loop_case *l, struct json_writer *w, simtime now)
{
    static const enum keda_condition_type sorted[] = {KEDA_ACTIVE, KEDA_FALLBACK, KEDA_HPA_ACTIVE,
                                                      KEDA_PAUSED_CONDITION, KEDA_READY};
    const bool racing = now - l->edited <= scaled_object_polling_interval(&l->so);
    json_key(w, "conditions");
    json_map(w);
    for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
        const struct keda_condition *k = &l->controller.api.conditions[sorted[i]];
        const bool stable = sorted[i] == KEDA_HPA_ACTIVE || sorted[i] == KEDA_PAUSED_CONDITION;
        if (k->status == NULL || (racing && !stable)) {
            continue;
        }
        json_key(w, keda_condition_name(sorted[i]));
        json_string(w, arena_printf(l->arena, "%s/%s", k->status, k->reason));
    }
    json_map_end(w);
}

/* Names of external metrics, sorted as Go sorts a map's keys. */
static size_t *by_metric_name(struct loop_case *l, size_t *count)
{
    size_t *order = arena_array(l->arena, size_t, l->so.trigger_count);
    *count = 0;
    for (size_t i = 0; i < l->so.trigger_count; i++) {
        if (l->metrics[i].kind != KEDA_METRIC_EXTERNAL) {
            continue;
        }
        size_t at = (*count)++;
        while (at > 0 && strcmp(l->metrics[order[at - 1]].name, l->metrics[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return order;
}

static void write_failures(struct loop_case *l, struct json_writer *w, const size_t *order,
                           size_t count)
{
    bool open = false;
    for (size_t i = 0; i < count; i++) {
        const struct fallback_health *h = &l->controller.api.health[order[i]];
        if (!h->known) {
            continue;
        }
        if (!open) {
            json_key(w, "failures");
            json_map(w);
            open = true;
        }
        json_key(w, l->metrics[order[i]].name);
        json_int(w, h->failures);
    }
    if (open) {
        json_map_end(w);
    }
}

static void write_activity(struct loop_case *l, struct json_writer *w, const size_t *order,
                           size_t count)
{
    bool open = false;
    for (size_t i = 0; i < count; i++) {
        const struct trigger_activity *a = &l->controller.api.activity[order[i]];
        if (!a->known) {
            continue;
        }
        if (!open) {
            json_key(w, "activity");
            json_map(w);
            open = true;
        }
        json_key(w, l->metrics[order[i]].name);
        json_bool(w, a->active);
    }
    if (open) {
        json_map_end(w);
    }
}

static void sample(struct loop_case *l, simtime now)
{
    struct json_writer *w = l->samples;
    const struct keda_status *s = &l->controller.api;
    size_t count = 0;
    const size_t *order = by_metric_name(l, &count);
    json_map(w);
    write_seconds(w, "t", now - l->start);
    json_key(w, "replicas");
    json_int(w, l->replicas);
    if (s->was_active) {
        write_seconds(w, "lastActive", s->last_active * SIMTIME_SECOND - l->start);
    } else {
        json_key(w, "lastActive");
        json_null(w);
    }
    write_conditions(l, w, now);
    write_failures(l, w, order, count);
    write_activity(l, w, order, count);
    json_key(w, "hpa");
    json_bool(w, l->controller.hpa_exists);
    if (s->paused_replicas.set) {
        json_key(w, "pausedCount");
        json_int(w, s->paused_replicas.value);
    }
    json_map_end(w);
}

static void write_result(struct loop_case *l)
{
    struct json_writer *w = l->w;
    json_map(w);
    json_key(w, "scales");
    json_list(w);
    for (size_t i = 0; i < l->scales.len; i++) {
        json_map(w);
        write_seconds(w, "t", l->scales.items[i].t);
        json_key(w, "from");
        json_int(w, l->scales.items[i].from);
        json_key(w, "to");
        json_int(w, l->scales.items[i].to);
        json_map_end(w);
    }
    json_list_end(w);
    json_list_end(l->samples);
    json_list_end(l->answers);
    json_key(w, "samples");
    json_raw(w, json_text(l->samples, NULL));
    if (l->asked) {
        json_key(w, "metrics");
        json_raw(w, json_text(l->answers, NULL));
    }
    json_key(w, "queries");
    json_list(w);
    for (size_t i = 0; i < l->series_count; i++) {
        json_int(w, l->series[i].queries);
    }
    json_list_end(w);
    json_map_end(w);
}

/* ---- the order of things ---- */

static void tick_until(struct loop_case *l, simtime until)
{
    for (simtime next = keda_controller_next(&l->controller); next <= until;
         next = keda_controller_next(&l->controller)) {
        keda_controller_tick(&l->controller, next);
    }
}

/* What is listed behind the end happens, too, and time runs on until then. */
static void play(struct loop_case *l, simtime end)
{
    for (size_t i = 0; i < l->steps.len && !l->read.bad; i++) {
        const struct step *s = &l->steps.items[i];
        const simtime now = l->start + s->t;
        end = s->t > end ? s->t : end;
        tick_until(l, now);
        if (s->kind == STEP_EVENT) {
            happen(l, s->event, now);
        } else if (s->kind == STEP_QUERY) {
            ask(l, now);
        } else {
            sample(l, now);
        }
    }
    tick_until(l, l->start + end);
}

static bool prepare(struct loop_case *l)
{
    struct field_reader *r = &l->read;
    const struct node *root = l->root;
    const simtime phase = field_int32(r, root, "phaseMs").value * SIMTIME_MILLISECOND;
    l->object_node = (struct node *)field_member(r, root, "scaledObject", NODE_MAP);
    if (l->object_node == NULL) {
        field_error(r, root->mark, "a case of kind loop needs a scaledObject");
        return false;
    }
    l->start = phase;
    l->edited = l->start;
    l->replicas = field_int32(r, root, "replicas").value;
    l->ready_pods = field_int32(r, root, "readyPods").value;
    read_series(l, field_member(r, root, "triggers", NODE_LIST));
    read_steps(l);
    const char *error = read_object(l);
    l->controller = (struct keda_controller){
        .arena = l->arena,
        .world = {.context = l,
                  .query = query,
                  .replicas = replicas,
                  .ready_pods = ready_pods,
                  .scale = scale},
    };
    if (!r->bad) {
        keda_controller_start(&l->controller, &l->so, l->metrics, error);
    }
    return !r->bad;
}

bool keda_decide_loop(struct keda_case *c, struct json_writer *w)
{
    struct arena *a = &c->room->tree;
    const struct node *root = c->root;
    struct diag *d = c->read.diag;
    struct loop_case l = {.read = {.arena = a, .diag = d}, .root = root, .arena = a, .w = w};
    if (!prepare(&l)) {
        return false;
    }
    l.samples = json_writer_new(a, false);
    l.answers = json_writer_new(a, false);
    json_list(l.samples);
    json_list(l.answers);
    keda_controller_reconcile(&l.controller, l.start);
    play(&l, field_seconds(&l.read, root, "durationS"));
    write_result(&l);
    return !l.read.bad;
}
