/* SPDX-License-Identifier: Apache-2.0 */
/* The scale executor's branches, one by one, and the instants around a cooldown's end. */
#include "base/str.h"
#include "control/keda/executor.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND
#define SET(x)                                                                                     \
    {                                                                                              \
        true, (x)                                                                                  \
    }
#define NO_CHANGE (-1)

struct row {
    const char *name;
    struct optional_int32 min, idle, fallback;
    const char *annotation; /* with the value "true" */
    struct executor_view view;
    enum executor_action action;
    int32_t to; /* NO_CHANGE: the scale is not written */
    bool touched;
    const char *ready; /* status/reason */
    const char *active;
};

static const struct row rows[] = {
    {"active at 0 goes to 1",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true},
     EXECUTOR_ACTIVATE,
     1,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"active at 0 goes to min",
     SET(3),
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true},
     EXECUTOR_ACTIVATE,
     3,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"active between idle and min",
     SET(3),
     SET(1),
     {0},
     NULL,
     {.now = 9 * S, .active = true, .replicas = 2},
     EXECUTOR_ACTIVATE,
     3,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"active below min without idle is the HPA's",
     SET(3),
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true, .replicas = 2},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"active with an error does not touch",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true, .error = true, .replicas = 2},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "Unknown/PartialTriggerError",
     "True/ScalerActive"},
    {"active with an error at 0 stays Ready",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true, .error = true},
     EXECUTOR_ACTIVATE,
     1,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"paused-scale-out keeps 0",
     {0},
     {0},
     {0},
     KEDA_PAUSED_SCALE_OUT,
     {.now = 9 * S, .active = true},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"force-activation",
     {0},
     {0},
     {0},
     KEDA_FORCE_ACTIVATION,
     {.now = 9 * S},
     EXECUTOR_ACTIVATE,
     1,
     true,
     "True/ScaledObjectReady",
     "True/ScalerActive"},
    {"inactive at 0 stays",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"300 s after: not yet",
     {0},
     {0},
     {0},
     NULL,
     {.now = 300 * S, .was_active = true, .replicas = 4},
     EXECUTOR_COOLDOWN,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerCooldown"},
    {"a nanosecond later: zero",
     {0},
     {0},
     {0},
     NULL,
     {.now = 300 * S + 1, .was_active = true, .replicas = 4},
     EXECUTOR_DEACTIVATE,
     0,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"never active: at the instant of creation",
     {0},
     {0},
     {0},
     NULL,
     {.now = 7 * S, .created = 7 * S, .replicas = 4},
     EXECUTOR_COOLDOWN,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerCooldown"},
    {"never active: no cooldown",
     {0},
     {0},
     {0},
     NULL,
     {.now = 7 * S + 1, .created = 7 * S, .replicas = 4},
     EXECUTOR_DEACTIVATE,
     0,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"to idle, from above max, too",
     SET(2),
     SET(1),
     {0},
     NULL,
     {.now = 900 * S, .was_active = true, .replicas = 400},
     EXECUTOR_DEACTIVATE,
     1,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"paused-scale-in keeps all",
     {0},
     {0},
     {0},
     KEDA_PAUSED_SCALE_IN,
     {.now = 900 * S, .was_active = true, .replicas = 4},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"an error without fallback",
     {0},
     {0},
     {0},
     NULL,
     {.now = 900 * S, .was_active = true, .error = true, .replicas = 4},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "False/TriggerError",
     "False/ScalerNotActive"},
    {"an error with fallback waits for it",
     {0},
     {0},
     SET(6),
     NULL,
     {.now = 900 * S, .was_active = true, .error = true, .replicas = 4},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"an error with fallback 0 goes to zero",
     {0},
     {0},
     SET(0),
     NULL,
     {.now = 900 * S, .was_active = true, .error = true, .replicas = 4},
     EXECUTOR_DEACTIVATE,
     0,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"raised to min, paused-scale-out or not",
     SET(3),
     {0},
     {0},
     KEDA_PAUSED_SCALE_OUT,
     {.now = 9 * S, .replicas = 1},
     EXECUTOR_RAISE,
     3,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"at min nothing",
     SET(3),
     {0},
     {0},
     NULL,
     {.now = 9 * S, .replicas = 3},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "True/ScaledObjectReady",
     "False/ScalerNotActive"},
    {"the scale cannot be written",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true, .update_error = "no"},
     EXECUTOR_ACTIVATE,
     NO_CHANGE,
     false,
     "False/ErrorScalingTarget",
     "True/ScalerActive"},
    {"the replicas cannot be read",
     {0},
     {0},
     {0},
     NULL,
     {.now = 9 * S, .active = true, .replicas_error = "no"},
     EXECUTOR_NOTHING,
     NO_CHANGE,
     false,
     "False/ErrorGettingCurrentReplicas",
     NULL},
};

static bool says(struct arena *a, const struct keda_condition *c, const char *text)
{
    if (c->status == NULL) {
        return text == NULL;
    }
    return str_equal(arena_printf(a, "%s/%s", c->status, c->reason), text);
}

Test(keda_executor, branches)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct label annotation = {r->annotation, "true"};
        const struct scaled_object so = {
            .annotations = &annotation,
            .annotation_count = r->annotation != NULL ? 1 : 0,
            .min_replica_count = r->min,
            .idle_replica_count = r->idle,
            .fallback = {.enabled = r->fallback.set, .replicas = r->fallback.value},
        };
        const struct executor_decision d = executor_request_scale(&so, &a, &r->view);
        cr_expect(d.action == r->action, "%s: action %d", r->name, (int)d.action);
        cr_expect((d.scaled ? d.to : NO_CHANGE) == r->to, "%s: to %d", r->name, d.to);
        cr_expect(d.touched == r->touched, "%s: touched", r->name);
        cr_expect(says(&a, &d.conditions[KEDA_READY], r->ready), "%s: Ready %s", r->name,
                  d.conditions[KEDA_READY].reason);
        cr_expect(says(&a, &d.conditions[KEDA_ACTIVE], r->active), "%s: Active %s", r->name,
                  d.conditions[KEDA_ACTIVE].reason);
    }
    arena_drop(&a);
}

struct health_row {
    const char *name;
    struct hpa_health hpa;
    const char *want;
};

static const struct health_row health_rows[] = {
    {"no condition", {NULL, NULL, NULL}, NULL},
    {"scaling", {"True", "ValidMetricFound", ""}, "True/HPAActive"},
    {"at zero", {"False", "ScalingDisabled", "scaling is disabled"}, "True/ScalingDisabled"},
    {"no metric", {"False", "FailedGetExternalMetric", "x"}, "False/FailedGetExternalMetric"},
    {"no reason", {"Unknown", "", ""}, "False/HPAMetricsUnavailable"},
};

Test(keda_executor, hpa_health)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof health_rows / sizeof health_rows[0]; i++) {
        const struct scaled_object so = {0};
        const struct executor_view view = {.now = S, .hpa = health_rows[i].hpa};
        const struct executor_decision d = executor_request_scale(&so, &a, &view);
        cr_expect(says(&a, &d.conditions[KEDA_HPA_ACTIVE], health_rows[i].want), "%s",
                  health_rows[i].name);
    }
    arena_drop(&a);
}
