/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync of a ReplicaSet: syncReplicaSet and manageReplicas (replica_set.go), calculateStatus
 * (replica_set_utils.go), the availability rules of controller_utils.go and api/v1/pod/util.go;
 * Kubernetes v1.36.3.
 *
 * The traps: the status counts the pods that the sync began with, so what it makes shows up only
 * after the next one; a failed batch ends the sync, and every later sync before the retry that
 * fails too doubles the retry's delay once more; the failure's text stays the first one's.
 */
#include "control/apps/replicaset.h"

#include <string.h>

bool apps_pod_active(const struct apps_pod *pod)
{
    return pod->phase != POD_SUCCEEDED && pod->phase != POD_FAILED && !pod->terminating;
}

bool apps_pod_terminating(const struct apps_pod *pod)
{
    return pod->phase != POD_SUCCEEDED && pod->phase != POD_FAILED && pod->terminating;
}

bool apps_pod_available(const struct apps_pod *pod, int32_t min_ready_seconds, simtime now)
{
    if (!pod->ready)
        return false;
    if (min_ready_seconds == 0)
        return true;
    return pod->ready_since != SIMTIME_NEVER &&
           pod->ready_since + min_ready_seconds * SIMTIME_SECOND <= now;
}

simtime apps_next_available(const struct apps_pod *pod, int32_t min_ready_seconds, simtime now)
{
    if (!pod->ready || min_ready_seconds <= 0 || pod->ready_since == SIMTIME_NEVER)
        return SIMTIME_NEVER;
    simtime after = pod->ready_since + min_ready_seconds * SIMTIME_SECOND - now;
    return after > 0 ? after : SIMTIME_NEVER;
}

static int32_t smaller(int32_t x, int32_t y)
{
    return x < y ? x : y;
}

struct slow_start slow_start(int32_t wanted, int32_t admissible, int32_t batch_limit)
{
    struct slow_start result = {0};
    int32_t batch = smaller(wanted, 1);
    if (admissible < 0)
        admissible = 0;
    while (batch > 0) {
        int32_t good = smaller(batch, admissible - result.created);
        result.created += good;
        if (good < batch) {
            result.refused = batch - good;
            return result;
        }
        int32_t left = wanted - result.created;
        batch = batch > INT32_MAX / 2 ? left : smaller(2 * batch, left);
        if (batch_limit > 0)
            batch = smaller(batch, batch_limit);
    }
    return result;
}

const char *replica_failure_reason(enum replica_failure failure)
{
    switch (failure) {
    case REPLICA_FAILURE_CREATE:
        return "FailedCreate";
    case REPLICA_FAILURE_DELETE:
        return "FailedDelete";
    case REPLICA_FAILURE_NONE:
        break;
    }
    return "";
}

/* replica_set_utils.go: calculateStatus */
static struct replicaset_status calculate_status(const struct replicaset_spec *spec,
                                                 const struct replicaset_status *old,
                                                 const struct apps_pod *pods, size_t count,
                                                 const char *error, simtime now)
{
    struct replicaset_status status = *old;
    status.replicas = status.ready = status.available = status.terminating = 0;
    for (size_t i = 0; i < count; i++) {
        status.terminating += apps_pod_terminating(&pods[i]);
        if (!apps_pod_active(&pods[i]))
            continue;
        status.replicas++;
        status.ready += pods[i].ready;
        status.available += apps_pod_available(&pods[i], spec->min_ready_seconds, now);
    }
    if (error && old->failure == REPLICA_FAILURE_NONE) {
        status.failure =
            status.replicas < spec->replicas ? REPLICA_FAILURE_CREATE : REPLICA_FAILURE_DELETE;
        status.failed_since = now;
        status.failure_message = error;
    } else if (!error) {
        status.failure = REPLICA_FAILURE_NONE;
        status.failed_since = 0;
        status.failure_message = NULL;
    }
    return status;
}

/* replica_set_utils.go: updateReplicaSetStatus writes only what differs. */
static bool status_differs(const struct replicaset_spec *spec, const struct replicaset_status *x,
                           const struct replicaset_status *y)
{
    return x->replicas != y->replicas || x->ready != y->ready || x->available != y->available ||
           x->terminating != y->terminating || x->failure != y->failure ||
           spec->generation != x->observed_generation;
}

/* replica_set.go: manageReplicas */
static void manage_replicas(struct replicaset_decision *d, int32_t active, int32_t wanted,
                            const struct apps_admission *admission)
{
    if (active > wanted) {
        d->remove = smaller(active - wanted, REPLICASET_BURST);
        return;
    }
    struct slow_start made =
        slow_start(smaller(wanted - active, REPLICASET_BURST), admission->left, 0);
    d->create = made.created;
    d->refused = made.refused;
    d->error = made.refused > 0 ? admission->refusal : NULL;
}

/* controller_utils.go: FindMinNextPodAvailabilityCheck, with the safeguard of syncReplicaSet */
static simtime next_check(const struct replicaset_spec *spec, const struct apps_pod *pods,
                          size_t count, simtime now)
{
    simtime next = SIMTIME_NEVER;
    for (size_t i = 0; i < count; i++) {
        if (!apps_pod_active(&pods[i]))
            continue;
        simtime after = apps_next_available(&pods[i], spec->min_ready_seconds, now);
        next = after < next ? after : next;
    }
    return next != SIMTIME_NEVER ? next : spec->min_ready_seconds * SIMTIME_SECOND;
}

struct replicaset_decision replicaset_decide(const struct replicaset_spec *spec,
                                             const struct replicaset_status *status,
                                             const struct apps_pod *pods, size_t count,
                                             const struct apps_admission *admission, simtime now)
{
    struct replicaset_decision d = {.again_after = SIMTIME_NEVER};
    int32_t active = 0;
    for (size_t i = 0; i < count; i++)
        active += apps_pod_active(&pods[i]);
    manage_replicas(&d, active, spec->replicas, admission);
    d.status = calculate_status(spec, status, pods, count, d.error, now);
    d.status_changed = status_differs(spec, status, &d.status);
    if (d.status_changed)
        d.status.observed_generation = spec->generation;
    if (!d.error && spec->min_ready_seconds > 0 && d.status.ready != d.status.available)
        d.again_after = next_check(spec, pods, count, now);
    return d;
}

simtime apps_retry_delay(uint32_t failures)
{
    const simtime most = 1000 * SIMTIME_SECOND;
    if (failures >= 18)
        return most;
    simtime delay = (5 * SIMTIME_MILLISECOND) << failures;
    return delay < most ? delay : most;
}
