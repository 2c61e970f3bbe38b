/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU limit shared by a pod's requests: with n active and L cores each one
 * runs at min(1, L / n). All run at the same speed, so one number tells how far
 * each has come: the virtual time, the core-seconds each active request has got.
 * A request is through when the virtual time reaches its value on entry plus its
 * CPU. A small heap by that value finds the next one; one event a pod.
 *
 * This is what the kernel's quota (cpu.max) comes to over times longer than its
 * 100 ms period. The trap: virtual time grows for ever and loses digits, so it
 * starts again from 0 whenever the pod is idle.
 */
#include "service_internal.h"

#include "base/require.h"
#include "kube/phases.h"

#include <string.h>

static double speed(const struct backend *b)
{
    double limit = b->service->share_limit;
    double n = (double)b->share.count;
    return n <= limit ? 1.0 : limit / n;
}

void share_account(struct backend *b, simtime now)
{
    struct cpu_share *c = &b->share;
    if (now <= b->cpu_at)
        return;
    double seconds = simtime_to_seconds(now - b->cpu_at);
    b->cpu_at = now;
    if (c->count == 0)
        return;
    double got = speed(b) * seconds;
    double used = got * (double)c->count;
    c->virtual_time += got;
    b->cpu_total += used;
    b->service->totals.cpu += used;
    b->service->totals.throttled += (double)c->count * seconds - used;
}

static bool before(const struct cpu_share *c, uint32_t i, uint32_t k)
{
    if (c->heap[i]->finish != c->heap[k]->finish)
        return c->heap[i]->finish < c->heap[k]->finish;
    return c->order[i] < c->order[k];
}

static void swap(struct cpu_share *c, uint32_t i, uint32_t k)
{
    struct request *r = c->heap[i];
    uint64_t order = c->order[i];
    c->heap[i] = c->heap[k];
    c->order[i] = c->order[k];
    c->heap[k] = r;
    c->order[k] = order;
    c->heap[i]->slot = i;
    c->heap[k]->slot = k;
}

static void sift(struct cpu_share *c, uint32_t i)
{
    for (; i > 1 && before(c, i, i / 2); i /= 2)
        swap(c, i, i / 2);
    for (;;) {
        uint32_t child = 2 * i;
        if (child > c->count)
            break;
        if (child < c->count && before(c, child + 1, child))
            child++;
        if (!before(c, child, i))
            break;
        swap(c, i, child);
        i = child;
    }
}

static void make_room(struct backend *b)
{
    struct cpu_share *c = &b->share;
    if (c->count + 1 < c->cap)
        return;
    uint32_t cap = c->cap == 0 ? 16 : 2 * c->cap;
    struct arena *a = b->service->mesh->arena;
    c->heap =
        arena_grow(a, c->heap, c->cap, cap, sizeof(struct request *), _Alignof(struct request *));
    c->order = arena_grow(a, c->order, c->cap, cap, sizeof *c->order, _Alignof(uint64_t));
    c->cap = cap;
}

static void arm(struct backend *b, simtime now)
{
    struct cpu_share *c = &b->share;
    struct engine *engine = b->service->mesh->engine;
    b->cpu_rate = speed(b) * (double)c->count;
    if (c->count == 0) {
        c->virtual_time = 0.0;
        event_cancel(engine, &c->done);
        return;
    }
    double left = (c->heap[1]->finish - c->virtual_time) / speed(b);
    simtime ahead = left > 0.0 ? simtime_seconds(left) : 0;
    event_schedule(engine, &c->done, simtime_add(now, ahead));
}

void share_enter(struct backend *b, struct request *r, simtime now)
{
    struct cpu_share *c = &b->share;
    if (!(r->cpu > 0.0)) {
        requests_cpu_done(r, now);
        return;
    }
    share_account(b, now);
    make_room(b);
    r->finish = c->virtual_time + r->cpu;
    c->count++;
    c->heap[c->count] = r;
    c->order[c->count] = c->entered++;
    r->slot = c->count;
    sift(c, c->count);
    arm(b, now);
}

static void take_out(struct cpu_share *c, struct request *r)
{
    uint32_t i = r->slot;
    if (i != c->count)
        swap(c, i, c->count);
    c->count--;
    r->slot = 0;
    if (i <= c->count)
        sift(c, i);
}

void share_remove(struct backend *b, struct request *r, simtime now)
{
    if (r->slot == 0)
        return;
    share_account(b, now);
    take_out(&b->share, r);
    arm(b, now);
}

/* Finish times within half a nanosecond of virtual time are this event's. */
static void share_done(struct engine *engine, struct event *event)
{
    struct backend *b = event_owner(event, struct backend, share.done);
    struct cpu_share *c = &b->share;
    simtime now = engine_now(engine);
    share_account(b, now);
    struct request *first = c->heap[1];
    if (c->virtual_time < first->finish)
        c->virtual_time = first->finish; /* the clock's rounding, below 1 ns */
    while (c->count > 0 && c->heap[1]->finish <= c->virtual_time) {
        struct request *r = c->heap[1];
        take_out(c, r);
        requests_cpu_done(r, now);
    }
    arm(b, now);
}

void share_create(struct backend *b)
{
    struct cpu_share old = b->share;
    b->share = (struct cpu_share){.heap = old.heap, .order = old.order, .cap = old.cap};
    event_init(&b->share.done, share_done, PHASE_SERVICE);
}
