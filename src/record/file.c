/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells run files from other files, and says what is wrong in words that help:
 * not there, not ours, another schema version, in use, disk full. The idea: the
 * header of an SQLite file has two numbers for its owner, application_id and
 * user_version. The trap: SQLite opens anything and only fails at the first
 * read, so that opening means reading these numbers.
 */
#include "internal.h"

#include "record/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const struct mark nowhere;

int run_file_exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

bool run_file_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *s = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        *out = sqlite3_column_int64(s, 0);
        found = true;
    }
    sqlite3_finalize(s);
    return found;
}

static void cannot_open(struct diag *d, const char *path, sqlite3 *db)
{
    int error = sqlite3_system_errno(db);
    if (access(path, F_OK) == 0 && error == 0) {
        diag_error(d, nowhere, "%s cannot be opened: %s", path, sqlite3_errmsg(db));
        diag_help(d, "the folder must be writable while the file is not closed cleanly");
        return;
    }
    diag_error(d, nowhere, "%s cannot be opened: %s", path, strerror(error != 0 ? error : ENOENT));
}

void run_file_error(struct diag *d, const char *path, sqlite3 *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        diag_error(d, nowhere, "%s is in use: another run is writing to it", path);
        diag_help(d, "wait for it to end, or write to another file with -o");
        return;
    case SQLITE_NOTADB:
        diag_error(d, nowhere, "%s is not a podtide run file", path);
        return;
    case SQLITE_CORRUPT:
        diag_error(d, nowhere, "%s is damaged: %s", path, sqlite3_errmsg(db));
        return;
    case SQLITE_FULL:
        diag_error(d, nowhere, "%s: the disk is full", path);
        return;
    case SQLITE_CANTOPEN:
        cannot_open(d, path, db);
        return;
    case SQLITE_READONLY:
        diag_error(d, nowhere, "%s cannot be written: it, or its folder, is read-only", path);
        return;
    case SQLITE_IOERR:
        diag_error(d, nowhere, "%s: %s: %s", path, sqlite3_errmsg(db),
                   strerror(sqlite3_system_errno(db)));
        return;
    default:
        diag_error(d, nowhere, "%s: %s", path, sqlite3_errmsg(db));
    }
}

static void other_version(sqlite3 *db, const char *path, int64_t version, struct diag *d)
{
    diag_error(d, nowhere, "%s has schema version %" PRId64 "; this podtide reads version %d", path,
               version, SCHEMA_VERSION);
    sqlite3_stmt *s = NULL;
    const char *writer = "another podtide";
    if (sqlite3_prepare_v2(db, "SELECT value FROM podtide_meta WHERE key = 'created_by'", -1, &s,
                           NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0) != NULL) {
        writer = (const char *)sqlite3_column_text(s, 0);
    }
    diag_help(d, "it was written by %s: read it with that, or run the scenario again", writer);
    sqlite3_finalize(s);
}

enum run_file_kind run_file_kind(sqlite3 *db, const char *path, struct diag *d)
{
    int64_t id = 0;
    int64_t version = 0;
    int64_t objects = 0;
    if (!run_file_number(db, "SELECT count(*) FROM sqlite_schema", &objects) ||
        !run_file_number(db, "PRAGMA application_id", &id) ||
        !run_file_number(db, "PRAGMA user_version", &version)) {
        run_file_error(d, path, db, sqlite3_errcode(db));
        return RUN_FILE_BAD;
    }
    if (id == 0 && objects == 0) {
        return RUN_FILE_EMPTY;
    }
    if (id != SCHEMA_APPLICATION_ID) {
        diag_error(d, nowhere, "%s is an SQLite database, but not a podtide run file", path);
        return RUN_FILE_BAD;
    }
    if (version != SCHEMA_VERSION) {
        other_version(db, path, version, d);
        return RUN_FILE_BAD;
    }
    return RUN_FILE_OURS;
}

sqlite3 *run_file_read(const char *path, struct diag *d)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        run_file_error(d, path, db, code);
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, 2000);
    enum run_file_kind kind = run_file_kind(db, path, d);
    if (kind == RUN_FILE_EMPTY) {
        diag_error(d, nowhere, "%s is not a podtide run file: it is empty", path);
    }
    if (kind != RUN_FILE_OURS) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}
