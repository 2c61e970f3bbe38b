/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes objects of a scenario: which of them are simulated, each read by its own
 * reader, each HPA joined to its target by kind, namespace and name.
 *
 * A target that does not exist is no error, as in a cluster; scenario_check.c warns.
 * Trap: the order of the arrays is the order of the documents; run files and random
 * streams are numbered by it.
 */
#include "base/str.h"
#include "manifest/workload_object.h"
#include "scenario_internal.h"

#include <string.h>

static bool is_hpa(const struct manifest_object *o)
{
    return str_equal(o->kind, "HorizontalPodAutoscaler") &&
           str_starts(o->api_version, "autoscaling/");
}

static bool is_workload(const struct manifest_object *o)
{
    return workload_object_is(o->api_version, o->kind);
}

static const char *namespace_of(const struct manifest_object *o)
{
    return o->namespace_name[0] ? o->namespace_name : "default";
}

static bool same_object(const struct manifest_object *a, const struct manifest_object *b)
{
    return str_equal(a->kind, b->kind) && str_equal(namespace_of(a), namespace_of(b)) &&
           str_equal(a->name, b->name);
}

/* Each object once: the API server would take the second for an update of the first. */
static bool check_duplicates(struct reading *r)
{
    bool ok = true;
    for (size_t i = 0; i < r->objects.list.len; i++) {
        const struct manifest_object *o = &r->objects.list.items[i];
        if (!is_hpa(o) && !is_workload(o))
            continue;
        for (size_t j = 0; j < i; j++) {
            const struct manifest_object *first = &r->objects.list.items[j];
            if (!same_object(o, first))
                continue;
            diag_error(r->diag, o->mark, "%s %s/%s is there twice", o->kind, namespace_of(o),
                       o->name);
            diag_help(r->diag, "the first is at %s:%u",
                      r->diag->sources[first->mark.source - 1].name, (unsigned)first->mark.line);
            ok = false;
            break;
        }
    }
    return ok;
}

static bool read_workloads(struct reading *r)
{
    bool ok = true;
    size_t n = 0;
    r->workloads = arena_array(r->arena, struct workload_spec, r->objects.list.len);
    r->workload_entries = arena_array(r->arena, struct object_entry, r->objects.list.len);
    for (size_t i = 0; i < r->objects.list.len; i++) {
        const struct manifest_object *o = &r->objects.list.items[i];
        if (!is_workload(o) || o->wrong)
            continue;
        r->workload_entries[n] = (struct object_entry){o, o->node};
        if (workload_object_read(r->arena, o->node, &r->workloads[n], r->diag))
            n++;
        else
            ok = false;
    }
    r->out->workloads = r->workloads;
    r->out->workload_count = n;
    return ok;
}

static bool read_hpas(struct reading *r)
{
    bool ok = true;
    size_t n = 0;
    r->hpas = arena_array(r->arena, struct hpa_spec, r->objects.list.len);
    r->hpa_objects = arena_array(r->arena, struct hpa_object, r->objects.list.len);
    r->hpa_entries = arena_array(r->arena, struct object_entry, r->objects.list.len);
    for (size_t i = 0; i < r->objects.list.len; i++) {
        const struct manifest_object *o = &r->objects.list.items[i];
        if (!is_hpa(o) || o->wrong)
            continue;
        struct hpa_object *read = &r->hpa_objects[n];
        r->hpa_entries[n] = (struct object_entry){o, o->node};
        if (!hpa_object_read(r->arena, o->node, &r->out->hpa, NULL, read, r->diag) ||
            !hpa_object_report(read, r->diag)) {
            ok = false;
            continue;
        }
        r->hpas[n++] = read->spec;
    }
    r->out->hpas = r->hpas;
    r->out->hpa_count = n;
    return ok;
}

static const char *kind_name(enum workload_kind kind)
{
    return kind == WORKLOAD_DEPLOYMENT ? "Deployment" : "StatefulSet";
}

static void find_targets(struct reading *r)
{
    struct scenario *s = r->out;
    s->hpa_targets = arena_array(r->arena, size_t, s->hpa_count);
    for (size_t i = 0; i < s->hpa_count; i++) {
        const struct hpa_spec *hpa = &s->hpas[i];
        s->hpa_targets[i] = SCENARIO_NONE;
        for (size_t j = 0; j < s->workload_count; j++) {
            const struct workload_spec *w = &s->workloads[j];
            if (str_equal(hpa->target_kind, kind_name(w->kind)) &&
                str_equal(hpa->target_name, w->name) &&
                str_equal(hpa->namespace_name, w->namespace_name))
                s->hpa_targets[i] = j;
        }
    }
}

bool scenario_objects(struct reading *r)
{
    bool ok = check_duplicates(r);
    ok &= manifest_check(r->arena, &r->objects, r->diag);
    ok &= read_workloads(r); /* of what the schema has passed; the rest was complained of */
    ok &= read_hpas(r);
    find_targets(r);
    return ok;
}

/* "namespace/kind/name" and "kind/name" in pieces. */
struct reference {
    const char *namespace_name; /* NULL: not given */
    size_t namespace_len;
    const char *kind;
    size_t kind_len;
    const char *name;
};

static bool split_reference(const char *text, struct reference *out)
{
    const char *first = strchr(text, '/');
    if (!first)
        return false;
    const char *second = strchr(first + 1, '/');
    *out = (struct reference){.kind = text, .kind_len = (size_t)(first - text), .name = first + 1};
    if (!second)
        return true;
    *out = (struct reference){text, (size_t)(first - text), first + 1, (size_t)(second - first - 1),
                              second + 1};
    return !strchr(second + 1, '/');
}

/* As kubectl: Deployment, deployments, deploy, deployment.apps, in any case. */
static bool is_kind(const struct reference *ref, const char *const *words)
{
    for (; *words; words++) {
        size_t i = 0;
        for (; i < ref->kind_len && (*words)[i]; i++) {
            char c = ref->kind[i];
            if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != (*words)[i])
                break;
        }
        if (i == ref->kind_len && (*words)[i] == '\0')
            return true;
    }
    return false;
}

/* In the namespace named, or, where none is, in any: the caller prefers "default". */
static bool is_in(const struct reference *ref, const char *namespace_name)
{
    if (!ref->namespace_name)
        return true;
    return strlen(namespace_name) == ref->namespace_len &&
           memcmp(namespace_name, ref->namespace_name, ref->namespace_len) == 0;
}

/* Of several objects that a reference without a namespace fits: that in "default", or none. */
struct choice {
    size_t found;
    size_t count;
    bool is_default;
};

static void consider(struct choice *c, size_t index, const char *namespace_name)
{
    bool is_default = str_equal(namespace_name, "default");
    if (is_default || !c->is_default)
        c->found = index;
    c->is_default |= is_default;
    c->count++;
}

static size_t chosen(const struct choice *c)
{
    return c->count == 1 || c->is_default ? c->found : SCENARIO_NONE;
}

size_t scenario_find_workload(const struct scenario *s, const char *text)
{
    static const char *const deployment[] = {"deployment",      "deployments",      "deploy",
                                             "deployment.apps", "deployments.apps", NULL};
    static const char *const statefulset[] = {"statefulset",      "statefulsets",      "sts",
                                              "statefulset.apps", "statefulsets.apps", NULL};
    struct reference ref;
    struct choice choice = {.found = SCENARIO_NONE};
    if (!split_reference(text, &ref))
        return SCENARIO_NONE;
    for (size_t i = 0; i < s->workload_count; i++) {
        const struct workload_spec *w = &s->workloads[i];
        bool kind = is_kind(&ref, w->kind == WORKLOAD_DEPLOYMENT ? deployment : statefulset);
        if (kind && is_in(&ref, w->namespace_name) && str_equal(ref.name, w->name))
            consider(&choice, i, w->namespace_name);
    }
    return chosen(&choice);
}

size_t scenario_find_hpa(const struct scenario *s, const char *text)
{
    static const char *const hpa[] = {"hpa",
                                      "horizontalpodautoscaler",
                                      "horizontalpodautoscalers",
                                      "horizontalpodautoscaler.autoscaling",
                                      "horizontalpodautoscalers.autoscaling",
                                      NULL};
    struct reference ref;
    struct choice choice = {.found = SCENARIO_NONE};
    if (!split_reference(text, &ref) || !is_kind(&ref, hpa))
        return SCENARIO_NONE;
    for (size_t i = 0; i < s->hpa_count; i++)
        if (is_in(&ref, s->hpas[i].namespace_name) && str_equal(ref.name, s->hpas[i].name))
            consider(&choice, i, s->hpas[i].namespace_name);
    return chosen(&choice);
}
