/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-memory API server. A change of a pod goes through cluster_pod_changed
 * alone: it moves the counts and tells the listeners (endpoints, metrics, the
 * workload's controller) in the order they registered, which is fixed by the
 * simulation, so nothing depends on addresses or hashes.
 *
 * Trap: a deleting pod is no longer active for any controller from the instant of
 * its deletion timestamp, yet it exists, uses CPU and quota until it is gone.
 */
#include "kube/cluster.h"

#include "base/require.h"
#include "base/str.h"
#include "kube/clocks.h"

#include <stdio.h>
#include <string.h>

void cluster_subscribe(struct cluster *c, pod_listener *listen, void *context)
{
    require(c->listener_count < sizeof c->listeners / sizeof c->listeners[0]);
    c->listeners[c->listener_count++] = (struct pod_subscription){listen, context};
}

static void tell(struct cluster *c, struct pod *pod, enum pod_change change)
{
    simtime now = engine_now(c->engine);
    pod->workload->version++;
    for (size_t i = 0; i < c->listener_count; i++)
        c->listeners[i].listen(c->listeners[i].context, pod, change, now);
    if (c->observer && c->observer->pod)
        c->observer->pod(c->observer->context, pod, now, pod_change_name(change));
}

/* A gone pod's memory serves the next one; its serial does not. */
static struct pod *take_pod(struct cluster *c)
{
    struct pod *pod = c->free_pods;
    if (!pod) {
        pod = arena_new(c->arena, struct pod);
        meter_init(&pod->cpu, c->arena);
        return pod;
    }
    c->free_pods = pod->next_free;
    struct pod kept = *pod;
    memset(pod, 0, sizeof *pod);
    pod->cpu = kept.cpu;
    pod->name = kept.name;
    pod->name_cap = kept.name_cap;
    meter_reset(&pod->cpu);
    return pod;
}

/* web-1-17: template revision and number, or web-3 by ordinal as StatefulSets do. */
static void name_pod(struct cluster *c, const struct workload *w, struct pod *pod)
{
    size_t cap = strlen(w->spec->name) + 24;
    if (cap > pod->name_cap) {
        pod->name = arena_array(c->arena, char, cap);
        pod->name_cap = cap;
    }
    if (pod->ordinal >= 0)
        snprintf(pod->name, pod->name_cap, "%s-%d", w->spec->name, (int)pod->ordinal);
    else
        snprintf(pod->name, pod->name_cap, "%s-%u-%u", w->spec->name, (unsigned)w->revision,
                 (unsigned)w->next_pod);
}

struct pod *cluster_create_pod(struct cluster *c, struct workload *w, int32_t ordinal)
{
    struct pod *pod = take_pod(c);
    pod->serial = c->next_serial++;
    pod->cluster = c;
    pod->workload = w;
    pod->template = &w->spec->pod;
    pod->revision = w->revision;
    pod->ordinal = ordinal;
    name_pod(c, w, pod);
    w->next_pod++;
    pod->phase = POD_PENDING;
    pod->ready = CONDITION_ABSENT;
    pod->created = engine_now(c->engine);
    pod->bound = pod->start_time = pod->running = SIMTIME_NEVER;
    pod->ready_since = pod->first_ready = SIMTIME_NEVER;
    pod->deleted = pod->gone = SIMTIME_NEVER;
    pod->node = NODE_NONE;
    pod->slot = (uint32_t)w->pods.len;
    *vec_push(c->arena, &w->pods) = pod;
    w->active++;
    tell(c, pod, POD_CREATED);
    return pod;
}

void cluster_delete_pod(struct cluster *c, struct pod *pod)
{
    if (pod->deleting)
        return;
    pod->deleting = true;
    pod->deleted = engine_now(c->engine);
    cluster_pod_changed(c, pod, POD_DELETING);
}

/* Takes a gone pod out of its workload's list; the order of the others stays. */
static void remove_from_list(struct workload *w, const struct pod *pod)
{
    for (size_t i = pod->slot; i + 1 < w->pods.len; i++) {
        w->pods.items[i] = w->pods.items[i + 1];
        w->pods.items[i]->slot = (uint32_t)i;
    }
    w->pods.len--;
}

static void count_change(struct workload *w, const struct pod *pod, enum pod_change change)
{
    switch (change) {
    case POD_READY:
        w->ready += !pod->deleting;
        break;
    case POD_NOT_READY:
        w->ready -= !pod->deleting;
        break;
    case POD_DELETING:
        w->active--;
        w->terminating++;
        w->ready -= pod->ready == CONDITION_TRUE;
        break;
    case POD_GONE:
        w->terminating--;
        break;
    default:
        break;
    }
}

void cluster_pod_changed(struct cluster *c, struct pod *pod, enum pod_change change)
{
    count_change(pod->workload, pod, change);
    tell(c, pod, change);
    if (change != POD_GONE)
        return;
    require(pod->deleting);
    event_cancel(c->engine, &pod->lifecycle);
    remove_from_list(pod->workload, pod);
    pod->next_free = c->free_pods;
    c->free_pods = pod;
}

void cluster_scale(struct cluster *c, struct workload *w, int32_t replicas)
{
    simtime now = engine_now(c->engine);
    w->replicas = replicas;
    bool grows = replicas > w->active;
    event_schedule(c->engine, &w->sync,
                   grows ? clocks_next_create(c->clocks, w, now)
                         : clocks_next_delete(c->clocks, w, now));
}

int32_t workload_status_replicas(const struct workload *w)
{
    return w->active;
}

struct workload *cluster_find(const struct cluster *c, const char *kind, const char *namespace_name,
                              const char *name)
{
    for (size_t i = 0; i < c->workload_count; i++) {
        struct workload *w = &c->workloads[i];
        if (str_equal(workload_kind_name(w->spec->kind), kind) &&
            str_equal(w->spec->namespace_name, namespace_name) && str_equal(w->spec->name, name))
            return w;
    }
    return NULL;
}

void cluster_event(struct cluster *c, const struct observed_event *event)
{
    if (c->observer && c->observer->event)
        c->observer->event(c->observer->context, event);
}

const char *workload_kind_name(enum workload_kind kind)
{
    return kind == WORKLOAD_DEPLOYMENT ? "Deployment" : "StatefulSet";
}

const char *pod_change_name(enum pod_change change)
{
    static const char *const names[] = {"Created",  "Bound",    "Started",    "Running", "Ready",
                                        "NotReady", "Deleting", "Terminated", "Crashed", "Gone"};
    return names[change];
}
