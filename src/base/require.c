/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how a mistake of ours ends: with the condition and the place on
 * standard error, and abort(), so that a core or a debugger shows the stack.
 * The trap: no allocation here, the arena may be what is broken.
 */
#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_failed(const char *cond, const char *file, int line, const char *func)
{
    fflush(stdout);
    fprintf(stderr, "podtide: bug: %s:%d: %s: requires %s\n", file, line, func, cond);
    abort();
}
