/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a pod's meter to metrics.k8s.io. Samples are not events: at a scrape each
 * container is asked for the samples that are due by then, the newest goes into the
 * store, and usage is computed when somebody reads. cAdvisor v0.56.2
 * (manager/container.go), kubelet /metrics/resource, metrics-server v0.9.0
 * (pkg/scraper, pkg/storage), and KWOK 0.8's metrics as the other mode.
 *
 * Traps: a scrape stores all nodes at once, when the slowest has answered, but each
 * answer is of its own time. A container whose counter is 0 drops its whole pod; a
 * started process never has 0, so counters begin at LEAST_CPU. The kubelet's
 * timestamps are whole milliseconds of the wall clock.
 */
#include "internal.h"

#include "base/require.h"
#include "base/str.h"
#include "kube/phases.h"

#define DEFAULT_RESOLUTION (15 * SIMTIME_SECOND)
#define LONGEST_UNSAMPLED  (60 * SIMTIME_SECOND) /* meters remember 90 s */
#define BEFORE_SCRAPES     4                     /* scrapes assumed before time 0 */

static const char unavailable[] =
    "the server is currently unable to handle the request (get pods.metrics.k8s.io)";

struct metrics_server *metrics_server_create(struct arena *a, struct engine *e,
                                             const struct clocks *clocks,
                                             const struct metrics_server_spec *spec)
{
    struct metrics_server *m = arena_new(a, struct metrics_server);
    require(spec->node_count > 0);
    m->arena = a;
    m->engine = e;
    m->clocks = clocks;
    m->spec = *spec;
    if (m->spec.resolution == 0)
        m->spec.resolution = DEFAULT_RESOLUTION;
    m->answers = arena_array(a, simtime, spec->node_count);
    m->before = arena_array(a, simtime, spec->node_count);
    m->failed = arena_array(a, bool, spec->node_count);
    return m;
}

void metrics_server_set_usage(struct metrics_server *m, uint32_t workload,
                              const struct container_usage *usage, size_t count)
{
    while (m->usages.len <= workload)
        (void)vec_push(m->arena, &m->usages);
    m->usages.items[workload] = (struct workload_usage){usage, count};
}

void metrics_server_fault_begin(struct metrics_server *m, const struct metric_fault *fault)
{
    require(metric_fault_begin(&m->faults, fault));
}

void metrics_server_fault_end(struct metrics_server *m, const struct metric_fault *fault)
{
    metric_fault_end(&m->faults, fault);
}

const char *metrics_server_error(const struct metrics_server *m)
{
    if (!metric_fault_is(&m->faults, METRIC_FAULT_UNAVAILABLE))
        return NULL;
    const char *text = metric_fault_text(&m->faults);
    return text ? text : unavailable;
}

uint64_t metrics_server_scrapes(const struct metrics_server *m)
{
    return m->stored;
}

/* --- scrapes --- */

/* The batch has the pod's points: into the store, or out of it where one is unusable. */
static void store_pod(struct metrics_server *m, struct tracked_pod *t, simtime answer)
{
    bool complete = true;
    bool had_prev = false;
    for (uint32_t i = 0; i < t->count; i++) {
        struct track *track = &t->tracks[i];
        track_sample(m, t, track, answer);
        if (track->reported && (track->point.cpu == 0 || track->point.memory == 0))
            complete = false;
        had_prev = had_prev || track->store.prev.present;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        struct track *track = &t->tracks[i];
        if (complete && track->reported)
            container_store_put(&track->store, &track->point, m->spec.resolution, had_prev);
        else
            container_store_drop(&track->store);
    }
    tracked_pod_settle(m, t);
}

static void drop_pod(struct tracked_pod *t)
{
    t->settled = false;
    for (uint32_t i = 0; i < t->count; i++)
        container_store_drop(&t->tracks[i].store);
}

/* Go's ticker drops ticks while a scrape still runs. */
static void schedule_scrape(struct metrics_server *m, simtime after)
{
    simtime stored = after;
    do {
        stored =
            clocks_scrape(m->clocks, m->tick++, m->spec.node_count, m->spec.resolution, m->answers);
    } while (stored <= after);
    event_schedule(m->engine, &m->scrape, stored);
}

static void scrape_pod(struct metrics_server *m, struct tracked_pod *t, bool frozen)
{
    uint32_t node = t->pod->node < m->spec.node_count ? t->pod->node : 0;
    if (frozen)
        tracked_pod_advance(m, t, m->answers[node]);
    else if (m->failed[node])
        drop_pod(t);
    else if (!tracked_pod_scrape_settled(m, t, m->answers[node]))
        store_pod(m, t, m->answers[node]);
}

static void scrape(struct engine *engine, struct event *event)
{
    struct metrics_server *m = event_owner(event, struct metrics_server, scrape);
    simtime now = engine_now(engine);
    bool frozen = metric_fault_is(&m->faults, METRIC_FAULT_FROZEN);
    for (uint32_t node = 0; node < m->spec.node_count; node++)
        m->failed[node] = metric_fault_of_node(&m->faults, node);
    for (size_t i = 0; i < m->pods.len; i++) {
        struct tracked_pod *t = m->pods.items[i];
        tracked_pod_prime(m, t, now);
        scrape_pod(m, t, frozen);
    }
    m->stored++;
    schedule_scrape(m, now);
}

/* With a long resolution: takes the samples while the meters still remember them. */
static void advance(struct engine *engine, struct event *event)
{
    struct metrics_server *m = event_owner(event, struct metrics_server, advance);
    simtime now = engine_now(engine);
    for (size_t i = 0; i < m->pods.len; i++) {
        tracked_pod_prime(m, m->pods.items[i], now);
        tracked_pod_advance(m, m->pods.items[i], now - SIMTIME_SECOND * 5);
    }
    event_schedule(engine, &m->advance, now + LONGEST_UNSAMPLED / 2);
}

void metrics_server_start(struct metrics_server *m)
{
    simtime now = engine_now(m->engine);
    event_init(&m->scrape, scrape, PHASE_SCRAPE);
    event_init(&m->advance, advance, PHASE_SCRAPE);
    schedule_scrape(m, now - 1);
    if (m->spec.resolution > LONGEST_UNSAMPLED)
        event_schedule(m->engine, &m->advance, now + LONGEST_UNSAMPLED / 2);
}

void tracked_pod_store_before(struct metrics_server *m, struct tracked_pod *t)
{
    uint32_t nodes = m->spec.node_count;
    uint32_t node = t->pod->node < nodes ? t->pod->node : 0;
    for (int64_t n = BEFORE_SCRAPES; n > 0; n--) {
        clocks_scrape(m->clocks, -n, nodes, m->spec.resolution, m->before);
        store_pod(m, t, m->before[node]);
    }
}

/* --- what is served --- */

static struct tracked_pod *served(struct metrics_server *m, const struct pod *pod)
{
    struct tracked_pod *t = pod->samples;
    if (!t || metric_fault_of_pod(&m->faults, m->spec.seed, pod))
        return NULL;
    tracked_pod_prime(m, t, engine_now(m->engine));
    bool any = false;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct container_store *s = &t->tracks[i].store;
        if (s->last.present && !s->prev.present)
            return NULL;
        any = any || s->last.present;
    }
    return any ? t : NULL;
}

static bool usage_of(const struct metrics_server *m, const struct track *track,
                     struct container_metrics *out, simtime *window)
{
    const struct container_store *s = &track->store;
    if (!s->last.present || !metrics_usage(&s->last, &s->prev, &out->cpu_nanocores, window))
        return false;
    out->name = track->name;
    out->memory_bytes = s->last.memory;
    if (metric_fault_is(&m->faults, METRIC_FAULT_ZERO))
        out->cpu_nanocores = out->memory_bytes = 0;
    return true;
}

/* The pod's time is that of its earliest container. */
static void note_time(struct pod_metrics *out, const struct track *track, simtime window)
{
    simtime timestamp = track->store.last.timestamp;
    if (out->container_count == 0 || timestamp < out->timestamp) {
        out->timestamp = timestamp;
        out->window = window;
    }
}

bool metrics_server_get(struct metrics_server *m, const struct pod *pod, struct pod_metrics *out,
                        struct container_metrics *containers, uint32_t room)
{
    const struct tracked_pod *t = served(m, pod);
    if (!t)
        return false;
    *out = (struct pod_metrics){0};
    for (uint32_t i = 0; i < t->count; i++) {
        struct container_metrics usage;
        simtime window = 0;
        if (!usage_of(m, &t->tracks[i], &usage, &window))
            continue;
        note_time(out, &t->tracks[i], window);
        if (out->container_count < room)
            containers[out->container_count] = usage;
        out->container_count++;
    }
    out->timestamp = pod_api_time(out->timestamp, m->spec.epoch_fraction);
    return true;
}

static int64_t milli_of(const struct container_metrics *usage, enum metrics_resource resource)
{
    if (resource == METRICS_CPU)
        return metrics_milli_cores(usage->cpu_nanocores);
    return (int64_t)(usage->memory_bytes * 1000);
}

/* The common case of the reading below: the CPU of a pod of one container, nothing wrong. */
static bool read_settled(const struct metrics_server *m, const struct tracked_pod *t,
                         int64_t *milli, simtime *timestamp, simtime *window)
{
    const struct container_store *s = &t->tracks[0].store;
    uint64_t nanocores = 0;
    if (!t->settled || m->faults.count || !metrics_usage(&s->last, &s->prev, &nanocores, window))
        return false;
    *milli = metrics_milli_cores(nanocores);
    *timestamp = pod_api_time(s->last.timestamp, m->spec.epoch_fraction);
    return true;
}

enum metrics_served metrics_server_read(struct metrics_server *m, const struct pod *pod,
                                        enum metrics_resource resource, const char *container,
                                        int64_t *milli, simtime *timestamp, simtime *window)
{
    const struct tracked_pod *t = pod->samples;
    struct pod_metrics item = {0};
    bool found = false;
    if (t && !container && resource == METRICS_CPU && read_settled(m, t, milli, timestamp, window))
        return METRICS_VALUE;
    t = served(m, pod);
    if (!t)
        return METRICS_NO_ITEM;
    *milli = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        struct container_metrics usage;
        simtime of = 0;
        if (!usage_of(m, &t->tracks[i], &usage, &of))
            continue;
        note_time(&item, &t->tracks[i], of);
        item.container_count++;
        if (container && !str_equal(usage.name, container))
            continue;
        *milli += milli_of(&usage, resource);
        found = true;
    }
    *timestamp = pod_api_time(item.timestamp, m->spec.epoch_fraction);
    *window = item.window;
    if (container && !found)
        return METRICS_NO_CONTAINER;
    return item.container_count ? METRICS_VALUE : METRICS_NO_VALUE;
}
