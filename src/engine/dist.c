/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributions as plain data with their moments worked out once, so that the
 * queueing formulas and the draws use the same numbers. Lognormal and gamma are
 * given by mean and coefficient of variation, as people measure them. Empirical
 * ones are cumulative weights with a guide table: a draw looks at one or two
 * points on average, whatever their number.
 *
 * The trap: the moments of a cut normal are not those of the normal; they
 * follow from the density at both ends (Johnson and Kotz, truncated moments).
 */
#include "engine/dist.h"

#include "base/require.h"
#include "engine/dmath.h"

#include <math.h>
#include <stdlib.h>

struct dist dist_constant(double value)
{
    return (struct dist){.kind = DIST_CONSTANT,
                         .mean = value,
                         .third = value * value * value,
                         .low = value,
                         .high = value};
}

struct dist dist_uniform(double low, double high)
{
    require(low <= high);
    double width = high - low;
    double mean = 0.5 * (low + high);
    double variance = width * width / 12.0;
    return (struct dist){.kind = DIST_UNIFORM,
                         .mean = mean,
                         .variance = variance,
                         .third = mean * mean * mean + 3.0 * mean * variance,
                         .low = low,
                         .high = high};
}

struct dist dist_exponential(double mean)
{
    require(mean >= 0.0);
    if (mean == 0.0)
        return dist_constant(0.0);
    return (struct dist){.kind = DIST_EXPONENTIAL,
                         .mean = mean,
                         .variance = mean * mean,
                         .third = 6.0 * mean * mean * mean,
                         .high = INFINITY};
}

struct dist dist_lognormal(double mean, double cv)
{
    require(mean >= 0.0 && cv >= 0.0);
    if (mean == 0.0 || cv == 0.0)
        return dist_constant(mean);
    double square = 1.0 + cv * cv;
    double sigma2 = dmath_log1p(cv * cv);
    return (struct dist){.kind = DIST_LOGNORMAL,
                         .mean = mean,
                         .variance = mean * mean * cv * cv,
                         .third = mean * mean * mean * square * square * square,
                         .high = INFINITY,
                         .a = dmath_log(mean) - 0.5 * sigma2,
                         .b = sqrt(sigma2)};
}

struct dist dist_gamma(double mean, double cv)
{
    require(mean >= 0.0 && cv >= 0.0);
    if (mean == 0.0 || cv == 0.0)
        return dist_constant(mean);
    double shape = 1.0 / (cv * cv);
    double scale = mean / shape;
    return (struct dist){.kind = DIST_GAMMA,
                         .mean = mean,
                         .variance = mean * scale,
                         .third = mean * (mean + scale) * (mean + 2.0 * scale),
                         .high = INFINITY,
                         .a = shape,
                         .b = scale};
}

static double density(double x)
{
    return fabs(x) < 40.0 ? 0x1.9884533d43651p-2 * dmath_exp(-0.5 * x * x) : 0.0;
}

/* x^k times the density, 0 at infinity. */
static double density_times(double x, int k)
{
    double d = density(x);
    for (int i = 0; i < k && d > 0.0; i++)
        d *= x;
    return d;
}

/* Probability that a standard normal lies between, without cancellation in either tail. */
static double normal_between(double low, double high)
{
    if (low > 0.0)
        return dmath_normal_tail(low) - dmath_normal_tail(high);
    return dmath_normal_cdf(high) - dmath_normal_cdf(low);
}

struct dist dist_normal(double mean, double cv, double low, double high)
{
    double sd = fabs(mean) * cv;
    require(cv >= 0.0 && low <= high);
    if (sd == 0.0 || low == high)
        return dist_constant(mean < low ? low : (mean > high ? high : mean));
    double a = (low - mean) / sd;
    double b = (high - mean) / sd;
    double z = normal_between(a, b);
    require(z > 0.0);
    double m1 = (density(a) - density(b)) / z;
    double m2 = 1.0 + (density_times(a, 1) - density_times(b, 1)) / z;
    double m3 = 2.0 * m1 + (density_times(a, 2) - density_times(b, 2)) / z;
    return (struct dist){.kind = DIST_NORMAL,
                         .mean = mean + sd * m1,
                         .variance = sd * sd * (m2 - m1 * m1),
                         .third = mean * mean * mean + 3.0 * mean * mean * sd * m1 +
                                  3.0 * mean * sd * sd * m2 + sd * sd * sd * m3,
                         .low = low,
                         .high = high,
                         .a = mean,
                         .b = sd};
}

static int by_value(const void *x, const void *y)
{
    const struct dist_point *a = x;
    const struct dist_point *b = y;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

static void add_moments(struct dist *d, double weight, double m1, double m2, double m3)
{
    d->mean += weight * m1;
    d->variance += weight * m2; /* about 0 until finished */
    d->third += weight * m3;
}

/* guide[i]: the first point whose cumulative weight exceeds i / count. */
static const uint32_t *make_guide(struct arena *a, const struct dist_point *points, size_t count)
{
    uint32_t *guide = arena_array(a, uint32_t, count + 1);
    uint32_t k = 0;
    for (size_t i = 0; i <= count; i++) {
        while (k + 1 < count && points[k].weight <= (double)i / (double)count)
            k++;
        guide[i] = k;
    }
    return guide;
}

static void finish(struct arena *a, struct dist *d)
{
    double second = d->variance;
    d->variance = second - d->mean * d->mean;
    if (d->variance < 0.0)
        d->variance = 0.0;
    d->low = d->points[0].value;
    d->high = d->points[d->count - 1].value;
    d->guide = make_guide(a, d->points, d->count);
}

struct dist dist_empirical(struct arena *a, const struct dist_point *points, size_t count)
{
    require(points != NULL && count > 0 && count < UINT32_MAX);
    struct dist_point *own = arena_array(a, struct dist_point, count);
    double total = 0.0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        require(points[i].weight >= 0.0);
        if (points[i].weight > 0.0)
            own[kept++] = points[i];
    }
    require(kept > 0);
    qsort(own, kept, sizeof *own, by_value);
    for (size_t i = 0; i < kept; i++)
        total += own[i].weight;
    struct dist d = {.kind = DIST_EMPIRICAL, .points = own, .count = kept};
    double below = 0.0;
    for (size_t i = 0; i < kept; i++) {
        double v = own[i].value;
        add_moments(&d, own[i].weight / total, v, v * v, v * v * v);
        below += own[i].weight;
        own[i].weight = i + 1 == kept ? 1.0 : below / total;
    }
    finish(a, &d);
    return d;
}

struct dist dist_quantiles(struct arena *a, const struct dist_point *points, size_t count)
{
    require(points != NULL && count > 0 && count < UINT32_MAX);
    if (count == 1)
        return dist_constant(points[0].value);
    require(points[0].weight == 0.0 && points[count - 1].weight == 1.0);
    struct dist_point *own = arena_array(a, struct dist_point, count);
    struct dist d = {.kind = DIST_EMPIRICAL, .continuous = true, .points = own, .count = count};
    for (size_t i = 0; i < count; i++) {
        own[i] = points[i];
        if (i == 0)
            continue;
        require(own[i].value >= own[i - 1].value && own[i].weight >= own[i - 1].weight);
        double u = own[i - 1].value;
        double v = own[i].value;
        add_moments(&d, own[i].weight - own[i - 1].weight, 0.5 * (u + v),
                    (u * u + u * v + v * v) / 3.0, (u + v) * (u * u + v * v) / 4.0);
    }
    finish(a, &d);
    return d;
}

struct dist dist_scaled(const struct dist *d, double factor, struct arena *a)
{
    require(factor > 0.0);
    struct dist s = *d;
    s.mean *= factor;
    s.variance *= factor * factor;
    s.third *= factor * factor * factor;
    s.low *= factor;
    s.high *= factor;
    if (d->kind == DIST_LOGNORMAL)
        s.a += dmath_log(factor);
    if (d->kind == DIST_NORMAL)
        s.a *= factor;
    if (d->kind == DIST_GAMMA || d->kind == DIST_NORMAL)
        s.b *= factor;
    if (d->kind != DIST_EMPIRICAL)
        return s;
    struct dist_point *own = arena_array(a, struct dist_point, d->count);
    for (size_t i = 0; i < d->count; i++)
        own[i] = (struct dist_point){d->points[i].value * factor, d->points[i].weight};
    s.points = own;
    return s;
}

/* The first point whose cumulative weight is over u (points), the upper end of u's piece. */
static size_t empirical_find(const struct dist *d, double u)
{
    size_t i = d->guide[(size_t)(u * (double)d->count)];
    while (i + 1 < d->count && d->points[i].weight <= u)
        i++;
    return i;
}

static double between(const struct dist_point *low, const struct dist_point *high, double u)
{
    double width = high->weight - low->weight;
    if (width <= 0.0)
        return low->value;
    return low->value + (high->value - low->value) * ((u - low->weight) / width);
}

static double empirical_at(const struct dist *d, double u)
{
    size_t i = empirical_find(d, u);
    if (!d->continuous)
        return d->points[i].value;
    return i == 0 ? d->points[0].value : between(&d->points[i - 1], &d->points[i], u);
}

static double normal_sample(const struct dist *d, struct rng *r)
{
    double low = (d->low - d->a) / d->b;
    double high = (d->high - d->a) / d->b;
    if (low < 1.0 && high > -1.0 && high - low > 1.0) { /* most draws lie inside: draw again */
        for (;;) {
            double x = rng_normal(r);
            if (x >= low && x <= high)
                return d->a + d->b * x;
        }
    }
    return dist_quantile(d, rng_double(r));
}

double dist_sample(const struct dist *d, struct rng *r)
{
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->mean;
    case DIST_UNIFORM:
        return d->low + (d->high - d->low) * rng_double(r);
    case DIST_EXPONENTIAL:
        return d->mean * rng_exponential(r);
    case DIST_LOGNORMAL:
        return dmath_exp(d->a + d->b * rng_normal(r));
    case DIST_GAMMA:
        return d->b * rng_gamma(r, d->a);
    case DIST_NORMAL:
        return normal_sample(d, r);
    case DIST_EMPIRICAL:
        break;
    }
    return empirical_at(d, rng_double(r));
}

double dist_cv(const struct dist *d)
{
    return d->mean == 0.0 ? 0.0 : sqrt(d->variance) / fabs(d->mean);
}

static double empirical_cdf(const struct dist *d, double x)
{
    size_t low = 0; /* points below low are <= x */
    size_t high = d->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->points[middle].value <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0.0;
    const struct dist_point *p = &d->points[low - 1];
    if (!d->continuous || low == d->count)
        return p->weight;
    return p->weight + (p[1].weight - p->weight) * ((x - p->value) / (p[1].value - p->value));
}

static double normal_cdf(const struct dist *d, double x)
{
    double low = (d->low - d->a) / d->b;
    double high = (d->high - d->a) / d->b;
    return normal_between(low, (x - d->a) / d->b) / normal_between(low, high);
}

double dist_cdf(const struct dist *d, double x)
{
    if (x >= d->high)
        return 1.0;
    if (x < d->low)
        return 0.0;
    switch (d->kind) {
    case DIST_CONSTANT:
        return 1.0;
    case DIST_UNIFORM:
        return (x - d->low) / (d->high - d->low);
    case DIST_EXPONENTIAL:
        return -dmath_expm1(-x / d->mean);
    case DIST_LOGNORMAL:
        return x <= 0.0 ? 0.0 : dmath_normal_cdf((dmath_log(x) - d->a) / d->b);
    case DIST_GAMMA:
        return dmath_gamma_p(d->a, x / d->b);
    case DIST_NORMAL:
        return normal_cdf(d, x);
    case DIST_EMPIRICAL:
        break;
    }
    return empirical_cdf(d, x);
}

static double normal_quantile(const struct dist *d, double p)
{
    double low = (d->low - d->a) / d->b;
    double high = (d->high - d->a) / d->b;
    double x;
    if (low > 0.0) { /* by the upper tail, where the cdf has no digits left */
        double tail = dmath_normal_tail(low) - p * normal_between(low, high);
        x = -dmath_normal_quantile(tail > 0.0 ? tail : 0.0);
    } else {
        x = dmath_normal_quantile(dmath_normal_cdf(low) + p * normal_between(low, high));
    }
    double v = d->a + d->b * x;
    return v < d->low ? d->low : (v > d->high ? d->high : v);
}

static double empirical_quantile(const struct dist *d, double p)
{
    size_t i = 0;
    while (i + 1 < d->count && d->points[i].weight < p)
        i++;
    if (!d->continuous || i == 0)
        return d->points[i].value;
    return between(&d->points[i - 1], &d->points[i], p);
}

double dist_quantile(const struct dist *d, double p)
{
    if (p <= 0.0)
        return d->low;
    if (p >= 1.0)
        return d->high;
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->mean;
    case DIST_UNIFORM:
        return d->low + (d->high - d->low) * p;
    case DIST_EXPONENTIAL:
        return -d->mean * dmath_log1p(-p);
    case DIST_LOGNORMAL:
        return dmath_exp(d->a + d->b * dmath_normal_quantile(p));
    case DIST_GAMMA:
        return d->b * dmath_gamma_p_inverse(d->a, p);
    case DIST_NORMAL:
        return normal_quantile(d, p);
    case DIST_EMPIRICAL:
        break;
    }
    return empirical_quantile(d, p);
}

const char *dist_kind_name(enum dist_kind kind)
{
    static const char *const names[] = {"constant", "uniform", "exponential", "lognormal",
                                        "gamma",    "normal",  "empirical"};
    require((size_t)kind < sizeof names / sizeof names[0]);
    return names[kind];
}
