/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recommendation for a VPA (recommender/logic/recommender.go, routines/vpa.go and the post
 * processors): estimates of every container that is scaled, rounded, then capped by policy.
 */
#ifndef CONTROL_VPA_RECOMMENDER_H
#define CONTROL_VPA_RECOMMENDER_H

#include "control/vpa/estimator.h"
#include "control/vpa/model.h"
#include "control/vpa/resources.h"

/* The recommender's flags. Read-only; may be shared by all models. */
struct recommender_config {
    struct aggregate_config aggregate;
    struct estimator_config cpu;
    struct estimator_config memory;
    double margin;                    /* recommendation-margin-fraction: 0.15 */
    double pod_min_cpu_millicores;    /* pod-recommendation-min-cpu-millicores: 25 */
    double pod_min_memory_mb;         /* pod-recommendation-min-memory-mb, in fact MiB: 250 */
    int64_t round_cpu_millicores;     /* 1; at most 1e9, as below */
    int64_t round_memory_bytes;       /* 1 */
    struct vpa_resources max_allowed; /* container-recommendation-max-allowed-*: none */
};

void recommender_config_init(struct recommender_config *out);

/*
 * What the VPA's status gets now, by container name, in the arena. merged, when not NULL, gets
 * what each recommendation was made of (as many, in the same order), valid until the model
 * changes.
 */
struct vpa_recommendation recommender_recommend(struct arena *a, struct vpa_model *m,
                                                const struct recommender_config *config,
                                                const struct vpa_policies *policies, simtime now,
                                                const struct vpa_merged **merged);

#endif
