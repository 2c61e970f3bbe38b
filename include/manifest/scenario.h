/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario: what `podtide run` runs. apiVersion podtide/v1, kind Scenario, together
 * with the Kubernetes objects it names, read, defaulted and cross-checked. Everything
 * here is read-only after scenario_read and lives in its arena; threads may share it.
 *
 * Names have become indices: workload, service, queue and load indices point into the
 * arrays below; SCENARIO_NONE is "none". Times are virtual (0 is `start`), rates are per
 * second, cores and bytes are doubles.
 */
#ifndef MANIFEST_SCENARIO_H
#define MANIFEST_SCENARIO_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "control/hpa/spec.h"
#include "control/kubelet.h"
#include "engine/dist.h"
#include "engine/simtime.h"
#include "kube/labels.h"
#include "kube/workload.h"
#include "load/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_NONE ((size_t)-1)

enum scenario_mode { SCENARIO_FLUID, SCENARIO_REQUESTS };

/* A file that was read, for the run's record. */
struct scenario_input {
    const char *path; /* as given or found */
    uint64_t fnv1a;   /* FNV-1a 64 of its bytes */
    size_t bytes;
};

struct scenario_load {
    const char *name;
    struct mark mark;
    const struct load_spec *spec; /* references are resolved */
};

enum scenario_balancing {
    SCENARIO_BALANCING_RANDOM,
    SCENARIO_BALANCING_ROUND_ROBIN,
    SCENARIO_BALANCING_LEAST_REQUESTS
};

/* Calls that each request of a service makes to another, and waits for. */
struct scenario_call {
    const char *service_name;
    struct mark mark;
    size_t service;
    double per_request; /* mean */
};

/* Jobs that each request of a service puts on a queue. */
struct scenario_job {
    const char *queue_name;
    struct mark mark;
    size_t queue;
    double per_request; /* mean */
};

/*
 * An HTTP service on the ready pods of a workload. Either the request model (cpu, wait ...)
 * with `load` in requests per second, or cpu_demand: cores shared evenly by the ready pods,
 * each capped at its limit; then no requests exist.
 */
struct scenario_service {
    struct mark mark;
    const char *name;
    const char *workload_name; /* as written */
    struct mark workload_mark;
    size_t workload;
    const struct load_spec *load;       /* requests per second; NULL: only called by others */
    const struct load_spec *cpu_demand; /* cores; NULL: requests */
    struct dist cpu;                    /* core-seconds per request */
    struct dist wait;                   /* seconds per request without CPU */
    int32_t concurrency;                /* requests in work per pod; 0: unlimited */
    int32_t queue;                      /* requests waiting per pod; 0 none, -1 unlimited */
    double timeout_seconds;             /* 0: clients wait for ever */
    enum scenario_balancing balancing;
    double cpu_limit_cores; /* per pod, from the manifest's main container; 0: none */
    double memory_base_bytes;
    double memory_per_request_bytes;
    double idle_cores; /* per running pod */
    const struct scenario_call *calls;
    size_t call_count;
    const struct scenario_job *jobs;
    size_t job_count;
};

/* Jobs worked off by the pods of a workload. */
struct scenario_queue {
    struct mark mark;
    const char *name;
    const char *workload_name;
    struct mark workload_mark;
    size_t workload;
    const struct load_spec *load; /* jobs per second; NULL: only what services put there */
    struct dist service_time;     /* seconds a worker needs */
    double cpu_share;             /* of it spent on CPU, 0..1 */
    int32_t workers_per_pod;
    double visibility_timeout_seconds; /* 0: a lost job is back at once */
    int32_t max_receives;              /* 0: unlimited; then to the dead letters */
    double idle_cores;
    double memory_base_bytes;
    double memory_per_job_bytes;
};

enum scenario_metric_kind {
    SCENARIO_METRIC_PODS,
    SCENARIO_METRIC_OBJECT,
    SCENARIO_METRIC_EXTERNAL
};

/* What a named metric measures. Of a service unless said otherwise. */
enum scenario_quantity {
    SCENARIO_QUANTITY_LOAD,     /* a load expression, as a value */
    SCENARIO_QUANTITY_REQUESTS, /* requests per second offered */
    SCENARIO_QUANTITY_SERVED,   /* per second */
    SCENARIO_QUANTITY_IN_FLIGHT,
    SCENARIO_QUANTITY_WAITING,     /* requests waiting for a worker */
    SCENARIO_QUANTITY_LATENCY,     /* seconds at `quantile` */
    SCENARIO_QUANTITY_CPU,         /* cores used */
    SCENARIO_QUANTITY_UTILIZATION, /* of the ready pods' capacity, 0..1 */
    SCENARIO_QUANTITY_DEPTH,       /* queue: jobs waiting */
    SCENARIO_QUANTITY_OLDEST,      /* queue: age of the oldest in seconds */
    SCENARIO_QUANTITY_BACKLOG      /* queue: waiting and in work */
};

enum scenario_function {
    SCENARIO_FUNCTION_LAST,
    SCENARIO_FUNCTION_RATE,
    SCENARIO_FUNCTION_AVERAGE
};

struct scenario_metric {
    struct mark mark;
    const char *name;
    enum scenario_metric_kind kind;
    const struct label *labels; /* of the series: selectors match them */
    size_t label_count;
    const char *object_kind; /* OBJECT: the described object */
    const char *object_name;
    const char *namespace_name;
    enum scenario_quantity quantity;
    size_t service; /* or SCENARIO_NONE */
    size_t queue;
    size_t workload;              /* PODS: whose pods have it; else SCENARIO_NONE */
    const struct load_spec *load; /* QUANTITY_LOAD */
    double quantile;
    double scale; /* of the value, default 1 */
    bool direct;  /* no pipeline: the value at the time of the question */
    simtime scrape_interval;
    simtime window; /* of rate and average */
    enum scenario_function function;
    simtime delay;  /* further age of what is served */
    simtime relist; /* until the adapter knows the name; 0: at once */
};

enum scenario_metrics_mode {
    SCENARIO_METRICS_CADVISOR,
    SCENARIO_METRICS_KWOK,
    SCENARIO_METRICS_IDEAL
};
/* Distributions that the scenario gives instead of the measured (or ideal) ones; seconds. */
struct clock_distribution {
    bool given;
    struct dist seconds;
};

struct clock_distributions {
    struct clock_distribution sync_work;
    struct clock_distribution rescale_work;
    struct clock_distribution create_first;
    struct clock_distribution create_next;
    struct clock_distribution delete_first;
    struct clock_distribution bind;
    struct clock_distribution start;
    struct clock_distribution scrape_response;
    struct clock_distribution sample_first;
    simtime housekeeping; /* 0: not given */
};

enum scenario_clocks { SCENARIO_CLOCKS_MEASURED, SCENARIO_CLOCKS_IDEAL, SCENARIO_CLOCKS_RECORDED };

enum scenario_event_kind {
    SCENARIO_EVENT_EDIT,
    SCENARIO_EVENT_SCALE,
    SCENARIO_EVENT_METRICS_OUTAGE,
    SCENARIO_EVENT_CRASH,
    SCENARIO_EVENT_LOAD
};

enum scenario_api {
    SCENARIO_API_ALL,
    SCENARIO_API_RESOURCE,
    SCENARIO_API_CUSTOM,
    SCENARIO_API_EXTERNAL
};

/* What an outage makes of the values. */
enum scenario_outage {
    SCENARIO_OUTAGE_ERROR,   /* the API answers with an error */
    SCENARIO_OUTAGE_ZERO,    /* values are 0 */
    SCENARIO_OUTAGE_MISSING, /* no values, for a fraction of the pods */
    SCENARIO_OUTAGE_STALE    /* values and times stay what they were */
};

/* An object as an edit leaves it, read and defaulted when the scenario is. */
struct scenario_edit {
    size_t hpa; /* or SCENARIO_NONE */
    size_t workload;
    const struct hpa_spec *hpa_before; /* NULL where `hpa` is none */
    const struct hpa_spec *hpa_after;
    const struct workload_spec *workload_before;
    const struct workload_spec *workload_after;
    bool rolls; /* the pod template changed */
};

struct scenario_event {
    struct mark mark;
    simtime at;
    simtime until; /* SIMTIME_NEVER: for good (edits, loads, outages); ignored by crash */
    enum scenario_event_kind kind;
    struct scenario_edit edit;
    size_t workload;  /* SCALE, CRASH */
    int32_t replicas; /* SCALE */
    enum scenario_api api;
    const char *metric; /* outage of one metric; NULL: all of the api */
    enum scenario_outage outage;
    const char *error; /* OUTAGE_ERROR: the API's text; NULL: the usual one */
    double fraction;   /* OUTAGE_MISSING: of the pods, 0..1; CRASH likewise, 0: by count */
    int32_t pods;      /* CRASH: how many */
    size_t service;    /* LOAD: of this service ... */
    size_t queue;      /* ... or queue ... */
    size_t load;       /* ... or named load, wherever it is used */
    double scale;      /* LOAD: factor while it lasts */
};

struct scenario {
    const char *name;
    const char *description;
    const char *file;      /* as given */
    const char *directory; /* of the file: loads' files are relative to it */
    int64_t start_unix_ns;
    int32_t zone_seconds; /* zone that times are shown in, as `start` was written */
    simtime duration;
    uint64_t seed;
    enum scenario_mode mode;
    simtime step;

    const struct workload_spec *workloads; /* in the order read */
    const struct pod_timing *timings;      /* by workload */
    size_t workload_count;
    const struct hpa_spec *hpas;
    size_t *hpa_targets; /* by HPA: workload or SCENARIO_NONE */
    size_t hpa_count;

    const struct scenario_load *loads;
    size_t load_count;
    const struct scenario_service *services;
    size_t service_count;
    const struct scenario_queue *queues;
    size_t queue_count;
    const struct scenario_metric *metrics;
    size_t metric_count;
    enum scenario_metrics_mode metrics_mode;
    simtime metrics_resolution; /* metrics-server --metric-resolution */
    struct hpa_config hpa;
    int32_t concurrent_syncs; /* --concurrent-horizontal-pod-autoscaler-syncs */
    enum scenario_clocks clocks;
    const char *clocks_file; /* RECORDED; relative to directory */
    struct mark clocks_mark;
    struct clock_distributions clock_distributions;
    const struct scenario_event *events; /* by time, then as written */
    size_t event_count;

    simtime record_interval;
    bool record_pods;  /* pods and their changes */
    bool record_syncs; /* every HPA sync with its working */

    const struct scenario_input *inputs;
    size_t input_count;
};

struct object_type;
/* The table of the whole document, for the JSON Schema and the manual. */
extern const struct object_type scenario_type;

/* What the command line adds. */
struct scenario_options {
    const char *const *sets; /* "spec.duration=2h": a path and a YAML value */
    size_t set_count;
    bool manifests_only; /* no scenario is needed: out then has name NULL and the objects alone */
};

/*
 * Reads the scenario file (path "-": standard input) and the manifests it names; further
 * paths are manifests too. False after errors, all of them reported. Surprises that are
 * allowed are warnings: a missing target, ambiguous selectors, metrics that nothing feeds.
 */
bool scenario_read(const char *const *paths, size_t path_count,
                   const struct scenario_options *options, struct arena *arena, struct diag *diag,
                   struct scenario *out);

/*
 * Reads the files that the run will read, traces and recorded clocks, and reports what is wrong
 * with them. The arena must outlive the diagnostics. False after errors.
 */
bool scenario_check_files(const struct scenario *s, struct arena *arena, struct diag *diag);

/*
 * A workload as users write it: "deployment/web", "ns/deployment/web". Without a namespace it is
 * the one in "default", or the only one there is. SCENARIO_NONE if there is none.
 */
size_t scenario_find_workload(const struct scenario *s, const char *reference);

#endif
