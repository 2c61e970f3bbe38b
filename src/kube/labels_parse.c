/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what "app=web,tier in (a,b),!canary" selects. The idea: upstream's parser,
 * a token at a time with one of look-ahead, on the text itself.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/labels/selector.go (Lexer, Parser).
 * The trap: "in" and "notin" are operators only where one is expected, an empty value is
 * allowed nearly everywhere ("a=", "a in ()"), and a key's error names the path "<nil>".
 */
#include "base/str.h"
#include "base/vec.h"
#include "labels_internal.h"

#include <stdbool.h>
#include <string.h>

enum token {
    TOKEN_END,
    TOKEN_IDENTIFIER,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_NOT,
    TOKEN_DOUBLE_EQUALS,
    TOKEN_EQUALS,
    TOKEN_GREATER,
    TOKEN_IN,
    TOKEN_LESS,
    TOKEN_NOT_EQUALS,
    TOKEN_NOT_IN,
    TOKEN_OPEN
};

static const struct {
    const char *text;
    enum token token;
} words[] = {
    {")", TOKEN_CLOSE},       {",", TOKEN_COMMA},
    {"!", TOKEN_NOT},         {"==", TOKEN_DOUBLE_EQUALS},
    {"=", TOKEN_EQUALS},      {">", TOKEN_GREATER},
    {"in", TOKEN_IN},         {"<", TOKEN_LESS},
    {"!=", TOKEN_NOT_EQUALS}, {"(", TOKEN_OPEN},
    {"notin", TOKEN_NOT_IN},
};

struct parser {
    struct arena *arena;
    const char *s;
    enum token token; /* the next one, and its text */
    const char *literal;
    const char *error;
    VEC(struct label_requirement) out;
};

static enum token word_token(const char *s, size_t len)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].text) == len && memcmp(words[i].text, s, len) == 0) {
            return words[i].token;
        }
    }
    return TOKEN_IDENTIFIER;
}

/* Lex: the next token into p->token. */
static void next(struct parser *p)
{
    static const char special[] = "=!(),><";
    p->s += strspn(p->s, " \t\r\n");
    size_t len = 0;
    if (*p->s == '\0') {
        p->token = TOKEN_END;
    } else if (strchr(special, *p->s) != NULL) {
        size_t run = strspn(p->s, special);
        len = run > 1 && word_token(p->s, 2) != TOKEN_IDENTIFIER ? 2 : 1;
        p->token = word_token(p->s, len);
    } else {
        len = strcspn(p->s, "=!(),>< \t\r\n");
        p->token = word_token(p->s, len);
    }
    p->literal = arena_strndup(p->arena, p->s, len);
    p->s += len;
}

/* The next token where values and keys are expected. */
static enum token value_token(const struct parser *p)
{
    return p->token == TOKEN_IN || p->token == TOKEN_NOT_IN ? TOKEN_IDENTIFIER : p->token;
}

static bool fail(struct parser *p, const char *expected)
{
    p->error = arena_printf(p->arena, "found '%s', expected: %s", p->literal, expected);
    return false;
}

/* parseKeyAndInferOperator: *known when the operator needs no value. */
static bool parse_key(struct parser *p, struct label_requirement *r, bool *known)
{
    *known = value_token(p) == TOKEN_NOT;
    if (*known) {
        next(p);
    }
    if (value_token(p) != TOKEN_IDENTIFIER) {
        return fail(p, "identifier");
    }
    r->key = p->literal;
    r->op = *known ? LABEL_DOES_NOT_EXIST : LABEL_EXISTS;
    const char *wrong = label_key_error(p->arena, r->key);
    if (wrong != NULL) {
        p->error = arena_printf(p->arena, "<nil>: Invalid value: %s: %s",
                                go_quote(p->arena, r->key), wrong);
        return false;
    }
    next(p);
    *known = *known || p->token == TOKEN_END || p->token == TOKEN_COMMA;
    return true;
}

static bool parse_operator(struct parser *p, struct label_requirement *r)
{
    switch (p->token) {
    case TOKEN_IN:
        r->op = LABEL_IN;
        break;
    case TOKEN_NOT_IN:
        r->op = LABEL_NOT_IN;
        break;
    case TOKEN_EQUALS:
        r->op = LABEL_EQUALS;
        break;
    case TOKEN_DOUBLE_EQUALS:
        r->op = LABEL_DOUBLE_EQUALS;
        break;
    case TOKEN_NOT_EQUALS:
        r->op = LABEL_NOT_EQUALS;
        break;
    case TOKEN_GREATER:
        r->op = LABEL_GREATER_THAN;
        break;
    case TOKEN_LESS:
        r->op = LABEL_LESS_THAN;
        break;
    default:
        return fail(p, "in, notin, =, ==, !=, gt, lt");
    }
    next(p);
    return true;
}

/* Sorted and once each, as sets.String lists them. */
struct value_set {
    VEC(const char *) list;
};

static void insert(struct arena *a, struct value_set *set, const char *value)
{
    size_t at = 0;
    while (at < set->list.len && strcmp(set->list.items[at], value) < 0) {
        at++;
    }
    if (at < set->list.len && strcmp(set->list.items[at], value) == 0) {
        return;
    }
    *vec_push(a, &set->list) = value;
    memmove(&set->list.items[at + 1], &set->list.items[at],
            (set->list.len - 1 - at) * sizeof *set->list.items);
    set->list.items[at] = value;
}

/* parseIdentifiersList: up to the closing parenthesis, which stays. */
static bool parse_list(struct parser *p, struct value_set *set)
{
    for (;;) {
        enum token token = value_token(p);
        const char *literal = p->literal;
        if (token != TOKEN_IDENTIFIER && token != TOKEN_COMMA) {
            return fail(p, "',', or identifier");
        }
        next(p);
        enum token after = value_token(p);
        if (token == TOKEN_IDENTIFIER) {
            insert(p->arena, set, literal);
            if (after == TOKEN_CLOSE) {
                return true;
            }
            if (after != TOKEN_COMMA) {
                return fail(p, "',' or ')'");
            }
            continue;
        }
        if (set->list.len == 0 || after == TOKEN_CLOSE || after == TOKEN_COMMA) {
            insert(p->arena, set, "");
        }
        if (after == TOKEN_CLOSE) {
            return true;
        }
    }
}

/* parseValues: "(a,b)" */
static bool parse_values(struct parser *p, struct value_set *set)
{
    if (p->token != TOKEN_OPEN) {
        p->error = arena_printf(p->arena, "found '%s' expected: '('", p->literal);
        return false;
    }
    next(p);
    switch (value_token(p)) {
    case TOKEN_IDENTIFIER:
    case TOKEN_COMMA:
        if (!parse_list(p, set)) {
            return false;
        }
        break;
    case TOKEN_CLOSE:
        insert(p->arena, set, "");
        break;
    default:
        return fail(p, "',', ')' or identifier");
    }
    next(p);
    return true;
}

/* parseExactValue: nothing is the empty value. */
static bool parse_exact(struct parser *p, struct value_set *set)
{
    if (p->token == TOKEN_END || p->token == TOKEN_COMMA) {
        insert(p->arena, set, "");
        return true;
    }
    if (value_token(p) != TOKEN_IDENTIFIER) {
        return fail(p, "identifier");
    }
    insert(p->arena, set, p->literal);
    next(p);
    return true;
}

static bool parse_requirement(struct parser *p)
{
    struct label_requirement r = {0};
    struct value_set set = {0};
    bool known;
    if (!parse_key(p, &r, &known)) {
        return false;
    }
    if (!known) {
        if (!parse_operator(p, &r)) {
            return false;
        }
        bool list = r.op == LABEL_IN || r.op == LABEL_NOT_IN;
        if (!(list ? parse_values(p, &set) : parse_exact(p, &set))) {
            return false;
        }
    }
    r.values = set.list.items;
    r.value_count = set.list.len;
    p->error = label_requirement_error(p->arena, &r);
    if (p->error != NULL) {
        return false;
    }
    *vec_push(p->arena, &p->out) = r;
    return true;
}

static bool parse_all(struct parser *p)
{
    while (p->token != TOKEN_END) {
        enum token token = value_token(p);
        if (token != TOKEN_IDENTIFIER && token != TOKEN_NOT) {
            return fail(p, "!, identifier, or 'end of string'");
        }
        if (!parse_requirement(p)) {
            p->error = arena_printf(p->arena, "unable to parse requirement: %s", p->error);
            return false;
        }
        if (p->token == TOKEN_END) {
            return true;
        }
        if (p->token != TOKEN_COMMA) {
            return fail(p, "',' or 'end of string'");
        }
        next(p);
        token = value_token(p);
        if (token != TOKEN_IDENTIFIER && token != TOKEN_NOT) {
            return fail(p, "identifier after ','");
        }
    }
    return true;
}

const char *label_selector_parse(struct arena *a, const char *text, struct label_selector *out)
{
    *out = (struct label_selector){0};
    struct parser p = {.arena = a, .s = text};
    next(&p);
    if (!parse_all(&p)) {
        return p.error;
    }
    label_requirements_sort(p.out.items, p.out.len);
    out->requirements = p.out.items;
    out->count = p.out.len;
    return NULL;
}
