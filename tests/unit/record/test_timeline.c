/* SPDX-License-Identifier: Apache-2.0 */
/* Run files: what is written is read back, whatever happens to the process or the disk. */
#include "fake_run.h"

#include "base/file.h"
#include "base/str.h"
#include "record/query.h"
#include "record/schema.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL (15 * SIMTIME_SECOND)

struct bench { /* a folder and what every test needs */
    struct arena arena;
    struct diag diag;
    char folder[64];
    const char *path;
};

static void set_up(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->diag.arena = &b->arena;
    strcpy(b->folder, "/tmp/podtide-record-XXXXXX");
    cr_assert(mkdtemp(b->folder) != NULL);
    b->path = arena_printf(&b->arena, "%s/run.db", b->folder);
}

static void tear_down(struct bench *b)
{
    static const char *const names[] = {"run.db", "run.db-wal", "run.db-shm", "run.db-journal",
                                        "other.db"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(arena_printf(&b->arena, "%s/%s", b->folder, names[i]));
    }
    cr_expect(rmdir(b->folder) == 0, "something was left in %s", b->folder);
    arena_drop(&b->arena);
}

static bool record(struct bench *b, const char *path, enum timeline_mode mode,
                   const struct fake_run *fake)
{
    struct timeline_run run;
    fake_run_describe(&b->arena, fake, &run);
    struct timeline *t = timeline_open(&b->arena, path, mode, &b->diag);
    bool ok = t != NULL && timeline_begin_run(t, &run, &b->diag);
    if (ok) {
        struct observer o = timeline_observer(t);
        ok = fake_run_play(fake, &o, 0);
        ok = timeline_end_run(t, TIMELINE_COMPLETE, fake->duration, &b->diag) && ok;
    }
    timeline_close(t, &b->diag);
    return ok;
}

static const struct fake_run hour = {.duration = SIMTIME_HOUR, .interval = INTERVAL, .seed = 7};
static const struct fake_run day = {
    .duration = SIMTIME_DAY, .interval = INTERVAL, .seed = 7, .second_metric = true, .queue = true};

Test(timeline, what_is_written_is_read_back)
{
    struct bench b;
    set_up(&b);
    cr_assert(record(&b, b.path, TIMELINE_REPLACE, &day));
    struct query *q = query_open(&b.arena, b.path, &b.diag);
    struct query_run run;
    cr_assert(q != NULL && query_run(q, &b.arena, 0, &run, &b.diag));
    cr_expect_str_eq(run.name, "fake-day");
    cr_expect_str_eq(run.status, "complete");
    cr_expect_str_eq(run.seed, "7");
    cr_expect_str_eq(run.zone, "-04:00");
    cr_expect(run.until == SIMTIME_DAY && run.duration == SIMTIME_DAY);

    const size_t intervals = (size_t)(SIMTIME_DAY / INTERVAL);
    size_t count = 0;
    struct workload_sample *w = query_workload_samples(q, &b.arena, 1, 0, 0, SIMTIME_NEVER, &count);
    cr_assert(count == intervals);
    cr_expect(w[0].at == INTERVAL && w[count - 1].at == SIMTIME_DAY);
    cr_expect(w[0].spec_replicas == 3 && w[0].cpu_requested_cores == 1.5);
    struct service_sample *v = query_service_samples(q, &b.arena, 1, 1, 0, SIMTIME_NEVER, &count);
    cr_assert(count == intervals);
    cr_expect(isnan(v[0].latency_p95) && v[0].capacity == 60);

    struct query_sync *y = query_syncs(q, &b.arena, 1, 0, 0, SIMTIME_NEVER, &count);
    cr_assert(count == intervals);
    size_t rescaled = 0;
    for (size_t i = 0; i < count; i++) {
        rescaled += y[i].rescaled;
        cr_expect(y[i].won && y[i].working.metric == 0 && !y[i].working.failed);
    }
    size_t others = 0;
    struct query_working *o = query_other_metrics(q, &b.arena, y[0].id, &others);
    cr_expect(others == 1 && o[0].metric == 1 && o[0].ratio == 0.5);
    query_events(q, &b.arena, 1, "horizontal-pod-autoscaler", 0, SIMTIME_NEVER, &count);
    cr_expect(count == rescaled && rescaled > 10, "%zu events, %zu rescales", count, rescaled);
    query_close(q);
    tear_down(&b);
}

Test(timeline, ranges_are_closed)
{
    struct bench b;
    set_up(&b);
    cr_assert(record(&b, b.path, TIMELINE_REPLACE, &hour));
    struct query *q = query_open(&b.arena, b.path, &b.diag);
    static const struct {
        simtime from;
        simtime to;
        size_t count;
    } rows[] = {{0, SIMTIME_NEVER, 240},
                {0, 0, 0},
                {INTERVAL, INTERVAL, 1},
                {0, INTERVAL - 1, 0},
                {INTERVAL, 2 * INTERVAL, 2},
                {SIMTIME_HOUR, SIMTIME_NEVER, 1},
                {SIMTIME_HOUR + 1, SIMTIME_NEVER, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = 99;
        query_syncs(q, &b.arena, 1, 0, rows[i].from, rows[i].to, &count);
        cr_expect(count == rows[i].count, "row %zu: %zu syncs", i, count);
    }
    size_t count = 99;
    query_syncs(q, &b.arena, 1, 1, 0, SIMTIME_NEVER, &count); /* no such HPA */
    cr_expect(count == 0);
    struct query_run run;
    cr_expect(!query_run(q, &b.arena, 2, &run, &b.diag));
    query_close(q);
    tear_down(&b);
}

Test(timeline, conditions_are_written_when_they_change)
{
    struct bench b;
    set_up(&b);
    cr_assert(record(&b, b.path, TIMELINE_REPLACE, &day));
    struct query *q = query_open(&b.arena, b.path, &b.diag);
    size_t count = 0;
    struct query_condition *c = query_conditions(q, &b.arena, 1, 0, SIMTIME_NEVER, &count);
    cr_assert(count == 4, "%zu changes", count);
    cr_expect_str_eq(c[0].type, "AbleToScale");
    cr_expect_str_eq(c[1].reason, "DesiredWithinRange");
    cr_expect_str_eq(c[2].reason, "TooManyReplicas");
    cr_expect_str_eq(c[2].status, "True");
    cr_expect(c[3].at > c[2].at);
    query_close(q);
    tear_down(&b);
}

Test(timeline, same_run_same_digest)
{
    struct bench b;
    set_up(&b);
    const char *other = arena_printf(&b.arena, "%s/other.db", b.folder);
    struct fake_run seed8 = hour;
    seed8.seed = 8;
    cr_assert(record(&b, b.path, TIMELINE_REPLACE, &hour));
    cr_assert(record(&b, b.path, TIMELINE_APPEND, &seed8));
    cr_assert(record(&b, b.path, TIMELINE_APPEND, &hour));
    cr_assert(record(&b, other, TIMELINE_APPEND, &hour));
    uint64_t d[4] = {0};
    for (int64_t run = 1; run <= 3; run++) {
        cr_assert(timeline_digest(b.path, run, &d[run - 1], &b.diag));
    }
    cr_assert(timeline_digest(other, 0, &d[3], &b.diag));
    cr_expect(d[0] == d[2] && d[0] == d[3] && d[0] != d[1]);
    tear_down(&b);
}

static void patch(const char *path, long offset, const char *bytes)
{
    FILE *f = fopen(path, "r+b");
    cr_assert(f != NULL && fseek(f, offset, SEEK_SET) == 0);
    fwrite(bytes, 1, 4, f);
    fclose(f);
}

/* The numbers stand in an SQLite file's header: user_version at 60, application_id at 68. */
Test(timeline, other_files_are_refused_and_left_alone)
{
    static const struct {
        const char *name;
        long offset;
        const char *bytes;
        const char *reading;
        const char *writing; /* NULL: may be replaced */
    } rows[] = {
        {"another program's", 68, "\0\0\1\1", "but not a podtide run file",
         "but not a podtide run file"},
        {"newer schema", 60, "\0\0\0\11", "has schema version 9; this podtide reads version", NULL},
        {"no database", 0, "Hello", "is not a podtide run file", "is not a podtide run file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        set_up(&b);
        cr_assert(record(&b, b.path, TIMELINE_REPLACE, &hour));
        patch(b.path, rows[i].offset, rows[i].bytes);
        cr_expect(query_open(&b.arena, b.path, &b.diag) == NULL, "%s", rows[i].name);
        const char *said = diag_message(&b.diag, 0);
        cr_expect(said != NULL && strstr(said, rows[i].reading) != NULL, "%s: %s", rows[i].name,
                  said != NULL ? said : "nothing");
        struct file_text before;
        struct file_text after;
        cr_assert(file_read(&b.arena, b.path, 0, &before, &b.diag));
        bool written = record(&b, b.path, TIMELINE_REPLACE, &hour);
        cr_expect(written == (rows[i].writing == NULL), "%s", rows[i].name);
        if (!written) {
            said = diag_message(&b.diag, b.diag.count - 1);
            cr_expect(strstr(said, rows[i].writing) != NULL, "%s: %s", rows[i].name, said);
            cr_assert(file_read(&b.arena, b.path, 0, &after, &b.diag));
            cr_expect(before.len == after.len && memcmp(before.text, after.text, after.len) == 0,
                      "%s was changed", rows[i].name);
        }
        tear_down(&b);
    }
}

Test(timeline, places_that_do_not_work)
{
    struct bench b;
    set_up(&b);
    const char *nowhere = arena_printf(&b.arena, "%s/no/run.db", b.folder);
    cr_expect(timeline_open(&b.arena, nowhere, TIMELINE_REPLACE, &b.diag) == NULL);
    cr_expect(query_open(&b.arena, b.path, &b.diag) == NULL);
    cr_expect(b.diag.errors == 2);
    for (size_t i = 0; i < b.diag.count; i++) {
        cr_expect(strstr(diag_message(&b.diag, i), "cannot be opened") != NULL, "%s",
                  diag_message(&b.diag, i));
    }
    tear_down(&b);
}

/* Replacing means removing first: a device, as root, would be gone for the whole machine. */
Test(timeline, what_is_no_regular_file_is_left_alone)
{
    static const enum timeline_mode modes[] = {TIMELINE_REPLACE, TIMELINE_APPEND};
    struct bench b;
    set_up(&b);
    cr_assert(mkfifo(b.path, 0600) == 0);
    for (size_t i = 0; i < 2; i++) {
        cr_expect(timeline_open(&b.arena, b.path, modes[i], &b.diag) == NULL);
        cr_expect(timeline_open(&b.arena, b.folder, modes[i], &b.diag) == NULL);
    }
    cr_assert(b.diag.errors == 4 && b.diag.count == 2);
    cr_expect(strstr(diag_message(&b.diag, 0), "it is no regular file") != NULL);
    cr_expect(strstr(diag_message(&b.diag, 1), "it is a directory") != NULL);
    struct stat st;
    cr_expect(stat(b.path, &st) == 0 && S_ISFIFO(st.st_mode), "the pipe was replaced");
    tear_down(&b);
}

Test(timeline, a_file_being_written_is_not_replaced_but_can_be_read)
{
    struct bench b;
    set_up(&b);
    struct timeline_run run;
    fake_run_describe(&b.arena, &hour, &run);
    struct timeline *t = timeline_open(&b.arena, b.path, TIMELINE_REPLACE, &b.diag);
    cr_assert(t != NULL && timeline_begin_run(t, &run, &b.diag));
    cr_expect(timeline_open(&b.arena, b.path, TIMELINE_REPLACE, &b.diag) == NULL);
    cr_expect(b.diag.count == 1 && strstr(diag_message(&b.diag, 0), "is in use") != NULL);
    struct query *q = query_open(&b.arena, b.path, &b.diag);
    struct query_run seen;
    cr_assert(q != NULL && query_run(q, &b.arena, 0, &seen, &b.diag));
    cr_expect_str_eq(seen.status, "running");
    query_close(q);
    cr_expect(timeline_end_run(t, TIMELINE_INTERRUPTED, SIMTIME_MINUTE, &b.diag));
    timeline_close(t, &b.diag);
    q = query_open(&b.arena, b.path, &b.diag);
    cr_assert(q != NULL && query_run(q, &b.arena, 0, &seen, &b.diag));
    cr_expect_str_eq(seen.status, "interrupted");
    cr_expect(seen.until == SIMTIME_MINUTE);
    query_close(q);
    tear_down(&b);
}

/* How far the child is, where the parent sees it. */
static bool note_time(void *context, simtime now)
{
    *(volatile simtime *)context = now;
    return true;
}

static void play_slowly(struct bench *b, volatile simtime *reached)
{
    struct fake_run slow = day;
    struct timeline_run run;
    fake_run_describe(&b->arena, &slow, &run);
    struct timeline *t = timeline_open(&b->arena, b->path, TIMELINE_REPLACE, &b->diag);
    if (t == NULL || !timeline_begin_run(t, &run, &b->diag)) {
        _exit(1);
    }
    struct observer file = timeline_observer(t);
    struct observer notes = {.context = (void *)reached, .tick = note_time};
    struct observer_fan fan = {{&file, &notes}, 2};
    struct observer both = observer_fan(&fan);
    fake_run_play(&slow, &both, 2);
    _exit(0);
}

static void wait_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

Test(timeline, survives_kill_9, .timeout = 30)
{
    struct bench b;
    set_up(&b);
    simtime *reached = mmap(NULL, sizeof *reached, PROT_READ | PROT_WRITE,
                            MAP_SHARED | 0x20 /* MAP_ANONYMOUS */, -1, 0);
    cr_assert(reached != MAP_FAILED);
    pid_t child = fork();
    if (child == 0) {
        play_slowly(&b, reached);
    }
    wait_ms(700);
    simtime old = 0;
    for (int i = 0; i < 100 && old == 0; i++) { /* a busy machine starts late */
        wait_ms(100);
        old = *(volatile simtime *)reached;
    }
    wait_ms(1200);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    struct query *q = query_open(&b.arena, b.path, &b.diag);
    struct query_run run;
    cr_assert(q != NULL && query_run(q, &b.arena, 0, &run, &b.diag));
    cr_expect_str_eq(run.status, "running");
    cr_expect(old > 0 && run.until >= old, "a second before the kill: %lld s, in the file: %lld s",
              (long long)(old / SIMTIME_SECOND), (long long)(run.until / SIMTIME_SECOND));
    size_t count = 0;
    query_syncs(q, &b.arena, 1, 0, 0, SIMTIME_NEVER, &count);
    cr_expect(count == (size_t)(run.until / INTERVAL), "%zu syncs", count);
    query_close(q);
    cr_expect(record(&b, b.path, TIMELINE_APPEND, &hour), "and can be written again");
    munmap(reached, sizeof *reached);
    tear_down(&b);
}

/* Exit status: 0 when all is as it should be, else the step that was not. */
static int play_on_a_small_disk(struct bench *b)
{
    const struct rlimit small = {1500000, 1500000};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    struct fake_run fake = day;
    struct timeline_run run;
    fake_run_describe(&b->arena, &fake, &run);
    struct timeline *t = timeline_open(&b->arena, b->path, TIMELINE_REPLACE, &b->diag);
    if (t == NULL || !timeline_begin_run(t, &run, &b->diag)) {
        return 1;
    }
    struct observer o = timeline_observer(t);
    fake.duration = 40 * SIMTIME_DAY;
    if (fake_run_play(&fake, &o, 1)) {
        return 2; /* was not stopped */
    }
    if (timeline_end_run(t, TIMELINE_COMPLETE, fake.duration, &b->diag)) {
        return 3;
    }
    timeline_close(t, &b->diag);
    const char *said = b->diag.count > 0 ? diag_message(&b->diag, 0) : "";
    return strstr(said, "cannot be written on") != NULL ? 0 : 4;
}

Test(timeline, full_disk_is_an_error_and_the_file_is_intact, .timeout = 60)
{
    struct bench b;
    set_up(&b);
    pid_t child = fork();
    if (child == 0) {
        _exit(play_on_a_small_disk(&b));
    }
    int status = 0;
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
    uint64_t digest = 0;
    cr_expect(timeline_digest(b.path, 1, &digest, &b.diag), "all rows can be read");
    struct query *q = query_open(&b.arena, b.path, &b.diag);
    struct query_run run;
    cr_assert(q != NULL && query_run(q, &b.arena, 0, &run, &b.diag));
    cr_expect(!str_equal(run.status, "complete"));
    size_t count = 0;
    query_syncs(q, &b.arena, 1, 0, 0, SIMTIME_NEVER, &count);
    cr_expect(count == (size_t)(run.until / INTERVAL) && count > 0, "%zu syncs", count);
    query_close(q);
    tear_down(&b);
}

Test(timeline, closing_nothing_is_fine)
{
    struct bench b;
    set_up(&b);
    timeline_close(NULL, &b.diag);
    query_close(NULL);
    cr_expect(b.diag.errors == 0);
    tear_down(&b);
}

/* Every column of every table and each view has its comment. */
Test(schema, is_documented)
{
    struct arena a = {0};
    const char *sql = schema_sql(&a);
    size_t tables = 0;
    for (const char *p = sql; (p = strstr(p, "CREATE ")) != NULL; p++) {
        const char *line_end = strchr(p, '\n');
        const char *comment = strstr(p, "-- ");
        cr_expect(comment != NULL && comment < line_end, "%.40s", p);
        tables += strncmp(p, "CREATE TABLE", 12) == 0;
    }
    cr_expect(tables >= 18);
    for (size_t i = 0; schema_table(i) != NULL; i++) {
        const char *head = arena_printf(&a, "CREATE TABLE %s (", schema_table(i)->name);
        cr_expect(strstr(sql, head) != NULL, "%s", head);
    }
    cr_expect(schema_table(1000) == NULL);
    arena_drop(&a);
}
