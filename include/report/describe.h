/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `kubectl describe hpa NAME` (v1.36) would have shown at a time of a recorded run:
 * the object, its status, conditions, and the events as the event recorder would have put
 * them together and the API server would still hold them.
 */
#ifndef REPORT_DESCRIBE_H
#define REPORT_DESCRIBE_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct describe_request {
    const char *path;   /* of the run file */
    int64_t run;        /* 0: the newest */
    const char *object; /* "hpa/NAME", "NS/hpa/NAME", "hpa/NS/NAME" */
    const char *at;     /* report/moment.h; NULL: the run's end */
};

/* False after an error, which is reported. */
bool describe(const struct describe_request *request, struct arena *a, FILE *out, struct diag *d);

#endif
