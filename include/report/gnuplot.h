/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gnuplot, found in PATH, with the program's templates (plots/ of the source tree,
 * share/podtide/plots of an installation, or the folder in PODTIDE_PLOTS). One open
 * serves several pictures.
 */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

#include <stdbool.h>

struct gnuplot {
    struct arena *arena;
    const char *program;
    const char *templates;   /* folder of the *.gp files */
    const char *script_path; /* temporary files */
    const char *errors_path;
    int errors;
};

/* The script that draws into output. */
typedef const char *gnuplot_script(void *context, const char *templates, const char *output);

/* False after an error: no gnuplot, no templates, nowhere to write. templates NULL: the usual. */
bool gnuplot_open(struct gnuplot *w, const char *templates, struct arena *a, struct diag *d);
/* Draws to path, which ends in .png or .svg; whole or not at all. */
bool gnuplot_draw(const struct gnuplot *w, const char *path, gnuplot_script *script, void *context,
                  struct diag *d);
void gnuplot_close(struct gnuplot *w);
/* Text as a gnuplot string in single quotes; control characters become blanks. */
void gnuplot_quote(struct strbuf *b, const char *text);
/* Reports a path of another ending. */
bool gnuplot_check_path(const char *path, struct diag *d);

#endif
