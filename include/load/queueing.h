/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queueing theory for the fluid resolution: closed forms and approximations of
 * waiting and response times. Exact where a formula is (M/M/c, M/G/1 means);
 * elsewhere the error was measured against the requests resolution, see
 * tests/unit/load/test_theory.c. Times in seconds, rates per second.
 */
#ifndef LOAD_QUEUEING_H
#define LOAD_QUEUEING_H

#include "engine/dist.h"

#include <stdbool.h>
#include <stdint.h>

/* Probability that all of c servers are busy at offered load a = rate * service time. */
double erlang_b(double servers, double a); /* loss system; servers a whole number >= 0 */
double erlang_c(double servers, double a); /* waiting system, a < servers; else 1 */

/* A waiting time: 0 with probability 1 - delayed, else with these moments. */
struct wait_model {
    double delayed;  /* P(wait > 0) */
    double mean;     /* of those delayed */
    double variance; /* of those delayed */
};

struct queue_model {
    double servers;     /* a whole number >= 1 */
    double utilization; /* below 1 */
    double arrival_scv; /* squared coefficient of variation between arrivals; Poisson: 1 */
    double service_mean;
    double service_variance;
    double service_third; /* third moment about 0 */
};

/* First come, first served, GI/G/c: exact for M/M/c and, in mean, M/G/1. */
struct wait_model queueing_wait(const struct queue_model *q);
/*
 * The same for `pods` queues of `servers` each that Poisson arrivals (of all together) join in
 * turns. With constant service that is one queue for all, exactly.
 */
struct wait_model queueing_wait_turns(const struct queue_model *q, double pods);
/*
 * ... or where arrivals join the one with fewest requests and stay there: the pooled queue, and a
 * factor for what staying costs, fitted to simulations.
 */
struct wait_model queueing_wait_least(const struct queue_model *q, double pods);
/* That factor, for delays of other kinds. */
double queueing_least_factor(const struct queue_model *q, double pods);
/* Mean wait of all, delayed or not. */
double wait_model_mean(const struct wait_model *w);

/* Steady state of a birth-death chain: numbers present in one pod. */
struct birth_death {
    double mean;       /* number present */
    double mean_in;    /* of them in service */
    double full;       /* probability that an arrival finds no room */
    double delayed;    /* ... that it has to wait (given it got in) */
    double throughput; /* rate of departures */
    double square;     /* mean of the squared number present that an admitted arrival finds */
};

/*
 * rate[j - 1] is the departure rate with j in service, j = 1 .. servers (rising, the last one
 * holds beyond). room: places in queue beyond the servers; negative is unlimited, and then
 * arrivals must be below the last rate.
 */
struct birth_death queueing_birth_death(double arrivals, const double *rate, uint32_t servers,
                                        double room);

#endif
