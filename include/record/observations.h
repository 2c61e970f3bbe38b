/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what an HPA's controller saw in a recorded run, sync by sync, as views that
 * hpa_reconcile takes. Runs recorded without syncs have none.
 */
#ifndef RECORD_OBSERVATIONS_H
#define RECORD_OBSERVATIONS_H

#include "base/arena.h"
#include "control/hpa/spec.h"
#include "engine/simtime.h"
#include "record/query.h"
#include "record/sync_log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct observations;

/* hpa is its index in the run. The query must stay open; close it when done. */
struct observations *observations_open(struct query *q, struct arena *a, int64_t run, size_t hpa);
/* The next sync; false at the end, or at a damaged record. */
bool observations_next(struct observations *o, simtime *at, struct decoded_sync *out);
/* The time of the next sync without reading it; SIMTIME_NEVER: there is none. */
simtime observations_peek(struct observations *o);
bool observations_damaged(const struct observations *o);
/* The controller's flags, once the first sync was read. */
const struct hpa_config *observations_config(const struct observations *o);
void observations_close(struct observations *o); /* NULL is fine */

#endif
