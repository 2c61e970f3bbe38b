/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A HorizontalPodAutoscaler's spec as the controller reads it: after conversion to v2,
 * defaulting and validation (k8s.io/kubernetes v1.36.3, pkg/apis/autoscaling), and the
 * controller's own flags and gates. Read-only and without ownership: strings and arrays
 * live as long as the arena they were decoded into, which must outlive every hpa_state
 * that has seen the spec.
 *
 * Quantities are MilliValue()s, times are virtual nanoseconds unless named otherwise.
 */
#ifndef CONTROL_HPA_SPEC_H
#define CONTROL_HPA_SPEC_H

#include "base/diag.h"
#include "control/hpa/profile.h"
#include "engine/simtime.h"
#include "kube/labels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hpa_metric_type {
    HPA_METRIC_RESOURCE,
    HPA_METRIC_CONTAINER_RESOURCE,
    HPA_METRIC_PODS,
    HPA_METRIC_OBJECT,
    HPA_METRIC_EXTERNAL
};

/* MetricTarget.type; only Object reads it, the others go by the field that is set. */
enum hpa_target_type { HPA_TARGET_UTILIZATION, HPA_TARGET_VALUE, HPA_TARGET_AVERAGE_VALUE };

struct hpa_target {
    enum hpa_target_type type;
    bool has_value;
    bool has_average_value;
    bool has_average_utilization;
    int32_t average_utilization; /* percent */
    int64_t value;               /* milli */
    int64_t average_value;       /* milli */
};

struct hpa_metric_spec {
    enum hpa_metric_type type;
    const char *name;               /* of the resource ("cpu") or of the metric */
    const char *container;          /* ContainerResource; NULL otherwise */
    const char *object_api_version; /* Object: describedObject; "" when not given */
    const char *object_kind;
    const char *object_name;
    bool has_selector;                /* Pods, Object, External: metric.selector is given */
    const struct label *match_labels; /* as given, sorted by key */
    size_t match_label_count;
    const struct label_expression *match_expressions;
    size_t match_expression_count;
    const char *selector_text;      /* "&LabelSelector{...}", as messages show it; "nil" */
    const char *selector_error;     /* why the selector cannot be used; NULL: it can */
    struct label_selector selector; /* built; nothing when none is given */
    struct hpa_target target;
    struct mark mark;
};

enum hpa_policy_type { HPA_POLICY_PODS, HPA_POLICY_PERCENT };

struct hpa_policy {
    enum hpa_policy_type type;
    int32_t value;
    int32_t period_seconds;
};

enum hpa_select_policy { HPA_SELECT_MAX, HPA_SELECT_MIN, HPA_SELECT_DISABLED };

/* HPAScalingRules. scaleDown without a window uses the controller's stabilization. */
struct hpa_scaling_rules {
    bool has_window;
    int32_t window_seconds; /* stabilizationWindowSeconds */
    enum hpa_select_policy select_policy;
    const struct hpa_policy *policies;
    size_t policy_count;
    bool has_tolerance;
    double tolerance; /* AsApproximateFloat64 */
};

struct hpa_spec {
    struct mark mark;
    const char *namespace_name; /* "default" when the object has none */
    const char *name;
    const char *target_api_version;
    const char *target_kind;
    const char *target_name;
    int32_t min_replicas;
    int32_t max_replicas;
    const struct hpa_metric_spec *metrics;
    size_t metric_count; /* at least 1 after defaulting */
    bool has_behavior;   /* absent is the legacy path, not the default rules */
    struct hpa_scaling_rules scale_up;
    struct hpa_scaling_rules scale_down;
};

/* Feature gates that the HPA reads. */
struct hpa_gates {
    bool scale_to_zero;          /* HPAScaleToZero */
    bool configurable_tolerance; /* HPAConfigurableTolerance */
    bool pod_level_resources;    /* PodLevelResources */
    bool container_metrics;      /* HPAContainerMetrics */
};

/* kube-controller-manager's flags, --horizontal-pod-autoscaler-* */
struct hpa_config {
    simtime sync_period;               /* 15 s */
    simtime downscale_stabilization;   /* 5 min */
    simtime cpu_initialization_period; /* 5 min */
    simtime initial_readiness_delay;   /* 30 s */
    double tolerance;                  /* 0.1 */
    struct hpa_gates gates;
    struct hpa_profile profile;
};

/* A release's defaults; minor must be modelled (hpa_profile_for). */
struct hpa_config hpa_config_default(int32_t minor);
/*
 * Sets a gate by name. False when this release has no such gate (nothing changes then) or
 * it is locked to the other value; unknown says which.
 */
bool hpa_gate_set(struct hpa_config *config, const char *name, bool value, bool *unknown);
/* The HPA's gates, for suggestions and help; NULL past the end. */
const char *hpa_gate_name(size_t i);

/* "Resource", "Pods", ... */
const char *hpa_metric_type_name(enum hpa_metric_type type);
const char *hpa_target_type_name(enum hpa_target_type type);
const char *hpa_policy_type_name(enum hpa_policy_type type);
const char *hpa_select_policy_name(enum hpa_select_policy policy);
/* hasObjectOrExternalMetrics */
bool hpa_has_object_or_external(const struct hpa_spec *spec);

#endif
