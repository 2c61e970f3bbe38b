/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recommender's memory of the pods of one VPA (recommender/model: cluster.go, vpa.go):
 * pods, their containers, and the aggregates that outlive them. Containers of one name in
 * pods with the same labels share an aggregate. One model is one VPA: upstream's aggregates
 * of pods that no VPA selects never show.
 */
#ifndef CONTROL_VPA_MODEL_H
#define CONTROL_VPA_MODEL_H

#include "base/arena.h"
#include "control/vpa/aggregate.h"

#include <stddef.h>

/* An AggregateContainerState under its key. */
struct vpa_aggregate {
    struct aggregate_state state;
    const char *container;
    const char *labels;
    uint32_t holders; /* containers that point here */
    bool listed;      /* false: collected, or free */
    bool contributes; /* scratch of the collection */
    struct vpa_aggregate *next;
};

struct vpa_container {
    const char *name;
    struct container_usage usage;
    struct vpa_aggregate *aggregate;
    bool relabelled; /* keeps its aggregate even when that was collected */
    struct vpa_pod *pod;
    struct vpa_container *next;
};

struct vpa_pod {
    const char *name;
    const char *labels; /* the label set as one text */
    struct vpa_container *containers;
    struct vpa_pod *next;
};

/* What a checkpoint said about a container, merged into every recommendation. */
struct vpa_initial {
    const char *container;
    struct aggregate_state state;
    struct vpa_initial *next;
};

struct vpa_checkpoint {
    const char *container;
    struct aggregate_checkpoint status;
};

struct vpa_model {
    struct arena *arena; /* pods, containers and aggregates live here, and are used again */
    const struct aggregate_config *config;
    struct vpa_aggregate *aggregates; /* in order of creation */
    struct vpa_pod *pods;             /* in order of creation */
    struct vpa_initial *initial;
    simtime last_collection;
    struct vpa_aggregate *free_aggregates;
    struct vpa_pod *free_pods;
    struct vpa_container *free_containers;
};

/* All aggregates of a container's name in one. */
struct vpa_merged {
    const char *container;
    const struct aggregate_state *state; /* in the scratch arena, or the only aggregate itself */
};

/* config must outlive the model, and all names and labels given later, too. */
void vpa_model_init(struct vpa_model *m, struct arena *a, const struct aggregate_config *config);

struct vpa_pod *vpa_model_find_pod(const struct vpa_model *m, const char *name); /* or NULL */
struct vpa_container *vpa_pod_find_container(const struct vpa_pod *pod, const char *name);
/* AddOrUpdatePod: a known pod whose labels changed goes over to other aggregates. */
struct vpa_pod *vpa_model_put_pod(struct vpa_model *m, const char *name, const char *labels,
                                  simtime now);
/* AddOrUpdateContainer */
struct vpa_container *vpa_model_put_container(struct vpa_model *m, struct vpa_pod *pod,
                                              const char *name, simtime now);
void vpa_model_delete_pod(struct vpa_model *m, struct vpa_pod *pod);

/* False when refused, see aggregate.h. `at` is the sample's time, `now` the recommender's. */
bool vpa_model_add_cpu(struct vpa_model *m, struct vpa_container *c, int64_t millicores, simtime at,
                       simtime now);
bool vpa_model_add_memory(struct vpa_model *m, struct vpa_container *c, int64_t bytes, simtime at,
                          simtime now);
bool vpa_model_record_oom(struct vpa_model *m, struct vpa_container *c, int64_t requested,
                          simtime at, simtime now);

/* At most once an hour: drops aggregates that nobody contributes to, and those 8 days old. */
void vpa_model_collect(struct vpa_model *m, simtime now);

/*
 * AggregateStateByContainerName, sorted by name: an array in the scratch arena, valid until the
 * next change of the model. apart: no item is an aggregate of the model itself.
 */
struct vpa_merged *vpa_model_merge(struct vpa_model *m, struct arena *scratch, bool apart,
                                   simtime now, size_t *count);

/* One per container name: without the memory peaks of intervals that are not over. */
struct vpa_checkpoint *vpa_model_save(struct vpa_model *m, struct arena *a, simtime now,
                                      size_t *count);
/* Into a new model. False when a checkpoint cannot be loaded; that one is left out. */
bool vpa_model_load(struct vpa_model *m, const struct vpa_checkpoint *checkpoints, size_t count,
                    simtime now);

#endif
