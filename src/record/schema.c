/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides the shape of a run file. The idea: append-only tables in the order of
 * time, one wide row per HPA sync that carries the working of the metric that
 * decided, change-only rows for what changes seldom, and views that put names,
 * wall-clock times and units to it, so that nobody has to join by hand.
 * The trap: only base tables are promised to be cheap to write; a view may cost
 * a scan. Any change of a column is a new SCHEMA_VERSION.
 */
#include "record/schema.h"

#include "base/str.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* RFC 3339 to the second, in the zone of the run r. */
#define WALL(t)                                                                                    \
    "strftime('%Y-%m-%dT%H:%M:%S', (r.start_unix_ns + " t                                          \
    ") / 1000000000 + r.zone_seconds,\n           'unixepoch') || r.zone"
#define SECONDS(t) "round(" t " / 1e9, 3)"

/* The working of one metric in one sync; in hpa_syncs and hpa_other_metrics alike. */
#define WORKING                                                                                    \
    "    metric          INTEGER, -- index in hpa_metric_specs; NULL: none was computed\n"         \
    "    proposal        INTEGER, -- replicas it asks for; NULL: it failed\n"                      \
    "    rule            TEXT,    -- how the proposal came about\n"                                \
    "    value           REAL,    -- measured, in the unit of its target (percent for\n"           \
    "                             -- utilization, else the metric's own)\n"                        \
    "    ratio           REAL,    -- value / target, before missing and unready pods\n"            \
    "    filled_ratio    REAL,    -- after these were filled in\n"                                 \
    "    tolerance_low   REAL,    -- ratios from here ...\n"                                       \
    "    tolerance_high  REAL,    -- ... to here keep the replicas\n"                              \
    "    ready_pods      INTEGER, -- pods that counted\n"                                          \
    "    unready_pods    INTEGER, -- not ready yet, or too young for CPU\n"                        \
    "    missing_pods    INTEGER, -- without a sample\n"                                           \
    "    ignored_pods    INTEGER, -- deleting or failed\n"                                         \
    "    total_milli     INTEGER, -- sum of what was measured, thousandths\n"                      \
    "    requests_milli  INTEGER, -- sum of requests, for utilization\n"                           \
    "    failure         TEXT     -- why there is no proposal, as the controller says it\n"

static const char *const statements[] = {
    "-- A podtide run file. Times t_ns are nanoseconds since the start of the run; the wall\n"
    "-- clock of an instant is runs.start_unix_ns + t_ns. Views give seconds and wall times.\n"
    "-- Rates are per second, cpu in cores, memory in bytes, latency in seconds. NULL: unknown.\n"
    "\n"
    "CREATE TABLE podtide_meta ( -- about the file\n"
    "    key   TEXT PRIMARY KEY, -- 'schema_version', 'created_by'\n"
    "    value TEXT NOT NULL\n"
    ") WITHOUT ROWID",

    "CREATE TABLE runs ( -- one row per simulation run\n"
    "    run                INTEGER PRIMARY KEY, -- 1 is the first in this file\n"
    "    name               TEXT NOT NULL,    -- of the scenario\n"
    "    scenario           TEXT NOT NULL,    -- its file, as given\n"
    "    program            TEXT NOT NULL,    -- name and version that wrote the run\n"
    "    resolution         TEXT NOT NULL,    -- 'fluid' or 'requests'\n"
    "    seed               TEXT NOT NULL,    -- decimal; 64 bits without sign\n"
    "    start_unix_ns      INTEGER NOT NULL, -- wall clock of t_ns 0, Unix time\n"
    "    zone_seconds       INTEGER NOT NULL, -- its zone, seconds east of UTC\n"
    "    zone               TEXT NOT NULL,    -- the same as text: 'Z', '+02:00'\n"
    "    duration_ns        INTEGER NOT NULL, -- asked for\n"
    "    record_interval_ns INTEGER NOT NULL, -- of the samples\n"
    "    until_ns           INTEGER NOT NULL, -- what is in the file reaches to here\n"
    "    status             TEXT NOT NULL,    -- 'running' (or killed), 'complete', 'interrupted',\n"
    "                                         -- 'failed'\n"
    "    parameters         TEXT NOT NULL     -- what else was asked for: JSON object\n"
    ")",

    "CREATE TABLE run_inputs ( -- files that were read\n"
    "    run   INTEGER NOT NULL,\n"
    "    path  TEXT NOT NULL,    -- as given\n"
    "    bytes INTEGER NOT NULL,\n"
    "    fnv1a TEXT NOT NULL,    -- FNV-1a 64 of the bytes, 16 hexadecimal digits\n"
    "    PRIMARY KEY (run, path)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE workloads ( -- Deployments and StatefulSets\n"
    "    run                  INTEGER NOT NULL,\n"
    "    workload             INTEGER NOT NULL, -- index in the run, from 0\n"
    "    kind                 TEXT NOT NULL,\n"
    "    namespace            TEXT NOT NULL,\n"
    "    name                 TEXT NOT NULL,\n"
    "    replicas             INTEGER NOT NULL, -- spec.replicas at the start\n"
    "    cpu_request_cores    REAL, -- of one pod, all containers; NULL: none\n"
    "    cpu_limit_cores      REAL,\n"
    "    memory_request_bytes REAL,\n"
    "    memory_limit_bytes   REAL,\n"
    "    PRIMARY KEY (run, workload)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE services ( -- HTTP services and job queues\n"
    "    run      INTEGER NOT NULL,\n"
    "    service  INTEGER NOT NULL, -- index in the run, from 0; services first, then queues\n"
    "    kind     TEXT NOT NULL,    -- 'service', 'queue', or 'demand': of CPU, which counts\n"
    "                               -- core-seconds where the others count requests or jobs\n"
    "    name     TEXT NOT NULL,\n"
    "    workload INTEGER,          -- whose pods serve it\n"
    "    PRIMARY KEY (run, service)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE hpas ( -- HorizontalPodAutoscalers\n"
    "    run       INTEGER NOT NULL,\n"
    "    hpa       INTEGER NOT NULL, -- index in the run, from 0\n"
    "    namespace TEXT NOT NULL,\n"
    "    name      TEXT NOT NULL,\n"
    "    workload  INTEGER,          -- its target; NULL: there is none\n"
    "    target    TEXT NOT NULL,    -- scaleTargetRef: 'Deployment/web'\n"
    "    PRIMARY KEY (run, hpa)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE hpa_specs ( -- what an HPA asked for; a new generation when it was edited\n"
    "    run          INTEGER NOT NULL,\n"
    "    hpa          INTEGER NOT NULL,\n"
    "    generation   INTEGER NOT NULL, -- from 1\n"
    "    since_ns     INTEGER NOT NULL, -- first sync that saw it; 0 for the first\n"
    "    min_replicas INTEGER NOT NULL,\n"
    "    max_replicas INTEGER NOT NULL,\n"
    "    behavior     TEXT,             -- spec.behavior as JSON; NULL: none\n"
    "    PRIMARY KEY (run, hpa, generation)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE hpa_metric_specs ( -- the metrics of an HPA\n"
    "    run         INTEGER NOT NULL,\n"
    "    hpa         INTEGER NOT NULL,\n"
    "    generation  INTEGER NOT NULL,\n"
    "    metric      INTEGER NOT NULL, -- index in spec.metrics, from 0\n"
    "    type        TEXT NOT NULL,    -- 'Resource', 'ContainerResource', 'Pods', 'Object',\n"
    "                                  -- 'External'\n"
    "    name        TEXT NOT NULL,    -- 'cpu', or the metric's\n"
    "    container   TEXT,             -- ContainerResource\n"
    "    object      TEXT,             -- Object: 'Ingress/main'\n"
    "    target_type TEXT NOT NULL,    -- 'Utilization', 'AverageValue', 'Value'\n"
    "    target      REAL NOT NULL,    -- percent for Utilization\n"
    "    PRIMARY KEY (run, hpa, generation, metric)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE metrics ( -- custom and external metrics that the scenario defines\n"
    "    run    INTEGER NOT NULL,\n"
    "    metric INTEGER NOT NULL, -- index in the run, from 0\n"
    "    name   TEXT NOT NULL,\n"
    "    kind   TEXT NOT NULL,    -- 'pods', 'object', 'external'\n"
    "    PRIMARY KEY (run, metric)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE pods ( -- every pod; NULL times have not happened\n"
    "    run            INTEGER NOT NULL,\n"
    "    pod            INTEGER NOT NULL, -- serial: order of creation\n"
    "    workload       INTEGER NOT NULL,\n"
    "    name           TEXT NOT NULL,\n"
    "    node           INTEGER,\n"
    "    created_ns     INTEGER NOT NULL,\n"
    "    bound_ns       INTEGER, -- the scheduler chose the node\n"
    "    started_ns     INTEGER, -- status.startTime: the kubelet took it\n"
    "    running_ns     INTEGER, -- its first container runs\n"
    "    first_ready_ns INTEGER,\n"
    "    deleted_ns     INTEGER, -- deletionTimestamp set\n"
    "    gone_ns        INTEGER, -- object removed\n"
    "    restarts       INTEGER NOT NULL,\n"
    "    PRIMARY KEY (run, pod)\n"
    ") WITHOUT ROWID",

    "CREATE TABLE pod_changes ( -- what happened to pods, in order\n"
    "    id     INTEGER PRIMARY KEY,\n"
    "    run    INTEGER NOT NULL,\n"
    "    t_ns   INTEGER NOT NULL,\n"
    "    pod    INTEGER NOT NULL,\n"
    "    change TEXT NOT NULL -- 'Created', 'Ready', 'Deleting' ...\n"
    ")",

    "CREATE TABLE workload_samples ( -- a workload over the interval that ends at t_ns\n"
    "    id                   INTEGER PRIMARY KEY,\n"
    "    run                  INTEGER NOT NULL,\n"
    "    t_ns                 INTEGER NOT NULL,\n"
    "    interval_ns          INTEGER NOT NULL,\n"
    "    workload             INTEGER NOT NULL,\n"
    "    spec_replicas        INTEGER NOT NULL, -- desired: the scale; at the end, as the next\n"
    "    status_replicas      INTEGER NOT NULL, -- pods that are there and not ended\n"
    "    ready_replicas       INTEGER NOT NULL,\n"
    "    starting             INTEGER NOT NULL, -- there, never ready yet\n"
    "    terminating          INTEGER NOT NULL,\n"
    "    cpu_used_cores       REAL, -- mean over the interval, all its pods\n"
    "    cpu_requested_cores  REAL,\n"
    "    cpu_throttled_cores  REAL, -- demand that the CPU limit cut off\n"
    "    memory_bytes         REAL,\n"
    "    memory_requested_bytes REAL\n"
    ")",

    "CREATE TABLE service_samples ( -- a service or queue over the interval that ends at t_ns\n"
    "    id             INTEGER PRIMARY KEY,\n"
    "    run            INTEGER NOT NULL,\n"
    "    t_ns           INTEGER NOT NULL,\n"
    "    interval_ns    INTEGER NOT NULL,\n"
    "    service        INTEGER NOT NULL,\n"
    "    offered        REAL, -- requests or jobs that came, in the interval\n"
    "    served         REAL, -- finished in time\n"
    "    timed_out      REAL, -- the client gave up\n"
    "    dropped        REAL, -- refused: the queue was full\n"
    "    failed         REAL, -- lost with their pod\n"
    "    waiting        REAL, -- in the queue, at the end\n"
    "    in_flight      REAL, -- in work, at the end\n"
    "    oldest_seconds REAL, -- age of the oldest that waits, at the end\n"
    "    latency_mean   REAL, -- seconds, of those served; NULL: none was\n"
    "    latency_p50    REAL,\n"
    "    latency_p90    REAL,\n"
    "    latency_p95    REAL,\n"
    "    latency_p99    REAL,\n"
    "    capacity       REAL, -- what the ready pods could serve, per second\n"
    "    unmet_replica_seconds REAL, -- replicas short of demand, times seconds\n"
    "    utilization    REAL  -- of the ready pods' capacity, 0 to 1\n"
    ")",

    "CREATE TABLE metric_samples ( -- a named metric as its API would serve it at t_ns\n"
    "    id     INTEGER PRIMARY KEY,\n"
    "    run    INTEGER NOT NULL,\n"
    "    t_ns   INTEGER NOT NULL,\n"
    "    metric INTEGER NOT NULL,\n"
    "    value  REAL -- NULL: none is served\n"
    ")",

    "CREATE TABLE hpa_syncs ( -- one row per sync: the whole way of the decision\n"
    "    id              INTEGER PRIMARY KEY,\n"
    "    run             INTEGER NOT NULL,\n"
    "    t_ns            INTEGER NOT NULL,\n"
    "    hpa             INTEGER NOT NULL,\n"
    "    generation      INTEGER NOT NULL, -- of the spec, see hpa_specs\n"
    "    path            TEXT NOT NULL,    -- branch of the sync: 'metrics', 'above max' ...\n"
    "    current         INTEGER NOT NULL, -- spec.replicas as read\n"
    "    status_replicas INTEGER NOT NULL, -- status.replicas as read\n"
    "    recommendation  INTEGER, -- what the metrics ask for; NULL: not asked\n"
    "    stabilized      INTEGER, -- after the stabilization windows\n"
    "    rate_limit      INTEGER, -- most (up) or least (down) the policies allow; NULL: not asked\n"
    "    desired         INTEGER NOT NULL, -- after rates, minReplicas and maxReplicas\n"
    "    rescaled        INTEGER NOT NULL, -- 1: the scale was set to desired\n"
    "    binding         TEXT NOT NULL,    -- what kept desired from the recommendation: 'none',\n"
    "                                      -- 'tolerance', 'maxReplicas', 'scale-up limit' ...\n"
    "    limited         TEXT,             -- reason of condition ScalingLimited; NULL: not set\n"
    "    reason          TEXT,             -- of a rescale, as in its event\n"
    "    policies        TEXT,             -- JSON: the policies and what each allowed\n"
    "    update_error    TEXT,             -- why the scale could not be set\n"
    "    failed_metrics  INTEGER NOT NULL, -- of the HPA's metrics, this sync\n"
    "    won             INTEGER NOT NULL, -- 1: the metric below won; 0: it is the first\n"
    "    seen            BLOB,    -- what the controller saw, as changes since the HPA's row before,\n"
    "                             -- so that podtide explain can run it again; not for SQL\n" WORKING
    ")",

    "CREATE TABLE hpa_other_metrics ( -- the metrics of a sync that are not in its row above\n"
    "    id              INTEGER PRIMARY KEY,\n"
    "    run             INTEGER NOT NULL,\n"
    "    sync            INTEGER NOT NULL, -- hpa_syncs.id\n"
    "    t_ns            INTEGER NOT NULL,\n"
    "    hpa             INTEGER NOT NULL,\n" WORKING ")",

    "CREATE TABLE conditions ( -- status.conditions of HPAs: a row when one changes\n"
    "    id      INTEGER PRIMARY KEY,\n"
    "    run     INTEGER NOT NULL,\n"
    "    t_ns    INTEGER NOT NULL, -- of the sync that changed it\n"
    "    hpa     INTEGER NOT NULL,\n"
    "    type    TEXT NOT NULL, -- 'AbleToScale', 'ScalingActive', 'ScalingLimited' ...\n"
    "    status  TEXT NOT NULL, -- 'True', 'False', 'Unknown'\n"
    "    reason  TEXT NOT NULL,\n"
    "    message TEXT NOT NULL\n"
    ")",

    "CREATE TABLE events ( -- Kubernetes events, and the scenario's own (source 'podtide')\n"
    "    id        INTEGER PRIMARY KEY,\n"
    "    run       INTEGER NOT NULL,\n"
    "    t_ns      INTEGER NOT NULL,\n"
    "    source    TEXT NOT NULL, -- 'horizontal-pod-autoscaler', 'kubelet', 'podtide' ...\n"
    "    type      TEXT NOT NULL, -- 'Normal', 'Warning'\n"
    "    reason    TEXT NOT NULL, -- 'SuccessfulRescale' ...\n"
    "    kind      TEXT NOT NULL, -- of the object concerned\n"
    "    namespace TEXT NOT NULL,\n"
    "    name      TEXT NOT NULL,\n"
    "    message   TEXT NOT NULL\n"
    ")",

    "CREATE VIEW replicas_over_time AS -- desired, current and ready replicas of each workload\n"
    "    SELECT s.run, w.name AS workload, w.namespace,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           s.spec_replicas AS desired, s.status_replicas AS current,\n"
                  "           s.ready_replicas AS ready, s.starting, s.terminating\n"
                  "    FROM workload_samples s JOIN runs r USING (run)\n"
                  "    JOIN workloads w USING (run, workload)",

    "CREATE VIEW hpa_metrics AS -- every metric of every sync, with names and targets\n"
    "    SELECT x.run, h.name AS hpa, h.namespace,\n"
    "           " WALL("x.t_ns") " AS time, " SECONDS(
        "x.t_ns") " AS seconds,\n"
                  "           x.metric, m.type, m.name, m.target_type, m.target, x.value, x.ratio,\n"
                  "           x.filled_ratio, x.tolerance_low, x.tolerance_high, x.proposal, x.won, x.rule,\n"
                  "           x.ready_pods, x.unready_pods, x.missing_pods, x.ignored_pods, x.failure\n"
                  "    FROM (SELECT run, t_ns, hpa, generation, won, metric, proposal, rule, value, ratio,\n"
                  "                 filled_ratio, tolerance_low, tolerance_high, ready_pods, unready_pods,\n"
                  "                 missing_pods, ignored_pods, failure\n"
                  "          FROM hpa_syncs WHERE metric IS NOT NULL\n"
                  "          UNION ALL\n"
                  "          SELECT o.run, o.t_ns, o.hpa, s.generation, 0, o.metric, o.proposal, o.rule, o.value,\n"
                  "                 o.ratio, o.filled_ratio, o.tolerance_low, o.tolerance_high, o.ready_pods,\n"
                  "                 o.unready_pods, o.missing_pods, o.ignored_pods, o.failure\n"
                  "          FROM hpa_other_metrics o JOIN hpa_syncs s ON s.id = o.sync) x\n"
                  "    JOIN runs r ON r.run = x.run\n"
                  "    JOIN hpas h ON h.run = x.run AND h.hpa = x.hpa\n"
                  "    JOIN hpa_metric_specs m ON m.run = x.run AND m.hpa = x.hpa\n"
                  "         AND m.generation = x.generation AND m.metric = x.metric",

    "CREATE VIEW utilization_vs_target AS -- the deciding metric, and the band that keeps\n"
    "    SELECT s.run, h.name AS hpa, h.namespace,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           m.name AS metric, s.value, m.target, s.tolerance_low * m.target AS keeps_from,\n"
                  "           s.tolerance_high * m.target AS keeps_to, s.current, s.desired\n"
                  "    FROM hpa_syncs s JOIN runs r USING (run) JOIN hpas h USING (run, hpa)\n"
                  "    JOIN hpa_metric_specs m USING (run, hpa, generation, metric)",

    "CREATE VIEW scale_events AS -- every change of a scale by an HPA, with its reason\n"
    "    SELECT s.run, h.name AS hpa, h.namespace,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           CASE WHEN s.desired > s.current THEN 'up' ELSE 'down' END AS direction,\n"
                  "           s.current AS from_replicas, s.desired AS to_replicas, s.reason, s.recommendation,\n"
                  "           s.binding, m.name AS metric, s.value, m.target\n"
                  "    FROM hpa_syncs s JOIN runs r USING (run) JOIN hpas h USING (run, hpa)\n"
                  "    LEFT JOIN hpa_metric_specs m USING (run, hpa, generation, metric)\n"
                  "    WHERE s.rescaled = 1",

    "CREATE VIEW what_was_binding AS -- how long each constraint held an HPA, longest first;\n"
    "    -- a sync's answer holds until the next sync\n"
    "    SELECT run, name AS hpa, namespace, binding, count(*) AS syncs,\n"
    "           round(sum(until_ns - t_ns) / 1e9, 3) AS seconds\n"
    "    FROM (SELECT s.run, s.hpa, h.name, h.namespace, s.binding, s.t_ns,\n"
    "                 lead(s.t_ns, 1, r.until_ns) OVER (PARTITION BY s.run, s.hpa ORDER BY s.t_ns)\n"
    "                 AS until_ns\n"
    "          FROM hpa_syncs s JOIN runs r USING (run) JOIN hpas h USING (run, hpa))\n"
    "    GROUP BY run, hpa, binding ORDER BY run, hpa, seconds DESC, binding",

    "CREATE VIEW load_over_time AS -- what came and what became of it, per second\n"
    "    SELECT s.run, v.name AS service, v.kind,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           s.offered * 1e9 / s.interval_ns AS offered, s.served * 1e9 / s.interval_ns AS served,\n"
                  "           (s.timed_out + s.dropped + s.failed) * 1e9 / s.interval_ns AS lost,\n"
                  "           s.capacity, s.utilization, s.waiting, s.in_flight, s.oldest_seconds\n"
                  "    FROM service_samples s JOIN runs r USING (run) JOIN services v USING (run, service)",

    "CREATE VIEW latency_over_time AS -- seconds\n"
    "    SELECT s.run, v.name AS service,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           s.latency_mean AS mean, s.latency_p50 AS p50, s.latency_p90 AS p90,\n"
                  "           s.latency_p95 AS p95, s.latency_p99 AS p99\n"
                  "    FROM service_samples s JOIN runs r USING (run) JOIN services v USING (run, service)",

    "CREATE VIEW unmet_demand AS -- intervals in which the ready pods were not enough\n"
    "    SELECT s.run, v.name AS service,\n"
    "           " WALL("s.t_ns") " AS time, " SECONDS(
        "s.t_ns") " AS seconds,\n"
                  "           s.unmet_replica_seconds * 1e9 / s.interval_ns AS replicas_short,\n"
                  "           s.unmet_replica_seconds, s.timed_out + s.dropped + s.failed AS lost\n"
                  "    FROM service_samples s JOIN runs r USING (run) JOIN services v USING (run, service)\n"
                  "    WHERE s.unmet_replica_seconds > 0",

    "CREATE VIEW pod_startup AS -- how long pods took, seconds from creation\n"
    "    SELECT p.run, w.name AS workload, p.name AS pod,\n"
    "           " WALL(
        "p.created_ns") " AS created, (p.bound_ns - p.created_ns) / 1e9 AS to_bound,\n"
                        "           (p.running_ns - p.created_ns) / 1e9 AS to_running,\n"
                        "           (p.first_ready_ns - p.created_ns) / 1e9 AS to_ready, p.restarts\n"
                        "    FROM pods p JOIN runs r USING (run) JOIN workloads w USING (run, workload)",

    "CREATE VIEW run_summary AS -- one row per workload and run\n"
    "    SELECT r.run, r.name AS scenario, r.status, w.name AS workload, w.namespace,\n"
    "           min(s.spec_replicas) AS replicas_min,\n"
    "           sum(s.spec_replicas * s.interval_ns) * 1.0 / sum(s.interval_ns) AS replicas_mean,\n"
    "           max(s.spec_replicas) AS replicas_max,\n"
    "           sum(s.status_replicas * s.interval_ns) / 3.6e12 AS replica_hours,\n"
    "           sum(s.cpu_used_cores * s.interval_ns) / 3.6e12 AS cpu_core_hours,\n"
    "           (SELECT count(*) FROM hpa_syncs y JOIN hpas h USING (run, hpa)\n"
    "            WHERE y.run = r.run AND h.workload = w.workload AND y.rescaled = 1\n"
    "            AND y.desired > y.current) AS scale_ups,\n"
    "           (SELECT count(*) FROM hpa_syncs y JOIN hpas h USING (run, hpa)\n"
    "            WHERE y.run = r.run AND h.workload = w.workload AND y.rescaled = 1\n"
    "            AND y.desired < y.current) AS scale_downs\n"
    "    FROM runs r JOIN workloads w USING (run)\n"
    "    LEFT JOIN workload_samples s USING (run, workload)\n"
    "    GROUP BY r.run, w.workload",
};

static const struct schema_table tables[] = {
    {"workloads", "workload"},
    {"services", "service"},
    {"hpas", "hpa"},
    {"hpa_specs", "hpa, generation"},
    {"hpa_metric_specs", "hpa, generation, metric"},
    {"metrics", "metric"},
    {"pods", "pod"},
    {"pod_changes", "id"},
    {"workload_samples", "id"},
    {"service_samples", "id"},
    {"metric_samples", "id"},
    {"hpa_syncs", "id"},
    {"hpa_other_metrics", "id"},
    {"conditions", "id"},
    {"events", "id"},
};

const char *schema_sql(struct arena *a)
{
    struct strbuf text = {.arena = a};
    for (size_t i = 0; i < COUNT(statements); i++) {
        strbuf_add(&text, statements[i]);
        strbuf_add(&text, i + 1 < COUNT(statements) ? ";\n\n" : ";\n");
    }
    return strbuf_text(&text);
}

const struct schema_table *schema_table(size_t i)
{
    return i < COUNT(tables) ? &tables[i] : NULL;
}
