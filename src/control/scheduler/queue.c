/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduling queue's order and patience. Upstream: Kubernetes v1.36.3
 * pkg/scheduler/backend/queue/backoff_queue.go, plugins/queuesort/priority_sort.go.
 *
 * The traps: the end of a back-off is cut to its second and the pod leaves when that second
 * is over, so a pod that failed at 0.3 s with 1 s of back-off is tried at 2 s; when no other
 * pod waits, one that backs off is tried at once (SchedulerPopFromBackoffQ, on by default),
 * but only after an event that could help has taken it out of the unschedulable pods' pool.
 */
#include "control/scheduler/queue.h"

simtime queue_backoff(int32_t attempts)
{
    if (attempts <= 0) {
        return 0;
    }
    const int32_t shift = attempts - 1;
    if (shift >= 62 || QUEUE_INITIAL_BACKOFF > QUEUE_MAX_BACKOFF >> shift) {
        return QUEUE_MAX_BACKOFF;
    }
    return QUEUE_INITIAL_BACKOFF << shift;
}

/* time.Truncate; times before 1970 do not occur. */
static simtime window_of(const struct queued_pod *pod)
{
    const simtime end = pod->queued + queue_backoff(pod->attempts);
    return end - end % QUEUE_WINDOW;
}

simtime queue_backoff_end(const struct queued_pod *pod)
{
    return pod->attempts > 0 ? window_of(pod) + QUEUE_WINDOW : pod->queued;
}

int queue_compare(const struct queued_pod *x, const struct queued_pod *y)
{
    if (x->priority != y->priority) {
        return x->priority > y->priority ? -1 : 1;
    }
    if (x->queued != y->queued) {
        return x->queued < y->queued ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

int queue_compare_backoff(const struct queued_pod *x, const struct queued_pod *y)
{
    const simtime wx = window_of(x);
    const simtime wy = window_of(y);
    if (wx != wy) {
        return wx < wy ? -1 : 1;
    }
    return queue_compare(x, y);
}
