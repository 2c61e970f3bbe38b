/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests resolution against queueing theory, within confidence intervals
 * from batch means, and Little's law; then the fluid resolution against the
 * requests one: utilization within 2 %, p95 within 10 %.
 */
#include "load/queueing.h"
#include "service_bench.h"

#include <criterion/criterion.h>
#include <math.h>

enum { BATCHES = 20 };

struct theory_row {
    const char *name;
    struct service_spec spec;
    uint32_t pods;
    double load;
    double mean; /* response time, seconds */
};

/* Mean response times of batches; Little's law against the present at many instants. */
static void check_row(const struct theory_row *row)
{
    struct bench b;
    bench_start(&b, &row->spec, 1, false, 17);
    bench_pods(&b, row->pods);
    double rate = row->load * row->pods * service_pod_capacity(b.first);
    double batch = 20000.0 / rate;
    service_set_rate(b.first, rate);
    bench_run(&b, batch);
    bench_take(&b);
    struct running means = {0};
    struct running present = {0};
    double served = 0.0;
    double stay = 0.0;
    for (int i = 0; i < BATCHES; i++) {
        struct histogram all = {0};
        for (int k = 1; k <= 100; k++) {
            bench_run(&b, batch * (i + 1 + k / 100.0));
            struct service_interval r = bench_take(&b);
            running_add(&present, r.in_flight + r.waiting);
            histogram_merge(&all, r.latency);
        }
        running_add(&means, histogram_mean(&all));
        served += all.total;
        stay += all.sum;
    }
    double interval = 3.9 * running_sd(&means) / sqrt(BATCHES); /* t, 99.9 %, 19 */
    cr_expect_leq(fabs(means.mean - row->mean), interval, "%s: %g +- %g, not %g", row->name,
                  means.mean, interval, row->mean);
    cr_expect_lt(interval, 0.15 * row->mean, "%s: the interval says something", row->name);
    double little = stay / (batch * BATCHES);
    double error = 0.03 * little + 5.0 * running_sd(&present) / sqrt(100.0 * BATCHES);
    cr_expect_leq(fabs(present.mean - little), error, "%s: L %g, lambda W %g", row->name,
                  present.mean, little);
    cr_expect_leq(fabs(served / (rate * batch * BATCHES) - 1.0), 0.03, "%s", row->name);
    bench_end(&b);
}

Test(theory, mean_response_times)
{
    const struct theory_row rows[] = {
        {"M/M/1",
         {.name = "a", .cpu = dist_exponential(0.01), .concurrency = 1},
         1,
         0.7,
         0.01 / 0.3},
        {"M/D/1",
         {.name = "b", .cpu = dist_constant(0.01), .concurrency = 1},
         1,
         0.7,
         0.01 + 0.7 * 0.01 / (2 * 0.3)},
        {"M/G/1 lognormal",
         {.name = "c", .cpu = dist_lognormal(0.01, 1.0), .concurrency = 1},
         1,
         0.6,
         0.01 + 0.6 * 0.02 / (2 * 0.4)},
        {"four M/M/1",
         {.name = "d", .wait = dist_exponential(0.01), .concurrency = 1},
         4,
         0.7,
         0.01 / 0.3},
        {"M/M/4 in one pod",
         {.name = "e", .cpu = dist_exponential(0.01), .concurrency = 4},
         1,
         0.8,
         0.01 + 0.5964286 * 0.01 / (4 * 0.2)},
        {"M/M/4 before four pods",
         {.name = "f",
          .cpu = dist_exponential(0.01),
          .concurrency = 1,
          .queue = SERVICE_QUEUE_SERVICE},
         4,
         0.8,
         0.01 + 0.5964286 * 0.01 / (4 * 0.2)},
        {"M/M/1-PS",
         {.name = "g", .cpu = dist_exponential(0.01), .cpu_limit_cores = 1.0},
         1,
         0.7,
         0.01 / 0.3},
        {"M/D/1-PS, insensitive",
         {.name = "h", .cpu = dist_constant(0.01), .cpu_limit_cores = 1.0},
         1,
         0.7,
         0.01 / 0.3},
        {"M/M/2-PS and a delay",
         {.name = "i",
          .cpu = dist_exponential(0.01),
          .wait = dist_constant(0.02),
          .cpu_limit_cores = 2.0},
         1,
         0.7,
         0.02 + 0.01 / (1 - 0.49)},
        {"M/M/1-PS, half a core",
         {.name = "j", .cpu = dist_exponential(0.01), .cpu_limit_cores = 0.5},
         1,
         0.7,
         0.02 / 0.3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

Test(theory, loss_is_erlangs)
{
    struct service_spec spec = {.name = "loss",
                                .cpu = dist_lognormal(0.01, 1.0),
                                .concurrency = 5,
                                .has_queue_limit = true};
    struct bench b;
    bench_start(&b, &spec, 1, false, 3);
    bench_pods(&b, 1);
    service_set_rate(b.first, 300.0);
    bench_run(&b, 1000.0);
    struct service_interval r = bench_take(&b);
    double lost = r.dropped / r.offered;
    double wanted = erlang_b(5, 3.0);
    double error = 5.0 * sqrt(wanted * (1.0 - wanted) / r.offered) * 2.0; /* losses cluster */
    cr_expect_leq(fabs(lost - wanted), error, "lost %g, not %g", lost, wanted);
    bench_end(&b);
}

/* Fluid against requests. */

static struct service_interval measure(const struct service_spec *spec, bool fluid, uint32_t pods,
                                       double load, struct bench *b)
{
    bench_start(b, spec, 1, fluid, 23);
    bench_pods(b, pods);
    double rate = load * pods * service_pod_capacity(b->first);
    service_set_rate(b->first, rate);
    bench_run(b, 10000.0 / rate);
    bench_take(b);
    bench_run(b, 210000.0 / rate);
    return bench_take(b);
}

static void compare(const char *name, const struct service_spec *spec, uint32_t pods, double load)
{
    struct bench requests;
    struct bench fluid;
    struct service_interval r = measure(spec, false, pods, load, &requests);
    struct service_interval f = measure(spec, true, pods, load, &fluid);
    double used = r.completed / r.capacity_requests;
    double flow = f.completed / f.capacity_requests;
    cr_expect_leq(fabs(flow - used), 0.02 * used, "%s: utilization %g, requests %g", name, flow,
                  used);
    cr_expect_leq(fabs(f.cpu_core_seconds - r.cpu_core_seconds), 0.02 * r.cpu_core_seconds,
                  "%s: cpu", name);
    double p95 = histogram_quantile(r.latency, 0.95);
    double theirs = histogram_quantile(f.latency, 0.95);
    cr_expect_leq(fabs(theirs - p95), 0.10 * p95, "%s: p95 %g, requests %g", name, theirs, p95);
    bench_end(&requests);
    bench_end(&fluid);
}

Test(theory, fluid_agrees_with_requests)
{
    static const char *const names[] = {"constant", "exponential", "lognormal"};
    const struct dist dists[] = {dist_constant(0.02), dist_exponential(0.02),
                                 dist_lognormal(0.02, 1.0)};
    static const char *const policies[] = {"random", "round robin", "least requests"};
    static const struct {
        uint32_t pods;
        uint32_t places;
    } sizes[] = {{1, 1}, {4, 1}, {10, 1}, {4, 4}, {10, 16}};
    static const double loads[] = {0.3, 0.6, 0.8};
    struct arena a = {0};
    for (size_t d = 0; d < 3; d++)
        for (size_t p = 0; p < 3; p++)
            for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
                for (size_t l = 0; l < 3; l++) {
                    struct service_spec spec = {.name = "web",
                                                .cpu = dists[d],
                                                .concurrency = sizes[s].places,
                                                .balancing = (enum service_balancing)p};
                    const char *name =
                        arena_printf(&a, "%s, %s, %u pods of %u at %g", names[d], policies[p],
                                     sizes[s].pods, sizes[s].places, loads[l]);
                    compare(name, &spec, sizes[s].pods, loads[l]);
                }
    arena_drop(&a);
}

Test(theory, fluid_agrees_with_requests_under_a_cpu_limit)
{
    static const struct {
        const char *name;
        double limit;
        uint32_t places;
        double wait;
        uint32_t pods;
        double load;
    } rows[] = {
        {"one core shared", 1.0, 0, 0.0, 4, 0.5},
        {"one core shared", 1.0, 0, 0.0, 4, 0.8},
        {"half a core shared", 0.5, 0, 0.0, 1, 0.6},
        {"four cores and a wait", 4.0, 0, 0.05, 3, 0.7},
        {"sixteen places", 1.0, 16, 0.03, 4, 0.7},
        {"64 places, 2 cores", 2.0, 64, 0.03, 1, 0.8},
    };
    const struct dist dists[] = {dist_exponential(0.02), dist_lognormal(0.02, 1.0)};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t d = 0; d < 2; d++) {
            struct service_spec spec = {.name = "web",
                                        .cpu = dists[d],
                                        .wait = dist_exponential(rows[i].wait),
                                        .cpu_limit_cores = rows[i].limit,
                                        .concurrency = rows[i].places};
            compare(rows[i].name, &spec, rows[i].pods, rows[i].load);
        }
}
