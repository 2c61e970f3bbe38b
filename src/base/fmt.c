/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how numbers read. The idea for doubles: the fewest digits (1 to 17)
 * that read back as the same value, then laid out plain or with an exponent;
 * fmt_go as strconv does (Go 1.26 strconv/ftoa.go: from exponent 6 on or
 * below -4), fmt_json as encoding/json (encode.go floatEncoder: below 1e-6, from 1e21).
 * The trap: rounding can carry into the next unit (999.6 is 1.00k, 59.96 s is
 * 1m00s), so the unit is chosen after rounding.
 */
#include "base/fmt.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0.d1d2d3... * 10^point, no trailing zeros; zero is the digit "0", point 1. */
struct digits {
    char text[24];
    int count;
    int point;
};

static void digits_parse(struct digits *d, const char *scientific)
{
    d->count = 0;
    const char *s = scientific;
    for (; *s != 'e'; s++) {
        if (*s != '.') {
            d->text[d->count++] = *s;
        }
    }
    d->point = atoi(s + 1) + 1;
    while (d->count > 1 && d->text[d->count - 1] == '0') {
        d->count--;
    }
}

/* v is finite and not negative. */
static void shortest(struct digits *d, double v)
{
    char text[40];
    /* 15 digits always tell normal numbers of up to 15 digits; subnormals need fewer. */
    for (int precision = v < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, v);
        if (strtod(text, NULL) == v) {
            break;
        }
    }
    digits_parse(d, text);
}

static char *put(char *out, const char *s, size_t len)
{
    memcpy(out, s, len);
    return out + len;
}

static char *put_zeros(char *out, int count)
{
    for (int i = 0; i < count; i++) {
        *out++ = '0';
    }
    return out;
}

static char *put_plain(char *out, const struct digits *d)
{
    if (d->point <= 0) {
        out = put(out, "0.", 2);
        out = put_zeros(out, -d->point);
        return put(out, d->text, (size_t)d->count);
    }
    if (d->point >= d->count) {
        out = put(out, d->text, (size_t)d->count);
        return put_zeros(out, d->point - d->count);
    }
    out = put(out, d->text, (size_t)d->point);
    *out++ = '.';
    return put(out, d->text + d->point, (size_t)(d->count - d->point));
}

static char *put_scientific(char *out, const struct digits *d, int exponent_digits)
{
    *out++ = d->text[0];
    if (d->count > 1) {
        *out++ = '.';
        out = put(out, d->text + 1, (size_t)(d->count - 1));
    }
    int exponent = d->point - 1;
    char text[16];
    int len = snprintf(text, sizeof text, "e%c%0*d", exponent < 0 ? '-' : '+', exponent_digits,
                       abs(exponent));
    return put(out, text, (size_t)len);
}

/* Plain layout from 10^low up to below 10^high, scientific outside. */
static char *layout(char *buffer, double v, int low, int high, int low_digits)
{
    char *out = buffer;
    if (signbit(v)) {
        *out++ = '-';
    }
    struct digits d;
    shortest(&d, fabs(v));
    if (v == 0 || (d.point - 1 >= low && d.point - 1 < high)) {
        out = put_plain(out, &d);
    } else {
        out = put_scientific(out, &d, d.point < 1 ? low_digits : 2);
    }
    *out = '\0';
    return buffer;
}

static bool not_finite(char *buffer, double v)
{
    if (isfinite(v)) {
        return false;
    }
    strcpy(buffer, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
    return true;
}

char *fmt_double(char buffer[FMT_MAX], double v)
{
    return not_finite(buffer, v) ? buffer : layout(buffer, v, -4, 21, 2);
}

char *fmt_go(char buffer[FMT_MAX], double v)
{
    return not_finite(buffer, v) ? buffer : layout(buffer, v, -4, 6, 2);
}

char *fmt_json(char buffer[FMT_MAX], double v)
{
    if (!isfinite(v)) {
        strcpy(buffer, "null");
        return buffer;
    }
    if (v == floor(v) && fabs(v) < 1e15 && !(v == 0 && signbit(v))) {
        snprintf(buffer, FMT_MAX, "%lld", (long long)v);
        return buffer;
    }
    return layout(buffer, v, -6, 21, 1);
}

/* Three significant digits of 0 <= v < 1000 or so; whole numbers plain when whole is set. */
static void three_digits(char *buffer, double v, bool whole)
{
    if (whole && v == floor(v)) {
        snprintf(buffer, FMT_MAX, "%.0f", v);
        return;
    }
    int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
    for (double top = 0.9995; v != 0 && v < top && decimals < 5; top /= 10) {
        decimals++;
    }
    snprintf(buffer, FMT_MAX, "%.*f", decimals, v);
}

char *fmt_si(char buffer[FMT_MAX], double v)
{
    static const char suffix[] = "\0kMGTPE";
    if (not_finite(buffer, v)) {
        return buffer;
    }
    double size = fabs(v);
    size_t unit = 0;
    while (size >= 999.5 && unit + 2 < sizeof suffix) {
        size /= 1000;
        unit++;
    }
    if (size >= 999.5 || (size != 0 && size < 0.001)) {
        snprintf(buffer, FMT_MAX, "%.2e", v);
        return buffer;
    }
    buffer[0] = '-';
    char *number = buffer + (v < 0 ? 1 : 0);
    three_digits(number, size, unit == 0);
    size_t len = strlen(number);
    number[len] = suffix[unit];
    number[len + 1] = '\0';
    return buffer;
}

char *fmt_bytes(char buffer[FMT_MAX], double v)
{
    static const char *const suffix[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    if (not_finite(buffer, v)) {
        return buffer;
    }
    double size = fabs(v);
    size_t unit = 0;
    while (size >= 1023.5 && unit + 1 < sizeof suffix / sizeof *suffix) {
        size /= 1024;
        unit++;
    }
    if (size >= 1023.5) {
        snprintf(buffer, FMT_MAX, "%.2e", v);
        return buffer;
    }
    buffer[0] = '-';
    char *number = buffer + (v < 0 ? 1 : 0);
    three_digits(number, unit == 0 ? floor(size + 0.5) : size, true);
    strcat(number, suffix[unit]);
    return buffer;
}

/* v seconds below a minute. */
static void short_seconds(char *buffer, double v)
{
    if (v == 0) {
        strcpy(buffer, "0s");
    } else if (v < 0.0009995) {
        snprintf(buffer, FMT_MAX, "%.3gus", v * 1e6);
    } else if (v < 0.9995) {
        snprintf(buffer, FMT_MAX, "%.3gms", v * 1e3);
    } else {
        snprintf(buffer, FMT_MAX, v == floor(v) ? "%.0fs" : "%.1fs", v);
    }
}

char *fmt_seconds(char buffer[FMT_MAX], double seconds)
{
    if (not_finite(buffer, seconds)) {
        return buffer;
    }
    double v = fabs(seconds);
    buffer[0] = '-';
    char *out = buffer + (seconds < 0 ? 1 : 0);
    if (v < 59.95) {
        short_seconds(out, v);
        return buffer;
    }
    if (v >= 1e15) { /* past what whole seconds can tell; no run lasts so long */
        snprintf(out, FMT_MAX - 1, "%.2es", v);
        return buffer;
    }
    long long whole = (long long)floor(v + 0.5);
    long long minutes = (whole + 30) / 60;
    long long hours = (whole + 1800) / 3600;
    if (whole < 3600) {
        snprintf(out, FMT_MAX - 1, "%lldm%02llds", whole / 60, whole % 60);
    } else if (minutes < 24 * 60) {
        snprintf(out, FMT_MAX - 1, "%lldh%02lldm", minutes / 60, minutes % 60);
    } else {
        snprintf(out, FMT_MAX - 1, "%lldd%02lldh", hours / 24, hours % 24);
    }
    return buffer;
}

char *fmt_thousands(char buffer[FMT_MAX], int64_t v)
{
    char digits[24];
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    char *out = buffer;
    if (v < 0) {
        *out++ = '-';
    }
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = digits[i];
    }
    *out = '\0';
    return buffer;
}
