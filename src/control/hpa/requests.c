/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pod requests of one resource (replica_calculator.go calculateRequests, with
 * component-helpers resource.PodRequests for pods that set pod-level requests).
 *
 * The trap: container requests are rounded to thousandths one by one and then added, but a
 * pod with pod-level requests has its containers' amounts added exactly and rounded once,
 * takes init containers and overhead into account, and is not in error when some container
 * has no request.
 */
#include "internal.h"

#include "base/str.h"

#include <string.h>

/* A sum on its way through PodRequests: a quantity that may not be there at all. */
struct amount {
    bool set;
    struct quantity q;
};

__extension__ typedef __int128 int128;

static bool is_pod_level_resource(const char *name)
{
    return strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0 ||
           str_starts(name, "hugepages-");
}

static bool has_pod_level_requests(const struct pod_template *pod)
{
    for (size_t i = 0; i < pod->resource_count; i++) {
        if (pod->resources[i].has_request && is_pod_level_resource(pod->resources[i].name)) {
            return true;
        }
    }
    return false;
}

static struct amount amount_of(const struct resource_amount *list, size_t count, const char *name)
{
    const struct resource_amount *found = resource_find(list, count, name);
    if (found == NULL || !found->has_request) {
        return (struct amount){0};
    }
    return (struct amount){.set = true, .q = found->request};
}

static int128 at_scale(const struct quantity *q, int32_t scale)
{
    int128 v = q->value;
    for (int32_t s = q->scale; s > scale; s--) {
        v *= 10;
    }
    return v;
}

/* Quantity.Add; amounts that leave 64 bits are rounded to thousandths first. */
static void amount_add(struct amount *sum, const struct amount *more)
{
    if (!more->set) {
        return;
    }
    if (!sum->set || (!sum->q.big && sum->q.value == 0)) {
        *sum = *more;
        return;
    }
    if (!sum->q.big && !more->q.big) {
        const int32_t scale = sum->q.scale < more->q.scale ? sum->q.scale : more->q.scale;
        const int128 v = at_scale(&sum->q, scale) + at_scale(&more->q, scale);
        if (v >= INT64_MIN && v <= INT64_MAX) {
            sum->q.value = (int64_t)v;
            sum->q.scale = scale;
            return;
        }
    }
    const int64_t milli =
        wrap_add(quantity_milli_value(&sum->q), quantity_milli_value(&more->q));
    sum->q = quantity_from_milli(milli, QUANTITY_DECIMAL_SI);
}

static void amount_max(struct amount *most, const struct amount *other)
{
    if (other->set && (!most->set || quantity_compare(&other->q, &most->q) > 0)) {
        *most = *other;
    }
}

/* resource.AggregateContainerRequests, for one resource. */
static struct amount aggregate(const struct pod_template *pod, const char *resource)
{
    struct amount sum = {0};
    struct amount sidecars = {0};
    struct amount init = {0};
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        struct amount own = amount_of(c->resources, c->resource_count, resource);
        if (!c->init || c->sidecar) {
            amount_add(&sum, &own);
        }
        if (c->sidecar) {
            amount_add(&sidecars, &own);
            own = sidecars;
        } else if (c->init) {
            amount_add(&own, &sidecars);
        }
        if (c->init || c->sidecar) {
            amount_max(&init, &own);
        }
    }
    amount_max(&sum, &init);
    return sum;
}

/* calculatePodLevelRequests */
static struct pod_request pod_level_request(const struct pod_template *pod, const char *resource)
{
    struct amount sum = aggregate(pod, resource);
    if (is_pod_level_resource(resource)) {
        const struct amount own = amount_of(pod->resources, pod->resource_count, resource);
        sum = own.set ? own : sum;
    }
    const struct amount overhead = amount_of(pod->overhead, pod->overhead_count, resource);
    amount_add(&sum, &overhead);
    if (!sum.set) {
        return (struct pod_request){.failure = HPA_FAILURE_MISSING_POD_REQUEST};
    }
    return (struct pod_request){.milli = quantity_milli_value(&sum.q), .has_container = true};
}

/*
 * calculatePodRequestsFromContainers; of sidecars or of the others. Upstream looks at
 * containers first and at restartable init containers after them. True: found the one named,
 * or failed. unique: stops at the first of that name.
 */
static bool add_containers(const struct pod_template *pod, bool sidecars, const char *resource,
                           const char *container, bool unique, struct pod_request *out)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        if (c->sidecar != sidecars || (c->init && !c->sidecar)) {
            continue;
        }
        if (container != NULL && strcmp(container, c->name) != 0) {
            continue;
        }
        const struct resource_amount *amount =
            resource_find(c->resources, c->resource_count, resource);
        if (amount == NULL || !amount->has_request) {
            out->failure = HPA_FAILURE_MISSING_REQUEST;
            out->container = c->name;
            return true;
        }
        out->milli = wrap_add(out->milli, quantity_milli_value(&amount->request));
        out->has_container = true;
        if (container != NULL && unique) {
            return true;
        }
    }
    return false;
}

struct pod_request pod_request(const struct hpa_config *config, const struct pod_template *pod,
                               const char *resource, const char *container)
{
    if (container == NULL && config->gates.pod_level_resources && has_pod_level_requests(pod)) {
        return pod_level_request(pod, resource);
    }
    const bool unique = config->profile.container_must_exist;
    struct pod_request out = {.has_container = container == NULL};
    if (add_containers(pod, false, resource, container, unique, &out)) {
        return out;
    }
    if (config->profile.sidecar_requests &&
        add_containers(pod, true, resource, container, unique, &out)) {
        return out;
    }
    if (!out.has_container && config->profile.container_must_exist) {
        out.failure = HPA_FAILURE_NO_CONTAINER;
    }
    return out;
}
