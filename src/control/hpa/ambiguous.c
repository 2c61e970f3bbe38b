/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which HPAs control the pods of one (k8s.io/kubernetes v1.36.3, pkg/controller/
 * podautoscaler/horizontal.go hpasControllingPodsUnderSelector; pkg/controller/util/
 * selectors). Only HPAs of the same namespace meet, and an HPA that has not synced yet
 * selects nothing. The list is in the order registered; upstream walks a map.
 */
#include "control/hpa/ambiguous.h"

#include "base/str.h"

static bool selects_any(const struct label_selector *selector, const struct hpa_pod_labels *pods,
                        size_t count)
{
    for (size_t i = 0; selector != NULL && i < count; i++) {
        if (label_selector_matches(selector, pods[i].labels, pods[i].count)) {
            return true;
        }
    }
    return false;
}

const char *hpa_ambiguity(struct arena *a, const struct hpa_registration *all, size_t count,
                          const char *namespace_name, const struct hpa_pod_labels *pods,
                          size_t pod_count)
{
    struct strbuf list = {.arena = a};
    size_t selecting = 0;
    strbuf_char(&list, '[');
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(all[i].namespace_name, namespace_name) ||
            !selects_any(all[i].selector, pods, pod_count)) {
            continue;
        }
        strbuf_printf(&list, "%s%s/%s", selecting > 0 ? " " : "", all[i].namespace_name,
                      all[i].name);
        selecting++;
    }
    strbuf_char(&list, ']');
    return selecting > 1 ? strbuf_text(&list) : NULL;
}
