/* SPDX-License-Identifier: Apache-2.0 */
/* Between quantity.c and quantity_parse.c: arithmetic on digits. */
#ifndef KUBE_QUANTITY_INTERNAL_H
#define KUBE_QUANTITY_INTERNAL_H

#include "kube/quantity.h"

/* quantity_round_up of a number that is in digits. */
struct quantity quantity_round_digits(struct arena *a, const struct quantity *q, int32_t scale);

#endif
