/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cluster as the scheduler's cache holds it (pkg/scheduler/backend/cache, framework
 * NodeInfo, v1.36.3): nodes with what their pods ask for. Everything that is asked of many
 * pods is kept by class, every topology value as a small number, so that a cycle compares
 * integers. Nodes keep their index for ever; a removed one is only skipped.
 */
#ifndef CONTROL_SCHEDULER_SNAPSHOT_H
#define CONTROL_SCHEDULER_SNAPSHOT_H

#include "base/table.h"
#include "base/vec.h"
#include "control/scheduler/objects.h"
#include "engine/simtime.h"

#define SNAPSHOT_NO_NODE UINT32_MAX
#define DOMAIN_NONE      UINT32_MAX /* the node has no such label */

/* A pod that has a node, or is nominated to one. The caller's memory. */
struct placed_pod {
    const char *name;
    const struct pod_class *class;
    uint32_t node;
    simtime start; /* status.startTime; SIMTIME_NEVER before the kubelet took it */
    bool terminating;
    bool preempted; /* terminating because of a preemption */
    uint32_t slot;  /* in node_info.pods */
    void *context;
};

/* Pods of one class on one node. */
struct class_count {
    uint32_t class_id;
    uint32_t count;
    uint32_t terminating; /* of count */
};

struct scalar_use {
    const char *name;
    int64_t allocatable;
    int64_t requested;
};

/* What a node object says; lists outlive the snapshot. */
struct node_spec {
    const char *name;
    const struct label *labels; /* kubernetes.io/hostname is not added */
    size_t label_count;
    const struct taint *taints;
    size_t taint_count;
    bool unschedulable;
    struct resource_vector allocatable;
    int32_t allowed_pods;
    const struct node_image *images;
    size_t image_count;
};

struct node_info {
    struct node_spec spec;
    int64_t milli_cpu; /* requested */
    int64_t memory;
    int64_t ephemeral_storage;
    int64_t non_zero_milli_cpu;
    int64_t non_zero_memory;
    VEC(struct scalar_use) scalars;
    VEC(struct placed_pod *) pods;
    VEC(struct class_count) classes;
    uint32_t anti_affinity_pods; /* pods with required anti-affinity */
    uint32_t affinity_pods;      /* pods with any pod affinity */
    uint32_t nominated;          /* pods that wait for room here */
    uint32_t version;            /* of spec, from 1 */
    uint32_t *domains;           /* by topology key */
    bool removed;
};

/* The values that one topology key has on nodes, numbered. */
struct topology_key {
    const char *key;
    struct table values;
};

struct namespace_labels {
    const char *name;
    const struct label *labels;
    size_t label_count;
};

/* A zone of node_tree.go; zones keep their turn until their last node goes. */
struct node_zone {
    const char *region; /* "" when nodes have no such label */
    const char *zone;
    VEC(uint32_t) nodes;
};

/* What does not change between pods of one class on an unchanged node. */
struct static_verdict {
    uint32_t version; /* of the node it was found for; 0: not yet */
    uint8_t refused;  /* enum scheduler_plugin + 1, 0 when nothing refuses */
    int32_t taints;   /* raw score of TaintToleration */
    int64_t affinity; /* raw score of NodeAffinity */
};

struct verdict_list {
    struct static_verdict *items; /* by node; NULL until the class is looked at */
    size_t cap;
};

struct scheduler_snapshot {
    struct arena *arena;
    struct node_info **nodes;
    uint32_t node_count; /* with removed ones */
    uint32_t node_cap;
    uint32_t live_count;
    uint32_t *order; /* live nodes, zones in turn (node_tree.go) */
    bool order_stale;
    VEC(struct node_zone) zones;
    struct table names;
    VEC(const struct pod_class *) classes;
    VEC(struct verdict_list) verdicts; /* by class */
    VEC(struct topology_key) keys;
    size_t domain_cap; /* keys that node_info.domains has room for */
    VEC(struct placed_pod *) nominated;
    const struct namespace_labels *namespaces;
    size_t namespace_count;
    uint32_t anti_affinity_pods;
    uint32_t affinity_pods;
    uint32_t next_start; /* nextStartNodeIndex */
};

void snapshot_init(struct scheduler_snapshot *s, struct arena *a);
/* Gives the class its id; it must not change afterwards. Once per class. */
void snapshot_add_class(struct scheduler_snapshot *s, struct pod_class *class);
uint32_t snapshot_add_node(struct scheduler_snapshot *s, const struct node_spec *spec);
/* Labels, taints, allocatable or unschedulable have changed; its pods stay. */
void snapshot_update_node(struct scheduler_snapshot *s, uint32_t node,
                          const struct node_spec *spec);
void snapshot_remove_node(struct scheduler_snapshot *s, uint32_t node);
/* SNAPSHOT_NO_NODE when there is none of that name. */
uint32_t snapshot_find_node(const struct scheduler_snapshot *s, const char *name);
/* The live nodes in the order the scheduler looks at them. */
const uint32_t *snapshot_order(struct scheduler_snapshot *s);

/* pod->node says where; charged at once, as the scheduler's assume does. */
void snapshot_add_pod(struct scheduler_snapshot *s, struct placed_pod *pod);
void snapshot_remove_pod(struct scheduler_snapshot *s, struct placed_pod *pod);
/* Its deletion timestamp is set; it still takes its room. */
void snapshot_pod_terminates(struct scheduler_snapshot *s, struct placed_pod *pod, bool preempted);
/* pod->node is where it waits for room; it is not charged. */
void snapshot_nominate(struct scheduler_snapshot *s, struct placed_pod *pod);
void snapshot_clear_nomination(struct scheduler_snapshot *s, struct placed_pod *pod);

/* The number of a topology key, new or old. */
uint32_t snapshot_topology_key(struct scheduler_snapshot *s, const char *key);
/* The term selects pods of that class; own is the namespace of the pod that has the term. */
bool affinity_term_matches(const struct scheduler_snapshot *s, const struct pod_affinity_term *t,
                           const char *own, const struct pod_class *class);

#endif
