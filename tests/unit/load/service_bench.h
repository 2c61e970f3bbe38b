/* SPDX-License-Identifier: Apache-2.0 */
/* A world of one mesh for the tests of the service model. */
#ifndef TEST_SERVICE_BENCH_H
#define TEST_SERVICE_BENCH_H

#include "base/arena.h"
#include "engine/event.h"
#include "load/service.h"

enum { BENCH_PODS = 64 };

struct bench {
    struct arena arena;
    struct engine *engine;
    struct mesh_spec spec;
    struct mesh *mesh;
    struct service *first;
    uint32_t pods[BENCH_PODS];
};

static inline void bench_start(struct bench *b, const struct service_spec *specs, size_t count,
                               bool fluid, uint64_t seed)
{
    *b = (struct bench){.spec = {.fluid = fluid, .services = specs, .service_count = count}};
    b->engine = engine_create(&b->arena);
    b->mesh = mesh_create(b->engine, &b->arena, seed, &b->spec);
    b->first = mesh_service(b->mesh, 0);
}

static inline void bench_pods(struct bench *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        b->pods[i] = service_backend_add(b->first, NULL);
}

static inline void bench_run(struct bench *b, double seconds)
{
    engine_run_until(b->engine, simtime_seconds(seconds));
}

static inline struct service_interval bench_take(struct bench *b)
{
    struct service_interval i;
    service_take(b->first, &i);
    return i;
}

static inline void bench_end(struct bench *b)
{
    arena_drop(&b->arena);
}

#endif
