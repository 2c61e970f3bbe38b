/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One number for all that happened in a run: FNV-1a 64 over the rows of every
 * table of the schema in a total order, column by column with its type. Two runs
 * with one digest have the same timeline. The trap: what differs without
 * the world differing (row ids, the run's number, file names, program version)
 * must stay out, or appending to a file would change the number.
 */
#include "internal.h"

#include "base/str.h"
#include "record/schema.h"

#include <string.h>

static const struct mark nowhere;

static uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ p[i]) * FNV_PRIME;
    }
    return h;
}

/* The same on every byte order. */
static uint64_t hash_number(uint64_t h, uint64_t v)
{
    for (int i = 0; i < 8; i++) {
        h = (h ^ (v >> (8 * i) & 0xff)) * FNV_PRIME;
    }
    return h;
}

static uint64_t hash_column(uint64_t h, sqlite3_stmt *s, int i)
{
    int type = sqlite3_column_type(s, i);
    h = hash_number(h, (uint64_t)type);
    if (type == SQLITE_INTEGER) {
        return hash_number(h, (uint64_t)sqlite3_column_int64(s, i));
    }
    if (type == SQLITE_FLOAT) {
        double v = sqlite3_column_double(s, i);
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        return hash_number(h, bits);
    }
    if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
        size_t len = (size_t)sqlite3_column_bytes(s, i);
        return hash_bytes(hash_number(h, len), sqlite3_column_blob(s, i), len);
    }
    if (type == SQLITE_BLOB) {
        size_t len = (size_t)sqlite3_column_bytes(s, i);
        return hash_bytes(hash_number(h, len), sqlite3_column_blob(s, i), len);
    }
    return h;
}

static bool left_out(const char *column)
{
    static const char *const names[] = {"id", "run", "sync"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_equal(column, names[i])) {
            return true;
        }
    }
    return false;
}

/* Adds the rows of one SELECT whose parameter is the run. False on an SQLite error. */
static bool hash_rows(sqlite3 *db, const char *sql, int64_t run, uint64_t *h)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        return false;
    }
    sqlite3_bind_int64(s, 1, run);
    int count = sqlite3_column_count(s);
    int code = sqlite3_step(s);
    for (; code == SQLITE_ROW; code = sqlite3_step(s)) {
        for (int i = 0; i < count; i++) {
            if (!left_out(sqlite3_column_name(s, i))) {
                *h = hash_column(*h, s, i);
            }
        }
    }
    sqlite3_finalize(s);
    return code == SQLITE_DONE;
}

static bool hash_run(sqlite3 *db, int64_t run, uint64_t *h)
{
    if (!hash_rows(db,
                   "SELECT name, resolution, seed, start_unix_ns, zone_seconds, duration_ns,"
                   " record_interval_ns, until_ns, status FROM runs WHERE run = ?1",
                   run, h)) {
        return false;
    }
    struct arena scratch = {0};
    bool ok = true;
    const struct schema_table *t = NULL;
    for (size_t i = 0; ok && (t = schema_table(i)) != NULL; i++) {
        *h = hash_bytes(*h, t->name, strlen(t->name));
        ok = hash_rows(db,
                       arena_printf(&scratch, "SELECT * FROM %s WHERE run = ?1 ORDER BY %s",
                                    t->name, t->order),
                       run, h);
    }
    arena_drop(&scratch);
    return ok;
}

bool timeline_digest(const char *path, int64_t run, uint64_t *digest, struct diag *d)
{
    sqlite3 *db = run_file_read(path, d);
    if (db == NULL) {
        return false;
    }
    bool ok = true;
    int64_t newest = 0;
    if (run == 0 && !run_file_number(db, "SELECT max(run) FROM runs", &newest)) {
        ok = false;
    }
    *digest = FNV_OFFSET;
    if (ok && !hash_run(db, run != 0 ? run : newest, digest)) {
        run_file_error(d, path, db, sqlite3_errcode(db));
        ok = false;
    } else if (!ok) {
        diag_error(d, nowhere, "%s holds no run", path);
    }
    sqlite3_close(db);
    return ok;
}
