/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the random draws of load. Each cell of time has a short stream of its
 * own, whose key is a hash of (stream, cell number), so there is no state to
 * advance and the order of asking cannot matter. The trap: all of a cell's
 * draws must come from its own stream, never from the next cell's.
 */
#include "load/pattern.h"

#include "engine/dmath.h"
#include "engine/rng.h"

#include <math.h>

double pattern_draw_uniform(uint64_t key, int64_t cell)
{
    return rng_unit(rng_mix(key, (uint64_t)cell));
}

double pattern_draw_noise(uint64_t key, int64_t cell, enum noise_distribution kind, double sd)
{
    if (!(sd > 0))
        return 1;
    struct rng r = rng_key_stream(rng_mix(key, (uint64_t)cell));
    if (kind == NOISE_LOGNORMAL) {
        double variance = dmath_log1p(sd * sd);
        return dmath_exp(sqrt(variance) * rng_normal(&r) - variance / 2);
    }
    for (int attempt = 0; attempt < 1000; attempt++) {
        double factor = 1 + sd * rng_normal(&r);
        if (factor >= 0 && factor <= 2)
            return factor;
    }
    return 2 * rng_double(&r); /* so wide a bell is flat on 0 .. 2 */
}

double pattern_draw_poisson(uint64_t key, int64_t cell, double mean)
{
    if (!(mean > 0))
        return 0;
    struct rng r = rng_key_stream(rng_mix(key, (uint64_t)cell));
    return rng_poisson(&r, mean < LOAD_VALUE_MAX ? mean : LOAD_VALUE_MAX);
}

simtime pattern_draw_exponential(uint64_t key, int64_t cell, simtime mean)
{
    struct rng r = rng_key_stream(rng_mix(key, (uint64_t)cell));
    simtime length = (simtime)(rng_exponential(&r) * (double)mean);
    return length < 1 ? 1 : length;
}
