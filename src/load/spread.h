/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small numerical tools of the fluid resolution: distributions as quantiles,
 * sums of them, tables of the gamma distribution, and processor sharing.
 */
#ifndef LOAD_SPREAD_H
#define LOAD_SPREAD_H

#include "base/arena.h"
#include "engine/dist.h"
#include "engine/stats.h"
#include "load/queueing.h"
#include "service_profile.h"

#include <stdbool.h>
#include <stdint.h>

struct moments { /* of a sum of independent parts */
    double mean;
    double variance;
    double third; /* about 0 */
};

struct moments moments_of_dist(const struct dist *d);
struct moments moments_of_spread(const struct spread *s);
/* Adds `times` independent copies of more (a mean number is fine). */
void moments_add(struct moments *m, const struct moments *more, double times);

void spread_of_dist(struct spread *s, const struct dist *d);
double spread_cdf(const struct spread *s, double x); /* part at or below x */
/* s becomes the distribution of the independent sum. scratch is empty before and after. */
void spread_add(struct spread *s, const struct spread *more, struct histogram *scratch);
void spread_add_times(struct spread *s, const struct spread *more, double times,
                      struct histogram *scratch);
bool dist_equal(const struct dist *a, const struct dist *b);

struct gamma_tables;
struct gamma_tables *gamma_tables_create(struct arena *a);
/* The nearest shape there is a table for. */
double gamma_tables_shape(double shape);
/* Standard gamma distribution function of such a shape. */
double gamma_tables_cdf(struct gamma_tables *t, double shape, double x);

/* Requests that share a pod's CPU. */
struct stretch_model {
    const struct dist *cpu;
    double rest;     /* mean time in service without CPU */
    double limit;    /* cores */
    uint32_t places; /* 0: any number */
    double room;     /* of the queue; negative: unlimited */
    double arrivals; /* a second and pod */
    double rest_variance;
    double pods; /* that share the load */
    bool pooled; /* a queue for all of them, or least requests */
    bool least;  /* least requests: pooled, but everyone stays where he went */
    bool turns;  /* round robin */
    bool saturated;
};

struct stretch {
    double least;           /* time per core-second when alone */
    double mean;            /* ... on average */
    double variance;        /* ... of a short request */
    double decay;           /* core-seconds over which a long request averages that out */
    double full;            /* probability of no room */
    struct wait_model wait; /* for a place */
};

/* Departure rates with j = 1 .. places in service: a closed network of CPU and rest. */
void stretch_rates(double cpu, double rest, double limit, uint32_t places, double *rate);
struct stretch stretch_solve(const struct stretch_model *m, struct arena *scratch);
/* The distribution of cpu, stretched. */
void stretch_spread(const struct stretch *s, const struct stretch_model *m,
                    struct gamma_tables *gammas, struct spread *out);

#endif
