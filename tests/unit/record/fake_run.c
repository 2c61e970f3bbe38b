/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The made-up day. The model is as small as can be: a pod serves 50 requests a
 * second, starts in two intervals, and the HPA wants 70 % of its CPU.
 */
#include "fake_run.h"

#include "control/hpa/decision.h"
#include "engine/dmath.h"
#include "engine/rng.h"
#include "kube/cluster.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RPS_PER_POD = 50, MAX_REPLICAS = 18, MIN_REPLICAS = 3, MAX_PODS = 32 };

static const struct hpa_metric_spec metrics[] = {
    {.type = HPA_METRIC_RESOURCE,
     .name = "cpu",
     .target = {.type = HPA_TARGET_UTILIZATION,
                .has_average_utilization = true,
                .average_utilization = 70}},
    {.type = HPA_METRIC_RESOURCE,
     .name = "memory",
     .target = {.type = HPA_TARGET_AVERAGE_VALUE,
                .has_average_value = true,
                .average_value = INT64_C(400) * 1024 * 1024 * 1000}},
};

static const struct hpa_policy up_policies[] = {{HPA_POLICY_PODS, 4, 60},
                                                {HPA_POLICY_PERCENT, 100, 60}};

static const struct hpa_spec specs[] = {
    {.namespace_name = "default",
     .name = "web",
     .target_kind = "Deployment",
     .target_name = "web",
     .min_replicas = MIN_REPLICAS,
     .max_replicas = MAX_REPLICAS,
     .metrics = metrics,
     .metric_count = 1,
     .has_behavior = true,
     .scale_up = {.has_window = true, .policies = up_policies, .policy_count = 2}},
    {.namespace_name = "default",
     .name = "web",
     .target_kind = "Deployment",
     .target_name = "web",
     .min_replicas = MIN_REPLICAS,
     .max_replicas = MAX_REPLICAS,
     .metrics = metrics,
     .metric_count = 2},
};

struct play {
    const struct fake_run *fake;
    const struct observer *o;
    struct workload workload;
    struct workload_spec workload_spec;
    struct pod pods[MAX_PODS];
    char names[MAX_PODS][32];
    int32_t replicas;
    uint32_t serial;
    double waiting;
    double jobs;
    struct rng rng;
    struct arena state_arena;
    struct hpa_state state;
    int32_t recent[20]; /* recommendations of the last five minutes */
    size_t recent_next;
    struct hpa_metric_working working[2];
    struct hpa_decision decision;
};

void fake_run_describe(struct arena *a, const struct fake_run *fake, struct timeline_run *out)
{
    static const struct timeline_input inputs[] = {{"web.yaml", 0x1234, 99}};
    static const struct timeline_workload workloads[] = {
        {"Deployment", "default", "web", 3, 0.5, 1, 512.0 * 1024 * 1024, 0}};
    static const struct timeline_service services[] = {{"service", "api", 0}, {"queue", "mail", 0}};
    static const struct timeline_metric named[] = {{"queue_depth", "external"}};
    struct timeline_hpa *hpas = arena_array(a, struct timeline_hpa, 1);
    hpas[0] = (struct timeline_hpa){&specs[fake->second_metric], 0};
    *out = (struct timeline_run){
        .name = "fake-day",
        .scenario = "scenarios/fake.yaml",
        .program = "podtide test",
        .resolution = "fluid",
        .seed = fake->seed,
        .start_unix_ns = INT64_C(805608000) * 1000000000, /* 1995-07-13T00:00:00-04:00 */
        .zone_seconds = -4 * 3600,
        .duration = fake->duration,
        .record_interval = fake->interval,
        .inputs = inputs,
        .input_count = 1,
        .workloads = workloads,
        .workload_count = 1,
        .services = services,
        .service_count = fake->queue ? 2 : 1,
        .hpas = hpas,
        .hpa_count = 1,
        .metrics = named,
        .metric_count = 1,
        .record_pods = true,
        .record_syncs = true,
    };
}

static double offered_rate(struct play *p, simtime now)
{
    double day = simtime_to_seconds(now) / 86400;
    double rate = 330 - 250 * dmath_cospi(2 * day - 0.15);
    double noon = (day - 0.47) / 0.012;
    rate += 700 / (1 + noon * noon * noon * noon);
    return rate * (0.95 + 0.1 * rng_double(&p->rng));
}

static void tell_pod(struct play *p, struct pod *pod, simtime now, const char *change)
{
    if (p->o->pod) {
        p->o->pod(p->o->context, pod, now, change);
    }
}

static void start_pod(struct play *p, simtime now, bool at_once)
{
    size_t i = 0;
    while (p->pods[i].workload != NULL) {
        i++;
    }
    p->serial++;
    snprintf(p->names[i], sizeof p->names[i], "web-1-%u", (unsigned)p->serial);
    p->pods[i] = (struct pod){
        .serial = p->serial,
        .name = p->names[i],
        .workload = &p->workload,
        .ordinal = -1,
        .created = now,
        .bound = now,
        .start_time = now,
        .running = now,
        .first_ready = at_once ? now : now + 2 * p->fake->interval,
        .deleted = SIMTIME_NEVER,
        .gone = SIMTIME_NEVER,
    };
    tell_pod(p, &p->pods[i], now, "Created");
}

static void stop_pod(struct play *p, simtime now)
{
    struct pod *newest = NULL;
    for (size_t i = 0; i < MAX_PODS; i++) {
        struct pod *pod = &p->pods[i];
        if (pod->workload != NULL && (newest == NULL || pod->serial > newest->serial)) {
            newest = pod;
        }
    }
    newest->deleted = now;
    newest->gone = now + 5 * SIMTIME_SECOND;
    tell_pod(p, newest, now, "Deleting");
    tell_pod(p, newest, now, "Gone");
    newest->workload = NULL;
}

static int32_t ready_pods(struct play *p, simtime now)
{
    int32_t count = 0;
    for (size_t i = 0; i < MAX_PODS; i++) {
        count += p->pods[i].workload != NULL && p->pods[i].first_ready <= now;
    }
    return count;
}

static void set_replicas(struct play *p, int32_t to, simtime now, bool at_once)
{
    for (; p->replicas < to; p->replicas++) {
        start_pod(p, now, at_once);
    }
    for (; p->replicas > to; p->replicas--) {
        stop_pod(p, now);
    }
}

static int32_t limited(int32_t v, int32_t low, int32_t high)
{
    return v < low ? low : v > high ? high : v;
}

static void tell_rescale(struct play *p, simtime now, const struct hpa_decision *d)
{
    char message[128];
    snprintf(message, sizeof message, "New size: %d; reason: cpu resource utilization %s target",
             (int)d->desired, d->desired > d->current ? "above" : "below");
    if (p->o->event) {
        p->o->event(p->o->context, &(struct observed_event){
                                       .at = now,
                                       .source = "horizontal-pod-autoscaler",
                                       .type = "Normal",
                                       .reason = "SuccessfulRescale",
                                       .kind = "HorizontalPodAutoscaler",
                                       .namespace_name = "default",
                                       .name = "web",
                                       .message = message,
                                   });
    }
}

static void fill_metrics(struct play *p, double usage, int32_t ready)
{
    double ratio = usage / 0.7;
    p->working[0] = (struct hpa_metric_working){
        .rule = HPA_RULE_READY_PODS,
        .proposal = (int32_t)ceil(ratio * ready),
        .ready = (uint32_t)ready,
        .total = (int64_t)(usage * ready * 500),
        .requests = 500 * (int64_t)ready,
        .ratio = ratio,
        .filled_ratio = ratio,
        .tolerance_low = 0.9,
        .tolerance_high = 1.1,
    };
    if (ratio >= 0.9 && ratio <= 1.1) {
        p->working[0].rule = HPA_RULE_WITHIN_TOLERANCE;
        p->working[0].proposal = p->replicas;
    }
    p->working[1] = (struct hpa_metric_working){.proposal = MIN_REPLICAS,
                                                .rule = HPA_RULE_READY_PODS,
                                                .ready = (uint32_t)ready,
                                                .ratio = 0.5,
                                                .filled_ratio = 0.5,
                                                .tolerance_low = 0.9,
                                                .tolerance_high = 1.1};
}

static void decide(struct play *p)
{
    struct hpa_decision *d = &p->decision;
    d->recommendation = p->working[0].proposal;
    p->recent[p->recent_next++ % 20] = d->recommendation;
    d->stabilized = d->recommendation;
    for (size_t i = 0; i < 20; i++) {
        if (d->recommendation < d->current && p->recent[i] > d->stabilized) {
            d->stabilized = p->recent[i];
        }
    }
    d->stabilized =
        d->stabilized > d->current && d->recommendation < d->current ? d->current : d->stabilized;
    d->rate_checked = d->stabilized > d->current;
    d->rate_limit = d->current + 4;
    d->desired = d->rate_checked && d->stabilized > d->rate_limit ? d->rate_limit : d->stabilized;
    d->binding = d->desired != d->stabilized                       ? HPA_BINDING_SCALE_UP_LIMIT
                 : d->stabilized != d->recommendation              ? HPA_BINDING_STABILIZATION_DOWN
                 : p->working[0].rule == HPA_RULE_WITHIN_TOLERANCE ? HPA_BINDING_TOLERANCE
                                                                   : HPA_BINDING_NONE;
    int32_t bounded = limited(d->desired, MIN_REPLICAS, MAX_REPLICAS);
    if (bounded != d->desired) {
        d->binding = bounded == MAX_REPLICAS ? HPA_BINDING_MAX_REPLICAS : HPA_BINDING_MIN_REPLICAS;
    }
    d->desired = bounded;
    d->limit_reason =
        bounded == MAX_REPLICAS ? HPA_REASON_TOO_MANY_REPLICAS : HPA_REASON_DESIRED_WITHIN_RANGE;
    d->rescale = d->rescaled = d->desired != d->current;
    d->rescale_reason =
        d->desired > d->current ? HPA_RESCALE_ABOVE_TARGET : HPA_RESCALE_BELOW_TARGET;
    d->rescale_names_winner = true;
}

static void set_condition(struct hpa_condition *c, enum hpa_condition_type type,
                          enum hpa_reason reason, bool on)
{
    c->type = type;
    c->reason = reason;
    c->status = on ? CONDITION_TRUE : CONDITION_FALSE;
}

static void sync(struct play *p, simtime now, double usage, int32_t ready)
{
    const struct hpa_spec *spec = &specs[p->fake->second_metric];
    p->decision = (struct hpa_decision){.at = now,
                                        .spec = spec,
                                        .path = HPA_PATH_METRICS,
                                        .current = p->replicas,
                                        .status_replicas = p->replicas,
                                        .metrics = p->working,
                                        .first_failed = -1};
    fill_metrics(p, usage, ready);
    decide(p);
    struct hpa_status *status = &p->state.status;
    status->condition_count = 2;
    set_condition(&status->conditions[0], HPA_ABLE_TO_SCALE, HPA_REASON_READY_FOR_NEW_SCALE, true);
    set_condition(&status->conditions[1], HPA_SCALING_LIMITED, p->decision.limit_reason,
                  p->decision.limit_reason != HPA_REASON_DESIRED_WITHIN_RANGE);
    if (p->decision.rescaled) {
        tell_rescale(p, now, &p->decision);
    }
    if (p->o->decision) {
        p->o->decision(p->o->context, 0, now, &p->decision, &p->state);
    }
    set_replicas(p, p->decision.desired, now, false);
}

static void tell_workload(struct play *p, simtime now, double usage, int32_t ready)
{
    struct workload_sample s = {
        .at = now,
        .interval = p->fake->interval,
        .spec_replicas = p->replicas,
        .status_replicas = p->replicas,
        .ready_replicas = ready,
        .starting = p->replicas - ready,
        .cpu_used_cores = usage * ready * 0.5,
        .cpu_requested_cores = 0.5 * p->replicas,
        .memory_bytes = 3e8 * p->replicas,
        .memory_requested_bytes = 512.0 * 1024 * 1024 * p->replicas,
    };
    if (p->o->workload) {
        p->o->workload(p->o->context, &s);
    }
}

static void tell_service(struct play *p, simtime now, double rate, int32_t ready)
{
    double seconds = simtime_to_seconds(p->fake->interval);
    double capacity = (double)ready * RPS_PER_POD;
    double backlog = p->waiting + rate * seconds;
    double served = backlog < capacity * seconds ? backlog : capacity * seconds;
    double left = backlog - served;
    p->waiting = left < 2000 ? left : 2000;
    double rho = capacity > 0 ? rate / capacity : 1;
    double delay = 0.02 / (1 - (rho < 0.95 ? rho : 0.95)) + p->waiting / (capacity + 1);
    double short_by = rate / RPS_PER_POD - ready;
    struct service_sample s = {
        .at = now,
        .interval = p->fake->interval,
        .offered = rate * seconds,
        .served = served,
        .dropped = left - p->waiting,
        .waiting = p->waiting,
        .in_flight = rate * 0.02,
        .oldest_seconds = p->waiting / (capacity + 1),
        .latency_mean = delay,
        .latency_p50 = 0.7 * delay,
        .latency_p90 = 2.3 * delay,
        .latency_p95 = 3 * delay,
        .latency_p99 = 4.6 * delay,
        .capacity = capacity,
        .unmet_replica_seconds = short_by > 0 ? short_by * seconds : 0,
        .utilization = rho < 1 ? rho : 1,
    };
    if (p->fake->idle_end && now >= p->fake->duration) {
        s.served = 0;
        s.latency_mean = s.latency_p50 = s.latency_p90 = s.latency_p95 = s.latency_p99 = NAN;
    }
    if (p->o->service) {
        p->o->service(p->o->context, &s);
    }
}

static void tell_queue(struct play *p, simtime now, double rate)
{
    double seconds = simtime_to_seconds(p->fake->interval);
    double came = rate * 0.1 * seconds;
    double done = p->jobs + came < 60 * seconds ? p->jobs + came : 60 * seconds;
    p->jobs += came - done;
    struct service_sample s = {.at = now,
                               .interval = p->fake->interval,
                               .service = 1,
                               .offered = came,
                               .served = done,
                               .waiting = p->jobs,
                               .oldest_seconds = p->jobs / 60,
                               .latency_mean = NAN,
                               .latency_p50 = NAN,
                               .latency_p90 = NAN,
                               .latency_p95 = NAN,
                               .latency_p99 = NAN,
                               .capacity = 60,
                               .utilization = rate / 600};
    if (p->o->service) {
        p->o->service(p->o->context, &s);
    }
    struct metric_sample m = {.at = now, .value = p->jobs > 0 ? p->jobs : NAN};
    if (p->o->metric) {
        p->o->metric(p->o->context, &m);
    }
}

static void interval(struct play *p, simtime now)
{
    double rate = offered_rate(p, now);
    int32_t ready = ready_pods(p, now);
    double usage = rate / (ready * RPS_PER_POD) * 0.9;
    usage = usage < 2 ? usage : 2;
    tell_workload(p, now, usage, ready);
    tell_service(p, now, rate, ready);
    if (p->fake->queue) {
        tell_queue(p, now, rate);
    }
    sync(p, now, usage, ready);
}

bool fake_run_play(const struct fake_run *fake, const struct observer *o, unsigned pace_ms)
{
    struct play p = {.fake = fake, .o = o, .workload_spec = {.name = "web"}};
    p.workload.spec = &p.workload_spec;
    p.rng = rng_stream(fake->seed, "fake", "noise");
    set_replicas(&p, MIN_REPLICAS, 0, true);
    const struct timespec pause = {.tv_nsec = (long)pace_ms * 1000000};
    for (simtime now = fake->interval; now <= fake->duration; now += fake->interval) {
        interval(&p, now);
        if (o->tick && !o->tick(o->context, now)) {
            return false;
        }
        if (pace_ms > 0) {
            nanosleep(&pause, NULL);
        }
    }
    return true;
}
