/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the formula_*.c files: tokens, the tree, what is known of a node's type ("nature"),
 * and values at run time. Names as in expr-lang/expr.
 */
#ifndef CONTROL_KEDA_FORMULA_INTERNAL_H
#define CONTROL_KEDA_FORMULA_INTERNAL_H

#include "base/arena.h"
#include "base/vec.h"
#include "control/keda/formula.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORMULA_MAX_NODES = 10000, FORMULA_MEMORY_BUDGET = 1000000, FORMULA_MAX_DEPTH = 1000 };

/* The first error of a compilation; `from` counts characters. */
struct formula_problem {
    const char *message; /* NULL: none */
    uint32_t from;
};

enum token_kind {
    TOKEN_IDENTIFIER,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_BYTES,
    TOKEN_OPERATOR,
    TOKEN_BRACKET,
    TOKEN_EOF
};

struct token {
    enum token_kind kind;
    uint32_t from; /* characters before it */
    const char *text;
    size_t len;
};

struct lexer {
    struct arena *arena;
    const char *source;
    size_t len;
    size_t start_byte, end_byte;
    uint32_t start_rune, end_rune;
    bool eof;  /* the last step found the end */
    bool done; /* the EOF token was given */
    struct token queue[2];
    size_t queued, taken;
    struct formula_problem problem;
};

/* False: no more tokens (after EOF), or lexer->problem is set. */
bool lexer_next(struct lexer *l, struct token *out);

enum expr_kind {
    EXPR_NIL,
    EXPR_IDENTIFIER,
    EXPR_INTEGER,
    EXPR_FLOAT,
    EXPR_BOOL,
    EXPR_STRING,
    EXPR_BYTES,
    EXPR_CONSTANT, /* an array of literals: value */
    EXPR_UNARY,
    EXPR_BINARY,
    EXPR_CHAIN,
    EXPR_MEMBER,
    EXPR_SLICE,
    EXPR_CALL,
    EXPR_BUILTIN,
    EXPR_PREDICATE,
    EXPR_POINTER,
    EXPR_LET,
    EXPR_SEQUENCE,
    EXPR_CONDITIONAL,
    EXPR_ARRAY,
    EXPR_MAP,
    EXPR_PAIR
};

enum operator_kind {
    OP_NONE,
    OP_OR,
    OP_AND,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_MORE,
    OP_LESS_OR_EQUAL,
    OP_MORE_OR_EQUAL,
    OP_IN,
    OP_MATCHES,
    OP_CONTAINS,
    OP_STARTS_WITH,
    OP_ENDS_WITH,
    OP_RANGE,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_POWER,
    OP_COALESCE,
    OP_NOT
};

enum nature_kind {
    NATURE_UNKNOWN, /* no type at all */
    NATURE_NIL,
    NATURE_ANY, /* interface {} */
    NATURE_BOOL,
    NATURE_INT,
    NATURE_FLOAT,
    NATURE_STRING,
    NATURE_BYTES,
    NATURE_ARRAY,   /* []interface {}; elem, when not NULL, says more */
    NATURE_STRINGS, /* []string */
    NATURE_MAP,     /* map[string]interface {} */
    NATURE_FUNC     /* a builtin's name, or a predicate: elem is what it returns */
};

struct nature {
    enum nature_kind kind;
    const struct nature *elem;
};

enum value_kind {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_BYTES,
    VALUE_ARRAY,
    VALUE_MAP,
    VALUE_ENV
};

struct value_text;
struct value_array;
struct value_map;

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double number;
        const struct value_text *text;
        const struct value_array *array;
        const struct value_map *map;
    } as;
};

struct value_text {
    const char *bytes;
    size_t len;
};

struct value_array {
    struct value *items;
    size_t len;
    enum { ARRAY_OF_ANY, ARRAY_OF_INT, ARRAY_OF_STRING } type;
};

struct value_map { /* later pairs of a key win */
    struct value *keys;
    struct value *values;
    size_t len;
};

struct builtin;

struct expr {
    enum expr_kind kind;
    enum operator_kind op;
    const char *op_text; /* as written: "not", "&&" */
    uint32_t from;
    bool optional;    /* MEMBER by "?." */
    bool method;      /* MEMBER that is called */
    bool throws;      /* find in the place of filter(...)[0] */
    bool patched;     /* INTEGER etc. made by folding */
    const char *text; /* names, texts; NUL-terminated */
    size_t len;
    int64_t integer;
    double number;
    struct expr *a, *b, *c; /* left, right; condition, then, else; value, body */
    struct expr **list;     /* arguments, elements, pairs */
    size_t count;
    struct nature nature;
    int32_t slot; /* IDENTIFIER: variable (>= 0), or -1 - index of an input */
    const struct builtin *builtin;
    struct value value; /* CONSTANT, and literals */
};

struct variable {
    const char *name;
    int32_t slot;
    struct nature nature;
};

struct scope_nature { /* one predicate's */
    struct nature collection;
    bool has_index, has_acc;
};

struct formula {
    struct expr *root;
    const char *source;
    const char **names;
    size_t count;
    int32_t variables;
};

struct parser {
    struct lexer lexer;
    struct arena *arena;
    struct token current, stashed;
    bool has_stash;
    struct formula_problem problem;
    uint32_t predicate_depth;
    uint32_t nodes;
    uint32_t depth; /* of recursion */
    const char *const *names;
    size_t name_count;
};

struct expr *formula_parse(struct parser *p);
bool formula_check(struct arena *a, struct expr *root, const char *const *names, size_t count,
                   int32_t *variables, struct formula_problem *problem);
/* optimizer.Optimize, as far as it can be told from outside. */
bool formula_fold(struct arena *a, struct expr **root, struct formula_problem *problem);

struct builtin {
    const char *name;
    enum builtin_id {
        BUILTIN_ALL,
        BUILTIN_NONE,
        BUILTIN_ANY,
        BUILTIN_ONE,
        BUILTIN_FILTER,
        BUILTIN_MAP,
        BUILTIN_FIND,
        BUILTIN_FIND_INDEX,
        BUILTIN_FIND_LAST,
        BUILTIN_FIND_LAST_INDEX,
        BUILTIN_COUNT,
        BUILTIN_SUM,
        BUILTIN_SORT_BY,
        BUILTIN_REDUCE,
        BUILTIN_LEN,
        BUILTIN_TYPE,
        BUILTIN_ABS,
        BUILTIN_CEIL,
        BUILTIN_FLOOR,
        BUILTIN_ROUND,
        BUILTIN_INT,
        BUILTIN_FLOAT,
        BUILTIN_STRING,
        BUILTIN_TRIM,
        BUILTIN_TRIM_PREFIX,
        BUILTIN_TRIM_SUFFIX,
        BUILTIN_UPPER,
        BUILTIN_LOWER,
        BUILTIN_REPEAT,
        BUILTIN_INDEX_OF,
        BUILTIN_LAST_INDEX_OF,
        BUILTIN_HAS_PREFIX,
        BUILTIN_HAS_SUFFIX,
        BUILTIN_MAX,
        BUILTIN_MIN,
        BUILTIN_MEAN,
        BUILTIN_MEDIAN,
        BUILTIN_FIRST,
        BUILTIN_LAST,
        BUILTIN_GET,
        BUILTIN_TAKE,
        BUILTIN_REVERSE,
        BUILTIN_UNIQ,
        BUILTIN_CONCAT,
        BUILTIN_FLATTEN,
        BUILTIN_SORT,
        BUILTIN_BITAND,
        BUILTIN_BITOR,
        BUILTIN_BITXOR,
        BUILTIN_BITNAND,
        BUILTIN_BITSHL,
        BUILTIN_BITSHR,
        BUILTIN_BITUSHR,
        BUILTIN_BITNOT,
        BUILTIN_UNSUPPORTED /* known to the library, of no use to a number; refused by name */
    } id;
    /* Parameters of predicates: e expression, p predicate, capital: may be left out. */
    const char *predicate;
    /* Overloads "SS>S|S>S": A any, S string, I int, L []any, i []int, f []float64, s []string. */
    const char *types;
};

const struct builtin *builtin_find(const char *name);

/* ---- running ---- */

struct pointer_scope {
    const struct value_array *array;
    size_t index;
    struct value acc;
};

struct run {
    const struct formula *formula;
    const struct formula_input *inputs;
    struct arena *scratch;
    struct value *variables;
    struct pointer_scope *scope; /* the innermost predicate's */
    /*
     * What findLast and findLastIndex left on the vm's stack beneath their result: upstream's
     * backward loop does not take its conditions away. Operators above then take them for
     * operands, and their own operands stay in their place.
     */
    VEC(struct value) left;
    uint64_t memory;
    const char *error; /* NULL: none so far */
    uint32_t from;     /* where */
    bool validating;   /* the dry run: a missing name is 0, as in Go's map of floats */
};

struct value formula_eval(struct run *r, const struct expr *n);
struct value builtin_call(struct run *r, const struct expr *n, struct value *args, size_t count);
struct value builtin_text(struct run *r, const struct expr *n, const struct value *args,
                          size_t count);
/* A text of its own in the scratch arena. */
struct value run_text(struct run *r, const char *bytes, size_t len);
/* Sorts items by their keys, stably; false when two keys have no order, which is an error. */
bool run_sort(struct run *r, const struct expr *n, bool descending, struct value *items,
              struct value *keys, size_t len);
/* "asc" or "desc" */
bool run_sort_order(struct run *r, const struct expr *n, const struct value *v, bool *descending);
struct value builtin_predicate(struct run *r, const struct expr *n);

/* Fails the run at node n; returns nil. */
__attribute__((format(printf, 3, 4))) struct value run_fail(struct run *r, const struct expr *n,
                                                            const char *format, ...);
/*
 * count values were pushed, marks[i] being left.len when values[i] was; makes values what the
 * vm would take off its stack.
 */
void run_settle(struct run *r, struct value *values, const size_t *marks, size_t count);
bool run_grow(struct run *r, const struct expr *n, uint64_t size);

const char *value_type(const struct value *v);                   /* Go's %T */
const char *value_print(struct arena *a, const struct value *v); /* Go's %v */
bool value_equal(const struct value *a, const struct value *b);
/* 1, 0, or -1 where there is no such order between the two. */
int value_less(const struct value *a, const struct value *b);
struct value value_add(struct run *r, const struct expr *n, struct value a, struct value b);
struct value value_array_new(struct arena *a, size_t len, struct value_array **out);

static inline struct value value_nil(void)
{
    return (struct value){.kind = VALUE_NIL};
}

static inline struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .as.boolean = b};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .as.integer = i};
}

static inline struct value value_float(double d)
{
    return (struct value){.kind = VALUE_FLOAT, .as.number = d};
}

static inline bool value_is_number(const struct value *v)
{
    return v->kind == VALUE_INT || v->kind == VALUE_FLOAT;
}

static inline double value_double(const struct value *v)
{
    return v->kind == VALUE_INT ? (double)v->as.integer : v->as.number;
}

/* int(x) of a float as amd64 does it: what does not fit is the smallest integer. */
int64_t formula_to_int(double d);
/* math.Pow as Go computes it on amd64 with FMA: the same bits. */
double formula_pow(double x, double y);
/* strconv.Quote. */
const char *formula_quote(struct arena *a, const char *s, size_t len);
void formula_bind(struct arena *a, const char *source, const struct formula_problem *problem,
                  struct formula_error *out);

#endif
