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

__extension__ typedef __int128 int128;

/*
 * A Quantity on its way through PodRequests: unscaled * 10^-decimals. Small as long as Go
 * holds it in an int64Amount; an inf.Dec, once there, stays one and overflows in its own way.
 */
struct amount {
    bool set;
    bool small;
    int128 unscaled;
    int32_t decimals;
};

#define AMOUNT_MAX ((int128)1 << 120)

/* The same value with more decimals; what would not fit stays at the limit. */
static int128 with_decimals(const struct amount *x, int32_t decimals)
{
    int128 v = x->unscaled;
    for (int32_t i = x->decimals; i < decimals; i++) {
        v = v > AMOUNT_MAX / 10 ? AMOUNT_MAX : v < -AMOUNT_MAX / 10 ? -AMOUNT_MAX : v * 10;
    }
    return v;
}

static struct amount amount_from(const struct quantity *q)
{
    struct amount x = {.set = true, .small = !q->big, .unscaled = q->value, .decimals = -q->scale};
    if (q->big && q->digits != NULL) {
        const char *s = q->digits + (q->digits[0] == '-');
        x.unscaled = 0;
        for (; *s != '\0' && x.unscaled < AMOUNT_MAX / 10; s++) {
            x.unscaled = x.unscaled * 10 + (*s - '0');
        }
        x.unscaled = q->digits[0] == '-' ? -x.unscaled : x.unscaled;
    }
    return x;
}

static int64_t low_64(int128 v)
{
    return (int64_t)(uint64_t)v;
}

static int128 power_of_ten(int32_t n)
{
    int128 v = 1;
    for (int32_t i = 0; i < n && i < 36; i++) {
        v *= 10;
    }
    return v;
}

/* scale_int.go scaledValue to thousandths: it always rounds up, and wraps at 64 bits. */
static int64_t dec_milli(const struct amount *x)
{
    const int32_t cut = x->decimals - 3;
    if (cut <= 0) {
        const int64_t factor = cut >= -18 ? low_64(power_of_ten(-cut)) : INT64_MIN;
        return wrap_mul(low_64(x->unscaled), factor);
    }
    const int128 divisor = power_of_ten(cut);
    return wrap_add(low_64(x->unscaled / divisor), x->unscaled % divisor != 0);
}

static int64_t amount_milli(const struct amount *x)
{
    if (!x->small) {
        return dec_milli(x);
    }
    const struct quantity q = {.value = (int64_t)x->unscaled, .scale = -x->decimals};
    return quantity_milli_value(&q);
}

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
    return amount_from(&found->request);
}

/* Quantity.Add */
static void amount_add(struct amount *sum, const struct amount *more)
{
    if (!more->set || (sum->set && sum->small && more->small && more->unscaled == 0)) {
        return;
    }
    if (!sum->set || (sum->small && more->small && sum->unscaled == 0)) {
        *sum = *more;
        return;
    }
    const int32_t decimals = sum->decimals > more->decimals ? sum->decimals : more->decimals;
    const int128 v = with_decimals(sum, decimals) + with_decimals(more, decimals);
    const bool fits = v >= INT64_MIN && v <= INT64_MAX;
    sum->small = sum->small && more->small && fits;
    sum->unscaled = v;
    sum->decimals = decimals;
}

static void amount_max(struct amount *most, const struct amount *other)
{
    const int32_t decimals = most->decimals > other->decimals ? most->decimals : other->decimals;
    if (other->set &&
        (!most->set || with_decimals(other, decimals) > with_decimals(most, decimals))) {
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
    return (struct pod_request){.milli = amount_milli(&sum), .has_container = true};
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
