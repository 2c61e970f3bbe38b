/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide hpa`: answers an observation log with what the controller decides at each sync.
 * One case is one controller with one HPA (and those that a step adds); between steps only
 * the scale is carried over. An edit that the API server refuses leaves the object as it was.
 *
 * The traps: an HPA that is added acts, and is known to the others, one period after it
 * appeared, half a second before the next step; a conflict on the update is tried five times
 * since 1.34, 10 ms apart, and fails at once before. The next sync comes one period after the
 * end of this one, so the pauses put off all later ones: enough to be past a window's edge.
 */
#include "base/json.h"
#include "base/str.h"
#include "control/hpa/ambiguous.h"
#include "control/hpa/reconcile.h"
#include "manifest/observation.h"

#include <ctype.h>
#include <string.h>

#define UPDATE_ATTEMPTS 5
#define UPDATE_PAUSE    (10 * SIMTIME_MILLISECOND)

/* An HPA with its memory; the case's own, or one that a step added. */
struct decider {
    struct hpa_object object;
    struct hpa_state state;
    simtime next_sync; /* of an added one */
    bool synced;       /* its selector is known to the controller */
    struct decider *next;
};

struct deciding {
    struct observation_room *room;
    struct observation observation;
    struct decider own;
    struct decider *added; /* in order of appearance */
    int32_t replicas;      /* the scale's spec.replicas */
    simtime delay;         /* by which conflicts have put off the syncs */
    bool crashed;
    enum hpa_selector_state selector_state; /* of the scale's selector, by itself */
    const char *selector_error;
    struct diag *diag;
};

/* Conflict as the API server words it for the target's resource. */
static const char *conflict_text(struct arena *a, const struct hpa_spec *spec)
{
    char *kind = arena_strdup(a, spec->target_kind);
    const char *slash = strchr(spec->target_api_version, '/');
    const size_t len = slash != NULL ? (size_t)(slash - spec->target_api_version) : 0;
    for (char *c = kind; *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return arena_printf(
        a, "Operation cannot be fulfilled on %ss%s%.*s \"%s\": the object has been modified", kind,
        len > 0 ? "." : "", (int)len, spec->target_api_version, spec->target_name);
}

/* What the update of the scale ends with (NULL: it is done), and how long it paused. */
static const char *update_outcome(const struct deciding *c, const struct observed_step *step,
                                  const struct hpa_spec *spec, simtime *paused)
{
    const int32_t attempts = c->observation.config.profile.conflict_retry ? UPDATE_ATTEMPTS : 1;
    if (step->update_conflicts >= attempts) {
        *paused = (attempts - 1) * UPDATE_PAUSE;
        return conflict_text(&c->room->step, spec);
    }
    *paused = (step->update_conflicts > 0 ? step->update_conflicts : 0) * UPDATE_PAUSE;
    return step->update_error;
}

/* The HPAs that the controller knows to select the pods, as the message lists them. */
static const char *ambiguity(const struct deciding *c, const struct decider *asking)
{
    struct label_selector everything = {0};
    const struct hpa_pod_labels pods = {0};
    struct hpa_registration *all;
    size_t count = 0;
    size_t known = 0;
    for (const struct decider *o = &c->own; o != NULL; o = o == &c->own ? c->added : o->next) {
        count++;
    }
    all = arena_array(&c->room->step, struct hpa_registration, count);
    for (const struct decider *o = &c->own; o != NULL; o = o == &c->own ? c->added : o->next) {
        const struct hpa_spec *spec = &o->object.spec;
        all[known++] = (struct hpa_registration){
            .namespace_name = spec->namespace_name,
            .name = spec->name,
            .selector = o->synced || o == asking ? &everything : NULL,
        };
    }
    return hpa_ambiguity(&c->room->step, all, known, asking->object.spec.namespace_name, &pods, 1);
}

static void judge_selector(const struct deciding *c, const struct decider *o,
                           const struct observed_step *step, struct hpa_view *view)
{
    const bool shared = c->added != NULL && step->pod_count > 0;
    view->selector = c->observation.selector;
    if (c->selector_state != HPA_SELECTOR_USABLE) {
        view->selector_state = c->selector_state;
        view->selector_detail = c->selector_error;
        return;
    }
    view->selector_detail = step->ambiguous;
    if (step->ambiguous == NULL && shared) {
        view->selector_detail = ambiguity(c, o);
    }
    if (view->selector_detail != NULL) {
        view->selector_state = HPA_SELECTOR_AMBIGUOUS;
    }
}

static bool sync(struct deciding *c, struct decider *o, const struct observed_step *step,
                 simtime now, struct hpa_decision *d)
{
    const struct hpa_spec *spec = &o->object.spec;
    struct hpa_view view = {
        .scale_error = step->scale_error,
        .spec_replicas = c->replicas,
        .status_replicas = step->status_replicas,
        .pods = step->pods,
        .pod_count = step->pod_count,
        .answers = observation_answers(&c->room->step, step, spec, c->diag),
    };
    if (view.answers == NULL) {
        return false;
    }
    judge_selector(c, o, step, &view);
    const struct hpa_config *config = &c->observation.config;
    hpa_reconcile(spec, config, &o->state, &view, now, &c->room->step, d);
    o->synced = o->synced || d->path != HPA_PATH_FAILED_GET_SCALE;
    c->crashed = c->crashed || d->path == HPA_PATH_CRASH;
    if (d->rescale) {
        simtime paused = 0;
        const char *error = update_outcome(c, step, spec, &paused);
        const simtime at = step->updated_at == SIMTIME_NEVER ? now + paused : step->updated_at;
        c->delay += o == &c->own ? paused : 0;
        hpa_applied(config, &o->state, d, error, at);
        c->replicas = error == NULL ? d->desired : c->replicas;
    }
    return true;
}

/* Reads an object that the log hands to the API server; refused ones are no error here. */
static bool read_object(struct deciding *c, const struct node *node, const struct hpa_object *old,
                        struct hpa_object *out)
{
    return hpa_object_read(&c->room->tree, node, &c->observation.config, old, out, c->diag);
}

static bool edit(struct deciding *c, const struct node *node)
{
    struct hpa_object edited;
    if (!read_object(c, node, &c->own.object, &edited)) {
        return false;
    }
    if (edited.error_count == 0) {
        c->own.object = edited;
    }
    return true;
}

static bool add(struct deciding *c, const struct node *node, simtime now)
{
    struct decider *o = arena_new(&c->room->tree, struct decider);
    struct decider **end = &c->added;
    if (!read_object(c, node, NULL, &o->object)) {
        return false;
    }
    const struct hpa_spec *spec = &c->own.object.spec;
    if (o->object.error_count > 0 || !str_equal(o->object.spec.target_kind, spec->target_kind) ||
        !str_equal(o->object.spec.target_name, spec->target_name)) {
        return true;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = o;
    o->state.arena = &c->room->state;
    o->next_sync = now - SIMTIME_SECOND / 2 + c->observation.config.sync_period;
    return true;
}

/* Syncs of the added HPAs that come before the case's own next one. */
static bool sync_added(struct deciding *c, const struct observed_step *step, simtime until)
{
    const simtime period = c->observation.config.sync_period;
    for (struct decider *o = c->added; o != NULL; o = o->next) {
        struct hpa_decision d;
        if (o->next_sync >= until) {
            continue;
        }
        if (!sync(c, o, step, o->next_sync, &d)) {
            return false;
        }
        /* A log that says when may leave syncs out. */
        o->next_sync += period;
        o->next_sync = o->next_sync < until ? until : o->next_sync;
    }
    return true;
}

static bool decide_step(struct deciding *c, const struct node *node, size_t k,
                        struct decision_writer *w)
{
    struct arena *scratch = &c->room->step;
    struct observed_step step;
    struct hpa_decision d;
    arena_reset(scratch);
    if (!observation_step(scratch, &c->observation, node, k, &step, c->diag) ||
        (step.hpa != NULL && !edit(c, step.hpa)) ||
        (step.add_hpa != NULL && !add(c, step.add_hpa, step.at))) {
        return false;
    }
    c->replicas = step.has_spec_replicas ? step.spec_replicas : c->replicas;
    const simtime now = step.timed ? step.at : step.at + c->delay;
    if (!sync(c, &c->own, &step, now, &d)) {
        return false;
    }
    if (c->crashed) {
        return true;
    }
    decision_writer_step(w, scratch, step.at, &c->own.state, &d, c->replicas);
    return sync_added(c, &step, step.at + c->observation.config.sync_period);
}

static bool write_steps(struct deciding *c, struct decision_writer *w)
{
    const struct node *steps = c->observation.steps;
    size_t k = 0;
    for (const struct node *n = steps != NULL ? steps->first : NULL; n != NULL; n = n->next) {
        if (!decide_step(c, n, k++, w)) {
            return false;
        }
        if (c->crashed) {
            decision_writer_error(w, "the controller process crashes (nil pointer)");
            return true;
        }
    }
    return true;
}

static void check_selector(struct deciding *c)
{
    struct label_selector parsed;
    const char *text = c->observation.selector;
    c->selector_error = label_selector_parse(&c->room->tree, text, &parsed);
    if (*text == '\0') {
        c->selector_state = HPA_SELECTOR_MISSING;
    } else if (c->selector_error != NULL) {
        c->selector_state = HPA_SELECTOR_INVALID;
    }
}

/* The whole line, or NULL after an error. */
static struct decision_writer *decide_case(struct deciding *c)
{
    struct decision_writer *w = decision_writer_new(&c->room->state, c->observation.id);
    if (!read_object(c, c->observation.hpa, NULL, &c->own.object)) {
        return NULL;
    }
    c->own.state.arena = &c->room->state;
    check_selector(c);
    if (c->own.object.error_count > 0) {
        decision_writer_invalid(w, &c->own.object);
        return w;
    }
    return write_steps(c, w) ? w : NULL;
}

bool observation_decide(struct observation_room *room, const char *line, size_t len,
                        uint32_t source, uint32_t line_number,
                        const struct observation_options *options, struct strbuf *out,
                        struct diag *d)
{
    struct deciding c = {.room = room, .diag = d};
    arena_reset(&room->tree);
    arena_reset(&room->state);
    const struct node *root = json_read(&room->tree, line, len, source, line_number, d);
    if (root == NULL || !observation_read(&room->tree, root, options, &c.observation, d)) {
        return false;
    }
    struct decision_writer *w = decide_case(&c);
    if (w == NULL) {
        return false;
    }
    size_t text_len = 0;
    const char *text = decision_writer_text(w, &text_len);
    strbuf_add_len(out, text, text_len);
    strbuf_char(out, '\n');
    return true;
}

void observation_room_drop(struct observation_room *room)
{
    arena_drop(&room->tree);
    arena_drop(&room->state);
    arena_drop(&room->step);
}
