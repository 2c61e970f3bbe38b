/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kube-scheduler v1.36.3 reads of pods and nodes (k8s.io/api core/v1, parsed as its
 * plugins parse them). A pod's demands are shared by all pods of one template: a `pod_class`,
 * read-only once it is in a snapshot. All texts and lists belong to the caller and outlive
 * the snapshot. Zero is a pod that asks for nothing and may go anywhere.
 */
#ifndef CONTROL_SCHEDULER_OBJECTS_H
#define CONTROL_SCHEDULER_OBJECTS_H

#include "base/arena.h"
#include "kube/labels.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LABEL_HOSTNAME          "kubernetes.io/hostname"
#define LABEL_ZONE              "topology.kubernetes.io/zone"
#define LABEL_REGION            "topology.kubernetes.io/region"
#define TAINT_KEY_UNSCHEDULABLE "node.kubernetes.io/unschedulable"
#define DEFAULT_ALLOWED_PODS    110

enum taint_effect {
    TAINT_ANY_EFFECT, /* of a toleration: all of them */
    TAINT_NO_SCHEDULE,
    TAINT_PREFER_NO_SCHEDULE,
    TAINT_NO_EXECUTE
};

struct taint {
    const char *key;
    const char *value; /* "" when the object has none */
    enum taint_effect effect;
};

enum toleration_operator { TOLERATION_EQUAL, TOLERATION_EXISTS, TOLERATION_UNKNOWN };

struct toleration {
    const char *key; /* "" tolerates every key */
    const char *value;
    enum taint_effect effect;
    enum toleration_operator op; /* UNKNOWN: Lt and Gt, which are behind a gate that is off */
};

/* An extended resource: anything but cpu, memory, ephemeral-storage and pods. */
struct scalar_resource {
    const char *name;
    int64_t value;
};

/* framework.Resource */
struct resource_vector {
    int64_t milli_cpu;
    int64_t memory; /* bytes, like ephemeral_storage */
    int64_t ephemeral_storage;
    struct scalar_resource *scalars;
    size_t scalar_count;
};

/* v1.NodeSelectorTerm: all must hold. One without any requirement matches no node. */
struct node_selector_term {
    const struct label_requirement *expressions;
    size_t expression_count;
    const struct label_requirement *fields; /* metadata.name In or NotIn one name */
    size_t field_count;
    bool invalid; /* cannot be parsed: matches no node */
};

struct preferred_node_term {
    struct node_selector_term term;
    int32_t weight; /* 1..100 */
};

/* v1.PodAffinityTerm, weight only for preferred ones. */
struct pod_affinity_term {
    const char *topology_key;
    struct label_selector selector;
    const char *const *namespaces; /* none and no selector: the pod's own */
    size_t namespace_count;
    bool has_namespace_selector;
    struct label_selector namespace_selector;
    int32_t weight;
};

struct pod_affinity_terms {
    const struct pod_affinity_term *items;
    size_t count;
};

enum unsatisfiable_action { DO_NOT_SCHEDULE, SCHEDULE_ANYWAY };

/* v1.TopologySpreadConstraint, its matchLabelKeys already in the selector. */
struct spread_constraint {
    int32_t max_skew;
    const char *topology_key;
    enum unsatisfiable_action when;
    struct label_selector selector; /* .nothing when the object has none */
    int32_t min_domains;            /* 0 when the object has none: 1 */
    bool ignores_node_affinity;     /* nodeAffinityPolicy: Ignore */
    bool honors_node_taints;        /* nodeTaintsPolicy: Honor */
};

struct host_port {
    const char *ip;       /* "" is 0.0.0.0: every address */
    const char *protocol; /* "" is TCP */
    int32_t port;
};

struct node_image {
    const char *name; /* with its tag */
    int64_t size;     /* bytes */
};

struct pod_class {
    const char *namespace_name; /* NULL is "default" */
    const struct label *labels;
    size_t label_count;
    struct resource_vector request; /* PodRequests: what Fit asks for and a node is charged */
    int64_t non_zero_milli_cpu;     /* a node's NonZeroRequested is charged these */
    int64_t non_zero_memory;
    int64_t scored_milli_cpu; /* LeastAllocated adds these: pod-level requests do not count */
    int64_t scored_memory;
    const char *node_name; /* spec.nodeName, NULL for none */
    const struct label *node_selector;
    size_t node_selector_count;
    bool has_required_node_affinity;
    const struct node_selector_term *required_nodes; /* any of them */
    size_t required_node_count;
    const struct preferred_node_term *preferred_nodes;
    size_t preferred_node_count;
    const struct toleration *tolerations;
    size_t toleration_count;
    struct pod_affinity_terms required_affinity;
    struct pod_affinity_terms required_anti_affinity;
    struct pod_affinity_terms preferred_affinity;
    struct pod_affinity_terms preferred_anti_affinity;
    const struct spread_constraint *spread;
    size_t spread_count;
    struct label_selector default_selector; /* of its services and owner; zero: none */
    const struct host_port *ports;
    size_t port_count;
    const char *const *images; /* of all containers, init ones and image volumes included */
    size_t image_count;
    size_t container_count; /* with init containers; 0 counts as 1 */
    int32_t priority;
    bool never_preempts; /* preemptionPolicy: Never */
    uint32_t id;         /* in its snapshot, given by snapshot_add_class */
};

bool toleration_tolerates(const struct toleration *t, const struct taint *taint);
bool tolerations_tolerate(const struct toleration *list, size_t count, const struct taint *taint);

/* Sets .invalid when a requirement breaks nodeSelectorRequirementsAsSelector's rules. */
void node_selector_term_check(struct arena *scratch, struct node_selector_term *term);
bool node_selector_term_matches(const struct node_selector_term *t, const char *node_name,
                                const struct label *labels, size_t label_count);
/* nodeSelector and required node affinity together (RequiredNodeAffinity.Match). */
bool pod_class_matches_node(const struct pod_class *c, const char *node_name,
                            const struct label *labels, size_t label_count);

/*
 * Fills request, non_zero_*, scored_* from a template: containers, sidecars, init containers,
 * pod-level requests and overhead. Lists are made in the arena.
 */
void pod_class_set_requests(struct arena *a, struct pod_class *c, const struct pod_template *pod);
/* The same for a pod of one container; a negative amount is one that is not given. */
void pod_class_set_simple_requests(struct pod_class *c, int64_t milli_cpu, int64_t memory);

/* A Service's, or a StatefulSet's or ReplicaSet's, selector. */
struct selecting_service {
    const char *namespace_name; /* NULL is "default" */
    const struct label *selector;
    size_t selector_count; /* 0: selects nothing */
};

/*
 * helper.DefaultSelector: the merged labels of the services that select the pod, and the
 * requirements of its controller's selector (NULL for none).
 */
struct label_selector default_selector(struct arena *a, const struct pod_class *c,
                                       const struct selecting_service *services, size_t count,
                                       const struct label_selector *controller);

/* The namespace as compared: "default" for NULL. */
const char *pod_class_namespace(const struct pod_class *c);

#endif
