/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formulas of any text: never a crash; what compiles can be run with any values, and what does
 * not has a message.
 */
#include "base/arena.h"
#include "base/require.h"
#include "control/keda/formula.h"

#include "fuzz.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "b", "queue"};
    static const struct formula_input values[][3] = {
        {{0, false}, {0, false}, {0, false}},
        {{1, false}, {2.5, false}, {1e15, false}},
        {{0, true}, {3, false}, {0, true}},
    };
    struct arena a = {0};
    struct formula_error error = {0};
    const char *text = arena_strndup(&a, (const char *)data, size < 4096 ? size : 4096);
    const struct formula *f = formula_compile(&a, formula_rewrite(&a, text), names, 3, &error);
    if (f == NULL) {
        require(error.text != NULL && error.message != NULL);
    } else {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            const struct formula_result r = formula_evaluate(f, values[i], &a);
            require((r.outcome == FORMULA_ERROR) == (r.error != NULL));
        }
    }
    arena_drop(&a);
    return 0;
}
