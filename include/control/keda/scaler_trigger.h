/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Triggers whose value is a number of the outside world: redis lists and streams, postgresql,
 * mysql, prometheus, rabbitmq, aws-sqs-queue, azure-servicebus, metrics-api, kubernetes-workload
 * (KEDA v2.21.0, pkg/scalers/<type>_scaler.go): parameters, defaults, errors, and the arithmetic
 * from what a query finds to value and activity. kafka and cron have headers of their own.
 */
#ifndef CONTROL_KEDA_SCALER_TRIGGER_H
#define CONTROL_KEDA_SCALER_TRIGGER_H

#include "control/keda/scaler.h"

enum scaler_kind {
    SCALER_REDIS, /* also -cluster and -sentinel */
    SCALER_REDIS_STREAMS,
    SCALER_POSTGRESQL,
    SCALER_MYSQL,
    SCALER_PROMETHEUS,
    SCALER_RABBITMQ,
    SCALER_AWS_SQS_QUEUE,
    SCALER_AZURE_SERVICEBUS,
    SCALER_METRICS_API,
    SCALER_KUBERNETES_WORKLOAD
};

enum redis_streams_mode { STREAMS_LENGTH, STREAMS_PENDING, STREAMS_LAG };

/* One trigger as KEDA reads it; members of other kinds are zero. */
struct scaler_trigger {
    enum scaler_kind kind;
    struct scaler_metric metric;
    double target;     /* in the metric's unit */
    double activation; /* active above it, strictly */

    int64_t length, activation_length; /* whole-number targets, as read */
    int64_t pending_entries_count, lag_count;
    enum redis_streams_mode streams_mode;
    const char *name; /* list, stream, queue */
    const char *consumer_group;
    const char *address, *hosts, *ports, *enable_tls, *auth_tls;
    const char *connection, *query, *host, *port, *user_name, *db_name, *ssl_mode;
    const char *server_address;
    bool ignore_null_values;
    const char *mode, *protocol, *operation, *tls, *cert, *key, *username, *password;
    double queue_length;
    int64_t page_size;
    bool use_regex, exclude_unacknowledged;
    const char *queue_url, *region;
    bool scale_on_in_flight, scale_on_delayed;
    const char *topic_name, *subscription_name, *namespace_name;
    const char *url, *value_location, *format, *aggregation_type;
    bool aggregate_endpoints;
    const char *pod_selector;
    bool group_by_node;
};

/*
 * What a query finds; which members count depends on the kind:
 *   redis, streams (length, pending entries or lag by mode), sql, metrics-api, prometheus: value
 *   rabbitmq: ready, unacknowledged (http), publish_rate, deliver_rate
 *   aws-sqs-queue: ready (visible), in_flight, delayed
 *   azure-servicebus: active, or counts by name with useRegex
 *   kubernetes-workload: pods that are neither Succeeded nor Failed, nodes with one of them
 */
struct scaler_observation {
    const char *error; /* the source failed, in its words */
    bool empty;        /* sql: no row, or NULL; prometheus: no series */
    int64_t series;    /* prometheus: how many series; 0 and 1 are the same here unless empty */
    double value;
    int64_t ready, unacknowledged, in_flight, delayed;
    double publish_rate, deliver_rate;
    const int64_t *counts;
    size_t count;
    int64_t pods, nodes;
};

/* The kind of a trigger type; false: none of these. */
bool scaler_kind_find(const char *type, enum scaler_kind *out);
/*
 * The scaler's construction up to its connection; *error is KEDA's text. Where the trigger refers
 * to an authentication (auth_reference), what might come from it is not missed.
 */
bool scaler_trigger_parse(struct arena *a, enum scaler_kind kind, const struct scaler_config *c,
                          struct scaler_trigger *out, const char **error);
/* GetMetricsAndActivity of what was found. */
struct scaler_answer scaler_trigger_query(struct arena *a, const struct scaler_trigger *t,
                                          const struct scaler_observation *seen);

#endif
