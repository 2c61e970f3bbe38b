/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recommendations made to fit (utils/vpa: capping.go, limit_and_request_scaling.go): by policy in
 * the recommender, and for one pod by LimitRanges, policy and limits in the updater and the
 * admission controller.
 */
#ifndef CONTROL_VPA_CAPPING_H
#define CONTROL_VPA_CAPPING_H

#include "base/arena.h"
#include "control/vpa/pod.h"
#include "control/vpa/resources.h"

/* ApplyVPAPolicy, in place: target and bounds, not uncapped. */
void capping_apply_policy(struct vpa_recommendation *r, const struct vpa_policies *policies,
                          const struct vpa_resources *global_max);

/*
 * The capping processor's Apply: for the pod's containers, in the arena. NULL error: done. Else
 * the text with which the real one crashes, and out is none.
 */
const char *capping_for_pod(struct arena *a, const struct vpa_recommendation *r,
                            const struct vpa_policies *policies,
                            const struct vpa_limit_ranges *limits, const struct vpa_live_pod *pod,
                            struct vpa_recommendation *out);

/*
 * getProportionalResourceLimit: the limit that keeps limit : request. False: none is set.
 * Absent amounts are 0.
 */
bool capping_proportional_limit(int64_t limit, int64_t request, int64_t recommended,
                                int64_t default_limit, int64_t *out);

#endif
