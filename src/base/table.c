/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which small integer a string is: an open-addressed hash (FNV-1a, at
 * most half full, linear probing) over an array of keys in insertion order.
 * The trap: slots hold index + 1, so that zeroed memory is an empty table; the
 * order of slots must never be seen outside.
 */
#include "base/table.h"

#include "base/require.h"

#include <string.h>

static uint64_t hash(const char *key)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *key != '\0'; key++) {
        h = (h ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    }
    return h ^ (h >> 32);
}

/* The slot that holds key, or the free one where it belongs. */
static size_t slot_of(const struct table *t, const char *key)
{
    size_t mask = t->slot_count - 1;
    size_t i = (size_t)hash(key) & mask;
    while (t->slots[i] != 0 && strcmp(t->keys[t->slots[i] - 1], key) != 0) {
        i = (i + 1) & mask;
    }
    return i;
}

static void rehash(struct table *t)
{
    t->slot_count = t->slot_count == 0 ? 16 : t->slot_count * 2;
    t->slots = arena_array(t->arena, uint32_t, t->slot_count);
    for (size_t i = 0; i < t->len; i++) {
        t->slots[slot_of(t, t->keys[i])] = (uint32_t)(i + 1);
    }
}

size_t table_find(const struct table *t, const char *key)
{
    if (t->len == 0) {
        return TABLE_NONE;
    }
    uint32_t slot = t->slots[slot_of(t, key)];
    return slot == 0 ? TABLE_NONE : slot - 1;
}

size_t table_put(struct table *t, const char *key)
{
    size_t old = table_find(t, key);
    if (old != TABLE_NONE) {
        return old;
    }
    require(t->len < UINT32_MAX - 1);
    if ((t->len + 1) * 2 > t->slot_count) {
        rehash(t);
    }
    if (t->len == t->cap) {
        size_t wider = t->cap == 0 ? 8 : t->cap * 2;
        t->keys =
            arena_grow(t->arena, t->keys, t->cap, wider, sizeof *t->keys, _Alignof(const char *));
        t->cap = wider;
    }
    t->slots[slot_of(t, key)] = (uint32_t)(t->len + 1);
    t->keys[t->len] = arena_strdup(t->arena, key);
    return t->len++;
}
