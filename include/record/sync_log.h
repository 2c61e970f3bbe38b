/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an HPA's controller saw at each sync, in few bytes, so that a run file alone is enough
 * to run hpa_reconcile again: for `explain`, which shows the whole working, and for
 * what-if questions about any sync. One record a sync; a record holds what changed since
 * the HPA's record before it, so records are read in order from the first.
 *
 * The form of a record is of one schema version, like the tables.
 */
#ifndef RECORD_SYNC_LOG_H
#define RECORD_SYNC_LOG_H

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "control/hpa/decision.h"
#include "control/hpa/spec.h"
#include "control/hpa/state.h"
#include "control/hpa/view.h"
#include "kube/workload.h"
#include "manifest/hpa_object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The pods of the record before, in an arena that the next change does not touch. */
struct sync_log_pods {
    struct arena rooms[2];
    unsigned room; /* where items is */
    struct hpa_pod *items;
    size_t count;
};

/* One metric's answer as it was. */
struct sync_log_answer {
    bool failed;
    bool listed;
    bool lacks;
    VEC(struct hpa_sample) samples;
    int64_t value;
    VEC(int64_t) values;
};

/* What the reader knows before it reads a record; writer and reader keep the same. */
struct sync_log_memory {
    struct arena *arena;
    VEC(const struct pod_template *) templates;
    struct sync_log_pods pods;
    struct sync_log_answer *answers;
    size_t answer_count;
    int32_t spec_replicas;
    int32_t status_replicas;
};

/* One HPA's writer. Zero but for the first two members begins. */
struct sync_encoder {
    struct arena *arena; /* grows to a high-water mark */
    const struct hpa_config *config;
    bool begun;
    const struct hpa_spec *spec;
    struct sync_log_memory memory;
};

/*
 * Appends the record of a sync that has ended; state is that after it. Specs and pod templates
 * are known by their address: they stay and do not change while the encoder lives.
 */
void sync_encode(struct sync_encoder *e, const struct hpa_decision *d,
                 const struct hpa_state *state, struct strbuf *out);
void sync_encoder_drop(struct sync_encoder *e); /* the rooms of its pods */

/* One HPA's reader. Zero but for the arena begins. */
struct sync_decoder {
    struct arena *arena;
    struct hpa_config config;        /* from the first record on */
    const struct hpa_object *object; /* the spec as an API object */
    const struct hpa_spec *spec;
    struct sync_log_memory memory;
    struct arena texts; /* of one record */
    struct hpa_view view;
    VEC(struct hpa_metric_answer) answers;
};

struct decoded_sync {
    const struct hpa_spec *spec;
    const struct hpa_view *view; /* until the next record is read */
    simtime updated_after;       /* the update of the scale ended that long after the sync began */
    const char *update_error;    /* how the update failed, or NULL */
};

/* False when the record is damaged. Records of one HPA in order, none left out. */
bool sync_decode(struct sync_decoder *d, const void *record, size_t len, struct decoded_sync *out);
void sync_decoder_drop(struct sync_decoder *d);

#endif
