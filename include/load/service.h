/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP services: requests balanced over pods, which use CPU, wait for other
 * things, call other services and put jobs on queues. One model, two
 * resolutions:
 *
 *   requests  every request is an event; quantities are whole numbers
 *   fluid     rates; latency from queueing theory (load/queueing.h), backlog as
 *             a flow. Costs one step per change of a rate or of the pods
 *
 * One request: it waits for one of `concurrency` places of its pod, uses `cpu`
 * core-seconds (one core at most at a time; the pod's active requests share
 * cpu_limit_cores evenly) and `wait` seconds, then makes its calls one after
 * the other, holding its place. Where nothing throttles, CPU and wait
 * interleave evenly. A client gives up after `timeout`: a request still in the
 * queue leaves it then; one in service is worked on to its end, and counts as
 * timed out when that is reached. A call that is not served fails its caller.
 *
 * Everything is counted once:
 *   offered = served + timed_out + dropped + failed + waiting + in_flight
 * exactly in the requests resolution, to 1e-9 of it in the fluid one.
 *
 * Services and queues live in a mesh, which arms its own events (PHASE_SERVICE).
 */
#ifndef LOAD_SERVICE_H
#define LOAD_SERVICE_H

#include "base/arena.h"
#include "engine/dist.h"
#include "engine/event.h"
#include "engine/simtime.h"
#include "engine/stats.h"
#include "kube/meter.h"
#include "load/jobs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum service_balancing { BALANCE_RANDOM, BALANCE_ROUND_ROBIN, BALANCE_LEAST_REQUESTS };

enum service_queue {
    SERVICE_QUEUE_POD,    /* chosen on arrival, then waits there; no ready pod: dropped */
    SERVICE_QUEUE_SERVICE /* waits before the pods, for whichever is free first (an activator) */
};

struct service_call {
    uint32_t service;   /* index in the mesh */
    double per_request; /* mean; a fraction is a probability */
};

struct service_put {
    uint32_t queue;     /* index in the mesh */
    double per_request; /* by each request served; likewise */
};

/* Zero is valid: requests that take no time on pods without limits. */
struct service_spec {
    const char *name;     /* unique; part of the random streams' names */
    struct dist cpu;      /* core-seconds a request, >= 0 */
    struct dist wait;     /* seconds a request that use no CPU, >= 0 */
    uint32_t concurrency; /* requests in service per pod; 0: any number */
    bool has_queue_limit;
    uint32_t queue_limit; /* requests waiting, per pod or per service as `queue` says; 0: none */
    enum service_queue queue;
    enum service_balancing balancing;
    simtime timeout;        /* 0: never */
    double cpu_limit_cores; /* per pod; 0: none */
    double idle_cores;      /* part of the limit the pod uses otherwise; not metered here */
    double memory_per_request_bytes; /* while in flight or waiting in the pod */
    bool no_latency;                 /* nobody looks at them: fluid leaves the histogram empty */
    const struct service_call *calls;
    size_t call_count;
    const struct service_put *puts;
    size_t put_count;
};

/* Since the last service_take, and the state at its end. */
struct service_interval {
    simtime from;
    simtime until;
    double offered;
    double admitted; /* not dropped on arrival */
    double served;   /* in time */
    double timed_out;
    double dropped;   /* no ready pod, or the queue was full */
    double failed;    /* lost with its pod, or a call of it was not served */
    double completed; /* worked on to the end: served and the late ones */
    double waiting;   /* now */
    double in_flight; /* in service now */
    double in_flight_peak;
    double capacity_requests; /* what the ready pods could have completed; may be INFINITY */
    double cpu_core_seconds;
    double throttled_core_seconds; /* wanted beyond the limit */
    double memory_bytes;           /* of requests now, all pods */
    double memory_peak_bytes;
    double unmet_replica_seconds;
    double ready_seconds;            /* ready pods times seconds */
    const struct histogram *latency; /* of those served; valid until the next take */
};

/* The next request of a recorded trace, times not falling; false: no more. */
typedef bool service_arrival_fn(void *context, simtime *at, double *weight);

struct service;
struct mesh;

struct mesh_spec {
    bool fluid; /* else requests */
    const struct service_spec *services;
    size_t service_count;
    const struct job_queue_spec *queues;
    size_t queue_count;
};

/* The spec must outlive the mesh; both in the run arena. Calls must not form a circle. */
struct mesh *mesh_create(struct engine *engine, struct arena *a, uint64_t seed,
                         const struct mesh_spec *spec);
struct service *mesh_service(struct mesh *m, size_t index);
struct job_queue *mesh_queue(struct mesh *m, size_t index);
/*
 * Brings all counters and meters up to now. Call before reading meters; service_take does it for
 * its own service.
 */
void mesh_settle(struct mesh *m);
/* Index of a service on a circle of calls, SIZE_MAX when there is none: for validation. */
size_t mesh_find_circle(const struct service_spec *services, size_t count);

/* Offered from outside, from now on; requests arrive as a Poisson process of this rate. */
void service_set_rate(struct service *s, double per_second);
/* Requests resolution: exact arrivals instead; weight multiplies the request's cpu and wait. */
void service_set_arrivals(struct service *s, service_arrival_fn *next, void *context);

/*
 * A pod joins when its endpoint is ready. Its CPU goes to cpu (fluid: by joining a pool curve).
 * The handle is never 0.
 */
uint32_t service_backend_add(struct service *s, struct meter *cpu);
/* Not ready or terminating: nothing new, but works on. Idempotent; 0 is ignored, as below. */
void service_backend_drain(struct service *s, uint32_t handle);
void service_backend_resume(struct service *s, uint32_t handle); /* ready again */
/* The process ended: what it held is lost (failed). The handle is dead afterwards. */
void service_backend_kill(struct service *s, uint32_t handle);
/* Requests in service and waiting there. */
double service_backend_requests(const struct service *s, uint32_t handle);
/* The memory those take. */
double service_backend_memory(const struct service *s, uint32_t handle);

void service_take(struct service *s, struct service_interval *out);
/* Requests a second one pod can complete without end; INFINITY when nothing limits it. */
double service_pod_capacity(const struct service *s);
/* Offered rate now, calls included (requests resolution: as set from outside). */
double service_rate(const struct service *s);

#endif
