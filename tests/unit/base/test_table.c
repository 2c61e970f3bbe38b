/* SPDX-License-Identifier: Apache-2.0 */
/* The table: insertion order, copies of keys, growth. */
#include "base/table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(table, empty)
{
    struct arena a = {0};
    struct table t = {.arena = &a};
    cr_expect_eq(table_find(&t, ""), TABLE_NONE);
    cr_expect_eq(table_find(&t, "a"), TABLE_NONE);
    cr_expect_eq(table_put(&t, ""), 0);
    cr_expect_eq(table_find(&t, ""), 0);
    arena_drop(&a);
}

Test(table, insertion_order_and_copies)
{
    struct arena a = {0};
    struct table t = {.arena = &a};
    char key[32];
    for (size_t i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "pod-%zu", i * 7919 % 20000);
        cr_assert_eq(table_put(&t, key), i);
    }
    for (size_t i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "pod-%zu", i * 7919 % 20000);
        cr_assert_eq(table_put(&t, key), i, "again %s", key);
        cr_assert_eq(table_find(&t, key), i, "%s", key);
        cr_assert(t.keys[i] != key && strcmp(t.keys[i], key) == 0, "%s", key);
    }
    cr_expect_eq(t.len, 20000);
    cr_expect_eq(table_find(&t, "pod-20000"), TABLE_NONE);
    cr_expect_eq(table_find(&t, "pod"), TABLE_NONE);
    arena_drop(&a);
}
