/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics about the user's input: collected, so that one run shows all of
 * them, and printed as
 *
 *     file:line:col: error: message
 *         the line of the source
 *             ^
 *         help: what to do
 *
 * A function that finds errors reports them here, goes on where it can, and
 * returns false. Errors of our own are require()s, see base/require.h.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Where something stands; line 0 means "the file as a whole", source 0 "nowhere". */
struct mark {
    uint32_t source; /* from diag_source */
    uint32_t line;   /* 1-based */
    uint32_t col;    /* 1-based, in characters */
};

enum diag_level { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag_item;

struct diag_source {
    const char *name; /* as the user wrote it; "<stdin>" */
    const char *text; /* NULL when not kept; not NUL-terminated */
    size_t len;
};

struct diag {
    struct arena *arena;
    struct diag_source *sources;
    size_t source_count;
    size_t source_cap;
    struct diag_item *items;
    size_t count;
    size_t cap;
    size_t errors;
    size_t warnings;
    size_t limit; /* errors kept, and warnings; 0 means the default, 50; the rest is counted */
    size_t kept[DIAG_ERROR + 1]; /* of each level since the last print */
    size_t left_out[DIAG_ERROR + 1];
    bool newest_left_out;   /* its help goes with it */
    struct diag_item *said; /* printed already; the same is not printed again */
    size_t said_count;
    size_t said_cap;
};

/* What is said again of the same place, also after printing, is counted but not kept. */

/* Registers a text so that its lines can be shown; name and text are not copied. */
uint32_t diag_source(struct diag *d, const char *name, const char *text, size_t len);

__attribute__((format(printf, 3, 4))) void diag_error(struct diag *d, struct mark at,
                                                      const char *format, ...);
__attribute__((format(printf, 3, 4))) void diag_warning(struct diag *d, struct mark at,
                                                        const char *format, ...);
__attribute__((format(printf, 3, 4))) void diag_note(struct diag *d, struct mark at,
                                                     const char *format, ...);
/* Adds "help: ..." to the newest item; may be called again for a further line. */
__attribute__((format(printf, 2, 3))) void diag_help(struct diag *d, const char *format, ...);

/* Prints all items, by source, line and column, then forgets them (counts stay). */
void diag_print(struct diag *d, FILE *out);
/* The message of item i in the order of insertion, for tests; NULL past the last. */
const char *diag_message(const struct diag *d, size_t i);

#endif
