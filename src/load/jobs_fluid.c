/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job queue as a flow. `present` jobs (waiting and in work) move towards
 * what queueing theory says of M/G/c in the long run: exponentially with the
 * service time while there are free workers, at full capacity's straight line
 * when there is a backlog. What was put and is no longer present was done, so
 * nothing is ever lost in the arithmetic.
 *
 * The age of the oldest is read from the curve of jobs put: the time at which
 * the one next in line was put. The trap: a job of a dead worker waits out its
 * visibility timeout; those are kept aside and come back by an event of theirs.
 * How often a job was received is not known to a flow: with max_receives 1 a
 * lost job is dead, otherwise it returns.
 */
#include "jobs_internal.h"

#include "base/require.h"
#include "engine/dmath.h"
#include "kube/phases.h"
#include "load/queueing.h"

#include <math.h>

#define SHORT_SERVICE       0.25 /* seconds: settles at once */
#define NEAR_ENOUGH         1e-3 /* of the target */
#define HIGHEST_UTILIZATION 0.98 /* for long-run formulas */

static void plan(struct job_queue *q, simtime now);

static double servers(const struct job_queue *q)
{
    return (double)q->active * (double)q->workers;
}

static void set_target(struct job_queue *q)
{
    double c = servers(q);
    double work = jobs_rate(q) * q->spec->service.mean; /* workers needed */
    q->target_in_work = work < c ? work : c;
    q->target = 0.0;
    if (c <= 0.0 || (work > 0.0 && work >= c))
        q->target = INFINITY;
    if (q->target > 0.0 || work <= 0.0)
        return;
    double rho = work / c;
    struct queue_model model = {
        .servers = c,
        .utilization = rho < HIGHEST_UTILIZATION ? rho : HIGHEST_UTILIZATION,
        .arrival_scv = 1.0,
        .service_mean = q->spec->service.mean,
        .service_variance = q->spec->service.variance,
        .service_third = q->spec->service.third,
    };
    struct wait_model wait = queueing_wait(&model);
    q->target = work + jobs_rate(q) * wait_model_mean(&wait);
}

/* Present after `seconds` at the rates of now. */
static double present_after(const struct job_queue *q, double seconds)
{
    double in = jobs_rate(q);
    double s = q->spec->service.mean;
    double c = servers(q);
    double full = s > 0.0 ? c / s : INFINITY;
    double grown = q->present + in * seconds;
    if (c <= 0.0)
        return grown;
    if (!(s > SHORT_SERVICE) && q->present <= c && c > 0.0 && q->target < INFINITY)
        return q->target < grown ? q->target : grown;
    if (q->target == INFINITY && q->present >= c)
        return grown - full * seconds;
    if (q->present > c && q->present > q->target) { /* backlog */
        double to_target = (q->present - (q->target > c ? q->target : c)) / (full - in);
        if (seconds <= to_target)
            return grown - full * seconds;
        struct job_queue later = *q;
        later.present = q->target > c ? q->target : c;
        return present_after(&later, seconds - to_target);
    }
    if (!(s > 0.0))
        return q->target;
    double aim = q->target < INFINITY ? q->target : in * s;
    double after = aim + (q->present - aim) * dmath_exp(-seconds / s);
    return q->target == INFINITY && after > c ? grown - full * seconds : after;
}

static double in_work_of(const struct job_queue *q, double present)
{
    double c = servers(q);
    double part = q->target > 0.0 && q->target < INFINITY ? q->target_in_work / q->target : 1.0;
    double work = present * part;
    if (present > q->target && q->target < INFINITY)
        work = q->target_in_work + (present - q->target);
    return work < c ? work : c;
}

/* Latency of those done now: what is ahead in line, and the service itself. */
static void add_latencies(struct job_queue *q, double done)
{
    enum { POINTS = 20 };
    double c = servers(q);
    double s = q->spec->service.mean;
    double ahead = c > 0.0 && s > 0.0 ? q->waiting * s / c : 0.0;
    for (int i = 0; i < POINTS; i++) {
        double x = dist_quantile(&q->spec->service, ((double)i + 0.5) / POINTS);
        histogram_add(q->latency, ahead + x, done / POINTS);
    }
}

static void note_put(struct job_queue *q, simtime now)
{
    if (q->puts.len > q->put_head + 1) { /* straight on: move the last point */
        struct put_point *last = &q->puts.items[q->puts.len - 1];
        const struct put_point *before = last - 1;
        double old = (last->total - before->total) / simtime_to_seconds(last->at - before->at);
        double more = q->totals.put - last->total;
        double seconds = simtime_to_seconds(now - last->at);
        if (now > last->at && last->at > before->at && fabs(more - old * seconds) < 1e-9 * more) {
            *last = (struct put_point){now, q->totals.put};
            return;
        }
    }
    *vec_push(q->arena, &q->puts) = (struct put_point){now, q->totals.put};
}

/* Points before the one next in line are no longer needed; the room is used again. */
static void forget_puts(struct job_queue *q)
{
    while (q->put_head + 1 < q->puts.len && q->puts.items[q->put_head + 1].total <= q->left_queue)
        q->put_head++;
    if (q->put_head < 1024 || q->put_head * 2 < q->puts.len)
        return;
    size_t left = q->puts.len - q->put_head;
    for (size_t i = 0; i < left; i++)
        q->puts.items[i] = q->puts.items[q->put_head + i];
    q->puts.len = left;
    q->put_head = 0;
}

static void settle_returns(struct job_queue *q, simtime now)
{
    while (q->return_head < q->returns.len && q->returns.items[q->return_head].at <= now) {
        double jobs = q->returns.items[q->return_head++].jobs;
        q->hidden -= jobs;
        q->present += jobs;
        q->totals.returned += jobs;
        q->left_queue -= jobs;
    }
    if (q->return_head == q->returns.len)
        q->return_head = q->returns.len = 0;
}

static double settle_since(struct job_queue *q, simtime since, simtime now)
{
    double seconds = simtime_to_seconds(now - since);
    double in = jobs_rate(q) * seconds;
    double before = q->present;
    double after = present_after(q, seconds);
    after = after < 0.0 ? 0.0 : after;
    double done = in - (after - before);
    if (done < 0.0) {
        done = 0.0;
        after = before + in;
    }
    q->present = after;
    q->totals.put += in;
    q->totals.done += done;
    q->totals.cpu += done * q->spec->service.mean * q->spec->cpu_cores;
    return done;
}

void job_fluid_settle(struct job_queue *q, simtime now)
{
    simtime since = q->arrival_from;
    if (now > since) {
        q->arrival_from = now;
        double done = settle_since(q, since, now);
        if (done > 0.0)
            add_latencies(q, done);
    }
    settle_returns(q, now);
    q->in_work = in_work_of(q, q->present);
    q->waiting = q->present - q->in_work;
    q->left_queue = q->totals.put - q->waiting;
    if (now > since)
        note_put(q, now);
    forget_puts(q);
}

/* When the straight line of the meters should be drawn anew. */
static simtime next_look(const struct job_queue *q, simtime now)
{
    double s = q->spec->service.mean;
    simtime at = SIMTIME_NEVER;
    if (q->return_head < q->returns.len)
        at = q->returns.items[q->return_head].at;
    double c = servers(q);
    if (q->present > c && q->target < INFINITY && s > 0.0) {
        double seconds = (q->present - c) / (c / s - jobs_rate(q));
        simtime end = simtime_add(now, simtime_seconds(seconds) + 1);
        at = end < at ? end : at;
    } else if (s > SHORT_SERVICE && (q->target < INFINITY || q->present < c)) {
        double aim = q->target < INFINITY ? q->target : jobs_rate(q) * s;
        simtime soon = simtime_add(now, simtime_seconds(0.25 * s));
        if (fabs(q->present - aim) > NEAR_ENOUGH * (aim + 1e-6) && soon < at)
            at = soon;
    }
    return at;
}

static void plan(struct job_queue *q, simtime now)
{
    set_target(q);
    q->in_work = in_work_of(q, q->present);
    q->waiting = q->present - q->in_work;
    double busy = q->in_work;
    if (!(q->spec->service.mean > SHORT_SERVICE) && q->target < INFINITY &&
        q->present <= servers(q))
        busy = q->target_in_work;
    double each = q->active > 0 ? busy * q->spec->cpu_cores / q->active : 0.0;
    curve_set(&q->pool, now, each);
    event_schedule(q->engine, &q->step, next_look(q, now));
}

static void step(struct engine *engine, struct event *event)
{
    struct job_queue *q = event_owner(event, struct job_queue, step);
    job_queue_settle(q);
    plan(q, engine_now(engine));
}

void job_fluid_changed(struct job_queue *q)
{
    event_schedule(q->engine, &q->step, engine_now(q->engine));
    set_target(q);
}

void job_fluid_create(struct job_queue *q)
{
    simtime now = engine_now(q->engine);
    q->pool.arena = q->arena;
    curve_set(&q->pool, now, 0.0);
    event_init(&q->step, step, PHASE_SERVICE);
    q->arrival_from = now;
    *vec_push(q->arena, &q->puts) = (struct put_point){now, 0.0};
    if (q->spec->initial_depth > 0.0)
        job_fluid_put(q, q->spec->initial_depth, now);
}

void job_fluid_put(struct job_queue *q, double jobs, simtime now)
{
    q->present += jobs;
    q->totals.put += jobs;
    *vec_push(q->arena, &q->puts) = (struct put_point){now, q->totals.put};
    job_fluid_changed(q);
}

void job_fluid_add(struct job_queue *q, struct job_pod *pod, simtime now)
{
    if (pod->meter != NULL)
        meter_join(pod->meter, &q->pool, now);
    job_fluid_changed(q);
}

void job_fluid_drain(struct job_queue *q, struct job_pod *pod, simtime now)
{
    pod->held = q->in_work / (double)q->active;
    pod->drained = now;
    if (pod->meter != NULL)
        meter_leave(pod->meter, now);
    job_fluid_changed(q);
}

/* Of what it held when it began to drain, some is done by now. */
void job_fluid_kill(struct job_queue *q, struct job_pod *pod, simtime now)
{
    double elapsed = simtime_to_seconds(now - pod->drained);
    double s = q->spec->service.mean;
    double left = s > 0.0 ? 1.0 - elapsed / s : 0.0;
    if (q->spec->service.variance > 0.0 && s > 0.0)
        left = dmath_exp(-elapsed / s);
    double lost = left > 0.0 ? pod->held * left : 0.0;
    lost = lost < q->present ? lost : q->present;
    q->present -= lost;
    if (q->spec->max_receives == 1) {
        q->totals.dead += lost;
    } else if (lost > 0.0) {
        q->hidden += lost;
        *vec_push(q->arena, &q->returns) =
            (struct returning){simtime_add(now, q->spec->visibility_timeout), lost};
    }
    job_fluid_changed(q);
}

/* The put that stands first in line, on the curve of puts. */
double job_fluid_oldest(const struct job_queue *q, simtime now)
{
    if (q->waiting < 1e-6 || q->puts.len <= q->put_head)
        return 0.0;
    for (size_t i = q->put_head; i + 1 < q->puts.len; i++) {
        const struct put_point *a = &q->puts.items[i];
        const struct put_point *b = a + 1;
        if (b->total <= q->left_queue)
            continue;
        double part = (q->left_queue - a->total) / (b->total - a->total);
        part = part > 0.0 ? part : 0.0;
        double at = (double)a->at + part * (double)(b->at - a->at);
        double age = ((double)now - at) / 1e9;
        return age > 0.0 ? age : 0.0;
    }
    return 0.0;
}
