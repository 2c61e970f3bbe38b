/* SPDX-License-Identifier: Apache-2.0 */
/* One sync of a Deployment: roundings, which ReplicaSet is scaled to what, and its conditions. */
#include "base/str.h"
#include "control/apps/deployment.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND

static struct int_or_percent percent(int32_t value)
{
    return (struct int_or_percent){.percent = true, .value = value};
}

static struct int_or_percent number(int32_t value)
{
    return (struct int_or_percent){.value = value};
}

static struct deployment_spec rolling(int32_t replicas, struct int_or_percent surge,
                                      struct int_or_percent unavailable)
{
    return (struct deployment_spec){.name = "d",
                                    .template_id = 2,
                                    .generation = 1,
                                    .replicas = replicas,
                                    .max_surge = surge,
                                    .max_unavailable = unavailable,
                                    .progress_deadline_seconds = 600,
                                    .revision_history_limit = 10};
}

struct fence_row {
    int32_t replicas;
    struct int_or_percent surge, unavailable;
    int32_t max_surge, max_unavailable;
};

Test(deployment, fenceposts)
{
    const struct fence_row rows[] = {
        {1, {true, 25}, {true, 25}, 1, 0},  {3, {true, 25}, {true, 25}, 1, 0},
        {10, {true, 25}, {true, 25}, 3, 2}, {15, {true, 25}, {true, 25}, 4, 3},
        {10, {true, 1}, {false, 0}, 1, 0},  {10, {false, 0}, {true, 1}, 0, 1},
        {0, {true, 25}, {true, 25}, 0, 0},  {4, {false, 0}, {false, 0}, 0, 1},
        {2, {false, 9}, {false, 9}, 9, 2},  {3, {true, 100}, {true, 100}, 3, 3},
        {7, {true, 34}, {true, 34}, 3, 2},  {1, {false, 0}, {true, 99}, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct deployment_spec spec = rolling(rows[i].replicas, rows[i].surge, rows[i].unavailable);
        cr_expect(deployment_max_surge(&spec) == rows[i].max_surge &&
                      deployment_max_unavailable(&spec) == rows[i].max_unavailable,
                  "row %zu: %d, %d", i, deployment_max_surge(&spec),
                  deployment_max_unavailable(&spec));
        spec.recreate = true;
        cr_expect(deployment_max_surge(&spec) == 0 && deployment_max_unavailable(&spec) == 0);
    }
}

/* want/available of v1 and v2 (-1: there is none) and what they are scaled to. */
struct set_row {
    int32_t want, available;
};

struct step_row {
    const char *name;
    int32_t replicas;
    struct int_or_percent surge, unavailable;
    struct set_row v1, v2;
    int32_t desired, max; /* annotations of both; 0: replicas and their maximum */
    int32_t v1_after, v2_after;
};

static const struct step_row steps[] = {
    {"the new one is made, and the old one's spare pods go",
     10,
     {true, 25},
     {true, 25},
     {10, 10},
     {-1, 0},
     0,
     0,
     8,
     3},
    {"old ones go down to the minimum", 10, {true, 25}, {true, 25}, {10, 10}, {3, 0}, 0, 0, 8, 3},
    {"the new one fills the room", 10, {true, 25}, {true, 25}, {8, 8}, {3, 0}, 0, 0, 8, 5},
    {"nothing to do while it is not available",
     10,
     {true, 25},
     {true, 25},
     {8, 8},
     {5, 0},
     0,
     0,
     8,
     5},
    {"its available pods free old ones", 10, {true, 25}, {true, 25}, {8, 8}, {5, 5}, 0, 0, 3, 5},
    {"unhealthy old pods go first", 10, {true, 25}, {true, 25}, {8, 6}, {5, 2}, 0, 0, 6, 5},
    {"the new one never exceeds the Deployment",
     4,
     {false, 9},
     {false, 0},
     {0, 0},
     {6, 6},
     4,
     13,
     0,
     4},
    {"no surge: the old one makes room", 3, {false, 0}, {false, 1}, {3, 3}, {0, 0}, 0, 0, 2, 0},
    {"scale up in proportion", 15, {false, 3}, {false, 2}, {8, 8}, {5, 0}, 10, 13, 11, 7},
    {"scale down in proportion", 5, {false, 1}, {false, 0}, {8, 8}, {5, 0}, 10, 13, 4, 2},
    {"scaled to zero", 0, {false, 1}, {false, 0}, {8, 8}, {5, 0}, 10, 13, 0, 0},
    {"a rest goes to the largest", 10, {false, 1}, {false, 0}, {3, 3}, {4, 4}, 6, 7, 5, 6},
    {"equal ones: the newer takes the rest of a growth",
     6,
     {false, 0},
     {false, 1},
     {2, 2},
     {2, 2},
     5,
     5,
     2,
     4},
    {"one active: all of it", 7, {true, 25}, {true, 25}, {4, 4}, {0, 0}, 4, 5, 7, 0},
};

static struct deployment_replicaset replicaset(const char *name, uint64_t template_id,
                                               const struct set_row *row, simtime created)
{
    return (struct deployment_replicaset){.name = name,
                                          .template_id = template_id,
                                          .created = created,
                                          .generation = 1,
                                          .replicas = row->want,
                                          .revision = (int64_t)template_id,
                                          .status = {.replicas = row->want,
                                                     .ready = row->available,
                                                     .available = row->available,
                                                     .observed_generation = 1}};
}

Test(deployment, steps)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct step_row *row = &steps[i];
        struct deployment_spec spec = rolling(row->replicas, row->surge, row->unavailable);
        const struct deployment_status status = {0};
        struct deployment_replicaset sets[] = {replicaset("d-1", 1, &row->v1, 1 * S),
                                               replicaset("d-2", 2, &row->v2, 2 * S)};
        int32_t after[] = {row->v1.want, row->v2.want};
        for (size_t k = 0; k < 2; k++) {
            sets[k].desired_replicas = row->max ? row->desired : spec.replicas;
            sets[k].max_replicas =
                row->max ? row->max : spec.replicas + deployment_max_surge(&spec);
        }
        struct deployment_decision d = deployment_decide(
            &a, &spec, &status, sets, row->v2.want < 0 ? 1 : 2, "d-2", 100 * S, 100 * S);
        for (size_t k = 0; k < d.action_count; k++)
            after[d.actions[k].index] = d.actions[k].after.replicas;
        cr_expect(after[0] == row->v1_after && after[1] == row->v2_after, "%s: %d and %d",
                  row->name, after[0], after[1]);
    }
    arena_drop(&a);
}

Test(deployment, recreate_waits_for_every_old_pod)
{
    struct arena a = {0};
    struct deployment_spec spec = rolling(4, percent(25), percent(25));
    const struct deployment_status status = {0};
    const struct set_row four = {4, 4}, none = {0, 0};
    struct deployment_replicaset old = replicaset("d-1", 1, &four, 1 * S);
    old.desired_replicas = old.max_replicas = 4;
    spec.recreate = true;
    struct deployment_decision d =
        deployment_decide(&a, &spec, &status, &old, 1, "d-2", 5 * S, 5 * S);
    cr_expect(d.action_count == 1 && d.actions[0].after.replicas == 0);
    old = replicaset("d-1", 1, &none, 1 * S);
    old.has_pods = true;
    d = deployment_decide(&a, &spec, &status, &old, 1, "d-2", 6 * S, 6 * S);
    cr_expect(d.action_count == 0, "a terminating pod holds it up");
    old.has_pods = false;
    d = deployment_decide(&a, &spec, &status, &old, 1, "d-2", 7 * S, 7 * S);
    cr_assert(d.action_count == 1 && d.actions[0].kind == DEPLOYMENT_CREATE);
    cr_expect(d.actions[0].after.replicas == 4 && d.actions[0].after.revision == 2);
    cr_expect(d.status.progressing.reason == DEPLOYMENT_NEW_REPLICASET_CREATED);
    cr_expect_str_eq(deployment_message(&a, "d", &d.status.progressing),
                     "Created new replica set \"d-2\"");
    arena_drop(&a);
}

Test(deployment, deadline)
{
    struct arena a = {0};
    struct deployment_spec spec = rolling(4, number(1), number(1));
    const struct set_row three = {3, 3}, two = {2, 0};
    struct deployment_replicaset sets[] = {replicaset("d-1", 1, &three, 1 * S),
                                           replicaset("d-2", 2, &two, 2 * S)};
    spec.progress_deadline_seconds = 10;
    for (size_t i = 0; i < 2; i++) {
        sets[i].desired_replicas = 4;
        sets[i].max_replicas = 5;
    }
    struct deployment_status status = {.progressing = {.status = CONDITION_TRUE,
                                                       .reason = DEPLOYMENT_REPLICASET_UPDATED,
                                                       .about = "d-2",
                                                       .last_update = 20 * S,
                                                       .last_transition = 5 * S}};
    struct deployment_decision d =
        deployment_decide(&a, &spec, &status, sets, 2, NULL, 22 * S, 22 * S);
    cr_expect(d.status.progressing.last_update == 22 * S, "ready pods are progress");
    cr_expect(d.status.progressing.last_transition == 5 * S);
    status = d.status;
    d = deployment_decide(&a, &spec, &status, sets, 2, NULL, 25 * S, 25 * S);
    cr_expect(!d.status_changed && d.again_after == 8 * S, "at the deadline and a second");
    d = deployment_decide(&a, &spec, &status, sets, 2, NULL, 31 * S + 1, 31 * S);
    cr_expect(d.again_after == 0, "less than a second left");
    d = deployment_decide(&a, &spec, &status, sets, 2, NULL, 32 * S, 32 * S);
    cr_expect(d.status.progressing.status == CONDITION_TRUE, "not yet at the very instant");
    d = deployment_decide(&a, &spec, &status, sets, 2, NULL, 32 * S + 1, 32 * S);
    cr_expect(d.status.progressing.status == CONDITION_FALSE);
    cr_expect_str_eq(deployment_reason_name(d.status.progressing.reason),
                     "ProgressDeadlineExceeded");
    cr_expect_str_eq(deployment_message(&a, "d", &d.status.progressing),
                     "ReplicaSet \"d-2\" has timed out progressing.");
    spec.progress_deadline_seconds = INT32_MAX;
    d = deployment_decide(&a, &spec, &status, sets, 2, NULL, 99 * S, 99 * S);
    cr_expect(d.status.progressing.status == CONDITION_ABSENT && d.again_after == SIMTIME_NEVER);
    arena_drop(&a);
}

Test(deployment, pause_and_rollback)
{
    struct arena a = {0};
    struct deployment_spec spec = rolling(4, number(1), number(0));
    const struct set_row four = {4, 4}, none = {0, 0};
    const struct deployment_status status = {0};
    struct deployment_replicaset sets[] = {replicaset("d-1", 1, &four, 1 * S),
                                           replicaset("d-2", 2, &none, 2 * S)};
    sets[0].desired_replicas = sets[1].desired_replicas = 4;
    sets[0].max_replicas = sets[1].max_replicas = 5;
    sets[0].revision = 3; /* it was taken up again */
    spec.paused = true;
    struct deployment_decision d =
        deployment_decide(&a, &spec, &status, sets, 2, NULL, 5 * S, 5 * S);
    cr_expect(d.status.progressing.reason == DEPLOYMENT_PAUSED &&
              d.status.progressing.status == CONDITION_UNKNOWN);
    cr_expect(d.action_count == 1 && d.actions[0].after.revision == 4 &&
                  d.actions[0].after.replicas == 0,
              "the new template's revision is the highest, nothing is rolled out");
    spec.paused = false;
    d = deployment_decide(&a, &spec, &d.status, sets, 2, NULL, 6 * S, 6 * S);
    cr_expect(d.status.progressing.reason == DEPLOYMENT_RESUMED);
    cr_expect(d.action_count == 2 && d.actions[1].after.replicas == 1 &&
              d.actions[1].after.revision == 4);
    arena_drop(&a);
}

Test(deployment, history)
{
    struct arena a = {0};
    struct deployment_spec spec = rolling(2, number(1), number(0));
    const struct set_row two = {2, 2}, none = {0, 0};
    const struct deployment_status complete = {
        .observed_generation = 1, .replicas = 2, .updated = 2, .ready = 2, .available = 2};
    struct deployment_replicaset sets[] = {
        replicaset("d-5", 5, &none, 5 * S), replicaset("d-3", 3, &none, 3 * S),
        replicaset("d-2", 2, &two, 9 * S), replicaset("d-4", 4, &none, 1 * S)};
    for (size_t i = 0; i < 4; i++) {
        sets[i].desired_replicas = 2;
        sets[i].max_replicas = 3;
    }
    sets[2].revision = 9;
    spec.revision_history_limit = 1;
    struct deployment_decision d =
        deployment_decide(&a, &spec, &complete, sets, 4, NULL, 20 * S, 20 * S);
    cr_assert(d.action_count == 2);
    cr_expect(d.actions[0].kind == DEPLOYMENT_DELETE && d.actions[0].index == 1, "revision 3");
    cr_expect(d.actions[1].kind == DEPLOYMENT_DELETE && d.actions[1].index == 3, "revision 4");
    sets[1].status.replicas = 1;
    d = deployment_decide(&a, &spec, &complete, sets, 4, NULL, 20 * S, 20 * S);
    cr_expect(d.action_count == 1 && d.actions[0].index == 3, "one with pods stays");
    spec.revision_history_limit = INT32_MAX;
    cr_expect(deployment_decide(&a, &spec, &complete, sets, 4, NULL, 20 * S, 20 * S).action_count ==
              0);
    arena_drop(&a);
}
