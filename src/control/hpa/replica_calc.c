/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one metric proposes (k8s.io/kubernetes v1.36.3, pkg/controller/podautoscaler:
 * replica_calculator.go, metrics/utilization.go, and horizontal.go's computeStatusFor*).
 *
 * The idea: pods fall into four groups; ready ones give the first ratio, and only where it
 * asks for a change are missing and unready pods filled in against that change.
 * The traps: utilization is truncated to a whole percent before the ratio is taken; all sums
 * wrap at 64 bits; samples of unknown pods count in means and in the number of samples but
 * not in utilization; a ratio of exactly 1 (or NaN) fills in nothing.
 */
#include "internal.h"

#include <math.h>

/* A resource or pods metric on its way through the calculation. */
struct grouping {
    const struct hpa_sample **sample_of; /* per pod, NULL: none */
    int64_t *request_of;                 /* per pod, utilization only */
    int64_t unknown_total;               /* samples of unknown pods */
    uint32_t unknown;
};

static bool within(const struct tolerances *t, double ratio)
{
    if (!t->interval) {
        return fabs(1.0 - ratio) <= t->up;
    }
    return 1.0 - t->down <= ratio && ratio <= 1.0 + t->up;
}

/* groupPods: the part that only looks at cpu samples. */
static bool cpu_sample_unready(const struct hpa_sync *sync, const struct hpa_pod *pod,
                               const struct hpa_sample *sample)
{
    if (pod->ready == CONDITION_ABSENT || pod->start_time == SIMTIME_NEVER) {
        return true;
    }
    const bool not_ready = pod->ready == CONDITION_FALSE;
    if (time_add(pod->start_time, sync->config->cpu_initialization_period) > sync->now) {
        return not_ready || sample->time < time_add(pod->ready_since, sample->window);
    }
    return not_ready &&
           time_add(pod->start_time, sync->config->initial_readiness_delay) > pod->ready_since;
}

static enum hpa_pod_group group_of(const struct hpa_sync *sync, const struct hpa_pod *pod,
                                   const struct hpa_sample *sample, bool cpu)
{
    if (pod->deleting || pod->phase == POD_FAILED) {
        return HPA_POD_IGNORED;
    }
    if (pod->phase == POD_PENDING) {
        return HPA_POD_UNREADY;
    }
    if (sample == NULL) {
        return HPA_POD_MISSING;
    }
    return cpu && cpu_sample_unready(sync, pod, sample) ? HPA_POD_UNREADY : HPA_POD_READY;
}

static void match_samples(const struct hpa_sync *sync, const struct hpa_metric_answer *answer,
                          struct grouping *g)
{
    g->sample_of = arena_array(sync->scratch, const struct hpa_sample *, sync->view->pod_count);
    for (size_t i = 0; i < answer->sample_count; i++) {
        const struct hpa_sample *sample = &answer->samples[i];
        if (sample->pod == HPA_POD_UNKNOWN) {
            g->unknown_total = wrap_add(g->unknown_total, sample->value);
            g->unknown++;
        } else {
            g->sample_of[sample->pod] = sample;
        }
    }
}

/* groupPods, and the sum over what is left; total is of known pods only. */
static void group_pods(const struct hpa_sync *sync, bool cpu, struct grouping *g,
                       struct hpa_metric_working *w)
{
    const struct hpa_view *view = sync->view;
    uint8_t *groups = arena_alloc(sync->scratch, view->pod_count, 1);
    uint32_t counts[4] = {0};
    for (size_t i = 0; i < view->pod_count; i++) {
        const enum hpa_pod_group group = group_of(sync, &view->pods[i], g->sample_of[i], cpu);
        groups[i] = (uint8_t)group;
        counts[group]++;
        if (group == HPA_POD_READY) {
            w->total = wrap_add(w->total, g->sample_of[i]->value);
        }
    }
    w->ready = counts[HPA_POD_READY];
    w->unready = counts[HPA_POD_UNREADY];
    w->missing = counts[HPA_POD_MISSING];
    w->ignored = counts[HPA_POD_IGNORED];
    w->samples = w->ready + g->unknown;
    w->pod_groups = groups;
}

/* calculateRequests; pods made from one template are looked up once. */
static bool find_requests(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                          struct grouping *g, struct hpa_metric_working *w)
{
    const struct hpa_view *view = sync->view;
    const struct pod_template *last = NULL;
    struct pod_request request = {0};
    g->request_of = arena_array(sync->scratch, int64_t, view->pod_count);
    for (size_t i = 0; i < view->pod_count; i++) {
        const struct hpa_pod *pod = &view->pods[i];
        if (pod->requests != last) {
            last = pod->requests;
            request = pod_request(sync->config, last, metric->name, metric->container);
        }
        if (request.failure != HPA_FAILURE_NONE) {
            w->failure = request.failure;
            w->failure_pod = pod->name;
            w->failure_container = request.container;
            return false;
        }
        g->request_of[i] = request.milli;
    }
    return true;
}

/* Sums over ready pods and, once filled in, over the others that count. */
struct sums {
    int64_t total;
    int64_t requests;
    uint32_t samples; /* len(metrics) */
};

/* GetResourceUtilizationRatio; false: requests sum to 0. */
static bool utilization_ratio(const struct sums *s, int32_t target, int32_t *utilization,
                              double *ratio)
{
    if (s->requests == 0) {
        return false;
    }
    *utilization = wrap32(wrap_div(wrap_mul(s->total, 100), s->requests));
    *ratio = (double)*utilization / (double)target;
    return true;
}

/* Proposal without anything filled in. */
static void propose_from_ready(const struct hpa_sync *sync, struct hpa_metric_working *w)
{
    w->filled_ratio = w->ratio;
    if (within(&sync->tolerances, w->ratio)) {
        w->rule = HPA_RULE_WITHIN_TOLERANCE;
        w->proposal = sync->view->spec_replicas;
        return;
    }
    w->rule = HPA_RULE_READY_PODS;
    w->proposal = int32_of_double(ceil(w->ratio * (double)w->ready));
}

/* Proposal after missing and unready pods were filled in. */
static void propose_from_filled(const struct hpa_sync *sync, uint32_t samples,
                                struct hpa_metric_working *w)
{
    const int32_t current = sync->view->spec_replicas;
    w->proposal = current;
    if (within(&sync->tolerances, w->filled_ratio) || (w->ratio < 1.0 && w->filled_ratio > 1.0) ||
        (w->ratio > 1.0 && w->filled_ratio < 1.0)) {
        w->rule = HPA_RULE_OTHER_SIDE;
        return;
    }
    const int32_t count = int32_of_double(ceil(w->filled_ratio * (double)samples));
    if ((w->filled_ratio < 1.0 && count > current) || (w->filled_ratio > 1.0 && count < current)) {
        w->rule = HPA_RULE_OTHER_DIRECTION;
        return;
    }
    w->rule = HPA_RULE_ALL_SAMPLES;
    w->proposal = count;
}

/* Adds what a missing or unready pod is taken to use. */
static void fill_in(const struct hpa_sync *sync, const struct grouping *g,
                    const struct hpa_metric_working *w, bool fill_missing, int64_t percent,
                    int64_t plain, struct sums *s)
{
    const bool up = w->ratio > 1.0;
    for (size_t i = 0; i < sync->view->pod_count; i++) {
        const uint8_t group = w->pod_groups[i];
        const bool missing = group == HPA_POD_MISSING && fill_missing;
        if (!missing && !(group == HPA_POD_UNREADY && up)) {
            continue;
        }
        const int64_t request = g->request_of != NULL ? g->request_of[i] : 0;
        if (missing && !up) {
            const int64_t use = g->request_of != NULL ? wrap_mul(request, percent) / 100 : plain;
            s->total = wrap_add(s->total, use);
        }
        s->requests = wrap_add(s->requests, request);
        s->samples++;
    }
}

static bool needs_filling(const struct hpa_metric_working *w)
{
    return (w->unready > 0 && w->ratio > 1.0) || w->missing > 0;
}

/* False: there are no pods at all. */
static bool group_sampled_pods(const struct hpa_sync *sync, const struct hpa_metric_answer *answer,
                               bool cpu, struct grouping *g, struct hpa_metric_working *w)
{
    if (sync->view->pod_count == 0) {
        w->failure = HPA_FAILURE_NO_PODS;
        return false;
    }
    match_samples(sync, answer, g);
    group_pods(sync, cpu, g, w);
    return true;
}

static bool has_samples(struct hpa_metric_working *w)
{
    if (w->samples == 0) {
        w->failure = HPA_FAILURE_NO_SAMPLES;
    }
    return w->samples > 0;
}

static bool is_named(const char *name, const char *word)
{
    while (*name != '\0' && *name == *word) {
        name++;
        word++;
    }
    return *name == *word;
}

/* GetResourceReplicas */
static void utilization_replicas(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                                 const struct hpa_metric_answer *answer,
                                 struct hpa_metric_working *w)
{
    const int32_t target = metric->target.average_utilization;
    struct grouping g = {0};
    const bool samples_first = sync->config->profile.request_text;
    if (!group_sampled_pods(sync, answer, is_named(metric->name, "cpu"), &g, w) ||
        (samples_first && !has_samples(w)) || !find_requests(sync, metric, &g, w) ||
        !has_samples(w)) {
        return;
    }
    struct sums s = {.total = w->total, .samples = w->samples};
    for (size_t i = 0; i < sync->view->pod_count; i++) {
        if (w->pod_groups[i] == HPA_POD_READY) {
            s.requests = wrap_add(s.requests, g.request_of[i]);
        }
    }
    w->requests = s.requests;
    if (!utilization_ratio(&s, target, &w->utilization, &w->ratio)) {
        w->failure = HPA_FAILURE_NO_MATCH;
        return;
    }
    w->average = wrap_div(s.total, (int64_t)w->ready);
    if (!needs_filling(w)) {
        propose_from_ready(sync, w);
        return;
    }
    const int64_t percent = sync->config->profile.missing_above_100 && target > 100 ? target : 100;
    const bool fill_missing = w->ratio < 1.0 || w->ratio > 1.0;
    int32_t utilization = 0;
    fill_in(sync, &g, w, fill_missing, percent, 0, &s);
    if (!utilization_ratio(&s, target, &utilization, &w->filled_ratio)) {
        w->failure = HPA_FAILURE_NO_MATCH;
        return;
    }
    propose_from_filled(sync, s.samples, w);
}

/* calcPlainMetricReplicas; cpu: resource metrics of that name judge their samples' age. */
static void plain_replicas(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                           const struct hpa_metric_answer *answer, bool cpu,
                           struct hpa_metric_working *w)
{
    const int64_t target = metric->target.average_value;
    struct grouping g = {0};
    if (!group_sampled_pods(sync, answer, cpu, &g, w) || !has_samples(w)) {
        return;
    }
    struct sums s = {.total = wrap_add(w->total, g.unknown_total), .samples = w->samples};
    w->total = s.total;
    w->average = wrap_div(s.total, (int64_t)s.samples);
    w->ratio = (double)w->average / (double)target;
    if (!needs_filling(w)) {
        propose_from_ready(sync, w);
        return;
    }
    const bool at_target = !(w->ratio < 1.0 || w->ratio > 1.0);
    const bool fill_missing = !at_target || !sync->config->profile.missing_at_target_ignored;
    fill_in(sync, &g, w, fill_missing, 0, at_target ? 0 : target, &s);
    w->filled_ratio = (double)wrap_div(s.total, (int64_t)s.samples) / (double)target;
    propose_from_filled(sync, s.samples, w);
}

/* The API's answer to a pod metric, before any pod is looked at. */
static bool answered(const struct hpa_sync *sync, const struct hpa_metric_answer *answer,
                     struct hpa_metric_working *w)
{
    if (answer->error != NULL) {
        w->failure = HPA_FAILURE_API;
    } else if (!answer->listed) {
        w->failure = HPA_FAILURE_EMPTY_ANSWER;
    } else if (answer->lacks_container != NULL &&
               !sync->config->profile.container_sample_optional) {
        w->failure = HPA_FAILURE_CONTAINER_SAMPLE;
        w->failure_pod = answer->lacks_container;
    }
    return w->failure == HPA_FAILURE_NONE;
}

/* computeStatusForResourceMetricGeneric */
static void resource_metric(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                            const struct hpa_metric_answer *answer, struct hpa_metric_working *w,
                            struct hpa_metric_status *status)
{
    if (!metric->target.has_average_value && !metric->target.has_average_utilization) {
        w->failure = HPA_FAILURE_NO_TARGET;
        return;
    }
    if (!answered(sync, answer, w)) {
        return;
    }
    if (metric->target.has_average_value) {
        plain_replicas(sync, metric, answer, is_named(metric->name, "cpu"), w);
    } else {
        utilization_replicas(sync, metric, answer, w);
        status->has_average_utilization = true;
        status->average_utilization = w->utilization;
    }
    status->has_average_value = true;
    status->average_value = w->average;
}

static void pods_metric(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                        const struct hpa_metric_answer *answer, struct hpa_metric_working *w,
                        struct hpa_metric_status *status)
{
    if (!answered(sync, answer, w)) {
        return;
    }
    plain_replicas(sync, metric, answer, false, w);
    status->has_average_value = true;
    status->average_value = w->average;
}

/* getReadyPodsCount */
static uint32_t ready_pods(const struct hpa_view *view)
{
    uint32_t ready = 0;
    for (size_t i = 0; i < view->pod_count; i++) {
        ready += view->pods[i].phase == POD_RUNNING && view->pods[i].ready == CONDITION_TRUE;
    }
    return ready;
}

/* getUsageRatioReplicaCount: Object and External with target Value. */
static void value_replicas(const struct hpa_sync *sync, int64_t target,
                           struct hpa_metric_working *w)
{
    w->average = w->total;
    w->ratio = (double)w->total / (double)target;
    w->filled_ratio = w->ratio;
    if (sync->view->spec_replicas == 0) {
        w->rule = HPA_RULE_FROM_ZERO;
        w->proposal = int32_of_double(ceil(w->ratio));
        return;
    }
    if (within(&sync->tolerances, w->ratio)) {
        w->rule = HPA_RULE_WITHIN_TOLERANCE;
        w->proposal = sync->view->spec_replicas;
        return;
    }
    if (sync->view->pod_count == 0) {
        w->failure = HPA_FAILURE_NO_PODS;
        return;
    }
    w->ready = ready_pods(sync->view);
    w->rule = HPA_RULE_READY_PODS;
    const double count = w->ratio * (double)w->ready;
    if (sync->config->profile.value_capped && count > (double)INT32_MAX) {
        w->proposal = INT32_MAX;
        return;
    }
    w->proposal = int32_of_double(ceil(count));
}

/* GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas */
static void average_replicas(const struct hpa_sync *sync, int64_t target, bool capped,
                             struct hpa_metric_working *w)
{
    const int32_t replicas = sync->view->status_replicas;
    w->ratio = (double)w->total / ((double)target * (double)replicas);
    w->filled_ratio = w->ratio;
    w->rule = HPA_RULE_WITHIN_TOLERANCE;
    w->proposal = replicas;
    if (!within(&sync->tolerances, w->ratio)) {
        const double count = ceil((double)w->total / (double)target);
        w->rule = HPA_RULE_TOTAL;
        w->proposal = capped && count > (double)INT32_MAX ? INT32_MAX : int32_of_double(count);
    }
    if (capped && (double)w->total >= 0x1p63) {
        w->average = INT64_MAX;
        return;
    }
    w->average = int64_of_double(ceil((double)w->total / (double)replicas));
}

static void object_metric(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                          const struct hpa_metric_answer *answer, struct hpa_metric_working *w,
                          struct hpa_metric_status *status)
{
    const struct hpa_target *target = &metric->target;
    const bool value = target->type == HPA_TARGET_VALUE && target->has_value;
    const bool average = target->type == HPA_TARGET_AVERAGE_VALUE && target->has_average_value;
    if (!value && !average) {
        const bool crash =
            !sync->config->profile.object_target_checked && target->type != HPA_TARGET_UTILIZATION;
        w->failure = crash ? HPA_FAILURE_CRASH : HPA_FAILURE_NO_TARGET;
        return;
    }
    if (answer->error != NULL) {
        w->failure = HPA_FAILURE_API;
        return;
    }
    w->total = answer->value;
    if (value) {
        value_replicas(sync, target->value, w);
        status->has_value = true;
        status->value = w->average;
        return;
    }
    average_replicas(sync, target->average_value, false, w);
    status->has_average_value = true;
    status->average_value = w->average;
}

/* Sum of the series; each target has its own way to overflow. */
static int64_t external_total(const struct hpa_sync *sync, const struct hpa_metric_answer *answer,
                              bool average)
{
    const struct hpa_profile *profile = &sync->config->profile;
    int64_t total = 0;
    for (size_t i = 0; i < answer->value_count; i++) {
        const int64_t v = answer->values[i];
        if (!average && profile->value_capped && v > 0 && total > INT64_MAX - v) {
            return INT64_MAX;
        }
        total = wrap_add(total, v);
        if (average && profile->average_capped && total < 0) {
            return INT64_MAX;
        }
    }
    return total;
}

static void external_metric(const struct hpa_sync *sync, const struct hpa_metric_spec *metric,
                            const struct hpa_metric_answer *answer, struct hpa_metric_working *w,
                            struct hpa_metric_status *status)
{
    const struct hpa_target *target = &metric->target;
    const bool average = target->has_average_value;
    if (!average && !target->has_value) {
        w->failure = HPA_FAILURE_NO_TARGET;
        return;
    }
    if (metric->selector_error != NULL) {
        w->failure = HPA_FAILURE_SELECTOR;
        return;
    }
    if (answer->error != NULL || answer->value_count == 0) {
        w->failure = answer->error != NULL ? HPA_FAILURE_API : HPA_FAILURE_EMPTY_ANSWER;
        return;
    }
    w->total = external_total(sync, answer, average);
    if (average) {
        average_replicas(sync, target->average_value, sync->config->profile.average_capped, w);
        status->has_average_value = true;
        status->average_value = w->average;
        return;
    }
    value_replicas(sync, target->value, w);
    status->has_value = true;
    status->value = w->average;
}

/* computeReplicasForMetric */
void replica_calc_metric(const struct hpa_sync *sync, size_t index, struct hpa_metric_working *w,
                         struct hpa_metric_status *status)
{
    const struct hpa_metric_spec *metric = &sync->spec->metrics[index];
    const struct hpa_metric_answer *answer = &sync->view->answers[index];
    const struct tolerances *t = &sync->tolerances;
    w->tolerance_low = 1.0 - t->down;
    w->tolerance_high = 1.0 + t->up;
    const bool selects = metric->type == HPA_METRIC_OBJECT || metric->type == HPA_METRIC_PODS;
    if (selects && metric->selector_error != NULL) {
        w->failure = HPA_FAILURE_SELECTOR;
    } else if (metric->type == HPA_METRIC_OBJECT) {
        object_metric(sync, metric, answer, w, status);
    } else if (metric->type == HPA_METRIC_PODS) {
        pods_metric(sync, metric, answer, w, status);
    } else if (metric->type == HPA_METRIC_EXTERNAL) {
        external_metric(sync, metric, answer, w, status);
    } else {
        resource_metric(sync, metric, answer, w, status);
    }
    if (w->failure != HPA_FAILURE_NONE) {
        *status = (struct hpa_metric_status){0};
        return;
    }
    status->metric = metric;
}
