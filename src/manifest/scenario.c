/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a scenario: files to objects, the one of kind Scenario to its parts by the tables,
 * the manifests it names to workloads and HPAs, and all of it joined. Each stage reports
 * all it finds; a stage whose input is broken is not begun.
 *
 * Trap: the HPA objects are defaulted and validated by the release and gates that the
 * scenario sets, so the controllers' part comes first.
 */
#include "manifest/scenario.h"

#include "base/require.h"
#include "base/str.h"
#include "scenario_internal.h"

#include <string.h>

static bool is_scenario(const struct manifest_object *o)
{
    return str_starts(o->api_version, "podtide/");
}

static const char *directory_of(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    if (!slash)
        return ".";
    return slash == file ? "/" : arena_strndup(a, file, (size_t)(slash - file));
}

/* Takes the scenarios out of the list; the rest is Kubernetes'. */
static void split_objects(struct reading *r, struct manifest_objects *from,
                          struct manifest_objects *scenarios)
{
    for (size_t i = 0; i < from->list.len; i++) {
        const struct manifest_object *o = &from->list.items[i];
        if (!is_scenario(o))
            *vec_push(r->arena, &r->objects.list) = *o;
        else if (scenarios)
            *vec_push(r->arena, &scenarios->list) = *o;
    }
    for (size_t i = 0; i < from->files.len; i++)
        *vec_push(r->arena, &r->objects.files) = from->files.items[i];
}

static bool no_scenario(struct reading *r, const char *path)
{
    struct mark at = {0};
    diag_error(r->diag, at, "%s holds no object of kind Scenario", path);
    diag_help(r->diag, "a scenario begins with apiVersion: podtide/v1 and kind: Scenario");
    return false;
}

static bool one_scenario(struct reading *r, const struct manifest_objects *scenarios)
{
    if (scenarios->list.len == 1)
        return true;
    for (size_t i = 1; i < scenarios->list.len; i++)
        diag_error(r->diag, scenarios->list.items[i].mark,
                   "a second Scenario, where one is run at a time");
    return false;
}

static bool read_paths(struct reading *r, const char *const *paths, size_t count,
                       struct manifest_objects *scenarios)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        struct manifest_objects found = {0};
        ok &= manifest_read_path(r->arena, NULL, paths[i], (struct mark){0}, r->diag, &found);
        split_objects(r, &found, scenarios);
    }
    return ok;
}

/* Manifests that the scenario names; scenarios met on the way are somebody else's. */
static bool read_manifests(struct reading *r)
{
    bool ok = true;
    const struct string_list *paths = &r->document.spec.manifests;
    for (size_t i = 0; i < paths->count; i++) {
        struct manifest_objects found = {0};
        ok &=
            manifest_read_path(r->arena, r->out->directory, paths->items[i],
                               paths->marks ? paths->marks[i] : (struct mark){0}, r->diag, &found);
        split_objects(r, &found, NULL);
    }
    return ok;
}

static bool decode_document(struct reading *r, const struct node *root)
{
    const struct node *node = root;
    for (size_t i = 0; node && i < r->options->set_count; i++)
        node = scenario_set(r->arena, node, r->options->sets[i], r->diag);
    if (!node)
        return false;
    struct decoder d = {.arena = r->arena, .diag = r->diag};
    return decode_object(&d, &scenario_type, node, "", &r->document);
}

static bool set_gates(struct reading *r, struct hpa_config *config)
{
    bool ok = true;
    const char *names[16];
    size_t count = 0;
    while (count < sizeof names / sizeof names[0] && hpa_gate_name(count)) {
        names[count] = hpa_gate_name(count);
        count++;
    }
    const struct node *gates = r->document.spec.feature_gates;
    for (const struct node *n = gates ? gates->first : NULL; n; n = n->next) {
        bool unknown = false;
        if (hpa_gate_set(config, n->key, str_equal(n->text, "true"), &unknown))
            continue;
        const char *near = str_nearest(n->key, names, count);
        if (!unknown) {
            diag_error(r->diag, n->mark, "feature gate %s is locked in Kubernetes 1.%d", n->key,
                       (int)config->profile.minor);
            ok = false;
        } else if (near && !str_equal(near, n->key)) {
            diag_error(r->diag, n->key_mark, "unknown feature gate \"%s\"", n->key);
            diag_help(r->diag, "did you mean \"%s\"?", near);
            ok = false;
        } else if (near) {
            diag_error(r->diag, n->key_mark, "Kubernetes 1.%d has no feature gate %s",
                       (int)config->profile.minor, n->key);
            ok = false;
        } else {
            diag_warning(r->diag, n->key_mark, "feature gate %s changes nothing here", n->key);
        }
    }
    return ok;
}

static bool set_controllers(struct reading *r)
{
    const struct controllers_part *c = &r->document.spec.controllers;
    int32_t minor = 0;
    struct hpa_profile profile;
    if (!hpa_profile_parse(c->kubernetes.text, &minor) || !hpa_profile_for(minor, &profile)) {
        diag_error(r->diag, c->kubernetes.mark, "Kubernetes \"%s\" is not modelled",
                   c->kubernetes.text);
        diag_help(r->diag, "releases from 1.%d to 1.%d are", HPA_OLDEST_MINOR, HPA_NEWEST_MINOR);
        return false;
    }
    struct hpa_config *config = &r->out->hpa;
    *config = hpa_config_default(minor);
    config->sync_period = c->sync_period;
    config->downscale_stabilization = c->downscale_stabilization;
    config->cpu_initialization_period = c->cpu_initialization_period;
    config->initial_readiness_delay = c->initial_readiness_delay;
    config->tolerance = c->tolerance;
    r->out->concurrent_syncs = c->concurrent_syncs;
    return set_gates(r, config);
}

static void set_plain(struct reading *r, const struct manifest_object *object)
{
    const struct scenario_part *p = &r->document.spec;
    struct scenario *s = r->out;
    s->name = r->document.metadata.name;
    s->description = p->description;
    s->file = r->diag->sources[object->mark.source - 1].name;
    s->start_unix_ns = p->start.unix_ns;
    s->zone_seconds = p->start.zone_seconds;
    s->duration = p->duration;
    s->seed = p->seed;
    s->mode = p->resolution.mode;
    s->step = p->resolution.step;
    s->metrics_mode = p->metrics.server.mode;
    s->metrics_resolution = p->metrics.server.resolution;
    s->clocks = p->clocks.mode;
    s->clocks_file = p->clocks.file;
    s->clocks_mark = p->clocks.file_mark;
    s->clock_distributions = p->clocks.distributions;
    s->record_interval = p->record.interval;
    s->record_pods = p->record.pods;
    s->record_syncs = p->record.syncs;
}

static bool read_scenario(struct reading *r, const struct manifest_object *object)
{
    const char *file = r->diag->sources[object->mark.source - 1].name;
    r->out->directory = directory_of(r->arena, file);
    bool ok = decode_document(r, object->node);
    if (r->document.spec.controllers.kubernetes.text)
        ok &= set_controllers(r);
    ok &= read_manifests(r);
    if (!ok)
        return false;
    set_plain(r, object);
    if (!scenario_objects(r))
        return false;
    if (!scenario_resolve(r))
        return false;
    scenario_check(r);
    scenario_inputs(r);
    return true;
}

/*
 * Objects without a scenario: read as the newest release takes them. None at all is an error, as
 * for kubectl: what rendered them failed. path is NULL when that was said already.
 */
static bool read_objects(struct reading *r, const char *path)
{
    r->out->hpa = hpa_config_default(HPA_NEWEST_MINOR);
    if (r->objects.list.len == 0 && path)
        diag_error(r->diag, (struct mark){0}, "%s holds no Kubernetes object", path);
    if (r->objects.list.len == 0)
        return false;
    if (!scenario_objects(r))
        return false;
    scenario_check_objects(r);
    return true;
}

bool scenario_read(const char *const *paths, size_t path_count,
                   const struct scenario_options *options, struct arena *arena, struct diag *diag,
                   struct scenario *out)
{
    static const struct scenario_options none = {0};
    struct reading r = {
        .arena = arena, .diag = diag, .options = options ? options : &none, .out = out};
    struct manifest_objects scenarios = {0};
    require(path_count > 0);
    *out = (struct scenario){0};
    bool ok = read_paths(&r, paths, path_count, &scenarios);
    if (scenarios.list.len == 0 && r.options->manifests_only)
        return read_objects(&r, ok ? paths[0] : NULL) && ok;
    if (scenarios.list.len == 0)
        return ok ? no_scenario(&r, paths[0]) : false;
    ok &= one_scenario(&r, &scenarios);
    return read_scenario(&r, &scenarios.list.items[0]) && ok;
}
