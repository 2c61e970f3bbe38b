/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the observer hears, as rows. The idea: statements prepared once, values
 * bound in the order of the columns, texts that outlive the step bound without a
 * copy. A sync is one row with the working of the metric that decided (else of
 * the first that failed, else the first); the other metrics of an HPA with
 * several go to a second table, so that the usual HPA costs one row.
 * The trap: a NaN is bound as NULL by SQLite, which is what the schema says.
 */
#include "internal.h"

#include "base/json.h"
#include "control/hpa/decision.h"
#include "control/hpa/state.h"
#include "kube/cluster.h"

#include <string.h>

static const char *const insert_sql[INSERT_COUNT] = {
    [INSERT_POD] = "INSERT OR REPLACE INTO pods VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_POD_CHANGE] = "INSERT INTO pod_changes VALUES (NULL,?,?,?,?)",
    [INSERT_WORKLOAD_SAMPLE] =
        "INSERT INTO workload_samples VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_SERVICE_SAMPLE] =
        "INSERT INTO service_samples VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_METRIC_SAMPLE] = "INSERT INTO metric_samples VALUES (NULL,?,?,?,?)",
    [INSERT_SYNC] = "INSERT INTO hpa_syncs VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                    "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_OTHER_METRIC] = "INSERT INTO hpa_other_metrics VALUES (NULL,?,?,?,?,"
                            "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_HPA_SPEC] = "INSERT INTO hpa_specs VALUES (?,?,?,?,?,?,?)",
    [INSERT_METRIC_SPEC] = "INSERT INTO hpa_metric_specs VALUES (?,?,?,?,?,?,?,?,?,?)",
    [INSERT_CONDITION] = "INSERT INTO conditions VALUES (NULL,?,?,?,?,?,?,?)",
    [INSERT_EVENT] = "INSERT INTO events VALUES (NULL,?,?,?,?,?,?,?,?,?)",
};

bool rows_prepare(struct timeline *t)
{
    for (size_t i = 0; i < INSERT_COUNT; i++) {
        if (sqlite3_prepare_v3(t->db, insert_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &t->inserts[i],
                               NULL) != SQLITE_OK) {
            return false;
        }
    }
    return true;
}

void rows_finalize(struct timeline *t)
{
    for (size_t i = 0; i < INSERT_COUNT; i++) {
        sqlite3_finalize(t->inserts[i]);
        t->inserts[i] = NULL;
    }
}

/* A row under construction: the next column to bind. */
struct row {
    sqlite3_stmt *s;
    int column;
};

static void put_int(struct row *r, int64_t v)
{
    sqlite3_bind_int64(r->s, ++r->column, v);
}

static void put_double(struct row *r, double v)
{
    sqlite3_bind_double(r->s, ++r->column, v);
}

/* NULL is NULL; v lives until the row is written. */
static void put_text(struct row *r, const char *v)
{
    sqlite3_bind_text(r->s, ++r->column, v, -1, SQLITE_STATIC);
}

static void put_null(struct row *r)
{
    sqlite3_bind_null(r->s, ++r->column);
}

static void put_time(struct row *r, simtime v)
{
    if (v == SIMTIME_NEVER) {
        put_null(r);
    } else {
        put_int(r, v);
    }
}

/* Begins a row with the run and, when it has one, its time. */
static struct row row(struct timeline *t, enum timeline_insert which)
{
    struct row r = {.s = t->inserts[which]};
    put_int(&r, t->run);
    return r;
}

static struct row row_at(struct timeline *t, enum timeline_insert which, simtime at)
{
    if (at > t->seen) {
        t->seen = at;
    }
    struct row r = row(t, which);
    put_int(&r, at);
    return r;
}

static bool listening(const struct timeline *t)
{
    return t->error == 0 && t->begun;
}

/* Specs */

static void put_rules(struct json_writer *w, const char *key, const struct hpa_scaling_rules *rules)
{
    json_key(w, key);
    json_map(w);
    if (rules->has_window) {
        json_key(w, "stabilizationWindowSeconds");
        json_int(w, rules->window_seconds);
    }
    json_key(w, "selectPolicy");
    json_string(w, hpa_select_policy_name(rules->select_policy));
    json_key(w, "policies");
    json_list(w);
    for (size_t i = 0; i < rules->policy_count; i++) {
        json_map(w);
        json_key(w, "type");
        json_string(w, hpa_policy_type_name(rules->policies[i].type));
        json_key(w, "value");
        json_int(w, rules->policies[i].value);
        json_key(w, "periodSeconds");
        json_int(w, rules->policies[i].period_seconds);
        json_map_end(w);
    }
    json_list_end(w);
    if (rules->has_tolerance) {
        json_key(w, "tolerance");
        json_double(w, rules->tolerance);
    }
    json_map_end(w);
}

static const char *behavior_text(struct arena *a, const struct hpa_spec *spec)
{
    if (!spec->has_behavior) {
        return NULL;
    }
    struct json_writer *w = json_writer_new(a, false);
    json_map(w);
    put_rules(w, "scaleUp", &spec->scale_up);
    put_rules(w, "scaleDown", &spec->scale_down);
    json_map_end(w);
    return json_text(w, NULL);
}

/* The target that the controller goes by; Object alone asks for its type. */
static enum hpa_target_type target_read(const struct hpa_metric_spec *m)
{
    if (m->type == HPA_METRIC_OBJECT) {
        return m->target.type;
    }
    if (m->target.has_average_value) {
        return HPA_TARGET_AVERAGE_VALUE;
    }
    return m->target.has_average_utilization ? HPA_TARGET_UTILIZATION : HPA_TARGET_VALUE;
}

static double target_value(const struct hpa_metric_spec *m)
{
    switch (target_read(m)) {
    case HPA_TARGET_UTILIZATION:
        return m->target.average_utilization;
    case HPA_TARGET_AVERAGE_VALUE:
        return (double)m->target.average_value / 1000;
    case HPA_TARGET_VALUE:
        break;
    }
    return (double)m->target.value / 1000;
}

static void put_metric_spec(struct timeline *t, uint32_t hpa, int64_t generation, size_t index,
                            const struct hpa_metric_spec *m)
{
    struct row r = row(t, INSERT_METRIC_SPEC);
    put_int(&r, hpa);
    put_int(&r, generation);
    put_int(&r, (int64_t)index);
    put_text(&r, hpa_metric_type_name(m->type));
    put_text(&r, m->name);
    put_text(&r, m->type == HPA_METRIC_CONTAINER_RESOURCE ? m->container : NULL);
    put_text(&r, m->type == HPA_METRIC_OBJECT
                     ? arena_printf(&t->scratch, "%s/%s", m->object_kind, m->object_name)
                     : NULL);
    put_text(&r, hpa_target_type_name(target_read(m)));
    put_double(&r, target_value(m));
    timeline_insert(t, INSERT_METRIC_SPEC);
}

void rows_hpa_spec(struct timeline *t, uint32_t hpa, simtime since, const struct hpa_spec *spec)
{
    struct seen_hpa *seen = &t->hpas[hpa];
    seen->spec = spec;
    seen->generation++;
    struct row r = row(t, INSERT_HPA_SPEC);
    put_int(&r, hpa);
    put_int(&r, seen->generation);
    put_int(&r, since);
    put_int(&r, spec->min_replicas);
    put_int(&r, spec->max_replicas);
    put_text(&r, behavior_text(&t->scratch, spec));
    timeline_insert(t, INSERT_HPA_SPEC);
    for (size_t i = 0; i < spec->metric_count; i++) {
        put_metric_spec(t, hpa, seen->generation, i, &spec->metrics[i]);
    }
}

/* Syncs */

static const char *path_name(enum hpa_path path)
{
    static const char *const names[] = {
        "metrics",   "failed get scale", "disabled",       "above max",
        "below min", "bad selector",     "failed metrics", "crash"};
    return names[path];
}

static double value_of(const struct hpa_metric_spec *m, const struct hpa_metric_working *w)
{
    switch (target_read(m)) {
    case HPA_TARGET_UTILIZATION:
        return 100.0 * (double)w->total / (double)w->requests; /* 0 / 0: NULL */
    case HPA_TARGET_AVERAGE_VALUE:
        return (double)w->average / 1000;
    case HPA_TARGET_VALUE:
        break;
    }
    return (double)w->total / 1000;
}

/* The columns WORKING of the schema, NULL when index is -1. */
static void put_working(struct timeline *t, struct row *r, const struct hpa_decision *d, int index)
{
    if (index < 0) {
        for (int i = 0; i < 15; i++) {
            put_null(r);
        }
        return;
    }
    const struct hpa_metric_working *w = &d->metrics[index];
    bool failed = w->failure != HPA_FAILURE_NONE;
    put_int(r, index);
    if (failed) {
        for (int i = 0; i < 7; i++) {
            put_null(r);
        }
    } else {
        put_int(r, w->proposal);
        put_text(r, hpa_rule_name(w->rule));
        put_double(r, value_of(&d->spec->metrics[index], w));
        put_double(r, w->ratio);
        put_double(r, w->filled_ratio);
        put_double(r, w->tolerance_low);
        put_double(r, w->tolerance_high);
    }
    put_int(r, w->ready);
    put_int(r, w->unready);
    put_int(r, w->missing);
    put_int(r, w->ignored);
    put_int(r, w->total);
    put_int(r, w->requests);
    put_text(r, failed ? hpa_failure_message(&t->scratch, d, (size_t)index) : NULL);
}

static const char *policies_text(struct arena *a, const struct hpa_decision *d)
{
    if (!d->rate_checked || d->policy_count == 0) {
        return NULL;
    }
    struct json_writer *w = json_writer_new(a, false);
    json_list(w);
    for (size_t i = 0; i < d->policy_count; i++) {
        const struct hpa_policy_working *p = &d->policies[i];
        json_map(w);
        json_key(w, "type");
        json_string(w, hpa_policy_type_name(p->policy->type));
        json_key(w, "value");
        json_int(w, p->policy->value);
        json_key(w, "periodSeconds");
        json_int(w, p->policy->period_seconds);
        json_key(w, "added");
        json_int(w, p->added);
        json_key(w, "removed");
        json_int(w, p->removed);
        json_key(w, "start");
        json_int(w, p->start);
        json_key(w, "limit");
        json_int(w, p->limit);
        json_map_end(w);
    }
    json_list_end(w);
    return json_text(w, NULL);
}

static int shown_metric(const struct hpa_decision *d)
{
    if (d->metrics == NULL) {
        return -1;
    }
    if (d->winner >= 0) {
        return d->winner;
    }
    return d->first_failed >= 0 ? d->first_failed : 0;
}

/* What the controller saw, when the run's controller is known: a record of sync_log.h. */
static void put_seen(struct timeline *t, struct row *r, uint32_t hpa, const struct hpa_decision *d,
                     const struct hpa_state *state)
{
    if (t->hpas[hpa].observations.config == NULL) {
        put_null(r);
        return;
    }
    struct strbuf seen = {.arena = &t->scratch};
    sync_encode(&t->hpas[hpa].observations, d, state, &seen);
    sqlite3_bind_blob(r->s, ++r->column, seen.text, (int)seen.len, SQLITE_STATIC);
}

static void put_sync(struct timeline *t, uint32_t hpa, const struct hpa_decision *d,
                     const struct hpa_state *state, int shown)
{
    bool asked = d->path == HPA_PATH_METRICS;
    struct row r = row_at(t, INSERT_SYNC, d->at);
    put_int(&r, hpa);
    put_int(&r, t->hpas[hpa].generation);
    put_text(&r, path_name(d->path));
    put_int(&r, d->current);
    put_int(&r, d->status_replicas);
    if (asked) {
        put_int(&r, d->recommendation);
        put_int(&r, d->stabilized);
    } else {
        put_null(&r);
        put_null(&r);
    }
    if (asked && d->rate_checked) {
        put_int(&r, d->rate_limit);
    } else {
        put_null(&r);
    }
    put_int(&r, d->desired);
    put_int(&r, d->rescaled);
    put_text(&r, hpa_binding_name(d->binding));
    put_text(&r, d->limit_reason != HPA_REASON_NONE ? hpa_reason_name(d->limit_reason) : NULL);
    put_text(&r, d->rescale ? hpa_rescale_reason_text(&t->scratch, d) : NULL);
    put_text(&r, asked ? policies_text(&t->scratch, d) : NULL);
    put_text(&r, d->update_error);
    put_int(&r, d->failed_metrics);
    put_int(&r, shown >= 0 && shown == d->winner);
    put_seen(t, &r, hpa, d, state);
    put_working(t, &r, d, shown);
    timeline_insert(t, INSERT_SYNC);
}

static void put_other_metrics(struct timeline *t, uint32_t hpa, const struct hpa_decision *d,
                              int shown)
{
    int64_t sync = sqlite3_last_insert_rowid(t->db);
    for (size_t i = 0; i < d->spec->metric_count; i++) {
        if ((int)i == shown) {
            continue;
        }
        struct row r = row(t, INSERT_OTHER_METRIC);
        put_int(&r, sync);
        put_int(&r, d->at);
        put_int(&r, hpa);
        put_working(t, &r, d, (int)i);
        timeline_insert(t, INSERT_OTHER_METRIC);
    }
}

/* Conditions */

static uint64_t hash_text(const char *s)
{
    uint64_t h = FNV_OFFSET;
    for (; s != NULL && *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * FNV_PRIME;
    }
    return h;
}

static bool same_condition(const struct seen_condition *a, const struct seen_condition *b)
{
    return a->present && a->status == b->status && a->reason == b->reason &&
           a->replicas == b->replicas && a->metric == b->metric && a->detail == b->detail;
}

static void see_condition(struct timeline *t, uint32_t hpa, simtime at,
                          const struct hpa_condition *c)
{
    struct seen_condition now = {true,        c->status, c->reason,
                                 c->replicas, c->metric, hash_text(c->detail.text)};
    struct seen_condition *seen = &t->hpas[hpa].conditions[c->type];
    if (same_condition(seen, &now)) {
        return;
    }
    *seen = now;
    struct row r = row_at(t, INSERT_CONDITION, at);
    put_int(&r, hpa);
    put_text(&r, hpa_condition_type_name(c->type));
    put_text(&r, condition_status_name(c->status));
    put_text(&r, hpa_reason_name(c->reason));
    put_text(&r, hpa_condition_message(&t->scratch, c));
    timeline_insert(t, INSERT_CONDITION);
}

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct timeline *t = context;
    if (!listening(t) || !t->record_syncs || hpa >= t->hpa_count) {
        return;
    }
    if (d->spec != t->hpas[hpa].spec) {
        rows_hpa_spec(t, hpa, at, d->spec);
    }
    int shown = shown_metric(d);
    put_sync(t, hpa, d, state, shown);
    if (d->metrics != NULL && d->spec->metric_count > 1 && t->error == 0) {
        put_other_metrics(t, hpa, d, shown);
    }
    for (size_t i = 0; i < state->status.condition_count && t->error == 0; i++) {
        see_condition(t, hpa, at, &state->status.conditions[i]);
    }
    arena_reset(&t->scratch);
}

/* Samples, pods and events */

static void on_workload(void *context, const struct workload_sample *w)
{
    struct timeline *t = context;
    if (!listening(t)) {
        return;
    }
    struct row r = row_at(t, INSERT_WORKLOAD_SAMPLE, w->at);
    put_int(&r, w->interval);
    put_int(&r, w->workload);
    put_int(&r, w->spec_replicas);
    put_int(&r, w->status_replicas);
    put_int(&r, w->ready_replicas);
    put_int(&r, w->starting);
    put_int(&r, w->terminating);
    put_double(&r, w->cpu_used_cores);
    put_double(&r, w->cpu_requested_cores);
    put_double(&r, w->cpu_throttled_cores);
    put_double(&r, w->memory_bytes);
    put_double(&r, w->memory_requested_bytes);
    timeline_insert(t, INSERT_WORKLOAD_SAMPLE);
}

static void on_service(void *context, const struct service_sample *v)
{
    struct timeline *t = context;
    if (!listening(t)) {
        return;
    }
    const double columns[] = {v->offered,     v->served,         v->timed_out,
                              v->dropped,     v->failed,         v->waiting,
                              v->in_flight,   v->oldest_seconds, v->latency_mean,
                              v->latency_p50, v->latency_p90,    v->latency_p95,
                              v->latency_p99, v->capacity,       v->unmet_replica_seconds,
                              v->utilization};
    struct row r = row_at(t, INSERT_SERVICE_SAMPLE, v->at);
    put_int(&r, v->interval);
    put_int(&r, v->service);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        put_double(&r, columns[i]);
    }
    timeline_insert(t, INSERT_SERVICE_SAMPLE);
}

static void on_metric(void *context, const struct metric_sample *m)
{
    struct timeline *t = context;
    if (!listening(t)) {
        return;
    }
    struct row r = row_at(t, INSERT_METRIC_SAMPLE, m->at);
    put_int(&r, m->metric);
    put_double(&r, m->value);
    timeline_insert(t, INSERT_METRIC_SAMPLE);
}

static void put_pod(struct timeline *t, const struct pod *pod)
{
    struct row r = row(t, INSERT_POD);
    put_int(&r, pod->serial);
    put_int(&r, pod->workload->index);
    put_text(&r, pod->name);
    if (pod->node == NODE_NONE) {
        put_null(&r);
    } else {
        put_int(&r, pod->node);
    }
    put_int(&r, pod->created);
    put_time(&r, pod->bound);
    put_time(&r, pod->start_time);
    put_time(&r, pod->running);
    put_time(&r, pod->first_ready);
    put_time(&r, pod->deleted);
    put_time(&r, pod->gone);
    put_int(&r, pod->restarts);
    timeline_insert(t, INSERT_POD);
}

static void on_pod(void *context, const struct pod *pod, simtime now, const char *change)
{
    struct timeline *t = context;
    if (!listening(t) || !t->record_pods) {
        return;
    }
    struct row r = row_at(t, INSERT_POD_CHANGE, now);
    put_int(&r, pod->serial);
    put_text(&r, change);
    timeline_insert(t, INSERT_POD_CHANGE);
    if (t->error == 0) {
        put_pod(t, pod);
    }
}

static void on_event(void *context, const struct observed_event *e)
{
    struct timeline *t = context;
    if (!listening(t)) {
        return;
    }
    const char *const columns[] = {e->source,         e->type, e->reason, e->kind,
                                   e->namespace_name, e->name, e->message};
    struct row r = row_at(t, INSERT_EVENT, e->at);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        put_text(&r, columns[i] != NULL ? columns[i] : "");
    }
    timeline_insert(t, INSERT_EVENT);
}

static bool on_tick(void *context, simtime now)
{
    struct timeline *t = context;
    timeline_pulse(t, now);
    return t->error == 0;
}

struct observer timeline_observer(struct timeline *t)
{
    return (struct observer){.context = t,
                             .event = on_event,
                             .pod = on_pod,
                             .workload = on_workload,
                             .service = on_service,
                             .metric = on_metric,
                             .decision = on_decision,
                             .tick = on_tick};
}
