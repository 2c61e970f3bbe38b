/* SPDX-License-Identifier: Apache-2.0 */
/* Reported incidents (scenarios/incidents) come out as their heads and the README say. */
#include "base/str.h"
#include "control/hpa/decision.h"
#include "manifest/scenario.h"
#include "sim/simulation.h"

#include <criterion/criterion.h>

struct row {
    const char *file;
    const char *rescales; /* from->to@second */
};

static const struct row rows[] = {
    {"kubernetes-78761-two-pods-stay", "2->1@1515"},
    {"website-54304-no-oscillation", "1->2@15"},
    {"autoscaler-1741-inside-tolerance", ""},
    {"metrics-server-763-six-rounds",
     "30->40@315 40->54@375 54->72@435 72->96@495 96->128@555 128->149@615"},
    {"kubernetes-96671-up-by-a-down-window", "2->3@75 3->2@390"},
    {"kubernetes-96671-without-behavior", "2->4@75 4->8@90 8->12@105 12->2@390"},
    {"kubernetes-104387-zero-in-an-outage", "10->2@900 2->4@1200 4->8@1215 8->10@1230"},
    {"kubernetes-104387-error-in-an-outage", ""},
    {"kubernetes-99394-one-metric-missing", "3->5@1515 5->1@1995"},
    {"kubernetes-127193-silent-pods", "10->6@615 6->5@930 5->4@1245"},
    {"prometheus-adapter-294-total-compounds", "1->2@15 2->4@30 4->8@45 8->16@60 16->30@75"},
};

static void on_decision(void *context, uint32_t hpa, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct strbuf *text = context;
    (void)hpa;
    (void)state;
    if (d->rescaled)
        strbuf_printf(text, "%s%d->%d@%d", text->len ? " " : "", (int)d->current, (int)d->desired,
                      (int)(at / SIMTIME_SECOND));
}

Test(incidents, come_out_as_told)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct scenario scenario;
        struct scenario_options options = {0};
        struct simulation_stats stats;
        struct strbuf got = {.arena = &a};
        struct observer observer = {.context = &got, .decision = on_decision};
        const char *path = arena_printf(&a, "scenarios/incidents/%s.yaml", rows[i].file);
        cr_assert(scenario_read(&path, 1, &options, &a, &d, &scenario), "%s: %s", rows[i].file,
                  d.count ? diag_message(&d, 0) : "");
        cr_assert(simulation_run(&scenario, scenario.seed, &observer, &a, &d, &stats));
        cr_expect_str_eq(strbuf_text(&got), rows[i].rescales, "%s: %s", rows[i].file,
                         strbuf_text(&got));
        arena_drop(&a);
    }
}
