/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of what controllers saw: small when little changes, and harmless when damaged. That
 * whole cases come back as they were is shown in tests/conformance/run_observations.c.
 */
#include "record/sync_log.h"

#include "control/hpa/reconcile.h"

#include <criterion/criterion.h>
#include <string.h>

enum { PODS = 10, SYNCS = 12 };

struct world {
    struct arena arena;
    struct hpa_config config;
    struct hpa_metric_spec metrics[2];
    struct hpa_spec spec;
    struct hpa_state state;
    struct container_spec container;
    struct pod_template template;
    struct hpa_pod pods[PODS];
    struct hpa_sample samples[PODS];
    struct hpa_metric_answer answers[2];
    int64_t lag[2];
    struct sync_encoder encoder;
    struct strbuf records[SYNCS];
};

static void set_up(struct world *w)
{
    *w = (struct world){.config = hpa_config_default(36)};
    w->metrics[0] = (struct hpa_metric_spec){
        .type = HPA_METRIC_PODS,
        .name = "rps",
        .selector_text = "nil",
        .target = {HPA_TARGET_AVERAGE_VALUE, .has_average_value = true, .average_value = 100000}};
    w->metrics[1] =
        (struct hpa_metric_spec){.type = HPA_METRIC_EXTERNAL,
                                 .name = "lag",
                                 .selector_text = "nil",
                                 .target = {HPA_TARGET_VALUE, .has_value = true, .value = 5000}};
    w->spec = (struct hpa_spec){.namespace_name = "default",
                                .name = "web",
                                .target_api_version = "apps/v1",
                                .target_kind = "Deployment",
                                .target_name = "web",
                                .min_replicas = 1,
                                .max_replicas = 50,
                                .metrics = w->metrics,
                                .metric_count = 2};
    w->state.arena = &w->arena;
    w->container = (struct container_spec){.name = "app"};
    w->template = (struct pod_template){.containers = &w->container, .container_count = 1};
    w->encoder = (struct sync_encoder){.arena = &w->arena, .config = &w->config};
}

/* Pods come, one by one; the value of sync k is 90 rps plus k. */
static void play(struct world *w, int k)
{
    const size_t pods = (size_t)(k < PODS ? k + 1 : PODS);
    struct hpa_decision d;
    for (size_t i = 0; i < pods; i++) {
        w->pods[i] = (struct hpa_pod){.name = arena_printf(&w->arena, "web-%zu", i),
                                      .requests = &w->template,
                                      .ready_since = (simtime)i * SIMTIME_SECOND,
                                      .start_time = (simtime)i * SIMTIME_SECOND,
                                      .phase = POD_RUNNING,
                                      .ready = CONDITION_TRUE};
        w->samples[i] =
            (struct hpa_sample){(uint32_t)i, 90000 + k * 1000, k * SIMTIME_SECOND, SIMTIME_MINUTE};
    }
    w->lag[0] = 4000;
    w->lag[1] = k;
    w->answers[0] =
        (struct hpa_metric_answer){.listed = true, .samples = w->samples, .sample_count = pods};
    w->answers[1] = (struct hpa_metric_answer){.values = w->lag, .value_count = 2};
    if (k == 3) {
        w->answers[1] = (struct hpa_metric_answer){.error = "gone"};
    }
    const struct hpa_view view = {.scale_error = k == 5 ? "no scale" : NULL,
                                  .spec_replicas = (int32_t)pods,
                                  .status_replicas = (int32_t)pods,
                                  .selector = "app=web",
                                  .pods = w->pods,
                                  .pod_count = pods,
                                  .answers = w->answers};
    hpa_reconcile(&w->spec, &w->config, &w->state, &view, k * SIMTIME_MINUTE, &w->arena, &d);
    if (d.rescale) {
        hpa_applied(&w->config, &w->state, &d, k == 7 ? "refused" : NULL,
                    k * SIMTIME_MINUTE + 12345678);
    }
    w->records[k].arena = &w->arena;
    sync_encode(&w->encoder, &d, &w->state, &w->records[k]);
}

static void play_all(struct world *w)
{
    set_up(w);
    for (int k = 0; k < SYNCS; k++) {
        play(w, k);
    }
}

static void drop(struct world *w)
{
    sync_encoder_drop(&w->encoder);
    arena_drop(&w->arena);
}

Test(sync_log, what_was_written_is_read)
{
    struct world w;
    play_all(&w);
    struct arena a = {0};
    struct sync_decoder decoder = {.arena = &a};
    for (int k = 0; k < SYNCS; k++) {
        struct decoded_sync seen;
        cr_assert(sync_decode(&decoder, w.records[k].text, w.records[k].len, &seen), "sync %d", k);
        if (k == 5) {
            cr_expect_str_eq(seen.view->scale_error, "no scale");
            continue;
        }
        const size_t pods = (size_t)(k < PODS ? k + 1 : PODS);
        cr_assert_eq(seen.view->pod_count, pods, "sync %d", k);
        cr_expect_str_eq(seen.view->pods[pods - 1].name, w.pods[pods - 1].name);
        cr_expect_str_eq(seen.view->selector, "app=web");
        cr_expect_eq(seen.view->answers[0].samples[pods - 1].value, 90000 + k * 1000);
        cr_expect_eq(seen.view->answers[1].error != NULL, k == 3, "sync %d", k);
        if (k != 3) {
            cr_expect_eq(seen.view->answers[1].values[1], k);
        }
        cr_expect(seen.updated_after == 0 || seen.updated_after == 12345678);
    }
    cr_expect_eq(decoder.config.sync_period, w.config.sync_period);
    sync_decoder_drop(&decoder);
    arena_drop(&a);
    drop(&w);
}

/* The same once more costs next to nothing; fresh samples a few bytes a pod. */
Test(sync_log, records_are_small)
{
    struct world w;
    play_all(&w);
    cr_expect(w.records[SYNCS - 1].len <= 8 + 8 * PODS, "%zu bytes", w.records[SYNCS - 1].len);
    struct strbuf same = {.arena = &w.arena};
    struct hpa_decision d;
    const struct hpa_view view = {.spec_replicas = PODS,
                                  .status_replicas = PODS,
                                  .selector = "app=web",
                                  .pods = w.pods,
                                  .pod_count = PODS,
                                  .answers = w.answers};
    hpa_reconcile(&w.spec, &w.config, &w.state, &view, SIMTIME_HOUR, &w.arena, &d);
    sync_encode(&w.encoder, &d, &w.state, &same);
    cr_expect(same.len <= 4, "%zu bytes", same.len);
    drop(&w);
}

/* Reads all records with one of them replaced; true when all were taken. */
static bool read_with(const struct world *w, int at, const char *bytes, size_t len)
{
    struct arena a = {0};
    struct sync_decoder decoder = {.arena = &a};
    bool ok = true;
    for (int k = 0; ok && k <= at; k++) {
        struct decoded_sync seen;
        ok = k == at ? sync_decode(&decoder, bytes, len, &seen)
                     : sync_decode(&decoder, w->records[k].text, w->records[k].len, &seen);
        if (ok && seen.view->scale_error == NULL) {
            struct hpa_state state = {.arena = &a};
            struct hpa_decision d;
            hpa_reconcile(seen.spec, &decoder.config, &state, seen.view, 0, &a, &d);
        }
    }
    sync_decoder_drop(&decoder);
    arena_drop(&a);
    return ok;
}

Test(sync_log, cut_records_are_refused)
{
    struct world w;
    play_all(&w);
    for (int k = 0; k < SYNCS; k++) {
        for (size_t len = 0; len < w.records[k].len; len++) {
            cr_expect(!read_with(&w, k, w.records[k].text, len), "sync %d cut at %zu", k, len);
        }
        char *copy = arena_alloc(&w.arena, w.records[k].len + 1, 1);
        memcpy(copy, w.records[k].text, w.records[k].len);
        cr_expect(!read_with(&w, k, copy, w.records[k].len + 1), "sync %d and a byte", k);
    }
    drop(&w);
}

/* Whatever a byte becomes: refused or read, but nothing outside is touched. */
Test(sync_log, changed_bytes_are_harmless)
{
    struct world w;
    play_all(&w);
    for (int k = 0; k < SYNCS; k++) {
        char *copy = arena_alloc(&w.arena, w.records[k].len, 1);
        for (size_t i = 0; i < w.records[k].len; i++) {
            static const char changes[] = {1, 2, 64, (char)128, (char)255};
            for (size_t c = 0; c < sizeof changes; c++) {
                memcpy(copy, w.records[k].text, w.records[k].len);
                copy[i] = (char)(copy[i] ^ changes[c]);
                read_with(&w, k, copy, w.records[k].len);
            }
        }
    }
    drop(&w);
}
