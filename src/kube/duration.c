/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how long "1h30m" is and how Go writes it. The idea: Go's own loop, a number
 * and a unit at a time in unsigned 64 bits, with the largest duration checked at each
 * step; scenarios add days and weeks through the same loop.
 * Upstream: Go 1.26, time.ParseDuration and Duration.String.
 * The trap: a fraction is one double multiplication, cut, so "0.3us" is 299 or 300 ns
 * as Go has it, not as a rational number would.
 */
#include "kube/duration.h"

#include "base/str.h"

#include <string.h>

#define NANOSECONDS_MAX (UINT64_C(1) << 63) /* of a negative duration */

static const struct unit {
    const char *name;
    uint64_t ns;
    bool friendly;
} units[] = {
    {"ns", 1, false},
    {"us", 1000, false},
    {"\xc2\xb5s", 1000, false}, /* micro sign */
    {"\xce\xbcs", 1000, false}, /* Greek mu */
    {"ms", 1000000, false},
    {"s", UINT64_C(1000000000), false},
    {"m", UINT64_C(60000000000), false},
    {"h", UINT64_C(3600000000000), false},
    {"d", UINT64_C(86400000000000), true},
    {"w", UINT64_C(604800000000000), true},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* leadingInt; false on overflow. */
static bool leading_int(const char **s, uint64_t *out)
{
    uint64_t v = 0;
    for (; is_digit(**s); (*s)++) {
        if (v > NANOSECONDS_MAX / 10) {
            return false;
        }
        v = v * 10 + (uint64_t)(**s - '0');
        if (v > NANOSECONDS_MAX) {
            return false;
        }
    }
    *out = v;
    return true;
}

/* leadingFraction: digits that do not fit any more are skipped. */
static uint64_t leading_fraction(const char **s, double *scale)
{
    uint64_t v = 0;
    bool full = false;
    *scale = 1;
    for (; is_digit(**s); (*s)++) {
        uint64_t next = v * 10 + (uint64_t)(**s - '0');
        full = full || v > (uint64_t)INT64_MAX / 10 || next > NANOSECONDS_MAX;
        if (!full) {
            v = next;
            *scale *= 10;
        }
    }
    return v;
}

static const struct unit *find_unit(const char *name, size_t len, bool friendly)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0 &&
            (friendly || !units[i].friendly)) {
            return &units[i];
        }
    }
    return NULL;
}

/* What was wrong: "" is Go's plain "invalid duration". */
struct trouble {
    bool missing_unit;
    const char *unknown_unit;
    size_t unknown_len;
};

/* One number with its unit, added to *sum. */
static bool parse_term(const char **s, bool friendly, uint64_t *sum, struct trouble *trouble)
{
    const char *start = *s;
    uint64_t v = 0;
    uint64_t fraction = 0;
    double scale = 1;
    if ((*start != '.' && !is_digit(*start)) || !leading_int(s, &v)) {
        return false;
    }
    bool some = *s != start;
    if (**s == '.') {
        const char *after = ++*s;
        fraction = leading_fraction(s, &scale);
        some = some || *s != after;
    }
    if (!some) {
        return false;
    }
    const char *name = *s;
    *s += strcspn(name, ".0123456789");
    const struct unit *unit = find_unit(name, (size_t)(*s - name), friendly);
    if (unit == NULL) {
        trouble->missing_unit = *s == name;
        trouble->unknown_unit = *s == name ? NULL : name;
        trouble->unknown_len = (size_t)(*s - name);
        return false;
    }
    if (v > NANOSECONDS_MAX / unit->ns) {
        return false;
    }
    v *= unit->ns;
    if (fraction > 0) {
        v += (uint64_t)((double)fraction * ((double)unit->ns / scale));
    }
    if (v > NANOSECONDS_MAX) {
        return false;
    }
    *sum += v;
    return *sum <= NANOSECONDS_MAX;
}

static bool parse(const char *s, bool friendly, int64_t *ns, struct trouble *trouble)
{
    *trouble = (struct trouble){0};
    *ns = 0;
    bool negative = *s == '-';
    s += *s == '-' || *s == '+' ? 1 : 0;
    if (strcmp(s, "0") == 0) {
        return true;
    }
    if (*s == '\0') {
        return false;
    }
    uint64_t sum = 0;
    while (*s != '\0') {
        if (!parse_term(&s, friendly, &sum, trouble)) {
            return false;
        }
    }
    if (!negative && sum > (uint64_t)INT64_MAX) {
        return false;
    }
    *ns = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

bool duration_parse(const char *text, int64_t *ns)
{
    struct trouble trouble;
    return parse(text, false, ns, &trouble);
}

bool duration_parse_friendly(const char *text, int64_t *ns)
{
    struct trouble trouble;
    return parse(text, true, ns, &trouble);
}

/* time's own quote(): all that is not printable ASCII as \xNN. */
static void add_quoted(struct strbuf *b, const char *s, size_t len)
{
    strbuf_char(b, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < ' ' || c >= 0x80) {
            strbuf_printf(b, "\\x%02x", c);
            continue;
        }
        if (c == '"' || c == '\\') {
            strbuf_char(b, '\\');
        }
        strbuf_char(b, s[i]);
    }
    strbuf_char(b, '"');
}

const char *duration_error(struct arena *a, const char *text)
{
    int64_t ns;
    struct trouble trouble;
    if (parse(text, false, &ns, &trouble)) {
        return NULL;
    }
    struct strbuf b = {.arena = a};
    strbuf_add(&b, "time: ");
    if (trouble.unknown_unit != NULL) {
        strbuf_add(&b, "unknown unit ");
        add_quoted(&b, trouble.unknown_unit, trouble.unknown_len);
        strbuf_add(&b, " in duration ");
    } else {
        strbuf_add(&b, trouble.missing_unit ? "missing unit in duration " : "invalid duration ");
    }
    add_quoted(&b, text, strlen(text));
    return strbuf_text(&b);
}

/* fmtFrac: v's last digits as a fraction without trailing zeros, right to left before w. */
static char *put_fraction(char *w, uint64_t *v, int digits)
{
    bool print = false;
    for (int i = 0; i < digits; i++) {
        char digit = (char)(*v % 10);
        print = print || digit != 0;
        if (print) {
            *--w = (char)('0' + digit);
        }
        *v /= 10;
    }
    if (print) {
        *--w = '.';
    }
    return w;
}

static char *put_int(char *w, uint64_t v)
{
    do {
        *--w = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    return w;
}

/* Below a second: ns, µs or ms. */
static char *put_small(char *w, uint64_t v)
{
    int digits = 0;
    if (v < 1000) {
        *--w = 'n';
    } else if (v < 1000000) {
        *--w = '\xb5';
        *--w = '\xc2';
        digits = 3;
    } else {
        *--w = 'm';
        digits = 6;
    }
    w = put_fraction(w, &v, digits);
    return put_int(w, v);
}

static char *put_large(char *w, uint64_t v)
{
    w = put_fraction(w, &v, 9);
    w = put_int(w, v % 60);
    v /= 60;
    if (v > 0) {
        *--w = 'm';
        w = put_int(w, v % 60);
        v /= 60;
    }
    if (v > 0) {
        *--w = 'h';
        w = put_int(w, v);
    }
    return w;
}

char *duration_format(char buffer[DURATION_MAX], int64_t ns)
{
    char text[DURATION_MAX];
    char *end = text + sizeof text;
    char *w = end;
    uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    *--w = 's';
    if (v == 0) {
        *--w = '0';
    } else if (v < UINT64_C(1000000000)) {
        w = put_small(w, v);
    } else {
        w = put_large(w, v);
    }
    if (ns < 0) {
        *--w = '-';
    }
    memcpy(buffer, w, (size_t)(end - w));
    buffer[end - w] = '\0';
    return buffer;
}
