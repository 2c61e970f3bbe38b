/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how JSON text becomes a node tree: YAJL's callbacks add nodes, each
 * in one piece with its key and text. The traps: YAJL does not tell where a
 * token begins, so blanks, ',' and ':' are skipped from the end of the one
 * before (every other token has a callback, and newlines stand only in those
 * gaps); it turns unpaired surrogates into '?' and lets overlong UTF-8 pass, so
 * both are checked here; and comparing every key with all its siblings would be
 * quadratic, so a bit set answers first and a table takes large maps.
 */
#include "base/json.h"

#include "base/require.h"
#include "base/str.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { LARGE_MAP = 16 };

struct frame {
    struct node *node;
    uint64_t seen;     /* a bit per key hash; 0 there means certainly new */
    struct table keys; /* used from LARGE_MAP members on */
};

struct reader {
    yajl_handle yajl;
    struct arena *arena;
    struct diag *diag;
    const char *text;
    size_t len;
    size_t end;        /* of the last token */
    size_t line_start; /* offset */
    size_t wide;       /* bytes since line_start that begin no character */
    bool ascii;        /* the whole text is */
    bool failed;
    struct mark at; /* of the current token; the line goes on counting */
    const char *key;
    size_t key_len;
    struct mark key_mark;
    char *room; /* zeroed, from the arena, for the next nodes */
    char *room_end;
    struct node *root;
    size_t depth;
    struct frame frames[JSON_MAX_DEPTH + 1]; /* [0] unused: depth 1 is the first container */
};

/* ---- place ---- */

static bool is_ascii(const char *s, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, s + i, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            return false;
        }
    }
    for (; i < len; i++) {
        if ((unsigned char)s[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static size_t continuation_bytes(const char *s, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        count += ((unsigned char)s[i] & 0xC0) == 0x80 ? 1 : 0;
    }
    return count;
}

/* Moves to the token after the last one, sets r->at, and returns its offset. */
static inline size_t token_start(struct reader *r)
{
    size_t i = r->end;
    for (; i < r->len; i++) {
        char c = r->text[i];
        if (c == '\n') {
            r->at.line++;
            r->line_start = i + 1;
            r->wide = 0;
        } else if (c != ' ' && c != ',' && c != ':' && c != '\t' && c != '\r') {
            break;
        }
    }
    r->at.col = (uint32_t)(i - r->line_start - r->wide + 1);
    return i;
}

/* Takes the next token, len bytes long; returns its offset. */
static inline size_t next_token(struct reader *r, size_t len)
{
    size_t start = token_start(r);
    r->end = start + len;
    if (!r->ascii) {
        r->wide += continuation_bytes(r->text + start, len);
    }
    return start;
}

/* Strings without escapes are handed out in place. */
static bool is_in_place(const struct reader *r, const char *s)
{
    return (uintptr_t)s - (uintptr_t)r->text < r->len;
}

/* The same for a string of len bytes decoded; with escapes only YAJL knows its end. */
static inline size_t next_string(struct reader *r, const char *s, size_t len)
{
    if (is_in_place(r, s)) {
        return next_token(r, len + 2);
    }
    size_t start = token_start(r);
    return next_token(r, yajl_get_bytes_consumed(r->yajl) - start);
}

/* ---- strings ---- */

static unsigned hex4(const char *s)
{
    unsigned v = 0;
    for (size_t i = 0; i < 4; i++) {
        unsigned c = (unsigned char)s[i];
        v = v * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

/* raw is a string token that YAJL took, so every \u has four digits. */
static bool surrogates_pair(const char *raw, size_t len)
{
    bool high = false;
    for (size_t i = 0; i < len; i++) {
        unsigned v = 0;
        if (raw[i] == '\\') {
            i++;
            v = raw[i] == 'u' ? hex4(raw + i + 1) : 0;
            i += raw[i] == 'u' ? 4 : 0;
        }
        bool low = v >= 0xDC00 && v <= 0xDFFF;
        if (high != low) {
            return false;
        }
        high = v >= 0xD800 && v <= 0xDBFF;
    }
    return !high;
}

static bool check_escaped(struct reader *r, const char *s, size_t len, size_t start)
{
    if (memchr(s, '\0', len) != NULL) {
        diag_error(r->diag, r->at, "a string must not contain \\u0000");
        r->failed = true;
        return false;
    }
    if (!surrogates_pair(r->text + start, r->end - start)) {
        diag_error(r->diag, r->at, "a string contains half of a surrogate pair");
        r->failed = true;
        return false;
    }
    return true;
}

/* ---- nodes ---- */

/* Zeroed; small pieces come from a chunk about as large as the text left will need. */
static inline void *take_room(struct reader *r, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > (size_t)(r->room_end - r->room)) {
        size_t chunk = (r->len - r->end) * 4;
        chunk = chunk < 256 ? 256 : chunk > 32768 ? 32768 : chunk;
        chunk = chunk < size ? size : chunk;
        r->room = arena_alloc(r->arena, chunk, _Alignof(struct node));
        r->room_end = r->room + chunk;
    }
    void *p = r->room;
    r->room += size;
    return p;
}

/* One piece: the node, its key, its text. */
static struct node *add_node(struct reader *r, enum node_kind kind, const char *text, size_t len)
{
    size_t key_bytes = r->key != NULL ? r->key_len + 1 : 0;
    size_t text_bytes = text != NULL ? len + 1 : 0;
    struct node *n = take_room(r, sizeof *n + key_bytes + text_bytes);
    char *tail = (char *)(n + 1);
    n->kind = kind;
    n->mark = r->at;
    if (r->key != NULL) {
        n->key = memcpy(tail, r->key, r->key_len);
        n->key_mark = r->key_mark;
        r->key = NULL;
    }
    if (text != NULL) {
        n->text = tail + key_bytes;
        memcpy(tail + key_bytes, text, len);
        n->len = len;
    }
    if (r->depth == 0) {
        r->root = n;
        return n;
    }
    struct node *parent = r->frames[r->depth].node;
    if (parent->last == NULL) {
        parent->first = n;
    } else {
        parent->last->next = n;
    }
    parent->last = n;
    parent->count++;
    return n;
}

static const struct node *member(const struct node *map, const char *key, size_t len)
{
    for (const struct node *m = map->first; m != NULL; m = m->next) {
        if (m->key[0] == (len != 0 ? key[0] : '\0') && strncmp(m->key, key, len) == 0 &&
            m->key[len] == '\0') {
            return m;
        }
    }
    return NULL;
}

/* True when the large map has the key; else it is put in. */
static bool in_table(struct reader *r, struct frame *f, const char *key, size_t len)
{
    if (f->keys.arena == NULL) {
        f->keys.arena = r->arena;
        for (const struct node *m = f->node->first; m != NULL; m = m->next) {
            (void)table_put(&f->keys, m->key);
        }
    }
    const char *text = arena_strndup(r->arena, key, len);
    size_t before = f->keys.len;
    return table_put(&f->keys, text) < before;
}

static bool is_duplicate(struct reader *r, const char *key, size_t len)
{
    struct frame *f = &r->frames[r->depth];
    if (f->node->count >= LARGE_MAP) {
        return in_table(r, f, key, len);
    }
    unsigned hash = (unsigned)len * 7;
    if (len != 0) {
        hash += (unsigned char)key[0] * 31u + (unsigned char)key[len - 1] * 5u +
                (unsigned char)key[len / 2];
    }
    uint64_t bit = UINT64_C(1) << (hash & 63);
    bool maybe = (f->seen & bit) != 0;
    f->seen |= bit;
    return maybe && member(f->node, key, len) != NULL;
}

/* ---- callbacks: 0 stops the parser ---- */

static int on_null(void *context)
{
    struct reader *r = context;
    (void)next_token(r, 4);
    add_node(r, NODE_NULL, "null", 4);
    return 1;
}

static int on_bool(void *context, int v)
{
    struct reader *r = context;
    (void)next_token(r, v ? 4 : 5);
    add_node(r, NODE_BOOL, v ? "true" : "false", v ? 4 : 5);
    return 1;
}

static int on_number(void *context, const char *text, size_t len)
{
    struct reader *r = context;
    (void)next_token(r, len);
    add_node(r, NODE_NUMBER, text, len);
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
    struct reader *r = context;
    const char *s = (const char *)text;
    size_t start = next_string(r, s, len);
    bool good = is_in_place(r, s) || check_escaped(r, s, len, start);
    add_node(r, NODE_STRING, good ? s : "", good ? len : 0);
    return 1;
}

static int on_key(void *context, const unsigned char *text, size_t len)
{
    struct reader *r = context;
    const char *s = (const char *)text;
    size_t start = next_string(r, s, len);
    bool good = is_in_place(r, s) || check_escaped(r, s, len, start);
    if (good && is_duplicate(r, s, len)) {
        diag_error(r->diag, r->at, "duplicate key \"%.*s\"", len < 200 ? (int)len : 200, s);
        r->failed = true;
    }
    /* What YAJL decoded is overwritten by the next token. */
    r->key = !good ? "" : is_in_place(r, s) ? s : arena_strndup(r->arena, s, len);
    r->key_len = good ? len : 0;
    r->key_mark = r->at;
    return 1;
}

static int open_container(struct reader *r, enum node_kind kind)
{
    (void)next_token(r, 1);
    if (r->depth == JSON_MAX_DEPTH) {
        diag_error(r->diag, r->at, "nested deeper than %d levels", JSON_MAX_DEPTH);
        r->failed = true;
        return 0;
    }
    struct node *n = add_node(r, kind, NULL, 0);
    r->frames[++r->depth] = (struct frame){.node = n};
    return 1;
}

static int on_map(void *context)
{
    return open_container(context, NODE_MAP);
}

static int on_list(void *context)
{
    return open_container(context, NODE_LIST);
}

static int on_end(void *context)
{
    struct reader *r = context;
    (void)next_token(r, 1);
    r->depth--;
    return 1;
}

/* ---- errors and memory ---- */

/* YAJL lets overlong forms and surrogates pass, so the text is checked before it sees it. */
static bool check_utf8(struct reader *r)
{
    if (r->ascii) {
        return true;
    }
    for (size_t i = 0; i < r->len;) {
        size_t step = str_utf8_length(r->text + i, r->len - i);
        if (step == 0) {
            diag_error(r->diag, r->at, "invalid UTF-8: byte 0x%02x", (unsigned char)r->text[i]);
            return false;
        }
        bool newline = r->text[i] == '\n';
        r->at.line += newline ? 1 : 0;
        r->at.col = newline ? 1 : r->at.col + 1;
        i += step;
    }
    return true;
}

static void *take(void *context, size_t size)
{
    (void)context;
    void *p = malloc(size != 0 ? size : 1);
    if (p == NULL) {
        arena_exhausted();
    }
    return p;
}

static void *retake(void *context, void *old, size_t size)
{
    (void)context;
    void *p = realloc(old, size != 0 ? size : 1);
    if (p == NULL) {
        arena_exhausted();
    }
    return p;
}

static void give(void *context, void *p)
{
    (void)context;
    free(p);
}

/* YAJL goes past the bad byte between tokens, and gives it back within one. */
static bool gave_back(const char *why)
{
    return strncmp(why, "invalid char in json", 20) != 0;
}

/* Where the error is: the byte YAJL stopped at when that is punctuation or within a token. */
static void place_error(struct reader *r, bool finishing, bool lexical, const char *why)
{
    size_t stop = finishing ? r->len : yajl_get_bytes_consumed(r->yajl);
    stop += lexical && gave_back(why) ? 1 : 0;
    struct mark after = r->at; /* the text may end in blank lines: stay with the last token */
    after.col = (uint32_t)(r->end - r->line_start - r->wide + 1);
    size_t start = token_start(r);
    if (start == r->len) {
        r->at = after;
        return;
    }
    size_t last = stop == 0 ? 0 : stop - 1;
    bool punctuation =
        last < r->len && r->text[last] != '\0' && strchr(",:]}", r->text[last]) != NULL;
    if (finishing || (!lexical && !punctuation)) {
        return;
    }
    if (last < start) { /* punctuation was skipped as part of the gap; its line may be earlier */
        for (size_t i = last; i < start; i++) {
            r->at.line -= r->text[i] == '\n' ? 1 : 0;
        }
        r->line_start = last;
        while (r->line_start > 0 && r->text[r->line_start - 1] != '\n') {
            r->line_start--;
        }
    }
    size_t wide = continuation_bytes(r->text + r->line_start, last - r->line_start);
    r->at.col = (uint32_t)(last - r->line_start - wide + 1);
}

static void report(struct reader *r, bool finishing)
{
    unsigned char *raw = yajl_get_error(r->yajl, 0, NULL, 0);
    const char *why = (const char *)raw;
    bool lexical = strncmp(why, "lexical error: ", 15) == 0;
    why += lexical ? 15 : strncmp(why, "parse error: ", 13) == 0 ? 13 : 0;
    place_error(r, finishing, lexical, why);
    if (finishing && strncmp(why, "premature EOF", 13) == 0) {
        diag_error(r->diag, r->at, "invalid JSON: the text ends too early");
    } else {
        diag_error(r->diag, r->at, "invalid JSON: %.*s", (int)strcspn(why, "\n"), why);
    }
    yajl_free_error(r->yajl, raw);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_list,
    .yajl_end_array = on_end,
};

struct node *json_read(struct arena *a, const char *text, size_t len, uint32_t source,
                       uint32_t first_line, struct diag *d)
{
    struct reader r; /* frames are filled as they are entered */
    memset(&r, 0, offsetof(struct reader, frames));
    bool bom = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    r.arena = a;
    r.diag = d;
    r.text = text + (bom ? 3 : 0);
    r.len = len - (bom ? 3 : 0);
    r.ascii = is_ascii(r.text, r.len);
    r.at = (struct mark){.source = source, .line = first_line, .col = 1};
    if (!check_utf8(&r)) {
        return NULL;
    }
    r.at = (struct mark){.source = source, .line = first_line, .col = 1};
    yajl_alloc_funcs memory = {.malloc = take, .realloc = retake, .free = give};
    r.yajl = yajl_alloc(&callbacks, &memory, &r);
    require(r.yajl != NULL);
    yajl_config(r.yajl, yajl_dont_validate_strings, 1);
    yajl_status status = yajl_parse(r.yajl, (const unsigned char *)r.text, r.len);
    if (status == yajl_status_error) {
        report(&r, false);
    } else if (status == yajl_status_ok) {
        status = yajl_complete_parse(r.yajl);
        if (status == yajl_status_error) {
            report(&r, true);
        }
    }
    yajl_free(r.yajl);
    return status == yajl_status_ok && !r.failed ? r.root : NULL;
}
