/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every text of a sync, made on demand: conditions, events, failures (k8s.io/kubernetes
 * v1.36.3, pkg/controller/podautoscaler/horizontal.go, replica_calculator.go and
 * metrics/client.go). The words are upstream's, its slips included: "external metric" for
 * an Object's average value, and the error standing where the object's name should be.
 */
#include "control/hpa/decision.h"

#include "base/str.h"
#include "internal.h"
#include "kube/quantity.h"

#include <inttypes.h>
#include <string.h>

const char *hpa_status_quantity(struct arena *a, int64_t milli, bool binary)
{
    const struct quantity q =
        quantity_from_milli(milli, binary ? QUANTITY_BINARY_SI : QUANTITY_DECIMAL_SI);
    return quantity_string(a, &q);
}

const char *hpa_metric_description(struct arena *a, const struct hpa_metric_spec *metric,
                                   bool old_words)
{
    const struct hpa_target *target = &metric->target;
    switch (metric->type) {
    case HPA_METRIC_RESOURCE:
    case HPA_METRIC_CONTAINER_RESOURCE:
        if (target->has_average_value) {
            return arena_printf(a, "%s resource", metric->name);
        }
        return arena_printf(a, "%s %sresource utilization (percentage of request)", metric->name,
                            metric->type == HPA_METRIC_RESOURCE || old_words ? "" : "container ");
    case HPA_METRIC_PODS:
        return arena_printf(a, "pods metric %s", metric->name);
    case HPA_METRIC_OBJECT:
        if (target->type == HPA_TARGET_VALUE && target->has_value) {
            return arena_printf(a, "%s metric %s", metric->object_kind, metric->name);
        }
        break;
    case HPA_METRIC_EXTERNAL:
        break;
    }
    return arena_printf(a, "external metric %s(%s)", metric->name, metric->selector_text);
}

static const char *fixed_message(enum hpa_reason reason)
{
    switch (reason) {
    case HPA_REASON_SUCCEEDED_GET_SCALE:
        return "the HPA controller was able to get the target's current scale";
    case HPA_REASON_READY_FOR_NEW_SCALE:
        return "recommended size matches current size";
    case HPA_REASON_SCALE_DOWN_STABILIZED:
        return "recent recommendations were higher than current one, applying the highest recent "
               "recommendation";
    case HPA_REASON_SCALE_UP_STABILIZED:
        return "recent recommendations were lower than current one, applying the lowest recent "
               "recommendation";
    case HPA_REASON_SCALING_DISABLED:
        return "scaling is disabled since the replica count of the target is zero";
    case HPA_REASON_DESIRED_WITHIN_RANGE:
        return "the desired count is within the acceptable range";
    case HPA_REASON_TOO_FEW_REPLICAS:
        return "the desired replica count is less than the minimum replica count";
    case HPA_REASON_TOO_MANY_REPLICAS:
        return "the desired replica count is more than the maximum replica count";
    case HPA_REASON_SCALE_UP_LIMIT:
        return "the desired replica count is increasing faster than the maximum scale rate";
    case HPA_REASON_SCALE_DOWN_LIMIT:
        return "the desired replica count is decreasing faster than the maximum scale rate";
    case HPA_REASON_SCALED_TO_ZERO:
        return "the HPA controller scaled the workload to zero";
    case HPA_REASON_NOT_SCALED_TO_ZERO:
        return "the HPA controller did not scale the workload to zero";
    default:
        return NULL;
    }
}

const char *hpa_condition_message(struct arena *a, const struct hpa_condition *condition)
{
    const char *fixed = fixed_message(condition->reason);
    if (fixed != NULL) {
        return fixed;
    }
    const char *detail = condition->detail.text;
    switch (condition->reason) {
    case HPA_REASON_FAILED_GET_SCALE:
        return arena_printf(
            a, "the HPA controller was unable to get the target's current scale: %s", detail);
    case HPA_REASON_SUCCEEDED_RESCALE:
        return arena_printf(a, "the HPA controller was able to update the target scale to %" PRId32,
                            condition->replicas);
    case HPA_REASON_FAILED_UPDATE_SCALE:
        return arena_printf(a, "the HPA controller was unable to update the target scale: %s",
                            detail);
    case HPA_REASON_VALID_METRIC_FOUND:
        return arena_printf(a, "the HPA was able to successfully calculate a replica count from %s",
                            condition->metric != NULL
                                ? hpa_metric_description(a, condition->metric, condition->old_words)
                                : "");
    case HPA_REASON_INVALID_SELECTOR:
    case HPA_REASON_AMBIGUOUS_SELECTOR:
        return detail;
    default:
        return arena_printf(a, "the HPA was unable to compute the replica count: %s", detail);
    }
}

enum hpa_reason metric_failure_reason(const struct hpa_metric_spec *metric)
{
    switch (metric->type) {
    case HPA_METRIC_RESOURCE:
        return HPA_REASON_FAILED_GET_RESOURCE_METRIC;
    case HPA_METRIC_CONTAINER_RESOURCE:
        return HPA_REASON_FAILED_GET_CONTAINER_RESOURCE_METRIC;
    case HPA_METRIC_PODS:
        return HPA_REASON_FAILED_GET_PODS_METRIC;
    case HPA_METRIC_OBJECT:
        return HPA_REASON_FAILED_GET_OBJECT_METRIC;
    case HPA_METRIC_EXTERNAL:
        break;
    }
    return HPA_REASON_FAILED_GET_EXTERNAL_METRIC;
}

static bool is_resource(const struct hpa_metric_spec *metric)
{
    return metric->type == HPA_METRIC_RESOURCE || metric->type == HPA_METRIC_CONTAINER_RESOURCE;
}

/* {api}: what the metrics API's client said. */
static const char *api_text(struct arena *a, const struct hpa_decision *d, size_t index)
{
    const struct hpa_metric_spec *metric = &d->spec->metrics[index];
    const char *api = is_resource(metric)                   ? "resource"
                      : metric->type == HPA_METRIC_EXTERNAL ? "external"
                                                            : "custom";
    if (d->metrics[index].failure == HPA_FAILURE_EMPTY_ANSWER) {
        return arena_printf(a, "no metrics returned from %s metrics API", api);
    }
    return arena_printf(a, "unable to fetch metrics from %s metrics API: %s", api,
                        d->view->answers[index].error);
}

static const char *request_text(struct arena *a, const struct hpa_decision *d,
                                const struct hpa_metric_spec *metric,
                                const struct hpa_metric_working *w)
{
    if (w->failure == HPA_FAILURE_NO_CONTAINER) {
        return arena_printf(a, "container %s not found in Pod %s", metric->container,
                            w->failure_pod);
    }
    if (w->failure == HPA_FAILURE_MISSING_POD_REQUEST) {
        return arena_printf(a, "missing pod-level request for %s in Pod %s", metric->name,
                            w->failure_pod);
    }
    if (!d->profile.request_text) {
        return arena_printf(a, "missing request for %s", metric->name);
    }
    return arena_printf(a, "missing request for %s in container %s of Pod %s", metric->name,
                        w->failure_container, w->failure_pod);
}

static const char *no_samples_text(const struct hpa_decision *d)
{
    return d->profile.targeted_pods_text
               ? "did not receive metrics for targeted pods (pods might be unready)"
               : "did not receive metrics for any ready pods";
}

/* The innermost error, without what the metric's type puts before it. */
static const char *core_text(struct arena *a, const struct hpa_decision *d, size_t index)
{
    const struct hpa_metric_spec *metric = &d->spec->metrics[index];
    const struct hpa_metric_working *w = &d->metrics[index];
    switch (w->failure) {
    case HPA_FAILURE_API:
    case HPA_FAILURE_EMPTY_ANSWER:
        return api_text(a, d, index);
    case HPA_FAILURE_CONTAINER_SAMPLE:
        return arena_printf(a,
                            "failed to get container metrics: container %s not present in metrics "
                            "for pod %s/%s",
                            metric->container, d->spec->namespace_name, w->failure_pod);
    case HPA_FAILURE_NO_PODS:
        return "no pods returned by selector while calculating replica count";
    case HPA_FAILURE_NO_SAMPLES:
        return no_samples_text(d);
    case HPA_FAILURE_NO_MATCH:
        return "no metrics returned matched known pods";
    case HPA_FAILURE_SELECTOR:
        return metric->selector_error;
    case HPA_FAILURE_CRASH:
        return "runtime error: invalid memory address or nil pointer dereference";
    case HPA_FAILURE_NONE:
    case HPA_FAILURE_NO_TARGET:
        return "";
    default:
        return request_text(a, d, metric, w);
    }
}

static const char *no_target_text(const struct hpa_metric_spec *metric)
{
    if (metric->type == HPA_METRIC_OBJECT) {
        return "invalid object metric source: neither a value target nor an average value target "
               "was set";
    }
    if (metric->type == HPA_METRIC_EXTERNAL) {
        return "invalid external metric source: neither a value target nor an average value "
               "target was set";
    }
    return "invalid resource metric source: neither an average utilization target nor an average "
           "value (usage) target was set";
}

/* Fetching failed, as opposed to what was fetched being of no use. */
static bool fetch_failed(enum hpa_failure failure)
{
    return failure == HPA_FAILURE_API || failure == HPA_FAILURE_EMPTY_ANSWER ||
           failure == HPA_FAILURE_CONTAINER_SAMPLE;
}

static const char *resource_failure(struct arena *a, const struct hpa_decision *d, size_t index)
{
    const struct hpa_metric_spec *metric = &d->spec->metrics[index];
    const char *core = core_text(a, d, index);
    const bool usage = metric->target.has_average_value && d->profile.request_text;
    const char *fetch =
        fetch_failed(d->metrics[index].failure)
            ? arena_printf(a, "unable to get metrics for resource %s: ", metric->name)
            : "";
    return arena_printf(a, "failed to get %s %s: %s%s", metric->name,
                        usage ? "usage" : "utilization", fetch, core);
}

const char *hpa_failure_message(struct arena *a, const struct hpa_decision *d, size_t index)
{
    const struct hpa_metric_spec *metric = &d->spec->metrics[index];
    const enum hpa_failure failure = d->metrics[index].failure;
    if (failure == HPA_FAILURE_NO_TARGET) {
        return no_target_text(metric);
    }
    const char *core = core_text(a, d, index);
    if (failure == HPA_FAILURE_SELECTOR || failure == HPA_FAILURE_CRASH) {
        return core;
    }
    if (is_resource(metric)) {
        return resource_failure(a, d, index);
    }
    const bool value = metric->type == HPA_METRIC_OBJECT || metric->type == HPA_METRIC_EXTERNAL;
    if (!fetch_failed(failure)) {
        return value ? arena_printf(a, "unable to calculate ready pods: %s", core) : core;
    }
    if (metric->type == HPA_METRIC_OBJECT) {
        return arena_printf(a, "unable to get metric %s: %s on %s %s/%s", metric->name,
                            metric->object_kind, d->spec->namespace_name, metric->object_name,
                            core);
    }
    if (metric->type == HPA_METRIC_EXTERNAL) {
        return arena_printf(a, "unable to get external metric %s/%s/%s: %s",
                            d->spec->namespace_name, metric->name, metric->selector_text, core);
    }
    return arena_printf(a, "unable to get metric %s: %s", metric->name, core);
}

/* What computeReplicasForMetric and its callees put before the failure. */
static const char *wrapped_failure(struct arena *a, const struct hpa_decision *d, size_t index)
{
    const struct hpa_metric_spec *metric = &d->spec->metrics[index];
    const enum hpa_failure failure = d->metrics[index].failure;
    const char *text = hpa_failure_message(a, d, index);
    const bool average = metric->target.has_average_value;
    const bool bare = !d->profile.request_text && metric->type != HPA_METRIC_PODS &&
                      metric->type != HPA_METRIC_OBJECT;
    if (bare) {
        return text;
    }
    switch (metric->type) {
    case HPA_METRIC_RESOURCE:
        return arena_printf(a, "failed to get %s resource metric value: %s", metric->name, text);
    case HPA_METRIC_CONTAINER_RESOURCE:
        return arena_printf(a, "failed to get %s container metric value: %s", metric->container,
                            text);
    case HPA_METRIC_PODS:
        return arena_printf(a, "failed to get pods metric value: %s", text);
    case HPA_METRIC_OBJECT:
        if (failure == HPA_FAILURE_API && metric->target.type == HPA_TARGET_AVERAGE_VALUE) {
            return arena_printf(a,
                                "failed to get object metric value: failed to get %s object "
                                "metric: %s",
                                metric->name, text);
        }
        return arena_printf(a, "failed to get object metric value: %s", text);
    case HPA_METRIC_EXTERNAL:
        break;
    }
    if (failure == HPA_FAILURE_NO_TARGET) {
        return arena_printf(a, "failed to get %s external metric value: %s", metric->name, text);
    }
    return arena_printf(a,
                        average ? "failed to get %s external metric value: failed to get %s "
                                  "external metric: %s"
                                : "failed to get %s external metric value: failed to get "
                                  "external metric %s: %s",
                        metric->name, metric->name, text);
}

const char *hpa_rescale_reason_text(struct arena *a, const struct hpa_decision *d)
{
    switch (d->rescale_reason) {
    case HPA_RESCALE_ABOVE_MAX:
        return "Current number of replicas above Spec.MaxReplicas";
    case HPA_RESCALE_BELOW_MIN:
        return "Current number of replicas below Spec.MinReplicas";
    case HPA_RESCALE_BELOW_TARGET:
        return "All metrics below target";
    case HPA_RESCALE_ABOVE_TARGET:
        return arena_printf(a, "%s above target",
                            d->rescale_names_winner && d->winner >= 0
                                ? hpa_metric_description(a, &d->spec->metrics[d->winner],
                                                         !d->profile.targeted_pods_text)
                                : "");
    case HPA_RESCALE_UNEXPLAINED:
        break;
    }
    return "";
}

const char *hpa_binding_name(enum hpa_binding binding)
{
    static const char *const names[] = {
#define X(name, text) text,
        HPA_BINDINGS(X)
#undef X
    };
    return names[binding];
}

const char *hpa_rule_name(enum hpa_proposal_rule rule)
{
    static const char *const names[] = {
        "none",
        "within tolerance",
        "ratio of ready pods",
        "ratio of all samples, missing and unready pods filled in",
        "filled in, the ratio is within tolerance or on the other side of 1",
        "filled in, the count would move against the ratio",
        "ratio alone, from zero",
        "total by target",
    };
    return names[rule];
}

static void add_event(struct hpa_event *events, size_t *count, bool warning, enum hpa_reason reason,
                      const char *message)
{
    events[(*count)++] = (struct hpa_event){
        .warning = warning, .reason = hpa_reason_name(reason), .message = message};
}

static void add_selector_event(struct arena *a, const struct hpa_decision *d,
                               struct hpa_event *events, size_t *count)
{
    const char *text = "selector is required";
    enum hpa_reason reason = HPA_REASON_SELECTOR_REQUIRED;
    if (d->view->selector_state != HPA_SELECTOR_MISSING) {
        const bool invalid = d->view->selector_state == HPA_SELECTOR_INVALID;
        reason = invalid ? HPA_REASON_INVALID_SELECTOR : HPA_REASON_AMBIGUOUS_SELECTOR;
        text = hpa_selector_message(a, d->view);
    }
    add_event(events, count, true, reason, text);
    add_event(events, count, true, HPA_REASON_FAILED_COMPUTE_METRICS_REPLICAS, text);
}

static void add_metric_events(struct arena *a, const struct hpa_decision *d,
                              struct hpa_event *events, size_t *count)
{
    for (size_t i = 0; d->metrics != NULL && i < d->spec->metric_count; i++) {
        if (d->metrics[i].failure != HPA_FAILURE_NONE) {
            add_event(events, count, true, metric_failure_reason(&d->spec->metrics[i]),
                      hpa_failure_message(a, d, i));
        }
    }
    if (d->path == HPA_PATH_FAILED_METRICS) {
        add_event(events, count, true, HPA_REASON_FAILED_COMPUTE_METRICS_REPLICAS,
                  arena_printf(a, "invalid metrics (%u invalid out of %zu), first error is: %s",
                               (unsigned)d->failed_metrics, d->spec->metric_count,
                               wrapped_failure(a, d, (size_t)d->first_failed)));
    }
}

struct hpa_event *hpa_decision_events(struct arena *a, const struct hpa_decision *d, size_t *count)
{
    struct hpa_event *events = arena_array(a, struct hpa_event, d->spec->metric_count + 3);
    *count = 0;
    if (d->path == HPA_PATH_FAILED_GET_SCALE) {
        add_event(events, count, true, HPA_REASON_FAILED_GET_SCALE, d->view->scale_error);
        return events;
    }
    if (d->path == HPA_PATH_BAD_SELECTOR) {
        add_selector_event(a, d, events, count);
        return events;
    }
    add_metric_events(a, d, events, count);
    const char *reason = hpa_rescale_reason_text(a, d);
    if (d->update_error != NULL) {
        add_event(events, count, true, HPA_REASON_FAILED_RESCALE,
                  arena_printf(a, "New size: %" PRId32 "; reason: %s; error: %s", d->desired,
                               reason, d->update_error));
    } else if (d->rescaled) {
        add_event(events, count, false, HPA_REASON_SUCCESSFUL_RESCALE,
                  arena_printf(a, "New size: %" PRId32 "; reason: %s", d->desired, reason));
    }
    return events;
}

const char *hpa_selector_message(struct arena *a, const struct hpa_view *view)
{
    if (view->selector_state == HPA_SELECTOR_MISSING) {
        return "the HPA target's scale is missing a selector";
    }
    if (view->selector_state == HPA_SELECTOR_INVALID) {
        return arena_printf(
            a, "couldn't convert selector into a corresponding internal selector object: %s",
            view->selector_detail);
    }
    return arena_printf(a, "pods by selector %s are controlled by multiple HPAs: %s",
                        view->selector, view->selector_detail);
}
