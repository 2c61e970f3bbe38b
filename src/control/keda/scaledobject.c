/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a ScaledObject's fields and annotations mean: defaults, pausing, which mode the scale
 * loop runs in. Upstream: KEDA v2.21.0, apis/keda/v1alpha1/scaledobject_types.go.
 *
 * The traps: a boolean annotation that cannot be read ("", "yes") is true; paused-replicas
 * pauses by being there, whatever stands next to it; an explicit minReplicaCount 0 counts as 1
 * in the check of the bounds (scaledobject_check.c) and as 0 everywhere else.
 */
#include "control/keda/scaledobject.h"

#include "base/str.h"

#include <string.h>

#define DEFAULT_POLLING_INTERVAL 30
#define DEFAULT_MAX_REPLICAS     100

const char *label_value(const struct label *labels, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(labels[i].key, key) == 0) {
            return labels[i].value;
        }
    }
    return NULL;
}

static const char *annotation(const struct scaled_object *so, const char *key)
{
    return label_value(so->annotations, so->annotation_count, key);
}

static bool spells_false(const char *text)
{
    static const char *const words[] = {"0", "f", "F", "false", "FALSE", "False"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool scaled_object_flag(const struct scaled_object *so, const char *key)
{
    const char *value = annotation(so, key);
    return value != NULL && !spells_false(value);
}

bool scaled_object_paused(const struct scaled_object *so)
{
    return annotation(so, KEDA_PAUSED_REPLICAS) != NULL || scaled_object_flag(so, KEDA_PAUSED);
}

/* strconv.Quote of plain text; what is not printable ASCII is written as Go writes it. */
static const char *quoted(struct arena *a, const char *text)
{
    struct strbuf b = {.arena = a};
    strbuf_char(&b, '"');
    for (const char *p = text; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            strbuf_char(&b, '\\');
            strbuf_char(&b, *p);
        } else if (c == '\n' || c == '\t' || c == '\r') {
            strbuf_char(&b, '\\');
            strbuf_char(&b, c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        } else if (c < 0x20 || c == 0x7f) {
            strbuf_printf(&b, "\\x%02x", c);
        } else {
            strbuf_char(&b, *p);
        }
    }
    strbuf_char(&b, '"');
    return strbuf_text(&b);
}

/* strconv.ParseInt(text, 10, 32): a sign and digits, nothing else. */
static bool parse_int32(const char *text, int32_t *out, bool *out_of_range)
{
    const char *p = text + (*text == '-' || *text == '+' ? 1 : 0);
    int64_t value = 0;
    *out_of_range = false;
    if (*p == '\0') {
        return false;
    }
    for (; *p != '\0'; p++) {
        if (*p < '0' || *p > '9') {
            return false;
        }
        if (value < INT64_MAX / 100) {
            value = value * 10 + (*p - '0');
        }
    }
    value = *text == '-' ? -value : value;
    *out_of_range = value < INT32_MIN || value > INT32_MAX;
    *out = *out_of_range ? 0 : (int32_t)value;
    return !*out_of_range;
}

bool scaled_object_paused_replicas(const struct scaled_object *so, struct arena *a,
                                   struct optional_int32 *out, const char **error)
{
    const char *value = annotation(so, KEDA_PAUSED_REPLICAS);
    bool out_of_range = false;
    *out = (struct optional_int32){.set = value != NULL};
    *error = NULL;
    if (value == NULL || parse_int32(value, &out->value, &out_of_range)) {
        return true;
    }
    *out = (struct optional_int32){0};
    *error = arena_printf(a, "strconv.ParseInt: parsing %s: %s", quoted(a, value),
                          out_of_range ? "value out of range" : "invalid syntax");
    return false;
}

bool scaled_object_uses_modifiers(const struct scaled_object *so)
{
    const struct scaling_modifiers *m = &so->modifiers;
    return *m->formula != '\0' || *m->target != '\0' || *m->activation_target != '\0' ||
           *m->metric_type != '\0';
}

/* IsPollingIntervalRelevant */
static bool polling_is_relevant(const struct scaled_object *so)
{
    if (scaled_object_min_replicas(so) == 0 || so->idle_replica_count.set) {
        return true;
    }
    for (size_t i = 0; i < so->trigger_count; i++) {
        if (so->triggers[i].use_cached_metrics) {
            return true;
        }
    }
    return false;
}

bool scaled_object_uses_observations(const struct scaled_object *so)
{
    return !polling_is_relevant(so) && !scaled_object_uses_modifiers(so);
}

bool scale_trigger_is_resource(const struct scale_trigger *t)
{
    return strcmp(t->type, "cpu") == 0 || strcmp(t->type, "memory") == 0;
}

simtime scaled_object_polling_interval(const struct scaled_object *so)
{
    const struct optional_int32 *p = &so->polling_interval;
    return (p->set ? p->value : DEFAULT_POLLING_INTERVAL) * SIMTIME_SECOND;
}

int32_t scaled_object_min_replicas(const struct scaled_object *so)
{
    return so->min_replica_count.set ? so->min_replica_count.value : 0;
}

int32_t scaled_object_hpa_min_replicas(const struct scaled_object *so)
{
    const int32_t min = scaled_object_min_replicas(so);
    return min > 0 ? min : 1;
}

int32_t scaled_object_hpa_max_replicas(const struct scaled_object *so)
{
    return so->max_replica_count.set ? so->max_replica_count.value : DEFAULT_MAX_REPLICAS;
}

const char *scaled_object_hpa_name(const struct scaled_object *so, struct arena *a)
{
    return *so->hpa_name != '\0' ? so->hpa_name : arena_printf(a, "keda-hpa-%s", so->name);
}
