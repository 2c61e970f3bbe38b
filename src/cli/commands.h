/* SPDX-License-Identifier: Apache-2.0 */
/* The commands' tables, and what several of them share. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"
#include "manifest/observation.h"

#include <signal.h>

extern const struct command command_run;
extern const struct command command_validate;
extern const struct command command_plot;
extern const struct command command_schema;
extern const struct command command_decide;
extern const struct command command_explain;
extern const struct command command_describe;
extern const struct command command_versions;
extern const struct command command_help;
extern const struct command command_completion;

/* Words of text from column `at` on, further lines indented to `indent`; ends the line. */
void help_wrap(FILE *out, const char *text, int at, int indent);
/* The reference of all fields of scenarios. */
void help_scenario(struct arena *a, FILE *out);
/* The picture beside a run file: day.db -> day.png. */
const char *picture_name(struct arena *a, const char *database);
/* May colours be used there? A terminal, and NO_COLOR is not set. */
bool wants_color(FILE *out);

/* Signals that end a run: blocked while it goes, asked for at every tick. */
struct signals {
    sigset_t stop;
    sigset_t before; /* the mask to go back to */
};

void signals_hold(struct signals *s);
bool signals_came(void);
/* Takes those that came, so that they do not end the program now. */
void signals_release(struct signals *s);

/* kube-controller-manager's flags, for commands that run or ask its controllers. */
struct controller_options {
    const char *kubernetes;
    struct option_list feature_gates; /* each "A=true,B=false" */
    struct option_integer sync_period;
    struct option_integer downscale_stabilization;
    struct option_integer cpu_initialization_period;
    struct option_integer initial_readiness_delay;
    struct option_number tolerance;
};

#define CONTROLLER_OPTION_COUNT 7
extern const struct option controller_options[CONTROLLER_OPTION_COUNT];

/* The flags as scenario_options.sets; the list grows. False after misuse, told on in->err. */
bool controller_sets(const struct invocation *in, const struct controller_options *flags,
                     struct option_list *sets);
/* The same for observation logs. */
bool controller_observation(const struct invocation *in, const struct controller_options *flags,
                            struct observation_options *out);

#endif
