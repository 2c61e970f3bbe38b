/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind rank: pods of one ReplicaSet (and related ones of its owner), and how many are
 * to go. The answer is the order in which they go; getPodsToDelete (replica_set.go, v1.36) does
 * not sort when all go. `ties` are pairs that nothing tells apart, `cycles` says that the relation
 * is not transitive among the pods, where upstream's order is the sort's own.
 */
#include "cluster_internal.h"

#include "base/str.h"
#include "control/apps/rank.h"

#include <stdlib.h>
#include <string.h>

#define NOW (200000 * SIMTIME_SECOND)

struct ranking {
    struct rank_pod *pods;
    const char **names;
    size_t count;
};

static bool is_active(struct cluster_case *c, const struct node *pod)
{
    const char *phase = case_text(c, pod, "phase", "");
    return !case_bool(c, pod, "deleting") && strcmp(phase, "Failed") != 0 &&
           strcmp(phase, "Succeeded") != 0;
}

static int32_t neighbours(struct cluster_case *c, const struct node *pods, const char *node)
{
    int32_t count = 0;
    for (const struct node *p = pods->first; p != NULL; p = p->next) {
        count += is_active(c, p) && strcmp(case_text(c, p, "node", ""), node) == 0;
    }
    return count;
}

/* helpers.go: GetDeletionCostFromPodAnnotations; an int32 without plus or leading zeros, else 0 */
static int32_t deletion_cost(const char *text)
{
    int64_t cost = 0;
    const bool begins_well =
        text[0] == '-' || (text[0] >= '1' && text[0] <= '9') || strcmp(text, "0") == 0;
    if (!begins_well || !str_to_int64(text, &cost) || cost < INT32_MIN || cost > INT32_MAX) {
        return 0;
    }
    return (int32_t)cost;
}

static simtime ago(struct cluster_case *c, const struct node *pod, const char *key, simtime absent)
{
    const int32_t age = case_int(c, pod, key, INT32_MIN);
    return age == INT32_MIN ? absent : NOW - age * SIMTIME_SECOND;
}

static struct rank_pod read_pod(struct cluster_case *c, const struct node *pods,
                                const struct node *pod)
{
    const char *phase = case_text(c, pod, "phase", "");
    const char *node = case_text(c, pod, "node", "");
    return (struct rank_pod){
        .scheduled = node[0] != '\0',
        .phase = strcmp(phase, "Pending") == 0   ? RANK_PENDING
                 : strcmp(phase, "Unknown") == 0 ? RANK_UNKNOWN
                                                 : RANK_RUNNING,
        .ready = case_bool(c, pod, "ready"),
        .deletion_cost = deletion_cost(case_text(c, pod, "cost", "")),
        .on_node = neighbours(c, pods, node),
        .ready_since = ago(c, pod, "ready_age", SIMTIME_NEVER),
        .restarts = case_int(c, pod, "restarts", 0),
        .sidecar_restarts = case_int(c, pod, "sidecar_restarts", 0),
        .created = ago(c, pod, "age", NOW),
        .uid = strtoull(case_text(c, pod, "uid", ""), NULL, 16),
    };
}

/* Nothing but the UID tells them apart, and that is not asked. */
static bool is_tie(const struct rank_pod *x, const struct rank_pod *y)
{
    struct rank_pod twin = *y;
    twin.uid = x->uid;
    return rank_compare(x, &twin, NOW) == 0 && x->created == y->created &&
           (!x->ready || x->ready_since == y->ready_since);
}

/* Ties stay as they were given, as in upstream's sort of a few. */
static bool goes_before(const struct rank_pod *x, const struct rank_pod *y)
{
    return is_tie(x, y) ? x->index < y->index : rank_compare(x, y, NOW) < 0;
}

static void select_first(struct ranking *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        for (size_t j = i + 1; j < r->count; j++) {
            if (goes_before(&r->pods[j], &r->pods[first])) {
                first = j;
            }
        }
        const struct rank_pod taken = r->pods[first];
        r->pods[first] = r->pods[i];
        r->pods[i] = taken;
    }
}

static bool has_cycle(const struct ranking *r)
{
    for (size_t i = 0; i < r->count; i++) {
        for (size_t j = 0; j < r->count; j++) {
            for (size_t k = 0; k < r->count; k++) {
                if (rank_compare(&r->pods[i], &r->pods[j], NOW) < 0 &&
                    rank_compare(&r->pods[j], &r->pods[k], NOW) < 0 &&
                    rank_compare(&r->pods[k], &r->pods[i], NOW) < 0) {
                    return true;
                }
            }
        }
    }
    return false;
}

static void write_tie(struct json_writer *w, const struct ranking *r, size_t i, size_t j)
{
    json_list(w);
    json_string(w, r->names[r->pods[i].index]);
    json_string(w, r->names[r->pods[j].index]);
    json_list_end(w);
}

static void write_ties(struct json_writer *w, const struct ranking *r)
{
    bool open = false;
    for (size_t i = 0; i < r->count; i++) {
        for (size_t j = i + 1; j < r->count; j++) {
            if (!is_tie(&r->pods[i], &r->pods[j])) {
                continue;
            }
            if (!open) {
                json_key(w, "ties");
                json_list(w);
                open = true;
            }
            write_tie(w, r, i, j);
        }
    }
    if (open) {
        json_list_end(w);
    }
}

static void write_order(struct json_writer *w, const struct ranking *r, size_t count)
{
    if (count == 0) {
        return;
    }
    json_key(w, "order");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_string(w, r->names[r->pods[i].index]);
    }
    json_list_end(w);
}

bool cluster_decide_rank(struct cluster_case *c, struct json_writer *w)
{
    const struct node *pods = case_list(c, c->root, "pods");
    const int32_t diff = case_int(c, c->root, "diff", 0);
    struct ranking r = {
        .pods = arena_array(&c->room->tree, struct rank_pod, pods != NULL ? pods->count : 0),
        .names = arena_array(&c->room->tree, const char *, pods != NULL ? pods->count : 0)};
    for (const struct node *p = pods != NULL ? pods->first : NULL; p != NULL; p = p->next) {
        if (!is_active(c, p) || case_bool(c, p, "related")) {
            continue;
        }
        r.names[r.count] = case_text(c, p, "name", "");
        r.pods[r.count] = read_pod(c, pods, p);
        r.pods[r.count].index = r.count;
        r.count++;
    }
    if (c->bad) {
        return false;
    }
    struct ranking before = r;
    before.pods = arena_array(&c->room->tree, struct rank_pod, r.count);
    if (r.count > 0) {
        memcpy(before.pods, r.pods, r.count * sizeof *r.pods);
    }
    const size_t gone = diff < 0 ? 0 : (size_t)diff < r.count ? (size_t)diff : r.count;
    if (gone < r.count) {
        select_first(&r, gone);
    }
    write_order(w, &r, gone);
    write_ties(w, &before);
    if (has_cycle(&r)) {
        json_key(w, "cycles");
        json_bool(w, true);
    }
    return true;
}
