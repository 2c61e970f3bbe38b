/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The summary for machines: everything, in base units (seconds, cores), with the
 * names that the run file's schema uses. Moments are RFC 3339 in the run's zone.
 * The trap: what does not exist (latency of nothing served) is null, not 0.
 */
#include "report/summary.h"

#include "base/json.h"
#include "kube/timestamp.h"
#include "report_internal.h"

#include <math.h>

static void put(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static void put_int(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_int(w, v);
}

static void put_text(struct json_writer *w, const char *key, const char *v)
{
    json_key(w, key);
    json_string(w, v);
}

static void put_moment(struct json_writer *w, const struct summary *s, const char *key, simtime at)
{
    char text[TIMESTAMP_MAX];
    put_text(w, key, timestamp_format(text, s->start_unix_ns + at, s->zone_seconds));
}

/* {"value":..., "at":...}; null when there was none. */
static void put_peak(struct json_writer *w, const struct summary *s, const char *key,
                     const struct summary_peak *p)
{
    json_key(w, key);
    if (!(p->value > 0)) {
        json_null(w);
        return;
    }
    json_map(w);
    put(w, "value", p->value);
    put_moment(w, s, "at", p->at);
    json_map_end(w);
}

static void put_hpa(struct json_writer *w, const struct summary *s, const struct summary_hpa *h)
{
    json_map(w);
    put_text(w, "namespace", h->namespace_name);
    put_text(w, "name", h->name);
    json_key(w, "workload");
    json_string(w, h->workload < s->workload_count ? s->workloads[h->workload].name : NULL);
    put_int(w, "minReplicas", h->min_replicas);
    put_int(w, "maxReplicas", h->max_replicas);
    put_int(w, "syncs", (int64_t)h->syncs);
    put_int(w, "failedSyncs", (int64_t)h->failed_syncs);
    put_int(w, "scaleUps", h->ups);
    put_int(w, "scaleDowns", h->downs);
    put_int(w, "reversals", h->reversals);
    put(w, "ratioMean", h->ratio_count > 0 ? h->ratio_sum / (double)h->ratio_count : NAN);
    put_peak(w, s, "ratioPeak", &h->ratio);
    json_key(w, "heldSeconds");
    json_map(w);
    for (int i = 0; i < SUMMARY_BINDINGS; i++) {
        if (h->held[i] > 0) {
            put(w, hpa_binding_name((enum hpa_binding)i), h->held[i]);
        }
    }
    json_map_end(w);
    json_map_end(w);
}

static void put_workload(struct json_writer *w, const struct summary_workload *x)
{
    json_map(w);
    put_text(w, "namespace", x->namespace_name);
    put_text(w, "name", x->name);
    put_int(w, "replicasMin", x->replicas_min);
    put(w, "replicasMean", x->replica_seconds / x->seconds);
    put_int(w, "replicasMax", x->replicas_max);
    put(w, "readyMean", x->ready_seconds / x->seconds);
    put(w, "replicaHours", x->replica_seconds / 3600);
    put(w, "cpuUsedCoreHours", x->cpu_used_seconds / 3600);
    put(w, "cpuRequestedCoreHours", x->cpu_requested_seconds / 3600);
    put(w, "cpuThrottledCoreHours", x->cpu_throttled_seconds / 3600);
    json_map_end(w);
}

static void put_service(struct json_writer *w, const struct summary *s,
                        const struct summary_service *v)
{
    json_map(w);
    put_text(w, "kind", v->queue ? "queue" : v->demand ? "demand" : "service");
    put_text(w, "name", v->name);
    put(w, "offered", v->offered);
    put(w, "served", v->served);
    put(w, "timedOut", v->timed_out);
    put(w, "dropped", v->dropped);
    put(w, "failed", v->failed);
    json_key(w, "latencySeconds");
    json_map(w);
    put(w, "p50", histogram_quantile(&v->latency, 0.50));
    put(w, "p90", histogram_quantile(&v->latency, 0.90));
    put(w, "p95", histogram_quantile(&v->latency, 0.95));
    put(w, "p99", histogram_quantile(&v->latency, 0.99));
    json_map_end(w);
    put_peak(w, s, "p99Peak", &v->p99);
    put(w, "utilizationMean", v->utilization_seconds / v->seconds);
    put_peak(w, s, "utilizationPeak", &v->utilization);
    put(w, "unmetReplicaSeconds", v->unmet_replica_seconds);
    put(w, "unmetSeconds", v->unmet_seconds);
    put_peak(w, s, "unmetPeak", &v->unmet);
    put_peak(w, s, "lostPerSecondPeak", &v->lost);
    put_peak(w, s, "waitingPeak", &v->waiting);
    json_map_end(w);
}

static void put_notes(struct json_writer *w, const struct summary *s)
{
    struct summary_notes found;
    summary_notes(s, s->arena, &found);
    json_key(w, "notes");
    json_list(w);
    for (size_t i = 0; i < found.count; i++) {
        json_string(w, found.lines[i]);
    }
    json_list_end(w);
}

static void put_files(struct json_writer *w, const struct summary_view *view)
{
    put_text(w, "database", view->database);
    json_key(w, "pictures");
    json_list(w);
    for (size_t i = 0; i < view->picture_count; i++) {
        json_string(w, view->pictures[i]);
    }
    json_list_end(w);
}

const char *summary_json(const struct summary *s, const struct summary_view *view)
{
    struct json_writer *w = json_writer_new(s->arena, true);
    char seed[24];
    json_map(w);
    put_text(w, "scenario", s->name);
    put_text(w, "status", view->status);
    put_text(w, "resolution", s->resolution);
    json_key(w, "seed");
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    json_raw(w, seed);
    put_moment(w, s, "start", 0);
    put_moment(w, s, "end", s->ended);
    put(w, "simulatedSeconds", simtime_to_seconds(s->ended));
    json_key(w, "workloads");
    json_list(w);
    for (size_t i = 0; i < s->workload_count; i++) {
        put_workload(w, &s->workloads[i]);
    }
    json_list_end(w);
    json_key(w, "hpas");
    json_list(w);
    for (size_t i = 0; i < s->hpa_count; i++) {
        put_hpa(w, s, &s->hpas[i]);
    }
    json_list_end(w);
    json_key(w, "services");
    json_list(w);
    for (size_t i = 0; i < s->service_count; i++) {
        put_service(w, s, &s->services[i]);
    }
    json_list_end(w);
    put_notes(w, s);
    put_files(w, view);
    json_map_end(w);
    return json_text(w, NULL);
}
