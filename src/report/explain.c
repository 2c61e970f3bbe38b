/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of `explain`: finds the sync asked for, decides it anew and gathers what
 * surrounds it. The idea: replay to the last sync at or before the time, keeping a copy of
 * the state that it found; ask the distance there; then replay on to see what happened.
 *
 * The trap: a decision points into its view, which the next record overwrites; whatever is
 * shown of it has to be written before the replay goes on, so texts come in two parts.
 */
#include "report/explain.h"

#include "explain_internal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct mark nowhere;

/* The sync that is explained; from the table, so that the replay knows where to stop. */
static bool find_sync(struct subject *s, simtime at, struct query_sync *out)
{
    struct arena scratch = {0};
    size_t count = 0;
    simtime from = at > 2 * SIMTIME_HOUR ? at - 2 * SIMTIME_HOUR : 0;
    struct query_sync *list =
        query_syncs(s->query, &scratch, s->run.run, s->index, from, at, &count);
    if (count == 0 && from > 0) {
        list = query_syncs(s->query, &scratch, s->run.run, s->index, 0, at, &count);
    }
    if (count > 0) {
        *out = list[count - 1];
    }
    arena_drop(&scratch);
    return count > 0;
}

static const char *unit_of(const struct query_service *s)
{
    return s->queue ? "jobs/s" : s->demand ? "cores" : "rps";
}

/*
 * The load that came to the HPA's pods in the record interval around the time; NaN: unknown, or
 * of kinds that cannot be added.
 */
static void find_load(struct explained *e)
{
    const struct subject *s = e->subject;
    struct arena scratch = {0};
    size_t count = 0;
    const struct query_service *services = query_services(s->query, &scratch, s->run.run, &count);
    e->load = NAN;
    bool mixed = false;
    for (size_t i = 0; i < count; i++) {
        size_t samples = 0;
        if (s->hpa->workload == QUERY_NONE || services[i].workload != s->hpa->workload) {
            continue;
        }
        const struct service_sample *list = query_service_samples(
            s->query, &scratch, s->run.run, i, e->at - s->run.record_interval, e->at, &samples);
        if (samples > 0 && list[samples - 1].interval > 0) {
            const struct service_sample *v = &list[samples - 1];
            const double rate = v->offered / simtime_to_seconds(v->interval);
            e->load = isnan(e->load) ? rate : e->load + rate;
            mixed |= e->load_unit != NULL && !str_equal(e->load_unit, unit_of(&services[i]));
            e->load_unit = unit_of(&services[i]);
        }
    }
    if (mixed) {
        e->load = NAN;
        e->load_unit = NULL;
    }
    arena_drop(&scratch);
}

/* Pods ready in the view, and the newest time that one became so. */
static int32_t ready_pods(const struct hpa_view *view, simtime *since)
{
    int32_t ready = 0;
    *since = 0;
    for (size_t i = 0; i < view->pod_count; i++) {
        const struct hpa_pod *p = &view->pods[i];
        if (p->phase == POD_RUNNING && p->ready == CONDITION_TRUE && !p->deleting) {
            ready++;
            *since = p->ready_since > *since ? p->ready_since : *since;
        }
    }
    return ready;
}

static void find_aftermath(struct replay *r, struct explained *e, bool rescaled, int32_t wanted)
{
    struct aftermath *f = &e->aftermath;
    while (!f->changed && replay_next(r)) {
        simtime since = 0;
        if (rescaled && !f->settled && r->seen.view->scale_error == NULL &&
            ready_pods(r->seen.view, &since) == wanted) {
            f->settled = true;
            f->settled_at = since > e->at ? since : r->at;
        }
        f->changed = r->decision.rescaled;
        f->changed_at = r->at;
        f->changed_from = r->decision.current;
        f->changed_to = r->decision.desired;
    }
}

static void ask_distance(struct explained *e)
{
    const struct hpa_decision *d = e->decision;
    if (d->path == HPA_PATH_METRICS && !d->rescaled && d->current > 0) {
        e->has_distance = true;
        distance_find(e->spec, e->config, e->after, d->view, e->at, d->current, &e->distance);
    }
}

/* What a decision points to in its view, copied, so that the replay may go on. */
static void detach(struct arena *a, struct hpa_decision *d)
{
    struct hpa_view *view = arena_new(a, struct hpa_view);
    struct hpa_metric_answer *answers =
        arena_array(a, struct hpa_metric_answer, d->spec->metric_count);
    *view = *d->view;
    view->scale_error = view->scale_error != NULL ? arena_strdup(a, view->scale_error) : NULL;
    view->selector_detail =
        view->selector_detail != NULL ? arena_strdup(a, view->selector_detail) : NULL;
    for (size_t i = 0; view->answers != NULL && i < d->spec->metric_count; i++) {
        const char *error = d->view->answers[i].error;
        answers[i].error = error != NULL ? arena_strdup(a, error) : NULL;
    }
    view->answers = answers;
    view->pods = NULL;
    view->pod_count = 0;
    d->view = view;
    d->update_error = d->update_error != NULL ? arena_strdup(a, d->update_error) : NULL;
    struct hpa_metric_working *metrics =
        arena_array(a, struct hpa_metric_working, d->spec->metric_count);
    for (size_t i = 0; d->metrics != NULL && i < d->spec->metric_count; i++) {
        metrics[i] = d->metrics[i];
        metrics[i].pod_groups = NULL;
        metrics[i].failure_pod =
            metrics[i].failure_pod != NULL ? arena_strdup(a, metrics[i].failure_pod) : NULL;
    }
    d->metrics = d->metrics != NULL ? metrics : NULL;
    struct hpa_policy_working *policies =
        arena_array(a, struct hpa_policy_working, d->policy_count);
    for (size_t i = 0; i < d->policy_count; i++) {
        policies[i] = d->policies[i];
    }
    d->policies = policies;
    d->statuses = NULL;
    d->status_count = 0;
}

/* Replays up to the sync at `at`, the state before it copied; false when it is not there. */
static bool replay_until(struct replay *r, simtime at, struct arena *a, struct hpa_state *before)
{
    for (;;) {
        const bool last = observations_peek(r->observations) >= at;
        if (last) {
            *before = hpa_state_copy(a, &r->state);
        }
        if (!replay_next(r)) {
            return false;
        }
        if (last) {
            return r->at == at;
        }
    }
}

static bool missing_observations(const struct subject *s, const struct replay *r, const char *path,
                                 struct diag *d)
{
    if (observations_damaged(r->observations)) {
        diag_error(d, nowhere, "%s: what HPA %s saw cannot be read: the file is damaged", path,
                   s->label);
    } else {
        diag_error(d, nowhere, "%s does not hold what HPA %s saw", path, s->label);
        diag_help(d, "run the scenario again with this podtide, with record.syncs on");
    }
    return false;
}

static bool explain_sync(struct subject *s, const struct query_sync *row,
                         const struct explain_request *request, FILE *out, struct diag *d)
{
    struct arena *a = s->arena;
    struct replay r;
    struct hpa_state before = {0};
    replay_open(&r, s->query, a, s->run.run, s->index);
    if (!replay_until(&r, row->at, a, &before)) {
        missing_observations(s, &r, request->path, d);
        replay_close(&r);
        return false;
    }
    struct hpa_config config = r.config;
    struct hpa_state after = hpa_state_copy(a, &r.state);
    struct hpa_decision decision = r.decision;
    struct explained e = {
        .subject = s,
        .config = &config,
        .before = &before,
        .after = &after,
        .decision = &decision,
        .spec = decision.spec,
        .at = row->at,
        .differs = decision.current != row->current || decision.desired != row->desired ||
                   decision.rescaled != row->rescaled,
        .recorded_current = row->current,
        .recorded_desired = row->rescaled ? row->desired : row->current,
    };
    ask_distance(&e);
    detach(a, &decision);
    find_load(&e);
    find_aftermath(&r, &e, decision.rescaled, decision.desired);
    if (request->json) {
        struct json_writer *w = json_writer_new(a, true);
        explain_json(w, a, &e);
        fputs(json_text(w, NULL), out);
    } else {
        fputs(explain_screen(a, &e), out);
    }
    replay_close(&r);
    return true;
}

static simtime first_sync(struct subject *s)
{
    struct observations *o = observations_open(s->query, s->arena, s->run.run, s->index);
    const simtime first = observations_peek(o);
    observations_close(o);
    return first == SIMTIME_NEVER ? s->run.until : first;
}

static bool explain_one(struct subject *s, const struct explain_request *request, FILE *out,
                        struct diag *d)
{
    struct query_sync row;
    simtime at = s->run.until;
    if (request->at != NULL && !moment_parse(request->at, "--at", &s->run, &at, d)) {
        return false;
    }
    if (find_sync(s, at, &row)) {
        return explain_sync(s, &row, request, out, d);
    }
    struct query_sync first;
    if (find_sync(s, SIMTIME_NEVER, &first)) {
        diag_error(d, nowhere, "HPA %s has no sync at or before %s", s->label,
                   moment_text(s->arena, &s->run, at));
        diag_help(d, "its first is at %s", moment_text(s->arena, &s->run, first_sync(s)));
    } else {
        diag_error(d, nowhere, "%s holds no syncs of HPA %s", request->path, s->label);
        diag_help(d, "the run was recorded without them (record.syncs), or ended before the first");
    }
    return false;
}

static bool explain_from_to(struct subject *s, const struct explain_request *request, FILE *out,
                            struct diag *d)
{
    simtime from = 0;
    simtime to = s->run.until;
    if ((request->from != NULL && !moment_parse(request->from, "--from", &s->run, &from, d)) ||
        (request->to != NULL && !moment_parse(request->to, "--to", &s->run, &to, d))) {
        return false;
    }
    if (to < from) {
        diag_error(d, nowhere, "--to %s is before --from %s", request->to,
                   request->from != NULL ? request->from : "the start");
        return false;
    }
    return explain_range(s, from, to, request->json, out, d);
}

bool explain(const struct explain_request *request, struct arena *a, FILE *out, struct diag *d)
{
    struct subject s;
    if (request->at != NULL && (request->from != NULL || request->to != NULL)) {
        diag_error(d, nowhere,
                   "--at is one time; --from and --to are a range: give one or the other");
        return false;
    }
    if (!subject_open(&s, a, request->path, request->run, request->hpa, d)) {
        return false;
    }
    const bool range = request->from != NULL || request->to != NULL;
    const bool ok = range ? explain_from_to(&s, request, out, d) : explain_one(&s, request, out, d);
    subject_close(&s);
    return ok;
}
