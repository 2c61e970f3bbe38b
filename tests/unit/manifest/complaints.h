/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as a test writes them: "line:col: message", one a line, in the order of the file. */
#ifndef TESTS_UNIT_MANIFEST_COMPLAINTS_H
#define TESTS_UNIT_MANIFEST_COMPLAINTS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

#include <stdbool.h>

/* What diag_print shows, without file name, level, source lines and carets; helps are kept. */
const char *complaints(struct arena *a, struct diag *d);
/* The first document of the text, whose errors are d's; NULL when there is none. */
const struct node *read_text(struct arena *a, const char *text, struct diag *d);

#endif
