/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a piece of text means where that is the same for every room:
 * equality, integers, decimals, nearness. The idea for decimals: up to 2^53
 * and a small power of ten one multiplication or division is exact, all else
 * goes to strtod after the grammar has been checked here. The trap: strtod
 * alone would take hex, "inf", leading blanks, and listens to the locale; the
 * program never sets one.
 */
#include "base/str.h"

#include "base/require.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- strbuf ---- */

static void make_room(struct strbuf *b, size_t more)
{
    require(b->arena != NULL);
    if (more >= PTRDIFF_MAX - b->len) {
        arena_exhausted();
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap) {
        return;
    }
    size_t wider = b->cap < 32 ? 64 : b->cap * 2;
    wider = wider < need ? need : wider;
    b->text = arena_grow(b->arena, b->text, b->cap, wider, 1, 1);
    b->cap = wider;
}

void strbuf_add_len(struct strbuf *b, const char *s, size_t len)
{
    make_room(b, len);
    if (len != 0) {
        memcpy(b->text + b->len, s, len);
    }
    b->len += len;
    b->text[b->len] = '\0';
}

void strbuf_add(struct strbuf *b, const char *s)
{
    strbuf_add_len(b, s, strlen(s));
}

void strbuf_char(struct strbuf *b, char c)
{
    strbuf_add_len(b, &c, 1);
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
    make_room(b, 1);
    va_list args;
    va_start(args, format);
    int len = vsnprintf(b->text + b->len, b->cap - b->len, format, args);
    va_end(args);
    require(len >= 0);
    if ((size_t)len >= b->cap - b->len) {
        make_room(b, (size_t)len);
        va_start(args, format);
        (void)vsnprintf(b->text + b->len, b->cap - b->len, format, args);
        va_end(args);
    }
    b->len += (size_t)len;
}

const char *strbuf_text(const struct strbuf *b)
{
    return b->text != NULL ? b->text : "";
}

void strbuf_clear(struct strbuf *b)
{
    b->len = 0;
    if (b->text != NULL) {
        b->text[0] = '\0';
    }
}

/* ---- questions ---- */

bool str_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t tail = strlen(suffix);
    return tail <= len && memcmp(s + len - tail, suffix, tail) == 0;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool str_to_int64(const char *s, int64_t *out)
{
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') {
        s++;
    }
    if (!is_digit(*s)) {
        return false;
    }
    uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t v = 0;
    for (; is_digit(*s); s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (v > (most - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    if (*s != '\0') {
        return false;
    }
    *out = v > (uint64_t)INT64_MAX ? INT64_MIN : negative ? -(int64_t)v : (int64_t)v;
    return true;
}

/* digits * 10^exp10 of a well-formed decimal; exact is false when digits did not fit. */
struct decimal {
    uint64_t digits;
    int64_t exp10;
    bool exact;
};

static const char *scan_digits(const char *s, struct decimal *d, bool fraction)
{
    for (; is_digit(*s); s++) {
        if (d->digits > (UINT64_MAX - 9) / 10) {
            d->exact = false;
        } else {
            d->digits = d->digits * 10 + (uint64_t)(*s - '0');
        }
        d->exp10 -= fraction ? 1 : 0;
    }
    return s;
}

/* Returns the end of the number, NULL when s does not begin with one. */
static const char *scan_decimal(const char *s, struct decimal *d)
{
    *d = (struct decimal){.exact = true};
    const char *whole = s;
    s = scan_digits(s, d, false);
    bool some = s != whole;
    if (*s == '.') {
        const char *fraction = s + 1;
        s = scan_digits(fraction, d, true);
        some = some || s != fraction;
    }
    if (!some) {
        return NULL;
    }
    if (*s != 'e' && *s != 'E') {
        return s;
    }
    s++;
    bool down = *s == '-';
    if (*s == '-' || *s == '+') {
        s++;
    }
    if (!is_digit(*s)) {
        return NULL;
    }
    int64_t e = 0;
    for (; is_digit(*s); s++) {
        e = e < 1000000 ? e * 10 + (*s - '0') : e;
    }
    d->exp10 += down ? -e : e;
    return s;
}

bool str_to_double(const char *s, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *begin = *s == '-' || *s == '+' ? s + 1 : s;
    struct decimal d;
    const char *end = scan_decimal(begin, &d);
    if (end == NULL || *end != '\0') {
        return false;
    }
    double v;
    if (d.exact && d.digits <= UINT64_C(1) << 53 && d.exp10 >= -22 && d.exp10 <= 22) {
        v = (double)d.digits;
        v = d.exp10 < 0 ? v / power[-d.exp10] : v * power[d.exp10];
    } else {
        v = strtod(begin, NULL);
    }
    if (v > DBL_MAX) {
        return false;
    }
    *out = *s == '-' ? -v : v;
    return true;
}

/* ---- UTF-8 ---- */

size_t str_utf8_length(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80) {
        return 1;
    }
    size_t want = u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : u[0] < 0xF5 ? 4 : 0;
    if (want == 0 || want > len) {
        return 0;
    }
    /* The second byte rules out overlong forms, surrogates and all past U+10FFFF. */
    unsigned low = u[0] == 0xE0 ? 0xA0 : u[0] == 0xF0 ? 0x90 : 0x80;
    unsigned high = u[0] == 0xED ? 0x9F : u[0] == 0xF4 ? 0x8F : 0xBF;
    if (u[1] < low || u[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < want; i++) {
        if ((u[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return want;
}

bool str_is_utf8(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t step = str_utf8_length(s + i, len - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

/* ---- nearness ---- */

enum { NEAR_MAX = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the edit table: now from last (one shorter) and before (two shorter). */
static void distance_row(const char *a, size_t i, const char *b, size_t len, const size_t *before,
                         const size_t *last, size_t *now)
{
    now[0] = i;
    for (size_t j = 1; j <= len; j++) {
        size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
        now[j] = least(last[j - 1] + same, least(last[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            now[j] = least(now[j], before[j - 2] + 1);
        }
    }
}

size_t str_distance(const char *a, const char *b, size_t limit)
{
    size_t m = strlen(a);
    size_t n = strlen(b);
    size_t far = limit == SIZE_MAX ? limit : limit + 1;
    if (m > NEAR_MAX || n > NEAR_MAX) {
        return strcmp(a, b) == 0 ? 0 : far;
    }
    size_t rows[3][NEAR_MAX + 1] = {{0}};
    for (size_t j = 0; j <= n; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= m; i++) {
        distance_row(a, i, b, n, rows[(i + 1) % 3], rows[(i - 1) % 3], rows[i % 3]);
    }
    return least(rows[m % 3][n], far);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_but_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

const char *str_nearest(const char *s, const char *const *names, size_t count)
{
    size_t len = strlen(s);
    size_t best = (len < 3 ? 1 : (len + 2) / 3) + 1; /* further away is no likely slip */
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        bool same = equal_but_case(s, names[i]);
        size_t d = same ? least(1, str_distance(s, names[i], 1)) : str_distance(s, names[i], best);
        /* Replacing every letter of a short name is a different word, not a slip. */
        if (d < best && (same || d < strlen(names[i]))) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
