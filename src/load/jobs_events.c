/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job queue in the requests resolution. One event for each busy worker, one
 * for each job hidden after a death; waiting jobs have none. Idle workers stand
 * in line, so work goes round. Service times are drawn when work begins: a job
 * done again takes another time, as a different worker would.
 */
#include "jobs_internal.h"

#include "base/require.h"
#include "kube/phases.h"

#include <math.h>

static void append(struct job_list *l, struct job *job)
{
    job->next = NULL;
    if (l->last != NULL)
        l->last->next = job;
    else
        l->first = job;
    l->last = job;
}

static void prepend(struct job_list *l, struct job *job)
{
    job->next = l->first;
    l->first = job;
    if (l->last == NULL)
        l->last = job;
}

static struct job *take_first(struct job_list *l)
{
    struct job *job = l->first;
    l->first = job->next;
    if (l->first == NULL)
        l->last = NULL;
    return job;
}

static struct job *job_new(struct job_queue *q)
{
    struct job *job = q->free_jobs;
    if (job != NULL)
        q->free_jobs = job->next;
    else
        job = arena_new(q->arena, struct job);
    *job = (struct job){.queue = q};
    return job;
}

static void job_free(struct job_queue *q, struct job *job)
{
    job->next = q->free_jobs;
    q->free_jobs = job;
}

static void stand_in_line(struct job_queue *q, struct job_worker *w)
{
    w->next_idle = NULL;
    if (q->idle_last != NULL)
        q->idle_last->next_idle = w;
    else
        q->idle = w;
    q->idle_last = w;
}

static void show_cores(struct job_pod *pod, simtime now)
{
    curve_set(&pod->curve, now, pod->busy * pod->queue->spec->cpu_cores);
}

static void begin(struct job_worker *w, simtime now)
{
    struct job_queue *q = w->pod->queue;
    jobs_account(q, now);
    w->job = take_first(&q->queue);
    w->job->receives++;
    q->waiting -= 1.0;
    q->in_work += 1.0;
    w->pod->busy++;
    show_cores(w->pod, now);
    simtime takes = simtime_seconds(dist_sample(&q->spec->service, &q->service_rng));
    event_schedule(q->engine, &w->done, simtime_add(now, takes));
}

/* Jobs wait and workers are idle only until this has run. */
static void match(struct job_queue *q, simtime now)
{
    while (q->queue.first != NULL && q->idle != NULL) {
        struct job_worker *w = q->idle;
        q->idle = w->next_idle;
        if (q->idle == NULL)
            q->idle_last = NULL;
        begin(w, now);
    }
}

/* The worker's hands are empty again. */
static struct job *put_down(struct job_worker *w, simtime now)
{
    struct job_queue *q = w->pod->queue;
    struct job *job = w->job;
    jobs_account(q, now);
    w->job = NULL;
    q->in_work -= 1.0;
    w->pod->busy--;
    show_cores(w->pod, now);
    return job;
}

static void done(struct engine *engine, struct event *event)
{
    struct job_worker *w = event_owner(event, struct job_worker, done);
    struct job_queue *q = w->pod->queue;
    simtime now = engine_now(engine);
    struct job *job = put_down(w, now);
    q->totals.done += 1.0;
    histogram_add(q->latency, simtime_to_seconds(now - job->put), 1.0);
    job_free(q, job);
    if (w->pod->state == JOB_POD_ACTIVE)
        stand_in_line(q, w);
    match(q, now);
}

void job_events_put(struct job_queue *q, simtime now)
{
    struct job *job = job_new(q);
    job->put = now;
    q->totals.put += 1.0;
    q->waiting += 1.0;
    append(&q->queue, job);
    match(q, now);
}

static void schedule_arrival(struct job_queue *q, simtime now)
{
    q->arrival_from = now;
    if (jobs_rate(q) <= 0.0) {
        event_cancel(q->engine, &q->arrival);
        return;
    }
    simtime ahead = simtime_seconds(q->arrival_left / jobs_rate(q));
    event_schedule(q->engine, &q->arrival, simtime_add(now, ahead));
}

static void arrive(struct engine *engine, struct event *event)
{
    struct job_queue *q = event_owner(event, struct job_queue, arrival);
    simtime now = engine_now(engine);
    q->arrival_left = rng_exponential(&q->arrival_rng);
    schedule_arrival(q, now);
    job_events_put(q, now);
}

void job_events_rate_changed(struct job_queue *q, double before, simtime now)
{
    q->arrival_left -= before * simtime_to_seconds(now - q->arrival_from);
    if (q->arrival_left < 0.0)
        q->arrival_left = 0.0;
    schedule_arrival(q, now);
}

void job_events_create(struct job_queue *q, uint64_t seed)
{
    q->arrival_rng = rng_stream(seed, q->spec->name, "arrivals");
    q->service_rng = rng_stream(seed, q->spec->name, "service");
    q->arrival_left = rng_exponential(&q->arrival_rng);
    event_init(&q->arrival, arrive, PHASE_SERVICE);
    for (double i = 0.0; i < q->spec->initial_depth; i += 1.0)
        job_events_put(q, engine_now(q->engine));
}

void job_events_add(struct job_queue *q, struct job_pod *pod, simtime now)
{
    if (pod->workers == NULL)
        pod->workers = arena_array(q->arena, struct job_worker, q->workers);
    pod->curve.arena = q->arena;
    curve_set(&pod->curve, now, 0.0);
    if (pod->meter != NULL)
        meter_join(pod->meter, &pod->curve, now);
    for (uint32_t i = 0; i < q->workers; i++) {
        struct job_worker *w = &pod->workers[i];
        *w = (struct job_worker){.pod = pod};
        event_init(&w->done, done, PHASE_SERVICE);
        stand_in_line(q, w);
    }
    match(q, now);
}

void job_events_resume(struct job_queue *q, struct job_pod *pod, simtime now)
{
    for (uint32_t i = 0; i < q->workers; i++)
        if (pod->workers[i].job == NULL)
            stand_in_line(q, &pod->workers[i]);
    match(q, now);
}

void job_events_drain(struct job_queue *q, struct job_pod *pod)
{
    struct job_worker *w = q->idle;
    q->idle = q->idle_last = NULL;
    while (w != NULL) {
        struct job_worker *next = w->next_idle;
        if (w->pod != pod)
            stand_in_line(q, w);
        w = next;
    }
}

static void reappear(struct engine *engine, struct event *event)
{
    struct job *job = event_owner(event, struct job, visible);
    struct job_queue *q = job->queue;
    q->hidden -= 1.0;
    q->waiting += 1.0;
    q->totals.returned += 1.0;
    prepend(&q->queue, job);
    match(q, engine_now(engine));
}

static void lose(struct job_queue *q, struct job *job, simtime now)
{
    if (q->spec->max_receives > 0 && job->receives >= q->spec->max_receives) {
        q->totals.dead += 1.0;
        job_free(q, job);
        return;
    }
    q->hidden += 1.0;
    event_init(&job->visible, reappear, PHASE_SERVICE);
    event_schedule(q->engine, &job->visible, simtime_add(now, q->spec->visibility_timeout));
}

void job_events_kill(struct job_queue *q, struct job_pod *pod, simtime now)
{
    for (uint32_t i = 0; i < q->workers; i++) {
        struct job_worker *w = &pod->workers[i];
        if (w->job == NULL)
            continue;
        event_cancel(q->engine, &w->done);
        lose(q, put_down(w, now), now);
    }
    if (pod->meter != NULL)
        meter_leave(pod->meter, now);
}

/* Jobs that came back stand first, with their old times; else the first is the oldest. */
double job_events_oldest(const struct job_queue *q, simtime now)
{
    if (q->queue.first == NULL)
        return 0.0;
    simtime oldest = q->queue.first->put;
    return simtime_to_seconds(now - oldest);
}
