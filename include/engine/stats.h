/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is learned from many observations in little memory: moments, means over
 * time, and a histogram whose quantiles are right to within 1 %.
 * Zero is empty for all three.
 */
#ifndef ENGINE_STATS_H
#define ENGINE_STATS_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Mean and variance of observations (Welford). */
struct running {
    uint64_t count;
    double mean;
    double m2; /* sum of squared distances from the mean */
    double min;
    double max;
};

void running_add(struct running *s, double x);
void running_merge(struct running *s, const struct running *other);
double running_variance(const struct running *s); /* of the sample, n - 1; 0 below two */
double running_sd(const struct running *s);

/* The mean over time of something piecewise constant. */
struct time_mean {
    simtime began;
    simtime since; /* when the value was set */
    double value;
    double area; /* value times seconds up to since */
    double max;
};

void time_mean_start(struct time_mean *m, simtime at, double value);
void time_mean_set(struct time_mean *m, simtime at, double value); /* at not falling */
double time_mean_at(const struct time_mean *m, simtime at);        /* since the start */
double time_mean_area(const struct time_mean *m, simtime at);

/*
 * Weighted observations of seconds: 64 buckets to every doubling from 2^-20 s
 * (about 1 us) to 2^20 s (12 days), so a quantile is within 1 % of the exact
 * one. Below is one bucket at 0, above one at the top; min and max are exact.
 */
enum {
    HISTOGRAM_SUB = 64,
    HISTOGRAM_OCTAVES = 40,
    HISTOGRAM_BUCKETS = HISTOGRAM_SUB * HISTOGRAM_OCTAVES + 2
};

struct histogram {
    double total; /* weight */
    double sum;   /* weight times value */
    double min;   /* of the values added; meaningless while total is 0 */
    double max;
    uint32_t first; /* used buckets are first .. end - 1; end 0: empty */
    uint32_t end;
    double weights[HISTOGRAM_BUCKETS];
};

/* Bucket of a value; negative and NaN count as 0. */
static inline uint32_t histogram_bucket(double x)
{
    if (!(x >= 0x1p-20))
        return 0;
    if (x >= 0x1p20)
        return HISTOGRAM_BUCKETS - 1;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint32_t)((bits >> 46) - ((uint64_t)(1023 - 20) << 6)) + 1;
}

static inline void histogram_add(struct histogram *h, double x, double weight)
{
    uint32_t i = histogram_bucket(x);
    h->weights[i] += weight;
    if (h->end == 0) {
        h->first = i;
        h->end = i + 1;
        h->min = h->max = x;
    } else {
        if (i < h->first)
            h->first = i;
        if (i >= h->end)
            h->end = i + 1;
        if (x < h->min)
            h->min = x;
        if (x > h->max)
            h->max = x;
    }
    h->total += weight;
    h->sum += weight * x;
}

void histogram_reset(struct histogram *h); /* cost: the used buckets */
void histogram_merge(struct histogram *h, const struct histogram *other);
/* Adds other with its weights times factor. */
void histogram_merge_scaled(struct histogram *h, const struct histogram *other, double factor);
/* The value below which p (0 .. 1) of the weight lies; NaN when empty. */
double histogram_quantile(const struct histogram *h, double p);
/* The same for several rising p in one pass. */
void histogram_quantiles(const struct histogram *h, const double *p, size_t count, double *out);
double histogram_mean(const struct histogram *h); /* exact; NaN when empty */
/* Weight of values <= x, to bucket resolution. */
double histogram_below(const struct histogram *h, double x);

#endif
