/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `podtide decide vpa`: cases of the Vertical Pod Autoscaler by their field `kind`: recommend,
 * updater, admission; the form is that of the conformance vectors. Times are Unix seconds, CPU
 * millicores, memory bytes.
 */
#ifndef MANIFEST_DECIDE_VPA_H
#define MANIFEST_DECIDE_VPA_H

#include "manifest/decide.h"

/* A decide_line_fn; options is not read. */
bool decide_vpa(struct observation_room *room, const char *line, size_t len, uint32_t source,
                uint32_t line_number, const void *options, struct strbuf *out, struct diag *d);

#endif
