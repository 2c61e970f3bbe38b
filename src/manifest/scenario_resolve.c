/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what was written to what is run: names of workloads, services, queues and loads
 * become indices, lists of parts become the scenario's arrays. Every name that leads
 * nowhere is reported with the nearest one that exists.
 *
 * Trap: a load may be used before it is written, and a service may call one below it, so
 * all lists are in place before the first name is looked up.
 */
#include "base/str.h"
#include "scenario_internal.h"

/* Names of one list, for look-ups and suggestions. */
struct names {
    const char **items;
    size_t count;
};

static bool unknown_name(struct reading *r, const struct named *name, const char *what,
                         const struct names *known)
{
    diag_error(r->diag, name->mark, "there is no %s \"%s\"", what, name->text);
    const char *near = str_nearest(name->text, known->items, known->count);
    if (near) {
        diag_help(r->diag, "did you mean \"%s\"?", near);
        return false;
    }
    struct strbuf all = {.arena = r->arena};
    for (size_t i = 0; i < known->count && all.len < 200; i++)
        strbuf_printf(&all, "%s%s", i ? ", " : "", known->items[i]);
    if (known->count)
        diag_help(r->diag, "there are: %s", strbuf_text(&all));
    else
        diag_help(r->diag, "the scenario has none");
    return false;
}

static bool find_name(struct reading *r, const struct named *name, const char *what,
                      const struct names *known, size_t *out)
{
    *out = SCENARIO_NONE;
    for (size_t i = 0; i < known->count; i++)
        if (str_equal(known->items[i], name->text))
            *out = i;
    return *out != SCENARIO_NONE || unknown_name(r, name, what, known);
}

static struct names workload_names(struct reading *r)
{
    const struct scenario *s = r->out;
    struct names names = {arena_array(r->arena, const char *, s->workload_count),
                          s->workload_count};
    for (size_t i = 0; i < s->workload_count; i++) {
        const struct workload_spec *w = &s->workloads[i];
        const char *kind = w->kind == WORKLOAD_DEPLOYMENT ? "deployment" : "statefulset";
        names.items[i] = str_equal(w->namespace_name, "default")
                             ? arena_printf(r->arena, "%s/%s", kind, w->name)
                             : arena_printf(r->arena, "%s/%s/%s", w->namespace_name, kind, w->name);
    }
    return names;
}

bool resolve_workload(struct reading *r, const struct named *name, size_t *out)
{
    *out = scenario_find_workload(r->out, name->text);
    if (*out != SCENARIO_NONE)
        return true;
    struct names known = workload_names(r);
    return unknown_name(r, name, "workload", &known);
}

static struct names load_names(struct reading *r)
{
    const struct scenario *s = r->out;
    struct names names = {arena_array(r->arena, const char *, s->load_count), s->load_count};
    for (size_t i = 0; i < s->load_count; i++)
        names.items[i] = s->loads[i].name;
    return names;
}

static struct names service_names(struct reading *r)
{
    const struct scenario *s = r->out;
    struct names names = {arena_array(r->arena, const char *, s->service_count), s->service_count};
    for (size_t i = 0; i < s->service_count; i++)
        names.items[i] = s->services[i].name;
    return names;
}

static struct names queue_names(struct reading *r)
{
    const struct scenario *s = r->out;
    struct names names = {arena_array(r->arena, const char *, s->queue_count), s->queue_count};
    for (size_t i = 0; i < s->queue_count; i++)
        names.items[i] = s->queues[i].name;
    return names;
}

/* loads */

static bool resolve_reference(struct reading *r, struct load_spec *load)
{
    struct names known = load_names(r);
    const struct named name = {load->u.reference.name, load->mark};
    size_t index = SCENARIO_NONE;
    if (!find_name(r, &name, "load", &known, &index))
        return false;
    load->u.reference.of = r->out->loads[index].spec;
    return true;
}

bool resolve_load(struct reading *r, const struct load_spec *spec)
{
    struct load_spec *load = (struct load_spec *)spec; /* made by the decoder, ours until done */
    if (!load)
        return true;
    bool ok = true;
    switch (load->kind) {
    case LOAD_REFERENCE:
        return resolve_reference(r, load);
    case LOAD_TRACE:
        if (load->u.trace.format == TRACE_REQUESTS || load->u.trace.format == TRACE_ACCESS_LOG)
            load->u.trace.arrivals |= r->out->mode == SCENARIO_REQUESTS;
        return true;
    case LOAD_POISSON:
        return resolve_load(r, load->u.poisson.of);
    case LOAD_NOISE:
        return resolve_load(r, load->u.noise.of);
    case LOAD_CLAMP:
        return resolve_load(r, load->u.clamp.of);
    case LOAD_SHIFT:
        return resolve_load(r, load->u.shift.of);
    case LOAD_SUM:
    case LOAD_PRODUCT:
        for (size_t i = 0; i < load->u.terms.count; i++)
            ok &= resolve_load(r, load->u.terms.terms[i]);
        return ok;
    default:
        return true;
    }
}

static bool unique(struct reading *r, const char *what, const char *name, struct mark mark,
                   const char *const *before, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(before[i], name))
            continue;
        diag_error(r->diag, mark, "there are two %s \"%s\"", what, name);
        return false;
    }
    return true;
}

static bool add_loads(struct reading *r)
{
    bool ok = true;
    const struct item_list *list = &r->document.spec.loads;
    r->out->loads = list->items;
    r->out->load_count = list->count;
    struct names names = load_names(r);
    for (size_t i = 0; i < list->count; i++)
        ok &= unique(r, "loads", names.items[i], r->out->loads[i].mark, names.items, i);
    return ok;
}

/* services and queues */

/* The container that serves: the first that is no init container. */
static double cpu_limit(const struct workload_spec *w)
{
    for (size_t i = 0; i < w->pod.container_count; i++) {
        const struct container_spec *c = &w->pod.containers[i];
        if (c->init)
            continue;
        const struct resource_amount *cpu = resource_find(c->resources, c->resource_count, "cpu");
        return cpu && cpu->has_limit ? quantity_as_double(&cpu->limit) : 0;
    }
    return 0;
}

static bool add_services(struct reading *r)
{
    bool ok = true;
    const struct item_list *list = &r->document.spec.services;
    const struct service_part *parts = list->items;
    struct scenario_service *services = arena_array(r->arena, struct scenario_service, list->count);
    for (size_t i = 0; i < list->count; i++) {
        struct scenario_service *s = &services[i];
        *s = parts[i].service;
        const struct named workload = {s->workload_name, s->workload_mark};
        ok &= resolve_workload(r, &workload, &s->workload);
        if (s->workload != SCENARIO_NONE)
            s->cpu_limit_cores = cpu_limit(&r->out->workloads[s->workload]);
    }
    r->out->services = services;
    r->out->service_count = list->count;
    struct names names = service_names(r);
    for (size_t i = 0; i < list->count; i++)
        ok &= unique(r, "services", names.items[i], services[i].mark, names.items, i);
    return ok;
}

static bool add_queues(struct reading *r)
{
    bool ok = true;
    const struct item_list *list = &r->document.spec.queues;
    const struct queue_part *parts = list->items;
    struct scenario_queue *queues = arena_array(r->arena, struct scenario_queue, list->count);
    for (size_t i = 0; i < list->count; i++) {
        struct scenario_queue *q = &queues[i];
        *q = parts[i].queue;
        const struct named workload = {q->workload_name, q->workload_mark};
        ok &= resolve_workload(r, &workload, &q->workload);
        if (!(q->service_time.mean > 0)) {
            diag_error(r->diag, q->mark, "queue \"%s\": serviceTime must be more than 0", q->name);
            ok = false;
        }
    }
    r->out->queues = queues;
    r->out->queue_count = list->count;
    struct names names = queue_names(r);
    struct names services = service_names(r);
    for (size_t i = 0; i < list->count; i++) {
        ok &= unique(r, "queues", names.items[i], queues[i].mark, names.items, i);
        ok &= unique(r, "things that record", names.items[i], queues[i].mark, services.items,
                     services.count);
    }
    return ok;
}

static bool resolve_edges(struct reading *r, const struct scenario_service *s)
{
    bool ok = true;
    struct names services = service_names(r);
    struct names queues = queue_names(r);
    struct scenario_call *calls = (struct scenario_call *)s->calls; /* the decoder's, as above */
    struct scenario_job *jobs = (struct scenario_job *)s->jobs;
    for (size_t i = 0; i < s->call_count; i++) {
        const struct named name = {calls[i].service_name, calls[i].mark};
        ok &= find_name(r, &name, "service", &services, &calls[i].service);
        if (calls[i].service == SCENARIO_NONE || !r->out->services[calls[i].service].cpu_demand)
            continue;
        diag_error(r->diag, calls[i].mark, "\"%s\" is driven by CPU demand and cannot be called",
                   name.text);
        ok = false;
    }
    for (size_t i = 0; i < s->job_count; i++) {
        const struct named name = {jobs[i].queue_name, jobs[i].mark};
        ok &= find_name(r, &name, "queue", &queues, &jobs[i].queue);
    }
    return ok;
}

enum { UNSEEN, ENTERED, LEFT };

/* Depth first along calls; one that leads to a service still entered closes a circle. */
static bool visit(struct reading *r, size_t index, char *seen)
{
    const struct scenario_service *s = &r->out->services[index];
    bool ok = true;
    seen[index] = ENTERED;
    for (size_t i = 0; i < s->call_count; i++) {
        size_t next = s->calls[i].service;
        if (seen[next] == ENTERED) {
            diag_error(r->diag, s->calls[i].mark,
                       "this call leads back to \"%s\", which waits for it",
                       r->out->services[next].name);
            ok = false;
        } else if (seen[next] == UNSEEN) {
            ok &= visit(r, next, seen);
        }
    }
    seen[index] = LEFT;
    return ok;
}

static bool check_circles(struct reading *r)
{
    bool ok = true;
    char *seen = arena_array(r->arena, char, r->out->service_count);
    for (size_t i = 0; i < r->out->service_count; i++)
        if (seen[i] == UNSEEN)
            ok &= visit(r, i, seen);
    return ok;
}

static bool report_together(struct reading *r, const char *what, const char *first,
                            const char *second, const char *workload, struct mark at)
{
    diag_error(r->diag, at, "\"%s\" and \"%s\" are both on %s", first, second, workload);
    diag_help(r->diag, "give each %s a workload of its own", what);
    return false;
}

/* One service and one queue at most on a workload: a pod answers for one of each. */
static bool check_alone(struct reading *r)
{
    const struct scenario *s = r->out;
    const struct scenario_service *services = s->services;
    const struct scenario_queue *queues = s->queues;
    bool ok = true;
    for (size_t i = 0; i < s->service_count; i++)
        for (size_t j = 0; j < i && services[i].workload != SCENARIO_NONE; j++)
            if (services[i].workload == services[j].workload)
                ok = report_together(r, "service", services[j].name, services[i].name,
                                     services[i].workload_name, services[i].workload_mark);
    for (size_t i = 0; i < s->queue_count; i++)
        for (size_t j = 0; j < i && queues[i].workload != SCENARIO_NONE; j++)
            if (queues[i].workload == queues[j].workload)
                ok = report_together(r, "queue", queues[j].name, queues[i].name,
                                     queues[i].workload_name, queues[i].workload_mark);
    return ok;
}

/* metrics */

/* Where nothing else says: of its workload, of the HPAs where they share one, or "default". */
static const char *namespace_of(const struct scenario *s, const struct scenario_metric *m)
{
    size_t workload = m->workload;
    if (m->service != SCENARIO_NONE)
        workload = s->services[m->service].workload;
    if (m->queue != SCENARIO_NONE)
        workload = s->queues[m->queue].workload;
    if (workload != SCENARIO_NONE)
        return s->workloads[workload].namespace_name;
    for (size_t i = 1; i < s->hpa_count; i++)
        if (!str_equal(s->hpas[i].namespace_name, s->hpas[0].namespace_name))
            return "default";
    return s->hpa_count > 0 ? s->hpas[0].namespace_name : "default";
}

static bool add_metric(struct reading *r, const struct metric_part *part,
                       struct scenario_metric *out)
{
    bool ok = true;
    struct names services = service_names(r);
    struct names queues = queue_names(r);
    *out = part->metric;
    out->service = out->queue = out->workload = SCENARIO_NONE;
    if (part->service.text)
        ok &= find_name(r, &part->service, "service", &services, &out->service);
    if (part->queue.text)
        ok &= find_name(r, &part->queue, "queue", &queues, &out->queue);
    if (part->workload.text)
        ok &= resolve_workload(r, &part->workload, &out->workload);
    if (!out->namespace_name)
        out->namespace_name = namespace_of(r->out, out);
    if (out->kind != SCENARIO_METRIC_PODS)
        return ok;
    if (out->service != SCENARIO_NONE)
        out->workload = r->out->services[out->service].workload;
    if (out->queue != SCENARIO_NONE)
        out->workload = r->out->queues[out->queue].workload;
    return ok;
}

static bool add_metrics(struct reading *r)
{
    bool ok = true;
    const struct item_list *custom = &r->document.spec.metrics.custom;
    const struct item_list *external = &r->document.spec.metrics.external;
    const struct metric_part *customs = custom->items;
    const struct metric_part *externals = external->items;
    struct scenario_metric *all =
        arena_array(r->arena, struct scenario_metric, custom->count + external->count);
    for (size_t i = 0; i < custom->count; i++)
        ok &= add_metric(r, &customs[i], &all[i]);
    for (size_t i = 0; i < external->count; i++)
        ok &= add_metric(r, &externals[i], &all[custom->count + i]);
    r->out->metrics = all;
    r->out->metric_count = custom->count + external->count;
    return ok;
}

static bool resolve_all_loads(struct reading *r)
{
    const struct scenario *s = r->out;
    bool ok = true;
    for (size_t i = 0; i < s->load_count; i++)
        ok &= resolve_load(r, s->loads[i].spec);
    for (size_t i = 0; i < s->service_count; i++) {
        ok &= resolve_load(r, s->services[i].load);
        ok &= resolve_load(r, s->services[i].cpu_demand);
    }
    for (size_t i = 0; i < s->queue_count; i++)
        ok &= resolve_load(r, s->queues[i].load);
    for (size_t i = 0; i < s->metric_count; i++)
        ok &= resolve_load(r, s->metrics[i].load);
    return ok;
}

bool scenario_resolve(struct reading *r)
{
    bool ok = add_loads(r);
    ok &= add_services(r);
    ok &= add_queues(r);
    bool edges = true;
    for (size_t i = 0; i < r->out->service_count; i++)
        edges &= resolve_edges(r, &r->out->services[i]);
    ok &= edges && check_circles(r);
    ok &= check_alone(r);
    ok &= add_metrics(r);
    ok &= resolve_all_loads(r);
    ok &= scenario_timings(r);
    return scenario_events(r) && ok;
}
