/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The speed of the service model: requests a second in the requests resolution
 * for the kinds of pods there are, and the cost of one step in the fluid one
 * (a rate that changes every second, as a trace's does). Prints, never fails.
 */
#include "engine/dmath.h"
#include "engine/event.h"
#include "load/service.h"

#include <stdio.h>
#include <time.h>

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench_requests(const char *name, const struct service_spec *spec, uint32_t pods)
{
    enum { REQUESTS = 3000000 };
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct mesh_spec mesh_spec = {.services = spec, .service_count = 1};
    struct mesh *mesh = mesh_create(engine, &a, 1, &mesh_spec);
    struct service *s = mesh_service(mesh, 0);
    for (uint32_t i = 0; i < pods; i++)
        service_backend_add(s, NULL);
    double rate = 0.7 * pods * service_pod_capacity(s);
    service_set_rate(s, rate);
    double began = wall_seconds();
    engine_run_until(engine, simtime_seconds(REQUESTS / rate));
    struct service_interval r;
    service_take(s, &r);
    double took = wall_seconds() - began;
    printf("%-34s %5.2f M requests/s, %5.2f M events/s, p95 %.1f ms\n", name,
           1e-6 * r.offered / took, 1e-6 * (double)engine_fired(engine) / took,
           1e3 * histogram_quantile(r.latency, 0.95));
    arena_drop(&a);
}

static void bench_fluid(uint32_t services, uint32_t steps, uint32_t pods)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct service_spec *specs = arena_array(&a, struct service_spec, services);
    for (uint32_t i = 0; i < services; i++)
        specs[i] = (struct service_spec){.name = arena_printf(&a, "service-%u", i),
                                         .cpu = dist_lognormal(0.02, 1.0),
                                         .wait = dist_constant(0.03),
                                         .concurrency = 8};
    struct mesh_spec mesh_spec = {.fluid = true, .services = specs, .service_count = services};
    struct mesh *mesh = mesh_create(engine, &a, 1, &mesh_spec);
    for (uint32_t i = 0; i < services; i++)
        for (uint32_t k = 0; k < pods; k++)
            service_backend_add(mesh_service(mesh, i), NULL);
    double capacity = pods * service_pod_capacity(mesh_service(mesh, 0));
    struct service_interval r = {0};
    double served = 0.0;
    double began = wall_seconds();
    for (uint32_t t = 0; t < steps; t++) {
        double wave = 0.5 + 0.4 * dmath_sinpi(t / 43200.0);
        for (uint32_t i = 0; i < services; i++)
            service_set_rate(mesh_service(mesh, i), capacity * wave);
        engine_run_until(engine, (t + 1) * SIMTIME_SECOND);
        if (t % 60 == 59)
            for (uint32_t i = 0; i < services; i++) {
                service_take(mesh_service(mesh, i), &r);
                served += r.served;
            }
    }
    double took = wall_seconds() - began;
    printf("fluid, %4u services x %u steps: %5.2f s, %5.0f ns a step, %.3g served, %zu MiB\n",
           services, steps, took, 1e9 * took / services / steps, served, arena_size(&a) >> 20);
    arena_drop(&a);
}

int main(void)
{
    struct service_spec plain = {.name = "web", .cpu = dist_exponential(0.02), .concurrency = 1};
    struct service_spec wide = {.name = "web",
                                .cpu = dist_lognormal(0.02, 1.0),
                                .wait = dist_constant(0.05),
                                .concurrency = 16,
                                .balancing = BALANCE_LEAST_REQUESTS,
                                .timeout = 10 * SIMTIME_SECOND};
    struct service_spec shared = {
        .name = "web", .cpu = dist_exponential(0.02), .cpu_limit_cores = 2.0};
    bench_requests("1 pod, 1 place", &plain, 1);
    bench_requests("10 pods, 1 place, random", &plain, 10);
    bench_requests("10 pods, 16 places, least requests", &wide, 10);
    bench_requests("10 pods sharing 2 cores", &shared, 10);
    bench_fluid(1, 604800, 100);
    bench_fluid(1000, 3600, 10);
    puts("limited by: two heap operations and two draws a request; with many places the choice of "
         "a pod, with a shared CPU the order of its virtual finishing times; fluid: the queueing "
         "model, looked up by utilization");
    return 0;
}
