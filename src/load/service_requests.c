/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests resolution: every request is an object with one event. Draws are
 * made on arrival, in a fixed order and whether or not the request gets in, so
 * that two runs that differ in their pods still see the same requests.
 *
 * Arrivals of a changing rate: a unit exponential is used up at the rate of the
 * moment (time change of a Poisson process), so changing the rate draws nothing.
 *
 * The traps: a request that ends may wake its caller, whose next call may come
 * back to a pod whose queue is being worked on. So callers are only noted, and
 * told when the event is through (answer). Patience in a queue is checked when
 * somebody looks at its head; only a caller that waits gets an event for it.
 */
#include "service_internal.h"

#include "base/require.h"
#include "kube/phases.h"

#include <math.h>

#define CURVE_STEP (SIMTIME_SECOND / 4) /* a pod's CPU curve is exact at this spacing */

static void take_next(struct backend *b, simtime now);
static void answer(struct mesh *m);

/* Lists. */

static void list_append(struct request_list *l, struct request *r)
{
    r->prev = l->last;
    r->next = NULL;
    if (l->last != NULL)
        l->last->next = r;
    else
        l->first = r;
    l->last = r;
    l->count++;
}

static void list_remove(struct request_list *l, struct request *r)
{
    if (r->prev != NULL)
        r->prev->next = r->next;
    else
        l->first = r->next;
    if (r->next != NULL)
        r->next->prev = r->prev;
    else
        l->last = r->prev;
    l->count--;
}

/* Ready pods by number of requests, for least requests. */

static void level_enter(struct service *s, struct backend *b, uint32_t level)
{
    while (s->levels.len <= level)
        *vec_push(s->mesh->arena, &s->levels) = (struct level_list){0};
    struct level_list *l = &s->levels.items[level];
    b->level = level;
    b->level_prev = l->last;
    b->level_next = NULL;
    if (l->last != NULL)
        l->last->level_next = b;
    else
        l->first = b;
    l->last = b;
    if (level < s->lowest)
        s->lowest = level;
}

static void level_leave(struct service *s, struct backend *b)
{
    struct level_list *l = &s->levels.items[b->level];
    if (b->level_prev != NULL)
        b->level_prev->level_next = b->level_next;
    else
        l->first = b->level_next;
    if (b->level_next != NULL)
        b->level_next->level_prev = b->level_prev;
    else
        l->last = b->level_prev;
}

static void level_update(struct backend *b)
{
    struct service *s = b->service;
    if (s->spec->balancing != BALANCE_LEAST_REQUESTS || b->state != BACKEND_READY)
        return;
    level_leave(s, b);
    level_enter(s, b, b->in_service.count + b->waiting.count);
}

static struct backend *least_loaded(struct service *s)
{
    while (s->levels.items[s->lowest].first == NULL)
        s->lowest++;
    return s->levels.items[s->lowest].first;
}

/* CPU used evenly. */

static void curve_catch_up(struct backend *b, simtime now)
{
    if (now > b->curve_at) {
        double cores = (b->cpu_total - b->curve_total) / simtime_to_seconds(now - b->curve_at);
        curve_set(&b->curve, b->curve_at, cores);
        curve_set(&b->curve, now, b->cpu_rate);
        b->curve_at = now;
        b->curve_total = b->cpu_total;
    }
}

static void account(struct backend *b, simtime now)
{
    if (b->service->shares_cpu) {
        share_account(b, now);
    } else if (now > b->cpu_at) {
        double used = b->cpu_rate * simtime_to_seconds(now - b->cpu_at);
        b->cpu_total += used;
        b->service->totals.cpu += used;
        b->cpu_at = now;
    }
    if (now - b->curve_at >= CURVE_STEP)
        curve_catch_up(b, now);
}

/* Requests. */

static void request_event(struct engine *engine, struct event *event);

static struct request *request_new(struct mesh *m)
{
    struct request *r = m->free_requests;
    if (r != NULL) {
        m->free_requests = r->next;
        return r;
    }
    return arena_new(m->arena, struct request);
}

static void request_free(struct request *r)
{
    struct mesh *m = r->service->mesh;
    r->next = m->free_requests;
    m->free_requests = r;
}

/* The request is over; whoever waits for it will be told. It is in no list any more. */
static void request_over(struct request *r, bool served)
{
    struct request *parent = r->parent;
    struct mesh *m = r->service->mesh;
    if (r->child != NULL)
        r->child->parent = NULL;
    event_cancel(m->engine, &r->event);
    if (parent != NULL) {
        parent->child = NULL;
        parent->call_failed = parent->call_failed || !served;
        if (m->answered_last != NULL && m->answered != NULL)
            m->answered_last->child = parent; /* chained through child: they wait for none now */
        else
            m->answered = parent;
        m->answered_last = parent;
    }
    request_free(r);
}

static bool out_of_patience(const struct request *r, simtime now)
{
    simtime timeout = r->service->spec->timeout;
    return timeout > 0 && now - r->arrived >= timeout;
}

static void leave_queue(struct request_list *queue, struct request *r)
{
    list_remove(queue, r);
    r->service->waiting -= 1.0;
    r->service->totals.timed_out += 1.0;
    request_over(r, false);
}

static void drop_impatient(struct request_list *queue, simtime now)
{
    while (queue->first != NULL && out_of_patience(queue->first, now))
        leave_queue(queue, queue->first);
}

void requests_serve(struct request *r, simtime now)
{
    struct backend *b = r->backend;
    struct service *s = r->service;
    account(b, now);
    r->in_service = true;
    list_append(&b->in_service, r);
    s->in_flight += 1.0;
    if (s->in_flight > s->peak)
        s->peak = s->in_flight;
    r->call = 0;
    r->calls_left = UINT32_MAX;
    if (s->shares_cpu) {
        share_enter(b, r, now);
        return;
    }
    double seconds = r->cpu + r->wait;
    simtime takes = simtime_seconds(seconds);
    r->rate = takes > 0 ? r->cpu / simtime_to_seconds(takes) : 0.0;
    b->cpu_rate += r->rate;
    event_schedule(s->mesh->engine, &r->event, simtime_add(now, takes));
}

void requests_cpu_done(struct request *r, simtime now)
{
    event_schedule(r->service->mesh->engine, &r->event, simtime_add(now, simtime_seconds(r->wait)));
}

static void put_jobs(struct service *s)
{
    for (size_t i = 0; i < s->spec->put_count; i++) {
        const struct service_put *put = &s->spec->puts[i];
        double whole = floor(put->per_request);
        bool more = put->per_request > whole && rng_double(&s->call_rng) < put->per_request - whole;
        uint32_t count = (uint32_t)whole + (more ? 1u : 0u);
        if (count > 0)
            job_queue_put(s->mesh->queues[put->queue], count);
    }
}

/* Takes it out of its pod's service. */
static void release(struct request *r, simtime now)
{
    struct backend *b = r->backend;
    account(b, now);
    list_remove(&b->in_service, r);
    r->in_service = false;
    r->service->in_flight -= 1.0;
    if (!r->service->shares_cpu)
        b->cpu_rate = b->in_service.count > 0 ? b->cpu_rate - r->rate : 0.0;
    r->rate = 0.0;
}

static void complete(struct request *r, simtime now)
{
    struct service *s = r->service;
    struct backend *b = r->backend;
    bool served = false;
    release(r, now);
    s->totals.completed += 1.0;
    if (r->call_failed) {
        s->totals.failed += 1.0;
    } else if (s->spec->timeout > 0 && now - r->arrived > s->spec->timeout) {
        s->totals.timed_out += 1.0;
    } else {
        served = true;
        s->totals.served += 1.0;
        histogram_add(s->latency, simtime_to_seconds(now - r->arrived), 1.0);
        put_jobs(s);
    }
    request_over(r, served);
    take_next(b, now);
}

static bool may_serve(const struct backend *b)
{
    uint32_t places = b->service->spec->concurrency;
    return places == 0 || b->in_service.count < places;
}

/* A place is free: the pod's queue first, else the service's. */
static void take_next(struct backend *b, simtime now)
{
    struct service *s = b->service;
    while (may_serve(b)) {
        bool own = b->waiting.count > 0;
        struct request_list *queue = own ? &b->waiting : &s->queue;
        drop_impatient(queue, now);
        struct request *r = queue->first;
        if (r == NULL && own)
            continue;
        if (r == NULL || (!own && b->state != BACKEND_READY))
            break;
        list_remove(queue, r);
        s->waiting -= 1.0;
        event_cancel(s->mesh->engine, &r->event);
        r->backend = b;
        requests_serve(r, now);
    }
    level_update(b);
}

static struct backend *round_robin(struct service *s)
{
    s->turn = s->turn + 1 < s->ready.len ? s->turn + 1 : 0;
    return s->ready.items[s->turn];
}

/* The ready pod for the next request; NULL when there is none. */
static struct backend *choose(struct service *s)
{
    if (s->ready.len == 0)
        return NULL;
    switch (s->spec->balancing) {
    case BALANCE_RANDOM:
        return s->ready.items[rng_below(&s->balance_rng, s->ready.len)];
    case BALANCE_ROUND_ROBIN:
        return round_robin(s);
    case BALANCE_LEAST_REQUESTS:
        break;
    }
    return least_loaded(s);
}

/* For a queue before the pods: one with a free place, looking on from the chosen one. */
static struct backend *choose_free(struct service *s)
{
    struct backend *b = choose(s);
    if (b == NULL || may_serve(b))
        return b;
    if (s->spec->balancing == BALANCE_LEAST_REQUESTS)
        return NULL;
    size_t from = 0;
    while (s->ready.items[from] != b)
        from++;
    for (size_t i = 1; i < s->ready.len; i++) {
        struct backend *other = s->ready.items[(from + i) % s->ready.len];
        if (may_serve(other))
            return other;
    }
    return NULL;
}

static void wait_in(struct request_list *queue, struct request *r)
{
    struct service *s = r->service;
    list_append(queue, r);
    s->waiting += 1.0;
    if (r->parent != NULL && s->spec->timeout > 0)
        event_schedule(s->mesh->engine, &r->event, simtime_add(r->arrived, s->spec->timeout));
}

static bool has_room(const struct service *s, const struct request_list *queue)
{
    return !s->spec->has_queue_limit || queue->count < s->spec->queue_limit;
}

static void admit(struct request *r, simtime now)
{
    struct service *s = r->service;
    bool shared = s->spec->queue == SERVICE_QUEUE_SERVICE;
    struct backend *b = shared ? choose_free(s) : choose(s);
    struct request_list *queue = shared ? &s->queue : (b != NULL ? &b->waiting : NULL);
    r->backend = b;
    if (b != NULL && may_serve(b)) {
        requests_serve(r, now);
    } else {
        if (queue != NULL)
            drop_impatient(queue, now);
        if (queue == NULL || !has_room(s, queue)) {
            s->totals.dropped += 1.0;
            request_over(r, false);
            return;
        }
        wait_in(queue, r);
    }
    if (b != NULL)
        level_update(b);
    if (s->in_flight + s->waiting > s->peak_requests)
        s->peak_requests = s->in_flight + s->waiting;
}

static void arrive(struct service *s, struct request *parent, double weight, simtime now)
{
    struct request *r = request_new(s->mesh);
    *r = (struct request){.service = s, .parent = parent, .arrived = now};
    event_init(&r->event, request_event, PHASE_SERVICE);
    r->cpu = dist_sample(&s->spec->cpu, &s->cpu_rng) * weight;
    r->wait = dist_sample(&s->spec->wait, &s->wait_rng) * weight;
    if (parent != NULL)
        parent->child = r;
    s->totals.offered += 1.0;
    admit(r, now);
}

static uint32_t draw_calls(struct service *s, double mean)
{
    double whole = floor(mean);
    if (mean > whole && rng_double(&s->call_rng) < mean - whole)
        whole += 1.0;
    return (uint32_t)whole;
}

/* The next call of a request whose own work is done, or its end. */
static void continue_calls(struct request *r, simtime now)
{
    struct service *s = r->service;
    while (r->call < s->spec->call_count && !r->call_failed) {
        const struct service_call *call = &s->spec->calls[r->call];
        if (r->calls_left == UINT32_MAX)
            r->calls_left = draw_calls(s, call->per_request);
        if (r->calls_left > 0) {
            r->calls_left--;
            arrive(&s->mesh->services[call->service], r, 1.0, now);
            return;
        }
        r->calls_left = UINT32_MAX;
        r->call++;
    }
    complete(r, now);
}

/* Tells callers, in the order in which their calls ended. */
static void answer(struct mesh *m)
{
    if (m->answering)
        return;
    m->answering = true;
    simtime now = engine_now(m->engine);
    while (m->answered != NULL) {
        struct request *r = m->answered;
        m->answered = r->child;
        if (m->answered == NULL)
            m->answered_last = NULL;
        r->child = NULL;
        continue_calls(r, now);
    }
    m->answering = false;
}

static void request_event(struct engine *engine, struct event *event)
{
    struct request *r = event_owner(event, struct request, event);
    struct mesh *m = r->service->mesh;
    simtime now = engine_now(engine);
    if (r->in_service) {
        continue_calls(r, now);
    } else {
        struct backend *b = r->backend;
        bool shared = r->service->spec->queue == SERVICE_QUEUE_SERVICE;
        leave_queue(shared ? &r->service->queue : &b->waiting, r);
        if (!shared)
            level_update(b);
    }
    answer(m);
}

/* Arrivals from outside. */

static void schedule_poisson(struct service *s, simtime now)
{
    s->arrival_from = now;
    if (s->rate <= 0.0) {
        event_cancel(s->mesh->engine, &s->arrival);
        return;
    }
    simtime ahead = simtime_seconds(s->arrival_left / s->rate);
    event_schedule(s->mesh->engine, &s->arrival, simtime_add(now, ahead));
}

static void schedule_recorded(struct service *s, simtime now)
{
    simtime at = 0;
    s->arrival_weight = 1.0;
    if (s->next_arrival(s->arrival_context, &at, &s->arrival_weight))
        event_schedule(s->mesh->engine, &s->arrival, at > now ? at : now);
}

static void arrival_event(struct engine *engine, struct event *event)
{
    struct service *s = event_owner(event, struct service, arrival);
    simtime now = engine_now(engine);
    double weight = 1.0;
    if (s->next_arrival != NULL) {
        weight = s->arrival_weight;
        schedule_recorded(s, now);
    } else {
        s->arrival_left = rng_exponential(&s->arrival_rng);
        schedule_poisson(s, now);
    }
    arrive(s, NULL, weight, now);
    answer(s->mesh);
}

void requests_rate_changed(struct service *s, double before, simtime now)
{
    if (s->next_arrival != NULL)
        return;
    s->arrival_left -= before * simtime_to_seconds(now - s->arrival_from);
    if (s->arrival_left < 0.0)
        s->arrival_left = 0.0;
    schedule_poisson(s, now);
}

void service_set_arrivals(struct service *s, service_arrival_fn *next, void *context)
{
    if (s->mesh->spec->fluid)
        return;
    s->next_arrival = next;
    s->arrival_context = context;
    schedule_recorded(s, engine_now(s->mesh->engine));
}

/* Pods. */

void requests_create(struct service *s, uint64_t seed)
{
    const char *name = s->spec->name;
    s->arrival_rng = rng_stream(seed, name, "arrivals");
    s->cpu_rng = rng_stream(seed, name, "cpu");
    s->wait_rng = rng_stream(seed, name, "wait");
    s->balance_rng = rng_stream(seed, name, "balancing");
    s->call_rng = rng_stream(seed, name, "calls");
    s->arrival_left = rng_exponential(&s->arrival_rng);
    event_init(&s->arrival, arrival_event, PHASE_SERVICE);
}

static void join(struct service *s, struct backend *b, simtime now)
{
    if (s->spec->balancing == BALANCE_LEAST_REQUESTS)
        level_enter(s, b, b->in_service.count + b->waiting.count);
    take_next(b, now);
    answer(s->mesh);
}

void requests_add(struct service *s, struct backend *b)
{
    simtime now = engine_now(s->mesh->engine);
    b->curve.arena = s->mesh->arena;
    curve_set(&b->curve, now, 0.0);
    b->cpu_at = b->curve_at = now;
    b->curve_total = b->cpu_total;
    if (s->shares_cpu)
        share_create(b);
    if (b->meter != NULL)
        meter_join(b->meter, &b->curve, now);
    join(s, b, now);
}

/* Ready list and state have been changed already. */
void requests_drain(struct service *s, struct backend *b)
{
    if (s->spec->balancing == BALANCE_LEAST_REQUESTS)
        level_leave(s, b);
}

void requests_resume(struct service *s, struct backend *b)
{
    join(s, b, engine_now(s->mesh->engine));
}

static void lose(struct request *r)
{
    r->service->totals.failed += 1.0;
    request_over(r, false);
}

void requests_kill(struct service *s, struct backend *b)
{
    simtime now = engine_now(s->mesh->engine);
    account(b, now);
    drop_impatient(&b->waiting, now);
    while (b->in_service.first != NULL) {
        struct request *r = b->in_service.first;
        if (s->shares_cpu)
            share_remove(b, r, now);
        release(r, now);
        lose(r);
    }
    while (b->waiting.first != NULL) {
        struct request *r = b->waiting.first;
        list_remove(&b->waiting, r);
        s->waiting -= 1.0;
        lose(r);
    }
    curve_catch_up(b, now);
    if (b->meter != NULL)
        meter_leave(b->meter, now);
    curve_set(&b->curve, now, 0.0);
    answer(s->mesh);
}

void requests_settle(struct service *s, simtime now)
{
    for (size_t i = 0; i < s->backends.len; i++) {
        struct backend *b = s->backends.items[i];
        if (b->state == BACKEND_FREE)
            continue;
        account(b, now);
        curve_catch_up(b, now);
        uint32_t before = b->waiting.count;
        drop_impatient(&b->waiting, now);
        if (b->waiting.count != before)
            level_update(b);
    }
    drop_impatient(&s->queue, now);
    answer(s->mesh);
}

double requests_backend_load(const struct backend *b)
{
    return (double)b->in_service.count + (double)b->waiting.count;
}
