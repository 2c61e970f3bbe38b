/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load expressions as a scenario writes them: a map with one member that says what it
 * is (trace, constant, sum ...) and the common scale, offset and every; or, short, a
 * number (constant) or the name of another load.
 *
 * The tables below are the whole grammar. scale stays in the expression's own node;
 * offset and every become a shift around it, so that they mean the same for all kinds.
 *
 * Trap: names are resolved after everything is read (scenario_resolve.c), since a load
 * may name one that is written below it.
 */
#include "base/str.h"
#include "scenario_internal.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char zone_doc[] = "Offset of the clock that hours and days are counted in: Z, +02:00.";

/* steps, points */

static const struct field point_fields[] = {
    {.name = "at",
     .type = FIELD_DURATION,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct load_point, at),
     .mark = offsetof(struct load_point, mark),
     .doc = "Time since the start of the run.",
     .example = "10m"},
    {.name = "value",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED | FIELD_ANY_SIGN,
     .offset = offsetof(struct load_point, value),
     .doc = "The value from then on.",
     .example = "120"},
};

static const struct object_type point_type = {
    .name = "Point",
    .doc = "A value at a time.",
    .fields = point_fields,
    .field_count = COUNT(point_fields),
    .size = sizeof(struct load_point),
};

/* ramp */

static const struct field ramp_fields[] = {
    {.name = "from",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN,
     .offset = offsetof(struct pattern_ramp, from),
     .doc = "The value before and at the beginning."},
    {.name = "to",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED | FIELD_ANY_SIGN,
     .offset = offsetof(struct pattern_ramp, to),
     .doc = "The value at the end and afterwards.",
     .example = "500"},
    {.name = "at",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_ramp, at),
     .doc = "When it begins."},
    {.name = "duration",
     .type = FIELD_DURATION,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pattern_ramp, duration),
     .doc = "How long it takes; 0s jumps.",
     .example = "30m"},
};

static const struct object_type ramp_type = {
    .name = "Ramp",
    .doc = "A straight line from one value to another.",
    .fields = ramp_fields,
    .field_count = COUNT(ramp_fields),
    .size = sizeof(struct pattern_ramp),
};

/* daily */

static const char *const daily_shapes[] = {"sine", "triangle", "plateau", NULL};

static const struct field daily_fields[] = {
    {.name = "min",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pattern_daily, min),
     .doc = "The value at the quietest hour.",
     .example = "20"},
    {.name = "max",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pattern_daily, max),
     .doc = "The value at the busiest hour.",
     .example = "300"},
    {.name = "peakHour",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct pattern_daily, peak_hour),
     .initial = "14",
     .max = 24,
     .doc = "The busiest hour of the day."},
    {.name = "shape",
     .type = FIELD_WORD,
     .offset = offsetof(struct pattern_daily, shape),
     .initial = "sine",
     .words = daily_shapes,
     .doc = "A cosine wave, two straight lines, or a working day with slopes."},
    {.name = "width",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_daily, width),
     .initial = "9h",
     .doc = "Shape plateau: time at the top."},
    {.name = "ramp",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_daily, ramp),
     .initial = "1h",
     .doc = "Shape plateau: time of each slope."},
    {.name = "zone",
     .type = FIELD_STRING,
     .offset = offsetof(struct pattern_daily, zone),
     .mark = offsetof(struct pattern_daily, zone_mark),
     .doc = zone_doc},
};

static const struct object_type daily_type = {
    .name = "Daily",
    .doc = "A rhythm of days.",
    .fields = daily_fields,
    .field_count = COUNT(daily_fields),
    .size = sizeof(struct pattern_daily),
};

/* weekly */

#define DAY(word, i)                                                                               \
    {                                                                                              \
        .name = word, .type = FIELD_DOUBLE,                                                        \
        .offset = offsetof(struct pattern_weekly, factors) + (i) * sizeof(double), .initial = "1", \
        .doc = "The factor of this day."                                                           \
    }

static const struct field weekly_fields[] = {
    DAY("monday", 0),   DAY("tuesday", 1),  DAY("wednesday", 2), DAY("thursday", 3),
    DAY("friday", 4),   DAY("saturday", 5), DAY("sunday", 6),
    {.name = "blend",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_weekly, blend),
     .doc = "Length of the slope across each midnight; 0s jumps."},
    {.name = "zone",
     .type = FIELD_STRING,
     .offset = offsetof(struct pattern_weekly, zone),
     .mark = offsetof(struct pattern_weekly, zone_mark),
     .doc = zone_doc},
};

static const struct object_type weekly_type = {
    .name = "Weekly",
    .doc = "A factor for each day of the week; usually one member of a product.",
    .fields = weekly_fields,
    .field_count = COUNT(weekly_fields),
    .size = sizeof(struct pattern_weekly),
};

/* spike */

static const struct field spike_fields[] = {
    {.name = "base",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN,
     .offset = offsetof(struct pattern_spike, base),
     .doc = "The value before and after."},
    {.name = "height",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED | FIELD_ANY_SIGN,
     .offset = offsetof(struct pattern_spike, height),
     .doc = "The value on top.",
     .example = "400"},
    {.name = "at",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_spike, at),
     .doc = "When it begins to rise."},
    {.name = "rise",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_spike, rise),
     .doc = "Time from base to height."},
    {.name = "hold",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_spike, hold),
     .doc = "Time on top."},
    {.name = "fall",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_spike, fall),
     .doc = "Time from height to base."},
    {.name = "every",
     .type = FIELD_DURATION,
     .offset = offsetof(struct pattern_spike, every),
     .doc = "Again and again, with this distance; 0s: once."},
};

static const struct object_type spike_type = {
    .name = "Spike",
    .doc = "A peak: rise, hold, fall.",
    .fields = spike_fields,
    .field_count = COUNT(spike_fields),
    .size = sizeof(struct pattern_spike),
};

/* k6 */

static const struct field k6_stage_fields[] = {
    {.name = "duration",
     .type = FIELD_DURATION,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct k6_stage, duration),
     .mark = offsetof(struct k6_stage, mark),
     .doc = "How long it takes to reach the target; 0s jumps.",
     .example = "5m"},
    {.name = "target",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct k6_stage, target),
     .doc = "Iterations per time unit at the end of the stage.",
     .example = "200"},
};

static const struct object_type k6_stage_type = {
    .name = "K6Stage",
    .doc = "One stage of a k6 load test.",
    .fields = k6_stage_fields,
    .field_count = COUNT(k6_stage_fields),
    .size = sizeof(struct k6_stage),
};

struct raw_k6 {
    double start_rate;
    simtime time_unit;
    struct item_list stages;
};

static const struct field k6_fields[] = {
    {.name = "startRate",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct raw_k6, start_rate),
     .doc = "Iterations per time unit at the beginning."},
    {.name = "timeUnit",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct raw_k6, time_unit),
     .initial = "1s",
     .doc = "The unit of startRate and target."},
    {.name = "stages",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_k6, stages),
     .type_of = &k6_stage_type,
     .doc = "The stages, one after the other.",
     .example = "[{duration: 5m, target: 200}]"},
};

static bool k6_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    (void)d;
    (void)node;
    const struct raw_k6 *k6 = raw;
    *(struct pattern_k6 *)out = (struct pattern_k6){
        .start_rate = k6->start_rate,
        .time_unit = k6->time_unit,
        .stages = k6->stages.items,
        .stage_count = k6->stages.count,
    };
    return true;
}

static const struct object_type k6_type = {
    .name = "K6",
    .doc = "Stages as k6's ramping-arrival-rate executor has them.",
    .fields = k6_fields,
    .field_count = COUNT(k6_fields),
    .size = sizeof(struct raw_k6),
    .finish = k6_finish,
    .out_size = sizeof(struct pattern_k6),
};

/* promtool */

static const struct field promtool_fields[] = {
    {.name = "values",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pattern_promtool, values),
     .mark = offsetof(struct pattern_promtool, values_mark),
     .doc = "Series shorthand as in promtool's unit tests.",
     .example = "'0+10x30 300x20 _x4'"},
    {.name = "interval",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct pattern_promtool, interval),
     .initial = "1m",
     .doc = "Time from sample to sample."},
    {.name = "linear",
     .type = FIELD_BOOL,
     .offset = offsetof(struct pattern_promtool, linear),
     .doc = "Straight lines between samples instead of steps."},
};

static bool promtool_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct pattern_promtool *p = raw;
    const struct field *values = &promtool_fields[0];
    p->interval = SIMTIME_MINUTE;
    p->values_mark = node->mark;
    return decode_scalar(d, values, node, d->path, &p->values);
}

static const struct object_type promtool_type = {
    .name = "Promtool",
    .doc = "A series in promtool's shorthand.",
    .fields = promtool_fields,
    .field_count = COUNT(promtool_fields),
    .size = sizeof(struct pattern_promtool),
    .scalar = promtool_scalar,
    .scalar_types = "string",
    .scalar_doc = "The values, one a minute.",
};

/* mmpp */

struct raw_mmpp_state {
    double rate;
    simtime mean;
};

static const struct field mmpp_state_fields[] = {
    {.name = "rate",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_mmpp_state, rate),
     .doc = "The value in this state.",
     .example = "50"},
    {.name = "mean",
     .type = FIELD_DURATION,
     .flags = FIELD_REQUIRED | FIELD_POSITIVE,
     .offset = offsetof(struct raw_mmpp_state, mean),
     .doc = "Mean time it stays in this state.",
     .example = "10m"},
};

static const struct object_type mmpp_state_type = {
    .name = "MmppState",
    .doc = "A state of the two.",
    .fields = mmpp_state_fields,
    .field_count = COUNT(mmpp_state_fields),
    .size = sizeof(struct raw_mmpp_state),
};

struct raw_mmpp {
    struct raw_mmpp_state calm;
    struct raw_mmpp_state burst;
};

static const struct field mmpp_fields[] = {
    {.name = "calm",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_mmpp, calm),
     .type_of = &mmpp_state_type,
     .doc = "The usual state.",
     .example = "{rate: 50, mean: 10m}"},
    {.name = "burst",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_mmpp, burst),
     .type_of = &mmpp_state_type,
     .doc = "The other one.",
     .example = "{rate: 300, mean: 30s}"},
};

static bool mmpp_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    (void)d;
    (void)node;
    const struct raw_mmpp *m = raw;
    *(struct load_mmpp *)out = (struct load_mmpp){
        .rates = {m->calm.rate, m->burst.rate},
        .sojourns = {m->calm.mean, m->burst.mean},
    };
    return true;
}

static const struct object_type mmpp_type = {
    .name = "Mmpp",
    .doc = "Bursts: two states in turn, each for an exponentially distributed time.",
    .fields = mmpp_fields,
    .field_count = COUNT(mmpp_fields),
    .size = sizeof(struct raw_mmpp),
    .finish = mmpp_finish,
    .out_size = sizeof(struct load_mmpp),
};

/* poisson, noise, clamp: around another load */

static const struct field poisson_fields[] = {
    {.name = "rate",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct load_poisson, rate),
     .doc = "The mean rate."},
    {.name = "of",
     .type = FIELD_POINTER,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct load_poisson, of),
     .type_of = &scenario_load_type,
     .doc = "The load that gives the mean rate."},
    {.name = "cell",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct load_poisson, cell),
     .initial = "1s",
     .doc = "Time over which each count is drawn."},
};

static bool poisson_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct load_poisson *p = raw;
    p->cell = SIMTIME_SECOND;
    return decode_scalar(d, &poisson_fields[0], node, d->path, &p->rate);
}

static const struct object_type poisson_type = {
    .name = "Poisson",
    .doc = "Counts of a Poisson process, as a rate.",
    .fields = poisson_fields,
    .field_count = COUNT(poisson_fields),
    .size = sizeof(struct load_poisson),
    .scalar = poisson_scalar,
    .scalar_types = "number",
    .scalar_doc = "The mean rate.",
};

static const char *const noise_distributions[] = {"lognormal", "normal", NULL};

static const struct field noise_fields[] = {
    {.name = "of",
     .type = FIELD_POINTER,
     .offset = offsetof(struct load_noise, of),
     .type_of = &scenario_load_type,
     .doc = "The load that is disturbed; without it a bare factor of mean 1."},
    {.name = "sd",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct load_noise, sd),
     .max = 10,
     .doc = "Relative standard deviation.",
     .example = "0.1"},
    {.name = "cell",
     .type = FIELD_DURATION,
     .flags = FIELD_POSITIVE,
     .offset = offsetof(struct load_noise, cell),
     .initial = "1m",
     .doc = "A new factor is drawn this often."},
    {.name = "distribution",
     .type = FIELD_WORD,
     .offset = offsetof(struct load_noise, distribution),
     .initial = "lognormal",
     .words = noise_distributions,
     .doc = "Of the factor; normal is cut to 0..2."},
};

static const struct object_type noise_type = {
    .name = "Noise",
    .doc = "A random factor of mean 1.",
    .fields = noise_fields,
    .field_count = COUNT(noise_fields),
    .size = sizeof(struct load_noise),
};

static const struct field clamp_fields[] = {
    {.name = "of",
     .type = FIELD_POINTER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct load_clamp, of),
     .type_of = &scenario_load_type,
     .doc = "The load that is limited.",
     .example = "web"},
    {.name = "min",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN,
     .offset = offsetof(struct load_clamp, min),
     .has = offsetof(struct load_clamp, has_min),
     .doc = "Never below."},
    {.name = "max",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN,
     .offset = offsetof(struct load_clamp, max),
     .has = offsetof(struct load_clamp, has_max),
     .doc = "Never above."},
};

static const struct object_type clamp_type = {
    .name = "Clamp",
    .doc = "A load held between limits.",
    .fields = clamp_fields,
    .field_count = COUNT(clamp_fields),
    .size = sizeof(struct load_clamp),
};

/* the expression */

struct raw_load {
    double constant;
    bool has_constant;
    const char *name;
    struct item_list steps;
    struct item_list points;
    struct pattern_ramp *ramp;
    struct pattern_daily *daily;
    struct pattern_weekly *weekly;
    struct pattern_spike *spike;
    struct pattern_k6 *k6;
    struct pattern_promtool *promtool;
    struct trace_spec *trace;
    struct load_poisson *poisson;
    struct load_mmpp *mmpp;
    struct load_noise *noise;
    struct item_list sum;
    struct item_list product;
    struct load_clamp *clamp;
    double scale;
    simtime offset;
    simtime every;
};

#define KIND(word, member, pointed, text, shown)                                                   \
    {                                                                                              \
        .name = word, .type = FIELD_POINTER, .flags = FIELD_ONE_OF,                                \
        .offset = offsetof(struct raw_load, member), .type_of = &(pointed), .doc = text,           \
        .example = shown                                                                           \
    }

static const struct field load_fields[] = {
    {.name = "constant",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ONE_OF | FIELD_ANY_SIGN,
     .offset = offsetof(struct raw_load, constant),
     .has = offsetof(struct raw_load, has_constant),
     .doc = "Always the same value.",
     .example = "100"},
    {.name = "load",
     .type = FIELD_STRING,
     .flags = FIELD_ONE_OF,
     .offset = offsetof(struct raw_load, name),
     .doc = "Another load of the scenario, by name.",
     .example = "web"},
    {.name = "steps",
     .type = FIELD_LIST,
     .flags = FIELD_ONE_OF | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_load, steps),
     .type_of = &point_type,
     .doc = "Values that each hold until the next.",
     .example = "[{at: 0s, value: 50}, {at: 10m, value: 200}]"},
    {.name = "points",
     .type = FIELD_LIST,
     .flags = FIELD_ONE_OF | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_load, points),
     .type_of = &point_type,
     .doc = "Values with straight lines between them.",
     .example = "[{at: 0s, value: 50}, {at: 10m, value: 200}]"},
    KIND("ramp", ramp, ramp_type, "A straight line from one value to another.",
         "{from: 10, to: 300, duration: 20m}"),
    KIND("daily", daily, daily_type, "A rhythm of days.", "{min: 20, max: 300, peakHour: 14}"),
    KIND("weekly", weekly, weekly_type, "A factor for each day of the week.",
         "{saturday: 0.4, sunday: 0.3}"),
    KIND("spike", spike, spike_type, "A peak.", "{base: 50, height: 400, at: 10m, hold: 5m}"),
    KIND("k6", k6, k6_type, "Stages of a k6 test.", "{stages: [{duration: 5m, target: 200}]}"),
    KIND("promtool", promtool, promtool_type, "promtool's series shorthand.", "'0+10x30 300x20'"),
    KIND("trace", trace, scenario_trace_type, "A recording.", "{file: access.log}"),
    KIND("poisson", poisson, poisson_type, "Poisson counts.", "{rate: 120}"),
    KIND("mmpp", mmpp, mmpp_type, "Bursts.",
         "{calm: {rate: 50, mean: 10m}, burst: {rate: 300, mean: 30s}}"),
    KIND("noise", noise, noise_type, "A random factor.", "{of: web, sd: 0.1}"),
    {.name = "sum",
     .type = FIELD_LIST,
     .flags = FIELD_ONE_OF | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_load, sum),
     .type_of = &scenario_load_type,
     .doc = "All of these added up.",
     .example = "[web, 20]"},
    {.name = "product",
     .type = FIELD_LIST,
     .flags = FIELD_ONE_OF | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_load, product),
     .type_of = &scenario_load_type,
     .doc = "All of these multiplied.",
     .example = "[{daily: {min: 20, max: 300}}, {weekly: {sunday: 0.3}}]"},
    KIND("clamp", clamp, clamp_type, "A load held between limits.", "{of: web, max: 500}"),
    {.name = "scale",
     .type = FIELD_DOUBLE,
     .flags = FIELD_ANY_SIGN | FIELD_NOT_ZERO,
     .offset = offsetof(struct raw_load, scale),
     .initial = "1",
     .doc = "Multiplies all values."},
    {.name = "offset",
     .type = FIELD_DURATION,
     .offset = offsetof(struct raw_load, offset),
     .doc = "Shifts it to later; nothing before."},
    {.name = "every",
     .type = FIELD_DURATION,
     .offset = offsetof(struct raw_load, every),
     .doc = "Starts it anew each time this has passed; 0s: never."},
};

static bool load_scalar(struct decoder *d, const struct node *node, void *raw)
{
    struct raw_load *load = raw;
    load->scale = 1;
    if (node->kind == NODE_STRING)
        return decode_scalar(d, &load_fields[1], node, d->path, &load->name);
    if (node->kind == NODE_NUMBER) {
        load->has_constant = true;
        return decode_scalar(d, &load_fields[0], node, d->path, &load->constant);
    }
    diag_error(d->diag, node->mark, "%s: expected a load, found %s", d->path,
               node_kind_name(node->kind));
    diag_help(d->diag, "a load is a number, the name of a load, or a map such as "
                       "{constant: 100}");
    return false;
}

/* load_spec items next to each other become a list of pointers. */
static struct load_terms terms_of(struct decoder *d, const struct item_list *list)
{
    const struct load_spec **terms = arena_array(d->arena, const struct load_spec *, list->count);
    struct load_spec *items = list->items;
    for (size_t i = 0; i < list->count; i++)
        terms[i] = &items[i];
    return (struct load_terms){terms, list->count};
}

static struct load_spec plain_load(struct decoder *d, const struct raw_load *raw)
{
    if (raw->name)
        return (struct load_spec){.kind = LOAD_REFERENCE, .u.reference = {.name = raw->name}};
    if (raw->steps.items)
        return (struct load_spec){.kind = LOAD_STEPS,
                                  .u.points = {raw->steps.items, raw->steps.count}};
    if (raw->points.items)
        return (struct load_spec){.kind = LOAD_POINTS,
                                  .u.points = {raw->points.items, raw->points.count}};
    if (raw->sum.items)
        return (struct load_spec){.kind = LOAD_SUM, .u.terms = terms_of(d, &raw->sum)};
    if (raw->product.items)
        return (struct load_spec){.kind = LOAD_PRODUCT, .u.terms = terms_of(d, &raw->product)};
    return (struct load_spec){.kind = LOAD_CONSTANT, .u.constant = {raw->constant}};
}

static struct load_spec load_of(struct decoder *d, const struct raw_load *raw)
{
    if (raw->ramp)
        return (struct load_spec){.kind = LOAD_RAMP, .u.ramp = *raw->ramp};
    if (raw->daily)
        return (struct load_spec){.kind = LOAD_DAILY, .u.daily = *raw->daily};
    if (raw->weekly)
        return (struct load_spec){.kind = LOAD_WEEKLY, .u.weekly = *raw->weekly};
    if (raw->spike)
        return (struct load_spec){.kind = LOAD_SPIKE, .u.spike = *raw->spike};
    if (raw->k6)
        return (struct load_spec){.kind = LOAD_K6, .u.k6 = *raw->k6};
    if (raw->promtool)
        return (struct load_spec){.kind = LOAD_PROMTOOL, .u.promtool = *raw->promtool};
    if (raw->trace)
        return (struct load_spec){.kind = LOAD_TRACE, .u.trace = *raw->trace};
    if (raw->poisson)
        return (struct load_spec){.kind = LOAD_POISSON, .u.poisson = *raw->poisson};
    if (raw->mmpp)
        return (struct load_spec){.kind = LOAD_MMPP, .u.mmpp = *raw->mmpp};
    if (raw->noise)
        return (struct load_spec){.kind = LOAD_NOISE, .u.noise = *raw->noise};
    if (raw->clamp)
        return (struct load_spec){.kind = LOAD_CLAMP, .u.clamp = *raw->clamp};
    return plain_load(d, raw);
}

static bool load_finish(struct decoder *d, const struct node *node, const void *raw, void *out)
{
    const struct raw_load *r = raw;
    struct load_spec *load = out;
    *load = load_of(d, r);
    load->mark = node->mark;
    load->scale = r->scale;
    if (r->offset == 0 && r->every == 0)
        return true;
    struct load_spec *inner = arena_new(d->arena, struct load_spec);
    *inner = *load;
    *load = (struct load_spec){.kind = LOAD_SHIFT,
                               .mark = node->mark,
                               .scale = 1,
                               .u.shift = {inner, r->offset, r->every}};
    return true;
}

const struct object_type scenario_load_type = {
    .name = "Load",
    .doc = "A value over time: a recording, a pattern, or an expression of these.",
    .fields = load_fields,
    .field_count = COUNT(load_fields),
    .size = sizeof(struct raw_load),
    .scalar = load_scalar,
    .scalar_types = "number string",
    .scalar_doc = "A constant, or the name of a load.",
    .finish = load_finish,
    .out_size = sizeof(struct load_spec),
};

/* an item of spec.loads: the same with a name */

struct raw_named_load {
    struct raw_load load;
    const char *name;
};

static const struct field named_load_fields[] = {
    {.name = "name",
     .type = FIELD_NAME,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct raw_named_load, name),
     .doc = "The name it is used by.",
     .example = "web"},
};

static bool named_load_finish(struct decoder *d, const struct node *node, const void *raw,
                              void *out)
{
    const struct raw_named_load *r = raw;
    struct scenario_load *load = out;
    struct load_spec *spec = arena_new(d->arena, struct load_spec);
    load->name = r->name;
    load->mark = node->mark;
    load->spec = spec;
    return load_finish(d, node, &r->load, spec);
}

const struct object_type scenario_named_load_type = {
    .name = "NamedLoad",
    .doc = "A load with a name, to be used wherever a load is expected.",
    .base = &scenario_load_type,
    .fields = named_load_fields,
    .field_count = COUNT(named_load_fields),
    .size = sizeof(struct raw_named_load),
    .finish = named_load_finish,
    .out_size = sizeof(struct scenario_load),
};
