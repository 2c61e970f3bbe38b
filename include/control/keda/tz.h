/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones from the system's tz database (package tzdata): TZif files read by ourselves, so
 * that neither the environment nor libc's global zone matters. Lookups and the reckoning of
 * local times are those of Go's time package.
 */
#ifndef CONTROL_KEDA_TZ_H
#define CONTROL_KEDA_TZ_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read-only once loaded; lives in its arena. */
struct tz {
    const char *name;
    const int64_t *changes; /* Unix seconds, ascending */
    const uint8_t *kinds;   /* after each change */
    size_t change_count;
    const int32_t *offsets; /* seconds east of UTC, by kind */
    const bool *summer;     /* daylight saving, by kind */
    size_t kind_count;
    const char *rule; /* POSIX TZ text for the time after the last change; "" when there is none */
};

/* The directory of the database; for tests and odd systems another one may be asked. */
#define TZ_DIRECTORY "/usr/share/zoneinfo"

/*
 * time.LoadLocation: "" and "UTC" are UTC. NULL and Go's text in *error when the zone is not
 * there ("unknown time zone Mars/Base") or its file is damaged.
 */
const struct tz *tz_load(struct arena *a, const char *name, const char **error);
/* The same from a file's bytes. */
const struct tz *tz_parse(struct arena *a, const char *name, const unsigned char *data, size_t len);

/* Seconds east of UTC at that Unix time. */
int32_t tz_offset(const struct tz *z, int64_t unix_seconds);
bool tz_is_summer(const struct tz *z, int64_t unix_seconds);

/* A civil time; month 1-12, day 1-31, weekday 0 (Sunday) - 6. */
struct tz_civil {
    int64_t year;
    int month, day, hour, minute, second;
    int weekday;
};

struct tz_civil tz_local(const struct tz *z, int64_t unix_seconds);
/*
 * time.Date: Unix seconds of a local time; fields out of range carry over. Of a time that is
 * missing or comes twice, what Go picks.
 */
int64_t tz_date(const struct tz *z, int64_t year, int64_t month, int64_t day, int64_t hour,
                int64_t minute, int64_t second);

#endif
