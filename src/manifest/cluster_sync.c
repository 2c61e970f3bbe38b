/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rollout world's controllers at work: gather what one reads, ask its pure decision, apply
 * it. Keys are worked off in the order in which they got dirty, the budgets last, until nothing
 * is left to do. A ReplicaSet's own status wakes it once more, as upstream.
 */
#include "cluster_world.h"

#include "control/apps/rank.h"

#include <string.h>

#define REFUSAL "pods \"d\" is forbidden: exceeded quota"

static int32_t active_on_node(const struct world *w, int32_t node)
{
    int32_t count = 0;
    for (size_t i = 0; i < w->pods.len; i++) {
        const struct apps_pod facts = world_facts(w->pods.items[i]);
        count += apps_pod_active(&facts) && w->pods.items[i]->node == node;
    }
    return count;
}

static struct rank_pod rank_facts(const struct world *w, const struct world_pod *pod)
{
    return (struct rank_pod){
        .scheduled = pod->node >= 0,
        .phase = pod->phase == POD_PENDING ? RANK_PENDING : RANK_RUNNING,
        .ready = pod->ready,
        .deletion_cost = pod->cost,
        .on_node = active_on_node(w, pod->node),
        .ready_since = pod->ready_since,
        .created = pod->created,
        .uid = (uint64_t)pod->number,
        .index = (size_t)pod->number,
    };
}

static void delete_surplus(struct world *w, struct world_set *set, int32_t surplus)
{
    struct rank_pod *pods = arena_array(w->scratch, struct rank_pod, w->pods.len);
    size_t count = 0;
    for (size_t i = 0; i < w->pods.len; i++) {
        const struct apps_pod facts = world_facts(w->pods.items[i]);
        if (w->pods.items[i]->set == set && apps_pod_active(&facts)) {
            pods[count++] = rank_facts(w, w->pods.items[i]);
        }
    }
    if ((size_t)surplus < count) {
        rank_select(pods, count, (size_t)surplus, world_now(w));
    }
    for (int32_t i = 0; i < surplus; i++) {
        world_delete_pod(w, w->all.items[pods[i].index]);
    }
}

/* What is written wakes the ReplicaSet and its Deployment. */
static void set_changed(struct world *w, struct world_set *set)
{
    world_add(&set->key);
    world_add(&w->owner);
}

void world_sync_set(struct world *w, struct world_set *set)
{
    struct deployment_replicaset *object = &set->object;
    struct apps_pod *pods = arena_array(w->scratch, struct apps_pod, w->pods.len);
    const struct apps_admission admission = {.left = world_admissible(w), .refusal = REFUSAL};
    const struct replicaset_spec spec = {.replicas = object->replicas,
                                         .min_ready_seconds = object->min_ready_seconds,
                                         .generation = object->generation};
    size_t count = 0;
    for (size_t i = 0; i < w->pods.len; i++) {
        if (w->pods.items[i]->set == set) {
            pods[count++] = world_facts(w->pods.items[i]);
        }
    }
    const struct replicaset_decision d =
        replicaset_decide(&spec, &object->status, pods, count, &admission, world_now(w));
    set->key.dirty = false;
    for (int32_t i = 0; i < d.create; i++) {
        world_create_pod(w, set, set->version, -1);
    }
    if (d.remove > 0) {
        delete_surplus(w, set, d.remove);
    }
    if (d.status_changed) {
        object->status = d.status;
        set_changed(w, set);
    }
    set->key.turn = w->turns++;
    if (d.error != NULL) {
        world_add_rate_limited(&set->key);
        return;
    }
    set->key.failures = 0;
    if (d.again_after != SIMTIME_NEVER) {
        world_add_after(&set->key, d.again_after);
    }
}

/*
 * d and the hash of the vectors' pod template of that version (ComputeHash): the name decides
 * between ReplicaSets of one second. Versions beyond are named after their number.
 */
static const char *set_name(struct world *w, int32_t version)
{
    static const char *const hashes[] = {"855587df5b", "c5fbdccb",   "865b4f94d8", "6f4cbfb4dd",
                                         "78cd98b696", "549c6f676d", "6ffcf9754d", "6f787fdb76",
                                         "59d8fd855b", "5f7f8c476"};
    if (version >= 0 && (size_t)version < sizeof hashes / sizeof hashes[0]) {
        return arena_printf(w->arena, "d-%s", hashes[version]);
    }
    return arena_printf(w->arena, "d-%d", version);
}

static bool has_pods(const struct world *w, const struct world_set *set)
{
    for (size_t i = 0; i < w->pods.len; i++) {
        const struct world_pod *pod = w->pods.items[i];
        if (pod->set == set && pod->phase != POD_FAILED && pod->phase != POD_SUCCEEDED) {
            return true;
        }
    }
    return false;
}

static void create_set(struct world *w, const struct deployment_action *action)
{
    struct world_set *set = arena_new(w->arena, struct world_set);
    world_key_init(w, &set->key);
    set->version = (int32_t)action->after.template_id;
    set->object = action->after;
    set->object.created = world_stamp(w);
    set->object.generation = 1;
    *vec_push(w->arena, &w->sets) = set;
    set_changed(w, set);
}

static void update_set(struct world *w, struct world_set *set,
                       const struct deployment_replicaset *after)
{
    if (set->object.replicas != after->replicas ||
        set->object.min_ready_seconds != after->min_ready_seconds) {
        set->object.generation++;
    }
    set->object.replicas = after->replicas;
    set->object.min_ready_seconds = after->min_ready_seconds;
    set->object.revision = after->revision;
    set->object.desired_replicas = after->desired_replicas;
    set->object.max_replicas = after->max_replicas;
    set_changed(w, set);
}

static void delete_set(struct world *w, struct world_set *set)
{
    size_t kept = 0;
    event_cancel(w->engine, &set->key.wake);
    for (size_t i = 0; i < w->sets.len; i++) {
        if (w->sets.items[i] != set) {
            w->sets.items[kept++] = w->sets.items[i];
        }
    }
    w->sets.len = kept;
    world_add(&w->owner);
}

static void apply_actions(struct world *w, const struct deployment_decision *d)
{
    const size_t count = w->sets.len;
    struct world_set **sets = arena_array(w->scratch, struct world_set *, count + 1);
    for (size_t i = 0; i < count; i++) {
        sets[i] = w->sets.items[i];
    }
    for (size_t i = 0; i < d->action_count; i++) {
        const struct deployment_action *action = &d->actions[i];
        if (action->kind == DEPLOYMENT_CREATE) {
            create_set(w, action);
            sets[count] = w->sets.items[w->sets.len - 1];
        } else if (action->kind == DEPLOYMENT_UPDATE) {
            update_set(w, sets[action->index], &action->after);
        } else {
            delete_set(w, sets[action->index]);
        }
    }
}

static void sync_deployment(struct world *w)
{
    struct deployment_replicaset *sets =
        arena_array(w->scratch, struct deployment_replicaset, w->sets.len);
    for (size_t i = 0; i < w->sets.len; i++) {
        sets[i] = w->sets.items[i]->object;
        sets[i].has_pods = has_pods(w, w->sets.items[i]);
    }
    const struct deployment_decision d =
        deployment_decide(w->scratch, &w->deployment, &w->deployment_status, sets, w->sets.len,
                          set_name(w, w->version), world_now(w), world_stamp(w));
    w->owner.dirty = false;
    apply_actions(w, &d);
    if (d.status_changed) {
        w->deployment_status = d.status;
        world_add(&w->owner);
    }
    if (d.action_count > 0) { /* the next write meets a cache without this one's: a conflict */
        world_add_after(&w->owner, apps_retry_delay(0));
    }
    if (d.again_after != SIMTIME_NEVER) {
        world_add_after(&w->owner, d.again_after > 0 ? d.again_after : apps_retry_delay(0));
    }
}

static void apply_set_decision(struct world *w, const struct statefulset_decision *d,
                               struct world_pod *const *pods)
{
    for (size_t i = 0; i < d->create_count; i++) {
        world_create_pod(w, NULL, (int32_t)d->creates[i].revision, d->creates[i].ordinal);
    }
    for (size_t i = 0; i < d->remove_count; i++) {
        world_delete_pod(w, pods[d->removes[i]]);
    }
}

static void sync_stateful_set(struct world *w)
{
    struct statefulset_pod *facts = arena_array(w->scratch, struct statefulset_pod, w->pods.len);
    struct world_pod **pods = arena_array(w->scratch, struct world_pod *, w->pods.len);
    const struct apps_admission admission = {.left = world_admissible(w), .refusal = REFUSAL};
    const size_t count = w->pods.len;
    for (size_t i = 0; i < count; i++) {
        pods[i] = w->pods.items[i];
        facts[i] = (struct statefulset_pod){.ordinal = pods[i]->ordinal,
                                            .revision = (uint64_t)pods[i]->version,
                                            .pod = world_facts(pods[i])};
    }
    const struct statefulset_decision d = statefulset_decide(
        w->scratch, &w->set, &w->set_status, facts, count, &admission, world_now(w));
    w->owner.dirty = false;
    apply_set_decision(w, &d, pods);
    if (d.status_changed) {
        w->set_status = d.status;
        world_add(&w->owner);
    }
    if (d.error != NULL) {
        world_add_rate_limited(&w->owner);
        return;
    }
    w->owner.failures = 0;
    if (d.again_after != SIMTIME_NEVER) {
        world_add_after(&w->owner, d.again_after);
    }
}

void world_sync_owner(struct world *w)
{
    if (w->stateful) {
        sync_stateful_set(w);
    } else {
        sync_deployment(w);
    }
}

static void sync_budget(struct world *w, struct world_budget *budget)
{
    struct pdb_pod *pods = arena_array(w->scratch, struct pdb_pod, w->pods.len);
    for (size_t i = 0; i < w->pods.len; i++) {
        const struct world_pod *pod = w->pods.items[i];
        pods[i] = (struct pdb_pod){
            .id = (uint64_t)pod->number,
            .name = pod->name,
            .ready = pod->ready,
            .terminating = pod->terminating,
            .owner = PDB_OWNED,
            .owner_id = 1,
            .owner_scale = w->stateful ? w->set.replicas : w->deployment.replicas,
        };
    }
    const struct pdb_decision d =
        pdb_decide(w->arena, &budget->spec, &budget->status, pods, w->pods.len, world_now(w));
    budget->key.dirty = false;
    if (d.changed) {
        budget->status = d.status;
        world_add(&budget->key);
    }
    if (d.again_after != SIMTIME_NEVER) {
        world_add_after(&budget->key, d.again_after + apps_retry_delay(0));
    }
}

/*
 * The dirty ReplicaSet that has waited longest, from its last sync on: it must have seen its own
 * writes before it acts again, so the Deployment that these wake comes first. NULL: it is the
 * Deployment's turn, or none is dirty.
 */
static struct world_set *next_set(const struct world *w)
{
    struct world_set *next = NULL;
    for (size_t i = 0; i < w->sets.len; i++) {
        struct world_set *set = w->sets.items[i];
        if (set->key.dirty && (next == NULL || set->key.turn < next->key.turn)) {
            next = set;
        }
    }
    if (next != NULL && w->owner.dirty && w->owner.turn < next->key.turn) {
        return NULL;
    }
    return next;
}

/* One key that is dirty is worked off; false when none is. */
static bool work_one(struct world *w)
{
    struct world_set *set = next_set(w);
    if (set != NULL) {
        world_sync_set(w, set);
        return true;
    }
    if (w->owner.dirty) {
        world_sync_owner(w);
        return true;
    }
    for (size_t i = 0; i < w->budget_count; i++) {
        if (w->budgets[i].key.dirty) {
            sync_budget(w, &w->budgets[i]);
            return true;
        }
    }
    return false;
}

void world_settle(struct world *w)
{
    do {
        arena_reset(w->scratch);
    } while (work_one(w));
}
