/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorded timelines of a real control plane, seen by our metrics-server: meters
 * driven by load.csv and the pods of clocks.json, scrapes and samples at the recorded
 * times, and what is served compared with recorded.csv second by second.
 *
 * Independent evidence are step and ramp: everything they use is in clocks.json. KWOK's
 * scrapes are not recorded. With the phase that clocks_read derives, some sums differ,
 * where pods became ready within the second that the phase is uncertain by. The last test
 * takes the phase that fits recorded.csv best: it shows that the rest of the mode is
 * right, not that the phase could have been known.
 */
#include "metrics/metrics_server.h"

#include "base/file.h"
#include "base/require.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMELINES  "tests/data/timelines/"
#define RAMP_STEP  (100 * SIMTIME_MILLISECOND)
#define TABLE_COLS 32

enum { MAX_POINTS = 32, MAX_PODS = 64, MAX_CHANGES = 40000 };

struct table {
    char *header[TABLE_COLS];
    size_t columns;
    char **cells; /* row by row */
    size_t rows;
};

static struct table read_table(struct arena *a, const char *path)
{
    struct diag d = {.arena = a};
    struct file_text file;
    struct table t = {0};
    cr_assert(file_read(a, path, 0, &file, &d), "%s cannot be read", path);
    t.cells = arena_array(a, char *, file.len);
    size_t n = 0;
    char *line = file.text;
    while (*line) {
        char *end = line + strcspn(line, "\r\n");
        char *next = *end ? end + 1 : end;
        *end = 0;
        size_t column = 0;
        for (char *cell = line; cell; column++) {
            char *comma = strchr(cell, ',');
            if (comma)
                *comma = 0;
            if (t.columns == 0)
                t.header[column] = cell;
            else
                t.cells[n++] = cell;
            cell = comma ? comma + 1 : NULL;
        }
        if (t.columns == 0)
            t.columns = column;
        else if (column == t.columns)
            t.rows++;
        else
            n -= column;
        line = next;
    }
    return t;
}

static double cell(const struct table *t, size_t row, const char *name)
{
    for (size_t i = 0; i < t->columns; i++)
        if (strcmp(t->header[i], name) == 0) {
            const char *text = t->cells[row * t->columns + i];
            return *text ? atof(text) : NAN;
        }
    cr_assert_fail("no column %s", name);
    return 0;
}

enum change_kind { LOAD, RUNS, READY, DELETING, GONE };

struct change {
    simtime at;
    enum change_kind kind;
    size_t index; /* pod */
};

struct replay {
    struct arena arena;
    struct engine *engine;
    struct clocks *clocks;
    struct metrics_server *server;
    const struct clocks_recording *recording;
    struct workload workload;
    struct pod pods[MAX_PODS];
    char names[MAX_PODS][32];
    struct curve pool;
    struct table load;
    struct change changes[MAX_CHANGES];
    size_t change_count;
    int ready;
};

/* Of equal times the later row counts: a step. */
static double load_at(const struct replay *r, double t)
{
    const struct table *l = &r->load;
    size_t i = l->rows - 1;
    while (i > 0 && cell(l, i, "time") > t)
        i--;
    double from = cell(l, i, "cpu_millicores");
    if (i + 1 == l->rows)
        return from / 1000;
    double t0 = cell(l, i, "time");
    double t1 = cell(l, i + 1, "time");
    return (from + (cell(l, i + 1, "cpu_millicores") - from) * (t - t0) / (t1 - t0)) / 1000;
}

/* The even share of the load from `at` on; a ramp by its mean over the next step. */
static void share_load(struct replay *r, simtime at)
{
    double from = load_at(r, simtime_to_seconds(at));
    double to = load_at(r, simtime_to_seconds(at + RAMP_STEP) - 1e-6);
    double load = fabs(to - from) < 0.1 ? (from + to) / 2 : from;
    double share = r->ready ? load / r->ready : 0;
    curve_set(&r->pool, at, fmin(share, r->recording->limit_cores));
}

static void apply(struct replay *r, const struct change *c)
{
    struct pod *pod = &r->pods[c->index];
    double idle = r->recording->idle_cores;
    switch (c->kind) {
    case LOAD:
        break;
    case RUNS:
        pod->running = c->at;
        curve_set(&pod->cpu.own, c->at > 0 ? c->at : 0, idle);
        metrics_server_pod_changed(r->server, pod, POD_RUNS, c->at);
        return;
    case READY:
        r->ready++;
        curve_set(&pod->cpu.own, c->at, 0);
        break;
    case DELETING:
        r->ready--;
        curve_set(&pod->cpu.own, c->at, idle);
        break;
    case GONE:
        metrics_server_pod_changed(r->server, pod, POD_GONE, c->at);
        return;
    }
    share_load(r, c->at);
    if (c->kind == READY)
        meter_join(&pod->cpu, &r->pool, c->at);
    if (c->kind == DELETING)
        meter_leave(&pod->cpu, c->at);
}

static void add_change(struct replay *r, simtime at, enum change_kind kind, size_t index)
{
    if (at == SIMTIME_NEVER)
        return;
    require(r->change_count < MAX_CHANGES);
    r->changes[r->change_count++] = (struct change){at, kind, index};
}

static int compare_changes(const void *x, const void *y)
{
    const struct change *a = x;
    const struct change *b = y;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* A pod that was there before starts the replay adopted: running since then, ready at 0. */
static void add_pod(struct replay *r, size_t i)
{
    const struct recorded_pod *p = &r->recording->pods[i];
    struct pod *pod = &r->pods[i];
    snprintf(r->names[i], sizeof r->names[i], "pod-%zu", i);
    pod->name = r->names[i];
    pod->serial = (uint32_t)i;
    pod->workload = &r->workload;
    pod->created = p->add;
    pod->restarts = 0;
    pod->memory_bytes = 64 << 20;
    meter_init(&pod->cpu, &r->arena);
    clocks_pod_bound(r->clocks, pod, p->add);
    pod->node = clocks_pod_node(r->clocks, pod, r->recording->node_count);
    if (p->running != SIMTIME_NEVER && p->running <= 0) {
        pod->running = p->running;
        curve_set(&pod->cpu.own, 0, 0);
        metrics_server_pod_changed(r->server, pod, POD_RUNS, 0);
    } else {
        add_change(r, p->running, RUNS, i);
    }
    if (p->ready != SIMTIME_NEVER)
        add_change(r, p->ready > 0 ? p->ready : 0, READY, i);
    add_change(r, p->deleting, DELETING, i);
    add_change(r, p->gone, GONE, i);
}

static const struct clocks_recording *
with_scrape(struct arena *a, const struct clocks_recording *recording, simtime at)
{
    struct clocks_recording *copy = arena_new(a, struct clocks_recording);
    simtime *times = arena_array(a, simtime, 1);
    const simtime **lists = arena_array(a, const simtime *, 1);
    times[0] = at;
    lists[0] = times;
    *copy = *recording;
    copy->scrapes = lists;
    copy->node_count = 1;
    copy->scrape_count = 1;
    return copy;
}

/* scrape: when KWOK's scrapes begin, NEVER: as clocks_read has it. */
static struct replay *start(const char *name, simtime scrape)
{
    struct replay *r = calloc(1, sizeof *r);
    struct diag d = {.arena = &r->arena};
    char path[256];
    snprintf(path, sizeof path, TIMELINES "%s/clocks.json", name);
    r->recording = clocks_read(&r->arena, path, &d);
    cr_assert(r->recording, "%s: %s", path, d.count ? diag_message(&d, 0) : "");
    if (scrape != SIMTIME_NEVER)
        r->recording = with_scrape(&r->arena, r->recording, scrape);
    snprintf(path, sizeof path, TIMELINES "%s/load.csv", name);
    r->load = read_table(&r->arena, path);
    struct clocks_spec clocks = clocks_spec_recorded(&r->arena, r->recording);
    r->clocks = clocks_create(&r->arena, &clocks, 1);
    r->engine = engine_create(&r->arena);
    struct metrics_server_spec spec = {
        .mode = r->recording->kwok ? METRICS_KWOK : METRICS_CADVISOR,
        .epoch_fraction = r->recording->epoch_fraction,
        .node_count = r->recording->node_count,
    };
    r->server = metrics_server_create(&r->arena, r->engine, r->clocks, &spec);
    curve_init(&r->pool, &r->arena);
    for (size_t i = 0; i < r->recording->pod_count; i++)
        add_pod(r, i);
    for (simtime at = 0; at <= r->recording->duration; at += RAMP_STEP)
        add_change(r, at, LOAD, 0);
    qsort(r->changes, r->change_count, sizeof r->changes[0], compare_changes);
    metrics_server_start(r->server);
    return r;
}

struct served {
    int pods;
    double sum;
    double age[2];
    double window[2];
};

static struct served look(struct replay *r, simtime now)
{
    struct served s = {.age = {INFINITY, -INFINITY}, .window = {INFINITY, -INFINITY}};
    for (size_t i = 0; i < r->recording->pod_count; i++) {
        struct pod_metrics item;
        struct container_metrics c;
        if (!metrics_server_get(r->server, &r->pods[i], &item, &c, 1))
            continue;
        double age = simtime_to_seconds(now - item.timestamp);
        double window = simtime_to_seconds(item.window);
        s.pods++;
        s.sum += (double)c.cpu_nanocores / 1e6;
        s.age[0] = fmin(s.age[0], age);
        s.age[1] = fmax(s.age[1], age);
        s.window[0] = fmin(s.window[0], window);
        s.window[1] = fmax(s.window[1], window);
    }
    return s;
}

struct comparison {
    double from; /* the recording's first windows began before it */
    double sum;  /* largest differences allowed */
    double age;
    double window;
    int differing;  /* rows that may differ in anything */
    simtime scrape; /* see start */
};

static bool near(double x, double y, double tolerance)
{
    return (isnan(x) && !isfinite(y)) || fabs(x - y) <= tolerance;
}

static bool same(const struct table *t, size_t row, const struct served *s,
                 const struct comparison *allow)
{
    int pods = (int)cell(t, row, "pm_pods");
    return pods == s->pods && near(cell(t, row, "pm_sum_m"), s->sum, allow->sum) &&
           near(cell(t, row, "pm_age_min"), s->age[0], allow->age) &&
           near(cell(t, row, "pm_age_max"), s->age[1], allow->age) &&
           near(cell(t, row, "pm_window_min"), s->window[0], allow->window) &&
           near(cell(t, row, "pm_window_max"), s->window[1], allow->window);
}

static void compare(const char *name, const struct comparison *allow)
{
    struct replay *r = start(name, allow->scrape);
    char path[256];
    snprintf(path, sizeof path, TIMELINES "%s/recorded.csv", name);
    struct table recorded = read_table(&r->arena, path);
    size_t next = 0;
    int differing = 0;
    int rows = 0;
    cr_assert_gt(recorded.rows, 800);
    for (size_t i = 0; i < recorded.rows; i++) {
        simtime now = simtime_seconds(cell(&recorded, i, "t"));
        for (; next < r->change_count && r->changes[next].at <= now; next++) {
            engine_run_until(r->engine, r->changes[next].at);
            apply(r, &r->changes[next]);
        }
        engine_run_until(r->engine, now);
        struct served s = look(r, now);
        if (simtime_to_seconds(now) < allow->from)
            continue;
        rows++;
        if (same(&recorded, i, &s, allow))
            continue;
        differing++;
        if (getenv("REPLAY_VERBOSE"))
            printf("%s %.3f: pods %d/%d sum %.3f/%.3f age %.3f..%.3f/%.3f..%.3f window "
                   "%.3f..%.3f/%.3f..%.3f\n",
                   name, simtime_to_seconds(now), s.pods, (int)cell(&recorded, i, "pm_pods"), s.sum,
                   cell(&recorded, i, "pm_sum_m"), s.age[0], s.age[1],
                   cell(&recorded, i, "pm_age_min"), cell(&recorded, i, "pm_age_max"), s.window[0],
                   s.window[1], cell(&recorded, i, "pm_window_min"),
                   cell(&recorded, i, "pm_window_max"));
    }
    cr_expect_leq(differing, allow->differing, "%s: %d of %d rows differ", name, differing, rows);
    arena_drop(&r->arena);
    free(r);
}

Test(replay, step)
{
    compare("a_step_default", &(struct comparison){36, 3, 0.0021, 0.0021, 0, SIMTIME_NEVER});
}

Test(replay, ramp)
{
    compare("c_ramp", &(struct comparison){40, 3, 0.0021, 0.0021, 0, SIMTIME_NEVER});
}

/* Three scrapes' worth of sums: at 157, 187 and 202 s pods became ready within that second. */
Test(replay, kwok)
{
    compare("a3_step_kwokmetrics", &(struct comparison){36, 12, 0.0021, 0.1, 45, SIMTIME_NEVER});
}

/* Pods, ages and windows need no fitted phase. */
Test(replay, kwok_but_for_the_sums)
{
    compare("a3_step_kwokmetrics",
            &(struct comparison){36, INFINITY, 0.0021, 0.1, 0, SIMTIME_NEVER});
}

Test(replay, kwok_with_the_phase_fitted)
{
    compare("a3_step_kwokmetrics",
            &(struct comparison){36, 12, 0.0021, 0.1, 0, 7400 * SIMTIME_MILLISECOND});
}
