/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what of a Prometheus query_range answer is the load: the one series
 * whose labels pass the filters, or all that pass, added up, when the user says
 * so. Several without that word is an error naming them: picking the first
 * would be a silent guess. Format: Prometheus HTTP API v1, resultType matrix,
 * values [[unix seconds, "number"], ...]. Trap: samples of several series do
 * not all have the same times, and "NaN" is a legal sample.
 */
#include "base/json.h"
#include "base/str.h"
#include "trace_internal.h"

#include <math.h>
#include <string.h>

#define NAMED_MAX 5

static bool label_matches(struct gather *g, const struct node *metric)
{
    bool all = true;
    for (size_t i = 0; i < g->spec->filter_count; i++) {
        const char *text = node_string(node_get(metric, g->spec->filters[i].column));
        text = text ? text : "";
        all &= gather_filter(g, i, text, strlen(text));
    }
    return all;
}

static const char *series_name(struct gather *g, const struct node *metric)
{
    struct strbuf b = {.arena = g->context->diag->arena};
    const char *name = node_string(node_get(metric, "__name__"));
    strbuf_printf(&b, "%s{", name ? name : "");
    size_t count = 0;
    for (const struct node *l = metric ? metric->first : NULL; l; l = l->next) {
        if (str_equal(l->key, "__name__"))
            continue;
        strbuf_printf(&b, "%s%s=\"%s\"", count++ ? ", " : "", l->key, l->text ? l->text : "");
    }
    strbuf_char(&b, '}');
    return strbuf_text(&b);
}

static bool fail(struct gather *g, struct mark at, const char *message)
{
    diag_error(g->context->diag, at, "%s", message);
    g->failed = true;
    return false;
}

static void take_sample(struct gather *g, const struct node *pair)
{
    const struct node *t = pair->first;
    const struct node *v = t ? t->next : NULL;
    int64_t time = 0;
    double value = 0;
    if (pair->kind != NODE_LIST || pair->count != 2 || !t->text || !v->text) {
        fail(g, pair->mark, "a sample must be [seconds, \"value\"]");
        return;
    }
    const char *wrong = clock_read(&g->clock, t->text, t->len, &time);
    if (wrong) {
        fail(g, t->mark, wrong);
        return;
    }
    switch (number_read(v->text, v->len, &value)) {
    case NUMBER_GOOD:
        wrong = gather_value_wrong(g, value);
        break;
    case NUMBER_MISSING:
        value = NAN;
        if (g->spec->gaps == TRACE_GAPS_ERROR)
            wrong = "NaN is no value; set gaps to hold, zero, interpolate or missing";
        break;
    case NUMBER_INFINITE:
        wrong = "a value must be finite";
        break;
    case NUMBER_BAD:
        wrong = "not a number";
        break;
    }
    if (wrong) {
        fail(g, v->mark, wrong);
        return;
    }
    gather_row(g, time, value, t->mark.line, t->mark.col ? t->mark.col - 1 : 0);
}

static void take_series(struct gather *g, const struct node *series)
{
    const struct node *values = node_get(series, "values");
    if (!values || values->kind != NODE_LIST) {
        bool histogram = node_get(series, "histograms") != NULL;
        fail(g, series->mark,
             histogram ? "native histograms have no single value"
                       : "a series must have a list of values");
        return;
    }
    g->used++;
    for (const struct node *pair = values->first; pair; pair = pair->next)
        take_sample(g, pair);
}

static void choose(struct gather *g, const struct node *result)
{
    size_t matching = 0;
    struct strbuf names = {.arena = g->context->diag->arena};
    for (const struct node *s = result->first; s; s = s->next) {
        const struct node *metric = node_get(s, "metric");
        if (!label_matches(g, metric))
            continue;
        matching++;
        if (matching <= NAMED_MAX)
            strbuf_printf(&names, "%s%s", matching > 1 ? "\n" : "", series_name(g, metric));
        if (matching == 1 || g->spec->sum)
            take_series(g, s);
    }
    if (matching < 2 || g->spec->sum)
        return;
    diag_error(g->context->diag, g->spec->mark, "%zu series match; one is needed", matching);
    diag_help(g->context->diag, "filter by a label, or set sum to add them up:\n%s",
              strbuf_text(&names));
    g->failed = true;
}

void trace_read_prometheus(struct gather *g, const char *text, size_t len, uint32_t source)
{
    struct mark whole = {.source = source};
    const struct node *root = json_read(&g->scratch, text, len, source, 1, g->context->diag);
    if (!root) {
        g->failed = true;
        return;
    }
    const char *status = node_string(node_get(root, "status"));
    if (status && !str_equal(status, "success")) {
        const char *why = node_string(node_get(root, "error"));
        diag_error(g->context->diag, whole, "Prometheus answered \"%s\": %s", status,
                   why ? why : "no reason given");
        g->failed = true;
        return;
    }
    const struct node *data = node_get(root, "data");
    data = data ? data : root;
    const char *type = node_string(node_get(data, "resultType"));
    const struct node *result = node_get(data, "result");
    if (!result || result->kind != NODE_LIST || (type && !str_equal(type, "matrix"))) {
        fail(g, result ? result->mark : whole,
             type && !str_equal(type, "matrix")
                 ? "only range queries have a trace (resultType matrix; use query_range)"
                 : "not a Prometheus query_range answer: data.result is missing");
        return;
    }
    choose(g, result);
}
