/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines up cells. The idea: gather first, then write, since the widest cell may be
 * the last. The trap: names may hold characters of several bytes; every UTF-8
 * character counts as one column, which is right for all but East Asian ones.
 */
#include "report/columns.h"

#include "base/require.h"
#include "base/vec.h"

#include <string.h>

static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++) {
        n += ((unsigned char)*s & 0xc0) != 0x80;
    }
    return n;
}

void columns_add(struct columns *t, const char *cell)
{
    vec_reserve_one(t->arena, (void **)&t->cells, t->count, &t->cap, sizeof *t->cells);
    t->cells[t->count++] = arena_strdup(t->arena, cell);
}

void columns_printf(struct columns *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    columns_add(t, arena_vprintf(t->arena, format, args));
    va_end(args);
}

static void blanks(struct strbuf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_char(out, ' ');
    }
}

/* Blanks are owed until something follows them. */
static void write_row(const struct columns *t, const char *const *row, const size_t *widths,
                      size_t indent, struct strbuf *out)
{
    size_t owed = indent;
    for (size_t i = 0; t->align[i] != '\0'; i++) {
        size_t pad = widths[i] - width_of(row[i]);
        size_t left = t->align[i] == 'r' ? pad : 0;
        if (row[i][0] != '\0') {
            blanks(out, owed + left);
            strbuf_add(out, row[i]);
            owed = pad - left;
        } else {
            owed += pad;
        }
        owed += 2;
    }
    strbuf_char(out, '\n');
}

void columns_write(const struct columns *t, size_t indent, struct strbuf *out)
{
    size_t count = strlen(t->align);
    size_t widths[COLUMNS_MAX] = {0};
    require(count > 0 && count <= COLUMNS_MAX);
    for (size_t i = 0; i < t->count; i++) {
        size_t w = width_of(t->cells[i]);
        if (w > widths[i % count]) {
            widths[i % count] = w;
        }
    }
    for (size_t i = 0; i + count <= t->count; i += count) {
        write_row(t, &t->cells[i], widths, indent, out);
    }
}
