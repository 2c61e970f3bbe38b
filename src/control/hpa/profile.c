/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which release of Kubernetes does what: one row per change, with the release it came in.
 * Read from k8s.io/kubernetes v1.24.17 to v1.36.3 (last patch of each minor), pkg/controller/
 * podautoscaler, pkg/apis/autoscaling, pkg/registry/autoscaling and pkg/features.
 *
 * The idea: the code asks for a switch by name, never for a version; a new release is a new
 * row here and a branch where it acts. A profile is 1.36 with younger rows turned back.
 */
#include "control/hpa/profile.h"

#include <ctype.h>

#define ROW(member, minor, is_decision, gate_name, word_text, before_text, since_text)             \
    {                                                                                              \
        .since = (minor), .offset = offsetof(struct hpa_profile, member), .word = (word_text),     \
        .before = (before_text), .since_then = (since_text), .gate = (gate_name),                  \
        .decides = (is_decision)                                                                   \
    }

static const struct hpa_change changes[] = {
    ROW(zero_needs_memory, 36, true, "HPAScaleToZero", "zero-needs-memory",
        "at 0 replicas metrics are computed where minReplicas is 0",
        "at 0 replicas metrics are computed only after the HPA itself went to 0 (condition "
        "ScaledToZero)"),
    ROW(max_replicas_required, 36, false, NULL, "max-replicas-required",
        "maxReplicas 0 is an Invalid value", "maxReplicas 0 is a Required value"),
    ROW(v1_object_average, 36, false, NULL, "v1-object-average",
        "autoscaling/v1: an Object metric with averageValue also has value 0, which is invalid",
        "autoscaling/v1: an Object metric may have averageValue alone"),
    ROW(tolerance_gate_default, 35, true, "HPAConfigurableTolerance", "tolerance-gate",
        "behavior.*.tolerance is dropped when the object is stored (gate off)",
        "behavior.*.tolerance acts (gate on by default)"),
    ROW(container_must_exist, 35, true, NULL, "container-must-exist",
        "ContainerResource: a pod whose spec lacks the container requests 0",
        "ContainerResource: a pod whose spec lacks the container fails the metric"),
    ROW(value_capped, 35, true, NULL, "value-overflow",
        "Value targets: sums wrap at 64 bits, counts beyond 2^31-1 become -2^31",
        "Value targets: sums and counts are capped"),
    ROW(average_capped, 34, true, NULL, "average-value-overflow",
        "External AverageValue: sums wrap at 64 bits, counts beyond 2^31-1 become -2^31",
        "External AverageValue: sums and counts are capped"),
    ROW(pod_level_requests, 34, true, "PodLevelResources", "pod-level-requests",
        "spec.resources.requests of a pod is ignored",
        "a pod's own requests stand for its containers'"),
    ROW(conflict_retry, 34, true, NULL, "conflict-retry",
        "a conflict on updating the scale fails the sync",
        "a conflict on updating the scale is tried again, five times in all"),
    ROW(api_version_checked, 34, false, NULL, "api-version-checked",
        "apiVersion of scaleTargetRef and describedObject is not checked",
        "apiVersion of scaleTargetRef and describedObject must be right"),
    ROW(memory_binary, 34, false, NULL, "memory-suffix",
        "memory averages in status are plain bytes", "memory averages in status as Ki, Mi, Gi"),
    ROW(container_sample_optional, 33, true, NULL, "container-sample",
        "ContainerResource: one sample without the container fails the metric",
        "ContainerResource: a sample without the container is a missing pod"),
    ROW(tolerance_interval, 33, true, NULL, "tolerance-arithmetic",
        "within tolerance is abs(1 - ratio) <= tolerance",
        "within tolerance is 1 - tolerance <= ratio <= 1 + tolerance"),
    ROW(tolerance_field, 33, false, "HPAConfigurableTolerance", "tolerance-field",
        "behavior.*.tolerance is unknown and dropped", "behavior.*.tolerance exists"),
    ROW(object_average_described, 33, false, NULL, "object-described",
        "Object with AverageValue: status names no object",
        "Object with AverageValue: status names the object"),
    ROW(container_metrics_locked, 30, false, "HPAContainerMetrics", "container-metrics-locked",
        "gate HPAContainerMetrics can be turned off", "gate HPAContainerMetrics is always on"),
    ROW(sidecar_requests, 29, true, NULL, "sidecars",
        "requests of restartable init containers are not counted, their usage is",
        "requests of restartable init containers are counted"),
    ROW(failed_metrics_replace, 29, false, NULL, "failed-metrics-status",
        "failures leave status.currentMetrics as it was",
        "failures leave empty entries in status.currentMetrics"),
    ROW(missing_at_target_ignored, 28, true, NULL, "missing-at-target",
        "plain metrics at exactly the target: missing pods count as 0",
        "plain metrics at exactly the target: missing pods change nothing"),
    ROW(container_metrics_default, 27, true, "HPAContainerMetrics", "container-metrics",
        "ContainerResource is dropped when the object is stored, which then is invalid (gate off)",
        "ContainerResource works (gate on by default)"),
    ROW(targeted_pods_text, 27, false, NULL, "targeted-pods-text",
        "\"did not receive metrics for any ready pods\"",
        "\"did not receive metrics for targeted pods (pods might be unready)\""),
    ROW(net_rate_limit, 26, true, NULL, "net-rate-limit",
        "a policy's period counts changes in its own direction",
        "a policy's period counts changes in both directions"),
    ROW(missing_above_100, 26, true, NULL, "missing-above-100",
        "on the way down a missing pod counts as 100 % of its request",
        "on the way down a missing pod counts as max(100, target) % of its request"),
    ROW(ambiguous_selector, 26, true, NULL, "ambiguous-selector",
        "HPAs that share pods act each on its own", "HPAs that share pods all stop"),
    ROW(object_target_checked, 26, true, NULL, "object-target-crash",
        "an Object target whose type and field disagree crashes the controller",
        "an Object target whose type and field disagree fails the metric"),
    ROW(request_text, 26, false, NULL, "request-text",
        "\"missing request for cpu\"; requests are looked at before samples",
        "\"missing request for cpu in container app of Pod web-0\"; samples first"),
    ROW(v2beta2_gone, 26, false, NULL, "v2beta2", "autoscaling/v2beta2 is served",
        "autoscaling/v2beta2 is not served"),
    ROW(v2beta1_gone, 25, false, NULL, "v2beta1", "autoscaling/v2beta1 is served",
        "autoscaling/v2beta1 is not served"),
};

const struct hpa_change *hpa_changes(size_t *count)
{
    *count = sizeof changes / sizeof changes[0];
    return changes;
}

bool hpa_profile_for(int32_t minor, struct hpa_profile *out)
{
    *out = (struct hpa_profile){.minor = minor};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        bool *has = (bool *)((char *)out + changes[i].offset);
        *has = minor >= changes[i].since;
    }
    return minor >= HPA_OLDEST_MINOR && minor <= HPA_NEWEST_MINOR;
}

static const char *digits(const char *text, int32_t *value)
{
    int32_t v = 0;
    const char *s = text;
    while (isdigit((unsigned char)*s) && s - text < 4) {
        v = v * 10 + (*s - '0');
        s++;
    }
    *value = v;
    return s > text && !isdigit((unsigned char)*s) ? s : NULL;
}

bool hpa_profile_parse(const char *text, int32_t *minor)
{
    int32_t major = 0;
    int32_t patch = 0;
    const char *s = digits(text[0] == 'v' ? text + 1 : text, &major);
    if (s == NULL || *s != '.' || major != 1) {
        return false;
    }
    s = digits(s + 1, minor);
    if (s != NULL && *s == '.') {
        s = digits(s + 1, &patch);
    }
    return s != NULL && *s == '\0';
}
