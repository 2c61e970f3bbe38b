/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the job queue share; nobody else includes it. */
#ifndef LOAD_JOBS_INTERNAL_H
#define LOAD_JOBS_INTERNAL_H

#include "base/vec.h"
#include "engine/event.h"
#include "engine/rng.h"
#include "engine/stats.h"
#include "load/jobs.h"

struct job {              /* waiting, or hidden after its worker's death */
    struct event visible; /* when it comes back */
    struct job_queue *queue;
    struct job *next;
    simtime put;
    uint32_t receives;
};

struct job_list {
    struct job *first;
    struct job *last;
};

struct job_pod;

struct job_worker { /* one place in a pod */
    struct event done;
    struct job_pod *pod;
    struct job *job; /* NULL: idle */
    struct job_worker *next_idle;
};

enum job_pod_state { JOB_POD_FREE, JOB_POD_ACTIVE, JOB_POD_DRAINING };

struct job_pod {
    enum job_pod_state state;
    uint32_t index;
    struct job_queue *queue;
    struct meter *meter;
    struct job_pod *next_free;
    struct curve curve; /* jobs resolution */
    struct job_worker *workers;
    uint32_t busy;
    double held;     /* fluid, draining: jobs in work when it began to drain */
    simtime drained; /* fluid: since then */
};

/* Fluid: jobs put up to a time, to know how old the oldest is. */
struct put_point {
    simtime at;
    double total;
};

struct returning { /* fluid: jobs of dead workers */
    simtime at;
    double jobs;
};

struct job_totals {
    double put;
    double done;
    double dead;
    double returned;
    double cpu;
    double unmet;
    double capacity;
};

struct job_queue {
    const struct job_queue_spec *spec;
    struct engine *engine;
    struct arena *arena;
    bool fluid;
    uint32_t workers; /* per pod */
    VEC(struct job_pod *) pods;
    struct job_pod *free_pods;
    uint32_t active; /* pods that take jobs */
    double rate;
    double extra_rate;
    simtime accounted;
    struct job_totals totals;
    struct job_totals taken;
    simtime taken_at;
    double waiting; /* visible */
    double in_work;
    double hidden; /* of dead workers, not visible yet */
    struct histogram *latency;
    struct histogram *reported;
    /* jobs resolution */
    struct rng arrival_rng;
    struct rng service_rng;
    struct event arrival;
    double arrival_left;
    simtime arrival_from;
    struct job_list queue;
    struct job *free_jobs;
    struct job_worker *idle; /* first to be used: the one idle for longest */
    struct job_worker *idle_last;
    /* fluid resolution */
    struct event step;
    struct curve pool;
    double present; /* waiting and in work */
    double target;  /* present in the long run; INFINITY: grows */
    double target_in_work;
    double work_rate; /* completions a second, as planned */
    VEC(struct put_point) puts;
    size_t put_head;
    double left_queue; /* jobs that began service, matched against puts */
    VEC(struct returning) returns;
    size_t return_head;
};

void jobs_account(struct job_queue *q, simtime now);
double jobs_rate(const struct job_queue *q);

/* jobs_events.c */
void job_events_create(struct job_queue *q, uint64_t seed);
void job_events_rate_changed(struct job_queue *q, double before, simtime now);
void job_events_put(struct job_queue *q, simtime now);
void job_events_add(struct job_queue *q, struct job_pod *pod, simtime now);
void job_events_drain(struct job_queue *q, struct job_pod *pod);
void job_events_resume(struct job_queue *q, struct job_pod *pod, simtime now);
void job_events_kill(struct job_queue *q, struct job_pod *pod, simtime now);
double job_events_oldest(const struct job_queue *q, simtime now);

/* jobs_fluid.c */
void job_fluid_create(struct job_queue *q);
void job_fluid_settle(struct job_queue *q, simtime now);
void job_fluid_changed(struct job_queue *q);
void job_fluid_put(struct job_queue *q, double jobs, simtime now);
void job_fluid_add(struct job_queue *q, struct job_pod *pod, simtime now);
void job_fluid_drain(struct job_queue *q, struct job_pod *pod, simtime now);
void job_fluid_kill(struct job_queue *q, struct job_pod *pod, simtime now);
double job_fluid_oldest(const struct job_queue *q, simtime now);

#endif
