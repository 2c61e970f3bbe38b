/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a running formula: how they compare, add and print, as expr-lang/expr v1.17.8's
 * vm/runtime does with Go's interface values. An integer and a float meet as floats; two
 * integers stay integers and wrap.
 *
 * The trap: math.Pow of Go is no pow() of C. On amd64 it is made of its own Exp and Log in
 * assembly, with fused multiply-adds; formula_pow takes the same steps to get the same bits.
 */
#include "base/fmt.h"
#include "base/str.h"
#include "formula_internal.h"

#include <math.h>
#include <string.h>

/* ---- numbers ---- */

int64_t formula_to_int(double d)
{
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 ? (int64_t)d : INT64_MIN;
}

/* 2^e * x with one rounding at the end. */
static double scale(double x, int64_t e)
{
    return ldexp(x, e > 5000 ? 5000 : e < -5000 ? -5000 : (int)e);
}

/* archLog, for x > 0 and finite. */
static double go_log(double x)
{
    int k;
    double f1 = frexp(x, &k);
    if (f1 < 7.07106781186547524401e-01) {
        k--;
        f1 *= 2;
    }
    const double f = f1 - 1;
    const double s = f / (2 + f);
    const double s2 = s * s;
    const double s4 = s2 * s2;
    const double t1 = s2 * (6.666666666666735130e-01 +
                            s4 * (2.857142874366239149e-01 +
                                  s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
    const double t2 = s4 * (3.999999999940941908e-01 +
                            s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
    const double hfsq = 0.5 * f * f;
    return k * 6.93147180369123816490e-01 -
           ((hfsq - (s * (t1 + t2 + hfsq) + k * 1.90821492927058770002e-10)) - f);
}

/* archExp with FMA, for finite x that neither overflows nor underflows (|x| < 700). */
static double go_exp(double x)
{
    static const double series[] = {1.9841269841269841270e-4,
                                    1.3888888888888888889e-3,
                                    8.3333333333333333333e-3,
                                    4.1666666666666666667e-2,
                                    1.6666666666666666667e-1,
                                    0.5,
                                    1.0};
    const double k = nearbyint(1.4426950408889634073599246810018920 * x);
    x = fma(-k, 0.69314718055966295651160180568695068359375, x);
    x = fma(-k, 0.28235290563031577122588448175013436025525412068e-12, x);
    x *= 0.0625;
    double t = 2.4801587301587301587e-5;
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
        t = fma(t, x, series[i]);
    }
    x *= t;
    for (int i = 0; i < 3; i++) {
        x *= x + 2.0;
    }
    return scale(fma(x, x + 2.0, 1.0), (int64_t)k);
}

static bool is_odd(double y)
{
    if (fabs(y) >= 9007199254740992.0) {
        return false;
    }
    return y == trunc(y) && ((int64_t)y & 1) == 1;
}

static double pow_zero(double x, double y)
{
    const bool negative = signbit(x) && fabs(fmod(y, 2)) == 1;
    if (y < 0) {
        return negative ? -INFINITY : INFINITY;
    }
    return negative ? x : 0;
}

static double pow_large(double x, double y, bool large_is_zero)
{
    if (x == -1) {
        return 1;
    }
    return (fabs(x) < 1) == large_is_zero ? 0 : y != y ? NAN : INFINITY;
}

static double pow_finite(double x, double y)
{
    double yi;
    double yf = modf(fabs(y), &yi);
    double a1 = 1;
    int64_t ae = 0;
    int exponent;
    if (yf != 0 && x < 0) {
        return NAN;
    }
    if (yi >= 9223372036854775808.0) {
        return pow_large(x, y, y > 0);
    }
    if (yf > 0.5) {
        yf--;
        yi++;
    }
    if (yf != 0) {
        a1 = go_exp(yf * go_log(x));
    }
    double x1 = frexp(x, &exponent);
    int64_t xe = exponent;
    for (int64_t i = (int64_t)yi; i != 0; i >>= 1) {
        if (xe < -(1 << 12) || xe > 1 << 12) {
            ae += xe;
            break;
        }
        if ((i & 1) == 1) {
            a1 *= x1;
            ae += xe;
        }
        x1 *= x1;
        xe *= 2;
        if (x1 < .5) {
            x1 += x1;
            xe--;
        }
    }
    return y < 0 ? scale(1 / a1, -ae) : scale(a1, ae);
}

double formula_pow(double x, double y)
{
    if (y == 0 || x == 1) {
        return 1;
    }
    if (y == 1) {
        return x;
    }
    if (isnan(x) || isnan(y)) {
        return NAN;
    }
    if (x == 0) {
        return pow_zero(x, y);
    }
    if (isinf(y)) {
        return pow_large(x, y, y > 0);
    }
    if (isinf(x)) {
        if (x < 0) {
            const double magnitude = y < 0 ? 0 : INFINITY;
            return is_odd(y) ? -magnitude : magnitude;
        }
        return y < 0 ? 0 : INFINITY;
    }
    if (y == 0.5) {
        return sqrt(x);
    }
    return y == -0.5 ? 1 / sqrt(x) : pow_finite(x, y);
}

/* ---- values ---- */

struct value value_array_new(struct arena *a, size_t len, struct value_array **out)
{
    *out = arena_new(a, struct value_array);
    (*out)->items = arena_array(a, struct value, len);
    (*out)->len = len;
    return (struct value){.kind = VALUE_ARRAY, .as.array = *out};
}

const char *value_type(const struct value *v)
{
    static const char *const lists[] = {"[]interface {}", "[]int", "[]string"};
    static const char *const names[] = {"<nil>",
                                        "bool",
                                        "int",
                                        "float64",
                                        "string",
                                        "[]uint8",
                                        NULL,
                                        "map[string]interface {}",
                                        "map[string]float64"};
    return v->kind == VALUE_ARRAY ? lists[v->as.array->type] : names[v->kind];
}

static void print(struct strbuf *out, const struct value *v)
{
    char number[FMT_MAX];
    switch (v->kind) {
    case VALUE_NIL:
        strbuf_add(out, "<nil>");
        break;
    case VALUE_BOOL:
        strbuf_add(out, v->as.boolean ? "true" : "false");
        break;
    case VALUE_INT:
        strbuf_printf(out, "%lld", (long long)v->as.integer);
        break;
    case VALUE_FLOAT:
        strbuf_add(out, fmt_go(number, v->as.number));
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
        strbuf_add_len(out, v->as.text->bytes, v->as.text->len);
        break;
    case VALUE_ARRAY:
        strbuf_char(out, '[');
        for (size_t i = 0; i < v->as.array->len; i++) {
            strbuf_add(out, i > 0 ? " " : "");
            print(out, &v->as.array->items[i]);
        }
        strbuf_char(out, ']');
        break;
    default:
        strbuf_add(out, "map[]");
        break;
    }
}

const char *value_print(struct arena *a, const struct value *v)
{
    struct strbuf out = {.arena = a};
    print(&out, v);
    return strbuf_text(&out);
}

static int compare_texts(const struct value_text *a, const struct value_text *b)
{
    const size_t len = a->len < b->len ? a->len : b->len;
    const int c = len > 0 ? memcmp(a->bytes, b->bytes, len) : 0;
    return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (value_is_number(a) && value_is_number(b)) {
        return a->kind == VALUE_INT && b->kind == VALUE_INT ? a->as.integer == b->as.integer
                                                            : value_double(a) == value_double(b);
    }
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return a->as.boolean == b->as.boolean;
    case VALUE_STRING:
    case VALUE_BYTES:
        return compare_texts(a->as.text, b->as.text) == 0;
    case VALUE_ARRAY:
        if (a->as.array->len != b->as.array->len) {
            return false;
        }
        for (size_t i = 0; i < a->as.array->len; i++) {
            if (!value_equal(&a->as.array->items[i], &b->as.array->items[i])) {
                return false;
            }
        }
        return true;
    default:
        return a->as.map == b->as.map;
    }
}

int value_less(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_INT && b->kind == VALUE_INT) {
        return a->as.integer < b->as.integer;
    }
    if (value_is_number(a) && value_is_number(b)) {
        return value_double(a) < value_double(b);
    }
    if (a->kind == VALUE_STRING && b->kind == VALUE_STRING) {
        return compare_texts(a->as.text, b->as.text) < 0;
    }
    return -1;
}

static struct value join(struct arena *a, const struct value_text *x, const struct value_text *y)
{
    struct value_text *text = arena_new(a, struct value_text);
    char *bytes = arena_array(a, char, x->len + y->len + 1);
    memcpy(bytes, x->bytes, x->len);
    memcpy(bytes + x->len, y->bytes, y->len);
    *text = (struct value_text){.bytes = bytes, .len = x->len + y->len};
    return (struct value){.kind = VALUE_STRING, .as.text = text};
}

struct value value_add(struct run *r, const struct expr *n, struct value a, struct value b)
{
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        return value_int((int64_t)((uint64_t)a.as.integer + (uint64_t)b.as.integer));
    }
    if (value_is_number(&a) && value_is_number(&b)) {
        return value_float(value_double(&a) + value_double(&b));
    }
    if (a.kind == VALUE_STRING && b.kind == VALUE_STRING) {
        return join(r->scratch, a.as.text, b.as.text);
    }
    return run_fail(r, n, "invalid operation: %s + %s", value_type(&a), value_type(&b));
}
