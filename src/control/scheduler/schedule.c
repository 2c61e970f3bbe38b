/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters, scores, chooses. Upstream: Kubernetes v1.36.3 pkg/scheduler/schedule_one.go
 * (findNodesThatFitPod, findNodesThatPassFilters, numFeasibleNodesToFind, prioritizeNodes).
 *
 * The traps: from 100 nodes on only some are looked at, in turn, so the best node may never
 * be seen; a nominated pod first tries its node alone; ties are broken at random, which here
 * is the caller's number. Upstream looks in 16 threads and may find a few other nodes at the
 * end of a search; here the search ends with the node that completes the number.
 */
#include "control/scheduler/schedule.h"

#include "internal.h"

#define MIN_NODES_TO_FIND 100
#define MIN_PERCENTAGE    5

uint32_t schedule_nodes_to_find(uint32_t nodes)
{
    if (nodes < MIN_NODES_TO_FIND) {
        return nodes;
    }
    int64_t percentage = 50 - (int64_t)nodes / 125;
    percentage = percentage < MIN_PERCENTAGE ? MIN_PERCENTAGE : percentage;
    const int64_t found = (int64_t)nodes * percentage / 100;
    return found < MIN_NODES_TO_FIND ? MIN_NODES_TO_FIND : (uint32_t)found;
}

/* findNodesThatPassFilters */
static size_t find_nodes(struct schedule_result *r, struct schedule_options options,
                         uint32_t *feasible)
{
    struct scheduler_snapshot *s = r->cycle.snapshot;
    const uint32_t *order = snapshot_order(s);
    const uint32_t count = s->live_count;
    const uint32_t wanted = options.all_nodes ? count : schedule_nodes_to_find(count);
    const uint32_t start = count > 0 ? s->next_start % count : 0;
    uint32_t looked_at = 0;
    size_t found = 0;
    for (; looked_at < count && found < wanted; looked_at++) {
        const uint32_t node = order[(start + looked_at) % count];
        struct node_refusal refusal = {
            .reason = REFUSED_BY_PREFILTER, .plugin = PLUGIN_NODE_AFFINITY, .unresolvable = true};
        if (!r->cycle.named || node_name_allowed(r->cycle.pod, s->nodes[node]->spec.name)) {
            refusal = cycle_filter(&r->cycle, node);
        }
        r->refusals[node] = refusal;
        if (refusal.reason == REFUSED_NOT) {
            feasible[found++] = node;
        }
    }
    s->next_start = count > 0 ? (start + looked_at) % count : 0;
    return found;
}

/* evaluateNominatedNode */
static size_t try_nominated(struct schedule_result *r, uint32_t *feasible)
{
    const struct placed_pod *self = r->cycle.self;
    if (self == NULL || self->node == SNAPSHOT_NO_NODE ||
        r->cycle.snapshot->nodes[self->node]->removed) {
        return 0;
    }
    feasible[0] = self->node;
    return cycle_filter(&r->cycle, self->node).reason == REFUSED_NOT ? 1 : 0;
}

static const char *message(const struct schedule_result *r, struct arena *scratch)
{
    struct scheduler_snapshot *s = r->cycle.snapshot;
    const uint32_t *order = snapshot_order(s);
    struct node_refusal *list = arena_array(scratch, struct node_refusal, s->live_count);
    if (s->live_count == 0) {
        return "no nodes available to schedule pods";
    }
    if (r->cycle.conflict) {
        return arena_printf(scratch, "0/%u nodes are available: %s.", s->live_count,
                            refusal_text(scratch, r->cycle.pod, r->refusals[order[0]], 0));
    }
    for (uint32_t i = 0; i < s->live_count; i++) {
        list[i] = r->refusals[order[i]];
    }
    return fit_error_text(scratch, r->cycle.pod, list, s->live_count);
}

static void find_best(struct schedule_result *r)
{
    for (size_t i = 0; i < r->feasible; i++) {
        if (i == 0 || r->scores[i].total > r->best) {
            r->best = r->scores[i].total;
            r->ties = 0;
        }
        r->ties += r->scores[i].total == r->best ? 1 : 0;
    }
}

/* Every node refuses for what PreFilter found. */
static void refuse_all(struct schedule_result *r)
{
    for (uint32_t i = 0; i < r->cycle.snapshot->node_count; i++) {
        r->refusals[i] = (struct node_refusal){.reason = REFUSED_FIELDS_CONFLICT,
                                               .plugin = PLUGIN_NODE_AFFINITY,
                                               .unresolvable = true};
    }
}

void schedule_pod(struct scheduler_snapshot *s, const struct pod_class *pod,
                  const struct placed_pod *self, struct schedule_options options,
                  struct arena *scratch, struct schedule_result *out)
{
    uint32_t *feasible = arena_array(scratch, uint32_t, s->live_count + 1);
    *out = (struct schedule_result){.refusals =
                                        arena_array(scratch, struct node_refusal, s->node_count)};
    cycle_begin(&out->cycle, s, pod, self, scratch);
    if (out->cycle.conflict) {
        refuse_all(out);
    } else {
        out->feasible = try_nominated(out, feasible);
        out->feasible = out->feasible > 0 ? out->feasible : find_nodes(out, options, feasible);
    }
    if (out->feasible == 0) {
        out->message = message(out, scratch);
        return;
    }
    out->scores = arena_array(scratch, struct node_score, out->feasible);
    out->plugins = cycle_score(&out->cycle, feasible, out->feasible, out->scores);
    find_best(out);
}

uint32_t schedule_choose(const struct schedule_result *r, uint64_t draw)
{
    size_t pick = r->ties > 0 ? (size_t)(draw % r->ties) : 0;
    for (size_t i = 0; i < r->feasible; i++) {
        if (r->scores[i].total == r->best && pick-- == 0) {
            return r->scores[i].node;
        }
    }
    return SNAPSHOT_NO_NODE;
}
