/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which objects a set of paths holds and which of them are our business. The
 * idea: every path becomes files in a fixed order, every file documents, every document
 * objects; Lists are opened on the way.
 * Upstream: kubectl v1.36 (cli-runtime, resource.Builder): extensions, Lists with items
 * that do not repeat their kind, messages for missing kinds.
 * The trap: the order of a folder is the file system's; it is sorted here, by bytes.
 */
#include "manifest/object.h"

#include "base/str.h"
#include "base/table.h"
#include "manifest/schema.h"
#include "manifest/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MAX_FOLDER_DEPTH = 32 };

/* NULL version: any; the object's own reader judges it. */
static const struct {
    const char *kind;
    const char *group;
    const char *version;
} modelled[] = {
    {"Deployment", "apps/", "apps/v1"},
    {"StatefulSet", "apps/", "apps/v1"},
    {"HorizontalPodAutoscaler", "autoscaling/", NULL},
};

/* ---- documents ---- */

/* What an item of a typed list is when it does not say so. */
struct item_type {
    const char *api_version;
    const char *kind;
};

static const char *text_of(const struct node *object, const char *path)
{
    const char *text = node_string(node_path(object, path));
    return text != NULL ? text : "";
}

static const char *required_text(const struct node *object, const char *name, const char *otherwise,
                                 struct diag *d, bool *ok)
{
    const struct node *n = node_get(object, name);
    if (n != NULL && n->kind != NODE_STRING && n->kind != NODE_NULL) {
        diag_error(d, n->mark, "%s: expected a string, found %s", name, node_kind_name(n->kind));
        *ok = false;
        return NULL;
    }
    const char *text = node_string(n);
    text = text != NULL && *text != '\0' ? text : otherwise;
    if (text == NULL) {
        diag_error(d, n != NULL ? n->mark : object->mark, "%s is missing", name);
        *ok = false;
    }
    return text;
}

static bool add_object(struct arena *a, const struct node *n, const struct item_type *type,
                       size_t depth, struct diag *d, struct manifest_objects *out);

/* The items of kind: List, or of a typed list as the API serves it. */
static bool add_items(struct arena *a, const struct node *items, const struct item_type *list,
                      size_t depth, struct diag *d, struct manifest_objects *out)
{
    struct item_type type = {0};
    size_t len = strlen(list->kind) - strlen("List");
    if (len != 0) {
        type = (struct item_type){list->api_version, arena_strndup(a, list->kind, len)};
    }
    bool ok = true;
    for (const struct node *item = items->first; item != NULL; item = item->next) {
        ok = add_object(a, item, &type, depth + 1, d, out) && ok;
    }
    return ok;
}

static bool add_object(struct arena *a, const struct node *n, const struct item_type *type,
                       size_t depth, struct diag *d, struct manifest_objects *out)
{
    if (n->kind != NODE_MAP) {
        diag_error(d, n->mark, "expected a Kubernetes object, found %s", node_kind_name(n->kind));
        return false;
    }
    bool ok = true;
    struct item_type is;
    is.api_version = required_text(n, "apiVersion", type->api_version, d, &ok);
    is.kind = required_text(n, "kind", type->kind, d, &ok);
    if (!ok) {
        return false;
    }
    const struct node *items = node_get(n, "items");
    if (str_ends(is.kind, "List") && items != NULL && items->kind == NODE_LIST) {
        if (depth > 8) {
            diag_error(d, n->mark, "Lists in Lists in Lists");
            return false;
        }
        return add_items(a, items, &is, depth, d, out);
    }
    *vec_push(a, &out->list) = (struct manifest_object){
        .api_version = is.api_version,
        .kind = is.kind,
        .namespace_name = text_of(n, "metadata.namespace"),
        .name = text_of(n, "metadata.name"),
        .node = n,
        .mark = n->mark,
    };
    return true;
}

bool manifest_add_document(struct arena *a, const struct node *document, struct diag *d,
                           struct manifest_objects *out)
{
    const struct item_type none = {0};
    return add_object(a, document, &none, 0, d, out);
}

/* ---- files ---- */

struct walk {
    struct arena *arena;
    struct diag *diag;
    VEC(const char *) files;
};

static bool read_file(struct arena *a, const char *path, struct diag *d,
                      struct manifest_objects *out)
{
    struct yaml_stream stream = {0};
    *vec_push(a, &out->files) = arena_strdup(a, path);
    bool ok = yaml_read_file(a, path, d, &stream);
    for (size_t i = 0; i < stream.count; i++) {
        ok = manifest_add_document(a, stream.documents[i], d, out) && ok;
    }
    return ok;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool is_manifest_name(const char *name)
{
    return str_ends(name, ".yaml") || str_ends(name, ".yml") || str_ends(name, ".json");
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool walk_folder(struct walk *w, const char *path, int depth)
{
    DIR *folder = depth < MAX_FOLDER_DEPTH ? opendir(path) : NULL;
    if (folder == NULL) {
        diag_error(w->diag, (struct mark){0}, "cannot read the folder %s: %s", path,
                   depth < MAX_FOLDER_DEPTH ? strerror(errno) : "too many folders in folders");
        return false;
    }
    bool ok = true;
    bool slash = str_ends(path, "/");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        const char *inner = arena_printf(w->arena, "%s%s%s", path, slash ? "" : "/", entry->d_name);
        if (is_folder(inner)) {
            ok = walk_folder(w, inner, depth + 1) && ok;
        } else if (is_manifest_name(entry->d_name)) {
            *vec_push(w->arena, &w->files) = inner;
        }
    }
    (void)closedir(folder);
    return ok;
}

/* All manifests below a folder, sorted; having none is an error. */
static bool read_folder(struct arena *a, const char *path, struct mark at, struct diag *d,
                        struct manifest_objects *out)
{
    struct walk w = {.arena = a, .diag = d};
    bool ok = walk_folder(&w, path, 0);
    if (ok && w.files.len == 0) {
        diag_error(d, at, "no manifests in the folder %s", path);
        diag_help(d, "files that end in .yaml, .yml or .json are read");
        return false;
    }
    if (w.files.len != 0) {
        qsort(w.files.items, w.files.len, sizeof *w.files.items, by_text);
    }
    for (size_t i = 0; i < w.files.len; i++) {
        ok = read_file(a, w.files.items[i], d, out) && ok;
    }
    return ok;
}

static bool read_found(struct arena *a, const char *path, struct mark at, struct diag *d,
                       struct manifest_objects *out)
{
    return is_folder(path) ? read_folder(a, path, at, d, out) : read_file(a, path, d, out);
}

static bool read_glob(struct arena *a, const char *pattern, struct mark at, struct diag *d,
                      struct manifest_objects *out)
{
    glob_t found;
    int status = glob(pattern, GLOB_NOSORT, NULL, &found);
    if (status != 0) {
        diag_error(d, at, status == GLOB_NOMATCH ? "nothing matches %s" : "cannot look for %s",
                   pattern);
        return false;
    }
    qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_text);
    bool ok = true;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        ok = read_found(a, found.gl_pathv[i], at, d, out) && ok;
    }
    globfree(&found);
    return ok;
}

bool manifest_read_path(struct arena *a, const char *base, const char *path, struct mark at,
                        struct diag *d, struct manifest_objects *out)
{
    if (str_equal(path, "-")) {
        return read_file(a, path, d, out);
    }
    bool alone = base == NULL || *base == '\0' || strcmp(base, ".") == 0 || *path == '/';
    const char *full = alone ? path : arena_printf(a, "%s/%s", base, path);
    struct stat st;
    if (stat(full, &st) == 0) {
        return read_found(a, full, at, d, out);
    }
    if (strpbrk(path, "*?[") != NULL) {
        return read_glob(a, full, at, d, out);
    }
    diag_error(d, at, "cannot read %s: %s", full, strerror(errno));
    return false;
}

/* ---- what is modelled ---- */

bool manifest_is_modelled(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < sizeof modelled / sizeof *modelled; i++) {
        if (strcmp(modelled[i].kind, kind) == 0 && str_starts(api_version, modelled[i].group)) {
            return true;
        }
    }
    return false;
}

/* Does the object's own reader judge its version? Otherwise only one is right. */
static bool check_version(const struct manifest_object *object, struct diag *d)
{
    for (size_t i = 0; i < sizeof modelled / sizeof *modelled; i++) {
        if (strcmp(modelled[i].kind, object->kind) != 0 || modelled[i].version == NULL ||
            strcmp(modelled[i].version, object->api_version) == 0) {
            continue;
        }
        diag_error(d, object->mark, "no matches for kind \"%s\" in version \"%s\"", object->kind,
                   object->api_version);
        diag_help(d, "use %s", modelled[i].version);
        return false;
    }
    return true;
}

/*
 * Kinds that are left out are other people's; but what only differs by the case of a letter, or
 * names a group that was retired (extensions), is meant to be modelled and no cluster takes it.
 */
static bool check_not_meant(const struct manifest_object *object, struct diag *d)
{
    for (size_t i = 0; i < sizeof modelled / sizeof *modelled; i++) {
        bool group = str_starts(object->api_version, modelled[i].group) ||
                     str_starts(object->api_version, "extensions/");
        if (!group || strcasecmp(modelled[i].kind, object->kind) != 0) {
            continue;
        }
        diag_error(d, object->mark, "no matches for kind \"%s\" in version \"%s\"", object->kind,
                   object->api_version);
        diag_help(d, "use kind: %s of %s", modelled[i].kind,
                  modelled[i].version != NULL ? modelled[i].version : "autoscaling/v2");
        return false;
    }
    return true;
}

static void note_others(struct arena *a, const struct table *kinds, const size_t *counts,
                        struct mark first, struct diag *d)
{
    if (kinds->len == 0) {
        return;
    }
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < kinds->len; i++) {
        strbuf_printf(&b, "%s%s", i == 0 ? "" : ", ", kinds->keys[i]);
        if (counts[i] > 1) {
            strbuf_printf(&b, " (%zu)", counts[i]);
        }
    }
    diag_note(d, first, "kinds that are not modelled are left out: %s", strbuf_text(&b));
}

bool manifest_check(struct arena *a, struct manifest_objects *objects, struct diag *d)
{
    struct table others = {.arena = a};
    size_t *counts = arena_array(a, size_t, objects->list.len);
    struct mark first = {0};
    bool ok = true;
    for (size_t i = 0; i < objects->list.len; i++) {
        struct manifest_object *object = &objects->list.items[i];
        if (str_starts(object->api_version, "podtide/")) {
            continue;
        }
        if (!manifest_is_modelled(object->api_version, object->kind)) {
            if (!check_not_meant(object, d)) {
                ok = false;
                continue;
            }
            first = others.len == 0 ? object->mark : first;
            counts[table_put(&others, object->kind)]++;
            continue;
        }
        const struct schema_kind *kind = schema_find(object->api_version, object->kind);
        object->wrong = !check_version(object, d);
        if (kind != NULL && !schema_check(object->node, kind, d)) {
            object->wrong = true;
        }
        ok = ok && !object->wrong;
    }
    note_others(a, &others, counts, first, d);
    return ok;
}

static const char *or_default(const char *namespace_name)
{
    return namespace_name == NULL || *namespace_name == '\0' ? "default" : namespace_name;
}

const struct manifest_object *manifest_find(const struct manifest_objects *objects,
                                            const char *kind, const char *namespace_name,
                                            const char *name)
{
    for (size_t i = objects->list.len; i-- > 0;) {
        const struct manifest_object *object = &objects->list.items[i];
        if (strcmp(object->kind, kind) == 0 && strcmp(object->name, name) == 0 &&
            strcmp(or_default(object->namespace_name), or_default(namespace_name)) == 0) {
            return object;
        }
    }
    return NULL;
}
