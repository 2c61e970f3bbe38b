/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HPA that a ScaledObject becomes. Upstream: KEDA v2.21.0, controllers/keda/hpa.go
 * (newHPAForScaledObject, getScaledObjectMetricSpecs), pkg/scalers/scaler.go (targets),
 * pkg/scalers/cpu_memory_scaler.go.
 *
 * The traps: metrics are sorted by type alone, and idleReplicaCount has no part in it all.
 * scalingModifiers replace all external metrics by one, which stands behind the Resource ones;
 * ContainerResource metrics are lost. A target is cut to thousandths there, but rounded to them
 * elsewhere.
 */
#include "control/keda/hpa_spec.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_LABEL 63

struct keda_metric trigger_external_metric(const struct scale_trigger *t, const char *name,
                                           const struct quantity *target)
{
    return (struct keda_metric){
        .kind = KEDA_METRIC_EXTERNAL,
        .name = name,
        .target_type = *t->metric_type != '\0' ? t->metric_type : "AverageValue",
        .target = *target,
    };
}

/* The text without blanks around it, as the typed configuration takes it. */
static const char *trimmed(struct arena *a, const char *text)
{
    static const char blanks[] = " \t\n\v\f\r";
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]) != NULL) {
        len--;
    }
    return arena_strndup(a, text, len);
}

static const char *metadata(struct arena *a, const struct scale_trigger *t, const char *key)
{
    const char *value = label_value(t->metadata, t->metadata_count, key);
    return value != NULL ? trimmed(a, value) : "";
}

/* strconv.ParseInt(text, 10, 32) */
static const char *utilization(struct arena *a, const char *text, int32_t *out)
{
    int64_t value = 0;
    const char *digits = text + (*text == '+' || *text == '-' ? 1 : 0);
    const bool syntax = *digits != '\0' && digits[strspn(digits, "0123456789")] == '\0';
    const bool fits = syntax && str_to_int64(text + (*text == '+' ? 1 : 0), &value) &&
                      value >= INT32_MIN && value <= INT32_MAX;
    *out = fits ? (int32_t)value : 0;
    return fits ? NULL
                : arena_printf(a, "strconv.ParseInt: parsing \"%s\": %s", text,
                               syntax ? "value out of range" : "invalid syntax");
}

const char *trigger_resource_metric(struct arena *a, const struct scale_trigger *t,
                                    struct keda_metric *out)
{
    const char *value = metadata(a, t, "value");
    const char *container = metadata(a, t, "containerName");
    const char *error = NULL;
    *out = (struct keda_metric){.kind = *container != '\0' ? KEDA_METRIC_CONTAINER_RESOURCE
                                                           : KEDA_METRIC_RESOURCE,
                                .name = t->type,
                                .container = container,
                                .target_type = t->metric_type};
    if (label_value(t->metadata, t->metadata_count, "type") != NULL) {
        error = "scaler cpu info: The 'type' setting is DEPRECATED and is removed in v2.18 - Use "
                "'metricType' instead.";
    } else if (*value == '\0') {
        error = "missing required parameter \"value\" in [triggerMetadata]";
    } else if (strcmp(t->metric_type, "Utilization") == 0) {
        error = utilization(a, value, &out->utilization);
    } else if (strcmp(t->metric_type, "AverageValue") == 0) {
        const enum quantity_error e = quantity_parse(a, value, &out->target);
        error = e != QUANTITY_OK
                    ? arena_printf(a, "cannot parse '%s': %s", value, quantity_error_text(e))
                    : NULL;
    } else {
        error = arena_printf(a,
                             "unknown metric type: %s, allowed values are 'Utilization' or "
                             "'AverageValue'",
                             t->metric_type);
    }
    return error != NULL ? arena_printf(a, "error parsing %s metadata: %s", t->type, error) : NULL;
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *label_text(struct arena *a, const char *name)
{
    size_t len = strlen(name);
    if (len <= LONGEST_LABEL) {
        return name;
    }
    len = LONGEST_LABEL;
    while (len > 0 && !is_letter_or_digit(name[len - 1])) {
        len--;
    }
    return arena_strndup(a, name, len);
}

/* One of the names between commas, as they stand. */
static bool is_listed(const char *list, const char *name)
{
    const size_t len = strlen(name);
    for (const char *at = list; at != NULL;
         at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        if (strcspn(at, ",") == len && strncmp(at, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void put_label(struct keda_hpa *hpa, const char *key, const char *value)
{
    size_t i = 0;
    while (i < hpa->label_count && strcmp(hpa->labels[i].key, key) < 0) {
        i++;
    }
    if (i == hpa->label_count || strcmp(hpa->labels[i].key, key) != 0) {
        memmove(&hpa->labels[i + 1], &hpa->labels[i],
                (hpa->label_count - i) * sizeof hpa->labels[0]);
        hpa->label_count++;
    }
    hpa->labels[i] = (struct label){.key = key, .value = value};
}

static void make_labels(struct arena *a, const struct scaled_object *so, const char *version,
                        struct keda_hpa *hpa)
{
    const char *excluded = label_value(so->annotations, so->annotation_count, KEDA_EXCLUDED_LABELS);
    hpa->labels = arena_array(a, struct label, so->label_count + 5);
    put_label(hpa, "app.kubernetes.io/name", label_text(a, hpa->name));
    put_label(hpa, "app.kubernetes.io/version", version);
    put_label(hpa, "app.kubernetes.io/part-of", so->name);
    put_label(hpa, "app.kubernetes.io/managed-by", "keda-operator");
    for (size_t i = 0; i < so->label_count; i++) {
        const struct label *l = &so->labels[i];
        if (strcmp(l->key, KEDA_OWNER_LABEL) != 0 &&
            (excluded == NULL || !is_listed(excluded, l->key))) {
            put_label(hpa, l->key, l->value);
        }
    }
    /* The controller writes it onto the ScaledObject first, whatever the user gave it. */
    if (excluded == NULL || !is_listed(excluded, KEDA_OWNER_LABEL)) {
        put_label(hpa, KEDA_OWNER_LABEL, so->name);
    }
}

static const char *gather_names(struct arena *a, const struct scaled_object *so,
                                const struct keda_metric *metrics, struct keda_hpa *hpa)
{
    hpa->external_names = arena_array(a, const char *, so->trigger_count);
    hpa->resource_names = arena_array(a, const char *, so->trigger_count);
    for (size_t i = 0; i < so->trigger_count; i++) {
        if (metrics[i].kind == KEDA_METRIC_RESOURCE) {
            hpa->resource_names[hpa->resource_count++] = metrics[i].name;
        }
        if (metrics[i].kind != KEDA_METRIC_EXTERNAL) {
            continue;
        }
        for (size_t k = 0; k < hpa->external_count; k++) {
            if (strcmp(hpa->external_names[k], metrics[i].name) == 0) {
                return arena_printf(a, "metricName %s defined multiple times in ScaledObject %s",
                                    metrics[i].name, so->name);
            }
        }
        hpa->external_names[hpa->external_count++] = metrics[i].name;
    }
    return NULL;
}

/* In the order of their types, the triggers' order within one. */
static void sort_metrics(const struct keda_metric *metrics, size_t count, struct keda_hpa *hpa)
{
    for (int kind = KEDA_METRIC_CONTAINER_RESOURCE; kind <= KEDA_METRIC_RESOURCE; kind++) {
        for (size_t i = 0; i < count; i++) {
            if ((int)metrics[i].kind == kind) {
                hpa->metrics[hpa->metric_count++] = metrics[i];
            }
        }
    }
}

/* Go's int64(x): what does not fit is the smallest number, as on amd64. */
static int64_t truncated(double x)
{
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}

static const char *compose(const struct scaled_object *so, struct keda_hpa *hpa)
{
    const struct scaling_modifiers *m = &so->modifiers;
    const char *type = *m->metric_type != '\0' ? m->metric_type : "AverageValue";
    const double target = strtod(m->target, NULL);
    size_t kept = 0;
    if (strcmp(type, "Utilization") == 0) {
        return "error metric target type is Utilization, but it needs to be AverageValue or Value "
               "for external metrics";
    }
    if (!(target > 0.0)) {
        return NULL;
    }
    for (size_t i = 0; i < hpa->metric_count; i++) {
        if (hpa->metrics[i].kind == KEDA_METRIC_RESOURCE) {
            hpa->metrics[kept++] = hpa->metrics[i];
        }
    }
    hpa->metrics[kept++] = (struct keda_metric){
        .kind = KEDA_METRIC_EXTERNAL,
        .name = KEDA_COMPOSITE_METRIC,
        .target_type = type,
        .target = quantity_from_milli(truncated(target * 1000), QUANTITY_DECIMAL_SI),
    };
    hpa->metric_count = kept;
    hpa->composite = true;
    return NULL;
}

struct keda_hpa keda_hpa_generate(struct arena *a, const struct scaled_object *so,
                                  const struct keda_metric *metrics, const char *version)
{
    struct keda_hpa hpa = {
        .name = scaled_object_hpa_name(so, a),
        .min_replicas = scaled_object_hpa_min_replicas(so),
        .max_replicas = scaled_object_hpa_max_replicas(so),
        .target_api_version = *so->target_api_version != '\0' ? so->target_api_version : "apps/v1",
        .target_kind = *so->target_kind != '\0' ? so->target_kind : "Deployment",
        .target_name = so->target_name,
        .behavior = so->behavior,
        .scale_up_disabled = scaled_object_flag(so, KEDA_PAUSED_SCALE_OUT),
        .scale_down_disabled = scaled_object_flag(so, KEDA_PAUSED_SCALE_IN),
    };
    const char *error = gather_names(a, so, metrics, &hpa);
    hpa.metrics = arena_array(a, struct keda_metric, so->trigger_count + 1);
    sort_metrics(metrics, so->trigger_count, &hpa);
    if (error == NULL && scaled_object_uses_modifiers(so)) {
        error = compose(so, &hpa);
    }
    if (error != NULL) {
        return (struct keda_hpa){.error = error};
    }
    make_labels(a, so, version, &hpa);
    return hpa;
}
