/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how an array grows: from 8 items by doubling, in place when the
 * arena can. The trap: items is really a "type **"; going through memcpy keeps
 * the compiler's aliasing rules. A new item is zero also where an older one was.
 */
#include "base/vec.h"

#include "base/require.h"

#include <stdint.h>
#include <string.h>

void vec_reserve_one(struct arena *a, void **items, size_t len, size_t *cap, size_t size)
{
    void *old;
    memcpy(&old, (const void *)items, sizeof old);
    if (len < *cap) {
        memset((char *)old + len * size, 0, size); /* an item taken away may have been there */
        return;
    }
    require(len == *cap);
    require(*cap <= SIZE_MAX / 2);
    size_t wider = *cap == 0 ? 8 : *cap * 2;
    void *grown = arena_grow(a, old, *cap, wider, size, _Alignof(max_align_t));
    memcpy((void *)items, &grown, sizeof grown);
    *cap = wider;
}
