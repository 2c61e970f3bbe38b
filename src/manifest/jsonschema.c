/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the JSON Schema of a table-described document. Two passes: first all types
 * that are reached get a place in $defs, then each is written; recursion (a load made of
 * loads) is a $ref like any other.
 *
 * Trap: null means "absent" to the reader, so no schema forbids it by accident where an
 * editor would complain about `field:` half typed; types are nevertheless strict.
 */
#include "manifest/jsonschema.h"

#include "base/json.h"
#include "base/str.h"
#include "base/vec.h"

#include <math.h>
#include <string.h>

struct schema {
    struct arena *arena;
    struct json_writer *w;
    VEC(const struct object_type *) types;
};

static void collect(struct schema *s, const struct object_type *type)
{
    for (size_t i = 0; i < s->types.len; i++)
        if (s->types.items[i] == type)
            return;
    *vec_push(s->arena, &s->types) = type;
    const struct field *f;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (f->type_of)
            collect(s, f->type_of);
}

static void write_ref(struct schema *s, const struct object_type *type)
{
    json_key(s->w, "$ref");
    json_string(s->w, arena_printf(s->arena, "#/$defs/%s", type->name));
}

static void write_text(struct schema *s, const char *key, const char *text)
{
    json_key(s->w, key);
    json_string(s->w, text);
}

/* "number string" -> ["number", "string"] */
static void write_types(struct schema *s, const char *words)
{
    json_key(s->w, "type");
    if (!strchr(words, ' ')) {
        json_string(s->w, words);
        return;
    }
    json_list(s->w);
    while (*words) {
        size_t len = strcspn(words, " ");
        json_string(s->w, arena_strndup(s->arena, words, len));
        words += len + (words[len] == ' ');
    }
    json_list_end(s->w);
}

static void write_number(struct schema *s, const char *key, double value)
{
    json_key(s->w, key);
    json_double(s->w, value);
}

static void write_bounds(struct schema *s, const struct field *f)
{
    bool bounded = f->min != 0 || f->max != 0;
    if (f->flags & FIELD_POSITIVE)
        write_number(s, "exclusiveMinimum", 0);
    else if (bounded)
        write_number(s, "minimum", f->min);
    else if (!(f->flags & FIELD_ANY_SIGN))
        write_number(s, "minimum", 0);
    if (bounded)
        write_number(s, "maximum", f->max);
    else if (f->type == FIELD_INT32)
        write_number(s, "maximum", INT32_MAX);
}

static void write_words(struct schema *s, const struct field *f)
{
    json_key(s->w, "enum");
    json_list(s->w);
    for (size_t i = 0; f->words[i]; i++)
        json_string(s->w, f->words[i]);
    json_list_end(s->w);
}

/* -?(number unit)+, as duration_parse_friendly reads it; "0" alone is fine. */
static void write_duration(struct schema *s, const struct field *f)
{
    write_text(s, "type", "string");
    const char *sign = f->flags & FIELD_ANY_SIGN ? "[-+]?" : "\\+?";
    write_text(s, "pattern",
               arena_printf(s->arena,
                            "^%s(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w))+)$",
                            sign));
}

static void write_list(struct schema *s, const struct field *f)
{
    write_text(s, "type", "array");
    if (f->flags & FIELD_NOT_EMPTY)
        write_number(s, "minItems", 1);
    json_key(s->w, "items");
    json_map(s->w);
    write_ref(s, f->type_of);
    json_map_end(s->w);
}

static void write_strings(struct schema *s)
{
    write_types(s, "string array");
    json_key(s->w, "items");
    json_map(s->w);
    write_text(s, "type", "string");
    json_map_end(s->w);
}

static void write_dictionary(struct schema *s, const char *value)
{
    write_text(s, "type", "object");
    if (!value)
        return;
    json_key(s->w, "additionalProperties");
    json_map(s->w);
    write_types(s, value);
    json_map_end(s->w);
}

static void write_text_value(struct schema *s)
{
    write_text(s, "type", "string");
    json_key(s->w, "minLength");
    json_int(s->w, 1);
}

static void write_name(struct schema *s)
{
    write_text(s, "type", "string");
    write_text(s, "pattern", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$");
}

static void write_quantity(struct schema *s)
{
    write_types(s, "number string");
    write_text(s, "pattern",
               "^\\+?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$");
}

static void write_plain_number(struct schema *s, const struct field *f)
{
    write_text(s, "type", f->type == FIELD_DOUBLE ? "number" : "integer");
    if (f->type == FIELD_UINT64)
        write_number(s, "minimum", 0);
    else
        write_bounds(s, f);
}

static void write_value(struct schema *s, const struct field *f)
{
    switch (f->type) {
    case FIELD_STRING:
    case FIELD_INSTANT:
        write_text_value(s);
        break;
    case FIELD_NAME:
        write_name(s);
        break;
    case FIELD_BOOL:
        write_text(s, "type", "boolean");
        break;
    case FIELD_INT32:
    case FIELD_UINT64:
    case FIELD_DOUBLE:
        write_plain_number(s, f);
        break;
    case FIELD_DURATION:
    case FIELD_SECONDS:
        write_duration(s, f);
        break;
    case FIELD_CORES:
    case FIELD_BYTES:
        write_quantity(s);
        break;
    case FIELD_WORD:
        write_words(s, f);
        break;
    case FIELD_STRINGS:
        write_strings(s);
        break;
    case FIELD_TEXTS:
        write_dictionary(s, "string");
        break;
    case FIELD_OBJECT:
    case FIELD_POINTER:
        write_ref(s, f->type_of);
        break;
    case FIELD_LIST:
        write_list(s, f);
        break;
    case FIELD_DICTIONARY:
        write_dictionary(s, f->type_of->dictionary_value);
        break;
    case FIELD_NODE: /* anything */
        break;
    }
}

static void write_default(struct schema *s, const struct field *f)
{
    json_key(s->w, "default");
    if (f->type == FIELD_INT32 || f->type == FIELD_UINT64 || f->type == FIELD_DOUBLE)
        json_raw(s->w, f->initial);
    else if (f->type == FIELD_BOOL)
        json_bool(s->w, str_equal(f->initial, "true"));
    else
        json_string(s->w, f->initial);
}

static void write_properties(struct schema *s, const struct object_type *type)
{
    const struct field *f;
    json_key(s->w, "properties");
    json_map(s->w);
    for (size_t i = 0; (f = object_type_field(type, i)); i++) {
        json_key(s->w, f->name);
        json_map(s->w);
        write_text(s, "description", f->doc);
        write_value(s, f);
        if (f->initial)
            write_default(s, f);
        json_map_end(s->w);
    }
    json_map_end(s->w);
}

static size_t count_flag(const struct object_type *type, unsigned flag)
{
    size_t n = 0;
    const struct field *f;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        n += (f->flags & flag) != 0;
    return n;
}

static void write_required(struct schema *s, const struct object_type *type)
{
    if (!count_flag(type, FIELD_REQUIRED))
        return;
    const struct field *f;
    json_key(s->w, "required");
    json_list(s->w);
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (f->flags & FIELD_REQUIRED)
            json_string(s->w, f->name);
    json_list_end(s->w);
}

static void write_one_of(struct schema *s, const struct object_type *type)
{
    if (!count_flag(type, FIELD_ONE_OF))
        return;
    const struct field *f;
    json_key(s->w, "oneOf");
    json_list(s->w);
    for (size_t i = 0; (f = object_type_field(type, i)); i++) {
        if (!(f->flags & FIELD_ONE_OF))
            continue;
        json_map(s->w);
        json_key(s->w, "required");
        json_list(s->w);
        json_string(s->w, f->name);
        json_list_end(s->w);
        json_map_end(s->w);
    }
    json_list_end(s->w);
}

static void write_object(struct schema *s, const struct object_type *type)
{
    write_text(s, "type", "object");
    write_properties(s, type);
    write_required(s, type);
    write_one_of(s, type);
    json_key(s->w, "additionalProperties");
    json_bool(s->w, false);
}

static void write_short_form(struct schema *s, const struct object_type *type)
{
    write_text(s, "description", type->scalar_doc);
    write_types(s, type->scalar_types);
}

static void write_type(struct schema *s, const struct object_type *type)
{
    bool object = type->field_count || type->base;
    write_text(s, "description", type->doc);
    if (type->scalar && object) {
        json_key(s->w, "anyOf");
        json_list(s->w);
        json_map(s->w);
        write_short_form(s, type);
        json_map_end(s->w);
        json_map(s->w);
        write_object(s, type);
        json_map_end(s->w);
        json_list_end(s->w);
    } else if (type->scalar) {
        write_types(s, type->scalar_types);
    } else if (object) {
        write_object(s, type);
    } else {
        write_dictionary(s, type->dictionary_value);
    }
}

const char *jsonschema_text(struct arena *a, const struct object_type *document, const char *id)
{
    struct schema s = {.arena = a, .w = json_writer_new(a, true)};
    collect(&s, document);
    json_map(s.w);
    write_text(&s, "$schema", "https://json-schema.org/draft/2020-12/schema");
    write_text(&s, "$id", id);
    write_text(&s, "title", document->name);
    write_type(&s, document);
    json_key(s.w, "$defs");
    json_map(s.w);
    for (size_t i = 1; i < s.types.len; i++) {
        json_key(s.w, s.types.items[i]->name);
        json_map(s.w);
        write_type(&s, s.types.items[i]);
        json_map_end(s.w);
    }
    json_map_end(s.w);
    json_map_end(s.w);
    return json_text(s.w, NULL);
}
