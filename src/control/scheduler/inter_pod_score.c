/* SPDX-License-Identifier: Apache-2.0 */
/*
 * InterPodAffinity's score: preferences of the pod for the others, and of the others for the
 * pod. Upstream: Kubernetes v1.36.3 plugins/interpodaffinity/scoring.go, with
 * hardPodAffinityWeight 1 (its default): a required affinity of another pod counts as much.
 *
 * The trap: the plugin skips the pod only if no term met a label at all; a sum of 0 is a
 * score. The division is in doubles and cut afterwards.
 */
#include "internal.h"

#define MAX_NODE_SCORE 100
#define HARD_POD_AFFINITY_WEIGHT 1

struct preferences {
    struct topology_counts sums;
    bool met;
};

static void add_term(struct scheduling_cycle *c, struct preferences *p,
                     const struct pod_affinity_term *t, const struct node_info *n, int64_t weight)
{
    const uint32_t key = snapshot_topology_key(c->snapshot, t->topology_key);
    if (n->domains[key] != DOMAIN_NONE) {
        topology_counts_add(&p->sums, c, key, n, weight);
        p->met = true;
    }
}

/* The terms of one class that select the other, for `pods` pods on the node. */
static void add_terms(struct scheduling_cycle *c, struct preferences *p,
                      const struct pod_affinity_terms *terms, const struct pod_class *owner,
                      const struct pod_class *selected, const struct node_info *n, int64_t pods)
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct pod_affinity_term *t = &terms->items[i];
        if (affinity_term_matches(c->snapshot, t, pod_class_namespace(owner), selected)) {
            add_term(c, p, t, n, pods * t->weight);
        }
    }
}

static void add_required(struct scheduling_cycle *c, struct preferences *p,
                         const struct pod_class *other, const struct node_info *n, int64_t pods)
{
    const struct pod_affinity_terms *terms = &other->required_affinity;
    for (size_t i = 0; i < terms->count; i++) {
        if (affinity_term_matches(c->snapshot, &terms->items[i], pod_class_namespace(other),
                                  c->pod)) {
            add_term(c, p, &terms->items[i], n, pods * HARD_POD_AFFINITY_WEIGHT);
        }
    }
}

/* processExistingPod, for all pods of a node. */
static void add_node(struct scheduling_cycle *c, struct preferences *p, const struct node_info *n)
{
    for (size_t i = 0; i < n->classes.len; i++) {
        const int64_t pods = n->classes.items[i].count;
        const struct pod_class *other = c->snapshot->classes.items[n->classes.items[i].class_id];
        add_terms(c, p, &c->pod->preferred_affinity, c->pod, other, n, pods);
        add_terms(c, p, &c->pod->preferred_anti_affinity, c->pod, other, n, -pods);
        add_required(c, p, other, n, pods);
        add_terms(c, p, &other->preferred_affinity, other, c->pod, n, pods);
        add_terms(c, p, &other->preferred_anti_affinity, other, c->pod, n, -pods);
    }
}

static int64_t node_sum(const struct scheduling_cycle *c, const struct preferences *p,
                        const struct node_info *n)
{
    int64_t sum = 0;
    for (uint32_t key = 0; key < c->snapshot->keys.len; key++) {
        if (p->sums.keys[key].cap > 0) {
            sum += topology_count(&p->sums, key, n->domains[key]);
        }
    }
    return sum;
}

static void normalize(int64_t *raw, size_t count)
{
    int64_t min = INT64_MAX;
    int64_t max = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        min = raw[i] < min ? raw[i] : min;
        max = raw[i] > max ? raw[i] : max;
    }
    for (size_t i = 0; i < count; i++) {
        const double share = max > min ? (double)(raw[i] - min) / (double)(max - min) : 0;
        raw[i] = (int64_t)((double)MAX_NODE_SCORE * share);
    }
}

bool inter_pod_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count, int64_t *raw)
{
    const struct scheduler_snapshot *s = c->snapshot;
    const bool own =
        c->pod->preferred_affinity.count + c->pod->preferred_anti_affinity.count > 0;
    struct preferences p = {0};
    if (!own && s->affinity_pods == 0) {
        return false;
    }
    topology_counts_init(&p.sums, c);
    for (uint32_t i = 0; i < s->node_count; i++) {
        if (!s->nodes[i]->removed && (own || s->nodes[i]->affinity_pods > 0)) {
            add_node(c, &p, s->nodes[i]);
        }
    }
    if (!p.met) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        raw[i] = node_sum(c, &p, s->nodes[nodes[i]]);
    }
    normalize(raw, count);
    return true;
}
