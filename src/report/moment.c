/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which instant of a run a text means, and how an instant is shown. The idea: the shape of
 * the text tells (a date has dashes, a clock time a colon, the rest is an offset). The trap: a
 * clock time alone may come several times in a run; the first one is meant, and one that is
 * earlier in the day than the run's start is of the next day.
 */
#include "report/moment.h"

#include "kube/duration.h"
#include "kube/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct mark nowhere;

#define NS_PER_DAY SIMTIME_DAY

/* "12:30", "12:30:15", "12:30:15.5" on the day of the run's start. */
static bool parse_clock(const char *text, const struct query_run *run, simtime *out)
{
    const struct timestamp_parts start = timestamp_split(run->start_unix_ns, run->zone_seconds);
    char full[64];
    int64_t unix_ns = 0;
    if (strlen(text) > 24 || strchr(text, ':') == NULL || strchr(text, '-') != NULL) {
        return false;
    }
    const char *hour = text[0] != '\0' && text[1] == ':' ? "0" : "";
    snprintf(full, sizeof full, "%04" PRId32 "-%02" PRId32 "-%02" PRId32 " %s%s", start.year,
             start.month, start.day, hour, text);
    if (!timestamp_parse(full, run->zone_seconds, &unix_ns, NULL)) {
        return false;
    }
    const simtime at = unix_ns - run->start_unix_ns;
    *out = at < 0 ? at + NS_PER_DAY : at;
    return true;
}

bool moment_parse(const char *text, const char *option, const struct query_run *run, simtime *out,
                  struct diag *d)
{
    int64_t unix_ns = 0;
    if (timestamp_parse(text, run->zone_seconds, &unix_ns, NULL)) {
        *out = unix_ns - run->start_unix_ns;
    } else if (!parse_clock(text, run, out) && !duration_parse_friendly(text, out)) {
        diag_error(d, nowhere, "%s: \"%s\" is not a time", option, text);
        diag_help(d, "write it as 12:30, 12:30:15, 1995-07-13T12:30:15Z, or as an offset from the "
                     "start: 2h15m");
        return false;
    }
    if (*out < 0) {
        struct arena scratch = {0};
        diag_error(d, nowhere, "%s: %s is before the run's start, %s", option, text,
                   moment_rfc3339(&scratch, run, 0));
        arena_drop(&scratch);
        return false;
    }
    return true;
}

static struct timestamp_parts parts_of(const struct query_run *run, simtime t)
{
    return timestamp_split(run->start_unix_ns + t, run->zone_seconds);
}

static bool same_day(const struct query_run *run, simtime x, simtime y)
{
    const struct timestamp_parts a = parts_of(run, x);
    const struct timestamp_parts b = parts_of(run, y);
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

const char *moment_near(struct arena *a, const struct query_run *run, simtime t, simtime reference)
{
    const struct timestamp_parts p = parts_of(run, t);
    const char *clock =
        arena_printf(a, "%02" PRId32 ":%02" PRId32 ":%02" PRId32, p.hour, p.minute, p.second);
    if (same_day(run, t, reference)) {
        return clock;
    }
    return arena_printf(a, "%04" PRId32 "-%02" PRId32 "-%02" PRId32 " %s", p.year, p.month, p.day,
                        clock);
}

const char *moment_text(struct arena *a, const struct query_run *run, simtime t)
{
    const simtime last = run->until > 0 ? run->until - 1 : 0;
    /* A run that ends at midnight is of one day. */
    return moment_near(a, run, t, same_day(run, 0, last) ? t : -SIMTIME_DAY);
}

const char *moment_rfc3339(struct arena *a, const struct query_run *run, simtime t)
{
    char text[TIMESTAMP_MAX];
    return arena_strdup(a,
                        timestamp_format_seconds(text, run->start_unix_ns + t, run->zone_seconds));
}

const char *moment_span(struct arena *a, simtime t)
{
    const int64_t seconds = (t + SIMTIME_SECOND / 2) / SIMTIME_SECOND;
    const int64_t h = seconds / 3600;
    const int64_t m = seconds / 60 % 60;
    const int64_t s = seconds % 60;
    const char *hours = h > 0 ? arena_printf(a, "%" PRId64 "h", h) : "";
    const char *minutes = m > 0 ? arena_printf(a, "%" PRId64 "m", m) : "";
    const char *rest = s > 0 || seconds == 0 ? arena_printf(a, "%" PRId64 "s", s) : "";
    return arena_printf(a, "%s%s%s", hours, minutes, rest);
}
