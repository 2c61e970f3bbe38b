/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller's defaults and the words of the API's enums (k8s.io/kubernetes v1.36.3:
 * cmd/kube-controller-manager HPAControllerConfiguration, pkg/features, pkg/apis/
 * autoscaling). A gate that a release does not know has no effect there.
 */
#include "control/hpa/spec.h"

#include "base/require.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

struct hpa_config hpa_config_default(int32_t minor)
{
    struct hpa_config c = {
        .sync_period = 15 * SECOND,
        .downscale_stabilization = 300 * SECOND,
        .cpu_initialization_period = 300 * SECOND,
        .initial_readiness_delay = 30 * SECOND,
        .tolerance = 0.1,
    };
    const bool known = hpa_profile_for(minor, &c.profile);
    require(known);
    c.gates.configurable_tolerance = c.profile.tolerance_gate_default;
    c.gates.pod_level_resources = c.profile.pod_level_requests;
    c.gates.container_metrics = c.profile.container_metrics_default;
    return c;
}

static const char *const gate_names[] = {
    "HPAScaleToZero",
    "HPAConfigurableTolerance",
    "PodLevelResources",
    "HPAContainerMetrics",
};

const char *hpa_gate_name(size_t i)
{
    return i < sizeof gate_names / sizeof gate_names[0] ? gate_names[i] : NULL;
}

/* A gate that cannot be turned: right only when asked for what it is. */
static bool gate_locked(bool is, bool value)
{
    return is == value;
}

bool hpa_gate_set(struct hpa_config *config, const char *name, bool value, bool *unknown)
{
    struct hpa_gates *gates = &config->gates;
    const struct hpa_profile *profile = &config->profile;
    bool *gate = NULL;
    *unknown = false;
    if (strcmp(name, "HPAScaleToZero") == 0) {
        gate = &gates->scale_to_zero;
    } else if (strcmp(name, "HPAConfigurableTolerance") == 0 && profile->tolerance_field) {
        gate = &gates->configurable_tolerance;
    } else if (strcmp(name, "PodLevelResources") == 0 && profile->pod_level_requests) {
        gate = &gates->pod_level_resources;
    } else if (strcmp(name, "HPAContainerMetrics") == 0) {
        if (profile->container_metrics_locked) {
            return gate_locked(true, value);
        }
        gate = &gates->container_metrics;
    }
    if (gate == NULL) {
        *unknown = true;
        return false;
    }
    *gate = value;
    return true;
}

const char *hpa_metric_type_name(enum hpa_metric_type type)
{
    static const char *const names[] = {"Resource", "ContainerResource", "Pods", "Object",
                                        "External"};
    return names[type];
}

const char *hpa_target_type_name(enum hpa_target_type type)
{
    static const char *const names[] = {"Utilization", "Value", "AverageValue"};
    return names[type];
}

const char *hpa_policy_type_name(enum hpa_policy_type type)
{
    static const char *const names[] = {"Pods", "Percent"};
    return names[type];
}

const char *hpa_select_policy_name(enum hpa_select_policy policy)
{
    static const char *const names[] = {"Max", "Min", "Disabled"};
    return names[policy];
}

bool hpa_has_object_or_external(const struct hpa_spec *spec)
{
    for (size_t i = 0; i < spec->metric_count; i++) {
        const enum hpa_metric_type type = spec->metrics[i].type;
        if (type == HPA_METRIC_OBJECT || type == HPA_METRIC_EXTERNAL) {
            return true;
        }
    }
    return false;
}
