/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics side of the world: metrics-server over the pods, a Prometheus or a
 * direct reading for every named metric of the scenario, and the outages that the
 * scenario asks for.
 */
#include "internal.h"

#include <math.h>

struct named {
    struct world *world;
    const struct scenario_metric *metric;
    struct traffic *traffic;   /* NULL for a load expression */
    struct load_cursor cursor; /* QUANTITY_LOAD */
    struct metric_spec spec;
};

static double read_named(void *context, const struct pod *pod, simtime now)
{
    struct named *n = context;
    if (n->metric->quantity != SCENARIO_QUANTITY_LOAD)
        return traffic_quantity(n->traffic, n->metric, pod, now) * n->metric->scale;
    double value = n->metric->function == SCENARIO_FUNCTION_RATE && !n->metric->direct
                       ? load_integral(n->cursor.source, &n->cursor, 0, now)
                       : load_value(n->cursor.source, &n->cursor, now);
    if (pod && pod->workload->ready > 0)
        value /= pod->workload->ready;
    return value * n->metric->scale;
}

static struct metric_spec spec_of(const struct scenario_metric *m)
{
    static const enum metric_kind kinds[] = {METRIC_PODS, METRIC_OBJECT, METRIC_EXTERNAL};
    static const enum metric_function functions[] = {METRIC_LAST, METRIC_RATE, METRIC_AVERAGE};
    return (struct metric_spec){
        .name = m->name,
        .kind = kinds[m->kind],
        .namespace_name = m->namespace_name,
        .labels = m->labels,
        .label_count = m->label_count,
        .object_kind = m->object_kind,
        .object_name = m->object_name,
        .direct = m->direct,
        .function = functions[m->function],
        .scrape_interval = m->scrape_interval,
        .window = m->window,
        .delay = m->delay,
        .relist = m->relist,
    };
}

static struct traffic *traffic_of(struct world *w, const struct scenario_metric *m)
{
    if (m->service != SCENARIO_NONE)
        return &w->traffic[m->service];
    if (m->queue != SCENARIO_NONE)
        return &w->traffic[w->scenario->service_count + m->queue];
    return NULL;
}

static void add_named(struct world *w, const struct scenario_metric *m)
{
    struct named *n = arena_new(w->arena, struct named);
    n->world = w;
    n->metric = m;
    n->traffic = traffic_of(w, m);
    n->spec = spec_of(m);
    if (m->quantity == SCENARIO_QUANTITY_LOAD) {
        struct load_context context = {.arena = w->arena,
                                       .diag = w->diag,
                                       .directory = w->scenario->directory,
                                       .name = m->name,
                                       .start_unix_ns = w->scenario->start_unix_ns,
                                       .use = LOAD_USE_GAUGE};
        const struct load_source *source = load_build(m->load, &context);
        if (!source)
            return;
        load_cursor_init(&n->cursor, source, w->seed, w->arena);
    }
    const struct workload *workload = n->traffic ? n->traffic->workload : NULL;
    if (m->workload != SCENARIO_NONE)
        workload = &w->cluster.workloads[m->workload];
    metrics_add(w->metrics, &n->spec, workload, read_named, n);
}

static void set_sidecars(struct world *w, const struct workload *workload)
{
    const struct pod_timing *timing = workload->timing;
    struct container_usage *usage =
        arena_array(w->arena, struct container_usage, timing->sidecar_count);
    for (size_t i = 0; i < timing->sidecar_count; i++)
        usage[i] =
            (struct container_usage){timing->sidecars[i].container, timing->sidecars[i].cores,
                                     timing->sidecars[i].memory_bytes};
    metrics_server_set_usage(w->metrics_server, workload->index, usage, timing->sidecar_count);
}

void pipelines_build(struct world *w)
{
    static const enum metrics_mode modes[] = {METRICS_CADVISOR, METRICS_KWOK, METRICS_IDEAL};
    struct metrics_server_spec spec = {
        .mode = modes[w->scenario->metrics_mode],
        .resolution = w->scenario->metrics_resolution,
        .epoch_fraction = w->epoch_fraction,
        .seed = w->seed,
        .node_count = w->cluster.node_count,
    };
    w->metrics_server = metrics_server_create(w->arena, w->engine, w->clocks, &spec);
    for (size_t i = 0; i < w->cluster.workload_count; i++)
        set_sidecars(w, &w->cluster.workloads[i]);
    cluster_subscribe(&w->cluster, metrics_server_pod_changed, w->metrics_server);
    w->metrics = metrics_create(w->arena, w->engine, w->metrics_server, w->seed, w->epoch_fraction);
    for (size_t i = 0; i < w->scenario->metric_count; i++)
        add_named(w, &w->scenario->metrics[i]);
    cluster_subscribe(&w->cluster, metrics_pod_changed, w->metrics);
}

void pipelines_start(struct world *w)
{
    metrics_server_start(w->metrics_server);
    metrics_start(w->metrics);
}

static void api_fault(struct world *w, enum metrics_api api, const struct metric_fault *fault,
                      bool begins)
{
    if (begins)
        metrics_api_fault_begin(w->metrics, api, fault);
    else
        metrics_api_fault_end(w->metrics, api, fault);
}

void pipelines_fault(struct world *w, uint32_t index, const struct scenario_event *event,
                     bool begins)
{
    static const enum metric_fault_kind kinds[] = {METRIC_FAULT_UNAVAILABLE, METRIC_FAULT_ZERO,
                                                   METRIC_FAULT_MISSING, METRIC_FAULT_FROZEN};
    struct metric_fault fault = {.kind = kinds[event->outage],
                                 .text = event->error,
                                 .fraction = event->fraction > 0 ? event->fraction : 1,
                                 .node = METRIC_FAULT_ALL_NODES};
    (void)index;
    if (event->metric) {
        if (begins)
            metrics_fault_begin(w->metrics, event->metric, &fault);
        else
            metrics_fault_end(w->metrics, event->metric, &fault);
        return;
    }
    bool all = event->api == SCENARIO_API_ALL;
    if (all || event->api == SCENARIO_API_RESOURCE)
        api_fault(w, METRICS_API_RESOURCE, &fault, begins);
    if (all || event->api == SCENARIO_API_CUSTOM)
        api_fault(w, METRICS_API_CUSTOM, &fault, begins);
    if (all || event->api == SCENARIO_API_EXTERNAL)
        api_fault(w, METRICS_API_EXTERNAL, &fault, begins);
}

void pipelines_sample(struct world *w, simtime now)
{
    if (!w->observer->metric)
        return;
    for (size_t i = 0; i < w->scenario->metric_count; i++) {
        struct metric_sample sample = {
            .at = now, .metric = (uint32_t)i, .value = metrics_value(w->metrics, (uint32_t)i, now)};
        w->observer->metric(w->observer->context, &sample);
    }
}
