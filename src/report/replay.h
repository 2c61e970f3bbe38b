/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs an HPA's recorded syncs through hpa_reconcile again, so that `explain` and `describe`
 * have the whole working, the controller's memory and the status at any time.
 */
#ifndef SRC_REPORT_REPLAY_H
#define SRC_REPORT_REPLAY_H

#include "control/hpa/reconcile.h"
#include "record/observations.h"

struct replay {
    struct observations *observations;
    struct arena memory;  /* of state */
    struct arena scratch; /* of one sync */
    struct hpa_config config;
    struct hpa_state state;
    uint64_t syncs; /* done */
    /* the newest sync; view and decision until the next one */
    simtime at;
    struct decoded_sync seen;
    struct hpa_decision decision;
};

/* hpa is its index in the run; texts that stay are in the arena. */
void replay_open(struct replay *r, struct query *q, struct arena *a, int64_t run, size_t hpa);
/* The next sync; false at the end. */
bool replay_next(struct replay *r);
void replay_close(struct replay *r);

#endif
