/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the seeds of an ensemble in a pool of threads. Each run has an arena of its
 * own that is dropped when it ends; only the rescales are kept. The scenario is
 * shared and read-only. Errors of a run (a trace that cannot be read) would be the
 * same for every seed, so the first run is made alone and speaks for all.
 */
#include "study/ensemble.h"

#include "base/vec.h"
#include "control/hpa/decision.h"
#include "sim/simulation.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rescales {
    VEC(struct rescale) list;
    int32_t initial;
    bool seen;
};

/* One run's observer. */
struct listener {
    struct arena *arena;
    struct rescales *hpas;
};

struct pool {
    const struct ensemble *ensemble;
    pthread_mutex_t lock;
    size_t next; /* seed to run next */
    size_t done;
    bool stop;
    ensemble_progress *progress;
    void *context;
    struct arena *results; /* under the lock */
};

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct listener *l = context;
    struct rescales *r = &l->hpas[hpa];
    (void)state;
    if (!r->seen) {
        r->seen = true;
        r->initial = d->current;
    }
    if (d->rescaled)
        *vec_push(l->arena, &r->list) = (struct rescale){at, d->current, d->desired};
}

static void keep(struct pool *p, size_t seed, const struct rescales *hpas)
{
    const struct ensemble *e = p->ensemble;
    for (size_t i = 0; i < e->scenario->hpa_count; i++) {
        struct member *m = &e->members[i * e->seeds + seed];
        m->initial = hpas[i].initial;
        m->count = hpas[i].list.len;
        m->rescales = arena_array(p->results, struct rescale, m->count);
        if (m->count > 0)
            memcpy(m->rescales, hpas[i].list.items, m->count * sizeof *m->rescales);
    }
}

static bool run_seed(struct pool *p, size_t seed, struct diag *d)
{
    const struct scenario *scenario = p->ensemble->scenario;
    struct arena run = {0};
    struct listener listener = {&run, arena_array(&run, struct rescales, scenario->hpa_count)};
    struct observer observer = {.context = &listener, .decision = on_decision};
    struct simulation_stats stats;
    bool ok = simulation_run(scenario, scenario->seed + seed, &observer, &run, d, &stats);
    pthread_mutex_lock(&p->lock);
    if (ok)
        keep(p, seed, listener.hpas);
    p->done++;
    pthread_mutex_unlock(&p->lock);
    arena_drop(&run);
    return ok;
}

static bool take(struct pool *p, size_t *seed)
{
    pthread_mutex_lock(&p->lock);
    bool more = !p->stop && p->next < p->ensemble->seeds;
    *seed = p->next;
    p->next += more;
    pthread_mutex_unlock(&p->lock);
    return more;
}

static void *work(void *context)
{
    struct pool *p = context;
    struct arena memory = {0};
    struct diag diag = {.arena = &memory};
    size_t seed;
    while (take(p, &seed))
        run_seed(p, seed, &diag);
    arena_drop(&memory);
    return NULL;
}

/* The calling thread works too, and is the one that reports. */
static void work_and_report(struct pool *p)
{
    struct arena memory = {0};
    struct diag diag = {.arena = &memory};
    size_t seed;
    while (take(p, &seed)) {
        run_seed(p, seed, &diag);
        pthread_mutex_lock(&p->lock);
        size_t done = p->done;
        pthread_mutex_unlock(&p->lock);
        if (p->progress && !p->progress(p->context, done, p->ensemble->seeds)) {
            pthread_mutex_lock(&p->lock);
            p->stop = true;
            pthread_mutex_unlock(&p->lock);
        }
    }
    arena_drop(&memory);
}

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}

bool ensemble_run(const struct scenario *scenario, size_t seeds, unsigned threads,
                  ensemble_progress *progress, void *context, struct arena *a, struct diag *d,
                  struct ensemble *out)
{
    pthread_t others[256];
    unsigned started = 0;
    *out = (struct ensemble){
        .scenario = scenario,
        .seeds = seeds,
        .members = arena_array(a, struct member, seeds * scenario->hpa_count),
        .arena = a,
    };
    struct pool pool = {
        .ensemble = out, .next = 1, .progress = progress, .context = context, .results = a};
    pthread_mutex_init(&pool.lock, NULL);
    if (!run_seed(&pool, 0, d))
        return false;
    threads = threads == 0 ? processors() : threads > 256 ? 256 : threads;
    for (unsigned i = 1; i < threads; i++)
        if (pthread_create(&others[started], NULL, work, &pool) == 0)
            started++;
    work_and_report(&pool);
    for (unsigned i = 0; i < started; i++)
        pthread_join(others[i], NULL);
    pthread_mutex_destroy(&pool.lock);
    return !pool.stop;
}

int32_t member_replicas(const struct member *m, simtime at)
{
    int32_t replicas = m->initial;
    for (size_t i = 0; i < m->count && m->rescales[i].at <= at; i++)
        replicas = m->rescales[i].to;
    return replicas;
}

static int by_value(const void *x, const void *y)
{
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    return (a > b) - (a < b);
}

/* The value below or at which the share p of n sorted ones lies. */
static int32_t ranked(const int32_t *sorted, size_t n, double p)
{
    size_t i = (size_t)(p * (double)n);
    return sorted[i < n ? i : n - 1];
}

struct band *ensemble_bands(const struct ensemble *e, size_t hpa, simtime step, size_t *count)
{
    *count = (size_t)(e->scenario->duration / step) + 1;
    struct band *bands = arena_array(e->arena, struct band, *count);
    int32_t *values = arena_array(e->arena, int32_t, e->seeds);
    for (size_t i = 0; i < *count; i++) {
        simtime at = (simtime)i * step;
        for (size_t s = 0; s < e->seeds; s++)
            values[s] = member_replicas(&e->members[hpa * e->seeds + s], at);
        qsort(values, e->seeds, sizeof *values, by_value);
        bands[i] = (struct band){.at = at,
                                 .least = values[0],
                                 .p5 = ranked(values, e->seeds, 0.05),
                                 .p25 = ranked(values, e->seeds, 0.25),
                                 .p50 = ranked(values, e->seeds, 0.50),
                                 .p75 = ranked(values, e->seeds, 0.75),
                                 .p95 = ranked(values, e->seeds, 0.95),
                                 .most = values[e->seeds - 1]};
    }
    return bands;
}

/* A rescale with its place in its run, for sorting into groups. */
struct placed {
    size_t ordinal;
    struct rescale rescale;
    size_t seed;
};

static int by_place(const void *x, const void *y)
{
    const struct placed *a = x, *b = y;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    if (a->rescale.from != b->rescale.from)
        return a->rescale.from < b->rescale.from ? -1 : 1;
    if (a->rescale.to != b->rescale.to)
        return a->rescale.to < b->rescale.to ? -1 : 1;
    if (a->rescale.at != b->rescale.at)
        return a->rescale.at < b->rescale.at ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

static int by_members(const void *x, const void *y)
{
    const struct rescale_group *a = x, *b = y;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    if (a->members != b->members)
        return a->members > b->members ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

static struct placed *place_all(const struct ensemble *e, size_t hpa, size_t *count)
{
    size_t n = 0;
    const struct member *members = &e->members[hpa * e->seeds];
    for (size_t s = 0; s < e->seeds; s++)
        n += members[s].count;
    struct placed *all = arena_array(e->arena, struct placed, n);
    *count = 0;
    for (size_t s = 0; s < e->seeds; s++)
        for (size_t i = 0; i < members[s].count; i++)
            all[(*count)++] = (struct placed){i + 1, members[s].rescales[i], s};
    if (n > 0)
        qsort(all, n, sizeof *all, by_place);
    return all;
}

static bool same_group(const struct placed *x, const struct placed *y)
{
    return x->ordinal == y->ordinal && x->rescale.from == y->rescale.from &&
           x->rescale.to == y->rescale.to;
}

struct rescale_group *ensemble_groups(const struct ensemble *e, size_t hpa, size_t *count)
{
    size_t n;
    struct placed *all = place_all(e, hpa, &n);
    struct rescale_group *groups = arena_array(e->arena, struct rescale_group, n);
    *count = 0;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && same_group(&all[i], &all[j]); j++)
            continue;
        groups[(*count)++] = (struct rescale_group){.ordinal = all[i].ordinal,
                                                    .from = all[i].rescale.from,
                                                    .to = all[i].rescale.to,
                                                    .members = j - i,
                                                    .earliest = all[i].rescale.at,
                                                    .median = all[i + (j - i) / 2].rescale.at,
                                                    .latest = all[j - 1].rescale.at};
    }
    if (*count > 0)
        qsort(groups, *count, sizeof *groups, by_members);
    return groups;
}

static bool same_sequence(const struct member *x, const struct member *y)
{
    if (x->count != y->count)
        return false;
    for (size_t i = 0; i < x->count; i++)
        if (x->rescales[i].from != y->rescales[i].from || x->rescales[i].to != y->rescales[i].to)
            return false;
    return true;
}

size_t ensemble_sequences(const struct ensemble *e, size_t hpa)
{
    const struct member *members = &e->members[hpa * e->seeds];
    size_t different = 0;
    for (size_t i = 0; i < e->seeds; i++) {
        size_t j = 0;
        while (j < i && !same_sequence(&members[i], &members[j]))
            j++;
        different += j == i;
    }
    return different;
}
