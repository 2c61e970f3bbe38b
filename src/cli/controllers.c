/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kube-controller-manager's flags on our command line, by their own names: they win over
 * what a scenario or a log says. To a scenario they are `--set`s, so that they are checked
 * in one place.
 */
#include "base/str.h"
#include "base/vec.h"
#include "commands.h"

#include <string.h>

#define PREFIX         "horizontal-pod-autoscaler-"
#define OPTION(member) offsetof(struct controller_options, member)

const struct option controller_options[CONTROLLER_OPTION_COUNT] = {
    {.name = "kubernetes",
     .type = OPTION_TEXT,
     .value = "VERSION",
     .offset = OPTION(kubernetes),
     .doc = "Release whose controllers are emulated, 1.24 to 1.36; 1.36 by default."},
    {.name = "feature-gates",
     .type = OPTION_LIST,
     .value = "GATES",
     .offset = OPTION(feature_gates),
     .doc = "Feature gates, as HPAScaleToZero=true,PodLevelResources=false."},
    {.name = PREFIX "sync-period",
     .type = OPTION_DURATION,
     .value = "DURATION",
     .offset = OPTION(sync_period),
     .doc = "Pause between two syncs of an HPA; 15s by default."},
    {.name = PREFIX "downscale-stabilization",
     .type = OPTION_DURATION,
     .value = "DURATION",
     .offset = OPTION(downscale_stabilization),
     .doc = "Window of scale-down recommendations where behavior names none; 5m by default."},
    {.name = PREFIX "cpu-initialization-period",
     .type = OPTION_DURATION,
     .value = "DURATION",
     .offset = OPTION(cpu_initialization_period),
     .doc = "Time after a pod's start in which its CPU samples count only while it is ready; 5m "
            "by default."},
    {.name = PREFIX "initial-readiness-delay",
     .type = OPTION_DURATION,
     .value = "DURATION",
     .offset = OPTION(initial_readiness_delay),
     .doc = "Time after a pod's start in which readiness changes count as the first one; 30s by "
            "default."},
    {.name = PREFIX "tolerance",
     .type = OPTION_NUMBER,
     .value = "RATIO",
     .offset = OPTION(tolerance),
     .doc = "Usage ratios this near to 1 change nothing; 0.1 by default."},
};

static void add_set(const struct invocation *in, struct option_list *sets, const char *path,
                    const char *value)
{
    vec_reserve_one(in->arena, (void **)&sets->items, sets->count, &sets->cap, sizeof *sets->items);
    sets->items[sets->count++] = arena_printf(in->arena, "%s=%s", path, value);
}

static bool gates_misuse(const struct invocation *in, const char *text)
{
    fprintf(in->err, "podtide %s: --feature-gates: \"%s\" is not of the form Gate=true\n",
            in->command->name, text);
    return false;
}

/* "A=true,B=false" one by one. */
static bool add_gates(const struct invocation *in, const char *text, struct option_list *sets)
{
    while (*text) {
        size_t len = strcspn(text, ",");
        const char *one = arena_strndup(in->arena, text, len);
        const char *equals = strchr(one, '=');
        bool boolean = equals && (str_equal(equals, "=true") || str_equal(equals, "=false"));
        if (!boolean || equals == one)
            return gates_misuse(in, one);
        const char *path =
            arena_printf(in->arena, "spec.featureGates.%.*s", (int)(equals - one), one);
        add_set(in, sets, path, equals + 1);
        text += len + (text[len] == ',');
    }
    return true;
}

/* What can be seen to be wrong of the command line alone is misuse. */
static bool good_flags(const struct invocation *in, const struct controller_options *flags)
{
    int32_t minor = 0;
    struct hpa_profile profile;
    if (flags->kubernetes &&
        (!hpa_profile_parse(flags->kubernetes, &minor) || !hpa_profile_for(minor, &profile))) {
        fprintf(in->err, "podtide %s: --kubernetes: \"%s\" is not modelled; 1.%d to 1.%d are\n",
                in->command->name, flags->kubernetes, HPA_OLDEST_MINOR, HPA_NEWEST_MINOR);
        return false;
    }
    if (flags->sync_period.given && flags->sync_period.value == 0) {
        fprintf(in->err, "podtide %s: --" PREFIX "sync-period must be more than 0\n",
                in->command->name);
        return false;
    }
    return true;
}

bool controller_sets(const struct invocation *in, const struct controller_options *flags,
                     struct option_list *sets)
{
    if (!good_flags(in, flags))
        return false;
    const struct option_integer *const times[] = {
        &flags->sync_period, &flags->downscale_stabilization, &flags->cpu_initialization_period,
        &flags->initial_readiness_delay};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        const char *path =
            arena_printf(in->arena, "spec.controllers.%s", controller_options[2 + i].name);
        if (times[i]->given)
            add_set(in, sets, path, times[i]->text);
    }
    if (flags->tolerance.given)
        add_set(in, sets, "spec.controllers." PREFIX "tolerance", flags->tolerance.text);
    if (flags->kubernetes)
        add_set(in, sets, "spec.controllers.kubernetes",
                arena_printf(in->arena, "\"%s\"", flags->kubernetes));
    for (size_t i = 0; i < flags->feature_gates.count; i++)
        if (!add_gates(in, flags->feature_gates.items[i], sets))
            return false;
    return true;
}

bool controller_observation(const struct invocation *in, const struct controller_options *flags,
                            struct observation_options *out)
{
    struct strbuf gates = {.arena = in->arena};
    struct option_list ignored = {0};
    if (!good_flags(in, flags))
        return false;
    *out = (struct observation_options){
        .has_tolerance = flags->tolerance.given,
        .tolerance = flags->tolerance.value,
        .sync_period = flags->sync_period.value,
        .downscale_stabilization = flags->downscale_stabilization.value,
        .cpu_initialization_period = flags->cpu_initialization_period.value,
        .initial_readiness_delay = flags->initial_readiness_delay.value,
    };
    if (flags->kubernetes)
        hpa_profile_parse(flags->kubernetes, &out->minor);
    for (size_t i = 0; i < flags->feature_gates.count; i++) {
        if (!add_gates(in, flags->feature_gates.items[i], &ignored))
            return false;
        strbuf_printf(&gates, "%s%s", gates.len ? "," : "", flags->feature_gates.items[i]);
    }
    out->feature_gates = gates.len ? strbuf_text(&gates) : NULL;
    return true;
}
