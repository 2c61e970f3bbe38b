/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which resources a container, a pod or an overhead may name and how much of
 * each. The idea: limits and requests meet in one list of amounts by name, on which the
 * rules between the two are a loop.
 * Upstream: k8s.io/kubernetes v1.36.3, pkg/apis/core/validation/validation.go
 * (validateResourceRequirements and below), pkg/apis/core/helper/helpers.go, and
 * SetDefaults_ResourceList.
 * The trap: amounts are rounded up to thousandths before anything is compared, and a
 * name can be wrong in two ways at once.
 */
#include "workload_internal.h"

#include "base/str.h"

#include <string.h>

static bool in_list(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* helper.IsNativeResource */
static bool is_native(const char *name)
{
    return strchr(name, '/') == NULL || strstr(name, "kubernetes.io/") != NULL;
}

bool resource_is_huge_page(const char *name)
{
    return str_starts(name, "hugepages-");
}

static bool may_overcommit(const char *name)
{
    return is_native(name) && !resource_is_huge_page(name);
}

static bool is_extended(struct arena *a, const char *name)
{
    return !is_native(name) && !str_starts(name, "requests.") &&
           label_key_error(a, arena_printf(a, "requests.%s", name)) == NULL;
}

static bool is_container_resource(const char *name)
{
    static const char *const names[] = {"cpu", "memory", "ephemeral-storage"};
    return in_list(name, names, 3) || resource_is_huge_page(name);
}

/* helper.IsStandardResourceName: what quotas and nodes know, too. */
static bool is_standard(const char *name)
{
    static const char *const names[] = {"cpu",
                                        "memory",
                                        "ephemeral-storage",
                                        "requests.cpu",
                                        "requests.memory",
                                        "requests.ephemeral-storage",
                                        "limits.cpu",
                                        "limits.memory",
                                        "limits.ephemeral-storage",
                                        "pods",
                                        "resourcequotas",
                                        "services",
                                        "replicationcontrollers",
                                        "secrets",
                                        "configmaps",
                                        "persistentvolumeclaims",
                                        "storage",
                                        "requests.storage",
                                        "services.nodeports",
                                        "services.loadbalancers"};
    return in_list(name, names, sizeof names / sizeof *names) || resource_is_huge_page(name) ||
           str_starts(name, "requests.hugepages-");
}

/* helper.IsIntegerResourceName */
static bool is_integer(struct arena *a, const char *name)
{
    static const char *const names[] = {"pods",
                                        "resourcequotas",
                                        "services",
                                        "replicationcontrollers",
                                        "secrets",
                                        "configmaps",
                                        "persistentvolumeclaims",
                                        "services.nodeports",
                                        "services.loadbalancers"};
    return in_list(name, names, sizeof names / sizeof *names) || is_extended(a, name);
}

/* validateContainerResourceName */
void check_resource_name(struct object_reader *r, const struct site *at)
{
    const char *name = at->key;
    const char *quoted = go_quote(r->arena, name);
    struct messages wrong = label_key_messages(r->arena, name);
    for (size_t i = 0; i < wrong.count; i++) {
        site_invalid(r, at, quoted, wrong.text[i]);
    }
    bool plain = strchr(name, '/') == NULL;
    if (plain && wrong.count == 0 && !is_standard(name)) {
        site_invalid(r, at, quoted, "must be a standard resource type or fully qualified");
    }
    if (plain && !is_container_resource(name)) {
        site_invalid(r, at, quoted, "must be a standard resource for containers");
    } else if (!plain && !is_native(name) && !is_extended(r->arena, name)) {
        site_invalid(r, at, quoted, "doesn't follow extended resource name standard");
    }
}

/* validatePodResourceName */
void check_pod_resource_name(struct object_reader *r, const struct site *at)
{
    const char *name = at->key;
    const char *quoted = go_quote(r->arena, name);
    struct messages wrong = label_key_messages(r->arena, name);
    for (size_t i = 0; i < wrong.count; i++) {
        site_invalid(r, at, quoted, wrong.text[i]);
    }
    if (wrong.count != 0) {
        return;
    }
    if (strchr(name, '/') == NULL && !is_standard(name)) {
        site_invalid(r, at, quoted, "must be a standard resource type or fully qualified");
    } else if (strcmp(name, "cpu") != 0 && strcmp(name, "memory") != 0 &&
               !resource_is_huge_page(name)) {
        site_unsupported(r, at, quoted, "\"cpu\", \"hugepages-\", \"memory\"");
    }
}

/* SetDefaults_ResourceList and ValidateResourceQuantityValue. */
static struct quantity read_quantity(struct object_reader *r, const struct site *at)
{
    struct quantity q = {0};
    const char *text = at->node->text != NULL ? at->node->text : "";
    bool scalar = at->node->kind == NODE_STRING || at->node->kind == NODE_NUMBER;
    enum quantity_error error =
        scalar ? quantity_parse_json(r->arena, text, &q) : QUANTITY_FORMAT_WRONG;
    if (error != QUANTITY_OK) {
        site_invalid(r, at, go_quote(r->arena, text), quantity_error_text(error));
        return q;
    }
    q = quantity_round_up(r->arena, &q, -3);
    const char *value = quantity_string(r->arena, &q);
    if (quantity_sign(&q) < 0) {
        site_invalid(r, at, go_quote(r->arena, value), "must be greater than or equal to 0");
    }
    if (is_integer(r->arena, at->key) && quantity_milli_value(&q) % 1000 != 0) {
        site_invalid(r, at, go_json_string(r->arena, value), "must be an integer");
    }
    return q;
}

/* validateResourceQuantityHugePageValue: whole pages of the size in the name. */
static void check_pages(struct object_reader *r, const struct site *at, const struct quantity *q)
{
    struct quantity page;
    if (!resource_is_huge_page(at->key)) {
        return;
    }
    const char *size = at->key + strlen("hugepages-");
    if (quantity_parse(r->arena, size, &page) == QUANTITY_OK && quantity_sign(&page) > 0 &&
        quantity_milli_value(&page) % 1000 == 0 && quantity_value(&page) != 0 &&
        quantity_value(q) % quantity_value(&page) == 0) {
        return;
    }
    const char *text = quantity_string(r->arena, q);
    site_invalid(
        r, at, go_quote(r->arena, text),
        arena_printf(r->arena, "%s is not positive integer multiple of %s", text, at->key));
}

struct resource_amount *amount_of(struct object_reader *r, struct amounts *amounts,
                                  const char *name)
{
    for (size_t i = 0; i < amounts->list.len; i++) {
        if (strcmp(amounts->list.items[i].name, name) == 0) {
            return &amounts->list.items[i];
        }
    }
    struct resource_amount *amount = vec_push(r->arena, &amounts->list);
    amount->name = name;
    return amount;
}

void read_resource_list(struct object_reader *r, const struct site *list, name_check *check,
                        bool limits, struct amounts *out)
{
    const struct node *first = site_is(list, NODE_MAP) ? list->node->first : NULL;
    for (const struct node *m = first; m != NULL; m = m->next) {
        struct site at = site_entry(list, m);
        check(r, &at);
        struct quantity q = read_quantity(r, &at);
        check_pages(r, &at, &q);
        struct resource_amount *amount = amount_of(r, out, m->key);
        *(limits ? &amount->limit : &amount->request) = q;
        *(limits ? &amount->has_limit : &amount->has_request) = true;
    }
}

/* The rules between a request and its limit. */
static void check_amount(struct object_reader *r, const struct resource_amount *amount,
                         const struct site *limits, const struct site *requests)
{
    if (!amount->has_request) {
        return;
    }
    bool overcommit = may_overcommit(amount->name);
    if (!amount->has_limit) {
        if (!overcommit) {
            site_required(r, limits, "Limit must be set for non overcommitable resources");
        }
        return;
    }
    int order = quantity_compare(&amount->request, &amount->limit);
    const char *rule = order != 0 && !overcommit ? "must be equal to"
                       : order > 0               ? "must be less than or equal to"
                                                 : NULL;
    if (rule == NULL) {
        return;
    }
    struct site at = *requests; /* upstream names the list; the mark shows the request */
    at.node = node_get(requests->node, amount->name);
    site_invalid(r, &at, go_quote(r->arena, quantity_string(r->arena, &amount->request)),
                 arena_printf(r->arena, "%s %s limit of %s", rule, amount->name,
                              quantity_string(r->arena, &amount->limit)));
}

/* validateResourceRequirements */
struct amounts read_resources(struct object_reader *r, const struct site *resources,
                              name_check *check)
{
    struct amounts out = {0};
    struct site limits = site_member(resources, "limits");
    struct site requests = site_member(resources, "requests");
    read_resource_list(r, &limits, check, true, &out);
    read_resource_list(r, &requests, check, false, &out);
    bool huge = false;
    bool compute = false;
    for (size_t i = 0; i < out.list.len; i++) {
        const char *name = out.list.items[i].name;
        check_amount(r, &out.list.items[i], &limits, &requests);
        huge = huge || resource_is_huge_page(name);
        compute = compute || strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0;
    }
    if (huge && !compute) {
        site_forbidden(r, resources, "HugePages require cpu or memory");
    }
    return out;
}
