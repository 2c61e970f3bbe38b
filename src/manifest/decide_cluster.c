/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide cluster`: answers cases about workloads, budgets and nodes, one a line, by their field
 * `kind`. The form is that of the conformance vectors, and so is the little world in which a case
 * plays: see cluster_world.h. A kind is one function in the table below.
 *
 * The trap: a field that is missing is zero, as the vectors leave zeros out.
 */
#include "cluster_internal.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct cluster_kind {
    const char *name;
    cluster_kind_fn *decide;
};

static const struct cluster_kind kinds[] = {
    {"deploy", cluster_decide_rollout}, {"sts", cluster_decide_rollout},
    {"pdb", cluster_decide_pdb},        {"rank", cluster_decide_rank},
    {"sched", cluster_decide_sched},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

void case_error(struct cluster_case *c, const struct node *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(c->diag->arena, format, args);
    va_end(args);
    diag_error(c->diag, at->mark, "%s", text);
    c->bad = true;
}

/* The member when it is there and of that kind; null is as good as absent. */
static const struct node *member(struct cluster_case *c, const struct node *map, const char *key,
                                 enum node_kind kind)
{
    const struct node *n = node_get(map, key);
    if (n == NULL || n->kind == NODE_NULL) {
        return NULL;
    }
    if (n->kind != kind) {
        case_error(c, n, "field %s is %s, not what is expected there", key,
                   node_kind_name(n->kind));
        return NULL;
    }
    return n;
}

int32_t case_int(struct cluster_case *c, const struct node *map, const char *key, int32_t absent)
{
    const struct node *n = member(c, map, key, NODE_NUMBER);
    int64_t value = 0;
    if (n == NULL) {
        return absent;
    }
    if (!str_to_int64(n->text, &value) || value < INT32_MIN || value > INT32_MAX) {
        case_error(c, n, "field %s: %s is not a whole number of 32 bits", key, n->text);
        return absent;
    }
    return (int32_t)value;
}

bool case_bool(struct cluster_case *c, const struct node *map, const char *key)
{
    const struct node *n = member(c, map, key, NODE_BOOL);
    return n != NULL && strcmp(n->text, "true") == 0;
}

const char *case_text(struct cluster_case *c, const struct node *map, const char *key,
                      const char *absent)
{
    const struct node *n = member(c, map, key, NODE_STRING);
    return n != NULL ? n->text : absent;
}

const struct node *case_list(struct cluster_case *c, const struct node *map, const char *key)
{
    return member(c, map, key, NODE_LIST);
}

const struct node *case_map(struct cluster_case *c, const struct node *map, const char *key)
{
    return member(c, map, key, NODE_MAP);
}

bool case_amount(struct cluster_case *c, const struct node *map, const char *key,
                 struct int_or_percent *out)
{
    const struct node *n = node_get(map, key);
    if (n == NULL || n->kind == NODE_NULL) {
        return false;
    }
    const size_t digits = n->text != NULL ? strspn(n->text, "0123456789") : 0;
    int64_t value = 0;
    const bool percent = digits > 0 && strcmp(n->text + digits, "%") == 0;
    const char *number = digits > 0 ? arena_strndup(&c->room->tree, n->text, digits) : "";
    if (digits == 0 || (!percent && n->text[digits] != '\0') || !str_to_int64(number, &value) ||
        value > INT32_MAX) {
        case_error(c, n, "field %s is neither a number nor a percentage", key);
        return false;
    }
    *out = (struct int_or_percent){.percent = percent, .value = (int32_t)value};
    return true;
}

static enum pdb_unhealthy_policy unhealthy_policy(struct cluster_case *c, const struct node *n)
{
    const char *policy = case_text(c, n, "unhealthy_policy", "IfHealthyBudget");
    if (strcmp(policy, "AlwaysAllow") == 0) {
        return PDB_ALWAYS_ALLOW;
    }
    if (strcmp(policy, "IfHealthyBudget") != 0 && policy[0] != '\0') {
        case_error(c, node_get(n, "unhealthy_policy"), "field unhealthy_policy: no such policy");
    }
    return PDB_IF_HEALTHY_BUDGET;
}

struct pdb_spec *case_budgets(struct cluster_case *c, size_t *count)
{
    const struct node *list = case_list(c, c->root, "pdbs");
    struct pdb_spec *specs = arena_array(&c->room->tree, struct pdb_spec, list ? list->count : 0);
    *count = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        struct pdb_spec *spec = &specs[*count];
        spec->name = arena_printf(&c->room->tree, "pdb%zu", *count);
        spec->generation = 1;
        spec->unhealthy_policy = unhealthy_policy(c, n);
        if (case_amount(c, n, "max_unavailable", &spec->value)) {
            spec->limit = PDB_MAX_UNAVAILABLE;
        } else if (case_amount(c, n, "min_available", &spec->value)) {
            spec->limit = PDB_MIN_AVAILABLE;
        }
        (*count)++;
    }
    return specs;
}

static void write_id(struct json_writer *w, const struct node *id)
{
    json_key(w, "id");
    if (id != NULL && id->kind == NODE_NUMBER) {
        json_raw(w, id->text);
    } else {
        json_string(w, id != NULL ? id->text : NULL);
    }
}

struct json_writer *case_answer(struct cluster_case *c)
{
    struct json_writer *w = json_writer_new(&c->room->state, false);
    json_map(w);
    write_id(w, node_get(c->root, "id"));
    return w;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void write_disrupted(struct json_writer *w, struct arena *a, const struct pdb_status *status)
{
    const char **names = arena_array(a, const char *, status->disrupted_count);
    for (size_t i = 0; i < status->disrupted_count; i++) {
        names[i] = arena_printf(a, "%llu", (unsigned long long)status->disrupted[i].pod);
    }
    qsort(names, status->disrupted_count, sizeof *names, by_name);
    json_key(w, "disrupted");
    json_list(w);
    for (size_t i = 0; i < status->disrupted_count; i++) {
        json_string(w, names[i]);
    }
    json_list_end(w);
}

void case_write_budget(struct json_writer *w, struct arena *a, const char *key,
                       const struct pdb_status *status)
{
    if (key != NULL) {
        json_key(w, key);
    }
    json_map(w);
    json_key(w, "expected");
    json_int(w, status->expected);
    json_key(w, "desired");
    json_int(w, status->desired);
    json_key(w, "healthy");
    json_int(w, status->healthy);
    json_key(w, "allowed");
    json_int(w, status->allowed);
    json_key(w, "cond");
    json_string(w, pdb_condition_reason(status->condition));
    if (status->disrupted_count > 0) {
        write_disrupted(w, a, status);
    }
    json_map_end(w);
}

void case_write_eviction(struct json_writer *w, struct arena *a, int32_t t, int32_t pod,
                         const struct eviction_answer *answer)
{
    json_map(w);
    json_key(w, "t");
    json_int(w, t);
    json_key(w, "pod");
    json_int(w, pod);
    json_key(w, "code");
    json_int(w, (int64_t)answer->code);
    if (answer->message != NULL) {
        json_key(w, "msg");
        json_string(w, answer->cause != NULL
                           ? arena_printf(a, "%s; %s", answer->message, answer->cause)
                           : answer->message);
    }
}

static const struct cluster_kind *find_kind(struct cluster_case *c)
{
    const struct node *kind = node_get(c->root, "kind");
    const char *names[KIND_COUNT];
    const char *name = case_text(c, c->root, "kind", NULL);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        names[i] = kinds[i].name;
        if (name != NULL && strcmp(name, kinds[i].name) == 0) {
            return &kinds[i];
        }
    }
    if (name == NULL) {
        case_error(c, kind != NULL ? kind : c->root, "a case needs a field kind");
        return NULL;
    }
    case_error(c, kind, "no such kind of case: \"%s\"", name);
    const char *near = str_nearest(name, names, KIND_COUNT);
    if (near != NULL) {
        diag_help(c->diag, "did you mean \"%s\"?", near);
    }
    return NULL;
}

bool decide_cluster(struct observation_room *room, const char *line, size_t len, uint32_t source,
                    uint32_t line_number, const void *options, struct strbuf *out, struct diag *d)
{
    (void)options;
    arena_reset(&room->tree);
    arena_reset(&room->state);
    arena_reset(&room->step);
    struct cluster_case c = {
        .root = json_read(&room->tree, line, len, source, line_number, d), .room = room, .diag = d};
    if (c.root == NULL) {
        return false;
    }
    if (c.root->kind != NODE_MAP) {
        case_error(&c, c.root, "a case is a map");
        return false;
    }
    const struct cluster_kind *kind = find_kind(&c);
    struct json_writer *w = case_answer(&c);
    if (kind == NULL || !kind->decide(&c, w) || c.bad) {
        return false;
    }
    json_map_end(w);
    size_t text_len = 0;
    const char *text = json_text(w, &text_len);
    strbuf_add_len(out, text, text_len);
    strbuf_char(out, '\n');
    return true;
}
