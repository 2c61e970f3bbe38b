/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of calls of builtins: expr-lang/expr v1.17.8, checker.builtinNode and the Validate
 * functions of builtin/builtin.go.
 *
 * The traps: predicates see only the innermost list; first and last forget what is known of a
 * list's elements; of several overloads the last one's error is reported; take and sort keep
 * Go's type, not the elements'.
 */
#include "formula_check_internal.h"

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
    check_visit(v, n->list[1]);
    v->scope = outer;
    return n->list[1]->a->nature;
}

static struct nature predicate_node(struct checker *v, struct expr *n)
{
    const enum builtin_id id = n->builtin->id;
    const struct nature collection = check_visit(v, n->list[0]);
    if (!is_array(collection) && !unknown(collection)) {
        return BAD(v, n->list[0], "builtin %s takes only array (got %s)", n->text,
                   nature_name(collection));
    }
    if (n->count == 1) {
        return id == BUILTIN_COUNT   ? of(NATURE_INT)
               : unknown(collection) ? of(NATURE_UNKNOWN)
                                     : elem_of(collection);
    }
    const struct nature out = predicate_body(v, n, collection);
    if (n->count == 3) {
        const struct nature third = check_visit(v, n->list[2]);
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

struct nature check_pointer(struct checker *v, struct expr *n)
{
    if (v->scope == NULL) {
        return BAD(v, n, "cannot use pointer accessor outside predicate");
    }
    if (*n->text == '\0') {
        return unknown(v->scope->collection) ? of(NATURE_UNKNOWN) : elem_of(v->scope->collection);
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
    const struct nature base = check_visit(v, n->list[0]);
    const struct nature prop = check_visit(v, n->list[1]);
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
        check_visit(v, n->list[i]);
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

struct nature check_builtin(struct checker *v, struct expr *n)
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
        args[i] = check_visit(v, n->list[i]);
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
