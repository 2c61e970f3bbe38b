/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities: never a crash; what is accepted prints as something that is accepted, equals
 * itself and rounds up. (What is printed need not mean the same: a suffix beyond E is left
 * out, and the format can change: 62.5Ki prints 64000, which prints 64k.)
 */
#include "base/arena.h"
#include "base/require.h"
#include "kube/quantity.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct quantity q;
    const char *text = arena_strndup(&a, (const char *)data, size);
    if (quantity_parse_json(&a, text, &q) == QUANTITY_OK) {
        struct quantity again;
        const char *printed = quantity_string(&a, &q);
        require(quantity_parse(&a, printed, &again) == QUANTITY_OK);
        require(quantity_compare(&q, &q) == 0);
        struct quantity up = quantity_round_up(&a, &q, -3);
        require(quantity_sign(&up) == quantity_sign(&q));
        require(quantity_sign(&q) < 0 || quantity_compare(&up, &q) >= 0);
        (void)quantity_value(&q);
        (void)quantity_milli_value(&q);
        (void)quantity_as_double(&q);
        (void)quantity_add(&up, &q);
    }
    arena_drop(&a);
    return 0;
}
