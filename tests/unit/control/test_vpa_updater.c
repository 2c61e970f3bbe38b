/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many pods of a group may go, which are worth it, and what limits and LimitRanges do to a
 * recommendation.
 */
#include "control/vpa/admission.h"
#include "control/vpa/capping.h"
#include "control/vpa/gosort.h"
#include "control/vpa/updater.h"

#include <criterion/criterion.h>

#define NOW (1700000000 * SIMTIME_SECOND)

static struct vpa_resources amounts(int64_t cpu, int64_t memory)
{
    struct vpa_resources r = {0};
    if (cpu >= 0) {
        vpa_resources_set(&r, VPA_CPU, cpu);
    }
    if (memory >= 0) {
        vpa_resources_set(&r, VPA_MEMORY, memory);
    }
    return r;
}

Test(vpa_updater, evictions_at_once)
{
    static const struct {
        int32_t configured;
        size_t running;
        size_t pending;
        int32_t min_replicas;
        int32_t evicted; /* running ones, when all are asked */
    } rows[] = {
        {3, 3, 0, 2, 1}, {4, 4, 0, 2, 2},   {5, 5, 0, 2, 2},  {1, 1, 0, 1, 1}, {1, 1, 0, 2, 0},
        {2, 2, 0, 2, 1}, {10, 10, 0, 2, 5}, {10, 8, 0, 2, 3}, {0, 3, 0, 2, 0}, {4, 2, 2, 2, 0},
    };
    struct updater_config config;
    updater_config_init(&config);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vpa_live_pod pods[16] = {{0}};
        const size_t count = rows[i].running + rows[i].pending;
        const struct updater_spec spec = {.has_min_replicas = true,
                                          .min_replicas = rows[i].min_replicas};
        for (size_t k = rows[i].running; k < count; k++) {
            pods[k].pending = true;
        }
        struct updater_group g = updater_group_of(&config, &spec, rows[i].configured, pods, count);
        for (size_t k = 0; k < count; k++) {
            if (updater_can_evict(&g, &pods[k], NOW)) {
                updater_evicted(&g, &pods[k]);
            }
        }
        cr_expect_eq(g.evicted, rows[i].evicted, "row %zu: %d", i, g.evicted);
        cr_expect_eq(g.pending, (int32_t)rows[i].pending);
    }
}

Test(vpa_updater, resizes_that_hang)
{
    static const struct {
        const char *name;
        enum vpa_resize resize;
        simtime age;
        enum in_place_decision decision;
    } rows[] = {
        {"none", VPA_RESIZE_NONE, 0, IN_PLACE_APPROVED},
        {"infeasible", VPA_RESIZE_INFEASIBLE, 0, IN_PLACE_EVICT},
        {"unknown", VPA_RESIZE_UNKNOWN, 0, IN_PLACE_EVICT},
        {"error", VPA_RESIZE_ERROR, 0, IN_PLACE_EVICT},
        {"deferred 5 min", VPA_RESIZE_DEFERRED, 5 * SIMTIME_MINUTE, IN_PLACE_DEFERRED},
        {"deferred longer", VPA_RESIZE_DEFERRED, 5 * SIMTIME_MINUTE + 1, IN_PLACE_EVICT},
        {"in progress 1 h", VPA_RESIZE_IN_PROGRESS, SIMTIME_HOUR, IN_PLACE_DEFERRED},
        {"in progress longer", VPA_RESIZE_IN_PROGRESS, SIMTIME_HOUR + 1, IN_PLACE_EVICT},
    };
    struct updater_config config;
    const struct updater_spec spec = {.mode = VPA_MODE_IN_PLACE_OR_RECREATE};
    const struct vpa_recommendation given = {.given = true};
    const struct vpa_recommendation none = {0};
    updater_config_init(&config);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vpa_live_pod pods[4] = {
            {.resize = rows[i].resize, .resize_since = NOW - rows[i].age}};
        struct updater_group g = updater_group_of(&config, &spec, 4, pods, 4);
        cr_expect_eq(updater_can_resize(&config, &g, &given, &pods[0], NOW), rows[i].decision, "%s",
                     rows[i].name);
        cr_expect_eq(updater_can_resize(&config, &g, &none, &pods[0], NOW), IN_PLACE_DEFERRED);
        updater_resized(&g);
        updater_resized(&g);
        cr_expect_eq(updater_can_resize(&config, &g, &given, &pods[0], NOW), IN_PLACE_DEFERRED);
    }
}

Test(vpa_updater, worth_an_update)
{
    static const struct {
        const char *name;
        int64_t cpu; /* requested; recommended are 100, within 50 to 200 */
        simtime age; /* -1: not started */
        simtime ran; /* killed after so long, -1: not */
        simtime ago;
        bool accepted;
    } rows[] = {
        {"inside, young", 150, 0, -1, 0, false},
        {"inside, 12 h", 150, 12 * SIMTIME_HOUR, -1, 0, true},
        {"inside, nearly 12 h", 150, 12 * SIMTIME_HOUR - 1, -1, 0, false},
        {"inside, near, old", 110, 13 * SIMTIME_HOUR, -1, 0, false},
        {"inside, not started", 150, -1, -1, 0, false},
        {"below", 49, 0, -1, 0, true},
        {"on the lower bound", 50, 0, -1, 0, false},
        {"above", 201, 0, -1, 0, true},
        {"missing", -1, 0, -1, 0, true},
        {"quick OOM", 150, 0, SIMTIME_MINUTE, SIMTIME_MINUTE, true},
        {"quick OOM, nothing to change", 100, 0, SIMTIME_MINUTE, SIMTIME_MINUTE, false},
        {"slow OOM", 150, 0, 10 * SIMTIME_MINUTE, SIMTIME_MINUTE, false},
        {"old OOM", 150, 0, SIMTIME_MINUTE, 10 * SIMTIME_MINUTE, false},
    };
    struct arena a = {0};
    struct updater_config config;
    const struct updater_spec spec = {0};
    const struct vpa_limit_ranges limits = {0};
    updater_config_init(&config);
    struct vpa_container_recommendation item = {.name = "c",
                                                .target = amounts(100, -1),
                                                .lower = amounts(50, -1),
                                                .upper = amounts(200, -1)};
    const struct vpa_recommendation r = {.items = &item, .count = 1, .given = true};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vpa_pod_container c = {
            .name = "c",
            .requests = amounts(rows[i].cpu, -1),
            .oom_killed = rows[i].ran >= 0,
            .oom_started = NOW - rows[i].ago - rows[i].ran,
            .oom_finished = NOW - rows[i].ago,
        };
        const struct vpa_live_pod pod = {.has_start = rows[i].age >= 0,
                                         .start = NOW - rows[i].age,
                                         .containers = &c,
                                         .container_count = 1};
        const struct pod_priority p = updater_priority(&a, &config, &spec, &r, &limits, &pod, NOW);
        cr_expect_eq(p.accepted, rows[i].accepted, "%s", rows[i].name);
    }
    arena_drop(&a);
}

Test(vpa_updater, proportional_limits)
{
    static const struct {
        int64_t limit;
        int64_t request;
        int64_t recommended;
        int64_t fallback;
        int64_t expected; /* -1: none */
    } rows[] = {
        {200, 100, 247, 0, 494},
        {250, 100, 33, 0, 82},
        {157286400, 104857600, 587804717, 0, 881707075},
        {1000, 0, 247, 0, 247},
        {100, 100, 50, 0, 50},
        {0, 100, 50, 0, -1},
        {0, 100, 50, 200, 100},
        {100, 50, 0, 0, -1},
        {INT64_MAX, 1, INT64_MAX, 0, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t out = -1;
        const bool set = capping_proportional_limit(rows[i].limit, rows[i].request,
                                                    rows[i].recommended, rows[i].fallback, &out);
        cr_expect_eq(set, rows[i].expected != -1, "row %zu", i);
        cr_expect_eq(out, rows[i].expected, "row %zu: %ld", i, (long)out);
    }
}

/* What a Pod LimitRange does to containers of which one has no recommendation. */
Test(vpa_updater, pod_limit_range_crashes)
{
    struct arena a = {0};
    struct vpa_recommendation out;
    struct vpa_container_recommendation item = {.name = "a",
                                                .target = amounts(100, -1),
                                                .lower = amounts(100, -1),
                                                .upper = amounts(100, -1)};
    const struct vpa_recommendation r = {.items = &item, .count = 1, .given = true};
    const struct vpa_policies none = {0};
    struct vpa_limit_ranges limits = {.pod = {.given = true, .max = amounts(150, -1)}};
    struct vpa_pod_container containers[2] = {
        {.name = "a", .requests = amounts(50, -1), .limits = amounts(100, -1)},
        {.name = "b", .requests = amounts(10, -1)}};
    const struct vpa_live_pod pod = {.containers = containers, .container_count = 2};
    cr_expect_str_eq(capping_for_pod(&a, &r, &none, &limits, &pod, &out),
                     "assignment to entry in nil map");
    containers[1].requests = amounts(-1, -1);
    cr_expect_str_eq(capping_for_pod(&a, &r, &none, &limits, &pod, &out),
                     "invalid memory address or nil pointer dereference");
    limits.pod.max = amounts(200, -1);
    cr_expect_null(capping_for_pod(&a, &r, &none, &limits, &pod, &out));
    cr_expect_eq(out.count, 1);
    cr_expect_eq(out.items[0].target.amount[VPA_CPU], 100);
    arena_drop(&a);
}

static bool by_tens(const void *context, size_t x, size_t y)
{
    (void)context;
    return x / 10 < y / 10;
}

Test(vpa_updater, gosort_sorts)
{
    static const size_t counts[] = {0, 1, 2, 12, 13, 49, 50, 400};
    size_t items[400];
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        bool seen[400] = {false};
        for (size_t k = 0; k < counts[i]; k++) {
            items[k] = k * 7919 % counts[i];
        }
        gosort(items, counts[i], by_tens, NULL);
        for (size_t k = 0; k < counts[i]; k++) {
            cr_expect(k == 0 || items[k - 1] / 10 <= items[k] / 10, "%zu at %zu", counts[i], k);
            seen[items[k]] = true;
        }
        for (size_t k = 0; k < counts[i]; k++) {
            cr_expect(seen[k] || counts[i] % 7919 == 0, "%zu lost %zu", counts[i], k);
        }
    }
}
