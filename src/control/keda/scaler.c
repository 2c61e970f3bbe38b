/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of triggers and values of metrics: KEDA v2.21.0, pkg/scalers/scaler.go,
 * scalersconfig/typed_config.go, pkg/util/normalize.
 *
 * The traps: a blank parameter is a missing one; integers and floats are JSON, so "+5", "05",
 * ".5" and "1e3" as an integer are errors and "null" is 0; all errors of a trigger are reported
 * together; a negative value becomes 0 only after activity was decided on it.
 */
#include "control/keda/scaler.h"

#include "base/str.h"
#include "formula_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *scaler_quote(struct arena *a, const char *s)
{
    return formula_quote(a, s, strlen(s));
}

/* ---- numbers as Go reads them ---- */

static const char *number_error(struct arena *a, const char *function, const char *s,
                                const char *what)
{
    return arena_printf(a, "strconv.%s: parsing %s: %s", function, scaler_quote(a, s), what);
}

static size_t digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* [digits][.digits][e[sign]digits] with at least one digit, to the end. */
static bool decimal(const char *s)
{
    size_t n = digits(s);
    s += n;
    if (*s == '.') {
        const size_t fraction = digits(s + 1);
        n += fraction;
        s += 1 + fraction;
    }
    if (n == 0) {
        return false;
    }
    if (*s == 'e' || *s == 'E') {
        s += s[1] == '+' || s[1] == '-' ? 2 : 1;
        if (digits(s) == 0) {
            return false;
        }
        s += digits(s);
    }
    return *s == '\0';
}

static bool same_letters(const char *s, const char *lower)
{
    size_t i = 0;
    while (lower[i] != '\0' && (s[i] | 0x20) == lower[i]) {
        i++;
    }
    return lower[i] == '\0' && s[i] == '\0';
}

const char *scaler_parse_float(struct arena *a, const char *s, double *out)
{
    const char *body = *s == '+' || *s == '-' ? s + 1 : s;
    *out = 0;
    if (same_letters(body, "inf") || same_letters(body, "infinity")) {
        *out = *s == '-' ? -INFINITY : INFINITY;
        return NULL;
    }
    if (same_letters(s, "nan")) {
        *out = NAN;
        return NULL;
    }
    if (!decimal(body)) {
        return number_error(a, "ParseFloat", s, "invalid syntax");
    }
    *out = strtod(s, NULL);
    return isinf(*out) ? number_error(a, "ParseFloat", s, "value out of range") : NULL;
}

const char *scaler_parse_bool(struct arena *a, const char *s, bool *out)
{
    static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
            *out = strcmp(s, yes[i]) == 0;
            return NULL;
        }
    }
    return number_error(a, "ParseBool", s, "invalid syntax");
}

bool scaler_parse_int(const char *s, int bits, int64_t *out)
{
    const bool negative = *s == '-';
    const uint64_t limit = (UINT64_C(1) << (bits - 1)) - (negative ? 0 : 1);
    const char *c = *s == '-' || *s == '+' ? s + 1 : s;
    uint64_t v = 0;
    if (*c == '\0' || c[digits(c)] != '\0') {
        return false;
    }
    for (; *c != '\0'; c++) {
        const uint64_t digit = (uint64_t)(*c - '0');
        if (v > (limit - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    *out = (int64_t)(negative ? 0 - v : v);
    return true;
}

/* The character of a text at which JSON stops understanding, in encoding/json's words. */
static const char *json_syntax(struct arena *a, const char *s)
{
    const char *c = s;
    if (*c == '\0') {
        return "unexpected end of JSON input";
    }
    if (*c == '-') {
        c++;
        if (digits(c) == 0) {
            return *c == '\0' ? "unexpected end of JSON input"
                              : arena_printf(a, "invalid character '%c' in numeric literal", *c);
        }
    } else if (digits(c) == 0) {
        return arena_printf(a, "invalid character '%c' looking for beginning of value", *c);
    }
    c += *c == '0' ? 1 : digits(c);
    if (*c == '.') {
        c++;
        if (digits(c) == 0) {
            return *c == '\0'
                       ? "unexpected end of JSON input"
                       : arena_printf(
                             a, "invalid character '%c' after decimal point in numeric literal",
                             *c);
        }
        c += digits(c);
    }
    if (*c == 'e' || *c == 'E') {
        c += c[1] == '+' || c[1] == '-' ? 2 : 1;
        if (digits(c) == 0) {
            return *c == '\0' ? "unexpected end of JSON input"
                              : arena_printf(
                                    a, "invalid character '%c' in exponent of numeric literal", *c);
        }
        c += digits(c);
    }
    return *c == '\0' ? NULL : arena_printf(a, "invalid character '%c' after top-level value", *c);
}

/* A JSON value that is no number; NULL when it is one, or *nothing for null. */
static const char *json_other(struct arena *a, const char *s, const char *type, bool *nothing)
{
    const size_t len = strlen(s);
    const char *kind = NULL;
    *nothing = strcmp(s, "null") == 0;
    if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0) {
        kind = "bool";
    } else if (len > 1 && s[0] == '"' && s[len - 1] == '"') {
        kind = "string";
    }
    if (kind != NULL) {
        return arena_printf(a, "json: cannot unmarshal %s into Go value of type %s", kind, type);
    }
    return *nothing ? NULL : json_syntax(a, s);
}

const char *scaler_json_int64(struct arena *a, const char *s, int64_t *out)
{
    bool nothing;
    const char *error = json_other(a, s, "int64", &nothing);
    *out = 0;
    if (error != NULL || nothing || scaler_parse_int(s, 64, out)) {
        return error;
    }
    return arena_printf(a, "json: cannot unmarshal number %s into Go value of type int64", s);
}

const char *scaler_json_float(struct arena *a, const char *s, double *out)
{
    bool nothing;
    const char *error = json_other(a, s, "float64", &nothing);
    *out = 0;
    if (error != NULL || nothing) {
        return error;
    }
    *out = strtod(s, NULL);
    if (!isinf(*out)) {
        return NULL;
    }
    return arena_printf(a, "json: cannot unmarshal number %s into Go value of type float64", s);
}

/* ---- parameters ---- */

static const char *find(const struct scaler_params *params, const char *key, size_t len)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strlen(params->items[i].key) == len && memcmp(params->items[i].key, key, len) == 0) {
            return params->items[i].value;
        }
    }
    return NULL;
}

/* Without blanks around; NULL when nothing is left. */
static const char *trimmed(struct arena *a, const char *s)
{
    static const char blanks[] = " \t\n\v\f\r";
    if (s == NULL) {
        return NULL;
    }
    s += strspn(s, blanks);
    size_t len = strlen(s);
    while (len > 0 && strchr(blanks, s[len - 1]) != NULL) {
        len--;
    }
    return len == 0 ? NULL : arena_strndup(a, s, len);
}

static const char *find_in_env(struct arena *a, const struct scaler_config *c, const char *name,
                               size_t len)
{
    const char *key = arena_printf(a, "%.*sFromEnv", (int)len, name);
    const char *variable = find(&c->metadata, key, strlen(key));
    return variable != NULL ? find(&c->env, variable, strlen(variable)) : NULL;
}

const char *scaler_param(struct arena *a, const struct scaler_config *c, const char *names,
                         unsigned order)
{
    for (unsigned from = SCALER_METADATA; from <= SCALER_ENV; from <<= 1) {
        for (const char *name = names; (order & from) != 0 && *name != '\0';) {
            const size_t len = strcspn(name, ";");
            const char *value = from == SCALER_METADATA ? find(&c->metadata, name, len)
                                : from == SCALER_AUTH   ? find(&c->auth, name, len)
                                                        : find_in_env(a, c, name, len);
            value = trimmed(a, value);
            if (value != NULL) {
                return value;
            }
            name += name[len] == ';' ? len + 1 : len;
        }
    }
    return NULL;
}

/* Params.Name(): several spellings are joined with commas. */
static const char *field_name(struct arena *a, const struct scaler_field *f)
{
    char *name = arena_strdup(a, f->name);
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == ';' ? ',' : *c;
    }
    return name;
}

static const char *order_text(unsigned order)
{
    static const char *const texts[] = {"",
                                        "[triggerMetadata]",
                                        "[authParams]",
                                        "[triggerMetadata authParams]",
                                        "[resolvedEnv]",
                                        "[triggerMetadata resolvedEnv]",
                                        "[authParams resolvedEnv]",
                                        "[triggerMetadata authParams resolvedEnv]"};
    return texts[order & 7];
}

static bool allowed(const char *list, const char *value, size_t len)
{
    for (const char *item = list; *item != '\0';) {
        const size_t n = strcspn(item, ";");
        if (n == len && memcmp(item, value, len) == 0) {
            return true;
        }
        item += item[n] == ';' ? n + 1 : n;
    }
    return false;
}

/* Every one of the value's comma-separated parts is of the list. */
static bool all_allowed(const char *list, const char *value)
{
    for (;;) {
        value += strspn(value, " \t");
        size_t len = strcspn(value, ",");
        const bool more = value[len] == ',';
        const char *after = value + len + 1;
        while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
            len--;
        }
        if (!allowed(list, value, len)) {
            return false;
        }
        if (!more) {
            return true;
        }
        value = after;
    }
}

static const char *enum_text(struct arena *a, const char *list)
{
    char *text = arena_printf(a, "[%s]", list);
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == ';' ? ' ' : *c;
    }
    return text;
}

static const char *store(struct arena *a, const struct scaler_field *f, const char *value,
                         char *member)
{
    static const char *const types[] = {"string", "int64", "float64", "bool"};
    const char *error = NULL;
    int64_t integer = 0;
    double number = 0;
    bool flag = false;
    switch (f->type) {
    case SCALER_STRING:
        memcpy(member, &value, sizeof value);
        return NULL;
    case SCALER_BOOL:
        error = scaler_parse_bool(a, value, &flag);
        memcpy(member, &flag, sizeof flag);
        return error == NULL ? NULL
                             : arena_printf(a, "unable to parse boolean value %s: %s",
                                            scaler_quote(a, value), error);
    case SCALER_INT64:
        error = scaler_json_int64(a, value, &integer);
        memcpy(member, &integer, sizeof integer);
        break;
    default:
        error = scaler_json_float(a, value, &number);
        memcpy(member, &number, sizeof number);
        break;
    }
    return error == NULL
               ? NULL
               : arena_printf(a, "unable to unmarshal to field type %s: %s", types[f->type], error);
}

/* setValue; NULL when the parameter is fine. */
static const char *read_field(struct arena *a, const struct scaler_config *c,
                              const struct scaler_field *f, char *member)
{
    const char *empty = "";
    const char *value = scaler_param(a, c, f->name, f->order);
    if (f->type == SCALER_STRING) {
        memcpy(member, &empty, sizeof empty);
    }
    if (value != NULL && f->deprecated != NULL) {
        return f->deprecated;
    }
    value = value == NULL ? f->standard : value;
    const bool elsewhere = c->auth_reference && (f->order & (SCALER_AUTH | SCALER_ENV)) != 0;
    if (value == NULL && (f->optional || f->deprecated != NULL || elsewhere)) {
        return NULL;
    }
    const char *name = scaler_quote(a, field_name(a, f));
    if (value == NULL) {
        return arena_printf(a, "missing required parameter %s in %s", name, order_text(f->order));
    }
    if (f->allowed != NULL && !all_allowed(f->allowed, value)) {
        return arena_printf(a, "parameter %s value %s must be one of %s", name,
                            scaler_quote(a, value), enum_text(a, f->allowed));
    }
    const char *error = store(a, f, value, member);
    return error == NULL ? NULL
                         : arena_printf(a, "unable to set param %s value %s: %s", name,
                                        scaler_quote(a, value), error);
}

const char *scaler_join(struct arena *a, const char *first, const char *second)
{
    if (first == NULL || second == NULL) {
        return first != NULL ? first : second;
    }
    return arena_printf(a, "%s\n%s", first, second);
}

bool scaler_read(struct arena *a, const struct scaler_config *c, const struct scaler_field *fields,
                 size_t count, void *target, const char **errors)
{
    *errors = NULL;
    for (size_t i = 0; i < count; i++) {
        char *member = (char *)target + fields[i].offset;
        *errors = scaler_join(a, *errors, read_field(a, c, &fields[i], member));
    }
    return *errors == NULL;
}

/* ---- metrics ---- */

bool scaler_metric_type(const struct scaler_config *c, bool *value_type, const char **error)
{
    const char *type = c->metric_type != NULL ? c->metric_type : "";
    *value_type = *type != '\0' && strcmp(type, "AverageValue") != 0;
    if (strcmp(type, "Utilization") != 0) {
        return true;
    }
    *error = "error getting scaler metric type: 'Utilization' metric type is unsupported for "
             "external metrics, allowed values are 'Value' or 'AverageValue'";
    return false;
}

char *scaler_normalize(struct arena *a, const char *s)
{
    char *out = arena_strdup(a, s);
    for (char *c = out; *c != '\0'; c++) {
        if (strchr("/.:%()", *c) != NULL) {
            *c = '-';
        }
    }
    return out;
}

const char *scaler_metric_name(struct arena *a, int32_t index, const char *name)
{
    return arena_printf(a, "s%d-%s", (int)index, scaler_normalize(a, name));
}

struct quantity scaler_quantity(struct arena *a, double value)
{
    struct quantity out = {.format = QUANTITY_DECIMAL_SI};
    if (!(value >= 0) || isinf(value)) {
        return out;
    }
    char text[400];
    snprintf(text, sizeof text, "%.3f", value);
    quantity_parse(a, text, &out);
    return out;
}

struct scaler_answer scaler_answer_of(struct arena *a, double value, double activation)
{
    return (struct scaler_answer){
        .raw = value, .value = scaler_quantity(a, value), .active = value > activation};
}
