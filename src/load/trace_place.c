/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides where in run time a trace lies and what it is worth there: cut, move,
 * play faster, counts to rates, scale, repeat, in the order load/trace.h lists.
 * Every row becomes a piece that holds (or slopes) until the next row; gaps get
 * a piece of their own by policy. Traps: playing a count faster keeps the
 * number of requests, so its rate rises, while a rate stays what it is; and
 * cutting inside an interval must keep the row that began before the cut.
 */
#include "base/str.h"
#include "kube/duration.h"
#include "kube/timestamp.h"
#include "load/pattern.h"
#include "trace_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct placing {
    struct gather *g;
    const struct regular *regular;
    struct trace *out;
    int64_t from; /* kept: [from, to) in trace time */
    int64_t to;
    int64_t origin; /* trace time that becomes run time `offset` */
    double speed;
    double scale;
    double before;
    double after;
};

static simtime map_time(const struct placing *p, int64_t time)
{
    int64_t distance = time - p->origin;
    if (p->speed < 1 || p->speed > 1)
        distance = (int64_t)((double)distance / p->speed);
    return distance + p->g->spec->offset;
}

static bool same(double a, double b)
{
    return (a <= b && a >= b) || (isnan(a) && isnan(b));
}

/* One piece in trace time, cut and moved; equal flat neighbours share a piece. */
static void emit(struct placing *p, int64_t from, int64_t until, double begin, double end)
{
    struct load_segment g = {from, until, begin, end};
    int64_t a = from < p->from ? p->from : from;
    int64_t b = until > p->to ? p->to : until;
    if (a >= b)
        return;
    double first = segment_value(&g, a);
    double last = segment_value(&g, b);
    simtime at = map_time(p, a);
    simtime stop = map_time(p, b);
    struct series *s = &p->out->series;
    if (stop <= at)
        return;
    const struct series_piece *newest = s->pieces.len ? &s->pieces.items[s->pieces.len - 1] : NULL;
    bool joins = newest && same(newest->begin, newest->end) && same(newest->begin, first) &&
                 same(first, last);
    if (!joins)
        series_add(p->g->context->arena, s, at, first, last);
    s->end = stop;
}

static void emit_gap(struct placing *p, const struct trace_row *row, int64_t next, double value)
{
    int64_t normal = row->time + p->regular->interval;
    if (normal > next || p->regular->interval == 0)
        normal = next;
    enum trace_gaps how = p->g->requests ? TRACE_GAPS_ZERO : p->g->spec->gaps;
    switch (how) {
    case TRACE_GAPS_INTERPOLATE:
        emit(p, row->time, next, row->value, value);
        return;
    case TRACE_GAPS_ZERO:
        emit(p, row->time, normal, row->value, row->value);
        emit(p, normal, next, 0, 0);
        return;
    case TRACE_GAPS_MISSING:
        emit(p, row->time, normal, row->value, row->value);
        emit(p, normal, next, NAN, NAN);
        return;
    default:
        emit(p, row->time, next, row->value, row->value);
    }
}

/* Values in their run-time unit, in place. */
static void convert(struct placing *p)
{
    struct trace_row *rows = p->g->rows.items;
    size_t count = p->g->rows.len;
    bool counted = p->g->unit == TRACE_COUNT;
    for (size_t i = 0; i < count; i++) {
        simtime interval = p->regular->interval;
        if (!p->regular->is_regular && i + 1 < count)
            interval = rows[i + 1].time - rows[i].time;
        if (counted)
            rows[i].value = rows[i].value / simtime_to_seconds(interval) * p->speed;
        rows[i].value *= p->scale;
    }
}

static void choose_ends(struct placing *p)
{
    const struct trace_spec *s = p->g->spec;
    enum trace_end end = s->end;
    if (end == TRACE_END_AUTO)
        end = s->gaps == TRACE_GAPS_MISSING ? TRACE_END_MISSING
              : p->g->unit == TRACE_GAUGE   ? TRACE_END_HOLD
                                            : TRACE_END_ZERO;
    const struct trace_row *rows = p->g->rows.items;
    p->before = end == TRACE_END_HOLD ? rows[0].value : end == TRACE_END_MISSING ? NAN : 0;
    p->after = end == TRACE_END_HOLD ? rows[p->g->rows.len - 1].value : p->before;
}

static void draw(struct placing *p)
{
    const struct trace_row *rows = p->g->rows.items;
    size_t count = p->g->rows.len;
    bool linear = p->g->spec->interpolation == TRACE_LINEAR;
    if (p->from < rows[0].time)
        emit(p, p->from, rows[0].time, p->before, p->before);
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        int64_t next = last ? p->regular->end : rows[i + 1].time;
        double value = last ? rows[i].value : rows[i + 1].value;
        if (rows[i].gap || (!last && next - rows[i].time > p->regular->gap_after))
            emit_gap(p, &rows[i], next, value);
        else
            emit(p, rows[i].time, next, rows[i].value, linear ? value : rows[i].value);
    }
    if (p->to > p->regular->end && p->g->spec->to)
        emit(p, p->regular->end, p->to, p->after, p->after);
}

static void repeat(struct placing *p)
{
    struct series *s = &p->out->series;
    uint32_t times = p->g->spec->repeat;
    s->before = p->before;
    s->after = p->after;
    if (times < 2 || s->pieces.len == 0)
        return;
    s->period = s->end - s->pieces.items[0].at;
    bool endless = times == TRACE_FOREVER || (int64_t)times > LOAD_TIME_MAX / s->period;
    s->passes = endless ? 0 : times;
}

static int by_arrival(const void *a, const void *b)
{
    const struct trace_hit *x = a;
    const struct trace_hit *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void place_arrivals(struct placing *p)
{
    struct gather *g = p->g;
    struct trace_arrivals *out = &p->out->arrivals;
    if (g->hits.len == 0)
        return;
    qsort(g->hits.items, g->hits.len, sizeof g->hits.items[0], by_arrival);
    simtime *at = arena_array(g->context->arena, simtime, g->hits.len);
    double *weight =
        g->spec->weight_column ? arena_array(g->context->arena, double, g->hits.len) : NULL;
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < g->hits.len; i++) {
        const struct trace_hit *hit = &g->hits.items[i];
        if (hit->time < p->from || hit->time >= p->to)
            continue;
        at[n] = map_time(p, hit->time);
        if (weight)
            weight[n] = hit->weight;
        sum += hit->weight;
        n++;
    }
    for (size_t i = 0; i < n && weight && sum > 0; i++)
        weight[i] = weight[i] * (double)n / sum;
    out->at = at;
    out->weight = sum > 0 ? weight : NULL;
    out->count = n;
    out->scale = p->scale;
    out->period = p->out->series.period;
    out->passes = p->out->series.passes;
}

/* "1995-07-13" is its midnight. */
static bool parse_calendar(const char *text, int32_t zone, int64_t *out)
{
    if (timestamp_parse(text, zone, out, NULL))
        return true;
    char midnight[] = "0000-00-00 00:00";
    if (strlen(text) != 10)
        return false;
    memcpy(midnight, text, 10);
    return timestamp_parse(midnight, zone, out, NULL);
}

/* A bound the user wrote: a duration from the first row, a calendar time, or a plain number. */
static bool parse_bound(struct placing *p, const char *text, struct mark at, int64_t *out)
{
    struct gather *g = p->g;
    int64_t first = g->rows.items[0].time;
    at = at.line ? at : g->spec->mark;
    if (duration_parse_friendly(text, out)) {
        if (*out < 0 || *out > LOAD_TIME_MAX) {
            diag_error(g->context->diag, at, "\"%s\": a time before the trace's start", text);
            return false;
        }
        *out += first;
        return true;
    }
    bool calendar = clock_is_calendar(&g->clock);
    int32_t zone = g->clock.zone;
    if (!g->spec->zone && g->clock.has_zone_seen)
        zone = g->clock.zone_seen;
    if (parse_calendar(text, zone, out)) {
        *out = *out > CLOCK_LIMIT_NS ? CLOCK_LIMIT_NS : *out;
        *out = *out < -CLOCK_LIMIT_NS ? -CLOCK_LIMIT_NS : *out;
        if (calendar)
            return true;
        diag_error(g->context->diag, at, "\"%s\" is a date, but the trace counts from its start",
                   text);
        diag_help(g->context->diag, "give a duration such as 24h");
        return false;
    }
    struct clock numbers = {.unit = g->clock.unit};
    if (text[0] >= '0' && text[0] <= '9' && clock_read(&numbers, text, strlen(text), out) == NULL &&
        clock_is_calendar(&numbers) == calendar)
        return true;
    diag_error(g->context->diag, at, "\"%s\" is neither a time nor a duration", text);
    diag_help(g->context->diag, "write 24h from the first row, or 1995-07-13T00:00:00-04:00");
    return false;
}

static bool check_cut(struct placing *p)
{
    struct gather *g = p->g;
    const struct trace_spec *s = g->spec;
    int64_t first = g->rows.items[0].time;
    struct mark at = s->from_mark.line ? s->from_mark : s->to_mark.line ? s->to_mark : s->mark;
    if (p->from >= p->to && s->from && s->to) {
        diag_error(g->context->diag, at, "from (%s) is not before to (%s)", s->from, s->to);
        return false;
    }
    if (p->from < p->regular->end && p->to > first)
        return true;
    char a[TIME_TEXT_MAX];
    char b[TIME_TEXT_MAX];
    diag_error(g->context->diag, at, "no rows from %s to %s: the trace runs from %s to %s",
               s->from ? s->from : "its start", s->to ? s->to : "its end",
               gather_time_text(g, first, a), gather_time_text(g, p->regular->end, b));
    return false;
}

static bool find_cut(struct placing *p)
{
    const struct trace_spec *s = p->g->spec;
    p->from = p->g->rows.items[0].time;
    p->to = p->regular->end;
    bool good = !s->from || parse_bound(p, s->from, s->from_mark, &p->from);
    good = (!s->to || parse_bound(p, s->to, s->to_mark, &p->to)) && good;
    return good && check_cut(p);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* All later sums of times stay far from the ends of int64. */
static bool check_span(struct placing *p)
{
    struct gather *g = p->g;
    int64_t first = g->rows.items[0].time;
    int64_t last = g->rows.items[g->rows.len - 1].time;
    int64_t reach = larger(last - first, p->regular->end - first);
    reach = larger(reach, larger(p->from - p->origin, p->origin - p->from));
    reach = larger(reach, larger(p->to - p->origin, p->origin - p->to));
    if (reach <= LOAD_TIME_MAX && (double)reach / p->speed <= (double)LOAD_TIME_MAX)
        return true;
    diag_error(g->context->diag, g->spec->mark, "in run time the trace reaches over 31 years");
    return false;
}

static bool find_origin(struct placing *p)
{
    struct gather *g = p->g;
    p->origin = p->from;
    p->out->has_origin = clock_is_calendar(&g->clock);
    if (g->spec->align == TRACE_ALIGN_ABSOLUTE) {
        if (!p->out->has_origin) {
            diag_error(g->context->diag, g->spec->mark,
                       "a trace that counts from its start cannot be aligned to the calendar");
            return false;
        }
        p->origin = g->context->start_unix_ns;
        if (p->origin > CLOCK_LIMIT_NS || p->origin < -CLOCK_LIMIT_NS) {
            diag_error(g->context->diag, g->spec->mark, "the run starts out of range");
            return false;
        }
    }
    double moved = (double)g->spec->offset * p->speed;
    p->out->origin_unix_ns = p->origin - (fabs(moved) < 4e18 ? (int64_t)moved : 0);
    return true;
}

bool trace_place(struct gather *g, const struct regular *regular, struct trace *out)
{
    struct placing p = {.g = g, .regular = regular, .out = out};
    p.speed = g->spec->speed != 0 ? g->spec->speed : 1;
    p.scale = g->spec->scale != 0 ? g->spec->scale : 1;
    if (regular->interval == 0 && g->unit == TRACE_COUNT) {
        diag_error(g->context->diag, g->spec->mark,
                   "one row does not tell how long its interval is; set interval");
        return false;
    }
    if (!find_cut(&p) || !find_origin(&p) || !check_span(&p))
        return false;
    convert(&p);
    choose_ends(&p);
    draw(&p);
    repeat(&p);
    place_arrivals(&p);
    out->interval = regular->interval;
    return true;
}
