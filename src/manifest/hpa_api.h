/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HorizontalPodAutoscaler as the API server holds it: upstream's internal type (pkg/apis/
 * autoscaling/types.go), where everything may still be missing or wrong. Strings are never
 * NULL unless said; "" is what Go leaves in an absent one.
 */
#ifndef MANIFEST_HPA_API_H
#define MANIFEST_HPA_API_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/vec.h"
#include "control/hpa/spec.h"
#include "kube/labels.h"
#include "kube/quantity.h"
#include "kube/validation.h"
#include "manifest/hpa_object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api_int {
    bool set;
    int32_t value;
};

struct api_quantity {
    bool set;
    struct quantity q;
};

struct api_reference {
    const char *kind;
    const char *name;
    const char *api_version;
};

struct api_selector {
    bool set;
    struct label *match_labels; /* sorted by key */
    size_t match_label_count;
    struct label_expression *match_expressions;
    size_t match_expression_count;
};

struct api_target {
    const char *type;
    struct api_quantity value;
    struct api_quantity average_value;
    struct api_int average_utilization;
};

/* Any of the five sources; each uses the members its type has. */
struct api_source {
    struct api_reference object;
    const char *name; /* of the metric or resource */
    const char *container;
    struct api_selector selector;
    struct api_target target;
};

#define API_SOURCES 5

struct api_metric {
    const char *type;
    struct api_source *sources[API_SOURCES]; /* by enum hpa_metric_type; NULL: not given */
    struct mark mark;
};

struct api_policy {
    const char *type;
    int32_t value;
    int32_t period_seconds;
};

struct api_rules {
    bool set;
    struct api_int window;
    const char *select_policy; /* NULL: not given */
    bool has_policies;
    struct api_policy *policies;
    size_t policy_count;
    struct api_quantity tolerance;
};

struct api_hpa {
    const char *api_version;
    const char *name;
    const char *generate_name;
    const char *namespace_name;
    struct label *labels;
    size_t label_count;
    struct label *annotations;
    size_t annotation_count;
    struct api_reference target;
    struct api_int min_replicas;
    int32_t max_replicas;
    struct api_metric *metrics;
    size_t metric_count;
    bool has_behavior;
    struct api_rules scale_up;
    struct api_rules scale_down;
};

/* A field's place in the object, a chain on the stack: "spec.metrics[0].type". */
struct api_path {
    const struct api_path *parent;
    const char *name; /* NULL: an index */
    size_t index;
};

const char *api_path_text(struct arena *a, const struct api_path *path);

/* hpa_decode.c. quiet: errors are not reported (annotations: a bad one is as none). */
struct api_decoder {
    struct arena *arena;
    struct diag *diag;
    const struct hpa_profile *profile;
    bool quiet;
    bool failed;
};

/* Names of the five sources in the API: "resource", "containerResource", ... */
const char *api_source_name(enum hpa_metric_type type);

const struct node *api_member(struct api_decoder *dec, const struct node *map,
                              const struct api_path *path, enum node_kind kind,
                              struct api_path *member, const char *name);
const char *api_string(struct api_decoder *dec, const struct node *map, const struct api_path *path,
                       const char *name);
struct api_int api_int(struct api_decoder *dec, const struct node *map, const struct api_path *path,
                       const char *name);
struct api_quantity api_quantity(struct api_decoder *dec, const struct node *map,
                                 const struct api_path *path, const char *name);
struct api_selector api_selector(struct api_decoder *dec, const struct node *map,
                                 const struct api_path *path, const char *name);
struct api_reference api_reference(struct api_decoder *dec, const struct node *map,
                                   const struct api_path *path, const char *name);
void api_decode_rules(struct api_decoder *dec, const struct node *behavior,
                      const struct api_path *path, const char *name, struct api_rules *out);
bool api_decode(struct api_decoder *dec, const struct node *root, struct api_hpa *out);
void api_decode_metrics_v2(struct api_decoder *dec, const struct node *list,
                           const struct api_path *path, struct api_hpa *out);

/* hpa_decode_v1.c: autoscaling/v1 with its annotations, and v2beta1's metrics. */
void api_decode_metrics_v1(struct api_decoder *dec, const struct node *list,
                           const struct api_path *path, struct api_hpa *out);
void api_convert_v1(struct api_decoder *dec, const struct node *spec, const struct api_path *path,
                    struct api_hpa *out);

/* hpa_default.c */
void api_default_metrics(struct arena *a, struct api_hpa *hpa);
void api_default_behavior(struct arena *a, struct api_hpa *hpa);
void api_drop_disabled(struct api_hpa *hpa, const struct api_hpa *old,
                       const struct hpa_config *config);

/* hpa_validate.c, hpa_validate_metric.c */
struct api_errors {
    struct arena *arena;
    const struct node *root;
    VEC(struct hpa_field_error) list;
};

struct api_rules_of_references {
    bool any;         /* nothing is checked */
    bool empty_group; /* a missing group is fine */
};

struct api_validation {
    struct api_errors *errors;
    const struct hpa_config *config;
    int32_t min_replicas_bound;
    struct api_rules_of_references scale_target;
    struct api_rules_of_references objects;
};

void api_error(struct api_errors *e, const struct api_path *path, const char *kind,
               const char *value, const char *detail);
void api_required(struct api_errors *e, const struct api_path *path, const char *name,
                  const char *detail);
void api_invalid(struct api_errors *e, const struct api_path *path, const char *name,
                 const char *value, const char *detail);
void api_invalid_int(struct api_errors *e, const struct api_path *path, const char *name,
                     int32_t value, const char *detail);
/* Each message as an error of its own. */
void api_invalid_each(struct api_errors *e, const struct api_path *path, const char *name,
                      const char *value, struct messages messages);
struct messages api_in_characters(struct arena *a, struct messages m);
void api_validate_reference(const struct api_validation *v, const struct api_reference *ref,
                            const struct api_path *path, struct api_rules_of_references rules);
bool api_version_fits(const char *api_version, bool empty_group);
void api_path_segment(struct api_errors *e, const struct api_path *path, const char *name,
                      const char *value);
void api_validate_metrics(const struct api_validation *v, const struct api_hpa *hpa,
                          const struct api_path *path);
void api_validate(const struct api_hpa *hpa, const struct api_hpa *old,
                  const struct hpa_config *config, struct api_errors *errors);

#endif
