/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off and order of pods that wait for a node. */
#include "control/scheduler/queue.h"

#include <criterion/criterion.h>

#define MS(x) ((x)*SIMTIME_MILLISECOND)

Test(scheduler_queue, backoff)
{
    static const struct {
        int32_t attempts;
        int64_t queued_ms;
        int64_t backoff_ms;
        int64_t end_ms;
    } rows[] = {{0, 300, 0, 300},        {1, 300, 1000, 2000},        {1, 0, 1000, 2000},
                {1, 999, 1000, 2000},    {2, 300, 2000, 3000},        {3, 300, 4000, 5000},
                {4, 300, 8000, 9000},    {5, 300, 10000, 11000},      {6, 300, 10000, 11000},
                {63, 300, 10000, 11000}, {INT32_MAX, 0, 10000, 11000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct queued_pod pod = {.queued = MS(rows[i].queued_ms),
                                       .attempts = rows[i].attempts};
        cr_expect(queue_backoff(pod.attempts) == MS(rows[i].backoff_ms), "row %zu", i);
        cr_expect(queue_backoff_end(&pod) == MS(rows[i].end_ms), "row %zu", i);
    }
}

Test(scheduler_queue, order)
{
    const struct queued_pod low = {.priority = -1, .queued = MS(0), .id = 1};
    const struct queued_pod old = {.priority = 0, .queued = MS(1), .id = 5};
    const struct queued_pod young = {.priority = 0, .queued = MS(2), .id = 2};
    const struct queued_pod high = {.priority = 9, .queued = MS(900), .attempts = 4, .id = 3};
    const struct queued_pod twin = {.priority = 0, .queued = MS(1), .id = 6};
    cr_expect(queue_compare(&old, &low) < 0 && queue_compare(&low, &old) > 0);
    cr_expect(queue_compare(&old, &young) < 0 && queue_compare(&high, &old) < 0);
    cr_expect(queue_compare(&old, &twin) < 0 && queue_compare(&old, &old) == 0);
    cr_expect(queue_compare_backoff(&old, &high) < 0, "an earlier window");
    cr_expect(queue_compare_backoff(&young, &old) > 0, "one window: priority, then age");
}
