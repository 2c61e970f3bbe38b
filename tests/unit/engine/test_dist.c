/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributions: the stated moments against sums over the quantile function and
 * against draws (within four standard errors), cdf and quantile as inverses.
 */
#include "base/arena.h"
#include "engine/dist.h"
#include "engine/stats.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct dist_point values[] = {{5.0, 1.0}, {1.0, 2.0}, {9.0, 0.0}, {2.0, 1.0}};
static const struct dist_point table[] = {{1.0, 0.0}, {2.0, 0.5}, {2.0, 0.6}, {10.0, 1.0}};
static const struct dist_point single[] = {{3.0, 7.0}};

struct row {
    const char *name;
    struct dist dist;
    double mean;
    double variance;
};

enum { ROWS = 14 };

static void make_rows(struct arena *a, struct row rows[ROWS])
{
    const struct row made[ROWS] = {
        {"constant", dist_constant(2.5), 2.5, 0.0},
        {"constant 0", dist_constant(0.0), 0.0, 0.0},
        {"uniform", dist_uniform(1.0, 4.0), 2.5, 0.75},
        {"uniform of one", dist_uniform(3.0, 3.0), 3.0, 0.0},
        {"exponential", dist_exponential(0.5), 0.5, 0.25},
        {"lognormal", dist_lognormal(2.0, 0.5), 2.0, 1.0},
        {"lognormal, heavy", dist_lognormal(1.0, 1.5), 1.0, 2.25},
        {"gamma", dist_gamma(3.0, 0.5), 3.0, 2.25},
        {"gamma, heavy", dist_gamma(1.0, 2.0), 1.0, 4.0},
        {"normal, hardly cut", dist_normal(10.0, 0.1, 0.0, INFINITY), 10.0, 1.0},
        {"normal, half", dist_normal(1.0, 1.0, 1.0, INFINITY), 1.0 + sqrt(2.0 / 3.14159265358979),
         1.0 - 2.0 / 3.14159265358979},
        {"values", dist_empirical(a, values, 4), 2.25, 2.6875},
        {"quantiles", dist_quantiles(a, table, 4), 3.35, 6.8775},
        {"one value", dist_empirical(a, single, 1), 3.0, 0.0},
    };
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = made[i];
}

Test(dist, moments)
{
    struct arena a = {0};
    struct row rows[ROWS];
    make_rows(&a, rows);
    for (size_t i = 0; i < ROWS; i++) {
        const struct dist *d = &rows[i].dist;
        cr_expect_leq(fabs(d->mean - rows[i].mean), 1e-9 * (1.0 + rows[i].mean), "%s: mean %.12g",
                      rows[i].name, d->mean);
        cr_expect_leq(fabs(d->variance - rows[i].variance), 1e-9 * (1.0 + rows[i].variance),
                      "%s: variance %.12g", rows[i].name, d->variance);
    }
    arena_drop(&a);
}

/* The third moment, and the others again, as integrals of powers of the quantile function. */
Test(dist, moments_follow_from_the_quantiles)
{
    struct arena a = {0};
    struct row rows[ROWS];
    make_rows(&a, rows);
    for (size_t i = 0; i < ROWS; i++) {
        const struct dist *d = &rows[i].dist;
        enum { N = 40000 };
        double sums[3] = {0};
        for (int k = 0; k < N; k++) {
            double t = ((double)k + 0.5) / N; /* p = t^2 (3 - 2 t): dense at both ends */
            double x = dist_quantile(d, t * t * (3.0 - 2.0 * t));
            double weight = 6.0 * t * (1.0 - t) / N;
            sums[0] += weight * x;
            sums[1] += weight * x * x;
            sums[2] += weight * x * x * x;
        }
        double second = d->variance + d->mean * d->mean;
        cr_expect_leq(fabs(sums[0] - d->mean), 1e-3 * d->mean, "%s: %g", rows[i].name, sums[0]);
        cr_expect_leq(fabs(sums[1] - second), 4e-3 * second, "%s: %g", rows[i].name, sums[1]);
        double tolerance = d->variance > d->mean * d->mean ? 0.05 : 0.01; /* tails */
        cr_expect_leq(fabs(sums[2] - d->third), tolerance * d->third, "%s: third %g, not %g",
                      rows[i].name, d->third, sums[2]);
    }
    arena_drop(&a);
}

Test(dist, draws_have_the_moments)
{
    struct arena a = {0};
    struct row rows[ROWS];
    make_rows(&a, rows);
    for (size_t i = 0; i < ROWS; i++) {
        enum { N = 200000 };
        const struct dist *d = &rows[i].dist;
        struct rng rng = rng_stream(4, rows[i].name, "draws");
        struct running s = {0};
        int below = 0;
        double median = dist_quantile(d, 0.5);
        for (int k = 0; k < N; k++) {
            double x = dist_sample(d, &rng);
            cr_assert(x >= d->low && x <= d->high, "%s: %g", rows[i].name, x);
            running_add(&s, x);
            below += x <= median;
        }
        double error = 4.0 * sqrt(d->variance / N) + 1e-12;
        cr_expect_leq(fabs(s.mean - d->mean), error, "%s: mean %g", rows[i].name, s.mean);
        double part = dist_cdf(d, median);
        cr_expect_leq(fabs((double)below / N - part), 4.0 * sqrt(0.25 / N), "%s: %d below",
                      rows[i].name, below);
    }
    arena_drop(&a);
}

Test(dist, cdf_and_quantile_are_inverses)
{
    static const double parts[] = {0.0, 1e-6, 0.1, 0.5, 0.9, 0.9999, 1.0};
    struct arena a = {0};
    struct row rows[ROWS];
    make_rows(&a, rows);
    for (size_t i = 0; i < ROWS; i++) {
        const struct dist *d = &rows[i].dist;
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            double x = dist_quantile(d, parts[k]);
            if (x == INFINITY)
                continue;
            double p = dist_cdf(d, x);
            cr_expect_geq(p, parts[k] - 1e-9, "%s: cdf(%g) = %g", rows[i].name, x, p);
            bool smooth = d->kind != DIST_EMPIRICAL && d->variance > 0.0;
            if (smooth)
                cr_expect_leq(fabs(p - parts[k]), 1e-9, "%s: cdf(%g) = %g", rows[i].name, x, p);
        }
        cr_expect_eq(dist_cdf(d, d->low - 1.0), 0.0, "%s", rows[i].name);
        cr_expect_eq(dist_cdf(d, 1e12), 1.0, "%s", rows[i].name);
    }
    arena_drop(&a);
}

Test(dist, scaling_multiplies_every_value)
{
    struct arena a = {0};
    struct row rows[ROWS];
    make_rows(&a, rows);
    for (size_t i = 0; i < ROWS; i++) {
        struct dist twice = dist_scaled(&rows[i].dist, 2.0, &a);
        cr_expect_leq(fabs(twice.mean - 2.0 * rows[i].dist.mean), 1e-12, "%s", rows[i].name);
        for (double p = 0.05; p < 1.0; p += 0.1) {
            double x = dist_quantile(&rows[i].dist, p);
            cr_expect_leq(fabs(dist_quantile(&twice, p) - 2.0 * x), 1e-9 * (1.0 + x), "%s at %g",
                          rows[i].name, p);
        }
    }
    arena_drop(&a);
}

Test(dist, zero_is_the_constant_zero)
{
    struct dist d = {0};
    struct rng rng = rng_stream(1, "zero", "test");
    cr_expect_eq(dist_sample(&d, &rng), 0.0);
    cr_expect_eq(d.mean, 0.0);
    cr_expect_eq(dist_cv(&d), 0.0);
    cr_expect_str_eq(dist_kind_name(d.kind), "constant");
    cr_expect_str_eq(dist_kind_name(DIST_EMPIRICAL), "empirical");
}
