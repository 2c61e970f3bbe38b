/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides where memory comes from: a chain of growing blocks, bumped.
 * The idea: one lifetime per arena, so nothing is freed one by one.
 * The trap: a loop that marks and rewinds right at the end of a block would
 * give back and fetch a block each turn, so a rewind keeps the largest block
 * it drops as the spare of the block it returns to. Under AddressSanitizer the
 * free part of every block is poisoned, with a gap behind each allocation.
 */
#include "base/arena.h"

#include "base/require.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#endif

#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#define POISON(p, size)   __asan_poison_memory_region((p), (size))
#define UNPOISON(p, size) __asan_unpoison_memory_region((p), (size))
#else
enum { GAP = 0 };
#define POISON(p, size)   ((void)0)
#define UNPOISON(p, size) ((void)0)
#endif

enum { FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 4 << 20, EXIT_MEMORY = 4 };

struct arena_block {
    struct arena_block *older;
    struct arena_block *spare; /* dropped by a rewind to this block, to be used next */
    size_t size;               /* of data */
    char data[];
};

void arena_exhausted(void)
{
    fputs("podtide: out of memory\n", stderr);
    exit(EXIT_MEMORY);
}

static void block_free(struct arena_block *b)
{
    UNPOISON(b->data, b->size);
    free(b);
}

static struct arena_block *block_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block)) {
        arena_exhausted();
    }
    struct arena_block *b = malloc(sizeof *b + size);
    if (b == NULL) {
        arena_exhausted();
    }
    b->older = NULL;
    b->spare = NULL;
    b->size = size;
    return b;
}

static void enter_block(struct arena *a, struct arena_block *b)
{
    POISON(b->data, b->size);
    a->newest = b;
    a->next = b->data;
    a->end = b->data + b->size;
}

static void add_block(struct arena *a, size_t need)
{
    struct arena_block *last = a->newest;
    struct arena_block *b = last != NULL ? last->spare : NULL;
    if (b != NULL) {
        last->spare = NULL;
        if (b->size < need) {
            block_free(b);
            b = NULL;
        }
    }
    if (b == NULL) {
        size_t size = last != NULL ? last->size * 2 : FIRST_BLOCK;
        size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
        b = block_new(size > need ? size : need);
    }
    b->older = last;
    enter_block(a, b);
}

static size_t padding(const char *p, size_t align)
{
    return (size_t)(-(uintptr_t)p & (align - 1));
}

/* Unzeroed; the callers fill it at once. */
static char *take(struct arena *a, size_t size, size_t align)
{
    size_t pad = padding(a->next, align);
    size_t room = (size_t)(a->end - a->next);
    if (a->newest == NULL || room < pad + GAP || room - pad - GAP < size) {
        if (size > PTRDIFF_MAX - align - GAP) {
            arena_exhausted();
        }
        add_block(a, size + align + GAP);
        pad = padding(a->next, align);
    }
    char *p = a->next + pad;
    a->next = p + size + GAP;
    UNPOISON(p, size);
    return p;
}

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
    require(align != 0 && align <= 64 && (align & (align - 1)) == 0);
    return memset(take(a, size, align), 0, size);
}

static size_t array_size(size_t count, size_t size)
{
    if (size != 0 && count > (size_t)PTRDIFF_MAX / size) {
        arena_exhausted();
    }
    return count * size;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size, size_t align)
{
    return arena_alloc(a, array_size(count, size), align);
}

void *arena_grow(struct arena *a, void *old, size_t old_cap, size_t new_cap, size_t size,
                 size_t align)
{
    require(new_cap >= old_cap);
    size_t had = array_size(old_cap, size);
    size_t wants = array_size(new_cap, size);
    char *from = old;
    bool newest = had != 0 && from + had + GAP == a->next;
    if (newest && wants - had <= (size_t)(a->end - a->next)) {
        UNPOISON(from, wants);
        memset(from + had, 0, wants - had);
        a->next += wants - had;
        return old;
    }
    char *p = arena_alloc(a, wants, align);
    if (had != 0) {
        memcpy(p, old, had);
    }
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX) {
        arena_exhausted();
    }
    char *p = take(a, len + 1, 1);
    if (len != 0) {
        memcpy(p, s, len);
    }
    p[len] = '\0';
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, again);
    va_end(again);
    require(len >= 0);
    if ((size_t)len < sizeof small) {
        return arena_strndup(a, small, (size_t)len);
    }
    char *text = take(a, (size_t)len + 1, 1);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){.block = a->newest, .next = a->next};
}

/* Drops b, and keeps the larger of it and its spare where keep points. */
static void drop_block(struct arena_block *b, struct arena_block **keep)
{
    struct arena_block *candidates[2] = {b, b->spare};
    b->spare = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct arena_block *c = candidates[i];
        if (c == NULL) {
            continue;
        }
        if (*keep == NULL) {
            *keep = c;
        } else if (c->size > (*keep)->size) {
            block_free(*keep);
            *keep = c;
        } else {
            block_free(c);
        }
    }
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    struct arena_block *keep = NULL;
    while (a->newest != mark.block) {
        require(a->newest != NULL); /* else the mark is of another arena, or already dropped */
        struct arena_block *older = a->newest->older;
        drop_block(a->newest, &keep);
        a->newest = older;
    }
    if (mark.block == NULL) {
        *a = (struct arena){0};
        if (keep != NULL) {
            keep->older = NULL;
            enter_block(a, keep);
        }
        return;
    }
    if (keep != NULL) {
        if (mark.block->spare != NULL) {
            drop_block(mark.block->spare, &keep);
        }
        mark.block->spare = keep;
    }
    a->next = mark.next;
    a->end = mark.block->data + mark.block->size;
    POISON(a->next, (size_t)(a->end - a->next));
}

void arena_reset(struct arena *a)
{
    arena_rewind(a, (struct arena_mark){0});
}

void arena_drop(struct arena *a)
{
    struct arena_block *b = a->newest;
    while (b != NULL) {
        struct arena_block *older = b->older;
        if (b->spare != NULL) {
            block_free(b->spare);
        }
        block_free(b);
        b = older;
    }
    *a = (struct arena){0};
}

size_t arena_size(const struct arena *a)
{
    size_t sum = 0;
    for (const struct arena_block *b = a->newest; b != NULL; b = b->older) {
        sum += sizeof *b + b->size;
        sum += b->spare != NULL ? sizeof *b + b->spare->size : 0;
    }
    return sum;
}
