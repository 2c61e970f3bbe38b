/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a case of kind sched: nodes, pods, services. Affinity and spread terms are the short
 * forms of the vectors, one requirement a term where Kubernetes allows several.
 *
 * The traps: CPU is in millicores and memory in bytes, both plain numbers; 0 or absent is a
 * container without that request; every node has the label kubernetes.io/hostname, its name,
 * and room for 110 pods unless it says otherwise.
 */
#include "cluster_sched.h"

#include "base/str.h"

#include <string.h>

struct word {
    const char *text;
    int value;
};

static int word_of(struct cluster_case *c, const struct node *map, const char *key,
                   const struct word *words, size_t count, int absent)
{
    const char *text = case_text(c, map, key, "");
    if (text[0] == '\0') {
        return absent;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i].text) == 0) {
            return words[i].value;
        }
    }
    case_error(c, node_get(map, key), "field %s: unknown value \"%s\"", key, text);
    return absent;
}

#define WORD_OF(c, map, key, words, absent)                                                        \
    word_of((c), (map), (key), (words), sizeof(words) / sizeof((words)[0]), (absent))

static const struct word effects[] = {{"NoSchedule", TAINT_NO_SCHEDULE},
                                      {"PreferNoSchedule", TAINT_PREFER_NO_SCHEDULE},
                                      {"NoExecute", TAINT_NO_EXECUTE}};
static const struct word toleration_ops[] = {{"Equal", TOLERATION_EQUAL},
                                             {"Exists", TOLERATION_EXISTS},
                                             {"Lt", TOLERATION_UNKNOWN},
                                             {"Gt", TOLERATION_UNKNOWN}};
static const struct word label_ops[] = {
    {"In", LABEL_IN},           {"NotIn", LABEL_NOT_IN},
    {"Exists", LABEL_EXISTS},   {"DoesNotExist", LABEL_DOES_NOT_EXIST},
    {"Gt", LABEL_GREATER_THAN}, {"Lt", LABEL_LESS_THAN},
};
static const struct word actions[] = {{"DoNotSchedule", DO_NOT_SCHEDULE},
                                      {"ScheduleAnyway", SCHEDULE_ANYWAY}};

static int64_t amount(struct cluster_case *c, const struct node *map, const char *key)
{
    const struct node *n = node_get(map, key);
    int64_t value = 0;
    if (n == NULL || n->kind == NODE_NULL) {
        return 0;
    }
    if (n->kind != NODE_NUMBER || !str_to_int64(n->text, &value) || value < 0 ||
        value > INT64_MAX / 100000) {
        case_error(c, n, "field %s is not a whole number of a size that nodes have", key);
        return 0;
    }
    return value;
}

/* A small number that Kubernetes itself would take. */
static int32_t bounded(struct cluster_case *c, const struct node *map, const char *key, int32_t max)
{
    const int32_t value = case_int(c, map, key, 0);
    if (value < 0 || value > max) {
        case_error(c, node_get(map, key), "field %s is not between 0 and %d", key, max);
        return 0;
    }
    return value;
}

static const char *required_text(struct cluster_case *c, const struct node *map, const char *key)
{
    const char *text = case_text(c, map, key, NULL);
    if (text == NULL) {
        case_error(c, map, "field %s is missing", key);
        return "";
    }
    return text;
}

static struct label *labels_of(struct cluster_case *c, const struct node *map, const char *key,
                               size_t extra, size_t *count)
{
    const struct node *list = case_map(c, map, key);
    struct label *labels =
        arena_array(&c->room->tree, struct label, (list != NULL ? list->count : 0) + extra);
    *count = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        if (n->kind != NODE_STRING) {
            case_error(c, n, "label %s is not a text", n->key);
            continue;
        }
        labels[(*count)++] = (struct label){.key = n->key, .value = n->text};
    }
    return labels;
}

static struct label_selector selector_of(struct cluster_case *c, const struct node *map)
{
    size_t count = 0;
    const struct label *labels = labels_of(c, map, "labels", 0, &count);
    return label_selector_from_set(&c->room->tree, labels, count);
}

static size_t count_of(const struct node *list)
{
    return list != NULL ? list->count : 0;
}

static const struct node *first_of(const struct node *list)
{
    return list != NULL ? list->first : NULL;
}

static const struct taint *read_taints(struct cluster_case *c, const struct node *map,
                                       size_t *count)
{
    const struct node *list = case_list(c, map, "taints");
    struct taint *taints = arena_array(&c->room->tree, struct taint, count_of(list));
    *count = 0;
    for (const struct node *n = first_of(list); n != NULL; n = n->next) {
        taints[(*count)++] = (struct taint){
            .key = required_text(c, n, "key"),
            .value = case_text(c, n, "value", ""),
            .effect = (enum taint_effect)WORD_OF(c, n, "effect", effects, TAINT_ANY_EFFECT)};
    }
    return taints;
}

static struct node_spec read_node(struct cluster_case *c, const struct node *map)
{
    struct node_spec n = {.name = required_text(c, map, "name")};
    struct label *labels = labels_of(c, map, "labels", 1, &n.label_count);
    n.labels = labels;
    if (labels_get(labels, n.label_count, LABEL_HOSTNAME) == NULL) {
        labels[n.label_count++] = (struct label){.key = LABEL_HOSTNAME, .value = n.name};
    }
    n.taints = read_taints(c, map, &n.taint_count);
    n.unschedulable = case_bool(c, map, "unschedulable");
    n.allocatable.milli_cpu = amount(c, map, "cpu");
    n.allocatable.memory = amount(c, map, "memory");
    n.allocatable.ephemeral_storage = amount(c, map, "ephemeral_storage");
    n.allowed_pods = bounded(c, map, "pods", INT32_MAX);
    n.allowed_pods = n.allowed_pods > 0 ? n.allowed_pods : DEFAULT_ALLOWED_PODS;
    return n;
}

static struct label_requirement read_requirement(struct cluster_case *c, const struct node *map)
{
    const struct node *values = case_list(c, map, "values");
    const char **texts = arena_array(&c->room->tree, const char *, count_of(values));
    struct label_requirement r = {
        .key = required_text(c, map, "key"),
        .op = (enum label_operator)WORD_OF(c, map, "op", label_ops, LABEL_IN),
        .values = texts};
    for (const struct node *v = first_of(values); v != NULL; v = v->next) {
        if (v->kind != NODE_STRING) {
            case_error(c, v, "field values is not a list of texts");
            continue;
        }
        texts[r.value_count++] = v->text;
    }
    return r;
}

static struct node_selector_term term_of(struct cluster_case *c,
                                         const struct label_requirement *requirements, size_t count)
{
    struct node_selector_term term = {.expressions = requirements, .expression_count = count};
    node_selector_term_check(&c->room->tree, &term);
    return term;
}

static void read_node_affinity(struct cluster_case *c, const struct node *map,
                               struct pod_class *class)
{
    const struct node *list = case_list(c, map, "node_affinity");
    struct node_selector_term *terms =
        arena_array(&c->room->tree, struct node_selector_term, count_of(list));
    class->has_required_node_affinity = count_of(list) > 0;
    class->required_nodes = terms;
    for (const struct node *t = first_of(list); t != NULL; t = t->next) {
        struct label_requirement *all =
            arena_array(&c->room->tree, struct label_requirement, t->count);
        size_t count = 0;
        if (t->kind != NODE_LIST) {
            case_error(c, t, "field node_affinity is not a list of lists");
            continue;
        }
        for (const struct node *r = t->first; r != NULL; r = r->next) {
            all[count++] = read_requirement(c, r);
        }
        terms[class->required_node_count++] = term_of(c, all, count);
    }
}

static void read_preferred_nodes(struct cluster_case *c, const struct node *map,
                                 struct pod_class *class)
{
    const struct node *list = case_list(c, map, "node_preferred");
    struct preferred_node_term *terms =
        arena_array(&c->room->tree, struct preferred_node_term, count_of(list));
    class->preferred_nodes = terms;
    for (const struct node *t = first_of(list); t != NULL; t = t->next) {
        struct label_requirement *r = arena_new(&c->room->tree, struct label_requirement);
        *r = read_requirement(c, t);
        terms[class->preferred_node_count++] = (struct preferred_node_term){
            .term = term_of(c, r, 1), .weight = bounded(c, t, "weight", 100)};
    }
}

static void read_tolerations(struct cluster_case *c, const struct node *map,
                             struct pod_class *class)
{
    const struct node *list = case_list(c, map, "tolerations");
    struct toleration *all = arena_array(&c->room->tree, struct toleration, count_of(list));
    class->tolerations = all;
    for (const struct node *t = first_of(list); t != NULL; t = t->next) {
        all[class->toleration_count++] = (struct toleration){
            .key = case_text(c, t, "key", ""),
            .value = case_text(c, t, "value", ""),
            .effect = (enum taint_effect)WORD_OF(c, t, "effect", effects, TAINT_ANY_EFFECT),
            .op = (enum toleration_operator)WORD_OF(c, t, "op", toleration_ops, TOLERATION_EQUAL)};
    }
}

/* The terms of one of the four lists: required or not, against or for. */
static struct pod_affinity_terms read_terms(struct cluster_case *c, const struct node *list,
                                            bool required, bool anti)
{
    struct pod_affinity_term *terms =
        arena_array(&c->room->tree, struct pod_affinity_term, count_of(list));
    struct pod_affinity_terms out = {.items = terms};
    for (const struct node *t = first_of(list); t != NULL; t = t->next) {
        if (case_bool(c, t, "required") == required && case_bool(c, t, "anti") == anti) {
            terms[out.count++] =
                (struct pod_affinity_term){.topology_key = required_text(c, t, "topology"),
                                           .selector = selector_of(c, t),
                                           .weight = bounded(c, t, "weight", 100)};
        }
    }
    return out;
}

static void read_spread(struct cluster_case *c, const struct node *map, struct pod_class *class)
{
    const struct node *list = case_list(c, map, "spread");
    struct spread_constraint *all =
        arena_array(&c->room->tree, struct spread_constraint, count_of(list));
    class->spread = all;
    for (const struct node *t = first_of(list); t != NULL; t = t->next) {
        all[class->spread_count++] = (struct spread_constraint){
            .max_skew = bounded(c, t, "max_skew", INT32_MAX),
            .topology_key = required_text(c, t, "topology"),
            .when = (enum unsatisfiable_action)WORD_OF(c, t, "when", actions, DO_NOT_SCHEDULE),
            .selector = selector_of(c, t),
            .min_domains = bounded(c, t, "min_domains", INT32_MAX)};
    }
}

static void read_pod(struct cluster_case *c, const struct node *map, struct sched_pod *p)
{
    struct pod_class *class = &p->class;
    const int64_t cpu = amount(c, map, "cpu");
    const int64_t memory = amount(c, map, "memory");
    const struct node *affinity = case_list(c, map, "pod_affinity");
    class->labels = labels_of(c, map, "labels", 0, &class->label_count);
    pod_class_set_simple_requests(class, cpu > 0 ? cpu : -1, memory > 0 ? memory : -1);
    class->request.ephemeral_storage = amount(c, map, "ephemeral_storage");
    class->node_selector = labels_of(c, map, "node_selector", 0, &class->node_selector_count);
    read_node_affinity(c, map, class);
    read_preferred_nodes(c, map, class);
    read_tolerations(c, map, class);
    class->required_affinity = read_terms(c, affinity, true, false);
    class->required_anti_affinity = read_terms(c, affinity, true, true);
    class->preferred_affinity = read_terms(c, affinity, false, false);
    class->preferred_anti_affinity = read_terms(c, affinity, false, true);
    read_spread(c, map, class);
    p->pod = (struct placed_pod){.name = required_text(c, map, "name"),
                                 .class = class,
                                 .node = SNAPSHOT_NO_NODE,
                                 .start = SIMTIME_NEVER};
}

/* Services select by the label app. */
static struct selecting_service *read_services(struct cluster_case *c, const struct node *map,
                                               size_t *count)
{
    const struct node *list = case_list(c, map, "services");
    struct selecting_service *services =
        arena_array(&c->room->tree, struct selecting_service, count_of(list));
    *count = 0;
    for (const struct node *s = first_of(list); s != NULL; s = s->next) {
        struct label *label = arena_new(&c->room->tree, struct label);
        *label = (struct label){.key = "app", .value = required_text(c, s, "app")};
        services[(*count)++] = (struct selecting_service){.selector = label, .selector_count = 1};
    }
    return services;
}

static void read_nodes(struct cluster_case *c, const struct node *world, struct sched_case *out)
{
    const struct node *list = case_list(c, world, "nodes");
    out->nodes = arena_array(&c->room->tree, struct node_spec, count_of(list));
    for (const struct node *n = first_of(list); n != NULL; n = n->next) {
        out->nodes[out->node_count++] = read_node(c, n);
    }
}

static void read_pods(struct cluster_case *c, const struct node *world, struct sched_case *out)
{
    const struct node *list = case_list(c, world, "pods");
    size_t service_count = 0;
    const struct selecting_service *services = read_services(c, world, &service_count);
    out->pods = arena_array(&c->room->tree, struct sched_pod, count_of(list));
    out->pod_nodes = arena_array(&c->room->tree, const char *, count_of(list));
    out->pod_marks = arena_array(&c->room->tree, const struct node *, count_of(list));
    for (const struct node *n = first_of(list); n != NULL; n = n->next) {
        struct sched_pod *p = &out->pods[out->pod_count];
        read_pod(c, n, p);
        p->class.default_selector =
            default_selector(&c->room->tree, &p->class, services, service_count, NULL);
        out->pod_nodes[out->pod_count] = case_text(c, n, "node", NULL);
        out->pod_marks[out->pod_count++] = n;
    }
}

bool sched_case_read(struct cluster_case *c, struct sched_case *out)
{
    const struct node *world = case_map(c, c->root, "sched");
    *out = (struct sched_case){0};
    if (world == NULL) {
        case_error(c, c->root, "a case of kind sched needs a map sched");
        return false;
    }
    read_nodes(c, world, out);
    read_pods(c, world, out);
    return !c->bad;
}
