/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU demand without requests: so many cores are wanted, the ready pods share them
 * evenly, each up to its limit. What a load recorded as CPU replays as.
 *
 * All members use one pool curve, so a step costs the same for 3 pods as for 3,000.
 * Between steps the demand is its own mean over the step; steps end where the load
 * bends, so a jump is a jump at its very nanosecond.
 */
#include "internal.h"

#include "kube/phases.h"

#include <math.h>

struct demand {
    struct traffic *traffic;
    struct curve pool; /* core-seconds of one member */
    struct event step;
    uint32_t members;
    double limit;      /* cores per pod, INFINITY for none */
    double wanted;     /* cores over the current step */
    simtime since;     /* sums below are up to here */
    double wanted_sum; /* core-seconds since the last sample, as are these */
    double served_sum;
    double unmet_replica_seconds;
};

static double share(const struct demand *d)
{
    return d->members ? fmin(d->wanted / d->members, d->limit) : 0;
}

static void account(struct demand *d, simtime now)
{
    double seconds = simtime_to_seconds(now - d->since);
    double served = share(d) * d->members;
    double per_pod = isfinite(d->limit) ? d->limit : 1;
    d->wanted_sum += d->wanted * seconds;
    d->served_sum += served * seconds;
    d->unmet_replica_seconds += (d->wanted - served) / per_pod * seconds;
    d->since = now;
}

static void begin_step(struct demand *d, simtime now)
{
    struct traffic *t = d->traffic;
    simtime end = traffic_step_end(t, now);
    account(d, now);
    d->wanted = traffic_offered(t, now, end == SIMTIME_NEVER ? now + 1 : end);
    curve_set(&d->pool, now, share(d));
    event_schedule(t->world->engine, &d->step, end);
}

static void step(struct engine *engine, struct event *event)
{
    begin_step(event_owner(event, struct demand, step), engine_now(engine));
}

void demand_changed(struct demand *d)
{
    begin_step(d, engine_now(d->traffic->world->engine));
}

struct demand *demand_create(struct traffic *t)
{
    struct demand *d = arena_new(t->world->arena, struct demand);
    d->traffic = t;
    d->limit = pod_template_cpu_limit(&t->workload->spec->pod);
    curve_init(&d->pool, t->world->arena);
    event_init(&d->step, step, PHASE_LOAD);
    return d;
}

/* The time before the run had the load of its first instant. */
void demand_start(struct demand *d)
{
    struct traffic *t = d->traffic;
    simtime before = -METER_HISTORY;
    d->wanted = traffic_offered(t, 0, 1);
    for (size_t i = 0; i < t->workload->pods.len; i++)
        d->members += t->workload->pods.items[i]->ready == CONDITION_TRUE;
    curve_set(&d->pool, before, share(d));
    for (size_t i = 0; i < t->workload->pods.len; i++) {
        struct pod *pod = t->workload->pods.items[i];
        if (pod->ready != CONDITION_TRUE)
            continue;
        pod->loaded = true;
        curve_set(&pod->cpu.own, before, 0);
        meter_join(&pod->cpu, &d->pool, before);
    }
    begin_step(d, 0);
}

static void join(struct demand *d, struct pod *pod, simtime now)
{
    pod->loaded = true;
    if (!event_scheduled(&pod->startup))
        curve_set(&pod->cpu.own, now, 0);
    account(d, now);
    d->members++;
    curve_set(&d->pool, now, share(d));
    meter_join(&pod->cpu, &d->pool, now);
}

static void leave(struct demand *d, struct pod *pod, simtime now)
{
    pod->loaded = false;
    if (!event_scheduled(&pod->startup))
        curve_set(&pod->cpu.own, now, pod->workload->timing->idle_cores);
    meter_leave(&pod->cpu, now);
    account(d, now);
    d->members--;
    curve_set(&d->pool, now, share(d));
}

void demand_pod(struct demand *d, struct pod *pod, enum pod_change change, simtime now)
{
    if (change == POD_READY && !pod->deleting && !pod->loaded)
        join(d, pod, now);
    else if ((change == POD_NOT_READY || change == POD_DELETING) && pod->loaded)
        leave(d, pod, now);
}

void demand_sample(struct demand *d, simtime now, struct service_sample *out, double *throttled)
{
    account(d, now);
    double seconds = simtime_to_seconds(out->interval);
    double capacity = isfinite(d->limit) ? d->limit * d->members : NAN;
    out->offered = d->wanted_sum;
    out->served = d->served_sum;
    out->dropped = d->wanted_sum - d->served_sum;
    out->latency_mean = out->latency_p50 = out->latency_p90 = NAN;
    out->latency_p95 = out->latency_p99 = NAN;
    out->capacity = capacity;
    out->unmet_replica_seconds = d->unmet_replica_seconds;
    out->utilization = capacity > 0 ? d->served_sum / seconds / capacity : NAN;
    *throttled = (d->wanted_sum - d->served_sum) / seconds;
    d->wanted_sum = d->served_sum = d->unmet_replica_seconds = 0;
}

double demand_cores(const struct demand *d)
{
    return share(d) * d->members;
}
