/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide validate: everything that can be known to be wrong without running. Each
 * scenario is read with its manifests and its files; files without a scenario are checked
 * as manifests. All of them are gone through, whatever is found.
 */
#include "base/str.h"
#include "commands.h"
#include "manifest/scenario.h"

struct validate_options {
    bool quiet;
    bool strict;
    struct option_list sets;
    struct controller_options controllers;
};

static const struct option table[] = {
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = offsetof(struct validate_options, quiet),
     .doc = "Says nothing about what is right."},
    {.name = "strict",
     .type = OPTION_FLAG,
     .offset = offsetof(struct validate_options, strict),
     .doc = "Takes warnings for errors."},
    {.name = "set",
     .type = OPTION_LIST,
     .value = "PATH=VALUE",
     .offset = offsetof(struct validate_options, sets),
     .doc = "Changes a value of the scenario, as --set spec.duration=2h; may be given again."},
};

static void say(const struct invocation *in, const char *path, const struct scenario *s)
{
    if (s->name)
        fprintf(in->out, "%s: scenario \"%s\" is valid", path, s->name);
    else
        fprintf(in->out, "%s: valid", path);
    fprintf(in->out, " (%zu workload%s, %zu HPA%s", s->workload_count,
            s->workload_count == 1 ? "" : "s", s->hpa_count, s->hpa_count == 1 ? "" : "s");
    if (s->name)
        fprintf(in->out, ", %zu service%s, %zu queue%s, %zu event%s", s->service_count,
                s->service_count == 1 ? "" : "s", s->queue_count, s->queue_count == 1 ? "" : "s",
                s->event_count, s->event_count == 1 ? "" : "s");
    fprintf(in->out, ")\n");
}

static bool validate(const struct invocation *in, const char *path,
                     const struct scenario_options *how)
{
    const struct validate_options *options = in->options;
    struct scenario s;
    size_t warnings = in->diag->warnings;
    bool ok = scenario_read(&path, 1, how, in->arena, in->diag, &s);
    if (ok && s.name)
        ok = scenario_check_files(&s, in->arena, in->diag);
    if (options->strict && in->diag->warnings > warnings)
        ok = false;
    if (ok && !options->quiet)
        say(in, path, &s);
    return ok;
}

static int run_validate(const struct invocation *in)
{
    const struct validate_options *options = in->options;
    struct option_list sets = options->sets;
    if (!controller_sets(in, &options->controllers, &sets))
        return EXIT_MISUSE;
    const struct scenario_options how = {
        .sets = sets.items, .set_count = sets.count, .manifests_only = sets.count == 0};
    bool ok = true;
    for (size_t i = 0; i < in->argument_count; i++)
        ok &= validate(in, in->arguments[i], &how);
    return ok ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct example examples[] = {
    {"podtide validate scenario.yaml", "Checks a scenario, its manifests, traces and events."},
    {"kustomize build overlays/prod | podtide validate -", "Checks rendered manifests."},
};

const struct command command_validate = {
    .name = "validate",
    .summary = "check scenarios and manifests",
    .arguments = "FILE|FOLDER|-...",
    .text = "Checks scenarios with everything they name, or plain Kubernetes manifests: unknown "
            "fields, types, the API server's own rules, names that lead nowhere, traces that "
            "cannot be read. All errors are shown at once, each with its line.\n\n"
            "What a cluster would accept and yet surprises is a warning: a missing target, two "
            "HPAs over the same pods, metrics that nothing feeds, missing requests.",
    .groups = {{NULL, table, sizeof table / sizeof table[0], 0},
               {"Controllers", controller_options, CONTROLLER_OPTION_COUNT,
                offsetof(struct validate_options, controllers)}},
    .options_size = sizeof(struct validate_options),
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_validate,
};
