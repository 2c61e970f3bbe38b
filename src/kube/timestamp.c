/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which instant a date and time of day names, and how it is written. The idea:
 * count days from March, so that the leap day ends the year and a month's length is a
 * formula; the zone is a number of seconds, nothing more.
 * Upstream: Go's time.RFC3339 and RFC3339Nano, as metav1.Time and MicroTime use them.
 * The trap: 64-bit nanoseconds end in 2262, so every sum is checked; instants before
 * 1970 need division towards minus infinity.
 */
#include "kube/timestamp.h"

#include <string.h>

#define SECOND INT64_C(1000000000)
enum { DAY_SECONDS = 86400 };

static int64_t floor_divide(int64_t x, int64_t y)
{
    return x / y - (x % y < 0 ? 1 : 0);
}

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_days(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

int64_t timestamp_days(int32_t year, int32_t month, int32_t day)
{
    int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1; /* from 1 March */
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void split_days(int64_t days, struct timestamp_parts *p)
{
    int64_t z = days + 719468;
    int64_t era = floor_divide(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    p->day = (int32_t)(day_of_year - (153 * from_march + 2) / 5 + 1);
    p->month = (int32_t)(from_march < 10 ? from_march + 3 : from_march - 9);
    p->year = (int32_t)(year_of_era + era * 400 + (p->month <= 2 ? 1 : 0));
    p->weekday = (int32_t)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
}

struct timestamp_parts timestamp_split(int64_t unix_ns, int32_t offset_seconds)
{
    struct timestamp_parts p = {0};
    int64_t seconds = floor_divide(unix_ns, SECOND);
    p.nanosecond = (int32_t)((unix_ns % SECOND + SECOND) % SECOND);
    seconds += offset_seconds;
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    int32_t rest = (int32_t)(seconds - days * DAY_SECONDS);
    p.hour = rest / 3600;
    p.minute = rest / 60 % 60;
    p.second = rest % 60;
    split_days(days, &p);
    return p;
}

static bool in_range(int32_t v, int32_t low, int32_t high)
{
    return v >= low && v <= high;
}

bool timestamp_join(const struct timestamp_parts *p, int32_t offset_seconds, int64_t *unix_ns)
{
    *unix_ns = 0;
    if (!in_range(p->year, 0, 9999) || !in_range(p->month, 1, 12) ||
        !in_range(p->day, 1, month_days(p->year, p->month)) || !in_range(p->hour, 0, 23) ||
        !in_range(p->minute, 0, 59) || !in_range(p->second, 0, 59) ||
        !in_range(p->nanosecond, 0, (int32_t)SECOND - 1)) {
        return false;
    }
    int64_t seconds = timestamp_days(p->year, p->month, p->day) * DAY_SECONDS + p->hour * 3600 +
                      p->minute * 60 + p->second - offset_seconds;
    int64_t most = INT64_MAX / SECOND;
    int64_t least = floor_divide(INT64_MIN, SECOND);
    if (seconds > most || seconds < least ||
        (seconds == most && p->nanosecond > INT64_MAX % SECOND) ||
        (seconds == least && p->nanosecond < INT64_MIN % SECOND + SECOND)) {
        return false;
    }
    /* The least second alone is out of range; its nanoseconds bring it back in. */
    *unix_ns = seconds == least ? (seconds + 1) * SECOND - (SECOND - p->nanosecond)
                                : seconds * SECOND + p->nanosecond;
    return true;
}

/* ---- reading ---- */

struct reader {
    const char *s;
    const char *end;
};

static char peek(const struct reader *r)
{
    return r->s < r->end ? *r->s : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_char(struct reader *r, const char *any_of)
{
    char c = peek(r);
    if (c == '\0' || strchr(any_of, c) == NULL) {
        return false;
    }
    r->s++;
    return true;
}

/* Exactly count digits. */
static bool read_number(struct reader *r, int count, int32_t *out)
{
    int32_t v = 0;
    for (int i = 0; i < count; i++) {
        char c = peek(r);
        if (!is_digit(c)) {
            return false;
        }
        v = v * 10 + (c - '0');
        r->s++;
    }
    *out = v;
    return true;
}

/* Digits after the point; those beyond nanoseconds are cut. At least one. */
static bool read_fraction(struct reader *r, int32_t *nanosecond)
{
    int32_t unit = (int32_t)(SECOND / 10);
    const char *start = r->s;
    int32_t v = 0;
    for (; is_digit(peek(r)); r->s++) {
        v += (*r->s - '0') * unit;
        unit /= 10;
    }
    *nanosecond = v;
    return r->s != start;
}

static bool read_date(struct reader *r, struct timestamp_parts *p)
{
    return read_number(r, 4, &p->year) && read_char(r, "-") && read_number(r, 2, &p->month) &&
           read_char(r, "-") && read_number(r, 2, &p->day);
}

/* hh:mm, and :ss[.fraction], which may be missing when seconds are optional. */
static bool read_clock(struct reader *r, bool seconds_optional, struct timestamp_parts *p)
{
    int hour_digits = r->end - r->s > 1 && r->s[1] == ':' ? 1 : 2; /* Go takes one, too */
    if (!read_number(r, hour_digits, &p->hour) || !read_char(r, ":") ||
        !read_number(r, 2, &p->minute)) {
        return false;
    }
    if (!read_char(r, ":")) {
        return seconds_optional;
    }
    if (!read_number(r, 2, &p->second)) {
        return false;
    }
    return !read_char(r, ".,") || read_fraction(r, &p->nanosecond);
}

/* "+hh:mm"; and "+hhmm", "+hh" when loose. */
static bool read_offset(struct reader *r, bool loose, int32_t *offset_seconds)
{
    int32_t sign = peek(r) == '-' ? -1 : 1;
    int32_t hours = 0;
    int32_t minutes = 0;
    if (!read_char(r, "+-") || !read_number(r, 2, &hours)) {
        return false;
    }
    bool colon = read_char(r, ":");
    bool more = colon || !loose || is_digit(peek(r));
    if (more && ((!colon && !loose) || !read_number(r, 2, &minutes))) {
        return false;
    }
    *offset_seconds = sign * (hours * 3600 + minutes * 60);
    return hours <= 23 && minutes <= 59;
}

static bool read_rfc3339(struct reader r, int64_t *unix_ns)
{
    struct timestamp_parts p = {0};
    int32_t offset = 0;
    if (!read_date(&r, &p) || !read_char(&r, "T") || !read_clock(&r, false, &p)) {
        return false;
    }
    if (!read_char(&r, "Z") && !read_offset(&r, false, &offset)) {
        return false;
    }
    return r.s == r.end && timestamp_join(&p, offset, unix_ns);
}

bool timestamp_parse_rfc3339(const char *text, int64_t *unix_ns)
{
    *unix_ns = 0;
    return read_rfc3339((struct reader){text, text + strlen(text)}, unix_ns);
}

bool timestamp_parse_len(const char *text, size_t len, int32_t offset_seconds, int64_t *unix_ns,
                         bool *has_zone)
{
    struct reader r = {text, text + len};
    struct timestamp_parts p = {0};
    bool zone = false;
    *unix_ns = 0;
    if (has_zone != NULL) {
        *has_zone = false;
    }
    if (!read_date(&r, &p)) {
        return false;
    }
    if (r.s != r.end) {
        if (!read_char(&r, " T") || !read_clock(&r, true, &p)) {
            return false;
        }
        zone = r.s != r.end;
        if (read_char(&r, "Z")) {
            offset_seconds = 0;
        } else if (zone && !read_offset(&r, false, &offset_seconds)) {
            return false;
        }
    }
    if (r.s != r.end || !timestamp_join(&p, offset_seconds, unix_ns)) {
        return false;
    }
    if (has_zone != NULL) {
        *has_zone = zone;
    }
    return true;
}

bool timestamp_parse(const char *text, int32_t offset_seconds, int64_t *unix_ns, bool *has_zone)
{
    return timestamp_parse_len(text, strlen(text), offset_seconds, unix_ns, has_zone);
}

bool timestamp_parse_offset(const char *text, int32_t *offset_seconds)
{
    *offset_seconds = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "UTC") == 0) {
        return true;
    }
    struct reader r = {text, text + strlen(text)};
    int32_t offset;
    if (!read_offset(&r, true, &offset) || r.s != r.end) {
        return false;
    }
    *offset_seconds = offset;
    return true;
}

/* ---- writing ---- */

static char *put_number(char *s, int32_t v, int digits)
{
    for (int i = digits; i-- > 0;) {
        s[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return s + digits;
}

static char *put_fraction(char *s, int32_t nanosecond)
{
    *s++ = '.';
    s = put_number(s, nanosecond, 9);
    while (s[-1] == '0') {
        s--;
    }
    return s;
}

static char *put_offset(char *s, int32_t offset_seconds)
{
    if (offset_seconds == 0) {
        *s++ = 'Z';
        return s;
    }
    *s++ = offset_seconds < 0 ? '-' : '+';
    int32_t minutes = (offset_seconds < 0 ? -offset_seconds : offset_seconds) / 60;
    s = put_number(s, minutes / 60, 2);
    *s++ = ':';
    return put_number(s, minutes % 60, 2);
}

static char *format(char *s, int64_t unix_ns, int32_t offset_seconds, bool fraction)
{
    struct timestamp_parts p = timestamp_split(unix_ns, offset_seconds);
    s = put_number(s, p.year, 4);
    *s++ = '-';
    s = put_number(s, p.month, 2);
    *s++ = '-';
    s = put_number(s, p.day, 2);
    *s++ = 'T';
    s = put_number(s, p.hour, 2);
    *s++ = ':';
    s = put_number(s, p.minute, 2);
    *s++ = ':';
    s = put_number(s, p.second, 2);
    if (fraction && p.nanosecond != 0) {
        s = put_fraction(s, p.nanosecond);
    }
    s = put_offset(s, offset_seconds);
    *s = '\0';
    return s;
}

char *timestamp_format(char buffer[TIMESTAMP_MAX], int64_t unix_ns, int32_t offset_seconds)
{
    (void)format(buffer, unix_ns, offset_seconds, true);
    return buffer;
}

char *timestamp_format_seconds(char buffer[TIMESTAMP_MAX], int64_t unix_ns, int32_t offset_seconds)
{
    (void)format(buffer, unix_ns, offset_seconds, false);
    return buffer;
}
