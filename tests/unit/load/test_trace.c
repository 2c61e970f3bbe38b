/* SPDX-License-Identifier: Apache-2.0 */
/* Each format and each transformation of traces, by values at times; the real traces' totals. */
#include "load/trace.h"

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
#define END         1e99

struct fixture {
    struct arena arena;
    struct diag diag;
    struct trace_context context;
    struct trace trace;
};

static bool read_text(struct fixture *f, const struct trace_spec *spec, const char *text)
{
    *f = (struct fixture){0};
    f->diag.arena = &f->arena;
    f->context = (struct trace_context){.arena = &f->arena, .diag = &f->diag};
    return trace_read_text(spec, &f->context, text, strlen(text), &f->trace);
}

static double at(const struct fixture *f, simtime t)
{
    struct load_segment g = series_segment(&f->trace.series, t, NULL);
    return segment_value(&g, t);
}

static bool near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

/* The values at 0 s, 10 s, 20 s ... as wanted, until END. */
static void expect_values(const char *name, const struct trace_spec *spec, const char *text,
                          const double *want)
{
    struct fixture f;
    bool good = read_text(&f, spec, text);
    cr_expect(good, "%s: %s", name, f.diag.count ? diag_message(&f.diag, 0) : "no message");
    for (simtime i = 0; good && want[i] < END / 2; i++)
        cr_expect(near(at(&f, i * 10 * S), want[i]), "%s: %g at %d s, not %g", name,
                  at(&f, i * 10 * S), (int)i * 10, want[i]);
    for (simtime i = 0; good && isnan(want[i]); i++)
        cr_expect(isnan(at(&f, i * 10 * S)), "%s", name);
    arena_drop(&f.arena);
}

#define ROWS4 "time,value\n0,1\n10,2\n20,3\n30,4\n"

Test(trace, csv_forms)
{
    static const struct {
        const char *name;
        const char *text;
        double want[8];
    } rows[] = {
        {"seconds from the start", ROWS4, {1, 2, 3, 4, 0, END}},
        {"no newline at the end", "time,value\n0,1\n10,2", {1, 2, 0, END}},
        {"CRLF", "time,value\r\n0,1\r\n10,2\r\n", {1, 2, 0, END}},
        {"byte order mark", "\xef\xbb\xbftime,value\n0,1\n10,2\n", {1, 2, 0, END}},
        {"semicolons", "time;value\n0;1\n10;2\n", {1, 2, 0, END}},
        {"tabs", "time\tvalue\n0\t1\n10\t2\n", {1, 2, 0, END}},
        {"quotes", "\"time\",\"value\"\n\"0\",\"1\"\n \"10\" , \"2\"\n", {1, 2, 0, END}},
        {"quoted names", "time,\"a \"\"b\"\",\nc\"\n0,1\n10,2\n", {1, 2, 0, END}},
        {"blanks and blank lines", "\n time , value \n\n 0 , 1 \n10,2\n  \n", {1, 2, 0, END}},
        {"RFC 3339", "t,v\n2024-02-29T23:59:50Z,1\n2024-03-01T00:00:00Z,2\n", {1, 2, 0, END}},
        {"offsets",
         "t,v\n2024-02-29T23:59:50-04:00,1\n2024-03-01T06:00:00+02:00,2\n",
         {1, 2, 0, END}},
        {"zone-less", "t,v\n2024-02-29 23:59:50,1\n2024-03-01 00:00:00,2\n", {1, 2, 0, END}},
        {"7 digits",
         "t,v\n2024-01-01 00:00:00.0000000,1\n2024-01-01 00:00:10.0000000,2\n",
         {1, 2, 0, END}},
        {"no seconds", "t,v\n2024-01-01 00:00,6\n2024-01-01 00:01,2\n", {6, 6, 6, 6, 6, 6, 2, END}},
        {"UTC", "t,v\n2024-01-01 00:00:00 UTC,1\n2024-01-01 00:00:10 UTC,2\n", {1, 2, 0, END}},
        {"Unix seconds", "t,v\n1700000000,1\n1700000010,2\n", {1, 2, 0, END}},
        {"Unix fractions", "t,v\n1700000000.5,1\n1700000010.5,2\n", {1, 2, 0, END}},
        {"Unix milliseconds", "t,v\n1700000000000,1\n1700000010000,2\n", {1, 2, 0, END}},
        {"exponents", "t,v\n1.7e9,1e0\n1.70000001e9,2E+0\n", {1, 2, 0, END}},
        {"value column by name", "x,time,rps\n9,0,1\n9,10,2\n", {1, 2, 0, END}},
        {"first column is time", "when?,v\n0,1\n10,2\n", {1, 2, 0, END}},
        {"irregular", "time,value\n0,1\n20,2\n30,3\n70,5\n90,5", {1, 1, 2, 3, 3, 3, 3, END}},
        {"one row", "time,value\n5,7\n", {7, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static const struct trace_spec spec = {.scale = 1};
        expect_values(rows[i].name, &spec, rows[i].text, rows[i].want);
    }
}

Test(trace, transformations)
{
#define GAP       "time,value\n0,1\n10,2\n20,3\n60,4\n70,5\n"
#define NO_SAMPLE "time,value\n0,1\n10,\n20,NaN\n30,4\n"
#define DAY       "t,v\n2024-01-01 00:00:00,1\n2024-01-01 00:00:10,2\n2024-01-01 00:00:20,3\n"
#define TWICE     "time,value\n0,1\n10,2\n10,4\n10,9\n20,3\n"
    static const struct {
        const char *name;
        struct trace_spec spec;
        const char *text;
        double want[12];
    } rows[] = {
        {"scale", {.scale = 2.5}, ROWS4, {2.5, 5, 7.5, 10, 0, END}},
        {"count", {.unit = TRACE_COUNT}, ROWS4, {0.1, 0.2, 0.3, 0.4, 0, END}},
        {"count, interval given",
         {.unit = TRACE_COUNT, .interval = 5 * S, .gap_after = H},
         ROWS4,
         {0.2, 0.4, 0.6, 0.8, 0, END}},
        {"gauge holds on", {.unit = TRACE_GAUGE}, ROWS4, {1, 2, 3, 4, 4, 4, END}},
        {"irregular counts",
         {.unit = TRACE_COUNT},
         "time,value\n0,10\n20,10\n30,10\n70,40\n90,40",
         {0.5, 0.5, 1, 0.25, 0.25, 0.25, 0.25, 2, END}},
        {"offset", {.offset = 20 * S}, ROWS4, {0, 0, 1, 2, 3, 4, 0, END}},
        {"negative offset", {.offset = -10 * S}, ROWS4, {2, 3, 4, 0, END}},
        {"speed keeps rates", {.speed = 0.5}, ROWS4, {1, 1, 2, 2, 3, 3, 4, 4, 0, END}},
        {"speed keeps counts",
         {.speed = 0.5, .unit = TRACE_COUNT},
         ROWS4,
         {.05, .05, .1, .1, .15, .15, .2, .2, 0, END}},
        {"twice", {.repeat = 2}, ROWS4, {1, 2, 3, 4, 1, 2, 3, 4, 0, END}},
        {"once", {.repeat = 1}, ROWS4, {1, 2, 3, 4, 0, END}},
        {"for ever", {.repeat = TRACE_FOREVER}, ROWS4, {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, END}},
        {"cut, repeated", {.from = "10s", .to = "30s", .repeat = 2}, ROWS4, {2, 3, 2, 3, 0, END}},
        {"cut inside an interval",
         {.from = "5s"},
         "time,value\n0,1\n15,2\n30,3\n",
         {1, 2, 2, 3, 0, END}},
        {"from and offset", {.from = "20s", .offset = 10 * S}, ROWS4, {0, 3, 4, 0, END}},
        {"to beyond, repeated",
         {.to = "60s", .repeat = 2},
         ROWS4,
         {1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 0, END}},
        {"from by the calendar", {.from = "2024-01-01T00:00:10Z"}, DAY, {2, 3, 0, END}},
        {"from in the trace's zone",
         {.from = "2024-01-01 00:00:10", .zone = "+02:00"},
         DAY,
         {2, 3, 0, END}},
        {"a date", {.from = "2024-01-01"}, DAY, {1, 2, 3, 0, END}},
        {"from by seconds", {.from = "10"}, ROWS4, {2, 3, 4, 0, END}},
        {"from before the start", {.from = "2023-12-31T23:59:50Z"}, DAY, {0, 1, 2, 3, 0, END}},
        {"linear",
         {.interpolation = TRACE_LINEAR},
         "time,value\n0,0\n40,8\n80,0\n",
         {0, 2, 4, 6, 8, 6, 4, 2, 0, 0, END}},
        {"hold", {.gaps = TRACE_GAPS_HOLD}, GAP, {1, 2, 3, 3, 3, 3, 4, 5, 0, END}},
        {"zero", {.gaps = TRACE_GAPS_ZERO}, GAP, {1, 2, 3, 0, 0, 0, 4, 5, 0, END}},
        {"interpolate",
         {.gaps = TRACE_GAPS_INTERPOLATE},
         GAP,
         {1, 2, 3, 3.25, 3.5, 3.75, 4, 5, 0, END}},
        {"missing", {.gaps = TRACE_GAPS_MISSING}, GAP, {1, 2, 3, NAN, NAN, NAN, 4, 5, NAN, END}},
        {"not called a gap", {.gap_after = M}, GAP, {1, 2, 3, 3, 3, 3, 4, 5, 0, END}},
        {"no samples held", {.gaps = TRACE_GAPS_HOLD}, NO_SAMPLE, {1, 1, 1, 4, 0, END}},
        {"no samples zero", {.gaps = TRACE_GAPS_ZERO}, NO_SAMPLE, {1, 0, 0, 4, 0, END}},
        {"no samples between", {.gaps = TRACE_GAPS_INTERPOLATE}, NO_SAMPLE, {1, 2, 3, 4, 0, END}},
        {"no samples missing", {.gaps = TRACE_GAPS_MISSING}, NO_SAMPLE, {1, NAN, NAN, 4, NAN, END}},
        {"first sample missing",
         {.gaps = TRACE_GAPS_MISSING},
         "time,value\n0,\n10,\n20,3\n30,4\n",
         {NAN, NAN, 3, 4, NAN, END}},
        {"first sample held",
         {.gaps = TRACE_GAPS_HOLD},
         "time,value\n0,\n10,\n20,3\n30,4\n",
         {3, 3, 3, 4, 0, END}},
        {"last sample held",
         {.gaps = TRACE_GAPS_HOLD},
         "time,value\n0,1\n10,2\n20,\n30,\n",
         {1, 2, 2, 2, 0, END}},
        {"end missing", {.end = TRACE_END_MISSING}, ROWS4, {1, 2, 3, 4, NAN, NAN, END}},
        {"end held", {.end = TRACE_END_HOLD}, ROWS4, {1, 2, 3, 4, 4, 4, END}},
        {"first of duplicates", {.duplicates = TRACE_DUPLICATES_FIRST}, TWICE, {1, 2, 3, 0, END}},
        {"last of duplicates", {.duplicates = TRACE_DUPLICATES_LAST}, TWICE, {1, 9, 3, 0, END}},
        {"mean of duplicates", {.duplicates = TRACE_DUPLICATES_MEAN}, TWICE, {1, 5, 3, 0, END}},
        {"sum of duplicates", {.duplicates = TRACE_DUPLICATES_SUM}, TWICE, {1, 15, 3, 0, END}},
        {"a jump between straight lines",
         {.duplicates = TRACE_DUPLICATES_STEP, .interpolation = TRACE_LINEAR},
         "time,value\n0,0\n20,4\n20,8\n40,6\n",
         {0, 2, 8, 7, 6, 6, 0, END}},
        {"milliseconds from the start",
         {.time_unit = TRACE_TIME_MILLISECONDS},
         "timestamp,qps\n0,1\n10000,2\n20000,3\n",
         {1, 2, 3, 0, END}},
        {"columns",
         {.time_column = "b", .value_column = "a"},
         "a,b,c\n1,0,9\n2,10,9\n",
         {1, 2, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_values(rows[i].name, &rows[i].spec, rows[i].text, rows[i].want);
}

Test(trace, filters_and_sums)
{
#define TWO    "time,app,value\n0,a,1\n0,b,10\n10,a,2\n10,b,20\n"
#define BLOCKS "time,app,value\n0,a,1\n10,a,2\n0,b,10\n10,b,20\n"
    static const struct trace_filter only_b[] = {{"app", "b", {0}}};
    static const struct {
        const char *name;
        struct trace_spec spec;
        const char *text;
        double want[6];
    } rows[] = {
        {"filter", {.filters = only_b, .filter_count = 1}, TWO, {10, 20, 0, END}},
        {"sum", {.sum = true, .value_column = "value"}, TWO, {11, 22, 0, END}},
        {"sum of blocks", {.sum = true, .value_column = "value"}, BLOCKS, {11, 22, 0, END}},
        {"filter of blocks", {.filters = only_b, .filter_count = 1}, BLOCKS, {10, 20, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_values(rows[i].name, &rows[i].spec, rows[i].text, rows[i].want);
}

#define MATRIX(series)                                                                             \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" series "]}}"
#define SERIES_A                                                                                   \
    "{\"metric\":{\"__name__\":\"rps\",\"app\":\"a\"},\"values\":"                                 \
    "[[1700000000,\"1\"],[1700000010.0,\"2.5\"],[1700000020,\"3e0\"]]}"
#define SERIES_B                                                                                   \
    "{\"metric\":{\"__name__\":\"rps\",\"app\":\"b\"},\"values\":"                                 \
    "[[1700000010,\"20\"],[1700000020,\"NaN\"]]}"

Test(trace, prometheus)
{
    static const struct trace_filter only_b[] = {{"app", "b", {0}}};
    static const struct {
        const char *name;
        struct trace_spec spec;
        const char *text;
        double want[6];
    } rows[] = {
        {"one series", {.scale = 1}, MATRIX(SERIES_A), {1, 2.5, 3, 0, END}},
        {"sum",
         {.sum = true, .gaps = TRACE_GAPS_HOLD},
         MATRIX(SERIES_A "," SERIES_B),
         {1, 22.5, 3, 0, END}},
        {"filter",
         {.filters = only_b, .filter_count = 1, .gaps = TRACE_GAPS_ZERO},
         MATRIX(SERIES_A "," SERIES_B),
         {20, 0, 0, END}},
        {"bare data",
         {.scale = 1},
         "\n{\"resultType\":\"matrix\",\"result\":[" SERIES_A "]}\n",
         {1, 2.5, 3, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_values(rows[i].name, &rows[i].spec, rows[i].text, rows[i].want);
}

#define LOG_LINE(time, request, status)                                                            \
    "10.0.0.1 - frank [" time "] \"" request "\" " status " 2326\n"

Test(trace, access_log)
{
    static const char text[] = LOG_LINE(
        "01/Jul/1995:23:59:58 -0400", "GET /a?x=1 HTTP/1.0",
        "200") "bad \xe9 line\n" LOG_LINE("02/Jul/1995:00:00:08 -0400", "GET /b HTTP/1.0", "404")
        LOG_LINE("02/Jul/1995:00:00:07 -0400", "POST /a HTTP/1.0", "200")
            LOG_LINE("02/Jul/1995:05:00:08 +0100", "GET /\xe9",
                     "500") "::1 - - [02/Jul/1995:00:00:18 -0400] \"-\" 408 -";
    static const struct trace_filter get[] = {{"method", "GET", {0}}};
    static const struct trace_filter path_a[] = {{"path", "/a", {0}}};
    static const struct trace_filter good[] = {{"status", "2xx", {0}}};
    static const struct trace_filter frank[] = {{"user", "frank", {0}}, {"host", "10.0.0.1", {0}}};
    static const struct {
        const char *name;
        struct trace_spec spec;
        double want[6]; /* at 0 s, 10 s, 20 s: counts of 1 s cells */
    } rows[] = {
        {"all", {.scale = 1}, {1, 2, 1, 0, END}},
        {"10 s cells", {.interval = 10 * S}, {0.1, 0.3, 0.1, 0, END}},
        {"method", {.filters = get, .filter_count = 1}, {1, 2, 0, END}},
        {"path", {.filters = path_a, .filter_count = 1}, {1, 0, END}},
        {"status", {.filters = good, .filter_count = 1}, {1, 0, END}},
        {"user and host", {.filters = frank, .filter_count = 2}, {1, 2, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_values(rows[i].name, &rows[i].spec, text, rows[i].want);
    struct fixture f;
    struct trace_spec exact = {.arrivals = true};
    cr_assert(read_text(&f, &exact, text));
    cr_expect(f.trace.malformed == 1 && f.trace.rows == 5 && f.diag.count == 1);
    cr_assert(f.trace.arrivals.count == 5);
    static const simtime want[] = {0, 9, 10, 10, 20};
    for (size_t i = 0; i < COUNT(want); i++)
        cr_expect_eq(f.trace.arrivals.at[i], want[i] * S, "arrival %zu", i);
    cr_expect(f.trace.has_origin && f.trace.origin_unix_ns == 804657598 * S);
    arena_drop(&f.arena);
}

Test(trace, requests)
{
    static const char text[] = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                               "2023-11-16 18:17:03.9799600,4808,10\r\n"
                               "2023-11-16 18:17:13.0319600,3180,8\r\n"
                               "2023-11-16 18:17:04.0781490,110,27\r\n"
                               "2023-11-16 18:17:13.5,2,3";
    static const struct {
        const char *name;
        struct trace_spec spec;
        double want[6];
    } rows[] = {
        {"counted", {.scale = 1}, {1, 2, 0, END}},
        {"tokens", {.value_column = "ContextTokens"}, {4808, 3182, 0, END}},
        {"5 s", {.interval = 5 * S}, {0.4, 0.4, 0, END}}, /* cells from 18:17:00 */
        {"twice as fast", {.speed = 2}, {2, 0, END}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_values(rows[i].name, &rows[i].spec, text, rows[i].want);
    struct fixture f;
    struct trace_spec exact = {.arrivals = true, .weight_column = "GeneratedTokens", .speed = 2};
    cr_assert(read_text(&f, &exact, text));
    cr_assert(f.trace.arrivals.count == 4);
    cr_expect_eq(f.trace.arrivals.at[0], 979960000 / 2);
    cr_expect_eq(f.trace.arrivals.at[1], 1078149000 / 2);
    cr_expect(near(f.trace.arrivals.weight[1], 27 / 12.0));
    cr_expect(near(series_integral(&f.trace.series), 4));
    arena_drop(&f.arena);
}

Test(trace, locust)
{
    static const char text[] =
        "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,Total Request Count\n"
        "1700000000,1,GET,/a,0.5,0,N/A,0\n1700000000,1,,Aggregated,1,0,N/A,0\n"
        "1700000001,1,GET,/a,0.5,0,N/A,0\n1700000001,1,,Aggregated,2,0,N/A,0\n"
        "1700000003,1,,Aggregated,3,0,5,7\n";
    static const struct trace_spec users = {.value_column = "User Count"};
    static const struct trace_spec plain = {.scale = 1};
    static const double want[] = {1, 0, END};
    expect_values("rate", &plain, text, want);
    expect_values("users", &users, text, want);
    struct fixture f;
    cr_assert(read_text(&f, &plain, text));
    cr_expect(near(at(&f, S), 2) && near(at(&f, 2 * S), 2) && near(at(&f, 3 * S), 3));
    arena_drop(&f.arena);
}

static char *azure_text(void)
{
    char *text = malloc(60000);
    char *p = text + sprintf(text, "HashOwner,HashApp,HashFunction,Trigger");
    for (int m = 1; m <= 1440; m++)
        p += sprintf(p, ",%d", m);
    static const char *const names[] = {"o1,a1,f1,http", "o1,a1,f2,timer", "o1,a2,f3,http"};
    for (int r = 0; r < 3; r++) {
        p += sprintf(p, "\n%s", names[r]);
        for (int m = 1; m <= 1440; m++)
            p += sprintf(p, ",%d", r == 0 ? m : r == 1 ? 600 : m % 2);
    }
    return text;
}

Test(trace, azure_functions)
{
    static const struct trace_filter http[] = {{"Trigger", "http", {0}}};
    static const struct trace_filter f1[] = {{"HashFunction", "f1", {0}}};
    static const struct trace_filter none[] = {{"Trigger", "htpt", {0}}};
    static const struct {
        struct trace_spec spec;
        double first;
        double last;
    } rows[] = {
        {{.filters = http, .filter_count = 1}, 2 / 60.0, 1440 / 60.0},
        {{.filters = f1, .filter_count = 1}, 1 / 60.0, 1440 / 60.0},
        {{.scale = 1}, 602 / 60.0, 2040 / 60.0},
    };
    char *text = azure_text();
    struct fixture f;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cr_assert(read_text(&f, &rows[i].spec, text), "row %zu", i);
        cr_expect(near(at(&f, 0), rows[i].first), "row %zu: %g", i, at(&f, 0));
        cr_expect(near(at(&f, 24 * H - 1), rows[i].last), "row %zu", i);
        cr_expect_eq(f.trace.series.end, 24 * H);
        arena_drop(&f.arena);
    }
    struct trace_spec bad = {.filters = none, .filter_count = 1};
    cr_expect(!read_text(&f, &bad, text));
    cr_expect_str_eq(diag_message(&f.diag, 0), "no row has Trigger \"htpt\"");
    arena_drop(&f.arena);
    free(text);
}

Test(trace, absolute)
{
    struct fixture f = {0};
    f.diag.arena = &f.arena;
    f.context = (struct trace_context){.arena = &f.arena,
                                       .diag = &f.diag,
                                       .start_unix_ns = 1704067210 * S}; /* 2024-01-01 00:00:10 */
    struct trace_spec spec = {.align = TRACE_ALIGN_ABSOLUTE};
    cr_assert(trace_read_text(&spec, &f.context, DAY, strlen(DAY), &f.trace));
    cr_expect(near(at(&f, 0), 2) && near(at(&f, 10 * S), 3) && near(at(&f, 20 * S), 0));
    cr_expect(!trace_read_text(&spec, &f.context, ROWS4, strlen(ROWS4), &f.trace));
    arena_drop(&f.arena);
}

/* Several files are one trace; gzip or not does not matter; a cut-off gzip does. */
Test(trace, files)
{
    char folder[] = "/tmp/podtide-test-XXXXXX";
    cr_assert(mkdtemp(folder));
    char command[400];
    snprintf(command, sizeof command,
             "cd %s && printf 'time,value\\n0,1\\n10,2\\n' > a.csv && "
             "printf 'time,value\\n20,3\\n30,4\\n' | gzip > b.csv && seq 1 9999 | gzip | "
             "head -c 900 > c.csv",
             folder);
    cr_assert(system(command) == 0);
    struct fixture f = {0};
    f.diag.arena = &f.arena;
    f.context = (struct trace_context){.arena = &f.arena, .diag = &f.diag, .directory = folder};
    static const char *const more[] = {"b.csv"};
    struct trace_spec spec = {.file = "a.csv", .more_files = more, .more_file_count = 1};
    cr_assert(trace_read(&spec, &f.context, &f.trace));
    cr_expect(near(at(&f, 0), 1) && near(at(&f, 25 * S), 3) && f.trace.series.end == 40 * S);
    spec = (struct trace_spec){.file = "c.csv"};
    cr_expect(!trace_read(&spec, &f.context, &f.trace));
    spec = (struct trace_spec){.file = "."};
    cr_expect(!trace_read(&spec, &f.context, &f.trace));
    arena_drop(&f.arena);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_expect(system(command) == 0);
}

/* The traces that come with the program: rows, length, and what the raw files add up to. */
Test(trace, real_traces)
{
    static const struct {
        const char *file;
        struct trace_spec spec;
        size_t rows;
        simtime end;
        double total;
    } rows[] = {
        {"traces/nasa-http-1995-07.csv", {.unit = TRACE_COUNT}, 38880, 27 * 24 * H, 1864593},
        {"traces/nasa-http-1995-07.csv",
         {.unit = TRACE_COUNT, .from = "1995-07-13", .to = "1995-07-14"},
         38880,
         24 * H,
         134203},
        {"traces/nyc-taxi-2014.csv", {.unit = TRACE_COUNT}, 10320, 215 * 24 * H, 156219716},
        {"traces/azure-llm-code-2023.csv", {.scale = 1}, 8819, 3437 * S, 8819},
        {"traces/azure-llm-conv-2023.csv", {.scale = 1}, 19366, 3503 * S, 19366},
        {"traces/azure-llm-conv-2023.csv",
         {.value_column = "GeneratedTokens"},
         19366,
         3503 * S,
         4088665},
        {"traces/aws-elb-request-count-2014.csv",
         {.unit = TRACE_COUNT, .gaps = TRACE_GAPS_ZERO},
         4032,
         1212000 * S,
         249327},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture f = {0};
        f.diag.arena = &f.arena;
        f.context = (struct trace_context){.arena = &f.arena, .diag = &f.diag};
        struct trace_spec spec = rows[i].spec;
        spec.file = rows[i].file;
        cr_assert(trace_read(&spec, &f.context, &f.trace), "row %zu", i);
        cr_expect_eq(f.trace.rows, rows[i].rows, "row %zu: %zu", i, f.trace.rows);
        cr_expect_eq(f.trace.series.end, rows[i].end, "row %zu: %g", i,
                     (double)f.trace.series.end / 1e9);
        double total = series_integral(&f.trace.series);
        cr_expect(fabs(total - rows[i].total) < 1e-6 * rows[i].total, "row %zu: %.3f", i, total);
        arena_drop(&f.arena);
    }
}
