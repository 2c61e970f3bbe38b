/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod and a namespace's limits as the updater, the admission controller and the capping
 * between them see them.
 */
#ifndef CONTROL_VPA_POD_H
#define CONTROL_VPA_POD_H

#include "control/vpa/resources.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>

struct vpa_pod_container {
    const char *name;
    struct vpa_resources requests; /* of its status, else its spec */
    struct vpa_resources limits;
    bool oom_killed;      /* its last termination; then: */
    simtime oom_started;  /* when that instance started */
    simtime oom_finished; /* and ended */
    bool unobserved; /* the pod's admission did not see it (annotation vpaObservedContainers) */
};

enum vpa_resize { /* a pod's resize in place, by its conditions */
                  VPA_RESIZE_NONE,
                  VPA_RESIZE_DEFERRED,
                  VPA_RESIZE_INFEASIBLE,
                  VPA_RESIZE_IN_PROGRESS,
                  VPA_RESIZE_ERROR,
                  VPA_RESIZE_UNKNOWN
};

struct vpa_live_pod {
    const char *name;
    bool pending;
    bool has_start;
    simtime start; /* status.startTime */
    enum vpa_resize resize;
    simtime resize_since; /* when the updater first saw it resize */
    bool resize_restarts; /* a container's resizePolicy says RestartContainer */
    const struct vpa_pod_container *containers;
    size_t container_count;
};

/* A LimitRange's items of one type, the strictest of all. */
struct vpa_limit_range {
    bool given;
    struct vpa_resources min;
    struct vpa_resources max;
    struct vpa_resources default_limit;
};

struct vpa_limit_ranges {
    struct vpa_limit_range container;
    struct vpa_limit_range pod;
};

#endif
