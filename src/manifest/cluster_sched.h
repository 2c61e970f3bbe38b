/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind sched as the scheduler's objects: shared by cluster_sched.c and
 * cluster_sched_read.c.
 */
#ifndef MANIFEST_CLUSTER_SCHED_H
#define MANIFEST_CLUSTER_SCHED_H

#include "cluster_internal.h"
#include "control/scheduler/snapshot.h"

struct sched_pod {
    struct pod_class class;
    struct placed_pod pod; /* node: SNAPSHOT_NO_NODE unless the case places it */
};

struct sched_case {
    struct node_spec *nodes;
    size_t node_count;
    struct sched_pod *pods;
    const char **pod_nodes;        /* by pod: the node's name in the case, NULL for none */
    const struct node **pod_marks; /* by pod: where that stands */
    size_t pod_count;
};

/* Everything in the case's tree arena; false: the case is bad, which is reported. */
bool sched_case_read(struct cluster_case *c, struct sched_case *out);

#endif
