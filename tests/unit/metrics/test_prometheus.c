/* SPDX-License-Identifier: Apache-2.0 */
/* rate() and its neighbours on small series; the expected values are PromQL's. */
#include "metrics/prometheus.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#define S SIMTIME_SECOND

enum { MAX_SAMPLES = 8 };

static const struct {
    const char *name;
    double times[MAX_SAMPLES];
    double values[MAX_SAMPLES];
    size_t count;
    double t;
    double range;
    double rate;
} rates[] = {
    {"steady", {5, 20, 35, 50}, {100, 115, 130, 145}, 4, 60, 60, 1},
    {"a reset", {5, 20, 35, 50}, {10, 20, 5, 15}, 4, 60, 60, 25.0 * 60 / 45 / 60},
    {"a new series begins at zero", {35, 50}, {0, 30}, 2, 60, 60, 30.0 * 25 / 15 / 60},
    {"a new series above zero: half an interval",
     {35, 50},
     {30, 60},
     2,
     60,
     60,
     30.0 * 32.5 / 15 / 60},
    {"one that ended", {5, 20, 35}, {100, 115, 130}, 3, 60, 60, 30.0 * 42.5 / 30 / 60},
    {"one sample", {50}, {5}, 1, 60, 60, NAN},
    {"none", {0}, {0}, 0, 60, 60, NAN},
    {"none in range", {5, 20}, {1, 2}, 2, 200, 60, NAN},
    {"the left end is open",
     {0, 15, 30, 45, 60},
     {0, 15, 30, 45, 60},
     5,
     60,
     60,
     45.0 * 60 / 45 / 60},
    {"flat", {5, 20, 35, 50}, {7, 7, 7, 7}, 4, 60, 60, 0},
    {"what is later is not seen",
     {5, 20, 35, 50},
     {100, 115, 130, 145},
     4,
     40,
     40,
     30.0 * 40 / 30 / 40},
};

static void fill(struct prom_series *s, struct arena *a, const double *times, const double *values,
                 size_t count)
{
    prom_series_init(s, a, 15 * S, 300 * S);
    for (size_t i = 0; i < count; i++)
        prom_series_add(s, simtime_seconds(times[i]), values[i]);
}

static void expect(double got, double want, const char *name)
{
    if (isnan(want))
        cr_expect(isnan(got), "%s: %g, not nothing", name, got);
    else
        cr_expect_float_eq(got, want, 1e-12, "%s: %.17g, not %.17g", name, got, want);
}

Test(prometheus, rate)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct prom_series s;
        simtime t = simtime_seconds(rates[i].t);
        simtime range = simtime_seconds(rates[i].range);
        fill(&s, &a, rates[i].times, rates[i].values, rates[i].count);
        expect(prom_rate(&s, t, range), rates[i].rate, rates[i].name);
        expect(prom_increase(&s, t, range), rates[i].rate * rates[i].range, rates[i].name);
    }
    arena_drop(&a);
}

Test(prometheus, extrapolated_of_an_array)
{
    const struct prom_sample samples[] = {{5 * S, 100}, {20 * S, 90}, {35 * S, 130}};
    expect(prom_extrapolated(samples, 3, 45 * S, 45 * S, false, false), 30.0 * 45 / 30, "delta");
    expect(prom_extrapolated(samples, 1, 45 * S, 45 * S, false, false), NAN, "one sample");
}

Test(prometheus, irate)
{
    static const double times[] = {5, 20, 35};
    struct arena a = {0};
    struct prom_series s;
    fill(&s, &a, times, (const double[]){10, 40, 100}, 3);
    expect(prom_irate(&s, 60 * S, 60 * S), 4, "rising");
    fill(&s, &a, times, (const double[]){10, 40, 30}, 3);
    expect(prom_irate(&s, 60 * S, 60 * S), 2, "reset");
    expect(prom_irate(&s, 60 * S, 30 * S), NAN, "one sample in range");
    arena_drop(&a);
}

Test(prometheus, average)
{
    static const double times[] = {5, 20, 35};
    struct arena a = {0};
    struct prom_series s;
    fill(&s, &a, times, (const double[]){1e100, 1, -1e100}, 3);
    expect(prom_avg_over_time(&s, 60 * S, 60 * S), 1.0 / 3, "nothing is lost");
    expect(prom_avg_over_time(&s, 60 * S, 10 * S), NAN, "empty");
    expect(prom_avg_over_time(&s, 20 * S, 10 * S), 1, "one");
    arena_drop(&a);
}

Test(prometheus, instant)
{
    struct arena a = {0};
    struct prom_series s;
    prom_series_init(&s, &a, 15 * S, 0);
    expect(prom_last(&s, 10 * S), NAN, "empty");
    prom_series_add(&s, 10 * S + 123456, 3);
    expect(prom_last(&s, 9 * S), NAN, "not yet");
    expect(prom_last(&s, 10 * S + 123456), 3, "at once");
    expect(prom_last(&s, 310 * S - 1), 3, "inside the look-back");
    expect(prom_last(&s, 310 * S), NAN, "as old as the look-back");
    prom_series_stale(&s, 25 * S);
    expect(prom_last(&s, 25 * S - 1), 3, "before the marker");
    expect(prom_last(&s, 25 * S), NAN, "stale");
    prom_series_add(&s, 40 * S, 4);
    expect(prom_last(&s, 40 * S), 4, "back");
    expect(prom_last(&s, 30 * S), NAN, "asked about the time between");
    prom_series_add(&s, 40 * S, 5);
    expect(prom_last(&s, 40 * S), 5, "the same time: replaced");
    prom_series_reset(&s);
    expect(prom_last(&s, 41 * S), NAN, "reset");
    arena_drop(&a);
}

/* Ten hours of samples in a ring of a minute. */
Test(prometheus, rings_are_bounded)
{
    struct arena a = {0};
    struct prom_series s;
    prom_series_init(&s, &a, 15 * S, 60 * S);
    for (int i = 0; i < 2400; i++) {
        prom_series_add(&s, i * 15 * S, 30.0 * i);
        if (i >= 5)
            expect(prom_rate(&s, i * 15 * S + 7 * S, 60 * S), 2, "steady");
    }
    cr_expect_eq(s.cap, 7);
    arena_drop(&a);
}

Test(prometheus, adapter_values)
{
    static const struct {
        double v;
        int64_t milli;
    } rows[] = {{0, 0},
                {1.2345, 1234},
                {-1.2345, -1234},
                {0.0009, 0},
                {NAN, 0},
                {1e16, INT64_MIN},
                {INFINITY, INT64_MIN},
                {-INFINITY, INT64_MIN},
                {9e15, 9000000000000000000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(prom_adapter_milli(rows[i].v), rows[i].milli, "%g", rows[i].v);
}

Test(prometheus, phases)
{
    simtime sum = 0;
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "pod-%d", i);
        simtime phase = prom_phase(7, name, 15 * S);
        cr_assert(phase >= 0 && phase < 15 * S);
        cr_expect_eq(phase, prom_phase(7, name, 15 * S));
        sum += phase;
    }
    cr_expect_float_eq(simtime_to_seconds(sum) / 1000, 7.5, 0.5);
    cr_expect_neq(prom_phase(7, "a", 15 * S), prom_phase(8, "a", 15 * S));
}
