/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide keda`: answers cases about KEDA, one a line, by their field `kind`, in the form of the
 * conformance vectors: {"id","kind","result"}. A kind is one function in the table below. A
 * trigger of a type that is not known is one with a threshold, as "oracle" is.
 */
#include "decide_keda.h"

#include "base/str.h"
#include "control/keda/scaler_kafka.h"
#include "control/keda/scaler_trigger.h"

#include <string.h>

struct keda_kind {
    const char *name;
    keda_kind_fn *decide;
};

static const struct keda_kind kinds[] = {
    {"loop", keda_decide_loop},   {"hpa", keda_decide_hpa},
    {"job", keda_decide_job},     {"formula", keda_decide_formula},
    {"cron", keda_decide_cron},   {"fallback", keda_decide_fallback},
    {"kafka", keda_decide_kafka},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

void keda_write_value(struct json_writer *w, struct arena *a, const struct quantity *q)
{
    json_map(w);
    json_key(w, "milli");
    json_int(w, quantity_milli_value(q));
    json_key(w, "s");
    json_string(w, quantity_string(a, q));
    json_map_end(w);
}

struct scaler_config keda_scaler_config(struct arena *a, const struct scale_trigger *t,
                                        size_t index, bool using_modifiers)
{
    struct scaler_param *params = arena_array(a, struct scaler_param, t->metadata_count);
    for (size_t i = 0; i < t->metadata_count; i++) {
        params[i] = (struct scaler_param){t->metadata[i].key, t->metadata[i].value};
    }
    return (struct scaler_config){
        .metadata = {params, t->metadata_count},
        .metric_type = t->metric_type,
        .index = (int32_t)index,
        .namespace_name = "default",
        .using_modifiers = using_modifiers,
        .auth_reference = t->has_authentication,
    };
}

struct oracle_params {
    double threshold;
    double activation_threshold;
    const char *metric_name;
};

static const struct scaler_field oracle_fields[] = {
    {.name = "threshold",
     .type = SCALER_FLOAT,
     .offset = offsetof(struct oracle_params, threshold),
     .order = SCALER_METADATA},
    {.name = "activationThreshold",
     .type = SCALER_FLOAT,
     .offset = offsetof(struct oracle_params, activation_threshold),
     .order = SCALER_METADATA,
     .standard = "0"},
    {.name = "metricName",
     .type = SCALER_STRING,
     .offset = offsetof(struct oracle_params, metric_name),
     .order = SCALER_METADATA,
     .standard = "oracle"},
};

static const char *build_oracle(struct arena *a, const struct scaler_config *config,
                                const struct scale_trigger *t, struct keda_trigger *out,
                                struct keda_metric *metric)
{
    struct oracle_params p = {0};
    bool value_type = false;
    const char *error = NULL;
    if (!scaler_metric_type(config, &value_type, &error)) {
        return error;
    }
    if (!scaler_read(a, config, oracle_fields, sizeof oracle_fields / sizeof oracle_fields[0], &p,
                     &error)) {
        return arena_printf(a, "error parsing %s metadata: %s", t->type, error);
    }
    const struct quantity target = scaler_quantity(a, p.threshold);
    out->threshold = p.threshold;
    out->activation_threshold = p.activation_threshold;
    *metric =
        trigger_external_metric(t, scaler_metric_name(a, config->index, p.metric_name), &target);
    return NULL;
}

static const char *build_cron(struct arena *a, const struct scaler_config *config,
                              struct keda_trigger *out, struct scaler_metric *metric)
{
    const char *error = NULL;
    out->cron = true;
    if (!scaler_cron_parse(a, config, &out->schedule, &error)) {
        return error;
    }
    *metric = out->schedule.metric;
    return NULL;
}

static const char *build_kafka(struct arena *a, const struct scaler_config *config, bool apache,
                               struct keda_trigger *out, struct scaler_metric *metric)
{
    struct scaler_kafka kafka = {0};
    const char *error = NULL;
    if (apache ? !scaler_apache_kafka_parse(a, config, &kafka, &error)
               : !scaler_kafka_parse(a, config, &kafka, &error)) {
        return error;
    }
    out->activation_threshold = (double)kafka.activation_lag_threshold;
    *metric = kafka.metric;
    return NULL;
}

static const char *build_known(struct arena *a, const struct scaler_config *config,
                               enum scaler_kind kind, struct keda_trigger *out,
                               struct scaler_metric *metric)
{
    struct scaler_trigger trigger = {0};
    const char *error = NULL;
    if (!scaler_trigger_parse(a, kind, config, &trigger, &error)) {
        return error;
    }
    out->activation_threshold = trigger.activation;
    *metric = trigger.metric;
    return NULL;
}

static const char *build(struct arena *a, const struct scale_trigger *t, size_t index,
                         bool using_modifiers, struct keda_trigger *out, struct keda_metric *metric)
{
    const struct scaler_config config = keda_scaler_config(a, t, index, using_modifiers);
    const bool apache = strcmp(t->type, "apache-kafka") == 0;
    struct scaler_metric scaler = {0};
    enum scaler_kind kind;
    const char *error = NULL;
    if (scale_trigger_is_resource(t)) {
        return trigger_resource_metric(a, t, metric);
    }
    if (strcmp(t->type, "cron") == 0) {
        error = build_cron(a, &config, out, &scaler);
    } else if (apache || strcmp(t->type, "kafka") == 0) {
        error = build_kafka(a, &config, apache, out, &scaler);
    } else if (scaler_kind_find(t->type, &kind)) {
        error = build_known(a, &config, kind, out, &scaler);
    } else {
        return build_oracle(a, &config, t, out, metric);
    }
    *metric = trigger_external_metric(t, scaler.name, &scaler.target);
    return error;
}

const char *keda_build_triggers(struct arena *a, const struct scale_trigger *triggers, size_t count,
                                bool using_modifiers, struct keda_trigger *out,
                                struct keda_metric *metrics)
{
    for (size_t i = 0; i < count; i++) {
        const char *error = build(a, &triggers[i], i, using_modifiers, &out[i], &metrics[i]);
        if (error != NULL) {
            return error;
        }
    }
    return NULL;
}

static const struct keda_kind *find_kind(struct field_reader *r, const struct node *root)
{
    const char *names[KIND_COUNT];
    const char *name = field_string(r, root, "kind");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        names[i] = kinds[i].name;
        if (strcmp(name, kinds[i].name) == 0) {
            return &kinds[i];
        }
    }
    const struct node *kind = node_get(root, "kind");
    if (kind == NULL) {
        field_error(r, root->mark, "a case needs a field kind");
        return NULL;
    }
    field_error(r, kind->mark, "no such kind of case: \"%s\"", name);
    const char *near = str_nearest(name, names, KIND_COUNT);
    if (near != NULL) {
        diag_help(r->diag, "did you mean \"%s\"?", near);
    }
    return NULL;
}

static bool decide_case(struct keda_case *c, struct json_writer *w)
{
    const struct keda_kind *kind = find_kind(&c->read, c->root);
    if (kind == NULL) {
        return false;
    }
    json_map(w);
    json_key(w, "id");
    json_string(w, field_string(&c->read, c->root, "id"));
    json_key(w, "kind");
    json_string(w, kind->name);
    json_key(w, "result");
    if (!kind->decide(c, w) || c->read.bad) {
        return false;
    }
    json_map_end(w);
    return true;
}

bool decide_keda(struct observation_room *room, const char *line, size_t len, uint32_t source,
                 uint32_t line_number, const void *options, struct strbuf *out, struct diag *d)
{
    (void)options;
    arena_reset(&room->tree);
    arena_reset(&room->state);
    arena_reset(&room->step);
    struct keda_case c = {.root = json_read(&room->tree, line, len, source, line_number, d),
                          .room = room,
                          .read = {.arena = &room->tree, .diag = d}};
    if (c.root == NULL) {
        return false;
    }
    if (c.root->kind != NODE_MAP) {
        field_error(&c.read, c.root->mark, "a case is a map");
        return false;
    }
    struct json_writer *w = json_writer_new(&room->state, false);
    if (!decide_case(&c, w)) {
        return false;
    }
    size_t text_len = 0;
    const char *text = json_text(w, &text_len);
    strbuf_add_len(out, text, text_len);
    strbuf_char(out, '\n');
    return true;
}
