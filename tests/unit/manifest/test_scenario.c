/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenarios as a whole: what is read where, names that lead nowhere, edits applied in the
 * course of time, and the warnings about what a cluster would accept.
 */
#include "manifest/scenario.h"

#include "base/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const char deployment[] = "---\n"
                                 "apiVersion: apps/v1\n"
                                 "kind: Deployment\n"
                                 "metadata: {name: web}\n"
                                 "spec:\n"
                                 "  replicas: 2\n"
                                 "  selector: {matchLabels: {app: web}}\n"
                                 "  template:\n"
                                 "    metadata: {labels: {app: web}}\n"
                                 "    spec:\n"
                                 "      containers:\n"
                                 "      - name: app\n"
                                 "        image: app:1\n"
                                 "        resources: {requests: {cpu: 500m}, limits: {cpu: 800m}}\n"
                                 "      - name: proxy\n"
                                 "        image: proxy:1\n"
                                 "        resources: {requests: {cpu: 50m}}\n";

static const char hpa[] = "---\n"
                          "apiVersion: autoscaling/v2\n"
                          "kind: HorizontalPodAutoscaler\n"
                          "metadata: {name: web}\n"
                          "spec:\n"
                          "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
                          "  maxReplicas: 10\n"
                          "  metrics:\n"
                          "  - type: Resource\n"
                          "    resource: {name: cpu, target: {type: Utilization, "
                          "averageUtilization: 70}}\n";

static const char head[] = "apiVersion: podtide/v1\n"
                           "kind: Scenario\n"
                           "metadata: {name: t}\n"
                           "spec:\n"
                           "  duration: 1h\n"
                           "  start: 2024-03-01T08:00:00+01:00\n";

static const char service[] = "  services:\n"
                              "  - {name: web, workload: deployment/web, load: 100, cpu: 10ms}\n";

/* A scenario of these parts in a file of its own. */
struct reading {
    struct arena arena;
    struct diag diag;
    struct scenario scenario;
    bool ok;
};

static void read_parts(struct reading *r, const struct scenario_options *options,
                       const char *const *parts)
{
    char path[] = "/tmp/podtide-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    FILE *out = fdopen(fd, "w");
    for (; *parts; parts++)
        (void)fputs(*parts, out);
    (void)fclose(out);
    const char *copy = arena_strdup(&r->arena, path);
    r->diag = (struct diag){.arena = &r->arena};
    r->ok = scenario_read(&copy, 1, options, &r->arena, &r->diag, &r->scenario);
    (void)unlink(path);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Is there a message that contains this? */
static bool says(const struct reading *r, const char *text)
{
    for (size_t i = 0; diag_message(&r->diag, i); i++)
        if (strstr(diag_message(&r->diag, i), text))
            return true;
    return false;
}

static const char *first_message(const struct reading *r)
{
    const char *first = diag_message(&r->diag, 0);
    return first ? first : "(nothing)";
}

Test(scenario, whole)
{
    struct reading r = {0};
    read_parts(&r, NULL,
               PARTS(head, service,
                     "  loads:\n"
                     "  - {name: a, daily: {min: 1, max: 9}, offset: 5m}\n"
                     "  queues:\n"
                     "  - {name: q, workers: default/deploy/web, serviceTime: 2s}\n"
                     "  pods:\n"
                     "  - {start: 25s, sidecars: []}\n"
                     "  metrics:\n"
                     "    external: [{name: depth, of: {queue: q}}]\n"
                     "  controllers:\n"
                     "    kubernetes: '1.33'\n"
                     "    horizontal-pod-autoscaler-tolerance: 0.2\n"
                     "  featureGates: {HPAScaleToZero: true}\n",
                     deployment, hpa));
    cr_assert(r.ok, "%s", first_message(&r));
    const struct scenario *s = &r.scenario;
    cr_expect_str_eq(s->name, "t");
    cr_expect_str_eq(s->directory, "/tmp");
    cr_expect_eq(s->duration, SIMTIME_HOUR);
    cr_expect_eq(s->start_unix_ns, INT64_C(1709276400) * SIMTIME_SECOND);
    cr_expect_eq(s->zone_seconds, 3600);
    cr_expect(s->workload_count == 1 && s->hpa_count == 1 && s->hpa_targets[0] == 0);
    cr_expect(s->service_count == 1 && s->services[0].cpu_limit_cores == 0.8);
    cr_expect(s->services[0].concurrency == 64 && s->services[0].cpu.mean == 0.01);
    cr_expect(s->queue_count == 1 && s->queues[0].workload == 0);
    cr_expect(s->metric_count == 1 && s->metrics[0].quantity == SCENARIO_QUANTITY_DEPTH);
    cr_expect(s->loads[0].spec->kind == LOAD_SHIFT);
    cr_expect(s->timings[0].start.mean == 25 && s->timings[0].image_pull.mean == 1);
    cr_expect(s->hpa.profile.minor == 33 && s->hpa.tolerance == 0.2);
    cr_expect(s->hpa.gates.scale_to_zero);
    cr_expect(s->input_count == 1 && s->seed == 1 && s->record_interval == 15 * SIMTIME_SECOND);
    arena_drop(&r.arena);
}

/* One mistake each, and what is said. */
static const struct {
    const char *body;
    const char *message;
} mistakes[] = {
    {"  services: [{name: a, workload: deployment/wbe, load: 1, cpu: 1ms}]\n",
     "there is no workload \"deployment/wbe\""},
    {"  services: [{name: a, workload: web, load: 1, cpu: 1ms}]\n", "there is no workload \"web\""},
    {"  services: [{name: a, workload: deployment/web, load: b, cpu: 1ms}]\n",
     "there is no load \"b\""},
    {"  services: [{name: a, workload: deployment/web, load: 1}]\n", "\"cpu\" is required"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: 1ms, cpuDemand: 2}]\n",
     "cpuDemand excludes load"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: 1ms, calls: [{service: "
     "a}]}]\n",
     "leads back to \"a\""},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: 1ms, calls: [{service: "
     "c}]}]\n",
     "there is no service \"c\""},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: 1ms},\n"
     "             {name: b, workload: deployment/web, load: 1, cpu: 1ms}]\n",
     "\"a\" and \"b\" are both on deployment/web"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: {distribution: "
     "lognormal}}]\n",
     "\"mean\" is required"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: {distribution: uniform, "
     "min: 5ms, max: 2ms}}]\n",
     "max is less than min"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: {quantiles: [{p: 0.1, "
     "value: 1ms}, {p: 1, value: 2ms}]}}]\n",
     "quantiles must rise from p 0 to p 1"},
    {"  services: [{name: a, workload: deployment/web, load: 1, cpu: {values: [{value: 1ms, "
     "weight: 0}]}}]\n",
     "the weights must not all be 0"},
    {"  queues: [{name: q, workers: deployment/web, serviceTime: 0s}]\n",
     "serviceTime must be more than 0"},
    {"  loads: [{name: a, constant: 1}, {name: a, constant: 2}]\n", "there are two loads \"a\""},
    {"  loads: [{name: a, constant: 1, scale: 0}]\n", "must not be 0"},
    {"  loads: [{name: a, trace: {file: []}}]\n", "no file is given"},
    {"  pods: [{workload: deployment/web, sidecars: [{container: prxy}]}]\n",
     "have no sidecar \"prxy\""},
    {"  pods: [{workload: deployment/web, sidecars: [{container: app}]}]\n",
     "have no sidecar \"app\""},
    {"  pods: [{start: 1s}, {start: 2s}]\n", "two entries of pods for all workloads"},
    {"  metrics: {custom: [{name: m, of: {service: x}}]}\n", "there is no service \"x\""},
    {"  metrics: {custom: [{name: m, type: Object, of: {load: 1}}]}\n", "needs \"object\""},
    {"  metrics: {custom: [{name: m, of: {load: 1}}]}\n", "which pods have it?"},
    {"  metrics: {external: [{name: m, of: {load: 1, quantity: depth}}]}\n", "a load has no depth"},
    {"  controllers: {kubernetes: '1.12'}\n", "Kubernetes \"1.12\" is not modelled"},
    {"  featureGates: {HPAScaleToZer: true}\n", "unknown feature gate \"HPAScaleToZer\""},
    {"  featureGates: {HPAScaleToZero: 1}\n", "expected true or false"},
    {"  events: [{at: 2024-03-01T06:00:00Z, scale: {workload: deployment/web, replicas: 1}}]\n",
     "before the start of the run"},
    {"  events: [{at: 5m, edit: {object: hpa/wbe, patch: {}}}]\n",
     "there is no object \"hpa/wbe\""},
    {"  events: [{at: 5m, edit: {object: hpa/web, patch: {spec: {maxReplica: 4}}}}]\n",
     "maxReplica"},
    {"  events: [{at: 5m, edit: {object: hpa/web, patch: {spec: {minReplicas: 20}}}}]\n",
     "spec.maxReplicas"},
    {"  events: [{at: 5m, edit: {object: hpa/web, patch: {metadata: {name: x}}}}]\n",
     "a patch cannot change metadata.name"},
    {"  events: [{at: 5m, edit: {object: deployment/web, patch: {spec: {selector: {matchLabels: "
     "{app: web, x: z}}, template: {metadata: {labels: {x: z}}}}}}}]\n",
     "field is immutable"},
    {"  events: [{at: 5m, edit: {object: hpa/web, patch: 5}}]\n", "a merge patch is a map"},
    {"  events: [{at: 5m, for: 1m, scale: {workload: deployment/web, replicas: 1}}]\n",
     "\"for\" has no meaning here"},
    {"  events: [{at: 5m, metricsOutage: {metric: nope}}]\n",
     "there is no custom or external metric \"nope\""},
    {"  events: [{at: 5m, metricsOutage: {zero: true, stale: true}}]\n", "exclude each other"},
    {"  events: [{at: 5m, load: {name: nope, scale: 2}}]\n",
     "there is no load, service or queue \"nope\""},
    {"  events: [{at: 5m, crash: {workload: deployment/web, pods: 0}}]\n", "more than 0"},
};

Test(scenario, mistakes)
{
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        struct reading r = {0};
        read_parts(&r, NULL, PARTS(head, mistakes[i].body, deployment, hpa));
        cr_expect(!r.ok && r.diag.errors == 1, "%s: %zu errors", mistakes[i].body, r.diag.errors);
        cr_expect(says(&r, mistakes[i].message), "%s: %s", mistakes[i].body, first_message(&r));
        arena_drop(&r.arena);
    }
}

/* Parts of a file, and the one warning they give; NULL: none. */
static const struct {
    const char *name;
    const char *const parts[6];
    const char *warning;
} surprises[] = {
    {"nothing", {head, service, deployment, hpa}, NULL},
    {"target",
     {head, service, deployment,
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: wbe}, maxReplicas: 3}\n"},
     "it will report FailedGetScale"},
    {"ambiguous",
     {head, service, deployment, hpa,
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}\n"},
     "AmbiguousSelector"},
    {"unfed",
     {head, service, deployment,
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
      "  maxReplicas: 3\n  metrics:\n  - type: Pods\n    pods: {metric: {name: rps}, target: "
      "{type: AverageValue, averageValue: 10}}\n"},
     "nothing in the scenario feeds the metric \"rps\""},
    {"request",
     {head, service, deployment,
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
      "  maxReplicas: 3\n  metrics:\n  - type: Resource\n    resource: {name: memory, target: "
      "{type: Utilization, averageUtilization: 10}}\n"},
     "requests none: it will report FailedGetResourceMetric"},
    {"idle", {head, deployment, hpa}, "its pods stay idle"},
    {"no requests",
     {head, "  services: [{name: web, workload: deployment/web, cpu: 1ms}]\n", deployment, hpa},
     "gets no requests"},
    {"late",
     {head, service, "  events: [{at: 2h, load: {name: web, scale: 2}}]\n", deployment, hpa},
     "this will not happen"},
};

Test(scenario, surprises)
{
    for (size_t i = 0; i < COUNT(surprises); i++) {
        struct reading r = {0};
        read_parts(&r, NULL, surprises[i].parts);
        size_t expected = surprises[i].warning != NULL;
        cr_expect(r.ok, "%s: %s", surprises[i].name, first_message(&r));
        cr_expect_eq(r.diag.warnings, expected, "%s: %zu warnings: %s", surprises[i].name,
                     r.diag.warnings, first_message(&r));
        if (surprises[i].warning)
            cr_expect(says(&r, surprises[i].warning), "%s: %s", surprises[i].name,
                      first_message(&r));
        arena_drop(&r.arena);
    }
}

/* --set assignments and what they do: a message, or NULL for done. */
static const struct {
    const char *assignment;
    const char *message;
} sets[] = {
    {"spec.duration=2h", NULL},
    {"spec.services[web].cpu=30ms", NULL},
    {"spec.services[0].cpu={distribution: gamma, mean: 30ms}", NULL},
    {"spec.resolution.mode=requests", NULL},
    {"spec.record={interval: 1m}", NULL},
    {"spec.duration", "\"=\" is missing"},
    {"spec..duration=1h", "a name is expected here"},
    {"spec.services[9].cpu=1ms", "the list has no item \"9\""},
    {"spec.services[web.cpu=1ms", "\"]\" is missing"},
    {"spec.services.web=1", "there is a list here"},
    {"spec.duration.x=1", "there is a string here"},
    {"spec.duraton=1h", "unknown field \"duraton\""},
    {"spec.duration=-1h", "must be more than 0"},
    {"spec.duration=", "\"duration\" is required"},
    {"spec.duration=[", ""},
};

Test(scenario, sets)
{
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct reading r = {0};
        const struct scenario_options options = {.sets = &sets[i].assignment, .set_count = 1};
        read_parts(&r, &options, PARTS(head, service, deployment, hpa));
        cr_expect_eq(r.ok, sets[i].message == NULL, "%s: %s", sets[i].assignment,
                     first_message(&r));
        if (sets[i].message)
            cr_expect(says(&r, sets[i].message), "%s: %s", sets[i].assignment, first_message(&r));
        arena_drop(&r.arena);
    }
}

Test(scenario, set_values)
{
    struct reading r = {0};
    const char *const texts[] = {"spec.duration=2h", "spec.services[web].cpu=30ms",
                                 "spec.duration=3h"};
    const struct scenario_options options = {.sets = texts, .set_count = COUNT(texts)};
    read_parts(&r, &options, PARTS(head, service, deployment, hpa));
    cr_assert(r.ok);
    cr_expect_eq(r.scenario.duration, 3 * SIMTIME_HOUR);
    cr_expect(r.scenario.services[0].cpu.mean == 0.03);
    cr_expect(r.scenario.services[0].load != NULL);
    arena_drop(&r.arena);
}

/* Edits build on each other in time, and an end restores what the begin found. */
Test(scenario, edits)
{
    struct reading r = {0};
    read_parts(&r, NULL,
               PARTS(head, service,
                     "  events:\n"
                     "  - {at: 30m, edit: {object: hpa/web, patch: {spec: {minReplicas: 4}}}}\n"
                     "  - {at: 10m, for: 5m, edit: {object: hpa/web, patch: {spec: {maxReplicas: "
                     "20}}}}\n"
                     "  - {at: 12m, edit: {object: deployment/web, patch: {spec: {template: "
                     "{spec: {terminationGracePeriodSeconds: 5}}}}}}\n"
                     "  - {at: 2024-03-01T08:20:00+01:00, edit: {object: deploy/web, patch: "
                     "{spec: {replicas: 9}}}}\n",
                     deployment, hpa));
    cr_assert(r.ok, "%s", first_message(&r));
    const struct scenario_event *e = r.scenario.events;
    cr_assert_eq(r.scenario.event_count, 4);
    cr_expect(e[0].at == 10 * SIMTIME_MINUTE && e[0].until == 15 * SIMTIME_MINUTE);
    cr_expect(e[0].edit.hpa_before->max_replicas == 10 && e[0].edit.hpa_after->max_replicas == 20);
    cr_expect(e[1].edit.workload == 0 && e[1].edit.rolls && e[1].until == SIMTIME_NEVER);
    cr_expect_eq(e[1].edit.workload_after->pod.termination_grace_period_seconds, 5);
    cr_expect(e[2].at == 20 * SIMTIME_MINUTE && !e[2].edit.rolls);
    cr_expect(e[2].edit.workload_after->replicas == 9 && e[2].edit.workload_before->replicas == 2);
    cr_expect_eq(e[2].edit.workload_after->pod.termination_grace_period_seconds, 5);
    cr_expect(e[3].edit.hpa_before->max_replicas == 10 && e[3].edit.hpa_after->max_replicas == 10);
    cr_expect(e[3].edit.hpa_before->min_replicas == 1 && e[3].edit.hpa_after->min_replicas == 4);
    arena_drop(&r.arena);
}

/* Two workloads of one name: which one a reference without a namespace means. */
Test(scenario, namespaces)
{
    static const char other[] = "---\napiVersion: apps/v1\nkind: StatefulSet\n"
                                "metadata: {name: db, namespace: prod}\nspec:\n"
                                "  selector: {matchLabels: {app: db}}\n"
                                "  template:\n    metadata: {labels: {app: db}}\n"
                                "    spec: {containers: [{name: a, image: 'a:1'}]}\n";
    struct reading r = {0};
    read_parts(&r, NULL,
               PARTS(head, service,
                     "  metrics:\n    external:\n    - {name: a, of: {service: web}}\n"
                     "    - {name: b, of: {load: 1}, namespace: prod}\n",
                     deployment, hpa, other));
    cr_assert(r.ok, "%s", first_message(&r));
    cr_expect_eq(scenario_find_workload(&r.scenario, "deploy/web"), 0);
    cr_expect_eq(scenario_find_workload(&r.scenario, "default/Deployment/web"), 0);
    cr_expect_eq(scenario_find_workload(&r.scenario, "sts/db"), 1);
    cr_expect_eq(scenario_find_workload(&r.scenario, "prod/statefulsets.apps/db"), 1);
    cr_expect_eq(scenario_find_workload(&r.scenario, "default/sts/db"), SCENARIO_NONE);
    cr_expect_eq(scenario_find_workload(&r.scenario, "deployment/db"), SCENARIO_NONE);
    cr_expect_eq(scenario_find_workload(&r.scenario, "a/b/c/d"), SCENARIO_NONE);
    cr_expect_eq(scenario_find_workload(&r.scenario, ""), SCENARIO_NONE);
    cr_expect_str_eq(r.scenario.metrics[0].namespace_name, "default");
    cr_expect_str_eq(r.scenario.metrics[1].namespace_name, "prod");
    arena_drop(&r.arena);
}

Test(scenario, file)
{
    struct reading none = {0};
    read_parts(&none, NULL, PARTS(deployment));
    cr_expect(!none.ok && says(&none, "holds no object of kind Scenario"));
    arena_drop(&none.arena);

    struct reading alone = {0};
    const struct scenario_options manifests = {.manifests_only = true};
    read_parts(&alone, &manifests, PARTS(deployment, hpa));
    cr_expect(alone.ok && !alone.scenario.name && alone.scenario.hpa_count == 1);
    arena_drop(&alone.arena);

    struct reading two = {0};
    read_parts(&two, NULL, PARTS(head, service, deployment, "---\n", head));
    cr_expect(!two.ok && says(&two, "a second Scenario"));
    arena_drop(&two.arena);

    struct reading twice = {0};
    read_parts(&twice, NULL, PARTS(head, service, deployment, deployment));
    cr_expect(!twice.ok && says(&twice, "Deployment default/web is there twice"));
    arena_drop(&twice.arena);

    struct reading version = {0};
    read_parts(&version, NULL,
               PARTS("apiVersion: podtide/v2\nkind: Scenario\nmetadata: {name: "
                     "a}\nspec: {duration: 1h}\n"));
    cr_expect(!version.ok && says(&version, "expected one of podtide/v1"));
    arena_drop(&version.arena);
}
