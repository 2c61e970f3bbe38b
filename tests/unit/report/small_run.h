/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run of one HPA in a run file, small enough to check by hand: a sync every 15 s from
 * 10:00:15 on, pods of 1 core that are ready 30 s after they were asked for, and CPU that is the
 * load in cores over the ready pods. 100 requests a second are one core.
 */
#ifndef TESTS_SMALL_RUN_H
#define TESTS_SMALL_RUN_H

#include "base/arena.h"
#include "base/diag.h"
#include "control/hpa/spec.h"

/* Cores asked for from `from_sync` on, until the next. */
struct small_load {
    int from_sync;
    double cores;
    bool outage; /* the metrics API fails */
};

struct small_run {
    const char *path;
    const struct hpa_spec *spec;
    int32_t replicas; /* at the start */
    int syncs;
    const struct small_load *loads;
    size_t load_count;
    const char *service_kind; /* NULL: "service" */
    int tampered;             /* this sync is recorded as if it had gone to 99; 0: none */
};

/* An HPA "default/web" on cpu at 70 %, from 2 to 10 replicas, without behavior. */
extern const struct hpa_spec small_spec;

void small_run_write(const struct small_run *run, struct arena *a, struct diag *d);
/* A name for a run file in a folder of its own; removed by small_run_remove. */
const char *small_run_path(struct arena *a);
void small_run_remove(const char *path);

#endif
