/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the controller remembers of one HPA between syncs, and the HPA's status. The lists
 * are upstream's slices, slots and all: a new entry takes the slot of the last outdated one,
 * so their order is not the order of time. Times are virtual.
 *
 * A state grows in its own arena only to its high-water mark. Zero plus an arena is a
 * controller that has never seen the HPA.
 */
#ifndef CONTROL_HPA_STATE_H
#define CONTROL_HPA_STATE_H

#include "base/arena.h"
#include "base/vec.h"
#include "control/hpa/spec.h"
#include "engine/simtime.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hpa_recommendation {
    int32_t replicas;
    simtime at;
};

struct hpa_scale_event {
    int32_t change; /* absolute */
    bool outdated;
    simtime at;
};

enum hpa_condition_type {
    HPA_ABLE_TO_SCALE,
    HPA_SCALING_ACTIVE,
    HPA_SCALING_LIMITED,
    HPA_SCALED_TO_ZERO,
    HPA_CONDITION_TYPES
};

/* Reasons of conditions and of events. */
#define HPA_REASONS(X)                                                                             \
    X(NONE, "")                                                                                    \
    X(FAILED_GET_SCALE, "FailedGetScale")                                                          \
    X(SUCCEEDED_GET_SCALE, "SucceededGetScale")                                                    \
    X(READY_FOR_NEW_SCALE, "ReadyForNewScale")                                                     \
    X(SCALE_DOWN_STABILIZED, "ScaleDownStabilized")                                                \
    X(SCALE_UP_STABILIZED, "ScaleUpStabilized")                                                    \
    X(SUCCEEDED_RESCALE, "SucceededRescale")                                                       \
    X(FAILED_UPDATE_SCALE, "FailedUpdateScale")                                                    \
    X(SCALING_DISABLED, "ScalingDisabled")                                                         \
    X(INVALID_SELECTOR, "InvalidSelector")                                                         \
    X(AMBIGUOUS_SELECTOR, "AmbiguousSelector")                                                     \
    X(VALID_METRIC_FOUND, "ValidMetricFound")                                                      \
    X(FAILED_GET_RESOURCE_METRIC, "FailedGetResourceMetric")                                       \
    X(FAILED_GET_CONTAINER_RESOURCE_METRIC, "FailedGetContainerResourceMetric")                    \
    X(FAILED_GET_PODS_METRIC, "FailedGetPodsMetric")                                               \
    X(FAILED_GET_OBJECT_METRIC, "FailedGetObjectMetric")                                           \
    X(FAILED_GET_EXTERNAL_METRIC, "FailedGetExternalMetric")                                       \
    X(DESIRED_WITHIN_RANGE, "DesiredWithinRange")                                                  \
    X(TOO_FEW_REPLICAS, "TooFewReplicas")                                                          \
    X(TOO_MANY_REPLICAS, "TooManyReplicas")                                                        \
    X(SCALE_UP_LIMIT, "ScaleUpLimit")                                                              \
    X(SCALE_DOWN_LIMIT, "ScaleDownLimit")                                                          \
    X(SCALED_TO_ZERO, "ScaledToZero")                                                              \
    X(NOT_SCALED_TO_ZERO, "NotScaledToZero")                                                       \
    X(SELECTOR_REQUIRED, "SelectorRequired")                                                       \
    X(FAILED_COMPUTE_METRICS_REPLICAS, "FailedComputeMetricsReplicas")                             \
    X(FAILED_RESCALE, "FailedRescale")                                                             \
    X(SUCCESSFUL_RESCALE, "SuccessfulRescale")

enum hpa_reason {
#define X(name, text) HPA_REASON_##name,
    HPA_REASONS(X)
#undef X
};

/* Text that outlives the sync that wrote it; its room is used again. */
struct hpa_text {
    char *text;
    size_t cap;
};

struct hpa_condition {
    enum hpa_condition_type type;
    enum condition_status status;
    enum hpa_reason reason;
    simtime since;                        /* lastTransitionTime */
    int32_t replicas;                     /* SucceededRescale's number */
    const struct hpa_metric_spec *metric; /* ValidMetricFound's; NULL: none won */
    bool old_words;                       /* as releases before 1.27 named the metric */
    struct hpa_text detail;               /* errors: the end of the message */
};

/* One entry of status.currentMetrics. A failed metric leaves an empty one. */
struct hpa_metric_status {
    const struct hpa_metric_spec *metric; /* NULL: the empty entry */
    bool has_average_utilization;
    bool has_average_value;
    bool has_value;
    int32_t average_utilization;
    int64_t average_value; /* milli */
    int64_t value;         /* milli */
};

struct hpa_status {
    int32_t current_replicas;
    int32_t desired_replicas;
    bool has_last_scale_time;
    simtime last_scale_time;
    struct hpa_condition conditions[HPA_CONDITION_TYPES]; /* in order of first appearance */
    size_t condition_count;
    VEC(struct hpa_metric_status) metrics; /* currentMetrics */
};

struct hpa_state {
    struct arena *arena;
    bool seeded; /* recordInitialRecommendation was here */
    VEC(struct hpa_recommendation) recommendations;
    VEC(struct hpa_scale_event) scale_up_events;
    VEC(struct hpa_scale_event) scale_down_events;
    struct hpa_status status;
};

/* A restart of the controller: the lists are gone, the status (kept by the API server) stays. */
void hpa_state_restart(struct hpa_state *state);
/* An independent copy in another arena (what-if questions). */
struct hpa_state hpa_state_copy(struct arena *a, const struct hpa_state *state);

const struct hpa_condition *hpa_condition_find(const struct hpa_status *status,
                                               enum hpa_condition_type type);
const char *hpa_condition_type_name(enum hpa_condition_type type);
const char *hpa_reason_name(enum hpa_reason reason);
/* The condition's message, in the arena. */
const char *hpa_condition_message(struct arena *a, const struct hpa_condition *condition);
/*
 * "cpu resource utilization (percentage of request)", as upstream names the metric. old_words:
 * as before 1.27, where ContainerResource was not told apart.
 */
const char *hpa_metric_description(struct arena *a, const struct hpa_metric_spec *metric,
                                   bool old_words);
/* Canonical quantity of a status value: 1500m, 70Mi; binary for memory averages. */
const char *hpa_status_quantity(struct arena *a, int64_t milli, bool binary);

#endif
