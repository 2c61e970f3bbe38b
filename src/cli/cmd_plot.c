/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide plot: pictures of a run file, drawn again, cut, or in another form. The work is
 * in report/plot.h; times on the command line are read by report/moment.h.
 */
#include "base/str.h"
#include "commands.h"
#include "record/query.h"
#include "report/moment.h"
#include "report/plot.h"

struct plot_command {
    const char *output;
    const char *workload;
    const char *from;
    const char *to;
    const char *templates;
    struct option_integer run;
    struct option_integer width;
};

static const struct option table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OPTION_FILE,
     .value = "FILE",
     .offset = offsetof(struct plot_command, output),
     .doc = "Where to, .png or .svg; by default the run file's name with .png."},
    {.name = "workload",
     .type = OPTION_TEXT,
     .value = "NAME",
     .offset = offsetof(struct plot_command, workload),
     .doc = "Only this workload: web or namespace/web."},
    {.name = "from",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = offsetof(struct plot_command, from),
     .doc = "Beginning: since the start (6h), of the clock (12:30) or of the calendar."},
    {.name = "to",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = offsetof(struct plot_command, to),
     .doc = "End, likewise."},
    {.name = "run",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = offsetof(struct plot_command, run),
     .doc = "Which run of the file; the newest by default."},
    {.name = "width",
     .type = OPTION_INTEGER,
     .value = "PIXELS",
     .offset = offsetof(struct plot_command, width),
     .doc = "Width of the picture; 1200 by default."},
    {.name = "templates",
     .type = OPTION_FILE,
     .value = "FOLDER",
     .offset = offsetof(struct plot_command, templates),
     .doc = "gnuplot templates of your own."},
};

static int draw(const struct invocation *in, struct query *q)
{
    const struct plot_command *c = in->options;
    struct query_run run;
    struct plot_options how = {.templates = c->templates, .workload = c->workload};
    struct plot_result result = {0};
    if (!query_run(q, in->arena, c->run.value, &run, in->diag))
        return EXIT_BAD_INPUT;
    if ((c->from && !moment_parse(c->from, "--from", &run, &how.from, in->diag)) ||
        (c->to && !moment_parse(c->to, "--to", &run, &how.to, in->diag)))
        return EXIT_MISUSE;
    if (c->width.given && (c->width.value < 300 || c->width.value > 10000)) {
        fprintf(in->err, "podtide plot: --width: 300 to 10000 pixels\n");
        return EXIT_MISUSE;
    }
    how.width = (int32_t)c->width.value;
    const char *path = c->output ? c->output : picture_name(in->arena, in->arguments[0]);
    if (!plot_run(q, run.run, path, &how, in->arena, in->diag, &result))
        return EXIT_BAD_INPUT;
    for (size_t i = 0; i < result.count; i++)
        fprintf(in->out, "%s\n", result.files[i]);
    if (result.left_out)
        fprintf(in->err, "podtide plot: %zu more workloads; choose one with --workload\n",
                result.left_out);
    return EXIT_DONE;
}

static int run_plot(const struct invocation *in)
{
    struct query *q = query_open(in->arena, in->arguments[0], in->diag);
    if (!q)
        return EXIT_BAD_INPUT;
    int status = draw(in, q);
    query_close(q);
    return status;
}

static const struct example examples[] = {
    {"podtide plot quickstart.db -o day.svg", "The whole run as SVG."},
    {"podtide plot quickstart.db --from 9h --to 11h30m", "A part of it."},
};

const struct command command_plot = {
    .name = "plot",
    .summary = "draw pictures of a run file",
    .arguments = "RUN.db",
    .text = "Draws a page for each workload with gnuplot: load, replicas, metrics against their "
            "targets, latency, unmet demand, queues, with rescales and events marked. Prints the "
            "names of the files written.",
    .groups = {{NULL, table, sizeof table / sizeof table[0], 0}},
    .options_size = sizeof(struct plot_command),
    .min_arguments = 1,
    .max_arguments = 1,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_plot,
};
