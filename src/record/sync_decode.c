/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records back into views: the mirror of sync_encode.c. Specs and flags come as the JSON that
 * observation logs have and are read by the same code.
 *
 * The trap: a run file may be damaged or made by hand, so every length is checked against
 * what is left, every index against what is there, and counts never allocate more than the
 * record could hold.
 */
#include "record/sync_log.h"

#include "base/json.h"
#include "manifest/hpa_object.h"
#include "manifest/observation.h"
#include "sync_log.h"

#include <string.h>

struct reader {
    const unsigned char *next;
    const unsigned char *end;
    bool damaged;
};

static uint64_t take_varint(struct reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && r->next < r->end; shift += 7) {
        const unsigned char byte = *r->next++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    r->damaged = true;
    return 0;
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

static int64_t take_change(struct reader *r, int64_t before)
{
    return (int64_t)((uint64_t)before + (uint64_t)unzigzag(take_varint(r)));
}

static simtime take_time(struct reader *r, simtime before)
{
    const uint64_t v = take_varint(r);
    uint64_t change = (uint64_t)unzigzag(v >> 1);
    if ((v & 1) == 0) {
        change *= (uint64_t)SIMTIME_SECOND;
    }
    return (simtime)((uint64_t)before + change);
}

/* A number of things that each take at least one byte. */
static size_t take_count(struct reader *r)
{
    const uint64_t count = take_varint(r);
    if (count > (uint64_t)(r->end - r->next)) {
        r->damaged = true;
        return 0;
    }
    return (size_t)count;
}

static const char *take_text(struct reader *r, struct arena *a)
{
    const size_t len = take_count(r);
    const char *text = arena_strndup(a, (const char *)r->next, len);
    r->next += len;
    return text;
}

static int32_t take_int32(struct reader *r, int32_t before)
{
    return (int32_t)(uint32_t)(uint64_t)take_change(r, before);
}

/* ---- pods ---- */

static struct resource_amount *take_amounts(struct reader *r, struct arena *a, size_t *count)
{
    *count = take_count(r);
    struct resource_amount *list = arena_array(a, struct resource_amount, *count);
    for (size_t i = 0; i < *count; i++) {
        list[i].name = take_text(r, a);
        list[i].has_request = true;
        if (quantity_parse(a, take_text(r, a), &list[i].request) != QUANTITY_OK) {
            r->damaged = true;
        }
    }
    return list;
}

static const struct pod_template *take_template(struct reader *r, struct sync_decoder *d)
{
    struct arena *a = d->arena;
    const uint64_t index = take_varint(r);
    if (index < d->memory.templates.len) {
        return d->memory.templates.items[index];
    }
    struct pod_template *t = arena_new(a, struct pod_template);
    *vec_push(a, &d->memory.templates) = t;
    if (index >= d->memory.templates.len) {
        r->damaged = true;
        return t;
    }
    t->container_count = take_count(r);
    t->containers = arena_array(a, struct container_spec, t->container_count);
    for (size_t i = 0; i < t->container_count; i++) {
        struct container_spec *c = &t->containers[i];
        c->name = take_text(r, a);
        const uint64_t marks = take_varint(r);
        c->init = (marks & 1) != 0;
        c->sidecar = (marks & 2) != 0;
        c->resources = take_amounts(r, a, &c->resource_count);
    }
    t->resources = take_amounts(r, a, &t->resource_count);
    t->overhead = take_amounts(r, a, &t->overhead_count);
    return t;
}

static void take_pod_fields(struct reader *r, struct sync_decoder *d, struct hpa_pod *pod)
{
    const uint64_t marks = take_varint(r);
    pod->deleting = (marks & POD_DELETING) != 0;
    pod->phase = (marks >> POD_SHIFT_PHASE) & 0xff;
    pod->ready = (marks >> POD_SHIFT_READY) & 3;
    pod->ready_since = take_time(r, 0);
    pod->start_time = (marks & POD_STARTED) ? take_time(r, pod->ready_since) : SIMTIME_NEVER;
    pod->requests = take_template(r, d);
}

static void take_pod(struct reader *r, struct sync_decoder *d, struct arena *room,
                     struct hpa_pod *pod)
{
    static const struct pod_template nothing;
    const struct sync_log_pods *before = &d->memory.pods;
    const uint64_t mark = take_varint(r);
    pod->requests = &nothing;
    if (mark == 0) {
        pod->name = take_text(r, room);
        take_pod_fields(r, d, pod);
        return;
    }
    const uint64_t place = (mark - 1) / 2;
    if (place >= before->count) {
        pod->name = "";
        r->damaged = true;
        return;
    }
    *pod = before->items[place];
    pod->name = arena_strdup(room, pod->name);
    if ((mark & 1) == 0) {
        take_pod_fields(r, d, pod);
    }
}

static void take_pods(struct reader *r, struct sync_decoder *d)
{
    struct sync_log_pods *pods = &d->memory.pods;
    const unsigned other = 1 - pods->room;
    struct arena *room = &pods->rooms[other];
    const size_t count = take_count(r);
    arena_reset(room);
    struct hpa_pod *items = arena_array(room, struct hpa_pod, count);
    for (size_t i = 0; i < count; i++) {
        take_pod(r, d, room, &items[i]);
    }
    pods->items = items;
    pods->count = count;
    pods->room = other;
}

/* ---- answers ---- */

static void take_samples(struct reader *r, struct sync_decoder *d, struct sync_log_answer *answer)
{
    uint32_t expected = 0;
    const size_t count = take_count(r);
    while (answer->samples.len < count) {
        vec_push(d->arena, &answer->samples);
    }
    answer->samples.len = count;
    for (size_t i = 0; i < count; i++) {
        struct hpa_sample *s = &answer->samples.items[i];
        s->pod = (uint32_t)(uint64_t)take_change(r, expected);
        s->value = take_change(r, s->value);
        s->time = take_time(r, s->time);
        s->window = take_time(r, s->window);
        expected = s->pod + 1;
    }
}

static void take_values(struct reader *r, struct sync_decoder *d, struct sync_log_answer *answer)
{
    answer->value = take_change(r, answer->value);
    const size_t count = take_count(r);
    while (answer->values.len < count) {
        vec_push(d->arena, &answer->values);
    }
    answer->values.len = count;
    for (size_t i = 0; i < count; i++) {
        answer->values.items[i] = take_change(r, answer->values.items[i]);
    }
}

static void take_answer(struct reader *r, struct sync_decoder *d, size_t index)
{
    struct sync_log_answer *answer = &d->memory.answers[index];
    struct hpa_metric_answer *out = &d->answers.items[index];
    const uint64_t marks = take_varint(r);
    out->error = NULL;
    out->lacks_container = NULL;
    if (marks & ANSWER_SAME) {
        return;
    }
    if (marks & ANSWER_ERROR) {
        out->error = take_text(r, &d->texts);
    }
    if (marks & ANSWER_LACKS) {
        out->lacks_container = take_text(r, &d->texts);
    }
    out->listed = (marks & ANSWER_LISTED) != 0;
    take_samples(r, d, answer);
    take_values(r, d, answer);
}

/* Samples of pods that there are not would lead out of the list. */
static bool samples_fit(const struct sync_log_answer *answer, size_t pods)
{
    for (size_t i = 0; i < answer->samples.len; i++) {
        const uint32_t pod = answer->samples.items[i].pod;
        if (pod >= pods && pod != HPA_POD_UNKNOWN) {
            return false;
        }
    }
    return true;
}

static void show_answers(struct reader *r, struct sync_decoder *d)
{
    for (size_t i = 0; i < d->memory.answer_count; i++) {
        const struct sync_log_answer *from = &d->memory.answers[i];
        struct hpa_metric_answer *to = &d->answers.items[i];
        r->damaged = r->damaged || !samples_fit(from, d->memory.pods.count);
        to->samples = from->samples.items;
        to->sample_count = from->samples.len;
        to->value = from->value;
        to->values = from->values.items;
        to->value_count = from->values.len;
    }
    d->view.answers = d->answers.items;
}

/* ---- a sync ---- */

static struct node *take_json(struct reader *r, struct sync_decoder *d, struct diag *diag)
{
    const char *text = take_text(r, d->arena);
    struct node *root = json_read(d->arena, text, strlen(text), 0, 1, diag);
    r->damaged = r->damaged || root == NULL;
    return root;
}

/* Flags, by the reader of observation logs: it wants a whole case's head. */
static void take_head(struct reader *r, struct sync_decoder *d, struct diag *diag)
{
    static const struct observation_options no_options;
    const char *text = arena_printf(d->arena, "{\"id\":\"\",\"hpa\":{},\"controller\":%s}",
                                    take_text(r, d->arena));
    struct observation head;
    const struct node *root = json_read(d->arena, text, strlen(text), 0, 1, diag);
    if (root == NULL || !observation_read(d->arena, root, &no_options, &head, diag)) {
        r->damaged = true;
        return;
    }
    d->config = head.config;
}

static void take_spec(struct reader *r, struct sync_decoder *d, struct diag *diag)
{
    const struct node *root = take_json(r, d, diag);
    struct hpa_object *object = arena_new(d->arena, struct hpa_object);
    if (root == NULL || !hpa_object_read(d->arena, root, &d->config, d->object, object, diag) ||
        object->error_count > 0) {
        r->damaged = true;
        return;
    }
    const size_t count = object->spec.metric_count;
    d->object = object;
    d->spec = &object->spec;
    d->memory.answer_count = count;
    d->memory.answers = arena_array(d->arena, struct sync_log_answer, count);
    d->answers.len = 0;
    for (size_t i = 0; i < count; i++) {
        *vec_push(d->arena, &d->answers) = (struct hpa_metric_answer){0};
    }
}

static void take_world(struct reader *r, struct sync_decoder *d, uint64_t marks)
{
    struct sync_log_memory *m = &d->memory;
    struct hpa_view *view = &d->view;
    const char *selector = view->selector;
    *view = (struct hpa_view){.selector = selector};
    view->spec_replicas = m->spec_replicas = take_int32(r, m->spec_replicas);
    view->status_replicas = m->status_replicas = take_int32(r, m->status_replicas);
    if (marks & SYNC_SELECTOR_TEXT) {
        view->selector = take_text(r, d->arena);
    }
    if (marks & SYNC_SELECTOR) {
        view->selector_state = (enum hpa_selector_state)(take_varint(r) & 3);
        view->selector_detail = take_text(r, &d->texts);
    }
    if (marks & SYNC_PODS) {
        take_pods(r, d);
    }
    view->pods = m->pods.items;
    view->pod_count = m->pods.count;
    for (size_t i = 0; (marks & SYNC_ANSWERS) && i < m->answer_count; i++) {
        take_answer(r, d, i);
    }
    show_answers(r, d);
}

bool sync_decode(struct sync_decoder *d, const void *record, size_t len, struct decoded_sync *out)
{
    struct diag quiet = {.arena = &d->texts};
    struct reader r = {.next = record, .end = (const unsigned char *)record + len};
    arena_reset(&d->texts);
    *out = (struct decoded_sync){.view = &d->view};
    const uint64_t marks = take_varint(&r);
    if (marks & SYNC_HEAD) {
        take_head(&r, d, &quiet);
    }
    if (marks & SYNC_SPEC) {
        take_spec(&r, d, &quiet);
    }
    if (d->spec == NULL || r.damaged) {
        return false;
    }
    out->spec = d->spec;
    if (marks & SYNC_SCALE_ERROR) {
        d->view = (struct hpa_view){.selector = d->view.selector};
        d->view.scale_error = take_text(&r, &d->texts);
        d->view.spec_replicas = d->memory.spec_replicas = take_int32(&r, d->memory.spec_replicas);
        return !r.damaged && r.next == r.end;
    }
    if (marks & SYNC_UPDATED) {
        out->updated_after = take_time(&r, 0);
    }
    if (marks & SYNC_UPDATE_ERROR) {
        out->update_error = take_text(&r, &d->texts);
    }
    take_world(&r, d, marks);
    return !r.damaged && r.next == r.end;
}

void sync_decoder_drop(struct sync_decoder *d)
{
    arena_drop(&d->memory.pods.rooms[0]);
    arena_drop(&d->memory.pods.rooms[1]);
    arena_drop(&d->texts);
}
