/* SPDX-License-Identifier: Apache-2.0 */
/*
 * all, none, any, one, filter, map, count, sum, find, sortBy, reduce: the loops that expr-lang/expr
 * v1.17.8's compiler makes of them (compiler.BuiltinNode).
 *
 * The trap: findLast and findLastIndex leave the conditions of their loop on the stack, one for
 * each turn: see run_settle.
 */
#include "formula_internal.h"

static struct value body(struct run *r, const struct expr *n)
{
    return n->count > 1 ? formula_eval(r, n->list[1]->a) : r->scope->array->items[r->scope->index];
}

static bool yes(struct run *r, const struct expr *n)
{
    const struct value v = body(r, n);
    if (r->error == NULL && v.kind != VALUE_BOOL) {
        run_fail(r, n, "interface conversion: interface {} is %s, not bool",
                 v.kind == VALUE_NIL ? "nil" : value_type(&v));
    }
    return r->error == NULL && v.as.boolean;
}

static int64_t count_yes(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    int64_t count = 0;
    for (; s->index < s->array->len && r->error == NULL; s->index++) {
        count += yes(r, n);
    }
    return count;
}

/* all, none, any: until the answer is known. */
static struct value quantified(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    const enum builtin_id id = n->builtin->id;
    const bool stop_at = id != BUILTIN_ALL;
    for (; s->index < s->array->len && r->error == NULL; s->index++) {
        if (yes(r, n) == stop_at) {
            return value_bool(id == BUILTIN_ANY);
        }
    }
    return value_bool(id != BUILTIN_ANY);
}

static struct value find(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    const enum builtin_id id = n->builtin->id;
    const bool backwards = id == BUILTIN_FIND_LAST || id == BUILTIN_FIND_LAST_INDEX;
    const size_t len = s->array->len;
    for (size_t i = 0; i < len && r->error == NULL; i++) {
        s->index = backwards ? len - 1 - i : i;
        if (backwards) {
            *vec_push(r->scratch, &r->left) = value_bool(true);
        }
        if (yes(r, n)) {
            return id == BUILTIN_FIND || id == BUILTIN_FIND_LAST ? s->array->items[s->index]
                                                                 : value_int((int64_t)s->index);
        }
    }
    if (backwards) {
        *vec_push(r->scratch, &r->left) = value_bool(false);
    }
    return n->throws ? run_fail(r, n, "reflect: slice index out of range") : value_nil();
}

static struct value collect(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    struct value_array *out;
    const bool filter = n->builtin->id == BUILTIN_FILTER;
    const struct value whole = value_array_new(r->scratch, s->array->len, &out);
    const size_t first = r->left.len;
    size_t *marks = arena_array(r->scratch, size_t, s->array->len);
    out->len = 0;
    for (; s->index < s->array->len && r->error == NULL; s->index++) {
        if (!filter || yes(r, n)) {
            out->items[out->len] = filter ? s->array->items[s->index] : body(r, n);
            marks[out->len++] = r->left.len;
        }
    }
    if (r->error == NULL && r->left.len != first) {
        run_settle(r, out->items, marks, out->len);
    }
    return r->error == NULL && run_grow(r, n, out->len) ? whole : value_nil();
}

static struct value sum(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    struct value total = value_int(0);
    for (; s->index < s->array->len && r->error == NULL; s->index++) {
        const struct value v = body(r, n);
        if (r->error == NULL) {
            total = value_add(r, n, v, total);
        }
    }
    return total;
}

static struct value reduce(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    if (n->count == 3) {
        s->acc = formula_eval(r, n->list[2]);
    } else if (s->array->len == 0) {
        return run_fail(r, n, "reduce of empty array with no initial value");
    } else {
        s->acc = s->array->items[s->index++];
    }
    for (; s->index < s->array->len && r->error == NULL; s->index++) {
        s->acc = body(r, n);
    }
    return s->acc;
}

static struct value sort_by(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    struct value_array *out;
    bool descending = false;
    const struct value order = n->count == 3 ? formula_eval(r, n->list[2]) : value_nil();
    if (r->error != NULL || (n->count == 3 && !run_sort_order(r, n, &order, &descending))) {
        return value_nil();
    }
    const size_t len = s->array->len;
    const struct value whole = value_array_new(r->scratch, len, &out);
    struct value *keys = arena_array(r->scratch, struct value, len);
    for (; s->index < len && r->error == NULL; s->index++) {
        out->items[s->index] = s->array->items[s->index];
        keys[s->index] = body(r, n);
    }
    return r->error == NULL && run_sort(r, n, descending, out->items, keys, len) &&
                   run_grow(r, n, len)
               ? whole
               : value_nil();
}

static struct value loop(struct run *r, const struct expr *n, struct pointer_scope *s)
{
    switch (n->builtin->id) {
    case BUILTIN_FILTER:
    case BUILTIN_MAP:
        return collect(r, n, s);
    case BUILTIN_COUNT:
        return value_int(count_yes(r, n, s));
    case BUILTIN_ONE:
        return value_bool(count_yes(r, n, s) == 1);
    case BUILTIN_SUM:
        return sum(r, n, s);
    case BUILTIN_REDUCE:
        return reduce(r, n, s);
    case BUILTIN_SORT_BY:
        return sort_by(r, n, s);
    case BUILTIN_ALL:
    case BUILTIN_NONE:
    case BUILTIN_ANY:
        return quantified(r, n, s);
    default:
        return find(r, n, s);
    }
}

struct value builtin_predicate(struct run *r, const struct expr *n)
{
    const struct value list = formula_eval(r, n->list[0]);
    if (r->error != NULL) {
        return value_nil();
    }
    if (list.kind != VALUE_ARRAY) {
        return run_fail(r, n, "reflect: call of reflect.Value.Len on %s Value",
                        list.kind == VALUE_NIL ? "zero" : value_type(&list));
    }
    struct pointer_scope scope = {.array = list.as.array};
    struct pointer_scope *outer = r->scope;
    r->scope = &scope;
    const struct value out = loop(r, n, &scope);
    r->scope = outer;
    return r->error != NULL ? value_nil() : out;
}
