/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugins of one cycle in their order. Upstream: Kubernetes v1.36.3
 * pkg/scheduler/framework/runtime/framework.go (RunPreFilterPlugins, RunFilterPlugins,
 * RunFilterPluginsWithNominatedPods).
 *
 * The trap: a node to which pods of equal or higher priority are nominated must take the pod
 * both with them, since they may come first, and without them, since they may never come.
 */
#include "internal.h"

#include "base/require.h"

static void prepare_verdicts(struct scheduling_cycle *c)
{
    struct scheduler_snapshot *s = c->snapshot;
    require(c->pod->id < s->classes.len && s->classes.items[c->pod->id] == c->pod);
    struct verdict_list *v = &s->verdicts.items[c->pod->id];
    if (v->cap < s->node_count) {
        v->items = arena_grow(s->arena, v->items, v->cap, s->node_cap, sizeof *v->items,
                              _Alignof(struct static_verdict));
        v->cap = s->node_cap;
    }
    c->verdicts = v;
}

void cycle_begin(struct scheduling_cycle *c, struct scheduler_snapshot *s,
                 const struct pod_class *pod, const struct placed_pod *self, struct arena *scratch)
{
    *c = (struct scheduling_cycle){.snapshot = s, .pod = pod, .self = self, .scratch = scratch};
    prepare_verdicts(c);
    c->named = node_names_restricted(pod, &c->conflict);
    spread_begin(c);
    inter_pod_begin(c);
}

static struct node_refusal refuse(enum refusal_reason reason, enum scheduler_plugin plugin,
                                  bool unresolvable)
{
    return (struct node_refusal){
        .reason = (uint8_t)reason, .plugin = (uint8_t)plugin, .unresolvable = unresolvable};
}

static struct node_refusal static_refusal(uint8_t refused)
{
    switch (refused - 1) {
    case PLUGIN_NODE_UNSCHEDULABLE:
        return refuse(REFUSED_UNSCHEDULABLE, PLUGIN_NODE_UNSCHEDULABLE, true);
    case PLUGIN_NODE_NAME:
        return refuse(REFUSED_NODE_NAME, PLUGIN_NODE_NAME, true);
    case PLUGIN_TAINT_TOLERATION:
        return refuse(REFUSED_TAINT, PLUGIN_TAINT_TOLERATION, true);
    default:
        return refuse(REFUSED_NODE_AFFINITY, PLUGIN_NODE_AFFINITY, true);
    }
}

/* RunFilterPlugins */
static struct node_refusal run_filters(struct scheduling_cycle *c, uint32_t node)
{
    const struct node_info *n = c->snapshot->nodes[node];
    const struct static_verdict *v = node_verdict(c, node);
    if (v->refused != 0) {
        return static_refusal(v->refused);
    }
    if (c->pod->port_count > 0 && ports_conflict(c->snapshot, c->pod, n)) {
        return refuse(REFUSED_PORTS, PLUGIN_NODE_PORTS, false);
    }
    const struct node_refusal room = resources_filter(c->pod, n);
    if (room.reason != REFUSED_NOT) {
        return room;
    }
    enum refusal_reason reason = spread_filter(c, n);
    if (reason != REFUSED_NOT) {
        return refuse(reason, PLUGIN_POD_TOPOLOGY_SPREAD, reason == REFUSED_SPREAD_LABEL);
    }
    reason = inter_pod_filter(c, n);
    return refuse(reason, PLUGIN_INTER_POD_AFFINITY, reason == REFUSED_AFFINITY);
}

/* addNominatedPods: those of the node that are at least as important, in the cycle's counts. */
static size_t with_nominated(struct scheduling_cycle *c, uint32_t node, bool add)
{
    struct scheduler_snapshot *s = c->snapshot;
    size_t count = 0;
    for (size_t i = 0; i < s->nominated.len; i++) {
        struct placed_pod *p = s->nominated.items[i];
        if (p->node != node || p == c->self || p->class->priority < c->pod->priority) {
            continue;
        }
        count++;
        if (add) {
            cycle_add_pod(c, p);
        } else {
            cycle_remove_pod(c, p);
        }
    }
    return count;
}

struct node_refusal cycle_filter(struct scheduling_cycle *c, uint32_t node)
{
    if (c->snapshot->nodes[node]->nominated == 0 || with_nominated(c, node, true) == 0) {
        return run_filters(c, node);
    }
    const struct node_refusal with = run_filters(c, node);
    with_nominated(c, node, false);
    return with.reason != REFUSED_NOT ? with : run_filters(c, node);
}

void cycle_add_pod(struct scheduling_cycle *c, struct placed_pod *pod)
{
    snapshot_add_pod(c->snapshot, pod);
    spread_count_pod(c, pod, 1);
    inter_pod_count_pod(c, pod, 1);
}

void cycle_remove_pod(struct scheduling_cycle *c, struct placed_pod *pod)
{
    snapshot_remove_pod(c->snapshot, pod);
    spread_count_pod(c, pod, -1);
    inter_pod_count_pod(c, pod, -1);
}
