/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides nothing; walks the tree that the YAML and JSON readers build. Maps
 * are sibling lists in the order written: they are small, and the order is
 * what messages and output need. The trap: node_path splits at every dot, so
 * keys that hold one ("app.kubernetes.io/name") need node_get.
 */
#include "base/node.h"

#include <string.h>

static const struct node *member(const struct node *n, const char *key, size_t len)
{
    if (n == NULL || n->kind != NODE_MAP) {
        return NULL;
    }
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        if (m->key != NULL && strncmp(m->key, key, len) == 0 && m->key[len] == '\0') {
            return m;
        }
    }
    return NULL;
}

const struct node *node_get(const struct node *n, const char *key)
{
    return member(n, key, strlen(key));
}

const struct node *node_path(const struct node *n, const char *path)
{
    for (;;) {
        size_t len = strcspn(path, ".");
        n = member(n, path, len);
        if (n == NULL || path[len] == '\0') {
            return n;
        }
        path += len + 1;
    }
}

const char *node_string(const struct node *n)
{
    return n != NULL && n->kind == NODE_STRING ? n->text : NULL;
}

struct node *node_add(struct arena *a, struct node *parent, enum node_kind kind)
{
    struct node *n = arena_new(a, struct node);
    n->kind = kind;
    if (parent == NULL) {
        return n;
    }
    if (parent->last == NULL) {
        parent->first = n;
    } else {
        parent->last->next = n;
    }
    parent->last = n;
    parent->count++;
    return n;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",       [NODE_BOOL] = "a boolean", [NODE_NUMBER] = "a number",
        [NODE_STRING] = "a string", [NODE_LIST] = "a list",    [NODE_MAP] = "a map",
    };
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "an unknown kind";
}
