/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole runs, fluid: one HPA over 100 pods for a week, in memory and into a run file; 1,000
 * HPAs over 10,000 pods for a day. Prints, never fails.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "manifest/scenario.h"
#include "record/timeline.h"
#include "sim/simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* hpas workloads of `pods` pods each, CPU held at the target by a daily rhythm that stays put. */
static void write_scenario(const char *path, int hpas, int pods, const char *duration,
                           const char *step, int swing)
{
    FILE *out = fopen(path, "w");
    if (!out)
        exit(1);
    fprintf(out,
            "apiVersion: podtide/v1\nkind: Scenario\nmetadata: {name: bench}\nspec:\n"
            "  duration: %s\n  resolution: {step: %s}\n  record: {pods: false, interval: 15s}\n"
            "  loads:\n  - name: day\n    daily: {min: %d, max: %d}\n  services:\n",
            duration, step, pods * (10 - swing), pods * (10 + swing));
    for (int i = 0; i < hpas; i++)
        fprintf(out,
                "  - {name: s%d, workload: deployment/w%d, load: day, concurrency: 16, cpu: "
                "{distribution: exponential, mean: 35ms}}\n",
                i, i);
    for (int i = 0; i < hpas; i++)
        fprintf(out,
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w%d}\nspec:\n"
                "  replicas: %d\n  selector: {matchLabels: {app: w%d}}\n  template:\n"
                "    metadata: {labels: {app: w%d}}\n    spec:\n      containers:\n"
                "      - {name: app, image: app, resources: {requests: {cpu: 500m}}}\n"
                "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: "
                "w%d}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: "
                "w%d}\n  minReplicas: 1\n  maxReplicas: %d\n  metrics:\n  - type: Resource\n"
                "    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}\n",
                i, pods, i, i, i, i, pods * 2);
    fclose(out);
}

static void run(const char *name, const char *path, const char *database)
{
    struct arena a = {0}, world = {0};
    struct diag d = {.arena = &a};
    struct scenario s;
    struct timeline *timeline = NULL;
    struct observer observer = {0};
    double start = seconds();
    if (!scenario_read(&path, 1, &(struct scenario_options){0}, &a, &d, &s)) {
        diag_print(&d, stderr);
        exit(1);
    }
    double read = seconds();
    if (database) {
        struct timeline_run info;
        timeline = timeline_open(&a, database, TIMELINE_REPLACE, &d);
        timeline_run_of(&a, &s, s.seed, "bench", &info);
        if (!timeline || !timeline_begin_run(timeline, &info, &d))
            exit(1);
        observer = timeline_observer(timeline);
    }
    struct simulation_stats stats;
    bool ok = simulation_run(&s, s.seed, &observer, &world, &d, &stats);
    if (database)
        ok = timeline_end_run(timeline, TIMELINE_COMPLETE, stats.ended, &d) && ok;
    timeline_close(timeline, &d);
    double end = seconds();
    printf("%-40s %8.3f s   (%.3f s reading)  %9.0f syncs/s  %10.0f events/s  %6.0f MiB peak%s\n",
           name, end - read, read - start, (double)stats.syncs / (end - read),
           (double)stats.events / (end - read), peak_mib(), ok ? "" : "  FAILED");
    arena_drop(&world);
    arena_drop(&a);
}

int main(void)
{
    char folder[] = "/tmp/podtide-bench-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    char path[64], database[64];
    snprintf(path, sizeof path, "%s/bench.yaml", folder);
    snprintf(database, sizeof database, "%s/bench.db", folder);
    write_scenario(path, 1, 100, "7d", "15s", 1);
    run("1 HPA, 100 pods, 7 days", path, NULL);
    run("1 HPA, 100 pods, 7 days, database", path, database);
    write_scenario(path, 1000, 10, "24h", "15s", 5);
    run("1,000 HPAs, 10,000 pods, 24 h", path, NULL);
    unlink(path);
    unlink(database);
    rmdir(folder);
    puts("limited by: every pod's samples at every scrape (nearly half with 100 pods), then the "
         "pods' grouping at every sync; with a run file, writing down what each sync saw; with "
         "10,000 pods, memory: all of it is walked every 15 s");
    return 0;
}
