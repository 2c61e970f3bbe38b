/* SPDX-License-Identifier: Apache-2.0 */
/* The summary's numbers against sums made by hand; its size; file and live run agree. */
#include "../record/fake_run.h"

#include "base/str.h"
#include "report/summary.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct hpa_spec spec = {
    .namespace_name = "default", .name = "web", .min_replicas = 2, .max_replicas = 5};

static struct summary *make(struct arena *a)
{
    static const struct timeline_workload workloads[] = {
        {"Deployment", "default", "web", 2, 1, 0, 0, 0}};
    static const struct timeline_service services[] = {{"service", "api", 0}};
    static const struct timeline_hpa hpas[] = {{&spec, 0}};
    const struct timeline_run run = {.name = "t",
                                     .resolution = "fluid",
                                     .seed = 18446744073709551615u,
                                     .workloads = workloads,
                                     .workload_count = 1,
                                     .services = services,
                                     .service_count = 1,
                                     .hpas = hpas,
                                     .hpa_count = 1};
    return summary_new(a, &run);
}

static void tell_workload(const struct observer *o, int64_t at, int32_t replicas)
{
    const struct workload_sample s = {.at = at * SIMTIME_SECOND,
                                      .interval = 10 * SIMTIME_SECOND,
                                      .spec_replicas = replicas,
                                      .ready_replicas = replicas,
                                      .cpu_used_cores = 1,
                                      .cpu_requested_cores = replicas};
    o->workload(o->context, &s);
}

static void tell_sync(const struct observer *o, int64_t at, int32_t from, int32_t to,
                      enum hpa_binding binding)
{
    struct hpa_metric_working working = {.ratio = (double)at / 10};
    const struct hpa_decision d = {.at = at * SIMTIME_SECOND,
                                   .spec = &spec,
                                   .current = from,
                                   .desired = to,
                                   .rescaled = from != to,
                                   .metrics = &working,
                                   .binding = binding};
    o->decision(o->context, 0, d.at, &d, NULL);
}

Test(summary, sums)
{
    struct arena a = {0};
    struct summary *s = make(&a);
    struct observer o = summary_observer(s);
    tell_workload(&o, 10, 2);
    tell_workload(&o, 20, 4);
    tell_workload(&o, 30, 3);
    tell_sync(&o, 10, 2, 4, HPA_BINDING_NONE);
    tell_sync(&o, 20, 4, 3, HPA_BINDING_TOLERANCE);
    tell_sync(&o, 30, 3, 5, HPA_BINDING_MAX_REPLICAS);
    summary_end(s, 35 * SIMTIME_SECOND);
    summary_end(s, 35 * SIMTIME_SECOND);
    const struct summary_workload *w = &s->workloads[0];
    const struct summary_hpa *h = &s->hpas[0];
    cr_expect(w->replicas_min == 2 && w->replicas_max == 4);
    cr_expect(w->replica_seconds == 90 && w->seconds == 30 && w->cpu_used_seconds == 30);
    cr_expect(h->ups == 2 && h->downs == 1 && h->reversals == 2 && h->syncs == 3);
    cr_expect(h->held[HPA_BINDING_NONE] == 10 && h->held[HPA_BINDING_TOLERANCE] == 10 &&
              h->held[HPA_BINDING_MAX_REPLICAS] == 5);
    cr_expect(h->ratio.value == 3 && h->ratio.at == 30 * SIMTIME_SECOND && h->ratio_sum == 6);
    arena_drop(&a);
}

/* Two intervals, one with nine times the requests and a tenth of the latency of the other. */
Test(summary, latency_is_weighted)
{
    struct arena a = {0};
    struct summary *s = make(&a);
    struct observer o = summary_observer(s);
    for (int i = 1; i <= 2; i++) {
        double x = i == 1 ? 0.01 : 0.1;
        struct service_sample v = {.at = i * 10 * SIMTIME_SECOND,
                                   .interval = 10 * SIMTIME_SECOND,
                                   .offered = i == 1 ? 900 : 100,
                                   .served = i == 1 ? 900 : 90,
                                   .dropped = i == 1 ? 0 : 10,
                                   .latency_p50 = x,
                                   .latency_p90 = 2 * x,
                                   .latency_p95 = 3 * x,
                                   .latency_p99 = 4 * x,
                                   .unmet_replica_seconds = i == 1 ? 0 : 25};
        o.service(o.context, &v);
    }
    summary_end(s, 20 * SIMTIME_SECOND);
    const struct summary_service *v = &s->services[0];
    double p50 = histogram_quantile(&v->latency, 0.5);
    cr_expect(p50 > 0.009 && p50 < 0.0135, "%g", p50);
    cr_expect(histogram_quantile(&v->latency, 0.99) > 0.1);
    cr_expect(v->unmet.value == 2.5 && v->unmet.at == 10 * SIMTIME_SECOND &&
              v->unmet_seconds == 10);
    cr_expect(v->lost.value == 1);
    struct summary_notes notes;
    summary_notes(s, &a, &notes);
    cr_assert(notes.count >= 2 && notes.bad == 2);
    cr_expect_str_eq(notes.lines[0], "api: short of up to 2.5 replicas for 10s, worst at 00:00:10");
    cr_expect_str_eq(notes.lines[1], "api: 10 requests lost (dropped 10), worst at 00:00:10");
    arena_drop(&a);
}

static void check_size(const char *name, const char *text)
{
    size_t lines = 0;
    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        size_t width = 0;
        cr_assert(end != NULL);
        for (; text < end; text++) {
            width += ((unsigned char)*text & 0xc0) != 0x80;
        }
        cr_expect(width <= 100, "%s: line %zu has %zu columns", name, lines + 1, width);
        text = end + 1;
        lines++;
    }
    cr_expect(lines <= 24, "%s: %zu lines", name, lines);
}

/* Every workload suffers and has a long name. */
static struct summary *crowd(struct arena *a, size_t count)
{
    struct timeline_workload *w = arena_array(a, struct timeline_workload, count);
    struct timeline_service *v = arena_array(a, struct timeline_service, count);
    struct timeline_hpa *h = arena_array(a, struct timeline_hpa, count);
    for (size_t i = 0; i < count; i++) {
        char *name = arena_printf(a, "a-rather-long-name-für-a-workload-of-the-team-%zu", i);
        w[i] =
            (struct timeline_workload){.kind = "Deployment", .namespace_name = "n", .name = name};
        v[i] = (struct timeline_service){"service", name, i};
        h[i] = (struct timeline_hpa){&spec, i};
    }
    const struct timeline_run run = {.name = "a-scenario-with-a-name-that-is-much-too-long",
                                     .resolution = "requests",
                                     .workloads = w,
                                     .workload_count = count,
                                     .services = v,
                                     .service_count = count,
                                     .hpas = h,
                                     .hpa_count = count};
    struct summary *s = summary_new(a, &run);
    struct observer o = summary_observer(s);
    for (uint32_t i = 0; i < count; i++) {
        struct service_sample x = {.at = SIMTIME_DAY,
                                   .interval = SIMTIME_DAY,
                                   .service = i,
                                   .offered = 123456789,
                                   .served = 103456789,
                                   .dropped = 10000000,
                                   .timed_out = 10000000,
                                   .unmet_replica_seconds = 1e7,
                                   .latency_p50 = 100,
                                   .latency_p90 = 1000,
                                   .latency_p95 = 10000,
                                   .latency_p99 = 100000};
        struct workload_sample y = {.at = SIMTIME_DAY,
                                    .interval = SIMTIME_DAY,
                                    .workload = i,
                                    .spec_replicas = 10000,
                                    .cpu_used_cores = 1e5,
                                    .cpu_throttled_cores = 1e4,
                                    .cpu_requested_cores = 1e4};
        o.service(o.context, &x);
        o.workload(o.context, &y);
    }
    summary_end(s, 30 * SIMTIME_DAY);
    return s;
}

Test(summary, fits_a_screen)
{
    static const size_t counts[] = {0, 1, 2, 4, 5, 60};
    static const char *const pictures[] = {"a.png", "b.png", "c.png"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct arena a = {0};
        const struct summary_view view = {.status = "interrupted",
                                          .wall_seconds = 1.5,
                                          .database = "run.db",
                                          .pictures = pictures,
                                          .picture_count = 3};
        check_size(arena_printf(&a, "%zu workloads", counts[i]),
                   summary_text(crowd(&a, counts[i]), &view));
        arena_drop(&a);
    }
}

Test(summary, colour_only_when_asked)
{
    struct arena a = {0};
    struct summary *s = crowd(&a, 1);
    cr_expect(strchr(summary_text(s, &(struct summary_view){0}), '\033') == NULL);
    cr_expect(strchr(summary_text(s, &(struct summary_view){.color = true}), '\033') != NULL);
    arena_drop(&a);
}

Test(summary, of_a_file_is_that_of_the_run)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    char folder[] = "/tmp/podtide-summary-XXXXXX";
    cr_assert(mkdtemp(folder) != NULL);
    const char *path = arena_printf(&a, "%s/run.db", folder);
    const struct fake_run fake = {.duration = SIMTIME_DAY,
                                  .interval = 15 * SIMTIME_SECOND,
                                  .queue = true,
                                  .second_metric = true,
                                  .seed = 3};
    struct timeline_run run;
    fake_run_describe(&a, &fake, &run);
    struct timeline *t = timeline_open(&a, path, TIMELINE_REPLACE, &d);
    cr_assert(t != NULL && timeline_begin_run(t, &run, &d));
    struct summary *live = summary_new(&a, &run);
    struct observer one = timeline_observer(t);
    struct observer two = summary_observer(live);
    struct observer_fan fan = {{&one, &two}, 2};
    struct observer both = observer_fan(&fan);
    cr_assert(fake_run_play(&fake, &both, 0));
    summary_end(live, fake.duration);
    cr_assert(timeline_end_run(t, TIMELINE_COMPLETE, fake.duration, &d));
    timeline_close(t, &d);

    struct query *q = query_open(&a, path, &d);
    struct query_run stored;
    cr_assert(q != NULL && query_run(q, &a, 0, &stored, &d));
    const struct summary_view view = {.status = "complete"};
    const char *from_run = summary_json(live, &view);
    const char *from_file = summary_json(summary_of_file(&a, q, &stored), &view);
    cr_expect_str_eq(from_run, from_file);
    cr_expect(strstr(from_run, "\"maxReplicas\": 18") != NULL, "%s", from_run);
    query_close(q);
    unlink(path);
    rmdir(folder);
    arena_drop(&a);
}

/* A service that always takes 30 ms: no quantile may say 28. */
Test(summary, latency_is_exact_where_histograms_come)
{
    struct arena a = {0};
    struct summary *s = make(&a);
    struct observer o = summary_observer(s);
    struct histogram all = {0};
    histogram_add(&all, 0.03, 100);
    for (int i = 1; i <= 2; i++) {
        const struct service_sample v = {.at = i * 10 * SIMTIME_SECOND,
                                         .interval = 10 * SIMTIME_SECOND,
                                         .offered = 100,
                                         .served = 100,
                                         .latency_p50 = 0.03,
                                         .latency_p90 = 0.03,
                                         .latency_p95 = 0.03,
                                         .latency_p99 = 0.03,
                                         .latency = &all};
        o.service(o.context, &v);
    }
    static const double quantiles[] = {0.01, 0.5, 0.9, 0.99};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        double is = histogram_quantile(&s->services[0].latency, quantiles[i]);
        cr_expect(fabs(is / 0.03 - 1) <= 0.01, "p%g: %g", 100 * quantiles[i], is);
    }
    arena_drop(&a);
}
