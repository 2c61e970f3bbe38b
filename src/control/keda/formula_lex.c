/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formulas into tokens: expr-lang/expr v1.17.8, parser/lexer. One token (or two, after "not") is
 * read at a time, as the parser asks, because which error comes first depends on it.
 *
 * The traps: places count characters, not bytes; a string's own error is reported although the
 * string is read to its end; "1..3" is a number, then a range, while "1.e2" is a number.
 * Letters beyond ASCII are told from symbols by ranges, coarser than Go's tables.
 */
#include "base/str.h"
#include "control/keda/formula.h"
#include "formula_internal.h"

#include <string.h>

#define END (-1)

static int32_t decode(const char *s, size_t len, size_t *size)
{
    const unsigned char *u = (const unsigned char *)s;
    *size = str_utf8_length(s, len);
    switch (*size) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1f) << 6 | (u[1] & 0x3f);
    case 3:
        return (u[0] & 0x0f) << 12 | (u[1] & 0x3f) << 6 | (u[2] & 0x3f);
    case 4:
        return (u[0] & 0x07) << 18 | (u[1] & 0x3f) << 12 | (u[2] & 0x3f) << 6 | (u[3] & 0x3f);
    default:
        *size = 1;
        return 0xfffd;
    }
}

static int32_t next(struct lexer *l)
{
    size_t size;
    if (l->end_byte >= l->len) {
        l->eof = true;
        return END;
    }
    const int32_t c = decode(l->source + l->end_byte, l->len - l->end_byte, &size);
    l->end_rune++;
    l->end_byte += size;
    return c;
}

static int32_t peek(const struct lexer *l)
{
    size_t size;
    return l->end_byte < l->len ? decode(l->source + l->end_byte, l->len - l->end_byte, &size)
                                : END;
}

static void backup(struct lexer *l)
{
    if (l->eof) {
        l->eof = false;
        return;
    }
    if (l->end_rune == 0) {
        return;
    }
    do {
        l->end_byte--;
    } while (l->end_byte > l->start_byte && (l->source[l->end_byte] & 0xc0) == 0x80);
    l->end_rune--;
}

static void commit(struct lexer *l)
{
    l->start_byte = l->end_byte;
    l->start_rune = l->end_rune;
}

static bool accept(struct lexer *l, const char *valid)
{
    const int32_t c = peek(l);
    if (c <= 0 || c >= 0x80 || strchr(valid, c) == NULL) {
        return false;
    }
    next(l);
    return true;
}

static void accept_run(struct lexer *l, const char *valid)
{
    while (accept(l, valid)) {
    }
}

static void problem(struct lexer *l, const char *message)
{
    if (l->problem.message == NULL) {
        l->problem.message = message;
        l->problem.from = l->end_rune + (l->eof ? 1 : 0) - 1;
    }
}

static void emit_text(struct lexer *l, enum token_kind kind, const char *text, size_t len)
{
    l->queue[l->queued++] =
        (struct token){.kind = kind, .from = l->start_rune, .text = text, .len = len};
    commit(l);
}

static size_t word_len(const struct lexer *l)
{
    return l->end_byte - l->start_byte;
}

static void emit(struct lexer *l, enum token_kind kind)
{
    const char *text = arena_strndup(l->arena, l->source + l->start_byte, word_len(l));
    emit_text(l, kind, text, word_len(l));
}

static bool word_is(const struct lexer *l, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strlen(*words) == word_len(l) &&
            memcmp(*words, l->source + l->start_byte, word_len(l)) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- characters ---- */

static bool is_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool is_letter_beyond_ascii(int32_t c)
{
    if (c < 0xc0) {
        return c == 0xaa || c == 0xb5 || c == 0xba;
    }
    return c != 0xd7 && c != 0xf7 && !(c >= 0x300 && c <= 0x36f) && !(c >= 0x2000 && c <= 0x2bff) &&
           !(c >= 0x3000 && c <= 0x3004) && !(c >= 0x3007 && c <= 0x3030) &&
           !(c >= 0xd800 && c <= 0xf8ff) && !(c >= 0xfe00 && c <= 0xfe6f) &&
           !(c >= 0xff00 && c <= 0xff20) && !(c >= 0xfff0 && c <= 0xffff) &&
           !(c >= 0x1d000 && c <= 0x1d3ff) && !(c >= 0x1f000 && c <= 0x1faff);
}

static bool is_digit(int32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(int32_t c)
{
    return c == '_' || c == '$' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           is_digit(c) || (c >= 0x80 && is_letter_beyond_ascii(c));
}

/* ---- strings ---- */

static int digit_value(int32_t c)
{
    if (is_digit(c)) {
        return (int)(c - '0');
    }
    const int32_t low = c | ('a' - 'A');
    return low >= 'a' && low <= 'f' ? (int)(low - 'a' + 10) : 16;
}

static int32_t scan_digits(struct lexer *l, int32_t c, int base, int n)
{
    while (n > 0 && digit_value(c) < base) {
        c = next(l);
        n--;
    }
    if (n > 0) {
        problem(l, "invalid char escape");
    }
    return c;
}

static int32_t scan_braced(struct lexer *l)
{
    int digits = 0;
    next(l);
    while (peek(l) != '}') {
        if (digit_value(peek(l)) >= 16 || digits >= 6) {
            problem(l, "invalid char escape");
            return END;
        }
        next(l);
        digits++;
    }
    if (digits == 0) {
        problem(l, "invalid char escape");
        return END;
    }
    next(l);
    return next(l);
}

static int32_t scan_escape(struct lexer *l, int32_t quote)
{
    const int32_t c = next(l);
    if (c == quote || (c > 0 && c < 0x80 && strchr("abfnrtv\\", c) != NULL)) {
        return next(l);
    }
    if (c >= '0' && c <= '7') {
        return scan_digits(l, c, 8, 3);
    }
    if (c == 'x') {
        return scan_digits(l, next(l), 16, 2);
    }
    if (c == 'u') {
        return peek(l) == '{' ? scan_braced(l) : scan_digits(l, next(l), 16, 4);
    }
    if (c == 'U') {
        return scan_digits(l, next(l), 16, 8);
    }
    problem(l, "invalid char escape");
    return c;
}

static void scan_string(struct lexer *l, int32_t quote)
{
    int32_t c = next(l);
    while (c != quote) {
        if (c == '\n' || c == END) {
            problem(l, "literal not terminated");
            return;
        }
        c = c == '\\' ? scan_escape(l, quote) : next(l);
    }
}

static void add_utf8(struct strbuf *out, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        c = 0xfffd;
    }
    if (c < 0x80) {
        strbuf_char(out, (char)c);
    } else if (c < 0x800) {
        strbuf_char(out, (char)(0xc0 | c >> 6));
        strbuf_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        strbuf_char(out, (char)(0xe0 | c >> 12));
        strbuf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        strbuf_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        strbuf_char(out, (char)(0xf0 | c >> 18));
        strbuf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        strbuf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        strbuf_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* The number of an escape by digits; false when it is none. */
static bool escape_number(const char **s, const char *end, size_t digits, int base, uint32_t *out)
{
    *out = 0;
    if ((size_t)(end - *s) < digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        const int v = digit_value((unsigned char)(*s)[i]);
        if (v >= base || *out > 0x0fffffff) {
            return false;
        }
        *out = *out * (uint32_t)base + (uint32_t)v;
    }
    *s += digits;
    return *out <= 0x10ffff;
}

static bool escape_braced(const char **s, const char *end, uint32_t *out)
{
    const char *close = memchr(*s, '}', (size_t)(end - *s));
    (*s)++;
    if (close == NULL || close == *s || close - *s > 6 ||
        !escape_number(s, end, (size_t)(close - *s), 16, out)) {
        return false;
    }
    (*s)++;
    return true;
}

/* One escape after its backslash; bytes literals have no \u and write \x and octals as bytes. */
static bool unescape_one(struct strbuf *out, const char **s, const char *end, bool bytes)
{
    static const char simple[] = "abfnrtv\\'\"`?";
    static const char meant[] = "\a\b\f\n\r\t\v\\'\"`?";
    const char c = *(*s)++;
    const char *at = c != '\0' ? strchr(simple, c) : NULL;
    uint32_t number = 0;
    bool ok;
    if (at != NULL) {
        strbuf_char(out, meant[at - simple]);
        return true;
    }
    if (c == 'x' || c == 'X') {
        ok = escape_number(s, end, 2, 16, &number);
    } else if (c >= '0' && c <= '3') {
        (*s)--;
        ok = escape_number(s, end, 3, 8, &number);
    } else if (!bytes && c == 'u' && *s < end && **s == '{') {
        ok = escape_braced(s, end, &number);
    } else if (!bytes && (c == 'u' || c == 'U')) {
        ok = escape_number(s, end, c == 'u' ? 4 : 8, 16, &number);
    } else {
        ok = false;
    }
    if (ok && bytes) {
        strbuf_char(out, (char)number);
    } else if (ok) {
        add_utf8(out, number);
    }
    return ok;
}

static void emit_string(struct lexer *l, bool bytes)
{
    const char *s = l->source + l->start_byte + (bytes ? 1 : 0);
    const char *end = l->source + l->end_byte;
    struct strbuf out = {.arena = l->arena};
    if (end - s < 2 || s[0] != end[-1]) {
        problem(l, "unable to unescape string");
        emit_text(l, bytes ? TOKEN_BYTES : TOKEN_STRING, "", 0);
        return;
    }
    s++;
    end--;
    while (s < end) {
        const char c = *s++;
        if (c == '\r') {
            strbuf_char(&out, '\n');
            s += s < end && *s == '\n' ? 1 : 0;
        } else if (c != '\\') {
            strbuf_char(&out, c);
        } else if (s == end || !unescape_one(&out, &s, end, bytes)) {
            problem(l, s == end ? "unable to unescape string, found '\\' as last character"
                                : "unable to unescape string");
            break;
        }
    }
    emit_text(l, bytes ? TOKEN_BYTES : TOKEN_STRING, strbuf_text(&out), out.len);
}

static void raw_string(struct lexer *l)
{
    struct strbuf out = {.arena = l->arena};
    for (;;) {
        const size_t at = l->end_byte;
        const int32_t c = next(l);
        if (c == END) {
            problem(l, "literal not terminated");
            return;
        }
        if (c == '`' && peek(l) != '`') {
            break;
        }
        if (c == '`') {
            next(l);
        }
        strbuf_add_len(&out, l->source + at, c == '`' ? 1 : l->end_byte - at);
    }
    emit_text(l, TOKEN_STRING, strbuf_text(&out), out.len);
}

/* ---- numbers, words, comments ---- */

static bool scan_number(struct lexer *l)
{
    const char *digits = "0123456789_";
    if (accept(l, "0")) {
        if (accept(l, "xX")) {
            digits = "0123456789abcdefABCDEF_";
        } else if (accept(l, "oO")) {
            digits = "01234567_";
        } else if (accept(l, "bB")) {
            digits = "01_";
        }
    }
    accept_run(l, digits);
    const size_t byte = l->end_byte;
    const uint32_t rune = l->end_rune;
    if (accept(l, ".")) {
        if (peek(l) == '.') {
            l->end_byte = byte;
            l->end_rune = rune;
            return true;
        }
        accept_run(l, digits);
    }
    if (accept(l, "eE")) {
        accept(l, "+-");
        accept_run(l, digits);
    }
    if (is_alphanumeric(peek(l))) {
        next(l);
        return false;
    }
    return true;
}

static void number(struct lexer *l)
{
    if (!scan_number(l)) {
        const char *word = formula_quote(l->arena, l->source + l->start_byte, word_len(l));
        problem(l, arena_printf(l->arena, "bad number syntax: %s", word));
        return;
    }
    emit(l, TOKEN_NUMBER);
}

static void absorb_word(struct lexer *l)
{
    while (is_alphanumeric(next(l))) {
    }
    backup(l);
}

static void identifier(struct lexer *l)
{
    static const char *const operators[] = {"in",       "or",         "and",      "matches",
                                            "contains", "startsWith", "endsWith", "let",
                                            "if",       "else",       NULL};
    static const char *const negatable[] = {"in",         "matches",  "contains",
                                            "startsWith", "endsWith", NULL};
    static const char *const not_word[] = {"not", NULL};
    absorb_word(l);
    if (!word_is(l, not_word)) {
        emit(l, word_is(l, operators) ? TOKEN_OPERATOR : TOKEN_IDENTIFIER);
        return;
    }
    emit(l, TOKEN_OPERATOR);
    accept_run(l, " ");
    commit(l);
    const size_t byte = l->end_byte;
    const uint32_t rune = l->end_rune;
    absorb_word(l);
    if (word_is(l, negatable)) {
        emit(l, TOKEN_OPERATOR);
        return;
    }
    l->end_byte = byte;
    l->end_rune = rune;
}

static void comment(struct lexer *l, bool block)
{
    for (;;) {
        const int32_t c = next(l);
        if (!block && (c == END || c == '\n')) {
            break;
        }
        if (c == END) {
            problem(l, "unclosed comment");
            return;
        }
        if (block && c == '*' && accept(l, "/")) {
            break;
        }
    }
    commit(l);
}

static void pointer(struct lexer *l)
{
    accept(l, "#");
    emit(l, TOKEN_OPERATOR);
    absorb_word(l);
    if (word_len(l) > 0) {
        emit(l, TOKEN_IDENTIFIER);
    }
}

static void dot(struct lexer *l)
{
    next(l);
    if (accept(l, "0123456789")) {
        backup(l);
        number(l);
        return;
    }
    accept(l, ".");
    emit(l, TOKEN_OPERATOR);
}

static void end_of_input(struct lexer *l)
{
    const uint32_t from = l->end_rune > 0 ? l->end_rune - 1 : 0;
    l->queue[l->queued++] = (struct token){.kind = TOKEN_EOF, .from = from, .text = ""};
    l->done = true;
    commit(l);
}

static void unrecognized(struct lexer *l, int32_t c)
{
    struct strbuf shown = {.arena = l->arena};
    add_utf8(&shown, (uint32_t)c);
    const bool printable = c >= 0xa1 || (c >= ' ' && c < 0x7f);
    problem(l, printable ? arena_printf(l->arena, "unrecognized character: U+%04X '%s'",
                                        (unsigned)c, strbuf_text(&shown))
                         : arena_printf(l->arena, "unrecognized character: U+%04X", (unsigned)c));
}

static bool one_of(int32_t c, const char *set)
{
    return c > 0 && c < 0x80 && strchr(set, c) != NULL;
}

static void operator_or_word(struct lexer *l, int32_t c)
{
    if (c == '/' && accept(l, "/")) {
        comment(l, false);
    } else if (c == '/' && accept(l, "*")) {
        comment(l, true);
    } else if (c == '#') {
        pointer(l);
    } else if (one_of(c, "([{)]}")) {
        emit(l, TOKEN_BRACKET);
    } else if (one_of(c, ",;%+-^/")) {
        emit(l, TOKEN_OPERATOR);
    } else if (one_of(c, "?|:&!=*<>")) {
        accept(l, c == '?' ? ".?" : c == '|' ? "|" : c == ':' ? ":" : "&=*");
        emit(l, TOKEN_OPERATOR);
    } else if (c == '.') {
        backup(l);
        dot(l);
    } else if (is_alphanumeric(c)) {
        backup(l);
        identifier(l);
    } else {
        unrecognized(l, c);
    }
}

static void step(struct lexer *l)
{
    const int32_t c = next(l);
    if (c == END) {
        end_of_input(l);
    } else if (is_space(c)) {
        commit(l);
    } else if (c == '\'' || c == '"') {
        scan_string(l, c);
        emit_string(l, false);
    } else if (c == '`') {
        raw_string(l);
    } else if ((c == 'b' || c == 'B') && (peek(l) == '\'' || peek(l) == '"')) {
        scan_string(l, next(l));
        emit_string(l, true);
    } else if (is_digit(c)) {
        backup(l);
        number(l);
    } else {
        operator_or_word(l, c);
    }
}

bool lexer_next(struct lexer *l, struct token *out)
{
    if (l->taken == l->queued) {
        l->taken = l->queued = 0;
    }
    while (!l->done && l->problem.message == NULL && l->queued == 0) {
        step(l);
    }
    if (l->problem.message != NULL || l->taken == l->queued) {
        return false;
    }
    *out = l->queue[l->taken++];
    return true;
}
