/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elementary functions whose bits do not depend on the C library: + - * / and
 * sqrt only, compiled with -ffp-contract=off. log: the mantissa's distance from
 * the nearest 1/32, a table of logarithms in two doubles and a short odd series;
 * exp: a table of 2^(j/32) in two doubles and a polynomial; pow: the logarithm
 * carried in two doubles; sin and cos: reduction by pi/2 in three pieces.
 *
 * Tables and coefficients were computed for this file with 60 digits. The trap:
 * adding to a rounded head must keep what the rounding lost, hence two_sum and
 * two_product (Dekker, Knuth).
 */
#include "engine/dmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

struct pair { /* an unevaluated sum, hi the rounded value of it */
    double hi;
    double lo;
};

enum { LOG_FIRST = 22, LOG_STEPS = 32, EXP_STEPS = 32 };

static const double LN2_HI = 0x1.62e42feep-1; /* 32 bits: times an exponent is exact */
static const double LN2_LO = 0x1.a39ef35793c76p-33;

static const struct pair log_table[] = {
    {-0x1.7fafa3bd8151cp-2, 0x1.219024acd3b77p-58},  /* 22/32 */
    {-0x1.522ae0738a3d8p-2, 0x1.8f7e9b38a6979p-57},  /* 23/32 */
    {-0x1.269621134db92p-2, -0x1.e0efadd9db02bp-56}, /* 24/32 */
    {-0x1.f991c6cb3b379p-3, -0x1.f665066f980a2p-57}, /* 25/32 */
    {-0x1.a93ed3c8ad9e3p-3, -0x1.bcafa9de97203p-57}, /* 26/32 */
    {-0x1.5bf406b543db2p-3, 0x1.1f5b44c0df7e7p-61},  /* 27/32 */
    {-0x1.1178e8227e47cp-3, 0x1.0e63a5f01c691p-58},  /* 28/32 */
    {-0x1.9335e5d594989p-4, 0x1.478a85704ccb7p-58},  /* 29/32 */
    {-0x1.08598b59e3a07p-4, 0x1.dd7009902bf32p-58},  /* 30/32 */
    {-0x1.0415d89e74444p-5, -0x1.c05cf1d753622p-59}, /* 31/32 */
    {0x0.0p+0, 0x0.0p+0},                            /* 32/32 */
    {0x1.f829b0e783300p-6, 0x1.33e3f04f1ef23p-60},   /* 33/32 */
    {0x1.f0a30c01162a6p-5, 0x1.85f325c5bbacdp-59},   /* 34/32 */
    {0x1.6f0d28ae56b4cp-4, -0x1.906d99184b992p-58},  /* 35/32 */
    {0x1.e27076e2af2e6p-4, -0x1.61578001e0162p-60},  /* 36/32 */
    {0x1.29552f81ff523p-3, 0x1.301771c407dbfp-57},   /* 37/32 */
    {0x1.5ff3070a793d4p-3, -0x1.bc60efafc6f6ep-58},  /* 38/32 */
    {0x1.9525a9cf456b4p-3, 0x1.d904c1d4e2e26p-57},   /* 39/32 */
    {0x1.c8ff7c79a9a22p-3, -0x1.4f689f8434012p-57},  /* 40/32 */
    {0x1.fb9186d5e3e2bp-3, -0x1.caaae64f21acbp-57},  /* 41/32 */
    {0x1.1675cababa60ep-2, 0x1.ce63eab883717p-61},   /* 42/32 */
    {0x1.2e8e2bae11d31p-2, -0x1.8f4cdb95ebdf9p-56},  /* 43/32 */
    {0x1.4618bc21c5ec2p-2, 0x1.f42decdeccf1dp-56},   /* 44/32 */
    {0x1.5d1bdbf5809cap-2, 0x1.4236383dc7fe1p-56},   /* 45/32 */
    {0x1.739d7f6bbd007p-2, -0x1.8c76ceb014b04p-56},  /* 46/32 */
};

static const struct pair exp_table[EXP_STEPS] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
    {0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
    {0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
    {0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
    {0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
    {0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
    {0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
    {0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
    {0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
    {0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
    {0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
    {0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
    {0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
    {0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
    {0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
    {0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
    {0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
    {0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
    {0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
    {0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
    {0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
    {0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
    {0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
    {0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
    {0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
    {0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
    {0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
    {0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
    {0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
    {0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
    {0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54},
};

static inline uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static inline double from_bits(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static inline struct pair two_sum(double a, double b)
{
    double s = a + b;
    double t = s - a;
    return (struct pair){s, (a - (s - t)) + (b - t)};
}

static inline struct pair two_product(double a, double b)
{
    double p = a * b;
    double ca = 134217729.0 * a; /* 2^27 + 1 splits 53 bits in halves */
    double ah = ca - (ca - a);
    double al = a - ah;
    double cb = 134217729.0 * b;
    double bh = cb - (cb - b);
    double bl = b - bh;
    return (struct pair){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

/* (log((1 + s) / (1 - s)) - 2 s) / s^3 of z = s^2, for s up to 0.0119. */
static inline double log_series(double z)
{
    return 0x1.5555555555555p-1 +
           z * (0x1.999999999a2d5p-2 + z * (0x1.249248d56a298p-2 + z * 0x1.c737976b4304bp-3));
}

/* x = 2^k * m with m in [sqrt(1/2), sqrt(2)), m near c = i / 32. x is positive and normal. */
struct log_parts {
    double k;
    double m;
    double c;
    int i; /* in log_table */
};

static inline struct log_parts log_split(uint64_t bits)
{
    uint64_t moved = bits - 0x3fe6a09e667f3bcdu;
    int64_t k = (int64_t)moved >> 52;
    double m = from_bits(bits - ((uint64_t)k << 52));
    int i = (int)(m * LOG_STEPS + 0.5);
    return (struct log_parts){(double)k, m, (double)i * (1.0 / LOG_STEPS), i - LOG_FIRST};
}

/* log(x (1 + extra)) for a tiny relative extra. */
static inline double log_of(double x, double k_extra, double extra)
{
    struct log_parts p = log_split(bits_of(x));
    double k = p.k + k_extra;
    double f = p.m - p.c;
    double s = f / (p.m + p.c);
    double z = s * s;
    if (k == 0.0 && p.c == 1.0)
        return f - (s * (f - z * log_series(z)) - extra);
    const struct pair *t = &log_table[p.i];
    struct pair head = two_sum(k * LN2_HI, t->hi);
    double tail = head.lo + (k * LN2_LO + t->lo) + extra;
    return head.hi + (2.0 * s + (s * z * log_series(z) + tail));
}

double dmath_log(double x)
{
    uint64_t bits = bits_of(x);
    if (bits - 0x0010000000000000u < 0x7fe0000000000000u) /* positive, normal, finite */
        return log_of(x, 0.0, 0.0);
    if (x == 0.0)
        return -INFINITY;
    if (x < 0.0)
        return NAN;
    if (!(x < INFINITY)) /* infinity, NaN */
        return x;
    return log_of(x * 0x1p54, -54.0, 0.0);
}

double dmath_log1p(double x)
{
    if (!(x > -1.0))
        return x == -1.0 ? -INFINITY : NAN;
    if (!(x < INFINITY))
        return x;
    if (fabs(x) < 0x1p-54)
        return x;
    if (fabs(x) < 0x1p-6) {
        double s = x / (2.0 + x);
        double z = s * s;
        return x - s * (x - z * log_series(z));
    }
    struct pair u = two_sum(1.0, x);
    return log_of(u.hi, 0.0, u.lo / u.hi);
}

/* The logarithm to about 100 bits; x positive, normal and finite, k_extra added to its exponent. */
static struct pair log_pair(double x, double k_extra)
{
    struct log_parts p = log_split(bits_of(x));
    double k = p.k + k_extra;
    double f = p.m - p.c;
    struct pair d = two_sum(p.m, p.c);
    double s = f / d.hi;
    struct pair back = two_product(s, d.hi);
    double s_lo = (((f - back.hi) - back.lo) - s * d.lo) / d.hi;
    double z = s * s;
    double series = s * z * log_series(z) + 2.0 * s_lo;
    struct pair head = two_sum(k * LN2_HI, log_table[p.i].hi);
    struct pair sum = two_sum(head.hi, 2.0 * s);
    double tail = sum.lo + (head.lo + (k * LN2_LO + log_table[p.i].lo)) + series;
    return two_sum(sum.hi, tail);
}

/* What exp and expm1 share: e^(x + tail) = 2^n * (t + t * p). */
struct exp_parts {
    int n;
    const struct pair *t;
    double p;
};

static inline struct exp_parts exp_split(double x, double tail)
{
    double shifted = x * 0x1.71547652b82fep+5 + 0x1.8p52; /* rounds to a whole number */
    double kd = shifted - 0x1.8p52;
    int k = (int)kd;
    double r = ((x - kd * 0x1.62e42fef8p-6) - kd * 0x1.1cf79abc9e3b4p-41) + tail;
    double r2 = r * r;
    double p = r + r2 * (0.5 + r * (0x1.5555555555555p-3 +
                                    r * (0x1.5555555555555p-5 +
                                         r * (0x1.1111111111111p-7 + r * 0x1.6c16c16c16c17p-10))));
    return (struct exp_parts){(k - (k & (EXP_STEPS - 1))) / EXP_STEPS,
                              &exp_table[k & (EXP_STEPS - 1)], p};
}

static inline double scale_by_power(double x, int n)
{
    if (n > -1022 && n < 1023)
        return x * from_bits((uint64_t)(n + 1023) << 52);
    if (n >= 1023)
        return x * 0x1p1023 * from_bits((uint64_t)(n - 1023 + 1023) << 52);
    return x * from_bits((uint64_t)(n + 1000 + 1023) << 52) * 0x1p-1000;
}

static double exp_of(double x, double tail)
{
    if (!(x < 710.0))
        return x != x ? x : INFINITY;
    if (x < -746.0)
        return 0.0;
    struct exp_parts e = exp_split(x, tail);
    return scale_by_power(e.t->hi + (e.t->lo + e.t->hi * e.p), e.n);
}

double dmath_exp(double x)
{
    return exp_of(x, 0.0);
}

/* Without the table, whose first entries would cancel. |x| < 1/32. */
static double expm1_near_zero(double x)
{
    double p =
        0x1.1111111111111p-7 +
        x * (0x1.6c16c16c16c17p-10 +
             x * (0x1.a01a01a01a01ap-13 + x * (0x1.a01a01a01a01ap-16 + x * 0x1.71de3a556c734p-19)));
    return x + x * x * (0.5 + x * (0x1.5555555555555p-3 + x * (0x1.5555555555555p-5 + x * p)));
}

double dmath_expm1(double x)
{
    if (fabs(x) < 0x1p-54 || x != x)
        return x;
    if (x > 40.0)
        return dmath_exp(x);
    if (x < -40.0)
        return -1.0;
    if (fabs(x) < 0x1p-5)
        return expm1_near_zero(x);
    struct exp_parts e = exp_split(x, 0.0);
    double scale = from_bits((uint64_t)(e.n + 1023) << 52);
    struct pair head = two_sum(scale * e.t->hi, -1.0);
    return head.hi + (head.lo + scale * (e.t->lo + e.t->hi * e.p));
}

/* |x|^y for finite x > 0 and finite y. */
static double power(double x, double y)
{
    struct pair l = x < 0x1p-1022 ? log_pair(x * 0x1p54, -54.0) : log_pair(x, 0.0);
    if (fabs(y) > 0x1p80)
        return l.hi == 0.0 ? 1.0 : ((l.hi > 0.0) == (y > 0.0) ? INFINITY : 0.0);
    struct pair product = two_product(l.hi, y);
    return exp_of(product.hi, product.lo + l.lo * y);
}

/* pow where a base or an exponent is not finite and positive, as Annex F has it. */
static double power_special(double x, double y)
{
    if (y == 0.0 || x == 1.0)
        return 1.0;
    if (x != x || y != y)
        return x + y;
    double size = fabs(x);
    if (fabs(y) == INFINITY) {
        if (size == 1.0)
            return 1.0;
        return (size > 1.0) == (y > 0.0) ? INFINITY : 0.0;
    }
    int whole = floor(y) == y;
    int odd = whole && fabs(y) < 0x1p53 && floor(y / 2.0) != y / 2.0;
    if (x < 0.0 && !whole && size != INFINITY)
        return NAN;
    double result;
    if (size == 0.0)
        result = y > 0.0 ? 0.0 : INFINITY;
    else if (size == INFINITY)
        result = y > 0.0 ? INFINITY : 0.0;
    else
        result = power(size, y);
    return signbit(x) && odd ? -result : result;
}

double dmath_pow(double x, double y)
{
    if (x > 0.0 && x < INFINITY && fabs(y) < INFINITY)
        return power(x, y);
    return power_special(x, y);
}

/* sin(x + tail) for |x| <= pi / 4. */
static double sin_kernel(double x, double tail)
{
    double z = x * x;
    double s =
        0x1.1111111110b23p-7 + z * (-0x1.a01a019e620eep-13 +
                                    z * (0x1.71de376b644ccp-19 +
                                         z * (-0x1.ae5fde7f12068p-26 + z * 0x1.5dfb39c3139b6p-33)));
    return x + (x * z * (-0x1.5555555555555p-3 + z * s) + tail * (1.0 - 0.5 * z));
}

static double cos_kernel(double x, double tail)
{
    double z = x * x;
    double c = 0x1.5555555555555p-5 +
               z * (-0x1.6c16c16c1691fp-10 +
                    z * (0x1.a01a019f3dde1p-16 +
                         z * (-0x1.27e4fa0241f7cp-22 +
                              z * (0x1.1eeb52a201da3p-29 + z * -0x1.906dbf4fda044p-37))));
    struct pair head = two_sum(1.0, -0.5 * z);
    return head.hi + (head.lo + (z * z * c - x * tail));
}

struct quadrant {
    double x;
    double tail;
    unsigned q;
};

static struct quadrant reduce(double x)
{
    double n = floor(x * 0x1.45f306dc9c883p-1 + 0.5);
    struct pair b = two_product(n, 0x1.0b4611a6p-34);
    struct pair a = two_product(n, 0x1.921fb544p+0); /* exact in one double for |n| < 2^20 */
    struct pair first = two_sum(x - a.hi, -b.hi);
    double low = ((first.lo - a.lo) - b.lo) - n * 0x1.3198a2e037073p-69;
    struct pair r = two_sum(first.hi, low);
    double q = n - 4.0 * floor(n / 4.0);
    return (struct quadrant){r.hi, r.lo, (unsigned)q};
}

static double turn(struct quadrant r, unsigned ahead)
{
    switch ((r.q + ahead) & 3u) {
    case 0:
        return sin_kernel(r.x, r.tail);
    case 1:
        return cos_kernel(r.x, r.tail);
    case 2:
        return -sin_kernel(r.x, r.tail);
    default:
        return -cos_kernel(r.x, r.tail);
    }
}

double dmath_sin(double x)
{
    if (!(fabs(x) <= 1e15))
        return NAN;
    return x == 0.0 ? x : turn(reduce(x), 0);
}

double dmath_cos(double x)
{
    if (!(fabs(x) <= 1e15))
        return NAN;
    return turn(reduce(x), 1);
}

static struct quadrant reduce_half_turns(double x)
{
    double n = floor(2.0 * x + 0.5);
    double rest = x - 0.5 * n; /* exact */
    struct pair p = two_product(rest, 0x1.921fb54442d18p+1);
    double q = n - 4.0 * floor(n / 4.0);
    return (struct quadrant){p.hi, p.lo + rest * 0x1.1a62633145c07p-53, (unsigned)q};
}

double dmath_sinpi(double x)
{
    if (!(fabs(x) < INFINITY))
        return NAN;
    return fabs(x) >= 0x1p52 ? 0.0 : turn(reduce_half_turns(x), 0);
}

double dmath_cospi(double x)
{
    if (!(fabs(x) < INFINITY))
        return NAN;
    return fabs(x) >= 0x1p53 ? 1.0 : turn(reduce_half_turns(x), 1);
}
