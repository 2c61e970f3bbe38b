/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas: values, precedence, types, errors with their carets, and KEDA's ways with them. */
#include "base/str.h"
#include "control/keda/formula.h"

#include <criterion/criterion.h>
#include <math.h>

static const char *const names[] = {"a", "b", "c"};

/* a = 3, b = 4, c has no value. */
static const struct formula_input inputs[] = {{3, false}, {4, false}, {0, true}};

static struct formula_result evaluate(struct arena *a, const char *text)
{
    struct formula_error error = {0};
    const struct formula *f = formula_compile(a, formula_rewrite(a, text), names, 3, &error);
    if (f == NULL) {
        return (struct formula_result){.outcome = FORMULA_ERROR, .error = error.text};
    }
    return formula_evaluate(f, inputs, a);
}

struct number_row {
    const char *formula;
    double want;
};

static const struct number_row numbers[] = {
    {"a", 3},
    {"7", 7},
    {"0x1f + 0b11 + 0o17 + 1_000", 1049},
    {"a + b * 2", 11},
    {"-a ** 2", -9},
    {"2 ** 3 ** 2", 512},
    {"a - 1 - 1", 1},
    {"a / 2", 1.5},
    {"7 / 2", 3.5},
    {"int(b) % 3", 1},
    {"(a > 2) and not (b < 2) ? 10 : 20", 10},
    {"1 < a < 4 ? 1 : 0", 1},
    {"3 < a < 4 ? 1 : 0", 0},
    {"a in [1, 3] ? 1 : 0", 1},
    {"a not in [1, 3] ? 1 : 0", 0},
    {"max(a, b, 2)", 4},
    {"min([a, b, [1, 2]])", 1},
    {"mean([])", 0},
    {"median([a, b, 100])", 4},
    {"median([a, b])", 3.5},
    {"sum([0.1, 0.2, 0.3])", 0.1 + 0.2 + 0.3},
    {"sum([a, 0.1, 0.2])", 3 + (0.1 + 0.2)},
    {"sum(1..10)", 55},
    {"sum(1..0)", 0},
    {"count([a, b], {# > 3})", 1},
    {"len(filter([a, b, 5], # > 3))", 2},
    {"sum(map([a, b], {# * 2}))", 14},
    {"reduce([a, b], {#acc + #}, 10)", 17},
    {"[a, b, 5][-1]", 5},
    {"[a, b, 5][1:][0]", 4},
    {"filter([a, b], # < 100)[-1]", 4},
    {"sort([b, a])[0]", 3},
    {"find([a, b], # > 3) ?? 9", 4},
    {"c ?? 9", 9},
    {"c ?? b", 4},
    {"let x = a * 2; x + 1", 7},
    {"if a > 1 { b } else { a }", 4},
    {"a | max(b)", 4},
    {"round(2.5)", 3},
    {"round(-2.5)", -3},
    {"int(2.9)", 2},
    {"float(\"1e2\")", 100},
    {"abs(-a)", 3},
    {"2 ^ 0.5", 1.4142135623730951},
    {"$env.a + $env[\"b\"]", 7},
    {"bitshl(1, 10)", 1024},
    {"a /* in between */ + 1", 4},
};

Test(keda_formula, numbers)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct number_row *row = &numbers[i];
        const struct formula_result r = evaluate(&a, row->formula);
        cr_expect(r.outcome == FORMULA_NUMBER && r.value == row->want, "%s: %.17g, not %.17g (%s)",
                  row->formula, r.value, row->want, r.error != NULL ? r.error : "");
    }
    arena_drop(&a);
}

struct error_row {
    const char *formula;
    const char *want;
};

static const struct error_row errors[] = {
    {"zz", "unknown name zz (1:7)\n | float(zz)\n | ......^"},
    {"a > b", "invalid argument for float (type bool) (1:1)\n | float(a > b)\n | ^"},
    {"a % 2", "invalid operation: % (mismatched types float64 and int) (1:9)\n | float(a % 2)\n | "
              "........^"},
    {"a +", "unexpected token Bracket(\")\") (1:10)\n | float(a +)\n | .........^"},
    {"(a", "unexpected token EOF (1:9)\n | float((a)\n | ........^"},
    {"a ? 1 : 2", "non-bool expression (type float64) used as condition (1:7)\n | float(a ? 1 : 2)"
                  "\n | ......^"},
    {"[a][1]", "index out of range: 1 (array length is 1) (1:10)\n | float([a][1])\n | .........^"},
    {"5 % 0", "integer divide by zero (1:9)\n | float(5 % 0)\n | ........^"},
    {"int(a) % int(0.5)", "runtime error: integer divide by zero (1:14)\n | float(int(a) % int(0.5)"
                          ")\n | .............^"},
    {"1x", "bad number syntax: \"1x\" (1:8)\n | float(1x)\n | .......^"},
    {"a @ b", "unrecognized character: U+0040 '@' (1:9)\n | float(a @ b)\n | ........^"},
    {"'x", "literal not terminated (1:10)\n | float('x)\n | .........^"},
    {"b + filter([a], # < 0)[-1]",
     "invalid operation: bool + float64 (1:9)\n | float(b + filter([a], # < 0)[-1])\n | ........^"},
    {"a\n+ zz", "unknown name zz (2:3)\n | + zz)\n | ..^"},
    {"foo(a)", "unknown name foo (1:7)\n | float(foo(a))\n | ......^"},
    {"a(1)", "float64 is not callable (1:7)\n | float(a(1))\n | ......^"},
    {"max()", "not enough arguments to call max (1:7)\n | float(max())\n | ......^"},
    {"", "invalid number of arguments (expected 1, got 0) (1:1)\n | float()\n | ^"},
    {"now()", "function now is not supported (1:7)\n | float(now())\n | ......^"},
};

Test(keda_formula, errors)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const struct formula_result r = evaluate(&a, errors[i].formula);
        cr_expect(r.outcome == FORMULA_ERROR && str_equal(r.error, errors[i].want),
                  "%s: %s\nnot %s", errors[i].formula, r.error != NULL ? r.error : "no error",
                  errors[i].want);
    }
    arena_drop(&a);
}

Test(keda_formula, rewriting)
{
    struct arena a = {0};
    static const struct error_row rows[] = {
        {"a", "float(a)"},
        {"float(a)+b", "float(a)+b"},
        {"a ?? b", "let _kedaCompositeResult = (a ?? b); _kedaCompositeResult == nil ? nil : "
                   "float(_kedaCompositeResult)"},
        {"let _kedaCompositeResult = a ?? 1; 2", "let _kedaCompositeResult = a ?? 1; 2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_str_eq(formula_rewrite(&a, rows[i].formula), rows[i].want);
    }
    arena_drop(&a);
}

struct composite_row {
    const char *name;
    struct formula_spec spec;
    double values[3]; /* NaN: none */
    const char *want; /* the quantity, or "" for no metric */
};

static const struct composite_row composites[] = {
    {"cut, not rounded", {.formula = "a - b", .target = "2"}, {1, 2.001, 0}, "-1"},
    {"a plain value", {.formula = "a", .target = "2"}, {1.234, 0, 0}, "1234e-3"},
    {"division by zero", {.formula = "a / b", .target = "2"}, {1, 0, 0}, "-9223372036854775808e-3"},
    {"0 / 0", {.formula = "a / b", .target = "2"}, {0, 0, 0}, "-9223372036854775808e-3"},
    {"missing", {.formula = "a + b", .target = "2"}, {1, NAN, 0}, ""},
    {"nil with a fallback",
     {.formula = "a ?? nil", .target = "2.5", .has_fallback = true, .fallback_replicas = 5},
     {NAN, 0, 0},
     "12500e-3"},
    {"nil without one", {.formula = "a ?? nil", .target = "2.5"}, {NAN, 0, 0}, ""},
};

Test(keda_formula, composite)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof composites / sizeof composites[0]; i++) {
        const struct composite_row *row = &composites[i];
        struct formula_input in[3];
        const char *rewritten;
        const char *error;
        const struct formula *f =
            formula_validate(&a, &row->spec, names, 3, &rewritten, &error, NULL);
        cr_assert_not_null(f, "%s: %s", row->name, error);
        for (size_t k = 0; k < 3; k++) {
            in[k] = (struct formula_input){row->values[k], isnan(row->values[k])};
        }
        const struct formula_composite c = formula_calculate(f, &row->spec, in, &a);
        const char *got = c.has_value ? quantity_string(&a, &c.value) : "";
        cr_expect_str_eq(got, row->want, "%s: %s", row->name, got);
    }
    arena_drop(&a);
}

Test(keda_formula, targets)
{
    struct arena a = {0};
    static const struct error_row rows[] = {
        {"2.5", NULL},
        {"", "error validating formula in ScalingModifiers\nformula is given but target is empty"},
        {"0", "error validating target in ScalingModifiers\nerror converting target for "
              "scalingModifiers (string->float) to valid target: %!w(<nil>)"},
        {"x", "error validating target in ScalingModifiers\nerror converting target for "
              "scalingModifiers (string->float) to valid target: strconv.ParseFloat: parsing "
              "\"x\": invalid syntax"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct formula_spec spec = {.formula = "a", .target = rows[i].formula};
        const char *rewritten;
        const char *error;
        formula_validate(&a, &spec, names, 3, &rewritten, &error, NULL);
        cr_expect(str_equal(error, rows[i].want), "target %s: %s", rows[i].formula,
                  error != NULL ? error : "no error");
    }
    arena_drop(&a);
}

Test(keda_formula, depth_ends)
{
    struct arena a = {0};
    struct strbuf deep = {.arena = &a};
    for (int i = 0; i < 100000; i++) {
        strbuf_char(&deep, i % 2 == 0 ? '(' : '-');
    }
    cr_expect_eq(evaluate(&a, strbuf_text(&deep)).outcome, FORMULA_ERROR);
    arena_drop(&a);
}
