/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and times as people read them. Each writes into the caller's buffer
 * and returns it. No locale, no wall clock.
 */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stddef.h>
#include <stdint.h>

#define FMT_MAX 48

/*
 * Shortest decimal that reads back as v, plain from 0.0001 up to 1e21, with an exponent outside:
 * "0.1", "1000000", "1e-05", "1e+22"; "NaN", "+Inf", "-Inf".
 */
char *fmt_double(char buffer[FMT_MAX], double v);
/* The same as Go's %v and strconv's 'g', -1 write it: exponents from 1e+06 on; for its messages. */
char *fmt_go(char buffer[FMT_MAX], double v);
/* The same as Go's encoding/json writes it: "0.00001", "1e-7", "1e+21"; "null" when not finite. */
char *fmt_json(char buffer[FMT_MAX], double v);
/* Three significant digits with an SI suffix: 950, 1.24k, 17.0M. */
char *fmt_si(char buffer[FMT_MAX], double v);
/* Bytes with binary suffixes: 512Mi, 1.50Gi. */
char *fmt_bytes(char buffer[FMT_MAX], double v);
/* Seconds as 850ms, 12.3s, 4m05s, 2h15m, 3d04h. */
char *fmt_seconds(char buffer[FMT_MAX], double seconds);
/* Thousands separated by commas: 1,240. */
char *fmt_thousands(char buffer[FMT_MAX], int64_t v);

#endif
