/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting times in closed form. Erlang's formulas by their recurrence; for
 * general service times what Tijms (A First Course in Stochastic Models, 9.6)
 * says of M/G/c: a delayed customer waits for the first of c residual services
 * to end, then for a geometric number of services at c times the speed. Arrivals
 * other than Poisson by the corrections of Kraemer and Langenbach-Belz (1976).
 *
 * The trap: heavy-tailed residual services; two moments of the wait are kept,
 * and the first of c residuals is much lighter than one of them.
 */
#include "load/queueing.h"

#include "base/require.h"
#include "engine/dmath.h"

#include <math.h>

enum { RESIDUAL_STEPS = 64 };

double erlang_b(double servers, double a)
{
    if (a <= 0.0)
        return servers > 0.0 ? 0.0 : 1.0;
    double inverse = 1.0;
    for (double k = 1.0; k <= servers; k += 1.0) {
        inverse = 1.0 + inverse * k / a;
        if (inverse > 1e300)
            return 0.0;
    }
    return 1.0 / inverse;
}

double erlang_c(double servers, double a)
{
    if (a >= servers)
        return 1.0;
    double b = erlang_b(servers, a);
    double rho = a / servers;
    return b / (1.0 - rho * (1.0 - b));
}

double wait_model_mean(const struct wait_model *w)
{
    return w->delayed * w->mean;
}

/* P(residual service > x), of a gamma distribution with the first two moments of the service. */
struct residual {
    double mean;
    double shape; /* 0: constant */
    double scale;
};

static double residual_above(const struct residual *r, double x)
{
    if (r->shape == 0.0)
        return x < r->mean ? 1.0 - x / r->mean : 0.0;
    double y = x / r->scale;
    double above = dmath_gamma_q(r->shape + 1.0, y) - y / r->shape * dmath_gamma_q(r->shape, y);
    return above > 0.0 ? above : 0.0;
}

/* First two moments of the smallest of c residuals: integrals of its tail. */
static void first_residual(const struct queue_model *q, double *mean, double *square)
{
    double scv = q->service_variance / (q->service_mean * q->service_mean);
    struct residual r = {.mean = q->service_mean};
    if (fabs(scv - 1.0) < 1e-9) {
        *mean = q->service_mean / q->servers;
        *square = 2.0 * *mean * *mean;
        return;
    }
    if (scv > 1e-6) {
        r.shape = 1.0 / scv;
        r.scale = q->service_mean * scv;
    }
    /* x = t / (1 - t) * unit maps [0, 1) to all x; the midpoint rule converges fast. */
    double unit = q->service_mean * (1.0 + scv) / (1.0 + q->servers);
    *mean = *square = 0.0;
    for (int i = 0; i < RESIDUAL_STEPS; i++) {
        double t = ((double)i + 0.5) / RESIDUAL_STEPS;
        double x = unit * t / (1.0 - t);
        double width = unit / ((1.0 - t) * (1.0 - t)) / RESIDUAL_STEPS;
        double above = dmath_pow(residual_above(&r, x), q->servers);
        *mean += above * width;
        *square += 2.0 * x * above * width;
    }
}

static double geometric_sum_variance(double rho, double mean, double square)
{
    double count = rho / (1.0 - rho);
    return count * (square - mean * mean) + rho / ((1.0 - rho) * (1.0 - rho)) * mean * mean;
}

static struct wait_model poisson_wait(const struct queue_model *q)
{
    double c = q->servers;
    double rho = q->utilization;
    struct wait_model w = {.delayed = erlang_c(c, rho * c)};
    double s = q->service_mean;
    double second = q->service_variance + s * s;
    double mean1; /* the first to end */
    double square1;
    double mean = second / (2.0 * c * s); /* each further one */
    double square = q->service_third / (3.0 * c * c * s);
    if (c > 1.0 && square > 2.0 * mean * mean) /* one long service holds up one server of c */
        square = 2.0 * mean * mean + (square - 2.0 * mean * mean) / c;
    if (c == 1.0) {
        mean1 = mean;
        square1 = square;
    } else {
        first_residual(q, &mean1, &square1);
    }
    w.mean = mean1 + rho / (1.0 - rho) * mean;
    w.variance = square1 - mean1 * mean1 + geometric_sum_variance(rho, mean, square);
    return w;
}

/* How regular arrivals shorten the mean wait (Kraemer and Langenbach-Belz). */
static double regular_factor(double rho, double ca2, double cs2)
{
    double sum = ca2 + cs2;
    if (ca2 >= 1.0 || sum <= 0.0)
        return sum / (1.0 + cs2);
    double e = -2.0 * (1.0 - rho) / (3.0 * rho) * (1.0 - ca2) * (1.0 - ca2) / sum;
    return sum / (1.0 + cs2) * dmath_exp(e);
}

/* ... and make waiting rarer. */
static double regular_delayed(double rho, double ca2, double cs2)
{
    double h = (1.0 + ca2 + rho * cs2) / (1.0 + rho * (cs2 - 1.0) + rho * rho * (4.0 * ca2 + cs2));
    double p = 1.0 + (ca2 - 1.0) * (1.0 - rho) * h;
    return p > 0.0 ? p : 0.0;
}

/* The wait with arrivals more regular than Poisson's, from the one with those. */
static struct wait_model regular_wait(const struct queue_model *q, struct wait_model w)
{
    double cs2 = q->service_variance / (q->service_mean * q->service_mean);
    double rho = q->utilization;
    double shorter = regular_factor(rho, q->arrival_scv, cs2);
    double rarer = regular_delayed(rho, q->arrival_scv, cs2);
    if (shorter < 1e-9 || rarer < 1e-9)
        return (struct wait_model){0};
    w.delayed *= rarer;
    double scale = shorter / rarer;
    w.mean *= scale;
    w.variance *= scale * scale;
    return w;
}

/* Both moments of the wait of all, and the probability, between a and b. */
static struct wait_model mixed(const struct wait_model *a, const struct wait_model *b, double part)
{
    struct wait_model w = {.delayed = (1.0 - part) * a->delayed + part * b->delayed};
    if (!(w.delayed > 0.0))
        return w;
    double pa = (1.0 - part) * a->delayed / w.delayed;
    double pb = part * b->delayed / w.delayed;
    w.mean = pa * a->mean + pb * b->mean;
    double square = pa * (a->variance + a->mean * a->mean) + pb * (b->variance + b->mean * b->mean);
    w.variance = square - w.mean * w.mean;
    return w;
}

struct wait_model queueing_wait(const struct queue_model *q)
{
    require(q->servers >= 1.0 && q->utilization < 1.0);
    if (!(q->utilization > 0.0) || !(q->service_mean > 0.0))
        return (struct wait_model){0};
    struct wait_model w = poisson_wait(q);
    if (q->arrival_scv == 1.0)
        return w;
    return regular_wait(q, w);
}

struct wait_model queueing_wait_turns(const struct queue_model *q, double pods)
{
    struct queue_model each = *q;
    each.arrival_scv = pods > 1.0 ? 1.0 / pods : 1.0;
    struct wait_model w = queueing_wait(&each);
    double cs2 = q->service_variance / (q->service_mean * q->service_mean);
    double part = 1.0 - 4.0 * cs2;
    if (pods <= 1.0 || part <= 0.0)
        return w;
    struct queue_model pooled = *q;
    pooled.servers = q->servers * pods;
    pooled.arrival_scv = 1.0;
    struct wait_model p = queueing_wait(&pooled);
    return mixed(&w, &p, part);
}
double queueing_least_factor(const struct queue_model *q, double pods)
{
    double cv = sqrt(q->service_variance) / q->service_mean;
    double more = 0.4 * (pods - 1.0) / sqrt(q->servers) * (cv < 1.0 ? cv : 1.0);
    return 1.0 + (1.0 - q->utilization) * more;
}

struct wait_model queueing_wait_least(const struct queue_model *q, double pods)
{
    if (pods <= 1.0)
        return queueing_wait(q);
    struct queue_model pooled = *q;
    pooled.servers = q->servers * pods;
    pooled.arrival_scv = 1.0;
    struct wait_model w = queueing_wait(&pooled);
    double longer = queueing_least_factor(q, pods);
    w.mean *= longer;
    w.variance *= longer * longer;
    return w;
}

/* Probabilities relative to that of 0 present; beyond the servers they fall by a constant ratio. */
struct birth_death queueing_birth_death(double arrivals, const double *rate, uint32_t servers,
                                        double room)
{
    struct birth_death b = {0};
    double last = rate[servers - 1];
    double ratio = arrivals / last;
    require(room >= 0.0 || ratio < 1.0);
    double p = 1.0;
    double sum = 1.0;
    for (uint32_t j = 1; j <= servers; j++) {
        p *= arrivals / rate[j - 1];
        if (p > 1e200) { /* scale everything down */
            p *= 1e-200;
            sum *= 1e-200;
            b.mean *= 1e-200;
            b.mean_in *= 1e-200;
            b.square *= 1e-200;
        }
        sum += p;
        b.mean += p * j;
        b.mean_in += p * j;
        b.square += p * j * j;
    }
    /* q = 1 .. room waiting: p ratio^q; moments of a truncated geometric, added up. */
    double waiting = 0.0;
    double k = (double)servers;
    double full = room == 0.0 ? p : 0.0;
    double term = p;
    for (double i = 1.0; (room < 0.0 || i <= room) && i < 1e6; i += 1.0) {
        term *= ratio;
        waiting += term;
        b.mean += term * (k + i);
        b.square += term * (k + i) * (k + i);
        if (i == room)
            full = term;
        if (term * (k + i) * (k + i) < 1e-14 * b.square && ratio < 1.0)
            break;
    }
    b.mean_in += k * waiting;
    sum += waiting;
    b.mean /= sum;
    b.mean_in /= sum;
    b.square /= sum;
    b.full = full / sum;
    b.throughput = arrivals * (1.0 - b.full);
    double admitted = sum - full;
    b.delayed = admitted > 0.0 ? (p + waiting - full) / admitted : 0.0;
    return b;
}
