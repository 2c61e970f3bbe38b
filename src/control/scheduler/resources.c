/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room on a node: the fit of requests, host ports, and the two scores made of them.
 * Upstream: Kubernetes v1.36.3 plugins/noderesources/{fit,least_allocated,
 * balanced_allocation}.go, plugins/nodeports, framework HostPortInfo.
 *
 * The traps: all shortages are reported, but one that exceeds the node's whole size makes the
 * refusal final; a zero request always fits, even on an overcommitted node; BalancedAllocation
 * rewards the change, so both of its halves are cut to whole points before they are compared.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

#define MAX_NODE_SCORE 100

static const struct scalar_use *find_scalar(const struct node_info *n, const char *name)
{
    for (size_t i = 0; i < n->scalars.len; i++) {
        if (strcmp(n->scalars.items[i].name, name) == 0) {
            return &n->scalars.items[i];
        }
    }
    return NULL;
}

static void check_room(struct node_refusal *r, int64_t asked, int64_t allocatable, int64_t used,
                       uint32_t bit)
{
    if (asked > 0 && asked > allocatable - used) {
        r->short_of |= bit;
        r->unresolvable = r->unresolvable || asked > allocatable;
    }
}

struct node_refusal resources_filter(const struct pod_class *pod, const struct node_info *n)
{
    struct node_refusal r = {.plugin = PLUGIN_NODE_RESOURCES_FIT};
    const struct resource_vector *ask = &pod->request;
    const struct resource_vector *all = &n->spec.allocatable;
    if ((int64_t)n->pods.len + 1 > n->spec.allowed_pods) {
        r.short_of = SHORT_OF_PODS;
    }
    check_room(&r, ask->milli_cpu, all->milli_cpu, n->milli_cpu, SHORT_OF_CPU);
    check_room(&r, ask->memory, all->memory, n->memory, SHORT_OF_MEMORY);
    check_room(&r, ask->ephemeral_storage, all->ephemeral_storage, n->ephemeral_storage,
               SHORT_OF_EPHEMERAL_STORAGE);
    for (size_t i = 0; i < ask->scalar_count; i++) {
        const struct scalar_use *use = find_scalar(n, ask->scalars[i].name);
        const size_t bit = i < SHORT_OF_SCALARS ? i : SHORT_OF_SCALARS - 1;
        check_room(&r, ask->scalars[i].value, use != NULL ? use->allocatable : 0,
                   use != NULL ? use->requested : 0, SHORT_OF_SCALAR(bit));
    }
    r.reason = r.short_of != 0 ? REFUSED_RESOURCES : REFUSED_NOT;
    return r;
}

static bool same_or(const char *a, const char *b, const char *missing)
{
    return strcmp(a != NULL && a[0] != '\0' ? a : missing,
                  b != NULL && b[0] != '\0' ? b : missing) == 0;
}

static bool is_every_address(const struct host_port *p)
{
    return same_or(p->ip, "0.0.0.0", "0.0.0.0");
}

static bool port_conflicts(const struct host_port *want, const struct host_port *used)
{
    return want->port > 0 && want->port == used->port &&
           same_or(want->protocol, used->protocol, "TCP") &&
           (is_every_address(want) || is_every_address(used) ||
            same_or(want->ip, used->ip, "0.0.0.0"));
}

static bool classes_conflict(const struct pod_class *want, const struct pod_class *used)
{
    for (size_t i = 0; i < want->port_count; i++) {
        for (size_t k = 0; k < used->port_count; k++) {
            if (port_conflicts(&want->ports[i], &used->ports[k])) {
                return true;
            }
        }
    }
    return false;
}

bool ports_conflict(const struct scheduler_snapshot *s, const struct pod_class *pod,
                    const struct node_info *n)
{
    for (size_t i = 0; pod->port_count > 0 && i < n->classes.len; i++) {
        if (classes_conflict(pod, s->classes.items[n->classes.items[i].class_id])) {
            return true;
        }
    }
    return false;
}

/* leastRequestedScore */
static int64_t free_share(int64_t requested, int64_t capacity)
{
    return requested > capacity ? 0 : (capacity - requested) * MAX_NODE_SCORE / capacity;
}

int64_t least_allocated(const struct pod_class *pod, const struct node_info *n)
{
    const struct resource_vector *all = &n->spec.allocatable;
    int64_t sum = 0;
    int64_t weights = 0;
    if (all->milli_cpu != 0) {
        sum += free_share(n->non_zero_milli_cpu + pod->scored_milli_cpu, all->milli_cpu);
        weights++;
    }
    if (all->memory != 0) {
        sum += free_share(n->non_zero_memory + pod->scored_memory, all->memory);
        weights++;
    }
    return weights == 0 ? 0 : sum / weights;
}

static double used_fraction(int64_t requested, int64_t capacity)
{
    const double f = (double)requested / (double)capacity;
    return f > 1 ? 1 : f;
}

/* balancedResourceScore of cpu and memory; one resource alone is balanced. */
static int64_t balance(const struct resource_vector *all, int64_t milli_cpu, int64_t memory)
{
    double std = 0;
    if (all->milli_cpu != 0 && all->memory != 0) {
        std = fabs((used_fraction(milli_cpu, all->milli_cpu) - used_fraction(memory, all->memory)) /
                   2);
    }
    return (int64_t)((1 - std) * (double)MAX_NODE_SCORE);
}

int64_t balanced_allocation(const struct pod_class *pod, const struct node_info *n)
{
    const struct resource_vector *all = &n->spec.allocatable;
    const int64_t with =
        balance(all, n->milli_cpu + pod->request.milli_cpu, n->memory + pod->request.memory);
    const int64_t without = balance(all, n->milli_cpu, n->memory);
    return MAX_NODE_SCORE / 2 + (MAX_NODE_SCORE / 2 + with - without) / 2;
}
