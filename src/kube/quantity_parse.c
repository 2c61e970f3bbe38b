/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a quantity's text means. The idea: short plain numbers, nearly all
 * there are, take one pass; the rest follows ParseQuantity step by step, and what Go
 * hands to inf.Dec is kept as decimal digits, on which all that is needed is a shift,
 * a multiplication by 1024 and an increment.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/api/resource (quantity.go, suffix.go) and
 * gopkg.in/inf.v0.
 * The trap: much that looks wrong is right ("", no; ".", "+" and "Ki" are 0), exponents
 * wrap at 32 bits, and what is smaller than 1n becomes 1n.
 */
#include "base/require.h"
#include "base/str.h"
#include "kube/quantity.h"
#include "quantity_internal.h"

#include <string.h>

enum {
    NANO = -9,
    MILLI = -3,
    MAX_INT64_FACTORS = 18, /* decimal digits that always fit an int64 */
    INT64_DIGITS = 19
};

static const char max_int64_digits[] = "9223372036854775807";

static int32_t wrap_add32(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x + (uint32_t)y);
}

/* ---- parsing: the pieces of the text ---- */

struct pieces {
    bool negative;
    const char *value; /* sign and number, for inf.Dec */
    size_t value_len;
    const char *num; /* without leading zeros; "0" when nothing is left */
    size_t num_len;
    const char *denom;
    size_t denom_len;
    const char *suffix;
    size_t suffix_len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s)) {
        s++;
    }
    return s;
}

/* parseQuantityString */
static bool split(const char *text, struct pieces *p)
{
    *p = (struct pieces){.value = text, .num = "0", .num_len = 1, .denom = "", .suffix = ""};
    const char *s = text;
    p->negative = *s == '-';
    s += *s == '-' || *s == '+' ? 1 : 0;
    while (*s == '0') {
        s++;
    }
    const char *end = skip_digits(s);
    if (end != s) {
        p->num = s;
        p->num_len = (size_t)(end - s);
    }
    s = end;
    if (*s == '.') {
        p->denom = s + 1;
        s = skip_digits(s + 1);
        p->denom_len = (size_t)(s - p->denom);
    }
    p->value_len = (size_t)(s - text);
    p->suffix = s;
    s += strspn(s, "eEinumkKMGTP");
    s += *s == '-' || *s == '+' ? 1 : 0;
    s = skip_digits(s);
    p->suffix_len = (size_t)(s - p->suffix);
    return *s == '\0';
}

struct suffix {
    int32_t base;
    int32_t exponent;
    enum quantity_format format;
};

static const struct {
    char text[3];
    struct suffix is;
} suffixes[] = {
    {"", {10, 0, QUANTITY_DECIMAL_SI}},   {"n", {10, -9, QUANTITY_DECIMAL_SI}},
    {"u", {10, -6, QUANTITY_DECIMAL_SI}}, {"m", {10, -3, QUANTITY_DECIMAL_SI}},
    {"k", {10, 3, QUANTITY_DECIMAL_SI}},  {"M", {10, 6, QUANTITY_DECIMAL_SI}},
    {"G", {10, 9, QUANTITY_DECIMAL_SI}},  {"T", {10, 12, QUANTITY_DECIMAL_SI}},
    {"P", {10, 15, QUANTITY_DECIMAL_SI}}, {"E", {10, 18, QUANTITY_DECIMAL_SI}},
    {"Ki", {2, 10, QUANTITY_BINARY_SI}},  {"Mi", {2, 20, QUANTITY_BINARY_SI}},
    {"Gi", {2, 30, QUANTITY_BINARY_SI}},  {"Ti", {2, 40, QUANTITY_BINARY_SI}},
    {"Pi", {2, 50, QUANTITY_BINARY_SI}},  {"Ei", {2, 60, QUANTITY_BINARY_SI}},
};

/* suffix.go: interpret. An exponent is cut to 32 bits, as there. */
static bool interpret(const struct pieces *p, struct suffix *out)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (strlen(suffixes[i].text) == p->suffix_len &&
            memcmp(suffixes[i].text, p->suffix, p->suffix_len) == 0) {
            *out = suffixes[i].is;
            return true;
        }
    }
    int64_t exponent;
    if (p->suffix_len < 2 || (*p->suffix != 'e' && *p->suffix != 'E') ||
        !str_to_int64(p->suffix + 1, &exponent)) {
        return false;
    }
    *out = (struct suffix){10, (int32_t)(uint32_t)exponent, QUANTITY_DECIMAL_EXPONENT};
    return true;
}

/* ---- parsing: int64Amount ---- */

static int64_t digits_value(const char *digits, size_t len, int64_t v)
{
    for (size_t i = 0; i < len; i++) {
        v = v * 10 + (digits[i] - '0');
    }
    return v;
}

/* Does "String()" keep the text? ParseQuantity's two tests for "in canonical form". */
static bool keeps_text(const struct pieces *p, const struct suffix *suffix, int64_t v,
                       int32_t scale)
{
    if (suffix->format == QUANTITY_BINARY_SI) {
        return suffix->exponent % 10 == 0 && (v & 7) != 0;
    }
    size_t zeros = 0;
    size_t len = p->num_len + p->denom_len;
    while (zeros < 3 && zeros < len) {
        size_t at = len - 1 - zeros;
        char c = at < p->num_len ? p->num[at] : p->denom[at - p->num_len];
        if (c != '0') {
            break;
        }
        zeros++;
    }
    return scale % 3 == 0 && zeros < 3 && p->num[0] != '0';
}

/* The part of ParseQuantity without inf.Dec; false when it does not apply. */
static bool parse_int64(struct arena *a, const char *text, const struct pieces *p,
                        const struct suffix *suffix, struct quantity *out)
{
    int32_t scale = 0;
    int32_t shift = 0;
    if (suffix->format == QUANTITY_BINARY_SI) {
        size_t spent = p->num_len + (size_t)suffix->exponent * 3 / 10 + 1;
        if (p->denom_len != 0 || spent > 15) {
            return false;
        }
        shift = suffix->exponent;
    } else {
        if (p->num_len + p->denom_len > MAX_INT64_FACTORS) {
            return false;
        }
        scale = wrap_add32(suffix->exponent, -(int32_t)p->denom_len);
    }
    if (scale < NANO) {
        return false;
    }
    int64_t v = digits_value(p->denom, p->denom_len, digits_value(p->num, p->num_len, 0));
    *out = (struct quantity){.value = v * ((int64_t)1 << shift), .scale = scale};
    out->value = p->negative ? -out->value : out->value;
    out->format = suffix->format;
    if (keeps_text(p, suffix, v, scale)) {
        require(a != NULL);
        out->text = arena_strdup(a, text);
    }
    return true;
}

/* ---- parsing: inf.Dec ---- */

/* digits * 10^exponent, positive; digits has no leading zero, "" is zero. */
struct decimal {
    char *digits;
    size_t len;
    int32_t exponent;
};

/* Dec.SetString of sign, digits and at most one point; room for the suffix is left. */
static bool decimal_read(struct arena *a, const struct pieces *p, struct decimal *out)
{
    *out = (struct decimal){arena_alloc(a, p->value_len + 24, 1), 0, -(int32_t)p->denom_len};
    bool some = false;
    for (size_t i = 0; i < p->value_len; i++) {
        if (!is_digit(p->value[i])) {
            continue;
        }
        some = true;
        if (out->len != 0 || p->value[i] != '0') {
            out->digits[out->len++] = p->value[i];
        }
    }
    return some;
}

/* In place, from the right; at most four digits longer. */
static void decimal_multiply_1024(struct decimal *d)
{
    uint32_t carry = 0;
    for (size_t i = d->len; i-- > 0;) {
        carry += (uint32_t)(d->digits[i] - '0') * 1024;
        d->digits[i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    while (carry != 0) {
        memmove(d->digits + 1, d->digits, d->len++);
        d->digits[0] = (char)('0' + carry % 10);
        carry /= 10;
    }
}

/* Adds one to the last digit; the number may grow by a digit. */
static void decimal_increment(struct decimal *d)
{
    size_t i = d->len;
    while (i > 0 && d->digits[i - 1] == '9') {
        d->digits[--i] = '0';
    }
    if (i > 0) {
        d->digits[i - 1]++;
        return;
    }
    memmove(d->digits + 1, d->digits, d->len++);
    d->digits[0] = '1';
}

/* Dec.Round(scale, RoundUp) of a number above zero; what is coarser already stays. */
static void decimal_round_up(struct decimal *d, int32_t scale)
{
    if (d->exponent >= scale) {
        return;
    }
    size_t drop = (size_t)((int64_t)scale - d->exponent);
    size_t keep = drop < d->len ? d->len - drop : 0;
    bool rest = keep == 0;
    for (size_t i = keep; i < d->len; i++) {
        rest = rest || d->digits[i] != '0';
    }
    d->len = keep;
    d->exponent = scale;
    if (rest) {
        decimal_increment(d);
    }
}

/* Is a number with at most nine places above 2^63-1? */
static bool decimal_above_max(const struct decimal *d)
{
    int64_t whole = (int64_t)d->len + d->exponent;
    if (whole != INT64_DIGITS) {
        return whole > INT64_DIGITS;
    }
    size_t len = d->len < INT64_DIGITS ? d->len : INT64_DIGITS;
    int order = memcmp(d->digits, max_int64_digits, len);
    if (order != 0 || d->len < INT64_DIGITS) {
        return order > 0;
    }
    for (size_t i = INT64_DIGITS; i < d->len; i++) {
        if (d->digits[i] != '0') {
            return true;
        }
    }
    return false;
}

/* Into value at scale -9 when that fits 64 bits, else into digits. */
static void decimal_store(struct decimal *d, bool negative, struct arena *a, struct quantity *out)
{
    out->big = true;
    int64_t zeros = (int64_t)d->exponent - NANO;
    if ((int64_t)d->len + zeros <= MAX_INT64_FACTORS) {
        int64_t v = digits_value(d->digits, d->len, 0);
        for (; zeros > 0; zeros--) {
            v *= 10;
        }
        out->value = negative ? -v : v;
        out->scale = NANO;
        return;
    }
    while (d->digits[d->len - 1] == '0' && d->exponent < INT32_MAX) {
        d->len--;
        d->exponent++;
    }
    d->digits[d->len] = '\0';
    out->digits = arena_printf(a, "%s%s", negative ? "-" : "", d->digits);
    out->scale = d->exponent;
}

static enum quantity_error parse_decimal(struct arena *a, const struct pieces *p,
                                         const struct suffix *suffix, struct quantity *out)
{
    require(a != NULL);
    struct decimal d;
    if (!decimal_read(a, p, &d)) {
        return QUANTITY_NUMERIC;
    }
    *out = (struct quantity){.format = suffix->format, .big = true};
    if (suffix->base == 10) {
        d.exponent = wrap_add32(d.exponent, suffix->exponent);
    }
    if (d.len == 0) {
        out->scale = d.exponent;
        return QUANTITY_OK;
    }
    for (int32_t i = 0; suffix->base == 2 && i < suffix->exponent; i += 10) {
        decimal_multiply_1024(&d);
    }
    decimal_round_up(&d, NANO);
    if (suffix->base == 2 && decimal_above_max(&d)) {
        out->value = p->negative ? -INT64_MAX : INT64_MAX;
        return QUANTITY_OK;
    }
    if (suffix->base == 2 && (int64_t)d.len + d.exponent <= 0) {
        out->format = QUANTITY_DECIMAL_SI;
    }
    decimal_store(&d, p->negative, a, out);
    return QUANTITY_OK;
}

struct quantity quantity_round_digits(struct arena *a, const struct quantity *q, int32_t scale)
{
    bool negative = q->digits[0] == '-';
    const char *digits = q->digits + (negative ? 1 : 0);
    size_t len = strlen(digits);
    struct decimal d = {arena_alloc(a, len + 2, 1), len, q->scale};
    memcpy(d.digits, digits, len);
    decimal_round_up(&d, scale);
    struct quantity out = {.format = q->format};
    decimal_store(&d, negative, a, &out);
    return out;
}

/* ---- parsing: the door ---- */

/*
 * [-]digits[suffix] without leading zeros, short enough for int64Amount and in the form
 * that String() gives back: no text to keep, no arena. False: take the long way.
 */
static bool parse_plain(const char *s, struct quantity *out)
{
    bool negative = *s == '-';
    s += negative ? 1 : 0;
    const char *first = s;
    if (*s < '1' || *s > '9') {
        return false;
    }
    uint64_t v = 0;
    for (; is_digit(*s) && s - first <= MAX_INT64_FACTORS; s++) {
        v = v * 10 + (uint64_t)(*s - '0');
    }
    ptrdiff_t len = s - first;
    int32_t scale = 0;
    int shift = 0;
    switch (*s) {
    case '\0':
        break;
    case 'm':
        scale = MILLI;
        break;
    case 'n':
        scale = NANO;
        break;
    case 'u':
        scale = -6;
        break;
    case 'k':
        scale = 3;
        break;
    case 'K':
        shift = 10;
        break;
    case 'M':
        scale = 6;
        shift = 20;
        break;
    case 'G':
        scale = 9;
        shift = 30;
        break;
    default:
        return false;
    }
    bool binary = shift != 0 && s[1] == 'i';
    if (*s == 'K' && !binary) {
        return false;
    }
    size_t tail = *s == '\0' ? 0 : binary ? 2 : 1;
    if (s[tail] != '\0' || len > (binary ? 14 - shift * 3 / 10 : MAX_INT64_FACTORS)) {
        return false;
    }
    v <<= binary ? shift : 0;
    *out = (struct quantity){.value = negative ? -(int64_t)v : (int64_t)v,
                             .scale = binary ? 0 : scale,
                             .format = binary ? QUANTITY_BINARY_SI : QUANTITY_DECIMAL_SI};
    return true;
}

enum quantity_error quantity_parse(struct arena *a, const char *text, struct quantity *out)
{
    if (parse_plain(text, out)) {
        return QUANTITY_OK;
    }
    *out = (struct quantity){.format = QUANTITY_DECIMAL_SI};
    if (text[0] == '0' && text[1] == '\0') {
        return QUANTITY_OK;
    }
    *out = (struct quantity){0};
    struct pieces p;
    if (*text == '\0' || !split(text, &p)) {
        return QUANTITY_FORMAT_WRONG;
    }
    struct suffix suffix;
    if (!interpret(&p, &suffix)) {
        return QUANTITY_SUFFIX;
    }
    if (parse_int64(a, text, &p, &suffix, out)) {
        return QUANTITY_OK;
    }
    return parse_decimal(a, &p, &suffix, out);
}

/* Bytes of the white space rune (unicode.IsSpace) that s begins with, 0 when it is none. */
static size_t space_len(const char *s)
{
    static const char *const wide[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
        "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
        "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    if (*s == ' ' || (*s >= '\t' && *s <= '\r')) {
        return 1;
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (str_starts(s, wide[i])) {
            return strlen(wide[i]);
        }
    }
    return 0;
}

enum quantity_error quantity_parse_json(struct arena *a, const char *text, struct quantity *out)
{
    if (parse_plain(text, out)) {
        return QUANTITY_OK;
    }
    while (space_len(text) != 0) {
        text += space_len(text);
    }
    size_t len = 0;
    for (size_t i = 0; text[i] != '\0';) {
        size_t space = space_len(text + i);
        i += space != 0 ? space : 1;
        len = space != 0 ? len : i;
    }
    if (text[len] == '\0') {
        return quantity_parse(a, text, out);
    }
    require(a != NULL);
    return quantity_parse(a, arena_strndup(a, text, len), out);
}

const char *quantity_error_text(enum quantity_error e)
{
    static const char *const texts[] = {
        [QUANTITY_OK] = "",
        [QUANTITY_FORMAT_WRONG] = ("quantities must match the regular expression "
                                   "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
        [QUANTITY_NUMERIC] = "unable to parse numeric part of quantity",
        [QUANTITY_SUFFIX] = "unable to parse quantity's suffix",
    };
    require((size_t)e < sizeof texts / sizeof *texts);
    return texts[e];
}
