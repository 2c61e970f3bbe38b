/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log, Exp2 and Pow as Go 1.26 computes them on amd64 (src/math: log_amd64.s, exp.go, pow.go):
 * fdlibm's methods, the operations in Go's order, each rounded by itself. Log reduces to
 * [sqrt(1/2), sqrt(2)] and sums a minimax polynomial in ((f)/(2+f))^2; Exp2 takes out the
 * nearest whole exponent; Pow squares the mantissa and counts the exponent beside it.
 *
 * The trap: the assembly of Log halves a mantissa that equals sqrt(1/2) where the Go text does
 * not; and a fused multiply-add anywhere here changes results (-ffp-contract=off).
 */
#include "control/vpa/gomath.h"

#include <math.h>

#define LN2_HI 6.93147180369123816490e-01
#define LN2_LO 1.90821492927058770002e-10

double gomath_log(double x)
{
    if (isnan(x) || (isinf(x) && x > 0)) {
        return x;
    }
    if (x < 0) {
        return NAN;
    }
    if (x == 0) {
        return -INFINITY;
    }
    int exponent = 0;
    double mantissa = frexp(x, &exponent);
    if (mantissa <= 7.07106781186547524401e-01) {
        mantissa *= 2;
        exponent--;
    }
    const double k = exponent;
    const double f = mantissa - 1;
    const double s = f / (2 + f);
    const double s2 = s * s;
    const double s4 = s2 * s2;
    const double odd =
        s2 * (6.666666666666735130e-01 +
              s4 * (2.857142874366239149e-01 +
                    s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
    const double even = s4 * (3.999999999940941908e-01 +
                              s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
    const double rest = odd + even;
    const double half_square = 0.5 * f * f;
    return k * LN2_HI - ((half_square - (s * (half_square + rest) + k * LN2_LO)) - f);
}

double gomath_exp2(double x)
{
    if (isnan(x)) {
        return x;
    }
    if (x > 1.0239999999999999e+03) {
        return INFINITY;
    }
    if (x < -1.0740e+03) {
        return 0;
    }
    int k = 0;
    if (x > 0) {
        k = (int)(x + 0.5);
    } else if (x < 0) {
        k = (int)(x - 0.5);
    }
    const double t = x - k;
    const double hi = t * LN2_HI;
    const double lo = -t * LN2_LO;
    const double r = hi - lo;
    const double r2 = r * r;
    const double c =
        r -
        r2 * (1.66666666666666657415e-01 +
              r2 * (-2.77777777770155933842e-03 +
                    r2 * (6.61375632143793436117e-05 +
                          r2 * (-1.65339022054652515390e-06 + r2 * 4.13813679705723846039e-08))));
    const double y = 1 - ((lo - (r * c) / (2 - c)) - hi);
    return ldexp(y, k);
}

double gomath_pow(double x, int32_t y)
{
    if (y == 0 || x == 1) {
        return 1;
    }
    if (y == 1 || isnan(x)) {
        return x;
    }
    if (isinf(x)) {
        return y < 0 ? 0 : x;
    }
    double result = 1.0;
    int64_t result_exponent = 0;
    int small = 0;
    double power = frexp(x, &small);
    int64_t exponent = small;
    for (int64_t bits = y < 0 ? -(int64_t)y : y; bits != 0; bits >>= 1) {
        if (exponent < -(1 << 12) || exponent > 1 << 12) {
            result_exponent += exponent;
            break;
        }
        if ((bits & 1) == 1) {
            result *= power;
            result_exponent += exponent;
        }
        power *= power;
        exponent *= 2;
        if (power < .5) {
            power += power;
            exponent--;
        }
    }
    if (y < 0) {
        result = 1 / result;
        result_exponent = -result_exponent;
    }
    return ldexp(result, (int)result_exponent);
}

int64_t gomath_int64(double x)
{
    if (x >= -9223372036854775808.0 && x < 9223372036854775808.0) {
        return (int64_t)x;
    }
    return INT64_MIN;
}
