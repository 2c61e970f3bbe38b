/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The future event list: order, rescheduling, cancelling, and random operations
 * with forced ties against a sorted list that does the same the slow way.
 */
#include "base/arena.h"
#include "engine/event.h"
#include "engine/rng.h"

#include <criterion/criterion.h>

enum { MOST = 256 };

struct log {
    int ids[4096];
    size_t len;
};

struct probe {
    struct event event;
    int id;
    struct log *log;
};

static void note(struct engine *engine, struct event *event)
{
    (void)engine;
    struct probe *p = event_owner(event, struct probe, event);
    if (p->log->len < sizeof p->log->ids / sizeof p->log->ids[0])
        p->log->ids[p->log->len++] = p->id;
}

Test(event, fires_by_time_then_phase_then_order_of_scheduling)
{
    static const struct {
        simtime at;
        uint8_t phase;
        int place;
    } rows[] = {
        {5, 0, 4}, {5, 0, 5}, {3, 9, 3}, {3, 2, 1}, {3, 2, 2}, {0, 255, 0}, {SIMTIME_DAY, 0, 6},
    };
    enum { N = sizeof rows / sizeof rows[0] };
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct log log = {.len = 0};
    struct probe probes[N];
    for (size_t i = 0; i < N; i++) {
        probes[i] = (struct probe){.id = rows[i].place, .log = &log};
        event_init(&probes[i].event, note, rows[i].phase);
        event_schedule(engine, &probes[i].event, rows[i].at);
    }
    cr_expect(engine_run_until(engine, SIMTIME_NEVER));
    cr_assert_eq(log.len, N);
    for (size_t i = 0; i < N; i++)
        cr_expect_eq(log.ids[i], (int)i, "place %zu holds %d", i, log.ids[i]);
    cr_expect_eq(engine_now(engine), SIMTIME_DAY);
    cr_expect_eq(engine_fired(engine), N);
    arena_drop(&a);
}

Test(event, rescheduling_moves_to_the_end_of_its_instant)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct log log = {.len = 0};
    struct probe p[3];
    for (int i = 0; i < 3; i++) {
        p[i] = (struct probe){.id = i, .log = &log};
        event_init(&p[i].event, note, 0);
        event_schedule(engine, &p[i].event, 10);
    }
    event_schedule(engine, &p[0].event, 10);
    event_cancel(engine, &p[1].event);
    event_cancel(engine, &p[1].event); /* idle is fine */
    cr_expect_not(event_scheduled(&p[1].event));
    cr_expect_eq(event_time(engine, &p[1].event), SIMTIME_NEVER);
    cr_expect_eq(event_time(engine, &p[2].event), 10);
    engine_run_until(engine, 10);
    cr_assert_eq(log.len, 2);
    cr_expect_eq(log.ids[0], 2);
    cr_expect_eq(log.ids[1], 0);
    arena_drop(&a);
}

Test(event, run_until_includes_its_end_and_sets_the_clock)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct log log = {.len = 0};
    struct probe p = {.log = &log};
    event_init(&p.event, note, 0);
    event_schedule(engine, &p.event, 7);
    engine_run_until(engine, 6);
    cr_expect_eq(log.len, 0);
    cr_expect_eq(engine_now(engine), 6);
    cr_expect_eq(engine_next(engine), 7);
    engine_run_until(engine, 7);
    cr_expect_eq(log.len, 1);
    cr_expect_eq(engine_next(engine), SIMTIME_NEVER);
    cr_expect_not(engine_step(engine));
    engine_run_until(engine, 100);
    cr_expect_eq(engine_now(engine), 100);
    event_schedule(engine, &p.event, 200);
    event_schedule(engine, &p.event, SIMTIME_NEVER); /* never: cancels */
    cr_expect_eq(engine_pending(engine), 0);
    arena_drop(&a);
}

struct chain {
    struct event event;
    int left;
};

static void again_at_once(struct engine *engine, struct event *event)
{
    struct chain *c = event_owner(event, struct chain, event);
    cr_expect_not(event_scheduled(event), "idle while it fires");
    if (--c->left > 0)
        event_schedule(engine, event, engine_now(engine));
    else
        engine_stop(engine);
}

Test(event, may_schedule_itself_for_this_instant_and_stop)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct chain c = {.left = 5};
    event_init(&c.event, again_at_once, 3);
    event_schedule(engine, &c.event, 42);
    cr_expect_not(engine_run_until(engine, 1000), "stopped");
    cr_expect_eq(engine_now(engine), 42);
    cr_expect_eq(engine_fired(engine), 5);
    arena_drop(&a);
}

/* The reference: an unsorted array; the next one is looked for among all. */
struct slow {
    simtime at[MOST];
    uint64_t order[MOST];
    bool scheduled[MOST];
    uint64_t next_order;
};

static int slow_next(const struct slow *s)
{
    int best = -1;
    for (int i = 0; i < MOST; i++)
        if (s->scheduled[i] && (best < 0 || s->at[i] < s->at[best] ||
                                (s->at[i] == s->at[best] && s->order[i] < s->order[best])))
            best = i;
    return best;
}

Test(event, random_operations_agree_with_a_sorted_reference)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct log log = {.len = 0};
    struct slow slow = {.next_order = 0};
    static struct probe probes[MOST];
    struct rng rng = rng_stream(1, "heap", "test");
    for (int i = 0; i < MOST; i++) {
        probes[i] = (struct probe){.id = i, .log = &log};
        event_init(&probes[i].event, note, (uint8_t)(i % 3));
    }
    size_t compared = 0;
    for (int step = 0; step < 60000; step++) {
        int i = (int)rng_below(&rng, MOST);
        uint64_t what = rng_below(&rng, 10);
        if (what < 5) {
            simtime at = engine_now(engine) + (simtime)rng_below(&rng, 6); /* many ties */
            event_schedule(engine, &probes[i].event, at);
            slow.at[i] = at;
            slow.order[i] = (uint64_t)(i % 3) << 56 | slow.next_order++;
            slow.scheduled[i] = true;
        } else if (what < 7) {
            event_cancel(engine, &probes[i].event);
            slow.scheduled[i] = false;
        } else {
            int expected = slow_next(&slow);
            log.len = 0;
            cr_assert_eq(engine_step(engine), expected >= 0, "step %d", step);
            if (expected < 0)
                continue;
            cr_assert_eq(log.ids[0], expected, "step %d: %d fired, not %d", step, log.ids[0],
                         expected);
            cr_assert_eq(engine_now(engine), slow.at[expected]);
            slow.scheduled[expected] = false;
            compared++;
        }
    }
    cr_expect_gt(compared, 10000);
    arena_drop(&a);
}
