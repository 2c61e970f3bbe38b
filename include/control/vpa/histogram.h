/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decaying histogram of the Vertical Pod Autoscaler (recommender/util: histogram.go,
 * decaying_histogram.go, histogram_options.go): exponential buckets, and weights that grow
 * with a sample's time instead of all others shrinking. A fixed number of doubles, however
 * many samples were added.
 *
 * Times in this room are nanoseconds since 1970-01-01T00:00:00Z, because half-lives are
 * counted from UTC midnights. HISTOGRAM_NO_TIME stands for Go's zero time, before all others.
 */
#ifndef CONTROL_VPA_HISTOGRAM_H
#define CONTROL_VPA_HISTOGRAM_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS    176 /* of both kinds below */
#define HISTOGRAM_NO_TIME    INT64_MIN
#define HISTOGRAM_MAX_WEIGHT 10000 /* of a bucket in a checkpoint */

/* Bucket i begins at start[i]; the first at 0. Read-only once initialised; may be shared. */
struct histogram_options {
    double first; /* width of the first bucket */
    double ratio; /* of a bucket's width to the one before */
    double log_ratio;
    double epsilon; /* a bucket with less weight is empty */
    double start[HISTOGRAM_BUCKETS];
};

struct histogram {
    const struct histogram_options *options;
    simtime half_life;
    simtime reference; /* samples of this time weigh what they weigh; a multiple of half_life */
    double total;
    int32_t min_bucket; /* first that is not empty, else the last one */
    int32_t max_bucket; /* last that is not empty, else 0 */
    double weight[HISTOGRAM_BUCKETS];
};

/* What a VerticalPodAutoscalerCheckpoint keeps of one histogram. */
struct histogram_checkpoint {
    simtime reference;
    double total;
    uint32_t weight[HISTOGRAM_BUCKETS]; /* the largest is 10000; all 0 when empty */
};

void histogram_cpu_options(struct histogram_options *out);    /* cores: 0.01 to 1000 */
void histogram_memory_options(struct histogram_options *out); /* bytes: 1e7 to 1e12 */

int32_t histogram_find(const struct histogram_options *options, double value);

/* Empty; half_life > 0 and at most 500 days. options must outlive the histogram. */
void histogram_init(struct histogram *h, const struct histogram_options *options,
                    simtime half_life);
bool histogram_is_empty(const struct histogram *h);
/* weight >= 0 before decay. May move the reference. */
void histogram_add(struct histogram *h, double value, double weight, simtime at);
void histogram_subtract(struct histogram *h, double value, double weight, simtime at);
/* Adds all of other, whose reference may move (for good) to h's. Equal options and half-lives. */
void histogram_merge(struct histogram *h, struct histogram *other);
/* The end of the bucket in which the fraction is reached, 0 when empty; percentile in 0..1. */
double histogram_percentile(const struct histogram *h, double percentile);

void histogram_save(const struct histogram *h, struct histogram_checkpoint *out);
/* Into an empty histogram. False, and nothing read, when the total is negative. */
bool histogram_load(struct histogram *h, const struct histogram_checkpoint *checkpoint);

#endif
