/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job queue and the pods that work on it. A worker takes the oldest visible
 * job, works on it for its service time using cpu_cores, and deletes it. A job
 * whose worker dies becomes visible again visibility_timeout after the death
 * (until then its receipt was renewed), at the head of the queue; received
 * max_receives times it goes to the dead letters instead. The same model at two
 * resolutions, see load/service.h.
 *
 * Everything is counted once: put = done + dead + waiting + in flight, where
 * jobs of dead workers that are not visible yet count as in flight.
 */
#ifndef LOAD_JOBS_H
#define LOAD_JOBS_H

#include "base/arena.h"
#include "engine/dist.h"
#include "engine/event.h"
#include "engine/simtime.h"
#include "engine/stats.h"
#include "kube/meter.h"

#include <stdbool.h>
#include <stdint.h>

struct job_queue_spec {
    const char *name;
    struct dist service; /* seconds of work a job, > 0 */
    double cpu_cores;    /* used by a busy worker */
    uint32_t workers;    /* per pod; 0 means 1 */
    simtime visibility_timeout;
    uint32_t max_receives;       /* 0: any number */
    double memory_per_job_bytes; /* of a pod, while it works on one */
    double initial_depth;        /* jobs waiting when the run begins */
};

/* Since the last job_queue_take, and the state at its end. */
struct job_interval {
    simtime from;
    simtime until;
    double put;
    double done;
    double dead;           /* sent to the dead letters */
    double returned;       /* became visible again after a worker's death */
    double waiting;        /* visible now */
    double in_flight;      /* received, not done, now */
    double oldest_seconds; /* age of the oldest waiting job now; 0 when none waits */
    double capacity_jobs;  /* what the pods could have worked off */
    double cpu_core_seconds;
    double memory_bytes; /* for jobs in work now, all pods */
    double unmet_replica_seconds;
    const struct histogram *latency; /* from put to done; valid until the next take */
};

struct job_queue;

/* fluid: one of the two resolutions. The name is part of the random streams'. */
struct job_queue *job_queue_create(struct engine *engine, struct arena *a, uint64_t seed,
                                   const struct job_queue_spec *spec, bool fluid);
/* Jobs are put at this rate from now on (Poisson in the requests resolution). */
void job_queue_set_rate(struct job_queue *q, double per_second);
/* Jobs put by services, besides the rate: a further rate (fluid) or a number of them now. */
void job_queue_set_extra_rate(struct job_queue *q, double per_second);
void job_queue_put(struct job_queue *q, uint32_t count);

/* A pod begins to take jobs; its CPU goes to cpu. The handle is never 0. */
uint32_t job_queue_worker_add(struct job_queue *q, struct meter *cpu);
void job_queue_worker_drain(struct job_queue *q, uint32_t handle);  /* finishes, takes no more */
void job_queue_worker_resume(struct job_queue *q, uint32_t handle); /* after a drain */
/* The pod is gone: what it worked on returns later. The handle is dead; 0 is ignored. */
void job_queue_worker_kill(struct job_queue *q, uint32_t handle);
double job_queue_worker_busy(const struct job_queue *q, uint32_t handle); /* jobs in work */

/* Brings counters and meters up to now; call before reading meters. */
void job_queue_settle(struct job_queue *q);
/* Visible, and received but not done: what a scaler sees. Settles. */
double job_queue_depth(struct job_queue *q);
double job_queue_in_flight(struct job_queue *q);
double job_queue_oldest_seconds(struct job_queue *q);
void job_queue_take(struct job_queue *q, struct job_interval *out);
/* Jobs a second that one pod can do. */
double job_queue_pod_capacity(const struct job_queue *q);

#endif
