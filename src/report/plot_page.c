/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the gnuplot script of one workload's page: settings, the data as blocks,
 * and one `load "<panel>.gp"` per panel; how things look is in plots/. Which panels
 * there are follows from the data: no empty panel, no panel of zeros.
 * The idea for long runs: samples are put together until at most about 1400 points
 * are left, means for rates and maxima for what hurts (latency, unmet demand), so
 * that a short bad moment is never averaged away. The trap: names come from users
 * and must not reach gnuplot as code, see gnuplot_quote.
 */
#include "plot_internal.h"

#include "base/fmt.h"
#include "kube/timestamp.h"
#include "report/gnuplot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { POINTS_MAX = 1400, SERVICES_MAX = 3, MARKS_MAX = 9 };

struct script {
    const struct plot_page *page;
    struct arena *arena;
    struct strbuf head; /* settings, then data blocks */
    struct strbuf body; /* panels */
    size_t blocks;
    size_t panels;
    size_t step; /* most samples put into one point */
    bool unmet;  /* there was some */
};

static void set_text(struct strbuf *b, const char *name, const char *text)
{
    strbuf_printf(b, "%s = ", name);
    gnuplot_quote(b, text);
    strbuf_char(b, '\n');
}

/* Times as local Unix seconds, which gnuplot prints as they are. */
static double local_seconds(const struct plot_page *p, simtime at)
{
    int64_t whole = p->run.start_unix_ns / SIMTIME_SECOND;
    int64_t rest = p->run.start_unix_ns % SIMTIME_SECOND;
    return (double)(whole + p->run.zone_seconds) + (double)(rest + at) / 1e9;
}

static const char *block_begin(struct script *s)
{
    const char *name = arena_printf(s->arena, "$d%zu", s->blocks++);
    strbuf_printf(&s->head, "%s << EOD\n", name);
    return name;
}

static void block_end(struct script *s)
{
    strbuf_add(&s->head, "EOD\n");
}

static void put_time(struct script *s, simtime at)
{
    strbuf_printf(&s->head, "%.3f", local_seconds(s->page, at));
}

static void put_value(struct script *s, double v)
{
    if (isfinite(v)) {
        strbuf_printf(&s->head, " %.6g", v);
    } else {
        strbuf_add(&s->head, " NaN");
    }
}

static void panel(struct script *s, const char *file, const char *title, const char *data)
{
    set_text(&s->body, "PANEL_TITLE", title);
    set_text(&s->body, "DATA", data);
    strbuf_printf(&s->body, "load \"%s\"\n", file);
    s->panels++;
}

/* The axis of the next panel: its unit, a top with some room, and about four tics. */
static void set_axis(struct script *s, const char *unit, double most)
{
    double step = 1;
    while (most / step > 5) {
        step *= 10;
    }
    while (most > 0 && most / step <= 0.5) {
        step /= 10;
    }
    step *= most / step <= 1 ? 0.2 : most / step <= 2.5 ? 0.5 : 1;
    set_text(&s->body, "UNIT", unit);
    strbuf_printf(&s->body, "YMAX = %.6g; YTIC = %.6g\n", most > 0 ? most * 1.08 : 1,
                  most > 0 ? step : 1);
}

/* How many of `count` samples make one point. */
static size_t grouping(struct script *s, size_t count)
{
    size_t step = (count + POINTS_MAX - 1) / POINTS_MAX;
    step = step > 0 ? step : 1;
    if (step > s->step) {
        s->step = step;
    }
    return step;
}

static double larger(double a, double b)
{
    return b > a || isnan(a) ? b : a; /* NaN gives way, on either side */
}

/* Load and latency of a service */

struct service_point {
    simtime at; /* middle of the samples */
    double seconds;
    double offered;
    double served;
    double lost;
    double capacity; /* mean */
    double p50;      /* maxima */
    double p95;
    double p99;
    double short_by;
    double waiting;
};

static struct service_point join_samples(const struct service_sample *samples, size_t count)
{
    struct service_point p = {.p50 = NAN, .p95 = NAN, .p99 = NAN};
    simtime from = samples[0].at - samples[0].interval;
    for (size_t i = 0; i < count; i++) {
        const struct service_sample *v = &samples[i];
        double seconds = simtime_to_seconds(v->interval);
        p.seconds += seconds;
        p.offered += larger(v->offered, 0);
        p.served += larger(v->served, 0);
        p.lost += larger(v->timed_out, 0) + larger(v->dropped, 0) + larger(v->failed, 0);
        p.capacity += larger(v->capacity, 0) * seconds;
        p.p50 = larger(p.p50, v->latency_p50);
        p.p95 = larger(p.p95, v->latency_p95);
        p.p99 = larger(p.p99, v->latency_p99);
        p.short_by = larger(p.short_by, seconds > 0 ? v->unmet_replica_seconds / seconds : 0);
        p.waiting = larger(p.waiting, v->waiting);
    }
    p.at = from + (samples[count - 1].at - from) / 2;
    p.capacity /= p.seconds;
    p.offered /= p.seconds;
    p.served /= p.seconds;
    p.lost /= p.seconds;
    return p;
}

struct service_series {
    struct service_point *points;
    size_t count;
    struct service_point most; /* largest of each */
    double least_p50;
};

static struct service_series service_series(struct script *s, size_t service)
{
    const struct plot_page *page = s->page;
    size_t count = 0;
    const struct service_sample *samples = query_service_samples(
        page->q, s->arena, page->run.run, service, page->from, page->to, &count);
    size_t step = grouping(s, count);
    struct service_series out = {
        .points = arena_array(s->arena, struct service_point, (count + step - 1) / step),
        .least_p50 = NAN,
    };
    struct service_point *most = &out.most;
    for (size_t i = 0; i < count; i += step) {
        struct service_point p = join_samples(samples + i, i + step < count ? step : count - i);
        out.points[out.count++] = p;
        most->offered = larger(most->offered, p.offered);
        most->served = larger(most->served, p.served);
        most->capacity = larger(most->capacity, p.capacity);
        most->lost = larger(most->lost, p.lost);
        most->p99 = larger(most->p99, p.p99);
        most->short_by = larger(most->short_by, p.short_by);
        most->waiting = larger(most->waiting, p.waiting);
        if (p.p50 > 0 && !(out.least_p50 <= p.p50)) {
            out.least_p50 = p.p50;
        }
    }
    return out;
}

static void load_panel(struct script *s, const struct query_service *v,
                       const struct service_series *series)
{
    const char *data = block_begin(s);
    for (size_t i = 0; i < series->count; i++) {
        const struct service_point *p = &series->points[i];
        put_time(s, p->at);
        put_value(s, p->offered);
        put_value(s, p->served);
        put_value(s, p->lost);
        put_value(s, p->capacity > 0 ? p->capacity : NAN);
        strbuf_char(&s->head, '\n');
    }
    block_end(s);
    set_axis(s,
             v->queue    ? "jobs / s"
             : v->demand ? "cores"
                         : "requests / s",
             larger(series->most.offered, larger(series->most.served, series->most.capacity)));
    strbuf_printf(&s->body, "HAS_LOST = %d\n", series->most.lost > 1e-6);
    panel(s, "load.gp",
          arena_printf(s->arena, "%s of %s", v->demand ? "CPU demand" : "Load", v->name), data);
}

static void latency_panel(struct script *s, const struct query_service *v,
                          const struct service_series *series)
{
    bool milli = series->most.p99 < 5;
    double scale = milli ? 1000 : 1;
    bool logarithmic = series->most.p99 > 40 * series->least_p50;
    const char *data = block_begin(s);
    for (size_t i = 0; i < series->count; i++) {
        const struct service_point *p = &series->points[i];
        put_time(s, p->at);
        put_value(s, p->p50 * scale);
        put_value(s, p->p95 * scale);
        put_value(s, p->p99 * scale);
        strbuf_char(&s->head, '\n');
    }
    block_end(s);
    set_axis(s, milli ? "ms" : "seconds", series->most.p99 * scale);
    strbuf_printf(&s->body, "LOG = %d; YMIN = %.6g\n", logarithmic,
                  series->least_p50 * scale * 0.8);
    panel(s, "latency.gp",
          arena_printf(s->arena, "Latency of %s%s", v->name, logarithmic ? " (logarithmic)" : ""),
          data);
}

/* What waits in a queue, or else the unmet demand. */
static void small_panel(struct script *s, const char *title, const struct service_series *series,
                        bool waiting)
{
    const char *data = block_begin(s);
    for (size_t i = 0; i < series->count; i++) {
        put_time(s, series->points[i].at);
        put_value(s, waiting ? series->points[i].waiting : series->points[i].short_by);
        strbuf_char(&s->head, '\n');
    }
    block_end(s);
    set_axis(s, waiting ? "jobs" : "replicas short",
             waiting ? series->most.waiting : series->most.short_by);
    panel(s, waiting ? "queue.gp" : "unmet.gp", title, data);
}

/* Replicas */

static void replicas_row(struct script *s, simtime at, const int32_t values[3])
{
    put_time(s, at);
    strbuf_printf(&s->head, " %" PRId32 " %" PRId32 " %" PRId32 "\n", values[0], values[1],
                  values[2]);
}

/*
 * Steps drawn only where they change, and at both ends of the page. Samples tell of a rescale up
 * to an interval late, so its own moment is put in between.
 */
static void replicas_data(struct script *s, const struct workload_sample *w, size_t count,
                          const struct query_sync *syncs, size_t sync_count)
{
    int32_t last[3] = {w[0].spec_replicas, w[0].status_replicas, w[0].ready_replicas};
    size_t next = 0;
    if (sync_count > 0 && syncs[0].at < w[0].at) {
        last[0] = syncs[0].current;
    }
    replicas_row(s, w[0].at - w[0].interval, last);
    for (size_t i = 0; i < count; i++) {
        for (; next < sync_count && syncs[next].at < w[i].at; next++) {
            if (syncs[next].rescaled) {
                last[0] = syncs[next].desired;
                replicas_row(s, syncs[next].at, last);
            }
        }
        const int32_t now[] = {w[i].spec_replicas, w[i].status_replicas, w[i].ready_replicas};
        if (i + 1 == count || memcmp(last, now, sizeof now) != 0) {
            memcpy(last, now, sizeof now);
            replicas_row(s, w[i].at, last);
        }
    }
}

static const struct query_hpa *page_hpa(const struct plot_page *p, size_t *index)
{
    for (size_t i = 0; i < p->hpa_count; i++) {
        if (p->hpas[i].workload == p->index) {
            *index = i;
            return &p->hpas[i];
        }
    }
    return NULL;
}

static const char *bounds_block(struct script *s, const struct query_hpa *hpa, int32_t *most)
{
    const char *name = block_begin(s);
    for (size_t i = 0; hpa != NULL && i < hpa->spec_count; i++) {
        const struct query_hpa_spec *b = &hpa->specs[i];
        simtime until = i + 1 < hpa->spec_count ? hpa->specs[i + 1].since : s->page->to;
        put_time(s, b->since);
        strbuf_printf(&s->head, " %" PRId32 " %" PRId32 "\n", b->min_replicas, b->max_replicas);
        put_time(s, until);
        strbuf_printf(&s->head, " %" PRId32 " %" PRId32 "\n", b->min_replicas, b->max_replicas);
        *most = b->max_replicas > *most ? b->max_replicas : *most;
    }
    if (hpa == NULL) {
        put_time(s, s->page->from);
        strbuf_add(&s->head, " NaN NaN\n");
    }
    block_end(s);
    return name;
}

static const char *rescale_block(struct script *s, const struct query_sync *syncs, size_t count,
                                 bool up, size_t *found)
{
    const char *name = block_begin(s);
    for (size_t i = 0; i < count; i++) {
        if (!syncs[i].rescaled || (syncs[i].desired > syncs[i].current) != up) {
            continue;
        }
        put_time(s, syncs[i].at);
        strbuf_printf(&s->head, " %" PRId32 "\n", syncs[i].desired);
        ++*found;
    }
    if (*found == 0) {
        put_time(s, s->page->from);
        strbuf_add(&s->head, " NaN\n");
    }
    block_end(s);
    return name;
}

static void replicas_panel(struct script *s, const struct workload_sample *w, size_t count,
                           const struct query_hpa *hpa, const struct query_sync *syncs,
                           size_t sync_count)
{
    int32_t most = 1;
    for (size_t i = 0; i < count; i++) {
        most = w[i].spec_replicas > most ? w[i].spec_replicas : most;
        most = w[i].status_replicas > most ? w[i].status_replicas : most;
    }
    int32_t highest = most;
    size_t ups = 0;
    size_t downs = 0;
    const char *data = block_begin(s);
    replicas_data(s, w, count, syncs, sync_count);
    block_end(s);
    set_text(&s->body, "BOUNDS", bounds_block(s, hpa, &highest));
    set_text(&s->body, "UPS", rescale_block(s, syncs, sync_count, true, &ups));
    set_text(&s->body, "DOWNS", rescale_block(s, syncs, sync_count, false, &downs));
    /* A maximum far above what was ever used would press the rest flat. */
    int32_t shown = highest <= 3 * most ? highest : most;
    set_axis(s, "pods", shown);
    strbuf_printf(&s->body, "HAS_HPA = %d; HAS_UPS = %d; HAS_DOWNS = %d\n", hpa != NULL, ups > 0,
                  downs > 0);
    set_text(&s->body, "MAX_TITLE",
             hpa == NULL        ? ""
             : shown == highest ? "max"
                                : arena_printf(s->arena, "max %" PRId32 " (above)", highest));
    panel(s, "replicas.gp", "Replicas", data);
}

/* The metric against its target */

static const char *metric_unit(struct arena *a, const struct query_hpa_metric *m, double *scale)
{
    *scale = 1;
    bool average = strcmp(m->target_type, "AverageValue") == 0;
    if (strcmp(m->target_type, "Utilization") == 0) {
        return arena_printf(a, "%s, %% of request", m->name);
    }
    if (strcmp(m->name, "memory") == 0) {
        *scale = 1.0 / (1024 * 1024);
        return "memory, MiB per pod";
    }
    if (strcmp(m->name, "cpu") == 0) {
        return "cores per pod";
    }
    return arena_printf(a, "%s%s", m->name, average ? " per pod" : "");
}

struct target_sum {
    double value;
    double low;
    double high;
    double target;
    size_t count;
};

/* several: metrics of different units take turns, so all are shown in percent of their target. */
static void add_sync(struct target_sum *sum, const struct query_hpa *hpa,
                     const struct query_sync *y, bool several, double scale)
{
    const struct query_working *w = &y->working;
    const struct query_hpa_metric *m =
        w->metric == QUERY_NONE ? NULL : query_hpa_metric(hpa, y->generation, w->metric);
    if (m == NULL || !isfinite(w->value)) {
        return;
    }
    double unit = several ? 100 / m->target : scale;
    sum->value += several ? 100 * w->ratio : w->value * unit;
    sum->target += m->target * unit;
    sum->low += w->tolerance_low * m->target * unit;
    sum->high += w->tolerance_high * m->target * unit;
    sum->count++;
}

static double target_data(struct script *s, const struct query_hpa *hpa,
                          const struct query_sync *syncs, size_t count, bool several, double scale)
{
    size_t step = grouping(s, count);
    double most = 0;
    for (size_t i = 0; i < count; i += step) {
        struct target_sum sum = {0};
        for (size_t j = i; j < i + step && j < count; j++) {
            add_sync(&sum, hpa, &syncs[j], several, scale);
        }
        double n = sum.count > 0 ? (double)sum.count : NAN;
        put_time(s, syncs[i].at);
        put_value(s, sum.value / n);
        put_value(s, sum.low / n);
        put_value(s, sum.high / n);
        put_value(s, sum.target / n);
        strbuf_char(&s->head, '\n');
        most = larger(most, larger(sum.value / n, sum.high / n));
    }
    return most;
}

static void target_panel(struct script *s, const struct query_hpa *hpa,
                         const struct query_sync *syncs, size_t count)
{
    const struct query_hpa_metric *first = &hpa->metrics[0];
    bool several = false;
    for (size_t i = 1; i < hpa->metric_count; i++) {
        several = several || strcmp(hpa->metrics[i].name, first->name) != 0 ||
                  strcmp(hpa->metrics[i].target_type, first->target_type) != 0;
    }
    double scale = 1;
    const char *unit = several ? "% of target" : metric_unit(s->arena, first, &scale);
    const char *data = block_begin(s);
    double most = target_data(s, hpa, syncs, count, several, scale);
    block_end(s);
    set_axis(s, unit, most);
    panel(s, "target.gp",
          several
              ? arena_printf(s->arena, "Deciding metric of HPA %s against its target", hpa->name)
              : arena_printf(s->arena, "HPA %s: %s against its target", hpa->name, first->name),
          data);
}

static void cpu_panel(struct script *s, const struct workload_sample *w, size_t count)
{
    size_t step = grouping(s, count);
    double throttled_most = 0;
    double most = 0;
    const char *data = block_begin(s);
    for (size_t i = 0; i < count; i += step) {
        double used = 0;
        double requested = 0;
        double throttled = 0;
        size_t n = i + step < count ? step : count - i;
        for (size_t j = i; j < i + n; j++) {
            used += larger(w[j].cpu_used_cores, 0);
            requested += larger(w[j].cpu_requested_cores, 0);
            throttled += larger(w[j].cpu_throttled_cores, 0);
        }
        put_time(s, w[i].at - w[i].interval + (w[i + n - 1].at - w[i].at + w[i].interval) / 2);
        put_value(s, used / (double)n);
        put_value(s, requested > 0 ? requested / (double)n : NAN);
        put_value(s, throttled / (double)n);
        strbuf_char(&s->head, '\n');
        throttled_most = larger(throttled_most, throttled);
        most = larger(most, larger(used, requested) / (double)n);
    }
    block_end(s);
    set_axis(s, "cores", most);
    strbuf_printf(&s->body, "HAS_THROTTLED = %d\n", throttled_most > 0);
    panel(s, "cpu.gp", "CPU of all pods", data);
}

/* The page */

static simtime tic_step(simtime span, const char **format)
{
    static const struct {
        int64_t seconds;
        const char *format;
    } steps[] = {{1, "%H:%M:%S"},
                 {2, "%H:%M:%S"},
                 {5, "%H:%M:%S"},
                 {10, "%H:%M:%S"},
                 {15, "%H:%M:%S"},
                 {30, "%H:%M:%S"},
                 {60, "%H:%M"},
                 {120, "%H:%M"},
                 {300, "%H:%M"},
                 {600, "%H:%M"},
                 {900, "%H:%M"},
                 {1800, "%H:%M"},
                 {3600, "%H:%M"},
                 {7200, "%H:%M"},
                 {10800, "%H:%M\\n%d %b"},
                 {21600, "%H:%M\\n%d %b"},
                 {43200, "%H:%M\\n%d %b"},
                 {86400, "%a\\n%d %b"},
                 {172800, "%a\\n%d %b"},
                 {604800, "%d %b\\n%Y"},
                 {2419200, "%d %b\\n%Y"}};
    size_t last = sizeof steps / sizeof *steps - 1;
    size_t i = 0;
    while (i < last && span / (steps[i].seconds * SIMTIME_SECOND) > 13) {
        i++;
    }
    *format = steps[i].format;
    return steps[i].seconds * SIMTIME_SECOND;
}

static const char *date_text(struct arena *a, const struct plot_page *p, simtime at)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct timestamp_parts t = timestamp_split(p->run.start_unix_ns + at, p->run.zone_seconds);
    return arena_printf(a, "%d %s %d", t.day, months[t.month - 1], t.year);
}

static const char *time_text(struct arena *a, const struct plot_page *p, simtime at)
{
    struct timestamp_parts t = timestamp_split(p->run.start_unix_ns + at, p->run.zone_seconds);
    return arena_printf(a, "%02d:%02d:%02d", t.hour, t.minute, t.second);
}

static void axis(struct script *s, struct strbuf *out)
{
    const struct plot_page *p = s->page;
    const char *format = NULL;
    int64_t step = tic_step(p->to - p->from, &format) / SIMTIME_SECOND;
    double from = local_seconds(p, p->from);
    double first = ceil(from / (double)step) * (double)step;
    const char *begin = date_text(s->arena, p, p->from);
    const char *end = date_text(s->arena, p, p->to - 1);
    const char *zone = strcmp(p->run.zone, "Z") == 0 ? "" : p->run.zone;
    strbuf_printf(out, "T0 = %.3f; T1 = %.3f; T0TIC = %.0f; TICS = %" PRId64 "\n", from,
                  local_seconds(p, p->to), first, step);
    strbuf_printf(out, "TIMEFORMAT = \"%s\"\n", format);
    set_text(out, "XLABEL",
             strcmp(begin, end) == 0
                 ? arena_printf(s->arena, "time of day, %s (UTC%s)", begin, zone)
                 : arena_printf(s->arena, "%s to %s (UTC%s)", begin, end, zone));
}

/* Faults and other events of the scenario: letters on the page, words in the foot. */
static void fault_marks(struct script *s, struct strbuf *out, struct strbuf *foot)
{
    const struct plot_page *p = s->page;
    size_t count = 0;
    const struct observed_event *events =
        query_events(p->q, s->arena, p->run.run, "podtide", p->from, p->to, &count);
    size_t shown = count < MARKS_MAX ? count : MARKS_MAX;
    strbuf_printf(out, "MARKS = %zu\narray MARK_T[%d]\narray MARK_NAME[%d]\n", shown, MARKS_MAX,
                  MARKS_MAX);
    for (size_t i = 0; i < shown; i++) {
        char letter[2] = {(char)('A' + i), '\0'};
        strbuf_printf(out, "MARK_T[%zu] = %.3f\n", i + 1, local_seconds(p, events[i].at));
        set_text(out, arena_printf(s->arena, "MARK_NAME[%zu]", i + 1), letter);
        strbuf_printf(foot, "%s%s: %.60s", foot->len > 0 ? "     " : "", letter,
                      *events[i].message != '\0' ? events[i].message : events[i].reason);
    }
    if (count > shown) {
        strbuf_printf(foot, "     and %zu more", count - shown);
    }
}

static const char *subtitle(struct script *s, const struct query_hpa *hpa)
{
    const struct plot_page *p = s->page;
    struct strbuf b = {.arena = s->arena};
    char length[FMT_MAX];
    strbuf_printf(&b, "%s %s/%s", p->workload->kind, p->workload->namespace_name,
                  p->workload->name);
    if (hpa != NULL && hpa->spec_count > 0) {
        strbuf_printf(&b, "  ·  HPA %s, %" PRId32 " to %" PRId32 " replicas", hpa->name,
                      hpa->specs[0].min_replicas, hpa->specs[0].max_replicas);
    }
    strbuf_printf(&b, "  ·  %s from %s, %s",
                  fmt_seconds(length, simtime_to_seconds(p->to - p->from)),
                  date_text(s->arena, p, p->from), time_text(s->arena, p, p->from));
    strbuf_printf(&b, "  ·  seed %s", p->run.seed);
    if (strcmp(p->run.status, "complete") != 0) {
        strbuf_printf(&b, "  ·  %s",
                      strcmp(p->run.status, "running") == 0 ? "not ended" : p->run.status);
    }
    return strbuf_text(&b);
}

static void service_panels(struct script *s, size_t index, bool latency)
{
    const struct query_service *v = &s->page->services[index];
    struct service_series series = service_series(s, index);
    s->unmet = s->unmet || series.most.short_by > 1e-6;
    if (!latency) {
        if (series.most.offered > 0) {
            load_panel(s, v, &series);
        }
        return;
    }
    if (series.most.p99 > 0) {
        latency_panel(s, v, &series);
    }
    if (series.most.short_by > 1e-6) {
        small_panel(s, arena_printf(s->arena, "Unmet demand of %s", v->name), &series, false);
    }
    if (v->queue && series.most.waiting > 0) {
        small_panel(s, arena_printf(s->arena, "Depth of queue %s", v->name), &series, true);
    }
}

/* Panels of the services on this workload: loads first, the rest after the replicas. */
static void all_service_panels(struct script *s, bool latency)
{
    size_t shown = 0;
    for (size_t i = 0; i < s->page->service_count && shown < SERVICES_MAX; i++) {
        if (s->page->services[i].workload == s->page->index) {
            service_panels(s, i, latency);
            shown++;
        }
    }
}

static void panels(struct script *s, const struct query_hpa *hpa, size_t hpa_index)
{
    const struct plot_page *p = s->page;
    size_t count = 0;
    size_t sync_count = 0;
    const struct workload_sample *w =
        query_workload_samples(p->q, s->arena, p->run.run, p->index, p->from, p->to, &count);
    const struct query_sync *syncs = NULL;
    if (hpa != NULL) {
        syncs = query_syncs(p->q, s->arena, p->run.run, hpa_index, p->from, p->to, &sync_count);
    }
    all_service_panels(s, false);
    if (s->panels == 0 && count > 0) {
        cpu_panel(s, w, count);
    }
    if (count > 0) {
        replicas_panel(s, w, count, hpa, syncs, sync_count);
    }
    if (sync_count > 0 && hpa->metric_count > 0) {
        target_panel(s, hpa, syncs, sync_count);
    }
    all_service_panels(s, true);
}

static const char *footer(struct script *s, struct strbuf *foot)
{
    if (s->step > 1) {
        char each[FMT_MAX];
        fmt_seconds(each, simtime_to_seconds(s->page->run.record_interval) * (double)s->step);
        strbuf_printf(foot, "%sone point: %s (mean; latency and unmet demand: worst)",
                      foot->len > 0 ? "     " : "", each);
    }
    if (!s->unmet) {
        strbuf_printf(foot, "%sno unmet demand", foot->len > 0 ? "     " : "");
    }
    strbuf_printf(foot, "%s%s", foot->len > 0 ? "     " : "", s->page->run.program);
    return strbuf_text(foot);
}

const char *plot_page_script(const struct plot_page *page, const char *templates,
                             const char *output)
{
    struct arena *a = page->arena;
    struct script s = {.page = page, .arena = a, .head = {.arena = a}, .body = {.arena = a}};
    struct strbuf out = {.arena = a};
    struct strbuf foot = {.arena = a};
    size_t hpa_index = 0;
    const struct query_hpa *hpa = page_hpa(page, &hpa_index);

    panels(&s, hpa, hpa_index);
    strbuf_add(&out, "set loadpath ");
    gnuplot_quote(&out, templates);
    strbuf_printf(&out, "\nSVG = %d; WIDTH = %" PRId32 "; PANELS = %zu\n", page->svg, page->width,
                  s.panels);
    set_text(&out, "OUTPUT", output);
    axis(&s, &out);
    set_text(&out, "TITLE", arena_printf(a, "%s: %s", page->run.name, page->workload->name));
    set_text(&out, "SUBTITLE", subtitle(&s, hpa));
    fault_marks(&s, &out, &foot);
    set_text(&out, "FOOTER", footer(&s, &foot));
    strbuf_add(&out, strbuf_text(&s.head));
    strbuf_add(&out, "load \"page.gp\"\n");
    strbuf_add(&out, strbuf_text(&s.body));
    strbuf_add(&out, "unset multiplot\nset output\n");
    return strbuf_text(&out);
}
