/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a Deployment or StatefulSet asks for. The idea: read each field with its
 * default and validate it on the spot; all complaints carry upstream's path and words.
 * Upstream: k8s.io/kubernetes v1.36.3, pkg/apis/apps/v1/defaults.go and
 * pkg/apis/apps/validation/validation.go (ValidateDeployment, ValidateStatefulSet).
 * The trap: a missing selector selects nothing, so it costs a second error (the
 * template's labels do not match); an int-or-string that is a bad percentage is read
 * as an integer by the rules that follow.
 */
#include "manifest/workload_object.h"

#include "base/str.h"
#include "workload_internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- metadata ---- */

static void read_metadata(struct object_reader *r, const struct site *object,
                          struct workload_spec *out)
{
    struct site metadata = site_member(object, "metadata");
    struct site name = site_member(&metadata, "name");
    struct site space = site_member(&metadata, "namespace");
    struct site labels = site_member(&metadata, "labels");
    size_t count;
    out->name = site_text(&name);
    out->namespace_name = *site_text(&space) != '\0' ? site_text(&space) : "default";
    if (*out->name == '\0') {
        site_required(r, &name, "name or generateName is required");
    } else {
        bool set = out->kind == WORKLOAD_STATEFULSET;
        struct messages wrong = set ? dns_label_messages(r->arena, out->name)
                                    : dns_subdomain_messages(r->arena, out->name);
        site_invalid_each(r, &name, in_characters(r->arena, wrong));
    }
    if (*site_text(&space) != '\0') {
        site_invalid_each(
            r, &space, in_characters(r->arena, dns_label_messages(r->arena, out->namespace_name)));
    }
    (void)read_labels(r, &labels, &count);
}

/* ---- the selector ---- */

/* encoding/json of an int-or-string. */
static const char *json_of(struct arena *a, const struct node *n)
{
    if (n == NULL) {
        return "null";
    }
    return n->kind == NODE_STRING ? go_json_string(a, n->text) : n->text != NULL ? n->text : "null";
}

static const char *const *read_values(struct arena *a, const struct site *values, size_t *count)
{
    *count = 0;
    if (!site_is(values, NODE_LIST) || values->node->count == 0) {
        return NULL;
    }
    const char **list = arena_array(a, const char *, values->node->count);
    for (const struct node *n = values->node->first; n != NULL; n = n->next) {
        list[(*count)++] = n->kind == NODE_STRING ? n->text : "";
    }
    return list;
}

/* ValidateLabelSelectorRequirement */
static struct label_expression read_expression(struct object_reader *r, const struct site *at)
{
    struct site key = site_member(at, "key");
    struct site operator= site_member(at, "operator");
    struct site values = site_member(at, "values");
    struct label_expression e = {.key = site_text(&key), .operator= site_text(&operator)};
    e.values = read_values(r->arena, &values, &e.value_count);
    bool listed = strcmp(e.operator, "In") == 0 || strcmp(e.operator, "NotIn") == 0;
    bool unary = strcmp(e.operator, "Exists") == 0 || strcmp(e.operator, "DoesNotExist") == 0;
    if (listed && e.value_count == 0) {
        site_required(r, &values, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (unary && e.value_count != 0) {
        site_forbidden(r, &values,
                       "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (!listed && !unary) {
        site_invalid(r, &operator, go_json_string(r->arena, e.operator),
                     "not a valid selector operator");
    }
    site_invalid_each(r, &key, label_key_messages(r->arena, e.key));
    size_t i = 0;
    const struct node *first = e.value_count != 0 ? values.node->first : NULL;
    for (const struct node *n = first; n != NULL; n = n->next, i++) {
        struct site value = site_element(&values, n, i);
        site_invalid_each(r, &value, label_value_messages(r->arena, e.values[i]));
    }
    return e;
}

/* Labels as encoding/json has a map: sorted by key. */
static void add_labels(struct strbuf *b, const struct label *labels, size_t count)
{
    strbuf_char(b, '{');
    for (size_t i = 0; i < count; i++) {
        strbuf_printf(b, "%s%s:%s", i == 0 ? "" : ",", go_json_string(b->arena, labels[i].key),
                      go_json_string(b->arena, labels[i].value));
    }
    strbuf_char(b, '}');
}

/* A LabelSelector object as it was decoded. */
struct selector_parts {
    struct label *labels;
    size_t label_count;
    struct label_expression *expressions;
    size_t expression_count;
};

static const char *selector_json(struct arena *a, const struct selector_parts *parts)
{
    struct strbuf b = {.arena = a};
    strbuf_char(&b, '{');
    if (parts->label_count != 0) {
        strbuf_add(&b, "\"matchLabels\":");
        add_labels(&b, parts->labels, parts->label_count);
    }
    for (size_t i = 0; i < parts->expression_count; i++) {
        const struct label_expression *e = &parts->expressions[i];
        const char *before = i != 0                    ? ","
                             : parts->label_count != 0 ? ",\"matchExpressions\":["
                                                       : "\"matchExpressions\":[";
        strbuf_printf(&b, "%s{\"key\":%s,\"operator\":%s", before, go_json_string(a, e->key),
                      go_json_string(a, e->operator));
        if (e->value_count != 0) {
            strbuf_printf(&b, ",\"values\":%s", go_json_strings(a, e->values, e->value_count));
        }
        strbuf_char(&b, '}');
    }
    strbuf_add(&b, parts->expression_count != 0 ? "]}" : "}");
    return strbuf_text(&b);
}

/* ValidateLabelSelector */
static struct selector_parts read_selector(struct object_reader *r, const struct site *at)
{
    struct selector_parts out = {0};
    struct site labels = site_member(at, "matchLabels");
    struct site expressions = site_member(at, "matchExpressions");
    out.labels = read_labels(r, &labels, &out.label_count);
    size_t most = site_is(&expressions, NODE_LIST) ? expressions.node->count : 0;
    out.expressions = arena_array(r->arena, struct label_expression, most);
    const struct node *first = most != 0 ? expressions.node->first : NULL;
    for (const struct node *n = first; n != NULL; n = n->next) {
        struct site element = site_element(&expressions, n, out.expression_count);
        out.expressions[out.expression_count++] = read_expression(r, &element);
    }
    return out;
}

/* The selector, the template, and whether they belong together. */
static void read_pods(struct object_reader *r, const struct site *spec, struct workload_spec *out)
{
    bool deployment = out->kind == WORKLOAD_DEPLOYMENT;
    struct site selector = site_member(spec, "selector");
    struct site template = site_member(spec, "template");
    struct site metadata = site_member(&template, "metadata");
    struct site labels = site_member(&metadata, "labels");
    struct selector_parts parts = {0};
    bool built = true;
    out->selector.nothing = selector.node == NULL;
    if (selector.node == NULL) {
        site_required(r, &selector, "");
    } else {
        parts = read_selector(r, &selector);
        built = label_selector_build(r->arena, parts.labels, parts.label_count, parts.expressions,
                                     parts.expression_count, &out->selector) == NULL;
    }
    if (selector.node != NULL && parts.label_count + parts.expression_count == 0) {
        site_invalid(r, &selector, "{}",
                     deployment ? "empty selector is invalid for deployment"
                                : "empty selector is invalid for statefulset");
    }
    /* Without a selector that can be used, upstream does not look at the template. */
    r->quiet = !built;
    read_pod_template(r, &template, deployment ? "ReplicaSet" : "StatefulSet", &out->pod);
    r->quiet = false;
    if (!built) {
        site_invalid(r, &selector, selector_json(r->arena, &parts),
                     deployment ? "invalid label selector" : "");
    } else if (!label_selector_matches(&out->selector, out->pod.labels, out->pod.label_count)) {
        struct strbuf b = {.arena = r->arena};
        add_labels(&b, out->pod.labels, out->pod.label_count);
        site_invalid(r, &labels, labels.node != NULL ? strbuf_text(&b) : "null",
                     "`selector` does not match template `labels`");
    }
}

/* ---- int or percent ---- */

static bool is_percent(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && strcmp(text + digits, "%") == 0;
}

static int32_t clamp32(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

/* ValidatePositiveIntOrPercent; the value is getIntOrPercentValue's. */
static struct int_or_percent read_int_or_percent(struct object_reader *r, const struct site *at,
                                                 struct int_or_percent otherwise)
{
    int64_t v = 0;
    if (at->node == NULL) {
        return otherwise;
    }
    if (!site_is(at, NODE_STRING)) {
        return (struct int_or_percent){false, clamp32(site_nonnegative(r, at, 0))};
    }
    const char *text = site_text(at);
    if (!is_percent(text)) {
        site_invalid(r, at, go_json_string(r->arena, text),
                     "a valid percent string must be a numeric string followed by an ending '%' "
                     "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        (void)str_to_int64(text, &v);
        return (struct int_or_percent){false, clamp32(v)};
    }
    if (!str_to_int64(arena_strndup(r->arena, text, strlen(text) - 1), &v)) {
        v = INT32_MAX;
    }
    return (struct int_or_percent){true, clamp32(v)};
}

static void check_at_most_100_percent(struct object_reader *r, const struct site *at,
                                      struct int_or_percent v)
{
    if (v.percent && v.value > 100) {
        site_invalid(r, at, json_of(r->arena, at->node), "must not be greater than 100%");
    }
}

/* ---- Deployment ---- */

static void read_rolling_update(struct object_reader *r, const struct site *strategy,
                                struct workload_spec *out)
{
    const struct int_or_percent quarter = {true, 25};
    struct site rolling = site_member(strategy, "rollingUpdate");
    struct site unavailable = site_member(&rolling, "maxUnavailable");
    struct site surge = site_member(&rolling, "maxSurge");
    out->max_unavailable = read_int_or_percent(r, &unavailable, quarter);
    out->max_surge = read_int_or_percent(r, &surge, quarter);
    if (out->max_unavailable.value == 0 && out->max_surge.value == 0) {
        site_invalid(r, &unavailable, json_of(r->arena, unavailable.node),
                     "may not be 0 when `maxSurge` is 0");
    }
    check_at_most_100_percent(r, &unavailable, out->max_unavailable);
}

/* An int-or-string of upstream's internal types, which have 0 for a missing one. */
static const char *json_or_zero(struct arena *a, const struct site *at)
{
    return at->node != NULL ? json_of(a, at->node) : "0";
}

/* How upstream's internal DeploymentStrategy prints. */
static const char *strategy_json(struct arena *a, const struct site *strategy)
{
    struct site type = site_member(strategy, "type");
    struct site rolling = site_member(strategy, "rollingUpdate");
    struct site unavailable = site_member(&rolling, "maxUnavailable");
    struct site surge = site_member(&rolling, "maxSurge");
    const char *word = go_json_string(a, site_text(&type));
    if (rolling.node == NULL) {
        return arena_printf(a, "{\"Type\":%s,\"RollingUpdate\":null}", word);
    }
    return arena_printf(a,
                        "{\"Type\":%s,\"RollingUpdate\":{\"MaxUnavailable\":%s,\"MaxSurge\":%s}}",
                        word, json_or_zero(a, &unavailable), json_or_zero(a, &surge));
}

static void read_strategy(struct object_reader *r, const struct site *spec,
                          struct workload_spec *out)
{
    struct site strategy = site_member(spec, "strategy");
    struct site type = site_member(&strategy, "type");
    struct site rolling = site_member(&strategy, "rollingUpdate");
    const char *word = site_text(&type);
    out->recreate = strcmp(word, "Recreate") == 0;
    if (out->recreate) {
        if (rolling.node != NULL) {
            site_forbidden(r, &rolling, "may not be specified when strategy `type` is 'Recreate'");
        }
    } else if (*word == '\0' || strcmp(word, "RollingUpdate") == 0) {
        read_rolling_update(r, &strategy, out);
    } else {
        site_unsupported(r, &strategy, strategy_json(r->arena, &strategy),
                         "\"Recreate\", \"RollingUpdate\"");
    }
}

static int32_t read_nonnegative(struct object_reader *r, const struct site *spec, const char *name,
                                int32_t otherwise)
{
    struct site at = site_member(spec, name);
    return clamp32(site_nonnegative(r, &at, otherwise));
}

static void read_deployment(struct object_reader *r, const struct site *spec,
                            struct workload_spec *out)
{
    struct site deadline = site_member(spec, "progressDeadlineSeconds");
    struct site paused = site_member(spec, "paused");
    read_pods(r, spec, out);
    read_strategy(r, spec, out);
    out->progress_deadline_seconds = read_nonnegative(r, spec, "progressDeadlineSeconds", 600);
    if (out->progress_deadline_seconds <= out->min_ready_seconds) {
        site_invalid(r, &deadline,
                     arena_printf(r->arena, "%" PRId32, out->progress_deadline_seconds),
                     "must be greater than minReadySeconds");
    }
    out->paused = site_is(&paused, NODE_BOOL) && strcmp(paused.node->text, "true") == 0;
}

/* ---- StatefulSet ---- */

static void read_partition(struct object_reader *r, const struct site *rolling,
                           struct workload_spec *out)
{
    const struct int_or_percent one = {false, 1};
    struct site unavailable = site_member(rolling, "maxUnavailable");
    out->partition = read_nonnegative(r, rolling, "partition", 0);
    struct int_or_percent v = read_int_or_percent(r, &unavailable, one);
    if (v.value == 0) {
        site_invalid(r, &unavailable, json_of(r->arena, unavailable.node), "cannot be 0");
    }
    check_at_most_100_percent(r, &unavailable, v);
}

/* RollingUpdateStatefulSetStrategy, internal: "null" when absent. */
static const char *partition_json(struct arena *a, const struct site *rolling)
{
    struct site partition = site_member(rolling, "partition");
    struct site unavailable = site_member(rolling, "maxUnavailable");
    if (rolling->node == NULL) {
        return "null";
    }
    return arena_printf(a, "{\"Partition\":%" PRId64 ",\"MaxUnavailable\":%s}",
                        site_int(&partition, 0), json_of(a, unavailable.node));
}

static void read_update_strategy(struct object_reader *r, const struct site *spec,
                                 struct workload_spec *out)
{
    struct site strategy = site_member(spec, "updateStrategy");
    struct site type = site_member(&strategy, "type");
    struct site rolling = site_member(&strategy, "rollingUpdate");
    const char *word = site_text(&type);
    out->on_delete = strcmp(word, "OnDelete") == 0;
    if (out->on_delete) {
        if (rolling.node != NULL) {
            site_invalid(r, &rolling, partition_json(r->arena, &rolling),
                         "only allowed for updateStrategy 'RollingUpdate'");
        }
    } else if (*word == '\0' || strcmp(word, "RollingUpdate") == 0) {
        read_partition(r, &rolling, out);
    } else {
        site_invalid(r, &strategy,
                     arena_printf(r->arena, "{\"Type\":%s,\"RollingUpdate\":%s}",
                                  go_json_string(r->arena, word),
                                  partition_json(r->arena, &rolling)),
                     "must be 'RollingUpdate' or 'OnDelete'");
    }
}

static void read_statefulset(struct object_reader *r, const struct site *spec,
                             struct workload_spec *out)
{
    struct site management = site_member(spec, "podManagementPolicy");
    struct site ordinals = site_member(spec, "ordinals");
    struct site start = site_member(&ordinals, "start");
    struct site service = site_member(spec, "serviceName");
    const char *word = site_text(&management);
    out->parallel = strcmp(word, "Parallel") == 0;
    if (*word != '\0' && !out->parallel && strcmp(word, "OrderedReady") != 0) {
        site_invalid(r, &management, go_json_string(r->arena, word),
                     "must be 'OrderedReady' or 'Parallel'");
    }
    read_update_strategy(r, spec, out);
    out->ordinals_start = clamp32(site_nonnegative(r, &start, 0));
    out->service_name = site_text(&service);
    if (*out->service_name != '\0') {
        site_invalid_each(r, &service,
                          in_characters(r->arena, dns_label_messages(r->arena, out->service_name)));
    }
    read_pods(r, spec, out);
}

/* ---- the door ---- */

bool workload_object_is(const char *api_version, const char *kind)
{
    return strcmp(api_version, "apps/v1") == 0 &&
           (strcmp(kind, "Deployment") == 0 || strcmp(kind, "StatefulSet") == 0);
}

bool workload_object_read(struct arena *a, const struct node *object, struct workload_spec *out,
                          struct diag *d)
{
    struct object_reader r = {.arena = a, .diag = d};
    const struct site root = {.node = object};
    struct site spec = site_member(&root, "spec");
    struct site replicas = site_member(&spec, "replicas");
    const char *kind = node_string(node_get(object, "kind"));
    const char *api_version = node_string(node_get(object, "apiVersion"));
    *out = (struct workload_spec){.mark = object->mark};
    out->kind = str_equal(kind, "StatefulSet") ? WORKLOAD_STATEFULSET : WORKLOAD_DEPLOYMENT;
    out->api_version = api_version != NULL ? api_version : "apps/v1";
    read_metadata(&r, &root, out);
    out->has_replicas = replicas.node != NULL;
    out->replicas = read_nonnegative(&r, &spec, "replicas", 1);
    out->min_ready_seconds = read_nonnegative(&r, &spec, "minReadySeconds", 0);
    /* A StatefulSet's history limit is not validated. */
    struct site history = site_member(&spec, "revisionHistoryLimit");
    out->revision_history_limit = out->kind == WORKLOAD_DEPLOYMENT
                                      ? read_nonnegative(&r, &spec, "revisionHistoryLimit", 10)
                                      : clamp32(site_int(&history, 10));
    if (out->kind == WORKLOAD_DEPLOYMENT) {
        read_deployment(&r, &spec, out);
    } else {
        read_statefulset(&r, &spec, out);
    }
    return !r.failed;
}
