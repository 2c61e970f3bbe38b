/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of metrics-server's store, on plain points: which earlier point a
 * new one is compared with, and what usage comes of the two. metrics-server v0.9.0,
 * pkg/storage/pod.go (podStorage.Store) and types.go (resourceUsage).
 */
#ifndef METRICS_STORE_H
#define METRICS_STORE_H

#include "engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

/* MetricsPoint. present false: there is none. */
struct metrics_point {
    simtime start;
    simtime timestamp;
    uint64_t cpu; /* core-nanoseconds since start */
    uint64_t memory;
    bool present;
};

/* One container's place in the store. */
struct container_store {
    struct metrics_point last;
    struct metrics_point prev;
};

/* Go's zero time.Time, as start or timestamp; a window from there is SIMTIME_NEVER. */
#define METRICS_NO_TIME (-SIMTIME_NEVER)

/*
 * A batch has this point of the container: last and prev follow. A batch without it (failed
 * scrape, dropped pod) is container_store_drop. pod_has_prev: before this batch, some container
 * of the pod had a prev.
 */
void container_store_put(struct container_store *s, const struct metrics_point *point,
                         simtime resolution, bool pod_has_prev);
void container_store_drop(struct container_store *s);

/* resourceUsage: false when start time or counter went down; cpu in nanocores. */
bool metrics_usage(const struct metrics_point *last, const struct metrics_point *prev,
                   uint64_t *nanocores, simtime *window);

/* Quantity.MilliValue() of nanocores: rounded up. */
int64_t metrics_milli_cores(uint64_t nanocores);

#endif
