/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world of one run, shared by the files of this room. Everything lives in the
 * run arena; arrays are filled while building and do not move afterwards.
 */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "control/apps/controller.h"
#include "control/hpa/ambiguous.h"
#include "control/hpa/reconcile.h"
#include "control/kubelet.h"
#include "engine/event.h"
#include "engine/stats.h"
#include "kube/clocks.h"
#include "kube/cluster.h"
#include "kube/observer.h"
#include "load/source.h"
#include "manifest/scenario.h"
#include "metrics/metrics_server.h"
#include "metrics/named.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;
struct demand;
struct http;
struct job_queue;
struct mesh;
struct service;
struct work;

/* One HPA and its controller's clock. */
struct autoscaler {
    struct world *world;
    uint32_t index;
    const struct hpa_spec *spec;
    struct hpa_state state;
    struct workload *target;    /* NULL: there is none, the scale cannot be read */
    const char *scale_error;    /* then: what the API says */
    const char *selector;       /* of the target, as text */
    struct workload **selected; /* workloads whose pods the selector finds */
    size_t selected_count;
    bool may_be_ambiguous; /* another HPA's selector finds the same pods */
    bool registered;       /* has synced: the controller knows its selector */
    struct event sync;
    uint64_t syncs;        /* done so far */
    uint64_t pods_version; /* of the selected workloads when pods was filled */
    VEC(struct hpa_pod) pods;
    struct hpa_metric_answer *answers; /* by metric of the spec, as the next two */
    struct metric_buffer *buffers;
    struct hpa_sample_list *samples;
};

struct hpa_sample_list {
    struct hpa_sample *items;
    size_t cap;
};

/* One service or queue: the offered load, the model, the pods behind it. One model is set. */
struct traffic {
    struct world *world;
    uint32_t index; /* services first, then queues */
    const char *name;
    struct workload *workload;
    const struct load_spec *spec; /* of its own load, NULL: none */
    const struct load_source *source;
    struct load_cursor cursor;
    double scale;     /* timed events change it */
    double throttled; /* cores, mean over the last sample's interval */
    struct demand *demand;
    struct http *http;
    struct work *work;
};

/* One of the scenario's timed events. */
struct fault {
    struct world *world;
    uint32_t index;
    bool active; /* began and has not ended */
    struct event begin;
    struct event end;
};

struct sampler {
    struct world *world;
    struct event event;
    simtime last;
    double *used; /* by workload: core-seconds at the last sample */
};

struct world {
    const struct scenario *scenario;
    struct arena *arena;
    struct arena scratch; /* rewound by whoever takes a mark */
    struct diag *diag;
    struct engine *engine;
    const struct observer *observer;
    uint64_t seed;
    simtime epoch_fraction;
    struct cluster cluster;
    struct clocks *clocks;
    struct hpa_config hpa_config;
    struct metrics_server *metrics_server;
    struct metrics *metrics;
    struct autoscaler *autoscalers; /* one per HPA of the scenario */
    simtime *workers_busy;          /* until when each of the controller's workers is at work */
    struct traffic *traffic;        /* services first, then queues */
    size_t traffic_count;
    struct mesh *mesh; /* NULL when all are driven by demand */
    struct fault *faults;
    simtime until;
    bool stop;
    uint64_t sync_count;
};

/* autoscaler.c */
void autoscalers_build(struct world *w);
void autoscaler_edit(struct autoscaler *a, const struct hpa_spec *spec);

/* traffic.c: what all models share */
bool traffic_build(struct world *w);
void traffic_start(struct world *w);
/* The mean offered rate over [from, until), scaled; NaN counts as nothing offered. */
double traffic_offered(struct traffic *t, simtime from, simtime until);
/* When a constant rate set at `from` needs to be set anew: the load bends, or slopes for a step. */
simtime traffic_step_end(struct traffic *t, simtime from);
/* Timed events have begun or ended: every scale anew. */
void traffic_rescale(struct world *w);
void traffic_sample(struct world *w, simtime now, simtime interval);
/* Cores that the limits kept the workload's pods from, mean over the last sample's interval. */
double traffic_throttled(const struct world *w, const struct workload *workload);
/* One quantity for a named metric; pod NULL: of the whole. NaN: no such value. */
double traffic_quantity(struct traffic *t, const struct scenario_metric *metric,
                        const struct pod *pod, simtime now);

/* Mean and quantiles of a row's latencies. */
void traffic_latency(const struct histogram *latency, struct service_sample *out);

/* demand.c: CPU demand in cores, shared by the ready pods */
struct demand *demand_create(struct traffic *t);
void demand_start(struct demand *d);
void demand_changed(struct demand *d); /* the offered load did */
void demand_pod(struct demand *d, struct pod *pod, enum pod_change change, simtime now);
void demand_sample(struct demand *d, simtime now, struct service_sample *out, double *throttled);
double demand_cores(const struct demand *d);

/* http.c: requests to a service */
struct http *http_create(struct traffic *t, const struct scenario_service *spec);
void http_start(struct http *h, struct service *service);
void http_changed(struct http *h);
void http_pod(struct http *h, struct pod *pod, enum pod_change change, simtime now);
void http_sample(struct http *h, simtime now, struct service_sample *out, double *throttled);
/* The sample was told: its latencies, which it points at, are forgotten. */
void http_sampled(struct http *h);
double http_quantity(struct http *h, const struct scenario_metric *m, const struct pod *pod,
                     simtime now);

/* work.c: jobs of a queue */
struct work *work_create(struct traffic *t, const struct scenario_queue *spec);
void work_start(struct work *k, struct job_queue *queue);
void work_changed(struct work *k);
void work_pod(struct work *k, struct pod *pod, enum pod_change change, simtime now);
void work_sample(struct work *k, simtime now, struct service_sample *out);
void work_sampled(struct work *k); /* as http_sampled */
double work_quantity(struct work *k, const struct scenario_metric *m, const struct pod *pod,
                     simtime now);

/* pipelines.c: metrics-server, custom and external metrics */
void pipelines_build(struct world *w);
void pipelines_start(struct world *w);
void pipelines_fault(struct world *w, uint32_t index, const struct scenario_event *event,
                     bool begins);
void pipelines_sample(struct world *w, simtime now);

/* faults.c: the scenario's timed events */
void faults_build(struct world *w);

/* sampling.c: what is recorded every interval */
void sampling_build(struct world *w);

#endif
