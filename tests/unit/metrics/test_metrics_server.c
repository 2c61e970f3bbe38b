/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline from meters to what is served, in small worlds. */
#include "world.h"

#include "engine/rng.h"
#include "engine/stats.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const app_only[] = {"app", NULL};
static const char *const with_proxy[] = {"app", "proxy", NULL};

Test(metrics_server, an_adopted_pod_is_served_at_once)
{
    static const enum metrics_mode modes[] = {METRICS_CADVISOR, METRICS_KWOK, METRICS_IDEAL};
    for (size_t i = 0; i < 3; i++) {
        struct world *w =
            world_new(NULL, &(struct metrics_server_spec){.mode = modes[i]}, app_only);
        struct pod *pod = world_run_pod(w, -600 * S, 0.25);
        struct pod_metrics item;
        struct container_metrics c[2];
        metrics_server_start(w->server);
        engine_run_until(w->engine, 0);
        cr_assert(metrics_server_get(w->server, pod, &item, c, 2), "mode %zu", i);
        cr_expect_eq(item.container_count, 1);
        cr_expect_str_eq(c[0].name, "app");
        cr_expect_eq(c[0].cpu_nanocores, 250000000, "mode %zu: %llu", i,
                     (unsigned long long)c[0].cpu_nanocores);
        cr_expect_eq(c[0].memory_bytes, 64 << 20);
        cr_expect_eq(item.window, 15 * S);
        world_drop(w);
    }
}

Test(metrics_server, adopted_pods_of_all_phases_are_served_with_what_they_use)
{
    struct arena a = {0};
    struct clocks_spec clocks = clocks_spec_measured(&a);
    struct world *w = world_new(&clocks, &(struct metrics_server_spec){.node_count = 4}, app_only);
    for (int i = 0; i < 200; i++)
        world_run_pod(w, -(simtime)(i + 40) * S, 0.5);
    metrics_server_start(w->server);
    for (simtime now = 0; now < 120 * S; now += S / 2) {
        engine_run_until(w->engine, now);
        for (uint32_t i = 0; i < w->count; i++)
            cr_assert_eq(world_cpu(w, &w->pods[i], NULL), 500, "pod %u at %lld", i, (long long)now);
    }
    world_drop(w);
    arena_drop(&a);
}

/* Usage steps at 100 s; ideal scrapes at multiples of 15 s. */
Test(metrics_server, ideal_windows_average)
{
    static const struct {
        double at;
        int64_t milli;
    } rows[] = {{89, 200},  {104, 200},  {105, 200 + 800 / 3 + 1},
                {119, 467}, {120, 1000}, {135, 1000}};
    struct world *w =
        world_new(NULL, &(struct metrics_server_spec){.mode = METRICS_IDEAL}, app_only);
    struct pod *pod = world_run_pod(w, -100 * S, 0.2);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 60 * S);
    curve_set(&pod->cpu.own, 100 * S, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        engine_run_until(w->engine, simtime_seconds(rows[i].at));
        cr_expect_eq(world_cpu(w, pod, NULL), rows[i].milli, "at %g: %lld", rows[i].at,
                     (long long)world_cpu(w, pod, NULL));
    }
    world_drop(w);
}

/* Running -> first metric: rule 1 from 10 s on, else the second sample's scrape, 35 s at most. */
Test(metrics_server, first_metric_of_new_pods)
{
    struct arena a = {0};
    struct clocks_spec clocks = clocks_spec_measured(&a);
    struct world *w = world_new(&clocks, &(struct metrics_server_spec){.seed = 3}, app_only);
    struct rng rng = rng_stream(3, "test", "starts");
    struct running waits = {0};
    simtime start = 100 * S;
    bool served[WORLD_PODS] = {false};
    metrics_server_start(w->server);
    for (simtime now = start; waits.count < WORLD_PODS && now < 1000 * S; now += S / 10) {
        engine_run_until(w->engine, now);
        for (uint32_t i = 0; i < w->count; i++) {
            if (served[i] || world_cpu(w, &w->pods[i], NULL) < 0)
                continue;
            served[i] = true;
            double wait = simtime_to_seconds(now - w->pods[i].running);
            cr_expect_eq(world_cpu(w, &w->pods[i], NULL), 300, "pod %u", i);
            cr_expect(wait >= 10 && wait <= 35.3, "pod %u after %g s", i, wait);
            running_add(&waits, wait);
        }
        if (w->count < WORLD_PODS && rng_double(&rng) < 0.1)
            world_run_pod(w, now, 0.3);
    }
    cr_expect_eq(waits.count, WORLD_PODS);
    cr_expect_lt(waits.min, 11.0);
    cr_expect_gt(waits.max, 30.0);
    cr_expect(waits.mean > 17 && waits.mean < 24, "mean %g", waits.mean);
    world_drop(w);
    arena_drop(&a);
}

Test(metrics_server, a_failed_node_needs_two_scrapes)
{
    static const struct metric_fault outage = {.kind = METRIC_FAULT_SCRAPE, .node = 1};
    struct world *w = world_new(NULL, &(struct metrics_server_spec){.node_count = 2}, app_only);
    struct pod *there = world_run_pod(w, -100 * S, 0.1);
    struct pod *behind = world_run_pod(w, -100 * S, 0.1);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 61 * S);
    metrics_server_fault_begin(w->server, &outage);
    cr_expect_eq(world_cpu(w, behind, NULL), 100, "until the next scrape");
    engine_run_until(w->engine, 75 * S);
    metrics_server_fault_end(w->server, &outage);
    cr_expect_eq(world_cpu(w, behind, NULL), -1, "gone at once");
    cr_expect_eq(world_cpu(w, there, NULL), 100);
    engine_run_until(w->engine, 104 * S);
    cr_expect_eq(world_cpu(w, behind, NULL), -1, "one scrape is not enough");
    engine_run_until(w->engine, 105 * S);
    cr_expect_eq(world_cpu(w, behind, NULL), 100);
    world_drop(w);
}

Test(metrics_server, containers)
{
    static const struct container_usage usage[] = {{"proxy", 0.0505, 1 << 20}};
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, with_proxy);
    metrics_server_set_usage(w->server, 0, usage, 1);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1001);
    int64_t memory = 0;
    simtime timestamp;
    simtime window;
    metrics_server_start(w->server);
    engine_run_until(w->engine, 30 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 101 + 51, "each rounded up, then added");
    cr_expect_eq(world_cpu(w, pod, "app"), 101);
    cr_expect_eq(world_cpu(w, pod, "proxy"), 51);
    cr_expect_eq(world_cpu(w, pod, "other"), -3);
    cr_expect_eq(
        metrics_server_read(w->server, pod, METRICS_MEMORY, NULL, &memory, &timestamp, &window),
        METRICS_VALUE);
    cr_expect_eq(memory, 65 * 1024 * 1024 * 1000LL, "%lld", (long long)memory);
    world_drop(w);
}

/* While the main container is down only the other one is reported; then it needs two points. */
Test(metrics_server, a_crashed_container)
{
    static const struct container_usage usage[] = {{"proxy", 0.05, 1 << 20}};
    struct world *w =
        world_new(NULL, &(struct metrics_server_spec){.mode = METRICS_IDEAL}, with_proxy);
    metrics_server_set_usage(w->server, 0, usage, 1);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    curve_set(&pod->cpu.own, 31 * S, 0);
    world_change(w, pod, POD_CRASHED);
    engine_run_until(w->engine, 45 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 50, "the proxy alone");
    cr_expect_eq(world_cpu(w, pod, "app"), -3);
    engine_run_until(w->engine, 59 * S);
    pod->running = 59 * S;
    pod->restarts = 1;
    curve_set(&pod->cpu.own, 59 * S, 0.3);
    world_change(w, pod, POD_RUNS);
    engine_run_until(w->engine, 60 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), -1, "one point of one container: no item");
    engine_run_until(w->engine, 75 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 350);
    cr_expect_eq(world_cpu(w, pod, "app"), 300);
    world_drop(w);
}

Test(metrics_server, one_container_restarts)
{
    struct world *w =
        world_new(NULL, &(struct metrics_server_spec){.mode = METRICS_IDEAL}, app_only);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    world_change(w, pod, POD_CRASHED);
    engine_run_until(w->engine, 47 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), -1, "nothing runs");
    pod->restarts = 1;
    curve_set(&pod->cpu.own, 47 * S, 0.4);
    world_change(w, pod, POD_RUNS);
    engine_run_until(w->engine, 60 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 400, "13 s old: from its start");
    world_drop(w);
}

/* KWOK: the counter starts at 0 and drops the pod, then a first point, then a difference. */
Test(metrics_server, kwok)
{
    struct world *w =
        world_new(NULL, &(struct metrics_server_spec){.mode = METRICS_KWOK}, app_only);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    struct pod *pod = world_run_pod(w, 31 * S, 0.2);
    engine_run_until(w->engine, 74 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), -1, "two scrapes");
    engine_run_until(w->engine, 75 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 200, "three");
    curve_set(&pod->cpu.own, 89 * S, 1);
    engine_run_until(w->engine, 90 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 1000, "the value at the scrape, no average");
    world_drop(w);
}

Test(metrics_server, faults)
{
    struct world *w = world_new(NULL, &(struct metrics_server_spec){.seed = 5}, app_only);
    struct metric_fault down = {.kind = METRIC_FAULT_UNAVAILABLE};
    struct metric_fault worded = {.kind = METRIC_FAULT_UNAVAILABLE, .text = "gone fishing"};
    struct metric_fault zero = {.kind = METRIC_FAULT_ZERO};
    struct metric_fault missing = {.kind = METRIC_FAULT_MISSING, .fraction = 0.25};
    struct metric_fault frozen = {.kind = METRIC_FAULT_FROZEN};
    for (int i = 0; i < WORLD_PODS; i++)
        world_run_pod(w, -100 * S, 0.1);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    cr_expect_null(metrics_server_error(w->server));
    metrics_server_fault_begin(w->server, &down);
    cr_expect_str_eq(metrics_server_error(w->server), "the server is currently unable to handle "
                                                      "the request (get pods.metrics.k8s.io)");
    metrics_server_fault_begin(w->server, &worded);
    cr_expect_str_eq(metrics_server_error(w->server), "gone fishing");
    metrics_server_fault_end(w->server, &worded);
    cr_expect_not_null(metrics_server_error(w->server), "the other window is still open");
    metrics_server_fault_end(w->server, &down);
    cr_expect_null(metrics_server_error(w->server));
    metrics_server_fault_begin(w->server, &zero);
    cr_expect_eq(world_cpu(w, &w->pods[0], NULL), 0);
    metrics_server_fault_end(w->server, &zero);
    metrics_server_fault_begin(w->server, &missing);
    int gone = 0;
    for (int i = 0; i < WORLD_PODS; i++)
        gone += world_cpu(w, &w->pods[i], NULL) == -1;
    cr_expect(gone > 70 && gone < 130, "%d of 400", gone);
    metrics_server_fault_end(w->server, &missing);
    metrics_server_fault_begin(w->server, &frozen);
    curve_set(&w->pods[0].cpu.own, 31 * S, 0.9);
    engine_run_until(w->engine, 119 * S);
    cr_expect_eq(world_cpu(w, &w->pods[0], NULL), 100);
    metrics_server_fault_end(w->server, &frozen);
    engine_run_until(w->engine, 135 * S);
    cr_expect_eq(world_cpu(w, &w->pods[0], NULL), 900, "%lld",
                 (long long)world_cpu(w, &w->pods[0], NULL));
    cr_expect_eq(world_cpu(w, &w->pods[1], NULL), 100);
    world_drop(w);
}

/* Meters forget after 90 s; a long resolution must not. */
Test(metrics_server, resolutions)
{
    static const simtime resolutions[] = {10 * S, 15 * S, 60 * S, 300 * S};
    struct arena a = {0};
    struct clocks_spec clocks = clocks_spec_measured(&a);
    for (size_t i = 0; i < 4; i++) {
        struct world *w = world_new(
            &clocks, &(struct metrics_server_spec){.resolution = resolutions[i]}, app_only);
        metrics_server_start(w->server);
        engine_run_until(w->engine, 5 * S);
        struct pod *pod = world_run_pod(w, 5 * S, 0.2);
        for (simtime now = 6 * S; now < 2000 * S; now += S) {
            engine_run_until(w->engine, now);
            curve_set(&pod->cpu.own, now, now % (2 * S) ? 0.1 : 0.3);
            int64_t milli = world_cpu(w, pod, NULL);
            cr_assert(milli == -1 || (milli >= 170 && milli <= 230), "%lld at %lld s",
                      (long long)milli, (long long)(now / S));
        }
        cr_expect_geq(world_cpu(w, pod, NULL), 0);
        world_drop(w);
    }
    arena_drop(&a);
}

Test(metrics_server, a_gone_pod_is_not_served_and_its_place_is_used_again)
{
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, app_only);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    size_t before = arena_size(world_arena(w));
    for (int i = 0; i < 10000; i++) {
        world_change(w, pod, POD_GONE);
        cr_assert_eq(world_cpu(w, pod, NULL), -1);
        pod->running = engine_now(w->engine);
        world_change(w, pod, POD_RUNS);
        cr_assert_eq(world_cpu(w, pod, NULL), -1);
    }
    cr_expect_eq(arena_size(world_arena(w)), before, "nothing grows");
    world_drop(w);
}

/* A pod whose usage is 0 is served with 0: a started process has used something once. */
Test(metrics_server, idle_pods)
{
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, app_only);
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    struct pod *pod = world_run_pod(w, 31 * S, 0);
    engine_run_until(w->engine, 90 * S);
    cr_expect_eq(world_cpu(w, pod, NULL), 0, "%lld", (long long)world_cpu(w, pod, NULL));
    world_drop(w);
}

Test(metrics_server, times_are_cut_on_the_wall_clock)
{
    struct world *w = world_new(
        NULL, &(struct metrics_server_spec){.epoch_fraction = 345 * SIMTIME_MILLISECOND}, app_only);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1);
    struct pod_metrics item;
    metrics_server_start(w->server);
    engine_run_until(w->engine, 31 * S);
    cr_assert(metrics_server_get(w->server, pod, &item, NULL, 0));
    cr_expect_eq(item.timestamp, 30 * S - 345 * SIMTIME_MILLISECOND);
    world_drop(w);
}
