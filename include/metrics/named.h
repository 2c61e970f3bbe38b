/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Custom and external metrics by name, and the metrics source: the one place that
 * answers the four calls of upstream's MetricsClient (pkg/controller/podautoscaler/
 * metrics/client.go: resource, raw, object, external), from metrics-server, from a
 * Prometheus with its adapter, or directly from the model.
 *
 * The simulation says how each series is read (a callback); this room says when, and
 * what is served of it. An answer costs O(pods) and allocates nothing once its buffer
 * has grown.
 */
#ifndef METRICS_NAMED_H
#define METRICS_NAMED_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "engine/event.h"
#include "engine/simtime.h"
#include "kube/cluster.h"
#include "kube/labels.h"
#include "metrics/fault.h"
#include "metrics/metrics_server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_PODS, METRIC_OBJECT, METRIC_EXTERNAL };

/* The function of the adapter's query. RATE reads a counter, the others a gauge. */
enum metric_function { METRIC_LAST, METRIC_RATE, METRIC_AVERAGE };

struct metric_spec {
    const char *name;
    enum metric_kind kind;
    const char *namespace_name;
    const struct label *labels; /* of the series; metric selectors match them */
    size_t label_count;
    const char *object_kind; /* OBJECT */
    const char *object_name;
    bool direct; /* no scraping: the value at the time of the question */
    enum metric_function function;
    simtime scrape_interval; /* 0: 15 s */
    simtime window;          /* of RATE and AVERAGE; 0: 1 min */
    simtime delay;           /* what is served is that much older still */
    simtime relist; /* --metrics-relist-interval: the adapter knows a name from its next multiple
                       after the first sample on; 0: at once */
};

/*
 * Reads one series at `now`; pod is NULL for OBJECT and EXTERNAL. For RATE the total so far
 * (it may fall back: a reset), else the value. NaN: no value now. `direct` with RATE reads a
 * value, too: the caller gives the rate itself.
 */
typedef double metric_read(void *context, const struct pod *pod, simtime now);

struct metrics;

/* The whole metrics side of a run. seed and epoch_fraction as in metrics_server_spec. */
struct metrics *metrics_create(struct arena *a, struct engine *e, struct metrics_server *server,
                               uint64_t seed, simtime epoch_fraction);
/*
 * Returns its index. spec must stay. For PODS: the pods of this workload have the metric, of all
 * workloads when it is NULL. Series that are there when the run begins are taken to have been
 * what they are at first.
 */
uint32_t metrics_add(struct metrics *m, const struct metric_spec *spec,
                     const struct workload *workload, metric_read *read, void *context);
/* Schedules scrapes; before it, add all metrics. */
void metrics_start(struct metrics *m);
/* A pod_listener, besides metrics_server_pod_changed and registered after it. */
void metrics_pod_changed(void *context, struct pod *pod, enum pod_change change, simtime now);

/* What the last query would give now, for the recorder: PODS: the mean over pods. NaN: none. */
double metrics_value(struct metrics *m, uint32_t metric, simtime now);

/* Faults of a whole API ... */
enum metrics_api { METRICS_API_RESOURCE, METRICS_API_CUSTOM, METRICS_API_EXTERNAL };
void metrics_api_fault_begin(struct metrics *m, enum metrics_api api,
                             const struct metric_fault *fault);
void metrics_api_fault_end(struct metrics *m, enum metrics_api api,
                           const struct metric_fault *fault);
/* ... or of one named metric (all series of that name). False: no such metric. */
bool metrics_fault_begin(struct metrics *m, const char *name, const struct metric_fault *fault);
bool metrics_fault_end(struct metrics *m, const char *name, const struct metric_fault *fault);

/* A question of the HPA controller. */
enum metric_query_type {
    METRIC_QUERY_RESOURCE,
    METRIC_QUERY_CONTAINER_RESOURCE,
    METRIC_QUERY_PODS,
    METRIC_QUERY_OBJECT,
    METRIC_QUERY_EXTERNAL
};

struct metric_query {
    enum metric_query_type type;
    const char *name;      /* resource or metric */
    const char *container; /* CONTAINER_RESOURCE */
    const char *namespace_name;
    const char *object_kind; /* OBJECT */
    const char *object_name;
    const struct label_selector *selector; /* of the metric; NULL: everything */
};

/* One pod's value; pod is its index among the pods asked for. Same shape as struct hpa_sample. */
struct metric_reading {
    uint32_t pod;
    int64_t value; /* milli */
    simtime time;
    simtime window;
};

/* Memory that an answer points into; one per question, kept between syncs. Zero is empty. */
struct metric_buffer {
    VEC(struct metric_reading) readings;
    VEC(int64_t) values;
};

struct metric_answer {
    const char *error; /* the API's error text without the client's prefix; NULL: it answered */
    bool listed;       /* at least one item, usable or not */
    const struct metric_reading *readings;
    size_t reading_count;
    const char *lacks_container; /* CONTAINER_RESOURCE: the first listed pod without it, or NULL */
    int64_t value;               /* OBJECT, milli */
    const int64_t *values;       /* EXTERNAL, milli */
    size_t value_count;
};

/*
 * Asks at `now`. The pods are those of the workloads given, in their order; readings index
 * them so counted. out points into the buffer and lives until its next use.
 */
void metrics_answer(struct metrics *m, const struct metric_query *query,
                    struct workload *const *workloads, size_t workload_count, simtime now,
                    struct metric_buffer *buffer, struct metric_answer *out);

#endif
