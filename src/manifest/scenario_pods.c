/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario says how long pods take: the table of struct pod_timing, per workload
 * or for all. Everything may be left out; the defaults are an image that is mostly on
 * the node already and a process that answers ten seconds after it began.
 *
 * The clocks (kube/clocks.h) add the control plane's own delays to these; probes,
 * preStop and grace periods come from the manifest.
 */
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct field startup_fields[] = {
    {.name = "for",
     .type = FIELD_SECONDS,
     .flags = FIELD_REQUIRED | FIELD_POSITIVE,
     .offset = offsetof(struct startup_cpu, for_seconds),
     .doc = "How long, counted from the end of the piece before.",
     .example = "20s"},
    {.name = "cpu",
     .type = FIELD_CORES,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct startup_cpu, cores),
     .doc = "What it uses, as far as the limit lets it.",
     .example = "'1.5'"},
};

static const struct object_type startup_type = {
    .name = "StartupCPU",
    .doc = "A piece of the CPU that a starting container burns.",
    .fields = startup_fields,
    .field_count = COUNT(startup_fields),
    .size = sizeof(struct startup_cpu),
};

static const struct field sidecar_fields[] = {
    {.name = "container",
     .type = FIELD_NAME,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct sidecar_usage, container),
     .doc = "The container's name in the manifest.",
     .example = "istio-proxy"},
    {.name = "cpu",
     .type = FIELD_CORES,
     .offset = offsetof(struct sidecar_usage, cores),
     .initial = "5m",
     .doc = "What it uses all the time."},
    {.name = "memory",
     .type = FIELD_BYTES,
     .offset = offsetof(struct sidecar_usage, memory_bytes),
     .initial = "64Mi",
     .doc = "What it uses all the time."},
};

static const struct object_type sidecar_type = {
    .name = "Sidecar",
    .doc = "A container beside the main one, of constant usage.",
    .fields = sidecar_fields,
    .field_count = COUNT(sidecar_fields),
    .size = sizeof(struct sidecar_usage),
};

struct raw_pods {
    struct pods_part part;
    struct item_list startup;
    struct item_list sidecars;
};

#define TIMING(member) offsetof(struct raw_pods, part.timing.member)

static const struct field pods_fields[] = {
    {.name = "workload",
     .type = FIELD_STRING,
     .offset = offsetof(struct raw_pods, part.workload.text),
     .mark = offsetof(struct raw_pods, part.workload.mark),
     .doc = "Whose pods: kind/name or namespace/kind/name. Without it: of every workload that has "
            "no entry of its own.",
     .example = "deployment/web"},
    {.name = "schedulingDelay",
     .type = FIELD_OBJECT,
     .offset = TIMING(scheduling),
     .initial = "0s",
     .type_of = &scenario_dist_type,
     .doc = "From created to bound, beyond what the control plane itself takes."},
    {.name = "imagePull",
     .type = FIELD_OBJECT,
     .offset = TIMING(image_pull),
     .initial = "1s",
     .type_of = &scenario_dist_type,
     .doc = "Sandbox and image.",
     .example = "{distribution: lognormal, mean: 6s, cv: 0.8}"},
    {.name = "init",
     .type = FIELD_OBJECT,
     .offset = TIMING(init),
     .initial = "0s",
     .type_of = &scenario_dist_type,
     .doc = "All init containers together."},
    {.name = "start",
     .type = FIELD_OBJECT,
     .offset = TIMING(start),
     .initial = "10s",
     .type_of = &scenario_dist_type,
     .doc = "From Running until the application answers; probes come on top.",
     .example = "{distribution: gamma, mean: 25s, cv: 0.3}"},
    {.name = "startup",
     .type = FIELD_LIST,
     .offset = offsetof(struct raw_pods, startup),
     .type_of = &startup_type,
     .doc = "CPU used while starting, piece after piece, from Running on.",
     .example = "[{for: 20s, cpu: 1500m}]"},
    {.name = "terminationTime",
     .type = FIELD_OBJECT,
     .offset = TIMING(termination),
     .initial = "2s",
     .type_of = &scenario_dist_type,
     .doc = "From SIGTERM until the process ends; cut by the grace period."},
    {.name = "drain",
     .type = FIELD_SECONDS,
     .offset = TIMING(drain_seconds),
     .has = TIMING(has_drain),
     .doc = "preStop: time before SIGTERM in which requests in work go on. By default what the "
            "manifest's preStop sleep says."},
    {.name = "sidecars",
     .type = FIELD_LIST,
     .offset = offsetof(struct raw_pods, sidecars),
     .type_of = &sidecar_type,
     .doc = "Usage of further containers.",
     .example = "[{container: proxy, cpu: 20m, memory: 48Mi}]"},
    {.name = "idleCPU",
     .type = FIELD_CORES,
     .offset = TIMING(idle_cores),
     .has = offsetof(struct raw_pods, part.has_idle),
     .initial = "5m",
     .doc = "Used while running, whatever the load; by default what its service says."},
    {.name = "memory",
     .type = FIELD_BYTES,
     .offset = TIMING(base_memory_bytes),
     .has = offsetof(struct raw_pods, part.has_memory),
     .initial = "64Mi",
     .doc = "Used while running, whatever the load; by default what its service says."},
};

static bool pods_finish(struct decoder *d, const struct node *node, const void *data, void *result)
{
    (void)d;
    const struct raw_pods *raw = data;
    struct pods_part *out = result;
    *out = raw->part;
    out->mark = node ? node->mark : (struct mark){0};
    out->timing.startup = raw->startup.items;
    out->timing.startup_count = raw->startup.count;
    out->timing.sidecars = raw->sidecars.items;
    out->timing.sidecar_count = raw->sidecars.count;
    return true;
}

const struct object_type scenario_pods_type = {
    .name = "Pods",
    .doc = "How the pods of a workload behave in time.",
    .fields = pods_fields,
    .field_count = COUNT(pods_fields),
    .size = sizeof(struct raw_pods),
    .finish = pods_finish,
    .out_size = sizeof(struct pods_part),
};
