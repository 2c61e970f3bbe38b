/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a log of cases, as `podtide decide cluster` reads it: never a crash, whatever the kind. */
#include "base/require.h"
#include "manifest/decide.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct observation_room room = {0};
    struct diag d = {.arena = &a};
    struct strbuf out = {.arena = &a};
    const bool good = decide_cluster(&room, (const char *)data, size, 0, 1, NULL, &out, &d);
    require(good == (d.errors == 0));
    require(good || out.len == 0);
    observation_room_drop(&room);
    arena_drop(&a);
    return 0;
}
