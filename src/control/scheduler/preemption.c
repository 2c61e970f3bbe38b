/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pods must go so that one of higher priority fits. Upstream: Kubernetes v1.36.3
 * plugins/defaultpreemption/default_preemption.go (SelectVictimsOnNode),
 * framework/preemption/preemption.go (Preempt, DryRunPreemption, pickOneNodeForPreemption).
 *
 * The idea: all pods of lower priority are taken off a node; if the pod then fits, they are
 * put back one by one, the most important first, as long as it still fits: those that would
 * violate a budget before the others. The traps: only nodes whose refusal was not final are
 * tried, and of these at most a tenth, at least 100; a budget counts a pod before it is known
 * whether it must go; a pod that waits for its victims to end does not preempt again.
 */
#include "control/scheduler/preemption.h"

#include "internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MIN_CANDIDATES_PERCENTAGE 10
#define MIN_CANDIDATES            100

struct potential {
    struct placed_pod *pod;
    simtime start;
    size_t order; /* on the node: where nothing else decides */
    bool violates;
};

struct preempting {
    struct schedule_result *result;
    const struct preemption_budget *budgets;
    size_t budget_count;
    simtime now;
    struct arena *scratch;
    struct node_refusal *refusals; /* what keeps each potential node from helping */
};

static simtime start_of(const struct placed_pod *pod, simtime now)
{
    return pod->start != SIMTIME_NEVER ? pod->start : now;
}

/*
 * MoreImportantPod, made total. Upstream asks the clock for each pod that has not started, so
 * of two such pods the one asked about first is the older: its insertion sort turns their
 * order around, while pods that started together keep theirs.
 */
static int by_importance(const void *a, const void *b)
{
    const struct potential *x = a;
    const struct potential *y = b;
    const int32_t px = x->pod->class->priority;
    const int32_t py = y->pod->class->priority;
    if (px != py) {
        return px > py ? -1 : 1;
    }
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    const int later = (x->order > y->order) - (x->order < y->order);
    return x->pod->start == SIMTIME_NEVER && y->pod->start == SIMTIME_NEVER ? -later : later;
}

static bool budget_covers(const struct preemption_budget *b, const struct placed_pod *pod)
{
    const char *namespace_name = b->namespace_name != NULL ? b->namespace_name : "default";
    if (b->selector.nothing || b->selector.count == 0 || pod->class->label_count == 0 ||
        strcmp(namespace_name, pod_class_namespace(pod->class)) != 0 ||
        !label_selector_matches(&b->selector, pod->class->labels, pod->class->label_count)) {
        return false;
    }
    for (size_t i = 0; i < b->disrupted_count; i++) {
        if (strcmp(b->disrupted[i], pod->name) == 0) {
            return false;
        }
    }
    return true;
}

/* filterPodsWithPDBViolation */
static void mark_violations(const struct preempting *p, struct potential *list, size_t count)
{
    int64_t *allowed = arena_array(p->scratch, int64_t, p->budget_count);
    for (size_t b = 0; b < p->budget_count; b++) {
        allowed[b] = p->budgets[b].disruptions_allowed;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t b = 0; b < p->budget_count; b++) {
            if (budget_covers(&p->budgets[b], list[i].pod)) {
                allowed[b]--;
                list[i].violates = list[i].violates || allowed[b] < 0;
            }
        }
    }
}

static struct potential *lower_pods(const struct preempting *p, uint32_t node, size_t *count)
{
    const struct node_info *n = p->result->cycle.snapshot->nodes[node];
    struct potential *list = arena_array(p->scratch, struct potential, n->pods.len);
    *count = 0;
    for (size_t i = 0; i < n->pods.len; i++) {
        struct placed_pod *pod = n->pods.items[i];
        if (pod->class->priority < p->result->cycle.pod->priority) {
            list[*count] =
                (struct potential){.pod = pod, .start = start_of(pod, p->now), .order = *count};
            (*count)++;
        }
    }
    return list;
}

/* Puts back those that may stay, of one of the two groups; the rest become victims. */
static void reprieve(const struct preempting *p, struct preemption_candidate *c,
                     struct potential *list, size_t count, bool violating)
{
    struct scheduling_cycle *cycle = &p->result->cycle;
    for (size_t i = 0; i < count; i++) {
        if (list[i].violates != violating) {
            continue;
        }
        cycle_add_pod(cycle, list[i].pod);
        if (cycle_filter(cycle, c->node).reason == REFUSED_NOT) {
            list[i].pod = NULL;
            continue;
        }
        cycle_remove_pod(cycle, list[i].pod);
        c->violations += violating ? 1 : 0;
    }
}

/* Upstream tries on a copy: the node's own list keeps its order, which decides ties. */
static struct placed_pod **copy_pods(const struct preempting *p, const struct node_info *n)
{
    struct placed_pod **copy = arena_array(p->scratch, struct placed_pod *, n->pods.len);
    for (size_t i = 0; i < n->pods.len; i++) {
        copy[i] = n->pods.items[i];
    }
    return copy;
}

static void restore_order(struct node_info *n, struct placed_pod *const *pods)
{
    for (uint32_t i = 0; i < n->pods.len; i++) {
        n->pods.items[i] = pods[i];
        pods[i]->slot = i;
    }
}

/* Takes all candidates for victims off the node, then chooses. False: refusals says why not. */
static bool choose_victims(const struct preempting *p, struct preemption_candidate *c)
{
    struct scheduling_cycle *cycle = &p->result->cycle;
    size_t count = 0;
    struct potential *list = lower_pods(p, c->node, &count);
    struct node_refusal *refusal = &p->refusals[c->node];
    if (count == 0) {
        *refusal = (struct node_refusal){.reason = REFUSED_NO_VICTIMS, .unresolvable = true};
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        cycle_remove_pod(cycle, list[i].pod);
    }
    *refusal = cycle_filter(cycle, c->node);
    if (refusal->reason != REFUSED_NOT) {
        for (size_t i = 0; i < count; i++) {
            cycle_add_pod(cycle, list[i].pod);
        }
        return false;
    }
    qsort(list, count, sizeof *list, by_importance);
    mark_violations(p, list, count);
    reprieve(p, c, list, count, true);
    reprieve(p, c, list, count, false);
    c->victims = arena_array(p->scratch, struct placed_pod *, count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].pod != NULL) {
            c->victims[c->victim_count++] = list[i].pod;
            cycle_add_pod(cycle, list[i].pod);
        }
    }
    return c->victim_count > 0;
}

/* SelectVictimsOnNode; the node ends as it was. */
static bool select_victims(const struct preempting *p, struct preemption_candidate *c)
{
    struct node_info *n = p->result->cycle.snapshot->nodes[c->node];
    struct placed_pod **pods = copy_pods(p, n);
    const bool found = choose_victims(p, c);
    restore_order(n, pods);
    return found;
}

static int64_t earliest_start(const struct preempting *p, const struct preemption_candidate *c)
{
    simtime earliest = start_of(c->victims[0], p->now);
    for (size_t i = 1; i < c->victim_count; i++) {
        const simtime start = start_of(c->victims[i], p->now);
        if (c->victims[i]->class->priority == c->victims[0]->class->priority && start < earliest) {
            earliest = start;
        }
    }
    return earliest;
}

/* The i-th of pickOneNodeForPreemption's score functions; more is better. */
static int64_t candidate_score(const struct preempting *p, const struct preemption_candidate *c,
                               int rule)
{
    int64_t sum = 0;
    switch (rule) {
    case 0:
        return -(int64_t)c->violations;
    case 1:
        return -(int64_t)c->victims[0]->class->priority;
    case 2:
        for (size_t i = 0; i < c->victim_count; i++) {
            sum += (int64_t)c->victims[i]->class->priority + INT32_MAX + 1;
        }
        return -sum;
    case 3:
        return -(int64_t)c->victim_count;
    default:
        return earliest_start(p, c);
    }
}

/* The first of those that no rule puts behind another. */
static const struct preemption_candidate *
pick(const struct preempting *p, const struct preemption_candidate *list, size_t count)
{
    const struct preemption_candidate *best = list;
    for (size_t i = 1; i < count; i++) {
        for (int rule = 0; rule < 5; rule++) {
            const int64_t x = candidate_score(p, &list[i], rule);
            const int64_t y = candidate_score(p, best, rule);
            if (x != y) {
                best = x > y ? &list[i] : best;
                break;
            }
        }
    }
    return best;
}

/* Nodes whose refusal a preemption could undo, in the scheduler's order. */
static uint32_t *potential_nodes(const struct preempting *p, uint32_t *count)
{
    struct scheduler_snapshot *s = p->result->cycle.snapshot;
    const uint32_t *order = snapshot_order(s);
    uint32_t *list = arena_array(p->scratch, uint32_t, s->live_count);
    *count = 0;
    for (uint32_t i = 0; i < s->live_count; i++) {
        const struct node_refusal *r = &p->result->refusals[order[i]];
        if (r->reason != REFUSED_NOT && !r->unresolvable) {
            list[(*count)++] = order[i];
        }
    }
    return list;
}

/* calculateNumCandidates */
static uint32_t candidates_wanted(uint32_t nodes)
{
    const uint32_t share = nodes * MIN_CANDIDATES_PERCENTAGE / 100;
    const uint32_t wanted = share < MIN_CANDIDATES ? MIN_CANDIDATES : share;
    return wanted > nodes ? nodes : wanted;
}

/* DryRunPreemption: the candidates without violations come first. */
static void dry_run(const struct preempting *p, uint64_t draw, struct preemption_decision *out)
{
    uint32_t count = 0;
    const uint32_t *nodes = potential_nodes(p, &count);
    const uint32_t wanted = candidates_wanted(count);
    struct preemption_candidate *found =
        arena_array(p->scratch, struct preemption_candidate, count);
    size_t clean = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < count && !(clean > 0 && n >= wanted); i++) {
        struct preemption_candidate c = {.node = nodes[(draw % count + i) % count]};
        if (select_victims(p, &c)) {
            found[n++] = c;
            clean += c.violations == 0 ? 1 : 0;
        }
    }
    out->candidates = arena_array(p->scratch, struct preemption_candidate, n);
    for (int violating = 0; violating < 2; violating++) {
        for (size_t i = 0; i < n; i++) {
            if ((found[i].violations > 0) == (violating == 1)) {
                out->candidates[out->candidate_count++] = found[i];
            }
        }
    }
}

/* PodEligibleToPreemptOthers: NULL, or why not. */
static const char *not_eligible(const struct schedule_result *r)
{
    const struct placed_pod *self = r->cycle.self;
    const struct scheduler_snapshot *s = r->cycle.snapshot;
    if (r->cycle.pod->never_preempts) {
        return "not eligible due to preemptionPolicy=Never.";
    }
    if (self == NULL || self->node == SNAPSHOT_NO_NODE || s->nodes[self->node]->removed ||
        r->refusals[self->node].unresolvable) {
        return NULL;
    }
    const struct node_info *n = s->nodes[self->node];
    for (size_t i = 0; i < n->pods.len; i++) {
        const struct placed_pod *p = n->pods.items[i];
        if (p->class->priority < r->cycle.pod->priority && p->terminating && p->preempted) {
            return "not eligible due to a terminating pod on the nominated node.";
        }
    }
    return NULL;
}

/* FitError of the preemption: nodes that were not tried say that it would not help. */
static const char *not_helpful(const struct preempting *p)
{
    struct scheduler_snapshot *s = p->result->cycle.snapshot;
    const uint32_t *order = snapshot_order(s);
    struct node_refusal *list = arena_array(p->scratch, struct node_refusal, s->live_count);
    for (uint32_t i = 0; i < s->live_count; i++) {
        list[i] = p->refusals[order[i]];
        if (list[i].reason == REFUSED_NOT) {
            list[i].reason = REFUSED_PREEMPTION_NOT_HELPFUL;
        }
    }
    return fit_error_text(p->scratch, p->result->cycle.pod, list, s->live_count);
}

/* getLowerPriorityNominatedPods */
static void clear_nominated(const struct preempting *p, struct preemption_decision *out)
{
    const struct scheduler_snapshot *s = p->result->cycle.snapshot;
    out->cleared = arena_array(p->scratch, struct placed_pod *, s->nominated.len);
    for (size_t i = 0; i < s->nominated.len; i++) {
        struct placed_pod *pod = s->nominated.items[i];
        if (pod->node == out->chosen->node &&
            pod->class->priority < p->result->cycle.pod->priority) {
            out->cleared[out->cleared_count++] = pod;
        }
    }
}

void preempt(struct schedule_result *r, const struct preemption_budget *budgets, size_t count,
             simtime now, uint64_t draw, struct arena *scratch, struct preemption_decision *out)
{
    struct preempting p = {
        .result = r, .budgets = budgets, .budget_count = count, .now = now, .scratch = scratch};
    const char *why = not_eligible(r);
    *out = (struct preemption_decision){0};
    if (r->cycle.snapshot->live_count == 0) {
        out->message = r->message;
        return;
    }
    p.refusals = arena_array(scratch, struct node_refusal, r->cycle.snapshot->node_count);
    if (why == NULL) {
        dry_run(&p, draw, out);
        why = out->candidate_count == 0 ? not_helpful(&p) : NULL;
    }
    if (why != NULL) {
        out->message = arena_printf(scratch, "%s preemption: %s", r->message, why);
        return;
    }
    out->chosen = pick(&p, out->candidates, out->candidate_count);
    clear_nominated(&p, out);
}
