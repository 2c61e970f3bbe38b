/* SPDX-License-Identifier: Apache-2.0 */
/* What the pattern_*.c files share. */
#ifndef LOAD_PATTERN_INTERNAL_H
#define LOAD_PATTERN_INTERNAL_H

#include "load/pattern.h"

/* Finite, of sane size, and not negative unless that is allowed; else reported. */
bool pattern_check_value(double value, const char *what, struct mark mark,
                         const struct pattern_context *c);
/* Between 0 and LOAD_TIME_MAX, else reported. */
bool pattern_check_time(simtime t, const char *what, struct mark mark,
                        const struct pattern_context *c);

#endif
