/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded run, decided once more. The observations of every sync are in the file, so that
 * the pure controller gives every number again, and no number is kept twice. A million syncs
 * take about a second.
 */
#include "replay.h"

void replay_open(struct replay *r, struct query *q, struct arena *a, int64_t run, size_t hpa)
{
    *r = (struct replay){.observations = observations_open(q, a, run, hpa)};
    r->state.arena = &r->memory;
}

bool replay_next(struct replay *r)
{
    struct decoded_sync seen;
    simtime at = 0;
    if (!observations_next(r->observations, &at, &seen)) {
        return false;
    }
    r->at = at;
    r->seen = seen;
    r->config = *observations_config(r->observations);
    r->state.arena = &r->memory;
    arena_reset(&r->scratch);
    hpa_reconcile(seen.spec, &r->config, &r->state, seen.view, at, &r->scratch, &r->decision);
    if (r->decision.rescale) {
        hpa_applied(&r->config, &r->state, &r->decision, seen.update_error,
                    at + seen.updated_after);
    }
    r->syncs++;
    return true;
}

void replay_close(struct replay *r)
{
    observations_close(r->observations);
    arena_drop(&r->scratch);
    arena_drop(&r->memory);
}
