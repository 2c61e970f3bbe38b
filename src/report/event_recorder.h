/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a component's events about one object a cluster still shows at a time: put
 * together, thinned out and forgotten as client-go's recorder and the API server do.
 */
#ifndef SRC_REPORT_EVENT_RECORDER_H
#define SRC_REPORT_EVENT_RECORDER_H

#include "base/arena.h"
#include "engine/simtime.h"
#include "kube/observer.h"

#include <stddef.h>
#include <stdint.h>

struct kept_event {
    const char *type;
    const char *reason;
    const char *source;
    const char *message;
    int32_t count;
    simtime first; /* as recorded, not yet cut to seconds */
    simtime last;
};

/* Events of one source about one object in order of time, up to now; oldest `last` first. */
struct kept_event *events_kept(struct arena *a, const struct observed_event *events, size_t count,
                               simtime now, size_t *kept);

#endif
