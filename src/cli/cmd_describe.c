/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide describe: what kubectl would have shown. Only passes on what was asked; the work
 * is in report/describe.h.
 */
#include "commands.h"
#include "report/describe.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct describe_options {
    const char *at;
    struct option_integer run;
};

static const struct option describe_table[] = {
    {.name = "at",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = offsetof(struct describe_options, at),
     .doc = "When: 12:30:15, 2h15m or 2024-03-01T12:30:15Z; the run's end by default."},
    {.name = "run",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = offsetof(struct describe_options, run),
     .doc = "Which run of the file; the newest by default."},
};

static int run_describe(const struct invocation *in)
{
    const struct describe_options *o = in->options;
    const struct describe_request request = {
        .path = in->arguments[0], .run = o->run.value, .object = in->arguments[1], .at = o->at};
    return describe(&request, in->arena, in->out, in->diag) ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct example describe_examples[] = {
    {"podtide describe quickstart.db hpa/web --at 09:45",
     "The HPA as kubectl describe would have shown it then."},
};

const struct command command_describe = {
    .name = "describe",
    .summary = "show an HPA as kubectl describe would have",
    .arguments = "RUN.db hpa/NAME",
    .text = "Prints what `kubectl describe hpa` would have shown at a time of the run, conditions "
            "and events included.",
    .groups = {{NULL, describe_table, COUNT(describe_table), 0}},
    .options_size = sizeof(struct describe_options),
    .min_arguments = 2,
    .max_arguments = 2,
    .examples = describe_examples,
    .example_count = COUNT(describe_examples),
    .run = run_describe,
};
