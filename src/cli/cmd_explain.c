/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide explain: what was in the controller's mind. Only passes on what was asked; the
 * work is in report/explain.h.
 */
#include "commands.h"
#include "report/explain.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

enum { FORMAT_TEXT, FORMAT_JSON };

static const char *const formats[] = {"text", "json", NULL};

struct explain_options {
    const char *hpa;
    const char *at;
    const char *from;
    const char *to;
    struct option_integer run;
    int format;
};

#define OPTION(member) offsetof(struct explain_options, member)

static const struct option explain_table[] = {
    {.name = "hpa",
     .type = OPTION_TEXT,
     .value = "NAME",
     .offset = OPTION(hpa),
     .doc = "Which HPA, NAME or NAMESPACE/NAME; may be left out where there is one."},
    {.name = "at",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = OPTION(at),
     .doc = "The last sync at or before: 12:30:15, 2h15m or 2024-03-01T12:30:15Z; by default the "
            "run's last."},
    {.name = "from",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = OPTION(from),
     .doc = "A line for each sync from then on."},
    {.name = "to",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = OPTION(to),
     .doc = "A line for each sync up to then."},
    {.name = "run",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = OPTION(run),
     .doc = "Which run of the file; the newest by default."},
    {.name = "format",
     .type = OPTION_WORD,
     .value = "text|json",
     .offset = OPTION(format),
     .words = formats,
     .doc = "Of the answer."},
};

static int run_explain(const struct invocation *in)
{
    const struct explain_options *o = in->options;
    if (o->at && (o->from || o->to)) {
        fprintf(in->err, "podtide explain: --at excludes --from and --to\n");
        return EXIT_MISUSE;
    }
    const struct explain_request request = {
        .path = in->arguments[0],
        .run = o->run.value,
        .hpa = o->hpa,
        .at = o->at,
        .from = o->from,
        .to = o->to,
        .json = o->format == FORMAT_JSON,
    };
    return explain(&request, in->arena, in->out, in->diag) ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct example explain_examples[] = {
    {"podtide explain quickstart.db --at 09:45", "Why the HPA decided what it did at 09:45."},
    {"podtide explain quickstart.db --from 09:30 --to 10:00", "A line for each sync."},
};

const struct command command_explain = {
    .name = "explain",
    .summary = "tell why an HPA did, or did not, scale",
    .arguments = "RUN.db",
    .text = "Shows one sync of an HPA with its whole working: the metrics, which pods counted, "
            "the ratio, tolerance, stabilization, policies and bounds, which of them was binding, "
            "what happened next, and how far the next change is. For a range of time, a line for "
            "each sync.",
    .groups = {{NULL, explain_table, COUNT(explain_table), 0}},
    .options_size = sizeof(struct explain_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .examples = explain_examples,
    .example_count = COUNT(explain_examples),
    .run = run_explain,
};
