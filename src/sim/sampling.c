/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is recorded of the world every interval: each workload's replicas, CPU and
 * memory; each service's and queue's traffic. Taken last at its instant
 * (PHASE_SAMPLE), so a row shows the state after everything that happened then.
 *
 * CPU is the difference of the meters over the interval, not a look at the
 * instant, so the sum over the rows is what was really used.
 */
#include "internal.h"

#include "base/str.h"
#include "kube/phases.h"

/* Milli-units as the API sees them, so that sums are exact. */
static double requested(const struct workload *w, const char *resource)
{
    double sum = 0;
    const struct pod_template *t = &w->spec->pod;
    for (size_t i = 0; i < t->container_count; i++) {
        const struct container_spec *container = &t->containers[i];
        if (container->init && !container->sidecar)
            continue;
        const struct resource_amount *amount =
            resource_find(container->resources, container->resource_count, resource);
        if (amount && amount->has_request)
            sum += quantity_as_double(&amount->request);
    }
    return sum * w->active;
}

static double sidecar_memory(const struct workload *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->timing->sidecar_count; i++)
        sum += w->timing->sidecars[i].memory_bytes;
    return sum;
}

/* Core-seconds that the workload's pods have used so far, gone ones included. */
static double used_so_far(const struct workload *w, simtime now)
{
    double sum = w->used_by_gone;
    for (size_t i = 0; i < w->pods.len; i++)
        sum += meter_total(&w->pods.items[i]->cpu, now);
    return sum;
}

static void sample_workload(struct world *w, struct workload *workload, struct sampler *s,
                            simtime now, simtime interval)
{
    double seconds = simtime_to_seconds(interval);
    double used = used_so_far(workload, now);
    struct workload_sample sample = {
        .at = now,
        .interval = interval,
        .workload = workload->index,
        .spec_replicas = workload->replicas,
        .status_replicas = workload_status_replicas(workload),
        .ready_replicas = workload->ready,
        .starting = workload->active - workload->ready,
        .terminating = workload->terminating,
        .cpu_used_cores = seconds > 0 ? (used - s->used[workload->index]) / seconds : 0,
        .cpu_requested_cores = requested(workload, "cpu"),
        .cpu_throttled_cores = traffic_throttled(w, workload),
        .memory_requested_bytes = requested(workload, "memory"),
    };
    for (size_t i = 0; i < workload->pods.len; i++)
        if (workload->pods.items[i]->phase == POD_RUNNING)
            sample.memory_bytes += workload->pods.items[i]->memory_bytes + sidecar_memory(workload);
    s->used[workload->index] = used;
    w->observer->workload(w->observer->context, &sample);
}

static void sample(struct engine *engine, struct event *event)
{
    struct sampler *s = event_owner(event, struct sampler, event);
    struct world *w = s->world;
    simtime now = engine_now(engine);
    simtime interval = now - s->last;
    if (interval > 0) {
        traffic_sample(w, now, interval);
        if (w->observer->workload)
            for (size_t i = 0; i < w->cluster.workload_count; i++)
                sample_workload(w, &w->cluster.workloads[i], s, now, interval);
        pipelines_sample(w, now);
    }
    s->last = now;
    if (w->observer->tick && !w->observer->tick(w->observer->context, now)) {
        w->stop = true;
        engine_stop(engine);
        return;
    }
    simtime next = now + w->scenario->record_interval;
    if (now < w->until)
        event_schedule(engine, &s->event, next < w->until ? next : w->until);
}

/* What a pod used leaves with it; the workload keeps the sum. */
static void on_pod(void *context, struct pod *pod, enum pod_change change, simtime now)
{
    (void)context;
    if (change == POD_GONE)
        pod->workload->used_by_gone += meter_total(&pod->cpu, now);
}

void sampling_build(struct world *w)
{
    struct sampler *s = arena_new(w->arena, struct sampler);
    s->world = w;
    s->used = arena_array(w->arena, double, w->cluster.workload_count);
    for (size_t i = 0; i < w->cluster.workload_count; i++)
        s->used[i] = used_so_far(&w->cluster.workloads[i], 0);
    cluster_subscribe(&w->cluster, on_pod, w);
    event_init(&s->event, sample, PHASE_SAMPLE);
    event_schedule(w->engine, &s->event, 0);
}
