/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scenario's timed events: edits of objects, scales set by hand, metrics
 * outages, crashes, loads that swell. Each begins at its time and, where it lasts,
 * is taken back at its end; both are told as events of source "podtide", so that a
 * timeline shows what was done to the world.
 */
#include "internal.h"

#include "kube/phases.h"

#include <math.h>

static void tell(struct world *w, const char *reason, const char *kind, const char *namespace_name,
                 const char *name, const char *message)
{
    cluster_event(&w->cluster, &(struct observed_event){
                                   .at = engine_now(w->engine),
                                   .source = "podtide",
                                   .type = "Normal",
                                   .reason = reason,
                                   .kind = kind,
                                   .namespace_name = namespace_name,
                                   .name = name,
                                   .message = message,
                               });
}

static void tell_workload(struct world *w, const char *reason, const struct workload *workload,
                          const char *message)
{
    tell(w, reason, workload_kind_name(workload->spec->kind), workload->spec->namespace_name,
         workload->spec->name, message);
}

static void edit_workload(struct world *w, const struct scenario_edit *edit,
                          const struct workload_spec *spec)
{
    struct workload *workload = &w->cluster.workloads[edit->workload];
    bool scales = spec->has_replicas && spec->replicas != workload->spec->replicas;
    workload->spec = spec;
    if (edit->rolls)
        workload->revision++;
    if (scales)
        cluster_scale(&w->cluster, workload, spec->replicas);
    tell_workload(w, "Edited", workload,
                  edit->rolls ? "the object was edited; new pods are made from the new template, "
                                "older ones are not replaced"
                              : "the object was edited");
}

static void do_edit(struct world *w, const struct scenario_event *event, bool begins)
{
    const struct scenario_edit *edit = &event->edit;
    if (edit->hpa != SCENARIO_NONE) {
        struct autoscaler *a = &w->autoscalers[edit->hpa];
        autoscaler_edit(a, begins ? edit->hpa_after : edit->hpa_before);
        tell(w, "Edited", "HorizontalPodAutoscaler", a->spec->namespace_name, a->spec->name,
             begins ? "the object was edited" : "the edit was taken back");
    }
    if (edit->workload != SCENARIO_NONE)
        edit_workload(w, edit, begins ? edit->workload_after : edit->workload_before);
}

static void do_scale(struct world *w, const struct scenario_event *event)
{
    struct workload *workload = &w->cluster.workloads[event->workload];
    struct arena_mark mark = arena_mark(&w->scratch);
    tell_workload(w, "Scaled", workload,
                  arena_printf(&w->scratch, "replicas set from %d to %d", (int)workload->replicas,
                               (int)event->replicas));
    arena_rewind(&w->scratch, mark);
    cluster_scale(&w->cluster, workload, event->replicas);
}

static const char *api_name(enum scenario_api api)
{
    static const char *const names[] = {"all metrics APIs", "resource metrics API",
                                        "custom metrics API", "external metrics API"};
    return names[api];
}

static void do_outage(struct world *w, uint32_t index, const struct scenario_event *event,
                      bool begins)
{
    static const char *const what[] = {"answers with an error", "answers 0", "lacks values",
                                       "serves stale values"};
    pipelines_fault(w, index, event, begins);
    struct arena_mark mark = arena_mark(&w->scratch);
    tell(w, begins ? "MetricsOutage" : "MetricsRestored", "Scenario", "", w->scenario->name,
         begins ? arena_printf(&w->scratch, "%s %s",
                               event->metric ? event->metric : api_name(event->api),
                               what[event->outage])
                : arena_printf(&w->scratch, "%s as usual again",
                               event->metric ? event->metric : api_name(event->api)));
    arena_rewind(&w->scratch, mark);
}

/* Crashes running pods in an order drawn from the seed. */
static void do_crash(struct world *w, uint32_t index, const struct scenario_event *event)
{
    struct workload *workload = &w->cluster.workloads[event->workload];
    struct arena_mark mark = arena_mark(&w->scratch);
    struct pod **pods = arena_array(&w->scratch, struct pod *, workload->pods.len + 1);
    size_t count = 0;
    for (size_t i = 0; i < workload->pods.len; i++)
        if (workload->pods.items[i]->phase == POD_RUNNING && !workload->pods.items[i]->deleting)
            pods[count++] = workload->pods.items[i];
    size_t victims =
        event->fraction > 0 ? (size_t)ceil(event->fraction * (double)count) : (size_t)event->pods;
    struct rng rng =
        rng_stream(w->seed, arena_printf(&w->scratch, "event-%u", (unsigned)index), "crash");
    for (size_t i = 0; i < victims && i < count; i++) {
        size_t j = i + (size_t)rng_below(&rng, count - i);
        struct pod *pod = pods[j];
        pods[j] = pods[i];
        kubelet_crash_pod(&w->cluster, pod);
    }
    tell_workload(w, "Crashed", workload,
                  arena_printf(&w->scratch, "%zu of %zu pods of %s crashed",
                               victims < count ? victims : count, count, workload->spec->name));
    arena_rewind(&w->scratch, mark);
}

static void do_load(struct world *w, const struct scenario_event *event, bool begins)
{
    struct arena_mark mark = arena_mark(&w->scratch);
    traffic_rescale(w);
    tell(w, "Load", "Scenario", "", w->scenario->name,
         begins ? arena_printf(&w->scratch, "load times %.6g", event->scale) : "load as before");
    arena_rewind(&w->scratch, mark);
}

static void happen(struct world *w, uint32_t index, bool begins)
{
    const struct scenario_event *event = &w->scenario->events[index];
    switch (event->kind) {
    case SCENARIO_EVENT_EDIT:
        do_edit(w, event, begins);
        break;
    case SCENARIO_EVENT_SCALE:
        do_scale(w, event);
        break;
    case SCENARIO_EVENT_METRICS_OUTAGE:
        do_outage(w, index, event, begins);
        break;
    case SCENARIO_EVENT_CRASH:
        do_crash(w, index, event);
        break;
    case SCENARIO_EVENT_LOAD:
        do_load(w, event, begins);
        break;
    }
}

static void fault_begins(struct engine *engine, struct event *event)
{
    struct fault *fault = event_owner(event, struct fault, begin);
    (void)engine;
    fault->active = true;
    happen(fault->world, fault->index, true);
}

static void fault_ends(struct engine *engine, struct event *event)
{
    struct fault *fault = event_owner(event, struct fault, end);
    (void)engine;
    fault->active = false;
    happen(fault->world, fault->index, false);
}

void faults_build(struct world *w)
{
    struct fault *faults = arena_array(w->arena, struct fault, w->scenario->event_count);
    w->faults = faults;
    for (size_t i = 0; i < w->scenario->event_count; i++) {
        const struct scenario_event *event = &w->scenario->events[i];
        bool lasts = event->kind != SCENARIO_EVENT_SCALE && event->kind != SCENARIO_EVENT_CRASH;
        faults[i] = (struct fault){.world = w, .index = (uint32_t)i};
        event_init(&faults[i].begin, fault_begins, PHASE_TIMELINE);
        event_init(&faults[i].end, fault_ends, PHASE_TIMELINE);
        event_schedule(w->engine, &faults[i].begin, event->at);
        if (lasts && event->until != SIMTIME_NEVER)
            event_schedule(w->engine, &faults[i].end, event->until);
    }
}
