/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens into a tree: expr-lang/expr v1.17.8, parser/parser.go. Precedence climbing, with
 * upstream's functions, order of calls and errors.
 *
 * The traps: after an error parsing goes on for a while, and an error of the lexer then replaces
 * the parser's; "??" binds tighter than any other operator and may not stand left of one;
 * a < b < c means a < b && b < c; the conditional's place is the token after it; a trigger that
 * has a builtin's name hides it.
 */
#include "formula_parse_internal.h"

/* ---- operators ---- */

struct operator_entry {
    const char *text;
    enum operator_kind op;
    int precedence;
    bool right;
};

static const struct operator_entry binary_operators[] = {
    {"|", OP_NONE, 0, false},
    {"or", OP_OR, 10, false},
    {"||", OP_OR, 10, false},
    {"and", OP_AND, 15, false},
    {"&&", OP_AND, 15, false},
    {"==", OP_EQUAL, 20, false},
    {"!=", OP_NOT_EQUAL, 20, false},
    {"<", OP_LESS, 20, false},
    {">", OP_MORE, 20, false},
    {">=", OP_MORE_OR_EQUAL, 20, false},
    {"<=", OP_LESS_OR_EQUAL, 20, false},
    {"in", OP_IN, 20, false},
    {"matches", OP_MATCHES, 20, false},
    {"contains", OP_CONTAINS, 20, false},
    {"startsWith", OP_STARTS_WITH, 20, false},
    {"endsWith", OP_ENDS_WITH, 20, false},
    {"..", OP_RANGE, 25, false},
    {"+", OP_ADD, 30, false},
    {"-", OP_SUBTRACT, 30, false},
    {"*", OP_MULTIPLY, 60, false},
    {"/", OP_DIVIDE, 60, false},
    {"%", OP_MODULO, 60, false},
    {"**", OP_POWER, 100, true},
    {"^", OP_POWER, 100, true},
    {"??", OP_COALESCE, 500, false},
};

static const struct operator_entry unary_operators[] = {
    {"not", OP_NOT, 50, false},
    {"!", OP_NOT, 50, false},
    {"-", OP_SUBTRACT, 90, false},
    {"+", OP_ADD, 90, false},
};

static const struct operator_entry *operator_find(const struct operator_entry *table, size_t count,
                                                  const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].text, text) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

#define OPERATOR_FIND(table, text)                                                                 \
    operator_find((table), sizeof(table) / sizeof((table)[0]), (text))

static bool is_comparison(const struct operator_entry *op)
{
    return op != NULL && op->op >= OP_LESS && op->op <= OP_MORE_OR_EQUAL;
}

static bool may_follow_not(const char *text)
{
    const struct operator_entry *op = OPERATOR_FIND(binary_operators, text);
    return op != NULL && op->op >= OP_IN && op->op <= OP_ENDS_WITH;
}

static struct expr *parse_comparison(struct parser *p, struct expr *left, struct token token)
{
    struct expr *root = NULL;
    for (;;) {
        const struct operator_entry *op = OPERATOR_FIND(binary_operators, token.text);
        struct expr *right = parser_expression(p, op->precedence + 1);
        struct expr *one = binary_at(p, op->op, op->text, left, right, token.from);
        if (one != NULL && root != NULL) {
            one = binary_at(p, OP_AND, "&&", root, one, token.from);
        }
        if (one == NULL) {
            return NULL;
        }
        root = one;
        left = right;
        token = p->current;
        if (token.kind != TOKEN_OPERATOR || failed(p) ||
            !is_comparison(OPERATOR_FIND(binary_operators, token.text))) {
            return root;
        }
        next(p);
    }
}

/* ---- calls ---- */

static bool overridden(const struct parser *p, const char *name)
{
    for (size_t i = 0; i < p->name_count; i++) {
        if (strcmp(p->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static struct expr *parse_predicate(struct parser *p)
{
    const uint32_t from = p->current.from;
    const bool brackets = at_bracket(p, "{");
    struct expr *body;
    if (brackets) {
        next(p);
    }
    p->predicate_depth++;
    if (brackets) {
        body = parser_sequence(p);
    } else {
        body = parser_expression(p, 0);
        if (at_operator(p, ";")) {
            fail(p, "wrap predicate with brackets { and }");
        }
    }
    p->predicate_depth--;
    if (brackets) {
        expect(p, TOKEN_BRACKET, "}");
    }
    struct expr *n = node_at(p, EXPR_PREDICATE, from);
    if (n != NULL) {
        n->a = body;
    }
    return n;
}

/* "e" an expression, "p" a predicate; capitals may be left out. */
static void parse_predicate_arguments(struct parser *p, const char *shape, struct node_list *args)
{
    const size_t given = args->of.len;
    const char *rest = shape + given;
    expect(p, TOKEN_BRACKET, "(");
    for (size_t i = 0; rest[i] != '\0'; i++) {
        const bool optional = rest[i] == 'E' || rest[i] == 'P';
        if (at_bracket(p, ")")) {
            if (optional) {
                break;
            }
            fail(p, arena_printf(p->arena, "expected at least %zu arguments", strlen(rest)));
        }
        if (i > 0) {
            expect(p, TOKEN_OPERATOR, ",");
        }
        const bool expression = rest[i] == 'e' || rest[i] == 'E';
        list_add(p, args, expression ? parser_expression(p, 0) : parse_predicate(p));
    }
    if (at_operator(p, ",")) {
        next(p);
    }
    expect(p, TOKEN_BRACKET, ")");
}

void parser_arguments(struct parser *p, struct node_list *args)
{
    const size_t offset = args->of.len;
    expect(p, TOKEN_BRACKET, "(");
    while (!at_bracket(p, ")") && !failed(p)) {
        if (args->of.len > offset) {
            expect(p, TOKEN_OPERATOR, ",");
        }
        if (at_bracket(p, ")")) {
            break;
        }
        list_add(p, args, parser_expression(p, 0));
    }
    expect(p, TOKEN_BRACKET, ")");
}

static struct expr *parse_call(struct parser *p, struct token token, struct node_list args,
                               bool check_overrides)
{
    const struct builtin *b = builtin_find(token.text);
    struct expr *n;
    if (b != NULL && !(check_overrides && overridden(p, token.text))) {
        if (b->predicate != NULL) {
            parse_predicate_arguments(p, b->predicate, &args);
        } else {
            parser_arguments(p, &args);
        }
        n = text_at(p, EXPR_BUILTIN, &token);
        if (n != NULL) {
            n->builtin = b;
        }
        return with_list(n, &args);
    }
    struct expr *callee = text_at(p, EXPR_IDENTIFIER, &token);
    if (callee == NULL) {
        return NULL;
    }
    parser_arguments(p, &args);
    n = node_at(p, EXPR_CALL, token.from);
    if (n != NULL) {
        n->a = callee;
    }
    return with_list(n, &args);
}

/* ---- expressions ---- */

static struct expr *parse_pipe(struct parser *p, struct expr *left)
{
    const struct token name = p->current;
    struct node_list args = {0};
    expect(p, TOKEN_IDENTIFIER, NULL);
    list_add(p, &args, left);
    return parse_call(p, name, args, true);
}

/* What one turn of the loop over operators came to. */
enum turn { TURN_GO_ON, TURN_STOP, TURN_FAILED };

/* "not" before "in" and the like: token becomes that operator, or stays and the turn stops. */
static enum turn parse_negation(struct parser *p, int precedence, struct token *token)
{
    const struct token backup = p->current;
    next(p);
    if (!may_follow_not(p->current.text)) {
        unexpected(p, &p->current);
        return TURN_STOP;
    }
    if (OPERATOR_FIND(binary_operators, p->current.text)->precedence < precedence) {
        p->has_stash = true;
        p->stashed = p->current;
        p->current = backup;
        return TURN_STOP;
    }
    *token = p->current;
    return TURN_GO_ON;
}

static enum turn parse_binary(struct parser *p, int precedence, struct token *token,
                              const char *previous, struct expr **left)
{
    const bool negate = token_is(token, TOKEN_OPERATOR, "not");
    if (negate && parse_negation(p, precedence, token) == TURN_STOP) {
        return TURN_STOP;
    }
    const struct operator_entry *op = OPERATOR_FIND(binary_operators, token->text);
    if (op == NULL || op->precedence < precedence) {
        return TURN_STOP;
    }
    next(p);
    if (op->op == OP_NONE) {
        *left = parse_pipe(p, *left);
        return TURN_GO_ON;
    }
    if (strcmp(previous, "??") == 0 && op->op != OP_COALESCE) {
        fail_at(p, token,
                arena_printf(p->arena,
                             "Operator (%s) and coalesce expressions (?\?) cannot be mixed. Wrap "
                             "either by parentheses.",
                             token->text));
        return TURN_STOP;
    }
    if (is_comparison(op)) {
        *left = parse_comparison(p, *left, *token);
        return TURN_GO_ON;
    }
    struct expr *right = parser_expression(p, op->right ? op->precedence : op->precedence + 1);
    *left = binary_at(p, op->op, op->text, *left, right, token->from);
    if (*left != NULL && negate) {
        *left = unary_at(p, OP_NOT, "not", *left, token->from);
    }
    return *left == NULL ? TURN_FAILED : TURN_GO_ON;
}

static struct expr *parse_let(struct parser *p)
{
    expect(p, TOKEN_OPERATOR, "let");
    const struct token name = p->current;
    expect(p, TOKEN_IDENTIFIER, NULL);
    expect(p, TOKEN_OPERATOR, "=");
    struct expr *value = parser_expression(p, 0);
    expect(p, TOKEN_OPERATOR, ";");
    struct expr *body = parser_sequence(p);
    struct expr *n = text_at(p, EXPR_LET, &name);
    if (n != NULL) {
        n->a = value;
        n->b = body;
    }
    return n;
}

static struct expr *parse_block(struct parser *p)
{
    expect(p, TOKEN_BRACKET, "{");
    struct expr *n = parser_sequence(p);
    expect(p, TOKEN_BRACKET, "}");
    return n;
}

static struct expr *parse_if(struct parser *p)
{
    next(p);
    if (failed(p) || ++p->depth > FORMULA_MAX_DEPTH) {
        fail(p, "expression is nested too deeply");
        return NULL;
    }
    struct expr *n = arena_new(p->arena, struct expr); /* has no place, as upstream */
    n->kind = EXPR_CONDITIONAL;
    n->a = parser_expression(p, 0);
    n->b = parse_block(p);
    expect(p, TOKEN_OPERATOR, "else");
    n->c = at_operator(p, "if") ? parse_if(p) : parse_block(p);
    p->depth--;
    return n;
}

static struct expr *parse_conditional(struct parser *p, struct expr *node)
{
    while (at_operator(p, "?") && !failed(p)) {
        struct expr *then = node;
        next(p);
        if (!at_operator(p, ":")) {
            then = parser_expression(p, 0);
            expect(p, TOKEN_OPERATOR, ":");
        } else {
            next(p);
        }
        struct expr *otherwise = parser_expression(p, 0);
        struct expr *n = node_at(p, EXPR_CONDITIONAL, p->current.from);
        if (n == NULL) {
            return NULL;
        }
        n->a = node;
        n->b = then;
        n->c = otherwise;
        node = n;
    }
    return node;
}

static struct expr *parse_pointer(struct parser *p)
{
    const struct token token = p->current;
    struct token name = {.from = token.from, .text = ""};
    if (at_operator(p, "#")) {
        next(p);
        if (p->current.kind == TOKEN_IDENTIFIER) {
            name.text = p->current.text;
            next(p);
        }
    }
    struct expr *n = text_at(p, EXPR_POINTER, &name);
    return n == NULL ? NULL : parser_postfix(p, n);
}

static struct expr *parse_word(struct parser *p)
{
    const struct token token = p->current;
    const bool yes = strcmp(token.text, "true") == 0;
    next(p);
    if (yes || strcmp(token.text, "false") == 0) {
        struct expr *n = node_at(p, EXPR_BOOL, token.from);
        if (n != NULL) {
            n->integer = yes;
        }
        return n;
    }
    if (strcmp(token.text, "nil") == 0) {
        return node_at(p, EXPR_NIL, token.from);
    }
    if (at_bracket(p, "(")) {
        return parser_postfix(p, parse_call(p, token, (struct node_list){0}, true));
    }
    struct expr *n = text_at(p, EXPR_IDENTIFIER, &token);
    return n == NULL ? NULL : parser_postfix(p, n);
}

static struct expr *parse_secondary(struct parser *p)
{
    const struct token token = p->current;
    struct expr *n = NULL;
    switch (token.kind) {
    case TOKEN_IDENTIFIER:
        return parse_word(p);
    case TOKEN_NUMBER:
        return parser_number(p);
    case TOKEN_STRING:
    case TOKEN_BYTES:
        next(p);
        n = text_at(p, token.kind == TOKEN_STRING ? EXPR_STRING : EXPR_BYTES, &token);
        if (n == NULL) {
            return NULL;
        }
        break;
    default:
        if (token_is(&token, TOKEN_BRACKET, "[")) {
            n = parser_array(p, token.from);
        } else if (token_is(&token, TOKEN_BRACKET, "{")) {
            n = parser_map(p, token.from);
        } else {
            unexpected(p, &token);
        }
        break;
    }
    return parser_postfix(p, n);
}

static struct expr *parse_primary(struct parser *p)
{
    const struct token token = p->current;
    if (token.kind == TOKEN_OPERATOR) {
        const struct operator_entry *op = OPERATOR_FIND(unary_operators, token.text);
        if (op != NULL) {
            next(p);
            struct expr *of = parser_expression(p, op->precedence);
            struct expr *n = unary_at(p, op->op, op->text, of, token.from);
            return n == NULL ? NULL : parser_postfix(p, n);
        }
    }
    if (token_is(&token, TOKEN_BRACKET, "(")) {
        next(p);
        struct expr *n = parser_sequence(p);
        expect(p, TOKEN_BRACKET, ")");
        return parser_postfix(p, n);
    }
    if (p->predicate_depth > 0 && (at_operator(p, "#") || at_operator(p, "."))) {
        return parse_pointer(p);
    }
    if (token_is(&token, TOKEN_OPERATOR, "::")) {
        next(p);
        const struct token name = p->current;
        expect(p, TOKEN_IDENTIFIER, NULL);
        return parser_postfix(p, parse_call(p, name, (struct node_list){0}, false));
    }
    return parse_secondary(p);
}

static struct expr *parse_operators(struct parser *p, int precedence)
{
    struct expr *left = parse_primary(p);
    struct token token = p->current;
    const char *previous = "";
    while (token.kind == TOKEN_OPERATOR && !failed(p)) {
        const enum turn turn = parse_binary(p, precedence, &token, previous, &left);
        if (turn == TURN_FAILED) {
            return NULL;
        }
        if (turn == TURN_STOP) {
            break;
        }
        previous = token.text;
        token = p->current;
    }
    return precedence == 0 ? parse_conditional(p, left) : left;
}

struct expr *parser_expression(struct parser *p, int precedence)
{
    struct expr *n;
    if (failed(p)) {
        return NULL;
    }
    if (++p->depth > FORMULA_MAX_DEPTH) {
        fail(p, "expression is nested too deeply");
        return NULL;
    }
    if (precedence == 0 && at_operator(p, "let")) {
        n = parse_let(p);
    } else if (precedence == 0 && at_operator(p, "if")) {
        n = parse_if(p);
    } else {
        n = parse_operators(p, precedence);
    }
    p->depth--;
    return n;
}

struct expr *parser_sequence(struct parser *p)
{
    struct node_list list = {0};
    struct expr *first = parser_expression(p, 0);
    list_add(p, &list, first);
    while (at_operator(p, ";") && !failed(p)) {
        next(p);
        if (p->current.kind == TOKEN_EOF) {
            break;
        }
        list_add(p, &list, parser_expression(p, 0));
    }
    if (list.of.len == 1) {
        return first;
    }
    return with_list(node_at(p, EXPR_SEQUENCE, first != NULL ? first->from : 0), &list);
}

struct expr *formula_parse(struct parser *p)
{
    next(p);
    struct expr *root = parser_sequence(p);
    if (p->current.kind != TOKEN_EOF) {
        unexpected(p, &p->current);
    }
    return failed(p) ? NULL : root;
}
