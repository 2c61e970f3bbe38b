/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario writes what happens at a time: edits of objects, scales set by hand,
 * metrics outages, crashes, loads that swell. Names and calendar times are resolved in
 * scenario_resolve.c, edits applied in scenario_edit.c.
 */
#include "base/str.h"
#include "kube/duration.h"
#include "kube/timestamp.h"
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* at: a duration since the start, or a calendar time */

static bool moment_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct moment *m = raw;
    int64_t ns = 0;
    if (node->kind == NODE_STRING && timestamp_parse(node->text, 0, &m->unix_ns, NULL)) {
        m->absolute = true;
        return true;
    }
    bool scalar = node->kind == NODE_STRING || node->kind == NODE_NUMBER;
    if (scalar && duration_parse_friendly(node->text, &ns) && ns >= 0) {
        m->at = ns;
        return true;
    }
    diag_error(d->diag, node->mark, "%s: expected a time, found %s", d->path,
               scalar ? node->text : node_kind_name(node->kind));
    diag_help(d->diag, "write a time since the start (12h30m) or of the calendar "
                       "(2024-03-01T12:30:00Z)");
    return false;
}

static const struct object_type moment_type = {
    .name = "Moment",
    .doc = "A time since the start of the run, or of the calendar.",
    .size = sizeof(struct moment),
    .scalar = moment_scalar,
    .scalar_types = "string",
    .scalar_doc = "12h30m, or 2024-03-01T12:30:00Z.",
};

struct raw_edit {
    struct named object;
    const struct node *patch;
};

static const struct field edit_fields[] = {
    {.name = "object",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_edit, object.text),
     .mark = offsetof(struct raw_edit, object.mark),
     .doc = "Which one: kind/name or namespace/kind/name.",
     .example = "hpa/web"},
    {.name = "patch",
     .type = FIELD_NODE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_edit, patch),
     .doc = "A JSON merge patch, as kubectl patch --type=merge takes it.",
     .example = "{spec: {maxReplicas: 40}}"},
};

static const struct object_type edit_type = {
    .name = "Edit",
    .doc = "A change of an object; with `for` it is taken back afterwards.",
    .fields = edit_fields,
    .field_count = COUNT(edit_fields),
    .size = sizeof(struct raw_edit),
};

struct raw_scale {
    struct named workload;
    int32_t replicas;
};

static const struct field scale_fields[] = {
    {.name = "workload",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_scale, workload.text),
     .mark = offsetof(struct raw_scale, workload.mark),
     .doc = "Whose scale is set.",
     .example = "deployment/web"},
    {.name = "replicas",
     .type = FIELD_INT32,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_scale, replicas),
     .doc = "To what.",
     .example = "10"},
};

static const struct object_type scale_type = {
    .name = "Scale",
    .doc = "As kubectl scale does it.",
    .fields = scale_fields,
    .field_count = COUNT(scale_fields),
    .size = sizeof(struct raw_scale),
};

struct raw_outage {
    enum scenario_api api;
    const char *metric;
    const char *error;
    bool zero;
    bool stale;
    double missing;
    bool has_error;
    bool has_missing;
};

static const char *const apis[] = {"all", "resource", "custom", "external", NULL};

static const struct field outage_fields[] = {
    {.name = "api",
     .type = FIELD_WORD,
     .offset = offsetof(struct raw_outage, api),
     .initial = "all",
     .words = apis,
     .doc = "Which of the metrics APIs."},
    {.name = "metric",
     .type = FIELD_STRING,
     .offset = offsetof(struct raw_outage, metric),
     .doc = "Only this custom or external metric."},
    {.name = "error",
     .type = FIELD_STRING,
     .offset = offsetof(struct raw_outage, error),
     .has = offsetof(struct raw_outage, has_error),
     .doc = "The API answers with this error. Without anything else said it answers with the "
            "usual one."},
    {.name = "zero",
     .type = FIELD_BOOL,
     .offset = offsetof(struct raw_outage, zero),
     .doc = "All values are 0."},
    {.name = "missingFraction",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct raw_outage, missing),
     .has = offsetof(struct raw_outage, has_missing),
     .max = 1,
     .doc = "This part of the pods has no value.",
     .example = "0.3"},
    {.name = "stale",
     .type = FIELD_BOOL,
     .offset = offsetof(struct raw_outage, stale),
     .doc = "Values and their times stay what they were."},
};

static const struct object_type outage_type = {
    .name = "MetricsOutage",
    .doc = "Metrics that fail, or are wrong.",
    .fields = outage_fields,
    .field_count = COUNT(outage_fields),
    .size = sizeof(struct raw_outage),
};

/* How many pods: a count, or a part of them. */
struct pod_amount {
    int32_t count;
    double fraction;
};

static bool amount_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct pod_amount *a = raw;
    double percent = 0;
    if (node->kind == NODE_STRING && str_ends(node->text, "%") &&
        str_to_double(arena_strndup(d->arena, node->text, node->len - 1), &percent) &&
        percent > 0 && percent <= 100) {
        a->fraction = percent / 100;
        return true;
    }
    static const struct field pods = {
        .type = FIELD_INT32, .flags = FIELD_POSITIVE, .max = INT32_MAX};
    if (decode_scalar(d, &pods, node, d->path, &a->count))
        return true;
    diag_help(d->diag, "a number of pods, or a part of them such as \"30%%\"");
    return false;
}

static const struct object_type amount_type = {
    .name = "PodAmount",
    .doc = "How many pods.",
    .size = sizeof(struct pod_amount),
    .scalar = amount_scalar,
    .scalar_types = "integer string",
    .scalar_doc = "A number, or a part such as 30%.",
};

struct raw_crash {
    struct named workload;
    struct pod_amount pods;
};

static const struct field crash_fields[] = {
    {.name = "workload",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_crash, workload.text),
     .mark = offsetof(struct raw_crash, workload.mark),
     .doc = "Whose pods.",
     .example = "deployment/web"},
    {.name = "pods",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_crash, pods),
     .type_of = &amount_type,
     .doc = "How many; chosen by the seed.",
     .example = "30%"},
};

static const struct object_type crash_type = {
    .name = "Crash",
    .doc = "Containers that die and are started again by the kubelet.",
    .fields = crash_fields,
    .field_count = COUNT(crash_fields),
    .size = sizeof(struct raw_crash),
};

struct raw_load_event {
    struct named name;
    double scale;
};

static const struct field load_event_fields[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_load_event, name.text),
     .mark = offsetof(struct raw_load_event, name.mark),
     .doc = "A load, or a service or queue, whose load is meant.",
     .example = "web"},
    {.name = "scale",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_load_event, scale),
     .doc = "The factor.",
     .example = "2"},
};

static const struct object_type load_event_type = {
    .name = "LoadChange",
    .doc = "A load that is more or less than usual.",
    .fields = load_event_fields,
    .field_count = COUNT(load_event_fields),
    .size = sizeof(struct raw_load_event),
};

struct raw_event {
    simtime lasts;
    struct moment at;
    struct raw_edit *edit;
    struct raw_scale *scale;
    struct raw_outage *outage;
    struct raw_crash *crash;
    struct raw_load_event *load;
};

static const struct field event_fields[] = {
    {.name = "at",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_event, at),
     .type_of = &moment_type,
     .doc = "When: since the start of the run, or of the calendar.",
     .example = "12h30m"},
    {.name = "for",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct raw_event, lasts),
     .doc = "How long; without it for good."},
    {.name = "edit",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_event, edit),
     .type_of = &edit_type,
     .doc = "Changes an object.",
     .example = "{object: hpa/web, patch: {spec: {maxReplicas: 40}}}"},
    {.name = "scale",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_event, scale),
     .type_of = &scale_type,
     .doc = "Sets the scale of a workload.",
     .example = "{workload: deployment/web, replicas: 10}"},
    {.name = "metricsOutage",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_event, outage),
     .type_of = &outage_type,
     .doc = "Metrics fail.",
     .example = "{api: resource}"},
    {.name = "crash",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_event, crash),
     .type_of = &crash_type,
     .doc = "Pods crash.",
     .example = "{workload: deployment/web, pods: 30%}"},
    {.name = "load",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_event, load),
     .type_of = &load_event_type,
     .doc = "A load changes.",
     .example = "{name: web, scale: 2}"},
};

static bool outage_of(struct decoder *d, const struct node *node, const struct raw_outage *raw,
                      struct scenario_event *out)
{
    out->kind = SCENARIO_EVENT_METRICS_OUTAGE;
    out->api = raw->api;
    out->metric = raw->metric;
    out->error = raw->error;
    out->fraction = raw->missing;
    out->outage = SCENARIO_OUTAGE_ERROR;
    if (raw->zero)
        out->outage = SCENARIO_OUTAGE_ZERO;
    if (raw->has_missing)
        out->outage = SCENARIO_OUTAGE_MISSING;
    if (raw->stale)
        out->outage = SCENARIO_OUTAGE_STALE;
    if (raw->zero + raw->stale + raw->has_missing + raw->has_error <= 1)
        return true;
    diag_error(d->diag, node->mark,
               "%s.metricsOutage: error, zero, missingFraction and stale exclude each other",
               d->path);
    return false;
}

static bool event_finish(struct decoder *d, const struct node *node, const void *data, void *result)
{
    const struct raw_event *raw = data;
    struct event_part *out = result;
    out->event.mark = node->mark;
    out->at = raw->at;
    out->lasts = raw->lasts;
    if (raw->edit) {
        out->event.kind = SCENARIO_EVENT_EDIT;
        out->object = raw->edit->object;
        out->patch = raw->edit->patch;
    } else if (raw->scale) {
        out->event.kind = SCENARIO_EVENT_SCALE;
        out->workload = raw->scale->workload;
        out->event.replicas = raw->scale->replicas;
    } else if (raw->outage) {
        return outage_of(d, node, raw->outage, &out->event);
    } else if (raw->crash) {
        out->event.kind = SCENARIO_EVENT_CRASH;
        out->workload = raw->crash->workload;
        out->event.pods = raw->crash->pods.count;
        out->event.fraction = raw->crash->pods.fraction;
    } else {
        out->event.kind = SCENARIO_EVENT_LOAD;
        out->load = raw->load->name;
        out->event.scale = raw->load->scale;
    }
    return true;
}

const struct object_type scenario_event_type = {
    .name = "Event",
    .doc = "Something that happens at a time.",
    .fields = event_fields,
    .field_count = COUNT(event_fields),
    .size = sizeof(struct raw_event),
    .finish = event_finish,
    .out_size = sizeof(struct event_part),
};
