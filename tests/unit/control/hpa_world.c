/* SPDX-License-Identifier: Apache-2.0 */
#include "hpa_world.h"

void hpa_world_init(struct hpa_world *w)
{
    *w = (struct hpa_world){.config = hpa_config_default(HPA_NEWEST_MINOR)};
    w->metric = (struct hpa_metric_spec){.type = HPA_METRIC_EXTERNAL,
                                         .name = "lag",
                                         .selector_text = "nil",
                                         .target = {.type = HPA_TARGET_AVERAGE_VALUE,
                                                    .has_average_value = true,
                                                    .average_value = 1000}};
    w->spec = (struct hpa_spec){.namespace_name = "default",
                                .name = "web",
                                .target_api_version = "apps/v1",
                                .target_kind = "Deployment",
                                .target_name = "web",
                                .min_replicas = 1,
                                .max_replicas = 100,
                                .metrics = &w->metric,
                                .metric_count = 1};
    w->request = (struct resource_amount){
        .name = "cpu", .has_request = true, .request = {.value = 100, .scale = -3}};
    w->container =
        (struct container_spec){.name = "app", .resources = &w->request, .resource_count = 1};
    w->pod = (struct pod_template){.containers = &w->container, .container_count = 1};
    w->answer = (struct hpa_metric_answer){
        .listed = true, .values = &w->series, .value_count = 1, .samples = w->samples};
    w->view = (struct hpa_view){.pods = w->pods, .answers = &w->answer, .selector = "app=x"};
    w->state.arena = &w->arena;
}

void hpa_world_cpu(struct hpa_world *w, int32_t utilization)
{
    w->metric = (struct hpa_metric_spec){.type = HPA_METRIC_RESOURCE,
                                         .name = "cpu",
                                         .selector_text = "nil",
                                         .target = {.type = HPA_TARGET_UTILIZATION,
                                                    .has_average_utilization = true,
                                                    .average_utilization = utilization}};
}

void hpa_world_pods(struct hpa_world *w, size_t count, int64_t milli)
{
    static const char *const names[] = {"web-0",  "web-1",  "web-2",  "web-3", "web-4",  "web-5",
                                        "web-6",  "web-7",  "web-8",  "web-9", "web-10", "web-11",
                                        "web-12", "web-13", "web-14", "web-15"};
    for (size_t i = 0; i < count; i++) {
        w->pods[i] = (struct hpa_pod){.name = names[i],
                                      .requests = &w->pod,
                                      .ready_since = -1000 * SECOND,
                                      .start_time = -1010 * SECOND,
                                      .phase = POD_RUNNING,
                                      .ready = CONDITION_TRUE};
        w->samples[i] =
            (struct hpa_sample){.pod = (uint32_t)i, .value = milli, .window = 15 * SECOND};
    }
    w->view.pod_count = count;
    w->answer.sample_count = count;
    w->view.spec_replicas = (int32_t)count;
    w->view.status_replicas = (int32_t)count;
}

void hpa_world_drop(struct hpa_world *w)
{
    arena_drop(&w->arena);
}

int32_t hpa_world_sync(struct hpa_world *w, simtime at)
{
    hpa_reconcile(&w->spec, &w->config, &w->state, &w->view, at, &w->arena, &w->decision);
    if (w->decision.rescale) {
        hpa_applied(&w->config, &w->state, &w->decision, NULL, at);
        w->view.spec_replicas = w->decision.desired;
    }
    return w->view.spec_replicas;
}

int32_t hpa_world_propose(struct hpa_world *w, simtime at, int32_t proposal)
{
    w->series = (int64_t)proposal * 1000;
    return hpa_world_sync(w, at);
}

const char *hpa_world_reason(const struct hpa_world *w, enum hpa_condition_type type)
{
    const struct hpa_condition *c = hpa_condition_find(&w->state.status, type);
    return c != NULL ? hpa_reason_name(c->reason) : "";
}
