/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind hpa: what the webhook and the controller say to a ScaledObject, and the HPA it
 * becomes, in the form in which Go writes a HorizontalPodAutoscalerSpec.
 */
#include "decide_keda.h"

#include "manifest/scaledobject_object.h"

#include <string.h>

#define KEDA_VERSION "main" /* of a build that is no release, as the vectors' is */

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_string(w, text);
}

static void write_node(struct json_writer *w, const struct node *n)
{
    switch (n->kind) {
    case NODE_NULL:
        json_null(w);
        break;
    case NODE_BOOL:
        json_bool(w, strcmp(n->text, "true") == 0);
        break;
    case NODE_NUMBER:
        json_raw(w, n->text);
        break;
    case NODE_STRING:
        json_string(w, n->text);
        break;
    case NODE_LIST:
        json_list(w);
        for (const struct node *m = n->first; m != NULL; m = m->next) {
            write_node(w, m);
        }
        json_list_end(w);
        break;
    case NODE_MAP:
        json_map(w);
        for (const struct node *m = n->first; m != NULL; m = m->next) {
            json_key(w, m->key);
            write_node(w, m);
        }
        json_map_end(w);
        break;
    }
}

static void write_member(struct json_writer *w, const struct node *map, const char *key)
{
    const struct node *n = node_get(map, key);
    if (n != NULL && n->kind != NODE_NULL) {
        json_key(w, key);
        write_node(w, n);
    }
}

static void write_policies(struct json_writer *w, const struct node *rules)
{
    const struct node *list = node_get(rules, "policies");
    if (list == NULL || list->first == NULL) {
        return;
    }
    json_key(w, "policies");
    json_list(w);
    for (const struct node *p = list->first; p != NULL; p = p->next) {
        json_map(w);
        write_member(w, p, "type");
        write_member(w, p, "value");
        write_member(w, p, "periodSeconds");
        json_map_end(w);
    }
    json_list_end(w);
}

/* HPAScalingRules; none when it was not given and nothing disables it. */
static void write_rules(struct json_writer *w, const char *key, const struct node *behavior,
                        bool disabled)
{
    const struct node *rules = node_get(behavior, key);
    if ((rules == NULL || rules->kind == NODE_NULL) && !disabled) {
        return;
    }
    json_key(w, key);
    json_map(w);
    write_member(w, rules, "stabilizationWindowSeconds");
    if (disabled) {
        write_text(w, "selectPolicy", "Disabled");
    } else {
        write_member(w, rules, "selectPolicy");
    }
    write_policies(w, rules);
    write_member(w, rules, "tolerance");
    json_map_end(w);
}

static void write_target(struct json_writer *w, struct arena *a, const struct keda_metric *m)
{
    json_key(w, "target");
    json_map(w);
    write_text(w, "type", m->target_type);
    if (m->kind != KEDA_METRIC_EXTERNAL && strcmp(m->target_type, "Utilization") == 0) {
        json_key(w, "averageUtilization");
        json_int(w, m->utilization);
    } else {
        write_text(w, strcmp(m->target_type, "AverageValue") == 0 ? "averageValue" : "value",
                   quantity_string(a, &m->target));
    }
    json_map_end(w);
}

static void write_external(struct json_writer *w, struct arena *a, const struct keda_metric *m,
                           const char *owner)
{
    json_map(w);
    json_key(w, "metric");
    json_map(w);
    write_text(w, "name", m->name);
    json_key(w, "selector");
    json_map(w);
    json_key(w, "matchLabels");
    json_map(w);
    write_text(w, KEDA_OWNER_LABEL, owner);
    json_map_end(w);
    json_map_end(w);
    json_map_end(w);
    write_target(w, a, m);
    json_map_end(w);
}

static void write_metric(struct json_writer *w, struct arena *a, const struct keda_metric *m,
                         const char *owner)
{
    static const char *const types[] = {"ContainerResource", "External", "Resource"};
    static const char *const keys[] = {"containerResource", "external", "resource"};
    json_map(w);
    write_text(w, "type", types[m->kind]);
    json_key(w, keys[m->kind]);
    if (m->kind == KEDA_METRIC_EXTERNAL) {
        write_external(w, a, m, owner);
    } else {
        json_map(w);
        write_text(w, "name", m->name);
        write_target(w, a, m);
        if (m->kind == KEDA_METRIC_CONTAINER_RESOURCE) {
            write_text(w, "container", m->container);
        }
        json_map_end(w);
    }
    json_map_end(w);
}

static void write_hpa_spec(struct json_writer *w, struct arena *a, const struct keda_hpa *hpa,
                           const char *owner)
{
    json_map(w);
    json_key(w, "scaleTargetRef");
    json_map(w);
    write_text(w, "kind", hpa->target_kind);
    write_text(w, "name", hpa->target_name);
    write_text(w, "apiVersion", hpa->target_api_version);
    json_map_end(w);
    json_key(w, "minReplicas");
    json_int(w, hpa->min_replicas);
    json_key(w, "maxReplicas");
    json_int(w, hpa->max_replicas);
    json_key(w, "metrics");
    json_list(w);
    for (size_t i = 0; i < hpa->metric_count; i++) {
        write_metric(w, a, &hpa->metrics[i], owner);
    }
    json_list_end(w);
    if (hpa->behavior != NULL || hpa->scale_up_disabled || hpa->scale_down_disabled) {
        json_key(w, "behavior");
        json_map(w);
        write_rules(w, "scaleUp", hpa->behavior, hpa->scale_up_disabled);
        write_rules(w, "scaleDown", hpa->behavior, hpa->scale_down_disabled);
        json_map_end(w);
    }
    json_map_end(w);
}

static void write_names(struct json_writer *w, const char *key, const char *const *names,
                        size_t count)
{
    if (count == 0) {
        return;
    }
    json_key(w, key);
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_string(w, names[i]);
    }
    json_list_end(w);
}

static void write_hpa(struct json_writer *w, struct arena *a, const struct keda_hpa *hpa,
                      const char *owner)
{
    write_text(w, "name", hpa->name);
    json_key(w, "hpa");
    write_hpa_spec(w, a, hpa, owner);
    json_key(w, "labels");
    json_map(w);
    for (size_t i = 0; i < hpa->label_count; i++) {
        write_text(w, hpa->labels[i].key, hpa->labels[i].value);
    }
    json_map_end(w);
    write_names(w, "externalMetricNames", hpa->external_names, hpa->external_count);
    write_names(w, "resourceMetricNames", hpa->resource_names, hpa->resource_count);
    if (hpa->composite) {
        write_text(w, "compositeScalerName", KEDA_COMPOSITE_METRIC);
    }
}

static void write_checks(struct json_writer *w, struct arena *a, const struct scaled_object *so)
{
    const char *const keys[] = {"bounds", "fallback", "modifiers", "triggers"};
    const char *const errors[] = {
        scaled_object_check_bounds(so, a), scaled_object_check_fallback(so, a),
        scaled_object_check_modifiers(so, a), triggers_check(so->triggers, so->trigger_count, a)};
    bool open = false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (errors[i] == NULL) {
            continue;
        }
        if (!open) {
            json_key(w, "checks");
            json_map(w);
            open = true;
        }
        write_text(w, keys[i], errors[i]);
    }
    if (open) {
        json_map_end(w);
    }
}

/* What a reconciliation of a new object comes to. */
static struct keda_hpa reconcile(struct arena *a, const struct scaled_object *so)
{
    struct keda_hpa hpa = {0};
    struct optional_int32 count;
    if (scaled_object_paused(so)) {
        if (!scaled_object_paused_replicas(so, a, &count, &hpa.error)) {
            hpa.error = arena_printf(a, "failed to parse paused replica count: %s", hpa.error);
        }
        return hpa;
    }
    hpa.error = *so->target_name == '\0' ? "ScaledObject.spec.scaleTargetRef.name is missing"
                                         : scaled_object_check_bounds(so, a);
    if (hpa.error == NULL) {
        hpa.error = triggers_check(so->triggers, so->trigger_count, a);
    }
    struct keda_trigger *triggers = arena_array(a, struct keda_trigger, so->trigger_count);
    struct keda_metric *metrics = arena_array(a, struct keda_metric, so->trigger_count);
    if (hpa.error == NULL) {
        hpa.error = keda_build_triggers(a, so->triggers, so->trigger_count,
                                        scaled_object_uses_modifiers(so), triggers, metrics);
    }
    if (hpa.error == NULL && *so->modifiers.formula != '\0') {
        hpa.error = scaled_object_check_modifiers(so, a);
    }
    return hpa.error != NULL ? hpa : keda_hpa_generate(a, so, metrics, KEDA_VERSION);
}

static const char *paused_condition(const struct scaled_object *so)
{
    const bool is_paused = scaled_object_paused(so) ||
                           scaled_object_flag(so, KEDA_PAUSED_SCALE_IN) ||
                           scaled_object_flag(so, KEDA_PAUSED_SCALE_OUT);
    return is_paused ? "True/ScaledObjectPaused" : "False/";
}

bool keda_decide_hpa(struct keda_case *c, struct json_writer *w)
{
    struct arena *a = &c->room->tree;
    const struct node *root = c->root;
    struct diag *d = c->read.diag;
    struct field_reader r = {.arena = a, .diag = d};
    struct scaled_object so;
    const struct node *object = field_member(&r, root, "scaledObject", NODE_MAP);
    if (object == NULL) {
        field_error(&r, root->mark, "a case of kind hpa needs a scaledObject");
        return false;
    }
    if (!scaled_object_read(a, object, &so, d)) {
        return false;
    }
    const struct scaled_object_verdict verdict = scaled_object_admit(&so, a);
    const struct keda_hpa hpa = reconcile(a, &so);
    json_map(w);
    write_text(w, "webhook", verdict.error == NULL ? "ok" : "reject");
    json_key(w, "warnings");
    json_int(w, (int64_t)verdict.warning_count);
    write_checks(w, a, &so);
    if (hpa.error != NULL) {
        write_text(w, "reconcileErr", hpa.error);
    } else if (hpa.name != NULL) {
        write_hpa(w, a, &hpa, so.name);
    }
    write_text(w, "paused", paused_condition(&so));
    json_map_end(w);
    return true;
}
