/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kafka lag: KEDA v2.21.0, pkg/scalers/kafka_scaler.go (sarama) and apache_kafka_scaler.go
 * (segmentio, where they differ). Lags of all partitions are added up, then capped.
 *
 * The traps: a committed offset past the latest makes a negative lag, which is summed; the cap
 * compares an integer division, so a lag of 39 with 3 partitions and threshold 10 passes;
 * ensureEvenDistribution turns even a lag of 0 into one threshold; activity looks at the
 * uncapped lag with persistent lag in it; excludePersistentLag compares with the query before,
 * whoever made it.
 */
#include "control/keda/scaler_kafka.h"

#include "base/str.h"

#include <string.h>

#define INVALID_OFFSET (-1)

#define FIELD(name, type, member, order, standard, optional, allowed)                              \
    {                                                                                              \
        name, type, offsetof(struct scaler_kafka, member), order, standard, optional, allowed,     \
            NULL                                                                                   \
    }
#define TEXT(name, member, order) FIELD(name, SCALER_STRING, member, order, NULL, true, NULL)
#define FLAG(name, member)        FIELD(name, SCALER_BOOL, member, SCALER_METADATA, "false", false, NULL)

static const struct scaler_field kafka_fields[] = {
    FIELD("bootstrapServers", SCALER_STRING, bootstrap_servers, SCALER_METADATA | SCALER_ENV, NULL,
          false, NULL),
    FIELD("consumerGroup", SCALER_STRING, consumer_group, SCALER_METADATA | SCALER_ENV, NULL, false,
          NULL),
    TEXT("topic", topic, SCALER_METADATA | SCALER_ENV),
    TEXT("partitionLimitation", partition_limitation_text, SCALER_METADATA),
    FIELD("lagThreshold", SCALER_INT64, lag_threshold, SCALER_METADATA, "10", false, NULL),
    FIELD("activationLagThreshold", SCALER_INT64, activation_lag_threshold, SCALER_METADATA, "0",
          false, NULL),
    FIELD("offsetResetPolicy", SCALER_STRING, offset_reset_policy, SCALER_METADATA, "latest", false,
          "latest;earliest"),
    FLAG("allowIdleConsumers", allow_idle_consumers),
    FLAG("excludePersistentLag", exclude_persistent_lag),
    FLAG("scaleToZeroOnInvalidOffset", scale_to_zero_on_invalid_offset),
    FLAG("limitToPartitionsWithLag", limit_to_partitions_with_lag),
    FLAG("ensureEvenDistributionOfPartitions", ensure_even_distribution_of_partitions),
    FIELD("fullMetadata", SCALER_BOOL, full_metadata, SCALER_METADATA, "true", false, NULL),
    TEXT("version", version, SCALER_METADATA),
    FIELD("tls", SCALER_STRING, tls, SCALER_METADATA | SCALER_AUTH, "disable", false,
          "enable;disable"),
    FLAG("unsafeSsl", unsafe_ssl),
    TEXT("ca", ca, SCALER_AUTH),
    TEXT("cert", cert, SCALER_AUTH),
    TEXT("key", key, SCALER_AUTH),
    TEXT("keyPassword", key_password, SCALER_AUTH),
    FIELD("sasl", SCALER_STRING, sasl, SCALER_METADATA | SCALER_AUTH, NULL, true,
          "none;plaintext;scram_sha256;scram_sha512;oauthbearer;gssapi"),
    TEXT("username", username, SCALER_AUTH),
    TEXT("password", password, SCALER_AUTH),
    FIELD("saslTokenProvider", SCALER_STRING, sasl_token_provider, SCALER_METADATA | SCALER_AUTH,
          NULL, true, "bearer;aws_msk_iam"),
    TEXT("scopes", scopes, SCALER_AUTH),
    TEXT("oauthTokenEndpointUri", oauth_token_endpoint_uri, SCALER_AUTH),
    TEXT("oauthExtensions", oauth_extensions, SCALER_AUTH),
    TEXT("keytab", keytab, SCALER_AUTH),
    TEXT("ccacheName", ccache_name, SCALER_AUTH),
    TEXT("realm", realm, SCALER_AUTH),
    TEXT("kerberosConfig", kerberos_config, SCALER_AUTH),
    TEXT("awsRegion", aws_region, SCALER_METADATA),
};

static const struct scaler_field apache_fields[] = {
    FIELD("bootstrapServers", SCALER_STRING, bootstrap_servers, SCALER_METADATA | SCALER_ENV, NULL,
          false, NULL),
    FIELD("consumerGroup", SCALER_STRING, consumer_group, SCALER_METADATA | SCALER_ENV, NULL, false,
          NULL),
    TEXT("topic", topic, SCALER_METADATA | SCALER_ENV),
    TEXT("partitionLimitation", partition_limitation_text, SCALER_METADATA),
    FIELD("lagThreshold", SCALER_INT64, lag_threshold, SCALER_METADATA, "10", false, NULL),
    FIELD("activationLagThreshold", SCALER_INT64, activation_lag_threshold, SCALER_METADATA, "0",
          false, NULL),
    FIELD("offsetResetPolicy", SCALER_STRING, offset_reset_policy, SCALER_METADATA, "latest", false,
          "earliest;latest"),
    FLAG("allowIdleConsumers", allow_idle_consumers),
    FLAG("excludePersistentLag", exclude_persistent_lag),
    FLAG("scaleToZeroOnInvalidOffset", scale_to_zero_on_invalid_offset),
    FLAG("limitToPartitionsWithLag", limit_to_partitions_with_lag),
    FLAG("ensureEvenDistributionOfPartitions", ensure_even_distribution_of_partitions),
    FIELD("sasl", SCALER_STRING, sasl, SCALER_METADATA | SCALER_AUTH, "none", false,
          "none;plaintext;scram_sha256;scram_sha512;gssapi;aws_msk_iam"),
    TEXT("username", username, SCALER_AUTH),
    TEXT("password", password, SCALER_AUTH),
    TEXT("awsRegion", aws_region, SCALER_METADATA),
    FIELD("tls", SCALER_STRING, tls, SCALER_METADATA | SCALER_AUTH, "disable", false,
          "enable;disable"),
    TEXT("cert", cert, SCALER_AUTH),
    TEXT("key", key, SCALER_AUTH),
};

/* ---- partition limitation ---- */

static const char *trim(struct arena *a, const char *s, size_t len)
{
    while (len > 0 && strchr(" \t\n\v\f\r", *s) != NULL) {
        s++;
        len--;
    }
    while (len > 0 && strchr(" \t\n\v\f\r", s[len - 1]) != NULL) {
        len--;
    }
    return arena_strndup(a, s, len);
}

/* "5-9" or "3" into from and to; an error text or NULL. */
static const char *parse_part(struct arena *a, const char *part, int64_t *from, int64_t *to)
{
    const char *dash = strchr(part, '-');
    const char *bad = arena_printf(a, "invalid partition limitation: %s", part);
    if (dash == NULL) {
        if (!scaler_parse_int(part, 32, from)) {
            return bad;
        }
        *to = *from;
        return NULL;
    }
    if (strchr(dash + 1, '-') != NULL) {
        return arena_printf(a, "invalid partition limitation range: %s", part);
    }
    const bool ok = scaler_parse_int(trim(a, part, (size_t)(dash - part)), 32, from) &&
                    scaler_parse_int(trim(a, dash + 1, strlen(dash + 1)), 32, to);
    return ok ? NULL : bad;
}

/* Ranges are kept as pairs (from, to). */
static const char *parse_limitation(struct arena *a, struct scaler_kafka *k)
{
    VEC(int32_t) list = {0};
    const char *s = k->partition_limitation_text;
    for (;;) {
        int64_t from = 0;
        int64_t to = 0;
        const size_t len = strcspn(s, ",");
        const char *error = parse_part(a, trim(a, s, len), &from, &to);
        if (error != NULL) {
            return error;
        }
        *vec_push(a, &list) = (int32_t)from;
        *vec_push(a, &list) = (int32_t)to;
        if (s[len] == '\0') {
            break;
        }
        s += len + 1;
    }
    k->partition_limitation = list.items;
    k->partition_limitation_count = list.len;
    k->limited = true;
    return NULL;
}

static bool is_active_partition(const struct scaler_kafka *k, int32_t id)
{
    for (size_t i = 0; i < k->partition_limitation_count; i += 2) {
        if (id >= k->partition_limitation[i] && id <= k->partition_limitation[i + 1]) {
            return true;
        }
    }
    return !k->limited;
}

/* ---- validation ---- */

static bool empty(const char *s)
{
    return s == NULL || *s == '\0';
}

static const char *check_oauth(const struct scaler_kafka *k)
{
    if (str_equal(k->sasl_token_provider, "aws_msk_iam")) {
        return !str_equal(k->tls, "enable") ? "TLS is required for AWS MSK authentication"
               : empty(k->aws_region)       ? "no awsRegion given"
                                            : NULL;
    }
    if (empty(k->username) || empty(k->password)) {
        return empty(k->username) ? "no username given" : "no password given";
    }
    return empty(k->oauth_token_endpoint_uri) ? "no oauth token endpoint uri given" : NULL;
}

static const char *check_gssapi(const struct scaler_kafka *k)
{
    if (empty(k->username)) {
        return "no username given";
    }
    if (!empty(k->password) + !empty(k->keytab) + !empty(k->ccache_name) != 1) {
        return "exactly one of 'password', 'keytab' or 'ccacheName' must be provided for GSSAPI "
               "authentication";
    }
    if (empty(k->realm)) {
        return "no realm given";
    }
    return empty(k->kerberos_config) ? "no Kerberos configuration file (kerberosConfig) given"
                                     : NULL;
}

static const char *check_access(struct arena *a, const struct scaler_kafka *k)
{
    if (str_equal(k->tls, "enable") && empty(k->cert) != empty(k->key)) {
        return empty(k->key) ? "key must be provided with cert" : "cert must be provided with key";
    }
    if (empty(k->sasl) || str_equal(k->sasl, "none")) {
        return NULL;
    }
    if (str_equal(k->sasl, "oauthbearer")) {
        const char *error = check_oauth(k);
        return error == NULL
                   ? NULL
                   : arena_printf(a, "error parsing OAuth token provider configuration: %s", error);
    }
    if (str_equal(k->sasl, "gssapi")) {
        return check_gssapi(k);
    }
    return empty(k->username)   ? "no username given"
           : empty(k->password) ? "no password given"
                                : NULL;
}

static const char *check_combination(const struct scaler_kafka *k)
{
    const bool any_topic = empty(k->topic);
    const bool limit = k->limit_to_partitions_with_lag;
    const bool even = k->ensure_even_distribution_of_partitions;
    if (k->allow_idle_consumers && limit) {
        return "allowIdleConsumers and limitToPartitionsWithLag cannot be set simultaneously";
    }
    if (any_topic && limit) {
        return "topic must be specified when using limitToPartitionsWithLag";
    }
    if (limit && even) {
        return "limitToPartitionsWithLag and ensureEvenDistributionOfPartitions cannot be set "
               "simultaneously";
    }
    if (any_topic && even) {
        return "topic must be specified when using ensureEvenDistributionOfPartitions";
    }
    return any_topic && !k->full_metadata ? "topic must be specified when fullMetadata is false"
                                          : NULL;
}

/* kafkaMetadata.Validate, which runs even when parameters could not be read. */
static const char *validate(struct arena *a, struct scaler_kafka *k)
{
    if (k->lag_threshold <= 0) {
        return "\"lagThreshold\" must be positive number";
    }
    if (k->activation_lag_threshold < 0) {
        return "\"activationLagThreshold\" must be a non-negative number";
    }
    if (!empty(k->partition_limitation_text)) {
        const char *error = parse_limitation(a, k);
        if (error != NULL) {
            return error;
        }
    }
    if (empty(k->topic)) {
        k->partition_limitation_count = 0;
        k->limited = false;
    }
    const char *error = check_combination(k);
    return error != NULL ? error : check_access(a, k);
}

/* apacheKafkaMetadata.Validate */
static const char *validate_apache(struct arena *a, struct scaler_kafka *k)
{
    const bool tls = str_equal(k->tls, "enable");
    if (k->lag_threshold <= 0 || k->activation_lag_threshold < 0) {
        return arena_printf(a, "%s must be a positive number",
                            k->lag_threshold <= 0 ? "lagThreshold" : "activationLagThreshold");
    }
    if (k->allow_idle_consumers && k->limit_to_partitions_with_lag) {
        return "allowIdleConsumers and limitToPartitionsWithLag cannot be set simultaneously";
    }
    if (empty(k->topic) && k->limit_to_partitions_with_lag) {
        return "topic must be specified when using limitToPartitionsWithLag";
    }
    if (tls && empty(k->cert) != empty(k->key)) {
        return "can't set only one of cert or key when using TLS";
    }
    if (str_equal(k->sasl, "plaintext") && (empty(k->username) || empty(k->password))) {
        return "username and password must be set when using SASL/PLAINTEXT";
    }
    if (str_equal(k->sasl, "aws_msk_iam") && (empty(k->aws_region) || !tls)) {
        return empty(k->aws_region) ? "awsRegion must be set when using AWS MSK IAM"
                                    : "TLS must be enabled when using AWS MSK IAM";
    }
    return NULL;
}

/* The limitation is a list parameter there: its errors come with the parameters'. */
static const char *read_apache_limitation(struct arena *a, struct scaler_kafka *k)
{
    if (empty(k->partition_limitation_text)) {
        return NULL;
    }
    const char *error = parse_limitation(a, k);
    if (empty(k->topic)) {
        k->limited = false;
        k->partition_limitation_count = 0;
    }
    return error == NULL
               ? NULL
               : arena_printf(a, "unable to set param \"partitionLimitation\" value %s: %s",
                              scaler_quote(a, k->partition_limitation_text), error);
}

/* sarama.ParseKafkaVersion: 0.a.b.c, or a.b.c from 1 on. */
static bool is_version(const char *s)
{
    int numbers = 0;
    const bool old = s[0] == '0' && s[1] == '.';
    for (;;) {
        const size_t n = strspn(s, "0123456789");
        if (n == 0) {
            return false;
        }
        numbers++;
        if (s[n] == '\0') {
            return numbers == (old ? 4 : 3);
        }
        if (s[n] != '.') {
            return false;
        }
        s += n + 1;
    }
}

static void describe(struct arena *a, const struct scaler_config *c, struct scaler_kafka *k)
{
    const char *name = empty(k->topic) ? arena_printf(a, "kafka-%s-topics", k->consumer_group)
                                       : arena_printf(a, "kafka-%s", k->topic);
    k->metric.name = scaler_metric_name(a, c->index, name);
    k->metric.target = quantity_from_int(k->lag_threshold, QUANTITY_DECIMAL_SI);
}

bool scaler_kafka_parse(struct arena *a, const struct scaler_config *c, struct scaler_kafka *out,
                        const char **error)
{
    const char *errors;
    *out = (struct scaler_kafka){0};
    *error = NULL;
    if (!scaler_metric_type(c, &out->metric.value_type, error)) {
        return false;
    }
    scaler_read(a, c, kafka_fields, sizeof kafka_fields / sizeof kafka_fields[0], out, &errors);
    errors = scaler_join(a, errors, validate(a, out));
    if (errors == NULL && !empty(out->version) && !is_version(out->version)) {
        *error = arena_printf(a,
                              "error parsing kafka metadata: error parsing kafka version: "
                              "invalid version `%s`",
                              out->version);
        return false;
    }
    if (errors != NULL) {
        *error = arena_printf(a, "error parsing kafka metadata: error parsing kafka metadata: %s",
                              errors);
        return false;
    }
    describe(a, c, out);
    return true;
}

bool scaler_apache_kafka_parse(struct arena *a, const struct scaler_config *c,
                               struct scaler_kafka *out, const char **error)
{
    const char *errors;
    *out = (struct scaler_kafka){.apache = true};
    *error = NULL;
    if (!scaler_metric_type(c, &out->metric.value_type, error)) {
        return false;
    }
    scaler_read(a, c, apache_fields, sizeof apache_fields / sizeof apache_fields[0], out, &errors);
    errors = scaler_join(a, errors, read_apache_limitation(a, out));
    errors = scaler_join(a, errors, validate_apache(a, out));
    if (errors != NULL) {
        *error = arena_printf(a, "error parsing kafka metadata: error parsing kafka metadata: %s",
                              errors);
        return false;
    }
    describe(a, c, out);
    return true;
}

/* ---- a query ---- */

struct lag {
    int64_t lag;
    int64_t with_persistent;
};

static bool of_topic(const struct scaler_kafka *k, const char *topic)
{
    if (empty(k->topic)) {
        return true;
    }
    if (!k->apache) {
        return strcmp(k->topic, topic) == 0;
    }
    for (const char *s = k->topic; *s != '\0';) {
        const size_t len = strcspn(s, ",");
        if (strlen(topic) == len && memcmp(topic, s, len) == 0) {
            return true;
        }
        s += s[len] == ',' ? len + 1 : len;
    }
    return false;
}

static struct lag both(int64_t v)
{
    return (struct lag){v, v};
}

static struct lag persistent(struct kafka_memory *memory, const struct kafka_partition *p)
{
    const int64_t lag = p->latest - p->committed;
    for (size_t i = 0; i < memory->offsets.len; i++) {
        struct kafka_previous *before = &memory->offsets.items[i];
        if (before->partition != p->id || strcmp(before->topic, p->topic) != 0) {
            continue;
        }
        if (before->offset == p->committed) {
            return (struct lag){0, lag};
        }
        before->offset = p->committed;
        return both(lag);
    }
    *vec_push(memory->arena, &memory->offsets) = (struct kafka_previous){
        .topic = arena_strdup(memory->arena, p->topic), .partition = p->id, .offset = p->committed};
    return both(lag);
}

/* getLagForPartition; the caller knows that latest is there. */
static struct lag partition_lag(const struct scaler_kafka *k, const struct kafka_partition *p,
                                struct kafka_memory *memory)
{
    if (p->committed == INVALID_OFFSET) {
        if (k->scale_to_zero_on_invalid_offset) {
            return both(0);
        }
        if (strcmp(k->offset_reset_policy, "latest") == 0) {
            return both(1);
        }
        if (!p->has_earliest) {
            return both(p->latest);
        }
        return both(p->latest > p->earliest ? p->latest - p->earliest : 0);
    }
    if (k->exclude_persistent_lag) {
        return persistent(memory, p);
    }
    return both(p->latest - p->committed);
}

/* The smallest factor of the partitions whose threshold covers the lag. */
static int64_t next_factor(int64_t lag, int64_t partitions, int64_t threshold)
{
    for (int64_t factor = 1; factor <= partitions; factor++) {
        if (partitions % factor == 0 && factor * threshold >= lag) {
            return factor;
        }
    }
    return partitions;
}

static int64_t cap(const struct scaler_kafka *k, int64_t lag, int64_t partitions, int64_t with_lag)
{
    const bool even = k->ensure_even_distribution_of_partitions;
    int64_t bound = partitions;
    if (k->allow_idle_consumers && !k->limit_to_partitions_with_lag && !even) {
        return lag;
    }
    if (even) {
        lag = next_factor(lag, partitions, k->lag_threshold) * k->lag_threshold;
    }
    if (k->limit_to_partitions_with_lag) {
        bound = with_lag;
    }
    return lag / k->lag_threshold > bound ? bound * k->lag_threshold : lag;
}

/* Every topic described must have a partition left by the limitation. */
static const char *check_active(struct arena *a, const struct scaler_kafka *k,
                                const struct kafka_partition *partitions, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        any = any || (of_topic(k, partitions[i].topic) && is_active_partition(k, partitions[i].id));
    }
    return any || empty(k->topic)
               ? NULL
               : arena_printf(a, "expected at least one active partition within the topic '%s'",
                              k->topic);
}

struct scaler_answer scaler_kafka_query(struct arena *a, const struct scaler_kafka *k,
                                        const struct kafka_partition *partitions, size_t count,
                                        struct kafka_memory *memory)
{
    struct lag total = {0, 0};
    int64_t known = 0;
    int64_t with_lag = 0;
    const char *error = check_active(a, k, partitions, count);
    for (size_t i = 0; i < count && error == NULL; i++) {
        const struct kafka_partition *p = &partitions[i];
        struct kafka_partition seen = *p;
        if (!of_topic(k, p->topic) || !is_active_partition(k, p->id) || !p->has_latest) {
            continue;
        }
        if (p->commit_error || (!p->has_committed && !k->apache)) {
            error = arena_printf(a, "error finding offset block for topic %s and partition %d",
                                 p->topic, (int)p->id);
            break;
        }
        seen.committed = p->has_committed ? p->committed : 0;
        const struct lag lag = partition_lag(k, &seen, memory);
        total.lag += lag.lag;
        total.with_persistent += lag.with_persistent;
        with_lag += lag.lag > 0;
        known++;
    }
    if (error != NULL) {
        return (struct scaler_answer){.error = error};
    }
    struct scaler_answer out = scaler_answer_of(a, (double)cap(k, total.lag, known, with_lag), 0);
    out.active = total.with_persistent > k->activation_lag_threshold;
    return out;
}
