/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fluid resolution: between changes of rates and pods a service is in a
 * plan, flows constant in time. The number present moves towards its steady
 * state (service_profile.c); what came in and is no longer present was served,
 * so every request is counted once whatever the formulas say.
 *
 * Services that settle within SHORT jump to their steady state; slow ones and
 * overloaded ones get there in straight lines, and an event ends the plan.
 * A backlog adds its drain time to every latency. Nothing costs time while
 * nothing changes.
 *
 * The trap: CPU curves need the rate ahead, counters the time behind. A change
 * first settles the past with the old plan, then marks the service; plans are
 * made in one event at that instant, callers before those they call.
 */
#include "base/require.h"
#include "engine/dmath.h"
#include "kube/phases.h"
#include "service_internal.h"

#include <math.h>

#define SHORT            0.25 /* seconds */
#define HIGHEST_LOAD     0.98 /* of capacity, in formulas for queues without limit */
#define HIGHEST_OVERLOAD 4.0  /* ... with a short limit */
#define TINY             1e-9
enum { KEPT_LATENCIES = 8, MOST_ROUNDS = 4, MOST_PROFILES = 40000, LINE_POINTS = 64 };

struct kept_latency {
    const struct profile *profile;
    double weight;
};

/* How many had got in by then. */
struct line_point {
    simtime at;
    double entered;
};

struct service_fluid {
    struct service *service;
    bool changed;
    simtime settled;
    const struct service_spec *shape; /* whose profiles these are */
    const struct profile *profile;    /* of the plan; the last one while there are no pods */
    struct curve pool;
    struct event again; /* the plan ends */
    double offered;     /* a second, as are all flows */
    double dropped;
    double impatient;
    double completed;
    double begun;        /* get a place: their calls follow soon */
    double failed;       /* part of the completed whose calls failed */
    double not_answered; /* part of the offered that fails a caller */
    double capacity;
    double target;     /* present in the long run, or at the end of the plan */
    double slope;      /* of present, when it does not jump */
    bool jump;         /* present is at the target whenever it is looked at */
    double in_service; /* in the steady state; all others wait */
    double delay;      /* what the backlog adds to a latency */
    double call_delay; /* what backlogs of those called add */
    double pressure;   /* > 0: patience limits the queue, see part_in_patience */
    struct kept_latency kept[KEPT_LATENCIES];
    double entered;                      /* not dropped, up to settled */
    struct line_point line[LINE_POINTS]; /* while there is a backlog, else the newest only */
    uint32_t line_count;
};

/* Mean time that a request's calls take. */
static double calls_hold(const struct service *s)
{
    double hold = 0.0;
    for (size_t i = 0; i < s->spec->call_count; i++) {
        const struct service_call *call = &s->spec->calls[i];
        const struct service *called = &s->mesh->services[call->service];
        const struct profile *p = called->fluid != NULL ? called->fluid->profile : NULL;
        double each = called->spec->cpu.mean + called->spec->wait.mean;
        if (p != NULL)
            each = p->latency.mean + called->fluid->delay + called->fluid->call_delay;
        hold += call->per_request * each;
    }
    return hold;
}

void service_find_capacity(struct service *s)
{
    s->pod_capacity =
        profile_capacity(s->spec, s->shares_cpu ? s->share_limit : 0.0, calls_hold(s));
}

/* Latencies of the interval: kept per profile, since loads come back to the same few. */

static void flush_one(struct service *s, struct kept_latency *k)
{
    if (k->weight > 0.0 && !s->spec->no_latency)
        profile_add(s->latency, k->profile, k->weight);
    k->weight = 0.0;
}

void fluid_flush(struct service *s)
{
    for (int i = 0; i < KEPT_LATENCIES; i++)
        flush_one(s, &s->fluid->kept[i]);
}

static void keep_latency(struct service *s, const struct profile *p, double served)
{
    struct kept_latency *k = &s->fluid->kept[p->serial % KEPT_LATENCIES];
    if (k->profile != p) {
        flush_one(s, k);
        k->profile = p;
    }
    k->weight += served;
}

static bool is_delayed(const struct service_fluid *f)
{
    return f->delay > 0.0 || f->call_delay > 0.0;
}

/* A latency with the backlog's delay: behind it in a queue, or sharing with it. */
static double delayed(const struct service *s, double latency)
{
    const struct service_fluid *f = s->fluid;
    if (s->spec->concurrency == 0)
        return latency * (1.0 + f->delay / f->profile->latency.mean) + f->call_delay;
    return latency + f->delay + f->call_delay;
}

/*
 * Where patience limits the queue, a wait falls short of it by an exponential time (the wait in
 * M/M/c with constant patience); in time is who needs less than that, and then he ends that much
 * earlier than his patience.
 */
static double part_in_patience(const struct service *s, double good)
{
    enum { POINTS = 8 };
    const struct service_fluid *f = s->fluid;
    const struct spread *l = &f->profile->latency;
    double patience = simtime_to_seconds(s->spec->timeout);
    double in_time = 0.0;
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double part = spread_part(i);
        in_time += part * dmath_exp(-f->pressure * 0.5 * (l->x[i] + l->x[i + 1]));
    }
    for (int i = 0; i < POINTS && good > 0.0; i++) {
        double short_of = -dmath_log(((double)i + 0.5) / POINTS) / f->pressure;
        double x = patience - short_of;
        histogram_add(s->latency, x > l->x[0] ? x : l->x[0], good * in_time / POINTS);
    }
    return in_time;
}

/* Part of the requests that are in time although a backlog delays them. */
static double part_in_time(const struct service *s, double good)
{
    const struct service_fluid *f = s->fluid;
    if (f->pressure > 0.0)
        return part_in_patience(s, good);
    const struct spread *l = &f->profile->latency;
    double limit = s->spec->timeout > 0 ? simtime_to_seconds(s->spec->timeout) : INFINITY;
    double in_time = 0.0;
    for (unsigned i = 0; i + 1 < SPREAD_NODES; i++) {
        double part = spread_part(i);
        double x = delayed(s, 0.5 * (l->x[i] + l->x[i + 1]));
        if (x > limit)
            break;
        in_time += part;
        if (good > 0.0)
            histogram_add(s->latency, x, part * good);
    }
    return in_time < 1.0 - 1e-9 ? in_time : 1.0;
}

static void count_completed(struct service *s, double completed)
{
    const struct service_fluid *f = s->fluid;
    struct service_totals *t = &s->totals;
    if (!(completed > 0.0))
        return;
    double failed = completed * f->failed;
    double good = completed - failed;
    double late = f->profile->late;
    if (is_delayed(f))
        late = 1.0 - part_in_time(s, good);
    else
        keep_latency(s, f->profile, good * (1.0 - late));
    t->completed += completed;
    t->failed += failed;
    t->timed_out += good * late;
    t->served += good - good * late;
}

/* Halves the points; what is between them is a straight line. */
static void thin_line(struct service_fluid *f)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < f->line_count; i += 2)
        f->line[left++] = f->line[i];
    f->line_count = left;
}

static void note_entered(struct service_fluid *f, simtime now)
{
    if (f->delay <= 0.0 && f->jump) {
        f->line_count = 0;
    } else if (f->line_count >= 2) {
        struct line_point *last = &f->line[f->line_count - 1];
        double seconds = simtime_to_seconds(last->at - last[-1].at);
        double rate = (last->entered - last[-1].entered) / seconds;
        double ahead = last->entered + rate * simtime_to_seconds(now - last->at);
        if (fabs(ahead - f->entered) <= TINY * f->entered)
            f->line_count--; /* straight on: the last point moves */
    }
    if (f->line_count == LINE_POINTS)
        thin_line(f);
    f->line[f->line_count++] = (struct line_point){now, f->entered};
}

/* How long ago the one who is next in line got in. */
static double age_of_first(const struct service *s)
{
    const struct service_fluid *f = s->fluid;
    double wanted = f->entered - s->waiting;
    for (uint32_t i = 0; i + 1 < f->line_count; i++) {
        const struct line_point *a = &f->line[i];
        const struct line_point *b = a + 1;
        if (b->entered <= wanted || b->entered <= a->entered)
            continue;
        double part = (wanted - a->entered) / (b->entered - a->entered);
        part = part > 0.0 ? part : 0.0;
        return simtime_to_seconds(f->settled - a->at) - part * simtime_to_seconds(b->at - a->at);
    }
    return 0.0;
}

static void split_present(struct service *s, double present)
{
    double in = s->spec->concurrency == 0 && s->ready.len > 0 ? INFINITY : s->fluid->in_service;
    s->in_flight = present < in ? present : in;
    s->waiting = present - s->in_flight;
    s->peak = s->in_flight > s->peak ? s->in_flight : s->peak;
    s->peak_requests = present > s->peak_requests ? present : s->peak_requests;
}

/* What the active requests wanted beyond the limit. */
static double throttled_rate(const struct service *s)
{
    if (!s->shares_cpu || s->ready.len == 0)
        return 0.0;
    double used = s->fluid->completed * s->spec->cpu.mean;
    double off_cpu = s->fluid->completed * (s->spec->wait.mean + calls_hold(s));
    double present = s->fluid->jump ? s->fluid->target : s->in_flight;
    double active = present < s->fluid->in_service ? present : s->fluid->in_service;
    double wanted = (s->spec->concurrency == 0 ? present : active) - off_cpu;
    return wanted > used ? wanted - used : 0.0;
}

void fluid_settle(struct service *s, simtime now)
{
    struct service_fluid *f = s->fluid;
    if (now <= f->settled)
        return;
    double seconds = simtime_to_seconds(now - f->settled);
    f->settled = now;
    double before = s->in_flight + s->waiting;
    if (f->offered == 0.0 && before == 0.0)
        return;
    double lost = (f->dropped + f->impatient) * seconds;
    double in = f->offered * seconds - lost;
    double aim = f->jump ? f->target : before + f->slope * seconds;
    double completed = in - (aim - before);
    if (completed < 0.0 || f->profile == NULL) /* not that much has come yet */
        completed = 0.0;
    if (completed > before + in)
        completed = before + in;
    s->totals.offered += f->offered * seconds;
    s->totals.dropped += f->dropped * seconds;
    s->totals.timed_out += f->impatient * seconds;
    s->totals.cpu += f->completed * s->spec->cpu.mean * seconds;
    s->totals.throttled += throttled_rate(s) * seconds;
    f->entered += in;
    count_completed(s, completed);
    split_present(s, before + in - completed);
    note_entered(f, now);
}

/* Plans. */

static double offered_rate(const struct service *s)
{
    double rate = s->rate;
    for (size_t i = 0; i < s->callers.len; i++) {
        const struct caller *c = &s->callers.items[i];
        rate += c->service->fluid->begun * c->per_request;
    }
    return rate;
}

/* Part of the completed one of whose calls is not answered in time. */
static double calls_failed(const struct service *s)
{
    double good = 1.0;
    for (size_t i = 0; i < s->spec->call_count; i++) {
        const struct service_call *call = &s->spec->calls[i];
        double bad = s->mesh->services[call->service].fluid->not_answered;
        if (bad > 0.0)
            good *= bad < 1.0 ? dmath_pow(1.0 - bad, call->per_request) : 0.0;
    }
    return 1.0 - good;
}

/* Mean time that backlogs of those called add to a request. */
static double calls_delay(const struct service *s)
{
    double delay = 0.0;
    for (size_t i = 0; i < s->spec->call_count; i++) {
        const struct service_call *call = &s->spec->calls[i];
        const struct service_fluid *f = s->mesh->services[call->service].fluid;
        delay += call->per_request * (f->delay + f->call_delay);
    }
    return delay;
}

static const struct profile *find_profile(const struct service *s, uint32_t load)
{
    struct profile_call calls[PROFILE_CALLS];
    struct profile_key key = {.spec = s->fluid->shape,
                              .share_limit = s->shares_cpu ? s->share_limit : 0.0,
                              .pods = profile_pods(s->spec, s->ready.len),
                              .load = load};
    size_t used = 0;
    for (size_t i = 0; i < s->spec->call_count && used < PROFILE_CALLS; i++) {
        const struct service_call *call = &s->spec->calls[i];
        const struct profile *p = s->mesh->services[call->service].fluid->profile;
        if (p == NULL)
            continue;
        calls[used++] = (struct profile_call){call->per_request, &p->latency};
        key.calls = rng_mix(key.calls + used, p->serial);
    }
    return profile_get(s->mesh->profiles, &key, calls, used);
}

/* Flows towards the target: at once where that is quick, else in a straight line. */
static void approach(struct service_fluid *f, double present, double in, double hold)
{
    double gap = f->target - present;
    bool soon = !(f->capacity < INFINITY) || fabs(gap) <= f->capacity * SHORT;
    f->jump = (hold <= SHORT && soon) || fabs(gap) <= 1e-6 * f->target + TINY;
    f->slope = 0.0;
    f->completed = in;
    if (f->jump)
        return;
    f->slope = gap / (hold > SHORT ? hold : SHORT);
    if (f->slope > in)
        f->slope = in;
    if (in - f->slope > f->capacity)
        f->slope = in - f->capacity;
    f->completed = in - f->slope;
}

/* A queue so short that its steady state comes at once, whatever the load. */
static bool short_queue(const struct service *s)
{
    const struct service_spec *spec = s->spec;
    bool each = spec->queue == SERVICE_QUEUE_POD;
    double room = spec->queue_limit * (each ? (double)s->ready.len : 1.0);
    return spec->has_queue_limit && spec->concurrency > 0 && room <= s->fluid->capacity * SHORT;
}

/* While those called have a backlog, requests end at the pace at which that is worked off. */
static void wait_for_calls(struct service *s, double in)
{
    struct service_fluid *f = s->fluid;
    double pace = INFINITY;
    for (size_t i = 0; i < s->spec->call_count; i++) {
        const struct service_call *call = &s->spec->calls[i];
        const struct service_fluid *called = s->mesh->services[call->service].fluid;
        if (called->delay + called->call_delay <= 0.0 || !(called->offered > 0.0))
            continue;
        double part = in * call->per_request / called->offered; /* of its requests */
        double left = called->completed + called->impatient + called->dropped;
        double own = left * part / call->per_request;
        pace = own < pace ? own : pace;
    }
    f->jump = false;
    f->completed = pace < INFINITY ? pace : in;
    f->slope = in - f->completed;
}

static void plan_steady(struct service *s, double rho, double present)
{
    struct service_fluid *f = s->fluid;
    double pods = (double)s->ready.len;
    double highest = short_queue(s) ? HIGHEST_OVERLOAD : HIGHEST_LOAD;
    double known = rho < highest ? rho : highest;
    uint32_t load = (uint32_t)(known * PROFILE_LOADS + 0.5);
    f->profile = find_profile(s, load);
    const struct profile *p = f->profile;
    f->dropped = f->offered * p->full;
    f->impatient = (f->offered - f->dropped) * p->impatient;
    double in = f->offered - f->dropped - f->impatient;
    f->in_service = in * (p->hold + f->call_delay);
    f->target = f->in_service;
    if (load > 0)
        f->target += (p->present - p->in_service) * pods * (known * PROFILE_LOADS / load);
    f->begun = in;
    if (f->call_delay > 0.0)
        wait_for_calls(s, in);
    else
        approach(f, present, in, p->hold);
    double in_time = f->call_delay > 0.0 ? part_in_time(s, 0.0) : 1.0 - p->late;
    f->not_answered = 1.0 - (1.0 - p->full) * (1.0 - p->impatient) * in_time;
}

/* Most requests that can be present: places and queue, or until the head's patience ends. */
static double most_present(const struct service *s, double places, bool *patience)
{
    const struct service_spec *spec = s->spec;
    double most = INFINITY;
    *patience = false;
    if (spec->concurrency == 0 && s->ready.len > 0)
        return most;
    if (spec->has_queue_limit) {
        bool each = spec->queue == SERVICE_QUEUE_POD;
        most = places + spec->queue_limit * (each ? (double)s->ready.len : 1.0);
    }
    if (spec->timeout > 0) {
        double flow = s->ready.len > 0 ? s->fluid->capacity : s->fluid->offered;
        double bound = places + flow * simtime_to_seconds(spec->timeout);
        *patience = bound < most;
        most = bound < most ? bound : most;
    }
    return most;
}

/* Those beyond what can be present leave at once. */
static double cut_present(struct service *s, double present, double most, bool patience)
{
    if (present <= most)
        return present;
    double more = present - most;
    if (patience)
        s->totals.timed_out += more;
    else
        s->totals.failed += more;
    return most;
}

/* More comes than can go: present grows until something gives. */
static double plan_overload(struct service *s, double places, double present)
{
    struct service_fluid *f = s->fluid;
    bool patience;
    f->in_service = places;
    f->target = most_present(s, places, &patience);
    present = cut_present(s, present, f->target, patience);
    double flow = f->capacity;
    if (present < places && f->profile->hold > SHORT) /* fills up first */
        flow *= present / places;
    double surplus = f->offered - f->capacity;
    bool at_target = f->target - present <= f->capacity * SHORT + TINY;
    f->jump = at_target;
    f->slope = at_target ? 0.0 : f->offered - flow;
    f->completed = at_target ? f->capacity : flow;
    f->begun = f->completed;
    if (!at_target)
        return present;
    if (patience) {
        const struct dist *cpu = &s->spec->cpu;
        const struct dist *wait = &s->spec->wait;
        double mean = cpu->mean + wait->mean;
        double scv = (cpu->variance + wait->variance) / (mean * mean);
        bool together =
            s->spec->queue == SERVICE_QUEUE_SERVICE || s->spec->balancing == BALANCE_LEAST_REQUESTS;
        double line = together ? surplus : surplus / (double)s->ready.len;
        f->impatient = surplus;
        f->pressure = line * 2.0 / (1.0 + scv);
    } else {
        f->dropped = surplus;
    }
    return present;
}

/* More is present than in the steady state, or than can ever be: it waits its turn. */
static double backlog_delay(const struct service *s, double present)
{
    const struct service_fluid *f = s->fluid;
    if (!(f->capacity > 0.0 && f->capacity < INFINITY))
        return 0.0;
    bool full = f->profile->key.load == PROFILE_FULL;
    double more = (f->jump ? f->target : present) - (full ? f->in_service : f->target);
    double flow = f->offered > f->capacity ? f->offered : f->capacity;
    double delay = more / flow;
    bool in_line = s->spec->concurrency > 0 && s->spec->timeout == 0 && !f->jump;
    double age = in_line && f->line_count > 1 ? age_of_first(s) : 0.0;
    if (more > 0.0 && age > 0.0)
        delay = age;
    return delay > 0.01 * f->profile->latency.mean ? delay : 0.0;
}

static double plan_with_pods(struct service *s, double present)
{
    struct service_fluid *f = s->fluid;
    if (s->spec->call_count > 0)
        service_find_capacity(s);
    f->call_delay = calls_delay(s);
    f->capacity = (double)s->ready.len * s->pod_capacity;
    double rho = f->capacity < INFINITY ? f->offered / f->capacity : 0.0;
    if (rho < 1.0 || (rho < HIGHEST_OVERLOAD && short_queue(s))) {
        plan_steady(s, rho, present);
        f->delay = backlog_delay(s, present);
        return present;
    }
    f->profile = find_profile(s, PROFILE_FULL);
    double places = f->profile->in_service * (double)s->ready.len;
    present = plan_overload(s, places, present);
    f->delay = backlog_delay(s, present);
    double lost = f->offered > 0.0 ? (f->dropped + f->impatient) / f->offered : 0.0;
    double late = is_delayed(f) ? 1.0 - part_in_time(s, 0.0) : f->profile->late;
    f->not_answered = lost + (1.0 - lost) * late;
    return present;
}

/* No ready pod: refused, or waiting before the pods; draining pods finish what they have. */
static double plan_without_pods(struct service *s, double present)
{
    struct service_fluid *f = s->fluid;
    bool patience = false;
    f->capacity = f->completed = f->begun = f->slope = f->delay = f->call_delay = 0.0;
    f->in_service = 0.0;
    f->not_answered = 1.0;
    f->target = 0.0;
    f->jump = true;
    if (s->spec->queue == SERVICE_QUEUE_POD) {
        f->dropped = f->offered;
        return present;
    }
    f->target = most_present(s, 0.0, &patience);
    present = cut_present(s, present, f->target, patience);
    f->jump = f->target - present <= f->offered * SHORT;
    f->slope = f->jump ? 0.0 : f->offered;
    if (f->jump && patience)
        f->impatient = f->offered;
    else if (f->jump)
        f->dropped = f->offered;
    return present;
}

/* When this plan no longer describes what happens. */
static simtime plan_end(const struct service *s, double present, simtime now)
{
    const struct service_fluid *f = s->fluid;
    if (f->jump || f->slope == 0.0)
        return SIMTIME_NEVER;
    double seconds = (f->target - present) / f->slope;
    double look = 0.05 * (present + 1.0) / fabs(f->slope); /* delays change as it goes */
    look = look < 1.0 ? 1.0 : look;
    seconds = seconds < look ? seconds : look;
    return seconds > 0.0 ? simtime_add(now, simtime_seconds(seconds) + 1) : SIMTIME_NEVER;
}

static void mark_changed(struct service *s)
{
    struct mesh *m = s->mesh;
    if (s->fluid->changed)
        return;
    s->fluid->changed = true;
    *vec_push(m->arena, &m->changed) = s->index;
}

static void tell_others(struct service *s, const struct service_fluid *before)
{
    const struct service_fluid *f = s->fluid;
    if (f->begun != before->begun)
        for (size_t i = 0; i < s->spec->call_count; i++)
            mark_changed(&s->mesh->services[s->spec->calls[i].service]);
    bool differs = f->profile != before->profile || f->delay != before->delay ||
                   f->call_delay != before->call_delay || f->not_answered != before->not_answered;
    if (differs)
        for (size_t i = 0; i < s->callers.len; i++)
            mark_changed(s->callers.items[i].service);
}

/* Jobs that services put on a queue, all together. */
static void tell_queues(struct service *s)
{
    const struct service_fluid *f = s->fluid;
    double served = f->completed * (1.0 - f->failed);
    if (f->profile != NULL)
        served *= 1.0 - (is_delayed(f) ? f->not_answered : f->profile->late);
    for (size_t i = 0; i < s->spec->put_count; i++) {
        uint32_t queue = s->spec->puts[i].queue;
        double now = served * s->spec->puts[i].per_request;
        s->put_rates[i] = now;
        double sum = 0.0;
        const struct mesh *m = s->mesh;
        for (size_t k = 0; k < m->putters[queue].len; k++)
            sum += *m->putters[queue].items[k];
        job_queue_set_extra_rate(m->queues[queue], sum);
    }
}

static void set_curve(struct service *s, simtime now)
{
    double cores = s->fluid->completed * s->spec->cpu.mean;
    curve_set(&s->fluid->pool, now, s->ready.len > 0 ? cores / (double)s->ready.len : 0.0);
}

static void plan(struct service *s, simtime now)
{
    struct service_fluid *f = s->fluid;
    struct service_fluid before = {.profile = f->profile,
                                   .begun = f->begun,
                                   .delay = f->delay,
                                   .call_delay = f->call_delay,
                                   .not_answered = f->not_answered};
    double present = s->in_flight + s->waiting;
    f->offered = offered_rate(s);
    f->failed = s->spec->call_count > 0 ? calls_failed(s) : 0.0;
    f->dropped = f->impatient = f->pressure = 0.0;
    if (s->ready.len > 0)
        present = plan_with_pods(s, present);
    else
        present = plan_without_pods(s, present);
    f->not_answered = 1.0 - (1.0 - f->not_answered) * (1.0 - f->failed);
    split_present(s, present);
    set_curve(s, now);
    tell_others(s, &before);
    if (s->spec->put_count > 0)
        tell_queues(s);
    simtime end = plan_end(s, present, now);
    if (end != SIMTIME_NEVER || event_scheduled(&f->again))
        event_schedule(s->mesh->engine, &f->again, end);
}

/* Too many profiles: all plans are made anew, so that nothing refers to the old ones. */
static void reset_profiles(struct mesh *m)
{
    for (size_t i = 0; i < m->spec->service_count; i++) {
        struct service *s = &m->services[i];
        fluid_settle(s, engine_now(m->engine));
        fluid_flush(s);
        for (int k = 0; k < KEPT_LATENCIES; k++)
            s->fluid->kept[k].profile = NULL;
        s->fluid->profile = NULL;
        mark_changed(s);
    }
    profile_cache_reset(m->profiles);
}

/* Callers first; what depends on those called, again, until nothing changes (or nearly). */
static void plan_linked(struct mesh *m, simtime now)
{
    for (int round = 0; round < MOST_ROUNDS && m->changed.len > 0; round++) {
        m->changed.len = 0;
        for (size_t i = 0; i < m->spec->service_count; i++) {
            struct service *s = &m->services[m->order[i]];
            if (!s->fluid->changed)
                continue;
            s->fluid->changed = false;
            fluid_settle(s, now);
            plan(s, now);
        }
    }
    for (size_t i = 0; i < m->changed.len; i++)
        m->services[m->changed.items[i]].fluid->changed = false;
}

void fluid_step(struct engine *engine, struct event *event)
{
    struct mesh *m = event_owner(event, struct mesh, step);
    simtime now = engine_now(engine);
    if (profile_cache_count(m->profiles) > MOST_PROFILES)
        reset_profiles(m);
    if (m->linked) {
        plan_linked(m, now);
    } else {
        for (size_t i = 0; i < m->changed.len; i++) {
            struct service *s = &m->services[m->changed.items[i]];
            s->fluid->changed = false;
            fluid_settle(s, now);
            plan(s, now);
        }
    }
    m->changed.len = 0;
}

void fluid_changed(struct service *s)
{
    struct mesh *m = s->mesh;
    mark_changed(s);
    if (!event_scheduled(&m->step))
        event_schedule(m->engine, &m->step, engine_now(m->engine));
}

static void plan_again(struct engine *engine, struct event *event)
{
    (void)engine;
    const struct service_fluid *f = event_owner(event, struct service_fluid, again);
    fluid_changed(f->service);
}

void fluid_create(struct service *s)
{
    struct mesh *m = s->mesh;
    s->fluid = arena_new(m->arena, struct service_fluid);
    s->fluid->service = s;
    s->fluid->pool.arena = m->arena;
    s->fluid->shape = s->spec;
    for (uint32_t i = 0; i < s->index; i++) {
        const struct service *other = &m->services[i];
        if (other->fluid->shape == other->spec && profile_same_shape(other->spec, s->spec)) {
            s->fluid->shape = other->spec;
            break;
        }
    }
    s->fluid->settled = engine_now(m->engine);
    curve_set(&s->fluid->pool, s->fluid->settled, 0.0);
    event_init(&s->fluid->again, plan_again, PHASE_SERVICE);
    s->put_rates = arena_array(m->arena, double, s->spec->put_count);
    for (size_t i = 0; i < s->spec->put_count; i++)
        *vec_push(m->arena, &m->putters[s->spec->puts[i].queue]) = &s->put_rates[i];
}

void fluid_add(struct service *s, struct backend *b)
{
    if (b->meter != NULL)
        meter_join(b->meter, &s->fluid->pool, engine_now(s->mesh->engine));
    fluid_changed(s);
}

/* Its requests go on; the flow does not tell whose they are. */
void fluid_drain(struct service *s, struct backend *b)
{
    simtime now = engine_now(s->mesh->engine);
    fluid_settle(s, now);
    if (b->meter != NULL)
        meter_leave(b->meter, now);
    fluid_changed(s);
}

/* A ready pod dies: its part of what is present is lost. */
void fluid_kill(struct service *s)
{
    fluid_settle(s, engine_now(s->mesh->engine));
    bool in_pods = s->spec->queue == SERVICE_QUEUE_POD;
    double part = 1.0 / (double)s->ready.len;
    double lost = (s->in_flight + (in_pods ? s->waiting : 0.0)) * part;
    s->totals.failed += lost;
    s->in_flight -= s->in_flight * part;
    if (in_pods)
        s->waiting -= s->waiting * part;
}
