/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how a day of Azure's functions data set of 2019 is read
 * (invocations_per_function_md.anon.dNN.csv): a row is a function, the columns
 * named 1 to 1440 its invocations in each minute of the day. Rows that pass the
 * filters (HashOwner, HashApp, HashFunction, Trigger) are added up; files are
 * days, in the order given. Trap: a day has 50,000 rows of 1,440 cells, so only
 * the sums are kept.
 */
#include "base/str.h"
#include "trace_csv.h"

#define MINUTES   1440
#define DAY_NS    INT64_C(86400000000000)
#define MINUTE_NS INT64_C(60000000000)

struct azure_day {
    double minutes[MINUTES];
    size_t columns[MINUTES];
    size_t *filters;
};

static bool find_columns(struct gather *g, const struct csv *c, struct azure_day *d)
{
    const struct trace_spec *s = g->spec;
    bool good = true;
    d->filters = arena_array(&g->scratch, size_t, s->filter_count);
    for (size_t i = 0; i < s->filter_count; i++) {
        const struct trace_filter *f = &s->filters[i];
        d->filters[i] = csv_column(c, f->column, f->mark.line ? f->mark : s->mark);
        good &= d->filters[i] != SIZE_MAX;
    }
    for (size_t i = 0; i < MINUTES; i++)
        d->columns[i] = SIZE_MAX;
    size_t found = 0;
    for (size_t i = 0; i < c->count; i++) {
        int64_t minute = 0;
        if (!str_to_int64(c->names[i], &minute) || minute < 1 || minute > MINUTES)
            continue;
        found += d->columns[minute - 1] == SIZE_MAX;
        d->columns[minute - 1] = i;
    }
    if (found == MINUTES)
        return good;
    diag_error(g->context->diag, reader_mark(c->reader, c->header_line, 0),
               "the header names %zu of the minutes 1 to 1440", found);
    return false;
}

static void take_row(struct gather *g, struct csv *c, struct azure_day *d)
{
    if (c->fields.len != c->count) {
        reader_error(c->reader, 0, "%zu fields, but the header names %zu columns", c->fields.len,
                     c->count);
        return;
    }
    bool wanted = true;
    for (size_t i = 0; i < g->spec->filter_count; i++) {
        const struct csv_field *f = &c->fields.items[d->filters[i]];
        wanted &= gather_filter(g, i, f->text, f->len);
    }
    if (!wanted)
        return;
    g->used++;
    for (size_t i = 0; i < MINUTES; i++) {
        const struct csv_field *f = &c->fields.items[d->columns[i]];
        double count = 0;
        if (gather_value(g, c->reader, f->text, f->len, f->col, false, &count))
            d->minutes[i] += count;
    }
}

void trace_read_azure(struct gather *g, struct reader *r)
{
    struct csv c;
    struct azure_day *d = arena_new(&g->scratch, struct azure_day);
    if (!csv_header(&c, r, &g->scratch, &g->line))
        return;
    if (!find_columns(g, &c, d)) {
        r->errors++;
        return;
    }
    size_t before = g->used;
    while (csv_next(&c))
        if (csv_split(&c))
            take_row(g, &c, d);
    g->clock.kind = CLOCK_START;
    for (size_t i = 0; i < MINUTES && g->used > before; i++)
        gather_row(g, (int64_t)g->file * DAY_NS + (int64_t)i * MINUTE_NS, d->minutes[i],
                   c.header_line, 0);
}
