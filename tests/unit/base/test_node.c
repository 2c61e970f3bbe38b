/* SPDX-License-Identifier: Apache-2.0 */
/* Walking trees. */
#include "base/node.h"
#include "base/str.h"

#include <criterion/criterion.h>

static struct node *put(struct arena *a, struct node *map, const char *key, enum node_kind kind,
                        const char *text)
{
    struct node *n = node_add(a, map, kind);
    n->key = key;
    n->text = text;
    return n;
}

Test(node, walking)
{
    struct arena a = {0};
    struct node *root = node_add(&a, NULL, NODE_MAP);
    struct node *meta = put(&a, root, "metadata", NODE_MAP, NULL);
    put(&a, root, "meta", NODE_STRING, "prefix of the key before");
    put(&a, meta, "name", NODE_STRING, "web");
    put(&a, meta, "a.b", NODE_NUMBER, "12");
    put(&a, meta, "", NODE_NULL, NULL);
    struct node *list = put(&a, root, "list", NODE_LIST, NULL);
    (void)node_add(&a, list, NODE_STRING);
    static const struct {
        const char *path;
        bool found;
        const char *string;
    } rows[] = {
        {"metadata", true, NULL},
        {"meta", true, "prefix of the key before"},
        {"metadata.name", true, "web"},
        {"metadata.", true, NULL},
        {"metadata.a.b", false, NULL},
        {"metadata.name.x", false, NULL},
        {"metadat", false, NULL},
        {"list.x", false, NULL},
        {"", false, NULL},
        {".", false, NULL},
        {"nothing.at.all", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct node *n = node_path(root, rows[i].path);
        cr_expect_eq(n != NULL, rows[i].found, "%s", rows[i].path);
        cr_expect(str_equal(node_string(n), rows[i].string), "%s", rows[i].path);
    }
    cr_expect_eq(root->count, 3);
    cr_expect_eq(list->count, 1);
    cr_expect(node_get(meta, "a.b") == meta->first->next);
    cr_expect_null(node_get(NULL, "a"));
    cr_expect_null(node_get(list, "a"));
    cr_expect_null(node_path(NULL, "a.b"));
    cr_expect_null(node_string(NULL));
    cr_expect_null(node_string(node_get(meta, "a.b")));
    arena_drop(&a);
}

Test(node, kind_names)
{
    cr_expect_str_eq(node_kind_name(NODE_STRING), "a string");
    cr_expect_str_eq(node_kind_name(NODE_NULL), "null");
    cr_expect_str_eq(node_kind_name(NODE_MAP), "a map");
    cr_expect_str_eq(node_kind_name((enum node_kind)17), "an unknown kind");
}
