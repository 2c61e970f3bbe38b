/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of `decide keda` in: never a crash; a line that is not answered has an error and only
 * then; an answer is JSON again.
 */
#include "base/json.h"
#include "base/require.h"
#include "manifest/decide.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observation_room room = {0};
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct strbuf out = {.arena = &a};
    const char *text = (const char *)data;
    const uint32_t source = diag_source(&d, "input", text, size);
    const bool good = decide_keda(&room, text, size, source, 1, NULL, &out, &d);
    require(good == (d.errors == 0));
    require(good == (out.len > 0));
    if (good) {
        require(json_read(&a, out.text, out.len, source, 1, &d) != NULL);
    }
    observation_room_drop(&room);
    arena_drop(&a);
    return 0;
}
