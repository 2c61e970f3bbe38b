/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the HPA controller gets to see of its metrics: the four calls of upstream's
 * MetricsClient (pkg/controller/podautoscaler/metrics/client.go, v1.36), answered by
 * metrics-server and by prometheus-adapter v0.12 (pkg/custom-provider, an instant
 * query at the time of the question, stamped with that time).
 *
 * Traps: custom metrics name no window, and the client then takes 60 s; values are cut
 * to milli, not rounded; an empty list and an unknown metric are different errors.
 */
#include "internal.h"

#include "api_error.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

#define CUSTOM_WINDOW (60 * SIMTIME_SECOND) /* metricServerDefaultMetricWindow */

/* --- values of series --- */

static bool is_known(const struct named_metric *n, simtime now)
{
    simtime relist = n->spec->relist;
    if (relist <= 0)
        return true;
    return n->first_seen != SIMTIME_NEVER && now >= (n->first_seen / relist + 1) * relist;
}

static bool is_missing(const struct named_metric *n, const struct pod *pod)
{
    const struct metrics *m = n->metrics;
    return metric_fault_of_pod(&n->faults, m->seed, pod) ||
           metric_fault_of_pod(&m->faults[named_metric_api(n)], m->seed, pod);
}

/* NaN: the query has no result for this series. */
static double series_value(struct series *s, simtime now)
{
    const struct named_metric *n = s->metric;
    simtime t = named_metric_time(n, now);
    if (is_missing(n, s->pod))
        return NAN;
    if (named_metric_is(n, METRIC_FAULT_ZERO))
        return 0;
    if (!n->scraped)
        return t == now && !named_metric_is(n, METRIC_FAULT_FROZEN)
                   ? n->read(n->context, s->pod, now)
                   : prom_last(&s->samples, t);
    series_prime(s, now);
    t -= n->spec->delay;
    switch (n->function) {
    case METRIC_RATE:
        return prom_rate(&s->samples, t, n->window);
    case METRIC_AVERAGE:
        return prom_avg_over_time(&s->samples, t, n->window);
    case METRIC_LAST:
        break;
    }
    return prom_last(&s->samples, t);
}

static struct series *series_of(const struct named_metric *n, const struct pod *pod)
{
    const struct tracked_pod *t = pod->samples;
    struct series *s = t ? t->series : NULL;
    while (s && s->metric != n)
        s = s->next_of_pod;
    return s;
}

double metrics_value(struct metrics *m, uint32_t metric, simtime now)
{
    struct named_metric *n = m->list.items[metric];
    double sum = 0;
    size_t count = 0;
    if (n->single)
        return series_value(n->single, now);
    for (uint32_t slot = 0; slot < SCRAPE_SLOTS; slot++) {
        for (struct series *s = n->slots[slot]; s; s = s->next) {
            double value = series_value(s, now);
            if (isnan(value))
                continue;
            sum += value;
            count++;
        }
    }
    return count ? sum / (double)count : NAN;
}

/* --- errors --- */

static const char *remember(struct metrics *m, const struct metric_query *q,
                            enum api_failure failure)
{
    for (size_t i = 0; i < m->texts.len; i++) {
        const struct api_text *t = &m->texts.items[i];
        if (t->type == q->type && t->failure == failure && str_equal(t->name, q->name) &&
            str_equal(t->object, q->object_name) && str_equal(t->namespace_name, q->namespace_name))
            return t->text;
    }
    const char *text = api_error_text(m->arena, q, failure);
    *vec_push(m->arena, &m->texts) = (struct api_text){q->type,        (uint8_t)failure,  q->name,
                                                       q->object_name, q->namespace_name, text};
    return text;
}

/* The text of an open outage of the API or of the metric; NULL: it answers. */
static const char *outage(struct metrics *m, const struct metric_query *q,
                          const struct metric_faults *f)
{
    if (!metric_fault_is(f, METRIC_FAULT_UNAVAILABLE))
        return NULL;
    const char *text = metric_fault_text(f);
    return text ? text : remember(m, q, API_UNAVAILABLE);
}

/* --- named metrics --- */

static bool same_namespace(const char *x, const char *y)
{
    return !x || !y || strcmp(x, y) == 0;
}

static bool is_of_type(const struct named_metric *n, const struct metric_query *q)
{
    static const enum metric_query_type types[] = {METRIC_QUERY_PODS, METRIC_QUERY_OBJECT,
                                                   METRIC_QUERY_EXTERNAL};
    const struct metric_spec *spec = n->spec;
    return types[spec->kind] == q->type &&
           (spec->kind != METRIC_OBJECT || str_equal(spec->object_kind, q->object_kind));
}

static bool is_asked_for(const struct named_metric *n, const struct metric_query *q)
{
    const struct metric_spec *spec = n->spec;
    if (!same_namespace(spec->namespace_name, q->namespace_name))
        return false;
    if (spec->kind == METRIC_OBJECT && !str_equal(spec->object_name, q->object_name))
        return false;
    return !q->selector || label_selector_matches(q->selector, spec->labels, spec->label_count);
}

static void add_readings(struct metrics *m, struct named_metric *n,
                         struct workload *const *workloads, size_t workload_count, simtime now,
                         struct metric_buffer *buffer)
{
    simtime at = pod_api_time(named_metric_time(n, now), m->epoch_fraction);
    uint32_t index = 0;
    for (size_t i = 0; i < workload_count; i++) {
        const struct workload *w = workloads[i];
        if (n->workload && n->workload != w) {
            index += (uint32_t)w->pods.len;
            continue;
        }
        for (size_t j = 0; j < w->pods.len; j++, index++) {
            struct series *s = series_of(n, w->pods.items[j]);
            double value = s ? series_value(s, now) : NAN;
            if (!isnan(value))
                *vec_push(m->arena, &buffer->readings) =
                    (struct metric_reading){index, prom_adapter_milli(value), at, CUSTOM_WINDOW};
        }
    }
}

static void add_single(struct metrics *m, struct named_metric *n, simtime now,
                       struct metric_buffer *buffer)
{
    double value = series_value(n->single, now);
    if (!isnan(value))
        *vec_push(m->arena, &buffer->values) = prom_adapter_milli(value);
}

static void finish(struct metrics *m, const struct metric_query *q, bool known,
                   struct metric_buffer *buffer, struct metric_answer *out)
{
    out->readings = buffer->readings.items;
    out->reading_count = buffer->readings.len;
    out->values = buffer->values.items;
    out->value_count = buffer->values.len;
    out->listed = out->reading_count > 0 || out->value_count > 0;
    if (!known)
        out->error = remember(m, q, API_UNKNOWN);
    if (!known || q->type != METRIC_QUERY_OBJECT)
        return;
    for (size_t i = 0; i < out->value_count; i++)
        out->value += out->values[i];
    if (out->value_count == 0)
        out->error = remember(m, q, API_NO_SERIES);
}

static void answer_named(struct metrics *m, const struct metric_query *q,
                         struct workload *const *workloads, size_t workload_count, simtime now,
                         struct metric_buffer *buffer, struct metric_answer *out)
{
    bool external = q->type == METRIC_QUERY_EXTERNAL;
    bool known = false;
    out->error = outage(m, q, &m->faults[external ? METRICS_API_EXTERNAL : METRICS_API_CUSTOM]);
    size_t place = out->error ? TABLE_NONE : table_find(&m->names, q->name);
    uint32_t next = place == TABLE_NONE ? 0 : m->first_of_name.items[place];
    while (next && !out->error) {
        struct named_metric *n = m->list.items[next - 1];
        next = n->same_name;
        if (!is_of_type(n, q) || !is_known(n, now))
            continue;
        known = true;
        if (!is_asked_for(n, q))
            continue;
        out->error = outage(m, q, &n->faults);
        if (out->error)
            return;
        if (n->single)
            add_single(m, n, now, buffer);
        else
            add_readings(m, n, workloads, workload_count, now, buffer);
    }
    if (!out->error)
        finish(m, q, known, buffer, out);
}

/* --- resource metrics --- */

struct resource_question {
    enum metrics_resource resource;
    bool exists; /* metrics-server has this resource */
    const char *container;
};

static void read_pod(struct metrics *m, const struct resource_question *question,
                     const struct pod *pod, uint32_t index, struct metric_buffer *buffer,
                     struct metric_answer *out)
{
    struct metric_reading r = {.pod = index};
    enum metrics_served served = metrics_server_read(
        m->server, pod, question->resource, question->container, &r.value, &r.time, &r.window);
    if (served == METRICS_NO_ITEM)
        return;
    out->listed = true;
    if (served == METRICS_NO_CONTAINER &&
        (!out->lacks_container || strcmp(pod->name, out->lacks_container) < 0))
        out->lacks_container = pod->name;
    if (served == METRICS_VALUE && question->exists)
        *vec_push(m->arena, &buffer->readings) = r;
}

static void answer_resource(struct metrics *m, const struct metric_query *q,
                            struct workload *const *workloads, size_t workload_count,
                            struct metric_buffer *buffer, struct metric_answer *out)
{
    struct resource_question question = {
        .resource = str_equal(q->name, "memory") ? METRICS_MEMORY : METRICS_CPU,
        .exists = str_equal(q->name, "cpu") || str_equal(q->name, "memory"),
        .container = q->type == METRIC_QUERY_CONTAINER_RESOURCE ? q->container : NULL,
    };
    uint32_t index = 0;
    out->error = metrics_server_error(m->server);
    if (out->error)
        return;
    for (size_t i = 0; i < workload_count; i++)
        for (size_t j = 0; j < workloads[i]->pods.len; j++, index++)
            read_pod(m, &question, workloads[i]->pods.items[j], index, buffer, out);
    out->readings = buffer->readings.items;
    out->reading_count = buffer->readings.len;
}

void metrics_answer(struct metrics *m, const struct metric_query *query,
                    struct workload *const *workloads, size_t workload_count, simtime now,
                    struct metric_buffer *buffer, struct metric_answer *out)
{
    *out = (struct metric_answer){0};
    buffer->readings.len = 0;
    buffer->values.len = 0;
    if (query->type == METRIC_QUERY_RESOURCE || query->type == METRIC_QUERY_CONTAINER_RESOURCE)
        answer_resource(m, query, workloads, workload_count, buffer, out);
    else
        answer_named(m, query, workloads, workload_count, now, buffer, out);
}
