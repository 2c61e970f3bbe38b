/* SPDX-License-Identifier: Apache-2.0 */
/* What a metric proposes: groups of pods, ratios, tolerance, overflow. */
#include "hpa_world.h"

#include <criterion/criterion.h>

/* One pod in ten ways; the sample is 90m of a request of 100m, the target 50 %. */
struct pod_row {
    const char *name;
    enum pod_phase phase;
    enum condition_status ready;
    bool deleting;
    int32_t start; /* seconds; 1: none */
    int32_t ready_since;
    int32_t sample_at;
    bool sampled;
    enum hpa_pod_group group;
};

/* Now is 0 s, the window 15 s, the initialization period 300 s, the readiness delay 30 s. */
static const struct pod_row pod_rows[] = {
    {"old and ready", POD_RUNNING, CONDITION_TRUE, false, -900, -890, -5, true, HPA_POD_READY},
    {"deleting", POD_RUNNING, CONDITION_TRUE, true, -900, -890, -5, true, HPA_POD_IGNORED},
    {"failed", POD_FAILED, CONDITION_TRUE, false, -900, -890, -5, true, HPA_POD_IGNORED},
    {"succeeded", POD_SUCCEEDED, CONDITION_TRUE, false, -900, -890, -5, true, HPA_POD_READY},
    {"pending", POD_PENDING, CONDITION_FALSE, false, -900, -890, -5, true, HPA_POD_UNREADY},
    {"no sample", POD_RUNNING, CONDITION_TRUE, false, -900, -890, 0, false, HPA_POD_MISSING},
    {"no condition", POD_RUNNING, CONDITION_ABSENT, false, -900, 0, -5, true, HPA_POD_UNREADY},
    {"no start", POD_RUNNING, CONDITION_TRUE, false, 1, -890, -5, true, HPA_POD_UNREADY},
    {"young, not ready", POD_RUNNING, CONDITION_FALSE, false, -60, -60, -5, true, HPA_POD_UNREADY},
    {"young, unknown", POD_RUNNING, CONDITION_UNKNOWN, false, -60, -50, -5, true, HPA_POD_READY},
    {"young, old sample", POD_RUNNING, CONDITION_TRUE, false, -60, -20, -6, true, HPA_POD_UNREADY},
    {"young, sample of a window", POD_RUNNING, CONDITION_TRUE, false, -60, -20, -5, true,
     HPA_POD_READY},
    {"at the end of initialization", POD_RUNNING, CONDITION_TRUE, false, -300, -2, -5, true,
     HPA_POD_READY},
    {"old, lost readiness", POD_RUNNING, CONDITION_FALSE, false, -900, -10, -5, true,
     HPA_POD_READY},
    {"old, never ready", POD_RUNNING, CONDITION_FALSE, false, -900, -871, -5, true,
     HPA_POD_UNREADY},
    {"old, just past the delay", POD_RUNNING, CONDITION_FALSE, false, -900, -870, -5, true,
     HPA_POD_READY},
};

Test(hpa_replica_calc, pods_are_grouped_as_upstream_does)
{
    for (size_t i = 0; i < sizeof pod_rows / sizeof pod_rows[0]; i++) {
        const struct pod_row *row = &pod_rows[i];
        struct hpa_world w;
        hpa_world_init(&w);
        hpa_world_cpu(&w, 50);
        hpa_world_pods(&w, 2, 90);
        w.pods[1].phase = (uint8_t)row->phase;
        w.pods[1].ready = (uint8_t)row->ready;
        w.pods[1].deleting = row->deleting;
        w.pods[1].start_time = row->start == 1 ? SIMTIME_NEVER : row->start * SECOND;
        w.pods[1].ready_since = row->ready_since * SECOND;
        w.samples[1].time = row->sample_at * SECOND;
        w.answer.sample_count = row->sampled ? 2 : 1;
        hpa_world_sync(&w, 0);
        cr_assert_not_null(w.decision.metrics, "%s", row->name);
        cr_expect_eq(w.decision.metrics[0].pod_groups[1], row->group, "%s: %d", row->name,
                     w.decision.metrics[0].pod_groups[1]);
        hpa_world_drop(&w);
    }
}

/* Ready pods with a usage, some others; what comes out. */
struct count_row {
    const char *name;
    int32_t minor;
    int32_t target; /* percent */
    size_t ready;
    int64_t usage; /* milli, of a request of 100m */
    size_t unready;
    size_t missing;
    size_t unknown; /* samples of pods that nobody knows */
    int32_t current;
    int32_t proposal;
    enum hpa_proposal_rule rule;
};

static const struct count_row count_rows[] = {
    {"within tolerance keeps spec.replicas", 36, 50, 4, 53, 0, 0, 0, 7, 7,
     HPA_RULE_WITHIN_TOLERANCE},
    {"utilization is cut to whole percents", 36, 9, 1, 9, 0, 0, 0, 1, 1, HPA_RULE_WITHIN_TOLERANCE},
    {"up by ready pods", 36, 50, 4, 90, 0, 0, 0, 4, 8, HPA_RULE_READY_PODS},
    {"upper edge is inside", 36, 100, 10, 110, 0, 0, 0, 10, 10, HPA_RULE_WITHIN_TOLERANCE},
    {"upper edge was outside", 32, 100, 10, 110, 0, 0, 0, 10, 11, HPA_RULE_READY_PODS},
    {"lower edge is inside", 36, 100, 10, 90, 0, 0, 0, 10, 10, HPA_RULE_WITHIN_TOLERANCE},
    {"unready count as nothing on the way up", 36, 50, 4, 90, 2, 0, 0, 6, 8, HPA_RULE_ALL_SAMPLES},
    {"unready are left out on the way down", 36, 50, 4, 20, 2, 0, 0, 6, 2, HPA_RULE_READY_PODS},
    {"missing count as nothing on the way up", 36, 50, 4, 90, 0, 2, 0, 6, 8, HPA_RULE_ALL_SAMPLES},
    {"missing turn a way up around", 36, 50, 4, 90, 0, 6, 0, 10, 10, HPA_RULE_OTHER_SIDE},
    {"missing count in full on the way down", 36, 50, 4, 20, 0, 2, 0, 6, 6, HPA_RULE_OTHER_SIDE},
    {"missing count as the target above 100", 36, 150, 2, 100, 0, 2, 0, 4, 4, HPA_RULE_ALL_SAMPLES},
    {"missing counted as 100 % before 1.26", 25, 150, 2, 100, 0, 2, 0, 4, 3, HPA_RULE_ALL_SAMPLES},
    {"unknown pods are in no utilization", 36, 50, 4, 50, 0, 0, 3, 4, 4, HPA_RULE_WITHIN_TOLERANCE},
    {"the count must not go against the ratio", 36, 50, 4, 90, 0, 1, 0, 9, 9,
     HPA_RULE_OTHER_DIRECTION},
};

Test(hpa_replica_calc, utilization_proposals)
{
    for (size_t i = 0; i < sizeof count_rows / sizeof count_rows[0]; i++) {
        const struct count_row *row = &count_rows[i];
        struct hpa_world w;
        hpa_world_init(&w);
        hpa_profile_for(row->minor, &w.config.profile);
        hpa_world_cpu(&w, row->target);
        hpa_world_pods(&w, row->ready + row->unready + row->missing, row->usage);
        for (size_t p = row->ready; p < row->ready + row->unready; p++) {
            w.pods[p].phase = POD_PENDING;
        }
        w.answer.sample_count -= row->missing;
        for (size_t s = 0; s < row->unknown; s++) {
            w.samples[w.answer.sample_count++] =
                (struct hpa_sample){.pod = HPA_POD_UNKNOWN, .value = 100000};
        }
        w.view.spec_replicas = row->current;
        hpa_world_sync(&w, 0);
        const struct hpa_metric_working *m = &w.decision.metrics[0];
        cr_expect_eq(m->proposal, row->proposal, "%s: %d", row->name, m->proposal);
        cr_expect_eq(m->rule, row->rule, "%s: %s", row->name, hpa_rule_name(m->rule));
        hpa_world_drop(&w);
    }
}

/* Totals at the ends of what fits. */
struct total_row {
    const char *name;
    int32_t minor;
    bool average; /* target averageValue 1, else value 1 */
    int64_t series[2];
    int32_t replicas;
    int32_t proposal;
    int64_t reported;
};

static const struct total_row total_rows[] = {
    {"value, one pod", 36, false, {5000, 0}, 1, 5, 5000},
    {"value, no pods", 36, false, {5001, 0}, 0, 6, 5001},
    {"value, capped count", 36, false, {INT64_MAX / 2, 0}, 1, INT32_MAX, INT64_MAX / 2},
    {"value, wrapped count", 34, false, {INT64_MAX / 2, 0}, 1, INT32_MIN, INT64_MAX / 2},
    {"value, capped sum", 36, false, {INT64_MAX, 1}, 1, INT32_MAX, INT64_MAX},
    {"value, wrapped sum", 34, false, {INT64_MAX, 1}, 1, INT32_MIN, INT64_MIN},
    {"average, two pods", 36, true, {5000, 0}, 2, 5, 2500},
    {"average, no pods", 36, true, {5000, 0}, 0, 5, INT64_MIN},
    {"average, nothing at no pods", 36, true, {0, 0}, 0, 0, INT64_MIN},
    {"average, capped sum", 36, true, {INT64_MAX, 1}, 2, INT32_MAX, INT64_MAX},
    {"average, wrapped sum", 33, true, {INT64_MAX, 1}, 2, INT32_MIN, INT64_MIN / 2},
    {"average, negative is the cap", 36, true, {-1, 0}, 2, INT32_MAX, INT64_MAX},
};

Test(hpa_replica_calc, totals_at_the_ends)
{
    for (size_t i = 0; i < sizeof total_rows / sizeof total_rows[0]; i++) {
        const struct total_row *row = &total_rows[i];
        struct hpa_world w;
        hpa_world_init(&w);
        hpa_profile_for(row->minor, &w.config.profile);
        w.config.gates.scale_to_zero = true;
        hpa_world_pods(&w, (size_t)row->replicas, 0);
        if (row->replicas == 0) {
            w.spec.min_replicas = 0;
            w.state.status.conditions[0] =
                (struct hpa_condition){.type = HPA_SCALED_TO_ZERO,
                                       .status = CONDITION_TRUE,
                                       .reason = HPA_REASON_SCALED_TO_ZERO};
            w.state.status.condition_count = 1;
        }
        w.metric.target = (struct hpa_target){.type = HPA_TARGET_VALUE,
                                              .has_value = !row->average,
                                              .value = 1000,
                                              .has_average_value = row->average,
                                              .average_value = 1000};
        w.answer.values = row->series;
        w.answer.value_count = 2;
        hpa_world_sync(&w, 0);
        cr_assert_not_null(w.decision.metrics, "%s", row->name);
        const struct hpa_metric_working *m = &w.decision.metrics[0];
        cr_expect_eq(m->proposal, row->proposal, "%s: %d", row->name, m->proposal);
        cr_expect_eq(m->average, row->reported, "%s: %lld", row->name, (long long)m->average);
        hpa_world_drop(&w);
    }
}

Test(hpa_replica_calc, the_last_sample_of_a_pod_counts)
{
    struct hpa_world w;
    hpa_world_init(&w);
    hpa_world_cpu(&w, 50);
    hpa_world_pods(&w, 2, 50);
    w.samples[2] = (struct hpa_sample){.pod = 0, .value = 150};
    w.answer.sample_count = 3;
    hpa_world_sync(&w, 0);
    cr_expect_eq(w.decision.metrics[0].utilization, 100);
    cr_expect_eq(w.decision.metrics[0].samples, 2);
    hpa_world_drop(&w);
}
