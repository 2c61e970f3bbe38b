/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync of a StatefulSet: updateStatefulSet, processReplica, processCondemned, updateStatus
 * (stateful_set_control.go), newVersionedStatefulSetPod, completeRollingUpdate
 * (stateful_set_utils.go), Kubernetes v1.36.3; the gate MaxUnavailableStatefulSet is off.
 *
 * The idea: ordinals upward until each is there and available, then surplus ones downward, then
 * one pod of an old revision from the top. OrderedReady stops at the first that is not as it
 * should be; Parallel goes through all, but updates one by one like the other.
 * The traps: a set that never gets ready is never updated; a terminating pod still counts as
 * ready; pods below the partition are made anew from the current revision; what a sync makes is
 * not in the status it writes.
 */
#include "control/apps/statefulset.h"

#define MAX_BATCH 500 /* stateful_set_control.go: MaxBatchSize */

/* A place in the set: its pod, or none yet. */
struct place {
    size_t pod; /* index, NO_POD */
    int32_t ordinal;
    uint64_t revision;
};

#define NO_POD SIZE_MAX

struct statefulset_sync {
    const struct statefulset_spec *spec;
    const struct statefulset_pod *pods;
    const struct apps_admission *admission;
    simtime now;
    struct place *places; /* ordinals of the set, upward */
    size_t *condemned;    /* pods beyond it, highest ordinal first */
    size_t condemned_count;
    size_t first_unavailable; /* pod; NO_POD also when a place is empty before */
    struct statefulset_decision d;
};

static bool is_ready(const struct apps_pod *pod)
{
    return pod->phase == POD_RUNNING && pod->ready;
}

static bool is_available(const struct statefulset_sync *s, size_t pod)
{
    return apps_pod_available(&s->pods[pod].pod, s->spec->min_ready_seconds, s->now);
}

/* isUnavailable; an empty place is */
static bool is_unavailable(const struct statefulset_sync *s, size_t pod)
{
    return pod == NO_POD || !is_available(s, pod) || s->pods[pod].pod.terminating;
}

static void count_pod(const struct statefulset_sync *s, struct statefulset_status *status,
                      size_t index)
{
    const struct statefulset_pod *pod = &s->pods[index];
    status->replicas++;
    if (is_ready(&pod->pod)) {
        status->ready++;
        status->available += is_available(s, index);
    }
    if (!pod->pod.terminating) {
        status->current += pod->revision == status->current_revision;
        status->updated += pod->revision == status->update_revision;
    }
}

/* In the set's order and beyond it: pods with an ordinal below the start are condemned, too. */
static void partition_pods(struct statefulset_sync *s, size_t count)
{
    int64_t end = (int64_t)s->spec->start + s->spec->replicas;
    for (int32_t i = 0; i < s->spec->replicas; i++) {
        bool old = !s->spec->on_delete && i < s->spec->partition;
        s->places[i] = (struct place){.pod = NO_POD,
                                      .ordinal = s->spec->start + i,
                                      .revision = old ? s->d.status.current_revision
                                                      : s->d.status.update_revision};
    }
    for (size_t i = 0; i < count; i++) {
        int32_t ordinal = s->pods[i].ordinal;
        if (ordinal >= s->spec->start && ordinal < end) {
            s->places[ordinal - s->spec->start].pod = i;
            s->places[ordinal - s->spec->start].revision = s->pods[i].revision;
            continue;
        }
        size_t j = s->condemned_count++;
        for (; j > 0 && s->pods[s->condemned[j - 1]].ordinal < ordinal; j--)
            s->condemned[j] = s->condemned[j - 1];
        s->condemned[j] = i;
    }
}

/* The first of the set that is not available, else the lowest of the condemned. */
static void find_first_unavailable(struct statefulset_sync *s)
{
    s->first_unavailable = NO_POD;
    for (int32_t i = 0; i < s->spec->replicas; i++)
        if (is_unavailable(s, s->places[i].pod)) {
            s->first_unavailable = s->places[i].pod;
            return;
        }
    for (size_t i = s->condemned_count; i-- > 0;)
        if (is_unavailable(s, s->condemned[i])) {
            s->first_unavailable = s->condemned[i];
            return;
        }
}

static void remove_pod(struct statefulset_sync *s, size_t pod)
{
    s->d.removes[s->d.remove_count++] = pod;
}

static bool create_pod(struct statefulset_sync *s, const struct place *place)
{
    if ((int64_t)s->d.create_count >= s->admission->left) {
        s->d.refused++;
        s->d.error = s->admission->refusal;
        return false;
    }
    s->d.creates[s->d.create_count++] =
        (struct statefulset_create){.ordinal = place->ordinal, .revision = place->revision};
    return true;
}

/* processReplica; true when an ordered set must wait here */
static bool process_place(struct statefulset_sync *s, const struct place *place)
{
    if (place->pod == NO_POD) {
        create_pod(s, place);
        return true;
    }
    const struct apps_pod *pod = &s->pods[place->pod].pod;
    if (pod->phase == POD_FAILED || pod->phase == POD_SUCCEEDED) {
        if (!pod->terminating)
            remove_pod(s, place->pod);
        return true;
    }
    return pod->terminating || !is_ready(pod) || !is_available(s, place->pod);
}

/* Upward until one is not as it should be. */
static bool process_in_order(struct statefulset_sync *s)
{
    for (int32_t i = 0; i < s->spec->replicas; i++)
        if (process_place(s, &s->places[i]))
            return true;
    return false;
}

/*
 * All of them, in batches of 1, 2, 4, ... that end at the first error. A batch is started at once;
 * Go's scheduler runs the one started last first, then the others in turn.
 */
static bool process_all(struct statefulset_sync *s)
{
    int32_t batch = 1;
    for (int32_t i = 0; i < s->spec->replicas;) {
        int32_t left = s->spec->replicas - i;
        batch = batch < left ? batch : left;
        batch = batch < MAX_BATCH ? batch : MAX_BATCH;
        process_place(s, &s->places[i + batch - 1]);
        for (int32_t k = 0; k + 1 < batch; k++)
            process_place(s, &s->places[i + k]);
        if (s->d.error)
            return true;
        i += batch;
        batch *= 2;
    }
    return false;
}

/* processCondemned; true when an ordered set must wait here */
static bool process_condemned(struct statefulset_sync *s, size_t pod)
{
    if (s->pods[pod].pod.terminating)
        return true;
    bool healthy = is_ready(&s->pods[pod].pod) && is_available(s, pod);
    if (!s->spec->parallel && !healthy && pod != s->first_unavailable)
        return true;
    remove_pod(s, pod);
    return true;
}

/* True when the set is not yet as large as it should be. */
static bool process_surplus(struct statefulset_sync *s)
{
    for (size_t i = 0; i < s->condemned_count; i++)
        if (process_condemned(s, s->condemned[i]) && !s->spec->parallel)
            return true;
    return false;
}

/* One pod of another revision, from the top; waits for the one before it. */
static void update_one(struct statefulset_sync *s)
{
    for (int32_t i = s->spec->replicas; i-- > s->spec->partition;) {
        const struct place *place = &s->places[i];
        bool terminating = place->pod != NO_POD && s->pods[place->pod].pod.terminating;
        if (place->revision != s->d.status.update_revision && !terminating) {
            if (place->pod != NO_POD)
                remove_pod(s, place->pod);
            s->d.status.current--;
            return;
        }
        if (is_unavailable(s, place->pod))
            return;
    }
}

/* completeRollingUpdate */
static void complete_update(struct statefulset_sync *s)
{
    struct statefulset_status *status = &s->d.status;
    if (s->spec->on_delete || status->updated != s->spec->replicas ||
        status->ready != s->spec->replicas || status->replicas != s->spec->replicas)
        return;
    status->current = status->updated;
    status->current_revision = status->update_revision;
}

/* inconsistentStatus */
static bool status_differs(const struct statefulset_status *x, const struct statefulset_status *y)
{
    return y->observed_generation > x->observed_generation || x->replicas != y->replicas ||
           x->current != y->current || x->ready != y->ready || x->updated != y->updated ||
           x->available != y->available || x->current_revision != y->current_revision ||
           x->update_revision != y->update_revision;
}

/* syncStatefulSet: the next availability check, over all pods */
static simtime next_check(const struct statefulset_sync *s, size_t count)
{
    simtime next = SIMTIME_NEVER;
    if (s->spec->min_ready_seconds <= 0 || s->d.status.ready == s->d.status.available)
        return next;
    for (size_t i = 0; i < count; i++) {
        simtime after = apps_next_available(&s->pods[i].pod, s->spec->min_ready_seconds, s->now);
        next = after < next ? after : next;
    }
    return next != SIMTIME_NEVER ? next : s->spec->min_ready_seconds * SIMTIME_SECOND;
}

static void take_steps(struct statefulset_sync *s)
{
    if (s->spec->parallel ? process_all(s) : process_in_order(s))
        return;
    if (process_surplus(s) || s->spec->on_delete)
        return;
    update_one(s);
}

struct statefulset_decision statefulset_decide(struct arena *a, const struct statefulset_spec *spec,
                                               const struct statefulset_status *status,
                                               const struct statefulset_pod *pods, size_t count,
                                               const struct apps_admission *admission, simtime now)
{
    struct statefulset_sync s = {.spec = spec,
                                 .pods = pods,
                                 .admission = admission,
                                 .now = now,
                                 .places = arena_array(a, struct place, (size_t)spec->replicas),
                                 .condemned = arena_array(a, size_t, count)};
    s.d.creates = arena_array(a, struct statefulset_create, (size_t)spec->replicas);
    s.d.removes = arena_array(a, size_t, count + 1);
    s.d.status.observed_generation = spec->generation;
    s.d.status.update_revision = spec->revision;
    s.d.status.current_revision =
        status->current_revision != 0 ? status->current_revision : spec->revision;
    for (size_t i = 0; i < count; i++)
        count_pod(&s, &s.d.status, i);
    partition_pods(&s, count);
    find_first_unavailable(&s);
    take_steps(&s);
    complete_update(&s);
    s.d.status_changed = status_differs(status, &s.d.status);
    s.d.again_after = s.d.error ? SIMTIME_NEVER : next_check(&s, count);
    return s.d;
}
