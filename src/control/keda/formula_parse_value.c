/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, lists and maps, and what follows a value (.name, ?.name, [index], [from:to]):
 * expr-lang/expr v1.17.8, parser/parser.go.
 *
 * The traps: "?." wraps a whole chain, and a longer chain is one, not a chain of chains; a bad
 * number is reported at the token after it; digits may be grouped by "_".
 */
#include "formula_parse_internal.h"

#include <stdlib.h>

/* strconv.ParseInt's outcome; digits of another base than 10 may be followed by nothing else. */
static const char *parse_integer(struct parser *p, const char *text, int base, int64_t *out)
{
    const char *digits = base == 10 ? text : text + 2;
    uint64_t v = 0;
    bool range = false;
    bool syntax = *digits == '\0';
    for (const char *c = digits; *c != '\0' && !syntax; c++) {
        const int low = *c | 0x20;
        const int d = *c >= '0' && *c <= '9'     ? *c - '0'
                      : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                 : 99;
        syntax = d >= base;
        range = range || v > (uint64_t)(INT64_MAX - d) / (uint64_t)base;
        v = syntax || range ? v : v * (uint64_t)base + (uint64_t)d;
    }
    *out = range ? INT64_MAX : (int64_t)v;
    if (!syntax && !range) {
        return NULL;
    }
    *out = syntax ? 0 : *out;
    return arena_printf(p->arena, "strconv.ParseInt: parsing %s: %s",
                        formula_quote(p->arena, text, strlen(text)),
                        syntax ? "invalid syntax" : "value out of range");
}

static const char *parse_float(struct parser *p, const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    const bool syntax = *end != '\0';
    if (!syntax && *out <= 1.7976931348623157e308) {
        return NULL;
    }
    return arena_printf(p->arena, "strconv.ParseFloat: parsing %s: %s",
                        formula_quote(p->arena, text, strlen(text)),
                        syntax ? "invalid syntax" : "value out of range");
}

struct expr *parser_number(struct parser *p)
{
    const struct token token = p->current;
    char *text = arena_strdup(p->arena, token.text);
    size_t len = 0;
    next(p);
    for (const char *c = token.text; *c != '\0'; c++) {
        if (*c != '_') {
            text[len++] = *c;
        }
    }
    text[len] = '\0';
    const int mark = text[0] == '0' ? text[1] | 0x20 : 0;
    const int base = mark == 'x' ? 16 : mark == 'b' ? 2 : mark == 'o' ? 8 : 10;
    const bool is_float = mark != 'x' && strpbrk(text, ".eE") != NULL;
    const char *name = mark == 'x'   ? "hex"
                       : mark == 'b' ? "binary"
                       : mark == 'o' ? "octal"
                                     : "integer";
    double number = 0;
    int64_t integer = 0;
    const char *error =
        is_float ? parse_float(p, text, &number) : parse_integer(p, text, base, &integer);
    if (error != NULL) {
        fail(p, arena_printf(p->arena, "invalid %s literal: %s", is_float ? "float" : name, error));
    }
    struct expr *n = node_at(p, is_float ? EXPR_FLOAT : EXPR_INTEGER, token.from);
    if (n != NULL) {
        n->number = number;
        n->integer = integer;
    }
    return n;
}

struct expr *parser_array(struct parser *p, uint32_t from)
{
    struct node_list list = {0};
    expect(p, TOKEN_BRACKET, "[");
    while (!at_bracket(p, "]") && !failed(p)) {
        if (list.of.len > 0) {
            expect(p, TOKEN_OPERATOR, ",");
            if (at_bracket(p, "]")) {
                break;
            }
        }
        list_add(p, &list, parser_expression(p, 0));
    }
    expect(p, TOKEN_BRACKET, "]");
    return with_list(node_at(p, EXPR_ARRAY, from), &list);
}

static struct expr *parse_map_key(struct parser *p)
{
    const enum token_kind kind = p->current.kind;
    struct expr *key = NULL;
    if (kind == TOKEN_NUMBER || kind == TOKEN_STRING || kind == TOKEN_IDENTIFIER) {
        key = text_at(p, EXPR_STRING, &p->current);
        if (key != NULL) {
            next(p);
        }
    } else if (at_bracket(p, "(")) {
        key = parser_expression(p, 0);
    } else {
        fail(p, arena_printf(p->arena,
                             "a map key must be a quoted string, a number, a identifier, or an "
                             "expression enclosed in parentheses (unexpected token %s)",
                             token_text(p, &p->current)));
    }
    return key;
}

struct expr *parser_map(struct parser *p, uint32_t from)
{
    struct node_list list = {0};
    expect(p, TOKEN_BRACKET, "{");
    while (!at_bracket(p, "}") && !failed(p)) {
        if (list.of.len > 0) {
            expect(p, TOKEN_OPERATOR, ",");
            if (at_bracket(p, "}")) {
                break;
            }
            if (at_operator(p, ",")) {
                unexpected(p, &p->current);
            }
        }
        struct expr *key = parse_map_key(p);
        if (failed(p)) {
            return NULL;
        }
        expect(p, TOKEN_OPERATOR, ":");
        struct expr *value = parser_expression(p, 0);
        struct expr *pair = node_at(p, EXPR_PAIR, from);
        if (pair == NULL) {
            return NULL;
        }
        pair->a = key;
        pair->b = value;
        list_add(p, &list, pair);
    }
    expect(p, TOKEN_BRACKET, "}");
    return with_list(node_at(p, EXPR_MAP, from), &list);
}

/* ---- what follows a value: .name, ?.name, [index], [from:to] ---- */

static bool is_name_operator(const struct token *t)
{
    const char c = t->text[0];
    return t->kind == TOKEN_OPERATOR &&
           ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$');
}

static struct expr *chain_of(struct parser *p, struct expr *n, uint32_t from)
{
    struct expr *chain = node_at(p, EXPR_CHAIN, from);
    if (chain != NULL) {
        chain->a = n;
    }
    return chain;
}

static struct expr *parse_member(struct parser *p, struct expr *node, bool optional)
{
    const struct token name = p->current;
    const bool is_chain = node != NULL && node->kind == EXPR_CHAIN;
    next(p);
    if (name.kind != TOKEN_IDENTIFIER && !is_name_operator(&name)) {
        fail(p, "expected name");
    }
    struct expr *property = text_at(p, EXPR_STRING, &name);
    struct expr *member = node_at(p, EXPR_MEMBER, name.from);
    if (property == NULL || member == NULL) {
        return NULL;
    }
    member->a = is_chain ? node->a : node;
    member->b = property;
    member->optional = optional;
    struct expr *n = member;
    if (at_bracket(p, "(")) {
        struct node_list args = {0};
        member->method = true;
        parser_arguments(p, &args);
        n = with_list(node_at(p, EXPR_CALL, name.from), &args);
        if (n == NULL) {
            return NULL;
        }
        n->a = member;
    }
    return is_chain || optional ? chain_of(p, n, name.from) : n;
}

static struct expr *parse_slice(struct parser *p, struct expr *node, struct expr *from, uint32_t at)
{
    struct expr *to = NULL;
    next(p);
    if (!at_bracket(p, "]")) {
        to = parser_expression(p, 0);
    }
    struct expr *n = node_at(p, EXPR_SLICE, at);
    if (n == NULL) {
        return NULL;
    }
    n->a = node;
    n->b = from;
    n->c = to;
    expect(p, TOKEN_BRACKET, "]");
    return n;
}

static struct expr *parse_index(struct parser *p, struct expr *node, bool optional, uint32_t at)
{
    next(p);
    if (at_operator(p, ":")) {
        return parse_slice(p, node, NULL, at);
    }
    struct expr *index = parser_expression(p, 0);
    if (at_operator(p, ":")) {
        return parse_slice(p, node, index, at);
    }
    struct expr *n = node_at(p, EXPR_MEMBER, at);
    if (n == NULL) {
        return NULL;
    }
    n->a = node;
    n->b = index;
    n->optional = optional;
    if (optional) {
        n = chain_of(p, n, at);
        if (n == NULL) {
            return NULL;
        }
    }
    expect(p, TOKEN_BRACKET, "]");
    return n;
}

struct expr *parser_postfix(struct parser *p, struct expr *node)
{
    while (!failed(p)) {
        const bool optional = at_operator(p, "?.");
        if (at_bracket(p, "[")) {
            node = parse_index(p, node, false, p->current.from);
        } else if (optional || at_operator(p, ".")) {
            next(p);
            node = optional && at_bracket(p, "[") ? parse_index(p, node, true, p->current.from)
                                                  : parse_member(p, node, optional);
        } else {
            return node;
        }
        if (node == NULL) {
            return NULL;
        }
    }
    return node;
}
