/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run file says about a scenario: its objects with their numbers, services
 * before queues as the observer counts them. The trap: a pod's request is the sum
 * over its main containers, sidecars included, as HPAs see it.
 */
#include "record/timeline.h"

#include "control/hpa/spec.h"
#include "kube/cluster.h"

#include <string.h>

static void add_amount(double *sum, const struct quantity *q)
{
    *sum += quantity_as_double(q);
}

static void pod_resources(const struct pod_template *pod, struct timeline_workload *out)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        if (c->init && !c->sidecar) {
            continue;
        }
        for (size_t j = 0; j < c->resource_count; j++) {
            const struct resource_amount *r = &c->resources[j];
            bool cpu = strcmp(r->name, "cpu") == 0;
            if (!cpu && strcmp(r->name, "memory") != 0) {
                continue;
            }
            if (r->has_request) {
                add_amount(cpu ? &out->cpu_request_cores : &out->memory_request_bytes, &r->request);
            }
            if (r->has_limit) {
                add_amount(cpu ? &out->cpu_limit_cores : &out->memory_limit_bytes, &r->limit);
            }
        }
    }
}

static struct timeline_workload *workloads_of(struct arena *a, const struct scenario *s)
{
    struct timeline_workload *list = arena_array(a, struct timeline_workload, s->workload_count);
    for (size_t i = 0; i < s->workload_count; i++) {
        const struct workload_spec *w = &s->workloads[i];
        list[i] = (struct timeline_workload){
            .kind = w->kind == WORKLOAD_DEPLOYMENT ? "Deployment" : "StatefulSet",
            .namespace_name = w->namespace_name,
            .name = w->name,
            .replicas = w->replicas,
        };
        pod_resources(&w->pod, &list[i]);
    }
    return list;
}

static struct timeline_service *services_of(struct arena *a, const struct scenario *s)
{
    struct timeline_service *list =
        arena_array(a, struct timeline_service, s->service_count + s->queue_count);
    struct timeline_service *next = list;
    for (size_t i = 0; i < s->service_count; i++) {
        const struct scenario_service *v = &s->services[i];
        *next++ = (struct timeline_service){v->cpu_demand != NULL ? "demand" : "service", v->name,
                                            v->workload};
    }
    for (size_t i = 0; i < s->queue_count; i++) {
        *next++ = (struct timeline_service){"queue", s->queues[i].name, s->queues[i].workload};
    }
    return list;
}

static struct timeline_metric *metrics_of(struct arena *a, const struct scenario *s)
{
    struct timeline_metric *list = arena_array(a, struct timeline_metric, s->metric_count);
    for (size_t i = 0; i < s->metric_count; i++) {
        enum scenario_metric_kind kind = s->metrics[i].kind;
        list[i] = (struct timeline_metric){s->metrics[i].name, kind == SCENARIO_METRIC_PODS ? "pods"
                                                               : kind == SCENARIO_METRIC_OBJECT
                                                                   ? "object"
                                                                   : "external"};
    }
    return list;
}

static struct timeline_hpa *hpas_of(struct arena *a, const struct scenario *s)
{
    struct timeline_hpa *list = arena_array(a, struct timeline_hpa, s->hpa_count);
    for (size_t i = 0; i < s->hpa_count; i++) {
        list[i] = (struct timeline_hpa){&s->hpas[i], s->hpa_targets[i]};
    }
    return list;
}

static struct timeline_input *inputs_of(struct arena *a, const struct scenario *s)
{
    struct timeline_input *list = arena_array(a, struct timeline_input, s->input_count);
    for (size_t i = 0; i < s->input_count; i++) {
        list[i] =
            (struct timeline_input){s->inputs[i].path, s->inputs[i].fnv1a, s->inputs[i].bytes};
    }
    return list;
}

void timeline_run_of(struct arena *a, const struct scenario *scenario, uint64_t seed,
                     const char *program, struct timeline_run *out)
{
    *out = (struct timeline_run){
        .name = scenario->name,
        .scenario = scenario->file,
        .program = program,
        .resolution = scenario->mode == SCENARIO_FLUID ? "fluid" : "requests",
        .seed = seed,
        .start_unix_ns = scenario->start_unix_ns,
        .zone_seconds = scenario->zone_seconds,
        .duration = scenario->duration,
        .record_interval = scenario->record_interval,
        .inputs = inputs_of(a, scenario),
        .input_count = scenario->input_count,
        .workloads = workloads_of(a, scenario),
        .workload_count = scenario->workload_count,
        .services = services_of(a, scenario),
        .service_count = scenario->service_count + scenario->queue_count,
        .hpas = hpas_of(a, scenario),
        .hpa_count = scenario->hpa_count,
        .controller = &scenario->hpa,
        .metrics = metrics_of(a, scenario),
        .metric_count = scenario->metric_count,
        .record_pods = scenario->record_pods,
        .record_syncs = scenario->record_syncs,
    };
}
