/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole working of one sync, for the timeline, `explain` and the conformance vectors:
 * numbers and enums; texts are made on demand. Pointers go to the spec, the view, and the
 * scratch arena given to hpa_reconcile, whichever ends first ends the decision.
 */
#ifndef CONTROL_HPA_DECISION_H
#define CONTROL_HPA_DECISION_H

#include "base/arena.h"
#include "control/hpa/spec.h"
#include "control/hpa/state.h"
#include "control/hpa/view.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a metric has no proposal. */
enum hpa_failure {
    HPA_FAILURE_NONE,
    HPA_FAILURE_API,                 /* unable to fetch: the answer's error */
    HPA_FAILURE_EMPTY_ANSWER,        /* no metrics returned */
    HPA_FAILURE_CONTAINER_SAMPLE,    /* before 1.33: a sample lacks the container */
    HPA_FAILURE_NO_PODS,             /* no pods returned by selector */
    HPA_FAILURE_NO_SAMPLES,          /* none left for targeted pods */
    HPA_FAILURE_MISSING_REQUEST,     /* failure_container, failure_pod */
    HPA_FAILURE_NO_CONTAINER,        /* failure_pod lacks the container named */
    HPA_FAILURE_MISSING_POD_REQUEST, /* pod-level request, failure_pod */
    HPA_FAILURE_NO_MATCH,            /* no metrics returned matched known pods */
    HPA_FAILURE_NO_TARGET,           /* neither value nor average value */
    HPA_FAILURE_SELECTOR,            /* the metric's own selector cannot be used */
    HPA_FAILURE_CRASH                /* before 1.29: the controller's process ends here */
};

/* How a metric's proposal came about. */
enum hpa_proposal_rule {
    HPA_RULE_NONE,
    HPA_RULE_WITHIN_TOLERANCE, /* keeps current (AverageValue: status.replicas) */
    HPA_RULE_READY_PODS,       /* ceil(ratio * ready) */
    HPA_RULE_ALL_SAMPLES,      /* ceil(new ratio * samples), missing and unready filled in */
    HPA_RULE_OTHER_SIDE,       /* filling in moved the ratio to the tolerance or across 1 */
    HPA_RULE_OTHER_DIRECTION,  /* ceil(...) would have gone against the ratio */
    HPA_RULE_FROM_ZERO,        /* ceil(ratio) */
    HPA_RULE_TOTAL             /* ceil(total / target) */
};

enum hpa_pod_group { HPA_POD_READY, HPA_POD_UNREADY, HPA_POD_MISSING, HPA_POD_IGNORED };

struct hpa_metric_working {
    enum hpa_failure failure;
    const char *failure_pod;
    const char *failure_container;
    enum hpa_proposal_rule rule;
    int32_t proposal;
    /* pods, for Resource, ContainerResource and Pods; ready also for Value targets */
    uint32_t ready;
    uint32_t unready;
    uint32_t missing;
    uint32_t ignored;
    uint32_t samples;          /* used for the first ratio */
    const uint8_t *pod_groups; /* enum hpa_pod_group per pod of the view; NULL: not grouped */
    /* values, milli */
    int64_t total;        /* sum of usage, or the object's or the series' value */
    int64_t requests;     /* sum, for utilization */
    int64_t average;      /* as reported */
    int32_t utilization;  /* percent, truncated */
    double ratio;         /* before missing and unready pods are filled in */
    double filled_ratio;  /* after; equal to ratio when nothing was filled in */
    double tolerance_low; /* ratio that still keeps: 1 - down */
    double tolerance_high;
};

/* Which branch of reconcileAutoscaler the sync took. */
enum hpa_path {
    HPA_PATH_METRICS,
    HPA_PATH_FAILED_GET_SCALE,
    HPA_PATH_DISABLED, /* 0 replicas */
    HPA_PATH_ABOVE_MAX,
    HPA_PATH_BELOW_MIN,
    HPA_PATH_BAD_SELECTOR,
    HPA_PATH_FAILED_METRICS,
    HPA_PATH_CRASH
};

/* One scaling policy's limit. */
struct hpa_policy_working {
    const struct hpa_policy *policy;
    int32_t added; /* within its period */
    int32_t removed;
    int32_t start; /* replicas at the period's start, as reckoned */
    int32_t limit;
};

/* What kept the count from being what the metrics asked for. */
#define HPA_BINDINGS(X)                                                                            \
    X(NONE, "none")           /* the recommendation was applied as it is */                        \
    X(TOLERANCE, "tolerance") /* the winner is within tolerance: keep */                           \
    X(STABILIZATION_DOWN, "scale-down stabilization")                                              \
    X(STABILIZATION_UP, "scale-up stabilization")                                                  \
    X(SCALE_UP_LIMIT, "scale-up limit") /* policies, or max(2x, 4) without behavior */             \
    X(SCALE_DOWN_LIMIT, "scale-down limit")                                                        \
    X(MAX_REPLICAS, "maxReplicas")                                                                 \
    X(MIN_REPLICAS, "minReplicas")                                                                 \
    X(ZERO, "zero replicas") /* scaling is disabled */                                             \
    X(SELECTOR, "selector")                                                                        \
    X(METRICS, "metrics") /* not available */                                                      \
    X(SCALE, "scale")     /* not readable */                                                       \
    X(UPDATE, "update")   /* the scale could not be updated */

enum hpa_binding {
#define X(name, text) HPA_BINDING_##name,
    HPA_BINDINGS(X)
#undef X
};

/* The reason in the SuccessfulRescale event. */
enum hpa_rescale_reason {
    HPA_RESCALE_UNEXPLAINED, /* empty: stabilization moves what the metrics would keep */
    HPA_RESCALE_ABOVE_MAX,
    HPA_RESCALE_BELOW_MIN,
    HPA_RESCALE_ABOVE_TARGET, /* "{metric} above target" */
    HPA_RESCALE_BELOW_TARGET
};

struct hpa_decision {
    simtime at;
    const struct hpa_spec *spec;
    const struct hpa_view *view;
    struct hpa_profile profile; /* texts differ between releases */
    enum hpa_path path;
    enum hpa_binding binding;
    int32_t current; /* spec.replicas as read */
    int32_t status_replicas;
    struct hpa_metric_working *metrics;       /* spec->metric_count; NULL when none were computed */
    const struct hpa_metric_status *statuses; /* what status.currentMetrics becomes */
    size_t status_count;
    uint32_t failed_metrics;
    int32_t first_failed;   /* index, -1 */
    int32_t winner;         /* index, -1 */
    int32_t recommendation; /* of the metrics, before stabilization */
    /* stabilization */
    simtime up_window;
    simtime down_window;
    int32_t up_bound;   /* least recommendation within the up window (behavior) */
    int32_t down_bound; /* largest within the down window */
    int32_t stabilized;
    /* rates and bounds */
    const struct hpa_policy_working *policies; /* of the direction taken; behavior only */
    size_t policy_count;
    bool rate_checked;            /* a rate limit applied to this direction */
    int32_t rate_limit;           /* most (up) or least (down) that the rate allows */
    int32_t desired;              /* after all; what the scale becomes when rescale */
    enum hpa_reason limit_reason; /* ScalingLimited's */
    bool rescale;                 /* the caller has to update the scale and call hpa_applied */
    enum hpa_rescale_reason rescale_reason;
    bool rescale_names_winner; /* the reason names the winner's metric */
    /* after hpa_applied */
    bool rescaled;
    const char *update_error;
};

struct hpa_event {
    bool warning; /* type Warning, else Normal */
    const char *reason;
    const char *message;
};

/* The events that the sync recorded, in order; in the arena. */
struct hpa_event *hpa_decision_events(struct arena *a, const struct hpa_decision *d, size_t *count);
/* {failure}: the text after "unable to compute the replica count: ". */
const char *hpa_failure_message(struct arena *a, const struct hpa_decision *d, size_t metric);
/* What is wrong with the view's selector, as the condition says it. */
const char *hpa_selector_message(struct arena *a, const struct hpa_view *view);
const char *hpa_binding_name(enum hpa_binding binding);
const char *hpa_rule_name(enum hpa_proposal_rule rule);
/* "Current number of replicas above Spec.MaxReplicas" ...; in the arena or static. */
const char *hpa_rescale_reason_text(struct arena *a, const struct hpa_decision *d);

#endif
