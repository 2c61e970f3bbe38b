/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PodTopologySpread: how evenly pods lie over zones and hosts. Upstream: Kubernetes v1.36.3
 * plugins/podtopologyspread/{common,filtering,scoring,plugin}.go.
 *
 * The traps: a selector without requirements counts no pod, yet matches the pod itself;
 * terminating pods do not count; only nodes with all keys count, except under the system's
 * default constraints, where nodes without a zone are one more domain; hosts are scored by
 * the pods on the node, not by the label's value, and their number is that of the nodes.
 */
#include "internal.h"

#include "engine/dmath.h"

#include <math.h>
#include <string.h>

#define MAX_NODE_SCORE 100
#define HOSTNAME_SKEW  3 /* systemDefaultConstraints */
#define ZONE_SKEW      5
#define NO_COUNT       INT64_MIN /* of a domain without an eligible node; counts may sink below 0 */

static bool same_namespace(const struct pod_class *a, const struct pod_class *b)
{
    return strcmp(pod_class_namespace(a), pod_class_namespace(b)) == 0;
}

/* countPodsMatchSelector's answer for each class. */
static const uint8_t *matching_classes(struct scheduling_cycle *c, const struct label_selector *sel)
{
    const struct scheduler_snapshot *s = c->snapshot;
    uint8_t *matching = arena_array(c->scratch, uint8_t, s->classes.len);
    if (label_selector_is_empty(sel)) {
        return matching;
    }
    for (size_t i = 0; i < s->classes.len; i++) {
        const struct pod_class *other = s->classes.items[i];
        matching[i] = same_namespace(c->pod, other) &&
                      label_selector_matches(sel, other->labels, other->label_count);
    }
    return matching;
}

static int64_t count_matching(const struct node_info *n, const uint8_t *matching)
{
    int64_t count = 0;
    for (size_t i = 0; i < n->classes.len; i++) {
        const struct class_count *k = &n->classes.items[i];
        count += matching[k->class_id] ? k->count - k->terminating : 0;
    }
    return count;
}

static bool has_all_keys(const struct node_info *n, const struct spread_state *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (n->domains[list[i].key] == DOMAIN_NONE) {
            return false;
        }
    }
    return true;
}

/* matchNodeInclusionPolicies */
static bool node_counts(const struct scheduling_cycle *c, const struct spread_state *st,
                        const struct node_info *n)
{
    return (st->constraint->ignores_node_affinity || node_affinity_admits(c->pod, n)) &&
           (!st->constraint->honors_node_taints || node_taints_admit(c->pod, n));
}

static void state_init(struct scheduling_cycle *c, struct spread_state *st,
                       const struct spread_constraint *k)
{
    *st = (struct spread_state){
        .constraint = k,
        .selector = k->selector,
        .key = snapshot_topology_key(c->snapshot, k->topology_key),
        .matches_self = label_selector_matches(&k->selector, c->pod->labels, c->pod->label_count),
    };
    st->matching = matching_classes(c, &st->selector);
    const size_t domains = c->snapshot->keys.items[st->key].values.len;
    st->counts = arena_array(c->scratch, int64_t, domains);
    for (size_t i = 0; i < domains; i++) {
        st->counts[i] = NO_COUNT;
    }
}

static void find_least(struct scheduling_cycle *c, struct spread_state *st)
{
    const size_t domains = c->snapshot->keys.items[st->key].values.len;
    st->least = INT32_MAX; /* newCriticalPaths */
    st->domains = 0;
    for (size_t i = 0; i < domains; i++) {
        if (st->counts[i] != NO_COUNT) {
            st->domains++;
            st->least = st->counts[i] < st->least ? st->counts[i] : st->least;
        }
    }
}

/* The constraints with that action, as states; the default ones are of ScheduleAnyway. */
static struct spread_state *states_of(struct scheduling_cycle *c, enum unsatisfiable_action when,
                                      size_t *count)
{
    const struct pod_class *pod = c->pod;
    struct spread_state *list = arena_array(c->scratch, struct spread_state, pod->spread_count);
    *count = 0;
    for (size_t i = 0; i < pod->spread_count; i++) {
        if (pod->spread[i].when == when) {
            state_init(c, &list[(*count)++], &pod->spread[i]);
        }
    }
    return list;
}

/* calPreFilterState */
void spread_begin(struct scheduling_cycle *c)
{
    if (c->pod->spread_count == 0) {
        return;
    }
    c->spread = states_of(c, DO_NOT_SCHEDULE, &c->spread_count);
    for (uint32_t i = 0; c->spread_count > 0 && i < c->snapshot->node_count; i++) {
        const struct node_info *n = c->snapshot->nodes[i];
        if (n->removed || !has_all_keys(n, c->spread, c->spread_count)) {
            continue;
        }
        for (size_t k = 0; k < c->spread_count; k++) {
            struct spread_state *st = &c->spread[k];
            if (node_counts(c, st, n)) {
                int64_t *count = &st->counts[n->domains[st->key]];
                *count = (*count == NO_COUNT ? 0 : *count) + count_matching(n, st->matching);
            }
        }
    }
    for (size_t k = 0; k < c->spread_count; k++) {
        find_least(c, &c->spread[k]);
    }
}

enum refusal_reason spread_filter(const struct scheduling_cycle *c, const struct node_info *n)
{
    for (size_t k = 0; k < c->spread_count; k++) {
        const struct spread_state *st = &c->spread[k];
        const uint32_t domain = n->domains[st->key];
        const int64_t min_domains =
            st->constraint->min_domains > 0 ? st->constraint->min_domains : 1;
        if (domain == DOMAIN_NONE) {
            return REFUSED_SPREAD_LABEL;
        }
        const int64_t least = (int64_t)st->domains < min_domains ? 0 : st->least;
        const int64_t here = st->counts[domain] != NO_COUNT ? st->counts[domain] : 0;
        if (here + (st->matches_self ? 1 : 0) - least > st->constraint->max_skew) {
            return REFUSED_SPREAD;
        }
    }
    return REFUSED_NOT;
}

/* updateWithPod; it looks at the labels only, whether the pod terminates or not. */
void spread_count_pod(struct scheduling_cycle *c, const struct placed_pod *pod, int64_t delta)
{
    const struct node_info *n = c->snapshot->nodes[pod->node];
    if (c->spread_count == 0 || !same_namespace(c->pod, pod->class) ||
        !has_all_keys(n, c->spread, c->spread_count)) {
        return;
    }
    for (size_t k = 0; k < c->spread_count; k++) {
        struct spread_state *st = &c->spread[k];
        if (!label_selector_matches(&st->selector, pod->class->labels, pod->class->label_count) ||
            !node_counts(c, st, n)) {
            continue;
        }
        st->counts[n->domains[st->key]] += delta;
        find_least(c, st);
    }
}

/* What ScheduleAnyway counts: as spread_state, but by domain of the filtered nodes only. */
struct soft {
    struct spread_state *list;
    size_t count;
    bool all_keys; /* requireAllTopologies */
    double *weights;
    uint32_t hostname; /* key */
};

static void default_states(struct scheduling_cycle *c, struct soft *soft)
{
    struct spread_constraint *k = arena_array(c->scratch, struct spread_constraint, 2);
    k[0] = (struct spread_constraint){.max_skew = HOSTNAME_SKEW,
                                      .topology_key = LABEL_HOSTNAME,
                                      .when = SCHEDULE_ANYWAY,
                                      .selector = c->pod->default_selector};
    k[1] = k[0];
    k[1].max_skew = ZONE_SKEW;
    k[1].topology_key = LABEL_ZONE;
    soft->list = arena_array(c->scratch, struct spread_state, 2);
    soft->count = 2;
    state_init(c, &soft->list[0], &k[0]);
    state_init(c, &soft->list[1], &k[1]);
}

/* initPreScoreState: which domains the filtered nodes have, and how many. */
static void find_domains(struct scheduling_cycle *c, struct soft *soft, const uint32_t *nodes,
                         size_t count)
{
    size_t used = 0;
    size_t *sizes = arena_array(c->scratch, size_t, soft->count);
    bool *without = arena_array(c->scratch, bool, soft->count);
    for (size_t i = 0; i < count; i++) {
        const struct node_info *n = c->snapshot->nodes[nodes[i]];
        if (soft->all_keys && !has_all_keys(n, soft->list, soft->count)) {
            continue;
        }
        used++;
        for (size_t k = 0; k < soft->count; k++) {
            struct spread_state *st = &soft->list[k];
            const uint32_t domain = n->domains[st->key];
            if (domain == DOMAIN_NONE) {
                sizes[k] += without[k] ? 0 : 1;
                without[k] = true;
            } else if (st->key != soft->hostname && st->counts[domain] == NO_COUNT) {
                st->counts[domain] = 0;
                sizes[k]++;
            }
        }
    }
    soft->weights = arena_array(c->scratch, double, soft->count);
    for (size_t k = 0; k < soft->count; k++) {
        const size_t size = soft->list[k].key == soft->hostname ? used : sizes[k];
        soft->weights[k] = dmath_log((double)(size + 2));
    }
}

static void count_domains(struct scheduling_cycle *c, struct soft *soft)
{
    for (uint32_t i = 0; i < c->snapshot->node_count; i++) {
        const struct node_info *n = c->snapshot->nodes[i];
        if (n->removed || (soft->all_keys && !has_all_keys(n, soft->list, soft->count))) {
            continue;
        }
        for (size_t k = 0; k < soft->count; k++) {
            struct spread_state *st = &soft->list[k];
            const uint32_t domain = n->domains[st->key];
            if (domain != DOMAIN_NONE && st->counts[domain] != NO_COUNT && node_counts(c, st, n)) {
                st->counts[domain] += count_matching(n, st->matching);
            }
        }
    }
}

static int64_t soft_score(const struct soft *soft, const struct node_info *n)
{
    double score = 0;
    for (size_t k = 0; k < soft->count; k++) {
        const struct spread_state *st = &soft->list[k];
        const uint32_t domain = n->domains[st->key];
        if (domain != DOMAIN_NONE) {
            const int64_t count =
                st->key == soft->hostname ? count_matching(n, st->matching) : st->counts[domain];
            score += (double)count * soft->weights[k] + (double)(st->constraint->max_skew - 1);
        }
    }
    return (int64_t)round(score);
}

/* NormalizeScore; ignored nodes are -1 and end with 0. */
static void normalize(int64_t *raw, size_t count)
{
    int64_t min = INT64_MAX;
    int64_t max = 0;
    for (size_t i = 0; i < count; i++) {
        if (raw[i] >= 0) {
            min = raw[i] < min ? raw[i] : min;
            max = raw[i] > max ? raw[i] : max;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (raw[i] < 0) {
            raw[i] = 0;
        } else {
            raw[i] = max == 0 ? MAX_NODE_SCORE : MAX_NODE_SCORE * (max + min - raw[i]) / max;
        }
    }
}

bool spread_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count, int64_t *raw)
{
    struct soft soft = {.all_keys = c->pod->spread_count > 0};
    if (soft.all_keys) {
        soft.list = states_of(c, SCHEDULE_ANYWAY, &soft.count);
    } else if (c->pod->default_selector.count > 0 && !c->pod->default_selector.nothing) {
        default_states(c, &soft);
    }
    if (soft.count == 0) {
        return false;
    }
    soft.hostname = snapshot_topology_key(c->snapshot, LABEL_HOSTNAME);
    find_domains(c, &soft, nodes, count);
    count_domains(c, &soft);
    for (size_t i = 0; i < count; i++) {
        const struct node_info *n = c->snapshot->nodes[nodes[i]];
        const bool ignored = soft.all_keys && !has_all_keys(n, soft.list, soft.count);
        raw[i] = ignored ? -1 : soft_score(&soft, n);
    }
    normalize(raw, count);
    return true;
}
