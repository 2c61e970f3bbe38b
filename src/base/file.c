/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides how whole files come in and go out. zlib reads plain text and gzip
 * alike; output goes to a new file beside the target, renamed over it when all
 * was written well. The traps: a cut-off gzip file only shows at gzclose; a
 * small gzip file can unpack to any size, hence max; and a target that is no
 * regular file (a pipe, /dev/null, a link) must be written, not replaced.
 */
#include "base/file.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static struct mark whole_file(struct diag *d, const char *name)
{
    return (struct mark){.source = diag_source(d, name, NULL, 0)};
}

static void complain(struct diag *d, const char *path, const char *what, const char *why)
{
    diag_error(d, whole_file(d, arena_strdup(d->arena, path)), "cannot %s: %s", what, why);
}

/* ---- in ---- */

static int open_input(const char *path, struct diag *d, size_t *size)
{
    bool standard = str_equal(path, "-");
    int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        complain(d, standard ? "<stdin>" : path, "open", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    if (S_ISDIR(st.st_mode)) {
        complain(d, path, "read", "it is a directory");
        close(fd);
        return -1;
    }
    *size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
    return fd;
}

/* Reads all of in; NULL, or why not. */
static const char *read_all(struct arena *a, gzFile in, size_t hint, size_t max,
                            struct file_text *out)
{
    size_t cap = (hint < max ? hint : max) + 2; /* the NUL, and a byte to see the end */
    cap = cap < 4096 ? 4096 : cap;
    out->text = arena_alloc(a, cap, 1);
    out->len = 0;
    for (;;) {
        size_t room = cap - 1 - out->len;
        unsigned chunk = room > (size_t)1 << 30 ? 1u << 30 : (unsigned)room;
        int got = gzread(in, out->text + out->len, chunk);
        if (got < 0) {
            int code;
            const char *why = gzerror(in, &code);
            return arena_strdup(a, code == Z_ERRNO ? strerror(errno) : why);
        }
        out->len += (size_t)got;
        if (out->len > max) {
            return max >> 20 != 0 ? arena_printf(a, "larger than %zu MiB", max >> 20)
                                  : arena_printf(a, "larger than %zu bytes", max);
        }
        if (got == 0) {
            out->text[out->len] = '\0';
            return NULL;
        }
        if (out->len == cap - 1) {
            out->text = arena_grow(a, out->text, cap, cap * 2, 1, 1);
            cap *= 2;
        }
    }
}

bool file_read(struct arena *a, const char *path, size_t max, struct file_text *out, struct diag *d)
{
    *out = (struct file_text){0};
    const char *name = str_equal(path, "-") ? "<stdin>" : path;
    size_t hint;
    int fd = open_input(path, d, &hint);
    if (fd < 0) {
        return false;
    }
    gzFile in = gzdopen(fd, "rb");
    if (in == NULL) {
        arena_exhausted();
    }
    (void)gzbuffer(in, 1u << 17);
    size_t most = max != 0 ? max : (size_t)UINT32_MAX + (sizeof(size_t) > 4 ? 1 : 0);
    most = most > SIZE_MAX / 4 ? SIZE_MAX / 4 : most;
    struct file_text text;
    const char *why = read_all(a, in, hint, most, &text);
    int closed = gzclose_r(in);
    if (why == NULL && closed != Z_OK) {
        why = closed == Z_BUF_ERROR ? "the compressed data ends too early" : "a read error";
    }
    if (why != NULL) {
        complain(d, name, "read", why);
        return false;
    }
    *out = text;
    return true;
}

/* ---- out ---- */

/* A new file beside path; its name must not be guessed right by another run. */
static int create_beside(struct arena *a, const char *path, const char **name)
{
    for (unsigned attempt = 0; attempt < 1000; attempt++) {
        *name = arena_printf(a, "%s.tmp%ld-%u", path, (long)getpid(), attempt);
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

bool file_create(struct arena *a, const char *path, struct file_writer *w, struct diag *d)
{
    *w = (struct file_writer){.path = arena_strdup(a, path)};
    if (str_equal(path, "-")) {
        w->path = "<stdout>";
        w->out = stdout;
        return true;
    }
    struct stat st;
    bool exists = lstat(path, &st) == 0;
    int fd;
    if (exists && !S_ISREG(st.st_mode)) {
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    } else {
        fd = create_beside(a, path, &w->temporary);
    }
    if (fd < 0) {
        complain(d, path, "write", strerror(errno));
        *w = (struct file_writer){0};
        return false;
    }
    if (exists && w->temporary != NULL) {
        (void)fchmod(fd, st.st_mode & 0777); /* the new file keeps the old one's permissions */
    }
    w->out = fdopen(fd, "w");
    if (w->out == NULL) {
        arena_exhausted();
    }
    return true;
}

bool file_commit(struct file_writer *w, struct diag *d)
{
    errno = 0;
    bool good = fflush(w->out) == 0 && !ferror(w->out);
    int why = errno;
    if (w->out != stdout) {
        errno = 0;
        bool closed = fclose(w->out) == 0;
        why = good ? errno : why;
        good = good && closed;
    }
    if (good && w->temporary != NULL) {
        good = rename(w->temporary, w->path) == 0;
        why = errno;
    }
    if (!good) {
        complain(d, w->path, "write", why != 0 ? strerror(why) : "a write error");
        if (w->temporary != NULL) {
            (void)unlink(w->temporary);
        }
    }
    *w = (struct file_writer){0};
    return good;
}

void file_abandon(struct file_writer *w)
{
    if (w->out != NULL && w->out != stdout) {
        (void)fclose(w->out);
    }
    if (w->temporary != NULL) {
        (void)unlink(w->temporary);
    }
    *w = (struct file_writer){0};
}
