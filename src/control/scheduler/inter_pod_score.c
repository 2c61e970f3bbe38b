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

#define MAX_NODE_SCORE           100
#define HARD_POD_AFFINITY_WEIGHT 1

/* What one pod of a class adds to the domains of its node; found once per class and cycle. */
struct term_weight {
    uint32_t key;
    int64_t weight;
};

struct class_weights {
    bool known;
    size_t count;
    struct term_weight *items;
};

struct preferences {
    struct topology_counts sums;
    struct class_weights *classes; /* by id */
    bool met;
};

/* The terms of one class that select the other, each times sign, or hard if that is not 0. */
static void gather(struct scheduling_cycle *c, struct class_weights *w,
                   const struct pod_affinity_terms *terms, const struct pod_class *owner,
                   const struct pod_class *selected, int64_t sign, int64_t hard)
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct pod_affinity_term *t = &terms->items[i];
        if (affinity_term_matches(c->snapshot, t, pod_class_namespace(owner), selected)) {
            w->items[w->count++] =
                (struct term_weight){.key = snapshot_topology_key(c->snapshot, t->topology_key),
                                     .weight = hard != 0 ? hard : sign * t->weight};
        }
    }
}

/* processExistingPod, for a pod of that class. */
static const struct class_weights *weights_of(struct scheduling_cycle *c, struct preferences *p,
                                              uint32_t id)
{
    const struct pod_class *other = c->snapshot->classes.items[id];
    struct class_weights *w = &p->classes[id];
    if (w->known) {
        return w;
    }
    w->known = true;
    w->items =
        arena_array(c->scratch, struct term_weight,
                    c->pod->preferred_affinity.count + c->pod->preferred_anti_affinity.count +
                        other->required_affinity.count + other->preferred_affinity.count +
                        other->preferred_anti_affinity.count);
    gather(c, w, &c->pod->preferred_affinity, c->pod, other, 1, 0);
    gather(c, w, &c->pod->preferred_anti_affinity, c->pod, other, -1, 0);
    gather(c, w, &other->required_affinity, other, c->pod, 1, HARD_POD_AFFINITY_WEIGHT);
    gather(c, w, &other->preferred_affinity, other, c->pod, 1, 0);
    gather(c, w, &other->preferred_anti_affinity, other, c->pod, -1, 0);
    return w;
}

static void add_node(struct scheduling_cycle *c, struct preferences *p, const struct node_info *n)
{
    for (size_t i = 0; i < n->classes.len; i++) {
        const int64_t pods = n->classes.items[i].count;
        const struct class_weights *w = weights_of(c, p, n->classes.items[i].class_id);
        for (size_t k = 0; k < w->count; k++) {
            topology_counts_add(&p->sums, c, w->items[k].key, n, pods * w->items[k].weight);
            p->met = p->met || n->domains[w->items[k].key] != DOMAIN_NONE;
        }
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
    const bool own = c->pod->preferred_affinity.count + c->pod->preferred_anti_affinity.count > 0;
    struct preferences p = {0};
    if (!own && s->affinity_pods == 0) {
        return false;
    }
    topology_counts_init(&p.sums, c);
    p.classes = arena_array(c->scratch, struct class_weights, s->classes.len);
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
