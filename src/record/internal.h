/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer, the reader and the digest share: opening run files, and SQLite's errors. */
#ifndef RECORD_INTERNAL_H
#define RECORD_INTERNAL_H

#include "base/diag.h"
#include "control/hpa/state.h"
#include "record/sync_log.h"
#include "record/timeline.h"

#include <sqlite3.h>
#include <stdbool.h>

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME  0x00000100000001b3u

enum run_file_kind { RUN_FILE_BAD, RUN_FILE_EMPTY, RUN_FILE_OURS };

/* What an open database is; BAD is reported. */
enum run_file_kind run_file_kind(sqlite3 *db, const char *path, struct diag *d);
/* Reports an SQLite error in words of the user's world. */
void run_file_error(struct diag *d, const char *path, sqlite3 *db, int code);
/* Runs one SQL text without results. */
int run_file_exec(sqlite3 *db, const char *sql);
/* The first column of the first row as a number; false when there is none. */
bool run_file_number(sqlite3 *db, const char *sql, int64_t *out);
/* Opens for reading and checks; NULL after an error. */
sqlite3 *run_file_read(const char *path, struct diag *d);

/* rows.c: the observer's side */
enum timeline_insert {
    INSERT_POD,
    INSERT_POD_CHANGE,
    INSERT_WORKLOAD_SAMPLE,
    INSERT_SERVICE_SAMPLE,
    INSERT_METRIC_SAMPLE,
    INSERT_SYNC,
    INSERT_OTHER_METRIC,
    INSERT_HPA_SPEC,
    INSERT_METRIC_SPEC,
    INSERT_CONDITION,
    INSERT_EVENT,
    INSERT_COUNT
};

/* What was written last of an HPA. */
struct seen_condition {
    bool present;
    enum condition_status status;
    enum hpa_reason reason;
    int32_t replicas;
    const struct hpa_metric_spec *metric;
    uint64_t detail; /* hash of the text */
};

struct seen_hpa {
    const struct hpa_spec *spec;
    int64_t generation;
    struct seen_condition conditions[HPA_CONDITION_TYPES];
    struct sync_encoder observations;
};

struct timeline {
    struct arena *arena;
    struct arena scratch; /* texts of one row */
    const char *path;
    sqlite3 *db;
    sqlite3_stmt *inserts[INSERT_COUNT];
    int64_t run;
    bool begun;
    bool record_pods;
    bool record_syncs;
    struct seen_hpa *hpas;
    size_t hpa_count;
    simtime seen;      /* newest row's time */
    simtime committed; /* what the file holds reaches to here */
    uint64_t rows;
    uint32_t unchecked;  /* rows since the clock was looked at */
    int64_t next_commit; /* wall clock, monotonic ns */
    int error;           /* SQLite's code of the first failure, 0 none */
    const char *error_text;
};

bool rows_prepare(struct timeline *t);
void rows_finalize(struct timeline *t);
void rows_hpa_spec(struct timeline *t, uint32_t hpa, simtime since, const struct hpa_spec *spec);
/* A row is bound: writes it. */
void timeline_insert(struct timeline *t, enum timeline_insert which);
/* Commits when half a second of wall time has gone by. */
void timeline_pulse(struct timeline *t, simtime now);

#endif
