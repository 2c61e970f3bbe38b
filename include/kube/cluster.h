/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-memory API server: workloads with their pods, the scale subresource, and
 * who is told when a pod changes. Controllers read and write here and nowhere
 * else; counts are kept as pods change, so that reading the scale costs nothing.
 */
#ifndef KUBE_CLUSTER_H
#define KUBE_CLUSTER_H

#include "base/arena.h"
#include "base/vec.h"
#include "engine/event.h"
#include "engine/rng.h"
#include "engine/simtime.h"
#include "kube/observer.h"
#include "kube/pod.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clocks;
struct cluster;
struct pod_timing;

/* What happened to a pod; listeners act on it at once, in the order registered. */
enum pod_change {
    POD_CREATED,
    POD_BOUND,
    POD_STARTED, /* status.startTime */
    POD_RUNS,    /* phase Running */
    POD_READY,
    POD_NOT_READY,
    POD_DELETING,   /* deletion timestamp set; endpoints drop it now */
    POD_TERMINATED, /* SIGTERM: in-flight work that has not finished is about to be lost */
    POD_CRASHED,
    POD_GONE
};

typedef void pod_listener(void *context, struct pod *pod, enum pod_change change, simtime now);

struct workload {
    const struct workload_spec *spec; /* as last edited */
    const struct pod_timing *timing;
    uint32_t index;
    int32_t replicas;       /* spec.replicas now */
    uint32_t revision;      /* of the pod template, from 1 */
    uint32_t next_pod;      /* numbers pods in order of creation */
    VEC(struct pod *) pods; /* in order of creation; gone ones are taken out */
    int32_t active;         /* not deleting, not ended */
    int32_t ready;          /* active and Ready */
    int32_t terminating;
    uint64_t version;    /* counts every change of pods; caches compare it */
    double used_by_gone; /* core-seconds of pods that are no more */
    struct cluster *cluster;
    struct event sync; /* the workload controller's next look */
};

struct pod_subscription {
    pod_listener *listen;
    void *context;
};

struct cluster {
    struct engine *engine;
    struct arena *arena; /* of the run */
    struct arena scratch;
    struct clocks *clocks;
    const struct observer *observer;
    uint64_t seed;
    struct workload *workloads;
    size_t workload_count;
    struct pod_subscription listeners[8];
    size_t listener_count;
    struct pod *free_pods; /* of gone pods, to be used again */
    uint32_t next_serial;
    uint32_t node_count; /* nodes are unlimited; pods spread over these groups */
    int64_t epoch_ns;    /* Unix time of virtual time 0 */
};

void cluster_subscribe(struct cluster *c, pod_listener *listen, void *context);

/* A new pod object of the workload, told to the listeners; the kubelet takes it from there. */
struct pod *cluster_create_pod(struct cluster *c, struct workload *w, int32_t ordinal);
/* Sets the deletion timestamp; idempotent. */
void cluster_delete_pod(struct cluster *c, struct pod *pod);
/* Changes of a pod's state, with counts and listeners: used by the kubelet. */
void cluster_pod_changed(struct cluster *c, struct pod *pod, enum pod_change change);

/* scale subresource: spec.replicas := replicas; the workload controller is woken. */
void cluster_scale(struct cluster *c, struct workload *w, int32_t replicas);
/* scale.status.replicas: active pods, as the controllers' status has it. */
int32_t workload_status_replicas(const struct workload *w);
/* Finds a workload by kind ("Deployment"), namespace and name; NULL when there is none. */
struct workload *cluster_find(const struct cluster *c, const char *kind, const char *namespace_name,
                              const char *name);

void cluster_event(struct cluster *c, const struct observed_event *event);

const char *workload_kind_name(enum workload_kind kind);
const char *pod_change_name(enum pod_change change);

#endif
