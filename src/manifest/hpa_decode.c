/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A HorizontalPodAutoscaler's tree into the API's internal type: autoscaling/v2 (and v2beta2,
 * which has the same fields). Types are checked as Go's decoder does; values are not, that is
 * validation's. null is as absent. Unknown fields are the schema's business, not ours.
 *
 * The trap: in annotations of autoscaling/v1 the behavior is Go's internal type, whose field
 * names are capitalized and matched without regard to case.
 */
#include "hpa_api.h"

#include "base/str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *api_path_text(struct arena *a, const struct api_path *path)
{
    if (path->name == NULL) {
        return arena_printf(a, "%s[%zu]", api_path_text(a, path->parent), path->index);
    }
    if (path->parent == NULL) {
        return path->name;
    }
    return arena_printf(a, "%s.%s", api_path_text(a, path->parent), path->name);
}

const char *api_source_name(enum hpa_metric_type type)
{
    static const char *const names[API_SOURCES] = {"resource", "containerResource", "pods",
                                                   "object", "external"};
    return names[type];
}

static bool equal_without_case(const char *x, const char *y)
{
    while (*x != '\0' && tolower((unsigned char)*x) == tolower((unsigned char)*y)) {
        x++;
        y++;
    }
    return *x == *y;
}

/* The member, or NULL when it is absent or null. */
static const struct node *present(const struct api_decoder *dec, const struct node *map,
                                  const char *name)
{
    const struct node *n = node_get(map, name);
    if (n == NULL && dec->quiet && map != NULL) {
        for (n = map->first; n != NULL && !equal_without_case(n->key, name); n = n->next) {
        }
    }
    return n == NULL || n->kind == NODE_NULL ? NULL : n;
}

static void wrong_type(struct api_decoder *dec, const struct node *n, const struct api_path *path,
                       const char *expected)
{
    dec->failed = true;
    if (!dec->quiet) {
        diag_error(dec->diag, n->mark, "%s: expected %s, found %s", api_path_text(dec->arena, path),
                   expected, node_kind_name(n->kind));
    }
}

const struct node *api_member(struct api_decoder *dec, const struct node *map,
                              const struct api_path *path, enum node_kind kind,
                              struct api_path *member, const char *name)
{
    *member = (struct api_path){.parent = path, .name = name};
    const struct node *n = present(dec, map, name);
    if (n != NULL && n->kind != kind) {
        wrong_type(dec, n, member, node_kind_name(kind));
        return NULL;
    }
    return n;
}

const char *api_string(struct api_decoder *dec, const struct node *map, const struct api_path *path,
                       const char *name)
{
    struct api_path member;
    const struct node *n = api_member(dec, map, path, NODE_STRING, &member, name);
    return n != NULL ? n->text : "";
}

struct api_int api_int(struct api_decoder *dec, const struct node *map, const struct api_path *path,
                       const char *name)
{
    struct api_path member;
    const struct node *n = api_member(dec, map, path, NODE_NUMBER, &member, name);
    int64_t value = 0;
    if (n == NULL) {
        return (struct api_int){0};
    }
    if (!str_to_int64(n->text, &value) || value < INT32_MIN || value > INT32_MAX) {
        dec->failed = true;
        if (!dec->quiet) {
            diag_error(dec->diag, n->mark, "%s: %s is not a 32-bit integer",
                       api_path_text(dec->arena, &member), n->text);
        }
        return (struct api_int){0};
    }
    return (struct api_int){.set = true, .value = (int32_t)value};
}

struct api_quantity api_quantity(struct api_decoder *dec, const struct node *map,
                                 const struct api_path *path, const char *name)
{
    const struct api_path member = {.parent = path, .name = name};
    const struct node *n = present(dec, map, name);
    struct api_quantity out = {0};
    if (n == NULL) {
        return out;
    }
    if (n->kind != NODE_STRING && n->kind != NODE_NUMBER) {
        wrong_type(dec, n, &member, "a quantity");
        return out;
    }
    const enum quantity_error error = quantity_parse(dec->arena, n->text, &out.q);
    if (error != QUANTITY_OK) {
        dec->failed = true;
        if (!dec->quiet) {
            diag_error(dec->diag, n->mark, "%s: \"%s\" is not a quantity: %s",
                       api_path_text(dec->arena, &member), n->text, quantity_error_text(error));
        }
        return out;
    }
    out.set = true;
    return out;
}

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct label *)x)->key, ((const struct label *)y)->key);
}

/* A map of strings, sorted by key (keys are unique). */
static struct label *string_map(struct api_decoder *dec, const struct node *map,
                                const struct api_path *path, const char *name, size_t *count)
{
    struct api_path member;
    const struct node *n = api_member(dec, map, path, NODE_MAP, &member, name);
    *count = 0;
    if (n == NULL || n->count == 0) {
        return NULL;
    }
    struct label *out = arena_array(dec->arena, struct label, n->count);
    for (const struct node *e = n->first; e != NULL; e = e->next) {
        out[(*count)++] = (struct label){e->key, api_string(dec, n, &member, e->key)};
    }
    qsort(out, *count, sizeof *out, by_key);
    return out;
}

static struct label_expression expression(struct api_decoder *dec, const struct node *n,
                                          const struct api_path *path)
{
    struct api_path member;
    struct label_expression out = {
        .key = api_string(dec, n, path, "key"),
        .operator= api_string(dec, n, path, "operator"),
    };
    const struct node *values = api_member(dec, n, path, NODE_LIST, &member, "values");
    if (values == NULL) {
        return out;
    }
    const char **texts = arena_array(dec->arena, const char *, values->count);
    for (const struct node *v = values->first; v != NULL; v = v->next) {
        const struct api_path item = {.parent = &member, .index = out.value_count};
        if (v->kind != NODE_STRING) {
            wrong_type(dec, v, &item, "a string");
            continue;
        }
        texts[out.value_count++] = v->text;
    }
    out.values = texts;
    return out;
}

struct api_selector api_selector(struct api_decoder *dec, const struct node *map,
                                 const struct api_path *path, const char *name)
{
    struct api_path member;
    struct api_path expressions;
    struct api_selector out = {0};
    const struct node *n = api_member(dec, map, path, NODE_MAP, &member, name);
    if (n == NULL) {
        return out;
    }
    out.set = true;
    out.match_labels = string_map(dec, n, &member, "matchLabels", &out.match_label_count);
    const struct node *list =
        api_member(dec, n, &member, NODE_LIST, &expressions, "matchExpressions");
    if (list == NULL || list->count == 0) {
        return out;
    }
    out.match_expressions = arena_array(dec->arena, struct label_expression, list->count);
    for (const struct node *e = list->first; e != NULL; e = e->next) {
        const struct api_path item = {.parent = &expressions, .index = out.match_expression_count};
        out.match_expressions[out.match_expression_count++] = expression(dec, e, &item);
    }
    return out;
}

struct api_reference api_reference(struct api_decoder *dec, const struct node *map,
                                   const struct api_path *path, const char *name)
{
    struct api_path member;
    const struct node *n = api_member(dec, map, path, NODE_MAP, &member, name);
    return (struct api_reference){
        .kind = api_string(dec, n, &member, "kind"),
        .name = api_string(dec, n, &member, "name"),
        .api_version = api_string(dec, n, &member, "apiVersion"),
    };
}

static struct api_target target(struct api_decoder *dec, const struct node *source,
                                const struct api_path *path)
{
    struct api_path member;
    const struct node *n = api_member(dec, source, path, NODE_MAP, &member, "target");
    return (struct api_target){
        .type = api_string(dec, n, &member, "type"),
        .value = api_quantity(dec, n, &member, "value"),
        .average_value = api_quantity(dec, n, &member, "averageValue"),
        .average_utilization = api_int(dec, n, &member, "averageUtilization"),
    };
}

static struct api_source *source(struct api_decoder *dec, const struct node *metric,
                                 const struct api_path *path, enum hpa_metric_type type)
{
    struct api_path member;
    struct api_path identifier;
    const struct node *n = api_member(dec, metric, path, NODE_MAP, &member, api_source_name(type));
    if (n == NULL) {
        return NULL;
    }
    struct api_source *out = arena_new(dec->arena, struct api_source);
    out->object = api_reference(dec, n, &member, "describedObject");
    out->target = target(dec, n, &member);
    out->container = "";
    if (type == HPA_METRIC_RESOURCE || type == HPA_METRIC_CONTAINER_RESOURCE) {
        out->name = api_string(dec, n, &member, "name");
        out->container = api_string(dec, n, &member, "container");
        return out;
    }
    const struct node *id = api_member(dec, n, &member, NODE_MAP, &identifier, "metric");
    out->name = api_string(dec, id, &identifier, "name");
    out->selector = api_selector(dec, id, &identifier, "selector");
    return out;
}

void api_decode_metrics_v2(struct api_decoder *dec, const struct node *list,
                           const struct api_path *path, struct api_hpa *out)
{
    out->metrics = arena_array(dec->arena, struct api_metric, list->count);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        const struct api_path item = {.parent = path, .index = out->metric_count};
        struct api_metric *metric = &out->metrics[out->metric_count++];
        metric->mark = n->mark;
        if (n->kind != NODE_MAP) {
            wrong_type(dec, n, &item, "a map");
            continue;
        }
        metric->type = api_string(dec, n, &item, "type");
        for (int type = 0; type < API_SOURCES; type++) {
            metric->sources[type] = source(dec, n, &item, (enum hpa_metric_type)type);
        }
    }
}

void api_decode_rules(struct api_decoder *dec, const struct node *behavior,
                      const struct api_path *path, const char *name, struct api_rules *out)
{
    struct api_path member;
    struct api_path policies;
    const struct node *n = api_member(dec, behavior, path, NODE_MAP, &member, name);
    if (n == NULL) {
        return;
    }
    struct api_path select;
    const struct node *policy = api_member(dec, n, &member, NODE_STRING, &select, "selectPolicy");
    out->set = true;
    out->window = api_int(dec, n, &member, "stabilizationWindowSeconds");
    out->select_policy = policy != NULL ? policy->text : NULL;
    out->tolerance = api_quantity(dec, n, &member, "tolerance");
    const struct node *list = api_member(dec, n, &member, NODE_LIST, &policies, "policies");
    if (list == NULL) {
        return;
    }
    out->has_policies = true;
    out->policies = arena_array(dec->arena, struct api_policy, list->count);
    for (const struct node *p = list->first; p != NULL; p = p->next) {
        const struct api_path item = {.parent = &policies, .index = out->policy_count};
        if (p->kind != NODE_MAP) {
            wrong_type(dec, p, &item, "a map");
            continue;
        }
        out->policies[out->policy_count++] = (struct api_policy){
            .type = api_string(dec, p, &item, "type"),
            .value = api_int(dec, p, &item, "value").value,
            .period_seconds = api_int(dec, p, &item, "periodSeconds").value,
        };
    }
}

static void decode_metadata(struct api_decoder *dec, const struct node *root, struct api_hpa *out)
{
    struct api_path metadata;
    const struct node *n = api_member(dec, root, NULL, NODE_MAP, &metadata, "metadata");
    out->name = api_string(dec, n, &metadata, "name");
    out->generate_name = api_string(dec, n, &metadata, "generateName");
    out->namespace_name = api_string(dec, n, &metadata, "namespace");
    if (*out->namespace_name == '\0') {
        out->namespace_name = "default";
    }
    out->labels = string_map(dec, n, &metadata, "labels", &out->label_count);
    out->annotations = string_map(dec, n, &metadata, "annotations", &out->annotation_count);
}

static void decode_spec_v2(struct api_decoder *dec, const struct node *spec,
                           const struct api_path *path, struct api_hpa *out)
{
    struct api_path member;
    const struct node *metrics = api_member(dec, spec, path, NODE_LIST, &member, "metrics");
    if (metrics != NULL && str_equal(out->api_version, "autoscaling/v2beta1")) {
        api_decode_metrics_v1(dec, metrics, &member, out);
    } else if (metrics != NULL) {
        api_decode_metrics_v2(dec, metrics, &member, out);
    }
    const struct node *behavior = api_member(dec, spec, path, NODE_MAP, &member, "behavior");
    out->has_behavior = behavior != NULL;
    api_decode_rules(dec, behavior, &member, "scaleUp", &out->scale_up);
    api_decode_rules(dec, behavior, &member, "scaleDown", &out->scale_down);
}

bool api_decode(struct api_decoder *dec, const struct node *root, struct api_hpa *out)
{
    struct api_path spec;
    out->api_version = api_string(dec, root, NULL, "apiVersion");
    decode_metadata(dec, root, out);
    const struct node *n = api_member(dec, root, NULL, NODE_MAP, &spec, "spec");
    out->target = api_reference(dec, n, &spec, "scaleTargetRef");
    out->min_replicas = api_int(dec, n, &spec, "minReplicas");
    out->max_replicas = api_int(dec, n, &spec, "maxReplicas").value;
    if (str_equal(out->api_version, "autoscaling/v1")) {
        api_convert_v1(dec, n, &spec, out);
    } else {
        decode_spec_v2(dec, n, &spec, out);
    }
    return !dec->failed;
}
