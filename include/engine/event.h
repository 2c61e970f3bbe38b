/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The future event list and the virtual clock. An event is a member of whatever
 * it wakes; the engine keeps only its address while it is scheduled, so it must
 * stay in place until it has fired or was cancelled.
 *
 * Order: (time, phase, order of scheduling). Scheduling again moves an event to
 * the end of its new (time, phase). An event is idle when its fire is called and
 * may schedule itself again, also for this very instant (it then fires after
 * all that is due now and was scheduled before, phases first).
 */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include "base/arena.h"
#include "engine/simtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct event;

typedef void event_fn(struct engine *engine, struct event *event);

struct event { /* zero plus fire is idle */
    event_fn *fire;
    uint8_t phase; /* order among events of one instant; kube/phases.h names them */
    uint32_t slot; /* place in the heap, 0 when idle */
};

/* The object of which the event is a member: event_owner(event, struct pod, lifecycle). */
#define event_owner(event, type, member) ((type *)(void *)((char *)(event)-offsetof(type, member)))

void event_init(struct event *event, event_fn *fire, uint8_t phase);
/* Scheduled already: moves it. at >= now; SIMTIME_NEVER cancels. */
void event_schedule(struct engine *engine, struct event *event, simtime at);
/* Idle is fine. */
void event_cancel(struct engine *engine, struct event *event);
static inline bool event_scheduled(const struct event *event)
{
    return event->slot != 0;
}
/* When it will fire; SIMTIME_NEVER when idle. */
simtime event_time(const struct engine *engine, const struct event *event);

/* Lives in the arena; starts at time 0 with nothing scheduled. */
struct engine *engine_create(struct arena *a);
simtime engine_now(const struct engine *engine);
/*
 * Fires everything due up to and including `until`, then sets the clock to it.
 * False when engine_stop ended it first: the clock then stays at the last event.
 * `until` may be SIMTIME_NEVER: until nothing is left (the clock stays likewise).
 */
bool engine_run_until(struct engine *engine, simtime until);
/* Fires the next event; false when there is none. */
bool engine_step(struct engine *engine);
/* From within an event: engine_run_until returns after it. */
void engine_stop(struct engine *engine);
/* When the next event is due; SIMTIME_NEVER when there is none. */
simtime engine_next(const struct engine *engine);
uint64_t engine_fired(const struct engine *engine); /* events fired so far */
size_t engine_pending(const struct engine *engine); /* events scheduled now */

#endif
