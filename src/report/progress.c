/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how far a run is. The idea: ticks come far more often than anybody reads,
 * so the clock is looked at every 64th and the line rewritten five times a second.
 * The trap: a terminal keeps what was longer before, so each line is followed by
 * an erase to its end.
 */
#include "report/progress.h"

#include "base/fmt.h"

#include <time.h>
#include <unistd.h>

enum { TICKS_PER_LOOK = 64 };
#define FIRST_AFTER INT64_C(1000000000)
#define SHOW_EVERY  INT64_C(200000000)

static int64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void progress_begin(struct progress *p, FILE *out, simtime total, bool force)
{
    *p = (struct progress){.total = total, .began = wall_ns()};
    p->next = p->began + FIRST_AFTER;
    if (out != NULL && (force || isatty(fileno(out)))) {
        p->out = out;
    }
}

double progress_seconds(const struct progress *p)
{
    return (double)(wall_ns() - p->began) / 1e9;
}

char *progress_line(char buffer[96], simtime now, simtime total, double wall_seconds)
{
    char simulated[FMT_MAX];
    char left[FMT_MAX];
    double part = total > 0 ? (double)now / (double)total : 0;
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    fmt_seconds(simulated, simtime_to_seconds(now));
    if (part <= 0) {
        snprintf(buffer, 96, "  0 %%  %.24s simulated", simulated);
        return buffer;
    }
    fmt_seconds(left, wall_seconds * (1 - part) / part);
    snprintf(buffer, 96, "%3d %%  %.24s simulated, %.24s left", (int)(100 * part), simulated, left);
    return buffer;
}

static bool on_tick(void *context, simtime now)
{
    struct progress *p = context;
    if (p->out == NULL || p->skip-- > 0) {
        return true;
    }
    p->skip = p->shown ? 4 : TICKS_PER_LOOK;
    int64_t wall = wall_ns();
    if (wall >= p->next) {
        char line[96];
        fprintf(p->out, "\r%s\033[K",
                progress_line(line, now, p->total, (double)(wall - p->began) / 1e9));
        fflush(p->out);
        p->shown = true;
        p->next = wall + SHOW_EVERY;
    }
    return true;
}

struct observer progress_observer(struct progress *p)
{
    return (struct observer){.context = p, .tick = on_tick};
}

void progress_end(struct progress *p)
{
    if (p->shown) {
        fputs("\r\033[K", p->out);
        fflush(p->out);
        p->shown = false;
    }
}
