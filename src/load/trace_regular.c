/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether gathered rows form a proper series: rising times, one row a
 * time, samples where the rhythm wants them. The rhythm is the median step; a
 * trace whose steps mostly differ has none, and then nothing is called a gap.
 * Everything wrong is an error with its line unless the spec has a policy for
 * it: replaying a broken trace silently would answer another question. The
 * trap: rows of several series added up arrive series by series, so they are
 * sorted first; otherwise a falling time is a mistake in the file.
 */
#include "kube/duration.h"
#include "load/pattern.h"
#include "trace_internal.h"

#include <math.h>
#include <stdlib.h>

#define STEPS_MAX 9999
#define TOLD_MAX  5 /* errors of one kind */

static int by_time(const void *a, const void *b)
{
    const struct trace_row *x = a;
    const struct trace_row *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static bool check_order(struct gather *g)
{
    if (g->spec->sum)
        qsort(g->rows.items, g->rows.len, sizeof g->rows.items[0], by_time);
    size_t wrong = 0;
    for (size_t i = 1; i < g->rows.len; i++) {
        const struct trace_row *row = &g->rows.items[i];
        if (row->time >= row[-1].time || wrong++ >= TOLD_MAX)
            continue;
        char now[TIME_TEXT_MAX];
        char before[TIME_TEXT_MAX];
        diag_error(g->context->diag, gather_row_mark(g, row),
                   "time runs backwards: %s comes after %s (line %u)",
                   gather_time_text(g, row->time, now), gather_time_text(g, row[-1].time, before),
                   row[-1].line);
        if (wrong == 1 && g->clock.kind == CLOCK_ZONELESS)
            diag_help(g->context->diag,
                      "local times go back an hour when summer ends; export the trace in UTC");
    }
    if (wrong > TOLD_MAX)
        diag_help(g->context->diag, "so it is at %zu places in all", wrong);
    return wrong == 0;
}

static double combine(enum trace_duplicates how, double old, double new, size_t count)
{
    switch (how) {
    case TRACE_DUPLICATES_LAST:
        return new;
    case TRACE_DUPLICATES_SUM:
        return isnan(old) ? new : isnan(new) ? old : old + new;
    case TRACE_DUPLICATES_MEAN:
        return old + (new - old) / (double)count;
    default:
        return old;
    }
}

static bool merge_duplicates(struct gather *g)
{
    enum trace_duplicates how = g->spec->sum ? TRACE_DUPLICATES_SUM : g->spec->duplicates;
    size_t kept = 0;
    size_t wrong = 0;
    size_t count = 1;
    for (size_t i = 1; i < g->rows.len; i++) {
        struct trace_row *row = &g->rows.items[i];
        struct trace_row *last = &g->rows.items[kept];
        if (row->time != last->time) {
            g->rows.items[++kept] = *row;
            count = 1;
            continue;
        }
        if (how == TRACE_DUPLICATES_STEP) {
            g->rows.items[++kept] = *row;
            continue;
        }
        last->value = combine(how, last->value, row->value, ++count);
        if (how != TRACE_DUPLICATES_ERROR || wrong++ >= TOLD_MAX)
            continue;
        char text[TIME_TEXT_MAX];
        diag_error(g->context->diag, gather_row_mark(g, row), "a second row for %s (line %u)",
                   gather_time_text(g, row->time, text), last->line);
        if (wrong == 1)
            diag_help(g->context->diag, "set duplicates to first, last, mean, sum or step");
    }
    if (wrong > TOLD_MAX)
        diag_help(g->context->diag, "so it is at %zu places in all", wrong);
    g->rows.len = g->rows.len ? kept + 1 : 0;
    return wrong == 0;
}

/* The median step, of up to STEPS_MAX steps spread over the trace. */
static simtime median_step(struct gather *g)
{
    size_t steps = g->rows.len - 1;
    size_t stride = steps / STEPS_MAX + 1;
    int64_t *list = arena_array(&g->scratch, int64_t, STEPS_MAX);
    size_t n = 0;
    for (size_t i = 0; i < steps && n < STEPS_MAX; i += stride)
        list[n++] = g->rows.items[i + 1].time - g->rows.items[i].time;
    qsort(list, n, sizeof *list, by_size);
    return list[n / 2];
}

static bool mostly(const struct gather *g, simtime step)
{
    size_t alike = 0;
    for (size_t i = 1; i < g->rows.len; i++) {
        int64_t difference = g->rows.items[i].time - g->rows.items[i - 1].time - step;
        alike += difference <= step / 10 && difference >= -(step / 10);
    }
    return 2 * alike > g->rows.len - 1;
}

/* Time from the first row to the last; errors before steps are added to it. */
static bool check_length(struct gather *g)
{
    const struct trace_row *last = &g->rows.items[g->rows.len - 1];
    if (last->time - g->rows.items[0].time <= LOAD_TIME_MAX)
        return true;
    diag_error(g->context->diag, gather_row_mark(g, last), "the trace spans over 31 years");
    return false;
}

static void find_rhythm(struct gather *g, struct regular *out)
{
    *out = (struct regular){.interval = g->interval, .is_regular = true};
    if (out->interval == 0 && g->rows.len > 1) {
        out->interval = median_step(g);
        out->is_regular = mostly(g, out->interval);
    }
    simtime gap = g->spec->gap_after;
    if (gap == 0 && g->format == TRACE_LOCUST) /* its clock skips a second now and then */
        gap = out->interval < LOAD_TIME_MAX / 10 ? 10 * out->interval : SIMTIME_NEVER;
    if (gap == 0)
        gap = out->is_regular && out->interval > 0 ? out->interval + out->interval / 2
                                                   : SIMTIME_NEVER;
    out->gap_after = g->requests ? out->interval : gap;
    const struct trace_row *last = &g->rows.items[g->rows.len - 1];
    out->end = last->time + (out->interval > 0 ? out->interval : SIMTIME_SECOND);
}

/* Takes out rows without a sample; what stood before them notes the gap. */
static bool drop_missing(struct gather *g)
{
    size_t kept = 0;
    size_t leading = 0;
    struct trace_row first = g->rows.items[0];
    for (size_t i = 0; i < g->rows.len; i++) {
        if (!isnan(g->rows.items[i].value))
            g->rows.items[kept++] = g->rows.items[i];
        else if (kept > 0)
            g->rows.items[kept - 1].gap = true;
        else
            leading++;
    }
    g->rows.len = kept;
    if (kept == 0) {
        diag_error(g->context->diag, gather_row_mark(g, &first), "no row has a value");
        return false;
    }
    if (leading == 0)
        return true;
    bool held = g->spec->gaps == TRACE_GAPS_HOLD || g->spec->gaps == TRACE_GAPS_INTERPOLATE;
    if (held) {
        g->rows.items[0].time = first.time; /* nothing before it to hold */
        return true;
    }
    first.value = g->spec->gaps == TRACE_GAPS_ZERO ? 0 : NAN;
    vec_push(&g->scratch, &g->rows);
    for (size_t i = kept; i > 0; i--)
        g->rows.items[i] = g->rows.items[i - 1];
    g->rows.items[0] = first;
    g->rows.items[0].gap = true;
    return true;
}

static bool check_gaps(struct gather *g, const struct regular *r)
{
    if (g->spec->gaps != TRACE_GAPS_ERROR || g->requests)
        return true;
    size_t wrong = 0;
    for (size_t i = 1; i < g->rows.len; i++) {
        const struct trace_row *row = &g->rows.items[i];
        if (row->time - row[-1].time <= r->gap_after || wrong++ >= TOLD_MAX)
            continue;
        char step[DURATION_MAX];
        char usual[DURATION_MAX];
        char before[TIME_TEXT_MAX];
        diag_error(g->context->diag, gather_row_mark(g, row),
                   "a gap of %s after %s (line %u); rows are %s apart",
                   duration_format(step, row->time - row[-1].time),
                   gather_time_text(g, row[-1].time, before), row[-1].line,
                   duration_format(usual, r->interval));
        if (wrong == 1)
            diag_help(g->context->diag, "set gaps to hold, zero, interpolate or missing");
    }
    if (wrong > TOLD_MAX)
        diag_help(g->context->diag, "so it is at %zu places in all", wrong);
    return wrong == 0;
}

bool trace_regulate(struct gather *g, struct regular *out)
{
    if (!check_order(g) || !merge_duplicates(g) || !check_length(g))
        return false;
    find_rhythm(g, out);
    return drop_missing(g) && check_gaps(g, out);
}
