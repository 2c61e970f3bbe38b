/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a pod that did not fit is tried again, and which pod comes first (Kubernetes v1.36.3
 * pkg/scheduler/backend/queue, plugins/queuesort). Times are Unix nanoseconds, since the
 * back-off's windows are whole seconds of the wall clock.
 */
#ifndef CONTROL_SCHEDULER_QUEUE_H
#define CONTROL_SCHEDULER_QUEUE_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

#define QUEUE_INITIAL_BACKOFF   (1 * SIMTIME_SECOND)
#define QUEUE_MAX_BACKOFF       (10 * SIMTIME_SECOND)
#define QUEUE_WINDOW            SIMTIME_SECOND
#define QUEUE_FLUSH_PERIOD      (30 * SIMTIME_SECOND)  /* of the unschedulable pods' pool */
#define QUEUE_MAX_UNSCHEDULABLE (300 * SIMTIME_SECOND) /* older ones are tried without an event */

struct queued_pod {
    int32_t priority;
    simtime queued;   /* when it was last added to a queue */
    int32_t attempts; /* that found no node */
    uint64_t id;      /* order of creation: the last tie */
};

/* 1, 2, 4, 8, 10, 10, ... seconds; 0 before the first attempt. */
simtime queue_backoff(int32_t attempts);
/* The first instant at which the back-off is over: a whole second. */
simtime queue_backoff_end(const struct queued_pod *pod);
/* PrioritySort: < 0 when x is scheduled first; never 0 for different pods. */
int queue_compare(const struct queued_pod *x, const struct queued_pod *y);
/* The order within the back-off queue: by window, then as above. */
int queue_compare_backoff(const struct queued_pod *x, const struct queued_pod *y);

#endif
