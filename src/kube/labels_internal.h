/* SPDX-License-Identifier: Apache-2.0 */
/* Between labels.c and labels_parse.c: requirements as both make them. */
#ifndef KUBE_LABELS_INTERNAL_H
#define KUBE_LABELS_INTERNAL_H

#include "kube/labels.h"

/* NewRequirement's error text, NULL when it has none. */
const char *label_requirement_error(struct arena *a, const struct label_requirement *r);
void label_requirements_sort(struct label_requirement *list, size_t count);

#endif
