/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the metrics APIs of an observed step answer to the metrics of an HPA (k8s.io/kubernetes
 * v1.36.3, pkg/controller/podautoscaler/metrics/client.go, which groups samples by pod).
 *
 * The traps: a pod's sample is there only when every container listed has the resource; with
 * a container named, that one's alone; a sample that is listed but unusable does not replace
 * an earlier one of the same pod; a metric that is not in the log at all is an API error.
 */
#include "base/str.h"
#include "manifest/observation_write.h"
#include "observation_internal.h"

#include <string.h>

struct sampler {
    struct arena *arena;
    const struct observed_step *step;
    struct diag *diag;
    struct hpa_sample *samples;
    const char **unknown_names; /* of the samples of unknown pods, by sample */
    size_t count;
    size_t next_pod; /* where the next sample's pod probably is */
};

/* Pods and their samples mostly come in the same order. */
static uint32_t find_pod(struct sampler *s, const char *name, size_t len)
{
    const struct observed_step *step = s->step;
    size_t i = s->next_pod < step->pod_count ? s->next_pod : 0;
    for (size_t n = 0; n < step->pod_count; n++) {
        if (step->name_lengths[i] == len && memcmp(step->pods[i].name, name, len) == 0) {
            s->next_pod = i + 1;
            return (uint32_t)i;
        }
        i = i + 1 < step->pod_count ? i + 1 : 0;
    }
    return HPA_POD_UNKNOWN;
}

/* The place for a sample; an unknown pod's later one takes the earlier one's. */
static struct hpa_sample *place(struct sampler *s, const char *name, size_t len)
{
    const uint32_t pod = find_pod(s, name, len);
    if (pod == HPA_POD_UNKNOWN) {
        for (size_t i = 0; i < s->count; i++) {
            if (s->unknown_names[i] != NULL && strcmp(s->unknown_names[i], name) == 0) {
                return &s->samples[i];
            }
        }
        s->unknown_names[s->count] = name;
    }
    struct hpa_sample *sample = &s->samples[s->count++];
    sample->pod = pod;
    return sample;
}

static void start(struct sampler *s, size_t most)
{
    s->samples = arena_array(s->arena, struct hpa_sample, most);
    s->unknown_names = arena_array(s->arena, const char *, most);
}

/* One item of metrics.k8s.io's list, as far as a metric needs it. */
struct pod_usage {
    const char *pod;
    size_t pod_len;
    simtime time;
    simtime window;
    int64_t milli;
    bool usable;
    bool lists_container;
};

static bool add_usage(struct sampler *s, const struct node *container, const char *resource,
                      struct pod_usage *usage)
{
    const struct node *map = node_get(container, "usage");
    const struct node *value = node_get(map, resource);
    struct quantity q;
    if (value == NULL) {
        usage->usable = false;
        return true;
    }
    if (!observed_quantity(s->arena, value, &q, s->diag)) {
        return false;
    }
    usage->milli = (int64_t)((uint64_t)usage->milli + (uint64_t)quantity_milli_value(&q));
    return true;
}

/* getPodMetrics, getContainerMetrics: one pod's containers. */
static bool read_usage(struct sampler *s, const struct node *containers,
                       const struct hpa_metric_spec *metric, struct pod_usage *usage)
{
    if (containers->kind != NODE_LIST) {
        return containers->kind == NODE_NULL || observed_wrong(s->diag, containers, "a list");
    }
    usage->usable = metric->container == NULL && containers->count > 0;
    for (const struct node *c = containers->first; c != NULL; c = c->next) {
        if (metric->container == NULL) {
            if (!add_usage(s, c, metric->name, usage)) {
                return false;
            }
            if (!usage->usable) {
                return true;
            }
            continue;
        }
        const char *name = node_string(node_get(c, "name"));
        if (str_equal(name, metric->container)) {
            usage->lists_container = true;
            usage->usable = true;
            return add_usage(s, c, metric->name, usage);
        }
    }
    return true;
}

static bool read_item(struct sampler *s, const struct node *item,
                      const struct hpa_metric_spec *metric, struct pod_usage *usage)
{
    *usage = (struct pod_usage){.pod = ""};
    if (item->kind != NODE_MAP) {
        return observed_wrong(s->diag, item, "a map");
    }
    for (const struct node *m = item->first; m != NULL; m = m->next) {
        bool ok = true;
        if (key_is(m->key, "pod")) {
            usage->pod_len = m->len;
            ok = observed_text(m, &usage->pod, s->diag);
        } else if (key_is(m->key, "time")) {
            ok = observed_seconds(m, &usage->time, s->diag);
        } else if (key_is(m->key, "window")) {
            ok = observed_seconds(m, &usage->window, s->diag);
        } else if (key_is(m->key, "containers")) {
            ok = read_usage(s, m, metric, usage);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool resource_answer(struct sampler *s, const struct hpa_metric_spec *metric,
                            struct hpa_metric_answer *out)
{
    const struct node *list = s->step->resource_metrics;
    if (list == NULL) {
        return true;
    }
    start(s, list->count);
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        struct pod_usage usage;
        if (!read_item(s, item, metric, &usage)) {
            return false;
        }
        out->listed = true;
        if (metric->container != NULL && !usage.lists_container && out->lacks_container == NULL) {
            out->lacks_container = usage.pod;
        }
        if (usage.usable) {
            struct hpa_sample *sample = place(s, usage.pod, usage.pod_len);
            sample->value = usage.milli;
            sample->time = usage.time;
            sample->window = usage.window;
        }
    }
    out->samples = s->samples;
    out->sample_count = s->count;
    return true;
}

static bool read_pods_item(struct sampler *s, const struct node *item)
{
    struct hpa_sample read = {.window = 60 * SIMTIME_SECOND};
    const char *pod = "";
    size_t len = 0;
    if (item->kind != NODE_MAP) {
        return observed_wrong(s->diag, item, "a map");
    }
    for (const struct node *m = item->first; m != NULL; m = m->next) {
        struct quantity q;
        bool ok = true;
        if (key_is(m->key, "pod")) {
            len = m->len;
            ok = observed_text(m, &pod, s->diag);
        } else if (key_is(m->key, "value")) {
            ok = observed_quantity(s->arena, m, &q, s->diag);
            read.value = ok ? quantity_milli_value(&q) : 0;
        } else if (key_is(m->key, "time")) {
            ok = observed_seconds(m, &read.time, s->diag);
        } else if (key_is(m->key, "window")) {
            ok = m->kind == NODE_NULL || observed_seconds(m, &read.window, s->diag);
        }
        if (!ok) {
            return false;
        }
    }
    struct hpa_sample *sample = place(s, pod, len);
    read.pod = sample->pod;
    *sample = read;
    return true;
}

/* The error of a metric that the log does not have. */
static const char *no_metric(struct arena *a, const struct hpa_metric_spec *metric)
{
    return arena_printf(a, "no metric %s", metric->name);
}

static bool pods_answer(struct sampler *s, const struct hpa_metric_spec *metric,
                        struct hpa_metric_answer *out)
{
    const struct node *list = node_get(s->step->pods_metrics, metric->name);
    if (list == NULL) {
        out->error = no_metric(s->arena, metric);
        return true;
    }
    if (list->kind != NODE_LIST) {
        return list->kind == NODE_NULL || observed_wrong(s->diag, list, "a list");
    }
    start(s, list->count);
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        if (!read_pods_item(s, item)) {
            return false;
        }
    }
    out->listed = list->count > 0;
    out->samples = s->samples;
    out->sample_count = s->count;
    return true;
}

static bool member_is(const struct node *map, const char *key, const char *text)
{
    const struct node *n = node_get(map, key);
    return n != NULL && str_equal(node_string(n), text);
}

/* GetObjectMetric: a namespace is asked for by the HPA's own, whatever its name says. */
static const char *asked_name(const struct hpa_spec *spec, const struct hpa_metric_spec *metric)
{
    const bool core = strchr(metric->object_api_version, '/') == NULL;
    return core && strcmp(metric->object_kind, "Namespace") == 0 ? spec->namespace_name
                                                                 : metric->object_name;
}

static bool object_answer(struct sampler *s, const struct hpa_spec *spec,
                          const struct hpa_metric_spec *metric, struct hpa_metric_answer *out)
{
    const struct node *list = s->step->object_metrics;
    const char *name = asked_name(spec, metric);
    const struct node *found = NULL;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        if (member_is(n, "kind", metric->object_kind) && member_is(n, "name", name) &&
            member_is(n, "metric", metric->name)) {
            found = n;
            break;
        }
    }
    if (found == NULL) {
        out->error = arena_printf(s->arena, "no metric %s for %s %s", metric->name,
                                  metric->object_kind, name);
        return true;
    }
    const struct node *value = node_get(found, "value");
    struct quantity q;
    if (value == NULL) {
        diag_error(s->diag, found->mark, "value: missing");
        return false;
    }
    if (!observed_quantity(s->arena, value, &q, s->diag)) {
        return false;
    }
    out->value = quantity_milli_value(&q);
    return true;
}

static bool external_answer(struct sampler *s, const struct hpa_metric_spec *metric,
                            struct hpa_metric_answer *out)
{
    const struct node *list = node_get(s->step->external_metrics, metric->name);
    if (list == NULL) {
        out->error = no_metric(s->arena, metric);
        return true;
    }
    if (list->kind != NODE_LIST) {
        return list->kind == NODE_NULL || observed_wrong(s->diag, list, "a list");
    }
    int64_t *values = arena_array(s->arena, int64_t, list->count);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        struct quantity q;
        if (!observed_quantity(s->arena, n, &q, s->diag)) {
            return false;
        }
        values[out->value_count++] = quantity_milli_value(&q);
    }
    out->values = values;
    return true;
}

struct hpa_metric_answer *observation_answers(struct arena *a, const struct observed_step *step,
                                              const struct hpa_spec *spec, struct diag *d)
{
    struct hpa_metric_answer *answers =
        arena_array(a, struct hpa_metric_answer, spec->metric_count);
    for (size_t i = 0; i < spec->metric_count; i++) {
        const struct hpa_metric_spec *metric = &spec->metrics[i];
        struct sampler s = {.arena = a, .step = step, .diag = d};
        bool ok = true;
        const struct node *error =
            step->metric_errors == NULL
                ? NULL
                : node_get(step->metric_errors, observation_metric_key(a, metric));
        if (error != NULL) {
            if (!observed_text(error, &answers[i].error, d)) {
                return NULL;
            }
            continue;
        }
        switch (metric->type) {
        case HPA_METRIC_RESOURCE:
        case HPA_METRIC_CONTAINER_RESOURCE:
            ok = resource_answer(&s, metric, &answers[i]);
            break;
        case HPA_METRIC_PODS:
            ok = pods_answer(&s, metric, &answers[i]);
            break;
        case HPA_METRIC_OBJECT:
            ok = object_answer(&s, spec, metric, &answers[i]);
            break;
        case HPA_METRIC_EXTERNAL:
            ok = external_answer(&s, metric, &answers[i]);
            break;
        }
        if (!ok) {
            return NULL;
        }
    }
    return answers;
}
