/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes quantities (k8s.io/apimachinery/pkg/api/resource, Quantity): "500m",
 * "1.5Gi", "1e3". Parsing, rounding and printing as Go's, including numbers that do
 * not fit 64 bits. Scale 0 is units; scale -3 thousandths.
 */
#ifndef KUBE_QUANTITY_H
#define KUBE_QUANTITY_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum quantity_format {
    QUANTITY_DECIMAL_EXPONENT, /* 12e6 */
    QUANTITY_BINARY_SI,        /* 12Mi */
    QUANTITY_DECIMAL_SI        /* 12M */
};

/*
 * value * 10^scale. Zero is "0". Go holds a number in one of two ways, and its roundings
 * differ between them, so the way is kept: `big` says it is held as an inf.Dec. Then it
 * has at most nine decimal places, and `digits`, when not NULL, replaces value.
 */
struct quantity {
    int64_t value;
    int32_t scale;
    enum quantity_format format;
    bool big;
    const char *digits; /* "-123": more than 64 bits at scale -9 */
    const char *text;   /* String() when it is kept as written ("+5", "1.500"), else NULL */
};

enum quantity_error {
    QUANTITY_OK,
    QUANTITY_FORMAT_WRONG, /* ErrFormatWrong */
    QUANTITY_NUMERIC,      /* ErrNumeric */
    QUANTITY_SUFFIX        /* ErrSuffix */
};

/*
 * resource.ParseQuantity. The arena is used only for numbers beyond 64 bits and texts that
 * String() keeps as written; out does not point into text. After an error out is zero.
 */
enum quantity_error quantity_parse(struct arena *a, const char *text, struct quantity *out);
/* Quantity.UnmarshalJSON of a string or a number: blanks around it are allowed. */
enum quantity_error quantity_parse_json(struct arena *a, const char *text, struct quantity *out);
const char *quantity_error_text(enum quantity_error e); /* Go's own words */

/*
 * Value() and MilliValue(): rounded away from zero, except that a number held as an
 * inf.Dec is rounded up (-1.5 -> 0); what does not fit is 0 or wraps, as in Go.
 */
int64_t quantity_value(const struct quantity *q);
int64_t quantity_milli_value(const struct quantity *q);
/* ScaledValue(scale): in units of 10^scale. */
int64_t quantity_scaled_value(const struct quantity *q, int32_t scale);
/* AsInt64(): false when it is not held as a whole 64-bit number. */
bool quantity_as_int64(const struct quantity *q, int64_t *out);
double quantity_as_double(const struct quantity *q); /* AsApproximateFloat64 */
int quantity_sign(const struct quantity *q);
int quantity_compare(const struct quantity *x, const struct quantity *y);

struct quantity quantity_from_milli(int64_t milli,
                                    enum quantity_format format); /* NewMilliQuantity */
struct quantity quantity_from_int(int64_t value, enum quantity_format format); /* NewQuantity */

/*
 * RoundUp(scale): away from zero to a multiple of 10^scale. What the API server does to the
 * resources of containers, with scale -3.
 */
struct quantity quantity_round_up(struct arena *a, const struct quantity *q, int32_t scale);
/*
 * Add of two numbers held in 64 bits, in x's format unless x is zero. False, and nothing
 * changed, when one of them or the sum is not (Go then goes on with inf.Dec).
 */
bool quantity_add(struct quantity *x, const struct quantity *y);

/* String(): canonical text, in the arena. */
const char *quantity_string(struct arena *a, const struct quantity *q);

#endif
