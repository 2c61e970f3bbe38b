/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files that read observation logs: scalars of a log. Each reports what is
 * wrong, by the member's name, and returns false.
 */
#ifndef MANIFEST_OBSERVATION_INTERNAL_H
#define MANIFEST_OBSERVATION_INTERNAL_H

#include "manifest/observation.h"

#include <string.h>

/* Members are looked at one by one; most differ in their first letter. */
static inline bool key_is(const char *key, const char *word)
{
    return key[0] == word[0] && strcmp(key, word) == 0;
}

bool observed_wrong(struct diag *d, const struct node *n, const char *expected);
bool observed_text(const struct node *n, const char **out, struct diag *d);
bool observed_int(const struct node *n, int32_t *out, struct diag *d);
bool observed_seconds(const struct node *n, simtime *out, struct diag *d);
bool observed_quantity(struct arena *a, const struct node *n, struct quantity *out, struct diag *d);

#endif
