/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tick of the scale loop: every external trigger is observed, the object is active or not,
 * the executor acts, and the status learns of it. Upstream: KEDA v2.21.0,
 * pkg/scaling/scale_handler.go (startScaleLoop, checkScalers, getScaledObjectState,
 * handleResult).
 *
 * The traps: where only the HPA can move the target (minReplicaCount of 1 or more, no idle, no
 * cached metrics, no formula), the loop takes what the HPA's queries saw, however old, as long
 * as the HPA's ScalingActive is True. With a formula, a trigger's error makes all inactive, but
 * a formula that cannot be run is no error. An activationTarget that is no number ends the tick.
 */
#include "controller_internal.h"

#include <string.h>

struct tick {
    struct keda_gathering gathered;
    bool active;
    bool *trigger_active; /* by trigger: it stands among the active triggers */
    bool keeps_records;
};

simtime keda_controller_next(const struct keda_controller *c)
{
    return c->loop_running ? c->next_tick : SIMTIME_NEVER;
}

static bool observations_usable(const struct keda_controller *c)
{
    return scaled_object_uses_observations(c->object) && c->loop_copy.has_hpa_name &&
           c->hpa_exists && c->hpa_health.status != NULL &&
           strcmp(c->hpa_health.status, "True") == 0;
}

static void observe_all(struct keda_controller *c, struct tick *t, simtime now)
{
    const bool usable = observations_usable(c);
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        struct metric_record *r = &t->gathered.seen[i];
        if (!keda_is_external(c, i)) {
            continue;
        }
        *r = usable && c->records[i].stored ? c->records[i]
                                            : keda_observe(c, i, &c->loop_copy, NULL, now);
        t->gathered.error = t->gathered.error || r->failed;
        t->gathered.fallback_active = t->gathered.fallback_active || r->fallback_active;
        t->keeps_records = t->keeps_records || c->object->triggers[i].use_cached_metrics;
        if (!r->failed && (r->active || r->fallback_active)) {
            t->active = true;
            t->trigger_active[i] = r->has_metric && !r->composite;
        }
    }
}

/* With scalingModifiers, the composite metric alone decides. False: the tick is dropped. */
static bool by_formula(struct keda_controller *c, struct tick *t)
{
    const struct formula_spec spec = scaled_object_formula_spec(c->object);
    double activation = 0;
    const char *error = NULL;
    const struct keda_metric_answer answer = keda_composite(c, &t->gathered, &c->loop_copy);
    if (!scaled_object_uses_modifiers(c->object)) {
        return true;
    }
    t->active = false;
    memset(t->trigger_active, 0, c->object->trigger_count * sizeof t->trigger_active[0]);
    if (t->gathered.error) {
        return true;
    }
    if (!formula_activation(&spec, &activation, c->arena, &error)) {
        return false;
    }
    if (*c->object->modifiers.formula != '\0' || t->gathered.fallback_active) {
        t->active = answer.count > 0 && quantity_as_double(&answer.value) > activation;
        return true;
    }
    for (size_t i = 0; i < c->object->trigger_count && !t->active; i++) {
        const struct metric_record *r = &t->gathered.seen[i];
        t->active = r->stored && r->has_metric && quantity_as_double(&r->value) > activation;
        t->trigger_active[i] = t->active;
    }
    return true;
}

static bool only_resources(const struct keda_controller *c)
{
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        if (!scale_trigger_is_resource(&c->object->triggers[i])) {
            return false;
        }
    }
    return true;
}

/* handleResult */
static void write_status(struct keda_controller *c, const struct tick *t,
                         const struct executor_decision *d, simtime now)
{
    for (int i = 0; i < KEDA_CONDITION_COUNT; i++) {
        if (d->conditions[i].status != NULL) {
            c->api.conditions[i] = d->conditions[i];
        }
    }
    if (d->touched) {
        c->api.was_active = true;
        c->api.last_active = now / SIMTIME_SECOND;
    }
    for (size_t i = 0; i < c->object->trigger_count && c->loop_copy.has_metric_names; i++) {
        if (keda_is_external(c, i)) {
            c->api.activity[i] = (struct trigger_activity){true, t->trigger_active[i]};
        }
    }
}

static void act(struct keda_controller *c, const struct tick *t, simtime now)
{
    const struct executor_view view = {
        .now = now,
        .active = t->active,
        .error = t->gathered.error,
        .replicas = c->world.replicas(c->world.context),
        .was_active = c->loop_copy.was_active,
        .last_active = c->loop_copy.last_active * SIMTIME_SECOND,
        .created = c->created,
        .hpa = c->loop_copy.has_hpa_name && c->hpa_exists ? c->hpa_health : (struct hpa_health){0},
    };
    c->last = executor_request_scale(c->object, c->arena, &view);
    if (c->last.scaled) {
        c->world.scale(c->world.context, now, view.replicas, c->last.to);
    }
    write_status(c, t, &c->last, now);
}

static void keep_records(struct keda_controller *c, const struct tick *t)
{
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        const bool cached = c->object->triggers[i].use_cached_metrics;
        c->records[i] = cached ? t->gathered.seen[i] : (struct metric_record){0};
    }
}

void keda_controller_tick(struct keda_controller *c, simtime now)
{
    const size_t count = c->object->trigger_count;
    struct tick t = {.gathered = {.seen = c->seen}, .trigger_active = c->trigger_active};
    for (size_t i = 0; i < count; i++) {
        c->seen[i] = (struct metric_record){0};
        c->trigger_active[i] = false;
    }
    c->next_tick = now + scaled_object_polling_interval(c->object);
    keda_status_copy(c, &c->loop_copy, &c->api);
    if (!keda_cache_for_loop(c)) {
        return;
    }
    observe_all(c, &t, now);
    if (t.gathered.error) {
        keda_cache_clear(c);
    }
    if (!by_formula(c, &t)) {
        return;
    }
    if (only_resources(c) && !t.gathered.error) {
        t.active = true;
    }
    act(c, &t, now);
    if (t.keeps_records) {
        keep_records(c, &t);
    }
}
