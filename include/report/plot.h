/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of a run: one page per workload with panels over one time axis (load,
 * replicas, metric against target, latency, unmet demand, queue), drawn by gnuplot
 * from the templates in plots/. PNG or SVG by the file's name. The same run gives
 * the same bytes with one version of gnuplot.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "record/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLOT_PAGES_MAX 16

struct plot_options {
    const char *templates; /* folder of the *.gp files; NULL: the program's own */
    const char *workload;  /* "web", "namespace/web"; NULL: every one that has an HPA or load */
    simtime from;
    simtime to;    /* 0: to the end */
    int32_t width; /* pixels; 0: 1200 */
};

struct plot_result {
    const char *files[PLOT_PAGES_MAX]; /* written, in the arena */
    size_t count;
    size_t left_out; /* workloads beyond PLOT_PAGES_MAX */
};

/*
 * path ends in .png or .svg. With several workloads their names are put before the ending:
 * day.png becomes day-web.png, day-worker.png. run 0 is the newest. False after an error:
 * nothing to draw, gnuplot missing or failing, path not writable.
 */
bool plot_run(struct query *q, int64_t run, const char *path, const struct plot_options *options,
              struct arena *a, struct diag *d, struct plot_result *out);

#endif
