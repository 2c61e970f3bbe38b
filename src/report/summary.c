/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers a run's numbers while it goes on: sums over time, peaks with their
 * moment, how long each constraint held each HPA (a sync's answer holds until
 * the next sync). The trap: latency quantiles of intervals cannot be averaged; the
 * run's are read from one histogram, the sum of the intervals' (within 1 %). Where only
 * their quantiles are known, as from a file, these go in weighted by what was served,
 * which is right to a few percent.
 */
#include "report/summary.h"

#include "base/str.h"

#include <math.h>
#include <stdlib.h>

#define REVERSAL_WITHIN (10 * SIMTIME_MINUTE)
#define ROUNDING        1e-6 /* what fluid sums may be off */

static void peak(struct summary_peak *p, double value, simtime at)
{
    if (value > p->value) {
        p->value = value;
        p->at = at;
    }
}

static void seen(struct summary *s, simtime at)
{
    if (at > s->ended) {
        s->ended = at;
    }
}

static double number(double v)
{
    return isfinite(v) ? v : 0;
}

static void on_workload(void *context, const struct workload_sample *w)
{
    struct summary *s = context;
    if (w->workload >= s->workload_count) {
        return;
    }
    struct summary_workload *out = &s->workloads[w->workload];
    double seconds = simtime_to_seconds(w->interval);
    if (out->seconds <= 0 || w->spec_replicas < out->replicas_min) {
        out->replicas_min = w->spec_replicas;
    }
    if (w->spec_replicas > out->replicas_max) {
        out->replicas_max = w->spec_replicas;
    }
    out->seconds += seconds;
    out->replica_seconds += w->spec_replicas * seconds;
    out->ready_seconds += w->ready_replicas * seconds;
    out->cpu_used_seconds += number(w->cpu_used_cores) * seconds;
    out->cpu_requested_seconds += number(w->cpu_requested_cores) * seconds;
    out->cpu_throttled_seconds += number(w->cpu_throttled_cores) * seconds;
    seen(s, w->at);
}

/* weight spread evenly over [from, to] in `parts` points. */
static void spread(struct histogram *h, double from, double to, int parts, double weight)
{
    for (int i = 0; i < parts; i++) {
        histogram_add(h, from + (to - from) * (i + 0.5) / parts, weight / parts);
    }
}

static void add_latency(struct histogram *h, const struct service_sample *v)
{
    if (v->latency != NULL) {
        histogram_merge(h, v->latency);
        return;
    }
    if (!(v->served > 0) || !isfinite(v->latency_p50) || !isfinite(v->latency_p99)) {
        return;
    }
    spread(h, v->latency_p50 / 4, v->latency_p50, 6, 0.50 * v->served);
    spread(h, v->latency_p50, v->latency_p90, 16, 0.40 * v->served);
    spread(h, v->latency_p90, v->latency_p95, 6, 0.05 * v->served);
    spread(h, v->latency_p95, v->latency_p99, 8, 0.04 * v->served);
    histogram_add(h, v->latency_p99, 0.01 * v->served);
}

static void on_service(void *context, const struct service_sample *v)
{
    struct summary *s = context;
    if (v->service >= s->service_count || v->interval <= 0) {
        return;
    }
    struct summary_service *out = &s->services[v->service];
    double seconds = simtime_to_seconds(v->interval);
    double lost = number(v->timed_out) + number(v->dropped) + number(v->failed);
    double unmet = number(v->unmet_replica_seconds);
    lost = lost > ROUNDING ? lost : 0;
    unmet = unmet > ROUNDING ? unmet : 0;
    out->seconds += seconds;
    out->offered += number(v->offered);
    out->served += number(v->served);
    out->timed_out += number(v->timed_out);
    out->dropped += number(v->dropped);
    out->failed += number(v->failed);
    out->utilization_seconds += number(v->utilization) * seconds;
    out->unmet_replica_seconds += unmet;
    out->unmet_seconds += unmet > 0 ? seconds : 0;
    simtime began = v->at - v->interval;
    peak(&out->utilization, number(v->utilization), began);
    peak(&out->unmet, unmet / seconds, began);
    peak(&out->lost, lost / seconds, began);
    peak(&out->p99, number(v->latency_p99), began);
    peak(&out->waiting, number(v->waiting), v->at);
    add_latency(&out->latency, v);
    seen(s, v->at);
}

static void see_rescale(struct summary_hpa *h, simtime at, int32_t direction)
{
    if (direction > 0) {
        h->ups++;
    } else {
        h->downs++;
    }
    if (h->last_direction == -direction && at - h->last_rescale <= REVERSAL_WITHIN) {
        h->reversals++;
    }
    h->last_direction = direction;
    h->last_rescale = at;
}

static void hold(struct summary_hpa *h, simtime until)
{
    if (h->last_sync >= 0 && until > h->last_sync) {
        h->held[h->binding] += simtime_to_seconds(until - h->last_sync);
    }
}

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct summary *s = context;
    (void)state;
    if (hpa >= s->hpa_count) {
        return;
    }
    struct summary_hpa *h = &s->hpas[hpa];
    hold(h, at);
    h->last_sync = at;
    h->binding = d->binding;
    h->syncs++;
    h->failed_syncs += d->failed_metrics > 0;
    if (d->spec != NULL) {
        h->min_replicas = d->spec->min_replicas;
        h->max_replicas = d->spec->max_replicas;
    }
    if (d->rescaled && d->desired != d->current) {
        see_rescale(h, at, d->desired > d->current ? 1 : -1);
    }
    if (d->metrics != NULL && d->winner >= 0 && isfinite(d->metrics[d->winner].ratio)) {
        h->ratio_sum += d->metrics[d->winner].ratio;
        h->ratio_count++;
        peak(&h->ratio, d->metrics[d->winner].ratio, at);
    }
    seen(s, at);
}

struct observer summary_observer(struct summary *s)
{
    return (struct observer){
        .context = s, .workload = on_workload, .service = on_service, .decision = on_decision};
}

static struct summary *make(struct arena *a, size_t workloads, size_t services, size_t hpas)
{
    struct summary *s = arena_new(a, struct summary);
    s->arena = a;
    s->workload_count = workloads;
    s->workloads = arena_array(a, struct summary_workload, workloads);
    s->service_count = services;
    s->services = arena_array(a, struct summary_service, services);
    s->hpa_count = hpas;
    s->hpas = arena_array(a, struct summary_hpa, hpas);
    for (size_t i = 0; i < hpas; i++) {
        s->hpas[i].last_sync = -1;
    }
    return s;
}

struct summary *summary_new(struct arena *a, const struct timeline_run *run)
{
    struct summary *s = make(a, run->workload_count, run->service_count, run->hpa_count);
    s->name = arena_strdup(a, run->name != NULL ? run->name : "run");
    s->resolution = run->resolution;
    s->seed = run->seed;
    s->start_unix_ns = run->start_unix_ns;
    s->zone_seconds = run->zone_seconds;
    for (size_t i = 0; i < run->workload_count; i++) {
        s->workloads[i].namespace_name = arena_strdup(a, run->workloads[i].namespace_name);
        s->workloads[i].name = arena_strdup(a, run->workloads[i].name);
    }
    for (size_t i = 0; i < run->service_count; i++) {
        s->services[i].name = arena_strdup(a, run->services[i].name);
        s->services[i].queue = str_equal(run->services[i].kind, "queue");
        s->services[i].demand = str_equal(run->services[i].kind, "demand");
        s->services[i].workload = run->services[i].workload;
    }
    for (size_t i = 0; i < run->hpa_count; i++) {
        const struct hpa_spec *spec = run->hpas[i].spec;
        s->hpas[i].namespace_name = arena_strdup(a, spec->namespace_name);
        s->hpas[i].name = arena_strdup(a, spec->name);
        s->hpas[i].workload = run->hpas[i].workload;
        s->hpas[i].min_replicas = spec->min_replicas;
        s->hpas[i].max_replicas = spec->max_replicas;
    }
    return s;
}

struct summary *summary_of_file(struct arena *a, struct query *q, const struct query_run *run)
{
    size_t workloads = 0;
    size_t services = 0;
    size_t hpas = 0;
    const struct query_workload *w = query_workloads(q, a, run->run, &workloads);
    const struct query_service *v = query_services(q, a, run->run, &services);
    const struct query_hpa *h = query_hpas(q, a, run->run, &hpas);
    struct summary *s = make(a, workloads, services, hpas);
    s->name = run->name;
    s->resolution = run->resolution;
    s->seed = strtoull(run->seed, NULL, 10);
    s->start_unix_ns = run->start_unix_ns;
    s->zone_seconds = run->zone_seconds;
    for (size_t i = 0; i < workloads; i++) {
        s->workloads[i].namespace_name = w[i].namespace_name;
        s->workloads[i].name = w[i].name;
    }
    for (size_t i = 0; i < services; i++) {
        s->services[i].name = v[i].name;
        s->services[i].queue = v[i].queue;
        s->services[i].demand = v[i].demand;
        s->services[i].workload = v[i].workload;
    }
    for (size_t i = 0; i < hpas; i++) {
        s->hpas[i].namespace_name = h[i].namespace_name;
        s->hpas[i].name = h[i].name;
        s->hpas[i].workload = h[i].workload;
        if (h[i].spec_count > 0) {
            s->hpas[i].min_replicas = h[i].specs[h[i].spec_count - 1].min_replicas;
            s->hpas[i].max_replicas = h[i].specs[h[i].spec_count - 1].max_replicas;
        }
    }
    struct observer o = summary_observer(s);
    query_replay(q, run->run, &o);
    summary_end(s, run->until);
    return s;
}

void summary_end(struct summary *s, simtime ended)
{
    seen(s, ended);
    for (size_t i = 0; i < s->hpa_count; i++) {
        hold(&s->hpas[i], s->ended);
        s->hpas[i].last_sync = -1; /* a second call adds nothing */
    }
}
