/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world *world_new(const struct clocks_spec *clocks, const struct metrics_server_spec *spec,
                        const char *const *containers)
{
    struct world *w = calloc(1, sizeof *w);
    struct clocks_spec ideal = clocks_spec_ideal();
    struct metrics_server_spec server = *spec;
    for (; containers && containers[w->template.container_count]; w->template.container_count++)
        w->containers[w->template.container_count].name = containers[w->template.container_count];
    w->template.containers = w->containers;
    server.node_count = server.node_count ? server.node_count : 1;
    w->engine = engine_create(&w->arena);
    w->clocks = clocks_create(&w->arena, clocks ? clocks : &ideal, server.seed);
    w->server = metrics_server_create(&w->arena, w->engine, w->clocks, &server);
    w->metrics =
        metrics_create(&w->arena, w->engine, w->server, server.seed, server.epoch_fraction);
    return w;
}

void world_drop(struct world *w)
{
    struct arena arena = w->arena;
    free(w);
    arena_drop(&arena);
}

struct arena *world_arena(struct world *w)
{
    return &w->arena;
}

void world_change(struct world *w, struct pod *pod, enum pod_change change)
{
    simtime now = engine_now(w->engine);
    metrics_server_pod_changed(w->server, pod, change, now);
    metrics_pod_changed(w->metrics, pod, change, now);
}

struct pod *world_run_pod(struct world *w, simtime running, double cores)
{
    struct pod *pod = &w->pods[w->count];
    simtime now = engine_now(w->engine);
    snprintf(w->names[w->count], sizeof w->names[0], "pod-%u", w->count);
    pod->name = w->names[w->count];
    pod->serial = w->count++;
    pod->node = pod->serial;
    pod->workload = &w->workload;
    pod->template = &w->template;
    pod->created = pod->running = running;
    pod->memory_bytes = 64 << 20;
    meter_init(&pod->cpu, &w->arena);
    curve_set(&pod->cpu.own, now, cores);
    pod->slot = (uint32_t)w->workload.pods.len;
    *vec_push(&w->arena, &w->workload.pods) = pod;
    world_change(w, pod, POD_RUNS);
    return pod;
}

void world_gone(struct world *w, struct pod *pod)
{
    size_t i = 0;
    while (w->workload.pods.items[i] != pod)
        i++;
    for (; i + 1 < w->workload.pods.len; i++)
        w->workload.pods.items[i] = w->workload.pods.items[i + 1];
    w->workload.pods.len--;
    world_change(w, pod, POD_GONE);
}

int64_t world_cpu(struct world *w, const struct pod *pod, const char *container)
{
    static const int64_t none[] = {
        [METRICS_NO_ITEM] = -1, [METRICS_NO_VALUE] = -2, [METRICS_NO_CONTAINER] = -3};
    int64_t milli = 0;
    simtime timestamp;
    simtime window;
    enum metrics_served served =
        metrics_server_read(w->server, pod, METRICS_CPU, container, &milli, &timestamp, &window);
    return served == METRICS_VALUE ? milli : none[served];
}
