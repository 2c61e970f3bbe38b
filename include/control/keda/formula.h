/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalingModifiers.formula: the expression language of expr-lang/expr v1.17.8 as KEDA v2.21.0
 * uses it (pkg/scaling/modifiers/formula.go, scaledobject_webhook.go). Compiled once, evaluated
 * any number of times; messages of a bad formula are the library's, with line, column and caret.
 */
#ifndef CONTROL_KEDA_FORMULA_H
#define CONTROL_KEDA_FORMULA_H

#include "base/arena.h"
#include "kube/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct formula; /* compiled; read-only, so any number of threads may evaluate it */

/* What a trigger's name stands for. nil: no metric, or in fallback by scalingModifiers. */
struct formula_input {
    double value;
    bool nil;
};

enum formula_outcome {
    FORMULA_NUMBER, /* value */
    FORMULA_NIL,    /* "??" ran out of values */
    FORMULA_ERROR   /* error: why it could not be run, or what it returned */
};

struct formula_result {
    enum formula_outcome outcome;
    double value;
    const char *error; /* in the scratch arena */
};

/* What is wrong with a formula, in the library's words. */
struct formula_error {
    const char *text;    /* with "(line:col)" and the caret, as Go's error prints it */
    const char *message; /* the same without */
    uint32_t line;       /* 1-based; 0: the error has no place */
    uint32_t col;        /* 1-based, in characters */
};

/* castToFloatIfNecessary: the text that KEDA compiles in place of the user's. */
const char *formula_rewrite(struct arena *a, const char *formula);

/*
 * expr.Compile against triggers of those names (the named ones that are neither cpu nor memory),
 * then a run with each of them -1, which must pass too. The text is taken as it is: rewrite it
 * first. The formula lives in the arena; names are copied. NULL after an error.
 */
const struct formula *formula_compile(struct arena *a, const char *text, const char *const *names,
                                      size_t count, struct formula_error *error);

/* expr.Run; inputs stand in the order of the names. scratch is the caller's to rewind. */
struct formula_result formula_evaluate(const struct formula *f, const struct formula_input *inputs,
                                       struct arena *scratch);

/* spec.advanced.scalingModifiers and what of spec.fallback matters to it. */
struct formula_spec {
    const char *formula; /* the user's; NULL or "": none */
    const char *target;
    const char *activation_target;
    const char *metric_type; /* "", "AverageValue" or "Value" */
    bool has_fallback;
    int32_t fallback_replicas;
};

/* One composite metric, or the reason that there is none: not an error of the HPA's query. */
struct formula_composite {
    bool has_value;
    struct quantity value;
    double raw;        /* before it was cut to thousandths */
    const char *error; /* NULL with a value */
};

/*
 * ValidateAndCompileScalingModifiers: *rewritten gets the text that is compiled (also when it is
 * bad). NULL and the whole message, with its first line, in *error when something is wrong;
 * place, when not NULL, gets the formula's own error where it is that (its text is NULL else).
 */
const struct formula *formula_validate(struct arena *a, const struct formula_spec *spec,
                                       const char *const *names, size_t count,
                                       const char **rewritten, const char **error,
                                       struct formula_error *place);

/* calculateScalingModifiersFormula: nil becomes fallback.replicas * target; cut, not rounded. */
struct formula_composite formula_calculate(const struct formula *f, const struct formula_spec *spec,
                                           const struct formula_input *inputs,
                                           struct arena *scratch);

/*
 * The scale loop's activity: value > activationTarget ("" is 0). False, and *error, when
 * activationTarget is no number: the whole tick is dropped then.
 */
bool formula_activation(const struct formula_spec *spec, double *activation, struct arena *a,
                        const char **error);

#endif
