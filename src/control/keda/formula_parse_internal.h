/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by formula_parse.c (operators, calls, words) and formula_parse_value.c (literals, lists
 * and what follows a value): the parser's small tools. Each is expr-lang/expr's of that name.
 */
#ifndef CONTROL_KEDA_FORMULA_PARSE_INTERNAL_H
#define CONTROL_KEDA_FORMULA_PARSE_INTERNAL_H

#include "formula_internal.h"

#include <string.h>

struct node_list;

struct expr *parser_expression(struct parser *p, int precedence);
struct expr *parser_sequence(struct parser *p);
struct expr *parser_postfix(struct parser *p, struct expr *node);
void parser_arguments(struct parser *p, struct node_list *args);
struct expr *parser_number(struct parser *p);
struct expr *parser_array(struct parser *p, uint32_t from);
struct expr *parser_map(struct parser *p, uint32_t from);

/* ---- tokens ---- */

static inline bool token_is(const struct token *t, enum token_kind kind, const char *text)
{
    return t->kind == kind && strcmp(t->text, text) == 0;
}

static inline bool at_operator(const struct parser *p, const char *text)
{
    return token_is(&p->current, TOKEN_OPERATOR, text);
}

static inline bool at_bracket(const struct parser *p, const char *text)
{
    return token_is(&p->current, TOKEN_BRACKET, text);
}

static inline bool failed(const struct parser *p)
{
    return p->problem.message != NULL;
}

static inline void fail_at(struct parser *p, const struct token *t, const char *message)
{
    if (!failed(p)) {
        p->problem = (struct formula_problem){.message = message, .from = t->from};
    }
}

static inline void fail(struct parser *p, const char *message)
{
    fail_at(p, &p->current, message);
}

static inline const char *token_text(struct parser *p, const struct token *t)
{
    static const char *const kinds[] = {"Identifier", "Number",  "String", "Bytes",
                                        "Operator",   "Bracket", "EOF"};
    if (t->len == 0) {
        return kinds[t->kind];
    }
    return arena_printf(p->arena, "%s(%s)", kinds[t->kind],
                        formula_quote(p->arena, t->text, t->len));
}

static inline void unexpected(struct parser *p, const struct token *t)
{
    fail(p, arena_printf(p->arena, "unexpected token %s", token_text(p, t)));
}

static inline void next(struct parser *p)
{
    if (p->has_stash) {
        p->current = p->stashed;
        p->has_stash = false;
    } else if (!lexer_next(&p->lexer, &p->current)) {
        if (p->lexer.problem.message != NULL) {
            p->problem = p->lexer.problem;
        } else {
            fail(p, "unexpected end of expression");
        }
    }
}

static inline void expect(struct parser *p, enum token_kind kind, const char *text)
{
    if (p->current.kind == kind && (text == NULL || strcmp(p->current.text, text) == 0)) {
        next(p);
    } else {
        unexpected(p, &p->current);
    }
}

/* ---- nodes ---- */

/* NULL when there is an error by now, or one node too many. */
static inline struct expr *node_at(struct parser *p, enum expr_kind kind, uint32_t from)
{
    if (++p->nodes > FORMULA_MAX_NODES) {
        fail(p, "compilation failed: expression exceeds maximum allowed nodes");
    }
    if (failed(p)) {
        return NULL;
    }
    struct expr *n = arena_new(p->arena, struct expr);
    n->kind = kind;
    n->from = from;
    return n;
}

static inline struct expr *binary_at(struct parser *p, enum operator_kind op, const char *text,
                                     struct expr *left, struct expr *right, uint32_t from)
{
    struct expr *n = node_at(p, EXPR_BINARY, from);
    if (n != NULL) {
        n->op = op;
        n->op_text = text;
        n->a = left;
        n->b = right;
    }
    return n;
}

static inline struct expr *unary_at(struct parser *p, enum operator_kind op, const char *text,
                                    struct expr *of, uint32_t from)
{
    struct expr *n = node_at(p, EXPR_UNARY, from);
    if (n != NULL) {
        n->op = op;
        n->op_text = text;
        n->a = of;
    }
    return n;
}

static inline struct expr *text_at(struct parser *p, enum expr_kind kind, const struct token *t)
{
    struct expr *n = node_at(p, kind, t->from);
    if (n != NULL) {
        n->text = t->text;
        n->len = t->len;
    }
    return n;
}

struct node_list {
    VEC(struct expr *) of;
};

static inline void list_add(struct parser *p, struct node_list *list, struct expr *n)
{
    *vec_push(p->arena, &list->of) = n;
}

static inline struct expr *with_list(struct expr *n, const struct node_list *list)
{
    if (n != NULL) {
        n->list = list->of.items;
        n->count = list->of.len;
    }
    return n;
}

#endif
