/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defaults, and what is dropped before an object is stored (k8s.io/kubernetes v1.36.3,
 * pkg/apis/autoscaling/v2/defaults.go; pkg/registry/autoscaling/horizontalpodautoscaler/
 * strategy.go dropDisabledFields, and v1.28's dropContainerMetricSources).
 *
 * The traps: an absent behavior stays absent, an empty one is filled in both directions; a
 * list of policies that is given, even an empty one, replaces the default list; scaleDown has
 * no default window.
 */
#include "hpa_api.h"

#include "base/str.h"

void api_default_metrics(struct arena *a, struct api_hpa *hpa)
{
    if (!hpa->min_replicas.set) {
        hpa->min_replicas = (struct api_int){.set = true, .value = 1};
    }
    if (hpa->metric_count > 0) {
        return;
    }
    struct api_source *cpu = arena_new(a, struct api_source);
    cpu->object = (struct api_reference){"", "", ""};
    cpu->name = "cpu";
    cpu->container = "";
    cpu->target.type = "Utilization";
    cpu->target.average_utilization = (struct api_int){.set = true, .value = 80};
    hpa->metrics = arena_new(a, struct api_metric);
    hpa->metrics->type = "Resource";
    hpa->metrics->sources[HPA_METRIC_RESOURCE] = cpu;
    hpa->metric_count = 1;
}

static void default_rules(struct arena *a, struct api_rules *rules,
                          const struct api_policy *policies, size_t count)
{
    rules->set = true;
    if (rules->select_policy == NULL) {
        rules->select_policy = "Max";
    }
    if (rules->has_policies) {
        return;
    }
    rules->has_policies = true;
    rules->policies = arena_array(a, struct api_policy, count);
    rules->policy_count = count;
    for (size_t i = 0; i < count; i++) {
        rules->policies[i] = policies[i];
    }
}

void api_default_behavior(struct arena *a, struct api_hpa *hpa)
{
    static const struct api_policy up[] = {{"Pods", 4, 15}, {"Percent", 100, 15}};
    static const struct api_policy down[] = {{"Percent", 100, 15}};
    if (!hpa->has_behavior) {
        return;
    }
    default_rules(a, &hpa->scale_up, up, 2);
    default_rules(a, &hpa->scale_down, down, 1);
    hpa->scale_up.window.set = true;
}

static bool uses_containers(const struct api_hpa *hpa)
{
    for (size_t i = 0; hpa != NULL && i < hpa->metric_count; i++) {
        if (hpa->metrics[i].sources[HPA_METRIC_CONTAINER_RESOURCE] != NULL) {
            return true;
        }
    }
    return false;
}

static bool uses_tolerance(const struct api_hpa *hpa)
{
    return hpa != NULL && (hpa->scale_up.tolerance.set || hpa->scale_down.tolerance.set);
}

void api_drop_disabled(struct api_hpa *hpa, const struct api_hpa *old,
                       const struct hpa_config *config)
{
    const bool tolerance = config->profile.tolerance_field &&
                           (config->gates.configurable_tolerance || uses_tolerance(old));
    if (!tolerance) {
        hpa->scale_up.tolerance.set = false;
        hpa->scale_down.tolerance.set = false;
    }
    if (config->gates.container_metrics || uses_containers(old)) {
        return;
    }
    for (size_t i = 0; i < hpa->metric_count; i++) {
        hpa->metrics[i].sources[HPA_METRIC_CONTAINER_RESOURCE] = NULL;
    }
}
