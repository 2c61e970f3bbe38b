/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processor sharing with admission: a pod's requests share `limit` cores, each
 * getting one at most, and at most `places` are in service. The CPU with the
 * time not on it is a closed network, whose throughput by number in service
 * makes the pod one station (Norton's theorem for queueing networks); that
 * station's birth-death chain gives the numbers present.
 *
 * A request of x core-seconds takes x * stretch; short ones find the crowd of
 * the moment, long ones the average. For M/M/1 the variance is exactly
 * 2 (u - 1 + e^-u) / u^2 of the short ones' with u = (1 - rho) x / mean.
 */
#include "spread.h"

#include "base/require.h"
#include "engine/dmath.h"

#include <math.h>

static double least_stretch(double limit)
{
    return limit < 1.0 ? 1.0 / limit : 1.0;
}

static double cores_used(double n, double limit)
{
    return n < limit ? n : limit;
}

enum { MOST_PLACES = 1024 }; /* beyond, throughput hardly rises any more */

/* Mean value analysis (Reiser and Lavenberg) with a load-dependent station and a delay. */
void stretch_rates(double cpu, double rest, double limit, uint32_t places, double *rate)
{
    double on_cpu[MOST_PLACES + 1] = {1.0}; /* probability of j on the CPU, one fewer in all */
    uint32_t k = 1;
    for (; k <= places && k <= MOST_PLACES; k++) {
        double n = (double)k;
        if (!(rest > 0.0)) {
            rate[k - 1] = cores_used(n, limit) / cpu;
            continue;
        }
        double time = rest;
        for (uint32_t j = 1; j <= k; j++)
            time += (double)j * cpu / cores_used((double)j, limit) * on_cpu[j - 1];
        double x = n / time;
        double sum = 0.0;
        for (uint32_t j = k; j >= 1; j--) {
            on_cpu[j] = cpu / cores_used((double)j, limit) * x * on_cpu[j - 1];
            sum += on_cpu[j];
        }
        on_cpu[0] = sum < 1.0 ? 1.0 - sum : 0.0;
        rate[k - 1] = x;
    }
    for (; k <= places; k++)
        rate[k - 1] = rate[MOST_PLACES - 1];
}

/* Stretch that an arrival finds: n others on the CPU. */
static double crowd(double n, const struct stretch_model *m)
{
    double others = (n + 1.0) / m->limit;
    double least = least_stretch(m->limit);
    return others > least ? others : least;
}

struct crowd_sums {
    double weight;
    double first;
    double second;
};

static void add_crowd(struct crowd_sums *s, double weight, double stretch)
{
    s->weight += weight;
    s->first += weight * stretch;
    s->second += weight * stretch * stretch;
}

static void finish(struct stretch *s, const struct crowd_sums *sums)
{
    double mean = sums->first / sums->weight;
    s->variance = sums->second / sums->weight - mean * mean;
    if (s->variance < 0.0)
        s->variance = 0.0;
    s->mean = mean;
}

/* Any number in service: the chain of those on the CPU of all pooled pods. */
static void solve_open(struct stretch *s, const struct stretch_model *m)
{
    enum { MOST = 20000 };
    double pods = m->pooled ? m->pods : 1.0;
    double cores = m->limit * pods;
    double arrivals = m->arrivals * pods;
    double rho = arrivals * m->cpu->mean / cores;
    struct crowd_sums sums = {0};
    double p = 1.0;
    double present = 0.0;
    for (double n = 0.0; n < MOST; n += 1.0) {
        add_crowd(&sums, p, crowd(n / pods, m));
        present += p * n;
        p *= arrivals * m->cpu->mean / cores_used(n + 1.0, cores);
        if (n > cores && p * n * n < 1e-12 * sums.weight)
            break;
    }
    finish(s, &sums);
    if (arrivals > 0.0) /* Little's law, rather than what a short request finds */
        s->mean = present / sums.weight / (arrivals * m->cpu->mean);
    s->decay = m->cpu->mean / (m->limit * (1.0 - (rho < 0.999 ? rho : 0.999)));
}

/* With places: those in service by the network's rates, others wait. */
static void solve_closed(struct stretch *s, const struct stretch_model *m, struct arena *scratch)
{
    double pods = m->pooled ? m->pods : 1.0;
    double servers = floor(m->places * pods);
    if (servers > 4096.0)
        servers = 4096.0;
    uint32_t k = (uint32_t)servers;
    double *rate = arena_array(scratch, double, k);
    double cores = m->limit * pods;
    stretch_rates(m->cpu->mean, m->rest, cores, k, rate);
    double arrivals = m->arrivals * pods;
    double highest = 0.999 * rate[k - 1];
    if (m->room < 0.0 && arrivals > highest)
        arrivals = highest;
    double room = m->room < 0.0 ? -1.0 : m->room * pods;
    struct birth_death b = queueing_birth_death(arrivals, rate, k, room);
    s->full = b.full;
    double held = b.throughput > 0.0 ? b.mean_in / b.throughput : 0.0; /* time in service */
    double on_cpu = held - m->rest;
    double least = least_stretch(m->limit);
    s->wait.delayed = b.delayed;
    double waiting = b.throughput > 0.0 ? (b.mean - b.mean_in) / b.throughput : 0.0;
    s->wait.mean = b.delayed > 0.0 ? waiting / b.delayed : 0.0;
    s->wait.variance = s->wait.mean * s->wait.mean;
    struct crowd_sums sums = {0};
    double part = held > 0.0 ? on_cpu / held : 1.0;
    double p = 1.0;
    for (uint32_t n = 0; n < k; n++) {
        add_crowd(&sums, p, crowd(part * n / pods, m));
        p *= arrivals / rate[n];
        if (n + 2 == k && room < 0.0)
            p /= 1.0 - arrivals / rate[k - 1]; /* all who find every place taken */
    }
    finish(s, &sums);
    s->mean = on_cpu / m->cpu->mean;
    s->mean = s->mean > least ? s->mean : least;
    double rho = arrivals / rate[k - 1];
    s->decay = m->cpu->mean / (m->limit * (1.0 - (rho < 0.99 ? rho : 0.99)));
}

/* The pod as a queue of its CPU, for what other than Poisson arrivals of exponential work do. */
static struct queue_model cpu_queue(const struct stretch_model *m, double rho, double scv)
{
    double mean = m->cpu->mean;
    double cv = sqrt(scv);
    return (struct queue_model){.servers = m->limit > 1.0 ? floor(m->limit) : 1.0,
                                .utilization = rho < 0.98 ? rho : 0.98,
                                .arrival_scv = 1.0,
                                .service_mean = mean,
                                .service_variance = mean * mean * scv,
                                .service_third = mean * mean * mean * (1.0 + scv) * (1.0 + scv) *
                                                 (1.0 + scv * cv / (1.0 + cv))};
}

static void correct_for_balancing(struct stretch *s, const struct stretch_model *m, double rho)
{
    double cpu_scv = m->cpu->variance / (m->cpu->mean * m->cpu->mean);
    struct queue_model q = cpu_queue(m, rho, cpu_scv);
    double factor = 1.0;
    if (m->turns && m->pods > 1.0) {
        struct wait_model poisson = queueing_wait(&q);
        struct wait_model turns = queueing_wait_turns(&q, m->pods);
        factor = wait_model_mean(&turns) / wait_model_mean(&poisson);
    } else if (m->least && m->pods > 1.0) {
        factor = queueing_least_factor(&q, m->pods);
    }
    s->mean = s->least + (s->mean - s->least) * factor;
    s->variance *= factor * factor;
    s->wait.mean *= factor;
    s->wait.variance *= factor * factor;
}

/* Waiting for a place: longer the more the work varies, on the CPU and off it. */
static void correct_for_variation(struct stretch *s, const struct stretch_model *m)
{
    double cpu = m->cpu->mean;
    double whole = cpu + m->rest;
    double cpu_scv = m->cpu->variance / (cpu * cpu);
    double whole_scv = (m->cpu->variance + m->rest_variance) / (whole * whole);
    double factor = 0.5 * (1.0 + 0.5 * (cpu_scv + whole_scv));
    s->wait.mean *= factor;
    s->wait.variance *= factor * factor;
}

struct stretch stretch_solve(const struct stretch_model *m, struct arena *scratch)
{
    struct stretch s = {.least = least_stretch(m->limit)};
    if (m->saturated) {
        double n = m->places > 0 ? (double)m->places : m->limit;
        double rate = 0.0;
        if (m->places > 0) {
            double *rates = arena_array(scratch, double, m->places);
            stretch_rates(m->cpu->mean, m->rest, m->limit, m->places, rates);
            rate = rates[m->places - 1];
        }
        s.mean = rate > 0.0 ? (n / rate - m->rest) / m->cpu->mean : s.least;
        s.mean = s.mean > s.least ? s.mean : s.least;
        return s;
    }
    double rho = m->arrivals * m->cpu->mean / m->limit;
    if (m->places == 0)
        solve_open(&s, m);
    else
        solve_closed(&s, m, scratch);
    if (rho > 0.0 && m->places > 0)
        correct_for_variation(&s, m);
    if (rho > 0.0)
        correct_for_balancing(&s, m, rho);
    return s;
}

/* Requests of nearly one size: their least times, and a gamma distributed rest. */
struct piece {
    double part;
    double least; /* of the middle one */
    double width; /* of the least times */
    double extra; /* mean of the rest */
    double shape;
    double scale; /* 0: the rest varies less than the least times: take its mean */
};

static struct piece make_piece(const struct stretch *s, double part, double low, double high)
{
    double cpu = 0.5 * (low + high);
    double u = s->decay > 0.0 ? cpu / s->decay : 0.0;
    double averaged = u > 1e-4 ? 2.0 * (u + dmath_expm1(-u)) / (u * u) : 1.0;
    double variance = cpu * cpu * s->variance * averaged;
    struct piece p = {.part = part,
                      .least = cpu * s->least,
                      .width = (high - low) * s->least,
                      .extra = cpu * (s->mean - s->least)};
    if (variance <= 0.1 * p.width * p.width || p.extra <= 1e-12 * p.least)
        return p;
    p.shape = gamma_tables_shape(p.extra * p.extra / variance);
    p.scale = p.extra / p.shape;
    return p;
}

enum { PIECES = SPREAD_NODES - 1, STEPS = 240 };

static double piece_cdf(const struct piece *p, struct gamma_tables *gammas, double x)
{
    if (p->scale > 0.0)
        return gamma_tables_cdf(gammas, p->shape, (x - p->least) / p->scale);
    double past = x - (p->least + p->extra - 0.5 * p->width);
    if (past <= 0.0)
        return past == 0.0 && p->width == 0.0 ? 1.0 : 0.0;
    return past < p->width ? past / p->width : 1.0;
}

static double stretched_cdf(const struct piece *pieces, struct gamma_tables *gammas, double x)
{
    double below = 0.0;
    for (unsigned i = 0; i < PIECES; i++)
        below += pieces[i].part * piece_cdf(&pieces[i], gammas, x);
    return below;
}

void stretch_spread(const struct stretch *s, const struct stretch_model *m,
                    struct gamma_tables *gammas, struct spread *out)
{
    struct piece pieces[PIECES];
    struct spread cpu;
    spread_of_dist(&cpu, m->cpu);
    double most = 0.0;
    for (unsigned i = 0; i < PIECES; i++) {
        double part = spread_probability(i + 1) - spread_probability(i);
        pieces[i] = make_piece(s, part, cpu.x[i], cpu.x[i + 1]);
        double end = pieces[i].least + pieces[i].width + pieces[i].extra +
                     pieces[i].scale * (pieces[i].shape + 1.0) * 14.0;
        most = end > most ? end : most;
    }
    double least = pieces[0].least + pieces[0].extra - 0.5 * pieces[0].width;
    least = least > 1e-6 * most ? least : 1e-6 * most;
    double factor = dmath_exp(dmath_log(most / least) / STEPS);
    double low = least;
    double below = stretched_cdf(pieces, gammas, low);
    unsigned node = 0;
    for (int i = 0; i < STEPS && node < SPREAD_NODES; i++) {
        double high = low * factor;
        double upto = stretched_cdf(pieces, gammas, high);
        for (; node < SPREAD_NODES && spread_probability(node) <= upto; node++) {
            double width = upto - below;
            double place = width > 0.0 ? (spread_probability(node) - below) / width : 0.0;
            out->x[node] = low + (place > 0.0 ? place : 0.0) * (high - low);
        }
        low = high;
        below = upto;
    }
    for (; node < SPREAD_NODES; node++)
        out->x[node] = low;
    out->mean = m->cpu->mean * s->mean;
}
