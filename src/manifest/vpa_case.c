/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pieces of VPA cases: numbers, times, lists of resources (CPU in millicores, memory in
 * bytes, whole), resource policies; and the same on the way out. What has the wrong kind or is
 * out of range is an error at its line and column, with the member's name.
 *
 * The trap: a number that is 0 is left out where cases were written by Go, so nothing but
 * names is required.
 */
#include "vpa_case.h"

#include "base/str.h"

#include <math.h>

static const struct node *get(const struct node *map, const char *key)
{
    const struct node *n = node_get(map, key);
    return n != NULL && n->kind != NODE_NULL ? n : NULL;
}

static bool wrong(struct vpa_case *c, const struct node *n, const char *key, const char *wanted)
{
    diag_error(c->diag, n->mark, "%s: %s expected, not %s", key, wanted, node_kind_name(n->kind));
    return false;
}

bool vpa_case_text(struct vpa_case *c, const struct node *map, const char *key, const char **out)
{
    const struct node *n = get(map, key);
    if (n == NULL) {
        return true;
    }
    if (n->kind != NODE_STRING) {
        return wrong(c, n, key, "a string");
    }
    *out = n->text;
    return true;
}

bool vpa_case_int(struct vpa_case *c, const struct node *map, const char *key, int64_t min,
                  int64_t max, int64_t *out)
{
    const struct node *n = get(map, key);
    int64_t v = 0;
    double d = 0;
    if (n == NULL) {
        return true;
    }
    if (n->kind != NODE_NUMBER) {
        return wrong(c, n, key, "a number");
    }
    if (!str_to_int64(n->text, &v)) {
        const bool whole = str_to_double(n->text, &d) && fabs(d) < 9e18 && floor(d) == d;
        v = whole ? (int64_t)d : INT64_MIN;
    }
    if (v < min || v > max) {
        diag_error(c->diag, n->mark, "%s: %s is not a whole number from %lld to %lld", key, n->text,
                   (long long)min, (long long)max);
        return false;
    }
    *out = v;
    return true;
}

bool vpa_case_number(struct vpa_case *c, const struct node *map, const char *key, double min,
                     double max, double *out)
{
    const struct node *n = get(map, key);
    double d = 0;
    if (n == NULL) {
        return true;
    }
    if (n->kind != NODE_NUMBER) {
        return wrong(c, n, key, "a number");
    }
    if (!str_to_double(n->text, &d) || !(d >= min && d <= max)) {
        diag_error(c->diag, n->mark, "%s: %s is not between %g and %g", key, n->text, min, max);
        return false;
    }
    *out = d;
    return true;
}

bool vpa_case_time(struct vpa_case *c, const struct node *map, const char *key, simtime *out)
{
    double seconds = simtime_to_seconds(*out);
    if (!vpa_case_number(c, map, key, 0, 9e9, &seconds)) {
        return false;
    }
    if (get(map, key) != NULL) {
        *out = simtime_seconds(seconds);
    }
    return true;
}

bool vpa_case_word(struct vpa_case *c, const struct node *map, const char *key,
                   const char *const *words, int *out)
{
    const char *text = NULL;
    size_t count = 0;
    if (!vpa_case_text(c, map, key, &text) || text == NULL) {
        return text == NULL && (get(map, key) == NULL || get(map, key)->kind == NODE_STRING);
    }
    for (; words[count] != NULL; count++) {
        if (str_equal(words[count], text)) {
            *out = (int)count;
            return true;
        }
    }
    diag_error(c->diag, get(map, key)->mark, "%s: unknown word \"%s\"", key, text);
    const char *near = str_nearest(text, words, count);
    if (near != NULL) {
        diag_help(c->diag, "did you mean \"%s\"?", near);
    }
    return false;
}

bool vpa_case_member(struct vpa_case *c, const struct node *map, const char *key,
                     enum node_kind kind, const struct node **out)
{
    *out = get(map, key);
    return *out == NULL || (*out)->kind == kind || wrong(c, *out, key, node_kind_name(kind));
}

bool vpa_case_resources(struct vpa_case *c, const struct node *map, const char *key,
                        struct vpa_resources *out)
{
    const struct node *list = NULL;
    bool ok = vpa_case_member(c, map, key, NODE_MAP, &list);
    *out = (struct vpa_resources){0};
    for (enum vpa_resource r = VPA_CPU; ok && r < VPA_RESOURCE_COUNT; r++) {
        int64_t amount = 0;
        if (get(list, vpa_resource_name(r)) == NULL) {
            continue;
        }
        ok = vpa_case_int(c, list, vpa_resource_name(r), 0, VPA_CASE_MOST, &amount);
        vpa_resources_set(out, r, amount);
    }
    return ok;
}

bool vpa_case_resource_names(struct vpa_case *c, const struct node *map, const char *key,
                             bool *given, bool out[VPA_RESOURCE_COUNT])
{
    const struct node *list = NULL;
    bool ok = vpa_case_member(c, map, key, NODE_LIST, &list);
    *given = list != NULL;
    for (const struct node *n = ok && list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        const char *name = node_string(n);
        if (str_equal(name, "cpu")) {
            out[VPA_CPU] = true;
        } else if (str_equal(name, "memory")) {
            out[VPA_MEMORY] = true;
        } else {
            diag_error(c->diag, n->mark, "%s: neither \"cpu\" nor \"memory\"", key);
            ok = false;
        }
    }
    return ok;
}

static bool read_policy(struct vpa_case *c, const struct node *n, struct vpa_policy *out)
{
    static const char *const modes[] = {"Auto", "Off", NULL};
    static const char *const values[] = {"RequestsAndLimits", "RequestsOnly", NULL};
    int mode = VPA_SCALING_AUTO;
    int controlled = VPA_REQUESTS_AND_LIMITS;
    bool ok = true;
    if (n->kind != NODE_MAP) {
        return wrong(c, n, "policies", "a map");
    }
    out->container = "";
    ok &= vpa_case_text(c, n, "container", &out->container);
    ok &= vpa_case_word(c, n, "mode", modes, &mode);
    ok &= vpa_case_word(c, n, "controlled_values", values, &controlled);
    ok &= vpa_case_resources(c, n, "min", &out->min);
    ok &= vpa_case_resources(c, n, "max", &out->max);
    ok &= vpa_case_resource_names(c, n, "controlled_resources", &out->has_controlled_resources,
                                  out->controlled);
    out->mode = (enum vpa_scaling_mode)mode;
    out->controlled_values = (enum vpa_controlled_values)controlled;
    return ok;
}

bool vpa_case_policies(struct vpa_case *c, const struct node *map, struct vpa_policies *out)
{
    const struct node *list = NULL;
    *out = (struct vpa_policies){0};
    if (!vpa_case_member(c, map, "policies", NODE_LIST, &list) || list == NULL) {
        return list == NULL;
    }
    struct vpa_policy *items = arena_array(&c->room->tree, struct vpa_policy, list->count);
    bool ok = true;
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        ok &= read_policy(c, n, &items[out->count++]);
    }
    out->items = items;
    out->given = true;
    return ok;
}

void vpa_case_write_resources(struct json_writer *w, const char *key,
                              const struct vpa_resources *list)
{
    json_key(w, key);
    json_map(w);
    for (enum vpa_resource r = VPA_CPU; r < VPA_RESOURCE_COUNT; r++) {
        if (list->present[r]) {
            json_key(w, vpa_resource_name(r));
            json_int(w, list->amount[r]);
        }
    }
    json_map_end(w);
}

void vpa_case_write_recommendation(struct json_writer *w,
                                   const struct vpa_container_recommendation *r, bool uncapped)
{
    json_map(w);
    json_key(w, "name");
    json_string(w, r->name);
    vpa_case_write_resources(w, "target", &r->target);
    vpa_case_write_resources(w, "lower", &r->lower);
    vpa_case_write_resources(w, "upper", &r->upper);
    if (uncapped && !vpa_resources_empty(&r->uncapped)) {
        vpa_case_write_resources(w, "uncapped", &r->uncapped);
    }
    json_map_end(w);
}
