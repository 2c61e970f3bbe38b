/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observation logs: what an HPA controller saw at each sync, one case a line of JSON, and the
 * answer to it. The form is that of the conformance vectors: id, controller (flags in seconds,
 * featureGates), hpa (an object as a user applies it), containers (the pod template), steps.
 * Fields of ours: a step's `t`, the time of the sync in seconds where it is not
 * (k + 1) * syncPeriodSeconds, `updateTime`, when the update of the scale was done,
 * `metricErrors`, the API's words where a metric fails ("Pods/rps"), and `ambiguous`, the
 * HPAs that select the same pods, as the condition lists them; the controller's `kubernetes`, the
 * release ("1.36").
 * Nothing in a log depends on the decisions but the scale that the last rescale left.
 */
#ifndef MANIFEST_OBSERVATION_H
#define MANIFEST_OBSERVATION_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/str.h"
#include "control/hpa/decision.h"
#include "control/hpa/spec.h"
#include "control/hpa/view.h"
#include "manifest/decide.h"
#include "manifest/hpa_object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct observation {
    const char *id;
    struct hpa_config config;
    const struct node *hpa;
    const char *selector;    /* of the scale; "app=x" where the log does not say */
    struct pod_template pod; /* of pods that list no containers of their own */
    const struct node *steps;
};

struct observed_step {
    simtime at;
    bool timed; /* the log says when */
    simtime updated_at;
    const struct node *hpa;     /* an edit, or NULL */
    const struct node *add_hpa; /* another HPA appears half a second before, or NULL */
    bool has_spec_replicas;
    int32_t spec_replicas;
    int32_t status_replicas;
    const char *scale_error;
    const char *update_error;
    int32_t update_conflicts;
    struct hpa_pod *pods;
    uint32_t *name_lengths;
    size_t pod_count;
    const struct node *resource_metrics;
    const struct node *pods_metrics;
    const struct node *object_metrics;
    const struct node *external_metrics;
    const struct node *metric_errors; /* by metric: the API's words, or NULL */
    const char *ambiguous;            /* other HPAs select the same pods: the message's list */
};

/* What the command line says beside the logs. Zero: 1.36 as it is. */
struct observation_options {
    int32_t minor;             /* release to emulate; 0 is the newest */
    const char *feature_gates; /* "A=true,B=false": wins over a case's; NULL: none */
    bool has_tolerance;        /* flags given here win over a case's, too */
    double tolerance;
    simtime sync_period; /* 0: not given, as below */
    simtime downscale_stabilization;
    simtime cpu_initialization_period;
    simtime initial_readiness_delay;
};

/* A case's head. False after an error, which is reported. Lives in the arena and the tree. */
bool observation_read(struct arena *a, const struct node *root,
                      const struct observation_options *options, struct observation *out,
                      struct diag *d);
/* Step k of a case; node is its element of steps. */
bool observation_step(struct arena *a, const struct observation *observation,
                      const struct node *node, size_t k, struct observed_step *out, struct diag *d);
/* What the metrics APIs answered to each metric of the spec; NULL after an error. */
struct hpa_metric_answer *observation_answers(struct arena *a, const struct observed_step *step,
                                              const struct hpa_spec *spec, struct diag *d);

/*
 * Decides one case and appends its decision line, with a newline, to out, which must not live
 * in the room. False after an error in the case, which is reported: nothing is appended then.
 */
bool observation_decide(struct observation_room *room, const char *line, size_t len,
                        uint32_t source, uint32_t line_number,
                        const struct observation_options *options, struct strbuf *out,
                        struct diag *d);

/*
 * Decides a whole log, in order; path may be "-", and gzip. Lines before a bad one are
 * answered, the bad one is reported and ends it: 0, or 3 then. threads 0: as many as help.
 * The output does not depend on threads.
 */
int observation_decide_file(const char *path, const struct observation_options *options,
                            unsigned threads, FILE *out, FILE *err);

/*
 * A decision line in the making: {"id", then "invalid", "error" or "steps"}. Lives in the
 * arena. Specs that its steps' states refer to must outlive it.
 */
struct decision_writer;
struct decision_writer *decision_writer_new(struct arena *a, const char *id);
/* The status after the sync of a step at that time; scratch is used during the call only. */
void decision_writer_step(struct decision_writer *w, struct arena *scratch, simtime at,
                          const struct hpa_state *state, const struct hpa_decision *d,
                          int32_t spec_replicas);
void decision_writer_invalid(struct decision_writer *w, const struct hpa_object *object);
void decision_writer_error(struct decision_writer *w, const char *text); /* drops the steps */
/* Ends the line, without a newline. */
const char *decision_writer_text(struct decision_writer *w, size_t *len);

#endif
