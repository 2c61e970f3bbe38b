/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estimators' chain of VPA 1.8.1 (recommender/logic/estimator.go). The target is a high
 * percentile plus a margin; the bounds start far apart and close in on theirs as the history
 * grows: after n days the upper one is off by 1 + 1/n, the lower by (1 + 0.001/n)^-2.
 *
 * The trap: each step cuts to a whole amount before the next one, so the steps cannot be
 * multiplied into one. Memory's confidence counts CPU samples.
 */
#include "control/vpa/estimator.h"

#include "control/vpa/gomath.h"

/* time.Duration.Minutes */
static double minutes(simtime t)
{
    return (double)(t / SIMTIME_MINUTE) + (double)(t % SIMTIME_MINUTE) / (60 * 1e9);
}

double estimator_confidence(const struct aggregate_state *s, simtime interval)
{
    const simtime lifespan = s->first_sample == VPA_NO_TIME ? 0 : s->last_sample - s->first_sample;
    const double by_time = (double)lifespan / (double)interval;
    const double by_samples = (double)s->samples / minutes(interval);
    return by_time < by_samples ? by_time : by_samples;
}

static int64_t percentile(const struct aggregate_state *s, enum vpa_resource resource, double p)
{
    if (resource == VPA_CPU) {
        return vpa_amount(vpa_histogram_percentile(&s->cpu, p) * 1000.0);
    }
    return vpa_amount(vpa_histogram_percentile(&s->memory, p));
}

int64_t estimator_amount(const struct aggregate_state *s, enum vpa_resource resource,
                         enum vpa_bound bound, const struct estimator_config *config, double margin)
{
    const int64_t used = percentile(s, resource, config->percentile[bound]);
    const int64_t base = used + vpa_amount_scale(used, margin);
    if (bound == VPA_TARGET) {
        return base;
    }
    const double confidence = estimator_confidence(s, config->confidence_interval);
    const double factor = bound == VPA_UPPER ? gomath_pow(1. + 1.0 / confidence, 1)
                                             : gomath_pow(1. + 0.001 / confidence, -2);
    return vpa_amount_scale(base, factor);
}
