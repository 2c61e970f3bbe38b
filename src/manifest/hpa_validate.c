/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server refuses, in its words (k8s.io/kubernetes v1.36.3, pkg/apis/autoscaling/
 * validation/validation.go; pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go
 * validationOptionsForHorizontalPodAutoscaler). Metrics are in hpa_validate_metric.c.
 *
 * The traps: every rule is applied, so one field can have several errors; pointers and typed
 * strings print as JSON, plain strings as Go's %q; an update is more lenient where the stored
 * object was wrong already.
 */
#include "hpa_api.h"

#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define MAX_PERIOD_SECONDS 1800
#define MAX_WINDOW_SECONDS 3600

/* The deepest node on the way to path that the user wrote. */
static const struct node *nearest(const struct node *root, const struct api_path *path)
{
    if (path == NULL) {
        return root;
    }
    const struct node *parent = nearest(root, path->parent);
    if (parent == NULL) {
        return NULL;
    }
    const struct node *n = NULL;
    if (path->name != NULL) {
        n = node_get(parent, path->name);
    } else if (parent->kind == NODE_LIST) {
        n = parent->first;
        for (size_t i = 0; n != NULL && i < path->index; i++) {
            n = n->next;
        }
    }
    return n != NULL ? n : parent;
}

void api_error(struct api_errors *e, const struct api_path *path, const char *kind,
               const char *value, const char *detail)
{
    const struct node *n = nearest(e->root, path);
    struct strbuf reason = {.arena = e->arena};
    struct hpa_field_error *error = vec_push(e->arena, &e->list);
    strbuf_add(&reason, kind);
    if (value != NULL) {
        strbuf_printf(&reason, ": %s", value);
    }
    if (*detail != '\0') {
        strbuf_printf(&reason, ": %s", detail);
    }
    error->path = api_path_text(e->arena, path);
    error->kind = kind;
    error->reason = strbuf_text(&reason);
    error->text = arena_printf(e->arena, "%s: %s", error->path, error->reason);
    error->mark = n != NULL ? n->mark : (struct mark){0};
}

void api_required(struct api_errors *e, const struct api_path *path, const char *name,
                  const char *detail)
{
    const struct api_path field = {.parent = path, .name = name};
    api_error(e, &field, "Required value", NULL, detail);
}

void api_invalid(struct api_errors *e, const struct api_path *path, const char *name,
                 const char *value, const char *detail)
{
    const struct api_path field = {.parent = path, .name = name};
    api_error(e, &field, "Invalid value", value, detail);
}

void api_invalid_int(struct api_errors *e, const struct api_path *path, const char *name,
                     int32_t value, const char *detail)
{
    api_invalid(e, path, name, arena_printf(e->arena, "%" PRId32, value), detail);
}

void api_invalid_each(struct api_errors *e, const struct api_path *path, const char *name,
                      const char *value, struct messages messages)
{
    for (size_t i = 0; i < messages.count; i++) {
        api_invalid(e, path, name, go_quote(e->arena, value), messages.text[i]);
    }
}

/* pkg/util/validation counts "characters" where pkg/api/validate/content counts "bytes". */
struct messages api_in_characters(struct arena *a, struct messages m)
{
    static const char bytes[] = " bytes";
    for (size_t i = 0; i < m.count; i++) {
        if (str_ends(m.text[i], bytes)) {
            const size_t len = strlen(m.text[i]) - (sizeof bytes - 1);
            m.text[i] = arena_printf(a, "%.*s characters", (int)len, m.text[i]);
        }
    }
    return m;
}

/* content.IsPathSegmentName */
void api_path_segment(struct api_errors *e, const struct api_path *path, const char *name,
                      const char *value)
{
    if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0) {
        api_invalid(e, path, name, go_quote(e->arena, value),
                    arena_printf(e->arena, "may not be '%s'", value));
        return;
    }
    if (strchr(value, '/') != NULL) {
        api_invalid(e, path, name, go_quote(e->arena, value), "may not contain '/'");
    }
    if (strchr(value, '%') != NULL) {
        api_invalid(e, path, name, go_quote(e->arena, value), "may not contain '%'");
    }
}

static size_t slashes(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++) {
        n += *s == '/';
    }
    return n;
}

/* ValidateAPIVersion */
bool api_version_fits(const char *api_version, bool empty_group)
{
    const size_t count = slashes(api_version);
    if (count > 1) {
        return false;
    }
    return empty_group || (count == 1 && api_version[0] != '/');
}

void api_validate_reference(const struct api_validation *v, const struct api_reference *ref,
                            const struct api_path *path, struct api_rules_of_references rules)
{
    struct api_errors *e = v->errors;
    if (*ref->kind == '\0') {
        api_required(e, path, "kind", "");
    } else {
        api_path_segment(e, path, "kind", ref->kind);
    }
    if (*ref->name == '\0') {
        api_required(e, path, "name", "");
    } else {
        api_path_segment(e, path, "name", ref->name);
    }
    if (rules.any || api_version_fits(ref->api_version, rules.empty_group)) {
        return;
    }
    const char *why =
        slashes(ref->api_version) > 1
            ? arena_printf(e->arena, "unexpected GroupVersion string: %s", ref->api_version)
            : "apiVersion must specify API group";
    api_invalid(e, path, "apiVersion", go_quote(e->arena, ref->api_version), why);
}

static void validate_labels(const struct api_hpa *hpa, const struct api_path *metadata,
                            struct api_errors *e)
{
    for (size_t i = 0; i < hpa->label_count; i++) {
        const struct label *l = &hpa->labels[i];
        api_invalid_each(e, metadata, "labels", l->key, label_key_messages(e->arena, l->key));
        api_invalid_each(e, metadata, "labels", l->value, label_value_messages(e->arena, l->value));
    }
    for (size_t i = 0; i < hpa->annotation_count; i++) {
        const char *key = hpa->annotations[i].key;
        char *lower = arena_strdup(e->arena, key);
        for (char *c = lower; *c != '\0'; c++) {
            *c = (char)tolower((unsigned char)*c);
        }
        api_invalid_each(e, metadata, "annotations", key, label_key_messages(e->arena, lower));
    }
}

/* NameIsDNSSubdomain of a prefix: what generateName is checked with. */
static const char *masked_prefix(struct arena *a, const char *prefix)
{
    char *s = arena_strdup(a, prefix);
    const size_t len = strlen(s);
    if (len > 1 && s[len - 1] == '-') {
        s[len - 2] = 'a';
        s[len - 1] = '\0';
    }
    return s;
}

/* NameIsDNSSubdomain */
static struct messages name_messages(struct arena *a, const char *name)
{
    return api_in_characters(a, dns_subdomain_messages(a, name));
}

/* ValidateObjectMeta */
static void validate_metadata(const struct api_hpa *hpa, struct api_errors *e)
{
    const struct api_path metadata = {.name = "metadata"};
    if (*hpa->generate_name != '\0') {
        api_invalid_each(e, &metadata, "generateName", hpa->generate_name,
                         name_messages(e->arena, masked_prefix(e->arena, hpa->generate_name)));
    }
    if (*hpa->name == '\0') {
        api_required(e, &metadata, "name", "name or generateName is required");
    } else {
        api_invalid_each(e, &metadata, "name", hpa->name, name_messages(e->arena, hpa->name));
    }
    api_invalid_each(
        e, &metadata, "namespace", hpa->namespace_name,
        api_in_characters(e->arena, dns_label_messages(e->arena, hpa->namespace_name)));
    validate_labels(hpa, &metadata, e);
}

static void validate_replicas(const struct api_validation *v, const struct api_hpa *hpa,
                              const struct api_path *spec)
{
    struct api_errors *e = v->errors;
    const int32_t min = hpa->min_replicas.value;
    const int32_t max = hpa->max_replicas;
    if (hpa->min_replicas.set && min < v->min_replicas_bound) {
        api_invalid_int(e, spec, "minReplicas", min,
                        v->min_replicas_bound == 0 ? "must be greater than or equal to 0"
                                                   : "must be greater than or equal to 1");
    }
    if (!v->config->profile.max_replicas_required) {
        if (max < 1) {
            api_invalid_int(e, spec, "maxReplicas", max, "must be greater than 0");
        }
    } else if (max == 0) {
        api_required(e, spec, "maxReplicas", "must be set and greater than 0");
    } else if (max < 0) {
        api_invalid_int(e, spec, "maxReplicas", max, "must be greater than or equal to 1");
    }
    if (hpa->min_replicas.set && max < min) {
        api_invalid_int(e, spec, "maxReplicas", max,
                        "must be greater than or equal to `minReplicas`");
    }
}

static void validate_policy(struct api_errors *e, const struct api_policy *policy,
                            const struct api_path *path)
{
    if (strcmp(policy->type, "Pods") != 0 && strcmp(policy->type, "Percent") != 0) {
        const struct api_path type = {.parent = path, .name = "type"};
        api_error(e, &type, "Unsupported value", go_json_string(e->arena, policy->type),
                  "supported values: \"Percent\", \"Pods\"");
    }
    if (policy->value <= 0) {
        api_invalid_int(e, path, "value", policy->value, "must be greater than zero");
    }
    if (policy->period_seconds <= 0) {
        api_invalid_int(e, path, "periodSeconds", policy->period_seconds,
                        "must be greater than zero");
    }
    if (policy->period_seconds > MAX_PERIOD_SECONDS) {
        api_invalid_int(e, path, "periodSeconds", policy->period_seconds,
                        "must be less than or equal to 1800");
    }
}

static bool known_select_policy(const char *policy)
{
    return strcmp(policy, "Max") == 0 || strcmp(policy, "Min") == 0 ||
           strcmp(policy, "Disabled") == 0;
}

/* validateScalingRules */
static void validate_rules(struct api_errors *e, const struct api_rules *rules,
                           const struct api_path *behavior, const char *name)
{
    const struct api_path path = {.parent = behavior, .name = name};
    const struct api_path policies = {.parent = &path, .name = "policies"};
    if (!rules->set) {
        return;
    }
    if (rules->window.set && rules->window.value < 0) {
        api_invalid_int(e, &path, "stabilizationWindowSeconds", rules->window.value,
                        "must be greater than or equal to zero");
    }
    if (rules->window.set && rules->window.value > MAX_WINDOW_SECONDS) {
        api_invalid_int(e, &path, "stabilizationWindowSeconds", rules->window.value,
                        "must be less than or equal to 3600");
    }
    if (rules->select_policy != NULL && !known_select_policy(rules->select_policy)) {
        const struct api_path select = {.parent = &path, .name = "selectPolicy"};
        api_error(e, &select, "Unsupported value", go_json_string(e->arena, rules->select_policy),
                  "supported values: \"Disabled\", \"Max\", \"Min\"");
    }
    if (rules->policy_count == 0) {
        api_error(e, &policies, "Required value", NULL, "must specify at least one Policy");
    }
    for (size_t i = 0; i < rules->policy_count; i++) {
        const struct api_path item = {.parent = &policies, .index = i};
        validate_policy(e, &rules->policies[i], &item);
    }
    if (rules->tolerance.set && quantity_sign(&rules->tolerance.q) < 0) {
        api_invalid(e, &path, "tolerance",
                    go_quote(e->arena, quantity_string(e->arena, &rules->tolerance.q)),
                    "must be greater than or equal to 0");
    }
}

static bool has_invalid_object(const struct api_hpa *old)
{
    for (size_t i = 0; i < old->metric_count; i++) {
        const struct api_source *object = old->metrics[i].sources[HPA_METRIC_OBJECT];
        if (object != NULL && strcmp(old->metrics[i].type, "Object") == 0 &&
            !api_version_fits(object->object.api_version, true)) {
            return true;
        }
    }
    return false;
}

/* validationOptionsForHorizontalPodAutoscaler */
static struct api_validation options(const struct api_hpa *hpa, const struct api_hpa *old,
                                     const struct hpa_config *config, struct api_errors *errors)
{
    const bool old_zero = old != NULL && old->min_replicas.set && old->min_replicas.value == 0;
    struct api_validation v = {
        .errors = errors,
        .config = config,
        .min_replicas_bound = config->gates.scale_to_zero || old_zero ? 0 : 1,
        .objects.empty_group = true,
    };
    if (!config->profile.api_version_checked) {
        v.scale_target.any = true;
        v.objects.any = true;
        return v;
    }
    if (old != NULL && strcmp(old->target.api_version, hpa->target.api_version) == 0 &&
        strcmp(old->target.kind, hpa->target.kind) == 0) {
        v.scale_target.any = true;
    } else if (strcmp(hpa->target.kind, "ReplicationController") == 0) {
        v.scale_target.empty_group = true;
    }
    v.objects.any = old != NULL && has_invalid_object(old);
    return v;
}

/* ValidateHorizontalPodAutoscaler, ValidateHorizontalPodAutoscalerUpdate */
void api_validate(const struct api_hpa *hpa, const struct api_hpa *old,
                  const struct hpa_config *config, struct api_errors *errors)
{
    const struct api_path spec = {.name = "spec"};
    const struct api_path target = {.parent = &spec, .name = "scaleTargetRef"};
    const struct api_path metrics = {.parent = &spec, .name = "metrics"};
    const struct api_path behavior = {.parent = &spec, .name = "behavior"};
    const struct api_validation v = options(hpa, old, config, errors);
    validate_metadata(hpa, errors);
    validate_replicas(&v, hpa, &spec);
    api_validate_reference(&v, &hpa->target, &target, v.scale_target);
    api_validate_metrics(&v, hpa, &metrics);
    if (hpa->has_behavior) {
        validate_rules(errors, &hpa->scale_up, &behavior, "scaleUp");
        validate_rules(errors, &hpa->scale_down, &behavior, "scaleDown");
    }
}
