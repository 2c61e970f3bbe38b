/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod's way from bound to ready and from deleted to gone, as the kubelet walks
 * it: sandbox, image pull, init containers, start, probes; preStop, drain, grace.
 * Mirrors pkg/kubelet (kuberuntime, prober) of Kubernetes v1.36 as far as times go.
 */
#ifndef CONTROL_KUBELET_H
#define CONTROL_KUBELET_H

#include "engine/dist.h"
#include "engine/simtime.h"
#include "kube/cluster.h"

#include <stdbool.h>
#include <stddef.h>

/* One piece of the CPU a container burns while it starts, counted from Running. */
struct startup_cpu {
    double for_seconds;
    double cores;
};

/* A further container's constant usage. */
struct sidecar_usage {
    const char *container;
    double cores;
    double memory_bytes;
};

/*
 * How one workload's pods behave in time; all distributions in seconds. Zero
 * (constant 0) is valid: what the clocks do not add takes no time.
 */
struct pod_timing {
    struct dist scheduling; /* beyond the clocks' created -> bound */
    struct dist image_pull;
    struct dist init;        /* all init containers together */
    struct dist start;       /* Running -> the application answers */
    struct dist termination; /* SIGTERM -> the process ends by itself; cut by the grace period */
    double drain_seconds;    /* preStop: keeps serving what is in flight, before SIGTERM */
    bool has_drain;          /* else the manifest's preStop sleep */
    struct startup_cpu *startup;
    size_t startup_count;
    struct sidecar_usage *sidecars;
    size_t sidecar_count;
    double idle_cores; /* used while running, whatever the load */
    double base_memory_bytes;
};

/* When the probes of a container that runs since `running` let it become ready. */
simtime kubelet_ready_at(const struct container_spec *container, simtime running, simtime answers);

/* Puts a created pod on its way; the scheduler has chosen the node. */
void kubelet_add_pod(struct cluster *cluster, struct pod *pod);
/* The API server has set the deletion timestamp: preStop, SIGTERM, gone. */
void kubelet_delete_pod(struct cluster *cluster, struct pod *pod);
/* The containers died: back-off 10 s doubling to 5 min, then start again. */
void kubelet_crash_pod(struct cluster *cluster, struct pod *pod);
/* A pod that has been running and ready for long when the run begins. */
void kubelet_adopt_running(struct cluster *cluster, struct pod *pod, simtime created);

#endif
