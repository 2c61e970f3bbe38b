/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a query finds to value and activity: the GetMetricsAndActivity of the triggers in
 * scaler_trigger.h (KEDA v2.21.0, pkg/scalers/<type>_scaler.go).
 *
 * The traps: rabbitmq's ratio and waiting time are the activation value when nothing is
 * delivered, which is active all the same; averages over service bus entities divide integers;
 * prometheus without a result is 0, or an error when nulls count; more than one series is an error.
 */
#include "control/keda/scaler_trigger.h"

#include "base/str.h"

#include <math.h>

static struct scaler_answer failure(const char *error)
{
    return (struct scaler_answer){.error = error};
}

static struct scaler_answer prometheus(struct arena *a, const struct scaler_trigger *t,
                                       const struct scaler_observation *seen)
{
    double value = seen->value;
    if (seen->empty) {
        if (!t->ignore_null_values) {
            return failure(
                "prometheus metrics 'prometheus' target may be lost, the result is empty");
        }
        value = 0;
    } else if (seen->series > 1) {
        return failure(arena_printf(a, "prometheus query %s returned multiple elements", t->query));
    } else if (isnan(value) || isinf(value)) {
        if (!t->ignore_null_values) {
            return failure(arena_printf(a, "promtheus query returns %s",
                                        isnan(value) ? "NaN"
                                        : value < 0  ? "-Inf"
                                                     : "+Inf"));
        }
        value = 0;
    }
    return scaler_answer_of(a, value, t->activation);
}

static struct scaler_answer rabbitmq(struct arena *a, const struct scaler_trigger *t,
                                     const struct scaler_observation *seen)
{
    const bool all = str_equal(t->protocol, "http") && !t->exclude_unacknowledged;
    const int64_t messages = seen->ready + (all ? seen->unacknowledged : 0);
    const double m = (double)messages;
    const double p = seen->publish_rate;
    const double d = seen->deliver_rate;
    struct scaler_answer out;
    if (str_equal(t->mode, "MessageRate")) {
        out = scaler_answer_of(a, p, t->activation);
        out.active = out.active || m > t->activation;
        return out;
    }
    if (str_equal(t->mode, "DeliverGetRate")) {
        return scaler_answer_of(a, d, t->activation);
    }
    if (str_equal(t->mode, "PublishedToDeliveredRatio")) {
        const double ratio = p > 0 && d == 0 ? t->activation : p > 0 && d > 0 ? p / d : 0;
        out = scaler_answer_of(a, ratio, t->activation);
        out.active = out.active || (p > 0 && d == 0);
        return out;
    }
    if (str_equal(t->mode, "ExpectedQueueConsumptionTime")) {
        const double eta = messages == 0 ? 0 : d == 0 ? t->activation : (p - d) / d + m / d;
        out = scaler_answer_of(a, eta, t->activation);
        out.active = out.active || (d == 0 && messages > 0);
        return out;
    }
    return scaler_answer_of(a, m, t->activation);
}

static int64_t aggregate(const struct scaler_trigger *t, const struct scaler_observation *seen)
{
    int64_t sum = 0;
    int64_t max = 0;
    if (!t->use_regex) {
        return seen->ready;
    }
    for (size_t i = 0; i < seen->count; i++) {
        sum += seen->counts[i];
        max = i == 0 || seen->counts[i] > max ? seen->counts[i] : max;
    }
    if (str_equal(t->operation, "max")) {
        return max;
    }
    return str_equal(t->operation, "avg") && seen->count > 0 ? sum / (int64_t)seen->count : sum;
}

struct scaler_answer scaler_trigger_query(struct arena *a, const struct scaler_trigger *t,
                                          const struct scaler_observation *seen)
{
    int64_t n;
    if (seen->error != NULL) {
        return failure(seen->error);
    }
    switch (t->kind) {
    case SCALER_PROMETHEUS:
        return prometheus(a, t, seen);
    case SCALER_RABBITMQ:
        return rabbitmq(a, t, seen);
    case SCALER_AWS_SQS_QUEUE:
        n = seen->ready + (t->scale_on_in_flight ? seen->in_flight : 0) +
            (t->scale_on_delayed ? seen->delayed : 0);
        return scaler_answer_of(a, (double)n, t->activation);
    case SCALER_AZURE_SERVICEBUS:
        return scaler_answer_of(a, (double)aggregate(t, seen), t->activation);
    case SCALER_KUBERNETES_WORKLOAD:
        n = t->group_by_node ? seen->nodes : seen->pods;
        return scaler_answer_of(a, (double)n, t->activation);
    case SCALER_POSTGRESQL:
    case SCALER_MYSQL:
        return seen->empty ? failure("the query returned no value")
                           : scaler_answer_of(a, seen->value, t->activation);
    default:
        return scaler_answer_of(a, seen->value, t->activation);
    }
}
