/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the controller what it would do with another load, or later. Load: the samples times a
 * factor at the next sync; the least factor that changes the answer lies between one that does
 * and one that does not, halved until they meet. Time: the same view, its samples as fresh as
 * now, sync after sync until the count changes or nothing remembered is left to age.
 *
 * The traps: a truncated percentage makes the answer a step function, so the border is met from
 * the side that changes; the answer need not be monotonic (missing and unready pods), so it is
 * the border next to the first changing power of two that is found, and said.
 */
#include "report/distance.h"

#include "base/str.h"
#include "control/hpa/reconcile.h"
#include "kube/pod.h"

#include <math.h>
#include <string.h>

enum { HALVINGS = 24, DOUBLINGS = 12, MOST_SYNCS = 20000 };

struct asking {
    const struct hpa_spec *spec;
    const struct hpa_config *config;
    const struct hpa_state *state;
    const struct hpa_view *view;
    simtime at;
    int32_t replicas;
    struct arena copies;  /* of states */
    struct arena scratch; /* of decisions and views */
};

/* ---- views of another load, or time ---- */

static bool follows_load(const struct hpa_metric_spec *m)
{
    const bool resource =
        m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE;
    return !resource || !str_equal(m->name, "memory");
}

static int64_t scaled(int64_t v, double factor)
{
    const double x = round((double)v * factor);
    return x >= 9e18    ? INT64_C(9000000000000000000)
           : x <= -9e18 ? -INT64_C(9000000000000000000)
                        : (int64_t)x;
}

static void change_samples(struct asking *q, struct hpa_metric_answer *answer, double factor,
                           simtime later)
{
    struct hpa_sample *samples = arena_array(&q->scratch, struct hpa_sample, answer->sample_count);
    for (size_t i = 0; i < answer->sample_count; i++) {
        samples[i] = answer->samples[i];
        samples[i].value = scaled(samples[i].value, factor);
        samples[i].time += later;
    }
    answer->samples = samples;
}

static void change_values(struct asking *q, struct hpa_metric_answer *answer, double factor)
{
    int64_t *values = arena_array(&q->scratch, int64_t, answer->value_count);
    for (size_t i = 0; i < answer->value_count; i++) {
        values[i] = scaled(answer->values[i], factor);
    }
    answer->values = values;
    answer->value = scaled(answer->value, factor);
}

static struct hpa_view changed_view(struct asking *q, double factor, simtime later)
{
    struct hpa_view view = *q->view;
    const size_t count = q->spec->metric_count;
    struct hpa_metric_answer *answers = arena_array(&q->scratch, struct hpa_metric_answer, count);
    view.spec_replicas = q->replicas;
    for (size_t i = 0; q->view->answers != NULL && i < count; i++) {
        const double by = follows_load(&q->spec->metrics[i]) ? factor : 1.0;
        answers[i] = q->view->answers[i];
        change_samples(q, &answers[i], by, later);
        change_values(q, &answers[i], by);
    }
    view.answers = answers;
    return view;
}

/* ---- load ---- */

static struct hpa_decision ask_load(struct asking *q, double factor)
{
    arena_reset(&q->copies);
    arena_reset(&q->scratch);
    struct hpa_state state = hpa_state_copy(&q->copies, q->state);
    const simtime later = q->config->sync_period;
    const struct hpa_view view = changed_view(q, factor, later);
    struct hpa_decision d;
    hpa_reconcile(q->spec, q->config, &state, &view, q->at + later, &q->scratch, &d);
    return d;
}

static bool rises(struct asking *q, double factor)
{
    const struct hpa_decision d = ask_load(q, factor);
    return d.rescale && d.desired > q->replicas;
}

static bool asks_for_less(struct asking *q, double factor)
{
    const struct hpa_decision d = ask_load(q, factor);
    return d.path == HPA_PATH_METRICS && d.recommendation < q->replicas;
}

typedef bool load_question(struct asking *q, double factor);

/* Between a factor that does not change the answer and one that does. */
static double border(struct asking *q, load_question *changes, double keeps, double changed)
{
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = keeps + (changed - keeps) / 2;
        if (changes(q, middle)) {
            changed = middle;
        } else {
            keeps = middle;
        }
    }
    return changed;
}

static void fill_load(struct asking *q, double factor, bool down, struct distance_load *out)
{
    const struct hpa_decision d = ask_load(q, factor);
    *out = (struct distance_load){
        .found = true,
        .factor = factor,
        .replicas = down ? d.recommendation : d.desired,
        .winner = d.winner,
    };
    if (d.winner < 0) {
        return;
    }
    const struct hpa_metric_spec *m = &q->spec->metrics[d.winner];
    const struct hpa_metric_working *w = &d.metrics[d.winner];
    out->utilization_target =
        (m->type == HPA_METRIC_RESOURCE || m->type == HPA_METRIC_CONTAINER_RESOURCE) &&
        !m->target.has_average_value;
    out->utilization = w->utilization;
    out->average = w->average;
}

static void find_up(struct asking *q, struct distance_load *out)
{
    double factor = 1;
    if (rises(q, 1)) {
        fill_load(q, 1, false, out);
        return;
    }
    for (int i = 0; i < DOUBLINGS; i++) {
        if (rises(q, factor * 2)) {
            fill_load(q, border(q, rises, factor, factor * 2), false, out);
            return;
        }
        factor *= 2;
    }
    const struct hpa_decision most = ask_load(q, factor);
    out->held_by = most.binding;
    out->wanted = most.path == HPA_PATH_METRICS && most.recommendation > q->replicas;
}

static void find_down(struct asking *q, struct distance_load *out)
{
    double factor = 1;
    if (asks_for_less(q, 1)) {
        fill_load(q, 1, true, out);
        return;
    }
    for (int i = 0; i < DOUBLINGS; i++) {
        const double lower = i + 1 < DOUBLINGS ? factor / 2 : 0;
        if (asks_for_less(q, lower)) {
            fill_load(q, border(q, asks_for_less, factor, lower), true, out);
            return;
        }
        factor = lower;
    }
    out->held_by = ask_load(q, 0).binding;
}

/* ---- time ---- */

static simtime longest(const struct hpa_scaling_rules *rules, simtime window)
{
    simtime most = rules->has_window && rules->window_seconds * SIMTIME_SECOND > window
                       ? rules->window_seconds * SIMTIME_SECOND
                       : window;
    for (size_t i = 0; i < rules->policy_count; i++) {
        const simtime period = rules->policies[i].period_seconds * SIMTIME_SECOND;
        most = period > most ? period : most;
    }
    return most;
}

/* Nothing remembered is older than this, so nothing changes by itself afterwards. */
static simtime memory_span(const struct asking *q)
{
    const simtime up = longest(&q->spec->scale_up, 0);
    const simtime down = longest(&q->spec->scale_down, q->config->downscale_stabilization);
    return (up > down ? up : down) + 2 * q->config->sync_period;
}

static void find_move(struct asking *q, struct distance *out)
{
    arena_reset(&q->copies);
    struct hpa_state state = hpa_state_copy(&q->copies, q->state);
    const simtime until = q->at + memory_span(q);
    simtime now = q->at;
    for (int i = 0; i < MOST_SYNCS && now < until; i++) {
        struct hpa_decision d;
        now += q->config->sync_period;
        arena_reset(&q->scratch);
        const struct hpa_view view = changed_view(q, 1.0, now - q->at);
        hpa_reconcile(q->spec, q->config, &state, &view, now, &q->scratch, &d);
        if (d.rescale) {
            out->moves = true;
            out->moves_at = now;
            out->moves_to = d.desired;
            return;
        }
        out->held_by = d.binding;
    }
    out->looked_until = now;
}

void distance_find(const struct hpa_spec *spec, const struct hpa_config *config,
                   const struct hpa_state *state, const struct hpa_view *view, simtime at,
                   int32_t replicas, struct distance *out)
{
    struct asking q = {.spec = spec,
                       .config = config,
                       .state = state,
                       .view = view,
                       .at = at,
                       .replicas = replicas};
    *out = (struct distance){.looked_until = at};
    if (view->scale_error == NULL && replicas > 0) {
        find_up(&q, &out->up);
        find_down(&q, &out->down);
        find_move(&q, out);
    }
    arena_drop(&q.copies);
    arena_drop(&q.scratch);
}
