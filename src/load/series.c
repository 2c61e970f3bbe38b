/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the value of a piecewise linear function at a time. Lookup tries the
 * hinted piece and its successor first, since simulations ask in rising order,
 * and falls back to bisection. A periodic series is looked up in its first
 * period and the answer moved. The trap: a segment must not depend on the time
 * asked for, only on which segment holds it, or different step lengths would
 * give different sums; so segments are always whole pieces.
 */
#include "load/series.h"

#include "base/require.h"

#include <math.h>

void series_add(struct arena *a, struct series *s, simtime at, double begin, double end)
{
    require(s->pieces.len == 0 || at > s->pieces.items[s->pieces.len - 1].at);
    struct series_piece *p = vec_push(a, &s->pieces);
    p->at = at;
    p->begin = begin;
    p->end = end;
}

static size_t bisect(const struct series *s, simtime t)
{
    size_t low = 0;
    size_t high = s->pieces.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->pieces.items[middle].at <= t)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static simtime piece_until(const struct series *s, size_t i)
{
    return i + 1 < s->pieces.len ? s->pieces.items[i + 1].at : s->end;
}

/* The piece holding t, which lies in [first, end). */
static size_t piece_find(const struct series *s, simtime t, size_t *hint)
{
    size_t i = hint ? *hint : 0;
    if (i >= s->pieces.len || t < s->pieces.items[i].at)
        i = bisect(s, t);
    else if (t >= piece_until(s, i)) {
        i++;
        if (i >= s->pieces.len || t < s->pieces.items[i].at || t >= piece_until(s, i))
            i = bisect(s, t);
    }
    if (hint)
        *hint = i;
    return i;
}

static struct load_segment flat(simtime from, simtime until, double value)
{
    return (struct load_segment){from, until, value, value};
}

struct load_segment series_segment(const struct series *s, simtime t, size_t *hint)
{
    if (s->pieces.len == 0)
        return flat(INT64_MIN, SIMTIME_NEVER, s->after);
    simtime first = s->pieces.items[0].at;
    if (t < first)
        return flat(INT64_MIN, first, s->before);
    simtime shift = 0;
    if (s->period > 0) {
        int64_t pass = (t - first) / s->period;
        if (s->passes > 0 && pass >= (int64_t)s->passes)
            return flat(first + s->period * (int64_t)s->passes, SIMTIME_NEVER, s->after);
        shift = pass * s->period;
    } else if (t >= s->end) {
        return flat(s->end, SIMTIME_NEVER, s->after);
    }
    size_t i = piece_find(s, t - shift, hint);
    const struct series_piece *p = &s->pieces.items[i];
    simtime until = piece_until(s, i);
    if (until != SIMTIME_NEVER)
        until += shift;
    return (struct load_segment){p->at + shift, until, p->begin, p->end};
}

simtime series_end(const struct series *s)
{
    if (s->pieces.len == 0)
        return 0;
    if (s->period > 0)
        return s->passes == 0 ? SIMTIME_NEVER
                              : s->pieces.items[0].at + s->period * (int64_t)s->passes;
    return s->end == SIMTIME_NEVER ? s->pieces.items[s->pieces.len - 1].at : s->end;
}

double series_integral(const struct series *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->pieces.len; i++) {
        const struct series_piece *p = &s->pieces.items[i];
        struct load_segment g = {p->at, piece_until(s, i), p->begin, p->end};
        if (g.until != SIMTIME_NEVER)
            sum += segment_integral(&g, g.from, g.until);
    }
    return sum;
}

bool series_range(const struct series *s, double *lowest, double *highest)
{
    bool any = false;
    for (size_t i = 0; i < s->pieces.len; i++) {
        const struct series_piece *p = &s->pieces.items[i];
        if (isnan(p->begin))
            continue;
        double low = p->begin < p->end ? p->begin : p->end;
        double high = p->begin < p->end ? p->end : p->begin;
        *lowest = any && *lowest < low ? *lowest : low;
        *highest = any && *highest > high ? *highest : high;
        any = true;
    }
    return any;
}

double segment_value(const struct load_segment *g, simtime t)
{
    if (!(g->begin < g->end) && !(g->begin > g->end))
        return g->begin;
    if (t >= g->until)
        return g->end;
    double part = (double)(t - g->from) / (double)(g->until - g->from);
    return g->begin + (g->end - g->begin) * part;
}

double segment_integral(const struct load_segment *g, simtime t0, simtime t1)
{
    if (isnan(g->begin))
        return 0;
    double mean = (segment_value(g, t0) + segment_value(g, t1)) / 2;
    return mean * ((double)(t1 - t0) / 1e9);
}
