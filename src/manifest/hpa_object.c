/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an object's tree to the spec of control/hpa, by the API server's steps in their order:
 * decode, default, convert, drop what a gate keeps off, validate (k8s.io/kubernetes v1.36.3,
 * pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go).
 *
 * The trap: v1 objects are validated before the behavior's defaults are filled in, v2 objects
 * after; v1's behavior gets them when it is read back as v2.
 */
#include "manifest/hpa_object.h"

#include "base/str.h"
#include "hpa_api.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Whether this release serves the version; reports it otherwise. */
static bool version_served(const struct node *root, const char *version,
                           const struct hpa_config *config, struct diag *d)
{
    const struct hpa_profile *profile = &config->profile;
    const struct node *kind = node_get(root, "kind");
    const struct node *at = node_get(root, "apiVersion");
    const struct mark mark = at != NULL ? at->mark : root->mark;
    if (kind == NULL || !str_equal(node_string(kind), "HorizontalPodAutoscaler")) {
        diag_error(d, kind != NULL ? kind->mark : root->mark,
                   "kind: expected HorizontalPodAutoscaler");
        return false;
    }
    if (str_equal(version, "autoscaling/v2") || str_equal(version, "autoscaling/v1") ||
        (str_equal(version, "autoscaling/v2beta2") && !profile->v2beta2_gone) ||
        (str_equal(version, "autoscaling/v2beta1") && !profile->v2beta1_gone)) {
        return true;
    }
    diag_error(d, mark,
               "apiVersion: no matches for kind \"HorizontalPodAutoscaler\" in version \"%s\" "
               "(Kubernetes 1.%" PRId32 ")",
               version, profile->minor);
    diag_help(d, "use autoscaling/v2");
    return false;
}

static int word_index(const char *word, const char *(*name)(int), int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(word, name(i)) == 0) {
            return i;
        }
    }
    return 0;
}

static const char *metric_word(int i)
{
    return hpa_metric_type_name((enum hpa_metric_type)i);
}

static const char *target_word(int i)
{
    return hpa_target_type_name((enum hpa_target_type)i);
}

static const char *policy_word(int i)
{
    return hpa_policy_type_name((enum hpa_policy_type)i);
}

static const char *select_word(int i)
{
    return hpa_select_policy_name((enum hpa_select_policy)i);
}

/* LabelSelector.String(), which upstream's messages show through %+v. */
static const char *selector_text(struct arena *a, const struct api_selector *s)
{
    struct strbuf b = {.arena = a};
    if (!s->set) {
        return "nil";
    }
    strbuf_add(&b, "&LabelSelector{MatchLabels:map[string]string{");
    for (size_t i = 0; i < s->match_label_count; i++) {
        strbuf_printf(&b, "%s: %s,", s->match_labels[i].key, s->match_labels[i].value);
    }
    strbuf_add(&b, "},MatchExpressions:[]LabelSelectorRequirement{");
    for (size_t i = 0; i < s->match_expression_count; i++) {
        const struct label_expression *e = &s->match_expressions[i];
        strbuf_printf(&b, "LabelSelectorRequirement{Key:%s,Operator:%s,Values:[", e->key,
                      e->operator);
        for (size_t j = 0; j < e->value_count; j++) {
            strbuf_printf(&b, "%s%s", j > 0 ? " " : "", e->values[j]);
        }
        strbuf_add(&b, "],},");
    }
    strbuf_add(&b, "},}");
    return strbuf_text(&b);
}

static struct hpa_target build_target(const struct api_target *t)
{
    return (struct hpa_target){
        .type = (enum hpa_target_type)word_index(t->type, target_word, 3),
        .has_value = t->value.set,
        .has_average_value = t->average_value.set,
        .has_average_utilization = t->average_utilization.set,
        .average_utilization = t->average_utilization.value,
        .value = t->value.set ? quantity_milli_value(&t->value.q) : 0,
        .average_value = t->average_value.set ? quantity_milli_value(&t->average_value.q) : 0,
    };
}

static void build_selector(struct arena *a, const struct api_selector *s, struct hpa_metric_spec *m)
{
    m->has_selector = s->set;
    m->match_labels = s->match_labels;
    m->match_label_count = s->match_label_count;
    m->match_expressions = s->match_expressions;
    m->match_expression_count = s->match_expression_count;
    m->selector_text = selector_text(a, s);
    m->selector.nothing = !s->set;
    if (s->set) {
        m->selector_error =
            label_selector_build(a, s->match_labels, s->match_label_count, s->match_expressions,
                                 s->match_expression_count, &m->selector);
    }
}

static struct hpa_metric_spec build_metric(struct arena *a, const struct api_metric *metric)
{
    const enum hpa_metric_type type =
        (enum hpa_metric_type)word_index(metric->type, metric_word, API_SOURCES);
    const struct api_source *source = metric->sources[type];
    struct hpa_metric_spec m = {
        .type = type,
        .name = source->name,
        .container = type == HPA_METRIC_CONTAINER_RESOURCE ? source->container : NULL,
        .object_api_version = source->object.api_version,
        .object_kind = source->object.kind,
        .object_name = source->object.name,
        .target = build_target(&source->target),
        .mark = metric->mark,
    };
    build_selector(a, &source->selector, &m);
    return m;
}

static struct hpa_scaling_rules build_rules(struct arena *a, const struct api_rules *rules)
{
    struct hpa_policy *policies = arena_array(a, struct hpa_policy, rules->policy_count);
    for (size_t i = 0; i < rules->policy_count; i++) {
        policies[i] = (struct hpa_policy){
            .type = (enum hpa_policy_type)word_index(rules->policies[i].type, policy_word, 2),
            .value = rules->policies[i].value,
            .period_seconds = rules->policies[i].period_seconds,
        };
    }
    const char *select = rules->select_policy != NULL ? rules->select_policy : "Max";
    return (struct hpa_scaling_rules){
        .has_window = rules->window.set,
        .window_seconds = rules->window.value,
        .select_policy = (enum hpa_select_policy)word_index(select, select_word, 3),
        .policies = policies,
        .policy_count = rules->policy_count,
        .has_tolerance = rules->tolerance.set,
        .tolerance = rules->tolerance.set ? quantity_as_double(&rules->tolerance.q) : 0.0,
    };
}

static struct hpa_spec build_spec(struct arena *a, const struct api_hpa *hpa, struct mark mark)
{
    struct hpa_metric_spec *metrics = arena_array(a, struct hpa_metric_spec, hpa->metric_count);
    for (size_t i = 0; i < hpa->metric_count; i++) {
        metrics[i] = build_metric(a, &hpa->metrics[i]);
    }
    struct hpa_spec spec = {
        .mark = mark,
        .namespace_name = hpa->namespace_name,
        .name = hpa->name,
        .target_api_version = hpa->target.api_version,
        .target_kind = hpa->target.kind,
        .target_name = hpa->target.name,
        .min_replicas = hpa->min_replicas.value,
        .max_replicas = hpa->max_replicas,
        .metrics = metrics,
        .metric_count = hpa->metric_count,
        .has_behavior = hpa->has_behavior,
    };
    if (hpa->has_behavior) {
        spec.scale_up = build_rules(a, &hpa->scale_up);
        spec.scale_down = build_rules(a, &hpa->scale_down);
    }
    return spec;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(((const struct hpa_field_error *)x)->text,
                  ((const struct hpa_field_error *)y)->text);
}

bool hpa_object_read(struct arena *a, const struct node *root, const struct hpa_config *config,
                     const struct hpa_object *old, struct hpa_object *out, struct diag *d)
{
    struct api_decoder dec = {.arena = a, .diag = d, .profile = &config->profile};
    struct api_hpa *hpa = arena_new(a, struct api_hpa);
    const struct api_hpa *stored = old != NULL ? old->api : NULL;
    *out = (struct hpa_object){.api = hpa};
    if (root->kind != NODE_MAP) {
        diag_error(d, root->mark, "expected a map, found %s", node_kind_name(root->kind));
        return false;
    }
    if (!api_decode(&dec, root, hpa) || !version_served(root, hpa->api_version, config, d)) {
        return false;
    }
    api_default_metrics(a, hpa);
    if (!str_equal(hpa->api_version, "autoscaling/v1")) {
        api_default_behavior(a, hpa);
    }
    api_drop_disabled(hpa, stored, config);
    struct api_errors errors = {.arena = a, .root = root};
    api_validate(hpa, stored, config, &errors);
    if (errors.list.len > 0) {
        qsort(errors.list.items, errors.list.len, sizeof *errors.list.items, by_text);
        out->errors = errors.list.items;
        out->error_count = errors.list.len;
        return true;
    }
    api_default_behavior(a, hpa);
    out->spec = build_spec(a, hpa, root->mark);
    return true;
}

bool hpa_object_report(const struct hpa_object *object, struct diag *d)
{
    for (size_t i = 0; i < object->error_count; i++) {
        const struct hpa_field_error *e = &object->errors[i];
        diag_error(d, e->mark, "%s", e->text);
    }
    return object->error_count == 0;
}
