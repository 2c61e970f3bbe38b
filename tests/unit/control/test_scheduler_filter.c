/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes refuse a pod, in the words of its event, and in what order nodes are looked at. */
#include "control/scheduler/schedule.h"

#include <criterion/criterion.h>
#include <string.h>

#define GIB ((int64_t)1 << 30)

static const struct label zone_a[] = {{LABEL_HOSTNAME, "n"}, {LABEL_ZONE, "za"}, {"gen", "2"}};
static const struct taint no_schedule[] = {{"a", "x", TAINT_NO_SCHEDULE}};
static const struct taint prefer_not[] = {{"a", "x", TAINT_PREFER_NO_SCHEDULE}};
static const struct toleration by_value[] = {{"a", "x", TAINT_ANY_EFFECT, TOLERATION_EQUAL}};
static const struct toleration other_value[] = {{"a", "y", TAINT_ANY_EFFECT, TOLERATION_EQUAL}};
static const struct toleration every_key[] = {{"", "", TAINT_ANY_EFFECT, TOLERATION_EXISTS}};
static const struct label in_za[] = {{LABEL_ZONE, "za"}};
static const struct label in_zb[] = {{LABEL_ZONE, "zb"}};
static const char *const one[] = {"1"};
static const struct label_requirement newer[] = {{"gen", LABEL_GREATER_THAN, one, 1}};
static const struct label_requirement older[] = {{"gen", LABEL_LESS_THAN, one, 1}};
static const struct node_selector_term is_newer[] = {{.expressions = newer, .expression_count = 1}};
static const struct node_selector_term is_older[] = {{.expressions = older, .expression_count = 1}};
static const struct node_selector_term empty_term[] = {{0}};
static const struct host_port http[] = {{"", "", 80}};
static struct scalar_resource one_gpu[] = {{"nvidia.com/gpu", 1}};
static struct scalar_resource two_gpus[] = {{"nvidia.com/gpu", 2}};

struct row {
    const char *name;
    struct node_spec node; /* name, labels, cpu and memory are filled in when missing */
    struct pod_class pod;
    const char *message; /* NULL: it fits */
};

#define CPU(m) .request = {.milli_cpu = (m)}

static const struct row rows[] = {
    {"nothing asked", {0}, {0}, NULL},
    {"exactly all of it", {0}, {CPU(4000)}, NULL},
    {"a millicore too much", {0}, {CPU(4001)}, "0/1 nodes are available: 1 Insufficient cpu."},
    {"two shortages, sorted",
     {0},
     {.request = {.milli_cpu = 4001, .memory = 9 * GIB, .ephemeral_storage = 1}},
     "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient ephemeral-storage, "
     "1 Insufficient memory."},
    {"no room for a pod", {.allowed_pods = -1}, {0}, "0/1 nodes are available: 1 Too many pods."},
    {"a GPU where there is none",
     {0},
     {.request = {.scalars = one_gpu, .scalar_count = 1}},
     "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."},
    {"a GPU where there is one",
     {.allocatable = {.scalars = one_gpu, .scalar_count = 1}},
     {.request = {.scalars = one_gpu, .scalar_count = 1}},
     NULL},
    {"two GPUs where there is one",
     {.allocatable = {.scalars = one_gpu, .scalar_count = 1}},
     {.request = {.scalars = two_gpus, .scalar_count = 1}},
     "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."},
    {"cordoned",
     {.unschedulable = true},
     {0},
     "0/1 nodes are available: 1 node(s) were unschedulable."},
    {"cordoned but tolerated",
     {.unschedulable = true},
     {.tolerations = every_key, .toleration_count = 1},
     NULL},
    {"tainted",
     {.taints = no_schedule, .taint_count = 1},
     {0},
     "0/1 nodes are available: 1 node(s) had untolerated taint(s)."},
    {"tainted, tolerated",
     {.taints = no_schedule, .taint_count = 1},
     {.tolerations = by_value, .toleration_count = 1},
     NULL},
    {"tainted, another value tolerated",
     {.taints = no_schedule, .taint_count = 1},
     {.tolerations = other_value, .toleration_count = 1},
     "0/1 nodes are available: 1 node(s) had untolerated taint(s)."},
    {"a taint that only prefers", {.taints = prefer_not, .taint_count = 1}, {0}, NULL},
    {"another node's name",
     {0},
     {.node_name = "m"},
     "0/1 nodes are available: 1 node(s) didn't match the requested node name."},
    {"node selector", {0}, {.node_selector = in_za, .node_selector_count = 1}, NULL},
    {"node selector, other zone",
     {0},
     {.node_selector = in_zb, .node_selector_count = 1},
     "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."},
    {"Gt",
     {0},
     {.has_required_node_affinity = true, .required_nodes = is_newer, .required_node_count = 1},
     NULL},
    {"Lt",
     {0},
     {.has_required_node_affinity = true, .required_nodes = is_older, .required_node_count = 1},
     "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."},
    {"an empty term matches nothing",
     {0},
     {.has_required_node_affinity = true, .required_nodes = empty_term, .required_node_count = 1},
     "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."},
};

static struct node_spec completed(struct node_spec n)
{
    n.name = n.name != NULL ? n.name : "n";
    n.labels = n.labels != NULL ? n.labels : zone_a;
    n.label_count = n.label_count > 0 ? n.label_count : 3;
    n.allocatable.milli_cpu = 4000;
    n.allocatable.memory = 8 * GIB;
    n.allowed_pods = n.allowed_pods == 0 ? 2 : n.allowed_pods < 0 ? 0 : n.allowed_pods;
    return n;
}

Test(scheduler_filter, reasons)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a = {0};
        struct scheduler_snapshot s;
        struct pod_class pod = rows[i].pod;
        const struct node_spec node = completed(rows[i].node);
        struct schedule_result r;
        snapshot_init(&s, &a);
        snapshot_add_node(&s, &node);
        snapshot_add_class(&s, &pod);
        schedule_pod(&s, &pod, NULL, (struct schedule_options){0}, &a, &r);
        const bool same = rows[i].message == NULL
                              ? r.message == NULL && r.feasible == 1
                              : r.message != NULL && strcmp(r.message, rows[i].message) == 0;
        cr_expect(same, "%s: %s", rows[i].name, r.message != NULL ? r.message : "it fits");
        arena_drop(&a);
    }
}

Test(scheduler_filter, ports_and_room_are_given_back)
{
    struct arena a = {0};
    struct scheduler_snapshot s;
    struct pod_class pod = {.ports = http, .port_count = 1, CPU(3000)};
    const struct node_spec node = completed((struct node_spec){.allowed_pods = 5});
    struct schedule_result r;
    snapshot_init(&s, &a);
    struct placed_pod first = {.name = "p", .class = &pod, .node = snapshot_add_node(&s, &node)};
    snapshot_add_class(&s, &pod);
    snapshot_add_pod(&s, &first);
    schedule_pod(&s, &pod, NULL, (struct schedule_options){0}, &a, &r);
    cr_expect_str_eq(r.message, "0/1 nodes are available: 1 node(s) didn't have free ports for "
                                "the requested pod ports.");
    snapshot_remove_pod(&s, &first);
    schedule_pod(&s, &pod, NULL, (struct schedule_options){0}, &a, &r);
    cr_expect(r.feasible == 1 && s.nodes[0]->milli_cpu == 0);
    arena_drop(&a);
}

Test(scheduler_filter, no_nodes)
{
    struct arena a = {0};
    struct scheduler_snapshot s;
    struct pod_class pod = {0};
    struct schedule_result r;
    snapshot_init(&s, &a);
    snapshot_add_class(&s, &pod);
    schedule_pod(&s, &pod, NULL, (struct schedule_options){0}, &a, &r);
    cr_expect_str_eq(r.message, "no nodes available to schedule pods");
    cr_expect(schedule_choose(&r, 0) == SNAPSHOT_NO_NODE);
    arena_drop(&a);
}

Test(scheduler_filter, zones_take_turns)
{
    static const struct label in_zc[] = {{LABEL_ZONE, "zc"}};
    static const struct label *const zones[] = {in_za, in_za, in_zb, in_za, in_zc};
    static const uint32_t whole[] = {0, 2, 4, 1, 3};
    static const uint32_t without_0[] = {1, 2, 4, 3};
    struct arena a = {0};
    struct scheduler_snapshot s;
    snapshot_init(&s, &a);
    for (size_t i = 0; i < 5; i++) {
        const struct node_spec n = {
            .name = arena_printf(&a, "n%zu", i), .labels = zones[i], .label_count = 1};
        snapshot_add_node(&s, &n);
    }
    cr_expect(memcmp(snapshot_order(&s), whole, sizeof whole) == 0);
    snapshot_remove_node(&s, 0);
    cr_expect(memcmp(snapshot_order(&s), without_0, sizeof without_0) == 0);
    cr_expect(snapshot_find_node(&s, "n0") == SNAPSHOT_NO_NODE);
    arena_drop(&a);
}

Test(scheduler_filter, nodes_to_find)
{
    static const uint32_t known[][2] = {{0, 0},      {1, 1},      {99, 99},    {100, 100},
                                        {200, 100},  {300, 144},  {1000, 420}, {5000, 500},
                                        {6000, 300}, {10000, 500}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const uint32_t found = schedule_nodes_to_find(known[i][0]);
        cr_expect(found == known[i][1], "%u nodes: %u, not %u", known[i][0], found, known[i][1]);
    }
}
