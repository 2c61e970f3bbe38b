/* SPDX-License-Identifier: Apache-2.0 */
/* A ScaledObject's annotations, checks and mode, and the HPA it becomes. */
#include "base/str.h"
#include "control/keda/hpa_spec.h"
#include "control/keda/scaledobject.h"

#include <criterion/criterion.h>
#include <string.h>

#define SET(x)                                                                                     \
    {                                                                                              \
        true, (x)                                                                                  \
    }

static const struct scaled_object empty = {.name = "so",
                                           .target_api_version = "",
                                           .target_kind = "",
                                           .target_name = "web",
                                           .hpa_name = "",
                                           .modifiers = {"", "", "", ""}};

struct flag_row {
    const char *value; /* NULL: absent */
    bool want;
};

static const struct flag_row flag_rows[] = {
    {NULL, false},    {"true", true},  {"1", true},      {"T", true}, {"false", false},
    {"False", false}, {"f", false},    {"0", false},     {"", true},  {"yes", true},
    {"no", true},     {"fAlse", true}, {" false", true},
};

Test(keda_scaledobject, boolean_annotations)
{
    for (size_t i = 0; i < sizeof flag_rows / sizeof flag_rows[0]; i++) {
        struct label l = {KEDA_PAUSED, flag_rows[i].value};
        struct scaled_object so = empty;
        so.annotations = &l;
        so.annotation_count = l.value != NULL ? 1 : 0;
        cr_expect(scaled_object_flag(&so, KEDA_PAUSED) == flag_rows[i].want, "%s",
                  l.value != NULL ? l.value : "absent");
        cr_expect(scaled_object_paused(&so) == flag_rows[i].want);
    }
}

struct count_row {
    const char *value;
    int32_t want;
    const char *error;
};

static const struct count_row count_rows[] = {
    {"0", 0, NULL},
    {"+4", 4, NULL},
    {"-7", -7, NULL},
    {"007", 7, NULL},
    {"2147483647", INT32_MAX, NULL},
    {"-2147483648", INT32_MIN, NULL},
    {"2147483648", 0, "strconv.ParseInt: parsing \"2147483648\": value out of range"},
    {"99999999999999999999999", 0,
     "strconv.ParseInt: parsing \"99999999999999999999999\": value out of range"},
    {"", 0, "strconv.ParseInt: parsing \"\": invalid syntax"},
    {"-", 0, "strconv.ParseInt: parsing \"-\": invalid syntax"},
    {"1 ", 0, "strconv.ParseInt: parsing \"1 \": invalid syntax"},
    {"a\"b", 0, "strconv.ParseInt: parsing \"a\\\"b\": invalid syntax"},
};

Test(keda_scaledobject, paused_replicas)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof count_rows / sizeof count_rows[0]; i++) {
        const struct count_row *r = &count_rows[i];
        struct label l = {KEDA_PAUSED_REPLICAS, r->value};
        struct scaled_object so = empty;
        struct optional_int32 out;
        const char *error = NULL;
        so.annotations = &l;
        so.annotation_count = 1;
        const bool good = scaled_object_paused_replicas(&so, &a, &out, &error);
        cr_expect(good == (r->error == NULL) && str_equal(error, r->error), "%s: %s", r->value,
                  error);
        cr_expect(out.value == r->want && out.set == good, "%s: %d", r->value, out.value);
        cr_expect(scaled_object_paused(&so), "%s: pauses by being there", r->value);
    }
    arena_drop(&a);
}

struct bounds_row {
    const char *name;
    struct optional_int32 min, max, idle;
    const char *want;
};

static const struct bounds_row bounds_rows[] = {
    {"nothing", {0}, {0}, {0}, NULL},
    {"min above max", SET(2), SET(1), {0}, "MinReplicaCount=2 must be less than MaxReplicaCount=1"},
    {"min is max", SET(5), SET(5), {0}, NULL},
    {"min above the default max",
     SET(150),
     {0},
     {0},
     "MinReplicaCount=150 must be less than MaxReplicaCount=100"},
    {"a written min 0 counts as 1",
     SET(0),
     SET(0),
     {0},
     "MinReplicaCount=1 must be less than MaxReplicaCount=0"},
    {"idle 0 beside no min",
     {0},
     {0},
     SET(0),
     "IdleReplicaCount=0 must be less than MinReplicaCount=0"},
    {"idle 0 beside min 0", SET(0), {0}, SET(0), NULL},
    {"idle 1 beside min 1",
     SET(1),
     {0},
     SET(1),
     "IdleReplicaCount=1 must be less than MinReplicaCount=1"},
};

Test(keda_scaledobject, bounds)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof bounds_rows / sizeof bounds_rows[0]; i++) {
        const struct bounds_row *r = &bounds_rows[i];
        struct scaled_object so = empty;
        so.min_replica_count = r->min;
        so.max_replica_count = r->max;
        so.idle_replica_count = r->idle;
        const char *got = scaled_object_check_bounds(&so, &a);
        cr_expect(str_equal(got, r->want), "%s: %s", r->name, got);
    }
    arena_drop(&a);
}

Test(keda_scaledobject, triggers_and_mode)
{
    struct arena a = {0};
    struct scale_trigger t[2] = {{.type = "cron", .name = "a", .metric_type = ""},
                                 {.type = "oracle", .name = "a", .metric_type = ""}};
    struct scaled_object so = empty;
    so.triggers = t;
    so.trigger_count = 1;
    cr_expect(triggers_check(t, 0, &a) != NULL);
    cr_expect(triggers_check(t, 1, &a) == NULL);
    cr_expect(strstr(triggers_check(t, 2, &a), "\"a\" is defined multiple times") != NULL);
    cr_expect(!scaled_object_uses_observations(&so), "min 0");
    so.min_replica_count = (struct optional_int32)SET(1);
    cr_expect(scaled_object_uses_observations(&so));
    so.modifiers.formula = "a";
    cr_expect(!scaled_object_uses_observations(&so), "a formula");
    so.modifiers.formula = "";
    t[0].use_cached_metrics = true;
    cr_expect(!scaled_object_uses_observations(&so), "cached metrics");
    cr_expect(strstr(triggers_check(t, 1, &a), "not supported for \"cron\"") != NULL);
    arena_drop(&a);
}

struct resource_row {
    const char *metric_type, *value, *container;
    const char *error; /* after "error parsing cpu metadata: " */
    enum keda_metric_kind kind;
    int32_t utilization;
    int64_t milli;
};

static const struct resource_row resource_rows[] = {
    {"Utilization", "50", "", NULL, KEDA_METRIC_RESOURCE, 50, 0},
    {"Utilization", " 50 ", "main", NULL, KEDA_METRIC_CONTAINER_RESOURCE, 50, 0},
    {"AverageValue", "500m", "", NULL, KEDA_METRIC_RESOURCE, 0, 500},
    {"Utilization", "5x", "", "strconv.ParseInt: parsing \"5x\": invalid syntax", 0, 0, 0},
    {"Utilization", "2147483648", "",
     "strconv.ParseInt: parsing \"2147483648\": value out of range", 0, 0, 0},
    {"Value", "1", "",
     "unknown metric type: Value, allowed values are 'Utilization' or 'AverageValue'", 0, 0, 0},
};

Test(keda_hpa_spec, resource_triggers)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof resource_rows / sizeof resource_rows[0]; i++) {
        const struct resource_row *r = &resource_rows[i];
        struct label metadata[] = {{"value", r->value}, {"containerName", r->container}};
        const struct scale_trigger t = {.type = "cpu",
                                        .name = "",
                                        .metric_type = r->metric_type,
                                        .metadata = metadata,
                                        .metadata_count = 2};
        struct keda_metric m;
        const char *error = trigger_resource_metric(&a, &t, &m);
        cr_expect((error == NULL) == (r->error == NULL), "%s %s: %s", r->metric_type, r->value,
                  error);
        if (error != NULL) {
            cr_expect(str_ends(error, r->error), "%s", error);
            continue;
        }
        cr_expect(m.kind == r->kind && m.utilization == r->utilization, "%s", r->value);
        cr_expect(r->milli == 0 || quantity_milli_value(&m.target) == r->milli, "%s", r->value);
    }
    arena_drop(&a);
}

Test(keda_hpa_spec, one_metric_for_all)
{
    struct arena a = {0};
    struct scale_trigger t[3] = {{.type = "x", .name = "a", .metric_type = ""},
                                 {.type = "cpu", .name = "", .metric_type = "Utilization"},
                                 {.type = "memory", .name = "", .metric_type = "Utilization"}};
    const struct keda_metric metrics[] = {
        {.kind = KEDA_METRIC_EXTERNAL, .name = "s0-x", .target_type = "AverageValue"},
        {.kind = KEDA_METRIC_RESOURCE, .name = "cpu", .target_type = "Utilization"},
        {.kind = KEDA_METRIC_CONTAINER_RESOURCE, .name = "memory", .target_type = "Utilization"}};
    struct label labels[] = {{"app.kubernetes.io/name", "mine"}, {"drop", "me"}, {"team", "x"}};
    struct label excluded = {KEDA_EXCLUDED_LABELS, "drop,other"};
    struct scaled_object so = empty;
    so.triggers = t;
    so.trigger_count = 3;
    so.labels = labels;
    so.label_count = 3;
    so.annotations = &excluded;
    so.annotation_count = 1;
    struct keda_hpa hpa = keda_hpa_generate(&a, &so, metrics, "v");
    cr_expect(hpa.metric_count == 3 && str_equal(hpa.metrics[0].name, "memory") &&
              str_equal(hpa.metrics[1].name, "s0-x") && str_equal(hpa.metrics[2].name, "cpu"));
    cr_expect(str_equal(hpa.name, "keda-hpa-so") && hpa.min_replicas == 1 &&
              hpa.max_replicas == 100);
    cr_expect(
        str_equal(label_value(hpa.labels, hpa.label_count, "app.kubernetes.io/name"), "mine"));
    cr_expect(label_value(hpa.labels, hpa.label_count, "drop") == NULL && hpa.label_count == 6);
    so.modifiers.formula = "a";
    so.modifiers.target = "2.5009";
    hpa = keda_hpa_generate(&a, &so, metrics, "v");
    cr_expect(hpa.metric_count == 2 && str_equal(hpa.metrics[0].name, "cpu") &&
              str_equal(hpa.metrics[1].name, KEDA_COMPOSITE_METRIC) && hpa.composite);
    cr_expect(quantity_milli_value(&hpa.metrics[1].target) == 2500, "cut, not rounded");
    cr_expect(hpa.external_count == 1 && str_equal(hpa.external_names[0], "s0-x"));
    so.modifiers.metric_type = "Utilization";
    cr_expect(keda_hpa_generate(&a, &so, metrics, "v").error != NULL);
    arena_drop(&a);
}
