/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pod and what a controller can read of it. Times are virtual; the API
 * server cuts the ones it serves to whole seconds, see pod_api_time.
 */
#ifndef KUBE_POD_H
#define KUBE_POD_H

#include "engine/event.h"
#include "engine/simtime.h"
#include "kube/meter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODE_NONE UINT32_MAX

struct cluster;
struct pod_template;
struct workload;

enum pod_phase { POD_PENDING, POD_RUNNING, POD_SUCCEEDED, POD_FAILED };

/* A condition's status; ABSENT: the object has no such condition. */
enum condition_status { CONDITION_ABSENT, CONDITION_FALSE, CONDITION_TRUE, CONDITION_UNKNOWN };

struct pod {
    uint32_t serial; /* order of creation in the run, never reused */
    char *name;
    size_t name_cap; /* of the buffer, kept when the memory is used again */
    struct workload *workload;
    const struct pod_template *template; /* it was made from */
    uint32_t revision;                   /* the template's number, 1 is the first */
    int32_t ordinal;                     /* StatefulSet, else -1 */
    uint32_t node;                       /* index of its node, NODE_NONE until bound */
    enum pod_phase phase;
    enum condition_status ready;
    bool deleting;
    simtime created;
    simtime bound;       /* SIMTIME_NEVER until then; likewise below */
    simtime start_time;  /* status.startTime: the kubelet took it */
    simtime running;     /* first container runs */
    simtime ready_since; /* last transition of the Ready condition */
    simtime first_ready;
    simtime deleted; /* metadata.deletionTimestamp's request */
    simtime gone;    /* object removed */
    uint32_t restarts;

    struct meter cpu;    /* the main container's core-seconds */
    double memory_bytes; /* the main container's working set now */

    struct cluster *cluster;
    struct event lifecycle; /* the kubelet's next step */
    struct event startup;   /* the next piece of its start-up CPU */
    uint32_t startup_piece;
    uint32_t crashes;       /* in a row, for the back-off */
    uint8_t step;           /* which one, control/kubelet.c */
    uint32_t backend;       /* handle in its service, 0 none */
    uint32_t worker;        /* handle at its queue, 0 none */
    double counted_from[2]; /* its service's counters when it joined */
    bool loaded;            /* shares a service's load, which covers its idle CPU */
    uint32_t slot;          /* place in workload->pods */
    void *samples;          /* the metrics pipeline's memory of it */
    struct pod *next_free;  /* in the cluster's list of gone pods */
};

/* What the API server serves of a time: whole seconds of the wall clock, cut. */
simtime pod_api_time(simtime at, simtime epoch_fraction);

const char *pod_phase_name(enum pod_phase phase);
const char *condition_status_name(enum condition_status status); /* "True", "False", "Unknown" */

#endif
