/* SPDX-License-Identifier: Apache-2.0 */
/* The controller over time: who asks the trigger, who counts its failures, pausing, deletion. */
#include "base/str.h"
#include "control/keda/controller.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND
#define SET(x)                                                                                     \
    {                                                                                              \
        true, (x)                                                                                  \
    }

struct world {
    bool failing;
    bool active;
    int32_t replicas;
    int queries;
    int writes;
};

static struct trigger_reading query(void *context, size_t trigger, simtime now)
{
    struct world *w = context;
    (void)trigger;
    (void)now;
    w->queries++;
    return (struct trigger_reading){.failed = w->failing,
                                    .active = w->active,
                                    .value =
                                        quantity_from_int(w->active ? 5 : 0, QUANTITY_DECIMAL_SI)};
}

static int32_t replicas(void *context)
{
    return ((const struct world *)context)->replicas;
}

static int32_t ready_pods(void *context)
{
    return ((const struct world *)context)->replicas;
}

static void scale(void *context, simtime now, int32_t from, int32_t to)
{
    struct world *w = context;
    (void)now;
    cr_expect(from == w->replicas);
    w->replicas = to;
    w->writes++;
}

static struct scale_trigger trigger = {.type = "oracle", .name = "", .metric_type = ""};
static const struct keda_metric metric = {
    .kind = KEDA_METRIC_EXTERNAL, .name = "s0-oracle", .target_type = "AverageValue"};

static const struct scaled_object plain = {.name = "so",
                                           .target_name = "web",
                                           .target_kind = "",
                                           .target_api_version = "",
                                           .hpa_name = "",
                                           .modifiers = {"", "", "", ""},
                                           .triggers = &trigger,
                                           .trigger_count = 1};

static struct keda_controller begin(struct arena *a, struct world *w,
                                    const struct scaled_object *so)
{
    struct keda_controller c = {.arena = a, .world = {w, query, replicas, ready_pods, scale}};
    keda_controller_start(&c, so, &metric, NULL);
    cr_expect(keda_controller_reconcile(&c, 0));
    return c;
}

/* Ticks up to and with until; the first instant at which the replicas are as given, or -1. */
static simtime run_until(struct keda_controller *c, const struct world *w, simtime until,
                         int32_t wanted)
{
    simtime when = -1;
    for (simtime t = keda_controller_next(c); t <= until; t = keda_controller_next(c)) {
        keda_controller_tick(c, t);
        when = when < 0 && w->replicas == wanted ? t : when;
    }
    return when;
}

Test(keda_controller, from_zero_and_back)
{
    struct arena a = {0};
    struct world w = {.active = true};
    struct keda_controller c = begin(&a, &w, &plain);
    cr_expect(run_until(&c, &w, 0, 1) == 0, "at the first tick");
    w.active = false;
    cr_expect(run_until(&c, &w, 600 * S, 0) == 330 * S, "whole seconds: one poll late");
    cr_expect(w.writes == 2);
    arena_drop(&a);
}

Test(keda_controller, observations_of_the_hpa)
{
    struct arena a = {0};
    struct world w = {.active = true, .replicas = 1};
    struct scaled_object so = plain;
    so.min_replica_count = (struct optional_int32)SET(1);
    struct keda_controller c = begin(&a, &w, &so);
    keda_controller_tick(&c, 0);
    cr_expect(w.queries == 1);
    c.hpa_health = (struct hpa_health){.status = "True"};
    keda_controller_tick(&c, 30 * S);
    cr_expect(w.queries == 2, "the HPA has not asked yet");
    const struct keda_metric_answer answer = keda_controller_metrics(&c, "S0-ORACLE", 31 * S);
    cr_expect(answer.count == 1 && quantity_value(&answer.value) == 5 && w.queries == 3);
    w.active = false;
    keda_controller_tick(&c, 60 * S);
    cr_expect(w.queries == 3 && c.api.last_active == 60, "what the HPA saw, old as it is");
    c.hpa_health.status = "Unknown";
    keda_controller_tick(&c, 90 * S);
    cr_expect(w.queries == 4 && c.api.last_active == 60);
    arena_drop(&a);
}

Test(keda_controller, failures_are_counted_in_copies)
{
    struct arena a = {0};
    struct world w = {.failing = true, .replicas = 1};
    struct scaled_object so = plain;
    so.fallback = (struct fallback_spec){.enabled = true, .failure_threshold = 0, .replicas = 6};
    struct keda_controller c = begin(&a, &w, &so);
    for (int k = 0; k < 2; k++) {
        keda_controller_tick(&c, k * 30 * S);
    }
    cr_expect(c.api.health[0].failures == 2 && w.queries == 4, "each query is retried once");
    cr_expect(str_equal(c.api.conditions[KEDA_FALLBACK].status, "True"));
    keda_controller_metrics(&c, "s0-oracle", 45 * S);
    cr_expect(c.api.health[0].failures == 1, "the reconciler's copy began at 0: %d",
              c.api.health[0].failures);
    arena_drop(&a);
}

Test(keda_controller, errors_of_queries)
{
    struct arena a = {0};
    struct world w = {.failing = true};
    struct keda_controller c = begin(&a, &w, &plain);
    struct keda_metric_answer answer = keda_controller_metrics(&c, "s0-oracle", S);
    cr_expect(str_equal(answer.error, "metric:s0-oracle encountered error"));
    cr_expect(c.cache == KEDA_CACHE_NONE, "an error drops the scalers");
    answer = keda_controller_metrics(&c, "s9-oracle", S);
    cr_expect(str_equal(answer.error, "no matching metrics found for s9-oracle"));
    arena_drop(&a);
}

Test(keda_controller, pause_and_delete)
{
    struct arena a = {0};
    struct world w = {.active = true, .replicas = 3};
    struct label annotation = {KEDA_PAUSED_REPLICAS, "x"};
    struct scaled_object so = plain;
    so.restore_to_original_replica_count = true;
    struct keda_controller c = begin(&a, &w, &so);
    cr_expect(c.hpa_exists && keda_controller_metric_count(&c) == 1);
    so.annotations = &annotation;
    so.annotation_count = 1;
    keda_controller_change(&c, &so, &metric, NULL, false);
    cr_expect(!keda_controller_reconcile(&c, 5 * S), "no number");
    cr_expect(!c.hpa_exists && keda_controller_next(&c) == SIMTIME_NEVER, "but stopped");
    cr_expect(str_equal(c.api.conditions[KEDA_READY].reason, "ScaledObjectCheckFailed"));
    annotation.value = "7";
    cr_expect(keda_controller_reconcile(&c, 6 * S));
    cr_expect(w.replicas == 7 && c.api.paused_replicas.value == 7);
    so.annotation_count = 0;
    cr_expect(keda_controller_reconcile(&c, 9 * S));
    cr_expect(keda_controller_next(&c) == 9 * S && !c.api.paused_replicas.set);
    cr_expect(str_equal(c.api.conditions[KEDA_PAUSED_CONDITION].reason, "ScaledObjectUnpaused"));
    keda_controller_delete(&c, 10 * S);
    cr_expect(w.replicas == 3 && keda_controller_next(&c) == SIMTIME_NEVER);
    arena_drop(&a);
}
