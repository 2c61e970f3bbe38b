/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HPA controller's act: at each sync it gathers what the API server and the
 * metrics APIs show, lets hpa_reconcile decide, and writes the scale. horizontal.go
 * (processNextWorkItem, reconcileKey), v1.36.
 *
 * The next sync comes one period after this one has ended, so the phase drifts by
 * the sync's own work; a rescale is stamped after the scale update. Both come from
 * the clocks. The pod list is refilled only when a pod has changed.
 */
#include "internal.h"

#include "base/str.h"
#include "kube/phases.h"

#include <string.h>

/* metrics-server can serve an endless one; nothing tells it from this. */
#define LONGEST_WINDOW (1000 * SIMTIME_DAY)

/* The pods its selector finds: the target's, and any others that carry the same labels. */
static uint64_t pods_version(const struct autoscaler *a)
{
    uint64_t sum = 1;
    for (size_t i = 0; i < a->selected_count; i++)
        sum += a->selected[i]->version;
    return sum;
}

static void fill_pods(struct autoscaler *a)
{
    uint64_t version = pods_version(a);
    if (a->pods_version == version)
        return;
    simtime fraction = a->world->epoch_fraction;
    a->pods.len = 0;
    for (size_t i = 0; i < a->selected_count; i++) {
        for (size_t j = 0; j < a->selected[i]->pods.len; j++) {
            const struct pod *pod = a->selected[i]->pods.items[j];
            bool judged = pod->ready != CONDITION_ABSENT;
            *vec_push(a->world->arena, &a->pods) = (struct hpa_pod){
                .name = pod->name,
                .requests = pod->template,
                .ready_since = judged ? pod_api_time(pod->ready_since, fraction) : 0,
                .start_time = pod_api_time(pod->start_time, fraction),
                .phase = (uint8_t)pod->phase,
                .ready = (uint8_t)pod->ready,
                .deleting = pod->deleting,
            };
        }
    }
    a->pods_version = version;
}

static struct metric_query query_of(const struct hpa_spec *spec, const struct hpa_metric_spec *m)
{
    static const enum metric_query_type types[] = {
        METRIC_QUERY_RESOURCE, METRIC_QUERY_CONTAINER_RESOURCE, METRIC_QUERY_PODS,
        METRIC_QUERY_OBJECT, METRIC_QUERY_EXTERNAL};
    return (struct metric_query){
        .type = types[m->type],
        .name = m->name,
        .container = m->container,
        .namespace_name = spec->namespace_name,
        .object_kind = m->object_kind,
        .object_name = m->object_name,
        .selector = m->has_selector ? &m->selector : NULL,
    };
}

static void copy_samples(struct autoscaler *a, size_t metric, const struct metric_answer *answer)
{
    struct hpa_sample_list *samples = &a->samples[metric];
    if (answer->reading_count > samples->cap) {
        samples->cap = answer->reading_count * 2;
        samples->items = arena_array(a->world->arena, struct hpa_sample, samples->cap);
    }
    for (size_t i = 0; i < answer->reading_count; i++) {
        const struct metric_reading *r = &answer->readings[i];
        simtime window = r->window < LONGEST_WINDOW ? r->window : LONGEST_WINDOW;
        samples->items[i] = (struct hpa_sample){r->pod, r->value, r->time, window};
    }
}

static void fill_answers(struct autoscaler *a, simtime now)
{
    for (size_t i = 0; i < a->spec->metric_count; i++) {
        struct metric_query query = query_of(a->spec, &a->spec->metrics[i]);
        struct metric_answer answer = {0};
        metrics_answer(a->world->metrics, &query, a->selected, a->selected_count, now,
                       &a->buffers[i], &answer);
        copy_samples(a, i, &answer);
        a->answers[i] = (struct hpa_metric_answer){
            .error = answer.error,
            .listed = answer.listed,
            .samples = a->samples[i].items,
            .sample_count = answer.reading_count,
            .lacks_container = answer.lacks_container,
            .value = answer.value,
            .values = answer.values,
            .value_count = answer.value_count,
        };
    }
}

/* The HPAs of this namespace that share pods with this one, as the controller knows them. */
static const char *ambiguity(struct autoscaler *a)
{
    struct world *w = a->world;
    if (!a->may_be_ambiguous)
        return NULL;
    struct hpa_registration *all =
        arena_array(&w->scratch, struct hpa_registration, w->scenario->hpa_count);
    for (size_t i = 0; i < w->scenario->hpa_count; i++) {
        struct autoscaler *other = &w->autoscalers[i];
        const struct label_selector *selector =
            other->target && other->registered ? &other->target->spec->selector : NULL;
        all[i] =
            (struct hpa_registration){other->spec->namespace_name, other->spec->name, selector};
    }
    struct hpa_pod_labels labels = {a->target->spec->pod.labels, a->target->spec->pod.label_count};
    return hpa_ambiguity(&w->scratch, all, w->scenario->hpa_count, a->spec->namespace_name, &labels,
                         a->target->pods.len > 0);
}

static void fill_view(struct autoscaler *a, simtime now, struct hpa_view *view)
{
    *view = (struct hpa_view){0};
    if (!a->target) {
        view->scale_error = a->scale_error;
        return;
    }
    view->spec_replicas = a->target->replicas;
    view->status_replicas = workload_status_replicas(a->target);
    view->selector = a->selector;
    a->registered = true;
    view->selector_detail = ambiguity(a);
    if (view->selector_detail)
        view->selector_state = HPA_SELECTOR_AMBIGUOUS;
    fill_pods(a);
    fill_answers(a, now);
    view->pods = a->pods.items;
    view->pod_count = a->pods.len;
    view->answers = a->answers;
}

static void tell_events(struct autoscaler *a, const struct hpa_decision *decision)
{
    struct world *w = a->world;
    size_t count = 0;
    struct hpa_event *events = hpa_decision_events(&w->scratch, decision, &count);
    for (size_t i = 0; i < count; i++)
        cluster_event(&w->cluster, &(struct observed_event){
                                       .at = decision->at,
                                       .source = "horizontal-pod-autoscaler",
                                       .type = events[i].warning ? "Warning" : "Normal",
                                       .reason = events[i].reason,
                                       .kind = "HorizontalPodAutoscaler",
                                       .namespace_name = a->spec->namespace_name,
                                       .name = a->spec->name,
                                       .message = events[i].message,
                                   });
}

/* Writes the scale and stamps the event when the update is done. */
static simtime rescale(struct autoscaler *a, struct hpa_decision *decision, simtime ended)
{
    struct world *w = a->world;
    ended += clocks_hpa_rescale_work(w->clocks, a->index, a->syncs);
    hpa_applied(&w->hpa_config, &a->state, decision, NULL, ended);
    cluster_scale(&w->cluster, a->target, decision->desired);
    return ended;
}

/* The worker that is free first: --concurrent-horizontal-pod-autoscaler-syncs of them. */
static simtime *next_worker(struct world *w)
{
    simtime *first = &w->workers_busy[0];
    for (int32_t i = 1; i < w->scenario->concurrent_syncs; i++)
        if (w->workers_busy[i] < *first)
            first = &w->workers_busy[i];
    return first;
}

static void sync(struct engine *engine, struct event *event)
{
    struct autoscaler *a = event_owner(event, struct autoscaler, sync);
    struct world *w = a->world;
    simtime now = engine_now(engine);
    simtime *worker = next_worker(w);
    if (*worker > now) { /* all are at work: it waits in the queue */
        event_schedule(engine, &a->sync, *worker);
        return;
    }
    struct arena_mark mark = arena_mark(&w->scratch);
    struct hpa_view view;
    struct hpa_decision decision;

    fill_view(a, now, &view);
    hpa_reconcile(a->spec, &w->hpa_config, &a->state, &view, now, &w->scratch, &decision);
    simtime ended = now + clocks_hpa_work(w->clocks, a->index, a->syncs);
    if (decision.rescale)
        ended = rescale(a, &decision, ended);
    *worker = ended;
    if (w->observer->event)
        tell_events(a, &decision);
    if (w->observer->decision)
        w->observer->decision(w->observer->context, a->index, now, &decision, &a->state);
    arena_rewind(&w->scratch, mark);

    a->syncs++;
    w->sync_count++;
    event_schedule(
        engine, &a->sync,
        clocks_hpa_next(w->clocks, a->index, a->syncs, ended, w->hpa_config.sync_period));
}

static void make_room(struct autoscaler *a)
{
    size_t count = a->spec->metric_count;
    a->answers = arena_array(a->world->arena, struct hpa_metric_answer, count);
    a->buffers = arena_array(a->world->arena, struct metric_buffer, count);
    a->samples = arena_array(a->world->arena, struct hpa_sample_list, count);
}

/* Labels of a's target that b's selector finds, or the other way round. */
static bool selects(const struct workload *selecting, const struct workload *labelled)
{
    return str_equal(selecting->spec->namespace_name, labelled->spec->namespace_name) &&
           label_selector_matches(&selecting->spec->selector, labelled->spec->pod.labels,
                                  labelled->spec->pod.label_count);
}

static void find_selected(struct autoscaler *a)
{
    struct cluster *c = &a->world->cluster;
    a->selected = arena_array(a->world->arena, struct workload *, c->workload_count);
    a->selected_count = 0;
    for (size_t i = 0; i < c->workload_count; i++)
        if (a->target && selects(a->target, &c->workloads[i]))
            a->selected[a->selected_count++] = &c->workloads[i];
}

/* Whether another HPA of the namespace could select a pod of this one's. */
static bool may_share_pods(const struct world *w, const struct autoscaler *a)
{
    for (size_t i = 0; i < w->scenario->hpa_count; i++) {
        const struct autoscaler *other = &w->autoscalers[i];
        for (size_t j = 0; other != a && other->target && j < a->selected_count; j++)
            if (selects(other->target, a->selected[j]))
                return true;
    }
    return false;
}

void autoscaler_edit(struct autoscaler *a, const struct hpa_spec *spec)
{
    a->spec = spec;
    make_room(a);
}

/* deployments.apps "web" not found: what the API server answers for the scale. */
static const char *not_found(struct arena *arena, const struct hpa_spec *spec)
{
    struct strbuf kind = {.arena = arena};
    for (const char *c = spec->target_kind; *c; c++)
        strbuf_char(&kind, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
    const char *slash = strchr(spec->target_api_version, '/');
    int group = slash ? (int)(slash - spec->target_api_version) : 0;
    return arena_printf(arena, "%ss%s%.*s \"%s\" not found", strbuf_text(&kind), group ? "." : "",
                        group, spec->target_api_version, spec->target_name);
}

static void build(struct world *w, uint32_t index)
{
    struct autoscaler *a = &w->autoscalers[index];
    size_t target = w->scenario->hpa_targets[index];
    a->world = w;
    a->index = index;
    a->spec = &w->scenario->hpas[index];
    a->state.arena = w->arena;
    if (target == SCENARIO_NONE) {
        a->scale_error = not_found(w->arena, a->spec);
    } else {
        a->target = &w->cluster.workloads[target];
        a->selector = label_selector_string(w->arena, &a->target->spec->selector);
    }
    find_selected(a);
    make_room(a);
    event_init(&a->sync, sync, PHASE_CONTROLLERS);
    event_schedule(w->engine, &a->sync,
                   clocks_hpa_first(w->clocks, index, w->hpa_config.sync_period));
}

void autoscalers_build(struct world *w)
{
    w->autoscalers = arena_array(w->arena, struct autoscaler, w->scenario->hpa_count);
    w->workers_busy = arena_array(w->arena, simtime, (size_t)w->scenario->concurrent_syncs);
    for (uint32_t i = 0; i < w->scenario->hpa_count; i++)
        build(w, i);
    for (size_t i = 0; i < w->scenario->hpa_count; i++)
        w->autoscalers[i].may_be_ambiguous = may_share_pods(w, &w->autoscalers[i]);
}
