/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times of a run as people write and read them: RFC 3339, a calendar time, a clock time or
 * an offset from the start; shown in the zone that the scenario's start was written in.
 */
#ifndef REPORT_MOMENT_H
#define REPORT_MOMENT_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "record/query.h"

#include <stdbool.h>

/*
 * "2024-05-01T12:30:15Z", "2024-05-01 12:30", "12:30", "12:30:15" (the first such time of the
 * run), "2h15m". option names it in the message ("--at"). False after an error.
 */
bool moment_parse(const char *text, const char *option, const struct query_run *run, simtime *out,
                  struct diag *d);
/* "12:30:15", with its date where the run touches more than one day; in the arena. */
const char *moment_text(struct arena *a, const struct query_run *run, simtime t);
/* "12:30:15", with its date where that is not the day of the reference. */
const char *moment_near(struct arena *a, const struct query_run *run, simtime t, simtime reference);
/* "1995-07-13T12:30:15Z" */
const char *moment_rfc3339(struct arena *a, const struct query_run *run, simtime t);
/* "45s", "5m", "2h15m": whole seconds, without zero parts. */
const char *moment_span(struct arena *a, simtime t);

#endif
