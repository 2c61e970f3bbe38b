/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pattern-defeating quicksort with Go 1.26's choices (src/slices/zsortanyfunc.go): insertion
 * sort up to 12 items, median of three or of nine from 50 on, a partial insertion sort where
 * the items look sorted, heap sort after too many bad pivots. Faithful in what equal items are
 * swapped, which is all that matters here.
 *
 * The trap: the scattering of a bad partition is "random" from the length alone, so it is the
 * same in every run.
 */
#include "control/vpa/gosort.h"

#include <stdint.h>

#define MAX_INSERTION  12
#define NINTHER        50
#define MAX_SWAPS      12
#define PARTIAL_STEPS  5
#define SHORTEST_SHIFT 50

struct sorting {
    size_t *items;
    gosort_before *before;
    const void *context;
};

enum hint { HINT_UNKNOWN, HINT_INCREASING, HINT_DECREASING };

/* Whether the item at place x must stand before the one at y. */
static bool lt(const struct sorting *s, int64_t x, int64_t y)
{
    return s->before(s->context, s->items[x], s->items[y]);
}

static void swap(struct sorting *s, int64_t x, int64_t y)
{
    const size_t item = s->items[x];
    s->items[x] = s->items[y];
    s->items[y] = item;
}

static void insertion_sort(struct sorting *s, int64_t from, int64_t to)
{
    for (int64_t i = from + 1; i < to; i++) {
        for (int64_t k = i; k > from && lt(s, k, k - 1); k--) {
            swap(s, k, k - 1);
        }
    }
}

static void sift_down(struct sorting *s, int64_t root, int64_t end, int64_t first)
{
    for (;;) {
        int64_t child = 2 * root + 1;
        if (child >= end) {
            return;
        }
        if (child + 1 < end && lt(s, first + child, first + child + 1)) {
            child++;
        }
        if (!lt(s, first + root, first + child)) {
            return;
        }
        swap(s, first + root, first + child);
        root = child;
    }
}

static void heap_sort(struct sorting *s, int64_t from, int64_t to)
{
    const int64_t end = to - from;
    for (int64_t i = (end - 1) / 2; i >= 0; i--) {
        sift_down(s, i, end, from);
    }
    for (int64_t i = end - 1; i >= 0; i--) {
        swap(s, from, from + i);
        sift_down(s, 0, i, from);
    }
}

static int64_t bit_length(uint64_t v)
{
    int64_t bits = 0;
    for (; v != 0; v >>= 1) {
        bits++;
    }
    return bits;
}

static void break_patterns(struct sorting *s, int64_t from, int64_t to)
{
    const int64_t length = to - from;
    uint64_t random = (uint64_t)length;
    const uint64_t mask = ((uint64_t)1 << bit_length((uint64_t)length)) - 1;
    const int64_t middle = from + length / 4 * 2;
    for (int64_t i = middle - 1; i <= middle + 1; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t other = (int64_t)(random & mask);
        if (other >= length) {
            other -= length;
        }
        swap(s, i, from + other);
    }
}

/* Puts the places in order of their items, counting. */
static void order_two(const struct sorting *s, int64_t *x, int64_t *y, int *swaps)
{
    if (lt(s, *y, *x)) {
        const int64_t place = *x;
        *x = *y;
        *y = place;
        ++*swaps;
    }
}

static int64_t median(const struct sorting *s, int64_t x, int64_t y, int64_t z, int *swaps)
{
    order_two(s, &x, &y, swaps);
    order_two(s, &y, &z, swaps);
    order_two(s, &x, &y, swaps);
    return y;
}

static int64_t choose_pivot(const struct sorting *s, int64_t from, int64_t to, enum hint *hint)
{
    const int64_t length = to - from;
    int swaps = 0;
    int64_t x = from + length / 4 * 1;
    int64_t y = from + length / 4 * 2;
    int64_t z = from + length / 4 * 3;
    if (length >= NINTHER) {
        x = median(s, x - 1, x, x + 1, &swaps);
        y = median(s, y - 1, y, y + 1, &swaps);
        z = median(s, z - 1, z, z + 1, &swaps);
    }
    y = median(s, x, y, z, &swaps);
    *hint = swaps == 0 ? HINT_INCREASING : swaps == MAX_SWAPS ? HINT_DECREASING : HINT_UNKNOWN;
    return y;
}

/* Shifts the smaller of two swapped neighbours to the left, the greater to the right. */
static void shift_pair(struct sorting *s, int64_t from, int64_t to, int64_t i)
{
    if (i - from >= 2) {
        for (int64_t k = i - 1; k >= 1 && lt(s, k, k - 1); k--) {
            swap(s, k, k - 1);
        }
    }
    if (to - i >= 2) {
        for (int64_t k = i + 1; k < to && lt(s, k, k - 1); k++) {
            swap(s, k, k - 1);
        }
    }
}

/* True when the items are sorted at the end. */
static bool partial_insertion_sort(struct sorting *s, int64_t from, int64_t to)
{
    int64_t i = from + 1;
    for (int step = 0; step < PARTIAL_STEPS; step++) {
        while (i < to && !lt(s, i, i - 1)) {
            i++;
        }
        if (i == to) {
            return true;
        }
        if (to - from < SHORTEST_SHIFT) {
            return false;
        }
        swap(s, i, i - 1);
        shift_pair(s, from, to, i);
    }
    return false;
}

/* Items equal to the pivot first; returns the place after them. None is smaller. */
static int64_t partition_equal(struct sorting *s, int64_t from, int64_t to, int64_t pivot)
{
    swap(s, from, pivot);
    int64_t i = from + 1;
    int64_t k = to - 1;
    for (;;) {
        while (i <= k && !lt(s, from, i)) {
            i++;
        }
        while (i <= k && lt(s, from, k)) {
            k--;
        }
        if (i > k) {
            return i;
        }
        swap(s, i++, k--);
    }
}

/* Smaller items, the pivot, the rest; returns the pivot's place. */
static int64_t partition(struct sorting *s, int64_t from, int64_t to, int64_t pivot, bool *already)
{
    swap(s, from, pivot);
    int64_t i = from + 1;
    int64_t k = to - 1;
    *already = true;
    for (;;) {
        while (i <= k && lt(s, i, from)) {
            i++;
        }
        while (i <= k && !lt(s, k, from)) {
            k--;
        }
        if (i > k) {
            swap(s, k, from);
            return k;
        }
        swap(s, i++, k--);
        *already = false;
    }
}

static void sort(struct sorting *s, int64_t from, int64_t to, int64_t limit)
{
    bool balanced = true;
    bool partitioned = true;
    while (to - from > MAX_INSERTION) {
        const int64_t length = to - from;
        enum hint hint;
        if (limit == 0) {
            heap_sort(s, from, to);
            return;
        }
        if (!balanced) {
            break_patterns(s, from, to);
            limit--;
        }
        int64_t pivot = choose_pivot(s, from, to, &hint);
        if (hint == HINT_DECREASING) {
            for (int64_t i = from, k = to - 1; i < k; i++, k--) {
                swap(s, i, k);
            }
            pivot = to - 1 - (pivot - from);
            hint = HINT_INCREASING;
        }
        if (balanced && partitioned && hint == HINT_INCREASING &&
            partial_insertion_sort(s, from, to)) {
            return;
        }
        if (from > 0 && !lt(s, from - 1, pivot)) {
            from = partition_equal(s, from, to, pivot);
            continue;
        }
        const int64_t middle = partition(s, from, to, pivot, &partitioned);
        const int64_t left = middle - from;
        const int64_t right = to - middle;
        balanced = (left < right ? left : right) >= length / 8;
        if (left < right) {
            sort(s, from, middle, limit);
            from = middle + 1;
        } else {
            sort(s, middle + 1, to, limit);
            to = middle;
        }
    }
    insertion_sort(s, from, to);
}

void gosort(size_t *items, size_t count, gosort_before *before, const void *context)
{
    struct sorting s = {.items = items, .before = before, .context = context};
    sort(&s, 0, (int64_t)count, bit_length(count));
}
