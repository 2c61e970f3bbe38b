/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the vectors that tests/conformance/go-quantity writes: tabs between, %-escapes in. */
#ifndef TESTS_UNIT_KUBE_VECTORS_H
#define TESTS_UNIT_KUBE_VECTORS_H

#include "base/arena.h"

#include <stddef.h>

#define VECTOR_FIELDS 8

typedef void vector_check(struct arena *a, char *fields[VECTOR_FIELDS], size_t count);

/* Calls check for every line; returns their number. The arena is empty for each. */
size_t vectors_each(const char *path, vector_check *check);

#endif
