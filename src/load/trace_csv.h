/* SPDX-License-Identifier: Apache-2.0 */
/* CSV records and columns, shared by the trace readers that use them. */
#ifndef LOAD_TRACE_CSV_H
#define LOAD_TRACE_CSV_H

#include "trace_internal.h"

struct csv_field {
    const char *text; /* not NUL-terminated; until the next line */
    size_t len;
    size_t col; /* from 0 */
};

struct csv {
    struct reader *reader;
    struct arena *arena; /* header and fields */
    struct arena *line;  /* unquoted text of the current line */
    char separator;
    VEC(struct csv_field) fields;
    const char **names; /* the header */
    size_t count;
    uint32_t header_line;
};

/* Reads the header and finds the separator; false after an error. */
bool csv_header(struct csv *c, struct reader *r, struct arena *a, struct arena *line);
/* The next line that is not blank. */
bool csv_next(struct csv *c);
/* Splits it into c->fields; false after an error. */
bool csv_split(struct csv *c);
/* The column of this name; SIZE_MAX after an error, reported at `from` with what is near. */
size_t csv_column(const struct csv *c, const char *name, struct mark from);
/* The first column with one of the names (NULL ends), whatever the case; SIZE_MAX for none. */
size_t csv_named(const struct csv *c, const char *const *names);
/* "time, value": for messages. */
const char *csv_names(const struct csv *c);

#endif
