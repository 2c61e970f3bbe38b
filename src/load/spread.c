/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distributions as quantiles at fixed probabilities, close together in the tail.
 * Adding two goes through a histogram of all pairs of their pieces; a constant
 * only shifts. The gamma distribution function is tabulated once per shape, at
 * nodes that grow as squares since small shapes are steep at 0.
 */
#include "spread.h"

#include "base/require.h"
#include "engine/dmath.h"

#include <math.h>

enum {
    GAMMA_NODES = 128,
    GAMMA_SHAPES = 129 /* eight to a doubling, from 2^-8 to 2^8 */
};

struct moments moments_of_dist(const struct dist *d)
{
    return (struct moments){d->mean, d->variance, d->third};
}

/* Pieces are uniform; scaled to the mean, which is known better. */
struct moments moments_of_spread(const struct spread *s)
{
    struct moments m = {.mean = s->mean};
    double second = 0.0;
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double part = spread_part(i);
        double u = s->x[i];
        double v = s->x[i + 1];
        second += part * (u * u + u * v + v * v) / 3.0;
        m.third += part * (u + v) * (u * u + v * v) / 4.0;
    }
    m.variance = second - s->mean * s->mean;
    if (m.variance < 0.0)
        m.variance = 0.0;
    return m;
}

static double third_cumulant(const struct moments *m)
{
    return m->third - 3.0 * m->mean * m->variance - m->mean * m->mean * m->mean;
}

void moments_add(struct moments *m, const struct moments *more, double times)
{
    double skew = third_cumulant(m) + times * third_cumulant(more);
    m->mean += times * more->mean;
    m->variance += times * more->variance;
    m->third = skew + 3.0 * m->mean * m->variance + m->mean * m->mean * m->mean;
}

void spread_of_dist(struct spread *s, const struct dist *d)
{
    for (unsigned i = 0; i < SPREAD_NODES; i++)
        s->x[i] = dist_quantile(d, spread_probability(i));
    s->mean = d->mean;
}

double spread_cdf(const struct spread *s, double x)
{
    if (x < s->x[0])
        return 0.0;
    if (x >= s->x[SPREAD_NODES - 1])
        return 1.0;
    unsigned low = 0; /* x[low] <= x < x[high] */
    unsigned high = SPREAD_NODES - 1;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (s->x[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    double part = (x - s->x[low]) / (s->x[high] - s->x[low]);
    double p = spread_probability(low);
    return p + part * (spread_probability(high) - p);
}

static bool is_constant(const struct spread *s)
{
    return s->x[0] == s->x[SPREAD_NODES - 1];
}

static void shift(struct spread *s, double by)
{
    for (unsigned i = 0; i < SPREAD_NODES; i++)
        s->x[i] += by;
    s->mean += by;
}

void spread_add(struct spread *s, const struct spread *more, struct histogram *scratch)
{
    if (is_constant(more)) {
        shift(s, more->mean);
        return;
    }
    if (is_constant(s)) {
        double by = s->mean;
        *s = *more;
        shift(s, by);
        return;
    }
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double part = spread_part(i);
        double x = 0.5 * (s->x[i] + s->x[i + 1]);
        for (unsigned k = 0; k + 1 < SPREAD_NODES; k++)
            histogram_add(scratch, x + 0.5 * (more->x[k] + more->x[k + 1]), part * spread_part(k));
    }
    double mean = s->mean + more->mean;
    for (unsigned i = 0; i < SPREAD_NODES; i++)
        s->x[i] = histogram_quantile(scratch, spread_probability(i));
    s->mean = mean;
    histogram_reset(scratch);
}

/* A fraction of a call: nothing with one minus it, so its small quantiles vanish. */
static void spread_add_maybe(struct spread *s, const struct spread *more, double probability,
                             struct histogram *scratch)
{
    struct spread sum = *s;
    spread_add(&sum, more, scratch);
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double part = spread_part(i);
        histogram_add(scratch, 0.5 * (s->x[i] + s->x[i + 1]), part * (1.0 - probability));
        histogram_add(scratch, 0.5 * (sum.x[i] + sum.x[i + 1]), part * probability);
    }
    double mean = s->mean + probability * more->mean;
    for (unsigned i = 0; i < SPREAD_NODES; i++)
        s->x[i] = histogram_quantile(scratch, spread_probability(i));
    s->mean = mean;
    histogram_reset(scratch);
}

void spread_add_times(struct spread *s, const struct spread *more, double times,
                      struct histogram *scratch)
{
    enum { MOST = 32 };
    double whole = floor(times);
    for (double i = 0.0; i < whole && i < MOST; i += 1.0)
        spread_add(s, more, scratch);
    if (whole > MOST)
        shift(s, (whole - MOST) * more->mean);
    if (times > whole)
        spread_add_maybe(s, more, times - whole, scratch);
}

bool dist_equal(const struct dist *a, const struct dist *b)
{
    return a->kind == b->kind && a->mean == b->mean && a->variance == b->variance &&
           a->third == b->third && a->low == b->low && a->high == b->high && a->points == b->points;
}

struct gamma_table {
    bool ready;
    double end; /* of the last node */
    double cdf[GAMMA_NODES + 1];
};

struct gamma_tables {
    struct gamma_table tables[GAMMA_SHAPES];
};

struct gamma_tables *gamma_tables_create(struct arena *a)
{
    return arena_new(a, struct gamma_tables);
}

static int shape_index(double shape)
{
    double steps = 8.0 * (dmath_log(shape) / dmath_log(2.0) + 8.0);
    int i = steps > 0.0 ? (int)(steps + 0.5) : 0;
    return i < GAMMA_SHAPES ? i : GAMMA_SHAPES - 1;
}

static double shape_of(int index)
{
    return dmath_exp((index / 8.0 - 8.0) * dmath_log(2.0));
}

double gamma_tables_shape(double shape)
{
    return shape_of(shape_index(shape));
}

static void fill(struct gamma_table *t, double shape)
{
    t->ready = true;
    t->end = dmath_gamma_p_inverse(shape, 1.0 - 1e-5);
    for (int i = 0; i <= GAMMA_NODES; i++) {
        double part = (double)i / GAMMA_NODES;
        t->cdf[i] = dmath_gamma_p(shape, t->end * part * part);
    }
}

double gamma_tables_cdf(struct gamma_tables *t, double shape, double x)
{
    if (!(x > 0.0))
        return 0.0;
    struct gamma_table *table = &t->tables[shape_index(shape)];
    if (!table->ready)
        fill(table, shape_of(shape_index(shape)));
    if (x >= table->end)
        return 1.0;
    double place = sqrt(x / table->end) * GAMMA_NODES;
    int i = (int)place;
    double part = place - i;
    return table->cdf[i] + part * (table->cdf[i + 1] - table->cdf[i]);
}
