/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: values, segments and integrals agree in any order of asking; arrivals; errors. */
#include "load/source.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define S           SIMTIME_SECOND
#define M           SIMTIME_MINUTE
#define H           SIMTIME_HOUR

struct fixture {
    struct arena arena;
    struct diag diag;
    struct load_context context;
    const struct load_source *source;
    struct load_cursor cursor;
};

static void setup(struct fixture *f, enum load_use use)
{
    *f = (struct fixture){0};
    f->diag.arena = &f->arena;
    f->context =
        (struct load_context){.arena = &f->arena, .diag = &f->diag, .name = "web", .use = use};
}

static bool build(struct fixture *f, const struct load_spec *spec, uint64_t seed)
{
    f->source = load_build(spec, &f->context);
    if (f->source)
        load_cursor_init(&f->cursor, f->source, seed, &f->arena);
    return f->source != NULL;
}

static double at(struct fixture *f, simtime t)
{
    return load_value(f->source, &f->cursor, t);
}

static bool near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

static const struct load_spec ten = {.kind = LOAD_CONSTANT, .u.constant = {10}};
static const struct load_spec three = {.kind = LOAD_CONSTANT, .u.constant = {3}};
static const struct load_spec ramp = {.kind = LOAD_RAMP, .u.ramp = {0, 100, 0, 100 * S}};
static const struct load_spec fall = {.kind = LOAD_RAMP, .u.ramp = {100, 0, 50 * S, 100 * S}};
static const struct load_spec holes = {.kind = LOAD_PROMTOOL,
                                       .u.promtool = {.values = "5x2 _x2 7x3", .interval = 30 * S}};
static const struct load_spec noise = {.kind = LOAD_NOISE, .u.noise = {&ramp, 0.3, 7 * S, 0}};
static const struct load_spec counts = {.kind = LOAD_POISSON, .u.poisson = {&noise, 0, 2 * S}};
static const struct load_spec bursts = {.kind = LOAD_MMPP, .u.mmpp = {{10, 200}, {30 * S, 5 * S}}};
static const struct load_spec daily = {.kind = LOAD_DAILY, .u.daily = {10, 90, 0, 0, 0, 0, 0, {0}}};
static const struct load_spec *const two_ramps[] = {&ramp, &fall};
static const struct load_spec *const many[] = {&ramp, &holes, &noise, &bursts};
static const struct load_spec *const factors[] = {&daily, &noise, &fall};
static const struct load_spec sum = {.kind = LOAD_SUM, .u.terms = {two_ramps, 2}};
static const struct load_spec product = {.kind = LOAD_PRODUCT, .u.terms = {two_ramps, 2}};
static const struct load_spec mixed = {.kind = LOAD_SUM, .scale = 2, .u.terms = {many, 4}};
static const struct load_spec curved = {.kind = LOAD_PRODUCT, .u.terms = {factors, 3}};
static const struct load_spec limited = {.kind = LOAD_CLAMP,
                                         .u.clamp = {&ramp, 20, 70, true, true}};
static const struct load_spec shifted = {.kind = LOAD_SHIFT, .u.shift = {&ramp, 10 * S, 60 * S}};
static const struct load_spec poisson = {.kind = LOAD_POISSON, .u.poisson = {NULL, 50, S}};
static const struct load_spec tightened = {.kind = LOAD_CLAMP,
                                           .u.clamp = {&curved, 15, 2000, true, true}};

Test(source, values)
{
    static const struct {
        const struct load_spec *spec;
        simtime t;
        double want;
    } rows[] = {
        {&ten, 0, 10},
        {&ten, 1000 * H, 10},
        {&sum, 0, 100},
        {&sum, 30 * S, 130},
        {&sum, 75 * S, 75 + 75},
        {&sum, 125 * S, 125},
        {&sum, 200 * S, 100},
        {&product, 30 * S, 3000},
        {&product, 60 * S, 60 * 90},
        {&product, 60 * S + S / 2, (60 * 90 + 61 * 89) / 2.0}, /* straight within a second */
        {&product, 150 * S, 0},
        {&limited, 0, 20},
        {&limited, 20 * S, 20},
        {&limited, 45 * S, 45},
        {&limited, 70 * S, 70},
        {&limited, 500 * S, 70},
        {&shifted, 0, 0},
        {&shifted, 10 * S, 0},
        {&shifted, 69 * S, 59},
        {&shifted, 70 * S, 0},
        {&shifted, 75 * S, 5},
        {&holes, 0, 5},
        {&holes, 89 * S, 5},
        {&holes, 90 * S, NAN},
        {&holes, 150 * S, 7},
        {&holes, 270 * S, NAN},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, rows[i].spec, 1), "row %zu", i);
        cr_expect(near(at(&f, rows[i].t), rows[i].want), "row %zu: %.12g", i, at(&f, rows[i].t));
        arena_drop(&f.arena);
    }
}

/* Exact integrals of what is known, and of the limited ramp's corners. */
Test(source, integrals)
{
    static const struct {
        const struct load_spec *spec;
        simtime from;
        simtime until;
        double want;
    } rows[] = {
        {&ten, 0, M, 600},
        {&ten, 5, 5, 0},
        {&ramp, 0, 100 * S, 5000},
        {&ramp, 50 * S, 150 * S, 3750 + 5000},
        {&limited, 0, 100 * S, 20 * 20 + 50 * 45 + 30 * 70},
        {&holes, 0, 300 * S, 90 * 5 + 120 * 7},
        {&shifted, 0, 130 * S, 2 * 1800},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, rows[i].spec, 1), "row %zu", i);
        double got = load_integral(f.source, &f.cursor, rows[i].from, rows[i].until);
        cr_expect(fabs(got - rows[i].want) < 1e-6, "row %zu: %.12g", i, got);
        arena_drop(&f.arena);
    }
}

static const struct load_spec *const all[] = {&sum,     &product, &mixed,     &curved, &limited,
                                              &shifted, &holes,   &poisson,   &counts, &bursts,
                                              &daily,   &noise,   &tightened, &ten};

/* A fresh cursor asked once must say what a cursor that walked, jumped or came back says. */
Test(source, order_does_not_matter)
{
    for (size_t i = 0; i < COUNT(all); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, all[i], 42), "load %zu", i);
        uint64_t random = 12345;
        for (int k = 0; k < 300; k++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            simtime t = (simtime)((random >> 20) % (uint64_t)(400 * S));
            struct load_cursor fresh;
            load_cursor_init(&fresh, f.source, 42, &f.arena);
            struct load_segment a = load_segment_at(f.source, &f.cursor, t);
            struct load_segment b = load_segment_at(f.source, &fresh, t);
            cr_assert(a.from <= t && t < a.until, "load %zu at %g", i, (double)t / 1e9);
            cr_assert(a.from == b.from && a.until == b.until &&
                          memcmp(&a.begin, &b.begin, sizeof a.begin) == 0 &&
                          memcmp(&a.end, &b.end, sizeof a.end) == 0,
                      "load %zu at %g", i, (double)t / 1e9);
        }
        arena_drop(&f.arena);
    }
}

/* Whole segments from 0 on touch each other, and their sum is the integral however it is cut. */
Test(source, segments_tile_and_integrals_add_up)
{
    for (size_t i = 0; i < COUNT(all); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, all[i], 3), "load %zu", i);
        simtime t = 0;
        double whole = 0;
        while (t < 200 * S) {
            struct load_segment g = load_segment_at(f.source, &f.cursor, t);
            cr_assert(g.from <= t && (t == 0 || g.from == t), "load %zu at %g", i, (double)t / 1e9);
            simtime stop = load_next_change(f.source, &f.cursor, t);
            cr_assert(stop > t);
            stop = stop < 200 * S ? stop : 200 * S;
            whole += segment_integral(&g, t, stop);
            t = stop;
        }
        double parts = 0;
        for (simtime a = 0; a < 200 * S; a += 777 * SIMTIME_MILLISECOND) {
            simtime b = a + 777 * SIMTIME_MILLISECOND;
            parts += load_integral(f.source, &f.cursor, a, b < 200 * S ? b : 200 * S);
        }
        cr_expect(fabs(parts - whole) <= 1e-9 * (1 + whole), "load %zu: %g %g", i, parts, whole);
        double counter = 0;
        for (simtime b = 0; b <= 200 * S; b += 13 * S / 2)
            counter = load_integral(f.source, &f.cursor, 0, b);
        struct load_cursor fresh;
        load_cursor_init(&fresh, f.source, 3, &f.arena);
        double once = load_integral(f.source, &fresh, 0, 195 * S);
        cr_expect(memcmp(&counter, &once, sizeof once) == 0, "load %zu: %g %g", i, counter, once);
        cr_expect(near(load_integral(f.source, &f.cursor, 0, 200 * S), whole), "load %zu", i);
        cr_expect(near(load_integral(f.source, &f.cursor, 0, 0), 0));
        arena_drop(&f.arena);
    }
}

Test(source, random_streams)
{
    struct fixture f;
    struct fixture g;
    setup(&f, LOAD_USE_RATE);
    setup(&g, LOAD_USE_RATE);
    cr_assert(build(&f, &poisson, 1) && build(&g, &poisson, 2));
    int differ = 0;
    double total = 0;
    for (int i = 0; i < 2000; i++) {
        differ += !near(at(&f, i * S), at(&g, i * S));
        total += at(&f, i * S);
        cr_expect(near(at(&f, i * S), floor(at(&f, i * S))));
    }
    cr_expect(differ > 1500, "seeds differ: %d", differ);
    cr_expect(fabs(total / 2000 - 50) < 5 * sqrt(50.0 / 2000), "mean %g", total / 2000);
    g.context.name = "api";
    cr_assert(build(&g, &poisson, 1));
    differ = 0;
    for (int i = 0; i < 2000; i++)
        differ += !near(at(&f, i * S), at(&g, i * S));
    cr_expect(differ > 1500, "names differ: %d", differ);
    cr_assert(build(&f, &bursts, 5));
    double mean = load_integral(f.source, &f.cursor, 0, 200 * H) / (200 * 3600.0);
    cr_expect(fabs(mean - (10 * 30 + 200 * 5) / 35.0) < 1, "mmpp mean %g", mean);
    arena_drop(&f.arena);
    arena_drop(&g.arena);
}

/* One named load used twice is one stream of noise. */
Test(source, references)
{
    struct fixture f;
    setup(&f, LOAD_USE_RATE);
    struct load_spec a = {.kind = LOAD_REFERENCE, .u.reference = {"base", &counts}};
    struct load_spec b = {.kind = LOAD_REFERENCE, .scale = 3, .u.reference = {"base", &counts}};
    const struct load_spec *both[] = {&a, &b};
    struct load_spec total = {.kind = LOAD_SUM, .u.terms = {both, 2}};
    cr_assert(build(&f, &total, 9));
    struct fixture g;
    setup(&g, LOAD_USE_RATE);
    cr_assert(build(&g, &a, 9));
    for (int i = 0; i < 100; i++)
        cr_expect(near(at(&f, i * S), 4 * at(&g, i * S)), "at %d", i);
    arena_drop(&f.arena);
    arena_drop(&g.arena);
}

Test(source, ends)
{
    static const struct load_spec *const with_holes[] = {&ten, &holes};
    static const struct load_spec times = {.kind = LOAD_PRODUCT, .u.terms = {with_holes, 2}};
    static const struct {
        const struct load_spec *spec;
        simtime want;
    } rows[] = {
        {&ten, 0},
        {&ramp, 100 * S},
        {&sum, 150 * S},
        {&holes, 270 * S},
        {&times, 270 * S},
        {&daily, SIMTIME_NEVER},
        {&poisson, SIMTIME_NEVER},
        {&counts, SIMTIME_NEVER},
        {&shifted, SIMTIME_NEVER},
        {&limited, 100 * S},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, rows[i].spec, 1), "row %zu", i);
        cr_expect_eq(f.source->end, rows[i].want, "row %zu: %g", i, (double)f.source->end / 1e9);
        arena_drop(&f.arena);
    }
}

static void write_requests(char *path)
{
    strcpy(path, "/tmp/podtide-test-XXXXXX");
    int fd = mkstemp(path);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    cr_assert(out);
    fputs("TIMESTAMP,ContextTokens,GeneratedTokens\n"
          "2023-11-16 18:00:00.5,10,30\n2023-11-16 18:00:02.25,20,10\n"
          "2023-11-16 18:00:02.25,20,20\n2023-11-16 18:00:09.75,30,20",
          out);
    fclose(out);
}

Test(source, arrivals)
{
    char path[32];
    write_requests(path);
    struct load_spec trace = {
        .kind = LOAD_TRACE,
        .u.trace = {.file = path, .arrivals = true, .weight_column = "GeneratedTokens"}};
    struct load_spec later = {.kind = LOAD_SHIFT, .u.shift = {&trace, 1 * S, 0}};
    const struct load_spec *both[] = {&trace, &later};
    struct load_spec merged = {.kind = LOAD_SUM, .u.terms = {both, 2}};
    const struct load_spec *scaled_by[] = {&trace, &three};
    struct load_spec scaled = {.kind = LOAD_PRODUCT, .u.terms = {scaled_by, 2}};
    struct {
        const struct load_spec *spec;
        double at[14]; /* seconds; ends with -1 */
    } rows[] = {
        {&trace, {0.5, 2.25, 2.25, 9.75, -1}},
        {&later, {1.5, 3.25, 3.25, 10.75, -1}},
        {&merged, {0.5, 1.5, 2.25, 2.25, 3.25, 3.25, 9.75, 10.75, -1}},
        {&scaled,
         {0.5, 0.5 + 1.75 / 3, 0.5 + 3.5 / 3, 2.25, 2.25, 2.25, 2.25, 4.75, 7.25, 9.75, 9.75, 9.75,
          -1}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_assert(build(&f, rows[i].spec, 1), "row %zu", i);
        cr_assert(f.source->has_arrivals);
        struct load_arrival a = {0};
        size_t n = 0;
        while (load_next_arrival(&f.cursor, &a)) {
            cr_expect(fabs((double)a.at / 1e9 - rows[i].at[n]) < 1e-8, "row %zu, %zu: %g", i, n,
                      (double)a.at / 1e9);
            n++;
        }
        cr_expect(rows[i].at[n] < 0, "row %zu: %zu arrivals", i, n);
        size_t first = 0;
        while (rows[i].at[first] < 2.25)
            first++;
        load_seek_arrival(&f.cursor, 2 * S + S / 4);
        cr_expect(load_next_arrival(&f.cursor, &a) && near((double)a.at / 1e9, rows[i].at[first]),
                  "row %zu seek", i);
        double offered = load_integral(f.source, &f.cursor, 0, 20 * S);
        cr_expect(near(offered, (double)n), "row %zu: the series offers %g", i, offered);
        arena_drop(&f.arena);
    }
    unlink(path);
}

Test(source, arrivals_thinned_and_repeated)
{
    char path[32];
    write_requests(path);
    struct load_spec trace = {.kind = LOAD_TRACE,
                              .scale = 0.5,
                              .u.trace = {.file = path,
                                          .arrivals = true,
                                          .repeat = TRACE_FOREVER,
                                          .weight_column = "GeneratedTokens"}};
    struct fixture f;
    setup(&f, LOAD_USE_RATE);
    cr_assert(build(&f, &trace, 1));
    struct load_arrival a = {0};
    simtime last = 0;
    double weight = 0;
    size_t n = 0;
    for (; load_next_arrival(&f.cursor, &a) && a.at < 100000 * S; n++) {
        cr_assert(a.at >= last);
        last = a.at;
        weight += a.weight;
    }
    cr_expect(fabs((double)n - 20000) < 5 * sqrt(10000.0), "%zu of 20000", n);
    cr_expect(fabs(weight / (double)n - 1) < 0.03, "mean weight %g", weight / (double)n);
    arena_drop(&f.arena);
    unlink(path);
}

Test(source, errors)
{
    static const struct load_spec negative = {.kind = LOAD_CONSTANT, .u.constant = {-1}};
    static const struct load_spec nan_ = {.kind = LOAD_CONSTANT, .u.constant = {NAN}};
    static const struct load_spec *const bad_terms[] = {&negative, &nan_};
    static const struct load_spec two_errors = {.kind = LOAD_SUM, .u.terms = {bad_terms, 2}};
    static const struct load_spec empty_sum = {.kind = LOAD_SUM};
    static const struct load_spec unknown = {.kind = LOAD_REFERENCE, .u.reference = {"x", NULL}};
    static const struct load_spec cell = {.kind = LOAD_NOISE, .u.noise = {NULL, 0.1, -5, 0}};
    static const struct load_spec wide = {.kind = LOAD_NOISE, .u.noise = {NULL, NAN, 0, 0}};
    static const struct load_spec sojourn = {.kind = LOAD_MMPP, .u.mmpp = {{1, 2}, {0, S}}};
    static const struct load_spec open = {.kind = LOAD_CLAMP, .u.clamp = {.of = &ten}};
    static const struct load_spec crossed = {.kind = LOAD_CLAMP,
                                             .u.clamp = {&ten, 5, 4, true, true}};
    static const struct load_spec scale = {.kind = LOAD_CONSTANT, .scale = -2};
    static const struct load_spec missing = {.kind = LOAD_TRACE,
                                             .u.trace = {.file = "no/such/file.csv"}};
    static const struct load_spec both = {.kind = LOAD_POISSON, .u.poisson = {&ten, 5, 0}};
    static const struct {
        const struct load_spec *spec;
        size_t errors;
        const char *part;
    } rows[] = {
        {&negative, 1, "negative"},  {&nan_, 1, "finite"},     {&two_errors, 2, "negative"},
        {&empty_sum, 1, "at least"}, {&unknown, 1, "no load"}, {&cell, 1, "cell"},
        {&wide, 1, "deviation"},     {&sojourn, 1, "sojourn"}, {&open, 1, "min, max"},
        {&crossed, 1, "above"},      {&scale, 1, "scale"},     {&missing, 1, "cannot open"},
        {&both, 1, "not both"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f;
        setup(&f, LOAD_USE_RATE);
        cr_expect(!build(&f, rows[i].spec, 1), "row %zu", i);
        cr_expect_eq(f.diag.errors, rows[i].errors, "row %zu", i);
        if (f.diag.errors > 0)
            cr_expect(strstr(diag_message(&f.diag, 0), rows[i].part), "row %zu: %s", i,
                      diag_message(&f.diag, 0));
        arena_drop(&f.arena);
    }
    struct load_spec loop = {.kind = LOAD_REFERENCE, .u.reference = {"loop", NULL}};
    loop.u.reference.of = &loop;
    struct fixture f;
    setup(&f, LOAD_USE_GAUGE);
    cr_expect(!build(&f, &loop, 1) && strstr(diag_message(&f.diag, 0), "itself"));
    cr_expect(build(&f, &negative, 1) && near(at(&f, 0), -1), "a gauge may be negative");
    arena_drop(&f.arena);
}
