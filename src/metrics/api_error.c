/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the HPA's events say when a metrics API does not answer, or does not know the
 * metric. apimachinery v0.36.3 pkg/api/errors (NewGenericServerResponse: verb,
 * resource and name follow the sentence), custom-metrics-apiserver v1.30
 * pkg/provider/errors.go, prometheus-adapter v0.12 (selectGroupResource).
 *
 * Trap: an object is named by its resource with its API group ("deployments.apps"), and
 * the external API of the adapter says "namespaces" only in the namespace default.
 */
#include "api_error.h"

#include "base/str.h"

#include <string.h>

static const char down[] = "the server is currently unable to handle the request";

/* Groups of the kinds that HPAs name; others are taken to be of the core group. */
static const struct {
    const char *kind;
    const char *group;
} groups[] = {{"Deployment", ".apps"},
              {"StatefulSet", ".apps"},
              {"ReplicaSet", ".apps"},
              {"DaemonSet", ".apps"},
              {"Job", ".batch"},
              {"CronJob", ".batch"},
              {"Ingress", ".networking.k8s.io"},
              {"HorizontalPodAutoscaler", ".autoscaling"}};

/* meta.UnsafeGuessKindToResource. */
static const char *resource_of(struct arena *a, const char *kind)
{
    char *lower = arena_strdup(a, kind ? kind : "");
    size_t len = strlen(lower);
    const char *group = "";
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (str_equal(kind, groups[i].kind))
            group = groups[i].group;
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    if (str_ends(lower, "s"))
        return arena_printf(a, "%ses%s", lower, group);
    if (str_ends(lower, "y"))
        return arena_printf(a, "%.*sies%s", (int)len - 1, lower, group);
    return arena_printf(a, "%ss%s", lower, group);
}

static const char *unavailable(struct arena *a, const struct metric_query *query)
{
    switch (query->type) {
    case METRIC_QUERY_PODS:
        return arena_printf(a, "%s (get pods.custom.metrics.k8s.io *)", down);
    case METRIC_QUERY_OBJECT:
        return arena_printf(a, "%s (get %s.custom.metrics.k8s.io %s)", down,
                            resource_of(a, query->object_kind), query->object_name);
    case METRIC_QUERY_EXTERNAL:
        return arena_printf(a, "%s (get %s.external.metrics.k8s.io)", down, query->name);
    default:
        return arena_printf(a, "%s (get pods.metrics.k8s.io)", down);
    }
}

static const char *not_found(struct arena *a, const struct metric_query *query,
                             enum api_failure failure)
{
    bool in_default = !query->namespace_name || str_equal(query->namespace_name, "default");
    switch (query->type) {
    case METRIC_QUERY_OBJECT:
        return arena_printf(a, "the server could not find the metric %s for %s%s%s", query->name,
                            resource_of(a, query->object_kind), failure == API_NO_SERIES ? " " : "",
                            failure == API_NO_SERIES ? query->object_name : "");
    case METRIC_QUERY_EXTERNAL:
        return arena_printf(a, "the server could not find the metric %s for %s", query->name,
                            in_default ? "namespaces" : "");
    default:
        return arena_printf(a, "the server could not find the metric %s for pods", query->name);
    }
}

const char *api_error_text(struct arena *a, const struct metric_query *query,
                           enum api_failure failure)
{
    return failure == API_UNAVAILABLE ? unavailable(a, query) : not_found(a, query, failure);
}
