/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how a CSV trace is read: RFC 4180 quoting, separators `,` `;` or tab
 * by the header, columns by name. One reader serves plain measurements, request
 * rows (Azure LLM 2023 and 2024, BurstGPT) and Locust's stats_history (locust
 * 2.47 stats.py), which differ in default names and in what a row adds. Traps:
 * fields may not be cut out by writing NULs, the line is still wanted for
 * messages; and Locust repeats every second for each endpoint beside the sum.
 */
#include "trace_csv.h"
#include "base/str.h"

#include <string.h>

static void put_field(struct csv *c, const char *text, size_t len, size_t col)
{
    while (len > 0 && (*text == ' ' || (*text == '\t' && c->separator != '\t'))) {
        text++;
        len--;
        col++;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    *vec_push(c->arena, &c->fields) = (struct csv_field){text, len, col};
}

/* A quoted field at s[i]; returns the index after its closing quote, 0 after an error. */
static size_t quoted_field(struct csv *c, const char *s, size_t len, size_t i)
{
    size_t start = i + 1;
    size_t doubled = 0;
    for (i = start; i < len; i++) {
        if (s[i] != '"')
            continue;
        if (i + 1 < len && s[i + 1] == '"') {
            doubled++;
            i++;
            continue;
        }
        break;
    }
    if (i >= len) {
        reader_error(c->reader, start - 1, "a quote that is never closed");
        return 0;
    }
    const char *text = s + start;
    size_t n = i - start;
    if (doubled > 0) {
        char *copy = arena_alloc(c->line, n, 1);
        size_t used = 0;
        for (size_t k = start; k < i; k++) {
            copy[used++] = s[k];
            k += s[k] == '"';
        }
        text = copy;
        n = used;
    }
    *vec_push(c->arena, &c->fields) = (struct csv_field){text, n, start};
    return i + 1;
}

static bool split_quoted(struct csv *c, const char *s, size_t len)
{
    size_t i = 0;
    arena_reset(c->line);
    for (;;) {
        size_t start = i;
        while (i < len && s[i] == ' ')
            i++;
        if (i < len && s[i] == '"') {
            i = quoted_field(c, s, len, i);
            if (i == 0)
                return false;
            while (i < len && s[i] == ' ')
                i++;
            if (i < len && s[i] != c->separator) {
                reader_error(c->reader, i, "text after a closing quote");
                return false;
            }
        } else {
            const char *stop = memchr(s + start, c->separator, len - start);
            i = stop ? (size_t)(stop - s) : len;
            put_field(c, s + start, i - start, start);
        }
        if (i >= len)
            return true;
        i++;
    }
}

bool csv_split(struct csv *c)
{
    const char *s = c->reader->text;
    size_t len = c->reader->len;
    c->fields.len = 0;
    const char *nul = memchr(s, '\0', len);
    if (nul) {
        reader_error(c->reader, (size_t)(nul - s), "a NUL byte; the file is not UTF-8 text");
        return false;
    }
    if (memchr(s, '"', len))
        return split_quoted(c, s, len);
    size_t i = 0;
    for (;;) {
        const char *stop = memchr(s + i, c->separator, len - i);
        size_t end = stop ? (size_t)(stop - s) : len;
        put_field(c, s + i, end - i, i);
        if (!stop)
            return true;
        i = end + 1;
    }
}

static char detect_separator(const char *s, size_t len)
{
    static const char candidates[] = ",;\t";
    size_t counts[3] = {0, 0, 0};
    bool inside = false;
    for (size_t i = 0; i < len; i++) {
        inside ^= s[i] == '"';
        for (int k = 0; k < 3 && !inside; k++)
            counts[k] += s[i] == candidates[k];
    }
    int best = 0;
    for (int k = 1; k < 3; k++)
        if (counts[k] > counts[best])
            best = k;
    return candidates[best];
}

static bool blank(const struct reader *r)
{
    for (size_t i = 0; i < r->len; i++)
        if (r->text[i] != ' ' && r->text[i] != '\t')
            return false;
    return true;
}

bool csv_next(struct csv *c)
{
    while (reader_next(c->reader, true))
        if (!blank(c->reader))
            return true;
    return false;
}

/* The header outlives the line it was read from. */
static void keep_header(struct csv *c)
{
    c->names = arena_array(c->arena, const char *, c->fields.len);
    c->count = c->fields.len;
    for (size_t i = 0; i < c->count; i++)
        c->names[i] = arena_strndup(c->arena, c->fields.items[i].text, c->fields.items[i].len);
    c->header_line = c->reader->line;
}

bool csv_header(struct csv *c, struct reader *r, struct arena *a, struct arena *line)
{
    *c = (struct csv){.reader = r, .arena = a, .line = line};
    if (!csv_next(c)) {
        if (r->errors == 0)
            diag_error(r->diag, (struct mark){.source = r->source}, "the trace is empty");
        r->errors++;
        return false;
    }
    c->separator = detect_separator(r->text, r->len);
    if (!csv_split(c))
        return false;
    struct clock clock = {0};
    int64_t ns = 0;
    double number = 0;
    const struct csv_field *f = &c->fields.items[0];
    if (clock_read(&clock, f->text, f->len, &ns) == NULL &&
        (c->fields.len < 2 ||
         number_read(c->fields.items[1].text, c->fields.items[1].len, &number) == NUMBER_GOOD)) {
        reader_error(r, 0, "the first line must name the columns, this one holds data");
        diag_help(r->diag, "put a line such as `time,value` on top");
        return false;
    }
    keep_header(c);
    return true;
}

size_t csv_column(const struct csv *c, const char *name, struct mark from)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < c->count; i++) {
        if (!str_equal(c->names[i], name))
            continue;
        if (found != SIZE_MAX) {
            diag_error(c->reader->diag, reader_mark(c->reader, c->header_line, 0),
                       "column \"%s\" appears twice", name);
            return SIZE_MAX;
        }
        found = i;
    }
    if (found != SIZE_MAX)
        return found;
    diag_error(c->reader->diag, from, "trace %s has no column \"%s\"", c->reader->name, name);
    const char *near = str_nearest(name, c->names, c->count);
    if (near)
        diag_help(c->reader->diag, "did you mean \"%s\"?", near);
    else if (c->count <= 12)
        diag_help(c->reader->diag, "its columns are %s", csv_names(c));
    return SIZE_MAX;
}

const char *csv_names(const struct csv *c)
{
    struct strbuf b = {.arena = c->reader->diag->arena};
    for (size_t i = 0; i < c->count; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", c->names[i]);
    return strbuf_text(&b);
}

static bool same_letters(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a | 0x20) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b | 0x20) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

size_t csv_named(const struct csv *c, const char *const *names)
{
    for (; *names; names++)
        for (size_t i = 0; i < c->count; i++)
            if (same_letters(c->names[i], *names))
                return i;
    return SIZE_MAX;
}
