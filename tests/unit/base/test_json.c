/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: the tree and its marks, every error with its place, the writer. */
#include "base/fmt.h"
#include "base/json.h"
#include "base/str.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static struct node *read_text(struct arena *a, struct diag *d, const char *text)
{
    uint32_t source = diag_source(d, "t", text, strlen(text));
    return json_read(a, text, strlen(text), source, 1, d);
}

Test(json, scalars)
{
    static const struct {
        const char *json;
        enum node_kind kind;
        const char *text;
    } rows[] = {
        {"null", NODE_NULL, "null"},
        {"true", NODE_BOOL, "true"},
        {"false", NODE_BOOL, "false"},
        {"0", NODE_NUMBER, "0"},
        {"-0", NODE_NUMBER, "-0"},
        {"12345678901234567890123", NODE_NUMBER, "12345678901234567890123"},
        {"1.50e+07", NODE_NUMBER, "1.50e+07"},
        {"\"\"", NODE_STRING, ""},
        {"\"a b\"", NODE_STRING, "a b"},
        {"\"\\u00e9\\n\\\"\\/\"", NODE_STRING, "é\n\"/"},
        {"\"\\ud83d\\ude00\"", NODE_STRING, "😀"},
        {"\"\\\\ud800\"", NODE_STRING, "\\ud800"},
        {"\"😀\"", NODE_STRING, "😀"},
        {"  7  ", NODE_NUMBER, "7"},
        {"\xEF\xBB\xBF\"bom\"", NODE_STRING, "bom"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        const struct node *n = read_text(&a, &d, rows[i].json);
        cr_assert(n != NULL, "%s: %s", rows[i].json, diag_message(&d, 0));
        cr_expect_eq(n->kind, rows[i].kind, "%s", rows[i].json);
        cr_expect_str_eq(n->text, rows[i].text);
        cr_expect_eq(n->len, strlen(rows[i].text), "%s", rows[i].json);
        cr_expect_null(n->key);
        arena_drop(&a);
    }
}

static void expect_mark(struct mark m, uint32_t line, uint32_t col, const char *what)
{
    cr_expect(m.line == line && m.col == col, "%s at %u:%u, want %u:%u", what, m.line, m.col, line,
              col);
}

Test(json, tree_and_marks)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    char text[] = "{\n"
                  "  \"a\" : 1, \"é\\n\": [ true,\r\n"
                  "\tnull , {}, \"xé€\", -2 ],\n"
                  "\n"
                  "  \"b\": {\"c\": {\"d\": []}} }\n";
    uint32_t source = diag_source(&d, "t", text, strlen(text));
    const struct node *n = json_read(&a, text, strlen(text), source, 10, &d);
    memset(text, 'x', strlen(text)); /* nothing may point into it */
    cr_assert_not_null(n);
    cr_expect(n->kind == NODE_MAP && n->count == 3 && n->mark.source == source);
    expect_mark(n->mark, 10, 1, "root");
    const struct node *m = n->first;
    cr_expect_str_eq(m->key, "a");
    expect_mark(m->key_mark, 11, 3, "key a");
    expect_mark(m->mark, 11, 9, "a");
    m = m->next;
    cr_expect_str_eq(m->key, "é\n");
    expect_mark(m->key_mark, 11, 12, "key é");
    expect_mark(m->mark, 11, 19, "list");
    cr_expect(m->kind == NODE_LIST && m->count == 5);
    static const uint32_t places[][2] = {{11, 21}, {12, 2}, {12, 9}, {12, 13}, {12, 20}};
    size_t i = 0;
    for (const struct node *item = m->first; item != NULL; item = item->next) {
        expect_mark(item->mark, places[i][0], places[i][1], node_kind_name(item->kind));
        cr_expect_null(item->key);
        i++;
    }
    cr_expect(i == 5 && strcmp(m->first->next->next->next->text, "xé€") == 0);
    m = node_path(n, "b.c.d");
    cr_assert_not_null(m);
    cr_expect(m->kind == NODE_LIST && m->count == 0 && m->first == NULL);
    expect_mark(m->mark, 14, 20, "d");
    cr_expect(n->last == node_get(n, "b") && n->last->next == NULL);
    arena_drop(&a);
}

Test(json, errors)
{
    static const struct {
        const char *json;
        const char *message; /* how it begins */
        uint32_t line;
        uint32_t col;
    } rows[] = {
        {"", "invalid JSON: the text ends too early", 1, 1},
        {" \n ", "invalid JSON: the text ends too early", 1, 1},
        {"{\"a\": 1\n\n", "invalid JSON: the text ends too early", 1, 8},
        {"{\"a\":\n [1, ", "invalid JSON: the text ends too early", 2, 4},
        {"[\"abc", "invalid JSON: the text ends too early", 1, 2},
        {"1 2", "invalid JSON: trailing garbage", 1, 3},
        {"[1]\n]", "invalid JSON: trailing garbage", 2, 1},
        {"[1,\n\n,2]", "invalid JSON: unallowed token", 3, 1},
        {"[1,]", "invalid JSON: unallowed token", 1, 4},
        {"{\"a\" \"b\"}", "invalid JSON: object key and value must be separated", 1, 6},
        {"{\"a\": 1 \"b\"}", "invalid JSON: after key and value", 1, 9},
        {"{1: 2}", "invalid JSON: invalid object key", 1, 2},
        {"{\"a\":}", "invalid JSON: unallowed token", 1, 6},
        {"[01]", "invalid JSON: after array element", 1, 3},
        {"[1.]", "invalid JSON: ", 1, 4},
        {"[+1]", "invalid JSON: invalid char in json text", 1, 2},
        {"[nul]", "invalid JSON: invalid string in json text", 1, 5},
        {"[NaN]", "invalid JSON: invalid char in json text", 1, 2},
        {"['a']", "invalid JSON: invalid char in json text", 1, 2},
        {"[\"a\nb\"]", "invalid JSON: invalid character inside string", 1, 4},
        {"[\"é\", \"\\q\"]", "invalid JSON: inside a string, '\\' occurs before", 1, 9},
        {"[\"\\u12g4\"]", "invalid JSON: invalid (non-hex) character", 1, 7},
        {"[\"\xff\"]", "invalid UTF-8: byte 0xff", 1, 3},
        {"[1,\n\"é\xc0\x80\"]", "invalid UTF-8: byte 0xc0", 2, 3},
        {"[\"\xed\xa0\x80\"]", "invalid UTF-8: byte 0xed", 1, 3},
        {"\xe2\x82", "invalid UTF-8: byte 0xe2", 1, 1},
        {"// x\n1", "invalid JSON: ", 1, 1},
        {"{\"a\": 1,\n \"b\": 2, \"a\": 3}", "duplicate key \"a\"", 2, 10},
        {"{\"\": 1, \"\": 3}", "duplicate key \"\"", 1, 9},
        {"{\"\\u0061\": 1, \"a\": 3}", "duplicate key \"a\"", 1, 15},
        {"[\"a\\u0000b\"]", "a string must not contain \\u0000", 1, 2},
        {"{\"a\\u0000b\": 1}", "a string must not contain \\u0000", 1, 2},
        {"[\"\\u0000\"]", "a string must not contain \\u0000", 1, 2},
        {"[\"\\ud800\"]", "a string contains half of a surrogate pair", 1, 2},
        {"[\"\\ud800x\\udc00\"]", "a string contains half of a surrogate pair", 1, 2},
        {"[1, \"\\udc00\"]", "a string contains half of a surrogate pair", 1, 5},
        {"[\"\\ud83d\\ude00\\ud83d\"]", "a string contains half of a surrogate pair", 1, 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        const struct node *n = read_text(&a, &d, rows[i].json);
        cr_expect_null(n, "%s", rows[i].json);
        cr_assert_eq(d.errors, 1, "%s: %zu errors", rows[i].json, d.errors);
        cr_expect(str_starts(diag_message(&d, 0), rows[i].message), "%s: %s", rows[i].json,
                  diag_message(&d, 0));
        char place[32];
        snprintf(place, sizeof place, "t:%u:%u:", rows[i].line, rows[i].col);
        char shown[512] = "";
        FILE *out = fmemopen(shown, sizeof shown - 1, "w");
        diag_print(&d, out);
        fclose(out);
        cr_expect(str_starts(shown, place), "%s: want %s, got %s", rows[i].json, place, shown);
        arena_drop(&a);
    }
}

Test(json, errors_of_content_are_collected)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    cr_expect_null(
        read_text(&a, &d, "{\"a\":1,\"a\":2,\"b\":\"\\ud800\",\"a\":3,\"c\":\"\\u0000\"}"));
    cr_expect_eq(d.errors, 4);
    arena_drop(&a);
}

Test(json, depth)
{
    static const struct {
        size_t depth;
        bool good;
    } rows[] = {{1, true},
                {JSON_MAX_DEPTH - 1, true},
                {JSON_MAX_DEPTH, true},
                {JSON_MAX_DEPTH + 1, false},
                {1000, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int map = 0; map <= 1; map++) {
            struct arena a = {0};
            struct diag d = {.arena = &a};
            struct strbuf b = {.arena = &a};
            for (size_t k = 0; k < rows[i].depth; k++) {
                strbuf_add(&b, map == 1 ? "{\"k\":" : "[");
            }
            strbuf_add(&b, "1");
            for (size_t k = 0; k < rows[i].depth; k++) {
                strbuf_char(&b, map == 1 ? '}' : ']');
            }
            const struct node *n = read_text(&a, &d, b.text);
            cr_expect_eq(n != NULL, rows[i].good, "depth %zu", rows[i].depth);
            cr_expect(rows[i].good || str_starts(diag_message(&d, 0), "nested deeper than 120"));
            cr_expect_eq(d.errors, rows[i].good ? 0 : 1);
            arena_drop(&a);
        }
    }
}

/* Keys that share length, first, middle and last letter, across the size where the table begins. */
Test(json, duplicates_in_maps_of_every_size)
{
    for (int size = 1; size <= 40; size++) {
        for (int twin = -1; twin < size; twin += 3) {
            struct arena a = {0};
            struct diag d = {.arena = &a};
            struct strbuf b = {.arena = &a};
            strbuf_char(&b, '{');
            for (int k = 0; k < size; k++) {
                strbuf_printf(&b, "\"key%02dkey\":%d,", k, k);
            }
            strbuf_printf(&b, "\"key%02dkey\":1}", twin < 0 ? 99 : twin);
            bool good = read_text(&a, &d, b.text) != NULL;
            cr_expect_eq(good, twin < 0, "size %d twin %d", size, twin);
            arena_drop(&a);
        }
    }
}

Test(json, writer_compact)
{
    struct arena a = {0};
    struct json_writer *w = json_writer_new(&a, false);
    json_map(w);
    json_key(w, "name");
    json_string(w, "a\"b\\c\n\t\x01/é");
    json_key(w, "none");
    json_string(w, NULL);
    json_key(w, "list");
    json_list(w);
    json_int(w, INT64_MIN);
    json_double(w, 0.1);
    json_double(w, 3.0);
    json_double(w, NAN);
    json_double(w, -INFINITY);
    json_bool(w, true);
    json_bool(w, false);
    json_null(w);
    json_raw(w, "1.50");
    json_list(w);
    json_list_end(w);
    json_map(w);
    json_map_end(w);
    json_list_end(w);
    json_map_end(w);
    size_t len = 0;
    const char *text = json_text(w, &len);
    cr_expect_str_eq(text, "{\"name\":\"a\\\"b\\\\c\\n\\t\\u0001/é\",\"none\":null,"
                           "\"list\":[-9223372036854775808,0.1,3,null,null,true,false,null,1.50,[],"
                           "{}]}");
    cr_expect_eq(len, strlen(text));
    cr_expect_str_eq(json_text(w, NULL), text, "asked again");
    json_int(w, 7); /* begins the next document */
    cr_expect_str_eq(json_text(w, &len), "7");
    cr_expect_eq(len, 1);
    json_list(w);
    json_writer_reset(w); /* half a document given up */
    json_list(w);
    json_list_end(w);
    cr_expect_str_eq(json_text(w, NULL), "[]");
    arena_drop(&a);
}

Test(json, writer_indented)
{
    struct arena a = {0};
    struct json_writer *w = json_writer_new(&a, true);
    json_map(w);
    json_key(w, "a");
    json_list(w);
    json_int(w, 1);
    json_map(w);
    json_map_end(w);
    json_list_end(w);
    json_key(w, "b");
    json_list(w);
    json_list_end(w);
    json_map_end(w);
    cr_expect_str_eq(json_text(w, NULL), "{\n"
                                         "  \"a\": [\n"
                                         "    1,\n"
                                         "    {}\n"
                                         "  ],\n"
                                         "  \"b\": []\n"
                                         "}\n");
    json_map(w);
    json_map_end(w);
    cr_expect_str_eq(json_text(w, NULL), "{}\n");
    arena_drop(&a);
}

Test(json, writer_mends_bytes_that_are_no_utf8)
{
    struct arena a = {0};
    struct json_writer *w = json_writer_new(&a, false);
    json_list(w);
    json_string(w, "a\xff\xc0\x80z");
    json_string(w, "é\xe2\x82");
    json_list_end(w);
    cr_expect_str_eq(json_text(w, NULL), "[\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\","
                                         "\"é\xEF\xBF\xBD\xEF\xBF\xBD\"]");
    arena_drop(&a);
}
