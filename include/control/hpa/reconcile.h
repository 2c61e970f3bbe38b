/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync of the HPA controller, pure (k8s.io/kubernetes v1.36.3, pkg/controller/
 * podautoscaler/horizontal.go reconcileAutoscaler), in two steps:
 *
 *     hpa_reconcile(...);
 *     if (decision.rescale) {
 *         ... update the scale to decision.desired ...
 *         hpa_applied(..., error or NULL, when);
 *     }
 *
 * because the scale event and the conditions of a rescale depend on whether the update
 * worked and on when: upstream stamps them after the call, some 15 ms into the sync.
 */
#ifndef CONTROL_HPA_RECONCILE_H
#define CONTROL_HPA_RECONCILE_H

#include "base/arena.h"
#include "control/hpa/decision.h"
#include "control/hpa/spec.h"
#include "control/hpa/state.h"
#include "control/hpa/view.h"
#include "engine/simtime.h"

/*
 * Decides, and brings state up to date but for a rescale's outcome. now never goes back
 * between calls with one state. scratch is the caller's to reset after the decision is used.
 */
void hpa_reconcile(const struct hpa_spec *spec, const struct hpa_config *config,
                   struct hpa_state *state, const struct hpa_view *view, simtime now,
                   struct arena *scratch, struct hpa_decision *out);

/* The outcome of the update that the decision asked for. error: the API's text, or NULL. */
void hpa_applied(const struct hpa_config *config, struct hpa_state *state, struct hpa_decision *d,
                 const char *error, simtime at);

#endif
