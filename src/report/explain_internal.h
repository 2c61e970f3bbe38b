/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `explain` and `describe` share. */
#ifndef SRC_REPORT_EXPLAIN_INTERNAL_H
#define SRC_REPORT_EXPLAIN_INTERNAL_H

#include "base/json.h"
#include "base/str.h"
#include "record/query.h"
#include "replay.h"
#include "report/distance.h"
#include "report/moment.h"

/* One HPA of one run. */
struct subject {
    struct arena *arena;
    struct query *query;
    struct query_run run;
    const struct query_hpa *hpa;
    size_t index;
    const char *label; /* "web", with its namespace unless that is "default" */
};

/* What came after a sync. */
struct aftermath {
    bool changed; /* there was a later rescale */
    simtime changed_at;
    int32_t changed_from;
    int32_t changed_to;
    bool settled;       /* after a rescale: as many pods were ready as it asked for ... */
    simtime settled_at; /* ... at this time, before the later rescale */
};

/* One sync, decided anew. */
struct explained {
    const struct subject *subject;
    const struct hpa_config *config;
    const struct hpa_state *before; /* as the sync found it */
    const struct hpa_state *after;
    const struct hpa_decision *decision;
    const struct hpa_spec *spec;
    simtime at;
    bool differs; /* from what was recorded, which was: */
    int32_t recorded_current;
    int32_t recorded_desired;
    bool has_distance;
    struct distance distance;
    double load;           /* offered per second then, NaN: not known */
    const char *load_unit; /* "rps", "jobs/s", "cores"; NULL: not known, or of several kinds */
    struct aftermath aftermath;
};

/* Finds run and HPA; reports what is wrong. hpa NULL: the only one. */
bool subject_open(struct subject *s, struct arena *a, const char *path, int64_t run,
                  const char *hpa, struct diag *d);
void subject_close(struct subject *s);

/* explain_words.c */
/* "cpu", "cpu of container app", "rps", "rps of Ingress/main" */
const char *metric_words(struct arena *a, const struct hpa_metric_spec *m);
bool metric_is_utilization(const struct hpa_metric_spec *m);
bool metric_is_average(const struct hpa_metric_spec *m); /* per pod */
/* A value in the metric's unit: "84 %" or a quantity. */
const char *metric_amount(struct arena *a, const struct hpa_metric_spec *m, int64_t milli);
const char *metric_value_text(struct arena *a, const struct hpa_metric_spec *m,
                              const struct hpa_metric_working *w);
const char *metric_target_text(struct arena *a, const struct hpa_metric_spec *m);
/* The values that keep the count: "63..77 %" */
const char *metric_band_text(struct arena *a, const struct hpa_metric_spec *m,
                             const struct hpa_metric_working *w);
/* The answer in plain words, without the time. */
const char *headline(struct arena *a, const struct explained *e);
/* "12:30:15", with the date where that is not the sync's own. */
const char *when(struct arena *a, const struct explained *e, simtime t);
const char *ratio_text(struct arena *a, double ratio);
/* The newest recommendation in the window that equals the bound, and until when it counts. */
bool bound_of(const struct explained *e, bool down, simtime *at, simtime *leaves);
/* Whether a recommendation still counts in the window that ends at the sync. */
bool within_window(const struct explained *e, simtime at, bool down);

/* explain_working.c: a screen; explain_json.c */
const char *explain_screen(struct arena *a, const struct explained *e);
void explain_json(struct json_writer *w, struct arena *a, const struct explained *e);
/* explain_range.c */
bool explain_range(struct subject *s, simtime from, simtime to, bool json, FILE *out,
                   struct diag *d);

#endif
