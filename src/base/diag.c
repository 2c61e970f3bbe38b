/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how complaints about the user's input look. The idea: collect them
 * all, show them in the order of the file, each with its line and a caret, as
 * compilers do. The traps: the caret must stand under the column although the
 * line holds tabs, several-byte characters or is very long; and what the user
 * wrote must not reach the terminal as control sequences.
 */
#include "base/diag.h"

#include "base/require.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 50, LINE_MAX_SHOWN = 160 };

struct diag_item {
    enum diag_level level;
    struct mark at;
    const char *message;
    const char *help; /* lines; NULL when none */
    size_t order;
};

uint32_t diag_source(struct diag *d, const char *name, const char *text, size_t len)
{
    require(d->arena != NULL && d->source_count < UINT32_MAX);
    vec_reserve_one(d->arena, (void **)&d->sources, d->source_count, &d->source_cap,
                    sizeof *d->sources);
    d->sources[d->source_count++] = (struct diag_source){.name = name, .text = text, .len = len};
    return (uint32_t)d->source_count;
}

static const char *source_name(const struct diag *d, struct mark at)
{
    return at.source != 0 && at.source <= d->source_count ? d->sources[at.source - 1].name : "";
}

static bool is_same(const struct diag *d, const struct diag_item *a, const struct diag_item *b)
{
    return a->level == b->level && a->at.line == b->at.line && a->at.col == b->at.col &&
           strcmp(a->message, b->message) == 0 &&
           strcmp(source_name(d, a->at), source_name(d, b->at)) == 0;
}

/* A file read twice, to check it and to use it, gives the same twice; it is said once. */
static bool was_said(const struct diag *d, const struct diag_item *item)
{
    for (size_t i = 0; i < d->count; i++) {
        if (is_same(d, &d->items[i], item)) {
            return true;
        }
    }
    for (size_t i = 0; i < d->said_count; i++) {
        if (is_same(d, &d->said[i], item)) {
            return true;
        }
    }
    return false;
}

__attribute__((format(printf, 4, 0))) static void
add(struct diag *d, enum diag_level level, struct mark at, const char *format, va_list args)
{
    require(d->arena != NULL);
    size_t limit = d->limit != 0 ? d->limit : DEFAULT_LIMIT;
    d->newest_left_out = level != DIAG_NOTE && d->kept[level] >= limit;
    if (d->newest_left_out) {
        d->left_out[level]++;
        return;
    }
    const struct diag_item item = {
        .level = level,
        .at = at,
        .message = arena_vprintf(d->arena, format, args),
        .order = d->count,
    };
    d->newest_left_out = was_said(d, &item);
    if (d->newest_left_out) {
        return;
    }
    d->kept[level]++;
    vec_reserve_one(d->arena, (void **)&d->items, d->count, &d->cap, sizeof *d->items);
    d->items[d->count++] = item;
}

void diag_error(struct diag *d, struct mark at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(d, DIAG_ERROR, at, format, args);
    va_end(args);
    d->errors++;
}

void diag_warning(struct diag *d, struct mark at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(d, DIAG_WARNING, at, format, args);
    va_end(args);
    d->warnings++;
}

void diag_note(struct diag *d, struct mark at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(d, DIAG_NOTE, at, format, args);
    va_end(args);
}

void diag_help(struct diag *d, const char *format, ...)
{
    if (d->newest_left_out || d->count == 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    const char *help = arena_vprintf(d->arena, format, args);
    va_end(args);
    struct diag_item *item = &d->items[d->count - 1];
    item->help = item->help != NULL ? arena_printf(d->arena, "%s\n%s", item->help, help) : help;
}

const char *diag_message(const struct diag *d, size_t i)
{
    return i < d->count ? d->items[i].message : NULL;
}

/* ---- printing ---- */

static int three_way(size_t a, size_t b)
{
    return a < b ? -1 : a > b ? 1 : 0;
}

static int by_place(const void *left, const void *right)
{
    const struct diag_item *a = left;
    const struct diag_item *b = right;
    int order = three_way(a->at.source, b->at.source);
    order = order != 0 ? order : three_way(a->at.line, b->at.line);
    order = order != 0 ? order : three_way(a->at.col, b->at.col);
    return order != 0 ? order : three_way(a->order, b->order);
}

/* Bytes of the character at s, 1 for a byte that is no UTF-8. */
static size_t step(const char *s, size_t len)
{
    size_t bytes = str_utf8_length(s, len);
    return bytes != 0 ? bytes : 1;
}

/* C0 and DEL, C1 (U+0080 to U+009F), and bytes that are no UTF-8. */
static bool is_printable(const char *s, size_t len)
{
    size_t bytes = str_utf8_length(s, len);
    unsigned char first = (unsigned char)s[0];
    if (bytes == 2) {
        return !(first == 0xC2 && (unsigned char)s[1] < 0xA0);
    }
    return bytes != 0 && first >= 0x20 && first != 0x7F;
}

static void put_safely(const char *s, size_t len, const char *allowed, FILE *out)
{
    for (size_t i = 0; i < len;) {
        size_t bytes = step(s + i, len - i);
        bool pass = is_printable(s + i, len - i) || (s[i] != '\0' && strchr(allowed, s[i]) != NULL);
        fwrite(pass ? s + i : "?", 1, pass ? bytes : 1, out);
        i += bytes;
    }
}

static bool find_line(const struct diag_source *source, uint32_t number, const char **line,
                      size_t *len)
{
    if (source->text == NULL || number == 0) {
        return false;
    }
    const char *s = source->text;
    const char *end = s + source->len;
    for (uint32_t i = 1; i < number; i++) {
        const char *newline = s < end ? memchr(s, '\n', (size_t)(end - s)) : NULL;
        if (newline == NULL) {
            return false;
        }
        s = newline + 1;
    }
    const char *newline = s < end ? memchr(s, '\n', (size_t)(end - s)) : NULL;
    *line = s;
    *len = (size_t)((newline != NULL ? newline : end) - s);
    while (*len > 0 && s[*len - 1] == '\r') {
        (*len)--;
    }
    return true;
}

static size_t count_chars(const char *s, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i += step(s + i, len - i)) {
        count++;
    }
    return count;
}

static size_t skip_chars(const char *s, size_t len, size_t count)
{
    size_t i = 0;
    for (; i < len && count > 0; count--) {
        i += step(s + i, len - i);
    }
    return i;
}

/* The line, or a window of it around col, and the caret below. */
static void print_line(const char *line, size_t len, uint32_t col, FILE *out)
{
    size_t chars = count_chars(line, len);
    size_t at = col == 0 ? 0 : col - 1;
    at = at > chars ? chars : at;
    size_t first = 0;
    size_t shown = chars;
    if (chars > LINE_MAX_SHOWN) {
        shown = LINE_MAX_SHOWN - 2;
        first = at > shown / 2 ? at - shown / 2 : 0;
        first = first + shown > chars ? chars - shown : first;
    }
    const char *begin = line + skip_chars(line, len, first);
    size_t bytes = skip_chars(begin, len - (size_t)(begin - line), shown);
    fputs("    ", out);
    fputs(first > 0 ? "…" : "", out);
    put_safely(begin, bytes, "\t", out);
    fputs(first + shown < chars ? "…\n" : "\n", out);
    if (col == 0) {
        return;
    }
    fputs("    ", out);
    fputs(first > 0 ? " " : "", out);
    const char *s = begin;
    for (size_t i = first; i < at; i++) {
        fputc(*s == '\t' ? '\t' : ' ', out);
        s += step(s, len - (size_t)(s - line));
    }
    fputs("^\n", out);
}

static void print_help(const char *help, FILE *out)
{
    while (help != NULL) {
        size_t len = strcspn(help, "\n");
        fputs("    help: ", out);
        put_safely(help, len, "\t", out);
        fputc('\n', out);
        help = help[len] == '\n' ? help + len + 1 : NULL;
    }
}

static void print_item(const struct diag *d, const struct diag_item *item, FILE *out)
{
    static const char *const level[] = {"note", "warning", "error"};
    struct mark at = item->at;
    bool known = at.source != 0 && at.source <= d->source_count;
    const struct diag_source *source = known ? &d->sources[at.source - 1] : NULL;
    const char *name = known ? source->name : "podtide";
    put_safely(name, strlen(name), "", out);
    if (known && at.line != 0) {
        fprintf(out, ":%u", at.line);
        if (at.col != 0) {
            fprintf(out, ":%u", at.col);
        }
    }
    fprintf(out, ": %s: ", level[item->level]);
    put_safely(item->message, strlen(item->message), "\t\n", out);
    fputc('\n', out);
    const char *line;
    size_t len;
    if (known && find_line(source, at.line, &line, &len)) {
        print_line(line, len, at.col, out);
    }
    print_help(item->help, out);
}

static void print_left_out(size_t count, const char *what, FILE *out)
{
    if (count != 0) {
        fprintf(out, "… and %zu more %s%s\n", count, what, count == 1 ? "" : "s");
    }
}

void diag_print(struct diag *d, FILE *out)
{
    if (d->count != 0) {
        qsort(d->items, d->count, sizeof *d->items, by_place);
    }
    for (size_t i = 0; i < d->count; i++) {
        print_item(d, &d->items[i], out);
        vec_reserve_one(d->arena, (void **)&d->said, d->said_count, &d->said_cap, sizeof *d->said);
        d->said[d->said_count++] = d->items[i];
    }
    print_left_out(d->left_out[DIAG_ERROR], "error", out);
    print_left_out(d->left_out[DIAG_WARNING], "warning", out);
    d->count = 0;
    memset(d->kept, 0, sizeof d->kept);
    memset(d->left_out, 0, sizeof d->left_out);
}
