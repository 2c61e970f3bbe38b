/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide vpa`: answers cases of the Vertical Pod Autoscaler. A case of kind `recommend` is a
 * recommender's life: pods, samples, OOMs, restarts from checkpoints, and the recommendations
 * in between. The kinds `updater` and `admission` are in decide_vpa_pods.c.
 *
 * The trap: a restart keeps the pods, which the recommender lists again, but not what it knew
 * of their containers beyond the checkpoints.
 */
#include "manifest/decide_vpa.h"
#include "base/str.h"
#include "control/vpa/recommender.h"
#include "vpa_case.h"

#include <string.h>

struct recommending {
    struct vpa_case *c;
    struct recommender_config config;
    struct vpa_policies policies;
    struct vpa_model model;
    size_t refused;
};

/* A length of time that a half-life, an interval or a confidence may have. */
static bool read_length(struct vpa_case *c, const struct node *map, const char *key, simtime *out)
{
    double seconds = simtime_to_seconds(*out);
    const bool ok = vpa_case_number(c, map, key, 1e-3, 500 * 86400.0, &seconds);
    *out = simtime_seconds(seconds);
    return ok;
}

static bool read_percentiles(struct vpa_case *c, const struct node *n, const char *resource,
                             struct estimator_config *out)
{
    static const char *const names[] = {"target", "lower", "upper"};
    bool ok = true;
    for (int b = VPA_TARGET; b < VPA_BOUND_COUNT; b++) {
        const char *key = arena_printf(&c->room->tree, "%s_%s_pct", names[b], resource);
        ok &= vpa_case_number(c, n, key, 0, 1, &out->percentile[b]);
    }
    const char *key = arena_printf(&c->room->tree, "confidence_%s_s", resource);
    return ok & read_length(c, n, key, &out->confidence_interval);
}

/* The recommender's flags, by short names. */
static bool read_config(struct vpa_case *c, struct recommender_config *out)
{
    const struct node *n = NULL;
    bool ok = vpa_case_member(c, c->root, "config", NODE_MAP, &n);
    struct aggregate_config *a = &out->aggregate;
    recommender_config_init(out);
    ok &= vpa_case_resources(c, c->root, "global_max", &out->max_allowed);
    if (!ok || n == NULL) {
        return ok;
    }
    ok &= vpa_case_number(c, n, "margin", 0, 1e6, &out->margin);
    ok &= vpa_case_number(c, n, "pod_min_cpu", 0, 1e12, &out->pod_min_cpu_millicores);
    ok &= vpa_case_number(c, n, "pod_min_memory_mb", 0, 1e12, &out->pod_min_memory_mb);
    ok &= vpa_case_int(c, n, "round_cpu_m", 0, VPA_CASE_MOST, &out->round_cpu_millicores);
    ok &= vpa_case_int(c, n, "round_memory_bytes", 0, VPA_CASE_MOST, &out->round_memory_bytes);
    ok &= read_percentiles(c, n, "cpu", &out->cpu);
    ok &= read_percentiles(c, n, "mem", &out->memory);
    ok &= read_length(c, n, "cpu_half_life_s", &a->cpu_half_life);
    ok &= read_length(c, n, "mem_half_life_s", &a->memory_half_life);
    ok &= read_length(c, n, "mem_interval_s", &a->memory_interval);
    ok &= vpa_case_int(c, n, "mem_interval_count", 1, 100, &a->memory_interval_count);
    ok &= vpa_case_number(c, n, "oom_ratio", 0, 1e6, &a->oom_bump_up_ratio);
    ok &= vpa_case_number(c, n, "oom_min_bytes", 0, 1e15, &a->oom_min_bump_up_bytes);
    return ok;
}

/* ---- events ---- */

static bool read_pod(struct recommending *r, const struct node *n, simtime now)
{
    struct vpa_case *c = r->c;
    const char *name = "";
    const char *labels = "";
    const struct node *containers = NULL;
    if (!vpa_case_text(c, n, "pod", &name) || !vpa_case_text(c, n, "labels", &labels) ||
        !vpa_case_member(c, n, "containers", NODE_MAP, &containers)) {
        return false;
    }
    struct vpa_pod *pod = vpa_model_put_pod(&r->model, name, labels, now);
    for (const struct node *k = containers != NULL ? containers->first : NULL; k != NULL;
         k = k->next) {
        vpa_model_put_container(&r->model, pod, k->key, now);
    }
    return true;
}

/* False: an error in the case. taken: the recommender took the sample. */
static bool read_sample(struct recommending *r, const struct node *n, const char *type, simtime now,
                        bool *taken)
{
    struct vpa_case *c = r->c;
    const char *pod_name = "";
    const char *container = "";
    int64_t v = 0;
    *taken = false;
    if (!vpa_case_text(c, n, "pod", &pod_name) || !vpa_case_text(c, n, "container", &container) ||
        !vpa_case_int(c, n, "v", -VPA_CASE_MOST, VPA_CASE_MOST, &v)) {
        return false;
    }
    const struct vpa_pod *pod = vpa_model_find_pod(&r->model, pod_name);
    struct vpa_container *k = pod != NULL ? vpa_pod_find_container(pod, container) : NULL;
    if (k == NULL) {
        return true;
    }
    switch (*type) {
    case 'c':
        *taken = vpa_model_add_cpu(&r->model, k, v, now, now);
        break;
    case 'm':
        *taken = vpa_model_add_memory(&r->model, k, v, now, now);
        break;
    default:
        *taken = vpa_model_record_oom(&r->model, k, v, now, now);
        break;
    }
    return true;
}

/* A new process: the checkpoints' histograms, and the pods as if it had never seen them. */
static void restart(struct recommending *r, simtime now)
{
    struct arena *state = &r->c->room->state;
    size_t count = 0;
    const struct vpa_checkpoint *saved = vpa_model_save(&r->model, state, now, &count);
    const struct vpa_model before = r->model;
    vpa_model_init(&r->model, state, &r->config.aggregate);
    vpa_model_load(&r->model, saved, count, now);
    for (const struct vpa_pod *pod = before.pods; pod != NULL; pod = pod->next) {
        struct vpa_pod *again = vpa_model_put_pod(&r->model, pod->name, pod->labels, now);
        for (const struct vpa_container *k = pod->containers; k != NULL; k = k->next) {
            vpa_model_put_container(&r->model, again, k->name, now);
        }
    }
}

static void write_seconds(struct json_writer *w, const char *key, simtime t)
{
    json_key(w, key);
    if (t == VPA_NO_TIME) {
        json_int(w, 0);
    } else if (t % SIMTIME_SECOND == 0) {
        json_int(w, t / SIMTIME_SECOND);
    } else {
        json_double(w, simtime_to_seconds(t));
    }
}

static void write_aggregates(struct json_writer *w, const struct vpa_merged *merged, size_t count)
{
    json_key(w, "agg");
    if (count == 0) {
        json_null(w);
        return;
    }
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_map(w);
        json_key(w, "name");
        json_string(w, merged[i].container);
        json_key(w, "samples");
        json_int(w, merged[i].state->samples);
        write_seconds(w, "first", merged[i].state->first_sample);
        write_seconds(w, "last", merged[i].state->last_sample);
        json_map_end(w);
    }
    json_list_end(w);
}

static void recommend(struct recommending *r, const struct node *n, simtime now)
{
    struct json_writer *w = r->c->out;
    const struct node *t = node_get(n, "t");
    const struct vpa_merged *merged = NULL;
    arena_reset(&r->c->room->step);
    const struct vpa_recommendation rec =
        recommender_recommend(&r->c->room->step, &r->model, &r->config, &r->policies, now, &merged);
    json_map(w);
    json_key(w, "t");
    json_raw(w, t != NULL ? t->text : "0");
    json_key(w, "recs");
    json_list(w);
    for (size_t i = 0; i < rec.count; i++) {
        vpa_case_write_recommendation(w, &rec.items[i], true);
    }
    json_list_end(w);
    write_aggregates(w, merged, rec.count);
    json_map_end(w);
}

enum event_type {
    EVENT_POD,
    EVENT_CPU,
    EVENT_MEM,
    EVENT_OOM,
    EVENT_DELETE,
    EVENT_POLICY,
    EVENT_GC,
    EVENT_RESTART,
    EVENT_RECOMMEND,
    EVENT_NONE
};

static const char *const event_names[] = {"pod",    "cpu", "mem",     "oom",       "delete",
                                          "policy", "gc",  "restart", "recommend", NULL};

static bool delete_pod(struct recommending *r, const struct node *n)
{
    const char *name = "";
    if (!vpa_case_text(r->c, n, "pod", &name)) {
        return false;
    }
    struct vpa_pod *pod = vpa_model_find_pod(&r->model, name);
    if (pod != NULL) {
        vpa_model_delete_pod(&r->model, pod);
    }
    return true;
}

static bool run_event(struct recommending *r, const struct node *n, size_t index, size_t *refused)
{
    struct vpa_case *c = r->c;
    simtime now = 0;
    int type = EVENT_NONE;
    bool taken = true;
    if (!vpa_case_time(c, n, "t", &now) || !vpa_case_word(c, n, "type", event_names, &type)) {
        return false;
    }
    switch ((enum event_type)type) {
    case EVENT_POD:
        return read_pod(r, n, now);
    case EVENT_DELETE:
        return delete_pod(r, n);
    case EVENT_POLICY:
        return vpa_case_policies(c, n, &r->policies);
    case EVENT_GC:
        vpa_model_collect(&r->model, now);
        return true;
    case EVENT_RESTART:
        restart(r, now);
        return true;
    case EVENT_RECOMMEND:
        recommend(r, n, now);
        return true;
    case EVENT_NONE:
        diag_error(c->diag, n->mark, "events[%zu]: no type", index);
        return false;
    default:
        if (!read_sample(r, n, event_names[type], now, &taken)) {
            return false;
        }
        if (!taken) {
            refused[r->refused++] = index;
        }
        return true;
    }
}

bool vpa_case_recommend(struct vpa_case *c)
{
    struct recommending *r = arena_new(&c->room->state, struct recommending);
    const struct node *events = NULL;
    size_t index = 0;
    r->c = c;
    if (!read_config(c, &r->config) || !vpa_case_policies(c, c->root, &r->policies) ||
        !vpa_case_member(c, c->root, "events", NODE_LIST, &events)) {
        return false;
    }
    vpa_model_init(&r->model, &c->room->state, &r->config.aggregate);
    size_t *refused =
        arena_array(&c->room->state, size_t, events != NULL ? events->count : (size_t)0);
    json_key(c->out, "outs");
    json_list(c->out);
    for (const struct node *n = events != NULL ? events->first : NULL; n != NULL; n = n->next) {
        if (!run_event(r, n, index++, refused)) {
            return false;
        }
    }
    json_list_end(c->out);
    if (r->refused > 0) {
        json_key(c->out, "discarded");
        json_list(c->out);
        for (size_t i = 0; i < r->refused; i++) {
            json_int(c->out, (int64_t)refused[i]);
        }
        json_list_end(c->out);
    }
    return true;
}

/* ---- a line ---- */

static bool run_case(struct vpa_case *c)
{
    static const char *const kinds[] = {"recommend", "updater", "admission", NULL};
    int kind = -1;
    const struct node *id = node_get(c->root, "id");
    if (c->root->kind != NODE_MAP || !vpa_case_word(c, c->root, "kind", kinds, &kind) || kind < 0) {
        diag_error(c->diag, c->root->mark, "not a case of kind recommend, updater or admission");
        return false;
    }
    json_map(c->out);
    json_key(c->out, "id");
    if (id != NULL && id->kind == NODE_NUMBER) {
        json_raw(c->out, id->text);
    } else {
        json_string(c->out, id != NULL ? node_string(id) : NULL);
    }
    const bool ok = kind == 0   ? vpa_case_recommend(c)
                    : kind == 1 ? vpa_case_updater(c)
                                : vpa_case_admission(c);
    if (ok) {
        json_map_end(c->out);
    }
    return ok;
}

bool decide_vpa(struct observation_room *room, const char *line, size_t len, uint32_t source,
                uint32_t line_number, const void *options, struct strbuf *out, struct diag *d)
{
    (void)options;
    arena_reset(&room->tree);
    arena_reset(&room->state);
    arena_reset(&room->step);
    struct vpa_case c = {.room = room, .diag = d};
    c.root = json_read(&room->tree, line, len, source, line_number, d);
    if (c.root == NULL) {
        return false;
    }
    c.out = json_writer_new(&room->tree, false);
    if (!run_case(&c)) {
        return false;
    }
    size_t text_len = 0;
    const char *text = json_text(c.out, &text_len);
    strbuf_add_len(out, text, text_len);
    strbuf_char(out, '\n');
    return true;
}
