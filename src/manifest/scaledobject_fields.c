/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of single members, and of a list of triggers, for ScaledObjects, ScaledJobs and the
 * cases about them. Upstream: the JSON decoding of KEDA v2.21.0's types (apis/keda/v1alpha1).
 *
 * The trap: numbers keep their text, so 1e3 and 1.0 must be refused where Go wants an int32.
 */
#include "scaledobject_fields.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_CASE 1e7 /* seconds */

void field_error(struct field_reader *r, struct mark at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(r->diag->arena, format, args);
    va_end(args);
    diag_error(r->diag, at, "%s", text);
    r->bad = true;
}

const struct node *field_member(struct field_reader *r, const struct node *map, const char *key,
                                enum node_kind kind)
{
    const struct node *n = node_get(map, key);
    if (n == NULL || n->kind == NODE_NULL) {
        return NULL;
    }
    if (n->kind != kind) {
        field_error(r, n->mark, "field %s is %s, it must be %s", key, node_kind_name(n->kind),
                    node_kind_name(kind));
        return NULL;
    }
    return n;
}

const char *field_string(struct field_reader *r, const struct node *map, const char *key)
{
    const struct node *n = field_member(r, map, key, NODE_STRING);
    return n != NULL ? n->text : "";
}

bool field_bool(struct field_reader *r, const struct node *map, const char *key)
{
    const struct node *n = field_member(r, map, key, NODE_BOOL);
    return n != NULL && strcmp(n->text, "true") == 0;
}

struct optional_int32 field_int32(struct field_reader *r, const struct node *map, const char *key)
{
    const struct node *n = field_member(r, map, key, NODE_NUMBER);
    int64_t value = 0;
    if (n == NULL) {
        return (struct optional_int32){0};
    }
    if (!str_to_int64(n->text, &value) || value < INT32_MIN || value > INT32_MAX) {
        field_error(r, n->mark, "field %s: %s is not a whole number of 32 bits", key, n->text);
        return (struct optional_int32){0};
    }
    return (struct optional_int32){true, (int32_t)value};
}

double field_number(struct field_reader *r, const struct node *map, const char *key)
{
    const struct node *n = field_member(r, map, key, NODE_NUMBER);
    double value = 0;
    if (n != NULL && !str_to_double(n->text, &value)) {
        field_error(r, n->mark, "field %s: %s is out of range", key, n->text);
    }
    return value;
}

simtime field_seconds(struct field_reader *r, const struct node *map, const char *key)
{
    const double value = field_number(r, map, key);
    if (value > LONGEST_CASE || value < -LONGEST_CASE) {
        field_error(r, node_get(map, key)->mark, "field %s: a case lasts 10,000,000 s at most",
                    key);
        return 0;
    }
    return simtime_seconds(value);
}

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct label *)x)->key, ((const struct label *)y)->key);
}

struct label *field_strings(struct field_reader *r, const struct node *map, const char *key,
                            size_t *count)
{
    const struct node *n = field_member(r, map, key, NODE_MAP);
    struct label *labels = arena_array(r->arena, struct label, n != NULL ? n->count : 0);
    *count = 0;
    for (const struct node *m = n != NULL ? n->first : NULL; m != NULL; m = m->next) {
        if (m->kind != NODE_STRING) {
            field_error(r, m->mark, "field %s.%s is %s, it must be a string", key, m->key,
                        node_kind_name(m->kind));
            continue;
        }
        labels[(*count)++] = (struct label){.key = m->key, .value = m->text};
    }
    if (*count > 1) {
        qsort(labels, *count, sizeof labels[0], by_key);
    }
    return labels;
}

struct scale_trigger *field_triggers(struct field_reader *r, const struct node *spec, size_t *count)
{
    const struct node *list = field_member(r, spec, "triggers", NODE_LIST);
    struct scale_trigger *triggers =
        arena_array(r->arena, struct scale_trigger, list != NULL ? list->count : 0);
    *count = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        struct scale_trigger *t = &triggers[(*count)++];
        if (n->kind != NODE_MAP) {
            field_error(r, n->mark, "a trigger is %s, it must be a map", node_kind_name(n->kind));
        }
        t->mark = n->mark;
        t->type = field_string(r, n, "type");
        t->name = field_string(r, n, "name");
        t->metric_type = field_string(r, n, "metricType");
        t->has_authentication = field_member(r, n, "authenticationRef", NODE_MAP) != NULL;
        t->use_cached_metrics = field_bool(r, n, "useCachedMetrics");
        t->metadata = field_strings(r, n, "metadata", &t->metadata_count);
        if (*t->type == '\0') {
            field_error(r, n->mark, "a trigger needs a type");
        }
    }
    return triggers;
}
