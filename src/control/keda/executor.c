/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scale executor: whether the target leaves zero (or idle), goes back there, or is raised
 * to minReplicaCount. Everything between minReplicaCount and maxReplicaCount is the HPA's.
 * Upstream: KEDA v2.21.0, pkg/scaling/executor/scale_scaledobjects.go.
 *
 * The traps: the cooldown compares a whole second with nanoseconds by a strict <, so a loop
 * whose ticks fall on whole seconds goes to zero one poll later; an active object with an error
 * does not refresh lastActiveTime; with fallback.replicas 0 an error does not keep the target
 * from going to zero; the raise to minReplicaCount knows nothing of paused-scale-out.
 */
#include "control/keda/executor.h"

#include "base/str.h"

#define DEFAULT_COOLDOWN 300

static const char not_active[] = "Scaling is not performed because triggers are not active";

const char *keda_condition_name(enum keda_condition_type type)
{
    static const char *const names[] = {"Ready", "Active", "Fallback", "Paused", "HPAActive"};
    return names[type];
}

bool keda_condition_equal(const struct keda_condition *x, const struct keda_condition *y)
{
    return str_equal(x->status, y->status) && str_equal(x->reason, y->reason) &&
           str_equal(x->message, y->message);
}

static void set(struct executor_decision *d, enum keda_condition_type type, const char *status,
                const char *reason, const char *message)
{
    d->conditions[type] =
        (struct keda_condition){.status = status, .reason = reason, .message = message};
}

/* updateScaleOnScaleTarget; what it was about opens the error's text. */
static bool write_scale(struct executor_decision *d, struct arena *a,
                        const struct executor_view *view, int32_t to, const char *about)
{
    d->to = to;
    d->scaled = view->update_error == NULL;
    if (!d->scaled) {
        d->error = arena_printf(a, "%s: %s", about, view->update_error);
        set(d, KEDA_READY, "False", "ErrorScalingTarget", d->error);
    }
    return d->scaled;
}

static void leave_zero(const struct scaled_object *so, struct arena *a,
                       const struct executor_view *view, struct executor_decision *d)
{
    if (scaled_object_flag(so, KEDA_PAUSED_SCALE_OUT)) {
        return;
    }
    d->action = EXECUTOR_ACTIVATE;
    d->touched =
        write_scale(d, a, view, scaled_object_hpa_min_replicas(so), "error activating ScaleTarget");
}

static void on_active(const struct scaled_object *so, struct arena *a,
                      const struct executor_view *view, struct executor_decision *d)
{
    const bool forced = scaled_object_flag(so, KEDA_FORCE_ACTIVATION);
    set(d, KEDA_ACTIVE, "True", "ScalerActive",
        forced ? "Scaling is performed because activation is being forced by annotation"
               : "Scaling is performed because triggers are active");
    const bool below_min = view->replicas < scaled_object_min_replicas(so);
    if ((so->idle_replica_count.set && below_min) || view->replicas == 0) {
        leave_zero(so, a, view, d);
    } else if (view->error) {
        set(d, KEDA_READY, "Unknown", "PartialTriggerError",
            "Some triggers defined in ScaledObject are not working correctly");
    } else {
        d->touched = true;
    }
}

static simtime seconds(const struct optional_int32 *field, int32_t otherwise)
{
    return (field->set ? field->value : otherwise) * SIMTIME_SECOND;
}

static void go_to_zero(const struct scaled_object *so, struct arena *a,
                       const struct executor_view *view, struct executor_decision *d)
{
    if (scaled_object_flag(so, KEDA_PAUSED_SCALE_IN)) {
        return;
    }
    d->due = view->was_active ? view->last_active + seconds(&so->cooldown_period, DEFAULT_COOLDOWN)
                              : view->created + seconds(&so->initial_cooldown_period, 0);
    if (d->due >= view->now) {
        d->action = EXECUTOR_COOLDOWN;
        set(d, KEDA_ACTIVE, "False", "ScalerCooldown",
            "Scaler cooling down because triggers are not active");
        return;
    }
    const int32_t to =
        so->idle_replica_count.set ? so->idle_replica_count.value : scaled_object_min_replicas(so);
    d->action = EXECUTOR_DEACTIVATE;
    write_scale(d, a, view, to, "error deactivating ScaleTarget");
}

static void on_inactive(const struct scaled_object *so, struct arena *a,
                        const struct executor_view *view, struct executor_decision *d)
{
    const struct optional_int32 *idle = &so->idle_replica_count;
    const int32_t min = scaled_object_min_replicas(so);
    set(d, KEDA_ACTIVE, "False", "ScalerNotActive", not_active);
    if (view->error && so->fallback.enabled && so->fallback.replicas != 0) {
        return; /* at zero, the HPA could not go to fallback.replicas later */
    }
    if (view->error && !so->fallback.enabled) {
        set(d, KEDA_READY, "False", "TriggerError",
            "Triggers defined in ScaledObject are not working correctly");
    } else if ((idle->set && view->replicas > idle->value) || (view->replicas > 0 && min == 0)) {
        go_to_zero(so, a, view, d);
    } else if (!idle->set && view->replicas < min) {
        d->action = EXECUTOR_RAISE;
        write_scale(d, a, view, min,
                    "error setting ScaleTarget replicas count to ScaledObject minReplicaCount");
    }
}

/* checkHPAHealth */
static void mirror_hpa(struct arena *a, const struct hpa_health *hpa, struct executor_decision *d)
{
    if (hpa->status == NULL) {
        return;
    }
    if (str_equal(hpa->status, "True")) {
        set(d, KEDA_HPA_ACTIVE, "True", "HPAActive", "HPA is actively scaling");
    } else if (str_equal(hpa->reason, "ScalingDisabled")) {
        set(d, KEDA_HPA_ACTIVE, "True", "ScalingDisabled", hpa->message);
    } else {
        const bool silent = hpa->reason == NULL || *hpa->reason == '\0';
        set(d, KEDA_HPA_ACTIVE, "False", silent ? "HPAMetricsUnavailable" : hpa->reason,
            arena_printf(a, "HPA is not actively scaling: %s",
                         hpa->message != NULL ? hpa->message : ""));
    }
}

struct executor_decision executor_request_scale(const struct scaled_object *so, struct arena *a,
                                                const struct executor_view *view)
{
    struct executor_decision d = {.to = view->replicas};
    set(&d, KEDA_READY, "True", "ScaledObjectReady",
        "ScaledObject is defined correctly and is ready for scaling");
    if (view->replicas_error != NULL) {
        d.error = arena_printf(a, "error getting current replicas count for ScaleTarget: %s",
                               view->replicas_error);
        set(&d, KEDA_READY, "False", "ErrorGettingCurrentReplicas",
            arena_printf(a, "Error getting current replicas count for ScaleTarget: %s",
                         view->replicas_error));
        return d;
    }
    if (scaled_object_paused(so)) {
        set(&d, KEDA_PAUSED_CONDITION, "True", "ScaledObjectPaused", "ScaledObject is paused");
        return d;
    }
    if (view->active || scaled_object_flag(so, KEDA_FORCE_ACTIVATION)) {
        on_active(so, a, view, &d);
    } else {
        on_inactive(so, a, view, &d);
    }
    mirror_hpa(a, &view->hpa, &d);
    return d;
}
