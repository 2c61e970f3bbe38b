/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capping, VPA 1.8.1 (utils/vpa/capping.go, limit_and_request_scaling.go). Per pod: first the
 * LimitRange of type Pod scales all containers alike, then that of type Container moves each
 * request so far that its proportional limit fits, then policy minimum and maximum (the
 * maximum has the last word), then, with RequestsOnly, the container's own limit.
 *
 * The traps, all upstream's: a Pod LimitRange gives every container of the list an amount of
 * the resource, even one that is not controlled (0 cores, -1 bytes: 0 less 0.999, rounded away
 * from zero); a container with requests but without recommendation enters the list without
 * bounds, and the first write to them crashes; one without either crashes in the last branch.
 */
#include "control/vpa/capping.h"

#include "base/str.h"

#include <string.h>

static const char *const NIL_MAP = "assignment to entry in nil map";
static const char *const NIL_POINTER = "invalid memory address or nil pointer dereference";

__extension__ typedef __int128 wide;

/* floor(a * b / c) for c > 0, and whether something was left; INT64_MAX when it does not fit. */
static int64_t scale(int64_t a, int64_t b, int64_t c, bool *rest)
{
    const wide product = (wide)a * b;
    const wide left = product % c;
    const wide quotient = product / c - (left < 0);
    *rest = left != 0;
    return quotient > INT64_MAX || quotient < INT64_MIN ? INT64_MAX : (int64_t)quotient;
}

static int64_t scale_down(int64_t a, int64_t b, int64_t c)
{
    bool rest;
    return scale(a, b, c, &rest);
}

bool capping_proportional_limit(int64_t limit, int64_t request, int64_t recommended,
                                int64_t default_limit, int64_t *out)
{
    const int64_t original = limit == 0 ? default_limit : limit;
    if (original == 0 || recommended == 0) {
        return false;
    }
    if (request == 0 || request == original) {
        *out = recommended;
        return true;
    }
    *out = scale_down(original, recommended, request);
    return true;
}

/* ---- policy ---- */

static int64_t cap_to_min(int64_t amount, const struct vpa_resources *min, enum vpa_resource r)
{
    return min->amount[r] != 0 && amount < min->amount[r] ? min->amount[r] : amount;
}

static int64_t cap_to_max(int64_t amount, const struct vpa_resources *max, enum vpa_resource r)
{
    return max->amount[r] != 0 && amount > max->amount[r] ? max->amount[r] : amount;
}

static void cap_between(struct vpa_resources *list, const struct vpa_resources *min,
                        const struct vpa_resources *max)
{
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        if (list->present[r]) {
            list->amount[r] = cap_to_max(cap_to_min(list->amount[r], min, r), max, r);
        }
    }
}

void capping_apply_policy(struct vpa_recommendation *rec, const struct vpa_policies *policies,
                          const struct vpa_resources *global_max)
{
    for (size_t i = 0; i < rec->count; i++) {
        struct vpa_container_recommendation *c = &rec->items[i];
        const struct vpa_policy *policy = vpa_policy_for(policies, c->name);
        struct vpa_resources min = {0};
        struct vpa_resources max = {0};
        if (policy != NULL) {
            min = policy->min;
            max = policy->max;
        }
        for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
            if (!max.present[r]) {
                max.amount[r] = global_max->amount[r];
            }
        }
        cap_between(&c->target, &min, &max);
        cap_between(&c->lower, &min, &max);
        cap_between(&c->upper, &min, &max);
    }
}

/* ---- LimitRange of type Container ---- */

/* GetBoundaryRequest: the request whose proportional limit is the boundary; 0 is no bound. */
static int64_t boundary_request(int64_t request, int64_t limit, int64_t boundary,
                                int64_t default_limit)
{
    const int64_t original = limit == 0 ? default_limit : limit;
    if (original == 0) {
        return 0;
    }
    return request == 0 ? boundary : scale_down(request, boundary, original);
}

static void cap_to_limit_range(struct vpa_resources *list, const struct vpa_pod_container *c,
                               const struct vpa_limit_range *range)
{
    struct vpa_resources min = {0};
    struct vpa_resources max = {0};
    if (!range->given) {
        return;
    }
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        const int64_t request = c->requests.amount[r];
        const int64_t limit = c->limits.amount[r];
        const int64_t fallback = range->default_limit.amount[r];
        const int64_t for_limit = boundary_request(request, limit, range->min.amount[r], fallback);
        min.amount[r] = range->min.amount[r] > for_limit ? range->min.amount[r] : for_limit;
        max.amount[r] = boundary_request(request, limit, range->max.amount[r], fallback);
    }
    cap_between(list, &min, &max);
}

/* capRecommendationToContainerLimit */
static void cap_to_limit(struct vpa_resources *list, const struct vpa_resources *limits)
{
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        if (limits->present[r] && list->present[r] && list->amount[r] > limits->amount[r]) {
            list->amount[r] = limits->amount[r];
        }
    }
}

/* ---- LimitRange of type Pod ---- */

struct pod_capping {
    struct vpa_recommendation *list; /* the copy that is changed */
    const struct vpa_live_pod *pod;
    const struct vpa_limit_range *range;
    const char *error;
};

typedef struct vpa_resources *bound_of(struct vpa_container_recommendation *c);

static struct vpa_resources *target_of(struct vpa_container_recommendation *c)
{
    return &c->target;
}

static struct vpa_resources *lower_of(struct vpa_container_recommendation *c)
{
    return &c->lower;
}

static struct vpa_resources *upper_of(struct vpa_container_recommendation *c)
{
    return &c->upper;
}

static struct vpa_container_recommendation *find(const struct vpa_recommendation *list,
                                                 const char *container)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->items[i].name, container)) {
            return &list->items[i];
        }
    }
    return NULL;
}

/*
 * Writes a container's share. Containers are zipped with copies of their recommendations, but
 * the copies share the maps; so a write to a map that is nil has nowhere to go.
 */
static void write_share(struct pod_capping *p, struct vpa_resources *list, enum vpa_resource r,
                        int64_t amount)
{
    if (list->nil) {
        p->error = NIL_MAP;
        return;
    }
    vpa_resources_set(list, r, amount);
}

/* Every request up, so that their sum is the minimum. */
static void raise_all(struct pod_capping *p, enum vpa_resource r, bound_of *bound, int64_t sum)
{
    for (size_t i = 0; i < p->pod->container_count && p->error == NULL; i++) {
        struct vpa_container_recommendation *c = find(p->list, p->pod->containers[i].name);
        if (c == NULL) {
            continue;
        }
        struct vpa_resources *list = bound(c);
        bool rest;
        int64_t share = scale(list->amount[r], p->range->min.amount[r], sum, &rest);
        if (rest && r == VPA_CPU) {
            share++;
        }
        write_share(p, list, r, share);
    }
}

/* Every request by the ratio that brings the sum of limits to what it may be. */
static void fit_limits(struct pod_capping *p, enum vpa_resource r, bound_of *bound, int64_t sum,
                       int64_t allowed)
{
    for (size_t i = 0; i < p->pod->container_count && p->error == NULL; i++) {
        struct vpa_container_recommendation *c = find(p->list, p->pod->containers[i].name);
        if (c == NULL) {
            p->error = NIL_POINTER;
            return;
        }
        struct vpa_resources *list = bound(c);
        const int64_t share = scale_down(list->amount[r], allowed, sum);
        write_share(p, list, r, r == VPA_MEMORY && share <= 0 ? share - 1 : share);
    }
}

/* applyPodLimitRange */
static void cap_to_pod_range(struct pod_capping *p, enum vpa_resource r, bound_of *bound)
{
    const int64_t min = p->range->min.amount[r];
    const int64_t max = p->range->max.amount[r];
    int64_t limits = 0;
    int64_t requests = 0;
    for (size_t i = 0; i < p->pod->container_count; i++) {
        const struct vpa_pod_container *container = &p->pod->containers[i];
        struct vpa_container_recommendation *c = find(p->list, container->name);
        const int64_t request = container->requests.amount[r];
        const int64_t recommended = c != NULL ? bound(c)->amount[r] : request;
        int64_t limit = 0;
        if (capping_proportional_limit(container->limits.amount[r], request, recommended,
                                       p->range->default_limit.amount[r], &limit)) {
            limits = limit > INT64_MAX - limits ? INT64_MAX : limits + limit;
        }
        requests += recommended;
    }
    if (p->error != NULL || (min <= limits && min <= requests && (max == 0 || max >= limits))) {
        return;
    }
    if (min > requests && limits != 0) {
        raise_all(p, r, bound, requests);
    } else if (limits != 0) {
        const int64_t allowed = max != 0 && max < limits ? max : min > limits ? min : 0;
        fit_limits(p, r, bound, limits, allowed);
    }
}

/* insertRequestsForMissingRecommendations */
static void insert_missing(struct vpa_recommendation *list, const struct vpa_live_pod *pod)
{
    const size_t recommended = list->count;
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct vpa_pod_container *c = &pod->containers[i];
        const struct vpa_recommendation given = {.items = list->items, .count = recommended};
        if (find(&given, c->name) != NULL || vpa_resources_empty(&c->requests)) {
            continue;
        }
        list->items[list->count++] = (struct vpa_container_recommendation){
            .name = c->name,
            .target = c->requests,
            .lower = {.nil = true},
            .upper = {.nil = true},
        };
    }
}

static const char *cap_to_pod(struct vpa_recommendation *list, const struct vpa_live_pod *pod,
                              const struct vpa_limit_range *range)
{
    struct pod_capping p = {.list = list, .pod = pod, .range = range};
    bound_of *const order[] = {upper_of, target_of, lower_of};
    insert_missing(list, pod);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        cap_to_pod_range(&p, VPA_CPU, order[i]);
        cap_to_pod_range(&p, VPA_MEMORY, order[i]);
    }
    return p.error;
}

/* ---- all of it ---- */

static const struct vpa_pod_container *container_of(const struct vpa_live_pod *pod,
                                                    const char *name)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        if (str_equal(pod->containers[i].name, name)) {
            return &pod->containers[i];
        }
    }
    return NULL;
}

/* getCappedRecommendationForContainer */
static void cap_container(struct vpa_container_recommendation *rec,
                          const struct vpa_pod_container *c, const struct vpa_policies *policies,
                          const struct vpa_limit_range *range)
{
    const struct vpa_policy *policy = vpa_policy_for(policies, c->name);
    struct vpa_resources *const lists[] = {&rec->target, &rec->lower, &rec->upper};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        cap_to_limit_range(lists[i], c, range);
        if (policy != NULL) {
            cap_between(lists[i], &policy->min, &policy->max);
        }
        if (policy != NULL && policy->controlled_values == VPA_REQUESTS_ONLY) {
            cap_to_limit(lists[i], &c->limits);
        }
    }
}

const char *capping_for_pod(struct arena *a, const struct vpa_recommendation *r,
                            const struct vpa_policies *policies,
                            const struct vpa_limit_ranges *limits, const struct vpa_live_pod *pod,
                            struct vpa_recommendation *out)
{
    *out = (struct vpa_recommendation){0};
    if (!r->given && !policies->given) {
        return NULL;
    }
    struct vpa_recommendation list = {.count = r->count, .given = true};
    list.items =
        arena_array(a, struct vpa_container_recommendation, r->count + pod->container_count);
    if (r->count > 0) {
        memcpy(list.items, r->items, r->count * sizeof *r->items);
    }
    if (limits->pod.given) {
        const char *error = cap_to_pod(&list, pod, &limits->pod);
        if (error != NULL) {
            return error;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < list.count; i++) {
        const struct vpa_pod_container *c = container_of(pod, list.items[i].name);
        if (c != NULL) {
            cap_container(&list.items[i], c, policies, &limits->container);
            list.items[kept++] = list.items[i];
        }
    }
    list.count = kept;
    *out = list;
    return NULL;
}
