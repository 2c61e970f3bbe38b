/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors against apimachinery's labels package, and LabelSelector objects. */
#include "kube/labels.h"
#include "vectors.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const cbb[] = {"c", "b", "b"};
static const char *const x[] = {"x", "<"};

/* The label sets that the vectors were matched against. */
static const struct {
    struct label labels[3];
    size_t count;
} sets[] = {
    {{{0}}, 0},
    {{{"a", ""}}, 1},
    {{{"a", "b"}}, 1},
    {{{"a", "c"}, {"b", "1"}}, 2},
    {{{"a", "2"}, {"c", "d"}, {"f", "g"}}, 3},
    {{{"a", "x"}, {"in", "in"}, {"x/y", "z"}}, 3},
};

static void check_row(struct arena *a, char *fields[VECTOR_FIELDS], size_t count)
{
    struct label_selector s;
    const char *error = label_selector_parse(a, fields[0], &s);
    cr_expect_eq(error == NULL, fields[1][0] == '0', "'%s'", fields[0]);
    if (error != NULL) {
        cr_expect_str_eq(error, fields[2], "'%s': %s\nnot %s", fields[0], error, fields[2]);
        return;
    }
    const char *text = label_selector_string(a, &s);
    cr_assert_eq(count, 4, "'%s'", fields[0]);
    cr_expect_str_eq(text, fields[2], "'%s': %s, not %s", fields[0], text, fields[2]);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        cr_expect_eq(label_selector_matches(&s, sets[i].labels, sets[i].count), fields[3][i] == '1',
                     "'%s' set %zu", fields[0], i);
    }
}

Test(labels, selectors_are_what_go_makes_of_them)
{
    cr_expect_gt(vectors_each("tests/unit/kube/selector_vectors.txt", check_row), 1000);
}

Test(labels, selectors_are_built_from_objects)
{
    static const struct {
        const char *name;
        struct label labels[2];
        size_t label_count;
        struct label_expression expressions[2];
        size_t expression_count;
        const char *text;
        const char *error;
    } rows[] = {
        {"empty", {{0}}, 0, {{0}}, 0, "<none>", NULL},
        {"labels", {{"b", "2"}, {"a", "1"}}, 2, {{0}}, 0, "a=1,b=2", NULL},
        {"both", {{"tier", "x"}}, 1, {{"app", "In", cbb, 3}}, 1, "app in (b,b,c),tier=x", NULL},
        {"unary",
         {{0}},
         0,
         {{"b", "Exists", NULL, 0}, {"a", "DoesNotExist", NULL, 0}},
         2,
         "!a,b",
         NULL},
        {"not in", {{0}}, 0, {{"a", "NotIn", x, 1}}, 1, "a notin (x)", NULL},
        {"equal keys", {{"a", "1"}}, 1, {{"a", "Exists", NULL, 0}}, 1, "a=1,a", NULL},
        {"bad operator",
         {{0}},
         0,
         {{"a", "in", x, 1}},
         1,
         NULL,
         "\"in\" is not a valid label selector operator"},
        {"no values",
         {{0}},
         0,
         {{"a", "In", NULL, 0}},
         1,
         NULL,
         "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"},
        {"values",
         {{0}},
         0,
         {{"a", "Exists", x, 2}},
         1,
         NULL,
         "[values: Invalid value: [\"x\",\"\\u003c\"]: values set must be empty for exists and "
         "does not exist, values[1][a]: Invalid value: \"<\": a valid label must be an empty "
         "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
         "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
         "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')]"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct label_selector s;
        const char *error = label_selector_build(&a, rows[i].labels, rows[i].label_count,
                                                 rows[i].expressions, rows[i].expression_count, &s);
        if (rows[i].error != NULL) {
            cr_expect_str_eq(error, rows[i].error, "%s: %s", rows[i].name, error);
            continue;
        }
        cr_expect_null(error, "%s: %s", rows[i].name, error);
        cr_expect_str_eq(label_selector_format(&a, &s), rows[i].text, "%s: %s", rows[i].name,
                         label_selector_format(&a, &s));
    }
    arena_drop(&a);
}

Test(labels, everything_and_nothing_differ)
{
    static const struct label one[] = {{"a", "b"}, {"a", "c"}};
    struct label_selector everything = {0};
    struct label_selector nothing = {.nothing = true};
    cr_expect(label_selector_matches(&everything, one, 1));
    cr_expect(label_selector_matches(&everything, NULL, 0));
    cr_expect_not(label_selector_matches(&nothing, one, 1));
    cr_expect(label_selector_is_empty(&everything));
    cr_expect_not(label_selector_is_empty(&nothing));
    cr_expect_str_eq(labels_get(one, 2, "a"), "c");
    cr_expect_null(labels_get(one, 2, "b"));
    struct arena a = {0};
    struct label_selector set = label_selector_from_set(&a, one, 1);
    cr_expect_str_eq(label_selector_string(&a, &set), "a=b");
    arena_drop(&a);
}

Test(labels, texts_are_quoted_as_go_does)
{
    static const struct {
        const char *text;
        const char *quoted;
        const char *json;
    } rows[] = {
        {"", "\"\"", "\"\""},
        {"a\"b\\", "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\""},
        {"\t\n\v\x01\x7f", "\"\\t\\n\\v\\x01\\x7f\"", "\"\\t\\n\\u000b\\u0001\x7f\""},
        {"\xc3\xa9\xff", "\"\xc3\xa9\\xff\"", "\"\xc3\xa9\\ufffd\""},
        {"\xc2\xa0\xe2\x80\xa8", "\"\\u00a0\\u2028\"", "\"\xc2\xa0\\u2028\""},
        {"<&>", "\"<&>\"", "\"\\u003c\\u0026\\u003e\""},
        {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\"", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\x80\""},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_str_eq(go_quote(&a, rows[i].text), rows[i].quoted, "row %zu", i);
        cr_expect_str_eq(go_json_string(&a, rows[i].text), rows[i].json, "row %zu", i);
    }
    arena_drop(&a);
}

Test(labels, names_are_checked)
{
    static const struct {
        const char *text;
        bool label;
        bool subdomain;
        bool dns_1035;
    } rows[] = {
        {"a", true, true, true},      {"a-b", true, true, true},   {"1a", true, true, false},
        {"a.b", false, true, false},  {"-a", false, false, false}, {"a-", false, false, false},
        {"A", false, false, false},   {"", false, false, false},   {"a..b", false, false, false},
        {"a_b", false, false, false}, {"a.", false, false, false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *s = rows[i].text;
        cr_expect_eq(dns_label_error(&a, s) == NULL, rows[i].label, "'%s'", s);
        cr_expect_eq(dns_subdomain_error(&a, s) == NULL, rows[i].subdomain, "'%s'", s);
        cr_expect_eq(dns_1035_label_error(&a, s) == NULL, rows[i].dns_1035, "'%s'", s);
    }
    cr_expect_str_eq(dns_label_error(&a, "a.b"), "must not contain dots");
    arena_drop(&a);
}
