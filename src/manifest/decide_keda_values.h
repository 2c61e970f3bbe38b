/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by decide_keda_{formula,cron,fallback,kafka}.c: fields of a case with errors that name
 * them, and quantities as results write them. The four kinds are declared here, too.
 */
#ifndef MANIFEST_DECIDE_KEDA_VALUES_H
#define MANIFEST_DECIDE_KEDA_VALUES_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/node.h"
#include "control/keda/scaler.h"
#include "kube/quantity.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * One kind each: writes the value of a case's "result". The arena is for the case and its answer.
 * False: the case is bad, which is reported; what was written is then of no use.
 */
bool decide_keda_formula(struct arena *a, const struct node *root, struct json_writer *w,
                         struct diag *d);
bool decide_keda_cron(struct arena *a, const struct node *root, struct json_writer *w,
                      struct diag *d);
bool decide_keda_fallback(struct arena *a, const struct node *root, struct json_writer *w,
                          struct diag *d);
bool decide_keda_kafka(struct arena *a, const struct node *root, struct json_writer *w,
                       struct diag *d);

/* Members of a map; absent and null leave *out as it is. False after an error, reported. */
bool keda_field_double(const struct node *map, const char *key, double *out, struct diag *d);
bool keda_field_int32(const struct node *map, const char *key, int32_t *out, struct diag *d);
bool keda_field_int64(const struct node *map, const char *key, int64_t *out, struct diag *d);
bool keda_field_bool(const struct node *map, const char *key, bool *out, struct diag *d);
bool keda_field_text(const struct node *map, const char *key, const char **out, struct diag *d);
/* A number that is an element of a list. */
bool keda_double(const struct node *n, double *out, struct diag *d);
/* The member, which must be a list or a map; NULL when absent, with *bad set when it is not. */
const struct node *keda_list(const struct node *map, const char *key, bool *bad, struct diag *d);
const struct node *keda_map(const struct node *map, const char *key, bool *bad, struct diag *d);
/* A map of texts. */
bool keda_params(struct arena *a, const struct node *map, const char *key,
                 struct scaler_params *out, struct diag *d);
/* {"milli": ..., "s": "..."} */
void keda_write_quantity(struct arena *a, struct json_writer *w, const struct quantity *q);

#endif
