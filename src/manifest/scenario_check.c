/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is allowed, and yet will surprise: warnings from looking at a scenario as a whole,
 * each saying what the controllers will report. A real cluster accepts all of these, so
 * they are never errors.
 *
 * Trap: these follow control/hpa's own rules (ambiguous.h, requests) and must not be
 * stricter than the controller is.
 */
#include "base/str.h"
#include "control/hpa/ambiguous.h"
#include "scenario_internal.h"

#include <string.h>

static void check_target(struct reading *r, size_t i)
{
    const struct scenario *s = r->out;
    const struct hpa_spec *hpa = &s->hpas[i];
    if (s->hpa_targets[i] != SCENARIO_NONE)
        return;
    diag_warning(r->diag, hpa->mark,
                 "HPA \"%s\" scales %s \"%s\", which is not there: it will report FailedGetScale",
                 hpa->name, hpa->target_kind, hpa->target_name);
    const char **names = arena_array(r->arena, const char *, s->workload_count);
    for (size_t j = 0; j < s->workload_count; j++)
        names[j] = s->workloads[j].name;
    const char *near = str_nearest(hpa->target_name, names, s->workload_count);
    if (near)
        diag_help(r->diag, "did you mean \"%s\"?", near);
}

/* AmbiguousSelector: every HPA but the first that shares pods is reported. */
static void check_ambiguity(struct reading *r)
{
    const struct scenario *s = r->out;
    if (!s->hpa.profile.ambiguous_selector)
        return;
    struct hpa_registration *all = arena_array(r->arena, struct hpa_registration, s->hpa_count);
    for (size_t i = 0; i < s->hpa_count; i++) {
        size_t target = s->hpa_targets[i];
        all[i] = (struct hpa_registration){s->hpas[i].namespace_name, s->hpas[i].name, NULL};
        if (target == SCENARIO_NONE)
            continue;
        const struct workload_spec *w = &s->workloads[target];
        all[i].selector = &w->selector;
        const struct hpa_pod_labels pods = {w->pod.labels, w->pod.label_count};
        const char *shared =
            hpa_ambiguity(r->arena, all, i + 1, s->hpas[i].namespace_name, &pods, 1);
        if (!shared)
            continue;
        diag_warning(r->diag, s->hpas[i].mark,
                     "more than one HPA selects these pods: %s; each will report "
                     "AmbiguousSelector and do nothing",
                     shared);
        diag_help(r->diag,
                  "give the workloads labels that tell them apart, or one HPA all metrics");
    }
}

static bool has_request(const struct resource_amount *list, size_t count, const char *name)
{
    const struct resource_amount *amount = resource_find(list, count, name);
    return amount && amount->has_request;
}

static void missing_request(struct reading *r, const struct hpa_spec *hpa,
                            const struct hpa_metric_spec *metric, const struct container_spec *c)
{
    diag_warning(r->diag, metric->mark.line ? metric->mark : hpa->mark,
                 "HPA \"%s\" wants a utilization of %s, but container \"%s\" requests none: it "
                 "will report FailedGet%sMetric",
                 hpa->name, metric->name, c->name,
                 metric->type == HPA_METRIC_RESOURCE ? "Resource" : "ContainerResource");
    diag_help(r->diag, "add resources.requests.%s to the container, or use averageValue",
              metric->name);
}

static void check_requests(struct reading *r, const struct hpa_spec *hpa,
                           const struct hpa_metric_spec *metric, const struct workload_spec *w)
{
    bool whole_pod = metric->type == HPA_METRIC_RESOURCE;
    if (!metric->target.has_average_utilization ||
        (!whole_pod && metric->type != HPA_METRIC_CONTAINER_RESOURCE))
        return;
    if (whole_pod && r->out->hpa.gates.pod_level_resources &&
        has_request(w->pod.resources, w->pod.resource_count, metric->name))
        return;
    for (size_t i = 0; i < w->pod.container_count; i++) {
        const struct container_spec *c = &w->pod.containers[i];
        bool counts = !c->init || (c->sidecar && r->out->hpa.profile.sidecar_requests);
        if (!counts || (!whole_pod && !str_equal(c->name, metric->container)))
            continue;
        if (has_request(c->resources, c->resource_count, metric->name))
            continue;
        missing_request(r, hpa, metric, c);
        return;
    }
}

static void check_container(struct reading *r, const struct hpa_spec *hpa,
                            const struct hpa_metric_spec *metric, const struct workload_spec *w)
{
    if (metric->type != HPA_METRIC_CONTAINER_RESOURCE)
        return;
    const char **names = arena_array(r->arena, const char *, w->pod.container_count);
    for (size_t i = 0; i < w->pod.container_count; i++) {
        names[i] = w->pod.containers[i].name;
        if (str_equal(names[i], metric->container))
            return;
    }
    diag_warning(r->diag, metric->mark.line ? metric->mark : hpa->mark,
                 "HPA \"%s\" looks at container \"%s\", which the pods of %s do not have",
                 hpa->name, metric->container, w->name);
    const char *near = str_nearest(metric->container, names, w->pod.container_count);
    if (near)
        diag_help(r->diag, "did you mean \"%s\"?", near);
}

static bool feeds(const struct scenario_metric *m, const struct hpa_spec *hpa,
                  const struct hpa_metric_spec *metric, size_t target)
{
    if (!str_equal(m->name, metric->name) || !str_equal(m->namespace_name, hpa->namespace_name))
        return false;
    switch (metric->type) {
    case HPA_METRIC_PODS:
        return m->kind == SCENARIO_METRIC_PODS &&
               (target == SCENARIO_NONE || m->workload == target);
    case HPA_METRIC_OBJECT:
        return m->kind == SCENARIO_METRIC_OBJECT &&
               str_equal(m->object_kind, metric->object_kind) &&
               str_equal(m->object_name, metric->object_name);
    case HPA_METRIC_EXTERNAL:
        return m->kind == SCENARIO_METRIC_EXTERNAL;
    default:
        return true;
    }
}

static void unfed(struct reading *r, const struct hpa_spec *hpa,
                  const struct hpa_metric_spec *metric, const char *near)
{
    const char *type = hpa_metric_type_name(metric->type);
    diag_warning(r->diag, metric->mark.line ? metric->mark : hpa->mark,
                 "nothing in the scenario feeds the metric \"%s\" (%s) of HPA \"%s\": it will "
                 "report FailedGet%sMetric",
                 metric->name, type, hpa->name, type);
    if (near)
        diag_help(r->diag, "did you mean \"%s\"?", near);
    else
        diag_help(r->diag,
                  "add it to spec.metrics.%s, for example - {name: %s, of: {service: "
                  "NAME, quantity: requests}}",
                  metric->type == HPA_METRIC_EXTERNAL ? "external" : "custom", metric->name);
}

/* Does some series of the metric have labels that its selector takes? */
static void check_fed(struct reading *r, const struct hpa_spec *hpa,
                      const struct hpa_metric_spec *metric, size_t target)
{
    const struct scenario *s = r->out;
    if (metric->type == HPA_METRIC_RESOURCE || metric->type == HPA_METRIC_CONTAINER_RESOURCE)
        return;
    bool named = false;
    const char **names = arena_array(r->arena, const char *, s->metric_count);
    for (size_t i = 0; i < s->metric_count; i++) {
        const struct scenario_metric *m = &s->metrics[i];
        names[i] = m->name;
        if (!feeds(m, hpa, metric, target))
            continue;
        named = true;
        if (!metric->has_selector ||
            label_selector_matches(&metric->selector, m->labels, m->label_count))
            return;
    }
    if (!named) {
        unfed(r, hpa, metric, str_nearest(metric->name, names, s->metric_count));
        return;
    }
    diag_warning(r->diag, metric->mark.line ? metric->mark : hpa->mark,
                 "no series of the metric \"%s\" has the labels that HPA \"%s\" selects",
                 metric->name, hpa->name);
    diag_help(r->diag, "give the metric labels in spec.metrics");
}

/* An HPA on CPU whose pods nobody loads sees idle pods only. */
static void check_driven(struct reading *r, const struct hpa_spec *hpa, size_t target)
{
    const struct scenario *s = r->out;
    for (size_t i = 0; i < s->service_count; i++)
        if (s->services[i].workload == target)
            return;
    for (size_t i = 0; i < s->queue_count; i++)
        if (s->queues[i].workload == target)
            return;
    for (size_t i = 0; i < hpa->metric_count; i++)
        if (hpa->metrics[i].type == HPA_METRIC_RESOURCE) {
            diag_warning(r->diag, hpa->mark,
                         "no service or queue of the scenario is on %s \"%s\": its pods stay idle",
                         hpa->target_kind, hpa->target_name);
            diag_help(r->diag, "add one to spec.services");
            return;
        }
}

static bool is_called(const struct scenario *s, size_t service)
{
    for (size_t i = 0; i < s->service_count; i++)
        for (size_t j = 0; j < s->services[i].call_count; j++)
            if (s->services[i].calls[j].service == service)
                return true;
    return false;
}

static bool is_fed(const struct scenario *s, size_t queue)
{
    for (size_t i = 0; i < s->service_count; i++)
        for (size_t j = 0; j < s->services[i].job_count; j++)
            if (s->services[i].jobs[j].queue == queue)
                return true;
    return false;
}

static void check_loads(struct reading *r)
{
    const struct scenario *s = r->out;
    for (size_t i = 0; i < s->service_count; i++)
        if (!s->services[i].load && !s->services[i].cpu_demand && !is_called(s, i))
            diag_warning(r->diag, s->services[i].mark,
                         "service \"%s\" gets no requests: it has no load and nobody calls it",
                         s->services[i].name);
    for (size_t i = 0; i < s->queue_count; i++)
        if (!s->queues[i].load && !is_fed(s, i))
            diag_warning(r->diag, s->queues[i].mark,
                         "queue \"%s\" gets no jobs: it has no load and no service puts any there",
                         s->queues[i].name);
}

/* Demand without a limit per pod never throttles: one pod could do it all. */
static void check_limits(struct reading *r)
{
    const struct scenario *s = r->out;
    for (size_t i = 0; i < s->service_count; i++) {
        const struct scenario_service *service = &s->services[i];
        if (service->cpu_limit_cores > 0 || !service->cpu_demand)
            continue;
        diag_warning(r->diag, service->mark,
                     "the pods of service \"%s\" have no CPU limit: each takes whatever is wanted",
                     service->name);
        diag_help(r->diag, "add resources.limits.cpu to the container");
    }
}

/* What the objects alone tell, without a scenario around them. */
void scenario_check_objects(struct reading *r)
{
    const struct scenario *s = r->out;
    for (size_t i = 0; i < s->hpa_count; i++) {
        const struct hpa_spec *hpa = &s->hpas[i];
        size_t target = s->hpa_targets[i];
        if (s->workload_count > 0)
            check_target(r, i);
        for (size_t j = 0; j < hpa->metric_count && target != SCENARIO_NONE; j++) {
            check_requests(r, hpa, &hpa->metrics[j], &s->workloads[target]);
            check_container(r, hpa, &hpa->metrics[j], &s->workloads[target]);
        }
    }
    check_ambiguity(r);
}

void scenario_check(struct reading *r)
{
    const struct scenario *s = r->out;
    scenario_check_objects(r);
    for (size_t i = 0; i < s->hpa_count; i++) {
        const struct hpa_spec *hpa = &s->hpas[i];
        size_t target = s->hpa_targets[i];
        for (size_t j = 0; j < hpa->metric_count; j++)
            check_fed(r, hpa, &hpa->metrics[j], target);
        if (target != SCENARIO_NONE)
            check_driven(r, hpa, target);
    }
    check_loads(r);
    check_limits(r);
}
