/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status' conditions and the controller's memory (k8s.io/kubernetes v1.36.3,
 * pkg/controller/podautoscaler/horizontal.go: setConditionInList, removeCondition).
 *
 * Conditions keep the order in which they first appeared; their time changes only with the
 * status. Removing ScaledToZero lets it appear anew at the end. Texts are kept only where
 * they cannot be made from numbers, in room that is used again.
 */
#include "control/hpa/state.h"

#include "internal.h"

#include <string.h>

const char *hpa_condition_type_name(enum hpa_condition_type type)
{
    static const char *const names[HPA_CONDITION_TYPES] = {"AbleToScale", "ScalingActive",
                                                           "ScalingLimited", "ScaledToZero"};
    return names[type];
}

const char *hpa_reason_name(enum hpa_reason reason)
{
    static const char *const names[] = {
#define X(name, text) text,
        HPA_REASONS(X)
#undef X
    };
    return names[reason];
}

static struct hpa_condition *find(struct hpa_status *status, enum hpa_condition_type type)
{
    for (size_t i = 0; i < status->condition_count; i++) {
        if (status->conditions[i].type == type) {
            return &status->conditions[i];
        }
    }
    return NULL;
}

const struct hpa_condition *hpa_condition_find(const struct hpa_status *status,
                                               enum hpa_condition_type type)
{
    for (size_t i = 0; i < status->condition_count; i++) {
        if (status->conditions[i].type == type) {
            return &status->conditions[i];
        }
    }
    return NULL;
}

struct hpa_condition *condition_set(struct hpa_state *state, enum hpa_condition_type type,
                                    enum condition_status status, enum hpa_reason reason,
                                    simtime now)
{
    struct hpa_condition *c = find(&state->status, type);
    if (c == NULL) {
        c = &state->status.conditions[state->status.condition_count++];
        c->type = type;
        c->status = CONDITION_ABSENT;
    }
    if (c->status != status) {
        c->since = now;
    }
    c->status = status;
    c->reason = reason;
    return c;
}

void condition_remove(struct hpa_state *state, enum hpa_condition_type type)
{
    struct hpa_status *status = &state->status;
    struct hpa_condition *c = find(status, type);
    if (c == NULL) {
        return;
    }
    struct hpa_condition removed = *c;
    const size_t after = status->condition_count - (size_t)(c - status->conditions) - 1;
    memmove(c, c + 1, after * sizeof *c);
    status->condition_count--;
    /* Its room for text stays in the list, so that nothing is lost to the arena. */
    removed.type = HPA_CONDITION_TYPES;
    status->conditions[status->condition_count] = removed;
}

void condition_detail(struct hpa_state *state, struct hpa_condition *condition, const char *text)
{
    const size_t len = strlen(text) + 1;
    struct hpa_text *detail = &condition->detail;
    if (detail->cap < len) {
        detail->cap = len < 128 ? 128 : len * 2;
        detail->text = arena_array(state->arena, char, detail->cap);
    }
    memcpy(detail->text, text, len);
}

void hpa_state_restart(struct hpa_state *state)
{
    state->seeded = false;
    state->recommendations.len = 0;
    state->scale_up_events.len = 0;
    state->scale_down_events.len = 0;
}

static void *copy(struct arena *a, const void *items, size_t count, size_t size)
{
    void *to = arena_alloc_array(a, count, size, 8);
    if (count > 0) {
        memcpy(to, items, count * size);
    }
    return to;
}

struct hpa_state hpa_state_copy(struct arena *a, const struct hpa_state *state)
{
    struct hpa_state to = *state;
    to.arena = a;
    to.recommendations.items =
        copy(a, to.recommendations.items, to.recommendations.len, sizeof *to.recommendations.items);
    to.recommendations.cap = to.recommendations.len;
    to.scale_up_events.items =
        copy(a, to.scale_up_events.items, to.scale_up_events.len, sizeof *to.scale_up_events.items);
    to.scale_up_events.cap = to.scale_up_events.len;
    to.scale_down_events.items = copy(a, to.scale_down_events.items, to.scale_down_events.len,
                                      sizeof *to.scale_down_events.items);
    to.scale_down_events.cap = to.scale_down_events.len;
    to.status.metrics.items =
        copy(a, to.status.metrics.items, to.status.metrics.len, sizeof *to.status.metrics.items);
    to.status.metrics.cap = to.status.metrics.len;
    for (size_t i = 0; i < HPA_CONDITION_TYPES; i++) {
        struct hpa_text *detail = &to.status.conditions[i].detail;
        detail->text = detail->cap > 0 ? copy(a, detail->text, detail->cap, 1) : NULL;
    }
    return to;
}
