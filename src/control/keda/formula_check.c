/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of a formula's tree: expr-lang/expr v1.17.8, checker/checker.go with checker/nature, for
 * an environment of float64 values. Every node gets its nature; the first error, in upstream's
 * order of visits and with its place, ends the compilation.
 *
 * The traps: an unknown type passes everywhere; `??` of a float and an integer is unknown; max
 * and min have the type of their first argument, and are unknown as soon as one of them is a list;
 * a nature prints as Go's type, and nil as "unknown". Names get their slots here.
 */
#include "formula_check_internal.h"

/* ---- names ---- */

static struct nature identifier(struct checker *v, struct expr *n)
{
    size_t index;
    for (size_t i = v->variables.len; i-- > 0;) {
        if (strcmp(v->variables.items[i].name, n->text) == 0) {
            n->slot = v->variables.items[i].slot;
            return v->variables.items[i].nature;
        }
    }
    if (is_env(n)) {
        return of(NATURE_UNKNOWN);
    }
    if (env_find(v, n->text, &index)) {
        n->slot = -1 - (int32_t)index;
        return of(NATURE_FLOAT);
    }
    n->builtin = builtin_find(n->text);
    if (n->builtin != NULL) {
        return of(NATURE_FUNC);
    }
    return BAD(v, n, "unknown name %s", n->text);
}

static struct nature let(struct checker *v, struct expr *n)
{
    size_t index;
    if (env_find(v, n->text, &index)) {
        return BAD(v, n, "cannot redeclare %s", n->text);
    }
    if (builtin_find(n->text) != NULL) {
        return BAD(v, n, "cannot redeclare builtin %s", n->text);
    }
    for (size_t i = 0; i < v->variables.len; i++) {
        if (strcmp(v->variables.items[i].name, n->text) == 0) {
            return BAD(v, n, "cannot redeclare variable %s", n->text);
        }
    }
    const struct nature value = check_visit(v, n->a);
    n->slot = v->slots++;
    *vec_push(v->arena, &v->variables) =
        (struct variable){.name = n->text, .slot = n->slot, .nature = value};
    const struct nature body = check_visit(v, n->b);
    v->variables.len--;
    return body;
}

/* ---- operators ---- */

static struct nature unary(struct checker *v, struct expr *n)
{
    const struct nature t = check_visit(v, n->a);
    if (n->op == OP_NOT) {
        if (t.kind == NATURE_BOOL || unknown(t)) {
            return of(NATURE_BOOL);
        }
    } else if (number(t)) {
        return t;
    } else if (unknown(t)) {
        return of(NATURE_UNKNOWN);
    }
    return BAD(v, n, "invalid operation: %s (mismatched type %s)", n->op_text, nature_name(t));
}

static struct nature promote(struct nature l, struct nature r)
{
    return of(l.kind == NATURE_FLOAT || r.kind == NATURE_FLOAT ? NATURE_FLOAT : NATURE_INT);
}

static bool in_operator(struct checker *v, struct expr *n, struct nature l, struct nature r)
{
    if (r.kind == NATURE_MAP) {
        if (!unknown(l) && l.kind != NATURE_STRING) {
            BAD(v, n, "cannot use %s as type string in map key", nature_name(l));
        }
        return true;
    }
    if (is_array(r)) {
        const struct nature elem = elem_of(r);
        if (!comparable(l, elem)) {
            BAD(v, n, "cannot use %s as type %s in array", nature_name(l), nature_name(elem));
        }
        return true;
    }
    return (unknown(l) && r.kind == NATURE_STRING) || unknown(r);
}

static const unsigned NUMBERS = CHECK(NATURE_INT) | CHECK(NATURE_FLOAT);

static struct nature coalesce(struct nature l, struct nature r)
{
    if (l.kind == NATURE_NIL || r.kind == NATURE_NIL) {
        return l.kind == NATURE_NIL ? r : l;
    }
    return assignable(r, l) ? l : of(NATURE_UNKNOWN);
}

/* The nature of an arithmetic operator; false: they do not go together. */
static bool arithmetic(struct expr *n, struct nature l, struct nature r, struct nature *out)
{
    const bool both = number(l) && number(r);
    switch (n->op) {
    case OP_ADD:
        *out = both ? promote(l, r) : of(NATURE_UNKNOWN);
        if (l.kind == NATURE_STRING && r.kind == NATURE_STRING) {
            *out = of(NATURE_STRING);
            return true;
        }
        return both || maybe(l, r, NUMBERS | CHECK(NATURE_STRING));
    case OP_SUBTRACT:
    case OP_MULTIPLY:
        *out = both ? promote(l, r) : of(NATURE_UNKNOWN);
        return both || maybe(l, r, NUMBERS);
    case OP_DIVIDE:
    case OP_POWER:
        *out = of(NATURE_FLOAT);
        return both || maybe(l, r, NUMBERS);
    case OP_MODULO:
        *out = of(NATURE_INT);
        return (l.kind == NATURE_INT && r.kind == NATURE_INT) || maybe(l, r, CHECK(NATURE_INT));
    default:
        return false;
    }
}

/* The same for operators whose answer is yes or no. */
static bool predicate_operator(struct checker *v, struct expr *n, struct nature l, struct nature r)
{
    const unsigned texts = CHECK(NATURE_STRING);
    switch (n->op) {
    case OP_EQUAL:
    case OP_NOT_EQUAL:
        return comparable(l, r);
    case OP_OR:
    case OP_AND:
        return (l.kind == NATURE_BOOL && r.kind == NATURE_BOOL) || maybe(l, r, CHECK(NATURE_BOOL));
    case OP_LESS:
    case OP_MORE:
    case OP_LESS_OR_EQUAL:
    case OP_MORE_OR_EQUAL:
        return (number(l) && number(r)) || (l.kind == NATURE_STRING && r.kind == NATURE_STRING) ||
               maybe(l, r, NUMBERS | texts);
    case OP_IN:
        return in_operator(v, n, l, r);
    case OP_MATCHES:
        bad(v, n, "regular expressions (matches) are not supported");
        return true;
    case OP_CONTAINS:
    case OP_STARTS_WITH:
    case OP_ENDS_WITH:
        return (l.kind == NATURE_STRING && r.kind == NATURE_STRING) || maybe(l, r, texts);
    default:
        return false;
    }
}

static struct nature binary(struct checker *v, struct expr *n)
{
    const struct nature l = check_visit(v, n->a);
    const struct nature r = check_visit(v, n->b);
    struct nature out = of(NATURE_BOOL);
    bool fits;
    if (n->op == OP_COALESCE) {
        return coalesce(l, r);
    }
    if (n->op == OP_RANGE) {
        out = array_of(v, of(NATURE_INT));
        fits = (l.kind == NATURE_INT && r.kind == NATURE_INT) || maybe(l, r, CHECK(NATURE_INT));
    } else if (n->op >= OP_ADD) {
        fits = arithmetic(n, l, r, &out);
    } else {
        fits = predicate_operator(v, n, l, r);
    }
    if (!fits) {
        return BAD(v, n, "invalid operation: %s (mismatched types %s and %s)", n->op_text,
                   nature_name(l), nature_name(r));
    }
    return out;
}

static struct nature conditional(struct checker *v, struct expr *n)
{
    const struct nature c = check_visit(v, n->a);
    if (c.kind != NATURE_BOOL && !unknown(c)) {
        return BAD(v, n->a, "non-bool expression (type %s) used as condition", nature_name(c));
    }
    const struct nature t1 = check_visit(v, n->b);
    const struct nature t2 = check_visit(v, n->c);
    if (t1.kind == NATURE_NIL || t2.kind == NATURE_NIL) {
        return t1.kind == NATURE_NIL ? t2 : t1;
    }
    if (!assignable(t1, t2)) {
        return of(NATURE_UNKNOWN);
    }
    if (is_array(t1) && is_array(t2)) {
        const struct nature e1 = elem_of(t1);
        const struct nature e2 = elem_of(t2);
        if (!assignable(e1, e2) || !assignable(e2, e1)) {
            return of(NATURE_ARRAY);
        }
    }
    return t1;
}

/* ---- members, slices, calls ---- */

/* What upstream leaves unvisited needs its slots here, but no errors. */
static void visit_unchecked(struct checker *v, struct expr *n)
{
    const struct formula_problem before = *v->problem;
    if (n != NULL) {
        check_visit(v, n);
    }
    *v->problem = before;
}

static struct nature env_member(struct checker *v, struct expr *n)
{
    size_t index;
    if (n->b->kind != EXPR_STRING) {
        visit_unchecked(v, n->b);
        return of(NATURE_UNKNOWN);
    }
    n->b->nature = of(NATURE_STRING);
    if (env_find(v, n->b->text, &index)) {
        return of(NATURE_FLOAT);
    }
    return n->optional ? of(NATURE_UNKNOWN) : BAD(v, n, "unknown name %s", n->b->text);
}

static struct nature member(struct checker *v, struct expr *n)
{
    const char *name = n->b->kind == EXPR_STRING ? n->b->text : NULL;
    if (is_env(n->a)) {
        return env_member(v, n);
    }
    const struct nature base = check_visit(v, n->a);
    const struct nature prop = check_visit(v, n->b);
    if (unknown(base)) {
        return of(NATURE_UNKNOWN);
    }
    if (name != NULL && base.kind == NATURE_NIL) {
        return BAD(v, n, "type nil has no field %s", name);
    }
    if (base.kind == NATURE_MAP) {
        if (prop.kind != NATURE_STRING && !unknown(prop)) {
            return BAD(v, n->b, "cannot use %s to get an element from %s", nature_name(prop),
                       nature_name(base));
        }
        return elem_of(base);
    }
    if (is_array(base)) {
        if (prop.kind != NATURE_INT && !unknown(prop)) {
            return BAD(v, n->b, "array elements can only be selected using an integer (got %s)",
                       nature_name(prop));
        }
        return elem_of(base);
    }
    if (name != NULL) {
        return BAD(v, n, "type %s has no %s %s", nature_name(base), n->method ? "method" : "field",
                   name);
    }
    return BAD(v, n, "type %s[%s] is undefined", nature_name(base), nature_name(prop));
}

static struct nature slice(struct checker *v, struct expr *n)
{
    const struct nature t = check_visit(v, n->a);
    if (unknown(t)) {
        visit_unchecked(v, n->b);
        visit_unchecked(v, n->c);
        return of(NATURE_UNKNOWN);
    }
    if (t.kind != NATURE_STRING && !is_array(t)) {
        return BAD(v, n, "cannot slice %s", nature_name(t));
    }
    for (int i = 0; i < 2; i++) {
        struct expr *bound = i == 0 ? n->b : n->c;
        if (bound == NULL) {
            continue;
        }
        const struct nature b = check_visit(v, bound);
        if (b.kind != NATURE_INT && !unknown(b)) {
            return BAD(v, bound, "non-integer slice index %s", nature_name(b));
        }
    }
    return t;
}

static struct nature call(struct checker *v, struct expr *n)
{
    if (is_env(n->a)) {
        return BAD(v, n, "map[string]float64 is not callable");
    }
    const struct nature t = check_visit(v, n->a);
    if (unknown(t)) {
        for (size_t i = 0; i < n->count; i++) {
            visit_unchecked(v, n->list[i]);
        }
        return of(NATURE_UNKNOWN);
    }
    if (t.kind == NATURE_NIL) {
        return BAD(v, n, "%s is nil; cannot call nil as function",
                   n->a->kind == EXPR_IDENTIFIER ? n->a->text : "function");
    }
    return BAD(v, n, "%s is not callable", nature_name(t));
}

/* ---- the rest ---- */

/* Kinds as reflect.Kind sees them: an unknown and nil are both invalid, all slices one. */
static int reflect_kind(struct nature t)
{
    return t.kind == NATURE_NIL ? NATURE_UNKNOWN : is_array(t) ? NATURE_ARRAY : (int)t.kind;
}

static struct nature array(struct checker *v, struct expr *n)
{
    struct nature previous = of(NATURE_UNKNOWN);
    bool same = true;
    for (size_t i = 0; i < n->count; i++) {
        const struct nature t = check_visit(v, n->list[i]);
        same = same && (i == 0 || reflect_kind(t) == reflect_kind(previous));
        previous = t;
    }
    return same ? array_of(v, previous) : of(NATURE_ARRAY);
}

static struct nature sequence(struct checker *v, struct expr *n)
{
    struct nature last = of(NATURE_UNKNOWN);
    for (size_t i = 0; i < n->count; i++) {
        last = check_visit(v, n->list[i]);
    }
    return last;
}

static struct nature compound(struct checker *v, struct expr *n)
{
    switch (n->kind) {
    case EXPR_CHAIN:
        return check_visit(v, n->a);
    case EXPR_MEMBER:
        return member(v, n);
    case EXPR_SLICE:
        return slice(v, n);
    case EXPR_CALL:
        return call(v, n);
    case EXPR_BUILTIN:
        return check_builtin(v, n);
    case EXPR_PREDICATE:
        check_visit(v, n->a);
        return of(NATURE_FUNC);
    case EXPR_POINTER:
        return check_pointer(v, n);
    case EXPR_LET:
        return let(v, n);
    case EXPR_SEQUENCE:
        return sequence(v, n);
    case EXPR_CONDITIONAL:
        return conditional(v, n);
    case EXPR_ARRAY:
        return array(v, n);
    case EXPR_MAP:
        sequence(v, n);
        return of(NATURE_MAP);
    default: /* EXPR_PAIR */
        check_visit(v, n->a);
        check_visit(v, n->b);
        return of(NATURE_NIL);
    }
}

struct nature check_visit(struct checker *v, struct expr *n)
{
    switch (n->kind) {
    case EXPR_NIL:
        n->nature = of(NATURE_NIL);
        break;
    case EXPR_IDENTIFIER:
        n->nature = identifier(v, n);
        break;
    case EXPR_INTEGER:
        n->nature = of(NATURE_INT);
        break;
    case EXPR_FLOAT:
        n->nature = of(NATURE_FLOAT);
        break;
    case EXPR_BOOL:
        n->nature = of(NATURE_BOOL);
        break;
    case EXPR_STRING:
        n->nature = of(NATURE_STRING);
        break;
    case EXPR_BYTES:
        n->nature = of(NATURE_BYTES);
        break;
    case EXPR_UNARY:
        n->nature = unary(v, n);
        break;
    case EXPR_BINARY:
        n->nature = binary(v, n);
        break;
    default:
        n->nature = compound(v, n);
        break;
    }
    return n->nature;
}

bool formula_check(struct arena *a, struct expr *root, const char *const *names, size_t count,
                   int32_t *variables, struct formula_problem *problem)
{
    struct checker v = {.arena = a, .names = names, .count = count, .problem = problem};
    check_visit(&v, root);
    *variables = v.slots;
    return problem->message == NULL;
}
