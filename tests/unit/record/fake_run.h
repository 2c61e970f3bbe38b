/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small made-up day told through the observer interface: a service "api" and a queue
 * "mail" on the workload "web" with one HPA. Replaces the simulation in tests of what
 * stands above it. Load rises and falls over the day, with a spike before noon that
 * is more than maxReplicas can serve.
 */
#ifndef TESTS_FAKE_RUN_H
#define TESTS_FAKE_RUN_H

#include "record/timeline.h"

struct fake_run {
    simtime duration;
    simtime interval;   /* of samples and syncs */
    bool second_metric; /* the HPA has memory too */
    bool queue;         /* there is a queue beside the service */
    bool idle_end;      /* nothing is served in the last interval: no latency there */
    uint64_t seed;
};

/* What the timeline is told before the run; in the arena. */
void fake_run_describe(struct arena *a, const struct fake_run *fake, struct timeline_run *out);
/* Plays it; false when the observer's tick stopped it. pace_ms waits between intervals. */
bool fake_run_play(const struct fake_run *fake, const struct observer *o, unsigned pace_ms);

#endif
