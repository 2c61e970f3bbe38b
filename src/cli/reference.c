/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `podtide help scenario`: every field of a scenario with its type, default and an example,
 * from the tables that read it. Types follow in the order in which they are first used.
 */
#include "base/str.h"
#include "base/vec.h"
#include "commands.h"
#include "manifest/decode.h"
#include "manifest/scenario.h"

#include <string.h>

struct reference {
    struct arena *arena;
    FILE *out;
    VEC(const struct object_type *) types;
};

static void collect(struct reference *r, const struct object_type *type)
{
    const struct field *f;
    for (size_t i = 0; i < r->types.len; i++)
        if (r->types.items[i] == type)
            return;
    *vec_push(r->arena, &r->types) = type;
    for (size_t i = 0; (f = object_type_field(type, i)); i++)
        if (f->type_of)
            collect(r, f->type_of);
}

static const char *joined(struct arena *a, const char *const *words)
{
    struct strbuf all = {.arena = a};
    for (size_t i = 0; words[i]; i++)
        strbuf_printf(&all, "%s%s", i ? " | " : "", words[i]);
    return strbuf_text(&all);
}

static const char *type_words(struct reference *r, const struct field *f)
{
    static const char *const words[] = {
        [FIELD_STRING] = "text",         [FIELD_NAME] = "name",
        [FIELD_BOOL] = "true or false",  [FIELD_INT32] = "whole number",
        [FIELD_UINT64] = "whole number", [FIELD_DOUBLE] = "number",
        [FIELD_DURATION] = "duration",   [FIELD_SECONDS] = "duration",
        [FIELD_CORES] = "cores",         [FIELD_BYTES] = "bytes",
        [FIELD_INSTANT] = "time",        [FIELD_STRINGS] = "list of texts",
        [FIELD_TEXTS] = "map of texts",  [FIELD_NODE] = "any value",
        [FIELD_DICTIONARY] = "map",
    };
    switch (f->type) {
    case FIELD_WORD:
        return joined(r->arena, f->words);
    case FIELD_OBJECT:
    case FIELD_POINTER:
        return f->type_of->name;
    case FIELD_LIST:
        return arena_printf(r->arena, "list of %s", f->type_of->name);
    default:
        return words[f->type];
    }
}

static void write_field(struct reference *r, const struct field *f)
{
    fprintf(r->out, "  %s: %s", f->name, type_words(r, f));
    if (f->flags & FIELD_REQUIRED)
        fputs(", required", r->out);
    if (f->initial)
        fprintf(r->out, ", default %s", f->initial);
    fputs("\n      ", r->out);
    help_wrap(r->out, f->doc, 6, 6);
    if (f->example)
        fprintf(r->out, "      e.g. %s: %s\n", f->name, f->example);
}

static void write_fields(struct reference *r, const struct object_type *type, bool alternatives)
{
    bool first = true;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *f = &type->fields[i];
        if (((f->flags & FIELD_ONE_OF) != 0) != alternatives)
            continue;
        if (alternatives && first)
            fputs("  one of\n", r->out);
        first = false;
        write_field(r, f);
    }
}

void help_scenario(struct arena *a, FILE *out)
{
    struct reference r = {.arena = a, .out = out};
    collect(&r, &scenario_type);
    fputs("The fields of a scenario. Durations are written 500ms, 30s, 1h30m, 2d; cores 500m, 2;\n"
          "bytes 64Mi, 1.5Gi; times 2024-03-01T08:00:00+01:00.\n",
          out);
    for (size_t i = 0; i < r.types.len; i++) {
        const struct object_type *type = r.types.items[i];
        fprintf(out, "\n%s:", type->name);
        help_wrap(out, type->doc, (int)strlen(type->name) + 1, 0);
        if (type->scalar_doc) {
            fputs("  short form:", out);
            help_wrap(out, type->scalar_doc, 13, 6);
        }
        if (type->base)
            fprintf(out, "  all fields of %s, and\n", type->base->name);
        write_fields(&r, type, true);
        write_fields(&r, type, false);
    }
}
