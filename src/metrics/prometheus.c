/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples in rings and what PromQL makes of them. Prometheus v3.14,
 * promql/functions.go (extrapolatedRate, instantValue, funcAvgOverTime), engine.go
 * (look-back, left-open ranges), scrape/target.go (offset).
 *
 * All times are whole milliseconds, as in the TSDB, and the order of the floating
 * point steps is upstream's. Trap: a series that begins inside the range is carried
 * on only half an interval to the left, and a counter never below zero, so rate() of
 * a new pod is too low for a whole window.
 */
#include "metrics/prometheus.h"

#include "base/require.h"
#include "engine/rng.h"

#include <math.h>

static simtime to_ms(simtime t)
{
    simtime rest = t % SIMTIME_MILLISECOND;
    return (t - (rest < 0 ? rest + SIMTIME_MILLISECOND : rest)) / SIMTIME_MILLISECOND;
}

void prom_series_init(struct prom_series *s, struct arena *a, simtime interval, simtime range)
{
    require(interval > 0);
    *s = (struct prom_series){.stale = SIMTIME_NEVER};
    s->cap = (uint32_t)(range / interval) + 3;
    s->samples = arena_array(a, struct prom_sample, s->cap);
}

void prom_series_reset(struct prom_series *s)
{
    s->head = 0;
    s->count = 0;
    s->stale = SIMTIME_NEVER;
}

static struct prom_sample *sample(const struct prom_series *s, uint32_t i)
{
    return &s->samples[(s->head + i) % s->cap];
}

void prom_series_add(struct prom_series *s, simtime at, double value)
{
    simtime cut = to_ms(at) * SIMTIME_MILLISECOND;
    if (s->count && sample(s, s->count - 1)->at >= cut) {
        require(sample(s, s->count - 1)->at == cut);
        sample(s, s->count - 1)->value = value;
        return;
    }
    if (s->count == s->cap)
        s->head = (s->head + 1) % s->cap;
    else
        s->count++;
    *sample(s, s->count - 1) = (struct prom_sample){cut, value};
}

void prom_series_stale(struct prom_series *s, simtime at)
{
    s->stale = to_ms(at) * SIMTIME_MILLISECOND;
}

/* How many samples are not later than t. */
static uint32_t seen(const struct prom_series *s, simtime t)
{
    uint32_t n = s->count;
    while (n > 0 && sample(s, n - 1)->at > t)
        n--;
    return n;
}

double prom_last(const struct prom_series *s, simtime t)
{
    uint32_t n = seen(s, t);
    if (n == 0)
        return NAN;
    const struct prom_sample *newest = sample(s, n - 1);
    bool stale = s->stale != SIMTIME_NEVER && s->stale <= t && s->stale > newest->at;
    return stale || t - newest->at >= PROMETHEUS_LOOKBACK ? NAN : newest->value;
}

/* The samples in (t - range, t]: the first one's number, and how many. */
static uint32_t in_range(const struct prom_series *s, simtime t, simtime range, uint32_t *first)
{
    uint32_t end = seen(s, t);
    uint32_t begin = end;
    while (begin > 0 && sample(s, begin - 1)->at > t - range)
        begin--;
    *first = begin;
    return end - begin;
}

/* The increase with counter resets made good. */
static double increase_of(const struct prom_series *s, uint32_t first, uint32_t n, bool is_counter)
{
    double result = sample(s, first + n - 1)->value - sample(s, first)->value;
    for (uint32_t i = 1; is_counter && i < n; i++) {
        double before = sample(s, first + i - 1)->value;
        if (sample(s, first + i)->value < before)
            result += before;
    }
    return result;
}

static double extrapolated(const struct prom_series *s, uint32_t first, uint32_t n, simtime t,
                           simtime range, bool is_counter, bool is_rate)
{
    if (n < 2)
        return NAN;
    const struct prom_sample *begin = sample(s, first);
    simtime first_t = to_ms(begin->at);
    simtime last_t = to_ms(sample(s, first + n - 1)->at);
    double result = increase_of(s, first, n, is_counter);
    double to_start = (double)(first_t - (to_ms(t) - to_ms(range))) / 1000;
    double to_end = (double)(to_ms(t) - last_t) / 1000;
    double sampled = (double)(last_t - first_t) / 1000;
    double average = sampled / (double)(n - 1);
    double threshold = average * 1.1;

    if (to_start >= threshold)
        to_start = average / 2;
    if (is_counter && result > 0 && begin->value >= 0) {
        double to_zero = sampled * (begin->value / result);
        if (to_zero < to_start)
            to_start = to_zero;
    }
    if (to_end >= threshold)
        to_end = average / 2;
    double factor = 1;
    if (sampled != 0)
        factor = (sampled + to_start + to_end) / sampled;
    if (is_rate)
        factor /= simtime_to_seconds(range);
    return result * factor;
}

double prom_extrapolated(const struct prom_sample *samples, size_t count, simtime t, simtime range,
                         bool is_counter, bool is_rate)
{
    const struct prom_series s = {.samples = (struct prom_sample *)(void *)samples,
                                  .count = (uint32_t)count,
                                  .cap = (uint32_t)count + 1,
                                  .stale = SIMTIME_NEVER};
    return extrapolated(&s, 0, s.count, t, range, is_counter, is_rate);
}

double prom_rate(const struct prom_series *s, simtime t, simtime range)
{
    uint32_t first;
    uint32_t n = in_range(s, t, range, &first);
    return extrapolated(s, first, n, t, range, true, true);
}

double prom_increase(const struct prom_series *s, simtime t, simtime range)
{
    uint32_t first;
    uint32_t n = in_range(s, t, range, &first);
    return extrapolated(s, first, n, t, range, true, false);
}

double prom_irate(const struct prom_series *s, simtime t, simtime range)
{
    uint32_t first;
    uint32_t n = in_range(s, t, range, &first);
    if (n < 2)
        return NAN;
    const struct prom_sample *x = sample(s, first + n - 2);
    const struct prom_sample *y = sample(s, first + n - 1);
    double seconds = (double)(to_ms(y->at) - to_ms(x->at)) / 1000;
    double rise = y->value < x->value ? y->value : y->value - x->value;
    return rise / seconds;
}

/* Kahan's sum in Neumaier's form, as util/kahansum. */
static void kahan_add(double x, double *sum, double *rest)
{
    double t = *sum + x;
    if (isinf(t))
        *rest = 0;
    else if (fabs(*sum) >= fabs(x))
        *rest += (*sum - t) + x;
    else
        *rest += (x - t) + *sum;
    *sum = t;
}

double prom_avg_over_time(const struct prom_series *s, simtime t, simtime range)
{
    uint32_t first;
    uint32_t n = in_range(s, t, range, &first);
    double sum = 0;
    double rest = 0;
    if (n == 0)
        return NAN;
    sum = sample(s, first)->value;
    for (uint32_t i = 1; i < n; i++)
        kahan_add(sample(s, first + i)->value, &sum, &rest);
    return sum / (double)n + rest / (double)n;
}

simtime prom_phase(uint64_t seed, const char *target, simtime interval)
{
    return (simtime)(rng_key(seed, target, "scrape phase") % (uint64_t)interval);
}

/* Go's int64(v) on amd64: what does not fit is the smallest number. */
int64_t prom_adapter_milli(double v)
{
    double milli = v * 1000.0;
    if (isnan(v))
        return 0;
    if (!(milli > -9223372036854775808.0 && milli < 9223372036854775808.0))
        return INT64_MIN;
    return (int64_t)milli;
}
