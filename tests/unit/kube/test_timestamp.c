/* SPDX-License-Identifier: Apache-2.0 */
/* Instants against Go's time package, and the other forms that traces use. */
#include "kube/timestamp.h"
#include "vectors.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void check_row(struct arena *a, char *fields[VECTOR_FIELDS], size_t count)
{
    (void)a;
    int64_t ns;
    bool ok = timestamp_parse_rfc3339(fields[0], &ns);
    cr_expect_eq(ok, fields[1][0] == '0', "'%s'", fields[0]);
    if (!ok || count < 6) {
        return;
    }
    char text[TIMESTAMP_MAX];
    int32_t offset = (int32_t)strtol(fields[3], NULL, 10);
    cr_expect_eq(ns, strtoll(fields[2], NULL, 10), "'%s': %" PRId64, fields[0], ns);
    cr_expect_str_eq(timestamp_format(text, ns, offset), fields[4], "'%s': %s", fields[0], text);
    cr_expect_str_eq(timestamp_format_seconds(text, ns, offset), fields[5], "'%s'", fields[0]);
}

Test(timestamp, is_what_go_makes_of_it)
{
    cr_expect_gt(vectors_each("tests/unit/kube/timestamp_vectors.txt", check_row), 500);
}

Test(timestamp, is_read_from_plain_dates)
{
    static const struct {
        const char *text;
        int32_t offset;
        bool ok;
        bool zone;
        int64_t ns;
    } rows[] = {
        {"1970-01-01", 0, true, false, 0},
        {"1970-01-02 00:00", 0, true, false, INT64_C(86400000000000)},
        {"1970-01-01 00:00:01.5", 0, true, false, INT64_C(1500000000)},
        {"1970-01-01T00:00:01", 0, true, false, INT64_C(1000000000)},
        {"1970-01-01 01:00:00", 3600, true, false, 0},
        {"1970-01-01 01:00:00Z", -3600, true, true, INT64_C(3600000000000)},
        {"1970-01-01 01:00:00+01:00", 0, true, true, 0},
        {"1970-01-01 00:00:00.000000001", 0, true, false, 1},
        {"1970-01-01 00:00:00.0000000019", 0, true, false, 1},
        {"1970-01-01 00", 0, false, false, 0},
        {"1970-01-01 ", 0, false, false, 0},
        {"1970-01-01x", 0, false, false, 0},
        {"1970-01-01 00:00:00 ", 0, false, false, 0},
        {"1970-01-01 00:00:00.", 0, false, false, 0},
        {"1970-02-30 00:00", 0, false, false, 0},
        {"2262-04-12 00:00", 0, false, false, 0},
        {"1677-09-21 00:12:43", 0, false, false, 0},
        {"0000-01-01 00:00", 0, false, false, 0},
        {"", 0, false, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns;
        bool zone = true;
        bool ok = timestamp_parse(rows[i].text, rows[i].offset, &ns, &zone);
        cr_expect_eq(ok, rows[i].ok, "'%s'", rows[i].text);
        cr_expect_eq(zone, rows[i].zone, "'%s'", rows[i].text);
        cr_expect_eq(ns, rows[i].ns, "'%s': %" PRId64, rows[i].text, ns);
    }
    int64_t ns;
    cr_expect(timestamp_parse_len("1970-01-01T00:00:01,x", 19, 0, &ns, NULL));
    cr_expect_eq(ns, 1000000000);
}

Test(timestamp, offsets_have_several_forms)
{
    static const struct {
        const char *text;
        bool ok;
        int32_t seconds;
    } rows[] = {
        {"Z", true, 0},          {"UTC", true, 0},      {"+02:00", true, 7200},
        {"-0530", true, -19800}, {"+02", true, 7200},   {"-23:59", true, -86340},
        {"+24:00", false, 0},    {"+1", false, 0},      {"02:00", false, 0},
        {"+02:0", false, 0},     {"+02:60", false, 0},  {"", false, 0},
        {"+020", false, 0},      {"+02:00x", false, 0}, {"Europe/Paris", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t seconds = 1;
        cr_expect_eq(timestamp_parse_offset(rows[i].text, &seconds), rows[i].ok, "'%s'",
                     rows[i].text);
        cr_expect_eq(seconds, rows[i].seconds, "'%s'", rows[i].text);
    }
}

Test(timestamp, every_day_splits_and_joins)
{
    int32_t weekday = 3; /* 1677-09-22 was a Wednesday */
    for (int64_t day = timestamp_days(1677, 9, 22); day < timestamp_days(2262, 4, 11); day++) {
        int64_t at = day * INT64_C(86400000000000) + 12345;
        struct timestamp_parts p = timestamp_split(at, 0);
        int64_t back;
        cr_assert(timestamp_join(&p, 0, &back));
        cr_assert_eq(back, at, "%d-%d-%d", p.year, p.month, p.day);
        cr_assert_eq(p.weekday, weekday, "%d-%d-%d", p.year, p.month, p.day);
        weekday = (weekday + 1) % 7;
    }
}
