/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the fields of `decide keda` cases and writing their values. A field of the wrong kind is
 * an error with its place and name; a missing one keeps what the caller had.
 *
 * The trap: null is as good as absent, since the vectors write both.
 */
#include "decide_keda_values.h"

#include "base/str.h"
#include "decide_keda.h"

/* The member when it says something; *ok false when it is of another kind. */
static const struct node *member(const struct node *map, const char *key, enum node_kind kind,
                                 bool *ok, struct diag *d)
{
    const struct node *n = node_get(map, key);
    *ok = true;
    if (n == NULL || n->kind == NODE_NULL) {
        return NULL;
    }
    if (n->kind != kind) {
        diag_error(d, n->mark, "field %s: %s is not what is expected here", key,
                   node_kind_name(n->kind));
        *ok = false;
        return NULL;
    }
    return n;
}

bool keda_double(const struct node *n, double *out, struct diag *d)
{
    if (n->kind == NODE_NUMBER && str_to_double(n->text, out)) {
        return true;
    }
    diag_error(d, n->mark, "%s is not a finite number",
               n->kind == NODE_NUMBER ? n->text : node_kind_name(n->kind));
    return false;
}

bool keda_field_double(const struct node *map, const char *key, double *out, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_NUMBER, &ok, d);
    return n != NULL ? keda_double(n, out, d) : ok;
}

bool keda_field_int64(const struct node *map, const char *key, int64_t *out, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_NUMBER, &ok, d);
    double number;
    if (n == NULL || str_to_int64(n->text, out)) {
        return ok;
    }
    if (str_to_double(n->text, &number) && number >= -9e15 && number <= 9e15 &&
        number == (double)(int64_t)number) {
        *out = (int64_t)number;
        return true;
    }
    diag_error(d, n->mark, "field %s: %s is not a whole number of 64 bits", key, n->text);
    return false;
}

bool keda_field_int32(const struct node *map, const char *key, int32_t *out, struct diag *d)
{
    int64_t value = *out;
    if (!keda_field_int64(map, key, &value, d)) {
        return false;
    }
    if (value < INT32_MIN || value > INT32_MAX) {
        diag_error(d, node_get(map, key)->mark, "field %s: %lld is not a whole number of 32 bits",
                   key, (long long)value);
        return false;
    }
    *out = (int32_t)value;
    return true;
}

bool keda_field_bool(const struct node *map, const char *key, bool *out, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_BOOL, &ok, d);
    *out = n != NULL ? str_equal(n->text, "true") : *out;
    return ok;
}

bool keda_field_text(const struct node *map, const char *key, const char **out, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_STRING, &ok, d);
    *out = n != NULL ? n->text : *out;
    return ok;
}

const struct node *keda_list(const struct node *map, const char *key, bool *bad, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_LIST, &ok, d);
    *bad = *bad || !ok;
    return n;
}

const struct node *keda_map(const struct node *map, const char *key, bool *bad, struct diag *d)
{
    bool ok;
    const struct node *n = member(map, key, NODE_MAP, &ok, d);
    *bad = *bad || !ok;
    return n;
}

bool keda_params(struct arena *a, const struct node *map, const char *key,
                 struct scaler_params *out, struct diag *d)
{
    bool bad = false;
    const struct node *params = keda_map(map, key, &bad, d);
    const size_t count = params != NULL ? params->count : 0;
    struct scaler_param *items = arena_array(a, struct scaler_param, count);
    size_t i = 0;
    for (const struct node *n = params != NULL ? params->first : NULL; n != NULL; n = n->next) {
        if (n->kind != NODE_STRING) {
            diag_error(d, n->mark, "field %s.%s: %s where a string is expected", key, n->key,
                       node_kind_name(n->kind));
            bad = true;
            continue;
        }
        items[i++] = (struct scaler_param){.key = n->key, .value = n->text};
    }
    *out = (struct scaler_params){.items = items, .count = i};
    return !bad;
}

void keda_write_quantity(struct arena *a, struct json_writer *w, const struct quantity *q)
{
    json_map(w);
    json_key(w, "milli");
    json_int(w, quantity_milli_value(q));
    json_key(w, "s");
    json_string(w, quantity_string(a, q));
    json_map_end(w);
}

/* ---- the kinds, as the table knows them ---- */

bool keda_decide_formula(struct keda_case *c, struct json_writer *w)
{
    return decide_keda_formula(&c->room->tree, c->root, w, c->read.diag);
}

bool keda_decide_cron(struct keda_case *c, struct json_writer *w)
{
    return decide_keda_cron(&c->room->tree, c->root, w, c->read.diag);
}

bool keda_decide_fallback(struct keda_case *c, struct json_writer *w)
{
    return decide_keda_fallback(&c->room->tree, c->root, w, c->read.diag);
}

bool keda_decide_kafka(struct keda_case *c, struct json_writer *w)
{
    return decide_keda_kafka(&c->room->tree, c->root, w, c->read.diag);
}
