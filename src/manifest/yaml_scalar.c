/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what type a YAML scalar has and what JSON it becomes. The idea: the first
 * character says what it may be, then words from a table, then integers in Go's bases,
 * then decimals; all else is a string.
 * Upstream: go.yaml.in/yaml/v2 v2.4.3 resolve.go, and what sigs.k8s.io/yaml v1.6.0 and
 * encoding/json make of the result.
 * The trap: this is YAML 1.1 with Go's integers: y, no and on are booleans, 010 is 8, 08
 * is 8 too (a decimal), 1e400 is a string, and dates are strings.
 */
#include "yaml_internal.h"

#include "base/fmt.h"
#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG(name) "tag:yaml.org,2002:" name

static const struct {
    const char *text;
    enum yaml_type type;
} words[] = {
    {"", YAML_NULL},     {"~", YAML_NULL},      {"null", YAML_NULL},   {"Null", YAML_NULL},
    {"NULL", YAML_NULL}, {"y", YAML_TRUE},      {"Y", YAML_TRUE},      {"yes", YAML_TRUE},
    {"Yes", YAML_TRUE},  {"YES", YAML_TRUE},    {"true", YAML_TRUE},   {"True", YAML_TRUE},
    {"TRUE", YAML_TRUE}, {"on", YAML_TRUE},     {"On", YAML_TRUE},     {"ON", YAML_TRUE},
    {"n", YAML_FALSE},   {"N", YAML_FALSE},     {"no", YAML_FALSE},    {"No", YAML_FALSE},
    {"NO", YAML_FALSE},  {"false", YAML_FALSE}, {"False", YAML_FALSE}, {"FALSE", YAML_FALSE},
    {"off", YAML_FALSE}, {"Off", YAML_FALSE},   {"OFF", YAML_FALSE},   {".nan", YAML_NAN},
    {".NaN", YAML_NAN},  {".NAN", YAML_NAN},    {".inf", YAML_NAN},    {".Inf", YAML_NAN},
    {".INF", YAML_NAN},  {"+.inf", YAML_NAN},   {"+.Inf", YAML_NAN},   {"+.INF", YAML_NAN},
    {"-.inf", YAML_NAN}, {"-.Inf", YAML_NAN},   {"-.INF", YAML_NAN},
};

static bool find_word(const char *text, enum yaml_type *out)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].text, text) == 0) {
            *out = words[i].type;
            return true;
        }
    }
    return false;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 99;
}

/* What strconv.ParseInt(s, 0, 64) takes as the base; *s moves behind the prefix. */
static unsigned take_base(const char **s)
{
    if ((*s)[0] != '0' || (*s)[1] == '\0') {
        return 10;
    }
    char lower = (char)((*s)[1] | 0x20);
    unsigned base = lower == 'x' ? 16 : lower == 'o' ? 8 : lower == 'b' ? 2 : 0;
    *s += base != 0 ? 2 : 1;
    return base != 0 ? base : 8;
}

/* strconv.ParseInt and then ParseUint, base 0: from -2^63 to 2^64-1. */
static bool parse_integer(const char *s, bool *negative, uint64_t *out)
{
    *negative = *s == '-';
    bool sign = *s == '-' || *s == '+';
    s += sign ? 1 : 0;
    unsigned base = take_base(&s);
    if (*s == '\0') {
        return false;
    }
    uint64_t v = 0;
    for (; *s != '\0'; s++) {
        unsigned digit = digit_value(*s);
        if (digit >= base || v > (UINT64_MAX - digit) / base) {
            return false;
        }
        v = v * base + digit;
    }
    *out = v;
    return !sign || v <= (uint64_t)INT64_MAX + (*negative ? 1 : 0);
}

static const char *skip_digits(const char *s)
{
    return s + strspn(s, "0123456789");
}

/* yamlStyleFloat; a point at the front needs digits behind it. */
static bool is_decimal(const char *s)
{
    s += *s == '-' || *s == '+' ? 1 : 0;
    const char *whole = skip_digits(s);
    bool digits = whole != s;
    if (*whole == '.') {
        const char *fraction = skip_digits(whole + 1);
        digits = digits || fraction != whole + 1;
        whole = fraction;
    }
    if (!digits) {
        return false;
    }
    if (*whole == 'e' || *whole == 'E') {
        whole++;
        whole += *whole == '-' || *whole == '+' ? 1 : 0;
        const char *end = skip_digits(whole);
        return end != whole && *end == '\0';
    }
    return *whole == '\0';
}

static bool resolve_decimal(struct arena *a, const char *text, struct yaml_scalar *out)
{
    double v;
    if (!is_decimal(text) || !str_to_double(text, &v)) {
        return false;
    }
    char buffer[FMT_MAX];
    out->type = YAML_FLOAT;
    out->number = v;
    out->text = arena_strdup(a, fmt_json(buffer, v));
    return true;
}

static const char *without_underscores(struct arena *a, const char *text)
{
    if (strchr(text, '_') == NULL) {
        return text;
    }
    char *out = arena_alloc(a, strlen(text) + 1, 1);
    char *end = out;
    for (; *text != '\0'; text++) {
        if (*text != '_') {
            *end++ = *text;
        }
    }
    return out;
}

/* Four digits and a dash: a timestamp, which stays a string, or nothing at all. */
static bool looks_like_date(const char *text)
{
    return skip_digits(text) == text + 4 && text[4] == '-';
}

static void resolve_number(struct arena *a, const char *text, struct yaml_scalar *out)
{
    if (looks_like_date(text)) {
        return;
    }
    const char *plain = without_underscores(a, text);
    bool negative;
    uint64_t v;
    if (parse_integer(plain, &negative, &v)) {
        out->type = YAML_INTEGER;
        out->text = arena_printf(a, "%s%" PRIu64, negative && v != 0 ? "-" : "", v);
        return;
    }
    (void)resolve_decimal(a, plain, out);
}

static struct yaml_scalar resolve_plain(struct arena *a, const char *text)
{
    struct yaml_scalar out = {.type = YAML_STRING, .text = text};
    char c = *text;
    bool number = c != '\0' && strchr("+-0123456789", c) != NULL;
    bool word = c == '\0' || strchr("yYnNtTfFoO~", c) != NULL;
    if (!number && !word && c != '.') {
        return out;
    }
    if (find_word(text, &out.type)) {
        return out;
    }
    if (number) {
        resolve_number(a, text, &out);
    } else if (c == '.') {
        (void)resolve_decimal(a, text, &out);
    }
    return out;
}

/* "!!int" of a type, as goyaml's messages have it. */
static const char *type_tag(enum yaml_type type)
{
    switch (type) {
    case YAML_NULL:
        return "!!null";
    case YAML_TRUE:
    case YAML_FALSE:
        return "!!bool";
    case YAML_INTEGER:
        return "!!int";
    case YAML_FLOAT:
    case YAML_NAN:
        return "!!float";
    case YAML_STRING:
        break;
    }
    return "!!str";
}

struct yaml_scalar yaml_resolve(struct arena *a, const char *tag, const char *text, bool plain)
{
    static const char *const typed[] = {TAG("null"), TAG("bool"), TAG("int"), TAG("float")};
    if (tag == NULL) {
        return plain ? resolve_plain(a, text)
                     : (struct yaml_scalar){.type = YAML_STRING, .text = text};
    }
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        if (strcmp(tag, typed[i]) != 0) {
            continue;
        }
        struct yaml_scalar out = resolve_plain(a, text);
        const char *want = typed[i] + strlen(TAG(""));
        const char *have = type_tag(out.type);
        if (strcmp(have + 2, want) != 0 &&
            !(out.type == YAML_INTEGER && strcmp(want, "float") == 0)) {
            out.error = arena_printf(a, "cannot decode %s `%s` as a !!%s", have, text, want);
        }
        return out;
    }
    return (struct yaml_scalar){.type = YAML_STRING, .text = text};
}

/* strconv.FormatFloat(v, 'g', -1, 32): how a number becomes a key. */
static const char *float_key(struct arena *a, double number)
{
    float v = (float)number;
    char text[32];
    int digits = 1;
    for (; digits <= 9; digits++) {
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, (double)v);
        if (strtof(text, NULL) == v) {
            break;
        }
    }
    const char *e = strchr(text, 'e');
    if (e == NULL) {
        return v > 0 ? "+Inf" : "-Inf";
    }
    int exponent = (int)strtol(e + 1, NULL, 10);
    if (exponent < -4 || exponent >= 6) {
        return arena_strdup(a, text);
    }
    int decimals = digits - 1 - exponent;
    return arena_printf(a, "%.*f", decimals > 0 ? decimals : 0, (double)v);
}

const char *yaml_key(struct arena *a, const struct yaml_scalar *scalar)
{
    switch (scalar->type) {
    case YAML_NULL:
    case YAML_NAN:
        return NULL;
    case YAML_TRUE:
        return "true";
    case YAML_FALSE:
        return "false";
    case YAML_FLOAT:
        return float_key(a, scalar->number);
    case YAML_INTEGER:
    case YAML_STRING:
        break;
    }
    return scalar->text;
}
