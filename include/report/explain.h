/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an HPA did, or did not, scale: one recorded sync with its whole working on one screen,
 * or a line a sync for a range of time. Everything is decided anew from what the run file
 * says the controller saw; where that gives another answer than was recorded (another
 * version of the program), it is said.
 */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct explain_request {
    const char *path; /* of the run file */
    int64_t run;      /* 0: the newest */
    const char *hpa;  /* "NS/NAME" or "NAME"; NULL: the only one there is */
    const char *at;   /* report/moment.h; the last sync at or before; NULL: the run's last */
    const char *from; /* a range instead; NULL: from the start */
    const char *to;   /* NULL: to the end */
    bool json;
};

/* False after an error, which is reported. */
bool explain(const struct explain_request *request, struct arena *a, FILE *out, struct diag *d);

#endif
