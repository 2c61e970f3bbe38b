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
     .type_of = &scenario_point_type,
     .doc = "Values that each hold until the next.",
     .example = "[{at: 0s, value: 50}, {at: 10m, value: 200}]"},
    {.name = "points",
     .type = FIELD_LIST,
     .flags = FIELD_ONE_OF | FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_load, points),
     .type_of = &scenario_point_type,
     .doc = "Values with straight lines between them.",
     .example = "[{at: 0s, value: 50}, {at: 10m, value: 200}]"},
    KIND("ramp", ramp, scenario_ramp_type, "A straight line from one value to another.",
         "{from: 10, to: 300, duration: 20m}"),
    KIND("daily", daily, scenario_daily_type, "A rhythm of days.",
         "{min: 20, max: 300, peakHour: 14}"),
    KIND("weekly", weekly, scenario_weekly_type, "A factor for each day of the week.",
         "{saturday: 0.4, sunday: 0.3}"),
    KIND("spike", spike, scenario_spike_type, "A peak.",
         "{base: 50, height: 400, at: 10m, hold: 5m}"),
    KIND("k6", k6, scenario_k6_type, "Stages of a k6 test.",
         "{stages: [{duration: 5m, target: 200}]}"),
    KIND("promtool", promtool, scenario_promtool_type, "promtool's series shorthand.",
         "'0+10x30 300x20'"),
    KIND("trace", trace, scenario_trace_type, "A recording.", "{file: access.log}"),
    KIND("poisson", poisson, poisson_type, "Poisson counts.", "{rate: 120}"),
    KIND("mmpp", mmpp, scenario_mmpp_type, "Bursts.",
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
