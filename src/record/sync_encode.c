/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sync as bytes: numbers as differences from the record before, in 7-bit groups, so that
 * what stays the same costs one byte and a fresh CPU sample about eight. Times are counted in
 * seconds where they are whole ones, as the API serves most of them.
 *
 * The trap: pods and names are the run's and are used again; what the next record is compared
 * with has to be copied, in turns into one of two rooms, so that a long run does not grow.
 */
#include "record/sync_log.h"

#include "base/require.h"
#include "manifest/observation_write.h"
#include "sync_log.h"

#include <string.h>

static void put_varint(struct strbuf *out, uint64_t v)
{
    while (v >= 0x80) {
        strbuf_char(out, (char)(v | 0x80));
        v >>= 7;
    }
    strbuf_char(out, (char)v);
}

static uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v < 0 ? -1 : 0);
}

/* now - before, wrapping: the reader wraps back. */
static void put_change(struct strbuf *out, int64_t before, int64_t now)
{
    put_varint(out, zigzag((int64_t)((uint64_t)now - (uint64_t)before)));
}

static void put_time(struct strbuf *out, simtime before, simtime now)
{
    const int64_t change = now - before;
    const bool whole = change % SIMTIME_SECOND == 0;
    require(change < INT64_MAX / 2 && change > INT64_MIN / 2); /* room for the lowest bit */
    put_varint(out, zigzag(whole ? change / SIMTIME_SECOND : change) << 1 | (whole ? 0u : 1u));
}

static void put_text(struct strbuf *out, const char *text)
{
    const size_t len = strlen(text);
    put_varint(out, len);
    strbuf_add_len(out, text, len);
}

/* ---- pods ---- */

static void put_amounts(struct strbuf *out, struct arena *a, const struct resource_amount *list,
                        size_t count)
{
    size_t requested = 0;
    for (size_t i = 0; i < count; i++) {
        requested += list[i].has_request;
    }
    put_varint(out, requested);
    for (size_t i = 0; i < count; i++) {
        if (list[i].has_request) {
            put_text(out, list[i].name);
            put_text(out, quantity_string(a, &list[i].request));
        }
    }
}

/* Index of the template; a new one is written where it first occurs. */
static void put_template(struct sync_encoder *e, const struct pod_template *t, struct strbuf *out)
{
    size_t i = 0;
    while (i < e->memory.templates.len && e->memory.templates.items[i] != t) {
        i++;
    }
    put_varint(out, i);
    if (i < e->memory.templates.len) {
        return;
    }
    *vec_push(e->arena, &e->memory.templates) = t;
    put_varint(out, t->container_count);
    for (size_t c = 0; c < t->container_count; c++) {
        const struct container_spec *container = &t->containers[c];
        put_text(out, container->name);
        put_varint(out, (container->init ? 1u : 0u) | (container->sidecar ? 2u : 0u));
        put_amounts(out, e->arena, container->resources, container->resource_count);
    }
    put_amounts(out, e->arena, t->resources, t->resource_count);
    put_amounts(out, e->arena, t->overhead, t->overhead_count);
}

static void put_pod_fields(struct sync_encoder *e, const struct hpa_pod *pod, struct strbuf *out)
{
    const bool started = pod->start_time != SIMTIME_NEVER;
    put_varint(out, (pod->deleting ? POD_DELETING : 0u) | (started ? POD_STARTED : 0u) |
                        ((unsigned)pod->phase << POD_SHIFT_PHASE) |
                        ((unsigned)pod->ready << POD_SHIFT_READY));
    put_time(out, 0, pod->ready_since);
    if (started) {
        put_time(out, pod->ready_since, pod->start_time);
    }
    put_template(e, pod->requests, out);
}

static bool same_pod(const struct hpa_pod *x, const struct hpa_pod *y)
{
    return x->phase == y->phase && x->ready == y->ready && x->deleting == y->deleting &&
           x->ready_since == y->ready_since && x->start_time == y->start_time &&
           x->requests == y->requests;
}

static bool same_pods(const struct sync_log_pods *before, const struct hpa_view *view)
{
    if (before->count != view->pod_count) {
        return false;
    }
    for (size_t i = 0; i < view->pod_count; i++) {
        if (!same_pod(&before->items[i], &view->pods[i]) ||
            strcmp(before->items[i].name, view->pods[i].name) != 0) {
            return false;
        }
    }
    return true;
}

/* Its place in the list before, looked for from where it probably is; count: new. */
static size_t place_before(const struct sync_log_pods *before, const char *name, size_t probable)
{
    for (size_t n = 0; n < before->count; n++) {
        const size_t i = (probable + n) % before->count;
        if (strcmp(before->items[i].name, name) == 0) {
            return i;
        }
    }
    return before->count;
}

static void keep_pods(struct sync_log_pods *pods, const struct hpa_view *view)
{
    const unsigned other = 1 - pods->room;
    struct arena *room = &pods->rooms[other];
    arena_reset(room);
    struct hpa_pod *items = arena_array(room, struct hpa_pod, view->pod_count);
    for (size_t i = 0; i < view->pod_count; i++) {
        items[i] = view->pods[i];
        items[i].name = arena_strdup(room, view->pods[i].name);
    }
    pods->items = items;
    pods->count = view->pod_count;
    pods->room = other;
}

static void put_pods(struct sync_encoder *e, const struct hpa_view *view, struct strbuf *out)
{
    struct sync_log_pods *before = &e->memory.pods;
    size_t probable = 0;
    put_varint(out, view->pod_count);
    for (size_t i = 0; i < view->pod_count; i++) {
        const struct hpa_pod *pod = &view->pods[i];
        const size_t place = place_before(before, pod->name, probable);
        if (place == before->count) {
            put_varint(out, 0);
            put_text(out, pod->name);
            put_pod_fields(e, pod, out);
            continue;
        }
        const bool same = same_pod(&before->items[place], pod);
        put_varint(out, 2 * (uint64_t)place + (same ? 1 : 2));
        if (!same) {
            put_pod_fields(e, pod, out);
        }
        probable = place + 1;
    }
    keep_pods(before, view);
}

/* ---- answers ---- */

static bool same_sample(const struct hpa_sample *x, const struct hpa_sample *y)
{
    return x->pod == y->pod && x->value == y->value && x->time == y->time && x->window == y->window;
}

static bool same_answer(const struct sync_log_answer *before, const struct hpa_metric_answer *now)
{
    if (now->error != NULL || now->lacks_container != NULL || before->failed || before->lacks ||
        before->listed != now->listed || before->samples.len != now->sample_count ||
        before->value != now->value || before->values.len != now->value_count) {
        return false;
    }
    for (size_t i = 0; i < now->sample_count; i++) {
        if (!same_sample(&before->samples.items[i], &now->samples[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < now->value_count; i++) {
        if (before->values.items[i] != now->values[i]) {
            return false;
        }
    }
    return true;
}

static void put_samples(struct sync_encoder *e, struct sync_log_answer *before,
                        const struct hpa_metric_answer *now, struct strbuf *out)
{
    uint32_t expected = 0;
    put_varint(out, now->sample_count);
    while (before->samples.len < now->sample_count) {
        vec_push(e->arena, &before->samples);
    }
    before->samples.len = now->sample_count;
    for (size_t i = 0; i < now->sample_count; i++) {
        struct hpa_sample *was = &before->samples.items[i];
        const struct hpa_sample *is = &now->samples[i];
        put_change(out, expected, is->pod);
        put_change(out, was->value, is->value);
        put_time(out, was->time, is->time);
        put_time(out, was->window, is->window);
        expected = is->pod + 1;
        *was = *is;
    }
}

static void put_values(struct sync_encoder *e, struct sync_log_answer *before,
                       const struct hpa_metric_answer *now, struct strbuf *out)
{
    put_change(out, before->value, now->value);
    before->value = now->value;
    put_varint(out, now->value_count);
    while (before->values.len < now->value_count) {
        vec_push(e->arena, &before->values);
    }
    before->values.len = now->value_count;
    for (size_t i = 0; i < now->value_count; i++) {
        put_change(out, before->values.items[i], now->values[i]);
        before->values.items[i] = now->values[i];
    }
}

static void put_answer(struct sync_encoder *e, struct sync_log_answer *before,
                       const struct hpa_metric_answer *now, struct strbuf *out)
{
    if (same_answer(before, now)) {
        put_varint(out, ANSWER_SAME);
        return;
    }
    put_varint(out, (now->error != NULL ? ANSWER_ERROR : 0u) | (now->listed ? ANSWER_LISTED : 0u) |
                        (now->lacks_container != NULL ? ANSWER_LACKS : 0u));
    before->failed = now->error != NULL;
    before->listed = now->listed;
    before->lacks = now->lacks_container != NULL;
    if (now->error != NULL) {
        put_text(out, now->error);
    }
    if (now->lacks_container != NULL) {
        put_text(out, now->lacks_container);
    }
    put_samples(e, before, now, out);
    put_values(e, before, now, out);
}

static bool same_answers(const struct sync_encoder *e, const struct hpa_view *view)
{
    for (size_t i = 0; i < e->memory.answer_count; i++) {
        if (!same_answer(&e->memory.answers[i], &view->answers[i])) {
            return false;
        }
    }
    return true;
}

/* ---- a sync ---- */

static void put_json(struct sync_encoder *e, bool spec, struct strbuf *out)
{
    struct json_writer *w = json_writer_new(e->arena, false);
    if (spec) {
        observation_write_hpa(w, e->arena, e->spec);
    } else {
        observation_write_controller(w, e->arena, e->config);
    }
    put_text(out, json_text(w, NULL));
}

/* When the update of the scale ended; `at` where there was none. */
static simtime updated_at(const struct hpa_decision *d, const struct hpa_state *state)
{
    if (d->rescaled) {
        return state->status.last_scale_time;
    }
    const struct hpa_condition *able = hpa_condition_find(&state->status, HPA_ABLE_TO_SCALE);
    return d->update_error != NULL && able != NULL ? able->since : d->at;
}

static unsigned marks_of(const struct sync_encoder *e, const struct hpa_decision *d,
                         const struct hpa_state *state)
{
    const struct hpa_view *view = d->view;
    const unsigned marks =
        (e->begun ? 0u : SYNC_HEAD | SYNC_SELECTOR_TEXT) | (d->spec != e->spec ? SYNC_SPEC : 0u);
    if (view->scale_error != NULL) {
        return (marks & ~(unsigned)SYNC_SELECTOR_TEXT) | SYNC_SCALE_ERROR;
    }
    return marks | (updated_at(d, state) != d->at ? SYNC_UPDATED : 0u) |
           (d->update_error != NULL ? SYNC_UPDATE_ERROR : 0u) |
           (view->selector_state != HPA_SELECTOR_USABLE ? SYNC_SELECTOR | SYNC_SELECTOR_TEXT : 0u) |
           (same_pods(&e->memory.pods, view) ? 0u : SYNC_PODS) |
           (view->answers != NULL && (d->spec != e->spec || !same_answers(e, view)) ? SYNC_ANSWERS
                                                                                    : 0u);
}

/* A new spec has other metrics: nothing to compare their answers with. */
static void use_spec(struct sync_encoder *e, const struct hpa_spec *spec)
{
    e->spec = spec;
    e->memory.answer_count = spec->metric_count;
    e->memory.answers = arena_array(e->arena, struct sync_log_answer, spec->metric_count);
}

static void put_world(struct sync_encoder *e, const struct hpa_view *view, unsigned marks,
                      struct strbuf *out)
{
    put_change(out, e->memory.spec_replicas, view->spec_replicas);
    put_change(out, e->memory.status_replicas, view->status_replicas);
    e->memory.spec_replicas = view->spec_replicas;
    e->memory.status_replicas = view->status_replicas;
    if (marks & SYNC_SELECTOR_TEXT) {
        put_text(out, view->selector != NULL ? view->selector : "");
    }
    if (marks & SYNC_SELECTOR) {
        put_varint(out, (uint64_t)view->selector_state);
        put_text(out, view->selector_detail != NULL ? view->selector_detail : "");
    }
    if (marks & SYNC_PODS) {
        put_pods(e, view, out);
    }
    for (size_t i = 0; (marks & SYNC_ANSWERS) && i < e->memory.answer_count; i++) {
        put_answer(e, &e->memory.answers[i], &view->answers[i], out);
    }
}

void sync_encode(struct sync_encoder *e, const struct hpa_decision *d,
                 const struct hpa_state *state, struct strbuf *out)
{
    const unsigned marks = marks_of(e, d, state);
    e->memory.arena = e->arena;
    put_varint(out, marks);
    if (marks & SYNC_SPEC) {
        use_spec(e, d->spec);
    }
    if (marks & SYNC_HEAD) {
        put_json(e, false, out);
    }
    if (marks & SYNC_SPEC) {
        put_json(e, true, out);
    }
    e->begun = true;
    if (marks & SYNC_SCALE_ERROR) {
        put_text(out, d->view->scale_error);
        put_change(out, e->memory.spec_replicas, d->view->spec_replicas);
        e->memory.spec_replicas = d->view->spec_replicas;
        return;
    }
    if (marks & SYNC_UPDATED) {
        put_time(out, d->at, updated_at(d, state));
    }
    if (marks & SYNC_UPDATE_ERROR) {
        put_text(out, d->update_error);
    }
    put_world(e, d->view, marks, out);
}

void sync_encoder_drop(struct sync_encoder *e)
{
    arena_drop(&e->memory.pods.rooms[0]);
    arena_drop(&e->memory.pods.rooms[1]);
}
