/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets against the real code's, percentiles, and the properties of decay and of merging.
 */
#include "control/vpa/gomath.h"
#include "control/vpa/histogram.h"
#include "engine/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define NOON (1700049600 * SIMTIME_SECOND) /* 2023-11-15T12:00:00Z */

static struct vpa_histogram cpu_histogram(const struct vpa_histogram_options *options)
{
    struct vpa_histogram h;
    vpa_histogram_init(&h, options, SIMTIME_DAY);
    return h;
}

Test(vpa_histogram, buckets)
{
    static const struct {
        bool memory;
        int32_t bucket;
        double start;
        int32_t found; /* where the start itself falls */
    } rows[] = {
        {false, 0, 0, 0},
        {false, 1, 0x1.47ae147ae147bp-07, 1},
        {false, 2, 0x1.4fdf3b645a1c7p-06, 1},
        {false, 3, 0x1.0240b780346dcp-05, 2},
        {true, 0, 0, 0},
        {true, 1, 1e7, 1},
    };
    struct vpa_histogram_options cpu;
    struct vpa_histogram_options memory;
    vpa_histogram_cpu_options(&cpu);
    vpa_histogram_memory_options(&memory);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vpa_histogram_options *o = rows[i].memory ? &memory : &cpu;
        cr_expect(o->start[rows[i].bucket] == rows[i].start, "row %zu: %a", i,
                  o->start[rows[i].bucket]);
        cr_expect_eq(vpa_histogram_find(o, o->start[rows[i].bucket]), rows[i].found, "row %zu", i);
    }
    cr_expect_eq(vpa_histogram_find(&cpu, 1e9), VPA_HISTOGRAM_BUCKETS - 1);
    cr_expect_eq(vpa_histogram_find(&memory, 1e14), VPA_HISTOGRAM_BUCKETS - 1);
    for (int32_t b = 0; b + 1 < VPA_HISTOGRAM_BUCKETS; b++) {
        const double middle = (cpu.start[b] + cpu.start[b + 1]) / 2;
        cr_expect_eq(vpa_histogram_find(&cpu, middle), b, "middle of %d", b);
    }
}

Test(vpa_histogram, go_mathematics)
{
    cr_expect(gomath_exp2(0) == 1);
    cr_expect(gomath_exp2(-3) == 0.125);
    cr_expect(gomath_exp2(1025) == INFINITY);
    cr_expect(gomath_exp2(-1080) == 0);
    cr_expect(gomath_log(1) == 0);
    cr_expect(gomath_log(0) == -INFINITY);
    cr_expect(isnan(gomath_log(-1)));
    cr_expect(gomath_pow(INFINITY, -2) == 0);
    cr_expect(gomath_pow(INFINITY, 1) == INFINITY);
    cr_expect(gomath_pow(2, -2) == 0.25);
    cr_expect(gomath_pow(1.05, 0) == 1);
    cr_expect_eq(gomath_int64(NAN), INT64_MIN);
    cr_expect_eq(gomath_int64(-1.9), -1);
}

Test(vpa_histogram, one_sample)
{
    struct vpa_histogram_options options;
    vpa_histogram_cpu_options(&options);
    struct vpa_histogram h = cpu_histogram(&options);
    cr_expect(vpa_histogram_is_empty(&h));
    cr_expect(vpa_histogram_percentile(&h, 0.9) == 0);
    vpa_histogram_add(&h, 0.2, 0.1, 1700000060 * SIMTIME_SECOND);
    cr_expect_eq(h.reference, 1700006400 * SIMTIME_SECOND, "the next midnight");
    cr_expect_float_eq(h.weight[14], 0.1 * exp2(-6340.0 / 86400), 1e-12);
    static const double percentiles[] = {0, 0.5, 1};
    for (size_t i = 0; i < 3; i++) {
        cr_expect(vpa_histogram_percentile(&h, percentiles[i]) == options.start[15]);
    }
    vpa_histogram_subtract(&h, 0.2, 0.1, 1700000060 * SIMTIME_SECOND);
    cr_expect(vpa_histogram_is_empty(&h));
    cr_expect(h.total == 0);
}

Test(vpa_histogram, reference)
{
    static const struct {
        simtime first;
        simtime reference;
    } rows[] = {
        {NOON - 1, NOON - SIMTIME_DAY / 2},   {NOON, NOON + SIMTIME_DAY / 2}, {0, 0}, {-1, 0},
        {-SIMTIME_DAY / 2 - 1, -SIMTIME_DAY},
    };
    struct vpa_histogram_options options;
    vpa_histogram_cpu_options(&options);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vpa_histogram h = cpu_histogram(&options);
        vpa_histogram_add(&h, 1, 1, rows[i].first);
        cr_expect_eq(h.reference, rows[i].reference, "row %zu", i);
    }
}

/* A sample a half-life older counts half: in a histogram of two, the percentile turns there. */
Test(vpa_histogram, decay_halves)
{
    struct vpa_histogram_options options;
    vpa_histogram_cpu_options(&options);
    for (int days = 1; days < 250; days++) {
        struct vpa_histogram h = cpu_histogram(&options);
        vpa_histogram_add(&h, 1, 1, NOON);
        vpa_histogram_add(&h, 10, 1, NOON + days * SIMTIME_DAY);
        const double share = h.weight[vpa_histogram_find(&options, 1)] / h.total;
        cr_expect_float_eq(share, 1 / (1 + exp2(days)), 1e-9, "%d days: %g", days, share);
    }
}

/* Merging parts is adding everything to one, but for rounding and buckets below epsilon. */
Test(vpa_histogram, merge_is_union)
{
    struct vpa_histogram_options options;
    struct rng rng = rng_stream(7, "merge", "test");
    vpa_histogram_cpu_options(&options);
    for (int round = 0; round < 50; round++) {
        struct vpa_histogram parts[3];
        struct vpa_histogram all = cpu_histogram(&options);
        struct vpa_histogram merged = cpu_histogram(&options);
        for (int p = 0; p < 3; p++) {
            parts[p] = cpu_histogram(&options);
        }
        for (int i = 0; i < 300; i++) {
            const uint64_t r = rng_u64(&rng);
            const double value = (double)(r & 0xfffff) / 4096;
            const simtime at = NOON + (simtime)(r >> 44) * SIMTIME_SECOND;
            vpa_histogram_add(&parts[(r >> 20) % 3], value, 0.1, at);
            vpa_histogram_add(&all, value, 0.1, at);
        }
        for (int p = 0; p < 3; p++) {
            vpa_histogram_merge(&merged, &parts[p]);
        }
        const double ratio = exp2((double)(merged.reference - all.reference) / SIMTIME_DAY);
        cr_expect_float_eq(merged.total * ratio, all.total, 1e-6 * all.total);
        for (int32_t b = 0; b < VPA_HISTOGRAM_BUCKETS; b++) {
            const double lost = 3 * options.epsilon * fmax(ratio, 1) + 1e-9 * all.total;
            cr_expect_float_eq(merged.weight[b] * ratio, all.weight[b], lost, "bucket %d", b);
        }
    }
}

Test(vpa_histogram, checkpoint)
{
    struct vpa_histogram_options options;
    struct vpa_histogram_checkpoint saved;
    vpa_histogram_cpu_options(&options);
    struct vpa_histogram h = cpu_histogram(&options);
    vpa_histogram_save(&h, &saved);
    struct vpa_histogram empty = cpu_histogram(&options);
    cr_expect(vpa_histogram_load(&empty, &saved));
    cr_expect(vpa_histogram_is_empty(&empty));
    vpa_histogram_add(&h, 1, 3, NOON);
    vpa_histogram_add(&h, 2, 1, NOON);
    vpa_histogram_save(&h, &saved);
    cr_expect_eq(saved.weight[vpa_histogram_find(&options, 1)], 10000);
    cr_expect_eq(saved.weight[vpa_histogram_find(&options, 2)], 3333);
    struct vpa_histogram again = cpu_histogram(&options);
    cr_expect(vpa_histogram_load(&again, &saved));
    cr_expect(again.total == h.total);
    cr_expect_eq(again.reference, h.reference);
    cr_expect(vpa_histogram_percentile(&again, 0.9) == vpa_histogram_percentile(&h, 0.9));
    saved.total = -1;
    cr_expect_not(vpa_histogram_load(&empty, &saved));
}
