/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The top of the scenario's grammar: the document, its metadata and spec, the metrics
 * pipeline, the controllers' flags and the clocks. `podtide schema scenario` and the
 * manual show what stands here, nothing else does.
 *
 * Trap: controllers' flags keep kube-controller-manager's own names, dashes included, so
 * that a line of its manifest can be pasted.
 */
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const modes[] = {"fluid", "requests", NULL};

static const struct field resolution_fields[] = {
    {.name = "mode",
     .type = FIELD_WORD,
     .offset = offsetof(struct scenario_part, resolution.mode) -
               offsetof(struct scenario_part, resolution),
     .initial = "fluid",
     .words = modes,
     .doc = "fluid: rates, for weeks and thousands of pods. requests: every request is simulated."},
    {.name = "step",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct scenario_part, resolution.step) -
               offsetof(struct scenario_part, resolution),
     .initial = "1s",
     .doc = "fluid: the shortest time between two looks at a changing load."},
};

static const struct object_type resolution_type = {
    .name = "Resolution",
    .doc = "How finely services are simulated.",
    .fields = resolution_fields,
    .field_count = COUNT(resolution_fields),
    .size = sizeof(((struct scenario_part *)0)->resolution),
};

static const char *const metrics_modes[] = {"cadvisor", "kwok", "ideal", NULL};

#define SERVER(member)                                                                             \
    (offsetof(struct scenario_part, metrics.server.member) -                                       \
     offsetof(struct scenario_part, metrics.server))

static const struct field server_fields[] = {
    {.name = "resolution",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = SERVER(resolution),
     .initial = "15s",
     .doc = "metrics-server's --metric-resolution; 15s in its shipped manifests."},
    {.name = "mode",
     .type = FIELD_WORD,
     .offset = SERVER(mode),
     .initial = "cadvisor",
     .words = metrics_modes,
     .doc = "cadvisor: samples of a real kubelet. kwok: values as KWOK serves them. ideal: exact "
            "averages from scrape to scrape."},
};

static const struct object_type server_type = {
    .name = "MetricsServer",
    .doc = "The resource metrics pipeline.",
    .fields = server_fields,
    .field_count = COUNT(server_fields),
    .size = sizeof(((struct scenario_part *)0)->metrics.server),
};

#define METRICS(member)                                                                            \
    (offsetof(struct scenario_part, metrics.member) - offsetof(struct scenario_part, metrics))

static const struct field metrics_fields[] = {
    {.name = "metricsServer",
     .type = FIELD_OBJECT,
     .offset = METRICS(server),
     .type_of = &server_type,
     .doc = "Resource metrics: CPU and memory."},
    {.name = "custom",
     .type = FIELD_LIST,
     .offset = METRICS(custom),
     .type_of = &scenario_custom_type,
     .doc = "Metrics of pods and objects, through an adapter.",
     .example = "[{name: http_requests_per_second, of: {service: web}}]"},
    {.name = "external",
     .type = FIELD_LIST,
     .offset = METRICS(external),
     .type_of = &scenario_external_type,
     .doc = "Metrics of things outside the cluster.",
     .example = "[{name: queue_depth, of: {queue: mails}}]"},
};

static const struct object_type metrics_type = {
    .name = "Metrics",
    .doc = "What HPAs can see, and how late.",
    .fields = metrics_fields,
    .field_count = COUNT(metrics_fields),
    .size = sizeof(((struct scenario_part *)0)->metrics),
};

#define FLAG(member) offsetof(struct controllers_part, member)

static const struct field controllers_fields[] = {
    {.name = "kubernetes",
     .type = FIELD_STRING,
     .offset = FLAG(kubernetes.text),
     .mark = FLAG(kubernetes.mark),
     .initial = "1.36",
     .doc = "The release whose controllers are emulated.",
     .example = "'1.33'"},
    {.name = "horizontal-pod-autoscaler-sync-period",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = FLAG(sync_period),
     .initial = "15s",
     .doc = "Pause between two syncs of an HPA."},
    {.name = "horizontal-pod-autoscaler-downscale-stabilization",
     .type = FIELD_DURATION,
     .offset = FLAG(downscale_stabilization),
     .initial = "5m",
     .doc = "Window of scale-down recommendations where behavior names none."},
    {.name = "horizontal-pod-autoscaler-cpu-initialization-period",
     .type = FIELD_DURATION,
     .offset = FLAG(cpu_initialization_period),
     .initial = "5m",
     .doc = "Time after a pod's start in which its CPU samples count only while it is ready."},
    {.name = "horizontal-pod-autoscaler-initial-readiness-delay",
     .type = FIELD_DURATION,
     .offset = FLAG(initial_readiness_delay),
     .initial = "30s",
     .doc = "Time after a pod's start in which readiness changes count as the first one."},
    {.name = "horizontal-pod-autoscaler-tolerance",
     .type = FIELD_DOUBLE,
     .offset = FLAG(tolerance),
     .initial = "0.1",
     .doc = "Usage ratios this near to 1 change nothing."},
    {.name = "concurrent-horizontal-pod-autoscaler-syncs",
     .type = FIELD_INT32,
     .flags = FIELD_POSITIVE,
     .offset = FLAG(concurrent_syncs),
     .mark = FLAG(concurrent_syncs_mark),
     .initial = "5",
     .min = 1,
     .max = 10000,
     .doc = "Syncs of different HPAs that can be at work at once; more wait for their turn."},
};

static const struct object_type controllers_type = {
    .name = "Controllers",
    .doc = "kube-controller-manager: its release and its flags, by their own names.",
    .fields = controllers_fields,
    .field_count = COUNT(controllers_fields),
    .size = sizeof(struct controllers_part),
};

static bool gates_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    (void)raw;
    bool ok = true;
    for (const struct node *n = node->first; n; n = n->next) {
        bool value = false;
        const char *path = arena_printf(d->arena, "%s.%s", d->path, n->key);
        ok &= decode_scalar(d, &(struct field){.type = FIELD_BOOL}, n, path, &value);
    }
    *(const struct node **)out = node;
    return ok;
}

static const struct object_type gates_type = {
    .name = "FeatureGates",
    .doc = "Feature gates by name.",
    .finish = gates_finish,
    .out_size = sizeof(const struct node *),
    .dictionary_value = "boolean",
};

static const char *const clocks_words[] = {"measured", "ideal", NULL};

#define CLOCK(name_, member, doc_)                                                                 \
    {                                                                                              \
        .name = (name_), .type = FIELD_OBJECT,                                                     \
        .offset = offsetof(struct clocks_part, distributions.member.seconds),                      \
        .has = offsetof(struct clocks_part, distributions.member.given),                           \
        .type_of = &scenario_dist_type, .doc = (doc_)                                              \
    }

static const struct field clocks_fields[] = {
    {.name = "mode",
     .type = FIELD_WORD,
     .offset = offsetof(struct clocks_part, mode),
     .initial = "measured",
     .words = clocks_words,
     .doc = "measured: as on a real control plane; ideal: exact periods, no delays. What stands "
            "beside it replaces single distributions."},
    {.name = "file",
     .type = FIELD_STRING,
     .offset = offsetof(struct clocks_part, file),
     .mark = offsetof(struct clocks_part, file_mark),
     .doc = "A recording of a control plane's times, relative to the scenario; it is followed "
            "exactly, measured delays where it says nothing.",
     .example = "clocks.json"},
    CLOCK("syncWork", sync_work,
          "One HPA sync, from its start to its end; the next one comes a period later."),
    CLOCK("rescaleWork", rescale_work,
          "What a scale update adds to the sync; its event is stamped after both."),
    CLOCK("createDelay", create_first, "From a scale update to the first new pod object."),
    CLOCK("createSpacing", create_next, "From one new pod object to the next one."),
    CLOCK("deleteDelay", delete_first, "From a scale update to the deletion timestamps."),
    CLOCK("bindDelay", bind, "From created to bound."),
    CLOCK("startDelay", start, "From bound to status.startTime."),
    CLOCK("scrapeResponse", scrape_response, "A node's answer to metrics-server."),
    CLOCK("firstSample", sample_first,
          "From a container's start to cAdvisor's first sample of it."),
    {.name = "housekeepingInterval",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct clocks_part, distributions.housekeeping),
     .doc = "cAdvisor samples after this time times 1 to 2; 10s in a kubelet."},
};

static bool clocks_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct clocks_part *clocks = raw;
    static const struct field word = {.type = FIELD_WORD, .words = clocks_words};
    if (decode_scalar(d, &word, node, d->path, &clocks->mode))
        return true;
    diag_help(d->diag, "or name a recording: {file: clocks.json}");
    return false;
}

static bool clocks_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    (void)d;
    (void)node;
    struct clocks_part *clocks = out;
    *clocks = *(const struct clocks_part *)raw;
    if (clocks->file)
        clocks->mode = SCENARIO_CLOCKS_RECORDED;
    return true;
}

static const struct object_type clocks_type = {
    .name = "Clocks",
    .doc = "When the control plane does its work.",
    .fields = clocks_fields,
    .field_count = COUNT(clocks_fields),
    .size = sizeof(struct clocks_part),
    .scalar = clocks_scalar,
    .scalar_types = "string",
    .scalar_doc = "measured: delays as measured on a real control plane; ideal: round numbers.",
    .finish = clocks_finish,
    .out_size = sizeof(struct clocks_part),
};

#define RECORD(member)                                                                             \
    (offsetof(struct scenario_part, record.member) - offsetof(struct scenario_part, record))

static const struct field record_fields[] = {
    {.name = "interval",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = RECORD(interval),
     .initial = "15s",
     .doc = "Distance of the recorded samples."},
    {.name = "pods",
     .type = FIELD_BOOL,
     .offset = RECORD(pods),
     .initial = "true",
     .doc = "Every pod and its phases."},
    {.name = "syncs",
     .type = FIELD_BOOL,
     .offset = RECORD(syncs),
     .initial = "true",
     .doc = "Every HPA sync with the whole working of the decision."},
};

static const struct object_type record_type = {
    .name = "Record",
    .doc = "What goes into the run file.",
    .fields = record_fields,
    .field_count = COUNT(record_fields),
    .size = sizeof(((struct scenario_part *)0)->record),
};

#define SPEC(member) offsetof(struct scenario_part, member)

static const struct field spec_fields[] = {
    {.name = "description",
     .type = FIELD_STRING,
     .offset = SPEC(description),
     .doc = "What it shows, for people."},
    {.name = "manifests",
     .type = FIELD_STRINGS,
     .offset = SPEC(manifests),
     .doc = "Kubernetes objects: files, folders or globs, relative to the scenario. Documents "
            "after this one in the same file count too.",
     .example = "[manifests/]"},
    {.name = "start",
     .type = FIELD_INSTANT,
     .offset = SPEC(start),
     .initial = "2024-01-01T00:00:00Z",
     .doc = "Calendar time of the beginning; times are shown at its offset.",
     .example = "2024-03-01T00:00:00+01:00"},
    {.name = "duration",
     .type = FIELD_DURATION,
     .flags = FIELD_REQUIRED | FIELD_POSITIVE,
     .offset = SPEC(duration),
     .max = 10 * 366 * 86400.0,
     .doc = "How long it lasts.",
     .example = "24h"},
    {.name = "seed",
     .type = FIELD_UINT64,
     .offset = SPEC(seed),
     .initial = "1",
     .doc = "Of all random numbers: the same seed gives the same bytes."},
    {.name = "resolution",
     .type = FIELD_OBJECT,
     .offset = SPEC(resolution),
     .type_of = &resolution_type,
     .doc = "How finely services are simulated.",
     .example = "{mode: requests}"},
    {.name = "loads",
     .type = FIELD_LIST,
     .offset = SPEC(loads),
     .type_of = &scenario_named_load_type,
     .doc = "Loads to be used by name.",
     .example = "[{name: web, daily: {min: 20, max: 300}}]"},
    {.name = "services",
     .type = FIELD_LIST,
     .offset = SPEC(services),
     .type_of = &scenario_service_type,
     .doc = "HTTP services.",
     .example = "[{name: web, workload: deployment/web, load: web, cpu: 20ms}]"},
    {.name = "queues",
     .type = FIELD_LIST,
     .offset = SPEC(queues),
     .type_of = &scenario_queue_type,
     .doc = "Job queues.",
     .example = "[{name: mails, workers: deployment/mailer, serviceTime: 2s}]"},
    {.name = "pods",
     .type = FIELD_LIST,
     .offset = SPEC(pods),
     .type_of = &scenario_pods_type,
     .doc = "How long pods take to start and to end.",
     .example = "[{workload: deployment/web, start: 25s}]"},
    {.name = "metrics",
     .type = FIELD_OBJECT,
     .offset = SPEC(metrics),
     .type_of = &metrics_type,
     .doc = "What HPAs can see, and how late."},
    {.name = "controllers",
     .type = FIELD_OBJECT,
     .offset = SPEC(controllers),
     .type_of = &controllers_type,
     .doc = "kube-controller-manager's release and flags.",
     .example = "{horizontal-pod-autoscaler-sync-period: 15s}"},
    {.name = "featureGates",
     .type = FIELD_DICTIONARY,
     .offset = SPEC(feature_gates),
     .type_of = &gates_type,
     .doc = "Feature gates by name.",
     .example = "{HPAScaleToZero: true}"},
    {.name = "clocks",
     .type = FIELD_OBJECT,
     .offset = SPEC(clocks),
     .initial = "measured",
     .type_of = &clocks_type,
     .doc = "When the control plane does its work."},
    {.name = "events",
     .type = FIELD_LIST,
     .offset = SPEC(events),
     .type_of = &scenario_event_type,
     .doc = "What happens at a time.",
     .example = "[{at: 6h, for: 10m, metricsOutage: {api: resource}}]"},
    {.name = "record",
     .type = FIELD_OBJECT,
     .offset = SPEC(record),
     .type_of = &record_type,
     .doc = "What goes into the run file."},
};

static const struct object_type spec_type = {
    .name = "ScenarioSpec",
    .doc = "The scenario.",
    .fields = spec_fields,
    .field_count = COUNT(spec_fields),
    .size = sizeof(struct scenario_part),
};

#define META(member)                                                                               \
    (offsetof(struct scenario_document, metadata.member) -                                         \
     offsetof(struct scenario_document, metadata))

static const struct field metadata_fields[] = {
    {.name = "name",
     .type = FIELD_NAME,
     .flags = FIELD_REQUIRED,
     .offset = META(name),
     .doc = "The name of the scenario; its run file is called after it.",
     .example = "quickstart"},
    {.name = "labels", .type = FIELD_TEXTS, .offset = META(labels), .doc = "For people."},
    {.name = "annotations", .type = FIELD_TEXTS, .offset = META(annotations), .doc = "For people."},
};

static const struct object_type metadata_type = {
    .name = "Metadata",
    .doc = "As of any Kubernetes object.",
    .fields = metadata_fields,
    .field_count = COUNT(metadata_fields),
    .size = sizeof(((struct scenario_document *)0)->metadata),
};

static const char *const api_versions[] = {"podtide/v1", NULL};
static const char *const kinds[] = {"Scenario", NULL};

static const struct field document_fields[] = {
    {.name = "apiVersion",
     .type = FIELD_WORD,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_document, api_version),
     .words = api_versions,
     .doc = "Always podtide/v1.",
     .example = "podtide/v1"},
    {.name = "kind",
     .type = FIELD_WORD,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_document, kind),
     .words = kinds,
     .doc = "Always Scenario.",
     .example = "Scenario"},
    {.name = "metadata",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_document, metadata),
     .type_of = &metadata_type,
     .doc = "Its name.",
     .example = "{name: quickstart}"},
    {.name = "spec",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_document, spec),
     .type_of = &spec_type,
     .doc = "What is simulated."},
};

const struct object_type scenario_type = {
    .name = "Scenario",
    .doc = "What `podtide run` runs: Kubernetes objects, the load on them, and how they behave.",
    .fields = document_fields,
    .field_count = COUNT(document_fields),
    .size = sizeof(struct scenario_document),
};
