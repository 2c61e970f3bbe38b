/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the control plane's own steps come. Three sources for one set of questions:
 * measured distributions, exact round numbers, one recording. Upstream:
 * podautoscaler/horizontal.go (the period starts when a sync ends), metrics-server
 * v0.9.0 pkg/scraper/scraper.go (one tick for all nodes, each asked after a random
 * 0 .. min(8 ms x nodes, 4 s)), cAdvisor v0.56.2 manager/container.go
 * (nextHousekeepingInterval: 10 s, every other time 15 s while idle, times 1 + U[0,1)).
 *
 * A draw is a hash of what it is for and its number, never the next one of a shared
 * stream. Trap: a recording's pods are known by their order of creation, so a pod is
 * tied to its record when it is first asked about, and keeps it.
 */
#include "kube/clocks.h"

#include "base/require.h"
#include "base/vec.h"
#include "engine/rng.h"
#include "kube/cluster.h"

#define RECORD_REACH      (5 * SIMTIME_SECOND) /* of a recorded time from the question */
#define DELAY_PER_NODE    (8 * SIMTIME_MILLISECOND)
#define LONGEST_DELAY     (4 * SIMTIME_SECOND)
#define ANSWER_BEFORE_END SIMTIME_MILLISECOND   /* a node reads its samples that long before */
#define SAMPLE_DISTANCE   (15 * SIMTIME_SECOND) /* mean of 10 .. 20 */

struct burst {
    simtime at; /* of the newest creation promised */
    uint64_t drawn;
};

struct clocks {
    struct clocks_spec spec;
    struct arena *arena;
    uint64_t seed;
    uint64_t sync_key;
    uint64_t rescale_key;
    uint64_t phase_key;
    uint64_t create_key;
    uint64_t scrape_key;
    double scrape_phase;      /* of the period */
    VEC(struct burst) bursts; /* by workload */
    uint32_t *serials;        /* of the pods tied to recorded ones, rising */
    size_t tied;
};

static const struct dist_point sync_work[] = {{0.006, 0},    {0.008, 0.1},  {0.010, 0.25},
                                              {0.012, 0.5},  {0.015, 0.75}, {0.020, 0.9},
                                              {0.022, 0.95}, {0.031, 0.99}, {0.155, 1}};
static const struct dist_point rescale_work[] = {
    {0.006, 0}, {0.010, 0.5}, {0.012, 0.9}, {0.020, 1}};
static const struct dist_point create_first[] = {{0.015, 0},    {0.018, 0.1},  {0.020, 0.25},
                                                 {0.025, 0.5},  {0.029, 0.75}, {0.035, 0.9},
                                                 {0.044, 0.95}, {0.047, 1}};
static const struct dist_point create_next[] = {
    {0, 0}, {0, 0.5}, {0.013, 0.75}, {0.020, 0.9}, {0.034, 1}};
static const struct dist_point delete_first[] = {{0.016, 0},   {0.022, 0.2}, {0.026, 0.5},
                                                 {0.031, 0.7}, {0.038, 0.9}, {0.048, 1}};
static const struct dist_point bind_time[] = {{0.002, 0},    {0.004, 0.1},  {0.006, 0.25},
                                              {0.009, 0.5},  {0.016, 0.75}, {0.020, 0.9},
                                              {0.022, 0.95}, {0.027, 1}};

#define QUANTILES(a, points) dist_quantiles((a), (points), sizeof(points) / sizeof(points)[0])

struct clocks_spec clocks_spec_measured(struct arena *a)
{
    return (struct clocks_spec){
        .mode = CLOCKS_MEASURED,
        .sync_work = QUANTILES(a, sync_work),
        .rescale_work = QUANTILES(a, rescale_work),
        .create_first = QUANTILES(a, create_first),
        .create_next = QUANTILES(a, create_next),
        .delete_first = QUANTILES(a, delete_first),
        .bind = QUANTILES(a, bind_time),
        .start = dist_uniform(0.201, 0.222),
        .scrape_response = dist_uniform(0.002, 0.006),
        .sample_first = dist_uniform(0.002, 0.025),
        .housekeeping = 10 * SIMTIME_SECOND,
        .housekeeping_idle = 15 * SIMTIME_SECOND,
    };
}

struct clocks_spec clocks_spec_ideal(void)
{
    return (struct clocks_spec){.mode = CLOCKS_IDEAL};
}

struct clocks_spec clocks_spec_recorded(struct arena *a, const struct clocks_recording *recording)
{
    struct clocks_spec spec = clocks_spec_measured(a);
    spec.mode = CLOCKS_RECORDED;
    spec.recording = recording;
    return spec;
}

struct clocks *clocks_create(struct arena *a, const struct clocks_spec *spec, uint64_t seed)
{
    struct clocks *c = arena_new(a, struct clocks);
    require(spec->mode != CLOCKS_RECORDED || spec->recording);
    c->spec = *spec;
    c->arena = a;
    c->seed = seed;
    c->sync_key = rng_key(seed, "clocks", "sync work");
    c->rescale_key = rng_key(seed, "clocks", "rescale work");
    c->phase_key = rng_key(seed, "clocks", "sync phase");
    c->create_key = rng_key(seed, "clocks", "pod creation");
    c->scrape_key = rng_key(seed, "clocks", "scrapes");
    c->scrape_phase = rng_unit(rng_mix(c->scrape_key, UINT64_MAX));
    if (spec->mode == CLOCKS_RECORDED)
        c->serials = arena_array(a, uint32_t, spec->recording->pod_count);
    return c;
}

enum clocks_mode clocks_mode(const struct clocks *c)
{
    return c->spec.mode;
}

const struct clocks_recording *clocks_recording(const struct clocks *c)
{
    return c->spec.mode == CLOCKS_RECORDED ? c->spec.recording : NULL;
}

static simtime draw(const struct dist *d, uint64_t key, uint64_t cell)
{
    struct rng rng = rng_key_stream(rng_mix(key, cell));
    double seconds = dist_sample(d, &rng);
    return seconds > 0 ? simtime_seconds(seconds) : 0;
}

/* --- the HPA controller --- */

/* The syncs of the recording, when they are this HPA's. */
static const struct clocks_recording *recorded_syncs(const struct clocks *c, uint32_t hpa)
{
    const struct clocks_recording *r = clocks_recording(c);
    return r && hpa == c->spec.recorded_hpa && r->sync_count ? r : NULL;
}

simtime clocks_hpa_first(const struct clocks *c, uint32_t hpa, simtime period)
{
    const struct clocks_recording *r = recorded_syncs(c, hpa);
    if (r)
        return r->syncs[0] > 0 ? r->syncs[0] : 0;
    if (c->spec.mode == CLOCKS_IDEAL)
        return period;
    return (simtime)(rng_unit(rng_mix(c->phase_key, hpa)) * (double)period);
}

simtime clocks_hpa_created(const struct clocks *c, uint32_t hpa, simtime created, simtime period)
{
    (void)c;
    (void)hpa;
    return created + period;
}

simtime clocks_hpa_work(const struct clocks *c, uint32_t hpa, uint64_t n)
{
    if (c->spec.mode == CLOCKS_IDEAL)
        return 0;
    return draw(&c->spec.sync_work, rng_mix(c->sync_key, hpa), n);
}

simtime clocks_hpa_rescale_work(const struct clocks *c, uint32_t hpa, uint64_t n)
{
    if (c->spec.mode == CLOCKS_IDEAL)
        return 0;
    return draw(&c->spec.rescale_work, rng_mix(c->rescale_key, hpa), n);
}

/* The first of a rising list that is later than `after`; count when none is. */
static size_t first_after(const simtime *times, size_t count, simtime after)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (times[middle] <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

simtime clocks_hpa_next(const struct clocks *c, uint32_t hpa, uint64_t n, simtime ended,
                        simtime period)
{
    const struct clocks_recording *r = recorded_syncs(c, hpa);
    (void)n; /* a recorded time is found by the clock: the first sync of a run may be any of them */
    if (r) {
        size_t i = first_after(r->syncs, r->sync_count, ended);
        if (i < r->sync_count)
            return r->syncs[i];
    }
    return ended + period;
}

/* --- pods --- */

static bool is_recorded_workload(const struct clocks *c, const struct workload *w)
{
    return clocks_recording(c) && w->index == c->spec.recorded_workload;
}

const struct recorded_pod *clocks_pod_recorded(const struct clocks *c, const struct pod *pod)
{
    if (!is_recorded_workload(c, pod->workload))
        return NULL;
    size_t low = 0;
    size_t high = c->tied;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->serials[middle] < pod->serial)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < c->tied && c->serials[low] == pod->serial;
    return found ? &c->spec.recording->pods[low] : NULL;
}

/* Serials rise with creation and questions come then, so the list stays sorted. */
static const struct recorded_pod *tie(struct clocks *c, const struct pod *pod)
{
    const struct recorded_pod *known = clocks_pod_recorded(c, pod);
    if (known || !is_recorded_workload(c, pod->workload))
        return known;
    const struct clocks_recording *r = c->spec.recording;
    if (c->tied == r->pod_count || (c->tied && c->serials[c->tied - 1] > pod->serial))
        return NULL;
    c->serials[c->tied] = pod->serial;
    return &r->pods[c->tied++];
}

static simtime shifted(simtime recorded, const struct recorded_pod *r, const struct pod *pod)
{
    return recorded == SIMTIME_NEVER ? SIMTIME_NEVER : recorded - r->add + pod->created;
}

static simtime pod_draw(const struct clocks *c, const struct pod *pod, const struct dist *d,
                        const char *purpose)
{
    if (c->spec.mode == CLOCKS_IDEAL)
        return 0;
    return draw(d, rng_key(c->seed, pod->name, purpose), 0);
}

simtime clocks_pod_bound(struct clocks *c, const struct pod *pod, simtime now)
{
    const struct recorded_pod *r = tie(c, pod);
    if (r && r->bound != SIMTIME_NEVER)
        return shifted(r->bound, r, pod);
    return now + pod_draw(c, pod, &c->spec.bind, "bind");
}

simtime clocks_pod_started(struct clocks *c, const struct pod *pod, simtime now)
{
    const struct recorded_pod *r = tie(c, pod);
    if (r && r->ack != SIMTIME_NEVER)
        return shifted(r->ack, r, pod);
    return now + pod_draw(c, pod, &c->spec.start, "start");
}

simtime clocks_pod_running(const struct clocks *c, const struct pod *pod)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    return r ? shifted(r->running, r, pod) : SIMTIME_NEVER;
}

simtime clocks_pod_ready(const struct clocks *c, const struct pod *pod)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    return r ? shifted(r->ready, r, pod) : SIMTIME_NEVER;
}

simtime clocks_pod_deleting(const struct clocks *c, const struct pod *pod)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    return r ? r->deleting : SIMTIME_NEVER;
}

simtime clocks_pod_gone(const struct clocks *c, const struct pod *pod)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    if (!r || r->gone == SIMTIME_NEVER || r->deleting == SIMTIME_NEVER)
        return SIMTIME_NEVER;
    return pod->deleted + (r->gone - r->deleting);
}

uint32_t clocks_pod_node(const struct clocks *c, const struct pod *pod, uint32_t node_count)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    if (node_count == 0)
        return 0;
    if (r && r->node != CLOCKS_NO_NODE)
        return r->node % node_count;
    return pod->serial % node_count; /* spread, as the scheduler does on equal nodes */
}

void clocks_pod_adopted(struct clocks *c, struct pod *pod, simtime created)
{
    const struct recorded_pod *r = tie(c, pod);
    if (r && r->ready != SIMTIME_NEVER && r->ready <= 0) {
        pod->created = r->add;
        pod->bound = r->bound;
        pod->start_time = r->ack;
        pod->running = r->running;
        pod->ready_since = r->ready;
    } else {
        pod->created = created;
        pod->bound = created + pod_draw(c, pod, &c->spec.bind, "bind");
        pod->start_time = pod->bound + pod_draw(c, pod, &c->spec.start, "start");
        pod->running = pod->start_time;
        pod->ready_since = pod->start_time;
    }
    pod->first_ready = pod->ready_since;
}

/* --- the workload's controller --- */

static struct burst *burst_of(struct clocks *c, const struct workload *w)
{
    while (c->bursts.len <= w->index)
        vec_push(c->arena, &c->bursts)->at = SIMTIME_NEVER;
    return &c->bursts.items[w->index];
}

static simtime measured_create(struct clocks *c, const struct workload *w, simtime now)
{
    struct burst *burst = burst_of(c, w);
    const struct dist *d = burst->at == now ? &c->spec.create_next : &c->spec.create_first;
    burst->at = now + draw(d, rng_mix(c->create_key, w->index), burst->drawn++);
    return burst->at;
}

simtime clocks_next_create(struct clocks *c, const struct workload *w, simtime now)
{
    if (c->spec.mode == CLOCKS_IDEAL)
        return now;
    if (is_recorded_workload(c, w) && c->tied < c->spec.recording->pod_count) {
        simtime add = c->spec.recording->pods[c->tied].add;
        if (add >= now - RECORD_REACH && add <= now + RECORD_REACH)
            return add > now ? add : now;
    }
    return measured_create(c, w, now);
}

static simtime next_recorded_delete(const struct clocks *c, simtime now)
{
    simtime soonest = SIMTIME_NEVER;
    for (size_t i = 0; i < c->tied; i++) {
        simtime at = c->spec.recording->pods[i].deleting;
        if (at >= now && at < soonest)
            soonest = at;
    }
    return soonest;
}

simtime clocks_next_delete(struct clocks *c, const struct workload *w, simtime now)
{
    if (c->spec.mode == CLOCKS_IDEAL)
        return now;
    if (is_recorded_workload(c, w)) {
        simtime at = next_recorded_delete(c, now);
        if (at <= now + RECORD_REACH)
            return at;
    }
    struct burst *burst = burst_of(c, w);
    return now + draw(&c->spec.delete_first, rng_mix(c->create_key, w->index), burst->drawn++);
}

/* --- metrics-server --- */

static simtime measured_end(const struct clocks *c, int64_t n, uint32_t node, uint32_t nodes,
                            simtime resolution)
{
    simtime phase = (simtime)(c->scrape_phase * (double)resolution);
    uint64_t key = rng_mix(rng_mix(c->scrape_key, (uint64_t)n), node);
    simtime most = nodes < LONGEST_DELAY / DELAY_PER_NODE ? nodes * DELAY_PER_NODE : LONGEST_DELAY;
    simtime delay = (simtime)(rng_unit(key) * (double)(most / SIMTIME_MILLISECOND));
    return phase + n * resolution + delay * SIMTIME_MILLISECOND +
           draw(&c->spec.scrape_response, key, 1);
}

/* When node's answer to tick n has come in. */
static simtime scrape_end(const struct clocks *c, int64_t n, uint32_t node, uint32_t nodes,
                          simtime resolution)
{
    const struct clocks_recording *r = clocks_recording(c);
    if (r && r->scrape_count) {
        const simtime *times = r->scrapes[node % r->node_count];
        int64_t last = (int64_t)r->scrape_count - 1;
        if (n < 0)
            return times[0] + n * resolution;
        return n <= last ? times[n] : times[last] + (n - last) * resolution;
    }
    if (c->spec.mode == CLOCKS_IDEAL)
        return n * resolution;
    return measured_end(c, n, node, nodes, resolution);
}

simtime clocks_scrape(const struct clocks *c, int64_t n, uint32_t nodes, simtime resolution,
                      simtime *answers)
{
    simtime before = c->spec.mode == CLOCKS_IDEAL ? 0 : ANSWER_BEFORE_END;
    simtime stored = INT64_MIN;
    for (uint32_t node = 0; node < nodes; node++) {
        simtime end = scrape_end(c, n, node, nodes, resolution);
        answers[node] = end - before;
        stored = end > stored ? end : stored;
    }
    return stored;
}

/* --- cAdvisor --- */

static simtime whole_ms(simtime at)
{
    simtime rest = at % SIMTIME_MILLISECOND;
    return at - (rest < 0 ? rest + SIMTIME_MILLISECOND : rest);
}

static void set_wait(struct sample_clock *s, simtime wait)
{
    s->wait_ms = (uint32_t)(wait / SIMTIME_MILLISECOND);
    s->spread_ms = s->wait_ms;
}

/* The grid of SAMPLE_DISTANCE. */
static void start_ideal(struct sample_clock *s, simtime started)
{
    set_wait(s, SAMPLE_DISTANCE);
    s->spread_ms = 0;
    s->next = started < 0 ? CLOCKS_SAMPLES_BEFORE : started;
    simtime rest = s->next % SAMPLE_DISTANCE;
    if (rest)
        s->next += rest > 0 ? SAMPLE_DISTANCE - rest : -SAMPLE_DISTANCE - rest;
}

static void start_recorded(struct sample_clock *s, const struct recorded_pod *r, simtime started)
{
    s->recorded = r;
    s->next = r->samples[0] + s->shift;
    while (started < 0 && s->next > CLOCKS_SAMPLES_BEFORE)
        s->next -= SAMPLE_DISTANCE;
}

void clocks_sample_start(const struct clocks *c, struct sample_clock *s, const struct pod *pod,
                         uint32_t container, simtime started)
{
    const struct recorded_pod *r = clocks_pod_recorded(c, pod);
    *s = (struct sample_clock){0};
    if (c->spec.mode == CLOCKS_IDEAL) {
        start_ideal(s, started);
        return;
    }
    s->state = rng_mix(rng_key(c->seed, pod->name, "housekeeping"),
                       (uint64_t)container << 32 | pod->restarts);
    struct rng rng = rng_key_stream(s->state);
    set_wait(s, c->spec.housekeeping);
    if (r && container == 0 && pod->restarts == 0 && r->sample_count) {
        s->shift = pod->created - r->add;
        start_recorded(s, r, started);
        return;
    }
    s->simple = true;
    simtime wait = simtime_seconds(dist_sample(&c->spec.sample_first, &rng));
    if (started < 0)
        s->next = whole_ms(CLOCKS_SAMPLES_BEFORE - (simtime)(rng_double(&rng) * 20e9));
    else
        s->next = whole_ms(started + wait) + SIMTIME_MILLISECOND; /* not before the start */
}

/* True: the recording names the next one. */
static bool next_recorded_sample(struct sample_clock *s)
{
    const struct recorded_pod *r = s->recorded;
    if (s->next < r->samples[0] + s->shift) {
        s->next += SAMPLE_DISTANCE;
        return true;
    }
    if (++s->recorded_next >= r->sample_count)
        return false;
    s->next = r->samples[s->recorded_next] + s->shift;
    return true;
}

void clocks_sample_taken_else(const struct clocks *c, struct sample_clock *s, bool equal)
{
    if (s->recorded && next_recorded_sample(s))
        return;
    if (c->spec.mode != CLOCKS_IDEAL) {
        /* nextHousekeepingInterval doubles below the maximum only: idle waits alternate */
        s->idle = equal && !s->idle;
        set_wait(s, s->idle ? c->spec.housekeeping_idle : c->spec.housekeeping);
        s->recorded = NULL;
        s->simple = true;
    }
    s->next += clocks_sample_wait(s);
}
