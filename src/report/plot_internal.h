/* SPDX-License-Identifier: Apache-2.0 */
/* Between plot.c, which runs gnuplot, and plot_page.c, which writes what it draws. */
#ifndef REPORT_PLOT_INTERNAL_H
#define REPORT_PLOT_INTERNAL_H

#include "base/str.h"
#include "record/query.h"

struct plot_page {
    struct query *q;
    struct arena *arena;
    struct query_run run;
    simtime from;
    simtime to;
    int32_t width;
    bool svg;
    size_t index; /* of the workload */
    const struct query_workload *workload;
    const struct query_service *services;
    size_t service_count;
    const struct query_hpa *hpas;
    size_t hpa_count;
};

/* The gnuplot script of one page that draws into output; templates is the folder of *.gp. */
const char *plot_page_script(const struct plot_page *page, const char *templates,
                             const char *output);

#endif
