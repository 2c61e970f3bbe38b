/* SPDX-License-Identifier: Apache-2.0 */
/* Which pods must go, and on which node, for a pod of higher priority. */
#include "control/scheduler/preemption.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECONDS(s) ((s)*SIMTIME_SECOND)

struct resident {
    uint32_t node;
    int64_t milli_cpu;
    int32_t priority;
    int64_t start; /* seconds */
    bool guarded;  /* by a budget that allows nothing */
};

struct row {
    const char *name;
    struct resident residents[4]; /* on nodes 0 and 1 of 1000m each; milli_cpu 0 ends */
    int64_t milli_cpu;            /* of the pod, priority 100 */
    uint32_t node;                /* chosen */
    unsigned victims;             /* bits of residents */
    const char *message;
};

static const struct row rows[] = {
    {"the only victim", {{0, 600, 0, 1, false}, {1, 600, 100, 1, false}}, 500, 0, 1, NULL},
    {"lower highest priority", {{0, 600, 5, 1, false}, {1, 600, 1, 1, false}}, 500, 1, 2, NULL},
    {"fewer victims",
     {{0, 300, 0, 1, false}, {0, 300, 0, 1, false}, {1, 600, 0, 1, false}},
     800,
     1,
     4,
     NULL},
    {"the one that started later", {{0, 600, 0, 1, false}, {1, 600, 0, 2, false}}, 500, 1, 2, NULL},
    {"a budget is spared", {{0, 600, 0, 1, true}, {1, 600, 50, 1, false}}, 500, 1, 2, NULL},
    {"a budget does not forbid", {{0, 600, 0, 1, true}, {1, 600, 200, 1, false}}, 500, 0, 1, NULL},
    {"the more important stays",
     {{0, 400, 5, 1, false}, {0, 400, 9, 1, false}, {1, 900, 200, 1, false}},
     600,
     0,
     1,
     NULL},
    {"the older stays",
     {{0, 400, 5, 3, false}, {0, 400, 5, 2, false}, {1, 900, 200, 1, false}},
     600,
     0,
     1,
     NULL},
    {"nobody lower",
     {{0, 600, 100, 1, false}, {1, 600, 101, 1, false}},
     500,
     0,
     0,
     "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No "
     "preemption victims found for incoming pod."},
    {"too large for any node",
     {{0, 600, 0, 1, false}, {1, 600, 0, 1, false}},
     1001,
     0,
     0,
     "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 "
     "Preemption is not helpful for scheduling."},
};

struct world {
    struct arena arena;
    struct scheduler_snapshot snapshot;
    struct pod_class classes[5];
    struct placed_pod pods[4];
    size_t count;
};

static const struct label guarded = {"guarded", "yes"};

static void build(struct world *w, const struct row *row)
{
    snapshot_init(&w->snapshot, &w->arena);
    for (size_t i = 0; i < 2; i++) {
        const struct node_spec n = {
            .name = i == 0 ? "n0" : "n1", .allocatable = {.milli_cpu = 1000}, .allowed_pods = 10};
        snapshot_add_node(&w->snapshot, &n);
    }
    for (; w->count < 4 && row->residents[w->count].milli_cpu > 0; w->count++) {
        const struct resident *r = &row->residents[w->count];
        struct pod_class *c = &w->classes[w->count];
        *c = (struct pod_class){.request = {.milli_cpu = r->milli_cpu},
                                .priority = r->priority,
                                .labels = &guarded,
                                .label_count = r->guarded ? 1 : 0};
        snapshot_add_class(&w->snapshot, c);
        w->pods[w->count] = (struct placed_pod){
            .name = "p", .class = c, .node = r->node, .start = SECONDS(r->start)};
        snapshot_add_pod(&w->snapshot, &w->pods[w->count]);
    }
    w->classes[4] = (struct pod_class){.request = {.milli_cpu = row->milli_cpu}, .priority = 100};
    snapshot_add_class(&w->snapshot, &w->classes[4]);
}

static unsigned victim_bits(const struct world *w, const struct preemption_candidate *c)
{
    unsigned bits = 0;
    for (size_t i = 0; c != NULL && i < c->victim_count; i++) {
        bits |= 1U << (c->victims[i] - w->pods);
    }
    return bits;
}

static void preempt_row(struct world *w, struct schedule_result *r, struct preemption_decision *d)
{
    struct preemption_budget budget = {.selector = label_selector_from_set(&w->arena, &guarded, 1)};
    schedule_pod(&w->snapshot, &w->classes[4], NULL, (struct schedule_options){0}, &w->arena, r);
    cr_assert_eq(r->feasible, 0);
    preempt(r, &budget, 1, SECONDS(100), 0, &w->arena, d);
}

Test(scheduler_preemption, victims)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w = {0};
        struct schedule_result r;
        struct preemption_decision d;
        build(&w, &rows[i]);
        preempt_row(&w, &r, &d);
        const unsigned victims = victim_bits(&w, d.chosen);
        cr_expect(victims == rows[i].victims, "%s: victims %x", rows[i].name, victims);
        if (rows[i].message == NULL) {
            cr_expect(d.chosen != NULL && d.chosen->node == rows[i].node, "%s", rows[i].name);
        } else {
            cr_expect(d.message != NULL && strcmp(d.message, rows[i].message) == 0, "%s: %s",
                      rows[i].name, d.message);
        }
        cr_expect(w.snapshot.nodes[0]->pods.len + w.snapshot.nodes[1]->pods.len == w.count,
                  "%s: the nodes are as they were", rows[i].name);
        arena_drop(&w.arena);
    }
}

Test(scheduler_preemption, never)
{
    struct world w = {0};
    struct schedule_result r;
    struct preemption_decision d;
    build(&w, &rows[0]);
    w.classes[4].never_preempts = true;
    preempt_row(&w, &r, &d);
    cr_expect_str_eq(d.message, "0/2 nodes are available: 2 Insufficient cpu. preemption: not "
                                "eligible due to preemptionPolicy=Never.");
    arena_drop(&w.arena);
}

/* Room that is kept for a nominated pod is not given to one that is less important. */
Test(scheduler_preemption, nominated_pods_keep_their_room)
{
    struct world w = {0};
    struct schedule_result r;
    build(&w, &rows[0]);
    struct pod_class big = {.request = {.milli_cpu = 700}, .priority = 500};
    struct pod_class small = {.request = {.milli_cpu = 350}, .priority = 50};
    snapshot_add_class(&w.snapshot, &big);
    snapshot_add_class(&w.snapshot, &small);
    snapshot_remove_pod(&w.snapshot, &w.pods[0]);
    struct placed_pod waiting = {.name = "big", .class = &big, .node = 0};
    snapshot_nominate(&w.snapshot, &waiting);
    schedule_pod(&w.snapshot, &small, NULL, (struct schedule_options){0}, &w.arena, &r);
    cr_expect(r.feasible == 1 && r.scores[0].node == 1);
    schedule_pod(&w.snapshot, &big, &waiting, (struct schedule_options){0}, &w.arena, &r);
    cr_expect(r.feasible == 1 && r.scores[0].node == 0);
    snapshot_clear_nomination(&w.snapshot, &waiting);
    schedule_pod(&w.snapshot, &small, NULL, (struct schedule_options){0}, &w.arena, &r);
    cr_expect_eq(r.feasible, 2);
    arena_drop(&w.arena);
}
