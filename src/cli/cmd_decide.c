/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide decide: what a controller would have done with what it saw. The work is in
 * manifest/observation.h; answers go to standard output as they come, a bad line ends the
 * log with its number and place.
 */
#include "base/str.h"
#include "commands.h"
#include "control/hpa/spec.h"
#include "manifest/decide.h"
#include "manifest/decide_vpa.h"

#include <string.h>

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

/* Kinds of log beside hpa's, which alone has options. */
struct case_kind {
    const char *name;
    decide_line_fn *decide;
};

static const struct case_kind case_kinds[] = {
    {"cluster", decide_cluster},
    {"keda", decide_keda},
    {"vpa", decide_vpa},
};

/*
 * A gate that none of the emulated controllers reads changes nothing and is let through, as there
 * are many; one that is nearly a gate they read is a slip of the pen.
 */
static bool gates_known(const struct invocation *in, const char *gates)
{
    const char *names[16];
    size_t count = 0;
    while (count < sizeof names / sizeof names[0] && hpa_gate_name(count)) {
        names[count] = hpa_gate_name(count);
        count++;
    }
    while (gates && *gates) {
        const char *gate = arena_strndup(in->arena, gates, strcspn(gates, "="));
        const char *near = str_nearest(gate, names, count);
        if (near && !str_equal(near, gate)) {
            fprintf(in->err,
                    "podtide decide: --feature-gates: unknown gate \"%s\"; did you mean %s?\n",
                    gate, near);
            return false;
        }
        gates += strcspn(gates, ",");
        gates += *gates == ',';
    }
    return true;
}

static int run_decide(const struct invocation *in)
{
    const struct decide_options *options = in->options;
    struct observation_options observation;
    const char *path = in->argument_count > 1 ? in->arguments[1] : "-";
    int64_t threads = options->threads.value < 64 ? options->threads.value : 64;
    for (size_t i = 0; i < sizeof case_kinds / sizeof case_kinds[0]; i++)
        if (str_equal(in->arguments[0], case_kinds[i].name))
            return decide_file(path, case_kinds[i].decide, NULL, (unsigned)threads, in->out,
                               in->err);
    if (!controller_observation(in, &options->controllers, &observation) ||
        !gates_known(in, observation.feature_gates))
        return EXIT_MISUSE;
    return observation_decide_file(path, &observation, (unsigned)threads, in->out, in->err);
}

static const char *const controllers[] = {"hpa", "cluster", "keda", "vpa", NULL};

static const struct example examples[] = {
    {"podtide run scenarios/quickstart.yaml --no-db --observations seen.jsonl && podtide decide hpa "
     "seen.jsonl",
     "What every HPA of a run saw, decided once more."},
    {"podtide decide hpa --kubernetes 1.29 seen.jsonl", "What Kubernetes 1.29 would have done."},
    {"podtide decide cluster rollouts.jsonl", "How rollouts, budgets and evictions go."},
};

const struct command command_decide = {
    .name = "decide",
    .summary = "decide logs of cases as the controllers do",
    .arguments = "KIND [FILE|-]",
    .text =
        "Reads logs of cases, one a line of JSON, and writes a line for each: what the "
        "controllers decide, in their own words. Gzip is read as it is.\n\n"
        "hpa: what an HPA's controller saw at each sync; its conditions and events. "
        "cluster: by each case's field kind, rollouts of a Deployment (deploy) or StatefulSet "
        "(sts) second by second, disruption budgets and evictions (pdb), the order in which "
        "a ReplicaSet deletes pods (rank). "
        "keda: by field kind, a ScaledObject over time (loop), its HPA (hpa), a ScaledJob (job), "
        "formula, cron, fallback, kafka. "
        "vpa: by field kind, a Vertical Pod Autoscaler's recommender, updater or admission."
        "\n\n"
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
