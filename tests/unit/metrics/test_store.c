/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of metrics-server's store, batch by batch. */
#include "metrics/store.h"

#include <criterion/criterion.h>

#define S   SIMTIME_SECOND
#define RES (15 * S)

enum { MAX_BATCHES = 5 };

struct batch {
    double start;
    double at;  /* < 0: the batch has no point of this container */
    double cpu; /* core-seconds */
};

struct row {
    const char *name;
    struct batch batches[MAX_BATCHES];
    size_t count;
    bool other_has_prev; /* another container of the pod */
    bool served;
    uint64_t nanocores;
    double window;
};

static const struct row rows[] = {
    {"two samples", {{0, 100, 10}, {0, 118, 12.7}}, 2, false, true, 150000000, 18},
    {"the same sample again",
     {{0, 100, 10}, {0, 118, 12.7}, {0, 118, 12.7}},
     3,
     false,
     true,
     150000000,
     18},
    {"and a later one",
     {{0, 100, 10}, {0, 118, 12.7}, {0, 118, 12.7}, {0, 131, 19.2}},
     4,
     false,
     true,
     500000000,
     13},
    {"young container", {{200, 212, 0.6}}, 1, false, true, 50000000, 12},
    {"exactly 10 s old", {{200, 210, 0.5}}, 1, false, true, 50000000, 10},
    {"just under 10 s", {{200, 209.999, 0.5}}, 1, false, false, 0, 0},
    {"too fresh", {{200, 208, 0.4}}, 1, false, false, 0, 0},
    {"just under the resolution", {{200, 214.999, 1.4999}}, 1, false, true, 100000000, 14.999},
    {"as old as the resolution", {{200, 215, 1.5}}, 1, false, false, 0, 0},
    {"too old, no earlier point", {{200, 216, 0.8}}, 1, false, false, 0, 0},
    {"too old, then another", {{200, 216, 0.8}, {200, 231, 2.3}}, 2, false, true, 100000000, 15},
    {"fresh, then young: its start counts",
     {{200, 203, 0.1}, {200, 213, 1.3}},
     2,
     false,
     true,
     100000000,
     13},
    {"restarted: start after the last sample",
     {{0, 100, 10}, {0, 118, 12.7}, {120, 125, 0.1}},
     3,
     false,
     false,
     0,
     0},
    {"restarted at the last sample's time",
     {{0, 100, 10}, {0, 118, 12.7}, {118, 125, 0.1}},
     3,
     false,
     false,
     0,
     0},
    {"restarted, unnoticed: the counter fell",
     {{0, 100, 10}, {0, 118, 12.7}, {90, 131, 0.1}},
     3,
     false,
     false,
     0,
     0},
    {"a failed scrape", {{0, 100, 10}, {0, 118, 12.7}, {0, -1, 0}}, 3, false, false, 0, 0},
    {"one scrape after it",
     {{0, 100, 10}, {0, 118, 12.7}, {0, -1, 0}, {0, 131, 19.2}},
     4,
     false,
     false,
     0,
     0},
    {"two scrapes after it",
     {{0, 100, 10}, {0, 118, 12.7}, {0, -1, 0}, {0, 131, 19.2}, {0, 146, 20.7}},
     5,
     false,
     true,
     100000000,
     15},
    {"two scrapes after it, the same sample",
     {{0, 100, 10}, {0, 118, 12.7}, {0, -1, 0}, {0, 131, 19.2}, {0, 131, 19.2}},
     5,
     false,
     false,
     0,
     0},
    {"an older sample than the stored one",
     {{0, 100, 10}, {0, 118, 12.7}, {0, 110, 11}},
     3,
     false,
     true,
     100000000,
     10},
    {"older than the one before, too",
     {{0, 100, 10}, {0, 118, 12.7}, {0, 99, 9}},
     3,
     false,
     false,
     0,
     0},
    {"idle", {{0, 100, 10}, {0, 118, 10}}, 2, false, true, 0, 18},
};

static bool play(const struct row *row, uint64_t *nanocores, simtime *window)
{
    struct container_store s = {0};
    for (size_t i = 0; i < row->count; i++) {
        const struct batch *b = &row->batches[i];
        if (b->at < 0) {
            container_store_drop(&s);
            continue;
        }
        struct metrics_point p = {.start = simtime_seconds(b->start),
                                  .timestamp = simtime_seconds(b->at),
                                  .cpu = (uint64_t)(b->cpu * 1e9 + 0.5),
                                  .memory = 1};
        container_store_put(&s, &p, RES, row->other_has_prev);
    }
    return s.last.present && s.prev.present && metrics_usage(&s.last, &s.prev, nanocores, window);
}

Test(store, rules)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t nanocores = 0;
        simtime window = 0;
        bool served = play(&rows[i], &nanocores, &window);
        cr_expect_eq(served, rows[i].served, "%s", rows[i].name);
        if (!served || !rows[i].served)
            continue;
        cr_expect_eq(nanocores, rows[i].nanocores, "%s: %llu", rows[i].name,
                     (unsigned long long)nanocores);
        cr_expect_eq(window, simtime_seconds(rows[i].window), "%s", rows[i].name);
    }
}

/* pod.go reads s.prev[pod].Containers[name] though only another container is there. */
Test(store, a_missing_entry_reads_as_the_zero_time)
{
    struct container_store s = {0};
    struct metrics_point p = {.start = 0, .timestamp = 100 * S, .cpu = 5000000000, .memory = 1};
    uint64_t nanocores = 7;
    simtime window = 0;
    container_store_put(&s, &p, RES, false);
    container_store_put(&s, &p, RES, true);
    cr_assert(s.prev.present);
    cr_expect(metrics_usage(&s.last, &s.prev, &nanocores, &window));
    cr_expect_eq(nanocores, 0);
    cr_expect_eq(window, SIMTIME_NEVER);
}

Test(store, milli_values_round_up)
{
    static const struct {
        uint64_t nanocores;
        int64_t milli;
    } cases[] = {{0, 0},       {1, 1},           {999999, 1},      {1000000, 1},
                 {1000001, 2}, {150000000, 150}, {150000001, 151}, {UINT64_MAX, 18446744073710}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(metrics_milli_cores(cases[i].nanocores), cases[i].milli, "%llu",
                     (unsigned long long)cases[i].nanocores);
}
