/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observation logs as written: numbers to the last digit, objects that read back to the same
 * spec, lists from which each metric's answer comes out again. Whole cases are taken through a
 * log and back in tests/conformance/run_observations.c.
 */
#include "manifest/observation_write.h"

#include "base/str.h"
#include "manifest/hpa_object.h"
#include "manifest/observation.h"

#include <criterion/criterion.h>
#include <string.h>

static struct node *read_text(struct arena *a, const char *text)
{
    struct diag d = {.arena = a};
    struct node *n = json_read(a, text, strlen(text), 0, 1, &d);
    cr_assert(n != NULL, "%s", text);
    return n;
}

static const char *object_with(struct arena *a, const char *spec)
{
    return arena_printf(a,
                        "{\"apiVersion\":\"autoscaling/v2\",\"kind\":\"HorizontalPodAutoscaler\","
                        "\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{"
                        "\"scaleTargetRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                        "\"name\":\"web\"},%s}}",
                        spec);
}

static struct hpa_spec spec_of(struct arena *a, const char *text)
{
    const struct hpa_config config = hpa_config_default(36);
    struct hpa_object object;
    struct diag d = {.arena = a};
    cr_assert(hpa_object_read(a, read_text(a, text), &config, NULL, &object, &d), "%s", text);
    cr_assert_eq(object.error_count, 0, "%s: %s", text,
                 object.error_count > 0 ? object.errors[0].text : "");
    return object.spec;
}

static const char *written(struct arena *a, const struct hpa_spec *spec)
{
    struct json_writer *w = json_writer_new(a, false);
    observation_write_hpa(w, a, spec);
    return arena_strdup(a, json_text(w, NULL));
}

Test(observation_write, objects)
{
    static const char *const rows[] = {
        "\"maxReplicas\":5",
        "\"minReplicas\":2,\"maxReplicas\":5,\"behavior\":{}",
        "\"maxReplicas\":5,\"behavior\":{\"scaleDown\":{\"stabilizationWindowSeconds\":0,"
        "\"selectPolicy\":\"Disabled\",\"tolerance\":\"0.035\"},\"scaleUp\":{\"tolerance\":\"1\"}}",
        "\"maxReplicas\":5,\"metrics\":[{\"type\":\"Resource\",\"resource\":{\"name\":\"memory\","
        "\"target\":{\"type\":\"AverageValue\",\"averageValue\":\"500Mi\"}}}]",
        "\"maxReplicas\":5,\"metrics\":[{\"type\":\"ContainerResource\",\"containerResource\":{"
        "\"name\":\"cpu\",\"container\":\"app\",\"target\":{\"type\":\"Utilization\","
        "\"averageUtilization\":50}}}]",
        "\"maxReplicas\":5,\"metrics\":[{\"type\":\"Pods\",\"pods\":{\"metric\":{\"name\":\"rps\","
        "\"selector\":{\"matchLabels\":{\"a\":\"b\"},\"matchExpressions\":[{\"key\":\"k\","
        "\"operator\":\"In\",\"values\":[\"x\",\"y\"]},{\"key\":\"l\",\"operator\":\"Exists\"}]}},"
        "\"target\":{\"type\":\"AverageValue\",\"averageValue\":\"1500m\"}}}]",
        "\"maxReplicas\":5,\"metrics\":[{\"type\":\"Object\",\"object\":{\"metric\":{\"name\":"
        "\"rps\"},\"describedObject\":{\"kind\":\"Ingress\",\"name\":\"main\"},\"target\":{\"type\":"
        "\"Value\",\"value\":\"2k\"}}},{\"type\":\"External\",\"external\":{\"metric\":{\"name\":"
        "\"lag\",\"selector\":{}},\"target\":{\"type\":\"AverageValue\",\"averageValue\":\"1\"}}}]",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        const struct hpa_spec spec = spec_of(&a, object_with(&a, rows[i]));
        const char *once = written(&a, &spec);
        const struct hpa_spec again = spec_of(&a, once);
        cr_expect_str_eq(written(&a, &again), once, "row %zu", i);
        cr_expect_eq(again.has_behavior, spec.has_behavior);
        cr_expect_eq(again.scale_down.has_window, spec.scale_down.has_window);
        cr_expect_eq(again.metric_count, spec.metric_count);
        for (size_t m = 0; m < spec.metric_count; m++) {
            cr_expect_str_eq(again.metrics[m].selector_text, spec.metrics[m].selector_text);
            cr_expect_eq(again.metrics[m].target.average_value,
                         spec.metrics[m].target.average_value);
        }
        arena_drop(&a);
    }
}

/* The double that the controller compares with comes back to the last bit. */
Test(observation_write, tolerances)
{
    static const char *const rows[] = {"0",    "0.1",  "100m",  "0.035", "35m",    "0.15",
                                       "150m", "0.07", "70m",   "1.1",   "1100m",  "333m",
                                       "3",    "12k",  "1234u", "7n",    "0.0001", "0.999999999"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        const struct hpa_spec spec =
            spec_of(&a, object_with(&a, arena_printf(&a,
                                                     "\"maxReplicas\":5,\"behavior\":{\"scaleUp\":{"
                                                     "\"tolerance\":\"%s\"}}",
                                                     rows[i])));
        const struct hpa_spec again = spec_of(&a, written(&a, &spec));
        cr_expect(memcmp(&again.scale_up.tolerance, &spec.scale_up.tolerance, sizeof(double)) == 0,
                  "%s: %.17g, %.17g", rows[i], spec.scale_up.tolerance, again.scale_up.tolerance);
        arena_drop(&a);
    }
}

Test(observation_write, controller)
{
    struct arena a = {0};
    struct hpa_config config = hpa_config_default(34);
    bool unknown = false;
    config.sync_period = 1500 * SIMTIME_MILLISECOND;
    config.tolerance = 0.07;
    hpa_gate_set(&config, "HPAScaleToZero", true, &unknown);
    struct json_writer *w = json_writer_new(&a, false);
    observation_write_controller(w, &a, &config);
    const char *text = arena_strdup(&a, json_text(w, NULL));
    cr_expect_str_eq(text, "{\"kubernetes\":\"1.34\",\"syncPeriodSeconds\":1.5,"
                           "\"downscaleStabilizationSeconds\":300,\"tolerance\":0.07,"
                           "\"cpuInitializationPeriodSeconds\":300,"
                           "\"initialReadinessDelaySeconds\":30,"
                           "\"featureGates\":{\"HPAScaleToZero\":true}}");
    const struct observation_options options = {0};
    struct observation head;
    struct diag d = {.arena = &a};
    const char *line = arena_printf(&a, "{\"id\":\"x\",\"hpa\":{},\"controller\":%s}", text);
    cr_assert(observation_read(&a, read_text(&a, line), &options, &head, &d));
    cr_expect(memcmp(&head.config, &config, sizeof config) == 0);
    arena_drop(&a);
}

static const struct hpa_metric_spec cpu_and_app[] = {
    {.type = HPA_METRIC_RESOURCE, .name = "cpu"},
    {.type = HPA_METRIC_CONTAINER_RESOURCE, .name = "cpu", .container = "app"},
    {.type = HPA_METRIC_CONTAINER_RESOURCE, .name = "memory", .container = "app"},
    {.type = HPA_METRIC_EXTERNAL, .name = "lag"},
};

static const char *step_text(struct arena *a, const struct observation_sync *sync)
{
    struct json_writer *w = json_writer_new(a, false);
    observation_write_step(w, a, sync);
    return arena_strdup(a, json_text(w, NULL));
}

/* What the containers do not have goes to another one; errors stand beside. */
Test(observation_write, step)
{
    struct arena a = {0};
    struct container_spec containers[] = {{.name = "app"},
                                          {.name = "side", .init = true, .sidecar = true}};
    struct pod_template template = {.containers = containers, .container_count = 2};
    const struct hpa_pod pods[] = {
        {.name = "web-0",
         .requests = &template,
         .phase = POD_RUNNING,
         .ready = CONDITION_TRUE,
         .ready_since = -1500000001,
         .start_time = -2 * SIMTIME_SECOND},
        {.name = "web-1",
         .requests = &template,
         .phase = POD_PENDING,
         .start_time = SIMTIME_NEVER,
         .deleting = true},
    };
    const struct hpa_sample whole[] = {{0, 1500, 7 * SIMTIME_SECOND, 15 * SIMTIME_SECOND}};
    const struct hpa_sample app[] = {{0, 1200, 7 * SIMTIME_SECOND, 15 * SIMTIME_SECOND}};
    const struct hpa_metric_answer answers[] = {
        {.listed = true, .samples = whole, .sample_count = 1},
        {.listed = true, .samples = app, .sample_count = 1},
        {.listed = true},
        {.error = "gone"},
    };
    const struct hpa_spec spec = {.metrics = cpu_and_app, .metric_count = 4};
    const struct hpa_view view = {
        .spec_replicas = 2, .status_replicas = 2, .pods = pods, .pod_count = 2, .answers = answers};
    const struct observation_sync sync = {.at = 86399123456789,
                                          .updated_at = 86399123456790,
                                          .scale_set = true,
                                          .spec = &spec,
                                          .view = &view,
                                          .pod = &template};
    const char *text = step_text(&a, &sync);
    cr_expect_str_eq(
        text,
        "{\"t\":86399.123456789,\"updateTime\":86399.12345679,\"specReplicas\":2,\"pods\":["
        "{\"name\":\"web-0\",\"phase\":\"Running\",\"ready\":\"True\",\"readySince\":-1.500000001,"
        "\"start\":-2},{\"name\":\"web-1\",\"phase\":\"Pending\",\"deleting\":true}],"
        "\"resourceMetrics\":[{\"pod\":\"web-0\",\"time\":7,\"window\":15,\"containers\":["
        "{\"name\":\"app\",\"usage\":{\"cpu\":\"1200m\"}},"
        "{\"name\":\"side\",\"usage\":{\"cpu\":\"300m\"}}]}],"
        "\"metricErrors\":{\"External/lag\":\"gone\"}}");
    const struct observation observation = {.pod = template, .config = hpa_config_default(36)};
    struct observed_step step;
    struct diag d = {.arena = &a};
    cr_assert(observation_step(&a, &observation, read_text(&a, text), 0, &step, &d));
    cr_expect_eq(step.at, sync.at);
    cr_expect_eq(step.updated_at, sync.updated_at);
    cr_expect_eq(step.pods[0].ready_since, pods[0].ready_since);
    const struct hpa_metric_answer *read = observation_answers(&a, &step, &spec, &d);
    cr_assert(read != NULL);
    cr_expect_eq(read[0].samples[0].value, 1500);
    cr_expect_eq(read[1].samples[0].value, 1200);
    cr_expect_eq(read[2].sample_count, 0);
    cr_expect_str_eq(read[3].error, "gone");
    arena_drop(&a);
}

/* Milli values at their limits are the same after writing and reading. */
Test(observation_write, extreme_values)
{
    static const int64_t rows[] = {0,
                                   1,
                                   -1,
                                   999,
                                   1000,
                                   1001,
                                   -1500,
                                   1000000,
                                   123456789,
                                   1048576000,
                                   1 << 30,
                                   INT64_MAX,
                                   -INT64_C(999999999999999999),
                                   INT64_MAX - 1,
                                   INT64_C(9007199254740993)};
    const struct hpa_metric_spec lag = {.type = HPA_METRIC_EXTERNAL, .name = "lag"};
    const struct hpa_spec spec = {.metrics = &lag, .metric_count = 1};
    struct arena a = {0};
    struct diag d = {.arena = &a};
    const size_t count = sizeof rows / sizeof *rows;
    const struct hpa_metric_answer answer = {.values = rows, .value_count = count};
    const struct hpa_view view = {.answers = &answer};
    const struct observation_sync sync = {
        .updated_at = SIMTIME_NEVER, .spec = &spec, .view = &view};
    const struct observation observation = {.config = hpa_config_default(36)};
    struct observed_step step;
    cr_assert(
        observation_step(&a, &observation, read_text(&a, step_text(&a, &sync)), 0, &step, &d));
    const struct hpa_metric_answer *read = observation_answers(&a, &step, &spec, &d);
    cr_assert(read != NULL && read[0].value_count == count);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(read[0].values[i], rows[i], "%lld", (long long)rows[i]);
    }
    arena_drop(&a);
}
