/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line a sync: when, what it did, what was asked for, what held it, and the metric that
 * decided. Columns stand under each other and are parted by blanks, so that grep, awk and the
 * eye find them: `grep maxReplicas`, `awk '$3 != $5'`. With JSON: an object a line.
 */
#include "explain_internal.h"

#include <inttypes.h>
#include <math.h>

static const struct mark nowhere;

struct range {
    const struct subject *subject;
    FILE *out;
    struct arena scratch;
    struct json_writer *json; /* NULL: text */
};

static int32_t shown_metric(const struct hpa_decision *d)
{
    if (d->metrics == NULL) {
        return -1;
    }
    return d->winner >= 0 ? d->winner : d->first_failed >= 0 ? d->first_failed : 0;
}

static const char *metric_column(struct arena *a, const struct hpa_decision *d)
{
    const int32_t index = shown_metric(d);
    if (index < 0) {
        return "-";
    }
    const struct hpa_metric_spec *m = &d->spec->metrics[index];
    const struct hpa_metric_working *w = &d->metrics[index];
    if (w->failure != HPA_FAILURE_NONE) {
        return arena_printf(a, "%s failed", m->name);
    }
    if (metric_is_utilization(m)) {
        return arena_printf(a, "%s %" PRId32 "/%" PRId32 "%%", m->name, w->utilization,
                            m->target.average_utilization);
    }
    return arena_printf(a, "%s %s/%s", m->name, metric_amount(a, m, w->average),
                        metric_target_text(a, m));
}

static const char *pods_column(struct arena *a, const struct hpa_decision *d)
{
    const int32_t index = shown_metric(d);
    if (index < 0) {
        return "";
    }
    const struct hpa_metric_working *w = &d->metrics[index];
    struct strbuf b = {.arena = a};
    strbuf_printf(&b, "ready %" PRIu32, w->ready);
    if (w->unready > 0) {
        strbuf_printf(&b, " unready %" PRIu32, w->unready);
    }
    if (w->missing > 0) {
        strbuf_printf(&b, " missing %" PRIu32, w->missing);
    }
    if (w->ignored > 0) {
        strbuf_printf(&b, " ignored %" PRIu32, w->ignored);
    }
    return strbuf_text(&b);
}

static void print_head(const struct range *r)
{
    fprintf(r->out, "%-25s %5s    %5s %5s %5s  %-24s %-22s %s\n", "TIME", "FROM", "TO", "ASKED",
            "STAB", "BINDING", "METRIC", "PODS");
}

static void print_line(struct range *r, simtime at, const struct hpa_decision *d)
{
    struct arena *a = &r->scratch;
    const bool asked = d->path == HPA_PATH_METRICS;
    const char *none = "-";
    fprintf(r->out, "%-25s %5" PRId32 " -> %5" PRId32 " %5s %5s  %-24s %-22s %s\n",
            moment_rfc3339(a, &r->subject->run, at), d->current,
            d->rescaled ? d->desired : d->current,
            asked ? arena_printf(a, "%" PRId32, d->recommendation) : none,
            asked ? arena_printf(a, "%" PRId32, d->stabilized) : none, hpa_binding_name(d->binding),
            metric_column(a, d), pods_column(a, d));
}

static void write_count(struct json_writer *w, const char *key, bool there, int64_t v)
{
    json_key(w, key);
    if (there) {
        json_int(w, v);
    } else {
        json_null(w);
    }
}

static void write_metric(struct json_writer *w, const struct hpa_decision *d)
{
    const int32_t index = shown_metric(d);
    if (index < 0) {
        return;
    }
    const struct hpa_metric_working *m = &d->metrics[index];
    const bool worked = m->failure == HPA_FAILURE_NONE;
    json_key(w, "metric");
    json_string(w, d->spec->metrics[index].name);
    json_key(w, "ratio");
    json_double(w, worked ? m->filled_ratio : NAN);
    write_count(w, "proposal", worked, m->proposal);
    write_count(w, "ready", true, m->ready);
    write_count(w, "unready", true, m->unready);
    write_count(w, "missing", true, m->missing);
    write_count(w, "ignored", true, m->ignored);
}

static void write_line(struct range *r, simtime at, const struct hpa_decision *d)
{
    struct json_writer *w = r->json;
    const bool asked = d->path == HPA_PATH_METRICS;
    json_writer_reset(w);
    json_map(w);
    json_key(w, "time");
    json_string(w, moment_rfc3339(&r->scratch, &r->subject->run, at));
    json_key(w, "seconds");
    json_double(w, simtime_to_seconds(at));
    write_count(w, "from", true, d->current);
    write_count(w, "to", true, d->rescaled ? d->desired : d->current);
    json_key(w, "rescaled");
    json_bool(w, d->rescaled);
    write_count(w, "recommendation", asked, d->recommendation);
    write_count(w, "stabilized", asked, d->stabilized);
    json_key(w, "binding");
    json_string(w, hpa_binding_name(d->binding));
    write_metric(w, d);
    json_map_end(w);
    fprintf(r->out, "%s\n", json_text(w, NULL));
}

bool explain_range(struct subject *s, simtime from, simtime to, bool json, FILE *out,
                   struct diag *d)
{
    struct range range = {.subject = s, .out = out};
    struct arena writer = {0};
    struct replay r;
    uint64_t lines = 0;
    range.json = json ? json_writer_new(&writer, false) : NULL;
    replay_open(&r, s->query, s->arena, s->run.run, s->index);
    while (observations_peek(r.observations) <= to && replay_next(&r)) {
        if (r.at < from) {
            continue;
        }
        if (lines++ == 0 && !json) {
            print_head(&range);
        }
        arena_reset(&range.scratch);
        if (json) {
            write_line(&range, r.at, &r.decision);
        } else {
            print_line(&range, r.at, &r.decision);
        }
    }
    const bool damaged = observations_damaged(r.observations);
    if (damaged) {
        diag_error(d, nowhere, "what HPA %s saw cannot be read on: the file is damaged", s->label);
    } else if (lines == 0) {
        diag_error(d, nowhere, "HPA %s has no recorded sync from %s to %s", s->label,
                   moment_text(s->arena, &s->run, from), moment_text(s->arena, &s->run, to));
    }
    replay_close(&r);
    arena_drop(&range.scratch);
    arena_drop(&writer);
    return !damaged && lines > 0;
}
