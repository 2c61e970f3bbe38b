/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far an HPA is from its next change: what load would change its mind at the next sync,
 * and what it will do by itself as remembered recommendations and scale events age. Asked of
 * hpa_reconcile itself, on copies of the state, never of formulas beside it.
 */
#ifndef REPORT_DISTANCE_H
#define REPORT_DISTANCE_H

#include "base/arena.h"
#include "control/hpa/decision.h"
#include "control/hpa/spec.h"
#include "control/hpa/state.h"
#include "control/hpa/view.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

/* The least change of load, up or down, that gives another count. */
struct distance_load {
    bool found;
    double factor;       /* of the load now; 0 is "no load at all" */
    int32_t replicas;    /* what comes then */
    int32_t winner;      /* index of the metric that asks for it, -1 */
    int32_t utilization; /* its percent, where its target is one */
    int64_t average;     /* its average or value, milli */
    bool utilization_target;
    enum hpa_binding held_by; /* when not found: what holds it under the most extreme load ... */
    bool wanted;              /* ... and whether the metrics ask for the change then */
};

struct distance {
    struct distance_load up;   /* spec.replicas rises at the next sync */
    struct distance_load down; /* fewer are recommended; the count follows when windows allow */
    bool moves;                /* with the load as it is, the count changes by itself ... */
    simtime moves_at;          /* ... at this sync ... */
    int32_t moves_to;
    enum hpa_binding held_by; /* what holds it until then */
    simtime looked_until;     /* no change up to here, when !moves */
};

/*
 * After a sync at `at` that ended with `state` and left `replicas`; view is what it saw. Every
 * metric but memory is taken to follow the load, each pod in proportion; pods stay as they are.
 * Undefined right after a rescale, when pods are about to change.
 */
void distance_find(const struct hpa_spec *spec, const struct hpa_config *config,
                   const struct hpa_state *state, const struct hpa_view *view, simtime at,
                   int32_t replicas, struct distance *out);

#endif
