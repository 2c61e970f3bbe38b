/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of formulas: expr-lang/expr v1.17.8, builtin/lib.go and the loops that its
 * compiler makes of all, filter, count, sum and the like.
 *
 * The traps: max and min keep the type of the winner, so max(1, a) may be an integer; mean and
 * median of nothing are 0, max of nothing is nil; a list of lists is added up list by list.
 * Functions of text, time and JSON that no number comes out of are refused by name at compile
 * time. sort is stable here; Go's is not beyond twelve elements, which only shows in lists that
 * hold an integer and the same number as a float.
 */
#include "formula_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct builtin builtins[] = {
    {"all", BUILTIN_ALL, "ep", NULL},
    {"none", BUILTIN_NONE, "ep", NULL},
    {"any", BUILTIN_ANY, "ep", NULL},
    {"one", BUILTIN_ONE, "ep", NULL},
    {"filter", BUILTIN_FILTER, "ep", NULL},
    {"map", BUILTIN_MAP, "ep", NULL},
    {"find", BUILTIN_FIND, "ep", NULL},
    {"findIndex", BUILTIN_FIND_INDEX, "ep", NULL},
    {"findLast", BUILTIN_FIND_LAST, "ep", NULL},
    {"findLastIndex", BUILTIN_FIND_LAST_INDEX, "ep", NULL},
    {"count", BUILTIN_COUNT, "eP", NULL},
    {"sum", BUILTIN_SUM, "eP", NULL},
    {"groupBy", BUILTIN_UNSUPPORTED, "ep", NULL},
    {"sortBy", BUILTIN_SORT_BY, "epE", NULL},
    {"reduce", BUILTIN_REDUCE, "epE", NULL},
    {"len", BUILTIN_LEN, NULL, NULL},
    {"type", BUILTIN_TYPE, NULL, "A>S"},
    {"abs", BUILTIN_ABS, NULL, NULL},
    {"ceil", BUILTIN_CEIL, NULL, NULL},
    {"floor", BUILTIN_FLOOR, NULL, NULL},
    {"round", BUILTIN_ROUND, NULL, NULL},
    {"int", BUILTIN_INT, NULL, NULL},
    {"float", BUILTIN_FLOAT, NULL, NULL},
    {"string", BUILTIN_STRING, NULL, "A>S"},
    {"trim", BUILTIN_TRIM, NULL, "S>S|SS>S"},
    {"trimPrefix", BUILTIN_TRIM_PREFIX, NULL, "SS>S|S>S"},
    {"trimSuffix", BUILTIN_TRIM_SUFFIX, NULL, "SS>S|S>S"},
    {"upper", BUILTIN_UPPER, NULL, "S>S"},
    {"lower", BUILTIN_LOWER, NULL, "S>S"},
    {"split", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"splitAfter", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"replace", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"repeat", BUILTIN_REPEAT, NULL, "SI>S"},
    {"join", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"indexOf", BUILTIN_INDEX_OF, NULL, "SS>I"},
    {"lastIndexOf", BUILTIN_LAST_INDEX_OF, NULL, "SS>I"},
    {"hasPrefix", BUILTIN_HAS_PREFIX, NULL, "SS>B"},
    {"hasSuffix", BUILTIN_HAS_SUFFIX, NULL, "SS>B"},
    {"max", BUILTIN_MAX, NULL, NULL},
    {"min", BUILTIN_MIN, NULL, NULL},
    {"mean", BUILTIN_MEAN, NULL, NULL},
    {"median", BUILTIN_MEDIAN, NULL, NULL},
    {"toJSON", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"fromJSON", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"toBase64", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"fromBase64", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"now", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"duration", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"date", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"timezone", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"first", BUILTIN_FIRST, NULL, NULL},
    {"last", BUILTIN_LAST, NULL, NULL},
    {"get", BUILTIN_GET, NULL, NULL},
    {"take", BUILTIN_TAKE, NULL, NULL},
    {"keys", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"values", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"toPairs", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"fromPairs", BUILTIN_UNSUPPORTED, NULL, NULL},
    {"reverse", BUILTIN_REVERSE, NULL, NULL},
    {"uniq", BUILTIN_UNIQ, NULL, NULL},
    {"concat", BUILTIN_CONCAT, NULL, NULL},
    {"flatten", BUILTIN_FLATTEN, NULL, NULL},
    {"sort", BUILTIN_SORT, NULL, "LS>L|iS>L|fS>L|sS>L|L>L|f>L|s>L|i>L"},
    {"bitand", BUILTIN_BITAND, NULL, "II>I"},
    {"bitor", BUILTIN_BITOR, NULL, "II>I"},
    {"bitxor", BUILTIN_BITXOR, NULL, "II>I"},
    {"bitnand", BUILTIN_BITNAND, NULL, "II>I"},
    {"bitshl", BUILTIN_BITSHL, NULL, "II>I"},
    {"bitshr", BUILTIN_BITSHR, NULL, "II>I"},
    {"bitushr", BUILTIN_BITUSHR, NULL, "II>I"},
    {"bitnot", BUILTIN_BITNOT, NULL, "I>I"},
};

const struct builtin *builtin_find(const char *name)
{
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
        if (strcmp(builtins[i].name, name) == 0) {
            return &builtins[i];
        }
    }
    return NULL;
}

static struct value bad_argument(struct run *r, const struct expr *n, const struct value *v)
{
    return run_fail(r, n, "invalid argument for %s (type %s)", n->text, value_type(v));
}

/* ---- max, min, mean, median ---- */

/* Puts v, or what is in it when it is a list, against the best so far; false: not numbers. */
static bool best_of(struct run *r, const struct expr *n, const struct value *v, bool nested,
                    struct value *best)
{
    if (value_is_number(v)) {
        const bool max = n->builtin->id == BUILTIN_MAX;
        if (best->kind == VALUE_NIL || (max ? value_less(best, v) : value_less(v, best)) == 1) {
            *best = *v;
        }
        return true;
    }
    if (v->kind != VALUE_ARRAY) {
        if (nested || r->error != NULL) {
            bad_argument(r, n, v);
        }
        return false;
    }
    struct value inner = value_nil();
    for (size_t i = 0; i < v->as.array->len; i++) {
        if (!best_of(r, n, &v->as.array->items[i], true, &inner)) {
            return false;
        }
    }
    return inner.kind == VALUE_NIL || best_of(r, n, &inner, true, best);
}

static struct value extreme(struct run *r, const struct expr *n, const struct value *args,
                            size_t count)
{
    struct value best = value_nil();
    for (size_t i = 0; i < count; i++) {
        if (best_of(r, n, &args[i], false, &best)) {
            continue;
        }
        if (r->error == NULL && count == 1) {
            return args[0];
        }
        return r->error != NULL ? value_nil() : bad_argument(r, n, &args[i]);
    }
    return best;
}

struct gathered {
    double total;
    uint64_t count;
    double *values; /* NULL: only counted */
};

static bool gather(struct run *r, const struct expr *n, const struct value *v, struct gathered *g)
{
    if (value_is_number(v)) {
        const double d = value_double(v);
        if (g->values != NULL) {
            g->values[g->count] = d;
        }
        g->total += d;
        g->count++;
        return true;
    }
    if (v->kind != VALUE_ARRAY) {
        bad_argument(r, n, v);
        return false;
    }
    const double before = g->total;
    g->total = 0;
    for (size_t i = 0; i < v->as.array->len; i++) {
        if (!gather(r, n, &v->as.array->items[i], g)) {
            return false;
        }
    }
    g->total = before + g->total;
    return true;
}

static bool gather_all(struct run *r, const struct expr *n, const struct value *args, size_t count,
                       struct gathered *g)
{
    for (size_t i = 0; i < count; i++) {
        if (!gather(r, n, &args[i], g)) {
            return false;
        }
    }
    return true;
}

/* A list at the top adds its elements one by one to the running total of its own. */
static struct value mean(struct run *r, const struct expr *n, const struct value *args,
                         size_t count)
{
    struct gathered g = {0};
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind != VALUE_ARRAY) {
            if (!gather(r, n, &args[i], &g)) {
                return value_nil();
            }
            continue;
        }
        for (size_t k = 0; k < args[i].as.array->len; k++) {
            if (!gather(r, n, &args[i].as.array->items[k], &g)) {
                return value_nil();
            }
        }
    }
    return value_float(g.count == 0 ? 0 : g.total / (double)g.count);
}

static void sift(double *v, size_t root, size_t len)
{
    for (size_t child = 2 * root + 1; child < len; child = 2 * root + 1) {
        child += child + 1 < len && v[child] < v[child + 1];
        if (!(v[root] < v[child])) {
            return;
        }
        const double t = v[root];
        v[root] = v[child];
        v[child] = t;
        root = child;
    }
}

/* NaNs first, as slices.Sort. */
static void sort_doubles(double *v, size_t len)
{
    size_t first = 0;
    for (size_t i = 0; i < len; i++) {
        if (isnan(v[i])) {
            const double t = v[first];
            v[first++] = v[i];
            v[i] = t;
        }
    }
    v += first;
    len -= first;
    for (size_t i = len / 2; i-- > 0;) {
        sift(v, i, len);
    }
    for (size_t end = len; end-- > 1;) {
        const double t = v[0];
        v[0] = v[end];
        v[end] = t;
        sift(v, 0, end);
    }
}

static struct value median(struct run *r, const struct expr *n, const struct value *args,
                           size_t count)
{
    struct gathered g = {0};
    if (!gather_all(r, n, args, count, &g)) {
        return value_nil();
    }
    const uint64_t len = g.count;
    if (len == 0) {
        return value_float(0);
    }
    g = (struct gathered){.values = arena_array(r->scratch, double, len)};
    gather_all(r, n, args, count, &g);
    sort_doubles(g.values, len);
    return value_float(len % 2 == 1 ? g.values[len / 2]
                                    : (g.values[len / 2 - 1] + g.values[len / 2]) / 2);
}

/* ---- numbers ---- */

static struct value rounded(struct run *r, const struct expr *n, const struct value *v)
{
    if (!value_is_number(v)) {
        return bad_argument(r, n, v);
    }
    const double d = value_double(v);
    switch (n->builtin->id) {
    case BUILTIN_CEIL:
        return value_float(ceil(d));
    case BUILTIN_FLOOR:
        return value_float(floor(d));
    default:
        return value_float(round(d));
    }
}

static struct value absolute(struct run *r, const struct expr *n, const struct value *v)
{
    if (v->kind == VALUE_INT) {
        return v->as.integer < 0 ? value_int((int64_t)(0 - (uint64_t)v->as.integer)) : *v;
    }
    if (v->kind != VALUE_FLOAT) {
        return bad_argument(r, n, v);
    }
    return v->as.number < 0 ? value_float(-v->as.number) : *v;
}

/* strconv.ParseFloat, less its spellings with underscores and hexadecimal points. */
static bool text_to_double(const struct value_text *t, double *out)
{
    char buffer[64];
    char *end;
    if (t->len == 0 || t->len >= sizeof buffer ||
        strspn(t->bytes, "+-.0123456789eEinfatyINFATY") != t->len) {
        return false;
    }
    memcpy(buffer, t->bytes, t->len);
    buffer[t->len] = '\0';
    *out = strtod(buffer, &end);
    return *end == '\0' && (!isinf(*out) || strpbrk(buffer, "iI") != NULL);
}

static bool text_to_int(const struct value_text *t, int64_t *out)
{
    size_t i = t->len > 0 && (t->bytes[0] == '-' || t->bytes[0] == '+') ? 1 : 0;
    const bool negative = i == 1 && t->bytes[0] == '-';
    uint64_t v = 0;
    if (i == t->len) {
        return false;
    }
    for (; i < t->len; i++) {
        const unsigned digit = (unsigned)(t->bytes[i] - '0');
        if (digit > 9 || v > (UINT64_C(9223372036854775807) + negative - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    *out = (int64_t)(negative ? 0 - v : v);
    return true;
}

static struct value to_int(struct run *r, const struct expr *n, const struct value *v)
{
    int64_t out;
    if (v->kind == VALUE_INT) {
        return *v;
    }
    if (v->kind == VALUE_FLOAT) {
        return value_int(formula_to_int(v->as.number));
    }
    if (v->kind == VALUE_NIL) {
        return run_fail(r, n, "reflect: call of reflect.Value.Type on zero Value");
    }
    if (v->kind != VALUE_STRING) {
        return run_fail(r, n, "invalid operation: int(%s)", value_type(v));
    }
    return text_to_int(v->as.text, &out)
               ? value_int(out)
               : run_fail(r, n, "invalid operation: int(%s)", value_print(r->scratch, v));
}

static struct value to_float(struct run *r, const struct expr *n, const struct value *v)
{
    double out;
    if (value_is_number(v)) {
        return value_float(value_double(v));
    }
    if (v->kind != VALUE_STRING) {
        return run_fail(r, n, "invalid operation: float(%s)", value_type(v));
    }
    return text_to_double(v->as.text, &out)
               ? value_float(out)
               : run_fail(r, n, "invalid operation: float(%s)", value_print(r->scratch, v));
}

static struct value bits(struct run *r, const struct expr *n, const struct value *args)
{
    const enum builtin_id id = n->builtin->id;
    for (size_t i = 0; i < n->count; i++) {
        if (args[i].kind != VALUE_INT) {
            return run_fail(r, n, "cannot use %s as argument (type int) to call %s",
                            value_type(&args[i]), n->text);
        }
    }
    const int64_t x = args[0].as.integer;
    const int64_t y = n->count > 1 ? args[1].as.integer : 0;
    if (id >= BUILTIN_BITSHL && id <= BUILTIN_BITUSHR && y < 0) {
        return run_fail(r, n, "invalid operation: negative shift count %lld (type int)",
                        (long long)y);
    }
    switch (id) {
    case BUILTIN_BITAND:
        return value_int(x & y);
    case BUILTIN_BITOR:
        return value_int(x | y);
    case BUILTIN_BITXOR:
        return value_int(x ^ y);
    case BUILTIN_BITNAND:
        return value_int(x & ~y);
    case BUILTIN_BITSHL:
        return value_int(y > 63 ? 0 : (int64_t)((uint64_t)x << y));
    case BUILTIN_BITSHR:
        return value_int(x >> (y > 63 ? 63 : y));
    case BUILTIN_BITUSHR:
        return value_int(y > 63 ? 0 : (int64_t)((uint64_t)x >> y));
    default:
        return value_int(~x);
    }
}

/* ---- lists ---- */

static bool need_list(struct run *r, const struct expr *n, const struct value *v, const char *verb)
{
    if (v->kind != VALUE_ARRAY) {
        run_fail(r, n, "cannot %s %s", verb,
                 v->kind == VALUE_NIL   ? "invalid"
                 : v->kind == VALUE_MAP ? "map"
                                        : value_type(v));
        return false;
    }
    return true;
}

static struct value index_of_list(const struct value *v, const struct value *key)
{
    if (v->kind != VALUE_ARRAY || !value_is_number(key)) {
        return value_nil();
    }
    const int64_t len = (int64_t)v->as.array->len;
    int64_t i = key->kind == VALUE_INT ? key->as.integer : formula_to_int(key->as.number);
    i = i < 0 ? len + i : i;
    return i >= 0 && i < len ? v->as.array->items[i] : value_nil();
}

static struct value get(const struct run *r, const struct value *base, const struct value *key)
{
    if (base->kind == VALUE_MAP) {
        for (size_t i = base->as.map->len; i-- > 0;) {
            if (value_equal(&base->as.map->keys[i], key)) {
                return base->as.map->values[i];
            }
        }
    }
    for (size_t i = 0;
         base->kind == VALUE_ENV && key->kind == VALUE_STRING && i < r->formula->count; i++) {
        if (strcmp(r->formula->names[i], key->as.text->bytes) == 0 && !r->inputs[i].nil) {
            return value_float(r->inputs[i].value);
        }
    }
    return index_of_list(base, key);
}

static struct value take(struct run *r, const struct expr *n, const struct value *args)
{
    if (!need_list(r, n, &args[0], "take from")) {
        return value_nil();
    }
    if (args[1].kind != VALUE_INT) {
        return run_fail(r, n, "cannot take %s elements", value_type(&args[1]));
    }
    struct value_array *part = arena_new(r->scratch, struct value_array);
    *part = *args[0].as.array;
    if (args[1].as.integer < 0) {
        return run_fail(r, n, "reflect.Value.Slice: slice index out of bounds");
    }
    part->len = (uint64_t)args[1].as.integer < part->len ? (size_t)args[1].as.integer : part->len;
    return (struct value){.kind = VALUE_ARRAY, .as.array = part};
}

static struct value reverse(struct run *r, const struct expr *n, const struct value *v)
{
    struct value_array *out;
    if (!need_list(r, n, v, "reverse")) {
        return value_nil();
    }
    const size_t len = v->as.array->len;
    const struct value whole = value_array_new(r->scratch, len, &out);
    for (size_t i = 0; i < len; i++) {
        out->items[i] = v->as.array->items[len - 1 - i];
    }
    return run_grow(r, n, len) ? whole : value_nil();
}

static struct value uniq(struct run *r, const struct expr *n, const struct value *v)
{
    struct value_array *out;
    if (!need_list(r, n, v, "uniq")) {
        return value_nil();
    }
    const struct value whole = value_array_new(r->scratch, v->as.array->len, &out);
    out->len = 0;
    for (size_t i = 0; i < v->as.array->len; i++) {
        size_t k = 0;
        while (k < out->len && !value_equal(&v->as.array->items[i], &out->items[k])) {
            k++;
        }
        if (k == out->len) {
            out->items[out->len++] = v->as.array->items[i];
        }
    }
    return whole;
}

static struct value concat(struct run *r, const struct expr *n, const struct value *args,
                           size_t count)
{
    struct value_array *out;
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (!need_list(r, n, &args[i], "concat")) {
            return value_nil();
        }
        len += args[i].as.array->len;
    }
    const struct value whole = value_array_new(r->scratch, len, &out);
    len = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < args[i].as.array->len; k++) {
            out->items[len++] = args[i].as.array->items[k];
        }
    }
    return run_grow(r, n, len) ? whole : value_nil();
}

static size_t flat_length(const struct value_array *list)
{
    size_t len = 0;
    for (size_t i = 0; i < list->len; i++) {
        const struct value *v = &list->items[i];
        len += v->kind == VALUE_ARRAY ? flat_length(v->as.array) : 1;
    }
    return len;
}

static void flatten_into(const struct value_array *list, struct value_array *out)
{
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i].kind == VALUE_ARRAY) {
            flatten_into(list->items[i].as.array, out);
        } else {
            out->items[out->len++] = list->items[i];
        }
    }
}

static struct value flatten(struct run *r, const struct expr *n, const struct value *v)
{
    struct value_array *out;
    if (!need_list(r, n, v, "flatten")) {
        return value_nil();
    }
    const struct value whole = value_array_new(r->scratch, flat_length(v->as.array), &out);
    out->len = 0;
    flatten_into(v->as.array, out);
    return run_grow(r, n, out->len) ? whole : value_nil();
}

/* 1 when key y belongs before key x, 0 when not, -1 after an error: there is no order. */
static int sort_before(struct run *r, const struct expr *n, bool descending, const struct value *y,
                       const struct value *x)
{
    const struct value *first = descending ? x : y;
    const struct value *second = descending ? y : x;
    const int less = value_less(first, second);
    if (less < 0) {
        run_fail(r, n, "invalid operation: %s < %s", value_type(first), value_type(second));
    }
    return less;
}

static void swap(struct value *x, struct value *y)
{
    const struct value t = *x;
    *x = *y;
    *y = t;
}

/* What Go's sort does up to twelve elements; it shows where NaNs have no order. */
static bool insertion_sort(struct run *r, const struct expr *n, bool descending,
                           struct value *items, struct value *keys, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        for (size_t k = i; k > 0; k--) {
            const int before = sort_before(r, n, descending, &keys[k], &keys[k - 1]);
            if (before < 0) {
                return false;
            }
            if (before == 0) {
                break;
            }
            swap(&keys[k], &keys[k - 1]);
            swap(&items[k], &items[k - 1]);
        }
    }
    return true;
}

/* Merges [from, middle) and [middle, end) by way of spare, where keys stand len after items. */
static bool merge(struct run *r, const struct expr *n, bool descending, const struct value *items,
                  const struct value *keys, const size_t span[3], struct value *spare, size_t len)
{
    size_t i = span[0];
    size_t k = span[1];
    for (size_t at = span[0]; at < span[2]; at++) {
        int later = 0;
        if (i < span[1] && k < span[2]) {
            later = sort_before(r, n, descending, &keys[k], &keys[i]);
        }
        if (later < 0) {
            return false;
        }
        const size_t taken = i >= span[1] || (k < span[2] && later == 1) ? k++ : i++;
        spare[at] = items[taken];
        spare[len + at] = keys[taken];
    }
    return true;
}

bool run_sort(struct run *r, const struct expr *n, bool descending, struct value *items,
              struct value *keys, size_t len)
{
    if (len <= 12) {
        return insertion_sort(r, n, descending, items, keys, len);
    }
    struct value *spare = arena_array(r->scratch, struct value, 2 * len);
    for (size_t width = 1; width < len; width *= 2) {
        for (size_t from = 0; from < len; from += 2 * width) {
            const size_t middle = from + width < len ? from + width : len;
            const size_t end = from + 2 * width < len ? from + 2 * width : len;
            const size_t span[3] = {from, middle, end};
            if (!merge(r, n, descending, items, keys, span, spare, len)) {
                return false;
            }
        }
        memcpy(items, spare, len * sizeof *items);
        memcpy(keys, spare + len, len * sizeof *keys);
    }
    return true;
}

bool run_sort_order(struct run *r, const struct expr *n, const struct value *v, bool *descending)
{
    if (v->kind != VALUE_STRING) {
        run_fail(r, n, "sort order argument must be a string (got %s)", value_type(v));
        return false;
    }
    *descending = strcmp(v->as.text->bytes, "desc") == 0;
    if (!*descending && strcmp(v->as.text->bytes, "asc") != 0) {
        run_fail(r, n, "invalid order %s, expected asc or desc", v->as.text->bytes);
        return false;
    }
    return true;
}

static struct value sorted(struct run *r, const struct expr *n, const struct value *args,
                           size_t count)
{
    struct value_array *out;
    bool descending = false;
    if (count == 2 && !run_sort_order(r, n, &args[1], &descending)) {
        return value_nil();
    }
    const size_t len = args[0].kind == VALUE_ARRAY ? args[0].as.array->len : 0;
    const struct value whole = value_array_new(r->scratch, len, &out);
    struct value *keys = arena_array(r->scratch, struct value, len);
    for (size_t i = 0; i < len; i++) {
        keys[i] = out->items[i] = args[0].as.array->items[i];
    }
    return run_sort(r, n, descending, out->items, keys, len) && run_grow(r, n, len) ? whole
                                                                                    : value_nil();
}

/* ---- the rest ---- */

static const char *type_name(const struct value *v)
{
    static const char *const names[] = {"nil",   "bool",  "int", "float", "string",
                                        "array", "array", "map", "map"};
    return names[v->kind];
}

static struct value length(struct run *r, const struct expr *n, const struct value *v)
{
    int64_t len = 0;
    switch (v->kind) {
    case VALUE_ARRAY:
        return value_int((int64_t)v->as.array->len);
    case VALUE_MAP:
        return value_int((int64_t)v->as.map->len);
    case VALUE_ENV:
        return value_int((int64_t)r->formula->count);
    case VALUE_BYTES:
        return value_int((int64_t)v->as.text->len);
    case VALUE_STRING:
        for (size_t i = 0; i < v->as.text->len; i++) {
            len += (v->as.text->bytes[i] & 0xc0) != 0x80;
        }
        return value_int(len);
    default:
        return run_fail(r, n, "invalid argument for len (type %s)", value_type(v));
    }
}

static struct value on_lists(struct run *r, const struct expr *n, struct value *args, size_t count)
{
    const struct value index = value_int(n->builtin->id == BUILTIN_LAST ? -1 : 0);
    switch (n->builtin->id) {
    case BUILTIN_FIRST:
    case BUILTIN_LAST:
        return index_of_list(&args[0], &index);
    case BUILTIN_GET:
        return get(r, &args[0], &args[1]);
    case BUILTIN_TAKE:
        return take(r, n, args);
    case BUILTIN_REVERSE:
        return reverse(r, n, &args[0]);
    case BUILTIN_UNIQ:
        return uniq(r, n, &args[0]);
    case BUILTIN_CONCAT:
        return concat(r, n, args, count);
    case BUILTIN_FLATTEN:
        return flatten(r, n, &args[0]);
    case BUILTIN_SORT:
        return sorted(r, n, args, count);
    default:
        return bits(r, n, args);
    }
}

struct value builtin_call(struct run *r, const struct expr *n, struct value *args, size_t count)
{
    const char *shown;
    switch (n->builtin->id) {
    case BUILTIN_FLOAT:
        return to_float(r, n, &args[0]);
    case BUILTIN_INT:
        return to_int(r, n, &args[0]);
    case BUILTIN_MAX:
    case BUILTIN_MIN:
        return extreme(r, n, args, count);
    case BUILTIN_MEAN:
        return mean(r, n, args, count);
    case BUILTIN_MEDIAN:
        return median(r, n, args, count);
    case BUILTIN_ABS:
        return absolute(r, n, &args[0]);
    case BUILTIN_CEIL:
    case BUILTIN_FLOOR:
    case BUILTIN_ROUND:
        return rounded(r, n, &args[0]);
    case BUILTIN_LEN:
        return length(r, n, &args[0]);
    case BUILTIN_TYPE:
    case BUILTIN_STRING:
        shown = n->builtin->id == BUILTIN_TYPE ? type_name(&args[0])
                                               : value_print(r->scratch, &args[0]);
        return run_text(r, shown, strlen(shown));
    case BUILTIN_TRIM:
    case BUILTIN_TRIM_PREFIX:
    case BUILTIN_TRIM_SUFFIX:
    case BUILTIN_UPPER:
    case BUILTIN_LOWER:
    case BUILTIN_REPEAT:
    case BUILTIN_INDEX_OF:
    case BUILTIN_LAST_INDEX_OF:
    case BUILTIN_HAS_PREFIX:
    case BUILTIN_HAS_SUFFIX:
        return builtin_text(r, n, args, count);
    default:
        return on_lists(r, n, args, count);
    }
}
