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

/*
 * Departures with k in service: over the product form's probabilities of j on the CPU, upwards
 * from 0, where every term is positive and nothing cancels.
 */
static double network_rate(double cpu, double rest, double limit, uint32_t k)
{
    if (!(rest > 0.0))
        return cores_used((double)k, limit) / cpu;
    double p = 1.0;
    double sum = 1.0;
    double busy = 0.0;
    for (uint32_t j = 1; j <= k; j++) {
        double cores = cores_used((double)j, limit);
        p *= cpu / cores * (double)(k - j + 1) / rest;
        sum += p;
        busy += p * cores;
        if (p > 1e200) {
            p *= 1e-200;
            sum *= 1e-200;
            busy *= 1e-200;
        }
    }
    return busy / sum / cpu;
}

/* Every k up to 64, then every so many with straight lines between. */
void stretch_rates(double cpu, double rest, double limit, uint32_t places, double *rate)
{
    uint32_t k = 0;
    double last = 0.0;
    while (k < places) {
        uint32_t step = k < 64 ? 1 : k / 32;
        uint32_t next = k + step < places ? k + step : places;
        double x = network_rate(cpu, rest, limit, next);
        for (uint32_t i = k + 1; i <= next; i++)
            rate[i - 1] = last + (x - last) * (double)(i - k) / (double)(next - k);
        k = next;
        last = x;
    }
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
        add_crowd(&sums, p, crowd(floor(n / pods), m));
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

/* j requests spread evenly over the pods, each a network of its own. */
static void balanced_rates(const struct stretch_model *m, uint32_t count, double *rate,
                           struct arena *scratch)
{
    double *one = arena_array(scratch, double, m->places + 2);
    stretch_rates(m->cpu->mean, m->rest, m->limit, m->places, one + 1);
    one[m->places + 1] = one[m->places];
    uint32_t pods = (uint32_t)m->pods;
    for (uint32_t j = 1; j <= count; j++) {
        uint32_t each = j / pods;
        uint32_t more = j % pods;
        rate[j - 1] = (double)(pods - more) * one[each] + (double)more * one[each + 1];
    }
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
    if (m->least)
        balanced_rates(m, k, rate, scratch);
    else
        stretch_rates(m->cpu->mean, m->rest, m->limit * pods, k, rate);
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
        add_crowd(&sums, p, crowd(part * floor(n / pods), m));
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
    double power = cpu_scv < 1.0 ? 1.85 - 0.35 * cpu_scv : 1.5; /* fitted */
    bool each = m->least && m->places > 0;                      /* the chain knew of the pods */
    s->mean = s->least + (s->mean - s->least) * (each ? 1.0 : factor);
    s->variance *= dmath_pow(factor, power);
    s->wait.mean *= factor;
    s->wait.variance *= factor * factor;
}

/* Waiting for a place: longer the more the work varies, on the CPU and off it. */
static void correct_for_variation(struct stretch *s, const struct stretch_model *m, double rho)
{
    double cpu = m->cpu->mean;
    double whole = cpu + m->rest;
    double cpu_scv = m->cpu->variance / (cpu * cpu);
    double whole_scv = (m->cpu->variance + m->rest_variance) / (whole * whole);
    double scv = 0.5 * (cpu_scv + whole_scv);
    struct queue_model q = cpu_queue(m, rho, scv);
    struct wait_model w = queueing_wait(&q);
    s->wait.mean *= 0.5 * (1.0 + scv);
    s->wait.variance = s->wait.mean * s->wait.mean * w.variance / (w.mean * w.mean);
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
        correct_for_variation(&s, m, rho);
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

static inline double piece_cdf(const struct piece *p, struct gamma_tables *gammas, double x)
{
    if (p->scale > 0.0)
        return gamma_tables_cdf(gammas, p->shape, (x - p->least) / p->scale);
    double past = x - (p->least + p->extra - 0.5 * p->width);
    if (past <= 0.0)
        return past == 0.0 && p->width == 0.0 ? 1.0 : 0.0;
    return past < p->width ? past / p->width : 1.0;
}

/*
 * Adds one piece to the distribution function at the steps' ends; *from is the first step that
 * may lie beyond its least time. Where it is all below, only full[] is told.
 */
static void add_piece(const struct piece *p, struct gamma_tables *gammas, const double *x,
                      double *below, double *full, unsigned *from)
{
    double start = p->least - (p->scale > 0.0 ? 0.0 : 0.5 * p->width);
    while (*from < STEPS && x[*from] <= start)
        ++*from;
    for (unsigned i = *from; i < STEPS; i++) {
        double part = piece_cdf(p, gammas, x[i]);
        if (part >= 1.0) {
            full[i] += p->part;
            return;
        }
        below[i] += p->part * part;
    }
}

/* A piece whose rest is often nothing is cut up, else it would be a step. */
static void add_cut(struct piece p, struct gamma_tables *gammas, const double *x, double *below,
                    double *full, unsigned *from)
{
    enum { CUTS = 4 };
    if (!(p.scale > 0.0) || p.shape > 1.0) {
        add_piece(&p, gammas, x, below, full, from);
        return;
    }
    double first = p.least - 0.5 * p.width * (1.0 - 1.0 / CUTS);
    p.part /= CUTS;
    for (int i = 0; i < CUTS; i++) {
        p.least = first + p.width * i / CUTS;
        add_piece(&p, gammas, x, below, full, from);
    }
}

static void invert(const double *x, const double *below, struct spread *out)
{
    unsigned node = 0;
    double low = x[0];
    double before = 0.0;
    for (unsigned i = 0; i < STEPS; i++) {
        double upto = below[i] + 1e-9;
        for (; node < SPREAD_NODES && spread_probability(node) <= upto; node++) {
            double width = upto - before;
            double place = width > 0.0 ? (spread_probability(node) - before) / width : 0.0;
            out->x[node] = low + (place > 0.0 ? place : 0.0) * (x[i] - low);
        }
        low = x[i];
        before = upto;
    }
    for (; node < SPREAD_NODES; node++)
        out->x[node] = low;
}

void stretch_spread(const struct stretch *s, const struct stretch_model *m,
                    struct gamma_tables *gammas, struct spread *out)
{
    struct piece pieces[PIECES];
    struct spread cpu;
    spread_of_dist(&cpu, m->cpu);
    double most = 0.0;
    for (unsigned i = 0; i < PIECES; i++) {
        double part = spread_part(i);
        pieces[i] = make_piece(s, part, cpu.x[i], cpu.x[i + 1]);
        double end = pieces[i].least + pieces[i].width + pieces[i].extra +
                     pieces[i].scale * (pieces[i].shape + 1.0) * 14.0;
        most = end > most ? end : most;
    }
    double least = pieces[0].least + pieces[0].extra - 0.5 * pieces[0].width;
    least = least > 1e-5 * most ? least : 1e-5 * most;
    double factor = dmath_exp(dmath_log(most / least) / (STEPS - 1));
    double x[STEPS];
    double below[STEPS] = {0.0};
    double full[STEPS] = {0.0};
    for (unsigned i = 0; i < STEPS; i++)
        x[i] = i == 0 ? least : x[i - 1] * factor;
    unsigned from = 0;
    for (unsigned i = 0; i < PIECES; i++)
        add_cut(pieces[i], gammas, x, below, full, &from);
    double sum = 0.0;
    for (unsigned i = 0; i < STEPS; i++) {
        sum += full[i];
        below[i] += sum;
    }
    invert(x, below, out);
    out->mean = m->cpu->mean * s->mean;
}
