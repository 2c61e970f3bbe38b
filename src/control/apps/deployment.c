/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync of a Deployment: syncDeployment (deployment_controller.go), getNewReplicaSet and
 * cleanupDeployment (sync.go), rolloutRolling (rolling.go), rolloutRecreate (recreate.go),
 * Kubernetes v1.36.3.
 *
 * The idea: paused or scaled, the size is shared out; else the strategy takes one step: make or
 * grow the new ReplicaSet, else shrink the old ones (unhealthy pods first), else clean up.
 * The traps: totals are spec.replicas and availability is status, which lags behind a scale just
 * made; a template equal to an older ReplicaSet's takes that one up again; Recreate waits for
 * terminating pods, the rolling update does not count them at all.
 */
#include "deployment_internal.h"

#include <string.h>

bool deployment_is_old(const struct deployment_sync *s, size_t rs)
{
    return rs != s->new_set;
}

int32_t deployment_total(const struct deployment_sync *s)
{
    int32_t total = 0;
    for (size_t i = 0; i < s->count; i++)
        total += s->seen[i].replicas;
    return total;
}

/* ReplicaSetsByCreationTimestamp */
static bool is_older(const struct deployment_replicaset *x, const struct deployment_replicaset *y)
{
    if (x->created != y->created)
        return x->created < y->created;
    return strcmp(x->name, y->name) < 0;
}

static void sort_by_creation(struct deployment_sync *s)
{
    for (size_t i = 0; i < s->count; i++) {
        size_t j = i;
        for (; j > 0 && is_older(&s->seen[i], &s->seen[s->order[j - 1]]); j--)
            s->order[j] = s->order[j - 1];
        s->order[j] = i;
    }
}

/* util: FindNewReplicaSet, the oldest of that template */
static void find_new_set(struct deployment_sync *s)
{
    s->new_set = NO_SET;
    for (size_t i = 0; i < s->count && s->new_set == NO_SET; i++)
        if (s->seen[s->order[i]].template_id == s->spec->template_id)
            s->new_set = s->order[i];
}

/* One more than the old ones' highest. */
static int64_t next_revision(const struct deployment_sync *s)
{
    int64_t highest = 0;
    for (size_t i = 0; i < s->count; i++)
        if (deployment_is_old(s, i) && s->seen[i].revision > highest)
            highest = s->seen[i].revision;
    return highest + 1;
}

/* getNewReplicaSet, when there is one: its revision and minReadySeconds follow. */
static void take_up_new_set(struct deployment_sync *s)
{
    struct deployment_replicaset *set = &s->live[s->new_set];
    int64_t revision = next_revision(s);
    if (set->revision < revision || set->min_ready_seconds != s->spec->min_ready_seconds) {
        set->revision = set->revision < revision ? revision : set->revision;
        set->min_ready_seconds = s->spec->min_ready_seconds;
        deployment_act(s, DEPLOYMENT_UPDATE, s->new_set, set->replicas);
        s->seen[s->new_set] = *set;
        return;
    }
    s->status.revision = set->revision;
    if (s->spec->progress_deadline_seconds != INT32_MAX &&
        s->status.progressing.status == CONDITION_ABSENT)
        deployment_set_condition(&s->status.progressing, CONDITION_TRUE,
                                 DEPLOYMENT_FOUND_NEW_REPLICASET, set->name, s->stamp);
}

/* util: NewRSNewReplicas */
static int32_t new_set_size(const struct deployment_sync *s, int32_t size)
{
    if (s->spec->recreate)
        return s->spec->replicas;
    int32_t room = s->spec->replicas + deployment_max_surge(s->spec) - deployment_total(s);
    int32_t missing = s->spec->replicas - size;
    if (room <= 0)
        return size;
    return size + (room < missing ? room : missing);
}

/* getNewReplicaSet, when there is none. */
static void create_new_set(struct deployment_sync *s)
{
    struct deployment_replicaset set = {
        .name = s->new_name,
        .template_id = s->spec->template_id,
        .created = s->stamp,
        .min_ready_seconds = s->spec->min_ready_seconds,
        .replicas = new_set_size(s, 0),
        .revision = next_revision(s),
        .desired_replicas = s->spec->replicas,
        .max_replicas = s->spec->replicas + deployment_max_surge(s->spec),
    };
    s->new_set = s->count;
    s->order[s->count] = s->count;
    s->seen[s->count] = s->live[s->count] = set;
    s->count++;
    deployment_act(s, DEPLOYMENT_CREATE, s->new_set, 0);
    s->status.revision = set.revision;
    if (s->spec->progress_deadline_seconds != INT32_MAX)
        deployment_set_condition(&s->status.progressing, CONDITION_TRUE,
                                 DEPLOYMENT_NEW_REPLICASET_CREATED, set.name, s->stamp);
}

/* rolling.go: reconcileNewReplicaSet; true when it was scaled */
static bool reconcile_new(struct deployment_sync *s)
{
    int32_t size = s->seen[s->new_set].replicas;
    if (size == s->spec->replicas)
        return false;
    int32_t wanted = size > s->spec->replicas ? s->spec->replicas : new_set_size(s, size);
    return deployment_scale_set(s, s->new_set, wanted, false);
}

static int32_t smaller(int32_t x, int32_t y)
{
    return x < y ? x : y;
}

/* rolling.go: cleanupUnhealthyReplicas, oldest first; the number taken */
static int32_t clean_up_unhealthy(struct deployment_sync *s, int32_t most)
{
    int32_t done = 0;
    for (size_t i = 0; i < s->count && done < most; i++) {
        size_t rs = s->order[i];
        const struct deployment_replicaset *set = &s->live[rs];
        if (!deployment_is_old(s, rs) || set->replicas == 0 ||
            set->replicas == set->status.available)
            continue;
        int32_t n = smaller(most - done, set->replicas - set->status.available);
        if (n < 0) /* upstream: an error ends the step, nothing more is scaled */
            return -1;
        deployment_scale_set(s, rs, set->replicas - n, false);
        done += n;
    }
    return done;
}

/* rolling.go: scaleDownOldReplicaSetsForRollingUpdate */
static int32_t scale_down_available(struct deployment_sync *s, int32_t min_available)
{
    int32_t spare = -min_available;
    int32_t done = 0;
    for (size_t i = 0; i < s->count; i++) /* inactive ones are not in upstream's list */
        if (i == s->new_set || s->seen[i].replicas > 0)
            spare += s->seen[i].status.available;
    for (size_t i = 0; i < s->count && done < spare; i++) {
        size_t rs = s->order[i];
        if (!deployment_is_old(s, rs) || s->live[rs].replicas == 0)
            continue;
        int32_t n = smaller(s->live[rs].replicas, spare - done);
        deployment_scale_set(s, rs, s->live[rs].replicas - n, false);
        done += n;
    }
    return done;
}

/* rolling.go: reconcileOldReplicaSets; true when any was scaled */
static bool reconcile_old(struct deployment_sync *s)
{
    const struct deployment_replicaset *new_set = &s->seen[s->new_set];
    int32_t total = deployment_total(s);
    if (total == new_set->replicas)
        return false;
    int32_t min_available = s->spec->replicas - deployment_max_unavailable(s->spec);
    int32_t most = total - min_available - (new_set->replicas - new_set->status.available);
    if (most <= 0)
        return false;
    int32_t unhealthy = clean_up_unhealthy(s, most);
    if (unhealthy < 0)
        return false;
    return unhealthy + scale_down_available(s, min_available) > 0;
}

static bool before_by_revision(const struct deployment_replicaset *x,
                               const struct deployment_replicaset *y)
{
    return x->revision != y->revision ? x->revision < y->revision : is_older(x, y);
}

/* sync.go: cleanupDeployment; ReplicaSets beyond the history limit go, if nothing is left of them */
static void clean_up_history(struct deployment_sync *s)
{
    size_t *old = arena_array(s->arena, size_t, s->count);
    size_t count = 0;
    if (s->spec->revision_history_limit == INT32_MAX)
        return;
    for (size_t i = 0; i < s->count; i++) {
        size_t rs = s->order[i];
        if (!deployment_is_old(s, rs) || s->live[rs].deleting)
            continue;
        size_t j = count++;
        for (; j > 0 && before_by_revision(&s->live[rs], &s->live[old[j - 1]]); j--)
            old[j] = old[j - 1];
        old[j] = rs;
    }
    int64_t surplus = (int64_t)count - s->spec->revision_history_limit;
    for (int64_t i = 0; i < surplus; i++) {
        const struct deployment_replicaset *set = &s->live[old[i]];
        if (set->status.replicas == 0 && set->replicas == 0 &&
            set->generation <= set->status.observed_generation)
            deployment_act(s, DEPLOYMENT_DELETE, old[i], 0);
    }
}

static void roll(struct deployment_sync *s)
{
    if (s->new_set == NO_SET)
        create_new_set(s);
    if (reconcile_new(s) || reconcile_old(s))
        return;
    if (deployment_complete(s->spec, &s->status))
        clean_up_history(s);
}

/* recreate.go: oldPodsRunning */
static bool old_pods_running(const struct deployment_sync *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (deployment_is_old(s, i) && (s->seen[i].status.replicas > 0 || s->seen[i].has_pods))
            return true;
    return false;
}

static void recreate(struct deployment_sync *s)
{
    bool scaled = false;
    for (size_t i = 0; i < s->count; i++)
        if (deployment_is_old(s, s->order[i]) && s->seen[s->order[i]].replicas > 0)
            scaled |= deployment_scale_set(s, s->order[i], 0, false);
    if (scaled || old_pods_running(s))
        return;
    if (s->new_set == NO_SET)
        create_new_set(s);
    deployment_scale_set(s, s->new_set, s->spec->replicas, false);
    if (deployment_complete(s->spec, &s->status))
        clean_up_history(s);
}

/* checkPausedConditions */
static void check_paused(struct deployment_sync *s)
{
    struct deployment_condition *progressing = &s->status.progressing;
    if (s->spec->progress_deadline_seconds == INT32_MAX ||
        (progressing->status != CONDITION_ABSENT &&
         progressing->reason == DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED))
        return;
    bool known =
        progressing->status != CONDITION_ABSENT && progressing->reason == DEPLOYMENT_PAUSED;
    if (s->spec->paused && !known)
        deployment_set_condition(progressing, CONDITION_UNKNOWN, DEPLOYMENT_PAUSED, NULL, s->stamp);
    else if (!s->spec->paused && known)
        deployment_set_condition(progressing, CONDITION_UNKNOWN, DEPLOYMENT_RESUMED, NULL,
                                 s->stamp);
}

/* isScalingEvent: an active ReplicaSet was last scaled for another size of the Deployment. */
static bool is_scaling_event(const struct deployment_sync *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->seen[i].replicas > 0 && s->seen[i].desired_replicas >= 0 &&
            s->seen[i].desired_replicas != s->spec->replicas)
            return true;
    return false;
}

/* syncDeployment; false after a step of scaling, which leaves the progress alone */
static bool take_step(struct deployment_sync *s)
{
    check_paused(s);
    find_new_set(s);
    if (s->new_set != NO_SET)
        take_up_new_set(s);
    if (s->spec->paused || is_scaling_event(s)) {
        deployment_scale(s);
        if (s->spec->paused)
            clean_up_history(s);
        return false;
    }
    if (s->spec->recreate)
        recreate(s);
    else
        roll(s);
    return true;
}

struct deployment_decision deployment_decide(struct arena *a, const struct deployment_spec *spec,
                                             const struct deployment_status *status,
                                             const struct deployment_replicaset *sets, size_t count,
                                             const char *new_name, simtime now, simtime stamp)
{
    struct deployment_sync s = {.arena = a,
                                .spec = spec,
                                .status = *status,
                                .seen = arena_array(a, struct deployment_replicaset, count + 1),
                                .live = arena_array(a, struct deployment_replicaset, count + 1),
                                .count = count,
                                .order = arena_array(a, size_t, count + 1),
                                .new_name = new_name,
                                .now = now,
                                .stamp = stamp};
    struct deployment_decision d = {.again_after = SIMTIME_NEVER};
    for (size_t i = 0; i < count; i++)
        s.seen[i] = s.live[i] = sets[i];
    sort_by_creation(&s);
    bool rollout = take_step(&s);
    d.status =
        rollout ? deployment_rollout_status(&s, &d.again_after) : deployment_calculate_status(&s);
    d.status_changed = !deployment_status_equal(status, &d.status);
    d.actions = s.actions.items;
    d.action_count = s.actions.len;
    return d;
}
