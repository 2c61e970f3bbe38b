/* SPDX-License-Identifier: Apache-2.0 */
/* From a recommendation to a count: stabilization, rate limits, bounds, over time. */
#include "hpa_world.h"

#include <criterion/criterion.h>

#define NO_BEHAVIOR                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

struct sync {
    int32_t at; /* seconds */
    int32_t proposal;
    int32_t replicas; /* after */
    const char *able;
    const char *limited;
};

struct row {
    const char *name;
    int32_t start;
    int32_t min;
    int32_t max;
    int32_t downscale; /* seconds */
    bool behavior;
    struct hpa_policy up;
    int32_t up_window;
    enum hpa_select_policy up_select;
    struct hpa_policy down;
    int32_t down_window; /* -1: not given */
    enum hpa_select_policy down_select;
    struct sync syncs[5];
};

static const struct row rows[] = {
    {.name = "legacy: at most twice, at least 4",
     .start = 1,
     .min = 1,
     .max = 100,
     .downscale = 300,
     .syncs = {{15, 50, 4, "SucceededRescale", "ScaleUpLimit"},
               {30, 50, 8, "SucceededRescale", "ScaleUpLimit"},
               {45, 50, 16, "SucceededRescale", "ScaleUpLimit"}}},
    {.name = "legacy: max is the smaller bound",
     .start = 4,
     .min = 1,
     .max = 6,
     .downscale = 300,
     .syncs = {{15, 50, 6, "SucceededRescale", "TooManyReplicas"}}},
    {.name = "legacy: a recommendation at the cutoff still counts",
     .start = 10,
     .min = 1,
     .max = 100,
     .downscale = 30,
     .syncs = {{15, 10, 10, "ReadyForNewScale", "DesiredWithinRange"},
               {30, 2, 10, "ScaleDownStabilized", "DesiredWithinRange"},
               {45, 2, 10, "ScaleDownStabilized", "DesiredWithinRange"},
               {60, 2, 2, "SucceededRescale", "DesiredWithinRange"}}},
    {.name = "behavior: at the cutoff it does not",
     .start = 10,
     .min = 1,
     .max = 100,
     .downscale = 30,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 4, 15},
     .down = {HPA_POLICY_PERCENT, 100, 15},
     .down_window = -1,
     .syncs = {{15, 10, 10, "ReadyForNewScale", "DesiredWithinRange"},
               {30, 2, 10, "ScaleDownStabilized", "DesiredWithinRange"},
               {45, 2, 2, "SucceededRescale", "DesiredWithinRange"}}},
    {.name = "legacy: stabilization raises what was limited",
     .start = 3,
     .min = 1,
     .max = 100,
     .downscale = 300,
     .syncs = {{15, 8, 6, "SucceededRescale", "ScaleUpLimit"},
               {30, 6, 8, "SucceededRescale", "DesiredWithinRange"}}},
    {.name = "zero is replaced by the minimum",
     .start = 3,
     .min = 2,
     .max = 9,
     .downscale = 0,
     .syncs = {{15, 0, 3, "ScaleDownStabilized", "DesiredWithinRange"},
               {30, 0, 2, "SucceededRescale", "TooFewReplicas"}}},
    {.name = "pods up: the period is counted from its start",
     .start = 4,
     .min = 1,
     .max = 100,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 4, 60},
     .down = {HPA_POLICY_PERCENT, 100, 15},
     .down_window = 0,
     .syncs = {{15, 50, 8, "SucceededRescale", "ScaleUpLimit"},
               {30, 50, 8, "ReadyForNewScale", "ScaleUpLimit"},
               {74, 50, 8, "ReadyForNewScale", "ScaleUpLimit"},
               {75, 50, 12, "SucceededRescale", "ScaleUpLimit"}}},
    {.name = "percent up rounds up, in doubles",
     .start = 100,
     .min = 1,
     .max = 1000,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PERCENT, 10, 15},
     .down = {HPA_POLICY_PERCENT, 100, 15},
     .down_window = 0,
     .syncs = {{15, 900, 111, "SucceededRescale", "ScaleUpLimit"}}},
    {.name = "percent down truncates, in doubles",
     .start = 10,
     .min = 0,
     .max = 100,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 4, 15},
     .down = {HPA_POLICY_PERCENT, 90, 15},
     .down_window = 0,
     .syncs = {{15, 0, 0, "SucceededRescale", "DesiredWithinRange"}}},
    {.name = "disabled keeps",
     .start = 10,
     .min = 1,
     .max = 100,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 4, 15},
     .up_select = HPA_SELECT_DISABLED,
     .down = {HPA_POLICY_PODS, 1, 15},
     .down_window = 0,
     .down_select = HPA_SELECT_DISABLED,
     .syncs = {{15, 50, 10, "ReadyForNewScale", "ScaleUpLimit"},
               {30, 2, 10, "ReadyForNewScale", "ScaleDownLimit"}}},
    {.name = "an up step is credited to the down rule",
     .start = 10,
     .min = 1,
     .max = 100,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 10, 15},
     .down = {HPA_POLICY_PODS, 4, 300},
     .down_window = 0,
     .syncs = {{15, 20, 20, "SucceededRescale", "DesiredWithinRange"},
               {30, 1, 6, "SucceededRescale", "ScaleDownLimit"}}},
    {.name = "up window waits for the lowest",
     .start = 4,
     .min = 1,
     .max = 100,
     .downscale = 0,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 100, 15},
     .up_window = 30,
     .down = {HPA_POLICY_PERCENT, 100, 15},
     .down_window = 0,
     .syncs = {{15, 9, 4, "ScaleUpStabilized", "DesiredWithinRange"},
               {30, 9, 4, "ScaleUpStabilized", "DesiredWithinRange"},
               {45, 9, 9, "SucceededRescale", "DesiredWithinRange"}}},
    {.name = "above the maximum goes straight down",
     .start = 50,
     .min = 1,
     .max = 20,
     .downscale = 300,
     .behavior = true,
     .up = {HPA_POLICY_PODS, 1, 15},
     .down = {HPA_POLICY_PODS, 1, 300},
     .down_window = 300,
     .syncs = {{15, 50, 20, "SucceededRescale", ""}}},
    {.name = "below the minimum goes straight up",
     .start = 1,
     .min = 9,
     .max = 20,
     .downscale = 0,
     .syncs = {{15, 1, 9, "SucceededRescale", ""}}},
};

static void set_up(struct hpa_world *w, const struct row *row)
{
    hpa_world_init(w);
    w->config.downscale_stabilization = row->downscale * SECOND;
    w->spec.min_replicas = row->min;
    w->spec.max_replicas = row->max;
    w->spec.has_behavior = row->behavior;
    w->spec.scale_up = (struct hpa_scaling_rules){.has_window = true,
                                                  .window_seconds = row->up_window,
                                                  .select_policy = row->up_select,
                                                  .policies = &row->up,
                                                  .policy_count = 1};
    w->spec.scale_down = (struct hpa_scaling_rules){.has_window = row->down_window >= 0,
                                                    .window_seconds = row->down_window,
                                                    .select_policy = row->down_select,
                                                    .policies = &row->down,
                                                    .policy_count = 1};
    w->view.spec_replicas = row->start;
    w->view.status_replicas = row->start;
}

Test(hpa_behavior, counts_and_reasons_over_time)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hpa_world w;
        set_up(&w, &rows[i]);
        for (const struct sync *s = rows[i].syncs; s->at != 0; s++) {
            w.view.status_replicas = w.view.spec_replicas;
            const int32_t replicas = hpa_world_propose(&w, s->at * SECOND, s->proposal);
            cr_expect_eq(replicas, s->replicas, "%s, %d s: %d", rows[i].name, s->at, replicas);
            cr_expect_str_eq(hpa_world_reason(&w, HPA_ABLE_TO_SCALE), s->able, "%s, %d s: %s",
                             rows[i].name, s->at, hpa_world_reason(&w, HPA_ABLE_TO_SCALE));
            cr_expect_str_eq(hpa_world_reason(&w, HPA_SCALING_LIMITED), s->limited, "%s, %d s: %s",
                             rows[i].name, s->at, hpa_world_reason(&w, HPA_SCALING_LIMITED));
        }
        hpa_world_drop(&w);
    }
}

Test(hpa_behavior, before_1_26_each_direction_counts_alone)
{
    struct row row = rows[10];
    struct hpa_world w;
    set_up(&w, &row);
    hpa_profile_for(25, &w.config.profile);
    hpa_world_propose(&w, 15 * SECOND, 20);
    w.view.status_replicas = 20;
    cr_expect_eq(hpa_world_propose(&w, 30 * SECOND, 1), 16);
    hpa_world_drop(&w);
}

Test(hpa_behavior, the_lists_use_their_slots_again)
{
    struct hpa_world w;
    set_up(&w, &rows[6]);
    for (int32_t i = 1; i <= 2000; i++) {
        hpa_world_propose(&w, i * 15 * SECOND, i % 7 + 1);
    }
    cr_expect_leq(w.state.recommendations.len, 3, "%zu", w.state.recommendations.len);
    cr_expect_leq(w.state.scale_up_events.len, 6, "%zu", w.state.scale_up_events.len);
    cr_expect_leq(w.state.scale_down_events.len, 3, "%zu", w.state.scale_down_events.len);
    hpa_world_drop(&w);
}

Test(hpa_behavior, a_failed_update_leaves_no_event_and_renews_the_condition)
{
    struct hpa_world w;
    set_up(&w, &rows[6]);
    for (int32_t i = 1; i <= 2; i++) {
        w.series = 50000;
        hpa_reconcile(&w.spec, &w.config, &w.state, &w.view, i * 15 * SECOND, &w.arena,
                      &w.decision);
        cr_assert(w.decision.rescale);
        hpa_applied(&w.config, &w.state, &w.decision, "no", i * 15 * SECOND);
        const struct hpa_condition *c = hpa_condition_find(&w.state.status, HPA_ABLE_TO_SCALE);
        cr_expect_str_eq(hpa_condition_message(&w.arena, c),
                         "the HPA controller was unable to update the target scale: no");
        cr_expect_eq(c->since, i * 15 * SECOND);
    }
    cr_expect_eq(w.state.scale_up_events.len, 0);
    cr_expect_not(w.state.status.has_last_scale_time);
    cr_expect_eq(w.state.status.desired_replicas, 0);
    hpa_world_drop(&w);
}
