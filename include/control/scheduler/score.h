/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PreScore, Score and NormalizeScore of the default profile (Kubernetes v1.36.3
 * pkg/scheduler/framework/plugins, weights of apis/config/v1/default_plugins.go).
 */
#ifndef CONTROL_SCHEDULER_SCORE_H
#define CONTROL_SCHEDULER_SCORE_H

#include "control/scheduler/cycle.h"

struct node_score {
    uint32_t node;
    int32_t total;
    int32_t plugins[PLUGIN_COUNT]; /* normalized and weighted; 0 for those that did not run */
};

/*
 * Scores count nodes that passed the filters, in their order; out has room for them. Returns a
 * bit (1 << plugin) for each plugin that ran: the others skipped this pod, or never score.
 */
uint32_t cycle_score(struct scheduling_cycle *c, const uint32_t *nodes, size_t count,
                     struct node_score *out);
int32_t scheduler_plugin_weight(enum scheduler_plugin p); /* 0: it does not score */

#endif
