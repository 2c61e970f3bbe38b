/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Deployment's status and its conditions: calculateStatus (sync.go), syncRolloutStatus,
 * getReplicaFailures, requeueStuckDeployment (progress.go) and SetDeploymentCondition (util),
 * Kubernetes v1.36.3.
 *
 * The traps: progress is judged against the status as stored, so it is seen once; a condition
 * whose status and reason stay keeps both its times, but progress moves lastUpdateTime; the
 * deadline only reports, and is looked at a second late.
 */
#include "deployment_internal.h"

#include "base/str.h"

void deployment_set_condition(struct deployment_condition *condition, enum condition_status status,
                              enum deployment_reason reason, const char *about, simtime stamp)
{
    if (condition->status == status && condition->reason == reason)
        return;
    if (condition->status != status)
        condition->last_transition = stamp;
    condition->status = status;
    condition->reason = reason;
    condition->about = about;
    condition->last_update = stamp;
}

struct deployment_status deployment_calculate_status(const struct deployment_sync *s)
{
    struct deployment_status status = s->status;
    status.observed_generation = s->spec->generation;
    status.replicas = status.updated = status.ready = status.available = status.terminating = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct replicaset_status *set = &s->seen[i].status;
        status.replicas += set->replicas;
        status.updated += i == s->new_set ? set->replicas : 0;
        status.ready += set->ready;
        status.available += set->available;
        status.terminating += set->terminating;
    }
    int32_t unavailable = deployment_total(s) - status.available;
    status.unavailable = unavailable > 0 ? unavailable : 0;
    if (status.available >= s->spec->replicas - deployment_max_unavailable(s->spec))
        deployment_set_condition(&status.is_available, CONDITION_TRUE,
                                 DEPLOYMENT_MINIMUM_REPLICAS_AVAILABLE, NULL, s->stamp);
    else
        deployment_set_condition(&status.is_available, CONDITION_FALSE,
                                 DEPLOYMENT_MINIMUM_REPLICAS_UNAVAILABLE, NULL, s->stamp);
    return status;
}

bool deployment_complete(const struct deployment_spec *spec, const struct deployment_status *status)
{
    return status->updated == spec->replicas && status->replicas == spec->replicas &&
           status->available == spec->replicas && status->observed_generation >= spec->generation;
}

/* util: DeploymentProgressing */
static bool is_progressing(const struct deployment_status *old, const struct deployment_status *new)
{
    return new->updated > old->updated ||
           new->replicas - new->updated < old->replicas - old->updated || new->ready > old->ready ||
           new->available > old->available;
}

static simtime deadline(const struct deployment_spec *spec,
                        const struct deployment_condition *progressing)
{
    return progressing->last_update + spec->progress_deadline_seconds * SIMTIME_SECOND;
}

/* util: DeploymentTimedOut */
static bool is_timed_out(const struct deployment_sync *s,
                         const struct deployment_condition *progressing)
{
    if (progressing->status == CONDITION_ABSENT ||
        progressing->reason == DEPLOYMENT_NEW_REPLICASET_AVAILABLE)
        return false;
    if (progressing->reason == DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED)
        return true;
    return deadline(s->spec, progressing) < s->now;
}

static void set_progressing(const struct deployment_sync *s, struct deployment_status *status)
{
    const struct deployment_condition *current = &s->status.progressing;
    const char *about = s->new_set != NO_SET ? s->seen[s->new_set].name : NULL;
    if (status->replicas == status->updated && current->status != CONDITION_ABSENT &&
        current->reason == DEPLOYMENT_NEW_REPLICASET_AVAILABLE)
        return;
    if (deployment_complete(s->spec, status)) {
        deployment_set_condition(&status->progressing, CONDITION_TRUE,
                                 DEPLOYMENT_NEW_REPLICASET_AVAILABLE, about, s->stamp);
    } else if (is_progressing(&s->status, status)) {
        bool stays = current->status == CONDITION_TRUE;
        status->progressing = (struct deployment_condition){
            .status = CONDITION_TRUE,
            .reason = DEPLOYMENT_REPLICASET_UPDATED,
            .about = about,
            .last_update = s->stamp,
            .last_transition = stays ? current->last_transition : s->stamp};
    } else if (is_timed_out(s, &status->progressing)) {
        deployment_set_condition(&status->progressing, CONDITION_FALSE,
                                 DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED, about, s->stamp);
    }
}

/* getReplicaFailures: the new ReplicaSet's before the others'. */
static void set_failure(const struct deployment_sync *s, struct deployment_status *status)
{
    const struct replicaset_status *failed = NULL;
    if (s->new_set != NO_SET && s->seen[s->new_set].status.failure != REPLICA_FAILURE_NONE)
        failed = &s->seen[s->new_set].status;
    for (size_t i = 0; i < s->count && !failed; i++)
        if (s->seen[s->order[i]].status.failure != REPLICA_FAILURE_NONE)
            failed = &s->seen[s->order[i]].status;
    if (!failed) {
        status->failure = (struct deployment_condition){0};
        return;
    }
    bool create = failed->failure == REPLICA_FAILURE_CREATE;
    deployment_set_condition(&status->failure, CONDITION_TRUE,
                             create ? DEPLOYMENT_FAILED_CREATE : DEPLOYMENT_FAILED_DELETE,
                             failed->failure_message, failed->failed_since);
}

static bool condition_equal(const struct deployment_condition *x,
                            const struct deployment_condition *y)
{
    return x->status == y->status && x->reason == y->reason && x->last_update == y->last_update &&
           x->last_transition == y->last_transition && str_equal(x->about, y->about);
}

bool deployment_status_equal(const struct deployment_status *x, const struct deployment_status *y)
{
    return x->observed_generation == y->observed_generation && x->replicas == y->replicas &&
           x->updated == y->updated && x->ready == y->ready && x->available == y->available &&
           x->unavailable == y->unavailable && x->terminating == y->terminating &&
           x->revision == y->revision && condition_equal(&x->is_available, &y->is_available) &&
           condition_equal(&x->progressing, &y->progressing) &&
           condition_equal(&x->failure, &y->failure);
}

/* requeueStuckDeployment */
static simtime next_progress_check(const struct deployment_sync *s,
                                   const struct deployment_status *status)
{
    const struct deployment_condition *current = &s->status.progressing;
    if (s->spec->progress_deadline_seconds == INT32_MAX || current->status == CONDITION_ABSENT ||
        deployment_complete(s->spec, status) ||
        current->reason == DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED)
        return SIMTIME_NEVER;
    simtime after = deadline(s->spec, current) - s->now;
    return after < SIMTIME_SECOND ? 0 : after + SIMTIME_SECOND;
}

struct deployment_status deployment_rollout_status(const struct deployment_sync *s,
                                                   simtime *again_after)
{
    struct deployment_status status = deployment_calculate_status(s);
    if (s->spec->progress_deadline_seconds == INT32_MAX)
        status.progressing = (struct deployment_condition){0};
    else
        set_progressing(s, &status);
    set_failure(s, &status);
    if (deployment_status_equal(&s->status, &status))
        *again_after = next_progress_check(s, &status);
    return status;
}

const char *deployment_reason_name(enum deployment_reason reason)
{
    static const char *const names[] = {
        [DEPLOYMENT_REASON_NONE] = "",
        [DEPLOYMENT_NEW_REPLICASET_CREATED] = "NewReplicaSetCreated",
        [DEPLOYMENT_FOUND_NEW_REPLICASET] = "FoundNewReplicaSet",
        [DEPLOYMENT_REPLICASET_UPDATED] = "ReplicaSetUpdated",
        [DEPLOYMENT_NEW_REPLICASET_AVAILABLE] = "NewReplicaSetAvailable",
        [DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED] = "ProgressDeadlineExceeded",
        [DEPLOYMENT_PAUSED] = "DeploymentPaused",
        [DEPLOYMENT_RESUMED] = "DeploymentResumed",
        [DEPLOYMENT_MINIMUM_REPLICAS_AVAILABLE] = "MinimumReplicasAvailable",
        [DEPLOYMENT_MINIMUM_REPLICAS_UNAVAILABLE] = "MinimumReplicasUnavailable",
        [DEPLOYMENT_FAILED_CREATE] = "FailedCreate",
        [DEPLOYMENT_FAILED_DELETE] = "FailedDelete",
    };
    return names[reason];
}

/* What a rollout's message says of its subject; NULL for reasons with a text of their own. */
static const char *rollout_words(enum deployment_reason reason)
{
    switch (reason) {
    case DEPLOYMENT_REPLICASET_UPDATED:
        return "is progressing.";
    case DEPLOYMENT_NEW_REPLICASET_AVAILABLE:
        return "has successfully progressed.";
    case DEPLOYMENT_PROGRESS_DEADLINE_EXCEEDED:
        return "has timed out progressing.";
    default:
        return NULL;
    }
}

const char *deployment_message(struct arena *a, const char *deployment,
                               const struct deployment_condition *condition)
{
    const char *words = rollout_words(condition->reason);
    if (words && condition->about)
        return arena_printf(a, "ReplicaSet \"%s\" %s", condition->about, words);
    if (words)
        return arena_printf(a, "Deployment \"%s\" %s", deployment, words);
    switch (condition->reason) {
    case DEPLOYMENT_NEW_REPLICASET_CREATED:
        return arena_printf(a, "Created new replica set \"%s\"", condition->about);
    case DEPLOYMENT_FOUND_NEW_REPLICASET:
        return arena_printf(a, "Found new replica set \"%s\"", condition->about);
    case DEPLOYMENT_PAUSED:
        return "Deployment is paused";
    case DEPLOYMENT_RESUMED:
        return "Deployment is resumed";
    case DEPLOYMENT_MINIMUM_REPLICAS_AVAILABLE:
        return "Deployment has minimum availability.";
    case DEPLOYMENT_MINIMUM_REPLICAS_UNAVAILABLE:
        return "Deployment does not have minimum availability.";
    default:
        return condition->about ? condition->about : "";
    }
}
