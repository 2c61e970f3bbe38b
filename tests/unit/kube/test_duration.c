/* SPDX-License-Identifier: Apache-2.0 */
/* Durations against Go's, and the friendlier reading of scenarios. */
#include "kube/duration.h"
#include "vectors.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

static void check_row(struct arena *a, char *fields[VECTOR_FIELDS], size_t count)
{
    int64_t ns = 1;
    bool ok = duration_parse(fields[0], &ns);
    const char *error = duration_error(a, fields[0]);
    cr_expect_eq(ok, fields[1][0] == '0', "'%s'", fields[0]);
    cr_expect_eq(ok, error == NULL, "'%s'", fields[0]);
    if (!ok) {
        cr_expect_str_eq(error, fields[2]);
        cr_expect_eq(ns, 0);
        return;
    }
    char text[DURATION_MAX];
    cr_assert_eq(count, 4);
    cr_expect_eq(ns, strtoll(fields[2], NULL, 10), "'%s': %" PRId64, fields[0], ns);
    cr_expect_str_eq(duration_format(text, ns), fields[3], "'%s': %s", fields[0], text);
}

Test(duration, is_what_go_makes_of_it)
{
    cr_expect_gt(vectors_each("tests/unit/kube/duration_vectors.txt", check_row), 2000);
}

Test(duration, of_a_scenario_may_count_days_and_weeks)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t seconds;
    } rows[] = {
        {"1d", true, 86400},     {"2w", true, 1209600},
        {"1d12h", true, 129600}, {"1.5d", true, 129600},
        {"90s", true, 90},       {"1w1d1h1m1s", true, 694861},
        {"0", true, 0},          {"-1d", true, -86400},
        {"1y", false, 0},        {"", false, 0},
        {"106752d", false, 0},   {"1D", false, 0},
        {"15251w", false, 0},    {"106751d", true, INT64_C(106751) * 86400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns;
        bool ok = duration_parse_friendly(rows[i].text, &ns);
        cr_expect_eq(ok, rows[i].ok, "%s", rows[i].text);
        cr_expect_eq(ns, rows[i].seconds * 1000000000, "%s: %" PRId64, rows[i].text, ns);
    }
}
