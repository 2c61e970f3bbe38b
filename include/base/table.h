/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings to small integers, in insertion order: the first new key is 0, the
 * next 1. Use the index into an array of your own. Iterate by index, never by
 * hash. Keys are copied into the arena. Zero plus an arena is empty.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE SIZE_MAX

struct table {
    struct arena *arena;
    const char **keys; /* keys[index], insertion order */
    size_t len;
    size_t cap;
    uint32_t *slots; /* index + 1, 0 is free */
    size_t slot_count;
};

size_t table_find(const struct table *t, const char *key); /* TABLE_NONE when absent */
size_t table_put(struct table *t, const char *key);        /* its index, new or old */

#endif
