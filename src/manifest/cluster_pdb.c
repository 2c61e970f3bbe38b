/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind pdb: owners and pods that stand still, budgets over all of them, evictions one
 * after the other at t = 0, each followed by the controller, and a look wait_s later.
 *
 * The trap: with several budgets on a pod, a pod's event wakes only one of them; the others keep
 * a status that is no longer true until an entry of their own runs out.
 */
#include "cluster_internal.h"

#include "base/str.h"
#include "base/vec.h"
#include "control/apps/replicaset.h"

#include <string.h>

#define STARTS_AT    (500 * SIMTIME_MILLISECOND)
#define SAMPLE_AT    (900 * SIMTIME_MILLISECOND)
#define EVICTION_GAP (25 * SIMTIME_MILLISECOND)

struct budget {
    struct pdb_spec spec;
    struct pdb_status status;
    simtime recheck; /* NEVER: none */
};

struct stage {
    struct cluster_case *c;
    VEC(struct pdb_pod) pods;   /* not gone */
    VEC(enum pod_phase) phases; /* of the same */
    size_t pod_count;           /* that there were */
    struct budget *budgets;
    size_t budget_count;
    simtime now;
};

static enum pod_phase read_phase(struct cluster_case *c, const struct node *pod)
{
    const char *phase = case_text(c, pod, "phase", "Running");
    static const char *const names[] = {"Pending", "Running", "Succeeded", "Failed"};
    static const enum pod_phase phases[] = {POD_PENDING, POD_RUNNING, POD_SUCCEEDED, POD_FAILED};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(phase, names[i]) == 0) {
            return phases[i];
        }
    }
    if (phase[0] != '\0') {
        case_error(c, node_get(pod, "phase"), "field phase: no such phase: \"%s\"", phase);
    }
    return POD_RUNNING;
}

static enum pdb_owner owner_state(const char *kind)
{
    if (strcmp(kind, "None") == 0 || kind[0] == '\0') {
        return PDB_UNMANAGED;
    }
    const bool scaled = strcmp(kind, "Deployment") == 0 || strcmp(kind, "ReplicaSet") == 0 ||
                        strcmp(kind, "StatefulSet") == 0 ||
                        strcmp(kind, "ReplicationController") == 0;
    return scaled ? PDB_OWNED : PDB_OWNER_MISSING;
}

static void read_owner(struct stage *s, const struct node *owner, uint64_t id)
{
    const enum pdb_owner state = owner_state(case_text(s->c, owner, "kind", "None"));
    const int32_t scale = case_int(s->c, owner, "replicas", 0);
    const struct node *pods = case_list(s->c, owner, "pods");
    struct arena *a = &s->c->room->tree;
    for (const struct node *n = pods != NULL ? pods->first : NULL; n != NULL; n = n->next) {
        *vec_push(a, &s->phases) = read_phase(s->c, n);
        *vec_push(a, &s->pods) = (struct pdb_pod){.id = s->pod_count,
                                                  .name = arena_printf(a, "p%zu", s->pod_count),
                                                  .ready = case_bool(s->c, n, "ready"),
                                                  .terminating = case_bool(s->c, n, "deleting"),
                                                  .owner = state,
                                                  .owner_id = id,
                                                  .owner_scale = scale};
        s->pod_count++;
    }
}

/* disrupted: how many seconds ago each pod's eviction was allowed. */
static void read_disrupted(struct stage *s, struct budget *b)
{
    const struct node *map = case_map(s->c, s->c->root, "disrupted");
    b->status.disrupted =
        arena_array(&s->c->room->tree, struct pdb_disrupted, map != NULL ? map->count : 0);
    for (const struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next) {
        int64_t pod = 0;
        if (!str_to_int64(n->key, &pod) || pod < 0) {
            case_error(s->c, n, "field disrupted: \"%s\" is not a pod's number", n->key);
            continue;
        }
        b->status.disrupted[b->status.disrupted_count++] = (struct pdb_disrupted){
            .pod = (uint64_t)pod, .since = -case_int(s->c, map, n->key, 0) * SIMTIME_SECOND};
    }
}

static bool read_stage(struct stage *s)
{
    struct arena *a = &s->c->room->tree;
    const struct node *owners = case_list(s->c, s->c->root, "owners");
    const struct pdb_spec *specs = case_budgets(s->c, &s->budget_count);
    uint64_t id = 1;
    s->budgets = arena_array(a, struct budget, s->budget_count);
    for (size_t i = 0; i < s->budget_count; i++) {
        s->budgets[i] = (struct budget){.spec = specs[i], .recheck = SIMTIME_NEVER};
        read_disrupted(s, &s->budgets[i]);
    }
    for (const struct node *n = owners != NULL ? owners->first : NULL; n != NULL; n = n->next) {
        read_owner(s, n, id++);
    }
    return !s->c->bad;
}

/* The controller's syncs of one budget until its status is right. */
static void sync_budget(struct stage *s, struct budget *b)
{
    struct pdb_decision d;
    do {
        d = pdb_decide(&s->c->room->tree, &b->spec, &b->status, s->pods.items, s->pods.len, s->now);
        b->status = d.status;
    } while (d.changed && d.status.condition != PDB_SYNC_FAILED);
    b->recheck = SIMTIME_NEVER;
    if (d.again_after != SIMTIME_NEVER) {
        b->recheck = s->now + d.again_after + apps_retry_delay(0);
    }
}

static void write_status(struct stage *s, struct json_writer *w, int32_t t)
{
    json_map(w);
    json_key(w, "t");
    json_int(w, t);
    json_key(w, "pdb");
    json_list(w);
    for (size_t i = 0; i < s->budget_count; i++) {
        case_write_budget(w, &s->c->room->tree, NULL, &s->budgets[i].status);
    }
    json_list_end(w);
    json_map_end(w);
}

static size_t find_pod(const struct stage *s, int32_t number)
{
    for (size_t i = 0; i < s->pods.len; i++) {
        if (number >= 0 && s->pods.items[i].id == (uint64_t)number) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* What ended is removed at once, the rest terminates for ever: there is no kubelet here. */
static void delete_pod(struct stage *s, size_t index)
{
    const enum pod_phase phase = s->phases.items[index];
    if (phase != POD_FAILED && phase != POD_SUCCEEDED) {
        s->pods.items[index].terminating = true;
        return;
    }
    s->pods.len--;
    s->phases.len--;
    for (size_t i = index; i < s->pods.len; i++) {
        s->pods.items[i] = s->pods.items[i + 1];
        s->phases.items[i] = s->phases.items[i + 1];
    }
}

static struct eviction_answer evict(struct stage *s, int32_t number)
{
    struct arena *a = &s->c->room->tree;
    const size_t index = find_pod(s, number);
    if (index == SIZE_MAX) {
        return (struct eviction_answer){.code = (enum eviction_code)404,
                                        .message =
                                            arena_printf(a, "pods \"p%d\" not found", number)};
    }
    struct eviction_budget *budgets = arena_array(a, struct eviction_budget, s->budget_count);
    for (size_t i = 0; i < s->budget_count; i++) {
        budgets[i] = (struct eviction_budget){&s->budgets[i].spec, &s->budgets[i].status};
    }
    const struct pdb_pod *pod = &s->pods.items[index];
    const struct eviction_pod facts = {.id = pod->id,
                                       .phase = s->phases.items[index],
                                       .terminating = pod->terminating,
                                       .ready = pod->ready};
    const struct eviction_answer answer =
        eviction_decide(a, &facts, budgets, s->budget_count, s->now);
    if (answer.charged) {
        s->budgets[0].status = answer.status;
    }
    if (answer.code == EVICTION_ALLOWED) {
        delete_pod(s, index);
        if (s->budget_count > 0) {
            sync_budget(s, &s->budgets[0]);
        }
    }
    return answer;
}

/* One eviction and what the first budget shows after it. */
struct eviction_done {
    int32_t pod;
    struct eviction_answer answer;
    struct pdb_status status;
};

static struct eviction_done *run_evictions(struct stage *s, size_t *count)
{
    const struct node *list = case_list(s->c, s->c->root, "evict");
    struct eviction_done *done =
        arena_array(&s->c->room->tree, struct eviction_done, list != NULL ? list->count : 0);
    *count = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        int64_t number = 0;
        if (n->kind != NODE_NUMBER || !str_to_int64(n->text, &number) || number > INT32_MAX ||
            number < 0) {
            case_error(s->c, n, "field evict: not a pod's number");
            continue;
        }
        struct eviction_done *e = &done[(*count)++];
        e->pod = (int32_t)number;
        e->answer = evict(s, e->pod);
        if (s->budget_count > 0) {
            e->status = s->budgets[0].status;
        }
        s->now += EVICTION_GAP;
    }
    return done;
}

static void write_evictions(struct stage *s, struct json_writer *w,
                            const struct eviction_done *done, size_t count)
{
    if (count == 0) {
        return;
    }
    json_key(w, "evicts");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        case_write_eviction(w, &s->c->room->tree, 0, done[i].pod, &done[i].answer);
        if (s->budget_count > 0) {
            case_write_budget(w, &s->c->room->tree, "pdb", &done[i].status);
        }
        json_map_end(w);
    }
    json_list_end(w);
}

/* Entries run out one by one until the look at the end. */
static void wait_until(struct stage *s, simtime end)
{
    for (;;) {
        struct budget *next = NULL;
        for (size_t i = 0; i < s->budget_count; i++) {
            struct budget *b = &s->budgets[i];
            if (b->recheck <= end && (next == NULL || b->recheck < next->recheck)) {
                next = b;
            }
        }
        if (next == NULL) {
            break;
        }
        s->now = next->recheck > s->now ? next->recheck : s->now;
        sync_budget(s, next);
    }
    s->now = end;
}

bool cluster_decide_pdb(struct cluster_case *c, struct json_writer *w)
{
    struct stage s = {.c = c, .now = STARTS_AT};
    const int32_t wait = case_int(c, c->root, "wait_s", 0);
    if (!read_stage(&s)) {
        return false;
    }
    for (size_t i = 0; i < s.budget_count; i++) {
        sync_budget(&s, &s.budgets[i]);
    }
    json_key(w, "steps");
    json_list(w);
    write_status(&s, w, 0);
    size_t count = 0;
    const struct eviction_done *done = run_evictions(&s, &count);
    if (wait > 0) {
        wait_until(&s, wait * SIMTIME_SECOND + SAMPLE_AT);
        write_status(&s, w, wait);
    }
    json_list_end(w);
    write_evictions(&s, w, done, count);
    return true;
}
