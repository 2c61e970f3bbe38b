/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `podtide decide`: a log of cases, one a line of JSON, answered line by line. What a kind of
 * case needs is one function; threads, order, bad lines and gzip are the same for all.
 */
#ifndef MANIFEST_DECIDE_H
#define MANIFEST_DECIDE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Memory of one decider, used again for each case. Zero is empty. */
struct observation_room {
    struct arena tree;  /* the case and its objects */
    struct arena state; /* what the controller remembers, and the answer */
    struct arena step;  /* one step */
};

void observation_room_drop(struct observation_room *room);

/*
 * Decides the case in one line and appends its answer, with a newline, to out, which must not
 * live in the room. False after an error in the case, which is reported: nothing is appended
 * then. Called by several threads at once, each with a room of its own.
 */
typedef bool decide_line_fn(struct observation_room *room, const char *line, size_t len,
                            uint32_t source, uint32_t line_number, const void *options,
                            struct strbuf *out, struct diag *d);

/*
 * A whole log, in order; path may be "-", and gzip. Lines before a bad one are answered, the bad
 * one is reported and ends it: 0, or 3 then. threads 0: as many as help. The output does not
 * depend on threads.
 */
int decide_file(const char *path, decide_line_fn *decide, const void *options, unsigned threads,
                FILE *out, FILE *err);

/* Cases of kind deploy, sts, pdb, rank, ... by their field `kind`; options is not read. */
bool decide_cluster(struct observation_room *room, const char *line, size_t len, uint32_t source,
                    uint32_t line_number, const void *options, struct strbuf *out, struct diag *d);

/* Cases of kind loop, hpa, job, formula, cron, fallback, kafka; options is not read. */
bool decide_keda(struct observation_room *room, const char *line, size_t len, uint32_t source,
                 uint32_t line_number, const void *options, struct strbuf *out, struct diag *d);

#endif
