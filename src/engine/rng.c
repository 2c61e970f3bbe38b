/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams by name: seed, entity and purpose are hashed to a 64-bit key (a
 * multiply-and-shift mixer over the bytes, with a separator, so that "a"+"bc"
 * and "ab"+"c" differ), and the key seeds xoshiro256** (Blackman and Vigna)
 * through the splitmix64 sequence, as its authors advise.
 *
 * Variates use dmath only, never libm. Exponential by inversion: one draw, one
 * logarithm, monotone in the draw. Normal by Marsaglia's polar method without
 * keeping the second value: a stream's state is its four words and no more.
 * Gamma: Marsaglia and Tsang (2000). Poisson: inversion for small means, else
 * Hoermann's transformed rejection PTRS (1993).
 */
#include "engine/rng.h"

#include "base/require.h"
#include "engine/dmath.h"

#include <math.h>

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    x ^= x >> 31;
    return x;
}

static uint64_t absorb(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++)
        h = mix(h ^ (unsigned char)*s) + 0x9e3779b97f4a7c15u;
    return mix(h ^ 0x100u); /* no byte is 256: a separator */
}

uint64_t rng_mix(uint64_t key, uint64_t cell)
{
    return mix(mix(key + 0x9e3779b97f4a7c15u) ^ mix(cell + 0xd1b54a32d192ed03u));
}

uint64_t rng_key(uint64_t seed, const char *entity, const char *purpose)
{
    return absorb(absorb(mix(seed + 0x9e3779b97f4a7c15u), entity), purpose);
}

struct rng rng_key_stream(uint64_t key)
{
    struct rng r;
    for (int i = 0; i < 4; i++) {
        key += 0x9e3779b97f4a7c15u;
        r.s[i] = mix(key); /* a permutation of distinct words: never all four zero */
    }
    return r;
}

struct rng rng_stream(uint64_t seed, const char *entity, const char *purpose)
{
    return rng_key_stream(rng_key(seed, entity, purpose));
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    require(n > 0);
    uint64_t reject_below = (0 - n) % n; /* 2^64 mod n */
    for (;;) {
        uint64_t x = rng_u64(r);
        if (x >= reject_below)
            return x % n;
    }
}

double rng_exponential(struct rng *r)
{
    return -dmath_log(rng_double_positive(r));
}

double rng_normal(struct rng *r)
{
    for (;;) {
        double u = 2.0 * rng_double(r) - 1.0;
        double v = 2.0 * rng_double(r) - 1.0;
        double q = u * u + v * v;
        if (q < 1.0 && q > 0.0)
            return u * sqrt(-2.0 * dmath_log(q) / q);
    }
}

static double gamma_at_least_one(struct rng *r, double shape)
{
    double d = shape - 1.0 / 3.0;
    double c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = rng_normal(r);
        double v = 1.0 + c * x;
        if (v <= 0.0)
            continue;
        v = v * v * v;
        double u = rng_double_positive(r);
        double x2 = x * x;
        if (u < 1.0 - 0.0331 * x2 * x2)
            return d * v;
        if (dmath_log(u) < 0.5 * x2 + d * (1.0 - v + dmath_log(v)))
            return d * v;
    }
}

double rng_gamma(struct rng *r, double shape)
{
    require(shape > 0.0);
    if (shape >= 1.0)
        return gamma_at_least_one(r, shape);
    double u = rng_double_positive(r);
    return gamma_at_least_one(r, shape + 1.0) * dmath_exp(dmath_log(u) / shape);
}

static double poisson_by_inversion(struct rng *r, double mean)
{
    double u = rng_double(r);
    double p = dmath_exp(-mean);
    double below = p;
    double k = 0.0;
    while (u >= below && k < 200.0) { /* the rest beyond 200 is below 2^-53 for mean < 10 */
        k += 1.0;
        p *= mean / k;
        below += p;
    }
    return k;
}

static double poisson_by_rejection(struct rng *r, double mean)
{
    double log_mean = dmath_log(mean);
    double b = 0.931 + 2.53 * sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    double v_r = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        double u = rng_double(r) - 0.5;
        double v = rng_double_positive(r);
        double us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r)
            return k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        double left = dmath_log(v) + dmath_log(inverse_alpha) - dmath_log(a / (us * us) + b);
        if (left <= k * log_mean - mean - dmath_lgamma(k + 1.0))
            return k;
    }
}

double rng_poisson(struct rng *r, double mean)
{
    require(mean >= 0.0 && mean <= 1e15);
    if (mean == 0.0)
        return 0.0;
    return mean < 10.0 ? poisson_by_inversion(r, mean) : poisson_by_rejection(r, mean);
}
