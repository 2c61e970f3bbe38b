/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table-driven reader. It walks a map once for unknown keys and once through the
 * table for what is missing, so every mistake of a document is reported in one run.
 *
 * null counts as absent, as in the API server. Defaults are texts that go through the
 * same reader as the user's values: what the documentation shows is what is used.
 *
 * Trap: a default lies in static memory with no place in any file; a table with a
 * broken default is our bug, so it is required to read.
 */
#include "manifest/decode.h"

#include "base/require.h"
#include "base/str.h"

#include <string.h>

const struct field *object_type_field(const struct object_type *type, size_t i)
{
    size_t before = 0;
    if (type->base) {
        const struct field *f = object_type_field(type->base, i);
        if (f)
            return f;
        while (object_type_field(type->base, before))
            before++;
    }
    return i - before < type->field_count ? &type->fields[i - before] : NULL;
}

size_t object_type_size(const struct object_type *type)
{
    return type->out_size ? type->out_size : type->size;
}

static const struct field *field_by_name(const struct object_type *type, const char *name)
{
    const struct field *f;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (str_equal(f->name, name))
            return f;
    return NULL;
}

void decode_unknown(struct decoder *d, const struct node *member, const char *path,
                    const char *const *names, size_t count)
{
    diag_error(d->diag, member->key_mark, "%s%sunknown field \"%s\"", path, *path ? ": " : "",
               member->key);
    const char *near = str_nearest(member->key, names, count);
    if (near) {
        diag_help(d->diag, "did you mean \"%s\"?", near);
        return;
    }
    struct strbuf all = {.arena = d->arena};
    for (size_t i = 0; i < count && all.len < 400; i++)
        strbuf_printf(&all, "%s%s", i ? ", " : "", names[i]);
    diag_help(d->diag, "the fields here are: %s", strbuf_text(&all));
}

static bool check_keys(struct decoder *d, const struct object_type *type, const struct node *node,
                       const char *path)
{
    bool ok = true;
    size_t count = 0;
    while (object_type_field(type, count))
        count++;
    const char **names = arena_array(d->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = object_type_field(type, i)->name;
    for (const struct node *m = node->first; m; m = m->next) {
        if (field_by_name(type, m->key))
            continue;
        decode_unknown(d, m, path, names, count);
        ok = false;
    }
    return ok;
}

static bool wrong_kind(struct decoder *d, const struct node *node, const char *path,
                       const char *expected)
{
    diag_error(d->diag, node->mark, "%s: expected %s, found %s", path, expected,
               node_kind_name(node->kind));
    return false;
}

static bool decode_list(struct decoder *d, const struct field *f, const struct node *node,
                        const char *path, struct item_list *out)
{
    if (node->kind != NODE_LIST) {
        wrong_kind(d, node, path, "a list");
        if (node->kind == NODE_MAP)
            diag_help(d->diag, "begin each item with \"- \"");
        return false;
    }
    if ((f->flags & FIELD_NOT_EMPTY) && node->count == 0) {
        diag_error(d->diag, node->mark, "%s: the list must not be empty", path);
        return false;
    }
    bool ok = true;
    size_t size = object_type_size(f->type_of);
    char *items = arena_alloc_array(d->arena, node->count, size, _Alignof(max_align_t));
    size_t i = 0;
    for (const struct node *n = node->first; n; n = n->next, i++) {
        const char *item_path = arena_printf(d->arena, "%s[%zu]", path, i);
        if (n->kind == NODE_NULL)
            ok = wrong_kind(d, n, item_path, "an item");
        else
            ok &= decode_object(d, f->type_of, n, item_path, items + i * size);
    }
    *out = (struct item_list){items, node->count};
    return ok;
}

static bool decode_strings(struct decoder *d, const struct node *node, const char *path,
                           struct string_list *out)
{
    bool single = node->kind == NODE_STRING;
    if (!single && node->kind != NODE_LIST)
        return wrong_kind(d, node, path, "a list of strings");
    bool ok = true;
    size_t count = single ? 1 : node->count;
    *out = (struct string_list){arena_array(d->arena, const char *, count),
                                arena_array(d->arena, struct mark, count), 0};
    for (const struct node *n = single ? node : node->first; n; n = single ? NULL : n->next) {
        if (!node_string(n) || n->len == 0) {
            const char *item = arena_printf(d->arena, "%s[%zu]", path, out->count);
            ok = wrong_kind(d, n, item, "a string that is not empty");
            continue;
        }
        out->items[out->count] = n->text;
        out->marks[out->count++] = n->mark;
    }
    return ok;
}

static bool decode_texts(struct decoder *d, const struct node *node, const char *path,
                         struct label_list *out)
{
    if (node->kind != NODE_MAP)
        return wrong_kind(d, node, path, "a map of strings");
    bool ok = true;
    *out = (struct label_list){arena_array(d->arena, struct label, node->count), 0};
    for (const struct node *n = node->first; n; n = n->next) {
        if (n->kind != NODE_STRING) {
            ok = wrong_kind(d, n, arena_printf(d->arena, "%s.%s", path, n->key), "a string");
            diag_help(d->diag, "put it in quotes");
            continue;
        }
        out->items[out->count++] = (struct label){n->key, n->text};
    }
    return ok;
}

static bool decode_pointer(struct decoder *d, const struct field *f, const struct node *node,
                           const char *path, void **out)
{
    *out = arena_alloc(d->arena, object_type_size(f->type_of), _Alignof(max_align_t));
    return decode_object(d, f->type_of, node, path, *out);
}

static bool decode_value(struct decoder *d, const struct field *f, const struct node *node,
                         const char *path, void *out)
{
    switch (f->type) {
    case FIELD_OBJECT:
        return decode_object(d, f->type_of, node, path, out);
    case FIELD_POINTER:
        return decode_pointer(d, f, node, path, out);
    case FIELD_LIST:
        return decode_list(d, f, node, path, out);
    case FIELD_STRINGS:
        return decode_strings(d, node, path, out);
    case FIELD_TEXTS:
        return decode_texts(d, node, path, out);
    case FIELD_NODE:
        *(const struct node **)out = node;
        return true;
    case FIELD_DICTIONARY:
        if (node->kind != NODE_MAP)
            return wrong_kind(d, node, path, "a map");
        d->path = path;
        return f->type_of->finish(d, node, node, out);
    default:
        return decode_scalar(d, f, node, path, out);
    }
}

/* The node that a default's text would be read as. */
static struct node default_node(const struct field *f)
{
    struct node n = {.kind = NODE_STRING, .text = f->initial, .len = strlen(f->initial)};
    switch (f->type) {
    case FIELD_INT32:
    case FIELD_UINT64:
    case FIELD_DOUBLE:
        n.kind = NODE_NUMBER;
        break;
    case FIELD_BOOL:
        n.kind = NODE_BOOL;
        break;
    default:
        break;
    }
    return n;
}

static void decode_default(struct decoder *d, const struct field *f, const char *path, char *raw)
{
    if (f->initial) {
        struct node n = default_node(f);
        bool ok = decode_value(d, f, &n, path, raw + f->offset);
        require(ok);
        return;
    }
    if (f->type == FIELD_OBJECT)
        decode_object(d, f->type_of, NULL, path, raw + f->offset);
}

static bool decode_member(struct decoder *d, const struct field *f, const struct node *member,
                          const char *path, char *raw)
{
    if (f->has)
        *(bool *)(raw + f->has) = true;
    if (f->mark)
        *(struct mark *)(raw + f->mark) = member->mark;
    return decode_value(d, f, member, path, raw + f->offset);
}

/* Is one of the unknown keys this field, misspelt? Then it has been reported already. */
static bool misspelt(const struct object_type *type, const struct field *f, const struct node *node)
{
    for (const struct node *m = node->first; m; m = m->next)
        if (!field_by_name(type, m->key) && str_nearest(m->key, &f->name, 1))
            return true;
    return false;
}

static bool missing(struct decoder *d, const struct object_type *type, const struct field *f,
                    const struct node *node, const char *path)
{
    if (misspelt(type, f, node))
        return false;
    diag_error(d->diag, node->mark, "%s%s\"%s\" is required", path, *path ? ": " : "", f->name);
    if (f->example)
        diag_help(d->diag, "for example %s: %s", f->name, f->example);
    return false;
}

static const char *one_of_names(struct decoder *d, const struct object_type *type)
{
    struct strbuf names = {.arena = d->arena};
    const struct field *f;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (f->flags & FIELD_ONE_OF)
            strbuf_printf(&names, "%s%s", names.len ? ", " : "", f->name);
    return names.len ? strbuf_text(&names) : NULL;
}

/* Of the fields marked FIELD_ONE_OF, when there are any, exactly one must be there. */
static bool check_one_of(struct decoder *d, const struct object_type *type, const struct node *node,
                         const char *path)
{
    const struct node *found = NULL;
    const char *names = one_of_names(d, type);
    bool ok = true;
    for (const struct node *m = names ? node->first : NULL; m; m = m->next) {
        const struct field *f = field_by_name(type, m->key);
        if (!f || !(f->flags & FIELD_ONE_OF) || m->kind == NODE_NULL)
            continue;
        if (found) {
            diag_error(d->diag, m->key_mark, "%s: \"%s\" cannot stand beside \"%s\"", path, m->key,
                       found->key);
            diag_help(d->diag, "give one of them");
            ok = false;
        }
        found = m;
    }
    if (names && !found) {
        diag_error(d->diag, node->mark, "%s: nothing is said about what it is", path);
        diag_help(d->diag, "give one of: %s", names);
        ok = false;
    }
    return ok;
}

static bool decode_fields(struct decoder *d, const struct object_type *type,
                          const struct node *node, const char *path, char *raw)
{
    bool ok = node ? check_keys(d, type, node, path) : true;
    const struct field *f;
    for (size_t i = 0; (f = object_type_field(type, i)); i++) {
        const char *field_path = *path ? arena_printf(d->arena, "%s.%s", path, f->name) : f->name;
        const struct node *member = node_get(node, f->name);
        if (member && member->kind != NODE_NULL)
            ok &= decode_member(d, f, member, field_path, raw);
        else if (node && (f->flags & FIELD_REQUIRED))
            ok = missing(d, type, f, node, path);
        else
            decode_default(d, f, field_path, raw);
    }
    return (!node || check_one_of(d, type, node, path)) && ok;
}

bool decode_object(struct decoder *d, const struct object_type *type, const struct node *node,
                   const char *path, void *out)
{
    if (node && node->kind == NODE_NULL)
        node = NULL;
    void *raw = type->finish ? arena_alloc(d->arena, type->size, _Alignof(max_align_t)) : out;
    bool ok = true;
    bool scalar_only = !type->field_count && !type->base;
    d->path = path;
    if (node && type->scalar && (node->kind != NODE_MAP || scalar_only)) {
        if (!type->scalar(d, node, raw))
            return false;
    } else if (node && node->kind != NODE_MAP) {
        return wrong_kind(d, node, path, "a map");
    } else {
        ok = decode_fields(d, type, node, path, raw);
    }
    if (!ok || !type->finish)
        return ok;
    d->path = path;
    return type->finish(d, node, raw, out);
}
