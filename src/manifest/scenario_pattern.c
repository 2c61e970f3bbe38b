/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario writes the patterns of load that stand alone: steps, points, ramp, daily,
 * weekly, spike, k6 stages, promtool's shorthand, bursts. Each is the table of one struct
 * of load/pattern.h or load/source.h; what the members mean is said there.
 */
#include "scenario_internal.h"

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

const struct object_type scenario_point_type = {
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

const struct object_type scenario_ramp_type = {
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

const struct object_type scenario_daily_type = {
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
    DAY("monday", 0),
    DAY("tuesday", 1),
    DAY("wednesday", 2),
    DAY("thursday", 3),
    DAY("friday", 4),
    DAY("saturday", 5),
    DAY("sunday", 6),
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

const struct object_type scenario_weekly_type = {
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

const struct object_type scenario_spike_type = {
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

const struct object_type scenario_k6_type = {
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

const struct object_type scenario_promtool_type = {
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

const struct object_type scenario_mmpp_type = {
    .name = "Mmpp",
    .doc = "Bursts: two states in turn, each for an exponentially distributed time.",
    .fields = mmpp_fields,
    .field_count = COUNT(mmpp_fields),
    .size = sizeof(struct raw_mmpp),
    .finish = mmpp_finish,
    .out_size = sizeof(struct load_mmpp),
};
