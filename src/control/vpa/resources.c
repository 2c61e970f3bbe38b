/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amounts, lists of them, and the policy of a container, as VPA 1.8.1 has them
 * (recommender/model/types.go, utils/vpa/api.go).
 *
 * The trap: NaN passes both of the bounds' comparisons and becomes the smallest integer; it
 * loses every later maximum, so it never shows.
 */
#include "control/vpa/resources.h"

#include "base/str.h"
#include "control/vpa/gomath.h"

int64_t vpa_amount(double value)
{
    if (value > (double)VPA_MAX_AMOUNT) {
        return VPA_MAX_AMOUNT;
    }
    return value < 0 ? 0 : gomath_int64(value);
}

int64_t vpa_amount_scale(int64_t amount, double factor)
{
    return vpa_amount((double)amount * factor);
}

void vpa_resources_set(struct vpa_resources *list, enum vpa_resource resource, int64_t amount)
{
    list->amount[resource] = amount;
    list->present[resource] = true;
}

bool vpa_resources_empty(const struct vpa_resources *list)
{
    return !list->present[VPA_CPU] && !list->present[VPA_MEMORY];
}

const struct vpa_policy *vpa_policy_for(const struct vpa_policies *policies, const char *container)
{
    const struct vpa_policy *fallback = NULL;
    for (size_t i = 0; i < policies->count; i++) {
        const struct vpa_policy *p = &policies->items[i];
        if (str_equal(p->container, container)) {
            return p;
        }
        if (str_equal(p->container, "*")) {
            fallback = p;
        }
    }
    return fallback;
}

bool vpa_policy_off(const struct vpa_policy *policy)
{
    return policy != NULL && policy->mode == VPA_SCALING_OFF;
}

const struct vpa_container_recommendation *
vpa_recommendation_for(const struct vpa_recommendation *recommendation, const char *container)
{
    for (size_t i = 0; i < recommendation->count; i++) {
        if (str_equal(recommendation->items[i].name, container)) {
            return &recommendation->items[i];
        }
    }
    return NULL;
}

const char *vpa_resource_name(enum vpa_resource resource)
{
    return resource == VPA_CPU ? "cpu" : "memory";
}
