/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what moves in a run file: samples, syncs, conditions, events. Rows were
 * written in order of time, so the row number is the order and no sort is needed.
 * The trap: a reader's columns must be those of its SELECT, one by one; the
 * column lists stand right above their readers for that.
 */
#include "query_internal.h"

#include "base/str.h"
#include "control/hpa/decision.h"

static struct cursor range_open(struct query *q, struct arena *a, const char *sql, int64_t run,
                                int64_t entity, simtime from, simtime to)
{
    struct cursor c = cursor_open(q, a, sql, run);
    if (c.s != NULL) {
        sqlite3_bind_int64(c.s, 2, entity);
        sqlite3_bind_int64(c.s, 3, from);
        sqlite3_bind_int64(c.s, 4, to);
    }
    return c;
}

/* Samples */

#define WORKLOAD_COLUMNS                                                                           \
    "SELECT t_ns, interval_ns, workload, spec_replicas, status_replicas, ready_replicas,"          \
    " starting, terminating, cpu_used_cores, cpu_requested_cores, cpu_throttled_cores,"            \
    " memory_bytes, memory_requested_bytes FROM workload_samples WHERE run = ?1"

static void read_workload_sample(struct cursor *c, struct workload_sample *s)
{
    s->at = get_int(c);
    s->interval = get_int(c);
    s->workload = (uint32_t)get_int(c);
    s->spec_replicas = (int32_t)get_int(c);
    s->status_replicas = (int32_t)get_int(c);
    s->ready_replicas = (int32_t)get_int(c);
    s->starting = (int32_t)get_int(c);
    s->terminating = (int32_t)get_int(c);
    s->cpu_used_cores = get_double(c);
    s->cpu_requested_cores = get_double(c);
    s->cpu_throttled_cores = get_double(c);
    s->memory_bytes = get_double(c);
    s->memory_requested_bytes = get_double(c);
}

struct workload_sample *query_workload_samples(struct query *q, struct arena *a, int64_t run,
                                               size_t workload, simtime from, simtime to,
                                               size_t *count)
{
    VEC(struct workload_sample) list = {0};
    struct cursor c = range_open(
        q, a, WORKLOAD_COLUMNS " AND workload = ?2 AND t_ns BETWEEN ?3 AND ?4 ORDER BY id", run,
        (int64_t)workload, from, to);
    while (cursor_next(&c)) {
        read_workload_sample(&c, vec_push(a, &list));
    }
    *count = list.len;
    return list.items;
}

#define SERVICE_COLUMNS                                                                            \
    "SELECT t_ns, interval_ns, service, offered, served, timed_out, dropped, failed, waiting,"     \
    " in_flight, oldest_seconds, latency_mean, latency_p50, latency_p90, latency_p95,"             \
    " latency_p99, capacity, unmet_replica_seconds, utilization FROM service_samples"              \
    " WHERE run = ?1"

static void read_service_sample(struct cursor *c, struct service_sample *s)
{
    s->at = get_int(c);
    s->interval = get_int(c);
    s->service = (uint32_t)get_int(c);
    s->offered = get_double(c);
    s->served = get_double(c);
    s->timed_out = get_double(c);
    s->dropped = get_double(c);
    s->failed = get_double(c);
    s->waiting = get_double(c);
    s->in_flight = get_double(c);
    s->oldest_seconds = get_double(c);
    s->latency_mean = get_double(c);
    s->latency_p50 = get_double(c);
    s->latency_p90 = get_double(c);
    s->latency_p95 = get_double(c);
    s->latency_p99 = get_double(c);
    s->capacity = get_double(c);
    s->unmet_replica_seconds = get_double(c);
    s->utilization = get_double(c);
}

struct service_sample *query_service_samples(struct query *q, struct arena *a, int64_t run,
                                             size_t service, simtime from, simtime to,
                                             size_t *count)
{
    VEC(struct service_sample) list = {0};
    struct cursor c =
        range_open(q, a, SERVICE_COLUMNS " AND service = ?2 AND t_ns BETWEEN ?3 AND ?4 ORDER BY id",
                   run, (int64_t)service, from, to);
    while (cursor_next(&c)) {
        read_service_sample(&c, vec_push(a, &list));
    }
    *count = list.len;
    return list.items;
}

/* Syncs */

#define WORKING_COLUMNS                                                                            \
    " metric, proposal, rule, value, ratio, filled_ratio, tolerance_low, tolerance_high,"          \
    " ready_pods, unready_pods, missing_pods, ignored_pods, total_milli, requests_milli, failure"

static void read_working(struct cursor *c, struct query_working *w)
{
    w->metric = get_index(c);
    w->proposal = (int32_t)get_int(c);
    w->rule = get_word(c);
    w->value = get_double(c);
    w->ratio = get_double(c);
    w->filled_ratio = get_double(c);
    w->tolerance_low = get_double(c);
    w->tolerance_high = get_double(c);
    w->ready = (uint32_t)get_int(c);
    w->unready = (uint32_t)get_int(c);
    w->missing = (uint32_t)get_int(c);
    w->ignored = (uint32_t)get_int(c);
    w->total_milli = get_int(c);
    w->requests_milli = get_int(c);
    w->failed = !get_null(c);
    w->failure = get_word(c);
}

static void read_sync(struct cursor *c, struct query_sync *s)
{
    s->id = get_int(c);
    s->at = get_int(c);
    s->generation = get_int(c);
    s->path = get_word(c);
    s->current = (int32_t)get_int(c);
    s->status_replicas = (int32_t)get_int(c);
    s->has_recommendation = !get_null(c);
    s->recommendation = (int32_t)get_int(c);
    s->stabilized = (int32_t)get_int(c);
    s->has_rate_limit = !get_null(c);
    s->rate_limit = (int32_t)get_int(c);
    s->desired = (int32_t)get_int(c);
    s->rescaled = get_int(c) != 0;
    s->binding = get_word(c);
    s->limited = get_word(c);
    s->reason = get_word(c);
    s->policies = get_text(c);
    s->update_error = get_text(c);
    s->failed_metrics = (uint32_t)get_int(c);
    s->won = get_int(c) != 0;
    read_working(c, &s->working);
}

struct query_sync *query_syncs(struct query *q, struct arena *a, int64_t run, size_t hpa,
                               simtime from, simtime to, size_t *count)
{
    VEC(struct query_sync) list = {0};
    struct cursor c = range_open(
        q, a,
        "SELECT id, t_ns, generation, path, current, status_replicas, recommendation, stabilized,"
        " rate_limit, desired, rescaled, binding, limited, reason, policies, update_error,"
        " failed_metrics, won," WORKING_COLUMNS
        " FROM hpa_syncs WHERE run = ?1 AND hpa = ?2 AND t_ns BETWEEN ?3 AND ?4 ORDER BY id",
        run, (int64_t)hpa, from, to);
    while (cursor_next(&c)) {
        read_sync(&c, vec_push(a, &list));
    }
    *count = list.len;
    return list.items;
}

struct query_working *query_other_metrics(struct query *q, struct arena *a, int64_t sync,
                                          size_t *count)
{
    VEC(struct query_working) list = {0};
    struct cursor c = cursor_open(
        q, a, "SELECT" WORKING_COLUMNS " FROM hpa_other_metrics WHERE sync = ?1 ORDER BY id", sync);
    while (cursor_next(&c)) {
        read_working(&c, vec_push(a, &list));
    }
    *count = list.len;
    return list.items;
}

/* Events and conditions */

struct observed_event *query_events(struct query *q, struct arena *a, int64_t run,
                                    const char *source, simtime from, simtime to, size_t *count)
{
    VEC(struct observed_event) list = {0};
    struct cursor c = range_open(q, a,
                                 "SELECT t_ns, source, type, reason, kind, namespace, name, message"
                                 " FROM events WHERE run = ?1 AND (?5 IS NULL OR source = ?5)"
                                 " AND t_ns BETWEEN ?3 AND ?4 ORDER BY t_ns, id",
                                 run, 0, from, to);
    if (c.s != NULL) {
        sqlite3_bind_text(c.s, 5, source, -1, SQLITE_STATIC);
    }
    while (cursor_next(&c)) {
        struct observed_event *e = vec_push(a, &list);
        e->at = get_int(&c);
        e->source = get_word(&c);
        e->type = get_word(&c);
        e->reason = get_word(&c);
        e->kind = get_word(&c);
        e->namespace_name = get_word(&c);
        e->name = get_text(&c);
        e->message = get_text(&c);
    }
    *count = list.len;
    return list.items;
}

struct query_condition *query_conditions(struct query *q, struct arena *a, int64_t run, size_t hpa,
                                         simtime to, size_t *count)
{
    VEC(struct query_condition) list = {0};
    struct cursor c = range_open(q, a,
                                 "SELECT t_ns, type, status, reason, message FROM conditions"
                                 " WHERE run = ?1 AND hpa = ?2 AND t_ns BETWEEN ?3 AND ?4"
                                 " ORDER BY id",
                                 run, (int64_t)hpa, 0, to);
    while (cursor_next(&c)) {
        struct query_condition *x = vec_push(a, &list);
        x->at = get_int(&c);
        x->type = get_word(&c);
        x->status = get_word(&c);
        x->reason = get_word(&c);
        x->message = get_text(&c);
    }
    *count = list.len;
    return list.items;
}

/* Replay */

static void replay_workloads(struct query *q, int64_t run, const struct observer *o)
{
    struct cursor c = cursor_open(q, NULL, WORKLOAD_COLUMNS " ORDER BY id", run);
    while (cursor_next(&c)) {
        struct workload_sample s;
        read_workload_sample(&c, &s);
        o->workload(o->context, &s);
    }
}

static void replay_services(struct query *q, int64_t run, const struct observer *o)
{
    struct cursor c = cursor_open(q, NULL, SERVICE_COLUMNS " ORDER BY id", run);
    while (cursor_next(&c)) {
        struct service_sample s;
        read_service_sample(&c, &s);
        o->service(o->context, &s);
    }
}

static enum hpa_binding binding_of(const char *word)
{
    static const char *const words[] = {
#define X(name, text) text,
        HPA_BINDINGS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal(words[i], word)) {
            return (enum hpa_binding)i;
        }
    }
    return HPA_BINDING_NONE;
}

static void replay_syncs(struct query *q, int64_t run, const struct observer *o)
{
    struct cursor c = cursor_open(q, NULL,
                                  "SELECT hpa, t_ns, current, status_replicas, recommendation,"
                                  " stabilized, desired, rescaled, binding, failed_metrics, won,"
                                  " ratio FROM hpa_syncs"
                                  " WHERE run = ?1 ORDER BY id",
                                  run);
    while (cursor_next(&c)) {
        struct hpa_decision d = {.winner = -1, .first_failed = -1};
        uint32_t hpa = (uint32_t)get_int(&c);
        d.at = get_int(&c);
        d.current = (int32_t)get_int(&c);
        d.status_replicas = (int32_t)get_int(&c);
        d.recommendation = (int32_t)get_int(&c);
        d.stabilized = (int32_t)get_int(&c);
        d.desired = (int32_t)get_int(&c);
        d.rescaled = get_int(&c) != 0;
        d.binding = binding_of(get_word(&c));
        d.failed_metrics = (uint32_t)get_int(&c);
        d.winner = get_int(&c) != 0 ? 0 : -1;
        struct hpa_metric_working working = {.ratio = get_double(&c)};
        d.metrics = &working;
        o->decision(o->context, hpa, d.at, &d, NULL);
    }
}

void query_replay(struct query *q, int64_t run, const struct observer *o)
{
    if (o->workload != NULL) {
        replay_workloads(q, run, o);
    }
    if (o->service != NULL) {
        replay_services(q, run, o);
    }
    if (o->decision != NULL) {
        replay_syncs(q, run, o);
    }
}
