/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide keda`, kind fallback: one metric's observations, failed or not, and what fallback makes
 * of each: the value in its place, the counter, the condition.
 *
 * The trap: the condition stays Unknown while fallback is off or invalid, and the counter 0.
 */
#include "control/keda/fallback.h"

#include "base/str.h"
#include "decide_keda_values.h"

#define INJECTED "injected error"

struct fallback_case {
    struct fallback_spec spec;
    struct quantity target;
    bool value_type;
};

static bool read_spec(struct fallback_case *c, const struct node *fallback,
                      const struct node *modifiers, struct diag *d)
{
    struct fallback_spec *spec = &c->spec;
    const char *behavior = "";
    const char *type = "";
    const char *target = "";
    const char *other = "";
    spec->enabled = fallback != NULL;
    if (!keda_field_int32(fallback, "failureThreshold", &spec->failure_threshold, d) ||
        !keda_field_int32(fallback, "replicas", &spec->replicas, d) ||
        !keda_field_text(fallback, "behavior", &behavior, d) ||
        !keda_field_text(modifiers, "target", &target, d) ||
        !keda_field_text(modifiers, "metricType", &type, d) ||
        !keda_field_text(modifiers, "formula", &other, d)) {
        return false;
    }
    if (!fallback_behavior_parse(behavior, &spec->behavior)) {
        diag_error(d, node_get(fallback, "behavior")->mark,
                   "field behavior: \"%s\" is none of static, currentReplicas, "
                   "currentReplicasIfHigher, currentReplicasIfLower, scalingModifiers",
                   behavior);
        return false;
    }
    spec->using_modifiers = modifiers != NULL && modifiers->count > 0;
    spec->modifiers_target = target;
    spec->modifiers_value = str_equal(type, "Value");
    return true;
}

static bool read_case(struct arena *a, const struct node *root, struct fallback_case *c,
                      struct diag *d)
{
    bool bad = false;
    double target = 0;
    const char *type = "";
    const struct node *fallback = keda_map(root, "fallback", &bad, d);
    const struct node *modifiers = keda_map(root, "scalingModifiers", &bad, d);
    if (bad || !keda_field_double(root, "target", &target, d) ||
        !keda_field_text(root, "metricType", &type, d) || !read_spec(c, fallback, modifiers, d)) {
        return false;
    }
    c->target = scaler_quantity(a, target);
    c->value_type = str_equal(type, "Value");
    return true;
}

static void write_outcome(struct arena *a, struct json_writer *w, const struct fallback_case *c,
                          const struct fallback_decision *decision,
                          const struct fallback_health *health)
{
    const char *error = decision->outcome == FALLBACK_ERROR        ? INJECTED
                        : decision->outcome == FALLBACK_IMPOSSIBLE ? FALLBACK_IMPOSSIBLE_TEXT
                                                                   : NULL;
    const bool tracked = c->spec.enabled && fallback_valid(&c->spec);
    json_map(w);
    if (error == NULL) {
        json_key(w, "value");
        keda_write_quantity(a, w, &decision->value);
    }
    json_key(w, "fallback");
    json_bool(w, decision->outcome == FALLBACK_VALUE);
    if (error != NULL) {
        json_key(w, "err");
        json_string(w, error);
    }
    json_key(w, "failures");
    json_int(w, health->failures);
    json_key(w, "cond");
    json_string(w, !tracked ? "Unknown" : fallback_exceeded(&c->spec, health) ? "True" : "False");
    json_map_end(w);
}

static bool decide_step(struct arena *a, const struct fallback_case *c, const struct node *step,
                        struct fallback_health *health, struct json_writer *w, struct diag *d)
{
    struct fallback_view view = {.value_type = c->value_type, .target = c->target};
    double value = 0;
    bool failed = false;
    if (!keda_field_double(step, "value", &value, d) || !keda_field_bool(step, "err", &failed, d) ||
        !keda_field_int32(step, "replicas", &view.replicas, d) ||
        !keda_field_int32(step, "readyPods", &view.ready_pods, d)) {
        return false;
    }
    struct fallback_decision decision = fallback_observe(&c->spec, health, failed, &view);
    if (decision.outcome == FALLBACK_PASS) {
        decision.value = scaler_quantity(a, value);
    }
    write_outcome(a, w, c, &decision, health);
    return true;
}

bool decide_keda_fallback(struct arena *a, const struct node *root, struct json_writer *w,
                          struct diag *d)
{
    struct fallback_case c = {0};
    struct fallback_health health = {0};
    bool bad = false;
    const struct node *steps = keda_list(root, "steps", &bad, d);
    if (bad || !read_case(a, root, &c, d)) {
        return false;
    }
    json_list(w);
    for (const struct node *n = steps != NULL ? steps->first : NULL; n != NULL; n = n->next) {
        if (!decide_step(a, &c, n, &health, w, d)) {
            return false;
        }
    }
    json_list_end(w);
    return true;
}
