/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities against what Go's resource.Quantity makes of the same texts: the rows of
 * quantity_vectors.txt, printed by tests/conformance/go-quantity.
 */
#include "kube/quantity.h"
#include "vectors.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double v)
{
    if (v != v) {
        return UINT64_C(0x7ff8000000000000);
    }
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void check_row(struct arena *a, char *fields[VECTOR_FIELDS], size_t n)
{
    struct quantity q;
    enum quantity_error error = quantity_parse(a, fields[0], &q);
    cr_expect_eq((int)error, atoi(fields[1]), "'%s': error %d", fields[0], (int)error);
    if (n < 8 || error != QUANTITY_OK) {
        return;
    }
    const char *text = quantity_string(a, &q);
    int64_t value = quantity_value(&q);
    int64_t milli = quantity_milli_value(&q);
    int64_t whole;
    cr_expect_str_eq(text, fields[2], "'%s': '%s', not '%s'", fields[0], text, fields[2]);
    cr_expect_eq(value, strtoll(fields[3], NULL, 10), "'%s': value %" PRId64, fields[0], value);
    cr_expect_eq(milli, strtoll(fields[4], NULL, 10), "'%s': milli %" PRId64, fields[0], milli);
    cr_expect_eq(bits_of(quantity_as_double(&q)), strtoull(fields[5], NULL, 16), "'%s': %a",
                 fields[0], quantity_as_double(&q));
    cr_expect_eq((int)q.format, atoi(fields[6]), "'%s': format", fields[0]);
    cr_expect_eq(quantity_as_int64(&q, &whole), fields[7][0] == '1', "'%s': int64", fields[0]);
}

Test(quantity, is_what_go_makes_of_it)
{
    cr_expect_gt(vectors_each("tests/unit/kube/quantity_vectors.txt", check_row), 5000);
}

Test(quantity, compares_by_value)
{
    static const struct {
        const char *x;
        const char *y;
        int order;
    } rows[] = {
        {"0", "0", 0},
        {"-0", "0m", 0},
        {"1", "1000m", 0},
        {"1", "1001m", -1},
        {"-1", "-1001m", 1},
        {"1Ki", "1024", 0},
        {"1Ki", "1k", 1},
        {"1.5", "1500m", 0},
        {"-5", "3", -1},
        {"1e400", "1e401", -1},
        {"-1e400", "-1e401", 1},
        {"0e400", "0", 0},
        {"12345678901234567890", "12345678901234567890.000000001", -1},
        {"12345678901234567890", "12345678901234567890000m", 0},
        {"9223372036854775807", "8Ei", 0},
        {"9223372036854775808", "8Ei", 1},
        {"0.0000000001", "1n", 0},
        {"1E", "1000P", 0},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct quantity x;
        struct quantity y;
        cr_expect_eq(quantity_parse(&a, rows[i].x, &x), QUANTITY_OK);
        cr_expect_eq(quantity_parse(&a, rows[i].y, &y), QUANTITY_OK);
        cr_expect_eq(quantity_compare(&x, &y), rows[i].order, "%s, %s", rows[i].x, rows[i].y);
        cr_expect_eq(quantity_compare(&y, &x), -rows[i].order, "%s, %s", rows[i].y, rows[i].x);
    }
    arena_drop(&a);
}

Test(quantity, is_made_from_integers)
{
    static const struct {
        int64_t value;
        bool milli;
        enum quantity_format format;
        const char *text;
    } rows[] = {
        {0, true, QUANTITY_DECIMAL_SI, "0"},
        {1, true, QUANTITY_DECIMAL_SI, "1m"},
        {1500, true, QUANTITY_DECIMAL_SI, "1500m"},
        {2000, true, QUANTITY_DECIMAL_SI, "2"},
        {-2000, true, QUANTITY_DECIMAL_SI, "-2"},
        {1500, true, QUANTITY_DECIMAL_EXPONENT, "1500e-3"},
        {1024000, true, QUANTITY_BINARY_SI, "1Ki"},
        {1024001, true, QUANTITY_BINARY_SI, "1024001m"},
        {1023000, true, QUANTITY_BINARY_SI, "1023"},
        {1, false, QUANTITY_BINARY_SI, "1"},
        {1 << 20, false, QUANTITY_BINARY_SI, "1Mi"},
        {-(1 << 20), false, QUANTITY_BINARY_SI, "-1Mi"},
        {1000000, false, QUANTITY_DECIMAL_SI, "1M"},
        {INT64_MAX, false, QUANTITY_DECIMAL_SI, "9223372036854775807"},
        {INT64_MIN, true, QUANTITY_DECIMAL_SI, "-9223372036854775808m"},
        {INT64_MIN, false, QUANTITY_BINARY_SI, "-8Ei"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct quantity q = rows[i].milli ? quantity_from_milli(rows[i].value, rows[i].format)
                                          : quantity_from_int(rows[i].value, rows[i].format);
        cr_expect_str_eq(quantity_string(&a, &q), rows[i].text, "%s: %s", rows[i].text,
                         quantity_string(&a, &q));
    }
    arena_drop(&a);
}

Test(quantity, from_json_may_stand_in_blanks)
{
    static const struct {
        const char *text;
        enum quantity_error error;
        int64_t milli;
    } rows[] = {
        {" 1 ", QUANTITY_OK, 1000},
        {"\t100m\n", QUANTITY_OK, 100},
        {"\xc2\xa0"
         "2\xe3\x80\x80",
         QUANTITY_OK, 2000},
        {" 1 2 ", QUANTITY_FORMAT_WRONG, 0},
        {"  ", QUANTITY_FORMAT_WRONG, 0},
        {"", QUANTITY_FORMAT_WRONG, 0},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct quantity q;
        cr_expect_eq(quantity_parse_json(&a, rows[i].text, &q), rows[i].error, "row %zu", i);
        cr_expect_eq(quantity_milli_value(&q), rows[i].milli, "row %zu", i);
    }
    arena_drop(&a);
}

Test(quantity, may_be_huge)
{
    struct arena a = {0};
    size_t len = 1 << 20;
    char *text = arena_alloc(&a, len + 4, 1);
    memset(text, '9', len);
    struct quantity q;
    cr_expect_eq(quantity_parse(&a, text, &q), QUANTITY_OK);
    cr_expect_eq(strlen(quantity_string(&a, &q)), len);
    memcpy(text + len, "Ei", 3);
    cr_expect_eq(quantity_parse(&a, text, &q), QUANTITY_OK);
    cr_expect_eq(quantity_value(&q), INT64_MAX);
    cr_expect_eq(quantity_parse(&a, "12345678901234567890e2000000000", &q), QUANTITY_OK);
    cr_expect_eq(quantity_value(&q), 0);
    cr_expect_eq(quantity_parse(&a, "1e-2147483648", &q), QUANTITY_OK);
    cr_expect_eq(quantity_scaled_value(&q, -9), 1);
    arena_drop(&a);
}

Test(quantity, is_rounded_up_and_added)
{
    static const struct {
        const char *x;
        const char *rounded;
        const char *y;
        const char *sum; /* NULL: beyond 64 bits */
    } rows[] = {
        {"1", "1", "500m", "1500m"},
        {"0.1m", "1m", "100u", "200u"},
        {"-0.1m", "-1m", "1", "999900u"},
        {"1500u", "2m", "0", "1500u"},
        {"0", "0", "1Ki", "1Ki"},
        {"1Mi", "1Mi", "1024Ki", "2Mi"},
        {"1.0000000001", "1001m", "1", NULL},
        {"12345678901.123456789", "12345678901124m", "1", NULL},
        {"99999999999.9999999", "100G", "1", "100000000000999999900n"},
        {"9223372036854775807", "9223372036854775807", "1", NULL},
        {"+5", "+5", "5", "10"},
        {"1e3", "1e3", "1", "1001"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct quantity x;
        struct quantity y;
        cr_expect_eq(quantity_parse(&a, rows[i].x, &x), QUANTITY_OK);
        cr_expect_eq(quantity_parse(&a, rows[i].y, &y), QUANTITY_OK);
        struct quantity up = quantity_round_up(&a, &x, -3);
        cr_expect_str_eq(quantity_string(&a, &up), rows[i].rounded, "%s: %s", rows[i].x,
                         quantity_string(&a, &up));
        cr_expect_eq(quantity_add(&x, &y), rows[i].sum != NULL, "%s", rows[i].x);
        if (rows[i].sum != NULL) {
            cr_expect_str_eq(quantity_string(&a, &x), rows[i].sum, "%s: %s", rows[i].x,
                             quantity_string(&a, &x));
        }
    }
    arena_drop(&a);
}
