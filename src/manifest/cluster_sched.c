/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind sched: pods come one by one to a cluster of nodes, kube-scheduler v1.36.3
 * places each (control/scheduler) and the answer holds every plugin's score on every node
 * that passed, and the plugin that refused each of the others.
 *
 * The traps: pods that the case has on nodes are there before the first one is placed; all
 * nodes are looked at; ties go to the first name; a node alone is scored, too.
 */
#include "cluster_sched.h"

#include "base/str.h"
#include "control/scheduler/schedule.h"

#include <stdlib.h>
#include <string.h>

struct sched_run {
    struct cluster_case *c;
    struct sched_case world;
    struct scheduler_snapshot snapshot;
    struct schedule_result result;
    uint32_t *by_name; /* nodes in the order of their names */
    struct json_writer *w;
};

struct named_node {
    const char *name;
    uint32_t node;
};

static int by_name(const void *a, const void *b)
{
    const struct named_node *x = a;
    const struct named_node *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

static void sort_nodes(struct sched_run *r)
{
    const size_t count = r->world.node_count;
    struct named_node *list = arena_array(&r->c->room->tree, struct named_node, count);
    r->by_name = arena_array(&r->c->room->tree, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        list[i] = (struct named_node){.name = r->world.nodes[i].name, .node = i};
    }
    qsort(list, count, sizeof *list, by_name);
    for (size_t i = 0; i < count; i++) {
        r->by_name[i] = list[i].node;
    }
}

static bool place_bound(struct sched_run *r, size_t i)
{
    struct placed_pod *pod = &r->world.pods[i].pod;
    const char *name = r->world.pod_nodes[i];
    if (name == NULL || name[0] == '\0') {
        return true;
    }
    pod->node = snapshot_find_node(&r->snapshot, name);
    if (pod->node == SNAPSHOT_NO_NODE) {
        case_error(r->c, node_get(r->world.pod_marks[i], "node"), "there is no node \"%s\"", name);
        return false;
    }
    snapshot_add_pod(&r->snapshot, pod);
    return true;
}

static bool build(struct sched_run *r)
{
    snapshot_init(&r->snapshot, &r->c->room->tree);
    for (size_t i = 0; i < r->world.node_count; i++) {
        if (snapshot_find_node(&r->snapshot, r->world.nodes[i].name) != SNAPSHOT_NO_NODE) {
            case_error(r->c, r->c->root, "two nodes are called \"%s\"", r->world.nodes[i].name);
            return false;
        }
        snapshot_add_node(&r->snapshot, &r->world.nodes[i]);
    }
    for (size_t i = 0; i < r->world.pod_count; i++) {
        snapshot_add_class(&r->snapshot, &r->world.pods[i].class);
    }
    for (size_t i = 0; i < r->world.pod_count; i++) {
        if (!place_bound(r, i)) {
            return false;
        }
    }
    return true;
}

/* NULL when the node was refused. */
static const struct node_score *score_on(const struct sched_run *r, uint32_t node)
{
    for (size_t i = 0; i < r->result.feasible; i++) {
        if (r->result.scores[i].node == node) {
            return &r->result.scores[i];
        }
    }
    return NULL;
}

static const char *node_name(const struct sched_run *r, uint32_t node)
{
    return r->world.nodes[node].name;
}

static void write_totals(const struct sched_run *r)
{
    json_key(r->w, "scores");
    json_map(r->w);
    for (size_t i = 0; i < r->world.node_count; i++) {
        const struct node_score *s = score_on(r, r->by_name[i]);
        if (s != NULL) {
            json_key(r->w, node_name(r, s->node));
            json_int(r->w, s->total);
        }
    }
    json_map_end(r->w);
}

static void write_plugins(const struct sched_run *r)
{
    static const enum scheduler_plugin order[] = {
        PLUGIN_IMAGE_LOCALITY,      PLUGIN_INTER_POD_AFFINITY, PLUGIN_NODE_AFFINITY,
        PLUGIN_BALANCED_ALLOCATION, PLUGIN_NODE_RESOURCES_FIT, PLUGIN_POD_TOPOLOGY_SPREAD,
        PLUGIN_TAINT_TOLERATION};
    json_key(r->w, "plugins");
    json_map(r->w);
    for (size_t i = 0; i < r->world.node_count; i++) {
        const struct node_score *s = score_on(r, r->by_name[i]);
        if (s == NULL) {
            continue;
        }
        json_key(r->w, node_name(r, s->node));
        json_map(r->w);
        for (size_t p = 0; p < sizeof order / sizeof order[0]; p++) {
            if ((r->result.plugins >> order[p] & 1U) != 0) {
                json_key(r->w, scheduler_plugin_name(order[p]));
                json_int(r->w, s->plugins[order[p]]);
            }
        }
        json_map_end(r->w);
    }
    json_map_end(r->w);
}

/* Writes the nodes that share the best total; returns the first of them by name. */
static uint32_t write_ties(const struct sched_run *r)
{
    uint32_t chosen = SNAPSHOT_NO_NODE;
    json_key(r->w, "ties");
    json_list(r->w);
    for (size_t i = 0; i < r->world.node_count; i++) {
        const struct node_score *s = score_on(r, r->by_name[i]);
        if (s != NULL && s->total == r->result.best) {
            json_string(r->w, node_name(r, s->node));
            chosen = chosen == SNAPSHOT_NO_NODE ? s->node : chosen;
        }
    }
    json_list_end(r->w);
    return chosen;
}

static void write_failed(const struct sched_run *r)
{
    bool open = false;
    for (size_t i = 0; i < r->world.node_count; i++) {
        const struct node_refusal *f = &r->result.refusals[r->by_name[i]];
        if (f->reason == REFUSED_NOT) {
            continue;
        }
        if (!open) {
            json_key(r->w, "failed");
            json_map(r->w);
            open = true;
        }
        json_key(r->w, node_name(r, r->by_name[i]));
        json_string(r->w, scheduler_plugin_name((enum scheduler_plugin)f->plugin));
    }
    if (open) {
        json_map_end(r->w);
    }
}

static void place(struct sched_run *r, struct placed_pod *pod)
{
    arena_reset(&r->c->room->step);
    const struct schedule_options all = {.all_nodes = true};
    schedule_pod(&r->snapshot, pod->class, NULL, all, &r->c->room->step, &r->result);
    json_map(r->w);
    json_key(r->w, "pod");
    json_string(r->w, pod->name);
    if (r->result.feasible > 0) {
        write_totals(r);
        write_plugins(r);
        pod->node = write_ties(r);
        snapshot_add_pod(&r->snapshot, pod);
    }
    json_key(r->w, "chosen");
    json_string(r->w, pod->node != SNAPSHOT_NO_NODE ? node_name(r, pod->node) : "");
    write_failed(r);
    json_map_end(r->w);
}

bool cluster_decide_sched(struct cluster_case *c, struct json_writer *w)
{
    struct sched_run r = {.c = c, .w = w};
    if (!sched_case_read(c, &r.world) || !build(&r)) {
        return false;
    }
    sort_nodes(&r);
    bool open = false;
    for (size_t i = 0; i < r.world.pod_count; i++) {
        if (r.world.pods[i].pod.node != SNAPSHOT_NO_NODE) {
            continue;
        }
        if (!open) { /* an empty list is left out */
            json_key(w, "sched");
            json_list(w);
            open = true;
        }
        place(&r, &r.world.pods[i].pod);
    }
    if (open) {
        json_list_end(w);
    }
    return true;
}
