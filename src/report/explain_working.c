/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decision on one screen: the answer, then the way to it with the numbers in the
 * formulas, in the order in which the controller goes (metrics, windows, policies, bounds),
 * what it told the cluster, what happened next, and how far the next change is.
 *
 * The trap: 24 lines. Where that is not enough for the metrics, those that did not win are
 * told in one line each; of more than four only the first count. Texts of the APIs are cut.
 */
#include "explain_internal.h"

#include "base/fmt.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 100, HEIGHT = 24, LABEL = 12, METRICS_SHOWN = 4, RUNS_SHOWN = 5 };

struct screen {
    struct arena *arena;
    const struct explained *e;
    struct strbuf out;
    size_t lines;
    bool compact; /* metrics that did not win have one line */
};

/* Bytes of s that fit in `room` columns, ending between words where there are any. */
static size_t fitting(const char *s, size_t room, size_t *columns)
{
    size_t len = strlen(s);
    size_t i = 0;
    size_t cut = 0;
    *columns = 0;
    while (i < len && *columns < room) {
        const size_t step = str_utf8_length(s + i, len - i);
        i += step != 0 ? step : 1;
        (*columns)++;
        cut = i < len && s[i] == ' ' ? i : cut;
    }
    return i == len || cut == 0 ? i : cut;
}

/* A labelled line; what does not fit goes on below, indented, over at most `most` lines. */
static void line(struct screen *s, const char *label, int most, const char *text)
{
    for (int n = 0; n < most && (n == 0 || *text != '\0'); n++) {
        size_t columns = 0;
        const size_t room = WIDTH - LABEL - 1;
        size_t len = fitting(text, room, &columns);
        const bool cut = n + 1 == most && text[len] != '\0';
        if (cut) {
            len = fitting(text, room - 4, &columns);
        }
        strbuf_printf(&s->out, "%-*s %.*s%s\n", LABEL, n == 0 ? label : "", (int)len, text,
                      cut ? " ..." : "");
        s->lines++;
        text += len;
        text += *text == ' ' ? 1 : 0;
    }
}

/* ---- metrics ---- */

static void add_group(struct strbuf *b, uint32_t count, const char *name)
{
    if (count > 0) {
        strbuf_printf(b, ", %" PRIu32 " %s", count, name);
    }
}

/* "6 ready, 1 unready": groups without pods are left out. */
static const char *pods_text(struct arena *a, const struct hpa_metric_working *w)
{
    struct strbuf b = {.arena = a};
    strbuf_printf(&b, "%" PRIu32 " ready", w->ready);
    add_group(&b, w->unready, "unready");
    add_group(&b, w->missing, "missing");
    add_group(&b, w->ignored, "ignored");
    return strbuf_text(&b);
}

static bool is_per_object(const struct hpa_metric_spec *m)
{
    return m->type == HPA_METRIC_OBJECT || m->type == HPA_METRIC_EXTERNAL;
}

/* "84 % (5040m used / 6000m requested), target 70 %; pods: 6 ready, ..." */
static const char *measured(struct arena *a, const struct hpa_metric_spec *m,
                            const struct hpa_metric_working *w)
{
    const char *target = metric_target_text(a, m);
    if (is_per_object(m)) {
        return arena_printf(a, "%s in all, target %s%s", metric_amount(a, m, w->total), target,
                            metric_is_average(m) ? " per pod" : "");
    }
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%s (%s / %s), target %s; pods: %s", metric_value_text(a, m, w),
                            metric_amount(a, m, w->total), metric_amount(a, m, w->requests), target,
                            pods_text(a, w));
    }
    return arena_printf(a, "%s (%s / %" PRIu32 "), target %s; pods: %s", metric_value_text(a, m, w),
                        metric_amount(a, m, w->total), w->samples, target, pods_text(a, w));
}

static const char *ratio_formula(struct arena *a, const struct explained *e,
                                 const struct hpa_metric_spec *m,
                                 const struct hpa_metric_working *w)
{
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%" PRId32 " / %" PRId32 " = %s", w->utilization,
                            m->target.average_utilization, ratio_text(a, w->ratio));
    }
    if (is_per_object(m) && metric_is_average(m)) {
        return arena_printf(a, "%s / (%s x %" PRId32 " replicas) = %s",
                            metric_amount(a, m, w->total), metric_target_text(a, m),
                            e->decision->status_replicas, ratio_text(a, w->ratio));
    }
    return arena_printf(a, "%s / %s = %s", metric_amount(a, m, w->average),
                        metric_target_text(a, m), ratio_text(a, w->ratio));
}

static const char *filled_formula(struct arena *a, const struct hpa_metric_working *w)
{
    const bool up = w->ratio > 1;
    return arena_printf(a, "; with %s: %s",
                        up ? "unready and missing pods at 0" : "missing pods filled in",
                        ratio_text(a, w->filled_ratio));
}

static const char *result_formula(struct arena *a, const struct explained *e,
                                  const struct hpa_metric_spec *m,
                                  const struct hpa_metric_working *w)
{
    const double all = (double)w->proposal / w->filled_ratio;
    switch (w->rule) {
    case HPA_RULE_WITHIN_TOLERANCE:
        return arena_printf(a, "inside: keeps %" PRId32, w->proposal);
    case HPA_RULE_READY_PODS:
        return arena_printf(a, "outside: ceil(%s x %" PRIu32 " ready) = %" PRId32,
                            ratio_text(a, w->ratio), w->ready, w->proposal);
    case HPA_RULE_ALL_SAMPLES:
        return arena_printf(a, "outside: ceil(%s x %.0f pods) = %" PRId32,
                            ratio_text(a, w->filled_ratio), floor(all), w->proposal);
    case HPA_RULE_OTHER_SIDE:
        return arena_printf(a, "inside, or across 1: keeps %" PRId32, w->proposal);
    case HPA_RULE_OTHER_DIRECTION:
        return arena_printf(a, "the count would go against the ratio: keeps %" PRId32, w->proposal);
    case HPA_RULE_FROM_ZERO:
        return arena_printf(a, "from 0: ceil(%s) = %" PRId32, ratio_text(a, w->ratio), w->proposal);
    case HPA_RULE_TOTAL:
        return arena_printf(a, "outside: ceil(%s / %s) = %" PRId32, metric_amount(a, m, w->total),
                            metric_target_text(a, m), w->proposal);
    case HPA_RULE_NONE:
        break;
    }
    return arena_printf(a, "%" PRId32, e->decision->current);
}

static void print_metric(struct screen *s, size_t index)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const struct hpa_metric_spec *m = &e->spec->metrics[index];
    const struct hpa_metric_working *w = &e->decision->metrics[index];
    const char *name = metric_words(a, m);
    if (w->failure != HPA_FAILURE_NONE) {
        line(s, "Metric", s->compact ? 1 : 2,
             arena_printf(a, "%s FAILED: %s", name, hpa_failure_message(a, e->decision, index)));
        return;
    }
    if (s->compact && (int32_t)index != e->decision->winner) {
        line(s, "Metric", 1,
             arena_printf(a, "%s %s, target %s: asks for %" PRId32, name,
                          metric_value_text(a, m, w), metric_target_text(a, m), w->proposal));
        return;
    }
    const bool filled = w->filled_ratio < w->ratio || w->filled_ratio > w->ratio;
    line(s, "Metric", 2, arena_printf(a, "%s %s", name, measured(a, m, w)));
    line(s, "", 2,
         arena_printf(a, "ratio %s%s; tolerance %s..%s; %s", ratio_formula(a, e, m, w),
                      filled ? filled_formula(a, w) : "", ratio_text(a, w->tolerance_low),
                      ratio_text(a, w->tolerance_high), result_formula(a, e, m, w)));
}

/* The winner first, then failures, then the rest in their order. */
static int rank(const struct explained *e, size_t index)
{
    if ((int32_t)index == e->decision->winner) {
        return 0;
    }
    return e->decision->metrics[index].failure != HPA_FAILURE_NONE ? 1 : 2;
}

static void print_metrics(struct screen *s)
{
    const struct explained *e = s->e;
    const size_t count = e->spec->metric_count;
    size_t shown = 0;
    if (e->decision->metrics == NULL) {
        line(s, "Metrics", 1, "not looked at in this sync");
        return;
    }
    for (int r = 0; r <= 2; r++) {
        for (size_t i = 0; i < count; i++) {
            if (rank(e, i) == r && (count <= METRICS_SHOWN || shown < METRICS_SHOWN - 1)) {
                print_metric(s, i);
                shown++;
            }
        }
    }
    if (shown < count) {
        line(s, "", 1,
             arena_printf(s->arena, "and %zu more (--format json shows all)", count - shown));
    }
}

/* ---- windows ---- */

static int by_time(const void *x, const void *y)
{
    const struct hpa_recommendation *a = x;
    const struct hpa_recommendation *b = y;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->replicas < b->replicas ? -1 : a->replicas > b->replicas;
}

/* "9 (12:25:30..12:26:30), 8 (12:26:45..12:30:15)": what counts in either window, in time. */
static const char *recommendations_text(struct arena *a, const struct explained *e)
{
    const struct hpa_state *before = e->before;
    size_t count = 0;
    struct hpa_recommendation *list =
        arena_array(a, struct hpa_recommendation, before->recommendations.len + 1);
    for (size_t i = 0; i < before->recommendations.len; i++) {
        const struct hpa_recommendation *r = &before->recommendations.items[i];
        if (within_window(e, r->at, true) || within_window(e, r->at, false)) {
            list[count++] = *r;
        }
    }
    list[count++] = (struct hpa_recommendation){e->decision->recommendation, e->at};
    qsort(list, count, sizeof *list, by_time);
    struct strbuf b = {.arena = a};
    size_t runs = 1;
    for (size_t i = 1; i < count; i++) {
        runs += list[i].replicas != list[i - 1].replicas;
    }
    size_t run = 0;
    for (size_t i = 0; i < count; run++) {
        size_t last = i;
        while (last + 1 < count && list[last + 1].replicas == list[i].replicas) {
            last++;
        }
        if (run + RUNS_SHOWN >= runs) {
            const char *from = when(a, e, list[i].at);
            strbuf_printf(&b, "%s%" PRId32 " (%s%s%s)",
                          b.len > 0           ? ", "
                          : runs > RUNS_SHOWN ? "... "
                                              : "",
                          list[i].replicas, from, last > i ? ".." : "",
                          last > i ? when(a, e, list[last].at) : "");
        }
        i = last + 1;
    }
    return strbuf_text(&b);
}

static const char *window_text(struct arena *a, const struct explained *e, bool down)
{
    const struct hpa_decision *d = e->decision;
    const simtime window = down ? d->down_window : d->up_window;
    simtime at = 0;
    simtime leaves = 0;
    if (window <= 0) {
        return down ? "down: none" : "up: none";
    }
    const int32_t bound = down ? d->down_bound : d->up_bound;
    const char *until = "";
    if (bound != d->recommendation && bound_of(e, down, &at, &leaves)) {
        until = arena_printf(a, " (until %s)", when(a, e, leaves));
    }
    return arena_printf(a, "%s %s: %s is %" PRId32 "%s", down ? "down" : "up",
                        moment_span(a, window), down ? "most" : "least", bound, until);
}

static void print_windows(struct screen *s)
{
    struct arena *a = s->arena;
    const struct hpa_decision *d = s->e->decision;
    line(s, "Windows", 1,
         arena_printf(a, "asked for %" PRId32 "; %s; %s -> %" PRId32, d->recommendation,
                      window_text(a, s->e, false), window_text(a, s->e, true), d->stabilized));
    if (d->up_window > 0 || d->down_window > 0) {
        line(s, "", 2, arena_printf(a, "asked for lately: %s", recommendations_text(a, s->e)));
    }
}

/* ---- policies and bounds ---- */

/* "(9 - 2 added + 1 removed)": the count now, and what came and went within the period. */
static const char *start_text(struct arena *a, const struct hpa_policy_working *p)
{
    if (p->added == 0 && p->removed == 0) {
        return arena_printf(a, "%" PRId32, p->start);
    }
    const char *added = p->added != 0 ? arena_printf(a, " - %" PRId32 " added", p->added) : "";
    const char *removed =
        p->removed != 0 ? arena_printf(a, " + %" PRId32 " removed", p->removed) : "";
    return arena_printf(a, "(%" PRId32 "%s%s)", p->start + p->added - p->removed, added, removed);
}

static const char *policy_text(struct arena *a, const struct hpa_policy_working *p, bool up)
{
    const bool pods = p->policy->type == HPA_POLICY_PODS;
    const char *span = moment_span(a, p->policy->period_seconds * SIMTIME_SECOND);
    const char *start = start_text(a, p);
    if (pods) {
        return arena_printf(a, "%" PRId32 " pod%s/%s: %s %c %" PRId32 " = %" PRId32,
                            p->policy->value, p->policy->value == 1 ? "" : "s", span, start,
                            up ? '+' : '-', p->policy->value, p->limit);
    }
    const double share = 1 + (up ? 1 : -1) * (double)p->policy->value / 100;
    return arena_printf(a, "%" PRId32 " %%/%s: %s(%s x %.4g) = %" PRId32, p->policy->value, span,
                        up ? "ceil" : "trunc", start, share, p->limit);
}

static void print_policies(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const struct hpa_decision *d = e->decision;
    if (!d->rate_checked) {
        return;
    }
    const bool up = d->stabilized > d->current;
    if (!e->spec->has_behavior) {
        line(s, "Rate", 1,
             arena_printf(
                 a, "no behavior: a sync goes to max(2 x %" PRId32 ", 4) = %" PRId32 " at most",
                 d->current, d->rate_limit));
        return;
    }
    const struct hpa_scaling_rules *rules = up ? &e->spec->scale_up : &e->spec->scale_down;
    struct strbuf b = {.arena = a};
    strbuf_printf(&b, "%s, %s", up ? "up" : "down", hpa_select_policy_name(rules->select_policy));
    for (size_t i = 0; i < d->policy_count; i++) {
        strbuf_printf(&b, "%s%s", i == 0 ? " of " : "; ", policy_text(a, &d->policies[i], up));
    }
    strbuf_printf(&b, " -> %s %" PRId32, up ? "at most" : "at least", d->rate_limit);
    line(s, "Policies", 3, strbuf_text(&b));
}

static const char *event_list(struct arena *a, const struct explained *e, bool up)
{
    const struct hpa_scale_event *list =
        up ? e->before->scale_up_events.items : e->before->scale_down_events.items;
    const size_t count = up ? e->before->scale_up_events.len : e->before->scale_down_events.len;
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < count; i++) {
        if (!list[i].outdated && e->at - list[i].at <= SIMTIME_HOUR) {
            strbuf_printf(&b, "%s%c%" PRId32 " %s ago", b.len > 0 ? ", " : "", up ? '+' : '-',
                          list[i].change, moment_span(a, e->at - list[i].at));
        }
    }
    return strbuf_text(&b);
}

static void print_bounds(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const char *ups = event_list(a, e, true);
    const char *downs = event_list(a, e, false);
    if (*ups != '\0' || *downs != '\0') {
        line(s, "Events kept", 1,
             arena_printf(a, "%s%s%s", ups, *ups != '\0' && *downs != '\0' ? "; " : "", downs));
    }
    line(s, "Bounds", 1,
         arena_printf(a, "minReplicas %" PRId32 ", maxReplicas %" PRId32 " -> %" PRId32,
                      e->spec->min_replicas, e->spec->max_replicas,
                      e->decision->path == HPA_PATH_METRICS || e->decision->rescale
                          ? e->decision->desired
                          : e->decision->current));
}

/* ---- what it told, what came ---- */

static void print_result(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    size_t count = 0;
    line(s, "Binding", 1, hpa_binding_name(e->decision->binding));
    const struct hpa_event *events = hpa_decision_events(a, e->decision, &count);
    for (size_t i = 0; i < count && i < 2; i++) {
        line(s, "Event", 2, arena_printf(a, "%s: %s", events[i].reason, events[i].message));
    }
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < e->after->status.condition_count; i++) {
        const struct hpa_condition *c = &e->after->status.conditions[i];
        strbuf_printf(&b, "%s%s=%s %s", i > 0 ? ", " : "", hpa_condition_type_name(c->type),
                      condition_status_name(c->status), hpa_reason_name(c->reason));
    }
    line(s, "Conditions", 2, strbuf_text(&b));
}

static void print_aftermath(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const struct aftermath *f = &e->aftermath;
    struct strbuf b = {.arena = a};
    if (f->settled) {
        strbuf_printf(&b, "%" PRId32 " %s ready at %s (%s later); ", e->decision->desired,
                      e->decision->desired == 1 ? "pod" : "pods", when(a, e, f->settled_at),
                      moment_span(a, f->settled_at - e->at));
    } else if (e->decision->rescaled) {
        strbuf_printf(&b, "never exactly %" PRId32 " pods ready before the next change; ",
                      e->decision->desired);
    }
    if (f->changed) {
        strbuf_printf(&b, "next change %s (%s later): %" PRId32 " -> %" PRId32,
                      when(a, e, f->changed_at), moment_span(a, f->changed_at - e->at),
                      f->changed_from, f->changed_to);
    } else {
        strbuf_printf(&b, "no further change until the run's end, %s",
                      when(a, e, e->subject->run.until));
    }
    line(s, "Then", 2, strbuf_text(&b));
}

/* ---- distance ---- */

/* "at 1,240 rps, 1.12 x now (cpu 84 %)" */
static const char *load_words(struct arena *a, const struct explained *e,
                              const struct distance_load *l)
{
    char number[FMT_MAX];
    const char *unit = e->load_unit != NULL ? e->load_unit : "";
    struct strbuf b = {.arena = a};
    const double load = e->load * l->factor;
    const bool whole = load >= 10 && !str_equal(unit, "cores");
    if (whole) {
        strbuf_printf(&b, "%s %s, ",
                      fmt_thousands(number, (int64_t)(l->factor < 1 ? floor(load) : ceil(load))),
                      unit);
    } else if (load >= 0) {
        strbuf_printf(&b, "%.3g %s, ", load, unit);
    }
    strbuf_printf(&b, "%.3g x the load now", l->factor);
    if (l->winner >= 0) {
        const struct hpa_metric_spec *m = &e->spec->metrics[l->winner];
        strbuf_printf(&b, " (%s %s)", metric_words(a, m),
                      l->utilization_target ? arena_printf(a, "%" PRId32 " %%", l->utilization)
                                            : metric_amount(a, m, l->average));
    }
    return strbuf_text(&b);
}

static const char *up_words(struct arena *a, const struct explained *e)
{
    const struct distance_load *up = &e->distance.up;
    const int32_t now = e->decision->current;
    if (!up->found) {
        if (now >= e->spec->max_replicas) {
            return "none: it is at maxReplicas";
        }
        if (!up->wanted) {
            return "not by any multiple of the load now: the metrics would not ask for more";
        }
        return arena_printf(a, "not at the next sync, whatever the load: %s",
                            hpa_binding_name(up->held_by));
    }
    if (!(up->factor > 1)) {
        return arena_printf(a, "%+" PRId32 " at the next sync with the load as it is",
                            up->replicas - now);
    }
    return arena_printf(a, "%+" PRId32 " at the next sync from %s", up->replicas - now,
                        load_words(a, e, up));
}

static const char *down_words(struct arena *a, const struct explained *e)
{
    const struct distance_load *down = &e->distance.down;
    if (e->decision->current <= e->spec->min_replicas) {
        return "none: it is at minReplicas";
    }
    if (!down->found) {
        return "no load lowers what the metrics ask for";
    }
    if (!(down->factor < 1)) {
        return arena_printf(a, "the metrics already ask for %" PRId32, down->replicas);
    }
    return arena_printf(a, "the metrics ask for %" PRId32 " from %s down", down->replicas,
                        load_words(a, e, down));
}

static void print_distance(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const struct distance *d = &e->distance;
    if (!e->has_distance) {
        line(s, "Distance", 1,
             e->decision->rescaled ? "not asked right after a rescale: its pods are about to change"
                                   : "not asked: no metrics decided this sync");
        return;
    }
    line(s, "Up", 2, up_words(a, e));
    line(s, "Down", 2, down_words(a, e));
    if (d->moves) {
        line(s, "If it stays", 1,
             arena_printf(a, "scale-%s to %" PRId32 " at about %s",
                          d->moves_to > e->decision->current ? "up" : "down", d->moves_to,
                          when(a, e, d->moves_at)));
    } else {
        line(s, "If it stays", 1, "no change with this load, however long it lasts");
    }
}

static void print_header(struct screen *s)
{
    struct arena *a = s->arena;
    const struct explained *e = s->e;
    const char *text =
        arena_printf(a, "%s %s", moment_text(a, &e->subject->run, e->at), headline(a, e));
    for (int n = 0; n < 3 && *text != '\0'; n++) {
        size_t columns = 0;
        size_t len = fitting(text, WIDTH, &columns);
        const bool cut = n == 2 && text[len] != '\0';
        len = cut ? fitting(text, WIDTH - 4, &columns) : len;
        strbuf_printf(&s->out, "%.*s%s\n", (int)len, text, cut ? " ..." : "");
        s->lines++;
        text += len;
        text += *text == ' ' ? 1 : 0;
    }
    if (e->differs) {
        strbuf_printf(&s->out,
                      "note: %s recorded %" PRId32 " -> %" PRId32
                      " here; this version of podtide decides otherwise\n",
                      e->subject->run.program, e->recorded_current, e->recorded_desired);
        s->lines++;
    }
}

static void print_all(struct screen *s)
{
    const struct hpa_decision *d = s->e->decision;
    print_header(s);
    print_metrics(s);
    if (d->path == HPA_PATH_METRICS) {
        print_windows(s);
        print_policies(s);
    }
    if (d->path != HPA_PATH_FAILED_GET_SCALE) {
        print_bounds(s);
    }
    print_result(s);
    print_aftermath(s);
    print_distance(s);
}

const char *explain_screen(struct arena *a, const struct explained *e)
{
    struct screen s = {.arena = a, .e = e, .out = {.arena = a}};
    print_all(&s);
    if (s.lines > HEIGHT) {
        s = (struct screen){.arena = a, .e = e, .out = {.arena = a}, .compact = true};
        print_all(&s);
    }
    return strbuf_text(&s.out);
}
