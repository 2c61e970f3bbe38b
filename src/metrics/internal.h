/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this room share: the pods metrics-server knows (metrics_server.c,
 * track.c) and the named metrics with their series (named.c, answer.c).
 */
#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H

#include "base/table.h"
#include "base/vec.h"
#include "metrics/metrics_server.h"
#include "metrics/named.h"
#include "metrics/prometheus.h"

/* One container: its cgroup, what cAdvisor has of it, and its place in the store. */
struct track {
    struct container_store store;
    struct metrics_point point; /* the newest sample */
    struct sample_clock clock;
    bool running;
    bool reported; /* the kubelet reports it: runs, and has a sample */
    simtime started;
    double base;      /* main container: what its meter had when it started */
    double kwok_cpu;  /* KWOK: the counter, in core-seconds */
    double kwok_used; /* the meter at the scrape before */
    const char *name;
    double cores; /* other containers' constant usage */
    double memory_bytes;
};

struct tracked_pod {
    struct pod *pod;
    struct track *tracks; /* the main container first */
    uint32_t count;
    uint32_t cap;
    uint32_t place;     /* in metrics_server.pods */
    bool primed;        /* its time before the run is accounted for */
    bool settled;       /* one container, served, and too old for special rules */
    simtime adopted;    /* SIMTIME_NEVER: began in the run */
    double rate_before; /* cores used before it was adopted */
    double memory;      /* at memory_at, a scrape before */
    simtime memory_at;
    struct series *series; /* of named metrics, by next_of_pod */
    struct tracked_pod *next_free;
};

struct workload_usage {
    const struct container_usage *usage;
    size_t count;
};

struct metrics_server {
    struct metrics_server_spec spec;
    struct arena *arena;
    struct engine *engine;
    const struct clocks *clocks;
    struct event scrape;
    struct event advance;
    int64_t tick; /* of the next scrape */
    uint64_t stored;
    struct metric_faults faults;
    VEC(struct tracked_pod *) pods;
    struct tracked_pod *free;
    struct metrics *named; /* told when a tracked pod goes; NULL: nobody */
    VEC(struct workload_usage) usages;
    simtime *answers; /* by node, of the next scrape */
    simtime *before;  /* the same, of scrapes before the run */
    bool *failed;
};

/* Brings the container's newest sample up to what its node answers at `answer`. */
void track_sample(struct metrics_server *m, struct tracked_pod *t, struct track *track,
                  simtime answer);
/* A whole scrape of a settled pod, the fast way; false: it is not. */
bool tracked_pod_scrape_settled(struct metrics_server *m, struct tracked_pod *t, simtime answer);
void tracked_pod_settle(const struct metrics_server *m, struct tracked_pod *t);
/* Takes samples up to then without looking at them. */
void tracked_pod_advance(struct metrics_server *m, struct tracked_pod *t, simtime until);
/* Once per pod adopted from before the run: what it used, and scrapes before time 0. */
void tracked_pod_prime(struct metrics_server *m, struct tracked_pod *t, simtime now);
void tracked_pod_store_before(struct metrics_server *m, struct tracked_pod *t);

#define SCRAPE_SLOTS 64 /* phases of targets within the scrape interval */

/* One time series of a named metric: of a pod, or the only one. */
struct series {
    struct named_metric *metric;
    const struct pod *pod;
    struct prom_series samples;
    bool unprimed; /* there before the run, and what it was is still to be made up */
    bool down;     /* its target does not answer */
    simtime begun; /* when `first` was read */
    double first;
    double offset; /* on top of what is read */
    uint32_t slot;
    struct series *next; /* in its slot */
    struct series *prev;
    struct series *next_of_pod;
};

struct named_metric {
    const struct metric_spec *spec;
    const struct workload *workload;
    metric_read *read;
    void *context;
    struct metrics *metrics;
    bool scraped;
    enum metric_function function;
    simtime interval;
    simtime window;
    simtime first_seen; /* of any sample; NEVER: none yet */
    simtime frozen_at;  /* while METRIC_FAULT_FROZEN is open */
    struct metric_faults faults;
    struct event scrape;
    struct series *slots[SCRAPE_SLOTS];
    struct series *single; /* OBJECT, EXTERNAL */
    struct series *free;
    uint32_t same_name; /* index + 1 of the next one of this name, 0: none */
};

/* An error text that was needed once. */
struct api_text {
    enum metric_query_type type;
    uint8_t failure; /* enum api_failure */
    const char *name;
    const char *object;
    const char *namespace_name;
    const char *text;
};

struct metrics {
    struct arena *arena;
    struct engine *engine;
    struct metrics_server *server;
    uint64_t seed;
    simtime epoch_fraction;
    struct table names;          /* metric names, and ... */
    VEC(uint32_t) first_of_name; /* ... index + 1 of the first of each */
    VEC(struct named_metric *) list;
    struct metric_faults faults[3]; /* by enum metrics_api */
    simtime frozen_at[3];
    bool started;
    struct event begin;
    VEC(struct api_text) texts;
};

/* Once per series that was there before the run. False: too early to tell what it was. */
bool series_prime(struct series *s, simtime now);
/* Ends the series of a pod that goes. */
void metrics_forget_pod(struct metrics *m, struct tracked_pod *t);
enum metrics_api named_metric_api(const struct named_metric *n);
bool named_metric_is(const struct named_metric *n, enum metric_fault_kind kind);
/* When its values are of: now, or when it froze. */
simtime named_metric_time(const struct named_metric *n, simtime now);

#endif
