/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which integer, double and text Go makes of a quantity, and which of two is
 * larger. The idea: 64-bit arithmetic that overflows exactly where upstream's does;
 * what is held as an inf.Dec beyond 64 bits is decimal digits times a power of ten, so
 * that dividing is cutting the text and its low 64 bits are a loop.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/api/resource (quantity.go, amount.go,
 * math.go, scale_int.go) and Go's math.Pow10.
 * The trap: the overflows are behaviour. Numbers that do not fit become 0 or wrap,
 * negative inf.Decs round towards +infinity, and a suffix beyond E is not printed.
 */
#include "kube/quantity.h"

#include "quantity_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NANO = -9,
    MILLI = -3,
    MAX_INT64_FACTORS = 18, /* decimal digits that always fit an int64 */
};

static const int64_t powers_of_ten[] = {1,
                                        10,
                                        100,
                                        1000,
                                        10000,
                                        100000,
                                        1000000,
                                        10000000,
                                        100000000,
                                        1000000000,
                                        10000000000,
                                        100000000000,
                                        1000000000000,
                                        10000000000000,
                                        100000000000000,
                                        1000000000000000,
                                        10000000000000000,
                                        100000000000000000,
                                        1000000000000000000};

/* ---- integers that wrap as Go's do ---- */

static int64_t wrap_multiply(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x * (uint64_t)y);
}

static int32_t wrap_subtract32(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x - (uint32_t)y);
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* math.go: int64MultiplyScale; the product wraps when it is false. */
static bool multiply_scale(int64_t v, int64_t factor, int64_t *out)
{
    if (v == 0 || v == 1) {
        *out = v * factor;
        return true;
    }
    if (v == INT64_MIN) {
        *out = 0;
        return false;
    }
    *out = wrap_multiply(v, factor);
    return *out / factor == v;
}

/* math.go: positiveScaleInt64. Some scales leave the wrapped product, others 0. */
static bool scale_up(int64_t v, int32_t scale, int64_t *out)
{
    if (scale <= 0) {
        *out = v;
        return true;
    }
    if (scale <= 3 || scale == 6 || scale == 9) {
        return multiply_scale(v, powers_of_ten[scale], out);
    }
    *out = v;
    for (int32_t i = 0; i < scale && *out != 0; i++) {
        if (!multiply_scale(*out, 10, out)) {
            *out = 0;
            return false;
        }
    }
    return true;
}

/* math.go: negativeScaleInt64: v / 10^scale away from zero; true when exact. */
static bool scale_down(int64_t v, int32_t scale, int64_t *out)
{
    int64_t away = v > 0 ? 1 : v < 0 ? -1 : 0;
    if (scale > MAX_INT64_FACTORS) {
        *out = away;
        return v == 0;
    }
    *out = v / powers_of_ten[scale];
    if (v % powers_of_ten[scale] == 0) {
        return true;
    }
    *out += away;
    return false;
}

/* ---- integers out ---- */

/* |digits| * 10^zeros modulo 2^64, as big.Int.Int64 has it before the sign. */
static uint64_t low_bits(const char *digits, size_t len, int64_t zeros)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        v = v * 10 + (uint64_t)(digits[i] - '0');
    }
    for (; zeros > 0 && v != 0; zeros--) {
        v *= 10;
    }
    return v;
}

/* scale_int.go: scaledValue of a negative number: cut, then one up when there was a rest. */
static int64_t divide_cut_up(int64_t unscaled, int64_t divisor)
{
    return unscaled / divisor + (unscaled % divisor != 0 ? 1 : 0);
}

/* scaledValue of digits, whose inf.Dec has scale 9; drop = 9 + scale digits are cut. */
static int64_t scaled_digits(const struct quantity *q, int32_t scale)
{
    int64_t drop = (int64_t)scale - NANO;
    int64_t zeros = (int64_t)q->scale - NANO; /* after the digits, to make nano-units */
    bool negative = q->digits[0] == '-';
    const char *digits = q->digits + (negative ? 1 : 0);
    size_t len = strlen(digits);
    if (negative && drop > 0 && drop <= MAX_INT64_FACTORS) {
        int64_t unscaled = (int64_t)(0 - low_bits(digits, len, zeros));
        return divide_cut_up(unscaled, powers_of_ten[drop]);
    }
    if (zeros >= drop) {
        uint64_t v = low_bits(digits, len, zeros - drop);
        return (int64_t)(negative ? 0 - v : v);
    }
    /* The digits end in no zero, so cutting some of them always leaves a rest. */
    size_t cut = (size_t)(drop - zeros);
    uint64_t whole = cut < len ? low_bits(digits, len - cut, 0) : 0;
    /* DivMod rounds down, so a negative number's quotient plus one is its whole part. */
    return (int64_t)(negative ? 0 - whole : whole + 1);
}

/* Quantity.ScaledValue of what is held as an inf.Dec in 64 bits. */
static int64_t scaled_dec(const struct quantity *q, int32_t scale)
{
    int64_t drop = (int64_t)scale - q->scale;
    if (drop == 0 || q->value == 0) {
        return q->value;
    }
    if (drop < 0) {
        return drop < -MAX_INT64_FACTORS ? 0 : wrap_multiply(q->value, powers_of_ten[-drop]);
    }
    if (drop > MAX_INT64_FACTORS) {
        return q->value > 0 ? 1 : 0;
    }
    return divide_cut_up(q->value, powers_of_ten[drop]);
}

int64_t quantity_scaled_value(const struct quantity *q, int32_t scale)
{
    if (q->big) {
        return q->digits != NULL ? scaled_digits(q, scale) : scaled_dec(q, scale);
    }
    int64_t out;
    if (q->scale < scale) {
        (void)scale_down(q->value, scale - q->scale, &out);
    } else {
        (void)scale_up(q->value, wrap_subtract32(q->scale, scale), &out);
    }
    return out;
}

int64_t quantity_value(const struct quantity *q)
{
    return quantity_scaled_value(q, 0);
}

int64_t quantity_milli_value(const struct quantity *q)
{
    return quantity_scaled_value(q, MILLI);
}

bool quantity_as_int64(const struct quantity *q, int64_t *out)
{
    *out = 0;
    if (q->big || q->scale < 0) {
        return false;
    }
    return scale_up(q->value, q->scale, out);
}

/* ---- doubles out ---- */

/* math.Pow10: a product of two table entries, so not always the nearest double. */
static double pow10_go(int32_t n)
{
    static const double small[] = {1e00, 1e01, 1e02, 1e03, 1e04, 1e05, 1e06, 1e07, 1e08, 1e09, 1e10,
                                   1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
                                   1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
    static const double large[] = {1e00,  1e32,  1e64,  1e96,  1e128,
                                   1e160, 1e192, 1e224, 1e256, 1e288};
    static const double tiny[] = {1e-00,  1e-32,  1e-64,  1e-96,  1e-128, 1e-160,
                                  1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
    if (n > 308) {
        return (double)INFINITY;
    }
    if (n >= 0) {
        return large[n / 32] * small[n % 32];
    }
    return n >= -323 ? tiny[-n / 32] / small[-n % 32] : 0;
}

double quantity_as_double(const struct quantity *q)
{
    if (q->digits != NULL) {
        char exponent[24];
        (void)snprintf(exponent, sizeof exponent, "e%" PRId64, (int64_t)q->scale - NANO);
        struct arena scratch = {0};
        const char *text = arena_printf(&scratch, "%s%s", q->digits, exponent);
        double unscaled = strtod(text, NULL);
        arena_drop(&scratch);
        return unscaled * pow10_go(NANO);
    }
    double base = (double)q->value;
    if (q->scale == 0) {
        return base;
    }
    if (base == 0 && q->scale > 308) {
        return (double)NAN; /* 0 * Inf, as upstream; one NaN on every machine */
    }
    return base * pow10_go(q->scale);
}

/* ---- comparing ---- */

int quantity_sign(const struct quantity *q)
{
    if (q->digits != NULL) {
        return q->digits[0] == '-' ? -1 : 1;
    }
    return q->value > 0 ? 1 : q->value < 0 ? -1 : 0;
}

/* |q| as digits * 10^scale without leading zeros; in buffer when it is in value. */
static const char *digits_of(const struct quantity *q, char buffer[24], size_t *len)
{
    if (q->digits != NULL) {
        const char *digits = q->digits + (q->digits[0] == '-' ? 1 : 0);
        *len = strlen(digits);
        return digits;
    }
    *len = (size_t)snprintf(buffer, 24, "%" PRIu64, magnitude(q->value));
    return buffer;
}

static int compare_magnitude(const struct quantity *x, const struct quantity *y)
{
    char x_buffer[24];
    char y_buffer[24];
    size_t x_len;
    size_t y_len;
    const char *xs = digits_of(x, x_buffer, &x_len);
    const char *ys = digits_of(y, y_buffer, &y_len);
    int64_t x_top = (int64_t)x_len + x->scale;
    int64_t y_top = (int64_t)y_len + y->scale;
    if (x_top != y_top) {
        return x_top < y_top ? -1 : 1;
    }
    for (size_t i = 0; i < x_len || i < y_len; i++) {
        char a = i < x_len ? xs[i] : '0';
        char b = i < y_len ? ys[i] : '0';
        if (a != b) {
            return a < b ? -1 : 1;
        }
    }
    return 0;
}

int quantity_compare(const struct quantity *x, const struct quantity *y)
{
    if (x->scale == y->scale && x->digits == NULL && y->digits == NULL) {
        return x->value < y->value ? -1 : x->value > y->value;
    }
    int sign = quantity_sign(x);
    if (sign != quantity_sign(y)) {
        return sign < quantity_sign(y) ? -1 : 1;
    }
    return sign == 0 ? 0 : sign * compare_magnitude(x, y);
}

/* ---- making ---- */

struct quantity quantity_from_milli(int64_t milli, enum quantity_format format)
{
    return (struct quantity){.value = milli, .scale = MILLI, .format = format};
}

struct quantity quantity_from_int(int64_t value, enum quantity_format format)
{
    return (struct quantity){.value = value, .format = format};
}

/* ---- changing ---- */

struct quantity quantity_round_up(struct arena *a, const struct quantity *q, int32_t scale)
{
    if (q->scale >= scale) {
        return *q;
    }
    if (q->digits != NULL) {
        return quantity_round_digits(a, q, scale);
    }
    struct quantity out = *q;
    (void)scale_down(q->value, scale - q->scale, &out.value);
    out.scale = scale;
    out.text = NULL;
    return out;
}

bool quantity_add(struct quantity *x, const struct quantity *y)
{
    if (x->big || y->big) {
        return false;
    }
    struct quantity sum = {.scale = x->scale < y->scale ? x->scale : y->scale};
    sum.format = x->value == 0 ? y->format : x->format;
    int64_t a;
    int64_t b;
    if (x->value == 0 || y->value == 0) {
        sum.value = x->value + y->value;
        sum.scale = y->value == 0 ? x->scale : y->scale;
    } else if (!scale_up(x->value, x->scale - sum.scale, &a) ||
               !scale_up(y->value, y->scale - sum.scale, &b) ||
               (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)) {
        return false;
    } else {
        sum.value = a + b;
    }
    *x = sum;
    return true;
}

/* ---- text out ---- */

/* suffix.go: constructBytes for base 10; "" for what has no suffix. */
static const char *decimal_suffix(char buffer[16], int32_t exponent, enum quantity_format format)
{
    static const char *const si[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    buffer[0] = '\0';
    if (format == QUANTITY_DECIMAL_EXPONENT) {
        if (exponent != 0) {
            (void)snprintf(buffer, 16, "e%" PRId32, exponent);
        }
        return buffer;
    }
    return exponent >= NANO && exponent <= 18 && exponent % 3 == 0 ? si[(exponent - NANO) / 3] : "";
}

/* AsCanonicalBytes and the suffix: no factor of ten but what the exponent needs. */
static const char *decimal_string(struct arena *a, const struct quantity *q,
                                  enum quantity_format format)
{
    char buffer[24];
    size_t len;
    const char *digits = digits_of(q, buffer, &len);
    int32_t exponent = q->scale;
    while (len > 1 && digits[len - 1] == '0') {
        len--;
        exponent = wrap_subtract32(exponent, -1);
    }
    int zeros = (exponent % 3 + 3) % 3;
    exponent = wrap_subtract32(exponent, zeros);
    char suffix[16];
    return arena_printf(a, "%s%.*s%.*s%s", quantity_sign(q) < 0 ? "-" : "", (int)len, digits, zeros,
                        "00", decimal_suffix(suffix, exponent, format));
}

/* The whole number of units when it is one that fits; BinarySI is capped, so it does. */
static bool whole_units(const struct quantity *q, int64_t *out)
{
    if (q->digits != NULL) {
        bool negative = q->digits[0] == '-';
        const char *digits = q->digits + (negative ? 1 : 0);
        uint64_t v = low_bits(digits, strlen(digits), q->scale);
        *out = (int64_t)(negative ? 0 - v : v);
        return q->scale >= 0;
    }
    return q->scale >= 0 ? scale_up(q->value, q->scale, out) : scale_down(q->value, -q->scale, out);
}

static const char *binary_string(struct arena *a, int64_t units)
{
    static const char *const suffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    uint64_t m = magnitude(units);
    size_t times = 0;
    while (m >= 1024 && m % 1024 == 0) {
        m /= 1024;
        times++;
    }
    return arena_printf(a, "%s%" PRIu64 "%s", units < 0 ? "-" : "", m, suffixes[times]);
}

const char *quantity_string(struct arena *a, const struct quantity *q)
{
    if (q->text != NULL) {
        return q->text;
    }
    if (quantity_sign(q) == 0) {
        return "0";
    }
    if (q->format != QUANTITY_BINARY_SI) {
        return decimal_string(a, q, q->format);
    }
    struct quantity limit = quantity_from_int(1024, QUANTITY_BINARY_SI);
    int64_t units;
    if (compare_magnitude(q, &limit) < 0 || !whole_units(q, &units)) {
        return decimal_string(a, q, QUANTITY_DECIMAL_SI);
    }
    return binary_string(a, units);
}
