/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's counter as its node would report it: when it was sampled, and what
 * it had then. cAdvisor v0.56.2 samples at its own times (kube/clocks.h); KWOK 0.8
 * counts up usage-now x time-since-the-last-scrape, begins at 0 and names no
 * timestamps, so metrics-server uses its own (pkg/scraper/client/resource).
 *
 * Trap: samples are asked for after the fact. A pod that ran before the run has no
 * meter for that time; it is continued backwards with what it used at first.
 */
#include "internal.h"

#include "base/str.h"

#define LEAST_CPU    1000u  /* core-nanoseconds: a started process has used some */
#define LEAST_MEMORY 4096.0 /* one page */
#define UNIX_AGE     (50 * 365 * SIMTIME_DAY) /* since 1970, about; any such number will do */

/* The wire has whole milliseconds. */
static simtime wire_time(simtime at)
{
    simtime rest = at % SIMTIME_MILLISECOND;
    return at - (rest < 0 ? rest + SIMTIME_MILLISECOND : rest);
}

/* Core-seconds of the main container up to `at`, from an origin of its own. */
static double used(const struct tracked_pod *t, simtime at)
{
    if (t->adopted != SIMTIME_NEVER && at < t->adopted)
        return meter_total(&t->pod->cpu, t->adopted) -
               t->rate_before * simtime_to_seconds(t->adopted - at);
    return meter_total(&t->pod->cpu, at);
}

static uint64_t counter(const struct tracked_pod *t, const struct track *track, simtime at)
{
    double seconds = track == t->tracks ? used(t, at) - track->base
                                        : track->cores * simtime_to_seconds(at - track->started);
    double nanoseconds = seconds * 1e9;
    return nanoseconds > LEAST_CPU ? (uint64_t)nanoseconds : LEAST_CPU;
}

/* The working set is known at scrapes; between two of them it runs straight. */
static inline uint64_t memory_at(const struct tracked_pod *t, const struct track *track, simtime at,
                                 simtime answer)
{
    double bytes = track->memory_bytes;
    if (track == t->tracks) {
        bytes = t->pod->memory_bytes;
        if (bytes != t->memory && t->memory_at < at && at < answer)
            bytes = t->memory + (bytes - t->memory) * (double)(at - t->memory_at) /
                                    (double)(answer - t->memory_at);
    }
    return (uint64_t)(bytes > LEAST_MEMORY ? bytes : LEAST_MEMORY);
}

static void take(struct metrics_server *m, struct tracked_pod *t, struct track *track, simtime at,
                 simtime answer)
{
    struct metrics_point before = track->point;
    track->point.start = track->started;
    track->point.timestamp = at; /* whole milliseconds, see clocks.h */
    track->point.cpu = counter(t, track, at);
    track->point.memory = memory_at(t, track, at, answer);
    track->point.present = true;
    clocks_sample_taken(m->clocks, &track->clock,
                        before.present && before.cpu == track->point.cpu &&
                            before.memory == track->point.memory);
}

static void sample_cadvisor(struct metrics_server *m, struct tracked_pod *t, struct track *track,
                            simtime answer)
{
    while (track->clock.next <= answer)
        take(m, t, track, track->clock.next, answer);
}

static void sample_ideal(struct tracked_pod *t, struct track *track, simtime answer)
{
    if (answer < track->started || (track->point.present && answer <= track->point.timestamp))
        return;
    track->point = (struct metrics_point){.start = track->started,
                                          .timestamp = wire_time(answer),
                                          .cpu = counter(t, track, answer),
                                          .memory = memory_at(t, track, answer, answer),
                                          .present = true};
}

/* Cores at this instant; for a meter that moves in jumps, the mean since the scrape before. */
static double usage_now(const struct tracked_pod *t, const struct track *track, simtime answer)
{
    const struct meter *meter = &t->pod->cpu;
    if (track != t->tracks)
        return track->cores;
    if (t->adopted != SIMTIME_NEVER && answer < t->adopted)
        return t->rate_before;
    double slope = curve_slope(&meter->own, answer);
    if (meter->pool) {
        bool in = answer >= meter->joined && answer < meter->left;
        return in ? slope + meter->pool_share * curve_slope(meter->pool, answer) : slope;
    }
    double seconds = simtime_to_seconds(answer - track->point.timestamp);
    double mean = seconds > 0 ? (used(t, answer) - track->kwok_used) / seconds : 0;
    return mean > slope ? mean : slope;
}

static void sample_kwok(struct tracked_pod *t, struct track *track, simtime answer)
{
    if (answer < track->started)
        return;
    if (track->point.present)
        track->kwok_cpu +=
            usage_now(t, track, answer) * simtime_to_seconds(answer - track->point.timestamp);
    track->kwok_used = track == t->tracks ? used(t, answer) : 0;
    /* start time: the pod's age, read as seconds since 1970 */
    track->point = (struct metrics_point){.start = (answer - track->started) - UNIX_AGE,
                                          .timestamp = wire_time(answer),
                                          .cpu = (uint64_t)(track->kwok_cpu * 1e9),
                                          .memory = memory_at(t, track, answer, answer),
                                          .present = true};
}

static void bring_up(struct metrics_server *m, struct tracked_pod *t, struct track *track,
                     simtime answer)
{
    switch (m->spec.mode) {
    case METRICS_CADVISOR:
        sample_cadvisor(m, t, track, answer);
        break;
    case METRICS_KWOK:
        sample_kwok(t, track, answer);
        break;
    case METRICS_IDEAL:
        sample_ideal(t, track, answer);
        break;
    }
}

void track_sample(struct metrics_server *m, struct tracked_pod *t, struct track *track,
                  simtime answer)
{
    if (track->running)
        bring_up(m, t, track, answer);
    track->reported = track->running && track->point.present;
    if (track == &t->tracks[t->count - 1]) {
        t->memory = t->pod->memory_bytes;
        t->memory_at = answer;
    }
}

/* prev := last, last := point, member by member: what was written so is read so, without stalls. */
static void move_on(struct container_store *s, const struct metrics_point *point)
{
    s->prev.start = s->last.start;
    s->prev.timestamp = s->last.timestamp;
    s->prev.cpu = s->last.cpu;
    s->prev.memory = s->last.memory;
    s->last.timestamp = point->timestamp;
    s->last.cpu = point->cpu;
    s->last.memory = point->memory;
}

bool tracked_pod_scrape_settled(struct metrics_server *m, struct tracked_pod *t, simtime answer)
{
    struct track *track = t->tracks;
    struct metrics_point *point = &track->point;
    if (!t->settled)
        return false;
    while (track->clock.next <= answer) {
        simtime at = track->clock.next;
        double seconds = meter_total(&t->pod->cpu, at) - track->base;
        uint64_t cpu = (uint64_t)(int64_t)(seconds * 1e9);
        uint64_t memory = memory_at(t, track, at, answer);
        bool equal = cpu == point->cpu && memory == point->memory;
        point->timestamp = at;
        point->cpu = cpu;
        point->memory = memory;
        clocks_sample_taken(m->clocks, &track->clock, equal);
    }
    t->memory = t->pod->memory_bytes;
    t->memory_at = answer;
    if (point->timestamp > track->store.last.timestamp)
        move_on(&track->store, point);
    return true;
}

void tracked_pod_settle(const struct metrics_server *m, struct tracked_pod *t)
{
    const struct track *track = t->tracks;
    const struct container_store *s = &track->store;
    t->settled = m->spec.mode == METRICS_CADVISOR && t->count == 1 && track->running &&
                 s->last.present && s->prev.present && s->last.cpu > LEAST_CPU &&
                 s->last.timestamp - s->last.start >= m->spec.resolution &&
                 (t->adopted == SIMTIME_NEVER || track->clock.next >= t->adopted);
}

void tracked_pod_advance(struct metrics_server *m, struct tracked_pod *t, simtime until)
{
    if (m->spec.mode != METRICS_CADVISOR)
        return;
    for (uint32_t i = 0; i < t->count; i++)
        track_sample(m, t, &t->tracks[i], until);
}

/* --- pods come and go --- */

/* What it uses now, or where usage comes in jumps has used since the run began. */
static double rate_at_first(const struct tracked_pod *t, simtime now)
{
    const struct meter *meter = &t->pod->cpu;
    simtime begin = t->adopted;
    double slope = curve_slope(&meter->own, begin);
    if (meter->pool && meter->joined <= begin)
        return slope + meter->pool_share * curve_slope(meter->pool, begin);
    double seconds = simtime_to_seconds(now - begin);
    if (seconds < 1)
        return slope;
    return (meter_total(meter, now) - meter_total(meter, begin)) / seconds;
}

void tracked_pod_prime(struct metrics_server *m, struct tracked_pod *t, simtime now)
{
    if (t->primed)
        return;
    t->primed = true;
    t->rate_before = rate_at_first(t, now);
    t->memory = t->pod->memory_bytes;
    t->tracks[0].base = used(t, t->tracks[0].started);
    tracked_pod_store_before(m, t);
}

static void start_track(struct metrics_server *m, struct tracked_pod *t, uint32_t i, simtime at)
{
    struct track *track = &t->tracks[i];
    t->settled = false;
    track->started = at;
    track->running = true;
    track->point.present = false;
    track->kwok_cpu = 0;
    track->base = i == 0 ? used(t, at) : 0;
    clocks_sample_start(m->clocks, &track->clock, t->pod, i, at);
}

static const struct container_usage *find_usage(const struct metrics_server *m,
                                                const struct pod *pod, const char *name)
{
    if (pod->workload->index >= m->usages.len)
        return NULL;
    const struct workload_usage *w = &m->usages.items[pod->workload->index];
    for (size_t i = 0; i < w->count; i++)
        if (str_equal(w->usage[i].container, name))
            return &w->usage[i];
    return NULL;
}

static bool is_main_kind(const struct container_spec *c)
{
    return !c->init;
}

/* Containers that run beside each other: all but plain init containers, the main one first. */
static void name_tracks(const struct metrics_server *m, struct tracked_pod *t)
{
    const struct pod_template *template = t->pod->template;
    size_t containers = template ? template->container_count : 0;
    size_t main = 0;
    while (main < containers && !is_main_kind(&template->containers[main]))
        main++;
    t->tracks[0].name = main < containers ? template->containers[main].name : "";
    t->count = 1;
    for (size_t i = 0; i < containers; i++) {
        const struct container_spec *c = &template->containers[i];
        if (i == main || (c->init && !c->sidecar))
            continue;
        const struct container_usage *usage = find_usage(m, t->pod, c->name);
        struct track *track = &t->tracks[t->count++];
        track->name = c->name;
        track->cores = usage ? usage->cores : 0;
        track->memory_bytes = usage ? usage->memory_bytes : 0;
    }
}

static struct tracked_pod *take_tracked(struct metrics_server *m, const struct pod *pod)
{
    uint32_t most = pod->template ? (uint32_t)pod->template->container_count + 1 : 1;
    struct tracked_pod *t = m->free;
    if (t)
        m->free = t->next_free;
    else
        t = arena_new(m->arena, struct tracked_pod);
    struct tracked_pod kept = *t;
    *t = (struct tracked_pod){.tracks = kept.tracks, .cap = kept.cap, .adopted = SIMTIME_NEVER};
    if (t->cap < most) {
        t->tracks = arena_array(m->arena, struct track, most);
        t->cap = most;
    }
    for (uint32_t i = 0; i < t->cap; i++)
        t->tracks[i] = (struct track){0};
    return t;
}

static void add_pod(struct metrics_server *m, struct pod *pod, simtime now)
{
    struct tracked_pod *t = take_tracked(m, pod);
    simtime started = pod->running < now ? pod->running : now;
    t->pod = pod;
    t->primed = started == now;
    t->adopted = started == now ? SIMTIME_NEVER : now;
    t->memory_at = now;
    name_tracks(m, t);
    for (uint32_t i = 0; i < t->count; i++)
        start_track(m, t, i, started);
    pod->samples = t;
    t->place = (uint32_t)m->pods.len;
    *vec_push(m->arena, &m->pods) = t;
}

static void remove_pod(struct metrics_server *m, struct pod *pod)
{
    struct tracked_pod *t = pod->samples;
    struct tracked_pod *last = m->pods.items[--m->pods.len];
    m->pods.items[t->place] = last;
    last->place = t->place;
    if (m->named)
        metrics_forget_pod(m->named, t);
    pod->samples = NULL;
    t->next_free = m->free;
    m->free = t;
}

void metrics_server_pod_changed(void *context, struct pod *pod, enum pod_change change, simtime now)
{
    struct metrics_server *m = context;
    struct tracked_pod *t = pod->samples;
    if (change == POD_RUNS && !t)
        add_pod(m, pod, now);
    else if (change == POD_RUNS)
        start_track(m, t, 0, now);
    else if (change == POD_CRASHED && t)
        t->tracks[0].running = t->settled = false;
    else if (change == POD_GONE && t)
        remove_pod(m, pod);
}
