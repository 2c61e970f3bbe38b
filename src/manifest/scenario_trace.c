/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario writes a recorded load: the table of struct trace_spec. What each
 * member does, and in which order, is the contract of load/trace.h.
 */
#include "base/str.h"
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const formats[] = {
    "auto", "csv", "prometheus", "accessLog", "requests", "azureFunctions", "locust", NULL};
static const char *const units[] = {"auto", "rate", "count", "gauge", NULL};
static const char *const time_units[] = {"auto", "s", "ms", "us", "ns", NULL};
static const char *const gap_policies[] = {"error", "hold", "zero", "interpolate", "missing", NULL};
static const char *const duplicate_policies[] = {"error", "first", "last", "mean",
                                                 "sum",   "step",  NULL};
static const char *const end_policies[] = {"auto", "zero", "hold", "missing", NULL};
static const char *const interpolations[] = {"step", "linear", NULL};
static const char *const alignments[] = {"start", "absolute", NULL};

struct filter_list {
    struct trace_filter *items;
    size_t count;
};

struct raw_trace {
    struct trace_spec spec;
    struct string_list files;
    struct filter_list filters;
};

static bool filters_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    (void)raw;
    struct filter_list *list = out;
    bool ok = true;
    list->items = arena_array(d->arena, struct trace_filter, node->count);
    for (const struct node *n = node->first; n; n = n->next) {
        if (n->kind == NODE_LIST || n->kind == NODE_MAP || n->kind == NODE_NULL) {
            diag_error(d->diag, n->mark, "%s.%s: expected a value to compare with, found %s",
                       d->path, n->key, node_kind_name(n->kind));
            ok = false;
            continue;
        }
        list->items[list->count++] = (struct trace_filter){n->key, n->text, n->mark};
    }
    return ok;
}

static const struct object_type filters_type = {
    .name = "Filter",
    .doc = "Rows whose columns, or series whose labels, have these values.",
    .finish = filters_finish,
    .out_size = sizeof(struct filter_list),
};

static bool repeat_scalar(struct decoder *d, const struct node *node, void *raw)
{
    if (node->kind == NODE_STRING && str_equal(node->text, "forever")) {
        *(uint32_t *)raw = TRACE_FOREVER;
        return true;
    }
    static const struct field passes = {
        .name = "repeat", .type = FIELD_INT32, .min = 1, .max = 1e9};
    int32_t n = 0;
    if (!decode_scalar(d, &passes, node, d->path, &n)) {
        diag_help(d->diag, "a number of passes, or forever");
        return false;
    }
    *(uint32_t *)raw = (uint32_t)n;
    return true;
}

static const struct object_type repeat_type = {
    .name = "Repeat",
    .doc = "How often a recording is played.",
    .size = sizeof(uint32_t),
    .scalar = repeat_scalar,
    .scalar_types = "integer string",
    .scalar_doc = "A number of passes, or forever.",
};

#define SPEC(member) offsetof(struct raw_trace, spec.member)

static const struct field trace_fields[] = {
    {.name = "file",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_trace, files),
     .mark = SPEC(file_mark),
     .doc = "The recording, relative to the scenario; gzip is fine. A list is read one after the "
            "other, as rotated logs are.",
     .example = "traces/day.csv"},
    {.name = "format",
     .type = FIELD_WORD,
     .offset = SPEC(format),
     .initial = "auto",
     .words = formats,
     .doc = "What the file is; auto looks at its beginning."},
    {.name = "timeColumn",
     .type = FIELD_STRING,
     .offset = SPEC(time_column),
     .mark = SPEC(column_mark),
     .doc = "Column of the times; found by its name, else the first."},
    {.name = "valueColumn",
     .type = FIELD_STRING,
     .offset = SPEC(value_column),
     .mark = SPEC(column_mark),
     .doc = "Column of the values; found by its name, else the first after the time."},
    {.name = "weightColumn",
     .type = FIELD_STRING,
     .offset = SPEC(weight_column),
     .mark = SPEC(column_mark),
     .doc = "Requests: column of their relative size."},
    {.name = "filter",
     .type = FIELD_DICTIONARY,
     .offset = offsetof(struct raw_trace, filters),
     .type_of = &filters_type,
     .doc = "Only rows whose columns, or series whose labels, have these values.",
     .example = "{job: web}"},
    {.name = "sum",
     .type = FIELD_BOOL,
     .offset = SPEC(sum),
     .doc = "Adds up what several series or rows say about one time."},
    {.name = "unit",
     .type = FIELD_WORD,
     .offset = SPEC(unit),
     .initial = "auto",
     .words = units,
     .doc = "Values per second, counts per interval, or values as they are."},
    {.name = "timeUnit",
     .type = FIELD_WORD,
     .offset = SPEC(time_unit),
     .initial = "auto",
     .words = time_units,
     .doc = "Unit of times that are plain numbers."},
    {.name = "interval",
     .type = FIELD_DURATION,
     .offset = SPEC(interval),
     .doc = "What a row stands for; by default the commonest distance between rows."},
    {.name = "scale",
     .type = FIELD_DOUBLE,
     .flags = FIELD_POSITIVE,
     .offset = SPEC(scale),
     .initial = "1",
     .doc = "Multiplies values; requests are thinned or copied."},
    {.name = "offset",
     .type = FIELD_DURATION,
     .flags = FIELD_ANY_SIGN,
     .offset = SPEC(offset),
     .doc = "Shifts the recording to later, or, negative, to earlier."},
    {.name = "speed",
     .type = FIELD_DOUBLE,
     .flags = FIELD_POSITIVE,
     .offset = SPEC(speed),
     .initial = "1",
     .doc = "Plays it so many times faster."},
    {.name = "repeat",
     .type = FIELD_OBJECT,
     .offset = SPEC(repeat),
     .initial = NULL,
     .type_of = &repeat_type,
     .doc = "How often it is played; once by default.",
     .example = "forever"},
    {.name = "from",
     .type = FIELD_STRING,
     .offset = SPEC(from),
     .mark = SPEC(from_mark),
     .doc = "The first time used, or a duration after the first row.",
     .example = "'1995-07-13T00:00:00-04:00'"},
    {.name = "to",
     .type = FIELD_STRING,
     .offset = SPEC(to),
     .mark = SPEC(to_mark),
     .doc = "The first time no longer used, or a duration after the first row.",
     .example = "24h"},
    {.name = "interpolation",
     .type = FIELD_WORD,
     .offset = SPEC(interpolation),
     .initial = "step",
     .words = interpolations,
     .doc = "A value holds until the next row, or goes straight to it."},
    {.name = "gaps",
     .type = FIELD_WORD,
     .offset = SPEC(gaps),
     .initial = "error",
     .words = gap_policies,
     .doc = "What fills times without rows."},
    {.name = "gapAfter",
     .type = FIELD_DURATION,
     .offset = SPEC(gap_after),
     .doc = "A longer distance between rows is a gap; by default one and a half intervals."},
    {.name = "duplicates",
     .type = FIELD_WORD,
     .offset = SPEC(duplicates),
     .initial = "error",
     .words = duplicate_policies,
     .doc = "Which of several rows of one time counts; step: the value jumps there."},
    {.name = "end",
     .type = FIELD_WORD,
     .offset = SPEC(end),
     .initial = "auto",
     .words = end_policies,
     .doc = "What follows the last row; auto: zero, and hold for gauges."},
    {.name = "align",
     .type = FIELD_WORD,
     .offset = SPEC(align),
     .initial = "start",
     .words = alignments,
     .doc = "The recording begins with the run, or keeps its calendar times."},
    {.name = "zone",
     .type = FIELD_STRING,
     .offset = SPEC(zone),
     .doc = "Offset of times that name none: Z, +02:00.",
     .example = "'-04:00'"},
    {.name = "arrivals",
     .type = FIELD_BOOL,
     .offset = SPEC(arrivals),
     .doc = "Keeps the time of every request, for resolution requests."},
};

static bool trace_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct raw_trace *t = raw;
    t->spec.scale = 1;
    t->spec.speed = 1;
    t->spec.file_mark = node->mark;
    const char *file = NULL;
    if (!decode_scalar(d, &(struct field){.type = FIELD_STRING}, node, d->path, &file))
        return false;
    t->files = (struct string_list){arena_array(d->arena, const char *, 1), NULL, 1};
    t->files.items[0] = file;
    return true;
}

static bool trace_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    const struct raw_trace *r = raw;
    struct trace_spec *t = out;
    *t = r->spec;
    t->mark = node->mark;
    t->filters = r->filters.items;
    t->filter_count = r->filters.count;
    if (r->files.count == 0) {
        diag_error(d->diag, node->mark, "%s.file: no file is given", d->path);
        return false;
    }
    t->file = r->files.items[0];
    t->more_files = r->files.items + 1;
    t->more_file_count = r->files.count - 1;
    return true;
}

const struct object_type scenario_trace_type = {
    .name = "Trace",
    .doc = "A recorded load.",
    .fields = trace_fields,
    .field_count = COUNT(trace_fields),
    .size = sizeof(struct raw_trace),
    .scalar = trace_scalar,
    .scalar_types = "string",
    .scalar_doc = "The file.",
    .finish = trace_finish,
    .out_size = sizeof(struct trace_spec),
};
