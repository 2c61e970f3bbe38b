/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide vpa`, the kinds `updater` and `admission`: one recommendation and pods of one
 * owner; one loop of the updater, or what the admission webhook sets on each. Every eviction
 * and every resize succeeds here.
 *
 * The trap: what the real code crashes on (see control/vpa/capping.c) is the case's `err`.
 */
#include "control/vpa/admission.h"
#include "control/vpa/capping.h"
#include "control/vpa/updater.h"
#include "vpa_case.h"

struct pods_case {
    struct vpa_recommendation recommendation;
    struct vpa_limit_ranges limits;
    struct vpa_live_pod *pods;
    size_t count;
    simtime now;
    simtime resize_age;
};

static bool read_recommendation(struct vpa_case *c, struct vpa_recommendation *out)
{
    const struct node *list = NULL;
    if (!vpa_case_member(c, c->root, "recommendation", NODE_LIST, &list) || list == NULL) {
        return list == NULL;
    }
    bool ok = true;
    out->items = arena_array(&c->room->tree, struct vpa_container_recommendation, list->count);
    out->given = true;
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        struct vpa_container_recommendation *r = &out->items[out->count++];
        r->name = "";
        ok &= vpa_case_text(c, n, "name", &r->name);
        ok &= vpa_case_resources(c, n, "target", &r->target);
        ok &= vpa_case_resources(c, n, "lower", &r->lower);
        ok &= vpa_case_resources(c, n, "upper", &r->upper);
    }
    return ok;
}

static bool read_range(struct vpa_case *c, const char *key, struct vpa_limit_range *out)
{
    const struct node *n = NULL;
    if (!vpa_case_member(c, c->root, key, NODE_MAP, &n) || n == NULL) {
        return n == NULL;
    }
    bool ok = vpa_case_resources(c, n, "min", &out->min);
    ok = vpa_case_resources(c, n, "max", &out->max) && ok;
    ok = vpa_case_resources(c, n, "default", &out->default_limit) && ok;
    out->given =
        node_get(n, "min") != NULL || node_get(n, "max") != NULL || node_get(n, "default") != NULL;
    return ok;
}

static bool read_container(struct vpa_case *c, const struct node *n, struct vpa_pod_container *out)
{
    bool ok = true;
    out->name = "";
    ok &= vpa_case_text(c, n, "name", &out->name);
    ok &= vpa_case_resources(c, n, "requests", &out->requests);
    ok &= vpa_case_resources(c, n, "limits", &out->limits);
    ok &= vpa_case_time(c, n, "oom_started", &out->oom_started);
    ok &= vpa_case_time(c, n, "oom_finished", &out->oom_finished);
    out->oom_killed = node_get(n, "oom_finished") != NULL;
    return ok;
}

static bool read_pod(struct vpa_case *c, const struct node *n, const struct pods_case *p,
                     struct vpa_live_pod *out)
{
    static const char *const phases[] = {"Running", "Pending", NULL};
    static const char *const resizes[] = {"",      "Deferred", "Infeasible", "InProgress",
                                          "Error", "Unknown",  NULL};
    const struct node *containers = NULL;
    int phase = 0;
    int resize = VPA_RESIZE_NONE;
    bool ok = true;
    out->name = "";
    ok &= vpa_case_text(c, n, "name", &out->name);
    ok &= vpa_case_word(c, n, "phase", phases, &phase);
    ok &= vpa_case_word(c, n, "resize", resizes, &resize);
    ok &= vpa_case_time(c, n, "start", &out->start);
    ok &= vpa_case_member(c, n, "containers", NODE_LIST, &containers);
    out->pending = phase == 1;
    out->resize = (enum vpa_resize)resize;
    out->resize_since = p->now - p->resize_age;
    out->has_start = node_get(n, "start") != NULL;
    if (!ok || containers == NULL) {
        return ok;
    }
    struct vpa_pod_container *items =
        arena_array(&c->room->tree, struct vpa_pod_container, containers->count);
    for (const struct node *k = containers->first; k != NULL; k = k->next) {
        ok &= read_container(c, k, &items[out->container_count++]);
    }
    out->containers = items;
    return ok;
}

static bool read_pods_case(struct vpa_case *c, struct pods_case *p)
{
    const struct node *pods = NULL;
    bool ok = true;
    ok &= read_recommendation(c, &p->recommendation);
    ok &= read_range(c, "limit_range_container", &p->limits.container);
    ok &= read_range(c, "limit_range_pod", &p->limits.pod);
    ok &= vpa_case_time(c, c->root, "now", &p->now);
    ok &= vpa_case_time(c, c->root, "resize_age", &p->resize_age);
    ok &= vpa_case_member(c, c->root, "pods", NODE_LIST, &pods);
    if (!ok || pods == NULL) {
        return ok;
    }
    p->pods = arena_array(&c->room->tree, struct vpa_live_pod, pods->count);
    for (const struct node *n = pods->first; n != NULL; n = n->next) {
        ok &= read_pod(c, n, p, &p->pods[p->count++]);
    }
    return ok;
}

static bool write_crash(struct vpa_case *c, const char *text)
{
    json_key(c->out, "err");
    json_string(c->out, text);
    return true;
}

/* ---- updater ---- */

struct updating {
    struct vpa_case *c;
    const struct pods_case *p;
    struct updater_config config;
    struct updater_spec spec;
    struct pod_priority *priorities;
    struct updater_group group;
    size_t *order;
    size_t ordered;
    size_t *evicted;
    size_t evicted_count;
    size_t *resized;
    size_t resized_count;
};

static bool read_requirements(struct vpa_case *c, struct updater_spec *out)
{
    static const char *const changes[] = {"TargetLowerThanRequests", "TargetHigherThanRequests",
                                          NULL};
    const struct node *list = NULL;
    bool given = false;
    bool ok = vpa_case_member(c, c->root, "eviction_requirements", NODE_LIST, &list);
    if (!ok || list == NULL) {
        return ok;
    }
    struct eviction_requirement *items =
        arena_array(&c->room->tree, struct eviction_requirement, list->count);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        struct eviction_requirement *r = &items[out->requirement_count++];
        int change = 0;
        ok &= vpa_case_resource_names(c, n, "resources", &given, r->resources);
        ok &= vpa_case_word(c, n, "change", changes, &change);
        r->higher = change == 1;
    }
    out->requirements = items;
    return ok;
}

static bool read_replicas(struct vpa_case *c, const char *key, bool *given, int32_t *out)
{
    double value = *out;
    const bool ok = vpa_case_number(c, c->root, key, -2147483648.0, 2147483647.0, &value);
    *given = node_get(c->root, key) != NULL;
    *out = (int32_t)value;
    return ok;
}

static bool read_updater(struct vpa_case *c, struct updating *u, int32_t *configured)
{
    static const char *const modes[] = {"Recreate",          "Auto", "Off", "Initial",
                                        "InPlaceOrRecreate", NULL};
    int mode = VPA_MODE_RECREATE;
    bool given = false;
    bool ok = true;
    updater_config_init(&u->config);
    ok &= vpa_case_policies(c, c->root, &u->spec.policies);
    ok &= vpa_case_word(c, c->root, "update_mode", modes, &mode);
    ok &= read_requirements(c, &u->spec);
    ok &= read_replicas(c, "min_replicas", &given, &u->config.min_replicas);
    ok &= read_replicas(c, "vpa_min_replicas", &u->spec.has_min_replicas, &u->spec.min_replicas);
    ok &= read_replicas(c, "configured", &given, configured);
    ok &= vpa_case_number(c, c->root, "tolerance", 0, 1, &u->config.eviction_tolerance);
    u->spec.mode = (enum vpa_update_mode)mode;
    return ok;
}

static void evict(struct updating *u, size_t pod)
{
    const struct vpa_live_pod *p = &u->p->pods[pod];
    if (updater_can_evict(&u->group, p, u->p->now)) {
        updater_evicted(&u->group, p);
        u->evicted[u->evicted_count++] = pod;
    }
}

static enum in_place_decision can_resize(const struct updating *u, size_t pod)
{
    return updater_can_resize(&u->config, &u->group, &u->p->recommendation, &u->p->pods[pod],
                              u->p->now);
}

/* The pods in order; those that cannot be resized any more are evicted after all the others. */
static void resize_all(struct updating *u)
{
    size_t *late = arena_array(&u->c->room->step, size_t, u->p->count);
    size_t late_count = 0;
    for (size_t i = 0; i < u->ordered; i++) {
        const enum in_place_decision decision = can_resize(u, u->order[i]);
        if (decision == IN_PLACE_EVICT) {
            late[late_count++] = u->order[i];
        } else if (decision == IN_PLACE_APPROVED) {
            updater_resized(&u->group);
            u->resized[u->resized_count++] = u->order[i];
        }
    }
    for (size_t i = 0; i < late_count; i++) {
        evict(u, late[i]);
    }
}

static void run_loop(struct updating *u)
{
    const struct pods_case *p = u->p;
    const bool in_place = u->spec.mode == VPA_MODE_IN_PLACE_OR_RECREATE;
    bool *candidate = arena_array(&u->c->room->step, bool, p->count);
    for (size_t i = 0; i < p->count; i++) {
        candidate[i] = in_place ? can_resize(u, i) != IN_PLACE_DEFERRED
                                : updater_can_evict(&u->group, &p->pods[i], p->now);
    }
    u->ordered = updater_order(&u->c->room->step, u->priorities, candidate, p->count, u->order);
    if (in_place) {
        resize_all(u);
        return;
    }
    for (size_t i = 0; i < u->ordered; i++) {
        evict(u, u->order[i]);
    }
}

static void write_priorities(const struct updating *u)
{
    struct json_writer *w = u->c->out;
    json_key(w, "pods");
    json_list(w);
    for (size_t i = 0; i < u->p->count; i++) {
        const struct pod_priority *priority = &u->priorities[i];
        json_map(w);
        json_key(w, "name");
        json_string(w, u->p->pods[i].name);
        json_key(w, "accepted");
        json_bool(w, priority->accepted && priority->admitted);
        json_key(w, "outside");
        json_bool(w, priority->outside);
        json_key(w, "scale_up");
        json_bool(w, priority->scale_up);
        json_key(w, "diff");
        json_double(w, priority->diff);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_names(const struct updating *u, const char *key, const size_t *pods, size_t count)
{
    if (count == 0) {
        return;
    }
    json_key(u->c->out, key);
    json_list(u->c->out);
    for (size_t i = 0; i < count; i++) {
        json_string(u->c->out, u->p->pods[pods[i]].name);
    }
    json_list_end(u->c->out);
}

bool vpa_case_updater(struct vpa_case *c)
{
    struct pods_case p = {0};
    struct updating u = {.c = c, .p = &p};
    struct arena *a = &c->room->step;
    int32_t configured = 0;
    if (!read_pods_case(c, &p) || !read_updater(c, &u, &configured)) {
        return false;
    }
    u.priorities = arena_array(a, struct pod_priority, p.count);
    u.order = arena_array(a, size_t, p.count);
    u.evicted = arena_array(a, size_t, p.count);
    u.resized = arena_array(a, size_t, p.count);
    u.group = updater_group_of(&u.config, &u.spec, configured, p.pods, p.count);
    for (size_t i = 0; i < p.count; i++) {
        u.priorities[i] = updater_priority(a, &u.config, &u.spec, &p.recommendation, &p.limits,
                                           &p.pods[i], p.now);
        if (u.priorities[i].crash != NULL) {
            return write_crash(c, u.priorities[i].crash);
        }
    }
    if (updater_acts(u.spec.mode)) {
        run_loop(&u);
    }
    write_priorities(&u);
    write_names(&u, "order", u.order, u.ordered);
    write_names(&u, "evicted", u.evicted, u.evicted_count);
    write_names(&u, "in_place", u.resized, u.resized_count);
    return true;
}

/* ---- admission ---- */

struct admitted {
    struct vpa_recommendation capped;
    struct admission_resources *resources;
};

static void write_admitted(struct json_writer *w, const struct pods_case *p,
                           const struct admitted *all)
{
    json_key(w, "admission");
    json_list(w);
    for (size_t i = 0; i < p->count; i++) {
        json_list(w);
        for (size_t k = 0; k < p->pods[i].container_count; k++) {
            json_map(w);
            json_key(w, "name");
            json_string(w, p->pods[i].containers[k].name);
            vpa_case_write_resources(w, "requests", &all[i].resources[k].requests);
            vpa_case_write_resources(w, "limits", &all[i].resources[k].limits);
            json_map_end(w);
        }
        json_list_end(w);
    }
    json_list_end(w);
    json_key(w, "capped");
    json_list(w);
    for (size_t i = 0; i < p->count; i++) {
        json_list(w);
        for (size_t k = 0; k < all[i].capped.count; k++) {
            vpa_case_write_recommendation(w, &all[i].capped.items[k], false);
        }
        json_list_end(w);
    }
    json_list_end(w);
}

/* What is set on pod i, and its recommendation, which exists without one where policies do. */
static const char *admit(struct vpa_case *c, const struct pods_case *p,
                         const struct vpa_policies *policies, size_t i, struct admitted *out)
{
    struct arena *a = &c->room->step;
    const char *crash = admission_resources_for(a, &p->recommendation, policies, &p->limits,
                                                &p->pods[i], &out->capped, &out->resources);
    if (crash != NULL || p->recommendation.given) {
        return crash;
    }
    return capping_for_pod(a, &p->recommendation, policies, &p->limits, &p->pods[i], &out->capped);
}

bool vpa_case_admission(struct vpa_case *c)
{
    struct pods_case p = {0};
    struct vpa_policies policies = {0};
    if (!read_pods_case(c, &p) || !vpa_case_policies(c, c->root, &policies)) {
        return false;
    }
    struct admitted *all = arena_array(&c->room->step, struct admitted, p.count);
    for (size_t i = 0; i < p.count; i++) {
        const char *crash = admit(c, &p, &policies, i, &all[i]);
        if (crash != NULL) {
            return write_crash(c, crash);
        }
    }
    write_admitted(c->out, &p, all);
    return true;
}
