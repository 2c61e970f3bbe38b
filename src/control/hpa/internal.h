/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of control/hpa only. The small helpers are Go's arithmetic, which C
 * leaves undefined: wrapping int32 and int64, and conversions of doubles that do not fit
 * (amd64: the type's minimum).
 */
#ifndef CONTROL_HPA_INTERNAL_H
#define CONTROL_HPA_INTERNAL_H

#include "control/hpa/reconcile.h"

static inline int32_t wrap32(int64_t v)
{
    return (int32_t)(uint32_t)(uint64_t)v;
}

static inline int64_t wrap_add(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x + (uint64_t)y);
}

static inline int64_t wrap_mul(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x * (uint64_t)y);
}

/* Truncated; the one quotient that does not fit wraps. y is not 0. */
static inline int64_t wrap_div(int64_t x, int64_t y)
{
    return y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y;
}

static inline int32_t int32_of_double(double v)
{
    return v > -2147483649.0 && v < 2147483648.0 ? (int32_t)v : INT32_MIN;
}

static inline int64_t int64_of_double(double v)
{
    return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : INT64_MIN;
}

/* Times near the ends of the range stay there. */
static inline simtime time_add(simtime t, simtime d)
{
    if (d > 0 && t > INT64_MAX - d) {
        return INT64_MAX;
    }
    if (d < 0 && t < INT64_MIN - d) {
        return INT64_MIN;
    }
    return t + d;
}

/* Tolerances of one HPA; interval says how they are compared. */
struct tolerances {
    double down;
    double up;
    bool interval;
};

/* Everything a metric's computation reads. */
struct hpa_sync {
    const struct hpa_spec *spec;
    const struct hpa_config *config;
    const struct hpa_view *view;
    struct hpa_state *state;
    struct arena *scratch;
    struct hpa_decision *out;
    simtime now;
    struct tolerances tolerances;
};

/* replica_calc.c: fills working and, where the metric works, its status entry. */
void replica_calc_metric(const struct hpa_sync *sync, size_t index, struct hpa_metric_working *w,
                         struct hpa_metric_status *status);

/* requests.c: a pod's request in one resource, milli. */
struct pod_request {
    int64_t milli;
    enum hpa_failure failure;
    const char *container; /* of HPA_FAILURE_MISSING_REQUEST */
    bool has_container;    /* the container named is there (or none was named) */
};
struct pod_request pod_request(const struct hpa_config *config, const struct pod_template *pod,
                               const char *resource, const char *container);

/* behavior.c: from the recommendation to the count, sets the two conditions. */
int32_t normalize_legacy(const struct hpa_sync *sync, int32_t recommendation);
int32_t normalize_behavior(const struct hpa_sync *sync, int32_t recommendation);
void store_scale_event(const struct hpa_spec *spec, struct hpa_state *state, int32_t from,
                       int32_t to, simtime at);

/* state.c */
struct hpa_condition *condition_set(struct hpa_state *state, enum hpa_condition_type type,
                                    enum condition_status status, enum hpa_reason reason,
                                    simtime now);
void condition_remove(struct hpa_state *state, enum hpa_condition_type type);
void condition_detail(struct hpa_state *state, struct hpa_condition *condition, const char *text);

/* message.c */
enum hpa_reason metric_failure_reason(const struct hpa_metric_spec *metric);

#endif
