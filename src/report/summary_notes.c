/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands out in a run, worst first: users that suffered, then limits that
 * held, then what looks odd. The idea: each rule is one function that says one
 * sentence with its numbers and its moment, or nothing. The trap: "at max" alone
 * is no trouble; it is one when demand went unmet meanwhile, so the two are told
 * together.
 */
#include "report/summary.h"

#include "base/fmt.h"
#include "base/str.h"
#include "report_internal.h"

#include <math.h>

enum { NOTES_MAX = 12 };

static void note(struct summary_notes *out, const char *line)
{
    if (out->count < NOTES_MAX) {
        out->lines[out->count++] = line;
    }
}

static double held_at_max(const struct summary *s, size_t workload, int32_t *max)
{
    double most = 0;
    for (size_t i = 0; i < s->hpa_count; i++) {
        if (s->hpas[i].workload == workload && s->hpas[i].held[HPA_BINDING_MAX_REPLICAS] > most) {
            most = s->hpas[i].held[HPA_BINDING_MAX_REPLICAS];
            *max = s->hpas[i].max_replicas;
        }
    }
    return most;
}

/* Short of demand: by how much, when it was worst, and whether maxReplicas stood in the way. */
static void note_unmet(const struct summary *s, struct arena *a, const struct summary_service *v,
                       struct summary_notes *out)
{
    char lasted[FMT_MAX];
    char held[FMT_MAX];
    int32_t max = 0;
    if (!(v->unmet_replica_seconds > 0)) {
        return;
    }
    double at_max = v->workload < s->workload_count ? held_at_max(s, v->workload, &max) : 0;
    const char *line = arena_printf(a, "%s: short of up to %.1f replicas for %s, worst at %s",
                                    v->name, v->unmet.value, fmt_seconds(lasted, v->unmet_seconds),
                                    report_moment(a, s, v->unmet.at));
    if (at_max > 0) {
        line = arena_printf(a, "%s; at max %d for %s", line, (int)max, fmt_seconds(held, at_max));
    }
    note(out, line);
}

static const char *lost_parts(struct arena *a, const struct summary_service *v)
{
    const struct {
        const char *word;
        double count;
    } parts[] = {{"dropped", v->dropped}, {"timed out", v->timed_out}, {"failed", v->failed}};
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char text[FMT_MAX];
        if (parts[i].count > 0) {
            strbuf_printf(&b, "%s%s %s", b.len > 0 ? ", " : "", parts[i].word,
                          fmt_si(text, round(parts[i].count)));
        }
    }
    return strbuf_text(&b);
}

static void note_lost(const struct summary *s, struct arena *a, const struct summary_service *v,
                      struct summary_notes *out)
{
    char text[FMT_MAX];
    double lost = v->timed_out + v->dropped + v->failed;
    if (lost >= 0.5) { /* the fluid model has parts of requests */
        note(out,
             arena_printf(a, "%s: %s %s lost (%s), worst at %s", v->name, fmt_si(text, round(lost)),
                          v->queue    ? "jobs"
                          : v->demand ? "core-seconds"
                                      : "requests",
                          lost_parts(a, v), report_moment(a, s, v->lost.at)));
    }
}

/* A queue that holds more than a minute of its usual work. */
static void note_waiting(const struct summary *s, struct arena *a, const struct summary_service *v,
                         struct summary_notes *out)
{
    char text[FMT_MAX];
    if (v->queue && v->seconds > 0 && v->waiting.value > 60 * v->served / v->seconds) {
        note(out, arena_printf(a, "%s: up to %s jobs waiting at %s", v->name,
                               fmt_si(text, round(v->waiting.value)),
                               report_moment(a, s, v->waiting.at)));
    }
}

static void note_at_max(const struct summary *s, struct arena *a, const struct summary_hpa *h,
                        struct summary_notes *out)
{
    double held = h->held[HPA_BINDING_MAX_REPLICAS];
    char text[FMT_MAX];
    if (!(held > 0)) {
        return;
    }
    for (size_t i = 0; i < s->service_count; i++) {
        if (s->services[i].workload == h->workload && s->services[i].unmet_replica_seconds > 0) {
            return; /* told with the unmet demand */
        }
    }
    note(out,
         arena_printf(a, "%s: held at maxReplicas %d for %s, metric up to %.0f %% of target at %s",
                      h->name, (int)h->max_replicas, fmt_seconds(text, held), 100 * h->ratio.value,
                      report_moment(a, s, h->ratio.at)));
}

static void note_metrics(struct arena *a, const struct summary_hpa *h, struct summary_notes *out)
{
    if (h->failed_syncs > 0) {
        note(out, arena_printf(a, "%s: metrics were missing in %.1f %% of %llu syncs", h->name,
                               100.0 * (double)h->failed_syncs / (double)h->syncs,
                               (unsigned long long)h->syncs));
    }
}

static void note_rates(struct arena *a, const struct summary_hpa *h, struct summary_notes *out)
{
    char text[FMT_MAX];
    double up = h->held[HPA_BINDING_SCALE_UP_LIMIT];
    if (up >= 60) {
        note(out, arena_printf(a, "%s: scale-up policies held it back for %s", h->name,
                               fmt_seconds(text, up)));
    }
}

static void note_odd(struct arena *a, const struct summary_hpa *h, struct summary_notes *out)
{
    if (h->reversals > 2) {
        note(out,
             arena_printf(a, "%s: turned back within 10 minutes of scaling %u times (flapping)",
                          h->name, h->reversals));
    }
    if (h->syncs > 0 && h->ups + h->downs == 0) {
        note(out, arena_printf(a, "%s: never scaled in %llu syncs", h->name,
                               (unsigned long long)h->syncs));
    }
}

/* The model counts every request in work as wanting a core, so only much of it is news. */
static void note_throttled(struct arena *a, const struct summary_workload *w,
                           struct summary_notes *out)
{
    if (w->cpu_throttled_seconds > 0.2 * w->cpu_used_seconds && w->seconds > 0) {
        note(out,
             arena_printf(a, "%s: CPU limits slowed its work: %.1f cores used, %.1f more wanted",
                          w->name, w->cpu_used_seconds / w->seconds,
                          w->cpu_throttled_seconds / w->seconds));
    }
}

void summary_notes(const struct summary *s, struct arena *a, struct summary_notes *out)
{
    *out = (struct summary_notes){0};
    for (size_t i = 0; i < s->service_count; i++) {
        note_unmet(s, a, &s->services[i], out);
        note_lost(s, a, &s->services[i], out);
        note_waiting(s, a, &s->services[i], out);
    }
    out->bad = out->count;
    for (size_t i = 0; i < s->hpa_count; i++) {
        note_at_max(s, a, &s->hpas[i], out);
        note_metrics(a, &s->hpas[i], out);
        note_rates(a, &s->hpas[i], out);
        note_odd(a, &s->hpas[i], out);
    }
    for (size_t i = 0; i < s->workload_count; i++) {
        note_throttled(a, &s->workloads[i], out);
    }
}
