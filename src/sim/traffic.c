/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every service and queue has in common: its offered load, the pods that come
 * and go behind it, and its row in the record. The model itself is demand.c (cores),
 * http.c (requests) or work.c (jobs).
 */
#include "internal.h"

#include "load/service.h"

#include <math.h>

double traffic_offered(struct traffic *t, simtime from, simtime until)
{
    if (!t->source || until <= from)
        return 0;
    double sum = load_integral(t->source, &t->cursor, from, until);
    return sum / simtime_to_seconds(until - from) * t->scale;
}

simtime traffic_step_end(struct traffic *t, simtime from)
{
    if (!t->source)
        return SIMTIME_NEVER;
    struct load_segment segment = load_segment_at(t->source, &t->cursor, from);
    simtime step = from + t->world->scenario->step;
    bool level = !(segment.begin < segment.end || segment.begin > segment.end);
    return level || segment.until < step ? segment.until : step;
}

/* Whether an event on a named load is one on this traffic. */
static bool uses_load(const struct world *w, const struct traffic *t, size_t load)
{
    const struct load_spec *named = w->scenario->loads[load].spec;
    const struct load_spec *own = t->spec;
    while (own && own->kind == LOAD_REFERENCE && own != named)
        own = own->u.reference.of;
    return own == named;
}

static bool concerns(const struct world *w, const struct scenario_event *event,
                     const struct traffic *t)
{
    if (event->kind != SCENARIO_EVENT_LOAD)
        return false;
    if (event->service != SCENARIO_NONE)
        return t->index == event->service;
    if (event->queue != SCENARIO_NONE)
        return t->index == w->scenario->service_count + event->queue;
    return event->load != SCENARIO_NONE && t->spec && uses_load(w, t, event->load);
}

void traffic_rescale(struct world *w)
{
    for (size_t i = 0; i < w->traffic_count; i++) {
        struct traffic *t = &w->traffic[i];
        double scale = 1;
        for (size_t j = 0; j < w->scenario->event_count; j++)
            if (w->faults[j].active && concerns(w, &w->scenario->events[j], t))
                scale *= w->scenario->events[j].scale;
        if (scale == t->scale)
            continue;
        t->scale = scale;
        if (t->demand)
            demand_changed(t->demand);
        if (t->http)
            http_changed(t->http);
        if (t->work)
            work_changed(t->work);
    }
}

static bool build_load(struct traffic *t, const struct load_spec *spec)
{
    struct world *w = t->world;
    t->scale = 1;
    t->spec = spec;
    if (!spec)
        return true;
    struct load_context context = {.arena = w->arena,
                                   .diag = w->diag,
                                   .directory = w->scenario->directory,
                                   .name = t->name,
                                   .start_unix_ns = w->scenario->start_unix_ns,
                                   .use = LOAD_USE_RATE};
    t->source = load_build(spec, &context);
    if (!t->source)
        return false;
    load_cursor_init(&t->cursor, t->source, w->seed, w->arena);
    return true;
}

/* A pod has one place in a service and one at a queue. */
static bool alone(const struct traffic *t)
{
    struct world *w = t->world;
    for (const struct traffic *other = w->traffic; other < t; other++) {
        if (other->workload != t->workload || !other->work != !t->work)
            continue;
        struct mark mark = t->work ? w->scenario->queues[t->index - w->scenario->service_count].mark
                                   : w->scenario->services[t->index].mark;
        diag_error(w->diag, mark, "%s and %s are both on %s", other->name, t->name,
                   t->workload->spec->name);
        diag_help(w->diag, "give each a workload of its own");
        return false;
    }
    return true;
}

static bool build_service(struct world *w, uint32_t i)
{
    const struct scenario_service *service = &w->scenario->services[i];
    struct traffic *t = &w->traffic[i];
    t->world = w;
    t->index = i;
    t->name = service->name;
    t->workload = &w->cluster.workloads[service->workload];
    if (!build_load(t, service->cpu_demand ? service->cpu_demand : service->load))
        return false;
    if (service->cpu_demand)
        t->demand = demand_create(t);
    else
        t->http = http_create(t, service);
    return alone(t);
}

static bool build_queue(struct world *w, uint32_t i)
{
    const struct scenario_queue *queue = &w->scenario->queues[i];
    struct traffic *t = &w->traffic[w->scenario->service_count + i];
    t->world = w;
    t->index = (uint32_t)(w->scenario->service_count + i);
    t->name = queue->name;
    t->workload = &w->cluster.workloads[queue->workload];
    if (!build_load(t, queue->load))
        return false;
    t->work = work_create(t, queue);
    return alone(t);
}

static void on_pod(void *context, struct pod *pod, enum pod_change change, simtime now)
{
    struct world *w = context;
    for (size_t i = 0; i < w->traffic_count; i++) {
        struct traffic *t = &w->traffic[i];
        if (t->workload != pod->workload)
            continue;
        if (t->demand)
            demand_pod(t->demand, pod, change, now);
        if (t->http)
            http_pod(t->http, pod, change, now);
        if (t->work)
            work_pod(t->work, pod, change, now);
    }
}

/* Whether a named metric looks at the service's latency. */
static bool latency_measured(const struct world *w, const struct scenario_service *s)
{
    for (size_t i = 0; i < w->scenario->metric_count; i++) {
        const struct scenario_metric *m = &w->scenario->metrics[i];
        if (m->quantity == SCENARIO_QUANTITY_LATENCY && m->service != SCENARIO_NONE &&
            &w->scenario->services[m->service] == s)
            return true;
    }
    return false;
}

static struct service_spec service_spec_of(const struct world *w, const struct scenario_service *s)
{
    static const enum service_balancing balancing[] = {BALANCE_RANDOM, BALANCE_ROUND_ROBIN,
                                                       BALANCE_LEAST_REQUESTS};
    return (struct service_spec){
        .name = s->name,
        .cpu = s->cpu,
        .wait = s->wait,
        .concurrency = (uint32_t)s->concurrency,
        .has_queue_limit = s->queue >= 0,
        .queue_limit = s->queue >= 0 ? (uint32_t)s->queue : 0,
        .balancing = balancing[s->balancing],
        .timeout = simtime_seconds(s->timeout_seconds),
        .cpu_limit_cores = s->cpu_limit_cores,
        .idle_cores = w->cluster.workloads[s->workload].timing->idle_cores,
        .memory_per_request_bytes = s->memory_per_request_bytes,
        .no_latency = !w->observer->service && !latency_measured(w, s),
    };
}

static struct job_queue_spec queue_spec_of(const struct scenario_queue *q)
{
    return (struct job_queue_spec){
        .name = q->name,
        .service = q->service_time,
        .cpu_cores = q->cpu_share,
        .workers = (uint32_t)q->workers_per_pod,
        .visibility_timeout = simtime_seconds(q->visibility_timeout_seconds),
        .max_receives = (uint32_t)q->max_receives,
        .memory_per_job_bytes = q->memory_per_job_bytes,
    };
}

/* Services driven by demand take no part in the mesh; the others are numbered without them. */
static uint32_t mesh_index(const struct world *w, size_t service)
{
    uint32_t index = 0;
    for (size_t i = 0; i < service; i++)
        index += w->traffic[i].http != NULL;
    return index;
}

static void add_edges(struct world *w, const struct scenario_service *s, struct service_spec *spec)
{
    struct service_call *calls = arena_array(w->arena, struct service_call, s->call_count);
    struct service_put *puts = arena_array(w->arena, struct service_put, s->job_count);
    for (size_t i = 0; i < s->call_count; i++)
        calls[i] =
            (struct service_call){mesh_index(w, s->calls[i].service), s->calls[i].per_request};
    for (size_t i = 0; i < s->job_count; i++)
        puts[i] = (struct service_put){(uint32_t)s->jobs[i].queue, s->jobs[i].per_request};
    spec->calls = calls;
    spec->call_count = s->call_count;
    spec->puts = puts;
    spec->put_count = s->job_count;
}

static void build_mesh(struct world *w)
{
    const struct scenario *s = w->scenario;
    struct service_spec *services = arena_array(w->arena, struct service_spec, s->service_count);
    struct job_queue_spec *queues = arena_array(w->arena, struct job_queue_spec, s->queue_count);
    size_t count = 0;
    for (size_t i = 0; i < s->service_count; i++) {
        if (!w->traffic[i].http)
            continue;
        services[count] = service_spec_of(w, &s->services[i]);
        add_edges(w, &s->services[i], &services[count++]);
    }
    for (size_t i = 0; i < s->queue_count; i++)
        queues[i] = queue_spec_of(&s->queues[i]);
    struct mesh_spec *spec = arena_new(w->arena, struct mesh_spec);
    *spec = (struct mesh_spec){.fluid = s->mode == SCENARIO_FLUID,
                               .services = services,
                               .service_count = count,
                               .queues = queues,
                               .queue_count = s->queue_count};
    if (count + s->queue_count > 0)
        w->mesh = mesh_create(w->engine, w->arena, w->seed, spec);
}

bool traffic_build(struct world *w)
{
    const struct scenario *s = w->scenario;
    bool ok = true;
    w->traffic_count = s->service_count + s->queue_count;
    w->traffic = arena_array(w->arena, struct traffic, w->traffic_count);
    for (uint32_t i = 0; i < s->service_count; i++)
        ok = build_service(w, i) && ok;
    for (uint32_t i = 0; i < s->queue_count; i++)
        ok = build_queue(w, i) && ok;
    if (ok)
        build_mesh(w);
    return ok;
}

/* Requests or jobs a second at time 0, those of callers included; calls form no circle. */
static double first_rate(struct world *w, size_t index)
{
    struct traffic *t = &w->traffic[index];
    const struct scenario *s = w->scenario;
    double rate = traffic_offered(t, 0, 1);
    for (size_t i = 0; i < s->service_count; i++) {
        const struct scenario_service *caller = &s->services[i];
        for (size_t j = 0; t->http && j < caller->call_count; j++)
            if (caller->calls[j].service == index)
                rate += first_rate(w, i) * caller->calls[j].per_request;
        for (size_t j = 0; t->work && j < caller->job_count; j++)
            if (s->service_count + caller->jobs[j].queue == index)
                rate += first_rate(w, i) * caller->jobs[j].per_request;
    }
    return rate;
}

/* What a pod used before the run: its share of the load of the first instant. */
static double past_cores(struct world *w, size_t index)
{
    struct traffic *t = &w->traffic[index];
    const struct scenario *s = w->scenario;
    double cores = first_rate(w, index) / t->workload->ready;
    double limit = 0;
    if (t->http) {
        cores *= s->services[index].cpu.mean;
        limit = s->services[index].cpu_limit_cores;
    } else {
        const struct scenario_queue *queue = &s->queues[index - s->service_count];
        cores *= queue->service_time.mean * queue->cpu_share;
        limit = queue->workers_per_pod * queue->cpu_share;
    }
    return fmin(cores, limit > 0 ? limit : INFINITY);
}

static void set_past(struct world *w, const struct workload *workload)
{
    double past = workload->timing->idle_cores;
    if (workload->ready == 0)
        return;
    for (size_t i = 0; i < w->traffic_count; i++) {
        if (w->traffic[i].workload != workload)
            continue;
        if (w->traffic[i].demand) /* sets its own */
            return;
        past += past_cores(w, i);
    }
    for (size_t i = 0; i < workload->pods.len; i++) {
        struct pod *pod = workload->pods.items[i];
        curve_set(&pod->cpu.own, -METER_HISTORY, past);
        curve_set(&pod->cpu.own, 0, workload->timing->idle_cores);
    }
}

void traffic_start(struct world *w)
{
    for (size_t i = 0; i < w->cluster.workload_count; i++)
        set_past(w, &w->cluster.workloads[i]);
    for (size_t i = 0; i < w->traffic_count; i++) {
        struct traffic *t = &w->traffic[i];
        if (t->demand)
            demand_start(t->demand);
        if (t->http)
            http_start(t->http, mesh_service(w->mesh, mesh_index(w, i)));
        if (t->work)
            work_start(t->work, mesh_queue(w->mesh, i - w->scenario->service_count));
    }
    cluster_subscribe(&w->cluster, on_pod, w);
}

void traffic_latency(const struct histogram *latency, struct service_sample *out)
{
    static const double p[] = {0.50, 0.90, 0.95, 0.99};
    double quantiles[4];
    histogram_quantiles(latency, p, 4, quantiles);
    out->latency_mean = histogram_mean(latency);
    out->latency_p50 = quantiles[0];
    out->latency_p90 = quantiles[1];
    out->latency_p95 = quantiles[2];
    out->latency_p99 = quantiles[3];
    out->latency = latency;
}

void traffic_sample(struct world *w, simtime now, simtime interval)
{
    for (size_t i = 0; i < w->traffic_count; i++) {
        struct traffic *t = &w->traffic[i];
        struct service_sample sample = {.at = now, .interval = interval, .service = t->index};
        t->throttled = 0;
        if (t->demand)
            demand_sample(t->demand, now, &sample, &t->throttled);
        if (t->http)
            http_sample(t->http, now, &sample, &t->throttled);
        if (t->work)
            work_sample(t->work, now, &sample);
        if (w->observer->service)
            w->observer->service(w->observer->context, &sample);
        if (t->http)
            http_sampled(t->http);
        if (t->work)
            work_sampled(t->work);
    }
}

double traffic_throttled(const struct world *w, const struct workload *workload)
{
    double sum = 0;
    for (size_t i = 0; i < w->traffic_count; i++)
        if (w->traffic[i].workload == workload)
            sum += w->traffic[i].throttled;
    return sum;
}

double traffic_quantity(struct traffic *t, const struct scenario_metric *metric,
                        const struct pod *pod, simtime now)
{
    if (t->http)
        return http_quantity(t->http, metric, pod, now);
    if (t->work)
        return work_quantity(t->work, metric, pod, now);
    if (metric->quantity != SCENARIO_QUANTITY_CPU)
        return NAN;
    double cores = demand_cores(t->demand);
    return pod ? cores / fmax(t->workload->ready, 1) : cores;
}
