/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node's own words decide about a pod: cordoned, name, taints, labels, and the raw
 * scores that follow from them. Upstream: Kubernetes v1.36.3 plugins/{nodeunschedulable,
 * nodename,tainttoleration,nodeaffinity}.
 *
 * The idea: pods of one class get the same answer until the node object changes, so it is
 * kept by class and node with the node's version. The traps: an unschedulable node is left
 * alone by pods that tolerate its taint, whether the taint is there or not; only tolerations
 * without effect or for PreferNoSchedule count in the score.
 */
#include "internal.h"

#include <string.h>

bool node_affinity_admits(const struct pod_class *pod, const struct node_info *n)
{
    if (pod->node_selector_count == 0 && !pod->has_required_node_affinity) {
        return true;
    }
    return pod_class_matches_node(pod, n->spec.name, n->spec.labels, n->spec.label_count);
}

bool node_taints_admit(const struct pod_class *pod, const struct node_info *n)
{
    for (size_t i = 0; i < n->spec.taint_count; i++) {
        const struct taint *t = &n->spec.taints[i];
        if ((t->effect == TAINT_NO_SCHEDULE || t->effect == TAINT_NO_EXECUTE) &&
            !tolerations_tolerate(pod->tolerations, pod->toleration_count, t)) {
            return false;
        }
    }
    return true;
}

static bool admits_unschedulable(const struct pod_class *pod, const struct node_info *n)
{
    const struct taint cordon = {
        .key = TAINT_KEY_UNSCHEDULABLE, .value = "", .effect = TAINT_NO_SCHEDULE};
    return !n->spec.unschedulable ||
           tolerations_tolerate(pod->tolerations, pod->toleration_count, &cordon);
}

/* Plugin + 1 of the first that refuses, 0 for none. */
static uint8_t refusing_plugin(const struct pod_class *pod, const struct node_info *n)
{
    if (!admits_unschedulable(pod, n)) {
        return PLUGIN_NODE_UNSCHEDULABLE + 1;
    }
    if (pod->node_name != NULL && pod->node_name[0] != '\0' &&
        strcmp(pod->node_name, n->spec.name) != 0) {
        return PLUGIN_NODE_NAME + 1;
    }
    if (!node_taints_admit(pod, n)) {
        return PLUGIN_TAINT_TOLERATION + 1;
    }
    return node_affinity_admits(pod, n) ? 0 : PLUGIN_NODE_AFFINITY + 1;
}

/* countIntolerableTaintsPreferNoSchedule */
static int32_t intolerable_taints(const struct pod_class *pod, const struct node_info *n)
{
    int32_t count = 0;
    for (size_t i = 0; i < n->spec.taint_count; i++) {
        const struct taint *t = &n->spec.taints[i];
        if (t->effect == TAINT_PREFER_NO_SCHEDULE &&
            !tolerations_tolerate(pod->tolerations, pod->toleration_count, t)) {
            count++;
        }
    }
    return count;
}

static int64_t preferred_weight(const struct pod_class *pod, const struct node_info *n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < pod->preferred_node_count; i++) {
        const struct preferred_node_term *p = &pod->preferred_nodes[i];
        if (p->weight != 0 && node_selector_term_matches(&p->term, n->spec.name, n->spec.labels,
                                                         n->spec.label_count)) {
            sum += p->weight;
        }
    }
    return sum;
}

const struct static_verdict *node_verdict(struct scheduling_cycle *c, uint32_t node)
{
    struct static_verdict *v = &c->verdicts->items[node];
    const struct node_info *n = c->snapshot->nodes[node];
    if (v->version != n->version) {
        *v = (struct static_verdict){
            .version = n->version,
            .refused = refusing_plugin(c->pod, n),
            .taints = intolerable_taints(c->pod, n),
            .affinity = preferred_weight(c->pod, n),
        };
    }
    return v;
}

/* The names that a term's fields leave: how many of its In requirements agree on one. */
static bool term_names(const struct node_selector_term *t, const char **name, bool *empty)
{
    bool restricted = false;
    for (size_t i = 0; i < t->field_count; i++) {
        const struct label_requirement *r = &t->fields[i];
        if (r->op != LABEL_IN || strcmp(r->key, "metadata.name") != 0 || r->value_count != 1) {
            continue;
        }
        *empty = *empty || (restricted && strcmp(*name, r->values[0]) != 0);
        *name = r->values[0];
        restricted = true;
    }
    return restricted;
}

/* NodeAffinity.PreFilter: all terms name nodes; conflict: and no node can have them. */
bool node_names_restricted(const struct pod_class *pod, bool *conflict)
{
    bool any = false;
    for (size_t i = 0; i < pod->required_node_count; i++) {
        const char *name = NULL;
        bool empty = false;
        if (!term_names(&pod->required_nodes[i], &name, &empty)) {
            return false;
        }
        any = any || !empty;
    }
    *conflict = pod->required_node_count > 0 && !any;
    return pod->required_node_count > 0;
}

bool node_name_allowed(const struct pod_class *pod, const char *name)
{
    for (size_t i = 0; i < pod->required_node_count; i++) {
        const char *asked = NULL;
        bool empty = false;
        if (term_names(&pod->required_nodes[i], &asked, &empty) && !empty &&
            strcmp(asked, name) == 0) {
            return true;
        }
    }
    return false;
}
