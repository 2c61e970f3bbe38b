/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function of time made of straight pieces: what every trace and every
 * regular pattern is turned into. Pieces touch; each runs linearly from its
 * begin value to its end value (jumps between pieces are allowed). A piece
 * whose begin value is NaN is missing data: the function has no value there.
 * A series is built once, then read-only and shared by threads.
 */
#ifndef LOAD_SERIES_H
#define LOAD_SERIES_H

#include "base/arena.h"
#include "base/vec.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value on [from, until): linear from begin (at from) to end (reached at until). */
struct load_segment {
    simtime from;
    simtime until; /* > from; SIMTIME_NEVER: for ever, and then end == begin */
    double begin;  /* NaN: no value in this segment */
    double end;
};

struct series_piece {
    simtime at;   /* where the piece starts; it ends where the next one starts */
    double begin; /* NaN: missing */
    double end;
};

struct series {
    VEC(struct series_piece) pieces; /* at strictly rising */
    simtime end;                     /* end of the last piece; SIMTIME_NEVER is allowed */
    simtime period;  /* > 0: the first period from pieces[0].at on is played again and again */
    uint32_t passes; /* with a period: how many times; 0: for ever */
    double before;   /* value before the first piece; NaN: missing */
    double after;    /* value after everything; NaN: missing */
};

/* Adds a piece after all others; at must be later than the last one's. */
void series_add(struct arena *a, struct series *s, simtime at, double begin, double end);
/* The segment holding t. *hint (an index, start with 0) makes rising times cheap; may be NULL. */
struct load_segment series_segment(const struct series *s, simtime t, size_t *hint);
/* From when on the value no longer changes; SIMTIME_NEVER when there is no such time. */
simtime series_end(const struct series *s);
/* Sum of values times seconds over one pass, missing pieces left out. */
double series_integral(const struct series *s);
/* Smallest and largest value of the pieces; false when all are missing. */
bool series_range(const struct series *s, double *lowest, double *highest);

/* The value of a segment at from <= t < until. */
double segment_value(const struct load_segment *g, simtime t);
/* Value times seconds over [t0, t1) inside the segment; 0 when it is missing. */
double segment_integral(const struct load_segment *g, simtime t0, simtime t1);

#endif
