/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording's file (the form of clocks.json): seconds from its time 0 to virtual
 * nanoseconds, checked so that nobody else has to: lists rise, a pod's times are in
 * the order of its life, every node has the same number of scrapes.
 *
 * Trap: a recording of KWOK's own metrics names no scrapes, as nobody saw them. Their
 * phase is only known to a second, and no value in it is more right than another; the
 * recorder's rule of thumb is taken, moved no further than what it saw demands.
 */
#include "kube/clocks.h"

#include "base/file.h"
#include "base/json.h"
#include "base/node.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>

#define LARGEST_SECONDS  1e9
#define FILE_LARGEST     ((size_t)256 << 20)

#define KWOK_BEFORE_SYNC (3300 * SIMTIME_MILLISECOND) /* scrapes come so long before each sync */
#define KWOK_LOOK        SIMTIME_SECOND               /* how often first_metric was looked for */
#define KWOK_EDGE        (10 * SIMTIME_MILLISECOND)   /* inside that second, not on its end */
#define KWOK_RESOLUTION  (15 * SIMTIME_SECOND)

struct reading {
    struct arena *arena;
    struct diag *diag;
    bool ok;
};

static void complain(struct reading *r, const struct node *n, const char *what)
{
    diag_error(r->diag, n->mark, "%s", what);
    r->ok = false;
}

static double number(struct reading *r, const struct node *n, const char *what)
{
    double v = 0;
    if (n->kind != NODE_NUMBER || !str_to_double(n->text, &v) || fabs(v) > LARGEST_SECONDS) {
        diag_error(r->diag, n->mark, "%s must be a number within 1e9 of 0, not %s", what,
                   n->kind == NODE_NUMBER ? n->text : node_kind_name(n->kind));
        r->ok = false;
        return 0;
    }
    return v;
}

/* A member that may be absent or null: then `otherwise`. */
static double number_member(struct reading *r, const struct node *map, const char *key,
                            double otherwise)
{
    const struct node *n = node_get(map, key);
    return !n || n->kind == NODE_NULL ? otherwise : number(r, n, key);
}

static simtime time_member(struct reading *r, const struct node *map, const char *key)
{
    return simtime_seconds(number_member(r, map, key, NAN));
}

static const simtime *times(struct reading *r, const struct node *n, const char *what,
                            size_t *count)
{
    *count = 0;
    if (!n || n->kind == NODE_NULL)
        return NULL;
    if (n->kind != NODE_LIST) {
        diag_error(r->diag, n->mark, "%s must be a list of times in seconds, not %s", what,
                   node_kind_name(n->kind));
        r->ok = false;
        return NULL;
    }
    simtime *out = arena_array(r->arena, simtime, n->count);
    for (const struct node *item = n->first; item; item = item->next) {
        out[*count] = simtime_seconds(number(r, item, what));
        if (*count && out[*count] <= out[*count - 1]) {
            diag_error(r->diag, item->mark, "%s must rise: %s comes after a later or equal time",
                       what, item->text ? item->text : "");
            r->ok = false;
        }
        ++*count;
    }
    return out;
}

static void read_scrapes(struct reading *r, const struct node *n, struct clocks_recording *out)
{
    if (!n || n->kind == NODE_NULL || n->count == 0)
        return;
    if (n->kind != NODE_MAP) {
        complain(r, n, "scrapes must be a map of nodes to lists of times");
        return;
    }
    const simtime **lists = arena_array(r->arena, const simtime *, n->count);
    size_t fewest = SIZE_MAX;
    uint32_t nodes = 0;
    for (const struct node *item = n->first; item; item = item->next) {
        size_t count = 0;
        lists[nodes++] = times(r, item, "a node's scrapes", &count);
        fewest = count < fewest ? count : fewest;
    }
    out->scrapes = lists;
    out->node_count = nodes;
    out->scrape_count = fewest;
}

/* The node's place among the keys of scrapes, in their order. */
static uint32_t node_index(struct reading *r, const struct node *scrapes, const struct node *n)
{
    uint32_t index = 0;
    if (!n || n->kind == NODE_NULL)
        return CLOCKS_NO_NODE;
    if (n->kind != NODE_STRING && n->kind != NODE_NUMBER) {
        complain(r, n, "a pod's node must be a name");
        return CLOCKS_NO_NODE;
    }
    if (!scrapes || scrapes->count == 0)
        return CLOCKS_NO_NODE;
    for (const struct node *item = scrapes->first; item; item = item->next, index++)
        if (str_equal(item->key, n->text))
            return index;
    diag_error(r->diag, n->mark, "node %s has no scrapes", n->text);
    r->ok = false;
    return CLOCKS_NO_NODE;
}

static void check_order(struct reading *r, const struct node *n, const struct recorded_pod *pod)
{
    const simtime life[] = {pod->add, pod->bound, pod->ack, pod->running, pod->ready};
    simtime before = pod->add;
    if (pod->add == SIMTIME_NEVER) {
        complain(r, n, "a pod needs its time of creation, add");
        return;
    }
    for (size_t i = 1; i < sizeof life / sizeof life[0]; i++) {
        if (life[i] == SIMTIME_NEVER)
            continue;
        if (life[i] < before) {
            complain(r, n, "a pod's add, bound, ack, running and ready must not fall");
            return;
        }
        before = life[i];
    }
    if (pod->gone != SIMTIME_NEVER && (pod->deleting == SIMTIME_NEVER || pod->gone < pod->deleting))
        complain(r, n, "a pod cannot be gone before it is deleting");
}

static void read_pod(struct reading *r, const struct node *n, const struct node *scrapes,
                     struct recorded_pod *pod)
{
    if (n->kind != NODE_MAP) {
        complain(r, n, "a pod must be a map");
        return;
    }
    pod->node = node_index(r, scrapes, node_get(n, "node"));
    pod->add = time_member(r, n, "add");
    pod->bound = time_member(r, n, "bound");
    pod->ack = time_member(r, n, "ack");
    pod->running = time_member(r, n, "running");
    pod->ready = time_member(r, n, "ready");
    pod->deleting = time_member(r, n, "deleting");
    pod->gone = time_member(r, n, "gone");
    pod->first_metric = time_member(r, n, "first_metric");
    pod->samples = times(r, node_get(n, "samples"), "samples", &pod->sample_count);
    check_order(r, n, pod);
}

struct place {
    simtime add;
    size_t index;
};

static int compare_places(const void *x, const void *y)
{
    const struct place *a = x;
    const struct place *b = y;
    if (a->add != b->add)
        return a->add < b->add ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* By creation; equal times stay as they were in the file. */
static struct recorded_pod *sorted_pods(struct arena *a, const struct recorded_pod *pods,
                                        size_t count)
{
    struct place *places = arena_array(a, struct place, count);
    struct recorded_pod *out = arena_array(a, struct recorded_pod, count);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){pods[i].add, i};
    if (count)
        qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        out[i] = pods[places[i].index];
    return out;
}

static void read_pods(struct reading *r, const struct node *n, const struct node *scrapes,
                      struct clocks_recording *out)
{
    if (!n || n->kind == NODE_NULL)
        return;
    if (n->kind != NODE_LIST) {
        complain(r, n, "pods must be a list");
        return;
    }
    struct recorded_pod *pods = arena_array(r->arena, struct recorded_pod, n->count);
    size_t count = 0;
    for (const struct node *item = n->first; item; item = item->next)
        read_pod(r, item, scrapes, &pods[count++]);
    out->pods = sorted_pods(r->arena, pods, count);
    out->pod_count = count;
}

/* When a pod created in the recording first had a metric; NEVER: none did. */
static simtime first_look(const struct clocks_recording *out)
{
    for (size_t i = 0; i < out->pod_count; i++)
        if (out->pods[i].first_metric != SIMTIME_NEVER && out->pods[i].add > 0)
            return out->pods[i].first_metric;
    return SIMTIME_NEVER;
}

static simtime modulo(simtime t, simtime period)
{
    simtime rest = t % period;
    return rest < 0 ? rest + period : rest;
}

/* Some tick of KWOK's scrapes; NEVER: nothing to tell it by. */
static simtime kwok_tick(const struct clocks_recording *out)
{
    simtime look = first_look(out);
    if (out->sync_count == 0)
        return look == SIMTIME_NEVER ? SIMTIME_NEVER : look - KWOK_LOOK / 2;
    simtime tick = out->syncs[0] - KWOK_BEFORE_SYNC;
    if (look == SIMTIME_NEVER)
        return tick;
    simtime since = modulo(tick - (look - KWOK_LOOK), KWOK_RESOLUTION);
    if (since > KWOK_EDGE && since < KWOK_LOOK - KWOK_EDGE)
        return tick; /* agrees with what was seen */
    bool too_early = since > (KWOK_RESOLUTION + KWOK_LOOK) / 2 || since <= KWOK_EDGE;
    return too_early ? look - KWOK_LOOK + KWOK_EDGE : look - KWOK_EDGE;
}

static void derive_kwok_scrapes(struct reading *r, struct clocks_recording *out)
{
    simtime tick = kwok_tick(out);
    if (tick == SIMTIME_NEVER)
        return;
    simtime first = modulo(tick, KWOK_RESOLUTION);
    simtime *all = arena_array(r->arena, simtime, 1);
    const simtime **lists = arena_array(r->arena, const simtime *, 1);
    all[0] = first;
    lists[0] = all;
    out->scrapes = lists;
    out->node_count = 1;
    out->scrape_count = 1; /* the others follow at the resolution */
}

static void read_recording(struct reading *r, const struct node *root, struct clocks_recording *out)
{
    const struct node *pod = node_get(root, "pod");
    const struct node *scrapes = node_get(root, "scrapes");
    const struct node *metrics = node_get(root, "metrics");
    out->epoch_fraction = simtime_seconds(number_member(r, root, "t0_fraction_of_second", 0));
    if (out->epoch_fraction < 0 || out->epoch_fraction >= SIMTIME_SECOND)
        complain(r, node_get(root, "t0_fraction_of_second"),
                 "t0_fraction_of_second must be in [0, 1)");
    out->kwok = metrics && str_equal(node_string(metrics), "kwok");
    out->duration = simtime_seconds(number_member(r, root, "duration_s", 0));
    out->idle_cores = number_member(r, pod, "idle_millicores", 0) / 1000;
    out->limit_cores = number_member(r, pod, "limit_millicores", 0) / 1000;
    out->syncs = times(r, node_get(root, "hpa_syncs"), "hpa_syncs", &out->sync_count);
    read_scrapes(r, scrapes, out);
    read_pods(r, node_get(root, "pods"), scrapes, out);
    if (r->ok && out->kwok && out->scrape_count == 0)
        derive_kwok_scrapes(r, out);
}

const struct clocks_recording *clocks_read_text(struct arena *a, const char *text, size_t len,
                                                uint32_t source, struct diag *d)
{
    struct reading r = {.arena = a, .diag = d, .ok = true};
    const struct node *root = json_read(a, text, len, source, 1, d);
    if (!root)
        return NULL;
    if (root->kind != NODE_MAP) {
        complain(&r, root, "recorded clocks must be a map with hpa_syncs, scrapes and pods");
        return NULL;
    }
    if (!node_get(root, "hpa_syncs") && !node_get(root, "scrapes") && !node_get(root, "pods")) {
        complain(&r, root, "recorded clocks need at least one of hpa_syncs, scrapes and pods");
        return NULL;
    }
    struct clocks_recording *out = arena_new(a, struct clocks_recording);
    read_recording(&r, root, out);
    return r.ok ? out : NULL;
}

const struct clocks_recording *clocks_read(struct arena *a, const char *path, struct diag *d)
{
    struct file_text file;
    if (!file_read(a, path, FILE_LARGEST, &file, d))
        return NULL;
    return clocks_read_text(a, file.text, file.len, diag_source(d, path, file.text, file.len), d);
}
