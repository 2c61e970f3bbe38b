/* SPDX-License-Identifier: Apache-2.0 */
/* Moments, means over time, and the histogram's quantiles against sorted values. */
#include "engine/dist.h"
#include "engine/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

Test(stats, running_moments_and_their_merge)
{
    static const double x[] = {1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0};
    struct running all = {0};
    struct running first = {0};
    struct running rest = {0};
    for (size_t i = 0; i < 4; i++) {
        running_add(&all, x[i]);
        running_add(i < 1 ? &first : &rest, x[i]);
    }
    cr_expect_eq(all.mean, 1e9 + 10.0);
    cr_expect_eq(running_variance(&all), 30.0);
    running_merge(&first, &rest);
    cr_expect_eq(first.count, 4);
    cr_expect_leq(fabs(running_variance(&first) - 30.0), 1e-9);
    cr_expect_eq(first.min, x[0]);
    cr_expect_eq(first.max, x[3]);
    struct running none = {0};
    running_merge(&first, &none);
    cr_expect_eq(first.count, 4);
    running_merge(&none, &first);
    cr_expect_eq(none.count, 4);
    struct running one = {0};
    running_add(&one, 3.0);
    cr_expect_eq(running_variance(&one), 0.0);
}

Test(stats, mean_over_time)
{
    struct time_mean m;
    time_mean_start(&m, SIMTIME_SECOND, 2.0);
    cr_expect_eq(time_mean_at(&m, SIMTIME_SECOND), 2.0);
    time_mean_set(&m, 3 * SIMTIME_SECOND, 5.0);
    time_mean_set(&m, 3 * SIMTIME_SECOND, 4.0);
    cr_expect_eq(time_mean_at(&m, 5 * SIMTIME_SECOND), 3.0);
    cr_expect_eq(time_mean_area(&m, 5 * SIMTIME_SECOND), 12.0);
    cr_expect_eq(m.max, 5.0);
}

Test(stats, histogram_buckets_are_in_order_and_narrow)
{
    uint32_t before = 0;
    for (double x = 1e-6; x < 1e6; x *= 1.0009) {
        uint32_t bucket = histogram_bucket(x);
        cr_assert(bucket == before || bucket == before + 1 || before == 0, "at %g", x);
        before = bucket;
    }
    cr_expect_eq(histogram_bucket(0.0), 0);
    cr_expect_eq(histogram_bucket(-1.0), 0);
    cr_expect_eq(histogram_bucket(NAN), 0);
    cr_expect_eq(histogram_bucket(0x1p-20), 1);
    cr_expect_eq(histogram_bucket(INFINITY), HISTOGRAM_BUCKETS - 1);
    cr_expect_eq(histogram_bucket(0x1p20), HISTOGRAM_BUCKETS - 1);
    cr_expect_eq(histogram_bucket(0x1p20 * (1.0 - 1e-15)), HISTOGRAM_BUCKETS - 2);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct histogram *histogram_new(void)
{
    return calloc(1, sizeof(struct histogram));
}

Test(stats, quantiles_are_within_one_percent)
{
    const struct {
        const char *name;
        struct dist dist;
    } rows[] = {
        {"exponential", dist_exponential(0.2)}, {"lognormal", dist_lognormal(3.0, 2.0)},
        {"uniform", dist_uniform(1e-6, 1e-5)},  {"constant", dist_constant(0.123)},
        {"gamma", dist_gamma(5e4, 0.3)},        {"narrow", dist_normal(1.0, 0.01, 0.0, 2.0)},
    };
    static const double parts[] = {0.01, 0.5, 0.9, 0.95, 0.99, 0.999};
    enum { N = 20000 };
    double *x = calloc(N, sizeof *x);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct histogram *h = histogram_new();
        struct rng rng = rng_stream(2, rows[i].name, "histogram");
        for (int k = 0; k < N; k++) {
            x[k] = dist_sample(&rows[i].dist, &rng);
            histogram_add(h, x[k], 1.0);
        }
        qsort(x, N, sizeof *x, ascending);
        for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
            double exact = x[(int)ceil(parts[p] * N) - 1];
            double got = histogram_quantile(h, parts[p]);
            cr_expect_leq(fabs(got - exact), 0.01 * exact, "%s p%g: %g, not %g", rows[i].name,
                          100.0 * parts[p], got, exact);
        }
        cr_expect_eq(histogram_quantile(h, 0.0), x[0], "%s", rows[i].name);
        cr_expect_eq(histogram_quantile(h, 1.0), x[N - 1], "%s", rows[i].name);
        cr_expect_eq(h->total, N);
        free(h);
    }
    free(x);
}

Test(stats, histogram_edges)
{
    struct histogram *h = histogram_new();
    cr_expect(isnan(histogram_quantile(h, 0.5)), "empty");
    cr_expect(isnan(histogram_mean(h)), "empty");
    histogram_add(h, 0.25, 1e-3);
    cr_expect_eq(histogram_quantile(h, 0.5), 0.25, "one value");
    cr_expect_eq(histogram_mean(h), 0.25);
    histogram_add(h, 1e9, 1e3);
    cr_expect_eq(histogram_quantile(h, 1.0), 1e9, "beyond the range: exact maximum");
    cr_expect_eq(histogram_below(h, 1.0), 1e-3);
    histogram_reset(h);
    cr_expect_eq(h->total, 0.0);
    histogram_add(h, 0.0, 2.0);
    cr_expect_eq(histogram_quantile(h, 0.99), 0.0, "zeros");
    double sum = 0.0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        sum += h->weights[i];
    cr_expect_eq(sum, 2.0, "a reset leaves nothing behind");
    free(h);
}

Test(stats, merging_is_adding)
{
    struct histogram *both = histogram_new();
    struct histogram *one = histogram_new();
    struct histogram *two = histogram_new();
    struct rng rng = rng_stream(9, "merge", "test");
    for (int k = 0; k < 1000; k++) {
        double x = rng_exponential(&rng);
        histogram_add(k % 3 ? one : two, x, 1.0);
        histogram_add(both, x, 1.0);
    }
    histogram_merge(one, two);
    cr_expect_eq(one->total, 1000.0);
    for (double p = 0.0; p <= 1.0; p += 0.125)
        cr_expect_eq(histogram_quantile(one, p), histogram_quantile(both, p), "p %g", p);
    struct histogram *scaled = histogram_new();
    histogram_merge_scaled(scaled, both, 0.5);
    cr_expect_eq(scaled->total, 500.0);
    cr_expect_leq(fabs(histogram_mean(scaled) - histogram_mean(both)), 1e-12);
    histogram_merge(scaled, two);
    free(both);
    free(one);
    free(two);
    free(scaled);
}
