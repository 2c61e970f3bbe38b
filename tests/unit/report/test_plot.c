/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: errors said well; drawn (where gnuplot is) the same twice, whatever the names. */
#include "../record/fake_run.h"

#include "base/file.h"
#include "base/str.h"
#include "report/plot.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names that would be code, markup or paths if they were not quoted. */
#define HOSTILE "it's `date` \"$x\" <script>&amp; {/:Bold b} _a^b @c \\ %s\n é"

struct bench {
    struct arena arena;
    struct diag diag;
    char folder[64];
    struct query *q;
};

static const struct fake_run hours = {
    .duration = 3 * SIMTIME_HOUR, .interval = 15 * SIMTIME_SECOND, .queue = true, .seed = 5};
static const struct fake_run idle_end = {
    .duration = SIMTIME_HOUR, .interval = 15 * SIMTIME_SECOND, .idle_end = true, .seed = 5};

static void set_up_run(struct bench *b, const char *name, const struct fake_run *fake)
{
    memset(b, 0, sizeof *b);
    b->diag.arena = &b->arena;
    strcpy(b->folder, "/tmp/podtide-plot-test-XXXXXX");
    cr_assert(mkdtemp(b->folder) != NULL);
    const char *path = arena_printf(&b->arena, "%s/run.db", b->folder);
    struct timeline_run run;
    fake_run_describe(&b->arena, fake, &run);
    struct timeline_service services[] = {{"service", name, 0}, {"queue", name, 0}};
    run.name = name;
    run.services = services;
    struct timeline *t = timeline_open(&b->arena, path, TIMELINE_REPLACE, &b->diag);
    cr_assert(t != NULL && timeline_begin_run(t, &run, &b->diag));
    struct observer o = timeline_observer(t);
    const struct observed_event fault = {.at = SIMTIME_HOUR,
                                         .source = "podtide",
                                         .type = "Normal",
                                         .reason = "Outage",
                                         .message = name};
    o.event(o.context, &fault);
    cr_assert(fake_run_play(fake, &o, 0));
    cr_assert(timeline_end_run(t, TIMELINE_COMPLETE, fake->duration, &b->diag));
    timeline_close(t, &b->diag);
    b->q = query_open(&b->arena, path, &b->diag);
    cr_assert(b->q != NULL);
}

static void set_up(struct bench *b, const char *name)
{
    set_up_run(b, name, &hours);
}

static void tear_down(struct bench *b)
{
    static const char *const names[] = {"run.db", "a.png", "b.png", "a.svg", "b.svg"};
    query_close(b->q);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(arena_printf(&b->arena, "%s/%s", b->folder, names[i]));
    }
    cr_expect(rmdir(b->folder) == 0, "something was left in %s", b->folder);
    arena_drop(&b->arena);
}

static bool draw(struct bench *b, const char *file, const struct plot_options *options,
                 struct file_text *out)
{
    struct plot_result result;
    const char *path = arena_printf(&b->arena, "%s/%s", b->folder, file);
    return plot_run(b->q, 0, path, options, &b->arena, &b->diag, &result) && result.count == 1 &&
           file_read(&b->arena, result.files[0], 0, out, &b->diag);
}

static bool has_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static const struct plot_options plain = {.templates = "plots"};

Test(plot, errors)
{
    static const struct {
        const char *name;
        const char *file;
        struct plot_options options;
        bool no_path;
        const char *says;
    } rows[] = {
        {"ending", "a.pdf", {.templates = "plots"}, false, "pictures are .png or .svg files"},
        {"workload",
         "a.png",
         {.templates = "plots", .workload = "wbe"},
         false,
         "the run has no workload \"wbe\""},
        {"namespace",
         "a.png",
         {.templates = "plots", .workload = "other/web"},
         false,
         "the run has no workload \"other/web\""},
        {"templates", "a.png", {.templates = "no-such-folder"}, false, "not in no-such-folder"},
        {"times",
         "a.png",
         {.templates = "plots", .from = SIMTIME_DAY},
         false,
         "there is nothing between the times asked for"},
        {"folder", "no/a.png", {.templates = "plots"}, false, "cannot be written"},
        {"gnuplot", "a.png", {.templates = "plots"}, true, "is not in PATH"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!has_gnuplot() && i > 0 && !rows[i].no_path) {
            continue;
        }
        struct bench b;
        struct file_text out;
        set_up(&b, "api");
        char *path = arena_strdup(&b.arena, getenv("PATH"));
        if (rows[i].no_path) {
            setenv("PATH", "/nowhere", 1);
        }
        cr_expect(!draw(&b, rows[i].file, &rows[i].options, &out), "%s", rows[i].name);
        setenv("PATH", path, 1);
        cr_assert(b.diag.count > 0, "%s", rows[i].name);
        const char *said = diag_message(&b.diag, 0);
        cr_expect(strstr(said, rows[i].says) != NULL, "%s: %s", rows[i].name, said);
        tear_down(&b);
    }
}

Test(plot, same_run_same_bytes, .timeout = 60)
{
    static const char *const files[][2] = {{"a.png", "b.png"}, {"a.svg", "b.svg"}};
    if (!has_gnuplot()) {
        cr_skip_test("gnuplot is not here");
    }
    struct bench b;
    set_up(&b, "api");
    for (size_t i = 0; i < 2; i++) {
        struct file_text one = {0};
        struct file_text two = {0};
        cr_assert(draw(&b, files[i][0], &plain, &one), "%s", files[i][0]);
        cr_assert(draw(&b, files[i][1], &plain, &two), "%s", files[i][1]);
        cr_expect(one.len == two.len && memcmp(one.text, two.text, one.len) == 0, "%s",
                  files[i][0]);
        cr_expect(memcmp(one.text, i == 0 ? "\x89PNG" : "<?xm", 4) == 0);
    }
    tear_down(&b);
}

Test(plot, hostile_names_are_text, .timeout = 60)
{
    if (!has_gnuplot()) {
        cr_skip_test("gnuplot is not here");
    }
    struct bench b;
    struct file_text svg = {0};
    set_up(&b, HOSTILE);
    cr_assert(draw(&b, "a.svg", &plain, &svg), "%s",
              b.diag.count > 0 ? diag_message(&b.diag, 0) : "nothing said");
    cr_expect(strstr(svg.text, "<script>") == NULL);
    cr_expect(strstr(svg.text, "it's `date` ") != NULL, "the name is shown as it is");
    cr_expect(strstr(svg.text, "{/:Bold b} _a^b @c \\ %s") != NULL);
    tear_down(&b);
}

/* A run that ends in an interval without requests, hence without latencies, still shows them. */
Test(plot, latency_is_shown_although_it_ends_unknown, .timeout = 60)
{
    if (!has_gnuplot()) {
        cr_skip_test("gnuplot is not here");
    }
    struct bench b;
    struct file_text svg = {0};
    set_up_run(&b, "api", &idle_end);
    cr_assert(draw(&b, "a.svg", &plain, &svg), "%s",
              b.diag.count > 0 ? diag_message(&b.diag, 0) : "nothing said");
    cr_expect(strstr(svg.text, "Latency of api") != NULL);
    tear_down(&b);
}
