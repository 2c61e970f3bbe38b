/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations of a run that can be checked by hand. 4 pods of a core at 70 %: at 2.8 cores all is
 * well, at 5 cores 125 / 70 x 4 asks for 8, at 12 cores for more than the maximum, at 1 core for
 * 2, which the window of five minutes holds back.
 */
#include "report/explain.h"

#include "base/json.h"
#include "base/str.h"
#include "small_run.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 100, HEIGHT = 24 };

static const struct small_load day[] = {
    {0, 2.8, false},  /* 10:00:15: 70 % */
    {5, 5, false},    /* 10:01:15 */
    {20, 12, false},  /* 10:05:00 */
    {40, 1, false},   /* 10:10:00 */
    {80, 1, true},    /* 10:20:00: no metrics */
    {90, 3.3, false}, /* 10:22:30 */
};

static const struct hpa_policy one_a_minute[] = {{HPA_POLICY_PODS, 1, 60}};
static const struct hpa_policy pods_or_percent[] = {{HPA_POLICY_PODS, 1, 60},
                                                    {HPA_POLICY_PERCENT, 50, 60}};

static struct hpa_spec careful_spec(void)
{
    struct hpa_spec spec = small_spec;
    spec.has_behavior = true;
    spec.scale_up = (struct hpa_scaling_rules){
        .has_window = true, .window_seconds = 60, .policies = pods_or_percent, .policy_count = 2};
    spec.scale_down = (struct hpa_scaling_rules){
        .has_window = true, .window_seconds = 120, .policies = one_a_minute, .policy_count = 1};
    return spec;
}

struct asked {
    bool ok;
    char *text;
    const char *error;
};

static struct asked ask(struct arena *a, const struct explain_request *request)
{
    struct diag diag = {.arena = a};
    struct asked asked = {0};
    size_t len = 0;
    FILE *out = open_memstream(&asked.text, &len);
    asked.ok = explain(request, a, out, &diag);
    fclose(out);
    asked.error = diag_message(&diag, 0);
    return asked;
}

static void check_screen(const char *at, const char *text)
{
    size_t lines = 0;
    for (const char *line = text; *line != '\0'; lines++) {
        const size_t len = strcspn(line, "\n");
        cr_expect(len <= WIDTH, "%s: line of %zu: %.*s", at, len, (int)len, line);
        line += len + (line[len] == '\n');
    }
    cr_expect(lines >= 5 && lines <= HEIGHT, "%s: %zu lines", at, lines);
}

static const char *write_day(struct arena *a, const struct hpa_spec *spec, int tampered)
{
    const char *path = small_run_path(a);
    const struct small_run run = {.path = path,
                                  .spec = spec,
                                  .replicas = 4,
                                  .syncs = 120,
                                  .loads = day,
                                  .load_count = sizeof day / sizeof *day,
                                  .tampered = tampered};
    struct diag diag = {.arena = a};
    small_run_write(&run, a, &diag);
    return path;
}

struct expectation {
    const char *at;
    const char *parts[6]; /* each stands in the text */
};

static void check_all(const char *path, const struct expectation *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena a = {0};
        const struct explain_request request = {.path = path, .at = rows[i].at};
        const struct asked asked = ask(&a, &request);
        cr_expect(asked.ok, "%s: %s", rows[i].at, asked.error);
        check_screen(rows[i].at, asked.text);
        for (size_t j = 0; j < 6 && rows[i].parts[j] != NULL; j++) {
            cr_expect(strstr(asked.text, rows[i].parts[j]) != NULL, "%s: no \"%s\" in\n%s",
                      rows[i].at, rows[i].parts[j], asked.text);
        }
        free(asked.text);
        arena_drop(&a);
    }
}

static const struct expectation plain[] = {
    {"10:00:20",
     {"10:00:15 web stays at 4: cpu 70 % against a target of 70 % is within tolerance (63..77 %)",
      "ratio 70 / 70 = 1; tolerance 0.9..1.1; inside: keeps 4", "Binding      tolerance",
      "Then         next change 10:01:15 (1m later): 4 -> 8",
      "Up           +1 at the next sync from 312 rps, 1.11 x the load now (cpu 78 %)",
      "If it stays  no change with this load"}},
    {"10:01:15",
     {"10:01:15 web goes 4 -> 8: cpu is at 125 % of requests, target 70 %",
      "cpu 125 % (5 / 4), target 70 %; pods: 4 ready",
      "ratio 125 / 70 = 1.786; tolerance 0.9..1.1; outside: ceil(1.786 x 4 ready) = 8",
      "max(2 x 4, 4) = 8 at most", "Event        SuccessfulRescale: New size: 8; reason: cpu",
      "8 pods ready at 10:02:00 (45s later); next change 10:05:00"}},
    {"10:01:30", {"cpu is at 125 % of requests", "4 ready, 4 unready", "keeps 8"}},
    {"10:06:00",
     {"web stays at 10 (the metrics ask for 18): maxReplicas is 10; cpu is at 120 % of requests",
      "Binding      maxReplicas", "Up           none: it is at maxReplicas",
      "ScalingLimited=True TooManyReplicas"}},
    {"10:12:00",
     {"web stays at 10 (the metrics ask for 2): scale-down takes the highest recommendation of",
      "18 at 10:09:45, until", "Binding      scale-down stabilization",
      "Then         next change 10:15:00 (3m later): 10 -> 2",
      "Down         the metrics already ask for 2",
      "If it stays  scale-down to 2 at about 10:15:00"}},
    {"10:20:00",
     {"10:20:00 web stays at 2: no metric could be read", "cpu FAILED: failed to get cpu",
      "the server is gone", "Binding      metrics", "ScalingActive=False FailedGetResourceMetric"}},
    {"10:30:00", {"Then         no further change until the run's end, 10:30:00"}},
};

Test(explain, one_decision)
{
    struct arena a = {0};
    const char *path = write_day(&a, &small_spec, 0);
    check_all(path, plain, sizeof plain / sizeof *plain);
    small_run_remove(path);
    arena_drop(&a);
}

static const struct expectation careful[] = {
    {"10:01:15",
     {"web stays at 4 (the metrics ask for 8): scale-up takes the lowest recommendation of the\n",
      "last 1m, 4 at 10:01:00, until 10:02:00", "Binding      scale-up stabilization",
      "Windows      asked for 8; up 1m: least is 4 (until 10:02:00); down 2m: most is 8 -> 4",
      "Up           not at the next sync, whatever the load: scale-up stabilization",
      "If it stays  scale-up to 6 at about 10:02:00"}},
    {"10:02:00",
     {"web goes 4 -> 6 (the metrics ask for 8): the scale-up policy of 50 % per 1m, from 4, allows",
      "Policies     up, Max of 1 pod/1m: 4 + 1 = 5; 50 %/1m: ceil(4 x 1.5) = 6 -> at most 6",
      "Binding      scale-up limit"}},
    {"10:06:15",
     {"Policies     up, Max of 1 pod/1m: (10 - 2 added) + 1 = 9; 50 %/1m: ceil((10 - 2 added) x 1.5) = 12",
      "-> at most 12", "Events kept  +2 30s ago", "Binding      maxReplicas",
      "with unready and missing pods at 0: 1.714", "outside: ceil(1.714 x 10 pods) = 18"}},
    {"10:12:30",
     {"the scale-down policy of 1 pod per 1m, from 10,",
      "Policies     down, Max of 1 pod/1m: (9 + 1 removed) - 1 = 9 -> at least 9",
      "Binding      scale-down limit", "Then         next change 10:13:00 (30s later): 9 -> 8",
      "If it stays  scale-down to 8 at about 10:13:00"}},
};

Test(explain, behavior)
{
    struct arena a = {0};
    const struct hpa_spec spec = careful_spec();
    const char *path = write_day(&a, &spec, 0);
    check_all(path, careful, sizeof careful / sizeof *careful);
    small_run_remove(path);
    arena_drop(&a);
}

Test(explain, range)
{
    struct arena a = {0};
    const char *path = write_day(&a, &small_spec, 0);
    struct explain_request request = {.path = path, .from = "10:01:00", .to = "10:02:00"};
    struct asked asked = ask(&a, &request);
    cr_expect(asked.ok);
    cr_expect_str_eq(
        asked.text,
        "TIME                       FROM       TO ASKED  STAB  BINDING                  METRIC"
        "                 PODS\n"
        "2024-05-01T10:01:00Z          4 ->     4     4     4  tolerance                cpu 70/70%"
        "             ready 4\n"
        "2024-05-01T10:01:15Z          4 ->     8     8     8  none                     cpu 125/70%"
        "            ready 4\n"
        "2024-05-01T10:01:30Z          8 ->     8     8     8  none                     cpu 125/70%"
        "            ready 4 unready 4\n"
        "2024-05-01T10:01:45Z          8 ->     8     8     8  none                     cpu 125/70%"
        "            ready 4 unready 4\n"
        "2024-05-01T10:02:00Z          8 ->     8     4     8  scale-down stabilization cpu 62/70%"
        "             ready 4 unready 4\n");
    free(asked.text);
    request.json = true;
    asked = ask(&a, &request);
    cr_expect(asked.ok);
    cr_expect(strstr(asked.text, "{\"time\":\"2024-05-01T10:01:15Z\",\"seconds\":75,\"from\":4,"
                                 "\"to\":8,\"rescaled\":true,\"recommendation\":8,") != NULL,
              "%s", asked.text);
    free(asked.text);
    small_run_remove(path);
    arena_drop(&a);
}

Test(explain, json)
{
    struct arena a = {0};
    struct diag diag = {.arena = &a};
    const char *path = write_day(&a, &small_spec, 0);
    const struct explain_request request = {.path = path, .at = "10:12:00", .json = true};
    const struct asked asked = ask(&a, &request);
    const struct node *root = json_read(&a, asked.text, strlen(asked.text), 0, 1, &diag);
    cr_assert(root != NULL);
    static const struct {
        const char *path;
        const char *text;
    } rows[] = {
        {"hpa", "default/web"},
        {"at.time", "2024-05-01T10:12:00Z"},
        {"as_recorded", "true"},
        {"current", "10"},
        {"binding", "scale-down stabilization"},
        {"load_per_second", "100"},
        {"stabilization.recommendation", "2"},
        {"stabilization.down_bound", "18"},
        {"limits.max_replicas", "10"},
        {"then.next_rescale.time", "2024-05-01T10:15:00Z"},
        {"then.to", "2"},
        {"distance.down.replicas", "2"},
        {"distance.if_load_stays.at.seconds", "900"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct node *n = node_path(root, rows[i].path);
        cr_expect(n != NULL && str_equal(n->text, rows[i].text), "%s: %s", rows[i].path,
                  n != NULL ? n->text : "absent");
    }
    free(asked.text);
    small_run_remove(path);
    arena_drop(&a);
}

/* A load is told in what it is made of; and a count at minReplicas has nowhere to go down to. */
Test(explain, units)
{
    static const struct {
        const char *kind;
        const char *text;
    } rows[] = {{"service", "from 312 rps, "},
                {"queue", "from 312 jobs/s, "},
                {"demand", "from 312 cores, "}};
    struct hpa_spec at_least_four = small_spec;
    at_least_four.min_replicas = 4;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct diag diag = {.arena = &a};
        const char *path = small_run_path(&a);
        const struct small_run run = {.path = path,
                                      .spec = &at_least_four,
                                      .replicas = 4,
                                      .syncs = 4,
                                      .loads = day,
                                      .load_count = 1,
                                      .service_kind = rows[i].kind};
        small_run_write(&run, &a, &diag);
        const struct explain_request request = {.path = path};
        const struct asked asked = ask(&a, &request);
        cr_expect(asked.ok && strstr(asked.text, rows[i].text) != NULL, "%s", asked.text);
        cr_expect(strstr(asked.text, "Down         none: it is at minReplicas") != NULL, "%s",
                  asked.text);
        free(asked.text);
        small_run_remove(path);
        arena_drop(&a);
    }
}

/* A file that says something else than this program decides: that is told. */
Test(explain, another_answer_is_told)
{
    struct arena a = {0};
    const char *path = write_day(&a, &small_spec, 3);
    const struct explain_request request = {.path = path, .at = "10:00:45"};
    const struct asked asked = ask(&a, &request);
    cr_expect(strstr(asked.text, "note: podtide test recorded 4 -> 99 here") != NULL, "%s",
              asked.text);
    free(asked.text);
    small_run_remove(path);
    arena_drop(&a);
}

Test(explain, errors)
{
    struct arena a = {0};
    const char *path = write_day(&a, &small_spec, 0);
    const struct {
        const char *name;
        struct explain_request request;
        const char *error;
    } rows[] = {
        {"no such file", {.path = "/nonexistent.db"}, "/nonexistent.db cannot be opened"},
        {"no such hpa", {.path = path, .hpa = "api"}, "the run has no HPA named api"},
        {"other namespace", {.path = path, .hpa = "x/web"}, "the run has no HPA named x/web"},
        {"no time", {.path = path, .at = "noon"}, "--at: \"noon\" is not a time"},
        {"too early", {.path = path, .at = "5s"}, "has no sync at or before 10:00:05"},
        {"before the run", {.path = path, .at = "2024-04-30T10:00:00Z"}, "is before the run's"},
        {"both", {.path = path, .at = "1m", .from = "1m"}, "--at is one time"},
        {"backwards", {.path = path, .from = "5m", .to = "1m"}, "is before --from"},
        {"empty range", {.path = path, .from = "1s", .to = "2s"}, "no recorded sync"},
        {"no such run", {.path = path, .run = 7}, "holds no run 7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct asked asked = ask(&a, &rows[i].request);
        cr_expect(!asked.ok && asked.error != NULL && strstr(asked.error, rows[i].error) != NULL,
                  "%s: %s", rows[i].name, asked.error);
        free(asked.text);
    }
    small_run_remove(path);
    arena_drop(&a);
}
