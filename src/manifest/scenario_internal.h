/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files that read a scenario: the tables of its parts, the document as
 * decoded (names still names), and the steps from there to struct scenario.
 */
#ifndef MANIFEST_SCENARIO_INTERNAL_H
#define MANIFEST_SCENARIO_INTERNAL_H

#include "manifest/decode.h"
#include "manifest/hpa_object.h"
#include "manifest/object.h"
#include "manifest/scenario.h"

/* What was written, with the place, until it is resolved. */
struct named {
    const char *text; /* NULL: not given */
    struct mark mark;
};

/* A time of the run or of the calendar. */
struct moment {
    bool absolute;
    int64_t unix_ns;
    simtime at;
};

struct memory_model {
    double base_bytes;
    double per_unit_bytes; /* per request or job in work */
};

struct pods_part {
    struct mark mark;
    struct named workload; /* none: every workload without a part of its own */
    bool has_idle;
    bool has_memory;
    struct pod_timing timing;
};

struct metric_part {
    struct scenario_metric metric; /* all but service and queue */
    struct named service;
    struct named queue;
    struct named workload;
};

struct event_part {
    struct scenario_event event; /* all but indices, times and edits */
    struct moment at;
    simtime lasts;       /* 0: for good */
    struct named object; /* edit */
    const struct node *patch;
    struct named workload; /* scale, crash */
    struct named load;
};

struct service_part {
    struct scenario_service service;
    bool has_idle;
    bool has_memory;
};

struct queue_part {
    struct scenario_queue queue;
    bool has_idle;
    bool has_memory;
};

struct clocks_part {
    enum scenario_clocks mode;
    const char *file;
    struct mark file_mark;
    struct clock_distributions distributions;
};

struct controllers_part {
    struct named kubernetes; /* "1.36" */
    int32_t concurrent_syncs;
    struct mark concurrent_syncs_mark;
    simtime sync_period;
    simtime downscale_stabilization;
    simtime cpu_initialization_period;
    simtime initial_readiness_delay;
    double tolerance;
};

struct scenario_part {
    const char *description;
    struct string_list manifests;
    struct instant start;
    simtime duration;
    uint64_t seed;
    struct {
        enum scenario_mode mode;
        simtime step;
    } resolution;
    struct item_list loads;    /* struct scenario_load */
    struct item_list services; /* struct service_part */
    struct item_list queues;   /* struct queue_part */
    struct item_list pods;     /* struct pods_part */
    struct {
        struct {
            enum scenario_metrics_mode mode;
            simtime resolution;
        } server;
        struct item_list custom; /* struct metric_part */
        struct item_list external;
    } metrics;
    struct controllers_part controllers;
    const struct node *feature_gates;
    struct clocks_part clocks;
    struct item_list events; /* struct event_part */
    struct {
        simtime interval;
        bool pods;
        bool syncs;
    } record;
};

struct scenario_document {
    int api_version;
    int kind;
    struct {
        const char *name;
        struct label_list labels;
        struct label_list annotations;
    } metadata;
    struct scenario_part spec;
};

extern const struct object_type scenario_load_type;       /* struct load_spec */
extern const struct object_type scenario_named_load_type; /* struct scenario_load */
extern const struct object_type scenario_point_type;      /* struct load_point */
extern const struct object_type scenario_ramp_type;       /* struct pattern_ramp, and so on */
extern const struct object_type scenario_daily_type;
extern const struct object_type scenario_weekly_type;
extern const struct object_type scenario_spike_type;
extern const struct object_type scenario_k6_type;
extern const struct object_type scenario_promtool_type;
extern const struct object_type scenario_mmpp_type;     /* struct load_mmpp */
extern const struct object_type scenario_trace_type;    /* struct trace_spec */
extern const struct object_type scenario_dist_type;     /* struct dist */
extern const struct object_type scenario_service_type;  /* struct service_part */
extern const struct object_type scenario_queue_type;    /* struct queue_part */
extern const struct object_type scenario_pods_type;     /* struct pods_part */
extern const struct object_type scenario_custom_type;   /* struct metric_part */
extern const struct object_type scenario_external_type; /* struct metric_part */
extern const struct object_type scenario_event_type;    /* struct event_part */

/* A workload or HPA object as read, with what later edits need. */
struct object_entry {
    const struct manifest_object *object;
    const struct node *node; /* as the last edit left it */
};

/* The state of reading one scenario. */
struct reading {
    struct arena *arena;
    struct diag *diag;
    const struct scenario_options *options;
    struct scenario *out;
    struct scenario_document document;
    struct manifest_objects objects;
    struct workload_spec *workloads; /* out->workloads */
    struct object_entry *workload_entries;
    struct hpa_spec *hpas;
    struct hpa_object *hpa_objects; /* as stored */
    struct object_entry *hpa_entries;
};

/* scenario_set.c: the tree with "path=value" put in; NULL after an error. */
const struct node *scenario_set(struct arena *a, const struct node *root, const char *assignment,
                                struct diag *d);

/* scenario_objects.c: workloads and HPAs from the objects read. */
bool scenario_objects(struct reading *r);
/* The HPA of that reference, SCENARIO_NONE if there is none. */
size_t scenario_find_hpa(const struct scenario *s, const char *reference);

/* scenario_resolve.c: names to indices, parts to the scenario's arrays. */
bool scenario_resolve(struct reading *r);
/* The workload named; reports an unknown one. */
bool resolve_workload(struct reading *r, const struct named *name, size_t *out);
/* Sets load references below spec; reports unknown names. */
bool resolve_load(struct reading *r, const struct load_spec *spec);

/* scenario_timing.c: pods' times by workload. */
bool scenario_timings(struct reading *r);

/* scenario_edit.c: the timed events. */
bool scenario_events(struct reading *r);

/* path taken from the directory, unless it is absolute. */
const char *scenario_path(struct arena *a, const char *directory, const char *path);

/* scenario_files.c: the files read, with their hashes. */
void scenario_inputs(struct reading *r);

/* scenario_check.c: what is allowed and yet will surprise: warnings. */
void scenario_check(struct reading *r);
void scenario_check_objects(struct reading *r);

#endif
