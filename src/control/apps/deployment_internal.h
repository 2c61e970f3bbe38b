/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of one Deployment sync. */
#ifndef APPS_DEPLOYMENT_INTERNAL_H
#define APPS_DEPLOYMENT_INTERNAL_H

#include "base/vec.h"
#include "control/apps/deployment.h"

#define NO_SET SIZE_MAX

/*
 * One sync at work. `seen` is what it read, `live` what it wrote since: totals and the status
 * are made of what was read, as upstream's slices keep the objects from before an update.
 */
struct deployment_sync {
    struct arena *arena;
    const struct deployment_spec *spec;
    struct deployment_status status; /* the object in memory: conditions set on the way are in it */
    struct deployment_replicaset *seen;
    struct deployment_replicaset *live;
    size_t count;
    size_t *order;  /* indexes by creation, then name */
    size_t new_set; /* index, NO_SET */
    const char *new_name;
    simtime now;
    simtime stamp;
    VEC(struct deployment_action) actions;
};

/* rs is one of order's indexes that is not the new one. */
bool deployment_is_old(const struct deployment_sync *s, size_t rs);
int32_t deployment_total(const struct deployment_sync *s); /* spec.replicas of all, as read */
void deployment_act(struct deployment_sync *s, enum deployment_action_kind kind, size_t rs,
                    int32_t from);
/* scaleReplicaSet; true when spec.replicas changed. */
bool deployment_scale_set(struct deployment_sync *s, size_t rs, int32_t replicas, bool force);
void deployment_scale(struct deployment_sync *s); /* sync.go: scale */

void deployment_set_condition(struct deployment_condition *condition, enum condition_status status,
                              enum deployment_reason reason, const char *about, simtime stamp);
struct deployment_status deployment_calculate_status(const struct deployment_sync *s);
/* syncRolloutStatus up to the write; *again_after is set when nothing changes. */
struct deployment_status deployment_rollout_status(const struct deployment_sync *s,
                                                   simtime *again_after);
bool deployment_complete(const struct deployment_spec *spec,
                         const struct deployment_status *status);
bool deployment_status_equal(const struct deployment_status *x, const struct deployment_status *y);

#endif
