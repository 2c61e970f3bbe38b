/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what is kept of a trace while it is read: measurements row by row,
 * requests as counts per cell of time (memory grows with distinct cells, not
 * with requests), every request only when arrivals are asked for. Servers log
 * when a request ends, so request rows come slightly out of order; a late one
 * is put into its cell by bisection from the end.
 */
#include "base/str.h"
#include "kube/duration.h"
#include "kube/timestamp.h"
#include "load/pattern.h"
#include "trace_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 64

bool text_is(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

const char *gather_value_wrong(const struct gather *g, double v)
{
    if (v < 0 && !g->context->negative_allowed)
        return "a load must not be negative";
    if (v > LOAD_VALUE_MAX || v < -LOAD_VALUE_MAX)
        return "too large, at most 1e15 is accepted";
    return NULL;
}

bool gather_value(struct gather *g, struct reader *r, const char *text, size_t len, size_t col,
                  bool missing, double *out)
{
    const char *wrong = NULL;
    switch (number_read(text, len, out)) {
    case NUMBER_GOOD:
        wrong = gather_value_wrong(g, *out);
        break;
    case NUMBER_MISSING:
        *out = NAN;
        if (missing)
            return true;
        reader_error(r, col, "there is no value here");
        if (!g->requests)
            diag_help(r->diag, "set gaps to hold, zero, interpolate or missing");
        return false;
    case NUMBER_INFINITE:
        wrong = "a value must be finite";
        break;
    case NUMBER_BAD:
        wrong = "not a number";
        break;
    }
    if (!wrong)
        return true;
    reader_error(r, col, "\"%.*s\": %s", (int)(len < 60 ? len : 60), text, wrong);
    return false;
}

bool gather_filter(struct gather *g, size_t i, const char *text, size_t len)
{
    struct filter_seen *seen = &g->seen[i];
    if (text_is(text, len, g->spec->filters[i].value)) {
        seen->matched = true;
        return true;
    }
    char word[128];
    if (seen->words.len < WORDS_MAX && len < sizeof word && !memchr(text, '\0', len)) {
        memcpy(word, text, len);
        word[len] = '\0';
        table_put(&seen->words, word);
    }
    return false;
}

void gather_row(struct gather *g, int64_t time, double value, uint32_t line, size_t col)
{
    struct trace_row *row = vec_push(&g->scratch, &g->rows);
    *row = (struct trace_row){.time = time, .value = value, .line = line};
    row->col = (uint16_t)(col < UINT16_MAX ? col : UINT16_MAX);
    row->file = (uint16_t)g->file;
    row->order = (uint32_t)g->rows.len;
}

/* The index of the first row later than `time`. */
static size_t upper_row(const struct gather *g, int64_t time)
{
    size_t low = 0;
    size_t high = g->rows.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (g->rows.items[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t cell_start(int64_t time, int64_t length)
{
    int64_t rest = time % length;
    return time - (rest < 0 ? rest + length : rest);
}

void gather_hit(struct gather *g, const struct reader *r, int64_t time, double value, double weight)
{
    int64_t cell = cell_start(time, g->interval);
    if (g->spec->arrivals) {
        struct trace_hit *hit = vec_push(&g->scratch, &g->hits);
        *hit = (struct trace_hit){.time = time, .weight = weight, .order = (uint32_t)g->hits.len};
    }
    struct trace_row *last = g->rows.len ? &g->rows.items[g->rows.len - 1] : NULL;
    if (last && last->time == cell) {
        last->value += value;
        return;
    }
    if (!last || cell > last->time) {
        gather_row(g, cell, value, r->line, 0);
        return;
    }
    size_t i = upper_row(g, cell);
    if (i > 0 && g->rows.items[i - 1].time == cell) {
        g->rows.items[i - 1].value += value;
        return;
    }
    gather_row(g, cell, value, r->line, 0);
    struct trace_row late = g->rows.items[g->rows.len - 1];
    memmove(&g->rows.items[i + 1], &g->rows.items[i],
            (g->rows.len - 1 - i) * sizeof g->rows.items[0]);
    g->rows.items[i] = late;
}

char *gather_time_text(const struct gather *g, int64_t time, char buffer[TIME_TEXT_MAX])
{
    if (clock_is_calendar(&g->clock)) {
        int32_t zone = g->clock.has_zone_seen ? g->clock.zone_seen : g->clock.zone;
        return timestamp_format(buffer, time, zone);
    }
    char text[DURATION_MAX];
    snprintf(buffer, TIME_TEXT_MAX, "%s from the start", duration_format(text, time));
    return buffer;
}

struct mark gather_row_mark(struct gather *g, const struct trace_row *row)
{
    return reader_mark(&g->readers[row->file], row->line, row->col);
}
