/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HPA's speed: decisions in memory, for an HPA with one metric and so many pods, and
 * whole observation logs, reading and writing included (the vectors of tests/conformance).
 * Looks at the wall clock. Prints, never fails.
 */
#include "base/file.h"
#include "control/hpa/reconcile.h"
#include "manifest/observation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_PODS 100

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct world {
    struct resource_amount request;
    struct container_spec container;
    struct pod_template pod;
    struct hpa_metric_spec metric;
    struct hpa_policy policies[2];
    struct hpa_spec spec;
    struct hpa_pod pods[MOST_PODS];
    struct hpa_sample samples[MOST_PODS];
    struct hpa_metric_answer answer;
    struct hpa_view view;
};

static void build(struct world *w, size_t pods, bool behavior)
{
    w->request = (struct resource_amount){
        .name = "cpu", .has_request = true, .request = {.value = 500, .scale = -3}};
    w->container =
        (struct container_spec){.name = "app", .resources = &w->request, .resource_count = 1};
    w->pod = (struct pod_template){.containers = &w->container, .container_count = 1};
    w->metric = (struct hpa_metric_spec){
        .type = HPA_METRIC_RESOURCE,
        .name = "cpu",
        .target = {.has_average_utilization = true, .average_utilization = 60}};
    w->policies[0] = (struct hpa_policy){HPA_POLICY_PODS, 4, 15};
    w->policies[1] = (struct hpa_policy){HPA_POLICY_PERCENT, 100, 15};
    const struct hpa_scaling_rules rules = {
        .has_window = true, .window_seconds = 300, .policies = w->policies, .policy_count = 2};
    w->spec = (struct hpa_spec){.min_replicas = 1,
                                .max_replicas = 1000,
                                .metrics = &w->metric,
                                .metric_count = 1,
                                .has_behavior = behavior,
                                .scale_up = rules,
                                .scale_down = rules};
    for (size_t i = 0; i < pods; i++) {
        w->pods[i] = (struct hpa_pod){.name = "web",
                                      .requests = &w->pod,
                                      .ready_since = -900 * SIMTIME_SECOND,
                                      .start_time = -910 * SIMTIME_SECOND,
                                      .phase = POD_RUNNING,
                                      .ready = CONDITION_TRUE};
        w->samples[i].pod = (uint32_t)i;
        w->samples[i].window = 15 * SIMTIME_SECOND;
    }
    w->answer =
        (struct hpa_metric_answer){.listed = true, .samples = w->samples, .sample_count = pods};
    w->view = (struct hpa_view){.spec_replicas = (int32_t)pods,
                                .status_replicas = (int32_t)pods,
                                .pods = w->pods,
                                .pod_count = pods,
                                .answers = &w->answer};
}

static void bench_memory(size_t pods, bool behavior, uint64_t syncs)
{
    static struct world w;
    struct arena lasting = {0};
    struct arena scratch = {0};
    struct hpa_state state = {.arena = &lasting};
    struct hpa_decision d;
    const struct hpa_config config = hpa_config_default(HPA_NEWEST_MINOR);
    uint64_t rescales = 0;
    build(&w, pods, behavior);
    const double began = wall_seconds();
    for (uint64_t i = 0; i < syncs; i++) {
        const simtime now = (simtime)i * 15 * SIMTIME_SECOND;
        for (size_t p = 0; p < pods; p++) {
            w.samples[p].value = 200 + (int64_t)((i + p) % 211);
            w.samples[p].time = now;
        }
        hpa_reconcile(&w.spec, &config, &state, &w.view, now, &scratch, &d);
        if (d.rescale) {
            hpa_applied(&config, &state, &d, NULL, now);
            rescales++;
        }
        arena_reset(&scratch);
    }
    const double took = wall_seconds() - began;
    printf("%3zu pods, %-13s %6.2f M syncs/s (%llu rescales)\n", pods,
           behavior ? "with behavior:" : "legacy:", 1e-6 * (double)syncs / took,
           (unsigned long long)rescales);
    arena_drop(&scratch);
    arena_drop(&lasting);
}

/* The log, unpacked, in a file of its own: the reading is part of what is measured. */
static bool unpack(const char *packed, char *path)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct file_text text;
    const int fd = mkstemp(path);
    bool good = fd >= 0 && file_read(&a, packed, 0, &text, &d);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    good = out != NULL && good && fwrite(text.text, 1, text.len, out) == text.len;
    good = out != NULL && fclose(out) == 0 && good;
    diag_print(&d, stderr);
    arena_drop(&a);
    return good;
}

static void bench_log(unsigned threads, unsigned times, uint64_t syncs)
{
    char path[] = "/tmp/podtide-bench-XXXXXX";
    const struct observation_options options = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    double best = 1e9;
    if (nowhere != NULL && unpack("tests/conformance/hpa/cases.jsonl.gz", path)) {
        for (unsigned i = 0; i < times; i++) {
            const double began = wall_seconds();
            observation_decide_file(path, &options, threads, nowhere, stderr);
            const double took = wall_seconds() - began;
            best = took < best ? took : best;
        }
        printf("300 logs of 48 syncs, %u thread%s: %.0f ms, %6.0f k syncs/s\n", threads,
               threads == 1 ? "" : "s", 1e3 * best, 1e-3 * (double)syncs / best);
    }
    if (nowhere != NULL) {
        fclose(nowhere);
    }
    unlink(path);
}

int main(void)
{
    bench_memory(1, false, 4000000);
    bench_memory(10, false, 4000000);
    bench_memory(10, true, 4000000);
    bench_memory(100, true, 400000);
    bench_log(1, 10, 14400);
    bench_log(2, 10, 14400);
    puts("limited by: in memory, grouping the pods; from a log, YAJL (about 40 %) and the trees");
    return 0;
}
