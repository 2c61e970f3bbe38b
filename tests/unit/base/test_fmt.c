/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people and as JSON read them; units that carry. */
#include "base/fmt.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct row {
    double value;
    const char *text;
};

static void check(const char *what, char *(*format)(char *, double), const struct row *rows,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char buffer[FMT_MAX];
        char *got = format(buffer, rows[i].value);
        cr_expect(got == buffer && strcmp(got, rows[i].text) == 0, "%s(%.17g) = %s, want %s", what,
                  rows[i].value, got, rows[i].text);
    }
}

/* Expected texts are what Go prints. */
Test(fmt, as_go_prints)
{
    static const struct row rows[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {100, "100"},
        {1e6, "1e+06"},
        {123456789, "1.23456789e+08"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1e20, "1e+20"},
        {1e21, "1e+21"},
        {1e22, "1e+22"},
        {1e100, "1e+100"},
        {0x1p-1074, "5e-324"},
        {0x1p-1022, "2.2250738585072014e-308"},
        {0x0.fffffffffffffp-1022, "2.225073858507201e-308"},
        {0x1.fffffffffffffp1023, "1.7976931348623157e+308"},
        {0x1p53, "9.007199254740992e+15"},
    };
    check("fmt_go", fmt_go, rows, COUNT(rows));
}

Test(fmt, doubles_for_people)
{
    static const struct row rows[] = {
        {0, "0"},
        {0.1, "0.1"},
        {1e6, "1000000"},
        {123456789.25, "123456789.25"},
        {1e20, "100000000000000000000"},
        {-1e21, "-1e+21"},
        {1e22, "1e+22"},
        {0.00012, "0.00012"},
        {0.00001, "1e-05"},
        {NAN, "NaN"},
        {-NAN, "NaN"},
        {INFINITY, "+Inf"},
        {-INFINITY, "-Inf"},
    };
    check("fmt_double", fmt_double, rows, COUNT(rows));
}

/* Expected texts are those of Go's encoding/json. */
Test(fmt, json)
{
    static const struct row rows[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {3.0, "3"},
        {-42.0, "-42"},
        {1e15, "1000000000000000"},
        {999999999999999.0, "999999999999999"},
        {0x1p53, "9007199254740992"},
        {1e20, "100000000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {0.5, "0.5"},
        {0.000001, "0.000001"},
        {0.0000012345678901234567, "0.0000012345678901234567"},
        {0.0000001, "1e-7"},
        {-1.25e-9, "-1.25e-9"},
        {1e-10, "1e-10"},
        {0x1p-1074, "5e-324"},
        {NAN, "null"},
        {INFINITY, "null"},
    };
    check("fmt_json", fmt_json, rows, COUNT(rows));
}

/* Every value reads back as itself, by every layout. */
Test(fmt, round_trip)
{
    uint64_t x = 7;
    for (int i = 0; i < 30000; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = i % 3 == 0 ? x & UINT64_C(0x800fffffffffffff) : x;
        double v;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v)) {
            continue;
        }
        char a[FMT_MAX];
        char b[FMT_MAX];
        char c[FMT_MAX];
        fmt_double(a, v);
        fmt_go(b, v);
        fmt_json(c, v);
        cr_assert(strtod(a, NULL) == v && strtod(b, NULL) == v && strtod(c, NULL) == v, "%a: %s", v,
                  a);
    }
}

Test(fmt, si)
{
    static const struct row rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {950, "950"},
        {999, "999"},
        {999.4, "999"},
        {999.5, "1.00k"},
        {999.6, "1.00k"},
        {1000, "1.00k"},
        {1240, "1.24k"},
        {9994, "9.99k"},
        {9996, "10.0k"},
        {99960, "100k"},
        {999499, "999k"},
        {999500, "1.00M"},
        {17e6, "17.0M"},
        {2.5e9, "2.50G"},
        {1e12, "1.00T"},
        {1e15, "1.00P"},
        {1e18, "1.00E"},
        {9.99e20, "999E"},
        {1e21, "1.00e+21"},
        {5.25, "5.25"},
        {12.34, "12.3"},
        {123.4, "123"},
        {0.5, "0.500"},
        {0.05, "0.0500"},
        {0.001, "0.00100"},
        {0.9996, "1.00"},
        {0.09996, "0.100"},
        {0.0002, "2.00e-04"},
        {-1240, "-1.24k"},
        {-0.5, "-0.500"},
        {NAN, "NaN"},
        {INFINITY, "+Inf"},
        {-INFINITY, "-Inf"},
    };
    check("fmt_si", fmt_si, rows, COUNT(rows));
}

Test(fmt, bytes)
{
    static const struct row rows[] = {
        {0, "0"},
        {1, "1"},
        {0.4, "0"},
        {1023, "1023"},
        {1024, "1Ki"},
        {1536, "1.50Ki"},
        {512.0 * 1048576, "512Mi"},
        {1.5 * 1073741824, "1.50Gi"},
        {1073741824.0 - 1, "1.00Gi"},
        {1000.25 * 1048576, "1000Mi"},
        {12.34 * 1048576, "12.3Mi"},
        {0x1p60, "1Ei"},
        {0x1p70, "1.18e+21"},
        {-2048, "-2Ki"},
        {NAN, "NaN"},
    };
    check("fmt_bytes", fmt_bytes, rows, COUNT(rows));
}

Test(fmt, seconds)
{
    static const struct row rows[] = {
        {0, "0s"},
        {1e-6, "1us"},
        {0.00025, "250us"},
        {0.0009996, "1ms"},
        {0.0125, "12.5ms"},
        {0.85, "850ms"},
        {0.9996, "1.0s"},
        {1, "1s"},
        {12.3, "12.3s"},
        {59.94, "59.9s"},
        {59.96, "1m00s"},
        {60, "1m00s"},
        {245, "4m05s"},
        {3599.4, "59m59s"},
        {3599.6, "1h00m"},
        {8100, "2h15m"},
        {8129, "2h15m"},
        {8130, "2h16m"},
        {86369, "23h59m"},
        {86370, "1d00h"},
        {86400, "1d00h"},
        {3 * 86400 + 4 * 3600, "3d04h"},
        {400 * 86400.0, "400d00h"},
        {1e15, "1.00e+15s"},
        {-0.85, "-850ms"},
        {-245, "-4m05s"},
        {NAN, "NaN"},
        {INFINITY, "+Inf"},
    };
    check("fmt_seconds", fmt_seconds, rows, COUNT(rows));
}

Test(fmt, thousands)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {1240, "1,240"},
        {-999, "-999"},
        {-123456, "-123,456"},
        {1234567, "1,234,567"},
        {INT64_MAX, "9,223,372,036,854,775,807"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char buffer[FMT_MAX];
        cr_expect_str_eq(fmt_thousands(buffer, rows[i].value), rows[i].text);
    }
}
