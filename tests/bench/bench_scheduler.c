/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler's speed: one pod among 1,000 nodes with 10,000 pods of 40 workloads in three
 * zones, a full cycle with the charge to the node each time. "plain" asks for CPU and memory
 * only; the others add one thing. Looks at the wall clock. Prints, never fails.
 */
#include "control/scheduler/schedule.h"

#include <stdio.h>
#include <time.h>

#define NODES     1000
#define WORKLOADS 40
#define PODS      10000
#define CYCLES    2000

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct world {
    struct arena run;
    struct arena scratch;
    struct scheduler_snapshot snapshot;
    struct pod_class classes[WORKLOADS];
    struct label labels[WORKLOADS];
    struct placed_pod *pods;
};

static void add_nodes(struct world *w)
{
    static const char *const zones[] = {"za", "zb", "zc"};
    for (size_t i = 0; i < NODES; i++) {
        const char *name = arena_printf(&w->run, "node-%04zu", i);
        struct label *labels = arena_array(&w->run, struct label, 3);
        labels[0] = (struct label){LABEL_HOSTNAME, name};
        labels[1] = (struct label){LABEL_ZONE, zones[i % 3]};
        labels[2] = (struct label){"pool", i % 4 == 0 ? "spot" : "standard"};
        const struct node_spec spec = {
            .name = name,
            .labels = labels,
            .label_count = 3,
            .allocatable = {.milli_cpu = 16000, .memory = (int64_t)64 << 30},
            .allowed_pods = DEFAULT_ALLOWED_PODS,
        };
        snapshot_add_node(&w->snapshot, &spec);
    }
}

static void build(struct world *w)
{
    snapshot_init(&w->snapshot, &w->run);
    add_nodes(w);
    for (size_t i = 0; i < WORKLOADS; i++) {
        w->labels[i] = (struct label){"app", arena_printf(&w->run, "app-%zu", i)};
        w->classes[i].labels = &w->labels[i];
        w->classes[i].label_count = 1;
        pod_class_set_simple_requests(&w->classes[i], 100 + 10 * (int64_t)i, (int64_t)256 << 20);
        snapshot_add_class(&w->snapshot, &w->classes[i]);
    }
    w->pods = arena_array(&w->run, struct placed_pod, PODS);
    for (size_t i = 0; i < PODS; i++) {
        w->pods[i] = (struct placed_pod){.name = "p",
                                         .class = &w->classes[i * 7 / 3 % WORKLOADS],
                                         .node = (uint32_t)(i % NODES),
                                         .start = SIMTIME_NEVER};
        snapshot_add_pod(&w->snapshot, &w->pods[i]);
    }
}

/* Schedules pods of the class and takes each off again once the next ten are placed. */
static void bench(struct world *w, const char *name, struct pod_class *class, bool all_nodes)
{
    struct placed_pod placed[10];
    uint64_t found = 0;
    snapshot_add_class(&w->snapshot, class);
    const double begin = wall_seconds();
    for (size_t i = 0; i < CYCLES; i++) {
        struct placed_pod *pod = &placed[i % 10];
        struct schedule_result r;
        if (i >= 10 && pod->node != SNAPSHOT_NO_NODE) {
            snapshot_remove_pod(&w->snapshot, pod);
        }
        arena_reset(&w->scratch);
        schedule_pod(&w->snapshot, class, NULL, (struct schedule_options){.all_nodes = all_nodes},
                     &w->scratch, &r);
        *pod = (struct placed_pod){
            .name = "new", .class = class, .node = schedule_choose(&r, i), .start = SIMTIME_NEVER};
        if (pod->node != SNAPSHOT_NO_NODE) {
            snapshot_add_pod(&w->snapshot, pod);
        }
        found += r.feasible;
    }
    const double seconds = wall_seconds() - begin;
    for (size_t i = 0; i < 10; i++) {
        if (placed[i].node != SNAPSHOT_NO_NODE) {
            snapshot_remove_pod(&w->snapshot, &placed[i]);
        }
    }
    printf("%-34s %7.1f us a pod, %5.0f feasible nodes\n", name, 1e6 * seconds / CYCLES,
           (double)found / CYCLES);
}

static struct pod_class plain(struct label *label)
{
    struct pod_class c = {.labels = label, .label_count = 1};
    pod_class_set_simple_requests(&c, 250, (int64_t)512 << 20);
    return c;
}

static void bench_all(struct world *w)
{
    static struct pod_class kinds[7];
    struct label *mine = &w->labels[3];
    const struct label_selector selector = label_selector_from_set(&w->run, mine, 1);
    const struct label pool = {"pool", "spot"};
    const struct spread_constraint hard = {
        .max_skew = 1, .topology_key = LABEL_ZONE, .selector = selector};
    const struct pod_affinity_term apart = {
        .topology_key = LABEL_HOSTNAME, .selector = selector, .weight = 100};
    for (size_t i = 0; i < 7; i++) {
        kinds[i] = plain(mine);
    }
    kinds[2].default_selector = selector;
    kinds[3].spread = &hard;
    kinds[3].spread_count = 1;
    kinds[4].preferred_anti_affinity = (struct pod_affinity_terms){&apart, 1};
    kinds[5].node_selector = &pool;
    kinds[5].node_selector_count = 1;
    pod_class_set_simple_requests(&kinds[6], 32000, 1);
    bench(w, "plain", &kinds[0], false);
    bench(w, "plain, all nodes", &kinds[1], true);
    bench(w, "a Service's (default spread)", &kinds[2], false);
    bench(w, "zone spread, DoNotSchedule", &kinds[3], false);
    bench(w, "preferred anti-affinity, hostname", &kinds[4], false);
    bench(w, "node selector, a quarter of nodes", &kinds[5], false);
    bench(w, "fits nowhere, with the message", &kinds[6], false);
}

int main(void)
{
    struct world w = {0};
    build(&w);
    printf("%d nodes, %d pods, %d workloads\n", NODES, PODS, WORKLOADS);
    bench_all(&w);
    arena_drop(&w.scratch);
    arena_drop(&w.run);
    return 0;
}
