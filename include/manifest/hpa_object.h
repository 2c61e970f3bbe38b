/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HorizontalPodAutoscaler objects, from a YAML or JSON tree to the spec the controller acts
 * on, as the API server of the given release takes them (k8s.io/kubernetes v1.36.3:
 * pkg/apis/autoscaling/{v1,v2,validation}, pkg/registry/autoscaling): conversion of v1
 * (annotations included) and of the v2beta versions where they were still served,
 * defaulting, fields of gates that are off dropped, validation.
 */
#ifndef MANIFEST_HPA_OBJECT_H
#define MANIFEST_HPA_OBJECT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "control/hpa/spec.h"

#include <stdbool.h>
#include <stddef.h>

struct api_hpa;

/* One of the API server's validation errors. */
struct hpa_field_error {
    const char *text;   /* "spec.maxReplicas: Required value: must be set and greater than 0" */
    const char *path;   /* "spec.maxReplicas" */
    const char *kind;   /* "Required value", "Invalid value", "Forbidden", "Unsupported value" */
    const char *reason; /* the text after the path */
    struct mark mark;   /* of the field, or of the nearest thing around it that is there */
};

struct hpa_object {
    struct hpa_spec spec;                 /* only when there are no errors */
    const struct hpa_field_error *errors; /* sorted by text */
    size_t error_count;
    const struct api_hpa *api; /* as stored: what a later update is compared with */
};

/*
 * Reads one object. old is the stored one for an update, NULL for a creation. False when the
 * tree cannot be decoded at all (a wrong type, a quantity that is none), which is reported;
 * validation errors are not reported, see hpa_object_report. Everything lives in the arena
 * and in the tree.
 */
bool hpa_object_read(struct arena *a, const struct node *root, const struct hpa_config *config,
                     const struct hpa_object *old, struct hpa_object *out, struct diag *d);

/* Reports the validation errors as diagnostics; false when there are any. */
bool hpa_object_report(const struct hpa_object *object, struct diag *d);

#endif
