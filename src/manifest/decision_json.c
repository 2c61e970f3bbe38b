/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decision lines: the HPA's status after each sync, in the words and the order of the API's
 * JSON (k8s.io/api v0.36.3, autoscaling/v2). Times are whole seconds, cut, as the API serves
 * them; what the status leaves out when empty is left out here.
 *
 * The idea: a step is made of pieces that come back step after step. Whatever holds a string
 * (a condition, a metric around its numbers) is written once by the JSON writer and kept;
 * only punctuation and numbers are put between. Writing is otherwise half of `decide`.
 */
#include "base/fmt.h"
#include "base/json.h"
#include "base/require.h"
#include "manifest/observation.h"

#include <string.h>

#define KEPT_CONDITIONS 32
#define KEPT_METRICS    16

struct text {
    const char *s;
    size_t len;
};

/* A condition as written, and what it was written from. */
struct kept_condition {
    struct hpa_condition from;
    const char *detail;
    struct text json;
};

/* A metric as written, up to its numbers and after them. */
struct kept_metric {
    const struct hpa_metric_spec *from;
    bool described; /* Object: describedObject is filled */
    struct text before;
    struct text after;
};

struct decision_writer {
    struct arena *arena;
    char *line;
    size_t len;
    size_t cap;
    size_t head; /* length of {"id":... */
    size_t steps;
    struct kept_condition conditions[KEPT_CONDITIONS];
    size_t next_condition;
    struct kept_metric metrics[KEPT_METRICS];
    size_t next_metric;
};

/* ---- text ---- */

static void put(struct decision_writer *w, const char *s, size_t len)
{
    if (w->cap - w->len < len) {
        size_t cap = w->cap * 2;
        while (cap - w->len < len) {
            cap *= 2;
        }
        w->line = arena_grow(w->arena, w->line, w->cap, cap, 1, 1);
        w->cap = cap;
    }
    memcpy(w->line + w->len, s, len);
    w->len += len;
}

#define PUT(w, literal) put((w), (literal), sizeof(literal) - 1)

static void put_text(struct decision_writer *w, struct text t)
{
    put(w, t.s, t.len);
}

static void put_int(struct decision_writer *w, int64_t v)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (v < 0) {
        digits[--at] = '-';
    }
    put(w, digits + at, sizeof digits - at);
}

static struct text written(struct arena *a, struct json_writer *json)
{
    struct text t = {0};
    const char *s = json_text(json, &t.len);
    t.s = arena_strndup(a, s, t.len);
    return t;
}

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_string(w, text);
}

/* ---- conditions ---- */

static int64_t whole_seconds(simtime t)
{
    const int64_t s = t / SIMTIME_SECOND;
    return t % SIMTIME_SECOND < 0 ? s - 1 : s;
}

static bool uses_detail(enum hpa_reason reason)
{
    switch (reason) {
    case HPA_REASON_FAILED_GET_SCALE:
    case HPA_REASON_FAILED_UPDATE_SCALE:
    case HPA_REASON_INVALID_SELECTOR:
    case HPA_REASON_AMBIGUOUS_SELECTOR:
    case HPA_REASON_FAILED_GET_RESOURCE_METRIC:
    case HPA_REASON_FAILED_GET_CONTAINER_RESOURCE_METRIC:
    case HPA_REASON_FAILED_GET_PODS_METRIC:
    case HPA_REASON_FAILED_GET_OBJECT_METRIC:
    case HPA_REASON_FAILED_GET_EXTERNAL_METRIC:
        return true;
    default:
        return false;
    }
}

static bool same_condition(const struct kept_condition *kept, const struct hpa_condition *c)
{
    const struct hpa_condition *from = &kept->from;
    if (from->reason != c->reason || from->type != c->type || from->status != c->status ||
        from->since != c->since || kept->json.s == NULL) {
        return false;
    }
    if (uses_detail(c->reason)) {
        return strcmp(kept->detail, c->detail.text) == 0;
    }
    if (c->reason == HPA_REASON_VALID_METRIC_FOUND) {
        return from->metric == c->metric && from->old_words == c->old_words;
    }
    return c->reason != HPA_REASON_SUCCEEDED_RESCALE || from->replicas == c->replicas;
}

static struct text condition_json(struct arena *a, const struct hpa_condition *c)
{
    struct json_writer *json = json_writer_new(a, false);
    json_map(json);
    write_text(json, "type", hpa_condition_type_name(c->type));
    write_text(json, "status", condition_status_name(c->status));
    write_text(json, "reason", hpa_reason_name(c->reason));
    write_text(json, "message", hpa_condition_message(a, c));
    json_key(json, "since");
    json_int(json, whole_seconds(c->since));
    json_map_end(json);
    return written(a, json);
}

static struct text condition_text(struct decision_writer *w, const struct hpa_condition *c)
{
    for (size_t i = 0; i < KEPT_CONDITIONS; i++) {
        if (same_condition(&w->conditions[i], c)) {
            return w->conditions[i].json;
        }
    }
    struct kept_condition *kept = &w->conditions[w->next_condition++ % KEPT_CONDITIONS];
    kept->from = *c;
    kept->detail = uses_detail(c->reason) ? arena_strdup(w->arena, c->detail.text) : NULL;
    kept->json = condition_json(w->arena, c);
    return kept->json;
}

/* ---- metrics ---- */

static void write_expression(struct json_writer *w, const struct label_expression *e)
{
    json_map(w);
    write_text(w, "key", e->key);
    write_text(w, "operator", e->operator);
    if (e->value_count > 0) {
        json_key(w, "values");
        json_list(w);
        for (size_t i = 0; i < e->value_count; i++) {
            json_string(w, e->values[i]);
        }
        json_list_end(w);
    }
    json_map_end(w);
}

static void write_selector(struct json_writer *w, const struct hpa_metric_spec *m)
{
    json_key(w, "selector");
    json_map(w);
    if (m->match_label_count > 0) {
        json_key(w, "matchLabels");
        json_map(w);
        for (size_t i = 0; i < m->match_label_count; i++) {
            write_text(w, m->match_labels[i].key, m->match_labels[i].value);
        }
        json_map_end(w);
    }
    if (m->match_expression_count > 0) {
        json_key(w, "matchExpressions");
        json_list(w);
        for (size_t i = 0; i < m->match_expression_count; i++) {
            write_expression(w, &m->match_expressions[i]);
        }
        json_list_end(w);
    }
    json_map_end(w);
}

static void write_empty(struct json_writer *w, const char *key)
{
    json_key(w, key);
    json_map(w);
    json_map_end(w);
}

static void write_described_object(struct json_writer *w, const struct hpa_metric_spec *m,
                                   bool described)
{
    json_key(w, "describedObject");
    json_map(w);
    write_text(w, "kind", described ? m->object_kind : "");
    write_text(w, "name", described ? m->object_name : "");
    if (described && *m->object_api_version != '\0') {
        write_text(w, "apiVersion", m->object_api_version);
    }
    json_map_end(w);
}

static void write_source(struct json_writer *w, const struct hpa_metric_spec *m, bool described)
{
    if (m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE) {
        write_text(w, "name", m->name);
        write_empty(w, "current");
        if (m->container != NULL) {
            write_text(w, "container", m->container);
        }
        return;
    }
    json_key(w, "metric");
    json_map(w);
    write_text(w, "name", m->name);
    if (m->has_selector) {
        write_selector(w, m);
    }
    json_map_end(w);
    write_empty(w, "current");
    if (m->type == HPA_METRIC_OBJECT) {
        write_described_object(w, m, described);
    }
}

/*
 * The metric with nothing in "current", cut where its numbers go. Quotes inside strings are
 * escaped, so the text looked for stands nowhere else.
 */
static void cut_metric(struct arena *a, struct kept_metric *kept)
{
    static const char *const keys[] = {"resource", "containerResource", "pods", "object",
                                       "external"};
    static const char current[] = "\"current\":{}";
    const struct hpa_metric_spec *m = kept->from;
    struct json_writer *json = json_writer_new(a, false);
    json_map(json);
    write_text(json, "type", hpa_metric_type_name(m->type));
    json_key(json, keys[m->type]);
    json_map(json);
    write_source(json, m, kept->described);
    json_map_end(json);
    json_map_end(json);
    const struct text whole = written(a, json);
    const char *at = strstr(whole.s, current);
    require(at != NULL);
    kept->before = (struct text){whole.s, (size_t)(at - whole.s) + sizeof current - 2};
    kept->after = (struct text){at + sizeof current - 2, whole.len - kept->before.len};
}

static const struct kept_metric *metric_text(struct decision_writer *w,
                                             const struct hpa_metric_status *s,
                                             const struct hpa_profile *profile)
{
    const bool described = s->has_value || profile->object_average_described;
    for (size_t i = 0; i < KEPT_METRICS; i++) {
        if (w->metrics[i].from == s->metric && w->metrics[i].described == described) {
            return &w->metrics[i];
        }
    }
    struct kept_metric *kept = &w->metrics[w->next_metric++ % KEPT_METRICS];
    *kept = (struct kept_metric){.from = s->metric, .described = described};
    cut_metric(w->arena, kept);
    return kept;
}

static void put_quantity(struct decision_writer *w, struct arena *scratch, int64_t milli,
                         bool binary)
{
    const char *s = hpa_status_quantity(scratch, milli, binary);
    put(w, s, strlen(s));
}

static void put_current(struct decision_writer *w, struct arena *scratch,
                        const struct hpa_metric_status *s, bool binary)
{
    if (s->has_value) {
        PUT(w, "\"value\":\"");
        put_quantity(w, scratch, s->value, false);
        PUT(w, "\"");
    }
    if (s->has_average_value) {
        PUT(w, "\"averageValue\":\"");
        put_quantity(w, scratch, s->average_value, binary);
        PUT(w, "\"");
    }
    if (s->has_average_utilization) {
        PUT(w, ",\"averageUtilization\":");
        put_int(w, s->average_utilization);
    }
}

static void put_metric(struct decision_writer *w, struct arena *scratch,
                       const struct hpa_metric_status *s, const struct hpa_profile *profile)
{
    if (s->metric == NULL) {
        PUT(w, "{\"type\":\"\"}");
        return;
    }
    const struct kept_metric *kept = metric_text(w, s, profile);
    const bool resource =
        s->metric->type == HPA_METRIC_RESOURCE || s->metric->type == HPA_METRIC_CONTAINER_RESOURCE;
    const bool binary =
        resource && profile->memory_binary && strcmp(s->metric->name, "memory") == 0;
    put_text(w, kept->before);
    put_current(w, scratch, s, binary);
    put_text(w, kept->after);
}

/* ---- lines ---- */

struct decision_writer *decision_writer_new(struct arena *a, const char *id)
{
    struct decision_writer *w = arena_new(a, struct decision_writer);
    struct json_writer *json = json_writer_new(a, false);
    w->arena = a;
    w->cap = 16384;
    w->line = arena_alloc(a, w->cap, 1);
    json_string(json, id);
    PUT(w, "{\"id\":");
    put_text(w, written(a, json));
    w->head = w->len;
    return w;
}

static void put_time(struct decision_writer *w, simtime t)
{
    if (t % SIMTIME_SECOND == 0) {
        put_int(w, t / SIMTIME_SECOND);
        return;
    }
    char text[FMT_MAX];
    fmt_double(text, simtime_to_seconds(t));
    put(w, text, strlen(text));
}

static void put_lists(struct decision_writer *w, struct arena *scratch, const struct hpa_status *s,
                      const struct hpa_profile *profile)
{
    PUT(w, ",\"conditions\":[");
    for (size_t i = 0; i < s->condition_count; i++) {
        put(w, ",", i > 0 ? 1 : 0);
        put_text(w, condition_text(w, &s->conditions[i]));
    }
    PUT(w, "]");
    if (s->metrics.len == 0) {
        return;
    }
    PUT(w, ",\"currentMetrics\":[");
    for (size_t i = 0; i < s->metrics.len; i++) {
        put(w, ",", i > 0 ? 1 : 0);
        put_metric(w, scratch, &s->metrics.items[i], profile);
    }
    PUT(w, "]");
}

void decision_writer_step(struct decision_writer *w, struct arena *scratch, simtime at,
                          const struct hpa_state *state, const struct hpa_decision *d,
                          int32_t spec_replicas)
{
    const struct hpa_status *s = &state->status;
    if (w->steps++ == 0) {
        PUT(w, ",\"steps\":[");
    } else {
        PUT(w, ",");
    }
    PUT(w, "{\"t\":");
    put_time(w, at);
    PUT(w, ",\"currentReplicas\":");
    put_int(w, d->current);
    PUT(w, ",\"desiredReplicas\":");
    put_int(w, s->desired_replicas);
    PUT(w, ",\"specReplicas\":");
    put_int(w, spec_replicas);
    if (d->rescaled) {
        PUT(w, ",\"rescaled\":true");
    } else {
        PUT(w, ",\"rescaled\":false");
    }
    if (s->has_last_scale_time) {
        PUT(w, ",\"lastScaleTime\":");
        put_int(w, whole_seconds(s->last_scale_time));
    }
    put_lists(w, scratch, s, &d->profile);
    PUT(w, "}");
}

void decision_writer_invalid(struct decision_writer *w, const struct hpa_object *object)
{
    struct json_writer *json = json_writer_new(w->arena, false);
    json_list(json);
    for (size_t i = 0; i < object->error_count; i++) {
        json_string(json, object->errors[i].text);
    }
    json_list_end(json);
    PUT(w, ",\"invalid\":");
    put_text(w, written(w->arena, json));
}

void decision_writer_error(struct decision_writer *w, const char *text)
{
    struct json_writer *json = json_writer_new(w->arena, false);
    json_string(json, text);
    w->len = w->head;
    w->steps = 0;
    PUT(w, ",\"error\":");
    put_text(w, written(w->arena, json));
}

const char *decision_writer_text(struct decision_writer *w, size_t *len)
{
    if (w->steps > 0) {
        PUT(w, "]");
    }
    put(w, "}", 2);
    *len = w->len - 1;
    return w->line;
}
