/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: alignment, zeroing, growth in place, and that a rewind gives back exactly what came after
 * the mark. */
#include "base/arena.h"
#include "base/vec.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static bool all_bytes(const char *p, char c, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] != c) {
            return false;
        }
    }
    return true;
}

Test(arena, aligned_and_zeroed)
{
    static const struct {
        size_t size;
        size_t align;
    } rows[] = {
        {0, 1},       {1, 1}, {1, 64},  {3, 2},     {7, 4},        {8, 8},
        {100000, 16}, {1, 1}, {64, 64}, {16384, 8}, {5 << 20, 64}, {1, 32},
    };
    struct arena a = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            char *p = arena_alloc(&a, rows[i].size, rows[i].align);
            cr_expect((uintptr_t)p % rows[i].align == 0, "row %zu: alignment", i);
            cr_expect(all_bytes(p, 0, rows[i].size), "row %zu: zero", i);
            memset(p, 0x5A, rows[i].size); /* the second round gets this memory back */
        }
        arena_reset(&a);
    }
    arena_drop(&a);
    cr_expect_eq(arena_size(&a), 0);
}

Test(arena, neighbours_do_not_overlap)
{
    struct arena a = {0};
    char *p[2000];
    for (size_t i = 0; i < 2000; i++) {
        p[i] = arena_alloc(&a, i % 97, (size_t)1 << i % 7);
        memset(p[i], (int)(i % 127), i % 97);
    }
    for (size_t i = 0; i < 2000; i++) {
        cr_expect(all_bytes(p[i], (char)(i % 127), i % 97), "block %zu", i);
    }
    arena_drop(&a);
}

Test(arena, grow_in_place_only_when_newest)
{
    struct arena a = {0};
    int *p = arena_array(&a, int, 4);
    for (int i = 0; i < 4; i++) {
        p[i] = i + 1;
    }
    int *q = arena_grow(&a, p, 4, 8, sizeof *p, _Alignof(int));
    cr_expect(q == p, "newest grows in place");
    cr_expect(q[3] == 4 && q[4] == 0 && q[7] == 0);
    (void)arena_alloc(&a, 1, 1);
    q[7] = 8;
    int *r = arena_grow(&a, q, 8, 9, sizeof *q, _Alignof(int));
    cr_expect(r != q, "something came after");
    cr_expect(r[0] == 1 && r[3] == 4 && r[7] == 8 && r[8] == 0);
    int *s = arena_grow(&a, NULL, 0, 3, sizeof *s, _Alignof(int));
    cr_expect(s != NULL && s[2] == 0, "from nothing");
    int *large = arena_grow(&a, s, 3, 1 << 20, sizeof *s, _Alignof(int));
    cr_expect(large != s && large[(1 << 20) - 1] == 0, "into another block");
    arena_drop(&a);
}

Test(arena, rewind_returns_to_the_mark)
{
    struct arena a = {0};
    char *kept = arena_strdup(&a, "kept");
    struct arena_mark mark = arena_mark(&a);
    char *first = arena_alloc(&a, 10, 1);
    for (int i = 0; i < 100; i++) {
        (void)arena_alloc(&a, 50000, 8);
    }
    arena_rewind(&a, mark);
    cr_expect_str_eq(kept, "kept");
    cr_expect(arena_alloc(&a, 10, 1) == (void *)first, "the same place again");
    arena_rewind(&a, mark);
    arena_drop(&a);
}

/* A mark at the end of a block must not fetch a block from malloc each turn, nor grow. */
Test(arena, rewinding_in_a_loop_does_not_grow)
{
    struct arena a = {0};
    (void)arena_alloc(&a, 16000, 1);
    struct arena_mark mark = arena_mark(&a);
    size_t size = 0;
    for (int i = 0; i < 1000; i++) {
        memset(arena_alloc(&a, 3000, 8), 1, 3000);
        memset(arena_alloc(&a, 300000, 8), 1, 300000);
        arena_rewind(&a, mark);
        size = i == 2 ? arena_size(&a) : size;
    }
    cr_expect_eq(arena_size(&a), size);
    arena_drop(&a);
}

Test(arena, rewind_to_the_empty_arena)
{
    struct arena a = {0};
    struct arena_mark mark = arena_mark(&a);
    (void)arena_alloc(&a, 100, 8);
    (void)arena_alloc(&a, 1 << 20, 8);
    arena_rewind(&a, mark);
    size_t held = arena_size(&a);
    cr_expect(held >= 1 << 20, "keeps the largest block");
    (void)arena_alloc(&a, 1 << 20, 8);
    cr_expect_eq(arena_size(&a), held);
    arena_reset(&a);
    arena_reset(&a);
    arena_drop(&a);
    arena_reset(&a);
    cr_expect_eq(arena_size(&a), 0);
}

Test(arena, text)
{
    struct arena a = {0};
    cr_expect_str_eq(arena_strdup(&a, ""), "");
    cr_expect_str_eq(arena_strndup(&a, "abcdef", 3), "abc");
    cr_expect_str_eq(arena_strndup(&a, NULL, 0), "");
    cr_expect_str_eq(arena_printf(&a, "%s-%d", "pod", 7), "pod-7");
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    for (size_t len = 250; len < 260; len++) { /* around the size that needs a second pass */
        char *s = arena_printf(&a, "%.*s", (int)len, long_text);
        cr_expect(strlen(s) == len && all_bytes(s, 'x', len), "length %zu", len);
    }
    cr_expect_eq(strlen(arena_printf(&a, "%s", long_text)), sizeof long_text - 1);
    arena_drop(&a);
}

Test(vec, push)
{
    struct arena a = {0};
    struct item {
        int n;
        char pad[13];
    };
    VEC(struct item) v = {0};
    for (int i = 0; i < 1000; i++) {
        struct item *it = vec_push(&a, &v);
        cr_expect(it->n == 0 && it->pad[12] == 0, "item %d is zero", i);
        it->n = i;
        if (i % 3 == 0) {
            (void)arena_alloc(&a, 5, 1);
        }
    }
    cr_expect_eq(v.len, 1000);
    for (int i = 0; i < 1000; i++) {
        cr_expect_eq(v.items[i].n, i);
    }
    arena_drop(&a);
}

Test(vec, a_used_slot_comes_back_as_zero)
{
    struct arena a = {0};
    VEC(int) v = {0};
    *vec_push(&a, &v) = 7;
    v.len--;
    cr_expect(*vec_push(&a, &v) == 0);
    arena_drop(&a);
}
