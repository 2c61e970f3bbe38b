/* SPDX-License-Identifier: Apache-2.0 */
/* Three kinds of clocks, and the reader of recorded ones. */
#include "kube/clocks.h"

#include "engine/stats.h"
#include "kube/cluster.h"

#include <criterion/criterion.h>
#include <string.h>

#define S  SIMTIME_SECOND
#define MS SIMTIME_MILLISECOND

static const struct clocks_recording *read_text(struct arena *a, struct diag *d, const char *text)
{
    d->arena = a;
    return clocks_read_text(a, text, strlen(text), diag_source(d, "c.json", text, strlen(text)), d);
}

static const char good[] =
    "{\"t0_fraction_of_second\": 0.25, \"metrics\": \"cadvisor\", \"duration_s\": 900,"
    " \"pod\": {\"idle_millicores\": 5, \"limit_millicores\": 1000},"
    " \"hpa_syncs\": [9.982, 24.991, 40.007],"
    " \"scrapes\": {\"0\": [5.133, 20.156], \"b\": [5.153, 20.1]},"
    " \"pods\": [{\"i\": 1, \"node\": \"b\", \"add\": 25.02, \"bound\": 25.03, \"ack\": 25.24,"
    "   \"running\": 27.2, \"ready\": 37.2, \"deleting\": 100.5, \"gone\": 102.5,"
    "   \"first_metric\": 51, \"samples\": [27.21, 40.5, 55.25]},"
    "  {\"i\": 0, \"node\": \"0\", \"add\": -62.5, \"bound\": -62.4, \"ack\": -62.2, \"running\": -60,"
    "   \"ready\": -50, \"deleting\": null, \"gone\": null, \"samples\": [-6.171, 5.979]}]}";

Test(clocks, reads_a_recording)
{
    struct arena a = {0};
    struct diag d = {0};
    const struct clocks_recording *r = read_text(&a, &d, good);
    cr_assert_not_null(r, "%s", diag_message(&d, 0));
    cr_expect_eq(r->epoch_fraction, 250 * MS);
    cr_expect_eq(r->duration, 900 * S);
    cr_expect_eq(r->idle_cores, 0.005);
    cr_expect_eq(r->limit_cores, 1);
    cr_expect_eq(r->sync_count, 3);
    cr_expect_eq(r->syncs[1], 24991 * MS);
    cr_expect_eq(r->node_count, 2);
    cr_expect_eq(r->scrape_count, 2);
    cr_expect_eq(r->scrapes[1][1], 20100 * MS);
    cr_assert_eq(r->pod_count, 2);
    cr_expect_eq(r->pods[0].add, -62500 * MS, "by creation");
    cr_expect_eq(r->pods[0].deleting, SIMTIME_NEVER);
    cr_expect_eq(r->pods[1].node, 1);
    cr_expect_eq(r->pods[1].gone, 102500 * MS);
    cr_expect_eq(r->pods[1].sample_count, 3);
    arena_drop(&a);
}

static const struct {
    const char *name;
    const char *text;
    const char *message;
} bad[] = {
    {"not a map", "[1]", "recorded clocks must be a map with hpa_syncs, scrapes and pods"},
    {"nothing in it", "{}", "recorded clocks need at least one of hpa_syncs, scrapes and pods"},
    {"syncs that fall", "{\"hpa_syncs\": [2, 1]}",
     "hpa_syncs must rise: 1 comes after a later or equal time"},
    {"equal syncs", "{\"hpa_syncs\": [2, 2]}",
     "hpa_syncs must rise: 2 comes after a later or equal time"},
    {"no number", "{\"hpa_syncs\": [\"x\"]}",
     "hpa_syncs must be a number within 1e9 of 0, not a string"},
    {"a huge number", "{\"hpa_syncs\": [1e300]}",
     "hpa_syncs must be a number within 1e9 of 0, not 1e300"},
    {"no list", "{\"hpa_syncs\": 3}", "hpa_syncs must be a list of times in seconds, not a number"},
    {"scrapes as a list", "{\"scrapes\": [1]}", "scrapes must be a map of nodes to lists of times"},
    {"pods as a map", "{\"pods\": {\"a\": 1}}", "pods must be a list"},
    {"a pod that is none", "{\"pods\": [3]}", "a pod must be a map"},
    {"a pod without creation", "{\"pods\": [{\"bound\": 3}]}",
     "a pod needs its time of creation, add"},
    {"a life backwards", "{\"pods\": [{\"add\": 3, \"ready\": 2}]}",
     "a pod's add, bound, ack, running and ready must not fall"},
    {"gone before deleting", "{\"pods\": [{\"add\": 3, \"deleting\": 9, \"gone\": 8}]}",
     "a pod cannot be gone before it is deleting"},
    {"gone without deleting", "{\"pods\": [{\"add\": 3, \"gone\": 8}]}",
     "a pod cannot be gone before it is deleting"},
    {"an unknown node", "{\"scrapes\": {\"0\": [1]}, \"pods\": [{\"add\": 3, \"node\": \"7\"}]}",
     "node 7 has no scrapes"},
    {"a fraction of two seconds", "{\"hpa_syncs\": [1], \"t0_fraction_of_second\": 2}",
     "t0_fraction_of_second must be in [0, 1)"},
};

Test(clocks, refuses_what_is_no_recording)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena a = {0};
        struct diag d = {0};
        cr_expect_null(read_text(&a, &d, bad[i].text), "%s", bad[i].name);
        cr_assert_gt(d.errors, 0, "%s", bad[i].name);
        cr_expect_str_eq(diag_message(&d, 0), bad[i].message, "%s: %s", bad[i].name,
                         diag_message(&d, 0));
        arena_drop(&a);
    }
}

Test(clocks, derives_kwok_scrapes)
{
    static const struct {
        const char *text;
        simtime first;
    } rows[] = {
        {"{\"metrics\": \"kwok\", \"hpa_syncs\": [9.9, 25], \"scrapes\": {}}", 6600 * MS},
        {"{\"metrics\": \"kwok\", \"hpa_syncs\": [1, 25]}", 12700 * MS},
        /* the rule of thumb lies in the second before the look, before it, after it */
        {"{\"metrics\": \"kwok\", \"hpa_syncs\": [10.9], \"pods\": ["
         "{\"add\": -9, \"first_metric\": 0}, {\"add\": 130, \"first_metric\": 173}]}",
         7600 * MS},
        {"{\"metrics\": \"kwok\", \"hpa_syncs\": [9.9], \"pods\": ["
         "{\"add\": 130, \"first_metric\": 173}]}",
         7010 * MS},
        {"{\"metrics\": \"kwok\", \"hpa_syncs\": [11.9], \"pods\": ["
         "{\"add\": 130, \"first_metric\": 173}]}",
         7990 * MS},
        {"{\"metrics\": \"kwok\", \"pods\": [{\"add\": 130, \"first_metric\": 173}]}", 7500 * MS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a = {0};
        struct diag d = {0};
        const struct clocks_recording *r = read_text(&a, &d, rows[i].text);
        cr_assert(r && r->kwok && r->scrape_count == 1, "row %zu", i);
        cr_expect_eq(r->scrapes[0][0], rows[i].first, "row %zu", i);
        arena_drop(&a);
    }
}

struct fixture {
    struct arena arena;
    struct diag diag;
    struct clocks *clocks;
    struct workload workload;
    struct pod pod;
};

static struct fixture *with(enum clocks_mode mode, struct fixture *f)
{
    struct clocks_spec spec =
        mode == CLOCKS_IDEAL ? clocks_spec_ideal() : clocks_spec_measured(&f->arena);
    if (mode == CLOCKS_RECORDED)
        spec = clocks_spec_recorded(&f->arena, read_text(&f->arena, &f->diag, good));
    f->clocks = clocks_create(&f->arena, &spec, 11);
    f->pod.name = (char *)(void *)"web-1-0";
    f->pod.workload = &f->workload;
    return f;
}

Test(clocks, ideal_is_exact)
{
    struct fixture f = {0};
    struct sample_clock s;
    simtime answers[3];
    with(CLOCKS_IDEAL, &f);
    cr_expect_eq(clocks_hpa_first(f.clocks, 3, 15 * S), 15 * S);
    cr_expect_eq(clocks_hpa_work(f.clocks, 0, 7), 0);
    cr_expect_eq(clocks_hpa_rescale_work(f.clocks, 0, 7), 0);
    cr_expect_eq(clocks_hpa_next(f.clocks, 0, 1, 15 * S, 15 * S), 30 * S);
    cr_expect_eq(clocks_next_create(f.clocks, &f.workload, 5 * S), 5 * S);
    cr_expect_eq(clocks_next_delete(f.clocks, &f.workload, 5 * S), 5 * S);
    cr_expect_eq(clocks_pod_bound(f.clocks, &f.pod, 5 * S), 5 * S);
    cr_expect_eq(clocks_pod_running(f.clocks, &f.pod), SIMTIME_NEVER);
    cr_expect_eq(clocks_scrape(f.clocks, 4, 3, 15 * S, answers), 60 * S);
    cr_expect_eq(answers[2], 60 * S);
    clocks_sample_start(f.clocks, &s, &f.pod, 0, 7 * S);
    cr_expect_eq(s.next, 15 * S);
    clocks_sample_taken(f.clocks, &s, true);
    clocks_sample_taken(f.clocks, &s, true);
    cr_expect_eq(s.next, 45 * S);
    clocks_sample_start(f.clocks, &s, &f.pod, 0, 30 * S);
    cr_expect_eq(s.next, 30 * S);
    arena_drop(&f.arena);
}

/* The spacing of syncs, as timing.md has it. */
Test(clocks, measured_syncs)
{
    struct fixture f = {0};
    struct running spacing = {0};
    struct running phase = {0};
    with(CLOCKS_MEASURED, &f);
    simtime at = clocks_hpa_first(f.clocks, 0, 15 * S);
    for (uint64_t n = 0; n < 5000; n++) {
        simtime next =
            clocks_hpa_next(f.clocks, 0, n + 1, at + clocks_hpa_work(f.clocks, 0, n), 15 * S);
        running_add(&spacing, simtime_to_seconds(next - at));
        at = next;
    }
    cr_expect_geq(spacing.min, 15.006);
    cr_expect_leq(spacing.max, 15.156);
    cr_expect(spacing.mean > 15.011 && spacing.mean < 15.020, "%g", spacing.mean);
    for (uint32_t hpa = 0; hpa < 1000; hpa++)
        running_add(&phase, simtime_to_seconds(clocks_hpa_first(f.clocks, hpa, 15 * S)));
    cr_expect(phase.min >= 0 && phase.max < 15);
    cr_expect(phase.mean > 7 && phase.mean < 8, "%g", phase.mean);
    cr_expect_eq(clocks_hpa_created(f.clocks, 0, 3 * S, 15 * S), 18 * S);
    arena_drop(&f.arena);
}

Test(clocks, measured_scrapes)
{
    struct fixture f = {0};
    struct running spacing = {0};
    struct running spread = {0};
    simtime answers[8];
    with(CLOCKS_MEASURED, &f);
    simtime before = clocks_scrape(f.clocks, 0, 8, 15 * S, answers);
    cr_expect(before >= 0 && before < 16 * S);
    for (int64_t n = 1; n < 2000; n++) {
        simtime stored = clocks_scrape(f.clocks, n, 8, 15 * S, answers);
        simtime first = answers[0];
        for (int i = 0; i < 8; i++) {
            cr_assert_lt(answers[i], stored);
            first = answers[i] < first ? answers[i] : first;
        }
        running_add(&spread, simtime_to_seconds(stored - first));
        running_add(&spacing, simtime_to_seconds(stored - before));
        before = stored;
    }
    cr_expect_float_eq(spacing.mean, 15, 0.001);
    cr_expect_lt(running_sd(&spacing), 0.026);
    cr_expect_leq(spread.max, 0.070);
    arena_drop(&f.arena);
}

Test(clocks, measured_samples)
{
    struct fixture f = {0};
    struct running waits = {0};
    struct running idle = {0};
    struct sample_clock s;
    struct sample_clock other;
    with(CLOCKS_MEASURED, &f);
    clocks_sample_start(f.clocks, &s, &f.pod, 0, 7 * S);
    clocks_sample_start(f.clocks, &other, &f.pod, 1, 7 * S);
    cr_expect(s.next > 7 * S && s.next <= 7 * S + 26 * MS, "soon after the start");
    simtime began = s.next;
    for (int i = 0; i < 5000; i++) {
        simtime before = s.next;
        clocks_sample_taken(f.clocks, &s, false);
        cr_assert_eq(s.next % MS, 0);
        running_add(&waits, simtime_to_seconds(s.next - before));
    }
    clocks_sample_taken(f.clocks, &other, false);
    cr_expect_neq(other.next - 7 * S, began, "each container has its own");
    cr_expect(waits.min >= 10 && waits.max < 20);
    cr_expect_float_eq(waits.mean, 15, 0.15);
    for (int i = 0; i < 5000; i++) { /* 15 .. 30 and 10 .. 20 in turn */
        simtime before = s.next;
        clocks_sample_taken(f.clocks, &s, true);
        double wait = simtime_to_seconds(s.next - before);
        cr_assert(i % 2 ? wait >= 10 && wait < 20 : wait >= 15 && wait < 30, "%d: %g", i, wait);
        running_add(&idle, wait);
    }
    cr_expect_float_eq(idle.mean, (22.5 + 15) / 2, 0.2);
    clocks_sample_start(f.clocks, &s, &f.pod, 0, -100 * S);
    cr_expect_leq(s.next, CLOCKS_SAMPLES_BEFORE);
    arena_drop(&f.arena);
}

Test(clocks, recorded_pods)
{
    struct fixture f = {0};
    struct pod late = {0};
    struct pod more = {0};
    struct sample_clock s;
    with(CLOCKS_RECORDED, &f);
    clocks_pod_adopted(f.clocks, &f.pod, -600 * S);
    cr_expect_eq(f.pod.created, -62500 * MS);
    cr_expect_eq(f.pod.ready_since, -50 * S);
    cr_expect_eq(f.pod.first_ready, -50 * S);
    cr_expect_eq(clocks_pod_node(f.clocks, &f.pod, 2), 0);
    cr_expect_eq(clocks_pod_gone(f.clocks, &f.pod), SIMTIME_NEVER);

    cr_expect_eq(clocks_next_create(f.clocks, &f.workload, 24991 * MS), 25020 * MS);
    late = (struct pod){.serial = 5,
                        .name = f.pod.name,
                        .workload = &f.workload,
                        .created = 26020 * MS}; /* a second later than recorded */
    cr_expect_null(clocks_pod_recorded(f.clocks, &late));
    cr_expect_eq(clocks_pod_bound(f.clocks, &late, 26020 * MS), 26030 * MS, "keeps its distance");
    cr_expect_eq(clocks_pod_started(f.clocks, &late, 26030 * MS), 26240 * MS);
    cr_expect_eq(clocks_pod_running(f.clocks, &late), 28200 * MS);
    cr_expect_eq(clocks_pod_ready(f.clocks, &late), 38200 * MS);
    cr_expect_eq(clocks_pod_node(f.clocks, &late, 2), 1);
    cr_expect_eq(clocks_pod_deleting(f.clocks, &late), 100500 * MS);
    cr_expect_eq(clocks_next_delete(f.clocks, &f.workload, 100 * S), 100500 * MS);
    late.deleted = 101 * S;
    cr_expect_eq(clocks_pod_gone(f.clocks, &late), 103 * S);
    clocks_sample_start(f.clocks, &s, &late, 0, 28200 * MS);
    static const simtime samples[] = {28210 * MS, 41500 * MS, 56250 * MS};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(s.next, samples[i]);
        clocks_sample_taken(f.clocks, &s, false);
    }
    cr_expect(s.next >= 66250 * MS && s.next < 76250 * MS, "then as measured");

    more = (struct pod){.serial = 6, .name = f.pod.name, .workload = &f.workload};
    simtime bound = clocks_pod_bound(f.clocks, &more, 200 * S);
    cr_expect(bound > 200 * S && bound < 200 * S + 30 * MS, "the recording has no more pods");
    cr_expect_null(clocks_pod_recorded(f.clocks, &more));
    simtime add = clocks_next_create(f.clocks, &f.workload, 200 * S);
    cr_expect(add > 200 * S && add < 200 * S + 50 * MS);
    arena_drop(&f.arena);
}

Test(clocks, recorded_syncs_and_scrapes)
{
    struct fixture f = {0};
    simtime answers[2];
    with(CLOCKS_RECORDED, &f);
    cr_expect_eq(clocks_hpa_first(f.clocks, 0, 15 * S), 9982 * MS);
    cr_expect_eq(clocks_hpa_next(f.clocks, 0, 1, 9990 * MS, 15 * S), 24991 * MS);
    cr_expect_eq(clocks_hpa_next(f.clocks, 0, 9, 50 * S, 15 * S), 65 * S, "the list has ended");
    cr_expect_eq(clocks_hpa_next(f.clocks, 1, 1, 9990 * MS, 15 * S), 24990 * MS, "another HPA");
    cr_expect_eq(clocks_scrape(f.clocks, 0, 2, 15 * S, answers), 5153 * MS);
    cr_expect_eq(answers[0], 5132 * MS);
    cr_expect_eq(clocks_scrape(f.clocks, 1, 2, 15 * S, answers), 20156 * MS);
    cr_expect_eq(clocks_scrape(f.clocks, 3, 2, 15 * S, answers), 50156 * MS);
    cr_expect_eq(clocks_scrape(f.clocks, -1, 2, 15 * S, answers), -9847 * MS);
    arena_drop(&f.arena);
}

/* Another pod more or less changes nobody else's times. */
Test(clocks, draws_are_addressed)
{
    struct fixture f = {0};
    struct fixture g = {0};
    struct pod extra = {.name = (char *)(void *)"other", .workload = &f.workload};
    with(CLOCKS_MEASURED, &f);
    with(CLOCKS_MEASURED, &g);
    (void)clocks_pod_bound(f.clocks, &extra, 0);
    cr_expect_eq(clocks_pod_bound(f.clocks, &f.pod, S), clocks_pod_bound(g.clocks, &g.pod, S));
    cr_expect_eq(clocks_hpa_work(f.clocks, 3, 9), clocks_hpa_work(g.clocks, 3, 9));
    cr_expect_neq(clocks_hpa_work(f.clocks, 3, 9), clocks_hpa_work(f.clocks, 3, 10));
    arena_drop(&f.arena);
    arena_drop(&g.arena);
}
