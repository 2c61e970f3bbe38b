/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One scenario under many seeds: what is luck (clocks, arrivals, start-up times) and
 * what is the configuration. Seeds are the scenario's own and those that follow it;
 * threads take the next one, results stand in the order of the seeds, so the answer
 * does not depend on how many threads there were.
 */
#ifndef STUDY_ENSEMBLE_H
#define STUDY_ENSEMBLE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "engine/simtime.h"
#include "manifest/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One change of spec.replicas by an HPA. */
struct rescale {
    simtime at;
    int32_t from;
    int32_t to;
};

/* What one seed's run did to one HPA's target. */
struct member {
    struct rescale *rescales;
    size_t count;
    int32_t initial;
};

/* The n-th rescale of the runs that had one there, by its from and to. */
struct rescale_group {
    size_t ordinal; /* from 1 */
    int32_t from;
    int32_t to;
    size_t members;
    simtime earliest;
    simtime median;
    simtime latest;
};

/* Replicas over all seeds at one time. */
struct band {
    simtime at;
    int32_t least;
    int32_t p5;
    int32_t p25;
    int32_t p50;
    int32_t p75;
    int32_t p95;
    int32_t most;
};

struct ensemble {
    const struct scenario *scenario;
    size_t seeds;
    struct member *members; /* [hpa * seeds + seed] */
    struct arena *arena;    /* of the members and of what is asked below */
};

/* Asked from time to time by one thread: false stops the study. done: seeds finished. */
typedef bool ensemble_progress(void *context, size_t done, size_t all);

/* threads 0: as many as there are processors. False after an error or a stop. */
bool ensemble_run(const struct scenario *scenario, size_t seeds, unsigned threads,
                  ensemble_progress *progress, void *context, struct arena *a, struct diag *d,
                  struct ensemble *out);

int32_t member_replicas(const struct member *m, simtime at);
/* Bands every `step` from 0 to the scenario's end, in the ensemble's arena. */
struct band *ensemble_bands(const struct ensemble *e, size_t hpa, simtime step, size_t *count);
/* By ordinal, then by how many members; in the ensemble's arena. */
struct rescale_group *ensemble_groups(const struct ensemble *e, size_t hpa, size_t *count);
/* How many different sequences of (from, to) there were. */
size_t ensemble_sequences(const struct ensemble *e, size_t hpa);

void ensemble_print(const struct ensemble *e, FILE *out);
void ensemble_json(const struct ensemble *e, struct json_writer *w);
/* A fan chart of every HPA's replicas; path ends in .png or .svg. */
bool ensemble_plot(const struct ensemble *e, const char *path, struct diag *d);

#endif
