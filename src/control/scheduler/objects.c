/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The predicates that several plugins share: which taints are tolerated, which nodes a
 * selector term matches, which selector a pod's services give it. Upstream: Kubernetes
 * v1.36.3, api/core/v1/toleration.go, component-helpers/scheduling/corev1 (nodeaffinity.go,
 * helpers.go), pkg/scheduler/framework/plugins/helper/spread.go.
 *
 * The traps: a toleration without operator is Equal; an empty term matches nothing; a term
 * that cannot be parsed matches nothing while its neighbours still may; a service without
 * selector selects nothing.
 */
#include "control/scheduler/objects.h"

#include "base/str.h"
#include "base/vec.h"

#include <string.h>

bool toleration_tolerates(const struct toleration *t, const struct taint *taint)
{
    if (t->effect != TAINT_ANY_EFFECT && t->effect != taint->effect) {
        return false;
    }
    if (t->key != NULL && t->key[0] != '\0' && strcmp(t->key, taint->key) != 0) {
        return false;
    }
    if (t->op == TOLERATION_EQUAL) {
        return strcmp(t->value != NULL ? t->value : "", taint->value != NULL ? taint->value : "") ==
               0;
    }
    return t->op == TOLERATION_EXISTS;
}

bool tolerations_tolerate(const struct toleration *list, size_t count, const struct taint *taint)
{
    for (size_t i = 0; i < count; i++) {
        if (toleration_tolerates(&list[i], taint)) {
            return true;
        }
    }
    return false;
}

/* labels.NewRequirement: how many values, and integers where they are compared. */
static bool expression_is_valid(struct arena *scratch, const struct label_requirement *r)
{
    int64_t number = 0;
    if (label_key_error(scratch, r->key) != NULL) {
        return false;
    }
    for (size_t i = 0; i < r->value_count; i++) {
        if (label_value_error(scratch, r->values[i]) != NULL) {
            return false;
        }
    }
    switch (r->op) {
    case LABEL_IN:
    case LABEL_NOT_IN:
        return r->value_count > 0;
    case LABEL_EXISTS:
    case LABEL_DOES_NOT_EXIST:
        return r->value_count == 0;
    case LABEL_GREATER_THAN:
    case LABEL_LESS_THAN:
        return r->value_count == 1 && str_to_int64(r->values[0], &number);
    default:
        return false;
    }
}

static bool field_is_valid(const struct label_requirement *r)
{
    return (r->op == LABEL_IN || r->op == LABEL_NOT_IN) && r->value_count == 1;
}

void node_selector_term_check(struct arena *scratch, struct node_selector_term *term)
{
    for (size_t i = 0; i < term->expression_count; i++) {
        if (!expression_is_valid(scratch, &term->expressions[i])) {
            term->invalid = true;
        }
    }
    for (size_t i = 0; i < term->field_count; i++) {
        if (!field_is_valid(&term->fields[i])) {
            term->invalid = true;
        }
    }
}

static bool fields_match(const struct node_selector_term *t, const char *node_name)
{
    for (size_t i = 0; i < t->field_count; i++) {
        const struct label_requirement *r = &t->fields[i];
        const char *value = strcmp(r->key, "metadata.name") == 0 ? node_name : "";
        const bool equal = strcmp(value, r->values[0]) == 0;
        if (equal != (r->op == LABEL_IN)) {
            return false;
        }
    }
    return true;
}

bool node_selector_term_matches(const struct node_selector_term *t, const char *node_name,
                                const struct label *labels, size_t label_count)
{
    if (t->invalid || (t->expression_count == 0 && t->field_count == 0)) {
        return false;
    }
    for (size_t i = 0; i < t->expression_count; i++) {
        if (!label_requirement_matches(&t->expressions[i], labels, label_count)) {
            return false;
        }
    }
    return fields_match(t, node_name);
}

bool pod_class_matches_node(const struct pod_class *c, const char *node_name,
                            const struct label *labels, size_t label_count)
{
    for (size_t i = 0; i < c->node_selector_count; i++) {
        const char *value = labels_get(labels, label_count, c->node_selector[i].key);
        if (value == NULL || strcmp(value, c->node_selector[i].value) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < c->required_node_count; i++) {
        if (node_selector_term_matches(&c->required_nodes[i], node_name, labels, label_count)) {
            return true;
        }
    }
    return !c->has_required_node_affinity;
}

const char *pod_class_namespace(const struct pod_class *c)
{
    return c->namespace_name != NULL ? c->namespace_name : "default";
}

static bool service_selects(const struct selecting_service *s, const struct pod_class *c)
{
    const char *namespace_name = s->namespace_name != NULL ? s->namespace_name : "default";
    if (s->selector_count == 0 || strcmp(namespace_name, pod_class_namespace(c)) != 0) {
        return false;
    }
    for (size_t i = 0; i < s->selector_count; i++) {
        const char *value = labels_get(c->labels, c->label_count, s->selector[i].key);
        if (value == NULL || strcmp(value, s->selector[i].value) != 0) {
            return false;
        }
    }
    return true;
}

struct label_selector default_selector(struct arena *a, const struct pod_class *c,
                                       const struct selecting_service *services, size_t count,
                                       const struct label_selector *controller)
{
    struct label *merged = NULL;
    size_t merged_count = 0;
    size_t cap = 0;
    for (size_t i = 0; i < count; i++) {
        const struct selecting_service *s = &services[i];
        for (size_t k = 0; service_selects(s, c) && k < s->selector_count; k++) {
            if (labels_get(merged, merged_count, s->selector[k].key) == NULL) {
                vec_reserve_one(a, (void **)&merged, merged_count, &cap, sizeof *merged);
                merged[merged_count++] = s->selector[k];
            }
        }
    }
    struct label_selector from_services = label_selector_from_set(a, merged, merged_count);
    if (controller == NULL || controller->nothing || controller->count == 0) {
        return from_services;
    }
    const size_t total = from_services.count + controller->count;
    struct label_requirement *all = arena_array(a, struct label_requirement, total);
    for (size_t i = 0; i < total; i++) {
        all[i] = i < from_services.count ? from_services.requirements[i]
                                         : controller->requirements[i - from_services.count];
    }
    return (struct label_selector){.requirements = all, .count = total};
}
