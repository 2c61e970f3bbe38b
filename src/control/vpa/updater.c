/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The updater of VPA 1.8.1. A pod is worth an update when a request is outside of the
 * recommended bounds, when it was killed for memory soon after its start, or when it is 12
 * hours old and off by a tenth; pods that need more come first, then those that are off most.
 * Of a group so many may be gone at once that `configured - tolerance` stay alive.
 *
 * The traps: a group below minReplicas is left alone with its Pending pods, too; a Pending pod
 * of another group may always go and does not count; a resize that hangs is given up after
 * 5 minutes (deferred) or an hour (in progress), and only when the group allows an eviction;
 * memory's share of the difference is reckoned in thousandths of bytes, like the rest.
 */
#include "control/vpa/updater.h"

#include "control/vpa/capping.h"
#include "control/vpa/gosort.h"

#include <math.h>

#define DEFERRED_TIMEOUT    (5 * SIMTIME_MINUTE)
#define IN_PROGRESS_TIMEOUT SIMTIME_HOUR

void updater_config_init(struct updater_config *out)
{
    *out = (struct updater_config){
        .min_replicas = 2,
        .eviction_tolerance = 0.5,
        .pod_update_threshold = 0.1,
        .lifetime_threshold = 12 * SIMTIME_HOUR,
        .evict_after_oom = 10 * SIMTIME_MINUTE,
    };
}

bool updater_acts(enum vpa_update_mode mode)
{
    return mode != VPA_MODE_OFF && mode != VPA_MODE_INITIAL;
}

/* ---- restriction ---- */

/* GetCreatorMaps, of one owner */
struct updater_group updater_group_of(const struct updater_config *config,
                                      const struct updater_spec *spec, int32_t configured,
                                      const struct vpa_live_pod *pods, size_t count)
{
    struct updater_group group = {.configured = configured};
    const int32_t required = spec->has_min_replicas ? spec->min_replicas : config->min_replicas;
    if ((int64_t)count < required) {
        group.below_min =
            config->in_place_skip_budget && spec->mode == VPA_MODE_IN_PLACE_OR_RECREATE;
        group.skipped = !group.below_min;
    }
    group.skipped = group.skipped || configured == 0;
    group.tolerance = (int32_t)(configured * config->eviction_tolerance);
    for (size_t i = 0; i < count; i++) {
        group.pending += pods[i].pending;
    }
    group.running = (int32_t)count - group.pending;
    return group;
}

/* isPodDisruptable */
static bool is_disruptable(const struct updater_group *g)
{
    const int32_t should_live = g->configured - g->tolerance;
    const int32_t live = g->running - (g->evicted + g->in_place);
    return live > should_live || (g->configured == g->running && g->tolerance == 0 &&
                                  g->evicted == 0 && g->in_place == 0);
}

/* CanEvictInPlacingPod */
static bool resize_failed(const struct updater_group *g, const struct vpa_live_pod *pod,
                          simtime now)
{
    if (!is_disruptable(g)) {
        return false;
    }
    switch (pod->resize) {
    case VPA_RESIZE_DEFERRED:
        return now - pod->resize_since > DEFERRED_TIMEOUT;
    case VPA_RESIZE_IN_PROGRESS:
        return now - pod->resize_since > IN_PROGRESS_TIMEOUT;
    case VPA_RESIZE_NONE:
        return false;
    default:
        return true;
    }
}

bool updater_can_evict(const struct updater_group *g, const struct vpa_live_pod *pod, simtime now)
{
    if (g->skipped) {
        return false;
    }
    if (pod->pending) {
        return true;
    }
    if (g->below_min) {
        return false;
    }
    return pod->resize != VPA_RESIZE_NONE ? resize_failed(g, pod, now) : is_disruptable(g);
}

enum in_place_decision updater_can_resize(const struct updater_config *config,
                                          const struct updater_group *g,
                                          const struct vpa_recommendation *recommendation,
                                          const struct vpa_live_pod *pod, simtime now)
{
    if (g->skipped || pod->pending || !recommendation->given) {
        return IN_PLACE_DEFERRED;
    }
    if (pod->resize != VPA_RESIZE_NONE) {
        return resize_failed(g, pod, now) ? IN_PLACE_EVICT : IN_PLACE_DEFERRED;
    }
    if (config->in_place_skip_budget && !pod->resize_restarts) {
        return IN_PLACE_APPROVED;
    }
    return is_disruptable(g) ? IN_PLACE_APPROVED : IN_PLACE_DEFERRED;
}

void updater_evicted(struct updater_group *g, const struct vpa_live_pod *pod)
{
    g->evicted += !pod->pending;
}

void updater_resized(struct updater_group *g)
{
    g->in_place++;
}

/* ---- priority ---- */

static int64_t milli(enum vpa_resource r, int64_t amount)
{
    return r == VPA_CPU ? amount : (int64_t)((uint64_t)amount * 1000);
}

/* As Go's int64 does. */
static int64_t wrapping_add(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x + (uint64_t)y);
}

/* One container's part in GetUpdatePriority. */
static void weigh(struct pod_priority *p, const struct vpa_pod_container *c,
                  const struct vpa_container_recommendation *rec, int64_t *requested,
                  int64_t *recommended)
{
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        const int64_t request = c->requests.amount[r];
        if (!rec->target.present[r]) {
            continue;
        }
        recommended[r] = wrapping_add(recommended[r], milli(r, rec->target.amount[r]));
        if (!c->requests.present[r]) {
            p->scale_up = true;
            p->outside = true;
            continue;
        }
        requested[r] = wrapping_add(requested[r], milli(r, request));
        p->scale_up = p->scale_up || rec->target.amount[r] > request;
        p->outside = p->outside || (rec->lower.present[r] && request < rec->lower.amount[r]) ||
                     (rec->upper.present[r] && request > rec->upper.amount[r]);
    }
}

/* GetUpdatePriority */
static void prioritise(struct pod_priority *p, const struct vpa_live_pod *pod)
{
    int64_t requested[VPA_RESOURCE_COUNT] = {0};
    int64_t recommended[VPA_RESOURCE_COUNT] = {0};
    bool counted[VPA_RESOURCE_COUNT] = {false};
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct vpa_pod_container *c = &pod->containers[i];
        const struct vpa_container_recommendation *rec =
            c->unobserved ? NULL : vpa_recommendation_for(&p->recommendation, c->name);
        if (rec == NULL) {
            continue;
        }
        weigh(p, c, rec, requested, recommended);
        counted[VPA_CPU] = counted[VPA_CPU] || rec->target.present[VPA_CPU];
        counted[VPA_MEMORY] = counted[VPA_MEMORY] || rec->target.present[VPA_MEMORY];
    }
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        const double total = requested[r] > 1 ? (double)requested[r] : 1.0;
        if (counted[r]) {
            p->diff += fabs(total - (double)recommended[r]) / total;
        }
    }
}

static bool is_quick_oom(const struct updater_config *config, const struct updater_spec *spec,
                         const struct vpa_live_pod *pod, simtime now)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct vpa_pod_container *c = &pod->containers[i];
        if (c->oom_killed && !c->unobserved &&
            !vpa_policy_off(vpa_policy_for(&spec->policies, c->name)) &&
            c->oom_finished - c->oom_started < config->evict_after_oom &&
            now - c->oom_finished < config->evict_after_oom) {
            return true;
        }
    }
    return false;
}

static bool is_accepted(const struct pod_priority *p, const struct updater_config *config,
                        const struct vpa_live_pod *pod, bool quick_oom, simtime now)
{
    if (quick_oom && p->diff == 0) {
        return false;
    }
    if (p->outside || quick_oom) {
        return true;
    }
    return pod->has_start && now >= pod->start + config->lifetime_threshold &&
           p->diff >= config->pod_update_threshold;
}

static bool meets(const struct eviction_requirement *need, const struct vpa_resources *requests,
                  const struct vpa_resources *target)
{
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        const int64_t request = requests->amount[r];
        const int64_t wanted = target->amount[r];
        if (need->resources[r] && (need->higher ? wanted > request : wanted < request)) {
            return true;
        }
    }
    return false;
}

/* Admit: whether one of the containers meets all requirements. */
static bool is_admitted(const struct updater_spec *spec, const struct vpa_live_pod *pod,
                        const struct vpa_recommendation *recommendation)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct vpa_pod_container *c = &pod->containers[i];
        const struct vpa_container_recommendation *rec =
            vpa_recommendation_for(recommendation, c->name);
        if (rec == NULL) {
            continue;
        }
        if (!c->requests.present[VPA_CPU] || !c->requests.present[VPA_MEMORY]) {
            return true;
        }
        size_t met = 0;
        while (met < spec->requirement_count &&
               meets(&spec->requirements[met], &c->requests, &rec->target)) {
            met++;
        }
        if (met == spec->requirement_count) {
            return true;
        }
    }
    return false;
}

struct pod_priority updater_priority(struct arena *a, const struct updater_config *config,
                                     const struct updater_spec *spec,
                                     const struct vpa_recommendation *recommendation,
                                     const struct vpa_limit_ranges *limits,
                                     const struct vpa_live_pod *pod, simtime now)
{
    struct pod_priority p = {0};
    p.crash = capping_for_pod(a, recommendation, &spec->policies, limits, pod, &p.recommendation);
    if (p.crash != NULL) {
        return p;
    }
    prioritise(&p, pod);
    p.accepted = is_accepted(&p, config, pod, is_quick_oom(config, spec, pod, now), now);
    p.admitted = is_admitted(spec, pod, &p.recommendation);
    return p;
}

/* ---- order ---- */

/* Whether pod x goes before y. */
static bool goes_before(const void *context, size_t x, size_t y)
{
    const struct pod_priority *priorities = context;
    const struct pod_priority *p = &priorities[x];
    const struct pod_priority *q = &priorities[y];
    return p->scale_up != q->scale_up ? p->scale_up : p->diff > q->diff;
}

size_t updater_order(struct arena *a, const struct pod_priority *priorities, const bool *candidate,
                     size_t count, size_t *order)
{
    size_t *sorted = arena_array(a, size_t, count);
    size_t accepted = 0;
    size_t admitted = 0;
    for (size_t i = 0; i < count; i++) {
        if (priorities[i].accepted && (candidate == NULL || candidate[i])) {
            sorted[accepted++] = i;
        }
    }
    gosort(sorted, accepted, goes_before, priorities);
    for (size_t i = 0; i < accepted; i++) {
        if (priorities[sorted[i]].admitted) {
            order[admitted++] = sorted[i];
        }
    }
    return admitted;
}
