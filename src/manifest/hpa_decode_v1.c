/* SPDX-License-Identifier: Apache-2.0 */
/*
 * autoscaling/v1 to the API's internal type (k8s.io/kubernetes v1.36.3, pkg/apis/autoscaling/
 * v1/conversion.go): a cpu target of its own, everything else in annotations. v2beta1 wrote its
 * metrics in the same words.
 *
 * The traps: metrics of the annotation come before the cpu target; an annotation that cannot
 * be read is as none; a target's type is inferred from what is set.
 */
#include "hpa_api.h"

#include "base/json.h"
#include "base/str.h"

#include <string.h>

static struct api_source *resource(struct api_decoder *dec, const struct node *n,
                                   const struct api_path *path)
{
    struct api_source *out = arena_new(dec->arena, struct api_source);
    out->object = (struct api_reference){"", "", ""};
    out->name = api_string(dec, n, path, "name");
    out->container = api_string(dec, n, path, "container");
    out->target.average_utilization = api_int(dec, n, path, "targetAverageUtilization");
    out->target.average_value = api_quantity(dec, n, path, "targetAverageValue");
    out->target.type = out->target.average_utilization.set ? "Utilization" : "AverageValue";
    return out;
}

static struct api_source *named(struct api_decoder *dec, const struct node *n,
                                const struct api_path *path, const char *selector)
{
    struct api_source *out = arena_new(dec->arena, struct api_source);
    out->object = (struct api_reference){"", "", ""};
    out->container = "";
    out->name = api_string(dec, n, path, "metricName");
    out->selector = api_selector(dec, n, path, selector);
    return out;
}

static struct api_source *pods(struct api_decoder *dec, const struct node *n,
                               const struct api_path *path)
{
    struct api_source *out = named(dec, n, path, "selector");
    out->target.type = "AverageValue";
    out->target.average_value = api_quantity(dec, n, path, "targetAverageValue");
    out->target.average_value.set = true;
    return out;
}

static struct api_source *object(struct api_decoder *dec, const struct node *n,
                                 const struct api_path *path)
{
    struct api_source *out = named(dec, n, path, "selector");
    out->object = api_reference(dec, n, path, "target");
    struct api_quantity value = api_quantity(dec, n, path, "targetValue");
    out->target.average_value = api_quantity(dec, n, path, "averageValue");
    if (!out->target.average_value.set) {
        out->target.type = "Value";
        value.set = true;
    } else {
        out->target.type = "AverageValue";
        value.set = !dec->profile->v1_object_average || (value.set && quantity_sign(&value.q) != 0);
    }
    out->target.value = value;
    return out;
}

static struct api_source *external(struct api_decoder *dec, const struct node *n,
                                   const struct api_path *path)
{
    struct api_source *out = named(dec, n, path, "metricSelector");
    out->target.value = api_quantity(dec, n, path, "targetValue");
    out->target.average_value = api_quantity(dec, n, path, "targetAverageValue");
    out->target.type = out->target.value.set ? "Value" : "AverageValue";
    return out;
}

static struct api_source *source(struct api_decoder *dec, const struct node *metric,
                                 const struct api_path *path, enum hpa_metric_type type)
{
    struct api_path member;
    const struct node *n = api_member(dec, metric, path, NODE_MAP, &member, api_source_name(type));
    if (n == NULL) {
        return NULL;
    }
    switch (type) {
    case HPA_METRIC_RESOURCE:
    case HPA_METRIC_CONTAINER_RESOURCE:
        return resource(dec, n, &member);
    case HPA_METRIC_PODS:
        return pods(dec, n, &member);
    case HPA_METRIC_OBJECT:
        return object(dec, n, &member);
    case HPA_METRIC_EXTERNAL:
        break;
    }
    return external(dec, n, &member);
}

void api_decode_metrics_v1(struct api_decoder *dec, const struct node *list,
                           const struct api_path *path, struct api_hpa *out)
{
    /* One more than there are: the cpu target may follow. */
    out->metrics = arena_array(dec->arena, struct api_metric, list->count + 1);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        const struct api_path item = {.parent = path, .index = out->metric_count};
        struct api_metric *metric = &out->metrics[out->metric_count++];
        metric->mark = n->mark;
        metric->type = api_string(dec, n, &item, "type");
        for (int type = 0; type < API_SOURCES; type++) {
            metric->sources[type] = source(dec, n, &item, (enum hpa_metric_type)type);
        }
    }
}

/* An annotation's JSON, or NULL. */
static const struct node *annotation(struct api_decoder *quiet, const struct api_hpa *hpa,
                                     const char *key, enum node_kind kind)
{
    const char *text = labels_get(hpa->annotations, hpa->annotation_count, key);
    if (text == NULL) {
        return NULL;
    }
    const struct node *n = json_read(quiet->arena, text, strlen(text), 0, 1, quiet->diag);
    return n != NULL && n->kind == kind ? n : NULL;
}

static void metrics_of_annotation(struct api_decoder *quiet, struct api_hpa *out)
{
    const struct api_path path = {.name = "metrics"};
    const struct node *list =
        annotation(quiet, out, "autoscaling.alpha.kubernetes.io/metrics", NODE_LIST);
    if (list == NULL) {
        return;
    }
    api_decode_metrics_v1(quiet, list, &path, out);
    if (quiet->failed) {
        out->metrics = NULL;
        out->metric_count = 0;
        quiet->failed = false;
    }
}

static void behavior_of_annotation(struct api_decoder *quiet, struct api_hpa *out)
{
    const struct api_path path = {.name = "behavior"};
    const struct node *behavior =
        annotation(quiet, out, "autoscaling.alpha.kubernetes.io/behavior", NODE_MAP);
    if (behavior == NULL) {
        return;
    }
    api_decode_rules(quiet, behavior, &path, "scaleUp", &out->scale_up);
    api_decode_rules(quiet, behavior, &path, "scaleDown", &out->scale_down);
    if (quiet->failed) {
        out->scale_up = (struct api_rules){0};
        out->scale_down = (struct api_rules){0};
        quiet->failed = false;
    }
    out->has_behavior = out->scale_up.set || out->scale_down.set;
}

static void add_cpu_target(struct api_decoder *dec, struct api_int utilization, struct mark mark,
                           struct api_hpa *out)
{
    struct api_source *cpu = arena_new(dec->arena, struct api_source);
    cpu->object = (struct api_reference){"", "", ""};
    cpu->name = "cpu";
    cpu->container = "";
    cpu->target.type = "Utilization";
    cpu->target.average_utilization = utilization;
    if (out->metrics == NULL) {
        out->metrics = arena_new(dec->arena, struct api_metric);
    }
    struct api_metric *metric = &out->metrics[out->metric_count++];
    metric->type = "Resource";
    metric->mark = mark;
    metric->sources[HPA_METRIC_RESOURCE] = cpu;
}

void api_convert_v1(struct api_decoder *dec, const struct node *spec, const struct api_path *path,
                    struct api_hpa *out)
{
    struct diag ignored = {.arena = dec->arena};
    struct api_decoder quiet = {
        .arena = dec->arena, .diag = &ignored, .profile = dec->profile, .quiet = true};
    const struct api_int cpu = api_int(dec, spec, path, "targetCPUUtilizationPercentage");
    metrics_of_annotation(&quiet, out);
    behavior_of_annotation(&quiet, out);
    if (cpu.set) {
        add_cpu_target(dec, cpu, spec->mark, out);
    }
}
