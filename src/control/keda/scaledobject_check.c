/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of a ScaledObject that the webhook and the controller make, in KEDA's words.
 * Upstream: KEDA v2.21.0, apis/keda/v1alpha1/scaledobject_types.go (CheckReplicaCountBounds-
 * AreValid, CheckFallbackValid), scaledobject_webhook.go, scaletriggers_types.go.
 *
 * The traps: the webhook goes through its functions in the order of a Go map, which is random,
 * so of several errors any one may be reported; here it is the order in which the source lists
 * them. minReplicaCount 0 that is written counts as 1 in the bounds, so idleReplicaCount 0 is
 * right beside it and wrong where minReplicaCount is absent.
 */
#include "control/keda/scaledobject.h"

#include "base/str.h"

#include <string.h>

#define LONGEST_NAME 63

const char *scaled_object_check_bounds(const struct scaled_object *so, struct arena *a)
{
    const int32_t min = so->min_replica_count.set ? scaled_object_hpa_min_replicas(so) : 0;
    const int32_t max = scaled_object_hpa_max_replicas(so);
    if (min > max) {
        return arena_printf(a, "MinReplicaCount=%d must be less than MaxReplicaCount=%d", min, max);
    }
    if (so->idle_replica_count.set && so->idle_replica_count.value >= min) {
        return arena_printf(a, "IdleReplicaCount=%d must be less than MinReplicaCount=%d",
                            so->idle_replica_count.value, min);
    }
    return NULL;
}

/* Every trigger is cpu or memory; true of none at all, too. */
static bool only_resources(const struct scaled_object *so)
{
    for (size_t i = 0; i < so->trigger_count; i++) {
        if (!scale_trigger_is_resource(&so->triggers[i])) {
            return false;
        }
    }
    return true;
}

const char *scaled_object_check_fallback(const struct scaled_object *so, struct arena *a)
{
    const struct fallback_spec *f = &so->fallback;
    if (!f->enabled) {
        return NULL;
    }
    if (f->failure_threshold < 0 || f->replicas < 0) {
        return arena_printf(
            a, "FailureThreshold=%d & Replicas=%d must both be greater than or equal to 0",
            f->failure_threshold, f->replicas);
    }
    if (!scaled_object_uses_modifiers(so) && only_resources(so)) {
        return "at least one trigger (that is not cpu or memory) has to have the `AverageValue` "
               "type for the fallback to be enabled";
    }
    return NULL;
}

static bool forbids_cached_metrics(const char *type)
{
    return strcmp(type, "cpu") == 0 || strcmp(type, "memory") == 0 || strcmp(type, "cron") == 0;
}

static bool name_was_used(const struct scale_trigger *triggers, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(triggers[k].name, triggers[i].name) == 0) {
            return true;
        }
    }
    return false;
}

const char *triggers_check(const struct scale_trigger *triggers, size_t count, struct arena *a)
{
    if (count == 0) {
        return "no triggers defined in the ScaledObject/ScaledJob";
    }
    for (size_t i = 0; i < count; i++) {
        const struct scale_trigger *t = &triggers[i];
        if (t->use_cached_metrics && forbids_cached_metrics(t->type)) {
            return arena_printf(
                a, "property \"useCachedMetrics\" is not supported for \"%s\" scaler", t->type);
        }
        if (*t->name != '\0' && name_was_used(triggers, i)) {
            return arena_printf(a,
                                "triggerName \"%s\" is defined multiple times in the "
                                "ScaledObject/ScaledJob, but it must be unique",
                                t->name);
        }
    }
    return NULL;
}

const char *scaled_object_check_name(const struct scaled_object *so, struct arena *a)
{
    const char *hpa = scaled_object_hpa_name(so, a);
    if (strlen(so->name) > LONGEST_NAME) {
        return arena_printf(a,
                            "scaledobject name \"%s\" is %zu characters long; must be no more than "
                            "%d characters because it is used as the \"%s\" label value",
                            so->name, strlen(so->name), LONGEST_NAME, KEDA_OWNER_LABEL);
    }
    if (strlen(hpa) > LONGEST_NAME) {
        return arena_printf(
            a,
            "HPA name \"%s\" derived from scaledobject is %zu characters long; must be no more "
            "than %d characters; set spec.advanced.horizontalPodAutoscalerConfig.name to a shorter "
            "name or shorten the scaledobject name",
            hpa, strlen(hpa), LONGEST_NAME);
    }
    return NULL;
}

const char *scaled_object_check_scale_to_zero(const struct scaled_object *so)
{
    if (so->trigger_count == 0 || !only_resources(so) || scaled_object_min_replicas(so) != 0) {
        return NULL;
    }
    return "scaledobject has only cpu/memory triggers AND minReplica is 0 (scale to zero doesn't "
           "work in this case)";
}

size_t scaled_object_formula_names(const struct scaled_object *so, struct arena *a,
                                   const char ***names, size_t **places)
{
    size_t count = 0;
    *names = arena_array(a, const char *, so->trigger_count);
    *places = arena_array(a, size_t, so->trigger_count);
    for (size_t i = 0; i < so->trigger_count; i++) {
        const struct scale_trigger *t = &so->triggers[i];
        if (!scale_trigger_is_resource(t) && *t->name != '\0') {
            (*names)[count] = t->name;
            (*places)[count++] = i;
        }
    }
    return count;
}

struct formula_spec scaled_object_formula_spec(const struct scaled_object *so)
{
    return (struct formula_spec){
        .formula = so->modifiers.formula,
        .target = so->modifiers.target,
        .activation_target = so->modifiers.activation_target,
        .metric_type = so->modifiers.metric_type,
        .has_fallback = so->fallback.enabled,
        .fallback_replicas = so->fallback.replicas,
    };
}

const char *scaled_object_check_modifiers(const struct scaled_object *so, struct arena *a)
{
    const char **names = NULL;
    size_t *places = NULL;
    const char *rewritten = NULL;
    const char *error = NULL;
    if (!scaled_object_uses_modifiers(so)) {
        return NULL;
    }
    const size_t count = scaled_object_formula_names(so, a, &names, &places);
    const struct formula_spec spec = scaled_object_formula_spec(so);
    formula_validate(a, &spec, names, count, &rewritten, &error, NULL);
    return error;
}

/* verifyScaledObjects, without the comparison with other objects. */
static const char *check_modifiers(const struct scaled_object *so, struct arena *a)
{
    const char *error = scaled_object_check_modifiers(so, a);
    if (error != NULL) {
        return error;
    }
    if (so->fallback.enabled && so->fallback.behavior == FALLBACK_SCALING_MODIFIERS &&
        *so->modifiers.formula == '\0') {
        return "scalingModifiers fallback behavior requires scalingModifiers.formula to be defined";
    }
    return NULL;
}

static void warn(const struct scaled_object *so, struct scaled_object_verdict *v)
{
    if (so->polling_interval.set && scaled_object_uses_observations(so)) {
        v->warnings[v->warning_count++] =
            "PollingInterval is configured but is not relevant for scaling. It only affects "
            "scaling when minReplicaCount = 0, idleReplicaCount is set, or useCachedMetrics is "
            "enabled, but it still controls how often KEDA refreshes the ScaledObject status "
            "conditions and events";
    }
    if (so->cooldown_period.set && scaled_object_min_replicas(so) > 0 &&
        !so->idle_replica_count.set) {
        v->warnings[v->warning_count++] =
            "CooldownPeriod is configured but is not relevant. CooldownPeriod is only relevant "
            "when minReplicaCount = 0 or idleReplicaCount is set";
    }
}

struct scaled_object_verdict scaled_object_admit(const struct scaled_object *so, struct arena *a)
{
    struct scaled_object_verdict v = {.error = check_modifiers(so, a)};
    if (v.error == NULL) {
        v.error = scaled_object_check_scale_to_zero(so);
    }
    if (v.error == NULL) {
        v.error = scaled_object_check_bounds(so, a);
    }
    if (v.error == NULL) {
        v.error = scaled_object_check_fallback(so, a);
    }
    if (v.error == NULL) {
        v.error = scaled_object_check_name(so, a);
    }
    if (v.error == NULL) {
        v.error = triggers_check(so->triggers, so->trigger_count, a);
    }
    if (v.error == NULL) {
        warn(so, &v);
    }
    return v;
}
