/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pod asks of its node. Upstream: k8s.io/component-helpers v0.36.3 resource/helpers.go
 * (PodRequests), Kubernetes v1.36.3 pkg/scheduler/framework/types.go (CalculateResource) and
 * plugins/noderesources/resource_allocation.go (calculatePodResourceRequest).
 *
 * The trap: three answers to one question. Fit and the node's Requested take the requests as
 * they are; the node's NonZeroRequested counts a container without a request as 100m and
 * 200Mi, unless the pod says so itself; LeastAllocated's own sum does the same but looks at
 * containers only, since its plugin never learns of pod-level resources.
 */
#include "control/scheduler/objects.h"

#include <string.h>

#define DEFAULT_MILLI_CPU 100
#define DEFAULT_MEMORY    ((int64_t)200 * 1024 * 1024)

static bool is_cpu(const char *name)
{
    return strcmp(name, "cpu") == 0;
}

static int64_t amount_value(const struct resource_amount *r)
{
    return is_cpu(r->name) ? quantity_milli_value(&r->request) : quantity_value(&r->request);
}

/* The amount of one resource in a list, or what stands for a missing one. */
static int64_t amount_in(const struct resource_amount *list, size_t count, const char *name,
                         int64_t missing)
{
    const struct resource_amount *r = resource_find(list, count, name);
    return r != NULL && r->has_request ? amount_value(r) : missing;
}

/* AggregateContainerRequests, of one resource. */
static int64_t containers_request(const struct pod_template *pod, const char *name, int64_t missing)
{
    int64_t sum = 0;
    int64_t sidecars = 0;
    int64_t init_max = 0;
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        const int64_t own = amount_in(c->resources, c->resource_count, name, missing);
        if (!c->init && !c->sidecar) {
            sum += own;
            continue;
        }
        int64_t while_starting = own + sidecars;
        if (c->sidecar) {
            sum += own;
            sidecars += own;
        }
        init_max = while_starting > init_max ? while_starting : init_max;
    }
    return sum > init_max ? sum : init_max;
}

/* IsSupportedPodLevelResource; huge pages are resources with that prefix. */
static bool counts_on_pod_level(const char *name)
{
    return is_cpu(name) || strcmp(name, "memory") == 0 || strncmp(name, "hugepages-", 10) == 0;
}

static bool has_pod_level_requests(const struct pod_template *pod)
{
    for (size_t i = 0; i < pod->resource_count; i++) {
        if (pod->resources[i].has_request && counts_on_pod_level(pod->resources[i].name)) {
            return true;
        }
    }
    return false;
}

/* PodRequests, of one resource. */
static int64_t pod_request(const struct pod_template *pod, const char *name, int64_t missing)
{
    const struct resource_amount *own = resource_find(pod->resources, pod->resource_count, name);
    const int64_t overhead = amount_in(pod->overhead, pod->overhead_count, name, 0);
    if (own != NULL && own->has_request && counts_on_pod_level(name)) {
        return amount_value(own) + overhead;
    }
    return containers_request(pod, name, missing) + overhead;
}

static bool lists_request(const struct resource_amount *list, size_t count, const char *name)
{
    const struct resource_amount *r = resource_find(list, count, name);
    return r != NULL && r->has_request;
}

/* The name is a key of PodRequests' map. */
static bool is_requested(const struct pod_template *pod, const char *name)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        if (lists_request(pod->containers[i].resources, pod->containers[i].resource_count, name)) {
            return true;
        }
    }
    return lists_request(pod->resources, pod->resource_count, name) ||
           lists_request(pod->overhead, pod->overhead_count, name);
}

/* getNonMissingContainerRequests: with pod-level requests only what nobody requests is made up. */
static int64_t non_zero(const struct pod_template *pod, const char *name, int64_t made_up)
{
    const bool listed = has_pod_level_requests(pod) && is_requested(pod, name);
    return pod_request(pod, name, listed ? 0 : made_up);
}

static int64_t scored(const struct pod_template *pod, const char *name, int64_t made_up)
{
    return containers_request(pod, name, made_up) +
           amount_in(pod->overhead, pod->overhead_count, name, 0);
}

static bool is_scalar(const char *name)
{
    return !is_cpu(name) && strcmp(name, "memory") != 0 && strcmp(name, "ephemeral-storage") != 0 &&
           strcmp(name, "storage") != 0 && strcmp(name, "pods") != 0;
}

static void add_scalars(struct resource_vector *r, const struct pod_template *pod,
                        const struct resource_amount *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool known = !list[i].has_request || !is_scalar(list[i].name);
        for (size_t k = 0; !known && k < r->scalar_count; k++) {
            known = strcmp(r->scalars[k].name, list[i].name) == 0;
        }
        if (!known) {
            r->scalars[r->scalar_count++] = (struct scalar_resource){
                .name = list[i].name, .value = pod_request(pod, list[i].name, 0)};
        }
    }
}

static size_t amounts_listed(const struct pod_template *pod)
{
    size_t n = pod->resource_count + pod->overhead_count;
    for (size_t i = 0; i < pod->container_count; i++) {
        n += pod->containers[i].resource_count;
    }
    return n;
}

void pod_class_set_requests(struct arena *a, struct pod_class *c, const struct pod_template *pod)
{
    struct resource_vector *r = &c->request;
    *r = (struct resource_vector){
        .milli_cpu = pod_request(pod, "cpu", 0),
        .memory = pod_request(pod, "memory", 0),
        .ephemeral_storage = pod_request(pod, "ephemeral-storage", 0),
        .scalars = arena_array(a, struct scalar_resource, amounts_listed(pod)),
    };
    for (size_t i = 0; i < pod->container_count; i++) {
        add_scalars(r, pod, pod->containers[i].resources, pod->containers[i].resource_count);
    }
    add_scalars(r, pod, pod->resources, pod->resource_count);
    add_scalars(r, pod, pod->overhead, pod->overhead_count);
    c->non_zero_milli_cpu = non_zero(pod, "cpu", DEFAULT_MILLI_CPU);
    c->non_zero_memory = non_zero(pod, "memory", DEFAULT_MEMORY);
    c->scored_milli_cpu = scored(pod, "cpu", DEFAULT_MILLI_CPU);
    c->scored_memory = scored(pod, "memory", DEFAULT_MEMORY);
    c->container_count = pod->container_count;
}

void pod_class_set_simple_requests(struct pod_class *c, int64_t milli_cpu, int64_t memory)
{
    c->request.milli_cpu = milli_cpu < 0 ? 0 : milli_cpu;
    c->request.memory = memory < 0 ? 0 : memory;
    c->non_zero_milli_cpu = milli_cpu < 0 ? DEFAULT_MILLI_CPU : milli_cpu;
    c->non_zero_memory = memory < 0 ? DEFAULT_MEMORY : memory;
    c->scored_milli_cpu = c->non_zero_milli_cpu;
    c->scored_memory = c->non_zero_memory;
    c->container_count = 1;
}
