/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the shapes of the regular generators: each becomes a series once, so
 * that the rest of the program knows only straight pieces. Curves (the daily
 * wave) are drawn in pieces of one minute, far below any scrape interval.
 * k6's ramping-arrival-rate and promtool's shorthand have files of their own.
 * The trap: rhythms follow the calendar, not the run: a run starting at 13:37
 * starts inside the day, so the first period begins before run time 0.
 */
#include "load/pattern.h"

#include "engine/dmath.h"
#include "kube/timestamp.h"
#include "pattern_internal.h"

#include <math.h>

#define DAY    SIMTIME_DAY
#define HOUR   SIMTIME_HOUR
#define MINUTE SIMTIME_MINUTE

bool pattern_check_value(double value, const char *what, struct mark mark,
                         const struct pattern_context *c)
{
    if (!isfinite(value)) {
        diag_error(c->diag, mark, "%s must be a finite number", what);
        return false;
    }
    if (value > LOAD_VALUE_MAX || value < -LOAD_VALUE_MAX) {
        diag_error(c->diag, mark, "%s is %g; at most %g is accepted", what, value, LOAD_VALUE_MAX);
        return false;
    }
    if (value < 0 && !c->negative_allowed) {
        diag_error(c->diag, mark, "%s is %g; a load must not be negative", what, value);
        return false;
    }
    return true;
}

bool pattern_check_time(simtime t, const char *what, struct mark mark,
                        const struct pattern_context *c)
{
    if (t >= 0 && t <= LOAD_TIME_MAX)
        return true;
    diag_error(c->diag, mark, t < 0 ? "%s must not be negative" : "%s is over 31 years", what);
    return false;
}

bool pattern_constant(double value, struct mark mark, const struct pattern_context *c,
                      struct series *out)
{
    if (!pattern_check_value(value, "the value", mark, c))
        return false;
    *out = (struct series){.before = value, .after = value, .end = SIMTIME_NEVER};
    series_add(c->arena, out, 0, value, value);
    return true;
}

static struct mark nearer(struct mark own, struct mark fallback)
{
    return own.source != 0 || own.line != 0 ? own : fallback;
}

static bool points_check(const struct pattern_points *p, const char *what, struct mark mark,
                         const struct pattern_context *c)
{
    bool good = p->count > 0;
    if (!good)
        diag_error(c->diag, mark, "%s needs at least one entry", what);
    for (size_t i = 0; i < p->count; i++) {
        struct mark m = nearer(p->points[i].mark, mark);
        good &= pattern_check_value(p->points[i].value, "the value", m, c);
        good &= pattern_check_time(p->points[i].at, "the time", m, c);
        if (i == 0 || p->points[i].at > p->points[i - 1].at)
            continue;
        diag_error(c->diag, m, "%s: entry %zu is not later than the one before", what, i + 1);
        good = false;
    }
    return good;
}

static void points_draw(const struct pattern_points *p, bool straight,
                        const struct pattern_context *c, struct series *out)
{
    double last = p->points[p->count - 1].value;
    *out = (struct series){.before = p->points[0].value, .after = last, .end = SIMTIME_NEVER};
    for (size_t i = 0; i < p->count; i++) {
        double value = p->points[i].value;
        double end = straight && i + 1 < p->count ? p->points[i + 1].value : value;
        series_add(c->arena, out, p->points[i].at, value, end);
    }
}

bool pattern_steps(const struct pattern_points *p, struct mark mark,
                   const struct pattern_context *c, struct series *out)
{
    if (!points_check(p, "steps", mark, c))
        return false;
    points_draw(p, false, c, out);
    return true;
}

bool pattern_points(const struct pattern_points *p, struct mark mark,
                    const struct pattern_context *c, struct series *out)
{
    if (!points_check(p, "points", mark, c))
        return false;
    points_draw(p, true, c, out);
    return true;
}

bool pattern_ramp(const struct pattern_ramp *p, struct mark mark, const struct pattern_context *c,
                  struct series *out)
{
    bool good = pattern_check_value(p->from, "from", mark, c);
    good &= pattern_check_value(p->to, "to", mark, c);
    good &= pattern_check_time(p->at, "at", mark, c);
    good &= pattern_check_time(p->duration, "the duration", mark, c);
    if (!good)
        return false;
    *out = (struct series){.before = p->from, .after = p->to, .end = SIMTIME_NEVER};
    if (p->duration > 0)
        series_add(c->arena, out, p->at, p->from, p->to);
    series_add(c->arena, out, p->at + p->duration, p->to, p->to);
    return true;
}

/* Time since local midnight (period a day) or Monday's midnight (a week) when the run starts. */
static bool phase_of_start(const char *zone, struct mark mark, simtime period,
                           const struct pattern_context *c, simtime *phase)
{
    int32_t offset = 0;
    if (zone && !timestamp_parse_offset(zone, &offset)) {
        diag_error(c->diag, mark, "unknown zone \"%s\"", zone);
        diag_help(c->diag, "write Z or an offset such as +02:00");
        return false;
    }
    int64_t monday = 4 * DAY; /* 1970-01-01 was a Thursday; the 5th a Monday */
    int64_t start = c->start_unix_ns % period + offset * SIMTIME_SECOND - monday % period;
    *phase = (start % period + period) % period;
    return true;
}

static bool daily_check(const struct pattern_daily *p, struct mark mark,
                        const struct pattern_context *c)
{
    bool good = pattern_check_value(p->min, "min", mark, c);
    good &= pattern_check_value(p->max, "max", mark, c);
    if (good && p->min > p->max) {
        diag_error(c->diag, mark, "min (%g) is above max (%g)", p->min, p->max);
        good = false;
    }
    if (!(p->peak_hour >= 0 && p->peak_hour <= 24)) {
        diag_error(c->diag, mark, "the peak hour must be from 0 to 24, not %g", p->peak_hour);
        good = false;
    }
    good &= pattern_check_time(p->width, "width", mark, c);
    good &= pattern_check_time(p->ramp, "ramp", mark, c);
    return good;
}

static double daily_wave(const struct pattern_daily *p, int minute)
{
    double turn = (double)minute / 1440 - p->peak_hour / 24;
    return p->min + (p->max - p->min) * (0.5 + 0.5 * dmath_cospi(2 * turn));
}

/* One day of the wave from local midnight. */
static void daily_sine(const struct pattern_daily *p, simtime midnight,
                       const struct pattern_context *c, struct series *out)
{
    double first = daily_wave(p, 0);
    double value = first;
    for (int minute = 0; minute < 1440; minute++) {
        double next = minute + 1 < 1440 ? daily_wave(p, minute + 1) : first;
        series_add(c->arena, out, midnight + minute * MINUTE, value, next);
        value = next;
    }
}

/* One day from the foot of the rising slope: up, top, down, bottom. */
static void daily_plateau(const struct pattern_daily *p, simtime foot, simtime ramp, simtime width,
                          const struct pattern_context *c, struct series *out)
{
    simtime at = foot;
    if (ramp > 0)
        series_add(c->arena, out, at, p->min, p->max);
    at += ramp;
    if (width > 0)
        series_add(c->arena, out, at, p->max, p->max);
    at += width;
    if (ramp > 0)
        series_add(c->arena, out, at, p->max, p->min);
    at += ramp;
    if (at < foot + DAY)
        series_add(c->arena, out, at, p->min, p->min);
}

bool pattern_daily(const struct pattern_daily *p, struct mark mark, const struct pattern_context *c,
                   struct series *out)
{
    simtime phase = 0;
    bool good = daily_check(p, mark, c);
    good &= phase_of_start(p->zone, nearer(p->zone_mark, mark), DAY, c, &phase);
    if (!good)
        return false;
    *out = (struct series){.period = DAY};
    if (p->shape == DAILY_SINE) {
        daily_sine(p, -phase, c, out);
    } else {
        bool triangle = p->shape == DAILY_TRIANGLE;
        simtime width = triangle ? 0 : p->width > 0 ? p->width : 9 * HOUR;
        simtime ramp = triangle ? DAY / 2 : p->ramp > 0 ? p->ramp : HOUR;
        if (width > DAY || ramp > DAY || width + 2 * ramp > DAY) {
            diag_error(c->diag, mark, "the plateau and its two ramps last over a day");
            return false;
        }
        simtime peak = (simtime)(p->peak_hour * 3600.0) * SIMTIME_SECOND;
        simtime foot = peak - width / 2 - ramp - phase;
        while (foot > 0)
            foot -= DAY;
        daily_plateau(p, foot, ramp, width, c, out);
    }
    out->end = out->pieces.items[0].at + DAY;
    return true;
}

static bool weekly_check(const struct pattern_weekly *p, struct mark mark,
                         const struct pattern_context *c)
{
    bool good = pattern_check_time(p->blend, "blend", mark, c);
    for (int day = 0; day < 7; day++)
        good &= pattern_check_value(p->factors[day], "a weekday's factor", mark, c);
    if (good && p->blend > DAY) {
        diag_error(c->diag, mark, "blend is longer than a day");
        good = false;
    }
    return good;
}

bool pattern_weekly(const struct pattern_weekly *p, struct mark mark,
                    const struct pattern_context *c, struct series *out)
{
    simtime phase = 0;
    bool good = weekly_check(p, mark, c);
    good &= phase_of_start(p->zone, nearer(p->zone_mark, mark), 7 * DAY, c, &phase);
    if (!good)
        return false;
    *out = (struct series){.period = 7 * DAY};
    simtime half = p->blend / 2;
    simtime start = -phase + half;
    if (start > 0)
        start -= 7 * DAY;
    for (int day = 0; day < 7; day++) {
        double today = p->factors[day];
        double tomorrow = p->factors[(day + 1) % 7];
        if (2 * half < DAY)
            series_add(c->arena, out, start + day * DAY, today, today);
        if (half > 0)
            series_add(c->arena, out, start + (day + 1) * DAY - 2 * half, today, tomorrow);
    }
    out->end = out->pieces.items[0].at + 7 * DAY;
    return true;
}

static bool spike_check(const struct pattern_spike *p, struct mark mark,
                        const struct pattern_context *c)
{
    bool good = pattern_check_value(p->base, "base", mark, c);
    good &= pattern_check_value(p->height, "height", mark, c);
    good &= pattern_check_time(p->at, "at", mark, c);
    good &= pattern_check_time(p->rise, "rise", mark, c);
    good &= pattern_check_time(p->hold, "hold", mark, c);
    good &= pattern_check_time(p->fall, "fall", mark, c);
    good &= pattern_check_time(p->every, "every", mark, c);
    if (!good)
        return false;
    simtime length = p->rise + p->hold + p->fall;
    if (length == 0)
        diag_error(c->diag, mark, "the spike lasts no time: give rise, hold or fall");
    if (p->every > 0 && p->every < length)
        diag_error(c->diag, mark, "the spike lasts longer than `every`");
    return length > 0 && (p->every == 0 || p->every >= length);
}

bool pattern_spike(const struct pattern_spike *p, struct mark mark, const struct pattern_context *c,
                   struct series *out)
{
    if (!spike_check(p, mark, c))
        return false;
    *out = (struct series){.before = p->base, .after = p->base, .period = p->every};
    simtime at = p->at;
    if (p->rise > 0)
        series_add(c->arena, out, at, p->base, p->height);
    at += p->rise;
    if (p->hold > 0)
        series_add(c->arena, out, at, p->height, p->height);
    at += p->hold;
    if (p->fall > 0)
        series_add(c->arena, out, at, p->height, p->base);
    at += p->fall;
    out->end = p->every > 0 ? p->at + p->every : SIMTIME_NEVER;
    if (at < out->end)
        series_add(c->arena, out, at, p->base, p->base);
    return true;
}
