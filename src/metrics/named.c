/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The named metrics' series and when they are scraped. A target's phase within the
 * interval is a hash of its name (Prometheus scrape/target.go, offset), taken to one of
 * SCRAPE_SLOTS, so that one event serves all targets of a slot and a thousand pods cost
 * 64 events an interval.
 *
 * Series that are there when the run begins are continued backwards: a gauge with its
 * first value, a counter with its mean rise so far, so that no run begins with an outage.
 * Trap: a failing target leaves a stale marker, and its series vanishes at once.
 */
#include "internal.h"

#include "base/require.h"
#include "base/str.h"
#include "kube/phases.h"

#include <math.h>

#define DEFAULT_INTERVAL (15 * SIMTIME_SECOND)
#define DEFAULT_WINDOW   (60 * SIMTIME_SECOND)
#define DELAYED_INTERVAL SIMTIME_SECOND /* a direct reading that is served late is kept this fine */
#define SURE_AFTER       SIMTIME_SECOND /* a counter's rise is known */
#define COUNTED_BEFORE   3600.0         /* seconds that a counter from before the run has counted */

struct metrics *metrics_create(struct arena *a, struct engine *e, struct metrics_server *server,
                               uint64_t seed, simtime epoch_fraction)
{
    struct metrics *m = arena_new(a, struct metrics);
    m->arena = a;
    m->engine = e;
    m->server = server;
    m->seed = seed;
    m->epoch_fraction = epoch_fraction;
    m->names.arena = a;
    server->named = m;
    return m;
}

/* --- series --- */

static simtime slot_time(const struct named_metric *n, uint32_t slot)
{
    return slot * (n->interval / SCRAPE_SLOTS);
}

/* The first scrape of this slot after now. */
static simtime next_of_slot(const struct named_metric *n, uint32_t slot, simtime now)
{
    simtime at = now / n->interval * n->interval + slot_time(n, slot);
    return at > now ? at : at + n->interval;
}

static void link_slot(struct series *s)
{
    struct named_metric *n = s->metric;
    struct metrics *m = n->metrics;
    s->next = n->slots[s->slot];
    s->prev = NULL;
    if (s->next)
        s->next->prev = s;
    n->slots[s->slot] = s;
    if (!n->scraped || !m->started)
        return;
    simtime at = next_of_slot(n, s->slot, engine_now(m->engine));
    if (at < event_time(m->engine, &n->scrape))
        event_schedule(m->engine, &n->scrape, at);
}

static void unlink_slot(struct series *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        s->metric->slots[s->slot] = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

static struct series *add_series(struct named_metric *n, const struct pod *pod)
{
    struct metrics *m = n->metrics;
    struct series *s = n->free;
    if (s) {
        n->free = s->next;
        prom_series_reset(&s->samples);
    } else {
        s = arena_new(m->arena, struct series);
        simtime range = n->function == METRIC_LAST ? n->interval : n->window;
        prom_series_init(&s->samples, m->arena, n->interval,
                         n->scraped ? range + n->spec->delay : 0);
    }
    s->metric = n;
    s->pod = pod;
    s->down = false;
    s->offset = 0;
    s->unprimed = !m->started;
    s->begun = SIMTIME_NEVER;
    const char *target = pod ? pod->name : n->spec->name;
    simtime phase = prom_phase(m->seed, target, n->interval);
    s->slot = (uint32_t)(phase / (n->interval / SCRAPE_SLOTS));
    s->slot = s->slot < SCRAPE_SLOTS ? s->slot : SCRAPE_SLOTS - 1;
    link_slot(s);
    return s;
}

static void store(struct series *s, simtime at, double value)
{
    struct named_metric *n = s->metric;
    prom_series_add(&s->samples, at, value + s->offset);
    if (n->first_seen == SIMTIME_NEVER)
        n->first_seen = at > 0 ? at : 0;
}

/* Samples of its grid before `begun`, oldest first, rising by `rate` a second up to `first`. */
static void make_up(struct series *s, double rate)
{
    const struct named_metric *n = s->metric;
    simtime newest = next_of_slot(n, s->slot, s->begun) - n->interval;
    for (uint32_t i = s->samples.cap; i > 0; i--) {
        simtime at = newest - (simtime)(i - 1) * n->interval;
        store(s, at, s->first - rate * simtime_to_seconds(s->begun - at));
    }
}

bool series_prime(struct series *s, simtime now)
{
    const struct named_metric *n = s->metric;
    if (!s->unprimed)
        return true;
    if (!n->scraped || isnan(s->first)) {
        s->unprimed = false;
        return true;
    }
    if (s->begun == SIMTIME_NEVER)
        return false;
    if (n->function != METRIC_RATE) {
        s->unprimed = false;
        make_up(s, 0);
        return true;
    }
    if (now - s->begun < SURE_AFTER)
        return false;
    double rise = n->read(n->context, s->pod, now) - s->first;
    s->unprimed = false;
    if (rise >= 0) {
        double rate = rise / simtime_to_seconds(now - s->begun);
        s->offset = rate * COUNTED_BEFORE; /* far from 0, where rate() stops extrapolating */
        make_up(s, rate);
    }
    return true;
}

/* --- scraping --- */

static bool target_fails(const struct series *s)
{
    const struct named_metric *n = s->metric;
    const struct metrics *m = n->metrics;
    uint32_t node = s->pod ? s->pod->node : METRIC_FAULT_ALL_NODES;
    return s->down || metric_fault_of_node(&n->faults, node) ||
           metric_fault_of_node(&m->faults[named_metric_api(n)], node);
}

static void scrape_series(struct series *s, simtime now)
{
    const struct named_metric *n = s->metric;
    if (!series_prime(s, now))
        return;
    double value = target_fails(s) ? NAN : n->read(n->context, s->pod, now);
    if (!isnan(value))
        store(s, now, value);
    else if (s->samples.count)
        prom_series_stale(&s->samples, now);
}

static void schedule_scrape(struct named_metric *n, simtime now)
{
    simtime next = SIMTIME_NEVER;
    for (uint32_t slot = 0; slot < SCRAPE_SLOTS; slot++) {
        if (!n->slots[slot])
            continue;
        simtime at = next_of_slot(n, slot, now);
        next = at < next ? at : next;
    }
    event_schedule(n->metrics->engine, &n->scrape, next);
}

static void scrape(struct engine *engine, struct event *event)
{
    struct named_metric *n = event_owner(event, struct named_metric, scrape);
    simtime now = engine_now(engine);
    uint32_t slot = (uint32_t)(now % n->interval / (n->interval / SCRAPE_SLOTS));
    if (!named_metric_is(n, METRIC_FAULT_FROZEN))
        for (struct series *s = n->slots[slot]; s; s = s->next)
            scrape_series(s, now);
    schedule_scrape(n, now);
}

/* --- metrics and pods --- */

static void add_name(struct metrics *m, struct named_metric *n, uint32_t index)
{
    size_t name = table_put(&m->names, n->spec->name);
    if (name == m->first_of_name.len) {
        *vec_push(m->arena, &m->first_of_name) = index + 1;
        return;
    }
    struct named_metric *last = m->list.items[m->first_of_name.items[name] - 1];
    while (last->same_name)
        last = m->list.items[last->same_name - 1];
    last->same_name = index + 1;
}

uint32_t metrics_add(struct metrics *m, const struct metric_spec *spec,
                     const struct workload *workload, metric_read *read, void *context)
{
    struct named_metric *n = arena_new(m->arena, struct named_metric);
    uint32_t index = (uint32_t)m->list.len;
    require(!m->started);
    n->spec = spec;
    n->workload = workload;
    n->read = read;
    n->context = context;
    n->metrics = m;
    n->scraped = !spec->direct || spec->delay > 0;
    n->function = spec->direct ? METRIC_LAST : spec->function;
    n->interval = spec->scrape_interval > 0 ? spec->scrape_interval : DEFAULT_INTERVAL;
    if (spec->direct)
        n->interval = DELAYED_INTERVAL;
    n->window = spec->window > 0 ? spec->window : DEFAULT_WINDOW;
    require(n->interval >= SIMTIME_MILLISECOND * SCRAPE_SLOTS);
    n->first_seen = SIMTIME_NEVER;
    event_init(&n->scrape, scrape, PHASE_SCRAPE);
    *vec_push(m->arena, &m->list) = n;
    add_name(m, n, index);
    if (spec->kind != METRIC_PODS)
        n->single = add_series(n, NULL);
    return index;
}

/* The first reading of what was there before; after the world has had its first instant. */
static void begin(struct engine *engine, struct event *event)
{
    struct metrics *m = event_owner(event, struct metrics, begin);
    simtime now = engine_now(engine);
    for (size_t i = 0; i < m->list.len; i++) {
        struct named_metric *n = m->list.items[i];
        for (uint32_t slot = 0; slot < SCRAPE_SLOTS; slot++) {
            for (struct series *s = n->slots[slot]; s; s = s->next) {
                if (!s->unprimed || !n->scraped)
                    continue;
                s->begun = now;
                s->first = n->read(n->context, s->pod, now);
                series_prime(s, now);
            }
        }
        if (n->scraped)
            schedule_scrape(n, now);
    }
}

void metrics_start(struct metrics *m)
{
    m->started = true;
    event_init(&m->begin, begin, PHASE_SCRAPE);
    event_schedule(m->engine, &m->begin, engine_now(m->engine));
}

static void add_pod_series(struct metrics *m, struct tracked_pod *t)
{
    for (size_t i = 0; i < m->list.len; i++) {
        struct named_metric *n = m->list.items[i];
        if (n->spec->kind != METRIC_PODS || (n->workload && n->workload != t->pod->workload))
            continue;
        struct series *s = add_series(n, t->pod);
        s->next_of_pod = t->series;
        t->series = s;
    }
}

void metrics_pod_changed(void *context, struct pod *pod, enum pod_change change, simtime now)
{
    struct metrics *m = context;
    struct tracked_pod *t = pod->samples;
    (void)now;
    if (!t || (change != POD_RUNS && change != POD_CRASHED))
        return;
    if (change == POD_RUNS && !t->series)
        add_pod_series(m, t);
    for (struct series *s = t->series; s; s = s->next_of_pod) {
        s->down = change == POD_CRASHED;
        if (change == POD_RUNS)
            s->offset = 0; /* a new process counts from 0, whatever the old one had */
    }
}

void metrics_forget_pod(struct metrics *m, struct tracked_pod *t)
{
    (void)m;
    for (struct series *s = t->series; s;) {
        struct series *next = s->next_of_pod;
        unlink_slot(s);
        s->next = s->metric->free;
        s->metric->free = s;
        s = next;
    }
    t->series = NULL;
}

/* --- faults --- */

enum metrics_api named_metric_api(const struct named_metric *n)
{
    return n->spec->kind == METRIC_EXTERNAL ? METRICS_API_EXTERNAL : METRICS_API_CUSTOM;
}

bool named_metric_is(const struct named_metric *n, enum metric_fault_kind kind)
{
    return metric_fault_is(&n->faults, kind) ||
           metric_fault_is(&n->metrics->faults[named_metric_api(n)], kind);
}

simtime named_metric_time(const struct named_metric *n, simtime now)
{
    const struct metrics *m = n->metrics;
    enum metrics_api api = named_metric_api(n);
    simtime at = now;
    if (metric_fault_is(&n->faults, METRIC_FAULT_FROZEN) && n->frozen_at < at)
        at = n->frozen_at;
    if (metric_fault_is(&m->faults[api], METRIC_FAULT_FROZEN) && m->frozen_at[api] < at)
        at = m->frozen_at[api];
    return at;
}

/* What is read directly is kept as it is now, to be served while frozen. */
static void freeze(struct named_metric *n, simtime now)
{
    if (n->scraped || named_metric_is(n, METRIC_FAULT_FROZEN))
        return;
    for (uint32_t slot = 0; slot < SCRAPE_SLOTS; slot++) {
        for (struct series *s = n->slots[slot]; s; s = s->next) {
            double value = n->read(n->context, s->pod, now);
            prom_series_reset(&s->samples);
            if (!isnan(value))
                prom_series_add(&s->samples, now, value);
        }
    }
}

void metrics_api_fault_begin(struct metrics *m, enum metrics_api api,
                             const struct metric_fault *fault)
{
    simtime now = engine_now(m->engine);
    if (api == METRICS_API_RESOURCE) {
        metrics_server_fault_begin(m->server, fault);
        return;
    }
    if (fault->kind == METRIC_FAULT_FROZEN && !metric_fault_is(&m->faults[api], fault->kind)) {
        m->frozen_at[api] = now;
        for (size_t i = 0; i < m->list.len; i++)
            if (named_metric_api(m->list.items[i]) == api)
                freeze(m->list.items[i], now);
    }
    require(metric_fault_begin(&m->faults[api], fault));
}

void metrics_api_fault_end(struct metrics *m, enum metrics_api api,
                           const struct metric_fault *fault)
{
    if (api == METRICS_API_RESOURCE)
        metrics_server_fault_end(m->server, fault);
    else
        metric_fault_end(&m->faults[api], fault);
}

static struct named_metric *first_named(struct metrics *m, const char *name)
{
    size_t place = table_find(&m->names, name);
    return place == TABLE_NONE ? NULL : m->list.items[m->first_of_name.items[place] - 1];
}

static struct named_metric *next_named(struct metrics *m, const struct named_metric *n)
{
    return n->same_name ? m->list.items[n->same_name - 1] : NULL;
}

bool metrics_fault_begin(struct metrics *m, const char *name, const struct metric_fault *fault)
{
    struct named_metric *first = first_named(m, name);
    simtime now = engine_now(m->engine);
    for (struct named_metric *n = first; n; n = next_named(m, n)) {
        if (fault->kind == METRIC_FAULT_FROZEN && !metric_fault_is(&n->faults, fault->kind)) {
            n->frozen_at = now;
            freeze(n, now);
        }
        require(metric_fault_begin(&n->faults, fault));
    }
    return first != NULL;
}

bool metrics_fault_end(struct metrics *m, const char *name, const struct metric_fault *fault)
{
    struct named_metric *first = first_named(m, name);
    for (struct named_metric *n = first; n; n = next_named(m, n))
        metric_fault_end(&n->faults, fault);
    return first != NULL;
}
