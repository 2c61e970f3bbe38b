/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by decide_keda.c (the table of kinds) and decide_keda_KIND.c: a case, and the triggers
 * of cases (cpu, memory, cron, and "oracle", whose value the case says).
 */
#ifndef MANIFEST_DECIDE_KEDA_H
#define MANIFEST_DECIDE_KEDA_H

#include "base/json.h"
#include "control/keda/cron.h"
#include "control/keda/hpa_spec.h"
#include "manifest/decide.h"
#include "scaledobject_fields.h"

struct keda_case {
    const struct node *root;
    struct observation_room *room;
    struct field_reader read; /* into room->tree */
};

/* Writes the value of the answer's field `result`. False after an error, which is reported. */
typedef bool keda_kind_fn(struct keda_case *c, struct json_writer *w);

keda_kind_fn keda_decide_loop, keda_decide_hpa, keda_decide_job;
keda_kind_fn keda_decide_formula, keda_decide_cron, keda_decide_fallback, keda_decide_kafka;

/* {"milli": MilliValue, "s": canonical string} */
void keda_write_value(struct json_writer *w, struct arena *a, const struct quantity *q);

/* A trigger as KEDA builds its scaler. */
struct keda_trigger {
    bool cron;
    struct scaler_cron schedule;
    double threshold;
    double activation_threshold;
};

struct scaler_config keda_scaler_config(struct arena *a, const struct scale_trigger *t,
                                        size_t index, bool using_modifiers);
/*
 * All triggers of an object; metrics gets one of each. NULL, or the first error in KEDA's words.
 */
const char *keda_build_triggers(struct arena *a, const struct scale_trigger *triggers, size_t count,
                                bool using_modifiers, struct keda_trigger *out,
                                struct keda_metric *metrics);

#endif
