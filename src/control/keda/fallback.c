/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fallback: KEDA v2.21.0, pkg/fallback/fallback.go. A failed query counts; past the threshold the
 * metric is made up so that the HPA, dividing by the target, arrives at the wanted replicas.
 *
 * The traps: strictly more failures than the threshold; with scalingModifiers a target that is
 * no whole number switches fallback off without a word; of type Value the replicas are divided
 * by the ready pods, and without any there is no fallback; thousandths are cut, not rounded; an
 * unset behavior is static but fails when the replicas cannot be read.
 */
#include "control/keda/fallback.h"

#include "base/str.h"
#include "control/keda/scaler.h"
#include "formula_internal.h"

static const char *const behaviors[] = {"",
                                        "static",
                                        "currentReplicas",
                                        "currentReplicasIfHigher",
                                        "currentReplicasIfLower",
                                        "scalingModifiers"};

bool fallback_behavior_parse(const char *text, enum fallback_behavior *out)
{
    for (int i = FALLBACK_UNSET; i <= FALLBACK_SCALING_MODIFIERS; i++) {
        if (str_equal(text, behaviors[i])) {
            *out = (enum fallback_behavior)i;
            return true;
        }
    }
    return false;
}

const char *fallback_behavior_name(enum fallback_behavior b)
{
    return behaviors[b];
}

bool fallback_valid(const struct fallback_spec *spec)
{
    int64_t target = 1;
    if (spec->using_modifiers && (spec->modifiers_target == NULL ||
                                  !scaler_parse_int(spec->modifiers_target, 64, &target))) {
        return false;
    }
    return spec->failure_threshold >= 0 && spec->replicas >= 0 && target > 0;
}

bool fallback_exceeded(const struct fallback_spec *spec, const struct fallback_health *health)
{
    return health->failing && health->failures > spec->failure_threshold;
}

static double wanted(const struct fallback_spec *spec, const struct fallback_view *view)
{
    const int32_t current = view->replicas;
    const int32_t fixed = spec->replicas;
    switch (spec->behavior) {
    case FALLBACK_CURRENT_REPLICAS:
        return current;
    case FALLBACK_CURRENT_REPLICAS_IF_HIGHER:
        return current > fixed ? current : fixed;
    case FALLBACK_CURRENT_REPLICAS_IF_LOWER:
        return current < fixed ? current : fixed;
    default:
        return fixed;
    }
}

/* doFallback */
static struct fallback_decision fall_back(const struct fallback_spec *spec,
                                          const struct fallback_view *view)
{
    struct fallback_decision d = {.outcome = FALLBACK_VALUE, .composite = spec->using_modifiers};
    double norm = 0;
    d.replicas = wanted(spec, view);
    if (spec->using_modifiers ? spec->modifiers_value : view->value_type) {
        if (view->ready_pods_unreadable || view->ready_pods == 0) {
            return (struct fallback_decision){.outcome = FALLBACK_IMPOSSIBLE};
        }
        d.replicas /= (double)view->ready_pods;
    }
    if (spec->using_modifiers) {
        struct arena scratch = {0};
        scaler_parse_float(&scratch, spec->modifiers_target, &norm);
        arena_drop(&scratch);
    } else {
        norm = quantity_as_double(&view->target);
    }
    d.value = quantity_from_milli(formula_to_int(norm * 1000 * d.replicas), QUANTITY_DECIMAL_SI);
    return d;
}

struct fallback_decision fallback_observe(const struct fallback_spec *spec,
                                          struct fallback_health *health, bool failed,
                                          const struct fallback_view *view)
{
    const bool configured = spec->enabled && fallback_valid(spec);
    if (!failed) {
        if (configured) {
            *health = (struct fallback_health){.known = true};
        }
        return (struct fallback_decision){.outcome = FALLBACK_PASS};
    }
    if (!configured) {
        return (struct fallback_decision){.outcome = FALLBACK_ERROR};
    }
    health->known = true;
    health->failing = true;
    health->failures = (int32_t)((uint32_t)health->failures + 1);
    if (health->failures <= spec->failure_threshold) {
        return (struct fallback_decision){.outcome = FALLBACK_ERROR};
    }
    if (spec->behavior == FALLBACK_SCALING_MODIFIERS) {
        return (struct fallback_decision){.outcome = FALLBACK_PLACEHOLDER,
                                          .value = quantity_from_int(-1, QUANTITY_DECIMAL_SI)};
    }
    if (spec->behavior != FALLBACK_STATIC && view->replicas_unreadable) {
        return (struct fallback_decision){.outcome = FALLBACK_ERROR};
    }
    return fall_back(spec, view);
}
