/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files behind a scenario: where they are, their hashes for the run's record, and,
 * for `podtide validate`, whether they can be read. A run reads traces anew, so that a
 * scenario is only text until then.
 *
 * Trap: a file that cannot be opened is left out of the inputs here; whoever needs it
 * reports it with the place that names it.
 */
#include "base/str.h"
#include "kube/clocks.h"
#include "load/source.h"
#include "scenario_internal.h"

#include <stdio.h>
#include <string.h>

const char *scenario_path(struct arena *a, const char *directory, const char *path)
{
    if (path[0] == '/' || str_equal(directory, "."))
        return path;
    return arena_printf(a, "%s/%s", directory, path);
}

struct file_check {
    const struct scenario *scenario;
    struct arena *arena;
    struct diag *diag;
};

static bool check_load(struct file_check *f, const struct load_spec *spec, const char *name,
                       enum load_use use)
{
    if (!spec)
        return true;
    struct load_context context = {.arena = f->arena,
                                   .diag = f->diag,
                                   .directory = f->scenario->directory,
                                   .name = name,
                                   .start_unix_ns = f->scenario->start_unix_ns,
                                   .use = use};
    return load_build(spec, &context) != NULL;
}

static bool check_clocks(struct file_check *f)
{
    const struct scenario *s = f->scenario;
    if (s->clocks != SCENARIO_CLOCKS_RECORDED)
        return true;
    const char *path = scenario_path(f->arena, s->directory, s->clocks_file);
    return clocks_read(f->arena, path, f->diag) != NULL;
}

/* Is target part of the expression? Circles are cut by depth; load_build reports them. */
static bool uses(const struct load_spec *spec, const struct load_spec *target, int depth)
{
    if (!spec || depth > 100)
        return false;
    if (spec == target)
        return true;
    switch (spec->kind) {
    case LOAD_REFERENCE:
        return uses(spec->u.reference.of, target, depth + 1);
    case LOAD_POISSON:
        return uses(spec->u.poisson.of, target, depth + 1);
    case LOAD_NOISE:
        return uses(spec->u.noise.of, target, depth + 1);
    case LOAD_CLAMP:
        return uses(spec->u.clamp.of, target, depth + 1);
    case LOAD_SHIFT:
        return uses(spec->u.shift.of, target, depth + 1);
    case LOAD_SUM:
    case LOAD_PRODUCT:
        for (size_t i = 0; i < spec->u.terms.count; i++)
            if (uses(spec->u.terms.terms[i], target, depth + 1))
                return true;
        return false;
    default:
        return false;
    }
}

static bool is_used(const struct scenario *s, const struct load_spec *target)
{
    for (size_t i = 0; i < s->service_count; i++)
        if (uses(s->services[i].load, target, 0) || uses(s->services[i].cpu_demand, target, 0))
            return true;
    for (size_t i = 0; i < s->queue_count; i++)
        if (uses(s->queues[i].load, target, 0))
            return true;
    for (size_t i = 0; i < s->metric_count; i++)
        if (uses(s->metrics[i].load, target, 0))
            return true;
    return false;
}

bool scenario_check_files(const struct scenario *s, struct arena *arena, struct diag *diag)
{
    struct file_check f = {s, arena, diag};
    bool ok = true;
    for (size_t i = 0; i < s->service_count; i++) {
        const struct scenario_service *service = &s->services[i];
        ok &= check_load(&f, service->load, service->name, LOAD_USE_RATE);
        ok &= check_load(&f, service->cpu_demand, service->name, LOAD_USE_RATE);
    }
    for (size_t i = 0; i < s->queue_count; i++)
        ok &= check_load(&f, s->queues[i].load, s->queues[i].name, LOAD_USE_RATE);
    for (size_t i = 0; i < s->metric_count; i++)
        ok &= check_load(&f, s->metrics[i].load, s->metrics[i].name, LOAD_USE_GAUGE);
    for (size_t i = 0; i < s->load_count; i++)
        if (!is_used(s, s->loads[i].spec))
            ok &= check_load(&f, s->loads[i].spec, s->loads[i].name, LOAD_USE_GAUGE);
    return check_clocks(&f) && ok;
}

/* inputs */

static bool hash_file(const char *path, struct scenario_input *out)
{
    FILE *f = fopen(path, "rb");
    unsigned char buffer[65536];
    size_t n;
    if (!f)
        return false;
    *out = (struct scenario_input){path, UINT64_C(14695981039346656037), 0};
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0) {
        for (size_t i = 0; i < n; i++)
            out->fnv1a = (out->fnv1a ^ buffer[i]) * UINT64_C(1099511628211);
        out->bytes += n;
    }
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

struct inputs {
    struct arena *arena;
    VEC(struct scenario_input) list;
};

static void add_input(struct inputs *in, const char *path)
{
    struct scenario_input input;
    for (size_t i = 0; i < in->list.len; i++)
        if (str_equal(in->list.items[i].path, path))
            return;
    if (!str_equal(path, "-") && hash_file(path, &input))
        *vec_push(in->arena, &in->list) = input;
}

static void add_trace(struct inputs *in, const char *directory, const struct trace_spec *trace)
{
    add_input(in, scenario_path(in->arena, directory, trace->file));
    for (size_t i = 0; i < trace->more_file_count; i++)
        add_input(in, scenario_path(in->arena, directory, trace->more_files[i]));
}

static void add_load_files(struct inputs *in, const char *directory, const struct load_spec *spec)
{
    if (!spec)
        return;
    switch (spec->kind) {
    case LOAD_TRACE:
        add_trace(in, directory, &spec->u.trace);
        return;
    case LOAD_POISSON:
        add_load_files(in, directory, spec->u.poisson.of);
        return;
    case LOAD_NOISE:
        add_load_files(in, directory, spec->u.noise.of);
        return;
    case LOAD_CLAMP:
        add_load_files(in, directory, spec->u.clamp.of);
        return;
    case LOAD_SHIFT:
        add_load_files(in, directory, spec->u.shift.of);
        return;
    case LOAD_SUM:
    case LOAD_PRODUCT:
        for (size_t i = 0; i < spec->u.terms.count; i++)
            add_load_files(in, directory, spec->u.terms.terms[i]);
        return;
    default:
        return;
    }
}

void scenario_inputs(struct reading *r)
{
    struct scenario *s = r->out;
    struct inputs in = {.arena = r->arena};
    for (size_t i = 0; i < r->objects.files.len; i++)
        add_input(&in, r->objects.files.items[i]);
    for (size_t i = 0; i < s->load_count; i++)
        add_load_files(&in, s->directory, s->loads[i].spec);
    for (size_t i = 0; i < s->service_count; i++) {
        add_load_files(&in, s->directory, s->services[i].load);
        add_load_files(&in, s->directory, s->services[i].cpu_demand);
    }
    for (size_t i = 0; i < s->queue_count; i++)
        add_load_files(&in, s->directory, s->queues[i].load);
    for (size_t i = 0; i < s->metric_count; i++)
        add_load_files(&in, s->directory, s->metrics[i].load);
    if (s->clocks == SCENARIO_CLOCKS_RECORDED)
        add_input(&in, scenario_path(r->arena, s->directory, s->clocks_file));
    s->inputs = in.list.items;
    s->input_count = in.list.len;
}
