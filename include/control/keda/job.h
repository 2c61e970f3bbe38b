/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ScaledJobs (KEDA v2.21.0: apis/keda/v1alpha1/scaledjob_types.go, pkg/scaling/scaledjob/
 * metrics.go, pkg/scaling/executor/scale_jobs.go): from the triggers' queues and the jobs there
 * are to how many jobs are created and which finished ones are deleted. Pure.
 */
#ifndef CONTROL_KEDA_JOB_H
#define CONTROL_KEDA_JOB_H

#include "control/keda/executor.h"

enum job_strategy {
    JOB_STRATEGY_DEFAULT, /* "", and anything unknown */
    JOB_STRATEGY_CUSTOM,
    JOB_STRATEGY_ACCURATE,
    JOB_STRATEGY_EAGER
};

enum job_calculation { /* multipleScalersCalculation */
                       JOB_CALCULATION_MAX,
                       JOB_CALCULATION_MIN,
                       JOB_CALCULATION_AVG,
                       JOB_CALCULATION_SUM
};

struct scaled_job {
    struct optional_int32 polling_interval; /* seconds */
    struct optional_int32 min_replica_count;
    struct optional_int32 max_replica_count;
    struct optional_int32 successful_history_limit;
    struct optional_int32 failed_history_limit;
    enum job_strategy strategy;
    struct optional_int32 queue_length_deduction; /* customScalingQueueLengthDeduction */
    bool has_running_percentage; /* customScalingRunningJobPercentage is a number */
    double running_percentage;
    const char *const *pending_conditions; /* pendingPodConditions */
    size_t pending_condition_count;
    enum job_calculation calculation;
};

enum job_strategy job_strategy_of(const char *text);
enum job_calculation job_calculation_of(const char *text);

/* What a trigger said. cpu and memory triggers say nothing and are left out. */
struct job_trigger {
    bool failed;
    bool active;
    double queue;  /* the sum of its metrics, as the milli-rounded number they are */
    double target; /* mean averageValue of its metric specs; 0: it has none */
};

struct job_pod {
    const char *phase;
    const char *const *true_conditions; /* types whose status is True */
    size_t condition_count;
};

enum job_end { JOB_UNFINISHED, JOB_COMPLETE, JOB_FAILED };

struct job_view {
    enum job_end end;
    const struct job_pod *pods;
    size_t pod_count;
};

struct job_decision {
    bool active;
    bool error;
    int64_t scale_to;
    int64_t max_scale;
    int64_t running;
    int64_t pending;
    int64_t effective_max; /* after the strategy, at least 0 */
    int64_t created;
    int64_t deleted_complete; /* the oldest of those that completed */
    int64_t deleted_failed;
    bool touched; /* status.lastActiveTime becomes now */
    struct keda_condition ready;
    struct keda_condition active_condition;
};

int64_t scaled_job_min_replicas(const struct scaled_job *job); /* MinReplicaCount() */
int64_t scaled_job_max_replicas(const struct scaled_job *job); /* MaxReplicaCount() */
/* One poll. create_error: why jobs cannot be created, NULL: they can. */
struct job_decision scaled_job_decide(const struct scaled_job *job,
                                      const struct job_trigger *triggers, size_t trigger_count,
                                      const struct job_view *jobs, size_t job_count,
                                      const char *create_error);

#endif
