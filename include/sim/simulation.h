/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a scenario: builds the world (workloads, services, queues, metrics
 * pipelines, HPAs), arms the scenario's events and runs the engine to the end.
 * Everything it learns goes to the observer; it writes no file and reads no clock.
 */
#ifndef SIM_SIMULATION_H
#define SIM_SIMULATION_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "kube/observer.h"
#include "manifest/scenario.h"

#include <stdbool.h>
#include <stdint.h>

struct simulation_stats {
    simtime ended;    /* virtual time reached */
    bool interrupted; /* the observer's tick asked to stop */
    uint64_t events;  /* engine events fired */
    uint64_t syncs;   /* HPA syncs */
    uint64_t pods;    /* pods created */
};

/*
 * seed: instead of the scenario's own where seeds are compared; pass scenario->seed
 * otherwise. The run arena holds the whole world and may be dropped afterwards.
 * False, with errors reported, when the scenario cannot be run (a trace that cannot be read).
 */
bool simulation_run(const struct scenario *scenario, uint64_t seed, const struct observer *observer,
                    struct arena *run, struct diag *diag, struct simulation_stats *stats);

#endif
