/* SPDX-License-Identifier: Apache-2.0 */
/* The table-driven reader: every field type, its bounds and messages; defaults; unions. */
#include "manifest/decode.h"

#include "complaints.h"
#include "engine/simtime.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct inner {
    double cores;
    bool given;
    struct mark mark;
};

struct outer {
    const char *string;
    const char *name;
    bool flag;
    int32_t small;
    int32_t bounded;
    uint64_t seed;
    double number;
    double positive;
    simtime duration;
    simtime any;
    double seconds;
    double bytes;
    struct instant instant;
    int word;
    struct string_list strings;
    struct label_list texts;
    struct inner inside;
    struct inner *pointer;
    struct item_list list;
    double either;
    double or_else;
    const struct node *node;
};

static const char *const words[] = {"red", "green", "blue", NULL};

static const struct field inner_fields[] = {
    {.name = "cores",
     .type = FIELD_CORES,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct inner, cores),
     .has = offsetof(struct inner, given),
     .mark = offsetof(struct inner, mark),
     .doc = "Cores.",
     .example = "500m"},
};

static const struct object_type inner_type = {
    .name = "Inner",
    .doc = "Inside.",
    .fields = inner_fields,
    .field_count = COUNT(inner_fields),
    .size = sizeof(struct inner),
};

#define AT(member) offsetof(struct outer, member)

static const struct field outer_fields[] = {
    {.name = "string", .type = FIELD_STRING, .offset = AT(string), .initial = "as it is"},
    {.name = "name", .type = FIELD_NAME, .offset = AT(name)},
    {.name = "flag", .type = FIELD_BOOL, .offset = AT(flag), .initial = "true"},
    {.name = "small", .type = FIELD_INT32, .offset = AT(small), .initial = "7"},
    {.name = "bounded", .type = FIELD_INT32, .offset = AT(bounded), .min = -1, .max = 10},
    {.name = "seed", .type = FIELD_UINT64, .offset = AT(seed), .initial = "1"},
    {.name = "number", .type = FIELD_DOUBLE, .offset = AT(number), .initial = "0.5"},
    {.name = "positive", .type = FIELD_DOUBLE, .flags = FIELD_POSITIVE, .offset = AT(positive)},
    {.name = "duration", .type = FIELD_DURATION, .offset = AT(duration), .initial = "1m30s"},
    {.name = "any", .type = FIELD_DURATION, .flags = FIELD_ANY_SIGN, .offset = AT(any)},
    {.name = "seconds", .type = FIELD_SECONDS, .offset = AT(seconds)},
    {.name = "bytes", .type = FIELD_BYTES, .offset = AT(bytes)},
    {.name = "instant", .type = FIELD_INSTANT, .offset = AT(instant)},
    {.name = "word", .type = FIELD_WORD, .offset = AT(word), .words = words, .initial = "green"},
    {.name = "strings", .type = FIELD_STRINGS, .offset = AT(strings)},
    {.name = "texts", .type = FIELD_TEXTS, .offset = AT(texts)},
    {.name = "inside", .type = FIELD_OBJECT, .offset = AT(inside), .type_of = &inner_type},
    {.name = "pointer", .type = FIELD_POINTER, .offset = AT(pointer), .type_of = &inner_type},
    {.name = "list",
     .type = FIELD_LIST,
     .flags = FIELD_NOT_EMPTY,
     .offset = AT(list),
     .type_of = &inner_type},
    {.name = "either", .type = FIELD_DOUBLE, .flags = FIELD_ONE_OF, .offset = AT(either)},
    {.name = "orElse", .type = FIELD_DOUBLE, .flags = FIELD_ONE_OF, .offset = AT(or_else)},
    {.name = "node", .type = FIELD_NODE, .offset = AT(node)},
};

static const struct object_type outer_type = {
    .name = "Outer",
    .doc = "Outside.",
    .fields = outer_fields,
    .field_count = COUNT(outer_fields),
    .size = sizeof(struct outer),
};

static bool decode_text(struct arena *a, const char *text, struct outer *out, struct diag *d)
{
    const struct node *root = read_text(a, text, d);
    struct decoder decoder = {.arena = a, .diag = d};
    *out = (struct outer){0};
    return root && decode_object(&decoder, &outer_type, root, "spec", out);
}

/* The complaints about each text; "" is none. Every text begins with one alternative. */
static const struct {
    const char *text;
    const char *complaints;
} errors[] = {
    {"either: 1", ""},
    {"either: 1\nstring:", ""},
    {"either: 1\npointer: null\nlist: null", ""},
    {"orElse: 0", ""},
    {"string: x", "1:1: spec: nothing is said about what it is\n"
                  "  give one of: either, orElse\n"},
    {"orElse: 1\neither: 1", "2:1: spec: \"either\" cannot stand beside \"orElse\"\n"
                             "  give one of them\n"},
    {"either: 1\nstrng: x", "2:1: spec: unknown field \"strng\"\n  did you mean \"string\"?\n"},
    {"either: 1\nSmall: 2", "2:1: spec: unknown field \"Small\"\n  did you mean \"small\"?\n"},
    {"either: -1", "1:9: spec.either: must not be negative: -1\n"},
    {"either: '1'", "1:9: spec.either: expected a number, found \"1\"\n"
                    "  write it without quotes\n"},
    {"either: one", "1:9: spec.either: expected a number, found \"one\"\n"},
    {"either: 1e400", "1:9: spec.either: expected a number, found \"1e400\"\n"},
    {"either: 1\nstring: 5", "2:9: spec.string: expected a string, found 5\n"
                             "  put it in quotes\n"},
    {"either: 1\nstring: ''", "2:9: spec.string: must not be empty\n"},
    {"either: 1\nstring: [x]", "2:9: spec.string: expected a string, found a list\n"},
    {"either: 1\nname: a.b-c9", ""},
    {"either: 1\nname: Web", "2:7: spec.name: expected a name, found \"Web\"\n"
                             "  names are lower case letters, digits and '-', as in Kubernetes\n"},
    {"either: 1\nname: a..b", "2:7: spec.name: expected a name, found \"a..b\"\n"
                              "  names are lower case letters, digits and '-', as in Kubernetes\n"},
    {"either: 1\nname: -a", "2:7: spec.name: expected a name, found \"-a\"\n"
                            "  names are lower case letters, digits and '-', as in Kubernetes\n"},
    {"either: 1\nflag: 'true'", "2:7: spec.flag: expected true or false, found \"true\"\n"
                                "  write it without quotes\n"},
    {"either: 1\nflag: 1", "2:7: spec.flag: expected true or false, found 1\n"},
    {"either: 1\nsmall: 2147483647", ""},
    {"either: 1\nsmall: 2147483648",
     "2:8: spec.small: expected a whole number of at most 2147483647, found 2147483648\n"},
    {"either: 1\nsmall: 1.5",
     "2:8: spec.small: expected a whole number of at most 2147483647, found 1.5\n"},
    {"either: 1\nsmall: -1", "2:8: spec.small: must not be negative: -1\n"},
    {"either: 1\nbounded: -1", ""},
    {"either: 1\nbounded: 10", ""},
    {"either: 1\nbounded: 11", "2:10: spec.bounded: must be between -1 and 10, not 11\n"},
    {"either: 1\nbounded: -2", "2:10: spec.bounded: must be between -1 and 10, not -2\n"},
    {"either: 1\nseed: 18446744073709551615", ""},
    {"either: 1\nseed: -1", "2:7: spec.seed: expected a whole number from 0 to "
                            "18446744073709551615, found -1\n"},
    {"either: 1\npositive: 0", "2:11: spec.positive: must be more than 0, not 0\n"},
    {"either: 1\npositive: 1e-300", ""},
    {"either: 1\nduration: 2d12h", ""},
    {"either: 1\nduration: 0", ""},
    {"either: 1\nduration: 5", "2:11: spec.duration: expected a duration, found 5\n"
                               "  say in which unit: 30s, 5m, 1h30m, 2d\n"},
    {"either: 1\nduration: 5 s", "2:11: spec.duration: expected a duration, found \"5 s\"\n"
                                 "  write it as 30s, 500ms, 1h30m or 2d\n"},
    {"either: 1\nduration: -5s", "2:11: spec.duration: must not be negative: -5s\n"},
    {"either: 1\nany: -5s", ""},
    {"either: 1\nbytes: 1.5Gi", ""},
    {"either: 1\nbytes: 1e3", ""},
    {"either: 1\nbytes: 5 Mi", "2:8: spec.bytes: expected an amount of memory, found \"5 Mi\"\n"
                               "  write it as 64Mi or 1.5Gi\n"},
    {"either: 1\nbytes: -1", "2:8: spec.bytes: must not be negative: -1\n"},
    {"either: 1\ninside: {cores: 0.1m}", ""},
    {"either: 1\ninside: {cores: 1Ei}", ""},
    {"either: 1\ninside: {cores: x}",
     "2:17: spec.inside.cores: expected CPU cores, found \"x\"\n  write it as 500m or 2\n"},
    {"either: 1\ninstant: 2024-02-30T00:00:00Z",
     "2:10: spec.instant: expected a time, found \"2024-02-30T00:00:00Z\"\n"
     "  write it as 2024-03-01T08:00:00Z or with an offset such as -04:00; zone names are not "
     "known\n"},
    {"either: 1\nword: gren", "2:7: spec.word: expected one of red, green, blue, found \"gren\"\n"
                              "  did you mean \"green\"?\n"},
    {"either: 1\nword: [red]", "2:7: spec.word: expected one of red, green, blue, found a list\n"},
    {"either: 1\nstrings: [a, 1]",
     "2:14: spec.strings[1]: expected a string that is not empty, found a number\n"},
    {"either: 1\ntexts: {a: 1}", "2:12: spec.texts.a: expected a string, found a number\n"
                                 "  put it in quotes\n"},
    {"either: 1\ninside: {}", "2:9: spec.inside: \"cores\" is required\n"
                              "  for example cores: 500m\n"},
    {"either: 1\ninside: {core: 1}", "2:10: spec.inside: unknown field \"core\"\n"
                                     "  did you mean \"cores\"?\n"},
    {"either: 1\ninside: 5", "2:9: spec.inside: expected a map, found a number\n"},
    {"either: 1\nlist: [null]", "2:8: spec.list[0]: expected an item, found null\n"},
    {"either: 1\nlist: []", "2:7: spec.list: the list must not be empty\n"},
    {"either: 1\nlist: {cores: 1}", "2:7: spec.list: expected a list, found a map\n"
                                    "  begin each item with \"- \"\n"},
    {"either: 1\nlist: [{cores: 1}, {}, {cores: -1}]",
     "2:20: spec.list[1]: \"cores\" is required\n"
     "  for example cores: 500m\n"
     "2:32: spec.list[2].cores: must not be negative: -1\n"},
};

Test(decode, errors)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct arena a = {0};
        struct diag d;
        struct outer out;
        bool ok = decode_text(&a, errors[i].text, &out, &d);
        const char *found = complaints(&a, &d);
        cr_expect_str_eq(found, errors[i].complaints, "%s:\n%s", errors[i].text, found);
        cr_expect_eq(ok, errors[i].complaints[0] == '\0', "%s", errors[i].text);
        arena_drop(&a);
    }
}

Test(decode, defaults)
{
    struct arena a = {0};
    struct diag d;
    struct outer out;
    cr_assert(decode_text(&a, "either: 3", &out, &d));
    cr_expect_str_eq(out.string, "as it is");
    cr_expect_null(out.name);
    cr_expect(out.flag && out.small == 7 && out.seed == 1 && out.word == 1);
    cr_expect(out.number == 0.5 && out.either == 3);
    cr_expect_eq(out.duration, 90 * SIMTIME_SECOND);
    cr_expect(!out.pointer && out.list.count == 0 && !out.inside.given && !out.instant.present);
    arena_drop(&a);
}

Test(decode, values)
{
    struct arena a = {0};
    struct diag d;
    struct outer out;
    cr_assert(decode_text(&a,
                          "orElse: 2\nflag: false\nseconds: 1500ms\nany: -1h\nbytes: 1.5Ki\n"
                          "instant: 2024-03-01T08:00:00-04:00\nstrings: one\n"
                          "texts: {a: b}\ninside: {cores: 250m}\npointer: {cores: 2}\n"
                          "list: [{cores: 1}, {cores: 3}]\nnode: {any: [thing]}\nword: blue",
                          &out, &d));
    cr_expect(!out.flag && out.seconds == 1.5 && out.any == -SIMTIME_HOUR && out.bytes == 1536);
    cr_expect(out.instant.present && out.instant.zone_seconds == -4 * 3600);
    cr_expect_eq(out.instant.unix_ns, INT64_C(1709294400) * SIMTIME_SECOND);
    cr_expect(out.strings.count == 1 && strcmp(out.strings.items[0], "one") == 0);
    cr_expect(out.texts.count == 1 && strcmp(out.texts.items[0].value, "b") == 0);
    cr_expect(out.inside.given && out.inside.cores == 0.25 && out.inside.mark.line == 9);
    cr_expect(out.pointer && out.pointer->cores == 2);
    const struct inner *items = out.list.items;
    cr_expect(out.list.count == 2 && items[0].cores == 1 && items[1].cores == 3);
    cr_expect(out.node && out.node->kind == NODE_MAP && out.word == 2);
    arena_drop(&a);
}

/* All of a document's mistakes are found in one pass. */
Test(decode, all_at_once)
{
    struct arena a = {0};
    struct diag d;
    struct outer out;
    cr_expect(!decode_text(&a, "small: x\nflag: maybe\nword: z\nnope: 1\nlist: 3", &out, &d));
    cr_expect_eq(d.errors, 6, "%zu", d.errors);
    arena_drop(&a);
}
