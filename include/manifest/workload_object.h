/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deployments and StatefulSets from their trees to what is simulated, as the API server
 * takes them (k8s.io/kubernetes v1.36.3: pkg/apis/{apps,core}/{v1,validation}): defaulting,
 * then the validation of everything podtide reads, with upstream's paths and messages.
 */
#ifndef MANIFEST_WORKLOAD_OBJECT_H
#define MANIFEST_WORKLOAD_OBJECT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads one object that schema_check has passed. False when it cannot be decoded or is
 * invalid; all errors are reported. Everything lives in the arena and in the tree.
 */
bool workload_object_read(struct arena *a, const struct node *object, struct workload_spec *out,
                          struct diag *d);

/* "Deployment" and "StatefulSet" of apps/v1. */
bool workload_object_is(const char *api_version, const char *kind);

#endif
