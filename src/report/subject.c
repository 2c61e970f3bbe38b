/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which HPA of which run a question is about. The trap: a name may stand in several
 * namespaces; then it is not enough, and all HPAs are listed for the next try.
 */
#include "explain_internal.h"

#include <string.h>

static const struct mark nowhere;

static const char *label_of(struct arena *a, const struct query_hpa *hpa)
{
    if (str_equal(hpa->namespace_name, "default")) {
        return hpa->name;
    }
    return arena_printf(a, "%s/%s", hpa->namespace_name, hpa->name);
}

/* "NS/NAME" or "NAME" */
static bool is_named(const struct query_hpa *hpa, const char *name)
{
    const char *slash = strchr(name, '/');
    if (slash == NULL) {
        return str_equal(hpa->name, name);
    }
    const size_t len = (size_t)(slash - name);
    return str_equal(hpa->name, slash + 1) && strlen(hpa->namespace_name) == len &&
           strncmp(hpa->namespace_name, name, len) == 0;
}

static void list_hpas(const struct query_hpa *hpas, size_t count, struct diag *d)
{
    for (size_t i = 0; i < count && i < 20; i++) {
        diag_help(d, "%s/%s (%s)", hpas[i].namespace_name, hpas[i].name, hpas[i].target);
    }
}

static bool choose(struct subject *s, const struct query_hpa *hpas, size_t count, const char *path,
                   const char *name, struct diag *d)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (name == NULL || is_named(&hpas[i], name)) {
            s->index = i;
            found++;
        }
    }
    if (found == 1) {
        s->hpa = &hpas[s->index];
        s->label = label_of(s->arena, s->hpa);
        return true;
    }
    if (count == 0) {
        diag_error(d, nowhere, "%s: the run has no HorizontalPodAutoscaler", path);
    } else if (found == 0) {
        diag_error(d, nowhere, "%s: the run has no HPA named %s; it has", path, name);
    } else {
        diag_error(d, nowhere, "%s: the run has %zu HPAs%s%s: say which one, as NAMESPACE/NAME",
                   path, found, name != NULL ? " named " : "", name != NULL ? name : "");
    }
    list_hpas(hpas, count, d);
    return false;
}

bool subject_open(struct subject *s, struct arena *a, const char *path, int64_t run,
                  const char *hpa, struct diag *d)
{
    size_t count = 0;
    *s = (struct subject){.arena = a, .query = query_open(a, path, d)};
    if (s->query == NULL || !query_run(s->query, a, run, &s->run, d)) {
        subject_close(s);
        return false;
    }
    const struct query_hpa *hpas = query_hpas(s->query, a, s->run.run, &count);
    if (!choose(s, hpas, count, path, hpa, d)) {
        subject_close(s);
        return false;
    }
    return true;
}

void subject_close(struct subject *s)
{
    query_close(s->query);
    s->query = NULL;
}
