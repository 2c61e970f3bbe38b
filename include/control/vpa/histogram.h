/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decaying histogram of the Vertical Pod Autoscaler (recommender/util: histogram.go,
 * decaying_histogram.go, vpa_histogram_options.go): exponential buckets, and weights that grow
 * with a sample's time instead of all others shrinking. A fixed number of doubles, however
 * many samples were added.
 *
 * Times in this room are nanoseconds since 1970-01-01T00:00:00Z, because half-lives are
 * counted from UTC midnights. VPA_NO_TIME stands for Go's zero time, before all others.
 */
#ifndef CONTROL_VPA_HISTOGRAM_H
#define CONTROL_VPA_HISTOGRAM_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

#define VPA_HISTOGRAM_BUCKETS    176 /* of both kinds below */
#define VPA_NO_TIME              INT64_MIN
#define VPA_HISTOGRAM_MAX_WEIGHT 10000 /* of a bucket in a checkpoint */

/* Bucket i begins at start[i]; the first at 0. Read-only once initialised; may be shared. */
struct vpa_histogram_options {
    double first; /* width of the first bucket */
    double ratio; /* of a bucket's width to the one before */
    double log_ratio;
    double epsilon; /* a bucket with less weight is empty */
    double start[VPA_HISTOGRAM_BUCKETS];
};

struct vpa_histogram {
    const struct vpa_histogram_options *options;
    simtime half_life;
    simtime reference; /* samples of this time weigh what they weigh; a multiple of half_life */
    double total;
    int32_t min_bucket; /* first that is not empty, else the last one */
    int32_t max_bucket; /* last that is not empty, else 0 */
    double weight[VPA_HISTOGRAM_BUCKETS];
};

/* What a VerticalPodAutoscalerCheckpoint keeps of one histogram. */
struct vpa_histogram_checkpoint {
    simtime reference;
    double total;
    uint32_t weight[VPA_HISTOGRAM_BUCKETS]; /* the largest is 10000; all 0 when empty */
};

void vpa_histogram_cpu_options(struct vpa_histogram_options *out);    /* cores: 0.01 to 1000 */
void vpa_histogram_memory_options(struct vpa_histogram_options *out); /* bytes: 1e7 to 1e12 */

int32_t vpa_histogram_find(const struct vpa_histogram_options *options, double value);

/* Empty; half_life > 0 and at most 500 days. options must outlive the histogram. */
void vpa_histogram_init(struct vpa_histogram *h, const struct vpa_histogram_options *options,
                        simtime half_life);
bool vpa_histogram_is_empty(const struct vpa_histogram *h);
/* weight >= 0 before decay. May move the reference. */
void vpa_histogram_add(struct vpa_histogram *h, double value, double weight, simtime at);
void vpa_histogram_subtract(struct vpa_histogram *h, double value, double weight, simtime at);
/* Adds all of other, whose reference may move (for good) to h's. Equal options and half-lives. */
void vpa_histogram_merge(struct vpa_histogram *h, struct vpa_histogram *other);
/* The end of the bucket in which the fraction is reached, 0 when empty; percentile in 0..1. */
double vpa_histogram_percentile(const struct vpa_histogram *h, double percentile);

void vpa_histogram_save(const struct vpa_histogram *h, struct vpa_histogram_checkpoint *out);
/* Into an empty histogram. False, and nothing read, when the total is negative. */
bool vpa_histogram_load(struct vpa_histogram *h, const struct vpa_histogram_checkpoint *checkpoint);

#endif
