/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steady states. Where nothing throttles, a pod is a queue M/G/c (regular
 * arrivals for round robin, one pooled queue for least requests or a queue
 * before the pods): response = wait + time in service, the wait 0 or gamma
 * distributed. Where requests share a CPU limit, time in service is stretched:
 * the mean by the birth-death chain of the numbers present, the spread by how
 * many others an arrival finds (short requests) and by averaging (long ones),
 * after Coffman, Muntz and Trotter's result for M/M/1 processor sharing.
 *
 * A profile costs some 50 us and is kept by (shape, pods, load); the load is in
 * steps, since nobody sees the difference. The traps: a constant service time
 * is an atom, which must stay in one bucket; and heavy tails, which straight
 * lines between quantiles would cut.
 */
#include "service_profile.h"

#include "base/require.h"
#include "engine/dmath.h"
#include "engine/rng.h"
#include "load/queueing.h"
#include "spread.h"

#include <math.h>

enum {
    STRIDE = 4, /* histogram buckets per step of the distribution function */
    GROUPS = HISTOGRAM_OCTAVES * HISTOGRAM_SUB / STRIDE,
    SLOTS = 4096
};

static const double probabilities[SPREAD_NODES] = {
    0,           0.03,        0.06,        0.09,        0.12,        0.15,        0.18,
    0.21,        0.24,        0.27,        0.3,         0.33,        0.36,        0.39,
    0.42,        0.45,        0.48,        0.51,        0.54,        0.57,        0.6,
    0.63,        0.66,        0.69,        0.72,        0.75,        0.78,        0.81,
    0.84,        0.87,        0.9,         0.941829087, 0.966161448, 0.980315806, 0.988549524,
    0.993339154, 0.996125325, 0.997746066, 0.998688866, 0.999237301, 0.999556331, 0.999741914,
    0.999849869, 0.999912667, 0.999949198, 0.999970448, 0.999982809, 0.99999};

double spread_probability(unsigned node)
{
    return probabilities[node];
}

double spread_part(unsigned piece)
{
    double end = piece + 2 == SPREAD_NODES ? 1.0 : probabilities[piece + 1];
    return end - probabilities[piece];
}

struct profile_cache {
    struct arena *arena;
    struct profile *slots[SLOTS];
    struct profile *unused; /* from before a reset, to be used again */
    size_t count;
    uint64_t serial;
    struct gamma_tables *gammas;
};

struct profile_cache *profile_cache_create(struct arena *a)
{
    struct profile_cache *c = arena_new(a, struct profile_cache);
    c->arena = a;
    c->gammas = gamma_tables_create(a);
    return c;
}

size_t profile_cache_count(const struct profile_cache *c)
{
    return c->count;
}

void profile_cache_reset(struct profile_cache *c)
{
    for (size_t i = 0; i < SLOTS; i++) {
        while (c->slots[i] != NULL) {
            struct profile *p = c->slots[i];
            c->slots[i] = p->next;
            p->next = c->unused;
            c->unused = p;
        }
    }
    c->count = 0;
}

/* The steady state: waiting and time in service, before both are put together. */
struct state {
    double pods;        /* that share one line of waiting; 1: each has its own */
    double arrivals;    /* a second and pod */
    struct spread work; /* time in service */
    struct moments moments;
    struct wait_model wait;
};

static bool pooled(const struct service_spec *spec)
{
    return spec->queue == SERVICE_QUEUE_SERVICE || spec->balancing == BALANCE_LEAST_REQUESTS;
}

uint32_t profile_pods(const struct service_spec *spec, size_t pods)
{
    if (pods <= 1 || (spec->balancing == BALANCE_RANDOM && spec->queue == SERVICE_QUEUE_POD))
        return 1;
    uint32_t n = pods < 100000 ? (uint32_t)pods : 100000;
    uint32_t step = 1;
    while (n / step >= 16)
        step *= 2;
    return (n + step / 2) / step * step;
}

bool profile_same_shape(const struct service_spec *a, const struct service_spec *b)
{
    return dist_equal(&a->cpu, &b->cpu) && dist_equal(&a->wait, &b->wait) &&
           a->concurrency == b->concurrency && a->has_queue_limit == b->has_queue_limit &&
           a->queue_limit == b->queue_limit && a->queue == b->queue &&
           a->balancing == b->balancing && a->timeout == b->timeout;
}

double profile_capacity(const struct service_spec *spec, double share_limit, double hold)
{
    double rest = spec->wait.mean + hold;
    double cpu = spec->cpu.mean;
    if (share_limit <= 0.0) {
        if (spec->concurrency == 0 || cpu + rest <= 0.0)
            return INFINITY;
        return (double)spec->concurrency / (cpu + rest);
    }
    if (spec->concurrency == 0)
        return share_limit / cpu;
    struct arena scratch = {0};
    double *rate = arena_array(&scratch, double, spec->concurrency);
    stretch_rates(cpu, rest, share_limit, spec->concurrency, rate);
    double most = rate[spec->concurrency - 1];
    arena_drop(&scratch);
    return most;
}

/* Waiting for one of `places` in each of the pods; arrivals a second and pod. */
static void find_wait(struct profile *p, struct state *s)
{
    const struct service_spec *spec = p->key.spec;
    double n = p->key.pods;
    struct queue_model q = {
        .servers = spec->concurrency,
        .utilization = s->arrivals * s->moments.mean / spec->concurrency,
        .arrival_scv = 1.0,
        .service_mean = s->moments.mean,
        .service_variance = s->moments.variance,
        .service_third = s->moments.third,
    };
    if (q.utilization >= 1.0)
        return;
    if (spec->queue == SERVICE_QUEUE_SERVICE) {
        q.servers *= n;
        s->wait = queueing_wait(&q);
    } else if (spec->balancing == BALANCE_LEAST_REQUESTS) {
        s->wait = queueing_wait_least(&q, n);
    } else if (spec->balancing == BALANCE_ROUND_ROBIN) {
        s->wait = queueing_wait_turns(&q, n);
    } else {
        s->wait = queueing_wait(&q);
    }
}

/* A short queue: what the birth-death chain says of drops, and how it cuts the wait. */
static void find_limit(struct profile *p, struct state *s, struct arena *scratch)
{
    const struct service_spec *spec = p->key.spec;
    if (!spec->has_queue_limit)
        return;
    double n = pooled(spec) ? p->key.pods : 1.0;
    if (!pooled(spec) && spec->balancing == BALANCE_ROUND_ROBIN)
        n = 2.0 / (1.0 + 1.0 / p->key.pods); /* Hayward: regular arrivals as more, Poisson ones */
    double servers = floor(n * spec->concurrency + 0.5);
    bool before_pods = spec->queue == SERVICE_QUEUE_SERVICE;
    double room = spec->queue_limit * (before_pods ? 1.0 : n);
    if (servers > 1e5)
        return;
    double *rate = arena_array(scratch, double, (size_t)servers);
    for (size_t j = 0; j < (size_t)servers; j++)
        rate[j] = (double)(j + 1) / s->moments.mean;
    struct birth_death limited = queueing_birth_death(servers / spec->concurrency * s->arrivals,
                                                      rate, (uint32_t)servers, room);
    if (limited.full < 1e-9)
        return;
    p->full = limited.full;
    double waiting = (limited.mean - limited.mean_in) / limited.throughput;
    double before = s->wait.delayed * s->wait.mean;
    double cut = limited.delayed > 0.0 ? waiting / limited.delayed : 0.0;
    s->wait.delayed = limited.delayed;
    if (before <= 0.0 || s->wait.mean > cut) {
        double scale = s->wait.mean > 0.0 ? cut / s->wait.mean : 0.0;
        s->wait.mean = cut;
        s->wait.variance *= scale * scale;
        if (before <= 0.0) /* overloaded: the queue is nearly always full */
            s->wait.variance = cut * cut / (room + 1.0);
    }
}

/* Time in service where nothing throttles. */
static void find_work(const struct profile *p, struct state *s, const struct profile_call *calls,
                      size_t call_count, struct histogram *scratch)
{
    const struct service_spec *spec = p->key.spec;
    spread_of_dist(&s->work, &spec->cpu);
    s->moments = moments_of_dist(&spec->cpu);
    struct spread more;
    spread_of_dist(&more, &spec->wait);
    struct moments wait = moments_of_dist(&spec->wait);
    spread_add(&s->work, &more, scratch);
    moments_add(&s->moments, &wait, 1.0);
    for (size_t i = 0; i < call_count; i++) {
        spread_add_times(&s->work, calls[i].latency, calls[i].per_request, scratch);
        struct moments m = moments_of_spread(calls[i].latency);
        moments_add(&s->moments, &m, calls[i].per_request);
    }
}

/* Time in service where requests share the CPU: stretched CPU, then wait and calls. */
static void find_shared_work(struct profile_cache *c, struct profile *p, struct state *s,
                             const struct profile_call *calls, size_t call_count,
                             struct histogram *scratch)
{
    const struct service_spec *spec = p->key.spec;
    struct stretch_model m = {
        .cpu = &spec->cpu,
        .rest = spec->wait.mean,
        .limit = p->key.share_limit,
        .places = spec->concurrency,
        .room = spec->has_queue_limit ? (double)spec->queue_limit : -1.0,
        .arrivals = s->arrivals,
        .rest_variance = spec->wait.variance,
        .pods = p->key.pods,
        .pooled = pooled(spec),
        .least = pooled(spec) && spec->queue == SERVICE_QUEUE_POD,
        .turns = !pooled(spec) && spec->balancing == BALANCE_ROUND_ROBIN,
        .saturated = p->key.load == PROFILE_FULL,
    };
    for (size_t i = 0; i < call_count; i++) {
        m.rest += calls[i].per_request * calls[i].latency->mean;
        m.rest_variance += calls[i].per_request * moments_of_spread(calls[i].latency).variance;
    }
    struct stretch stretched = stretch_solve(&m, c->arena);
    stretch_spread(&stretched, &m, c->gammas, &s->work);
    struct spread more;
    spread_of_dist(&more, &spec->wait);
    spread_add(&s->work, &more, scratch);
    for (size_t i = 0; i < call_count; i++)
        spread_add_times(&s->work, calls[i].latency, calls[i].per_request, scratch);
    s->moments = moments_of_spread(&s->work);
    s->wait = stretched.wait;
    p->full = stretched.full;
}

/* P(response <= x). */
struct response {
    const struct state *s;
    struct gamma_tables *gammas;
    double shape;
    double scale;
};

static double response_cdf(const struct response *r, double x)
{
    const struct state *s = r->s;
    double at_once = (1.0 - s->wait.delayed) * spread_cdf(&s->work, x);
    if (!(s->wait.delayed > 0.0))
        return at_once;
    double later = 0.0;
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double d = 0.5 * (s->work.x[i] + s->work.x[i + 1]);
        if (d >= x)
            break;
        later += spread_part(i) * gamma_tables_cdf(r->gammas, r->shape, (x - d) / r->scale);
    }
    return at_once + s->wait.delayed * later;
}

static double bucket_edge(uint32_t group)
{
    double octave = 0x1p-20;
    uint32_t per_octave = HISTOGRAM_SUB / STRIDE;
    for (uint32_t i = group / per_octave; i > 0; i--)
        octave *= 2.0;
    return octave * (1.0 + (double)(group % per_octave) / (double)per_octave);
}

static void set_room(struct profile_cache *c, struct profile *p, uint32_t count)
{
    if (p->room < count) {
        p->weight = arena_array(c->arena, float, count);
        p->room = count;
    }
    p->count = count;
}

static uint32_t group_of(double x)
{
    uint32_t bucket = histogram_bucket(x);
    return bucket == 0 ? 0 : (bucket - 1) / STRIDE;
}

/* The distribution function at the edges lowest .. of the groups, up to nearly 1 or `end`. */
static uint32_t tabulate(const struct response *r, double end, uint32_t lowest, double *cdf)
{
    uint32_t g = lowest;
    cdf[0] = lowest == 0 ? 0.0 : response_cdf(r, bucket_edge(lowest));
    while (g < GROUPS) {
        g++;
        double x = bucket_edge(g);
        bool cut = x >= end;
        cdf[g - lowest] = response_cdf(r, cut ? end : x);
        if (cut || cdf[g - lowest] > 1.0 - 3e-5)
            break;
    }
    return g - lowest;
}

/* Latencies of all served: the distribution function turned round. */
static void invert(struct spread *out, const double *cdf, uint32_t lowest, uint32_t count)
{
    uint32_t g = 0;
    for (unsigned i = 0; i < SPREAD_NODES; i++) {
        double wanted = probabilities[i] * cdf[count];
        while (g + 1 < count && cdf[g + 1] < wanted)
            g++;
        double low = bucket_edge(lowest + g);
        double high = bucket_edge(lowest + g + 1);
        double width = cdf[g + 1] - cdf[g];
        double part = width > 0.0 ? (wanted - cdf[g]) / width : 0.0;
        part = part < 0.0 ? 0.0 : (part > 1.0 ? 1.0 : part);
        out->x[i] = low + part * (high - low);
    }
}

static void fill_weights(struct profile_cache *c, struct profile *p, const struct response *r,
                         double timeout)
{
    const struct state *s = r->s;
    double cdf[GROUPS + 2];
    uint32_t lowest = group_of(s->work.x[0]);
    uint32_t count = tabulate(r, INFINITY, lowest, cdf);
    invert(&p->latency, cdf, lowest, count);
    p->latency.mean = s->moments.mean + s->wait.delayed * s->wait.mean;
    bool atom = s->work.x[0] == s->work.x[SPREAD_NODES - 1];
    p->atom = s->work.x[0];
    p->atom_weight = atom && p->atom <= timeout ? 1.0 - s->wait.delayed : 0.0;
    if (timeout < INFINITY)
        count = tabulate(r, timeout, lowest, cdf);
    set_room(c, p, count);
    p->first = lowest * STRIDE + 1;
    double before = lowest == 0 || atom ? 0.0 : cdf[0];
    double total = p->atom_weight;
    double sum = p->atom_weight * p->atom;
    for (uint32_t i = 0; i < count; i++) {
        double below = cdf[i + 1];
        if (atom && bucket_edge(lowest + i + 1) > p->atom)
            below -= 1.0 - s->wait.delayed;
        double weight = below > before ? below - before : 0.0;
        before = below > before ? below : before;
        p->weight[i] = (float)weight;
        total += weight;
        sum += weight * 0.5 * (bucket_edge(lowest + i) + bucket_edge(lowest + i + 1));
    }
    p->late = timeout < INFINITY ? 1.0 - total : 0.0;
    p->late = p->late < 1e-6 ? 0.0 : p->late;
    p->least = s->work.x[0];
    p->most = bucket_edge(lowest + count) < timeout ? bucket_edge(lowest + count) : timeout;
    p->mean = total > 0.0 ? sum / total : 0.0;
    if (timeout == INFINITY)
        p->mean = p->latency.mean;
    for (uint32_t i = 0; i < count && total > 0.0; i++)
        p->weight[i] = (float)(p->weight[i] / total);
    p->atom_weight = total > 0.0 ? p->atom_weight / total : 0.0;
}

/* Clients whose patience ends in the queue: they cost no work. */
static void find_impatient(struct profile *p, struct state *s, struct response *r, double timeout)
{
    if (timeout == INFINITY || !(s->wait.delayed > 0.0))
        return;
    double waits = gamma_tables_cdf(r->gammas, r->shape, timeout / r->scale);
    double impatient = s->wait.delayed * (1.0 - waits);
    p->impatient = impatient < 1e-9 ? 0.0 : impatient;
}

static void compute(struct profile_cache *c, struct profile *p, const struct profile_call *calls,
                    size_t call_count)
{
    const struct service_spec *spec = p->key.spec;
    struct arena_mark mark = arena_mark(c->arena);
    struct histogram *scratch = arena_new(c->arena, struct histogram);
    struct state s = {0};
    double hold = 0.0;
    for (size_t i = 0; i < call_count; i++)
        hold += calls[i].per_request * calls[i].latency->mean;
    double capacity = profile_capacity(spec, p->key.share_limit, hold);
    bool full = p->key.load == PROFILE_FULL;
    double load = full ? 1.0 : (double)p->key.load / PROFILE_LOADS;
    s.arrivals = capacity < INFINITY ? load * capacity : 0.0;
    if (p->key.share_limit > 0.0)
        find_shared_work(c, p, &s, calls, call_count, scratch);
    else
        find_work(p, &s, calls, call_count, scratch);
    if (p->key.share_limit <= 0.0 && spec->concurrency > 0 && !full && s.arrivals > 0.0) {
        find_wait(p, &s);
        find_limit(p, &s, c->arena);
    }
    if (full)
        s.wait = (struct wait_model){0};
    arena_rewind(c->arena, mark);
    struct response r = {.s = &s, .gammas = c->gammas, .shape = 1.0, .scale = 1.0};
    if (s.wait.delayed > 0.0 && s.wait.mean > 0.0) {
        double variance =
            s.wait.variance > 0.0 ? s.wait.variance : 1e-9 * s.wait.mean * s.wait.mean;
        r.shape = gamma_tables_shape(s.wait.mean * s.wait.mean / variance);
        r.scale = s.wait.mean / r.shape;
    } else {
        s.wait = (struct wait_model){0};
    }
    double timeout = spec->timeout > 0 ? simtime_to_seconds(spec->timeout) : INFINITY;
    find_impatient(p, &s, &r, timeout);
    fill_weights(c, p, &r, timeout);
    p->hold = s.moments.mean;
    double admitted = s.arrivals * (1.0 - p->full);
    p->in_service = admitted * (1.0 - p->impatient) * p->hold;
    p->present = p->in_service + admitted * s.wait.delayed * s.wait.mean;
    if (full && spec->concurrency > 0)
        p->in_service = p->present = (double)spec->concurrency;
}

static bool same_key(const struct profile_key *a, const struct profile_key *b)
{
    return a->spec == b->spec && a->share_limit == b->share_limit && a->pods == b->pods &&
           a->load == b->load && a->calls == b->calls;
}

/* Of values, not of addresses: chains are alike in every run. */
static size_t slot_of(const struct profile_key *key)
{
    uint64_t h = rng_mix(key->calls, (uint64_t)key->pods << 32 | key->load);
    h = rng_mix(h, (uint64_t)(key->spec->cpu.mean * 1e9) ^ (uint64_t)key->spec->concurrency << 40);
    return (size_t)(h % SLOTS);
}

static struct profile *profile_new(struct profile_cache *c)
{
    struct profile *p = c->unused;
    if (p == NULL)
        return arena_new(c->arena, struct profile);
    c->unused = p->next;
    *p = (struct profile){.weight = p->weight, .room = p->room};
    return p;
}

const struct profile *profile_get(struct profile_cache *c, const struct profile_key *key,
                                  const struct profile_call *calls, size_t call_count)
{
    size_t slot = slot_of(key);
    for (struct profile *p = c->slots[slot]; p != NULL; p = p->next)
        if (same_key(&p->key, key))
            return p;
    struct profile *p = profile_new(c);
    p->key = *key;
    p->serial = ++c->serial;
    compute(c, p, calls, call_count);
    p->next = c->slots[slot];
    c->slots[slot] = p;
    c->count++;
    return p;
}

void profile_add(struct histogram *h, const struct profile *p, double weight)
{
    if (p->atom_weight > 0.0)
        histogram_add(h, p->atom, weight * p->atom_weight);
    double rest = weight * (1.0 - p->atom_weight);
    if (!(rest > 0.0) || p->count == 0)
        return;
    uint32_t end = p->first + p->count * STRIDE;
    double each = weight / STRIDE;
    for (uint32_t i = 0; i < p->count; i++) {
        double w = each * (double)p->weight[i];
        double *to = &h->weights[p->first + i * STRIDE];
        for (unsigned k = 0; k < STRIDE; k++)
            to[k] += w;
    }
    bool empty = h->end == 0;
    h->first = empty || p->first < h->first ? p->first : h->first;
    h->end = end > h->end ? end : h->end;
    h->min = empty || p->least < h->min ? p->least : h->min;
    h->max = empty || p->most > h->max ? p->most : h->max;
    h->total += rest;
    h->sum += weight * (p->mean - p->atom_weight * p->atom);
}
