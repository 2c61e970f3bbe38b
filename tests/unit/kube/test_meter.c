/* SPDX-License-Identifier: Apache-2.0 */
/* Curves against exact sums, and members of a pool. */
#include "kube/meter.h"

#include "engine/rng.h"

#include <criterion/criterion.h>
#include <math.h>

#define S SIMTIME_SECOND

Test(meter, an_empty_curve_is_zero_for_ever)
{
    struct arena a = {0};
    struct curve c;
    curve_init(&c, &a);
    cr_expect_eq(curve_total(&c, 0), 0);
    cr_expect_eq(curve_total(&c, 1000 * S), 0);
    cr_expect_eq(curve_slope(&c, 5), 0);
    arena_drop(&a);
}

Test(meter, totals_of_pieces)
{
    struct arena a = {0};
    struct curve c;
    curve_init(&c, &a);
    curve_set(&c, 10 * S, 2);
    curve_set(&c, 15 * S, 0.5);
    curve_set(&c, 15 * S, 1); /* the same instant: replaces */
    curve_set(&c, 18 * S, 1); /* no change */
    curve_add(&c, 20 * S, 4);
    curve_add(&c, 20 * S, 0.5);
    static const struct {
        const char *name;
        simtime at;
        double total;
        double slope;
    } rows[] = {
        {"before the first", 9 * S, 0, 0},
        {"at the first", 10 * S, 0, 2},
        {"inside", 12 * S, 4, 2},
        {"at a kink", 15 * S, 10, 1},
        {"just before a jump", 20 * S - 1, 15 - 1e-9, 1},
        {"at a jump", 20 * S, 19.5, 1},
        {"after all", 30 * S, 29.5, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_float_eq(curve_total(&c, rows[i].at), rows[i].total, 1e-12, "%s", rows[i].name);
        cr_expect_eq(curve_slope(&c, rows[i].at), rows[i].slope, "%s", rows[i].name);
    }
    arena_drop(&a);
}

Test(meter, a_jump_is_the_first_thing)
{
    struct arena a = {0};
    struct curve c;
    curve_init(&c, &a);
    curve_add(&c, 5 * S, 3);
    cr_expect_eq(curve_total(&c, 4 * S), 0);
    cr_expect_eq(curve_total(&c, 5 * S), 3);
    arena_drop(&a);
}

/* Uneven steps, asked at random in the history, against a list that forgets nothing. */
Test(meter, history_is_exact)
{
    enum { STEPS = 4000 };
    static simtime at[STEPS];
    static double total[STEPS];
    static double slope[STEPS];
    struct arena a = {0};
    struct curve c;
    struct rng rng = rng_stream(1, "meter", "history");
    curve_init(&c, &a);
    simtime now = 0;
    for (int i = 0; i < STEPS; i++) {
        now += (simtime)(rng_double(&rng) * (double)(i % 50 == 0 ? 40 * S : S / 2)) + 1;
        at[i] = now;
        slope[i] = rng_double(&rng) * 8;
        total[i] = i ? total[i - 1] + slope[i - 1] * simtime_to_seconds(now - at[i - 1]) : 0;
        curve_set(&c, now, slope[i]);
        simtime back = (simtime)(rng_double(&rng) * (double)METER_HISTORY);
        simtime when = now - back;
        int k = i;
        while (k > 0 && at[k] > when)
            k--;
        double want = when < at[0] ? 0 : total[k] + slope[k] * simtime_to_seconds(when - at[k]);
        cr_assert_float_eq(curve_total(&c, when), want, 1e-9 * (1 + want), "step %d", i);
    }
    cr_expect_leq(c.cap, 1024, "the ring holds the history, not the run");
    arena_drop(&a);
}

/* 1,000 requests a second for 5 minutes: bounded memory, no fall, the total exact. */
Test(meter, many_jumps_stay_bounded)
{
    struct arena a = {0};
    struct curve c;
    curve_init(&c, &a);
    for (int i = 1; i <= 300000; i++)
        curve_add(&c, (simtime)i * SIMTIME_MILLISECOND, 0.0005);
    simtime now = 300 * S;
    cr_expect_leq(c.cap, 2048);
    cr_expect_float_eq(curve_total(&c, now), 150, 1e-6);
    double before = curve_total(&c, now - 80 * S);
    cr_expect_float_eq(before, 110, 0.1);
    for (simtime t = now - 80 * S; t <= now; t += 7 * SIMTIME_MILLISECOND) {
        double total = curve_total(&c, t);
        cr_assert_geq(total, before - 1e-9, "at %lld", (long long)t);
        cr_assert_float_eq(total, 0.5 * simtime_to_seconds(t), 0.1);
        before = total;
    }
    arena_drop(&a);
}

Test(meter, a_member_gets_its_share_while_in)
{
    struct arena a = {0};
    struct curve pool;
    struct curve other;
    struct meter m;
    curve_init(&pool, &a);
    curve_init(&other, &a);
    meter_init(&m, &a);
    curve_set(&pool, 0, 2);
    curve_set(&other, 0, 1);
    curve_set(&m.own, 0, 0.5);
    cr_expect_eq(meter_total(&m, 4 * S), 2, "own alone");
    meter_join(&m, &pool, 10 * S);
    cr_expect_eq(meter_total(&m, 20 * S), 10 + 20);
    cr_expect_eq(meter_total(&m, 10 * S), 5, "nothing of the pool yet");
    meter_leave(&m, 30 * S);
    meter_leave(&m, 31 * S); /* idempotent */
    cr_expect_eq(meter_total(&m, 25 * S), 12.5 + 30, "asked about the time inside, afterwards");
    cr_expect_eq(meter_total(&m, 40 * S), 20 + 40);
    for (int i = 31; i < 400; i++) /* the pool forgets when it left */
        curve_set(&pool, i * S, 2 + i % 2);
    cr_expect_eq(meter_total(&m, 400 * S), 200 + 40, "the pool's history is gone, its part is not");
    meter_join(&m, &other, 400 * S);
    cr_expect_eq(meter_total(&m, 410 * S), 205 + 40 + 10);
    m.pool_share = 3;
    cr_expect_eq(meter_total(&m, 410 * S), 205 + 40 + 30);
    meter_reset(&m);
    cr_expect_eq(meter_total(&m, 410 * S), 0);
    cr_expect_eq(m.left, SIMTIME_NEVER);
    cr_expect_eq(m.pool_share, 1);
    arena_drop(&a);
}
