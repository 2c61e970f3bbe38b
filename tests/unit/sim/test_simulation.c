/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of whole runs, on the example scenarios in both resolutions: the same seed gives
 * the same numbers, no request is lost or made up, replicas stay inside their bounds, a
 * crash is no explosion.
 */
#include "control/hpa/decision.h"
#include "manifest/scenario.h"
#include "sim/simulation.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define SERVICES_MAX 8

struct totals {
    uint64_t digest; /* FNV-1a over every number told */
    double offered[SERVICES_MAX];
    double ended[SERVICES_MAX]; /* served, timed out, dropped, failed */
    double held[SERVICES_MAX];  /* waiting and in flight at the end */
    double worst_ratio;
    bool outside; /* replicas beyond their bounds after a sync */
    simtime last_sync;
    simtime least_distance; /* of two syncs, of any HPAs; 0: not yet known */
    uint64_t ticks;
    uint64_t stop_at_tick;
};

static void mix(struct totals *t, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        t->digest = (t->digest ^ bytes[i]) * 0x100000001b3u;
}

static void mix_double(struct totals *t, double v)
{
    mix(t, &v, sizeof v);
}

static void on_service(void *context, const struct service_sample *s)
{
    struct totals *t = context;
    cr_assert(s->service < SERVICES_MAX);
    t->offered[s->service] += s->offered;
    t->ended[s->service] += s->served + s->timed_out + s->dropped + s->failed;
    t->held[s->service] = s->waiting + s->in_flight;
    mix_double(t, s->offered);
    mix_double(t, s->served);
    mix_double(t, s->latency_p99);
    mix_double(t, s->unmet_replica_seconds);
}

static void on_workload(void *context, const struct workload_sample *s)
{
    struct totals *t = context;
    mix(t, &s->spec_replicas, sizeof s->spec_replicas);
    mix(t, &s->ready_replicas, sizeof s->ready_replicas);
    mix_double(t, s->cpu_used_cores);
    cr_expect(s->cpu_used_cores >= -1e-9, "CPU used is %g", s->cpu_used_cores);
    cr_expect(s->ready_replicas <= s->status_replicas);
}

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct totals *t = context;
    (void)state;
    simtime distance = at - t->last_sync;
    if (t->last_sync > 0 && (t->least_distance == 0 || distance < t->least_distance))
        t->least_distance = distance;
    t->last_sync = at;
    mix(t, &hpa, sizeof hpa);
    mix(t, &at, sizeof at);
    mix(t, &d->desired, sizeof d->desired);
    if (d->rescaled)
        t->outside |= d->desired < d->spec->min_replicas || d->desired > d->spec->max_replicas;
    for (size_t i = 0; d->metrics && i < d->spec->metric_count; i++)
        if (d->metrics[i].failure == HPA_FAILURE_NONE && isfinite(d->metrics[i].ratio))
            t->worst_ratio = fmax(t->worst_ratio, d->metrics[i].ratio);
}

static bool on_tick(void *context, simtime now)
{
    struct totals *t = context;
    (void)now;
    return ++t->ticks != t->stop_at_tick;
}

static struct simulation_stats run(const char *path, const char *const *sets, size_t set_count,
                                   uint64_t seed, struct totals *t)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct scenario scenario;
    struct scenario_options options = {.sets = sets, .set_count = set_count};
    struct simulation_stats stats;
    struct observer observer = {.context = t,
                                .service = on_service,
                                .workload = on_workload,
                                .decision = on_decision,
                                .tick = on_tick};
    t->digest = 0xcbf29ce484222325u;
    cr_assert(scenario_read(&path, 1, &options, &a, &d, &scenario), "%s: %s", path,
              d.count ? diag_message(&d, 0) : "");
    cr_assert(simulation_run(&scenario, seed, &observer, &a, &d, &stats));
    arena_drop(&a);
    return stats;
}

static const char *const requests_sets[] = {"spec.resolution.mode=requests", "spec.duration=30m"};

struct row {
    const char *path;
    const char *const *sets;
    size_t set_count;
};

static const struct row rows[] = {
    {"scenarios/quickstart.yaml", NULL, 0},
    {"scenarios/examples/shop.yaml", NULL, 0},
    {"scenarios/examples/shop.yaml", requests_sets, 2},
    {"scenarios/examples/llm.yaml", NULL, 0},
    {"scenarios/examples/readme.yaml", requests_sets, 2},
};

Test(simulation, same_seed_same_numbers)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct totals first = {0}, again = {0}, other = {0};
        run(rows[i].path, rows[i].sets, rows[i].set_count, 7, &first);
        run(rows[i].path, rows[i].sets, rows[i].set_count, 7, &again);
        run(rows[i].path, rows[i].sets, rows[i].set_count, 8, &other);
        cr_expect(first.digest == again.digest, "%s: two runs of one seed differ", rows[i].path);
        cr_expect(first.digest != other.digest, "%s: the seed changes nothing", rows[i].path);
    }
}

Test(simulation, requests_are_conserved)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct totals t = {0};
        run(rows[i].path, rows[i].sets, rows[i].set_count, 3, &t);
        for (size_t s = 0; s < SERVICES_MAX; s++) {
            double rest = t.offered[s] - t.ended[s] - t.held[s];
            cr_expect(fabs(rest) <= 1e-6 * (1 + t.offered[s]),
                      "%s, service %zu: %g of %g requests unaccounted for", rows[i].path, s, rest,
                      t.offered[s]);
        }
        cr_expect(t.offered[0] > 0);
        cr_expect(!t.outside, "%s: replicas beyond their bounds", rows[i].path);
    }
}

/* Three of the backend's pods crash at 4 h; their counters begin again at 0. */
Test(simulation, a_crash_is_no_explosion)
{
    static const char *const sets[] = {"spec.loads[customers].product=[{constant: 200}]",
                                       "spec.services[backend].jobs=[]"};
    struct totals t = {0};
    run("scenarios/examples/shop.yaml", sets, 2, 1, &t);
    cr_expect(t.worst_ratio < 4, "a metric was at %g times its target", t.worst_ratio);
}

/* Three HPAs, one worker, 4 s of work each: they take turns. With five they overlap. */
Test(simulation, syncs_wait_for_a_worker)
{
    static const char *const one[] = {
        "spec.duration=30m", "spec.clocks={syncWork: 4s, rescaleWork: 0s}",
        "spec.controllers={concurrent-horizontal-pod-autoscaler-syncs: 1}"};
    struct totals alone = {0}, five = {0};
    run("scenarios/examples/shop.yaml", one, 3, 1, &alone);
    run("scenarios/examples/shop.yaml", one, 2, 1, &five);
    cr_expect(alone.least_distance >= 4 * SIMTIME_SECOND, "two syncs %g s apart",
              simtime_to_seconds(alone.least_distance));
    cr_expect(five.least_distance < 4 * SIMTIME_SECOND);
}

Test(simulation, stops_when_asked)
{
    struct totals t = {.stop_at_tick = 10};
    struct simulation_stats stats = run("scenarios/examples/readme.yaml", NULL, 0, 1, &t);
    cr_expect(stats.interrupted);
    cr_expect(t.ticks == 10);
    cr_expect(stats.ended == 9 * 15 * SIMTIME_SECOND, "stopped at %g",
              simtime_to_seconds(stats.ended));
}
