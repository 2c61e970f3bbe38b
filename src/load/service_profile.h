/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steady state of one service at one load, for the fluid resolution: how
 * many requests are present and how long they take, worked out once and kept.
 */
#ifndef LOAD_SERVICE_PROFILE_H
#define LOAD_SERVICE_PROFILE_H

#include "base/arena.h"
#include "engine/stats.h"
#include "load/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPREAD_NODES = 48 };

/* A distribution as its quantiles, joined by straight lines. */
struct spread {
    double x[SPREAD_NODES]; /* at the probabilities of spread_probability */
    double mean;
};

/* What a request waits for besides: mean number of calls, and how long one takes. */
struct profile_call {
    double per_request;
    const struct spread *latency;
};

enum {
    PROFILE_LOADS = 96,
    PROFILE_FULL = UINT16_MAX, /* every place taken, nothing of the queue counted */
    PROFILE_CALLS = 16
};

struct profile_key {
    const struct service_spec *spec; /* of the first service with this shape */
    double share_limit;              /* cores that requests share; 0: they do not */
    uint32_t pods;                   /* see profile_pods */
    uint32_t load;                   /* in PROFILE_LOADS-ths of the capacity, or PROFILE_FULL */
    uint64_t calls;                  /* identity of the calls' latencies */
};

struct profile {
    struct profile_key key;
    uint64_t serial;
    double present;        /* mean number in a pod (of a service's queue: its part) */
    double in_service;     /* of them */
    double full;           /* probability that an arrival finds no room */
    double impatient;      /* ... that it leaves the queue for its client's timeout */
    double late;           /* part of those served that are served too late */
    double hold;           /* mean time in service */
    struct spread latency; /* of those served, late or not */
    struct profile *next;  /* same hash */
    uint32_t first;        /* histogram bucket of weight[0]; each weight is for STRIDE buckets */
    uint32_t count;
    uint32_t room; /* of the array */
    float *weight; /* of those in time; with atom_weight sums to 1 */
    double atom;   /* one value on its own: a constant service without a wait */
    double atom_weight;
    double least; /* smallest, largest and mean latency of those in time */
    double most;
    double mean;
};

struct profile_cache;

struct profile_cache *profile_cache_create(struct arena *a);
/* Profiles stay valid until profile_cache_reset. */
const struct profile *profile_get(struct profile_cache *c, const struct profile_key *key,
                                  const struct profile_call *calls, size_t call_count);
size_t profile_cache_count(const struct profile_cache *c);
void profile_cache_reset(struct profile_cache *c);
/* Pods in steps fine enough for the formulas that depend on their number; else 1. */
uint32_t profile_pods(const struct service_spec *spec, size_t pods);
/* Same cpu, wait, places, queue, timeout, balancing: the same profiles. */
bool profile_same_shape(const struct service_spec *a, const struct service_spec *b);
/* Requests a second that one pod can do when each holds its place for `hold` beyond cpu and wait. */
double profile_capacity(const struct service_spec *spec, double share_limit, double hold);
/* Adds `weight` requests of the profile to a histogram. */
void profile_add(struct histogram *h, const struct profile *p, double weight);

double spread_probability(unsigned node);
/* Part of the mass between a node and the next; the last piece has all the rest. */
double spread_part(unsigned piece);

#endif
