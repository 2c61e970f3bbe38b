/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for terminals: columns as wide as their widest cell, two blanks between,
 * no trailing blanks. Cells are copied; widths count characters, not bytes.
 */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include "base/arena.h"
#include "base/str.h"

#include <stddef.h>

#define COLUMNS_MAX 16

struct columns { /* an arena and the alignments; otherwise zero */
    struct arena *arena;
    const char *align; /* per column 'l' or 'r': "lrrr"; at most COLUMNS_MAX */
    const char **cells;
    size_t count; /* cells so far; a row is strlen(align) of them */
    size_t cap;
};

/* The next cell of the row, left to right; rows follow each other by themselves. */
void columns_add(struct columns *t, const char *cell);
__attribute__((format(printf, 2, 3))) void columns_printf(struct columns *t, const char *format,
                                                          ...);
/* Appends all whole rows, each line after indent blanks. */
void columns_write(const struct columns *t, size_t indent, struct strbuf *out);

#endif
