/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions, against what kubectl v0.36.3 printed for the same objects and events, its
 * aligning of cells, and the event recorder's putting together. The expected texts were
 * compared with kubectl's own describer and client-go's own correlator.
 */
#include "report/describe.h"

#include "../../../src/report/event_recorder.h"
#include "../../../src/report/tabwriter.h"
#include "base/str.h"
#include "small_run.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct small_load day[] = {{0, 2.8, false}, {5, 5, false}, {40, 5, true}};

static const struct hpa_policy policies[] = {{HPA_POLICY_PODS, 4, 15},
                                             {HPA_POLICY_PERCENT, 100, 15}};

static char *described(const char *path, const char *object, const char *at, const char **error)
{
    static struct arena a;
    struct diag diag = {.arena = &a};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    const struct describe_request request = {.path = path, .object = object, .at = at};
    const bool ok = describe(&request, &a, out, &diag);
    fclose(out);
    *error = ok ? NULL : diag_message(&diag, 0);
    return text;
}

static const char *const before =
    "Name:                                                  web\n"
    "Namespace:                                             default\n"
    "Labels:                                                <none>\n"
    "Annotations:                                           <none>\n"
    "CreationTimestamp:                                     Wed, 01 May 2024 10:00:00 +0000\n"
    "Reference:                                             Deployment/web\n"
    "Metrics:                                               ( current / target )\n"
    "  resource cpu on pods  (as a percentage of request):  <unknown> / 70%\n"
    "Min replicas:                                          2\n"
    "Max replicas:                                          10\n"
    "Behavior:\n"
    "  Scale Up:\n"
    "    Stabilization Window: 0 seconds\n"
    "    Select Policy: Max\n"
    "    Policies:\n"
    "      - Type: Pods     Value: 4    Period: 15 seconds\n"
    "      - Type: Percent  Value: 100  Period: 15 seconds\n"
    "  Scale Down:\n"
    "    Select Policy: Max\n"
    "    Policies:\n"
    "      - Type: Percent  Value: 100  Period: 15 seconds\n"
    "Deployment pods:       0 current / 0 desired\n"
    "Events:                <none>\n";

static const char *const scaled =
    "Deployment pods:  8 current / 8 desired\n"
    "Conditions:\n"
    "  Type            Status  Reason               Message\n"
    "  ----            ------  ------               -------\n"
    "  AbleToScale     True    ReadyForNewScale     recommended size matches current size\n"
    "  ScalingActive   True    ValidMetricFound     the HPA was able to successfully calculate a "
    "replica count from cpu resource utilization (percentage of request)\n"
    "  ScalingLimited  False   DesiredWithinRange   the desired count is within the acceptable "
    "range\n";

static const char *const failing =
    "  Normal   SuccessfulRescale             9m45s              horizontal-pod-autoscaler  New "
    "size: 8; reason: cpu resource utilization (percentage of request) above target\n"
    "  Warning  FailedGetResourceMetric       0s (x5 over 60s)   horizontal-pod-autoscaler  failed "
    "to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from "
    "resource metrics API: the server is gone\n";

static const char *write_run(struct arena *a, const struct hpa_spec *spec)
{
    const char *path = small_run_path(a);
    struct diag diag = {.arena = a};
    const struct small_run run = {.path = path,
                                  .spec = spec,
                                  .replicas = 4,
                                  .syncs = 60,
                                  .loads = day,
                                  .load_count = sizeof day / sizeof *day};
    small_run_write(&run, a, &diag);
    return path;
}

/* Blanks in a row are one: how wide a column is, the other rows tell. */
static const char *squeezed(struct arena *a, const char *text)
{
    struct strbuf b = {.arena = a};
    for (; *text != '\0'; text++) {
        if (*text != ' ' || b.len == 0 || b.text[b.len - 1] != ' ') {
            strbuf_char(&b, *text);
        }
    }
    return strbuf_text(&b);
}

Test(describe, as_kubectl)
{
    struct arena a = {0};
    struct hpa_spec spec = small_spec;
    spec.has_behavior = true;
    spec.scale_up =
        (struct hpa_scaling_rules){.has_window = true, .policies = policies, .policy_count = 2};
    spec.scale_down = (struct hpa_scaling_rules){.policies = &policies[1], .policy_count = 1};
    const char *path = write_run(&a, &spec);
    const char *error = NULL;
    char *text = described(path, "hpa/web", "10:00:10", &error);
    cr_expect_str_eq(text, before);
    free(text);
    text = described(path, "hpa/default/web", "10:03:30", &error);
    cr_expect(strstr(squeezed(&a, text), squeezed(&a, scaled)) != NULL, "%s", text);
    free(text);
    text = described(path, "default/hpa/web", "10:11:00", &error);
    cr_expect(strstr(squeezed(&a, text), squeezed(&a, failing)) != NULL, "%s", text);
    free(text);
    text = described(path, "deployment/web", NULL, &error);
    cr_expect(error != NULL && strstr(error, "only HPAs can be described") != NULL);
    free(text);
    text = described(path, "hpa/api", NULL, &error);
    cr_expect(error != NULL && strstr(error, "no HPA named api") != NULL);
    free(text);
    small_run_remove(path);
    arena_drop(&a);
}

Test(describe, cells)
{
    static const struct {
        const char *text;
        const char *aligned;
    } rows[] = {
        {"", ""},
        {"a\n", "a\n"},
        {"a\tb\n", "a  b\n"},
        {"a\tb\nccc\td\n", "a    b\nccc  d\n"},
        {"a\tb\nx\nccc\td\n", "a  b\nx\nccc  d\n"},
        {"a\tb\tc\nlong\td\n", "a     b  c\nlong  d\n"},
        {"\tb\nlong\td\n", "      b\nlong  d\n"},
        {"\xc3\xa4\tb\nxy\td\n", "\xc3\xa4   b\nxy  d\n"},
        {"a\t\nbb\t\n", "a   \nbb  \n"},
        {"a\tb", "a  b\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        const char *got = tabwriter_align(&a, rows[i].text);
        cr_expect(str_equal(got, rows[i].aligned), "row %zu: [%s]", i, got);
        arena_drop(&a);
    }
}

static struct observed_event event_at(double seconds, const char *reason, const char *message)
{
    return (struct observed_event){.at = simtime_seconds(seconds),
                                   .source = "horizontal-pod-autoscaler",
                                   .type = "Normal",
                                   .reason = reason,
                                   .message = message};
}

Test(describe, events_are_counted_and_forgotten)
{
    struct arena a = {0};
    const struct observed_event events[] = {event_at(10, "R", "one"), event_at(20, "R", "two"),
                                            event_at(30, "R", "one"), event_at(4000, "R", "one")};
    size_t kept = 0;
    struct kept_event *list = events_kept(&a, events, 4, simtime_seconds(25), &kept);
    cr_assert_eq(kept, 2);
    cr_expect_str_eq(list[0].message, "one");
    cr_expect_eq(list[0].count, 1);
    list = events_kept(&a, events, 4, simtime_seconds(100), &kept);
    cr_assert_eq(kept, 2);
    cr_expect_str_eq(list[0].message, "two");
    cr_expect_eq(list[1].count, 2);
    cr_expect_eq(list[1].first, simtime_seconds(10));
    /* The server forgets after an hour without a write; the recorder goes on counting. */
    list = events_kept(&a, events, 4, simtime_seconds(3631), &kept);
    cr_expect_eq(kept, 0);
    list = events_kept(&a, events, 4, simtime_seconds(4001), &kept);
    cr_assert_eq(kept, 1);
    cr_expect_eq(list[0].count, 3);
    cr_expect_eq(list[0].first, simtime_seconds(10));
    events_kept(&a, events, 0, simtime_seconds(1), &kept);
    cr_expect_eq(kept, 0);
    arena_drop(&a);
}

/* The tenth message within ten minutes, and what comes after it, is one event together. */
Test(describe, similar_events_are_combined)
{
    struct arena a = {0};
    struct observed_event events[12];
    size_t kept = 0;
    for (int i = 0; i < 12; i++) {
        events[i] = event_at(i * 10, "R", arena_printf(&a, "message %d", i));
    }
    struct kept_event *list = events_kept(&a, events, 12, simtime_seconds(200), &kept);
    cr_assert_eq(kept, 10);
    cr_expect_str_eq(list[8].message, "message 8");
    cr_expect_str_eq(list[9].message, "(combined from similar events): message 11");
    cr_expect_eq(list[9].count, 3);
    cr_expect_eq(list[9].first, simtime_seconds(90));
    /* Eleven minutes between them: nothing is similar. */
    for (int i = 0; i < 12; i++) {
        events[i].at = simtime_seconds(i * 660);
    }
    list = events_kept(&a, events, 12, simtime_seconds(11 * 660), &kept);
    for (size_t i = 0; i < kept; i++) {
        cr_expect_eq(list[i].message[0], 'm', "%s", list[i].message);
    }
    arena_drop(&a);
}

/* 25 at once, then one every five minutes; what was dropped still counts. */
Test(describe, floods_are_cut)
{
    struct arena a = {0};
    struct observed_event events[41];
    size_t kept = 0;
    for (int i = 0; i < 40; i++) {
        events[i] = event_at(i, "R", "again");
    }
    events[40] = event_at(400, "R", "again");
    struct kept_event *list = events_kept(&a, events, 41, simtime_seconds(100), &kept);
    cr_assert_eq(kept, 1);
    cr_expect_eq(list[0].count, 25);
    list = events_kept(&a, events, 41, simtime_seconds(400), &kept);
    cr_expect_eq(list[0].count, 41);
    arena_drop(&a);
}
