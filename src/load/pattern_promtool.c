/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what promtool's series shorthand means: "a+bxn" is n+1 samples from
 * a by b, "axn" n+1 times a, "_" a sample left out, "_xn" n of them, "stale" the
 * end of a series. Mirrors prometheus promql/parser (generated_parser.y,
 * series_item; lex.go, scanNumber) v0.300.1 (3.0.1). Traps: an integer with a
 * leading zero is octal (strconv.ParseInt base 0), "_x4" is 4 samples while
 * "1x4" is 5, and steps are added one by one, rounding as they go.
 */
#include "base/str.h"
#include "pattern_internal.h"

#include <math.h>
#include <string.h>

#define SAMPLES_MAX 1000000

struct shorthand {
    const char *at;
    const struct pattern_promtool *spec;
    struct mark mark;
    const struct pattern_context *context;
    struct series *out;
    simtime interval;
    int64_t samples;
    double previous; /* value of the newest piece */
    bool failed;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void fail(struct shorthand *s, const char *item, const char *why)
{
    int len = 0;
    while (item[len] && !is_space(item[len]) && len < 40)
        len++;
    diag_error(s->context->diag, s->mark, "series item \"%.*s\": %s", len, item, why);
    diag_help(s->context->diag, "items look like 5, 1+2x3, 5x10, _, _x4 or stale");
    s->failed = true;
}

/* Digits, one dot, one exponent, underscores between; stops before the count's x. */
static size_t number_length(const char *s)
{
    size_t n = 0;
    bool digits = false;
    while (is_digit(s[n]) || s[n] == '.' || (digits && s[n] == '_')) {
        if (s[n] == '_' && (!is_digit(s[n - 1]) || !is_digit(s[n + 1])))
            return 0; /* only between digits, as in Go */
        digits |= is_digit(s[n++]);
    }
    if (!digits || (s[n] != 'e' && s[n] != 'E'))
        return digits ? n : 0;
    size_t e = n + 1;
    if (s[e] == '+' || s[e] == '-')
        e++;
    if (!is_digit(s[e]))
        return 0;
    while (is_digit(s[e]) || (s[e] == '_' && is_digit(s[e - 1]) && is_digit(s[e + 1])))
        e++;
    return e;
}

static bool octal(const char *digits, double *value)
{
    if (digits[0] != '0' || strlen(digits) < 2 || strlen(digits) > 20)
        return false;
    uint64_t sum = 0;
    for (const char *p = digits; *p; p++) {
        if (*p < '0' || *p > '7')
            return false;
        sum = sum * 8 + (uint64_t)(*p - '0');
    }
    *value = (double)sum;
    return true;
}

/* An unsigned number at s->at; moves past it. */
static bool take_number(struct shorthand *s, double *value)
{
    size_t len = number_length(s->at);
    char text[64];
    size_t n = 0;
    for (size_t i = 0; i < len && n < sizeof text - 1; i++)
        if (s->at[i] != '_')
            text[n++] = s->at[i];
    text[n] = '\0';
    if (len == 0 || len >= sizeof text)
        return false;
    if (!octal(text, value) && !str_to_double(text, value))
        return false;
    s->at += len;
    return true;
}

static bool take_signed(struct shorthand *s, double *value)
{
    bool minus = *s->at == '-';
    if (*s->at == '-' || *s->at == '+')
        s->at++;
    if (!take_number(s, value))
        return false;
    if (minus)
        *value = -*value;
    return true;
}

static bool take_count(struct shorthand *s, int64_t *count)
{
    const char *p = s->at;
    int64_t n = 0;
    if (!is_digit(*p))
        return false;
    while (is_digit(*p) && n <= SAMPLES_MAX)
        n = n * 10 + (*p++ - '0');
    *count = n;
    while (is_digit(*p))
        p++;
    s->at = p;
    return true;
}

/* One sample; runs of one value share a piece. */
static void put(struct shorthand *s, double value)
{
    simtime at = s->samples * s->interval;
    s->samples++;
    bool same = value == s->previous || (isnan(value) && isnan(s->previous));
    struct series_piece *last =
        s->out->pieces.len ? &s->out->pieces.items[s->out->pieces.len - 1] : NULL;
    s->previous = value;
    if (last && same && (!s->spec->linear || last->begin == value || isnan(value)))
        return;
    if (last && s->spec->linear && !isnan(last->begin) && !isnan(value)) {
        simtime before = at - s->interval;
        if (last->at == before)
            last->end = value;
        else
            series_add(s->context->arena, s->out, before, last->end, value);
    }
    series_add(s->context->arena, s->out, at, value, value);
}

static bool take_repeat(struct shorthand *s, int64_t extra, int64_t *count)
{
    *count = 1;
    if (*s->at != 'x')
        return true;
    s->at++;
    if (!take_count(s, count))
        return false;
    *count += extra;
    return true;
}

static bool room_for(struct shorthand *s, const char *item, int64_t count)
{
    if (count <= SAMPLES_MAX - s->samples && s->samples + count <= LOAD_TIME_MAX / s->interval)
        return true;
    fail(s, item, "too many samples");
    return false;
}

/* "1+2x3", "5x10", "-4": the first value is read, the rest stands at s->at. */
static void finish_value(struct shorthand *s, const char *item, double value)
{
    double step = 0;
    bool stepped = *s->at == '+' || *s->at == '-';
    if (stepped && (!take_signed(s, &step) || *s->at != 'x')) {
        fail(s, item, "a step must be followed by x and a count");
        return;
    }
    int64_t count = 1;
    if (!take_repeat(s, 1, &count)) {
        fail(s, item, "x must be followed by a whole count");
        return;
    }
    if (!room_for(s, item, count))
        return;
    double last = value + step * (double)(count - 1);
    if (!isnan(value) && (!pattern_check_value(value, "a sample", s->mark, s->context) ||
                          !pattern_check_value(last, "a sample", s->mark, s->context))) {
        s->failed = true;
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        /* rounding may carry a falling run just below 0 */
        put(s, value < 0 && !s->context->negative_allowed ? 0 : value);
        value += step;
    }
}

static void take_item(struct shorthand *s)
{
    const char *item = s->at;
    int64_t count = 1;
    double value = NAN;
    if (*s->at == '_') {
        s->at++;
        if (!take_repeat(s, 0, &count))
            fail(s, item, "x must be followed by a whole count");
        else if (room_for(s, item, count))
            for (int64_t i = 0; i < count; i++)
                put(s, NAN);
    } else if (s->at[0] == '{') {
        fail(s, item, "native histograms have no single value");
    } else if (strncmp(s->at, "stale", 5) == 0 && !is_word(s->at[5])) {
        s->at += 5;
        finish_value(s, item, NAN);
    } else if (take_signed(s, &value)) {
        finish_value(s, item, value);
    } else {
        fail(s, item, "not a number, _ or stale");
    }
    if (!s->failed && *s->at && !is_space(*s->at))
        fail(s, item, "unexpected text after the item");
    while (*s->at && !is_space(*s->at))
        s->at++;
}

bool pattern_promtool(const struct pattern_promtool *p, struct mark mark,
                      const struct pattern_context *c, struct series *out)
{
    struct mark place = p->values_mark.line ? p->values_mark : mark;
    if (!pattern_check_time(p->interval, "the interval", mark, c))
        return false;
    *out = (struct series){.before = NAN, .after = NAN};
    struct shorthand s = {.at = p->values ? p->values : "",
                          .spec = p,
                          .mark = place,
                          .context = c,
                          .out = out,
                          .interval = p->interval > 0 ? p->interval : 60 * SIMTIME_SECOND};
    bool good = true;
    while (*s.at) {
        if (is_space(*s.at)) {
            s.at++;
            continue;
        }
        s.failed = false;
        take_item(&s);
        good &= !s.failed;
    }
    if (good && s.samples == 0) {
        diag_error(c->diag, place, "the series has no samples");
        good = false;
    }
    out->end = s.samples * s.interval;
    return good;
}
