/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's text/tabwriter as kubectl sets it up: minimum width 0, padding 2, blanks. A cell ends
 * with a tab; neighbouring lines that have a cell in a column share its width; the text after
 * a line's last tab belongs to no column.
 */
#ifndef SRC_REPORT_TABWRITER_H
#define SRC_REPORT_TABWRITER_H

#include "base/arena.h"

/* The text aligned; in the arena. */
const char *tabwriter_align(struct arena *a, const char *text);

#endif
