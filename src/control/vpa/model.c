/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods, containers and aggregates of one VPA, VPA 1.8.1 (recommender/model/cluster.go). What
 * goes is kept in free lists and used again, so a month of pods coming and going takes the
 * memory of those that were there at once.
 *
 * The traps: a container finds its aggregate anew at each sample that is accepted, so one that
 * was collected comes back empty; but a container whose pod was relabelled holds on to what it
 * had then (upstream replaces its proxy), and its samples are lost after a collection. Merging
 * goes through aggregates in order of creation here, in a random order there.
 */
#include "control/vpa/model.h"

#include "base/str.h"

#include <string.h>

#define COLLECTION_INTERVAL SIMTIME_HOUR

void vpa_model_init(struct vpa_model *m, struct arena *a, const struct aggregate_config *config)
{
    *m = (struct vpa_model){.arena = a, .config = config};
}

/* ---- aggregates ---- */

static struct vpa_aggregate *find_aggregate(const struct vpa_model *m, const char *container,
                                            const char *labels)
{
    struct vpa_aggregate *a = m->aggregates;
    while (a != NULL && !(str_equal(a->container, container) && str_equal(a->labels, labels))) {
        a = a->next;
    }
    return a;
}

static void let_go(struct vpa_model *m, struct vpa_aggregate *a)
{
    a->holders--;
    if (a->holders == 0 && !a->listed) {
        a->next = m->free_aggregates;
        m->free_aggregates = a;
    }
}

/* findOrCreateAggregateContainerState */
static struct vpa_aggregate *find_or_create(struct vpa_model *m, const char *container,
                                            const char *labels, simtime now)
{
    struct vpa_aggregate **end = &m->aggregates;
    struct vpa_aggregate *a = find_aggregate(m, container, labels);
    if (a != NULL) {
        return a;
    }
    a = m->free_aggregates;
    if (a != NULL) {
        m->free_aggregates = a->next;
    } else {
        a = arena_new(m->arena, struct vpa_aggregate);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    aggregate_init(&a->state, m->config, now);
    a->container = container;
    a->labels = labels;
    a->holders = 0;
    a->listed = true;
    a->next = NULL;
    *end = a;
    return a;
}

static void hold(struct vpa_model *m, struct vpa_container *c, simtime now)
{
    struct vpa_aggregate *a = find_or_create(m, c->name, c->pod->labels, now);
    a->holders++;
    if (c->aggregate != NULL) {
        let_go(m, c->aggregate);
    }
    c->aggregate = a;
}

/* Where the container's samples go. */
static struct aggregate_state *reach(struct vpa_model *m, struct vpa_container *c, simtime now)
{
    if (!c->aggregate->listed && !c->relabelled) {
        hold(m, c, now);
    }
    return &c->aggregate->state;
}

/* ---- pods ---- */

struct vpa_pod *vpa_model_find_pod(const struct vpa_model *m, const char *name)
{
    struct vpa_pod *pod = m->pods;
    while (pod != NULL && !str_equal(pod->name, name)) {
        pod = pod->next;
    }
    return pod;
}

struct vpa_container *vpa_pod_find_container(const struct vpa_pod *pod, const char *name)
{
    struct vpa_container *c = pod->containers;
    while (c != NULL && !str_equal(c->name, name)) {
        c = c->next;
    }
    return c;
}

static struct vpa_pod *add_pod(struct vpa_model *m, const char *name, const char *labels)
{
    struct vpa_pod **end = &m->pods;
    struct vpa_pod *pod = m->free_pods;
    if (pod != NULL) {
        m->free_pods = pod->next;
    } else {
        pod = arena_new(m->arena, struct vpa_pod);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *pod = (struct vpa_pod){.name = name, .labels = labels};
    *end = pod;
    return pod;
}

struct vpa_pod *vpa_model_put_pod(struct vpa_model *m, const char *name, const char *labels,
                                  simtime now)
{
    struct vpa_pod *pod = vpa_model_find_pod(m, name);
    if (pod == NULL) {
        return add_pod(m, name, labels);
    }
    if (!str_equal(pod->labels, labels)) {
        pod->labels = labels;
        for (struct vpa_container *c = pod->containers; c != NULL; c = c->next) {
            hold(m, c, now);
            c->relabelled = true;
        }
    }
    return pod;
}

struct vpa_container *vpa_model_put_container(struct vpa_model *m, struct vpa_pod *pod,
                                              const char *name, simtime now)
{
    struct vpa_container **end = &pod->containers;
    struct vpa_container *c = vpa_pod_find_container(pod, name);
    if (c != NULL) {
        return c;
    }
    c = m->free_containers;
    if (c != NULL) {
        m->free_containers = c->next;
    } else {
        c = arena_new(m->arena, struct vpa_container);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *c = (struct vpa_container){.name = name, .pod = pod};
    container_usage_init(&c->usage);
    *end = c;
    hold(m, c, now);
    return c;
}

void vpa_model_delete_pod(struct vpa_model *m, struct vpa_pod *pod)
{
    struct vpa_pod **at = &m->pods;
    while (*at != pod) {
        at = &(*at)->next;
    }
    *at = pod->next;
    while (pod->containers != NULL) {
        struct vpa_container *c = pod->containers;
        pod->containers = c->next;
        let_go(m, c->aggregate);
        c->next = m->free_containers;
        m->free_containers = c;
    }
    pod->next = m->free_pods;
    m->free_pods = pod;
}

/* ---- samples ---- */

bool vpa_model_add_cpu(struct vpa_model *m, struct vpa_container *c, int64_t millicores, simtime at,
                       simtime now)
{
    return container_accepts_cpu(&c->usage, millicores, at) &&
           container_add_cpu(&c->usage, reach(m, c, now), millicores, at);
}

bool vpa_model_add_memory(struct vpa_model *m, struct vpa_container *c, int64_t bytes, simtime at,
                          simtime now)
{
    return container_accepts_memory(&c->usage, bytes, at) &&
           container_add_memory(&c->usage, reach(m, c, now), m->config, bytes, at);
}

bool vpa_model_record_oom(struct vpa_model *m, struct vpa_container *c, int64_t requested,
                          simtime at, simtime now)
{
    return container_record_oom(&c->usage, reach(m, c, now), m->config, requested, at);
}

/* ---- collection ---- */

/* getContributiveAggregateStateKeys: those of pods that are there. */
static void mark_contributing(struct vpa_model *m)
{
    for (struct vpa_aggregate *a = m->aggregates; a != NULL; a = a->next) {
        a->contributes = false;
    }
    for (const struct vpa_pod *pod = m->pods; pod != NULL; pod = pod->next) {
        for (const struct vpa_container *c = pod->containers; c != NULL; c = c->next) {
            struct vpa_aggregate *a =
                c->aggregate->listed ? c->aggregate : find_aggregate(m, c->name, pod->labels);
            if (a != NULL) {
                a->contributes = true;
            }
        }
    }
}

void vpa_model_collect(struct vpa_model *m, simtime now)
{
    struct vpa_aggregate **at = &m->aggregates;
    if (now - m->last_collection < COLLECTION_INTERVAL) {
        return;
    }
    m->last_collection = now;
    mark_contributing(m);
    while (*at != NULL) {
        struct vpa_aggregate *a = *at;
        const bool idle = !a->contributes && a->state.samples == 0;
        if (!idle && !aggregate_is_expired(&a->state, m->config, now)) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        a->listed = false;
        a->holders++;
        let_go(m, a);
    }
}

/* ---- merging ---- */

struct merging {
    struct arena *scratch;
    const struct aggregate_config *config;
    struct vpa_merged *items;
    struct aggregate_state **own; /* beside items: NULL where the item is not merged yet */
    size_t count;
    bool apart;
    simtime now;
};

static struct aggregate_state *own_state(struct merging *g, size_t i)
{
    if (g->own[i] == NULL) {
        g->own[i] = arena_new(g->scratch, struct aggregate_state);
        aggregate_init(g->own[i], g->config, g->now);
    }
    return g->own[i];
}

static void merge_one(struct merging *g, const char *container, struct aggregate_state *state,
                      struct aggregate_state **first)
{
    size_t i = 0;
    while (i < g->count && !str_equal(g->items[i].container, container)) {
        i++;
    }
    if (i == g->count) {
        g->count++;
        g->items[i].container = container;
        g->items[i].state = state;
        first[i] = state;
        if (!g->apart) {
            return; /* alone so far, it is its own merger */
        }
    }
    const bool fresh = g->own[i] == NULL;
    struct aggregate_state *own = own_state(g, i);
    if (fresh) {
        aggregate_merge(own, first[i]);
    }
    if (first[i] != state) {
        aggregate_merge(own, state);
    }
    g->items[i].state = own;
}

static void sort_by_name(struct vpa_merged *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct vpa_merged item = items[i];
        size_t k = i;
        for (; k > 0 && strcmp(items[k - 1].container, item.container) > 0; k--) {
            items[k] = items[k - 1];
        }
        items[k] = item;
    }
}

struct vpa_merged *vpa_model_merge(struct vpa_model *m, struct arena *scratch, bool apart,
                                   simtime now, size_t *count)
{
    size_t most = 0;
    for (const struct vpa_aggregate *a = m->aggregates; a != NULL; a = a->next) {
        most++;
    }
    for (const struct vpa_initial *i = m->initial; i != NULL; i = i->next) {
        most++;
    }
    struct merging g = {.scratch = scratch, .config = m->config, .apart = apart, .now = now};
    g.items = arena_array(scratch, struct vpa_merged, most);
    g.own = arena_array(scratch, struct aggregate_state *, most);
    struct aggregate_state **first = arena_array(scratch, struct aggregate_state *, most);
    for (struct vpa_aggregate *a = m->aggregates; a != NULL; a = a->next) {
        merge_one(&g, a->container, &a->state, first);
    }
    for (struct vpa_initial *i = m->initial; i != NULL; i = i->next) {
        merge_one(&g, i->container, &i->state, first);
    }
    sort_by_name(g.items, g.count);
    *count = g.count;
    return g.items;
}

/* ---- checkpoints ---- */

/* subtractCurrentContainerMemoryPeak, for each container of the name */
static void subtract_current_peaks(const struct vpa_model *m, const char *container,
                                   struct aggregate_state *s, simtime now)
{
    for (const struct vpa_pod *pod = m->pods; pod != NULL; pod = pod->next) {
        const struct vpa_container *c = vpa_pod_find_container(pod, container);
        if (c != NULL && now < c->usage.window_end &&
            find_aggregate(m, container, pod->labels) != NULL) {
            vpa_histogram_subtract(&s->memory, (double)container_usage_peak(&c->usage), 1.0,
                                   c->usage.window_end);
        }
    }
}

struct vpa_checkpoint *vpa_model_save(struct vpa_model *m, struct arena *a, simtime now,
                                      size_t *count)
{
    const struct vpa_merged *merged = vpa_model_merge(m, a, true, now, count);
    struct vpa_checkpoint *out = arena_array(a, struct vpa_checkpoint, *count);
    for (size_t i = 0; i < *count; i++) {
        struct aggregate_state state = *merged[i].state;
        subtract_current_peaks(m, merged[i].container, &state, now);
        out[i].container = merged[i].container;
        aggregate_save(&state, &out[i].status);
    }
    return out;
}

bool vpa_model_load(struct vpa_model *m, const struct vpa_checkpoint *checkpoints, size_t count,
                    simtime now)
{
    struct vpa_initial **end = &m->initial;
    bool ok = true;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    for (size_t i = 0; i < count; i++) {
        struct vpa_initial *initial = arena_new(m->arena, struct vpa_initial);
        initial->container = checkpoints[i].container;
        aggregate_init(&initial->state, m->config, now);
        if (!aggregate_load(&initial->state, &checkpoints[i].status)) {
            ok = false;
            continue;
        }
        *end = initial;
        end = &initial->next;
    }
    return ok;
}
