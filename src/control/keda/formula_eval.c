/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a checked tree: what expr-lang/expr v1.17.8's compiler and vm do together, node by
 * node. Upstream makes bytecode; a walk over the tree takes the same decisions in the same order
 * and is fast enough. A panic of the vm is an error with the node's place; the first one ends it.
 *
 * The traps: findLast leaves its loop's conditions on the vm's stack, and an operator above it
 * takes one of them for its left operand (run_settle); a missing name is nil and fails only where it is used; integers wrap; a division
 * never fails; `%` by zero does.
 */
#include "formula_internal.h"

#include <math.h>
#include <string.h>

struct value run_fail(struct run *r, const struct expr *n, const char *format, ...)
{
    if (r->error == NULL) {
        va_list args;
        va_start(args, format);
        r->error = arena_vprintf(r->scratch, format, args);
        va_end(args);
        r->from = n->from;
    }
    return value_nil();
}

void run_settle(struct run *r, struct value *values, const size_t *marks, size_t count)
{
    const size_t above = count > 0 ? r->left.len - marks[0] : 0;
    if (above == 0) {
        return;
    }
    struct value *stack = arena_array(r->scratch, struct value, count + above);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t end = i + 1 < count ? marks[i + 1] : r->left.len;
        stack[n++] = values[i];
        for (size_t k = marks[i]; k < end; k++) {
            stack[n++] = r->left.items[k];
        }
    }
    /* The last value is on top: nothing was left above it. */
    for (size_t i = 0; i < above; i++) {
        r->left.items[marks[0] + i] = stack[i];
    }
    memcpy(values, stack + above, count * sizeof *values);
}

bool run_grow(struct run *r, const struct expr *n, uint64_t size)
{
    r->memory += size;
    if (r->memory >= FORMULA_MEMORY_BUDGET) {
        run_fail(r, n, "memory budget exceeded");
        return false;
    }
    return true;
}

static const char *conversion_type(const struct value *v)
{
    return v->kind == VALUE_NIL ? "nil" : value_type(v);
}

static bool as_bool(struct run *r, const struct expr *n, const struct value *v)
{
    if (v->kind != VALUE_BOOL && r->error == NULL) {
        run_fail(r, n, "interface conversion: interface {} is %s, not bool", conversion_type(v));
    }
    return v->kind == VALUE_BOOL && v->as.boolean;
}

/* A name that the environment has not: 0 in Go's map of floats, nil in its map of anything. */
static struct value absent(const struct run *r)
{
    return r->validating ? value_float(0) : value_nil();
}

static struct value input(const struct run *r, size_t index)
{
    const struct formula_input *in = &r->inputs[index];
    return in->nil ? value_nil() : value_float(in->value);
}

static struct value identifier(struct run *r, const struct expr *n)
{
    if (n->builtin != NULL) {
        return absent(r);
    }
    if (n->nature.kind != NATURE_FLOAT && n->slot == 0 && strcmp(n->text, "$env") == 0) {
        return (struct value){.kind = VALUE_ENV};
    }
    return n->slot >= 0 ? r->variables[n->slot] : input(r, (size_t)(-1 - n->slot));
}

/* ---- operators ---- */

static struct value compare(struct run *r, const struct expr *n, const struct value *a,
                            const struct value *b)
{
    int less;
    const bool turned = n->op == OP_MORE || n->op == OP_MORE_OR_EQUAL;
    const bool or_equal = n->op == OP_LESS_OR_EQUAL || n->op == OP_MORE_OR_EQUAL;
    less = turned ? value_less(b, a) : value_less(a, b);
    if (less < 0) {
        return run_fail(r, n, "invalid operation: %s %s %s", value_type(a), n->op_text,
                        value_type(b));
    }
    return value_bool(less > 0 || (or_equal && value_equal(a, b)));
}

static struct value mismatch(struct run *r, const struct expr *n, const struct value *a,
                             const struct value *b)
{
    return run_fail(r, n, "invalid operation: %s %s %s", value_type(a), n->op_text, value_type(b));
}

static struct value modulo(struct run *r, const struct expr *n, const struct value *a,
                           const struct value *b)
{
    if (a->kind != VALUE_INT || b->kind != VALUE_INT) {
        return mismatch(r, n, a, b);
    }
    if (b->as.integer == 0) {
        return run_fail(r, n, "runtime error: integer divide by zero");
    }
    return value_int(b->as.integer == -1 ? 0 : a->as.integer % b->as.integer);
}

static struct value power(struct run *r, const struct expr *n, const struct value *a,
                          const struct value *b)
{
    const struct value *bad = !value_is_number(b) ? b : a;
    if (!value_is_number(a)) {
        bad = a;
    }
    if (!value_is_number(bad)) {
        return run_fail(r, n, "invalid operation: float(%s)", value_type(bad));
    }
    return value_float(formula_pow(value_double(a), value_double(b)));
}

static struct value arithmetic(struct run *r, const struct expr *n, const struct value *a,
                               const struct value *b)
{
    if (!value_is_number(a) || !value_is_number(b)) {
        return mismatch(r, n, a, b);
    }
    if (a->kind == VALUE_INT && b->kind == VALUE_INT && n->op != OP_DIVIDE) {
        const uint64_t x = (uint64_t)a->as.integer;
        const uint64_t y = (uint64_t)b->as.integer;
        return value_int((int64_t)(n->op == OP_MULTIPLY ? x * y : x - y));
    }
    const double x = value_double(a);
    const double y = value_double(b);
    return value_float(n->op == OP_MULTIPLY ? x * y : n->op == OP_DIVIDE ? x / y : x - y);
}

static struct value range(struct run *r, const struct expr *n, const struct value *a,
                          const struct value *b)
{
    const struct value *bad = !value_is_number(a) ? a : b;
    struct value_array *out;
    if (!value_is_number(bad)) {
        return run_fail(r, n, "invalid operation: int(%s)", value_type(bad));
    }
    const int64_t from = a->kind == VALUE_INT ? a->as.integer : formula_to_int(a->as.number);
    const int64_t to = b->kind == VALUE_INT ? b->as.integer : formula_to_int(b->as.number);
    const int64_t wrapped = (int64_t)((uint64_t)to - (uint64_t)from + 1);
    const uint64_t size = wrapped > 0 ? (uint64_t)wrapped : 0;
    if (!run_grow(r, n, size)) {
        return value_nil();
    }
    const struct value whole = value_array_new(r->scratch, size, &out);
    out->type = ARRAY_OF_INT;
    for (uint64_t i = 0; i < size; i++) {
        out->items[i] = value_int(from + (int64_t)i);
    }
    return whole;
}

static struct value in(struct run *r, const struct expr *n, const struct value *a,
                       const struct value *b)
{
    if (b->kind == VALUE_NIL) {
        return value_bool(false);
    }
    if (b->kind == VALUE_ARRAY) {
        for (size_t i = 0; i < b->as.array->len; i++) {
            if (value_equal(&b->as.array->items[i], a)) {
                return value_bool(true);
            }
        }
        return value_bool(false);
    }
    if (b->kind == VALUE_MAP) {
        for (size_t i = 0; i < b->as.map->len; i++) {
            if (value_equal(&b->as.map->keys[i], a)) {
                return value_bool(true);
            }
        }
        return value_bool(false);
    }
    return run_fail(r, n, "operator \"in\" not defined on %s", value_type(b));
}

static struct value text_operator(struct run *r, const struct expr *n, const struct value *a,
                                  const struct value *b)
{
    if (a->kind == VALUE_NIL || b->kind == VALUE_NIL) {
        return value_bool(false);
    }
    const struct value *bad = b->kind != VALUE_STRING ? b : a;
    if (a->kind != VALUE_STRING) {
        bad = a;
    }
    if (bad->kind != VALUE_STRING) {
        return run_fail(r, n, "interface conversion: interface {} is %s, not string",
                        value_type(bad));
    }
    const struct value_text *x = a->as.text;
    const struct value_text *y = b->as.text;
    if (y->len > x->len) {
        return value_bool(false);
    }
    if (n->op == OP_STARTS_WITH) {
        return value_bool(memcmp(x->bytes, y->bytes, y->len) == 0);
    }
    if (n->op == OP_ENDS_WITH) {
        return value_bool(memcmp(x->bytes + (x->len - y->len), y->bytes, y->len) == 0);
    }
    for (size_t i = 0; i + y->len <= x->len; i++) {
        if (memcmp(x->bytes + i, y->bytes, y->len) == 0) {
            return value_bool(true);
        }
    }
    return value_bool(false);
}

static struct value apply(struct run *r, const struct expr *n, const struct value *a,
                          const struct value *b)
{
    switch (n->op) {
    case OP_EQUAL:
        return value_bool(value_equal(a, b));
    case OP_NOT_EQUAL:
        return value_bool(!value_equal(a, b));
    case OP_LESS:
    case OP_MORE:
    case OP_LESS_OR_EQUAL:
    case OP_MORE_OR_EQUAL:
        return compare(r, n, a, b);
    case OP_IN:
        return in(r, n, a, b);
    case OP_CONTAINS:
    case OP_STARTS_WITH:
    case OP_ENDS_WITH:
        return text_operator(r, n, a, b);
    case OP_RANGE:
        return range(r, n, a, b);
    case OP_ADD:
        return value_add(r, n, *a, *b);
    case OP_MODULO:
        return modulo(r, n, a, b);
    case OP_POWER:
        return power(r, n, a, b);
    default:
        return arithmetic(r, n, a, b);
    }
}

/* The float arithmetic of most formulas, without the detour over kinds. */
static inline bool fast_floats(enum operator_kind op, double a, double b, struct value *out)
{
    switch (op) {
    case OP_ADD:
        *out = value_float(a + b);
        return true;
    case OP_SUBTRACT:
        *out = value_float(a - b);
        return true;
    case OP_MULTIPLY:
        *out = value_float(a * b);
        return true;
    case OP_DIVIDE:
        *out = value_float(a / b);
        return true;
    default:
        return false;
    }
}

static struct value binary(struct run *r, const struct expr *n)
{
    struct value out;
    const struct value a = formula_eval(r, n->a);
    if (r->error != NULL) {
        return a;
    }
    if (n->op == OP_COALESCE) {
        return a.kind == VALUE_NIL ? formula_eval(r, n->b) : a;
    }
    if (n->op == OP_AND || n->op == OP_OR) {
        const bool left = as_bool(r, n, &a);
        return r->error != NULL || left == (n->op == OP_OR) ? a : formula_eval(r, n->b);
    }
    const size_t mark = r->left.len;
    const struct value b = formula_eval(r, n->b);
    if (r->error != NULL) {
        return b;
    }
    if (r->left.len != mark) {
        struct value both[2] = {a, b};
        const size_t marks[2] = {mark, r->left.len};
        run_settle(r, both, marks, 2);
        return apply(r, n, &both[0], &both[1]);
    }
    if (a.kind == VALUE_FLOAT && b.kind == VALUE_FLOAT &&
        fast_floats(n->op, a.as.number, b.as.number, &out)) {
        return out;
    }
    return apply(r, n, &a, &b);
}

static struct value unary(struct run *r, const struct expr *n)
{
    const struct value v = formula_eval(r, n->a);
    if (r->error != NULL || n->op == OP_ADD) {
        return v;
    }
    if (n->op == OP_NOT) {
        return value_bool(!as_bool(r, n, &v));
    }
    if (v.kind == VALUE_INT) {
        return value_int((int64_t)(0 - (uint64_t)v.as.integer));
    }
    return v.kind == VALUE_FLOAT ? value_float(-v.as.number)
                                 : run_fail(r, n, "invalid operation: - %s", value_type(&v));
}

/* ---- members ---- */

static struct value env_get(const struct run *r, const struct value *key)
{
    for (size_t i = 0; key->kind == VALUE_STRING && i < r->formula->count; i++) {
        if (strcmp(r->formula->names[i], key->as.text->bytes) == 0) {
            return input(r, i);
        }
    }
    return absent(r);
}

static struct value fetch(struct run *r, const struct expr *n, const struct value *base,
                          const struct value *key)
{
    if (base->kind == VALUE_ENV) {
        return env_get(r, key);
    }
    if (base->kind == VALUE_MAP) {
        for (size_t i = base->as.map->len; i-- > 0;) {
            if (value_equal(&base->as.map->keys[i], key)) {
                return base->as.map->values[i];
            }
        }
        return value_nil();
    }
    if (base->kind != VALUE_ARRAY) {
        return run_fail(r, n, "cannot fetch %s from %s", value_print(r->scratch, key),
                        value_type(base));
    }
    if (!value_is_number(key)) {
        return run_fail(r, n, "invalid operation: int(%s)", value_type(key));
    }
    const int64_t len = (int64_t)base->as.array->len;
    int64_t i = key->kind == VALUE_INT ? key->as.integer : formula_to_int(key->as.number);
    i = i < 0 ? len + i : i;
    if (i < 0 || i >= len) {
        return run_fail(r, n, "index out of range: %lld (array length is %lld)", (long long)i,
                        (long long)len);
    }
    return base->as.array->items[i];
}

/* *stopped: an optional member of nil ends the whole chain. */
static struct value member(struct run *r, const struct expr *n, bool *stopped)
{
    const struct value base =
        n->a->kind == EXPR_MEMBER ? member(r, n->a, stopped) : formula_eval(r, n->a);
    if (r->error != NULL || *stopped) {
        return base;
    }
    if (n->optional && base.kind == VALUE_NIL) {
        *stopped = true;
        return base;
    }
    const size_t mark = r->left.len;
    const struct value key = formula_eval(r, n->b);
    struct value both[2] = {base, key};
    const size_t marks[2] = {mark, r->left.len};
    run_settle(r, both, marks, 2);
    return r->error != NULL ? key : fetch(r, n, &both[0], &both[1]);
}

static struct value member_node(struct run *r, const struct expr *n)
{
    bool stopped = false;
    return member(r, n, &stopped);
}

static bool bound(struct run *r, const struct expr *n, const struct expr *at, int64_t otherwise,
                  int64_t *out)
{
    const struct value v = at != NULL ? formula_eval(r, at) : value_int(otherwise);
    if (r->error == NULL && !value_is_number(&v)) {
        run_fail(r, n, "invalid operation: int(%s)", value_type(&v));
    }
    *out = v.kind == VALUE_INT ? v.as.integer : formula_to_int(v.as.number);
    return r->error == NULL;
}

static struct value slice(struct run *r, const struct expr *n)
{
    const struct value v = formula_eval(r, n->a);
    int64_t from;
    int64_t to;
    if (r->error != NULL) {
        return v;
    }
    if (v.kind != VALUE_ARRAY && v.kind != VALUE_STRING) {
        return run_fail(r, n, "cannot slice %s", value_type(&v));
    }
    const int64_t len = (int64_t)(v.kind == VALUE_ARRAY ? v.as.array->len : v.as.text->len);
    if (!bound(r, n, n->c, len, &to) || !bound(r, n, n->b, 0, &from)) {
        return value_nil();
    }
    from = from < 0 ? len + from : from;
    from = from < 0 ? 0 : from;
    to = to < 0 ? len + to : to;
    to = to < 0 ? 0 : to > len ? len : to;
    from = from > to ? to : from;
    if (v.kind == VALUE_STRING) {
        struct value_text *text = arena_new(r->scratch, struct value_text);
        text->bytes = arena_strndup(r->scratch, v.as.text->bytes + from, (size_t)(to - from));
        text->len = (size_t)(to - from);
        return (struct value){.kind = VALUE_STRING, .as.text = text};
    }
    struct value_array *part = arena_new(r->scratch, struct value_array);
    *part = *v.as.array;
    part->items += from;
    part->len = (size_t)(to - from);
    return (struct value){.kind = VALUE_ARRAY, .as.array = part};
}

/* ---- the rest ---- */

static struct value text(struct run *r, const struct expr *n)
{
    struct value_text *t = arena_new(r->scratch, struct value_text);
    *t = (struct value_text){.bytes = n->text, .len = n->len};
    return (struct value){.kind = n->kind == EXPR_BYTES ? VALUE_BYTES : VALUE_STRING, .as.text = t};
}

/* The node's list, evaluated from left to right. */
static bool operands(struct run *r, const struct expr *n, struct value *out)
{
    const size_t first = r->left.len;
    size_t *marks = NULL;
    for (size_t i = 0; i < n->count; i++) {
        out[i] = formula_eval(r, n->list[i]);
        if (r->error != NULL) {
            return false;
        }
        if (marks == NULL && r->left.len != first) {
            marks = arena_array(r->scratch, size_t, n->count);
            for (size_t k = 0; k < i; k++) {
                marks[k] = first;
            }
        }
        if (marks != NULL) {
            marks[i] = r->left.len;
        }
    }
    if (marks != NULL) {
        run_settle(r, out, marks, n->count);
    }
    return true;
}

static struct value array(struct run *r, const struct expr *n)
{
    struct value_array *out;
    const struct value whole = value_array_new(r->scratch, n->count, &out);
    if (!operands(r, n, out->items)) {
        return value_nil();
    }
    return run_grow(r, n, n->count) ? whole : value_nil();
}

static struct value map(struct run *r, const struct expr *n)
{
    struct value_map *out = arena_new(r->scratch, struct value_map);
    out->keys = arena_array(r->scratch, struct value, n->count);
    out->values = arena_array(r->scratch, struct value, n->count);
    out->len = n->count;
    for (size_t i = 0; i < n->count && r->error == NULL; i++) {
        out->keys[i] = formula_eval(r, n->list[i]->a);
        out->values[i] = r->error == NULL ? formula_eval(r, n->list[i]->b) : value_nil();
        if (r->error == NULL && out->keys[i].kind != VALUE_STRING) {
            run_fail(r, n, "interface conversion: interface {} is %s, not string",
                     conversion_type(&out->keys[i]));
        }
    }
    return run_grow(r, n, n->count) ? (struct value){.kind = VALUE_MAP, .as.map = out}
                                    : value_nil();
}

static struct value builtin(struct run *r, const struct expr *n)
{
    struct value few[4];
    struct value *args = n->count <= 4 ? few : arena_array(r->scratch, struct value, n->count);
    if (n->builtin->predicate != NULL) {
        return builtin_predicate(r, n);
    }
    return operands(r, n, args) ? builtin_call(r, n, args, n->count) : value_nil();
}

static struct value pointer(const struct run *r, const struct expr *n)
{
    if (*n->text == '\0') {
        return r->scope->array->items[r->scope->index];
    }
    return strcmp(n->text, "acc") == 0 ? r->scope->acc : value_int((int64_t)r->scope->index);
}

static struct value conditional(struct run *r, const struct expr *n)
{
    const struct value c = formula_eval(r, n->a);
    const bool yes = r->error == NULL && as_bool(r, n, &c);
    return r->error != NULL ? value_nil() : formula_eval(r, yes ? n->b : n->c);
}

static struct value sequence(struct run *r, const struct expr *n)
{
    struct value last = value_nil();
    for (size_t i = 0; i < n->count && r->error == NULL; i++) {
        last = formula_eval(r, n->list[i]);
    }
    return last;
}

static struct value let(struct run *r, const struct expr *n)
{
    const struct value v = formula_eval(r, n->a);
    r->variables[n->slot] = v;
    return r->error != NULL ? v : formula_eval(r, n->b);
}

static struct value call(struct run *r, const struct expr *n)
{
    const struct value callee = formula_eval(r, n->a);
    if (r->error != NULL) {
        return callee;
    }
    return callee.kind == VALUE_NIL
               ? run_fail(r, n, "invalid operation: cannot call nil")
               : run_fail(r, n, "invalid operation: cannot call non-function of type %s",
                          value_type(&callee));
}

static struct value compound(struct run *r, const struct expr *n)
{
    switch (n->kind) {
    case EXPR_STRING:
    case EXPR_BYTES:
        return text(r, n);
    case EXPR_MEMBER:
        return member_node(r, n);
    case EXPR_SLICE:
        return slice(r, n);
    case EXPR_CALL:
        return call(r, n);
    case EXPR_SEQUENCE:
        return sequence(r, n);
    case EXPR_MAP:
        return map(r, n);
    case EXPR_LET:
        return let(r, n);
    case EXPR_POINTER:
        return pointer(r, n);
    default: /* CHAIN, PREDICATE */
        return formula_eval(r, n->a);
    }
}

struct value formula_eval(struct run *r, const struct expr *n)
{
    switch (n->kind) {
    case EXPR_NIL:
        return value_nil();
    case EXPR_IDENTIFIER:
        return identifier(r, n);
    case EXPR_INTEGER:
        return value_int(n->integer);
    case EXPR_FLOAT:
        return value_float(n->number);
    case EXPR_BOOL:
        return value_bool(n->integer != 0);
    case EXPR_CONSTANT:
        return n->value;
    case EXPR_UNARY:
        return unary(r, n);
    case EXPR_BINARY:
        return binary(r, n);
    case EXPR_BUILTIN:
        return builtin(r, n);
    case EXPR_CONDITIONAL:
        return conditional(r, n);
    case EXPR_ARRAY:
        return array(r, n);
    default:
        return compound(r, n);
    }
}
