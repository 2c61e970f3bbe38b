/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probability distributions of the durations and sizes in a model. Built once
 * (dist_constant ... dist_empirical), then read-only, copied freely and shared
 * by threads. Zero is the constant 0. Values carry the unit of their parameters.
 */
#ifndef ENGINE_DIST_H
#define ENGINE_DIST_H

#include "base/arena.h"
#include "engine/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dist_kind {
    DIST_CONSTANT,    /* mean */
    DIST_UNIFORM,     /* between low and high */
    DIST_EXPONENTIAL, /* mean */
    DIST_LOGNORMAL,   /* mean and cv (of the values, not of their logarithms) */
    DIST_GAMMA,       /* mean and cv */
    DIST_NORMAL,      /* of mean and cv before it is cut to [low, high]; drawn again outside */
    DIST_EMPIRICAL    /* values with weights, or a table of quantiles */
};

/* A value and its weight, or a probability's quantile. */
struct dist_point {
    double value;
    double weight; /* values: relative frequency, > 0; quantiles: the probability, 0 .. 1 */
};

/* Use the builders: they fill what follows from the parameters. */
struct dist {
    enum dist_kind kind;
    bool continuous; /* EMPIRICAL: quantiles joined by straight lines, else separate values */
    double mean;     /* moments of what is drawn, whatever the kind */
    double variance;
    double third; /* third moment about 0 */
    double low;   /* smallest and largest value that can be drawn; high may be INFINITY */
    double high;
    double a;                        /* internal: lognormal mu; gamma shape; normal mean */
    double b;                        /* internal: lognormal sigma; gamma scale; normal sd */
    const struct dist_point *points; /* EMPIRICAL: value rising, weight cumulative 0 .. 1 */
    const uint32_t *guide;           /* EMPIRICAL: where to start looking */
    size_t count;
};

/*
 * Builders. Parameters must be valid: finite; mean >= 0 (exponential, lognormal, gamma), cv >= 0,
 * low <= high, normal's interval within 8 sd of its mean. A cv of 0 gives a constant.
 */
struct dist dist_constant(double value);
struct dist dist_uniform(double low, double high);
struct dist dist_exponential(double mean);
struct dist dist_lognormal(double mean, double cv);
struct dist dist_gamma(double mean, double cv);
struct dist dist_normal(double mean, double cv, double low, double high); /* high may be INFINITY */
/*
 * Separate values drawn by weight. Points are copied into the arena, in any order. NULL points or
 * count 0 are not allowed; weights >= 0 with a positive sum.
 */
struct dist dist_empirical(struct arena *a, const struct dist_point *points, size_t count);
/* Quantiles joined by straight lines; probabilities rising from 0 to 1, values not falling. */
struct dist dist_quantiles(struct arena *a, const struct dist_point *points, size_t count);

/* The same distribution with all values times factor > 0. Empirical: points copied to the arena. */
struct dist dist_scaled(const struct dist *d, double factor, struct arena *a);

double dist_sample(const struct dist *d, struct rng *r);
double dist_cv(const struct dist *d);                 /* 0 when the mean is 0 */
double dist_cdf(const struct dist *d, double x);      /* P(X <= x) */
double dist_quantile(const struct dist *d, double p); /* smallest x with cdf(x) >= p */
const char *dist_kind_name(enum dist_kind kind);      /* "constant", "lognormal", ... */

#endif
