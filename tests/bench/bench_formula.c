/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formulas of scalingModifiers and cron triggers: evaluations a second, compiled once. Prints,
 * never fails.
 */
#include "base/json.h"
#include "control/keda/cron.h"
#include "control/keda/formula.h"

#include <stdio.h>
#include <time.h>

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench_formula(const char *text)
{
    static const char *const names[] = {"a", "b", "c"};
    const struct formula_spec spec = {.formula = text, .target = "2"};
    struct formula_input inputs[3] = {{.value = 3}, {.value = 4.5}, {.value = 100}};
    struct arena a = {0};
    struct arena scratch = {0};
    const char *rewritten;
    const char *error;
    const struct formula *f = formula_validate(&a, &spec, names, 3, &rewritten, &error, NULL);
    double sum = 0;
    if (f == NULL) {
        printf("%s: %s\n", text, error);
        return;
    }
    enum { ROUNDS = 1000000 };
    const double began = wall_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&scratch);
        inputs[0].value = i;
        sum += formula_calculate(f, &spec, inputs, &scratch).raw;
    }
    const double took = wall_seconds() - began;
    printf("%-48s %6.2f M evaluations/s (%g)\n", text, 1e-6 * ROUNDS / took, sum);
    arena_drop(&scratch);
    arena_drop(&a);
}

static void bench_cron(const char *zone_name)
{
    struct arena a = {0};
    const struct scaler_param params[] = {{"timezone", zone_name},
                                          {"start", "0 8 * * 1-5"},
                                          {"end", "30 18 * * 1-5"},
                                          {"desiredReplicas", "5"}};
    const struct scaler_config config = {.metadata = {params, 4}};
    struct scaler_cron cron;
    const char *error;
    if (!scaler_cron_parse(&a, &config, &cron, &error) || cron.zone == NULL) {
        printf("cron: %s\n", error != NULL ? error : cron.zone_error);
        return;
    }
    enum { ROUNDS = 100000 };
    int64_t active = 0;
    const double began = wall_seconds();
    for (int64_t i = 0; i < ROUNDS; i++) {
        active += scaler_cron_state(&cron, 1700000000 + i * 1800).active;
    }
    const double took = wall_seconds() - began;
    printf("cron trigger in %-32s %6.3f M queries/s (%lld active)\n", zone_name,
           1e-6 * ROUNDS / took, (long long)active);
    arena_drop(&a);
}

int main(void)
{
    bench_formula("(a + b) / 2");
    bench_formula("a > 100 ? max(a, b) * 1.5 : b ?? c");
    bench_formula("count([a, b, c], {# > 10}) > 1 ? a : mean([b, c])");
    bench_formula("(a * 2 + b ** 0.3 - c / 7) * (a < b ? 1 : 2)");
    bench_cron("Europe/Paris");
    return 0;
}
