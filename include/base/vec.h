/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing arrays in an arena. Declare the member with VEC(type), zero is
 * empty, push returns the address of a zeroed new item. Addresses of items
 * are stable only until the next push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#include <stddef.h>

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t len;                                                                                \
        size_t cap;                                                                                \
    }

/* Makes room for one more item; the working part of vec_push. */
void vec_reserve_one(struct arena *a, void **items, size_t len, size_t *cap, size_t size);

#define vec_push(a, v)                                                                             \
    (vec_reserve_one((a), (void **)&(v)->items, (v)->len, &(v)->cap, sizeof *(v)->items),          \
     &(v)->items[(v)->len++])

#endif
