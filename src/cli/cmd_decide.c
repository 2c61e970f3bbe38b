/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide decide: what a controller would have done with what it saw. The work is in
 * manifest/observation.h; answers go to standard output as they come, a bad line ends the
 * log with its number and place.
 */
#include "base/str.h"
#include "commands.h"

struct decide_options {
    struct controller_options controllers;
    struct option_integer threads;
};

static const struct option decide_table[] = {
    {.name = "threads",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = offsetof(struct decide_options, threads),
     .doc = "Threads to use; as many as help by default. The output is the same."},
};

static int run_decide(const struct invocation *in)
{
    const struct decide_options *options = in->options;
    struct observation_options observation;
    if (!controller_observation(in, &options->controllers, &observation))
        return EXIT_MISUSE;
    const char *path = in->argument_count > 1 ? in->arguments[1] : "-";
    int64_t threads = options->threads.value < 64 ? options->threads.value : 64;
    return observation_decide_file(path, &observation, (unsigned)threads, in->out, in->err);
}

static const char *const controllers[] = {"hpa", NULL};

static const struct example examples[] = {
    {"podtide run scenarios/quickstart.yaml --no-db --observations seen.jsonl && podtide decide hpa "
     "seen.jsonl",
     "What every HPA of a run saw, decided once more."},
    {"podtide decide hpa --kubernetes 1.29 seen.jsonl", "What Kubernetes 1.29 would have done."},
};

const struct command command_decide = {
    .name = "decide",
    .summary = "decide an observation log as the HPA controller does",
    .arguments = "hpa [FILE|-]",
    .text = "Reads observation logs, one case a line of JSON: what an HPA's controller saw at "
            "each sync. Writes a line for each case: what it decides, its conditions and events, "
            "in the controller's own words. Gzip is read as it is.\n\n"
            "A case that cannot be read ends the log with status 3; the cases before it are "
            "answered.",
    .groups = {{NULL, decide_table, sizeof decide_table / sizeof decide_table[0], 0},
               {"Controllers", controller_options, CONTROLLER_OPTION_COUNT,
                offsetof(struct decide_options, controllers)}},
    .options_size = sizeof(struct decide_options),
    .min_arguments = 1,
    .max_arguments = 2,
    .words = controllers,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_decide,
};
