/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's speed: the hold model (each event, when it fires, schedules
 * itself an exponential time ahead, so the number pending stays the same), a
 * queue M/M/1 of a million customers, and the functions inner loops call. The
 * only place with the engine that looks at the wall clock. Prints, never fails.
 */
#include "engine/dist.h"
#include "engine/dmath.h"
#include "engine/event.h"
#include "engine/rng.h"
#include "engine/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct hold {
    struct event event;
    struct rng *rng;
};

static void hold_again(struct engine *engine, struct event *event)
{
    struct hold *h = event_owner(event, struct hold, event);
    simtime ahead = 1 + (simtime)(rng_u64(h->rng) >> 30); /* uniform up to 17 s */
    event_schedule(engine, event, engine_now(engine) + ahead);
}

static void bench_hold(size_t pending, uint64_t events)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct rng rng = rng_stream(1, "hold", "bench");
    struct hold *holds = arena_array(&a, struct hold, pending);
    for (size_t i = 0; i < pending; i++) {
        holds[i].rng = &rng;
        event_init(&holds[i].event, hold_again, 0);
        event_schedule(engine, &holds[i].event, (simtime)(rng_u64(&rng) >> 30));
    }
    double began = wall_seconds();
    while (engine_fired(engine) < events)
        engine_step(engine);
    double took = wall_seconds() - began;
    printf("hold model, %6zu pending: %6.1f M events/s\n", pending, 1e-6 * (double)events / took);
    arena_drop(&a);
}

struct station {
    struct event arrival;
    struct event departure;
    struct rng arrivals;
    struct rng services;
    struct dist gap;
    struct dist service;
    struct time_mean number;
    uint64_t present;
    uint64_t served;
};

static void begin_service(struct engine *engine, struct station *s)
{
    double seconds = dist_sample(&s->service, &s->services);
    event_schedule(engine, &s->departure, engine_now(engine) + simtime_seconds(seconds));
}

static void arrive(struct engine *engine, struct event *event)
{
    struct station *s = event_owner(event, struct station, arrival);
    simtime now = engine_now(engine);
    time_mean_set(&s->number, now, (double)++s->present);
    if (s->present == 1)
        begin_service(engine, s);
    event_schedule(engine, event, now + simtime_seconds(dist_sample(&s->gap, &s->arrivals)));
}

static void depart(struct engine *engine, struct event *event)
{
    struct station *s = event_owner(event, struct station, departure);
    time_mean_set(&s->number, engine_now(engine), (double)--s->present);
    s->served++;
    if (s->present > 0)
        begin_service(engine, s);
}

static void bench_station(uint64_t customers)
{
    struct arena a = {0};
    struct engine *engine = engine_create(&a);
    struct station s = {.arrivals = rng_stream(1, "station", "arrivals"),
                        .services = rng_stream(1, "station", "services"),
                        .gap = dist_exponential(1.0),
                        .service = dist_exponential(0.8)};
    event_init(&s.arrival, arrive, 0);
    event_init(&s.departure, depart, 0);
    event_schedule(engine, &s.arrival, 0);
    double began = wall_seconds();
    while (s.served < customers)
        engine_step(engine);
    double took = wall_seconds() - began;
    printf("M/M/1, %llu customers: %.3f s, mean number %.3f (4 expected)\n",
           (unsigned long long)customers, took, time_mean_at(&s.number, engine_now(engine)));
    arena_drop(&a);
}

typedef double draw_fn(struct rng *rng, struct histogram *h);

static double draw_nothing(struct rng *rng, struct histogram *h)
{
    (void)h;
    return rng_double(rng);
}

static double draw_log(struct rng *rng, struct histogram *h)
{
    (void)h;
    return dmath_log(rng_double_positive(rng));
}

static double draw_exp(struct rng *rng, struct histogram *h)
{
    (void)h;
    return dmath_exp(20.0 * rng_double(rng) - 10.0);
}

static double draw_normal(struct rng *rng, struct histogram *h)
{
    (void)h;
    return rng_normal(rng);
}

static double draw_gamma(struct rng *rng, struct histogram *h)
{
    (void)h;
    return rng_gamma(rng, 2.5);
}

static double draw_histogram(struct rng *rng, struct histogram *h)
{
    histogram_add(h, 0.01 + rng_double(rng), 1.0);
    return 0.0;
}

static void bench_draws(void)
{
    static const struct {
        const char *name;
        draw_fn *draw;
    } rows[] = {
        {"uniform", draw_nothing}, {"log of uniform", draw_log}, {"exp of uniform", draw_exp},
        {"normal", draw_normal},   {"gamma", draw_gamma},        {"histogram add", draw_histogram},
    };
    struct histogram *h = calloc(1, sizeof *h);
    if (h == NULL)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum { N = 10000000 };
        struct rng rng = rng_stream(1, "draws", rows[i].name);
        double sum = 0.0;
        double began = wall_seconds();
        for (int k = 0; k < N; k++)
            sum += rows[i].draw(&rng, h);
        double took = wall_seconds() - began;
        printf("%-16s %5.1f ns (sum %.3g)\n", rows[i].name, 1e9 * took / N, sum);
    }
    free(h);
}

int main(void)
{
    bench_hold(1000, 20000000);
    bench_hold(10000, 10000000);
    bench_hold(100000, 5000000);
    bench_station(1000000);
    bench_draws();
    puts("limited by: cache misses of the heap (1k events fit the first cache, 100k do not); the "
         "station by its two exponential draws a customer");
    return 0;
}
