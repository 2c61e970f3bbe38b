/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the HPA gets when it asks for one of its external metrics. Upstream: KEDA v2.21.0,
 * pkg/scaling/scale_handler.go (GetScaledObjectMetrics, getTrueMetricArray).
 *
 * The traps: a cached record (useCachedMetrics) is processed again, so an error in it counts as
 * a failure at every query, and a record made by fallback has no error any more and resets the
 * count. A formula that cannot be run leaves an empty list, which is no error.
 */
#include "controller_internal.h"

#include <string.h>
#include <strings.h>

size_t keda_controller_metric_count(const struct keda_controller *c)
{
    size_t count = 0;
    if (!c->hpa_exists) {
        return 0;
    }
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        count += keda_is_external(c, i) ? 1 : 0;
    }
    return scaled_object_uses_modifiers(c->object) && *c->object->modifiers.target != '\0' ? 1
                                                                                           : count;
}

const char *keda_controller_metric_name(const struct keda_controller *c, size_t i)
{
    if (scaled_object_uses_modifiers(c->object) && *c->object->modifiers.target != '\0') {
        return KEDA_COMPOSITE_METRIC;
    }
    for (size_t k = 0; k < c->object->trigger_count; k++) {
        if (keda_is_external(c, k) && i-- == 0) {
            return c->metrics[k].name;
        }
    }
    return NULL;
}

static bool is_wanted(const struct keda_controller *c, size_t trigger, const char *name)
{
    return keda_is_external(c, trigger) && (*c->object->modifiers.target != '\0' ||
                                            strcasecmp(c->metrics[trigger].name, name) == 0);
}

static size_t gather(struct keda_controller *c, const char *name, struct keda_status *own,
                     struct keda_gathering *g, simtime now)
{
    size_t metrics = 0;
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        if (!is_wanted(c, i, name)) {
            continue;
        }
        const bool cached = c->object->triggers[i].use_cached_metrics && c->records[i].stored;
        struct metric_record *r = &g->seen[i];
        *r = keda_observe(c, i, own, cached ? &c->records[i] : NULL, now);
        g->error = g->error || r->failed;
        g->fallback_active = g->fallback_active || r->fallback_active;
        metrics += r->has_metric ? 1 : 0;
        if (scaled_object_uses_observations(c->object)) {
            c->records[i] = *r;
        }
    }
    return metrics;
}

struct keda_metric_answer keda_controller_metrics(struct keda_controller *c, const char *name,
                                                  simtime now)
{
    struct keda_gathering g = {.seen = c->seen};
    for (size_t i = 0; i < c->object->trigger_count; i++) {
        c->seen[i] = (struct metric_record){0};
    }
    if (!keda_cache_with_copy(c, &c->api)) {
        const char *why = c->metrics_error != NULL ? c->metrics_error : c->formula_error;
        return (struct keda_metric_answer){
            .error = arena_printf(c->arena, "error getting scalers %s", why)};
    }
    struct keda_status *own = keda_cache_status(c);
    const size_t metrics = gather(c, name, own, &g, now);
    if (g.error) {
        keda_cache_clear(c);
    }
    if (g.error && !g.fallback_active) {
        return (struct keda_metric_answer){
            .error = arena_printf(c->arena, "metric:%s encountered error", name)};
    }
    if (metrics == 0) {
        return (struct keda_metric_answer){
            .error = arena_printf(c->arena, "no matching metrics found for %s", name)};
    }
    return keda_composite(c, &g, own);
}
