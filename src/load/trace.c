/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which reader a trace gets and whether what was read can be used. The
 * format shows in the first bytes: JSON, a bracketed date, or the names in the
 * header; a user may also say it. Reading gathers rows, then trace_regular
 * checks them and trace_place makes the series. All errors of one file are
 * reported before giving up. The trap: messages point into files that were
 * streamed away, so their lines are fetched at the very end.
 */
#include "load/trace.h"

#include "base/str.h"
#include "kube/timestamp.h"
#include "load/pattern.h"
#include "trace_internal.h"

#include <string.h>

#define FILES_MAX 10000

static bool contains(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (s[i] == word[0] && memcmp(s + i, word, n) == 0)
            return true;
    return false;
}

/* "[01/Jul/1995:" somewhere in the line. */
static bool has_log_time(const char *s, size_t len)
{
    const char *p = memchr(s, '[', len);
    if (!p || (size_t)(s + len - p) < 28)
        return false;
    return p[3] == '/' && p[7] == '/' && p[12] == ':' && p[15] == ':' && p[18] == ':';
}

static size_t line_length(const char *s, size_t len)
{
    const char *end = len ? memchr(s, '\n', len) : NULL;
    return end ? (size_t)(end - s) : len;
}

enum trace_format trace_detect(const char *head, size_t len)
{
    while (len > 0 && (*head == ' ' || *head == '\t' || *head == '\r' || *head == '\n')) {
        head++;
        len--;
    }
    if (len > 0 && *head == '{')
        return TRACE_PROMETHEUS;
    size_t first = line_length(head, len);
    if (contains(head, first, "HashFunction") && contains(head, first, "Trigger"))
        return TRACE_AZURE_FUNCTIONS;
    if (contains(head, first, "User Count") && contains(head, first, "Requests/s"))
        return TRACE_LOCUST;
    if (contains(head, first, "GeneratedTokens") || contains(head, first, "Request tokens"))
        return TRACE_REQUESTS;
    const char *line = head;
    size_t left = len;
    for (int i = 0; i < 10 && left > 0; i++) {
        size_t n = line_length(line, left);
        if (has_log_time(line, n))
            return TRACE_ACCESS_LOG;
        n += n < left;
        line += n;
        left -= n;
    }
    return TRACE_CSV;
}

static bool fail(struct gather *g, const char *message)
{
    diag_error(g->context->diag, g->spec->mark, "%s", message);
    g->failed = true;
    return false;
}

static bool check_spec(struct gather *g)
{
    const struct trace_spec *s = g->spec;
    bool good = true;
    if (!(s->scale >= 0 && s->scale <= LOAD_VALUE_MAX))
        good = fail(g, "scale must be a positive number, at most 1e15");
    if (!(s->speed >= 0 && s->speed <= 1e9 && (s->speed == 0 || s->speed >= 1e-9)))
        good = fail(g, "speed must be a positive number, from 1e-9 to 1e9");
    if (s->interval < 0 || s->interval > LOAD_TIME_MAX)
        good = fail(g, "the interval must be a positive time");
    if (s->gap_after < 0)
        good = fail(g, "the time that makes a gap must be positive");
    if (s->offset > LOAD_TIME_MAX || s->offset < -LOAD_TIME_MAX)
        good = fail(g, "the offset is over 31 years");
    if (s->zone && !timestamp_parse_offset(s->zone, &g->clock.zone)) {
        diag_error(g->context->diag, s->mark, "unknown zone \"%s\"", s->zone);
        diag_help(g->context->diag, "write Z or an offset such as +02:00");
        good = false;
        g->failed = true;
    }
    return good;
}

static bool check_requests(struct gather *g)
{
    const struct trace_spec *s = g->spec;
    bool good = true;
    if (!g->requests && s->arrivals)
        good = fail(g, "only traces with a row per request know every arrival");
    if (!g->requests && s->weight_column)
        good = fail(g, "only traces with a row per request have a weight");
    if (g->requests && (s->unit == TRACE_RATE || s->unit == TRACE_GAUGE))
        good = fail(g, "requests are counted; leave the unit out");
    return good;
}

/* What the format implies, once it is known. */
static bool settle_format(struct gather *g, enum trace_format format)
{
    if (g->format != TRACE_AUTO)
        return true;
    const struct trace_spec *s = g->spec;
    g->format = format;
    g->requests = format == TRACE_REQUESTS || format == TRACE_ACCESS_LOG;
    g->clock.unit = s->time_unit;
    g->interval = s->interval;
    if (g->interval == 0 && g->requests)
        g->interval = SIMTIME_SECOND;
    if (format == TRACE_AZURE_FUNCTIONS)
        g->interval = SIMTIME_MINUTE;
    bool counted = g->requests || format == TRACE_AZURE_FUNCTIONS;
    g->unit = s->unit != TRACE_UNIT_AUTO ? s->unit : counted ? TRACE_COUNT : TRACE_RATE;
    return check_requests(g);
}

/* JSON needs the whole text; it becomes the source's text, too. */
static void read_json(struct gather *g, struct reader *r)
{
    struct strbuf b = {.arena = g->context->diag->arena};
    while (reader_next(r, false)) {
        strbuf_add_len(&b, r->text, r->len);
        strbuf_char(&b, '\n');
    }
    if (r->errors > 0)
        return;
    struct diag_source *source = &g->context->diag->sources[r->source - 1];
    source->text = strbuf_text(&b);
    source->len = b.len;
    trace_read_prometheus(g, source->text, source->len, r->source);
}

static void read_one(struct gather *g, struct reader *r)
{
    const char *head = NULL;
    size_t len = reader_peek(r, &head);
    bool said = g->spec->format != TRACE_AUTO;
    if (!settle_format(g, said ? g->spec->format : trace_detect(head, len)))
        return;
    switch (g->format) {
    case TRACE_PROMETHEUS:
        read_json(g, r);
        return;
    case TRACE_ACCESS_LOG:
        trace_read_access_log(g, r);
        return;
    case TRACE_AZURE_FUNCTIONS:
        trace_read_azure(g, r);
        return;
    default:
        trace_read_csv(g, r);
    }
}

static void tell_malformed(struct gather *g)
{
    if (g->malformed == 0)
        return;
    if (g->used == 0)
        diag_error(g->context->diag, g->malformed_at,
                   "no line is in Common Log Format; this is the first of %zu", g->malformed);
    else
        diag_note(g->context->diag, g->malformed_at,
                  "%zu line%s not in Common Log Format %s left out; this is the first",
                  g->malformed, g->malformed == 1 ? "" : "s", g->malformed == 1 ? "was" : "were");
    g->failed |= g->used == 0;
}

/* Why nothing is left: a filter that never matched, or no rows at all. */
static void tell_empty(struct gather *g)
{
    struct diag *d = g->context->diag;
    size_t before = d->errors;
    for (size_t i = 0; i < g->spec->filter_count; i++) {
        const struct trace_filter *f = &g->spec->filters[i];
        const struct table *words = &g->seen[i].words;
        if (g->seen[i].matched || words->len == 0)
            continue;
        diag_error(d, f->mark.line ? f->mark : g->spec->mark, "no row has %s \"%s\"", f->column,
                   f->value);
        const char *near = str_nearest(f->value, words->keys, words->len);
        if (near)
            diag_help(d, "did you mean \"%s\"?", near);
        else if (words->len <= 6)
            for (size_t k = 0; k < words->len; k++)
                diag_help(d, "there is \"%s\"", words->keys[k]);
    }
    if (d->errors == before && g->spec->filter_count > 0)
        diag_error(d, g->spec->mark, "no row passes all the filters");
    else if (d->errors == before)
        diag_error(d, (struct mark){.source = g->readers[0].source}, "the trace has no rows");
}

static bool finish(struct gather *g, struct trace *out)
{
    for (size_t i = 0; i < g->reader_count; i++)
        g->failed |= g->readers[i].errors > 0;
    tell_malformed(g);
    if (g->failed)
        return false;
    if (g->rows.len == 0) {
        tell_empty(g);
        return false;
    }
    out->format = g->format;
    out->rows = g->used;
    out->malformed = g->malformed;
    struct regular regular;
    return trace_regulate(g, &regular) && trace_place(g, &regular, out);
}

static void gather_init(struct gather *g, const struct trace_spec *spec,
                        const struct trace_context *context, size_t files)
{
    *g = (struct gather){.spec = spec, .context = context};
    g->readers = arena_array(&g->scratch, struct reader, files);
    g->seen = arena_array(&g->scratch, struct filter_seen, spec->filter_count);
    for (size_t i = 0; i < spec->filter_count; i++)
        g->seen[i].words.arena = &g->scratch;
}

static bool gather_end(struct gather *g, bool good)
{
    for (size_t i = 0; i < g->reader_count; i++) {
        reader_close(&g->readers[i]);
        if (g->format != TRACE_PROMETHEUS)
            reader_show(&g->readers[i]);
    }
    arena_drop(&g->line);
    arena_drop(&g->scratch);
    return good;
}

static const char *file_path(struct gather *g, const char *file)
{
    const char *directory = g->context->directory;
    if (!directory || str_equal(directory, ".") || file[0] == '/')
        return file;
    return arena_printf(&g->scratch, "%s/%s", directory, file);
}

bool trace_read(const struct trace_spec *spec, const struct trace_context *context,
                struct trace *out)
{
    struct gather g;
    size_t files = 1 + spec->more_file_count;
    gather_init(&g, spec, context, files);
    *out = (struct trace){0};
    if (!spec->file) {
        fail(&g, "the trace names no file");
        return gather_end(&g, false);
    }
    if (files > FILES_MAX)
        fail(&g, "a trace of over 10000 files");
    if (files > FILES_MAX || !check_spec(&g))
        return gather_end(&g, false);
    struct mark from = spec->file_mark.line ? spec->file_mark : spec->mark;
    for (size_t i = 0; i < files; i++) {
        struct reader *r = &g.readers[g.reader_count];
        const char *path = file_path(&g, i == 0 ? spec->file : spec->more_files[i - 1]);
        if (!reader_open(r, path, from, &g.scratch, context->diag)) {
            g.failed = true;
            continue;
        }
        g.file = g.reader_count++;
        read_one(&g, r);
        reader_close(r);
    }
    return gather_end(&g, finish(&g, out));
}

bool trace_read_text(const struct trace_spec *spec, const struct trace_context *context,
                     const char *text, size_t len, struct trace *out)
{
    struct gather g;
    gather_init(&g, spec, context, 1);
    *out = (struct trace){0};
    if (!check_spec(&g))
        return gather_end(&g, false);
    reader_open_text(&g.readers[0], spec->file ? spec->file : "trace", text, len, &g.scratch,
                     context->diag);
    g.reader_count = 1;
    read_one(&g, &g.readers[0]);
    return gather_end(&g, finish(&g, out));
}
