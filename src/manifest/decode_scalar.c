/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single values: what a text means for each field type, and what to say when it means
 * nothing. Numbers are read from their text as written, so no precision is lost on the
 * way; NaN and infinities are never numbers here.
 */
#include "manifest/decode.h"

#include "base/fmt.h"
#include "base/str.h"
#include "engine/simtime.h"
#include "kube/duration.h"
#include "kube/quantity.h"
#include "kube/timestamp.h"

#include <string.h>

/* Where a value is read, for messages. */
struct reading {
    struct decoder *d;
    const struct field *field;
    const struct node *node;
    const char *path;
};

static bool expected(const struct reading *r, const char *what, const char *help)
{
    const struct node *n = r->node;
    bool scalar = n->kind == NODE_STRING || n->kind == NODE_NUMBER;
    if (scalar && n->len <= 80)
        diag_error(r->d->diag, n->mark, "%s: expected %s, found %s%s%s", r->path, what,
                   n->kind == NODE_STRING ? "\"" : "", n->text, n->kind == NODE_STRING ? "\"" : "");
    else
        diag_error(r->d->diag, n->mark, "%s: expected %s, found %s", r->path, what,
                   node_kind_name(n->kind));
    if (help)
        diag_help(r->d->diag, "%s", help);
    return false;
}

/* A number or boolean in quotes is the commonest slip; other strings are no numbers at all. */
static const char *quotes_help(const struct reading *r)
{
    double v = 0;
    bool quoted = r->node->kind == NODE_STRING && str_to_double(r->node->text, &v);
    return quoted ? "write it without quotes" : NULL;
}

static bool read_string(const struct reading *r, const char **out)
{
    if (r->node->kind == NODE_NUMBER || r->node->kind == NODE_BOOL)
        return expected(r, "a string", "put it in quotes");
    if (r->node->kind != NODE_STRING)
        return expected(r, "a string", NULL);
    if (r->node->len == 0) {
        diag_error(r->d->diag, r->node->mark, "%s: must not be empty", r->path);
        return false;
    }
    *out = r->node->text;
    return true;
}

/* RFC 1123 subdomain, as Kubernetes' object names: labels of [a-z0-9-], joined by dots. */
static bool is_name(const char *s, size_t len)
{
    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        bool inner = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool joint = c == '-' || c == '.';
        bool edge = i == 0 || i + 1 == len || s[i - 1] == '.' || s[i + 1] == '.';
        if (!inner && !(joint && !edge))
            return false;
    }
    return true;
}

static bool read_name(const struct reading *r, const char **out)
{
    if (!read_string(r, out))
        return false;
    if (is_name(r->node->text, r->node->len))
        return true;
    return expected(r, "a name", "names are lower case letters, digits and '-', as in Kubernetes");
}

static bool read_bool(const struct reading *r, bool *out)
{
    if (r->node->kind != NODE_BOOL)
        return expected(r, "true or false",
                        r->node->kind == NODE_STRING ? "write it without quotes" : NULL);
    *out = str_equal(r->node->text, "true");
    return true;
}

/* A bound as the field's values are written. */
static const char *bound(const struct reading *r, double value)
{
    char text[FMT_MAX];
    bool time = r->field->type == FIELD_DURATION || r->field->type == FIELD_SECONDS;
    return time ? arena_strdup(r->d->arena, fmt_seconds(text, value))
                : arena_printf(r->d->arena, "%.12g", value);
}

/* Bounds of a number, time or amount; text is how the value was written. */
static bool in_bounds(const struct reading *r, double value)
{
    const struct field *f = r->field;
    bool bounded = f->min != 0 || f->max != 0;
    if ((f->flags & FIELD_POSITIVE) && !(value > 0)) {
        diag_error(r->d->diag, r->node->mark, "%s: must be more than 0, not %s", r->path,
                   r->node->text);
        return false;
    }
    if ((f->flags & FIELD_NOT_ZERO) && value == 0) {
        diag_error(r->d->diag, r->node->mark, "%s: must not be 0", r->path);
        return false;
    }
    if (bounded && (value < f->min || value > f->max)) {
        diag_error(r->d->diag, r->node->mark, "%s: must be between %s and %s, not %s", r->path,
                   bound(r, f->min), bound(r, f->max), r->node->text);
        return false;
    }
    if (!bounded && !(f->flags & FIELD_ANY_SIGN) && value < 0) {
        diag_error(r->d->diag, r->node->mark, "%s: must not be negative: %s", r->path,
                   r->node->text);
        return false;
    }
    return true;
}

static bool read_int32(const struct reading *r, int32_t *out)
{
    int64_t v = 0;
    if (r->node->kind != NODE_NUMBER)
        return expected(r, "a whole number", quotes_help(r));
    if (!str_to_int64(r->node->text, &v) || v > INT32_MAX || v < INT32_MIN)
        return expected(r, "a whole number of at most 2147483647", NULL);
    *out = (int32_t)v;
    return in_bounds(r, (double)v);
}

static bool read_uint64(const struct reading *r, uint64_t *out)
{
    if (r->node->kind != NODE_NUMBER)
        return expected(r, "a whole number", NULL);
    uint64_t v = 0;
    for (const char *s = r->node->text; *s; s++) {
        unsigned digit = (unsigned)(unsigned char)*s - '0';
        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return expected(r, "a whole number from 0 to 18446744073709551615", NULL);
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static bool read_double(const struct reading *r, double *out)
{
    if (r->node->kind != NODE_NUMBER)
        return expected(r, "a number", quotes_help(r));
    if (!str_to_double(r->node->text, out))
        return expected(r, "a finite number", NULL);
    return in_bounds(r, *out);
}

static bool read_duration(const struct reading *r, simtime *out)
{
    const struct node *n = r->node;
    int64_t ns = 0;
    bool scalar = n->kind == NODE_STRING || n->kind == NODE_NUMBER;
    if (!scalar || !duration_parse_friendly(n->text, &ns))
        return expected(r, "a duration",
                        n->kind == NODE_NUMBER ? "say in which unit: 30s, 5m, 1h30m, 2d"
                                               : "write it as 30s, 500ms, 1h30m or 2d");
    *out = ns;
    return in_bounds(r, simtime_to_seconds(ns));
}

static bool read_seconds(const struct reading *r, double *out)
{
    simtime t = 0;
    if (!read_duration(r, &t))
        return false;
    *out = simtime_to_seconds(t);
    return true;
}

static bool read_amount(const struct reading *r, const char *what, const char *help, double *out)
{
    const struct node *n = r->node;
    struct quantity q = {0};
    bool scalar = n->kind == NODE_STRING || n->kind == NODE_NUMBER;
    if (!scalar || quantity_parse_json(r->d->arena, n->text, &q) != QUANTITY_OK)
        return expected(r, what, help);
    *out = quantity_as_double(&q);
    return in_bounds(r, *out);
}

/* The offset at the end of a time that has one: "+02:00" or "Z". */
static int32_t zone_of(const char *text, size_t len)
{
    int32_t zone = 0;
    if (len > 6 && (text[len - 6] == '+' || text[len - 6] == '-'))
        timestamp_parse_offset(text + len - 6, &zone);
    return zone;
}

static bool read_instant(const struct reading *r, struct instant *out)
{
    const struct node *n = r->node;
    bool has_zone = false;
    if (n->kind != NODE_STRING || !timestamp_parse(n->text, 0, &out->unix_ns, &has_zone))
        return expected(r, "a time",
                        "write it as 2024-03-01T08:00:00Z or with an offset such as "
                        "-04:00; zone names are not known");
    out->zone_seconds = has_zone ? zone_of(n->text, n->len) : 0;
    out->present = true;
    return true;
}

static bool read_word(const struct reading *r, int *out)
{
    const char *const *words = r->field->words;
    struct strbuf all = {.arena = r->d->arena};
    size_t count = 0;
    for (; words[count]; count++) {
        if (r->node->kind == NODE_STRING && str_equal(words[count], r->node->text)) {
            *out = (int)count;
            return true;
        }
        strbuf_printf(&all, "%s%s", count ? ", " : "", words[count]);
    }
    const char *what = arena_printf(r->d->arena, "one of %s", strbuf_text(&all));
    const char *near = r->node->text ? str_nearest(r->node->text, words, count) : NULL;
    return expected(r, what, near ? arena_printf(r->d->arena, "did you mean \"%s\"?", near) : NULL);
}

bool decode_scalar(struct decoder *d, const struct field *field, const struct node *node,
                   const char *path, void *out)
{
    const struct reading r = {d, field, node, path};
    switch (field->type) {
    case FIELD_STRING:
        return read_string(&r, out);
    case FIELD_NAME:
        return read_name(&r, out);
    case FIELD_BOOL:
        return read_bool(&r, out);
    case FIELD_INT32:
        return read_int32(&r, out);
    case FIELD_UINT64:
        return read_uint64(&r, out);
    case FIELD_DOUBLE:
        return read_double(&r, out);
    case FIELD_DURATION:
        return read_duration(&r, out);
    case FIELD_SECONDS:
        return read_seconds(&r, out);
    case FIELD_CORES:
        return read_amount(&r, "CPU cores", "write it as 500m or 2", out);
    case FIELD_BYTES:
        return read_amount(&r, "an amount of memory", "write it as 64Mi or 1.5Gi", out);
    case FIELD_INSTANT:
        return read_instant(&r, out);
    case FIELD_WORD:
        return read_word(&r, out);
    default:
        return expected(&r, "another type", NULL);
    }
}
