/* SPDX-License-Identifier: Apache-2.0 */
/* Text: building, the numbers' grammar and range, UTF-8, nearness. */
#include "base/str.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

Test(strbuf, building)
{
    struct arena a = {0};
    struct strbuf b = {.arena = &a};
    cr_expect_str_eq(strbuf_text(&b), "");
    strbuf_clear(&b);
    strbuf_add(&b, "");
    cr_expect_str_eq(strbuf_text(&b), "");
    strbuf_add(&b, "pod");
    strbuf_char(&b, '-');
    strbuf_printf(&b, "%d", 17);
    strbuf_add_len(&b, "abc", 2);
    cr_expect_str_eq(strbuf_text(&b), "pod-17ab");
    cr_expect_eq(b.len, 8);
    strbuf_clear(&b);
    cr_expect_str_eq(strbuf_text(&b), "");
    for (int i = 0; i < 3000; i++) {
        strbuf_printf(&b, "%04d", i);
        if (i % 7 == 0) {
            (void)arena_alloc(&a, 1, 1);
        }
    }
    cr_expect_eq(b.len, 12000);
    cr_expect(strncmp(b.text + 4 * 2999, "2999", 5) == 0 && strncmp(b.text, "00000001", 8) == 0);
    strbuf_clear(&b);
    strbuf_printf(&b, "%500s|", "x");
    cr_expect(b.len == 501 && b.text[500] == '|');
    arena_drop(&a);
}

Test(str, questions)
{
    cr_expect(str_equal("a", "a") && !str_equal("a", "b") && !str_equal("a", NULL));
    cr_expect(!str_equal(NULL, "") && str_equal(NULL, NULL));
    cr_expect(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("a", "ab"));
    cr_expect(str_ends("abc", "bc") && str_ends("abc", "") && !str_ends("c", "bc"));
    cr_expect(!str_ends("abc", "ab"));
}

Test(str, to_int64)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {"0042", true, 42},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {"--1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x10", false, 0},
        {"1\n", false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t v = 12345;
        bool good = str_to_int64(rows[i].text, &v);
        cr_expect_eq(good, rows[i].good, "%s", rows[i].text);
        cr_expect_eq(v, good ? rows[i].value : 12345, "%s", rows[i].text);
    }
}

Test(str, to_double)
{
    static const struct {
        const char *text;
        bool good;
        double value;
    } rows[] = {
        {"0", true, 0.0},
        {"1", true, 1.0},
        {"+1.5", true, 1.5},
        {"-2.25", true, -2.25},
        {"0.1", true, 0.1},
        {".5", true, 0.5},
        {"5.", true, 5.0},
        {"1e3", true, 1000.0},
        {"1E-3", true, 0.001},
        {"1e+22", true, 1e22},
        {"1e23", true, 1e23},
        {"123456789012345678", true, 123456789012345678.0},
        {"9007199254740993", true, 9007199254740992.0},
        {"0.30000000000000004", true, 0.30000000000000004},
        {"1.7976931348623157e308", true, 0x1.fffffffffffffp1023},
        {"1.7976931348623159e308", false, 0},
        {"1e309", false, 0},
        {"1e99999999999999999999", false, 0},
        {"5e-324", true, 0x1p-1074},
        {"1e-400", true, 0.0},
        {"0e99999999999", true, 0.0},
        {"2.2250738585072014e-308", true, 0x1p-1022},
        {"000000000000000000000000000000000000001", true, 1.0},
        {"0.00000000000000000000000000000000000001", true, 1e-38},
        {"99999999999999999999999999999", true, 1e29},
        {"", false, 0},
        {".", false, 0},
        {"-", false, 0},
        {"-.", false, 0},
        {"e5", false, 0},
        {".e5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"1e5.5", false, 0},
        {"1,5", false, 0},
        {"0x1p3", false, 0},
        {"inf", false, 0},
        {"Infinity", false, 0},
        {"nan", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1_000", false, 0},
        {"1f", false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double v = 12345;
        bool good = str_to_double(rows[i].text, &v);
        cr_expect_eq(good, rows[i].good, "%s", rows[i].text);
        double want = good ? rows[i].value : 12345;
        cr_expect(memcmp(&v, &want, sizeof v) == 0, "%s: %.17g", rows[i].text, v);
    }
    double v;
    cr_expect(str_to_double("-0", &v) && v == 0 && signbit(v));
}

/* The exact way and the C library must never differ. */
Test(str, to_double_is_correctly_rounded)
{
    uint64_t x = 1;
    for (int i = 0; i < 50000; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        char text[64];
        snprintf(text, sizeof text, "%llu.%03ue%d", (unsigned long long)(x >> (11 + i % 50)),
                 (unsigned)(x % 1000), (int)(x >> 20 & 63) - 32);
        double v = 0;
        cr_assert(str_to_double(text, &v) && v == strtod(text, NULL), "%s", text);
    }
}

Test(str, utf8)
{
    static const struct {
        const char *text;
        size_t first; /* bytes of the first character, 0 when bad */
        bool good;    /* all of it */
    } rows[] = {
        {"a", 1, true},
        {"\x7F", 1, true},
        {"é", 2, true},
        {"€x", 3, true},
        {"😀", 4, true},
        {"\xC2\x80", 2, true},
        {"\xDF\xBF", 2, true},
        {"\xE0\xA0\x80", 3, true},
        {"\xED\x9F\xBF", 3, true},
        {"\xEE\x80\x80", 3, true},
        {"\xF4\x8F\xBF\xBF", 4, true},
        {"\x80", 0, false},
        {"\xC0\x80", 0, false},
        {"\xC1\xBF", 0, false},
        {"\xE0\x9F\xBF", 0, false},
        {"\xED\xA0\x80", 0, false},
        {"\xF0\x8F\xBF\xBF", 0, false},
        {"\xF4\x90\x80\x80", 0, false},
        {"\xF5\x80\x80\x80", 0, false},
        {"\xFF", 0, false},
        {"\xC3", 0, false},
        {"\xE2\x82", 0, false},
        {"\xE2\x28\xA1", 0, false},
        {"\xF0\x9F\x98", 0, false},
        {"a\xFF", 1, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = strlen(rows[i].text);
        cr_expect_eq(str_utf8_length(rows[i].text, len), rows[i].first, "row %zu", i);
        cr_expect_eq(str_is_utf8(rows[i].text, len), rows[i].good, "row %zu", i);
    }
    cr_expect(str_is_utf8("", 0));
    cr_expect(str_is_utf8("a\0b", 3));
}

Test(str, distance)
{
    static const char long_name[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static const struct {
        const char *a;
        const char *b;
        size_t limit;
        size_t want;
    } rows[] = {
        {"", "", 5, 0},
        {"", "abc", 5, 3},
        {"abc", "", 5, 3},
        {"abc", "abc", 0, 0},
        {"abc", "abd", 5, 1},
        {"abc", "abcd", 5, 1},
        {"abc", "acb", 5, 1},
        {"kitten", "sitting", 9, 3},
        {"kitten", "sitting", 1, 2},
        {"replcias", "replicas", 5, 1},
        {"ca", "abc", 5, 3},
        {long_name, long_name, 5, 0},
        {long_name, "x", 5, 6},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        cr_expect_eq(str_distance(rows[i].a, rows[i].b, rows[i].limit), rows[i].want, "%s %s",
                     rows[i].a, rows[i].b);
        cr_expect_eq(str_distance(rows[i].b, rows[i].a, rows[i].limit), rows[i].want, "%s %s",
                     rows[i].b, rows[i].a);
    }
}

Test(str, nearest)
{
    static const char *const names[] = {
        "replicas", "minReplicas", "maxReplicas", "metrics", "behavior", "cpu", "a"};
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"replica", "replicas"},
        {"minreplicas", "minReplicas"},
        {"minReplcias", "minReplicas"},
        {"behaviour", "behavior"},
        {"metric", "metrics"},
        {"CPU", "cpu"},
        {"spu", "cpu"},
        {"schedule", NULL},
        {"xyz", NULL},
        {"", NULL},
        {"b", NULL},
        {"replicas", "replicas"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = str_nearest(rows[i].text, names, COUNT(names));
        cr_expect(str_equal(got, rows[i].want), "%s: %s", rows[i].text, got != NULL ? got : "none");
    }
    cr_expect_null(str_nearest("a", NULL, 0));
}
