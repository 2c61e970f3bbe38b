/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a line of a trace is. Files are read through zlib (plain or
 * gzip) in one buffer, so memory does not grow with the file. When an error
 * must show its line, only the number is kept; at the end the file is read
 * again and the diagnostics get a text of empty lines with the wanted ones in
 * their places. Traps: a quoted CSV field may hold newlines, a lone quote would
 * then swallow the file (lines are limited), and a cut-off gzip only shows as
 * an error after the last byte.
 */
#include "trace_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_FIRST     65536
#define SHOWN_LINE_MAX   8000000 /* further down, errors come without their line */
#define SHOWN_LENGTH_MAX 4096

static void cannot(struct diag *d, struct mark from, const char *what, const char *path,
                   const char *why)
{
    diag_error(d, from, "cannot %s trace \"%s\": %s", what, path, why);
}

static gzFile open_file(const char *path, struct mark from, struct diag *d)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        cannot(d, from, "open", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    gzFile file = S_ISDIR(st.st_mode) ? NULL : gzdopen(fd, "rb");
    if (!file) {
        cannot(d, from, "read", path, S_ISDIR(st.st_mode) ? "it is a directory" : "out of memory");
        close(fd);
        return NULL;
    }
    gzbuffer(file, 131072);
    return file;
}

static void read_error(struct reader *r, const char *why)
{
    struct mark at = {.source = r->source};
    if (!r->silent)
        diag_error(r->diag, at, "%s", why);
    r->errors++;
    r->at_end = true;
}

/* More bytes after the unread ones; sets at_end when there are none. */
static void refill(struct reader *r)
{
    if (!r->file) {
        r->at_end = true;
        return;
    }
    if (r->begin > 0) {
        memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
    }
    if (r->end == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : BUFFER_FIRST;
        r->buffer = arena_grow(r->scratch, r->buffer, r->cap, cap, 1, 1);
        r->cap = cap;
        r->data = r->buffer;
    }
    int n = gzread(r->file, r->buffer + r->end, (unsigned)(r->cap - r->end));
    if (n > 0) {
        r->end += (size_t)n;
        return;
    }
    int code = Z_OK;
    const char *why = gzerror(r->file, &code);
    if (code == Z_ERRNO)
        read_error(r, strerror(errno));
    else if (code == Z_BUF_ERROR)
        read_error(r, "the gzip data ends too early");
    else if (n < 0)
        read_error(r, why);
    r->at_end = true;
}

static void start(struct reader *r)
{
    while (r->end - r->begin < 4096 && !r->at_end)
        refill(r);
    if (r->end - r->begin >= 3 && memcmp(r->data + r->begin, "\xef\xbb\xbf", 3) == 0)
        r->begin += 3;
    r->line = 1;
    r->lines_in_record = 0;
}

bool reader_open(struct reader *r, const char *path, struct mark from, struct arena *scratch,
                 struct diag *d)
{
    *r = (struct reader){.scratch = scratch, .diag = d};
    r->name = arena_strdup(d->arena, path);
    r->file = open_file(path, from, d);
    if (!r->file)
        return false;
    r->source = diag_source(d, r->name, NULL, 0);
    start(r);
    return true;
}

void reader_open_text(struct reader *r, const char *name, const char *text, size_t len,
                      struct arena *scratch, struct diag *d)
{
    *r = (struct reader){.scratch = scratch, .diag = d, .data = text, .end = len};
    r->name = arena_strdup(d->arena, name);
    r->source = diag_source(d, r->name, NULL, 0);
    r->whole = text;
    r->whole_len = len;
    start(r);
}

size_t reader_peek(struct reader *r, const char **head)
{
    *head = r->data + r->begin;
    return r->end - r->begin;
}

static size_t count_quotes(const char *s, size_t len)
{
    size_t n = 0;
    const char *stop = s + len;
    while (s < stop && (s = memchr(s, '"', (size_t)(stop - s))) != NULL) {
        n++;
        s++;
    }
    return n;
}

static void hand_out(struct reader *r, size_t len, size_t with_end)
{
    r->text = r->data + r->begin;
    r->len = len;
    if (r->len > 0 && r->text[r->len - 1] == '\r')
        r->len--;
    r->begin += with_end;
}

bool reader_next(struct reader *r, bool quoted)
{
    size_t scanned = 0;
    size_t quotes = 0;
    r->line += r->lines_in_record;
    r->lines_in_record = 1;
    while (r->errors < READER_ERRORS_MAX) {
        size_t have = r->end - r->begin;
        const char *from = have ? r->data + r->begin + scanned : NULL;
        const char *newline = have > scanned ? memchr(from, '\n', have - scanned) : NULL;
        size_t stretch = newline ? (size_t)(newline - from) : have - scanned;
        if (quoted && stretch > 0)
            quotes += count_quotes(from, stretch);
        if (scanned + stretch > READER_LINE_MAX) {
            r->text = r->data + r->begin;
            r->len = 0;
            reader_error(r, 0, "a line of over 1 MiB%s",
                         quotes % 2 ? "; is a quote never closed?" : "");
            return false;
        }
        scanned += stretch;
        if (newline && quotes % 2 == 0) {
            hand_out(r, scanned, scanned + 1);
            return true;
        }
        if (newline) {
            scanned++;
            r->lines_in_record++;
        } else if (r->at_end) {
            hand_out(r, have, have);
            return have > 0;
        } else {
            refill(r);
        }
    }
    return false;
}

struct mark reader_mark(struct reader *r, uint32_t line, size_t col)
{
    *vec_push(r->diag->arena, &r->wanted) = line;
    return (struct mark){r->source, line, (uint32_t)(col < 1000000 ? col + 1 : 1000000)};
}

void reader_error(struct reader *r, size_t col, const char *format, ...)
{
    va_list args;
    r->errors++;
    if (r->silent)
        return;
    struct arena_mark mark = arena_mark(r->scratch);
    char *text = arena_alloc(r->scratch, 512, 1);
    va_start(args, format);
    vsnprintf(text, 512, format, args);
    va_end(args);
    size_t characters = 0; /* columns count characters, not bytes */
    for (size_t i = 0; i < col && i < r->len; i++)
        characters += ((unsigned char)r->text[i] & 0xC0) != 0x80;
    diag_error(r->diag, reader_mark(r, r->line, characters), "%s", text);
    arena_rewind(r->scratch, mark);
    if (r->errors == READER_ERRORS_MAX)
        diag_help(r->diag, "more than this in one file is not read");
}

void reader_close(struct reader *r)
{
    if (r->file)
        gzclose(r->file);
    r->file = NULL;
}

static bool wants(const struct reader *r, uint32_t line)
{
    for (size_t i = 0; i < r->wanted.len; i++)
        if (r->wanted.items[i] == line)
            return true;
    return false;
}

/* The text of empty lines and wanted ones, up to `last`. */
static char *sparse_text(const struct reader *r, struct reader *again, uint32_t last, size_t *len)
{
    size_t cap = last + 1;
    char *text = arena_alloc(r->diag->arena, cap, 1);
    *len = 0;
    while (reader_next(again, false) && again->line <= last) {
        size_t n = wants(r, again->line) ? again->len : 0;
        n = n < SHOWN_LENGTH_MAX ? n : SHOWN_LENGTH_MAX;
        if (n > 0) {
            text = arena_grow(r->diag->arena, text, cap, cap + n, 1, 1);
            cap += n;
            memcpy(text + *len, again->text, n);
        }
        *len += n;
        text[(*len)++] = '\n';
    }
    return text;
}

void reader_show(struct reader *r)
{
    uint32_t last = 0;
    for (size_t i = 0; i < r->wanted.len; i++)
        last = r->wanted.items[i] > last ? r->wanted.items[i] : last;
    if (last == 0 || last > SHOWN_LINE_MAX)
        return;
    struct arena scratch = {0};
    struct reader again = {.scratch = &scratch, .diag = r->diag, .silent = true};
    if (r->whole) {
        again.data = r->whole;
        again.end = r->whole_len;
    } else {
        int fd = open(r->name, O_RDONLY | O_CLOEXEC);
        again.file = fd >= 0 ? gzdopen(fd, "rb") : NULL;
        if (fd >= 0 && !again.file)
            close(fd);
    }
    if (again.file || r->whole) {
        start(&again);
        size_t len = 0;
        const char *text = sparse_text(r, &again, last, &len);
        r->diag->sources[r->source - 1].text = text;
        r->diag->sources[r->source - 1].len = len;
    }
    reader_close(&again);
    arena_drop(&scratch);
}
