/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job queue: delivery again after a worker's death, dead letters, draining,
 * the age of the oldest, every job counted once, and both resolutions alike.
 */
#include "base/arena.h"
#include "engine/event.h"
#include "load/jobs.h"
#include "load/queueing.h"

#include <criterion/criterion.h>
#include <math.h>

struct shop {
    struct arena arena;
    struct engine *engine;
    struct job_queue *queue;
};

static void shop_start(struct shop *s, const struct job_queue_spec *spec, bool fluid)
{
    *s = (struct shop){.engine = NULL};
    s->engine = engine_create(&s->arena);
    s->queue = job_queue_create(s->engine, &s->arena, 6, spec, fluid);
}

static void run(struct shop *s, double seconds)
{
    engine_run_until(s->engine, simtime_seconds(seconds));
}

static struct job_interval take(struct shop *s)
{
    struct job_interval i;
    job_queue_take(s->queue, &i);
    return i;
}

/* One worker dies after 4 s of a job of 10 s; the job is visible again 30 s later. */
Test(jobs, a_job_of_a_dead_worker_returns)
{
    static const struct {
        const char *name;
        uint32_t max_receives;
        double dead;
        double returned;
    } rows[] = {{"any number", 0, 0, 1}, {"once", 1, 1, 0}, {"twice", 2, 0, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int fluid = 0; fluid < 2; fluid++) {
            struct job_queue_spec spec = {.name = "q",
                                          .service = dist_constant(10.0),
                                          .cpu_cores = 0.5,
                                          .visibility_timeout = 30 * SIMTIME_SECOND,
                                          .max_receives = rows[i].max_receives};
            struct shop s;
            shop_start(&s, &spec, fluid != 0);
            uint32_t worker = job_queue_worker_add(s.queue, NULL);
            job_queue_put(s.queue, 1);
            run(&s, 4.0);
            if (!fluid)
                cr_expect_eq(job_queue_worker_busy(s.queue, worker), 1.0);
            job_queue_worker_kill(s.queue, worker);
            struct job_interval r = take(&s);
            double alive = fluid ? 1.0 - r.done : 1.0; /* a flow finishes part of a job */
            cr_expect_leq(fabs(r.dead - rows[i].dead * alive), 1e-9, "%s: %g", rows[i].name,
                          r.dead);
            cr_expect_leq(fabs(r.in_flight - (1.0 - rows[i].dead) * alive), 1e-9, "%s",
                          rows[i].name);
            run(&s, 33.9);
            cr_expect_eq(job_queue_depth(s.queue), 0.0, "%s, fluid %d: hidden", rows[i].name,
                         fluid);
            run(&s, 34.1);
            r = take(&s);
            cr_expect_leq(fabs(r.returned - rows[i].returned * alive), 1e-9, "%s, fluid %d: %g",
                          rows[i].name, fluid, r.returned);
            cr_expect_leq(fabs(r.waiting - rows[i].returned * alive), 1e-9, "%s", rows[i].name);
            if (!fluid && rows[i].returned > 0)
                cr_expect_leq(fabs(r.oldest_seconds - 34.1), 1e-9, "its age counts from the put");
            arena_drop(&s.arena);
        }
}

Test(jobs, the_second_death_is_final)
{
    struct job_queue_spec spec = {
        .name = "q", .service = dist_constant(10.0), .max_receives = 2, .workers = 3};
    struct shop s;
    shop_start(&s, &spec, false);
    job_queue_put(s.queue, 3);
    for (int round = 0; round < 2; round++) {
        uint32_t worker = job_queue_worker_add(s.queue, NULL);
        cr_expect_eq(job_queue_in_flight(s.queue), 3.0);
        run(&s, 1.0 + round);
        job_queue_worker_kill(s.queue, worker);
        run(&s, 1.5 + round); /* no visibility timeout: back at once */
    }
    struct job_interval r = take(&s);
    cr_expect_eq(r.dead, 3.0);
    cr_expect_eq(r.returned, 3.0);
    cr_expect_eq(r.waiting + r.in_flight + r.done, 0.0);
    arena_drop(&s.arena);
}

Test(jobs, draining_finishes_what_it_has)
{
    struct job_queue_spec spec = {.name = "q", .service = dist_constant(10.0), .cpu_cores = 0.5};
    struct shop s;
    struct meter meter;
    shop_start(&s, &spec, false);
    meter_init(&meter, &s.arena);
    uint32_t worker = job_queue_worker_add(s.queue, &meter);
    job_queue_put(s.queue, 2);
    run(&s, 2.0);
    job_queue_worker_drain(s.queue, worker);
    run(&s, 20.0);
    struct job_interval r = take(&s);
    cr_expect_eq(r.done, 1.0);
    cr_expect_eq(r.waiting, 1.0);
    cr_expect_leq(fabs(r.cpu_core_seconds - 5.0), 1e-9, "%g", r.cpu_core_seconds);
    cr_expect_leq(fabs(meter_total(&meter, 20 * SIMTIME_SECOND) - 5.0), 1e-9);
    job_queue_worker_resume(s.queue, worker);
    run(&s, 31.0);
    r = take(&s);
    cr_expect_eq(r.done, 1.0);
    cr_expect_leq(fabs(histogram_mean(r.latency) - 30.0), 1e-9);
    arena_drop(&s.arena);
}

/* M/M/3 in the long run: mean time from put to done. */
Test(jobs, mean_latency_is_that_of_theory)
{
    struct job_queue_spec spec = {.name = "q", .service = dist_exponential(0.6), .workers = 3};
    double theory = 0.6 + erlang_c(3, 2.4) * 0.6 / (3.0 - 2.4);
    struct shop s;
    shop_start(&s, &spec, false);
    job_queue_worker_add(s.queue, NULL);
    job_queue_set_rate(s.queue, 4.0);
    run(&s, 500.0);
    take(&s);
    struct running means = {0};
    for (int i = 1; i <= 20; i++) {
        run(&s, 500.0 + 3000.0 * i);
        struct job_interval r = take(&s);
        running_add(&means, histogram_mean(r.latency));
    }
    double interval = 3.9 * running_sd(&means) / sqrt(20.0);
    cr_expect_leq(fabs(means.mean - theory), interval, "%g +- %g, not %g", means.mean, interval,
                  theory);
    cr_expect_lt(interval, 0.15 * theory);
    arena_drop(&s.arena);
}

struct phase_row {
    double until;
    double rate;
    int pods; /* change */
};

static const struct phase_row phases[] = {
    {100.0, 4.0, 5},   /* 80 % of 5 workers of 1 s */
    {200.0, 12.0, 0},  /* overload: 7 a second too many */
    {300.0, 2.0, 0},   /* drains 3 a second */
    {400.0, 2.0, 10},  /* fast */
    {500.0, 0.0, -12}, /* three left */
};

/* The same story told by single jobs and by a flow. */
Test(jobs, resolutions_agree_and_nothing_is_lost)
{
    static const double seconds[] = {1.0, 0.05};
    for (size_t i = 0; i < 2; i++) {
        struct job_queue_spec spec = {.name = "q",
                                      .service = dist_exponential(seconds[i]),
                                      .cpu_cores = 1.0,
                                      .initial_depth = 50.0,
                                      .visibility_timeout = 5 * SIMTIME_SECOND};
        struct shop s[2];
        uint32_t handles[2][16] = {{0}};
        int count = 0;
        double put[2] = {0};
        double gone[2] = {0};
        double cpu[2] = {0};
        shop_start(&s[0], &spec, false);
        shop_start(&s[1], &spec, true);
        for (size_t p = 0; p < sizeof phases / sizeof phases[0]; p++) {
            for (int f = 0; f < 2; f++) {
                int now = count;
                for (; now < count + phases[p].pods; now++)
                    handles[f][now] = job_queue_worker_add(s[f].queue, NULL);
                for (; now > count + phases[p].pods; now--)
                    job_queue_worker_kill(s[f].queue, handles[f][now - 1]);
                job_queue_set_rate(s[f].queue, phases[p].rate / seconds[i]);
                run(&s[f], phases[p].until);
            }
            count += phases[p].pods;
            struct job_interval r[2] = {take(&s[0]), take(&s[1])};
            for (int f = 0; f < 2; f++) {
                put[f] += r[f].put;
                gone[f] += r[f].done + r[f].dead;
                cpu[f] += r[f].cpu_core_seconds;
                double left = put[f] - gone[f] - r[f].waiting - r[f].in_flight;
                cr_expect_leq(fabs(left), f ? 1e-9 * put[f] : 0.0, "phase %zu, fluid %d: %g", p, f,
                              left);
            }
            double noise = 5.0 * sqrt(put[0]) + 10.0;
            cr_expect_leq(fabs(r[0].waiting - r[1].waiting), noise,
                          "phase %zu: waiting %g, fluid %g", p, r[0].waiting, r[1].waiting);
            double work = 4.0 * seconds[i] * sqrt(2.0 * put[0]) + 0.03 * cpu[0];
            cr_expect_leq(fabs(cpu[0] - cpu[1]), work, "phase %zu: cpu %g, fluid %g", p, cpu[0],
                          cpu[1]);
            cr_expect_leq(fabs(r[0].oldest_seconds - r[1].oldest_seconds), 8.0,
                          "phase %zu: oldest %g, fluid %g", p, r[0].oldest_seconds,
                          r[1].oldest_seconds);
            cr_expect_leq(fabs(r[0].unmet_replica_seconds - r[1].unmet_replica_seconds), 1e-6);
        }
        arena_drop(&s[0].arena);
        arena_drop(&s[1].arena);
    }
}

Test(jobs, zero_is_valid)
{
    struct job_queue_spec spec = {.name = "q"};
    for (int fluid = 0; fluid < 2; fluid++) {
        struct shop s;
        shop_start(&s, &spec, fluid != 0);
        job_queue_set_rate(s.queue, 10.0);
        run(&s, 10.0);
        struct job_interval r = take(&s);
        cr_expect_leq(fabs(r.waiting - 100.0), 50.0, "nobody works");
        uint32_t worker = job_queue_worker_add(s.queue, NULL);
        run(&s, 20.0);
        r = take(&s);
        cr_expect_leq(r.waiting, 1e-9, "fluid %d: %g", fluid, r.waiting);
        job_queue_worker_kill(s.queue, worker);
        job_queue_worker_kill(s.queue, 0);
        job_queue_worker_drain(s.queue, 0);
        arena_drop(&s.arena);
    }
}
