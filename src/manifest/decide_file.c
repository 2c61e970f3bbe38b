/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole observation log, decided by as many threads as there are processors and written in
 * the order of its lines. The idea: pieces of the file; while all threads decide the lines of
 * one, each taking the next that nobody has taken, this one first reads the piece after it.
 * At the end of a piece the answers are written in order up to the first bad line. What is
 * written does not depend on who decided what: nothing is shared but the next line's index.
 */
#include "decide_internal.h"
#include "manifest/decide.h"
#include "manifest/observation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 16

struct batch {
    struct line *lines;
    size_t count;
    atomic_size_t next;
    atomic_size_t first_bad; /* lines after it are not worth deciding */
    decide_line_fn *decide;
    const void *options;
};

struct worker {
    struct batch *batch;
    struct observation_room room;
    struct arena answers;
    struct arena errors;
    pthread_t thread;
    bool started;
};

static void note_bad(struct batch *batch, size_t i)
{
    size_t seen = atomic_load(&batch->first_bad);
    while (i < seen && !atomic_compare_exchange_weak(&batch->first_bad, &seen, i)) {
    }
}

static void decide_line(struct worker *w, struct line *line, size_t i)
{
    struct strbuf out = {.arena = &w->answers};
    arena_reset(&w->errors);
    struct diag d = {.arena = &w->errors};
    if (!w->batch->decide(&w->room, line->text, line->len, 0, line->number, w->batch->options, &out,
                          &d)) {
        note_bad(w->batch, i);
        return;
    }
    line->answer = strbuf_text(&out);
    line->answer_len = out.len;
}

static void *work(void *context)
{
    struct worker *w = context;
    for (;;) {
        const size_t i = atomic_fetch_add(&w->batch->next, 1);
        if (i >= w->batch->count) {
            return NULL;
        }
        if (i < atomic_load(&w->batch->first_bad)) {
            decide_line(w, &w->batch->lines[i], i);
        }
    }
}

static void start_batch(struct worker *workers, unsigned threads, struct piece *piece)
{
    struct batch *batch = workers[0].batch;
    batch->lines = piece->lines.items;
    batch->count = piece->lines.len;
    atomic_store(&batch->next, 0);
    atomic_store(&batch->first_bad, batch->count);
    for (unsigned i = 1; i < threads; i++) {
        workers[i].started =
            i < batch->count && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    }
}

static void finish_batch(struct worker *workers, unsigned threads)
{
    work(&workers[0]);
    for (unsigned i = 1; i < threads; i++) {
        if (workers[i].started) {
            pthread_join(workers[i].thread, NULL);
        }
    }
}

/*
 * The bad line once more, for its report, with a text in which it has its number: diagnostics
 * show a line by counting newlines, and the file's lines before it are gone.
 */
static void report(struct worker *w, const struct line *line, const char *name, FILE *err)
{
    struct strbuf out = {.arena = &w->answers};
    struct strbuf text = {.arena = &w->errors};
    arena_reset(&w->errors);
    struct diag d = {.arena = &w->errors};
    for (uint32_t i = 1; i < line->number; i++) {
        strbuf_char(&text, '\n');
    }
    strbuf_add_len(&text, line->text, line->len);
    const uint32_t source = diag_source(&d, name, strbuf_text(&text), text.len);
    w->batch->decide(&w->room, line->text, line->len, source, line->number, w->batch->options, &out,
                     &d);
    diag_print(&d, err);
}

/* False: a line is bad, or nobody takes the output any more. */
static bool write_batch(const struct batch *batch, FILE *out)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct line *line = &batch->lines[i];
        if (line->answer == NULL ||
            fwrite(line->answer, 1, line->answer_len, out) != line->answer_len) {
            return false;
        }
    }
    return true;
}

/* The piece's answers, or 3 where it has none any more. */
static int end_piece(struct worker *workers, unsigned threads, const char *name, FILE *out,
                     FILE *err)
{
    const struct batch *batch = workers[0].batch;
    finish_batch(workers, threads);
    const bool written = write_batch(batch, out);
    const size_t bad = atomic_load(&batch->first_bad);
    if (bad < batch->count) {
        fflush(out);
        report(&workers[0], &batch->lines[bad], name, err);
    }
    for (unsigned i = 0; i < threads; i++) {
        arena_reset(&workers[i].answers);
    }
    return written ? 0 : 3;
}

static int decide_pieces(struct line_reader *r, struct worker *workers, unsigned threads, FILE *out,
                         FILE *err, struct diag *d)
{
    struct piece pieces[2] = {0};
    size_t current = 0;
    bool readable = lines_next(r, &pieces[0], NULL, d);
    while (readable && pieces[current].len > 0) {
        struct piece *piece = &pieces[current];
        struct piece *next = &pieces[1 - current];
        start_batch(workers, threads, piece);
        readable = lines_next(r, next, piece, d);
        if (end_piece(workers, threads, r->name, out, err) != 0) {
            return 3;
        }
        current = 1 - current;
    }
    return readable ? 0 : 3;
}

static unsigned thread_count(unsigned asked)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned threads = asked != 0 ? asked : online > 0 ? (unsigned)online : 1;
    return threads > MAX_THREADS ? MAX_THREADS : threads;
}

int decide_file(const char *path, decide_line_fn *decide, const void *options, unsigned threads,
                FILE *out, FILE *err)
{
    struct arena arena = {0};
    struct diag d = {.arena = &arena};
    struct line_reader reader = {0};
    struct batch batch = {.decide = decide, .options = options};
    struct worker workers[MAX_THREADS] = {0};
    int status = 3;
    threads = thread_count(threads);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].batch = &batch;
    }
    if (lines_open(&reader, &arena, path, &d)) {
        status = decide_pieces(&reader, workers, threads, out, err, &d);
        lines_close(&reader);
    }
    for (unsigned i = 0; i < threads; i++) {
        observation_room_drop(&workers[i].room);
        arena_drop(&workers[i].answers);
        arena_drop(&workers[i].errors);
    }
    diag_print(&d, err);
    arena_drop(&arena);
    return status;
}

static bool decide_observation(struct observation_room *room, const char *line, size_t len,
                               uint32_t source, uint32_t line_number, const void *options,
                               struct strbuf *out, struct diag *d)
{
    return observation_decide(room, line, len, source, line_number, options, out, d);
}

int observation_decide_file(const char *path, const struct observation_options *options,
                            unsigned threads, FILE *out, FILE *err)
{
    return decide_file(path, decide_observation, options, threads, out, err);
}
