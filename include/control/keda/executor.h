/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scale executor (KEDA v2.21.0, pkg/scaling/executor/scale_scaledobjects.go, RequestScale):
 * from "the triggers are active, or failed" to a write of the scale subresource and the
 * conditions that say why. Pure: times are virtual nanoseconds, those that went through the API
 * (last active, creation) whole seconds of it.
 */
#ifndef CONTROL_KEDA_EXECUTOR_H
#define CONTROL_KEDA_EXECUTOR_H

#include "control/keda/scaledobject.h"

enum keda_condition_type {
    KEDA_READY,
    KEDA_ACTIVE,
    KEDA_FALLBACK,
    KEDA_PAUSED_CONDITION,
    KEDA_HPA_ACTIVE,
    KEDA_CONDITION_COUNT
};

/* Strings are constants or live in the decision's arena; status NULL: no such condition. */
struct keda_condition {
    const char *status;
    const char *reason;
    const char *message;
};

const char *keda_condition_name(enum keda_condition_type type);
bool keda_condition_equal(const struct keda_condition *x, const struct keda_condition *y);

/* The HPA's own ScalingActive condition. Zero: it has none, or there is no HPA. */
struct hpa_health {
    const char *status; /* "True", "False", "Unknown"; NULL: not observed */
    const char *reason;
    const char *message;
};

struct executor_view {
    simtime now;
    bool active;
    bool error;
    const char *replicas_error; /* the target's replicas cannot be read: why */
    int32_t replicas;           /* of the target, now */
    const char *update_error;   /* the scale cannot be written: why; NULL: it can */
    bool was_active;            /* status.lastActiveTime is set */
    simtime last_active;
    simtime created;
    struct hpa_health hpa;
};

enum executor_action {
    EXECUTOR_NOTHING,
    EXECUTOR_ACTIVATE,   /* from zero, or from idle */
    EXECUTOR_DEACTIVATE, /* to zero, or to idle */
    EXECUTOR_RAISE,      /* to minReplicaCount, inactive as it is */
    EXECUTOR_COOLDOWN    /* would go to zero or idle, but not yet */
};

struct executor_decision {
    enum executor_action action;
    bool scaled; /* the scale was written; false as well when that failed */
    int32_t to;
    bool touched; /* status.lastActiveTime becomes now */
    simtime due;  /* COOLDOWN: the instant after which it goes */
    struct keda_condition conditions[KEDA_CONDITION_COUNT]; /* those to merge into the status */
    const char *error;
};

struct executor_decision executor_request_scale(const struct scaled_object *so, struct arena *a,
                                                const struct executor_view *view);

#endif
