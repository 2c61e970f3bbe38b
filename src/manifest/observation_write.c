/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syncs as steps of an observation log, and a log that fills while a run goes on. The way
 * back from control/hpa/view.h to the lists that the metrics APIs served: what each metric
 * of the HPA was answered must come out of these lists again.
 *
 * The traps: a pod's resource sample is the sum over its containers and is lost when one
 * container lacks the resource, so containers that no metric names are put together into one
 * that carries the rest; what was listed but unusable must stay listed; a metric without an
 * entry is an API error, whose words go beside, in metricErrors.
 */
#include "manifest/observation_write.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_string(w, text);
}

/* Seconds with every digit down to the nanosecond. */
static void write_time(struct json_writer *w, struct arena *a, const char *key, simtime t)
{
    const uint64_t size = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
    const uint64_t second = (uint64_t)SIMTIME_SECOND;
    char *text =
        arena_printf(a, "%s%" PRIu64 ".%09" PRIu64, t < 0 ? "-" : "", size / second, size % second);
    size_t len = strlen(text);
    while (text[len - 1] == '0') {
        len--;
    }
    text[text[len - 1] == '.' ? len - 1 : len] = '\0';
    json_key(w, key);
    json_raw(w, text);
}

static void write_milli(struct json_writer *w, struct arena *a, const char *key, int64_t milli)
{
    write_text(w, key, hpa_status_quantity(a, milli, false));
}

/* ---- pods ---- */

static void write_pod(struct json_writer *w, struct arena *a, const struct hpa_pod *pod,
                      const struct pod_template *usual)
{
    json_map(w);
    write_text(w, "name", pod->name);
    write_text(w, "phase",
               pod->phase <= POD_FAILED ? pod_phase_name((enum pod_phase)pod->phase) : "Unknown");
    if (pod->ready != CONDITION_ABSENT) {
        write_text(w, "ready", condition_status_name((enum condition_status)pod->ready));
        write_time(w, a, "readySince", pod->ready_since);
    }
    if (pod->start_time != SIMTIME_NEVER) {
        write_time(w, a, "start", pod->start_time);
    }
    if (pod->deleting) {
        json_key(w, "deleting");
        json_bool(w, true);
    }
    if (pod->requests != usual) {
        json_key(w, "containers");
        observation_write_containers(w, a, pod->requests);
    }
    observation_write_requests(w, a, pod->requests);
    json_map_end(w);
}

static const char *pod_name(struct arena *a, const struct hpa_view *view, uint32_t pod,
                            size_t unknown)
{
    return pod < view->pod_count ? view->pods[pod].name : arena_printf(a, "unknown-%zu", unknown);
}

/* ---- metrics.k8s.io ---- */

static bool is_resource(const struct hpa_metric_spec *m)
{
    return m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE;
}

/* The sample of one pod in one metric; of several the last counts. Pods beyond the list: unknown. */
static const struct hpa_sample *sample_of(const struct hpa_view *view, size_t metric, size_t pod)
{
    const struct hpa_metric_answer *answer = &view->answers[metric];
    const struct hpa_sample *found = NULL;
    size_t unknown = view->pod_count;
    for (size_t i = 0; i < answer->sample_count; i++) {
        const struct hpa_sample *s = &answer->samples[i];
        const size_t of = s->pod < view->pod_count ? s->pod : unknown++;
        found = of == pod ? s : found;
    }
    return found;
}

struct usage_writer {
    struct json_writer *json;
    struct arena *arena;
    const struct observation_sync *sync;
    const struct hpa_sample **samples; /* [metric * pods + pod] */
    size_t pods;                       /* with unknown ones */
};

static const struct hpa_sample *sample(const struct usage_writer *u, size_t metric, size_t pod)
{
    return u->samples[metric * u->pods + pod];
}

static const struct hpa_metric_spec *metric_of(const struct usage_writer *u, size_t metric)
{
    return &u->sync->spec->metrics[metric];
}

static bool same_metric(const struct hpa_metric_spec *x, const struct hpa_metric_spec *y)
{
    return x->type == y->type && str_equal(x->name, y->name) &&
           str_equal(x->container, y->container);
}

/* An earlier metric has the same container (or resource, for whole pods). */
static bool seen_before(const struct usage_writer *u, size_t metric, bool by_container)
{
    const struct hpa_metric_spec *m = metric_of(u, metric);
    for (size_t i = 0; i < metric; i++) {
        const struct hpa_metric_spec *other = metric_of(u, i);
        if (by_container ? other->type == m->type && str_equal(other->container, m->container)
                         : same_metric(other, m)) {
            return true;
        }
    }
    return false;
}

static bool names_container(const struct usage_writer *u, size_t metric, const char *container,
                            const char *resource)
{
    const struct hpa_metric_spec *m = metric_of(u, metric);
    return m->type == HPA_METRIC_CONTAINER_RESOURCE && str_equal(m->container, container) &&
           (resource == NULL || str_equal(m->name, resource));
}

/* The container is asked for this resource by name, whether it had a sample or not. */
static bool container_asked(const struct usage_writer *u, const char *container,
                            const char *resource)
{
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        if (names_container(u, i, container, resource)) {
            return true;
        }
    }
    return false;
}

static bool container_listed(const struct usage_writer *u, const char *container, size_t pod)
{
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        if (names_container(u, i, container, NULL) && sample(u, i, pod) != NULL) {
            return true;
        }
    }
    return false;
}

/* A container that metrics name: its own samples, and 0 of what only whole pods are asked for. */
static void write_named_container(const struct usage_writer *u, const char *container, size_t pod)
{
    struct json_writer *w = u->json;
    json_map(w);
    write_text(w, "name", container);
    json_key(w, "usage");
    json_map(w);
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        const struct hpa_metric_spec *m = metric_of(u, i);
        if (seen_before(u, i, false)) {
            continue;
        }
        if (names_container(u, i, container, NULL) && sample(u, i, pod) != NULL) {
            write_milli(w, u->arena, m->name, sample(u, i, pod)->value);
        } else if (m->type == HPA_METRIC_RESOURCE && !container_asked(u, container, m->name)) {
            write_text(w, m->name, "0");
        }
    }
    json_map_end(w);
    json_map_end(w);
}

/* What of a pod's sample the containers listed by name do not carry. */
static int64_t rest_of(const struct usage_writer *u, size_t metric, size_t pod)
{
    uint64_t rest = (uint64_t)sample(u, metric, pod)->value;
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        const struct hpa_metric_spec *m = metric_of(u, i);
        if (m->type == HPA_METRIC_CONTAINER_RESOURCE && !seen_before(u, i, false) &&
            str_equal(m->name, metric_of(u, metric)->name) && sample(u, i, pod) != NULL) {
            rest -= (uint64_t)sample(u, i, pod)->value;
        }
    }
    return (int64_t)rest;
}

/* The first container of the pod that no metric names. */
static const char *rest_name(const struct usage_writer *u, size_t pod)
{
    const struct hpa_view *view = u->sync->view;
    const struct pod_template *t = pod < view->pod_count ? view->pods[pod].requests : NULL;
    for (size_t i = 0; t != NULL && i < t->container_count; i++) {
        const struct container_spec *c = &t->containers[i];
        if ((!c->init || c->sidecar) && !container_asked(u, c->name, NULL)) {
            return c->name;
        }
    }
    return "other";
}

/* Whether some whole-pod metric needs a container beside those named. */
static bool needs_rest(const struct usage_writer *u, size_t pod)
{
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        if (metric_of(u, i)->type == HPA_METRIC_RESOURCE &&
            (sample(u, i, pod) == NULL || rest_of(u, i, pod) != 0)) {
            return true;
        }
    }
    return false;
}

static void write_rest(const struct usage_writer *u, size_t pod)
{
    struct json_writer *w = u->json;
    json_map(w);
    write_text(w, "name", rest_name(u, pod));
    json_key(w, "usage");
    json_map(w);
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        if (metric_of(u, i)->type == HPA_METRIC_RESOURCE && !seen_before(u, i, false) &&
            sample(u, i, pod) != NULL) {
            write_milli(w, u->arena, metric_of(u, i)->name, rest_of(u, i, pod));
        }
    }
    json_map_end(w);
    json_map_end(w);
}

static void write_pod_usage(const struct usage_writer *u, size_t pod)
{
    struct json_writer *w = u->json;
    const struct hpa_sample *any = NULL;
    bool named = false;
    for (size_t i = 0; any == NULL && i < u->sync->spec->metric_count; i++) {
        any = sample(u, i, pod);
    }
    if (any == NULL) {
        return;
    }
    json_map(w);
    write_text(w, "pod",
               pod_name(u->arena, u->sync->view, (uint32_t)pod, pod - u->sync->view->pod_count));
    write_time(w, u->arena, "time", any->time);
    write_time(w, u->arena, "window", any->window);
    json_key(w, "containers");
    json_list(w);
    for (size_t i = 0; i < u->sync->spec->metric_count; i++) {
        const struct hpa_metric_spec *m = metric_of(u, i);
        if (m->type == HPA_METRIC_CONTAINER_RESOURCE && !seen_before(u, i, true) &&
            container_listed(u, m->container, pod)) {
            write_named_container(u, m->container, pod);
            named = true;
        }
    }
    if (!named || needs_rest(u, pod)) {
        write_rest(u, pod);
    }
    json_list_end(w);
    json_map_end(w);
}

/* Listed without a usable sample: an item that no metric can use keeps it listed. */
static void write_unusable(const struct usage_writer *u)
{
    json_map(u->json);
    write_text(u->json, "pod", pod_name(u->arena, u->sync->view, 0, 0));
    json_key(u->json, "time");
    json_int(u->json, 0);
    json_key(u->json, "window");
    json_int(u->json, 0);
    json_key(u->json, "containers");
    json_list(u->json);
    json_list_end(u->json);
    json_map_end(u->json);
}

static size_t pods_with_unknown(const struct observation_sync *sync)
{
    size_t most = 0;
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        size_t unknown = 0;
        for (size_t j = 0; j < sync->view->answers[i].sample_count; j++) {
            unknown += sync->view->answers[i].samples[j].pod >= sync->view->pod_count;
        }
        most = unknown > most ? unknown : most;
    }
    return sync->view->pod_count + most;
}

static void write_resource_metrics(struct json_writer *w, struct arena *a,
                                   const struct observation_sync *sync)
{
    struct usage_writer u = {.json = w, .arena = a, .sync = sync, .pods = pods_with_unknown(sync)};
    const size_t metrics = sync->spec->metric_count;
    bool any = false;
    bool listed = false;
    size_t samples = 0;
    u.samples = arena_array(a, const struct hpa_sample *, metrics *u.pods);
    for (size_t i = 0; i < metrics; i++) {
        if (!is_resource(&sync->spec->metrics[i]) || sync->view->answers[i].error != NULL) {
            continue;
        }
        any = true;
        listed = listed || sync->view->answers[i].listed;
        samples += sync->view->answers[i].sample_count;
        for (size_t pod = 0; pod < u.pods; pod++) {
            u.samples[i * u.pods + pod] = sample_of(sync->view, i, pod);
        }
    }
    if (!any) {
        return;
    }
    json_key(w, "resourceMetrics");
    json_list(w);
    for (size_t pod = 0; pod < u.pods; pod++) {
        write_pod_usage(&u, pod);
    }
    if (listed && samples == 0) {
        write_unusable(&u);
    }
    json_list_end(w);
}

/* ---- custom and external metrics ---- */

/* Whether this is the first metric of its type that can be written under its name. */
static bool first_named(const struct observation_sync *sync, size_t metric,
                        enum hpa_metric_type type)
{
    const struct hpa_metric_spec *m = &sync->spec->metrics[metric];
    if (m->type != type || sync->view->answers[metric].error != NULL) {
        return false;
    }
    for (size_t i = 0; i < metric; i++) {
        const struct hpa_metric_spec *other = &sync->spec->metrics[i];
        if (other->type == type && sync->view->answers[i].error == NULL &&
            str_equal(other->name, m->name) &&
            (type != HPA_METRIC_OBJECT || (str_equal(other->object_kind, m->object_kind) &&
                                           str_equal(other->object_name, m->object_name)))) {
            return false;
        }
    }
    return true;
}

static bool has_any(const struct observation_sync *sync, enum hpa_metric_type type)
{
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        if (first_named(sync, i, type)) {
            return true;
        }
    }
    return false;
}

static void write_samples(struct json_writer *w, struct arena *a, const struct hpa_view *view,
                          const struct hpa_metric_answer *answer)
{
    json_list(w);
    for (size_t i = 0; i < answer->sample_count; i++) {
        const struct hpa_sample *s = &answer->samples[i];
        json_map(w);
        write_text(w, "pod", pod_name(a, view, s->pod, i));
        write_milli(w, a, "value", s->value);
        write_time(w, a, "time", s->time);
        write_time(w, a, "window", s->window);
        json_map_end(w);
    }
    json_list_end(w);
}

static void write_pods_metrics(struct json_writer *w, struct arena *a,
                               const struct observation_sync *sync)
{
    if (!has_any(sync, HPA_METRIC_PODS)) {
        return;
    }
    json_key(w, "podsMetrics");
    json_map(w);
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        if (first_named(sync, i, HPA_METRIC_PODS)) {
            json_key(w, sync->spec->metrics[i].name);
            write_samples(w, a, sync->view, &sync->view->answers[i]);
        }
    }
    json_map_end(w);
}

static void write_object_metrics(struct json_writer *w, struct arena *a,
                                 const struct observation_sync *sync)
{
    if (!has_any(sync, HPA_METRIC_OBJECT)) {
        return;
    }
    json_key(w, "objectMetrics");
    json_list(w);
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        const struct hpa_metric_spec *m = &sync->spec->metrics[i];
        if (first_named(sync, i, HPA_METRIC_OBJECT)) {
            json_map(w);
            write_text(w, "kind", m->object_kind);
            write_text(w, "name", m->object_name);
            write_text(w, "metric", m->name);
            write_milli(w, a, "value", sync->view->answers[i].value);
            json_map_end(w);
        }
    }
    json_list_end(w);
}

static void write_external_metrics(struct json_writer *w, struct arena *a,
                                   const struct observation_sync *sync)
{
    if (!has_any(sync, HPA_METRIC_EXTERNAL)) {
        return;
    }
    json_key(w, "externalMetrics");
    json_map(w);
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        const struct hpa_metric_answer *answer = &sync->view->answers[i];
        if (!first_named(sync, i, HPA_METRIC_EXTERNAL)) {
            continue;
        }
        json_key(w, sync->spec->metrics[i].name);
        json_list(w);
        for (size_t j = 0; j < answer->value_count; j++) {
            json_string(w, hpa_status_quantity(a, answer->values[j], false));
        }
        json_list_end(w);
    }
    json_map_end(w);
}

const char *observation_metric_key(struct arena *a, const struct hpa_metric_spec *m)
{
    const char *type = hpa_metric_type_name(m->type);
    if (m->type == HPA_METRIC_OBJECT) {
        return arena_printf(a, "%s/%s/%s/%s", type, m->object_kind, m->object_name, m->name);
    }
    if (m->type == HPA_METRIC_CONTAINER_RESOURCE) {
        return arena_printf(a, "%s/%s/%s", type, m->container, m->name);
    }
    return arena_printf(a, "%s/%s", type, m->name);
}

static bool failed_before(struct arena *a, const struct observation_sync *sync, size_t metric)
{
    const char *key = observation_metric_key(a, &sync->spec->metrics[metric]);
    for (size_t i = 0; i < metric; i++) {
        if (sync->view->answers[i].error != NULL &&
            str_equal(observation_metric_key(a, &sync->spec->metrics[i]), key)) {
            return true;
        }
    }
    return false;
}

static void write_metric_errors(struct json_writer *w, struct arena *a,
                                const struct observation_sync *sync)
{
    bool open = false;
    for (size_t i = 0; i < sync->spec->metric_count; i++) {
        if (sync->view->answers[i].error == NULL || failed_before(a, sync, i)) {
            continue;
        }
        if (!open) {
            json_key(w, "metricErrors");
            json_map(w);
            open = true;
        }
        write_text(w, observation_metric_key(a, &sync->spec->metrics[i]),
                   sync->view->answers[i].error);
    }
    if (open) {
        json_map_end(w);
    }
}

/* ---- a step ---- */

static int32_t pods_not_ended(const struct hpa_view *view)
{
    int32_t count = 0;
    for (size_t i = 0; i < view->pod_count; i++) {
        count += view->pods[i].phase != POD_FAILED && view->pods[i].phase != POD_SUCCEEDED;
    }
    return count;
}

static void write_world(struct json_writer *w, struct arena *a, const struct observation_sync *sync)
{
    const struct hpa_view *view = sync->view;
    json_key(w, "pods");
    json_list(w);
    for (size_t i = 0; i < view->pod_count; i++) {
        write_pod(w, a, &view->pods[i], sync->pod);
    }
    json_list_end(w);
    if (view->answers == NULL) {
        return;
    }
    write_resource_metrics(w, a, sync);
    write_pods_metrics(w, a, sync);
    write_object_metrics(w, a, sync);
    write_external_metrics(w, a, sync);
    write_metric_errors(w, a, sync);
}

void observation_write_step(struct json_writer *w, struct arena *scratch,
                            const struct observation_sync *sync)
{
    const struct hpa_view *view = sync->view;
    json_map(w);
    write_time(w, scratch, "t", sync->at);
    if (sync->updated_at != SIMTIME_NEVER) {
        write_time(w, scratch, "updateTime", sync->updated_at);
    }
    if (sync->edited) {
        json_key(w, "hpa");
        observation_write_hpa(w, scratch, sync->spec);
    }
    if (sync->scale_set) {
        json_key(w, "specReplicas");
        json_int(w, view->spec_replicas);
    }
    if (view->scale_error != NULL) {
        write_text(w, "scaleError", view->scale_error);
        json_map_end(w);
        return;
    }
    if (sync->update_error != NULL) {
        write_text(w, "updateError", sync->update_error);
    }
    if (view->status_replicas != pods_not_ended(view)) {
        json_key(w, "statusReplicas");
        json_int(w, view->status_replicas);
    }
    if (view->selector_state == HPA_SELECTOR_AMBIGUOUS) {
        write_text(w, "ambiguous", view->selector_detail);
    }
    write_world(w, scratch, sync);
    json_map_end(w);
}
