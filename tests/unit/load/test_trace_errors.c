/* SPDX-License-Identifier: Apache-2.0 */
/* Bad traces: each gets its message, at its line and column, with the line shown. */
#include "load/trace.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define MATRIX(series)                                                                             \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" series "]}}"

struct row {
    const char *name;
    struct trace_spec spec;
    const char *text;
    const char *want; /* a part of what is printed */
};

static char *printed(const struct trace_spec *spec, const char *text, size_t len, bool *good)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct trace_context c = {.arena = &a, .diag = &d};
    struct trace_spec named = *spec;
    struct trace trace;
    named.file = "t.csv";
    *good = trace_read_text(&named, &c, text, len, &trace);
    cr_expect(*good || d.errors > 0, "a failure without an error");
    char *shown = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&shown, &size);
    diag_print(&d, out);
    fclose(out);
    arena_drop(&a);
    return shown;
}

static void expect_error(const struct row *row)
{
    bool good = false;
    char *shown = printed(&row->spec, row->text, strlen(row->text), &good);
    cr_expect(!good, "%s: accepted", row->name);
    cr_expect(strstr(shown, row->want), "%s:\n%s", row->name, shown);
    free(shown);
}

#define HEAD "time,value\n"

Test(trace_errors, rows_and_cells)
{
    static const struct row rows[] = {
        {"empty", {.scale = 1}, "", "t.csv: error: the trace is empty"},
        {"blank", {.scale = 1}, "\n \n", "t.csv: error: the trace is empty"},
        {"header only", {.scale = 1}, HEAD, "t.csv: error: the trace has no rows"},
        {"no header", {.scale = 1}, "0,1\n10,2\n", "t.csv:1:1: error: the first line must name"},
        {"not a number",
         {.scale = 1},
         HEAD "0,1\n10,abc\n",
         "t.csv:3:4: error: \"abc\": not a number\n    10,abc\n       ^\n"},
        {"hex", {.scale = 1}, HEAD "0,0x10\n", "t.csv:2:3: error: \"0x10\": not a number"},
        {"NaN", {.scale = 1}, HEAD "0,1\n10,NaN\n", "t.csv:3:4: error: there is no value here"},
        {"no value", {.scale = 1}, HEAD "0,1\n10,\n", "t.csv:3:4: error: there is no value here"},
        {"infinite",
         {.scale = 1},
         HEAD "0,1\n10,+Inf\n",
         "t.csv:3:4: error: \"+Inf\": a value must"},
        {"negative",
         {.scale = 1},
         HEAD "0,1\n10,-2\n",
         "error: \"-2\": a load must not be negative"},
        {"huge", {.scale = 1}, HEAD "0,1\n10,1e300\n", "error: \"1e300\": too large"},
        {"over double", {.scale = 1}, HEAD "0,1\n10,1e999\n", "error: \"1e999\": not a number"},
        {"few fields",
         {.scale = 1},
         HEAD "0,1\n10\n",
         "t.csv:3:1: error: 1 fields, but the header names 2 columns"},
        {"many fields", {.scale = 1}, HEAD "0,1,2\n", "t.csv:2:1: error: 3 fields"},
        {"open quote",
         {.scale = 1},
         HEAD "0,1\n10,\"2\n",
         "t.csv:3:4: error: a quote that is never"},
        {"after a quote",
         {.scale = 1},
         HEAD "0,\"1\"x\n",
         "t.csv:2:6: error: text after a closing"},
        {"column counts characters",
         {.scale = 1},
         "time,host,value\n0,\xc3\xa9\xc3\xa9,x\n",
         "t.csv:2:6: error: \"x\": not a number"},
        {"all errors at once", {.scale = 1}, HEAD "0,a\n10,b\n", "t.csv:3:4: error: \"b\""},
        {"no values at all",
         {.gaps = TRACE_GAPS_HOLD},
         HEAD "0,\n10,\n",
         "t.csv:2:1: error: no row has a value"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_error(&rows[i]);
}

Test(trace_errors, times)
{
    static const struct row rows[] = {
        {"no time", {.scale = 1}, "time,v\n,1\n", "t.csv:2:1: error: \"\": no time"},
        {"words", {.scale = 1}, "time,v\nsoon,1\n", "t.csv:2:1: error: \"soon\": not a time"},
        {"30 February", {.scale = 1}, "time,v\n2024-02-30 00:00:00,1\n", "not a time"},
        {"25 o'clock", {.scale = 1}, "time,v\n2024-02-20 25:00:00,1\n", "not a time"},
        {"zone by name",
         {.scale = 1},
         "time,v\n2024-02-20 05:00:00 CEST,1\n",
         "error: \"2024-02-20 05:00:00 CEST\": unknown zone"},
        {"zone by city",
         {.scale = 1},
         "time,v\n2024-02-20T05:00:00Europe/Berlin,1\n",
         "unknown zone"},
        {"negative", {.scale = 1}, "time,v\n-5,1\n", "a time before the start"},
        {"year 9999", {.scale = 1}, "time,v\n9999-01-01T00:00:00Z,1\n", "not a time"},
        {"huge", {.scale = 1}, "time,v\n99999999999999999999,1\n", "a time out of range"},
        {"year 2262",
         {.scale = 1},
         "time,v\n2024-01-01 00:00:00,1\n2262-04-11 00:00:00,1\n2024-01-01 00:00:10,x\n",
         "t.csv:3:1: error: \"2262-04-11 00:00:00\": a time out of range (1824 to 2115)\n"
         "    2262-04-11 00:00:00,1\n    ^\nt.csv:4:21: error: \"x\""},
        {"ten decades",
         {.scale = 1},
         "time,v\n1900-01-01 00:00:00,1\n2000-01-01 00:00:00,2\n",
         "t.csv:3:1: error: the trace spans over 31 years"},
        {"too slow", {.speed = 1e-9}, "time,v\n0,1\n10,2\n", "reaches over 31 years"},
        {"mixed zones",
         {.scale = 1},
         "time,v\n2024-02-20T05:00:00Z,1\n2024-02-20T05:00:10,2\n",
         "t.csv:3:1: error: "},
        {"mixed forms",
         {.scale = 1},
         "time,v\n2024-02-20T05:00:00Z,1\n1708405210,2\n",
         "began with dates that name their zone"},
        {"seconds, then milliseconds",
         {.scale = 1},
         "time,v\n1708405200,1\n1708405210000,2\n",
         "began as Unix seconds"},
        {"backwards",
         {.scale = 1},
         "time,v\n0,1\n20,2\n10,3\n30,4\n",
         "t.csv:4:1: error: time runs backwards: 10s from the start comes after 20s from the start "
         "(line 3)\n    10,3\n    ^\n"},
        {"summer ends",
         {.scale = 1},
         "time,v\n2024-10-27 02:59:00,1\n2024-10-27 02:00:00,2\n",
         "help: local times go back"},
        {"twice",
         {.scale = 1},
         "time,v\n0,1\n10,2\n10,3\n",
         "t.csv:4:1: error: a second row for 10s from the start (line 3)"},
        {"gap",
         {.scale = 1},
         "time,v\n0,1\n10,2\n20,3\n60,4\n",
         "t.csv:5:1: error: a gap of 40s after 20s from the start (line 4); rows are 10s apart"},
        {"one count", {.unit = TRACE_COUNT}, "time,v\n0,1\n", "set interval"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_error(&rows[i]);
}

Test(trace_errors, columns_and_cuts)
{
    static const struct trace_filter filter[] = {{"ap", "a", {0}}};
    static const struct trace_filter other[] = {{"app", "weba", {0}}};
    static const char apps[] = "time,app,value\n0,web1,1\n10,web2,2\n";
    static const char day[] = "t,v\n2024-01-01 00:00:00,1\n2024-01-01 00:00:10,2\n";
    static const struct row rows[] = {
        {"column", {.value_column = "vlue"}, HEAD "0,1\n", "help: did you mean \"value\"?"},
        {"time column", {.time_column = "x"}, HEAD "0,1\n", "has no column \"x\""},
        {"column twice", {.value_column = "a"}, "time,a,a\n0,1,2\n", "column \"a\" appears twice"},
        {"which column", {.scale = 1}, "time,a,b\n0,1,2\n", "which column holds the value?"},
        {"no column", {.scale = 1}, "time\n0\n", "no column for the value"},
        {"filter column", {.filters = filter, .filter_count = 1}, apps, "did you mean \"app\"?"},
        {"filter value", {.filters = other, .filter_count = 1}, apps, "no row has app \"weba\""},
        {"from after the end",
         {.from = "1h"},
         day,
         "no rows from 1h to its end: the trace runs from 2024-01-01T00:00:00Z to "
         "2024-01-01T00:00:20Z"},
        {"to before the start", {.to = "2023-12-31"}, day, "no rows from its start to 2023-12-31"},
        {"from after to",
         {.from = "20s", .to = "10s"},
         HEAD "0,1\n10,2\n20,3\n30,4\n",
         "from (20s) is not before to (10s)"},
        {"date for seconds", {.from = "2024-01-01"}, HEAD "0,1\n10,2\n", "counts from its start"},
        {"seconds for dates", {.from = "10"}, day, "neither a time nor a duration"},
        {"nonsense", {.from = "soon"}, day, "\"soon\" is neither a time nor a duration"},
        {"before", {.from = "-5s"}, day, "before the trace's start"},
        {"zone", {.zone = "CET"}, day, "unknown zone \"CET\""},
        {"scale", {.scale = -1}, day, "scale must be"},
        {"speed", {.speed = -1}, day, "speed must be"},
        {"interval", {.interval = -1}, day, "interval must be"},
        {"arrivals of a series", {.arrivals = true}, day, "a row per request"},
        {"rate of requests", {.unit = TRACE_RATE, .format = TRACE_REQUESTS}, day, "are counted"},
        {"aligned without dates",
         {.align = TRACE_ALIGN_ABSOLUTE},
         HEAD "0,1\n10,2\n",
         "cannot be aligned"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_error(&rows[i]);
}

Test(trace_errors, formats)
{
#define ONE(l, v) "{\"metric\":{\"app\":\"" l "\"},\"values\":[[1700000000," v "]]}"
    static const struct trace_filter app[] = {{"app", "wob", {0}}};
    static const struct row rows[] = {
        {"ambiguous",
         {.scale = 1},
         MATRIX(ONE("a", "\"1\"") "," ONE("b", "\"2\"")),
         "error: 2 series match; one is needed\n    help: filter by a label, or set sum to add "
         "them up:\n    help: {app=\"a\"}\n    help: {app=\"b\"}"},
        {"no label",
         {.filters = app, .filter_count = 1},
         MATRIX(ONE("web", "\"1\"")),
         "no row has app \"wob\"\n    help: did you mean \"web\"?"},
        {"no series", {.scale = 1}, MATRIX(""), "the trace has no rows"},
        {"NaN", {.scale = 1}, MATRIX(ONE("a", "\"NaN\"")), "NaN is no value"},
        {"infinite", {.scale = 1}, MATRIX(ONE("a", "\"+Inf\"")), "must be finite"},
        {"negative", {.scale = 1}, MATRIX(ONE("a", "\"-1\"")), "must not be negative"},
        {"not a number", {.scale = 1}, MATRIX(ONE("a", "\"x\"")), "not a number"},
        {"no pair", {.scale = 1}, MATRIX("{\"metric\":{},\"values\":[[1]]}"), "a sample must be"},
        {"scalars", {.scale = 1}, MATRIX("{\"metric\":{},\"values\":[7]}"), "a sample must be"},
        {"histograms",
         {.scale = 1},
         MATRIX("{\"metric\":{},\"histograms\":[]}"),
         "native histograms"},
        {"vector",
         {.scale = 1},
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
         "only range queries"},
        {"failed",
         {.scale = 1},
         "{\"status\":\"error\",\"error\":\"timeout\"}",
         "Prometheus answered \"error\": timeout"},
        {"other JSON", {.scale = 1}, "{\"a\":1}", "not a Prometheus query_range answer"},
        {"broken JSON", {.scale = 1}, "{\"status\":", "t.csv:"},
        {"no log",
         {.format = TRACE_ACCESS_LOG},
         "hello\nworld\n",
         "t.csv:1:1: error: no line is in Common Log Format; this is the first of 2"},
        {"bad log date",
         {.scale = 1},
         "h - - [32/Jul/1995:00:00:01 -0400] \"GET /\" 200 1\n",
         "no line is in Common Log Format"},
        {"Azure's minutes",
         {.scale = 1},
         "HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1,2\n",
         "the header names 2 of the minutes 1 to 1440"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_error(&rows[i]);
}

Test(trace_errors, limits)
{
    bool good = true;
    char *shown = printed(&(struct trace_spec){.scale = 1}, "time,v\n0,1\0\n", 12, &good);
    cr_expect(!good && strstr(shown, "t.csv:2:4: error: a NUL byte"), "%s", shown);
    free(shown);
    size_t len = (size_t)3 << 20;
    char *text = malloc(len);
    memset(text, 'x', len);
    memcpy(text, "time,v\n0,\"", 10);
    shown = printed(&(struct trace_spec){.scale = 1}, text, len, &good);
    cr_expect(!good && strstr(shown, "t.csv:2:1: error: a line of over 1 MiB; is a quote never"),
              "%.300s", shown);
    free(shown);
    memset(text, '\n', len);
    char *p = text + sprintf(text, "time,v\n");
    for (int i = 0; i < 100; i++)
        p += sprintf(p, "x,1\n");
    shown = printed(&(struct trace_spec){.scale = 1}, text, (size_t)(p - text), &good);
    cr_expect(!good && strstr(shown, "t.csv:21:1") && !strstr(shown, "t.csv:22:1"), "%s", shown);
    cr_expect(strstr(shown, "more than this in one file is not read"), "%s", shown);
    free(shown);
    free(text);
}
