/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a log, a piece of the file at a time, so that a log of any length takes the
 * same memory and the next piece is read while this one is decided. zlib reads plain text
 * and gzip alike. A line that is longer than a piece makes the piece grow.
 *
 * The trap: the rest of a line at a piece's end belongs to the next piece, which is read into
 * other memory, since lines of this one are still being decided.
 */
#include "decide_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE        ((size_t)1 << 20)
#define LONGEST_LINE ((size_t)1 << 30)

static bool complain(struct line_reader *r, const char *what, const char *why, struct diag *d)
{
    const struct mark at = {.source = diag_source(d, r->name, NULL, 0)};
    diag_error(d, at, "cannot %s: %s", what, why);
    return false;
}

bool lines_open(struct line_reader *r, struct arena *a, const char *path, struct diag *d)
{
    const bool standard = strcmp(path, "-") == 0;
    *r = (struct line_reader){.arena = a, .name = standard ? "<stdin>" : path};
    const int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return complain(r, "open", strerror(errno), d);
    }
    r->file = gzdopen(fd, "rb");
    if (r->file == NULL) {
        close(fd);
        return complain(r, "open", "out of memory", d);
    }
    gzbuffer(r->file, 1U << 17);
    return true;
}

void lines_close(struct line_reader *r)
{
    if (r->file != NULL) {
        gzclose_r(r->file);
        r->file = NULL;
    }
}

/* Room for more text, with what is there kept. */
static bool make_room(struct line_reader *r, struct piece *p, struct diag *d)
{
    const size_t cap = p->cap == 0 ? PIECE : p->cap * 2;
    if (p->len > LONGEST_LINE) {
        return complain(r, "read", "a line is longer than 1 GiB", d);
    }
    p->text = arena_grow(r->arena, p->text, p->cap, cap, 1, 1);
    p->cap = cap;
    return true;
}

/* Reads until the piece is full or the file ends. */
static bool fill(struct line_reader *r, struct piece *p, struct diag *d)
{
    while (p->len < p->cap && !r->ended) {
        const size_t room = p->cap - p->len;
        const int got = gzread(r->file, p->text + p->len, (unsigned)(room < PIECE ? room : PIECE));
        if (got < 0) {
            int code = 0;
            const char *why = gzerror(r->file, &code);
            return complain(r, "read", code == Z_ERRNO ? strerror(errno) : why, d);
        }
        p->len += (size_t)got;
        r->ended = got == 0;
    }
    int code = Z_OK;
    gzerror(r->file, &code);
    if (r->ended && code == Z_BUF_ERROR) {
        return complain(r, "read", "the compressed data ends too early", d);
    }
    return true;
}

/* Bytes up to and with the last newline; all of them at the end of the file. */
static size_t whole_lines(const struct line_reader *r, const struct piece *p)
{
    size_t end = p->len;
    if (r->ended) {
        return end;
    }
    while (end > 0 && p->text[end - 1] != '\n') {
        end--;
    }
    return end;
}

static void split(struct line_reader *r, struct piece *p)
{
    const char *at = p->text;
    const char *end = p->text + p->whole;
    p->lines.len = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((newline != NULL ? newline : end) - at);
        size_t blank = 0;
        while (blank < len && (at[blank] == ' ' || at[blank] == '\t' || at[blank] == '\r')) {
            blank++;
        }
        r->number++;
        if (blank < len) {
            *vec_push(r->arena, &p->lines) =
                (struct line){.text = at, .len = len, .number = r->number};
        }
        at += len + (newline != NULL ? 1 : 0);
    }
}

bool lines_next(struct line_reader *r, struct piece *p, const struct piece *last, struct diag *d)
{
    const size_t rest = last != NULL ? last->len - last->whole : 0;
    p->len = 0;
    p->whole = 0;
    p->lines.len = 0;
    while (p->cap <= rest) {
        if (!make_room(r, p, d)) {
            return false;
        }
    }
    if (rest > 0) {
        memcpy(p->text, last->text + last->whole, rest);
        p->len = rest;
    }
    for (;;) {
        if (!fill(r, p, d)) {
            return false;
        }
        p->whole = whole_lines(r, p);
        if (p->whole > 0 || r->ended) {
            split(r, p);
            return true;
        }
        if (!make_room(r, p, d)) {
            return false;
        }
    }
}
