/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones: TZif files (RFC 8536) and local times as Go 1.26's time package reckons them
 * (zoneinfo.go: lookup, lookupFirstZone, tzset; time.go: Date).
 *
 * The traps: before the first change Go takes the first zone that is no daylight saving time;
 * after the last change the footer's rule counts, year by year in UTC, with hours below 0 and
 * beyond 24; in the southern hemisphere summer spans the new year; the hour that is missing in
 * spring is reckoned with the offset before it, the one that comes twice in autumn is the first.
 */
#include "control/keda/tz.h"

#include "base/diag.h"
#include "base/file.h"

#include <string.h>
#include <unistd.h>

enum { DAY = 86400 };

/* ---- the calendar ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    const int64_t m = floor_div(month - 1, 12);
    year += m;
    month -= 12 * m;
    year -= month <= 2;
    const int64_t era = floor_div(year, 400);
    const int64_t yoe = year - era * 400;
    const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t days, struct tz_civil *out)
{
    days += 719468;
    const int64_t era = floor_div(days, 146097);
    const int64_t doe = days - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    out->year = yoe + era * 400 + (out->month <= 2);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int month, int64_t year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* ---- the footer's rule ---- */

enum rule_kind { RULE_JULIAN, RULE_DAY_OF_YEAR, RULE_MONTH_WEEK_DAY };

struct change_rule {
    enum rule_kind kind;
    int64_t month, week, day;
    int64_t time;
};

static bool rule_name(const char **s)
{
    const char *c = *s;
    if (*c == '<') {
        c = strchr(c, '>');
        if (c == NULL) {
            return false;
        }
        *s = c + 1;
        return true;
    }
    while ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z')) {
        c++;
    }
    const bool ok = c - *s >= 3;
    *s = c;
    return ok;
}

static bool rule_number(const char **s, int64_t min, int64_t max, int64_t *out)
{
    int64_t v = 0;
    const char *c = *s;
    while (*c >= '0' && *c <= '9' && v <= max) {
        v = v * 10 + (*c++ - '0');
    }
    const bool ok = c > *s && v >= min && v <= max;
    *s = c;
    *out = v;
    return ok;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool rule_time(const char **s, int64_t *out)
{
    const bool negative = **s == '-';
    int64_t part;
    *s += **s == '-' || **s == '+' ? 1 : 0;
    if (!rule_number(s, 0, 24 * 7, &part)) {
        return false;
    }
    *out = part * 3600;
    for (int64_t unit = 60; **s == ':' && unit > 0; unit /= 60) {
        (*s)++;
        if (!rule_number(s, 0, 59, &part)) {
            return false;
        }
        *out += part * unit;
    }
    *out = negative ? -*out : *out;
    return true;
}

static bool rule_change(const char **s, struct change_rule *out)
{
    bool ok;
    *out = (struct change_rule){.time = 2 * 3600};
    if (**s == 'J') {
        (*s)++;
        out->kind = RULE_JULIAN;
        ok = rule_number(s, 1, 365, &out->day);
    } else if (**s == 'M') {
        (*s)++;
        out->kind = RULE_MONTH_WEEK_DAY;
        ok = rule_number(s, 1, 12, &out->month) && *(*s)++ == '.' &&
             rule_number(s, 1, 5, &out->week) && *(*s)++ == '.' && rule_number(s, 0, 6, &out->day);
    } else {
        out->kind = RULE_DAY_OF_YEAR;
        ok = rule_number(s, 0, 365, &out->day);
    }
    if (ok && **s == '/') {
        (*s)++;
        ok = rule_time(s, &out->time);
    }
    return ok;
}

/* tzruleTime: seconds since the year began in UTC. */
static int64_t rule_seconds(int64_t year, const struct change_rule *r, int64_t offset)
{
    int64_t day = r->day;
    if (r->kind == RULE_JULIAN) {
        day = r->day - 1 + (is_leap(year) && r->day >= 60);
    } else if (r->kind == RULE_MONTH_WEEK_DAY) {
        const int64_t first = days_from_civil(year, r->month, 1);
        const int64_t weekday = ((first + 4) % 7 + 7) % 7;
        int64_t d = r->day - weekday;
        d += d < 0 ? 7 : 0;
        for (int64_t i = 1; i < r->week && d + 7 < days_in((int)r->month, year); i++) {
            d += 7;
        }
        day = first + d - days_from_civil(year, 1, 1);
    }
    return day * DAY + r->time - offset;
}

struct zone_now {
    int32_t offset;
    bool summer;
};

/* tzset: false when the text is no rule. */
static bool rule_lookup(const char *s, int64_t t, struct zone_now *out)
{
    int64_t west;
    struct change_rule start;
    struct change_rule end;
    if (!rule_name(&s) || !rule_time(&s, &west)) {
        return false;
    }
    const int64_t standard = -west;
    *out = (struct zone_now){.offset = (int32_t)standard};
    if (*s == '\0' || *s == ',') {
        return true;
    }
    int64_t summer = standard + 3600;
    if (!rule_name(&s)) {
        return false;
    }
    if (*s != '\0' && *s != ',') {
        if (!rule_time(&s, &west)) {
            return false;
        }
        summer = -west;
    }
    s = *s == '\0' ? ",M3.2.0,M11.1.0" : s;
    if (*s++ != ',' || !rule_change(&s, &start) || *s++ != ',' || !rule_change(&s, &end) ||
        *s != '\0') {
        return false;
    }
    struct tz_civil utc;
    civil_from_days(floor_div(t, DAY), &utc);
    const int64_t in_year = t - days_from_civil(utc.year, 1, 1) * DAY;
    const int64_t from = rule_seconds(utc.year, &start, standard);
    const int64_t to = rule_seconds(utc.year, &end, summer);
    const bool inside =
        to < from ? in_year < to || in_year >= from : in_year >= from && in_year < to;
    out->summer = inside;
    out->offset = (int32_t)(inside ? summer : standard);
    return true;
}

/* ---- TZif ---- */

static int64_t big_endian(const unsigned char *p, size_t bytes)
{
    uint64_t v = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes; i++) {
        v = v << 8 | p[i];
    }
    return (int64_t)v;
}

struct tzif {
    size_t utc_count, standard_count, leap_count, change_count, kind_count, text_len;
};

enum { TZIF_HEADER = 44 };

static bool tzif_header(const unsigned char *p, size_t len, struct tzif *h)
{
    size_t *counts[] = {&h->utc_count,    &h->standard_count, &h->leap_count,
                        &h->change_count, &h->kind_count,     &h->text_len};
    if (len < TZIF_HEADER || memcmp(p, "TZif", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        const int64_t v = big_endian(p + 20 + 4 * i, 4);
        if (v < 0 || v > 1 << 20) {
            return false;
        }
        *counts[i] = (size_t)v;
    }
    return h->kind_count > 0;
}

static size_t tzif_body(const struct tzif *h, size_t time_size)
{
    return h->change_count * (time_size + 1) + h->kind_count * 6 + h->text_len +
           h->leap_count * (time_size + 4) + h->standard_count + h->utc_count;
}

static struct tz *tzif_read(struct arena *a, const char *name, const unsigned char *p,
                            const struct tzif *h, size_t time_size)
{
    struct tz *z = arena_new(a, struct tz);
    int64_t *changes = arena_array(a, int64_t, h->change_count);
    uint8_t *kinds = arena_array(a, uint8_t, h->change_count);
    int32_t *offsets = arena_array(a, int32_t, h->kind_count);
    bool *summer = arena_array(a, bool, h->kind_count);
    const unsigned char *index = p + h->change_count * time_size;
    const unsigned char *kind = index + h->change_count;
    for (size_t i = 0; i < h->change_count; i++) {
        changes[i] = big_endian(p + i * time_size, time_size);
        kinds[i] = index[i];
        if (kinds[i] >= h->kind_count || (i > 0 && changes[i] < changes[i - 1])) {
            return NULL;
        }
    }
    for (size_t i = 0; i < h->kind_count; i++) {
        offsets[i] = (int32_t)big_endian(kind + 6 * i, 4);
        summer[i] = kind[6 * i + 4] != 0;
    }
    *z = (struct tz){.name = arena_strdup(a, name),
                     .changes = changes,
                     .kinds = kinds,
                     .change_count = h->change_count,
                     .offsets = offsets,
                     .summer = summer,
                     .kind_count = h->kind_count,
                     .rule = ""};
    return z;
}

const struct tz *tz_parse(struct arena *a, const char *name, const unsigned char *data, size_t len)
{
    struct tzif h;
    size_t time_size = 4;
    if (!tzif_header(data, len, &h)) {
        return NULL;
    }
    if (data[4] >= '2') {
        const size_t skip = TZIF_HEADER + tzif_body(&h, 4);
        if (skip > len || !tzif_header(data + skip, len - skip, &h)) {
            return NULL;
        }
        data += skip;
        len -= skip;
        time_size = 8;
    }
    const size_t body = tzif_body(&h, time_size);
    if (TZIF_HEADER + body > len) {
        return NULL;
    }
    struct tz *z = tzif_read(a, name, data + TZIF_HEADER, &h, time_size);
    if (z == NULL) {
        return NULL;
    }
    const char *footer = (const char *)data + TZIF_HEADER + body;
    const size_t rest = len - TZIF_HEADER - body;
    const char *end = rest > 1 ? memchr(footer + 1, '\n', rest - 1) : NULL;
    const bool has_rule = time_size == 8 && rest > 2 && footer[0] == '\n' && end != NULL;
    z->rule = has_rule ? arena_strndup(a, footer + 1, (size_t)(end - footer - 1)) : "";
    return z;
}

static const struct tz *utc_zone(struct arena *a, const char *name)
{
    static const int32_t offsets[] = {0};
    static const bool summer[] = {false};
    struct tz *z = arena_new(a, struct tz);
    *z = (struct tz){
        .name = name, .offsets = offsets, .summer = summer, .kind_count = 1, .rule = ""};
    return z;
}

static bool good_name(const char *name)
{
    return name[0] != '/' && name[0] != '\\' && strstr(name, "..") == NULL;
}

const struct tz *tz_load(struct arena *a, const char *name, const char **error)
{
    struct arena scratch = {0};
    struct diag d = {.arena = &scratch};
    struct file_text file;
    *error = NULL;
    if (*name == '\0' || strcmp(name, "UTC") == 0 || strcmp(name, "Local") == 0) {
        return utc_zone(a, "UTC");
    }
    if (!good_name(name)) {
        *error = "time: invalid location name";
        return NULL;
    }
    const char *path = arena_printf(&scratch, TZ_DIRECTORY "/%s", name);
    const struct tz *z = NULL;
    if (!file_read(&scratch, path, 1 << 22, &file, &d)) {
        *error =
            access(TZ_DIRECTORY, R_OK) == 0
                ? arena_printf(a, "unknown time zone %s", name)
                : arena_printf(a, "unknown time zone %s (no tz database: install tzdata)", name);
    } else {
        z = tz_parse(a, name, (const unsigned char *)file.text, file.len);
        *error = z == NULL ? "malformed time zone information" : NULL;
    }
    arena_drop(&scratch);
    return z;
}

/* ---- looking up ---- */

/* lookupFirstZone */
static size_t first_kind(const struct tz *z)
{
    bool used = false;
    for (size_t i = 0; i < z->change_count; i++) {
        used = used || z->kinds[i] == 0;
    }
    if (!used) {
        return 0;
    }
    if (z->change_count > 0 && z->summer[z->kinds[0]]) {
        for (size_t i = z->kinds[0]; i-- > 0;) {
            if (!z->summer[i]) {
                return i;
            }
        }
    }
    for (size_t i = 0; i < z->kind_count; i++) {
        if (!z->summer[i]) {
            return i;
        }
    }
    return 0;
}

static struct zone_now lookup(const struct tz *z, int64_t t)
{
    size_t low = 0;
    size_t high = z->change_count;
    struct zone_now now;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (z->changes[middle] <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == z->change_count && *z->rule != '\0' && rule_lookup(z->rule, t, &now)) {
        return now;
    }
    const size_t kind = low == 0 ? first_kind(z) : z->kinds[low - 1];
    return (struct zone_now){.offset = z->offsets[kind], .summer = z->summer[kind]};
}

int32_t tz_offset(const struct tz *z, int64_t unix_seconds)
{
    return lookup(z, unix_seconds).offset;
}

bool tz_is_summer(const struct tz *z, int64_t unix_seconds)
{
    return lookup(z, unix_seconds).summer;
}

struct tz_civil tz_local(const struct tz *z, int64_t unix_seconds)
{
    struct tz_civil out;
    const int64_t local = unix_seconds + tz_offset(z, unix_seconds);
    const int64_t days = floor_div(local, DAY);
    const int64_t second = local - days * DAY;
    civil_from_days(days, &out);
    out.weekday = (int)(((days + 4) % 7 + 7) % 7);
    out.hour = (int)(second / 3600);
    out.minute = (int)(second / 60 % 60);
    out.second = (int)(second % 60);
    return out;
}

int64_t tz_date(const struct tz *z, int64_t year, int64_t month, int64_t day, int64_t hour,
                int64_t minute, int64_t second)
{
    const int64_t local = days_from_civil(year, month, 1) * DAY + (day - 1) * DAY + hour * 3600 +
                          minute * 60 + second;
    int32_t offset = tz_offset(z, local);
    if (offset != 0) {
        offset = tz_offset(z, local - offset);
    }
    return local - offset;
}
