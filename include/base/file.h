/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files in, whole files out. Reading accepts gzip without being told
 * (zlib). Writing goes to a temporary name beside the target and is renamed
 * over it at the end, so nobody ever sees half a result.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stdio.h>

struct file_text {
    char *text; /* NUL-terminated, in the arena */
    size_t len;
};

/* path "-" is standard input. max 0 means 4 GiB; a larger file is an error. */
bool file_read(struct arena *a, const char *path, size_t max, struct file_text *out,
               struct diag *d);

struct file_writer {
    FILE *out;
    const char *path;
    const char *temporary; /* NULL when writing to standard output */
};

/* path "-" is standard output. */
bool file_create(struct arena *a, const char *path, struct file_writer *w, struct diag *d);
bool file_commit(struct file_writer *w, struct diag *d); /* flush, check, rename */
void file_abandon(struct file_writer *w);                /* removes the temporary */

#endif
