/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HPA that KEDA v2.21.0 makes for a ScaledObject (controllers/keda/hpa.go,
 * pkg/scalers/scaler.go, cpu_memory_scaler.go): its name, bounds, labels, and one metric for
 * each trigger, or one for all where scalingModifiers are used. Everything lives in the arena
 * and in the ScaledObject.
 */
#ifndef CONTROL_KEDA_HPA_SPEC_H
#define CONTROL_KEDA_HPA_SPEC_H

#include "control/keda/scaledobject.h"
#include "kube/quantity.h"

/* In the order in which the HPA lists them. */
enum keda_metric_kind {
    KEDA_METRIC_CONTAINER_RESOURCE,
    KEDA_METRIC_EXTERNAL,
    KEDA_METRIC_RESOURCE
};

/* One metric of the HPA. */
struct keda_metric {
    enum keda_metric_kind kind;
    const char *name;        /* of the resource or of the external metric */
    const char *container;   /* CONTAINER_RESOURCE */
    const char *target_type; /* as written: "AverageValue", "Value", "Utilization", or anything */
    int32_t utilization;     /* of target_type Utilization, percent */
    struct quantity target;  /* of the others */
};

/* An external metric under its full name ("s0-prometheus"), with the trigger's type of target. */
struct keda_metric trigger_external_metric(const struct scale_trigger *t, const char *name,
                                           const struct quantity *target);
/* cpu and memory; NULL or what is wrong with the trigger. */
const char *trigger_resource_metric(struct arena *a, const struct scale_trigger *t,
                                    struct keda_metric *out);

struct keda_hpa {
    const char *error; /* why there is none; the rest is then empty */
    const char *name;
    int32_t min_replicas;
    int32_t max_replicas;
    const char *target_api_version;
    const char *target_kind;
    const char *target_name;
    struct keda_metric *metrics;
    size_t metric_count;
    struct label *labels; /* sorted by key */
    size_t label_count;
    const struct node *behavior; /* as given, or NULL */
    bool scale_up_disabled;      /* selectPolicy of scaleUp becomes Disabled */
    bool scale_down_disabled;
    const char **external_names; /* status.externalMetricNames, in the triggers' order */
    size_t external_count;
    const char **resource_names; /* status.resourceMetricNames */
    size_t resource_count;
    bool composite; /* status.compositeScalerName is composite-metric */
};

/* newHPAForScaledObject. metrics: one of each trigger, in order; version: KEDA's, for a label. */
struct keda_hpa keda_hpa_generate(struct arena *a, const struct scaled_object *so,
                                  const struct keda_metric *metrics, const char *version);

#endif
