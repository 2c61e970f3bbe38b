/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What expr-lang/expr v1.17.8's optimizer does to a checked tree, where it shows: constants are
 * computed (dividing integers by zero is an error then, at compile time), `x and false` does not
 * look at x, a list of literals becomes one value, filter(...)[0] stops at the first match.
 *
 * The trap: sum([a, b, c]) becomes a + (b + c), added from the right; a list of literals and
 * sums with a predicate are added from the left. The last bits differ.
 */
#include "formula_internal.h"

#include <string.h>

struct folder {
    struct arena *arena;
    struct formula_problem *problem;
};

static bool is_integer(const struct expr *n)
{
    return n->kind == EXPR_INTEGER;
}

static bool is_number(const struct expr *n)
{
    return n->kind == EXPR_INTEGER || n->kind == EXPR_FLOAT;
}

static double number_of(const struct expr *n)
{
    return n->kind == EXPR_INTEGER ? (double)n->integer : n->number;
}

static void become_integer(struct expr *n, int64_t v)
{
    n->kind = EXPR_INTEGER;
    n->integer = v;
    n->nature = (struct nature){.kind = NATURE_INT};
}

static void become_float(struct expr *n, double v)
{
    n->kind = EXPR_FLOAT;
    n->number = v;
    n->nature = (struct nature){.kind = NATURE_FLOAT};
}

static void become_bool(struct expr *n, bool v)
{
    n->kind = EXPR_BOOL;
    n->integer = v;
    n->nature = (struct nature){.kind = NATURE_BOOL};
}

/* Keeps its own place and nature, as ast.Patch does. */
static void become(struct expr *n, const struct expr *other)
{
    const uint32_t from = n->from;
    const struct nature nature = n->nature;
    *n = *other;
    n->from = from;
    n->nature = nature;
}

static void fold_unary(struct expr *n)
{
    const struct expr *of = n->a;
    if (n->op == OP_NOT) {
        if (of->kind == EXPR_BOOL) {
            become_bool(n, of->integer == 0);
        }
    } else if (of->kind == EXPR_INTEGER) {
        become_integer(n, n->op == OP_ADD ? of->integer : (int64_t)(0 - (uint64_t)of->integer));
    } else if (of->kind == EXPR_FLOAT) {
        become_float(n, n->op == OP_ADD ? of->number : -of->number);
    }
}

static void fold_texts(struct folder *f, struct expr *n)
{
    char *text = arena_array(f->arena, char, n->a->len + n->b->len + 1);
    memcpy(text, n->a->text, n->a->len);
    memcpy(text + n->a->len, n->b->text, n->b->len);
    n->len = n->a->len + n->b->len;
    n->text = text;
    n->kind = EXPR_STRING;
    n->nature = (struct nature){.kind = NATURE_STRING};
}

static void fold_integers(struct folder *f, struct expr *n, uint64_t a, uint64_t b)
{
    switch (n->op) {
    case OP_ADD:
        become_integer(n, (int64_t)(a + b));
        break;
    case OP_SUBTRACT:
        become_integer(n, (int64_t)(a - b));
        break;
    case OP_MULTIPLY:
        become_integer(n, (int64_t)(a * b));
        break;
    case OP_MODULO:
        if (b == 0) {
            *f->problem =
                (struct formula_problem){.message = "integer divide by zero", .from = n->from};
        } else {
            become_integer(n, b == UINT64_MAX ? 0 : (int64_t)a % (int64_t)b);
        }
        break;
    case OP_EQUAL:
        become_bool(n, a == b);
        break;
    default:
        break;
    }
}

static void fold_numbers(struct expr *n)
{
    const double a = number_of(n->a);
    const double b = number_of(n->b);
    switch (n->op) {
    case OP_ADD:
        become_float(n, a + b);
        break;
    case OP_SUBTRACT:
        become_float(n, a - b);
        break;
    case OP_MULTIPLY:
        become_float(n, a * b);
        break;
    case OP_DIVIDE:
        become_float(n, a / b);
        break;
    case OP_POWER:
        become_float(n, formula_pow(a, b));
        break;
    default:
        break;
    }
}

static void fold_logic(struct expr *n)
{
    const bool neutral = n->op == OP_AND; /* true and x, false or x */
    const bool left = n->a->kind == EXPR_BOOL;
    const bool right = n->b->kind == EXPR_BOOL;
    if (left && (n->a->integer != 0) == neutral) {
        become(n, n->b);
    } else if (right && (n->b->integer != 0) == neutral) {
        become(n, n->a);
    } else if (left || right) {
        become_bool(n, !neutral);
    }
}

static void fold_binary(struct folder *f, struct expr *n)
{
    const struct expr *a = n->a;
    const struct expr *b = n->b;
    if (n->op == OP_AND || n->op == OP_OR) {
        fold_logic(n);
    } else if (is_integer(a) && is_integer(b) && n->op != OP_DIVIDE && n->op != OP_POWER) {
        fold_integers(f, n, (uint64_t)a->integer, (uint64_t)b->integer);
    } else if (is_number(a) && is_number(b)) {
        fold_numbers(n);
    } else if (a->kind == EXPR_STRING && b->kind == EXPR_STRING && n->op == OP_ADD) {
        fold_texts(f, n);
    } else if (a->kind == b->kind && n->op == OP_EQUAL && a->kind == EXPR_BOOL) {
        become_bool(n, a->integer == b->integer);
    } else if (a->kind == b->kind && n->op == OP_EQUAL && a->kind == EXPR_STRING) {
        become_bool(n, a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
    }
}

static bool literal(struct arena *a, const struct expr *n, struct value *out)
{
    struct value_text *text;
    switch (n->kind) {
    case EXPR_INTEGER:
        *out = value_int(n->integer);
        return true;
    case EXPR_FLOAT:
        *out = value_float(n->number);
        return true;
    case EXPR_BOOL:
        *out = value_bool(n->integer != 0);
        return true;
    case EXPR_STRING:
        text = arena_new(a, struct value_text);
        *text = (struct value_text){.bytes = n->text, .len = n->len};
        *out = (struct value){.kind = VALUE_STRING, .as.text = text};
        return true;
    default:
        return false;
    }
}

static void fold_array(struct folder *f, struct expr *n)
{
    struct value_array *items;
    if (n->count == 0) {
        return;
    }
    const struct value whole = value_array_new(f->arena, n->count, &items);
    for (size_t i = 0; i < n->count; i++) {
        if (!literal(f->arena, n->list[i], &items->items[i])) {
            return;
        }
    }
    n->kind = EXPR_CONSTANT;
    n->value = whole;
}

/* Calls fold on every node of the tree, children first. */
static void walk(struct folder *f, struct expr *n, void (*visit)(struct folder *, struct expr *))
{
    if (n == NULL) {
        return;
    }
    walk(f, n->a, visit);
    walk(f, n->b, visit);
    walk(f, n->c, visit);
    for (size_t i = 0; i < n->count; i++) {
        walk(f, n->list[i], visit);
    }
    visit(f, n);
}

static void fold_node(struct folder *f, struct expr *n)
{
    if (n->kind == EXPR_UNARY) {
        fold_unary(n);
    } else if (n->kind == EXPR_BINARY) {
        fold_binary(f, n);
    } else if (n->kind == EXPR_ARRAY) {
        fold_array(f, n);
    }
}

/* ---- the passes after it ---- */

static bool is_builtin(const struct expr *n, enum builtin_id id, size_t count)
{
    return n->kind == EXPR_BUILTIN && n->builtin->id == id && n->count == count;
}

static void filter_ends(struct folder *f, struct expr *n)
{
    (void)f;
    if (n->kind != EXPR_MEMBER || n->optional || n->b->kind != EXPR_INTEGER ||
        !is_builtin(n->a, BUILTIN_FILTER, 2) || (n->b->integer != 0 && n->b->integer != -1)) {
        return;
    }
    const struct builtin *b = builtin_find(n->b->integer == 0 ? "find" : "findLast");
    become(n, n->a);
    n->builtin = b;
    n->text = b->name;
    n->throws = true;
}

static void sum_range(struct folder *f, struct expr *n)
{
    (void)f;
    if (!is_builtin(n, BUILTIN_SUM, 1) || n->list[0]->kind != EXPR_BINARY ||
        n->list[0]->op != OP_RANGE || !is_integer(n->list[0]->a) || !is_integer(n->list[0]->b)) {
        return;
    }
    const uint64_t from = (uint64_t)n->list[0]->a->integer;
    const uint64_t to = (uint64_t)n->list[0]->b->integer;
    if ((int64_t)to >= (int64_t)from) {
        become_integer(n, (int64_t)((to - from + 1) * (from + to)) / 2);
    }
}

static struct expr *sum_from_right(struct folder *f, struct expr *const *items, size_t count)
{
    struct expr *n = arena_new(f->arena, struct expr);
    n->kind = EXPR_BINARY;
    n->op = OP_ADD;
    n->op_text = "+";
    n->a = items[0];
    n->b = count == 2 ? items[1] : sum_from_right(f, items + 1, count - 1);
    return n;
}

static void sum_array(struct folder *f, struct expr *n)
{
    if (is_builtin(n, BUILTIN_SUM, 1) && n->list[0]->kind == EXPR_ARRAY && n->list[0]->count >= 2) {
        become(n, sum_from_right(f, n->list[0]->list, n->list[0]->count));
    }
}

bool formula_fold(struct arena *a, struct expr **root, struct formula_problem *problem)
{
    struct folder f = {.arena = a, .problem = problem};
    walk(&f, *root, fold_node);
    if (problem->message != NULL) {
        return false;
    }
    walk(&f, *root, filter_ends);
    walk(&f, *root, sum_range);
    walk(&f, *root, sum_array);
    return true;
}
