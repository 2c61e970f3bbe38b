/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long each workload's pods take: its own entry of spec.pods, else the entry without
 * a workload, else the defaults of the table. What a pod uses when idle may be said there
 * or at its service or queue; the entry of spec.pods wins, and timing holds the result.
 */
#include "base/str.h"
#include "scenario_internal.h"

static const struct pods_part *entry_of(const struct reading *r, const size_t *workloads,
                                        size_t workload)
{
    const struct pods_part *parts = r->document.spec.pods.items;
    const struct pods_part *common = NULL;
    for (size_t i = 0; i < r->document.spec.pods.count; i++) {
        if (!parts[i].workload.text)
            common = &parts[i];
        else if (workloads[i] == workload)
            return &parts[i];
    }
    return common;
}

static void take_idle(const struct reading *r, size_t workload, bool *has_idle, bool *has_memory,
                      struct pod_timing *timing)
{
    const struct service_part *services = r->document.spec.services.items;
    const struct queue_part *queues = r->document.spec.queues.items;
    for (size_t i = 0; i < r->out->service_count; i++) {
        if (r->out->services[i].workload != workload)
            continue;
        if (!*has_idle && services[i].has_idle)
            timing->idle_cores = services[i].service.idle_cores;
        if (!*has_memory && services[i].has_memory)
            timing->base_memory_bytes = services[i].service.memory_base_bytes;
        *has_idle |= services[i].has_idle;
        *has_memory |= services[i].has_memory;
    }
    for (size_t i = 0; i < r->out->queue_count; i++) {
        if (r->out->queues[i].workload != workload)
            continue;
        if (!*has_idle && queues[i].has_idle)
            timing->idle_cores = queues[i].queue.idle_cores;
        if (!*has_memory && queues[i].has_memory)
            timing->base_memory_bytes = queues[i].queue.memory_base_bytes;
    }
}

/* The sidecars named must be containers of the pod, and not the one that serves. */
static bool check_sidecars(struct reading *r, const struct pods_part *part,
                           const struct workload_spec *w)
{
    bool ok = true;
    const char **names = arena_array(r->arena, const char *, w->pod.container_count);
    size_t count = 0;
    const char *main_container = NULL;
    for (size_t i = 0; i < w->pod.container_count; i++) {
        const struct container_spec *c = &w->pod.containers[i];
        if (c->init && !c->sidecar)
            continue;
        if (!c->init && !main_container)
            main_container = c->name;
        else
            names[count++] = c->name;
    }
    for (size_t i = 0; i < part->timing.sidecar_count; i++) {
        const char *name = part->timing.sidecars[i].container;
        bool found = false;
        for (size_t j = 0; j < count; j++)
            found |= str_equal(name, names[j]);
        if (found)
            continue;
        ok = false;
        diag_error(r->diag, part->mark, "the pods of %s have no sidecar \"%s\"",
                   part->workload.text, name);
        const char *near = str_nearest(name, names, count);
        if (main_container && str_equal(name, main_container))
            diag_help(r->diag, "that is the container that serves; its usage follows the load");
        else if (near)
            diag_help(r->diag, "did you mean \"%s\"?", near);
    }
    return ok;
}

static bool find_workloads(struct reading *r, size_t *workloads)
{
    bool ok = true;
    const struct pods_part *parts = r->document.spec.pods.items;
    bool common = false;
    for (size_t i = 0; i < r->document.spec.pods.count; i++) {
        workloads[i] = SCENARIO_NONE;
        if (!parts[i].workload.text) {
            if (common)
                diag_error(r->diag, parts[i].mark,
                           "there are two entries of pods for all workloads");
            ok &= !common;
            common = true;
            continue;
        }
        if (!resolve_workload(r, &parts[i].workload, &workloads[i])) {
            ok = false;
            continue;
        }
        ok &= check_sidecars(r, &parts[i], &r->out->workloads[workloads[i]]);
        for (size_t j = 0; j < i; j++)
            if (workloads[j] == workloads[i]) {
                diag_error(r->diag, parts[i].mark, "there are two entries of pods for %s",
                           parts[i].workload.text);
                ok = false;
            }
    }
    return ok;
}

bool scenario_timings(struct reading *r)
{
    size_t *workloads = arena_array(r->arena, size_t, r->document.spec.pods.count);
    struct pod_timing *timings = arena_array(r->arena, struct pod_timing, r->out->workload_count);
    struct pods_part usual = {0};
    struct decoder decoder = {.arena = r->arena, .diag = r->diag};
    bool ok = find_workloads(r, workloads);
    ok &= decode_object(&decoder, &scenario_pods_type, NULL, "spec.pods", &usual);
    for (size_t i = 0; i < r->out->workload_count; i++) {
        const struct pods_part *part = entry_of(r, workloads, i);
        const struct pods_part *used = part ? part : &usual;
        bool has_idle = used->has_idle;
        bool has_memory = used->has_memory;
        timings[i] = used->timing;
        take_idle(r, i, &has_idle, &has_memory, &timings[i]);
    }
    r->out->timings = timings;
    return ok;
}
