/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One scheduling cycle: what is found out once about a pod (PreFilter), then asked of each
 * node (Filter). Upstream: Kubernetes v1.36.3 pkg/scheduler/framework/plugins, the default
 * profile without volumes and dynamic resources. Lives in scratch; the snapshot may only be
 * changed meanwhile through cycle_add_pod and cycle_remove_pod.
 */
#ifndef CONTROL_SCHEDULER_CYCLE_H
#define CONTROL_SCHEDULER_CYCLE_H

#include "control/scheduler/snapshot.h"

/* In the order of their Filter; those after INTER_POD_AFFINITY only score. */
enum scheduler_plugin {
    PLUGIN_NODE_UNSCHEDULABLE,
    PLUGIN_NODE_NAME,
    PLUGIN_TAINT_TOLERATION,
    PLUGIN_NODE_AFFINITY,
    PLUGIN_NODE_PORTS,
    PLUGIN_NODE_RESOURCES_FIT,
    PLUGIN_POD_TOPOLOGY_SPREAD,
    PLUGIN_INTER_POD_AFFINITY,
    PLUGIN_BALANCED_ALLOCATION,
    PLUGIN_IMAGE_LOCALITY
};
#define PLUGIN_COUNT 10

const char *scheduler_plugin_name(enum scheduler_plugin p); /* "NodeResourcesFit" */

enum refusal_reason {
    REFUSED_NOT, /* the node passes */
    REFUSED_UNSCHEDULABLE,
    REFUSED_NODE_NAME,
    REFUSED_TAINT,
    REFUSED_NODE_AFFINITY,
    REFUSED_PORTS,
    REFUSED_RESOURCES, /* .short_of says which */
    REFUSED_SPREAD,
    REFUSED_SPREAD_LABEL,
    REFUSED_AFFINITY,
    REFUSED_ANTI_AFFINITY,
    REFUSED_EXISTING_ANTI_AFFINITY,
    REFUSED_NO_VICTIMS,      /* preemption: none of lower priority */
    REFUSED_BY_PREFILTER,    /* another node's name is asked for (node affinity's fields) */
    REFUSED_FIELDS_CONFLICT, /* PreFilter: the fields of the terms exclude each other */
    REFUSED_PREEMPTION_NOT_HELPFUL
};

/* .short_of of REFUSED_RESOURCES: bits; extended resources by place in the pod's list. */
#define SHORT_OF_PODS              1U
#define SHORT_OF_CPU               2U
#define SHORT_OF_MEMORY            4U
#define SHORT_OF_EPHEMERAL_STORAGE 8U
#define SHORT_OF_SCALAR(i)         (16U << (i))
#define SHORT_OF_SCALARS           28 /* as many are told apart, the rest counts as the last */

struct node_refusal {
    uint8_t reason;    /* enum refusal_reason */
    uint8_t plugin;    /* enum scheduler_plugin */
    bool unresolvable; /* no preemption on that node would help */
    uint32_t short_of;
};

/* Counts by topology domain of one key. */
struct domain_counts {
    int64_t *counts; /* by domain; NULL while all are 0 */
    size_t cap;
};

/* A map of upstream from (key, value) to a count. */
struct topology_counts {
    struct domain_counts *keys; /* by topology key */
    int64_t total;              /* 0: the map is empty */
};

struct spread_state {
    const struct spread_constraint *constraint;
    struct label_selector selector;
    uint32_t key;
    bool matches_self;
    const uint8_t *matching; /* by class: its pods are counted */
    int64_t *counts;         /* by domain, INT64_MIN for those of no eligible node */
    size_t domains;          /* with a count */
    int64_t least;           /* smallest count, before minDomains */
};

struct scheduling_cycle {
    struct scheduler_snapshot *snapshot;
    const struct pod_class *pod;
    const struct placed_pod *self; /* NULL, or as it is nominated */
    struct arena *scratch;
    struct verdict_list *verdicts;
    struct spread_state *spread; /* DoNotSchedule */
    size_t spread_count;
    bool inter_pod; /* InterPodAffinity has something to say */
    bool conflict;  /* PreFilter refuses all nodes */
    bool named;     /* PreFilter allows only nodes of certain names */
    struct topology_counts existing_anti_affinity;
    struct topology_counts affinity;
    struct topology_counts anti_affinity;
    const uint8_t *matches_affinity; /* by class: all required terms of the pod select it */
    bool matches_own_affinity;
};

/* PreFilter of all plugins. self may be NULL. */
void cycle_begin(struct scheduling_cycle *c, struct scheduler_snapshot *s,
                 const struct pod_class *pod, const struct placed_pod *self, struct arena *scratch);
/* Filter of all plugins, nominated pods considered; the first to refuse speaks. */
struct node_refusal cycle_filter(struct scheduling_cycle *c, uint32_t node);
/* PreFilter's AddPod and RemovePod, with the snapshot's. */
void cycle_add_pod(struct scheduling_cycle *c, struct placed_pod *pod);
void cycle_remove_pod(struct scheduling_cycle *c, struct placed_pod *pod);

/* The reasons as the pod's events word them; i from 0, NULL past the last. In scratch. */
const char *refusal_text(struct arena *scratch, const struct pod_class *pod, struct node_refusal r,
                         size_t i);
/* FitError.Error(): "0/5 nodes are available: 3 Insufficient cpu, 2 Too many pods." */
const char *fit_error_text(struct arena *scratch, const struct pod_class *pod,
                           const struct node_refusal *refusals, size_t count);

#endif
