/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job queue's workers and numbers: pods that run take jobs, pods that end give
 * them back. The model itself is load/jobs.h; as in http.c, whoever reads first
 * gathers for all.
 */
#include "internal.h"

#include "kube/phases.h"
#include "load/jobs.h"

#include <math.h>

struct work {
    struct traffic *traffic;
    const struct scenario_queue *spec;
    struct job_queue *queue;
    struct event rate;
    struct job_interval last; /* gathered latest: the state at its end */
    simtime gathered_at;
    double put; /* since the last sample, as the next ones */
    double done;
    double dead;
    double capacity;
    double unmet_replica_seconds;
    struct histogram latency;
    double put_total; /* counters */
    double done_total;
    double put_rate; /* over the last gathering */
    double done_rate;
    double cpu_rate;
};

static void gather(struct work *k, simtime now)
{
    if (now == k->gathered_at)
        return;
    struct job_interval *i = &k->last;
    double seconds = simtime_to_seconds(now - k->gathered_at);
    job_queue_take(k->queue, i);
    k->put += i->put;
    k->done += i->done;
    k->dead += i->dead;
    k->capacity += i->capacity_jobs;
    k->unmet_replica_seconds += i->unmet_replica_seconds;
    if (k->traffic->world->observer->service)
        histogram_merge(&k->latency, i->latency);
    k->put_total += i->put;
    k->done_total += i->done;
    k->put_rate = i->put / seconds;
    k->done_rate = i->done / seconds;
    k->cpu_rate = i->cpu_core_seconds / seconds;
    k->gathered_at = now;
}

static void set_rate(struct work *k, simtime now)
{
    struct traffic *t = k->traffic;
    if (!t->source)
        return;
    simtime end = traffic_step_end(t, now);
    job_queue_set_rate(k->queue, traffic_offered(t, now, end == SIMTIME_NEVER ? now + 1 : end));
    event_schedule(t->world->engine, &k->rate, end);
}

static void on_rate(struct engine *engine, struct event *event)
{
    set_rate(event_owner(event, struct work, rate), engine_now(engine));
}

void work_changed(struct work *k)
{
    set_rate(k, engine_now(k->traffic->world->engine));
}

struct work *work_create(struct traffic *t, const struct scenario_queue *spec)
{
    struct work *k = arena_new(t->world->arena, struct work);
    k->traffic = t;
    k->spec = spec;
    event_init(&k->rate, on_rate, PHASE_LOAD);
    return k;
}

static void join(struct work *k, struct pod *pod)
{
    if (pod->worker)
        job_queue_worker_resume(k->queue, pod->worker);
    else
        pod->worker = job_queue_worker_add(k->queue, &pod->cpu);
}

void work_start(struct work *k, struct job_queue *queue)
{
    k->queue = queue;
    for (size_t i = 0; i < k->traffic->workload->pods.len; i++)
        if (k->traffic->workload->pods.items[i]->ready == CONDITION_TRUE)
            join(k, k->traffic->workload->pods.items[i]);
    set_rate(k, 0);
}

void work_pod(struct work *k, struct pod *pod, enum pod_change change, simtime now)
{
    gather(k, now);
    switch (change) {
    case POD_READY:
        if (!pod->deleting)
            join(k, pod);
        break;
    case POD_NOT_READY:
    case POD_TERMINATED: /* a worker takes jobs until SIGTERM, unlike an endpoint */
        if (pod->worker)
            job_queue_worker_drain(k->queue, pod->worker);
        break;
    case POD_CRASHED:
    case POD_GONE:
        job_queue_worker_kill(k->queue, pod->worker);
        pod->worker = 0;
        break;
    default:
        break;
    }
}

void work_sample(struct work *k, simtime now, struct service_sample *out)
{
    gather(k, now);
    double seconds = simtime_to_seconds(out->interval);
    out->offered = k->put;
    out->served = k->done;
    out->dropped = k->dead;
    out->waiting = k->last.waiting;
    out->in_flight = k->last.in_flight;
    out->oldest_seconds = k->last.oldest_seconds;
    if (k->traffic->world->observer->service)
        traffic_latency(&k->latency, out);
    out->capacity = k->capacity / seconds;
    out->unmet_replica_seconds = k->unmet_replica_seconds;
    out->utilization = k->capacity > 0 ? k->done / k->capacity : NAN;
    k->put = k->done = k->dead = k->capacity = k->unmet_replica_seconds = 0;
}

void work_sampled(struct work *k)
{
    histogram_reset(&k->latency);
}

double work_quantity(struct work *k, const struct scenario_metric *m, const struct pod *pod,
                     simtime now)
{
    bool counts = m->function == SCENARIO_FUNCTION_RATE && !m->direct;
    double pods = pod ? fmax(k->traffic->workload->ready, 1) : 1;
    gather(k, now);
    switch (m->quantity) {
    case SCENARIO_QUANTITY_REQUESTS:
        return (counts ? k->put_total : k->put_rate) / pods;
    case SCENARIO_QUANTITY_SERVED:
        return (counts ? k->done_total : k->done_rate) / pods;
    case SCENARIO_QUANTITY_DEPTH:
    case SCENARIO_QUANTITY_WAITING:
        return job_queue_depth(k->queue) / pods;
    case SCENARIO_QUANTITY_IN_FLIGHT:
        return job_queue_in_flight(k->queue) / pods;
    case SCENARIO_QUANTITY_BACKLOG:
        return (job_queue_depth(k->queue) + job_queue_in_flight(k->queue)) / pods;
    case SCENARIO_QUANTITY_OLDEST:
        return job_queue_oldest_seconds(k->queue);
    case SCENARIO_QUANTITY_CPU:
        return k->cpu_rate / pods;
    default:
        return NAN;
    }
}
