/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod's way through its life, one timed step after the other: bound, taken by
 * the kubelet (startTime), running, ready; after the deletion timestamp draining,
 * SIGTERM, gone. pkg/kubelet (kuberuntime_container.go, prober/worker.go), v1.36.
 *
 * Readiness is computed, not polled: probes run at once when the container starts
 * and then every period, so the first success after the application answers is
 * known in advance. Trap: the deletion timestamp already takes the pod out of the
 * endpoints; preStop and the grace period only decide how long it lingers.
 */
#include "control/kubelet.h"

#include "base/require.h"
#include "kube/clocks.h"
#include "kube/phases.h"

#include <math.h>

enum step {
    STEP_BIND,
    STEP_TAKE, /* status.startTime */
    STEP_RUN,
    STEP_READY,
    STEP_SIGTERM,
    STEP_GONE,
    STEP_RESTART,
    STEP_REST /* nothing more to come by itself */
};

#define BACKOFF_FIRST   (10 * SIMTIME_SECOND)
#define BACKOFF_LONGEST (300 * SIMTIME_SECOND)
#define BACKOFF_RESET   (600 * SIMTIME_SECOND)

static void go_on(struct cluster *c, struct pod *pod, enum step step, simtime at)
{
    simtime now = engine_now(c->engine);
    pod->step = (uint8_t)step;
    event_schedule(c->engine, &pod->lifecycle, at > now ? at : now);
}

/* The first probe at or after `answers`, on the grid that starts `delay` after `from`. */
static simtime first_success(const struct probe_spec *probe, simtime from, simtime answers)
{
    simtime period = simtime_seconds(probe->period_seconds > 0 ? probe->period_seconds : 10);
    simtime first = from + simtime_seconds(probe->initial_delay_seconds);
    if (answers > first)
        first += (answers - first + period - 1) / period * period;
    int32_t more = probe->success_threshold > 1 ? probe->success_threshold - 1 : 0;
    return first + more * period;
}

simtime kubelet_ready_at(const struct container_spec *container, simtime running, simtime answers)
{
    simtime started = running;
    if (container->startup.present)
        started = first_success(&container->startup, running, answers);
    if (!container->readiness.present)
        return container->startup.present ? started : answers;
    simtime ready = first_success(&container->readiness, running, answers);
    if (ready >= started)
        return ready;
    return first_success(&container->readiness, running, started);
}

static simtime draw(struct cluster *c, const struct pod *pod, const struct dist *dist,
                    const char *purpose)
{
    struct rng rng = rng_stream(c->seed, pod->name, purpose);
    double seconds = dist_sample(dist, &rng);
    return seconds > 0 ? simtime_seconds(seconds) : 0;
}

/* The application containers' latest readiness decides the pod's. */
static simtime ready_at(const struct pod *pod, simtime answers)
{
    const struct pod_template *t = pod->template;
    simtime ready = answers;
    for (size_t i = 0; i < t->container_count; i++) {
        const struct container_spec *container = &t->containers[i];
        if (container->init && !container->sidecar)
            continue;
        simtime at = kubelet_ready_at(container, pod->running, answers);
        ready = at > ready ? at : ready;
    }
    return ready;
}

/* The container's own CPU from now on: idle, or the start-up piece it is in. */
static void burn(struct engine *engine, struct event *event)
{
    struct pod *pod = event_owner(event, struct pod, startup);
    const struct pod_timing *timing = pod->workload->timing;
    simtime now = engine_now(engine);
    if (pod->startup_piece >= timing->startup_count) {
        curve_set(&pod->cpu.own, now, pod->loaded ? 0 : timing->idle_cores);
        return;
    }
    const struct startup_cpu *piece = &timing->startup[pod->startup_piece++];
    curve_set(&pod->cpu.own, now,
              fmin(piece->cores + timing->idle_cores, pod_template_cpu_limit(pod->template)));
    event_schedule(engine, &pod->startup, now + simtime_seconds(piece->for_seconds));
}

static void start_container(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    const struct pod_timing *timing = pod->workload->timing;
    pod->running = now;
    pod->phase = POD_RUNNING;
    pod->memory_bytes = timing->base_memory_bytes;
    if (pod->ready == CONDITION_ABSENT) {
        pod->ready = CONDITION_FALSE;
        pod->ready_since = pod->start_time;
    }
    pod->startup_piece = 0;
    event_schedule(c->engine, &pod->startup, now);
    cluster_pod_changed(c, pod, POD_RUNS);
    simtime recorded = clocks_pod_ready(c->clocks, pod);
    if (recorded != SIMTIME_NEVER && pod->restarts == 0)
        go_on(c, pod, STEP_READY, recorded);
    else
        go_on(c, pod, STEP_READY, ready_at(pod, now + draw(c, pod, &timing->start, "start")));
}

static void step_bind(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    pod->bound = now;
    pod->node = clocks_pod_node(c->clocks, pod, c->node_count);
    cluster_pod_changed(c, pod, POD_BOUND);
    go_on(c, pod, STEP_TAKE, clocks_pod_started(c->clocks, pod, now));
}

static void step_take(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    const struct pod_timing *timing = pod->workload->timing;
    pod->start_time = now;
    pod->ready = CONDITION_FALSE;
    pod->ready_since = now;
    cluster_pod_changed(c, pod, POD_STARTED);
    simtime recorded = clocks_pod_running(c->clocks, pod);
    if (recorded != SIMTIME_NEVER) {
        go_on(c, pod, STEP_RUN, recorded);
        return;
    }
    simtime pull = draw(c, pod, &timing->image_pull, "image-pull");
    go_on(c, pod, STEP_RUN, now + pull + draw(c, pod, &timing->init, "init"));
}

static void step_ready(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    pod->ready = CONDITION_TRUE;
    pod->ready_since = now;
    if (pod->first_ready == SIMTIME_NEVER)
        pod->first_ready = now;
    pod->step = STEP_REST;
    cluster_pod_changed(c, pod, POD_READY);
}

static simtime grace(const struct pod *pod)
{
    return pod->template->termination_grace_period_seconds * SIMTIME_SECOND;
}

static void step_sigterm(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    const struct pod_timing *timing = pod->workload->timing;
    cluster_pod_changed(c, pod, POD_TERMINATED);
    simtime gone = clocks_pod_gone(c->clocks, pod);
    if (gone == SIMTIME_NEVER) {
        gone = now + draw(c, pod, &timing->termination, "termination");
        simtime killed = pod->deleted + grace(pod);
        gone = gone < killed ? gone : killed;
    }
    go_on(c, pod, STEP_GONE, gone);
}

static void step_gone(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    pod->gone = now;
    event_cancel(c->engine, &pod->startup);
    curve_set(&pod->cpu.own, now, 0);
    cluster_pod_changed(c, pod, POD_GONE);
}

static void step(struct engine *engine, struct event *event)
{
    struct pod *pod = event_owner(event, struct pod, lifecycle);
    struct cluster *c = pod->cluster;
    (void)engine;
    switch ((enum step)pod->step) {
    case STEP_BIND:
        step_bind(c, pod);
        break;
    case STEP_TAKE:
        step_take(c, pod);
        break;
    case STEP_RUN:
    case STEP_RESTART:
        start_container(c, pod);
        break;
    case STEP_READY:
        step_ready(c, pod);
        break;
    case STEP_SIGTERM:
        step_sigterm(c, pod);
        break;
    case STEP_GONE:
        step_gone(c, pod);
        break;
    case STEP_REST:
        break;
    }
}

static void arm(struct pod *pod)
{
    event_init(&pod->lifecycle, step, PHASE_KUBELET);
    event_init(&pod->startup, burn, PHASE_KUBELET);
}

void kubelet_add_pod(struct cluster *c, struct pod *pod)
{
    arm(pod);
    simtime bound = clocks_pod_bound(c->clocks, pod, engine_now(c->engine));
    go_on(c, pod, STEP_BIND,
          bound + draw(c, pod, &pod->workload->timing->scheduling, "scheduling"));
}

/* preStop as the scenario has it, else the manifest's longest preStop sleep. */
static double drain_seconds(const struct pod *pod)
{
    const struct pod_timing *timing = pod->workload->timing;
    if (timing->has_drain)
        return timing->drain_seconds;
    const struct pod_template *t = pod->template;
    double longest = 0;
    for (size_t i = 0; i < t->container_count; i++)
        if (t->containers[i].has_pre_stop)
            longest = fmax(longest, t->containers[i].pre_stop_sleep_seconds);
    return longest;
}

void kubelet_delete_pod(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    require(pod->deleting);
    if (pod->start_time == SIMTIME_NEVER) { /* unscheduled or not taken: removed at once */
        go_on(c, pod, STEP_GONE, now);
        return;
    }
    simtime drained = now + simtime_seconds(drain_seconds(pod));
    simtime killed = now + grace(pod);
    go_on(c, pod, STEP_SIGTERM, drained < killed ? drained : killed);
}

/* 10 s, 20 s, ... 5 min; a container that ran for 10 min begins again. */
static simtime back_off(struct pod *pod, simtime now)
{
    if (now - pod->running >= BACKOFF_RESET)
        pod->crashes = 0;
    simtime wait = BACKOFF_FIRST;
    for (uint32_t i = 0; i < pod->crashes && wait < BACKOFF_LONGEST; i++)
        wait *= 2;
    pod->crashes++;
    return wait < BACKOFF_LONGEST ? wait : BACKOFF_LONGEST;
}

void kubelet_crash_pod(struct cluster *c, struct pod *pod)
{
    simtime now = engine_now(c->engine);
    if (pod->deleting || pod->phase != POD_RUNNING)
        return;
    bool was_ready = pod->ready == CONDITION_TRUE;
    event_cancel(c->engine, &pod->startup);
    curve_set(&pod->cpu.own, now, 0);
    cluster_pod_changed(c, pod, POD_CRASHED);
    if (was_ready) {
        pod->ready = CONDITION_FALSE;
        pod->ready_since = now;
        cluster_pod_changed(c, pod, POD_NOT_READY);
    }
    pod->restarts++;
    go_on(c, pod, STEP_RESTART, now + back_off(pod, now));
}

void kubelet_adopt_running(struct cluster *c, struct pod *pod, simtime created)
{
    simtime now = engine_now(c->engine);
    arm(pod);
    clocks_pod_adopted(c->clocks, pod, created);
    pod->node = clocks_pod_node(c->clocks, pod, c->node_count);
    pod->phase = POD_RUNNING;
    pod->ready = CONDITION_TRUE;
    pod->step = STEP_REST;
    pod->memory_bytes = pod->workload->timing->base_memory_bytes;
    curve_set(&pod->cpu.own, now - METER_HISTORY, pod->workload->timing->idle_cores);
    cluster_pod_changed(c, pod, POD_RUNS);
    cluster_pod_changed(c, pod, POD_READY);
}
