/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays files through a fuzz target, so that the corpus runs under any
 * compiler. Arguments are files or directories of files; the empty input
 * always runs. The trap: each input is copied to a block of exactly its size,
 * so that AddressSanitizer sees a read past the end.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MAX = 8 << 20, PATH_LENGTH = 4096 };

struct tally {
    size_t passed;
    size_t failed;
};

static void replay_bytes(const char *bytes, size_t len, struct tally *t)
{
    uint8_t *exact = malloc(len != 0 ? len : 1);
    if (exact == NULL) {
        t->failed++;
        return;
    }
    memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    t->passed++;
}

static void replay_file(const char *path, struct tally *t)
{
    FILE *in = fopen(path, "rb");
    char *bytes = malloc(INPUT_MAX);
    if (in == NULL || bytes == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        t->failed++;
    } else {
        fprintf(stderr, "%s\n", path); /* the last one named is the one that crashed */
        replay_bytes(bytes, fread(bytes, 1, INPUT_MAX, in), t);
    }
    if (in != NULL) {
        fclose(in);
    }
    free(bytes);
}

static void replay_path(const char *path, struct tally *t)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return; /* a target without a corpus */
    }
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, t);
        return;
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char file[PATH_LENGTH];
        int len = snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && len > 0 && len < PATH_LENGTH) {
            replay_file(file, t);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    replay_bytes("", 0, &t);
    for (int i = 1; i < argc; i++) {
        replay_path(argv[i], &t);
    }
    printf("%zu passed, %zu failed\n", t.passed, t.failed);
    return t.failed == 0 ? 0 : 1;
}
