/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Special functions of probability, on top of dmath.c: the gamma function's
 * logarithm (Stirling's series from 10 on, recurrence below), the incomplete
 * gamma functions (power series below a + 1, Lentz's continued fraction above),
 * and the normal distribution (as a series near 0, a continued fraction in the
 * tail). Inverses start from a known approximation and polish it by Halley's
 * step. For setting things up, not for inner loops: 0.1 to 2 us a call.
 */
#include "engine/dmath.h"

#include <math.h>
#include <stdbool.h>

enum { MAX_TERMS = 100000 };

static const double HALF_LOG_2PI = 0x1.d67f1c864beb5p-1;
static const double EPSILON = 0x1p-54;

static double stirling_rest(double x)
{
    double z = 1.0 / (x * x);
    double s = 0x1.5555555555555p-4 +
               z * (-0x1.6c16c16c16c17p-9 +
                    z * (0x1.a01a01a01a01ap-11 +
                         z * (-0x1.3813813813814p-11 +
                              z * (0x1.b951e2b18ff23p-11 +
                                   z * (-0x1.f6ab0d9993c7dp-10 + z * 0x1.a41a41a41a41ap-8)))));
    return s / x;
}

double dmath_lgamma(double x)
{
    if (!(x > 0.0))
        return x == 0.0 ? INFINITY : NAN;
    if (x == 1.0 || x == 2.0)
        return 0.0;
    if (!(x < 1e300))
        return INFINITY;
    double product = 1.0;
    while (x < 10.0) {
        product *= x;
        x += 1.0;
    }
    double s = (x - 0.5) * dmath_log(x) - x + HALF_LOG_2PI + stirling_rest(x);
    return product == 1.0 ? s : s - dmath_log(product);
}

/* x^a e^-x / gamma(a) */
static double gamma_density_part(double a, double x)
{
    if (a < 20.0)
        return dmath_exp(a * dmath_log(x) - x - dmath_lgamma(a));
    /* Around the peak the terms are large and cancel; with d = (x - a) / a they do not. */
    double d = (x - a) / a;
    double exponent = fabs(d) < 0.5 ? a * (dmath_log1p(d) - d) : a * dmath_log(x / a) - (x - a);
    return sqrt(a) * dmath_exp(exponent - HALF_LOG_2PI - stirling_rest(a));
}

static double gamma_series(double a, double x)
{
    double term = 1.0 / a;
    double sum = term;
    for (int i = 1; i < MAX_TERMS && term > sum * EPSILON; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum;
}

static double gamma_fraction(double a, double x)
{
    double b = x + 1.0 - a;
    double c = 1e300;
    double d = 1.0 / b;
    double h = d;
    for (int i = 1; i < MAX_TERMS; i++) {
        double an = -(double)i * (i - a);
        b += 2.0;
        d = an * d + b;
        c = b + an / c;
        d = 1.0 / (fabs(d) < 1e-300 ? 1e-300 : d);
        c = fabs(c) < 1e-300 ? 1e-300 : c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 4.0 * EPSILON)
            break;
    }
    return h;
}

static double gamma_either(double a, double x, bool upper)
{
    if (!(a > 0.0) || x != x)
        return NAN;
    if (x <= 0.0)
        return upper ? 1.0 : 0.0;
    if (x == INFINITY)
        return upper ? 0.0 : 1.0;
    double part = gamma_density_part(a, x);
    if (x < a + 1.0) {
        double p = part * gamma_series(a, x);
        return upper ? 1.0 - p : p;
    }
    double q = part * gamma_fraction(a, x);
    return upper ? q : 1.0 - q;
}

double dmath_gamma_p(double a, double x)
{
    return gamma_either(a, x, false);
}

double dmath_gamma_q(double a, double x)
{
    return gamma_either(a, x, true);
}

static double gamma_inverse_start(double a, double p)
{
    if (a > 1.0) { /* Wilson and Hilferty */
        double t = 1.0 - 1.0 / (9.0 * a) + dmath_normal_quantile(p) / (3.0 * sqrt(a));
        if (t > 0.1)
            return a * t * t * t;
    }
    double near_zero = dmath_exp((dmath_log(p) + dmath_lgamma(a + 1.0)) / a);
    return near_zero < a ? near_zero : a - dmath_log1p(-p);
}

double dmath_gamma_p_inverse(double a, double p)
{
    if (!(a > 0.0) || !(p >= 0.0 && p <= 1.0))
        return NAN;
    if (p == 0.0 || p == 1.0)
        return p == 0.0 ? 0.0 : INFINITY;
    double low = 0.0;
    double high = INFINITY;
    double x = gamma_inverse_start(a, p);
    for (int i = 0; i < 200; i++) {
        double off = p < 0.5 ? gamma_either(a, x, false) - p : (1.0 - p) - gamma_either(a, x, true);
        if (off > 0.0)
            high = x;
        else
            low = x;
        double slope = gamma_density_part(a, x) / x;
        double step = off / slope;
        double bend = 0.5 * step * ((a - 1.0) / x - 1.0); /* Halley */
        double next = x - step / (fabs(bend) < 0.9 ? 1.0 - bend : 1.0);
        if (!(next > low && next < high))
            next = high < INFINITY ? 0.5 * (low + high) : 2.0 * x + 1.0;
        if (fabs(next - x) <= 1e-15 * next)
            return next;
        x = next;
    }
    return x;
}

static double normal_density(double x)
{
    return 0x1.9884533d43651p-2 * dmath_exp(-0.5 * x * x);
}

/* P(0 < X < x) as x * density * (1 + x^2/3 + x^4/15 + ...), all terms positive. */
static double normal_centre(double x)
{
    double term = x;
    double sum = x;
    for (int i = 3; i < MAX_TERMS && fabs(term) > fabs(sum) * EPSILON; i += 2) {
        term *= x * x / i;
        sum += term;
    }
    return sum * normal_density(x);
}

/* Mills' ratio by Lentz's continued fraction, x >= 2.5. */
static double mills(double x)
{
    double c = x;
    double d = 0.0;
    double f = x;
    for (int i = 1; i < MAX_TERMS; i++) {
        d = 1.0 / (x + i * d);
        c = x + i / c;
        f *= c * d;
        if (fabs(c * d - 1.0) < 2.0 * EPSILON)
            break;
    }
    return 1.0 / f;
}

double dmath_normal_tail(double x)
{
    if (x != x)
        return x;
    if (x < 2.5)
        return x < -2.5 ? 1.0 - dmath_normal_tail(-x) : 0.5 - normal_centre(x);
    return x > 40.0 ? 0.0 : normal_density(x) * mills(x);
}

double dmath_normal_cdf(double x)
{
    return dmath_normal_tail(-x);
}

double dmath_normal_quantile(double p)
{
    if (!(p >= 0.0 && p <= 1.0))
        return NAN;
    if (p == 0.0 || p == 1.0)
        return p == 0.0 ? -INFINITY : INFINITY;
    if (p == 0.5)
        return 0.0;
    double tail = p < 0.5 ? p : 1.0 - p;
    /* Abramowitz and Stegun 26.2.23 is right to 4.5e-4. */
    double t = sqrt(-2.0 * dmath_log(tail));
    double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for (int i = 0; i < 2; i++) {
        double e = (dmath_normal_tail(x) - tail) / normal_density(x);
        x += e / (1.0 - 0.5 * x * e);
    }
    return p < 0.5 ? -x : x;
}
