/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants as Unix nanoseconds (1677-09-21 to 2262-04-11) and their text. The
 * proleptic Gregorian calendar by arithmetic: no time zone database, no globals.
 */
#ifndef KUBE_TIMESTAMP_H
#define KUBE_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMESTAMP_MAX 48 /* longest text of timestamp_format, with its NUL */

struct timestamp_parts {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t nanosecond;
    int32_t weekday; /* 0 is Sunday; filled by timestamp_split */
};

/* Days since 1970-01-01 and back. */
int64_t timestamp_days(int32_t year, int32_t month, int32_t day);
struct timestamp_parts timestamp_split(int64_t unix_ns, int32_t offset_seconds);
/* False when a part is out of its range or the instant does not fit. */
bool timestamp_join(const struct timestamp_parts *p, int32_t offset_seconds, int64_t *unix_ns);

/* RFC 3339: "2006-01-02T15:04:05[.fraction](Z|±hh:mm)"; fractions beyond nanoseconds are cut. */
bool timestamp_parse_rfc3339(const char *text, int64_t *unix_ns);
/*
 * RFC 3339, or "YYYY-MM-DD[( |T)hh:mm[:ss[.fraction]]]" read at the given offset east of UTC.
 * has_zone, when not NULL, says whether the text named its own offset.
 */
bool timestamp_parse(const char *text, int32_t offset_seconds, int64_t *unix_ns, bool *has_zone);
/* The same over len bytes that need no NUL. */
bool timestamp_parse_len(const char *text, size_t len, int32_t offset_seconds, int64_t *unix_ns,
                         bool *has_zone);
/* "Z", "UTC", "+02:00", "-0530", "+02": seconds east of UTC. False on anything else. */
bool timestamp_parse_offset(const char *text, int32_t *offset_seconds);

/* Go's time.RFC3339Nano: trailing zeros of the fraction are left out. Returns the buffer. */
char *timestamp_format(char buffer[TIMESTAMP_MAX], int64_t unix_ns, int32_t offset_seconds);
/* Go's time.RFC3339: whole seconds, as metav1.Time is served. */
char *timestamp_format_seconds(char buffer[TIMESTAMP_MAX], int64_t unix_ns, int32_t offset_seconds);

#endif
