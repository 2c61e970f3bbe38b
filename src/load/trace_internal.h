/* SPDX-License-Identifier: Apache-2.0 */
/* What the trace_*.c files share: reading lines, times, and the rows gathered. */
#ifndef LOAD_TRACE_INTERNAL_H
#define LOAD_TRACE_INTERNAL_H

#include "base/table.h"
#include "load/trace.h"

/* Lines of a file or a text, in bounded memory. Lines that errors point at are read again. */

struct reader {
    struct arena *scratch; /* buffers */
    struct diag *diag;
    const char *name; /* path, or the name of the text */
    uint32_t source;
    void *file; /* gzFile; NULL for a text */
    char *buffer;
    const char *data; /* the buffer or the text */
    size_t cap;
    size_t begin; /* unread bytes: data[begin .. end) */
    size_t end;
    bool at_end;   /* nothing more in the file */
    uint32_t line; /* first line of the record handed out last */
    uint32_t lines_in_record;
    const char *text; /* that record */
    size_t len;
    const char *whole; /* a text's beginning, for reading again */
    size_t whole_len;
    VEC(uint32_t) wanted;
    size_t errors;
    bool silent; /* errors were reported before */
};

#define READER_LINE_MAX   (1u << 20)
#define READER_ERRORS_MAX 20

bool reader_open(struct reader *r, const char *path, struct mark from, struct arena *scratch,
                 struct diag *d);
void reader_open_text(struct reader *r, const char *name, const char *text, size_t len,
                      struct arena *scratch, struct diag *d);
/* The first bytes, not consumed. */
size_t reader_peek(struct reader *r, const char **head);
/*
 * The next line in r->text, r->len without its end; false at the end of the file or after too
 * many errors. quoted: newlines inside double quotes belong to the line.
 */
bool reader_next(struct reader *r, bool quoted);
/* An error in the current line, col from 0. */
__attribute__((format(printf, 3, 4))) void reader_error(struct reader *r, size_t col,
                                                        const char *format, ...);
/* A place for diagnostics; its line will be shown. */
struct mark reader_mark(struct reader *r, uint32_t line, size_t col);
void reader_close(struct reader *r);
/* Fetches the wanted lines and hands them to the diagnostics. */
void reader_show(struct reader *r);

/* Times. */

#define CLOCK_LIMIT_NS INT64_C(4600000000000000000) /* 1824 to 2115: differences fit */

enum clock_kind {
    CLOCK_UNKNOWN,
    CLOCK_ZONED,
    CLOCK_ZONELESS,
    CLOCK_START,
    CLOCK_UNIX,
    CLOCK_UNIX_MS
};

struct clock {
    enum clock_kind kind; /* of the first time seen; others are refused */
    enum trace_time_unit unit;
    int32_t zone;      /* seconds east, for zone-less times */
    int32_t zone_seen; /* of the first time that named one */
    bool has_zone_seen;
    char day[10]; /* the newest "YYYY-MM-DD" and its first instant: days repeat */
    int64_t day_ns;
};

/* NULL, or why it is not a time, in static words. */
const char *clock_read(struct clock *c, const char *text, size_t len, int64_t *ns);
bool clock_is_calendar(const struct clock *c); /* false: from the start */

/* Decimal number over the whole of text, surrounded by blanks perhaps. */
enum number_kind { NUMBER_GOOD, NUMBER_MISSING, NUMBER_INFINITE, NUMBER_BAD };
enum number_kind number_read(const char *text, size_t len, double *out);

/* Rows gathered. */

struct trace_row {
    int64_t time;
    double value; /* NaN: no sample */
    uint32_t line;
    uint16_t col;  /* of the time, from 0 */
    uint16_t file; /* reader's number */
    uint32_t order;
    bool gap; /* samples are missing after this one */
};

struct trace_hit { /* one request */
    int64_t time;
    double weight;
    uint32_t order;
};

struct filter_seen {
    struct table words; /* values met, the first 64 */
    bool matched;
};

#define TIME_TEXT_MAX 64

struct gather {
    const struct trace_spec *spec;
    const struct trace_context *context;
    struct arena scratch; /* dropped at the end */
    struct arena line;    /* of one line; likewise */
    struct clock clock;
    enum trace_format format;
    enum trace_unit unit;
    simtime interval; /* given, or implied by the format; 0: from the rows */
    bool requests;    /* rows are counts of requests in cells of `interval` */
    VEC(struct trace_row) rows;
    VEC(struct trace_hit) hits; /* with spec->arrivals */
    struct reader *readers;
    size_t reader_count;
    size_t file;              /* the current reader */
    struct filter_seen *seen; /* by filter */
    size_t used;              /* rows that passed */
    size_t malformed;
    struct mark malformed_at; /* the first one */
    bool failed;
};

/* Reads a value; a missing one is NaN, or an error unless `missing` is allowed. */
bool gather_value(struct gather *g, struct reader *r, const char *text, size_t len, size_t col,
                  bool missing, double *out);
/* Why a number cannot be used as a value; NULL: it can. */
const char *gather_value_wrong(const struct gather *g, double v);
bool text_is(const char *text, size_t len, const char *word);
/* A row of a measured series; order and duplicates are looked at later. */
void gather_row(struct gather *g, int64_t time, double value, uint32_t line, size_t col);
/* One request, counted (weighted with value) in its cell. */
void gather_hit(struct gather *g, const struct reader *r, int64_t time, double value,
                double weight);

/* Whether a row passes filter i, of which the row says `text`; words seen help in messages. */
bool gather_filter(struct gather *g, size_t i, const char *text, size_t len);

/* Formats: each reads one file to its end into g. */
void trace_read_csv(struct gather *g, struct reader *r); /* csv, requests, locust */
void trace_read_azure(struct gather *g, struct reader *r);
void trace_read_access_log(struct gather *g, struct reader *r);
void trace_read_prometheus(struct gather *g, const char *text, size_t len, uint32_t source);

/* A time for messages: the calendar's, or "12.5s from the start". */
char *gather_time_text(const struct gather *g, int64_t time, char buffer[TIME_TEXT_MAX]);
struct mark gather_row_mark(struct gather *g, const struct trace_row *row);

struct regular {
    simtime interval;  /* commonest step; 0: only one row */
    bool is_regular;   /* most steps are like it, or the user gave it */
    simtime gap_after; /* steps above it are gaps; SIMTIME_NEVER: none are */
    int64_t end;       /* of the last row's interval, in trace time */
};

/* Order, duplicates, missing samples, gaps that are errors: g->rows are clean afterwards. */
bool trace_regulate(struct gather *g, struct regular *out);
/* Clean rows to the series and the arrivals. */
bool trace_place(struct gather *g, const struct regular *regular, struct trace *out);

#endif
