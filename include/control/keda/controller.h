/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ScaledObject at work (KEDA v2.21.0: controllers/keda/scaledobject_controller.go,
 * pkg/scaling/scale_handler.go): reconciliation, the scale loop's ticks, and the metrics that the
 * HPA asks for. Pure: the caller says when, what the target's replicas are, and answers the
 * triggers' queries; writes of the scale come back to it.
 *
 *     keda_controller_reconcile(c, now)   after creation and after every change of the object
 *     keda_controller_tick(c, now)        when keda_controller_next(c) says so
 *     keda_controller_metrics(c, ...)     for every query of the HPA
 *
 * Names and messages live in the controller's arena; a decision's explanation lives there too.
 */
#ifndef CONTROL_KEDA_CONTROLLER_H
#define CONTROL_KEDA_CONTROLLER_H

#include "control/keda/executor.h"
#include "control/keda/fallback.h"
#include "control/keda/formula.h"
#include "control/keda/hpa_spec.h"

/* A scaler's answer. */
struct trigger_reading {
    bool failed;
    bool active;           /* value > activationThreshold, in the scaler's own numbers */
    struct quantity value; /* GenerateMetricInMili */
};

/* The world. A query is asked twice where it fails, as KEDA retries at once. */
struct keda_world {
    void *context;
    struct trigger_reading (*query)(void *context, size_t trigger, simtime now);
    int32_t (*replicas)(void *context);
    int32_t (*ready_pods)(void *context);
    /* A write of the scale subresource. */
    void (*scale)(void *context, simtime now, int32_t from, int32_t to);
};

/* One observation of a metric, after fallback. */
struct metric_record {
    bool stored;
    bool has_metric;
    bool composite; /* the metric carries the name composite-metric */
    bool active;
    bool fallback_active;
    bool failed;
    struct quantity value;
};

struct trigger_activity {
    bool known;
    bool active;
};

/* Of the ScaledObject. health and activity by trigger. */
struct keda_status {
    struct keda_condition conditions[KEDA_CONDITION_COUNT];
    struct fallback_health *health;
    struct trigger_activity *activity;
    bool was_active;
    int64_t last_active; /* whole seconds */
    struct optional_int32 paused_replicas;
    struct optional_int32 original_replicas;
    bool has_hpa_name;
    bool has_metric_names;
};

enum keda_cache { KEDA_CACHE_NONE, KEDA_CACHE_OF_LOOP, KEDA_CACHE_COPY };

struct keda_controller {
    struct arena *arena;
    struct keda_world world;
    const struct scaled_object *object;
    const struct keda_metric *metrics; /* one of each trigger */
    const char *metrics_error;         /* why the triggers cannot be built, or NULL */
    const struct formula *formula;     /* compiled; NULL without one, or when it is wrong */
    const char *formula_error;
    const size_t *formula_places; /* by the formula's names: the trigger */
    size_t formula_count;
    int64_t generation; /* grows with every change of the spec */
    simtime created;    /* creationTimestamp: a whole second */

    struct keda_status api;       /* what the API server holds */
    struct keda_status loop_copy; /* the loop's object, as of its last tick */
    struct keda_status cache_copy;
    enum keda_cache cache;         /* whose status the scalers cache's object has */
    struct metric_record *records; /* what is cached, by trigger */
    struct metric_record *seen;    /* of the tick or query at hand */
    bool *trigger_active;

    bool loop_running;
    int64_t loop_generation;
    simtime next_tick;

    bool hpa_exists;
    struct hpa_health hpa_health;
    struct executor_decision last; /* of the latest tick */
    const char *reconcile_error;   /* of the latest reconciliation */
};

/* What GetScaledObjectMetrics answers. */
struct keda_metric_answer {
    size_t count;          /* items; 0 with no error where a formula could not be run */
    struct quantity value; /* of the first */
    const char *error;
};

/* c->arena, world, created are the caller's; the object as with keda_controller_change. */
void keda_controller_start(struct keda_controller *c, const struct scaled_object *so,
                           const struct keda_metric *metrics, const char *metrics_error);
/* The object was edited; spec_changed: more than its annotations. The triggers stay as many. */
void keda_controller_change(struct keda_controller *c, const struct scaled_object *so,
                            const struct keda_metric *metrics, const char *metrics_error,
                            bool spec_changed);
/* False when KEDA reports an error (c->reconcile_error). May start a loop: see next. */
bool keda_controller_reconcile(struct keda_controller *c, simtime now);
/* When the loop ticks next; SIMTIME_NEVER when there is none. */
simtime keda_controller_next(const struct keda_controller *c);
void keda_controller_tick(struct keda_controller *c, simtime now);
/* The external metrics of the HPA: how many, and the name of each. 0 while it has no HPA. */
size_t keda_controller_metric_count(const struct keda_controller *c);
const char *keda_controller_metric_name(const struct keda_controller *c, size_t i);
struct keda_metric_answer keda_controller_metrics(struct keda_controller *c, const char *name,
                                                  simtime now);
/* finalizeScaledObject: stops the loop, and restores the replicas when the object says so. */
void keda_controller_delete(struct keda_controller *c, simtime now);

#endif
