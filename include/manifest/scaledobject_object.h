/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ScaledObjects and ScaledJobs from a YAML or JSON tree to what the controller acts on (KEDA
 * v2.21.0, apis/keda/v1alpha1). Only what cannot be read at all is an error here; what KEDA
 * itself checks is in control/keda/scaledobject.h.
 */
#ifndef MANIFEST_SCALEDOBJECT_OBJECT_H
#define MANIFEST_SCALEDOBJECT_OBJECT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "control/keda/job.h"
#include "control/keda/scaledobject.h"

/*
 * False after errors, all of them reported; out then holds what could be read. Lives in the
 * arena and in the tree.
 */
bool scaled_object_read(struct arena *a, const struct node *root, struct scaled_object *out,
                        struct diag *d);

struct scaled_job_object {
    const char *name;
    struct scaled_job job;
    struct scale_trigger *triggers;
    size_t trigger_count;
};

bool scaled_job_read(struct arena *a, const struct node *root, struct scaled_job_object *out,
                     struct diag *d);

#endif
