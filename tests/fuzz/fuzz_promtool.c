/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as promtool's series shorthand: never a crash; a failure comes with
 * an error; what is accepted has rising pieces and an end after them.
 */
#include "base/require.h"
#include "load/pattern.h"

#include "fuzz.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int linear = 0; linear < 2; linear++) {
        struct arena a = {0};
        struct diag d = {.arena = &a};
        struct pattern_context c = {.arena = &a, .diag = &d, .negative_allowed = linear == 1};
        struct pattern_promtool p = {.linear = linear == 1};
        struct series s;
        p.values = arena_strndup(&a, (const char *)data, size < 200 ? size : 200);
        bool good = pattern_promtool(&p, (struct mark){0}, &c, &s);
        require(good == (d.errors == 0));
        for (size_t i = 0; good && i < s.pieces.len; i++) {
            const struct series_piece *piece = &s.pieces.items[i];
            require(piece->at < (i + 1 < s.pieces.len ? piece[1].at : s.end));
            require(isnan(piece->begin) || isfinite(piece->begin));
            require(linear == 1 || !(piece->begin < 0));
        }
        arena_drop(&a);
    }
    return 0;
}
