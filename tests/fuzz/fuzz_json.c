/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text in: never a crash; a NULL tree comes with an error and only then;
 * and what was read, written again and read again, is the same tree.
 */
#include "base/json.h"
#include "base/require.h"
#include "base/str.h"

#include "fuzz.h"

static void write_node(struct json_writer *w, const struct node *n)
{
    switch (n->kind) {
    case NODE_NULL:
        json_null(w);
        break;
    case NODE_BOOL:
        json_bool(w, n->text[0] == 't');
        break;
    case NODE_NUMBER:
        json_raw(w, n->text);
        break;
    case NODE_STRING:
        json_string(w, n->text);
        break;
    case NODE_LIST:
        json_list(w);
        for (const struct node *m = n->first; m != NULL; m = m->next) {
            write_node(w, m);
        }
        json_list_end(w);
        break;
    case NODE_MAP:
        json_map(w);
        for (const struct node *m = n->first; m != NULL; m = m->next) {
            json_key(w, m->key);
            write_node(w, m);
        }
        json_map_end(w);
        break;
    }
}

static void require_same(const struct node *a, const struct node *b)
{
    require(a->kind == b->kind && a->count == b->count);
    require(str_equal(a->key, b->key) && str_equal(a->text, b->text));
    const struct node *y = b->first;
    for (const struct node *x = a->first; x != NULL; x = x->next) {
        require_same(x, y);
        y = y->next;
    }
    require(y == NULL);
}

static void require_marks(const struct node *n)
{
    require(n->mark.source == 1 && n->mark.line >= 7 && n->mark.col >= 1);
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        const struct node *next = m->next != NULL ? m->next : m;
        require(m->mark.line <= next->mark.line);
        require_marks(m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    const char *text = (const char *)data;
    uint32_t source = diag_source(&d, "input", text, size);
    struct node *tree = json_read(&a, text, size, source, 7, &d);
    require((tree == NULL) == (d.errors > 0));
    if (tree != NULL) {
        require_marks(tree);
        for (int indent = 0; indent <= 1; indent++) {
            struct json_writer *w = json_writer_new(&a, indent == 1);
            write_node(w, tree);
            size_t len;
            const char *again = json_text(w, &len);
            const struct node *copy = json_read(&a, again, len, source, 1, &d);
            require(copy != NULL);
            require_same(tree, copy);
        }
    }
    arena_drop(&a);
    return 0;
}
