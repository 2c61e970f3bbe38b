/* SPDX-License-Identifier: Apache-2.0 */
/* When probes let a pod become ready; arithmetic beside each row. */
#include "control/kubelet.h"

#include <criterion/criterion.h>

#define S SIMTIME_SECOND

struct row {
    const char *name;
    struct probe_spec readiness;
    struct probe_spec startup;
    double running;
    double answers;
    double ready;
};

#define PROBE(delay, period, success)                                                              \
    {                                                                                              \
        .present = true, .initial_delay_seconds = (delay), .period_seconds = (period),             \
        .success_threshold = (success), .failure_threshold = 3                                     \
    }
#define NONE                                                                                       \
    {                                                                                              \
        0                                                                                          \
    }

static const struct row rows[] = {
    {"no probe: ready when it answers", NONE, NONE, 100, 100, 100},
    {"no probe, slow start", NONE, NONE, 100, 112, 112},
    {"first probe at once", PROBE(0, 10, 1), NONE, 100, 100, 100},
    {"answers at 103, probes at 100, 110", PROBE(0, 10, 1), NONE, 100, 103, 110},
    {"answers just when probed", PROBE(0, 10, 1), NONE, 100, 110, 110},
    {"initial delay 5: probes at 105, 115", PROBE(5, 10, 1), NONE, 100, 106, 115},
    {"initial delay longer than the start", PROBE(30, 10, 1), NONE, 100, 103, 130},
    {"two successes: 110 and 120", PROBE(0, 10, 2), NONE, 100, 103, 120},
    {"period 1", PROBE(0, 1, 1), NONE, 100, 107.5, 108},
    {"period not set is 10", PROBE(0, 0, 1), NONE, 100, 101, 110},
    {"startup probe alone: 100, 105, 110", NONE, PROBE(0, 5, 1), 100, 107, 110},
    {"readiness waits for startup: started 110, readiness grid 100, 110", PROBE(0, 10, 1),
     PROBE(0, 5, 1), 100, 107, 110},
    {"readiness between startup probes: started 112, grid 100, 110, 120", PROBE(0, 10, 1),
     PROBE(0, 12, 1), 100, 107, 120},
};

Test(kubelet, ready_at)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct container_spec c = {.readiness = rows[i].readiness,
                                         .startup = rows[i].startup};
        simtime ready = kubelet_ready_at(&c, simtime_seconds(rows[i].running),
                                         simtime_seconds(rows[i].answers));
        cr_expect(ready == simtime_seconds(rows[i].ready), "%s: %g instead of %g", rows[i].name,
                  simtime_to_seconds(ready), rows[i].ready);
    }
}
