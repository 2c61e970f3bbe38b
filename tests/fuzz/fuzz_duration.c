/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations, instants and selectors: never a crash; what is accepted, written and read again
 * is the same; what is refused has a message.
 */
#include "base/arena.h"
#include "base/require.h"
#include "base/str.h"
#include "kube/duration.h"
#include "kube/labels.h"
#include "kube/timestamp.h"

#include "fuzz.h"

static void check_duration(struct arena *a, const char *text)
{
    int64_t ns;
    int64_t again;
    bool ok = duration_parse(text, &ns);
    require(ok == (duration_error(a, text) == NULL));
    if (ok || duration_parse_friendly(text, &ns)) {
        char printed[DURATION_MAX];
        require(duration_parse(duration_format(printed, ns), &again));
        require(ns == again);
    }
}

static void check_timestamp(const char *text)
{
    int64_t ns;
    int64_t again;
    int32_t offset;
    if (timestamp_parse(text, 3600, &ns, NULL)) {
        char printed[TIMESTAMP_MAX];
        require(timestamp_parse_rfc3339(timestamp_format(printed, ns, 0), &again));
        require(ns == again);
    }
    (void)timestamp_parse_offset(text, &offset);
}

static void check_selector(struct arena *a, const char *text)
{
    struct label_selector s;
    struct label_selector again;
    if (label_selector_parse(a, text, &s) == NULL) {
        const char *printed = label_selector_string(a, &s);
        require(label_selector_parse(a, printed, &again) == NULL);
        require(str_equal(label_selector_string(a, &again), printed));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    const char *text = arena_strndup(&a, (const char *)data, size);
    check_duration(&a, text);
    check_timestamp(text);
    check_selector(&a, text);
    arena_drop(&a);
    return 0;
}
