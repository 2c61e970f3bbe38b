/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual time: nanoseconds since the run began. Never negative in events;
 * differences may be. The calendar and the wall clock know nothing of it.
 */
#ifndef ENGINE_SIMTIME_H
#define ENGINE_SIMTIME_H

#include <stdint.h>

typedef int64_t simtime;

#define SIMTIME_NEVER       INT64_MAX
#define SIMTIME_NANOSECOND  ((simtime)1)
#define SIMTIME_MICROSECOND (1000 * SIMTIME_NANOSECOND)
#define SIMTIME_MILLISECOND (1000 * SIMTIME_MICROSECOND)
#define SIMTIME_SECOND      (1000 * SIMTIME_MILLISECOND)
#define SIMTIME_MINUTE      (60 * SIMTIME_SECOND)
#define SIMTIME_HOUR        (60 * SIMTIME_MINUTE)
#define SIMTIME_DAY         (24 * SIMTIME_HOUR)

/*
 * Seconds to the nearest nanosecond, halves away from zero. What does not fit
 * becomes SIMTIME_NEVER (or -SIMTIME_NEVER); NaN becomes SIMTIME_NEVER, "no such time".
 */
static inline simtime simtime_seconds(double seconds)
{
    double ns = seconds * 1e9;
    if (!(ns < 9223372036854774784.0))
        return SIMTIME_NEVER;
    if (ns <= -9223372036854774784.0)
        return -SIMTIME_NEVER;
    simtime whole = (simtime)ns; /* towards zero; the rest is exact */
    double rest = ns - (double)whole;
    if (rest >= 0.5)
        return whole + 1;
    return rest <= -0.5 ? whole - 1 : whole;
}

/* Exact up to 2^53 ns (104 days), then to the nearest double. SIMTIME_NEVER is a large number. */
static inline double simtime_to_seconds(simtime t)
{
    return (double)t / 1e9;
}

/* a + b for b >= 0, with SIMTIME_NEVER as infinity. */
static inline simtime simtime_add(simtime a, simtime b)
{
    return a > SIMTIME_NEVER - b ? SIMTIME_NEVER : a + b;
}

#endif
