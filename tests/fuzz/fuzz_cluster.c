/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of `decide cluster`: whatever the line, an answer of one line or an error, the same twice. */
#include "base/require.h"
#include "manifest/decide.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observation_room room = {0};
    struct arena a = {0};
    struct strbuf out[2] = {{.arena = &a}, {.arena = &a}};
    bool good[2];
    for (int i = 0; i < 2; i++) {
        struct diag d = {.arena = &a};
        good[i] = decide_cluster(&room, (const char *)data, size, 0, 1, NULL, &out[i], &d);
        require(good[i] == (d.errors == 0));
        require(good[i] || out[i].len == 0);
    }
    require(good[0] == good[1] && strcmp(strbuf_text(&out[0]), strbuf_text(&out[1])) == 0);
    require(!good[0] || out[0].text[out[0].len - 1] == '\n');
    observation_room_drop(&room);
    arena_drop(&a);
    return 0;
}
