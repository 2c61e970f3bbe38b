/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line given to `decide vpa`: never a crash; an answer, or an error that is reported.
 */
#include "base/require.h"
#include "manifest/decide_vpa.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct observation_room room = {0};
    struct strbuf out = {.arena = &arena};
    struct diag d = {.arena = &arena};
    const bool ok = decide_vpa(&room, (const char *)data, size, 0, 1, NULL, &out, &d);
    require(ok ? out.len > 0 && d.errors == 0 : out.len == 0 && d.errors > 0);
    arena_drop(&room.tree);
    arena_drop(&room.state);
    arena_drop(&room.step);
    arena_drop(&arena);
    return 0;
}
