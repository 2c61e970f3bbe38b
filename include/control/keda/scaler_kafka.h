/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kafka and apache-kafka triggers (KEDA v2.21.0, pkg/scalers/kafka_scaler.go and
 * apache_kafka_scaler.go): lag per partition, capped by the number of partitions.
 */
#ifndef CONTROL_KEDA_SCALER_KAFKA_H
#define CONTROL_KEDA_SCALER_KAFKA_H

#include "base/vec.h"
#include "control/keda/scaler.h"

struct scaler_kafka {
    bool apache; /* the segmentio client's trigger */
    const char *bootstrap_servers;
    const char *consumer_group;
    const char *topic; /* apache: a comma list; "" is all topics of the group */
    const char *partition_limitation_text;
    int32_t *partition_limitation;
    size_t partition_limitation_count;
    bool limited; /* partition_limitation counts */
    int64_t lag_threshold;
    int64_t activation_lag_threshold;
    const char *offset_reset_policy; /* latest or earliest */
    bool allow_idle_consumers;
    bool exclude_persistent_lag;
    bool scale_to_zero_on_invalid_offset;
    bool limit_to_partitions_with_lag;
    bool ensure_even_distribution_of_partitions;
    bool full_metadata;
    const char *version;
    const char *tls;
    bool unsafe_ssl;
    const char *ca, *cert, *key, *key_password;
    const char *sasl, *username, *password;
    const char *sasl_token_provider, *scopes, *oauth_token_endpoint_uri, *oauth_extensions;
    const char *keytab, *ccache_name, *realm, *kerberos_config;
    const char *aws_region;
    struct scaler_metric metric;
};

/* One partition as a query finds it. */
struct kafka_partition {
    const char *topic;
    int32_t id;
    bool has_committed; /* its block is in the offset fetch response */
    bool commit_error;
    int64_t committed; /* -1: nothing committed yet */
    bool has_latest;
    int64_t latest;
    bool has_earliest;
    int64_t earliest;
};

struct kafka_previous {
    const char *topic;
    int32_t partition;
    int64_t offset;
};

/* What a scaler remembers between queries (excludePersistentLag); zero after it is rebuilt. */
struct kafka_memory {
    struct arena *arena;
    VEC(struct kafka_previous) offsets;
};

/* NewKafkaScaler up to the client; *error is its text. */
bool scaler_kafka_parse(struct arena *a, const struct scaler_config *c, struct scaler_kafka *out,
                        const char **error);
bool scaler_apache_kafka_parse(struct arena *a, const struct scaler_config *c,
                               struct scaler_kafka *out, const char **error);
/* One query; partitions of other topics, or left out by the limitation, are passed over. */
struct scaler_answer scaler_kafka_query(struct arena *a, const struct scaler_kafka *k,
                                        const struct kafka_partition *partitions, size_t count,
                                        struct kafka_memory *memory);

#endif
