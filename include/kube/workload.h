/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is scaled: a Deployment or StatefulSet as its user wrote it (after API
 * defaulting), and its live state. Pods belong to it in order of creation.
 */
#ifndef KUBE_WORKLOAD_H
#define KUBE_WORKLOAD_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "engine/simtime.h"
#include "kube/labels.h"
#include "kube/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum workload_kind { WORKLOAD_DEPLOYMENT, WORKLOAD_STATEFULSET };

/* One resource of a container: the object's own text and its milli value. */
struct resource_amount {
    const char *name; /* "cpu", "memory", "nvidia.com/gpu" */
    struct quantity request;
    struct quantity limit;
    bool has_request;
    bool has_limit;
};

struct probe_spec {
    bool present;
    double initial_delay_seconds;
    double period_seconds;     /* default 10 */
    double timeout_seconds;    /* default 1 */
    int32_t success_threshold; /* default 1 */
    int32_t failure_threshold; /* default 3 */
};

struct container_spec {
    const char *name;
    bool init;    /* an init container */
    bool sidecar; /* an init container with restartPolicy Always */
    struct resource_amount *resources;
    size_t resource_count;
    struct probe_spec readiness;
    struct probe_spec startup;
    struct probe_spec liveness;
    bool has_pre_stop;
    double pre_stop_sleep_seconds; /* lifecycle.preStop.sleep.seconds, 0 when another handler */
};

struct pod_template {
    struct label *labels;
    size_t label_count;
    struct container_spec *containers; /* init containers first, in order */
    size_t container_count;
    struct resource_amount *resources; /* pod-level, spec.resources */
    size_t resource_count;
    struct resource_amount *overhead;
    size_t overhead_count;
    int64_t termination_grace_period_seconds; /* default 30 */
    const char *priority_class_name;
};

/* An int-or-string as in maxSurge: a count, or a percentage. */
struct int_or_percent {
    bool percent;
    int32_t value;
};

struct workload_spec {
    struct mark mark;
    enum workload_kind kind;
    const char *api_version;
    const char *namespace_name; /* "default" when the object has none */
    const char *name;
    int32_t replicas; /* default 1 */
    bool has_replicas;
    int32_t min_ready_seconds;
    struct label_selector selector;
    struct pod_template pod;
    /* Deployment */
    bool recreate;
    struct int_or_percent max_surge;       /* default 25% */
    struct int_or_percent max_unavailable; /* default 25% */
    int32_t progress_deadline_seconds;     /* default 600 */
    int32_t revision_history_limit;
    bool paused;
    /* StatefulSet */
    bool parallel; /* podManagementPolicy: Parallel */
    bool on_delete;
    int32_t partition;
    int32_t ordinals_start;
    const char *service_name;
};

/* The amount named, NULL when the container does not list it. */
const struct resource_amount *resource_find(const struct resource_amount *list, size_t count,
                                            const char *name);

/* Cores that the main container, the first that is no init container, may use; INFINITY: any. */
double pod_template_cpu_limit(const struct pod_template *pod);

#endif
