/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which Go's slices.SortFunc leaves equal items. Up to twelve stay as they
 * were; more do not, and which of several equal pods is evicted hangs on it.
 */
#ifndef CONTROL_VPA_GOSORT_H
#define CONTROL_VPA_GOSORT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether item x must stand before item y; a strict weak order. */
typedef bool gosort_before(const void *context, size_t x, size_t y);

void gosort(size_t *items, size_t count, gosort_before *before, const void *context);

#endif
