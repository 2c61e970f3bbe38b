/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HPA specs, controller flags and containers as the objects a user would apply: the way back
 * from control/hpa/spec.h (k8s.io/api v0.36.3, autoscaling/v2). Writing a defaulted spec and
 * reading it again gives the same spec, because defaulting only fills what is absent.
 *
 * The traps: a tolerance is kept as the double that AsApproximateFloat64 made of a quantity,
 * so the text must be one that gives that double again; targets are written by the fields
 * that are set, whatever target.type says.
 */
#include "manifest/observation_write.h"

#include "base/fmt.h"
#include "base/str.h"
#include "kube/quantity.h"

#include <inttypes.h>
#include <string.h>

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_string(w, text);
}

static void write_int(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_int(w, v);
}

static void write_milli(struct json_writer *w, struct arena *a, const char *key, int64_t milli)
{
    write_text(w, key, hpa_status_quantity(a, milli, false));
}

static void write_target(struct json_writer *w, struct arena *a, const struct hpa_target *t)
{
    json_key(w, "target");
    json_map(w);
    write_text(w, "type", hpa_target_type_name(t->type));
    if (t->has_value) {
        write_milli(w, a, "value", t->value);
    }
    if (t->has_average_value) {
        write_milli(w, a, "averageValue", t->average_value);
    }
    if (t->has_average_utilization) {
        write_int(w, "averageUtilization", t->average_utilization);
    }
    json_map_end(w);
}

static void write_labels(struct json_writer *w, const struct hpa_metric_spec *m)
{
    if (m->match_label_count == 0) {
        return;
    }
    json_key(w, "matchLabels");
    json_map(w);
    for (size_t i = 0; i < m->match_label_count; i++) {
        write_text(w, m->match_labels[i].key, m->match_labels[i].value);
    }
    json_map_end(w);
}

static void write_expressions(struct json_writer *w, const struct hpa_metric_spec *m)
{
    if (m->match_expression_count == 0) {
        return;
    }
    json_key(w, "matchExpressions");
    json_list(w);
    for (size_t i = 0; i < m->match_expression_count; i++) {
        const struct label_expression *e = &m->match_expressions[i];
        json_map(w);
        write_text(w, "key", e->key);
        write_text(w, "operator", e->operator);
        if (e->value_count > 0) {
            json_key(w, "values");
            json_list(w);
            for (size_t j = 0; j < e->value_count; j++) {
                json_string(w, e->values[j]);
            }
            json_list_end(w);
        }
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_metric_name(struct json_writer *w, const struct hpa_metric_spec *m)
{
    json_key(w, "metric");
    json_map(w);
    write_text(w, "name", m->name);
    if (m->has_selector) {
        json_key(w, "selector");
        json_map(w);
        write_labels(w, m);
        write_expressions(w, m);
        json_map_end(w);
    }
    json_map_end(w);
}

static void write_described(struct json_writer *w, const struct hpa_metric_spec *m)
{
    json_key(w, "describedObject");
    json_map(w);
    if (m->object_api_version != NULL && m->object_api_version[0] != '\0') {
        write_text(w, "apiVersion", m->object_api_version);
    }
    write_text(w, "kind", m->object_kind);
    write_text(w, "name", m->object_name);
    json_map_end(w);
}

static void write_metric(struct json_writer *w, struct arena *a, const struct hpa_metric_spec *m)
{
    static const char *const sources[] = {"resource", "containerResource", "pods", "object",
                                          "external"};
    json_map(w);
    write_text(w, "type", hpa_metric_type_name(m->type));
    json_key(w, sources[m->type]);
    json_map(w);
    if (m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE) {
        write_text(w, "name", m->name);
        if (m->type == HPA_METRIC_CONTAINER_RESOURCE) {
            write_text(w, "container", m->container);
        }
    } else {
        if (m->type == HPA_METRIC_OBJECT) {
            write_described(w, m);
        }
        write_metric_name(w, m);
    }
    write_target(w, a, &m->target);
    json_map_end(w);
    json_map_end(w);
}

/* A quantity whose AsApproximateFloat64 is v: the scale it was written with decides the last bit. */
static const char *tolerance_text(struct arena *a, double v)
{
    char digits[FMT_MAX];
    struct quantity q;
    fmt_double(digits, v);
    for (int64_t scale = 1; scale <= INT64_C(1000000000); scale *= 1000) {
        static const char *const suffixes[] = {"", "m", "u", "n"};
        const double scaled = v * (double)scale;
        if (!(scaled < 9e15)) {
            break;
        }
        const char *suffix = scale == 1         ? suffixes[0]
                             : scale == 1000    ? suffixes[1]
                             : scale == 1000000 ? suffixes[2]
                                                : suffixes[3];
        const char *text = arena_printf(a, "%" PRId64 "%s", (int64_t)(scaled + 0.5), suffix);
        if (quantity_parse(a, text, &q) == QUANTITY_OK && !(quantity_as_double(&q) < v) &&
            !(quantity_as_double(&q) > v)) {
            return text;
        }
    }
    return arena_strdup(a, digits);
}

static void write_rules(struct json_writer *w, struct arena *a, const char *key,
                        const struct hpa_scaling_rules *rules)
{
    json_key(w, key);
    json_map(w);
    if (rules->has_window) {
        write_int(w, "stabilizationWindowSeconds", rules->window_seconds);
    }
    write_text(w, "selectPolicy", hpa_select_policy_name(rules->select_policy));
    json_key(w, "policies");
    json_list(w);
    for (size_t i = 0; i < rules->policy_count; i++) {
        json_map(w);
        write_text(w, "type", hpa_policy_type_name(rules->policies[i].type));
        write_int(w, "value", rules->policies[i].value);
        write_int(w, "periodSeconds", rules->policies[i].period_seconds);
        json_map_end(w);
    }
    json_list_end(w);
    if (rules->has_tolerance) {
        write_text(w, "tolerance", tolerance_text(a, rules->tolerance));
    }
    json_map_end(w);
}

static void write_spec(struct json_writer *w, struct arena *a, const struct hpa_spec *spec)
{
    json_map(w);
    json_key(w, "scaleTargetRef");
    json_map(w);
    if (spec->target_api_version != NULL && spec->target_api_version[0] != '\0') {
        write_text(w, "apiVersion", spec->target_api_version);
    }
    write_text(w, "kind", spec->target_kind);
    write_text(w, "name", spec->target_name);
    json_map_end(w);
    write_int(w, "minReplicas", spec->min_replicas);
    write_int(w, "maxReplicas", spec->max_replicas);
    json_key(w, "metrics");
    json_list(w);
    for (size_t i = 0; i < spec->metric_count; i++) {
        write_metric(w, a, &spec->metrics[i]);
    }
    json_list_end(w);
    if (spec->has_behavior) {
        json_key(w, "behavior");
        json_map(w);
        write_rules(w, a, "scaleUp", &spec->scale_up);
        write_rules(w, a, "scaleDown", &spec->scale_down);
        json_map_end(w);
    }
    json_map_end(w);
}

void observation_write_hpa(struct json_writer *w, struct arena *scratch,
                           const struct hpa_spec *spec)
{
    json_map(w);
    write_text(w, "apiVersion", "autoscaling/v2");
    write_text(w, "kind", "HorizontalPodAutoscaler");
    json_key(w, "metadata");
    json_map(w);
    write_text(w, "name", spec->name);
    write_text(w, "namespace", spec->namespace_name);
    json_map_end(w);
    json_key(w, "spec");
    write_spec(w, scratch, spec);
    json_map_end(w);
}

static bool gate_value(const struct hpa_gates *gates, const char *name)
{
    if (strcmp(name, "HPAScaleToZero") == 0) {
        return gates->scale_to_zero;
    }
    if (strcmp(name, "HPAConfigurableTolerance") == 0) {
        return gates->configurable_tolerance;
    }
    if (strcmp(name, "PodLevelResources") == 0) {
        return gates->pod_level_resources;
    }
    return gates->container_metrics;
}

/* Only gates that are not what the release has them by default. */
static void write_gates(struct json_writer *w, const struct hpa_config *config)
{
    const struct hpa_config usual = hpa_config_default(config->profile.minor);
    json_key(w, "featureGates");
    json_map(w);
    for (size_t i = 0; hpa_gate_name(i) != NULL; i++) {
        const char *name = hpa_gate_name(i);
        const bool value = gate_value(&config->gates, name);
        if (value != gate_value(&usual.gates, name)) {
            json_key(w, name);
            json_bool(w, value);
        }
    }
    json_map_end(w);
}

static void write_seconds(struct json_writer *w, const char *key, simtime t)
{
    json_key(w, key);
    json_double(w, simtime_to_seconds(t));
}

void observation_write_controller(struct json_writer *w, struct arena *scratch,
                                  const struct hpa_config *config)
{
    json_map(w);
    write_text(w, "kubernetes", arena_printf(scratch, "1.%" PRId32, config->profile.minor));
    write_seconds(w, "syncPeriodSeconds", config->sync_period);
    write_seconds(w, "downscaleStabilizationSeconds", config->downscale_stabilization);
    json_key(w, "tolerance");
    json_double(w, config->tolerance);
    write_seconds(w, "cpuInitializationPeriodSeconds", config->cpu_initialization_period);
    write_seconds(w, "initialReadinessDelaySeconds", config->initial_readiness_delay);
    write_gates(w, config);
    json_map_end(w);
}

static void write_requests(struct json_writer *w, struct arena *a,
                           const struct resource_amount *list, size_t count)
{
    json_map(w);
    for (size_t i = 0; i < count; i++) {
        if (list[i].has_request) {
            write_text(w, list[i].name, quantity_string(a, &list[i].request));
        }
    }
    json_map_end(w);
}

void observation_write_containers(struct json_writer *w, struct arena *scratch,
                                  const struct pod_template *pod)
{
    json_list(w);
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        if (c->init && !c->sidecar) {
            continue;
        }
        json_map(w);
        write_text(w, "name", c->name);
        json_key(w, "requests");
        write_requests(w, scratch, c->resources, c->resource_count);
        if (c->sidecar) {
            json_key(w, "sidecar");
            json_bool(w, true);
        }
        json_map_end(w);
    }
    json_list_end(w);
}

void observation_write_requests(struct json_writer *w, struct arena *scratch,
                                const struct pod_template *pod)
{
    bool any = false;
    for (size_t i = 0; i < pod->resource_count; i++) {
        any = any || pod->resources[i].has_request;
    }
    if (any) {
        json_key(w, "requests");
        write_requests(w, scratch, pod->resources, pod->resource_count);
    }
}
