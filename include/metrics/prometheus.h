/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus as far as an autoscaler sees it: targets scraped at a fixed phase of the
 * interval, samples kept in rings, instant selectors with look-back and staleness, and
 * rate() with its extrapolation. Prometheus v3.14 (promql/functions.go:
 * extrapolatedRate, instantValue, funcAvgOverTime); the adapter on top is
 * kubernetes-sigs/prometheus-adapter v0.12.
 */
#ifndef METRICS_PROMETHEUS_H
#define METRICS_PROMETHEUS_H

#include "base/arena.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROMETHEUS_LOOKBACK (5 * SIMTIME_MINUTE) /* --query.lookback-delta */

struct prom_sample {
    simtime at; /* whole milliseconds */
    double value;
};

/* One time series: samples rising in time, the newest `cap` of them. Zero plus init is empty. */
struct prom_series {
    struct prom_sample *samples; /* ring */
    uint32_t head;               /* the oldest */
    uint32_t count;
    uint32_t cap;
    simtime stale; /* a stale marker of this time is the newest; NEVER: none */
};

/* Room for all samples of `range` at `interval`, and those a look-back needs. */
void prom_series_init(struct prom_series *s, struct arena *a, simtime interval, simtime range);
/* Empty again, memory kept. */
void prom_series_reset(struct prom_series *s);
/* at is cut to milliseconds; not earlier than the newest, the same replaces it. */
void prom_series_add(struct prom_series *s, simtime at, double value);
/* The target or the series is gone: selectors do not see it from `at` on. */
void prom_series_stale(struct prom_series *s, simtime at);

/* Each NaN: no result. T is the query's time, of which only what is <= T is seen. */
double prom_last(const struct prom_series *s, simtime t); /* instant selector */
double prom_rate(const struct prom_series *s, simtime t, simtime range);
double prom_increase(const struct prom_series *s, simtime t, simtime range);
double prom_irate(const struct prom_series *s, simtime t, simtime range);
double prom_avg_over_time(const struct prom_series *s, simtime t, simtime range);

/* rate or increase of count samples in (t - range, t]: extrapolatedRate. */
double prom_extrapolated(const struct prom_sample *samples, size_t count, simtime t, simtime range,
                         bool is_counter, bool is_rate);

/* A target's phase in [0, interval): a hash of its name, as Target.offset. */
simtime prom_phase(uint64_t seed, const char *target, simtime interval);

/* The adapter's milli value: int64(v * 1000), NaN -> 0. */
int64_t prom_adapter_milli(double v);

#endif
