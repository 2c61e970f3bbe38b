/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The amounts that VPA reckons with (recommender/model/types.go): CPU in millicores, memory in
 * bytes, 0 to 1e14; lists of both, the resource policy of a VPA, and a recommendation.
 */
#ifndef CONTROL_VPA_RESOURCES_H
#define CONTROL_VPA_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vpa_resource { VPA_CPU, VPA_MEMORY, VPA_RESOURCE_COUNT };

#define VPA_MAX_AMOUNT 100000000000000 /* 1e14 */

/* A ResourceList of the two. Zero is empty. */
struct vpa_resources {
    int64_t amount[VPA_RESOURCE_COUNT]; /* 0 where not present */
    bool present[VPA_RESOURCE_COUNT];
    bool nil; /* Go's nil map: writing to it would crash the real one */
};

enum vpa_scaling_mode { VPA_SCALING_AUTO, VPA_SCALING_OFF };
enum vpa_controlled_values { VPA_REQUESTS_AND_LIMITS, VPA_REQUESTS_ONLY };

/* ContainerResourcePolicy. */
struct vpa_policy {
    const char *container; /* "*" is for all that have none of their own */
    enum vpa_scaling_mode mode;
    enum vpa_controlled_values controlled_values;
    struct vpa_resources min; /* 0 is no bound */
    struct vpa_resources max;
    bool has_controlled_resources;
    bool controlled[VPA_RESOURCE_COUNT];
};

struct vpa_policies {
    const struct vpa_policy *items;
    size_t count;
    bool given; /* the VPA has a resourcePolicy, be it empty */
};

/* RecommendedContainerResources. */
struct vpa_container_recommendation {
    const char *name;
    struct vpa_resources target;
    struct vpa_resources lower;
    struct vpa_resources upper;
    struct vpa_resources uncapped;
};

struct vpa_recommendation {
    struct vpa_container_recommendation *items;
    size_t count;
    bool given; /* false: the VPA's status has none */
};

/* To an amount: cut towards zero, 0 to 1e14. NaN is INT64_MIN, as on amd64. */
int64_t vpa_amount(double value);
int64_t vpa_amount_scale(int64_t amount, double factor);
void vpa_resources_set(struct vpa_resources *list, enum vpa_resource resource, int64_t amount);
bool vpa_resources_empty(const struct vpa_resources *list);
/* GetContainerResourcePolicy: the container's own policy, else the last "*", else NULL. */
const struct vpa_policy *vpa_policy_for(const struct vpa_policies *policies, const char *container);
bool vpa_policy_off(const struct vpa_policy *policy); /* NULL is not off */
const struct vpa_container_recommendation *
vpa_recommendation_for(const struct vpa_recommendation *recommendation, const char *container);
const char *vpa_resource_name(enum vpa_resource resource); /* "cpu", "memory" */

#endif
