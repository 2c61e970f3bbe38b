/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with a metrics pipeline, as timed windows. One `metric_faults`
 * belongs to a pipeline (metrics-server, one named metric, a whole API); windows of
 * one kind may overlap and end one by one. Zero is all well.
 */
#ifndef METRICS_FAULT_H
#define METRICS_FAULT_H

#include "engine/simtime.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stdint.h>

enum metric_fault_kind {
    METRIC_FAULT_UNAVAILABLE, /* the API answers with an error */
    METRIC_FAULT_SCRAPE,      /* scrapes fail: of one node, or of all */
    METRIC_FAULT_MISSING,     /* a fraction of the pods (or the one series) has no value */
    METRIC_FAULT_ZERO,        /* values are 0 */
    METRIC_FAULT_FROZEN,      /* values and times stay what they were */
    METRIC_FAULT_KINDS
};

#define METRIC_FAULT_ALL_NODES UINT32_MAX

struct metric_fault {
    enum metric_fault_kind kind;
    const char
        *text; /* UNAVAILABLE: the API's error; NULL: the usual one. Must outlive the window */
    double fraction; /* MISSING: of the pods, 0..1; 1 for series that are not of pods */
    uint32_t node;   /* SCRAPE */
};

#define METRIC_FAULT_WINDOWS 8 /* open at once in one pipeline */

struct metric_faults {
    struct metric_fault open[METRIC_FAULT_WINDOWS];
    uint32_t count;
    uint32_t of_kind[METRIC_FAULT_KINDS];
};

/* False, and nothing changes, when too many windows are open. */
bool metric_fault_begin(struct metric_faults *f, const struct metric_fault *fault);
/* Ends the oldest open window that equals fault; false when there is none. */
bool metric_fault_end(struct metric_faults *f, const struct metric_fault *fault);

static inline bool metric_fault_is(const struct metric_faults *f, enum metric_fault_kind kind)
{
    return f->of_kind[kind] > 0;
}
/* The newest window's text, NULL when it names none (or none is open). */
const char *metric_fault_text(const struct metric_faults *f);
bool metric_fault_of_node(const struct metric_faults *f, uint32_t node);
/* Is this pod among the missing? The same pods throughout; seed is the run's. */
bool metric_fault_of_pod(const struct metric_faults *f, uint64_t seed, const struct pod *pod);

#endif
