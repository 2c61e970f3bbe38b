/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which pods a selector means, and how the selector is written in messages and
 * queries. The idea: one sorted list of requirements, whatever it was made from, as
 * upstream's internalSelector.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/labels/selector.go (Requirement.Matches,
 * Selector.String, NewRequirement) and LabelSelectorAsSelector of pkg/apis/meta/v1.
 * The trap: the zero selector selects everything, a missing LabelSelector nothing; notin
 * and != hold for pods that have no such label; values are sorted only when printed.
 */
#include "kube/labels.h"

#include "base/str.h"
#include "labels_internal.h"

#include <stdint.h>
#include <string.h>

const char *labels_get(const struct label *labels, size_t count, const char *key)
{
    for (size_t i = count; i-- > 0;) {
        if (strcmp(labels[i].key, key) == 0) {
            return labels[i].value;
        }
    }
    return NULL;
}

/* ---- matching ---- */

static bool has_value(const struct label_requirement *r, const char *value)
{
    for (size_t i = 0; i < r->value_count; i++) {
        if (strcmp(r->values[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static bool matches_order(const struct label_requirement *r, const char *value)
{
    int64_t have;
    int64_t want;
    if (!str_to_int64(value, &have) || r->value_count != 1 || !str_to_int64(r->values[0], &want)) {
        return false;
    }
    return r->op == LABEL_GREATER_THAN ? have > want : have < want;
}

bool label_requirement_matches(const struct label_requirement *r, const struct label *labels,
                               size_t count)
{
    const char *value = labels_get(labels, count, r->key);
    switch (r->op) {
    case LABEL_IN:
    case LABEL_EQUALS:
    case LABEL_DOUBLE_EQUALS:
        return value != NULL && has_value(r, value);
    case LABEL_NOT_IN:
    case LABEL_NOT_EQUALS:
        return value == NULL || !has_value(r, value);
    case LABEL_EXISTS:
        return value != NULL;
    case LABEL_DOES_NOT_EXIST:
        return value == NULL;
    case LABEL_GREATER_THAN:
    case LABEL_LESS_THAN:
        return value != NULL && matches_order(r, value);
    }
    return false;
}

bool label_selector_matches(const struct label_selector *s, const struct label *labels,
                            size_t count)
{
    if (s->nothing) {
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (!label_requirement_matches(&s->requirements[i], labels, count)) {
            return false;
        }
    }
    return true;
}

bool label_selector_is_empty(const struct label_selector *s)
{
    return !s->nothing && s->count == 0;
}

/* ---- making ---- */

/* By key; equal keys keep their order. Selectors are short. */
void label_requirements_sort(struct label_requirement *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct label_requirement r = list[i];
        size_t at = i;
        for (; at > 0 && strcmp(list[at - 1].key, r.key) > 0; at--) {
            list[at] = list[at - 1];
        }
        list[at] = r;
    }
}

/* An ErrorList.ToAggregate under way: messages once each, "[a, b]" when several. */
struct aggregate {
    struct arena *arena;
    const char *items[8];
    size_t count;
};

static void complain(struct aggregate *errors, const char *message)
{
    for (size_t i = 0; i < errors->count; i++) {
        if (strcmp(errors->items[i], message) == 0) {
            return;
        }
    }
    if (errors->count < sizeof errors->items / sizeof *errors->items) {
        errors->items[errors->count++] = message;
    }
}

static const char *aggregate_text(const struct aggregate *errors)
{
    if (errors->count <= 1) {
        return errors->count == 0 ? NULL : errors->items[0];
    }
    struct strbuf b = {.arena = errors->arena};
    for (size_t i = 0; i < errors->count; i++) {
        strbuf_printf(&b, "%s%s", i == 0 ? "[" : ", ", errors->items[i]);
    }
    strbuf_char(&b, ']');
    return strbuf_text(&b);
}

/* What the operator says about the values as a list; NULL when they suit it. */
static const char *values_problem(const struct label_requirement *r)
{
    switch (r->op) {
    case LABEL_IN:
    case LABEL_NOT_IN:
        return r->value_count == 0 ? "for 'in', 'notin' operators, values set can't be empty"
                                   : NULL;
    case LABEL_EQUALS:
    case LABEL_DOUBLE_EQUALS:
    case LABEL_NOT_EQUALS:
        return r->value_count != 1 ? "exact-match compatibility requires one single value" : NULL;
    case LABEL_EXISTS:
    case LABEL_DOES_NOT_EXIST:
        return r->value_count != 0 ? "values set must be empty for exists and does not exist"
                                   : NULL;
    case LABEL_GREATER_THAN:
    case LABEL_LESS_THAN:
        return r->value_count != 1 ? "for 'Gt', 'Lt' operators, exactly one value is required"
                                   : NULL;
    }
    return NULL;
}

/* NewRequirement's checks; NULL when it is fine. */
const char *label_requirement_error(struct arena *a, const struct label_requirement *r)
{
    struct aggregate errors = {.arena = a};
    const char *wrong = label_key_error(a, r->key);
    if (wrong != NULL) {
        complain(&errors,
                 arena_printf(a, "key: Invalid value: %s: %s", go_quote(a, r->key), wrong));
    }
    const char *problem = values_problem(r);
    if (problem != NULL) {
        const char *const *list = r->value_count == 0 ? NULL : r->values;
        complain(&errors, arena_printf(a, "values: Invalid value: %s: %s",
                                       go_json_strings(a, list, r->value_count), problem));
    }
    bool ordered = r->op == LABEL_GREATER_THAN || r->op == LABEL_LESS_THAN;
    int64_t number;
    for (size_t i = 0; ordered && i < r->value_count; i++) {
        if (!str_to_int64(r->values[i], &number)) {
            complain(&errors, arena_printf(a,
                                           "values[%zu]: Invalid value: %s: for 'Gt', 'Lt' "
                                           "operators, the value must be an integer",
                                           i, go_quote(a, r->values[i])));
        }
    }
    for (size_t i = 0; i < r->value_count; i++) {
        wrong = label_value_error(a, r->values[i]);
        if (wrong != NULL) {
            complain(&errors, arena_printf(a, "values[%zu][%s]: Invalid value: %s: %s", i, r->key,
                                           go_quote(a, r->values[i]), wrong));
        }
    }
    return aggregate_text(&errors);
}

static bool expression_operator(const char *word, enum label_operator *out)
{
    static const struct {
        const char *word;
        enum label_operator op;
    } words[] = {{"In", LABEL_IN},
                 {"NotIn", LABEL_NOT_IN},
                 {"Exists", LABEL_EXISTS},
                 {"DoesNotExist", LABEL_DOES_NOT_EXIST}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            *out = words[i].op;
            return true;
        }
    }
    return false;
}

static struct label_requirement equal_to(struct arena *a, const struct label *label)
{
    const char **value = arena_array(a, const char *, 1);
    *value = label->value;
    return (struct label_requirement){label->key, LABEL_EQUALS, value, 1};
}

const char *label_selector_build(struct arena *a, const struct label *match_labels,
                                 size_t label_count, const struct label_expression *expressions,
                                 size_t expression_count, struct label_selector *out)
{
    *out = (struct label_selector){0};
    struct label_selector s = {0};
    s.requirements = arena_array(a, struct label_requirement, label_count + expression_count);
    for (size_t i = 0; i < label_count; i++) {
        struct label_requirement *r = &s.requirements[s.count++];
        *r = equal_to(a, &match_labels[i]);
        const char *error = label_requirement_error(a, r);
        if (error != NULL) {
            return error;
        }
    }
    for (size_t i = 0; i < expression_count; i++) {
        const struct label_expression *e = &expressions[i];
        struct label_requirement *r = &s.requirements[s.count++];
        *r = (struct label_requirement){e->key, LABEL_IN, e->values, e->value_count};
        if (!expression_operator(e->operator, & r->op)) {
            return arena_printf(a, "%s is not a valid label selector operator",
                                go_quote(a, e->operator));
        }
        const char *error = label_requirement_error(a, r);
        if (error != NULL) {
            return error;
        }
    }
    label_requirements_sort(s.requirements, s.count);
    *out = s;
    return NULL;
}

struct label_selector label_selector_from_set(struct arena *a, const struct label *labels,
                                              size_t count)
{
    struct label_selector s = {0};
    s.requirements = arena_array(a, struct label_requirement, count);
    for (size_t i = 0; i < count; i++) {
        s.requirements[s.count++] = equal_to(a, &labels[i]);
    }
    label_requirements_sort(s.requirements, s.count);
    return s;
}

/* ---- writing ---- */

static void add_values(struct strbuf *b, const struct label_requirement *r)
{
    /* Smallest first, each place once: values may repeat, and the list is not ours to sort. */
    size_t done = 0;
    const char *last = NULL;
    while (done < r->value_count) {
        const char *next = NULL;
        size_t times = 0;
        for (size_t i = 0; i < r->value_count; i++) {
            const char *v = r->values[i];
            if (last != NULL && strcmp(v, last) <= 0) {
                continue;
            }
            int order = next == NULL ? -1 : strcmp(v, next);
            times = order < 0 ? 1 : times + (order == 0 ? 1 : 0);
            next = order < 0 ? v : next;
        }
        for (size_t i = 0; i < times; i++) {
            strbuf_printf(b, "%s%s", done + i == 0 ? "" : ",", next);
        }
        done += times;
        last = next;
    }
}

static void add_requirement(struct strbuf *b, const struct label_requirement *r)
{
    static const char *const between[] = {
        [LABEL_IN] = " in (",    [LABEL_NOT_IN] = " notin (",  [LABEL_EXISTS] = "",
        [LABEL_EQUALS] = "=",    [LABEL_DOUBLE_EQUALS] = "==", [LABEL_NOT_EQUALS] = "!=",
        [LABEL_LESS_THAN] = "<", [LABEL_GREATER_THAN] = ">",   [LABEL_DOES_NOT_EXIST] = "",
    };
    if (r->op == LABEL_DOES_NOT_EXIST) {
        strbuf_char(b, '!');
    }
    strbuf_printf(b, "%s%s", r->key, between[r->op]);
    if (r->op == LABEL_EXISTS || r->op == LABEL_DOES_NOT_EXIST) {
        return;
    }
    add_values(b, r);
    if (r->op == LABEL_IN || r->op == LABEL_NOT_IN) {
        strbuf_char(b, ')');
    }
}

const char *label_selector_string(struct arena *a, const struct label_selector *s)
{
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < s->count && !s->nothing; i++) {
        if (i != 0) {
            strbuf_char(&b, ',');
        }
        add_requirement(&b, &s->requirements[i]);
    }
    return strbuf_text(&b);
}

const char *label_selector_format(struct arena *a, const struct label_selector *s)
{
    const char *text = label_selector_string(a, s);
    return *text == '\0' ? "<none>" : text;
}
