/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run tells whoever listens: the one inversion that keeps SQLite and
 * reports out of the simulation. Every pointer is valid during the call only.
 * A NULL member is not called.
 */
#ifndef KUBE_OBSERVER_H
#define KUBE_OBSERVER_H

#include "engine/simtime.h"
#include "engine/stats.h"

#include <stdbool.h>
#include <stdint.h>

struct pod;
struct workload;
struct hpa_decision;
struct hpa_state;

/* A Kubernetes event as kubectl shows it, or one of ours (source "podtide"). */
struct observed_event {
    simtime at;
    const char *source; /* "horizontal-pod-autoscaler", "kubelet", "podtide" ... */
    const char *type;   /* "Normal", "Warning" */
    const char *reason; /* "SuccessfulRescale" */
    const char *kind;   /* of the object concerned */
    const char *namespace_name;
    const char *name;
    const char *message;
};

/* One workload over one record interval [at - interval, at). */
struct workload_sample {
    simtime at;
    simtime interval;
    uint32_t workload; /* index in the run */
    int32_t spec_replicas;
    int32_t status_replicas; /* pods that are there and not ended */
    int32_t ready_replicas;
    int32_t starting; /* there, not yet ready once */
    int32_t terminating;
    double cpu_used_cores; /* mean over the interval, all its pods */
    double cpu_requested_cores;
    double cpu_throttled_cores; /* demand the limit cut off, mean */
    double memory_bytes;
    double memory_requested_bytes;
};

/* One service or queue over one record interval. Counts are of the interval. */
struct service_sample {
    simtime at;
    simtime interval;
    uint32_t service; /* index in the run: services first, then queues */
    double offered;   /* requests or jobs */
    double served;
    double timed_out;
    double dropped;
    double failed;         /* lost with their pod */
    double waiting;        /* in queue, at the end */
    double in_flight;      /* at the end */
    double oldest_seconds; /* age of the oldest waiting job, at the end */
    double latency_mean;   /* seconds; NaN when nothing was served, as below */
    double latency_p50;
    double latency_p90;
    double latency_p95;
    double latency_p99;
    const struct histogram *latency; /* all of them, to be merged; NULL: not known */
    double capacity;                 /* what the ready pods could serve, per second */
    double unmet_replica_seconds;    /* short of demand */
    double utilization;              /* of the ready pods' capacity, 0..1 */
};

struct metric_sample {
    simtime at;
    uint32_t metric; /* index in the run's list of named metrics */
    double value;    /* NaN: none served */
};

struct observer {
    void *context;
    void (*event)(void *context, const struct observed_event *event);
    void (*pod)(void *context, const struct pod *pod, simtime now, const char *change);
    void (*workload)(void *context, const struct workload_sample *sample);
    void (*service)(void *context, const struct service_sample *sample);
    void (*metric)(void *context, const struct metric_sample *sample);
    /*
     * One HPA sync: hpa is its index in the run. The whole working is in the decision; state is
     * what the controller remembers and shows (status, conditions) after it.
     */
    void (*decision)(void *context, uint32_t hpa, simtime at, const struct hpa_decision *decision,
                     const struct hpa_state *state);
    /* About once a simulated record interval: a good time to report progress; false stops the run. */
    bool (*tick)(void *context, simtime now);
};

/* Several listeners behind one observer; members are called in order. */
#define OBSERVER_FAN_MAX 4
struct observer_fan {
    const struct observer *members[OBSERVER_FAN_MAX];
    unsigned count;
};
/* The observer's context is the fan, which must outlive it. */
struct observer observer_fan(struct observer_fan *fan);

#endif
