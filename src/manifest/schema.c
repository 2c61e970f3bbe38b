/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which fields and values an object may not have, as the API server's strict
 * decoding does. The idea: walk tree and generated tables together; a field that is not in
 * the table is named with the nearest that is.
 * Upstream: the OpenAPI document of Kubernetes v1.36.3 for the facts; Go's JSON decoding
 * (sigs.k8s.io/json) for the rules: null is as absent, names count their case.
 * The trap: numbers arrive as JSON, so 1.0 was 1 before the server saw it and a quantity or
 * a port may be either a number or a string.
 */
#include "manifest/schema.h"

#include "base/str.h"
#include "kube/quantity.h"
#include "kube/timestamp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where a value stands, a chain on the stack: spec.containers[0].image */
struct place {
    const struct place *parent;
    const char *name; /* NULL: an element of a list, or a key of a map */
    const char *key;  /* of a map; NULL: of a list */
    size_t index;
};

struct checker {
    struct diag *diag;
    struct arena scratch; /* texts of messages; emptied after each */
    bool ok;
};

static void add_place(struct strbuf *b, const struct place *p)
{
    if (p == NULL) {
        return;
    }
    add_place(b, p->parent);
    if (p->name != NULL) {
        strbuf_printf(b, "%s%s", b->len != 0 ? "." : "", p->name);
    } else if (p->key != NULL) {
        strbuf_printf(b, "[%s]", p->key);
    } else {
        strbuf_printf(b, "[%zu]", p->index);
    }
}

static const char *place_text(struct checker *c, const struct place *p)
{
    struct strbuf b = {.arena = &c->scratch};
    add_place(&b, p);
    return strbuf_text(&b);
}

/* ---- values ---- */

static void wrong(struct checker *c, const struct node *n, const struct place *p,
                  const char *expected)
{
    c->ok = false;
    diag_error(c->diag, n->mark, "%s: expected %s, found %s", place_text(c, p), expected,
               node_kind_name(n->kind));
    if (n->kind == NODE_BOOL || n->kind == NODE_NUMBER) {
        if (strcmp(expected, "a string") == 0) {
            diag_help(c->diag, "quote it to make it a string");
        }
    }
    arena_reset(&c->scratch);
}

static void unreadable(struct checker *c, const struct node *n, const struct place *p,
                       const char *what, const char *why)
{
    c->ok = false;
    diag_error(c->diag, n->mark, "%s: \"%s\" is not %s%s%s", place_text(c, p), n->text, what,
               *why != '\0' ? ": " : "", why);
    arena_reset(&c->scratch);
}

/* Whole numbers, also as 1.0 or 1e3, from the least to the most of so many bits. */
static bool is_integer(const char *text, int bits)
{
    int64_t v;
    double d;
    if (!str_to_int64(text, &v)) {
        if (!str_to_double(text, &d) || floor(d) != d || fabs(d) > 9e15) {
            return false;
        }
        v = (int64_t)d;
    }
    return bits == 64 || (v >= INT32_MIN && v <= INT32_MAX);
}

static void check_integer(struct checker *c, const struct node *n, const struct place *p, int bits)
{
    if (n->kind != NODE_NUMBER) {
        wrong(c, n, p, "an integer");
    } else if (!is_integer(n->text, bits)) {
        unreadable(c, n, p, bits == 32 ? "a 32-bit integer" : "a 64-bit integer", "");
    }
}

static void check_quantity(struct checker *c, const struct node *n, const struct place *p)
{
    if (n->kind != NODE_STRING && n->kind != NODE_NUMBER) {
        wrong(c, n, p, "a quantity");
        return;
    }
    struct quantity q;
    enum quantity_error error = quantity_parse_json(&c->scratch, n->text, &q);
    if (error != QUANTITY_OK) {
        unreadable(c, n, p, "a quantity", quantity_error_text(error));
        diag_help(c->diag, "a number and one of: n u m k M G T P E Ki Mi Gi Ti Pi Ei");
    }
}

static void check_int_or_string(struct checker *c, const struct node *n, const struct place *p)
{
    if (n->kind == NODE_NUMBER) {
        check_integer(c, n, p, 32);
    } else if (n->kind != NODE_STRING) {
        wrong(c, n, p, "an integer or a string");
    }
}

static void check_time(struct checker *c, const struct node *n, const struct place *p)
{
    int64_t ns;
    if (n->kind != NODE_STRING) {
        wrong(c, n, p, "a time");
    } else if (!timestamp_parse_rfc3339(n->text, &ns)) {
        unreadable(c, n, p, "a time", "expected RFC 3339, as 2006-01-02T15:04:05Z");
    }
}

static void check_kind(struct checker *c, const struct node *n, const struct place *p,
                       enum node_kind kind)
{
    if (n->kind != kind) {
        wrong(c, n, p, node_kind_name(kind));
    }
}

static void check_object(struct checker *c, const struct node *n, const struct place *p,
                         const struct schema_object *type);

/* One value, or one element of a list or map. */
static void check_value(struct checker *c, const struct node *n, const struct place *p,
                        const struct schema_field *field)
{
    if (n->kind == NODE_NULL) {
        return;
    }
    switch ((enum schema_type)field->type) {
    case SCHEMA_STRING:
    case SCHEMA_BYTES:
        check_kind(c, n, p, NODE_STRING);
        break;
    case SCHEMA_INTEGER32:
        check_integer(c, n, p, 32);
        break;
    case SCHEMA_INTEGER64:
        check_integer(c, n, p, 64);
        break;
    case SCHEMA_NUMBER:
        check_kind(c, n, p, NODE_NUMBER);
        break;
    case SCHEMA_BOOLEAN:
        check_kind(c, n, p, NODE_BOOL);
        break;
    case SCHEMA_QUANTITY:
        check_quantity(c, n, p);
        break;
    case SCHEMA_INT_OR_STRING:
        check_int_or_string(c, n, p);
        break;
    case SCHEMA_TIME:
        check_time(c, n, p);
        break;
    case SCHEMA_ANY:
        break;
    case SCHEMA_OBJECT:
        check_object(c, n, p, &schema_objects[field->object]);
        break;
    }
}

static void check_field(struct checker *c, const struct node *n, const struct place *p,
                        const struct schema_field *field)
{
    if (n->kind == NODE_NULL || field->type == SCHEMA_ANY) {
        return;
    }
    if (field->shape == SCHEMA_ONE) {
        check_value(c, n, p, field);
        return;
    }
    enum node_kind kind = field->shape == SCHEMA_LIST ? NODE_LIST : NODE_MAP;
    if (n->kind != kind) {
        wrong(c, n, p, node_kind_name(kind));
        return;
    }
    struct place at = {.parent = p};
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        at.key = m->key;
        check_value(c, m, &at, field);
        at.index++;
    }
}

/* ---- fields ---- */

static int by_name(const void *name, const void *field)
{
    return strcmp(name, ((const struct schema_field *)field)->name);
}

static const struct schema_field *find_field(const struct schema_object *type, const char *name)
{
    return bsearch(name, &schema_fields[type->first], type->field_count, sizeof *schema_fields,
                   by_name);
}

static void unknown_field(struct checker *c, const struct node *n, const struct place *p,
                          const struct schema_object *type)
{
    c->ok = false;
    diag_error(c->diag, n->key_mark, "unknown field \"%s\"", place_text(c, p));
    const char **names = arena_array(&c->scratch, const char *, type->field_count);
    for (size_t i = 0; i < type->field_count; i++) {
        names[i] = schema_fields[type->first + i].name;
    }
    const char *nearest = str_nearest(n->key, names, type->field_count);
    if (nearest != NULL) {
        diag_help(c->diag, "did you mean \"%s\"?", nearest);
    }
    arena_reset(&c->scratch);
}

static void check_object(struct checker *c, const struct node *n, const struct place *p,
                         const struct schema_object *type)
{
    if (n->kind != NODE_MAP) {
        wrong(c, n, p, "a map");
        return;
    }
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        struct place at = {.parent = p, .name = m->key};
        const struct schema_field *field = find_field(type, m->key);
        if (field == NULL) {
            unknown_field(c, m, &at, type);
        } else {
            check_field(c, m, &at, field);
        }
    }
}

/* ---- the door ---- */

const struct schema_kind *schema_find(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < schema_kind_count; i++) {
        if (strcmp(schema_kinds[i].kind, kind) == 0 &&
            strcmp(schema_kinds[i].api_version, api_version) == 0) {
            return &schema_kinds[i];
        }
    }
    return NULL;
}

static bool check(const struct node *node, const struct schema_object *type,
                  const struct place *place, struct diag *d)
{
    struct checker c = {.diag = d, .ok = true};
    check_object(&c, node, place, type);
    arena_drop(&c.scratch);
    return c.ok;
}

bool schema_check(const struct node *object, const struct schema_kind *kind, struct diag *d)
{
    return check(object, &schema_objects[kind->object], NULL, d);
}

bool schema_check_part(const struct node *node, const char *type, const char *path, struct diag *d)
{
    for (size_t i = 0; i < schema_object_count; i++) {
        if (strcmp(schema_objects[i].name, type) == 0) {
            const struct place root = {.name = path};
            return check(node, &schema_objects[i], &root, d);
        }
    }
    return true;
}
