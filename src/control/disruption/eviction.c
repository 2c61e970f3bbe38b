/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a pod may be evicted: EvictionREST.Create, canIgnorePDB, checkAndDecrement
 * (pkg/registry/core/pod/storage/eviction.go), kubectl's drain filters (pkg/drain/filters.go);
 * Kubernetes v1.36.3.
 *
 * The idea: the budget's stored status is charged at once, so that a second request in the same
 * instant is refused before the controller has looked. The traps: a pod that is pending, ended or
 * terminating asks no budget at all; two budgets are an error that no retry cures; an unready pod
 * goes for free while the budget is met, but not when it wants nothing.
 */
#include "control/disruption/eviction.h"

#define MAX_DISRUPTED 2000 /* MaxDisruptedPodSize */
#define REFUSED       "Cannot evict pod as it would violate the pod's disruption budget."

/* canIgnorePDB */
static bool asks_no_budget(const struct eviction_pod *pod)
{
    return pod->phase != POD_RUNNING || pod->terminating;
}

static struct eviction_answer too_many_requests(const char *cause, int32_t retry_after)
{
    return (struct eviction_answer){.code = EVICTION_TOO_MANY_REQUESTS,
                                    .message = REFUSED,
                                    .cause = cause,
                                    .retry_after_seconds = retry_after};
}

static struct eviction_answer forbidden(struct arena *a, const char *name, const char *why)
{
    return (struct eviction_answer){
        .code = EVICTION_FORBIDDEN,
        .message =
            arena_printf(a, "poddisruptionbudget.policy \"%s\" is forbidden: %s", name, why)};
}

static const char *refusal_cause(struct arena *a, const char *name, const struct pdb_status *status)
{
    if (status->condition == PDB_SYNC_FAILED && status->message && *status->message)
        return arena_printf(a,
                            "The disruption budget %s does not allow evicting pods currently "
                            "because it failed sync: %s",
                            name, status->message);
    if (status->healthy <= status->desired)
        return arena_printf(a,
                            "The disruption budget %s needs %d healthy pods and has %d currently",
                            name, status->desired, status->healthy);
    return arena_printf(a, "The disruption budget %s does not allow evicting pods currently", name);
}

/* The pod is noted in the budget, once, and one disruption less is allowed. */
static struct pdb_status charge(struct arena *a, const struct pdb_status *old, uint64_t pod,
                                simtime now)
{
    struct pdb_status status = *old;
    status.disrupted = arena_array(a, struct pdb_disrupted, old->disrupted_count + 1);
    status.disrupted_count = 0;
    for (size_t i = 0; i < old->disrupted_count; i++)
        if (old->disrupted[i].pod != pod)
            status.disrupted[status.disrupted_count++] = old->disrupted[i];
    status.disrupted[status.disrupted_count++] = (struct pdb_disrupted){.pod = pod, .since = now};
    status.allowed--;
    if (status.allowed == 0)
        status.condition = PDB_INSUFFICIENT_PODS;
    return status;
}

/* checkAndDecrement */
static struct eviction_answer check_and_charge(struct arena *a, const struct eviction_budget *b,
                                               uint64_t pod, simtime now)
{
    const char *name = b->spec->name;
    if (b->status->observed_generation < b->spec->generation)
        return too_many_requests(
            arena_printf(a, "The disruption budget %s is still being processed by the server.",
                         name),
            10);
    if (b->status->allowed < 0)
        return forbidden(a, name, "pdb disruptions allowed is negative");
    if (b->status->disrupted_count > MAX_DISRUPTED)
        return forbidden(a, name,
                         "DisruptedPods map too big - too many evictions not confirmed by PDB "
                         "controller");
    if (b->status->allowed == 0)
        return too_many_requests(refusal_cause(a, name, b->status), 0);
    return (struct eviction_answer){
        .code = EVICTION_ALLOWED, .charged = true, .status = charge(a, b->status, pod, now)};
}

struct eviction_answer eviction_decide(struct arena *a, const struct eviction_pod *pod,
                                       const struct eviction_budget *budgets, size_t count,
                                       simtime now)
{
    const struct eviction_answer allowed = {.code = EVICTION_ALLOWED};
    if (asks_no_budget(pod) || count == 0)
        return allowed;
    if (count > 1)
        return (struct eviction_answer){
            .code = EVICTION_SERVER_ERROR,
            .message = "This pod has more than one PodDisruptionBudget, which the eviction "
                       "subresource does not support."};
    const struct pdb_status *status = budgets[0].status;
    if (!pod->ready && budgets[0].spec->unhealthy_policy == PDB_ALWAYS_ALLOW)
        return allowed;
    if (!pod->ready && status->healthy >= status->desired && status->desired > 0)
        return allowed;
    return check_and_charge(a, &budgets[0], pod->id, now);
}

enum drain_verdict drain_judge(const struct drain_options *options, const struct drain_pod *pod,
                               const char **why)
{
    *why = NULL;
    if (pod->daemonset && !pod->finished) {
        if (pod->daemonset_missing && !options->force)
            *why = "its DaemonSet is not found";
        else if (!pod->daemonset_missing && !options->ignore_daemonsets)
            *why = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
        else if (!pod->daemonset_missing)
            return DRAIN_SKIP;
        if (*why)
            return DRAIN_REFUSE;
    }
    if (pod->mirror)
        return DRAIN_SKIP;
    if (pod->finished)
        return DRAIN_EVICT;
    if (pod->empty_dir && !options->delete_emptydir_data)
        *why = "Pods with local storage (use --delete-emptydir-data to override)";
    else if (!pod->controlled && !options->force)
        *why = "Pods that declare no controller (use --force to override)";
    return *why ? DRAIN_REFUSE : DRAIN_EVICT;
}
