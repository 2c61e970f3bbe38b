/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one sync sees: the scale, the pods under its selector, and what the metrics APIs
 * answered. Plain arrays that the caller fills anew for each sync and that only need to
 * live during hpa_reconcile. Zero is a target at 0 replicas without pods or metrics.
 */
#ifndef CONTROL_HPA_VIEW_H
#define CONTROL_HPA_VIEW_H

#include "engine/simtime.h"
#include "kube/pod.h"
#include "kube/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pod as the pod lister shows it. Times are as the API serves them, whole seconds. */
struct hpa_pod {
    const char *name;
    const struct pod_template *requests; /* shared by pods made alike; never NULL */
    simtime ready_since;                 /* lastTransitionTime of the Ready condition */
    simtime start_time;                  /* status.startTime, SIMTIME_NEVER: not set */
    uint8_t phase;                       /* enum pod_phase; HPA_PHASE_OTHER for any other word */
    uint8_t ready;                       /* enum condition_status of the Ready condition */
    bool deleting;
};

/* A phase that is none of enum pod_phase, such as Unknown. */
#define HPA_PHASE_OTHER 255

/* The sample is of a pod that the lister does not know. */
#define HPA_POD_UNKNOWN UINT32_MAX

/*
 * A pod's value in one metric. Of several samples of one known pod the last counts, as in
 * upstream's map; of an unknown pod the filler passes only the last one itself.
 */
struct hpa_sample {
    uint32_t pod;   /* index in hpa_view.pods, or HPA_POD_UNKNOWN */
    int64_t value;  /* milli */
    simtime time;   /* timestamp */
    simtime window; /* 60 s where the custom metrics API names none */
};

/* The answer to one metric of the spec; the members that its type reads. */
struct hpa_metric_answer {
    const char *error; /* the API's error text, NULL: it answered */
    /* Resource, ContainerResource, Pods */
    bool listed; /* the answer had at least one item, usable or not */
    const struct hpa_sample *samples;
    size_t sample_count;
    const char *lacks_container; /* ContainerResource: a listed pod without it, or NULL */
    /* Object */
    int64_t value; /* milli */
    /* External */
    const int64_t *values; /* milli; none: the list was empty */
    size_t value_count;
};

enum hpa_selector_state {
    HPA_SELECTOR_USABLE,
    HPA_SELECTOR_MISSING,  /* scale.status.selector is empty */
    HPA_SELECTOR_INVALID,  /* selector_detail is labels.Parse's error */
    HPA_SELECTOR_AMBIGUOUS /* selector_detail is the list, see control/hpa/ambiguous.h */
};

struct hpa_view {
    const char *scale_error; /* reading the scale failed with this text */
    int32_t spec_replicas;
    int32_t status_replicas;
    enum hpa_selector_state selector_state;
    const char *selector; /* text; only messages read it */
    const char *selector_detail;
    const struct hpa_pod *pods;
    size_t pod_count;
    const struct hpa_metric_answer *answers; /* one per metric of the spec, same order */
};

#endif
