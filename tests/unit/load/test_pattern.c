/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of the generators, promtool's shorthand, k6 stages, random draws' moments. */
#include "load/pattern.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define S           SIMTIME_SECOND
#define M           SIMTIME_MINUTE
#define H           SIMTIME_HOUR

struct fixture {
    struct arena arena;
    struct diag diag;
    struct pattern_context context;
    struct series series;
};

static void setup(struct fixture *f, int64_t start, bool negative)
{
    *f = (struct fixture){0};
    f->diag.arena = &f->arena;
    f->context = (struct pattern_context){&f->arena, &f->diag, start, negative};
}

static double at(const struct fixture *f, simtime t)
{
    struct load_segment g = series_segment(&f->series, t, NULL);
    return segment_value(&g, t);
}

static bool near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

Test(pattern, promtool)
{
    double nan_ = NAN;
    static const int marker = -999;
    struct {
        const char *text;
        double want[12]; /* ends with marker */
    } rows[] = {
        {"0+10x3", {0, 10, 20, 30, marker}},
        {"0-10x3", {0, -10, -20, -30, marker}},
        {"-2+4x3", {-2, 2, 6, 10, marker}},
        {"-2-4x1", {-2, -6, marker}},
        {"5x2", {5, 5, 5, marker}},
        {"5x0", {5, marker}},
        {"1+1x0 7", {1, 7, marker}},
        {"_", {nan_, marker}},
        {"_x2 1", {nan_, nan_, 1, marker}},
        {"_x0 1", {1, marker}},
        {"1 stale 2", {1, nan_, 2, marker}},
        {"0+10x2 300x1 _x2 stale", {0, 10, 20, 300, 300, nan_, nan_, nan_, marker}},
        {"1e3 1.5e-1 .5 2.", {1000, 0.15, 0.5, 2, marker}},
        {"1e3x1", {1000, 1000, marker}},
        {"010 08", {8, 8, marker}}, /* octal, and not */
        {"1_000 1e0_3", {1000, 1000, marker}},
        {" \t 1 \n 2  ", {1, 2, marker}},
        {"0.1+0.2x2", {0.1, 0.1 + 0.2, 0.1 + 0.2 + 0.2, marker}},
        {"+5", {5, marker}},
        {"stale+1x2", {nan_, nan_, nan_, marker}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, 0, true);
        struct pattern_promtool p = {.values = rows[i].text, .interval = 15 * S};
        bool good = pattern_promtool(&p, (struct mark){0}, &f.context, &f.series);
        cr_expect(good, "%s", rows[i].text);
        simtime n = 0;
        for (; good && !near(rows[i].want[n], marker); n++)
            cr_expect(near(at(&f, n * 15 * S + 7), rows[i].want[n]), "%s: sample %d is %g",
                      rows[i].text, (int)n, at(&f, n * 15 * S + 7));
        cr_expect_eq(f.series.end, n * 15 * S, "%s", rows[i].text);
        arena_drop(&f.arena);
    }
}

Test(pattern, promtool_linear)
{
    static const struct {
        simtime t;
        double want;
    } rows[] = {{0, 0},        {30 * S, 5},   {60 * S, 10}, {90 * S, 10},
                {150 * S, 15}, {180 * S, 20}, {239 * S, 20}};
    struct fixture f;
    setup(&f, 0, false);
    struct pattern_promtool p = {.values = "0 10 10 20 _ 5", .interval = M, .linear = true};
    cr_assert(pattern_promtool(&p, (struct mark){0}, &f.context, &f.series));
    for (size_t i = 0; i < COUNT(rows); i++)
        cr_expect(near(at(&f, rows[i].t), rows[i].want), "row %zu: %g", i, at(&f, rows[i].t));
    cr_expect(isnan(at(&f, 250 * S)) && near(at(&f, 310 * S), 5) && isnan(at(&f, 360 * S)));
    arena_drop(&f.arena);
}

Test(pattern, promtool_errors)
{
    static const struct {
        const char *text;
        const char *part;
    } rows[] = {
        {"", "no samples"},
        {"  ", "no samples"},
        {"abc", "not a number"},
        {"1+2", "followed by x"},
        {"1x", "whole count"},
        {"1x-3", "whole count"},
        {"_5", "unexpected text"},
        {"1 2,3", "unexpected text"},
        {"stalex3", "not a number"},
        {"NaN", "not a number"},
        {"1x99999999999999999999", "too many"},
        {"1e", "not a number"},
        {"1e999", "not a number"},
        {"1e16", "at most"},
        {"-1", "negative"},
        {"5-1x9", "negative"},
        {"{{schema:1}}", "histogram"},
        {"0x1F", "unexpected text"},
        {"--1", "not a number"},
        {"1__0", "not a number"},
        {"1_", "not a number"},
        {"1._5", "not a number"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, 0, false);
        struct pattern_promtool p = {.values = rows[i].text};
        bool good = pattern_promtool(&p, (struct mark){0}, &f.context, &f.series);
        cr_expect(!good && f.diag.errors > 0, "%s", rows[i].text);
        if (f.diag.errors > 0)
            cr_expect(strstr(diag_message(&f.diag, 0), rows[i].part), "%s: %s", rows[i].text,
                      diag_message(&f.diag, 0));
        arena_drop(&f.arena);
    }
}

Test(pattern, k6)
{
    static const struct k6_stage stages[] = {
        {.duration = 2 * M, .target = 600},
        {.duration = 0, .target = 1200},
        {.duration = 1 * M, .target = 1200},
        {.duration = 1 * M, .target = 0},
    };
    static const struct {
        simtime t;
        double want;
    } rows[] = {{0, 1},      {M, 5.5},      {2 * M - 1, 10},      {2 * M, 20},
                {3 * M, 20}, {210 * S, 10}, {4 * M - S, 1 / 3.0}, {4 * M, 0},
                {9 * H, 0}};
    struct fixture f;
    setup(&f, 0, false);
    struct pattern_k6 p = {60, M, stages, COUNT(stages)};
    cr_assert(pattern_k6(&p, (struct mark){0}, &f.context, &f.series));
    for (size_t i = 0; i < COUNT(rows); i++)
        cr_expect(fabs(at(&f, rows[i].t) - rows[i].want) < 1e-6, "row %zu: %g", i,
                  at(&f, rows[i].t));
    p.stage_count = 0;
    cr_expect(!pattern_k6(&p, (struct mark){0}, &f.context, &f.series));
    p = (struct pattern_k6){60, M, stages + 1, 1};
    cr_expect(!pattern_k6(&p, (struct mark){0}, &f.context, &f.series), "no time at all");
    arena_drop(&f.arena);
}

Test(pattern, ramp_and_spike)
{
    struct fixture f;
    setup(&f, 0, false);
    struct pattern_ramp ramp = {10, 110, 60 * S, 100 * S};
    cr_assert(pattern_ramp(&ramp, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 0), 10) && near(at(&f, 60 * S), 10) && near(at(&f, 110 * S), 60));
    cr_expect(near(at(&f, 160 * S), 110) && near(at(&f, 1000 * H), 110));
    ramp.duration = 0;
    cr_assert(pattern_ramp(&ramp, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 60 * S - 1), 10) && near(at(&f, 60 * S), 110));
    struct pattern_spike spike = {5, 105, H, 10 * S, 20 * S, 100 * S, 2 * H};
    cr_assert(pattern_spike(&spike, (struct mark){0}, &f.context, &f.series));
    for (int pass = 0; pass < 3; pass++) {
        simtime t = H + pass * 2 * H;
        cr_expect(near(at(&f, t - 1), 5) && near(at(&f, t + 5 * S), 55), "pass %d", pass);
        cr_expect(near(at(&f, t + 30 * S - 1), 105) && near(at(&f, t + 80 * S), 55));
        cr_expect(near(at(&f, t + 130 * S), 5));
    }
    spike.every = 0;
    cr_assert(pattern_spike(&spike, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 3 * H + 10 * S), 5), "once");
    spike.every = M;
    cr_expect(!pattern_spike(&spike, (struct mark){0}, &f.context, &f.series), "longer than every");
    spike = (struct pattern_spike){.height = 5};
    cr_expect(!pattern_spike(&spike, (struct mark){0}, &f.context, &f.series), "no time");
    arena_drop(&f.arena);
}

/* The hour of day rules, not the run's: starts at several times must agree. */
Test(pattern, daily)
{
    static const struct {
        enum daily_shape shape;
        const char *zone;
        double hour; /* UTC */
        double want;
    } rows[] = {
        {DAILY_SINE, NULL, 14, 100},        {DAILY_SINE, NULL, 2, 20},
        {DAILY_SINE, NULL, 8, 60},          {DAILY_SINE, NULL, 20, 60},
        {DAILY_SINE, "+02:00", 12, 100},    {DAILY_TRIANGLE, NULL, 14, 100},
        {DAILY_TRIANGLE, NULL, 8, 60},      {DAILY_TRIANGLE, NULL, 2, 20},
        {DAILY_PLATEAU, NULL, 14, 100},     {DAILY_PLATEAU, NULL, 9.5, 100},
        {DAILY_PLATEAU, NULL, 9, 60},       {DAILY_PLATEAU, NULL, 8.4, 20},
        {DAILY_PLATEAU, NULL, 18.4, 100},   {DAILY_PLATEAU, NULL, 19, 60},
        {DAILY_PLATEAU, NULL, 23.9, 20},    {DAILY_PLATEAU, NULL, 0, 20},
        {DAILY_PLATEAU, "-05:00", 19, 100}, {DAILY_PLATEAU, "-05:00", 0, 60},
    };
    static const double starts[] = {0, 1, 13.5, 23.99, 24 * 20000 + 7};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(starts); k++) {
            struct fixture f;
            int64_t start = (int64_t)(starts[k] * 3600) * S;
            setup(&f, start, false);
            struct pattern_daily p = {20, 100, 14, rows[i].shape, 0, 0, rows[i].zone, {0}};
            cr_assert(pattern_daily(&p, (struct mark){0}, &f.context, &f.series));
            simtime t = (simtime)(rows[i].hour * 3600) * S - start % SIMTIME_DAY;
            t += t < 0 ? SIMTIME_DAY : 0;
            for (int day = 0; day < 3; day++)
                cr_expect(fabs(at(&f, t + day * SIMTIME_DAY) - rows[i].want) < 0.02,
                          "row %zu start %zu: %g", i, k, at(&f, t));
            cr_expect(f.series.pieces.items[0].at <= 0, "row %zu start %zu", i, k);
            arena_drop(&f.arena);
        }
}

Test(pattern, weekly)
{
    struct fixture f;
    int64_t thursday = 10 * H; /* 1970-01-01 10:00 */
    setup(&f, thursday, false);
    struct pattern_weekly p = {{1, 2, 3, 4, 5, 6, 7}, 0, NULL, {0}};
    cr_assert(pattern_weekly(&p, (struct mark){0}, &f.context, &f.series));
    static const double want[] = {4, 5, 6, 7, 1, 2, 3, 4};
    for (int day = 0; day < 8; day++) {
        cr_expect(near(at(&f, day * SIMTIME_DAY), want[day]), "day %d", day);
        cr_expect(near(at(&f, day * SIMTIME_DAY + 14 * H - 1), want[day]), "day %d evening", day);
    }
    p.blend = 2 * H;
    cr_assert(pattern_weekly(&p, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 14 * H), 4.5) && near(at(&f, 13 * H), 4) && near(at(&f, 15 * H), 5));
    cr_expect(near(at(&f, 14 * H + 3 * SIMTIME_DAY), 4), "Sunday to Monday: 7 to 1");
    p.zone = "Mars";
    cr_expect(!pattern_weekly(&p, (struct mark){0}, &f.context, &f.series));
    arena_drop(&f.arena);
}

Test(pattern, steps_and_points)
{
    static const struct load_point list[] = {{.at = 10 * S, .value = 5},
                                             {.at = 20 * S, .value = 15}};
    static const struct load_point falling[] = {{.at = 10 * S, .value = 5},
                                                {.at = 10 * S, .value = 15}};
    struct fixture f;
    setup(&f, 0, false);
    struct pattern_points p = {list, COUNT(list)};
    cr_assert(pattern_steps(&p, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 0), 5) && near(at(&f, 15 * S), 5) && near(at(&f, 20 * S), 15));
    cr_assert(pattern_points(&p, (struct mark){0}, &f.context, &f.series));
    cr_expect(near(at(&f, 0), 5) && near(at(&f, 15 * S), 10) && near(at(&f, 99 * S), 15));
    p.points = falling;
    cr_expect(!pattern_points(&p, (struct mark){0}, &f.context, &f.series));
    p.count = 0;
    cr_expect(!pattern_points(&p, (struct mark){0}, &f.context, &f.series));
    static const double bad[] = {NAN, INFINITY, -1, 1e16};
    for (size_t i = 0; i < COUNT(bad); i++)
        cr_expect(!pattern_constant(bad[i], (struct mark){0}, &f.context, &f.series), "%g", bad[i]);
    arena_drop(&f.arena);
}

/* Mean and spread of the draws, within five standard errors of n = 20000. */
Test(pattern, draws)
{
    enum { N = 20000 };
    static const double means[] = {0.1, 1, 9.9, 10.1, 50, 1000, 1e6};
    for (size_t i = 0; i < COUNT(means); i++) {
        double sum = 0;
        double square = 0;
        for (int64_t cell = 0; cell < N; cell++) {
            double k = pattern_draw_poisson(7, cell, means[i]);
            sum += k;
            square += (k - means[i]) * (k - means[i]);
        }
        double error = sqrt(means[i] / N);
        cr_expect(fabs(sum / N - means[i]) < 5 * error, "mean %g: %g", means[i], sum / N);
        cr_expect(fabs(square / N / means[i] - 1) < 0.06 + 5 / sqrt(N * means[i]),
                  "variance at mean %g: %g", means[i], square / N);
    }
    static const enum noise_distribution kinds[] = {NOISE_LOGNORMAL, NOISE_NORMAL};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        double sum = 0;
        double square = 0;
        for (int64_t cell = 0; cell < N; cell++) {
            double v = pattern_draw_noise(99, cell, kinds[i], 0.2);
            cr_expect(v >= 0);
            sum += v;
            square += (v - 1) * (v - 1);
        }
        cr_expect(fabs(sum / N - 1) < 0.01, "noise %zu: mean %g", i, sum / N);
        cr_expect(fabs(sqrt(square / N) - 0.2) < 0.01, "noise %zu: sd %g", i, sqrt(square / N));
    }
    double sum = 0;
    for (int64_t cell = 0; cell < N; cell++)
        sum += (double)pattern_draw_exponential(5, cell, S) / 1e9;
    cr_expect(fabs(sum / N - 1) < 0.04, "exponential mean %g", sum / N);
    cr_expect(near(pattern_draw_noise(1, 1, NOISE_NORMAL, 0), 1));
    cr_expect(near(pattern_draw_poisson(1, 1, 0), 0));
}
