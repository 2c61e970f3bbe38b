/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues built from events alone, M/M/c, against theory: the mean number
 * present, within a confidence interval from batch means, and Little's law.
 */
#include "base/arena.h"
#include "engine/dist.h"
#include "engine/event.h"
#include "engine/stats.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST_SERVERS = 8, MOST_PRESENT = 100000, BATCHES = 20 };

struct station;

struct server {
    struct event done;
    struct station *station;
    simtime arrived;
};

struct station {
    struct event arrival;
    struct server servers[MOST_SERVERS];
    int count;
    struct dist gap;
    struct dist service;
    struct rng gaps;
    struct rng services;
    simtime *waiting; /* a ring of arrival times */
    size_t head;
    size_t tail;
    struct time_mean present;
    double number;
    struct running stay;
};

static void serve(struct engine *engine, struct server *v, simtime arrived)
{
    struct station *s = v->station;
    v->arrived = arrived;
    double seconds = dist_sample(&s->service, &s->services);
    event_schedule(engine, &v->done, engine_now(engine) + simtime_seconds(seconds));
}

static void arrive(struct engine *engine, struct event *event)
{
    struct station *s = event_owner(event, struct station, arrival);
    simtime now = engine_now(engine);
    time_mean_set(&s->present, now, ++s->number);
    event_schedule(engine, event, now + simtime_seconds(dist_sample(&s->gap, &s->gaps)));
    for (int i = 0; i < s->count; i++)
        if (!event_scheduled(&s->servers[i].done)) {
            serve(engine, &s->servers[i], now);
            return;
        }
    s->waiting[s->tail++ % MOST_PRESENT] = now;
}

static void depart(struct engine *engine, struct event *event)
{
    struct server *v = event_owner(event, struct server, done);
    struct station *s = v->station;
    simtime now = engine_now(engine);
    running_add(&s->stay, simtime_to_seconds(now - v->arrived));
    time_mean_set(&s->present, now, --s->number);
    if (s->head < s->tail)
        serve(engine, v, s->waiting[s->head++ % MOST_PRESENT]);
}

static void build(struct station *s, struct engine *engine, struct arena *a, int servers,
                  double load)
{
    *s = (struct station){.count = servers,
                          .gap = dist_exponential(1.0),
                          .service = dist_exponential(load * servers),
                          .gaps = rng_stream(8, "station", "gaps"),
                          .services = rng_stream(8, "station", "services"),
                          .waiting = arena_array(a, simtime, MOST_PRESENT)};
    event_init(&s->arrival, arrive, 0);
    for (int i = 0; i < servers; i++) {
        s->servers[i].station = s;
        event_init(&s->servers[i].done, depart, 0);
    }
    event_schedule(engine, &s->arrival, 0);
}

Test(stations, mean_number_present_and_littles_law)
{
    static const struct {
        int servers;
        double load;
        double present; /* rho c + C(c, rho c) rho / (1 - rho) */
    } rows[] = {{1, 0.5, 1.0}, {1, 0.8, 4.0}, {2, 0.75, 3.428571428571}, {4, 0.8, 5.585730}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a = {0};
        struct engine *engine = engine_create(&a);
        struct station *s = arena_new(&a, struct station);
        build(s, engine, &a, rows[i].servers, rows[i].load);
        engine_run_until(engine, 1000 * SIMTIME_SECOND); /* warm up */
        struct running batches = {0};
        struct running stays = {0};
        double area = 0.0;
        for (int b = 0; b < BATCHES; b++) {
            time_mean_start(&s->present, engine_now(engine), s->number);
            s->stay = (struct running){0};
            engine_run_until(engine, engine_now(engine) + 20000 * SIMTIME_SECOND);
            running_add(&batches, time_mean_at(&s->present, engine_now(engine)));
            area += time_mean_area(&s->present, engine_now(engine));
            running_merge(&stays, &s->stay);
        }
        double interval = 3.9 * running_sd(&batches) / sqrt(BATCHES); /* t, 99.9 %, 19 */
        cr_expect_leq(fabs(batches.mean - rows[i].present), interval, "M/M/%d at %g: %g +- %g",
                      rows[i].servers, rows[i].load, batches.mean, interval);
        cr_expect_lt(interval, 0.2 * rows[i].present, "the interval says something");
        double little = (double)stays.count * stays.mean;
        cr_expect_leq(fabs(area - little), 1e-3 * area, "L = lambda W: %g, %g", area, little);
        arena_drop(&a);
    }
}
