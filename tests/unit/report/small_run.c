/* SPDX-License-Identifier: Apache-2.0 */
/* The small run: the real controller over pods that obey at once. */
#include "small_run.h"

#include "base/require.h"
#include "control/hpa/reconcile.h"
#include "record/timeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PODS = 128 };

static const struct hpa_metric_spec cpu = {
    .type = HPA_METRIC_RESOURCE,
    .name = "cpu",
    .object_api_version = "",
    .object_kind = "",
    .object_name = "",
    .selector_text = "nil",
    .target = {.type = HPA_TARGET_UTILIZATION,
               .has_average_utilization = true,
               .average_utilization = 70},
};

const struct hpa_spec small_spec = {
    .namespace_name = "default",
    .name = "web",
    .target_api_version = "apps/v1",
    .target_kind = "Deployment",
    .target_name = "web",
    .min_replicas = 2,
    .max_replicas = 10,
    .metrics = &cpu,
    .metric_count = 1,
};

struct small_world {
    const struct small_run *run;
    struct hpa_config config;
    struct hpa_state state;
    struct arena scratch;
    struct pod_template template;
    struct hpa_pod pods[MOST_PODS];
    char names[MOST_PODS][32];
    size_t pod_count;
    struct hpa_sample samples[MOST_PODS];
    int32_t replicas;
};

static const struct small_load *load_at(const struct small_run *run, int sync)
{
    const struct small_load *load = &run->loads[0];
    for (size_t i = 0; i < run->load_count; i++) {
        load = run->loads[i].from_sync <= sync ? &run->loads[i] : load;
    }
    return load;
}

static void follow_scale(struct small_world *w, simtime now)
{
    while (w->pod_count < (size_t)w->replicas) {
        const size_t i = w->pod_count++;
        snprintf(w->names[i], sizeof w->names[i], "web-%zu", i);
        w->pods[i] = (struct hpa_pod){.name = w->names[i],
                                      .requests = &w->template,
                                      .phase = POD_RUNNING,
                                      .ready = CONDITION_FALSE,
                                      .ready_since = now,
                                      .start_time = now};
    }
    w->pod_count = (size_t)w->replicas;
    for (size_t i = 0; i < w->pod_count; i++) {
        struct hpa_pod *p = &w->pods[i];
        if (p->ready == CONDITION_FALSE && now >= p->start_time + 30 * SIMTIME_SECOND) {
            p->ready = CONDITION_TRUE;
            p->ready_since = p->start_time + 30 * SIMTIME_SECOND;
        }
    }
}

static struct hpa_metric_answer answer_at(struct small_world *w, const struct small_load *load,
                                          simtime now)
{
    size_t ready = 0;
    for (size_t i = 0; i < w->pod_count; i++) {
        ready += w->pods[i].ready == CONDITION_TRUE;
    }
    for (size_t i = 0; i < w->pod_count; i++) {
        const bool busy = w->pods[i].ready == CONDITION_TRUE;
        w->samples[i] = (struct hpa_sample){
            .pod = (uint32_t)i,
            .value = busy ? (int64_t)floor(load->cores * 1000 / (double)ready) : 0,
            .time = now,
            .window = 15 * SIMTIME_SECOND};
    }
    if (load->outage) {
        return (struct hpa_metric_answer){.error = "the server is gone"};
    }
    return (struct hpa_metric_answer){
        .listed = true, .samples = w->samples, .sample_count = w->pod_count};
}

static void tell_events(struct small_world *w, const struct observer *o,
                        const struct hpa_decision *d)
{
    size_t count = 0;
    const struct hpa_event *events = hpa_decision_events(&w->scratch, d, &count);
    for (size_t i = 0; i < count; i++) {
        const struct observed_event event = {.at = d->at,
                                             .source = "horizontal-pod-autoscaler",
                                             .type = events[i].warning ? "Warning" : "Normal",
                                             .reason = events[i].reason,
                                             .kind = "HorizontalPodAutoscaler",
                                             .namespace_name = "default",
                                             .name = "web",
                                             .message = events[i].message};
        o->event(o->context, &event);
    }
}

static void play_sync(struct small_world *w, const struct observer *o, int k)
{
    const simtime now = k * 15 * SIMTIME_SECOND;
    const struct small_load *load = load_at(w->run, k);
    arena_reset(&w->scratch);
    follow_scale(w, now);
    const struct hpa_metric_answer answer = answer_at(w, load, now);
    const struct hpa_view view = {.spec_replicas = w->replicas,
                                  .status_replicas = (int32_t)w->pod_count,
                                  .selector = "app=web",
                                  .pods = w->pods,
                                  .pod_count = w->pod_count,
                                  .answers = &answer};
    struct hpa_decision d;
    hpa_reconcile(w->run->spec, &w->config, &w->state, &view, now, &w->scratch, &d);
    if (d.rescale) {
        hpa_applied(&w->config, &w->state, &d, NULL, now + 20 * SIMTIME_MILLISECOND);
        w->replicas = d.desired;
    }
    const struct service_sample sample = {
        .at = now, .interval = 15 * SIMTIME_SECOND, .offered = load->cores * 100 * 15};
    o->service(o->context, &sample);
    tell_events(w, o, &d);
    if (k == w->run->tampered) {
        d.desired = 99;
        d.rescaled = true;
    }
    o->decision(o->context, 0, now, &d, &w->state);
}

static void play(struct small_world *w, const struct observer *o)
{
    w->replicas = w->run->replicas;
    follow_scale(w, -SIMTIME_HOUR);
    for (size_t i = 0; i < w->pod_count; i++) {
        w->pods[i].ready = CONDITION_TRUE;
    }
    for (int k = 1; k <= w->run->syncs; k++) {
        play_sync(w, o, k);
    }
}

void small_run_write(const struct small_run *run, struct arena *a, struct diag *d)
{
    struct resource_amount request = {.name = "cpu", .has_request = true};
    struct container_spec container = {.name = "web", .resources = &request, .resource_count = 1};
    struct small_world w = {.run = run,
                            .config = hpa_config_default(36),
                            .template = {.containers = &container, .container_count = 1}};
    request.request = quantity_from_milli(1000, QUANTITY_DECIMAL_SI);
    w.state.arena = a;
    const struct timeline_workload workload = {
        "Deployment", "default", "web", run->replicas, 1, 0, 0, 0};
    const struct timeline_service service = {run->service_kind ? run->service_kind : "service",
                                             "shop", 0};
    const struct timeline_hpa hpa = {run->spec, 0};
    const struct timeline_run timeline_run = {.name = "small",
                                              .scenario = "small.yaml",
                                              .program = "podtide test",
                                              .resolution = "fluid",
                                              .start_unix_ns = INT64_C(1714557600000000000),
                                              .duration = run->syncs * 15 * SIMTIME_SECOND,
                                              .record_interval = 15 * SIMTIME_SECOND,
                                              .workloads = &workload,
                                              .workload_count = 1,
                                              .services = &service,
                                              .service_count = 1,
                                              .hpas = &hpa,
                                              .hpa_count = 1,
                                              .controller = &w.config,
                                              .record_syncs = true};
    struct timeline *t = timeline_open(a, run->path, TIMELINE_REPLACE, d);
    require(t != NULL && timeline_begin_run(t, &timeline_run, d));
    const struct observer o = timeline_observer(t);
    play(&w, &o);
    require(timeline_end_run(t, TIMELINE_COMPLETE, timeline_run.duration, d));
    timeline_close(t, d);
    arena_drop(&w.scratch);
}

const char *small_run_path(struct arena *a)
{
    char *folder = arena_strdup(a, "/tmp/podtide-small-XXXXXX");
    require(mkdtemp(folder) != NULL);
    return arena_printf(a, "%s/run.db", folder);
}

void small_run_remove(const char *path)
{
    struct arena scratch = {0};
    unlink(path);
    rmdir(arena_strndup(&scratch, path, (size_t)(strrchr(path, '/') - path)));
    arena_drop(&scratch);
}
