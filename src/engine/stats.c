/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments by Welford's recurrence (merged by Chan's formula), means over time
 * by summing rectangles, and the log-linear histogram: a value's bucket is its
 * exponent and the top six bits of its mantissa, so finding it is one shift.
 * Quantiles stay near the middle of their bucket and never leave [min, max].
 */
#include "engine/stats.h"

#include "base/require.h"

#include <math.h>

void running_add(struct running *s, double x)
{
    if (s->count == 0)
        s->min = s->max = x;
    s->min = x < s->min ? x : s->min;
    s->max = x > s->max ? x : s->max;
    s->count++;
    double distance = x - s->mean;
    s->mean += distance / (double)s->count;
    s->m2 += distance * (x - s->mean);
}

void running_merge(struct running *s, const struct running *other)
{
    if (other->count == 0)
        return;
    if (s->count == 0) {
        *s = *other;
        return;
    }
    double n = (double)s->count;
    double m = (double)other->count;
    double distance = other->mean - s->mean;
    s->mean += distance * m / (n + m);
    s->m2 += other->m2 + distance * distance * n * m / (n + m);
    s->count += other->count;
    s->min = other->min < s->min ? other->min : s->min;
    s->max = other->max > s->max ? other->max : s->max;
}

double running_variance(const struct running *s)
{
    return s->count < 2 ? 0.0 : s->m2 / (double)(s->count - 1);
}

double running_sd(const struct running *s)
{
    return sqrt(running_variance(s));
}

void time_mean_start(struct time_mean *m, simtime at, double value)
{
    *m = (struct time_mean){.began = at, .since = at, .value = value, .max = value};
}

void time_mean_set(struct time_mean *m, simtime at, double value)
{
    require(at >= m->since);
    m->area += m->value * simtime_to_seconds(at - m->since);
    m->since = at;
    m->value = value;
    m->max = value > m->max ? value : m->max;
}

double time_mean_area(const struct time_mean *m, simtime at)
{
    return m->area + m->value * simtime_to_seconds(at - m->since);
}

double time_mean_at(const struct time_mean *m, simtime at)
{
    if (at <= m->began)
        return m->value;
    return time_mean_area(m, at) / simtime_to_seconds(at - m->began);
}

void histogram_reset(struct histogram *h)
{
    if (h->end > h->first)
        memset(&h->weights[h->first], 0, (h->end - h->first) * sizeof h->weights[0]);
    h->total = h->sum = h->min = h->max = 0.0;
    h->first = h->end = 0;
}

void histogram_merge_scaled(struct histogram *h, const struct histogram *other, double factor)
{
    if (other->end == 0)
        return;
    for (uint32_t i = other->first; i < other->end; i++)
        h->weights[i] += factor * other->weights[i];
    if (h->end == 0) {
        h->first = other->first;
        h->end = other->end;
        h->min = other->min;
        h->max = other->max;
    }
    h->first = other->first < h->first ? other->first : h->first;
    h->end = other->end > h->end ? other->end : h->end;
    h->min = other->min < h->min ? other->min : h->min;
    h->max = other->max > h->max ? other->max : h->max;
    h->total += factor * other->total;
    h->sum += factor * other->sum;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
    histogram_merge_scaled(h, other, 1.0);
}

/* A quantile is looked for in the middle part of its bucket: at most 0.97 % from anything in it. */
static const double MIDDLE = 0.38;

/* Lower edge of bucket i; the first bucket begins at 0, the last one has no end. */
static double edge(const struct histogram *h, uint32_t i)
{
    if (i == 0)
        return 0.0;
    if (i >= HISTOGRAM_BUCKETS)
        return h->max;
    uint64_t bits = (uint64_t)(i - 1) + ((uint64_t)(1023 - 20) << 6);
    bits <<= 46;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double within(const struct histogram *h, double x)
{
    if (x < h->min)
        return h->min;
    return x > h->max ? h->max : x;
}

/* The place in bucket i below which `wanted` of the weight lies, when `below` lies before it. */
static double inside(const struct histogram *h, uint32_t i, double below, double wanted)
{
    if (wanted <= 0.0 || wanted >= h->total)
        return wanted <= 0.0 ? h->min : h->max;
    double part = (wanted - below) / h->weights[i];
    double low = edge(h, i);
    double high = edge(h, i + 1);
    return within(h, low + (MIDDLE + (1.0 - 2.0 * MIDDLE) * part) * (high - low));
}

void histogram_quantiles(const struct histogram *h, const double *p, size_t count, double *out)
{
    double below = 0.0;
    size_t next = 0;
    bool empty = !(h->total > 0.0);
    for (uint32_t i = h->first; !empty && next < count && i < h->end; i++) {
        double weight = h->weights[i];
        while (next < count && weight > 0.0 && below + weight >= p[next] * h->total) {
            out[next] = inside(h, i, below, p[next] * h->total);
            next++;
        }
        below += weight;
    }
    for (; next < count; next++)
        out[next] = empty ? NAN : h->max;
}

double histogram_quantile(const struct histogram *h, double p)
{
    double out;
    histogram_quantiles(h, &p, 1, &out);
    return out;
}

double histogram_mean(const struct histogram *h)
{
    return h->total > 0.0 ? h->sum / h->total : NAN;
}

double histogram_below(const struct histogram *h, double x)
{
    uint32_t bucket = histogram_bucket(x);
    double weight = 0.0;
    for (uint32_t i = h->first; i < h->end && i <= bucket; i++)
        weight += h->weights[i];
    return weight;
}
