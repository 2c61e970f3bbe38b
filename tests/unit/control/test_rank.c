/* SPDX-License-Identifier: Apache-2.0 */
/* The deletion order against answers of the real ReplicaSet controller, and its rules one by one. */
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "control/apps/rank.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define NOW          (100000 * SIMTIME_SECOND)
#define AGO(seconds) (NOW - (seconds)*SIMTIME_SECOND)

struct row {
    const char *name;
    struct rank_pod first; /* is to be deleted before ... */
    struct rank_pod second;
};

static const struct rank_pod plain = {.scheduled = true,
                                      .phase = RANK_RUNNING,
                                      .ready = true,
                                      .on_node = 1,
                                      .ready_since = AGO(100),
                                      .created = AGO(110),
                                      .uid = 5};

Test(rank, rules)
{
    struct rank_pod unscheduled = plain, pending = plain, unready = plain, cheap = plain;
    struct rank_pod crowded = plain, younger = plain, same_bucket = plain, restarted = plain;
    struct rank_pod timeless = plain;
    unscheduled.scheduled = false;
    unscheduled.deletion_cost = 9;
    pending.phase = RANK_PENDING;
    pending.deletion_cost = 9;
    unready.ready = false;
    unready.deletion_cost = 9;
    cheap.deletion_cost = -1;
    crowded.on_node = 2;
    crowded.ready_since = AGO(9000);
    younger.ready_since = AGO(20); /* 2^34 ns = 17.2 s .. 34.4 s */
    younger.uid = 9;
    same_bucket.ready_since = AGO(90); /* 68.7 s .. 137 s, as 100 s is */
    same_bucket.uid = 4;
    restarted.restarts = 1;
    restarted.uid = 9;
    timeless.ready_since = SIMTIME_NEVER;
    const struct row rows[] = {
        {"unscheduled before scheduled", unscheduled, plain},
        {"pending before running", pending, plain},
        {"not ready before ready, whatever the cost", unready, cheap},
        {"lower deletion cost", cheap, plain},
        {"more pods of the owner on its node", crowded, plain},
        {"ready in a younger log2 bucket", younger, plain},
        {"same bucket: the smaller UID", same_bucket, plain},
        {"equal ready times: more restarts", restarted, plain},
        {"ready without a time", timeless, plain},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect(rank_compare(&rows[i].first, &rows[i].second, NOW) < 0, "%s", rows[i].name);
        cr_expect(rank_compare(&rows[i].second, &rows[i].first, NOW) > 0, "%s, other way round",
                  rows[i].name);
    }
    cr_expect(rank_compare(&plain, &plain, NOW) == 0);
}

static int64_t number(const struct node *pod, const char *key, int64_t absent)
{
    const struct node *n = node_get(pod, key);
    int64_t value = absent;
    if (n)
        str_to_int64(n->text, &value);
    return value;
}

static bool is_true(const struct node *pod, const char *key)
{
    const struct node *n = node_get(pod, key);
    return n && n->kind == NODE_BOOL && str_equal(n->text, "true");
}

static const char *text(const struct node *pod, const char *key)
{
    const char *s = node_string(node_get(pod, key));
    return s ? s : "";
}

static bool active(const struct node *pod)
{
    const char *phase = text(pod, "phase");
    return !is_true(pod, "deleting") && !str_equal(phase, "Failed") &&
           !str_equal(phase, "Succeeded");
}

static int32_t neighbours(const struct node *pods, const struct node *pod)
{
    int32_t count = 0;
    for (const struct node *p = pods->first; p; p = p->next)
        count += active(p) && str_equal(text(p, "node"), text(pod, "node"));
    return count;
}

static struct rank_pod facts(const struct node *pods, const struct node *pod)
{
    const char *phase = text(pod, "phase");
    int64_t cost = 0;
    const char *written = node_string(node_get(pod, "cost"));
    if (written &&
        (!str_to_int64(written, &cost) || written[0] == '+' || (written[0] == '0' && written[1])))
        cost = 0;
    return (struct rank_pod){
        .scheduled = text(pod, "node")[0] != '\0',
        .phase = str_equal(phase, "Pending")   ? RANK_PENDING
                 : str_equal(phase, "Unknown") ? RANK_UNKNOWN
                                               : RANK_RUNNING,
        .ready = is_true(pod, "ready"),
        .deletion_cost = (int32_t)cost,
        .on_node = neighbours(pods, pod),
        .ready_since =
            number(pod, "ready_age", -1) >= 0 ? AGO(number(pod, "ready_age", 0)) : SIMTIME_NEVER,
        .restarts = (int32_t)number(pod, "restarts", 0),
        .sidecar_restarts = (int32_t)number(pod, "sidecar_restarts", 0),
        .created = AGO(number(pod, "age", 0)),
        .uid = strtoull(text(pod, "uid"), NULL, 16),
    };
}

/* Pods that upstream itself orders now so, now so. */
static bool tied(const struct node *answer, const char *x, const char *y)
{
    const struct node *ties = node_get(answer, "ties");
    for (const struct node *tie = ties ? ties->first : NULL; tie; tie = tie->next) {
        int found = 0;
        for (const struct node *name = tie->first; name; name = name->next)
            found += str_equal(name->text, x) || str_equal(name->text, y);
        if (found == 2)
            return true;
    }
    return false;
}

static void replay(struct arena *a, const struct node *test, const struct node *answer)
{
    const struct node *pods = node_get(test, "pods");
    const struct node *order = node_get(answer, "order");
    struct rank_pod *list = arena_array(a, struct rank_pod, pods->count);
    const char **names = arena_array(a, const char *, pods->count);
    size_t count = 0;
    for (const struct node *p = pods->first; p; p = p->next) {
        if (!active(p) || is_true(p, "related")) /* of another ReplicaSet of the owner */
            continue;
        names[count] = text(p, "name");
        list[count] = facts(pods, p);
        list[count].index = count;
        count++;
    }
    int64_t id = number(test, "id", -1);
    size_t deleted = (size_t)number(test, "diff", 0);
    if (!order || node_get(answer, "cycles")) /* nothing to delete, or no defined order */
        return;
    if (deleted < count)
        rank_select(list, count, deleted, NOW);
    size_t i = 0;
    for (const struct node *want = order->first; want; want = want->next, i++)
        cr_expect(i < count && (str_equal(names[list[i].index], want->text) ||
                                tied(answer, names[list[i].index], want->text)),
                  "case %lld, place %zu: %s instead of %s", (long long)id, i,
                  i < count ? names[list[i].index] : "nothing", want->text);
}

Test(rank, vectors)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct file_text cases, answers;
    cr_assert(file_read(&a, "tests/conformance/cluster/rank.cases.jsonl.gz", 0, &cases, &d));
    cr_assert(file_read(&a, "tests/conformance/cluster/rank.results.jsonl.gz", 0, &answers, &d));
    char *answer = answers.text;
    size_t count = 0;
    for (char *line = cases.text; *line; count++) {
        char *end = strchr(line, '\n'), *answer_end = strchr(answer, '\n');
        replay(&a, json_read(&a, line, (size_t)(end - line), 0, 1, &d),
               json_read(&a, answer, (size_t)(answer_end - answer), 0, 1, &d));
        line = end + 1;
        answer = answer_end + 1;
    }
    cr_expect(count == 150, "%zu cases", count);
    arena_drop(&a);
}
