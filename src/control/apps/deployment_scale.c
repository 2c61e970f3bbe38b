/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a Deployment's size is shared by its ReplicaSets when it changes in the middle of a
 * rollout or while paused: scale and scaleReplicaSet (sync.go), ResolveFenceposts,
 * GetReplicaSetProportion (util/deployment_util.go), Kubernetes v1.36.3.
 *
 * The idea: each keeps its share of the old maximum (annotation max-replicas), rounded half away
 * from zero, and the largest takes what rounding leaves over. The traps: surge rounds up,
 * unavailable down, and both 0 means one unavailable; the product of share and size is an int32
 * that wraps.
 */
#include "deployment_internal.h"

#include <math.h>
#include <string.h>

/* intstr.GetScaledValueFromIntOrPercent */
static int32_t scaled_value(const struct int_or_percent *v, int32_t total, bool up)
{
    if (!v->percent)
        return v->value;
    double share = (double)v->value * (double)total / 100;
    return (int32_t)(up ? ceil(share) : floor(share));
}

int32_t deployment_max_surge(const struct deployment_spec *spec)
{
    return spec->recreate ? 0 : scaled_value(&spec->max_surge, spec->replicas, true);
}

int32_t deployment_max_unavailable(const struct deployment_spec *spec)
{
    if (spec->recreate || spec->replicas == 0)
        return 0;
    int32_t unavailable = scaled_value(&spec->max_unavailable, spec->replicas, false);
    if (unavailable == 0 && deployment_max_surge(spec) == 0)
        unavailable = 1;
    return unavailable > spec->replicas ? spec->replicas : unavailable;
}

void deployment_act(struct deployment_sync *s, enum deployment_action_kind kind, size_t rs,
                    int32_t from)
{
    *vec_push(s->arena, &s->actions) =
        (struct deployment_action){.kind = kind, .index = rs, .from = from, .after = s->live[rs]};
}

bool deployment_scale_set(struct deployment_sync *s, size_t rs, int32_t replicas, bool force)
{
    struct deployment_replicaset *set = &s->live[rs];
    int32_t from = set->replicas;
    int32_t max = s->spec->replicas + deployment_max_surge(s->spec);
    if (!force && from == replicas)
        return false;
    if (from == replicas && set->desired_replicas == s->spec->replicas && set->max_replicas == max)
        return false;
    set->replicas = replicas;
    set->desired_replicas = s->spec->replicas;
    set->max_replicas = max;
    deployment_act(s, DEPLOYMENT_UPDATE, rs, from);
    return from != replicas;
}

/* util: FindActiveOrLatest; NO_SET when several are active (or there is none at all). */
static size_t active_or_latest(const struct deployment_sync *s, size_t active)
{
    if (active > 1)
        return NO_SET;
    for (size_t i = s->count; i-- > 0;)
        if (s->seen[s->order[i]].replicas > 0)
            return s->order[i];
    if (s->new_set != NO_SET || s->count == 0)
        return s->new_set;
    return s->order[s->count - 1];
}

/* util: IsSaturated */
static bool is_saturated(const struct deployment_sync *s)
{
    if (s->new_set == NO_SET)
        return false;
    const struct deployment_replicaset *set = &s->seen[s->new_set];
    return set->replicas == s->spec->replicas && set->desired_replicas == s->spec->replicas &&
           set->status.available == s->spec->replicas;
}

/* util: getReplicaSetFraction */
static int32_t fraction(const struct deployment_sync *s, const struct deployment_replicaset *set)
{
    if (s->spec->replicas == 0)
        return -set->replicas;
    int32_t max = s->spec->replicas + deployment_max_surge(s->spec);
    int32_t before = set->max_replicas > 0 ? set->max_replicas : s->status.replicas;
    if (before == 0)
        return 0;
    int32_t product = (int32_t)((uint32_t)set->replicas * (uint32_t)max);
    double size = (double)product / (double)before;
    return (int32_t)(size < 0 ? size - 0.5 : size + 0.5) - set->replicas;
}

/* util: GetReplicaSetProportion */
static int32_t proportion(const struct deployment_sync *s, const struct deployment_replicaset *set,
                          int32_t to_add, int32_t added)
{
    if (set->replicas == 0 || to_add == 0 || to_add == added)
        return 0;
    int32_t share = fraction(s, set);
    int32_t allowed = to_add - added;
    if (to_add > 0)
        return share < allowed ? share : allowed;
    return share > allowed ? share : allowed;
}

/* ReplicaSetsBySizeNewer and ...Older: larger first; equal ones newer or older first. */
static void sort_by_size(const struct deployment_sync *s, size_t *sets, size_t count, bool newer)
{
    /* sets come oldest first: a stable insertion keeps that, or reverses it. */
    for (size_t i = 1; i < count; i++) {
        size_t moving = sets[i];
        int32_t size = s->seen[moving].replicas;
        size_t j = i;
        for (; j > 0; j--) {
            int32_t other = s->seen[sets[j - 1]].replicas;
            if (newer ? other > size : other >= size)
                break;
            sets[j] = sets[j - 1];
        }
        sets[j] = moving;
    }
}

static void scale_proportionally(struct deployment_sync *s, size_t *active, size_t count)
{
    int32_t allowed = s->spec->replicas > 0 ? s->spec->replicas + deployment_max_surge(s->spec) : 0;
    int32_t to_add = allowed - deployment_total(s);
    int32_t added = 0;
    int32_t *sizes = arena_array(s->arena, int32_t, count);
    if (to_add != 0)
        sort_by_size(s, active, count, to_add > 0);
    for (size_t i = 0; i < count; i++) {
        const struct deployment_replicaset *set = &s->seen[active[i]];
        int32_t share = proportion(s, set, to_add, added);
        sizes[i] = set->replicas + share;
        added += share;
    }
    if (to_add != 0) {
        sizes[0] += to_add - added;
        sizes[0] = sizes[0] < 0 ? 0 : sizes[0];
    }
    for (size_t i = 0; i < count; i++)
        deployment_scale_set(s, active[i], sizes[i], true);
}

void deployment_scale(struct deployment_sync *s)
{
    size_t *active = arena_array(s->arena, size_t, s->count);
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->seen[s->order[i]].replicas > 0)
            active[count++] = s->order[i];
    size_t only = active_or_latest(s, count);
    if (only != NO_SET) {
        deployment_scale_set(s, only, s->spec->replicas, false);
        return;
    }
    if (is_saturated(s)) {
        for (size_t i = 0; i < count; i++)
            if (active[i] != s->new_set)
                deployment_scale_set(s, active[i], 0, false);
        return;
    }
    if (!s->spec->recreate && count > 0)
        scale_proportionally(s, active, count);
}
