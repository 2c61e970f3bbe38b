/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cron expressions and TZif files of any bytes: never a crash or an endless search; a next time
 * is later than the time asked of, and within the six years after it.
 */
#include "base/arena.h"
#include "base/require.h"
#include "control/keda/cron.h"

#include "fuzz.h"

static void check_schedule(struct arena *a, const char *text, const struct tz *zone, int64_t t)
{
    struct cron cron;
    if (cron_parse(a, text, &cron) != NULL) {
        return;
    }
    const int64_t next = cron_next(&cron, zone, t);
    require(next == CRON_NEVER || (next > t && next < t + INT64_C(6) * 367 * 86400));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    const char *error;
    const struct tz *utc = tz_load(&a, "UTC", &error);
    const char *text = arena_strndup(&a, (const char *)data, size < 1024 ? size : 1024);
    require(utc != NULL);
    check_schedule(&a, text, utc, 1700000000);
    check_schedule(&a, text, utc, 951782399);
    const struct tz *zone = tz_parse(&a, "fuzzed", data, size);
    if (zone != NULL) {
        (void)tz_offset(zone, 0);
        (void)tz_offset(zone, 4102444800);
        (void)tz_is_summer(zone, -4102444800);
        (void)tz_date(zone, 2024, 14, -3, 25, 61, 61);
    }
    arena_drop(&a);
    return 0;
}
