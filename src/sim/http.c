/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP service's pods and numbers: pods join the model's backends when they are
 * ready, leave when they are not, and are lost with what they hold when they crash or
 * are gone. The model itself is load/service.h.
 *
 * Recorder and metrics pipelines read at different times, so whoever reads first
 * gathers the model's interval into sums that both have their own share of.
 */
#include "internal.h"

#include "kube/phases.h"
#include "load/service.h"

#include <math.h>
#include <string.h>

#define RECENT_WINDOW (30 * SIMTIME_SECOND) /* half of what latency metrics look back on */
#define MEMORY_PERIOD (5 * SIMTIME_SECOND)

/* What was gathered since the last sample. */
struct gathered {
    double offered;
    double served;
    double timed_out;
    double dropped;
    double failed;
    double capacity;
    double completed;
    double unmet_replica_seconds;
    double throttled;
    struct histogram latency;
};

struct http {
    struct traffic *traffic;
    const struct scenario_service *spec;
    struct service *service;
    struct event rate;     /* the offered load bends */
    struct event memory;   /* pods' memory follows what they hold */
    bool latency_recorded; /* somebody listens to the rows */
    bool latency_measured; /* a named metric looks at it */
    struct gathered sums;
    struct histogram recent[2]; /* latencies of this half minute and the one before */
    struct histogram looked_at; /* both, for quantiles */
    simtime recent_since;
    simtime gathered_at;
    double offered_total; /* counters as a client library would expose them */
    double served_total;
    double offered_per_pod; /* of a pod that was there from the start */
    double served_per_pod;
    double offered_rate; /* over the last gathering */
    double served_rate;
    double cpu_rate;
    double busy; /* completed of capacity, over the last gathering */
    double waiting;
    double in_flight;
};

static void rotate_recent(struct http *h, simtime now)
{
    if (now - h->recent_since < RECENT_WINDOW)
        return;
    histogram_reset(&h->recent[1]);
    if (now - h->recent_since < 2 * RECENT_WINDOW)
        histogram_merge(&h->recent[1], &h->recent[0]);
    histogram_reset(&h->recent[0]);
    h->recent_since = now;
}

static void add_rates(struct http *h, const struct service_interval *i, double seconds)
{
    double pods = fmax(h->traffic->workload->ready, 1);
    h->offered_total += i->offered;
    h->served_total += i->served;
    h->offered_per_pod += i->offered / pods;
    h->served_per_pod += i->served / pods;
    h->offered_rate = i->offered / seconds;
    h->served_rate = i->served / seconds;
    h->cpu_rate = i->cpu_core_seconds / seconds;
    h->busy = i->capacity_requests > 0 ? i->completed / i->capacity_requests : NAN;
}

/* Takes what the model has counted; costs nothing when it was just done. */
static void gather(struct http *h, simtime now)
{
    if (now == h->gathered_at)
        return;
    struct service_interval i;
    service_take(h->service, &i);
    h->sums.offered += i.offered;
    h->sums.served += i.served;
    h->sums.timed_out += i.timed_out;
    h->sums.dropped += i.dropped;
    h->sums.failed += i.failed;
    h->sums.capacity += i.capacity_requests;
    h->sums.completed += i.completed;
    h->sums.unmet_replica_seconds += i.unmet_replica_seconds;
    h->sums.throttled += i.throttled_core_seconds;
    if (h->latency_recorded)
        histogram_merge(&h->sums.latency, i.latency);
    if (h->latency_measured) {
        rotate_recent(h, now);
        histogram_merge(&h->recent[0], i.latency);
    }
    h->waiting = i.waiting;
    h->in_flight = i.in_flight;
    add_rates(h, &i, simtime_to_seconds(now - h->gathered_at));
    h->gathered_at = now;
}

/* Offered load as steps: its mean until it bends, or over one step where it slopes. */
static void set_rate(struct http *h, simtime now)
{
    struct traffic *t = h->traffic;
    if (!t->source)
        return;
    simtime end = traffic_step_end(t, now);
    service_set_rate(h->service, traffic_offered(t, now, end == SIMTIME_NEVER ? now + 1 : end));
    event_schedule(t->world->engine, &h->rate, end);
}

static void on_rate(struct engine *engine, struct event *event)
{
    set_rate(event_owner(event, struct http, rate), engine_now(engine));
}

void http_changed(struct http *h)
{
    set_rate(h, engine_now(h->traffic->world->engine));
}

static void set_memory(struct http *h, struct pod *pod)
{
    if (pod->backend)
        pod->memory_bytes = pod->workload->timing->base_memory_bytes +
                            service_backend_memory(h->service, pod->backend);
}

static void on_memory(struct engine *engine, struct event *event)
{
    struct http *h = event_owner(event, struct http, memory);
    const struct workload *workload = h->traffic->workload;
    for (size_t i = 0; i < workload->pods.len; i++)
        set_memory(h, workload->pods.items[i]);
    event_schedule(engine, event, engine_now(engine) + MEMORY_PERIOD);
}

struct http *http_create(struct traffic *t, const struct scenario_service *spec)
{
    struct http *h = arena_new(t->world->arena, struct http);
    h->traffic = t;
    h->spec = spec;
    h->latency_recorded = t->world->observer->service != NULL;
    for (size_t i = 0; i < t->world->scenario->metric_count; i++) {
        const struct scenario_metric *m = &t->world->scenario->metrics[i];
        h->latency_measured |= m->service == t->index && m->quantity == SCENARIO_QUANTITY_LATENCY;
    }
    event_init(&h->rate, on_rate, PHASE_LOAD);
    event_init(&h->memory, on_memory, PHASE_SERVICE);
    return h;
}

static void join(struct http *h, struct pod *pod)
{
    if (pod->backend) {
        service_backend_resume(h->service, pod->backend);
        return;
    }
    pod->backend = service_backend_add(h->service, &pod->cpu);
    pod->counted_from[0] = h->offered_per_pod;
    pod->counted_from[1] = h->served_per_pod;
}

static bool next_arrival(void *context, simtime *at, double *weight)
{
    struct http *h = context;
    struct load_arrival arrival;
    if (!load_next_arrival(&h->traffic->cursor, &arrival))
        return false;
    *at = arrival.at;
    *weight = arrival.weight;
    return true;
}

void http_start(struct http *h, struct service *service)
{
    struct traffic *t = h->traffic;
    struct world *w = t->world;
    h->service = service;
    for (size_t i = 0; i < t->workload->pods.len; i++)
        if (t->workload->pods.items[i]->ready == CONDITION_TRUE)
            join(h, t->workload->pods.items[i]);
    if (w->scenario->mode == SCENARIO_REQUESTS && t->source && t->source->has_arrivals)
        service_set_arrivals(h->service, next_arrival, h);
    set_rate(h, 0); /* beside exact arrivals it only says what capacity is short of */
    if (h->spec->memory_per_request_bytes > 0)
        event_schedule(w->engine, &h->memory, 0);
}

void http_pod(struct http *h, struct pod *pod, enum pod_change change, simtime now)
{
    gather(h, now);
    switch (change) {
    case POD_READY:
        if (!pod->deleting)
            join(h, pod);
        break;
    case POD_NOT_READY:
    case POD_DELETING:
        service_backend_drain(h->service, pod->backend);
        break;
    case POD_CRASHED:
    case POD_GONE:
        service_backend_kill(h->service, pod->backend);
        pod->backend = 0;
        break;
    default:
        break;
    }
}

void http_sample(struct http *h, simtime now, struct service_sample *out, double *throttled)
{
    gather(h, now);
    struct gathered *g = &h->sums;
    double seconds = simtime_to_seconds(out->interval);
    out->offered = g->offered;
    out->served = g->served;
    out->timed_out = g->timed_out;
    out->dropped = g->dropped;
    out->failed = g->failed;
    out->waiting = h->waiting;
    out->in_flight = h->in_flight;
    if (h->latency_recorded)
        traffic_latency(&g->latency, out);
    out->capacity = g->capacity / seconds;
    out->unmet_replica_seconds = g->unmet_replica_seconds;
    out->utilization = g->capacity > 0 ? g->completed / g->capacity : NAN;
    *throttled = g->throttled / seconds;
    memset(g, 0, offsetof(struct gathered, latency));
}

void http_sampled(struct http *h)
{
    histogram_reset(&h->sums.latency);
}

static double counter(double total, double per_pod, const struct pod *pod, int which)
{
    return pod ? per_pod - pod->counted_from[which] : total;
}

double http_quantity(struct http *h, const struct scenario_metric *m, const struct pod *pod,
                     simtime now)
{
    bool counts = m->function == SCENARIO_FUNCTION_RATE && !m->direct;
    double pods = pod ? fmax(h->traffic->workload->ready, 1) : 1;
    gather(h, now);
    if (pod && !pod->backend)
        return NAN;
    switch (m->quantity) {
    case SCENARIO_QUANTITY_REQUESTS:
        return counts ? counter(h->offered_total, h->offered_per_pod, pod, 0)
                      : h->offered_rate / pods;
    case SCENARIO_QUANTITY_SERVED:
        return counts ? counter(h->served_total, h->served_per_pod, pod, 1) : h->served_rate / pods;
    case SCENARIO_QUANTITY_IN_FLIGHT:
        return pod ? service_backend_requests(h->service, pod->backend) : h->in_flight;
    case SCENARIO_QUANTITY_WAITING:
        return h->waiting / pods;
    case SCENARIO_QUANTITY_LATENCY:
        histogram_reset(&h->looked_at);
        histogram_merge(&h->looked_at, &h->recent[0]);
        histogram_merge(&h->looked_at, &h->recent[1]);
        return histogram_quantile(&h->looked_at, m->quantile);
    case SCENARIO_QUANTITY_CPU:
        return h->cpu_rate / pods;
    case SCENARIO_QUANTITY_UTILIZATION:
        return h->busy;
    default:
        return NAN;
    }
}
