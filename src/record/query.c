/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what stands still in a run file: runs, and the objects of a run. The idea:
 * one cursor over a prepared statement that hands out columns in order, so that
 * a reader is the list of its columns; query_series.c reads what moves.
 * The trap: SQLite's texts live until the next step only; they are copied, the
 * few words that fill whole columns (bindings, rules) once for all rows.
 */
#include "query_internal.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct mark nowhere;

struct query *query_open(struct arena *a, const char *path, struct diag *d)
{
    sqlite3 *db = run_file_read(path, d);
    if (db == NULL) {
        return NULL;
    }
    struct query *q = arena_new(a, struct query);
    q->db = db;
    q->path = arena_strdup(a, path);
    q->words.arena = a;
    return q;
}

void query_close(struct query *q)
{
    if (q != NULL && q->db != NULL) {
        sqlite3_close(q->db);
        q->db = NULL;
    }
}

/* The cursor */

struct cursor cursor_open(struct query *q, struct arena *a, const char *sql, int64_t run)
{
    struct cursor c = {.q = q, .arena = a};
    if (sqlite3_prepare_v2(q->db, sql, -1, &c.s, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(c.s, 1, run);
    }
    return c;
}

bool cursor_next(struct cursor *c)
{
    c->column = 0;
    if (c->s != NULL && sqlite3_step(c->s) == SQLITE_ROW) {
        return true;
    }
    sqlite3_finalize(c->s);
    c->s = NULL;
    return false;
}

int64_t get_int(struct cursor *c)
{
    return sqlite3_column_int64(c->s, c->column++);
}

double get_double(struct cursor *c)
{
    bool null = sqlite3_column_type(c->s, c->column) == SQLITE_NULL;
    double v = sqlite3_column_double(c->s, c->column++);
    return null ? NAN : v;
}

size_t get_index(struct cursor *c)
{
    bool null = sqlite3_column_type(c->s, c->column) == SQLITE_NULL;
    int64_t v = sqlite3_column_int64(c->s, c->column++);
    return null ? QUERY_NONE : (size_t)v;
}

bool get_null(const struct cursor *c)
{
    return sqlite3_column_type(c->s, c->column) == SQLITE_NULL;
}

const char *get_text(struct cursor *c)
{
    const char *v = (const char *)sqlite3_column_text(c->s, c->column++);
    return v == NULL || *v == '\0' ? "" : arena_strdup(c->arena, v);
}

const char *get_word(struct cursor *c)
{
    const char *v = (const char *)sqlite3_column_text(c->s, c->column++);
    if (v == NULL || *v == '\0') {
        return "";
    }
    size_t i = table_put(&c->q->words, v); /* may move keys */
    return c->q->words.keys[i];
}

/* Runs */

struct query_run *query_runs(struct query *q, struct arena *a, size_t *count)
{
    VEC(struct query_run) list = {0};
    struct cursor c = cursor_open(
        q, a,
        "SELECT run, name, scenario, program, resolution, status, seed, zone, start_unix_ns,"
        " zone_seconds, duration_ns, record_interval_ns, until_ns FROM runs ORDER BY run",
        0);
    while (cursor_next(&c)) {
        struct query_run *r = vec_push(a, &list);
        r->run = get_int(&c);
        r->name = get_text(&c);
        r->scenario = get_text(&c);
        r->program = get_text(&c);
        r->resolution = get_text(&c);
        r->status = get_text(&c);
        r->seed = get_text(&c);
        r->zone = get_text(&c);
        r->start_unix_ns = get_int(&c);
        r->zone_seconds = (int32_t)get_int(&c);
        r->duration = get_int(&c);
        r->record_interval = get_int(&c);
        r->until = get_int(&c);
    }
    *count = list.len;
    return list.items;
}

bool query_run(struct query *q, struct arena *a, int64_t number, struct query_run *out,
               struct diag *d)
{
    size_t count = 0;
    struct query_run *runs = query_runs(q, a, &count);
    for (size_t i = 0; i < count; i++) {
        if (runs[i].run == number || (number == 0 && i + 1 == count)) {
            *out = runs[i];
            return true;
        }
    }
    if (count == 0) {
        diag_error(d, nowhere, "%s holds no run", q->path);
        return false;
    }
    diag_error(d, nowhere, "%s holds no run %" PRId64, q->path, number);
    for (size_t i = 0; i < count && i < 10; i++) {
        diag_help(d, "run %" PRId64 ": %s, seed %s, %s", runs[i].run, runs[i].name, runs[i].seed,
                  runs[i].status);
    }
    return false;
}

/* Objects */

struct query_workload *query_workloads(struct query *q, struct arena *a, int64_t run, size_t *count)
{
    VEC(struct query_workload) list = {0};
    struct cursor c =
        cursor_open(q, a,
                    "SELECT kind, namespace, name, replicas, cpu_request_cores,"
                    " cpu_limit_cores FROM workloads WHERE run = ?1 ORDER BY workload",
                    run);
    while (cursor_next(&c)) {
        struct query_workload *w = vec_push(a, &list);
        w->kind = get_text(&c);
        w->namespace_name = get_text(&c);
        w->name = get_text(&c);
        w->replicas = (int32_t)get_int(&c);
        w->cpu_request_cores = get_double(&c);
        w->cpu_limit_cores = get_double(&c);
    }
    *count = list.len;
    return list.items;
}

struct query_service *query_services(struct query *q, struct arena *a, int64_t run, size_t *count)
{
    VEC(struct query_service) list = {0};
    struct cursor c = cursor_open(
        q, a,
        "SELECT kind = 'queue', kind = 'demand', name, workload FROM services WHERE run = ?1 ORDER BY service",
        run);
    while (cursor_next(&c)) {
        struct query_service *s = vec_push(a, &list);
        s->queue = get_int(&c) != 0;
        s->demand = get_int(&c) != 0;
        s->name = get_text(&c);
        s->workload = get_index(&c);
    }
    *count = list.len;
    return list.items;
}

static void read_specs(struct query *q, struct arena *a, int64_t run, struct query_hpa *hpas,
                       size_t count)
{
    VEC(struct query_hpa_spec) list = {0};
    struct cursor c = cursor_open(q, a,
                                  "SELECT hpa, since_ns, generation, min_replicas, max_replicas"
                                  " FROM hpa_specs WHERE run = ?1 ORDER BY hpa, generation",
                                  run);
    size_t current = QUERY_NONE;
    while (cursor_next(&c)) {
        size_t hpa = get_index(&c);
        if (hpa >= count) {
            continue;
        }
        if (hpa != current) {
            memset(&list, 0, sizeof list);
            current = hpa;
        }
        struct query_hpa_spec *s = vec_push(a, &list);
        s->since = get_int(&c);
        s->generation = get_int(&c);
        s->min_replicas = (int32_t)get_int(&c);
        s->max_replicas = (int32_t)get_int(&c);
        hpas[hpa].specs = list.items;
        hpas[hpa].spec_count = list.len;
    }
}

static void read_metric_specs(struct query *q, struct arena *a, int64_t run, struct query_hpa *hpas,
                              size_t count)
{
    VEC(struct query_hpa_metric) list = {0};
    struct cursor c =
        cursor_open(q, a,
                    "SELECT hpa, generation, metric, type, name, target_type, target"
                    " FROM hpa_metric_specs WHERE run = ?1 ORDER BY hpa, generation, metric",
                    run);
    size_t current = QUERY_NONE;
    while (cursor_next(&c)) {
        size_t hpa = get_index(&c);
        if (hpa >= count) {
            continue;
        }
        if (hpa != current) {
            memset(&list, 0, sizeof list);
            current = hpa;
        }
        struct query_hpa_metric *m = vec_push(a, &list);
        m->generation = get_int(&c);
        m->metric = get_index(&c);
        m->type = get_word(&c);
        m->name = get_word(&c);
        m->target_type = get_word(&c);
        m->target = get_double(&c);
        hpas[hpa].metrics = list.items;
        hpas[hpa].metric_count = list.len;
    }
}

struct query_hpa *query_hpas(struct query *q, struct arena *a, int64_t run, size_t *count)
{
    VEC(struct query_hpa) list = {0};
    struct cursor c = cursor_open(
        q, a, "SELECT namespace, name, target, workload FROM hpas WHERE run = ?1 ORDER BY hpa",
        run);
    while (cursor_next(&c)) {
        struct query_hpa *h = vec_push(a, &list);
        h->namespace_name = get_text(&c);
        h->name = get_text(&c);
        h->target = get_text(&c);
        h->workload = get_index(&c);
    }
    read_specs(q, a, run, list.items, list.len);
    read_metric_specs(q, a, run, list.items, list.len);
    *count = list.len;
    return list.items;
}

const struct query_hpa_metric *query_hpa_metric(const struct query_hpa *hpa, int64_t generation,
                                                size_t metric)
{
    for (size_t i = 0; i < hpa->metric_count; i++) {
        if (hpa->metrics[i].generation == generation && hpa->metrics[i].metric == metric) {
            return &hpa->metrics[i];
        }
    }
    return NULL;
}
