/* SPDX-License-Identifier: Apache-2.0 */
/* Deployments and StatefulSets: defaults, and what the API server refuses in its words. */
#include "manifest/workload_object.h"

#include "base/str.h"
#include "complaints.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPLOYMENT "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
#define POD                                                                                        \
    "  selector: {matchLabels: {app: web}}\n"                                                      \
    "  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}\n"
#define SET "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n"
#define CONTAINER(fields)                                                                          \
    DEPLOYMENT                                                                                     \
    "spec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: "           \
    "{app: web}}\n    spec:\n      containers:\n      - name: c\n        image: i\n" fields

static bool read(struct arena *a, const char *text, struct diag *d, struct workload_spec *out)
{
    const struct node *n = read_text(a, text, d);
    cr_assert_not_null(n, "%s", text);
    return workload_object_read(a, n, out, d);
}

static const struct resource_amount *amount(const struct container_spec *c, const char *name)
{
    return resource_find(c->resources, c->resource_count, name);
}

Test(workload_object, a_deployment_gets_its_defaults)
{
    struct arena a = {0};
    struct diag d;
    struct workload_spec w;
    cr_assert(read(&a, DEPLOYMENT "spec:\n" POD, &d, &w), "%s", complaints(&a, &d));
    cr_expect_eq(w.kind, WORKLOAD_DEPLOYMENT);
    cr_expect_str_eq(w.namespace_name, "default");
    cr_expect_str_eq(w.name, "web");
    cr_expect_eq(w.replicas, 1);
    cr_expect_not(w.has_replicas);
    cr_expect_not(w.recreate);
    cr_expect(w.max_surge.percent && w.max_surge.value == 25);
    cr_expect(w.max_unavailable.percent && w.max_unavailable.value == 25);
    cr_expect_eq(w.progress_deadline_seconds, 600);
    cr_expect_eq(w.revision_history_limit, 10);
    cr_expect_eq(w.pod.termination_grace_period_seconds, 30);
    cr_expect_eq(w.pod.container_count, 1);
    cr_expect_str_eq(label_selector_string(&a, &w.selector), "app=web");
    arena_drop(&a);
}

Test(workload_object, a_statefulset_is_read)
{
    struct arena a = {0};
    struct diag d;
    struct workload_spec w;
    cr_assert(read(&a,
                   SET "spec:\n  replicas: 0\n  serviceName: db\n  podManagementPolicy: Parallel\n"
                       "  minReadySeconds: 5\n  ordinals: {start: 2}\n"
                       "  updateStrategy: {rollingUpdate: {partition: 3}}\n" POD,
                   &d, &w),
              "%s", complaints(&a, &d));
    cr_expect_eq(w.kind, WORKLOAD_STATEFULSET);
    cr_expect(w.has_replicas && w.replicas == 0);
    cr_expect(w.parallel);
    cr_expect_not(w.on_delete);
    cr_expect_eq(w.min_ready_seconds, 5);
    cr_expect_eq(w.ordinals_start, 2);
    cr_expect_eq(w.partition, 3);
    cr_expect_str_eq(w.service_name, "db");
    arena_drop(&a);
}

Test(workload_object, resources_and_probes_are_read)
{
    static const char text[] = CONTAINER(
        "        resources: {limits: {cpu: 2, memory: 1Gi}, requests: {cpu: 0.1m}}\n"
        "        readinessProbe: {exec: {command: [x]}, initialDelaySeconds: 4, periodSeconds: 0}\n"
        "        startupProbe: {tcpSocket: {port: 1}, failureThreshold: 30}\n"
        "        lifecycle: {preStop: {sleep: {seconds: 7}}}\n"
        "      initContainers:\n"
        "      - {name: init, image: i, resources: {requests: {cpu: 5}}}\n"
        "      - {name: side, image: i, restartPolicy: Always, resources: {limits: {cpu: 250m}}}\n"
        "      terminationGracePeriodSeconds: 9\n"
        "      priorityClassName: high\n"
        "      resources: {limits: {cpu: 8, memory: 4Gi}}\n"
        "      overhead: {cpu: 10m}\n");
    struct arena a = {0};
    struct diag d;
    struct workload_spec w;
    cr_assert(read(&a, text, &d, &w), "%s", complaints(&a, &d));
    cr_assert_eq(w.pod.container_count, 3);
    const struct container_spec *init = &w.pod.containers[0];
    const struct container_spec *side = &w.pod.containers[1];
    const struct container_spec *c = &w.pod.containers[2];
    cr_expect(init->init && !init->sidecar && side->init && side->sidecar && !c->init);
    cr_expect_eq(quantity_milli_value(&amount(c, "cpu")->request), 1);
    cr_expect_eq(quantity_value(&amount(c, "memory")->request), 1 << 30, "from the limit");
    cr_expect_eq(quantity_milli_value(&amount(side, "cpu")->request), 250, "from the limit");
    cr_expect_null(amount(init, "memory"));
    cr_expect(c->readiness.present && c->startup.present && !c->liveness.present);
    cr_expect_eq(c->readiness.initial_delay_seconds, 4);
    cr_expect_eq(c->readiness.period_seconds, 10, "0 is the default");
    cr_expect_eq(c->startup.failure_threshold, 30);
    cr_expect(c->has_pre_stop && c->pre_stop_sleep_seconds == 7);
    cr_expect_eq(w.pod.termination_grace_period_seconds, 9);
    cr_expect_str_eq(w.pod.priority_class_name, "high");
    const struct resource_amount *cpu = resource_find(w.pod.resources, w.pod.resource_count, "cpu");
    cr_expect_eq(quantity_milli_value(&cpu->request), 5000, "the init container alone");
    cr_expect_eq(w.pod.overhead_count, 1);
    arena_drop(&a);
}

static const struct {
    const char *name;
    const char *text;
    const char *errors;
} wrong[] = {
    {"nothing", "apiVersion: apps/v1\nkind: Deployment\n",
     "1:1: metadata.name: Required value: name or generateName is required\n"
     "1:1: spec.selector: Required value\n"
     "1:1: spec.template.spec.containers: Required value\n"
     "1:1: spec.template.metadata.labels: Invalid value: null: `selector` does not match template "
     "`labels`\n"},
    {"mismatch",
     DEPLOYMENT "spec:\n  selector: {matchLabels: {app: x}}\n  template: {metadata: {labels: {b: "
                "c, app: web}}, spec: {containers: [{name: c, image: i}]}}\n",
     "6:33: spec.template.metadata.labels: Invalid value: {\"app\":\"web\",\"b\":\"c\"}: `selector` "
     "does not match template `labels`\n"},
    {"empty selector",
     DEPLOYMENT "spec:\n  selector: {}\n  template: {spec: {containers: [{name: c, image: i}]}}\n",
     "5:13: spec.selector: Invalid value: {}: empty selector is invalid for deployment\n"},
    {"numbers",
     DEPLOYMENT "spec:\n  replicas: -1\n  minReadySeconds: 600\n  revisionHistoryLimit: -1\n" POD,
     "5:13: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n"
     "7:25: spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0\n"
     "5:3: spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds\n"},
    {"strategy", DEPLOYMENT "spec:\n  strategy: {type: Blue}\n" POD,
     "5:13: spec.strategy: Unsupported value: {\"Type\":\"Blue\",\"RollingUpdate\":null}: supported "
     "values: \"Recreate\", \"RollingUpdate\"\n"},
    {"recreate", DEPLOYMENT "spec:\n  strategy: {type: Recreate, rollingUpdate: {}}\n" POD,
     "5:45: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is "
     "'Recreate'\n"},
    {"rolling",
     DEPLOYMENT "spec:\n  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}\n" POD,
     "5:59: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when "
     "`maxSurge` is 0\n"},
    {"percentages",
     DEPLOYMENT "spec:\n  strategy: {rollingUpdate: {maxSurge: 5x, maxUnavailable: 101%}}\n" POD,
     "5:40: spec.strategy.rollingUpdate.maxSurge: Invalid value: \"5x\": a valid percent string must "
     "be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation "
     "is '[0-9]+%')\n"
     "5:60: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater "
     "than 100%\n"},
    {"restart policy", CONTAINER("      restartPolicy: Never\n"),
     "12:22: spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: "
     "\"Always\"\n"},
    {"names", CONTAINER("      - {name: c, image: i}\n      - {name: C, image: ''}\n"),
     "12:16: spec.template.spec.containers[1].name: Duplicate value: \"c\"\n"
     "13:16: spec.template.spec.containers[2].name: Invalid value: \"C\": a lowercase RFC 1123 label "
     "must consist of lower case alphanumeric characters or '-', and must start and end with an "
     "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
     "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n"
     "13:26: spec.template.spec.containers[2].image: Required value\n"},
    {"resources",
     CONTAINER("        resources:\n          limits: {cpu: 1, memory: -1, gpu: 1, a.b/c: 1.5}\n"
               "          requests: {cpu: 1001m, x/y: 1, pods: 1}\n"),
     "13:36: spec.template.spec.containers[0].resources.limits[memory]: Invalid value: \"-1\": must "
     "be greater than or equal to 0\n"
     "13:45: spec.template.spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be "
     "a standard resource type or fully qualified\n"
     "13:45: spec.template.spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be "
     "a standard resource for containers\n"
     "13:55: spec.template.spec.containers[0].resources.limits[a.b/c]: Invalid value: \"1500m\": "
     "must be an integer\n"
     "13:19: spec.template.spec.containers[0].resources.limits: Required value: Limit must be set for "
     "non overcommitable resources\n"
     "14:27: spec.template.spec.containers[0].resources.requests: Invalid value: \"1001m\": must be "
     "less than or equal to cpu limit of 1\n"
     "14:48: spec.template.spec.containers[0].resources.requests[pods]: Invalid value: \"pods\": must "
     "be a standard resource for containers\n"},
    {"probes",
     CONTAINER(
         "        readinessProbe: {terminationGracePeriodSeconds: 1}\n"
         "        livenessProbe: {exec: {command: []}, tcpSocket: {port: 1}, successThreshold: 2}\n"
         "        startupProbe: {httpGet: {port: 0}, periodSeconds: -1}\n"
         "        lifecycle: {preStop: {sleep: {seconds: 31}}}\n"),
     "12:25: spec.template.spec.containers[0].readinessProbe: Required value: must specify a handler "
     "type\n"
     "12:57: spec.template.spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid "
     "value: 1: must not be set for readinessProbes\n"
     "13:41: spec.template.spec.containers[0].livenessProbe.exec.command: Required value\n"
     "13:57: spec.template.spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify "
     "more than 1 handler type\n"
     "13:86: spec.template.spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must "
     "be 1\n"
     "14:40: spec.template.spec.containers[0].startupProbe.httpGet.port: Invalid value: 0: must be "
     "between 1 and 65535, inclusive\n"
     "14:59: spec.template.spec.containers[0].startupProbe.periodSeconds: Invalid value: -1: must be "
     "greater than or equal to 0\n"
     "15:38: spec.template.spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be "
     "non-negative and less than terminationGracePeriodSeconds (30)\n"},
    {"selector",
     DEPLOYMENT "spec:\n  selector: {matchExpressions: [{key: a, operator: In}, {key: b, operator: "
                "Is}]}\n  template: {spec: {containers: [{name: c, image: i}]}}\n",
     "5:33: spec.selector.matchExpressions[0].values: Required value: must be specified when "
     "`operator` is 'In' or 'NotIn'\n"
     "5:76: spec.selector.matchExpressions[1].operator: Invalid value: \"Is\": not a valid selector "
     "operator\n"
     "5:13: spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"},"
     "{\"key\":\"b\",\"operator\":\"Is\"}]}: invalid label selector\n"},
    {"statefulset",
     "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: d.b}\nspec:\n  podManagementPolicy: "
     "Any\n  updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}\n  serviceName: A\n" POD,
     "3:18: metadata.name: Invalid value: \"d.b\": must not contain dots\n"
     "5:24: spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'\n"
     "6:51: spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":"
     "null}: only allowed for updateStrategy 'RollingUpdate'\n"
     "7:16: spec.serviceName: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower "
     "case alphanumeric characters or '-', and must start and end with an alphanumeric character "
     "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n"},
};

/* Lines of text, sorted: the order of errors at one place is not what is tested. */
static const char *sorted(struct arena *a, const char *text)
{
    const char *lines[64];
    size_t count = 0;
    while (*text != '\0' && count < 64) {
        size_t len = strcspn(text, "\n");
        const char *line = arena_strndup(a, text, len);
        size_t at = count++;
        for (; at > 0 && strcmp(lines[at - 1], line) > 0; at--) {
            lines[at] = lines[at - 1];
        }
        lines[at] = line;
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < count; i++) {
        strbuf_printf(&b, "%s\n", lines[i]);
    }
    return strbuf_text(&b);
}

Test(workload_object, what_the_api_server_refuses)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct diag d;
        struct workload_spec w;
        cr_expect_not(read(&a, wrong[i].text, &d, &w), "%s", wrong[i].name);
        const char *errors = sorted(&a, complaints(&a, &d));
        cr_expect_str_eq(errors, sorted(&a, wrong[i].errors), "%s:\n%s", wrong[i].name, errors);
    }
    arena_drop(&a);
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The messages as the vectors have them: sorted, once each. */
static const char *messages(struct arena *a, const struct diag *d)
{
    struct strbuf b = {.arena = a};
    const char **list = arena_array(a, const char *, d->count);
    for (size_t i = 0; i < d->count; i++) {
        list[i] = diag_message(d, i);
    }
    qsort(list, d->count, sizeof *list, by_text);
    for (size_t i = 0; i < d->count; i++) {
        if (i == 0 || strcmp(list[i - 1], list[i]) != 0) {
            strbuf_printf(&b, "%s\n", list[i]);
        }
    }
    return strbuf_text(&b);
}

/* workload_vectors.txt: tests/conformance/go-workload, the real validation. */
Test(workload_object, random_objects_get_the_api_servers_errors)
{
    FILE *in = fopen("tests/unit/manifest/workload_vectors.txt", "r");
    cr_assert_not_null(in, "run from the project's root");
    char line[16384];
    size_t rows = 0;
    while (fgets(line, sizeof line, in) != NULL) {
        struct arena a = {0};
        struct diag d;
        struct workload_spec w;
        struct strbuf want = {.arena = &a};
        const struct node *n = read_text(&a, arena_strdup(&a, line), &d);
        cr_assert_not_null(n, "%s", line);
        d.limit = 1000;
        bool ok = workload_object_read(&a, n, &w, &d);
        const char *object = arena_strdup(&a, line);
        while (fgets(line, sizeof line, in) != NULL && strcmp(line, "----\n") != 0) {
            strbuf_add(&want, line);
        }
        cr_expect_eq(ok, want.len == 0, "%s", object);
        cr_expect_str_eq(messages(&a, &d), strbuf_text(&want), "%s", object);
        rows++;
        arena_drop(&a);
    }
    (void)fclose(in);
    cr_expect_eq(rows, 300);
}
