/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observation logs into views: a case's head, its steps' pods, and what the metrics APIs
 * answered. Written for speed, since logs are long: members are met in the order they stand
 * in, and only quantities that the HPA's metrics ask for are read.
 *
 * The traps: a list of containers that is given, even an empty one, replaces the template's;
 * status.replicas defaults to the pods that have not ended; the later of two samples of one
 * pod counts, known or not; an empty external list is not a missing one.
 */
#include "manifest/observation.h"

#include "base/str.h"
#include "observation_internal.h"

#include <string.h>

/* ---- scalars ---- */

bool observed_wrong(struct diag *d, const struct node *n, const char *expected)
{
    diag_error(d, n->mark, "%s: expected %s, found %s", n->key != NULL ? n->key : "item", expected,
               node_kind_name(n->kind));
    return false;
}

bool observed_text(const struct node *n, const char **out, struct diag *d)
{
    if (n->kind != NODE_STRING) {
        return observed_wrong(d, n, "a string");
    }
    *out = n->text;
    return true;
}

bool observed_int(const struct node *n, int32_t *out, struct diag *d)
{
    int64_t v = 0;
    if (n->kind != NODE_NUMBER) {
        return observed_wrong(d, n, "an integer");
    }
    if (!str_to_int64(n->text, &v) || v < INT32_MIN || v > INT32_MAX) {
        diag_error(d, n->mark, "%s: %s is not a 32-bit integer", n->key, n->text);
        return false;
    }
    *out = (int32_t)v;
    return true;
}

/* Up to nine decimal digits from *at on, into *v; how many there were. */
static size_t take_digits(const char *text, size_t *at, int64_t *v)
{
    const size_t start = *at;
    while (*at - start < 9 && text[*at] >= '0' && text[*at] <= '9') {
        *v = *v * 10 + (text[(*at)++] - '0');
    }
    return *at - start;
}

/* Nine digits of seconds and nine of a fraction, exactly; false when there is more to it. */
static bool short_seconds(const char *text, size_t len, simtime *out)
{
    const bool negative = text[0] == '-';
    size_t at = negative ? 1 : 0;
    int64_t whole = 0;
    int64_t fraction = 0;
    if (take_digits(text, &at, &whole) == 0) {
        return false;
    }
    if (text[at] == '.') {
        at++;
        for (size_t n = take_digits(text, &at, &fraction); n < 9; n++) {
            fraction *= 10;
        }
    }
    const simtime t = whole * SIMTIME_SECOND + fraction;
    *out = negative ? -t : t;
    return at == len;
}

/* Longer numbers, and exponents, by way of a double, to the nearest nanosecond. */
bool observed_seconds(const struct node *n, simtime *out, struct diag *d)
{
    double seconds = 0;
    if (n->kind != NODE_NUMBER) {
        return observed_wrong(d, n, "a number of seconds");
    }
    if (short_seconds(n->text, n->len, out)) {
        return true;
    }
    if (!str_to_double(n->text, &seconds) || seconds > 4e9 || seconds < -4e9) {
        diag_error(d, n->mark, "%s: %s is not a number of seconds between -4e9 and 4e9", n->key,
                   n->text);
        return false;
    }
    *out = simtime_seconds(seconds);
    return true;
}

static bool observed_list(const struct node *n, const struct node **out, struct diag *d)
{
    if (n->kind == NODE_NULL) {
        return true;
    }
    *out = n;
    return n->kind == NODE_LIST || observed_wrong(d, n, "a list");
}

static bool observed_map(const struct node *n, const struct node **out, struct diag *d)
{
    if (n->kind == NODE_NULL) {
        return true;
    }
    *out = n;
    return n->kind == NODE_MAP || observed_wrong(d, n, "a map");
}

bool observed_quantity(struct arena *a, const struct node *n, struct quantity *out, struct diag *d)
{
    if (n->kind != NODE_STRING && n->kind != NODE_NUMBER) {
        return observed_wrong(d, n, "a quantity");
    }
    const enum quantity_error error = quantity_parse(a, n->text, out);
    if (error != QUANTITY_OK) {
        diag_error(d, n->mark, "%s: \"%s\" is not a quantity: %s", n->key != NULL ? n->key : "item",
                   n->text, quantity_error_text(error));
        return false;
    }
    return true;
}

/* ---- the head ---- */

static bool read_requests(struct arena *a, const struct node *n, struct resource_amount **list,
                          size_t *count, struct diag *d)
{
    const struct node *map = NULL;
    if (!observed_map(n, &map, d) || map == NULL) {
        return map == NULL;
    }
    *list = arena_array(a, struct resource_amount, map->count);
    for (const struct node *r = map->first; r != NULL; r = r->next) {
        struct resource_amount *amount = &(*list)[(*count)++];
        amount->name = r->key;
        amount->has_request = true;
        if (!observed_quantity(a, r, &amount->request, d)) {
            return false;
        }
    }
    return true;
}

static bool read_container(struct arena *a, const struct node *n, struct container_spec *c,
                           struct diag *d)
{
    if (n->kind != NODE_MAP) {
        return observed_wrong(d, n, "a map");
    }
    c->name = "";
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        bool ok = true;
        if (key_is(m->key, "name")) {
            ok = observed_text(m, &c->name, d);
        } else if (key_is(m->key, "requests")) {
            ok = read_requests(a, m, &c->resources, &c->resource_count, d);
        } else if (key_is(m->key, "sidecar")) {
            ok = m->kind == NODE_BOOL || observed_wrong(d, m, "true or false");
            c->sidecar = ok && m->text[0] == 't';
            c->init = c->sidecar;
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool read_containers(struct arena *a, const struct node *list, struct pod_template *pod,
                            struct diag *d)
{
    pod->containers = arena_array(a, struct container_spec, list->count);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        if (!read_container(a, n, &pod->containers[pod->container_count++], d)) {
            return false;
        }
    }
    return true;
}

static bool read_gates(const struct node *gates, struct hpa_config *config, struct diag *d)
{
    for (const struct node *g = gates != NULL ? gates->first : NULL; g != NULL; g = g->next) {
        bool unknown = false;
        if (g->kind != NODE_BOOL) {
            return observed_wrong(d, g, "true or false");
        }
        /* A gate that the release does not know, or that is locked, has no effect. */
        hpa_gate_set(config, g->key, g->text[0] == 't', &unknown);
    }
    return true;
}

static bool read_controller_member(const struct node *m, struct hpa_config *config, struct diag *d)
{
    const struct node *gates = NULL;
    if (key_is(m->key, "syncPeriodSeconds")) {
        return observed_seconds(m, &config->sync_period, d);
    }
    if (key_is(m->key, "downscaleStabilizationSeconds")) {
        return observed_seconds(m, &config->downscale_stabilization, d);
    }
    if (key_is(m->key, "cpuInitializationPeriodSeconds")) {
        return observed_seconds(m, &config->cpu_initialization_period, d);
    }
    if (key_is(m->key, "initialReadinessDelaySeconds")) {
        return observed_seconds(m, &config->initial_readiness_delay, d);
    }
    if (key_is(m->key, "featureGates")) {
        return observed_map(m, &gates, d) && read_gates(gates, config, d);
    }
    if (key_is(m->key, "tolerance")) {
        return (m->kind == NODE_NUMBER && str_to_double(m->text, &config->tolerance)) ||
               observed_wrong(d, m, "a number");
    }
    return true;
}

/* "A=true,B=false": texts that are no gates were refused when the options were read. */
static void override_gates(struct arena *a, const char *text, struct hpa_config *config)
{
    while (text != NULL && *text != '\0') {
        const size_t len = strcspn(text, ",");
        char *gate = arena_strndup(a, text, len);
        char *equals = strchr(gate, '=');
        bool unknown = false;
        if (equals != NULL) {
            *equals = '\0';
            hpa_gate_set(config, gate, strcmp(equals + 1, "true") == 0, &unknown);
        }
        text += text[len] == ',' ? len + 1 : len;
    }
}

static void override(struct arena *a, const struct observation_options *o, struct hpa_config *c)
{
    c->sync_period = o->sync_period != 0 ? o->sync_period : c->sync_period;
    c->downscale_stabilization =
        o->downscale_stabilization != 0 ? o->downscale_stabilization : c->downscale_stabilization;
    c->cpu_initialization_period = o->cpu_initialization_period != 0 ? o->cpu_initialization_period
                                                                     : c->cpu_initialization_period;
    c->initial_readiness_delay =
        o->initial_readiness_delay != 0 ? o->initial_readiness_delay : c->initial_readiness_delay;
    c->tolerance = o->has_tolerance ? o->tolerance : c->tolerance;
    override_gates(a, o->feature_gates, c);
}

static bool read_controller(const struct node *n, struct hpa_config *config, struct diag *d)
{
    const struct node *map = NULL;
    if (!observed_map(n, &map, d)) {
        return false;
    }
    for (const struct node *m = map != NULL ? map->first : NULL; m != NULL; m = m->next) {
        if (!read_controller_member(m, config, d)) {
            return false;
        }
    }
    if (config->sync_period <= 0) {
        diag_error(d, n->mark, "syncPeriodSeconds: must be greater than 0");
        return false;
    }
    return true;
}

static bool read_head_member(struct arena *a, const struct node *m, struct observation *out,
                             struct diag *d)
{
    const struct node *list = NULL;
    if (key_is(m->key, "id")) {
        return observed_text(m, &out->id, d);
    }
    if (key_is(m->key, "controller")) {
        return read_controller(m, &out->config, d);
    }
    if (key_is(m->key, "hpa")) {
        return observed_map(m, &out->hpa, d);
    }
    if (key_is(m->key, "containers")) {
        return observed_list(m, &list, d) &&
               (list == NULL || read_containers(a, list, &out->pod, d));
    }
    if (key_is(m->key, "selector")) {
        return observed_text(m, &out->selector, d);
    }
    if (key_is(m->key, "steps")) {
        return observed_list(m, &out->steps, d);
    }
    return true;
}

/* The release to emulate: the option's, else the case's own. */
static bool release_of(const struct node *root, const struct observation_options *options,
                       int32_t *minor, struct diag *d)
{
    const struct node *n = node_get(node_get(root, "controller"), "kubernetes");
    struct hpa_profile profile;
    if (options->minor != 0) {
        *minor = options->minor;
        return true;
    }
    if (n == NULL) {
        return true;
    }
    if (node_string(n) == NULL) {
        return observed_wrong(d, n, "a string");
    }
    if (!hpa_profile_parse(n->text, minor) || !hpa_profile_for(*minor, &profile)) {
        diag_error(d, n->mark, "kubernetes: \"%s\" is not a release from 1.%d to 1.%d", n->text,
                   HPA_OLDEST_MINOR, HPA_NEWEST_MINOR);
        return false;
    }
    return true;
}

bool observation_read(struct arena *a, const struct node *root,
                      const struct observation_options *options, struct observation *out,
                      struct diag *d)
{
    int32_t minor = HPA_NEWEST_MINOR;
    if (!release_of(root, options, &minor, d)) {
        return false;
    }
    *out = (struct observation){.config = hpa_config_default(minor), .selector = "app=x"};
    if (root->kind != NODE_MAP) {
        return observed_wrong(d, root, "a map");
    }
    for (const struct node *m = root->first; m != NULL; m = m->next) {
        if (!read_head_member(a, m, out, d)) {
            return false;
        }
    }
    if (out->id == NULL || out->hpa == NULL) {
        diag_error(d, root->mark, "%s: missing", out->id == NULL ? "id" : "hpa");
        return false;
    }
    override(a, options, &out->config);
    return true;
}

/* ---- a step's pods ---- */

static uint8_t phase_of(const char *text)
{
    static const char *const words[] = {"Pending", "Running", "Succeeded", "Failed"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(text, words[i]) == 0) {
            return (uint8_t)i;
        }
    }
    return HPA_PHASE_OTHER;
}

static uint8_t status_of(const char *text)
{
    if (strcmp(text, "True") == 0) {
        return CONDITION_TRUE;
    }
    return strcmp(text, "False") == 0 ? CONDITION_FALSE : CONDITION_UNKNOWN;
}

/* A pod's own template, made from the case's on the first field that differs. */
static struct pod_template *own_template(struct arena *a, const struct observation *observation,
                                         struct hpa_pod *pod, struct pod_template *own)
{
    if (own == NULL) {
        own = arena_new(a, struct pod_template);
        *own = observation->pod;
        pod->requests = own;
    }
    return own;
}

struct pod_reader {
    struct arena *arena;
    const struct observation *observation;
    struct diag *diag;
    struct hpa_pod *pod;
    uint32_t *name_length;
    struct pod_template *own;
};

static bool read_pod_resources(struct pod_reader *r, const struct node *m)
{
    const struct node *list = NULL;
    r->own = own_template(r->arena, r->observation, r->pod, r->own);
    if (m->key[0] == 'r') {
        return read_requests(r->arena, m, &r->own->resources, &r->own->resource_count, r->diag);
    }
    if (!observed_list(m, &list, r->diag) || list == NULL) {
        return list == NULL && m->kind == NODE_NULL;
    }
    r->own->container_count = 0;
    return read_containers(r->arena, list, r->own, r->diag);
}

static bool read_pod_member(struct pod_reader *r, const struct node *m)
{
    struct hpa_pod *pod = r->pod;
    const char *text = "";
    if (key_is(m->key, "name")) {
        *r->name_length = (uint32_t)m->len;
        return observed_text(m, &pod->name, r->diag);
    }
    if (key_is(m->key, "phase")) {
        const bool ok = observed_text(m, &text, r->diag);
        pod->phase = phase_of(text);
        return ok;
    }
    if (key_is(m->key, "ready")) {
        const bool ok = observed_text(m, &text, r->diag);
        pod->ready = status_of(text);
        return ok;
    }
    if (key_is(m->key, "readySince")) {
        return observed_seconds(m, &pod->ready_since, r->diag);
    }
    if (key_is(m->key, "start")) {
        return m->kind == NODE_NULL || observed_seconds(m, &pod->start_time, r->diag);
    }
    if (key_is(m->key, "deleting")) {
        pod->deleting = m->kind == NODE_BOOL && m->text[0] == 't';
        return m->kind == NODE_BOOL || observed_wrong(r->diag, m, "true or false");
    }
    if (key_is(m->key, "containers") || key_is(m->key, "requests")) {
        return read_pod_resources(r, m);
    }
    return true;
}

static bool read_pod(struct pod_reader *r, const struct node *n)
{
    *r->pod = (struct hpa_pod){.name = "",
                               .requests = &r->observation->pod,
                               .start_time = SIMTIME_NEVER,
                               .phase = HPA_PHASE_OTHER};
    *r->name_length = 0;
    r->own = NULL;
    if (n->kind != NODE_MAP) {
        return observed_wrong(r->diag, n, "a map");
    }
    for (const struct node *m = n->first; m != NULL; m = m->next) {
        if (!read_pod_member(r, m)) {
            return false;
        }
    }
    return true;
}

static bool read_pods(struct arena *a, const struct observation *observation, const struct node *n,
                      struct observed_step *step, struct diag *d)
{
    const struct node *list = NULL;
    if (!observed_list(n, &list, d) || list == NULL) {
        return n->kind == NODE_NULL;
    }
    step->pods = arena_array(a, struct hpa_pod, list->count);
    step->name_lengths = arena_array(a, uint32_t, list->count);
    for (const struct node *p = list->first; p != NULL; p = p->next) {
        struct pod_reader reader = {.arena = a,
                                    .observation = observation,
                                    .diag = d,
                                    .pod = &step->pods[step->pod_count],
                                    .name_length = &step->name_lengths[step->pod_count]};
        step->pod_count++;
        if (!read_pod(&reader, p)) {
            return false;
        }
    }
    return true;
}

/* ---- a step ---- */

static int32_t pods_not_ended(const struct observed_step *step)
{
    int32_t count = 0;
    for (size_t i = 0; i < step->pod_count; i++) {
        count += step->pods[i].phase != POD_FAILED && step->pods[i].phase != POD_SUCCEEDED;
    }
    return count;
}

static bool read_step_scale(const struct node *m, struct observed_step *out, bool *status,
                            struct diag *d)
{
    if (key_is(m->key, "specReplicas")) {
        out->has_spec_replicas = true;
        return observed_int(m, &out->spec_replicas, d);
    }
    if (key_is(m->key, "statusReplicas")) {
        *status = true;
        return observed_int(m, &out->status_replicas, d);
    }
    if (key_is(m->key, "scaleError")) {
        return observed_text(m, &out->scale_error, d);
    }
    if (key_is(m->key, "updateError")) {
        return observed_text(m, &out->update_error, d);
    }
    if (key_is(m->key, "ambiguous")) {
        return observed_text(m, &out->ambiguous, d);
    }
    if (key_is(m->key, "updateConflicts")) {
        return observed_int(m, &out->update_conflicts, d);
    }
    if (key_is(m->key, "t")) {
        out->timed = true;
        return observed_seconds(m, &out->at, d);
    }
    if (key_is(m->key, "updateTime")) {
        return observed_seconds(m, &out->updated_at, d);
    }
    return true;
}

static bool read_step_member(struct arena *a, const struct observation *observation,
                             const struct node *m, struct observed_step *out, bool *status,
                             struct diag *d)
{
    if (key_is(m->key, "pods")) {
        return read_pods(a, observation, m, out, d);
    }
    if (key_is(m->key, "resourceMetrics")) {
        return observed_list(m, &out->resource_metrics, d);
    }
    if (key_is(m->key, "podsMetrics")) {
        return observed_map(m, &out->pods_metrics, d);
    }
    if (key_is(m->key, "objectMetrics")) {
        return observed_list(m, &out->object_metrics, d);
    }
    if (key_is(m->key, "externalMetrics")) {
        return observed_map(m, &out->external_metrics, d);
    }
    if (key_is(m->key, "metricErrors")) {
        return observed_map(m, &out->metric_errors, d);
    }
    if (key_is(m->key, "hpa")) {
        return observed_map(m, &out->hpa, d);
    }
    if (key_is(m->key, "addHPA")) {
        return observed_map(m, &out->add_hpa, d);
    }
    return read_step_scale(m, out, status, d);
}

/* When sync k happens; at the end of time where it would be later. */
static simtime sync_time(size_t k, simtime period)
{
    const size_t most = (size_t)(4000000000 * SIMTIME_SECOND / period);
    return (simtime)(k < most ? k + 1 : most) * period;
}

bool observation_step(struct arena *a, const struct observation *observation,
                      const struct node *node, size_t k, struct observed_step *out, struct diag *d)
{
    bool status = false;
    *out = (struct observed_step){
        .at = sync_time(k, observation->config.sync_period),
        .updated_at = SIMTIME_NEVER,
    };
    if (node->kind != NODE_MAP) {
        return observed_wrong(d, node, "a map");
    }
    for (const struct node *m = node->first; m != NULL; m = m->next) {
        if (!read_step_member(a, observation, m, out, &status, d)) {
            return false;
        }
    }
    if (!status) {
        out->status_replicas = pods_not_ended(out);
    }
    return true;
}
