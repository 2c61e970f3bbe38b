/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and limits for a pod, VPA 1.8.1 (recommendation_provider.go): the capped target as
 * request, and, unless the policy controls requests only, limits in the proportion that the
 * pod's own have to its requests.
 *
 * The trap: a container without a limit gets one when a LimitRange of type Container has a
 * default; one with a limit and no request gets its limit set to the recommended request.
 */
#include "control/vpa/admission.h"

#include "control/vpa/capping.h"

static void set_limits(struct admission_resources *out, const struct vpa_pod_container *c,
                       const struct vpa_resources *defaults)
{
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        int64_t limit = 0;
        if (capping_proportional_limit(c->limits.amount[r], c->requests.amount[r],
                                       out->requests.amount[r], defaults->amount[r], &limit)) {
            vpa_resources_set(&out->limits, r, limit);
        }
    }
}

const char *admission_resources_for(struct arena *a, const struct vpa_recommendation *r,
                                    const struct vpa_policies *policies,
                                    const struct vpa_limit_ranges *limits,
                                    const struct vpa_live_pod *pod,
                                    struct vpa_recommendation *capped,
                                    struct admission_resources **out)
{
    *out = arena_array(a, struct admission_resources, pod->container_count);
    *capped = (struct vpa_recommendation){0};
    if (!r->given) {
        return NULL;
    }
    const char *error = capping_for_pod(a, r, policies, limits, pod, capped);
    if (error != NULL) {
        return error;
    }
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct vpa_pod_container *c = &pod->containers[i];
        const struct vpa_container_recommendation *rec = vpa_recommendation_for(capped, c->name);
        const struct vpa_policy *policy = vpa_policy_for(policies, c->name);
        if (rec == NULL) {
            continue;
        }
        (*out)[i].requests = rec->target;
        if (policy == NULL || policy->controlled_values == VPA_REQUESTS_AND_LIMITS) {
            set_limits(&(*out)[i], c, &limits->container.default_limit);
        }
    }
    return NULL;
}
