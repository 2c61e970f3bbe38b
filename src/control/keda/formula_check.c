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
#include "base/str.h"
#include "formula_internal.h"

#include <string.h>

struct checker {
    struct arena *arena;
    const char *const *names;
    size_t count;
    struct formula_problem *problem;
    VEC(struct variable) variables; /* in sight */
    int32_t slots;
    struct scope_nature *scope; /* the innermost predicate's; NULL: none */
};

static struct nature visit(struct checker *v, struct expr *n);

static struct nature of(enum nature_kind kind)
{
    return (struct nature){.kind = kind};
}

static const char *nature_name(struct nature t)
{
    static const char *const names[] = {
        "unknown", "unknown", "interface {}",   "bool",     "int",
        "float64", "string",  "[]uint8",        "[]interface {}", "[]string",
        "map[string]interface {}", "func(...interface {}) (interface {}, error)"};
    return names[t.kind];
}

static bool unknown(struct nature t)
{
    return t.kind == NATURE_UNKNOWN || t.kind == NATURE_ANY;
}

static bool number(struct nature t)
{
    return t.kind == NATURE_INT || t.kind == NATURE_FLOAT;
}

static bool is_array(struct nature t)
{
    return t.kind == NATURE_ARRAY || t.kind == NATURE_STRINGS || t.kind == NATURE_BYTES;
}

/* AssignableTo: by Go's types, which know no elements here. */
static bool assignable(struct nature n, struct nature to)
{
    if (n.kind == NATURE_NIL) {
        return to.kind == NATURE_ANY || is_array(to) || to.kind == NATURE_MAP ||
               to.kind == NATURE_FUNC;
    }
    if (n.kind == NATURE_UNKNOWN || to.kind == NATURE_UNKNOWN || to.kind == NATURE_NIL) {
        return false;
    }
    return n.kind == to.kind || to.kind == NATURE_ANY;
}

static bool comparable(struct nature l, struct nature r)
{
    return unknown(l) || unknown(r) || l.kind == NATURE_NIL || r.kind == NATURE_NIL ||
           (number(l) && number(r)) || (is_array(l) && is_array(r)) || assignable(l, r);
}

#define CHECK(kind) (1u << (kind))

/* MaybeCompatible: one of them unknown, the other unknown or of one of the kinds. */
static bool maybe(struct nature l, struct nature r, unsigned kinds)
{
    return (unknown(l) && unknown(r)) || (unknown(l) && (CHECK(r.kind) & kinds) != 0) ||
           (unknown(r) && (CHECK(l.kind) & kinds) != 0);
}

static struct nature elem_of(struct nature t)
{
    if (t.elem != NULL && t.kind == NATURE_ARRAY) {
        return *t.elem;
    }
    switch (t.kind) {
    case NATURE_ARRAY:
    case NATURE_MAP:
        return of(NATURE_ANY);
    case NATURE_STRINGS:
        return of(NATURE_STRING);
    case NATURE_BYTES:
        return of(NATURE_INT);
    default:
        return of(NATURE_UNKNOWN);
    }
}

static struct nature array_of(struct checker *v, struct nature elem)
{
    struct nature *kept = arena_new(v->arena, struct nature);
    *kept = elem;
    return (struct nature){.kind = NATURE_ARRAY, .elem = kept};
}

static struct nature bad(struct checker *v, const struct expr *n, const char *message)
{
    if (v->problem->message == NULL) {
        *v->problem = (struct formula_problem){.message = message, .from = n->from};
    }
    return of(NATURE_UNKNOWN);
}

#define BAD(v, n, ...) bad((v), (n), arena_printf((v)->arena, __VA_ARGS__))

/* ---- names ---- */

static bool is_env(const struct expr *n)
{
    return n->kind == EXPR_IDENTIFIER && strcmp(n->text, "$env") == 0;
}

static bool env_find(const struct checker *v, const char *name, size_t *index)
{
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->names[i], name) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

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
    const struct nature value = visit(v, n->a);
    n->slot = v->slots++;
    *vec_push(v->arena, &v->variables) =
        (struct variable){.name = n->text, .slot = n->slot, .nature = value};
    const struct nature body = visit(v, n->b);
    v->variables.len--;
    return body;
}

/* ---- operators ---- */

static struct nature unary(struct checker *v, struct expr *n)
{
    const struct nature t = visit(v, n->a);
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
        return (l.kind == NATURE_BOOL && r.kind == NATURE_BOOL) ||
               maybe(l, r, CHECK(NATURE_BOOL));
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
    const struct nature l = visit(v, n->a);
    const struct nature r = visit(v, n->b);
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
    const struct nature c = visit(v, n->a);
    if (c.kind != NATURE_BOOL && !unknown(c)) {
        return BAD(v, n->a, "non-bool expression (type %s) used as condition", nature_name(c));
    }
    const struct nature t1 = visit(v, n->b);
    const struct nature t2 = visit(v, n->c);
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
        visit(v, n);
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
    const struct nature base = visit(v, n->a);
    const struct nature prop = visit(v, n->b);
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
    const struct nature t = visit(v, n->a);
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
        const struct nature b = visit(v, bound);
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
    const struct nature t = visit(v, n->a);
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

/* ---- builtins with a predicate ---- */

static bool returns_bool(enum builtin_id id)
{
    return id != BUILTIN_MAP && id != BUILTIN_SUM && id != BUILTIN_SORT_BY && id != BUILTIN_REDUCE;
}

static struct nature predicate_result(struct checker *v, const struct expr *n,
                                      struct nature collection, struct nature out)
{
    switch (n->builtin->id) {
    case BUILTIN_FILTER:
        return unknown(collection) ? of(NATURE_ARRAY) : array_of(v, elem_of(collection));
    case BUILTIN_MAP:
        return array_of(v, out);
    case BUILTIN_COUNT:
    case BUILTIN_FIND_INDEX:
    case BUILTIN_FIND_LAST_INDEX:
        return of(NATURE_INT);
    case BUILTIN_SUM:
        return out.kind == NATURE_UNKNOWN ? of(NATURE_ANY) : out;
    case BUILTIN_REDUCE:
        return out;
    case BUILTIN_FIND:
    case BUILTIN_FIND_LAST:
        return unknown(collection) ? of(NATURE_UNKNOWN) : elem_of(collection);
    case BUILTIN_SORT_BY:
        return collection;
    default:
        return of(NATURE_BOOL);
    }
}

static struct nature predicate_body(struct checker *v, struct expr *n, struct nature collection)
{
    const enum builtin_id id = n->builtin->id;
    struct scope_nature scope = {.collection = collection,
                                 .has_index = id == BUILTIN_MAP || id == BUILTIN_REDUCE,
                                 .has_acc = id == BUILTIN_REDUCE};
    struct scope_nature *outer = v->scope;
    v->scope = &scope;
    visit(v, n->list[1]);
    v->scope = outer;
    return n->list[1]->a->nature;
}

static struct nature predicate_node(struct checker *v, struct expr *n)
{
    const enum builtin_id id = n->builtin->id;
    const struct nature collection = visit(v, n->list[0]);
    if (!is_array(collection) && !unknown(collection)) {
        return BAD(v, n->list[0], "builtin %s takes only array (got %s)", n->text,
                   nature_name(collection));
    }
    if (n->count == 1) {
        return id == BUILTIN_COUNT     ? of(NATURE_INT)
               : unknown(collection) ? of(NATURE_UNKNOWN)
                                     : elem_of(collection);
    }
    const struct nature out = predicate_body(v, n, collection);
    if (n->count == 3) {
        const struct nature third = visit(v, n->list[2]);
        if (id == BUILTIN_SORT_BY && third.kind != NATURE_STRING && !unknown(third)) {
            return BAD(v, n->list[2], "sortBy order argument must be a string (got %s)",
                       nature_name(third));
        }
    }
    if (out.kind == NATURE_NIL) {
        return BAD(v, n->list[1], "predicate should has %s input and one output param",
                   id == BUILTIN_REDUCE ? "two" : "one");
    }
    if (returns_bool(id) && out.kind != NATURE_BOOL && !unknown(out)) {
        return BAD(v, n->list[1], "predicate should return boolean (got %s)", nature_name(out));
    }
    return predicate_result(v, n, collection, out);
}

static struct nature pointer(struct checker *v, struct expr *n)
{
    if (v->scope == NULL) {
        return BAD(v, n, "cannot use pointer accessor outside predicate");
    }
    if (*n->text == '\0') {
        return unknown(v->scope->collection) ? of(NATURE_UNKNOWN)
                                             : elem_of(v->scope->collection);
    }
    if (strcmp(n->text, "index") == 0 && v->scope->has_index) {
        return of(NATURE_INT);
    }
    if (strcmp(n->text, "acc") == 0 && v->scope->has_acc) {
        return of(NATURE_UNKNOWN);
    }
    return BAD(v, n, "unknown pointer #%s", n->text);
}

/* ---- builtins that check their arguments themselves ---- */

static const char *argument_name(struct nature t)
{
    return t.kind == NATURE_NIL       ? "%!s(<nil>)"
           : t.kind == NATURE_UNKNOWN ? "interface {}"
                                      : nature_name(t);
}

static struct nature aggregate(struct checker *v, struct expr *n, const struct nature *args)
{
    if (n->count == 0) {
        return BAD(v, n, "not enough arguments to call %s", n->text);
    }
    for (size_t i = 0; i < n->count; i++) {
        if (unknown(args[i]) || is_array(args[i])) {
            return of(NATURE_ANY);
        }
        if (!number(args[i])) {
            return BAD(v, n, "invalid argument for %s (type %s)", n->text, argument_name(args[i]));
        }
    }
    return args[0];
}

static bool takes(enum builtin_id id, struct nature t)
{
    if (unknown(t)) {
        return true;
    }
    switch (id) {
    case BUILTIN_LEN:
        return is_array(t) || t.kind == NATURE_MAP || t.kind == NATURE_STRING;
    case BUILTIN_INT:
    case BUILTIN_FLOAT:
        return number(t) || t.kind == NATURE_STRING;
    case BUILTIN_ABS:
    case BUILTIN_CEIL:
    case BUILTIN_FLOOR:
    case BUILTIN_ROUND:
        return number(t);
    default:
        return is_array(t);
    }
}

static struct nature single_result(enum builtin_id id, struct nature t)
{
    switch (id) {
    case BUILTIN_LEN:
    case BUILTIN_INT:
        return of(NATURE_INT);
    case BUILTIN_ABS:
        return unknown(t) ? of(NATURE_ANY) : t;
    case BUILTIN_FIRST:
    case BUILTIN_LAST: /* of Go's type: what is known of the elements is forgotten */
        return t.kind == NATURE_STRINGS ? of(NATURE_STRING) : of(NATURE_ANY);
    case BUILTIN_REVERSE:
    case BUILTIN_UNIQ:
    case BUILTIN_FLATTEN:
        return of(NATURE_ARRAY);
    default:
        return of(NATURE_FLOAT);
    }
}

static struct nature single(struct checker *v, struct expr *n, const struct nature *args)
{
    const enum builtin_id id = n->builtin->id;
    if (n->count != 1) {
        return BAD(v, n, "invalid number of arguments (expected 1, got %zu)", n->count);
    }
    if (takes(id, args[0])) {
        return single_result(id, args[0]);
    }
    const char *type = argument_name(args[0]);
    switch (id) {
    case BUILTIN_FIRST:
    case BUILTIN_LAST:
        return BAD(v, n, "cannot get %s element from %s", n->text, type);
    case BUILTIN_REVERSE:
    case BUILTIN_UNIQ:
    case BUILTIN_FLATTEN:
        return BAD(v, n, "cannot %s %s", n->text, type);
    default:
        return BAD(v, n, "invalid argument for %s (type %s)", n->text, type);
    }
}

static struct nature take(struct checker *v, struct expr *n, const struct nature *args)
{
    if (n->count != 2) {
        return BAD(v, n, "invalid number of arguments (expected 2, got %zu)", n->count);
    }
    if (!unknown(args[0]) && !is_array(args[0])) {
        return BAD(v, n, "cannot take from %s", argument_name(args[0]));
    }
    if (!unknown(args[1]) && args[1].kind != NATURE_INT) {
        return BAD(v, n, "cannot take %s elements", argument_name(args[1]));
    }
    return unknown(args[0]) ? of(NATURE_ANY) : of(args[0].kind);
}

static struct nature concat(struct checker *v, struct expr *n, const struct nature *args)
{
    if (n->count == 0) {
        return BAD(v, n, "invalid number of arguments (expected at least 1, got 0)");
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!unknown(args[i]) && !is_array(args[i])) {
            return BAD(v, n, "cannot concat %s", argument_name(args[i]));
        }
    }
    return of(NATURE_ARRAY);
}

static struct nature get(struct checker *v, struct expr *n)
{
    size_t index;
    if (n->count != 2) {
        return BAD(v, n, "invalid number of arguments (expected 2, got %zu)", n->count);
    }
    const struct nature base = visit(v, n->list[0]);
    const struct nature prop = visit(v, n->list[1]);
    if (is_env(n->list[0])) {
        const struct expr *name = n->list[1];
        return name->kind == EXPR_STRING && env_find(v, name->text, &index) ? of(NATURE_FLOAT)
                                                                            : of(NATURE_UNKNOWN);
    }
    if (unknown(base)) {
        return of(NATURE_UNKNOWN);
    }
    if (is_array(base)) {
        return prop.kind == NATURE_INT || unknown(prop)
                   ? elem_of(base)
                   : BAD(v, n->list[1], "non-integer slice index %s", nature_name(prop));
    }
    if (base.kind == NATURE_MAP) {
        return prop.kind == NATURE_STRING || unknown(prop)
                   ? elem_of(base)
                   : BAD(v, n->list[1], "cannot use %s to get an element from %s",
                         nature_name(prop), nature_name(base));
    }
    return BAD(v, n->list[0], "type %s does not support indexing", nature_name(base));
}

/* ---- builtins with signatures ---- */

static struct nature parameter(char c)
{
    switch (c) {
    case 'S':
        return of(NATURE_STRING);
    case 'I':
        return of(NATURE_INT);
    case 'L':
        return of(NATURE_ARRAY);
    case 's':
        return of(NATURE_STRINGS);
    case 'B':
        return of(NATURE_BOOL);
    default:
        return of(NATURE_ANY);
    }
}

static const char *parameter_name(char c)
{
    return c == 'i' ? "[]int" : c == 'f' ? "[]float64" : nature_name(parameter(c));
}

/* One overload; its error, or NULL. Errors inside an argument are reported as they come. */
static const char *overload(struct checker *v, struct expr *n, const char *in, size_t count,
                            const struct expr **where)
{
    *where = n;
    if (n->count != count) {
        return arena_printf(v->arena, "%s arguments to call %s",
                            n->count > count ? "too many" : "not enough", n->text);
    }
    for (size_t i = 0; i < count; i++) {
        const struct nature arg = n->list[i]->nature;
        const char *name = parameter_name(in[i]);
        *where = n->list[i];
        if (arg.kind == NATURE_NIL && in[i] != 'A') {
            return arena_printf(v->arena, "cannot use nil as argument (type %s) to call %s", name,
                                n->text);
        }
        const bool typed_list = in[i] == 'i' || in[i] == 'f';
        if (arg.kind != NATURE_NIL && !unknown(arg) &&
            (typed_list || !assignable(arg, parameter(in[i])))) {
            return arena_printf(v->arena, "cannot use %s as argument (type %s) to call %s ",
                                nature_name(arg), name, n->text);
        }
    }
    return NULL;
}

static struct nature typed_function(struct checker *v, struct expr *n)
{
    const char *error = NULL;
    const struct expr *where = n;
    for (size_t i = 0; i < n->count; i++) {
        visit(v, n->list[i]);
    }
    for (const char *t = n->builtin->types; *t != '\0';) {
        const char *arrow = strchr(t, '>');
        error = overload(v, n, t, (size_t)(arrow - t), &where);
        if (error == NULL) {
            return parameter(arrow[1]);
        }
        t = arrow + (arrow[2] == '|' ? 3 : 2);
    }
    return bad(v, where, error);
}

static struct nature builtin_node(struct checker *v, struct expr *n)
{
    const enum builtin_id id = n->builtin->id;
    if (id == BUILTIN_UNSUPPORTED) {
        return BAD(v, n, "function %s is not supported", n->text);
    }
    if (n->builtin->predicate != NULL) {
        return predicate_node(v, n);
    }
    if (n->builtin->types != NULL) {
        return typed_function(v, n);
    }
    if (id == BUILTIN_GET) {
        return get(v, n);
    }
    struct nature *args = arena_array(v->arena, struct nature, n->count);
    for (size_t i = 0; i < n->count; i++) {
        args[i] = visit(v, n->list[i]);
    }
    switch (id) {
    case BUILTIN_MAX:
    case BUILTIN_MIN:
    case BUILTIN_MEAN:
    case BUILTIN_MEDIAN:
        return aggregate(v, n, args);
    case BUILTIN_TAKE:
        return take(v, n, args);
    case BUILTIN_CONCAT:
        return concat(v, n, args);
    default:
        return single(v, n, args);
    }
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
        const struct nature t = visit(v, n->list[i]);
        same = same && (i == 0 || reflect_kind(t) == reflect_kind(previous));
        previous = t;
    }
    return same ? array_of(v, previous) : of(NATURE_ARRAY);
}

static struct nature sequence(struct checker *v, struct expr *n)
{
    struct nature last = of(NATURE_UNKNOWN);
    for (size_t i = 0; i < n->count; i++) {
        last = visit(v, n->list[i]);
    }
    return last;
}

static struct nature compound(struct checker *v, struct expr *n)
{
    switch (n->kind) {
    case EXPR_CHAIN:
        return visit(v, n->a);
    case EXPR_MEMBER:
        return member(v, n);
    case EXPR_SLICE:
        return slice(v, n);
    case EXPR_CALL:
        return call(v, n);
    case EXPR_BUILTIN:
        return builtin_node(v, n);
    case EXPR_PREDICATE:
        visit(v, n->a);
        return of(NATURE_FUNC);
    case EXPR_POINTER:
        return pointer(v, n);
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
        visit(v, n->a);
        visit(v, n->b);
        return of(NATURE_NIL);
    }
}

static struct nature visit(struct checker *v, struct expr *n)
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
    visit(&v, root);
    *variables = v.slots;
    return problem->message == NULL;
}
