/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scalingModifiers formula from text to composite metric: KEDA v2.21.0,
 * pkg/scaling/modifiers/formula.go and ValidateAndCompileScalingModifiers in
 * apis/keda/v1alpha1/scaledobject_webhook.go. The parts: formula_lex, _parse, _check,
 * _fold, _eval with _builtin, _text, _loop, and _value.
 *
 * The traps: the composite is cut to thousandths, not rounded, and NaN or infinity become the
 * smallest integer; a formula must also run with -1 for every trigger, so an index out of range
 * at -1 is a compile error; the composite's quantity has no format and prints with an exponent.
 */
#include "control/keda/formula.h"

#include "base/str.h"
#include "control/keda/scaler.h"
#include "formula_internal.h"

#include <string.h>

/* ---- messages ---- */

const char *formula_quote(struct arena *a, const char *s, size_t len)
{
    static const char escaped[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    struct strbuf out = {.arena = a};
    strbuf_char(&out, '"');
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)s[i];
        const char *at = c != '\0' ? strchr(escaped, c) : NULL;
        if (at != NULL) {
            strbuf_char(&out, '\\');
            strbuf_char(&out, letters[at - escaped]);
        } else if (c < 0x20 || c == 0x7f) {
            strbuf_printf(&out, "\\x%02x", c);
        } else {
            strbuf_char(&out, (char)c);
        }
    }
    strbuf_char(&out, '"');
    return strbuf_text(&out);
}

/* file.Error.Bind and its text: the line, and a caret under the place. */
void formula_bind(struct arena *a, const char *source, const struct formula_problem *problem,
                  struct formula_error *out)
{
    const char *line = source;
    const char *s = source;
    uint32_t column = 0;
    uint32_t number = 1;
    for (uint32_t i = 0; i < problem->from && *s != '\0'; i++) {
        column++;
        if (*s == '\n') {
            number++;
            column = 0;
            line = s + 1;
        }
        do {
            s++;
        } while ((*s & 0xc0) == 0x80);
    }
    *out = (struct formula_error){.text = problem->message, .message = problem->message};
    const size_t len = strcspn(line, "\n");
    if (len == 0) {
        return;
    }
    struct strbuf text = {.arena = a};
    out->line = number;
    out->col = column + 1;
    strbuf_printf(&text, "%s (%u:%u)\n | ", problem->message, number, column + 1);
    for (size_t i = 0; i < len; i++) {
        strbuf_char(&text, line[i] == '\t' ? ' ' : line[i]);
    }
    strbuf_add(&text, "\n | ");
    for (uint32_t i = 0; i < column; i++) {
        strbuf_char(&text, '.');
    }
    strbuf_char(&text, '^');
    out->text = strbuf_text(&text);
}

/* ---- compiling ---- */

const char *formula_rewrite(struct arena *a, const char *formula)
{
    if (strstr(formula, "??") != NULL) {
        return str_starts(formula, "let _kedaCompositeResult = ")
                   ? arena_strdup(a, formula)
                   : arena_printf(a,
                                  "let _kedaCompositeResult = (%s); _kedaCompositeResult == nil ? "
                                  "nil : float(_kedaCompositeResult)",
                                  formula);
    }
    return str_starts(formula, "float(") ? arena_strdup(a, formula)
                                         : arena_printf(a, "float(%s)", formula);
}

static struct value run(const struct formula *f, const struct formula_input *inputs,
                        struct arena *scratch, bool validating, struct formula_problem *problem)
{
    struct value few[4] = {{0}};
    struct run r = {.formula = f, .inputs = inputs, .scratch = scratch, .validating = validating};
    r.variables = few;
    if (f->variables > 4) {
        r.variables = arena_array(scratch, struct value, (size_t)f->variables);
    }
    const struct value v = formula_eval(&r, f->root);
    *problem = (struct formula_problem){.message = r.error, .from = r.from};
    return v;
}

static bool dry_run(struct arena *a, const struct formula *f, struct formula_problem *problem)
{
    struct formula_input *inputs = arena_array(a, struct formula_input, f->count);
    for (size_t i = 0; i < f->count; i++) {
        inputs[i].value = -1;
    }
    run(f, inputs, a, true, problem);
    return problem->message == NULL;
}

const struct formula *formula_compile(struct arena *a, const char *text, const char *const *names,
                                      size_t count, struct formula_error *error)
{
    struct formula *f = arena_new(a, struct formula);
    struct formula_problem problem = {0};
    f->source = arena_strdup(a, text);
    f->count = count;
    f->names = arena_array(a, const char *, count);
    for (size_t i = 0; i < count; i++) {
        f->names[i] = arena_strdup(a, names[i]);
    }
    struct parser p = {.arena = a,
                       .lexer = {.arena = a, .source = f->source, .len = strlen(text)},
                       .current = {.text = ""},
                       .names = f->names,
                       .name_count = count};
    f->root = formula_parse(&p);
    problem = p.problem;
    if (problem.message == NULL &&
        formula_check(a, f->root, f->names, count, &f->variables, &problem) &&
        formula_fold(a, &f->root, &problem) && dry_run(a, f, &problem)) {
        return f;
    }
    formula_bind(a, f->source, &problem, error);
    return NULL;
}

struct formula_result formula_evaluate(const struct formula *f, const struct formula_input *inputs,
                                       struct arena *scratch)
{
    struct formula_problem problem;
    const struct value v = run(f, inputs, scratch, false, &problem);
    if (problem.message != NULL) {
        struct formula_error error;
        formula_bind(scratch, f->source, &problem, &error);
        return (struct formula_result){
            .outcome = FORMULA_ERROR,
            .error = arena_printf(scratch, "error trying to run custom formula: %s", error.text)};
    }
    if (v.kind == VALUE_NIL) {
        return (struct formula_result){.outcome = FORMULA_NIL};
    }
    if (v.kind != VALUE_FLOAT) {
        return (struct formula_result){
            .outcome = FORMULA_ERROR,
            .error = arena_printf(scratch, "formula returned non-float result %s (%s)",
                                  value_type(&v), value_print(scratch, &v))};
    }
    return (struct formula_result){.outcome = FORMULA_NUMBER, .value = v.as.number};
}

/* ---- scalingModifiers ---- */

static const char *text_or_empty(const char *s)
{
    return s != NULL ? s : "";
}

/* validateScalingModifiersTarget; NULL when it is fine. */
static const char *check_target(struct arena *a, const struct formula_spec *spec)
{
    double target = 0;
    const char *error = scaler_parse_float(a, text_or_empty(spec->target), &target);
    if (error != NULL || target <= 0) {
        return arena_printf(a,
                            "error converting target for scalingModifiers (string->float) to "
                            "valid target: %s",
                            error != NULL ? error : "%!w(<nil>)");
    }
    return str_equal(spec->metric_type, "Utilization")
               ? "error trigger type is Utilization, but it needs to be AverageValue or Value "
                 "for external metrics"
               : NULL;
}

const struct formula *formula_validate(struct arena *a, const struct formula_spec *spec,
                                       const char *const *names, size_t count,
                                       const char **rewritten, const char **error,
                                       struct formula_error *place)
{
    const char *text = text_or_empty(spec->formula);
    struct formula_error bad = {0};
    *rewritten = text;
    *error = NULL;
    if (place != NULL) {
        *place = bad;
    }
    if (*text == '\0') {
        *error = "error ScalingModifiers.Formula is mandatory";
        return NULL;
    }
    *rewritten = formula_rewrite(a, text);
    const char *first = "error validating formula in ScalingModifiers";
    if (*text_or_empty(spec->target) == '\0') {
        *error = arena_printf(a, "%s\nformula is given but target is empty", first);
        return NULL;
    }
    const struct formula *f = formula_compile(a, *rewritten, names, count, &bad);
    if (f == NULL) {
        *error = arena_printf(a, "%s\n%s", first, bad.text);
        if (place != NULL) {
            *place = bad;
        }
        return NULL;
    }
    const char *target = check_target(a, spec);
    if (target != NULL) {
        *error = arena_printf(a, "error validating target in ScalingModifiers\n%s", target);
        return NULL;
    }
    return f;
}

/* scalingModifiersFallbackTarget */
static bool fallback_target(const struct formula_spec *spec, struct arena *a, double *out,
                            const char **error)
{
    double target = 0;
    if (!spec->has_fallback) {
        *error = "scalingModifiers formula evaluated to nil but no fallback is configured";
        return false;
    }
    const char *bad = scaler_parse_float(a, text_or_empty(spec->target), &target);
    if (bad != NULL) {
        *error = arena_printf(
            a, "scalingModifiers formula evaluated to nil and target %s is not a valid float: %s",
            formula_quote(a, text_or_empty(spec->target), strlen(text_or_empty(spec->target))),
            bad);
        return false;
    }
    *out = (double)spec->fallback_replicas * target;
    return true;
}

struct formula_composite formula_calculate(const struct formula *f, const struct formula_spec *spec,
                                           const struct formula_input *inputs,
                                           struct arena *scratch)
{
    struct formula_composite out = {0};
    const struct formula_result result = formula_evaluate(f, inputs, scratch);
    out.raw = result.value;
    if (result.outcome == FORMULA_ERROR) {
        out.error = result.error;
        return out;
    }
    if (result.outcome == FORMULA_NIL && !fallback_target(spec, scratch, &out.raw, &out.error)) {
        return out;
    }
    out.has_value = true;
    out.value = quantity_from_milli(formula_to_int(out.raw * 1000), QUANTITY_DECIMAL_EXPONENT);
    return out;
}

bool formula_activation(const struct formula_spec *spec, double *activation, struct arena *a,
                        const char **error)
{
    *activation = 0;
    if (*text_or_empty(spec->activation_target) == '\0') {
        return true;
    }
    const char *bad = scaler_parse_float(a, spec->activation_target, activation);
    if (bad != NULL) {
        *error = arena_printf(a, "scalingModifiers.ActivationTarget parsing error %s", bad);
    }
    return bad == NULL;
}
