/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how documents are written: a thin layer over yajl_gen, which keeps
 * commas, indents and escapes. The traps: yajl_gen opens an indented container
 * with a newline before it knows whether anything follows, so the opening
 * bracket waits for the next call and an empty one is written whole; and it
 * passes bytes that are no UTF-8 through, so strings are mended first.
 */
#include "base/fmt.h"
#include "base/json.h"
#include "base/require.h"
#include "base/str.h"

#include <string.h>
#include <yajl/yajl_gen.h>

struct json_writer {
    yajl_gen gen;
    struct strbuf out;
    struct strbuf mended;
    char opening; /* '{' or '[' not yet written, 0 when none */
    bool ended;   /* json_text was called; what comes next is a new document */
};

static void *take(void *context, size_t size)
{
    return arena_alloc(context, size, _Alignof(max_align_t));
}

/* With a print callback yajl_gen has no buffer to grow. */
static void *retake(void *context, void *old, size_t size)
{
    (void)context;
    (void)size;
    require(old == NULL);
    return old;
}

static void give(void *context, void *p)
{
    (void)context;
    (void)p;
}

static void print(void *context, const char *text, size_t len)
{
    strbuf_add_len(context, text, len);
}

struct json_writer *json_writer_new(struct arena *a, bool indent)
{
    struct json_writer *w = arena_new(a, struct json_writer);
    w->out.arena = a;
    w->mended.arena = a;
    yajl_alloc_funcs memory = {.malloc = take, .realloc = retake, .free = give, .ctx = a};
    w->gen = yajl_gen_alloc(&memory);
    require(w->gen != NULL);
    yajl_gen_config(w->gen, yajl_gen_print_callback, print, &w->out);
    if (indent) {
        yajl_gen_config(w->gen, yajl_gen_beautify, 1);
        yajl_gen_config(w->gen, yajl_gen_indent_string, "  ");
    }
    return w;
}

void json_writer_reset(struct json_writer *w)
{
    yajl_gen_reset(w->gen, NULL);
    strbuf_clear(&w->out);
    w->opening = 0;
    w->ended = false;
}

static void expect_ok(yajl_gen_status status)
{
    require(status == yajl_gen_status_ok); /* a key without a value, a value without a key, ... */
}

/* Before anything is written: begins the next document, writes the waiting bracket. */
static void begin(struct json_writer *w)
{
    if (w->ended) {
        json_writer_reset(w);
    }
    if (w->opening != 0) {
        expect_ok(w->opening == '{' ? yajl_gen_map_open(w->gen) : yajl_gen_array_open(w->gen));
        w->opening = 0;
    }
}

static void end(struct json_writer *w, char opening)
{
    require(w->opening == 0 || w->opening == opening);
    if (w->opening != 0) {
        w->opening = 0;
        expect_ok(yajl_gen_number(w->gen, opening == '{' ? "{}" : "[]", 2));
        return;
    }
    expect_ok(opening == '{' ? yajl_gen_map_close(w->gen) : yajl_gen_array_close(w->gen));
}

void json_map(struct json_writer *w)
{
    begin(w);
    w->opening = '{';
}

void json_map_end(struct json_writer *w)
{
    end(w, '{');
}

void json_list(struct json_writer *w)
{
    begin(w);
    w->opening = '[';
}

void json_list_end(struct json_writer *w)
{
    end(w, '[');
}

static const char *mend(struct json_writer *w, const char *s, size_t *len)
{
    if (str_is_utf8(s, *len)) {
        return s;
    }
    strbuf_clear(&w->mended);
    for (size_t i = 0; i < *len;) {
        size_t step = str_utf8_length(s + i, *len - i);
        strbuf_add_len(&w->mended, step != 0 ? s + i : "\xEF\xBF\xBD", step != 0 ? step : 3);
        i += step != 0 ? step : 1;
    }
    *len = w->mended.len;
    return w->mended.text;
}

void json_key(struct json_writer *w, const char *key)
{
    require(key != NULL);
    json_string(w, key);
}

void json_string(struct json_writer *w, const char *s)
{
    if (s == NULL) {
        json_null(w);
        return;
    }
    begin(w);
    size_t len = strlen(s);
    s = mend(w, s, &len);
    expect_ok(yajl_gen_string(w->gen, (const unsigned char *)s, len));
}

void json_int(struct json_writer *w, int64_t v)
{
    begin(w);
    expect_ok(yajl_gen_integer(w->gen, v));
}

void json_double(struct json_writer *w, double v)
{
    char text[FMT_MAX];
    json_raw(w, fmt_json(text, v));
}

void json_bool(struct json_writer *w, bool v)
{
    begin(w);
    expect_ok(yajl_gen_bool(w->gen, v ? 1 : 0));
}

void json_null(struct json_writer *w)
{
    begin(w);
    expect_ok(yajl_gen_null(w->gen));
}

void json_raw(struct json_writer *w, const char *number)
{
    begin(w);
    expect_ok(yajl_gen_number(w->gen, number, strlen(number)));
}

const char *json_text(struct json_writer *w, size_t *len)
{
    require(w->opening == 0);
    if (!w->ended) {
        /* A complete document takes no more: the only way to ask yajl_gen whether it is. */
        require(w->out.len != 0 && yajl_gen_null(w->gen) == yajl_gen_generation_complete);
        w->ended = true;
    }
    if (len != NULL) {
        *len = w->out.len;
    }
    return strbuf_text(&w->out);
}
