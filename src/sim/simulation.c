/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the world of a scenario and runs it. The world begins in a steady state:
 * the workloads' pods have been ready for long, metrics-server has scraped them under
 * the load of the first instant, and every HPA is somewhere in its period.
 *
 * The order of building is the order of listening: traffic hears of a pod before the
 * metrics pipelines, those before the workload controllers.
 */
#include "sim/simulation.h"

#include "base/file.h"
#include "base/require.h"
#include "internal.h"
#include "load/service.h"

#define NODE_GROUPS 4                     /* nodes are unlimited; scrapes still go node by node */
#define ADOPTED_AGE (10 * SIMTIME_MINUTE) /* beyond every initialization period */

static void override(const struct clock_distribution *given, struct dist *dist)
{
    if (given->given)
        *dist = given->seconds;
}

/* What the scenario says of single delays. */
static void override_clocks(const struct clock_distributions *given, struct clocks_spec *spec)
{
    override(&given->sync_work, &spec->sync_work);
    override(&given->rescale_work, &spec->rescale_work);
    override(&given->create_first, &spec->create_first);
    override(&given->create_next, &spec->create_next);
    override(&given->delete_first, &spec->delete_first);
    override(&given->bind, &spec->bind);
    override(&given->start, &spec->start);
    override(&given->scrape_response, &spec->scrape_response);
    override(&given->sample_first, &spec->sample_first);
    if (given->housekeeping > 0)
        spec->housekeeping = given->housekeeping;
}

static bool build_clocks(struct world *w)
{
    const struct scenario *s = w->scenario;
    struct clocks_spec spec =
        s->clocks == SCENARIO_CLOCKS_IDEAL ? clocks_spec_ideal() : clocks_spec_measured(w->arena);
    w->cluster.node_count = NODE_GROUPS;
    w->cluster.epoch_ns = s->start_unix_ns;
    if (s->clocks == SCENARIO_CLOCKS_RECORDED) {
        const char *path = s->clocks_file[0] == '/'
                               ? s->clocks_file
                               : arena_printf(w->arena, "%s/%s", s->directory, s->clocks_file);
        const struct clocks_recording *recording = clocks_read(w->arena, path, w->diag);
        if (!recording)
            return false;
        spec = clocks_spec_recorded(w->arena, recording);
        if (recording->node_count > 0)
            w->cluster.node_count = recording->node_count;
        w->cluster.epoch_ns += recording->epoch_fraction - s->start_unix_ns % SIMTIME_SECOND;
    }
    override_clocks(&s->clock_distributions, &spec);
    w->epoch_fraction = w->cluster.epoch_ns % SIMTIME_SECOND;
    w->clocks = clocks_create(w->arena, &spec, w->seed);
    w->cluster.clocks = w->clocks;
    return true;
}

static void build_cluster(struct world *w)
{
    const struct scenario *s = w->scenario;
    struct cluster *c = &w->cluster;
    c->engine = w->engine;
    c->arena = w->arena;
    c->observer = w->observer;
    c->seed = w->seed;
    c->workloads = arena_array(w->arena, struct workload, s->workload_count);
    c->workload_count = s->workload_count;
    for (size_t i = 0; i < s->workload_count; i++)
        c->workloads[i] = (struct workload){
            .spec = &s->workloads[i],
            .timing = &s->timings[i],
            .index = (uint32_t)i,
            .replicas = s->workloads[i].replicas,
            .revision = 1,
        };
}

static void adopt_pods(struct world *w)
{
    for (size_t i = 0; i < w->cluster.workload_count; i++) {
        struct workload *workload = &w->cluster.workloads[i];
        bool ordinals = workload->spec->kind == WORKLOAD_STATEFULSET;
        for (int32_t j = 0; j < workload->spec->replicas; j++) {
            int32_t ordinal = ordinals ? workload->spec->ordinals_start + j : -1;
            struct pod *pod = cluster_create_pod(&w->cluster, workload, ordinal);
            kubelet_adopt_running(&w->cluster, pod, -ADOPTED_AGE);
        }
    }
}

static bool build(struct world *w)
{
    if (!build_clocks(w))
        return false;
    build_cluster(w);
    if (!traffic_build(w))
        return false;
    pipelines_build(w);
    if (w->diag->errors > 0)
        return false;
    apps_start(&w->cluster);
    adopt_pods(w);
    traffic_start(w);
    autoscalers_build(w);
    faults_build(w);
    sampling_build(w);
    pipelines_start(w);
    return true;
}

bool simulation_run(const struct scenario *scenario, uint64_t seed, const struct observer *observer,
                    struct arena *run, struct diag *diag, struct simulation_stats *stats)
{
    static const struct observer nobody;
    struct world *w = arena_new(run, struct world);
    w->scenario = scenario;
    w->arena = run;
    w->diag = diag;
    w->engine = engine_create(run);
    w->observer = observer ? observer : &nobody;
    w->seed = seed;
    w->hpa_config = scenario->hpa;
    w->until = scenario->duration;
    *stats = (struct simulation_stats){0};
    bool ok = build(w);
    if (ok) {
        engine_run_until(w->engine, w->until);
        stats->ended = engine_now(w->engine);
        stats->interrupted = w->stop;
        stats->events = engine_fired(w->engine);
        stats->syncs = w->sync_count;
        stats->pods = w->cluster.next_serial;
    }
    arena_drop(&w->scratch);
    arena_drop(&w->cluster.scratch);
    return ok;
}
