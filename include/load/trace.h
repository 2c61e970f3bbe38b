/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded load: a file of measurements or requests becomes a series in run
 * time, and, when asked, the exact arrival times.
 *
 * What is done, in this order:
 *   1. rows are read and filtered; times become Unix (or from-the-start) time,
 *      zone-less ones at `zone`
 *   2. several rows of one time: `duplicates`; a time before its predecessor is
 *      an error (request rows and access logs are sorted instead)
 *   3. gaps: a step from row to row of over `gap_after` is filled by `gaps`
 *   4. cut to [from, to)
 *   5. placed: `from` (or the first row) becomes run time 0; with align
 *      absolute the calendar decides, by the run's start; then `offset` is added
 *   6. speed: distances in time are divided by it. Rates and gauges keep their
 *      values; counts and requests keep their number, so their rate rises
 *   7. counts are divided by their interval (in run time), in seconds
 *   8. scale multiplies values (requests are thinned or copied)
 *   9. repeat: played again right after the end of the last interval
 * A row's value holds from its time on, for one interval.
 */
#ifndef LOAD_TRACE_H
#define LOAD_TRACE_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/simtime.h"
#include "load/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_format {
    TRACE_AUTO,            /* by the first bytes; see trace_detect */
    TRACE_CSV,             /* header, one row per measurement */
    TRACE_PROMETHEUS,      /* the API's query_range answer, JSON */
    TRACE_ACCESS_LOG,      /* Common or Combined Log Format */
    TRACE_REQUESTS,        /* CSV, one row per request */
    TRACE_AZURE_FUNCTIONS, /* invocations_per_function of 2019: a row a function, 1440 minutes */
    TRACE_LOCUST           /* *_stats_history.csv */
};

enum trace_unit {
    TRACE_UNIT_AUTO, /* count for requests, access logs, Azure Functions; else rate */
    TRACE_RATE,      /* per second */
    TRACE_COUNT,     /* per interval */
    TRACE_GAUGE      /* as it is */
};

/* Of times that are plain numbers. Auto: below 1e8 seconds from the start, below 1e11 Unix seconds,
 * else Unix milliseconds. */
enum trace_time_unit {
    TRACE_TIME_AUTO,
    TRACE_TIME_SECONDS,
    TRACE_TIME_MILLISECONDS,
    TRACE_TIME_MICROSECONDS,
    TRACE_TIME_NANOSECONDS
};

enum trace_gaps {
    TRACE_GAPS_ERROR,
    TRACE_GAPS_HOLD, /* the last value before the gap */
    TRACE_GAPS_ZERO,
    TRACE_GAPS_INTERPOLATE, /* straight from the value before to the value after */
    TRACE_GAPS_MISSING      /* no value: a metric fed by it is missing, a service idle */
};

enum trace_duplicates {
    TRACE_DUPLICATES_ERROR,
    TRACE_DUPLICATES_FIRST,
    TRACE_DUPLICATES_LAST,
    TRACE_DUPLICATES_MEAN,
    TRACE_DUPLICATES_SUM,
    TRACE_DUPLICATES_STEP /* the value jumps there: up to it the first holds, from it on the last */
};

enum trace_end {                 /* what follows the last interval (and precedes the first row) */
                 TRACE_END_AUTO, /* missing when gaps are, hold for gauges, else zero */
                 TRACE_END_ZERO,
                 TRACE_END_HOLD,
                 TRACE_END_MISSING
};

enum trace_interpolation { TRACE_STEP, TRACE_LINEAR };
enum trace_align { TRACE_ALIGN_START, TRACE_ALIGN_ABSOLUTE };

#define TRACE_FOREVER UINT32_MAX

/* Keep rows whose column (CSV) or label (Prometheus) has this value. */
struct trace_filter {
    const char *column;
    const char *value;
    struct mark mark;
};

/* Zero is valid: a CSV's first time-like column, its first other number, played once. */
struct trace_spec {
    struct mark mark; /* of the trace */
    const char *file; /* relative to the scenario; gzip is fine */
    struct mark file_mark;
    const char *const *more_files; /* read after `file` as if appended (rotated logs, day files) */
    size_t more_file_count;
    enum trace_format format;
    const char *time_column;   /* NULL: by name, else the first */
    const char *value_column;  /* NULL: by name, else the first after time; requests: NULL counts
                                  rows, a column sums it */
    const char *weight_column; /* requests: size of each, for load_arrival.weight; NULL: all 1 */
    struct mark column_mark;
    const struct trace_filter *filters; /* all must hold */
    size_t filter_count;
    bool sum; /* several Prometheus series or equal-time rows of several labels: add them up */
    enum trace_unit unit;
    enum trace_time_unit time_unit;
    simtime interval; /* 0: the commonest step between rows; 1 s for requests and access logs */
    double scale;     /* 0 means 1 */
    simtime offset;
    double speed;     /* 0 means 1 */
    uint32_t repeat;  /* passes; 0 and 1: once; TRACE_FOREVER */
    const char *from; /* a time, or a Go duration from the first row ("24h"); NULL: first row */
    const char *to;   /* exclusive; likewise; NULL: all */
    struct mark from_mark;
    struct mark to_mark;
    enum trace_interpolation interpolation;
    enum trace_gaps gaps;
    simtime gap_after; /* 0: one and a half intervals, for traces that are mostly regular */
    enum trace_duplicates duplicates;
    enum trace_end end;
    enum trace_align align;
    const char *zone; /* of zone-less times: "Z", "+02:00"; NULL: UTC */
    bool arrivals;    /* requests, access logs: keep every arrival for the requests resolution */
};

/* Every request of a trace, in run time, one pass. */
struct trace_arrivals {
    size_t count;
    const simtime *at;    /* not falling */
    const double *weight; /* mean 1; NULL: all 1 */
    double scale;         /* copies of each row, as a mean */
    simtime period;       /* of repetition; 0: none */
    uint32_t passes;      /* 0: for ever */
};

struct trace {
    struct series series;
    struct trace_arrivals arrivals; /* count 0 unless asked for */
    int64_t origin_unix_ns;         /* the calendar time at run time 0 of the first pass ... */
    bool has_origin;                /* ... unless times are from the start */
    enum trace_format format;       /* as found */
    size_t rows;                    /* used */
    size_t malformed;               /* access logs: lines left out */
    simtime interval;
};

/* Surroundings of reading; all strings outlive the result. */
struct trace_context {
    struct arena *arena;
    struct diag *diag;
    const char *directory; /* of the scenario; NULL: as given */
    int64_t start_unix_ns; /* the run's start, for align absolute */
    bool negative_allowed; /* else a negative value is an error */
};

/* Reads the file. False after an error, reported with places in the trace and in the scenario. */
bool trace_read(const struct trace_spec *spec, const struct trace_context *context,
                struct trace *out);
/* The same for a text in memory under the name spec->file. */
bool trace_read_text(const struct trace_spec *spec, const struct trace_context *context,
                     const char *text, size_t len, struct trace *out);
/* The format of a file that begins so. */
enum trace_format trace_detect(const char *head, size_t len);

#endif
