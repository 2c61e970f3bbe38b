/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the admission webhook sets on a new pod, and a resize in place on a running one
 * (admission-controller/resource/pod/recommendation: recommendation_provider.go).
 */
#ifndef CONTROL_VPA_ADMISSION_H
#define CONTROL_VPA_ADMISSION_H

#include "base/arena.h"
#include "control/vpa/pod.h"
#include "control/vpa/resources.h"

/* To be written over what the container has; what is not present stays as it is. */
struct admission_resources {
    struct vpa_resources requests;
    struct vpa_resources limits;
};

/*
 * One for each container of the pod, in the arena, in *out. capped gets the recommendation as it
 * was for this pod. NULL: done; else the text with which the real one crashes. The caller has
 * made sure that the VPA's mode is not Off.
 */
const char *admission_resources_for(struct arena *a, const struct vpa_recommendation *r,
                                    const struct vpa_policies *policies,
                                    const struct vpa_limit_ranges *limits,
                                    const struct vpa_live_pod *pod,
                                    struct vpa_recommendation *capped,
                                    struct admission_resources **out);

#endif
