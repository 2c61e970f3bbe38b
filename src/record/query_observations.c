/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of what an HPA's controller saw, out of a run file and into views again, one
 * after the other. Records hold changes only, so a reader begins with the first of the run
 * and cannot leave any out.
 */
#include "query_internal.h"

#include "record/observations.h"

#include "base/str.h"

struct observations {
    struct cursor cursor;
    struct sync_decoder decoder;
    bool damaged;
    bool waiting; /* a row was stepped to and not read */
    simtime next; /* its time */
};

/* Steps to the next row, unless one waits; false at the end. */
static bool step(struct observations *o)
{
    if (o->waiting) {
        return true;
    }
    if (o->damaged || o->cursor.s == NULL || !cursor_next(&o->cursor)) {
        return false;
    }
    o->next = get_int(&o->cursor);
    o->waiting = true;
    return true;
}

struct observations *observations_open(struct query *q, struct arena *a, int64_t run, size_t hpa)
{
    struct observations *o = arena_new(a, struct observations);
    o->decoder.arena = a;
    o->cursor = cursor_open(
        q, a,
        "SELECT t_ns, seen FROM hpa_syncs WHERE run = ?1 AND hpa = ?2 AND seen IS NOT NULL ORDER BY id",
        run);
    if (o->cursor.s != NULL) {
        sqlite3_bind_int64(o->cursor.s, 2, (sqlite3_int64)hpa);
    }
    return o;
}

simtime observations_peek(struct observations *o)
{
    return step(o) ? o->next : SIMTIME_NEVER;
}

bool observations_next(struct observations *o, simtime *at, struct decoded_sync *out)
{
    if (!step(o)) {
        return false;
    }
    o->waiting = false;
    *at = o->next;
    const void *record = sqlite3_column_blob(o->cursor.s, o->cursor.column);
    const int len = sqlite3_column_bytes(o->cursor.s, o->cursor.column);
    o->damaged = record == NULL || !sync_decode(&o->decoder, record, (size_t)len, out);
    return !o->damaged;
}

bool observations_damaged(const struct observations *o)
{
    return o->damaged;
}

const struct hpa_config *observations_config(const struct observations *o)
{
    return &o->decoder.config;
}

void observations_close(struct observations *o)
{
    if (o == NULL) {
        return;
    }
    if (o->cursor.s != NULL) {
        sqlite3_finalize(o->cursor.s);
        o->cursor.s = NULL;
    }
    sync_decoder_drop(&o->decoder);
}
