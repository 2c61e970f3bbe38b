/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line by table: GNU's habits (--name value, --name=value, -o value, -ovalue,
 * options and arguments in any order, -- ends the options, - is an argument).
 *
 * Misuse is told in one line with the nearest thing that exists, and nothing is done.
 * Trap: an option with an implied value takes another only behind "=", so that
 * `--plot scenario.yaml` does not swallow the scenario.
 */
#include "base/require.h"
#include "base/str.h"
#include "base/vec.h"
#include "cli/command.h"
#include "kube/duration.h"

#include <string.h>

struct parse {
    struct invocation *in;
    char *options;
    int argc;
    char **argv;
    int next;
    VEC(const char *) arguments;
};

bool command_option(const struct command *command, size_t i, struct option *out,
                    const struct option_group **group)
{
    for (size_t g = 0; g < COMMAND_GROUPS; g++) {
        const struct option_group *candidate = &command->groups[g];
        if (i < candidate->count) {
            *out = candidate->options[i];
            out->offset += candidate->offset;
            *group = candidate;
            return true;
        }
        i -= candidate->count;
    }
    return false;
}

__attribute__((format(printf, 2, 3))) static bool misuse(const struct parse *p, const char *format,
                                                         ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(p->in->arena, format, args);
    va_end(args);
    fprintf(p->in->err, "podtide %s: %s\n", p->in->command->name, text);
    fprintf(p->in->err, "Try 'podtide %s --help'.\n", p->in->command->name);
    return false;
}

static bool find_option(const struct parse *p, const char *name, char letter, struct option *out)
{
    const struct option_group *group;
    for (size_t i = 0; command_option(p->in->command, i, out, &group); i++)
        if (name ? str_equal(out->name, name) : out->letter == letter)
            return true;
    return false;
}

static bool unknown_option(const struct parse *p, const char *name)
{
    const char *names[96] = {"help"};
    size_t count = 1;
    struct option o;
    const struct option_group *group;
    for (size_t i = 0; count < 96 && command_option(p->in->command, i, &o, &group); i++)
        names[count++] = o.name;
    const char *near = str_nearest(name, names, count);
    if (near)
        return misuse(p, "unknown option --%s; did you mean --%s?", name, near);
    return misuse(p, "unknown option --%s", name);
}

static bool set_word(const struct parse *p, const struct option *o, const char *value, int *out)
{
    struct strbuf all = {.arena = p->in->arena};
    for (size_t i = 0; o->words[i]; i++) {
        if (str_equal(o->words[i], value)) {
            *out = (int)i;
            return true;
        }
        strbuf_printf(&all, "%s%s", i ? ", " : "", o->words[i]);
    }
    return misuse(p, "--%s: \"%s\" is none of %s", o->name, value, strbuf_text(&all));
}

static bool set_number(const struct parse *p, const struct option *o, const char *value,
                       struct option_number *out)
{
    *out = (struct option_number){true, 0, value};
    if (str_to_double(value, &out->value) && out->value >= 0)
        return true;
    return misuse(p, "--%s: \"%s\" is not a number of at least 0", o->name, value);
}

static bool set_integer(const struct parse *p, const struct option *o, const char *value,
                        struct option_integer *out)
{
    *out = (struct option_integer){true, 0, value};
    if (str_to_int64(value, &out->value) && out->value >= 0)
        return true;
    return misuse(p, "--%s: \"%s\" is not a whole number of at least 0", o->name, value);
}

static bool set_duration(const struct parse *p, const struct option *o, const char *value,
                         struct option_integer *out)
{
    *out = (struct option_integer){true, 0, value};
    if (duration_parse_friendly(value, &out->value) && out->value >= 0)
        return true;
    return misuse(p, "--%s: \"%s\" is not a duration; write it as 30s, 2h or 7d", o->name, value);
}

static bool set_option(struct parse *p, const struct option *o, const char *value)
{
    void *place = p->options + o->offset;
    struct option_list *list = place;
    switch (o->type) {
    case OPTION_FLAG:
        *(bool *)place = true;
        return true;
    case OPTION_TEXT:
    case OPTION_FILE:
        if (*value == '\0')
            return misuse(p, "--%s: the value is empty", o->name);
        *(const char **)place = value;
        return true;
    case OPTION_NUMBER:
        return set_number(p, o, value, place);
    case OPTION_INTEGER:
        return set_integer(p, o, value, place);
    case OPTION_DURATION:
        return set_duration(p, o, value, place);
    case OPTION_WORD:
        return set_word(p, o, value, place);
    case OPTION_LIST:
        vec_reserve_one(p->in->arena, (void **)&list->items, list->count, &list->cap,
                        sizeof *list->items);
        list->items[list->count++] = value;
        return true;
    }
    return false;
}

/* value: what stands behind "=" or the letter, NULL when nothing does. */
static bool take_option(struct parse *p, const struct option *o, const char *value)
{
    if (o->type == OPTION_FLAG)
        return value ? misuse(p, "--%s takes no value", o->name) : set_option(p, o, NULL);
    if (!value && o->implied)
        return set_option(p, o, o->implied);
    if (!value && p->next >= p->argc)
        return misuse(p, "--%s needs a value: %s", o->name, o->value);
    return set_option(p, o, value ? value : p->argv[p->next++]);
}

static bool take_long(struct parse *p, const char *text, bool *help)
{
    size_t len = strcspn(text, "=");
    const char *name = arena_strndup(p->in->arena, text, len);
    const char *value = text[len] == '=' ? text + len + 1 : NULL;
    struct option o;
    if (str_equal(name, "help")) {
        *help = true;
        return true;
    }
    if (!find_option(p, name, 0, &o))
        return unknown_option(p, name);
    return take_option(p, &o, value);
}

static bool take_letters(struct parse *p, const char *text, bool *help)
{
    for (; *text; text++) {
        struct option o;
        if (*text == 'h') {
            *help = true;
            continue;
        }
        if (!find_option(p, NULL, *text, &o))
            return misuse(p, "unknown option -%c", *text);
        if (o.type != OPTION_FLAG)
            return take_option(p, &o, text[1] ? text + 1 : NULL);
        if (!set_option(p, &o, NULL))
            return false;
    }
    return true;
}

static bool check_arguments(const struct parse *p)
{
    const struct command *c = p->in->command;
    if (p->arguments.len < c->min_arguments)
        return misuse(p, "an argument is missing: %s", c->arguments);
    if (p->arguments.len > c->max_arguments)
        return misuse(p, "unexpected argument \"%s\"", p->arguments.items[c->max_arguments]);
    if (!c->words || p->arguments.len == 0)
        return true;
    size_t count = 0;
    for (; c->words[count]; count++)
        if (str_equal(c->words[count], p->arguments.items[0]))
            return true;
    const char *near = str_nearest(p->arguments.items[0], c->words, count);
    if (near)
        return misuse(p, "there is no \"%s\"; did you mean \"%s\"?", p->arguments.items[0], near);
    return misuse(p, "there is no \"%s\": %s", p->arguments.items[0], c->arguments);
}

bool command_parse(struct invocation *in, int argc, char **argv, bool *help)
{
    struct parse p = {.in = in, .argc = argc, .argv = argv};
    p.options = arena_alloc(in->arena, in->command->options_size, _Alignof(max_align_t));
    *help = false;
    bool options = true;
    while (p.next < argc && !*help) {
        const char *text = argv[p.next++];
        bool ok = true;
        if (options && str_equal(text, "--"))
            options = false;
        else if (options && str_starts(text, "--"))
            ok = take_long(&p, text + 2, help);
        else if (options && text[0] == '-' && text[1])
            ok = take_letters(&p, text + 1, help);
        else
            *vec_push(in->arena, &p.arguments) = text;
        if (!ok)
            return false;
    }
    in->options = p.options;
    in->arguments = p.arguments.items;
    in->argument_count = p.arguments.len;
    return *help || check_arguments(&p);
}
