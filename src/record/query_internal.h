/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor that query.c and query_series.c read rows with: columns in order. */
#ifndef RECORD_QUERY_INTERNAL_H
#define RECORD_QUERY_INTERNAL_H

#include "base/table.h"
#include "base/vec.h"
#include "internal.h"
#include "record/query.h"

struct query {
    sqlite3 *db;
    const char *path;
    struct table words; /* texts that come again and again, kept once */
};

struct cursor {
    struct query *q;
    struct arena *arena; /* for texts */
    sqlite3_stmt *s;     /* NULL: no rows */
    int column;
};

/* ?1 is the run; bind further parameters before the first cursor_next. */
struct cursor cursor_open(struct query *q, struct arena *a, const char *sql, int64_t run);
/* The next row; false at the end, and the cursor is closed. */
bool cursor_next(struct cursor *c);
int64_t get_int(struct cursor *c);
double get_double(struct cursor *c);    /* NULL: NaN */
size_t get_index(struct cursor *c);     /* NULL: QUERY_NONE */
bool get_null(const struct cursor *c);  /* is the next column NULL? */
const char *get_text(struct cursor *c); /* NULL: "" */
const char *get_word(struct cursor *c); /* the same, kept once per file */

#endif
