/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recommendations with the numbers of the real code, OOMs, memory peaks, collection.
 */
#include "control/vpa/recommender.h"

#include <criterion/criterion.h>

#define START (1700000060 * SIMTIME_SECOND)

static struct recommender_config config;
static struct arena arena;
static struct vpa_model model;

static void begin(void)
{
    recommender_config_init(&config);
    vpa_model_init(&model, &arena, &config.aggregate);
}

static void end(void)
{
    arena_drop(&arena);
}

TestSuite(vpa_recommender, .init = begin, .fini = end);

static struct vpa_container *container(const char *pod, const char *labels, const char *name)
{
    return vpa_model_put_container(&model, vpa_model_put_pod(&model, pod, labels, START), name,
                                   START);
}

static struct vpa_recommendation recommend(void)
{
    const struct vpa_policies none = {0};
    return recommender_recommend(&arena, &model, &config, &none, START, NULL);
}

static void expect(const char *name, const struct vpa_resources *r, int64_t cpu, int64_t memory)
{
    cr_expect_eq(r->amount[VPA_CPU], cpu, "%s: cpu %ld", name, (long)r->amount[VPA_CPU]);
    cr_expect_eq(r->amount[VPA_MEMORY], memory, "%s: memory %ld", name,
                 (long)r->amount[VPA_MEMORY]);
}

Test(vpa_recommender, one_and_two_samples)
{
    struct vpa_container *c = container("p", "", "c");
    cr_expect(vpa_model_add_cpu(&model, c, 200, START, START));
    cr_expect(vpa_model_add_memory(&model, c, 500000000, START, START));
    struct vpa_recommendation r = recommend();
    cr_assert_eq(r.count, 1);
    expect("target", &r.items[0].target, 247, 587804717);
    expect("lower", &r.items[0].lower, 25, 262144000);
    expect("upper", &r.items[0].upper, VPA_MAX_AMOUNT, VPA_MAX_AMOUNT);
    const simtime later = START + SIMTIME_MINUTE;
    cr_expect(vpa_model_add_cpu(&model, c, 200, later, later));
    cr_expect(vpa_model_add_memory(&model, c, 500000000, later, later));
    r = recommend();
    expect("target", &r.items[0].target, 247, 587804717);
    expect("lower", &r.items[0].lower, 41, 262144000);
    expect("upper", &r.items[0].upper, 355927, 847026597197);
}

Test(vpa_recommender, nothing_measured)
{
    container("p", "", "b");
    container("p", "", "a");
    const struct vpa_recommendation r = recommend();
    cr_assert_eq(r.count, 2);
    cr_expect_str_eq(r.items[0].name, "a");
    for (size_t i = 0; i < 2; i++) {
        expect("target", &r.items[i].target, 12, 131072000);
        expect("lower", &r.items[i].lower, 12, 131072000);
        expect("upper", &r.items[i].upper, 12, 131072000);
    }
}

Test(vpa_recommender, nobody)
{
    cr_expect_eq(recommend().count, 0);
}

Test(vpa_recommender, refused_samples)
{
    struct vpa_container *c = container("p", "", "c");
    cr_expect_not(vpa_model_add_cpu(&model, c, -1, START, START));
    cr_expect(vpa_model_add_cpu(&model, c, 0, START, START));
    cr_expect_not(vpa_model_add_cpu(&model, c, 5, START, START), "same time");
    cr_expect_not(vpa_model_add_memory(&model, c, -1, START, START));
    cr_expect(vpa_model_add_memory(&model, c, 5, START, START));
    cr_expect(vpa_model_add_memory(&model, c, 6, START, START), "same time is fine");
    cr_expect_not(vpa_model_add_memory(&model, c, 7, START - 1, START));
}

Test(vpa_recommender, oom)
{
    static const struct {
        int64_t requested;
        int64_t peak;
        int64_t needed;
    } rows[] = {
        {100 << 20, 80 << 20, 200 << 20},    {1000000000, 0, 1200000000},
        {524288000, 524288000, 629145600},   {0, 0, 104857600},
        {100 << 20, 1000000000, 1200000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vpa_container *c = container(arena_printf(&arena, "p%zu", i), "", "c");
        if (rows[i].peak > 0) {
            vpa_model_add_memory(&model, c, rows[i].peak, START, START);
        }
        cr_expect(vpa_model_record_oom(&model, c, rows[i].requested, START + 1, START));
        cr_expect_eq(c->usage.oom_peak, rows[i].needed, "row %zu: %ld", i, (long)c->usage.oom_peak);
    }
}

Test(vpa_recommender, old_oom)
{
    struct vpa_container *c = container("p", "", "c");
    vpa_model_add_memory(&model, c, 5, START, START);
    cr_expect_not(vpa_model_record_oom(&model, c, 5, START - SIMTIME_DAY - 1, START));
    cr_expect(vpa_model_record_oom(&model, c, 5, START - SIMTIME_DAY, START));
}

Test(vpa_recommender, an_interval_that_begins_with_zero)
{
    struct vpa_container *c = container("p", "", "c");
    vpa_model_add_memory(&model, c, 0, START, START);
    cr_expect(vpa_model_add_memory(&model, c, 900000000, START + 1, START));
    cr_expect_eq(container_usage_peak(&c->usage), 0);
    vpa_model_add_memory(&model, c, 900000000, START + SIMTIME_DAY, START);
    cr_expect_eq(container_usage_peak(&c->usage), 900000000);
}

Test(vpa_recommender, labels_part_aggregates)
{
    container("p0", "v1", "c");
    container("p1", "v1", "c");
    container("p2", "v2", "c");
    cr_expect_neq(model.aggregates->next, NULL);
    cr_expect_eq(model.aggregates->next->next, NULL);
    cr_expect_eq(model.aggregates->holders, 2);
    cr_expect_eq(recommend().count, 1);
}

Test(vpa_recommender, collection)
{
    struct vpa_container *c = container("p", "", "c");
    container("q", "other", "idle");
    vpa_model_add_cpu(&model, c, 100, START, START);
    vpa_model_delete_pod(&model, vpa_model_find_pod(&model, "q"));
    vpa_model_collect(&model, START);
    cr_expect_eq(recommend().count, 1, "empty and without a pod");
    vpa_model_collect(&model, START + 8 * SIMTIME_DAY - 1);
    cr_expect_eq(recommend().count, 1);
    vpa_model_collect(&model, START + 8 * SIMTIME_DAY);
    cr_expect_eq(recommend().count, 1, "an hour has not passed");
    vpa_model_collect(&model, START + 8 * SIMTIME_DAY + SIMTIME_HOUR);
    cr_expect_eq(recommend().count, 0);
    vpa_model_add_cpu(&model, c, 100, START + 9 * SIMTIME_DAY, START + 9 * SIMTIME_DAY);
    cr_expect_eq(recommend().count, 1, "comes back");
}

/* Pods that come and go for a month take no more memory than those of a day. */
Test(vpa_recommender, memory_is_bounded)
{
    size_t after_a_day = 0;
    for (int hour = 0; hour < 30 * 24; hour++) {
        const simtime now = START + hour * SIMTIME_HOUR;
        struct vpa_pod *old = vpa_model_find_pod(&model, "p");
        if (old != NULL) {
            vpa_model_delete_pod(&model, old);
        }
        struct vpa_pod *pod = vpa_model_put_pod(&model, "p", hour % 2 == 0 ? "even" : "odd", now);
        struct vpa_container *c = vpa_model_put_container(&model, pod, "c", now);
        vpa_model_add_cpu(&model, c, hour, now, now);
        vpa_model_add_memory(&model, c, hour * 1000000, now, now);
        vpa_model_collect(&model, now);
        if (hour == 24) {
            after_a_day = arena_size(&arena);
        }
    }
    cr_expect_eq(arena_size(&arena), after_a_day);
}

Test(vpa_recommender, restart_from_checkpoints)
{
    struct vpa_container *c = container("p", "", "c");
    for (int i = 0; i < 3000; i++) {
        const simtime now = START + i * SIMTIME_MINUTE;
        vpa_model_add_cpu(&model, c, 100 + i % 7, now, now);
        vpa_model_add_memory(&model, c, 500000000, now, now);
    }
    const simtime now = START + 3000 * SIMTIME_MINUTE;
    const struct vpa_recommendation before = recommend();
    size_t count = 0;
    const struct vpa_checkpoint *saved = vpa_model_save(&model, &arena, now, &count);
    cr_assert_eq(count, 1);
    cr_expect_eq(saved[0].status.samples, 3000);
    vpa_model_init(&model, &arena, &config.aggregate);
    cr_expect(vpa_model_load(&model, saved, count, now));
    const struct vpa_recommendation after = recommend();
    cr_assert_eq(after.count, 1);
    cr_expect_eq(after.items[0].target.amount[VPA_CPU], before.items[0].target.amount[VPA_CPU]);
    cr_expect_eq(after.items[0].lower.amount[VPA_CPU], before.items[0].lower.amount[VPA_CPU]);
}
