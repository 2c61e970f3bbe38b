/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recommendations, VPA 1.8.1 (recommender/logic/recommender.go, model/types.go,
 * routines/vpa.go). The pod's minimum is shared out equally among the containers that are
 * scaled; rounding goes up and comes before capping, so a maximum may be off the step.
 *
 * The trap: a container without a single sample is recommended its minimum, not nothing, as
 * soon as its pod was seen; one whose mode is Off is not, and does not share the minimum.
 */
#include "control/vpa/recommender.h"

#include "control/vpa/capping.h"

#include <math.h>

void recommender_config_init(struct recommender_config *out)
{
    const struct estimator_config estimator = {
        .percentile = {[VPA_TARGET] = 0.9, [VPA_LOWER] = 0.5, [VPA_UPPER] = 0.95},
        .confidence_interval = SIMTIME_DAY,
    };
    *out = (struct recommender_config){
        .cpu = estimator,
        .memory = estimator,
        .margin = 0.15,
        .pod_min_cpu_millicores = 25,
        .pod_min_memory_mb = 250,
        .round_cpu_millicores = 1,
        .round_memory_bytes = 1,
    };
    aggregate_config_init(&out->aggregate);
}

/* RoundUpToScale */
static int64_t round_up(int64_t amount, int64_t step)
{
    if (step <= 0 || step == 1 || amount == 0) {
        return amount;
    }
    return (int64_t)ceil((double)amount / (double)step) * step;
}

struct estimating {
    const struct recommender_config *config;
    int64_t min[VPA_RESOURCE_COUNT];
};

static struct vpa_resources estimate(const struct estimating *e, const struct aggregate_state *s,
                                     enum vpa_bound bound, const struct vpa_policy *policy)
{
    const struct recommender_config *config = e->config;
    struct vpa_resources out = {0};
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        if (policy != NULL && policy->has_controlled_resources && !policy->controlled[r]) {
            continue;
        }
        const bool cpu = r == VPA_CPU;
        const int64_t amount =
            estimator_amount(s, r, bound, cpu ? &config->cpu : &config->memory, config->margin);
        vpa_resources_set(
            &out, r,
            round_up(amount > e->min[r] ? amount : e->min[r],
                     cpu ? config->round_cpu_millicores : config->round_memory_bytes));
    }
    return out;
}

/* The merged states of containers that are scaled, in place. */
static size_t leave_out_unscaled(struct vpa_merged *merged, size_t count,
                                 const struct vpa_policies *policies)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!vpa_policy_off(vpa_policy_for(policies, merged[i].container))) {
            merged[kept++] = merged[i];
        }
    }
    return kept;
}

struct vpa_recommendation recommender_recommend(struct arena *a, struct vpa_model *m,
                                                const struct recommender_config *config,
                                                const struct vpa_policies *policies, simtime now,
                                                const struct vpa_merged **merged)
{
    size_t count = 0;
    struct vpa_merged *states = vpa_model_merge(m, a, false, now, &count);
    count = leave_out_unscaled(states, count, policies);
    struct vpa_recommendation out = {.count = count, .given = true};
    out.items = arena_array(a, struct vpa_container_recommendation, count);
    const double share = 1.0 / (double)count;
    const int64_t pod_cpu = vpa_amount(config->pod_min_cpu_millicores * 0.001 * 1000.0);
    const int64_t pod_memory = vpa_amount(config->pod_min_memory_mb * 1024 * 1024);
    struct estimating e = {.config = config};
    e.min[VPA_CPU] = vpa_amount_scale(pod_cpu, share);
    e.min[VPA_MEMORY] = vpa_amount_scale(pod_memory, share);
    for (size_t i = 0; i < count; i++) {
        const struct aggregate_state *s = states[i].state;
        const struct vpa_policy *policy = vpa_policy_for(policies, states[i].container);
        out.items[i] = (struct vpa_container_recommendation){
            .name = states[i].container,
            .target = estimate(&e, s, VPA_TARGET, policy),
            .lower = estimate(&e, s, VPA_LOWER, policy),
            .upper = estimate(&e, s, VPA_UPPER, policy),
        };
        out.items[i].uncapped = out.items[i].target;
    }
    capping_apply_policy(&out, policies, &config->max_allowed);
    if (merged != NULL) {
        *merged = states;
    }
    return out;
}
