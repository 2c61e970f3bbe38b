/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on standard error while a run takes longer than a second: how far it
 * is, the simulated time, and when it will be done. Only on a terminal; it erases
 * itself. The only place besides the commit clock that looks at the wall clock.
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include "engine/simtime.h"
#include "kube/observer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *out; /* NULL: silent */
    simtime total;
    int64_t began; /* monotonic ns */
    int64_t next;  /* when to show again */
    uint32_t skip; /* ticks until the clock is looked at again */
    bool shown;
};

/* out is silent unless it is a terminal (or force, for tests). */
void progress_begin(struct progress *p, FILE *out, simtime total, bool force);
/* Its tick shows the progress and always goes on; the other members are NULL. */
struct observer progress_observer(struct progress *p);
/* Erases the line. Call before anything else is printed; again is fine. */
void progress_end(struct progress *p);
/* Wall seconds since progress_begin. */
double progress_seconds(const struct progress *p);
/* The line for a moment, without erasing; for tests. Returns buffer. */
char *progress_line(char buffer[96], simtime now, simtime total, double wall_seconds);

#endif
