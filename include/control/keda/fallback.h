/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fallback of one metric (KEDA v2.21.0, pkg/fallback/fallback.go): counts failures and, past the
 * threshold, puts a value in the metric's place that makes the HPA ask for the wanted replicas.
 * Pure: the counters are the caller's, one per metric name.
 */
#ifndef CONTROL_KEDA_FALLBACK_H
#define CONTROL_KEDA_FALLBACK_H

#include "base/arena.h"
#include "kube/quantity.h"

#include <stdbool.h>
#include <stdint.h>

enum fallback_behavior {
    FALLBACK_UNSET, /* "" in memory: static, but the current replicas must be readable */
    FALLBACK_STATIC,
    FALLBACK_CURRENT_REPLICAS,
    FALLBACK_CURRENT_REPLICAS_IF_HIGHER,
    FALLBACK_CURRENT_REPLICAS_IF_LOWER,
    FALLBACK_SCALING_MODIFIERS
};

/* spec.fallback and what of spec.advanced.scalingModifiers it reads. */
struct fallback_spec {
    bool enabled; /* spec.fallback is there */
    int32_t failure_threshold;
    int32_t replicas;
    enum fallback_behavior behavior;
    bool using_modifiers;         /* the struct scalingModifiers is not empty */
    const char *modifiers_target; /* as written; NULL is "" */
    bool modifiers_value;         /* scalingModifiers.metricType is Value */
};

/* status.health of one metric. Zero: no record of it. */
struct fallback_health {
    bool known;
    bool failing; /* Failing, else Happy */
    int32_t failures;
};

/* The trigger's metric spec and the world at this query. */
struct fallback_view {
    bool value_type;        /* the target's type is Value, else AverageValue */
    struct quantity target; /* in the field of its type */
    bool replicas_unreadable;
    int32_t replicas; /* current, of the target */
    bool ready_pods_unreadable;
    int32_t ready_pods; /* Running and Ready */
};

enum fallback_outcome {
    FALLBACK_PASS,        /* no error: the metric as it is */
    FALLBACK_ERROR,       /* the scaler's own error passes */
    FALLBACK_VALUE,       /* value in its place, fallback is active */
    FALLBACK_PLACEHOLDER, /* scalingModifiers: -1, no error, not active; nil to the formula */
    FALLBACK_IMPOSSIBLE   /* "error performing fallback" */
};

struct fallback_decision {
    enum fallback_outcome outcome;
    struct quantity value; /* VALUE, PLACEHOLDER */
    bool composite;        /* VALUE is named composite-metric */
    double replicas;       /* VALUE: what it stands for, per ready pod where the type is Value */
};

#define FALLBACK_IMPOSSIBLE_TEXT "error performing fallback"

/* HasValidFallback; enabled is not asked. */
bool fallback_valid(const struct fallback_spec *spec);
/* The spec's spelling; false when it is none of the five ("" is UNSET). */
bool fallback_behavior_parse(const char *text, enum fallback_behavior *out);
const char *fallback_behavior_name(enum fallback_behavior b);

/*
 * GetMetricsWithFallback: one observation of a metric, failed or not. Updates health, when
 * fallback is enabled and valid.
 */
struct fallback_decision fallback_observe(const struct fallback_spec *spec,
                                          struct fallback_health *health, bool failed,
                                          const struct fallback_view *view);

/* Past the threshold: True of the condition Fallback when any metric's record says so. */
bool fallback_exceeded(const struct fallback_spec *spec, const struct fallback_health *health);

#endif
