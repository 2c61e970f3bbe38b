/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job queue with at-least-once delivery, as SQS, RabbitMQ or a Redis list with
 * a visibility timeout: what both resolutions have in common. The resolutions
 * are jobs_events.c (each job is an object) and jobs_fluid.c (flows).
 *
 * The trap: a job in work belongs to its worker; draining is not losing. Only a
 * kill sends jobs back, and only after the visibility timeout.
 */
#include "load/jobs.h"

#include "base/require.h"
#include "jobs_internal.h"

#include <math.h>

struct job_queue *job_queue_create(struct engine *engine, struct arena *a, uint64_t seed,
                                   const struct job_queue_spec *spec, bool fluid)
{
    struct job_queue *q = arena_new(a, struct job_queue);
    q->spec = spec;
    q->engine = engine;
    q->arena = a;
    q->fluid = fluid;
    q->workers = spec->workers > 0 ? spec->workers : 1;
    q->latency = arena_new(a, struct histogram);
    q->reported = arena_new(a, struct histogram);
    q->accounted = q->taken_at = engine_now(engine);
    if (fluid)
        job_fluid_create(q);
    else
        job_events_create(q, seed);
    return q;
}

double jobs_rate(const struct job_queue *q)
{
    return q->rate + q->extra_rate;
}

double job_queue_pod_capacity(const struct job_queue *q)
{
    double seconds = q->spec->service.mean;
    return seconds > 0.0 ? (double)q->workers / seconds : INFINITY;
}

static double pods_short(const struct job_queue *q, double each)
{
    if (each == INFINITY)
        return jobs_rate(q) > 0.0 && q->active == 0 ? 1.0 : 0.0;
    double more = jobs_rate(q) / each - (double)q->active;
    return more > 0.0 ? more : 0.0;
}

void jobs_account(struct job_queue *q, simtime now)
{
    if (now <= q->accounted)
        return;
    double seconds = simtime_to_seconds(now - q->accounted);
    double each = job_queue_pod_capacity(q);
    q->totals.unmet += pods_short(q, each) * seconds;
    if (q->active > 0)
        q->totals.capacity += q->active * each * seconds;
    if (!q->fluid)
        q->totals.cpu += q->in_work * q->spec->cpu_cores * seconds;
    q->accounted = now;
}

void job_queue_settle(struct job_queue *q)
{
    simtime now = engine_now(q->engine);
    jobs_account(q, now);
    if (q->fluid)
        job_fluid_settle(q, now);
}

static void set_rates(struct job_queue *q, double rate, double extra)
{
    require(rate >= 0.0 && rate < INFINITY && extra >= 0.0 && extra < INFINITY);
    if (rate == q->rate && extra == q->extra_rate)
        return;
    job_queue_settle(q);
    double before = jobs_rate(q);
    q->rate = rate;
    q->extra_rate = extra;
    if (q->fluid)
        job_fluid_changed(q);
    else
        job_events_rate_changed(q, before, engine_now(q->engine));
}

void job_queue_set_rate(struct job_queue *q, double per_second)
{
    set_rates(q, per_second, q->extra_rate);
}

void job_queue_set_extra_rate(struct job_queue *q, double per_second)
{
    set_rates(q, q->rate, per_second);
}

void job_queue_put(struct job_queue *q, uint32_t count)
{
    simtime now = engine_now(q->engine);
    if (q->fluid) {
        job_queue_settle(q);
        job_fluid_put(q, (double)count, now);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        job_events_put(q, now);
}

/* Pods. */

static struct job_pod *pod_of(const struct job_queue *q, uint32_t handle)
{
    if (handle == 0)
        return NULL;
    require(handle <= q->pods.len);
    struct job_pod *pod = q->pods.items[handle - 1];
    require(pod->state != JOB_POD_FREE);
    return pod;
}

static struct job_pod *pod_new(struct job_queue *q)
{
    struct job_pod *pod = q->free_pods;
    if (pod != NULL) {
        q->free_pods = pod->next_free;
        return pod;
    }
    pod = arena_new(q->arena, struct job_pod);
    pod->queue = q;
    pod->index = (uint32_t)q->pods.len;
    *vec_push(q->arena, &q->pods) = pod;
    return pod;
}

uint32_t job_queue_worker_add(struct job_queue *q, struct meter *cpu)
{
    simtime now = engine_now(q->engine);
    job_queue_settle(q);
    struct job_pod *pod = pod_new(q);
    pod->state = JOB_POD_ACTIVE;
    pod->meter = cpu;
    pod->busy = 0;
    q->active++;
    if (q->fluid)
        job_fluid_add(q, pod, now);
    else
        job_events_add(q, pod, now);
    return pod->index + 1;
}

void job_queue_worker_drain(struct job_queue *q, uint32_t handle)
{
    struct job_pod *pod = pod_of(q, handle);
    if (pod == NULL || pod->state != JOB_POD_ACTIVE)
        return;
    job_queue_settle(q);
    if (q->fluid)
        job_fluid_drain(q, pod, engine_now(q->engine));
    else
        job_events_drain(q, pod);
    pod->state = JOB_POD_DRAINING;
    q->active--;
}

void job_queue_worker_resume(struct job_queue *q, uint32_t handle)
{
    struct job_pod *pod = pod_of(q, handle);
    if (pod == NULL || pod->state != JOB_POD_DRAINING)
        return;
    job_queue_settle(q);
    pod->state = JOB_POD_ACTIVE;
    q->active++;
    if (q->fluid)
        job_fluid_add(q, pod, engine_now(q->engine));
    else
        job_events_resume(q, pod, engine_now(q->engine));
}

void job_queue_worker_kill(struct job_queue *q, uint32_t handle)
{
    struct job_pod *pod = pod_of(q, handle);
    if (pod == NULL)
        return;
    job_queue_worker_drain(q, handle);
    job_queue_settle(q);
    if (q->fluid)
        job_fluid_kill(q, pod, engine_now(q->engine));
    else
        job_events_kill(q, pod, engine_now(q->engine));
    pod->state = JOB_POD_FREE;
    pod->meter = NULL;
    pod->next_free = q->free_pods;
    q->free_pods = pod;
}

double job_queue_worker_busy(const struct job_queue *q, uint32_t handle)
{
    const struct job_pod *pod = pod_of(q, handle);
    if (pod == NULL)
        return 0.0;
    if (!q->fluid)
        return (double)pod->busy;
    return pod->state == JOB_POD_ACTIVE ? q->in_work / (double)q->active : 0.0;
}

/* Reports. */

double job_queue_depth(struct job_queue *q)
{
    job_queue_settle(q);
    return q->waiting;
}

double job_queue_in_flight(struct job_queue *q)
{
    job_queue_settle(q);
    return q->in_work + q->hidden;
}

double job_queue_oldest_seconds(struct job_queue *q)
{
    simtime now = engine_now(q->engine);
    job_queue_settle(q);
    return q->fluid ? job_fluid_oldest(q, now) : job_events_oldest(q, now);
}

void job_queue_take(struct job_queue *q, struct job_interval *out)
{
    simtime now = engine_now(q->engine);
    double oldest = job_queue_oldest_seconds(q); /* settles */
    const struct job_totals *t = &q->totals;
    const struct job_totals *b = &q->taken;
    *out = (struct job_interval){
        .from = q->taken_at,
        .until = now,
        .put = t->put - b->put,
        .done = t->done - b->done,
        .dead = t->dead - b->dead,
        .returned = t->returned - b->returned,
        .waiting = q->waiting,
        .in_flight = q->in_work + q->hidden,
        .oldest_seconds = oldest,
        .capacity_jobs = t->capacity,
        .cpu_core_seconds = t->cpu - b->cpu,
        .memory_bytes = q->in_work * q->spec->memory_per_job_bytes,
        .unmet_replica_seconds = t->unmet - b->unmet,
        .latency = q->latency,
    };
    struct histogram *full = q->latency;
    q->latency = q->reported;
    q->reported = full;
    histogram_reset(q->latency);
    q->totals.capacity = 0.0; /* may be infinite, so never a difference */
    q->taken = q->totals;
    q->taken_at = now;
}
