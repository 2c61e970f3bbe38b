/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how a field is named and complained about. The idea: a chain of sites on the
 * stack is the path; the mark is that of the nearest thing the user wrote.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/util/validation/field (path.go, errors.go)
 * and ValidateLabels of pkg/apis/meta/v1/validation.
 * The trap: errors of labels name the map, not the label; only the mark can say which.
 */
#include "workload_internal.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct site site_member(const struct site *parent, const char *name)
{
    const struct node *n = node_get(parent->node, name);
    bool absent = n == NULL || n->kind == NODE_NULL;
    return (struct site){.parent = parent, .name = name, .node = absent ? NULL : n};
}

struct site site_element(const struct site *parent, const struct node *node, size_t index)
{
    return (struct site){.parent = parent, .index = index, .node = node};
}

struct site site_entry(const struct site *parent, const struct node *node)
{
    return (struct site){.parent = parent, .key = node->key, .node = node};
}

bool site_is(const struct site *s, enum node_kind kind)
{
    return s->node != NULL && s->node->kind == kind;
}

const char *site_text(const struct site *s)
{
    return site_is(s, NODE_STRING) ? s->node->text : "";
}

int64_t site_int(const struct site *s, int64_t otherwise)
{
    int64_t v;
    double d;
    if (!site_is(s, NODE_NUMBER)) {
        return otherwise;
    }
    if (str_to_int64(s->node->text, &v)) {
        return v;
    }
    return str_to_double(s->node->text, &d) && d > -9e15 && d < 9e15 ? (int64_t)d : otherwise;
}

/* ---- complaints ---- */

static void add_path(struct strbuf *b, const struct site *s)
{
    if (s->parent != NULL) {
        add_path(b, s->parent);
    }
    if (s->name != NULL) {
        strbuf_printf(b, "%s%s", b->len != 0 ? "." : "", s->name);
    } else if (s->key != NULL) {
        strbuf_printf(b, "[%s]", s->key);
    } else if (s->parent != NULL) {
        strbuf_printf(b, "[%zu]", s->index);
    }
}

static struct mark nearest_mark(const struct site *s)
{
    for (; s != NULL; s = s->parent) {
        if (s->node != NULL) {
            return s->node->mark;
        }
    }
    return (struct mark){0};
}

static void complain(struct object_reader *r, const struct site *s, const char *kind,
                     const char *value, const char *detail)
{
    r->failed = true;
    if (r->quiet) {
        return;
    }
    struct strbuf b = {.arena = r->arena};
    add_path(&b, s);
    strbuf_printf(&b, ": %s", kind);
    if (value != NULL) {
        strbuf_printf(&b, ": %s", value);
    }
    if (*detail != '\0') {
        strbuf_printf(&b, ": %s", detail);
    }
    diag_error(r->diag, nearest_mark(s), "%s", strbuf_text(&b));
}

void site_invalid(struct object_reader *r, const struct site *s, const char *value,
                  const char *detail)
{
    complain(r, s, "Invalid value", value, detail);
}

void site_invalid_each(struct object_reader *r, const struct site *s, struct messages messages)
{
    for (size_t i = 0; i < messages.count; i++) {
        site_invalid(r, s, go_quote(r->arena, site_text(s)), messages.text[i]);
    }
}

void site_required(struct object_reader *r, const struct site *s, const char *detail)
{
    complain(r, s, "Required value", NULL, detail);
}

void site_forbidden(struct object_reader *r, const struct site *s, const char *detail)
{
    complain(r, s, "Forbidden", NULL, detail);
}

void site_duplicate(struct object_reader *r, const struct site *s)
{
    complain(r, s, "Duplicate value", go_quote(r->arena, site_text(s)), "");
}

void site_unsupported(struct object_reader *r, const struct site *s, const char *value,
                      const char *supported)
{
    complain(r, s, "Unsupported value", value,
             arena_printf(r->arena, "supported values: %s", supported));
}

int64_t site_nonnegative(struct object_reader *r, const struct site *s, int64_t otherwise)
{
    int64_t v = site_int(s, otherwise);
    if (v < 0) {
        site_invalid(r, s, arena_printf(r->arena, "%" PRId64, v),
                     "must be greater than or equal to 0");
    }
    return v;
}

struct messages in_characters(struct arena *a, struct messages m)
{
    for (size_t i = 0; i < m.count; i++) {
        size_t len = strlen(m.text[i]);
        if (str_ends(m.text[i], " bytes")) {
            m.text[i] =
                arena_printf(a, "%.*s characters", (int)(len - strlen(" bytes")), m.text[i]);
        }
    }
    return m;
}

/* ---- labels ---- */

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct label *)x)->key, ((const struct label *)y)->key);
}

struct label *read_labels(struct object_reader *r, const struct site *s, size_t *count)
{
    *count = 0;
    if (!site_is(s, NODE_MAP) || s->node->count == 0) {
        return NULL;
    }
    struct label *labels = arena_array(r->arena, struct label, s->node->count);
    for (const struct node *m = s->node->first; m != NULL; m = m->next) {
        /* The map's path with the label's mark. */
        struct site at = *s;
        at.node = m;
        const char *value = m->kind == NODE_STRING ? m->text : "";
        struct messages key = label_key_messages(r->arena, m->key);
        for (size_t i = 0; i < key.count; i++) {
            site_invalid(r, &at, go_quote(r->arena, m->key), key.text[i]);
        }
        struct messages wrong = label_value_messages(r->arena, value);
        for (size_t i = 0; i < wrong.count; i++) {
            site_invalid(r, &at, go_quote(r->arena, value), wrong.text[i]);
        }
        labels[(*count)++] = (struct label){m->key, value};
    }
    qsort(labels, *count, sizeof *labels, by_key);
    return labels;
}
