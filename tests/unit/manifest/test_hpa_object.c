/* SPDX-License-Identifier: Apache-2.0 */
/* HPA objects: versions, defaults, what gates drop, what the API server refuses. */
#include "base/json.h"
#include "manifest/hpa_object.h"

#include <criterion/criterion.h>
#include <string.h>

struct reading {
    struct arena arena;
    struct diag diag;
    struct hpa_config config;
};

static void start(struct reading *r, int32_t minor)
{
    *r = (struct reading){.config = hpa_config_default(minor)};
    r->diag.arena = &r->arena;
}

/* Single quotes stand for double ones. */
static const struct node *tree(struct reading *r, const char *text)
{
    char *json = arena_strdup(&r->arena, text);
    for (char *c = json; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    const uint32_t source = diag_source(&r->diag, "hpa", json, strlen(json));
    const struct node *root = json_read(&r->arena, json, strlen(json), source, 1, &r->diag);
    cr_assert_not_null(root, "%s", text);
    return root;
}

static bool take(struct reading *r, const char *text, const struct hpa_object *old,
                 struct hpa_object *out)
{
    return hpa_object_read(&r->arena, tree(r, text), &r->config, old, out, &r->diag);
}

#define HEAD(version)                                                                              \
    "{'apiVersion':'autoscaling/" version "','kind':'HorizontalPodAutoscaler','metadata':{'name':" \
    "'web'"
#define TARGET   "'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'}"
#define V2(spec) HEAD("v2") "},'spec':{" TARGET ",'maxReplicas':9" spec "}}"
#define V1(annotations, spec)                                                                      \
    HEAD("v1") ",'annotations':{" annotations "}},'spec':{" TARGET ",'maxReplicas':9" spec "}}"
#define METRICS  "'autoscaling.alpha.kubernetes.io/metrics':"
#define BEHAVIOR "'autoscaling.alpha.kubernetes.io/behavior':"
#define OBJECT_METRIC(rest)                                                                          \
    "'[{\\'type\\':\\'Object\\',\\'object\\':{\\'metricName\\':\\'hits\\',\\'target\\':{\\'kind\\':" \
    "\\'Service\\',\\'name\\':\\'main\\',\\'apiVersion\\':\\'v1\\'}," rest "}}]'"

Test(hpa_object, defaults_of_an_object_that_says_little)
{
    struct reading r;
    struct hpa_object o;
    start(&r, 36);
    cr_assert(take(&r, V2(""), NULL, &o));
    cr_assert_eq(o.error_count, 0);
    cr_expect_eq(o.spec.min_replicas, 1);
    cr_expect_str_eq(o.spec.namespace_name, "default");
    cr_expect_not(o.spec.has_behavior);
    cr_assert_eq(o.spec.metric_count, 1);
    cr_expect_str_eq(o.spec.metrics[0].name, "cpu");
    cr_expect_eq(o.spec.metrics[0].target.average_utilization, 80);
    arena_drop(&r.arena);
}

Test(hpa_object, an_empty_behavior_is_filled_in_both_directions)
{
    struct reading r;
    struct hpa_object o;
    start(&r, 36);
    cr_assert(take(&r, V2(",'behavior':{}"), NULL, &o));
    cr_expect(o.spec.has_behavior);
    cr_expect_eq(o.spec.scale_up.policy_count, 2);
    cr_expect_eq(o.spec.scale_up.policies[0].type, HPA_POLICY_PODS);
    cr_expect_eq(o.spec.scale_up.policies[0].value, 4);
    cr_expect(o.spec.scale_up.has_window);
    cr_expect_eq(o.spec.scale_up.window_seconds, 0);
    cr_expect_eq(o.spec.scale_down.policy_count, 1);
    cr_expect_eq(o.spec.scale_down.policies[0].type, HPA_POLICY_PERCENT);
    cr_expect_not(o.spec.scale_down.has_window);
    arena_drop(&r.arena);
}

Test(hpa_object, v1_keeps_the_rest_in_annotations)
{
    struct reading r;
    struct hpa_object o;
    start(&r, 36);
    cr_assert(take(
        &r,
        V1(METRICS OBJECT_METRIC(
               "\\'averageValue\\':\\'5\\'") "," BEHAVIOR
                                             "'{\\'ScaleUp\\':{\\'Policies\\':[{\\'Type\\':\\'Pods\\',\\'Value\\':3,"
                                             "\\'PeriodSeconds\\':60}]}}'",
           ",'targetCPUUtilizationPercentage':70"),
        NULL, &o));
    cr_assert_eq(o.error_count, 0, "%s", o.errors[0].text);
    cr_assert_eq(o.spec.metric_count, 2);
    cr_expect_eq(o.spec.metrics[0].type, HPA_METRIC_OBJECT);
    cr_expect_eq(o.spec.metrics[0].target.type, HPA_TARGET_AVERAGE_VALUE);
    cr_expect_eq(o.spec.metrics[0].target.average_value, 5000);
    cr_expect_not(o.spec.metrics[0].target.has_value);
    cr_expect_eq(o.spec.metrics[1].target.average_utilization, 70);
    cr_expect(o.spec.has_behavior);
    cr_expect_eq(o.spec.scale_up.policies[0].value, 3);
    cr_expect_eq(o.spec.scale_down.policy_count, 1, "filled in when read back as v2");
    arena_drop(&r.arena);
}

/* One object, one release, its errors; the first one wrong is named. */
static const struct {
    const char *name;
    int32_t minor;
    const char *gate; /* turned off, NULL: none */
    const char *text;
    const char *errors[4];
} rows[] = {
    {"nothing wrong", 36, NULL, V2(",'minReplicas':2"), {NULL}},
    {"a broken annotation is as none", 36, NULL, V1(METRICS "'[{'," BEHAVIOR "'[]'", ""), {NULL}},
    {"minReplicas 0 without the gate",
     36,
     NULL,
     V2(",'minReplicas':0"),
     {"spec.metrics: Forbidden: must specify at least one Object or External metric to support "
      "scaling to zero replicas",
      "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"}},
    {"maxReplicas 0",
     36,
     NULL,
     HEAD("v2") "},'spec':{" TARGET "}}",
     {"spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
      "spec.maxReplicas: Required value: must be set and greater than 0"}},
    {"maxReplicas 0 in 1.35",
     35,
     NULL,
     HEAD("v2") "},'spec':{" TARGET "}}",
     {"spec.maxReplicas: Invalid value: 0: must be greater than 0",
      "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"}},
    {"target without a group",
     36,
     NULL,
     HEAD("v2") "},'spec':{'scaleTargetRef':{'apiVersion':'v1','kind':'Deployment','name':'a/b%'}"
                ",'maxReplicas':9}}",
     {"spec.scaleTargetRef.apiVersion: Invalid value: \"v1\": apiVersion must specify API group",
      "spec.scaleTargetRef.name: Invalid value: \"a/b%\": may not contain '%'",
      "spec.scaleTargetRef.name: Invalid value: \"a/b%\": may not contain '/'"}},
    {"unchecked before 1.34",
     33,
     NULL,
     HEAD("v2") "},'spec':{'scaleTargetRef':{'apiVersion':'v1','kind':'Deployment','name':'web'}"
                ",'maxReplicas':9}}",
     {NULL}},
    {"ReplicationController needs no group",
     36,
     NULL,
     HEAD("v2") "},'spec':{'scaleTargetRef':{'kind':'ReplicationController','name':'web'},"
                "'maxReplicas':9}}",
     {NULL}},
    {"an unknown type twice",
     36,
     NULL,
     V2(",'metrics':[{'type':'bogus'}]"),
     {"spec.metrics[0].type: Unsupported value: \"bogus\": supported values: "
      "\"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"",
      "spec.metrics[0].type: Unsupported value: \"bogus\": supported values: "
      "\"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\""}},
    {"quantities print canonically, as JSON",
     36,
     NULL,
     V2(",'metrics':[{'type':'External','external':{'metric':{'name':'m'},'target':{'type':"
        "'Value','value':'-1500m'}}}]"),
     {"spec.metrics[0].external.target.value: Invalid value: \"-1500m\": must be positive"}},
    {"texts of typed strings are JSON's",
     36,
     NULL,
     V2(",'metrics':[{'type':'Pods','pods':{'metric':{'name':'m'},'target':{'type':'<a>',"
        "'averageValue':'1'}}}]"),
     {"spec.metrics[0].pods.target.type: Invalid value: \"\\u003ca\\u003e\": must be either "
      "Utilization, Value, or AverageValue"}},
    {"a tolerance below 0",
     36,
     NULL,
     V2(",'behavior':{'scaleUp':{'tolerance':'-0.1'}}"),
     {"spec.behavior.scaleUp.tolerance: Invalid value: \"-100m\": must be greater than or equal to "
      "0"}},
    {"is dropped with the gate off",
     36,
     "HPAConfigurableTolerance",
     V2(",'behavior':{'scaleUp':{'tolerance':'-0.1'}}"),
     {NULL}},
    {"and before there was one",
     32,
     NULL,
     V2(",'behavior':{'scaleUp':{'tolerance':'-0.1'}}"),
     {NULL}},
    {"container metrics before 1.27",
     26,
     NULL,
     V2(",'metrics':[{'type':'ContainerResource','containerResource':{'name':'cpu','container':"
        "'app','target':{'type':'Utilization','averageUtilization':50}}}]"),
     {"spec.metrics[0].containerResource: Required value: must populate information for the given "
      "metric source (only allowed when HPAContainerMetrics feature is enabled)"}},
    {"v1 Object averages before 1.36",
     35,
     NULL,
     V1(METRICS OBJECT_METRIC("\\'averageValue\\':\\'5\\'"), ""),
     {"spec.metrics[0].object.target.value: Invalid value: \"0\": must be positive"}},
};

Test(hpa_object, what_the_api_server_refuses)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reading r;
        struct hpa_object o;
        bool unknown = false;
        size_t count = 0;
        start(&r, rows[i].minor);
        if (rows[i].gate != NULL) {
            cr_assert(hpa_gate_set(&r.config, rows[i].gate, false, &unknown));
        }
        cr_assert(take(&r, rows[i].text, NULL, &o), "%s", rows[i].name);
        while (count < 4 && rows[i].errors[count] != NULL) {
            count++;
        }
        cr_expect_eq(o.error_count, count, "%s: %zu errors", rows[i].name, o.error_count);
        for (size_t e = 0; e < count && e < o.error_count; e++) {
            cr_expect_str_eq(o.errors[e].text, rows[i].errors[e], "%s: %s", rows[i].name,
                             o.errors[e].text);
        }
        cr_expect_eq(hpa_object_report(&o, &r.diag), count == 0, "%s", rows[i].name);
        arena_drop(&r.arena);
    }
}

Test(hpa_object, an_update_forgives_what_was_stored)
{
    static const char *const zero = V2(
        ",'minReplicas':0,'metrics':[{'type':'External','external':{'metric':{'name':'m'},'target':"
        "{'type':'Value','value':'1'}}}]");
    struct reading r;
    struct hpa_object old;
    struct hpa_object o;
    start(&r, 36);
    r.config.gates.scale_to_zero = true;
    cr_assert(take(&r, zero, NULL, &old));
    cr_assert_eq(old.error_count, 0);
    r.config.gates.scale_to_zero = false;
    cr_assert(take(&r, zero, NULL, &o));
    cr_expect_eq(o.error_count, 1);
    cr_assert(take(&r, zero, &old, &o));
    cr_expect_eq(o.error_count, 0);
    arena_drop(&r.arena);
}

Test(hpa_object, errors_point_at_the_field)
{
    struct reading r;
    struct hpa_object o;
    start(&r, 36);
    cr_assert(take(&r, V2(",\n'minReplicas':77"), NULL, &o));
    cr_assert_eq(o.error_count, 1);
    cr_expect_str_eq(o.errors[0].path, "spec.maxReplicas");
    cr_expect_str_eq(o.errors[0].kind, "Invalid value");
    cr_expect_eq(o.errors[0].mark.line, 1);
    cr_expect_gt(o.errors[0].mark.col, 100);
    arena_drop(&r.arena);
}

static const struct {
    const char *text;
    const char *message;
} undecodable[] = {
    {V2(",'minReplicas':'2'"), "spec.minReplicas: expected a number, found a string"},
    {V2(",'minReplicas':3000000000"), "spec.minReplicas: 3000000000 is not a 32-bit integer"},
    {V2(",'minReplicas':1.5"), "spec.minReplicas: 1.5 is not a 32-bit integer"},
    {V2(",'metrics':{}"), "spec.metrics: expected a list, found a map"},
    {V2(",'metrics':[5]"), "spec.metrics[0]: expected a map, found a number"},
    {HEAD("v3") "}}", "apiVersion: no matches for kind \"HorizontalPodAutoscaler\" in version "
                      "\"autoscaling/v3\" (Kubernetes 1.36)"},
    {"{'apiVersion':'autoscaling/v2','kind':'Deployment'}",
     "kind: expected HorizontalPodAutoscaler"},
    {"[]", "expected a map, found a list"},
};

Test(hpa_object, trees_that_are_no_objects)
{
    for (size_t i = 0; i < sizeof undecodable / sizeof undecodable[0]; i++) {
        struct reading r;
        struct hpa_object o;
        start(&r, 36);
        cr_expect_not(take(&r, undecodable[i].text, NULL, &o), "%s", undecodable[i].text);
        cr_expect_gt(r.diag.count, 0, "%s", undecodable[i].text);
        cr_expect_str_eq(diag_message(&r.diag, 0), undecodable[i].message, "%s",
                         diag_message(&r.diag, 0));
        arena_drop(&r.arena);
    }
}

Test(hpa_object, beta_versions_end)
{
    static const struct {
        const char *text;
        int32_t last;
    } versions[] = {
        {HEAD("v2beta2") "},'spec':{" TARGET ",'maxReplicas':9}}", 25},
        {HEAD("v2beta1") "},'spec':{" TARGET ",'maxReplicas':9,'metrics':[{'type':'Pods','pods':{"
                         "'metricName':'m','targetAverageValue':'2'}}]}}",
         24},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        for (int32_t minor = 24; minor <= 27; minor++) {
            struct reading r;
            struct hpa_object o;
            start(&r, minor);
            cr_expect_eq(take(&r, versions[i].text, NULL, &o), minor <= versions[i].last,
                         "%zu in 1.%d", i, minor);
            cr_expect_eq(o.error_count, 0, "%zu in 1.%d", i, minor);
            arena_drop(&r.arena);
        }
    }
}

Test(hpa_object, selectors_of_metrics)
{
    static const struct {
        const char *selector;
        const char *text;
        bool usable;
    } selectors[] = {
        {"", "nil", true},
        {",'selector':{}",
         "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]"
         "LabelSelectorRequirement{},}",
         true},
        {",'selector':{'matchLabels':{'b':'2','a':'1'},'matchExpressions':[{'key':'k','operator':"
         "'In','values':['x','y']}]}",
         "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]"
         "LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}",
         true},
        {",'selector':{'matchExpressions':[{'key':'k','operator':'Is'}]}",
         "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]"
         "LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:Is,Values:[],},},}",
         false},
    };
    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++) {
        struct reading r;
        struct hpa_object o;
        start(&r, 36);
        const char *text = arena_printf(
            &r.arena,
            V2(",'metrics':[{'type':'External','external':{'metric':{'name':'m'%s},'target':{"
               "'type':'Value','value':'1'}}}]"),
            selectors[i].selector);
        cr_assert(take(&r, text, NULL, &o));
        cr_assert_eq(o.error_count, 0);
        cr_expect_str_eq(o.spec.metrics[0].selector_text, selectors[i].text, "%s",
                         o.spec.metrics[0].selector_text);
        cr_expect_eq(o.spec.metrics[0].selector_error == NULL, selectors[i].usable);
        arena_drop(&r.arena);
    }
}
