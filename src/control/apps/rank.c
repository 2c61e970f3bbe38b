/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deletion order of a ReplicaSet's pods: ActivePodsWithRanks in
 * pkg/controller/controller_utils.go, Kubernetes v1.36.
 *
 * Ages are compared on a log2 scale (LogarithmicScaleDown): pods of one scale-up
 * are mostly in one bucket, where the UID decides, so a scale-down does not
 * reliably take the newest. The relation is not transitive in mixed cases; a
 * selection by repeated minimum is defined even then.
 */
#include "control/apps/rank.h"

static int by_number(int64_t x, int64_t y)
{
    return (x > y) - (x < y);
}

/* trunc(log2(age)), -1 for nothing or the future. */
static int age_bucket(simtime since, simtime now)
{
    int64_t age = now - since;
    int bucket = -1;
    for (; age > 0; age >>= 1)
        bucket++;
    return bucket;
}

/* Younger bucket first, then the smaller UID. */
static int by_age(simtime x, simtime y, uint64_t uid_x, uint64_t uid_y, simtime now)
{
    int bucket = by_number(age_bucket(x, now), age_bucket(y, now));
    if (bucket)
        return bucket;
    return (uid_x > uid_y) - (uid_x < uid_y);
}

static int by_ready_time(const struct rank_pod *x, const struct rank_pod *y, simtime now)
{
    if (x->ready_since == y->ready_since)
        return 0;
    if (x->ready_since == SIMTIME_NEVER)
        return -1;
    if (y->ready_since == SIMTIME_NEVER)
        return 1;
    return by_age(x->ready_since, y->ready_since, x->uid, y->uid, now);
}

int rank_compare(const struct rank_pod *x, const struct rank_pod *y, simtime now)
{
    if (x->scheduled != y->scheduled)
        return x->scheduled ? 1 : -1;
    if (x->phase != y->phase)
        return by_number(x->phase, y->phase);
    if (x->ready != y->ready)
        return x->ready ? 1 : -1;
    if (x->deletion_cost != y->deletion_cost)
        return by_number(x->deletion_cost, y->deletion_cost);
    if (x->on_node != y->on_node)
        return by_number(y->on_node, x->on_node);
    if (x->ready && x->ready_since != y->ready_since)
        return by_ready_time(x, y, now);
    if (x->restarts != y->restarts)
        return by_number(y->restarts, x->restarts);
    if (x->sidecar_restarts != y->sidecar_restarts)
        return by_number(y->sidecar_restarts, x->sidecar_restarts);
    if (x->created != y->created)
        return by_age(x->created, y->created, x->uid, y->uid, now);
    return (x->uid > y->uid) - (x->uid < y->uid);
}

void rank_select(struct rank_pod *pods, size_t total, size_t count, simtime now)
{
    for (size_t i = 0; i < count && i < total; i++) {
        size_t first = i;
        for (size_t j = i + 1; j < total; j++)
            if (rank_compare(&pods[j], &pods[first], now) < 0)
                first = j;
        struct rank_pod taken = pods[first];
        pods[first] = pods[i];
        pods[i] = taken;
    }
}
