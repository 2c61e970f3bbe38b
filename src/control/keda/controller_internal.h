/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by controller.c (reconciliation), controller_loop.c (ticks), controller_metrics.c
 * (what the HPA asks) and controller_observe.c (one observation, and the copies of the status).
 */
#ifndef CONTROL_KEDA_CONTROLLER_INTERNAL_H
#define CONTROL_KEDA_CONTROLLER_INTERNAL_H

#include "control/keda/controller.h"

/* Deep: health and activity are copied into to's own arrays. */
void keda_status_copy(const struct keda_controller *c, struct keda_status *to,
                      const struct keda_status *from);
void keda_status_init(const struct keda_controller *c, struct keda_status *s);

/*
 * The scalers cache, built when there is none: with the loop's object, or with a copy of from.
 * False when it cannot be built.
 */
bool keda_cache_for_loop(struct keda_controller *c);
bool keda_cache_with_copy(struct keda_controller *c, const struct keda_status *from);
struct keda_status *keda_cache_status(struct keda_controller *c); /* of the cache there is */
void keda_cache_clear(struct keda_controller *c);

bool keda_is_external(const struct keda_controller *c, size_t trigger);
/* observeMetric; own is the object whose health counts, cached (or NULL) stands for the query. */
struct metric_record keda_observe(struct keda_controller *c, size_t trigger,
                                  struct keda_status *own, const struct metric_record *cached,
                                  simtime now);

/* What a tick or a query gathered of all triggers. */
struct keda_gathering {
    struct metric_record *seen; /* by trigger; stored: it was observed */
    bool error;
    bool fallback_active;
};

/* HandleScalingModifiers: one composite metric in place of all. */
struct keda_metric_answer keda_composite(struct keda_controller *c, const struct keda_gathering *g,
                                         const struct keda_status *own);

#endif
