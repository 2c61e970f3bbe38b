/* SPDX-License-Identifier: Apache-2.0 */
/* Fallback, kafka lag, and the other triggers: parameters, errors, values, activity. */
#include "base/str.h"
#include "control/keda/fallback.h"
#include "control/keda/scaler_kafka.h"
#include "control/keda/scaler_trigger.h"

#include <criterion/criterion.h>
#include <math.h>

/* ---- fallback ---- */

struct fallback_row {
    const char *name;
    struct fallback_spec spec;
    struct fallback_view view;
    int failures;
    enum fallback_outcome want;
    int64_t milli;
};

#define TARGET(m) .target = {.value = (m), .scale = -3, .format = QUANTITY_DECIMAL_SI}

static const struct fallback_row fallbacks[] = {
    {"off", {.replicas = 6}, {TARGET(10000)}, 9, FALLBACK_ERROR, 0},
    {"at the threshold",
     {.enabled = true, .failure_threshold = 3, .replicas = 6},
     {TARGET(10000)},
     3,
     FALLBACK_ERROR,
     0},
    {"past it",
     {.enabled = true, .failure_threshold = 3, .replicas = 6},
     {TARGET(10000)},
     4,
     FALLBACK_VALUE,
     60000},
    {"threshold 0", {.enabled = true, .replicas = 3}, {TARGET(1100)}, 1, FALLBACK_VALUE, 3300},
    {"type Value",
     {.enabled = true, .replicas = 6},
     {TARGET(10000), .value_type = true, .ready_pods = 4},
     1,
     FALLBACK_VALUE,
     15000},
    {"type Value, nobody ready",
     {.enabled = true, .replicas = 6},
     {TARGET(10000), .value_type = true},
     1,
     FALLBACK_IMPOSSIBLE,
     0},
    {"current replicas if lower",
     {.enabled = true, .replicas = 6, .behavior = FALLBACK_CURRENT_REPLICAS_IF_LOWER},
     {TARGET(10000), .replicas = 2},
     1,
     FALLBACK_VALUE,
     20000},
    {"current replicas if higher",
     {.enabled = true, .replicas = 6, .behavior = FALLBACK_CURRENT_REPLICAS_IF_HIGHER},
     {TARGET(10000), .replicas = 2},
     1,
     FALLBACK_VALUE,
     60000},
    {"unset needs the replicas",
     {.enabled = true, .replicas = 6},
     {TARGET(10000), .replicas_unreadable = true},
     1,
     FALLBACK_ERROR,
     0},
    {"static does not",
     {.enabled = true, .replicas = 6, .behavior = FALLBACK_STATIC},
     {TARGET(10000), .replicas_unreadable = true},
     1,
     FALLBACK_VALUE,
     60000},
    {"a fractional target of modifiers switches it off",
     {.enabled = true, .replicas = 6, .using_modifiers = true, .modifiers_target = "2.5"},
     {TARGET(10000)},
     9,
     FALLBACK_ERROR,
     0},
    {"a whole one is the norm",
     {.enabled = true, .replicas = 6, .using_modifiers = true, .modifiers_target = "2"},
     {TARGET(10000)},
     1,
     FALLBACK_VALUE,
     12000},
    {"by modifiers",
     {.enabled = true, .replicas = 6, .behavior = FALLBACK_SCALING_MODIFIERS},
     {TARGET(10000)},
     1,
     FALLBACK_PLACEHOLDER,
     -1000},
};

Test(keda_scaler, fallback)
{
    for (size_t i = 0; i < sizeof fallbacks / sizeof fallbacks[0]; i++) {
        const struct fallback_row *row = &fallbacks[i];
        struct fallback_health health = {0};
        struct fallback_decision d = {0};
        for (int k = 0; k < row->failures; k++) {
            d = fallback_observe(&row->spec, &health, true, &row->view);
        }
        cr_expect(d.outcome == row->want && quantity_milli_value(&d.value) == row->milli,
                  "%s: outcome %d, %lld", row->name, (int)d.outcome,
                  (long long)quantity_milli_value(&d.value));
        fallback_observe(&row->spec, &health, false, &row->view);
        cr_expect(health.failures == 0 && !fallback_exceeded(&row->spec, &health), "%s", row->name);
    }
}

/* ---- kafka ---- */

#define PART(n, c, l)                                                                              \
    {                                                                                              \
        .topic = "t", .id = (n), .has_committed = true, .committed = (c), .has_latest = true,      \
        .latest = (l)                                                                              \
    }

struct kafka_row {
    const char *name;
    struct scaler_param extra[2];
    struct kafka_partition partitions[3];
    int64_t milli;
    bool active;
};

static const struct kafka_row kafkas[] = {
    {"capped by partitions", {{0}}, {PART(0, 0, 25), PART(1, 0, 0), PART(2, 0, 40)}, 30000, true},
    {"the cap divides integers",
     {{0}},
     {PART(0, 0, 39), PART(1, 0, 0), PART(2, 0, 0)},
     39000,
     true},
    {"idle consumers",
     {{"allowIdleConsumers", "true"}},
     {PART(0, 0, 25), PART(1, 0, 0), PART(2, 0, 40)},
     65000,
     true},
    {"limited to those with lag",
     {{"limitToPartitionsWithLag", "true"}},
     {PART(0, 0, 25), PART(1, 0, 0), PART(2, 0, 40)},
     20000,
     true},
    {"even distribution",
     {{"ensureEvenDistributionOfPartitions", "true"}},
     {PART(0, 0, 25), PART(1, 0, 0), PART(2, 0, 0)},
     30000,
     true},
    {"even distribution of nothing",
     {{"ensureEvenDistributionOfPartitions", "true"}},
     {PART(0, 0, 0), PART(1, 0, 0), PART(2, 0, 0)},
     10000,
     false},
    {"nothing committed", {{0}}, {PART(0, -1, 25), PART(1, 0, 0), PART(2, 0, 0)}, 1000, true},
    {"nothing committed, to zero",
     {{"scaleToZeroOnInvalidOffset", "true"}},
     {PART(0, -1, 25), PART(1, 0, 0), PART(2, 0, 0)},
     0,
     false},
    {"nothing committed, from the start",
     {{"offsetResetPolicy", "earliest"}},
     {PART(0, -1, 7), PART(1, 0, 0), PART(2, 0, 0)},
     7000,
     true},
    {"a negative lag is summed", {{0}}, {PART(0, 9, 5), PART(1, 0, 6), PART(2, 0, 0)}, 2000, true},
    {"activation is strict",
     {{"activationLagThreshold", "5"}},
     {PART(0, 0, 5), PART(1, 0, 0), PART(2, 0, 0)},
     5000,
     false},
    {"limitation",
     {{"partitionLimitation", "1-2, 7"}},
     {PART(0, 0, 5), PART(1, 0, 3), PART(2, 0, 1)},
     4000,
     true},
};

Test(keda_scaler, kafka)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof kafkas / sizeof kafkas[0]; i++) {
        const struct kafka_row *row = &kafkas[i];
        const struct scaler_param params[] = {
            {"bootstrapServers", "b"}, {"consumerGroup", "g"}, {"topic", "t"}, row->extra[0]};
        const struct scaler_config config = {
            .metadata = {params, row->extra[0].key != NULL ? 4 : 3}};
        struct kafka_memory memory = {.arena = &a};
        struct scaler_kafka kafka;
        const char *error;
        cr_assert(scaler_kafka_parse(&a, &config, &kafka, &error), "%s: %s", row->name, error);
        const struct scaler_answer got =
            scaler_kafka_query(&a, &kafka, row->partitions, 3, &memory);
        cr_expect(got.error == NULL && quantity_milli_value(&got.value) == row->milli &&
                      got.active == row->active,
                  "%s: %lld", row->name, (long long)quantity_milli_value(&got.value));
    }
    arena_drop(&a);
}

Test(keda_scaler, kafka_persistent_lag)
{
    struct arena a = {0};
    const struct scaler_param params[] = {{"bootstrapServers", "b"},
                                          {"consumerGroup", "g"},
                                          {"topic", "t"},
                                          {"excludePersistentLag", "true"}};
    const struct scaler_config config = {.metadata = {params, 4}};
    struct kafka_memory memory = {.arena = &a};
    struct scaler_kafka kafka;
    const char *error;
    cr_assert(scaler_kafka_parse(&a, &config, &kafka, &error));
    static const struct kafka_partition steps[] = {PART(0, 3, 8), PART(0, 3, 9), PART(0, 4, 9)};
    static const int64_t want[] = {5000, 0, 5000};
    for (size_t i = 0; i < 3; i++) {
        const struct scaler_answer got = scaler_kafka_query(&a, &kafka, &steps[i], 1, &memory);
        cr_expect(quantity_milli_value(&got.value) == want[i] && got.active, "step %zu", i);
    }
    arena_drop(&a);
}

/* ---- the others ---- */

struct trigger_row {
    const char *name;
    const char *type;
    struct scaler_param params[5];
    struct scaler_observation seen;
    const char *metric;
    const char *target;
    const char *want; /* the value, or an error */
    bool active;
};

static const struct trigger_row triggers[] = {
    {"redis",
     "redis",
     {{"address", "r:6379"}, {"listName", "jobs"}},
     {.value = 12},
     "s0-redis-jobs",
     "5",
     "12",
     true},
    {"streams by pending entries",
     "redis-streams",
     {{"address", "r:6379"}, {"stream", "s"}, {"consumerGroup", "g"}},
     {.value = 23},
     "s0-redis-streams-s",
     "5",
     "23",
     true},
    {"streams by lag",
     "redis-streams",
     {{"address", "r:6379"}, {"stream", "s"}, {"consumerGroup", "g"}, {"lagCount", "7"}},
     {.value = 0},
     "s0-redis-streams-s",
     "7",
     "0",
     false},
    {"postgresql without a target",
     "postgresql",
     {{"query", "q"}, {"host", "h"}, {"port", "1"}, {"userName", "u"}, {"dbName", "d"}},
     {.value = 1},
     NULL,
     NULL,
     "error parsing postgreSQL metadata: error parsing postgresql metadata: no sslmode given",
     false},
    {"mysql",
     "mysql",
     {{"query", "q"}, {"queryValue", "2.5"}, {"dbName", "shop.eu"}},
     {.value = -3},
     "s0-mysql-shop-eu",
     "2.500",
     "0",
     false},
    {"mysql, no row",
     "mysql",
     {{"query", "q"}, {"queryValue", "2.5"}, {"dbName", "shop"}},
     {.empty = true},
     "s0-mysql-shop",
     "2.500",
     "the query returned no value",
     false},
    {"prometheus, rounded",
     "prometheus",
     {{"serverAddress", "p"}, {"query", "q"}, {"threshold", "100"}, {"activationThreshold", "0.1"}},
     {.value = 0.0005},
     "s0-prometheus",
     "100",
     "1m",
     false},
    {"prometheus, nothing",
     "prometheus",
     {{"serverAddress", "p"}, {"query", "q"}, {"threshold", "100"}},
     {.empty = true},
     "s0-prometheus",
     "100",
     "0",
     false},
    {"prometheus, nothing, which counts",
     "prometheus",
     {{"serverAddress", "p"}, {"query", "q"}, {"threshold", "1"}, {"ignoreNullValues", "false"}},
     {.empty = true},
     "s0-prometheus",
     "1",
     "prometheus metrics 'prometheus' target may be lost, the result is empty",
     false},
    {"prometheus without a threshold",
     "prometheus",
     {{"serverAddress", "p"}, {"query", "q"}},
     {0},
     NULL,
     NULL,
     "error parsing prometheus metadata: error parsing prometheus metadata: missing required "
     "parameter \"threshold\" in [triggerMetadata]",
     false},
    {"rabbitmq by default",
     "rabbitmq",
     {{"host", "amqp://h"}, {"queueName", "a b/c"}},
     {.ready = 7, .unacknowledged = 5},
     "s0-rabbitmq-a+b-2Fc",
     "20",
     "7",
     true},
    {"rabbitmq, waiting time",
     "rabbitmq",
     {{"host", "http://h"},
      {"queueName", "q"},
      {"mode", "ExpectedQueueConsumptionTime"},
      {"value", "10"}},
     {.ready = 600, .publish_rate = 30, .deliver_rate = 20},
     "s0-rabbitmq-q",
     "10",
     "30.500",
     true},
    {"rabbitmq, nothing delivered",
     "rabbitmq",
     {{"host", "http://h"},
      {"queueName", "q"},
      {"mode", "PublishedToDeliveredRatio"},
      {"value", "10"}},
     {.publish_rate = 30},
     "s0-rabbitmq-q",
     "10",
     "0",
     true},
    {"rabbitmq, mode by amqp",
     "rabbitmq",
     {{"host", "amqp://h"}, {"queueName", "q"}, {"mode", "MessageRate"}, {"value", "10"}},
     {0},
     NULL,
     NULL,
     "error parsing RabbitMQ metadata: error parsing RabbitMQ metadata: protocol amqp not "
     "supported; must be HTTP to use trigger mode MessageRate",
     false},
    {"sqs",
     "aws-sqs-queue",
     {{"queueURL", "https://sqs.eu-west-1.amazonaws.com/123/jobs"}, {"awsRegion", "eu-west-1"}},
     {.ready = 12, .in_flight = 5, .delayed = 9},
     "s0-aws-sqs-jobs",
     "5",
     "17",
     true},
    {"sqs with a broken address",
     "aws-sqs-queue",
     {{"queueURL", "https://sqs/123"}, {"awsRegion", "eu-west-1"}},
     {0},
     NULL,
     NULL,
     "error parsing SQS queue metadata: cannot get queueName from queueURL",
     false},
    {"service bus without an entity",
     "azure-servicebus",
     {{"connectionFromEnv", "C"}},
     {0},
     NULL,
     NULL,
     "error parsing azure service bus metadata: error parsing azure service bus metadata: no "
     "service bus entity type set",
     false},
    {"workload",
     "kubernetes-workload",
     {{"podSelector", "app=x"}, {"value", "0.5"}},
     {.pods = 6, .nodes = 4},
     "s0-workload-shop",
     "500m",
     "6",
     true},
    {"workload by node",
     "kubernetes-workload",
     {{"podSelector", "app=x"}, {"value", "0.5"}, {"groupByNode", "true"}},
     {.pods = 6, .nodes = 4},
     "s0-workload-shop",
     "500m",
     "4",
     true},
    {"workload without a value",
     "kubernetes-workload",
     {{"podSelector", "app=x"}},
     {0},
     NULL,
     NULL,
     "error parsing kubernetes workload metadata: error parsing kubernetes workload metadata: "
     "value must be a float greater than 0",
     false},
    {"metrics-api",
     "metrics-api",
     {{"url", "u"}, {"valueLocation", "a.b"}},
     {.value = 2.5},
     "s0-metric-api-a-b",
     "0",
     "2.500",
     true},
};

static void check_trigger(struct arena *a, const struct trigger_row *row)
{
    size_t count = 0;
    enum scaler_kind kind;
    struct scaler_trigger t;
    const char *error;
    while (count < 5 && row->params[count].key != NULL) {
        count++;
    }
    const struct scaler_config config = {.metadata = {row->params, count},
                                         .namespace_name = "shop"};
    cr_assert(scaler_kind_find(row->type, &kind));
    if (!scaler_trigger_parse(a, kind, &config, &t, &error)) {
        cr_expect(row->metric == NULL && str_equal(error, row->want), "%s: %s", row->name, error);
        return;
    }
    cr_expect(str_equal(t.metric.name, row->metric), "%s: %s", row->name, t.metric.name);
    const char *target = quantity_string(a, &t.metric.target);
    cr_expect(str_equal(target, row->target), "%s: target %s", row->name, target);
    const struct scaler_answer got = scaler_trigger_query(a, &t, &row->seen);
    const char *value = got.error != NULL ? got.error : quantity_string(a, &got.value);
    cr_expect(str_equal(value, row->want) && got.active == row->active, "%s: %s", row->name, value);
}

Test(keda_scaler, triggers)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof triggers / sizeof triggers[0]; i++) {
        check_trigger(&a, &triggers[i]);
    }
    arena_drop(&a);
}

/* ---- numbers as Go reads them ---- */

Test(keda_scaler, numbers)
{
    static const struct {
        const char *text;
        bool integer, number, go;
    } rows[] = {
        {"5", true, true, true},
        {"-5", true, true, true},
        {"05", false, false, true},
        {"+5", false, false, true},
        {"5.0", false, true, true},
        {"1e3", false, true, true},
        {".5", false, false, true},
        {"5.", false, false, true},
        {"NaN", false, false, true},
        {"", false, false, false},
        {"x", false, false, false},
        {"1e999", false, false, false},
        {"null", true, true, false},
        {"0", true, true, true},
        {"9223372036854775807", true, true, true},
        {"9223372036854775808", false, true, true},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t integer;
        double number;
        cr_expect_eq(scaler_json_int64(&a, rows[i].text, &integer) == NULL, rows[i].integer, "%s",
                     rows[i].text);
        cr_expect_eq(scaler_json_float(&a, rows[i].text, &number) == NULL, rows[i].number, "%s",
                     rows[i].text);
        cr_expect_eq(scaler_parse_float(&a, rows[i].text, &number) == NULL, rows[i].go, "%s",
                     rows[i].text);
    }
    arena_drop(&a);
}
