/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cumulative CPU, as a cgroup counts it: a curve of core-seconds over virtual
 * time, linear between breakpoints. Metrics pipelines ask for the value at a
 * recent instant (a cAdvisor sample is up to 20 s old, its predecessor up to
 * 40 s), so a curve keeps METER_HISTORY of breakpoints and forgets older ones.
 * Where more than 2,048 fall into it, it keeps about every 50 ms exact and straight
 * lines between.
 *
 * Pods that share a service's load evenly share one pool curve: a fluid step
 * appends one breakpoint to the pool, whatever the number of pods. A pod's own
 * curve holds what is its alone (start-up, idle, its share of requests mode).
 */
#ifndef KUBE_METER_H
#define KUBE_METER_H

#include "base/arena.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>

#define METER_HISTORY (90 * SIMTIME_SECOND)

struct curve_point {
    simtime at;
    double total; /* core-seconds used up to here */
    double slope; /* cores from here on */
};

/* A ring of breakpoints in time order. Zero plus curve_init is "0 for ever". */
struct curve {
    struct arena *arena;
    struct curve_point *points;
    unsigned head; /* index of the oldest */
    unsigned count;
    unsigned cap; /* power of two */
};

void curve_init(struct curve *c, struct arena *a);
/* From `at` on, `cores` are used; at >= the last breakpoint. Equal instants replace. */
void curve_set(struct curve *c, simtime at, double cores);
/* Adds core_seconds at once at `at` (a request that ended); keeps the slope. */
void curve_add(struct curve *c, simtime at, double core_seconds);
/*
 * Core-seconds used up to `at`, which is at most METER_HISTORY before the newest breakpoint: older
 * than the oldest kept, it is what was used up to there. The pool outlives its members.
 */
double curve_total_before(const struct curve *c, simtime at); /* the rest of curve_total */
static inline double curve_total(const struct curve *c, simtime at)
{
    if (c->count == 0)
        return 0;
    const struct curve_point *p = &c->points[(c->head + c->count - 1) & (c->cap - 1)];
    if (at < p->at)
        return curve_total_before(c, at);
    return p->total + p->slope * simtime_to_seconds(at - p->at);
}
double curve_slope(const struct curve *c, simtime at);

/* One container's counter: its own curve, and the pool while it takes part. */
struct meter {
    struct curve own;
    const struct curve *pool; /* the newest joined, also after leaving; NULL: none yet */
    simtime joined;           /* pool counts from here ... */
    double pool_at_joined;
    simtime left; /* ... to here; SIMTIME_NEVER while in */
    double pool_at_left;
    double pool_before; /* pool core-seconds of earlier memberships */
    double pool_share;  /* weight of this member, 1 when even */
};

void meter_init(struct meter *m, struct arena *a);
/* Back to zero, memory kept: for a pod that takes a gone one's place. */
void meter_reset(struct meter *m);
void meter_join(struct meter *m, const struct curve *pool, simtime at);
void meter_leave(struct meter *m, simtime at);
/*
 * Core-seconds up to `at`, own and pool together; same limit as curve_total. Asked about a time
 * before the newest join, earlier memberships count in full.
 */
static inline double meter_total(const struct meter *m, simtime at)
{
    double total = curve_total(&m->own, at) + m->pool_before;
    if (!m->pool || at <= m->joined)
        return total;
    double pool = at < m->left ? curve_total(m->pool, at) : m->pool_at_left;
    return total + m->pool_share * (pool - m->pool_at_joined);
}

#endif
