/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podtide run: reads a scenario, simulates it, writes the run file as it goes, and shows
 * what came out: a summary and a picture.
 *
 * An interrupt ends the run where it stands: the file is closed whole and marked.
 *
 * Trap: files are looked at before the run file is opened, so that a scenario that cannot
 * run replaces nothing.
 */
#include "base/str.h"
#include "base/vec.h"
#include "commands.h"
#include "kube/observer.h"
#include "kube/timestamp.h"
#include "manifest/observation_write.h"
#include "manifest/scenario.h"
#include "record/query.h"
#include "record/timeline.h"
#include "report/plot.h"
#include "report/progress.h"
#include "report/summary.h"
#include "sim/simulation.h"
#include "study/ensemble.h"

#include <unistd.h>

enum { FORMAT_TEXT, FORMAT_JSON };

struct run_options {
    const char *output;
    bool append;
    bool no_database;
    const char *plot;
    bool no_plot;
    const char *observations;
    struct option_integer seed;
    struct option_integer duration;
    const char *start;
    struct option_list sets;
    struct option_integer seeds;
    struct option_integer threads;
    int format;
    bool quiet;
    struct controller_options controllers;
};

static const char *const formats[] = {"text", "json", NULL};

#define OPTION(member) offsetof(struct run_options, member)

static const struct option table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OPTION_FILE,
     .value = "FILE",
     .offset = OPTION(output),
     .doc = "The run file, SQLite; by default the scenario's name with .db, here."},
    {.name = "append",
     .type = OPTION_FLAG,
     .offset = OPTION(append),
     .doc = "Adds the run to the file instead of replacing it."},
    {.name = "no-db",
     .type = OPTION_FLAG,
     .offset = OPTION(no_database),
     .doc = "Writes no run file, and draws nothing."},
    {.name = "plot",
     .type = OPTION_FILE,
     .value = "FILE",
     .offset = OPTION(plot),
     .doc = "The picture, .png or .svg; by default the run file's name with .png."},
    {.name = "no-plot", .type = OPTION_FLAG, .offset = OPTION(no_plot), .doc = "Draws no picture."},
    {.name = "observations",
     .type = OPTION_FILE,
     .value = "FILE",
     .offset = OPTION(observations),
     .doc = "Writes what every HPA saw, for `podtide decide hpa`."},
    {.name = "seed",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = OPTION(seed),
     .doc = "Seed of all random numbers, instead of the scenario's."},
    {.name = "duration",
     .letter = 'd',
     .type = OPTION_DURATION,
     .value = "DURATION",
     .offset = OPTION(duration),
     .doc = "How long, instead of the scenario's: 2h, 7d."},
    {.name = "start",
     .type = OPTION_TEXT,
     .value = "TIME",
     .offset = OPTION(start),
     .doc = "Calendar time of the beginning, instead of the scenario's."},
    {.name = "set",
     .type = OPTION_LIST,
     .value = "PATH=VALUE",
     .offset = OPTION(sets),
     .doc = "Changes a value of the scenario, as --set spec.services[web].cpu=30ms; may be given "
            "again."},
    {.name = "seeds",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = OPTION(seeds),
     .doc = "Runs it with N seeds from the scenario's on, writes no run file, and shows the spread "
            "of replicas and rescales and, with --plot, a fan chart."},
    {.name = "threads",
     .type = OPTION_INTEGER,
     .value = "N",
     .offset = OPTION(threads),
     .doc = "Threads for --seeds; one a processor by default. The result is the same."},
    {.name = "format",
     .type = OPTION_WORD,
     .value = "text|json",
     .offset = OPTION(format),
     .words = formats,
     .doc = "Of the summary."},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = OPTION(quiet),
     .doc = "No summary, no progress."},
};

/* One run: its parts, opened in order and closed whatever happens. */
struct session {
    const struct invocation *in;
    const struct run_options *options;
    struct scenario scenario;
    const char *database; /* NULL: none */
    struct timeline *timeline;
    bool recording; /* a run was begun in it */
    struct observation_log *log;
    struct summary *summary;
    struct progress progress;
    struct observer_fan fan;
    struct observer members[OBSERVER_FAN_MAX];
    bool interrupted;
    struct simulation_stats stats;
};

static bool tick(void *context, simtime now)
{
    struct session *s = context;
    struct observer progress = progress_observer(&s->progress);
    progress.tick(progress.context, now);
    s->interrupted = s->interrupted || signals_came();
    return !s->interrupted;
}

static void set_value(const struct invocation *in, struct option_list *sets, const char *path,
                      const char *value)
{
    vec_reserve_one(in->arena, (void **)&sets->items, sets->count, &sets->cap, sizeof *sets->items);
    sets->items[sets->count++] = arena_printf(in->arena, "%s=%s", path, value);
}

/* Options that stand for values of the scenario; --set itself comes last and wins. */
static bool gather_sets(const struct invocation *in, const struct run_options *o,
                        struct option_list *sets)
{
    if (!controller_sets(in, &o->controllers, sets))
        return false;
    if (o->duration.given)
        set_value(in, sets, "spec.duration", o->duration.text);
    if (o->seed.given)
        set_value(in, sets, "spec.seed", o->seed.text);
    if (o->start)
        set_value(in, sets, "spec.start", arena_printf(in->arena, "\"%s\"", o->start));
    for (size_t i = 0; i < o->sets.count; i++) {
        vec_reserve_one(in->arena, (void **)&sets->items, sets->count, &sets->cap,
                        sizeof *sets->items);
        sets->items[sets->count++] = o->sets.items[i];
    }
    return true;
}

static void add_observer(struct session *s, struct observer observer)
{
    unsigned i = s->fan.count;
    s->members[i] = observer;
    s->fan.members[i] = &s->members[i];
    s->fan.count++;
}

static bool open_timeline(struct session *s, const struct timeline_run *run)
{
    const struct run_options *o = s->options;
    if (o->no_database)
        return true;
    s->database = o->output ? o->output : arena_printf(s->in->arena, "%s.db", s->scenario.name);
    s->timeline = timeline_open(s->in->arena, s->database,
                                o->append ? TIMELINE_APPEND : TIMELINE_REPLACE, s->in->diag);
    s->recording = s->timeline && timeline_begin_run(s->timeline, run, s->in->diag);
    if (s->recording)
        add_observer(s, timeline_observer(s->timeline));
    return s->recording;
}

static bool open_log(struct session *s)
{
    const char *path = s->options->observations;
    if (!path)
        return true;
    s->log = observation_log_create(s->in->arena, path, s->scenario.hpas, s->scenario.hpa_count,
                                    &s->scenario.hpa, s->in->diag);
    if (s->log)
        add_observer(s, observation_log_observer(s->log));
    return s->log != NULL;
}

static bool open_all(struct session *s)
{
    struct timeline_run run;
    timeline_run_of(s->in->arena, &s->scenario, s->scenario.seed, PROGRAM_NAME, &run);
    if (!open_timeline(s, &run) || !open_log(s))
        return false;
    s->summary = summary_new(s->in->arena, &run);
    add_observer(s, summary_observer(s->summary));
    add_observer(s, (struct observer){.context = s, .tick = tick});
    progress_begin(&s->progress, s->options->quiet ? NULL : s->in->err, s->scenario.duration,
                   false);
    return true;
}

static enum timeline_status outcome(const struct session *s, bool ok)
{
    if (!ok)
        return TIMELINE_FAILED;
    return s->interrupted ? TIMELINE_INTERRUPTED : TIMELINE_COMPLETE;
}

static bool close_all(struct session *s, bool ok)
{
    progress_end(&s->progress);
    if (s->recording)
        ok = timeline_end_run(s->timeline, outcome(s, ok), s->stats.ended, s->in->diag) && ok;
    timeline_close(s->timeline, s->in->diag);
    if (ok && s->log)
        return observation_log_commit(s->log, s->in->diag);
    observation_log_abandon(s->log);
    return ok;
}

static bool simulate(struct session *s)
{
    struct arena world = {0};
    struct signals signals;
    signals_hold(&signals);
    bool ok = open_all(s);
    if (ok) {
        struct observer all = observer_fan(&s->fan);
        ok = simulation_run(&s->scenario, s->scenario.seed, &all, &world, s->in->diag, &s->stats);
        summary_end(s->summary, s->stats.ended);
    }
    ok = close_all(s, ok);
    signals_release(&signals);
    arena_drop(&world);
    return ok;
}

/* The default picture may fail, as without gnuplot: then it is a note and no error. */
static bool draw(struct session *s, struct plot_result *result)
{
    const struct run_options *o = s->options;
    if (o->no_plot || !s->database)
        return true;
    struct diag own = {.arena = s->in->arena};
    struct diag *diag = o->plot ? s->in->diag : &own;
    const char *path = o->plot ? o->plot : picture_name(s->in->arena, s->database);
    struct query *q = query_open(s->in->arena, s->database, diag);
    bool ok = q && plot_run(q, 0, path, &(struct plot_options){0}, s->in->arena, diag, result);
    query_close(q);
    if (!ok && !o->plot && own.count > 0)
        diag_note(s->in->diag, (struct mark){0}, "no picture: %s", diag_message(&own, 0));
    return ok || !o->plot;
}

static void report(struct session *s, const struct plot_result *pictures)
{
    bool json = s->options->format == FORMAT_JSON;
    const struct summary_view view = {
        .color = wants_color(s->in->out),
        .status = s->interrupted ? "interrupted" : "complete",
        .wall_seconds = !json && isatty(STDOUT_FILENO) ? progress_seconds(&s->progress) : 0,
        .database = s->database,
        .pictures = pictures->files,
        .picture_count = pictures->count,
    };
    if (!s->options->quiet)
        fputs(json ? summary_json(s->summary, &view) : summary_text(s->summary, &view), s->in->out);
}

/* Called by the thread that waits: shows how far it is, and hears interrupts. */
static bool seeds_progress(void *context, size_t done, size_t all)
{
    struct session *s = context;
    if (!s->options->quiet && isatty(fileno(s->in->err)) == 1)
        fprintf(s->in->err, done < all ? "\r%zu of %zu seeds" : "\r\033[K", done, all);
    s->interrupted = s->interrupted || signals_came();
    return !s->interrupted;
}

static void report_seeds(struct session *s, const struct ensemble *e)
{
    if (s->options->quiet)
        return;
    if (s->options->format == FORMAT_TEXT) {
        ensemble_print(e, s->in->out);
        if (s->options->plot)
            fprintf(s->in->out, "picture   %s\n", s->options->plot);
        return;
    }
    struct json_writer *w = json_writer_new(s->in->arena, true);
    ensemble_json(e, w);
    fputs(json_text(w, NULL), s->in->out);
}

static int run_seeds(struct session *s)
{
    struct ensemble ensemble;
    struct signals signals;
    const struct run_options *o = s->options;
    unsigned threads = (unsigned)(o->threads.value < 256 ? o->threads.value : 256);
    signals_hold(&signals);
    bool ok = ensemble_run(&s->scenario, (size_t)o->seeds.value, threads, seeds_progress, s,
                           s->in->arena, s->in->diag, &ensemble);
    signals_release(&signals);
    if (!ok && s->interrupted && !o->quiet)
        fputs("podtide run: interrupted; a part of the seeds would show a false band\n",
              s->in->err);
    if (!ok)
        return s->interrupted ? EXIT_INTERRUPTED : EXIT_BAD_INPUT;
    if (o->plot && !ensemble_plot(&ensemble, o->plot, s->in->diag))
        return EXIT_BAD_INPUT;
    report_seeds(s, &ensemble);
    return EXIT_DONE;
}

/* Does the text name a moment? What is wrong of the command line alone is misuse. */
static bool is_time(const char *text)
{
    int64_t unix_ns;
    bool has_zone;
    return timestamp_parse(text, 0, &unix_ns, &has_zone);
}

static bool contradicts(const struct invocation *in, const struct run_options *o)
{
    const char *what = NULL;
    if (o->seeds.given && (o->output || o->append || o->observations))
        what = "--seeds writes no run file: not --output, --append or --observations";
    else if (o->duration.given && o->duration.value == 0)
        what = "--duration must be more than 0";
    else if (o->start && !is_time(o->start))
        what = "--start: write it as 2024-03-01T08:00:00Z or with an offset such as -04:00";
    else if (o->seeds.given && (o->seeds.value < 1 || o->seeds.value > 1000000))
        what = "--seeds: from 1 to 1000000";
    else if (o->no_database && (o->output || o->append))
        what = "--no-db excludes --output and --append";
    else if (o->no_database && o->plot && !o->seeds.given)
        what = "--plot needs the run file, so not --no-db";
    else if (o->no_plot && o->plot)
        what = "--no-plot excludes --plot";
    else if (o->observations && str_equal(o->observations, "-") && !o->quiet)
        what = "--observations - needs --quiet, or the summary would be mixed in";
    if (!what)
        return false;
    fprintf(in->err, "podtide run: %s\n", what);
    return true;
}

static int run_run(const struct invocation *in)
{
    struct session s = {.in = in, .options = in->options};
    struct option_list sets = {0};
    struct plot_result pictures = {0};
    if (contradicts(in, s.options) || !gather_sets(in, s.options, &sets))
        return EXIT_MISUSE;
    const struct scenario_options how = {.sets = sets.items, .set_count = sets.count};
    if (!scenario_read(in->arguments, in->argument_count, &how, in->arena, in->diag, &s.scenario) ||
        !scenario_check_files(&s.scenario, in->arena, in->diag))
        return EXIT_BAD_INPUT;
    diag_print(in->diag, in->err); /* warnings, before the run takes its time */
    if (s.options->seeds.given)
        return run_seeds(&s);
    if (!simulate(&s) || !draw(&s, &pictures))
        return EXIT_BAD_INPUT;
    report(&s, &pictures);
    return s.interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

static const struct example examples[] = {
    {"podtide run scenarios/quickstart.yaml",
     "Simulates the scenario into quickstart.db and quickstart.png."},
    {"podtide run day.yaml --set spec.services[web].cpu=30ms --seed 7 -o slow.db",
     "The same with slower requests and other random numbers."},
    {"podtide run day.yaml --seeds 200 --plot fan.png",
     "What is luck and what is the configuration: 200 runs, and their band."},
    {"kustomize build overlays/prod | podtide run day.yaml -",
     "The scenario on rendered manifests."},
};

const struct command command_run = {
    .name = "run",
    .summary = "simulate a scenario",
    .arguments = "SCENARIO [MANIFEST...]",
    .text = "Simulates a scenario from its start to its end and prints a summary. What happened "
            "goes into a run file (SQLite) as it happens: after an interrupt, or worse, the file "
            "holds all but the last second of work.\n\n"
            "Further arguments are manifests beside those that the scenario names; - is standard "
            "input.",
    .groups = {{NULL, table, sizeof table / sizeof table[0], 0},
               {"Controllers", controller_options, CONTROLLER_OPTION_COUNT,
                offsetof(struct run_options, controllers)}},
    .options_size = sizeof(struct run_options),
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_run,
};
