/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random streams, one per (seed, entity, purpose): xoshiro256** seeded by
 * hashing. Adding an entity, or drawing more in one place, changes no other
 * stream (common random numbers). There is no global generator. A copy of a
 * struct rng is a second generator at the same place of the same stream.
 */
#ifndef ENGINE_RNG_H
#define ENGINE_RNG_H

#include <stdint.h>

struct rng { /* zero is not valid; use rng_stream or rng_key_stream */
    uint64_t s[4];
};

/* entity is a unique name in the run ("web-7f9c-x2b4"), purpose a word ("service time"). */
struct rng rng_stream(uint64_t seed, const char *entity, const char *purpose);
/* The number behind a stream, for draws addressed by cell: rng_mix(key, cell). */
uint64_t rng_key(uint64_t seed, const char *entity, const char *purpose);
struct rng rng_key_stream(uint64_t key);
/* A hash of two numbers whose bits are as good as draws: no state, any order. */
uint64_t rng_mix(uint64_t key, uint64_t cell);

static inline uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t x = s[1] * 5;
    uint64_t result = (x << 7 | x >> 57) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

/* 64 bits to [0, 1), a multiple of 2^-53. */
static inline double rng_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

/* Uniform in [0, 1). */
static inline double rng_double(struct rng *r)
{
    return rng_unit(rng_u64(r));
}

/* Uniform in (0, 1], for logarithms. */
static inline double rng_double_positive(struct rng *r)
{
    return (double)((rng_u64(r) >> 11) + 1) * 0x1p-53;
}

/* Uniform among 0 .. n-1 without bias; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* Exponential with mean 1 (ziggurat). */
double rng_exponential(struct rng *r);
/* Normal with mean 0 and standard deviation 1. */
double rng_normal(struct rng *r);
/* Gamma with this shape (> 0) and scale 1. */
double rng_gamma(struct rng *r, double shape);
/* Poisson with this mean (0 .. 1e15), a whole number. */
double rng_poisson(struct rng *r, double mean);

#endif
