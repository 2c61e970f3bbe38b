/* SPDX-License-Identifier: Apache-2.0 */
/* One sync of a ReplicaSet: how many pods, in which batches, which status, when again. */
#include "control/apps/replicaset.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND

struct batch_row {
    const char *name;
    int32_t wanted, admissible, limit;
    int32_t created, refused;
};

static const struct batch_row batches[] = {
    {"nothing wanted", 0, 9, 0, 0, 0},         {"one", 1, 9, 0, 1, 0},
    {"all of 500", 500, INT32_MAX, 0, 500, 0}, {"none admitted: one call", 5, 0, 0, 0, 1},
    {"quota used up already", 5, -3, 0, 0, 1}, {"second batch of two half refused", 4, 2, 0, 2, 1},
    {"third batch of four", 9, 4, 0, 4, 3},    {"last batch is what is left", 4, 3, 0, 3, 1},
    {"exactly admitted", 3, 3, 0, 3, 0},       {"batches that may not grow", 6, 4, 2, 4, 1},
};

Test(replicaset, slow_start)
{
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        const struct batch_row *row = &batches[i];
        struct slow_start got = slow_start(row->wanted, row->admissible, row->limit);
        cr_expect(got.created == row->created && got.refused == row->refused,
                  "%s: %d made, %d refused", row->name, got.created, got.refused);
    }
}

Test(replicaset, retry_delay)
{
    cr_expect(apps_retry_delay(0) == 5 * SIMTIME_MILLISECOND);
    cr_expect(apps_retry_delay(1) == 10 * SIMTIME_MILLISECOND);
    cr_expect(apps_retry_delay(13) == 40960 * SIMTIME_MILLISECOND);
    cr_expect(apps_retry_delay(17) == 655360 * SIMTIME_MILLISECOND);
    cr_expect(apps_retry_delay(18) == 1000 * S);
    cr_expect(apps_retry_delay(UINT32_MAX) == 1000 * S);
}

static const struct apps_pod ready_at_10 = {POD_RUNNING, false, true, 10 * S};

struct available_row {
    const char *name;
    struct apps_pod pod;
    int32_t min_ready;
    simtime now;
    bool available;
    simtime again_after;
};

static const struct available_row available[] = {
    {"no wait", {POD_RUNNING, false, true, 10 * S}, 0, 10 * S, true, SIMTIME_NEVER},
    {"not ready", {POD_RUNNING, false, false, 10 * S}, 0, 99 * S, false, SIMTIME_NEVER},
    {"just before", {POD_RUNNING, false, true, 10 * S}, 5, 15 * S - 1, false, 1},
    {"to the instant", {POD_RUNNING, false, true, 10 * S}, 5, 15 * S, true, SIMTIME_NEVER},
    {"no time", {POD_RUNNING, false, true, SIMTIME_NEVER}, 5, 99 * S, false, SIMTIME_NEVER},
    {"no time, no wait", {POD_RUNNING, false, true, SIMTIME_NEVER}, 0, 0, true, SIMTIME_NEVER},
    {"terminating counts too", {POD_RUNNING, true, true, 10 * S}, 5, 15 * S, true, SIMTIME_NEVER},
};

Test(replicaset, availability)
{
    for (size_t i = 0; i < sizeof available / sizeof available[0]; i++) {
        const struct available_row *row = &available[i];
        cr_expect(apps_pod_available(&row->pod, row->min_ready, row->now) == row->available, "%s",
                  row->name);
        cr_expect(apps_next_available(&row->pod, row->min_ready, row->now) == row->again_after,
                  "%s: next", row->name);
    }
}

Test(replicaset, counts_what_it_began_with)
{
    const struct apps_pod pods[] = {ready_at_10,
                                    {POD_PENDING, false, false, 0},
                                    {POD_FAILED, false, false, 0},
                                    {POD_RUNNING, true, true, 10 * S}};
    const struct replicaset_spec spec = {.replicas = 5, .min_ready_seconds = 8, .generation = 3};
    const struct replicaset_status none = {0};
    const struct apps_admission open = {.left = INT32_MAX};
    struct replicaset_decision d = replicaset_decide(&spec, &none, pods, 4, &open, 12 * S);
    cr_expect(d.create == 3 && d.remove == 0 && d.refused == 0);
    cr_expect(d.status.replicas == 2 && d.status.ready == 1 && d.status.available == 0);
    cr_expect(d.status.terminating == 1);
    cr_expect(d.status_changed && d.status.observed_generation == 3);
    cr_expect(d.again_after == 6 * S, "when the ready one gets available");
}

Test(replicaset, refusal_stays_the_first)
{
    const struct replicaset_spec spec = {.replicas = 4, .generation = 1};
    const struct replicaset_status none = {0};
    const struct apps_admission one = {.left = 1, .refusal = "first"};
    const struct apps_admission shut = {.left = 0, .refusal = "second"};
    const struct apps_admission open = {.left = INT32_MAX};
    struct replicaset_decision d = replicaset_decide(&spec, &none, NULL, 0, &one, 1 * S);
    cr_expect(d.create == 1 && d.refused == 2 && d.error);
    cr_expect(d.status.failure == REPLICA_FAILURE_CREATE && d.again_after == SIMTIME_NEVER);
    cr_expect_str_eq(replica_failure_reason(d.status.failure), "FailedCreate");
    d = replicaset_decide(&spec, &d.status, NULL, 0, &shut, 2 * S);
    cr_expect_str_eq(d.status.failure_message, "first");
    cr_expect(d.status.failed_since == 1 * S && !d.status_changed);
    d = replicaset_decide(&spec, &d.status, NULL, 0, &open, 3 * S);
    cr_expect(d.create == 4 && d.status.failure == REPLICA_FAILURE_NONE && d.status_changed);
}

Test(replicaset, burst)
{
    const struct replicaset_spec many = {.replicas = 2000, .generation = 1};
    const struct replicaset_status none = {0};
    const struct apps_admission open = {.left = INT32_MAX};
    static struct apps_pod pods[700];
    cr_expect(replicaset_decide(&many, &none, NULL, 0, &open, 0).create == REPLICASET_BURST);
    const struct replicaset_spec zero = {.generation = 1};
    cr_expect(replicaset_decide(&zero, &none, pods, 700, &open, 0).remove == REPLICASET_BURST);
    cr_expect(replicaset_decide(&zero, &none, pods, 7, &open, 0).remove == 7);
}
