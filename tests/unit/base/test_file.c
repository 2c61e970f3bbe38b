/* SPDX-License-Identifier: Apache-2.0 */
/* Files: plain and gzip in, limits, and that a target is replaced whole or not at all. */
#include "base/file.h"
#include "base/str.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char *directory(struct arena *a)
{
    const char *top = getenv("TMPDIR");
    char *path = arena_printf(a, "%s/podtide-test-XXXXXX", top != NULL ? top : "/tmp");
    cr_assert_not_null(mkdtemp(path));
    return path;
}

static void put(const char *path, const char *bytes, size_t len)
{
    FILE *out = fopen(path, "wb");
    cr_assert(out != NULL && fwrite(bytes, 1, len, out) == len && fclose(out) == 0);
}

static void put_gzip(const char *path, const char *bytes, size_t len)
{
    gzFile out = gzopen(path, "wb");
    cr_assert(out != NULL && gzwrite(out, bytes, (unsigned)len) == (int)len);
    cr_assert_eq(gzclose(out), Z_OK);
}

Test(file, read_plain_and_gzip)
{
    struct arena a = {0};
    const char *dir = directory(&a);
    const char *path = arena_printf(&a, "%s/f", dir);
    static const size_t lengths[] = {0, 1, 2, 4093, 4094, 4095, 4096, 4097, 100000, 3000000};
    char *bytes = arena_alloc(&a, 3000000, 1);
    for (size_t i = 0; i < 3000000; i++) {
        bytes[i] = (char)("pod-\0x\n"[i % 7] + (char)(i % 3));
    }
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i / 2];
        if (i % 2 == 0) {
            put(path, bytes, len);
        } else {
            put_gzip(path, bytes, len);
        }
        struct diag d = {.arena = &a};
        struct file_text t;
        cr_assert(file_read(&a, path, 0, &t, &d), "row %zu", i);
        cr_expect(t.len == len && memcmp(t.text, bytes, len) == 0 && t.text[len] == '\0', "row %zu",
                  i);
    }
    unlink(path);
    rmdir(dir);
    arena_drop(&a);
}

Test(file, read_errors)
{
    struct arena a = {0};
    const char *dir = directory(&a);
    const char *path = arena_printf(&a, "%s/f.gz", dir);
    const char *cut = arena_printf(&a, "%s/cut.gz", dir);
    const char *plain = arena_printf(&a, "%s/plain", dir);
    char *bytes = arena_alloc(&a, 100000, 1);
    for (size_t i = 0; i < 100000; i++) {
        bytes[i] = (char)(i * i % 251);
    }
    put_gzip(path, bytes, 100000);
    const char *large = arena_printf(&a, "%s/large.gz", dir);
    put_gzip(large, arena_alloc(&a, 4u << 20, 1), 4u << 20);
    struct diag d = {.arena = &a};
    struct file_text packed;
    struct file_text t;
    FILE *in = fopen(path, "rb");
    packed.text = arena_alloc(&a, 200000, 1);
    packed.len = fread(packed.text, 1, 200000, in);
    fclose(in);
    put(cut, packed.text, packed.len / 2);
    put(plain, bytes, 101);
    const struct {
        const char *path;
        size_t max;
        const char *message; /* NULL when it is read */
    } rows[] = {
        {arena_printf(&a, "%s/absent", dir), 0, "cannot open: No such file or directory"},
        {dir, 0, "cannot read: it is a directory"},
        {cut, 0, "cannot read: "},
        {path, 99999, "cannot read: larger than 99999 bytes"},
        {path, 100000, NULL},
        {plain, 100, "cannot read: larger than 100 bytes"},
        {plain, 101, NULL},
        {plain, 1, "cannot read: larger than 1 bytes"},
        {large, 3u << 20, "cannot read: larger than 3 MiB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        d.count = 0;
        bool good = file_read(&a, rows[i].path, rows[i].max, &t, &d);
        cr_expect_eq(good, rows[i].message == NULL, "row %zu", i);
        cr_expect(good || str_starts(diag_message(&d, 0), rows[i].message), "row %zu: %s", i,
                  diag_message(&d, 0));
        cr_expect(good || (t.text == NULL && t.len == 0), "row %zu: nothing comes out", i);
    }
    unlink(path);
    unlink(cut);
    unlink(plain);
    unlink(large);
    rmdir(dir);
    arena_drop(&a);
}

static const char *content(struct arena *a, const char *path)
{
    struct diag d = {.arena = a};
    struct file_text t;
    return file_read(a, path, 0, &t, &d) ? t.text : "(absent)";
}

Test(file, write_replaces_whole_or_not_at_all)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    const char *dir = directory(&a);
    const char *path = arena_printf(&a, "%s/f", dir);
    struct file_writer w;

    cr_assert(file_create(&a, path, &w, &d));
    fputs("one", w.out);
    cr_expect_str_eq(content(&a, path), "(absent)", "nothing to see before the commit");
    cr_expect(file_commit(&w, &d));
    cr_expect_str_eq(content(&a, path), "one");

    chmod(path, 0640);
    cr_assert(file_create(&a, path, &w, &d));
    fputs("two", w.out);
    fflush(w.out);
    cr_expect_str_eq(content(&a, path), "one");
    file_abandon(&w);
    cr_expect_str_eq(content(&a, path), "one");

    cr_assert(file_create(&a, path, &w, &d));
    fputs("three", w.out);
    cr_expect(file_commit(&w, &d));
    cr_expect_str_eq(content(&a, path), "three");
    struct stat st;
    cr_expect(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640, "keeps the permissions");

    file_abandon(&(struct file_writer){0});
    cr_expect_eq(d.errors, 0);
    unlink(path);
    cr_expect_eq(rmdir(dir), 0, "no temporary left behind");
    arena_drop(&a);
}

Test(file, write_through_what_is_no_regular_file)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    const char *dir = directory(&a);
    const char *path = arena_printf(&a, "%s/f", dir);
    const char *link = arena_printf(&a, "%s/link", dir);
    struct file_writer w;
    put(path, "old text", 8);
    cr_assert_eq(symlink(path, link), 0);
    cr_assert(file_create(&a, link, &w, &d));
    fputs("new", w.out);
    cr_expect(file_commit(&w, &d));
    struct stat st;
    cr_expect(lstat(link, &st) == 0 && S_ISLNK(st.st_mode), "still a link");
    cr_expect_str_eq(content(&a, path), "new");
    cr_assert(file_create(&a, "/dev/null", &w, &d));
    fputs("x", w.out);
    cr_expect(file_commit(&w, &d));
    cr_expect(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
    unlink(link);
    unlink(path);
    rmdir(dir);
    arena_drop(&a);
}

Test(file, write_errors)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct file_writer w;
    cr_expect(!file_create(&a, "/nonexistent/dir/f", &w, &d));
    cr_expect(str_starts(diag_message(&d, 0), "cannot write: No such file"));
    file_abandon(&w);
    if (access("/dev/full", W_OK) == 0) {
        cr_assert(file_create(&a, "/dev/full", &w, &d));
        fputs("x", w.out);
        cr_expect(!file_commit(&w, &d), "a full device");
        cr_expect(str_starts(diag_message(&d, 1), "cannot write: No space left"));
    }
    arena_drop(&a);
}
