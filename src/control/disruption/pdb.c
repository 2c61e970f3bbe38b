/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of a PodDisruptionBudget: getExpectedPodCount, getExpectedScale,
 * buildDisruptedPodMap, countHealthyPods, updatePdbStatus and failSafe
 * (pkg/controller/disruption/disruption.go, Kubernetes v1.36.3).
 *
 * The traps: with minAvailable as a number the expected pods are those that match, terminating
 * and failed ones too, otherwise the sum of the owners' scales; both percentages round up, so
 * maxUnavailable 1 % of one pod is one; an entry of exactly two minutes is still kept but its
 * pod counts as healthy again; unmanaged pods count as healthy but not as expected.
 */
#include "control/disruption/pdb.h"

#include <math.h>

/* intstr.GetScaledValueFromIntOrPercent, rounding up */
static int32_t scaled_value(const struct int_or_percent *v, int32_t total)
{
    return v->percent ? (int32_t)ceil((double)v->value * (double)total / 100) : v->value;
}

static bool is_among(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = count; i-- > 0;)
        if (ids[i] == id)
            return true;
    return false;
}

/* getExpectedScale; false with the error's text when a pod's owner is not to be found */
static bool expected_scale(struct arena *a, const struct pdb_pod *pods, size_t count,
                           struct pdb_decision *d, const char **error)
{
    uint64_t *owners = arena_array(a, uint64_t, count);
    size_t owner_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (pods[i].owner == PDB_UNMANAGED) {
            d->unmanaged++;
        } else if (pods[i].owner == PDB_OWNER_MISSING) {
            *error = arena_printf(a, "found no controllers for pod \"%s\"", pods[i].name);
            return false;
        } else if (!is_among(owners, owner_count, pods[i].owner_id)) {
            owners[owner_count++] = pods[i].owner_id;
            d->status.expected += pods[i].owner_scale;
        }
    }
    return true;
}

/* getExpectedPodCount */
static bool expected_pods(struct arena *a, const struct pdb_spec *spec, const struct pdb_pod *pods,
                          size_t count, struct pdb_decision *d, const char **error)
{
    d->status.expected = d->status.desired = 0;
    if (spec->limit == PDB_NO_LIMIT)
        return true;
    if (spec->limit == PDB_MIN_AVAILABLE && !spec->value.percent) {
        d->status.desired = spec->value.value;
        d->status.expected = (int32_t)count;
        return true;
    }
    if (!expected_scale(a, pods, count, d, error))
        return false;
    int32_t value = scaled_value(&spec->value, d->status.expected);
    if (spec->limit == PDB_MIN_AVAILABLE) {
        d->status.desired = value;
        return true;
    }
    d->status.desired = d->status.expected - value;
    if (d->status.desired < 0)
        d->status.desired = 0;
    return true;
}

static const struct pdb_disrupted *find_disrupted(const struct pdb_status *status, uint64_t pod)
{
    for (size_t i = 0; i < status->disrupted_count; i++)
        if (status->disrupted[i].pod == pod)
            return &status->disrupted[i];
    return NULL;
}

/* buildDisruptedPodMap */
static void keep_disrupted(struct arena *a, const struct pdb_status *old,
                           const struct pdb_pod *pods, size_t count, simtime now,
                           struct pdb_decision *d)
{
    d->status.disrupted = arena_array(a, struct pdb_disrupted, old->disrupted_count);
    d->status.disrupted_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct pdb_disrupted *entry = find_disrupted(old, pods[i].id);
        if (pods[i].terminating || !entry || entry->since + PDB_DELETION_TIMEOUT < now)
            continue;
        simtime after = entry->since + PDB_DELETION_TIMEOUT - now;
        d->again_after = after < d->again_after ? after : d->again_after;
        d->status.disrupted[d->status.disrupted_count++] = *entry;
    }
}

/* countHealthyPods */
static int32_t count_healthy(const struct pdb_status *status, const struct pdb_pod *pods,
                             size_t count, simtime now)
{
    int32_t healthy = 0;
    for (size_t i = 0; i < count; i++) {
        const struct pdb_disrupted *entry = find_disrupted(status, pods[i].id);
        bool leaving = entry && entry->since + PDB_DELETION_TIMEOUT > now;
        healthy += !pods[i].terminating && !leaving && pods[i].ready;
    }
    return healthy;
}

static bool same_disrupted(const struct pdb_status *x, const struct pdb_status *y)
{
    if (x->disrupted_count != y->disrupted_count)
        return false;
    for (size_t i = 0; i < x->disrupted_count; i++) {
        const struct pdb_disrupted *entry = find_disrupted(y, x->disrupted[i].pod);
        if (!entry || entry->since != x->disrupted[i].since)
            return false;
    }
    return true;
}

static bool same_status(const struct pdb_status *x, const struct pdb_status *y)
{
    return x->healthy == y->healthy && x->desired == y->desired && x->expected == y->expected &&
           x->allowed == y->allowed && x->observed_generation == y->observed_generation &&
           x->condition == y->condition && same_disrupted(x, y);
}

/* failSafe: nothing may be evicted, the numbers stay */
static struct pdb_decision fail_safe(const struct pdb_status *old, const char *error)
{
    struct pdb_decision d = {.status = *old, .changed = true, .again_after = SIMTIME_NEVER};
    d.status.allowed = 0;
    d.status.condition = PDB_SYNC_FAILED;
    d.status.message = error;
    return d;
}

struct pdb_decision pdb_decide(struct arena *a, const struct pdb_spec *spec,
                               const struct pdb_status *status, const struct pdb_pod *pods,
                               size_t count, simtime now)
{
    struct pdb_decision d = {.again_after = SIMTIME_NEVER};
    const char *error = NULL;
    if (!expected_pods(a, spec, pods, count, &d, &error))
        return fail_safe(status, error);
    keep_disrupted(a, status, pods, count, now, &d);
    d.status.healthy = count_healthy(&d.status, pods, count, now);
    d.status.allowed = d.status.healthy - d.status.desired;
    if (d.status.expected <= 0 || d.status.allowed < 0)
        d.status.allowed = 0;
    d.status.condition = d.status.allowed > 0 ? PDB_SUFFICIENT_PODS : PDB_INSUFFICIENT_PODS;
    d.status.observed_generation = spec->generation;
    d.changed = !same_status(status, &d.status);
    return d;
}

bool pdb_blocks_for_ever(const struct pdb_spec *spec, int32_t scale)
{
    if (spec->limit == PDB_NO_LIMIT)
        return true; /* nothing is expected, so nothing is allowed */
    int32_t value = scaled_value(&spec->value, scale);
    return spec->limit == PDB_MIN_AVAILABLE ? value >= scale : value == 0;
}

const char *pdb_condition_reason(enum pdb_condition condition)
{
    static const char *const names[] = {
        [PDB_NO_CONDITION] = "",
        [PDB_SUFFICIENT_PODS] = "SufficientPods",
        [PDB_INSUFFICIENT_PODS] = "InsufficientPods",
        [PDB_SYNC_FAILED] = "SyncFailed",
    };
    return names[condition];
}
