/* SPDX-License-Identifier: Apache-2.0 */
/* ScaledJobs: how triggers become one queue, every strategy, pending jobs, history limits. */
#include "control/keda/job.h"

#include <criterion/criterion.h>

#define SET(x)                                                                                     \
    {                                                                                              \
        true, (x)                                                                                  \
    }

struct row {
    const char *name;
    struct scaled_job job;
    struct job_trigger triggers[3];
    size_t count;
    size_t running; /* of which pending have no pod */
    size_t pending;
    bool active;
    int64_t scale_to, max_scale, created;
};

static const struct row rows[] = {
    {"default", {.max_replica_count = SET(10)}, {{false, true, 12, 5}}, 1, 1, 0, true, 12, 3, 2},
    {"nothing queued",
     {.max_replica_count = SET(10)},
     {{false, false, 0, 5}},
     1,
     0,
     0,
     false,
     0,
     0,
     0},
    {"no trigger", {.calculation = JOB_CALCULATION_MAX}, {{0}}, 0, 0, 0, false, 0, 0, 0},
    {"without max: 100",
     {.calculation = JOB_CALCULATION_MAX},
     {{false, true, 1000, 1}},
     1,
     0,
     0,
     true,
     1000,
     100,
     100},
    {"min is not taken from a default max",
     {.min_replica_count = SET(2)},
     {{false, true, 1000, 1}},
     1,
     2,
     0,
     true,
     1000,
     100,
     100},
    {"min is taken from a given max",
     {.min_replica_count = SET(3), .max_replica_count = SET(10)},
     {{false, true, 50, 5}},
     1,
     3,
     0,
     true,
     50,
     7,
     7},
    {"below min the queue does not count",
     {.min_replica_count = SET(3), .max_replica_count = SET(10)},
     {{false, true, 50, 5}},
     1,
     1,
     0,
     true,
     50,
     7,
     2},
    {"min above max",
     {.min_replica_count = SET(8), .max_replica_count = SET(2)},
     {{0}},
     0,
     0,
     0,
     true,
     0,
     0,
     2},
    {"custom",
     {.max_replica_count = SET(10),
      .strategy = JOB_STRATEGY_CUSTOM,
      .queue_length_deduction = SET(1),
      .has_running_percentage = true,
      .running_percentage = 0.5},
     {{false, true, 40, 5}},
     1,
     5,
     0,
     true,
     40,
     8,
     5},
    {"custom without a number is default",
     {.max_replica_count = SET(10),
      .strategy = JOB_STRATEGY_CUSTOM,
      .queue_length_deduction = SET(1)},
     {{false, true, 40, 5}},
     1,
     5,
     0,
     true,
     40,
     8,
     3},
    {"accurate at the limit",
     {.max_replica_count = SET(10), .strategy = JOB_STRATEGY_ACCURATE},
     {{false, true, 40, 5}},
     1,
     5,
     2,
     true,
     40,
     8,
     5},
    {"accurate below it",
     {.max_replica_count = SET(10), .strategy = JOB_STRATEGY_ACCURATE},
     {{false, true, 20, 5}},
     1,
     5,
     2,
     true,
     20,
     4,
     2},
    {"eager",
     {.max_replica_count = SET(10), .strategy = JOB_STRATEGY_EAGER},
     {{false, true, 15, 5}},
     1,
     4,
     1,
     true,
     15,
     3,
     3},
    {"max: a zero queue does not count",
     {.max_replica_count = SET(10)},
     {{false, true, 0, 5}},
     1,
     0,
     0,
     false,
     0,
     0,
     0},
    {"min: a zero queue is replaced",
     {.max_replica_count = SET(10), .calculation = JOB_CALCULATION_MIN},
     {{false, true, 0, 1}, {false, true, 7, 1}, {false, true, 9, 1}},
     3,
     0,
     0,
     true,
     7,
     7,
     7},
    {"avg of the active ones",
     {.max_replica_count = SET(10), .calculation = JOB_CALCULATION_AVG},
     {{false, true, 10, 5}, {false, true, 4, 2}, {false, false, 90, 1}},
     3,
     0,
     0,
     true,
     7,
     2,
     2},
    {"sum",
     {.max_replica_count = SET(10), .calculation = JOB_CALCULATION_SUM},
     {{false, true, 10, 5}, {false, true, 4, 2}, {true, false, 90, 1}},
     3,
     0,
     0,
     true,
     14,
     4,
     4},
    {"no target, no jobs",
     {.max_replica_count = SET(10)},
     {{false, true, 10, 0}},
     1,
     0,
     0,
     true,
     10,
     0,
     0},
};

Test(keda_job, decisions)
{
    static const struct job_pod running_pod = {.phase = "Running"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct job_view jobs[8] = {{0}};
        for (size_t k = 0; k < r->running; k++) {
            jobs[k] = (struct job_view){.pods = &running_pod, .pod_count = k < r->pending ? 0 : 1};
        }
        const struct job_decision d =
            scaled_job_decide(&r->job, r->triggers, r->count, jobs, r->running, NULL);
        cr_expect(d.active == r->active, "%s: active", r->name);
        cr_expect(d.scale_to == r->scale_to, "%s: scaleTo %lld", r->name, (long long)d.scale_to);
        cr_expect(d.max_scale == r->max_scale, "%s: max %lld", r->name, (long long)d.max_scale);
        cr_expect(d.created == r->created, "%s: created %lld", r->name, (long long)d.created);
        cr_expect(d.pending == (int64_t)r->pending, "%s: pending", r->name);
    }
}

Test(keda_job, history_and_conditions)
{
    static const char *const ready[] = {"Ready", "Ready"};
    static const struct job_pod pod = {
        .phase = "Pending", .true_conditions = ready, .condition_count = 2};
    const struct job_view jobs[] = {{.end = JOB_COMPLETE},
                                    {.end = JOB_COMPLETE},
                                    {.end = JOB_FAILED},
                                    {.end = JOB_FAILED},
                                    {.pods = &pod, .pod_count = 1}};
    struct scaled_job job = {.successful_history_limit = SET(0),
                             .failed_history_limit = SET(1),
                             .pending_conditions = ready,
                             .pending_condition_count = 1};
    struct job_decision d = scaled_job_decide(&job, NULL, 0, jobs, 5, NULL);
    cr_expect(d.deleted_complete == 2 && d.deleted_failed == 1);
    cr_expect(d.running == 1 && d.pending == 0, "Ready, asked for once");
    job.pending_condition_count = 2;
    d = scaled_job_decide(&job, NULL, 0, jobs, 5, NULL);
    cr_expect(d.pending == 1, "a condition asked for twice is never met");
}
