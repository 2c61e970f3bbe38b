/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a cell of a trace means as a time or a number. Rows share their
 * day, so the day's first instant is kept and only hours, minutes and seconds
 * are read anew; everything odd goes the long way through kube/timestamp. One
 * file must keep to one kind of time: mixed kinds are always a mistake (and
 * Unix seconds beside milliseconds would be a thousandfold one). Numbers are
 * read exactly: up to 15 digits by one correctly rounded division.
 */
#include "base/str.h"
#include "kube/timestamp.h"
#include "trace_internal.h"

#include <string.h>

#define SECOND_NS INT64_C(1000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

static int two_digits(const char *s)
{
    return is_digit(s[0]) && is_digit(s[1]) ? (s[0] - '0') * 10 + (s[1] - '0') : 99;
}

/* ".123" at s: nanoseconds; *used counts its bytes. */
static int64_t fraction_ns(const char *s, size_t len, size_t *used)
{
    int64_t ns = 0;
    int64_t unit = 100000000;
    *used = 0;
    if (len < 2 || s[0] != '.' || !is_digit(s[1]))
        return 0;
    size_t i = 1;
    for (; i < len && is_digit(s[i]); i++) {
        ns += (s[i] - '0') * unit;
        unit /= 10;
    }
    *used = i;
    return ns;
}

/* Offset at the end: "", "Z", "+02:00", " UTC". False: not understood here. */
static bool zone_suffix(const char *s, size_t len, int32_t fallback, int32_t *zone, bool *zoned)
{
    *zone = fallback;
    *zoned = len > 0;
    if (len == 0)
        return true;
    if (len > 0 && *s == ' ') {
        s++;
        len--;
    }
    char text[8];
    if (len == 0 || len >= sizeof text)
        return false;
    memcpy(text, s, len);
    text[len] = '\0';
    if (str_equal(text, "GMT") || str_equal(text, "UTC"))
        *zone = 0;
    else
        return timestamp_parse_offset(text, zone);
    return true;
}

/* Remembers another day; keeps the old one when s is none. */
static bool calendar_day(struct clock *c, const char *s)
{
    char midnight[] = "0000-00-00T00:00:00Z";
    int64_t ns = 0;
    memcpy(midnight, s, sizeof c->day);
    if (!timestamp_parse_len(midnight, sizeof midnight - 1, 0, &ns, NULL))
        return false;
    if (ns > CLOCK_LIMIT_NS || ns < -CLOCK_LIMIT_NS)
        return false;
    memcpy(c->day, s, sizeof c->day);
    c->day_ns = ns;
    return true;
}

/* "YYYY-MM-DD hh:mm:ss[.fraction][zone]" by the remembered day. */
static bool calendar_fast(struct clock *c, const char *s, size_t len, int64_t *ns, bool *zoned)
{
    if (len < 19 || s[13] != ':' || s[16] != ':' || (s[10] != ' ' && s[10] != 'T'))
        return false;
    if (memcmp(c->day, s, sizeof c->day) != 0 && !calendar_day(c, s))
        return false;
    int hour = two_digits(s + 11);
    int minute = two_digits(s + 14);
    int second = two_digits(s + 17);
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    size_t used = 0;
    int64_t fraction = fraction_ns(s + 19, len - 19, &used);
    int32_t zone = 0;
    if (!zone_suffix(s + 19 + used, len - 19 - used, c->zone, &zone, zoned))
        return false;
    if (*zoned && !c->has_zone_seen) {
        c->zone_seen = zone;
        c->has_zone_seen = true;
    }
    int64_t seconds = hour * 3600 + minute * 60 + second - zone;
    *ns = c->day_ns + seconds * SECOND_NS + fraction;
    return true;
}

static bool kind_fits(struct clock *c, enum clock_kind kind)
{
    if (c->kind == CLOCK_UNKNOWN)
        c->kind = kind;
    return c->kind == kind;
}

static const char *other_kind(const struct clock *c)
{
    switch (c->kind) {
    case CLOCK_ZONED:
        return "the times of this file began with dates that name their zone; this one differs";
    case CLOCK_ZONELESS:
        return "the times of this file began with dates without a zone; this one differs";
    case CLOCK_START:
        return "the times of this file began as seconds from the start; this one differs";
    case CLOCK_UNIX:
        return "the times of this file began as Unix seconds; this one differs";
    default:
        return "the times of this file began as Unix milliseconds; this one differs";
    }
}

static const char *calendar_read(struct clock *c, const char *s, size_t len, int64_t *ns)
{
    bool zoned = false;
    if (!calendar_fast(c, s, len, ns, &zoned) &&
        !timestamp_parse_len(s, len, c->zone, ns, &zoned)) {
        size_t n = len;
        while (n > 0 && !is_digit(s[n - 1]) && s[n - 1] != ' ')
            n--;
        bool named = n < len && n >= 16 && s[n] != 'Z' && s[n] != ':';
        return named ? "unknown zone: write Z or an offset such as +02:00" : "not a time";
    }
    if (*ns > CLOCK_LIMIT_NS || *ns < -CLOCK_LIMIT_NS)
        return "a time out of range (1824 to 2115)";
    return kind_fits(c, zoned ? CLOCK_ZONED : CLOCK_ZONELESS) ? NULL : other_kind(c);
}

static int64_t unit_ns(enum trace_time_unit unit)
{
    static const int64_t ns[] = {SECOND_NS, SECOND_NS, 1000000, 1000, 1};
    return ns[unit];
}

/* Plain digits with a fraction: whole part and the fraction in 1e-9. */
static bool decimal(const char *s, size_t len, int64_t *whole, int64_t *fraction)
{
    size_t i = 0;
    int64_t n = 0;
    for (; i < len && is_digit(s[i]); i++) {
        if (i >= 18)
            return false;
        n = n * 10 + (s[i] - '0');
    }
    size_t used = 0;
    *whole = n;
    *fraction = fraction_ns(s + i, len - i, &used);
    if (i > 0 && i + 1 == len && s[i] == '.')
        used = 1;
    return i > 0 && i + used == len;
}

static const char *number_time(struct clock *c, const char *s, size_t len, int64_t *ns)
{
    int64_t whole = 0;
    int64_t fraction = 0;
    if (len > 0 && *s == '-')
        return "a time before the start";
    if (!decimal(s, len, &whole, &fraction)) {
        double v = 0; /* 1.6e9, as spreadsheets write */
        if (number_read(s, len, &v) != NUMBER_GOOD)
            return "not a time";
        if (v < 0 || v > 1e17)
            return "a time out of range";
        whole = (int64_t)v;
        fraction = (int64_t)((v - (double)whole) * 1e9);
    }
    int64_t unit = unit_ns(c->unit);
    enum clock_kind kind = CLOCK_UNIX;
    if (c->unit == TRACE_TIME_AUTO && whole >= INT64_C(100000000000)) {
        kind = CLOCK_UNIX_MS;
        unit = 1000000;
    }
    if (whole > CLOCK_LIMIT_NS / unit - 1)
        return "a time out of range (later than 2115)";
    *ns = whole * unit + fraction / (SECOND_NS / unit);
    if (*ns < INT64_C(100000000) * SECOND_NS)
        kind = CLOCK_START;
    return kind_fits(c, kind) ? NULL : other_kind(c);
}

const char *clock_read(struct clock *c, const char *text, size_t len, int64_t *ns)
{
    trim(&text, &len);
    if (len == 0)
        return "no time";
    if (len >= 8 && is_digit(text[0]) && text[4] == '-')
        return calendar_read(c, text, len, ns);
    if (!is_digit(*text) && *text != '-' && *text != '.')
        return "not a time";
    return number_time(c, text, len, ns);
}

bool clock_is_calendar(const struct clock *c)
{
    return c->kind != CLOCK_START && c->kind != CLOCK_UNKNOWN;
}

static bool is_word_of(const char *s, size_t len, const char *const *words)
{
    for (; *words; words++) {
        size_t i = 0;
        while (i < len && (*words)[i] && ((s[i] | 0x20) == (*words)[i] || s[i] == (*words)[i]))
            i++;
        if (i == len && !(*words)[i])
            return true;
    }
    return false;
}

static enum number_kind number_slow(const char *s, size_t len, double *out)
{
    static const char *const missing[] = {"nan", "+nan", "-nan", "null", "na",
                                          "n/a", "none", "-",    NULL};
    static const char *const infinite[] = {"inf", "+inf", "-inf", "infinity", NULL};
    char text[64];
    if (is_word_of(s, len, missing))
        return NUMBER_MISSING;
    if (is_word_of(s, len, infinite))
        return NUMBER_INFINITE;
    if (len >= sizeof text)
        return NUMBER_BAD;
    memcpy(text, s, len);
    text[len] = '\0';
    return str_to_double(text, out) ? NUMBER_GOOD : NUMBER_BAD;
}

enum number_kind number_read(const char *text, size_t len, double *out)
{
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    trim(&text, &len);
    if (len == 0)
        return NUMBER_MISSING;
    size_t i = *text == '-';
    int64_t digits = 0;
    size_t point = 0;
    size_t count = 0;
    for (; i < len && count <= 15; i++) {
        if (text[i] == '.' && point == 0) {
            point = i + 1;
            continue;
        }
        if (!is_digit(text[i]))
            break;
        digits = digits * 10 + (text[i] - '0');
        count++;
    }
    if (i < len || count == 0 || count > 15)
        return number_slow(text, len, out);
    double v = (double)digits / power[point ? len - point : 0];
    *out = *text == '-' ? -v : v;
    return NUMBER_GOOD;
}
