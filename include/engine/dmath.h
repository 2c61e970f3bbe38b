/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transcendental functions with the same bits on every machine: libm's differ
 * from one C library to the next. Made of + - * / and sqrt alone, which IEEE 754
 * defines exactly. Special values as in C's Annex F; errno and flags are not kept.
 * Errors are bounds against the exact value, as tested.
 */
#ifndef ENGINE_DMATH_H
#define ENGINE_DMATH_H

double dmath_log(double x);           /* 2 ulp */
double dmath_log1p(double x);         /* 2 ulp */
double dmath_exp(double x);           /* 1 ulp */
double dmath_expm1(double x);         /* 2 ulp */
double dmath_pow(double x, double y); /* 2 ulp */

/* 2 ulp for |x| <= 1e6; beyond, the error grows as |x| * 1e-22 absolute up to 1e15; then NaN. */
double dmath_sin(double x);
double dmath_cos(double x);
/* sin and cos of pi * x, reduced exactly, so any x is fine: 2 ulp. For waves, use these. */
double dmath_sinpi(double x);
double dmath_cospi(double x);

/* ln of the gamma function, x > 0: relative error 1e-13, near its zeros 1 and 2 absolute 1e-14. */
double dmath_lgamma(double x);
/* The regularised lower incomplete gamma function P(a, x): relative error 1e-12. */
double dmath_gamma_p(double a, double x);
double dmath_gamma_q(double a, double x); /* 1 - P, exact in the tail */
/* x with P(a, x) = p. */
double dmath_gamma_p_inverse(double a, double p);
/* The standard normal distribution: its cdf, upper tail and quantile (relative error 1e-13). */
double dmath_normal_cdf(double x);
double dmath_normal_tail(double x);
double dmath_normal_quantile(double p); /* 0 gives -infinity, 1 infinity */

#endif
