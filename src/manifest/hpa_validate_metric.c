/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server refuses in an HPA's metrics (k8s.io/kubernetes v1.36.3, pkg/apis/
 * autoscaling/validation/validation.go validateMetrics; pkg/apis/core/v1/validation
 * ValidateContainerResourceName).
 *
 * The traps: an unknown type is reported twice, an empty one three times; of several sources
 * only the first of object, external, pods, resource, containerResource is looked into,
 * whether it is the type's or not.
 */
#include "hpa_api.h"

#include "base/str.h"

#include <string.h>

#define METRIC_TYPES                                                                               \
    "supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\""
#define NOT_POPULATED "must populate information for the given metric source"

static void positive(struct api_errors *e, const struct api_path *path, const char *name,
                     const struct api_quantity *q)
{
    if (q->set && quantity_sign(&q->q) <= 0) {
        api_invalid(e, path, name, go_json_string(e->arena, quantity_string(e->arena, &q->q)),
                    "must be positive");
    }
}

/* validateMetricTarget */
static void validate_target(struct api_errors *e, const struct api_target *target,
                            const struct api_path *path)
{
    const char *type = target->type;
    if (*type == '\0') {
        api_required(e, path, "type", "must specify a metric target type");
    }
    if (strcmp(type, "Utilization") != 0 && strcmp(type, "Value") != 0 &&
        strcmp(type, "AverageValue") != 0) {
        api_invalid(e, path, "type", go_json_string(e->arena, type),
                    "must be either Utilization, Value, or AverageValue");
    }
    positive(e, path, "value", &target->value);
    positive(e, path, "averageValue", &target->average_value);
    if (target->average_utilization.set && target->average_utilization.value < 1) {
        api_invalid_int(e, path, "averageUtilization", target->average_utilization.value,
                        "must be greater than 0");
    }
}

/* validateMetricIdentifier */
static void validate_identifier(struct api_errors *e, const struct api_source *source,
                                const struct api_path *path)
{
    const struct api_path metric = {.parent = path, .name = "metric"};
    if (*source->name == '\0') {
        api_required(e, &metric, "name", "must specify a metric name");
        return;
    }
    api_path_segment(e, &metric, "name", source->name);
}

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(name, *words) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_standard_resource(const char *name)
{
    static const char *const words[] = {"cpu",
                                        "memory",
                                        "ephemeral-storage",
                                        "requests.cpu",
                                        "requests.memory",
                                        "requests.ephemeral-storage",
                                        "limits.cpu",
                                        "limits.memory",
                                        "limits.ephemeral-storage",
                                        "pods",
                                        "resourcequotas",
                                        "services",
                                        "replicationcontrollers",
                                        "secrets",
                                        "persistentvolumeclaims",
                                        "configmaps",
                                        "services.nodeports",
                                        "services.loadbalancers",
                                        "requests.storage",
                                        "storage",
                                        NULL};
    return is_one_of(name, words) || str_starts(name, "hugepages-") ||
           str_starts(name, "requests.hugepages-");
}

/* IsExtendedResourceName, for names with a slash that are not native. */
static bool is_extended_resource(struct arena *a, const char *name)
{
    return !str_starts(name, "requests.") &&
           label_key_messages(a, arena_printf(a, "requests.%s", name)).count == 0;
}

/* ValidateContainerResourceName; the value is a typed string, which prints as JSON. */
static void validate_resource_name(struct api_errors *e, const char *name,
                                   const struct api_path *path)
{
    static const char *const of_containers[] = {"cpu", "memory", "ephemeral-storage", NULL};
    const char *value = go_json_string(e->arena, name);
    const struct messages malformed = label_key_messages(e->arena, name);
    const bool plain = strchr(name, '/') == NULL;
    api_invalid_each(e, path, "name", name, malformed);
    if (malformed.count == 0 && plain && !is_standard_resource(name)) {
        api_invalid(e, path, "name", value, "must be a standard resource type or fully qualified");
    }
    if (plain) {
        if (!is_one_of(name, of_containers) && !str_starts(name, "hugepages-")) {
            api_invalid(e, path, "name", value, "must be a standard resource for containers");
        }
        return;
    }
    if (strstr(name, "kubernetes.io/") == NULL && !is_extended_resource(e->arena, name)) {
        api_invalid(e, path, "name", value, "doesn't follow extended resource name standard");
    }
}

/* validateResourceSource, validateContainerResourceSource */
static void validate_resource(struct api_errors *e, const struct api_source *source,
                              const struct api_path *path, bool container)
{
    const struct api_path target = {.parent = path, .name = "target"};
    if (*source->name == '\0') {
        api_required(e, path, "name", "must specify a resource name");
    } else if (container) {
        validate_resource_name(e, source->name, path);
    }
    if (container && *source->container == '\0') {
        api_required(e, path, "container", "must specify a container");
    } else if (container) {
        api_invalid_each(
            e, path, "container", source->container,
            api_in_characters(e->arena, dns_label_messages(e->arena, source->container)));
    }
    validate_target(e, &source->target, &target);
    const bool utilization = source->target.average_utilization.set;
    const bool value = source->target.average_value.set;
    if (!utilization && !value) {
        api_required(e, &target, "averageUtilization",
                     "must set either a target raw value or a target utilization");
    }
    if (utilization && value) {
        const struct api_path field = {.parent = &target, .name = "averageValue"};
        api_error(e, &field, "Forbidden", NULL,
                  "may not set both a target raw value and a target utilization");
    }
}

static void validate_object(const struct api_validation *v, const struct api_source *source,
                            const struct api_path *path)
{
    const struct api_path target = {.parent = path, .name = "target"};
    const struct api_path object = {.parent = path, .name = "describedObject"};
    api_validate_reference(v, &source->object, &object, v->objects);
    validate_identifier(v->errors, source, path);
    validate_target(v->errors, &source->target, &target);
    if (!source->target.value.set && !source->target.average_value.set) {
        api_required(v->errors, &target, "averageValue",
                     "must set either a target value or averageValue");
    }
}

static void validate_external(struct api_errors *e, const struct api_source *source,
                              const struct api_path *path)
{
    const struct api_path target = {.parent = path, .name = "target"};
    validate_identifier(e, source, path);
    validate_target(e, &source->target, &target);
    if (!source->target.value.set && !source->target.average_value.set) {
        api_required(e, &target, "averageValue",
                     "must set either a target value for metric or a per-pod target");
    }
    if (source->target.value.set && source->target.average_value.set) {
        const struct api_path field = {.parent = &target, .name = "value"};
        api_error(e, &field, "Forbidden", NULL,
                  "may not set both a target value for metric and a per-pod target");
    }
}

static void validate_pods(struct api_errors *e, const struct api_source *source,
                          const struct api_path *path)
{
    const struct api_path target = {.parent = path, .name = "target"};
    validate_identifier(e, source, path);
    validate_target(e, &source->target, &target);
    if (!source->target.average_value.set) {
        api_required(e, &target, "averageValue", "must specify a positive target averageValue");
    }
}

static void validate_source(const struct api_validation *v, const struct api_source *source,
                            enum hpa_metric_type type, const struct api_path *path)
{
    switch (type) {
    case HPA_METRIC_OBJECT:
        validate_object(v, source, path);
        break;
    case HPA_METRIC_EXTERNAL:
        validate_external(v->errors, source, path);
        break;
    case HPA_METRIC_PODS:
        validate_pods(v->errors, source, path);
        break;
    case HPA_METRIC_RESOURCE:
    case HPA_METRIC_CONTAINER_RESOURCE:
        validate_resource(v->errors, source, path, type == HPA_METRIC_CONTAINER_RESOURCE);
        break;
    }
}

/* The type's index, API_SOURCES when it is none of the five. */
static int type_index(const char *type)
{
    for (int i = 0; i < API_SOURCES; i++) {
        if (strcmp(type, hpa_metric_type_name((enum hpa_metric_type)i)) == 0) {
            return i;
        }
    }
    return API_SOURCES;
}

static void forbid_others(struct api_errors *e, const struct api_metric *metric, int type,
                          const struct api_path *path)
{
    for (int i = 0; i < API_SOURCES; i++) {
        if (metric->sources[i] == NULL || i == type) {
            continue;
        }
        const struct api_path field = {.parent = path,
                                       .name = api_source_name((enum hpa_metric_type)i)};
        api_error(e, &field, "Forbidden", NULL, "must populate the given metric source only");
    }
}

static void unsupported_type(struct api_errors *e, const char *type, const struct api_path *path)
{
    const struct api_path field = {.parent = path, .name = "type"};
    api_error(e, &field, "Unsupported value", go_json_string(e->arena, type), METRIC_TYPES);
}

/* Some releases say more about the one source that hung on a gate. */
static const char *not_populated(const struct hpa_config *config, int type)
{
    if (type == HPA_METRIC_CONTAINER_RESOURCE && !config->gates.container_metrics) {
        return NOT_POPULATED " (only allowed when HPAContainerMetrics feature is enabled)";
    }
    return NOT_POPULATED;
}

/* validateMetricSpec */
static void validate_metric(const struct api_validation *v, const struct api_metric *metric,
                            const struct api_path *path)
{
    static const enum hpa_metric_type order[API_SOURCES] = {HPA_METRIC_OBJECT, HPA_METRIC_EXTERNAL,
                                                            HPA_METRIC_PODS, HPA_METRIC_RESOURCE,
                                                            HPA_METRIC_CONTAINER_RESOURCE};
    struct api_errors *e = v->errors;
    const int type = type_index(metric->type);
    size_t present = 0;
    if (*metric->type == '\0') {
        api_required(e, path, "type", "must specify a metric source type");
    }
    for (size_t i = 0; i < API_SOURCES; i++) {
        const char *name = api_source_name(order[i]);
        const struct api_path source = {.parent = path, .name = name};
        if (metric->sources[order[i]] != NULL && present++ == 0) {
            validate_source(v, metric->sources[order[i]], order[i], &source);
        }
    }
    if (type == API_SOURCES) {
        unsupported_type(e, metric->type, path);
        unsupported_type(e, metric->type, path);
    } else if (metric->sources[type] == NULL) {
        api_required(e, path, api_source_name((enum hpa_metric_type)type),
                     not_populated(v->config, type));
    }
    if (present != 1) {
        forbid_others(e, metric, type, path);
    }
}

void api_validate_metrics(const struct api_validation *v, const struct api_hpa *hpa,
                          const struct api_path *path)
{
    bool scales_from_zero = false;
    for (size_t i = 0; i < hpa->metric_count; i++) {
        const struct api_path item = {.parent = path, .index = i};
        const int type = type_index(hpa->metrics[i].type);
        validate_metric(v, &hpa->metrics[i], &item);
        scales_from_zero =
            scales_from_zero || type == HPA_METRIC_OBJECT || type == HPA_METRIC_EXTERNAL;
    }
    if (hpa->min_replicas.set && hpa->min_replicas.value == 0 && !scales_from_zero) {
        api_error(v->errors, path, "Forbidden", NULL,
                  "must specify at least one Object or External metric to support scaling to "
                  "zero replicas");
    }
}
