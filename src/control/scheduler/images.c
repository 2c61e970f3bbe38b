/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ImageLocality: nodes that have the pod's images already. Upstream: Kubernetes v1.36.3
 * plugins/imagelocality/image_locality.go.
 *
 * The traps: an image counts in proportion to the nodes that have it, so that a pod does not
 * stick to the one node it ran on; a name without a tag means :latest, and a port in the
 * registry's name is no tag.
 */
#include "internal.h"

#include <string.h>

#define MEGABYTE                ((int64_t)1024 * 1024)
#define MIN_THRESHOLD           (23 * MEGABYTE)
#define MAX_CONTAINER_THRESHOLD (1000 * MEGABYTE)
#define MAX_NODE_SCORE          100

static bool has_tag(const char *name)
{
    const char *colon = strrchr(name, ':');
    const char *slash = strrchr(name, '/');
    return colon != NULL && (slash == NULL || colon > slash);
}

/* The asked name is completed (normalizedImageName), the node's is not. */
static bool same_image(const char *asked, const char *present)
{
    const size_t length = strlen(asked);
    if (has_tag(asked)) {
        return strcmp(asked, present) == 0;
    }
    return strncmp(asked, present, length) == 0 && strcmp(present + length, ":latest") == 0;
}

static const struct node_image *find_image(const struct node_info *n, const char *name)
{
    for (size_t i = 0; i < n->spec.image_count; i++) {
        if (same_image(name, n->spec.images[i].name)) {
            return &n->spec.images[i];
        }
    }
    return NULL;
}

uint32_t *image_spread(struct scheduling_cycle *c)
{
    const struct scheduler_snapshot *s = c->snapshot;
    if (c->pod->image_count == 0) {
        return NULL;
    }
    uint32_t *spread = arena_array(c->scratch, uint32_t, c->pod->image_count);
    for (uint32_t i = 0; i < s->node_count; i++) {
        for (size_t k = 0; !s->nodes[i]->removed && k < c->pod->image_count; k++) {
            spread[k] += find_image(s->nodes[i], c->pod->images[k]) != NULL ? 1 : 0;
        }
    }
    return spread;
}

int64_t image_locality(const struct scheduler_snapshot *s, const struct pod_class *pod,
                       const struct node_info *n, const uint32_t *spread)
{
    const int64_t containers = pod->container_count > 0 ? (int64_t)pod->container_count : 1;
    const int64_t max = MAX_CONTAINER_THRESHOLD * containers;
    int64_t sum = 0;
    if (spread == NULL) {
        return 0; /* what the formula gives for a sum of 0 */
    }
    for (size_t i = 0; i < pod->image_count; i++) {
        const struct node_image *image = find_image(n, pod->images[i]);
        if (image != NULL) {
            sum += (int64_t)((double)image->size * ((double)spread[i] / (double)s->live_count));
        }
    }
    sum = sum < MIN_THRESHOLD ? MIN_THRESHOLD : sum;
    sum = sum > max ? max : sum;
    return MAX_NODE_SCORE * (sum - MIN_THRESHOLD) / (max - MIN_THRESHOLD);
}
