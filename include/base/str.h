/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: NUL-terminated strings for names, strbuf for building, and the few
 * questions the program asks of a string. All ASCII; no locale anywhere.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text under construction; lives in its arena. Zero plus an arena is empty. */
struct strbuf {
    struct arena *arena;
    char *text; /* always NUL-terminated once something was added; NULL before */
    size_t len;
    size_t cap;
};

void strbuf_add(struct strbuf *b, const char *s);
void strbuf_add_len(struct strbuf *b, const char *s, size_t len);
void strbuf_char(struct strbuf *b, char c);
__attribute__((format(printf, 2, 3))) void strbuf_printf(struct strbuf *b, const char *format, ...);
const char *strbuf_text(const struct strbuf *b); /* "" when empty */
void strbuf_clear(struct strbuf *b);             /* keeps the room */

bool str_equal(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Whole-string decimal integers; false on anything else, out of range included. */
bool str_to_int64(const char *s, int64_t *out);
/* Whole-string finite decimal double, '.' as the point whatever the locale; no hex, inf, nan. */
bool str_to_double(const char *s, double *out);

/* Well-formed UTF-8 (no surrogates, nothing overlong, up to U+10FFFF). */
bool str_is_utf8(const char *s, size_t len);
/* Bytes of the character at s (1 to 4), 0 when it is not well formed; len > 0. */
size_t str_utf8_length(const char *s, size_t len);

/* Edit distance (insert, delete, replace, swap = 1), capped at limit + 1. */
size_t str_distance(const char *a, const char *b, size_t limit);
/* The one of count names nearest to s, for "did you mean"; NULL when none is near. */
const char *str_nearest(const char *s, const char *const *names, size_t count);

#endif
