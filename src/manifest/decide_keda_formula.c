/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide keda`, kind formula: scalingModifiers of an object, and runs with the triggers' values
 * and failure counters; the answer is the text that is compiled, its error, or the composite
 * metric of each run.
 *
 * The traps: values are rounded to thousandths, and negative ones are 0, before the formula sees
 * them; a value of null is a metric that is not there; with the behavior scalingModifiers a
 * metric past the threshold is nil.
 */
#include "control/keda/formula.h"

#include "base/str.h"
#include "decide_keda_values.h"

struct formula_case {
    struct formula_spec spec;
    bool fallback_by_modifiers;
    int32_t threshold;
    const char **names; /* of triggers that have one and are neither cpu nor memory */
    size_t *name_of;    /* by trigger: index into names, or SIZE_MAX */
    size_t name_count;
    size_t trigger_count;
    double activation;
};

static bool read_triggers(struct arena *a, const struct node *list, struct formula_case *c,
                          struct diag *d)
{
    const size_t count = list != NULL ? list->count : 0;
    c->names = arena_array(a, const char *, count);
    c->name_of = arena_array(a, size_t, count);
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        const char *name = "";
        const char *type = "";
        if (!keda_field_text(n, "name", &name, d) || !keda_field_text(n, "type", &type, d)) {
            return false;
        }
        size_t *index = &c->name_of[c->trigger_count++];
        *index = SIZE_MAX;
        if (*name == '\0' || str_equal(type, "cpu") || str_equal(type, "memory")) {
            continue;
        }
        *index = c->name_count;
        c->names[c->name_count++] = name;
    }
    return true;
}

static bool read_case(struct arena *a, const struct node *root, struct formula_case *c,
                      struct diag *d)
{
    bool bad = false;
    const char *behavior = "";
    const struct node *modifiers = keda_map(root, "scalingModifiers", &bad, d);
    const struct node *fallback = keda_map(root, "fallback", &bad, d);
    const struct node *triggers = keda_list(root, "triggers", &bad, d);
    c->spec.has_fallback = fallback != NULL;
    if (bad || !keda_field_text(modifiers, "formula", &c->spec.formula, d) ||
        !keda_field_text(modifiers, "target", &c->spec.target, d) ||
        !keda_field_text(modifiers, "activationTarget", &c->spec.activation_target, d) ||
        !keda_field_text(modifiers, "metricType", &c->spec.metric_type, d) ||
        !keda_field_int32(fallback, "replicas", &c->spec.fallback_replicas, d) ||
        !keda_field_int32(fallback, "failureThreshold", &c->threshold, d) ||
        !keda_field_text(fallback, "behavior", &behavior, d)) {
        return false;
    }
    c->fallback_by_modifiers = str_equal(behavior, "scalingModifiers");
    return read_triggers(a, triggers, c, d);
}

/* The n-th trigger's value and failures of a run into its input. */
static bool read_input(struct arena *a, const struct formula_case *c, const struct node *value,
                       const struct node *failures, struct formula_input *out, struct diag *d)
{
    double v = 0;
    double failed = -1;
    if (value == NULL || value->kind == NODE_NULL) {
        return true;
    }
    if (!keda_double(value, &v, d) ||
        (failures != NULL && failures->kind != NODE_NULL && !keda_double(failures, &failed, d))) {
        return false;
    }
    const struct quantity q = scaler_quantity(a, v);
    out->value = quantity_as_double(&q);
    out->nil = c->fallback_by_modifiers && failed > c->threshold;
    return true;
}

static bool read_inputs(struct arena *a, const struct formula_case *c, const struct node *run,
                        struct formula_input *inputs, struct diag *d)
{
    bool bad = false;
    const struct node *values = keda_list(run, "values", &bad, d);
    const struct node *failures = keda_list(run, "failures", &bad, d);
    const struct node *value = values != NULL ? values->first : NULL;
    const struct node *failed = failures != NULL ? failures->first : NULL;
    for (size_t i = 0; i < c->name_count; i++) {
        inputs[i] = (struct formula_input){.nil = true};
    }
    for (size_t i = 0; i < c->trigger_count && !bad; i++) {
        if (c->name_of[i] != SIZE_MAX) {
            bad = !read_input(a, c, value, failed, &inputs[c->name_of[i]], d);
        }
        value = value != NULL ? value->next : NULL;
        failed = failed != NULL ? failed->next : NULL;
    }
    return !bad;
}

static void write_run(struct arena *a, struct json_writer *w, const struct formula_case *c,
                      const struct formula_composite *composite)
{
    const double value = quantity_as_double(&composite->value);
    json_map(w);
    json_key(w, "n");
    json_int(w, composite->has_value);
    if (composite->has_value) {
        json_key(w, "value");
        keda_write_quantity(a, w, &composite->value);
    }
    json_key(w, "active");
    json_bool(w, composite->has_value && value > c->activation);
    json_map_end(w);
}

static bool decide_runs(struct arena *a, const struct formula_case *c, const struct formula *f,
                        const struct node *runs, struct json_writer *w, struct diag *d)
{
    struct formula_input *inputs = arena_array(a, struct formula_input, c->name_count);
    for (const struct node *n = runs != NULL ? runs->first : NULL; n != NULL; n = n->next) {
        if (!read_inputs(a, c, n, inputs, d)) {
            return false;
        }
        const struct formula_composite composite = formula_calculate(f, &c->spec, inputs, a);
        write_run(a, w, c, &composite);
    }
    return true;
}

bool decide_keda_formula(struct arena *a, const struct node *root, struct json_writer *w,
                         struct diag *d)
{
    struct formula_case c = {0};
    const char *rewritten;
    const char *error;
    bool bad = false;
    const struct node *runs = keda_list(root, "runs", &bad, d);
    if (bad || !read_case(a, root, &c, d)) {
        return false;
    }
    const struct formula *f =
        formula_validate(a, &c.spec, c.names, c.name_count, &rewritten, &error, NULL);
    if (f != NULL) {
        formula_activation(&c.spec, &c.activation, a, &error);
    }
    json_map(w);
    if (f == NULL) {
        json_key(w, "compile");
        json_string(w, error);
    }
    json_key(w, "formula");
    json_string(w, rewritten);
    if (f != NULL) {
        json_key(w, "runs");
        json_list(w);
        if (!decide_runs(a, &c, f, runs, w, d)) {
            return false;
        }
        json_list_end(w);
    }
    json_map_end(w);
    return true;
}
