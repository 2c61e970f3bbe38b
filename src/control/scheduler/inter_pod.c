/* SPDX-License-Identifier: Apache-2.0 */
/*
 * InterPodAffinity's filter: pods that want to be, or must not be, in one topology domain
 * with others. Upstream: Kubernetes v1.36.3 plugins/interpodaffinity/filtering.go.
 *
 * The traps: a pod counts for affinity only if all terms select it, for anti-affinity term by
 * term; anti-affinity binds in both directions; the first pod of a group that selects itself
 * may go to any node with the keys, if nobody in the whole cluster matches yet. Terminating
 * pods count like others.
 */
#include "internal.h"

#include "base/require.h"

void topology_counts_init(struct topology_counts *t, struct scheduling_cycle *c)
{
    t->keys = arena_array(c->scratch, struct domain_counts, c->snapshot->keys.len);
    t->total = 0;
}

void topology_counts_add(struct topology_counts *t, const struct scheduling_cycle *c, uint32_t key,
                         const struct node_info *n, int64_t delta)
{
    struct domain_counts *d = &t->keys[key];
    const uint32_t domain = n->domains[key];
    if (domain == DOMAIN_NONE) {
        return;
    }
    if (d->cap == 0) {
        d->cap = c->snapshot->keys.items[key].values.len;
        d->counts = arena_array(c->scratch, int64_t, d->cap);
    }
    require(domain < d->cap);
    d->counts[domain] += delta;
    t->total += delta;
}

static uint32_t key_of(const struct scheduling_cycle *c, const struct pod_affinity_term *t)
{
    return snapshot_topology_key(c->snapshot, t->topology_key);
}

/* podMatchesAllAffinityTerms */
static bool matches_all(const struct scheduling_cycle *c, const struct pod_class *other)
{
    const struct pod_affinity_terms *terms = &c->pod->required_affinity;
    for (size_t i = 0; i < terms->count; i++) {
        if (!affinity_term_matches(c->snapshot, &terms->items[i], pod_class_namespace(c->pod),
                                   other)) {
            return false;
        }
    }
    return terms->count > 0;
}

/* What delta pods of a class on a node change in the pod's own counts. */
static void count_for_pod(struct scheduling_cycle *c, const struct pod_class *other,
                          const struct node_info *n, int64_t delta)
{
    const struct pod_affinity_terms *affinity = &c->pod->required_affinity;
    const struct pod_affinity_terms *anti = &c->pod->required_anti_affinity;
    for (size_t i = 0; c->matches_affinity[other->id] && i < affinity->count; i++) {
        topology_counts_add(&c->affinity, c, key_of(c, &affinity->items[i]), n, delta);
    }
    for (size_t i = 0; i < anti->count; i++) {
        if (affinity_term_matches(c->snapshot, &anti->items[i], pod_class_namespace(c->pod),
                                  other)) {
            topology_counts_add(&c->anti_affinity, c, key_of(c, &anti->items[i]), n, delta);
        }
    }
}

/* The same for the anti-affinity that the others have against the pod. */
static void count_against_pod(struct scheduling_cycle *c, const struct pod_class *other,
                              const struct node_info *n, int64_t delta)
{
    const struct pod_affinity_terms *anti = &other->required_anti_affinity;
    for (size_t i = 0; i < anti->count; i++) {
        if (affinity_term_matches(c->snapshot, &anti->items[i], pod_class_namespace(other),
                                  c->pod)) {
            topology_counts_add(&c->existing_anti_affinity, c, key_of(c, &anti->items[i]), n,
                                delta);
        }
    }
}

static void count_node(struct scheduling_cycle *c, const struct node_info *n, bool own)
{
    const struct scheduler_snapshot *s = c->snapshot;
    for (size_t i = 0; i < n->classes.len; i++) {
        const struct class_count *k = &n->classes.items[i];
        if (own) {
            count_for_pod(c, s->classes.items[k->class_id], n, k->count);
        }
        if (n->anti_affinity_pods > 0) {
            count_against_pod(c, s->classes.items[k->class_id], n, k->count);
        }
    }
}

void inter_pod_begin(struct scheduling_cycle *c)
{
    const struct scheduler_snapshot *s = c->snapshot;
    const bool own = c->pod->required_affinity.count + c->pod->required_anti_affinity.count > 0;
    uint8_t *matches = arena_array(c->scratch, uint8_t, s->classes.len);
    for (size_t i = 0; own && i < s->classes.len; i++) {
        matches[i] = matches_all(c, s->classes.items[i]);
    }
    c->matches_affinity = matches;
    c->matches_own_affinity = matches_all(c, c->pod);
    topology_counts_init(&c->existing_anti_affinity, c);
    topology_counts_init(&c->affinity, c);
    topology_counts_init(&c->anti_affinity, c);
    for (uint32_t i = 0; (own || s->anti_affinity_pods > 0) && i < s->node_count; i++) {
        if (!s->nodes[i]->removed && (own || s->nodes[i]->anti_affinity_pods > 0)) {
            count_node(c, s->nodes[i], own);
        }
    }
    c->inter_pod = own || c->existing_anti_affinity.total > 0;
}

/* satisfyPodAffinity */
static bool affinity_admits(const struct scheduling_cycle *c, const struct node_info *n)
{
    const struct pod_affinity_terms *terms = &c->pod->required_affinity;
    bool pods_exist = true;
    for (size_t i = 0; i < terms->count; i++) {
        const uint32_t key = key_of(c, &terms->items[i]);
        if (n->domains[key] == DOMAIN_NONE) {
            return false;
        }
        pods_exist = pods_exist && topology_count(&c->affinity, key, n->domains[key]) > 0;
    }
    return pods_exist || (c->affinity.total == 0 && c->matches_own_affinity);
}

static bool anti_affinity_admits(const struct scheduling_cycle *c, const struct node_info *n)
{
    const struct pod_affinity_terms *terms = &c->pod->required_anti_affinity;
    for (size_t i = 0; c->anti_affinity.total > 0 && i < terms->count; i++) {
        const uint32_t key = key_of(c, &terms->items[i]);
        if (topology_count(&c->anti_affinity, key, n->domains[key]) > 0) {
            return false;
        }
    }
    return true;
}

static bool others_admit(const struct scheduling_cycle *c, const struct node_info *n)
{
    const struct topology_counts *t = &c->existing_anti_affinity;
    for (uint32_t key = 0; t->total > 0 && key < c->snapshot->keys.len; key++) {
        if (t->keys[key].cap > 0 && topology_count(t, key, n->domains[key]) > 0) {
            return false;
        }
    }
    return true;
}

enum refusal_reason inter_pod_filter(const struct scheduling_cycle *c, const struct node_info *n)
{
    if (!c->inter_pod) {
        return REFUSED_NOT;
    }
    if (!affinity_admits(c, n)) {
        return REFUSED_AFFINITY;
    }
    if (!anti_affinity_admits(c, n)) {
        return REFUSED_ANTI_AFFINITY;
    }
    return others_admit(c, n) ? REFUSED_NOT : REFUSED_EXISTING_ANTI_AFFINITY;
}

void inter_pod_count_pod(struct scheduling_cycle *c, const struct placed_pod *pod, int64_t delta)
{
    const struct node_info *n = c->snapshot->nodes[pod->node];
    if (c->inter_pod) {
        count_for_pod(c, pod->class, n, delta);
        count_against_pod(c, pod->class, n, delta);
    }
}
