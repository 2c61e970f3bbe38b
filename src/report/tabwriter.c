/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elastic tabs (Go's text/tabwriter, Writer.format). A column's block is the run of
 * neighbouring lines that have a cell there; inside it the next column's blocks are looked
 * for, which is a recursion over columns.
 *
 * The trap: widths count characters, and a line without the cell ends the block even when
 * lines below go on with it.
 */
#include "tabwriter.h"

#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>
#include <string.h>

enum { PADDING = 2, MOST_COLUMNS = 64 };

struct cell {
    const char *text;
    size_t len;
    size_t width; /* characters */
};

struct row {
    struct cell *cells;
    size_t count; /* the last one is of no column */
};

struct table_text {
    struct row *rows;
    size_t count;
    size_t widths[MOST_COLUMNS];
    size_t columns;
    struct strbuf out;
};

static size_t characters(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return n;
}

static struct row split_cells(struct arena *a, const char *line, size_t len)
{
    VEC(struct cell) cells = {0};
    size_t from = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i == len || line[i] == '\t') {
            struct cell *c = vec_push(a, &cells);
            c->text = line + from;
            c->len = i - from;
            c->width = characters(c->text, c->len);
            from = i + 1;
        }
    }
    return (struct row){cells.items, cells.len};
}

static void write_rows(struct table_text *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct row *row = &t->rows[i];
        for (size_t j = 0; j < row->count; j++) {
            strbuf_add_len(&t->out, row->cells[j].text, row->cells[j].len);
            for (size_t n = row->cells[j].width; j < t->columns && n < t->widths[j]; n++) {
                strbuf_char(&t->out, ' ');
            }
        }
        strbuf_char(&t->out, '\n');
    }
}

static bool has_cell(const struct table_text *t, size_t row, size_t column)
{
    return column + 1 < t->rows[row].count;
}

static void format_rows(struct table_text *t, size_t from, size_t to)
{
    const size_t column = t->columns;
    for (size_t i = from; column < MOST_COLUMNS && i < to; i++) {
        if (!has_cell(t, i, column)) {
            continue;
        }
        write_rows(t, from, i);
        from = i;
        size_t width = 0;
        for (; i < to && has_cell(t, i, column); i++) {
            const size_t own = t->rows[i].cells[column].width + PADDING;
            width = own > width ? own : width;
        }
        t->widths[t->columns++] = width;
        format_rows(t, from, i);
        t->columns--;
        from = i;
    }
    write_rows(t, from, to);
}

const char *tabwriter_align(struct arena *a, const char *text)
{
    VEC(struct row) rows = {0};
    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        const size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
        *vec_push(a, &rows) = split_cells(a, text, len);
        text += len + (end != NULL ? 1 : 0);
    }
    struct table_text *t = arena_new(a, struct table_text);
    t->rows = rows.items;
    t->count = rows.len;
    t->out.arena = a;
    format_rows(t, 0, t->count);
    return strbuf_text(&t->out);
}
