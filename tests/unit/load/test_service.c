/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service model's rules, most of them in both resolutions: every request
 * is counted once, queues and patience end where they should, pods come, drain
 * and die, calls and jobs go where they belong, meters get the CPU.
 */
#include "engine/rng.h"
#include "service_bench.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

struct tally {
    double offered;
    double gone;
};

static void add(struct tally *t, const struct service_interval *r)
{
    t->offered += r->offered;
    t->gone += r->served + r->timed_out + r->dropped + r->failed;
}

static double imbalance(const struct tally *t, const struct service_interval *r)
{
    return fabs(t->offered - t->gone - r->waiting - r->in_flight);
}

struct rule_row {
    const char *name;
    struct service_spec spec;
};

enum { RULES = 9 };

static void make_rules(struct rule_row rows[RULES])
{
    const struct dist cpu = dist_exponential(0.02);
    const struct rule_row made[RULES] = {
        {"plain", {.name = "a", .cpu = cpu, .concurrency = 4}},
        {"timeout", {.name = "b", .cpu = cpu, .concurrency = 4, .timeout = SIMTIME_SECOND}},
        {"queue limit",
         {.name = "c",
          .cpu = cpu,
          .concurrency = 4,
          .has_queue_limit = true,
          .queue_limit = 20,
          .balancing = BALANCE_LEAST_REQUESTS}},
        {"no queue",
         {.name = "d",
          .cpu = cpu,
          .concurrency = 4,
          .has_queue_limit = true,
          .balancing = BALANCE_ROUND_ROBIN}},
        {"queue before the pods",
         {.name = "e",
          .cpu = cpu,
          .concurrency = 4,
          .has_queue_limit = true,
          .queue_limit = 50,
          .queue = SERVICE_QUEUE_SERVICE}},
        {"shared cpu", {.name = "f", .cpu = cpu, .cpu_limit_cores = 2.0}},
        {"shared cpu, places",
         {.name = "g",
          .cpu = cpu,
          .cpu_limit_cores = 2.0,
          .concurrency = 8,
          .wait = cpu,
          .timeout = SIMTIME_SECOND}},
        {"no limit", {.name = "h", .cpu = cpu}},
        {"takes no time", {.name = "i"}},
    };
    for (size_t i = 0; i < RULES; i++)
        rows[i] = made[i];
}

/* Calm, overload, calm again; a pod drains, one dies with what it has, others come. */
static void storm(struct bench *b, uint32_t step)
{
    static const double rates[] = {500.0, 500.0, 1300.0, 1300.0, 500.0, 500.0, 0.0, 0.0};
    service_set_rate(b->first, rates[step]);
    if (step == 2)
        service_backend_drain(b->first, b->pods[0]);
    if (step == 3)
        service_backend_kill(b->first, b->pods[1]);
    if (step == 4) {
        service_backend_resume(b->first, b->pods[0]);
        b->pods[1] = service_backend_add(b->first, NULL);
    }
    if (step == 5)
        service_backend_kill(b->first, b->pods[0]);
}

enum { STORM_STEPS = 8 };

Test(service, every_request_is_counted_once)
{
    struct rule_row rows[RULES];
    make_rules(rows);
    for (size_t i = 0; i < RULES; i++)
        for (int fluid = 0; fluid < 2; fluid++) {
            struct bench b;
            bench_start(&b, &rows[i].spec, 1, fluid != 0, 5);
            bench_pods(&b, 5);
            struct tally t = {0};
            for (uint32_t step = 0; step < STORM_STEPS; step++) {
                storm(&b, step);
                for (int k = 1; k <= 4; k++) {
                    bench_run(&b, 10.0 * step + 2.5 * k);
                    struct service_interval r = bench_take(&b);
                    add(&t, &r);
                    double allowed = fluid ? 1e-9 * t.offered : 0.0;
                    cr_expect_leq(imbalance(&t, &r), allowed, "%s, fluid %d, step %u: %g",
                                  rows[i].name, fluid, step, imbalance(&t, &r));
                    cr_expect(r.served >= 0.0 && r.timed_out >= 0.0 && r.dropped >= 0.0 &&
                                  r.failed >= 0.0 && r.waiting >= 0.0 && r.in_flight >= 0.0,
                              "%s, fluid %d, step %u", rows[i].name, fluid, step);
                    cr_expect_leq(fabs(r.latency->total - r.served), 1e-6 * r.served + 1e-9,
                                  "%s, fluid %d: latencies of the served", rows[i].name, fluid);
                }
            }
            cr_expect_gt(t.offered, 40000.0, "%s", rows[i].name);
            bench_end(&b);
        }
}

/* What the two resolutions make of the same storm. */
Test(service, resolutions_agree_in_overload)
{
    struct rule_row rows[RULES];
    make_rules(rows);
    for (size_t i = 0; i < RULES; i++) {
        double sums[2][4] = {{0}};
        for (int fluid = 0; fluid < 2; fluid++) {
            struct bench b;
            bench_start(&b, &rows[i].spec, 1, fluid != 0, 5);
            bench_pods(&b, 5);
            for (uint32_t step = 0; step < STORM_STEPS; step++) {
                storm(&b, step);
                bench_run(&b, 10.0 * (step + 1));
                struct service_interval r = bench_take(&b);
                double values[4] = {r.served, r.timed_out, r.dropped, r.unmet_replica_seconds};
                for (int k = 0; k < 4; k++)
                    sums[fluid][k] += values[k];
            }
            bench_end(&b);
        }
        static const char *const names[] = {"served", "timed out", "dropped", "unmet"};
        for (int k = 0; k < 4; k++) {
            double error = fabs(sums[1][k] - sums[0][k]);
            /* A pod that joined in the storm dies with a full share of a flow's backlog. */
            double allowed = k == 3 ? 1e-6 : 0.05 * 46000.0;
            cr_expect_leq(error, allowed, "%s: %s %g, requests %g", rows[i].name, names[k],
                          sums[1][k], sums[0][k]);
        }
    }
}

static uint64_t digest_of(const struct service_spec *spec, bool fluid, uint64_t seed)
{
    struct bench b;
    bench_start(&b, spec, 1, fluid, seed);
    bench_pods(&b, 5);
    uint64_t digest = 0;
    for (uint32_t step = 0; step < STORM_STEPS; step++) {
        storm(&b, step);
        bench_run(&b, 10.0 * (step + 1));
        struct service_interval r = bench_take(&b);
        double values[] = {r.served, r.timed_out, r.dropped, r.cpu_core_seconds, r.latency->sum};
        uint64_t bits[5];
        memcpy(bits, values, sizeof bits);
        for (int k = 0; k < 5; k++)
            digest = rng_mix(digest, bits[k]);
    }
    bench_end(&b);
    return digest;
}

Test(service, same_seed_same_digest)
{
    struct rule_row rows[RULES];
    make_rules(rows);
    for (size_t i = 0; i < RULES; i++) {
        for (int fluid = 0; fluid < 2; fluid++)
            cr_expect_eq(digest_of(&rows[i].spec, fluid != 0, 1),
                         digest_of(&rows[i].spec, fluid != 0, 1), "%s", rows[i].name);
        cr_expect_neq(digest_of(&rows[i].spec, false, 1), digest_of(&rows[i].spec, false, 2), "%s",
                      rows[i].name);
    }
}

/* Common random numbers: the arrivals do not depend on the pods. */
Test(service, pods_do_not_change_the_requests_offered)
{
    struct service_spec spec = {.name = "web", .cpu = dist_exponential(0.02), .concurrency = 1};
    double offered[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct bench b;
        bench_start(&b, &spec, 1, false, 9);
        bench_pods(&b, 1 + 30 * i);
        service_set_rate(b.first, 200.0);
        bench_run(&b, 50.0);
        service_set_rate(b.first, 20.0);
        bench_run(&b, 100.0);
        offered[i] = bench_take(&b).offered;
        bench_end(&b);
    }
    cr_expect_eq(offered[0], offered[1]);
    cr_expect_leq(fabs(offered[0] - 11000.0), 4.0 * sqrt(11000.0));
}

struct recorded {
    const simtime *at;
    const double *weight;
    size_t count;
    size_t next;
};

static bool next_recorded(void *context, simtime *at, double *weight)
{
    struct recorded *r = context;
    if (r->next >= r->count)
        return false;
    *at = r->at[r->next];
    *weight = r->weight[r->next++];
    return true;
}

/* One place, 1 s each: by hand. */
Test(service, recorded_arrivals_and_a_queue_by_hand)
{
    static const simtime at[] = {0, 100 * SIMTIME_MILLISECOND, 200 * SIMTIME_MILLISECOND,
                                 5 * SIMTIME_SECOND};
    static const double weight[] = {1.0, 1.0, 1.0, 2.0};
    static const struct {
        const char *name;
        bool limited;
        uint32_t limit;
        simtime timeout;
        double served;
        double timed_out;
        double dropped;
        double longest;
    } rows[] = {
        {"endless queue", false, 0, 0, 4, 0, 0, 2.8},
        {"one may wait", true, 1, 0, 3, 0, 1, 2.0},
        {"nobody may wait", true, 0, 0, 2, 0, 2, 2.0},
        {"patience in the queue", false, 0, 850 * SIMTIME_MILLISECOND, 0, 4, 0, 0},
        {"patience, the last is slow", false, 0, 1900 * SIMTIME_MILLISECOND, 2, 2, 0, 1.9},
        {"patience to the nanosecond", false, 0, 2800 * SIMTIME_MILLISECOND, 4, 0, 0, 2.8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct service_spec spec = {.name = "web",
                                    .cpu = dist_constant(0.25),
                                    .wait = dist_constant(0.75),
                                    .concurrency = 1,
                                    .has_queue_limit = rows[i].limited,
                                    .queue_limit = rows[i].limit,
                                    .timeout = rows[i].timeout};
        struct recorded load = {at, weight, 4, 0};
        struct bench b;
        bench_start(&b, &spec, 1, false, 1);
        bench_pods(&b, 1);
        service_set_arrivals(b.first, next_recorded, &load);
        bench_run(&b, 100.0);
        struct service_interval r = bench_take(&b);
        cr_expect_eq(r.offered, 4.0, "%s", rows[i].name);
        cr_expect_eq(r.served, rows[i].served, "%s: served %g", rows[i].name, r.served);
        cr_expect_eq(r.timed_out, rows[i].timed_out, "%s: timed out %g", rows[i].name, r.timed_out);
        cr_expect_eq(r.dropped, rows[i].dropped, "%s: dropped %g", rows[i].name, r.dropped);
        if (rows[i].served > 0)
            cr_expect_leq(fabs(r.latency->max - rows[i].longest), 1e-9, "%s: %g", rows[i].name,
                          r.latency->max);
        bench_end(&b);
    }
}

/* Two requests of 1 core-second share one core: 0.5 s alone, then half speed. */
Test(service, shared_cpu_by_hand)
{
    static const simtime at[] = {0, SIMTIME_SECOND / 2};
    static const double weight[] = {1.0, 1.0};
    struct service_spec spec = {.name = "web", .cpu = dist_constant(1.0), .cpu_limit_cores = 1.0};
    struct recorded load = {at, weight, 2, 0};
    struct bench b;
    struct meter meter;
    bench_start(&b, &spec, 1, false, 1);
    meter_init(&meter, &b.arena);
    service_backend_add(b.first, &meter);
    service_set_arrivals(b.first, next_recorded, &load);
    bench_run(&b, 10.0);
    struct service_interval r = bench_take(&b);
    cr_expect_eq(r.served, 2.0);
    cr_expect_leq(fabs(r.latency->max - 1.5), 1e-8, "%g", r.latency->max);
    cr_expect_leq(fabs(r.latency->min - 1.5), 1e-8, "%g", r.latency->min);
    cr_expect_leq(fabs(r.cpu_core_seconds - 2.0), 1e-8);
    cr_expect_leq(fabs(r.throttled_core_seconds - 1.0), 1e-8, "%g", r.throttled_core_seconds);
    cr_expect_leq(fabs(meter_total(&meter, 10 * SIMTIME_SECOND) - 2.0), 1e-8);
    cr_expect_leq(fabs(meter_total(&meter, SIMTIME_SECOND) - 1.0), 1e-8, "half way, exactly");
    bench_end(&b);
}

Test(service, meters_add_up_to_the_cpu_used)
{
    struct rule_row rows[RULES];
    make_rules(rows);
    for (size_t i = 0; i < RULES; i++)
        for (int fluid = 0; fluid < 2; fluid++) {
            struct bench b;
            struct meter meters[5];
            bench_start(&b, &rows[i].spec, 1, fluid != 0, 5);
            for (int k = 0; k < 5; k++) {
                meter_init(&meters[k], &b.arena);
                b.pods[k] = service_backend_add(b.first, &meters[k]);
            }
            service_set_rate(b.first, 400.0);
            bench_run(&b, 30.0);
            service_backend_drain(b.first, b.pods[2]);
            bench_run(&b, 35.0);
            service_backend_kill(b.first, b.pods[2]);
            bench_run(&b, 60.0);
            struct service_interval r = bench_take(&b);
            double sum = 0.0;
            for (int k = 0; k < 5; k++)
                sum += meter_total(&meters[k], 60 * SIMTIME_SECOND);
            cr_expect_leq(fabs(sum - r.cpu_core_seconds), 1e-6 * (1.0 + sum),
                          "%s, fluid %d: %g, %g", rows[i].name, fluid, sum, r.cpu_core_seconds);
            bench_end(&b);
        }
}

Test(service, draining_finishes_and_killing_loses)
{
    struct service_spec spec = {.name = "web",
                                .wait = dist_constant(10.0),
                                .concurrency = 10,
                                .memory_per_request_bytes = 100.0};
    struct bench b;
    bench_start(&b, &spec, 1, false, 1);
    bench_pods(&b, 1);
    service_set_rate(b.first, 4.0);
    bench_run(&b, 2.0);
    service_set_rate(b.first, 0.0);
    double held = service_backend_requests(b.first, b.pods[0]);
    cr_assert_gt(held, 1.0);
    cr_expect_eq(service_backend_memory(b.first, b.pods[0]), 100.0 * held);
    service_backend_drain(b.first, b.pods[0]);
    service_backend_drain(b.first, b.pods[0]); /* again: nothing */
    service_set_rate(b.first, 100.0);
    bench_run(&b, 3.0);
    service_set_rate(b.first, 0.0);
    struct service_interval r = bench_take(&b);
    cr_expect_eq(r.dropped, r.offered - held, "no ready pod: refused");
    cr_expect_eq(r.in_flight, held);
    bench_run(&b, 12.5);
    r = bench_take(&b);
    cr_expect_eq(r.served, held, "a drained pod finishes");
    service_backend_resume(b.first, b.pods[0]);
    service_set_rate(b.first, 4.0);
    bench_run(&b, 14.5);
    held = service_backend_requests(b.first, b.pods[0]);
    service_backend_kill(b.first, b.pods[0]);
    r = bench_take(&b);
    cr_expect_eq(r.failed, held);
    cr_expect_eq(r.in_flight, 0.0);
    service_backend_kill(b.first, 0); /* 0 is nobody */
    bench_end(&b);
}

Test(service, queue_before_the_pods_waits_for_the_first_one)
{
    struct service_spec spec = {.name = "web",
                                .cpu = dist_constant(0.01),
                                .concurrency = 1,
                                .queue = SERVICE_QUEUE_SERVICE};
    for (int fluid = 0; fluid < 2; fluid++) {
        struct bench b;
        bench_start(&b, &spec, 1, fluid != 0, 2);
        service_set_rate(b.first, 10.0);
        bench_run(&b, 30.0);
        struct service_interval r = bench_take(&b);
        cr_expect_eq(r.served, 0.0);
        cr_expect_eq(r.dropped, 0.0);
        cr_expect_leq(fabs(r.waiting - 300.0), 5.0 * sqrt(300.0), "fluid %d: %g", fluid, r.waiting);
        cr_expect_leq(fabs(r.unmet_replica_seconds - 3.0), 1e-9, "%g", r.unmet_replica_seconds);
        bench_pods(&b, 1);
        bench_run(&b, 60.0);
        r = bench_take(&b);
        cr_expect_leq(fabs(r.served - 600.0), 5.0 * sqrt(600.0), "fluid %d: %g", fluid, r.served);
        cr_expect_leq(r.waiting, 3.0);
        cr_expect_geq(r.latency->max, 25.0, "the first waited for half a minute: %g",
                      r.latency->max);
        bench_end(&b);
    }
}

/* gateway -> backend twice and, for every second request, cache. */
Test(service, calls_reach_those_called_and_count_in_the_latency)
{
    static const struct service_call calls[] = {{1, 2.0}, {2, 0.5}};
    const struct service_spec specs[] = {
        {.name = "gateway", .cpu = dist_constant(0.001), .calls = calls, .call_count = 2},
        {.name = "backend", .cpu = dist_constant(0.01), .concurrency = 50},
        {.name = "cache", .cpu = dist_constant(0.002)},
    };
    for (int fluid = 0; fluid < 2; fluid++) {
        struct bench b;
        struct service_interval r[3];
        bench_start(&b, specs, 3, fluid != 0, 4);
        for (size_t i = 0; i < 3; i++)
            service_backend_add(mesh_service(b.mesh, i), NULL);
        service_set_rate(b.first, 100.0);
        cr_expect_leq(fabs(service_rate(mesh_service(b.mesh, 1)) - 200.0), 1e-9);
        bench_run(&b, 100.0);
        for (size_t i = 0; i < 3; i++)
            service_take(mesh_service(b.mesh, i), &r[i]);
        cr_expect_leq(fabs(r[1].offered / r[0].completed - 2.0), 0.01, "fluid %d: %g", fluid,
                      r[1].offered);
        cr_expect_leq(fabs(r[2].offered / r[0].completed - 0.5), 0.02, "fluid %d: %g", fluid,
                      r[2].offered);
        double mean = histogram_mean(r[0].latency);
        cr_expect_leq(fabs(mean - 0.022), 0.0002, "fluid %d: mean %g", fluid, mean);
        bench_end(&b);
    }
}

Test(service, a_call_that_fails_fails_its_caller)
{
    static const struct service_call calls[] = {{1, 1.0}};
    const struct service_spec specs[] = {
        {.name = "gateway", .cpu = dist_constant(0.001), .calls = calls, .call_count = 1},
        {.name = "backend",
         .cpu = dist_constant(1.0),
         .concurrency = 1,
         .timeout = SIMTIME_SECOND / 2},
    };
    for (int fluid = 0; fluid < 2; fluid++) {
        struct bench b;
        struct service_interval gateway;
        struct service_interval backend;
        bench_start(&b, specs, 2, fluid != 0, 4);
        service_backend_add(mesh_service(b.mesh, 0), NULL);
        uint32_t pod = 0;
        for (int round = 0; round < 2; round++) { /* nobody there; then too slow for its clients */
            service_set_rate(b.first, 20.0);
            bench_run(&b, 20.0 * (round + 1));
            service_set_rate(b.first, 0.0);
            bench_run(&b, 20.0 * (round + 1) - 1e-3);
            service_take(b.first, &gateway);
            service_take(mesh_service(b.mesh, 1), &backend);
            cr_expect_eq(gateway.served, 0.0, "fluid %d, round %d: %g", fluid, round,
                         gateway.served);
            cr_expect_gt(gateway.failed, 350.0, "fluid %d, round %d: %g", fluid, round,
                         gateway.failed);
            if (round == 0)
                cr_expect_eq(backend.dropped, backend.offered);
            else
                cr_expect_gt(backend.timed_out, 300.0);
            if (pod == 0)
                pod = service_backend_add(mesh_service(b.mesh, 1), NULL);
        }
        bench_end(&b);
    }
}

/* A pod dies while its requests wait for calls; the called one goes on without them. */
Test(service, callers_may_die_while_their_calls_run)
{
    static const struct service_call calls[] = {{1, 1.0}};
    const struct service_spec specs[] = {
        {.name = "gateway", .cpu = dist_constant(0.001), .calls = calls, .call_count = 1},
        {.name = "backend", .cpu = dist_constant(0.2), .concurrency = 2, .cpu_limit_cores = 1.0},
    };
    struct bench b;
    bench_start(&b, specs, 2, false, 4);
    uint32_t gateway = service_backend_add(b.first, NULL);
    uint32_t backend = service_backend_add(mesh_service(b.mesh, 1), NULL);
    struct tally t[2] = {{0}};
    service_set_rate(b.first, 20.0);
    for (int round = 1; round <= 50; round++) {
        bench_run(&b, round * 0.37);
        if (round % 3 == 0) {
            service_backend_kill(b.first, gateway);
            gateway = service_backend_add(b.first, NULL);
        }
        if (round % 7 == 0) {
            service_backend_kill(mesh_service(b.mesh, 1), backend);
            backend = service_backend_add(mesh_service(b.mesh, 1), NULL);
        }
        for (size_t i = 0; i < 2; i++) {
            struct service_interval r;
            service_take(mesh_service(b.mesh, i), &r);
            add(&t[i], &r);
            cr_assert_eq(imbalance(&t[i], &r), 0.0, "service %zu, round %d", i, round);
        }
    }
    cr_expect_gt(t[1].offered, 300.0);
    bench_end(&b);
}

/* The backend has 100 requests a second too many for 20 s, then works them off. */
Test(service, a_backlog_delays_those_who_call)
{
    static const struct service_call calls[] = {{1, 1.0}};
    const struct service_spec specs[] = {
        {.name = "gateway", .cpu = dist_constant(0.001), .calls = calls, .call_count = 1},
        {.name = "backend", .cpu = dist_exponential(0.01), .concurrency = 2},
    };
    double means[2][2];
    double present[2];
    for (int fluid = 0; fluid < 2; fluid++) {
        struct bench b;
        struct service_interval r;
        bench_start(&b, specs, 2, fluid != 0, 4);
        service_backend_add(b.first, NULL);
        service_backend_add(mesh_service(b.mesh, 1), NULL);
        service_set_rate(b.first, 300.0);
        bench_run(&b, 20.0);
        r = bench_take(&b);
        means[fluid][0] = histogram_mean(r.latency);
        present[fluid] = r.in_flight;
        service_set_rate(b.first, 100.0);
        bench_run(&b, 40.0);
        r = bench_take(&b);
        means[fluid][1] = histogram_mean(r.latency);
        bench_end(&b);
    }
    for (int k = 0; k < 2; k++)
        cr_expect_leq(fabs(means[1][k] - means[0][k]), 0.2 * means[0][k], "mean %g, fluid %g",
                      means[0][k], means[1][k]);
    cr_expect_leq(fabs(present[1] - present[0]), 0.15 * present[0], "present %g, fluid %g",
                  present[0], present[1]);
}

Test(service, circles_of_calls_are_found)
{
    static const struct service_call to_b[] = {{1, 1.0}};
    static const struct service_call to_c[] = {{2, 1.0}};
    static const struct service_call to_a[] = {{0, 1.0}};
    const struct service_spec chain[] = {{.name = "a", .calls = to_b, .call_count = 1},
                                         {.name = "b", .calls = to_c, .call_count = 1},
                                         {.name = "c"}};
    const struct service_spec circle[] = {{.name = "a", .calls = to_b, .call_count = 1},
                                          {.name = "b", .calls = to_c, .call_count = 1},
                                          {.name = "c", .calls = to_a, .call_count = 1}};
    const struct service_spec self[] = {{.name = "a", .calls = to_a, .call_count = 1}};
    cr_expect_eq(mesh_find_circle(chain, 3), SIZE_MAX);
    cr_expect_lt(mesh_find_circle(circle, 3), 3);
    cr_expect_eq(mesh_find_circle(self, 1), 0);
    cr_expect_eq(mesh_find_circle(NULL, 0), SIZE_MAX);
}

Test(service, served_requests_put_jobs)
{
    static const struct service_put puts[] = {{0, 1.5}};
    const struct service_spec spec = {
        .name = "web", .cpu = dist_constant(0.01), .puts = puts, .put_count = 1};
    const struct job_queue_spec queue = {.name = "jobs", .service = dist_constant(0.1)};
    for (int fluid = 0; fluid < 2; fluid++) {
        struct arena a = {0};
        struct engine *engine = engine_create(&a);
        struct mesh_spec mesh_spec = {.fluid = fluid != 0,
                                      .services = &spec,
                                      .service_count = 1,
                                      .queues = &queue,
                                      .queue_count = 1};
        struct mesh *mesh = mesh_create(engine, &a, 1, &mesh_spec);
        service_backend_add(mesh_service(mesh, 0), NULL);
        service_set_rate(mesh_service(mesh, 0), 100.0);
        engine_run_until(engine, 100 * SIMTIME_SECOND);
        struct service_interval r;
        service_take(mesh_service(mesh, 0), &r);
        double depth = job_queue_depth(mesh_queue(mesh, 0));
        cr_expect_leq(fabs(depth / r.served - 1.5), 0.02, "fluid %d: %g of %g", fluid, depth,
                      r.served);
        arena_drop(&a);
    }
}
