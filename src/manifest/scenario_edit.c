/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timed events: calendar times become virtual ones, names indices, and edits are
 * applied here and now, so that a patch the API server would refuse is an error of the
 * scenario and not a surprise at noon.
 *
 * Patches are JSON merge patches (RFC 7386): null removes, maps merge, all else replaces.
 * An edit that ends puts the object back to what it was when the edit began.
 */
#include "base/str.h"
#include "manifest/schema.h"
#include "manifest/workload_object.h"
#include "scenario_internal.h"

#include <stdlib.h>
#include <string.h>

static struct node *merged(struct arena *a, const struct node *target, const struct node *patch)
{
    struct node *out = arena_new(a, struct node);
    *out = *patch;
    if (patch->kind != NODE_MAP)
        return out;
    out->first = out->last = NULL;
    out->count = 0;
    bool onto = target && target->kind == NODE_MAP;
    if (onto)
        out->mark = target->mark;
    for (const struct node *t = onto ? target->first : NULL; t; t = t->next) {
        const struct node *change = node_get(patch, t->key);
        if (change && change->kind == NODE_NULL)
            continue;
        struct node *member = node_add(a, out, t->kind);
        *member = change ? *merged(a, t, change) : *t;
        member->key = t->key;
        member->key_mark = change ? change->key_mark : t->key_mark;
        member->next = NULL;
    }
    for (const struct node *p = patch->first; p; p = p->next) {
        if (p->kind == NODE_NULL || (onto && node_get(target, p->key)))
            continue;
        struct node *member = node_add(a, out, p->kind);
        *member = *merged(a, NULL, p);
        member->key = p->key;
        member->key_mark = p->key_mark;
        member->next = NULL;
    }
    return out;
}

static bool same_tree(const struct node *a, const struct node *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind != NODE_LIST && a->kind != NODE_MAP)
        return a->kind == NODE_NULL || str_equal(a->text, b->text);
    const struct node *other = b->first;
    for (const struct node *n = a->first; n; n = n->next) {
        if (!same_tree(n, a->kind == NODE_MAP ? node_get(b, n->key) : other))
            return false;
        other = other->next;
    }
    return true;
}

/* What an update may not change; the API server has the same words. */
static bool check_identity(struct reading *r, const struct object_entry *entry,
                           const struct node *node, struct mark at)
{
    static const char *const paths[] = {"apiVersion", "kind", "metadata.name",
                                        "metadata.namespace"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (same_tree(node_path(entry->node, paths[i]), node_path(node, paths[i])))
            continue;
        diag_error(r->diag, at, "a patch cannot change %s", paths[i]);
        return false;
    }
    return true;
}

static bool check_fields(struct reading *r, const struct object_entry *entry,
                         const struct node *node)
{
    const struct schema_kind *kind = schema_find(entry->object->api_version, entry->object->kind);
    return !kind || schema_check(node, kind, r->diag);
}

static bool edit_hpa(struct reading *r, size_t index, const struct node *node,
                     struct scenario_edit *edit)
{
    struct hpa_object *read = arena_new(r->arena, struct hpa_object);
    struct hpa_object *old = &r->hpa_objects[index];
    if (!hpa_object_read(r->arena, node, &r->out->hpa, old, read, r->diag) ||
        !hpa_object_report(read, r->diag))
        return false;
    struct hpa_spec *before = arena_new(r->arena, struct hpa_spec);
    *before = old->spec;
    edit->hpa = index;
    edit->hpa_before = before;
    edit->hpa_after = &read->spec;
    *old = *read;
    return true;
}

static bool edit_workload(struct reading *r, size_t index, const struct node *node,
                          const struct workload_spec *current, struct scenario_edit *edit,
                          struct mark at)
{
    const struct node *old = r->workload_entries[index].node;
    struct workload_spec *spec = arena_new(r->arena, struct workload_spec);
    if (!workload_object_read(r->arena, node, spec, r->diag))
        return false;
    if (!same_tree(node_path(old, "spec.selector"), node_path(node, "spec.selector"))) {
        diag_error(r->diag, at, "spec.selector: Invalid value: field is immutable");
        return false;
    }
    edit->workload = index;
    edit->workload_before = current;
    edit->workload_after = spec;
    edit->rolls = !same_tree(node_path(old, "spec.template"), node_path(node, "spec.template"));
    return true;
}

/* An object's state in the course of edits. */
struct course {
    struct object_entry *entry;
    const struct workload_spec *workload; /* as it is now; NULL for HPAs */
    struct hpa_object *hpa;
};

static bool unknown_object(struct reading *r, const struct named *name)
{
    const struct scenario *s = r->out;
    size_t count = 0;
    const char **names = arena_array(r->arena, const char *, s->workload_count + s->hpa_count);
    for (size_t i = 0; i < s->hpa_count; i++)
        names[count++] = arena_printf(r->arena, "hpa/%s", s->hpas[i].name);
    for (size_t i = 0; i < s->workload_count; i++)
        names[count++] =
            arena_printf(r->arena, "%s/%s",
                         s->workloads[i].kind == WORKLOAD_DEPLOYMENT ? "deployment" : "statefulset",
                         s->workloads[i].name);
    diag_error(r->diag, name->mark, "there is no object \"%s\"", name->text);
    const char *near = str_nearest(name->text, names, count);
    if (near)
        diag_help(r->diag, "did you mean \"%s\"?", near);
    else
        diag_help(r->diag, "objects are written kind/name or namespace/kind/name, as hpa/web");
    return false;
}

/* Applies one edit to the object's present state; courses: workloads, then HPAs. */
static bool begin_edit(struct reading *r, const struct event_part *part, struct course *courses,
                       struct scenario_event *event)
{
    size_t hpa = scenario_find_hpa(r->out, part->object.text);
    size_t workload = scenario_find_workload(r->out, part->object.text);
    if (hpa == SCENARIO_NONE && workload == SCENARIO_NONE)
        return unknown_object(r, &part->object);
    if (part->patch->kind != NODE_MAP) {
        diag_error(r->diag, part->patch->mark, "a merge patch is a map, not %s",
                   node_kind_name(part->patch->kind));
        return false;
    }
    struct course *c = &courses[hpa == SCENARIO_NONE ? workload : r->out->workload_count + hpa];
    const struct node *node = merged(r->arena, c->entry->node, part->patch);
    if (!check_identity(r, c->entry, node, part->patch->mark) || !check_fields(r, c->entry, node))
        return false;
    bool ok = hpa == SCENARIO_NONE
                  ? edit_workload(r, workload, node, c->workload, &event->edit, part->patch->mark)
                  : edit_hpa(r, hpa, node, &event->edit);
    if (!ok)
        return false;
    c->entry->node = node;
    if (hpa == SCENARIO_NONE)
        c->workload = event->edit.workload_after;
    return true;
}

/* One edit's begin, with what its end restores. */
struct undo {
    simtime at; /* SIMTIME_NEVER: stays */
    struct course *course;
    struct object_entry entry;
    const struct workload_spec *workload;
    struct hpa_object hpa;
};

static void undo_until(struct undo *undos, size_t count, simtime now)
{
    for (;;) {
        struct undo *first = NULL;
        for (size_t i = 0; i < count; i++)
            if (undos[i].at <= now && (!first || undos[i].at < first->at))
                first = &undos[i];
        if (!first || first->at == SIMTIME_NEVER)
            return;
        *first->course->entry = first->entry;
        first->course->workload = first->workload;
        if (first->course->hpa)
            *first->course->hpa = first->hpa;
        first->at = SIMTIME_NEVER;
    }
}

static struct course *make_courses(struct reading *r)
{
    const struct scenario *s = r->out;
    struct course *courses = arena_array(r->arena, struct course, s->workload_count + s->hpa_count);
    for (size_t i = 0; i < s->workload_count; i++)
        courses[i] = (struct course){&r->workload_entries[i], &s->workloads[i], NULL};
    for (size_t i = 0; i < s->hpa_count; i++)
        courses[s->workload_count + i] =
            (struct course){&r->hpa_entries[i], NULL, &r->hpa_objects[i]};
    return courses;
}

/* Edits in the order of time, as the run will see them. */
static bool apply_edits(struct reading *r, struct event_part *const *parts,
                        struct scenario_event *events, size_t count)
{
    bool ok = true;
    struct course *courses = make_courses(r);
    struct undo *undos = arena_array(r->arena, struct undo, count);
    for (size_t i = 0; i < count; i++) {
        undos[i].at = SIMTIME_NEVER;
        if (events[i].kind != SCENARIO_EVENT_EDIT)
            continue;
        undo_until(undos, i, events[i].at);
        size_t hpa = scenario_find_hpa(r->out, parts[i]->object.text);
        size_t workload = scenario_find_workload(r->out, parts[i]->object.text);
        struct course *c = NULL;
        if (hpa != SCENARIO_NONE)
            c = &courses[r->out->workload_count + hpa];
        else if (workload != SCENARIO_NONE)
            c = &courses[workload];
        if (c) {
            undos[i].at = events[i].until;
            undos[i].course = c;
            undos[i].entry = *c->entry;
            undos[i].workload = c->workload;
            if (c->hpa)
                undos[i].hpa = *c->hpa;
        }
        ok &= begin_edit(r, parts[i], courses, &events[i]);
    }
    return ok;
}

static bool set_times(struct reading *r, const struct event_part *part,
                      struct scenario_event *event)
{
    event->at = part->at.at;
    event->until = SIMTIME_NEVER;
    if (part->at.absolute) {
        event->at = part->at.unix_ns - r->out->start_unix_ns;
        if (part->at.unix_ns < r->out->start_unix_ns) {
            diag_error(r->diag, event->mark, "this is before the start of the run");
            return false;
        }
    }
    if (part->lasts)
        event->until = simtime_add(event->at, part->lasts);
    if (event->at >= r->out->duration) {
        diag_warning(r->diag, event->mark, "this will not happen: the run ends before");
        diag_help(r->diag, "spec.duration is counted from spec.start");
    }
    return true;
}

static bool resolve_target(struct reading *r, const struct event_part *part,
                           struct scenario_event *event)
{
    const struct scenario *s = r->out;
    for (size_t i = 0; i < s->load_count; i++)
        if (str_equal(s->loads[i].name, part->load.text))
            event->load = i;
    for (size_t i = 0; i < s->service_count && event->load == SCENARIO_NONE; i++)
        if (str_equal(s->services[i].name, part->load.text))
            event->service = i;
    for (size_t i = 0; i < s->queue_count && event->load == SCENARIO_NONE; i++)
        if (str_equal(s->queues[i].name, part->load.text))
            event->queue = i;
    if (event->load != SCENARIO_NONE || event->service != SCENARIO_NONE ||
        event->queue != SCENARIO_NONE)
        return true;
    diag_error(r->diag, part->load.mark, "there is no load, service or queue \"%s\"",
               part->load.text);
    return false;
}

static bool known_metric(struct reading *r, const struct scenario_event *event)
{
    const struct scenario *s = r->out;
    const char **names = arena_array(r->arena, const char *, s->metric_count);
    for (size_t i = 0; i < s->metric_count; i++) {
        names[i] = s->metrics[i].name;
        if (str_equal(names[i], event->metric))
            return true;
    }
    diag_error(r->diag, event->mark, "there is no custom or external metric \"%s\"", event->metric);
    const char *near = str_nearest(event->metric, names, s->metric_count);
    if (near)
        diag_help(r->diag, "did you mean \"%s\"?", near);
    return false;
}

static bool resolve_event(struct reading *r, const struct event_part *part,
                          struct scenario_event *event)
{
    *event = part->event;
    event->workload = event->service = event->queue = event->load = SCENARIO_NONE;
    event->edit.hpa = event->edit.workload = SCENARIO_NONE;
    bool ok = set_times(r, part, event);
    switch (event->kind) {
    case SCENARIO_EVENT_SCALE:
    case SCENARIO_EVENT_CRASH:
        ok &= resolve_workload(r, &part->workload, &event->workload);
        break;
    case SCENARIO_EVENT_LOAD:
        ok &= resolve_target(r, part, event);
        break;
    case SCENARIO_EVENT_METRICS_OUTAGE:
        ok &= !event->metric || known_metric(r, event);
        break;
    case SCENARIO_EVENT_EDIT:
        break;
    }
    if (part->lasts &&
        (event->kind == SCENARIO_EVENT_SCALE || event->kind == SCENARIO_EVENT_CRASH)) {
        diag_error(r->diag, event->mark, "\"for\" has no meaning here: it happens at once");
        ok = false;
    }
    return ok;
}

/* An event while its time and place in the file decide the order. */
struct dated {
    simtime at;
    size_t index;
};

static int compare_dated(const void *a, const void *b)
{
    const struct dated *x = a;
    const struct dated *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

bool scenario_events(struct reading *r)
{
    bool ok = true;
    const struct item_list *list = &r->document.spec.events;
    struct event_part *parts = list->items;
    struct scenario_event *written = arena_array(r->arena, struct scenario_event, list->count);
    struct scenario_event *events = arena_array(r->arena, struct scenario_event, list->count);
    struct event_part **ordered = arena_array(r->arena, struct event_part *, list->count);
    struct dated *dated = arena_array(r->arena, struct dated, list->count);
    for (size_t i = 0; i < list->count; i++) {
        ok &= resolve_event(r, &parts[i], &written[i]);
        dated[i] = (struct dated){written[i].at, i};
    }
    if (list->count)
        qsort(dated, list->count, sizeof *dated, compare_dated);
    for (size_t i = 0; i < list->count; i++) {
        events[i] = written[dated[i].index];
        ordered[i] = &parts[dated[i].index];
    }
    ok &= apply_edits(r, ordered, events, list->count);
    r->out->events = events;
    r->out->event_count = list->count;
    return ok;
}
