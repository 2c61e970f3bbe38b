/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cron expressions (robfig/cron v3.0.1, five fields, no descriptors) and KEDA's cron trigger
 * (KEDA v2.21.0, pkg/scalers/cron_scaler.go).
 */
#ifndef CONTROL_KEDA_CRON_H
#define CONTROL_KEDA_CRON_H

#include "control/keda/scaler.h"
#include "control/keda/tz.h"

#include <stdbool.h>
#include <stdint.h>

#define CRON_STAR  (UINT64_C(1) << 63)
#define CRON_NEVER INT64_MIN /* no time in the next five years */

/* Bit sets; CRON_STAR says that a star was written. */
struct cron {
    uint64_t minute, hour, dom, month, dow;
    const struct tz *zone; /* of a TZ= prefix, or NULL */
};

/* NULL, or the parser's error. */
const char *cron_parse(struct arena *a, const char *text, struct cron *out);
/* SpecSchedule.Next: the first time strictly after t (Unix seconds) in the zone, or CRON_NEVER. */
int64_t cron_next(const struct cron *c, const struct tz *zone, int64_t t);

struct scaler_cron {
    const char *start_text, *end_text, *timezone;
    int64_t desired_replicas;
    struct cron start, end;
    const struct tz *zone; /* NULL: it could not be loaded; every query fails */
    const char *zone_error;
    struct scaler_metric metric;
};

/* NewCronScaler; *error is its text. An unknown zone is no error yet. */
bool scaler_cron_parse(struct arena *a, const struct scaler_config *c, struct scaler_cron *out,
                       const char **error);

/* What the trigger says at a time, and why. */
struct cron_state {
    bool active;
    int64_t next_start, next_end; /* Unix seconds, or CRON_NEVER */
};

/*
 * At Unix second t plus a fraction; the fraction decides nothing. Only valid with a zone.
 */
struct cron_state scaler_cron_state(const struct scaler_cron *c, int64_t t);
struct scaler_answer scaler_cron_query(struct arena *a, const struct scaler_cron *c, int64_t t);

#endif
