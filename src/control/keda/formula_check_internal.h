/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by formula_check.c and formula_check_builtin.c: natures and the questions asked of them,
 * as in expr-lang/expr's checker/nature.
 */
#ifndef CONTROL_KEDA_FORMULA_CHECK_INTERNAL_H
#define CONTROL_KEDA_FORMULA_CHECK_INTERNAL_H

#include "formula_internal.h"

#include <string.h>

struct checker;

/* The nature of a node, which it keeps; errors go to the checker's problem. */
struct nature check_visit(struct checker *v, struct expr *n);
struct nature check_builtin(struct checker *v, struct expr *n);
struct nature check_pointer(struct checker *v, struct expr *n);

struct checker {
    struct arena *arena;
    const char *const *names;
    size_t count;
    struct formula_problem *problem;
    VEC(struct variable) variables; /* in sight */
    int32_t slots;
    struct scope_nature *scope; /* the innermost predicate's; NULL: none */
};

static inline struct nature of(enum nature_kind kind)
{
    return (struct nature){.kind = kind};
}

static inline const char *nature_name(struct nature t)
{
    static const char *const names[] = {"unknown",
                                        "unknown",
                                        "interface {}",
                                        "bool",
                                        "int",
                                        "float64",
                                        "string",
                                        "[]uint8",
                                        "[]interface {}",
                                        "[]string",
                                        "map[string]interface {}",
                                        "func(...interface {}) (interface {}, error)"};
    return names[t.kind];
}

static inline bool unknown(struct nature t)
{
    return t.kind == NATURE_UNKNOWN || t.kind == NATURE_ANY;
}

static inline bool number(struct nature t)
{
    return t.kind == NATURE_INT || t.kind == NATURE_FLOAT;
}

static inline bool is_array(struct nature t)
{
    return t.kind == NATURE_ARRAY || t.kind == NATURE_STRINGS || t.kind == NATURE_BYTES;
}

/* AssignableTo: by Go's types, which know no elements here. */
static inline bool assignable(struct nature n, struct nature to)
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

static inline bool comparable(struct nature l, struct nature r)
{
    return unknown(l) || unknown(r) || l.kind == NATURE_NIL || r.kind == NATURE_NIL ||
           (number(l) && number(r)) || (is_array(l) && is_array(r)) || assignable(l, r);
}

#define CHECK(kind) (1u << (kind))

/* MaybeCompatible: one of them unknown, the other unknown or of one of the kinds. */
static inline bool maybe(struct nature l, struct nature r, unsigned kinds)
{
    return (unknown(l) && unknown(r)) || (unknown(l) && (CHECK(r.kind) & kinds) != 0) ||
           (unknown(r) && (CHECK(l.kind) & kinds) != 0);
}

static inline struct nature elem_of(struct nature t)
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

static inline struct nature array_of(struct checker *v, struct nature elem)
{
    struct nature *kept = arena_new(v->arena, struct nature);
    *kept = elem;
    return (struct nature){.kind = NATURE_ARRAY, .elem = kept};
}

static inline struct nature bad(struct checker *v, const struct expr *n, const char *message)
{
    if (v->problem->message == NULL) {
        *v->problem = (struct formula_problem){.message = message, .from = n->from};
    }
    return of(NATURE_UNKNOWN);
}

#define BAD(v, n, ...) bad((v), (n), arena_printf((v)->arena, __VA_ARGS__))

static inline bool is_env(const struct expr *n)
{
    return n->kind == EXPR_IDENTIFIER && strcmp(n->text, "$env") == 0;
}

static inline bool env_find(const struct checker *v, const char *name, size_t *index)
{
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->names[i], name) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

#endif
