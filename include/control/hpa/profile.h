/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Kubernetes release does: one switch per change of the HPA's behavior since
 * 1.24, true where the release already has it. All true is 1.36. The names follow what
 * the switch turns on; the table in profile.c says since when, and why it matters.
 */
#ifndef CONTROL_HPA_PROFILE_H
#define CONTROL_HPA_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HPA_OLDEST_MINOR 24
#define HPA_NEWEST_MINOR 36

struct hpa_profile {
    int32_t minor; /* 36 for Kubernetes 1.36 */
    /* decisions */
    bool zero_needs_memory;         /* 1.36: at 0 replicas only with condition ScaledToZero */
    bool tolerance_gate_default;    /* 1.35: HPAConfigurableTolerance is on by default */
    bool container_must_exist;      /* 1.35: a pod without the named container fails the metric */
    bool value_capped;              /* 1.35: Value sums and counts are capped */
    bool average_capped;            /* 1.34: External AverageValue sums and counts are capped */
    bool pod_level_requests;        /* 1.34: gate PodLevelResources, on */
    bool conflict_retry;            /* 1.34: five attempts to update the scale on a conflict */
    bool container_sample_optional; /* 1.33: a sample without the container is a missing pod */
    bool tolerance_interval;        /* 1.33: 1 - down <= ratio <= 1 + up */
    bool tolerance_field;           /* 1.33: behavior.*.tolerance exists */
    bool sidecar_requests;          /* 1.29: restartable init containers count */
    bool missing_at_target_ignored; /* 1.28: at ratio 1 missing pods change nothing */
    bool container_metrics_default; /* 1.27: gate HPAContainerMetrics is on by default */
    bool container_metrics_locked;  /* 1.30: and cannot be turned off */
    bool net_rate_limit;            /* 1.26: period start counts both directions */
    bool missing_above_100;         /* 1.26: missing pods count as max(100, target) % */
    bool ambiguous_selector;        /* 1.26: HPAs that share pods stop */
    /* validation */
    bool max_replicas_required; /* 1.36: maxReplicas 0 is Required value */
    bool v1_object_average;     /* 1.36: v1's Object metrics may have averageValue alone */
    bool api_version_checked;   /* 1.34 */
    bool v2beta2_gone;          /* 1.26 */
    bool v2beta1_gone;          /* 1.25 */
    /* status and text */
    bool memory_binary;            /* 1.34: memory averages as 70Mi */
    bool object_average_described; /* 1.33: Object AverageValue fills describedObject */
    bool object_target_checked;    /* 1.26: a target of the wrong field fails, does not crash */
    bool failed_metrics_replace;   /* 1.29: failures replace status.currentMetrics */
    bool targeted_pods_text;       /* 1.27 */
    bool request_text;             /* 1.26: names container and pod; samples looked at first */
};

/* The profile of 1.minor; false when that release is not modelled. */
bool hpa_profile_for(int32_t minor, struct hpa_profile *out);
/* Reads "1.29", "v1.29", "v1.29.3"; false when it is not such a text. */
bool hpa_profile_parse(const char *text, int32_t *minor);

/* One row of the table, for `versions` and `upgrade`. */
struct hpa_change {
    int32_t since;      /* minor */
    size_t offset;      /* of the switch in struct hpa_profile */
    const char *word;   /* "tolerance-arithmetic" */
    const char *before; /* what an older release does */
    const char *since_then;
    const char *gate; /* the feature gate it hangs on, or NULL */
    bool decides;     /* can change replica counts (else validation, status or text only) */
};
const struct hpa_change *hpa_changes(size_t *count);

#endif
