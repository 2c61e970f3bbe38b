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

#include <inttypes.h>
#include <string.h>

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

static void check_handler_fields(struct object_reader *r, const struct site *handler, int64_t grace)
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

/* An init container's missing name is not remembered, as upstream has it. */
static void check_name_is_new(struct object_reader *r, const struct site *container, bool init,
                              struct table *names)
{
    struct site name = site_member(container, "name");
    const char *text = site_text(&name);
    if (table_find(names, text) != TABLE_NONE) {
        site_duplicate(r, &name);
    } else if (*text != '\0' || !init) {
        (void)table_put(names, text);
    }
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
        check_name_is_new(r, &at, true, names);
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
        check_name_is_new(r, &at, false, names);
        read_running(r, &at, grace, &out[i]);
    }
}

/* ---- the pod ---- */

/* validateRestartPolicy, and what the controller wants of it. */
static void check_restart_policy(struct object_reader *r, const struct site *spec,
                                 bool controller_looks)
{
    struct site policy = site_member(spec, "restartPolicy");
    const char *text = site_text(&policy);
    const char *value = go_json_string(r->arena, text);
    if (*text == '\0' || strcmp(text, "Always") == 0) {
        return;
    }
    if (strcmp(text, "OnFailure") != 0 && strcmp(text, "Never") != 0) {
        site_unsupported(r, &policy, value, "\"Always\", \"OnFailure\", \"Never\"");
    }
    r->quiet = r->quiet && !controller_looks;
    site_unsupported(r, &policy, value, "\"Always\"");
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

static const struct quantity *part_of(const struct resource_amount *amount, bool limits)
{
    if (limits) {
        return amount->has_limit ? &amount->limit : NULL;
    }
    return amount->has_request ? &amount->request : NULL;
}

/*
 * AggregateContainerRequests and AggregateContainerLimits: the sum over the containers that run
 * together; init containers count when larger. What is beyond 64 bits is left out of the sum.
 */
static bool aggregate(const struct pod_template *pod, const char *name, bool limits,
                      struct quantity *out)
{
    struct quantity sidecars = {.format = QUANTITY_DECIMAL_SI};
    struct quantity most = sidecars;
    *out = sidecars;
    bool some = false;
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *c = &pod->containers[i];
        const struct resource_amount *amount = resource_find(c->resources, c->resource_count, name);
        const struct quantity *part = amount != NULL ? part_of(amount, limits) : NULL;
        if (part == NULL) {
            continue;
        }
        some = true;
        if (c->sidecar || !c->init) {
            (void)quantity_add(c->sidecar ? &sidecars : out, part);
        }
        struct quantity together = sidecars;
        if (c->init && !c->sidecar) {
            (void)quantity_add(&together, part);
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
        if (aggregate(pod, computed[i], false, &sum)) {
            struct resource_amount *amount = amount_of(r, &amounts, computed[i]);
            amount->request = amount->has_request ? amount->request : sum;
            amount->has_request = true;
        }
    }
    default_requests(amounts.list.items, amounts.list.len);
    pod->resources = amounts.list.items;
    pod->resource_count = amounts.list.len;
}

/* A pod's own requests, and limits of huge pages, hold those of its containers. */
static void check_aggregates(struct object_reader *r, const struct pod_template *pod,
                             const struct site *list, bool limits)
{
    const struct node *first = site_is(list, NODE_MAP) ? list->node->first : NULL;
    for (const struct node *m = first; m != NULL; m = m->next) {
        struct site at = site_entry(list, m);
        const struct resource_amount *amount =
            resource_find(pod->resources, pod->resource_count, m->key);
        const struct quantity *own = amount != NULL ? part_of(amount, limits) : NULL;
        struct quantity sum;
        if (own == NULL || (limits && !resource_is_huge_page(m->key)) ||
            !aggregate(pod, m->key, limits, &sum) || quantity_compare(&sum, own) <= 0) {
            continue;
        }
        site_invalid(r, &at, go_quote(r->arena, quantity_string(r->arena, own)),
                     arena_printf(r->arena,
                                  "must be greater than or equal to aggregate container %s of %s",
                                  limits ? "limits" : "requests", quantity_string(r->arena, &sum)));
    }
}

/* No container's limit is above the pod's. The path is upstream's, odd as it is. */
static void check_container_limits(struct object_reader *r, const struct pod_template *pod,
                                   const struct site *resources, const struct container_spec *c,
                                   size_t index)
{
    struct site list = {.parent = resources, .name = "containers"};
    struct site container = {.parent = &list, .index = index};
    for (size_t i = 0; i < c->resource_count; i++) {
        const struct resource_amount *amount = &c->resources[i];
        const struct resource_amount *own =
            resource_find(pod->resources, pod->resource_count, amount->name);
        if (!amount->has_limit || own == NULL || !own->has_limit ||
            quantity_compare(&amount->limit, &own->limit) <= 0) {
            continue;
        }
        struct site entry = {.parent = &container, .key = amount->name};
        struct site at = {.parent = &entry, .name = "limits"};
        site_invalid(r, &at, go_quote(r->arena, quantity_string(r->arena, &amount->limit)),
                     arena_printf(r->arena, "must be less than or equal to pod limits of %s",
                                  quantity_string(r->arena, &own->limit)));
    }
}

/* validatePodResourceConsistency */
static void check_pod_resources(struct object_reader *r, const struct pod_template *pod,
                                const struct site *resources)
{
    struct site requests = site_member(resources, "requests");
    struct site limits = site_member(resources, "limits");
    check_aggregates(r, pod, &requests, false);
    check_aggregates(r, pod, &limits, true);
    size_t index = 0;
    for (size_t i = 0; i < pod->container_count; i++) {
        if (!pod->containers[i].init) {
            check_container_limits(r, pod, resources, &pod->containers[i], index++);
        }
    }
}

static void read_pod_resources(struct object_reader *r, const struct site *spec,
                               struct pod_template *pod)
{
    struct site resources = site_member(spec, "resources");
    struct site overhead = site_member(spec, "overhead");
    struct amounts own = read_resources(r, &resources, check_pod_resource_name);
    struct amounts extra = {0};
    /* Upstream validates the overhead as if it were the limits of a container. */
    struct site limits = {.parent = &overhead, .name = "limits", .node = overhead.node};
    read_resource_list(r, &limits, check_resource_name, false, &extra);
    pod->resources = own.list.items;
    pod->resource_count = own.list.len;
    pod->overhead = extra.list.items;
    pod->overhead_count = extra.list.len;
    check_pod_resources(r, pod, &resources);
}

void read_pod_template(struct object_reader *r, const struct site *template, const char *controller,
                       struct pod_template *out)
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
    /* A StatefulSet's two are looked at even when the rest of the template is not. */
    bool controller_looks = strcmp(controller, "StatefulSet") == 0;
    check_restart_policy(r, &spec, controller_looks);
    r->quiet = r->quiet && !controller_looks;
    if (deadline.node != NULL) {
        site_forbidden(
            r, &deadline,
            arena_printf(r->arena, "activeDeadlineSeconds in %s is not Supported", controller));
    }
    /* A negative period is 1 when the pod is deleted. */
    out->termination_grace_period_seconds = seconds < 0 ? 1 : seconds;
    out->priority_class_name = priority.node != NULL ? site_text(&priority) : NULL;
    for (size_t i = 0; i < out->container_count; i++) {
        default_requests(out->containers[i].resources, out->containers[i].resource_count);
    }
    default_pod_requests(r, out);
}
