/* SPDX-License-Identifier: Apache-2.0 */
/* Cron expressions, their next times on daylight saving days, time zones, and the cron trigger. */
#include "base/str.h"
#include "control/keda/cron.h"

#include <criterion/criterion.h>

struct error_row {
    const char *text;
    const char *want; /* NULL: fine */
};

static const struct error_row errors[] = {
    {"* * * * *", NULL},
    {"0,15,30-40/5 */6 ? jan-DEC sun,MON-fri", NULL},
    {",,1 * * * *", NULL},
    {"", "empty spec string"},
    {"* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
    {"@daily", "parser does not accept descriptors: @daily"},
    {"60 * * * *", "end of range (60) above maximum (59): 60"},
    {"* * 0 * *", "beginning of range (0) below minimum (1): 0"},
    {"* * * * 7", "end of range (7) above maximum (6): 7"},
    {"5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"},
    {"*/0 * * * *", "step of range should be a positive number: */0"},
    {"1-2-3 * * * *", "too many hyphens: 1-2-3"},
    {"1/2/3 * * * *", "too many slashes: 1/2/3"},
    {"x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"},
    {"*/-1 * * * *", "negative number (-1) not allowed: -1"},
    {"TZ=Mars/Base 1 * * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"},
};

Test(keda_cron, errors)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct cron cron;
        const char *error = cron_parse(&a, errors[i].text, &cron);
        cr_expect(str_equal(error, errors[i].want), "%s: %s", errors[i].text,
                  error != NULL ? error : "no error");
    }
    arena_drop(&a);
}

struct next_row {
    const char *name;
    const char *text;
    const char *zone;
    int64_t from;
    int64_t want;
};

static const struct next_row nexts[] = {
    {"strictly later", "0 8 * * *", "UTC", 1451635200, 1451721600},
    {"the second before", "0 8 * * *", "UTC", 1451635199, 1451635200},
    {"never", "0 0 30 2 *", "UTC", 1451635200, CRON_NEVER},
    {"a leap day", "0 0 29 2 *", "UTC", 1456704000, 1582934400},
    {"day or weekday", "0 0 13 * 5", "UTC", 1451606400, 1451606400 + 7 * 86400},
    {"the missing hour is skipped", "30 2 * * *", "Europe/Paris", 1711762200, 1711931400},
    {"the hour that comes twice, once more", "30 2 * * *", "Europe/Paris", 1729989000, 1729992600},
    {"steps of an hour miss 2:00 after half an hour back", "0 2 * * *", "Australia/Lord_Howe",
     1712415600, 1712503800},
    {"beyond the last change of the file", "0 12 1 7 *", "America/New_York", 4102444800,
     4118140800},
    /* Samoa had no 30 December 2011; upstream searches for ever for the 31st before it. */
    {"a day that the zone left out", "37 * 31 12 *", "Pacific/Apia", 1325000000, CRON_NEVER},
};

Test(keda_cron, next)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof nexts / sizeof nexts[0]; i++) {
        struct cron cron;
        const char *error;
        const struct tz *zone = tz_load(&a, nexts[i].zone, &error);
        cr_assert_not_null(zone, "%s", error);
        cr_assert_null(cron_parse(&a, nexts[i].text, &cron));
        const int64_t got = cron_next(&cron, zone, nexts[i].from);
        cr_expect(got == nexts[i].want, "%s: %lld, not %lld", nexts[i].name, (long long)got,
                  (long long)nexts[i].want);
    }
    arena_drop(&a);
}

struct zone_row {
    const char *zone;
    int64_t at;
    int32_t offset;
    bool summer;
};

static const struct zone_row zones[] = {
    {"UTC", 0, 0, false},
    {"Europe/Paris", 1711846799, 3600, false},
    {"Europe/Paris", 1711846800, 7200, true},
    {"Australia/Sydney", 4102444800, 39600, true}, /* summer spans the new year, by the rule */
    {"Asia/Kathmandu", 1700000000, 20700, false},
    {"America/Sao_Paulo", 1700000000, -10800, false},
    {"America/New_York", -5000000000, -17762, false},
};

Test(keda_cron, offsets)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        const char *error;
        const struct tz *zone = tz_load(&a, zones[i].zone, &error);
        cr_assert_not_null(zone, "%s", error);
        cr_expect(tz_offset(zone, zones[i].at) == zones[i].offset &&
                      tz_is_summer(zone, zones[i].at) == zones[i].summer,
                  "%s at %lld: %d", zones[i].zone, (long long)zones[i].at,
                  (int)tz_offset(zone, zones[i].at));
    }
    const char *error;
    cr_expect_null(tz_load(&a, "Mars/Base", &error));
    cr_expect_str_eq(error, "unknown time zone Mars/Base");
    cr_expect_null(tz_load(&a, "../etc/passwd", &error));
    cr_expect_str_eq(error, "time: invalid location name");
    cr_expect_null(tz_parse(&a, "short", (const unsigned char *)"TZif2", 5));
    arena_drop(&a);
}

struct trigger_row {
    const char *name;
    const char *start, *end, *desired;
    int64_t at;
    bool active;
    const char *error;
};

static const struct trigger_row triggers[] = {
    {"before", "0 8 * * *", "0 18 * * *", "5", 1451635199, false, NULL},
    {"at the start", "0 8 * * *", "0 18 * * *", "5", 1451635200, true, NULL},
    {"at the end", "0 8 * * *", "0 18 * * *", "5", 1451671200, false, NULL},
    {"a start that never comes", "0 0 30 2 *", "0 18 * * *", "5", 1451606400, true, NULL},
    {"an end that never comes", "0 8 * * *", "0 0 30 2 *", "5", 1451638800, false, NULL},
    {"neither comes", "0 0 30 2 *", "0 0 31 2 *", "5", 1451638800, true, NULL},
    {"one day a year is all year", "0 0 1 1 *", "0 0 * * *", "5", 1456790400, true, NULL},
    {"the same text", "0 8 * * *", "0 8 * * *", "5", 0, false,
     "error parsing cron metadata: start and end can not have exactly same time input"},
    {"no replicas", "0 8 * * *", "0 9 * * *", "0", 0, false,
     "error parsing cron metadata: no desiredReplicas specified"},
    {"replicas that are no number", "0 8 * * *", "0 9 * * *", "+5", 0, false,
     "error parsing cron metadata: unable to set param \"desiredReplicas\" value \"+5\": unable to "
     "unmarshal to field type int64: invalid character '+' looking for beginning of value\nno "
     "desiredReplicas specified"},
};

Test(keda_cron, trigger)
{
    struct arena a = {0};
    for (size_t i = 0; i < sizeof triggers / sizeof triggers[0]; i++) {
        const struct trigger_row *row = &triggers[i];
        const struct scaler_param params[] = {{"timezone", "Etc/UTC"},
                                              {"start", row->start},
                                              {"end", row->end},
                                              {"desiredReplicas", row->desired}};
        const struct scaler_config config = {.metadata = {params, 4}};
        struct scaler_cron cron;
        const char *error;
        if (!scaler_cron_parse(&a, &config, &cron, &error)) {
            cr_expect(str_equal(error, row->error), "%s: %s", row->name, error);
            continue;
        }
        const struct scaler_answer answer = scaler_cron_query(&a, &cron, row->at);
        cr_expect(row->error == NULL && answer.active == row->active &&
                      quantity_milli_value(&answer.value) == (row->active ? 5000 : 0),
                  "%s", row->name);
    }
    arena_drop(&a);
}
