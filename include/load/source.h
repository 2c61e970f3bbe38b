/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offered load as an expression: traces and patterns at the leaves; sums,
 * products, limits and random modulation above. A load_spec is what the user
 * wrote; load_build checks it, reads the files and makes the load_source, a
 * read-only tree that threads may share; each run reads it through a cursor of
 * its own, which holds the seed.
 *
 * Every source is piecewise linear. Where two or more factors of a product
 * slope at once, the product is drawn as straight lines between exact values
 * at whole seconds. So a value, the time of the next kink and the integral are
 * exact, and equal whoever asks in which order.
 *
 * Missing data (a trace's gaps, promtool's "_") is a value: NaN. A sum or
 * product with a missing member is missing.
 */
#ifndef LOAD_SOURCE_H
#define LOAD_SOURCE_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "load/pattern.h"
#include "load/series.h"
#include "load/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum load_kind {
    LOAD_CONSTANT, /* zero: no load */
    LOAD_STEPS,
    LOAD_POINTS,
    LOAD_RAMP,
    LOAD_DAILY,
    LOAD_WEEKLY,
    LOAD_SPIKE,
    LOAD_K6,
    LOAD_PROMTOOL,
    LOAD_TRACE,
    LOAD_POISSON,
    LOAD_MMPP,
    LOAD_NOISE,
    LOAD_SUM,
    LOAD_PRODUCT,
    LOAD_CLAMP,
    LOAD_SHIFT,
    LOAD_REFERENCE /* another load by name; the decoder sets `of`, cycles are an error here */
};

struct load_spec;

struct load_constant {
    double value;
};

/* Counts of a Poisson process whose mean is `of` (or `rate`), per cell, as a rate. */
struct load_poisson {
    const struct load_spec *of; /* NULL: `rate` */
    double rate;
    simtime cell; /* 0 means 1 s */
};

/* Two states in turn, exponential sojourns; starts in one by its long-run share. */
struct load_mmpp {
    double rates[2];
    simtime sojourns[2]; /* means, > 0 */
};

/* A random factor of mean 1, new in each cell; times `of` when given. */
struct load_noise {
    const struct load_spec *of;
    double sd;    /* relative */
    simtime cell; /* 0 means 1 min */
    enum noise_distribution distribution;
};

struct load_terms {
    const struct load_spec *const *terms; /* sum, product */
    size_t count;
};

struct load_clamp {
    const struct load_spec *of;
    double min; /* used with has_min */
    double max;
    bool has_min;
    bool has_max;
};

/* `of`, later by offset (nothing before it), and started anew each `every`. */
struct load_shift {
    const struct load_spec *of;
    simtime offset;
    simtime every; /* 0: never */
};

struct load_reference {
    const char *name;
    const struct load_spec *of; /* NULL is reported as an unknown name */
};

/* One expression. scale applies to all kinds (for a trace besides its own). */
struct load_spec {
    enum load_kind kind;
    struct mark mark;
    const char *name; /* of the random stream; NULL: the path from the root, "web.sum[1]" */
    double scale;     /* 0 means 1: whoever decodes refuses a written 0 */
    union {
        struct load_constant constant;
        struct pattern_points points; /* STEPS, POINTS */
        struct pattern_ramp ramp;
        struct pattern_daily daily;
        struct pattern_weekly weekly;
        struct pattern_spike spike;
        struct pattern_k6 k6;
        struct pattern_promtool promtool;
        struct trace_spec trace;
        struct load_poisson poisson;
        struct load_mmpp mmpp;
        struct load_noise noise;
        struct load_terms terms;
        struct load_clamp clamp;
        struct load_shift shift;
        struct load_reference reference;
    } u;
};

enum load_use {
    LOAD_USE_RATE, /* requests, jobs, cores: never negative */
    LOAD_USE_GAUGE /* drives a metric: any finite value */
};

struct load_context {
    struct arena *arena; /* the result lives here */
    struct diag *diag;
    const char *directory; /* files are relative to it */
    const char *name;      /* of the root, for stream names: the service or load */
    int64_t start_unix_ns; /* the run's start */
    enum load_use use;
};

struct load_node;

struct load_source {
    const struct load_node *root;
    size_t node_count;
    bool has_arrivals; /* load_next_arrival works: traces of requests; their sums, shifts, scales */
    simtime end;       /* from here on the value no longer changes; SIMTIME_NEVER: no such time */
};

/* NULL after errors; all of them are reported. */
const struct load_source *load_build(const struct load_spec *spec,
                                     const struct load_context *context);

/* State of reading one source in one run. */
struct load_cursor {
    const struct load_source *source;
    struct load_node_state *nodes; /* by node */
    struct load_segment segment;   /* the root's newest, for the fast path */
    simtime summed_until;          /* integral over the whole segments before it: counters */
    double sum;
};

struct load_arrival {
    simtime at;
    double weight; /* relative size of the request, mean 1 */
};

/* The cursor's state lives in the arena. Different seeds differ only in random nodes. */
void load_cursor_init(struct load_cursor *cursor, const struct load_source *source, uint64_t seed,
                      struct arena *a);
/* The value at t >= 0; NaN: no value. Rising times are cheapest, any order is right. */
double load_value(const struct load_source *source, struct load_cursor *cursor, simtime t);
/* The straight piece around t. */
struct load_segment load_segment_at(const struct load_source *source, struct load_cursor *cursor,
                                    simtime t);
/* The first time after t at which the value may leave its straight line. */
simtime load_next_change(const struct load_source *source, struct load_cursor *cursor, simtime t);
/*
 * Value times seconds over [t0, t1): requests offered. Missing stretches add nothing. From t0 = 0
 * on to rising t1 (a counter's value) only what is new is added up.
 */
double load_integral(const struct load_source *source, struct load_cursor *cursor, simtime t0,
                     simtime t1);
/* The next request, in order, from the start of the run; false when none is left. */
bool load_next_arrival(struct load_cursor *cursor, struct load_arrival *out);
/* Makes the next load_next_arrival give the first request at or after t. */
void load_seek_arrival(struct load_cursor *cursor, simtime t);

#endif
