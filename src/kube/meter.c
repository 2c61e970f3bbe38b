/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cumulative CPU as a curve that can be asked about the recent past. A breakpoint
 * holds the exact total at its instant and the slope from there on, so asking is one
 * search and one multiplication; what is older than METER_HISTORY leaves the ring as
 * new breakpoints come. There is no upstream: a cgroup's cpuacct does this in the
 * kernel, and cAdvisor (manager/container.go) only reads it.
 *
 * Trap: a model that moves per request makes thousands of breakpoints a second. A
 * ring at its largest drops every other one and draws a straight line over the gap:
 * totals stay exact where a point is left, and never fall.
 */
#include "kube/meter.h"

#include "base/require.h"

#define FIRST_POINTS          4u
#define NEAR                  3u
#define MOST_POINTS           2048u /* 44 ms apart over the history */
#define WALK_BEFORE_BISECTION 8u

static struct curve_point *point(const struct curve *c, unsigned i)
{
    return &c->points[(c->head + i) & (c->cap - 1)];
}

static struct curve_point *newest(const struct curve *c)
{
    return point(c, c->count - 1);
}

static double line(const struct curve_point *p, simtime at)
{
    return p->total + p->slope * simtime_to_seconds(at - p->at);
}

void curve_init(struct curve *c, struct arena *a)
{
    *c = (struct curve){.arena = a};
}

/* Empty, with its memory. */
static void curve_reset(struct curve *c)
{
    c->head = 0;
    c->count = 0;
}

static void forget(struct curve *c, simtime before)
{
    while (c->count > 1 && point(c, 1)->at <= before) {
        c->head = (c->head + 1) & (c->cap - 1);
        c->count--;
    }
}

/* Every other point goes; the ones left run straight to the next one left. */
static void thin(struct curve *c)
{
    unsigned left = 0;
    for (unsigned i = 0; i < c->count; i++)
        if (i % 2 == 0 || i + 1 == c->count)
            *point(c, left++) = *point(c, i);
    for (unsigned i = 0; i + 1 < left; i++) {
        struct curve_point *p = point(c, i);
        const struct curve_point *next = point(c, i + 1);
        p->slope = (next->total - p->total) / simtime_to_seconds(next->at - p->at);
    }
    c->count = left;
}

static void grow(struct curve *c)
{
    unsigned cap = c->cap ? c->cap * 2 : FIRST_POINTS;
    struct curve_point *points = arena_array(c->arena, struct curve_point, cap);
    for (unsigned i = 0; i < c->count; i++)
        points[i] = *point(c, i);
    c->points = points;
    c->cap = cap;
    c->head = 0;
}

static void push(struct curve *c, struct curve_point p)
{
    if (c->count)
        forget(c, p.at - METER_HISTORY);
    if (c->count == c->cap) {
        if (c->cap < MOST_POINTS)
            grow(c);
        else
            thin(c);
    }
    c->count++;
    *newest(c) = p;
}

void curve_set(struct curve *c, simtime at, double cores)
{
    if (c->count == 0) {
        push(c, (struct curve_point){at, 0, cores});
        return;
    }
    struct curve_point *p = newest(c);
    require(at >= p->at);
    if (p->slope == cores)
        return;
    if (p->at == at)
        p->slope = cores;
    else
        push(c, (struct curve_point){at, line(p, at), cores});
}

void curve_add(struct curve *c, simtime at, double core_seconds)
{
    if (c->count == 0) /* before it: nothing was used */
        push(c, (struct curve_point){at - 1, 0, 0});
    struct curve_point *p = newest(c);
    require(at >= p->at);
    if (p->at == at)
        p->total += core_seconds;
    else
        push(c, (struct curve_point){at, line(p, at) + core_seconds, p->slope});
}

static unsigned bisect(const struct curve *c, unsigned low, unsigned high, simtime at)
{
    while (high - low > 1) { /* point low is at or before, point high after */
        unsigned middle = low + (high - low) / 2;
        if (point(c, middle)->at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Breakpoints come about evenly: a guess by proportion and a short walk, else bisection. */
static const struct curve_point *search(const struct curve *c, simtime at)
{
    const struct curve_point *last = newest(c);
    const struct curve_point *first = point(c, 0);
    if (at < first->at)
        return NULL;
    double part = (double)(at - first->at) / (double)(last->at - first->at);
    unsigned i = (unsigned)(part * (double)(c->count - 1));
    for (unsigned walked = 0; walked < WALK_BEFORE_BISECTION; walked++) {
        if (point(c, i)->at > at)
            i--;
        else if (point(c, i + 1)->at <= at)
            i++;
        else
            return point(c, i);
    }
    if (point(c, i)->at > at)
        return point(c, bisect(c, 0, i, at));
    return point(c, bisect(c, i, c->count - 1, at));
}

/* The piece around `at`; most questions are about the newest few. NULL: before them all. */
static inline const struct curve_point *piece(const struct curve *c, simtime at)
{
    for (unsigned back = 1; back <= c->count && back <= NEAR; back++) {
        const struct curve_point *p = point(c, c->count - back);
        if (at >= p->at)
            return p;
    }
    return c->count <= NEAR ? NULL : search(c, at);
}

double curve_total_before(const struct curve *c, simtime at)
{
    const struct curve_point *p = piece(c, at);
    return p ? line(p, at) : point(c, 0)->total;
}

double curve_slope(const struct curve *c, simtime at)
{
    if (c->count == 0)
        return 0;
    const struct curve_point *p = piece(c, at);
    return p ? p->slope : 0;
}

void meter_init(struct meter *m, struct arena *a)
{
    *m = (struct meter){.left = SIMTIME_NEVER, .pool_share = 1};
    curve_init(&m->own, a);
}

void meter_reset(struct meter *m)
{
    struct curve own = m->own;
    curve_reset(&own);
    *m = (struct meter){.own = own, .left = SIMTIME_NEVER, .pool_share = 1};
}

void meter_leave(struct meter *m, simtime at)
{
    if (!m->pool || m->left != SIMTIME_NEVER)
        return;
    m->pool_at_left = curve_total(m->pool, at);
    m->left = at;
}

void meter_join(struct meter *m, const struct curve *pool, simtime at)
{
    meter_leave(m, at);
    if (m->pool && at > m->joined)
        m->pool_before += m->pool_share * (m->pool_at_left - m->pool_at_joined);
    m->pool = pool;
    m->joined = at;
    m->left = SIMTIME_NEVER;
    m->pool_at_joined = curve_total(pool, at);
}
