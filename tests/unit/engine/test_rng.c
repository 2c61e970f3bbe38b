/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: known values, independence of names, unbiased ranges, moments of the variates. */
#include "engine/rng.h"
#include "engine/stats.h"

#include <criterion/criterion.h>
#include <math.h>

/* xoshiro256** from the state 1, 2, 3, 4: the values its authors' program gives. */
Test(rng, generator_gives_the_published_sequence)
{
    static const uint64_t expected[] = {11520u,
                                        0u,
                                        1509978240u,
                                        1215971899390074240u,
                                        1216172134540287360u,
                                        607988272756665600u,
                                        16172922978634559625u,
                                        8476171486693032832u,
                                        10595114339597558777u,
                                        2904607092377533576u};
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        cr_expect_eq(rng_u64(&r), expected[i], "value %zu", i);
}

Test(rng, streams_differ_in_seed_entity_and_purpose)
{
    static const struct {
        uint64_t seed;
        const char *entity;
        const char *purpose;
    } rows[] = {{1, "web", "cpu"}, {2, "web", "cpu"}, {1, "we", "bcpu"},  {1, "webc", "pu"},
                {1, "", "webcpu"}, {1, "webcpu", ""}, {1, "web", "wait"}, {0, "", ""}};
    enum { N = sizeof rows / sizeof rows[0] };
    uint64_t first[N];
    for (size_t i = 0; i < N; i++) {
        struct rng r = rng_stream(rows[i].seed, rows[i].entity, rows[i].purpose);
        struct rng again = rng_stream(rows[i].seed, rows[i].entity, rows[i].purpose);
        first[i] = rng_u64(&r);
        cr_expect_eq(rng_u64(&again), first[i], "row %zu repeats", i);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(first[i], first[k], "rows %zu and %zu", i, k);
    }
}

Test(rng, below_is_in_range_and_even)
{
    static const uint64_t rows[] = {1, 2, 3, 7, 1000};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rng r = rng_stream(3, "below", "test");
        uint64_t n = rows[i];
        double chi = 0.0;
        double counts[1000] = {0};
        enum { DRAWS = 200000 };
        for (int k = 0; k < DRAWS; k++) {
            uint64_t x = rng_below(&r, n);
            cr_assert_lt(x, n);
            counts[x] += 1.0;
        }
        double each = DRAWS / (double)n;
        for (uint64_t k = 0; k < n; k++)
            chi += (counts[k] - each) * (counts[k] - each) / each;
        double freedom = (double)n - 1.0;
        cr_expect_leq(chi, freedom + 5.0 * sqrt(2.0 * freedom + 1.0), "n %lu: chi %g",
                      (unsigned long)n, chi);
    }
    struct rng r = rng_stream(3, "below", "large");
    uint64_t most = UINT64_MAX;
    cr_expect_lt(rng_below(&r, most), most);
}

typedef double draw(struct rng *r);

static double gamma_small(struct rng *r)
{
    return rng_gamma(r, 0.3);
}

static double gamma_large(struct rng *r)
{
    return rng_gamma(r, 7.5);
}

static double poisson_small(struct rng *r)
{
    return rng_poisson(r, 3.7);
}

static double poisson_large(struct rng *r)
{
    return rng_poisson(r, 1234.5);
}

static double poisson_none(struct rng *r)
{
    return rng_poisson(r, 0.0);
}

Test(rng, variates_have_their_moments)
{
    static const struct {
        const char *name;
        draw *draw;
        double mean;
        double variance;
        double fourth; /* central, over variance squared */
    } rows[] = {
        {"uniform", rng_double, 0.5, 1.0 / 12.0, 1.8},
        {"exponential", rng_exponential, 1.0, 1.0, 9.0},
        {"normal", rng_normal, 0.0, 1.0, 3.0},
        {"gamma 0.3", gamma_small, 0.3, 0.3, 3.0 + 6.0 / 0.3},
        {"gamma 7.5", gamma_large, 7.5, 7.5, 3.8},
        {"poisson 3.7", poisson_small, 3.7, 3.7, 3.0 + 1.0 / 3.7},
        {"poisson 1234.5", poisson_large, 1234.5, 1234.5, 3.0},
        {"poisson 0", poisson_none, 0.0, 0.0, 3.0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum { N = 400000 };
        struct rng r = rng_stream(12, rows[i].name, "moments");
        struct running s = {0};
        for (int k = 0; k < N; k++)
            running_add(&s, rows[i].draw(&r));
        double mean_error = 4.0 * sqrt(rows[i].variance / N);
        double variance_error = 4.0 * rows[i].variance * sqrt((rows[i].fourth - 1.0) / N);
        cr_expect_leq(fabs(s.mean - rows[i].mean), mean_error, "%s: mean %g", rows[i].name, s.mean);
        cr_expect_leq(fabs(running_variance(&s) - rows[i].variance), variance_error,
                      "%s: variance %g", rows[i].name, running_variance(&s));
    }
}

Test(rng, cells_are_independent_of_order_and_even)
{
    uint64_t key = rng_key(5, "noise", "cells");
    double sum = 0.0;
    for (uint64_t cell = 0; cell < 100000; cell++)
        sum += rng_unit(rng_mix(key, cell));
    cr_expect_leq(fabs(sum / 1e5 - 0.5), 4.0 * sqrt(1.0 / 12.0 / 1e5));
    cr_expect_eq(rng_mix(key, 17), rng_mix(key, 17));
    cr_expect_neq(rng_mix(key, 17), rng_mix(key, 18));
}
