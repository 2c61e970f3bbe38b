/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations in nanoseconds: Go's time.ParseDuration and Duration.String (which
 * metav1.Duration uses as they are), and a friendlier reading for scenarios.
 */
#ifndef KUBE_DURATION_H
#define KUBE_DURATION_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define DURATION_MAX 32 /* longest text of duration_format, with its NUL */

/* time.ParseDuration: "1h30m", "1.5s", "-2us", "0". False on anything else. */
bool duration_parse(const char *text, int64_t *ns);
/* Go's own words for what duration_parse refuses, in the arena; NULL when it accepts. */
const char *duration_error(struct arena *a, const char *text);
/* duration_parse and days and weeks (24 h, 7 d): "2w", "1d12h". For scenarios only. */
bool duration_parse_friendly(const char *text, int64_t *ns);
/* Duration.String(): "1h30m0s", "1.5s", "2µs", "0s". Returns the buffer. */
char *duration_format(char buffer[DURATION_MAX], int64_t ns);

#endif
