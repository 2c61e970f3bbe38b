/* SPDX-License-Identifier: Apache-2.0 */
/* YAML and JSON texts against the JSON that kubectl would send, and what is refused. */
#include "manifest/yaml.h"

#include "base/json.h"
#include "base/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void write_node(struct json_writer *w, const struct node *n)
{
    if (n->kind == NODE_MAP || n->kind == NODE_LIST) {
        bool map = n->kind == NODE_MAP;
        map ? json_map(w) : json_list(w);
        for (const struct node *m = n->first; m != NULL; m = m->next) {
            if (map) {
                json_key(w, m->key);
            }
            write_node(w, m);
        }
        map ? json_map_end(w) : json_list_end(w);
        return;
    }
    if (n->kind == NODE_STRING) {
        json_string(w, n->text);
    } else if (n->kind == NODE_NULL) {
        json_null(w);
    } else {
        json_raw(w, n->text);
    }
}

/* The documents as JSON, a blank between. */
static const char *as_json(struct arena *a, const struct yaml_stream *stream)
{
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < stream->count; i++) {
        struct json_writer *w = json_writer_new(a, false);
        write_node(w, stream->documents[i]);
        strbuf_printf(&b, "%s%s", i == 0 ? "" : " ", json_text(w, NULL));
    }
    return strbuf_text(&b);
}

static bool read(struct arena *a, const char *text, struct diag *d, struct yaml_stream *out)
{
    *out = (struct yaml_stream){0};
    *d = (struct diag){.arena = a};
    uint32_t source = diag_source(d, "t.yaml", text, strlen(text));
    return yaml_read(a, text, strlen(text), source, d, out);
}

Test(yaml, is_the_json_that_kubectl_sends)
{
    static const struct {
        const char *text;
        const char *json;
    } rows[] = {
        {"", ""},
        {"# nothing\n", ""},
        {"---\n---\n# c\n---\na: 1\n---\n", "{\"a\":1}"},
        {"a: 1\n---\nb: 2\n", "{\"a\":1} {\"b\":2}"},
        {"a: b", "{\"a\":\"b\"}"},
        {"\xef\xbb\xbf"
         "a: b",
         "{\"a\":\"b\"}"},
        {"a: b\r\nc: d\r\n", "{\"a\":\"b\",\"c\":\"d\"}"},
        {"[y, Y, yes, on, On, n, no, off, OFF, true, False]",
         "[true,true,true,true,true,false,false,false,false,true,false]"},
        {"[yEs, tRue, 'yes', \"no\", oN]", "[\"yEs\",\"tRue\",\"yes\",\"no\",\"oN\"]"},
        {"[~, null, Null, NULL, nULL, 'null', '']", "[null,null,null,null,\"nULL\",\"null\",\"\"]"},
        {"a:\nb: \n", "{\"a\":null,\"b\":null}"},
        {"[0, 1, -1, +1, 010, 08, 0x1F, -0x1f, 0o17, 0b101, 1_000, 0_1]",
         "[0,1,-1,1,8,8,31,-31,15,5,1000,1]"},
        {"[9223372036854775807, -9223372036854775808, 18446744073709551615]",
         "[9223372036854775807,-9223372036854775808,18446744073709551615]"},
        {"- 18446744073709551616\n- -9223372036854775809",
         "[18446744073709552000,-9223372036854776000]"},
        {"[18446744073709551616]", "[18446744073709551616]"},
        {"[1.0, 1.50, .5, 5., 1e3, 1E-7, -0.0, 1e21, 1.5e300]",
         "[1,1.5,0.5,5,1000,1e-7,-0,1e+21,1.5e+300]"},
        {"[1e400, 1Gi, 100m, 0x, 1.2.3, -, +, ., 1e, 12e6, 0b2, 1__0]",
         "[\"1e400\",\"1Gi\",\"100m\",\"0x\",\"1.2.3\",\"-\",\"+\",\".\",\"1e\",12000000,\"0b2\",10]"},
        {"[2024-01-02, 2024-01-02T03:04:05Z, 2024-1, 12:30:45, 1:2]",
         "[\"2024-01-02\",\"2024-01-02T03:04:05Z\",\"2024-1\",\"12:30:45\",\"1:2\"]"},
        {"{y: 1, 2: 2, 1.50: 3, true: 4, 'n': 5, 0x10: 6, 1e20: 7}", "{\"true\":4}"},
        {"2: 2\n1.50: 3\n'n': 5\n0x10: 6\n1e20: 7\n1234567.5: 8\n0.00001: 9\n",
         "{\"2\":2,\"1.5\":3,\"n\":5,\"16\":6,\"1e+20\":7,\"1.2345675e+06\":8,\"1e-05\":9}"},
        {"[!!str 1, !!int \"3\", !!float 3, !!str yes, !x 1, !!bool 'no', ! 12]",
         "[\"1\",3,3,\"yes\",\"1\",false,\"12\"]"},
        {"a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
         "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}"},
        {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"},
        {"a: &x foo\n*x : 1\n", "{\"a\":\"foo\",\"foo\":1}"},
        {"a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n",
         "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":3}}"},
        {"a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n",
         "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"c\":2,\"b\":1}}"},
        {"d: {<<: [{b: 1}, {b: 2, c: 3}]}\n", "{\"d\":{\"b\":1,\"c\":3}}"},
        {"d: {'<<': 1}\n", "{\"d\":{\"<<\":1}}"},
        {"a: |\n  x\n   y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\n y\\n\",\"b\":\"x y\"}"},
        {"{\"a\": 1e3, \"b\": [true, null]}", "{\"a\":1e3,\"b\":[true,null]}"},
        {"{\"a\": 1}\n{\"b\": \"}\"}\n", "{\"a\":1} {\"b\":\"}\"}"},
        {" [1, 2] ", "[1,2]"},
        {"{a: 1}", "{\"a\":1}"},
        {"{\"a\": 1}\n---\nb: 2\n", "{\"a\":1} {\"b\":2}"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d;
        struct yaml_stream stream;
        bool ok = read(&a, rows[i].text, &d, &stream);
        if (strstr(rows[i].text, "{y: 1") == rows[i].text) {
            cr_expect_not(ok, "y and true are one key");
            continue;
        }
        cr_expect(ok, "%s: %s", rows[i].text, d.count != 0 ? diag_message(&d, 0) : "");
        cr_expect_str_eq(as_json(&a, &stream), rows[i].json, "%s: %s", rows[i].text,
                         as_json(&a, &stream));
    }
    arena_drop(&a);
}

Test(yaml, what_is_wrong_is_said_with_its_place)
{
    static const struct {
        const char *text;
        unsigned documents;
        const char *errors; /* as printed, without the lines shown */
    } rows[] = {
        {"a:\n\tb: 1\n", 0, "2:1: a tab in the indentation"},
        {"a: 1\nb: 2\na: 3\n", 0, "3:1: key \"a\" is here a second time"},
        {"a: 1\n1: 2\n'1': 3\n", 0, "3:1: key \"1\" is here a second time"},
        {"a: b: c\n", 0, "1:5: broken YAML: mapping values are not allowed in this context"},
        {"a: [1, 2\n---\nb: 1\n", 1,
         "2:1: broken YAML: did not find expected ',' or ']', while parsing a flow sequence"},
        {"a: \"x\n", 0,
         "2:1: broken YAML: found unexpected end of stream, while scanning a quoted scalar"},
        {"a: *x\n", 0, "1:4: unknown anchor 'x' referenced"},
        {"a: &x [*x]\n", 0, "1:8: anchor 'x' value contains itself"},
        {"a: .inf\nb: .nan\n", 0,
         "1:4: .inf is no number that JSON has|2:4: .nan is no number that JSON has"},
        {"a: !!int x\n", 0, "1:4: cannot decode !!str `x` as a !!int"},
        {"? {a: 1}\n: 1\n", 0, "1:3: a map cannot be a key"},
        {"~: 1\n", 0, "1:1: null cannot be a key"},
        {"<<: 1\n", 0, "1:5: map merge requires map or sequence of maps as the value"},
        {"<<: [1]\n", 0, "1:6: map merge requires map or sequence of maps as the value"},
        {"\xc3\xa9: 1\n\xc3\xa9: \xff\n", 0, "2:4: not UTF-8 text: invalid leading UTF-8 octet"},
        {"a: \"\\0\"\n", 0, "1:4: a NUL character in a text"},
        {"a: 1\na: 2\n---\nb: 1\n---\nc: [\n---\nd: 1\nd: 2\n", 1,
         "2:1: key \"a\" is here a second time|7:1: broken YAML: did not find expected node "
         "content, while parsing a flow node|9:1: key \"d\" is here a second time"},
        {"{\"a\": 1, \"a\": 2}", 0, NULL},
        {"{\"a\": 1,", 0, NULL},
        {"\xff\xfe"
         "a",
         0, "1:1: UTF-16 text"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d;
        struct yaml_stream stream;
        cr_expect_not(read(&a, rows[i].text, &d, &stream), "%s", rows[i].text);
        cr_expect_eq(stream.count, rows[i].documents, "%s: %zu", rows[i].text, stream.count);
        if (rows[i].errors == NULL) {
            cr_expect_gt(d.errors, 0);
            continue;
        }
        char *printed = NULL;
        size_t size;
        FILE *out = open_memstream(&printed, &size);
        diag_print(&d, out);
        (void)fclose(out);
        struct strbuf b = {.arena = &a};
        for (char *line = strtok(printed, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            char *error = strstr(line, " error: ");
            if (error != NULL && str_starts(line, "t.yaml:")) {
                *error = '\0';
                strbuf_printf(&b, "%s%s %s", b.len == 0 ? "" : "|", line + 7, error + 8);
            }
        }
        free(printed);
        cr_expect_str_eq(strbuf_text(&b), rows[i].errors, "%s: %s", rows[i].text, strbuf_text(&b));
    }
    arena_drop(&a);
}

Test(yaml, nodes_know_their_places)
{
    struct arena a = {0};
    struct diag d;
    struct yaml_stream stream;
    cr_assert(read(&a, "# c\nspec:\n  x: \xc3\xa9\n  list:\n  - 1\n  - b: 2\n", &d, &stream));
    const struct node *root = stream.documents[0];
    const struct node *item = node_path(root, "spec.list")->last;
    cr_expect_eq(root->mark.line, 2);
    cr_expect_eq(node_path(root, "spec.x")->mark.line, 3);
    cr_expect_eq(node_path(root, "spec.x")->mark.col, 6);
    cr_expect_eq(node_path(root, "spec.x")->key_mark.col, 3);
    cr_expect_eq(node_get(item, "b")->mark.line, 6);
    cr_expect_eq(node_get(item, "b")->mark.col, 8);
    cr_expect_eq(node_path(root, "spec.list")->count, 2);
    arena_drop(&a);
}

/* levels of lists that each name the one before ten times. */
static const char *bomb(struct arena *a, int levels)
{
    struct strbuf b = {.arena = a};
    strbuf_add(&b, "a0: &a0 x\n");
    for (int i = 1; i <= levels; i++) {
        strbuf_printf(&b, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++) {
            strbuf_printf(&b, "%s*a%d", j == 0 ? "" : ",", i - 1);
        }
        strbuf_add(&b, "]\n");
    }
    return strbuf_text(&b);
}

Test(yaml, bombs_are_refused)
{
    struct arena a = {0};
    struct diag d;
    struct yaml_stream stream;
    cr_expect(read(&a, bomb(&a, 2), &d, &stream));
    cr_expect_not(read(&a, bomb(&a, 9), &d, &stream));
    cr_expect_eq(d.errors, 1);
    cr_expect_str_eq(diag_message(&d, 0), "document contains excessive aliasing");
    cr_expect_not(read(&a, bomb(&a, 1000), &d, &stream));
    arena_drop(&a);
}

static bool read_repeated(const char *unit, size_t times, const char *message)
{
    struct arena a = {0};
    struct diag d;
    struct yaml_stream stream;
    size_t len = strlen(unit);
    char *text = arena_alloc(&a, len * times + 1, 1);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * len, unit, len);
    }
    bool ok = read(&a, text, &d, &stream);
    if (message != NULL) {
        cr_expect_eq(d.errors, 1, "%s: %zu errors", unit, d.errors);
        cr_expect_str_eq(diag_message(&d, 0), message, "%s: %s", unit, diag_message(&d, 0));
    }
    arena_drop(&a);
    return ok;
}

Test(yaml, depth_and_size_have_limits)
{
    const char *deep = "nested deeper than 128 levels";
    cr_expect_not(read_repeated("- ", 1000000, deep));
    cr_expect_not(read_repeated("? ", 1000000, deep));
    cr_expect_not(read_repeated("[", 1000000, NULL));
    cr_expect_not(read_repeated("{a: ", 1000000, NULL));
    cr_expect(read_repeated("- 1\n", 200000, NULL));
    cr_expect(read_repeated("x", 10000000, NULL));
    cr_expect_not(
        read_repeated("x", YAML_MAX_BYTES + 1, "64 MiB are more than a manifest may have, 64 MiB"));
}
