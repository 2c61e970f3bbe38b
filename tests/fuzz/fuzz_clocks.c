/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded clocks in: never a crash; no recording comes with an error and only then;
 * what is accepted can be asked anything.
 */
#include "base/require.h"
#include "kube/clocks.h"
#include "kube/cluster.h"

#include "fuzz.h"

static void ask(struct arena *a, const struct clocks_recording *r)
{
    struct clocks_spec spec = clocks_spec_recorded(a, r);
    struct clocks *c = clocks_create(a, &spec, 1);
    struct workload workload = {0};
    simtime answers[3];
    for (uint32_t i = 0; i < 4; i++) {
        struct pod pod = {.serial = i, .name = (char *)(void *)"pod", .workload = &workload};
        struct sample_clock s;
        (void)clocks_pod_bound(c, &pod, 0);
        (void)clocks_pod_ready(c, &pod);
        clocks_sample_start(c, &s, &pod, 0, i % 2 ? 0 : -SIMTIME_SECOND);
        for (int n = 0; n < 20; n++) {
            simtime before = s.next;
            clocks_sample_taken(c, &s, n % 3 == 0);
            require(s.next > before);
        }
    }
    (void)clocks_next_delete(c, &workload, 0);
    require(clocks_hpa_next(c, 0, 1, 0, 15 * SIMTIME_SECOND) > 0);
    require(clocks_scrape(c, 5, 3, 15 * SIMTIME_SECOND, answers) >
            clocks_scrape(c, 4, 3, 15 * SIMTIME_SECOND, answers) - 15 * SIMTIME_SECOND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    const char *text = (const char *)data;
    uint32_t source = diag_source(&d, "clocks.json", text, size);
    const struct clocks_recording *r = clocks_read_text(&a, text, size, source, &d);
    require((r == NULL) == (d.errors > 0));
    if (r)
        ask(&a, r);
    arena_drop(&a);
    return 0;
}
