/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for the tests of this room: an engine, clocks, and pods of one template. */
#ifndef TEST_METRICS_WORLD_H
#define TEST_METRICS_WORLD_H

#include "metrics/metrics_server.h"
#include "metrics/named.h"

#define S SIMTIME_SECOND

enum { WORLD_PODS = 400 };

struct world {
    struct arena arena;
    struct engine *engine;
    struct clocks *clocks;
    struct metrics_server *server;
    struct metrics *metrics;
    struct workload workload;
    struct pod_template template;
    struct container_spec containers[4];
    struct pod pods[WORLD_PODS];
    char names[WORLD_PODS][16];
    uint32_t count;
};

/* clocks NULL: ideal. containers: names, NULL-terminated; the first is the main one. */
struct world *world_new(const struct clocks_spec *clocks, const struct metrics_server_spec *spec,
                        const char *const *containers);
void world_drop(struct world *w);
struct arena *world_arena(struct world *w);
/* A pod using `cores` that runs since `running` (at the engine's now, or before it). */
struct pod *world_run_pod(struct world *w, simtime running, double cores);
void world_change(struct world *w, struct pod *pod, enum pod_change change);
/* Removes it from the workload too. */
void world_gone(struct world *w, struct pod *pod);
/* The HPA's reading of a pod's CPU: milli, or -1 no item, -2 no value, -3 no such container. */
int64_t world_cpu(struct world *w, const struct pod *pod, const char *container);

#endif
