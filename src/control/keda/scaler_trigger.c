/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of the triggers in scaler_trigger.h: KEDA v2.21.0, pkg/scalers/{redis,redis_streams,
 * postgresql,mysql,prometheus,rabbitmq,aws_sqs_queue,azure_servicebus,metrics_api,
 * kubernetes_workload}_scaler.go. A kind is a table of fields, a check and a name.
 *
 * The traps: postgresql and metrics-api accept a missing target and take 0; rabbitmq's deprecated
 * queueLength stands for mode and value, but not beside them; redis streams ignore the targets of
 * the modes they are not in; mysql's metric is named after whatever follows the last slash.
 */
#include "control/keda/scaler_trigger.h"

#include "base/str.h"
#include "kube/labels.h"

#include <string.h>

enum {
    META = SCALER_METADATA,
    META_AUTH = SCALER_METADATA | SCALER_AUTH,
    META_ENV = SCALER_METADATA | SCALER_ENV,
    AUTH_ENV = SCALER_AUTH | SCALER_ENV,
    ANY = SCALER_METADATA | SCALER_AUTH | SCALER_ENV
};

#define FIELD(name, type, member, order, standard, optional, allowed)                              \
    {                                                                                              \
        name, type, offsetof(struct scaler_trigger, member), order, standard, optional, allowed,   \
            NULL                                                                                   \
    }
#define REQUIRED(name, type, member, order) FIELD(name, type, member, order, NULL, false, NULL)
#define OPTIONAL(name, type, member, order) FIELD(name, type, member, order, NULL, true, NULL)
#define DEFAULT(name, type, member, order, standard)                                               \
    FIELD(name, type, member, order, standard, false, NULL)

#define REDIS_CONNECTION                                                                           \
    OPTIONAL("address;addresses", SCALER_STRING, address, ANY),                                    \
        OPTIONAL("host;hosts", SCALER_STRING, hosts, ANY),                                         \
        OPTIONAL("port;ports", SCALER_STRING, ports, ANY),                                         \
        OPTIONAL("enableTLS", SCALER_STRING, enable_tls, META),                                    \
        OPTIONAL("tls", SCALER_STRING, auth_tls, SCALER_AUTH)

static const struct scaler_field redis_fields[] = {
    DEFAULT("listLength", SCALER_INT64, length, META, "5"),
    OPTIONAL("activationListLength", SCALER_INT64, activation_length, META),
    REQUIRED("listName", SCALER_STRING, name, META),
    REDIS_CONNECTION,
};

static const struct scaler_field streams_fields[] = {
    DEFAULT("pendingEntriesCount", SCALER_INT64, pending_entries_count, META, "5"),
    DEFAULT("streamLength", SCALER_INT64, length, META, "5"),
    OPTIONAL("lagCount", SCALER_INT64, lag_count, META),
    REQUIRED("stream", SCALER_STRING, name, META),
    OPTIONAL("consumerGroup", SCALER_STRING, consumer_group, META),
    DEFAULT("activationLagCount", SCALER_INT64, activation_length, META, "0"),
    REDIS_CONNECTION,
};

static const struct scaler_field postgresql_fields[] = {
    OPTIONAL("targetQueryValue", SCALER_FLOAT, target, META),
    OPTIONAL("activationTargetQueryValue", SCALER_FLOAT, activation, META),
    OPTIONAL("connection", SCALER_STRING, connection, AUTH_ENV),
    REQUIRED("query", SCALER_STRING, query, META),
    OPTIONAL("host", SCALER_STRING, host, META_AUTH),
    OPTIONAL("port", SCALER_STRING, port, META_AUTH),
    OPTIONAL("userName", SCALER_STRING, user_name, META_AUTH),
    OPTIONAL("dbName", SCALER_STRING, db_name, META_AUTH),
    OPTIONAL("sslmode", SCALER_STRING, ssl_mode, META_AUTH),
};

static const struct scaler_field mysql_fields[] = {
    OPTIONAL("connectionString", SCALER_STRING, connection, AUTH_ENV),
    OPTIONAL("username", SCALER_STRING, user_name, ANY),
    OPTIONAL("host", SCALER_STRING, host, META_AUTH),
    OPTIONAL("port", SCALER_STRING, port, META_AUTH),
    OPTIONAL("dbName", SCALER_STRING, db_name, META_AUTH),
    REQUIRED("query", SCALER_STRING, query, META),
    REQUIRED("queryValue", SCALER_FLOAT, target, META),
    DEFAULT("activationQueryValue", SCALER_FLOAT, activation, META, "0"),
};

static const struct scaler_field prometheus_fields[] = {
    REQUIRED("serverAddress", SCALER_STRING, server_address, META),
    REQUIRED("query", SCALER_STRING, query, META),
    REQUIRED("threshold", SCALER_FLOAT, target, META),
    OPTIONAL("activationThreshold", SCALER_FLOAT, activation, META),
    DEFAULT("ignoreNullValues", SCALER_BOOL, ignore_null_values, META, "true"),
};

static const struct scaler_field rabbitmq_fields[] = {
    REQUIRED("queueName", SCALER_STRING, name, META),
    DEFAULT("mode", SCALER_STRING, mode, META, "Unknown"),
    OPTIONAL("queueLength", SCALER_FLOAT, queue_length, META),
    OPTIONAL("value", SCALER_FLOAT, target, META),
    OPTIONAL("activationValue", SCALER_FLOAT, activation, META),
    REQUIRED("host", SCALER_STRING, host, ANY),
    DEFAULT("protocol", SCALER_STRING, protocol, META_AUTH, "auto"),
    OPTIONAL("useRegex", SCALER_BOOL, use_regex, META),
    OPTIONAL("excludeUnacknowledged", SCALER_BOOL, exclude_unacknowledged, META),
    DEFAULT("pageSize", SCALER_INT64, page_size, META, "100"),
    DEFAULT("operation", SCALER_STRING, operation, META, "sum"),
    OPTIONAL("username", SCALER_STRING, username, AUTH_ENV),
    OPTIONAL("password", SCALER_STRING, password, AUTH_ENV),
    OPTIONAL("cert", SCALER_STRING, cert, SCALER_AUTH),
    OPTIONAL("key", SCALER_STRING, key, SCALER_AUTH),
    DEFAULT("tls", SCALER_STRING, tls, SCALER_AUTH, "disable"),
};

static const struct scaler_field sqs_fields[] = {
    DEFAULT("queueLength", SCALER_INT64, length, META, "5"),
    DEFAULT("activationQueueLength", SCALER_INT64, activation_length, META, "0"),
    REQUIRED("queueURL", SCALER_STRING, queue_url, META_ENV),
    REQUIRED("awsRegion", SCALER_STRING, region, META_AUTH),
    DEFAULT("scaleOnInFlight", SCALER_BOOL, scale_on_in_flight, META, "true"),
    DEFAULT("scaleOnDelayed", SCALER_BOOL, scale_on_delayed, META, "false"),
};

static const struct scaler_field servicebus_fields[] = {
    DEFAULT("messageCount", SCALER_INT64, length, META, "5"),
    OPTIONAL("activationMessageCount", SCALER_INT64, activation_length, META),
    OPTIONAL("queueName", SCALER_STRING, name, META),
    OPTIONAL("topicName", SCALER_STRING, topic_name, META),
    OPTIONAL("subscriptionName", SCALER_STRING, subscription_name, META),
    OPTIONAL("connection", SCALER_STRING, connection, AUTH_ENV),
    OPTIONAL("namespace", SCALER_STRING, namespace_name, META),
    OPTIONAL("useRegex", SCALER_BOOL, use_regex, META),
    FIELD("operation", SCALER_STRING, operation, META, "sum", false, "sum;max;avg"),
};

static const struct scaler_field metrics_api_fields[] = {
    OPTIONAL("targetValue", SCALER_FLOAT, target, META),
    DEFAULT("activationTargetValue", SCALER_FLOAT, activation, META, "0"),
    REQUIRED("url", SCALER_STRING, url, META),
    FIELD("format", SCALER_STRING, format, META, "json", false, "prometheus;json;xml;yaml"),
    REQUIRED("valueLocation", SCALER_STRING, value_location, META),
    DEFAULT("aggregateFromKubeServiceEndpoints", SCALER_BOOL, aggregate_endpoints, META, "false"),
    FIELD("aggregationType", SCALER_STRING, aggregation_type, META, "average", false,
          "average;sum;max;min"),
};

static const struct scaler_field workload_fields[] = {
    REQUIRED("podSelector", SCALER_STRING, pod_selector, META),
    DEFAULT("value", SCALER_FLOAT, target, META, "0"),
    DEFAULT("activationValue", SCALER_FLOAT, activation, META, "0"),
    DEFAULT("groupByNode", SCALER_BOOL, group_by_node, META, "false"),
};

/* ---- checks ---- */

static bool empty(const char *s)
{
    return s == NULL || *s == '\0';
}

static size_t list_length(const char *s)
{
    size_t n = empty(s) ? 0 : 1;
    for (; s != NULL && *s != '\0'; s++) {
        n += *s == ',';
    }
    return n;
}

static const char *check_redis(struct arena *a, const struct scaler_config *c,
                               struct scaler_trigger *t)
{
    bool tls;
    const size_t hosts = list_length(t->hosts);
    const size_t ports = list_length(t->ports);
    if (hosts != 0 && ports != 0 && hosts != ports) {
        return "not enough hosts or ports given. number of hosts should be equal to the number of "
               "ports";
    }
    if (empty(t->address) && (hosts == 0 || ports == 0) && !c->auth_reference) {
        return "no addresses or hosts given. address should be a comma separated list of host:port "
               "or set the host/port values";
    }
    if (!empty(t->enable_tls) && !empty(t->auth_tls)) {
        return "unable to set `tls` in both ScaledObject and TriggerAuthentication together";
    }
    if (!empty(t->enable_tls)) {
        const char *error = scaler_parse_bool(a, t->enable_tls, &tls);
        return error != NULL ? arena_printf(a, "EnableTLS parsing error %s", error) : NULL;
    }
    return empty(t->auth_tls) || str_equal(t->auth_tls, "enable") ||
                   str_equal(t->auth_tls, "disable")
               ? NULL
               : arena_printf(a, "error incorrect TLS value given, got %s", t->auth_tls);
}

static const char *check_postgresql(struct arena *a, const struct scaler_config *c,
                                    struct scaler_trigger *t)
{
    (void)a;
    if (!empty(t->connection) || c->auth_reference) {
        return NULL;
    }
    return empty(t->host)        ? "no host given"
           : empty(t->port)      ? "no port given"
           : empty(t->user_name) ? "no userName given"
           : empty(t->db_name)   ? "no dbName given"
           : empty(t->ssl_mode)  ? "no sslmode given"
                                 : NULL;
}

static const char *scheme_of(struct arena *a, const char *url)
{
    const char *colon = strchr(url, ':');
    return colon == NULL ? "" : arena_strndup(a, url, (size_t)(colon - url));
}

static const char *rabbitmq_protocol(struct arena *a, const struct scaler_config *c,
                                     struct scaler_trigger *t)
{
    if (!str_equal(t->protocol, "auto")) {
        return NULL;
    }
    const char *scheme = scheme_of(a, t->host != NULL ? t->host : "");
    if (str_equal(scheme, "amqp") || str_equal(scheme, "amqps")) {
        t->protocol = "amqp";
    } else if (str_equal(scheme, "http") || str_equal(scheme, "https") ||
               (empty(t->host) && c->auth_reference)) {
        t->protocol = "http";
    } else {
        return arena_printf(a, "unknown host URL scheme: `%s`", scheme);
    }
    return NULL;
}

static const char *rabbitmq_mode(struct arena *a, struct scaler_trigger *t)
{
    static const char *const modes[] = {"QueueLength", "MessageRate", "DeliverGetRate",
                                        "PublishedToDeliveredRatio",
                                        "ExpectedQueueConsumptionTime"};
    const bool unknown = str_equal(t->mode, "Unknown");
    bool known = false;
    if (t->queue_length == 0 && unknown && t->target == 0) {
        t->mode = "QueueLength";
        t->target = 20;
        return NULL;
    }
    if (t->queue_length != 0) {
        if (!unknown || t->target != 0) {
            return "queueLength is deprecated; use mode and value";
        }
        t->mode = "QueueLength";
        t->target = t->queue_length;
        return NULL;
    }
    if (unknown || t->target == 0) {
        return unknown ? "mode must be specified" : "value must be specified";
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        known = known || str_equal(t->mode, modes[i]);
    }
    if (!known) {
        return arena_printf(a, "trigger mode %s must be one of %s, %s, %s, %s or %s", t->mode,
                            modes[0], modes[1], modes[2], modes[3], modes[4]);
    }
    return !str_equal(t->mode, modes[0]) && !str_equal(t->protocol, "http")
               ? arena_printf(a, "protocol %s not supported; must be HTTP to use trigger mode %s",
                              t->protocol, t->mode)
               : NULL;
}

static const char *check_rabbitmq(struct arena *a, const struct scaler_config *c,
                                  struct scaler_trigger *t)
{
    if (!str_equal(t->protocol, "amqp") && !str_equal(t->protocol, "http") &&
        !str_equal(t->protocol, "auto")) {
        return arena_printf(
            a, "the protocol has to be either `amqp`, `http`, or `auto` but is `%s`", t->protocol);
    }
    if (!str_equal(t->tls, "enable") && !str_equal(t->tls, "disable")) {
        return arena_printf(a, "incorrect value for TLS given: %s", t->tls);
    }
    if (empty(t->cert) != empty(t->key)) {
        return "both key and certificate must be provided";
    }
    if (t->page_size < 1) {
        return "pageSize should be 1 or greater";
    }
    if (empty(t->username) != empty(t->password)) {
        return "username and password must be given together";
    }
    const char *error = rabbitmq_protocol(a, c, t);
    if (error != NULL) {
        return error;
    }
    const bool http = str_equal(t->protocol, "http");
    if (t->use_regex && !http) {
        return "configure useRegex=true only with HTTP protocol";
    }
    if (t->exclude_unacknowledged && !http) {
        return "configure excludeUnacknowledged=true only with HTTP protocol";
    }
    return rabbitmq_mode(a, t);
}

static const char *check_servicebus(struct arena *a, const struct scaler_config *c,
                                    struct scaler_trigger *t)
{
    (void)a;
    (void)c;
    if (!empty(t->name) && !empty(t->subscription_name)) {
        return "subscription name provided with queue name";
    }
    if (!empty(t->topic_name) && !empty(t->name)) {
        return "both topic and queue name metadata provided";
    }
    if (!empty(t->topic_name) && empty(t->subscription_name)) {
        return "no subscription name provided with topic name";
    }
    return empty(t->name) && empty(t->topic_name) ? "no service bus entity type set" : NULL;
}

static const char *check_workload(struct arena *a, const struct scaler_config *c,
                                  struct scaler_trigger *t)
{
    (void)a;
    return t->target <= 0 && !c->using_modifiers ? "value must be a float greater than 0" : NULL;
}

/* ---- names, and what is checked after the parameters ---- */

static void streams_mode(struct scaler_trigger *t)
{
    if (empty(t->consumer_group)) {
        t->streams_mode = STREAMS_LENGTH;
        t->target = (double)t->length;
    } else if (t->lag_count != 0) {
        t->streams_mode = STREAMS_LAG;
        t->target = (double)t->lag_count;
    } else {
        t->streams_mode = STREAMS_PENDING;
        t->target = (double)t->pending_entries_count;
    }
}

/* url.QueryEscape */
static const char *query_escape(struct arena *a, const char *s)
{
    struct strbuf out = {.arena = a};
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || strchr("-_.~", c) != NULL;
        if (plain) {
            strbuf_char(&out, *s);
        } else if (c == ' ') {
            strbuf_char(&out, '+');
        } else {
            strbuf_printf(&out, "%%%02X", c);
        }
    }
    return strbuf_text(&out);
}

/* The queue's name in its URL; what is no URL is the name itself. */
static const char *sqs_queue_name(struct arena *a, const char *url, const char **error)
{
    const char *path = strstr(url, "://");
    if (path != NULL) {
        path = strchr(path + 3, '/');
        path = path == NULL ? "" : path;
    } else if (*url == '/') {
        path = url;
    } else {
        return url;
    }
    const size_t len = strcspn(path, "?#");
    const char *whole = arena_strndup(a, path, len);
    const char *first = *whole == '/' ? strchr(whole + 1, '/') : NULL;
    if (first == NULL || first[1] == '\0' || strchr(first + 1, '/') != NULL) {
        *error = "cannot get queueName from queueURL";
        return NULL;
    }
    return first + 1;
}

static const char *servicebus_name(const struct scaler_trigger *t)
{
    if (t->use_regex) {
        return empty(t->name) ? "topic-regex" : "queue-regex";
    }
    return empty(t->name) ? t->topic_name : t->name;
}

static const char *mysql_name(const struct scaler_trigger *t)
{
    const char *slash = empty(t->connection) ? NULL : strrchr(t->connection, '/');
    return empty(t->connection) ? t->db_name : slash != NULL ? slash + 1 : t->connection;
}

/* The metric's name, or NULL and *error. */
static const char *metric_name(struct arena *a, const struct scaler_config *c,
                               struct scaler_trigger *t, const char **error)
{
    struct label_selector selector;
    const char *queue;
    switch (t->kind) {
    case SCALER_REDIS:
        return arena_printf(a, "redis-%s", t->name);
    case SCALER_REDIS_STREAMS:
        return arena_printf(a, "redis-streams-%s", t->name);
    case SCALER_POSTGRESQL:
        return "postgresql";
    case SCALER_MYSQL:
        return arena_printf(a, "mysql-%s", mysql_name(t));
    case SCALER_PROMETHEUS:
        return "prometheus";
    case SCALER_RABBITMQ:
        return arena_printf(a, "rabbitmq-%s", query_escape(a, t->name));
    case SCALER_AWS_SQS_QUEUE:
        queue = sqs_queue_name(a, t->queue_url, error);
        return queue == NULL ? NULL : arena_printf(a, "aws-sqs-%s", queue);
    case SCALER_AZURE_SERVICEBUS:
        *error = empty(t->connection) && !c->auth_reference ? "no connection setting given" : NULL;
        return *error != NULL ? NULL : arena_printf(a, "azure-servicebus-%s", servicebus_name(t));
    case SCALER_METRICS_API:
        return arena_printf(a, "metric-api-%s", t->value_location);
    default:
        *error = label_selector_parse(a, t->pod_selector, &selector);
        if (*error != NULL) {
            *error = arena_printf(a, "error parsing pod selector: %s", *error);
            return NULL;
        }
        return arena_printf(a, "workload-%s", c->namespace_name != NULL ? c->namespace_name : "");
    }
}

/* ---- the kinds ---- */

typedef const char *check_fn(struct arena *a, const struct scaler_config *c,
                             struct scaler_trigger *t);

struct kind {
    const struct scaler_field *fields;
    size_t count;
    check_fn *check;
    bool whole;        /* the target is a whole number, in length */
    const char *outer; /* error prefixes, of the constructor and of its parser */
    const char *inner;
};

#define FIELDS(table) table, sizeof(table) / sizeof((table)[0])

static const struct kind kinds[] = {
    [SCALER_REDIS] = {FIELDS(redis_fields), check_redis, true, "redis", "redis"},
    [SCALER_REDIS_STREAMS] = {FIELDS(streams_fields), check_redis, true, "redis streams",
                              "redis stream"},
    [SCALER_POSTGRESQL] = {FIELDS(postgresql_fields), check_postgresql, false, "postgreSQL",
                           "postgresql"},
    [SCALER_MYSQL] = {FIELDS(mysql_fields), NULL, false, "MySQL", "mysql"},
    [SCALER_PROMETHEUS] = {FIELDS(prometheus_fields), NULL, false, "prometheus", "prometheus"},
    [SCALER_RABBITMQ] = {FIELDS(rabbitmq_fields), check_rabbitmq, false, "RabbitMQ", "RabbitMQ"},
    [SCALER_AWS_SQS_QUEUE] = {FIELDS(sqs_fields), NULL, true, "SQS queue", "SQS queue"},
    [SCALER_AZURE_SERVICEBUS] = {FIELDS(servicebus_fields), check_servicebus, true,
                                 "azure service bus", "azure service bus"},
    [SCALER_METRICS_API] = {FIELDS(metrics_api_fields), NULL, false, "metric API", "metrics API"},
    [SCALER_KUBERNETES_WORKLOAD] = {FIELDS(workload_fields), check_workload, false,
                                    "kubernetes workload", "kubernetes workload"},
};

bool scaler_kind_find(const char *type, enum scaler_kind *out)
{
    static const struct {
        const char *type;
        enum scaler_kind kind;
    } types[] = {
        {"redis", SCALER_REDIS},
        {"redis-cluster", SCALER_REDIS},
        {"redis-sentinel", SCALER_REDIS},
        {"redis-streams", SCALER_REDIS_STREAMS},
        {"redis-cluster-streams", SCALER_REDIS_STREAMS},
        {"redis-sentinel-streams", SCALER_REDIS_STREAMS},
        {"postgresql", SCALER_POSTGRESQL},
        {"mysql", SCALER_MYSQL},
        {"prometheus", SCALER_PROMETHEUS},
        {"rabbitmq", SCALER_RABBITMQ},
        {"aws-sqs-queue", SCALER_AWS_SQS_QUEUE},
        {"azure-servicebus", SCALER_AZURE_SERVICEBUS},
        {"metrics-api", SCALER_METRICS_API},
        {"kubernetes-workload", SCALER_KUBERNETES_WORKLOAD},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].type, type) == 0) {
            *out = types[i].kind;
            return true;
        }
    }
    return false;
}

bool scaler_trigger_parse(struct arena *a, enum scaler_kind kind, const struct scaler_config *c,
                          struct scaler_trigger *out, const char **error)
{
    const struct kind *k = &kinds[kind];
    const char *errors;
    *out = (struct scaler_trigger){.kind = kind};
    *error = NULL;
    if (!scaler_metric_type(c, &out->metric.value_type, error)) {
        return false;
    }
    scaler_read(a, c, k->fields, k->count, out, &errors);
    errors = scaler_join(a, errors, k->check != NULL ? k->check(a, c, out) : NULL);
    if (errors != NULL) {
        *error = arena_printf(a, "error parsing %s metadata: error parsing %s metadata: %s",
                              k->outer, k->inner, errors);
        return false;
    }
    const char *late = NULL;
    const char *name = metric_name(a, c, out, &late);
    if (name == NULL) {
        *error = arena_printf(a, "error parsing %s metadata: %s", k->outer, late);
        return false;
    }
    if (k->whole) {
        out->target = (double)out->length;
        out->activation = (double)out->activation_length;
    }
    if (kind == SCALER_REDIS_STREAMS) {
        streams_mode(out);
    }
    out->metric.name = scaler_metric_name(a, c->index, name);
    out->metric.target = k->whole ? quantity_from_int((int64_t)out->target, QUANTITY_DECIMAL_SI)
                                  : scaler_quantity(a, out->target);
    return true;
}
