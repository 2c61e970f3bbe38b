/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings of a real control plane (tests/data/timelines) against the simulation: with the
 * recorded clocks the rescales are the recording's, each within a second; with random clocks
 * the ensemble holds the recording.
 */
#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"
#include "control/hpa/decision.h"
#include "manifest/scenario.h"
#include "sim/simulation.h"
#include "study/ensemble.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct recording {
    const char *scenario;
    const char *syncs; /* t_sync, ..., proposed, rescale ("3->6"), reason */
};

static const struct recording recordings[] = {
    {"scenarios/timelines/step.yaml", "tests/data/timelines/a_step_default/syncs.csv"},
    {"scenarios/timelines/step-kwok.yaml", "tests/data/timelines/a3_step_kwokmetrics/syncs.csv"},
    {"scenarios/timelines/ramp.yaml", "tests/data/timelines/c_ramp/syncs.csv"},
};

struct rescales {
    struct arena *arena;
    VEC(struct rescale) list;
};

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct rescales *r = context;
    (void)hpa;
    (void)state;
    if (d->rescaled)
        *vec_push(r->arena, &r->list) = (struct rescale){at, d->current, d->desired};
}

static void read_scenario(struct arena *a, const char *path, const char *set,
                          struct scenario *scenario)
{
    struct diag d = {.arena = a};
    const struct scenario_options options = {.sets = &set, .set_count = set ? 1 : 0};
    bool ok = scenario_read(&path, 1, &options, a, &d, scenario);
    cr_assert(ok, "%s: %s", path, d.count ? diag_message(&d, 0) : "not read");
}

/* Rows of syncs.csv whose 9th column is "from->to". */
static void read_recording(struct arena *a, const char *path, struct rescales *out)
{
    struct diag d = {.arena = a};
    struct file_text text;
    cr_assert(file_read(a, path, 0, &text, &d), "%s", path);
    for (char *line = strchr(text.text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        char *field = line;
        for (int i = 0; i < 8; i++)
            field = strchr(field, ',') + 1;
        char *arrow = strstr(field, "->");
        if (arrow && arrow < strchr(line, '\n'))
            *vec_push(a, &out->list) = (struct rescale){simtime_seconds(strtod(line, NULL)),
                                                        (int32_t)strtol(field, NULL, 10),
                                                        (int32_t)strtol(arrow + 2, NULL, 10)};
    }
}

Test(timelines, recorded_clocks)
{
    for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct scenario scenario;
        struct rescales want = {.arena = &a}, got = {.arena = &a};
        struct observer observer = {.context = &got, .decision = on_decision};
        struct simulation_stats stats;
        read_scenario(&a, recordings[i].scenario, NULL, &scenario);
        read_recording(&a, recordings[i].syncs, &want);
        cr_assert(want.list.len >= 5);
        cr_assert(simulation_run(&scenario, scenario.seed, &observer, &a, &d, &stats));
        cr_expect(got.list.len == want.list.len, "%s: %zu rescales instead of %zu",
                  recordings[i].scenario, got.list.len, want.list.len);
        for (size_t j = 0; j < got.list.len && j < want.list.len; j++) {
            const struct rescale *g = &got.list.items[j], *w = &want.list.items[j];
            cr_expect(g->from == w->from && g->to == w->to &&
                          llabs(g->at - w->at) <= SIMTIME_SECOND,
                      "%s: %d->%d at %.3f instead of %d->%d at %.3f", recordings[i].scenario,
                      (int)g->from, (int)g->to, simtime_to_seconds(g->at), (int)w->from, (int)w->to,
                      simtime_to_seconds(w->at));
        }
        arena_drop(&a);
    }
}

/* The step and the ramp; KWOK's clocks were not the measured ones. */
Test(timelines, ensemble_holds_the_recording)
{
    for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i += 2) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct scenario scenario;
        struct ensemble e;
        struct rescales want = {.arena = &a};
        read_scenario(&a, recordings[i].scenario, "spec.clocks=measured", &scenario);
        read_recording(&a, recordings[i].syncs, &want);
        cr_assert(ensemble_run(&scenario, 200, 0, NULL, NULL, &a, &d, &e));
        size_t count;
        struct band *bands = ensemble_bands(&e, 0, 5 * SIMTIME_SECOND, &count);
        struct member recorded = {want.list.items, want.list.len, 3};
        for (size_t j = 0; j < count; j++) {
            int32_t replicas = member_replicas(&recorded, bands[j].at);
            cr_expect(replicas >= bands[j].least && replicas <= bands[j].most,
                      "%s at %.0f: %d is not in %d..%d", recordings[i].scenario,
                      simtime_to_seconds(bands[j].at), (int)replicas, (int)bands[j].least,
                      (int)bands[j].most);
        }
        cr_expect(ensemble_sequences(&e, 0) > 5, "all seeds did the same");
        arena_drop(&a);
    }
}

Test(ensemble, threads_do_not_matter)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct scenario scenario;
    struct ensemble one, four;
    read_scenario(&a, "scenarios/timelines/step.yaml", "spec.clocks=measured", &scenario);
    cr_assert(ensemble_run(&scenario, 12, 1, NULL, NULL, &a, &d, &one));
    cr_assert(ensemble_run(&scenario, 12, 4, NULL, NULL, &a, &d, &four));
    for (size_t i = 0; i < 12; i++) {
        cr_assert(one.members[i].count == four.members[i].count, "seed %zu", i);
        for (size_t j = 0; j < one.members[i].count; j++)
            cr_expect(one.members[i].rescales[j].at == four.members[i].rescales[j].at);
    }
    arena_drop(&a);
}
