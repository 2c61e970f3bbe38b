/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows in which a metrics pipeline misbehaves. They are counted by kind, so the
 * pipelines ask one number and two windows that overlap end separately. No upstream:
 * it mirrors what outages of metrics-server, its kubelets and adapters look like from
 * outside. Trap: which pods are missing must not change while the window is open, nor
 * with the number of pods, so it is a hash of the pod's name against the fraction.
 */
#include "metrics/fault.h"

#include "base/str.h"
#include "engine/rng.h"

bool metric_fault_begin(struct metric_faults *f, const struct metric_fault *fault)
{
    if (f->count == METRIC_FAULT_WINDOWS)
        return false;
    f->open[f->count++] = *fault;
    f->of_kind[fault->kind]++;
    return true;
}

static bool same(const struct metric_fault *x, const struct metric_fault *y)
{
    return x->kind == y->kind && x->node == y->node && x->fraction == y->fraction &&
           str_equal(x->text, y->text);
}

bool metric_fault_end(struct metric_faults *f, const struct metric_fault *fault)
{
    uint32_t i = 0;
    while (i < f->count && !same(&f->open[i], fault))
        i++;
    if (i == f->count)
        return false;
    f->of_kind[fault->kind]--;
    f->count--;
    for (; i < f->count; i++)
        f->open[i] = f->open[i + 1];
    return true;
}

const char *metric_fault_text(const struct metric_faults *f)
{
    for (uint32_t i = f->count; i > 0; i--)
        if (f->open[i - 1].kind == METRIC_FAULT_UNAVAILABLE)
            return f->open[i - 1].text;
    return NULL;
}

bool metric_fault_of_node(const struct metric_faults *f, uint32_t node)
{
    if (!metric_fault_is(f, METRIC_FAULT_SCRAPE))
        return false;
    for (uint32_t i = 0; i < f->count; i++)
        if (f->open[i].kind == METRIC_FAULT_SCRAPE &&
            (f->open[i].node == METRIC_FAULT_ALL_NODES || f->open[i].node == node))
            return true;
    return false;
}

bool metric_fault_of_pod(const struct metric_faults *f, uint64_t seed, const struct pod *pod)
{
    if (!metric_fault_is(f, METRIC_FAULT_MISSING))
        return false;
    double place = rng_unit(rng_key(seed, pod ? pod->name : "", "missing metric"));
    for (uint32_t i = 0; i < f->count; i++)
        if (f->open[i].kind == METRIC_FAULT_MISSING && place < f->open[i].fraction)
            return true;
    return false;
}
