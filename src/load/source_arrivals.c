/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the exact times of requests that a trace recorded one by one. A
 * scaled trace copies or thins rows: the whole part of the scale always, the
 * rest by a draw that belongs to the row, so a larger scale keeps the requests
 * of a smaller one. Copies are spread over the time to the next row; sent at
 * the same instant they would be bursts nobody recorded. Sums merge by time,
 * ties by position. The trap: the series of the same trace is scaled exactly,
 * arrivals only on average.
 */
#include "load/source.h"

#include "source_internal.h"

#include <math.h>

static void row_prepare(const struct load_node *n, struct load_node_state *s)
{
    double whole = floor(n->copies);
    double rest = n->copies - whole;
    s->row_copies = (uint32_t)whole;
    if (rest > 0) {
        int64_t number = s->pass * (int64_t)n->arrivals.count + (int64_t)s->row;
        s->row_copies += pattern_draw_uniform(s->key, number) < rest;
    }
    s->copy = 0;
    s->row_ready = true;
}

static void row_advance(const struct load_node *n, struct load_node_state *s)
{
    const struct trace_arrivals *t = &n->arrivals;
    s->row_ready = false;
    s->row++;
    if (s->row < t->count)
        return;
    s->row = 0;
    s->pass++;
    if (t->period == 0 || (t->passes > 0 && s->pass >= (int64_t)t->passes) ||
        s->pass > (SIMTIME_NEVER / 2) / t->period)
        s->exhausted = true;
}

/* Time from this row to the next one, of the next pass if need be; 0 after the very last. */
static simtime row_gap(const struct trace_arrivals *t, size_t row)
{
    if (row + 1 < t->count)
        return t->at[row + 1] - t->at[row];
    simtime gap = t->period > 0 ? t->at[0] + t->period - t->at[row] : 0;
    return gap > 0 ? gap : 0;
}

static bool leaf_next(const struct load_node *n, struct load_node_state *s)
{
    const struct trace_arrivals *t = &n->arrivals;
    s->exhausted |= !(n->copies > 0);
    while (!s->exhausted) {
        if (!s->row_ready)
            row_prepare(n, s);
        if (s->copy >= s->row_copies) {
            row_advance(n, s);
            continue;
        }
        double part = (double)s->copy / (double)s->row_copies;
        simtime at = t->at[s->row] + s->pass * t->period;
        at += (simtime)(part * (double)row_gap(t, s->row));
        s->copy++;
        s->next = (struct load_arrival){at, t->weight ? t->weight[s->row] : 1};
        if (at >= 0)
            return true;
    }
    return false;
}

/* Looks at the next arrival without taking it. */
static bool node_peek(const struct load_node *n, struct load_cursor *c)
{
    struct load_node_state *s = &c->nodes[n->id];
    if (s->peeked || s->exhausted)
        return s->peeked;
    if (n->op == OP_SERIES) {
        s->peeked = leaf_next(n, s);
        return s->peeked;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!n->terms[i]->has_arrivals || !node_peek(n->terms[i], c))
            continue;
        const struct load_arrival *other = &c->nodes[n->terms[i]->id].next;
        if (s->peeked && s->next.at <= other->at)
            continue;
        s->next = *other;
        s->row = i; /* whose it is */
        s->peeked = true;
    }
    s->exhausted = !s->peeked;
    if (s->peeked && n->op == OP_SHIFT)
        s->next.at += n->offset;
    return s->peeked;
}

static void node_take(const struct load_node *n, struct load_cursor *c)
{
    struct load_node_state *s = &c->nodes[n->id];
    s->peeked = false;
    if (n->op != OP_SERIES)
        node_take(n->terms[s->row], c);
}

bool load_next_arrival(struct load_cursor *cursor, struct load_arrival *out)
{
    const struct load_node *root = cursor->source->root;
    do {
        if (!cursor->source->has_arrivals || !node_peek(root, cursor))
            return false;
        *out = cursor->nodes[root->id].next;
        node_take(root, cursor);
    } while (out->at < 0); /* a shift to before the start */
    return true;
}

static void rewind_node(const struct load_node *n, struct load_cursor *c)
{
    struct load_node_state *s = &c->nodes[n->id];
    s->row = 0;
    s->pass = 0;
    s->row_ready = false;
    s->peeked = false;
    s->exhausted = false;
    for (size_t i = 0; i < n->count; i++)
        rewind_node(n->terms[i], c);
}

void load_seek_arrival(struct load_cursor *cursor, simtime t)
{
    const struct load_node *root = cursor->source->root;
    if (!cursor->source->has_arrivals)
        return;
    rewind_node(root, cursor);
    while (node_peek(root, cursor) && cursor->nodes[root->id].next.at < t)
        node_take(root, cursor);
}
