/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reconciliation of a ScaledObject: pausing, its checks, the HPA's existence, and whether a new
 * scale loop starts. Upstream: KEDA v2.21.0, controllers/keda/scaledobject_controller.go,
 * scaledobject_finalizer.go.
 *
 * The traps: a pause stops the loop and deletes the HPA before it looks at the number of
 * paused-replicas, so a number that is none leaves the object with neither; the scalers cache
 * that reconciliation builds keeps the status as it was in the middle of it.
 */
#include "controller_internal.h"

#include <string.h>

static struct keda_condition condition(const char *status, const char *reason, const char *message)
{
    return (struct keda_condition){.status = status, .reason = reason, .message = message};
}

static struct keda_condition paused(void)
{
    return condition("True", "ScaledObjectPaused", "ScaledObject is paused");
}

static bool is_true(const struct keda_condition *c)
{
    return c->status != NULL && strcmp(c->status, "True") == 0;
}

/* The formula, where the object has one. */
static void compile(struct keda_controller *c)
{
    const char **names = NULL;
    size_t *places = NULL;
    const char *rewritten = NULL;
    c->formula = NULL;
    c->formula_error = NULL;
    c->formula_count = 0;
    if (*c->object->modifiers.formula == '\0') {
        return;
    }
    c->formula_count = scaled_object_formula_names(c->object, c->arena, &names, &places);
    c->formula_places = places;
    const struct formula_spec spec = scaled_object_formula_spec(c->object);
    c->formula = formula_validate(c->arena, &spec, names, c->formula_count, &rewritten,
                                  &c->formula_error, NULL);
}

void keda_controller_start(struct keda_controller *c, const struct scaled_object *so,
                           const struct keda_metric *metrics, const char *metrics_error)
{
    c->object = so;
    c->metrics = metrics;
    c->metrics_error = metrics_error;
    c->generation = 1;
    c->next_tick = SIMTIME_NEVER;
    keda_status_init(c, &c->api);
    keda_status_init(c, &c->loop_copy);
    keda_status_init(c, &c->cache_copy);
    c->records = arena_array(c->arena, struct metric_record, so->trigger_count);
    c->seen = arena_array(c->arena, struct metric_record, so->trigger_count);
    c->trigger_active = arena_array(c->arena, bool, so->trigger_count);
    compile(c);
}

static void forget_records(struct keda_controller *c)
{
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        c->records[i] = (struct metric_record){0};
    }
}

static void stop_loop(struct keda_controller *c)
{
    c->loop_running = false;
    c->loop_generation = 0;
    c->next_tick = SIMTIME_NEVER;
    forget_records(c);
    keda_cache_clear(c);
}

void keda_controller_change(struct keda_controller *c, const struct scaled_object *so,
                            const struct keda_metric *metrics, const char *metrics_error,
                            bool spec_changed)
{
    c->object = so;
    c->metrics = metrics;
    c->metrics_error = metrics_error;
    if (spec_changed) {
        stop_loop(c);
        c->generation++;
        compile(c);
    }
}

/* handlePause; false and *error when the number of replicas is none. */
static bool pause(struct keda_controller *c, simtime now, const char **error)
{
    struct optional_int32 count;
    c->api.conditions[KEDA_PAUSED_CONDITION] = paused();
    stop_loop(c);
    c->hpa_exists = false;
    c->hpa_health = (struct hpa_health){0};
    if (!scaled_object_paused_replicas(c->object, c->arena, &count, error)) {
        *error = arena_printf(c->arena, "failed to parse paused replica count: %s", *error);
        return false;
    }
    const int32_t replicas = c->world.replicas(c->world.context);
    if (count.set && count.value != replicas) {
        c->world.scale(c->world.context, now, replicas, count.value);
    }
    c->api.paused_replicas = count;
    return true;
}

static void start_loop(struct keda_controller *c, simtime now)
{
    c->loop_running = true;
    c->loop_generation = c->generation;
    c->next_tick = now;
}

static const char *check(struct keda_controller *c)
{
    const char *error = NULL;
    if (*c->object->target_name == '\0') {
        return "ScaledObject.spec.scaleTargetRef.name is missing";
    }
    error = scaled_object_check_bounds(c->object, c->arena);
    return error != NULL ? error
                         : triggers_check(c->object->triggers, c->object->trigger_count, c->arena);
}

/* ensureHPAForScaledObjectExists, and the loop that a new HPA or a new spec starts. */
static bool ensure_hpa(struct keda_controller *c, simtime now, const char **error)
{
    if (!keda_cache_with_copy(c, &c->api)) {
        *error = c->metrics_error != NULL ? c->metrics_error : c->formula_error;
        return false;
    }
    const bool created = !c->hpa_exists;
    c->api.has_metric_names = true;
    c->api.has_hpa_name = true;
    c->hpa_exists = true;
    if (created) {
        c->hpa_health = (struct hpa_health){0};
    }
    if (created || c->loop_generation != c->generation) {
        start_loop(c, now);
    }
    return true;
}

/* reconcileScaledObject; conditions are what is written at the end. */
static const char *reconcile(struct keda_controller *c, simtime now,
                             struct keda_condition *conditions)
{
    const char *error = NULL;
    if (scaled_object_paused(c->object)) {
        conditions[KEDA_PAUSED_CONDITION] = paused();
        pause(c, now, &error);
        return error;
    }
    if (scaled_object_flag(c->object, KEDA_PAUSED_SCALE_IN) ||
        scaled_object_flag(c->object, KEDA_PAUSED_SCALE_OUT)) {
        conditions[KEDA_PAUSED_CONDITION] = paused();
    } else if (is_true(&conditions[KEDA_PAUSED_CONDITION])) {
        conditions[KEDA_PAUSED_CONDITION] =
            condition("False", "ScaledObjectUnpaused", "pause annotation removed for ScaledObject");
    }
    const bool asks =
        label_value(c->object->annotations, c->object->annotation_count, KEDA_PAUSED) != NULL;
    if (!asks || !is_true(&conditions[KEDA_PAUSED_CONDITION])) {
        c->api.paused_replicas = (struct optional_int32){0};
    }
    if (!c->api.original_replicas.set) {
        c->api.original_replicas =
            (struct optional_int32){true, c->world.replicas(c->world.context)};
    }
    error = check(c);
    if (error == NULL) {
        ensure_hpa(c, now, &error);
    }
    return error;
}

static void initialize_conditions(struct keda_controller *c)
{
    if (c->api.conditions[KEDA_READY].status == NULL) {
        for (int i = KEDA_READY; i <= KEDA_FALLBACK; i++) {
            c->api.conditions[i] = condition("Unknown", "", "");
        }
        c->api.conditions[KEDA_PAUSED_CONDITION] = condition("False", "", "");
    }
}

bool keda_controller_reconcile(struct keda_controller *c, simtime now)
{
    struct keda_condition conditions[KEDA_CONDITION_COUNT];
    initialize_conditions(c);
    memcpy(conditions, c->api.conditions, sizeof conditions);
    c->reconcile_error = reconcile(c, now, conditions);
    if (c->reconcile_error != NULL) {
        conditions[KEDA_READY] = condition("False", "ScaledObjectCheckFailed", c->reconcile_error);
        conditions[KEDA_ACTIVE] = condition("Unknown", "UnknownState", "ScaledObject check failed");
    } else {
        conditions[KEDA_READY] =
            condition("True", "ScaledObjectReady",
                      scaled_object_paused(c->object)
                          ? "ScaledObject is paused"
                          : "ScaledObject is defined correctly and is ready for scaling");
    }
    if (!c->object->fallback.enabled || !fallback_valid(&c->object->fallback)) {
        conditions[KEDA_FALLBACK] =
            condition("False", "NoFallbackFound", "No fallbacks are active on this scaled object");
    }
    memcpy(c->api.conditions, conditions, sizeof conditions);
    return c->reconcile_error == NULL;
}

void keda_controller_delete(struct keda_controller *c, simtime now)
{
    stop_loop(c);
    c->hpa_exists = false;
    c->hpa_health = (struct hpa_health){0};
    if (c->object->restore_to_original_replica_count && c->api.original_replicas.set) {
        c->world.scale(c->world.context, now, c->world.replicas(c->world.context),
                       c->api.original_replicas.value);
    }
}
