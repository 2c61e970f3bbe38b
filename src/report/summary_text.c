/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The summary for people: what ran, the workloads, the services, what to read
 * first, where the files are; one screen. Many workloads or services are cut to
 * the worst few and counted, JSON has them all. The trap: 100 columns must be
 * kept with names of any length, so names and notes are cut, numbers never.
 */
#include "report/summary.h"

#include "base/fmt.h"
#include "base/str.h"
#include "kube/timestamp.h"
#include "report/columns.h"
#include "report_internal.h"

#include <math.h>
#include <string.h>

enum {
    ROWS_MAX = 4,
    NOTES_SHOWN = 4,
    PICTURES_SHOWN = 2,
    NAME_MAX_SHOWN = 18,
    LINE_MAX_SHOWN = 100
};

const char *report_moment(struct arena *a, const struct summary *s, simtime at)
{
    struct timestamp_parts t = timestamp_split(s->start_unix_ns + at, s->zone_seconds);
    if (s->ended <= SIMTIME_DAY) {
        return arena_printf(a, "%02d:%02d:%02d", t.hour, t.minute, t.second);
    }
    return arena_printf(a, "%02d-%02d %02d:%02d:%02d", t.month, t.day, t.hour, t.minute, t.second);
}

const struct summary_hpa *report_hpa_of(const struct summary *s, size_t workload)
{
    for (size_t i = 0; i < s->hpa_count; i++) {
        if (s->hpas[i].workload == workload) {
            return &s->hpas[i];
        }
    }
    return NULL;
}

/* At most `max` characters, whole UTF-8 characters only. */
static const char *cut(struct arena *a, const char *text, size_t max)
{
    size_t bytes = 0;
    size_t characters = 0;
    while (text[bytes] != '\0' && characters < max) {
        size_t len = str_utf8_length(text + bytes, strlen(text + bytes));
        bytes += len > 0 ? len : 1;
        characters++;
    }
    if (text[bytes] == '\0') {
        return text;
    }
    return arena_printf(a, "%.*s...", (int)bytes, text);
}

/* The rows worth showing when there are too many: the largest weights, in their own order. */
static size_t choose_rows(size_t count, const double *weights, bool *shown)
{
    size_t left = count <= ROWS_MAX ? count : ROWS_MAX - 1;
    size_t chosen = left;
    for (; left > 0; left--) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            if (!shown[i] && (best == count || weights[i] > weights[best])) {
                best = i;
            }
        }
        shown[best] = true;
    }
    return chosen;
}

static void percent(struct columns *t, double part, double whole)
{
    if (whole > 0) {
        double v = 100 * part / whole;
        columns_printf(t, v > 0 && v < 10 ? "%.1f%%" : "%.0f%%", v);
    } else {
        columns_add(t, "-");
    }
}

static void workload_row(struct columns *t, const struct summary *s, size_t i)
{
    const struct summary_workload *w = &s->workloads[i];
    const struct summary_hpa *h = report_hpa_of(s, i);
    char text[FMT_MAX];
    columns_add(t, cut(t->arena, w->name, NAME_MAX_SHOWN));
    columns_printf(t, "%d", (int)w->replicas_min);
    columns_printf(t, "%.1f", w->seconds > 0 ? w->replica_seconds / w->seconds : 0);
    columns_printf(t, "%d", (int)w->replicas_max);
    columns_add(t, fmt_si(text, w->replica_seconds / 3600));
    percent(t, w->cpu_used_seconds, w->cpu_requested_seconds);
    if (h == NULL) {
        for (int n = 0; n < 5; n++) {
            columns_add(t, "-");
        }
        return;
    }
    columns_printf(t, "%u", h->ups);
    columns_printf(t, "%u", h->downs);
    columns_add(t, fmt_seconds(text, h->held[HPA_BINDING_MAX_REPLICAS]));
    percent(t, h->ratio_sum, (double)h->ratio_count);
    percent(t, h->ratio.value, h->ratio_count > 0 ? 1 : 0);
}

static void blank_row(struct columns *t, size_t more)
{
    columns_printf(t, "and %zu more", more);
    for (size_t i = 1; t->align[i] != '\0'; i++) {
        columns_add(t, "");
    }
}

static void head(struct columns *t, const char *const *names)
{
    for (size_t i = 0; t->align[i] != '\0'; i++) {
        columns_add(t, names[i]);
    }
}

static void workloads_table(const struct summary *s, struct arena *a, struct strbuf *out)
{
    static const char *const names[] = {"WORKLOAD",  "MIN",       "MEAN", "MAX",
                                        "POD-HOURS", "CPU/REQ",   "UP",   "DOWN",
                                        "AT MAX",    "OF TARGET", "PEAK"};
    struct columns t = {.arena = a, .align = "lrrrrrrrrrr"};
    double *weights = arena_array(a, double, s->workload_count);
    bool *shown = arena_array(a, bool, s->workload_count);
    for (size_t i = 0; i < s->workload_count; i++) {
        const struct summary_hpa *h = report_hpa_of(s, i);
        weights[i] = s->workloads[i].replica_seconds +
                     (h != NULL ? 1e6 * h->held[HPA_BINDING_MAX_REPLICAS] : 0);
    }
    size_t rows = choose_rows(s->workload_count, weights, shown);
    head(&t, names);
    for (size_t i = 0; i < s->workload_count; i++) {
        if (shown[i]) {
            workload_row(&t, s, i);
        }
    }
    if (rows < s->workload_count) {
        blank_row(&t, s->workload_count - rows);
    }
    columns_write(&t, 0, out);
}

static void latency_cell(struct columns *t, const struct histogram *h, double p)
{
    char text[FMT_MAX];
    columns_add(t, h->total > 0 ? fmt_seconds(text, histogram_quantile(h, p)) : "-");
}

static void service_row(struct columns *t, const struct summary_service *v)
{
    char text[FMT_MAX];
    double lost = v->timed_out + v->dropped + v->failed;
    lost = lost > 1e-9 * v->offered ? lost : 0;
    columns_add(t, cut(t->arena, v->name, NAME_MAX_SHOWN));
    columns_printf(t, "%s%s", fmt_si(text, v->offered), v->demand ? " core-s" : "");
    columns_add(t, v->offered > 0 ? arena_printf(t->arena, "%.2f%%", 100 * v->served / v->offered)
                                  : "-");
    columns_add(t,
                v->offered > 0 ? arena_printf(t->arena, "%.2f%%", 100 * lost / v->offered) : "-");
    latency_cell(t, &v->latency, 0.50);
    latency_cell(t, &v->latency, 0.95);
    latency_cell(t, &v->latency, 0.99);
    percent(t, v->utilization_seconds, v->seconds);
    percent(t, v->utilization.value, 1);
    columns_add(t, v->unmet_replica_seconds > 0
                       ? arena_printf(t->arena, "%s pod-min",
                                      fmt_si(text, round(v->unmet_replica_seconds / 6) / 10))
                       : "none");
}

static void services_table(const struct summary *s, struct arena *a, struct strbuf *out)
{
    static const char *const names[] = {"SERVICE", "OFFERED", "SERVED", "LOST", "P50",
                                        "P95",     "P99",     "UTIL",   "PEAK", "UNMET"};
    struct columns t = {.arena = a, .align = "lrrrrrrrrr"};
    double *weights = arena_array(a, double, s->service_count);
    bool *shown = arena_array(a, bool, s->service_count);
    for (size_t i = 0; i < s->service_count; i++) {
        const struct summary_service *v = &s->services[i];
        weights[i] = v->offered + 1e9 * v->unmet_replica_seconds;
    }
    size_t rows = choose_rows(s->service_count, weights, shown);
    head(&t, names);
    for (size_t i = 0; i < s->service_count; i++) {
        if (shown[i]) {
            service_row(&t, &s->services[i]);
        }
    }
    if (rows < s->service_count) {
        blank_row(&t, s->service_count - rows);
    }
    columns_write(&t, 0, out);
}

static void paint(struct strbuf *out, const struct summary_view *view, const char *code,
                  const char *text)
{
    if (view->color) {
        strbuf_printf(out, "\033[%sm%s\033[0m", code, text);
    } else {
        strbuf_add(out, text);
    }
}

static void notes(const struct summary *s, const struct summary_view *view, struct arena *a,
                  struct strbuf *out)
{
    struct summary_notes found;
    summary_notes(s, a, &found);
    if (found.count == 0) {
        strbuf_add(out, "Nothing stands out: no demand unmet, nothing lost.\n");
        return;
    }
    paint(out, view, "1", "Read first");
    strbuf_char(out, '\n');
    size_t shown = found.count <= NOTES_SHOWN ? found.count : NOTES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        strbuf_add(out, "  ");
        bool counts = i + 1 == shown && shown < found.count; /* " (+8)" follows */
        const char *line = cut(a, found.lines[i], LINE_MAX_SHOWN - (counts ? 11 : 5));
        paint(out, view, i < found.bad ? "31" : "33", line);
        if (counts) {
            strbuf_printf(out, " (+%zu)", found.count - shown);
        }
        strbuf_char(out, '\n');
    }
}

static void title(const struct summary *s, const struct summary_view *view, struct arena *a,
                  struct strbuf *out)
{
    char start[TIMESTAMP_MAX];
    char length[FMT_MAX];
    char wall[FMT_MAX];
    paint(out, view, "1", cut(a, s->name, NAME_MAX_SHOWN));
    strbuf_printf(out, ": %s from %s, %s, seed %llu",
                  fmt_seconds(length, simtime_to_seconds(s->ended)),
                  timestamp_format_seconds(start, s->start_unix_ns, s->zone_seconds), s->resolution,
                  (unsigned long long)s->seed);
    if (view->status != NULL && strcmp(view->status, "complete") != 0) {
        strbuf_add(out, ", ");
        paint(out, view, "31", view->status);
    }
    if (view->wall_seconds > 0) {
        strbuf_printf(out, ", in %s", fmt_seconds(wall, view->wall_seconds));
    }
    strbuf_add(out, "\n\n");
}

/* When to look, should a reader ask why: the worst moment of all services. */
static const struct summary_peak *worst(const struct summary *s)
{
    const struct summary_peak *most = NULL;
    for (size_t i = 0; i < s->service_count; i++) {
        const struct summary_peak *p = &s->services[i].unmet;
        if (p->value > 0 && (most == NULL || p->value > most->value)) {
            most = p;
        }
    }
    return most;
}

static void files(const struct summary *s, const struct summary_view *view, struct arena *a,
                  struct strbuf *out)
{
    char at[TIMESTAMP_MAX];
    const struct summary_peak *p = worst(s);
    if (view->database != NULL) {
        strbuf_printf(out, "Database  %s\n", view->database);
    }
    if (view->database != NULL && s->hpa_count > 0 && p != NULL) {
        strbuf_printf(out, "Why       podtide explain %s --at %s\n", view->database,
                      s->ended <= SIMTIME_DAY ? report_moment(a, s, p->at)
                                              : timestamp_format_seconds(
                                                    at, s->start_unix_ns + p->at, s->zone_seconds));
    }
    for (size_t i = 0; i < view->picture_count && i < PICTURES_SHOWN; i++) {
        strbuf_printf(out, "Picture   %s", view->pictures[i]);
        if (i + 1 == PICTURES_SHOWN && view->picture_count > PICTURES_SHOWN) {
            strbuf_printf(out, " (+%zu)", view->picture_count - PICTURES_SHOWN);
        }
        strbuf_char(out, '\n');
    }
}

const char *summary_text(const struct summary *s, const struct summary_view *view)
{
    struct arena *a = s->arena;
    struct strbuf out = {.arena = a};
    title(s, view, a, &out);
    if (s->workload_count > 0) {
        workloads_table(s, a, &out);
        strbuf_char(&out, '\n');
    }
    if (s->service_count > 0) {
        services_table(s, a, &out);
        strbuf_char(&out, '\n');
    }
    notes(s, view, a, &out);
    if (view->database != NULL || view->picture_count > 0) {
        strbuf_char(&out, '\n');
        files(s, view, a, &out);
    }
    return strbuf_text(&out);
}
