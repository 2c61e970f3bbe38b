/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for the HPA's tests: one HPA, its controller, pods made alike. */
#ifndef TESTS_UNIT_CONTROL_HPA_WORLD_H
#define TESTS_UNIT_CONTROL_HPA_WORLD_H

#include "control/hpa/reconcile.h"

#define SECOND SIMTIME_SECOND

struct hpa_world {
    struct arena arena;
    struct hpa_config config;
    struct hpa_metric_spec metric;
    struct hpa_spec spec;
    struct hpa_state state;
    struct pod_template pod;
    struct resource_amount request;
    struct container_spec container;
    struct hpa_pod pods[16];
    struct hpa_sample samples[24];
    int64_t series;
    struct hpa_metric_answer answer;
    struct hpa_view view;
    struct hpa_decision decision;
};

/* min 1, max 100, no behavior, External lag with averageValue 1: the value is the proposal. */
void hpa_world_init(struct hpa_world *w);
/* Turns the metric into Resource cpu with that utilization; pods request 100m each. */
void hpa_world_cpu(struct hpa_world *w, int32_t utilization);
/* count ready pods, old ones, each with a sample of that many milli. */
void hpa_world_pods(struct hpa_world *w, size_t count, int64_t milli);
void hpa_world_drop(struct hpa_world *w);

/* One sync that proposes so many; applies a rescale at once. Returns spec.replicas after. */
int32_t hpa_world_propose(struct hpa_world *w, simtime at, int32_t proposal);
int32_t hpa_world_sync(struct hpa_world *w, simtime at);

/* The reason that a condition has now, "" when it is not there. */
const char *hpa_world_reason(const struct hpa_world *w, enum hpa_condition_type type);

#endif
