/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario writes a random duration: {distribution: lognormal, mean: 20ms, cv: 0.5},
 * a list of values with weights, a table of quantiles, or, short, one constant duration.
 *
 * Trap: engine/dist.h takes valid parameters only; everything it demands is checked here,
 * with the place.
 */
#include "base/str.h"
#include "scenario_internal.h"

#include <math.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct field value_fields[] = {
    {.name = "value",
     .type = FIELD_SECONDS,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct dist_point, value),
     .doc = "The duration.",
     .example = "15ms"},
    {.name = "weight",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct dist_point, weight),
     .initial = "1",
     .doc = "How often, relative to the others."},
};

static const struct object_type value_type = {
    .name = "WeightedValue",
    .doc = "A duration and how often it occurs.",
    .fields = value_fields,
    .field_count = COUNT(value_fields),
    .size = sizeof(struct dist_point),
};

static const struct field quantile_fields[] = {
    {.name = "p",
     .type = FIELD_DOUBLE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct dist_point, weight),
     .max = 1,
     .doc = "The probability, from 0 to 1.",
     .example = "0.95"},
    {.name = "value",
     .type = FIELD_SECONDS,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct dist_point, value),
     .doc = "The duration that is not exceeded with this probability.",
     .example = "80ms"},
};

static const struct object_type quantile_type = {
    .name = "Quantile",
    .doc = "One row of a table of quantiles.",
    .fields = quantile_fields,
    .field_count = COUNT(quantile_fields),
    .size = sizeof(struct dist_point),
};

struct raw_dist {
    int kind; /* enum dist_kind */
    double mean;
    struct mark mean_mark;
    bool has_mean;
    double cv;
    double low;
    double high;
    bool has_high;
    struct mark high_mark;
    struct item_list values;
    struct item_list quantiles;
    struct mark quantiles_mark;
};

static const char *const distributions[] = {"constant", "uniform", "exponential", "lognormal",
                                            "gamma",    "normal",  "empirical",   NULL};

static const struct field dist_fields[] = {
    {.name = "distribution",
     .type = FIELD_WORD,
     .offset = offsetof(struct raw_dist, kind),
     .initial = "constant",
     .words = distributions,
     .doc = "Its shape. uniform needs min and max, empirical values or quantiles, the others mean.",
     .example = "lognormal"},
    {.name = "mean",
     .type = FIELD_SECONDS,
     .offset = offsetof(struct raw_dist, mean),
     .mark = offsetof(struct raw_dist, mean_mark),
     .has = offsetof(struct raw_dist, has_mean),
     .doc = "The mean.",
     .example = "20ms"},
    {.name = "cv",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct raw_dist, cv),
     .initial = "1",
     .max = 20,
     .doc = "Standard deviation over mean, of lognormal, gamma and normal.",
     .example = "0.5"},
    {.name = "min",
     .type = FIELD_SECONDS,
     .offset = offsetof(struct raw_dist, low),
     .doc = "The least value of uniform and normal."},
    {.name = "max",
     .type = FIELD_SECONDS,
     .offset = offsetof(struct raw_dist, high),
     .mark = offsetof(struct raw_dist, high_mark),
     .has = offsetof(struct raw_dist, has_high),
     .doc = "The greatest value of uniform and normal."},
    {.name = "values",
     .type = FIELD_LIST,
     .flags = FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_dist, values),
     .type_of = &value_type,
     .doc = "Empirical: values, drawn by weight.",
     .example = "[{value: 5ms, weight: 9}, {value: 80ms, weight: 1}]"},
    {.name = "quantiles",
     .type = FIELD_LIST,
     .flags = FIELD_NOT_EMPTY,
     .offset = offsetof(struct raw_dist, quantiles),
     .mark = offsetof(struct raw_dist, quantiles_mark),
     .type_of = &quantile_type,
     .doc = "Empirical: a table of quantiles from p 0 to p 1, joined by straight lines.",
     .example = "[{p: 0, value: 2ms}, {p: 0.5, value: 8ms}, {p: 1, value: 90ms}]"},
};

static bool dist_wrong(struct decoder *d, struct mark at, const char *what, const char *help)
{
    diag_error(d->diag, at, "%s: %s", d->path, what);
    if (help)
        diag_help(d->diag, "%s", help);
    return false;
}

static bool values_dist(struct decoder *d, const struct node *node, const struct item_list *list,
                        struct dist *out)
{
    const struct dist_point *points = list->items;
    double sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += points[i].weight;
    if (!(sum > 0))
        return dist_wrong(d, node->mark, "the weights must not all be 0", NULL);
    *out = dist_empirical(d->arena, points, list->count);
    return true;
}

static bool quantiles_dist(struct decoder *d, const struct raw_dist *raw, struct dist *out)
{
    const struct dist_point *points = raw->quantiles.items;
    size_t n = raw->quantiles.count;
    bool ok = n >= 2 && points[0].weight == 0 && points[n - 1].weight == 1;
    for (size_t i = 1; i < n; i++)
        ok =
            ok && points[i].weight > points[i - 1].weight && points[i].value >= points[i - 1].value;
    if (!ok)
        return dist_wrong(d, raw->quantiles_mark,
                          "quantiles must rise from p 0 to p 1, with values that do not fall",
                          NULL);
    *out = dist_quantiles(d->arena, points, n);
    return true;
}

static bool empirical_dist(struct decoder *d, const struct node *node, const struct raw_dist *raw,
                           struct dist *out)
{
    if (raw->values.items && raw->quantiles.items)
        return dist_wrong(d, node->mark, "values and quantiles exclude each other", NULL);
    if (raw->values.items)
        return values_dist(d, node, &raw->values, out);
    if (raw->quantiles.items)
        return quantiles_dist(d, raw, out);
    return dist_wrong(d, node->mark, "an empirical distribution needs values or quantiles", NULL);
}

static bool limited_dist(struct decoder *d, const struct node *node, const struct raw_dist *raw,
                         struct dist *out)
{
    double high = raw->has_high ? raw->high : INFINITY;
    if (raw->kind == DIST_UNIFORM && !raw->has_high)
        return dist_wrong(d, node->mark, "a uniform distribution needs max", "max: 50ms");
    if (raw->has_high && high < raw->low)
        return dist_wrong(d, raw->high_mark, "max is less than min", NULL);
    if (raw->kind == DIST_UNIFORM) {
        *out = dist_uniform(raw->low, high);
        return true;
    }
    double sd = raw->mean * raw->cv;
    if (raw->low > raw->mean + 8 * sd || high < raw->mean - 8 * sd)
        return dist_wrong(d, raw->mean_mark, "the mean is too far outside min and max", NULL);
    *out = dist_normal(raw->mean, raw->cv, raw->low, high);
    return true;
}

static bool dist_finish(struct decoder *d, const struct node *node, const void *data, void *result)
{
    const struct raw_dist *raw = data;
    struct dist *out = result;
    *out = (struct dist){0};
    if (!node)
        return true;
    bool listed = raw->values.items || raw->quantiles.items;
    if (raw->kind == DIST_EMPIRICAL || (raw->kind == DIST_CONSTANT && listed))
        return empirical_dist(d, node, raw, out);
    if (raw->kind != DIST_UNIFORM && !raw->has_mean)
        return dist_wrong(d, node->mark, "\"mean\" is required", "for example mean: 20ms");
    switch (raw->kind) {
    case DIST_EXPONENTIAL:
        *out = dist_exponential(raw->mean);
        return true;
    case DIST_LOGNORMAL:
        *out = dist_lognormal(raw->mean, raw->cv);
        return true;
    case DIST_GAMMA:
        *out = dist_gamma(raw->mean, raw->cv);
        return true;
    case DIST_UNIFORM:
    case DIST_NORMAL:
        return limited_dist(d, node, raw, out);
    default:
        *out = dist_constant(raw->mean);
        return true;
    }
}

static bool dist_scalar(struct decoder *d, const struct node *node, void *data)
{
    struct raw_dist *raw = data;
    raw->has_mean = true;
    return decode_scalar(d, &dist_fields[1], node, d->path, &raw->mean);
}

const struct object_type scenario_dist_type = {
    .name = "Distribution",
    .doc = "A random duration.",
    .fields = dist_fields,
    .field_count = COUNT(dist_fields),
    .size = sizeof(struct raw_dist),
    .scalar = dist_scalar,
    .scalar_types = "string",
    .scalar_doc = "A constant duration: 20ms.",
    .finish = dist_finish,
    .out_size = sizeof(struct dist),
};
