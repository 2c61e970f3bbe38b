/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fan chart of an ensemble: one panel per HPA, the band of its replicas over all
 * seeds. Replicas are steps, so every instant is written twice, with the old values
 * and with the new ones.
 */
#include "base/str.h"
#include "report/gnuplot.h"
#include "study/ensemble.h"

#include <stdio.h>

#define PANELS_MAX 8
#define POINTS     600

struct fan {
    const struct ensemble *ensemble;
    struct strbuf text;
    bool svg;
};

/* Times as local Unix seconds, which gnuplot prints as they are. */
static double local_seconds(const struct scenario *s, simtime at)
{
    return (double)(s->start_unix_ns / SIMTIME_SECOND + s->zone_seconds) + simtime_to_seconds(at);
}

static simtime tic_of(simtime duration)
{
    static const simtime tics[] = {60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400};
    for (size_t i = 0; i < sizeof tics / sizeof tics[0]; i++)
        if (tics[i] * 12 * SIMTIME_SECOND >= duration)
            return tics[i];
    return 86400 * (duration / (12 * SIMTIME_DAY) + 1);
}

static void put_settings(struct fan *f, const char *templates, const char *output, size_t panels)
{
    const struct scenario *s = f->ensemble->scenario;
    struct strbuf *b = &f->text;
    simtime tic = tic_of(s->duration);
    double first = local_seconds(s, 0);
    double first_tic = (double)((int64_t)(first / (double)tic) * tic);
    strbuf_printf(b, "SVG = %d; WIDTH = 1200; PANELS = %zu; MARKS = 0; SPAN = %.3f\n", f->svg,
                  panels, simtime_to_seconds(s->duration));
    strbuf_printf(b, "T0 = %.3f; T1 = %.3f; T0TIC = %.3f; TICS = %lld\n", first,
                  local_seconds(s, s->duration),
                  first_tic < first ? first_tic + (double)tic : first_tic, (long long)tic);
    strbuf_printf(b, "TIMEFORMAT = \"%s\"\n",
                  tic < 60      ? "%H:%M:%S"
                  : tic < 86400 ? "%H:%M"
                                : "%d %b");
    strbuf_add(b, "OUTPUT = ");
    gnuplot_quote(b, output);
    strbuf_add(b, "\nTITLE = ");
    gnuplot_quote(b, s->name);
    strbuf_printf(b, "\nSUBTITLE = \"replicas under %zu seeds\"\nXLABEL = \"time of day\"\n",
                  f->ensemble->seeds);
    strbuf_add(
        b, "FOOTER = \"bands at each instant; no single run follows the median\"\nset loadpath ");
    gnuplot_quote(b, templates);
    strbuf_char(b, '\n');
}

static void put_band(struct strbuf *b, double at, const struct band *x)
{
    strbuf_printf(b, "%.3f %d %d %d %d %d %d %d\n", at, (int)x->least, (int)x->p5, (int)x->p25,
                  (int)x->p50, (int)x->p75, (int)x->p95, (int)x->most);
}

static void put_panel(struct fan *f, size_t hpa)
{
    const struct scenario *s = f->ensemble->scenario;
    const struct hpa_spec *spec = &s->hpas[hpa];
    struct strbuf *b = &f->text;
    size_t count;
    simtime step = s->duration / POINTS > SIMTIME_SECOND ? s->duration / POINTS : SIMTIME_SECOND;
    struct band *bands = ensemble_bands(f->ensemble, hpa, step, &count);
    strbuf_printf(b, "$bands%zu << EOD\n", hpa);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put_band(b, local_seconds(s, bands[i].at), &bands[i - 1]);
        put_band(b, local_seconds(s, bands[i].at), &bands[i]);
    }
    strbuf_printf(b, "EOD\n$bounds%zu << EOD\n%.3f %d %d\n%.3f %d %d\nEOD\n", hpa,
                  local_seconds(s, 0), (int)spec->min_replicas, (int)spec->max_replicas,
                  local_seconds(s, s->duration), (int)spec->min_replicas, (int)spec->max_replicas);
}

static const char *script(void *context, const char *templates, const char *output)
{
    struct fan *f = context;
    const struct scenario *s = f->ensemble->scenario;
    size_t panels = s->hpa_count < PANELS_MAX ? s->hpa_count : PANELS_MAX;
    strbuf_clear(&f->text);
    put_settings(f, templates, output, panels);
    for (size_t i = 0; i < panels; i++)
        put_panel(f, i);
    strbuf_add(&f->text, "load \"page.gp\"\n");
    for (size_t i = 0; i < panels; i++) {
        strbuf_add(&f->text, "PANEL_TITLE = ");
        gnuplot_quote(&f->text, arena_printf(f->ensemble->arena, "HPA %s/%s",
                                             s->hpas[i].namespace_name, s->hpas[i].name));
        strbuf_printf(&f->text,
                      "\nUNIT = \"pods\"; YMAX = %.6g; YTIC = 0\nBANDS = \"$bands%zu\"; BOUNDS = "
                      "\"$bounds%zu\"\nload \"fan.gp\"\n",
                      s->hpas[i].max_replicas * 1.08, i, i);
    }
    strbuf_add(&f->text, "unset multiplot\nset output\n");
    return strbuf_text(&f->text);
}

bool ensemble_plot(const struct ensemble *e, const char *path, struct diag *d)
{
    struct fan fan = {.ensemble = e, .text = {.arena = e->arena}, .svg = str_ends(path, ".svg")};
    struct gnuplot gnuplot;
    if (!gnuplot_check_path(path, d) || !gnuplot_open(&gnuplot, NULL, e->arena, d))
        return false;
    bool ok = gnuplot_draw(&gnuplot, path, script, &fan, d);
    gnuplot_close(&gnuplot);
    return ok;
}
