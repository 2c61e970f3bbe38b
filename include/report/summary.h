/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know of a run on one screen (at most 24 lines of 100 columns), or as
 * JSON. Gathers as an observer while the run goes on, so that it needs no file;
 * summary_of_file gathers from a run file instead.
 */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "base/arena.h"
#include "control/hpa/decision.h"
#include "engine/stats.h"
#include "kube/observer.h"
#include "record/query.h"
#include "record/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUMMARY_BINDINGS = HPA_BINDING_UPDATE + 1 };

struct summary_workload {
    const char *namespace_name;
    const char *name;
    double seconds; /* of its samples */
    int32_t replicas_min;
    int32_t replicas_max;
    double replica_seconds;  /* of the scale */
    double ready_seconds;    /* of ready replicas */
    double cpu_used_seconds; /* core-seconds */
    double cpu_requested_seconds;
    double cpu_throttled_seconds;
};

/* The largest of something, and when. */
struct summary_peak {
    double value;
    simtime at;
};

struct summary_service {
    const char *name;
    bool queue;
    bool demand;     /* of CPU: counts are core-seconds */
    size_t workload; /* SCENARIO_NONE */
    double seconds;
    double offered;
    double served;
    double timed_out;
    double dropped;
    double failed;
    double utilization_seconds;
    double unmet_replica_seconds;
    double unmet_seconds; /* for how long */
    struct summary_peak utilization;
    struct summary_peak unmet; /* replicas short */
    struct summary_peak lost;  /* per second */
    struct summary_peak p99;   /* seconds, of one interval */
    struct summary_peak waiting;
    struct histogram latency; /* put together from the intervals' quantiles */
};

struct summary_hpa {
    const char *namespace_name;
    const char *name;
    size_t workload; /* SCENARIO_NONE */
    int32_t min_replicas;
    int32_t max_replicas;
    uint64_t syncs;
    uint64_t failed_syncs; /* no metric, or some missing */
    uint32_t ups;
    uint32_t downs;
    uint32_t reversals; /* a change against one within ten minutes before */
    int32_t last_direction;
    simtime last_rescale;
    simtime last_sync;             /* -1 before the first */
    enum hpa_binding binding;      /* of the last sync */
    double held[SUMMARY_BINDINGS]; /* seconds each constraint was the one */
    double ratio_sum;              /* of the deciding metric to its target */
    uint64_t ratio_count;
    struct summary_peak ratio;
};

struct summary {
    struct arena *arena;
    const char *name;
    const char *resolution;
    uint64_t seed;
    int64_t start_unix_ns;
    int32_t zone_seconds;
    simtime ended; /* newest sample or sync */
    struct summary_workload *workloads;
    size_t workload_count;
    struct summary_service *services;
    size_t service_count;
    struct summary_hpa *hpas;
    size_t hpa_count;
};

/* How it is shown, and what the summary cannot know. */
struct summary_view {
    bool color;
    const char *status;   /* "complete", "interrupted"; NULL: not said */
    double wall_seconds;  /* the run took; 0: not said */
    const char *database; /* NULL: none */
    const char *const *pictures;
    size_t picture_count;
};

/* Strings of the run are copied. */
struct summary *summary_new(struct arena *a, const struct timeline_run *run);
struct observer summary_observer(struct summary *s);
struct summary *summary_of_file(struct arena *a, struct query *q, const struct query_run *run);
/* After the last sample: closes what was held until the end. */
void summary_end(struct summary *s, simtime ended);

/* Texts in the arena. */
const char *summary_text(const struct summary *s, const struct summary_view *view);
const char *summary_json(const struct summary *s, const struct summary_view *view);

/* The notable things, worst first, one line each; what a reader should see first. */
struct summary_notes {
    const char *lines[12];
    size_t count;
    size_t bad; /* the first so many mean that users or workloads suffered */
};
void summary_notes(const struct summary *s, struct arena *a, struct summary_notes *out);

#endif
