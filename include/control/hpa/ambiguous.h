/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two HPAs over the same pods stop each other (since 1.26). horizontal.go
 * hpasControllingPodsUnderSelector: an HPA's selector is known to the controller once it
 * has synced; before that it selects nothing.
 */
#ifndef CONTROL_HPA_AMBIGUOUS_H
#define CONTROL_HPA_AMBIGUOUS_H

#include "base/arena.h"
#include "kube/labels.h"

#include <stddef.h>

struct hpa_registration {
    const char *namespace_name;
    const char *name;
    const struct label_selector *selector; /* NULL: has not synced yet */
};

struct hpa_pod_labels {
    const struct label *labels;
    size_t count;
};

/*
 * The HPAs of the namespace that select any of these pods, as the message lists them
 * ("[default/web default/web2]", in the order registered; upstream's is random), or
 * NULL when there are fewer than two. pods are those under the asking HPA's selector; one
 * per template is enough, since a template's pods carry the same labels.
 */
const char *hpa_ambiguity(struct arena *a, const struct hpa_registration *all, size_t count,
                          const char *namespace_name, const struct hpa_pod_labels *pods,
                          size_t pod_count);

#endif
