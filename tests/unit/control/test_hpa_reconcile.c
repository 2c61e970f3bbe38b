/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of a sync, events and texts, profiles, gates, shared pods. */
#include "control/hpa/ambiguous.h"
#include "hpa_world.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *event_text(struct hpa_world *w, size_t i)
{
    size_t count = 0;
    const struct hpa_event *events = hpa_decision_events(&w->arena, &w->decision, &count);
    if (i >= count) {
        return "";
    }
    return arena_printf(&w->arena, "%s %s: %s", events[i].warning ? "Warning" : "Normal",
                        events[i].reason, events[i].message);
}

static void lose_scale(struct hpa_world *w)
{
    w->view.scale_error = "not found";
}

static void lose_metric(struct hpa_world *w)
{
    w->answer.error = "down";
}

static void lose_samples(struct hpa_world *w)
{
    hpa_world_cpu(w, 50);
    w->answer.sample_count = 0;
}

static void lose_selector(struct hpa_world *w)
{
    w->view.selector_state = HPA_SELECTOR_MISSING;
}

static void share_pods(struct hpa_world *w)
{
    w->view.selector_state = HPA_SELECTOR_AMBIGUOUS;
    w->view.selector_detail = "[default/a default/b]";
}

static void exceed(struct hpa_world *w)
{
    w->spec.max_replicas = 2;
}

static void grow(struct hpa_world *w)
{
    w->series = 6000;
}

static void vanish(struct hpa_world *w)
{
    w->view.spec_replicas = 0;
}

static const struct {
    const char *name;
    void (*change)(struct hpa_world *w);
    enum hpa_path path;
    enum hpa_binding binding;
    const char *events[2];
} rows[] = {
    {"scale",
     lose_scale,
     HPA_PATH_FAILED_GET_SCALE,
     HPA_BINDING_SCALE,
     {"Warning FailedGetScale: not found", ""}},
    {"metric",
     lose_metric,
     HPA_PATH_FAILED_METRICS,
     HPA_BINDING_METRICS,
     {"Warning FailedGetExternalMetric: unable to get external metric default/lag/nil: unable to "
      "fetch metrics from external metrics API: down",
      "Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: "
      "failed to get lag external metric value: failed to get lag external metric: unable to get "
      "external metric default/lag/nil: unable to fetch metrics from external metrics API: down"}},
    {"samples",
     lose_samples,
     HPA_PATH_FAILED_METRICS,
     HPA_BINDING_METRICS,
     {"Warning FailedGetResourceMetric: failed to get cpu utilization: did not receive metrics for "
      "targeted pods (pods might be unready)",
      "Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: "
      "failed to get cpu resource metric value: failed to get cpu utilization: did not receive "
      "metrics for targeted pods (pods might be unready)"}},
    {"selector",
     lose_selector,
     HPA_PATH_BAD_SELECTOR,
     HPA_BINDING_SELECTOR,
     {"Warning SelectorRequired: selector is required",
      "Warning FailedComputeMetricsReplicas: selector is required"}},
    {"shared",
     share_pods,
     HPA_PATH_BAD_SELECTOR,
     HPA_BINDING_SELECTOR,
     {"Warning AmbiguousSelector: pods by selector app=x are controlled by multiple HPAs: "
      "[default/a default/b]",
      "Warning FailedComputeMetricsReplicas: pods by selector app=x are controlled by multiple "
      "HPAs: [default/a default/b]"}},
    {"bounds",
     exceed,
     HPA_PATH_ABOVE_MAX,
     HPA_BINDING_MAX_REPLICAS,
     {"Normal SuccessfulRescale: New size: 2; reason: Current number of replicas above "
      "Spec.MaxReplicas",
      ""}},
    {"up",
     grow,
     HPA_PATH_METRICS,
     HPA_BINDING_NONE,
     {"Normal SuccessfulRescale: New size: 6; reason: external metric lag(nil) above target", ""}},
    {"zero", vanish, HPA_PATH_DISABLED, HPA_BINDING_ZERO, {"", ""}},
};

Test(hpa_reconcile, paths_and_events)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hpa_world w;
        hpa_world_init(&w);
        hpa_world_pods(&w, 3, 50);
        w.series = 3000;
        rows[i].change(&w);
        hpa_world_sync(&w, 15 * SECOND);
        cr_expect_eq(w.decision.path, rows[i].path, "%s: %d", rows[i].name, w.decision.path);
        cr_expect_eq(w.decision.binding, rows[i].binding, "%s: %s", rows[i].name,
                     hpa_binding_name(w.decision.binding));
        for (size_t e = 0; e < 2; e++) {
            cr_expect_str_eq(event_text(&w, e), rows[i].events[e], "%s: %s", rows[i].name,
                             event_text(&w, e));
        }
        hpa_world_drop(&w);
    }
}

Test(hpa_reconcile, old_releases_ignore_shared_pods)
{
    struct hpa_world w;
    hpa_world_init(&w);
    hpa_world_pods(&w, 3, 50);
    share_pods(&w);
    hpa_profile_for(25, &w.config.profile);
    cr_expect_eq(hpa_world_propose(&w, 15 * SECOND, 6), 6);
    hpa_world_drop(&w);
}

Test(hpa_reconcile, a_copy_of_the_state_goes_its_own_way)
{
    struct hpa_world w;
    hpa_world_init(&w);
    hpa_world_pods(&w, 3, 50);
    hpa_world_propose(&w, 15 * SECOND, 9);
    struct hpa_state before = hpa_state_copy(&w.arena, &w.state);
    hpa_world_propose(&w, 30 * SECOND, 1);
    cr_expect_eq(before.recommendations.len, 2);
    cr_expect_eq(w.state.recommendations.len, 3);
    cr_expect_eq(before.status.desired_replicas, 6);
    hpa_state_restart(&w.state);
    cr_expect_eq(w.state.recommendations.len, 0);
    cr_expect_eq(hpa_world_propose(&w, 45 * SECOND, 1), 9, "seeded with what is there");
    hpa_world_drop(&w);
}

Test(hpa_profile, releases)
{
    static const struct {
        const char *text;
        bool good;
        int32_t minor;
    } texts[] = {
        {"1.24", true, 24},    {"v1.36", true, 36}, {"1.29.15", true, 29}, {"v1.29.0", true, 29},
        {"2.0", false, 0},     {"1", false, 0},     {"1.", false, 0},      {"1.2x", false, 0},
        {"1.29.", false, 0},   {"", false, 0},      {"v", false, 0},       {"1.29.1.2", false, 0},
        {"1.99999", false, 0}, {" 1.29", false, 0},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int32_t minor = 0;
        const bool good = hpa_profile_parse(texts[i].text, &minor);
        cr_expect_eq(good, texts[i].good, "\"%s\"", texts[i].text);
        cr_expect(!good || minor == texts[i].minor, "\"%s\": %d", texts[i].text, minor);
    }
    struct hpa_profile profile;
    cr_expect_not(hpa_profile_for(23, &profile));
    cr_expect_not(hpa_profile_for(37, &profile));
    cr_expect(hpa_profile_for(24, &profile));
}

Test(hpa_profile, every_change_has_its_release_and_words)
{
    size_t count = 0;
    const struct hpa_change *changes = hpa_changes(&count);
    for (size_t i = 0; i < count; i++) {
        struct hpa_profile profile;
        const bool *has = (const bool *)((const char *)&profile + changes[i].offset);
        hpa_profile_for(changes[i].since, &profile);
        cr_expect(*has, "%s", changes[i].word);
        hpa_profile_for(changes[i].since - 1, &profile);
        cr_expect_not(*has, "%s", changes[i].word);
        cr_expect(i == 0 || changes[i].since <= changes[i - 1].since, "%s", changes[i].word);
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(changes[i].word, changes[j].word);
        }
    }
}

Test(hpa_profile, gates_follow_the_release)
{
    static const struct {
        const char *gate;
        int32_t minor;
        bool value;
        bool taken;
        bool unknown;
    } gates[] = {
        {"HPAScaleToZero", 24, true, true, false},
        {"HPAConfigurableTolerance", 32, true, false, true},
        {"HPAConfigurableTolerance", 33, true, true, false},
        {"PodLevelResources", 33, true, false, true},
        {"HPAContainerMetrics", 29, false, true, false},
        {"HPAContainerMetrics", 30, false, false, false},
        {"HPAContainerMetrics", 30, true, true, false},
        {"NoSuchGate", 36, true, false, true},
    };
    for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
        struct hpa_config c = hpa_config_default(gates[i].minor);
        bool unknown = false;
        const bool taken = hpa_gate_set(&c, gates[i].gate, gates[i].value, &unknown);
        cr_expect_eq(taken, gates[i].taken, "%s in 1.%d", gates[i].gate, gates[i].minor);
        cr_expect_eq(unknown, gates[i].unknown, "%s in 1.%d", gates[i].gate, gates[i].minor);
    }
}

Test(hpa_ambiguous, only_known_selectors_of_the_namespace_meet)
{
    struct arena a = {0};
    struct label_selector web;
    struct label_selector db;
    cr_assert_null(label_selector_parse(&a, "app=web", &web));
    cr_assert_null(label_selector_parse(&a, "app=db", &db));
    const struct label labels[] = {{"app", "web"}};
    const struct hpa_pod_labels pods = {labels, 1};
    const struct hpa_registration all[] = {
        {"default", "one", &web}, {"default", "two", NULL},  {"default", "db", &db},
        {"other", "three", &web}, {"default", "four", &web},
    };
    cr_expect_null(hpa_ambiguity(&a, all, 4, "default", &pods, 1));
    cr_expect_str_eq(hpa_ambiguity(&a, all, 5, "default", &pods, 1), "[default/one default/four]");
    cr_expect_null(hpa_ambiguity(&a, all, 5, "default", &pods, 0));
    cr_expect_null(hpa_ambiguity(&a, all, 5, "other", &pods, 1));
    arena_drop(&a);
}
