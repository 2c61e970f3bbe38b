/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the service model share; nobody else includes it. */
#ifndef LOAD_SERVICE_INTERNAL_H
#define LOAD_SERVICE_INTERNAL_H

#include "base/vec.h"
#include "engine/event.h"
#include "engine/rng.h"
#include "engine/stats.h"
#include "load/service.h"
#include "service_profile.h"

struct backend;

struct request {        /* of the requests resolution */
    struct event event; /* end of service, of the wait, or a calling client's patience */
    struct service *service;
    struct backend *backend; /* NULL while in the service's queue */
    struct request *next;    /* in a queue, in the backend's list, in the free list */
    struct request *prev;
    struct request *parent; /* the request that called, waiting for this one */
    struct request *child;  /* the call it waits for */
    simtime arrived;
    double cpu;    /* core-seconds */
    double wait;   /* seconds */
    double rate;   /* cores used while in service (evenly) */
    double finish; /* shared CPU: virtual time at which its cpu is done */
    uint32_t slot; /* shared CPU: place in the backend's heap + 1 */
    uint32_t call; /* which of spec->calls comes next, and how often */
    uint32_t calls_left;
    bool call_failed;
    bool in_service;
};

struct request_list {
    struct request *first;
    struct request *last;
    uint32_t count;
};

/* Active requests of one pod sharing its CPU limit: egalitarian, by virtual time. */
struct cpu_share {
    double virtual_time;   /* core-seconds each active request has got since it was idle */
    struct request **heap; /* by finish, then order of entering; 1-based */
    uint64_t *order;
    uint32_t count;
    uint32_t cap;
    uint64_t entered;
    struct event done; /* the first of them is through with its CPU */
};

enum backend_state { BACKEND_FREE, BACKEND_READY, BACKEND_DRAINING };

struct backend {
    enum backend_state state;
    uint32_t index;
    struct service *service;
    struct meter *meter;
    struct backend *next_free;
    /* requests resolution: */
    struct curve curve;
    struct request_list waiting;
    struct request_list in_service;
    struct backend *level_next; /* among ready ones with as many requests */
    struct backend *level_prev;
    uint32_t level;
    struct cpu_share share;
    double cpu_rate;    /* cores now, of requests that spread their CPU evenly */
    double cpu_total;   /* core-seconds */
    simtime cpu_at;     /* up to here */
    double curve_total; /* what the curve knows, and up to when */
    simtime curve_at;
};

struct level_list {
    struct backend *first;
    struct backend *last;
};

/* What happened since the run began. Whole numbers in the requests resolution. */
struct service_totals {
    double offered;
    double served;
    double timed_out;
    double dropped;
    double failed;
    double completed;
    double cpu;
    double throttled;
    double unmet;
    double ready_seconds;
};

struct caller {
    struct service *service;
    double per_request;
};

struct service {
    const struct service_spec *spec;
    struct mesh *mesh;
    uint32_t index;
    bool shares_cpu;    /* the limit can be less than what a pod's requests want */
    double share_limit; /* cores for requests, when it shares */
    VEC(struct backend *) backends;
    VEC(struct backend *) ready;
    struct backend *free_backends;
    uint32_t drained;  /* draining ones */
    double rate;       /* offered from outside */
    double nominal;    /* with calls by others, as far as rates say */
    simtime accounted; /* time integrals are complete up to here */
    struct service_totals totals;
    struct service_totals taken; /* at the last take */
    simtime taken_at;
    double pod_capacity; /* requests a second, see service_pod_capacity */
    double capacity;     /* requests that could have been completed since then */
    VEC(struct caller) callers;
    double waiting;
    double in_flight;
    double peak;
    double peak_requests; /* waiting and in flight */
    struct histogram *latency;
    struct histogram *reported;
    /* requests resolution: */
    struct rng arrival_rng;
    struct rng cpu_rng;
    struct rng wait_rng;
    struct rng balance_rng;
    struct rng call_rng;
    struct event arrival;
    double arrival_left;  /* of a unit exponential, until the next arrival */
    simtime arrival_from; /* counted down from here */
    service_arrival_fn *next_arrival;
    void *arrival_context;
    double arrival_weight;
    uint32_t turn; /* round robin */
    VEC(struct level_list) levels;
    uint32_t lowest;           /* no ready backend below this level */
    struct request_list queue; /* SERVICE_QUEUE_SERVICE */
    /* fluid resolution: */
    struct service_fluid *fluid;
    double *put_rates; /* jobs a second, by spec->puts */
};

struct put_rates { /* of the services that put jobs on one queue */
    double **items;
    size_t len;
    size_t cap;
};

struct mesh {
    struct engine *engine;
    struct arena *arena;
    const struct mesh_spec *spec;
    struct service *services;
    struct job_queue **queues;
    uint32_t *order; /* callers before those they call */
    struct request *free_requests;
    struct request *answered; /* callers whose call has ended, to be told */
    struct request *answered_last;
    bool answering;
    struct profile_cache *profiles; /* fluid */
    struct event step;              /* fluid: plan what has changed */
    VEC(uint32_t) changed;          /* services */
    bool linked;                    /* some service calls another */
    struct put_rates *putters;      /* by queue */
};

/* Integrals over time of what is constant between changes of pods and rates. */
void service_account(struct service *s, simtime now);

/* service_requests.c */
void requests_create(struct service *s, uint64_t seed);
void requests_add(struct service *s, struct backend *b);
void requests_drain(struct service *s, struct backend *b);
void requests_resume(struct service *s, struct backend *b);
void requests_kill(struct service *s, struct backend *b);
void requests_rate_changed(struct service *s, double before, simtime now);
void requests_settle(struct service *s, simtime now);
double requests_backend_load(const struct backend *b);
void requests_serve(struct request *r, simtime now); /* begins its service */

/* service_share.c */
void share_create(struct backend *b);
void share_enter(struct backend *b, struct request *r, simtime now);
void share_remove(struct backend *b, struct request *r, simtime now);
void share_account(struct backend *b, simtime now);
/* Called by share_*: r has its CPU and goes on to its wait. */
void requests_cpu_done(struct request *r, simtime now);

/* service_fluid.c */
void fluid_create(struct service *s);
void fluid_add(struct service *s, struct backend *b);
void fluid_drain(struct service *s, struct backend *b);
void fluid_kill(struct service *s);
void fluid_changed(struct service *s);
void fluid_settle(struct service *s, simtime now);
void fluid_flush(struct service *s); /* latencies of the interval into s->latency */
void fluid_step(struct engine *engine, struct event *event);
void service_find_capacity(struct service *s);

#endif
