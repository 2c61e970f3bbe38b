/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--set spec.services[web].timeout=5s`: puts a value into the document before it is
 * decoded, so that it is checked and reported like any other. A list's item is named by
 * its number or by its name. What is missing on the way is made, maps only.
 *
 * The tree is shared (aliases), so the way to the value is copied, the rest is not.
 */
#include "base/str.h"
#include "manifest/yaml.h"
#include "scenario_internal.h"

#include <string.h>

/* One piece of a path: a key, or an item in brackets. */
struct step {
    const char *text;
    bool item;
};

struct assignment {
    struct arena *arena;
    struct diag *diag;
    struct mark mark;
    const char *whole;
};

static bool wrong(const struct assignment *s, size_t at, const char *what)
{
    struct mark mark = s->mark;
    mark.col += (uint32_t)at;
    diag_error(s->diag, mark, "--set: %s", what);
    return false;
}

static bool next_step(const struct assignment *s, const char **path, struct step *out)
{
    const char *p = *path;
    size_t at = (size_t)(p - s->whole);
    out->item = *p == '[';
    p += out->item;
    size_t len = strcspn(p, out->item ? "]=" : ".[=");
    if (len == 0)
        return wrong(s, at, "a name is expected here");
    if (out->item && p[len] != ']')
        return wrong(s, at, "\"]\" is missing");
    out->text = arena_strndup(s->arena, p, len);
    p += len + out->item;
    *path = p + (*p == '.');
    return true;
}

static bool is_item(const struct node *n, size_t index, const char *text)
{
    int64_t number = 0;
    const char *name = node_string(node_get(n, "name"));
    if (name && str_equal(name, text))
        return true;
    return str_to_int64(text, &number) && number >= 0 && (size_t)number == index;
}

/* A copy of a map or list with its children, which may then be replaced. */
static struct node *copy_of(struct arena *a, const struct node *n)
{
    struct node *copy = arena_new(a, struct node);
    *copy = *n;
    copy->first = copy->last = NULL;
    copy->count = 0;
    for (const struct node *c = n->first; c; c = c->next) {
        struct node *child = node_add(a, copy, c->kind);
        struct node *next = child->next;
        *child = *c;
        child->next = next;
    }
    return copy;
}

static struct node *put(const struct assignment *s, const struct node *node, const char *path,
                        const struct node *value);

/* What stands at child from now on, keeping its key and its place among its siblings. */
static bool replace(const struct assignment *s, struct node *child, const char *path,
                    const struct node *value)
{
    struct node *changed = put(s, child, path, value);
    if (!changed)
        return false;
    const struct node old = *child;
    *child = *changed;
    child->next = old.next;
    child->key = old.key;
    child->key_mark = old.key_mark;
    return true;
}

static struct node *put(const struct assignment *s, const struct node *node, const char *path,
                        const struct node *value)
{
    struct step step;
    size_t at = (size_t)(path - s->whole);
    struct node *copy;
    if (*path == '=') {
        copy = arena_new(s->arena, struct node);
        *copy = *value;
        return copy;
    }
    if (!next_step(s, &path, &step))
        return NULL;
    copy = copy_of(s->arena, node);
    if (copy->kind == NODE_NULL && !step.item)
        copy->kind = NODE_MAP;
    if (copy->kind != (step.item ? NODE_LIST : NODE_MAP)) {
        wrong(s, at, arena_printf(s->arena, "there is %s here", node_kind_name(node->kind)));
        return NULL;
    }
    size_t i = 0;
    for (struct node *c = copy->first; c; c = c->next, i++)
        if (step.item ? is_item(c, i, step.text) : str_equal(c->key, step.text))
            return replace(s, c, path, value) ? copy : NULL;
    if (step.item) {
        wrong(s, at, arena_printf(s->arena, "the list has no item \"%s\"", step.text));
        return NULL;
    }
    struct node *added = node_add(s->arena, copy, NODE_NULL);
    added->mark = s->mark;
    added->key = step.text;
    added->key_mark = s->mark;
    return replace(s, added, path, value) ? copy : NULL;
}

const struct node *scenario_set(struct arena *a, const struct node *root, const char *assignment,
                                struct diag *d)
{
    uint32_t source = diag_source(d, "--set", assignment, strlen(assignment));
    struct assignment s = {a, d, {source, 1, 1}, assignment};
    const char *equals = strchr(assignment, '=');
    if (!equals) {
        wrong(&s, 0, "\"=\" is missing");
        diag_help(d, "for example --set spec.duration=2h");
        return NULL;
    }
    struct yaml_stream stream = {0};
    static const struct node nothing = {.kind = NODE_NULL};
    uint32_t value_source = diag_source(d, "--set value", equals + 1, strlen(equals + 1));
    if (!yaml_read(a, equals + 1, strlen(equals + 1), value_source, d, &stream))
        return NULL;
    return put(&s, root, assignment, stream.count ? stream.documents[0] : &nothing);
}
