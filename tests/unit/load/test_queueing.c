/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas of queueing theory against published values and closed forms. */
#include "load/queueing.h"

#include <criterion/criterion.h>
#include <math.h>

static bool near(double got, double wanted, double tolerance)
{
    return fabs(got - wanted) <= tolerance * (1.0 + fabs(wanted));
}

Test(queueing, erlang_formulas)
{
    static const struct {
        double servers;
        double load;
        double b;
        double c;
    } rows[] = {
        {1, 0.5, 1.0 / 3.0, 0.5},
        {2, 1.0, 0.2, 1.0 / 3.0},
        {5, 3.0, 0.110054, 0.236152},
        {10, 8.0, 0.121661, 0.409180},
        {100, 90.0, 0.026957, 0.216941},
        {1, 0.0, 0.0, 0.0},
        {0, 0.0, 1.0, 1.0},
        {3, 3.0, 0.346154, 1.0},
        {3, 5.0, 0.529661, 1.0},
        {1000, 1.0, 0.0, 0.0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double b = erlang_b(rows[i].servers, rows[i].load);
        double c = erlang_c(rows[i].servers, rows[i].load);
        cr_expect(near(b, rows[i].b, 2e-6), "B(%g, %g) = %.7f", rows[i].servers, rows[i].load, b);
        cr_expect(near(c, rows[i].c, 2e-6), "C(%g, %g) = %.7f", rows[i].servers, rows[i].load, c);
    }
}

static struct queue_model model(const struct dist *service, double servers, double load)
{
    return (struct queue_model){.servers = servers,
                                .utilization = load,
                                .arrival_scv = 1.0,
                                .service_mean = service->mean,
                                .service_variance = service->variance,
                                .service_third = service->third};
}

/* M/M/c: C(c, a) S / (c (1 - rho)), and those delayed wait an exponential time. */
Test(queueing, wait_is_exact_for_exponential_service)
{
    static const struct {
        double servers;
        double load;
    } rows[] = {{1, 0.5}, {1, 0.95}, {4, 0.8}, {32, 0.9}, {1, 0.01}};
    struct dist service = dist_exponential(0.2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct queue_model q = model(&service, rows[i].servers, rows[i].load);
        struct wait_model w = queueing_wait(&q);
        double c = rows[i].servers;
        double delayed = erlang_c(c, rows[i].load * c);
        double mean = 0.2 / (c * (1.0 - rows[i].load));
        cr_expect(near(w.delayed, delayed, 1e-12), "%g, %g", c, rows[i].load);
        cr_expect(near(w.mean, mean, 1e-12), "%g, %g: %g, not %g", c, rows[i].load, w.mean, mean);
        cr_expect(near(w.variance, mean * mean, 1e-9), "%g, %g", c, rows[i].load);
    }
}

/* M/G/1, Pollaczek and Khinchine: E W = lambda E S^2 / (2 (1 - rho)), and the second moment. */
Test(queueing, wait_is_exact_for_one_server)
{
    const struct dist rows[] = {dist_constant(1.0), dist_exponential(2.0), dist_lognormal(1.0, 2.0),
                                dist_uniform(0.0, 1.0), dist_gamma(3.0, 0.5)};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (double load = 0.1; load < 1.0; load += 0.2) {
            struct queue_model q = model(&rows[i], 1.0, load);
            struct wait_model w = queueing_wait(&q);
            double rate = load / rows[i].mean;
            double second = rows[i].variance + rows[i].mean * rows[i].mean;
            double mean = rate * second / (2.0 * (1.0 - load));
            double square = 2.0 * mean * mean + rate * rows[i].third / (3.0 * (1.0 - load));
            cr_expect(near(wait_model_mean(&w), mean, 1e-9), "row %zu at %g", i, load);
            double got = w.delayed * (w.variance + w.mean * w.mean);
            cr_expect(near(got, square, 1e-9), "row %zu at %g: %g, not %g", i, load, got, square);
        }
}

/* M/D/c: mean wait in units of the service, by Cosmetatos' approximation (itself good to 2 %). */
Test(queueing, wait_is_close_for_constant_service)
{
    static const struct {
        double servers;
        double load;
        double mean;
    } rows[] = {{2, 0.8, 0.901}, {5, 0.8, 0.289}, {10, 0.9, 0.3455}};
    struct dist service = dist_constant(1.0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct queue_model q = model(&service, rows[i].servers, rows[i].load);
        struct wait_model w = queueing_wait(&q);
        cr_expect_leq(fabs(wait_model_mean(&w) / rows[i].mean - 1.0), 0.10, "c %g: %g, not %g",
                      rows[i].servers, wait_model_mean(&w), rows[i].mean);
    }
}

Test(queueing, balancing_is_ordered)
{
    struct dist service = dist_exponential(1.0);
    for (double load = 0.2; load < 0.95; load += 0.2) {
        struct queue_model q = model(&service, 2.0, load);
        struct queue_model all = model(&service, 20.0, load);
        struct wait_model random = queueing_wait(&q);
        struct wait_model turns = queueing_wait_turns(&q, 10.0);
        struct wait_model least = queueing_wait_least(&q, 10.0);
        struct wait_model pooled = queueing_wait(&all);
        cr_expect_lt(wait_model_mean(&turns), wait_model_mean(&random), "at %g", load);
        cr_expect_lt(wait_model_mean(&least), wait_model_mean(&turns), "at %g", load);
        cr_expect_leq(wait_model_mean(&pooled), wait_model_mean(&least), "at %g", load);
        struct wait_model alone = queueing_wait_least(&q, 1.0);
        cr_expect_eq(alone.mean, random.mean);
        alone = queueing_wait_turns(&q, 1.0);
        cr_expect_eq(alone.mean, random.mean);
    }
    struct queue_model idle = model(&service, 2.0, 0.0);
    struct wait_model none = queueing_wait(&idle);
    cr_expect_eq(wait_model_mean(&none), 0.0);
}

/* M/M/1/K and M/M/c/c in closed form; M/M/c as the chain without limit. */
Test(queueing, birth_death_chains)
{
    double one[] = {1.0};
    for (double load = 0.5; load < 3.0; load += 0.7) {
        struct birth_death b = queueing_birth_death(load, one, 1, 4.0);
        double sum = 0.0;
        double mean = 0.0;
        for (int j = 0; j <= 5; j++) {
            sum += pow(load, j);
            mean += j * pow(load, j);
        }
        cr_expect(near(b.full, pow(load, 5) / sum, 1e-12), "load %g", load);
        cr_expect(near(b.mean, mean / sum, 1e-12), "load %g", load);
        cr_expect(near(b.throughput, load * (1.0 - b.full), 1e-12), "load %g", load);
        cr_expect(near(b.mean_in, b.throughput, 1e-12), "load %g", load);
    }
    double loss[5];
    for (int j = 0; j < 5; j++)
        loss[j] = j + 1.0;
    struct birth_death b = queueing_birth_death(3.0, loss, 5, 0.0);
    cr_expect(near(b.full, erlang_b(5, 3.0), 1e-12));
    cr_expect_eq(b.delayed, 0.0);
    b = queueing_birth_death(3.0, loss, 5, -1.0);
    cr_expect(near(b.delayed, erlang_c(5, 3.0), 1e-9), "%g", b.delayed);
    cr_expect(near(b.mean_in, 3.0, 1e-9));
    cr_expect(near(b.mean, 3.0 + erlang_c(5, 3.0) * 3.0 / 2.0, 1e-9));
}
