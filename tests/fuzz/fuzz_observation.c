/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observation logs in: never a crash; a line that is not answered has an error and only
 * then; an answer is JSON again; every release answers. The first byte picks the release.
 */
#include "base/json.h"
#include "base/require.h"
#include "manifest/observation.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observation_room room = {0};
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct strbuf out = {.arena = &a};
    if (size == 0) {
        return 0;
    }
    const int32_t minor = HPA_OLDEST_MINOR + data[0] % (HPA_NEWEST_MINOR - HPA_OLDEST_MINOR + 1);
    const struct observation_options options = {.minor = minor};
    const char *text = (const char *)data + 1;
    const uint32_t source = diag_source(&d, "input", text, size - 1);
    const bool good = observation_decide(&room, text, size - 1, source, 1, &options, &out, &d);
    require(good == (d.errors == 0));
    require(good == (out.len > 0));
    if (good) {
        require(json_read(&a, out.text, out.len, source, 1, &d) != NULL);
    }
    observation_room_drop(&room);
    arena_drop(&a);
    return 0;
}
