/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pods of a VPA the updater evicts or resizes in place, in which order, and how many at
 * once (updater/priority, updater/restriction, updater/logic). Pure: the caller runs the loop,
 * since the eviction API may refuse.
 *
 *     groups counted -> filter by updater_can_* -> updater_order -> for each: ask again, act,
 *     tell the group
 */
#ifndef CONTROL_VPA_UPDATER_H
#define CONTROL_VPA_UPDATER_H

#include "base/arena.h"
#include "control/vpa/pod.h"
#include "control/vpa/resources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vpa_update_mode {
    VPA_MODE_RECREATE, /* the default */
    VPA_MODE_AUTO,     /* the same, deprecated */
    VPA_MODE_OFF,
    VPA_MODE_INITIAL,
    VPA_MODE_IN_PLACE_OR_RECREATE
};

/* The updater's flags. */
struct updater_config {
    int32_t min_replicas;        /* 2 */
    double eviction_tolerance;   /* 0.5 */
    double pod_update_threshold; /* 0.1 */
    simtime lifetime_threshold;  /* in-recommendation-bounds-eviction-lifetime-...: 12 h */
    simtime evict_after_oom;     /* evict-after-oom-threshold: 10 min */
    bool in_place_skip_budget;   /* in-place-skip-disruption-budget: false */
};

struct eviction_requirement {
    bool resources[VPA_RESOURCE_COUNT];
    bool higher; /* TargetHigherThanRequests, else TargetLowerThanRequests */
};

/* What a VPA says to its updater. */
struct updater_spec {
    enum vpa_update_mode mode;
    bool has_min_replicas; /* wins over the flag */
    int32_t min_replicas;
    const struct eviction_requirement *requirements;
    size_t requirement_count;
    struct vpa_policies policies;
};

struct pod_priority {
    bool outside; /* a request is outside of the bounds, or missing */
    bool scale_up;
    double diff;       /* sum over resources of |recommended - requested| / requested */
    bool accepted;     /* worth an update, whatever the group allows */
    bool admitted;     /* the VPA's eviction requirements are met */
    const char *crash; /* the recommendation cannot be capped: the real updater's words, or NULL */
    struct vpa_recommendation recommendation; /* capped for the pod */
};

/* The pods of one owner, as the loop goes on. */
struct updater_group {
    int32_t configured; /* spec.replicas of the owner */
    int32_t pending;
    int32_t running;
    int32_t tolerance;
    int32_t evicted;
    int32_t in_place; /* resizes begun in this loop */
    bool skipped;     /* too few pods, or no replicas wanted */
    bool below_min;   /* too few, but may be resized in place */
};

enum in_place_decision { IN_PLACE_APPROVED, IN_PLACE_DEFERRED, IN_PLACE_EVICT };

void updater_config_init(struct updater_config *out);
bool updater_acts(enum vpa_update_mode mode); /* not Off, not Initial */

/* count pods of one owner that wants `configured`; none of them is being deleted. */
struct updater_group updater_group_of(const struct updater_config *config,
                                      const struct updater_spec *spec, int32_t configured,
                                      const struct vpa_live_pod *pods, size_t count);
bool updater_can_evict(const struct updater_group *group, const struct vpa_live_pod *pod,
                       simtime now);
enum in_place_decision updater_can_resize(const struct updater_config *config,
                                          const struct updater_group *group,
                                          const struct vpa_recommendation *recommendation,
                                          const struct vpa_live_pod *pod, simtime now);
void updater_evicted(struct updater_group *group, const struct vpa_live_pod *pod);
void updater_resized(struct updater_group *group);

/* AddPod: the pod's recommendation and priority; lives in the arena. */
struct pod_priority updater_priority(struct arena *a, const struct updater_config *config,
                                     const struct updater_spec *spec,
                                     const struct vpa_recommendation *recommendation,
                                     const struct vpa_limit_ranges *limits,
                                     const struct vpa_live_pod *pod, simtime now);
/*
 * GetSortedPods: writes the indexes of pods to update, first first, to order, which has room for
 * count, and returns how many. candidate: those that may be updated now (NULL: all).
 */
size_t updater_order(struct arena *a, const struct pod_priority *priorities, const bool *candidate,
                     size_t count, size_t *order);

#endif
