/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all of KEDA's scalers share (KEDA v2.21.0, pkg/scalers/scaler.go and
 * scalersconfig/typed_config.go): parameters read through tables of fields, with upstream's
 * defaults and errors, names of metrics, and values as the HPA sees them.
 */
#ifndef CONTROL_KEDA_SCALER_H
#define CONTROL_KEDA_SCALER_H

#include "base/arena.h"
#include "kube/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scaler_param {
    const char *key;
    const char *value;
};

struct scaler_params {
    const struct scaler_param *items;
    size_t count;
};

/* One trigger. */
struct scaler_config {
    struct scaler_params metadata;
    struct scaler_params auth; /* of a TriggerAuthentication */
    struct scaler_params env;  /* of the target's container, for parameters named ...FromEnv */
    const char *metric_type;   /* "", "AverageValue", "Value"; "Utilization" is refused */
    int32_t index;             /* in spec.triggers */
    const char *namespace_name;
    bool using_modifiers; /* scalingModifiers are in use */
    bool auth_reference;  /* an authenticationRef that the scenario does not spell out */
};

/* What the HPA is told of a scaler. */
struct scaler_metric {
    const char *name; /* "s0-..." */
    bool value_type;  /* Value, else AverageValue */
    struct quantity target;
};

/* One answer of GetMetricsAndActivity. error, when not NULL, stands alone. */
struct scaler_answer {
    const char *error;
    double raw;            /* before rounding; activity is decided on it */
    struct quantity value; /* to thousandths, never negative */
    bool active;
};

enum scaler_field_type {
    SCALER_STRING, /* const char * */
    SCALER_INT64,  /* int64_t */
    SCALER_FLOAT,  /* double */
    SCALER_BOOL    /* bool */
};

enum { SCALER_METADATA = 1, SCALER_AUTH = 2, SCALER_ENV = 4 }; /* asked in this order */

/* One parameter; the member of the scaler's struct at offset gets it. */
struct scaler_field {
    const char *name; /* "a;b": two spellings, the first that is there */
    enum scaler_field_type type;
    size_t offset;
    unsigned order;         /* SCALER_METADATA | ... */
    const char *standard;   /* default; NULL: none */
    bool optional;          /* may be missing without a default */
    const char *allowed;    /* "a;b", or NULL */
    const char *deprecated; /* its use is an error, with this text */
};

/*
 * parseTypedConfig: fills target, a zeroed struct. All errors, one a line, in *errors when there
 * are any (Validate's come after them; see scaler_join). false then.
 */
bool scaler_read(struct arena *a, const struct scaler_config *c, const struct scaler_field *fields,
                 size_t count, void *target, const char **errors);
/* errors.Join of two, either of which may be NULL. */
const char *scaler_join(struct arena *a, const char *first, const char *second);
/* The value of a parameter by configParamValue; NULL when it is missing or blank. */
const char *scaler_param(struct arena *a, const struct scaler_config *c, const char *names,
                         unsigned order);
/* GetMetricTargetType; false, and *error, for Utilization. */
bool scaler_metric_type(const struct scaler_config *c, bool *value_type, const char **error);
/* "s<index>-" and the normalised name. */
const char *scaler_metric_name(struct arena *a, int32_t index, const char *name);
/* NormalizeString: each of "/.:%()" becomes "-". */
char *scaler_normalize(struct arena *a, const char *s);

/* quantityFromFloat64: "%.3f" of it; 0 for NaN, infinities and what is below 0. */
struct quantity scaler_quantity(struct arena *a, double value);
/* An answer of that value, active above the threshold. */
struct scaler_answer scaler_answer_of(struct arena *a, double value, double activation);

/* strconv.ParseFloat(s, 64), ParseBool and json.Unmarshal of numbers: Go's error, or NULL. */
const char *scaler_parse_float(struct arena *a, const char *s, double *out);
const char *scaler_parse_bool(struct arena *a, const char *s, bool *out);
const char *scaler_json_int64(struct arena *a, const char *s, int64_t *out);
const char *scaler_json_float(struct arena *a, const char *s, double *out);
/* strconv.ParseInt(s, 10, bits) */
bool scaler_parse_int(const char *s, int bits, int64_t *out);
/* strconv.Quote */
const char *scaler_quote(struct arena *a, const char *s);

#endif
