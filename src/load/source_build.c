/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether a load expression makes sense and turns it into a tree for
 * reading: files are read here, once each, and references resolved. All errors
 * are reported before giving up. Random nodes get names: the user's, or the
 * path from the root, so that adding a load elsewhere changes no draw. The
 * trap: a reference to a load goes by that load's name, so the same noise seen
 * from two places is the same noise.
 */
#include "load/source.h"

#include "base/str.h"
#include "pattern_internal.h"
#include "source_internal.h"

#include <math.h>

#define NODES_MAX 10000
#define DEPTH_MAX 64
#define CELL_MIN  SIMTIME_MILLISECOND

struct leaf { /* one trace or pattern, read once */
    const struct load_spec *spec;
    struct series series;
    struct trace_arrivals arrivals;
    bool good;
};

struct build {
    const struct load_context *context;
    struct pattern_context patterns;
    struct trace_context traces;
    VEC(struct leaf) leaves;
    const struct load_spec *path[DEPTH_MAX];
    size_t depth;
    size_t node_count;
};

static struct load_node *build_node(struct build *b, const struct load_spec *spec,
                                    const char *name);

static bool fail(struct build *b, const struct load_spec *spec, const char *message)
{
    diag_error(b->context->diag, spec->mark, "%s", message);
    return false;
}

static bool leaf_read(struct build *b, const struct load_spec *spec, struct leaf *leaf)
{
    const struct pattern_context *c = &b->patterns;
    struct series *out = &leaf->series;
    struct trace trace = {0};
    switch (spec->kind) {
    case LOAD_CONSTANT:
        return pattern_constant(spec->u.constant.value, spec->mark, c, out);
    case LOAD_STEPS:
        return pattern_steps(&spec->u.points, spec->mark, c, out);
    case LOAD_POINTS:
        return pattern_points(&spec->u.points, spec->mark, c, out);
    case LOAD_RAMP:
        return pattern_ramp(&spec->u.ramp, spec->mark, c, out);
    case LOAD_DAILY:
        return pattern_daily(&spec->u.daily, spec->mark, c, out);
    case LOAD_WEEKLY:
        return pattern_weekly(&spec->u.weekly, spec->mark, c, out);
    case LOAD_SPIKE:
        return pattern_spike(&spec->u.spike, spec->mark, c, out);
    case LOAD_K6:
        return pattern_k6(&spec->u.k6, spec->mark, c, out);
    case LOAD_PROMTOOL:
        return pattern_promtool(&spec->u.promtool, spec->mark, c, out);
    case LOAD_TRACE:
        if (!trace_read(&spec->u.trace, &b->traces, &trace))
            return false;
        *out = trace.series;
        leaf->arrivals = trace.arrivals;
        return true;
    default:
        return false;
    }
}

static bool build_leaf(struct build *b, const struct load_spec *spec, struct load_node *n)
{
    const struct leaf *found = NULL;
    for (size_t i = 0; i < b->leaves.len && !found; i++)
        if (b->leaves.items[i].spec == spec)
            found = &b->leaves.items[i];
    if (!found) {
        struct leaf leaf = {.spec = spec};
        leaf.good = leaf_read(b, spec, &leaf);
        struct leaf *kept = vec_push(b->context->arena, &b->leaves);
        *kept = leaf;
        found = kept;
    }
    n->op = OP_SERIES;
    n->series = found->series;
    n->arrivals = found->arrivals;
    n->has_arrivals = found->arrivals.count > 0;
    return found->good;
}

static const char *path_name(struct build *b, const char *name, const char *step, size_t i)
{
    return arena_printf(b->context->arena, "%s.%s[%zu]", name, step, i);
}

/* A term that may be left out: NULL is none. */
static bool build_optional(struct build *b, const struct load_spec *of, const char *name,
                           const char *step, struct load_node *n)
{
    if (!of)
        return true;
    struct load_node *term = build_node(b, of, path_name(b, name, step, 0));
    n->terms = arena_array(b->context->arena, struct load_node *, 1);
    n->terms[0] = term;
    n->count = 1;
    return term != NULL;
}

static bool check_cell(struct build *b, const struct load_spec *spec, simtime cell)
{
    if (cell >= CELL_MIN && cell <= LOAD_TIME_MAX)
        return true;
    return fail(b, spec, "the cell must be from 1ms to 31 years");
}

static bool build_poisson(struct build *b, const struct load_spec *spec, const char *name,
                          struct load_node *n)
{
    n->op = OP_POISSON;
    n->random = true;
    n->rate = spec->u.poisson.rate;
    n->cell = spec->u.poisson.cell ? spec->u.poisson.cell : SIMTIME_SECOND;
    bool good = check_cell(b, spec, n->cell);
    if (!(n->rate >= 0 && n->rate <= LOAD_VALUE_MAX))
        good = fail(b, spec, "the rate must be from 0 to 1e15");
    if (spec->u.poisson.of && n->rate != 0)
        good = fail(b, spec, "give either a rate or the load to count, not both");
    return build_optional(b, spec->u.poisson.of, name, "poisson", n) && good;
}

static bool build_noise(struct build *b, const struct load_spec *spec, const char *name,
                        struct load_node *n)
{
    n->op = OP_NOISE;
    n->random = true;
    n->sd = spec->u.noise.sd;
    n->distribution = spec->u.noise.distribution;
    n->cell = spec->u.noise.cell ? spec->u.noise.cell : SIMTIME_MINUTE;
    bool good = check_cell(b, spec, n->cell);
    if (!(n->sd >= 0 && n->sd <= 10))
        good = fail(b, spec, "the relative standard deviation must be from 0 to 10");
    return build_optional(b, spec->u.noise.of, name, "noise", n) && good;
}

static bool build_mmpp(struct build *b, const struct load_spec *spec, struct load_node *n)
{
    bool good = true;
    n->op = OP_MMPP;
    n->random = true;
    for (int i = 0; i < 2; i++) {
        n->rates[i] = spec->u.mmpp.rates[i];
        n->sojourns[i] = spec->u.mmpp.sojourns[i];
        if (!(n->rates[i] >= 0 && n->rates[i] <= LOAD_VALUE_MAX))
            good = fail(b, spec, "the rate of a state must be from 0 to 1e15");
        if (n->sojourns[i] < CELL_MIN || n->sojourns[i] > LOAD_TIME_MAX)
            good = fail(b, spec, "the mean sojourn in a state must be from 1ms to 31 years");
    }
    return good;
}

static bool build_terms(struct build *b, const struct load_spec *spec, const char *name,
                        struct load_node *n)
{
    bool sum = spec->kind == LOAD_SUM;
    const struct load_terms *t = &spec->u.terms;
    n->op = sum ? OP_SUM : OP_PRODUCT;
    n->terms = arena_array(b->context->arena, struct load_node *, t->count);
    n->count = t->count;
    if (t->count == 0)
        return fail(b, spec,
                    sum ? "a sum needs at least one term" : "a product needs at least one factor");
    bool good = true;
    for (size_t i = 0; i < t->count; i++) {
        n->terms[i] = build_node(b, t->terms[i], path_name(b, name, sum ? "sum" : "product", i));
        good &= n->terms[i] != NULL;
    }
    return good;
}

static bool build_clamp(struct build *b, const struct load_spec *spec, const char *name,
                        struct load_node *n)
{
    const struct load_clamp *l = &spec->u.clamp;
    n->op = OP_CLAMP;
    n->min = l->has_min ? l->min : -INFINITY;
    n->max = l->has_max ? l->max : INFINITY;
    bool good = true;
    if (!l->has_min && !l->has_max)
        good = fail(b, spec, "clamp needs min, max or both");
    if (l->has_min)
        good &= pattern_check_value(l->min, "min", spec->mark, &b->patterns);
    if (l->has_max)
        good &= pattern_check_value(l->max, "max", spec->mark, &b->patterns);
    if (good && n->min > n->max)
        good = fail(b, spec, "min is above max");
    if (!l->of)
        return fail(b, spec, "clamp needs a load to limit");
    return build_optional(b, l->of, name, "clamp", n) && good;
}

static bool build_shift(struct build *b, const struct load_spec *spec, const char *name,
                        struct load_node *n)
{
    const struct load_shift *s = &spec->u.shift;
    n->op = OP_SHIFT;
    n->offset = s->offset;
    n->every = s->every;
    bool good = true;
    if (s->offset > LOAD_TIME_MAX || s->offset < -LOAD_TIME_MAX)
        good = fail(b, spec, "the offset is over 31 years");
    if (s->every != 0 && (s->every < CELL_MIN || s->every > LOAD_TIME_MAX))
        good = fail(b, spec, "`every` must be from 1ms to 31 years");
    if (!s->of)
        return fail(b, spec, "shift needs a load to move");
    return build_optional(b, s->of, name, "shift", n) && good;
}

static bool build_kind(struct build *b, const struct load_spec *spec, const char *name,
                       struct load_node *n)
{
    switch (spec->kind) {
    case LOAD_POISSON:
        return build_poisson(b, spec, name, n);
    case LOAD_MMPP:
        return build_mmpp(b, spec, n);
    case LOAD_NOISE:
        return build_noise(b, spec, name, n);
    case LOAD_SUM:
    case LOAD_PRODUCT:
        return build_terms(b, spec, name, n);
    case LOAD_CLAMP:
        return build_clamp(b, spec, name, n);
    case LOAD_SHIFT:
        return build_shift(b, spec, name, n);
    default:
        return build_leaf(b, spec, n);
    }
}

/* Whether arrivals can be listed: where every request comes from a list and keeps its place. */
static bool lists_arrivals(const struct load_node *n)
{
    if (n->op == OP_SERIES)
        return n->has_arrivals;
    if (n->op == OP_SHIFT)
        return n->every == 0 && n->terms[0]->has_arrivals;
    size_t listing = 0;
    size_t constant = 0;
    for (size_t i = 0; i < n->count; i++) {
        const struct load_node *t = n->terms[i];
        listing += t->has_arrivals;
        constant += t->op == OP_SERIES && !t->has_arrivals && t->series.pieces.len == 1 &&
                    series_end(&t->series) == 0 && t->series.period == 0;
    }
    if (n->op == OP_SUM)
        return listing == n->count;
    return n->op == OP_PRODUCT && listing == 1 && constant + 1 == n->count;
}

static bool check_scale(struct build *b, const struct load_spec *spec)
{
    if (isfinite(spec->scale) && spec->scale <= LOAD_VALUE_MAX &&
        spec->scale >= (b->context->use == LOAD_USE_GAUGE ? -LOAD_VALUE_MAX : 0))
        return true;
    return fail(b, spec, "scale must be a positive number, at most 1e15");
}

static struct load_node *build_reference(struct build *b, const struct load_spec *spec)
{
    const struct load_reference *r = &spec->u.reference;
    if (r->of)
        return build_node(b, r->of, r->name ? r->name : "load");
    diag_error(b->context->diag, spec->mark, "there is no load named \"%s\"",
               r->name ? r->name : "");
    return NULL;
}

static bool enter(struct build *b, const struct load_spec *spec)
{
    for (size_t i = 0; i < b->depth; i++)
        if (b->path[i] == spec)
            return fail(b, spec, "this load refers to itself");
    if (b->depth == DEPTH_MAX)
        return fail(b, spec, "loads are nested over 64 deep");
    if (b->node_count >= NODES_MAX)
        return fail(b, spec, "the load has over 10000 parts");
    b->path[b->depth++] = spec;
    return true;
}

static struct load_node *build_node(struct build *b, const struct load_spec *spec, const char *name)
{
    if (!enter(b, spec))
        return NULL;
    const char *own = spec->name ? spec->name : name;
    struct load_node *n = arena_new(b->context->arena, struct load_node);
    n->id = (uint32_t)b->node_count++;
    n->name = own;
    bool good = check_scale(b, spec);
    n->scale = spec->scale != 0 ? spec->scale : 1;
    if (spec->kind == LOAD_REFERENCE) {
        struct load_node *of = build_reference(b, spec);
        n->op = OP_SUM;
        n->terms = arena_array(b->context->arena, struct load_node *, 1);
        n->terms[0] = of;
        n->count = 1;
        good &= of != NULL;
    } else {
        good &= build_kind(b, spec, own, n);
    }
    b->depth--;
    if (!good)
        return NULL;
    n->has_arrivals = lists_arrivals(n);
    return n;
}

/* Hands all the scales above down to the lists of requests. */
static void share_copies(struct load_node *n, double factor)
{
    factor *= n->scale;
    if (n->op == OP_SERIES) {
        n->copies = factor * n->arrivals.scale;
        return;
    }
    for (size_t i = 0; n->op == OP_PRODUCT && n->has_arrivals && i < n->count; i++)
        if (!n->terms[i]->has_arrivals)
            factor *= n->terms[i]->series.pieces.items[0].begin * n->terms[i]->scale;
    for (size_t i = 0; i < n->count; i++)
        share_copies(n->terms[i], factor);
}

struct tail { /* from `end` on the value stays `last` */
    simtime end;
    double last;
};

static struct tail node_tail(const struct load_node *n);

static struct tail terms_tail(const struct load_node *n)
{
    bool product = n->op == OP_PRODUCT;
    struct tail all = {0, product ? 1 : 0};
    simtime silent = SIMTIME_NEVER; /* a factor that ends in 0 or in nothing ends the product */
    double silence = 0;
    for (size_t i = 0; i < n->count; i++) {
        struct tail t = node_tail(n->terms[i]);
        all.end = t.end > all.end ? t.end : all.end;
        all.last = product ? all.last * t.last : all.last + t.last;
        if (product && t.end < silent && !(t.last < 0) && !(t.last > 0)) {
            silent = t.end;
            silence = t.last;
        }
    }
    if (silent < all.end)
        return (struct tail){silent, silence};
    return all;
}

static struct tail node_tail(const struct load_node *n)
{
    if (n->op == OP_SERIES) {
        simtime end = series_end(&n->series);
        if (end == SIMTIME_NEVER)
            return (struct tail){end, 1};
        struct load_segment g = series_segment(&n->series, end, NULL);
        return (struct tail){end > 0 ? end : 0, g.begin * n->scale};
    }
    if (n->count == 0)
        return (struct tail){SIMTIME_NEVER, 1};
    struct tail t = terms_tail(n);
    if (n->op == OP_SHIFT) {
        t.end = n->every > 0 ? SIMTIME_NEVER : simtime_add(t.end, n->offset > 0 ? n->offset : 0);
    } else if (n->random) {
        bool silent = !(t.last > 0) && t.end < SIMTIME_NEVER - n->cell;
        t.end = silent ? (t.end + n->cell - 1) / n->cell * n->cell : SIMTIME_NEVER;
    } else if (n->op == OP_CLAMP) {
        t.last = t.last < n->min ? n->min : t.last > n->max ? n->max : t.last;
    }
    t.last *= n->scale;
    return t;
}

const struct load_source *load_build(const struct load_spec *spec,
                                     const struct load_context *context)
{
    bool negative = context->use == LOAD_USE_GAUGE;
    struct build b = {.context = context,
                      .patterns = {context->arena, context->diag, context->start_unix_ns, negative},
                      .traces = {context->arena, context->diag, context->directory,
                                 context->start_unix_ns, negative}};
    struct load_node *root = build_node(&b, spec, context->name ? context->name : "load");
    if (!root)
        return NULL;
    share_copies(root, 1);
    struct load_source *source = arena_new(context->arena, struct load_source);
    source->root = root;
    source->node_count = b.node_count;
    source->has_arrivals = root->has_arrivals;
    source->end = node_tail(root).end;
    return source;
}
