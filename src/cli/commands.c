/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of commands, and the small ones that only print what tables hold: help,
 * completion, schema, versions. A new command is a table in a file of its own and a line
 * here; help, manual and completions follow.
 */
#include "commands.h"

#include "base/str.h"
#include "control/hpa/profile.h"
#include "manifest/jsonschema.h"
#include "manifest/scenario.h"
#include "record/schema.h"

static const struct command *const commands[] = {
    &command_run,    &command_validate, &command_plot,   &command_explain, &command_describe,
    &command_decide, &command_versions, &command_schema, &command_help,    &command_completion,
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

const struct command *command_at(size_t i)
{
    return i < COUNT(commands) ? commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (str_equal(commands[i]->name, name))
            return commands[i];
    return NULL;
}

/* help */

struct help_options {
    bool man;
};

static const struct option help_table[] = {
    {.name = "man",
     .type = OPTION_FLAG,
     .offset = offsetof(struct help_options, man),
     .doc = "Prints the manual page, for man."},
};

static int run_help(const struct invocation *in)
{
    const struct help_options *options = in->options;
    if (options->man) {
        man_page(in->out);
        return EXIT_DONE;
    }
    if (in->argument_count == 0) {
        help_program(in->out);
        return EXIT_DONE;
    }
    if (str_equal(in->arguments[0], "scenario")) {
        help_scenario(in->arena, in->out);
        return EXIT_DONE;
    }
    const struct command *command = command_find(in->arguments[0]);
    if (!command) {
        fprintf(in->err, "podtide help: there is no command \"%s\"\n", in->arguments[0]);
        return EXIT_MISUSE;
    }
    help_command(in->out, command);
    return EXIT_DONE;
}

static const struct example help_examples[] = {
    {"podtide help run", "What `podtide run` does, with all its options."},
    {"podtide help scenario", "Every field of a scenario, with its default and an example."},
    {"podtide help --man | man -l -", "The manual page."},
};

const struct command command_help = {
    .name = "help",
    .summary = "explain a command",
    .arguments = "[COMMAND|scenario]",
    .text = "Explains the program, one of its commands, or what a scenario may say.",
    .groups = {{NULL, help_table, COUNT(help_table), 0}},
    .options_size = sizeof(struct help_options),
    .max_arguments = 1,
    .examples = help_examples,
    .example_count = COUNT(help_examples),
    .run = run_help,
};

/* completion */

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static int run_completion(const struct invocation *in)
{
    if (str_equal(in->arguments[0], "bash"))
        completion_bash(in->out);
    else if (str_equal(in->arguments[0], "zsh"))
        completion_zsh(in->out);
    else
        completion_fish(in->out);
    return EXIT_DONE;
}

static const struct example completion_examples[] = {
    {"source <(podtide completion bash)", "Completion in this bash."},
    {"podtide completion fish > ~/.config/fish/completions/podtide.fish",
     "Completion in every fish from now on."},
};

const struct command command_completion = {
    .name = "completion",
    .summary = "print a completion script for a shell",
    .arguments = "bash|zsh|fish",
    .text = "Prints a script that lets a shell complete commands, options and files.",
    .options_size = 1,
    .min_arguments = 1,
    .max_arguments = 1,
    .words = shells,
    .examples = completion_examples,
    .example_count = COUNT(completion_examples),
    .run = run_completion,
};

/* schema */

static const char *const schemas[] = {"scenario", "database", NULL};

static int run_schema(const struct invocation *in)
{
    if (str_equal(in->arguments[0], "scenario"))
        fputs(jsonschema_text(in->arena, &scenario_type, "urn:podtide:v1:scenario"), in->out);
    else
        fputs(schema_sql(in->arena), in->out);
    return EXIT_DONE;
}

static const struct example schema_examples[] = {
    {"podtide schema scenario > scenario.schema.json",
     "For editors: put '# yaml-language-server: $schema=scenario.schema.json' into a scenario."},
    {"podtide schema database", "The tables and views of run files, with comments."},
};

const struct command command_schema = {
    .name = "schema",
    .summary = "print the form of scenarios or run files",
    .arguments = "scenario|database",
    .text = "Prints the JSON Schema (draft 2020-12) of scenarios, generated from the tables that "
            "read them, or the SQL of run files.",
    .options_size = 1,
    .min_arguments = 1,
    .max_arguments = 1,
    .words = schemas,
    .examples = schema_examples,
    .example_count = COUNT(schema_examples),
    .run = run_schema,
};

/* versions */

struct versions_options {
    bool decisions;
};

static const struct option versions_table[] = {
    {.name = "decisions",
     .type = OPTION_FLAG,
     .offset = offsetof(struct versions_options, decisions),
     .doc = "Only what can change replica counts, not validation, status and texts."},
};

static int run_versions(const struct invocation *in)
{
    const struct versions_options *options = in->options;
    size_t count = 0;
    const struct hpa_change *changes = hpa_changes(&count);
    fprintf(in->out,
            "HorizontalPodAutoscaler, Kubernetes 1.%d to 1.%d: what changed, newest first.\n",
            HPA_OLDEST_MINOR, HPA_NEWEST_MINOR);
    for (size_t i = 0; i < count; i++) {
        const struct hpa_change *c = &changes[i];
        if (options->decisions && !c->decides)
            continue;
        fprintf(in->out, "\n1.%d  %s%s%s%s\n", (int)c->since, c->word, c->gate ? " (gate " : "",
                c->gate ? c->gate : "", c->gate ? ")" : "");
        fprintf(in->out, "      before: %s\n", c->before);
        fprintf(in->out, "      since:  %s\n", c->since_then);
    }
    return EXIT_DONE;
}

static const struct example versions_examples[] = {
    {"podtide versions --decisions", "What an upgrade can change about replica counts."},
};

const struct command command_versions = {
    .name = "versions",
    .summary = "list what Kubernetes releases changed about the HPA",
    .arguments = "",
    .text = "Lists the changes of behavior between releases that are emulated; --kubernetes of "
            "run and decide chooses a release.",
    .groups = {{NULL, versions_table, COUNT(versions_table), 0}},
    .options_size = sizeof(struct versions_options),
    .max_arguments = 0,
    .examples = versions_examples,
    .example_count = COUNT(versions_examples),
    .run = run_versions,
};
