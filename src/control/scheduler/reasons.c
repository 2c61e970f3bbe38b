/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why nodes refused, in the words of the pod's FailedScheduling event. Upstream: Kubernetes
 * v1.36.3 pkg/scheduler/framework/types.go (FitError) and each plugin's ErrReason.
 *
 * The trap: the reasons are sorted as text with their counts in front, so "10 x" comes
 * before "2 y"; a node short of two things counts in both.
 */
#include "internal.h"

#include "base/str.h"
#include "base/table.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

const char *scheduler_plugin_name(enum scheduler_plugin p)
{
    static const char *const names[PLUGIN_COUNT] = {
        "NodeUnschedulable", "NodeName",         "TaintToleration",
        "NodeAffinity",      "NodePorts",        "NodeResourcesFit",
        "PodTopologySpread", "InterPodAffinity", "NodeResourcesBalancedAllocation",
        "ImageLocality"};
    return names[p];
}

static const char *fixed_text(enum refusal_reason reason)
{
    switch (reason) {
    case REFUSED_UNSCHEDULABLE:
        return "node(s) were unschedulable";
    case REFUSED_NODE_NAME:
        return "node(s) didn't match the requested node name";
    case REFUSED_TAINT:
        return "node(s) had untolerated taint(s)";
    case REFUSED_NODE_AFFINITY:
        return "node(s) didn't match Pod's node affinity/selector";
    case REFUSED_PORTS:
        return "node(s) didn't have free ports for the requested pod ports";
    case REFUSED_SPREAD:
        return "node(s) didn't match pod topology spread constraints";
    case REFUSED_SPREAD_LABEL:
        return "node(s) didn't match pod topology spread constraints (missing required label)";
    case REFUSED_AFFINITY:
        return "node(s) didn't match pod affinity rules";
    case REFUSED_ANTI_AFFINITY:
        return "node(s) didn't match pod anti-affinity rules";
    case REFUSED_EXISTING_ANTI_AFFINITY:
        return "node(s) didn't satisfy existing pods anti-affinity rules";
    case REFUSED_NO_VICTIMS:
        return "No preemption victims found for incoming pod";
    case REFUSED_BY_PREFILTER:
        return "node(s) didn't satisfy plugin(s) [NodeAffinity]";
    case REFUSED_FIELDS_CONFLICT:
        return "pod affinity terms conflict";
    case REFUSED_PREEMPTION_NOT_HELPFUL:
        return "Preemption is not helpful for scheduling";
    case REFUSED_NOT:
    case REFUSED_RESOURCES:
        break;
    }
    return NULL;
}

/* The i-th bit that is set; false when there are fewer. */
static bool nth_bit(uint32_t bits, size_t i, unsigned *bit)
{
    for (*bit = 0; *bit < 32; (*bit)++) {
        if ((bits >> *bit & 1U) != 0 && i-- == 0) {
            return true;
        }
    }
    return false;
}

const char *refusal_text(struct arena *scratch, const struct pod_class *pod, struct node_refusal r,
                         size_t i)
{
    static const char *const common[] = {"Too many pods", "Insufficient cpu", "Insufficient memory",
                                         "Insufficient ephemeral-storage"};
    unsigned bit = 0;
    if (r.reason != REFUSED_RESOURCES) {
        return i == 0 ? fixed_text((enum refusal_reason)r.reason) : NULL;
    }
    if (!nth_bit(r.short_of, i, &bit)) {
        return NULL;
    }
    return bit < 4 ? common[bit]
                   : arena_printf(scratch, "Insufficient %s", pod->request.scalars[bit - 4].name);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Equal refusals, counted: thousands of nodes refuse for a handful of reasons. */
struct tally {
    struct node_refusal refusal;
    size_t count;
};

struct tallies {
    struct tally *items;
    size_t len;
    size_t cap;
};

static bool same_refusal(const struct node_refusal *x, const struct node_refusal *y)
{
    return x->reason == y->reason && x->short_of == y->short_of;
}

static void add_refusal(struct arena *scratch, struct tallies *t, const struct node_refusal *r)
{
    for (size_t i = 0; i < t->len; i++) {
        if (same_refusal(&t->items[i].refusal, r)) {
            t->items[i].count++;
            return;
        }
    }
    *vec_push(scratch, t) = (struct tally){.refusal = *r, .count = 1};
}

/* Each reason with its number of nodes, as text. */
static const char **reason_lines(struct arena *scratch, const struct pod_class *pod,
                                 const struct tallies *t, size_t *count)
{
    struct table reasons = {.arena = scratch};
    VEC(size_t) counts = {0};
    for (size_t n = 0; n < t->len; n++) {
        const char *text;
        for (size_t i = 0; (text = refusal_text(scratch, pod, t->items[n].refusal, i)) != NULL;
             i++) {
            const size_t at = table_put(&reasons, text);
            if (at == counts.len) {
                *vec_push(scratch, &counts) = 0;
            }
            counts.items[at] += t->items[n].count;
        }
    }
    const char **lines = arena_array(scratch, const char *, reasons.len);
    for (size_t i = 0; i < reasons.len; i++) {
        lines[i] = arena_printf(scratch, "%zu %s", counts.items[i], reasons.keys[i]);
    }
    *count = reasons.len;
    return lines;
}

const char *fit_error_text(struct arena *scratch, const struct pod_class *pod,
                           const struct node_refusal *refusals, size_t count)
{
    struct tallies t = {0};
    size_t reasons = 0;
    for (size_t i = 0; i < count; i++) {
        add_refusal(scratch, &t, &refusals[i]);
    }
    const char **lines = reason_lines(scratch, pod, &t, &reasons);
    qsort(lines, reasons, sizeof *lines, by_text);
    struct strbuf b = {.arena = scratch};
    strbuf_printf(&b, "0/%zu nodes are available:", count);
    for (size_t i = 0; i < reasons; i++) {
        strbuf_printf(&b, "%s%s", i == 0 ? " " : ", ", lines[i]);
    }
    strbuf_add(&b, reasons > 0 ? "." : "");
    return strbuf_text(&b);
}
