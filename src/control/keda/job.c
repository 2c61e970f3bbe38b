/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many jobs a ScaledJob creates at a poll: the triggers' queues become one number, the
 * strategy takes from it what already runs or waits. Upstream: KEDA v2.21.0, pkg/scaling/
 * scaledjob/metrics.go, pkg/scaling/executor/scale_jobs.go.
 *
 * The traps: without maxReplicaCount the limit is 100 and minReplicaCount is not taken from it;
 * with fewer jobs than minReplicaCount the queue is not looked at; an active trigger whose queue
 * is 0 does not count for "max", and is replaced by any later one for "min"; a condition listed
 * twice in pendingPodConditions can never be met.
 */
#include "control/keda/job.h"

#include <math.h>
#include <string.h>

#define DEFAULT_MAX_REPLICAS  100
#define DEFAULT_HISTORY_LIMIT 100

enum job_strategy job_strategy_of(const char *text)
{
    if (strcmp(text, "custom") == 0) {
        return JOB_STRATEGY_CUSTOM;
    }
    if (strcmp(text, "accurate") == 0) {
        return JOB_STRATEGY_ACCURATE;
    }
    return strcmp(text, "eager") == 0 ? JOB_STRATEGY_EAGER : JOB_STRATEGY_DEFAULT;
}

enum job_calculation job_calculation_of(const char *text)
{
    if (strcmp(text, "min") == 0) {
        return JOB_CALCULATION_MIN;
    }
    if (strcmp(text, "avg") == 0) {
        return JOB_CALCULATION_AVG;
    }
    return strcmp(text, "sum") == 0 ? JOB_CALCULATION_SUM : JOB_CALCULATION_MAX;
}

int64_t scaled_job_min_replicas(const struct scaled_job *job)
{
    const struct optional_int32 *min = &job->min_replica_count;
    const struct optional_int32 *max = &job->max_replica_count;
    if (!min->set) {
        return 0;
    }
    return max->set && min->value > max->value ? max->value : min->value;
}

int64_t scaled_job_max_replicas(const struct scaled_job *job)
{
    const struct optional_int32 *min = &job->min_replica_count;
    const struct optional_int32 *max = &job->max_replica_count;
    if (!max->set) {
        return DEFAULT_MAX_REPLICAS;
    }
    if (min->set && min->value > max->value) {
        return max->value;
    }
    return max->value - scaled_job_min_replicas(job);
}

/* The triggers as one queue. */
struct queue {
    bool active;
    double length;
    double max;
    double taken; /* how many entries it is made of */
};

/* Go's min of two floats: NaN where one is. */
static double smaller(double x, double y)
{
    return isnan(x) || isnan(y) ? NAN : x < y ? x : y;
}

static double max_value(const struct job_trigger *t, double limit)
{
    return t->target != 0 ? smaller(t->queue / t->target, limit) : 0;
}

static void take(struct queue *q, const struct job_trigger *t, double max, bool instead)
{
    q->length = instead ? t->queue : q->length + t->queue;
    q->max = instead ? max : q->max + max;
    q->active = true;
    q->taken += 1;
}

static struct queue combine(const struct scaled_job *job, const struct job_trigger *triggers,
                            size_t count, double limit)
{
    struct queue q = {0};
    for (size_t i = 0; i < count; i++) {
        const struct job_trigger *t = &triggers[i];
        const double max = max_value(t, limit);
        if (t->failed || !t->active) {
            continue;
        }
        if (job->calculation == JOB_CALCULATION_MIN) {
            if (q.length == 0 || t->queue < q.length) {
                take(&q, t, max, true);
            }
        } else if (job->calculation == JOB_CALCULATION_MAX) {
            if (t->queue > q.length) {
                take(&q, t, max, true);
            }
        } else {
            take(&q, t, max, false);
        }
    }
    if (job->calculation == JOB_CALCULATION_AVG && q.taken > 0) {
        q.length /= q.taken;
        q.max /= q.taken;
    }
    return q;
}

/* int64(math.Ceil(x)); what does not fit is the smallest number, as on amd64. */
static int64_t ceiling(double x)
{
    const double c = ceil(x);
    return c >= -9223372036854775808.0 && c < 9223372036854775808.0 ? (int64_t)c : INT64_MIN;
}

static bool is_required(const struct scaled_job *job, const char *condition)
{
    for (size_t i = 0; i < job->pending_condition_count; i++) {
        if (strcmp(job->pending_conditions[i], condition) == 0) {
            return true;
        }
    }
    return false;
}

static bool stands_before(const struct job_pod *pod, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(pod->true_conditions[k], pod->true_conditions[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool pod_has_begun(const struct scaled_job *job, const struct job_pod *pod)
{
    size_t fulfilled = 0;
    if (job->pending_condition_count == 0) {
        return strcmp(pod->phase, "Running") == 0 || strcmp(pod->phase, "Succeeded") == 0;
    }
    for (size_t i = 0; i < pod->condition_count; i++) {
        if (is_required(job, pod->true_conditions[i]) && !stands_before(pod, i)) {
            fulfilled++;
        }
    }
    return fulfilled == job->pending_condition_count;
}

static bool is_pending(const struct scaled_job *job, const struct job_view *view)
{
    for (size_t i = 0; i < view->pod_count; i++) {
        if (pod_has_begun(job, &view->pods[i])) {
            return false;
        }
    }
    return true;
}

static int64_t at_most(int64_t x, int64_t limit)
{
    return x < limit ? x : limit;
}

static int64_t product(int64_t running, double percentage)
{
    const double x = (double)running * percentage;
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}

/* a - b as Go wraps it. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* GetEffectiveMaxScale; running is without minReplicaCount. */
static int64_t effective(const struct scaled_job *job, const struct job_decision *d,
                         int64_t running, int64_t limit)
{
    const int64_t deduction =
        job->queue_length_deduction.set ? job->queue_length_deduction.value : 0;
    switch (job->strategy) {
    case JOB_STRATEGY_CUSTOM:
        if (!job->has_running_percentage) {
            break;
        }
        return at_most(
            minus(minus(d->max_scale, deduction), product(running, job->running_percentage)),
            limit);
    case JOB_STRATEGY_ACCURATE:
        return d->max_scale + running - d->pending > limit ? limit - running
                                                           : minus(d->max_scale, d->pending);
    case JOB_STRATEGY_EAGER:
        return at_most(limit - running - d->pending, d->max_scale);
    case JOB_STRATEGY_DEFAULT:
        break;
    }
    return minus(d->max_scale, running);
}

static void create(const struct scaled_job *job, struct job_decision *d, const char *create_error)
{
    const int64_t min = scaled_job_min_replicas(job);
    const int64_t limit = scaled_job_max_replicas(job);
    int64_t wanted = d->scale_to;
    if (d->running < min) {
        wanted = min - d->running;
        d->effective_max = wanted;
    } else {
        d->effective_max = effective(job, d, d->running - min, limit);
        wanted = job->strategy == JOB_STRATEGY_EAGER ? limit : wanted;
    }
    d->effective_max = d->effective_max < 0 ? 0 : d->effective_max;
    d->touched = d->active;
    if (d->active && d->effective_max > 0 && create_error == NULL) {
        d->created = at_most(wanted, d->effective_max);
    }
}

static struct keda_condition readiness(const struct job_decision *d, const char *create_error)
{
    if (create_error != NULL && d->active && d->effective_max > 0) {
        return (struct keda_condition){"False", "KEDAJobCreateFailed", create_error};
    }
    if (d->error && d->active) {
        return (struct keda_condition){
            "Unknown", "PartialTriggerError",
            "Some triggers defined in ScaledJob are not working correctly"};
    }
    if (d->error) {
        return (struct keda_condition){"False", "TriggerError",
                                       "Triggers defined in ScaledJob are not working correctly"};
    }
    return (struct keda_condition){"True", "ScaledJobReady",
                                   "ScaledJob is defined correctly and is ready for scaling"};
}

static int64_t beyond(int64_t count, const struct optional_int32 *limit)
{
    const int64_t kept = limit->set ? limit->value : DEFAULT_HISTORY_LIMIT;
    return count > kept ? count - kept : 0;
}

static void clean_up(const struct scaled_job *job, const struct job_view *jobs, size_t count,
                     struct job_decision *d)
{
    int64_t complete = 0;
    int64_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        complete += jobs[i].end == JOB_COMPLETE ? 1 : 0;
        failed += jobs[i].end == JOB_FAILED ? 1 : 0;
    }
    d->deleted_complete = beyond(complete, &job->successful_history_limit);
    d->deleted_failed = beyond(failed, &job->failed_history_limit);
}

struct job_decision scaled_job_decide(const struct scaled_job *job,
                                      const struct job_trigger *triggers, size_t trigger_count,
                                      const struct job_view *jobs, size_t job_count,
                                      const char *create_error)
{
    struct job_decision d = {0};
    const double limit = (double)scaled_job_max_replicas(job);
    const struct queue q = combine(job, triggers, trigger_count, limit);
    d.active = q.active || scaled_job_min_replicas(job) > 0;
    d.scale_to = ceiling(q.length);
    d.max_scale = ceiling(smaller(q.max, limit));
    for (size_t i = 0; i < trigger_count; i++) {
        d.error = d.error || triggers[i].failed;
    }
    for (size_t i = 0; i < job_count; i++) {
        const bool runs = jobs[i].end == JOB_UNFINISHED;
        d.running += runs ? 1 : 0;
        d.pending += runs && is_pending(job, &jobs[i]) ? 1 : 0;
    }
    create(job, &d, create_error);
    d.ready = readiness(&d, create_error);
    d.active_condition =
        d.active ? (struct keda_condition){"True", "ScalerActive",
                                           "Scaling is performed because triggers are active"}
                 : (struct keda_condition){"False", "ScalerNotActive",
                                           "Scaling is not performed because triggers are not "
                                           "active"};
    clean_up(job, jobs, job_count, &d);
    return d;
}
