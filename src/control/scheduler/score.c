/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum of the plugins' weighted scores. Upstream: Kubernetes v1.36.3
 * pkg/scheduler/framework/runtime/framework.go (RunPreScorePlugins, RunScorePlugins),
 * plugins/helper/normalize_score.go, apis/config/v1/default_plugins.go.
 *
 * The traps: a plugin that skips the pod adds nothing, not even to a tie; a maximum of 0
 * leaves all at 0, but reversed (taints) all at 100; divisions are of integers and cut.
 */
#include "internal.h"

#define MAX_NODE_SCORE 100

int32_t scheduler_plugin_weight(enum scheduler_plugin p)
{
    switch (p) {
    case PLUGIN_TAINT_TOLERATION:
        return 3;
    case PLUGIN_NODE_AFFINITY:
    case PLUGIN_POD_TOPOLOGY_SPREAD:
    case PLUGIN_INTER_POD_AFFINITY:
        return 2;
    case PLUGIN_NODE_RESOURCES_FIT:
    case PLUGIN_BALANCED_ALLOCATION:
    case PLUGIN_IMAGE_LOCALITY:
        return 1;
    case PLUGIN_NODE_UNSCHEDULABLE:
    case PLUGIN_NODE_NAME:
    case PLUGIN_NODE_PORTS:
        break;
    }
    return 0;
}

/* DefaultNormalizeScore */
static void normalize(int64_t *raw, size_t count, bool reverse)
{
    int64_t max = 0;
    for (size_t i = 0; i < count; i++) {
        max = raw[i] > max ? raw[i] : max;
    }
    for (size_t i = 0; i < count; i++) {
        const int64_t share = max > 0 ? MAX_NODE_SCORE * raw[i] / max : 0;
        raw[i] = reverse ? MAX_NODE_SCORE - share : max > 0 ? share : raw[i];
    }
}

struct scoring {
    struct scheduling_cycle *cycle;
    const uint32_t *nodes;
    size_t count;
    int64_t *raw;
    struct node_score *out;
    uint32_t ran;
};

/* Adds what is in raw under the plugin's weight. */
static void add(struct scoring *s, enum scheduler_plugin p)
{
    const int32_t weight = scheduler_plugin_weight(p);
    for (size_t i = 0; i < s->count; i++) {
        s->out[i].plugins[p] = (int32_t)s->raw[i] * weight;
        s->out[i].total += s->out[i].plugins[p];
    }
    s->ran |= 1U << p;
}

static const struct node_info *node_at(const struct scoring *s, size_t i)
{
    return s->cycle->snapshot->nodes[s->nodes[i]];
}

static void score_words(struct scoring *s)
{
    for (size_t i = 0; i < s->count; i++) {
        s->raw[i] = node_verdict(s->cycle, s->nodes[i])->taints;
    }
    normalize(s->raw, s->count, true);
    add(s, PLUGIN_TAINT_TOLERATION);
    if (s->cycle->pod->preferred_node_count == 0) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        s->raw[i] = node_verdict(s->cycle, s->nodes[i])->affinity;
    }
    normalize(s->raw, s->count, false);
    add(s, PLUGIN_NODE_AFFINITY);
}

static void score_resources(struct scoring *s)
{
    const struct pod_class *pod = s->cycle->pod;
    for (size_t i = 0; i < s->count; i++) {
        s->raw[i] = least_allocated(pod, node_at(s, i));
    }
    add(s, PLUGIN_NODE_RESOURCES_FIT);
    if (pod->request.milli_cpu == 0 && pod->request.memory == 0) { /* isBestEffortPod */
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        s->raw[i] = balanced_allocation(pod, node_at(s, i));
    }
    add(s, PLUGIN_BALANCED_ALLOCATION);
}

static void score_images(struct scoring *s)
{
    const uint32_t *spread = image_spread(s->cycle);
    for (size_t i = 0; i < s->count; i++) {
        s->raw[i] = image_locality(s->cycle->snapshot, s->cycle->pod, node_at(s, i), spread);
    }
    add(s, PLUGIN_IMAGE_LOCALITY);
}

uint32_t cycle_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count,
                     struct node_score *out)
{
    struct scoring s = {.cycle = c, .nodes = nodes, .count = count, .out = out};
    s.raw = arena_array(c->scratch, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct node_score){.node = nodes[i]};
    }
    score_words(&s);
    score_resources(&s);
    if (spread_score(c, nodes, count, s.raw)) {
        add(&s, PLUGIN_POD_TOPOLOGY_SPREAD);
    }
    if (inter_pod_score(c, nodes, count, s.raw)) {
        add(&s, PLUGIN_INTER_POD_AFFINITY);
    }
    score_images(&s);
    return s.ran;
}
