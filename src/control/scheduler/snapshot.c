/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes, the pods on them, and the order in which nodes are looked at. Upstream: Kubernetes
 * v1.36.3 pkg/scheduler/framework/types.go (NodeInfo), backend/cache/{cache,node_tree}.go.
 *
 * The idea: pods are counted by class and topology values are numbered, so that a cycle adds
 * integers where upstream walks pods and compares strings. The trap: a zone keeps its place
 * among the zones until its last node goes, so the order is not that of the nodes' names.
 */
#include "control/scheduler/snapshot.h"

#include "base/require.h"
#include "base/str.h"

#include <string.h>

void snapshot_init(struct scheduler_snapshot *s, struct arena *a)
{
    *s = (struct scheduler_snapshot){.arena = a, .names = {.arena = a}};
}

static bool has_affinity(const struct pod_class *c)
{
    return c->required_affinity.count + c->required_anti_affinity.count +
               c->preferred_affinity.count + c->preferred_anti_affinity.count >
           0;
}

static void register_terms(struct scheduler_snapshot *s, const struct pod_affinity_terms *terms)
{
    for (size_t i = 0; i < terms->count; i++) {
        snapshot_topology_key(s, terms->items[i].topology_key);
    }
}

void snapshot_add_class(struct scheduler_snapshot *s, struct pod_class *class)
{
    class->id = (uint32_t)s->classes.len;
    *vec_push(s->arena, &s->classes) = class;
    vec_push(s->arena, &s->verdicts);
    register_terms(s, &class->required_affinity);
    register_terms(s, &class->required_anti_affinity);
    register_terms(s, &class->preferred_affinity);
    register_terms(s, &class->preferred_anti_affinity);
    for (size_t i = 0; i < class->spread_count; i++) {
        snapshot_topology_key(s, class->spread[i].topology_key);
    }
    if (class->spread_count == 0 && class->default_selector.count > 0) {
        snapshot_topology_key(s, LABEL_HOSTNAME);
        snapshot_topology_key(s, LABEL_ZONE);
    }
}

static void set_domain(struct scheduler_snapshot *s, struct node_info *n, uint32_t key)
{
    struct topology_key *k = &s->keys.items[key];
    const char *value = labels_get(n->spec.labels, n->spec.label_count, k->key);
    n->domains[key] = value != NULL ? (uint32_t)table_put(&k->values, value) : DOMAIN_NONE;
}

uint32_t snapshot_topology_key(struct scheduler_snapshot *s, const char *key)
{
    for (size_t i = 0; i < s->keys.len; i++) {
        if (strcmp(s->keys.items[i].key, key) == 0) {
            return (uint32_t)i;
        }
    }
    const uint32_t index = (uint32_t)s->keys.len;
    *vec_push(s->arena, &s->keys) =
        (struct topology_key){.key = arena_strdup(s->arena, key), .values = {.arena = s->arena}};
    const size_t old = s->domain_cap;
    s->domain_cap = s->keys.cap;
    for (uint32_t i = 0; i < s->node_count; i++) {
        struct node_info *n = s->nodes[i];
        if (s->domain_cap != old) {
            n->domains = arena_grow(s->arena, n->domains, old, s->domain_cap, sizeof *n->domains,
                                    _Alignof(uint32_t));
        }
        set_domain(s, n, index);
    }
    return index;
}

/* GetZoneKey, without the labels that were replaced in 1.17. */
static struct node_zone *zone_of(struct scheduler_snapshot *s, const struct node_spec *spec)
{
    const char *region = labels_get(spec->labels, spec->label_count, LABEL_REGION);
    const char *zone = labels_get(spec->labels, spec->label_count, LABEL_ZONE);
    region = region != NULL ? region : "";
    zone = zone != NULL ? zone : "";
    for (size_t i = 0; i < s->zones.len; i++) {
        struct node_zone *z = &s->zones.items[i];
        if (strcmp(z->zone, zone) == 0 && strcmp(z->region, region) == 0) {
            return z;
        }
    }
    struct node_zone *z = vec_push(s->arena, &s->zones);
    *z = (struct node_zone){.region = arena_strdup(s->arena, region),
                            .zone = arena_strdup(s->arena, zone)};
    return z;
}

static void enter_zone(struct scheduler_snapshot *s, uint32_t node)
{
    struct node_zone *z = zone_of(s, &s->nodes[node]->spec);
    *vec_push(s->arena, &z->nodes) = node;
    s->order_stale = true;
}

static void leave_zone(struct scheduler_snapshot *s, uint32_t node)
{
    struct node_zone *z = zone_of(s, &s->nodes[node]->spec);
    size_t at = 0;
    while (at < z->nodes.len && z->nodes.items[at] != node) {
        at++;
    }
    require(at < z->nodes.len);
    z->nodes.len--;
    memmove(&z->nodes.items[at], &z->nodes.items[at + 1], (z->nodes.len - at) * sizeof node);
    s->order_stale = true;
    if (z->nodes.len == 0) {
        const size_t i = (size_t)(z - s->zones.items);
        s->zones.len--;
        memmove(z, z + 1, (s->zones.len - i) * sizeof *z);
    }
}

static struct scalar_use *scalar_of(struct scheduler_snapshot *s, struct node_info *n,
                                    const char *name)
{
    for (size_t i = 0; i < n->scalars.len; i++) {
        if (strcmp(n->scalars.items[i].name, name) == 0) {
            return &n->scalars.items[i];
        }
    }
    struct scalar_use *use = vec_push(s->arena, &n->scalars);
    use->name = name;
    return use;
}

static void set_spec(struct scheduler_snapshot *s, struct node_info *n,
                     const struct node_spec *spec)
{
    n->spec = *spec;
    n->version++;
    for (uint32_t k = 0; k < s->keys.len; k++) {
        set_domain(s, n, k);
    }
    for (size_t i = 0; i < n->scalars.len; i++) {
        n->scalars.items[i].allocatable = 0;
    }
    for (size_t i = 0; i < spec->allocatable.scalar_count; i++) {
        const struct scalar_resource *r = &spec->allocatable.scalars[i];
        scalar_of(s, n, r->name)->allocatable = r->value;
    }
}

uint32_t snapshot_add_node(struct scheduler_snapshot *s, const struct node_spec *spec)
{
    if (s->node_count == s->node_cap) {
        const uint32_t cap = s->node_cap == 0 ? 16 : s->node_cap * 2;
        s->nodes = arena_grow(s->arena, s->nodes, s->node_cap, cap, sizeof *s->nodes,
                              _Alignof(struct node_info *));
        s->order = arena_array(s->arena, uint32_t, cap);
        s->node_cap = cap;
    }
    const uint32_t index = s->node_count++;
    struct node_info *n = arena_new(s->arena, struct node_info);
    n->domains = arena_array(s->arena, uint32_t, s->domain_cap);
    s->nodes[index] = n;
    set_spec(s, n, spec);
    s->live_count++;
    table_put(&s->names, spec->name);
    enter_zone(s, index);
    return index;
}

void snapshot_update_node(struct scheduler_snapshot *s, uint32_t node, const struct node_spec *spec)
{
    require(node < s->node_count && !s->nodes[node]->removed);
    leave_zone(s, node);
    set_spec(s, s->nodes[node], spec);
    enter_zone(s, node);
}

void snapshot_remove_node(struct scheduler_snapshot *s, uint32_t node)
{
    require(node < s->node_count && !s->nodes[node]->removed);
    leave_zone(s, node);
    s->nodes[node]->removed = true;
    s->live_count--;
}

uint32_t snapshot_find_node(const struct scheduler_snapshot *s, const char *name)
{
    if (table_find(&s->names, name) == TABLE_NONE) {
        return SNAPSHOT_NO_NODE;
    }
    for (uint32_t i = s->node_count; i-- > 0;) {
        if (!s->nodes[i]->removed && strcmp(s->nodes[i]->spec.name, name) == 0) {
            return i;
        }
    }
    return SNAPSHOT_NO_NODE;
}

const uint32_t *snapshot_order(struct scheduler_snapshot *s)
{
    if (!s->order_stale) {
        return s->order;
    }
    uint32_t n = 0;
    for (size_t turn = 0; n < s->live_count; turn++) {
        for (size_t z = 0; z < s->zones.len; z++) {
            if (turn < s->zones.items[z].nodes.len) {
                s->order[n++] = s->zones.items[z].nodes.items[turn];
            }
        }
    }
    s->order_stale = false;
    return s->order;
}

/* NodeInfo.update: sign 1 charges the node, -1 gives back. */
static void charge(struct scheduler_snapshot *s, struct node_info *n, const struct pod_class *c,
                   int64_t sign)
{
    n->milli_cpu += sign * c->request.milli_cpu;
    n->memory += sign * c->request.memory;
    n->ephemeral_storage += sign * c->request.ephemeral_storage;
    n->non_zero_milli_cpu += sign * c->non_zero_milli_cpu;
    n->non_zero_memory += sign * c->non_zero_memory;
    for (size_t i = 0; i < c->request.scalar_count; i++) {
        const struct scalar_resource *r = &c->request.scalars[i];
        scalar_of(s, n, r->name)->requested += sign * r->value;
    }
    const uint32_t one = (uint32_t)sign;
    if (has_affinity(c)) {
        n->affinity_pods += one;
        s->affinity_pods += one;
    }
    if (c->required_anti_affinity.count > 0) {
        n->anti_affinity_pods += one;
        s->anti_affinity_pods += one;
    }
}

static struct class_count *count_of(struct scheduler_snapshot *s, struct node_info *n, uint32_t id)
{
    for (size_t i = 0; i < n->classes.len; i++) {
        if (n->classes.items[i].class_id == id) {
            return &n->classes.items[i];
        }
    }
    struct class_count *c = vec_push(s->arena, &n->classes);
    *c = (struct class_count){.class_id = id}; /* the place may have been in use */
    return c;
}

void snapshot_add_pod(struct scheduler_snapshot *s, struct placed_pod *pod)
{
    require(pod->node < s->node_count);
    struct node_info *n = s->nodes[pod->node];
    struct class_count *count = count_of(s, n, pod->class->id);
    pod->slot = (uint32_t)n->pods.len;
    *vec_push(s->arena, &n->pods) = pod;
    count->count++;
    count->terminating += pod->terminating ? 1 : 0;
    charge(s, n, pod->class, 1);
}

void snapshot_remove_pod(struct scheduler_snapshot *s, struct placed_pod *pod)
{
    struct node_info *n = s->nodes[pod->node];
    struct class_count *count = count_of(s, n, pod->class->id);
    require(pod->slot < n->pods.len && n->pods.items[pod->slot] == pod);
    n->pods.items[pod->slot] = n->pods.items[--n->pods.len];
    n->pods.items[pod->slot]->slot = pod->slot;
    count->count--;
    count->terminating -= pod->terminating ? 1 : 0;
    if (count->count == 0) {
        *count = n->classes.items[--n->classes.len];
    }
    charge(s, n, pod->class, -1);
}

void snapshot_pod_terminates(struct scheduler_snapshot *s, struct placed_pod *pod, bool preempted)
{
    if (!pod->terminating) {
        pod->terminating = true;
        count_of(s, s->nodes[pod->node], pod->class->id)->terminating++;
    }
    pod->preempted = pod->preempted || preempted;
}

void snapshot_nominate(struct scheduler_snapshot *s, struct placed_pod *pod)
{
    require(pod->node < s->node_count);
    *vec_push(s->arena, &s->nominated) = pod;
    s->nodes[pod->node]->nominated++;
}

void snapshot_clear_nomination(struct scheduler_snapshot *s, struct placed_pod *pod)
{
    for (size_t i = 0; i < s->nominated.len; i++) {
        if (s->nominated.items[i] == pod) {
            s->nodes[pod->node]->nominated--;
            s->nominated.len--;
            memmove(&s->nominated.items[i], &s->nominated.items[i + 1],
                    (s->nominated.len - i) * sizeof(struct placed_pod *));
            return;
        }
    }
}

static const struct namespace_labels *namespace_of(const struct scheduler_snapshot *s,
                                                   const char *name)
{
    for (size_t i = 0; i < s->namespace_count; i++) {
        if (strcmp(s->namespaces[i].name, name) == 0) {
            return &s->namespaces[i];
        }
    }
    return NULL;
}

static bool covers_namespace(const struct scheduler_snapshot *s, const struct pod_affinity_term *t,
                             const char *own, const char *name)
{
    if (t->namespace_count == 0 && !t->has_namespace_selector) {
        return strcmp(own, name) == 0;
    }
    for (size_t i = 0; i < t->namespace_count; i++) {
        if (strcmp(t->namespaces[i], name) == 0) {
            return true;
        }
    }
    if (!t->has_namespace_selector) {
        return false;
    }
    const struct namespace_labels *ns = namespace_of(s, name);
    return label_selector_matches(&t->namespace_selector, ns != NULL ? ns->labels : NULL,
                                  ns != NULL ? ns->label_count : 0);
}

bool affinity_term_matches(const struct scheduler_snapshot *s, const struct pod_affinity_term *t,
                           const char *own, const struct pod_class *class)
{
    return covers_namespace(s, t, own, pod_class_namespace(class)) &&
           label_selector_matches(&t->selector, class->labels, class->label_count);
}
