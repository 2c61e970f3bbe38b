/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observation logs, written: what every HPA of a run saw, in the form that
 * manifest/observation.h reads and `decide hpa` answers, one case an HPA, one line a case.
 *
 * Numbers read back as they were: quantities to the same milli value, seconds to the same
 * nanosecond. A log does not tell apart two external metrics of one name and different
 * selectors, nor samples of one pod with different times in two resource metrics; a pod's
 * overhead is not in the form either.
 */
#ifndef MANIFEST_OBSERVATION_WRITE_H
#define MANIFEST_OBSERVATION_WRITE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "control/hpa/decision.h"
#include "control/hpa/spec.h"
#include "control/hpa/state.h"
#include "control/hpa/view.h"
#include "kube/observer.h"

#include <stdbool.h>
#include <stddef.h>

/* An autoscaling/v2 object that hpa_object_read takes to the same spec. */
void observation_write_hpa(struct json_writer *w, struct arena *scratch,
                           const struct hpa_spec *spec);
/* Flags in seconds, featureGates, and `kubernetes`: the release, "1.36". */
void observation_write_controller(struct json_writer *w, struct arena *scratch,
                                  const struct hpa_config *config);
/* The main containers and sidecars with their requests: a list. */
void observation_write_containers(struct json_writer *w, struct arena *scratch,
                                  const struct pod_template *pod);

/* Pod-level requests as the member `requests`; nothing when there are none. */
void observation_write_requests(struct json_writer *w, struct arena *scratch,
                                const struct pod_template *pod);

/* What names a metric in a step's metricErrors: "Resource/cpu", "Object/Ingress/main/rps". */
const char *observation_metric_key(struct arena *a, const struct hpa_metric_spec *metric);

/* One sync, for observation_write_step. */
struct observation_sync {
    simtime at;
    simtime updated_at;       /* the scale's update; SIMTIME_NEVER: there was none */
    const char *update_error; /* of the update, or NULL */
    bool edited;              /* the spec is not that of the step before */
    bool scale_set;           /* spec.replicas is not what the last rescale left */
    const struct hpa_spec *spec;
    const struct hpa_view *view;
    const struct pod_template *pod; /* the case's containers; NULL: it has none */
};

void observation_write_step(struct json_writer *w, struct arena *scratch,
                            const struct observation_sync *sync);

struct observation_log;

/*
 * A log that fills while a run goes on: each HPA's steps go to a temporary file of its own, so
 * that memory does not grow with the run. NULL after an error. Specs and config must stay.
 */
struct observation_log *observation_log_create(struct arena *a, const char *path,
                                               const struct hpa_spec *hpas, size_t hpa_count,
                                               const struct hpa_config *config, struct diag *d);
/* Its context is the log; only `decision` is set. */
struct observer observation_log_observer(struct observation_log *log);
/* Joins the cases and puts the file in place; path "-" is standard output. */
bool observation_log_commit(struct observation_log *log, struct diag *d);
/* Instead of commit: nothing is left behind. NULL is fine. */
void observation_log_abandon(struct observation_log *log);

#endif
