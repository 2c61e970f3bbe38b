/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs gnuplot: the script (with the data in it, as datablocks) goes to a temporary
 * file, gnuplot to a temporary picture, and the picture is renamed to its name when
 * gnuplot ended well, so nobody sees half of one.
 * The traps: gnuplot reports errors on stderr and may still exit with 0, so an
 * empty picture is an error too; locale and fonts must not come from the user's
 * environment more than they have to.
 */
#include "report/gnuplot.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct mark nowhere;

/* Where things are */

/* The program in PATH, NULL when it is not there. */
static const char *find_program(struct arena *a, const char *name)
{
    const char *path = getenv("PATH");
    for (const char *p = path != NULL ? path : "/usr/local/bin:/usr/bin:/bin"; *p != '\0';) {
        size_t len = strcspn(p, ":");
        const char *dir = len > 0 ? arena_strndup(a, p, len) : ".";
        const char *file = arena_printf(a, "%s/%s", dir, name);
        if (access(file, X_OK) == 0) {
            return file;
        }
        p += len + (p[len] == ':');
    }
    return NULL;
}

static const char *templates_in(struct arena *a, const char *dir)
{
    return access(arena_printf(a, "%s/page.gp", dir), R_OK) == 0 ? dir : NULL;
}

/* Beside the program: an installation has ../share/podtide/plots, a build tree plots/ above. */
static const char *find_templates(struct arena *a)
{
    static const char *const places[] = {"../share/podtide/plots", "../plots", "../../plots",
                                         "plots"};
    const char *found = getenv("PODTIDE_PLOTS");
    if (found != NULL && (found = templates_in(a, found)) != NULL) {
        return found;
    }
    char exe[4096];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash = NULL;
    if (len > 0) {
        exe[len] = '\0';
        slash = strrchr(exe, '/');
    }
    for (size_t i = 0; slash != NULL && i < sizeof places / sizeof *places; i++) {
        *slash = '\0';
        found = templates_in(a, arena_printf(a, "%s/%s", exe, places[i]));
        if (found != NULL) {
            return found;
        }
    }
    return templates_in(a, "plots");
}

/* Running gnuplot */

/* Standard input and output of the child; only its own output file matters. */
static void redirect(int errors)
{
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
}

static bool run_gnuplot(const char *program, const char *script, int errors, int *status)
{
    pid_t pid = fork();
    if (pid < 0) {
        return false;
    }
    if (pid == 0) {
        redirect(errors);
        setenv("LC_ALL", "C.UTF-8", 1);
        setenv("TZ", "UTC", 1);
        unsetenv("GNUTERM");
        execl(program, program, "-d", script, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static const char *read_errors(struct arena *a, int fd)
{
    char text[600];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    if (len <= 0) {
        return "no message";
    }
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) {
        len--;
    }
    char *copy = arena_strndup(a, text, (size_t)len);
    while (*copy == '\n') {
        copy++;
    }
    return copy;
}

static bool has_content(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && s.st_size > 0;
}

/*
 * gnuplot's svg terminal writes a font's name as it is, weight and all, and can hold no list of
 * fallbacks: both are put right here.
 */
static bool fix_fonts(struct arena *a, const char *path, struct diag *d)
{
    static const char bold[] = "font-family=\"DejaVu Sans:Bold\"";
    static const char plain[] = "font-family=\"DejaVu Sans\"";
    struct file_text in;
    struct file_writer w;
    if (!file_read(a, path, 0, &in, d) || !file_create(a, path, &w, d)) {
        return false;
    }
    const char *end = in.text + in.len;
    for (const char *p = in.text; p < end;) {
        const char *next = strstr(p, "font-family=");
        next = next != NULL ? next : end;
        fwrite(p, 1, (size_t)(next - p), w.out);
        p = next;
        if (str_starts(p, bold)) {
            fputs("font-family=\"DejaVu Sans,Verdana,sans-serif\" font-weight=\"bold\"", w.out);
            p += sizeof bold - 1;
        } else if (str_starts(p, plain)) {
            fputs("font-family=\"DejaVu Sans,Verdana,sans-serif\"", w.out);
            p += sizeof plain - 1;
        } else if (p < end) {
            fputc(*p++, w.out);
        }
    }
    return file_commit(&w, d);
}

static bool write_script(const struct gnuplot *w, const char *text, struct diag *d)
{
    FILE *f = fopen(w->script_path, "w");
    bool ok = f != NULL && fputs(text, f) >= 0;
    if (f != NULL && fclose(f) != 0) {
        ok = false;
    }
    if (!ok) {
        diag_error(d, nowhere, "%s cannot be written: %s", w->script_path, strerror(errno));
    }
    return ok;
}

bool gnuplot_draw(const struct gnuplot *w, const char *path, gnuplot_script *script, void *context,
                  struct diag *d)
{
    const char *half = arena_printf(w->arena, "%s.part", path);
    FILE *probe = fopen(half, "w");
    if (probe == NULL) {
        diag_error(d, nowhere, "%s cannot be written: %s", path, strerror(errno));
        return false;
    }
    fclose(probe);
    int status = 0;
    bool ran = write_script(w, script(context, w->templates, half), d) &&
               run_gnuplot(w->program, w->script_path, w->errors, &status);
    bool good = ran && WIFEXITED(status) && WEXITSTATUS(status) == 0 && has_content(half);
    if (good && str_ends(path, ".svg") && !fix_fonts(w->arena, half, d)) {
        ran = good = false; /* said already */
    }
    if (good && rename(half, path) != 0) {
        diag_error(d, nowhere, "%s cannot be written: %s", path, strerror(errno));
        good = false;
    } else if (!good && ran) {
        diag_error(d, nowhere, "gnuplot could not draw %s: %s", path,
                   read_errors(w->arena, w->errors));
        diag_help(d, "podtide needs gnuplot 5.2 or newer with the pngcairo and svg terminals");
    }
    if (!good) {
        unlink(half);
    }
    return good;
}

bool gnuplot_check_path(const char *path, struct diag *d)
{
    if (strlen(path) > 4 && (str_ends(path, ".png") || str_ends(path, ".svg"))) {
        return true;
    }
    diag_error(d, nowhere, "%s: pictures are .png or .svg files", path);
    return false;
}

static bool find_tools(struct gnuplot *w, const char *templates, struct diag *d)
{
    w->program = find_program(w->arena, "gnuplot");
    if (w->program == NULL) {
        diag_error(d, nowhere, "gnuplot, which draws the pictures, is not in PATH");
        diag_help(d, "install it (Debian and Ubuntu: apt-get install gnuplot-nox)");
        return false;
    }
    w->templates = templates != NULL ? templates_in(w->arena, templates) : find_templates(w->arena);
    if (w->templates == NULL) {
        diag_error(d, nowhere, "the plot templates (page.gp and others) are not in %s",
                   templates != NULL ? templates : "share/podtide/plots beside the program");
        diag_help(d, "name their folder in PODTIDE_PLOTS");
        return false;
    }
    return true;
}

bool gnuplot_open(struct gnuplot *w, const char *templates, struct arena *a, struct diag *d)
{
    *w = (struct gnuplot){.arena = a, .errors = -1};
    if (!find_tools(w, templates, d)) {
        return false;
    }
    const char *tmp = getenv("TMPDIR");
    char *script = arena_printf(a, "%s/podtide-plot-XXXXXX", tmp != NULL ? tmp : "/tmp");
    char *errors = arena_printf(a, "%s/podtide-plot-XXXXXX", tmp != NULL ? tmp : "/tmp");
    int fd = mkstemp(script);
    if (fd >= 0) {
        close(fd);
        w->script_path = script;
        w->errors = mkstemp(errors);
        w->errors_path = errors;
    }
    if (w->errors < 0) {
        diag_error(d, nowhere, "%s cannot be written: %s", script, strerror(errno));
        gnuplot_close(w);
        return false;
    }
    return true;
}

void gnuplot_close(struct gnuplot *w)
{
    if (w->script_path != NULL) {
        unlink(w->script_path);
    }
    if (w->errors >= 0) {
        close(w->errors);
        unlink(w->errors_path);
    }
}

void gnuplot_quote(struct strbuf *b, const char *text)
{
    strbuf_char(b, '\'');
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\'') {
            strbuf_char(b, '\'');
        }
        strbuf_char(b, c < 0x20 || c == 0x7f ? ' ' : *p);
    }
    strbuf_char(b, '\'');
}
