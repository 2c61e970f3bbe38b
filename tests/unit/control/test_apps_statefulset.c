/* SPDX-License-Identifier: Apache-2.0 */
/* One sync of a StatefulSet, each row a set of pods and what is made and deleted. */
#include "base/str.h"
#include "control/apps/statefulset.h"

#include <criterion/criterion.h>
#include <string.h>

#define S SIMTIME_SECOND

struct row {
    const char *name;
    int32_t replicas;
    bool parallel, on_delete;
    int32_t partition;
    uint64_t revision;
    const char *pods; /* by ordinal from 0: state, revision; '-' none. R ready P pending T F */
    const char *does; /* "+ordinal:revision" and "-ordinal", in order */
    int32_t current, updated; /* status */
};

static const struct row rows[] = {
    {"empty: the first only", 3, false, false, 0, 1, "", "+0:1", 0, 0},
    {"zero replicas", 0, false, false, 0, 1, "", "", 0, 0},
    {"waits for readiness", 3, false, false, 0, 1, "P1", "", 1, 1},
    {"then the next", 3, false, false, 0, 1, "R1", "+1:1", 1, 1},
    {"all at once, in batches, the last of each first", 6, true, false, 0, 1, "",
     "+0:1 +2:1 +1:1 +5:1 +3:1 +4:1", 0, 0},
    {"a terminating one holds up what is above", 3, false, false, 0, 1, "T1-", "", 0, 0},
    {"a failed one is deleted", 2, false, false, 0, 1, "F1R1", "-0", 2, 2},
    {"surplus from the top, one", 1, false, false, 0, 1, "R1R1R1", "-2", 3, 3},
    {"surplus, all at once", 1, true, false, 0, 1, "R1R1R1", "-2 -1", 3, 3},
    {"surplus waits for the one terminating", 1, false, false, 0, 1, "R1R1T1", "", 2, 2},
    {"an unready surplus pod goes if it is the first", 1, false, false, 0, 1, "R1P1", "-1", 2, 2},
    {"not if a lower one is the first", 1, false, false, 0, 1, "R1P1P1", "", 3, 3},
    {"update from the top", 3, false, false, 0, 2, "R1R1R1", "-2", 2, 0},
    {"update waits for the new one", 3, true, false, 0, 2, "R1R1P2", "", 2, 1},
    {"then the one below", 3, false, false, 0, 2, "R1R1R2", "-1", 1, 1},
    {"down to the partition", 3, false, false, 2, 2, "R1R1R2", "", 2, 1},
    {"below the partition the old revision is made", 3, false, false, 2, 2, "-R1R2", "+0:1", 1, 1},
    {"above it the new one", 3, false, false, 1, 2, "R1-R2", "+1:2", 1, 1},
    {"partition beyond the set", 3, false, false, 9, 2, "R1R1R1", "", 3, 0},
    {"only on deletion", 3, false, true, 0, 2, "R1R1R1", "", 3, 0},
    {"on deletion the new revision is made", 3, false, true, 0, 2, "R1R1-", "+2:2", 2, 0},
    {"an unready set is never updated", 3, false, false, 0, 2, "P1R1R1", "", 3, 0},
    {"a complete update ends", 2, false, false, 0, 2, "R2R2", "", 2, 2},
};

static size_t read_pods(const char *text, struct statefulset_pod *pods)
{
    size_t count = 0;
    int32_t ordinal = 0;
    for (; *text; ordinal++) {
        if (*text == '-') {
            text++;
            continue;
        }
        pods[count++] = (struct statefulset_pod){.ordinal = ordinal,
                                                 .revision = (uint64_t)(text[1] - '0'),
                                                 .pod = {.phase = text[0] == 'P'   ? POD_PENDING
                                                                  : text[0] == 'F' ? POD_FAILED
                                                                                   : POD_RUNNING,
                                                         .terminating = text[0] == 'T',
                                                         .ready = text[0] == 'R' || text[0] == 'T',
                                                         .ready_since = 10 * S}};
        text += 2;
    }
    return count;
}

static const char *deeds(struct arena *a, const struct statefulset_decision *d,
                         const struct statefulset_pod *pods)
{
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < d->create_count; i++)
        strbuf_printf(&b, "%s+%d:%d", b.len ? " " : "", d->creates[i].ordinal,
                      (int)d->creates[i].revision);
    for (size_t i = 0; i < d->remove_count; i++)
        strbuf_printf(&b, "%s-%d", b.len ? " " : "", pods[d->removes[i]].ordinal);
    return strbuf_text(&b);
}

Test(statefulset, one_sync)
{
    struct arena a = {0};
    const struct apps_admission open = {.left = INT32_MAX};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct statefulset_pod pods[8];
        const size_t count = read_pods(row->pods, pods);
        const struct statefulset_spec spec = {.revision = row->revision,
                                              .generation = 1,
                                              .replicas = row->replicas,
                                              .parallel = row->parallel,
                                              .on_delete = row->on_delete,
                                              .partition = row->partition};
        const struct statefulset_status status = {.current_revision = 1};
        struct statefulset_decision d =
            statefulset_decide(&a, &spec, &status, pods, count, &open, 20 * S);
        cr_expect_str_eq(deeds(&a, &d, pods), row->does, "%s: %s", row->name, deeds(&a, &d, pods));
        cr_expect(d.status.current == row->current && d.status.updated == row->updated,
                  "%s: %d current, %d updated", row->name, d.status.current, d.status.updated);
    }
    arena_drop(&a);
}

Test(statefulset, minimum_ready_time_and_quota)
{
    struct arena a = {0};
    struct statefulset_pod pods[8];
    const size_t count = read_pods("R1R1", pods);
    struct statefulset_spec spec = {
        .revision = 1, .generation = 1, .replicas = 5, .min_ready_seconds = 15, .start = 0};
    const struct statefulset_status status = {0};
    const struct apps_admission open = {.left = INT32_MAX}, two = {.left = 2, .refusal = "full"};
    struct statefulset_decision d =
        statefulset_decide(&a, &spec, &status, pods, count, &open, 20 * S);
    cr_expect(d.create_count == 0 && d.again_after == 5 * S && d.status.available == 0);
    d = statefulset_decide(&a, &spec, &status, pods, count, &open, 25 * S);
    cr_expect(d.create_count == 1 && d.again_after == SIMTIME_NEVER);
    cr_expect(d.status.current_revision == 1 && d.status.update_revision == 1);
    spec.parallel = true;
    d = statefulset_decide(&a, &spec, &status, NULL, 0, &two, 25 * S);
    cr_expect(d.create_count == 2 && d.refused == 1 && d.error, "the second batch ends it");
    spec.start = 3;
    spec.parallel = false;
    d = statefulset_decide(&a, &spec, &status, pods, count, &open, 25 * S);
    cr_expect_str_eq(deeds(&a, &d, pods), "+3:1", "ordinals begin at start");
    arena_drop(&a);
}
