/* SPDX-License-Identifier: Apache-2.0 */
/* Seconds and nanoseconds: rounding and the ends of the range. */
#include "engine/simtime.h"

#include <criterion/criterion.h>
#include <math.h>

Test(simtime, seconds_round_to_the_nearest_nanosecond)
{
    static const struct {
        double seconds;
        simtime wanted;
    } rows[] = {
        {0.0, 0},
        {-0.0, 0},
        {1.0, SIMTIME_SECOND},
        {0.1, 100 * SIMTIME_MILLISECOND},
        {1e-9, 1},
        {0.4e-9, 0},
        {0.5e-9, 1},
        {-0.5e-9, -1},
        {-0.4e-9, 0},
        {86400.0, SIMTIME_DAY},
        {1e10, SIMTIME_NEVER},
        {9.2e9, 9200000000 * SIMTIME_SECOND},
        {-1e10, -SIMTIME_NEVER},
        {INFINITY, SIMTIME_NEVER},
        {-INFINITY, -SIMTIME_NEVER},
        {NAN, SIMTIME_NEVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(simtime_seconds(rows[i].seconds), rows[i].wanted, "%g s: %ld", rows[i].seconds,
                     (long)simtime_seconds(rows[i].seconds));
    cr_expect_eq(simtime_to_seconds(SIMTIME_SECOND / 4), 0.25);
    cr_expect_eq(simtime_add(SIMTIME_NEVER, 5), SIMTIME_NEVER);
    cr_expect_eq(simtime_add(3, 5), 8);
    cr_expect_eq(simtime_add(5, SIMTIME_NEVER), SIMTIME_NEVER);
}
