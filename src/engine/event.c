/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The future event list: a 4-ary heap in an array. Each place holds the whole
 * key beside the event's address, so comparing never touches the event; an
 * event is written to only when it changes its place. Phase and order of
 * scheduling share one word (8 + 56 bits), so a comparison is two words.
 *
 * Four children rather than two: half the depth, and the children of a node
 * lie together (measured: tests/bench/bench_engine.c). Places are 1-based: 0 in
 * event.slot means idle. The trap: the root is removed before its event fires,
 * since firing may schedule anything, the same event included.
 */
#include "engine/event.h"

#include "base/require.h"

enum { ORDER_BITS = 56, FIRST_CAPACITY = 256, ARITY = 4 };

struct place {
    simtime at;
    uint64_t order; /* phase, then a number that rises with every scheduling */
    struct event *event;
};

struct engine {
    struct arena *arena;
    struct place *heap; /* heap[1] is due first */
    size_t count;
    size_t cap;
    simtime now;
    uint64_t scheduled;
    uint64_t fired;
    bool stopped;
};

static inline bool before(const struct place *a, const struct place *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static inline size_t parent_of(size_t i)
{
    return (i + ARITY - 2) / ARITY;
}

static inline size_t first_child(size_t i)
{
    return ARITY * (i - 1) + 2;
}

static inline void put(struct place *heap, size_t i, struct place p)
{
    heap[i] = p;
    p.event->slot = (uint32_t)i;
}

static void rise(struct place *heap, size_t i, struct place p)
{
    while (i > 1) {
        size_t up = parent_of(i);
        if (!before(&p, &heap[up]))
            break;
        put(heap, i, heap[up]);
        i = up;
    }
    put(heap, i, p);
}

static size_t least_child(const struct place *heap, size_t child, size_t count)
{
    size_t end = child + ARITY <= count + 1 ? child + ARITY : count + 1;
    size_t least = child;
    for (size_t c = child + 1; c < end; c++)
        least = before(&heap[c], &heap[least]) ? c : least;
    return least;
}

static void sink(struct place *heap, size_t count, size_t i, struct place p)
{
    for (;;) {
        size_t child = first_child(i);
        if (child > count)
            break;
        child = least_child(heap, child, count);
        if (!before(&heap[child], &p))
            break;
        put(heap, i, heap[child]);
        i = child;
    }
    put(heap, i, p);
}

/* Puts p where place i is vacant. */
static void settle(struct engine *engine, size_t i, struct place p)
{
    if (i > 1 && before(&p, &engine->heap[parent_of(i)]))
        rise(engine->heap, i, p);
    else
        sink(engine->heap, engine->count, i, p);
}

static void take_out(struct engine *engine, size_t i)
{
    engine->heap[i].event->slot = 0;
    struct place last = engine->heap[engine->count--];
    if (i <= engine->count)
        settle(engine, i, last);
}

static void make_room(struct engine *engine)
{
    size_t cap = engine->cap == 0 ? FIRST_CAPACITY : 2 * engine->cap;
    require(cap <= UINT32_MAX);
    engine->heap = arena_grow(engine->arena, engine->heap, engine->cap, cap, sizeof *engine->heap,
                              _Alignof(struct place));
    engine->cap = cap;
}

void event_init(struct event *event, event_fn *fire, uint8_t phase)
{
    *event = (struct event){.fire = fire, .phase = phase};
}

void event_schedule(struct engine *engine, struct event *event, simtime at)
{
    if (at == SIMTIME_NEVER) {
        event_cancel(engine, event);
        return;
    }
    require(at >= engine->now);
    require(event->fire != NULL);
    uint64_t order = (uint64_t)event->phase << ORDER_BITS | engine->scheduled++;
    struct place p = {.at = at, .order = order, .event = event};
    if (event->slot != 0) {
        settle(engine, event->slot, p);
        return;
    }
    if (engine->count + 1 >= engine->cap)
        make_room(engine);
    engine->count++;
    rise(engine->heap, engine->count, p);
}

void event_cancel(struct engine *engine, struct event *event)
{
    if (event->slot != 0)
        take_out(engine, event->slot);
}

simtime event_time(const struct engine *engine, const struct event *event)
{
    return event->slot != 0 ? engine->heap[event->slot].at : SIMTIME_NEVER;
}

struct engine *engine_create(struct arena *a)
{
    struct engine *engine = arena_new(a, struct engine);
    engine->arena = a;
    make_room(engine);
    return engine;
}

simtime engine_now(const struct engine *engine)
{
    return engine->now;
}

static void fire_next(struct engine *engine)
{
    struct event *event = engine->heap[1].event;
    engine->now = engine->heap[1].at;
    take_out(engine, 1);
    engine->fired++;
    event->fire(engine, event);
}

bool engine_run_until(struct engine *engine, simtime until)
{
    engine->stopped = false;
    while (engine->count > 0 && engine->heap[1].at <= until) {
        fire_next(engine);
        if (engine->stopped)
            return false;
    }
    if (until != SIMTIME_NEVER && until > engine->now)
        engine->now = until;
    return true;
}

bool engine_step(struct engine *engine)
{
    if (engine->count == 0)
        return false;
    fire_next(engine);
    return true;
}

void engine_stop(struct engine *engine)
{
    engine->stopped = true;
}

simtime engine_next(const struct engine *engine)
{
    return engine->count > 0 ? engine->heap[1].at : SIMTIME_NEVER;
}

uint64_t engine_fired(const struct engine *engine)
{
    return engine->fired;
}

size_t engine_pending(const struct engine *engine)
{
    return engine->count;
}
