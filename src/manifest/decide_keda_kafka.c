/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide keda`, kind kafka: a trigger's metadata and what a query finds at each step; the answer
 * is value (thousandths), activity and whether the query failed.
 *
 * The trap: after an error KEDA rebuilds the scaler, which forgets the offsets it remembered, and
 * asks once more; an error again drops the scaler for the next query, too.
 */
#include "control/keda/scaler_kafka.h"

#include "decide_keda_values.h"

static bool read_partition(const struct node *n, struct kafka_partition *p, struct diag *d)
{
    *p = (struct kafka_partition){.topic = ""};
    p->has_committed = node_get(n, "committed") != NULL;
    p->has_latest = node_get(n, "latest") != NULL;
    p->has_earliest = node_get(n, "earliest") != NULL;
    const struct node *error = node_get(n, "commitErr");
    p->commit_error = error != NULL && error->kind != NODE_NULL &&
                      !(error->kind == NODE_BOOL && error->text[0] == 'f');
    return keda_field_text(n, "topic", &p->topic, d) && keda_field_int32(n, "id", &p->id, d) &&
           keda_field_int64(n, "committed", &p->committed, d) &&
           keda_field_int64(n, "latest", &p->latest, d) &&
           keda_field_int64(n, "earliest", &p->earliest, d);
}

static struct kafka_partition *read_step(struct arena *a, const struct node *step, struct diag *d)
{
    if (step->kind != NODE_LIST) {
        diag_error(d, step->mark, "a step is a list of partitions, not %s",
                   node_kind_name(step->kind));
        return NULL;
    }
    struct kafka_partition *out = arena_array(a, struct kafka_partition, step->count);
    size_t i = 0;
    for (const struct node *n = step->first; n != NULL; n = n->next) {
        if (n->kind != NODE_MAP || !read_partition(n, &out[i++], d)) {
            if (n->kind != NODE_MAP) {
                diag_error(d, n->mark, "a partition is a map, not %s", node_kind_name(n->kind));
            }
            return NULL;
        }
    }
    return out;
}

static void write_answer(struct json_writer *w, const struct scaler_answer *answer)
{
    json_map(w);
    json_key(w, "value");
    json_int(w, answer->error != NULL ? 0 : quantity_milli_value(&answer->value));
    json_key(w, "active");
    json_bool(w, answer->active);
    if (answer->error != NULL) {
        json_key(w, "err");
        json_string(w, answer->error);
    }
    json_map_end(w);
}

static bool decide_steps(struct arena *a, const struct scaler_kafka *kafka,
                         const struct node *steps, struct json_writer *w, struct diag *d)
{
    struct kafka_memory memory = {.arena = a};
    for (const struct node *n = steps != NULL ? steps->first : NULL; n != NULL; n = n->next) {
        const struct kafka_partition *partitions = read_step(a, n, d);
        if (partitions == NULL) {
            return false;
        }
        struct scaler_answer answer = scaler_kafka_query(a, kafka, partitions, n->count, &memory);
        if (answer.error != NULL) {
            memory = (struct kafka_memory){.arena = a};
            answer = scaler_kafka_query(a, kafka, partitions, n->count, &memory);
        }
        if (answer.error != NULL) {
            memory = (struct kafka_memory){.arena = a};
        }
        write_answer(w, &answer);
    }
    return true;
}

/* The cases leave out what every trigger has. */
static struct scaler_params with_servers(struct arena *a, struct scaler_params given)
{
    struct scaler_param *items = arena_array(a, struct scaler_param, given.count + 1);
    for (size_t i = 0; i < given.count; i++) {
        items[i] = given.items[i];
    }
    items[given.count] = (struct scaler_param){.key = "bootstrapServers", .value = "broker:9092"};
    return (struct scaler_params){.items = items, .count = given.count + 1};
}

bool decide_keda_kafka(struct arena *a, const struct node *root, struct json_writer *w,
                       struct diag *d)
{
    struct scaler_config config = {0};
    struct scaler_kafka kafka;
    const char *error;
    bool bad = false;
    const struct node *steps = keda_list(root, "steps", &bad, d);
    if (!keda_params(a, root, "metadata", &config.metadata, d) ||
        !keda_field_text(root, "metricType", &config.metric_type, d) || bad) {
        return false;
    }
    config.metadata = with_servers(a, config.metadata);
    json_map(w);
    if (!scaler_kafka_parse(a, &config, &kafka, &error)) {
        json_key(w, "err");
        json_string(w, error);
        json_map_end(w);
        return true;
    }
    json_key(w, "metricName");
    json_string(w, kafka.metric.name);
    json_key(w, "target");
    keda_write_quantity(a, w, &kafka.metric.target);
    json_key(w, "steps");
    json_list(w);
    if (!decide_steps(a, &kafka, steps, w, d)) {
        return false;
    }
    json_list_end(w);
    json_map_end(w);
    return true;
}
