/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a run into a run file while it goes on: an observer over SQLite. What is
 * older than about half a second of wall time is in the file whatever happens to the
 * process. The wall clock only decides when to commit, never what is written.
 *
 *     struct timeline *t = timeline_open(&arena, path, TIMELINE_REPLACE, &diag);
 *     struct timeline_run run;
 *     timeline_run_of(&arena, &scenario, seed, "podtide 1.0", &run);
 *     if (t != NULL && timeline_begin_run(t, &run, &diag)) {
 *         struct observer observer = timeline_observer(t);
 *         ... simulate ...
 *         timeline_end_run(t, TIMELINE_COMPLETE, ended, &diag);
 *     }
 *     timeline_close(t, &diag);
 *
 * A write that fails (full disk) does not fail the simulation at once: the observer's
 * tick answers false, and timeline_end_run reports it. The file then holds everything
 * up to the last commit.
 */
#ifndef RECORD_TIMELINE_H
#define RECORD_TIMELINE_H

#include "base/arena.h"
#include "base/diag.h"
#include "control/hpa/spec.h"
#include "engine/simtime.h"
#include "kube/observer.h"
#include "manifest/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timeline;

enum timeline_mode {
    TIMELINE_REPLACE, /* a new file; an older run file of that name is replaced, nothing else is */
    TIMELINE_APPEND   /* one more run in the file, which is made when absent */
};

enum timeline_status {
    TIMELINE_COMPLETE,    /* the run reached its end */
    TIMELINE_INTERRUPTED, /* stopped on request */
    TIMELINE_FAILED       /* ended by an error */
};

struct timeline_input {
    const char *path; /* as given */
    uint64_t fnv1a;   /* FNV-1a 64 of its bytes */
    size_t bytes;
};

struct timeline_workload {
    const char *kind; /* "Deployment" */
    const char *namespace_name;
    const char *name;
    int32_t replicas;         /* at the start */
    double cpu_request_cores; /* of one pod; 0: none */
    double cpu_limit_cores;
    double memory_request_bytes;
    double memory_limit_bytes;
};

struct timeline_service {
    const char *kind; /* "service", "queue", "demand": of CPU, counted in core-seconds */
    const char *name;
    size_t workload; /* SCENARIO_NONE: none */
};

struct timeline_hpa {
    const struct hpa_spec *spec;
    size_t workload; /* SCENARIO_NONE: the target does not exist */
};

struct timeline_metric {
    const char *name;
    const char *kind; /* "pods", "object", "external" */
};

/* What is known of a run before it begins. Strings live until timeline_begin_run returns. */
struct timeline_run {
    const char *name;       /* of the scenario */
    const char *scenario;   /* its file as given */
    const char *program;    /* name and version */
    const char *resolution; /* "fluid", "requests" */
    uint64_t seed;
    int64_t start_unix_ns;
    int32_t zone_seconds;
    simtime duration;
    simtime record_interval;
    const char *parameters; /* JSON of what else was asked for; NULL: {} */
    const struct timeline_input *inputs;
    size_t input_count;
    const struct timeline_workload *workloads;
    size_t workload_count;
    const struct timeline_service *services; /* services first, then queues */
    size_t service_count;
    const struct timeline_hpa *hpas;
    size_t hpa_count;
    const struct hpa_config *controller; /* stays; NULL: observations are not recorded */
    const struct timeline_metric *metrics;
    size_t metric_count;
    bool record_pods;
    bool record_syncs;
};

/* Fills a run from a scenario; arrays in the arena, strings shared with the scenario. */
void timeline_run_of(struct arena *a, const struct scenario *scenario, uint64_t seed,
                     const char *program, struct timeline_run *out);

/* NULL after an error: not writable, not a run file, another schema version, in use. */
struct timeline *timeline_open(struct arena *a, const char *path, enum timeline_mode mode,
                               struct diag *d);
bool timeline_begin_run(struct timeline *t, const struct timeline_run *run, struct diag *d);
/* Its context is the timeline. Valid between begin and end. */
struct observer timeline_observer(struct timeline *t);
/* Marks the run and commits. False when the run could not be written whole. */
bool timeline_end_run(struct timeline *t, enum timeline_status status, simtime ended,
                      struct diag *d);
/* The number of the run begun last; 1 is a file's first. */
int64_t timeline_run_number(const struct timeline *t);
/* Rows written so far, for reports. */
uint64_t timeline_rows(const struct timeline *t);
/* NULL is fine. A run begun and not ended stays marked as running. */
void timeline_close(struct timeline *t, struct diag *d);

/*
 * A hash (FNV-1a 64) over all rows of a run in a defined order: the same scenario, seed
 * and program give the same number on every machine. Leaves out what is not of the simulated
 * world: file names, program version, run number. run 0 is the newest. False after an error.
 */
bool timeline_digest(const char *path, int64_t run, uint64_t *digest, struct diag *d);

#endif
