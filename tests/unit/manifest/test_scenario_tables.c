/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scenario's tables themselves: every field is documented, no two of a type share a
 * name, every default reads, and every example is what the reader takes.
 */
#include "base/str.h"
#include "base/vec.h"
#include "manifest/decode.h"
#include "manifest/jsonschema.h"
#include "manifest/scenario.h"
#include "manifest/yaml.h"

#include <criterion/criterion.h>
#include <string.h>

struct types {
    struct arena arena;
    VEC(const struct object_type *) list;
};

static void collect(struct types *t, const struct object_type *type)
{
    const struct field *f;
    for (size_t i = 0; i < t->list.len; i++)
        if (t->list.items[i] == type)
            return;
    *vec_push(&t->arena, &t->list) = type;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (f->type_of)
            collect(t, f->type_of);
}

static bool takes_types(enum field_type type)
{
    return type == FIELD_OBJECT || type == FIELD_POINTER || type == FIELD_LIST ||
           type == FIELD_DICTIONARY;
}

Test(scenario_tables, documented)
{
    struct types t = {0};
    const struct field *f;
    const struct field *other;
    collect(&t, &scenario_type);
    cr_expect(t.list.len > 40);
    for (size_t i = 0; i < t.list.len; i++) {
        const struct object_type *type = t.list.items[i];
        cr_expect(type->name && type->doc, "type %zu", i);
        for (size_t j = 0; j < i; j++)
            cr_expect(!str_equal(type->name, t.list.items[j]->name), "two %s", type->name);
        for (size_t j = 0; (f = object_type_field(type, j)); j++) {
            cr_expect(f->doc && str_ends(f->doc, "."), "%s.%s", type->name, f->name);
            cr_expect_eq(takes_types(f->type), f->type_of != NULL, "%s.%s", type->name, f->name);
            cr_expect_eq(f->type == FIELD_WORD, f->words != NULL, "%s.%s", type->name, f->name);
            cr_expect(!(f->flags & FIELD_REQUIRED) || !f->initial, "%s.%s", type->name, f->name);
            for (size_t k = 0; k < j && (other = object_type_field(type, k)); k++)
                cr_expect(!str_equal(f->name, other->name), "%s.%s", type->name, f->name);
        }
    }
    arena_drop(&t.arena);
}

/* A document with this one member; what is missing beside it does not matter. */
static void check_example(const struct object_type *type, const struct field *f)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct decoder decoder = {.arena = &a, .diag = &d};
    struct yaml_stream stream = {0};
    const char *text = arena_printf(&a, "%s: %s\n", f->name, f->example);
    const char *prefix = arena_printf(&a, "T.%s", f->name);
    uint32_t source = diag_source(&d, "example", text, strlen(text));
    cr_assert(yaml_read(&a, text, strlen(text), source, &d, &stream), "%s: %s", type->name, text);
    void *out = arena_alloc(&a, object_type_size(type), _Alignof(max_align_t));
    decode_object(&decoder, type, stream.documents[0], "T", out);
    for (size_t i = 0; diag_message(&d, i); i++)
        cr_expect(!str_starts(diag_message(&d, i), prefix), "%s: %s: %s", type->name, text,
                  diag_message(&d, i));
    arena_drop(&a);
}

Test(scenario_tables, examples)
{
    struct types t = {0};
    const struct field *f;
    size_t examples = 0;
    collect(&t, &scenario_type);
    for (size_t i = 0; i < t.list.len; i++)
        for (size_t j = 0; (f = object_type_field(t.list.items[i], j)); j++) {
            cr_expect(f->example || !(f->flags & FIELD_REQUIRED) || f->type_of, "%s.%s",
                      t.list.items[i]->name, f->name);
            if (f->example) {
                check_example(t.list.items[i], f);
                examples++;
            }
        }
    cr_expect(examples > 70, "%zu", examples);
    arena_drop(&t.arena);
}

/* A required field must not be asked for where its object is absent. */
Test(scenario_tables, defaults)
{
    struct types t = {0};
    collect(&t, &scenario_type);
    for (size_t i = 0; i < t.list.len; i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct decoder decoder = {.arena = &a, .diag = &d};
        const struct object_type *type = t.list.items[i];
        void *out = arena_alloc(&a, object_type_size(type) + 1, _Alignof(max_align_t));
        bool optional = false;
        const struct field *f;
        for (size_t j = 0; j < t.list.len; j++)
            for (size_t k = 0; (f = object_type_field(t.list.items[j], k)); k++)
                optional |= f->type == FIELD_OBJECT && f->type_of == type &&
                            !(f->flags & FIELD_REQUIRED) && !f->initial;
        if (optional)
            cr_expect(decode_object(&decoder, type, NULL, "T", out) && d.errors == 0, "%s: %s",
                      type->name, diag_message(&d, 0));
        arena_drop(&a);
    }
    arena_drop(&t.arena);
}

Test(scenario_tables, schema)
{
    struct arena a = {0};
    struct types t = {0};
    collect(&t, &scenario_type);
    const char *text = jsonschema_text(&a, &scenario_type, "urn:x");
    for (size_t i = 1; i < t.list.len; i++) {
        const char *name = t.list.items[i]->name;
        cr_expect(strstr(text, arena_printf(&a, "\n    \"%s\": {", name)), "%s", name);
        cr_expect(strstr(text, arena_printf(&a, "\"#/$defs/%s\"", name)) ||
                      t.list.items[i]->dictionary_value || !t.list.items[i]->field_count,
                  "%s", name);
    }
    cr_expect(str_starts(text, "{\n") && str_ends(text, "}\n"));
    arena_drop(&a);
    arena_drop(&t.arena);
}
