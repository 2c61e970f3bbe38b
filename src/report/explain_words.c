/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions in words: the first line of an explanation, and how metrics, values and targets
 * are written in all of them. The idea: say what happened, then the one constraint that made it
 * so, with its numbers; what the metrics wanted stands beside it where they did not get it.
 *
 * The trap: utilization is a truncated percentage, so the band that keeps the count is one of
 * whole percents; a stabilized count needs not be one that anybody asks for now.
 */
#include "explain_internal.h"

#include "kube/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- metrics ---- */

static bool is_resource(const struct hpa_metric_spec *m)
{
    return m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE;
}

const char *metric_words(struct arena *a, const struct hpa_metric_spec *m)
{
    if (m->type == HPA_METRIC_CONTAINER_RESOURCE) {
        return arena_printf(a, "%s of container %s", m->name, m->container);
    }
    if (m->type == HPA_METRIC_OBJECT) {
        return arena_printf(a, "%s of %s/%s", m->name, m->object_kind, m->object_name);
    }
    return m->name;
}

bool metric_is_utilization(const struct hpa_metric_spec *m)
{
    return is_resource(m) && !m->target.has_average_value;
}

bool metric_is_average(const struct hpa_metric_spec *m)
{
    if (m->type == HPA_METRIC_OBJECT) {
        return m->target.type == HPA_TARGET_AVERAGE_VALUE;
    }
    return m->target.has_average_value;
}

const char *metric_amount(struct arena *a, const struct hpa_metric_spec *m, int64_t milli)
{
    return hpa_status_quantity(a, milli, is_resource(m) && str_equal(m->name, "memory"));
}

const char *metric_value_text(struct arena *a, const struct hpa_metric_spec *m,
                              const struct hpa_metric_working *w)
{
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%" PRId32 " %%", w->utilization);
    }
    return arena_printf(a, "%s%s", metric_amount(a, m, w->average),
                        metric_is_average(m) ? " per pod" : "");
}

const char *metric_target_text(struct arena *a, const struct hpa_metric_spec *m)
{
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%" PRId32 " %%", m->target.average_utilization);
    }
    return metric_amount(a, m, metric_is_average(m) ? m->target.average_value : m->target.value);
}

const char *metric_band_text(struct arena *a, const struct hpa_metric_spec *m,
                             const struct hpa_metric_working *w)
{
    const double target = metric_is_utilization(m) ? m->target.average_utilization
                          : metric_is_average(m)   ? (double)m->target.average_value
                                                   : (double)m->target.value;
    /* Whole percents, or thousandths: the ones whose ratio is inside, judged as upstream does. */
    double low = floor(w->tolerance_low * target);
    double high = ceil(w->tolerance_high * target);
    low += low / target < w->tolerance_low ? 1 : 0;
    high -= high / target > w->tolerance_high ? 1 : 0;
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%.0f..%.0f %%", low, high);
    }
    return arena_printf(a, "%s..%s", metric_amount(a, m, (int64_t)low),
                        metric_amount(a, m, (int64_t)high));
}

const char *ratio_text(struct arena *a, double ratio)
{
    return arena_printf(a, "%.4g", ratio);
}

/* ---- times ---- */

const char *when(struct arena *a, const struct explained *e, simtime t)
{
    return moment_near(a, &e->subject->run, t, e->at);
}

/* ---- windows ---- */

bool within_window(const struct explained *e, simtime at, bool down)
{
    const struct hpa_decision *d = e->decision;
    if (!e->spec->has_behavior) {
        return down ? at >= e->at - d->down_window : at >= e->at;
    }
    return at > e->at - (down ? d->down_window : d->up_window);
}

bool bound_of(const struct explained *e, bool down, simtime *at, simtime *leaves)
{
    const struct hpa_decision *d = e->decision;
    const int32_t bound = down ? d->down_bound : d->up_bound;
    bool found = false;
    for (size_t i = 0; i < e->before->recommendations.len; i++) {
        const struct hpa_recommendation *r = &e->before->recommendations.items[i];
        if (r->replicas == bound && within_window(e, r->at, down) && (!found || r->at > *at)) {
            *at = r->at;
            found = true;
        }
    }
    if (found) {
        *leaves = *at + (down ? d->down_window : d->up_window);
    }
    return found;
}

/* ---- the first line ---- */

/* "goes 6 -> 8" or "stays at 6", and what it would rather be. */
static const char *movement(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    const bool moved = d->rescaled;
    const int32_t wanted = d->rescale && !d->rescaled ? d->desired : d->recommendation;
    const int32_t result = moved ? d->desired : d->current;
    const char *wants = "";
    if (d->path == HPA_PATH_METRICS && wanted != result) {
        wants = arena_printf(a, " (the metrics ask for %" PRId32 ")", d->recommendation);
    }
    if (moved) {
        return arena_printf(a, "goes %" PRId32 " -> %" PRId32 "%s", d->current, d->desired, wants);
    }
    return arena_printf(a, "stays at %" PRId32 "%s", d->current, wants);
}

/* "cpu is at 84 % of requests, target 70 %" */
static const char *level(struct arena *a, const struct explained *e, int32_t index)
{
    const struct hpa_metric_spec *m = &e->spec->metrics[index];
    const struct hpa_metric_working *w = &e->decision->metrics[index];
    return arena_printf(a, "%s is at %s%s, target %s", metric_words(a, m),
                        metric_value_text(a, m, w), metric_is_utilization(m) ? " of requests" : "",
                        metric_target_text(a, m));
}

static const char *tolerance_words(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    const struct hpa_metric_spec *m = &e->spec->metrics[d->winner];
    const struct hpa_metric_working *w = &d->metrics[d->winner];
    return arena_printf(a, "%s %s against a target of %s is within tolerance (%s)",
                        metric_words(a, m), metric_value_text(a, m, w), metric_target_text(a, m),
                        metric_band_text(a, m, w));
}

static const char *filled_words(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    const struct hpa_metric_working *w = &d->metrics[d->winner];
    const char *unready = w->unready > 0 ? arena_printf(a, "%" PRIu32 " unready", w->unready) : "";
    const char *missing = w->missing > 0 ? arena_printf(a, "%" PRIu32 " missing", w->missing) : "";
    if (w->filled_ratio == w->ratio) { /* exactly at the target there is nothing to fill in */
        return tolerance_words(a, e);
    }
    return arena_printf(a, "%s, but with %s%s%s %s filled in the ratio is %s, not %s: no change",
                        level(a, e, d->winner), unready,
                        *unready != '\0' && *missing != '\0' ? " and " : "", missing,
                        w->unready + w->missing == 1 ? "pod" : "pods",
                        ratio_text(a, w->filled_ratio), ratio_text(a, w->ratio));
}

/* Nothing held it: the metrics got what they asked for. */
static const char *free_words(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    if (d->winner < 0) {
        return "the metrics ask for this count";
    }
    const struct hpa_metric_working *w = &d->metrics[d->winner];
    if (w->rule == HPA_RULE_WITHIN_TOLERANCE) {
        return tolerance_words(a, e);
    }
    if (w->rule == HPA_RULE_OTHER_SIDE || w->rule == HPA_RULE_OTHER_DIRECTION) {
        return filled_words(a, e);
    }
    if (d->desired == d->current) {
        return arena_printf(a, "%s, and that needs as many pods as there are",
                            level(a, e, d->winner));
    }
    return level(a, e, d->winner);
}

static const char *stabilization_words(struct arena *a, const struct explained *e, bool down)
{
    const struct hpa_decision *d = e->decision;
    simtime at = 0;
    simtime leaves = 0;
    const char *window = moment_span(a, down ? d->down_window : d->up_window);
    if (!bound_of(e, down, &at, &leaves)) {
        return arena_printf(a, "scale-%s stabilization of %s", down ? "down" : "up", window);
    }
    return arena_printf(
        a, "scale-%s takes the %s recommendation of the last %s, %" PRId32 " at %s, until %s",
        down ? "down" : "up", down ? "highest" : "lowest", window,
        down ? d->down_bound : d->up_bound, when(a, e, at), when(a, e, leaves));
}

static const char *rate_words(struct arena *a, const struct explained *e, bool up)
{
    const struct hpa_decision *d = e->decision;
    if (!e->spec->has_behavior) {
        return arena_printf(
            a, "without behavior one sync may go to max(2 x %" PRId32 ", 4) = %" PRId32 " at most",
            d->current, d->rate_limit);
    }
    const struct hpa_scaling_rules *rules = up ? &e->spec->scale_up : &e->spec->scale_down;
    if (rules->select_policy == HPA_SELECT_DISABLED) {
        return arena_printf(a, "scale-%s is disabled (selectPolicy: Disabled)", up ? "up" : "down");
    }
    for (size_t i = 0; i < d->policy_count; i++) {
        const struct hpa_policy_working *p = &d->policies[i];
        if (p->limit == d->rate_limit) {
            return arena_printf(
                a, "the scale-%s policy of %" PRId32 "%s per %s, from %" PRId32 ", allows %" PRId32,
                up ? "up" : "down", p->policy->value,
                p->policy->type == HPA_POLICY_PERCENT ? " %"
                : p->policy->value == 1               ? " pod"
                                                      : " pods",
                moment_span(a, p->policy->period_seconds * SIMTIME_SECOND), p->start, p->limit);
        }
    }
    return arena_printf(a, "the scale-%s policies are used up for now", up ? "up" : "down");
}

static const char *bounds_words(struct arena *a, const struct explained *e, bool most)
{
    const struct hpa_decision *d = e->decision;
    const int32_t bound = most ? e->spec->max_replicas : e->spec->min_replicas;
    if (d->path == HPA_PATH_METRICS) {
        return arena_printf(a, "%s is %" PRId32 "%s%s", most ? "maxReplicas" : "minReplicas", bound,
                            d->winner >= 0 ? "; " : "",
                            d->winner >= 0 ? level(a, e, d->winner) : "");
    }
    return arena_printf(a, "spec.replicas was %s %s %" PRId32 "; no metric was looked at",
                        most ? "above" : "below", most ? "maxReplicas" : "minReplicas", bound);
}

/* The largest proposal of the metrics that worked; 0 when none did. */
static int32_t best_proposal(const struct explained *e)
{
    int32_t best = 0;
    for (size_t i = 0; i < e->spec->metric_count; i++) {
        const struct hpa_metric_working *w = &e->decision->metrics[i];
        best = w->failure == HPA_FAILURE_NONE && w->proposal > best ? w->proposal : best;
    }
    return best;
}

static const char *failed_words(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    const char *why = hpa_failure_message(a, d, (size_t)d->first_failed);
    if (d->failed_metrics >= e->spec->metric_count) {
        return arena_printf(a, "no metric could be read: %s", why);
    }
    return arena_printf(a,
                        "a metric failed, and the others ask for fewer (%" PRId32
                        "), which an incomplete answer may not do: %s",
                        best_proposal(e), why);
}

static const char *because(struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    switch (d->binding) {
    case HPA_BINDING_TOLERANCE:
        return tolerance_words(a, e);
    case HPA_BINDING_STABILIZATION_DOWN:
    case HPA_BINDING_STABILIZATION_UP:
        return stabilization_words(a, e, d->binding == HPA_BINDING_STABILIZATION_DOWN);
    case HPA_BINDING_SCALE_UP_LIMIT:
    case HPA_BINDING_SCALE_DOWN_LIMIT:
        return rate_words(a, e, d->binding == HPA_BINDING_SCALE_UP_LIMIT);
    case HPA_BINDING_MAX_REPLICAS:
    case HPA_BINDING_MIN_REPLICAS:
        return bounds_words(a, e, d->binding == HPA_BINDING_MAX_REPLICAS);
    case HPA_BINDING_ZERO:
        return "scaling is off while the target has 0 replicas";
    case HPA_BINDING_SELECTOR:
        return hpa_selector_message(a, d->view);
    case HPA_BINDING_METRICS:
        return failed_words(a, e);
    case HPA_BINDING_SCALE:
        return arena_printf(a, "its target's scale could not be read: %s", d->view->scale_error);
    case HPA_BINDING_UPDATE:
        return arena_printf(a, "the scale could not be updated: %s", d->update_error);
    case HPA_BINDING_NONE:
        break;
    }
    return free_words(a, e);
}

const char *headline(struct arena *a, const struct explained *e)
{
    if (e->decision->path == HPA_PATH_CRASH) {
        return arena_printf(a, "%s: the controller process of this release crashes here",
                            e->subject->label);
    }
    if (e->decision->path == HPA_PATH_FAILED_GET_SCALE) {
        return arena_printf(a, "%s does nothing: %s", e->subject->label, because(a, e));
    }
    return arena_printf(a, "%s %s: %s", e->subject->label, movement(a, e), because(a, e));
}
