/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync, from the scale to the status (k8s.io/kubernetes v1.36.3, pkg/controller/
 * podautoscaler/horizontal.go: reconcileAutoscaler, computeReplicasForMetrics). Steps keep
 * upstream's order, since conditions appear in it.
 *
 * The traps: a proposal of 0 is replaced by any later one; out of bounds goes around metrics,
 * stabilization and policies; SucceededGetScale comes first, so that a failed update renews
 * the condition's time at each sync; what a sync does not reach keeps its value.
 */
#include "control/hpa/reconcile.h"

#include "internal.h"

#include <string.h>

/* tolerancesForHpa */
static struct tolerances tolerances_of(const struct hpa_spec *spec, const struct hpa_config *config)
{
    struct tolerances t = {.down = config->tolerance,
                           .up = config->tolerance,
                           .interval = config->profile.tolerance_interval};
    if (!spec->has_behavior || !config->gates.configurable_tolerance) {
        return t;
    }
    t.down = spec->scale_down.has_tolerance ? spec->scale_down.tolerance : t.down;
    t.up = spec->scale_up.has_tolerance ? spec->scale_up.tolerance : t.up;
    return t;
}

/* setStatus, but for lastScaleTime. */
static void set_status(struct hpa_state *state, const struct hpa_decision *d, int32_t desired)
{
    struct hpa_status *status = &state->status;
    status->current_replicas = d->current;
    status->desired_replicas = desired;
    status->metrics.len = 0;
    for (size_t i = 0; i < d->status_count; i++) {
        *vec_push(state->arena, &status->metrics) = d->statuses[i];
    }
}

/* setCurrentReplicasAndMetricsInStatus; before 1.29 the metrics stayed as they were. */
static void set_failed_status(struct hpa_state *state, const struct hpa_decision *d)
{
    if (!d->profile.failed_metrics_replace) {
        state->status.current_replicas = d->current;
        return;
    }
    set_status(state, d, state->status.desired_replicas);
}

static void set_binding(struct hpa_decision *d, enum hpa_binding binding)
{
    if (d->binding == HPA_BINDING_NONE) {
        d->binding = binding;
    }
}

static void fail_scale(const struct hpa_sync *sync)
{
    struct hpa_condition *c = condition_set(sync->state, HPA_ABLE_TO_SCALE, CONDITION_FALSE,
                                            HPA_REASON_FAILED_GET_SCALE, sync->now);
    condition_detail(sync->state, c, sync->view->scale_error);
    sync->out->path = HPA_PATH_FAILED_GET_SCALE;
    sync->out->binding = HPA_BINDING_SCALE;
}

/* recordInitialRecommendation */
static void seed(const struct hpa_sync *sync)
{
    if (sync->state->seeded) {
        return;
    }
    sync->state->seeded = true;
    *vec_push(sync->state->arena, &sync->state->recommendations) =
        (struct hpa_recommendation){.replicas = sync->out->current, .at = sync->now};
}

static bool selector_usable(const struct hpa_sync *sync)
{
    const struct hpa_view *view = sync->view;
    const bool ambiguous = view->selector_state == HPA_SELECTOR_AMBIGUOUS;
    if (view->selector_state == HPA_SELECTOR_USABLE ||
        (ambiguous && !sync->config->profile.ambiguous_selector)) {
        return true;
    }
    struct hpa_condition *c = condition_set(
        sync->state, HPA_SCALING_ACTIVE, CONDITION_FALSE,
        ambiguous ? HPA_REASON_AMBIGUOUS_SELECTOR : HPA_REASON_INVALID_SELECTOR, sync->now);
    condition_detail(sync->state, c, hpa_selector_message(sync->scratch, view));
    sync->out->path = HPA_PATH_BAD_SELECTOR;
    sync->out->binding = HPA_BINDING_SELECTOR;
    set_failed_status(sync->state, sync->out);
    return false;
}

static void fail_metrics(const struct hpa_sync *sync, const struct hpa_metric_status *statuses)
{
    struct hpa_decision *d = sync->out;
    const size_t first = (size_t)d->first_failed;
    struct hpa_condition *c =
        condition_set(sync->state, HPA_SCALING_ACTIVE, CONDITION_FALSE,
                      metric_failure_reason(&sync->spec->metrics[first]), sync->now);
    condition_detail(sync->state, c, hpa_failure_message(sync->scratch, d, first));
    d->path = HPA_PATH_FAILED_METRICS;
    d->binding = HPA_BINDING_METRICS;
    d->winner = -1;
    d->statuses = statuses;
    d->status_count = sync->spec->metric_count;
    set_failed_status(sync->state, d);
}

/* The loop of computeReplicasForMetrics; the largest proposal. */
static int32_t propose(const struct hpa_sync *sync, struct hpa_metric_status *statuses)
{
    struct hpa_decision *d = sync->out;
    int32_t replicas = 0;
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        struct hpa_metric_working *w = &d->metrics[i];
        replica_calc_metric(sync, i, w, &statuses[i]);
        if (w->failure == HPA_FAILURE_CRASH) {
            d->path = HPA_PATH_CRASH;
            return 0;
        }
        if (w->failure != HPA_FAILURE_NONE) {
            d->first_failed = d->failed_metrics == 0 ? (int32_t)i : d->first_failed;
            d->failed_metrics++;
            continue;
        }
        if (replicas == 0 || w->proposal > replicas) {
            replicas = w->proposal;
            d->winner = (int32_t)i;
        }
    }
    return replicas;
}

/* computeReplicasForMetrics; false: no scaling in this sync. */
static bool compute_metrics(const struct hpa_sync *sync, int32_t *replicas)
{
    struct hpa_decision *d = sync->out;
    const size_t count = sync->spec->metric_count;
    if (!selector_usable(sync)) {
        return false;
    }
    struct hpa_metric_status *statuses =
        arena_array(sync->scratch, struct hpa_metric_status, count);
    d->metrics = arena_array(sync->scratch, struct hpa_metric_working, count);
    *replicas = propose(sync, statuses);
    if (d->path == HPA_PATH_CRASH) {
        return false;
    }
    if (d->failed_metrics >= count || (d->failed_metrics > 0 && *replicas < d->current)) {
        fail_metrics(sync, statuses);
        return false;
    }
    struct hpa_condition *c = condition_set(sync->state, HPA_SCALING_ACTIVE, CONDITION_TRUE,
                                            HPA_REASON_VALID_METRIC_FOUND, sync->now);
    c->old_words = !sync->config->profile.targeted_pods_text;
    c->metric = d->winner >= 0 ? &sync->spec->metrics[d->winner] : NULL;
    d->statuses = statuses;
    d->status_count = count;
    return true;
}

static void explain_recommendation(struct hpa_decision *d, int32_t proposal)
{
    const bool above_zero = proposal > 0;
    d->recommendation = above_zero ? proposal : 0;
    if (d->recommendation > d->current) {
        d->rescale_reason = HPA_RESCALE_ABOVE_TARGET;
        d->rescale_names_winner = true;
    } else if (d->recommendation < d->current) {
        d->rescale_reason = HPA_RESCALE_BELOW_TARGET;
    }
}

/* What lowered the count below the recommendation; the last step that did. */
static enum hpa_binding held_down(const struct hpa_decision *d)
{
    switch (d->limit_reason) {
    case HPA_REASON_TOO_MANY_REPLICAS:
        return HPA_BINDING_MAX_REPLICAS;
    case HPA_REASON_SCALE_UP_LIMIT:
        return HPA_BINDING_SCALE_UP_LIMIT;
    default:
        return HPA_BINDING_STABILIZATION_UP;
    }
}

/* What kept it above: a bound that cut a stabilized count from above is not to blame. */
static enum hpa_binding held_up(const struct hpa_decision *d)
{
    switch (d->limit_reason) {
    case HPA_REASON_TOO_FEW_REPLICAS:
        return HPA_BINDING_MIN_REPLICAS;
    case HPA_REASON_SCALE_DOWN_LIMIT:
        return HPA_BINDING_SCALE_DOWN_LIMIT;
    default:
        return HPA_BINDING_STABILIZATION_DOWN;
    }
}

/* Which step kept the count from the recommendation. */
static void explain_binding(struct hpa_decision *d)
{
    if (d->desired < d->recommendation) {
        set_binding(d, held_down(d));
    } else if (d->desired > d->recommendation) {
        set_binding(d, held_up(d));
    }
    const bool kept = d->winner >= 0 && d->desired == d->current &&
                      d->metrics[d->winner].rule == HPA_RULE_WITHIN_TOLERANCE;
    if (kept) {
        set_binding(d, HPA_BINDING_TOLERANCE);
    }
}

/* The gate HPAScaleToZero's part of the start of reconcileAutoscaler. */
struct zero {
    bool remembered; /* condition ScaledToZero is True */
    bool compute;    /* metrics are looked at although there are no pods */
};

static struct zero zero_rules(const struct hpa_sync *sync)
{
    const struct hpa_spec *spec = sync->spec;
    if (!sync->config->profile.zero_needs_memory) {
        return (struct zero){.compute = spec->min_replicas == 0};
    }
    const struct hpa_condition *c = hpa_condition_find(&sync->state->status, HPA_SCALED_TO_ZERO);
    const bool remembered =
        sync->config->gates.scale_to_zero && c != NULL && c->status == CONDITION_TRUE;
    return (struct zero){
        .remembered = remembered,
        .compute = remembered && (spec->min_replicas != 0 || hpa_has_object_or_external(spec)),
    };
}

static void stay_disabled(const struct hpa_sync *sync)
{
    condition_set(sync->state, HPA_SCALING_ACTIVE, CONDITION_FALSE, HPA_REASON_SCALING_DISABLED,
                  sync->now);
    if (sync->config->profile.zero_needs_memory && !sync->config->gates.scale_to_zero) {
        condition_remove(sync->state, HPA_SCALED_TO_ZERO);
    }
    struct hpa_decision *d = sync->out;
    d->path = HPA_PATH_DISABLED;
    d->binding = HPA_BINDING_ZERO;
    d->desired = 0;
    set_status(sync->state, d, 0);
}

static void go_within_bounds(const struct hpa_sync *sync, bool above)
{
    struct hpa_decision *d = sync->out;
    d->path = above ? HPA_PATH_ABOVE_MAX : HPA_PATH_BELOW_MIN;
    d->binding = above ? HPA_BINDING_MAX_REPLICAS : HPA_BINDING_MIN_REPLICAS;
    d->rescale_reason = above ? HPA_RESCALE_ABOVE_MAX : HPA_RESCALE_BELOW_MIN;
    d->desired = above ? sync->spec->max_replicas : sync->spec->min_replicas;
    d->rescale = true;
}

static void go_by_metrics(const struct hpa_sync *sync, bool remembered)
{
    struct hpa_decision *d = sync->out;
    int32_t proposal = 0;
    if (!compute_metrics(sync, &proposal)) {
        return;
    }
    explain_recommendation(d, proposal);
    d->desired = sync->spec->has_behavior ? normalize_behavior(sync, d->recommendation)
                                          : normalize_legacy(sync, d->recommendation);
    explain_binding(d);
    if (d->current == 0 && sync->spec->min_replicas != 0 && remembered &&
        d->desired < sync->spec->min_replicas) {
        d->desired = sync->spec->min_replicas;
        d->binding = HPA_BINDING_MIN_REPLICAS;
        if (d->rescale_reason == HPA_RESCALE_UNEXPLAINED) {
            d->rescale_reason = HPA_RESCALE_BELOW_MIN;
        }
    }
    d->rescale = d->desired != d->current;
    if (!d->rescale) {
        set_status(sync->state, d, d->current);
    }
}

void hpa_reconcile(const struct hpa_spec *spec, const struct hpa_config *config,
                   struct hpa_state *state, const struct hpa_view *view, simtime now,
                   struct arena *scratch, struct hpa_decision *out)
{
    *out = (struct hpa_decision){
        .at = now,
        .spec = spec,
        .view = view,
        .profile = config->profile,
        .current = view->spec_replicas,
        .status_replicas = view->status_replicas,
        .first_failed = -1,
        .winner = -1,
    };
    const struct hpa_sync sync = {
        .spec = spec,
        .config = config,
        .view = view,
        .state = state,
        .scratch = scratch,
        .out = out,
        .now = now,
        .tolerances = tolerances_of(spec, config),
    };
    if (view->scale_error != NULL) {
        fail_scale(&sync);
        return;
    }
    condition_set(state, HPA_ABLE_TO_SCALE, CONDITION_TRUE, HPA_REASON_SUCCEEDED_GET_SCALE, now);
    seed(&sync);
    const struct zero zero = zero_rules(&sync);
    if (out->current == 0 && !zero.compute) {
        stay_disabled(&sync);
    } else if (out->current != 0 && out->current > spec->max_replicas) {
        go_within_bounds(&sync, true);
    } else if (out->current != 0 && out->current < spec->min_replicas) {
        go_within_bounds(&sync, false);
    } else {
        go_by_metrics(&sync, zero.remembered);
    }
}

/* Condition ScaledToZero is set at every rescale, so that it is never stale. */
static void remember_zero(const struct hpa_config *config, struct hpa_state *state,
                          const struct hpa_decision *d, simtime at)
{
    if (!config->profile.zero_needs_memory) {
        return;
    }
    if (!config->gates.scale_to_zero) {
        condition_remove(state, HPA_SCALED_TO_ZERO);
        return;
    }
    const bool to_zero = d->current > 0 && d->desired == 0 && d->spec->min_replicas == 0 &&
                         hpa_has_object_or_external(d->spec);
    condition_set(state, HPA_SCALED_TO_ZERO, to_zero ? CONDITION_TRUE : CONDITION_FALSE,
                  to_zero ? HPA_REASON_SCALED_TO_ZERO : HPA_REASON_NOT_SCALED_TO_ZERO, at);
}

void hpa_applied(const struct hpa_config *config, struct hpa_state *state, struct hpa_decision *d,
                 const char *error, simtime at)
{
    if (error != NULL) {
        struct hpa_condition *c = condition_set(state, HPA_ABLE_TO_SCALE, CONDITION_FALSE,
                                                HPA_REASON_FAILED_UPDATE_SCALE, at);
        condition_detail(state, c, error);
        d->update_error = error;
        d->binding = HPA_BINDING_UPDATE;
        set_failed_status(state, d);
        return;
    }
    struct hpa_condition *c =
        condition_set(state, HPA_ABLE_TO_SCALE, CONDITION_TRUE, HPA_REASON_SUCCEEDED_RESCALE, at);
    c->replicas = d->desired;
    store_scale_event(d->spec, state, d->current, d->desired, at);
    remember_zero(config, state, d, at);
    set_status(state, d, d->desired);
    state->status.has_last_scale_time = true;
    state->status.last_scale_time = at;
    d->rescaled = true;
}
