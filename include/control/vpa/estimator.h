/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the histograms of a container to its target and bounds (recommender/logic: estimator.go):
 * percentile, margin, confidence, minimum, in that order.
 */
#ifndef CONTROL_VPA_ESTIMATOR_H
#define CONTROL_VPA_ESTIMATOR_H

#include "control/vpa/aggregate.h"
#include "control/vpa/resources.h"

enum vpa_bound { VPA_TARGET, VPA_LOWER, VPA_UPPER, VPA_BOUND_COUNT };

/* The recommender's flags of one resource. */
struct estimator_config {
    double percentile[VPA_BOUND_COUNT]; /* 0.9, 0.5, 0.95 */
    simtime confidence_interval;        /* confidence-interval-*: 24 h; > 0 */
};

/* Days (intervals) of history, by time or by samples, whichever is less. */
double estimator_confidence(const struct aggregate_state *s, simtime interval);
/* Before the minimum: may be INT64_MIN, see vpa_amount. margin: 0.15 is 15 %. */
int64_t estimator_amount(const struct aggregate_state *s, enum vpa_resource resource,
                         enum vpa_bound bound, const struct estimator_config *config,
                         double margin);

#endif
