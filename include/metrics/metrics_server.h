/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resource metrics pipeline: cAdvisor's samples, the kubelet's answers, and the
 * store of metrics-server v0.9.0 (pkg/storage/pod.go, pkg/scraper) that metrics.k8s.io
 * is served from. The CPU of a pod's main container (the first one) comes from pod->cpu,
 * its memory from pod->memory_bytes; the other containers use what they are said to.
 *
 * Nothing happens per sample: at each scrape the meters are asked for what they had at
 * the samples' times. Memory is bounded by the pods alive.
 *
 * Pods that ran before time 0 are taken to have used until then what they use at first, and to
 * have been scraped: they are served from time 0 on.
 */
#ifndef METRICS_METRICS_SERVER_H
#define METRICS_METRICS_SERVER_H

#include "base/arena.h"
#include "engine/event.h"
#include "engine/simtime.h"
#include "kube/clocks.h"
#include "kube/cluster.h"
#include "metrics/fault.h"
#include "metrics/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metrics_mode {
    METRICS_CADVISOR, /* as a kubelet: samples of their own times, averages over their distance */
    METRICS_KWOK,     /* as KWOK 0.8 serves: the value at the scrape, three scrapes to the first */
    METRICS_IDEAL     /* every scrape samples: exact averages from scrape to scrape */
};

/* A container beside the main one, of constant usage. */
struct container_usage {
    const char *container;
    double cores;
    double memory_bytes;
};

struct metrics_server_spec {
    enum metrics_mode mode;
    simtime resolution;     /* --metric-resolution; 0: 15 s, as the shipped manifests set it */
    simtime epoch_fraction; /* of the wall clock's second at time 0 */
    uint64_t seed;
    uint32_t node_count; /* at least 1 */
};

struct metrics_server;

struct metrics_server *metrics_server_create(struct arena *a, struct engine *e,
                                             const struct clocks *clocks,
                                             const struct metrics_server_spec *spec);
/* Before its pods run. By the workload's index; containers not named use (almost) nothing. */
void metrics_server_set_usage(struct metrics_server *m, uint32_t workload,
                              const struct container_usage *usage, size_t count);
/* Schedules the scrapes. */
void metrics_server_start(struct metrics_server *m);
/* A pod_listener: cluster_subscribe(c, metrics_server_pod_changed, m). */
void metrics_server_pod_changed(void *context, struct pod *pod, enum pod_change change,
                                simtime now);

void metrics_server_fault_begin(struct metrics_server *m, const struct metric_fault *fault);
void metrics_server_fault_end(struct metrics_server *m, const struct metric_fault *fault);

/* What is served of one pod. */
struct pod_metrics {
    simtime timestamp; /* whole seconds of the wall clock, cut; virtual time */
    simtime window;
    uint32_t container_count;
};

struct container_metrics {
    const char *name;
    uint64_t cpu_nanocores;
    uint64_t memory_bytes;
};

/* NULL: it answers; else the API's error text. */
const char *metrics_server_error(const struct metrics_server *m);
/* False: no item for this pod. Containers, at most room of them, the main one first. */
bool metrics_server_get(struct metrics_server *m, const struct pod *pod, struct pod_metrics *out,
                        struct container_metrics *containers, uint32_t room);

enum metrics_resource { METRICS_CPU, METRICS_MEMORY };

enum metrics_served {
    METRICS_NO_ITEM,      /* the pod is not in the list */
    METRICS_NO_VALUE,     /* an item without a usable value: no containers */
    METRICS_NO_CONTAINER, /* an item without the container asked for */
    METRICS_VALUE
};

/*
 * The HPA's reading of a pod (metrics/client.go: getPodMetrics, getContainerMetrics): the sum of
 * the containers' MilliValue()s, or of one container (container not NULL).
 */
enum metrics_served metrics_server_read(struct metrics_server *m, const struct pod *pod,
                                        enum metrics_resource resource, const char *container,
                                        int64_t *milli, simtime *timestamp, simtime *window);

uint64_t metrics_server_scrapes(const struct metrics_server *m); /* stored so far */

#endif
