/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pages a run gives and where they go: one per workload that something drives
 * or scales, named after it when there are several. plot_page.c writes what is on a
 * page, gnuplot.c draws it.
 */
#include "report/plot.h"

#include "plot_internal.h"
#include "report/gnuplot.h"

#include <string.h>

static const struct mark nowhere;

static const char *script(void *context, const char *templates, const char *output)
{
    return plot_page_script(context, templates, output);
}

static bool names_workload(const struct query_workload *w, const char *reference)
{
    const char *slash = strchr(reference, '/');
    if (slash == NULL) {
        return strcmp(w->name, reference) == 0;
    }
    return strcmp(slash + 1, w->name) == 0 &&
           strlen(w->namespace_name) == (size_t)(slash - reference) &&
           strncmp(w->namespace_name, reference, (size_t)(slash - reference)) == 0;
}

/* Worth a page when nothing was asked for: something drives it or scales it. */
static bool is_interesting(const struct plot_page *p, size_t workload)
{
    for (size_t i = 0; i < p->service_count; i++) {
        if (p->services[i].workload == workload) {
            return true;
        }
    }
    for (size_t i = 0; i < p->hpa_count; i++) {
        if (p->hpas[i].workload == workload) {
            return true;
        }
    }
    return false;
}

static size_t choose(const struct plot_page *p, const struct query_workload *all, size_t count,
                     const char *wanted, bool *chosen)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        chosen[i] = wanted != NULL ? names_workload(&all[i], wanted) : is_interesting(p, i);
        found += chosen[i];
    }
    return found;
}

static bool none_found(const struct query_workload *all, size_t count, const char *wanted,
                       struct arena *a, struct diag *d)
{
    if (wanted == NULL) {
        diag_error(d, nowhere, "the run has no workload with a service or an HPA to draw");
        return false;
    }
    const char **names = arena_array(a, const char *, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = all[i].name;
    }
    const char *near = str_nearest(wanted, names, count);
    diag_error(d, nowhere, "the run has no workload \"%s\"", wanted);
    if (near != NULL) {
        diag_help(d, "did you mean \"%s\"?", near);
    }
    return false;
}

static const char *page_path(struct arena *a, const char *path, const struct query_workload *w,
                             const struct query_workload *all, size_t count)
{
    size_t stem = strlen(path) - 4; /* ".png", ".svg" */
    size_t same = 0;
    for (size_t i = 0; i < count; i++) {
        same += strcmp(all[i].name, w->name) == 0;
    }
    if (same > 1) {
        return arena_printf(a, "%.*s-%s-%s%s", (int)stem, path, w->namespace_name, w->name,
                            path + stem);
    }
    return arena_printf(a, "%.*s-%s%s", (int)stem, path, w->name, path + stem);
}

static bool draw_pages(struct gnuplot *w, struct plot_page *page, const char *path,
                       const char *wanted, struct diag *d, struct plot_result *out)
{
    size_t count = 0;
    const struct query_workload *all = query_workloads(page->q, w->arena, page->run.run, &count);
    bool *chosen = arena_array(w->arena, bool, count);
    size_t pages = choose(page, all, count, wanted, chosen);
    if (pages == 0) {
        return none_found(all, count, wanted, w->arena, d);
    }
    for (size_t i = 0; i < count; i++) {
        if (!chosen[i]) {
            continue;
        }
        if (out->count == PLOT_PAGES_MAX) {
            out->left_out++;
            continue;
        }
        const char *file = pages == 1 ? path : page_path(w->arena, path, &all[i], all, count);
        page->index = i;
        page->workload = &all[i];
        if (!gnuplot_draw(w, file, script, page, d)) {
            return false;
        }
        out->files[out->count++] = file;
    }
    return true;
}

bool plot_run(struct query *q, int64_t run, const char *path, const struct plot_options *options,
              struct arena *a, struct diag *d, struct plot_result *out)
{
    *out = (struct plot_result){0};
    struct gnuplot w;
    struct plot_page page = {.q = q, .arena = a, .svg = str_ends(path, ".svg")};
    if (!gnuplot_check_path(path, d) || !query_run(q, a, run, &page.run, d)) {
        return false;
    }
    page.from = options->from;
    page.to = options->to > 0 && options->to < page.run.until ? options->to : page.run.until;
    page.width = options->width > 0 ? options->width : 1200;
    page.services = query_services(q, a, page.run.run, &page.service_count);
    page.hpas = query_hpas(q, a, page.run.run, &page.hpa_count);
    if (page.to <= page.from) {
        if (page.run.until == 0) {
            diag_error(d, nowhere, "the run holds nothing to draw (it is \"%s\")", page.run.status);
        } else {
            diag_error(d, nowhere, "there is nothing between the times asked for");
        }
        return false;
    }
    if (!gnuplot_open(&w, options->templates, a, d)) {
        return false;
    }
    bool ok = draw_pages(&w, &page, path, options->workload, d, out);
    gnuplot_close(&w);
    return ok;
}
