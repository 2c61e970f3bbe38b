/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four functions of Go's package math that decide a histogram's bits, with Go's own
 * results on amd64. engine/dmath.h is as exact, but not the same in the last bit, and a
 * last bit moves a recommendation by a byte or a tie by a bucket.
 */
#ifndef CONTROL_VPA_GOMATH_H
#define CONTROL_VPA_GOMATH_H

#include <stdint.h>

double gomath_log(double x);  /* math.Log; subnormal numbers are not handled */
double gomath_exp2(double x); /* math.Exp2 */
/* math.Pow for x > 0, +Inf included, and a whole exponent; NaN gives NaN unless y is 0. */
double gomath_pow(double x, int32_t y);
/* Go's conversion of a float64 to int64 on amd64: what does not fit, NaN too, is INT64_MIN. */
int64_t gomath_int64(double x);

#endif
