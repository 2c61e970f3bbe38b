/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An explanation for machines: the same numbers as on the screen, and all metrics,
 * recommendations and events. Quantities are in thousandths where a name ends in _milli; times
 * are RFC 3339 with the seconds since the start beside. What was not computed is absent.
 */
#include "explain_internal.h"

#include <math.h>

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_string(w, text);
}

static void write_int(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_int(w, v);
}

static void write_double(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static void write_bool(struct json_writer *w, const char *key, bool v)
{
    json_key(w, key);
    json_bool(w, v);
}

static void write_time(struct json_writer *w, struct arena *a, const struct explained *e,
                       const char *key, simtime t)
{
    json_key(w, key);
    json_map(w);
    write_text(w, "time", moment_rfc3339(a, &e->subject->run, t));
    write_double(w, "seconds", simtime_to_seconds(t));
    json_map_end(w);
}

static void write_target(struct json_writer *w, const struct hpa_metric_spec *m)
{
    if (metric_is_utilization(m)) {
        write_int(w, "target_percent", m->target.average_utilization);
    } else if (metric_is_average(m)) {
        write_int(w, "target_average_milli", m->target.average_value);
    } else {
        write_int(w, "target_milli", m->target.value);
    }
}

static void write_working(struct json_writer *w, const struct hpa_metric_spec *m,
                          const struct hpa_metric_working *k)
{
    if (metric_is_utilization(m)) {
        write_int(w, "utilization_percent", k->utilization);
        write_int(w, "requests_milli", k->requests);
    }
    write_int(w, "total_milli", k->total);
    write_int(w, "average_milli", k->average);
    write_double(w, "ratio", k->ratio);
    write_double(w, "filled_ratio", k->filled_ratio);
    write_double(w, "tolerance_low", k->tolerance_low);
    write_double(w, "tolerance_high", k->tolerance_high);
    write_text(w, "rule", hpa_rule_name(k->rule));
    write_int(w, "proposal", k->proposal);
}

static void write_metric(struct json_writer *w, struct arena *a, const struct explained *e,
                         size_t i)
{
    const struct hpa_metric_spec *m = &e->spec->metrics[i];
    const struct hpa_metric_working *k = &e->decision->metrics[i];
    json_map(w);
    write_text(w, "type", hpa_metric_type_name(m->type));
    write_text(w, "name", metric_words(a, m));
    write_bool(w, "won", (int32_t)i == e->decision->winner);
    write_target(w, m);
    write_int(w, "ready", k->ready);
    write_int(w, "unready", k->unready);
    write_int(w, "missing", k->missing);
    write_int(w, "ignored", k->ignored);
    if (k->failure != HPA_FAILURE_NONE) {
        write_text(w, "failure", hpa_failure_message(a, e->decision, i));
    } else {
        write_working(w, m, k);
    }
    json_map_end(w);
}

static void write_metrics(struct json_writer *w, struct arena *a, const struct explained *e)
{
    if (e->decision->metrics == NULL) {
        return;
    }
    json_key(w, "metrics");
    json_list(w);
    for (size_t i = 0; i < e->spec->metric_count; i++) {
        write_metric(w, a, e, i);
    }
    json_list_end(w);
}

static void write_recommendations(struct json_writer *w, struct arena *a, const struct explained *e)
{
    json_key(w, "recommendations");
    json_list(w);
    for (size_t i = 0; i < e->before->recommendations.len; i++) {
        const struct hpa_recommendation *r = &e->before->recommendations.items[i];
        const bool up = within_window(e, r->at, false);
        const bool down = within_window(e, r->at, true);
        if (!up && !down) {
            continue;
        }
        json_map(w);
        write_time(w, a, e, "at", r->at);
        write_int(w, "replicas", r->replicas);
        write_bool(w, "in_up_window", up);
        write_bool(w, "in_down_window", down);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_stabilization(struct json_writer *w, struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    json_key(w, "stabilization");
    json_map(w);
    write_int(w, "recommendation", d->recommendation);
    write_double(w, "up_window_seconds", simtime_to_seconds(d->up_window));
    write_double(w, "down_window_seconds", simtime_to_seconds(d->down_window));
    write_int(w, "up_bound", d->up_bound);
    write_int(w, "down_bound", d->down_bound);
    write_int(w, "stabilized", d->stabilized);
    write_recommendations(w, a, e);
    json_map_end(w);
}

static void write_policies(struct json_writer *w, const struct hpa_decision *d)
{
    json_key(w, "policies");
    json_list(w);
    for (size_t i = 0; i < d->policy_count; i++) {
        const struct hpa_policy_working *p = &d->policies[i];
        json_map(w);
        write_text(w, "type", hpa_policy_type_name(p->policy->type));
        write_int(w, "value", p->policy->value);
        write_int(w, "period_seconds", p->policy->period_seconds);
        write_int(w, "added", p->added);
        write_int(w, "removed", p->removed);
        write_int(w, "start", p->start);
        write_int(w, "limit", p->limit);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_scale_events(struct json_writer *w, struct arena *a, const struct explained *e,
                               bool up)
{
    const struct hpa_scale_event *list =
        up ? e->before->scale_up_events.items : e->before->scale_down_events.items;
    const size_t count = up ? e->before->scale_up_events.len : e->before->scale_down_events.len;
    json_key(w, up ? "scale_up_events" : "scale_down_events");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_map(w);
        write_time(w, a, e, "at", list[i].at);
        write_int(w, "change", list[i].change);
        write_bool(w, "outdated", list[i].outdated);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_limits(struct json_writer *w, struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    json_key(w, "limits");
    json_map(w);
    write_int(w, "min_replicas", e->spec->min_replicas);
    write_int(w, "max_replicas", e->spec->max_replicas);
    if (d->rate_checked) {
        write_int(w, "rate_limit", d->rate_limit);
        write_policies(w, d);
    }
    write_scale_events(w, a, e, true);
    write_scale_events(w, a, e, false);
    json_map_end(w);
}

static void write_told(struct json_writer *w, struct arena *a, const struct explained *e)
{
    size_t count = 0;
    const struct hpa_event *events = hpa_decision_events(a, e->decision, &count);
    json_key(w, "events");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_map(w);
        write_text(w, "type", events[i].warning ? "Warning" : "Normal");
        write_text(w, "reason", events[i].reason);
        write_text(w, "message", events[i].message);
        json_map_end(w);
    }
    json_list_end(w);
    json_key(w, "conditions");
    json_list(w);
    for (size_t i = 0; i < e->after->status.condition_count; i++) {
        const struct hpa_condition *c = &e->after->status.conditions[i];
        json_map(w);
        write_text(w, "type", hpa_condition_type_name(c->type));
        write_text(w, "status", condition_status_name(c->status));
        write_text(w, "reason", hpa_reason_name(c->reason));
        write_text(w, "message", hpa_condition_message(a, c));
        write_time(w, a, e, "since", c->since);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_aftermath(struct json_writer *w, struct arena *a, const struct explained *e)
{
    const struct aftermath *f = &e->aftermath;
    json_key(w, "then");
    json_map(w);
    if (f->settled) {
        write_time(w, a, e, "ready", f->settled_at);
    }
    if (f->changed) {
        write_time(w, a, e, "next_rescale", f->changed_at);
        write_int(w, "from", f->changed_from);
        write_int(w, "to", f->changed_to);
    }
    json_map_end(w);
}

static void write_load(struct json_writer *w, const struct explained *e, const char *key,
                       const struct distance_load *l)
{
    if (!l->found) {
        return;
    }
    json_key(w, key);
    json_map(w);
    write_double(w, "load_factor", l->factor);
    write_double(w, "load_per_second", e->load * l->factor);
    write_int(w, "replicas", l->replicas);
    if (l->winner >= 0) {
        write_text(w, "metric", e->spec->metrics[l->winner].name);
        if (l->utilization_target) {
            write_int(w, "utilization_percent", l->utilization);
        } else {
            write_int(w, "average_milli", l->average);
        }
    }
    json_map_end(w);
}

static void write_distance(struct json_writer *w, struct arena *a, const struct explained *e)
{
    const struct distance *d = &e->distance;
    if (!e->has_distance) {
        return;
    }
    json_key(w, "distance");
    json_map(w);
    write_load(w, e, "up", &d->up);
    write_load(w, e, "down", &d->down);
    if (d->moves) {
        json_key(w, "if_load_stays");
        json_map(w);
        write_time(w, a, e, "at", d->moves_at);
        write_int(w, "to", d->moves_to);
        json_map_end(w);
    }
    json_map_end(w);
}

void explain_json(struct json_writer *w, struct arena *a, const struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    json_map(w);
    write_text(w, "hpa",
               arena_printf(a, "%s/%s", e->subject->hpa->namespace_name, e->subject->hpa->name));
    write_time(w, a, e, "at", e->at);
    write_text(w, "summary", headline(a, e));
    write_bool(w, "as_recorded", !e->differs);
    write_int(w, "current", d->current);
    write_int(w, "desired", d->rescale || d->path == HPA_PATH_METRICS ? d->desired : d->current);
    write_bool(w, "rescaled", d->rescaled);
    write_text(w, "binding", hpa_binding_name(d->binding));
    write_double(w, "load_per_second", e->load);
    if (e->load_unit != NULL) {
        write_text(w, "load_unit", e->load_unit);
    }
    write_metrics(w, a, e);
    if (d->path == HPA_PATH_METRICS) {
        write_stabilization(w, a, e);
    }
    write_limits(w, a, e);
    write_told(w, a, e);
    write_aftermath(w, a, e);
    write_distance(w, a, e);
    json_map_end(w);
}
