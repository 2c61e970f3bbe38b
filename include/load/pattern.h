/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load by formula: the regular generators, each turned into a series, and the
 * random ones, whose draws are functions of (seed, name, cell number) alone, so
 * that it does not matter who asks first. Values are per second, or whatever
 * the metric they drive is in. Zeroed members mean the stated defaults.
 */
#ifndef LOAD_PATTERN_H
#define LOAD_PATTERN_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "load/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load_point {
    simtime at;
    double value;
    struct mark mark;
};

/* steps (each value holds until the next) and points (straight lines between them). */
struct pattern_points {
    const struct load_point *points; /* at rising; before the first: its value */
    size_t count;
};

struct pattern_ramp {
    double from;
    double to;
    simtime at;       /* starts; `from` before */
    simtime duration; /* 0 jumps; `to` after */
};

enum daily_shape {
    DAILY_SINE, /* a cosine wave, in straight pieces of a minute */
    DAILY_TRIANGLE,
    DAILY_PLATEAU /* max for width around the peak, min otherwise, ramps between */
};

struct pattern_daily {
    double min;
    double max;
    double peak_hour; /* 0 to 24, at zone */
    enum daily_shape shape;
    simtime width;    /* plateau: time at max; 0 means 9 h */
    simtime ramp;     /* plateau: time of each slope; 0 means 1 h */
    const char *zone; /* NULL: UTC */
    struct mark zone_mark;
};

struct pattern_weekly {
    double factors[7]; /* Monday first; they hold from midnight to midnight */
    simtime blend;     /* a slope of this length across each midnight; 0 jumps */
    const char *zone;
    struct mark zone_mark;
};

/* base, then rise to height, hold, fall back to base. */
struct pattern_spike {
    double base;
    double height; /* the value on top */
    simtime at;
    simtime rise;
    simtime hold;
    simtime fall;
    simtime every; /* > 0: again and again, counted from `at` */
};

struct k6_stage {
    simtime duration; /* 0 jumps to the target */
    double target;    /* iterations per time unit */
    struct mark mark;
};

/* k6's ramping-arrival-rate: straight from target to target; afterwards nothing. */
struct pattern_k6 {
    double start_rate; /* iterations per time unit */
    simtime time_unit; /* 0 means 1 s */
    const struct k6_stage *stages;
    size_t stage_count;
};

/* promtool's shorthand: "0+10x30 300x20 _x4 stale"; a sample each interval, held until the next. */
struct pattern_promtool {
    const char *values;
    struct mark values_mark;
    simtime interval; /* 0 means 1 min */
    bool linear;      /* straight between samples instead of held */
};

struct pattern_context {
    struct arena *arena;
    struct diag *diag;
    int64_t start_unix_ns; /* the run's start, for time of day and weekday */
    bool negative_allowed; /* else a negative value is an error */
};

#define LOAD_VALUE_MAX 1e15                           /* larger values are taken for mistakes */
#define LOAD_TIME_MAX  ((simtime)1000000000000000000) /* 31 years: likewise */

/* Each builds the series of a checked or unchecked spec; false after errors at `mark` or nearer. */
bool pattern_constant(double value, struct mark mark, const struct pattern_context *c,
                      struct series *out);
bool pattern_steps(const struct pattern_points *p, struct mark mark,
                   const struct pattern_context *c, struct series *out);
bool pattern_points(const struct pattern_points *p, struct mark mark,
                    const struct pattern_context *c, struct series *out);
bool pattern_ramp(const struct pattern_ramp *p, struct mark mark, const struct pattern_context *c,
                  struct series *out);
bool pattern_daily(const struct pattern_daily *p, struct mark mark, const struct pattern_context *c,
                   struct series *out);
bool pattern_weekly(const struct pattern_weekly *p, struct mark mark,
                    const struct pattern_context *c, struct series *out);
bool pattern_spike(const struct pattern_spike *p, struct mark mark, const struct pattern_context *c,
                   struct series *out);
bool pattern_k6(const struct pattern_k6 *p, struct mark mark, const struct pattern_context *c,
                struct series *out);
bool pattern_promtool(const struct pattern_promtool *p, struct mark mark,
                      const struct pattern_context *c, struct series *out);

enum noise_distribution {
    NOISE_LOGNORMAL, /* mean 1, never negative */
    NOISE_NORMAL     /* drawn again until within 0 .. 2, so the mean stays 1 */
};

/*
 * Draws by cell: a key stands for (seed, name), the cell number is any integer.
 * The same (key, cell) always gives the same value.
 */
double pattern_draw_uniform(uint64_t key, int64_t cell); /* [0, 1) */
double pattern_draw_noise(uint64_t key, int64_t cell, enum noise_distribution kind, double sd);
double pattern_draw_poisson(uint64_t key, int64_t cell, double mean);       /* whole number */
simtime pattern_draw_exponential(uint64_t key, int64_t cell, simtime mean); /* at least 1 ns */

#endif
