/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a trace, under several specs: never a crash; a failure comes
 * with an error; and a series that was accepted has rising pieces, finite
 * values (or none), nothing negative, and segments that touch.
 */
#include "base/require.h"
#include "load/trace.h"

#include "fuzz.h"

#include <math.h>

static void require_series(const struct series *s)
{
    for (size_t i = 0; i < s->pieces.len; i++) {
        const struct series_piece *p = &s->pieces.items[i];
        simtime until = i + 1 < s->pieces.len ? p[1].at : s->end;
        require(p->at < until);
        require(isnan(p->begin) || (isfinite(p->begin) && p->begin >= 0));
        require(isnan(p->end) == isnan(p->begin) && !(p->end < 0));
    }
    size_t hint = 0;
    simtime t = 0;
    for (int i = 0; i < 50 && t < SIMTIME_NEVER / 2; i++) {
        struct load_segment g = series_segment(s, t, &hint);
        struct load_segment again = series_segment(s, t, NULL);
        require(g.from <= t && t < g.until && g.from == again.from && g.until == again.until);
        t = g.until;
    }
}

static void require_arrivals(const struct trace_arrivals *t)
{
    for (size_t i = 1; i < t->count; i++)
        require(t->at[i] >= t->at[i - 1]);
    for (size_t i = 0; t->weight && i < t->count; i++)
        require(t->weight[i] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct trace_filter filters[] = {{"app", "a", {0}}};
    static const struct trace_spec specs[] = {
        {.scale = 1},
        {.gaps = TRACE_GAPS_HOLD, .duplicates = TRACE_DUPLICATES_MEAN, .unit = TRACE_COUNT},
        {.gaps = TRACE_GAPS_MISSING,
         .sum = true,
         .interpolation = TRACE_LINEAR,
         .speed = 3,
         .repeat = TRACE_FOREVER,
         .from = "10s",
         .to = "2024-01-01"},
        {.gaps = TRACE_GAPS_INTERPOLATE,
         .duplicates = TRACE_DUPLICATES_LAST,
         .filters = filters,
         .filter_count = 1,
         .repeat = 3,
         .offset = -SIMTIME_MINUTE},
        {.format = TRACE_REQUESTS, .arrivals = true, .weight_column = "value", .repeat = 2},
        {.format = TRACE_ACCESS_LOG, .arrivals = true, .interval = SIMTIME_MINUTE},
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct trace_context c = {.arena = &a, .diag = &d};
        struct trace trace;
        bool good = trace_read_text(&specs[i], &c, (const char *)data, size, &trace);
        require(good || d.errors > 0);
        if (good) {
            require_series(&trace.series);
            require_arrivals(&trace.arrivals);
        }
        arena_drop(&a);
    }
    return 0;
}
