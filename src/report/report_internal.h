/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that the files of the summary share. */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include "report/summary.h"

/* A moment as its readers' clocks showed it: "11:17:15", in runs of days "07-14 11:17:15". */
const char *report_moment(struct arena *a, const struct summary *s, simtime at);
/* The HPA on a workload, NULL when there is none; of several the first. */
const struct summary_hpa *report_hpa_of(const struct summary *s, size_t workload);

#endif
