/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which pods a template makes. The idea: containers are read and validated in
 * one walk, init containers first as they run; then what the API server gives to every
 * pod of the template (requests from limits) is filled in.
 * Upstream: k8s.io/kubernetes v1.36.3, pkg/apis/core/validation/validation.go
 * (ValidatePodSpec and below) and pkg/apis/core/v1/defaults.go (SetDefaults_Probe,
 * SetDefaults_ResourceList, SetDefaults_Pod, defaultPodRequests).
 * The trap: resources are rounded up to thousandths before they are compared; requests
 * default on the pod, not on the template, so validation sees them missing.
 */
#include "workload_internal.h"

#include "base/str.h"
#include "base/table.h"
#include "base/vec.h"

#include <inttypes.h>
#include <string.h>

/* ---- resources ---- */

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

static bool is_huge_page(const char *name)
{
    return str_starts(name, "hugepages-");
}

static bool may_overcommit(const char *name)
{
    return is_native(name) && !is_huge_page(name);
}

static bool is_extended(struct arena *a, const char *name)
{
    return !is_native(name) && !str_starts(name, "requests.") &&
           label_key_error(a, arena_printf(a, "requests.%s", name)) == NULL;
}

static bool is_container_resource(const char *name)
{
    static const char *const names[] = {"cpu", "memory", "ephemeral-storage"};
    return in_list(name, names, 3) || is_huge_page(name);
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
    return in_list(name, names, sizeof names / sizeof *names) || is_huge_page(name) ||
           str_starts(name, "requests.hugepages-");
}

/* validateContainerResourceName */
static void check_resource_name(struct object_reader *r, const struct site *at)
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
static void check_pod_resource_name(struct object_reader *r, const struct site *at)
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
    } else if (strcmp(name, "cpu") != 0 && strcmp(name, "memory") != 0 && !is_huge_page(name)) {
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
    if (is_extended(r->arena, at->key) && quantity_milli_value(&q) % 1000 != 0) {
        site_invalid(r, at, go_json_string(r->arena, value), "must be an integer");
    }
    return q;
}

struct amounts {
    VEC(struct resource_amount) list;
};

static struct resource_amount *amount_of(struct object_reader *r, struct amounts *amounts,
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

typedef void name_check(struct object_reader *r, const struct site *at);

static void read_list(struct object_reader *r, const struct site *list, name_check *check,
                      bool limits, struct amounts *out)
{
    const struct node *first = site_is(list, NODE_MAP) ? list->node->first : NULL;
    for (const struct node *m = first; m != NULL; m = m->next) {
        struct site at = site_entry(list, m);
        check(r, &at);
        struct quantity q = read_quantity(r, &at);
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
static struct amounts read_resources(struct object_reader *r, const struct site *resources,
                                     name_check *check)
{
    struct amounts out = {0};
    struct site limits = site_member(resources, "limits");
    struct site requests = site_member(resources, "requests");
    read_list(r, &limits, check, true, &out);
    read_list(r, &requests, check, false, &out);
    bool huge = false;
    bool compute = false;
    for (size_t i = 0; i < out.list.len; i++) {
        const char *name = out.list.items[i].name;
        check_amount(r, &out.list.items[i], &limits, &requests);
        huge = huge || is_huge_page(name);
        compute = compute || strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0;
    }
    if (huge && !compute) {
        site_forbidden(r, resources, "HugePages require cpu or memory");
    }
    return out;
}

/* ---- probes and handlers ---- */

static void check_port(struct object_reader *r, const struct site *handler)
{
    struct site port = site_member(handler, "port");
    int64_t number = site_int(&port, 0);
    if (!site_is(&port, NODE_STRING) && (number < 1 || number > 65535)) {
        site_invalid(r, &port, arena_printf(r->arena, "%" PRId64, number),
                     "must be between 1 and 65535, inclusive");
    }
}

static void check_handler_fields(struct object_reader *r, const struct site *handler,
                                 int64_t grace)
{
    if (strcmp(handler->name, "exec") == 0) {
        struct site command = site_member(handler, "command");
        if (command.node == NULL || command.node->count == 0) {
            site_required(r, &command, "");
        }
    } else if (strcmp(handler->name, "sleep") == 0) {
        struct site seconds = site_member(handler, "seconds");
        int64_t v = site_int(&seconds, 0);
        if (v < 0 || v > grace) {
            site_invalid(r, handler, arena_printf(r->arena, "%" PRId64, v),
                         arena_printf(r->arena,
                                      "must be non-negative and less than "
                                      "terminationGracePeriodSeconds (%" PRId64 ")",
                                      grace));
        }
    } else {
        check_port(r, handler);
    }
}

/* validateHandler: exactly one. */
static void check_handler(struct object_reader *r, const struct site *at, bool sleep_allowed,
                          int64_t grace)
{
    static const char *const kinds[] = {"exec", "httpGet", "tcpSocket", "grpc", "sleep"};
    size_t count = sleep_allowed ? 5 : 4;
    bool some = false;
    for (size_t i = 0; i < count; i++) {
        struct site handler = site_member(at, kinds[i]);
        if (handler.node == NULL || (sleep_allowed && i == 3)) {
            continue;
        }
        if (some) {
            site_forbidden(r, &handler, "may not specify more than 1 handler type");
            continue;
        }
        some = true;
        check_handler_fields(r, &handler, grace);
    }
    if (!some) {
        site_required(r, at, "must specify a handler type");
    }
}

/* SetDefaults_Probe: 0 is as absent. */
static int32_t probe_int(struct object_reader *r, const struct site *probe, const char *name,
                         int32_t otherwise)
{
    struct site at = site_member(probe, name);
    int32_t v = (int32_t)site_nonnegative(r, &at, 0);
    return v == 0 ? otherwise : v;
}

static struct probe_spec read_probe(struct object_reader *r, const struct site *container,
                                    const char *name, int64_t grace)
{
    struct site at = site_member(container, name);
    struct probe_spec out = {0};
    if (at.node == NULL) {
        return out;
    }
    check_handler(r, &at, false, grace);
    out.present = true;
    out.initial_delay_seconds = probe_int(r, &at, "initialDelaySeconds", 0);
    out.timeout_seconds = probe_int(r, &at, "timeoutSeconds", 1);
    out.period_seconds = probe_int(r, &at, "periodSeconds", 10);
    out.success_threshold = probe_int(r, &at, "successThreshold", 1);
    out.failure_threshold = probe_int(r, &at, "failureThreshold", 3);
    struct site termination = site_member(&at, "terminationGracePeriodSeconds");
    int64_t seconds = site_int(&termination, 1);
    const char *value = arena_printf(r->arena, "%" PRId64, seconds);
    if (seconds <= 0) {
        site_invalid(r, &termination, value, "must be greater than 0");
    }
    bool readiness = strcmp(name, "readinessProbe") == 0;
    if (readiness && termination.node != NULL) {
        site_invalid(r, &termination, value, "must not be set for readinessProbes");
    }
    struct site success = site_member(&at, "successThreshold");
    if (!readiness && out.success_threshold != 1) {
        site_invalid(r, &success, arena_printf(r->arena, "%" PRId32, out.success_threshold),
                     "must be 1");
    }
    return out;
}

static void read_lifecycle(struct object_reader *r, const struct site *container, int64_t grace,
                           struct container_spec *out)
{
    struct site lifecycle = site_member(container, "lifecycle");
    struct site post_start = site_member(&lifecycle, "postStart");
    struct site pre_stop = site_member(&lifecycle, "preStop");
    if (post_start.node != NULL) {
        check_handler(r, &post_start, true, grace);
    }
    if (pre_stop.node == NULL) {
        return;
    }
    check_handler(r, &pre_stop, true, grace);
    struct site sleep = site_member(&pre_stop, "sleep");
    struct site seconds = site_member(&sleep, "seconds");
    out->has_pre_stop = true;
    out->pre_stop_sleep_seconds = (double)site_int(&seconds, 0);
}

/* ---- containers ---- */

/* validateContainerCommon */
static void read_container(struct object_reader *r, const struct site *at,
                           struct container_spec *out)
{
    struct site name = site_member(at, "name");
    struct site image = site_member(at, "image");
    struct site resources = site_member(at, "resources");
    out->name = site_text(&name);
    if (*out->name == '\0') {
        site_required(r, &name, "");
    } else {
        site_invalid_each(r, &name,
                          in_characters(r->arena, dns_label_messages(r->arena, out->name)));
    }
    if (*site_text(&image) == '\0') {
        site_required(r, &image, "");
    }
    struct amounts amounts = read_resources(r, &resources, check_resource_name);
    out->resources = amounts.list.items;
    out->resource_count = amounts.list.len;
}

static void read_running(struct object_reader *r, const struct site *at, int64_t grace,
                         struct container_spec *out)
{
    read_lifecycle(r, at, grace, out);
    out->liveness = read_probe(r, at, "livenessProbe", grace);
    out->readiness = read_probe(r, at, "readinessProbe", grace);
    out->startup = read_probe(r, at, "startupProbe", grace);
}

/* Fields that only a container that goes on running may have. */
static void forbid_running(struct object_reader *r, const struct site *at)
{
    static const char *const names[] = {"lifecycle", "livenessProbe", "readinessProbe",
                                        "startupProbe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct site field = site_member(at, names[i]);
        if (field.node != NULL) {
            site_forbidden(r, &field,
                           "may not be set for init containers without restartPolicy=Always");
        }
    }
}

static void check_name_is_new(struct object_reader *r, const struct site *container,
                              struct table *names)
{
    struct site name = site_member(container, "name");
    const char *text = site_text(&name);
    if (*text != '\0' && table_find(names, text) != TABLE_NONE) {
        site_duplicate(r, &name);
    }
    (void)table_put(names, text);
}

static size_t count_of(const struct site *list)
{
    return site_is(list, NODE_LIST) ? list->node->count : 0;
}

static void read_init_containers(struct object_reader *r, const struct site *list, int64_t grace,
                                 struct table *names, struct container_spec *out)
{
    size_t i = 0;
    const struct node *first = site_is(list, NODE_LIST) ? list->node->first : NULL;
    for (const struct node *n = first; n != NULL; n = n->next, i++) {
        struct site at = site_element(list, n, i);
        struct site policy = site_member(&at, "restartPolicy");
        out[i].init = true;
        out[i].sidecar = strcmp(site_text(&policy), "Always") == 0;
        read_container(r, &at, &out[i]);
        check_name_is_new(r, &at, names);
        if (out[i].sidecar) {
            read_running(r, &at, grace, &out[i]);
        } else {
            forbid_running(r, &at);
        }
    }
}

static void read_containers(struct object_reader *r, const struct site *list, int64_t grace,
                            struct table *names, struct container_spec *out)
{
    size_t i = 0;
    if (count_of(list) == 0) {
        site_required(r, list, "");
        return;
    }
    for (const struct node *n = list->node->first; n != NULL; n = n->next, i++) {
        struct site at = site_element(list, n, i);
        read_container(r, &at, &out[i]);
        check_name_is_new(r, &at, names);
        read_running(r, &at, grace, &out[i]);
    }
}

/* ---- the pod ---- */

static void check_restart_policy(struct object_reader *r, const struct site *spec)
{
    struct site policy = site_member(spec, "restartPolicy");
    const char *text = site_text(&policy);
    if (*text == '\0' || strcmp(text, "Always") == 0) {
        return;
    }
    if (strcmp(text, "OnFailure") != 0 && strcmp(text, "Never") != 0) {
        site_unsupported(r, &policy, go_json_string(r->arena, text),
                         "\"Always\", \"OnFailure\", \"Never\"");
    }
    site_unsupported(r, &policy, go_json_string(r->arena, text), "\"Always\"");
}

/* SetDefaults_Pod, of one container. */
static void default_requests(struct resource_amount *amounts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (amounts[i].has_limit && !amounts[i].has_request) {
            amounts[i].has_request = true;
            amounts[i].request = amounts[i].limit;
        }
    }
}

/*
 * AggregateContainerRequests: the sum over the containers that run together; init containers
 * count when larger. Requests beyond 64 bits are left out of the sum.
 */
static bool aggregate_request(const struct pod_template *pod, const char *name,
                              struct quantity *out)
{
    struct quantity sidecars = {.format = QUANTITY_DECIMAL_SI};
    struct quantity most = sidecars;
    *out = sidecars;
    bool some = false;
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        const struct resource_amount *amount =
            resource_find(c->resources, c->resource_count, name);
        if (amount == NULL || !amount->has_request) {
            continue;
        }
        some = true;
        if (c->sidecar || !c->init) {
            (void)quantity_add(c->sidecar ? &sidecars : out, &amount->request);
        }
        struct quantity together = sidecars;
        if (c->init && !c->sidecar) {
            (void)quantity_add(&together, &amount->request);
        }
        if (c->init && quantity_compare(&together, &most) > 0) {
            most = together;
        }
    }
    (void)quantity_add(out, &sidecars);
    *out = quantity_compare(&most, out) > 0 ? most : *out;
    return some;
}

/* defaultPodRequests: pod-level requests of what is limited at pod level. */
static void default_pod_requests(struct object_reader *r, struct pod_template *pod)
{
    static const char *const computed[] = {"cpu", "memory"};
    struct amounts amounts = {0};
    bool limited = false;
    for (size_t i = 0; i < pod->resource_count; i++) {
        *vec_push(r->arena, &amounts.list) = pod->resources[i];
        limited = limited || pod->resources[i].has_limit;
    }
    if (!limited) {
        return;
    }
    for (size_t i = 0; i < sizeof computed / sizeof *computed; i++) {
        struct quantity sum;
        if (aggregate_request(pod, computed[i], &sum)) {
            struct resource_amount *amount = amount_of(r, &amounts, computed[i]);
            amount->request = amount->has_request ? amount->request : sum;
            amount->has_request = true;
        }
    }
    default_requests(amounts.list.items, amounts.list.len);
    pod->resources = amounts.list.items;
    pod->resource_count = amounts.list.len;
}

/* validatePodResourceConsistency, as far as it is about requests and single limits. */
static void check_pod_resources(struct object_reader *r, const struct pod_template *pod,
                                const struct site *resources)
{
    struct site requests = site_member(resources, "requests");
    const struct node *first = site_is(&requests, NODE_MAP) ? requests.node->first : NULL;
    for (const struct node *m = first; m != NULL; m = m->next) {
        struct site at = site_entry(&requests, m);
        const struct resource_amount *own =
            resource_find(pod->resources, pod->resource_count, m->key);
        struct quantity sum;
        if (own == NULL || !aggregate_request(pod, m->key, &sum) ||
            quantity_compare(&sum, &own->request) <= 0) {
            continue;
        }
        site_invalid(r, &at, go_quote(r->arena, quantity_string(r->arena, &own->request)),
                     arena_printf(r->arena,
                                  "must be greater than or equal to aggregate container requests "
                                  "of %s",
                                  quantity_string(r->arena, &sum)));
    }
}

static void read_pod_resources(struct object_reader *r, const struct site *spec,
                               struct pod_template *pod)
{
    struct site resources = site_member(spec, "resources");
    struct site overhead = site_member(spec, "overhead");
    struct amounts own = read_resources(r, &resources, check_pod_resource_name);
    struct amounts extra = {0};
    read_list(r, &overhead, check_resource_name, false, &extra);
    pod->resources = own.list.items;
    pod->resource_count = own.list.len;
    pod->overhead = extra.list.items;
    pod->overhead_count = extra.list.len;
    check_pod_resources(r, pod, &resources);
}

void read_pod_template(struct object_reader *r, const struct site *template,
                       const char *controller, struct pod_template *out)
{
    struct site metadata = site_member(template, "metadata");
    struct site labels = site_member(&metadata, "labels");
    struct site spec = site_member(template, "spec");
    struct site grace = site_member(&spec, "terminationGracePeriodSeconds");
    struct site deadline = site_member(&spec, "activeDeadlineSeconds");
    struct site init = site_member(&spec, "initContainers");
    struct site containers = site_member(&spec, "containers");
    struct site priority = site_member(&spec, "priorityClassName");
    struct table names = {.arena = r->arena};
    struct site label_map = labels; /* upstream says template.labels */
    label_map.parent = template;
    out->labels = read_labels(r, &label_map, &out->label_count);
    int64_t seconds = site_int(&grace, 30);
    size_t init_count = count_of(&init);
    out->container_count = init_count + count_of(&containers);
    out->containers = arena_array(r->arena, struct container_spec, out->container_count);
    read_containers(r, &containers, seconds, &names, out->containers + init_count);
    read_init_containers(r, &init, seconds, &names, out->containers);
    read_pod_resources(r, &spec, out);
    check_restart_policy(r, &spec);
    if (deadline.node != NULL) {
        site_forbidden(r, &deadline,
                       arena_printf(r->arena, "activeDeadlineSeconds in %s is not Supported",
                                    controller));
    }
    /* A negative period is 1 when the pod is deleted. */
    out->termination_grace_period_seconds = seconds < 0 ? 1 : seconds;
    out->priority_class_name = priority.node != NULL ? site_text(&priority) : NULL;
    for (size_t i = 0; i < out->container_count; i++) {
        default_requests(out->containers[i].resources, out->containers[i].resource_count);
    }
    default_pod_requests(r, out);
}
