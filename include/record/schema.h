/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of a run file: an SQLite database with documented tables for what
 * happened, and views for the questions people ask. The text is the document;
 * `podtide schema database` prints it, and SQLite keeps its comments in the file.
 */
#ifndef RECORD_SCHEMA_H
#define RECORD_SCHEMA_H

#include "base/arena.h"

#include <stddef.h>

#define SCHEMA_VERSION        1          /* PRAGMA user_version */
#define SCHEMA_APPLICATION_ID 0x706f6474 /* PRAGMA application_id: "podt" */

/* Every CREATE statement with its comments; in the arena. */
const char *schema_sql(struct arena *a);

/*
 * A table that holds what happened in runs, in the order of the document; NULL past the last.
 * These make the digest. order is the ORDER BY list that makes the rows' order total.
 */
struct schema_table {
    const char *name;
    const char *order;
};
const struct schema_table *schema_table(size_t i);

#endif
