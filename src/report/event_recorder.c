/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event correlator (client-go v0.36.3, tools/record/events_cache.go) and the API server's
 * memory (--event-ttl 1h, renewed by each write). Same reason with ten different messages
 * within ten minutes: combined into one event. Same message again: counted. More than 25 of
 * a type at once: dropped, one more every five minutes.
 *
 * The traps: a dropped event still counts, so the next one that gets through shows the whole
 * number; an event that the server has forgotten comes back with its old count and first time;
 * when ten messages are reached upstream forgets any one of them, here it is the oldest.
 */
#include "event_recorder.h"

#include "base/str.h"
#include "base/table.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdlib.h>

#define SPAM_BURST       25.0
#define SPAM_EVERY       (300 * SIMTIME_SECOND)
#define COMBINE_MESSAGES 10
#define COMBINE_WITHIN   (600 * SIMTIME_SECOND)
#define EVENT_TTL        SIMTIME_HOUR

/* aggregateRecord: the messages of one type and reason. */
struct group {
    const char *messages[COMBINE_MESSAGES];
    size_t count;
    simtime last;
};

/* eventLog, and the object at the API server. */
struct logged {
    int32_t count;
    simtime first;
    bool written;
    struct kept_event object;
    simtime created; /* the object's name orders by this */
};

/* The token bucket of a type. */
struct bucket {
    double tokens;
    simtime at;
};

struct recorder {
    struct arena *arena;
    struct table group_names;
    VEC(struct group) groups;
    struct table log_names;
    VEC(struct logged) logs;
    struct table bucket_names;
    VEC(struct bucket) buckets;
};

static struct group *group_of(struct recorder *r, const struct observed_event *e)
{
    const char *key = arena_printf(r->arena, "%s\n%s", e->type, e->reason);
    const size_t i = table_put(&r->group_names, key);
    if (i == r->groups.len) {
        vec_push(r->arena, &r->groups)->last = -SIMTIME_NEVER;
    }
    return &r->groups.items[i];
}

static void forget_message(struct group *g, size_t i)
{
    g->count--;
    for (; i < g->count; i++) {
        g->messages[i] = g->messages[i + 1];
    }
}

/* EventAggregate: whether the event becomes part of a combined one. */
static bool combined(struct recorder *r, const struct observed_event *e)
{
    struct group *g = group_of(r, e);
    if (g->last == -SIMTIME_NEVER || e->at - g->last > COMBINE_WITHIN) {
        g->count = 0;
    }
    g->last = e->at;
    for (size_t i = 0; i < g->count; i++) {
        if (str_equal(g->messages[i], e->message)) {
            return false;
        }
    }
    g->messages[g->count++] = e->message;
    if (g->count < COMBINE_MESSAGES) {
        return false;
    }
    forget_message(g, 0);
    return true;
}

/* EventSourceObjectSpamFilter */
static bool allowed(struct recorder *r, const struct observed_event *e)
{
    const size_t i = table_put(&r->bucket_names, e->type);
    if (i == r->buckets.len) {
        *vec_push(r->arena, &r->buckets) = (struct bucket){.tokens = SPAM_BURST, .at = e->at};
    }
    struct bucket *b = &r->buckets.items[i];
    b->tokens += (double)(e->at - b->at) / (double)SPAM_EVERY;
    b->tokens = b->tokens > SPAM_BURST ? SPAM_BURST : b->tokens;
    b->at = e->at;
    if (b->tokens < 1) {
        return false;
    }
    b->tokens -= 1;
    return true;
}

static void record(struct recorder *r, const struct observed_event *e)
{
    const bool together = combined(r, e);
    const char *key = together
                          ? arena_printf(r->arena, "%s\n%s", e->type, e->reason)
                          : arena_printf(r->arena, "%s\n%s\n%s", e->type, e->reason, e->message);
    const size_t i = table_put(&r->log_names, key);
    if (i == r->logs.len) {
        *vec_push(r->arena, &r->logs) = (struct logged){.first = e->at, .created = e->at};
    }
    struct logged *log = &r->logs.items[i];
    log->count++;
    if (!allowed(r, e)) {
        return;
    }
    log->written = true;
    log->object = (struct kept_event){
        .type = e->type,
        .reason = e->reason,
        .source = e->source,
        .message = together
                       ? arena_printf(r->arena, "(combined from similar events): %s", e->message)
                       : e->message,
        .count = log->count,
        .first = log->first,
        .last = e->at,
    };
}

static int by_last(const void *x, const void *y)
{
    const struct logged *a = x;
    const struct logged *b = y;
    const int64_t last_a = a->object.last / SIMTIME_SECOND;
    const int64_t last_b = b->object.last / SIMTIME_SECOND;
    if (last_a != last_b) {
        return last_a < last_b ? -1 : 1;
    }
    return a->created < b->created ? -1 : a->created > b->created;
}

struct kept_event *events_kept(struct arena *a, const struct observed_event *events, size_t count,
                               simtime now, size_t *kept)
{
    struct recorder r = {.arena = a};
    r.group_names.arena = r.log_names.arena = r.bucket_names.arena = a;
    for (size_t i = 0; i < count && events[i].at <= now; i++) {
        record(&r, &events[i]);
    }
    VEC(struct logged) there = {0};
    for (size_t i = 0; i < r.logs.len; i++) {
        const struct logged *log = &r.logs.items[i];
        if (log->written && now - log->object.last < EVENT_TTL) {
            *vec_push(a, &there) = *log;
        }
    }
    if (there.len > 1) {
        qsort(there.items, there.len, sizeof *there.items, by_last);
    }
    struct kept_event *list = arena_array(a, struct kept_event, there.len);
    for (size_t i = 0; i < there.len; i++) {
        list[i] = there.items[i].object;
    }
    *kept = there.len;
    return list;
}
