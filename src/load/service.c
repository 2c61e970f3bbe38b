/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mesh of services and queues and what both resolutions have in common:
 * pods that join and leave, rates that follow the calls, integrals over time
 * (capacity, unmet demand) and the reports. The resolutions themselves are
 * service_requests.c and service_fluid.c.
 *
 * There is no upstream; endpoints follow readiness as kube-proxy's do. The
 * trap: whatever changes pods or rates must account for the time before the
 * change first.
 */
#include "load/service.h"

#include "base/require.h"
#include "kube/phases.h"
#include "service_internal.h"

#include <math.h>

/* Calls. */

enum visit { UNSEEN, OPEN, DONE };

struct walk {
    const struct service_spec *services;
    uint8_t *state;
    uint32_t *order; /* filled from the end: callers first */
    size_t left;
    size_t circle; /* SIZE_MAX: none found */
};

/* Depth is bounded by the number of services; circles end it. */
static void visit(struct walk *w, size_t i)
{
    if (w->state[i] == OPEN)
        w->circle = i;
    if (w->state[i] != UNSEEN)
        return;
    w->state[i] = OPEN;
    for (size_t c = 0; c < w->services[i].call_count; c++)
        visit(w, w->services[i].calls[c].service);
    w->state[i] = DONE;
    w->order[--w->left] = (uint32_t)i;
}

static size_t sort_by_calls(struct arena *a, const struct service_spec *services, size_t count,
                            uint32_t *order)
{
    struct walk w = {.services = services,
                     .state = arena_array(a, uint8_t, count),
                     .order = order,
                     .left = count,
                     .circle = SIZE_MAX};
    for (size_t i = 0; i < count; i++)
        visit(&w, i);
    return w.circle;
}

size_t mesh_find_circle(const struct service_spec *services, size_t count)
{
    struct arena scratch = {0};
    uint32_t *order = arena_array(&scratch, uint32_t, count);
    size_t circle = sort_by_calls(&scratch, services, count, order);
    arena_drop(&scratch);
    return circle;
}

/* What is offered changes from here on, and with it what those called are offered. */
static void follow_rate(struct service *s, simtime now)
{
    service_account(s, now);
    s->nominal = s->rate;
    for (size_t i = 0; i < s->callers.len; i++)
        s->nominal += s->callers.items[i].service->nominal * s->callers.items[i].per_request;
    for (size_t c = 0; c < s->spec->call_count; c++)
        follow_rate(&s->mesh->services[s->spec->calls[c].service], now);
}

/* Construction. */

static void service_init(struct mesh *m, uint32_t index, uint64_t seed)
{
    struct service *s = &m->services[index];
    s->spec = &m->spec->services[index];
    s->mesh = m;
    s->index = index;
    double limit = s->spec->cpu_limit_cores;
    double places = s->spec->concurrency;
    s->share_limit = limit > s->spec->idle_cores ? limit - s->spec->idle_cores : 1e-3;
    s->shares_cpu = limit > 0.0 && s->spec->cpu.mean > 0.0 &&
                    (s->spec->concurrency == 0 || places > s->share_limit);
    s->latency = arena_new(m->arena, struct histogram);
    s->reported = arena_new(m->arena, struct histogram);
    m->linked = m->linked || s->spec->call_count > 0;
    for (size_t c = 0; c < s->spec->call_count; c++) {
        struct service *called = &m->services[s->spec->calls[c].service];
        *vec_push(m->arena, &called->callers) = (struct caller){s, s->spec->calls[c].per_request};
    }
    for (size_t p = 0; p < s->spec->put_count; p++)
        require(s->spec->puts[p].queue < m->spec->queue_count);
    if (m->spec->fluid)
        fluid_create(s);
    else
        requests_create(s, seed);
}

struct mesh *mesh_create(struct engine *engine, struct arena *a, uint64_t seed,
                         const struct mesh_spec *spec)
{
    struct mesh *m = arena_new(a, struct mesh);
    m->engine = engine;
    m->arena = a;
    m->spec = spec;
    m->order = arena_array(a, uint32_t, spec->service_count);
    size_t circle = sort_by_calls(a, spec->services, spec->service_count, m->order);
    require(circle == SIZE_MAX);
    if (spec->fluid)
        m->profiles = profile_cache_create(a);
    event_init(&m->step, fluid_step, PHASE_SERVICE);
    m->queues = arena_array(a, struct job_queue *, spec->queue_count);
    for (size_t i = 0; i < spec->queue_count; i++)
        m->queues[i] = job_queue_create(engine, a, seed, &spec->queues[i], spec->fluid);
    m->services = arena_array(a, struct service, spec->service_count);
    m->putters = arena_array(a, struct put_rates, spec->queue_count);
    for (size_t i = 0; i < spec->service_count; i++)
        service_init(m, (uint32_t)i, seed);
    for (size_t i = spec->service_count; i-- > 0;)
        service_find_capacity(&m->services[m->order[i]]);
    return m;
}

struct service *mesh_service(struct mesh *m, size_t index)
{
    require(index < m->spec->service_count);
    return &m->services[index];
}

struct job_queue *mesh_queue(struct mesh *m, size_t index)
{
    require(index < m->spec->queue_count);
    return m->queues[index];
}

/* Integrals over time. */

double service_pod_capacity(const struct service *s)
{
    return s->pod_capacity;
}

/* 0 pods have no capacity, even where one pod's is without limit. */
static double capacity_of(double pods, double each)
{
    return pods > 0.0 ? pods * each : 0.0;
}

static double pods_short(const struct service *s, double each)
{
    double pods = (double)s->ready.len;
    if (each == INFINITY)
        return s->nominal > 0.0 && pods == 0.0 ? 1.0 : 0.0;
    double needed = each > 0.0 ? s->nominal / each : 0.0;
    return needed > pods ? needed - pods : 0.0;
}

void service_account(struct service *s, simtime now)
{
    if (now <= s->accounted)
        return;
    double seconds = simtime_to_seconds(now - s->accounted);
    double each = service_pod_capacity(s);
    double pods = (double)s->ready.len;
    s->totals.ready_seconds += pods * seconds;
    s->capacity += capacity_of(pods, each) * seconds;
    s->totals.unmet += pods_short(s, each) * seconds;
    s->accounted = now;
}

static void settle(struct service *s, simtime now)
{
    service_account(s, now);
    if (s->mesh->spec->fluid)
        fluid_settle(s, now);
    else
        requests_settle(s, now);
}

void mesh_settle(struct mesh *m)
{
    simtime now = engine_now(m->engine);
    for (size_t i = 0; i < m->spec->service_count; i++)
        settle(&m->services[m->order[i]], now);
    for (size_t i = 0; i < m->spec->queue_count; i++)
        job_queue_settle(m->queues[i]);
}

/* Load. */

void service_set_rate(struct service *s, double per_second)
{
    require(per_second >= 0.0 && per_second < INFINITY);
    double before = s->rate;
    if (per_second == before)
        return;
    simtime now = engine_now(s->mesh->engine);
    s->rate = per_second;
    follow_rate(s, now);
    if (s->mesh->spec->fluid)
        fluid_changed(s);
    else
        requests_rate_changed(s, before, now);
}

double service_rate(const struct service *s)
{
    return s->nominal;
}

/* Pods. */

static struct backend *backend_of(const struct service *s, uint32_t handle)
{
    if (handle == 0)
        return NULL;
    require(handle <= s->backends.len);
    struct backend *b = s->backends.items[handle - 1];
    require(b->state != BACKEND_FREE);
    return b;
}

static struct backend *backend_new(struct service *s)
{
    struct backend *b = s->free_backends;
    if (b != NULL) {
        s->free_backends = b->next_free;
        return b;
    }
    b = arena_new(s->mesh->arena, struct backend);
    b->service = s;
    b->index = (uint32_t)s->backends.len;
    *vec_push(s->mesh->arena, &s->backends) = b;
    return b;
}

static void make_ready(struct service *s, struct backend *b)
{
    b->state = BACKEND_READY;
    *vec_push(s->mesh->arena, &s->ready) = b;
}

/* The others keep their order: round robin goes on where it was. */
static void take_from_ready(struct service *s, const struct backend *b)
{
    size_t at = 0;
    while (s->ready.items[at] != b)
        at++;
    for (size_t i = at; i + 1 < s->ready.len; i++)
        s->ready.items[i] = s->ready.items[i + 1];
    s->ready.len--;
    if (s->turn > 0 && s->turn >= at)
        s->turn--;
}

uint32_t service_backend_add(struct service *s, struct meter *cpu)
{
    struct backend *b = backend_new(s);
    service_account(s, engine_now(s->mesh->engine));
    make_ready(s, b);
    b->meter = cpu;
    if (s->mesh->spec->fluid)
        fluid_add(s, b);
    else
        requests_add(s, b);
    return b->index + 1;
}

void service_backend_drain(struct service *s, uint32_t handle)
{
    struct backend *b = backend_of(s, handle);
    if (b == NULL || b->state != BACKEND_READY)
        return;
    service_account(s, engine_now(s->mesh->engine));
    if (s->mesh->spec->fluid)
        fluid_drain(s, b);
    take_from_ready(s, b);
    b->state = BACKEND_DRAINING;
    s->drained++;
    if (!s->mesh->spec->fluid)
        requests_drain(s, b);
}

void service_backend_resume(struct service *s, uint32_t handle)
{
    struct backend *b = backend_of(s, handle);
    if (b == NULL || b->state != BACKEND_DRAINING)
        return;
    service_account(s, engine_now(s->mesh->engine));
    s->drained--;
    make_ready(s, b);
    if (s->mesh->spec->fluid)
        fluid_add(s, b);
    else
        requests_resume(s, b);
}

void service_backend_kill(struct service *s, uint32_t handle)
{
    struct backend *b = backend_of(s, handle);
    if (b == NULL)
        return;
    bool was_ready = b->state == BACKEND_READY;
    if (was_ready && s->mesh->spec->fluid)
        fluid_kill(s); /* loses its part of what is in the service */
    service_backend_drain(s, handle);
    if (!s->mesh->spec->fluid)
        requests_kill(s, b);
    s->drained--;
    b->state = BACKEND_FREE;
    b->meter = NULL;
    b->next_free = s->free_backends;
    s->free_backends = b;
}

double service_backend_requests(const struct service *s, uint32_t handle)
{
    const struct backend *b = backend_of(s, handle);
    if (b == NULL)
        return 0.0;
    if (!s->mesh->spec->fluid)
        return requests_backend_load(b);
    if (b->state != BACKEND_READY)
        return 0.0;
    bool waits_there = s->spec->queue == SERVICE_QUEUE_POD;
    return (s->in_flight + (waits_there ? s->waiting : 0.0)) / (double)s->ready.len;
}

double service_backend_memory(const struct service *s, uint32_t handle)
{
    return service_backend_requests(s, handle) * s->spec->memory_per_request_bytes;
}

/* Reports. */

void service_take(struct service *s, struct service_interval *out)
{
    simtime now = engine_now(s->mesh->engine);
    settle(s, now);
    if (s->mesh->spec->fluid)
        fluid_flush(s);
    const struct service_totals *t = &s->totals;
    const struct service_totals *b = &s->taken;
    double memory = s->spec->memory_per_request_bytes;
    *out = (struct service_interval){
        .from = s->taken_at,
        .until = now,
        .offered = t->offered - b->offered,
        .admitted = (t->offered - t->dropped) - (b->offered - b->dropped),
        .served = t->served - b->served,
        .timed_out = t->timed_out - b->timed_out,
        .dropped = t->dropped - b->dropped,
        .failed = t->failed - b->failed,
        .completed = t->completed - b->completed,
        .waiting = s->waiting,
        .in_flight = s->in_flight,
        .in_flight_peak = s->peak,
        .capacity_requests = s->capacity,
        .cpu_core_seconds = t->cpu - b->cpu,
        .throttled_core_seconds = t->throttled - b->throttled,
        .memory_bytes = (s->in_flight + s->waiting) * memory,
        .memory_peak_bytes = s->peak_requests * memory,
        .unmet_replica_seconds = t->unmet - b->unmet,
        .ready_seconds = t->ready_seconds - b->ready_seconds,
        .latency = s->latency,
    };
    struct histogram *done = s->latency;
    s->latency = s->reported;
    s->reported = done;
    histogram_reset(s->latency);
    s->taken = s->totals;
    s->taken_at = now;
    s->capacity = 0.0;
    s->peak = s->in_flight;
    s->peak_requests = s->in_flight + s->waiting;
}
