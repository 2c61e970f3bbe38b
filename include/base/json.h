/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in and out, by YAJL: the only room that knows it. Reading is strict (RFC
 * 8259), depth-limited, and fills a node tree; writing is one writer with
 * comma and escape handling, compact or indented.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_MAX_DEPTH 120 /* nesting read; the writer takes 127, so what was read fits in */

/*
 * One document. source and first_line place the marks (a line of a JSON-lines
 * file passes its own number; 1 for a whole file). NULL after an error, which
 * is reported. Duplicate keys, unpaired surrogates and NUL in strings are errors. A leading byte
 * order mark is skipped. Keys and texts are copied: the text need not outlive the call.
 */
struct node *json_read(struct arena *a, const char *text, size_t len, uint32_t source,
                       uint32_t first_line, struct diag *d);

struct json_writer;

/* The writer lives in the arena; text gathers there. */
struct json_writer *json_writer_new(struct arena *a, bool indent);
void json_map(struct json_writer *w);
void json_map_end(struct json_writer *w);
void json_list(struct json_writer *w);
void json_list_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
/* NULL writes null; bytes that are not UTF-8 become U+FFFD, as in Go. */
void json_string(struct json_writer *w, const char *s);
void json_int(struct json_writer *w, int64_t v);
/* fmt_json: shortest decimal that reads back as v; NaN and infinities write null. */
void json_double(struct json_writer *w, double v);
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
void json_raw(struct json_writer *w, const char *number); /* a number already in text */
/*
 * Ends the document and hands out its text, NUL-terminated, valid until the next one is begun or
 * the arena goes. Compact text ends without a newline, indented text with one.
 */
const char *json_text(struct json_writer *w, size_t *len);
void json_writer_reset(struct json_writer *w); /* next document */

#endif
