/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of formulas that work on texts: expr-lang/expr v1.17.8, builtin/builtin.go. They
 * end in a number by way of int(), float(), len() or a comparison.
 *
 * The trap: upper and lower know ASCII only; Go's know Unicode.
 */
#include "formula_internal.h"

#include <string.h>

struct value run_text(struct run *r, const char *bytes, size_t len)
{
    struct value_text *t = arena_new(r->scratch, struct value_text);
    *t = (struct value_text){.bytes = arena_strndup(r->scratch, bytes, len), .len = len};
    return (struct value){.kind = VALUE_STRING, .as.text = t};
}

static struct value text_case(struct run *r, const struct value_text *t, bool upper)
{
    char *bytes = arena_strndup(r->scratch, t->bytes, t->len);
    for (size_t i = 0; i < t->len; i++) {
        const char low = upper ? 'a' : 'A';
        if (bytes[i] >= low && bytes[i] <= low + 25) {
            bytes[i] = (char)(bytes[i] ^ 0x20);
        }
    }
    return run_text(r, bytes, t->len);
}

static bool in_cutset(const struct value_text *set, char c)
{
    return c != '\0' && memchr(set->bytes, c, set->len) != NULL;
}

static struct value trim(struct run *r, const struct value_text *t, const struct value_text *set)
{
    size_t from = 0;
    size_t to = t->len;
    while (from < to && in_cutset(set, t->bytes[from])) {
        from++;
    }
    while (to > from && in_cutset(set, t->bytes[to - 1])) {
        to--;
    }
    return run_text(r, t->bytes + from, to - from);
}

static int64_t find_text(const struct value_text *t, const struct value_text *sought, bool last)
{
    int64_t found = -1;
    for (size_t i = 0; i + sought->len <= t->len && (last || found < 0); i++) {
        if (memcmp(t->bytes + i, sought->bytes, sought->len) == 0) {
            found = (int64_t)i;
        }
    }
    return found;
}

static bool starts(const struct value_text *t, const struct value_text *with)
{
    return with->len <= t->len && memcmp(t->bytes, with->bytes, with->len) == 0;
}

static bool ends(const struct value_text *t, const struct value_text *with)
{
    return with->len <= t->len &&
           memcmp(t->bytes + t->len - with->len, with->bytes, with->len) == 0;
}

static struct value repeat(struct run *r, const struct expr *n, const struct value *args)
{
    const struct value_text *t = args[0].as.text;
    if (args[1].kind != VALUE_INT || args[1].as.integer < 0) {
        return run_fail(r, n, "invalid argument for repeat (expected positive integer, got %s)",
                        value_print(r->scratch, &args[1]));
    }
    const uint64_t times = (uint64_t)args[1].as.integer;
    if (times > 1000000 || !run_grow(r, n, t->len * times)) {
        return run_fail(r, n, "memory budget exceeded");
    }
    char *bytes = arena_array(r->scratch, char, t->len *times + 1);
    for (uint64_t i = 0; i < times; i++) {
        memcpy(bytes + i * t->len, t->bytes, t->len);
    }
    return run_text(r, bytes, t->len * times);
}

struct value builtin_text(struct run *r, const struct expr *n, const struct value *args,
                          size_t count)
{
    static const struct value_text blank = {" ", 1};
    static const struct value_text blanks = {" \t\n\v\f\r", 6};
    const enum builtin_id id = n->builtin->id;
    for (size_t i = 0; i < count && !(id == BUILTIN_REPEAT && i == 1); i++) {
        if (args[i].kind != VALUE_STRING) {
            return run_fail(r, n, "interface conversion: interface {} is %s, not string",
                            args[i].kind == VALUE_NIL ? "nil" : value_type(&args[i]));
        }
    }
    const struct value_text *t = args[0].as.text;
    const struct value_text *u = count > 1 && id != BUILTIN_REPEAT ? args[1].as.text : &blank;
    switch (id) {
    case BUILTIN_UPPER:
    case BUILTIN_LOWER:
        return text_case(r, t, id == BUILTIN_UPPER);
    case BUILTIN_TRIM:
        return trim(r, t, count > 1 ? u : &blanks);
    case BUILTIN_TRIM_PREFIX:
        return starts(t, u) ? run_text(r, t->bytes + u->len, t->len - u->len) : args[0];
    case BUILTIN_TRIM_SUFFIX:
        return ends(t, u) ? run_text(r, t->bytes, t->len - u->len) : args[0];
    case BUILTIN_REPEAT:
        return repeat(r, n, args);
    case BUILTIN_HAS_PREFIX:
        return value_bool(starts(t, u));
    case BUILTIN_HAS_SUFFIX:
        return value_bool(ends(t, u));
    default:
        return value_int(find_text(t, u, id == BUILTIN_LAST_INDEX_OF));
    }
}
