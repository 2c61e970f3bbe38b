/* SPDX-License-Identifier: Apache-2.0 */
/* Unknown fields and wrong types in Kubernetes objects, and the generated tables themselves. */
#include "manifest/schema.h"

#include "complaints.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *name;
    const char *api_version;
    const char *kind;
    const char *text;
    const char *errors;
} rows[] = {
    {"fine", "apps/v1", "Deployment",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {x: 'y'}, "
     "creationTimestamp: null}\nspec:\n  replicas: 3\n  strategy: {rollingUpdate: {maxSurge: 1, "
     "maxUnavailable: 25%}}\n  template:\n    spec:\n      containers:\n      - name: c\n"
     "        resources: {limits: {cpu: 1, memory: 1Gi}}\n        ports: [{containerPort: 80}]\n"
     "        readinessProbe: {httpGet: {port: web}}\nstatus: {whatever: [1]}\n",
     ""},
    {"unknown", "apps/v1", "Deployment",
     "spec:\n  replica: 3\n  template:\n    spec:\n      containers:\n      - name: c\n"
     "        imagePulPolicy: Always\n        zzz: 1\nSpec: {}\n",
     "2:3: unknown field \"spec.replica\"\n  did you mean \"replicas\"?\n"
     "7:9: unknown field \"spec.template.spec.containers[0].imagePulPolicy\"\n"
     "  did you mean \"imagePullPolicy\"?\n"
     "8:9: unknown field \"spec.template.spec.containers[0].zzz\"\n"
     "9:1: unknown field \"Spec\"\n  did you mean \"spec\"?\n"},
    {"types", "apps/v1", "Deployment",
     "metadata:\n  name: 5\n  labels: {a: 1, b: yes}\nspec:\n  replicas: '3'\n  paused: 1\n"
     "  minReadySeconds: 1.5\n  template: []\n  selector: {matchExpressions: {}}\n",
     "2:9: metadata.name: expected a string, found a number\n  quote it to make it a string\n"
     "3:15: metadata.labels[a]: expected a string, found a number\n"
     "  quote it to make it a string\n"
     "3:21: metadata.labels[b]: expected a string, found a boolean\n"
     "  quote it to make it a string\n"
     "5:13: spec.replicas: expected an integer, found a string\n"
     "6:11: spec.paused: expected a boolean, found a number\n"
     "7:20: spec.minReadySeconds: \"1.5\" is not a 32-bit integer\n"
     "8:13: spec.template: expected a map, found a list\n"
     "9:32: spec.selector.matchExpressions: expected a list, found a map\n"},
    {"numbers", "apps/v1", "StatefulSet",
     "spec:\n  replicas: 2147483648\n  minReadySeconds: 1e3\n  template: {spec: "
     "{terminationGracePeriodSeconds: 2147483648}}\n",
     "2:13: spec.replicas: \"2147483648\" is not a 32-bit integer\n"},
    {"quantities", "v1", "Pod",
     "spec:\n  containers:\n  - resources:\n      limits: {cpu: 1.5, memory: 1GB, x: true, y: 1e400}\n",
     "4:34: spec.containers[0].resources.limits[memory]: \"1GB\" is not a quantity: quantities must "
     "match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'\n"
     "  a number and one of: n u m k M G T P E Ki Mi Gi Ti Pi Ei\n"
     "4:42: spec.containers[0].resources.limits[x]: expected a quantity, found a boolean\n"},
    {"ports and times", "v1", "Pod",
     "metadata: {creationTimestamp: now}\nspec:\n  containers:\n  - livenessProbe: {httpGet: {port: "
     "yes}}\n",
     "1:31: metadata.creationTimestamp: \"now\" is not a time: expected RFC 3339, as "
     "2006-01-02T15:04:05Z\n"
     "4:37: spec.containers[0].livenessProbe.httpGet.port: expected an integer or a string, found a "
     "boolean\n"},
    {"version 1", "autoscaling/v1", "HorizontalPodAutoscaler",
     "spec: {targetCPUUtilizationPercentage: 50, metrics: []}\n",
     "1:44: unknown field \"spec.metrics\"\n"},
    {"version 2", "autoscaling/v2", "HorizontalPodAutoscaler",
     "spec: {targetCPUUtilizationPercentage: 50, metrics: [{resource: {target: "
     "{averageUtilisation: 50}}}]}\n",
     "1:8: unknown field \"spec.targetCPUUtilizationPercentage\"\n"
     "1:75: unknown field \"spec.metrics[0].resource.target.averageUtilisation\"\n"
     "  did you mean \"averageUtilization\"?\n"},
};

Test(schema, names_what_does_not_belong)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d;
        const struct schema_kind *kind = schema_find(rows[i].api_version, rows[i].kind);
        const struct node *n = read_text(&a, rows[i].text, &d);
        cr_assert(kind != NULL && n != NULL, "%s", rows[i].name);
        bool ok = schema_check(n, kind, &d);
        cr_expect_eq(ok, *rows[i].errors == '\0', "%s", rows[i].name);
        const char *errors = complaints(&a, &d);
        cr_expect_str_eq(errors, rows[i].errors, "%s:\n%s", rows[i].name, errors);
    }
    arena_drop(&a);
}

Test(schema, parts_are_checked_by_type)
{
    struct arena a = {0};
    struct diag d;
    const struct node *n = read_text(&a, "spec: {replicas: 1}\n", &d);
    cr_expect_not(schema_check_part(n, "PodTemplateSpec", "template", &d));
    cr_expect_str_eq(complaints(&a, &d), "1:8: unknown field \"template.spec.replicas\"\n");
    cr_expect_null(schema_find("apps/v1beta1", "Deployment"));
    cr_expect_null(schema_find("apps/v1", "Service"));
    arena_drop(&a);
}

Test(schema, tables_are_sorted_and_closed)
{
    for (size_t i = 0; i < schema_object_count; i++) {
        const struct schema_object *object = &schema_objects[i];
        for (size_t j = 0; j < object->field_count; j++) {
            const struct schema_field *field = &schema_fields[object->first + j];
            cr_expect_lt(field->object, schema_object_count, "%s.%s", object->name, field->name);
            if (j > 0) {
                cr_expect_lt(strcmp(field[-1].name, field->name), 0, "%s.%s", object->name,
                             field->name);
            }
        }
    }
    cr_expect_eq(schema_kind_count, 15);
}
