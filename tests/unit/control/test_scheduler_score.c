/* SPDX-License-Identifier: Apache-2.0 */
/* Scores worked out by hand, beside those of the recorded cases. */
#include "control/scheduler/schedule.h"

#include <criterion/criterion.h>

#define GIB ((int64_t)1 << 30)
#define MIB ((int64_t)1 << 20)

struct world {
    struct arena arena;
    struct scheduler_snapshot snapshot;
    struct schedule_result result;
};

static void add_node(struct world *w, const char *name, const char *zone)
{
    struct label *labels = arena_array(&w->arena, struct label, 2);
    labels[0] = (struct label){LABEL_HOSTNAME, name};
    labels[1] = (struct label){LABEL_ZONE, zone};
    const struct node_spec n = {.name = name,
                                .labels = labels,
                                .label_count = zone != NULL ? 2 : 1,
                                .allocatable = {.milli_cpu = 4000, .memory = 16 * GIB},
                                .allowed_pods = DEFAULT_ALLOWED_PODS};
    snapshot_add_node(&w->snapshot, &n);
}

static void schedule(struct world *w, struct pod_class *pod)
{
    snapshot_add_class(&w->snapshot, pod);
    schedule_pod(&w->snapshot, pod, NULL, (struct schedule_options){.all_nodes = true}, &w->arena,
                 &w->result);
}

static int32_t score(const struct world *w, uint32_t node, enum scheduler_plugin p)
{
    for (size_t i = 0; i < w->result.feasible; i++) {
        if (w->result.scores[i].node == node) {
            return w->result.scores[i].plugins[p];
        }
    }
    return -1;
}

/* A: 1000m and 2 GiB used; (4000-1500)*100/4000 = 62, (16-3)*100/16 = 81: 71. B is empty. */
Test(scheduler_score, the_example_of_the_specification)
{
    struct world w = {0};
    struct pod_class used = {0};
    struct pod_class pod = {0};
    snapshot_init(&w.snapshot, &w.arena);
    add_node(&w, "a", NULL);
    add_node(&w, "b", NULL);
    pod_class_set_simple_requests(&used, 1000, 2 * GIB);
    pod_class_set_simple_requests(&pod, 500, GIB);
    snapshot_add_class(&w.snapshot, &used);
    struct placed_pod there = {.name = "p", .class = &used, .node = 0};
    snapshot_add_pod(&w.snapshot, &there);
    schedule(&w, &pod);
    cr_expect_eq(score(&w, 0, PLUGIN_NODE_RESOURCES_FIT), 71);
    cr_expect_eq(score(&w, 1, PLUGIN_NODE_RESOURCES_FIT), 90);
    cr_expect_eq(score(&w, 0, PLUGIN_BALANCED_ALLOCATION), 73);
    cr_expect_eq(score(&w, 1, PLUGIN_BALANCED_ALLOCATION), 73);
    cr_expect_eq(score(&w, 0, PLUGIN_TAINT_TOLERATION), 300);
    cr_expect_eq(schedule_choose(&w.result, 7), 1);
    arena_drop(&w.arena);
}

/* A pod without requests counts as 100m and 200 MiB, and is not balanced at all. */
Test(scheduler_score, nothing_asked)
{
    struct world w = {0};
    struct pod_class pod = {0};
    snapshot_init(&w.snapshot, &w.arena);
    add_node(&w, "a", NULL);
    add_node(&w, "b", NULL);
    pod_class_set_simple_requests(&pod, -1, -1);
    schedule(&w, &pod);
    /* 3900*100/4000 = 97, (16384-200)*100/16384 = 98 */
    cr_expect_eq(score(&w, 0, PLUGIN_NODE_RESOURCES_FIT), 97);
    cr_expect((w.result.plugins >> PLUGIN_BALANCED_ALLOCATION & 1U) == 0);
    cr_expect_eq(w.result.ties, 2);
    cr_expect_eq(schedule_choose(&w.result, 0), 0);
    cr_expect_eq(schedule_choose(&w.result, 1), 1);
    arena_drop(&w.arena);
}

/*
 * Three nodes, two zones and one without; the default constraints. One pod on a: hosts count
 * 1, 0, 0 with weight ln 5, zones 1, 0 with weight ln 5 (za, zb and none):
 * a 1.609 + 2 + 1.609 + 4 = 9, b 2 + 4 = 6, c 2. min 2, max 9: a 100*2/9 = 22, b 55, c 100.
 */
Test(scheduler_score, default_spread_counts_nodes_without_a_zone)
{
    struct world w = {0};
    const struct label web = {"app", "web"};
    struct pod_class pod = {.labels = &web, .label_count = 1};
    snapshot_init(&w.snapshot, &w.arena);
    add_node(&w, "a", "za");
    add_node(&w, "b", "zb");
    add_node(&w, "c", NULL);
    const struct selecting_service service = {.selector = &web, .selector_count = 1};
    pod.default_selector = default_selector(&w.arena, &pod, &service, 1, NULL);
    struct pod_class twin = pod;
    snapshot_add_class(&w.snapshot, &twin);
    struct placed_pod there = {.name = "p", .class = &twin, .node = 0};
    snapshot_add_pod(&w.snapshot, &there);
    schedule(&w, &pod);
    cr_expect_eq(score(&w, 0, PLUGIN_POD_TOPOLOGY_SPREAD), 44);
    cr_expect_eq(score(&w, 1, PLUGIN_POD_TOPOLOGY_SPREAD), 110);
    cr_expect_eq(score(&w, 2, PLUGIN_POD_TOPOLOGY_SPREAD), 200);
    snapshot_pod_terminates(&w.snapshot, &there, false);
    struct pod_class again = pod;
    schedule(&w, &again); /* terminating pods do not count: 6, 6, 2 */
    cr_expect_eq(score(&w, 0, PLUGIN_POD_TOPOLOGY_SPREAD), 66);
    arena_drop(&w.arena);
}

/* 500 MiB on one of two nodes: spread 0.5, so (250-23)*100/(1000-23) = 23. */
Test(scheduler_score, images)
{
    struct world w = {0};
    static const char *const asked[] = {"registry:5000/web"};
    const struct node_image present = {"registry:5000/web:latest", 500 * MIB};
    struct pod_class pod = {.images = asked, .image_count = 1, .container_count = 1};
    snapshot_init(&w.snapshot, &w.arena);
    add_node(&w, "a", NULL);
    add_node(&w, "b", NULL);
    struct node_spec with_image = w.snapshot.nodes[0]->spec;
    with_image.images = &present;
    with_image.image_count = 1;
    snapshot_update_node(&w.snapshot, 0, &with_image);
    schedule(&w, &pod);
    cr_expect_eq(score(&w, 0, PLUGIN_IMAGE_LOCALITY), 23);
    cr_expect_eq(score(&w, 1, PLUGIN_IMAGE_LOCALITY), 0);
    arena_drop(&w.arena);
}
