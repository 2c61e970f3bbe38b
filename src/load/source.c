/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the offered load at a time. Every node answers with the straight
 * segment around t; combining nodes intersect their terms' segments. A cursor
 * keeps each node's newest segment, so a simulation stepping forward seldom
 * looks further than that. The trap: a segment must be a function of where t
 * lies, never of the question asked before; and random nodes draw per cell, by
 * its number, so that integrals taken in other steps see the same load.
 */
#include "load/source.h"

#include "engine/rng.h"
#include "source_internal.h"

#include <math.h>

static struct load_segment flat(simtime from, simtime until, double value)
{
    return (struct load_segment){from, until, value, value};
}

static bool slopes(const struct load_segment *g)
{
    return g->begin < g->end || g->begin > g->end;
}

static bool holds(const struct load_segment *g, simtime t)
{
    return t >= g->from && t < g->until;
}

/* The part of g within [from, until). */
static struct load_segment clip(const struct load_segment *g, simtime from, simtime until)
{
    struct load_segment r = *g;
    if (from > g->from) {
        r.from = from;
        r.begin = segment_value(g, from);
    }
    if (until < g->until) {
        r.until = until;
        r.end = segment_value(g, until);
    }
    return r;
}

/* The cell of this length holding t >= 0. */
static struct load_segment cell_of(simtime t, simtime length)
{
    simtime from = t / length * length;
    return flat(from, simtime_add(from, length), 0);
}

static double node_integral(const struct load_node *n, struct load_cursor *c, simtime t0,
                            simtime t1)
{
    double sum = 0;
    while (t0 < t1) {
        struct load_segment g = node_segment(n, c, t0);
        simtime stop = g.until < t1 ? g.until : t1;
        sum += segment_integral(&g, t0, stop);
        t0 = stop;
    }
    return sum;
}

static struct load_segment poisson_segment(const struct load_node *n, struct load_cursor *c,
                                           simtime t)
{
    struct load_segment g = cell_of(t, n->cell);
    double seconds = simtime_to_seconds(n->cell);
    double mean = n->rate * seconds;
    if (n->count > 0) {
        struct load_segment of = node_segment(n->terms[0], c, g.from);
        if (isnan(of.begin))
            return flat(g.from, g.until, NAN);
        mean = node_integral(n->terms[0], c, g.from, g.until);
    }
    double count = pattern_draw_poisson(c->nodes[n->id].key, g.from / n->cell, mean);
    return flat(g.from, g.until, count / seconds);
}

static struct load_segment noise_segment(const struct load_node *n, struct load_cursor *c,
                                         simtime t)
{
    struct load_segment g = cell_of(t, n->cell);
    double factor =
        pattern_draw_noise(c->nodes[n->id].key, g.from / n->cell, n->distribution, n->sd);
    if (n->count == 0)
        return flat(g.from, g.until, factor);
    struct load_segment of = node_segment(n->terms[0], c, t);
    of = clip(&of, g.from, g.until);
    of.begin *= factor;
    of.end *= factor;
    return of;
}

static int mmpp_state(const struct load_node *n, uint64_t key, int64_t sojourn)
{
    double first = (double)n->sojourns[0];
    double share = first / (first + (double)n->sojourns[1]);
    int start = pattern_draw_uniform(key, -1) < share ? 0 : 1;
    return start ^ (int)(sojourn & 1);
}

static simtime mmpp_length(const struct load_node *n, uint64_t key, int64_t sojourn)
{
    return pattern_draw_exponential(key, sojourn, n->sojourns[mmpp_state(n, key, sojourn)]);
}

/* Sojourns are numbered, each length a function of its number: walking back undoes walking on. */
static struct load_segment mmpp_segment(const struct load_node *n, struct load_cursor *c, simtime t)
{
    struct load_node_state *s = &c->nodes[n->id];
    while (t < s->sojourn_at) {
        s->sojourn--;
        s->sojourn_at -= mmpp_length(n, s->key, s->sojourn);
    }
    simtime until = simtime_add(s->sojourn_at, mmpp_length(n, s->key, s->sojourn));
    while (t >= until) {
        s->sojourn++;
        s->sojourn_at = until;
        until = simtime_add(until, mmpp_length(n, s->key, s->sojourn));
    }
    return flat(s->sojourn_at, until, n->rates[mmpp_state(n, s->key, s->sojourn)]);
}

static struct load_segment common_segment(const struct load_node *n, struct load_cursor *c,
                                          simtime t, size_t *sloping)
{
    struct load_segment r = flat(INT64_MIN, SIMTIME_NEVER, 0);
    *sloping = 0;
    for (size_t i = 0; i < n->count; i++) {
        struct load_segment g = node_segment(n->terms[i], c, t);
        r.from = g.from > r.from ? g.from : r.from;
        r.until = g.until < r.until ? g.until : r.until;
        *sloping += slopes(&g);
    }
    return r;
}

static struct load_segment sum_segment(const struct load_node *n, struct load_cursor *c, simtime t)
{
    size_t sloping = 0;
    struct load_segment r = common_segment(n, c, t, &sloping);
    for (size_t i = 0; i < n->count; i++) {
        struct load_segment g = node_segment(n->terms[i], c, t);
        r.begin += segment_value(&g, r.from);
        r.end += segment_value(&g, r.until);
    }
    return r;
}

static struct load_segment product_segment(const struct load_node *n, struct load_cursor *c,
                                           simtime t)
{
    size_t sloping = 0;
    struct load_segment r = common_segment(n, c, t, &sloping);
    if (sloping > 1) {
        struct load_segment second = cell_of(t, SIMTIME_SECOND);
        r = clip(&r, second.from, second.until);
    }
    r.begin = 1;
    r.end = 1;
    for (size_t i = 0; i < n->count; i++) {
        struct load_segment g = node_segment(n->terms[i], c, t);
        r.begin *= segment_value(&g, r.from);
        r.end *= segment_value(&g, r.until);
    }
    return r;
}

static double limit(const struct load_node *n, double v)
{
    if (v < n->min)
        return n->min;
    return v > n->max ? n->max : v; /* NaN stays */
}

/* Where the sloping g crosses a level, at the nanosecond after; g.until when it does not. */
static simtime crossing(const struct load_segment *g, double level)
{
    double part = (level - g->begin) / (g->end - g->begin);
    if (!(part > 0 && part < 1))
        return g->until;
    simtime at = g->from + (simtime)ceil(part * (double)(g->until - g->from));
    return at > g->from && at < g->until ? at : g->until;
}

static struct load_segment clamp_segment(const struct load_node *n, struct load_cursor *c,
                                         simtime t)
{
    struct load_segment g = node_segment(n->terms[0], c, t);
    if (!slopes(&g))
        return flat(g.from, g.until, limit(n, g.begin));
    simtime cuts[2] = {crossing(&g, n->min), crossing(&g, n->max)};
    struct load_segment r = g;
    for (int i = 0; i < 2; i++) {
        if (cuts[i] <= t && cuts[i] > r.from)
            r = clip(&r, cuts[i], r.until);
        else if (cuts[i] > t && cuts[i] < r.until)
            r = clip(&r, r.from, cuts[i]);
    }
    r.begin = limit(n, segment_value(&g, r.from));
    r.end = limit(n, segment_value(&g, r.until));
    return r;
}

static struct load_segment shift_segment(const struct load_node *n, struct load_cursor *c,
                                         simtime t)
{
    if (t < n->offset)
        return flat(INT64_MIN, n->offset, 0);
    simtime shift = n->offset;
    if (n->every > 0)
        shift += (t - n->offset) / n->every * n->every;
    struct load_segment g = node_segment(n->terms[0], c, t - shift);
    g = clip(&g, 0, n->every > 0 ? n->every : SIMTIME_NEVER);
    g.from += shift;
    if (g.until != SIMTIME_NEVER)
        g.until += shift;
    return g;
}

static struct load_segment compute(const struct load_node *n, struct load_cursor *c, simtime t)
{
    switch (n->op) {
    case OP_SERIES:
        return series_segment(&n->series, t, &c->nodes[n->id].hint);
    case OP_POISSON:
        return poisson_segment(n, c, t);
    case OP_MMPP:
        return mmpp_segment(n, c, t);
    case OP_NOISE:
        return noise_segment(n, c, t);
    case OP_SUM:
        return sum_segment(n, c, t);
    case OP_PRODUCT:
        return product_segment(n, c, t);
    case OP_CLAMP:
        return clamp_segment(n, c, t);
    case OP_SHIFT:
        break;
    }
    return shift_segment(n, c, t);
}

struct load_segment node_segment(const struct load_node *n, struct load_cursor *c, simtime t)
{
    struct load_node_state *s = &c->nodes[n->id];
    if (holds(&s->segment, t))
        return s->segment;
    struct load_segment g = compute(n, c, t);
    g.begin *= n->scale;
    g.end *= n->scale;
    s->segment = g;
    return g;
}

static void keys_init(const struct load_node *n, struct load_cursor *c, uint64_t seed)
{
    c->nodes[n->id].key = rng_key(seed, n->name, "load");
    for (size_t i = 0; i < n->count; i++)
        keys_init(n->terms[i], c, seed);
}

void load_cursor_init(struct load_cursor *cursor, const struct load_source *source, uint64_t seed,
                      struct arena *a)
{
    *cursor = (struct load_cursor){.source = source};
    cursor->nodes = arena_array(a, struct load_node_state, source->node_count);
    keys_init(source->root, cursor, seed);
}

struct load_segment load_segment_at(const struct load_source *source, struct load_cursor *cursor,
                                    simtime t)
{
    if (!holds(&cursor->segment, t))
        cursor->segment = node_segment(source->root, cursor, t);
    return cursor->segment;
}

double load_value(const struct load_source *source, struct load_cursor *cursor, simtime t)
{
    struct load_segment g = load_segment_at(source, cursor, t);
    return segment_value(&g, t);
}

simtime load_next_change(const struct load_source *source, struct load_cursor *cursor, simtime t)
{
    return load_segment_at(source, cursor, t).until;
}

/* From 0: whole segments are remembered, so the sum does not depend on who asked before. */
static double integral_from_start(const struct load_source *source, struct load_cursor *cursor,
                                  simtime t1)
{
    if (cursor->summed_until > t1) {
        cursor->summed_until = 0;
        cursor->sum = 0;
    }
    while (cursor->summed_until < t1) {
        simtime from = cursor->summed_until;
        struct load_segment g = load_segment_at(source, cursor, from);
        if (g.until > t1)
            return cursor->sum + segment_integral(&g, from, t1);
        cursor->sum += segment_integral(&g, from, g.until);
        cursor->summed_until = g.until;
    }
    return cursor->sum;
}

double load_integral(const struct load_source *source, struct load_cursor *cursor, simtime t0,
                     simtime t1)
{
    if (t0 == 0)
        return integral_from_start(source, cursor, t1);
    double sum = 0;
    while (t0 < t1) {
        struct load_segment g = load_segment_at(source, cursor, t0);
        simtime stop = g.until < t1 ? g.until : t1;
        sum += segment_integral(&g, t0, stop);
        t0 = stop;
    }
    return sum;
}
