/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ScaledObjects and ScaledJobs as a user writes them. Upstream: KEDA v2.21.0,
 * apis/keda/v1alpha1/scaledobject_types.go, scaledjob_types.go.
 *
 * The trap: an absent fallback.behavior stays unset here. The API server's default is "static",
 * and KEDA treats the two alike but for one thing (control/keda/fallback.h).
 */
#include "manifest/scaledobject_object.h"

#include "scaledobject_fields.h"

#include "control/keda/scaler.h"

#include <string.h>

static void read_fallback(struct field_reader *r, const struct node *spec,
                          struct fallback_spec *out)
{
    const struct node *n = field_member(r, spec, "fallback", NODE_MAP);
    const char *behavior = field_string(r, n, "behavior");
    out->enabled = n != NULL;
    out->failure_threshold = field_int32(r, n, "failureThreshold").value;
    out->replicas = field_int32(r, n, "replicas").value;
    if (!fallback_behavior_parse(behavior, &out->behavior)) {
        field_error(r, node_get(n, "behavior")->mark, "field behavior: no such behavior: \"%s\"",
                    behavior);
    }
}

static void read_advanced(struct field_reader *r, const struct node *spec,
                          struct scaled_object *out)
{
    const struct node *advanced = field_member(r, spec, "advanced", NODE_MAP);
    const struct node *hpa = field_member(r, advanced, "horizontalPodAutoscalerConfig", NODE_MAP);
    const struct node *m = field_member(r, advanced, "scalingModifiers", NODE_MAP);
    out->restore_to_original_replica_count =
        field_bool(r, advanced, "restoreToOriginalReplicaCount");
    out->hpa_name = field_string(r, hpa, "name");
    out->behavior = field_member(r, hpa, "behavior", NODE_MAP);
    out->modifiers = (struct scaling_modifiers){
        .formula = field_string(r, m, "formula"),
        .target = field_string(r, m, "target"),
        .activation_target = field_string(r, m, "activationTarget"),
        .metric_type = field_string(r, m, "metricType"),
    };
}

static void read_spec(struct field_reader *r, const struct node *spec, struct scaled_object *out)
{
    const struct node *target = field_member(r, spec, "scaleTargetRef", NODE_MAP);
    out->target_api_version = field_string(r, target, "apiVersion");
    out->target_kind = field_string(r, target, "kind");
    out->target_name = field_string(r, target, "name");
    out->polling_interval = field_int32(r, spec, "pollingInterval");
    out->initial_cooldown_period = field_int32(r, spec, "initialCooldownPeriod");
    out->cooldown_period = field_int32(r, spec, "cooldownPeriod");
    out->idle_replica_count = field_int32(r, spec, "idleReplicaCount");
    out->min_replica_count = field_int32(r, spec, "minReplicaCount");
    out->max_replica_count = field_int32(r, spec, "maxReplicaCount");
    if (out->polling_interval.set && out->polling_interval.value < 1) {
        field_error(r, node_get(spec, "pollingInterval")->mark,
                    "field pollingInterval must be at least 1 second");
    }
    read_fallback(r, spec, &out->fallback);
    read_advanced(r, spec, out);
    out->triggers = field_triggers(r, spec, &out->trigger_count);
}

bool scaled_object_read(struct arena *a, const struct node *root, struct scaled_object *out,
                        struct diag *d)
{
    struct field_reader r = {.arena = a, .diag = d};
    *out = (struct scaled_object){.mark = root->mark};
    const struct node *metadata = field_member(&r, root, "metadata", NODE_MAP);
    const struct node *spec = field_member(&r, root, "spec", NODE_MAP);
    if (spec == NULL) {
        field_error(&r, root->mark, "a ScaledObject needs a spec");
    }
    out->name = field_string(&r, metadata, "name");
    out->namespace_name = field_string(&r, metadata, "namespace");
    out->labels = field_strings(&r, metadata, "labels", &out->label_count);
    out->annotations = field_strings(&r, metadata, "annotations", &out->annotation_count);
    read_spec(&r, spec, out);
    out->fallback.using_modifiers = scaled_object_uses_modifiers(out);
    out->fallback.modifiers_target = out->modifiers.target;
    out->fallback.modifiers_value = strcmp(out->modifiers.metric_type, "Value") == 0;
    return !r.bad;
}

static void read_strategy(struct field_reader *r, const struct node *spec, struct scaled_job *out)
{
    const struct node *n = field_member(r, spec, "scalingStrategy", NODE_MAP);
    const struct node *conditions = field_member(r, n, "pendingPodConditions", NODE_LIST);
    const char *percentage = field_string(r, n, "customScalingRunningJobPercentage");
    const char **texts =
        arena_array(r->arena, const char *, conditions != NULL ? conditions->count : 0);
    out->strategy = job_strategy_of(field_string(r, n, "strategy"));
    out->calculation = job_calculation_of(field_string(r, n, "multipleScalersCalculation"));
    out->queue_length_deduction = field_int32(r, n, "customScalingQueueLengthDeduction");
    out->has_running_percentage =
        scaler_parse_float(r->arena, percentage, &out->running_percentage) == NULL;
    out->pending_conditions = texts;
    for (const struct node *c = conditions != NULL ? conditions->first : NULL; c != NULL;
         c = c->next) {
        const char *text = node_string(c);
        if (text == NULL) {
            field_error(r, c->mark, "field pendingPodConditions lists strings");
        }
        texts[out->pending_condition_count++] = text != NULL ? text : "";
    }
}

bool scaled_job_read(struct arena *a, const struct node *root, struct scaled_job_object *out,
                     struct diag *d)
{
    struct field_reader r = {.arena = a, .diag = d};
    const struct node *metadata = field_member(&r, root, "metadata", NODE_MAP);
    const struct node *spec = field_member(&r, root, "spec", NODE_MAP);
    *out = (struct scaled_job_object){.name = field_string(&r, metadata, "name")};
    if (spec == NULL) {
        field_error(&r, root->mark, "a ScaledJob needs a spec");
    }
    out->job.polling_interval = field_int32(&r, spec, "pollingInterval");
    out->job.min_replica_count = field_int32(&r, spec, "minReplicaCount");
    out->job.max_replica_count = field_int32(&r, spec, "maxReplicaCount");
    out->job.successful_history_limit = field_int32(&r, spec, "successfulJobsHistoryLimit");
    out->job.failed_history_limit = field_int32(&r, spec, "failedJobsHistoryLimit");
    read_strategy(&r, spec, &out->job);
    out->triggers = field_triggers(&r, spec, &out->trigger_count);
    return !r.bad;
}
