/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in documents, Lists, files, folders and globs. */
#include "manifest/object.h"

#include "base/str.h"
#include "complaints.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* kind/namespace/name of each object, a blank between. */
static const char *list_of(struct arena *a, const struct manifest_objects *objects)
{
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < objects->list.len; i++) {
        const struct manifest_object *o = &objects->list.items[i];
        strbuf_printf(&b, "%s%s/%s/%s", i == 0 ? "" : " ", o->kind, o->namespace_name, o->name);
    }
    return strbuf_text(&b);
}

Test(object, documents_hold_objects)
{
    static const struct {
        const char *text;
        const char *objects;
        const char *errors;
    } rows[] = {
        {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ns}\n", "Pod/ns/a", ""},
        {"apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n", "Pod//", ""},
        {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
         "- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n",
         "Pod//a Secret//b", ""},
        {"apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}]\n",
         "Deployment//a", ""},
        {"apiVersion: v1\nkind: List\nitems: []\n", "", ""},
        {"kind: Pod\n", "", "1:1: apiVersion is missing\n"},
        {"a: 1\n", "", "1:1: apiVersion is missing\n1:1: kind is missing\n"},
        {"apiVersion: v1\nkind: 5\n", "", "2:7: kind: expected a string, found a number\n"},
        {"apiVersion: v1\nkind: List\nitems: [{a: 1}, {apiVersion: v1, kind: Pod}]\n", "Pod//",
         "3:9: apiVersion is missing\n3:9: kind is missing\n"},
        {"- 1\n", "", "1:1: expected a Kubernetes object, found a list\n"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d;
        struct manifest_objects objects = {0};
        const struct node *n = read_text(&a, rows[i].text, &d);
        bool ok = manifest_add_document(&a, n, &d, &objects);
        cr_expect_eq(ok, *rows[i].errors == '\0', "%s", rows[i].text);
        cr_expect_str_eq(list_of(&a, &objects), rows[i].objects, "%s: %s", rows[i].text,
                         list_of(&a, &objects));
        const char *errors = complaints(&a, &d);
        cr_expect_str_eq(errors, rows[i].errors, "%s: %s", rows[i].text, errors);
    }
    arena_drop(&a);
}

static void write_file(struct arena *a, const char *folder, const char *name, const char *pod)
{
    FILE *out = fopen(arena_printf(a, "%s/%s", folder, name), "w");
    cr_assert_not_null(out);
    (void)fprintf(out, "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n", pod);
    (void)fclose(out);
}

static void remove_all(struct arena *a, const char *folder)
{
    static const char *const names[] = {"b.yaml",   "a.yml",        "c.json",
                                        "note.txt", ".hidden.yaml", "sub/d.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(arena_printf(a, "%s/%s", folder, names[i]));
    }
    (void)rmdir(arena_printf(a, "%s/sub", folder));
    (void)rmdir(arena_printf(a, "%s/empty", folder));
    (void)rmdir(folder);
}

Test(object, paths_hold_files)
{
    static const struct {
        const char *path;
        bool ok;
        const char *objects;
    } rows[] = {
        {".", true, "Pod//a Pod//b Pod//c Pod//d"},
        {"b.yaml", true, "Pod//b"},
        {"./", true, "Pod//a Pod//b Pod//c Pod//d"},
        {"*.y*ml", true, "Pod//a Pod//b"},
        {"*", true, "Pod//a Pod//b Pod//c Pod//d"},
        {"[ab].*", true, "Pod//a Pod//b"},
        {"x*", false, ""},
        {"empty", false, ""},
        {"nowhere.yaml", false, ""},
    };
    struct arena a = {0};
    char folder[] = "/tmp/podtide-test-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    write_file(&a, folder, "b.yaml", "b");
    write_file(&a, folder, "a.yml", "a");
    write_file(&a, folder, ".hidden.yaml", "h");
    FILE *json = fopen(arena_printf(&a, "%s/c.json", folder), "w");
    (void)fputs("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"}}", json);
    (void)fclose(json);
    cr_assert_eq(mkdir(arena_printf(&a, "%s/sub", folder), 0700), 0);
    cr_assert_eq(mkdir(arena_printf(&a, "%s/empty", folder), 0700), 0);
    write_file(&a, folder, "sub/d.yaml", "d");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d = {.arena = &a};
        struct manifest_objects objects = {0};
        if (rows[i].path[0] == '*' && rows[i].path[1] == '\0') {
            (void)rmdir(arena_printf(&a, "%s/empty", folder));
        }
        bool ok = manifest_read_path(&a, folder, rows[i].path, (struct mark){0}, &d, &objects);
        cr_expect_eq(ok, rows[i].ok, "%s: %s", rows[i].path, d.count ? diag_message(&d, 0) : "");
        cr_expect_str_eq(list_of(&a, &objects), rows[i].objects, "%s: %s", rows[i].path,
                         list_of(&a, &objects));
        cr_expect_eq(d.errors != 0, !ok, "%s", rows[i].path);
    }
    remove_all(&a, folder);
    arena_drop(&a);
}

Test(object, kinds_that_are_not_modelled_are_one_note)
{
    struct arena a = {0};
    struct diag d;
    struct manifest_objects objects = {0};
    const struct node *n =
        read_text(&a,
                  "apiVersion: v1\nkind: List\nitems:\n"
                  "- {apiVersion: v1, kind: Service, metadata: {nam: x}}\n"
                  "- {apiVersion: v1, kind: ConfigMap}\n- {apiVersion: v1, kind: Service}\n"
                  "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}\n"
                  "- {apiVersion: podtide/v1, kind: Scenario}\n",
                  &d);
    cr_assert(manifest_add_document(&a, n, &d, &objects));
    cr_expect(manifest_check(&a, &objects, &d));
    cr_expect_eq(d.count, 1);
    cr_expect_str_eq(diag_message(&d, 0),
                     "kinds that are not modelled are left out: Service (2), ConfigMap");
    cr_expect_not_null(manifest_find(&objects, "Deployment", "", "x"));
    cr_expect_not_null(manifest_find(&objects, "Deployment", "default", "x"));
    cr_expect_null(manifest_find(&objects, "Deployment", "other", "x"));
    arena_drop(&a);
}

Test(object, modelled_kinds_have_one_version)
{
    struct arena a = {0};
    struct diag d;
    struct manifest_objects objects = {0};
    const struct node *n = read_text(&a, "apiVersion: apps/v1beta1\nkind: Deployment\n", &d);
    cr_assert(manifest_add_document(&a, n, &d, &objects));
    cr_expect_not(manifest_check(&a, &objects, &d));
    cr_expect_str_eq(complaints(&a, &d),
                     "1:1: no matches for kind \"Deployment\" in version \"apps/v1beta1\"\n"
                     "  use apps/v1\n");
    arena_drop(&a);
}

/* A letter's case, or a group that was retired: no cluster takes these, so neither do we. */
Test(object, what_is_nearly_modelled_is_an_error)
{
    static const struct {
        const char *object;
        const char *says;
    } rows[] = {
        {"apiVersion: apps/v1\nkind: deployment\n",
         "1:1: no matches for kind \"deployment\" in version \"apps/v1\"\n"
         "  use kind: Deployment of apps/v1\n"},
        {"apiVersion: extensions/v1beta1\nkind: Deployment\n",
         "1:1: no matches for kind \"Deployment\" in version \"extensions/v1beta1\"\n"
         "  use kind: Deployment of apps/v1\n"},
        {"apiVersion: autoscaling/v2\nkind: horizontalpodautoscaler\n",
         "1:1: no matches for kind \"horizontalpodautoscaler\" in version \"autoscaling/v2\"\n"
         "  use kind: HorizontalPodAutoscaler of autoscaling/v2\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct diag d;
        struct manifest_objects objects = {0};
        const struct node *n = read_text(&a, rows[i].object, &d);
        cr_assert(manifest_add_document(&a, n, &d, &objects));
        cr_expect_not(manifest_check(&a, &objects, &d));
        cr_expect_str_eq(complaints(&a, &d), rows[i].says);
        arena_drop(&a);
    }
}
