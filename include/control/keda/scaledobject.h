/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ScaledObject as KEDA v2.21.0 reads it (apis/keda/v1alpha1: scaledobject_types.go,
 * scaletriggers_types.go, scaledobject_webhook.go): its fields, what its annotations mean, and
 * the checks that the webhook and the controller make, in their words. Read-only; strings live
 * as long as what it was decoded from and are never NULL ("" is Go's empty string).
 */
#ifndef CONTROL_KEDA_SCALEDOBJECT_H
#define CONTROL_KEDA_SCALEDOBJECT_H

#include "base/arena.h"
#include "base/node.h"
#include "control/keda/fallback.h"
#include "control/keda/formula.h"
#include "engine/simtime.h"
#include "kube/labels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A field that may be absent. */
struct optional_int32 {
    bool set;
    int32_t value;
};

struct scale_trigger {
    const char *type;
    const char *name;
    const char *metric_type; /* "", "AverageValue", "Value", "Utilization" or anything else */
    bool use_cached_metrics;
    bool has_authentication; /* an authenticationRef, whatever it holds */
    struct label *metadata;
    size_t metadata_count;
    struct mark mark;
};

struct scaling_modifiers {
    const char *formula;
    const char *target;
    const char *activation_target;
    const char *metric_type;
};

struct scaled_object {
    const char *name;
    const char *namespace_name;
    struct label *labels; /* sorted by key */
    size_t label_count;
    struct label *annotations; /* sorted by key */
    size_t annotation_count;

    const char *target_api_version; /* of scaleTargetRef; "" is apps/v1 */
    const char *target_kind;        /* "" is Deployment */
    const char *target_name;

    struct optional_int32 polling_interval; /* seconds, as the next two */
    struct optional_int32 initial_cooldown_period;
    struct optional_int32 cooldown_period;
    struct optional_int32 idle_replica_count;
    struct optional_int32 min_replica_count;
    struct optional_int32 max_replica_count;

    struct fallback_spec fallback; /* with what it reads of scalingModifiers */
    bool restore_to_original_replica_count;
    const char *hpa_name;        /* horizontalPodAutoscalerConfig.name */
    const struct node *behavior; /* horizontalPodAutoscalerConfig.behavior as given, or NULL */
    struct scaling_modifiers modifiers;

    struct scale_trigger *triggers;
    size_t trigger_count;
    struct mark mark;
};

#define KEDA_COMPOSITE_METRIC "composite-metric"
#define KEDA_OWNER_LABEL      "scaledobject.keda.sh/name"

#define KEDA_PAUSED           "autoscaling.keda.sh/paused"
#define KEDA_PAUSED_REPLICAS  "autoscaling.keda.sh/paused-replicas"
#define KEDA_PAUSED_SCALE_IN  "autoscaling.keda.sh/paused-scale-in"
#define KEDA_PAUSED_SCALE_OUT "autoscaling.keda.sh/paused-scale-out"
#define KEDA_FORCE_ACTIVATION "autoscaling.keda.sh/force-activation"
#define KEDA_EXCLUDED_LABELS  "scaledobject.keda.sh/hpa-excluded-labels"

/* The value under a key, NULL when there is none. */
const char *label_value(const struct label *labels, size_t count, const char *key);

/* getBoolAnnotation: what is not one of ParseBool's spellings of false is true. */
bool scaled_object_flag(const struct scaled_object *so, const char *annotation);
/* NeedToBePausedByAnnotation: the whole object, by paused or paused-replicas. */
bool scaled_object_paused(const struct scaled_object *so);
/*
 * GetPausedReplicaCount: unset without the annotation. False when it is no 32-bit integer;
 * *error then has strconv's words.
 */
bool scaled_object_paused_replicas(const struct scaled_object *so, struct arena *a,
                                   struct optional_int32 *out, const char **error);

bool scaled_object_uses_modifiers(const struct scaled_object *so); /* IsUsingModifiers */
/* UsesHPAObservations: the loop may take what the HPA's queries saw instead of asking. */
bool scaled_object_uses_observations(const struct scaled_object *so);
bool scale_trigger_is_resource(const struct scale_trigger *t); /* cpu or memory */

simtime scaled_object_polling_interval(const struct scaled_object *so);
int32_t scaled_object_min_replicas(const struct scaled_object *so);     /* 0 when unset */
int32_t scaled_object_hpa_min_replicas(const struct scaled_object *so); /* at least 1 */
int32_t scaled_object_hpa_max_replicas(const struct scaled_object *so);
const char *scaled_object_hpa_name(const struct scaled_object *so, struct arena *a);

/* Each: NULL when all is well, else the error's text. */
const char *scaled_object_check_bounds(const struct scaled_object *so, struct arena *a);
const char *scaled_object_check_fallback(const struct scaled_object *so, struct arena *a);
const char *triggers_check(const struct scale_trigger *triggers, size_t count, struct arena *a);
const char *scaled_object_check_name(const struct scaled_object *so, struct arena *a);
/* Of verifyCPUMemoryScalers that part which needs no pod template. */
const char *scaled_object_check_scale_to_zero(const struct scaled_object *so);

/* The names that the formula knows, in the triggers' order; places[i] is the trigger's index. */
size_t scaled_object_formula_names(const struct scaled_object *so, struct arena *a,
                                   const char ***names, size_t **places);
struct formula_spec scaled_object_formula_spec(const struct scaled_object *so);
/* ValidateAndCompileScalingModifiers; error is NULL when the struct is not in use. */
const char *scaled_object_check_modifiers(const struct scaled_object *so, struct arena *a);

/* All that the webhook checks, the first error in KEDA's own order; warnings when none. */
struct scaled_object_verdict {
    const char *error; /* NULL: accepted */
    const char *warnings[2];
    size_t warning_count;
};
struct scaled_object_verdict scaled_object_admit(const struct scaled_object *so, struct arena *a);

#endif
