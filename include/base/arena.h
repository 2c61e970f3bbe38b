/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory by lifetime: what is allocated from an arena lives until the arena is
 * rewound or dropped. Nothing is freed one by one. An arena argument means
 * "allocates for you from there"; a function that needs room of its own takes
 * a mark first and rewinds to it. Zero is a valid, empty arena.
 * Out of memory ends the program (one place, exit status 4).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    char *next;                 /* first free byte of the newest block */
    char *end;                  /* one past its last byte */
    struct arena_block *newest; /* chain of blocks, newest first */
};

struct arena_mark {
    struct arena_block *block;
    char *next;
};

/* Zeroed memory; size 0 is allowed. align is a power of two, at most 64. */
void *arena_alloc(struct arena *a, size_t size, size_t align);
/* count * size with an overflow check. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size, size_t align);
/* Grows an array to new_cap; in place when it is the newest allocation. */
void *arena_grow(struct arena *a, void *old, size_t old_cap, size_t new_cap, size_t size,
                 size_t align);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *format, ...);
__attribute__((format(printf, 2, 0))) char *arena_vprintf(struct arena *a, const char *format,
                                                          va_list args);

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark); /* drops all since the mark */
void arena_reset(struct arena *a);                          /* empty, keeps one block */
void arena_drop(struct arena *a);                           /* gives everything back */
size_t arena_size(const struct arena *a);                   /* bytes held, for reports */
/* Says "out of memory" and ends the program with status 4; for wrappers of foreign allocators. */
_Noreturn void arena_exhausted(void);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type), _Alignof(type)))
#define arena_array(a, type, count)                                                                \
    ((type *)arena_alloc_array((a), (count), sizeof(type), _Alignof(type)))

#endif
