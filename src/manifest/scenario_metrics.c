/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario names custom and external metrics: what they measure (`of`) and the
 * pipeline they come through. A metric is a quantity of a service or queue, or any load
 * expression, so that a recorded metric can drive an HPA directly.
 *
 * Trap: labels are those of the series; an HPA's metric selector must match them, as it
 * would in the adapter's query.
 */
#include "base/str.h"
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* enum scenario_quantity without QUANTITY_LOAD, which is 0. */
static const char *const quantities[] = {"requests", "served",  "inFlight",    "waiting",
                                         "latency",  "cpu",     "utilization", "depth",
                                         "oldest",   "backlog", NULL};

struct raw_source {
    struct named service;
    struct named queue;
    struct load_spec *load;
    int quantity; /* index of the word */
    bool has_quantity;
    struct mark quantity_mark;
    double quantile;
};

static const struct field source_fields[] = {
    {.name = "service",
     .type = FIELD_STRING,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_source, service.text),
     .mark = offsetof(struct raw_source, service.mark),
     .doc = "A service of the scenario.",
     .example = "web"},
    {.name = "queue",
     .type = FIELD_STRING,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_source, queue.text),
     .mark = offsetof(struct raw_source, queue.mark),
     .doc = "A queue of the scenario.",
     .example = "mails"},
    {.name = "load",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_source, load),
     .type_of = &scenario_load_type,
     .doc = "A load, whose value is the metric's.",
     .example = "{trace: lag.csv}"},
    {.name = "quantity",
     .type = FIELD_WORD,
     .offset = offsetof(struct raw_source, quantity),
     .mark = offsetof(struct raw_source, quantity_mark),
     .has = offsetof(struct raw_source, has_quantity),
     .initial = "requests",
     .words = quantities,
     .doc = "Of a service: requests and served (per second), inFlight, waiting, latency (seconds), "
            "cpu (cores), utilization (0..1). Of a queue: depth, oldest (seconds), backlog "
            "(depth and in work); depth by default."},
    {.name = "quantile",
     .type = FIELD_DOUBLE,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct raw_source, quantile),
     .initial = "0.95",
     .max = 1,
     .doc = "Of latency."},
};

static bool is_of_queue(enum scenario_quantity q)
{
    return q == SCENARIO_QUANTITY_DEPTH || q == SCENARIO_QUANTITY_OLDEST ||
           q == SCENARIO_QUANTITY_BACKLOG;
}

static bool source_finish(struct decoder *d, const struct node *node, const void *data,
                          void *result)
{
    (void)node;
    const struct raw_source *raw = data;
    struct metric_part *out = result;
    struct scenario_metric *m = &out->metric;
    *out = (struct metric_part){.service = raw->service, .queue = raw->queue};
    m->load = raw->load;
    m->quantile = raw->quantile;
    m->quantity = (enum scenario_quantity)(raw->quantity + 1);
    if (raw->load)
        m->quantity = SCENARIO_QUANTITY_LOAD;
    if (raw->queue.text && !raw->has_quantity)
        m->quantity = SCENARIO_QUANTITY_DEPTH;
    bool wrong = (raw->queue.text && !is_of_queue(m->quantity)) ||
                 (raw->service.text && is_of_queue(m->quantity));
    if (!wrong && !(raw->load && raw->has_quantity))
        return true;
    diag_error(d->diag, raw->quantity_mark, "%s.quantity: a %s has no %s", d->path,
               raw->load ? "load" : (raw->queue.text ? "queue" : "service"),
               quantities[raw->quantity]);
    return false;
}

static const struct object_type source_type = {
    .name = "MetricSource",
    .doc = "What a metric measures.",
    .fields = source_fields,
    .field_count = COUNT(source_fields),
    .size = sizeof(struct raw_source),
    .finish = source_finish,
    .out_size = sizeof(struct metric_part),
};

struct described_object {
    const char *kind;
    const char *name;
};

static const struct field object_fields[] = {
    {.name = "kind",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct described_object, kind),
     .doc = "Its kind.",
     .example = "Ingress"},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct described_object, name),
     .doc = "Its name.",
     .example = "main-route"},
};

static const struct object_type described_type = {
    .name = "DescribedObject",
    .doc = "The object that a metric of type Object describes.",
    .fields = object_fields,
    .field_count = COUNT(object_fields),
    .size = sizeof(struct described_object),
};

struct raw_metric {
    struct metric_part part; /* the metric but for what `of` says */
    struct metric_part of;
    struct label_list labels;
    struct described_object object;
    bool has_object;
    struct mark object_mark;
    int type;
};

static const char *const functions[] = {"last", "rate", "average", NULL};
static const char *const metric_types[] = {"Pods", "Object", NULL};

#define METRIC(member) offsetof(struct raw_metric, part.metric.member)

static const struct field external_fields[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = METRIC(name),
     .doc = "The name that HPAs ask for.",
     .example = "http_requests_per_second"},
    {.name = "of",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_metric, of),
     .type_of = &source_type,
     .doc = "What it measures.",
     .example = "{service: web, quantity: requests}"},
    {.name = "namespace",
     .type = FIELD_NAME,
     .offset = METRIC(namespace_name),
     .doc = "Whose HPAs see it; by default that of the workload it comes from, else that of the "
            "HPAs."},
    {.name = "labels",
     .type = FIELD_TEXTS,
     .offset = offsetof(struct raw_metric, labels),
     .doc = "Labels of the series; selectors must match them.",
     .example = "{queue: mails}"},
    {.name = "scale",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN | FIELD_NOT_ZERO,
     .offset = METRIC(scale),
     .initial = "1",
     .doc = "Multiplies the value."},
    {.name = "direct",
     .type = FIELD_BOOL,
     .offset = METRIC(direct),
     .doc = "No scraping: the value at the time of the question."},
    {.name = "scrapeInterval",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = METRIC(scrape_interval),
     .initial = "15s",
     .doc = "Prometheus' scrape interval."},
    {.name = "function",
     .type = FIELD_WORD,
     .offset = METRIC(function),
     .initial = "last",
     .words = functions,
     .doc = "What the adapter's query does: the newest sample, rate(x[window]) or "
            "avg_over_time(x[window])."},
    {.name = "window",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = METRIC(window),
     .initial = "1m",
     .doc = "The window of rate and average."},
    {.name = "delay",
     .type = FIELD_DURATION,
     .offset = METRIC(delay),
     .doc = "What is served is that much older still."},
    {.name = "relist",
     .type = FIELD_DURATION,
     .offset = METRIC(relist),
     .doc = "The adapter learns of the metric's name this long after the start; 0s: it knows."},
};

static bool metric_finish(struct decoder *d, const struct node *node, const void *data,
                          void *result)
{
    (void)d;
    const struct raw_metric *raw = data;
    struct metric_part *out = result;
    *out = raw->part;
    out->service = raw->of.service;
    out->queue = raw->of.queue;
    struct scenario_metric *m = &out->metric;
    m->mark = node->mark;
    m->load = raw->of.metric.load;
    m->quantile = raw->of.metric.quantile;
    m->quantity = raw->of.metric.quantity;
    m->labels = raw->labels.items;
    m->label_count = raw->labels.count;
    m->kind = SCENARIO_METRIC_EXTERNAL;
    return true;
}

const struct object_type scenario_external_type = {
    .name = "ExternalMetric",
    .doc = "A metric of the external metrics API.",
    .fields = external_fields,
    .field_count = COUNT(external_fields),
    .size = sizeof(struct raw_metric),
    .finish = metric_finish,
    .out_size = sizeof(struct metric_part),
};

static const struct field custom_fields[] = {
    {.name = "type",
     .type = FIELD_WORD,
     .offset = offsetof(struct raw_metric, type),
     .initial = "Pods",
     .words = metric_types,
     .doc = "A value for each pod of the service's or queue's workload, or one for an object."},
    {.name = "object",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct raw_metric, object),
     .mark = offsetof(struct raw_metric, object_mark),
     .has = offsetof(struct raw_metric, has_object),
     .type_of = &described_type,
     .doc = "Type Object: the object it describes.",
     .example = "{kind: Ingress, name: main-route}"},
    {.name = "workload",
     .type = FIELD_STRING,
     .offset = offsetof(struct raw_metric, part.workload.text),
     .mark = offsetof(struct raw_metric, part.workload.mark),
     .doc = "Type Pods of a load: whose pods share its value. Of a service or queue it is known.",
     .example = "deployment/web"},
};

static bool custom_finish(struct decoder *d, const struct node *node, const void *data,
                          void *result)
{
    const struct raw_metric *raw = data;
    struct metric_part *out = result;
    metric_finish(d, node, raw, out);
    out->metric.kind = raw->type == 0 ? SCENARIO_METRIC_PODS : SCENARIO_METRIC_OBJECT;
    out->metric.object_kind = raw->object.kind;
    out->metric.object_name = raw->object.name;
    if (raw->type == 1 && !raw->has_object) {
        diag_error(d->diag, node->mark, "%s: a metric of type Object needs \"object\"", d->path);
        diag_help(d->diag, "for example object: {kind: Ingress, name: main-route}");
        return false;
    }
    if (raw->part.workload.text && (raw->type == 1 || !raw->of.metric.load)) {
        diag_error(d->diag, raw->part.workload.mark,
                   "%s.workload: only metrics of type Pods that come from a load have one",
                   d->path);
        return false;
    }
    if (raw->type == 0 && raw->of.metric.load && !raw->part.workload.text) {
        diag_error(d->diag, node->mark, "%s: which pods have it?", d->path);
        diag_help(d->diag, "add workload: deployment/NAME, or type: Object");
        return false;
    }
    if (raw->type == 0 && raw->has_object) {
        diag_error(d->diag, raw->object_mark, "%s.object: only metrics of type Object have one",
                   d->path);
        diag_help(d->diag, "add type: Object");
        return false;
    }
    return true;
}

const struct object_type scenario_custom_type = {
    .name = "CustomMetric",
    .doc = "A metric of the custom metrics API.",
    .base = &scenario_external_type,
    .fields = custom_fields,
    .field_count = COUNT(custom_fields),
    .size = sizeof(struct raw_metric),
    .finish = custom_finish,
    .out_size = sizeof(struct metric_part),
};
