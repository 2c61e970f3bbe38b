/* SPDX-License-Identifier: Apache-2.0 */
/* Times as users write them, in a run that begins at 22:30 and crosses midnight. */
#include "report/moment.h"

#include "base/str.h"

#include <criterion/criterion.h>
#include <string.h>

/* 2024-05-01T22:30:00+02:00 */
static const struct query_run night = {
    .start_unix_ns = INT64_C(1714595400000000000), .zone_seconds = 7200, .until = 3 * SIMTIME_HOUR};
/* A whole day from 2024-05-01T00:00:00Z: one date, though it ends with the next. */
static const struct query_run whole = {.start_unix_ns = INT64_C(1714521600000000000),
                                       .until = SIMTIME_DAY};

Test(moment, parse)
{
    static const struct {
        const char *text;
        double seconds; /* -1: refused */
    } rows[] = {
        {"22:30", 0},
        {"22:30:15", 15},
        {"22:30:15.5", 15.5},
        {"0:15", 6300},
        {"00:15", 6300},
        {"22:29:59", 86399}, /* of the next day */
        {"2024-05-02T00:15:00+02:00", 6300},
        {"2024-05-01T22:15:00Z", 6300},
        {"2024-05-02 00:15", 6300},
        {"2024-05-01", -1}, /* before the start */
        {"2h15m", 8100},
        {"90s", 90},
        {"1d", 86400},
        {"0", 0},
        {"", -1},
        {"noon", -1},
        {"25:00", -1},
        {"12:60", -1},
        {"-5m", -1},
        {"12", -1},
        {"12:30:15:20", -1},
        {"2024-05-01T22:29:59+02:00", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        simtime t = -1;
        const bool ok = moment_parse(rows[i].text, "--at", &night, &t, &d);
        cr_expect_eq(ok, rows[i].seconds >= 0, "\"%s\"", rows[i].text);
        cr_expect_eq(d.errors, ok ? 0 : 1, "\"%s\"", rows[i].text);
        if (ok) {
            cr_expect_eq(t, simtime_seconds(rows[i].seconds), "\"%s\": %lld", rows[i].text,
                         (long long)t);
        }
        arena_drop(&a);
    }
}

Test(moment, text)
{
    struct arena a = {0};
    cr_expect_str_eq(moment_text(&a, &night, 15 * SIMTIME_SECOND), "2024-05-01 22:30:15");
    cr_expect_str_eq(moment_text(&a, &night, 2 * SIMTIME_HOUR), "2024-05-02 00:30:00");
    cr_expect_str_eq(moment_text(&a, &whole, SIMTIME_HOUR), "01:00:00");
    cr_expect_str_eq(moment_near(&a, &night, 2 * SIMTIME_HOUR, 100 * SIMTIME_MINUTE), "00:30:00");
    cr_expect_str_eq(moment_near(&a, &night, 0, 2 * SIMTIME_HOUR), "2024-05-01 22:30:00");
    cr_expect_str_eq(moment_rfc3339(&a, &night, 90 * SIMTIME_MINUTE), "2024-05-02T00:00:00+02:00");
    cr_expect_str_eq(moment_rfc3339(&a, &whole, 1), "2024-05-01T00:00:00Z");
    arena_drop(&a);
}

Test(moment, span)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{0, "0s"},       {0.4, "0s"},    {0.5, "1s"},       {45, "45s"},
                {60, "1m"},      {90, "1m30s"},  {3600, "1h"},      {3605, "1h5s"},
                {8100, "2h15m"}, {86400, "24h"}, {90061, "25h1m1s"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        cr_expect_str_eq(moment_span(&a, simtime_seconds(rows[i].seconds)), rows[i].text);
        arena_drop(&a);
    }
}
