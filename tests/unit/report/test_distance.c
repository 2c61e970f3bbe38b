/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distances of cases whose answer is known. 10 ready pods that request 1 core: at 70 % of target
 * 70 the first whole percent that scales up is 78 (ratio 1.114), the first that asks for less
 * is 62 (0.886); the average per pod is then 780m and just under 630m.
 */
#include "report/distance.h"

#include "control/hpa/reconcile.h"
#include "small_run.h"

#include <criterion/criterion.h>
#include <math.h>

enum { PODS = 10 };

struct bench {
    struct arena arena;
    struct hpa_config config;
    struct hpa_spec spec;
    struct hpa_metric_spec metrics[2];
    struct hpa_state state;
    struct resource_amount requests[2];
    struct container_spec container;
    struct pod_template template;
    struct hpa_pod pods[PODS];
    struct hpa_sample samples[2][PODS];
    struct hpa_metric_answer answers[2];
    struct hpa_view view;
};

static void set_use(struct bench *b, size_t metric, int64_t milli, simtime now)
{
    for (size_t i = 0; i < PODS; i++) {
        b->samples[metric][i] = (struct hpa_sample){(uint32_t)i, milli, now, 15 * SIMTIME_SECOND};
    }
    b->answers[metric] = (struct hpa_metric_answer){
        .listed = true, .samples = b->samples[metric], .sample_count = PODS};
}

static void set_up(struct bench *b, int64_t milli)
{
    *b = (struct bench){.config = hpa_config_default(36), .spec = small_spec};
    b->spec.max_replicas = 20;
    b->metrics[0] = small_spec.metrics[0];
    b->spec.metrics = b->metrics;
    b->state.arena = &b->arena;
    b->requests[0] = (struct resource_amount){.name = "cpu", .has_request = true};
    b->requests[0].request = quantity_from_milli(1000, QUANTITY_DECIMAL_SI);
    b->container =
        (struct container_spec){.name = "web", .resources = b->requests, .resource_count = 2};
    b->requests[1] = b->requests[0];
    b->requests[1].name = "memory";
    b->template = (struct pod_template){.containers = &b->container, .container_count = 1};
    for (size_t i = 0; i < PODS; i++) {
        b->pods[i] = (struct hpa_pod){.name = "web",
                                      .requests = &b->template,
                                      .phase = POD_RUNNING,
                                      .ready = CONDITION_TRUE,
                                      .ready_since = -SIMTIME_HOUR,
                                      .start_time = -SIMTIME_HOUR};
    }
    set_use(b, 0, milli, 0);
    b->view = (struct hpa_view){.spec_replicas = PODS,
                                .status_replicas = PODS,
                                .pods = b->pods,
                                .pod_count = PODS,
                                .answers = b->answers};
}

static struct hpa_decision sync_at(struct bench *b, simtime now)
{
    struct hpa_decision d;
    hpa_reconcile(&b->spec, &b->config, &b->state, &b->view, now, &b->arena, &d);
    return d;
}

static struct distance distance_at(struct bench *b, simtime now)
{
    struct distance d;
    distance_find(&b->spec, &b->config, &b->state, &b->view, now, PODS, &d);
    return d;
}

Test(distance, load)
{
    static const struct {
        const char *name;
        int64_t milli;
        int32_t max_replicas;
        double up; /* 0: not found */
        int32_t up_to;
        int32_t up_percent;
        double down;
        int32_t down_to;
        int32_t down_percent;
    } rows[] = {
        {"at the target", 700, 20, 780.0 / 700, 12, 78, 629.0 / 700, 9, 62},
        {"at the upper edge", 779, 20, 780.0 / 779, 12, 78, 629.0 / 779, 9, 62},
        {"at the lower edge", 630, 20, 780.0 / 630, 12, 78, 629.0 / 630, 9, 62},
        {"half", 350, 20, 780.0 / 350, 12, 78, 1, 5, 35},
        {"nothing to go to", 700, 10, 0, 0, 0, 629.0 / 700, 9, 62},
        {"no load at all", 0, 20, 0, 0, 0, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        set_up(&b, rows[i].milli);
        b.spec.max_replicas = rows[i].max_replicas;
        sync_at(&b, 0);
        const struct distance d = distance_at(&b, 0);
        cr_expect_eq(d.up.found, rows[i].up > 0, "%s", rows[i].name);
        if (d.up.found) {
            cr_expect(fabs(d.up.factor - rows[i].up) < 0.002, "%s: up %g", rows[i].name,
                      d.up.factor);
            cr_expect_eq(d.up.replicas, rows[i].up_to, "%s: %d", rows[i].name, d.up.replicas);
            cr_expect_eq(d.up.utilization, rows[i].up_percent, "%s", rows[i].name);
        } else { /* held by maxReplicas; or 0, of which every multiple is 0 */
            cr_expect_eq(d.up.wanted, rows[i].milli > 0, "%s", rows[i].name);
        }
        cr_expect(d.down.found, "%s", rows[i].name);
        cr_expect(fabs(d.down.factor - rows[i].down) < 0.002, "%s: down %g", rows[i].name,
                  d.down.factor);
        cr_expect_eq(d.down.replicas, rows[i].down_to, "%s: %d", rows[i].name, d.down.replicas);
        cr_expect_eq(d.down.utilization, rows[i].down_percent, "%s", rows[i].name);
        arena_drop(&b.arena);
    }
}

/* 8 are asked for from 60 s on, 10 before: the count falls one window after the last 10. */
Test(distance, time)
{
    struct bench b;
    set_up(&b, 700);
    simtime now = 0;
    for (; now < 60 * SIMTIME_SECOND; now += 15 * SIMTIME_SECOND) {
        set_use(&b, 0, 700, now);
        sync_at(&b, now);
    }
    set_use(&b, 0, 520, now);
    const struct hpa_decision d = sync_at(&b, now);
    cr_assert_eq(d.binding, HPA_BINDING_STABILIZATION_DOWN);
    const struct distance far = distance_at(&b, now);
    cr_expect(far.moves);
    cr_expect_eq(far.moves_to, 8);
    /* The last 10 is of second 45 and still counts at 345. */
    cr_expect_eq(far.moves_at, 360 * SIMTIME_SECOND, "%lld", (long long)far.moves_at);
    arena_drop(&b.arena);
}

Test(distance, quiet)
{
    struct bench b;
    set_up(&b, 700);
    sync_at(&b, 0);
    const struct distance d = distance_at(&b, 0);
    cr_expect(!d.moves);
    cr_expect(d.looked_until >= 300 * SIMTIME_SECOND);
    arena_drop(&b.arena);
}

/* Memory does not follow the load, so it holds the count whatever the CPU does. */
Test(distance, memory_stays)
{
    struct bench b;
    set_up(&b, 700);
    b.metrics[1] = b.metrics[0];
    b.metrics[1].name = "memory";
    b.spec.metric_count = 2;
    set_use(&b, 1, 700, 0);
    sync_at(&b, 0);
    const struct distance d = distance_at(&b, 0);
    cr_expect(!d.down.found);
    cr_expect(d.up.found);
    cr_expect_eq(d.up.winner, 0);
    arena_drop(&b.arena);
}

/* The state given is only read. */
Test(distance, state_is_untouched)
{
    struct bench b;
    set_up(&b, 350);
    sync_at(&b, 0);
    const size_t recommendations = b.state.recommendations.len;
    const simtime since = b.state.status.conditions[0].since;
    distance_at(&b, 0);
    cr_expect_eq(b.state.recommendations.len, recommendations);
    cr_expect_eq(b.state.status.conditions[0].since, since);
    arena_drop(&b.arena);
}
