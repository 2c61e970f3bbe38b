/* SPDX-License-Identifier: Apache-2.0 */
/* One observer that passes everything on to several, in order. */
#include "kube/observer.h"

static void fan_event(void *context, const struct observed_event *event)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->event)
            fan->members[i]->event(fan->members[i]->context, event);
}

static void fan_pod(void *context, const struct pod *pod, simtime now, const char *change)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->pod)
            fan->members[i]->pod(fan->members[i]->context, pod, now, change);
}

static void fan_workload(void *context, const struct workload_sample *sample)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->workload)
            fan->members[i]->workload(fan->members[i]->context, sample);
}

static void fan_service(void *context, const struct service_sample *sample)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->service)
            fan->members[i]->service(fan->members[i]->context, sample);
}

static void fan_metric(void *context, const struct metric_sample *sample)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->metric)
            fan->members[i]->metric(fan->members[i]->context, sample);
}

static void fan_decision(void *context, uint32_t hpa, simtime at,
                         const struct hpa_decision *decision, const struct hpa_state *state)
{
    const struct observer_fan *fan = context;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->decision)
            fan->members[i]->decision(fan->members[i]->context, hpa, at, decision, state);
}

/* Everyone is asked, so that all see the same run; one "stop" stops it. */
static bool fan_tick(void *context, simtime now)
{
    const struct observer_fan *fan = context;
    bool go_on = true;
    for (unsigned i = 0; i < fan->count; i++)
        if (fan->members[i]->tick && !fan->members[i]->tick(fan->members[i]->context, now))
            go_on = false;
    return go_on;
}

struct observer observer_fan(struct observer_fan *fan)
{
    return (struct observer){.context = fan,
                             .event = fan_event,
                             .pod = fan_pod,
                             .workload = fan_workload,
                             .service = fan_service,
                             .metric = fan_metric,
                             .decision = fan_decision,
                             .tick = fan_tick};
}
