/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which two points a container's usage is the slope between. metrics-server v0.9.0,
 * pkg/storage/pod.go (Store) and types.go (resourceUsage).
 *
 * A young container is compared with its own start, but only while it is at least
 * 10 s and less than one resolution old; later it needs two samples of its own. Trap:
 * the same sample seen again keeps its predecessor, and a batch without the container
 * forgets both points at once. Where only other containers of the pod have a
 * predecessor, upstream reads a map entry that is not there and keeps Go's zero time:
 * such a container is served with (almost) no usage over 292 years.
 */
#include "metrics/store.h"

#define FRESH_CONTAINER_MIN (10 * SIMTIME_SECOND) /* freshContainerMinMetricsResolution */

void container_store_put(struct container_store *s, const struct metrics_point *point,
                         simtime resolution, bool pod_has_prev)
{
    struct metrics_point prev = {0};
    simtime age = point->timestamp - point->start;
    if (age >= FRESH_CONTAINER_MIN && age < resolution) {
        prev = *point;
        prev.timestamp = point->start;
        prev.cpu = 0;
        prev.present = true;
    } else if (s->last.present && point->start < s->last.timestamp) {
        if (point->timestamp > s->last.timestamp)
            prev = s->last;
        else if (s->prev.present && s->prev.timestamp < point->timestamp)
            prev = s->prev;
        else if (!s->prev.present && pod_has_prev)
            prev = (struct metrics_point){METRICS_NO_TIME, METRICS_NO_TIME, 0, 0, true};
    }
    s->prev = prev;
    s->last = *point;
    s->last.present = true;
}

void container_store_drop(struct container_store *s)
{
    s->last.present = false;
    s->prev.present = false;
}

bool metrics_usage(const struct metrics_point *last, const struct metrics_point *prev,
                   uint64_t *nanocores, simtime *window)
{
    if (last->start < prev->start || last->cpu < prev->cpu)
        return false;
    *window =
        prev->timestamp == METRICS_NO_TIME ? SIMTIME_NEVER : last->timestamp - prev->timestamp;
    *nanocores = (uint64_t)((double)(last->cpu - prev->cpu) / simtime_to_seconds(*window));
    return true;
}

int64_t metrics_milli_cores(uint64_t nanocores)
{
    return (int64_t)(nanocores / 1000000 + (nanocores % 1000000 != 0));
}
