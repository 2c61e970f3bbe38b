/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics APIs' error texts, as the HPA's client sees them: apimachinery
 * v0.36.3 (NewGenericServerResponse) and custom-metrics-apiserver v1.30
 * (pkg/provider/errors.go).
 */
#ifndef METRICS_API_ERROR_H
#define METRICS_API_ERROR_H

#include "base/arena.h"
#include "metrics/named.h"

enum api_failure {
    API_UNAVAILABLE, /* 503 */
    API_UNKNOWN,     /* no metric of this name */
    API_NO_SERIES    /* the metric is known, but not for the object asked about */
};

const char *api_error_text(struct arena *a, const struct metric_query *query,
                           enum api_failure failure);

#endif
