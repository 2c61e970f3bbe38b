/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what k6's ramping-arrival-rate executor would offer: iterations start
 * at startRate per timeUnit and move in a straight line to each stage's target;
 * a stage of no duration jumps (k6 v1.0.0, lib/executor/ramping_arrival_rate.go). The
 * open model only: k6's VU limits, which drop iterations, are the service's
 * business here. The trap: after the last stage k6 stops, it does not hold.
 */
#include "load/pattern.h"

#include "pattern_internal.h"

static bool k6_check(const struct pattern_k6 *p, struct mark mark, const struct pattern_context *c)
{
    bool good = pattern_check_value(p->start_rate, "startRate", mark, c);
    good &= pattern_check_time(p->time_unit, "timeUnit", mark, c);
    simtime total = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        struct mark m = p->stages[i].mark.line ? p->stages[i].mark : mark;
        good &= pattern_check_value(p->stages[i].target, "target", m, c);
        bool timely = pattern_check_time(p->stages[i].duration, "the duration", m, c);
        good &= timely;
        if (timely && total <= LOAD_TIME_MAX)
            total += p->stages[i].duration;
    }
    if (!good)
        return false;
    if (p->stage_count == 0)
        diag_error(c->diag, mark, "k6 needs at least one stage");
    else if (total == 0)
        diag_error(c->diag, mark, "all stages together last no time");
    else if (total > LOAD_TIME_MAX)
        diag_error(c->diag, mark, "the stages last over 31 years");
    return total > 0 && total <= LOAD_TIME_MAX;
}

bool pattern_k6(const struct pattern_k6 *p, struct mark mark, const struct pattern_context *c,
                struct series *out)
{
    if (!k6_check(p, mark, c))
        return false;
    double per = p->time_unit > 0 ? (double)p->time_unit / 1e9 : 1;
    double rate = p->start_rate / per;
    simtime at = 0;
    *out = (struct series){0};
    for (size_t i = 0; i < p->stage_count; i++) {
        double target = p->stages[i].target / per;
        if (p->stages[i].duration > 0)
            series_add(c->arena, out, at, rate, target);
        at += p->stages[i].duration;
        rate = target;
    }
    out->end = at;
    return true;
}
