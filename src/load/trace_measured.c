/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what the rows of a CSV trace add: a measurement, or a request to
 * count. Columns come from the spec, else from well-known names, else time is
 * the first column and the value the only other one; a guess among several
 * would be a silent mistake, so it is an error that lists them. Azure's
 * functions data set has a reader of its own (trace_azure.c). The trap: with
 * filters the columns filtered on are no candidates for the value.
 */
#include "base/str.h"
#include "trace_csv.h"

struct plan {
    size_t time;
    size_t value;  /* SIZE_MAX: count rows */
    size_t weight; /* SIZE_MAX: all 1 */
    size_t *filters;
    const struct trace_filter *filter_specs;
    size_t filter_count;
};

static const char *const time_names[] = {"time",       "timestamp",  "date", "datetime",
                                         "ts",         "start_time", "when", "end_timestamp",
                                         "@timestamp", NULL};
static const char *const value_names[] = {"value", "requests", "count",      "rate", "rps",
                                          "qps",   "req/s",    "requests/s", NULL};

static struct mark column_place(const struct trace_spec *s)
{
    return s->column_mark.line ? s->column_mark : s->mark;
}

static bool is_filter(const struct plan *p, size_t column)
{
    for (size_t i = 0; i < p->filter_count; i++)
        if (p->filters[i] == column)
            return true;
    return false;
}

static bool plan_time(struct gather *g, const struct csv *c, struct plan *p)
{
    const struct trace_spec *s = g->spec;
    if (s->time_column) {
        p->time = csv_column(c, s->time_column, column_place(s));
        return p->time != SIZE_MAX;
    }
    p->time = csv_named(c, time_names);
    if (p->time == SIZE_MAX)
        p->time = 0;
    return true;
}

static bool plan_value(struct gather *g, const struct csv *c, struct plan *p)
{
    const struct trace_spec *s = g->spec;
    p->value = SIZE_MAX;
    if (s->value_column) {
        p->value = csv_column(c, s->value_column, column_place(s));
        return p->value != SIZE_MAX;
    }
    if (g->requests)
        return true;
    if (g->format == TRACE_LOCUST) {
        p->value = csv_column(c, "Requests/s", column_place(s));
        return p->value != SIZE_MAX;
    }
    size_t others = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (i == p->time || is_filter(p, i))
            continue;
        others++;
        p->value = i;
    }
    if (others == 1)
        return true;
    size_t named = csv_named(c, value_names);
    if (named != SIZE_MAX && named != p->time && !is_filter(p, named)) {
        p->value = named;
        return true;
    }
    struct mark at = reader_mark(c->reader, c->header_line, 0);
    diag_error(g->context->diag, at,
               others ? "which column holds the value?" : "there is no column for the value");
    if (others)
        diag_help(g->context->diag, "set valueColumn to one of %s", csv_names(c));
    return false;
}

static bool plan_filters(struct gather *g, const struct csv *c, struct plan *p)
{
    static const struct trace_filter aggregated = {.column = "Name", .value = "Aggregated"};
    p->filter_specs = g->spec->filters;
    p->filter_count = g->spec->filter_count;
    if (g->format == TRACE_LOCUST && p->filter_count == 0) {
        p->filter_specs = &aggregated;
        p->filter_count = 1;
    }
    p->filters = arena_array(&g->scratch, size_t, p->filter_count);
    bool good = true;
    for (size_t i = 0; i < p->filter_count; i++) {
        const struct trace_filter *f = &p->filter_specs[i];
        p->filters[i] = csv_column(c, f->column, f->mark.line ? f->mark : g->spec->mark);
        good &= p->filters[i] != SIZE_MAX;
    }
    return good;
}

/* A column of counts read as a rate is 60 times too much for minutes; say what is done. */
static void tell_unit(struct gather *g, const struct csv *c, const struct plan *p)
{
    static const char *const counted[] = {"count", "counts", "requests", "hits", "invocations"};
    if (g->format != TRACE_CSV || g->spec->unit != TRACE_UNIT_AUTO || g->file > 0)
        return;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        if (!str_equal(c->names[p->value], counted[i]))
            continue;
        diag_note(g->context->diag, reader_mark(c->reader, c->header_line, 0),
                  "\"%s\" is read as a rate per second", counted[i]);
        diag_help(g->context->diag, "set the trace's unit: count per interval, rate or gauge");
    }
}

static bool plan_make(struct gather *g, const struct csv *c, struct plan *p)
{
    bool good = plan_filters(g, c, p);
    good = plan_time(g, c, p) && good;
    good = good && plan_value(g, c, p);
    p->weight = SIZE_MAX;
    if (g->requests && g->spec->weight_column) {
        p->weight = csv_column(c, g->spec->weight_column, column_place(g->spec));
        good &= p->weight != SIZE_MAX;
    }
    if (good)
        tell_unit(g, c, p);
    return good;
}

static bool passes(struct gather *g, const struct csv *c, const struct plan *p)
{
    bool all = true;
    for (size_t i = 0; i < p->filter_count; i++) {
        const struct csv_field *f = &c->fields.items[p->filters[i]];
        if (g->spec->filter_count == 0) {
            all &= text_is(f->text, f->len, p->filter_specs[i].value);
        } else {
            all &= gather_filter(g, i, f->text, f->len);
        }
    }
    return all;
}

static void take_request(struct gather *g, const struct csv *c, const struct plan *p, int64_t time)
{
    double value = 1;
    double weight = 1;
    const struct csv_field *f = c->fields.items;
    if (p->value != SIZE_MAX && !gather_value(g, c->reader, f[p->value].text, f[p->value].len,
                                              f[p->value].col, false, &value))
        return;
    if (p->weight != SIZE_MAX && !gather_value(g, c->reader, f[p->weight].text, f[p->weight].len,
                                               f[p->weight].col, false, &weight))
        return;
    gather_hit(g, c->reader, time, value, weight);
}

static void take_row(struct gather *g, struct csv *c, const struct plan *p)
{
    if (c->fields.len != c->count) {
        reader_error(c->reader, 0, "%zu fields, but the header names %zu columns", c->fields.len,
                     c->count);
        return;
    }
    if (p->filter_count > 0 && !passes(g, c, p))
        return;
    const struct csv_field *t = &c->fields.items[p->time];
    int64_t time = 0;
    const char *wrong = clock_read(&g->clock, t->text, t->len, &time);
    if (wrong) {
        reader_error(c->reader, t->col, "\"%.*s\": %s", (int)(t->len < 60 ? t->len : 60), t->text,
                     wrong);
        return;
    }
    g->used++;
    if (g->requests) {
        take_request(g, c, p, time);
        return;
    }
    const struct csv_field *v = &c->fields.items[p->value];
    double value = 0;
    if (gather_value(g, c->reader, v->text, v->len, v->col, g->spec->gaps != TRACE_GAPS_ERROR,
                     &value))
        gather_row(g, time, value, c->reader->line, t->col);
}

void trace_read_csv(struct gather *g, struct reader *r)
{
    struct csv c;
    struct plan p = {0};
    if (!csv_header(&c, r, &g->scratch, &g->line))
        return;
    if (!plan_make(g, &c, &p)) {
        r->errors++;
        return;
    }
    while (csv_next(&c))
        if (csv_split(&c))
            take_row(g, &c, &p);
}
