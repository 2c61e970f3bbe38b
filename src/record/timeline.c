/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes runs: opens the file, keeps one transaction open and commits it about
 * twice a second of wall time, in WAL mode with synchronous=NORMAL, so that a
 * commit needs no fsync and readers may look while the run goes on. At the end the
 * file goes back to one file (journal_mode=DELETE).
 * The traps: looking at the clock costs more than a row, so it is looked at only
 * now and then; what fails is remembered and the run stopped by the next tick,
 * because the simulation must not know SQLite; and a file of somebody else's must
 * never be replaced.
 */
#include "internal.h"

#include "base/fmt.h"
#include "kube/timestamp.h"
#include "record/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_PER_LOOK = 512, BUSY_MS = 10000 };
#define COMMIT_EVERY INT64_C(500000000) /* wall ns */

static const struct mark nowhere;

static int64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Opening */

static void remove_file(struct arena *a, const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        unlink(arena_printf(a, "%s%s", path, endings[i]));
    }
}

/* Replacing a device would take it from the whole machine: `-o /dev/null` as root. */
static bool may_be_a_file(const char *path, struct diag *d)
{
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) {
        return true;
    }
    diag_error(d, (struct mark){0}, "%s cannot be a run file: it is %s", path,
               S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
    diag_help(d, "--no-db writes none");
    return false;
}

/* An older run file makes room; a file that is not ours, or is being written, does not. */
static bool make_room(struct arena *a, const char *path, struct diag *d)
{
    if (access(path, F_OK) != 0) {
        return true;
    }
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    bool ours = false;
    int64_t id = 0;
    if (code != SQLITE_OK) {
        run_file_error(d, path, db, code);
    } else if (run_file_number(db, "PRAGMA application_id", &id) && id == SCHEMA_APPLICATION_ID) {
        code = run_file_exec(db, "BEGIN EXCLUSIVE"); /* any schema version may be replaced */
        ours = code == SQLITE_OK;
        if (!ours) {
            run_file_error(d, path, db, code);
        }
    } else if (run_file_kind(db, path, d) == RUN_FILE_EMPTY) {
        ours = true;
    }
    if (!ours && code == SQLITE_OK) {
        diag_help(d, "it is left as it is: move it away, or name another file with -o");
    }
    sqlite3_close(db);
    if (ours) {
        remove_file(a, path);
    }
    return ours;
}

static bool set_up(sqlite3 *db, const char *path, struct arena *a, struct diag *d)
{
    char numbers[128];
    snprintf(numbers, sizeof numbers, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    if (run_file_exec(db, "BEGIN IMMEDIATE") == SQLITE_OK &&
        run_file_exec(db, schema_sql(a)) == SQLITE_OK && run_file_exec(db, numbers) == SQLITE_OK &&
        run_file_exec(db, "COMMIT") == SQLITE_OK) {
        return true;
    }
    run_file_error(d, path, db, sqlite3_errcode(db));
    return false;
}

static bool configure(sqlite3 *db, const char *path, struct diag *d)
{
    sqlite3_busy_timeout(db, BUSY_MS);
    int code = run_file_exec(db, "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL;"
                                 "PRAGMA synchronous = NORMAL;"
                                 "PRAGMA wal_autocheckpoint = 2048; PRAGMA cache_size = -65536;"
                                 "PRAGMA temp_store = MEMORY");
    if (code != SQLITE_OK) {
        run_file_error(d, path, db, code);
    }
    return code == SQLITE_OK;
}

static bool open_checked(sqlite3 *db, const char *path, struct arena *a, struct diag *d)
{
    enum run_file_kind kind = run_file_kind(db, path, d);
    return kind != RUN_FILE_BAD && configure(db, path, d) &&
           (kind == RUN_FILE_OURS || set_up(db, path, a, d));
}

struct timeline *timeline_open(struct arena *a, const char *path, enum timeline_mode mode,
                               struct diag *d)
{
    if (!may_be_a_file(path, d) || (mode == TIMELINE_REPLACE && !make_room(a, path, d))) {
        return NULL;
    }
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(
        path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        run_file_error(d, path, db, code);
    }
    if (code != SQLITE_OK || !open_checked(db, path, a, d)) {
        sqlite3_close(db);
        return NULL;
    }
    struct timeline *t = arena_new(a, struct timeline);
    t->arena = a;
    t->path = arena_strdup(a, path);
    t->db = db;
    return t;
}

/* Transactions */

static void fail(struct timeline *t)
{
    if (t->error != 0) {
        return;
    }
    t->error = sqlite3_extended_errcode(t->db);
    t->error_text = arena_strdup(t->arena, sqlite3_errmsg(t->db));
    if (sqlite3_get_autocommit(t->db) == 0) {
        run_file_exec(t->db, "ROLLBACK");
    }
}

static void begin(struct timeline *t)
{
    if (t->error == 0 && run_file_exec(t->db, "BEGIN IMMEDIATE") != SQLITE_OK) {
        fail(t);
    }
}

static void mark_run(struct timeline *t, const char *status, simtime until)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(t->db, "UPDATE runs SET status = ?1, until_ns = ?2 WHERE run = ?3", -1,
                           &s, NULL) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, status, -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 2, until);
        sqlite3_bind_int64(s, 3, t->run);
        sqlite3_step(s);
    }
    if (sqlite3_finalize(s) != SQLITE_OK) {
        fail(t);
    }
}

static void commit(struct timeline *t, const char *status, simtime until)
{
    if (t->error == 0) {
        mark_run(t, status, until);
    }
    if (t->error == 0 && run_file_exec(t->db, "COMMIT") != SQLITE_OK) {
        fail(t);
    }
    if (t->error == 0) {
        t->committed = until;
    }
    t->next_commit = wall_ns() + COMMIT_EVERY;
}

void timeline_pulse(struct timeline *t, simtime now)
{
    t->unchecked = 0;
    if (now > t->seen) {
        t->seen = now;
    }
    if (t->error == 0 && wall_ns() >= t->next_commit) {
        commit(t, "running", t->seen);
        begin(t);
    }
}

void timeline_insert(struct timeline *t, enum timeline_insert which)
{
    sqlite3_stmt *s = t->inserts[which];
    if (sqlite3_step(s) != SQLITE_DONE) {
        fail(t);
    }
    sqlite3_reset(s);
    t->rows++;
    if (++t->unchecked >= ROWS_PER_LOOK) {
        timeline_pulse(t, t->seen);
    }
}

/* The run's own rows */

static sqlite3_stmt *prepare(struct timeline *t, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(t->db, sql, -1, &s, NULL) != SQLITE_OK) {
        fail(t);
    }
    sqlite3_bind_int64(s, 1, t->run);
    return s;
}

static void text(sqlite3_stmt *s, int column, const char *value)
{
    sqlite3_bind_text(s, column, value, -1, SQLITE_STATIC);
}

/* 0 is "none". */
static void amount(sqlite3_stmt *s, int column, double value)
{
    if (value > 0) {
        sqlite3_bind_double(s, column, value);
    } else {
        sqlite3_bind_null(s, column);
    }
}

static void write_row(struct timeline *t, sqlite3_stmt *s)
{
    if (t->error == 0 && sqlite3_step(s) != SQLITE_DONE) {
        fail(t);
    }
    sqlite3_reset(s);
}

static void zone_text(char out[8], int32_t seconds)
{
    if (seconds == 0) {
        strcpy(out, "Z");
        return;
    }
    uint32_t minutes = (uint32_t)(seconds < 0 ? -(int64_t)seconds : seconds) / 60;
    snprintf(out, 8, "%c%02u:%02u", seconds < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

static void write_run(struct timeline *t, const struct timeline_run *run)
{
    char zone[8];
    char seed[24];
    zone_text(zone, run->zone_seconds);
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    sqlite3_stmt *s = prepare(
        t, "INSERT INTO runs (run, name, scenario, program, resolution, seed, start_unix_ns,"
           " zone_seconds, zone, duration_ns, record_interval_ns, until_ns, status, parameters)"
           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 'running', ?12)");
    text(s, 2, run->name != NULL ? run->name : "");
    text(s, 3, run->scenario != NULL ? run->scenario : "");
    text(s, 4, run->program != NULL ? run->program : "");
    text(s, 5, run->resolution != NULL ? run->resolution : "");
    text(s, 6, seed);
    sqlite3_bind_int64(s, 7, run->start_unix_ns);
    sqlite3_bind_int64(s, 8, run->zone_seconds);
    text(s, 9, zone);
    sqlite3_bind_int64(s, 10, run->duration);
    sqlite3_bind_int64(s, 11, run->record_interval);
    text(s, 12, run->parameters != NULL ? run->parameters : "{}");
    write_row(t, s);
    sqlite3_finalize(s);
}

static void write_inputs(struct timeline *t, const struct timeline_run *run)
{
    sqlite3_stmt *s = prepare(t, "INSERT OR REPLACE INTO run_inputs VALUES (?1, ?2, ?3, ?4)");
    for (size_t i = 0; i < run->input_count; i++) {
        char hash[20];
        snprintf(hash, sizeof hash, "%016" PRIx64, run->inputs[i].fnv1a);
        text(s, 2, run->inputs[i].path);
        sqlite3_bind_int64(s, 3, (sqlite3_int64)run->inputs[i].bytes);
        text(s, 4, hash);
        write_row(t, s);
    }
    sqlite3_finalize(s);
}

static void write_workloads(struct timeline *t, const struct timeline_run *run)
{
    sqlite3_stmt *s =
        prepare(t, "INSERT INTO workloads VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    for (size_t i = 0; i < run->workload_count; i++) {
        const struct timeline_workload *w = &run->workloads[i];
        sqlite3_bind_int64(s, 2, (sqlite3_int64)i);
        text(s, 3, w->kind);
        text(s, 4, w->namespace_name);
        text(s, 5, w->name);
        sqlite3_bind_int64(s, 6, w->replicas);
        amount(s, 7, w->cpu_request_cores);
        amount(s, 8, w->cpu_limit_cores);
        amount(s, 9, w->memory_request_bytes);
        amount(s, 10, w->memory_limit_bytes);
        write_row(t, s);
    }
    sqlite3_finalize(s);
}

static void index_or_null(sqlite3_stmt *s, int column, size_t index)
{
    if (index == SCENARIO_NONE) {
        sqlite3_bind_null(s, column);
    } else {
        sqlite3_bind_int64(s, column, (sqlite3_int64)index);
    }
}

static void write_services(struct timeline *t, const struct timeline_run *run)
{
    sqlite3_stmt *s = prepare(t, "INSERT INTO services VALUES (?1, ?2, ?3, ?4, ?5)");
    for (size_t i = 0; i < run->service_count; i++) {
        sqlite3_bind_int64(s, 2, (sqlite3_int64)i);
        text(s, 3, run->services[i].kind);
        text(s, 4, run->services[i].name);
        index_or_null(s, 5, run->services[i].workload);
        write_row(t, s);
    }
    sqlite3_finalize(s);
}

static void write_metrics(struct timeline *t, const struct timeline_run *run)
{
    sqlite3_stmt *s = prepare(t, "INSERT INTO metrics VALUES (?1, ?2, ?3, ?4)");
    for (size_t i = 0; i < run->metric_count; i++) {
        sqlite3_bind_int64(s, 2, (sqlite3_int64)i);
        text(s, 3, run->metrics[i].name);
        text(s, 4, run->metrics[i].kind);
        write_row(t, s);
    }
    sqlite3_finalize(s);
}

static void write_hpas(struct timeline *t, const struct timeline_run *run)
{
    t->hpas = arena_array(t->arena, struct seen_hpa, run->hpa_count);
    t->hpa_count = run->hpa_count;
    sqlite3_stmt *s = prepare(t, "INSERT INTO hpas VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    for (size_t i = 0; i < run->hpa_count; i++) {
        const struct hpa_spec *spec = run->hpas[i].spec;
        sqlite3_bind_int64(s, 2, (sqlite3_int64)i);
        text(s, 3, spec->namespace_name);
        text(s, 4, spec->name);
        index_or_null(s, 5, run->hpas[i].workload);
        text(s, 6, arena_printf(&t->scratch, "%s/%s", spec->target_kind, spec->target_name));
        write_row(t, s);
        rows_hpa_spec(t, (uint32_t)i, 0, spec);
        t->hpas[i].observations.arena = t->arena;
        t->hpas[i].observations.config = run->controller;
    }
    sqlite3_finalize(s);
    arena_reset(&t->scratch);
}

static void write_meta(struct timeline *t, const struct timeline_run *run)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(t->db, "INSERT OR IGNORE INTO podtide_meta VALUES (?1, ?2)", -1, &s,
                           NULL) != SQLITE_OK) {
        fail(t);
    }
    char version[24];
    snprintf(version, sizeof version, "%d", SCHEMA_VERSION);
    text(s, 1, "schema_version");
    text(s, 2, version);
    write_row(t, s);
    text(s, 1, "created_by");
    text(s, 2, run->program != NULL ? run->program : "");
    write_row(t, s);
    sqlite3_finalize(s);
}

/* The error kept, in the user's words. */
static bool report(struct timeline *t, struct diag *d)
{
    char until[FMT_MAX];
    fmt_seconds(until, simtime_to_seconds(t->committed));
    switch (t->error & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
        diag_error(d, nowhere, "%s cannot be written on: %s", t->path,
                   (t->error & 0xff) == SQLITE_FULL ? "the disk is full" : t->error_text);
        break;
    default:
        run_file_error(d, t->path, t->db, t->error);
    }
    if (t->committed > 0) {
        diag_help(d, "the file is intact and holds the run up to %s of simulated time", until);
    } else if (t->run > 0) {
        diag_help(d, "the file is intact, but holds nothing of this run");
    }
    return false;
}

bool timeline_begin_run(struct timeline *t, const struct timeline_run *run, struct diag *d)
{
    t->seen = t->committed = 0;
    t->record_pods = run->record_pods;
    t->record_syncs = run->record_syncs;
    begin(t);
    if (t->error == 0 &&
        (!run_file_number(t->db, "SELECT coalesce(max(run), 0) + 1 FROM runs", &t->run) ||
         !rows_prepare(t))) {
        fail(t);
    }
    if (t->error == 0) {
        write_meta(t, run);
        write_run(t, run);
        write_inputs(t, run);
        write_workloads(t, run);
        write_services(t, run);
        write_metrics(t, run);
        write_hpas(t, run);
        commit(t, "running", 0);
        begin(t);
    }
    t->begun = t->error == 0;
    return t->begun || report(t, d);
}

/* After a failure the status is all that is tried: it may just fit. */
static void mark_failed(struct timeline *t)
{
    const int error = t->error;
    const simtime until = t->committed;
    t->error = 0;
    begin(t);
    commit(t, "failed", until);
    t->error = error;
    t->committed = until;
}

bool timeline_end_run(struct timeline *t, enum timeline_status status, simtime ended,
                      struct diag *d)
{
    static const char *const words[] = {"complete", "interrupted", "failed"};
    if (!t->begun) {
        return false;
    }
    rows_finalize(t);
    commit(t, words[status], ended);
    t->begun = false;
    if (t->error != 0) {
        mark_failed(t);
        return report(t, d);
    }
    return true;
}

int64_t timeline_run_number(const struct timeline *t)
{
    return t->run;
}

uint64_t timeline_rows(const struct timeline *t)
{
    return t->rows;
}

void timeline_close(struct timeline *t, struct diag *d)
{
    if (t == NULL || t->db == NULL) {
        return;
    }
    rows_finalize(t);
    if (sqlite3_get_autocommit(t->db) == 0) {
        run_file_exec(t->db, "ROLLBACK");
    }
    /* Back to a single file; a reader at work, or a full disk, only leaves it as two. */
    run_file_exec(t->db, "PRAGMA busy_timeout = 200; PRAGMA journal_mode = DELETE");
    if (sqlite3_close(t->db) != SQLITE_OK) {
        run_file_error(d, t->path, t->db, SQLITE_ERROR);
    }
    t->db = NULL;
    for (size_t i = 0; i < t->hpa_count; i++) {
        sync_encoder_drop(&t->hpas[i].observations);
    }
    arena_drop(&t->scratch);
}
