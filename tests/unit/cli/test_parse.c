/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines against a table of options: forms, values, misuse; and the program's own tables. */
#include "cli/command.h"

#include "base/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct own {
    bool quiet;
    bool verbose;
    const char *output;
    const char *picture;
    struct option_number ratio;
    struct option_integer count;
    struct option_integer span;
    struct option_list sets;
    int format;
    struct {
        const char *kubernetes;
    } shared;
};

static const char *const formats[] = {"text", "json", NULL};
static const char *const things[] = {"cat", "dog", NULL};

#define AT(member) offsetof(struct own, member)

static const struct option own_options[] = {
    {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, .offset = AT(quiet)},
    {.name = "verbose", .letter = 'v', .type = OPTION_FLAG, .offset = AT(verbose)},
    {.name = "output", .letter = 'o', .type = OPTION_FILE, .value = "FILE", .offset = AT(output)},
    {.name = "picture",
     .type = OPTION_FILE,
     .value = "FILE",
     .implied = "auto",
     .offset = AT(picture)},
    {.name = "ratio", .type = OPTION_NUMBER, .value = "R", .offset = AT(ratio)},
    {.name = "count", .letter = 'n', .type = OPTION_INTEGER, .value = "N", .offset = AT(count)},
    {.name = "span", .type = OPTION_DURATION, .value = "D", .offset = AT(span)},
    {.name = "set", .type = OPTION_LIST, .value = "P=V", .offset = AT(sets)},
    {.name = "format",
     .type = OPTION_WORD,
     .value = "text|json",
     .words = formats,
     .offset = AT(format)},
};

static const struct option shared_options[] = {
    {.name = "kubernetes", .type = OPTION_TEXT, .value = "VERSION", .offset = 0},
};

static const struct command command = {
    .name = "try",
    .arguments = "[THING...]",
    .groups = {{NULL, own_options, COUNT(own_options), 0},
               {"Shared", shared_options, COUNT(shared_options), AT(shared)}},
    .options_size = sizeof(struct own),
    .max_arguments = 2,
};

static const struct command chooser = {
    .name = "choose",
    .arguments = "cat|dog",
    .options_size = sizeof(struct own),
    .min_arguments = 1,
    .max_arguments = 1,
    .words = things,
};

struct attempt {
    struct arena arena;
    struct invocation in;
    bool ok;
    bool help;
    char *told;
    size_t told_size;
};

/* line: words parted by single spaces. */
static void attempt(struct attempt *t, const struct command *c, const char *line)
{
    char *words[16];
    int count = 0;
    char *copy = arena_strdup(&t->arena, line);
    for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
        words[count++] = w;
    FILE *err = open_memstream(&t->told, &t->told_size);
    t->in = (struct invocation){.command = c, .arena = &t->arena, .err = err, .out = err};
    t->ok = command_parse(&t->in, count, words, &t->help);
    (void)fclose(err);
}

static void drop(struct attempt *t)
{
    free(t->told);
    arena_drop(&t->arena);
}

/* What each line does: the first line told, or NULL when it is fine. */
static const struct {
    const char *line;
    const char *told;
} lines[] = {
    {"", NULL},
    {"a b", NULL},
    {"-", NULL},
    {"-q -v --quiet", NULL},
    {"-qv", NULL},
    {"--output=x", NULL},
    {"--output= ", "podtide try: --output: the value is empty"},
    {"a b c", "podtide try: unexpected argument \"c\""},
    {"--quite", "podtide try: unknown option --quite; did you mean --quiet?"},
    {"--kubernets=1", "podtide try: unknown option --kubernets; did you mean --kubernetes?"},
    {"--zzzzzz", "podtide try: unknown option --zzzzzz"},
    {"-z", "podtide try: unknown option -z"},
    {"-qz", "podtide try: unknown option -z"},
    {"--quiet=yes", "podtide try: --quiet takes no value"},
    {"--output", "podtide try: --output needs a value: FILE"},
    {"-o", "podtide try: --output needs a value: FILE"},
    {"--ratio=x", "podtide try: --ratio: \"x\" is not a number of at least 0"},
    {"--ratio=-1", "podtide try: --ratio: \"-1\" is not a number of at least 0"},
    {"--ratio=nan", "podtide try: --ratio: \"nan\" is not a number of at least 0"},
    {"--ratio=0", NULL},
    {"-n 1.5", "podtide try: --count: \"1.5\" is not a whole number of at least 0"},
    {"-n 99999999999999999999",
     "podtide try: --count: \"99999999999999999999\" is not a whole number of at least 0"},
    {"-n9223372036854775807", NULL},
    {"--span 5", "podtide try: --span: \"5\" is not a duration; write it as 30s, 2h or 7d"},
    {"--span 5m", NULL},
    {"--format=xml", "podtide try: --format: \"xml\" is none of text, json"},
    {"-- --quite", NULL},
};

Test(parse, lines)
{
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct attempt t = {0};
        attempt(&t, &command, lines[i].line);
        cr_expect_eq(t.ok, lines[i].told == NULL, "%s: %s", lines[i].line, t.told);
        if (lines[i].told)
            cr_expect(str_starts(t.told, lines[i].told) && strchr(t.told, '\n')[1] == 'T', "%s: %s",
                      lines[i].line, t.told);
        else
            cr_expect_str_eq(t.told, "", "%s: %s", lines[i].line, t.told);
        drop(&t);
    }
}

Test(parse, values)
{
    struct attempt t = {0};
    attempt(&t, &command,
            "one -qo out --set a=1 --picture two --set=b=2 -n7 --ratio=0.25 --span=2d "
            "--kubernetes 1.30 --format json");
    cr_assert(t.ok, "%s", t.told);
    const struct own *o = t.in.options;
    cr_expect(o->quiet && !o->verbose && o->format == 1);
    cr_expect_str_eq(o->output, "out");
    cr_expect_str_eq(o->picture, "auto");
    cr_expect(o->sets.count == 2 && str_equal(o->sets.items[1], "b=2"));
    cr_expect(o->count.given && o->count.value == 7 && o->ratio.value == 0.25);
    cr_expect_eq(o->span.value, INT64_C(172800000000000));
    cr_expect_str_eq(o->span.text, "2d");
    cr_expect_str_eq(o->shared.kubernetes, "1.30");
    cr_expect(t.in.argument_count == 2 && str_equal(t.in.arguments[1], "two"));
    drop(&t);
}

Test(parse, ends)
{
    struct attempt t = {0};
    attempt(&t, &command, "-- -q --help");
    cr_expect(t.ok && !t.help && t.in.argument_count == 2);
    cr_expect(!((const struct own *)t.in.options)->quiet);
    drop(&t);

    struct attempt help = {0};
    attempt(&help, &command, "a b c --help --nonsense");
    cr_expect(help.ok && help.help);
    drop(&help);
}

Test(parse, first_argument)
{
    static const struct {
        const char *line;
        const char *told;
    } rows[] = {
        {"cat", NULL},
        {"", "podtide choose: an argument is missing: cat|dog"},
        {"cta", "podtide choose: there is no \"cta\"; did you mean \"cat\"?"},
        {"elephant", "podtide choose: there is no \"elephant\": cat|dog"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct attempt t = {0};
        attempt(&t, &chooser, rows[i].line);
        cr_expect_eq(t.ok, rows[i].told == NULL, "%s", rows[i].line);
        cr_expect(!rows[i].told || str_starts(t.told, rows[i].told), "%s: %s", rows[i].line,
                  t.told);
        drop(&t);
    }
}

/* Every command of the program: documented, exampled, without two options of one name. */
Test(commands, tables)
{
    const struct command *c;
    size_t commands = 0;
    for (; (c = command_at(commands)); commands++) {
        struct option o;
        const struct option_group *group;
        cr_expect_eq(command_find(c->name), c, "%s", c->name);
        cr_expect(c->summary && c->text && c->run && c->options_size > 0, "%s", c->name);
        cr_expect(c->example_count > 0, "%s has an example", c->name);
        for (size_t i = 0; command_option(c, i, &o, &group); i++) {
            struct option other;
            cr_expect(o.doc && (o.type == OPTION_FLAG) == (o.value == NULL), "%s --%s", c->name,
                      o.name);
            cr_expect(o.offset < c->options_size, "%s --%s", c->name, o.name);
            cr_expect_eq(o.type == OPTION_WORD, o.words != NULL, "%s --%s", c->name, o.name);
            for (size_t j = 0; j < i && command_option(c, j, &other, &group); j++)
                cr_expect(!str_equal(o.name, other.name) && o.offset != other.offset &&
                              (!o.letter || o.letter != other.letter),
                          "%s --%s", c->name, o.name);
        }
    }
    cr_expect(commands >= 8);
}
