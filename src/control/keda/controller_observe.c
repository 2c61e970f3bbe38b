/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One observation of a metric, by the loop or for the HPA: the scaler's answer (asked once more
 * when it fails), fallback, and what of it is written into the object's status.
 * Upstream: KEDA v2.21.0, pkg/scaling/scale_handler.go (observeMetric), pkg/fallback/fallback.go
 * (UpdateHealthStatus, IncrementFailure, updateStatus), pkg/scaling/cache/scalers_cache.go.
 *
 * The trap: loop and HPA count failures in objects of their own. The loop's is read from the API
 * at every tick; the one in the scalers cache is a copy of whoever built it (the loop's object
 * itself, when that did), and is only refreshed by its own patches. A patch carries the changed
 * health, but the whole list of conditions when the condition Fallback changed, so older values
 * of the others come back with it.
 */
#include "controller_internal.h"

#include <string.h>

static size_t triggers(const struct keda_controller *c)
{
    return c->object->trigger_count;
}

void keda_status_init(const struct keda_controller *c, struct keda_status *s)
{
    *s = (struct keda_status){0};
    s->health = arena_array(c->arena, struct fallback_health, triggers(c));
    s->activity = arena_array(c->arena, struct trigger_activity, triggers(c));
}

void keda_status_copy(const struct keda_controller *c, struct keda_status *to,
                      const struct keda_status *from)
{
    struct fallback_health *health = to->health;
    struct trigger_activity *activity = to->activity;
    if (to == from) {
        return;
    }
    *to = *from;
    to->health = health;
    to->activity = activity;
    for (size_t i = 0; i < triggers(c); i++) {
        to->health[i] = from->health[i];
        to->activity[i] = from->activity[i];
    }
}

static bool health_equal(const struct fallback_health *x, const struct fallback_health *y)
{
    return x->known == y->known && x->failing == y->failing && x->failures == y->failures;
}

bool keda_is_external(const struct keda_controller *c, size_t trigger)
{
    return c->metrics[trigger].kind == KEDA_METRIC_EXTERNAL;
}

static bool can_build(const struct keda_controller *c)
{
    return c->metrics_error == NULL && c->formula_error == NULL;
}

bool keda_cache_for_loop(struct keda_controller *c)
{
    if (c->cache == KEDA_CACHE_NONE && can_build(c)) {
        c->cache = KEDA_CACHE_OF_LOOP;
    }
    return c->cache != KEDA_CACHE_NONE;
}

bool keda_cache_with_copy(struct keda_controller *c, const struct keda_status *from)
{
    if (c->cache == KEDA_CACHE_NONE && can_build(c)) {
        keda_status_copy(c, &c->cache_copy, from);
        c->cache = KEDA_CACHE_COPY;
    }
    return c->cache != KEDA_CACHE_NONE;
}

struct keda_status *keda_cache_status(struct keda_controller *c)
{
    return c->cache == KEDA_CACHE_OF_LOOP ? &c->loop_copy : &c->cache_copy;
}

void keda_cache_clear(struct keda_controller *c)
{
    c->cache = KEDA_CACHE_NONE;
}

static void set_fallback_condition(const struct keda_controller *c, struct keda_status *own)
{
    bool exceeded = false;
    for (size_t i = 0; i < triggers(c); i++) {
        exceeded = exceeded || fallback_exceeded(&c->object->fallback, &own->health[i]);
    }
    own->conditions[KEDA_FALLBACK] =
        exceeded ? (struct keda_condition){"True", "FallbackExists",
                                           "At least one trigger is falling back on this scaled "
                                           "object"}
                 : (struct keda_condition){"False", "NoFallbackFound",
                                           "No fallbacks are active on this scaled object"};
}

/* updateStatus: own has one trigger's new health already, and before has the old one. */
static void patch_health(struct keda_controller *c, size_t trigger, struct keda_status *own,
                         const struct fallback_health *before)
{
    const struct keda_condition old = own->conditions[KEDA_FALLBACK];
    set_fallback_condition(c, own);
    const bool health_changed = !health_equal(before, &own->health[trigger]);
    const bool conditions_changed = !keda_condition_equal(&old, &own->conditions[KEDA_FALLBACK]);
    if (!health_changed && !conditions_changed) {
        return;
    }
    if (health_changed) {
        struct fallback_health *stored = &c->api.health[trigger];
        const struct fallback_health *now = &own->health[trigger];
        stored->failing =
            !before->known || before->failing != now->failing ? now->failing : stored->failing;
        stored->failures =
            !before->known || before->failures != now->failures ? now->failures : stored->failures;
        stored->known = true;
    }
    if (conditions_changed) {
        memcpy(c->api.conditions, own->conditions, sizeof own->conditions);
    }
    keda_status_copy(c, own, &c->api);
}

static struct fallback_view fallback_view(const struct keda_controller *c, size_t trigger)
{
    const struct keda_metric *m = &c->metrics[trigger];
    return (struct fallback_view){
        .value_type = strcmp(m->target_type, "Value") == 0,
        .target = m->target,
        .replicas = c->world.replicas(c->world.context),
        .ready_pods = c->world.ready_pods(c->world.context),
    };
}

static struct metric_record ask(struct keda_controller *c, size_t trigger, simtime now)
{
    struct trigger_reading r = c->world.query(c->world.context, trigger, now);
    if (r.failed) {
        r = c->world.query(c->world.context, trigger, now);
    }
    return (struct metric_record){.has_metric = !r.failed,
                                  .active = !r.failed && r.active,
                                  .failed = r.failed,
                                  .value = r.value};
}

struct metric_record keda_observe(struct keda_controller *c, size_t trigger,
                                  struct keda_status *own, const struct metric_record *cached,
                                  simtime now)
{
    const struct fallback_spec *spec = &c->object->fallback;
    struct metric_record record = cached != NULL ? *cached : ask(c, trigger, now);
    const struct fallback_view view = fallback_view(c, trigger);
    const struct fallback_health before = own->health[trigger];
    const struct fallback_decision d =
        fallback_observe(spec, &own->health[trigger], record.failed, &view);
    if (spec->enabled && fallback_valid(spec)) {
        patch_health(c, trigger, own, &before);
    }
    record.stored = true;
    record.fallback_active = d.outcome == FALLBACK_VALUE;
    if (d.outcome == FALLBACK_PASS) {
        return record;
    }
    record.has_metric = d.outcome == FALLBACK_VALUE || d.outcome == FALLBACK_PLACEHOLDER;
    record.failed = !record.has_metric;
    record.composite = d.composite;
    record.value = d.value;
    return record;
}

/* scalingModifierTriggerValue, and nothing for a trigger whose metric is not there by its name. */
static struct formula_input input_of(const struct keda_controller *c, size_t trigger,
                                     const struct metric_record *r, const struct keda_status *own)
{
    const struct fallback_spec *f = &c->object->fallback;
    const struct fallback_health *h = &own->health[trigger];
    if (!r->stored || !r->has_metric || r->composite) {
        return (struct formula_input){.nil = true};
    }
    if (f->enabled && f->behavior == FALLBACK_SCALING_MODIFIERS && h->known &&
        h->failures > f->failure_threshold) {
        return (struct formula_input){.nil = true};
    }
    return (struct formula_input){.value = quantity_as_double(&r->value)};
}

/* The metric of the first trigger that has one, and how many have. */
static struct keda_metric_answer all_metrics(const struct keda_controller *c,
                                             const struct keda_gathering *g, bool fallback_only)
{
    struct keda_metric_answer answer = {0};
    for (size_t i = 0; i < triggers(c); i++) {
        const struct metric_record *r = &g->seen[i];
        if (!r->stored || !r->has_metric || (fallback_only && !r->fallback_active)) {
            continue;
        }
        if (answer.count++ == 0) {
            answer.value = r->value;
        }
    }
    return answer;
}

struct keda_metric_answer keda_composite(struct keda_controller *c, const struct keda_gathering *g,
                                         const struct keda_status *own)
{
    if (!scaled_object_uses_modifiers(c->object)) {
        return all_metrics(c, g, false);
    }
    if (g->fallback_active) {
        struct keda_metric_answer answer = all_metrics(c, g, true);
        answer.count = answer.count > 0 ? 1 : 0;
        return answer;
    }
    if (*c->object->modifiers.formula == '\0') {
        return all_metrics(c, g, false);
    }
    const struct arena_mark mark = arena_mark(c->arena);
    struct formula_input *inputs = arena_array(c->arena, struct formula_input, c->formula_count);
    for (size_t i = 0; i < c->formula_count; i++) {
        const size_t trigger = c->formula_places[i];
        inputs[i] = input_of(c, trigger, &g->seen[trigger], own);
    }
    const struct formula_spec spec = scaled_object_formula_spec(c->object);
    const struct formula_composite out = formula_calculate(c->formula, &spec, inputs, c->arena);
    arena_rewind(c->arena, mark);
    return (struct keda_metric_answer){.count = out.has_value ? 1 : 0, .value = out.value};
}
