/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what the metrics ask for to what may be done: stabilization over remembered
 * recommendations, rate limits over remembered scale events, and the bounds (k8s.io/
 * kubernetes v1.36.3, pkg/controller/podautoscaler/horizontal.go: normalizeDesiredReplicas,
 * normalizeDesiredReplicasWithBehaviors, storeScaleEvent and what they call).
 *
 * The traps: an absent behavior is not the default behavior; a recommendation exactly at the
 * cutoff counts on the legacy path and does not on the other; a new entry takes the slot of
 * the LAST outdated one; events are outdated by the longest period of their own direction.
 */
#include "internal.h"

#include <math.h>

#define SECOND INT64_C(1000000000)

static void remember(struct hpa_state *state, size_t slot, bool found, int32_t replicas,
                     simtime now)
{
    struct hpa_recommendation *r = found ? &state->recommendations.items[slot]
                                         : vec_push(state->arena, &state->recommendations);
    *r = (struct hpa_recommendation){.replicas = replicas, .at = now};
}

/* stabilizeRecommendation */
static int32_t stabilize_legacy(const struct hpa_sync *sync, int32_t recommendation)
{
    const simtime window = sync->config->downscale_stabilization;
    const simtime cutoff = time_add(sync->now, -window);
    struct hpa_state *state = sync->state;
    int32_t most = recommendation;
    bool found = false;
    size_t slot = 0;
    for (size_t i = 0; i < state->recommendations.len; i++) {
        const struct hpa_recommendation *r = &state->recommendations.items[i];
        if (r->at < cutoff) {
            found = true;
            slot = i;
        } else if (r->replicas > most) {
            most = r->replicas;
        }
    }
    remember(state, slot, found, recommendation, sync->now);
    sync->out->down_window = window;
    sync->out->up_bound = recommendation;
    sync->out->down_bound = most;
    return most;
}

/* stabilizeRecommendationWithBehaviors */
static int32_t stabilize_behavior(const struct hpa_sync *sync, int32_t recommendation)
{
    struct hpa_state *state = sync->state;
    struct hpa_decision *d = sync->out;
    const simtime up_cutoff = time_add(sync->now, -d->up_window);
    const simtime down_cutoff = time_add(sync->now, -d->down_window);
    int32_t up = recommendation;
    int32_t down = recommendation;
    bool found = false;
    size_t slot = 0;
    for (size_t i = 0; i < state->recommendations.len; i++) {
        const struct hpa_recommendation *r = &state->recommendations.items[i];
        if (r->at > up_cutoff && r->replicas < up) {
            up = r->replicas;
        }
        if (r->at > down_cutoff && r->replicas > down) {
            down = r->replicas;
        }
        if (r->at < up_cutoff && r->at < down_cutoff) {
            found = true;
            slot = i;
        }
    }
    remember(state, slot, found, recommendation, sync->now);
    d->up_bound = up;
    d->down_bound = down;
    int32_t stabilized = d->current;
    stabilized = stabilized < up ? up : stabilized;
    return stabilized > down ? down : stabilized;
}

static void set_stabilized(const struct hpa_sync *sync, bool changed, enum hpa_reason reason)
{
    condition_set(sync->state, HPA_ABLE_TO_SCALE, CONDITION_TRUE,
                  changed ? reason : HPA_REASON_READY_FOR_NEW_SCALE, sync->now);
}

static int32_t set_limited(const struct hpa_sync *sync, int32_t desired, enum hpa_reason reason)
{
    const bool limited = desired != sync->out->stabilized;
    sync->out->limit_reason = reason;
    condition_set(sync->state, HPA_SCALING_LIMITED, limited ? CONDITION_TRUE : CONDITION_FALSE,
                  reason, sync->now);
    return desired;
}

/* convertDesiredReplicasWithRules, calculateScaleUpLimit */
static int32_t bound_legacy(const struct hpa_sync *sync, int32_t desired)
{
    struct hpa_decision *d = sync->out;
    const int32_t limit = int32_of_double(fmax(2.0 * (double)d->current, 4.0));
    const bool by_rate = sync->spec->max_replicas > limit;
    const int32_t most = by_rate ? limit : sync->spec->max_replicas;
    d->rate_checked = desired > d->current;
    d->rate_limit = limit;
    if (desired < sync->spec->min_replicas) {
        return set_limited(sync, sync->spec->min_replicas, HPA_REASON_TOO_FEW_REPLICAS);
    }
    if (desired > most) {
        return set_limited(sync, most,
                           by_rate ? HPA_REASON_SCALE_UP_LIMIT : HPA_REASON_TOO_MANY_REPLICAS);
    }
    return set_limited(sync, desired, HPA_REASON_DESIRED_WITHIN_RANGE);
}

int32_t normalize_legacy(const struct hpa_sync *sync, int32_t recommendation)
{
    const int32_t stabilized = stabilize_legacy(sync, recommendation);
    sync->out->stabilized = stabilized;
    set_stabilized(sync, stabilized != recommendation, HPA_REASON_SCALE_DOWN_STABILIZED);
    return bound_legacy(sync, stabilized);
}

/* getReplicasChangePerPeriod */
static int32_t change_within(const struct hpa_scale_event *events, size_t count, simtime cutoff)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].at > cutoff) {
            sum += events[i].change;
        }
    }
    return wrap32(sum);
}

static int32_t policy_limit(const struct hpa_policy *policy, int32_t start, bool up)
{
    if (policy->type == HPA_POLICY_PODS) {
        return wrap32((int64_t)start + (up ? policy->value : -(int64_t)policy->value));
    }
    const double share = (double)policy->value / 100;
    return up ? int32_of_double(ceil((double)start * (1 + share)))
              : int32_of_double((double)start * (1 - share));
}

static void work_policy(const struct hpa_sync *sync, const struct hpa_policy *policy, bool up,
                        struct hpa_policy_working *p)
{
    const struct hpa_state *state = sync->state;
    const simtime cutoff = time_add(sync->now, -(policy->period_seconds * SECOND));
    const bool net = sync->config->profile.net_rate_limit;
    p->policy = policy;
    if (up || net) {
        p->added = change_within(state->scale_up_events.items, state->scale_up_events.len, cutoff);
    }
    if (!up || net) {
        p->removed =
            change_within(state->scale_down_events.items, state->scale_down_events.len, cutoff);
    }
    p->start = wrap32((int64_t)sync->out->current - p->added + p->removed);
    p->limit = policy_limit(policy, p->start, up);
}

/* calculateScaleUpLimitWithScalingRules, calculateScaleDownLimitWithBehaviors */
static int32_t rate_limit(const struct hpa_sync *sync, const struct hpa_scaling_rules *rules,
                          bool up)
{
    struct hpa_decision *d = sync->out;
    if (rules->select_policy == HPA_SELECT_DISABLED) {
        return d->current;
    }
    const bool largest = up == (rules->select_policy == HPA_SELECT_MAX);
    struct hpa_policy_working *work =
        arena_array(sync->scratch, struct hpa_policy_working, rules->policy_count);
    int32_t limit = largest ? INT32_MIN : INT32_MAX;
    for (size_t i = 0; i < rules->policy_count; i++) {
        work_policy(sync, &rules->policies[i], up, &work[i]);
        if (largest ? work[i].limit > limit : work[i].limit < limit) {
            limit = work[i].limit;
        }
    }
    d->policies = work;
    d->policy_count = rules->policy_count;
    return limit;
}

/* convertDesiredReplicasWithBehaviorRate */
static int32_t bound_behavior(const struct hpa_sync *sync, int32_t desired)
{
    const struct hpa_spec *spec = sync->spec;
    struct hpa_decision *d = sync->out;
    if (desired > d->current) {
        const int32_t limit = rate_limit(sync, &spec->scale_up, true);
        d->rate_checked = true;
        d->rate_limit = limit < d->current ? d->current : limit;
        const bool by_rate = spec->max_replicas > d->rate_limit;
        const int32_t most = by_rate ? d->rate_limit : spec->max_replicas;
        if (desired > most) {
            return set_limited(sync, most,
                               by_rate ? HPA_REASON_SCALE_UP_LIMIT : HPA_REASON_TOO_MANY_REPLICAS);
        }
    } else if (desired < d->current) {
        const int32_t limit = rate_limit(sync, &spec->scale_down, false);
        d->rate_checked = true;
        d->rate_limit = limit > d->current ? d->current : limit;
        const bool by_rate = spec->min_replicas < d->rate_limit;
        const int32_t least = by_rate ? d->rate_limit : spec->min_replicas;
        if (desired < least) {
            return set_limited(sync, least,
                               by_rate ? HPA_REASON_SCALE_DOWN_LIMIT : HPA_REASON_TOO_FEW_REPLICAS);
        }
    }
    return set_limited(sync, desired, HPA_REASON_DESIRED_WITHIN_RANGE);
}

int32_t normalize_behavior(const struct hpa_sync *sync, int32_t recommendation)
{
    const struct hpa_spec *spec = sync->spec;
    struct hpa_decision *d = sync->out;
    d->up_window = spec->scale_up.window_seconds * SECOND;
    d->down_window = spec->scale_down.window_seconds * SECOND;
    if (!spec->scale_down.has_window) {
        /* maybeInitScaleDownStabilizationWindow: whole seconds of the flag, as an int32. */
        d->down_window = wrap32(sync->config->downscale_stabilization / SECOND) * SECOND;
    }
    const int32_t stabilized = stabilize_behavior(sync, recommendation);
    d->stabilized = stabilized;
    set_stabilized(sync, stabilized != recommendation,
                   recommendation >= d->current ? HPA_REASON_SCALE_UP_STABILIZED
                                                : HPA_REASON_SCALE_DOWN_STABILIZED);
    return bound_behavior(sync, stabilized);
}

/* getLongestPolicyPeriod */
static int32_t longest_period(const struct hpa_scaling_rules *rules)
{
    int32_t longest = 0;
    for (size_t i = 0; i < rules->policy_count; i++) {
        if (rules->policies[i].period_seconds > longest) {
            longest = rules->policies[i].period_seconds;
        }
    }
    return longest;
}

void store_scale_event(const struct hpa_spec *spec, struct hpa_state *state, int32_t from,
                       int32_t to, simtime at)
{
    if (!spec->has_behavior) {
        return;
    }
    const bool up = to > from;
    const simtime cutoff =
        time_add(at, -(longest_period(up ? &spec->scale_up : &spec->scale_down) * SECOND));
    struct hpa_scale_event *events =
        up ? state->scale_up_events.items : state->scale_down_events.items;
    const size_t count = up ? state->scale_up_events.len : state->scale_down_events.len;
    struct hpa_scale_event *slot = NULL;
    for (size_t i = 0; i < count; i++) {
        events[i].outdated = events[i].outdated || events[i].at < cutoff;
        if (events[i].outdated) {
            slot = &events[i];
        }
    }
    if (slot == NULL) {
        slot = up ? vec_push(state->arena, &state->scale_up_events)
                  : vec_push(state->arena, &state->scale_down_events);
    }
    *slot = (struct hpa_scale_event){.change = wrap32(up ? (int64_t)to - from : (int64_t)from - to),
                                     .at = at};
}
