/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decaying histogram with exponential buckets, as VPA 1.8.1 keeps one for CPU and one for
 * memory of each container (recommender/util/histogram.go, decaying_histogram.go). A sample
 * of time t weighs 2^((t - reference) / half-life) times its weight; before that overflows,
 * the reference moves to the half-life nearest to t and all weights shrink by a power of two.
 *
 * The traps: sums are plain doubles in the order of the calls, and ties at a percentile hang
 * on their last bit; min and max move on adding only when the bucket is above epsilon then;
 * merging moves the reference of the one that is merged, too; an empty histogram has no
 * reference (Go's zero time), so the first sample always moves it.
 */
#include "control/vpa/histogram.h"

#include "base/require.h"
#include "control/vpa/gomath.h"

#include <math.h>
#include <string.h>

#define MAX_DECAY_EXPONENT 100
#define MIN_SAMPLE_WEIGHT  0.1

/* A quarter of the nanoseconds from year 1 to 1970: the whole does not fit 64 bits. */
#define QUARTER_TO_1970 (15533899200ULL * 1000000000ULL)

static void options_init(struct vpa_histogram_options *out, double first)
{
    out->first = first;
    out->ratio = 1. + 0.05;
    out->log_ratio = gomath_log(out->ratio);
    out->epsilon = 0.001 * MIN_SAMPLE_WEIGHT;
    out->start[0] = 0;
    for (int32_t i = 1; i < VPA_HISTOGRAM_BUCKETS; i++) {
        out->start[i] = first * (gomath_pow(out->ratio, i) - 1) / (out->ratio - 1);
    }
}

void vpa_histogram_cpu_options(struct vpa_histogram_options *out)
{
    options_init(out, 0.01);
}

void vpa_histogram_memory_options(struct vpa_histogram_options *out)
{
    options_init(out, 1e7);
}

int32_t vpa_histogram_find(const struct vpa_histogram_options *options, double value)
{
    if (value < options->first) {
        return 0;
    }
    const double exact =
        gomath_log(value * (options->ratio - 1) / options->first + 1) / options->log_ratio;
    return exact < VPA_HISTOGRAM_BUCKETS - 1 ? (int32_t)exact : VPA_HISTOGRAM_BUCKETS - 1;
}

void vpa_histogram_init(struct vpa_histogram *h, const struct vpa_histogram_options *options,
                        simtime half_life)
{
    require(half_life > 0 && half_life <= 500 * SIMTIME_DAY);
    memset(h, 0, sizeof *h);
    h->options = options;
    h->half_life = half_life;
    h->reference = VPA_NO_TIME;
    h->min_bucket = VPA_HISTOGRAM_BUCKETS - 1;
}

bool vpa_histogram_is_empty(const struct vpa_histogram *h)
{
    return h->weight[h->min_bucket] < h->options->epsilon;
}

/* updateMinAndMaxBucket */
static void tighten(struct vpa_histogram *h)
{
    const double epsilon = h->options->epsilon;
    while (h->weight[h->min_bucket] < epsilon && h->min_bucket < VPA_HISTOGRAM_BUCKETS - 1) {
        h->min_bucket++;
    }
    while (h->weight[h->max_bucket] < epsilon && h->max_bucket > 0) {
        h->max_bucket--;
    }
}

static void scale(struct vpa_histogram *h, double factor)
{
    for (int32_t b = h->min_bucket; b <= h->max_bucket; b++) {
        h->weight[b] *= factor;
    }
    h->total *= factor;
    tighten(h);
}

/* time.Time.Round: to the nearest multiple since year 1, halves up. */
static simtime round_to_half_life(simtime at, simtime half_life)
{
    const uint64_t step = (uint64_t)half_life;
    const uint64_t origin = (QUARTER_TO_1970 % step) * 4 % step;
    const uint64_t since = at >= 0 ? (uint64_t)at % step : step - 1 - (uint64_t)(-(at + 1)) % step;
    const uint64_t rest = (origin + since) % step;
    return rest + rest < step ? at - (simtime)rest : at + (simtime)(step - rest);
}

/* shiftReferenceTimestamp */
static void move_reference(struct vpa_histogram *h, simtime to)
{
    const simtime rounded = round_to_half_life(to, h->half_life);
    /* Go's differences end at 292 years, which from year 1 is what it gets. */
    const double age =
        h->reference == VPA_NO_TIME ? -9223372036854775808.0 : (double)(h->reference - rounded);
    const double exponent = floor(age / (double)h->half_life + 0.5);
    scale(h, ldexp(1., exponent < -4096 ? -4096 : (int)exponent)); /* 2^-4096 is 0 */
    h->reference = rounded;
}

static double decay_factor(struct vpa_histogram *h, simtime at)
{
    if (h->reference == VPA_NO_TIME ||
        at > simtime_add(h->reference, h->half_life * MAX_DECAY_EXPONENT)) {
        move_reference(h, at);
    }
    return gomath_exp2((double)(at - h->reference) / (double)h->half_life);
}

void vpa_histogram_add(struct vpa_histogram *h, double value, double weight, simtime at)
{
    require(weight >= 0);
    const double decayed = weight * decay_factor(h, at);
    const double epsilon = h->options->epsilon;
    const int32_t bucket = vpa_histogram_find(h->options, value);
    h->weight[bucket] += decayed;
    h->total += decayed;
    if (bucket < h->min_bucket && h->weight[bucket] >= epsilon) {
        h->min_bucket = bucket;
    }
    if (bucket > h->max_bucket && h->weight[bucket] >= epsilon) {
        h->max_bucket = bucket;
    }
}

/* safeSubtract */
static double less(double value, double part, double epsilon)
{
    const double rest = value - part;
    return rest < epsilon ? 0.0 : rest;
}

void vpa_histogram_subtract(struct vpa_histogram *h, double value, double weight, simtime at)
{
    require(weight >= 0);
    const double decayed = weight * decay_factor(h, at);
    const double epsilon = h->options->epsilon;
    const int32_t bucket = vpa_histogram_find(h->options, value);
    h->total = less(h->total, decayed, epsilon);
    h->weight[bucket] = less(h->weight[bucket], decayed, epsilon);
    tighten(h);
}

void vpa_histogram_merge(struct vpa_histogram *h, struct vpa_histogram *other)
{
    require(h->options == other->options && h->half_life == other->half_life);
    if (h->reference < other->reference) {
        move_reference(h, other->reference);
    } else if (other->reference < h->reference) {
        move_reference(other, h->reference);
    }
    for (int32_t b = other->min_bucket; b <= other->max_bucket; b++) {
        h->weight[b] += other->weight[b];
    }
    h->total += other->total;
    if (other->min_bucket < h->min_bucket) {
        h->min_bucket = other->min_bucket;
    }
    if (other->max_bucket > h->max_bucket) {
        h->max_bucket = other->max_bucket;
    }
}

double vpa_histogram_percentile(const struct vpa_histogram *h, double percentile)
{
    if (vpa_histogram_is_empty(h)) {
        return 0.0;
    }
    const double threshold = percentile * h->total;
    double sum = 0.0;
    int32_t b = h->min_bucket;
    for (; b < h->max_bucket; b++) {
        sum += h->weight[b];
        if (sum >= threshold) {
            break;
        }
    }
    return h->options->start[b < VPA_HISTOGRAM_BUCKETS - 1 ? b + 1 : b];
}

void vpa_histogram_save(const struct vpa_histogram *h, struct vpa_histogram_checkpoint *out)
{
    *out = (struct vpa_histogram_checkpoint){.reference = h->reference, .total = h->total};
    double largest = 0;
    for (int32_t b = h->min_bucket; b <= h->max_bucket; b++) {
        largest = h->weight[b] > largest ? h->weight[b] : largest;
    }
    if (largest == 0) {
        return; /* Go multiplies 0 by infinity here, and drops what comes of it */
    }
    const double ratio = VPA_HISTOGRAM_MAX_WEIGHT / largest;
    for (int32_t b = h->min_bucket; b <= h->max_bucket; b++) {
        out->weight[b] = (uint32_t)gomath_int64(floor(h->weight[b] * ratio + 0.5));
    }
}

bool vpa_histogram_load(struct vpa_histogram *h, const struct vpa_histogram_checkpoint *checkpoint)
{
    if (checkpoint->total < 0.0) {
        return false;
    }
    int64_t sum = 0;
    for (int32_t b = 0; b < VPA_HISTOGRAM_BUCKETS; b++) {
        sum += checkpoint->weight[b];
    }
    h->reference = checkpoint->reference;
    if (sum == 0) {
        return true;
    }
    const double ratio = checkpoint->total / (double)sum;
    for (int32_t b = 0; b < VPA_HISTOGRAM_BUCKETS; b++) {
        if (checkpoint->weight[b] == 0) {
            continue;
        }
        h->min_bucket = b < h->min_bucket ? b : h->min_bucket;
        h->max_bucket = b > h->max_bucket ? b : h->max_bucket;
        h->weight[b] += (double)checkpoint->weight[b] * ratio;
    }
    h->total += checkpoint->total;
    tighten(h);
    return true;
}
