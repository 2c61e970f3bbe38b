/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a run file: typed, read-only, for pictures, summaries and explanations.
 * Results are arrays in the caller's arena; texts too. Times are virtual. An empty
 * result is NULL or not, with count 0. A file that a run is being written to can be
 * read up to its last commit.
 */
#ifndef RECORD_QUERY_H
#define RECORD_QUERY_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "kube/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUERY_NONE SIZE_MAX

struct query;

/* NULL after an error: no such file, not a run file, another schema version, in use. */
struct query *query_open(struct arena *a, const char *path, struct diag *d);
void query_close(struct query *q); /* NULL is fine */

struct query_run {
    int64_t run;
    const char *name;
    const char *scenario;
    const char *program;
    const char *resolution;
    const char *status; /* "running" also when the process was killed */
    const char *seed;
    const char *zone;
    int64_t start_unix_ns;
    int32_t zone_seconds;
    simtime duration;
    simtime record_interval;
    simtime until; /* the file holds the run up to here */
};

/* All runs of the file, in order. */
struct query_run *query_runs(struct query *q, struct arena *a, size_t *count);
/* One run; number 0 is the newest. False when there is none, with the runs there are. */
bool query_run(struct query *q, struct arena *a, int64_t number, struct query_run *out,
               struct diag *d);

struct query_workload {
    const char *kind;
    const char *namespace_name;
    const char *name;
    int32_t replicas;         /* at the start */
    double cpu_request_cores; /* NaN: none */
    double cpu_limit_cores;
};
struct query_workload *query_workloads(struct query *q, struct arena *a, int64_t run,
                                       size_t *count);

struct query_service {
    bool queue;
    bool demand; /* of CPU: counts are core-seconds */
    const char *name;
    size_t workload; /* QUERY_NONE */
};
struct query_service *query_services(struct query *q, struct arena *a, int64_t run, size_t *count);

/* What an HPA wants from a time on; edits make further ones. */
struct query_hpa_spec {
    simtime since;
    int64_t generation;
    int32_t min_replicas;
    int32_t max_replicas;
};

struct query_hpa_metric {
    int64_t generation;
    size_t metric; /* index in the spec */
    const char *type;
    const char *name;
    const char *target_type;
    double target; /* percent for "Utilization" */
};

struct query_hpa {
    const char *namespace_name;
    const char *name;
    const char *target;
    size_t workload; /* QUERY_NONE: the target does not exist */
    struct query_hpa_spec *specs;
    size_t spec_count;
    struct query_hpa_metric *metrics; /* of all generations */
    size_t metric_count;
};
struct query_hpa *query_hpas(struct query *q, struct arena *a, int64_t run, size_t *count);
/* The metric as the generation has it; NULL when there is none. */
const struct query_hpa_metric *query_hpa_metric(const struct query_hpa *hpa, int64_t generation,
                                                size_t metric);

/* The working of one metric in a sync; NaN and "" where there is none. */
struct query_working {
    size_t metric; /* QUERY_NONE: no metric was computed */
    bool failed;
    int32_t proposal;
    const char *rule;
    double value;
    double ratio;
    double filled_ratio;
    double tolerance_low;
    double tolerance_high;
    uint32_t ready;
    uint32_t unready;
    uint32_t missing;
    uint32_t ignored;
    int64_t total_milli;
    int64_t requests_milli;
    const char *failure;
};

struct query_sync {
    int64_t id;
    simtime at;
    int64_t generation;
    const char *path;
    int32_t current;
    int32_t status_replicas;
    bool has_recommendation; /* and stabilized */
    int32_t recommendation;
    int32_t stabilized;
    bool has_rate_limit;
    int32_t rate_limit;
    int32_t desired;
    bool rescaled;
    const char *binding;
    const char *limited; /* "" when not set; likewise below */
    const char *reason;
    const char *policies; /* JSON */
    const char *update_error;
    uint32_t failed_metrics;
    bool won; /* working is the winner's */
    struct query_working working;
};

/* [from, to], in order of time; SIMTIME_NEVER as `to` is the end. */
struct query_sync *query_syncs(struct query *q, struct arena *a, int64_t run, size_t hpa,
                               simtime from, simtime to, size_t *count);
/* The metrics of a sync that are not in its own working. */
struct query_working *query_other_metrics(struct query *q, struct arena *a, int64_t sync,
                                          size_t *count);

struct workload_sample *query_workload_samples(struct query *q, struct arena *a, int64_t run,
                                               size_t workload, simtime from, simtime to,
                                               size_t *count);
/* NULL columns are NaN. */
struct service_sample *query_service_samples(struct query *q, struct arena *a, int64_t run,
                                             size_t service, simtime from, simtime to,
                                             size_t *count);

/* source: NULL for all, else only this one's. */
struct observed_event *query_events(struct query *q, struct arena *a, int64_t run,
                                    const char *source, simtime from, simtime to, size_t *count);

struct query_condition {
    simtime at;
    const char *type;
    const char *status;
    const char *reason;
    const char *message;
};
/* Changes of conditions of one HPA up to `to`, in order. */
struct query_condition *query_conditions(struct query *q, struct arena *a, int64_t run, size_t hpa,
                                         simtime to, size_t *count);

/*
 * Tells an observer the run once more, one kind after the other, each in order: workload and
 * service samples, and decisions. Of a decision only at, current, status_replicas,
 * recommendation, stabilized, desired, rescaled, binding and failed_metrics are filled, and
 * metrics[0].ratio of the metric that won (winner is 0 or -1); its state is NULL.
 */
void query_replay(struct query *q, int64_t run, const struct observer *o);

#endif
