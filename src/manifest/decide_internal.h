/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by decide_file.c and decide_lines.c: a log in pieces of whole lines.
 */
#ifndef MANIFEST_DECIDE_INTERNAL_H
#define MANIFEST_DECIDE_INTERNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
    const char *text; /* in its piece, not terminated */
    size_t len;
    uint32_t number;    /* in the file, from 1 */
    const char *answer; /* in an arena of the thread that decided it; NULL: an error */
    size_t answer_len;
};

/* A piece's memory is used again for later ones. Zero is empty. */
struct piece {
    char *text;
    size_t cap;
    size_t len;
    size_t whole;           /* bytes of text that are whole lines */
    VEC(struct line) lines; /* those that are not blank */
};

struct line_reader {
    struct arena *arena;
    const char *name; /* for messages */
    void *file;       /* zlib's */
    uint32_t number;  /* lines read so far */
    bool ended;
};

/* path "-" is standard input. */
bool lines_open(struct line_reader *r, struct arena *a, const char *path, struct diag *d);
void lines_close(struct line_reader *r);
/*
 * The next piece; last is the one before it, NULL for the first. len 0: that was all. False after an error, which is reported.
 */
bool lines_next(struct line_reader *r, struct piece *p, const struct piece *last, struct diag *d);

#endif
