/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of what controllers saw, as a damaged run file may hold them: each is a length of two
 * bytes and that many bytes. Whatever is taken must be fit for the controller.
 */
#include "control/hpa/reconcile.h"
#include "record/sync_log.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct sync_decoder decoder = {.arena = &a};
    struct hpa_state state = {.arena = &a};
    simtime now = 0;
    while (size >= 2) {
        struct decoded_sync seen;
        struct hpa_decision d;
        size_t len = (size_t)data[0] << 8 | data[1];
        len = len < size - 2 ? len : size - 2;
        if (!sync_decode(&decoder, data + 2, len, &seen)) {
            break;
        }
        hpa_reconcile(seen.spec, &decoder.config, &state, seen.view, now, &a, &d);
        if (d.rescale) {
            hpa_applied(&decoder.config, &state, &d, seen.update_error, now);
        }
        now += decoder.config.sync_period;
        data += 2 + len;
        size -= 2 + len;
    }
    sync_decoder_drop(&decoder);
    arena_drop(&a);
    return 0;
}
