/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets: the arithmetic of their status; evictions: what the API answers; drain's filters. */
#include "control/disruption/eviction.h"
#include "control/disruption/pdb.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND

struct row {
    const char *name;
    int32_t pods, ready, scale; /* of one owner */
    enum pdb_limit limit;
    struct int_or_percent value;
    int32_t expected, desired, allowed;
};

static const struct row rows[] = {
    {"25 % unavailable rounds up", 10, 10, 10, PDB_MAX_UNAVAILABLE, {true, 25}, 10, 7, 3},
    {"75 % available rounds up", 10, 10, 10, PDB_MIN_AVAILABLE, {true, 75}, 10, 8, 2},
    {"30 % of 3", 3, 3, 3, PDB_MAX_UNAVAILABLE, {true, 30}, 3, 2, 1},
    {"half of one blocks", 1, 1, 1, PDB_MIN_AVAILABLE, {true, 50}, 1, 1, 0},
    {"1 % of one allows", 1, 1, 1, PDB_MAX_UNAVAILABLE, {true, 1}, 1, 0, 1},
    {"a rollout's surge counts as healthy", 5, 5, 4, PDB_MAX_UNAVAILABLE, {false, 1}, 4, 3, 2},
    {"a number expects the pods that are there", 5, 5, 4, PDB_MIN_AVAILABLE, {false, 3}, 5, 3, 2},
    {"more than there are", 2, 2, 2, PDB_MIN_AVAILABLE, {false, 9}, 2, 9, 0},
    {"more unavailable than there are", 2, 1, 2, PDB_MAX_UNAVAILABLE, {false, 9}, 2, 0, 1},
    {"no pods", 0, 0, 5, PDB_MIN_AVAILABLE, {true, 50}, 0, 0, 0},
    {"scaled to zero", 3, 3, 0, PDB_MAX_UNAVAILABLE, {true, 50}, 0, 0, 0},
    {"neither limit", 3, 3, 3, PDB_NO_LIMIT, {false, 0}, 0, 0, 0},
};

static void fill(struct pdb_pod *pods, const struct row *row)
{
    for (int32_t i = 0; i < row->pods; i++)
        pods[i] = (struct pdb_pod){.id = (uint64_t)i,
                                   .name = "p",
                                   .ready = i < row->ready,
                                   .owner = PDB_OWNED,
                                   .owner_id = 7,
                                   .owner_scale = row->scale};
}

Test(disruption, arithmetic)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct pdb_pod pods[16];
        fill(pods, row);
        const struct pdb_spec spec = {
            .name = "b", .generation = 1, .limit = row->limit, .value = row->value};
        const struct pdb_status none = {0};
        struct pdb_decision d = pdb_decide(&a, &spec, &none, pods, (size_t)row->pods, 0);
        cr_expect(d.status.expected == row->expected && d.status.desired == row->desired &&
                      d.status.allowed == row->allowed,
                  "%s: %d, %d, %d", row->name, d.status.expected, d.status.desired,
                  d.status.allowed);
        cr_expect(d.changed &&
                      !pdb_decide(&a, &spec, &d.status, pods, (size_t)row->pods, 1).changed,
                  "%s: settled", row->name);
    }
    arena_drop(&a);
}

Test(disruption, owners_and_states)
{
    struct arena a = {0};
    struct pdb_pod pods[] = {
        {.id = 0, .ready = true, .owner = PDB_OWNED, .owner_id = 1, .owner_scale = 2},
        {.id = 1, .ready = true, .owner = PDB_OWNED, .owner_id = 1, .owner_scale = 2},
        {.id = 2, .ready = true, .owner = PDB_OWNED, .owner_id = 2, .owner_scale = 3},
        {.id = 3, .ready = true, .owner = PDB_UNMANAGED},
        {.id = 4, .ready = true, .terminating = true, .owner = PDB_UNMANAGED},
    };
    const struct pdb_spec spec = {
        .name = "b", .generation = 4, .limit = PDB_MAX_UNAVAILABLE, .value = {false, 1}};
    const struct pdb_status none = {0};
    struct pdb_decision d = pdb_decide(&a, &spec, &none, pods, 5, 0);
    cr_expect(d.status.expected == 5 && d.status.healthy == 4 && d.unmanaged == 2);
    cr_expect(d.status.allowed == 0 && d.status.observed_generation == 4);
    pods[3].owner = PDB_OWNER_MISSING;
    pods[3].name = "lone";
    d = pdb_decide(&a, &spec, &d.status, pods, 5, 0);
    cr_expect(d.status.condition == PDB_SYNC_FAILED && d.status.healthy == 4);
    cr_expect_str_eq(d.status.message, "found no controllers for pod \"lone\"");
    arena_drop(&a);
}

Test(disruption, entries_run_out)
{
    struct arena a = {0};
    struct pdb_pod pod = {
        .id = 3, .ready = true, .owner = PDB_OWNED, .owner_id = 1, .owner_scale = 1};
    struct pdb_disrupted entry = {.pod = 3, .since = 10 * S};
    const struct pdb_spec spec = {
        .name = "b", .generation = 1, .limit = PDB_MAX_UNAVAILABLE, .value = {false, 1}};
    const struct pdb_status status = {.disrupted = &entry, .disrupted_count = 1};
    struct pdb_decision d = pdb_decide(&a, &spec, &status, &pod, 1, 100 * S);
    cr_expect(d.status.healthy == 0 && d.status.disrupted_count == 1 && d.again_after == 30 * S);
    d = pdb_decide(&a, &spec, &status, &pod, 1, 130 * S);
    cr_expect(d.status.healthy == 1 && d.status.disrupted_count == 1, "the very instant");
    d = pdb_decide(&a, &spec, &status, &pod, 1, 130 * S + 1);
    cr_expect(d.status.healthy == 1 && d.status.disrupted_count == 0);
    pod.terminating = true;
    d = pdb_decide(&a, &spec, &status, &pod, 1, 100 * S);
    cr_expect(d.status.disrupted_count == 0 && d.again_after == SIMTIME_NEVER);
    arena_drop(&a);
}

Test(disruption, for_ever)
{
    const struct pdb_spec half = {.limit = PDB_MIN_AVAILABLE, .value = {true, 50}};
    const struct pdb_spec none = {.limit = PDB_MAX_UNAVAILABLE, .value = {false, 0}};
    const struct pdb_spec some = {.limit = PDB_MAX_UNAVAILABLE, .value = {true, 1}};
    cr_expect(pdb_blocks_for_ever(&half, 1) && !pdb_blocks_for_ever(&half, 2));
    cr_expect(pdb_blocks_for_ever(&none, 100) && !pdb_blocks_for_ever(&some, 1));
}

struct eviction_row {
    const char *name;
    struct eviction_pod pod;
    struct pdb_status status;
    enum pdb_unhealthy_policy policy;
    size_t budgets;
    int code;
    bool charged;
    const char *cause;
};

static const struct eviction_row evictions[] = {
    {"no budget", {1, POD_RUNNING, false, true}, {0}, 0, 0, 201, false, NULL},
    {"allowed", {1, POD_RUNNING, false, true}, {1, 5, 3, 5, 2, 0, 0, 0, 0}, 0, 1, 201, true, NULL},
    {"used up",
     {1, POD_RUNNING, false, true},
     {1, 5, 3, 3, 0, 0, 0, 0, 0},
     0,
     1,
     429,
     false,
     "The disruption budget b needs 3 healthy pods and has 3 currently"},
    {"charged a moment ago",
     {1, POD_RUNNING, false, true},
     {1, 5, 3, 4, 0, 0, 0, 0, 0},
     0,
     1,
     429,
     false,
     "The disruption budget b does not allow evicting pods currently"},
    {"not looked at yet",
     {1, POD_RUNNING, false, true},
     {0, 5, 3, 5, 2, 0, 0, 0, 0},
     0,
     1,
     429,
     false,
     "The disruption budget b is still being processed by the server."},
    {"its sync failed",
     {1, POD_RUNNING, false, true},
     {1, 5, 3, 5, 0, PDB_SYNC_FAILED, "why", 0, 0},
     0,
     1,
     429,
     false,
     "The disruption budget b does not allow evicting pods currently because it failed sync: why"},
    {"negative",
     {1, POD_RUNNING, false, true},
     {1, 5, 3, 5, -1, 0, 0, 0, 0},
     0,
     1,
     403,
     false,
     NULL},
    {"two budgets",
     {1, POD_RUNNING, false, true},
     {1, 5, 3, 5, 2, 0, 0, 0, 0},
     0,
     2,
     500,
     false,
     NULL},
    {"pending asks nobody",
     {1, POD_PENDING, false, false},
     {1, 5, 3, 0, 0, 0, 0, 0, 0},
     0,
     2,
     201,
     false,
     NULL},
    {"failed asks nobody",
     {1, POD_FAILED, false, false},
     {1, 5, 3, 0, 0, 0, 0, 0, 0},
     0,
     1,
     201,
     false,
     NULL},
    {"terminating asks nobody",
     {1, POD_RUNNING, true, true},
     {1, 5, 3, 0, 0, 0, 0, 0, 0},
     0,
     1,
     201,
     false,
     NULL},
    {"unready, budget met",
     {1, POD_RUNNING, false, false},
     {1, 5, 3, 3, 0, 0, 0, 0, 0},
     0,
     1,
     201,
     false,
     NULL},
    {"unready, budget not met",
     {1, POD_RUNNING, false, false},
     {1, 5, 3, 2, 0, 0, 0, 0, 0},
     0,
     1,
     429,
     false,
     "The disruption budget b needs 3 healthy pods and has 2 currently"},
    {"unready, nothing wanted: charged",
     {1, POD_RUNNING, false, false},
     {1, 5, 0, 2, 2, 0, 0, 0, 0},
     0,
     1,
     201,
     true,
     NULL},
    {"unready, always allowed",
     {1, POD_RUNNING, false, false},
     {1, 5, 3, 0, 0, 0, 0, 0, 0},
     PDB_ALWAYS_ALLOW,
     1,
     201,
     false,
     NULL},
};

Test(disruption, evictions)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof evictions / sizeof evictions[0]; i++) {
        const struct eviction_row *row = &evictions[i];
        const struct pdb_spec spec = {
            .name = "b", .generation = 1, .unhealthy_policy = row->policy};
        const struct eviction_budget budgets[] = {{&spec, &row->status}, {&spec, &row->status}};
        struct eviction_answer got = eviction_decide(&a, &row->pod, budgets, row->budgets, 9 * S);
        cr_expect((int)got.code == row->code && got.charged == row->charged, "%s: %d", row->name,
                  (int)got.code);
        cr_expect((got.message == NULL) == (row->code == 201), "%s: message", row->name);
        if (row->cause)
            cr_expect_str_eq(got.cause ? got.cause : "", row->cause, "%s", row->name);
        if (got.charged)
            cr_expect(got.status.allowed == row->status.allowed - 1 &&
                          got.status.disrupted_count == 1 && got.status.disrupted[0].since == 9 * S,
                      "%s: the budget's new status", row->name);
    }
    arena_drop(&a);
}

struct drain_row {
    const char *name;
    struct drain_options options;
    struct drain_pod pod;
    enum drain_verdict verdict;
};

static const struct drain_row drains[] = {
    {"a controlled pod", {0}, {.controlled = true}, DRAIN_EVICT},
    {"a lone pod", {0}, {0}, DRAIN_REFUSE},
    {"a lone pod by force", {.force = true}, {0}, DRAIN_EVICT},
    {"a mirror pod", {0}, {.mirror = true}, DRAIN_SKIP},
    {"a DaemonSet's", {0}, {.daemonset = true, .controlled = true}, DRAIN_REFUSE},
    {"ignored", {.ignore_daemonsets = true}, {.daemonset = true, .controlled = true}, DRAIN_SKIP},
    {"of a DaemonSet that is gone",
     {.ignore_daemonsets = true},
     {.daemonset = true, .daemonset_missing = true, .controlled = true},
     DRAIN_REFUSE},
    {"by force",
     {.force = true},
     {.daemonset = true, .daemonset_missing = true, .controlled = true},
     DRAIN_EVICT},
    {"local data", {0}, {.controlled = true, .empty_dir = true}, DRAIN_REFUSE},
    {"local data given up",
     {.delete_emptydir_data = true},
     {.controlled = true, .empty_dir = true},
     DRAIN_EVICT},
    {"whatever has ended",
     {0},
     {.daemonset = true, .empty_dir = true, .finished = true},
     DRAIN_EVICT},
};

Test(disruption, drain)
{
    for (size_t i = 0; i < sizeof drains / sizeof drains[0]; i++) {
        const char *why = NULL;
        cr_expect(drain_judge(&drains[i].options, &drains[i].pod, &why) == drains[i].verdict, "%s",
                  drains[i].name);
        cr_expect((why != NULL) == (drains[i].verdict == DRAIN_REFUSE), "%s: why", drains[i].name);
    }
}
