/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario's document in, objects and all: never a crash, and a failure comes with an
 * error. Files that it names are not opened: manifests are taken out, the rest is decoded
 * and resolved as it stands.
 */
#include "manifest/scenario.h"

#include "base/require.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/podtide-fuzz-XXXXXX";
    struct arena arena = {0};
    struct diag diag = {.arena = &arena};
    struct scenario scenario;
    static const char *const no_files[] = {"spec.manifests=[]"};
    const struct scenario_options options = {.sets = no_files, .set_count = 1};
    int fd = mkstemp(path);
    require(fd >= 0);
    FILE *out = fdopen(fd, "wb");
    (void)fwrite(data, 1, size, out);
    (void)fclose(out);
    const char *name = path;
    bool ok = scenario_read(&name, 1, &options, &arena, &diag, &scenario);
    require(ok == (diag.errors == 0));
    require(!ok || (scenario.name && scenario.duration > 0));
    (void)unlink(path);
    arena_drop(&arena);
    return 0;
}
