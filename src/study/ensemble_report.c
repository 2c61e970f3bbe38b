/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ensemble as a table and as JSON: per HPA the band of its replicas, then every
 * rescale with how many seeds made it and how far apart in time they did.
 */
#include "study/ensemble.h"

#include "base/fmt.h"

#define BAND_LINES 12 /* of the table; JSON has every minute or finer */

static const char *seconds(char buffer[FMT_MAX], simtime t)
{
    return fmt_seconds(buffer, simtime_to_seconds(t));
}

/* A step that gives about `lines` rows and falls on round times. */
static simtime band_step(simtime duration, simtime lines)
{
    static const simtime steps[] = {15,   30,   60,   120,   300,   600,
                                    1800, 3600, 7200, 14400, 21600, 86400};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i] * SIMTIME_SECOND * lines >= duration)
            return steps[i] * SIMTIME_SECOND;
    return duration / lines + 1;
}

static void print_bands(const struct ensemble *e, size_t hpa, FILE *out)
{
    size_t count;
    struct band *bands =
        ensemble_bands(e, hpa, band_step(e->scenario->duration, BAND_LINES), &count);
    fprintf(out, "%-10s %6s %6s %6s %6s %6s %6s %6s\n", "TIME", "MIN", "P5", "P25", "P50", "P75",
            "P95", "MAX");
    for (size_t i = 0; i < count; i++) {
        char at[FMT_MAX];
        fprintf(out, "%-10s %6d %6d %6d %6d %6d %6d %6d\n", seconds(at, bands[i].at),
                (int)bands[i].least, (int)bands[i].p5, (int)bands[i].p25, (int)bands[i].p50,
                (int)bands[i].p75, (int)bands[i].p95, (int)bands[i].most);
    }
}

static void print_groups(const struct ensemble *e, size_t hpa, FILE *out)
{
    size_t count;
    struct rescale_group *groups = ensemble_groups(e, hpa, &count);
    fprintf(out, "%-4s %-11s %12s %10s %10s %10s %9s\n", "NTH", "RESCALE", "SEEDS", "EARLIEST",
            "MEDIAN", "LATEST", "SPREAD");
    size_t rare = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rescale_group *g = &groups[i];
        if (g->members * 20 < e->seeds) {
            rare++;
            continue;
        }
        char a[FMT_MAX], b[FMT_MAX], c[FMT_MAX], d[FMT_MAX];
        fprintf(out, "%-4zu %4d->%-5d %6zu/%-5zu %10s %10s %10s %9s\n", g->ordinal, (int)g->from,
                (int)g->to, g->members, e->seeds, seconds(a, g->earliest), seconds(b, g->median),
                seconds(c, g->latest), seconds(d, g->latest - g->earliest));
    }
    if (rare > 0)
        fprintf(out, "and %zu other rescales, each in under 5 %% of the seeds (--format json)\n",
                rare);
}

void ensemble_print(const struct ensemble *e, FILE *out)
{
    if (e->scenario->hpa_count == 0)
        fprintf(out, "%zu seeds: the scenario has no HorizontalPodAutoscaler\n", e->seeds);
    for (size_t i = 0; i < e->scenario->hpa_count; i++) {
        const struct hpa_spec *spec = &e->scenario->hpas[i];
        fprintf(out, "%shpa %s/%s: %zu seeds, %zu different sequences of rescales\n\n",
                i ? "\n" : "", spec->namespace_name, spec->name, e->seeds,
                ensemble_sequences(e, i));
        print_bands(e, i, out);
        fputc('\n', out);
        print_groups(e, i, out);
    }
}

static void time_member(struct json_writer *w, const char *key, simtime t)
{
    json_key(w, key);
    json_double(w, simtime_to_seconds(t));
}

static void int_member(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_int(w, v);
}

static void json_bands(const struct ensemble *e, size_t hpa, struct json_writer *w)
{
    size_t count;
    struct band *bands = ensemble_bands(e, hpa, band_step(e->scenario->duration, 240), &count);
    json_key(w, "bands");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_map(w);
        time_member(w, "t", bands[i].at);
        int_member(w, "min", bands[i].least);
        int_member(w, "p5", bands[i].p5);
        int_member(w, "p25", bands[i].p25);
        int_member(w, "p50", bands[i].p50);
        int_member(w, "p75", bands[i].p75);
        int_member(w, "p95", bands[i].p95);
        int_member(w, "max", bands[i].most);
        json_map_end(w);
    }
    json_list_end(w);
}

static void json_groups(const struct ensemble *e, size_t hpa, struct json_writer *w)
{
    size_t count;
    struct rescale_group *groups = ensemble_groups(e, hpa, &count);
    json_key(w, "rescales");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_map(w);
        int_member(w, "ordinal", (int64_t)groups[i].ordinal);
        int_member(w, "from", groups[i].from);
        int_member(w, "to", groups[i].to);
        int_member(w, "seeds", (int64_t)groups[i].members);
        time_member(w, "earliest", groups[i].earliest);
        time_member(w, "median", groups[i].median);
        time_member(w, "latest", groups[i].latest);
        json_map_end(w);
    }
    json_list_end(w);
}

void ensemble_json(const struct ensemble *e, struct json_writer *w)
{
    json_map(w);
    int_member(w, "seeds", (int64_t)e->seeds);
    json_key(w, "hpas");
    json_list(w);
    for (size_t i = 0; i < e->scenario->hpa_count; i++) {
        json_map(w);
        json_key(w, "namespace");
        json_string(w, e->scenario->hpas[i].namespace_name);
        json_key(w, "name");
        json_string(w, e->scenario->hpas[i].name);
        int_member(w, "sequences", (int64_t)ensemble_sequences(e, i));
        json_bands(e, i, w);
        json_groups(e, i, w);
        json_map_end(w);
    }
    json_list_end(w);
    json_map_end(w);
}
